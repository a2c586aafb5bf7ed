/* check_files.c - the files that check writes for itself: a baseline, and a first configuration. */
#include "base/json.h"
#include "base/numbers.h"
#include "base/types.h"
#include "base/yaml.h"
#include "check/budgets.h"
#include "check/result.h"
#include "report/check.h"
#include "report/encodings.h"
#include "report/reports.h"
#include "report/table.h"
#include "sources/client.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

/* ---- baseline ---------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const sp_measure *x = *(const sp_measure *const *)a, *y = *(const sp_measure *const *)b;
    int order = sp_str_cmp(x->budget, y->budget);
    return order ? order : sp_str_cmp(x->item, y->item);
}

/* Built-in names are plain; --tokenizer and tokenizer: bring the names of files, which may be anything. */
static void add_encoding(sp_buf *out, const sp_encoding *encoding)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-@";
    const char *name = sp_encoding_name(encoding);
    bool is_plain = *name >= 'a' && *name <= 'z' && name[strspn(name, plain)] == '\0';
    if (is_plain)
        sp_buf_add(out, sp_str_of(name));
    else
        sp_yaml_quote(out, sp_str_of(name));
}

/* Sorted, an item on each line: what did not change is no part of a diff. */
void sp_emit_check_baseline(sp_buf *out, const sp_check *check, const sp_style *style)
{
    (void)style;
    const sp_measure **sorted = calloc(check->measure_count + 1, sizeof(const sp_measure *));
    size_t count = 0;
    out->failed = out->failed || !sorted;
    for (size_t i = 0; sorted && i < check->measure_count; i++)
        if (check->measures[i].is_compared)
            sorted[count++] = &check->measures[i];
    if (count)
        qsort(sorted, count, sizeof(const sp_measure *), compare);
    sp_buf_add(out, SP_STR("# Written by sysprompt check --update-baseline.\nencoding: "));
    add_encoding(out, check->encoding);
    sp_buf_add_char(out, '\n');
    if (check->bound != SP_BOUND_UPPER)
        sp_buf_format(out, "estimate: %s\n", sp_bound_name(check->bound));
    sp_buf_format(out, "budgets:%s\n", count ? "" : " {}");
    sp_arena arena = { NULL };
    for (size_t i = 0; i < count; i++) {
        sp_str item = sp_measure_key(&arena, sorted[i]);
        out->failed = out->failed || !item.ptr;
        if (i == 0 || !sp_str_eq(sorted[i]->budget, sorted[i - 1]->budget)) {
            sp_buf_add(out, SP_STR("  "));
            sp_yaml_quote(out, sorted[i]->budget);
            sp_buf_add(out, SP_STR(":\n"));
        }
        sp_buf_add(out, SP_STR("    "));
        sp_yaml_quote(out, item);
        sp_buf_format(out, ": %zu\n", sorted[i]->bound_tokens);
    }
    sp_arena_release(&arena);
    free(sorted);
}

/* ---- configuration ------------------------------------------------------------------------------------- */

static const struct {
    const char *budget;
    const char *lines; /* what it is about; NULL: as describe_files says */
} proposals[] = {
    { "session", "    directories: .\n" },
    { "agents", "    agents: \"*\"\n" },
    { "files", NULL },
    { "request", "    directories: .\n    of: request\n" },
};

/* The patterns of check/propose.c, but for one that matches nothing here: check would warn of it. */
static const char *describe_files(const sp_check *check)
{
    bool has_rules = false, has_others = false;
    for (size_t i = 0; i < check->measure_count; i++) {
        const sp_measure *measure = &check->measures[i];
        bool is_file = sp_str_eq(measure->budget, SP_STR("files"));
        bool is_rule = sp_str_starts(measure->item, SP_STR(".claude/rules/"));
        has_rules = has_rules || (is_file && is_rule);
        has_others = has_others || (is_file && !is_rule);
    }
    if (!has_rules)
        return "    files: \"**/{CLAUDE,AGENTS,GEMINI}.md\"\n";
    if (!has_others)
        return "    files: .claude/rules/**/*.md\n";
    return "    files:\n      - \"**/{CLAUDE,AGENTS,GEMINI}.md\"\n      - .claude/rules/**/*.md\n";
}

static const sp_measure *find_largest(const sp_check *check, const char *budget)
{
    const sp_measure *largest = NULL;
    for (size_t i = 0; i < check->measure_count; i++) {
        const sp_measure *measure = &check->measures[i];
        if (sp_str_eq(measure->budget, sp_str_of(budget)) &&
            (!largest || measure->bound_tokens > largest->bound_tokens))
            largest = measure;
    }
    return largest && largest->tokens ? largest : NULL;
}

/* Without these lines another machine, with other settings at home or a newer sysprompt, would count otherwise. */
static void add_how(sp_buf *out, const sp_check *check)
{
    bool is_known = sp_encoding_find(sp_str_of(sp_encoding_name(check->encoding))) != NULL;
    sp_buf_add(out, check->encoding_note.ptr ? SP_STR("# ") : SP_STR(""));
    sp_part_encoding_note(out, check->encoding_note);
    sp_buf_format(out, "profile: %s\n", sp_profile_name(check->profile));
    if (is_known)
        sp_buf_format(out, "encoding: %s\n", sp_encoding_name(check->encoding));
    else
        sp_buf_add(out, SP_STR("# tokenizer: FILE, the vocabulary that counts; it must lie below this directory\n"));
    if (check->bound != SP_BOUND_UPPER)
        sp_buf_format(out, "estimate: %s\n", sp_bound_name(check->bound));
}

void sp_emit_check_config(sp_buf *out, const sp_check *check, const sp_style *style)
{
    (void)style;
    bool is_one = false;
    sp_buf_add(out, SP_STR("# Limits for sysprompt check: 10% above today's largest, rounded up, in tokens of "));
    add_encoding(out, check->encoding);
    sp_buf_format(out, ", by the rules of %s.\n", sp_profile_name(check->profile));
    add_how(out, check);
    sp_buf_add(out, SP_STR("budgets:"));
    for (size_t i = 0; i < SP_COUNT_OF(proposals); i++) {
        char size[SP_TOKENS_ROOM];
        const sp_measure *largest = find_largest(check, proposals[i].budget);
        bool is_agents = strcmp(proposals[i].budget, "agents") == 0;
        if (!largest || (is_agents && !check->has_inside_agent)) /* elsewhere the budget would match nothing */
            continue;
        sp_buf_format(out, "\n  %s:\n%s    max: %zu # ", proposals[i].budget,
                      proposals[i].lines ? proposals[i].lines : describe_files(check),
                      sp_budget_suggest(largest->bound_tokens));
        sp_yaml_quote(out, largest->item);
        sp_buf_format(out, " has %s", sp_tokens_text(size, largest->exact, largest->tokens, largest->range));
        is_one = true;
    }
    sp_buf_add(out, is_one ? SP_STR("\n") : SP_STR(" {}\n"));
}
