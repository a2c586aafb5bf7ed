/*
 * similar.c - sections and blocks that nearly stand there already.
 *
 * A text is taken as the set of its shingles: every SHINGLE_WORDS words that follow one another, case and punctuation
 * apart. Two texts are as similar as the share of their shingles that both have. Which ones to compare is told by the
 * smallest of their shingles' hashes: of two similar sets some of these are very likely the same (Broder's sketches),
 * so that nothing is compared with everything. Hashes are fixed, and so is the result.
 *
 * Sections come first, all that is right under a heading and the heading, then single blocks of what is left.
 */
#include "base/types.h"
#include "explain/duplicates/duplicates.h"
#include "rules/profile.h"

#include <stdlib.h>

enum {
    SHINGLE_WORDS = 3,
    SKETCH = 8,             /* hashes that a text is looked up by */
    MAX_HOLDERS = 16,       /* texts with the same hash that are compared, the first ones */
    FIRST_SOLE_WORD = 0xE00 /* scripts from here on mostly write no blanks: each character is a word */
};

typedef struct unit {
    uint32_t first; /* piece */
    uint32_t count;
    const uint64_t *hashes; /* of its shingles, sorted, each once */
    size_t hash_count;
} unit;

/* A text that has a hash in its sketch. */
typedef struct holder {
    uint64_t hash;
    uint32_t unit;
} holder;

typedef struct finder {
    sp_arena *arena;  /* of what is found */
    sp_arena scratch; /* of one search */
    const sp_piece *pieces;
    uint32_t count;
    size_t min_weight;
    unsigned min_percent;
    size_t most_words; /* of a unit; a longer one is compared with none: 8 bytes a word, and only copies are sure */
    bool *is_taken;    /* of each piece: some match has it as a copy */
    sp_list(unit) units;
    sp_list(uint64_t) words; /* of the unit that is made now */
    sp_list(holder) holders;
    sp_repeats *ret;
} finder;

/* ---- shingles -------------------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
    return hash ^ (hash >> 29);
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The word at *at, or 0 for none; *at is behind it then. */
static uint64_t next_word(sp_str text, size_t *at)
{
    uint64_t hash = 0;
    while (*at < text.len) {
        char c = text.ptr[*at];
        uint32_t code = (uint32_t)c;
        size_t bad = 1, length = 1;
        if ((unsigned char)c >= 0x80)
            length = sp_utf8_decode(text, *at, &code, &bad);
        bool is_sole = (unsigned char)c >= 0x80 && (length == 0 || code >= FIRST_SOLE_WORD);
        bool is_word = is_word_byte(c) || ((unsigned char)c >= 0x80 && !is_sole);
        if (hash != 0 && !is_word)
            return hash;
        *at += length ? length : bad;
        if (is_sole)
            return mix(1, code) | 1;
        if (is_word)
            hash = mix(hash + 1, c >= 'A' && c <= 'Z' ? (uint32_t)c + 32 : code) | 1;
    }
    return hash;
}

static bool add_words(finder *f, sp_str text)
{
    uint64_t word;
    for (size_t at = 0; f->words.count <= f->most_words && (word = next_word(text, &at)) != 0;) {
        uint64_t *added = SP_LIST_PUSH(&f->scratch, &f->words);
        if (!added)
            return false;
        *added = word;
    }
    return true;
}

static int compare_hashes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static sp_status make_shingles(finder *f, unit *u, sp_err *err)
{
    bool done = true;
    f->words.count = 0;
    for (uint32_t i = 0; i < u->count && done; i++)
        done = add_words(f, f->pieces[u->first + i].text);
    bool is_fit = f->words.count >= SHINGLE_WORDS && f->words.count <= f->most_words;
    size_t count = is_fit ? f->words.count - SHINGLE_WORDS + 1 : 0;
    uint64_t *hashes = done ? SP_ARENA_ARRAY(&f->scratch, uint64_t, count + 1) : NULL;
    if (!hashes)
        return sp_err_memory(err);
    for (size_t i = 0; i < count; i++)
        for (size_t word = 0; word < SHINGLE_WORDS; word++)
            hashes[i] = mix(hashes[i], f->words.items[i + word]);
    qsort(hashes, count, sizeof *hashes, compare_hashes);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || hashes[i] != hashes[i - 1])
            hashes[u->hash_count++] = hashes[i];
    u->hashes = hashes;
    return SP_OK;
}

/* The share of the shingles of both that each of them has. */
static unsigned compare(const unit *a, const unit *b)
{
    size_t both = 0;
    for (size_t i = 0, j = 0; i < a->hash_count && j < b->hash_count;) {
        uint64_t x = a->hashes[i];
        uint64_t y = b->hashes[j];
        both += x == y;
        i += x <= y;
        j += y <= x;
    }
    size_t either = a->hash_count + b->hash_count - both;
    return either ? (unsigned)(both * 100 / either) : 0;
}

/* ---- which to compare ------------------------------------------------------------------------------------ */

static int compare_holders(const void *a, const void *b)
{
    const holder *x = a;
    const holder *y = b;
    int order = (x->hash > y->hash) - (x->hash < y->hash);
    return order ? order : (x->unit > y->unit) - (x->unit < y->unit);
}

static sp_status make_holders(finder *f, sp_err *err)
{
    for (uint32_t i = 0; i < f->units.count; i++) {
        const unit *u = &f->units.items[i];
        for (size_t h = 0; h < u->hash_count && h < SKETCH; h++) {
            holder *added = SP_LIST_PUSH(&f->scratch, &f->holders);
            if (!added)
                return sp_err_memory(err);
            *added = (holder){ u->hashes[h], i };
        }
    }
    if (f->holders.count)
        qsort(f->holders.items, f->holders.count, sizeof *f->holders.items, compare_holders);
    return SP_OK;
}

/* The first holder with that hash, or the number of all where there is none. */
static size_t find_holder(const finder *f, uint64_t hash)
{
    size_t low = 0;
    size_t high = f->holders.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->holders.items[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_free(const finder *f, const unit *u)
{
    for (uint32_t i = 0; i < u->count; i++)
        if (f->is_taken[u->first + i])
            return false;
    return true;
}

/* The earlier unit that is most like it, the first of several; never one that is to go itself. */
static uint32_t find_twin(const finder *f, uint32_t index, unsigned *ret_percent)
{
    const unit *u = &f->units.items[index];
    uint32_t best = SP_NONE;
    *ret_percent = f->min_percent;
    for (size_t h = 0; h < u->hash_count && h < SKETCH; h++) {
        size_t at = find_holder(f, u->hashes[h]);
        for (size_t stop = at + MAX_HOLDERS; at < stop && at < f->holders.count; at++) {
            const holder *held = &f->holders.items[at];
            if (held->hash != u->hashes[h] || held->unit >= index)
                break;
            if (!is_free(f, &f->units.items[held->unit]))
                continue;
            unsigned percent = compare(&f->units.items[held->unit], u);
            if (percent > *ret_percent || (percent == *ret_percent && held->unit < best)) {
                *ret_percent = percent;
                best = held->unit;
            }
        }
    }
    return best;
}

/* ---- units ----------------------------------------------------------------------------------------------- */

static uint32_t section_at(const finder *f, uint32_t first)
{
    uint32_t count = 1;
    const sp_piece *p = f->pieces + first;
    while (first + count < f->count && p[count].heading == p->heading && sp_piece_follows(&p[count - 1], &p[count]))
        count++;
    return count;
}

static uint32_t block_at(const finder *f, uint32_t first)
{
    (void)f;
    (void)first;
    return 1;
}

typedef uint32_t unit_at(const finder *f, uint32_t first);

static sp_status make_units(finder *f, unit_at *measure, sp_err *err)
{
    for (uint32_t first = 0, count; first < f->count; first += count) {
        size_t weight = 0;
        count = measure(f, first);
        for (uint32_t i = 0; i < count; i++)
            weight += f->pieces[first + i].weight;
        if (weight < f->min_weight || f->pieces[first].source == SP_NONE)
            continue;
        unit *u = SP_LIST_PUSH(&f->scratch, &f->units);
        if (!u)
            return sp_err_memory(err);
        *u = (unit){ .first = first, .count = count };
        SP_TRY(make_shingles(f, u, err));
        f->ret->uncompared_count += measure == section_at && f->words.count > f->most_words;
    }
    return SP_OK;
}

static void take(finder *f, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        f->is_taken[first + i] = true;
}

static sp_status search(finder *f, unit_at *measure, sp_err *err)
{
    SP_TRY(make_units(f, measure, err));
    SP_TRY(make_holders(f, err));
    for (uint32_t i = 0; i < f->units.count; i++) {
        unsigned percent;
        const unit *u = &f->units.items[i];
        uint32_t twin = is_free(f, u) ? find_twin(f, i, &percent) : SP_NONE;
        if (twin == SP_NONE)
            continue;
        const unit *first = &f->units.items[twin];
        sp_repeat *match = SP_LIST_PUSH(f->arena, &f->ret->list);
        if (!match)
            return sp_err_memory(err);
        *match = (sp_repeat){ first->first, u->first, first->count, u->count, percent < 100 ? percent : 99 };
        take(f, u->first, u->count);
    }
    return SP_OK;
}

static sp_status find_among(finder *f, unit_at *measure, sp_err *err)
{
    sp_status status = search(f, measure, err);
    sp_arena_release(&f->scratch);
    *f = (finder){ .arena = f->arena,
                   .pieces = f->pieces,
                   .count = f->count,
                   .min_weight = f->min_weight,
                   .min_percent = f->min_percent,
                   .most_words = f->most_words,
                   .is_taken = f->is_taken,
                   .ret = f->ret };
    return status;
}

sp_status sp_similar_find(sp_arena *arena, const sp_pieces *pieces, const sp_repeats *copies, size_t min_weight,
                          unsigned min_percent, sp_repeats *ret, sp_err *err)
{
    finder f = { .arena = arena,
                 .pieces = pieces->list.items,
                 .count = (uint32_t)pieces->list.count,
                 .min_weight = min_weight,
                 .min_percent = min_percent,
                 .most_words = (size_t)sp_own_limit(SP_RULE_WASTE_WORDS),
                 .ret = ret };
    f.is_taken = SP_ARENA_ARRAY(arena, bool, f.count + 1);
    if (!f.is_taken)
        return sp_err_memory(err);
    for (size_t i = 0; i < copies->list.count; i++)
        take(&f, copies->list.items[i].copy, copies->list.items[i].copy_count);
    SP_TRY(find_among(&f, section_at, err));
    return find_among(&f, block_at, err);
}
