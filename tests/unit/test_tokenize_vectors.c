/*
 * test_tokenize_vectors.c - the ids of tests/tokens/NAME.vectors, which the reference tokenizer made.
 *
 * The kinds of lines are told in tests/tokens/make-vectors.mjs; around and random_text are its functions of the
 * same names.
 */
#include "base/types.h"
#include "tokenizer/tokens.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct buffer {
    char bytes[1 << 16];
    size_t len;
} buffer;

static void put(buffer *b, const char *bytes, size_t len)
{
    assert_true(len <= sizeof b->bytes - b->len);
    memcpy(b->bytes + b->len, bytes, len);
    b->len += len;
}

static void put_string(buffer *b, const char *string)
{
    put(b, string, strlen(string));
}

static void put_code(buffer *b, uint32_t code)
{
    char out[4];
    if (code < 0x80) {
        out[0] = (char)code;
        put(b, out, 1);
        return;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)((0xF00u >> len & 0xFF) | code);
    put(b, out, len);
}

/* ---- texts that are made -------------------------------------------------------------------------- */

/* `a${c}b A${c}a ${c}${c} ${c}1\n${c} x'${c}s ${c}` */
static void around(buffer *b, uint32_t code)
{
    static const char *const between[] = { "a", "b A", "a ", "", " ", "1\n", " x'", "s ", "" };
    b->len = 0;
    for (size_t i = 0; i < sizeof between / sizeof *between; i++) {
        put_string(b, between[i]);
        if (i + 1 < sizeof between / sizeof *between)
            put_code(b, code);
    }
}

static const char *const pieces[] = {
    "the",
    "Hello",
    "WORLD",
    "n't",
    "I'll",
    "'S",
    "'\u017f",
    "'Re",
    "x",
    "_",
    "camelCase",
    "\u00fcber",
    "\u043f\u0440\u0438",
    "\u041c\u0418",
    "\u4e2d\u6587",
    "\u65e5",
    "\ud55c",
    "\u0928\u092e",
    "\u0e2a\u0e27\u0e31",
    "\u05e9",
    "\U0001f600",
    "\U0001f3fd",
    "\u0301",
    "\u01c5",
    "\u02b0",
    "A",
    "0",
    "12",
    "3456",
    "\u00bd",
    "\u0663",
    "!",
    "//",
    "->",
    "...",
    "\"",
    "'",
    "(",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    " ",
    "  ",
    "    ",
    "\u00a0",
    "\u3000",
    "\xC2\x85",
    "\u200d",
    "\ufeff",
};

static uint32_t random_below(uint32_t *state, uint32_t limit)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state % limit;
}

static uint32_t random_code(uint32_t *state)
{
    static const uint32_t limits[] = { 0x80, 0x250, 0x3000, 0x10000, 0x14000, 0x20000, 0x110000 };
    for (;;) {
        uint32_t limit = limits[random_below(state, 7)];
        uint32_t code = random_below(state, limit);
        if (code < 0xD800 || code > 0xDFFF)
            return code;
    }
}

static void random_text(buffer *b, uint32_t *state)
{
    b->len = 0;
    uint32_t kind = random_below(state, 3);
    for (uint32_t left = 1 + random_below(state, 12); left > 0; left--)
        if (kind == 0 || (kind == 1 && random_below(state, 2) == 0))
            put_string(b, pieces[random_below(state, sizeof pieces / sizeof *pieces)]);
        else
            put_code(b, random_code(state));
}

/* ---- digests ----------------------------------------------------------------------------------------- */

typedef struct digest {
    uint32_t first, second;
    size_t count;
} digest;

static void encode(const sp_encoding *encoding, const buffer *b, sp_special special, sp_ids *ids)
{
    sp_err err;
    ids->count = 0;
    assert_int_equal(sp_encode(encoding, (sp_str){ b->bytes, b->len }, special, ids, &err), SP_OK);
}

static void digest_add(digest *d, const sp_ids *ids)
{
    for (size_t i = 0; i < ids->count; i++) {
        d->first = (d->first ^ ids->ids[i]) * 0x01000193u;
        d->second = ((d->second ^ d->second >> 15) + ids->ids[i]) * 0x9E3779B1u;
    }
    d->first = (d->first ^ 0xFFFFFFFFu) * 0x01000193u;
    d->count += ids->count;
}

static void check_digest(const digest *d, const char *line, const char *expected)
{
    char got[64];
    snprintf(got, sizeof got, "%zu\t%08" PRIx32 "%08" PRIx32, d->count, d->first, d->second);
    if (strcmp(got, expected) != 0)
        fail_msg("%s: got %s", line, got);
}

/* ---- lines --------------------------------------------------------------------------------------------- */

/* The field after *rest, cut out at the tab; *rest moves on. */
static char *next_field(char **rest)
{
    char *field = *rest;
    assert_non_null(field);
    char *tab = strchr(field, '\t');
    *rest = tab ? tab + 1 : NULL;
    if (tab)
        *tab = '\0';
    return field;
}

static void unescape(buffer *b, const char *text)
{
    b->len = 0;
    for (; *text; text++) {
        if (*text != '\\') {
            put(b, text, 1);
            continue;
        }
        text++;
        if (*text == 'u') {
            char *end;
            put_code(b, (uint32_t)strtoul(text + 2, &end, 16));
            text = end;
        } else {
            put_string(b, *text == 'n' ? "\n" : *text == 'r' ? "\r" : *text == 't' ? "\t" : "\\");
        }
    }
}

static void check_text(const sp_encoding *encoding, char *rest, sp_ids *ids)
{
    static buffer b;
    char *mode = next_field(&rest);
    char *text = next_field(&rest);
    unescape(&b, text);
    encode(encoding, &b, strcmp(mode, "special") == 0 ? SP_SPECIAL_ALLOW : SP_SPECIAL_AS_TEXT, ids);
    char *next = rest;
    for (size_t i = 0; i < ids->count; i++) {
        char *end;
        unsigned long expected = strtoul(next, &end, 10);
        if (end == next || expected != ids->ids[i])
            fail_msg("%s, %s: %s: id %zu is %" PRIu32 ", expected %s", sp_encoding_name(encoding), mode, text, i,
                     ids->ids[i], next);
        next = end;
    }
    if (*next != '\0')
        fail_msg("%s, %s: %s: %zu ids, expected more:%s", sp_encoding_name(encoding), mode, text, ids->count, next);
}

static void check_codes(const sp_encoding *encoding, const char *line, char *rest, sp_ids *ids)
{
    static buffer b;
    digest d = { 0x811C9DC5u, 0, 0 };
    uint32_t first = (uint32_t)strtoul(next_field(&rest), NULL, 10);
    for (uint32_t code = first; code < first + 0x1000; code++)
        if (code < 0xD800 || code > 0xDFFF) {
            around(&b, code);
            encode(encoding, &b, SP_SPECIAL_AS_TEXT, ids);
            digest_add(&d, ids);
        }
    check_digest(&d, line, rest);
}

static void check_random(const sp_encoding *encoding, const char *line, char *rest, sp_ids *ids)
{
    static buffer b;
    digest d = { 0x811C9DC5u, 0, 0 };
    uint32_t state = (uint32_t)strtoul(next_field(&rest), NULL, 10);
    for (int i = 0; i < 1000; i++) {
        random_text(&b, &state);
        encode(encoding, &b, SP_SPECIAL_AS_TEXT, ids);
        digest_add(&d, ids);
    }
    check_digest(&d, line, rest);
}

static void replay(void **state)
{
    const char *name = *state;
    const sp_encoding *encoding = sp_encoding_find((sp_str){ name, strlen(name) });
    const char *folder = getenv("SP_TOKEN_VECTORS");
    char path[512], line[64];
    snprintf(path, sizeof path, "%s/%s.vectors", folder ? folder : "tests/tokens", name);
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("cannot open %s: run from the top of the repository, or set SP_TOKEN_VECTORS", path);
    static char text[1 << 16];
    size_t lines = 0;
    sp_ids ids = { 0 };
    while (fgets(text, sizeof text, file)) {
        text[strcspn(text, "\n")] = '\0';
        snprintf(line, sizeof line, "%s line %zu", name, ++lines);
        char *rest = text;
        char *kind = next_field(&rest);
        if (strcmp(kind, "text") == 0)
            check_text(encoding, rest, &ids);
        else if (strcmp(kind, "codes") == 0)
            check_codes(encoding, line, rest, &ids);
        else if (strcmp(kind, "random") == 0)
            check_random(encoding, line, rest, &ids);
        else
            fail_msg("%s: what is %s?", line, kind);
    }
    fclose(file);
    assert_true(lines >= 30);
    sp_ids_release(&ids);
}

#define REPLAY(name)                                                                                                   \
    {                                                                                                                  \
        name, replay, NULL, NULL, (void *)(uintptr_t)(const void *)(name)                                              \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        REPLAY("r50k_base"),   REPLAY("p50k_base"),  REPLAY("p50k_edit"),
        REPLAY("cl100k_base"), REPLAY("o200k_base"), REPLAY("o200k_harmony"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
