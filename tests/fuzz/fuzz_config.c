/*
 * fuzz_config.c - any bytes as a sysprompt.yaml, as a baseline, and as a file with comments that are meant for check.
 *
 * Besides not crashing: what is refused has a place in the text and a message; what is taken has budgets that measure
 * something and have a limit; a finding is left out only by a comment that was found in the text.
 */
#include "base/diagnostic.h"
#include "base/types.h"
#include "check/baseline.h"
#include "check/findings.h"
#include "model/source.h"
#include "syntax/markdown.h"
#include "syntax/yaml_tree.h"

#include <stdlib.h>

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void check_error(sp_str text, const sp_err *err)
{
    demand(err->status == SP_ERR_INPUT && err->message[0]);
    demand(err->line >= 1 && err->column >= 1 && err->line <= text.len + 1);
}

static void check_config(sp_arena *arena, sp_str text)
{
    sp_check_config config;
    sp_err err;
    if (sp_config_parse(arena, SP_STR("c.yaml"), SP_STR("/"), text, &config, &err) != SP_OK) {
        check_error(text, &err);
        return;
    }
    for (size_t i = 0; i < config.budget_count; i++) {
        const sp_budget *budget = &config.budgets[i];
        demand(budget->agents.count || budget->directories.count || budget->files.count);
        demand(budget->max.is_given || budget->increase.is_given);
        demand(budget->max.is_share || sp_amount_of(budget->reserve, budget->max.value) <= budget->max.value);
        (void)sp_globs_match(&budget->agents, SP_STR("reviewer"));
        (void)sp_globs_match(&budget->files, SP_STR("docs/a.md"));
    }
    for (size_t i = 0; i < config.ignore_count; i++)
        (void)sp_globs_match(&config.ignores[i].paths, text);
}

static size_t check_node(const sp_yaml_node *node, sp_str text)
{
    size_t count = 0;
    demand(node->offset <= text.len);
    for (const sp_yaml_node *child = node->first; child; child = child->next) {
        demand((node->kind == SP_YAML_MAPPING) == (child->key.ptr != NULL));
        check_node(child, text);
        count++;
    }
    demand(count == node->count);
    return count;
}

static void check_tree(sp_arena *arena, sp_str text)
{
    const sp_yaml_node *root;
    sp_err err;
    if (sp_yaml_read(arena, SP_STR("b.yaml"), text, SP_RULE_BASELINE_VALUES, &root, &err) != SP_OK)
        check_error(text, &err);
    else
        check_node(root, text);
}

static void check_comments(sp_arena *arena, sp_str text)
{
    static const sp_check_config nothing = { .path = { NULL, 0 } };
    sp_findings findings = { .arena = arena, .config = &nothing, .current = SP_STR("/") };
    sp_source source = { .path = SP_STR("a.md"), .bytes = text, .was_read = true };
    const sp_diagnostic finding = {
        .level = SP_FINDING, .path = source.path, .line = 3, .rule = SP_RULE_IMPORT_MISSING, .message = SP_STR("x")
    };
    sp_markdown markdown;
    sp_err err;
    demand(sp_markdown_scan(arena, text, 0, &markdown, &err) == SP_OK);
    source.blocks = markdown.blocks;
    source.block_count = markdown.block_count;
    source.content_begin = text.len / 3;
    demand(sp_findings_look_at(&findings, &source, &err) == SP_OK);
    demand(sp_findings_add(&findings, &finding, &err) == SP_OK);
    size_t comments = findings.comments.count;
    demand(sp_findings_settle(&findings, &err) == SP_OK);
    demand(findings.ignored_count == 0 || comments > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_str text = { size ? (const char *)data : "", size };
    sp_arena arena = { 0 };
    check_config(&arena, text);
    check_tree(&arena, text);
    check_comments(&arena, text);
    sp_arena_release(&arena);
    return 0;
}
