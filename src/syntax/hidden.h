/*
 * hidden.h - characters that a reader cannot see and a model can: what a text has of them, and what they spell.
 *
 *   sp_hidden_scan *scan = SP_ARENA_NEW(arena, sp_hidden_scan);
 *   sp_hidden_begin(scan, text);
 *   for (const sp_hidden *found; (found = sp_hidden_next(scan));)
 *       ...
 *
 * Those of one kind in one line are one find, because text is hidden between visible letters, too. A character counts
 * only where it has no use: a joiner inside an emoji or between Persian letters, or a mark beside Hebrew, is none.
 * One pass, with memory of a fixed size; never fails.
 */
#ifndef SP_SYNTAX_HIDDEN_H
#define SP_SYNTAX_HIDDEN_H

#include "base/base.h"
#include "base/types.h"

typedef enum sp_hidden_kind {
    SP_HIDDEN_TAG,       /* U+E0000 to U+E007F, which repeat ASCII */
    SP_HIDDEN_SELECTOR,  /* variation selectors, each of which can be a byte */
    SP_HIDDEN_INVISIBLE, /* of no width or without ink */
    SP_HIDDEN_BIDI,      /* the order in which a line is shown */
    SP_HIDDEN_CONTROL,   /* of a terminal */
    SP_HIDDEN_PRIVATE,   /* without a meaning that others know */
    SP_HIDDEN_KINDS,
} sp_hidden_kind;

enum {
    SP_HIDDEN_CODES = 3,      /* characters that are named */
    SP_HIDDEN_SYMBOLS = 2048, /* characters that are decoded: 256 bytes as bits */
};

/* The hidden characters of one kind in one line. */
typedef struct sp_hidden {
    sp_hidden_kind kind;
    size_t begin; /* offset of the first one */
    size_t last;  /* and of the last */
    size_t count;
    uint32_t codes[SP_HIDDEN_CODES]; /* the first ones that differ */
    unsigned code_count;
    bool has_more_codes;
    uint32_t symbols[SP_HIDDEN_SYMBOLS]; /* the first ones, with what a control sequence steers */
    size_t symbol_count;
} sp_hidden;

/* What a whole line has, which decides about some of its characters. */
typedef struct sp_hidden_line {
    bool is_known;
    bool has_right_to_left; /* a letter of such a script */
    bool is_balanced;       /* each bidirectional control that opens is closed */
    bool has_braille;       /* a pattern with dots */
} sp_hidden_line;

typedef struct sp_hidden_scan {
    sp_str text;
    size_t at; /* where the next line begins, once all of the last one are told */
    size_t line_begin;
    sp_hidden_line line;
    uint32_t before; /* the character before this one */
    uint32_t base;   /* the last one that stands for itself: no candidate, no modifier */
    size_t run;      /* candidates side by side, up to 3, with this one */
    size_t run_end;
    sp_hidden found[SP_HIDDEN_KINDS]; /* of the line */
    sp_hidden *told;                  /* the last one */
} sp_hidden_scan;

/* text is borrowed until the scan ends. */
void sp_hidden_begin(sp_hidden_scan *scan, sp_str text);
/* The next find, by line and then by place, or NULL. Borrowed from scan until the next call. */
const sp_hidden *sp_hidden_next(sp_hidden_scan *scan);

/* "tag characters", or "tag character". */
const char *sp_hidden_noun(const sp_hidden *found);
/* The name of a character that can be hidden; "" where that is the noun. */
const char *sp_hidden_name(uint32_t code);
/* Adds what the characters spell, as the bytes that were hidden: escape them. False: nothing that can be read. */
bool sp_hidden_decode(const sp_hidden *found, sp_buf *out);

#endif
