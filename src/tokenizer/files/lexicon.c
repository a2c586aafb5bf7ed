/* lexicon.c - two hash tables, each at most half full, with what collides in the next free place. */
#include "tokenizer/files/lexicon.h"
#include "base/types.h"

#include <stdlib.h>

void sp_lexicon_release(sp_lexicon *l)
{
    if (!l->is_borrowed) {
        free(l->ids);
        free(l->ends);
        free(l->spellings);
        free(l->slots);
        free(l->pairs);
    }
    *l = (sp_lexicon){ 0 };
}

/* The power of two that leaves half of the places free. */
static uint32_t places_for(size_t count)
{
    uint32_t places = 16;
    while (places < 2 * count)
        places *= 2;
    return places;
}

bool sp_lexicon_reserve(sp_lexicon *l, size_t count, size_t bytes)
{
    l->slot_count = places_for(count);
    l->ids = malloc((count + 1) * sizeof *l->ids);
    l->ends = malloc((count + 1) * sizeof *l->ends);
    l->spellings = malloc(bytes + 1);
    l->slots = malloc(l->slot_count * sizeof *l->slots);
    if (!l->ids || !l->ends || !l->spellings || !l->slots)
        return false;
    memset(l->slots, 0xFF, l->slot_count * sizeof *l->slots);
    memset(l->bytes, 0xFF, sizeof l->bytes);
    return true;
}

void sp_lexicon_add(sp_lexicon *l, uint32_t id, sp_str spelling)
{
    uint32_t begin = l->count > 0 ? l->ends[l->count - 1] : 0;
    if (spelling.len > 0)
        memcpy(l->spellings + begin, spelling.ptr, spelling.len);
    l->ids[l->count] = id;
    l->ends[l->count++] = begin + (uint32_t)spelling.len;
}

static uint64_t mix(uint64_t mixed, uint64_t word)
{
    mixed = (mixed ^ word) * 0x9E3779B97F4A7C15u;
    return mixed ^ mixed >> 32;
}

/* Of up to eight bytes. */
static uint64_t word_at(const char *bytes, size_t len)
{
    uint64_t word = 0;
    memcpy(&word, bytes, len < sizeof word ? len : sizeof word);
    return word;
}

/* mixed is of the whole words of a spelling of that length; what is behind them follows. */
static uint32_t slot_of(const sp_lexicon *l, uint64_t mixed, sp_str spelling)
{
    size_t rest = spelling.len % sizeof(uint64_t);
    if (rest > 0)
        mixed = mix(mixed, word_at(spelling.ptr + spelling.len - rest, rest));
    mixed = mix(mixed, spelling.len);
    return (uint32_t)(mixed * 0xC2B2AE3D27D4EB4Fu >> 32) & (l->slot_count - 1);
}

/* The place where that spelling is, or would be. */
static uint32_t find_slot(const sp_lexicon *l, uint64_t mixed, sp_str spelling)
{
    uint32_t slot = slot_of(l, mixed, spelling);
    while (l->slots[slot] != SP_LEXICON_NONE && !sp_str_eq(sp_lexicon_spelling(l, l->slots[slot]), spelling))
        slot = (slot + 1) & (l->slot_count - 1);
    return slot;
}

static uint64_t mix_words(sp_str spelling)
{
    uint64_t mixed = 0;
    for (size_t at = 0; spelling.len - at >= sizeof mixed; at += sizeof mixed)
        mixed = mix(mixed, word_at(spelling.ptr + at, sizeof mixed));
    return mixed;
}

uint32_t sp_lexicon_index(sp_lexicon *l, uint32_t token)
{
    sp_str spelling = sp_lexicon_spelling(l, token);
    uint32_t slot = find_slot(l, mix_words(spelling), spelling), known = l->slots[slot];
    if (known == SP_LEXICON_NONE)
        l->slots[slot] = token;
    if (spelling.len > l->longest)
        l->longest = (uint32_t)spelling.len;
    return known;
}

uint32_t sp_lexicon_find(const sp_lexicon *l, sp_str spelling)
{
    if (spelling.len > l->longest)
        return SP_LEXICON_NONE;
    return l->slots[find_slot(l, mix_words(spelling), spelling)];
}

uint32_t sp_lexicon_find_prefix(const sp_lexicon *l, sp_lexicon_prefixes *p, size_t len)
{
    size_t words = len / sizeof(uint64_t);
    for (; p->words < words; p->words++) {
        uint64_t before = p->words > 0 ? p->mixed[p->words - 1] : 0;
        p->mixed[p->words] = mix(before, word_at(p->text + p->words * sizeof before, sizeof before));
    }
    if (len > l->longest)
        return SP_LEXICON_NONE;
    return l->slots[find_slot(l, words > 0 ? p->mixed[words - 1] : 0, (sp_str){ p->text, len })];
}

uint32_t sp_lexicon_find_id(const sp_lexicon *l, uint32_t id)
{
    uint32_t low = 0, high = l->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (l->ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->count && l->ids[low] == id ? low : SP_LEXICON_NONE;
}

bool sp_lexicon_reserve_pairs(sp_lexicon *l, size_t count)
{
    l->pair_count = places_for(count);
    l->pairs = malloc(l->pair_count * sizeof *l->pairs);
    if (l->pairs)
        memset(l->pairs, 0xFF, l->pair_count * sizeof *l->pairs);
    return l->pairs;
}

void sp_lexicon_add_pair(sp_lexicon *l, sp_lexicon_pair pair)
{
    uint32_t place = sp_lexicon_pair_place(l, pair.left, pair.right);
    while (l->pairs[place].left != SP_LEXICON_NONE &&
           (l->pairs[place].left != pair.left || l->pairs[place].right != pair.right))
        place = (place + 1) & (l->pair_count - 1);
    l->pairs[place] = pair;
}
