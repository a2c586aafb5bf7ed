/* path_names.c - what paths are called, in messages and in the prompt, and whose files a session leaves out. */
#include "base/escape.h"
#include "base/types.h"
#include "sources/place.h"

#include <stdlib.h>

/* What an option names loads all the same, and that is not looked for. */
static bool is_looked_for(sp_scope scope)
{
    return scope == SP_SCOPE_MANAGED || scope == SP_SCOPE_USER || scope == SP_SCOPE_PROJECT || scope == SP_SCOPE_LOCAL;
}

sp_rule_key sp_place_leaves_out(const sp_place *here, sp_scope scope, sp_source_kind kind, sp_str *ret_why)
{
    if (here->bare_by.ptr && is_looked_for(scope)) {
        *ret_why = kind == SP_SOURCE_AGENT   ? SP_STR("in bare mode nothing is looked for; give the path of the file")
                   : kind == SP_SOURCE_SKILL ? SP_STR("in bare mode nothing is looked for; --add-dir or --plugin-dir "
                                                      "brings skills")
                                             : SP_STR("in bare mode nothing is looked for; --instructions names a file "
                                                      "that loads");
        return SP_RULE_SESSION_BARE;
    }
    *ret_why = SP_STR("--setting-sources does not name its scope");
    return here->leaves_out >> scope & 1 ? SP_RULE_SETTINGS_SOURCES : SP_RULE_NONE;
}

bool sp_place_ends_at_home(const sp_place *here, sp_str folder)
{
    return !here->has_repository && here->home.ptr && sp_str_eq(folder, here->home) && !sp_str_eq(folder, here->launch);
}

sp_str sp_place_seen(sp_arena *arena, const sp_place *here, sp_str path)
{
    if (sp_str_eq(here->root, SP_STR("/")) || !sp_path_is_within(path, here->root))
        return path;
    return sp_str_format(arena, "/%.*s",
                         SP_STR_ARG(sp_str_eq(path, here->root) ? SP_STR("") : sp_path_below(path, here->root)));
}

sp_str sp_place_shown(const sp_place *here, sp_str path)
{
    return sp_str_eq(path, here->current) ? SP_STR(".") : sp_path_below(path, here->current);
}

/* The path from the launch directory, with ../ for each folder up. */
static sp_str name_above(sp_arena *arena, const sp_place *here, sp_str path)
{
    sp_buf name = { 0 };
    sp_str folder = here->launch;
    while (!sp_path_is_within(path, folder)) {
        sp_buf_add(&name, SP_STR("../"));
        folder = sp_path_folder(folder);
    }
    sp_buf_add(&name, sp_path_below(path, folder));
    return sp_buf_move(&name, arena);
}

/* Whether a path in home is better told from there: home lies in the repository (or is one, for dotfiles), and the path
 * not below a launch directory within home. */
static bool is_home_nearer(const sp_place *here, sp_str path)
{
    bool is_below_launch = sp_path_is_within(path, here->launch) && sp_path_is_within(here->launch, here->home);
    return sp_path_is_within(here->home, here->repository) && !is_below_launch;
}

/* A file may be called anything; in the prompt its name stays on one line and is UTF-8. */
static sp_status escaped_name(sp_arena *arena, sp_str name, sp_str *ret, sp_err *err)
{
    char *escaped;
    size_t length;
    SP_TRY(sp_text_escape(name, &escaped, &length, err));
    *ret = sp_str_dup(arena, (sp_str){ escaped, length });
    free(escaped);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

sp_status sp_place_name(sp_arena *arena, const sp_place *here, sp_str path, sp_str *ret, sp_err *err)
{
    sp_str name;
    bool is_in_home = here->home.ptr && sp_path_is_within(path, here->home);
    if (sp_path_is_within(path, here->repository) && !(is_in_home && is_home_nearer(here, path)))
        name = name_above(arena, here, path);
    else if (is_in_home)
        name = sp_str_format(arena, "~/%.*s", SP_STR_ARG(sp_path_below(path, here->home)));
    else if (sp_path_is_within(path, here->root) && !sp_str_eq(here->root, SP_STR("/")))
        name = sp_str_format(arena, "/%.*s", SP_STR_ARG(sp_path_below(path, here->root)));
    else
        name = path;
    if (!name.ptr)
        return sp_err_memory(err);
    return escaped_name(arena, name, ret, err);
}

sp_str sp_place_import_path(sp_arena *arena, sp_str folder, sp_str path)
{
    sp_buf text = { 0 };
    for (; !sp_path_is_within(path, folder); folder = sp_path_folder(folder))
        sp_buf_add(&text, SP_STR("../"));
    sp_str below = sp_path_below(path, folder);
    for (size_t i = 0; i < below.len; i++) {
        if (below.ptr[i] == ' ')
            sp_buf_add_char(&text, '\\');
        sp_buf_add_char(&text, below.ptr[i]);
    }
    return sp_buf_move(&text, arena);
}
