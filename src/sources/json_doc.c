#include "sources/json_doc.h"
#include "base/types.h"
#include "model/source.h"
#include "sources/read.h"

bool sp_is_json_text(sp_str value)
{
    sp_str text = sp_str_trim(value);
    return sp_str_starts(text, SP_STR("{")) || sp_str_starts(text, SP_STR("["));
}

sp_status sp_json_doc_parse(sp_arena *arena, sp_json_doc *doc, sp_err *err)
{
    sp_json_node *root;
    unsigned max_depth = (unsigned)sp_own_limit(SP_RULE_SETTINGS_MAX_DEPTH);
    SP_TRY(sp_json_parse(arena, doc->text, max_depth, &root, &doc->problem, err));
    doc->root = root;
    return SP_OK;
}

sp_status sp_json_doc_read(sp_arena *arena, const sp_place *here, const char *value, const char *option,
                           sp_json_doc *ret, sp_err *err)
{
    sp_str text = sp_str_of(value);
    sp_json_doc doc = { .path = sp_str_of(option), .absolute = here->launch };
    if (sp_is_json_text(text)) {
        doc.text = sp_str_dup(arena, text);
        if (!doc.text.ptr)
            return sp_err_memory(err);
    } else {
        sp_file file;
        sp_wanted wanted = { .kind = SP_SOURCE_AGENT, .scope = SP_SCOPE_NAMED, .importer = SP_NONE };
        wanted.path = sp_path_append(arena, here->current, text);
        if (!wanted.path.ptr)
            return sp_err_memory(err);
        SP_TRY(sp_place_read_named(arena, here, &wanted, &file, err));
        doc.path = sp_place_shown(here, wanted.path);
        doc.absolute = file.real_path;
        doc.text = file.bytes;
    }
    SP_TRY(sp_json_doc_parse(arena, &doc, err));
    *ret = doc;
    return SP_OK;
}
