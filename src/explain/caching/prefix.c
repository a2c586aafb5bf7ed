/* prefix.c - the beginning that two prompts have in common, and where each of them goes on by itself. */
#include "base/types.h"
#include "explain/caching/caching.h"
#include "explain/caching/result.h"
#include "model/prompt.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

static size_t common_bytes(sp_str a, sp_str b)
{
    size_t most = a.len < b.len ? a.len : b.len;
    size_t at = 0;
    while (at < most && a.ptr[at] == b.ptr[at])
        at++;
    return at;
}

/* Tokens that both begin with: those that end at the same place, up to where the bytes differ. */
static sp_status common_tokens(const sp_encoding *encoding, sp_str a, sp_str b, size_t common, size_t *ret, sp_err *err)
{
    uint32_t *ends_a = NULL;
    uint32_t *ends_b = NULL;
    size_t count_a = 0;
    size_t count_b = 0;
    if (!sp_encoding_is_exact(encoding)) {
        while (common > 0 && common < a.len && !sp_utf8_begins(a.ptr[common]))
            common--;
        return sp_count(encoding, sp_str_slice(a, 0, common), SP_SPECIAL_AS_TEXT, ret, err);
    }
    SP_TRY(sp_token_ends(encoding, a, SP_SPECIAL_AS_TEXT, &ends_a, &count_a, err));
    sp_status status = sp_token_ends(encoding, b, SP_SPECIAL_AS_TEXT, &ends_b, &count_b, err);
    size_t tokens = 0;
    while (status == SP_OK && tokens < count_a && tokens < count_b && ends_a[tokens] == ends_b[tokens] &&
           ends_a[tokens] <= common)
        tokens++;
    free(ends_a);
    free(ends_b);
    *ret = tokens;
    return status;
}

/* The segment that holds the byte, or the last one for the end of the message; NULL for a prompt without segments. */
static const sp_segment *segment_at(const sp_prompt *prompt, const sp_message *message, size_t offset,
                                    size_t *ret_begin)
{
    size_t at = 0;
    for (size_t i = 0; prompt->segments && i < message->segment_count; i++) {
        const sp_segment *segment = &prompt->segments[message->first_segment + i];
        *ret_begin = at;
        if (offset < at + segment->text.len || i + 1 == message->segment_count)
            return segment;
        at += segment->text.len;
    }
    return NULL;
}

static sp_prefix_side side_of(const sp_prompt *prompt, size_t message, size_t offset)
{
    sp_prefix_side side = { .source = SP_NONE, .message = message, .offset = offset };
    if (message >= prompt->message_count)
        return side;
    size_t begin = 0;
    sp_str text = prompt->messages[message].text;
    const sp_segment *segment = segment_at(prompt, &prompt->messages[message], offset, &begin);
    side.is_end = offset == text.len;
    side.output_line = sp_position_of(text, offset).line;
    if (!segment || segment->source == SP_NONE)
        return side;
    while (offset > begin && offset < text.len && !sp_utf8_begins(text.ptr[offset]))
        offset--; /* characters that differ may begin with the same bytes */
    sp_position place = sp_position_of(prompt->sources[segment->source].bytes, segment->begin + (offset - begin));
    side.source = segment->source;
    side.line = place.line;
    side.column = place.column;
    return side;
}

sp_status sp_prompts_share(const sp_prompt *prompt, const sp_prompt *other, sp_prefix *ret_shared, sp_err *err)
{
    sp_prefix shared = { .is_same = prompt->message_count == other->message_count };
    size_t message = 0;
    size_t common = 0;
    for (; message < prompt->message_count && message < other->message_count; message++) {
        const sp_message *a = &prompt->messages[message];
        const sp_message *b = &other->messages[message];
        size_t tokens;
        common = 0;
        if (a->role != b->role)
            break;
        common = common_bytes(a->text, b->text);
        SP_TRY(common_tokens(prompt->encoding, a->text, b->text, common, &tokens, err));
        shared.bytes += common;
        shared.tokens += tokens;
        if (common < a->text.len || common < b->text.len)
            break;
        common = 0;
    }
    shared.is_same = shared.is_same && message == prompt->message_count;
    shared.here = side_of(prompt, message, common);
    shared.there = side_of(other, message, common);
    *ret_shared = shared;
    return SP_OK;
}
