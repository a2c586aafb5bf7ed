/*
 * alone.c - the tokenizer by itself: linked with src/tokenizer and src/base, or as one file (make amalgamation), and
 * with no library.
 *
 *   alone [FILE...]      prints what each file has in each encoding, too
 */
#ifdef AMALGAMATION
#include "sysprompt_tokens.h"
#else
#include "base/types.h"
#include "tokenizer/tokens.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct vector {
    const char *encoding;
    uint32_t ids[4];
} vector;

static const char text[] = "Hello, world!\n";

static const vector vectors[] = {
    { "r50k_base", { 15496, 11, 995, 0 } }, /* and 198, the line end */
    { "cl100k_base", { 9906, 11, 1917, 4999 } },
    { "o200k_base", { 13225, 11, 2375, 4175 } },
};

static int fail(const char *encoding, const char *what)
{
    printf("%s: %s\n", encoding, what);
    return 1;
}

static int check(const vector *v)
{
    sp_err err;
    sp_str all = { text, sizeof text - 1 };
    const sp_encoding *encoding = sp_encoding_find((sp_str){ v->encoding, strlen(v->encoding) });
    size_t tokens = 0, len = 0;
    sp_ids ids = { 0 };
    char *bytes = NULL;
    if (!encoding)
        return fail(v->encoding, "is not there");
    if (sp_encode(encoding, all, SP_SPECIAL_AS_TEXT, &ids, &err) != SP_OK || ids.count < 4 ||
        memcmp(ids.ids, v->ids, sizeof v->ids) != 0)
        return fail(v->encoding, "other ids");
    if (sp_count(encoding, all, SP_SPECIAL_AS_TEXT, &tokens, &err) != SP_OK || tokens != ids.count)
        return fail(v->encoding, "another count");
    if (sp_decode(encoding, ids.ids, ids.count, &bytes, &len, &err) != SP_OK || len != all.len ||
        memcmp(bytes, text, len) != 0)
        return fail(v->encoding, "does not decode back");
    if (sp_truncate(encoding, all, SP_SPECIAL_AS_TEXT, 2, &len, &tokens, &err) != SP_OK || len != 6 || tokens != 2)
        return fail(v->encoding, "is cut elsewhere");
    free(bytes);
    sp_ids_release(&ids);
    return 0;
}

static int count_bytes(const char *path, sp_str bytes)
{
    static const char *const estimates[] = { "claude-v3", "claude-4.7" };
    sp_err err;
    size_t tokens;
    for (size_t i = 0; i < 6 + sizeof estimates / sizeof *estimates; i++) {
        const char *name = i < 6 ? sp_encoding_name(sp_encoding_at(i)) : estimates[i - 6];
        if (sp_count(sp_encoding_find((sp_str){ name, strlen(name) }), bytes, SP_SPECIAL_AS_TEXT, &tokens, &err) !=
            SP_OK)
            return fail(name, err.message);
        printf("%zu %s %s\n", tokens, name, path);
    }
    return 0;
}

static int count_file(const char *path)
{
    enum { MOST_BYTES = 8 << 20 };
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(MOST_BYTES);
    size_t len = file && bytes ? fread(bytes, 1, MOST_BYTES, file) : 0;
    int failed = file && bytes ? count_bytes(path, (sp_str){ bytes, len }) : fail(path, "cannot be read");
    if (file)
        fclose(file);
    free(bytes);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        failed += check(&vectors[i]);
    for (int i = 1; i < argc; i++)
        failed += count_file(argv[i]);
    return failed > 0;
}
