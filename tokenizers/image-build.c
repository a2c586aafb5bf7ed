/*
 * image-build - writes the read-only image of all vocabularies that is linked into the program.
 *
 *   image-build encodings.bin p50k_base.tiktoken cl100k_base.tiktoken o200k_base.tiktoken unicode-16.0.0-classes.txt
 *
 * The layout is told in src/tokenizer/image.h. The same input gives the same bytes. The searches below (slots
 * of the perfect hashes, places in the trie) may take long, because they run once, here.
 */
#include "tokenizer/image.h"
#include "vocab.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- the image as it grows ------------------------------------------------------------------------ */

typedef struct image {
    uint8_t *bytes;
    size_t len;
    size_t capacity;
} image;

/* Room for a table at the next cache line, zeroed; its offset is *ret_offset. Valid until the next call. */
static void *image_add(image *im, size_t len, uint32_t *ret_offset)
{
    size_t at = (im->len + SP_IMAGE_ALIGNMENT - 1) / SP_IMAGE_ALIGNMENT * SP_IMAGE_ALIGNMENT;
    if (len > im->capacity - at)
        fail("the image is larger than %zu bytes", im->capacity);
    im->len = at + len;
    *ret_offset = (uint32_t)at;
    return im->bytes + at;
}

/* ---- perfect hashes --------------------------------------------------------------------------------
 * Hash and displace: keys are dealt into buckets of about five; from the largest bucket to the smallest, the
 * first multiplier is taken that sends all keys of the bucket to free slots. */

typedef struct key {
    uint64_t low, high; /* high is 0 for one-word keys */
    uint64_t mixed;
    uint32_t id;
    uint32_t slot; /* result */
} key;

typedef struct bucket {
    uint32_t number;
    uint32_t first; /* in the keys, sorted by bucket */
    uint32_t count;
} bucket;

static int by_mixed(const void *left, const void *right)
{
    const key *l = left, *r = right;
    return (l->mixed > r->mixed) - (l->mixed < r->mixed);
}

static int largest_first(const void *left, const void *right)
{
    const bucket *l = left, *r = right;
    if (l->count != r->count)
        return l->count < r->count ? 1 : -1;
    return (l->number > r->number) - (l->number < r->number);
}

static bool slots_are_free(key *keys, uint32_t count, uint16_t multiplier, uint32_t slots, const uint8_t *used)
{
    for (uint32_t i = 0; i < count; i++) {
        keys[i].slot = sp_image_slot(keys[i].mixed, multiplier, slots);
        if (used[keys[i].slot])
            return false;
        for (uint32_t j = 0; j < i; j++)
            if (keys[j].slot == keys[i].slot)
                return false;
    }
    return true;
}

static bool place_bucket(key *keys, uint32_t count, uint32_t slots, uint8_t *used, uint16_t *ret_multiplier)
{
    for (uint32_t multiplier = 1; multiplier < 65536; multiplier += 2)
        if (slots_are_free(keys, count, (uint16_t)multiplier, slots, used)) {
            for (uint32_t i = 0; i < count; i++)
                used[keys[i].slot] = 1;
            *ret_multiplier = (uint16_t)multiplier;
            return true;
        }
    return false;
}

static bool place_all(key *keys, uint32_t count, const sp_image_hash *hash, uint16_t *multipliers, uint32_t buckets)
{
    qsort(keys, count, sizeof *keys, by_mixed);
    bucket *order = allocate(buckets, sizeof *order);
    for (uint32_t i = 0; i < buckets; i++)
        order[i].number = i;
    for (uint32_t i = count; i-- > 0;) {
        bucket *b = &order[keys[i].mixed >> hash->shift];
        b->first = i;
        b->count++;
    }
    qsort(order, buckets, sizeof *order, largest_first);
    uint8_t *used = allocate(hash->slots, 1);
    bool placed = true;
    for (uint32_t i = 0; i < buckets && placed; i++) {
        multipliers[order[i].number] = 1;
        if (order[i].count > 0)
            placed =
                place_bucket(keys + order[i].first, order[i].count, hash->slots, used, &multipliers[order[i].number]);
    }
    free(used);
    free(order);
    return placed;
}

static void add_prints(image *im, sp_image_hash *hash, const key *keys, uint32_t count)
{
    uint8_t *prints = image_add(im, hash->slots, &hash->prints);
    for (uint32_t i = 0; i < count; i++)
        prints[keys[i].slot] = sp_image_print(keys[i].mixed);
}

/* Gives every key its slot and adds multipliers to the image. */
static void build_hash(image *im, sp_image_hash *hash, key *keys, uint32_t count, bool two_words)
{
    uint32_t bucket_bits = 1;
    while (5u << bucket_bits < count)
        bucket_bits++;
    uint32_t buckets = 1u << bucket_bits;
    hash->slots = count + count / 32 + 1; /* a little air makes the last buckets easy to place */
    hash->shift = 64 - bucket_bits;
    uint16_t *multipliers = image_add(im, buckets * sizeof(uint16_t), &hash->multipliers);
    uint64_t seed = 0x9E3779B97F4A7C15u;
    for (int attempt = 0; attempt < 100; attempt++) {
        hash->seed = seed | 1;
        for (uint32_t i = 0; i < count; i++)
            keys[i].mixed = two_words ? sp_image_mix2(keys[i].low, keys[i].high, hash->seed)
                                      : sp_image_mix(keys[i].low, hash->seed);
        if (place_all(keys, count, hash, multipliers, buckets))
            return;
        seed = seed * 6364136223846793005u + 1442695040888963407u;
    }
    fail("no perfect hash found for %u keys", count);
}

/* ---- whole tokens ------------------------------------------------------------------------------------ */

/* The tokens that p50k has and r50k has not are runs of blanks. They are left out of the tables, so that one
 * set of tables serves both; the trie has them, and whoever walks it for r50k has to know. */
static void check_blank_runs(const vocab *v, uint32_t common)
{
    for (uint32_t rank = 0; rank < v->count && common < v->count; rank++) {
        const token *t = &v->tokens[rank];
        bool two_blanks = t->len >= 2 && memcmp(v->bytes + t->at, "  ", 2) == 0;
        if (t->len > 0 && two_blanks != (rank >= common))
            fail("rank %u: only the last ranks of p50k may start with two blanks", rank);
    }
}

static bool is_in_tables(const vocab *v, uint32_t rank, uint32_t common)
{
    const token *t = &v->tokens[rank];
    return rank < common && t->len > 0 && t->len <= 16 && v->bytes[t->at + t->len - 1] != 0;
}

/* A table of three bytes a slot. Whoever reads four at a time reads one past the last. */
static void put_ids(image *im, const key *keys, uint32_t count, uint32_t slots, uint32_t *ret_offset)
{
    uint8_t *ids = image_add(im, 3 * (size_t)slots + 1, ret_offset);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = 0; j < 3; j++)
            ids[3 * keys[i].slot + j] = (uint8_t)(keys[i].id >> (8 * j));
}

static uint32_t collect_keys(const vocab *v, uint32_t common, uint32_t min_len, uint32_t max_len, key *keys)
{
    uint32_t count = 0;
    for (uint32_t rank = 0; rank < v->count; rank++) {
        const token *t = &v->tokens[rank];
        if (!is_in_tables(v, rank, common) || t->len < min_len || t->len > max_len)
            continue;
        uint8_t padded[16] = { 0 };
        memcpy(padded, v->bytes + t->at, t->len);
        key *k = &keys[count++];
        *k = (key){ .id = rank };
        memcpy(&k->low, padded, 8);
        memcpy(&k->high, padded + 8, 8);
    }
    return count;
}

static void add_tokens(image *im, const vocab *v, uint32_t common, sp_image_vocab *ret)
{
    key *keys = allocate(v->count, sizeof *keys);
    uint32_t count = collect_keys(v, common, 1, 8, keys);
    build_hash(im, &ret->short_hash, keys, count, false);
    add_prints(im, &ret->short_hash, keys, count);
    uint64_t *words = image_add(im, 8 * (size_t)ret->short_hash.slots, &ret->short_keys);
    for (uint32_t i = 0; i < count; i++)
        words[keys[i].slot] = keys[i].low;
    put_ids(im, keys, count, ret->short_hash.slots, &ret->short_ids);

    count = collect_keys(v, common, 9, 16, keys);
    build_hash(im, &ret->long_hash, keys, count, true);
    add_prints(im, &ret->long_hash, keys, count);
    words = image_add(im, 16 * (size_t)ret->long_hash.slots, &ret->long_keys);
    for (uint32_t i = 0; i < count; i++) {
        words[2 * keys[i].slot] = keys[i].low;
        words[2 * keys[i].slot + 1] = keys[i].high;
    }
    put_ids(im, keys, count, ret->long_hash.slots, &ret->long_ids);
    free(keys);
}

/* ---- records and pairs ---------------------------------------------------------------------------------- */

static uint32_t longest_prefix(const vocab *v, uint32_t rank)
{
    const token *t = &v->tokens[rank];
    for (uint32_t len = t->len - 1; len > 0; len--) {
        uint32_t prefix = vocab_find(v, v->bytes + t->at, len);
        if (prefix != UINT32_MAX)
            return prefix;
    }
    return rank;
}

static void add_records(image *im, const vocab *v, sp_image_vocab *ret)
{
    uint64_t *records = image_add(im, 8 * (size_t)v->count, &ret->records);
    ret->token_count = v->count;
    for (uint32_t rank = 0; rank < v->count; rank++) {
        const token *t = &v->tokens[rank];
        if (t->len > SP_TOKEN_MAX_BYTES)
            fail("the token of rank %u has %u bytes", rank, t->len);
        uint32_t prefix = t->len > 1 ? longest_prefix(v, rank) : rank;
        records[rank] = sp_record_make(t->left, t->right, prefix, t->len ? t->len : 1);
    }
    uint8_t *values = image_add(im, 256, &ret->byte_values);
    for (uint32_t rank = 0; rank < 256; rank++)
        values[rank] = v->bytes[v->tokens[rank].at];
    uint8_t *ranks = image_add(im, 256, &ret->byte_ranks);
    for (uint32_t rank = 0; rank < 256; rank++)
        ranks[values[rank]] = (uint8_t)rank;
    uint16_t *byte_pairs = image_add(im, 65536 * sizeof *byte_pairs, &ret->byte_pairs);
    for (uint32_t rank = 0; rank < v->count; rank++) {
        const uint8_t *bytes = v->bytes + v->tokens[rank].at;
        if (v->tokens[rank].len == 2)
            byte_pairs[bytes[0] << 8 | bytes[1]] = rank < SP_BYTE_PAIR_ASK ? (uint16_t)rank : SP_BYTE_PAIR_ASK;
    }
}

static void add_pairs(image *im, const vocab *v, sp_image_vocab *ret)
{
    key *keys = allocate(v->count, sizeof *keys);
    uint32_t count = 0;
    for (uint32_t rank = 0; rank < v->count; rank++)
        if (v->tokens[rank].len > 1)
            keys[count++] = (key){ .low = sp_pair_key(v->tokens[rank].left, v->tokens[rank].right), .id = rank };
    build_hash(im, &ret->pair_hash, keys, count, false);
    uint32_t *pairs = image_add(im, 4 * (size_t)ret->pair_hash.slots, &ret->pairs);
    for (uint32_t i = 0; i < count; i++)
        pairs[keys[i].slot] = keys[i].id | sp_pair_print(keys[i].mixed);
    free(keys);
}

/* ---- the trie ----------------------------------------------------------------------------------------------
 * Built from the tokens in byte order: the tokens that share the first depth bytes are one range, and the node
 * for them is placed before its children are. */

enum {
    TRIE_UNITS = 1 << 20,
    TRIE_SEARCH = 1 << 11,
    TRIE_FREE = SP_TRIE_LABEL, /* label 511 */
};

typedef struct trie {
    uint32_t *units;
    uint8_t *base_used;
    uint32_t first_free; /* no free unit below it */
    uint32_t len;
    const vocab *v;
    const uint32_t *sorted;
} trie;

static const vocab *sorting; /* for qsort's comparison */

static int by_bytes(const void *left, const void *right)
{
    const token *l = &sorting->tokens[*(const uint32_t *)left], *r = &sorting->tokens[*(const uint32_t *)right];
    int order = memcmp(sorting->bytes + l->at, sorting->bytes + r->at, l->len < r->len ? l->len : r->len);
    return order ? order : (l->len > r->len) - (l->len < r->len);
}

/* The lowest base with room for every label. */
static uint32_t find_base(trie *t, const uint16_t *labels, uint32_t count)
{
    while ((t->units[t->first_free] & SP_TRIE_LABEL) != TRIE_FREE)
        t->first_free++;
    /* The few units far below the end that are still free are free because they seldom fit. */
    uint32_t far_end = t->len > TRIE_SEARCH ? t->len - TRIE_SEARCH : 0;
    uint32_t start = far_end > t->first_free ? far_end : t->first_free;
    for (uint32_t unit = start; unit < TRIE_UNITS - 1024; unit++) {
        uint32_t base = unit ^ labels[0];
        if ((t->units[unit] & SP_TRIE_LABEL) != TRIE_FREE || t->base_used[base])
            continue;
        uint32_t i = 1;
        while (i < count && (t->units[base ^ labels[i]] & SP_TRIE_LABEL) == TRIE_FREE)
            i++;
        if (i == count)
            return base;
    }
    fail("the trie is larger than %d units", (int)TRIE_UNITS);
}

static uint8_t byte_at(const trie *t, uint32_t i, uint32_t depth)
{
    const token *k = &t->v->tokens[t->sorted[i]];
    return t->v->bytes[k->at + depth];
}

/* Labels of the children of the node for sorted[first..last) at depth, with the value's label first if the
 * node is a token itself. */
static uint32_t child_labels(const trie *t, uint32_t first, uint32_t last, uint32_t depth, uint16_t *labels)
{
    uint32_t count = 0;
    if (t->v->tokens[t->sorted[first]].len == depth) {
        labels[count++] = SP_TRIE_VALUE_LABEL;
        first++;
    }
    for (uint32_t i = first; i < last; i++) {
        uint16_t label = byte_at(t, i, depth);
        if (count == 0 || labels[count - 1] != label)
            labels[count++] = label;
    }
    return count;
}

/* Places the children of a node and returns its base. Recursion is as deep as the longest token. */
static uint32_t place_children(trie *t, uint32_t first, uint32_t last, uint32_t depth)
{
    uint16_t labels[257];
    uint32_t count = child_labels(t, first, last, depth, labels);
    uint32_t base = find_base(t, labels, count);
    t->base_used[base] = 1;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = base ^ labels[i];
        t->units[place] = labels[i];
        t->len = place >= t->len ? place + 1 : t->len;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t *unit = &t->units[base ^ labels[i]];
        if (labels[i] == SP_TRIE_VALUE_LABEL) {
            *unit |= t->sorted[first++] << SP_TRIE_SHIFT;
            continue;
        }
        uint32_t end = first;
        while (end < last && byte_at(t, end, depth) == labels[i])
            end++;
        bool is_token = t->v->tokens[t->sorted[first]].len == depth + 1;
        if (is_token && end == first + 1)
            *unit |= SP_TRIE_LEAF | t->sorted[first] << SP_TRIE_SHIFT;
        else
            *unit |= (is_token ? SP_TRIE_TOKEN : 0) | place_children(t, first, end, depth + 1) << SP_TRIE_SHIFT;
        first = end;
    }
    return base;
}

static void add_trie(image *im, const vocab *v, sp_image_vocab *ret)
{
    uint32_t *sorted = allocate(v->count, sizeof *sorted);
    uint32_t count = 0;
    for (uint32_t rank = 0; rank < v->count; rank++)
        if (v->tokens[rank].len > 0)
            sorted[count++] = rank;
    sorting = v;
    qsort(sorted, count, sizeof *sorted, by_bytes);

    trie t = { .units = allocate(TRIE_UNITS, 4), .base_used = allocate(TRIE_UNITS, 1), .v = v, .sorted = sorted };
    for (uint32_t i = 0; i < TRIE_UNITS; i++)
        t.units[i] = TRIE_FREE;
    ret->trie_root = place_children(&t, 0, count, 0);
    /* Any base may be asked for any label, so the table ends on a whole block of 512. */
    uint32_t len = (t.len + 511) / 512 * 512;
    memcpy(image_add(im, 4 * (size_t)len, &ret->trie), t.units, 4 * (size_t)len);
    free(t.units);
    free(t.base_used);
    free(sorted);
}

/* ---- character classes ---------------------------------------------------------------------------------------- */

static uint8_t class_named(const char *path, const char *name)
{
    static const struct {
        const char *name;
        uint8_t class;
    } named[] = { { "upper", SP_CLASS_UPPER },   { "lower", SP_CLASS_LOWER }, { "letter", SP_CLASS_LETTER },
                  { "number", SP_CLASS_NUMBER }, { "space", SP_CLASS_SPACE }, { "mark", SP_CLASS_MARK } };
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strcmp(name, named[i].name) == 0)
            return named[i].class;
    fail("%s: no class is called %s", path, name);
}

static void read_classes(const char *path, uint8_t *classes)
{
    FILE *file = fopen(path, "r");
    if (!file)
        fail("cannot open %s", path);
    char line[256];
    while (fgets(line, sizeof line, file)) {
        unsigned first, last;
        char name[16];
        if (line[0] == '#')
            continue;
        if (sscanf(line, "%x..%x %15s", &first, &last, name) != 3) {
            if (sscanf(line, "%x %15s", &first, name) != 2)
                fail("%s: cannot read %s", path, line);
            last = first;
        }
        if (first > last || last >= 0x110000)
            fail("%s: not a range: %s", path, line);
        memset(classes + first, class_named(path, name), last - first + 1);
    }
    fclose(file);
}

static void add_classes(image *im, const char *path, sp_image_header *header)
{
    enum { BLOCK = 1 << SP_CLASS_BLOCK_BITS, BLOCKS = 0x110000 / BLOCK };
    uint8_t *classes = allocate(0x110000, 1);
    memset(classes, SP_CLASS_OTHER, 0x110000);
    read_classes(path, classes);
    uint8_t *numbers = image_add(im, BLOCKS, &header->class_blocks);
    uint8_t *values = image_add(im, (size_t)256 * BLOCK, &header->class_values);
    uint32_t count = 0;
    for (uint32_t block = 0; block < BLOCKS; block++) {
        uint32_t same = 0;
        while (same < count && memcmp(values + same * BLOCK, classes + block * BLOCK, BLOCK) != 0)
            same++;
        if (same == 256)
            fail("%s: more than 256 different blocks", path);
        if (same == count)
            memcpy(values + count++ * BLOCK, classes + block * BLOCK, BLOCK);
        numbers[block] = (uint8_t)same;
    }
    im->len = header->class_values + (size_t)count * BLOCK;
    free(classes);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

int main(int argc, char **argv)
{
    static const uint32_t common_ranks[SP_VOCAB_COUNT] = {
        [SP_VOCAB_P50K] = 50256, [SP_VOCAB_CL100K] = UINT32_MAX, [SP_VOCAB_O200K] = UINT32_MAX
    };
    if (argc != 3 + SP_VOCAB_COUNT)
        fail("usage: image-build OUT P50K.tiktoken CL100K.tiktoken O200K.tiktoken CLASSES.txt");
    image im = { .capacity = 16u << 20 };
    im.bytes = allocate(im.capacity, 1);
    uint32_t offset;
    sp_image_header *header = image_add(&im, sizeof *header, &offset);
    header->magic = SP_IMAGE_MAGIC;
    add_classes(&im, argv[2 + SP_VOCAB_COUNT], header);
    for (int i = 0; i < SP_VOCAB_COUNT; i++) {
        vocab v;
        vocab_read_tiktoken(&v, argv[2 + i]);
        vocab_split(&v);
        sp_image_vocab *out = &header->vocabs[i];
        check_blank_runs(&v, common_ranks[i]);
        add_tokens(&im, &v, common_ranks[i], out);
        add_records(&im, &v, out);
        add_pairs(&im, &v, out);
        add_trie(&im, &v, out);
    }
    write_file(argv[1], im.bytes, im.len);
    return 0;
}
