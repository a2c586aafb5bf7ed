/*
 * charsmap.c - the table is four bytes, how long the trie is; the trie; and the replacements, one behind the other,
 * each up to a zero byte. All numbers are little-endian.
 *
 * The trie is a double array (Darts-clone's): units of 32 bits, in which bits 0 to 7 are the byte that leads to a unit,
 * bit 8 tells that a word ends there, and bits 10 to 30 (shifted by 8 where bit 9 is set), xor the unit's place, are
 * the place of what follows: the next byte, xor that, is the place of its unit, and where a word ends, the place itself
 * has its value, a unit with bit 31: where in the replacements its own begins.
 *
 * What is looked up is not what SentencePiece looks up, the longest word that the text goes on with, but what Hugging
 * Face's tokenizers 0.23 do: a whole grapheme cluster if it has fewer than 6 bytes, else, and if there is nothing, each
 * of its characters; and of these the shortest word that they begin with, which then stands for all of it. So U+FB01
 * with an accent behind it loses the accent.
 */
#include "tokenizer/files/charsmap.h"

#include "base/base64.h"
#include "base/numbers.h"
#include "base/types.h"
#include "tokenizer/files/chars.h"

#include <utf8proc.h>

enum {
    BLOCK = 256,       /* units that one unit can lead to */
    CLUSTER_BYTES = 5, /* of one that is looked up as a whole */
    UNIT_BYTES = 4,
};

#define VALUE_BIT ((uint32_t)1 << 31)

struct sp_charsmap {
    uint32_t *units; /* whole blocks */
    size_t count;
    sp_str replacements; /* UTF-8; a zero byte stands behind it */
};

/* ---- the trie ------------------------------------------------------------------------------------------------ */

static size_t offset_of(uint32_t unit)
{
    return (size_t)(unit >> 10) << ((unit >> 9 & 1) * 8);
}

static bool ends_word(uint32_t unit)
{
    return unit >> 8 & 1;
}

/* The shortest word that text begins with. */
static bool find(const sp_charsmap *map, sp_str text, sp_str *ret)
{
    size_t place = offset_of(map->units[0]);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = (uint8_t)text.ptr[i];
        place ^= byte;
        uint32_t unit = map->units[place];
        if (byte == 0 || (unit & (VALUE_BIT | 0xFF)) != byte)
            return false;
        place ^= offset_of(unit);
        if (ends_word(unit)) {
            *ret = sp_str_of(map->replacements.ptr + (map->units[place] & ~VALUE_BIT));
            return true;
        }
    }
    return false;
}

/* ---- reading -------------------------------------------------------------------------------------------------- */

/* Every unit leads to places that are there, so that find() need not ask. */
static bool is_sound(const sp_charsmap *map)
{
    for (size_t i = 0; i < map->count; i++) {
        uint32_t unit = map->units[i];
        size_t next = i ^ offset_of(unit);
        if (unit & VALUE_BIT && i > 0)
            continue;
        if ((next | (BLOCK - 1)) >= map->count)
            return false;
        if (!ends_word(unit) || i == 0)
            continue;
        size_t value = map->units[next] & ~VALUE_BIT;
        if (value > map->replacements.len ||
            (value < map->replacements.len && !sp_utf8_begins(map->replacements.ptr[value])))
            return false;
    }
    return true;
}

static uint32_t number_at(const char *bytes)
{
    const uint8_t *b = (const uint8_t *)bytes;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static sp_status fill(sp_arena *arena, sp_str bytes, sp_charsmap *map, sp_err *err)
{
    size_t trie_bytes = bytes.len >= UNIT_BYTES ? number_at(bytes.ptr) : 0, count = trie_bytes / UNIT_BYTES;
    if (count == 0 || trie_bytes % UNIT_BYTES != 0 || trie_bytes > bytes.len - UNIT_BYTES)
        return sp_err_set(
            err, SP_ERR_INPUT,
            "is no table of characters: it is %s bytes, and 4 that say how long its trie is, the trie and "
            "what characters become are expected",
            SP_NUMBER(bytes.len));
    map->replacements = sp_str_slice(bytes, UNIT_BYTES + trie_bytes, bytes.len);
    map->count = (count + BLOCK - 1) / BLOCK * BLOCK;
    map->units = SP_ARENA_ARRAY(arena, uint32_t, map->count);
    if (!map->units)
        return sp_err_memory(err);
    for (size_t i = 0; i < map->count; i++)
        map->units[i] = i < count ? number_at(bytes.ptr + UNIT_BYTES * (i + 1)) : VALUE_BIT;
    if (sp_utf8_find_invalid(map->replacements, 0) != SIZE_MAX)
        return sp_err_set(err, SP_ERR_INPUT, "is no table of characters: its replacements are not UTF-8");
    if (!is_sound(map))
        return sp_err_set(err, SP_ERR_INPUT, "is no table of characters: its trie leads to places that it has not");
    return SP_OK;
}

sp_status sp_charsmap_read(sp_arena *arena, sp_str base64, sp_charsmap **ret, sp_err *err)
{
    sp_charsmap *map = SP_ARENA_NEW(arena, sp_charsmap);
    char *bytes = sp_arena_alloc(arena, base64.len / 4 + 1, 3);
    size_t at = 0;
    bool is_whole;
    if (!map || !bytes)
        return sp_err_memory(err);
    size_t len = sp_base64_decode(base64, &at, bytes, &is_whole);
    if (!is_whole || at < base64.len)
        return sp_err_set(err, SP_ERR_INPUT, "is not base64 from its character %s on", SP_NUMBER(at + 1));
    bytes[len] = '\0';
    SP_TRY(fill(arena, (sp_str){ bytes, len }, map, err));
    *ret = map;
    return SP_OK;
}

bool sp_charsmap_keeps_words(const sp_charsmap *map)
{
    sp_str with;
    for (unsigned code = '0'; code <= 'z'; code++) {
        char c = (char)code;
        bool is_word = c <= '9' || (c >= 'A' && c <= 'Z') || c >= 'a';
        if (is_word && find(map, (sp_str){ &c, 1 }, &with))
            return false;
    }
    size_t blank = offset_of(map->units[0]) ^ (size_t)' ';
    return (map->units[blank] & (VALUE_BIT | 0xFF)) != ' ';
}

/* ---- a text ------------------------------------------------------------------------------------------------------ */

/* Where the grapheme cluster ends that begins at at. */
static size_t cluster_end(sp_str text, size_t at)
{
    uint32_t code, next;
    utf8proc_int32_t state = 0;
    bool is_plain = (unsigned char)text.ptr[at] < 0x80 && text.ptr[at] != '\r';
    if (is_plain && (at + 1 == text.len || (unsigned char)text.ptr[at + 1] < 0x80))
        return at + 1;
    at += sp_char_at(text, at, &code);
    while (at < text.len) {
        size_t len = sp_char_at(text, at, &next);
        if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)code, (utf8proc_int32_t)next, &state))
            break;
        code = next;
        at += len;
    }
    return at;
}

/* Takes it from one place of the text to the next; kept is where what is not put out yet begins. */
static bool replace(const sp_charsmap *map, sp_view from, size_t begin, size_t end, size_t *kept, sp_flow *out)
{
    sp_str with;
    if (!find(map, sp_str_slice(from.text, begin, end), &with))
        return false;
    sp_flow_copy(out, from, *kept, begin);
    sp_flow_put(out, with, from, begin, end);
    *kept = end;
    return true;
}

void sp_charsmap_apply(const sp_charsmap *map, sp_view from, sp_flow *out)
{
    size_t kept = 0;
    for (size_t at = 0, end; at < from.text.len; at = end) {
        end = cluster_end(from.text, at);
        if (end - at <= CLUSTER_BYTES && replace(map, from, at, end, &kept, out))
            continue;
        for (size_t len; at < end; at += len) {
            uint32_t code;
            len = sp_char_at(from.text, at, &code);
            (void)replace(map, from, at, at + len, &kept, out);
        }
    }
    sp_flow_copy(out, from, kept, from.text.len);
}
