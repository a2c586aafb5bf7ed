/*
 * json_doc.h - a JSON text that an option names: a file, or the text itself; and the limits of settings.
 *
 *   sp_json_doc doc;
 *   SP_TRY(sp_json_doc_read(arena, here, request->agents_json, "--agents", &doc, err));
 */
#ifndef SP_JSON_DOC_H
#define SP_JSON_DOC_H

#include "base/parse_json.h"
#include "base/types.h"
#include "sources/place.h"

typedef struct sp_json_doc {
    sp_str path;     /* as messages show it; the option's name for a text */
    sp_str absolute; /* of the file; of a text the launch directory's */
    sp_str text;
    const sp_json_node *root; /* NULL: not JSON */
    sp_json_problem problem;
    sp_last_place last; /* of the last message about it */
} sp_json_doc;

/* Whether the value of such an option is JSON itself: it begins with { or [. */
bool sp_is_json_text(sp_str value);

/* Reads the file that value names, or value itself where it is JSON (with a [ it is then refused). What cannot be
 * read is SP_ERR_INPUT; whether it is JSON, the caller asks. */
SP_MUST_USE sp_status sp_json_doc_read(sp_arena *arena, const sp_place *here, const char *value, const char *option,
                                       sp_json_doc *ret, sp_err *err);

/* Parses doc->text. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_json_doc_parse(sp_arena *arena, sp_json_doc *doc, sp_err *err);

/* ---- settings ---------------------------------------------------------------------------------------------- */

/* Whether the limits hold for a file of that scope: it is the repository's, not the user's. */
bool sp_settings_are_bound(sp_scope scope);

/* As sp_json_parse, within the limits for a file of that scope. */
SP_MUST_USE sp_status sp_settings_parse(sp_arena *arena, sp_scope scope, sp_str text, sp_json_node **ret_root,
                                        sp_json_problem *ret_problem, sp_err *err);

/* Adds the finding for a file with more values than the limit, of which nothing is read. path is as messages show it.
 */
SP_MUST_USE sp_status sp_settings_refuse(sp_diags *diags, sp_str path, sp_str text, size_t offset, sp_err *err);

/* A setting in a file: the names from the outermost object inwards, up to a NULL or so many. */
typedef struct sp_setting_keys {
    const char *const *names;
    size_t most;
} sp_setting_keys;

/* Takes the entries over the limit off the setting, if it is a list or an object, and off the objects around it. Adds
 * one finding for each of these. */
SP_MUST_USE sp_status sp_settings_keep(sp_diags *diags, sp_scope scope, sp_str path, sp_str text, sp_json_node *root,
                                       sp_setting_keys keys, sp_err *err);

#endif
