/*
 * estimates-build.c - adds to the image of the vocabularies what each token of cl100k_base is estimated at where it is
 * a piece, so that the program need not find that out for the pieces that come most often.
 *
 *   estimates-build vocabularies.bin encodings.bin
 *
 * It estimates by the program's own code, so there is one definition of an estimate. tests/unit/test_estimate.c
 * compares the two.
 */
#include "tokenizer/cache.h"
#include "tokenizer/estimate.h"
#include "tokenizer/image.h"
#include "tokenizer/vocab.h"

#include <stdio.h>
#include <stdlib.h>

enum { IMAGE_BYTES = 64 << 20 };

/* The program's is in the image; this one is read from the file, as estimating reads the vocabularies there. */
_Alignas(4096) uint8_t sp_image[IMAGE_BYTES] __attribute__((visibility("hidden")));

static sp_image_header *const header = (void *)sp_image;
static size_t image_len;

static void die(const char *what, const char *path)
{
    fprintf(stderr, "estimates-build: %s: %s\n", path, what);
    exit(1);
}

static void read_image(const char *path)
{
    FILE *file = fopen(path, "rb");
    image_len = file ? fread(sp_image, 1, sizeof sp_image, file) : 0;
    if (!file || ferror(file) || image_len < sizeof *header || image_len == sizeof sp_image)
        die("cannot be read, or is too large", path);
    (void)fclose(file);
    if (header->magic != SP_IMAGE_MAGIC)
        die("no image of vocabularies", path);
}

static void write_image(const char *path)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(sp_image, 1, image_len, file) != image_len || fclose(file) != 0)
        die("cannot be written", path);
}

static void *add_table(size_t count, size_t size, uint32_t *ret_offset)
{
    size_t at = (image_len + SP_IMAGE_ALIGNMENT - 1) / SP_IMAGE_ALIGNMENT * SP_IMAGE_ALIGNMENT;
    if (count > (sizeof sp_image - at) / size)
        die("too large", "the image");
    *ret_offset = (uint32_t)at;
    image_len = at + count * size;
    return sp_image + at;
}

/* The bytes of a token are those of the two that it was merged from. */
static size_t spell(const sp_vocab *v, uint32_t token, uint8_t *bytes)
{
    uint64_t record = v->records[token];
    if (sp_record_left(record) == token) {
        bytes[0] = v->byte_values[token];
        return 1;
    }
    size_t len = spell(v, sp_record_left(record), bytes);
    return len + spell(v, sp_record_right(record), bytes + len);
}

/* Into the table that has its slot. A token that is not UTF-8 is not a piece; one that ends in NUL has no slot. */
static void add_estimate(sp_estimator *estimator, uint32_t *const tables[2], uint32_t token)
{
    uint8_t bytes[SP_TOKEN_MAX_BYTES + SP_CACHE_PAD] = { 0 };
    size_t len = spell(&estimator->narrow, token, bytes);
    sp_finding found;
    if (len > SP_CACHE_MAX_PIECE || sp_utf8_find_invalid((sp_str){ (const char *)bytes, len }, 0) != SIZE_MAX)
        return;
    sp_word word = { .len = len };
    memcpy(&word, bytes, len);
    sp_probe probe = sp_probe_word(&estimator->narrow, &word);
    if (sp_probe_token(&estimator->narrow, &word, probe, true) != token)
        return;
    if (!sp_estimate_piece(estimator, bytes, len, NULL, &found))
        die("out of memory", "an estimate");
    tables[sp_word_is_long(&word)][probe.slot] = sp_finding_pack(found);
}

static void add_costs(sp_estimator *estimator, int16_t *costs, uint32_t tokens)
{
    for (unsigned asking = 0; asking < SP_IMAGE_COSTS; asking++)
        for (uint32_t token = 0; token < tokens; token++) {
            int64_t cost = sp_estimate_cost(estimator, asking, token);
            bool fits = cost > SP_IMAGE_NO_COST && cost <= INT16_MAX;
            costs[asking * (size_t)tokens + token] = fits ? (int16_t)cost : SP_IMAGE_NO_COST;
        }
}

static void add_family(const sp_encoding *encoding)
{
    static sp_estimator estimator;
    const sp_image_vocab *vocab = &header->vocabs[SP_VOCAB_CL100K];
    size_t family = encoding->family - 1u, tokens = vocab->token_count;
    int16_t *costs = add_table(SP_IMAGE_COSTS * tokens, sizeof *costs, &header->costs[family]);
    uint32_t *estimates[2] = {
        add_table(vocab->short_hash.slots, sizeof **estimates, &header->estimates[family][0]),
        add_table(vocab->long_hash.slots, sizeof **estimates, &header->estimates[family][1]),
    };
    sp_estimator_init(&estimator, encoding, SP_PATH_PORTABLE);
    add_costs(&estimator, costs, vocab->token_count);
    for (uint32_t token = 0; token < vocab->token_count; token++)
        add_estimate(&estimator, estimates, token);
    sp_estimator_release(&estimator);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        die("usage: estimates-build vocabularies.bin encodings.bin", "arguments");
    read_image(argv[1]);
    const sp_encoding *encoding;
    for (size_t i = 0; (encoding = sp_estimate_at(i)) != NULL; i++)
        add_family(encoding);
    write_image(argv[2]);
    return 0;
}
