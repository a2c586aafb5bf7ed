#include "git/git_setup.h"
#include "base/types.h"

#include <stdlib.h>
#include <unistd.h>

static const char *const overrides[][2] = {
    { "core.fsmonitor", "false" },
    { "core.hooksPath", "/dev/null" },
    { "core.untrackedCache", "false" },
    { "log.showSignature", "false" },
    { "log.mailmap", "false" },
    { "color.ui", "false" },
    { "status.submoduleSummary", "false" },
    { "submodule.recurse", "false" },
    { "protocol.allow", "never" },
    { "core.pager", "cat" },
    { "diff.orderFile", "/dev/null" }, /* git ends where the one of the user's configuration is missing */
};

static const char *const fixed_variables[] = {
    "PATH=/usr/local/bin:/usr/bin:/bin",
    "LC_ALL=C",
    "GIT_OPTIONAL_LOCKS=0",
    "GIT_TERMINAL_PROMPT=0",
    "GIT_ALLOW_PROTOCOL=none",
    "GIT_NO_LAZY_FETCH=1",
    "GIT_NO_REPLACE_OBJECTS=1", /* what a commit's id names, whatever refs/replace has in its place */
    "GIT_PAGER=cat",
};

static const char *const without_home[] = {
    "HOME=/nonexistent",
    "GIT_CONFIG_NOSYSTEM=1",
    "GIT_CONFIG_GLOBAL=/dev/null",
};

sp_status sp_git_setup_add(sp_git_setup *setup, sp_str variable, sp_err *err)
{
    const char **slot = variable.ptr ? SP_LIST_PUSH(setup->arena, &setup->variables) : NULL;
    if (!slot)
        return sp_err_memory(err);
    *slot = variable.ptr;
    return SP_OK;
}

sp_status sp_git_setup_override(sp_git_setup *setup, const char *key, const char *value, sp_err *err)
{
    SP_TRY(
        sp_git_setup_add(setup, sp_str_format(setup->arena, "GIT_CONFIG_KEY_%zu=%s", setup->config_count, key), err));
    SP_TRY(sp_git_setup_add(setup, sp_str_format(setup->arena, "GIT_CONFIG_VALUE_%zu=%s", setup->config_count, value),
                            err));
    setup->config_count++;
    return SP_OK;
}

sp_status sp_git_setup_begin(sp_git_setup *setup, sp_str home, sp_err *err)
{
    for (size_t i = 0; i < SP_COUNT_OF(fixed_variables); i++)
        SP_TRY(sp_git_setup_add(setup, sp_str_of(fixed_variables[i]), err));
    for (size_t i = 0; !home.ptr && i < SP_COUNT_OF(without_home); i++)
        SP_TRY(sp_git_setup_add(setup, sp_str_of(without_home[i]), err));
    if (home.ptr)
        SP_TRY(sp_git_setup_add(setup, sp_str_format(setup->arena, "HOME=%.*s", SP_STR_ARG(home)), err));
    for (size_t i = 0; i < SP_COUNT_OF(overrides); i++)
        SP_TRY(sp_git_setup_override(setup, overrides[i][0], overrides[i][1], err));
    return SP_OK;
}

sp_status sp_git_setup_end(sp_git_setup *setup, const char *const **ret, sp_err *err)
{
    size_t count = setup->variables.count;
    SP_TRY(sp_git_setup_add(setup, sp_str_format(setup->arena, "GIT_CONFIG_COUNT=%zu", setup->config_count), err));
    const char **end = SP_LIST_PUSH(setup->arena, &setup->variables);
    if (!end)
        return sp_err_memory(err);
    *end = NULL;
    *ret = setup->variables.items;
    setup->variables.count = count;
    return SP_OK;
}

/* ---- the program ---------------------------------------------------------------------------------------------- */

/* What stands at folder/name, without reading it. */
static sp_status look(sp_arena *arena, sp_str folder, const char *name, sp_file *ret, sp_err *err)
{
    sp_str path = sp_path_join(arena, folder, sp_str_of(name));
    return path.ptr ? sp_reader_read(&sp_reader_disk, arena, path, (sp_read_limits){ 0 }, ret, err)
                    : sp_err_memory(err);
}

/* The nearest directory at or above folder that has a .git, else folder. */
static sp_status find_around(sp_arena *arena, sp_str folder, sp_str *ret, sp_err *err)
{
    *ret = folder;
    for (sp_str at = folder;; at = sp_path_folder(at)) {
        sp_file mark = { .state = SP_FILE_ABSENT };
        SP_TRY(look(arena, at, ".git", &mark, err));
        if (mark.state == SP_FILE_FOLDER || sp_file_exists(&mark)) {
            *ret = at;
            return SP_OK;
        }
        if (sp_str_eq(at, sp_path_folder(at)))
            return SP_OK;
    }
}

sp_status sp_git_find(sp_arena *arena, sp_str folder, sp_str *ret, sp_err *err)
{
    sp_str around;
    const char *variable = getenv("PATH");
    sp_str all = sp_str_of(variable ? variable : "");
    *ret = (sp_str){ NULL, 0 };
    SP_TRY(find_around(arena, folder, &around, err));
    for (size_t at = 0, end; at < all.len && !ret->ptr; at = end + 1) {
        sp_file file = { .state = SP_FILE_ABSENT };
        size_t colon = sp_str_find(all, SP_STR(":"), at);
        end = colon == SIZE_MAX ? all.len : colon;
        sp_str one = sp_str_slice(all, at, end);
        if (!sp_str_starts(one, SP_STR("/")))
            continue;
        SP_TRY(look(arena, one, "git", &file, err));
        if (sp_file_exists(&file) && !sp_path_is_within(file.real_path, around) &&
            access(file.real_path.ptr, X_OK) == 0)
            *ret = file.real_path;
    }
    return SP_OK;
}

/* ---- staying within --root ---------------------------------------------------------------------------------- */

/* Files that name another place to read from. */
static const char *const pointers[] = { "commondir", "objects/info/alternates" };

/* Folders of .git in which a link would do the same; "" is .git itself. Deeper down there is only what is named by its
 * content. */
static const char *const folders[] = { "", "objects", "objects/info", "objects/pack", "refs" };

static sp_status look_at(sp_arena *arena, sp_str folder, sp_str name, sp_places allowed, sp_file *ret, sp_err *err)
{
    sp_str path = sp_path_join(arena, folder, name);
    if (!path.ptr)
        return sp_err_memory(err);
    return sp_reader_read(&sp_reader_disk, arena, path, (sp_read_limits){ .root = allowed }, ret, err);
}

static sp_status check_links(sp_arena *arena, sp_str folder, sp_places allowed, bool *leads_out, sp_err *err)
{
    sp_listing listing;
    SP_TRY(sp_reader_list(&sp_reader_disk, arena, folder, (sp_read_limits){ .root = allowed }, &listing, err));
    for (size_t i = 0; listing.state == SP_FILE_FOLDER && i < listing.count; i++) {
        sp_file file = { .state = SP_FILE_ABSENT };
        if (listing.entries[i].is_link)
            SP_TRY(look_at(arena, folder, listing.entries[i].name, allowed, &file, err));
        *leads_out |= file.state == SP_FILE_OUTSIDE;
    }
    return SP_OK;
}

sp_status sp_git_leads_out(sp_arena *arena, sp_str git_dir, sp_places allowed, bool *ret, sp_err *err)
{
    bool leads_out = false;
    for (size_t i = 0; i < SP_COUNT_OF(pointers); i++) {
        sp_file file = { .state = SP_FILE_ABSENT };
        SP_TRY(look_at(arena, git_dir, sp_str_of(pointers[i]), allowed, &file, err));
        leads_out |= file.state != SP_FILE_ABSENT;
    }
    for (size_t i = 0; i < SP_COUNT_OF(folders); i++) {
        sp_str folder = sp_path_join(arena, git_dir, sp_str_of(folders[i]));
        if (!folder.ptr)
            return sp_err_memory(err);
        SP_TRY(check_links(arena, folder, allowed, &leads_out, err));
    }
    *ret = leads_out;
    return SP_OK;
}
