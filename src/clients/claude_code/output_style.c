/* output_style.c - the file of the session's output style: .claude/output-styles of the launch directory, then of home.
 */
#include "clients/claude_code/settings.h"
#include "model/request.h"
#include "model/source.h"
#include "syntax/front_matter.h"

/* A file or directory that a link keeps out: it may be the style. */
typedef struct refused {
    sp_wanted wanted;
    sp_file file;
} refused;

typedef struct finder {
    sp_loader *loader;
    sp_str name;
    bool is_found;
    sp_list(refused) refused;
    sp_err *err;
} finder;

static bool is_named(const finder *f, sp_str path)
{
    sp_str base = sp_path_base(path);
    return sp_str_eq(f->name, sp_str_slice(base, 0, base.len - strlen(".md")));
}

/* The name in the front matter, else that of the file. */
static sp_status has_name(const finder *f, sp_str path, const sp_file *file, bool *ret)
{
    sp_arena *arena = f->loader->arena;
    sp_diags unsaid = { .arena = arena };
    sp_front_matter front;
    SP_TRY(sp_front_matter_read(arena, f->loader->here->profile, path, file->bytes, SP_FRONT_MATTER_STRICT_ONLY,
                                &unsaid, &front, f->err));
    const sp_field *field = sp_front_matter_find(&front, "name");
    bool has_field = field && field->kind == SP_VALUE_SCALAR && field->value.len;
    *ret = has_field ? sp_str_eq(f->name, field->value) : is_named(f, path);
    return SP_OK;
}

static sp_status refuse(finder *f, const sp_wanted *wanted, const sp_file *file)
{
    refused *added = SP_LIST_PUSH(f->loader->arena, &f->refused);
    if (!added)
        return sp_err_memory(f->err);
    *added = (refused){ *wanted, *file };
    return SP_OK;
}

/* One that has the style's name is the style; others may say so in the front matter, which is not read. */
static sp_status refuse_file(finder *f, const sp_wanted *wanted, const sp_file *file)
{
    f->is_found = is_named(f, wanted->path);
    return f->is_found ? sp_loader_leave_out_link(f->loader, wanted, file, f->err) : refuse(f, wanted, file);
}

static sp_status refuse_folder(finder *f, sp_scope scope, sp_str folder)
{
    const sp_wanted wanted = {
        .path = folder, .kind = SP_SOURCE_APPENDED, .scope = scope, .reason = "output_style", .importer = SP_NONE
    };
    sp_file file;
    SP_TRY(sp_place_read(f->loader->arena, f->loader->here, &wanted, &file, f->err));
    return file.state == SP_FILE_EXTERNAL ? refuse(f, &wanted, &file) : SP_OK;
}

static sp_status try_file(finder *f, sp_scope scope, sp_str path)
{
    sp_wanted wanted = {
        .path = path, .kind = SP_SOURCE_APPENDED, .scope = scope, .reason = "output_style", .importer = SP_NONE
    };
    sp_file file;
    uint32_t index;
    if (!path.ptr)
        return sp_err_memory(f->err);
    SP_TRY(sp_place_read(f->loader->arena, f->loader->here, &wanted, &file, f->err));
    if (file.state == SP_FILE_EXTERNAL)
        return refuse_file(f, &wanted, &file);
    if (file.state == SP_FILE_READ)
        SP_TRY(has_name(f, path, &file, &f->is_found));
    return f->is_found ? sp_loader_add(f->loader, &wanted, &file, &index, f->err) : SP_OK;
}

static sp_status look_in(finder *f, sp_scope scope, sp_str claude_dir)
{
    sp_loader *loader = f->loader;
    sp_str folder = sp_path_join(loader->arena, claude_dir, SP_STR("output-styles"));
    sp_read_limits limits = { .root = loader->here->allowed };
    sp_listing listing;
    if (!folder.ptr)
        return sp_err_memory(f->err);
    SP_TRY(sp_reader_list(loader->here->reader, loader->arena, folder, limits, &listing, f->err));
    if (listing.state == SP_FILE_EXTERNAL)
        return refuse_folder(f, scope, folder);
    for (size_t i = 0; listing.state == SP_FILE_FOLDER && i < listing.count && !f->is_found; i++)
        if (listing.entries[i].is_file && sp_str_ends(listing.entries[i].name, SP_STR(".md")))
            SP_TRY(try_file(f, scope, sp_path_join(loader->arena, folder, listing.entries[i].name)));
    return SP_OK;
}

sp_status sp_load_output_style(sp_loader *loader, sp_err *err)
{
    const sp_place *here = loader->here;
    finder f = { .loader = loader, .name = here->settings.output_style.text, .err = err };
    bool is_session = !loader->agent || here->request->as_session;
    if (!f.name.len || !is_session || !sp_rule_holds(here->profile, SP_RULE_SETTINGS_OUTPUT_STYLE))
        return SP_OK;
    sp_str project = sp_path_join(loader->arena, here->launch, SP_STR(".claude"));
    if (!project.ptr)
        return sp_err_memory(err);
    SP_TRY(look_in(&f, SP_SCOPE_PROJECT, project));
    if (!f.is_found && here->user_dir.ptr)
        SP_TRY(look_in(&f, SP_SCOPE_USER, here->user_dir));
    for (size_t i = 0; i < f.refused.count && !f.is_found; i++)
        SP_TRY(sp_loader_leave_out_link(loader, &f.refused.items[i].wanted, &f.refused.items[i].file, err));
    return SP_OK;
}
