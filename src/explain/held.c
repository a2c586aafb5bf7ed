/*
 * held.c - what a file that loads on demand would bring in.
 *
 * A CLAUDE.md of one line, @AGENTS.md, costs what AGENTS.md costs, so imports of such files are told with the same
 * reason. A file that several ask for is told once, where it is first asked for.
 */
#include "base/types.h"
#include "explain/unread.h"
#include "load/imports.h"
#include "model/profile.h"
#include "sources/loader.h"

static bool is_on_demand(sp_rule_key rule)
{
    return rule == SP_RULE_CHAIN_NESTED || rule == SP_RULE_CHAIN_NESTED_FOLDERS;
}

static bool is_importable(const sp_unread *unread, const sp_import_request *r)
{
    const sp_profile *profile = unread->loader->here->profile;
    return r->wanted.depth <= sp_rule_value(profile, SP_RULE_IMPORT_DEPTH) &&
           (!sp_rule_holds(profile, SP_RULE_IMPORT_EXTENSION) || sp_import_has_text_extension(r->wanted.path));
}

/* Tells the file that an import names, if it is not loaded or told, and follows its own imports. */
static sp_status tell_import(const sp_unread *unread, const sp_import_request *r, sp_err *err)
{
    sp_loader *loader = unread->loader;
    const sp_parsed *importer = loader->sources.items[r->importer].parsed;
    sp_file file;
    sp_str excluded;
    SP_TRY(sp_loader_read(loader, &r->wanted, &file, err));
    if (file.state != SP_FILE_READ || sp_sources_find(&loader->sources, &file) != SP_NONE ||
        sp_loader_has_listed(loader, &r->wanted, &file))
        return SP_OK;
    SP_TRY(sp_loader_find_exclusion(loader->arena, loader->here, &r->wanted, &file, &excluded, err));
    if (excluded.ptr)
        return SP_OK;
    SP_TRY(sp_loader_skip(loader, &r->wanted, &file, importer->skip_rule, importer->skip_why, err));
    return sp_unread_follow(unread, loader->sources.count - 1, err); /* the rule on hops bounds the recursion */
}

sp_status sp_unread_follow(const sp_unread *unread, uint32_t index, sp_err *err)
{
    sp_loader *loader = unread->loader;
    const sp_source *source = &loader->sources.items[index];
    uint32_t line = 1;
    size_t at = 0;
    if (!sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_DEPTH) || !sp_is_of_chain(source->kind) ||
        !is_on_demand(source->parsed->skip_rule))
        return SP_OK;
    SP_TRY(sp_loader_find_imports(loader, index, err));
    sp_str text = loader->sources.items[index].bytes;
    const sp_markdown markdown = loader->sources.items[index].parsed->markdown; /* the list of sources grows below */
    for (size_t i = 0; i < markdown.import_count; i++) {
        sp_import_request r;
        bool is_path = false;
        for (; at < markdown.imports[i].begin; at++)
            line += sp_ends_line(text, at);
        SP_TRY(sp_import_prepare(loader, index, i, line, &r, &is_path, err));
        if (is_path && !r.ref->is_quoted && !sp_import_is_address(r.ref->path) && is_importable(unread, &r))
            SP_TRY(tell_import(unread, &r, err));
    }
    return SP_OK;
}
