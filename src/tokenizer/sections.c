/*
 * sections.c - counts of texts that will be put one behind the other.
 *
 * Where the counts of two neighbours surely add up, nothing has to be counted again; sections that end in a line end
 * and begin with a word mostly are like that. Those between which it is not sure are counted once more, together.
 */
#include "base/types.h"
#include "tokenizer/tokenize.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

/* Sections that are counted together, as one text. */
typedef struct run {
    const sp_section *sections;
    size_t count;
    char *joined; /* or NULL: it is a single section */
    sp_str text;
} run;

static sp_status run_init(run *r, const sp_section *sections, size_t count, sp_err *err)
{
    size_t len = 0;
    *r = (run){ sections, count, NULL, sections[0].text };
    if (count == 1)
        return SP_OK;
    for (size_t i = 0; i < count; i++)
        len += sections[i].text.len;
    r->joined = malloc(len ? len : 1);
    if (!r->joined)
        return sp_err_memory(err);
    r->text = (sp_str){ r->joined, len };
    len = 0;
    for (size_t i = 0; i < count; len += sections[i++].text.len)
        if (sections[i].text.len > 0)
            memcpy(r->joined + len, sections[i].text.ptr, sections[i].text.len);
    return SP_OK;
}

/* Adds the tokens of the sections from first to last, unless something behind them can change their count: then
 * *ret_adds is false. */
static sp_status add_run(sp_counter *counter, sp_section *sections, size_t first, size_t last, bool is_end,
                         size_t *total, bool *ret_adds, sp_err *err)
{
    run r;
    size_t tokens = sections[last].tokens;
    SP_TRY(run_init(&r, sections + first, last + 1 - first, err));
    *ret_adds = is_end || r.text.len == 0 || sp_utf8_find_invalid(r.text, 0) == SIZE_MAX;
    sp_status status = SP_OK;
    if (*ret_adds && r.joined)
        status = sp_counter_count(counter, r.text, &tokens, err);
    if (*ret_adds && status == SP_OK)
        *total += tokens;
    free(r.joined);
    return status;
}

/* The first text from first on that is not empty; or an empty one. */
static sp_str next_text(const sp_section *sections, size_t first, size_t count)
{
    while (first < count && sections[first].text.len == 0)
        first++;
    return first < count ? sections[first].text : (sp_str){ NULL, 0 };
}

static sp_status count_all(sp_counter *counter, sp_section *sections, size_t count, size_t *ret_total, sp_err *err)
{
    size_t total = 0, first = 0;
    sp_str before = { NULL, 0 }; /* the last text that is not empty */
    bool is_broken = false;      /* what is not UTF-8 is merged with all that follows */
    for (size_t i = 0; i < count; i++) {
        sp_section *section = &sections[i];
        bool is_end = i + 1 == count;
        SP_TRY(sp_counter_count(counter, section->text, &section->tokens, err));
        before = section->text.len > 0 ? section->text : before;
        section->adds = is_end || (!is_broken && sp_seam_adds(counter->encoding, &counter->vocab, before,
                                                              next_text(sections, i + 1, count)));
        if (!section->adds)
            continue;
        SP_TRY(add_run(counter, sections, first, i, is_end, &total, &section->adds, err));
        is_broken = !section->adds;
        first = section->adds ? i + 1 : first;
    }
    *ret_total = total;
    return SP_OK;
}

sp_status sp_count_sections(const sp_encoding *encoding, sp_special special, sp_section *sections, size_t count,
                            size_t *ret_total, sp_err *err)
{
    sp_counter *counter = sp_counter_once(encoding, special, NULL);
    if (!counter)
        return sp_err_memory(err);
    sp_status status = count_all(counter, sections, count, ret_total, err);
    sp_counter_free(counter);
    return status;
}
