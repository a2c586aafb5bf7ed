/*
 * check_tokenizer.c - holds the token ids of a tokenizer.json against those that the reference made of the same texts.
 *
 *   check_tokenizer TOKENIZER < RECORDS
 *
 * A record is two 32-bit numbers (the text's bytes, its ids), the text, and the ids, all in this machine's byte order.
 * Prints a line for each text that is not right, its number from 0 and what is wrong, and at the end how many there
 * were. Beside the ids: the count, by a counter that has seen the texts before; token ends, which never go down and end
 * with the text; that counts add up where sp_cut_after says so; and that what sp_truncate leaves fits.
 */
#include "base/types.h"
#include "tokenizer/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct record {
    uint32_t len;
    uint32_t count;
} record;

static sp_err err;

static _Noreturn void give_up(const char *why)
{
    fprintf(stderr, "check_tokenizer: %s\n", why);
    exit(2);
}

static bool ends_are_right(const sp_encoding *encoding, sp_str text, size_t count)
{
    uint32_t *ends = NULL;
    size_t found = 0;
    bool right = sp_token_ends(encoding, text, SP_SPECIAL_ALLOW, &ends, &found, &err) == SP_OK && found == count &&
                 (count == 0 || ends[count - 1] == text.len);
    for (size_t i = 1; right && i < count; i++)
        right = ends[i] >= ends[i - 1];
    free(ends);
    return right;
}

static size_t count_of(const sp_encoding *encoding, sp_str text)
{
    size_t tokens = SIZE_MAX;
    if (sp_count(encoding, text, SP_SPECIAL_ALLOW, &tokens, &err) != SP_OK)
        give_up(err.message);
    return tokens;
}

static bool adds_up(const sp_encoding *encoding, sp_str text, size_t count)
{
    for (size_t cut = sp_cut_after(encoding, text, 0); cut < text.len; cut = sp_cut_after(encoding, text, cut + 7)) {
        sp_str left = { text.ptr, cut }, right = { text.ptr + cut, text.len - cut };
        if (count_of(encoding, left) + count_of(encoding, right) != count)
            return false;
    }
    return true;
}

static bool truncates(const sp_encoding *encoding, sp_str text, size_t count)
{
    size_t len, tokens, max = count / 2;
    if (sp_truncate(encoding, text, SP_SPECIAL_ALLOW, max, &len, &tokens, &err) != SP_OK)
        return false;
    return tokens <= max && count_of(encoding, (sp_str){ text.ptr, len }) == tokens;
}

/* What is wrong with this text, or NULL. */
static const char *fault_of(sp_counter *counter, const sp_encoding *encoding, sp_str text, const uint32_t *expected,
                            size_t count, bool is_thorough)
{
    sp_ids ids = { 0 };
    size_t tokens = SIZE_MAX;
    if (sp_encode(encoding, text, SP_SPECIAL_ALLOW, &ids, &err) != SP_OK)
        return err.message;
    bool is_same = ids.count == count && (count == 0 || memcmp(ids.ids, expected, count * sizeof *expected) == 0);
    sp_ids_release(&ids);
    if (!is_same)
        return "has other ids";
    if (sp_counter_count(counter, text, &tokens, &err) != SP_OK || tokens != count)
        return "has another count";
    if (!is_thorough)
        return NULL;
    if (!ends_are_right(encoding, text, count))
        return "has wrong token ends";
    if (!adds_up(encoding, text, count))
        return "does not add up where it is cut";
    return truncates(encoding, text, count) ? NULL : "is truncated wrongly";
}

static void read_all(void *into, size_t len)
{
    if (fread(into, 1, len, stdin) != len)
        give_up("the last record is cut off");
}

int main(int argc, char **argv)
{
    sp_encoding *encoding;
    sp_counter *counter;
    size_t seen = 0, faults = 0;
    record r;
    if (argc != 2)
        give_up("usage: check_tokenizer TOKENIZER < RECORDS");
    if (sp_encoding_open(argv[1], NULL, NULL, &encoding, &err) != SP_OK ||
        sp_counter_new(encoding, SP_SPECIAL_ALLOW, &counter, &err) != SP_OK) {
        fprintf(stderr, "%s:%u:%u: %s\n", err.path, err.line, err.column, err.message);
        return 2;
    }
    for (; fread(&r, sizeof r, 1, stdin) == 1; seen++) {
        char *text = malloc(r.len + 1);
        uint32_t *ids = malloc((r.count + 1) * sizeof *ids);
        if (!text || !ids)
            give_up("out of memory");
        read_all(text, r.len);
        read_all(ids, r.count * sizeof *ids);
        const char *fault = fault_of(counter, encoding, (sp_str){ text, r.len }, ids, r.count, seen % 8 == 0);
        if (fault)
            printf("%zu %s\n", seen, fault);
        faults += fault != NULL;
        free(text);
        free(ids);
    }
    printf("%zu texts\n", seen);
    sp_counter_free(counter);
    sp_encoding_close(encoding);
    return faults > 0;
}
