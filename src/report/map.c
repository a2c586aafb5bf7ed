/*
 * map.c - sysprompt.map/1: which output byte comes from which byte of which file.
 *
 * Whoever has the map and the files can put the prompt together again: a mapping is either a slice of a source or a
 * text that is written out. The offsets of a split layout run on from one message to the next, as do those of a
 * recorded request, whose own text and tools are sources without a real path.
 */
#include "base/json.h"
#include "base/types.h"
#include "model/prompt.h"
#include "model/source.h"
#include "report/emit.h"
#include "report/parts.h"
#include "rules/names.h"

static void add_source(sp_json *json, const sp_source *source)
{
    sp_json_begin_line(json, NULL, '{');
    sp_json_path(json, "path", source->path);
    sp_json_str(json, "real_path", source->real_path);
    sp_json_str(json, "kind", sp_name_of_source_kind(source->kind));
    sp_json_str(json, "scope", sp_name_of_scope(source->scope));
    sp_json_str(json, "reason", source->reason);
    if (source->importer == SP_NONE) {
        sp_json_null(json, "importer");
        sp_json_null(json, "importer_line");
    } else {
        sp_json_uint(json, "importer", source->importer);
        sp_json_uint(json, "importer_line", source->importer_line);
    }
    sp_json_end(json);
}

static void add_mapping(sp_json *json, const sp_segment *segment, size_t output_begin)
{
    sp_json_begin_line(json, NULL, '{');
    sp_json_pair(json, "output", output_begin, output_begin + segment->text.len);
    sp_json_str(json, "kind", sp_name_of_segment(segment->kind));
    sp_json_str(json, "role", sp_name_of_role(segment->role));
    if (segment->source == SP_NONE) {
        sp_json_null(json, "source");
        sp_json_str(json, "text", segment->text);
    } else {
        sp_json_uint(json, "source", segment->source);
        sp_json_pair(json, "bytes", segment->begin, segment->end);
        sp_part_lines(json, segment->first_line, segment->last_line);
        if (segment->is_ambiguous)
            sp_json_bool(json, "ambiguous", true);
    }
    sp_json_end(json);
}

void sp_emit_map(sp_buf *out, const sp_prompt *prompt)
{
    sp_json json = { .out = out, .is_inert = true };
    size_t output = 0;
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.map/1"));
    sp_json_begin(&json, "sources", '[');
    for (uint32_t i = 0; i < prompt->source_count; i++)
        add_source(&json, &prompt->sources[i]);
    sp_json_end(&json);
    sp_json_begin(&json, "mappings", '[');
    for (size_t i = 0; i < prompt->segment_count; i++) {
        add_mapping(&json, &prompt->segments[i], output);
        output += prompt->segments[i].text.len;
    }
    sp_json_end(&json);
    sp_json_uint(&json, "output_bytes", output);
    sp_json_end(&json);
}
