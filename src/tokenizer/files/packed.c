#include "tokenizer/files/packed.h"

#include "base/cache.h"
#include "base/types.h"
#include "version.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_PACKED ((uint64_t)2 << 30)

/* Changes with every change of what is below, or of what the hashes of lexicon.c are. */
static const char magic[8] = "SPVOC003";

/* Behind it stand the arrays, in the order of parts_of. */
typedef struct header {
    char magic[8];
    char version[16];
    sp_packed_key key;      /* of the file */
    sp_packed_key checksum; /* of the whole, with 0 in this place */
    uint64_t rest_len;
    uint64_t spelling_len;
    uint32_t count;
    uint32_t slot_count;
    uint32_t pair_count;
    uint32_t longest;
    double unknown_score;
    uint8_t has_scores; /* these are no bool, which may not be read from what anybody may have written */
    uint8_t joins_mark[256];
    uint8_t unused[7]; /* up to ALIGNMENT: it is checked with the rest */
} header;

sp_packed_key sp_packed_key_of(sp_str bytes)
{
    uint64_t first = bytes.len * 0x9E3779B97F4A7C15u, second = ~first;
    for (size_t at = 0; at < bytes.len; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        size_t left = bytes.len - at;
        memcpy(&word, bytes.ptr + at, left < sizeof word ? left : sizeof word);
        first = (first ^ word) * 0x9E3779B97F4A7C15u;
        first ^= first >> 29;
        second = (second + word) * 0xC2B2AE3D27D4EB4Fu;
        second ^= second >> 31;
    }
    return (sp_packed_key){ { first, second } };
}

/* Of a header, with its checksum 0, and what stands behind it. */
static sp_packed_key checksum_of(header h, sp_str behind)
{
    h.checksum = (sp_packed_key){ { 0 } };
    sp_packed_key front = sp_packed_key_of((sp_str){ (const char *)&h, sizeof h }), back = sp_packed_key_of(behind);
    return (sp_packed_key){ { front.words[0] ^ back.words[0], front.words[1] ^ back.words[1] } };
}

static bool is_same(sp_packed_key a, sp_packed_key b)
{
    return a.words[0] == b.words[0] && a.words[1] == b.words[1];
}

/* ---- where each array stands ------------------------------------------------------------------------------- */

typedef struct part {
    void **place; /* in the model */
    size_t len;
} part;

enum {
    PARTS = 6,
    ALIGNMENT = 8,
};

static void parts_of(const header *h, sp_token_model *m, part parts[PARTS])
{
    sp_lexicon *l = &m->lexicon;
    const part all[PARTS] = {
        { (void **)&l->ids, h->count * sizeof *l->ids },
        { (void **)&l->ends, h->count * sizeof *l->ends },
        { (void **)&l->slots, h->slot_count * sizeof *l->slots },
        { (void **)&l->pairs, h->pair_count * sizeof *l->pairs },
        { (void **)&m->scores, h->has_scores ? h->count * sizeof *m->scores : 0 },
        { (void **)&l->spellings, h->spelling_len },
    };
    memcpy(parts, all, sizeof all);
}

static size_t aligned(size_t len)
{
    return (len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Of the whole; 0 if it is larger than can be. */
static uint64_t size_of(const header *h, const part parts[PARTS])
{
    uint64_t size = aligned(sizeof *h);
    if (h->rest_len > MAX_PACKED || h->spelling_len > MAX_PACKED)
        return 0;
    for (size_t i = 0; i < PARTS; i++)
        size += aligned(parts[i].len);
    return size + h->rest_len;
}

static void name_of(sp_packed_key key, char name[64])
{
    snprintf(name, 64, "vocabulary-%016" PRIx64 "%016" PRIx64, key.words[0], key.words[1]);
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

static bool is_power_of_two(uint32_t number)
{
    return number > 0 && (number & (number - 1)) == 0;
}

static bool has_tokens(const sp_lexicon *l, uint64_t spelling_len)
{
    for (uint32_t i = 0; i < l->count; i++)
        if ((i > 0 && (l->ids[i] <= l->ids[i - 1] || l->ends[i] < l->ends[i - 1])) || l->ends[i] > spelling_len)
            return false;
    return l->longest <= spelling_len;
}

/* Every table needs a free place, or what is not in it is looked for for ever. */
static bool has_places(const sp_lexicon *l)
{
    uint32_t free_slots = 0, free_pairs = 0;
    for (uint32_t i = 0; i < l->slot_count; i++) {
        free_slots += l->slots[i] == SP_LEXICON_NONE;
        if (l->slots[i] != SP_LEXICON_NONE && l->slots[i] >= l->count)
            return false;
    }
    for (uint32_t i = 0; i < l->pair_count; i++) {
        const sp_lexicon_pair *p = &l->pairs[i];
        free_pairs += p->left == SP_LEXICON_NONE;
        if (p->left != SP_LEXICON_NONE && (p->left >= l->count || p->right >= l->count || p->token >= l->count))
            return false;
    }
    return free_slots > 0 && (l->pair_count == 0 || free_pairs > 0);
}

static bool open_packed(sp_str bytes, sp_packed_key key, sp_packed *ret)
{
    header h;
    part parts[PARTS];
    if (bytes.len < aligned(sizeof h))
        return false;
    memcpy(&h, bytes.ptr, sizeof h);
    if (memcmp(h.magic, magic, sizeof magic) != 0 || strncmp(h.version, SP_VERSION, sizeof h.version) != 0 ||
        !is_same(h.key, key) || !is_power_of_two(h.slot_count) || (h.pair_count > 0 && !is_power_of_two(h.pair_count)))
        return false;
    sp_token_model *m = &ret->model;
    *ret = (sp_packed){ 0 };
    m->lexicon = (sp_lexicon){ .count = h.count, .slot_count = h.slot_count, .pair_count = h.pair_count };
    m->lexicon.longest = h.longest;
    m->unknown_score = h.unknown_score;
    for (size_t i = 0; i < SP_COUNT_OF(m->joins_mark); i++)
        m->joins_mark[i] = h.joins_mark[i] != 0;
    parts_of(&h, m, parts);
    size_t at = aligned(sizeof h);
    if (size_of(&h, parts) != bytes.len || !is_same(h.checksum, checksum_of(h, sp_str_slice(bytes, at, bytes.len))))
        return false;
    for (size_t i = 0; i < PARTS; at += aligned(parts[i++].len))
        if (parts[i].len > 0)
            *parts[i].place = (char *)bytes.ptr + at;
    ret->rest = sp_str_slice(bytes, at, bytes.len);
    return has_tokens(&m->lexicon, h.spelling_len) && has_places(&m->lexicon);
}

sp_status sp_packed_read(sp_arena *arena, const char *folder, sp_packed_key key, sp_packed *ret, bool *ret_found,
                         sp_err *err)
{
    char name[64];
    sp_str bytes;
    name_of(key, name);
    SP_TRY(sp_cache_read(arena, folder, name, MAX_PACKED, &bytes, err));
    *ret_found = bytes.ptr && open_packed(bytes, key, ret);
    return SP_OK;
}

/* ---- writing ------------------------------------------------------------------------------------------------ */

void sp_packed_write(const char *folder, sp_packed_key key, const sp_token_model *model, sp_str rest)
{
    sp_token_model copy = *model; /* of the pointers */
    const sp_lexicon *l = &copy.lexicon;
    header h;
    part parts[PARTS];
    char name[64];
    memset(&h, 0, sizeof h); /* what lies between its members, too */
    memcpy(h.magic, magic, sizeof magic);
    snprintf(h.version, sizeof h.version, "%s", SP_VERSION);
    h.key = key;
    h.rest_len = rest.len;
    h.spelling_len = l->count > 0 ? l->ends[l->count - 1] : 0;
    h.count = l->count;
    h.slot_count = l->slot_count;
    h.pair_count = l->pair_count;
    h.longest = l->longest;
    h.unknown_score = copy.unknown_score;
    h.has_scores = copy.scores != NULL;
    memcpy(h.joins_mark, copy.joins_mark, sizeof h.joins_mark);
    parts_of(&h, &copy, parts);
    uint64_t size = size_of(&h, parts);
    char *bytes = size > 0 && size <= MAX_PACKED ? calloc(1, size) : NULL;
    if (!bytes)
        return; /* it is read anew the next time */
    size_t at = aligned(sizeof h);
    for (size_t i = 0; i < PARTS; at += aligned(parts[i++].len))
        if (parts[i].len > 0)
            memcpy(bytes + at, *parts[i].place, parts[i].len);
    if (rest.len > 0)
        memcpy(bytes + at, rest.ptr, rest.len);
    size_t begin = aligned(sizeof h);
    h.checksum = checksum_of(h, (sp_str){ bytes + begin, size - begin });
    memcpy(bytes, &h, sizeof h);
    name_of(key, name);
    (void)sp_cache_write(folder, name, (sp_str){ bytes, size });
    free(bytes);
}
