/* check_junit.c - JUnit's XML: a test case for each thing that a budget measures, and one for each file. */
#include "base/diagnostic.h"
#include "base/types.h"
#include "check/result.h"
#include "report/check.h"
#include "report/reports.h"
#include "report/table.h"
#include "rules/ids.h"

#include <stdlib.h>

/* Nothing that XML 1.0 has no place for: what could steer a terminal is spelled out anyway. */
static void add_xml(sp_buf *out, sp_str text)
{
    sp_buf escaped = { 0 };
    sp_table_exact(&escaped, text);
    for (size_t i = 0; i < escaped.len; i++) {
        char c = escaped.ptr[i];
        if (c == '&' || c == '<' || c == '>' || c == '"')
            sp_buf_add(out, c == '&'   ? SP_STR("&amp;")
                            : c == '<' ? SP_STR("&lt;")
                            : c == '>' ? SP_STR("&gt;")
                                       : SP_STR("&quot;"));
        else
            sp_buf_add_char(out, c);
    }
    out->failed = out->failed || escaped.failed;
    sp_buf_release(&escaped);
}

static void add_attribute(sp_buf *out, const char *name, sp_str value)
{
    sp_buf_format(out, " %s=\"", name);
    add_xml(out, value);
    sp_buf_add_char(out, '"');
}

static void add_suite(sp_buf *out, const char *name, size_t tests, size_t failures)
{
    sp_buf_format(out, "  <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" time=\"0\">\n", name,
                  tests, failures);
}

static void begin_case(sp_buf *out, sp_str class_name, sp_str name)
{
    sp_buf_add(out, SP_STR("    <testcase"));
    add_attribute(out, "name", name);
    add_attribute(out, "classname", class_name);
    sp_buf_add(out, SP_STR(" time=\"0\""));
}

static void add_failure(sp_buf *out, sp_str rule, sp_str message, sp_str text)
{
    sp_buf_add(out, SP_STR(">\n      <failure"));
    add_attribute(out, "message", message);
    add_attribute(out, "type", rule.len ? rule : SP_STR("sysprompt"));
    sp_buf_add_char(out, '>');
    add_xml(out, text);
    sp_buf_add(out, SP_STR("</failure>\n    </testcase>\n"));
}

/* ---- budgets ------------------------------------------------------------------------------------------ */

static bool has_failed(const sp_check *check, const sp_measure *measure)
{
    if (measure->failed_rule == SP_RULE_NONE)
        return false;
    for (size_t i = 0; i < check->finding_count; i++) /* its level may have been configured */
        if (sp_str_eq(check->findings[i].message, measure->message))
            return check->findings[i].level >= check->fail_level;
    return false;
}

static void add_measures(sp_buf *out, const sp_check *check)
{
    size_t failures = 0;
    for (size_t i = 0; i < check->measure_count; i++)
        failures += has_failed(check, &check->measures[i]);
    add_suite(out, "budgets", check->measure_count, failures);
    for (size_t i = 0; i < check->measure_count; i++) {
        const sp_measure *measure = &check->measures[i];
        begin_case(out, measure->budget, measure->item);
        if (has_failed(check, measure))
            add_failure(out, sp_rule_name(measure->failed_rule), measure->message, measure->path);
        else
            sp_buf_add(out, SP_STR("/>\n"));
    }
    sp_buf_add(out, SP_STR("  </testsuite>\n"));
}

/* ---- files -------------------------------------------------------------------------------------------- */

static bool is_failure(const sp_check *check, const sp_diagnostic *finding)
{
    return finding->level >= check->fail_level && !sp_rule_is_budget(finding->rule);
}

/* By bisection: files are sorted. What is not among them has no case of its own. */
static void mark(const sp_check *check, sp_str path, bool *marks)
{
    size_t low = 0, high = check->files.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = sp_str_cmp(check->files.items[middle], path);
        if (order == 0)
            marks[middle] = true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
}

static void add_finding_case(sp_buf *out, const sp_diagnostic *finding)
{
    sp_buf name = { 0 };
    sp_buf_format(&name, "%.*s:%u:%u %.*s", SP_STR_ARG(finding->path), finding->line, finding->column,
                  SP_STR_ARG(sp_rule_name(finding->rule)));
    begin_case(out, finding->path, sp_buf_str(&name));
    add_failure(out, sp_rule_name(finding->rule), finding->message, finding->source_line);
    out->failed = out->failed || name.failed;
    sp_buf_release(&name);
}

/* A case for each finding that fails, and one for each file that has none. */
static void add_files(sp_buf *out, const sp_check *check)
{
    sp_buf cases = { 0 };
    size_t failures = 0, passes = 0;
    bool *has_finding = calloc(check->files.count + 1, 1);
    out->failed = out->failed || !has_finding;
    for (size_t i = 0; has_finding && i < check->finding_count; i++)
        if (is_failure(check, &check->findings[i])) {
            add_finding_case(&cases, &check->findings[i]);
            failures++;
            mark(check, check->findings[i].path, has_finding);
        }
    for (size_t i = 0; has_finding && i < check->files.count; i++)
        if (!has_finding[i]) {
            begin_case(&cases, check->files.items[i], check->files.items[i]);
            sp_buf_add(&cases, SP_STR("/>\n"));
            passes++;
        }
    add_suite(out, "files", failures + passes, failures);
    sp_buf_add(out, sp_buf_str(&cases));
    sp_buf_add(out, SP_STR("  </testsuite>\n"));
    out->failed = out->failed || cases.failed;
    sp_buf_release(&cases);
    free(has_finding);
}

void sp_emit_check_junit(sp_buf *out, const sp_check *check, const sp_style *style)
{
    (void)style;
    sp_buf_add(out, SP_STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sysprompt\">\n"));
    if (check->measure_count)
        add_measures(out, check);
    add_files(out, check);
    sp_buf_add(out, SP_STR("</testsuites>\n"));
}
