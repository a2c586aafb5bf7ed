/* encodings.h - which tokenizer counts, and whose tokens it does not count, as outputs say it. */
#ifndef SP_EMIT_ENCODINGS_H
#define SP_EMIT_ENCODINGS_H

#include "base/json.h"
#include "tokenizer/tokens.h"

/* "encoding", "exact", and with a note "encoding_note" */
void sp_part_encoding(sp_json *json, const sp_encoding *encoding, bool is_exact, sp_str note);
/* "model_encoding", of a row whose own model has another tokenizer than the table; nothing for NULL */
void sp_part_model_encoding(sp_json *json, const sp_encoding *encoding);
/* The note as a line of its own; nothing for one without ptr. */
void sp_part_encoding_note(sp_buf *out, sp_str note);

/*
 * The line under a table that names such rows, the first three of them:
 *
 *   sp_other_encodings others = { .add_text = sp_table_text };
 *   sp_other_encodings_add(&others, name, row->model_encoding);     for every row
 *   sp_other_encodings_end(&others, out, SP_OTHERS_OF_MODEL("Agents"), "sysprompt explain NAME counts with it.");
 */
typedef struct sp_other_encodings {
    void (*add_text)(sp_buf *out, sp_str text); /* escapes a name as the output needs it */
    sp_buf names;
    size_t count;
} sp_other_encodings;

/* encoding NULL: nothing is added. */
void sp_other_encodings_add(sp_other_encodings *others, sp_str name, const sp_encoding *encoding);
/* Writes nothing if nothing was added. rows names the rows of the table and what they have in common, remedy is a
 * sentence. Releases others. */
#define SP_OTHERS_OF_MODEL(rows) rows " whose model has another tokenizer"
void sp_other_encodings_end(sp_other_encodings *others, sp_buf *out, const char *rows, const char *remedy);

#endif
