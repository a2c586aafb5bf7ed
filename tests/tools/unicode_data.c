/*
 * unicode_data.c - holds graphemes and normal forms against the Unicode Character Database.
 *
 *   unicode_data graphemes    < GraphemeBreakTest.txt    where a large block may be cut (sp_trim_part_end)
 *   unicode_data normal-forms < NormalizationTest.txt    what a tokenizer.json's NFC, NFD, NFKC and NFKD make of a text
 *
 * Prints each line of the file that does not hold, and how many do. Exits 1 where one does not. The tables are those of
 * utf8proc, so the data has to be of its version of Unicode, which is printed, too.
 */
#include "base/types.h"
#include "tokenizer/files/normalize.h"
#include "trim/trimmer.h"

#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

enum { LINE_ROOM = 4096, TEXT_ROOM = 256, COLUMNS = 5, CODES = 0x110000 };

typedef struct text {
    char bytes[TEXT_ROOM];
    size_t len;
} text;

static sp_str str_of(const text *t)
{
    return (sp_str){ t->bytes, t->len };
}

/* Reads a hexadecimal number at *at, and adds its character. False if there is none. */
static bool add_code(char **at, text *t)
{
    char *end;
    unsigned long code = strtoul(*at, &end, 16);
    if (end == *at || t->len + 4 > TEXT_ROOM)
        return false;
    t->len += sp_utf8_encode((uint32_t)code, t->bytes + t->len);
    *at = end;
    return true;
}

/* ---- graphemes: "÷ 0020 × 0308 ÷ 0020 ÷", of which ÷ is where one ends -------------------------------------- */

static bool graphemes_hold(char *line)
{
    text t = { 0 };
    bool is_end[TEXT_ROOM + 1] = { false }, holds = true, is_more = true;
    for (char *at = line; is_more && (at = strchr(at, '\xC3')) != NULL;) {
        is_end[t.len] = at[1] == '\xB7';
        at += 2;
        is_more = add_code(&at, &t);
    }
    for (size_t at = 0, end; at < t.len && holds; at = end) {
        end = sp_trim_part_end(str_of(&t), at, 0); /* what is larger than no bytes at all is one grapheme */
        for (size_t inside = at + 1; inside < end; inside++)
            holds = holds && !is_end[inside];
        holds = holds && is_end[end];
    }
    return holds && t.len > 0;
}

/* ---- normal forms: five columns, of which the others are made of the first ------------------------------------ */

static const struct {
    sp_normalizer_kind kind;
    size_t becomes[COLUMNS]; /* the column that each one becomes */
} forms[] = {
    { SP_NORMALIZE_NFC, { 1, 1, 1, 3, 3 } },
    { SP_NORMALIZE_NFD, { 2, 2, 2, 4, 4 } },
    { SP_NORMALIZE_NFKC, { 3, 3, 3, 3, 3 } },
    { SP_NORMALIZE_NFKD, { 4, 4, 4, 4, 4 } },
};

/* The text becomes that, and the ends of its bytes in the original go up to the original's. */
static bool becomes(sp_normalizer_kind kind, const text *from, const text *wanted)
{
    sp_normalizer normalizer = { .kind = kind };
    sp_flow out = { 0 };
    sp_flow_clear(&out, true);
    bool holds = sp_normalize(&normalizer, NULL, (sp_view){ str_of(from), NULL }, &out) && !out.failed &&
                 sp_str_eq(sp_flow_view(&out).text, str_of(wanted));
    for (size_t i = 1; holds && i < out.len; i++)
        holds = out.ends[i - 1] <= out.ends[i];
    holds = holds && out.ends[out.len - 1] == from->len;
    sp_flow_release(&out);
    return holds;
}

static bool columns_hold(const text columns[COLUMNS])
{
    bool hold = true;
    for (size_t form = 0; form < SP_COUNT_OF(forms); form++)
        for (size_t i = 0; i < COLUMNS; i++)
            hold = hold && becomes(forms[form].kind, &columns[i], &columns[forms[form].becomes[i]]);
    return hold;
}

/* Marks in listed the character that a line is about. */
static bool normal_forms_hold(char *line, bool *listed)
{
    text columns[COLUMNS] = { 0 };
    char *at = line;
    for (size_t i = 0; i < COLUMNS; i++, at++) {
        while (*at != ';')
            if (!add_code(&at, &columns[i]))
                return false;
    }
    uint32_t code;
    size_t bad, len = sp_utf8_decode(str_of(&columns[0]), 0, &code, &bad);
    listed[len == columns[0].len ? code : 0] = true;
    return columns_hold(columns);
}

/* A character that the file does not list stays as it is. */
static size_t other_characters_hold(const bool *listed)
{
    size_t failed = 0, count = 0;
    for (uint32_t code = 1; code < CODES; code++) {
        text columns[COLUMNS] = { 0 };
        bool is_surrogate = code >= 0xD800 && code < 0xE000;
        if (listed[code] || is_surrogate)
            continue;
        columns[0].len = sp_utf8_encode(code, columns[0].bytes);
        for (size_t i = 1; i < COLUMNS; i++)
            columns[i] = columns[0];
        bool holds = columns_hold(columns);
        if (!holds)
            printf("not as it was: U+%04X\n", (unsigned)code);
        failed += !holds;
        count++;
    }
    printf("%zu of %zu characters that are not listed stay as they are\n", count - failed, count);
    return failed;
}

int main(int argc, char **argv)
{
    static bool listed[CODES];
    char line[LINE_ROOM], version[80] = "";
    size_t count = 0, failed = 0;
    bool is_normal = argc == 2 && strcmp(argv[1], "normal-forms") == 0;
    if (!is_normal && (argc != 2 || strcmp(argv[1], "graphemes") != 0)) {
        fprintf(stderr, "usage: unicode_data graphemes|normal-forms < FILE\n");
        return 2;
    }
    while (fgets(line, sizeof line, stdin)) {
        if (!version[0])
            snprintf(version, sizeof version, "%.*s", (int)strcspn(line + 2, "\n"), line + 2);
        if (line[0] == '#' || line[0] == '@' || line[0] == '\n')
            continue;
        bool holds = is_normal ? normal_forms_hold(line, listed) : graphemes_hold(line);
        if (!holds)
            printf("does not hold: %s", line);
        failed += !holds;
        count++;
    }
    printf("%s: %zu of %zu lines hold, with Unicode %s\n", version, count - failed, count, utf8proc_unicode_version());
    failed += is_normal ? other_characters_hold(listed) : 0;
    return failed > 0 || count == 0;
}
