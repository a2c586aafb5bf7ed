/* check.c - the table of reports, and what several of them need. */
#include "report/check.h"

#include "base/diagnostic.h"
#include "base/map.h"
#include "base/types.h"
#include "check/result.h"
#include "report/encodings.h"
#include "report/render.h"
#include "report/reports.h"
#include "rules/ids.h"

#include <inttypes.h>
#include <stdio.h>

sp_status sp_check_render(const sp_check *check, sp_report report, const sp_style *style, char **ret_bytes,
                          size_t *ret_len, sp_err *err)
{
    static const sp_style plain = { .width_columns = 80 };
    static void (*const emitters[])(sp_buf *, const sp_check *, const sp_style *) = {
        [SP_REPORT_TEXT] = sp_emit_check_text,     [SP_REPORT_JSON] = sp_emit_check_json,
        [SP_REPORT_GITHUB] = sp_emit_check_github, [SP_REPORT_SUMMARY] = sp_emit_check_summary,
        [SP_REPORT_SARIF] = sp_emit_check_sarif,   [SP_REPORT_GITLAB] = sp_emit_check_gitlab,
        [SP_REPORT_JUNIT] = sp_emit_check_junit,   [SP_REPORT_BASELINE] = sp_emit_check_baseline,
        [SP_REPORT_CONFIG] = sp_emit_check_config,
    };
    sp_buf out = { 0 };
    if ((size_t)report >= SP_COUNT_OF(emitters))
        return sp_err_set(err, SP_ERR_USAGE, "there is no report %d", (int)report);
    emitters[report](&out, check, style ? style : &plain);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}

/* Several budgets may measure one item. */
static bool is_first(const sp_check *check, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (check->measures[i].model_encoding && sp_str_eq(check->measures[i].item, check->measures[index].item))
            return false;
    return true;
}

static bool was_counted(const sp_check *check, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (check->measures[i].encoding != check->encoding &&
            sp_str_eq(check->measures[i].item, check->measures[index].item))
            return true;
    return false;
}

void sp_check_others(sp_buf *out, const sp_check *check, void (*add_text)(sp_buf *, sp_str))
{
    sp_other_encodings others = { .add_text = add_text };
    for (size_t i = 0; i < check->measure_count; i++)
        if (check->measures[i].model_encoding && is_first(check, i))
            sp_other_encodings_add(&others, check->measures[i].item, check->measures[i].model_encoding);
    sp_other_encodings_end(&others, out, SP_OTHERS_OF_MODEL("Items"), "sysprompt explain counts with it.");
    sp_other_encodings counted = { .add_text = add_text };
    for (size_t i = 0; i < check->measure_count; i++)
        if (check->measures[i].encoding != check->encoding && !was_counted(check, i))
            sp_other_encodings_add(&counted, check->measures[i].item, check->measures[i].encoding);
    sp_other_encodings_end(&counted, out, "Items counted with the tokenizer of their own profile",
                           "--model or --encoding sets one for all.");
}

/* ---- fingerprints ------------------------------------------------------------------------------------ */

/* FNV-1a, twice over with another start. The zero between the parts keeps "a", "bc" from being "ab", "c". */
static void mix(uint64_t hash[2], sp_str text)
{
    for (size_t i = 0; i <= text.len; i++) {
        unsigned char byte = i < text.len ? (unsigned char)text.ptr[i] : 0;
        hash[0] = (hash[0] ^ byte) * 0x100000001B3u;
        hash[1] = (hash[1] ^ byte ^ 0x5A) * 0x100000001B3u;
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The commas of 12,340. */
static bool is_separator(sp_str text, size_t at)
{
    return text.ptr[at] == ',' && at > 0 && at + 1 < text.len && is_digit(text.ptr[at - 1]) &&
           is_digit(text.ptr[at + 1]);
}

/* What a message says apart from its numbers, for findings that are about no line. */
static sp_str without_numbers(sp_arena *arena, sp_str message)
{
    char *plain = sp_arena_alloc(arena, message.len + 1, 1);
    size_t len = 0;
    for (size_t i = 0; plain && i < message.len; i++)
        if (!is_digit(message.ptr[i]) && !is_separator(message, i))
            plain[len++] = message.ptr[i];
    return (sp_str){ plain, len };
}

static bool make_fingerprint(sp_arena *arena, sp_map *seen, const sp_diagnostic *finding, sp_fingerprint *ret)
{
    uint64_t hash[2] = { 0xCBF29CE484222325u, 0x84222325CBF29CE4u };
    sp_str line = sp_str_trim(finding->source_line);
    sp_str about = line.len ? line : without_numbers(arena, finding->message);
    if (!about.ptr)
        return false;
    mix(hash, sp_rule_name(finding->rule));
    mix(hash, finding->path);
    mix(hash, about);
    sp_str key = sp_str_format(arena, "%016" PRIx64 "%016" PRIx64, hash[0], hash[1]);
    uint32_t *slot = key.ptr ? sp_map_slot(arena, seen, key) : NULL;
    if (!slot)
        return false;
    *slot = *slot == SP_NONE ? 0 : *slot + 1;
    if (*slot > 0)
        mix(hash, sp_str_format(arena, "%u", *slot));
    snprintf(ret->text, sizeof ret->text, "%016" PRIx64 "%016" PRIx64, hash[0], hash[1]);
    return true;
}

sp_fingerprint *sp_check_fingerprints(sp_arena *arena, const sp_check *check)
{
    sp_map seen = { 0 };
    sp_fingerprint *prints = SP_ARENA_ARRAY(arena, sp_fingerprint, check->finding_count + 1);
    for (size_t i = 0; prints && i < check->finding_count; i++)
        if (!make_fingerprint(arena, &seen, &check->findings[i], &prints[i]))
            return NULL;
    return prints;
}
