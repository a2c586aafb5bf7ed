/*
 * directory.c - the listing of the launch directory in the first request of some clients, as a text to count.
 *
 * The lines are the client's; their order is not: a tree that is drawn level by level has the same lines. A client with
 * a limit lists so many files and directories, the nearest first, and does not go into those that git ignores.
 */
#include "workspace/directory.h"

#include "base/types.h"
#include "git/ignore.h"
#include "model/profile.h"

enum { MAX_IGNORE_BYTES = 1 << 20 };

typedef struct level {
    sp_str path;
    size_t depth;
} level;

typedef struct drawer {
    sp_arena *arena;
    const sp_place *here;
    sp_ignore_list ignored;
    sp_list(level) levels;
    size_t left; /* items that may still be listed */
    sp_buf text;
} drawer;

static sp_status read_ignored(drawer *d, sp_err *err)
{
    sp_file file;
    sp_str path = sp_path_join(d->arena, d->here->launch, SP_STR(".gitignore"));
    if (!path.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(d->here->reader, d->arena, path,
                          (sp_read_limits){ .max_bytes = MAX_IGNORE_BYTES, .root = d->here->allowed }, &file, err));
    return sp_ignore_parse(d->arena, file.state == SP_FILE_READ ? file.bytes : SP_STR(""), SP_STR(""), &d->ignored,
                           err);
}

static bool is_passed_by(const drawer *d, sp_str folder)
{
    static const char *const names[] = { ".git", "node_modules", "dist" };
    for (size_t i = 0; i < SP_COUNT_OF(names); i++)
        if (sp_str_eq(sp_path_base(folder), sp_str_of(names[i])))
            return true;
    return d->here->has_repository &&
           sp_ignore_ask(&d->ignored, sp_path_below(folder, d->here->launch), true) == SP_IGNORE_YES;
}

static void draw(drawer *d, size_t depth, sp_str name, const char *end)
{
    for (size_t i = 0; i < depth; i++)
        sp_buf_add(&d->text, SP_STR("│   "));
    sp_buf_format(&d->text, "├───%.*s%s\n", SP_STR_ARG(name), end);
    d->left--;
}

static sp_status draw_folder(drawer *d, const level *at, sp_str name, sp_err *err)
{
    sp_str path = sp_path_join(d->arena, at->path, name);
    if (!path.ptr)
        return sp_err_memory(err);
    bool is_open = !is_passed_by(d, path);
    draw(d, at->depth, name, is_open ? "/" : "/...");
    if (!is_open)
        return SP_OK;
    level *slot = SP_LIST_PUSH(d->arena, &d->levels);
    if (!slot)
        return sp_err_memory(err);
    *slot = (level){ path, at->depth + 1 };
    return SP_OK;
}

static sp_status draw_level(drawer *d, level at, sp_err *err)
{
    sp_listing listing;
    SP_TRY(sp_reader_list(d->here->reader, d->arena, at.path, (sp_read_limits){ .root = d->here->allowed }, &listing,
                          err));
    size_t count = listing.state == SP_FILE_FOLDER ? listing.count : 0;
    for (size_t i = 0; i < count && d->left; i++)
        if (listing.entries[i].is_file)
            draw(d, at.depth, listing.entries[i].name, "");
    for (size_t i = 0; i < count && d->left; i++)
        if (listing.entries[i].is_folder && !listing.entries[i].is_link)
            SP_TRY(draw_folder(d, &at, listing.entries[i].name, err));
    return SP_OK;
}

static sp_status draw_tree(drawer *d, sp_err *err)
{
    level *first = SP_LIST_PUSH(d->arena, &d->levels);
    if (!first)
        return sp_err_memory(err);
    *first = (level){ d->here->launch, 0 };
    SP_TRY(read_ignored(d, err));
    for (size_t i = 0; i < d->levels.count && d->left; i++)
        SP_TRY(draw_level(d, d->levels.items[i], err));
    return SP_OK;
}

/* The names alone, but for hidden ones. */
static sp_status draw_names(drawer *d, sp_err *err)
{
    sp_listing listing;
    SP_TRY(sp_reader_list(d->here->reader, d->arena, d->here->launch, (sp_read_limits){ .root = d->here->allowed },
                          &listing, err));
    for (size_t i = 0; listing.state == SP_FILE_FOLDER && i < listing.count; i++)
        if (listing.entries[i].name.ptr[0] != '.')
            sp_buf_format(&d->text, "%.*s\n", SP_STR_ARG(listing.entries[i].name));
    return SP_OK;
}

sp_status sp_directory_text(sp_arena *arena, const sp_place *here, sp_str *ret, sp_err *err)
{
    drawer d = { .arena = arena, .here = here };
    sp_status status = SP_OK;
    sp_buf_add(&d.text, SP_STR(""));
    if (sp_rule_holds(here->profile, SP_RULE_REQUEST_TREE)) {
        d.left = (size_t)sp_rule_value(here->profile, SP_RULE_REQUEST_TREE);
        status = draw_tree(&d, err);
    } else if (sp_rule_holds(here->profile, SP_RULE_REQUEST_NAMES)) {
        status = draw_names(&d, err);
    }
    if (status != SP_OK) {
        sp_buf_release(&d.text);
        return status;
    }
    *ret = sp_buf_move(&d.text, arena);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}
