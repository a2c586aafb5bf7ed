/*
 * examples.h - tables of texts, each with the listing of everything that has to come out of it.
 *
 * Comparing the whole listing is what shows a message that got worse. A program includes this after its own headers and
 * defines list(), which writes a text's listing.
 */
#ifndef EXAMPLES_H
#define EXAMPLES_H

#include "base/diagnostic.h"
#include "base/types.h"
#include "syntax/front_matter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

struct example {
    const char *name;
    sp_str text;
    const char *listing;
};

#define TEXT(literal)                                                                                                  \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

static const char *const states[] = { "none", "strict", "recovered" };
static const char *const levels[] = { "note", "warning", "finding" };

static void add_diagnostics(sp_buf *out, const sp_diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        const sp_diagnostic *diagnostic = &diags->items[i];
        assert_true(sp_str_eq(diagnostic->path, SP_STR("a.md")));
        sp_buf_format(out, "%u:%u: %s: %.*s [%.*s]\n", diagnostic->line, diagnostic->column, levels[diagnostic->level],
                      SP_STR_ARG(diagnostic->message), SP_STR_ARG(sp_rule_name(diagnostic->rule)));
    }
}

/* Ends the listing in NUL. */
static void list(sp_buf *out, sp_str text, sp_front_matter_mode mode);

static void check(const struct example *examples, size_t count, sp_front_matter_mode mode)
{
    for (size_t i = 0; i < count; i++) {
        sp_buf out = { 0 };
        list(&out, examples[i].text, mode);
        if (strcmp(out.ptr, examples[i].listing) != 0)
            print_error("example: %s\n", examples[i].name);
        assert_string_equal(out.ptr, examples[i].listing);
        sp_buf_release(&out);
    }
}

#endif
