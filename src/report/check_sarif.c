/* check_sarif.c - SARIF 2.1.0, with the rules that have results, and GitLab's Code Quality, which is its little
 * brother. */
#include "base/diagnostic.h"
#include "base/json.h"
#include "base/types.h"
#include "check/result.h"
#include "report/check.h"
#include "report/reports.h"
#include "rules/profile.h"
#include "version.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

static const char *const levels[] = { [SP_NOTE] = "note", [SP_WARNING] = "warning", [SP_FINDING] = "error" };
static const char *const severities[] = { [SP_NOTE] = "info", [SP_WARNING] = "minor", [SP_FINDING] = "critical" };

/* A path as a URI: relative ones stay so, which makes them relative to the root of the checkout. */
static sp_str uri_of(sp_arena *arena, sp_str path)
{
    static const char hex[] = "0123456789ABCDEF";
    sp_buf uri = { 0 };
    if (sp_str_starts(path, SP_STR("/")))
        sp_buf_add(&uri, SP_STR("file://"));
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (is_letter || (c != '\0' && strchr("-._~/", c)))
            sp_buf_add_char(&uri, (char)c);
        else
            sp_buf_add(&uri, (sp_str){ (char[]){ '%', hex[c >> 4], hex[c & 15] }, 3 });
    }
    return sp_buf_move(&uri, arena);
}

/* ---- rules --------------------------------------------------------------------------------------------- */

/* Those that have results, by key: their places in the list, from 1. */
typedef struct rule_list {
    size_t places[SP_RULE_COUNT];
    size_t count;
} rule_list;

static void add_text(sp_json *json, const char *key, sp_str text)
{
    sp_json_begin(json, key, '{');
    sp_json_str(json, "text", text);
    sp_json_end(json);
}

static void add_rule(sp_json *json, const sp_check *check, sp_rule_key key)
{
    const sp_rule *rule = sp_rule_of(check->profile, key);
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "id", sp_str_of(key == SP_RULE_NONE ? "sysprompt" : sp_rule_id(key)));
    if (rule)
        add_text(json, "shortDescription", sp_str_of(sp_rule_text(rule)));
    if (rule && strncmp(sp_rule_source(rule), "https://", 8) == 0)
        sp_json_str(json, "helpUri", sp_str_of(sp_rule_source(rule)));
    sp_json_end(json);
}

static void add_rules(sp_json *json, const sp_check *check, rule_list *rules)
{
    sp_json_begin(json, "rules", '[');
    for (size_t i = 0; i < check->finding_count; i++) {
        sp_rule_key key = check->findings[i].rule;
        if (rules->places[key])
            continue;
        rules->places[key] = ++rules->count;
        add_rule(json, check, key);
    }
    sp_json_end(json);
}

/* ---- results ------------------------------------------------------------------------------------------- */

static void add_location(sp_json *json, sp_arena *arena, const sp_diagnostic *finding)
{
    sp_str uri = uri_of(arena, finding->path);
    json->out->failed = json->out->failed || !uri.ptr;
    sp_json_begin(json, "locations", '[');
    sp_json_begin(json, NULL, '{');
    sp_json_begin(json, "physicalLocation", '{');
    sp_json_begin(json, "artifactLocation", '{');
    sp_json_str(json, "uri", uri);
    sp_json_end(json);
    sp_json_begin(json, "region", '{');
    sp_json_uint(json, "startLine", finding->line ? finding->line : 1);
    if (finding->line)
        sp_json_uint(json, "startColumn", finding->column);
    sp_json_end(json);
    sp_json_end(json);
    sp_json_end(json);
    sp_json_end(json);
}

static void add_result(sp_json *json, sp_arena *arena, const sp_diagnostic *finding, const rule_list *rules,
                       const sp_fingerprint *fingerprint)
{
    sp_rule_key key = finding->rule;
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "ruleId", sp_str_of(key == SP_RULE_NONE ? "sysprompt" : sp_rule_id(key)));
    sp_json_uint(json, "ruleIndex", rules->places[key] - 1);
    sp_json_str(json, "level", sp_str_of(levels[finding->level]));
    add_text(json, "message", finding->message);
    add_location(json, arena, finding);
    sp_json_begin(json, "partialFingerprints", '{');
    sp_json_str(json, "sysprompt/v1", sp_str_of(fingerprint->text));
    sp_json_end(json);
    sp_json_end(json);
}

static void add_tool(sp_json *json, const sp_check *check, rule_list *rules)
{
    sp_json_begin(json, "tool", '{');
    sp_json_begin(json, "driver", '{');
    sp_json_str(json, "name", SP_STR("sysprompt"));
    sp_json_str(json, "version", SP_STR(SP_VERSION));
    sp_json_str(json, "semanticVersion", SP_STR(SP_VERSION));
    add_rules(json, check, rules);
    sp_json_end(json);
    sp_json_end(json);
}

void sp_emit_check_sarif(sp_buf *out, const sp_check *check, const sp_style *style)
{
    (void)style;
    sp_arena arena = { NULL };
    sp_json json = { .out = out };
    rule_list rules = { 0 };
    const sp_fingerprint *fingerprints = sp_check_fingerprints(&arena, check);
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "$schema", SP_STR(SCHEMA));
    sp_json_str(&json, "version", SP_STR("2.1.0"));
    sp_json_begin(&json, "runs", '[');
    sp_json_begin(&json, NULL, '{');
    add_tool(&json, check, &rules);
    sp_json_str(&json, "columnKind", SP_STR("unicodeCodePoints"));
    sp_json_begin(&json, "results", '[');
    for (size_t i = 0; fingerprints && i < check->finding_count; i++)
        add_result(&json, &arena, &check->findings[i], &rules, &fingerprints[i]);
    sp_json_end(&json);
    sp_json_end(&json);
    sp_json_end(&json);
    sp_json_end(&json);
    out->failed = out->failed || !fingerprints;
    sp_arena_release(&arena);
}

/* ---- GitLab --------------------------------------------------------------------------------------------- */

static void add_issue(sp_json *json, const sp_diagnostic *finding, const sp_fingerprint *fingerprint)
{
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "description", finding->message);
    sp_json_str(json, "check_name", finding->rule ? sp_rule_name(finding->rule) : SP_STR("sysprompt"));
    sp_json_str(json, "fingerprint", sp_str_of(fingerprint->text));
    sp_json_str(json, "severity", sp_str_of(severities[finding->level]));
    sp_json_begin(json, "location", '{');
    sp_json_str(json, "path", finding->path);
    sp_json_begin(json, "lines", '{');
    sp_json_uint(json, "begin", finding->line ? finding->line : 1);
    sp_json_end(json);
    sp_json_end(json);
    sp_json_end(json);
}

/* A bare array: GitLab takes no object around it. */
void sp_emit_check_gitlab(sp_buf *out, const sp_check *check, const sp_style *style)
{
    (void)style;
    sp_arena arena = { NULL };
    sp_json json = { .out = out };
    const sp_fingerprint *fingerprints = sp_check_fingerprints(&arena, check);
    sp_json_begin(&json, NULL, '[');
    for (size_t i = 0; fingerprints && i < check->finding_count; i++)
        add_issue(&json, &check->findings[i], &fingerprints[i]);
    sp_json_end(&json);
    out->failed = out->failed || !fingerprints;
    sp_arena_release(&arena);
}
