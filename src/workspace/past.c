#include "workspace/past.h"

#include "base/types.h"
#include "diff/result.h"
#include "model/request.h"
#include "sources/named.h"
#include "workspace/revision.h"

/* ---- where a file lies ------------------------------------------------------------------------------ */

/* A folder that is not there today may have been. */
sp_status sp_place_of_file(sp_arena *arena, const char *path, sp_str *ret, sp_err *err)
{
    sp_str text = sp_str_of(path);
    sp_str folder = sp_str_dup(arena, sp_path_folder(text));
    sp_str name = sp_path_base(text);
    sp_file found;
    if (!folder.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(&sp_reader_disk, arena, folder, (sp_read_limits){ 0 }, &found, err));
    if (found.state != SP_FILE_FOLDER) {
        name = text;
        SP_TRY(sp_reader_read(&sp_reader_disk, arena, SP_STR("."), (sp_read_limits){ 0 }, &found, err));
    }
    *ret = sp_path_join(arena, found.real_path, name);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

sp_status sp_place_in_revision(sp_arena *arena, const sp_side *side, const char *path, sp_str *ret, sp_err *err)
{
    sp_str text = sp_str_of(path);
    if (sp_str_starts(text, SP_STR("./")) || sp_str_starts(text, SP_STR("../")))
        return sp_place_of_file(arena, path, ret, err);
    *ret = sp_path_join(arena, side->revision->top, text);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

/* ---- what it is ------------------------------------------------------------------------------------- */

static sp_status check_place(const sp_side *side, sp_str place, sp_err *err)
{
    sp_str top = side->revision->top;
    if (sp_path_is_within(place, top))
        return SP_OK;
    return sp_err_at(
        err, SP_ERR_INPUT, place, (sp_str){ 0 }, 0, NULL,
        "lies outside of the repository %.*s, so %.*s has no such file; -C names a folder of its repository",
        SP_STR_ARG(top), SP_STR_ARG(side->base.name));
}

static sp_status take_text(sp_side *side, sp_str path, const sp_file *file, sp_err *err)
{
    if (file->state == SP_FILE_FOLDER)
        return sp_err_set(err, SP_ERR_INPUT,
                          "%.*s is a folder in %.*s; of a folder, -C and a revision compare the prompts",
                          SP_STR_ARG(path.len ? path : SP_STR(".")), SP_STR_ARG(side->base.name));
    side->base.kind = SP_BASE_FILE;
    side->path = path;
    side->is_absent = file->state != SP_FILE_READ;
    if (!side->is_absent)
        side->bytes = file->bytes;
    return SP_OK;
}

sp_status sp_side_take_past(sp_arena *arena, sp_side *side, sp_str place, sp_err *err)
{
    const sp_str top = side->revision->top;
    const sp_read_limits limits = { .max_bytes = UINT64_MAX, .within = { &top, 1 } };
    sp_tree_files *files = sp_revision_files(side->revision);
    const sp_revision *revision = side->revision;
    sp_file file;
    SP_TRY(check_place(side, place, err));
    SP_TRY(sp_reader_read(sp_tree_files_reader(files), arena, place, limits, &file, err));
    if (!sp_file_is_committed(&file)) /* what git ignores has no past */
        file.state = SP_FILE_ABSENT;
    SP_TRY(take_text(side, sp_str_eq(place, top) ? SP_STR("") : sp_path_below(place, top), &file, err));
    side->place = place;
    sp_str name = sp_str_eq(revision->name, revision->id) ? revision->short_id : revision->name;
    side->base.name = sp_str_format(arena, "%.*s:%.*s", SP_STR_ARG(name), SP_STR_ARG(side->path));
    return side->base.name.ptr ? SP_OK : sp_err_memory(err);
}

sp_status sp_side_take_present(sp_arena *arena, sp_side *side, sp_str place, sp_str top, sp_err *err)
{
    sp_file file;
    SP_TRY(sp_named_read(arena, &side->request, place, UINT64_MAX, &file, err));
    side->base.name = SP_STR("the working tree");
    if (file.state != SP_FILE_READ && file.state != SP_FILE_ABSENT && file.state != SP_FILE_FOLDER)
        return sp_err_unread(err, place, &file);
    SP_TRY(take_text(side, sp_path_below(place, top), &file, err));
    side->place = place;
    side->base.name = side->path;
    return SP_OK;
}
