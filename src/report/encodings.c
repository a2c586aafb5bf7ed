#include "report/encodings.h"

#include "report/table.h"

enum { MAX_NAMES = 3 };

void sp_part_encoding(sp_json *json, const sp_encoding *encoding, bool is_exact, sp_str note)
{
    sp_json_str(json, "encoding", sp_str_of(sp_encoding_name(encoding)));
    sp_json_bool(json, "exact", is_exact);
    if (note.ptr)
        sp_json_str(json, "encoding_note", note);
}

void sp_part_model_encoding(sp_json *json, const sp_encoding *encoding)
{
    if (encoding)
        sp_json_str(json, "model_encoding", sp_str_of(sp_encoding_name(encoding)));
}

void sp_part_encoding_note(sp_buf *out, sp_str note)
{
    if (!note.ptr)
        return;
    sp_buf_add(out, note);
    sp_buf_add_char(out, '\n');
}

void sp_other_encodings_add(sp_other_encodings *others, sp_str name, const sp_encoding *encoding)
{
    if (!encoding || ++others->count > MAX_NAMES)
        return;
    sp_buf_add(&others->names, others->count > 1 ? SP_STR(", ") : SP_STR(""));
    others->add_text(&others->names, name);
    sp_buf_format(&others->names, " (%s)", sp_encoding_name(encoding));
}

void sp_other_encodings_end(sp_other_encodings *others, sp_buf *out, const char *rows, const char *remedy)
{
    if (others->count) {
        sp_buf_format(out, "%s: ", rows);
        sp_buf_add(out, sp_buf_str(&others->names));
        if (others->count > MAX_NAMES)
            sp_buf_format(out, " and %zu more", others->count - MAX_NAMES);
        sp_buf_format(out, ". %s\n", remedy);
    }
    out->failed = out->failed || others->names.failed;
    sp_buf_release(&others->names);
}
