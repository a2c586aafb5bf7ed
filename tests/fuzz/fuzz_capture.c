/*
 * fuzz_capture.c - any bytes as recorded requests: they are decoded or refused with a place, and what is mapped to a
 * file lies within both.
 *
 * Up to the first NUL it is a file, and after it the recording.
 */
#include "base/base.h"
#include "base/types.h"
#include "capture/map.h"
#include "capture/requests.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds)
        abort();
}

static void check_mapping(const sp_mapping *mapping, const sp_str *texts, sp_str file)
{
    for (size_t i = 0; i < mapping->count; i++) {
        const sp_span_of *span = &mapping->spans[i];
        const sp_span_of *last = i > 0 && mapping->spans[i - 1].text == span->text ? &mapping->spans[i - 1] : NULL;
        require(span->begin < span->end && span->end <= texts[span->text].len);
        require(span->source_begin <= span->source_end && span->source_end <= file.len);
        require(!last || last->end <= span->begin);
        require(span->match != SP_SPAN_VERBATIM || sp_str_eq(sp_str_slice(texts[span->text], span->begin, span->end),
                                                             sp_str_slice(file, span->source_begin, span->source_end)));
    }
}

static void map_request(sp_arena *arena, const sp_recorded *recorded, sp_str file)
{
    sp_mapping mapping;
    sp_err err;
    size_t count = recorded->part_count + recorded->tool_count;
    sp_str *texts = SP_ARENA_ARRAY(arena, sp_str, count + 1);
    require(texts != NULL);
    for (size_t i = 0; i < recorded->part_count; i++)
        texts[i] = recorded->parts[i].text;
    for (size_t i = 0; i < recorded->tool_count; i++)
        texts[recorded->part_count + i] = recorded->tools[i].text;
    const sp_mapped_source source = { .bytes = file, .path = SP_STR("/p/CLAUDE.md"), .is_expected = true };
    const sp_map_input input = { .texts = texts, .text_count = count, .sources = &source, .source_count = 1 };
    require(sp_texts_map(arena, &input, &mapping, &err) == SP_OK);
    check_mapping(&mapping, texts, file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_arena arena = { 0 };
    sp_exchanges exchanges = { 0 };
    sp_recording recording = { 0 };
    sp_err err = { 0 };
    const uint8_t *end = size ? memchr(data, '\0', size) : NULL;
    sp_str file = { end ? (const char *)data : "", end ? (size_t)(end - data) : 0 };
    sp_str bytes = { (const char *)data + (end ? file.len + 1 : 0), end ? size - file.len - 1 : size };
    sp_status status = size ? sp_exchanges_read(&arena, SP_STR("r.json"), bytes, &exchanges, &err) : SP_OK;
    if (status == SP_OK && size)
        status = sp_requests_decode(&arena, SP_STR("r.json"), &exchanges, &recording, &err);
    require(status == SP_OK || (status == SP_ERR_INPUT && err.message[0]));
    for (size_t i = 0; status == SP_OK && i < recording.count; i++)
        map_request(&arena, &recording.items[i], file);
    sp_arena_release(&arena);
    return 0;
}
