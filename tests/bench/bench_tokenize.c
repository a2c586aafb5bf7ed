/*
 * bench_tokenize.c - how fast this process counts or encodes a text, in MB/s (10^6 bytes), one thread.
 *
 *   bench_tokenize count|encode ENCODING FILE PASSES      ->  a line for each pass: NAME ENCODING, count.first, 123.4
 *
 * The first pass is the first thing that a new process does after it has read the text, so what the tokenizer touches
 * for the first time is in it; the passes after it go over the same text again. PASSES may be 0, for what reading
 * costs.
 */
#include "base/types.h"
#include "tokenizer/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ROOM = 64 << 20,
};

static _Noreturn void give_up(const char *what, const char *why)
{
    fprintf(stderr, "bench_tokenize: %s %s\n", what, why);
    exit(2);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static sp_str read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(ROOM);
    if (!file || !bytes)
        give_up(path, "cannot be read");
    sp_str text = { bytes, fread(bytes, 1, ROOM, file) };
    if (ferror(file) || text.len == 0 || text.len == ROOM)
        give_up(path, "cannot be read, is empty or has 64 MiB and more");
    fclose(file);
    return text;
}

/* The ids are dropped within the time: that is part of what a caller pays for them. */
static sp_status pass(const char *operation, const sp_encoding *encoding, sp_counter *counter, sp_str text)
{
    size_t tokens;
    sp_err err;
    sp_ids ids = { 0 };
    if (strcmp(operation, "count") == 0)
        return sp_counter_count(counter, text, &tokens, &err);
    sp_status status = sp_encode(encoding, text, SP_SPECIAL_AS_TEXT, &ids, &err);
    sp_ids_release(&ids);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 5 || (strcmp(argv[1], "count") != 0 && strcmp(argv[1], "encode") != 0)) {
        fprintf(stderr, "usage: bench_tokenize count|encode ENCODING FILE PASSES\n");
        return 2;
    }
    const sp_encoding *encoding = sp_encoding_find((sp_str){ argv[2], strlen(argv[2]) });
    if (!encoding)
        give_up(argv[2], "is no encoding");
    sp_str text = read_file(argv[3]);
    const char *slash = strrchr(argv[3], '/');
    const char *name = slash ? slash + 1 : argv[3];
    sp_counter *counter; /* one for all passes, as in a program that counts one text after the other */
    sp_err err;
    if (sp_counter_new(encoding, SP_SPECIAL_AS_TEXT, &counter, &err) != SP_OK)
        give_up(argv[3], "cannot be tokenised");
    for (int i = 0; i < atoi(argv[4]); i++) {
        double begin = seconds();
        if (pass(argv[1], encoding, counter, text) != SP_OK)
            give_up(argv[3], "cannot be tokenised");
        double taken = seconds() - begin;
        printf("%.*s %s\t%s.%s\t%.3f\n", (int)strcspn(name, "."), name, argv[2], argv[1], i == 0 ? "first" : "again",
               (double)text.len / taken / 1e6);
    }
    sp_counter_free(counter);
    free((void *)(uintptr_t)(const void *)text.ptr);
    return 0;
}
