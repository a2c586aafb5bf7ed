/*
 * overheads.h - the parts of a client's first request that no file explains: their sizes, as measured.
 *
 * Numbers by version, kind of request, model and encoding, and names of tools; no wording. tests/clients/measure writes
 * the rows (parts/CLIENT.def).
 *
 *   sp_overheads measured;
 *   if (sp_overheads_find(profile, SP_START_SESSION, model, encoding, &measured)) ...
 *       row = sp_overhead_of(&measured, "system", NULL)
 */
#ifndef SP_RULES_OVERHEADS_H
#define SP_RULES_OVERHEADS_H

#include "model/prompt.h"
#include "rules/profile.h"
#include "tokenizer/tokens.h"

enum { SP_OVERHEAD_ENCODINGS = 4, SP_OVERHEAD_ESTIMATES = 2 };

/* What was measured of a version with a model. */
typedef struct sp_overhead_set {
    const char *version;
    const char *model; /* its id, as the request names it */
    const char *date;
    struct {
        uint16_t below; /* how far an estimate of such a request may be off, in thousandths of it */
        uint16_t above;
    } spread[SP_OVERHEAD_ESTIMATES];
} sp_overhead_set;

/* Without addresses, which the dynamic linker would have to fill in at each start. */
typedef struct sp_overhead {
    char version[12];
    char kind[12];  /* "": any */
    char model[32]; /* "": any that has no row of its own */
    char part[20];
    char of[36]; /* the tool without which it is not sent, or that it is the definition of; "": none */
    int32_t size_bytes;
    int32_t tokens[SP_OVERHEAD_ENCODINGS]; /* less than 0 where something is taken away */
    uint16_t paths;                        /* how often the launch directory is named in it, which is not counted */
} sp_overhead;

typedef struct sp_overhead_tools {
    const char *version;
    const char *kind;
    const char *model;
    const char *names; /* with spaces between them */
} sp_overhead_tools;

/* All rows of a client. */
typedef struct sp_overhead_table {
    const char *client;
    const sp_overhead_set *sets;
    size_t set_count;
    const sp_overhead *rows;
    size_t row_count;
    const sp_overhead_tools *tools;
    size_t tool_count;
} sp_overhead_table;

/* What was measured for one request. */
typedef struct sp_overheads {
    const sp_overhead_table *table;
    const sp_overhead_set *set;
    const char *kind;
    size_t encoding; /* index into tokens */
} sp_overheads;

typedef enum sp_overheads_state {
    SP_OVERHEADS_KNOWN,
    SP_OVERHEADS_NO_CLIENT,
    SP_OVERHEADS_NO_VERSION,
    SP_OVERHEADS_NO_KIND,
    SP_OVERHEADS_NO_MODEL,
    SP_OVERHEADS_NO_ENCODING,
} sp_overheads_state;

/* model: its id, or an alias such as "opus"; ptr NULL is the client's default one. */
sp_overheads_state sp_overheads_find(const sp_profile *profile, sp_start start, sp_str model,
                                     const sp_encoding *encoding, sp_overheads *ret);

/* The part of that name. of: that tool; NULL: a part that needs none, or any. NULL: there is none. */
const sp_overhead *sp_overhead_of(const sp_overheads *measured, const char *part, sp_str of);
/* The next row after that one (NULL: the first) that holds for the request, in the table's order; NULL past the last.
 */
const sp_overhead *sp_overhead_next(const sp_overheads *measured, const sp_overhead *row);
/* The tools that a request has whose files name none, with spaces between them; ptr NULL: not known. all: those that it
 * has without ToolSearch, with which it would have to look for some of them. */
sp_str sp_overhead_tools_of(const sp_overheads *measured, bool all);
/* The versions that were measured, "2.1.286, 2.1.330", into buffer; empty for none. */
sp_str sp_overhead_versions(const sp_profile *profile, char buffer[80]);

#endif
