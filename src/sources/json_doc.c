#include "sources/json_doc.h"
#include "base/diagnostic.h"
#include "base/numbers.h"
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

/* ---- settings ---------------------------------------------------------------------------------------------- */

bool sp_settings_are_bound(sp_scope scope)
{
    return scope == SP_SCOPE_PROJECT || scope == SP_SCOPE_LOCAL;
}

sp_status sp_settings_parse(sp_arena *arena, sp_scope scope, sp_str text, sp_json_node **ret_root,
                            sp_json_problem *ret_problem, sp_err *err)
{
    unsigned max_depth = (unsigned)sp_own_limit(SP_RULE_SETTINGS_MAX_DEPTH);
    size_t max_values = sp_settings_are_bound(scope) ? (size_t)sp_own_limit(SP_RULE_SETTINGS_VALUES) : SIZE_MAX;
    return sp_json_parse_few(arena, text, max_depth, max_values, ret_root, ret_problem, err);
}

sp_status sp_settings_refuse(sp_diags *diags, sp_str path, sp_str text, size_t offset, sp_err *err)
{
    return sp_diag_add(diags, err, SP_FINDING, path, text, offset, SP_RULE_SETTINGS_VALUES,
                       "more than %s values, which is too large for sysprompt; nothing is taken from this file",
                       SP_NUMBER(sp_own_limit(SP_RULE_SETTINGS_VALUES)));
}

sp_status sp_settings_keep(sp_diags *diags, sp_scope scope, sp_str path, sp_str text, sp_json_node *root,
                           sp_setting_keys keys, sp_err *err)
{
    size_t most = (size_t)sp_own_limit(SP_RULE_SETTINGS_MOST);
    const char *name = "the file";
    if (!sp_settings_are_bound(scope))
        return SP_OK;
    for (size_t i = 0; root; i++) {
        size_t count = root->count;
        const sp_json_node *extra = sp_json_shorten(root, most);
        if (extra)
            SP_TRY(sp_diag_add(diags, err, SP_WARNING, path, text, extra->key.ptr ? extra->key_offset : extra->offset,
                               SP_RULE_SETTINGS_MOST,
                               "%s has %s entries, and sysprompt reads the first %s; this one and those after it are "
                               "ignored",
                               name, SP_NUMBER(count), SP_NUMBER(most)));
        if (i == keys.most || !keys.names[i])
            break;
        name = keys.names[i];
        root = (sp_json_node *)sp_json_member(root, name); /* of the same tree */
    }
    return SP_OK;
}
