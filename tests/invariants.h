/*
 * invariants.h - what holds for every prompt, whatever it was built from.
 *
 *   char why[INV_ROOM];
 *   if (!inv_prompt(prompt, why))
 *       puts(why);
 *
 * The one idea of the program, as a check: every byte of every file that was read lies in exactly one segment or one
 * cut; the segments are the text; their tokens are its tokens.
 */
#ifndef TESTS_INVARIANTS_H
#define TESTS_INVARIANTS_H

#include "base/diagnostic.h"
#include "base/types.h"
#include "model/prompt.h"
#include "model/source.h"
#include "rules/profile.h"
#include "sources/client.h"
#include "syntax/headings.h"
#include "tokenizer/tokens.h"

#include <stdio.h>
#include <stdlib.h>

enum { INV_ROOM = 1024 };

SP_PRINTF(2, 3)
static inline void inv_say(char *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, INV_ROOM, format, args);
    va_end(args);
}

#define INV(condition, ...)                                                                                            \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            inv_say(why, __VA_ARGS__);                                                                                 \
            return false;                                                                                              \
        }                                                                                                              \
    } while (0)

/* ---- every byte of a source once -------------------------------------------------------------------- */

/* A segment or a cut, as a piece of its source. */
typedef struct inv_piece {
    uint32_t source;
    uint32_t first_line;
    uint32_t last_line;
    size_t begin;
    size_t end;
} inv_piece;

static inline int inv_compare_pieces(const void *a, const void *b)
{
    const inv_piece *x = a;
    const inv_piece *y = b;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* The pieces of one source follow one another from its first byte to its last, and say their lines right. */
static inline bool inv_tiles(const sp_source *source, const inv_piece *pieces, size_t count, char *why)
{
    size_t at = 0;
    uint32_t line = 1;
    for (size_t i = 0; i < count; i++) {
        const inv_piece *piece = &pieces[i];
        INV(piece->begin == at && piece->end >= at && piece->end <= source->bytes.len,
            "%.*s: byte %zu is followed by a piece from %zu to %zu of %zu", SP_STR_ARG(source->path), at, piece->begin,
            piece->end, source->bytes.len);
        if (piece->end == at)
            continue;
        INV(piece->first_line == line, "%.*s: the piece at %zu begins on line %u, not %u", SP_STR_ARG(source->path), at,
            line, piece->first_line);
        for (; at < piece->end - 1; at++)
            line += sp_ends_line(source->bytes, at);
        INV(piece->last_line == line, "%.*s: the piece that ends at %zu ends on line %u, not %u",
            SP_STR_ARG(source->path), piece->end, line, piece->last_line);
        line += sp_ends_line(source->bytes, at++);
    }
    INV(at == source->bytes.len, "%.*s: bytes %zu to %zu are in no segment and no cut", SP_STR_ARG(source->path), at,
        source->bytes.len);
    return true;
}

static inline bool inv_source_pieces(const sp_prompt *prompt, inv_piece *pieces, char *why)
{
    size_t count = 0;
    for (size_t i = 0; i < prompt->segment_count; i++) {
        const sp_segment *s = &prompt->segments[i];
        if (s->source != SP_NONE)
            pieces[count++] = (inv_piece){ s->source, s->first_line, s->last_line, s->begin, s->end };
    }
    for (size_t i = 0; i < prompt->cut_count; i++) {
        const sp_cut *c = &prompt->cuts[i];
        INV(c->source < prompt->source_count, "cut %zu is of source %u", i, c->source);
        pieces[count++] = (inv_piece){ c->source, c->first_line, c->last_line, c->begin, c->end };
    }
    if (count)
        qsort(pieces, count, sizeof *pieces, inv_compare_pieces);
    for (uint32_t i = 0; i < prompt->source_count; i++) {
        const sp_source *source = &prompt->sources[i];
        size_t own = 0;
        while (own < count && pieces[own].source == i)
            own++;
        INV(source->is_loaded || own == 1, "%.*s is not loaded and has %zu pieces", SP_STR_ARG(source->path), own);
        INV(source->was_read || !source->is_loaded, "%.*s is loaded and was not read", SP_STR_ARG(source->path));
        if (source->was_read && !inv_tiles(source, pieces, own, why))
            return false;
        pieces += own;
        count -= own;
    }
    INV(count == 0, "%zu pieces belong to no source", count);
    return true;
}

static inline bool inv_bytes(const sp_prompt *prompt, char *why)
{
    inv_piece *pieces = calloc(prompt->segment_count + prompt->cut_count + 1, sizeof *pieces);
    bool hold = pieces && inv_source_pieces(prompt, pieces, why);
    free(pieces);
    return hold;
}

/* ---- sources, segments, cuts -------------------------------------------------------------------------- */

/* The imports of a rule that waits for a file load at the start. */
static inline bool inv_waits(const sp_source *source)
{
    return source->kind == SP_SOURCE_RULE && (!source->is_loaded || source->trigger.ptr);
}

static inline bool inv_sources(const sp_prompt *prompt, char *why)
{
    bool is_later = false;
    bool is_importer_first = sp_rule_holds(prompt->profile, SP_RULE_IMPORT_ORDER);
    for (uint32_t i = 0; i < prompt->source_count; i++) {
        const sp_source *source = &prompt->sources[i];
        size_t at = 0;
        INV(source->path.len && source->name.len && source->reason.len, "source %u has no path, name or reason", i);
        INV(source->importer == SP_NONE || source->importer < prompt->source_count, "source %u is asked for by %u", i,
            source->importer);
        INV(source->importer == SP_NONE || (source->importer < i) == is_importer_first ||
                inv_waits(&prompt->sources[source->importer]),
            "source %u is asked for by %u, which comes on the wrong side of it", i, source->importer);
        INV((source->importer == SP_NONE) == (source->depth == 0), "source %u has depth %u", i, source->depth);
        if (source->is_loaded && source->importer == SP_NONE) {
            INV(!is_later || source->trigger.ptr, "source %u loads at the start and stands behind what loads later", i);
            is_later = source->trigger.ptr != NULL;
        }
        for (uint32_t b = 0; b < source->block_count; b++) {
            const sp_block *block = &source->blocks[b];
            INV(block->begin == at && block->end > at, "%.*s: block %u begins at %zu, not %zu",
                SP_STR_ARG(source->path), b, block->begin, at);
            INV(block->heading == SP_NONE || (block->heading < b && source->blocks[block->heading].level > 0),
                "%.*s: block %u stands under %u", SP_STR_ARG(source->path), b, block->heading);
            at = block->end;
        }
        INV(!source->is_loaded || at == source->bytes.len, "%.*s: the blocks end at %zu of %zu",
            SP_STR_ARG(source->path), at, source->bytes.len);
    }
    return true;
}

static inline bool inv_segments(const sp_prompt *prompt, char *why)
{
    for (size_t i = 0; i < prompt->segment_count; i++) {
        const sp_segment *s = &prompt->segments[i];
        bool is_own = s->source == SP_NONE;
        INV(s->text.len > 0, "segment %zu is empty", i);
        if (is_own) {
            INV(s->block == SP_NONE && !s->begin && !s->end && !s->first_line && !s->last_line,
                "segment %zu is our own and has a place", i);
            continue;
        }
        INV(s->source < prompt->source_count && prompt->sources[s->source].is_loaded,
            "segment %zu is of a source that is not loaded", i);
        const sp_source *source = &prompt->sources[s->source];
        INV(s->text.ptr == source->bytes.ptr + s->begin && s->text.len == s->end - s->begin,
            "segment %zu is not its slice of %.*s", i, SP_STR_ARG(source->path));
        INV(s->block < source->block_count, "segment %zu is in no block", i);
        const sp_block *block = &source->blocks[s->block];
        INV(s->begin >= block->begin && s->end <= block->end,
            "%.*s: the segment from %zu to %zu lies not in its block, %zu to %zu", SP_STR_ARG(source->path), s->begin,
            s->end, block->begin, block->end);
        uint32_t path[8];
        size_t depth = sp_heading_path(source, s->block, path, SP_COUNT_OF(path));
        for (size_t h = 0; h < depth && h < SP_COUNT_OF(path); h++)
            INV(path[h] < source->block_count && (h == 0 || path[h] > path[h - 1]), "segment %zu has a bad heading", i);
    }
    return true;
}

/* Where the text of a source begins in the prompt, or its end when nothing of it is there. */
static inline size_t inv_text_begin(const sp_prompt *prompt, uint32_t source)
{
    for (size_t i = 0; i < prompt->segment_count; i++)
        if (prompt->segments[i].source == source)
            return prompt->segments[i].begin;
    return prompt->sources[source].bytes.len;
}

static inline bool inv_is_space(sp_str text)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t code = 0;
        size_t bad = 0;
        size_t length = sp_utf8_decode(text, at, &code, &bad);
        if (length == 0 || !sp_code_is_space(code))
            return false;
        at += length;
    }
    return true;
}

/* What a cut may hold by its rule: a comment is a comment, what is trimmed white space, and memory ends behind a line
 * or within its first. */
static inline bool inv_cut_slice(const sp_prompt *prompt, const sp_cut *cut, char *why)
{
    const sp_source *source = &prompt->sources[cut->source];
    size_t begin = inv_text_begin(prompt, cut->source);
    sp_str slice = sp_str_trim(sp_str_slice(source->bytes, cut->begin, cut->end));
    if (sp_str_ends(sp_rule_name(cut->rule), SP_STR(".comment")))
        INV(sp_str_starts(slice, SP_STR("<!--")) && sp_str_ends(slice, SP_STR("-->")),
            "%.*s: the comment from %zu to %zu is none", SP_STR_ARG(source->path), cut->begin, cut->end);
    if (cut->rule == SP_RULE_MEMORY_LINES || cut->rule == SP_RULE_MEMORY_BYTES)
        INV(source->bytes.ptr[cut->begin - 1] == '\n' || cut->begin <= begin ||
                !memchr(source->bytes.ptr + begin, '\n', cut->begin - begin),
            "%.*s: the memory is cut at %zu, within a line", SP_STR_ARG(source->path), cut->begin);
    if (cut->rule == SP_RULE_MEMORY_TRIM)
        INV(inv_is_space(sp_str_slice(source->bytes, cut->begin, cut->end)),
            "%.*s: from %zu to %zu is more than white space", SP_STR_ARG(source->path), cut->begin, cut->end);
    return true;
}

static inline bool inv_cuts(const sp_prompt *prompt, char *why)
{
    sp_err err;
    for (size_t i = 0; i < prompt->cut_count; i++) {
        const sp_cut *cut = &prompt->cuts[i];
        const sp_source *source = &prompt->sources[cut->source];
        INV(cut->rule && cut->why.len, "cut %zu of %.*s has no rule or no reason", i, SP_STR_ARG(source->path));
        /* the very file is loaded elsewhere: nothing of it is lost, and its size is known to be none */
        bool is_twin =
            cut->rule == SP_RULE_CHAIN_ONCE || cut->rule == SP_RULE_IMPORT_CYCLE || cut->rule == SP_RULE_SKILL_TWICE;
        INV(!is_twin || (cut->end == 0 && !source->was_read), "cut %zu of %.*s: a twin is read or has a size", i,
            SP_STR_ARG(source->path));
        INV(cut->tokens_known == (source->was_read || is_twin), "cut %zu of %.*s: tokens_known is %d", i,
            SP_STR_ARG(source->path), cut->tokens_known);
        if (source->was_read && !inv_cut_slice(prompt, cut, why))
            return false;
        size_t tokens = 0;
        if (cut->tokens_known && sp_count(prompt->encoding, sp_str_slice(source->bytes, cut->begin, cut->end),
                                          SP_SPECIAL_AS_TEXT, &tokens, &err) != SP_OK)
            return false;
        INV(cut->tokens == tokens, "cut %zu of %.*s has %zu tokens, not %zu", i, SP_STR_ARG(source->path), tokens,
            cut->tokens);
    }
    return true;
}

/* Whether the client removes a character of the memory before that offset, or sends another one in its place. It trims
 * first, so white space stays. */
static inline bool inv_is_cleaned_before(const sp_prompt *prompt, uint32_t source, size_t at)
{
    for (size_t i = 0; i < prompt->cut_count; i++) {
        const sp_cut *cut = &prompt->cuts[i];
        bool is_changed = cut->rule == SP_RULE_MEMORY_CLEANED || cut->rule == SP_RULE_TEXT_UTF8;
        if (cut->source == source && is_changed && cut->end <= at)
            return true;
    }
    return false;
}

/* Memory as it is sent has at most the profile's number of lines and UTF-16 units, white space after it apart, and no
 * white space before it. */
static inline bool inv_memory(const sp_prompt *prompt, char *why)
{
    size_t units = 0;
    size_t lines = 0;
    size_t text_units = 0; /* up to the last character that is not white space */
    size_t text_lines = 0;
    uint32_t source = SP_NONE;
    for (size_t i = 0; i < prompt->segment_count; i++) {
        const sp_segment *s = &prompt->segments[i];
        if (s->source == SP_NONE || prompt->sources[s->source].kind != SP_SOURCE_MEMORY)
            continue;
        if (s->source != source) /* an agent has its own memory and the session's */
            units = lines = text_units = text_lines = 0;
        source = s->source;
        for (size_t at = 0; at < s->text.len;) {
            uint32_t code = 0;
            size_t bad = 0;
            size_t length = sp_utf8_decode(s->text, at, &code, &bad);
            INV(length, "the memory is not UTF-8");
            INV(units || !sp_code_is_space(code) || inv_is_cleaned_before(prompt, s->source, s->begin),
                "the memory begins with white space");
            at += length;
            units += sp_utf16_units(code);
            lines += code == '\n';
            text_units = sp_code_is_space(code) ? text_units : units;
            text_lines = sp_code_is_space(code) ? text_lines : lines;
        }
        INV(text_units <= (size_t)sp_rule_value(prompt->profile, SP_RULE_MEMORY_BYTES) &&
                text_lines < (size_t)sp_rule_value(prompt->profile, SP_RULE_MEMORY_LINES),
            "there are %zu lines and %zu UTF-16 units of memory", text_lines + 1, text_units);
    }
    return true;
}

/* ---- the text and its tokens ---------------------------------------------------------------------------- */

static inline bool inv_message(const sp_prompt *prompt, const sp_message *message, char *why)
{
    size_t at = 0;
    size_t sum = 0;
    size_t counted = 0;
    sp_err err;
    for (size_t i = message->first_segment; i < message->first_segment + message->segment_count; i++) {
        sp_str text = prompt->segments[i].text;
        INV(message->text.len - at >= text.len && memcmp(message->text.ptr + at, text.ptr, text.len) == 0,
            "segment %zu is not the text at %zu", i, at);
        at += text.len;
        sum += prompt->segments[i].tokens;
    }
    INV(at == message->text.len, "the segments have %zu bytes, the message %zu", at, message->text.len);
    INV(sum == message->tokens, "the segments have %zu tokens, the message %zu", sum, message->tokens);
    INV(sp_count(prompt->encoding, message->text, SP_SPECIAL_AS_TEXT, &counted, &err) == SP_OK, "%s", err.message);
    INV(counted == message->tokens, "the text has %zu tokens, the message %zu", counted, message->tokens);
    INV(sp_utf8_find_invalid(message->text, 0) == SIZE_MAX, "the text is not UTF-8 at %zu",
        sp_utf8_find_invalid(message->text, 0));
    INV(sp_rule_holds(prompt->profile, SP_RULE_TEXT_NUL_SENT) || !memchr(message->text.ptr, '\0', message->text.len),
        "there is a NUL in the text");
    return true;
}

/* A token belongs to the segment that its first byte lies in. */
static inline bool inv_shares(const sp_prompt *prompt, const sp_message *message, char *why)
{
    if (!sp_encoding_is_exact(prompt->encoding)) /* has no tokens, only numbers of them */
        return true;
    uint32_t *ends;
    size_t count;
    size_t token = 0;
    size_t segment_end = 0;
    sp_err err;
    INV(sp_token_ends(prompt->encoding, message->text, SP_SPECIAL_AS_TEXT, &ends, &count, &err) == SP_OK, "%s",
        err.message);
    for (size_t i = message->first_segment; i < message->first_segment + message->segment_count; i++) {
        size_t first = token;
        segment_end += prompt->segments[i].text.len;
        while (token < count && (token == 0 ? 0 : ends[token - 1]) < segment_end)
            token++;
        if (token - first != prompt->segments[i].tokens) {
            free(ends);
            inv_say(why, "%zu tokens begin in segment %zu, not %zu", token - first, i, prompt->segments[i].tokens);
            return false;
        }
    }
    free(ends);
    return true;
}

static inline bool inv_messages(const sp_prompt *prompt, char *why)
{
    size_t segment = 0;
    size_t tokens = 0;
    for (size_t i = 0; i < prompt->message_count; i++) {
        const sp_message *message = &prompt->messages[i];
        INV(message->first_segment == segment && message->segment_count > 0, "message %zu begins at segment %zu", i,
            message->first_segment);
        if (!inv_message(prompt, message, why) || !inv_shares(prompt, message, why))
            return false;
        segment += message->segment_count;
        tokens += message->tokens;
    }
    INV(segment == prompt->segment_count, "%zu of %zu segments are in a message", segment, prompt->segment_count);
    INV(prompt->exact == sp_encoding_is_exact(prompt->encoding) && prompt->range.low <= tokens &&
            prompt->range.high >= tokens && (!prompt->exact || prompt->range.low == prompt->range.high),
        "%zu tokens are not within %zu and %zu", tokens, prompt->range.low, prompt->range.high);
    INV(tokens == prompt->tokens, "the messages have %zu tokens, the prompt %zu", tokens, prompt->tokens);
    return true;
}

static inline bool inv_sums(const sp_prompt *prompt, char *why)
{
    size_t sum = prompt->generated_tokens;
    size_t generated = 0;
    for (size_t i = 0; i < prompt->segment_count; i++)
        generated += prompt->segments[i].source == SP_NONE ? prompt->segments[i].tokens : 0;
    INV(generated == prompt->generated_tokens, "%zu tokens are our own, not %zu", generated, prompt->generated_tokens);
    for (uint32_t i = 0; i < prompt->source_count; i++)
        sum += prompt->sources[i].tokens;
    INV(sum == prompt->tokens, "the sources have %zu tokens with our own, the prompt %zu", sum, prompt->tokens);
    return true;
}

static inline bool inv_diagnostics(const sp_prompt *prompt, char *why)
{
    for (size_t i = 0; i < prompt->diagnostic_count; i++) {
        const sp_diagnostic *d = &prompt->diagnostics[i];
        INV(d->path.len && d->message.len && d->rule, "diagnostic %zu has no path, message or rule", i);
        INV((d->line == 0) == (d->column == 0), "diagnostic %zu is at %u:%u", i, d->line, d->column);
        INV(!memchr(d->source_line.ptr ? d->source_line.ptr : "", '\n', d->source_line.len),
            "diagnostic %zu shows two lines", i);
    }
    return true;
}

/* Whatever is left out or said names a rule that the profile has. */
static inline bool inv_rules(const sp_prompt *prompt, char *why)
{
    for (size_t i = 0; i < prompt->cut_count; i++)
        INV(sp_rule_holds(prompt->profile, prompt->cuts[i].rule), "%s has no rule %.*s for cut %zu",
            sp_profile_name(prompt->profile), SP_STR_ARG(sp_rule_name(prompt->cuts[i].rule)), i);
    for (size_t i = 0; i < prompt->diagnostic_count; i++)
        INV(sp_rule_holds(prompt->profile, prompt->diagnostics[i].rule), "%s has no rule %.*s for \"%.*s\"",
            sp_profile_name(prompt->profile), SP_STR_ARG(sp_rule_name(prompt->diagnostics[i].rule)),
            SP_STR_ARG(prompt->diagnostics[i].message));
    return true;
}

static inline bool inv_prompt(const sp_prompt *prompt, char *why)
{
    return inv_sources(prompt, why) && inv_bytes(prompt, why) && inv_segments(prompt, why) && inv_cuts(prompt, why) &&
           inv_memory(prompt, why) && inv_messages(prompt, why) && inv_sums(prompt, why) &&
           inv_diagnostics(prompt, why) && inv_rules(prompt, why);
}

/* ---- two prompts of one request -------------------------------------------------------------------------- */

/* A split prompt is the flat one, parted where a gap of line ends stands. */
static inline bool inv_layouts(const sp_prompt *flat, const sp_prompt *split, char *why)
{
    INV(flat->message_count <= 1 && split->message_count <= 2, "a layout has too many messages");
    sp_str whole = flat->message_count ? flat->messages[0].text : (sp_str){ "", 0 };
    sp_str first = split->message_count ? split->messages[0].text : (sp_str){ "", 0 };
    sp_str second = split->message_count == 2 ? split->messages[1].text : (sp_str){ "", 0 };
    INV(sp_str_starts(whole, first), "the flat text does not begin with the first message");
    INV(sp_str_ends(whole, second) && first.len + second.len <= whole.len, "nor end with the second one");
    for (size_t at = first.len; at < whole.len - second.len; at++)
        INV(whole.ptr[at] == '\n' && at < first.len + 2, "the flat text has more than a gap between the messages");
    INV(flat->cut_count == split->cut_count && flat->source_count == split->source_count,
        "the layouts have other cuts or sources");
    return true;
}

#endif
