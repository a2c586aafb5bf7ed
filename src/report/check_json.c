/* check_json.c - sysprompt.check/1. */
#include "base/diagnostic.h"
#include "base/json.h"
#include "check/result.h"
#include "report/check.h"
#include "report/encodings.h"
#include "report/parts.h"
#include "report/reports.h"
#include "rules/names.h"
#include "sources/client.h"
#include "tokenizer/tokens.h"

static void add_tokens(sp_json *json, const char *key, size_t tokens)
{
    if (tokens == SP_NO_TOKENS)
        sp_json_null(json, key);
    else
        sp_json_uint(json, key, tokens);
}

static void add_finding(sp_json *json, const sp_diagnostic *finding, const sp_fingerprint *fingerprint)
{
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "level", sp_name_of_level(finding->level));
    sp_json_str(json, "path", finding->path);
    sp_json_uint_or_null(json, "line", finding->line);
    sp_json_uint_or_null(json, "column", finding->column);
    sp_json_str(json, "rule", sp_rule_name(finding->rule));
    sp_json_str(json, "message", finding->message);
    sp_json_str(json, "fingerprint", sp_str_of(fingerprint->text));
    sp_json_end(json);
}

static void add_offer(sp_json *json, const sp_offer *offer)
{
    sp_json_begin_line(json, NULL, '{');
    sp_json_str(json, "path", offer->path);
    sp_json_pair(json, "lines", offer->first_line, offer->last_line);
    sp_json_str(json, "heading", offer->heading);
    sp_json_uint(json, "tokens", offer->tokens);
    sp_json_end(json);
}

static void add_measure(sp_json *json, const sp_measure *measure)
{
    static const char *const suffice[] = { NULL, "each", "together", "no" }; /* by sp_offers_do */
    sp_json_begin(json, NULL, '{');
    sp_json_str(json, "budget", measure->budget);
    sp_json_str(json, "item", measure->item);
    sp_json_str(json, "of", measure->of_request ? SP_STR("request") : SP_STR("prompt"));
    sp_json_str(json, "path", measure->path);
    sp_json_uint_or_null(json, "line", measure->line);
    sp_part_encoding(json, measure->encoding, measure->exact, (sp_str){ NULL, 0 });
    sp_part_model_encoding(json, measure->model_encoding);
    sp_json_uint(json, "tokens", measure->tokens);
    sp_part_range(json, measure->exact, measure->range);
    sp_json_uint(json, "bound_tokens", measure->bound_tokens);
    if (measure->counted_on.ptr) {
        sp_json_str(json, "counted_by", SP_STR("api-count"));
        sp_json_str(json, "counted_on", measure->counted_on);
    }
    add_tokens(json, "limit_tokens", measure->limit_tokens);
    add_tokens(json, "warn_tokens", measure->warn_tokens);
    add_tokens(json, "baseline_tokens", measure->baseline_tokens);
    add_tokens(json, "growth_tokens", measure->growth_tokens);
    sp_json_str(json, "failed", measure->failed_rule ? sp_rule_name(measure->failed_rule) : (sp_str){ NULL, 0 });
    sp_json_str(json, "cuts_suffice", sp_str_of(suffice[measure->offers_do]));
    sp_json_begin(json, "cheapest_cuts", '[');
    for (size_t i = 0; i < measure->offer_count; i++)
        add_offer(json, &measure->offers[i]);
    sp_json_end(json);
    sp_json_end(json);
}

void sp_emit_check_json(sp_buf *out, const sp_check *check, const sp_style *style)
{
    (void)style;
    sp_arena arena = { NULL };
    sp_json json = { .out = out };
    const sp_fingerprint *fingerprints = sp_check_fingerprints(&arena, check);
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.check/1"));
    sp_json_str(&json, "profile", sp_str_of(sp_profile_name(check->profile)));
    sp_part_encoding(&json, check->encoding, sp_encoding_is_exact(check->encoding), check->encoding_note);
    sp_json_uint(&json, "errors", check->level_counts[SP_FINDING]);
    sp_json_uint(&json, "warnings", check->level_counts[SP_WARNING]);
    sp_json_uint(&json, "notes", check->level_counts[SP_NOTE]);
    sp_json_uint(&json, "ignored", check->ignored_count);
    sp_json_uint(&json, "files", check->files.count);
    sp_json_uint(&json, "agents", check->agent_count);
    sp_json_uint(&json, "locks", check->lock_count);
    sp_json_begin(&json, "budgets", '[');
    for (size_t i = 0; i < check->measure_count; i++)
        add_measure(&json, &check->measures[i]);
    sp_json_end(&json);
    sp_json_begin(&json, "findings", '[');
    for (size_t i = 0; fingerprints && i < check->finding_count; i++)
        add_finding(&json, &check->findings[i], &fingerprints[i]);
    sp_json_end(&json);
    sp_json_end(&json);
    out->failed = out->failed || !fingerprints;
    sp_arena_release(&arena);
}
