/*
 * nasty.h - random texts made of what is hard to split and to merge: every kind of white space, contractions in every
 * case, marks, letters of every kind, numbers that are no digits, runs about as long as the widths of vectors.
 *
 * The same seed gives the same texts on every machine.
 */
#ifndef NASTY_H
#define NASTY_H

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t nasty_seed = 1;

/* Below limit. */
static inline uint32_t nasty_random(uint32_t limit)
{
    nasty_seed ^= nasty_seed << 13;
    nasty_seed ^= nasty_seed >> 7;
    nasty_seed ^= nasty_seed << 17;
    return (uint32_t)((nasty_seed >> 20) % limit);
}

/* An empty one stands for NUL. */
static const char *const nasty_units[] = {
    " ",
    "  ",
    "    ",
    "\n",
    "\r\n",
    "\t",
    "\v",
    "\f",
    "\r",
    "a",
    "b",
    "A",
    "B",
    "AB",
    "foo",
    "Bar",
    "HTML",
    "camelCase",
    "word ",
    "Word",
    "'",
    "''",
    "'s",
    "'S",
    "'ll",
    "'LL",
    "'Ll",
    "'re",
    "'rE",
    "'vE",
    "'ve",
    "'t",
    "'m",
    "'D",
    "'l",
    "'r",
    "'\u017f",
    "n't",
    "1",
    "22",
    "333",
    "4444",
    "55555",
    "/",
    "//",
    "/*",
    "*/",
    ".",
    ",",
    "(",
    ")",
    "{",
    "}",
    "==",
    "------",
    ";\n",
    "/\n",
    "\n/",
    "!\r\n/\n",
    "\u00e9",
    "\u00c9",
    "\u00d7",
    "\u2014",
    "\u201c",
    "\u4e2d",
    "\u4e2d\u6587",
    "\u4e2dA",
    "A\u4e2d",
    "\u6587Zb",
    "\u041f",
    "\u0440\u0438",
    "\u0301",
    "a\u0301",
    "A\u0301",
    "\u0928\u094d",
    "\u0661\u0662",
    "\u00b2",
    "\u2168",
    "\U0001f600",
    "\U0001d538",
    "\U0001d539",
    "\U00010428",
    "\U00010400",
    "\U000e0100",
    "\u01c5",
    "\u02b0",
    "\u3000",
    "\u00a0",
    "\xC2\x85",
    "\u2028",
    "\u200b",
    "\ufeff",
    "\u180e",
    "\u0378",
    "\ue000",
    "\uffff",
    "<|endoftext|>",
    "",
};

#define NASTY_UNITS (sizeof nasty_units / sizeof *nasty_units)

static inline bool nasty_is_code(uint32_t code)
{
    return code < 0xD800 || (code > 0xDFFF && code < 0x110000);
}

static inline uint32_t nasty_code(void)
{
    static const uint32_t limits[] = { 0x80, 0x100, 0x250, 0x800, 0x3000, 0x10000, 0x14000, 0x20000, 0x110000 };
    uint32_t code;
    do
        code = nasty_random(limits[nasty_random(sizeof limits / sizeof *limits)]);
    while (!nasty_is_code(code));
    return code;
}

/* A unit, or a character, up to 16 bytes. */
static inline size_t nasty_part(char *out, size_t unit)
{
    if (unit >= NASTY_UNITS)
        return sp_utf8_encode(nasty_code(), out);
    size_t len = strlen(nasty_units[unit]);
    memcpy(out, nasty_units[unit], len + 1);
    return len > 0 ? len : 1;
}

/* A text of whole characters, at most len bytes and hardly less: of few units, which are dense, or of many. The block
 * is no larger than the text, so that a sanitizer sees every look beyond it; the caller frees it. */
static inline char *nasty_text(size_t len, size_t *ret_len)
{
    char part[16];
    char *text = malloc(len + sizeof part);
    assert_non_null(text);
    uint32_t kinds = nasty_random(2) ? 1 + nasty_random(8) : 1 + nasty_random(NASTY_UNITS + 20);
    uint32_t first = nasty_random(NASTY_UNITS), step = 1 + nasty_random(7);
    size_t used = 0;
    while (used < len) {
        size_t more = nasty_part(part, (first + nasty_random(kinds) * step) % (NASTY_UNITS + 1));
        uint32_t times = nasty_random(30) == 0 ? 1 + nasty_random(90) : 1;
        for (; times > 0 && used + more <= len; times--, used += more)
            memcpy(text + used, part, more);
        if (used + more > len)
            break;
    }
    char *exact = malloc(used > 0 ? used : 1);
    assert_non_null(exact);
    memcpy(exact, text, used);
    free(text);
    *ret_len = used;
    return exact;
}

/* For a message: what is not ASCII as \xNN. */
static inline void nasty_print(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        print_error(text[i] >= ' ' && text[i] < 0x7F && text[i] != '\\' ? "%c" : "\\x%02x", (unsigned char)text[i]);
    print_error("\n");
}

#endif
