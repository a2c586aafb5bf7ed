/*
 * ctok_read.c - a ctok data file: JSON with "meta", what family it is, and "tokens", groups of pieces.
 *
 * A group is a list of pieces or an object whose keys they are. In a piece the marks are written in brackets
 * (⟨bow⟩ ⟨eow⟩ ⟨shift⟩ ⟨caps⟩), and ⟨0xE2⟩ is a byte of a character. Two groups are something else: "bytes_fallback"
 * has beginnings of characters in hexadecimal, and "contractions" pieces that end a word without saying so.
 */
#include "base/parse_json.h"
#include "base/types.h"
#include "tokenizer/files/ctok.h"

#include <stdio.h>

enum {
    HEAD_BYTES = 4096,
};

bool sp_is_ctok(sp_str bytes)
{
    sp_str head = sp_str_slice(bytes, 0, bytes.len < HEAD_BYTES ? bytes.len : HEAD_BYTES);
    return sp_str_starts(sp_str_trim(head), SP_STR("{")) &&
           sp_str_find(head, SP_STR("\"message_overhead\""), 0) != SIZE_MAX;
}

typedef struct reader {
    const sp_vocab_file *file;
    sp_ctok_vocabulary *made;
    sp_arena *arena; /* until the file is read */
    sp_err *err;
    uint32_t symbols[SP_CTOK_MAX_PIECE];
    size_t count;
} reader;

static sp_status fail(reader *r, size_t at, const char *format, ...) SP_PRINTF(3, 4);
static sp_status fail(reader *r, size_t at, const char *format, ...)
{
    char message[sizeof r->err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return sp_err_at(r->err, SP_ERR_INPUT, r->file->path, r->file->bytes, at, "tokenizer.ctok", "%s", message);
}

static sp_status walk_failed(reader *r, const sp_json_walk *walk)
{
    if (walk->failed)
        return sp_err_memory(r->err);
    return walk->problem.what ? fail(r, walk->problem.offset, "this is not JSON: %s", walk->problem.what) : SP_OK;
}

/* ---- pieces ------------------------------------------------------------------------------------------------- */

static sp_status add_symbol(reader *r, uint32_t symbol, size_t at)
{
    if (r->count == SP_CTOK_MAX_PIECE)
        return fail(r, at, "this piece has more than %d characters and marks", SP_CTOK_MAX_PIECE);
    r->symbols[r->count++] = symbol;
    return SP_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* The byte of "0xE2", or -1. */
static int byte_of(sp_str name)
{
    if (name.len != 4 || name.ptr[0] != '0' || name.ptr[1] != 'x' || hex_digit(name.ptr[2]) < 0)
        return -1;
    return hex_digit(name.ptr[3]) < 0 ? -1 : hex_digit(name.ptr[2]) * 16 + hex_digit(name.ptr[3]);
}

static uint32_t mark_of(sp_str name)
{
    static const struct {
        const char *name;
        uint32_t symbol;
    } marks[] = {
        { "bow", SP_CTOK_BEGIN }, { "eow", SP_CTOK_END }, { "shift", SP_CTOK_SHIFT }, { "caps", SP_CTOK_CAPS }
    };
    for (size_t i = 0; i < SP_COUNT_OF(marks); i++)
        if (sp_str_eq(name, sp_str_of(marks[i].name)))
            return marks[i].symbol;
    return 0;
}

/* Bytes of a character that are written one by one. */
typedef struct spelled {
    char bytes[4];
    size_t len;
} spelled;

static sp_status take_byte(reader *r, spelled *s, int byte, size_t at)
{
    uint32_t code;
    size_t bad;
    s->bytes[s->len++] = (char)byte;
    size_t len = sp_utf8_decode((sp_str){ s->bytes, s->len }, 0, &code, &bad);
    if (len == 0 && s->len == sizeof s->bytes)
        return fail(r, at, "these bytes are no character");
    if (len == 0)
        return SP_OK;
    s->len = 0;
    return add_symbol(r, code, at);
}

/* What stands between brackets, from text[from] on; *ret_end is behind it. */
static sp_status take_bracket(reader *r, sp_str text, size_t from, size_t at, spelled *s, size_t *ret_end)
{
    sp_str closing = SP_STR("\xE2\x9F\xA9");
    size_t end = sp_str_find(text, closing, from);
    if (end == SIZE_MAX)
        return fail(r, at, "this piece has a bracket that nothing closes");
    sp_str name = sp_str_slice(text, from, end);
    *ret_end = end + closing.len;
    if (byte_of(name) >= 0)
        return take_byte(r, s, byte_of(name), at);
    if (mark_of(name) && s->len == 0)
        return add_symbol(r, mark_of(name), at);
    return fail(r, at, "this piece has a mark that is not known: bow, eow, shift, caps and bytes such as 0xE2 are");
}

static sp_status take_symbols(reader *r, sp_str text, size_t at)
{
    sp_str opening = SP_STR("\xE2\x9F\xA8");
    spelled s = { .len = 0 };
    r->count = 0;
    for (size_t i = 0; i < text.len;) {
        uint32_t code;
        size_t bad;
        if (text.ptr[i] == opening.ptr[0] && sp_str_starts(sp_str_slice(text, i, text.len), opening)) {
            SP_TRY(take_bracket(r, text, i + opening.len, at, &s, &i));
            continue;
        }
        size_t len = sp_utf8_decode(text, i, &code, &bad);
        if (len == 0 || s.len > 0)
            return fail(r, at, "these bytes are no character");
        SP_TRY(add_symbol(r, code, at));
        i += len;
    }
    return s.len > 0 ? fail(r, at, "these bytes are no character") : SP_OK;
}

static bool is_case_mark(uint32_t symbol)
{
    return symbol == SP_CTOK_SHIFT || symbol == SP_CTOK_CAPS;
}

static bool is_blank(uint32_t symbol)
{
    return symbol == '\n' || symbol == ' ' || symbol == '\t';
}

static void note_joins(reader *r)
{
    for (size_t i = 1; i < r->count; i++) {
        bool begins =
            is_case_mark(r->symbols[i]) || (r->symbols[i] == SP_CTOK_BEGIN && !is_case_mark(r->symbols[i - 1]));
        r->made->joins_words = r->made->joins_words || begins;
        r->made->joins_lines = r->made->joins_lines || (r->symbols[i] == '\n' && !is_blank(r->symbols[i - 1]));
    }
}

static sp_status add(reader *r, uint32_t root, size_t at)
{
    switch (sp_ctok_add(&r->made->tree, root, r->symbols, r->count)) {
    case SP_CTOK_ADDED:
        return SP_OK;
    case SP_CTOK_TOO_MANY:
        return fail(r, at, "there are more pieces than the 4,194,304, with 134,217,728 characters, that are read");
    case SP_CTOK_NO_MEMORY:
        break;
    }
    return sp_err_memory(r->err);
}

/* From its last symbol to the first. */
static sp_status add_piece(reader *r, size_t at)
{
    note_joins(r);
    for (size_t i = 0, j = r->count - 1; i < j; i++, j--) {
        uint32_t symbol = r->symbols[i];
        r->symbols[i] = r->symbols[j];
        r->symbols[j] = symbol;
    }
    return add(r, SP_CTOK_PIECES, at);
}

/* ---- groups ------------------------------------------------------------------------------------------------- */

typedef sp_status group_reader(reader *r, sp_str text, size_t at);

static sp_status read_piece(reader *r, sp_str text, size_t at)
{
    SP_TRY(take_symbols(r, text, at));
    return r->count ? add_piece(r, at) : fail(r, at, "a piece is an empty text");
}

static sp_status read_contraction(reader *r, sp_str text, size_t at)
{
    SP_TRY(take_symbols(r, text, at));
    SP_TRY(add_symbol(r, SP_CTOK_END, at));
    return add_piece(r, at);
}

static sp_status read_bytes(reader *r, sp_str text, size_t at)
{
    bool is_fine = text.len >= 2 && text.len <= 8 && text.len % 2 == 0;
    r->count = 0;
    for (size_t i = 0; is_fine && i < text.len; i += 2) {
        is_fine = hex_digit(text.ptr[i]) >= 0 && hex_digit(text.ptr[i + 1]) >= 0;
        if (is_fine)
            r->symbols[r->count++] =
                SP_CTOK_SYMBOLS + (uint32_t)(hex_digit(text.ptr[i]) * 16 + hex_digit(text.ptr[i + 1]));
    }
    if (!is_fine)
        return fail(r, at,
                    "the beginning of a character is expected here: one to four bytes in hexadecimal, as in e0a4");
    return add(r, SP_CTOK_BYTES, at);
}

static group_reader *reader_of(sp_str group)
{
    if (sp_str_eq(group, SP_STR("bytes_fallback")))
        return read_bytes;
    return sp_str_eq(group, SP_STR("contractions")) ? read_contraction : read_piece;
}

static sp_status read_group(reader *r, const sp_json_node *group)
{
    group_reader *read = reader_of(group->key);
    sp_json_walk walk;
    sp_json_node item = { 0 };
    bool is_list = group->kind == SP_JSON_ARRAY;
    if (!is_list && group->kind != SP_JSON_OBJECT)
        return fail(r, group->offset, "a group of pieces is a list, or an object with pieces as its keys, not %s",
                    sp_json_kind_name(group->kind));
    sp_json_walk_init(&walk, r->arena, r->file->bytes, group->offset);
    while (sp_json_walk_next(&walk, &item)) {
        if (is_list && item.kind != SP_JSON_TEXT)
            return fail(r, item.offset, "a piece is a text, not %s", sp_json_kind_name(item.kind));
        SP_TRY(read(r, is_list ? item.text : item.key, is_list ? item.offset : item.key_offset));
    }
    return walk_failed(r, &walk);
}

/* ---- meta ---------------------------------------------------------------------------------------------------- */

/* A whole number, or 0 for null and for what is not there. */
static sp_status read_number(reader *r, const sp_json_node *node, const char *key, uint32_t max, uint32_t *ret)
{
    uint32_t number = 0;
    bool is_fine = node->kind == SP_JSON_NUMBER;
    *ret = 0;
    if (node->kind == SP_JSON_NULL)
        return SP_OK;
    for (size_t i = 0; is_fine && i < node->text.len; i++) {
        is_fine = node->text.ptr[i] >= '0' && node->text.ptr[i] <= '9';
        number = is_fine ? number * 10 + (uint32_t)(node->text.ptr[i] - '0') : 0;
        is_fine = is_fine && number <= max;
    }
    *ret = number;
    return is_fine ? SP_OK : fail(r, node->offset, "%s is a number up to %u, or null", key, max);
}

/* The request around the text: that of the family, or the one that the user says. */
static sp_status choose_frame(reader *r, bool is_v3)
{
    sp_str frame = r->file->pattern;
    bool is_47 = frame.ptr && sp_str_eq(frame, SP_STR("claude-4.7"));
    bool is_48 = frame.ptr && sp_str_eq(frame, SP_STR("claude-4.8"));
    if (frame.ptr && (is_v3 || !(is_47 || is_48 || sp_str_eq(frame, SP_STR("claude-5")))))
        return sp_err_at(
            r->err, SP_ERR_USAGE, r->file->path, (sp_str){ NULL, 0 }, 0, NULL,
            is_v3 ? "is for Claude 3 to 4.6, whose requests are all alike: leave --pattern out"
                  : "takes --pattern=claude-4.7 for Opus 4.7, claude-5 for Opus 5, or claude-4.8 for others");
    r->made->rules.frame_begins_word = is_v3 || is_47;
    r->made->rules.drops_end_spaces = !is_v3 && !is_47;
    r->made->rules.end_may_count = is_48;
    return SP_OK;
}

static sp_status find_members(reader *r, size_t offset, const sp_json_wanted *wanted, size_t count)
{
    sp_json_walk walk;
    sp_json_walk_init(&walk, r->arena, r->file->bytes, offset);
    sp_json_walk_members(&walk, wanted, count);
    return walk_failed(r, &walk);
}

static sp_status read_meta(reader *r, size_t offset)
{
    sp_json_node family = { 0 }, quotes = { 0 }, capitals = { 0 }, digits = { 0 };
    const sp_json_wanted wanted[] = {
        { "family", &family }, { "fold_quotes", &quotes }, { "allcaps_min", &capitals }, { "digit_group", &digits }
    };
    sp_ctok_rules *rules = &r->made->rules;
    SP_TRY(find_members(r, offset, wanted, SP_COUNT_OF(wanted)));
    bool is_v3 = sp_str_eq(family.text, SP_STR("v3"));
    if (!is_v3 && !sp_str_eq(family.text, SP_STR("v4.7")))
        return fail(r, family.offset, "meta.family has to be v3 or v4.7: how others write texts is not known");
    if (quotes.text.ptr && quotes.kind != SP_JSON_BOOL)
        return fail(r, quotes.offset, "fold_quotes is true or false");
    rules->folds_quotes = quotes.text.ptr ? quotes.is_true : is_v3;
    SP_TRY(read_number(r, &capitals, "allcaps_min", SP_CTOK_MAX_PIECE, &rules->caps_min));
    SP_TRY(read_number(r, &digits, "digit_group", 9, &rules->digits_of_a_token));
    return choose_frame(r, is_v3);
}

static sp_status read_root(reader *r, size_t offset)
{
    sp_json_node meta = { 0 }, tokens = { 0 }, group = { 0 };
    const sp_json_wanted wanted[] = { { "meta", &meta }, { "tokens", &tokens } };
    sp_json_walk walk;
    SP_TRY(find_members(r, offset, wanted, SP_COUNT_OF(wanted)));
    SP_TRY(read_meta(r, meta.kind == SP_JSON_OBJECT ? meta.offset : offset));
    if (tokens.kind != SP_JSON_OBJECT)
        return fail(r, tokens.text.ptr ? tokens.offset : offset, "tokens has to be an object: groups of pieces");
    sp_json_walk_init(&walk, r->arena, r->file->bytes, tokens.offset);
    while (sp_json_walk_next(&walk, &group))
        SP_TRY(read_group(r, &group));
    return walk_failed(r, &walk);
}

sp_status sp_ctok_read(const sp_vocab_file *file, sp_ctok_vocabulary *ret, sp_err *err)
{
    sp_arena arena = { 0 };
    reader r = { .file = file, .made = ret, .arena = &arena, .err = err };
    size_t begin = sp_str_find(file->bytes, SP_STR("{"), 0);
    sp_status status = read_root(&r, begin == SIZE_MAX ? file->bytes.len : begin);
    if (status == SP_OK && !sp_ctok_tree_make(&ret->tree))
        status = sp_err_memory(err);
    sp_arena_release(&arena);
    return status;
}
