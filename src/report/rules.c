/* rules.c - a profile's rules as a table for people and as sysprompt.rules/1; and how two profiles disagree. */
#include "base/json.h"
#include "base/near.h"
#include "base/types.h"
#include "clients/clients.h"
#include "model/profile.h"
#include "report/emit.h"
#include "report/format.h"
#include "report/render.h"
#include "report/reports.h"
#include "report/table.h"
#include "rules/names.h"
#include "sources/client.h"

static const sp_style plain = { 0 };

static const char *const effect_texts[] = {
    [SP_EFFECT_ORDER] = "decides what loads, and where it stands",
    [SP_EFFECT_CUT] = "leaves out a part of a file",
    [SP_EFFECT_SKIP] = "leaves out a whole file",
    [SP_EFFECT_REFUSE] = "the client does not start the agent",
    [SP_EFFECT_WARN] = "only says something",
    [SP_EFFECT_NONE] = "does not hold in this profile",
};

static const char *grade_text(char confidence)
{
    switch (confidence) {
    case 'M':
        return "measured in the real client";
    case 'A':
        return "the newest official page";
    case 'B':
        return "official: an older page, the changelog or the project's own repository";
    case 'C':
        return "observed and reported in public, not documented";
    default:
        return "our choice, where nothing is documented";
    }
}

/* "4 hops", or nothing for a rule without a number. */
static void add_value(sp_buf *out, const sp_rule *rule)
{
    char number[32];
    if (rule->value == 0)
        return;
    sp_buf_add(out, sp_number_text(number, (uint64_t)rule->value));
    sp_buf_format(out, "%s%s", rule->unit[0] == '%' ? "" : " ", rule->unit);
}

/* "2.1.83..", "..2.1.239"; nothing for what always holds. */
static void add_span(sp_buf *out, const sp_rule *rule)
{
    if (rule->since[0] || rule->until[0])
        sp_buf_format(out, "%s..%s", rule->since, rule->until);
}

/* ---- one rule ---------------------------------------------------------------------------------------- */

static void add_line(sp_buf *out, const char *name, sp_buf *value, const char *more)
{
    if (value->len || more[0])
        sp_buf_format(out, "  %-12s", name);
    sp_buf_add(out, sp_buf_str(value));
    if (value->len || more[0])
        sp_buf_format(out, "%s\n", more);
    out->failed = out->failed || value->failed;
    sp_buf_release(value);
}

static void add_in_full(sp_buf *out, const sp_rule *rule)
{
    sp_buf value = { 0 };
    sp_buf_format(out, "  %s\n\n", sp_rule_text(rule));
    add_value(&value, rule);
    add_line(out, "value", &value, "");
    sp_buf_add(&value, sp_name_of_effect(rule->effect));
    sp_buf_add(&value, SP_STR(": "));
    add_line(out, "effect", &value, effect_texts[rule->effect]);
    add_span(&value, rule);
    add_line(out, "holds", &value, "");
    sp_buf_format(&value, "%c: ", rule->confidence);
    add_line(out, "confidence", &value, grade_text(rule->confidence));
    add_line(out, "source", &value, sp_rule_source(rule));
}

/* What the documents say where a measurement contradicts them; NULL where it does not. */
static const sp_rule *documented_row(const sp_rule *rule)
{
    const sp_rule_table *table = &sp_documented_rules;
    for (size_t i = 0; rule && rule->confidence == 'M' && i < table->count; i++)
        if (table->rows[i].key == rule->key)
            return &table->rows[i];
    return NULL;
}

static bool has_rule(const sp_client *client, sp_rule_key key)
{
    for (size_t t = 0; t < SP_COUNT_OF(client->tables) && client->tables[t]; t++)
        for (size_t i = 0; i < client->tables[t]->count; i++)
            if (client->tables[t]->rows[i].key == key)
                return true;
    return false;
}

/* "It is a rule of gemini and qwen; see --profile gemini." */
static void add_holders(sp_buf *out, sp_rule_key key)
{
    const char *first = NULL;
    for (size_t i = 0; i < sp_client_count; i++) {
        if (!has_rule(sp_clients[i], key))
            continue;
        sp_buf_format(out, "%s%s", first ? ", " : "  it is a rule of ", sp_clients[i]->name);
        first = first ? first : sp_clients[i]->name;
    }
    if (first)
        sp_buf_format(out, "; add --profile %s\n", first);
}

static void add_one(sp_buf *out, const sp_profile *profile, sp_rule_key key, const sp_style *style)
{
    const sp_rule *rule = sp_rule_of(profile, key);
    size_t count;
    const sp_rule *rows = sp_rule_history(profile, key, &count);
    sp_table_paint(out, style, SP_PAINT_BOLD, sp_str_of(sp_rule_id(key)));
    sp_buf_format(out, " (%s)\n", sp_profile_name(profile));
    if (rule)
        add_in_full(out, rule);
    else
        sp_buf_add(out,
                   count ? SP_STR("  does not hold in this version\n") : SP_STR("  this profile has no such rule\n"));
    if (!rule && !count)
        add_holders(out, key);
    if (documented_row(rule)) {
        sp_buf_add(out, SP_STR("\nThe documents say otherwise (--profile claude-code:documented):\n"));
        add_in_full(out, documented_row(rule));
    }
    for (size_t i = 0; i < count; i++) {
        if (&rows[i] == rule)
            continue;
        sp_buf_add(out, SP_STR("\nAt another time:\n"));
        add_in_full(out, &rows[i]);
    }
}

/* ---- all of them ------------------------------------------------------------------------------------- */

static void add_row(sp_table *table, const sp_rule *rule)
{
    sp_buf value = { 0 };
    sp_buf span = { 0 };
    const char grade[] = { rule->confidence, documented_row(rule) ? '!' : '\0', '\0' };
    add_value(&value, rule);
    add_span(&span, rule);
    sp_table_row(table,
                 (sp_str[]){ sp_str_of(sp_rule_id(rule->key)), sp_buf_str(&value), sp_name_of_effect(rule->effect),
                             sp_buf_str(&span), sp_str_of(grade), sp_str_of(sp_rule_text(rule)) });
    table->out->failed = table->out->failed || value.failed || span.failed;
    sp_buf_release(&value);
    sp_buf_release(&span);
}

/* The order in which rules are listed: areas as rules/keys.def begins them, and the rules of each together, because a
 * new key is the last one of that file whatever its area is. */
typedef struct listing {
    sp_rule_key keys[SP_RULE_COUNT];
    size_t count;
} listing;

static sp_str area_of(sp_rule_key key)
{
    const char *id = sp_rule_id(key);
    return (sp_str){ id, strcspn(id, ".") };
}

static bool is_first_of_area(sp_rule_key key)
{
    for (sp_rule_key before = 1; before < key; before++)
        if (sp_str_eq(area_of(before), area_of(key)))
            return false;
    return true;
}

static void add_area(listing *list, sp_rule_key first)
{
    for (size_t key = first; key < SP_RULE_COUNT; key++)
        if (sp_str_eq(area_of((sp_rule_key)key), area_of(first)))
            list->keys[list->count++] = (sp_rule_key)key;
}

static listing list_by_area(void)
{
    listing list = { .count = 0 };
    for (size_t first = 1; first < SP_RULE_COUNT; first++)
        if (is_first_of_area((sp_rule_key)first))
            add_area(&list, (sp_rule_key)first);
    return list;
}

/* Which rules were asked for: all, one, or those whose id begins with a text or matches a pattern. */
typedef struct selection {
    sp_rule_key only; /* SP_RULE_NONE: by is_chosen */
    bool is_chosen[SP_RULE_COUNT];
} selection;

static bool has_contradiction(const sp_profile *profile, const selection *chosen)
{
    for (size_t key = 1; key < SP_RULE_COUNT; key++)
        if (chosen->is_chosen[key] && documented_row(profile->rows[key]))
            return true;
    return false;
}

static void add_all(sp_buf *out, const sp_profile *profile, const selection *chosen, const sp_style *style)
{
    static const sp_column columns[] = { { "rule", false },  { "value", true },  { "effect", false },
                                         { "holds", false }, { "grade", false }, { "what it says", false } };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    sp_buf_format(out, "%s: %s\n\n", sp_profile_name(profile), sp_profile_title(profile));
    const listing list = list_by_area();
    for (size_t i = 0; i < list.count; i++)
        if (profile->rows[list.keys[i]] && chosen->is_chosen[list.keys[i]])
            add_row(&table, profile->rows[list.keys[i]]);
    if (!table.row_count)
        sp_buf_add(out, SP_STR("It has no such rule.\n"));
    else
        sp_table_end(&table);
    if (has_contradiction(profile, chosen))
        sp_buf_add(out, SP_STR("\nM!: the documents say otherwise; `sysprompt rules ID` shows both.\n"));
}

/* ---- two profiles ------------------------------------------------------------------------------------ */

static bool is_same(const sp_rule *a, const sp_rule *b)
{
    if (a == b || !a || !b)
        return a == b;
    return a->value == b->value && a->effect == b->effect && strcmp(a->since, b->since) == 0 &&
           strcmp(a->until, b->until) == 0 && strcmp(sp_rule_text(a), sp_rule_text(b)) == 0;
}

/* "- 5 hops, skip: an import chain is followed for five hops" */
static void add_gist(sp_buf *out, char mark, const sp_rule *rule)
{
    if (!rule)
        return;
    sp_buf_format(out, "  %c ", mark);
    add_value(out, rule);
    sp_buf_add(out, rule->value ? SP_STR(", ") : SP_STR(""));
    sp_buf_add(out, sp_name_of_effect(rule->effect));
    sp_buf_format(out, ": %s\n", sp_rule_text(rule));
}

static void add_differences(sp_buf *out, const sp_profile *profile, const sp_profile *other, const sp_style *style)
{
    sp_buf_format(out, "- %s\n+ %s\n", sp_profile_name(profile), sp_profile_name(other));
    size_t count = 0;
    const listing list = list_by_area();
    for (size_t i = 0; i < list.count; i++) {
        sp_rule_key key = list.keys[i];
        if (is_same(profile->rows[key], other->rows[key]))
            continue;
        sp_buf_add_char(out, '\n');
        sp_table_paint(out, style, SP_PAINT_BOLD, sp_rule_name(key));
        sp_buf_add_char(out, '\n');
        add_gist(out, '-', profile->rows[key]);
        add_gist(out, '+', other->rows[key]);
        count++;
    }
    if (count == 0)
        sp_buf_add(out, SP_STR("\nThey have the same rules.\n"));
}

/* ---- JSON -------------------------------------------------------------------------------------------- */

static void add_column(sp_json *json, const char *key, const char *text)
{
    sp_json_str(json, key, text[0] ? sp_str_of(text) : (sp_str){ NULL, 0 });
}

static void add_json_row(sp_json *json, const char *key, const sp_rule *rule)
{
    if (!rule) {
        sp_json_null(json, key);
        return;
    }
    sp_json_begin_line(json, key, '{');
    sp_json_str(json, "id", sp_str_of(sp_rule_id(rule->key)));
    if (rule->value)
        sp_json_uint(json, "value", (uint64_t)rule->value);
    else
        sp_json_null(json, "value");
    add_column(json, "unit", rule->unit);
    sp_json_str(json, "effect", sp_name_of_effect(rule->effect));
    add_column(json, "since", rule->since);
    add_column(json, "until", rule->until);
    sp_json_str(json, "confidence", (sp_str){ &rule->confidence, 1 });
    sp_json_str(json, "source", sp_str_of(sp_rule_source(rule)));
    sp_json_str(json, "text", sp_str_of(sp_rule_text(rule)));
    sp_json_end(json);
}

static void add_json_differences(sp_json *json, const sp_profile *profile, const sp_profile *other)
{
    sp_json_str(json, "vs", sp_str_of(sp_profile_name(other)));
    sp_json_begin(json, "differences", '[');
    const listing list = list_by_area();
    for (size_t i = 0; i < list.count; i++) {
        sp_rule_key key = list.keys[i];
        if (is_same(profile->rows[key], other->rows[key]))
            continue;
        sp_json_begin(json, NULL, '{');
        sp_json_str(json, "id", sp_rule_name(key));
        add_json_row(json, "here", profile->rows[key]);
        add_json_row(json, "there", other->rows[key]);
        sp_json_end(json);
    }
    sp_json_end(json);
}

static void add_json_rows(sp_json *json, const sp_profile *profile, const selection *chosen)
{
    sp_json_begin(json, "rules", '[');
    const listing list = list_by_area();
    for (size_t i = 0; i < list.count; i++)
        if (profile->rows[list.keys[i]] && (chosen->is_chosen[list.keys[i]] || chosen->only == list.keys[i]))
            add_json_row(json, NULL, profile->rows[list.keys[i]]);
    sp_json_end(json);
    if (chosen->only == SP_RULE_NONE)
        return;
    size_t count;
    const sp_rule *rows = sp_rule_history(profile, chosen->only, &count);
    sp_json_begin(json, "history", '[');
    for (size_t i = 0; i < count; i++)
        add_json_row(json, NULL, &rows[i]);
    sp_json_end(json);
}

static void add_json(sp_buf *out, const sp_profile *profile, const selection *chosen, const sp_profile *other)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.rules/1"));
    sp_json_str(&json, "profile", sp_str_of(sp_profile_name(profile)));
    if (other)
        add_json_differences(&json, profile, other);
    else
        add_json_rows(&json, profile, chosen);
    sp_json_end(&json);
}

/* ---- public ------------------------------------------------------------------------------------------ */

/* Whether the id matches a pattern in which * stands for any characters. */
static bool is_match(const char *pattern, const char *end, const char *id)
{
    for (; pattern < end && *pattern != '*'; pattern++, id++)
        if (*pattern != *id)
            return false;
    if (pattern == end)
        return *id == '\0';
    for (pattern++;; id++) {
        if (is_match(pattern, end, id))
            return true;
        if (*id == '\0')
            return false;
    }
}

/* "import" or "import." is every import.*. */
static bool begins_with(sp_str asked, const char *id)
{
    sp_str all = sp_str_of(id);
    bool is_part = asked.len && asked.len < all.len && (asked.ptr[asked.len - 1] == '.' || all.ptr[asked.len] == '.');
    return is_part && sp_str_starts(all, asked);
}

/* The area, such as "import", that a misspelt one was probably meant to be; empty for none. */
static sp_str near_area(sp_str id, const sp_str *ids)
{
    sp_str areas[SP_RULE_COUNT];
    for (size_t i = 0; i < SP_RULE_COUNT; i++) {
        size_t dot = sp_str_find(ids[i], SP_STR("."), 0);
        areas[i] = sp_str_slice(ids[i], 0, dot == SIZE_MAX ? 0 : dot);
    }
    size_t nearest = sp_near(id, areas + 1, SP_RULE_COUNT - 1);
    return nearest == SIZE_MAX ? SP_STR("") : areas[nearest + 1];
}

static sp_status unknown_rule(sp_str id, sp_err *err)
{
    sp_str ids[SP_RULE_COUNT];
    for (size_t i = 0; i < SP_RULE_COUNT; i++)
        ids[i] = sp_str_of(sp_rule_id((sp_rule_key)i));
    size_t nearest = sp_near(id, ids + 1, SP_RULE_COUNT - 1);
    if (nearest != SIZE_MAX)
        return sp_err_set(err, SP_ERR_USAGE, "there is no rule %.*s; did you mean %s?", SP_STR_ARG(id),
                          ids[nearest + 1].ptr);
    sp_str area = near_area(id, ids);
    if (area.len)
        return sp_err_set(err, SP_ERR_USAGE, "there is no rule %.*s; did you mean %.*s?", SP_STR_ARG(id),
                          SP_STR_ARG(area));
    return sp_err_set(err, SP_ERR_USAGE, "there is no rule %.*s; without an id, all are listed", SP_STR_ARG(id));
}

enum { MAX_PATTERN = 100, MAX_STARS = 4 }; /* longer than any id; each star goes through the id once more */

static bool is_pattern(sp_str id)
{
    size_t stars = 0;
    for (size_t i = 0; i < id.len; i++)
        stars += id.ptr[i] == '*';
    return stars > 0 && stars <= MAX_STARS && id.len <= MAX_PATTERN;
}

static sp_status choose(sp_str id, selection *ret, sp_err *err)
{
    size_t count = 0;
    bool matches_all = id.ptr == NULL;
    ret->only = matches_all ? SP_RULE_NONE : sp_rule_find(id);
    for (size_t i = 1; i < SP_RULE_COUNT && ret->only == SP_RULE_NONE; i++) {
        const char *candidate = sp_rule_id((sp_rule_key)i);
        ret->is_chosen[i] = matches_all || begins_with(id, candidate) ||
                            (is_pattern(id) && is_match(id.ptr, id.ptr + id.len, candidate));
        count += ret->is_chosen[i];
    }
    return count || ret->only != SP_RULE_NONE ? SP_OK : unknown_rule(id, err);
}

sp_status sp_rules_render(const sp_profile *profile, sp_str id, const sp_profile *other, sp_format format,
                          const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err)
{
    sp_buf out = { 0 };
    selection chosen = { 0 };
    if (format != SP_FORMAT_TEXT && format != SP_FORMAT_JSON)
        return sp_err_set(err, SP_ERR_USAGE, "rules have no format %d", (int)format);
    SP_TRY(choose(id, &chosen, err));
    style = style ? style : &plain;
    if (format == SP_FORMAT_JSON)
        add_json(&out, profile, &chosen, other);
    else if (other)
        add_differences(&out, profile, other, style);
    else if (chosen.only != SP_RULE_NONE)
        add_one(&out, profile, chosen.only, style);
    else
        add_all(&out, profile, &chosen, style);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}

static void add_profiles(sp_buf *out, const sp_style *style)
{
    static const sp_column columns[] = { { "profile", false }, { "versions", false }, { "what it is", false } };
    sp_table table = { .out = out, .columns = columns, .column_count = SP_COUNT_OF(columns), .style = style };
    for (size_t i = 0; i < sp_client_count; i++) {
        const sp_client *client = sp_clients[i];
        sp_buf versions = { 0 };
        if (client->version_count)
            sp_buf_format(&versions, "%s%s%s", client->versions[0].version, client->version_count > 1 ? " to " : "",
                          client->version_count > 1 ? client->versions[client->version_count - 1].version : "");
        sp_table_row(&table, (sp_str[]){ sp_str_of(client->name), sp_buf_str(&versions), sp_str_of(client->title) });
        out->failed = out->failed || versions.failed;
        sp_buf_release(&versions);
    }
    sp_table_end(&table);
}

static void add_json_profiles(sp_buf *out)
{
    sp_json json = { .out = out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.rules/1"));
    sp_json_begin(&json, "profiles", '[');
    for (size_t i = 0; i < sp_client_count; i++) {
        sp_json_begin(&json, NULL, '{');
        sp_json_str(&json, "name", sp_str_of(sp_clients[i]->name));
        sp_json_str(&json, "title", sp_str_of(sp_clients[i]->title));
        sp_json_begin(&json, "versions", '[');
        for (size_t v = 0; v < sp_clients[i]->version_count; v++) {
            sp_json_begin_line(&json, NULL, '{');
            sp_json_str(&json, "version", sp_str_of(sp_clients[i]->versions[v].version));
            sp_json_str(&json, "date", sp_str_of(sp_clients[i]->versions[v].date));
            sp_json_end(&json);
        }
        sp_json_end(&json);
        sp_json_end(&json);
    }
    sp_json_end(&json);
    sp_json_end(&json);
}

sp_status sp_profiles_render(sp_format format, const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err)
{
    sp_buf out = { 0 };
    if (format != SP_FORMAT_TEXT && format != SP_FORMAT_JSON)
        return sp_err_set(err, SP_ERR_USAGE, "profiles have no format %d", (int)format);
    if (format == SP_FORMAT_JSON)
        add_json_profiles(&out);
    else
        add_profiles(&out, style ? style : &plain);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}
