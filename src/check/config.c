/* config.c - a table of keys for each section, and one function for each kind of value. */
#include "check/config.h"

#include "base/amount.h"
#include "base/near.h"
#include "base/numbers.h"
#include "base/types.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"
#include "syntax/yaml_tree.h"
#include "tokenizer/tokens.h"

typedef struct reader {
    sp_arena *arena;
    sp_check_config *config;
    sp_glob_budget braces; /* of all patterns: there may be many lists of them */
    sp_err *err;
} reader;

struct key_row;
typedef sp_status (*take_fn)(reader *r, const struct key_row *row, const sp_yaml_node *node, void *member);

typedef struct key_row {
    const char *name;
    take_fn take;
    size_t member; /* where in the section's struct it goes */
    const char *expected;
} key_row;

/* ---- speaking -------------------------------------------------------------------------------------- */

SP_PRINTF(3, 4)
static sp_status fail(const reader *r, size_t offset, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sp_err_vat(r->err, SP_ERR_INPUT, r->config->path, r->config->text, offset, NULL, format, args);
    va_end(args);
    return SP_ERR_INPUT;
}

/* More than a limit, which is a rule, allows. */
SP_PRINTF(4, 5)
static sp_status fail_limit(const reader *r, sp_rule_key rule, size_t offset, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sp_err_vat(r->err, SP_ERR_INPUT, r->config->path, r->config->text, offset, sp_rule_id(rule), format, args);
    va_end(args);
    return SP_ERR_INPUT;
}

static sp_status fail_kind(const reader *r, const key_row *row, const sp_yaml_node *node)
{
    return fail(r, node->offset, "%s takes %s, and this is %s", row->name, row->expected,
                sp_yaml_kind_name(node->kind));
}

static sp_status fail_value(const reader *r, const key_row *row, const sp_yaml_node *node)
{
    return fail(r, node->offset, "%s takes %s, not \"%.*s\"", row->name, row->expected, SP_STR_ARG(node->text));
}

/* ---- sections -------------------------------------------------------------------------------------- */

enum { MAX_KEYS = 24 };

static sp_status fail_key(const reader *r, const key_row *rows, size_t count, const sp_yaml_node *node,
                          const char *section)
{
    sp_str known[MAX_KEYS];
    sp_buf names = { 0 };
    for (size_t i = 0; i < count && i < MAX_KEYS; i++) {
        known[i] = sp_str_of(rows[i].name);
        sp_buf_format(&names, "%s%s", i == 0 ? "" : i + 1 == count ? " and " : ", ", rows[i].name);
    }
    sp_str list = sp_buf_move(&names, r->arena);
    if (!list.ptr)
        return sp_err_memory(r->err);
    size_t nearest = sp_near(node->key, known, count);
    if (nearest != SIZE_MAX)
        return fail(r, node->key_offset, "%s has no key \"%.*s\"; did you mean %.*s?", section, SP_STR_ARG(node->key),
                    SP_STR_ARG(known[nearest]));
    return fail(r, node->key_offset, "%s has no key \"%.*s\"; its keys are %.*s", section, SP_STR_ARG(node->key),
                SP_STR_ARG(list));
}

static sp_status take_section(reader *r, const key_row *rows, size_t count, const sp_yaml_node *mapping,
                              const char *section, void *target)
{
    for (const sp_yaml_node *node = mapping->first; node; node = node->next) {
        size_t i = 0;
        while (i < count && !sp_str_eq(node->key, sp_str_of(rows[i].name)))
            i++;
        if (i == count)
            return fail_key(r, rows, count, node, section);
        SP_TRY(rows[i].take(r, &rows[i], node, (char *)target + rows[i].member));
    }
    return SP_OK;
}

/* ---- kinds of values --------------------------------------------------------------------------------- */

static sp_status take_text(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    if (node->kind != SP_YAML_TEXT)
        return fail_kind(r, row, node);
    if (sp_str_trim(node->text).len == 0)
        return fail_value(r, row, node);
    if (sp_str_find(node->text, (sp_str){ "", 1 }, 0) != SIZE_MAX)
        return fail(r, node->offset, "%s has a NUL character in it", row->name);
    *(sp_str *)member = node->text;
    return SP_OK;
}

static sp_status take_placed_text(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    sp_placed_text *placed = member;
    placed->offset = node->offset;
    return take_text(r, row, node, &placed->text);
}

static sp_status take_flag(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    bool is_true = node->kind == SP_YAML_TEXT && sp_str_eq(node->text, SP_STR("true"));
    if (!is_true && !(node->kind == SP_YAML_TEXT && sp_str_eq(node->text, SP_STR("false"))))
        return node->kind == SP_YAML_TEXT ? fail_value(r, row, node) : fail_kind(r, row, node);
    *(bool *)member = is_true;
    return SP_OK;
}

static sp_status take_sum(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    bool is_request = node->kind == SP_YAML_TEXT && sp_str_eq(node->text, SP_STR("request"));
    if (!is_request && !(node->kind == SP_YAML_TEXT && sp_str_eq(node->text, SP_STR("prompt"))))
        return node->kind == SP_YAML_TEXT ? fail_value(r, row, node) : fail_kind(r, row, node);
    *(bool *)member = is_request;
    return SP_OK;
}

bool sp_globs_match(const sp_globs *globs, sp_str path)
{
    for (size_t i = 0; i < globs->count; i++)
        if (sp_glob_match(&globs->globs[i], path, true))
            return true;
    return false;
}

sp_glob_budget sp_globs_budget(void)
{
    return (sp_glob_budget){ (uint64_t)sp_own_limit(SP_RULE_CHECK_PATTERNS),
                             (uint64_t)sp_own_limit(SP_RULE_FILE_MAX_BYTES) };
}

sp_status sp_globs_compile(sp_arena *arena, const sp_str *texts, size_t count, sp_glob_budget *budget, sp_globs *ret,
                           size_t *ret_bad, sp_err *err)
{
    sp_glob *globs = SP_ARENA_ARRAY(arena, sp_glob, count + 1);
    if (!globs)
        return sp_err_memory(err);
    *ret_bad = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        SP_TRY(sp_glob_compile(arena, texts[i], budget, &globs[i], err));
        if (globs[i].state != SP_GLOB_FINE && *ret_bad == SIZE_MAX)
            *ret_bad = i;
    }
    *ret = (sp_globs){ texts, globs, count };
    return SP_OK;
}

/* One pattern, or a list of them. */
static sp_status take_globs(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    const sp_yaml_node *first = node->kind == SP_YAML_LIST ? node->first : node;
    size_t count = node->kind == SP_YAML_LIST ? node->count : 1;
    sp_str *texts = SP_ARENA_ARRAY(r->arena, sp_str, count + 1);
    size_t bad = SIZE_MAX;
    if (!texts)
        return sp_err_memory(r->err);
    if (count == 0)
        return fail(r, node->offset, "%s takes %s, and this list is empty", row->name, row->expected);
    const sp_yaml_node *item = first;
    for (size_t i = 0; i < count; i++, item = item->next) {
        if (item->kind != SP_YAML_TEXT || item->text.len == 0)
            return fail_kind(r, row, item);
        texts[i] = sp_str_starts(item->text, SP_STR("./")) && item->text.len > 2
                       ? sp_str_slice(item->text, 2, item->text.len)
                       : item->text;
    }
    SP_TRY(sp_globs_compile(r->arena, texts, count, &r->braces, member, &bad, r->err));
    if (bad == SIZE_MAX)
        return SP_OK;
    for (item = first; bad > 0; bad--)
        item = item->next;
    return fail(r, item->offset, "the pattern %.*s is not whole, or stands for too many; close its [ or shorten its {}",
                SP_STR_ARG(item->text));
}

/* may_be_share: as 5%, too */
static bool read_amount(sp_str text, bool may_be_share, sp_amount *ret)
{
    sp_amount amount;
    if (!sp_amount_read(text, &amount) || (amount.is_share && !may_be_share))
        return false;
    *ret = amount;
    return true;
}

static sp_status take_amount(reader *r, const key_row *row, const sp_yaml_node *node, bool may_be_share, void *member)
{
    if (node->kind != SP_YAML_TEXT)
        return fail_kind(r, row, node);
    if (!read_amount(node->text, may_be_share, member))
        return fail_value(r, row, node);
    ((sp_amount *)member)->offset = node->offset;
    return SP_OK;
}

static sp_status take_tokens(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    return take_amount(r, row, node, false, member);
}

static sp_status take_share(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    return take_amount(r, row, node, true, member);
}

/* Tokens, or a share of a window, which is the most there is. */
static sp_status take_limit(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    const sp_amount *amount = member;
    SP_TRY(take_amount(r, row, node, true, member));
    if (amount->is_share && (amount->value == 0 || amount->value > SP_AMOUNT_ALL))
        return fail_value(r, row, node);
    return SP_OK;
}

/* The same with a plus sign, for those who want to see that it is one. */
static sp_status take_increase(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    sp_yaml_node bare = *node;
    if (node->kind == SP_YAML_TEXT && sp_str_starts(node->text, SP_STR("+")))
        bare.text = sp_str_slice(node->text, 1, node->text.len);
    if (node->kind == SP_YAML_TEXT && !read_amount(bare.text, true, member))
        return fail_value(r, row, node);
    return node->kind == SP_YAML_TEXT ? SP_OK : fail_kind(r, row, node);
}

static bool read_date(sp_str text, uint32_t *ret)
{
    static const unsigned char days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    uint32_t value = 0;
    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (i == 4 || i == 7)
            continue;
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        value = value * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    uint32_t month = value / 100 % 100;
    *ret = value;
    return month >= 1 && month <= 12 && value % 100 >= 1 && value % 100 <= days[month - 1];
}

static sp_status take_date(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    if (node->kind != SP_YAML_TEXT)
        return fail_kind(r, row, node);
    return read_date(node->text, member) ? SP_OK : fail_value(r, row, node);
}

/* An error of another stage gets the place in this file. */
static sp_status fail_with(const reader *r, const sp_yaml_node *node)
{
    if (r->err->status == SP_ERR_NO_MEMORY)
        return SP_ERR_NO_MEMORY;
    sp_str message = sp_str_dup(r->arena, sp_str_of(r->err->message));
    return message.ptr ? fail(r, node->offset, "%.*s", SP_STR_ARG(message)) : sp_err_memory(r->err);
}

static sp_status take_profile(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    sp_profile profile;
    SP_TRY(take_text(r, row, node, member));
    return sp_profile_init(&profile, node->text, r->err) == SP_OK ? SP_OK : fail_with(r, node);
}

static sp_status take_profiles(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    sp_str unused;
    const sp_yaml_node *item = node->kind == SP_YAML_LIST ? node->first : node;
    SP_TRY(take_globs(r, row, node, member));
    for (; item; item = node->kind == SP_YAML_LIST ? item->next : NULL)
        SP_TRY(take_profile(r, row, item, &unused));
    return SP_OK;
}

static sp_status take_bound(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    if (node->kind != SP_YAML_TEXT)
        return fail_kind(r, row, node);
    for (int bound = 0; sp_bound_name((sp_bound)bound); bound++)
        if (sp_str_eq(node->text, sp_str_of(sp_bound_name((sp_bound)bound)))) {
            *(sp_bound *)member = (sp_bound)bound;
            return SP_OK;
        }
    return fail_value(r, row, node);
}

/* ---- lint ---------------------------------------------------------------------------------------------- */

static bool is_pattern(sp_str id)
{
    return memchr(id.ptr, '*', id.len) || memchr(id.ptr, '?', id.len) || memchr(id.ptr, '[', id.len);
}

static sp_status fail_rule(const reader *r, sp_str id, size_t offset)
{
    sp_str known[SP_RULE_COUNT];
    size_t count = 0;
    for (int key = SP_RULE_NONE + 1; key < SP_RULE_COUNT; key++)
        known[count++] = sp_str_of(sp_rule_id((sp_rule_key)key));
    size_t nearest = sp_near(id, known, count);
    if (nearest != SIZE_MAX)
        return fail(r, offset, "there is no rule \"%.*s\"; did you mean %.*s?", SP_STR_ARG(id),
                    SP_STR_ARG(known[nearest]));
    return fail(r, offset, "there is no rule \"%.*s\"; the findings have their rule's id behind them, in brackets",
                SP_STR_ARG(id));
}

/* Calls mark for each rule that id, or a pattern of ids, means. */
static sp_status each_rule(const reader *r, sp_str id, size_t offset, void (*mark)(void *, sp_rule_key), void *context)
{
    sp_glob glob;
    sp_glob_budget budget = { 100, 10000 };
    bool is_one = false;
    sp_rule_key exact = sp_rule_find(id);
    if (exact != SP_RULE_NONE) {
        mark(context, exact);
        return SP_OK;
    }
    if (is_pattern(id)) {
        SP_TRY(sp_glob_compile(r->arena, id, &budget, &glob, r->err));
        for (int key = SP_RULE_NONE + 1; key < SP_RULE_COUNT; key++)
            if (sp_glob_match(&glob, sp_str_of(sp_rule_id((sp_rule_key)key)), true)) {
                mark(context, (sp_rule_key)key);
                is_one = true;
            }
    }
    return is_one ? SP_OK : fail_rule(r, id, offset);
}

static void mark_ignored(void *context, sp_rule_key key)
{
    ((bool *)context)[key] = true;
}

/* ignore: a pattern of paths to a list of rules. */
static sp_status take_ignores(reader *r, const sp_yaml_node *node)
{
    static const key_row as_key = { .name = "ignore", .expected = "patterns of paths, each with a list of rules" };
    sp_path_ignore *ignores = SP_ARENA_ARRAY(r->arena, sp_path_ignore, node->count + 1);
    if (!ignores)
        return sp_err_memory(r->err);
    if (node->kind != SP_YAML_MAPPING)
        return fail_kind(r, &as_key, node);
    for (const sp_yaml_node *entry = node->first; entry; entry = entry->next) {
        size_t most = (size_t)sp_own_limit(SP_RULE_CHECK_IGNORES);
        if (r->config->ignore_count == most)
            return fail_limit(r, SP_RULE_CHECK_IGNORES, entry->key_offset,
                              "ignore has more than %s patterns; make one of those that ignore the same, such as "
                              "\"{docs,notes}/**\"",
                              SP_NUMBER(most));
        sp_yaml_node pattern = { .kind = SP_YAML_TEXT, .text = entry->key, .offset = entry->key_offset };
        sp_path_ignore *ignore = &ignores[r->config->ignore_count++];
        bool *rules = SP_ARENA_ARRAY(r->arena, bool, SP_RULE_COUNT);
        if (!rules)
            return sp_err_memory(r->err);
        SP_TRY(take_globs(r, &as_key, &pattern, &ignore->paths));
        const sp_yaml_node *item = entry->kind == SP_YAML_LIST ? entry->first : entry;
        for (; item; item = entry->kind == SP_YAML_LIST ? item->next : NULL) {
            if (item->kind != SP_YAML_TEXT)
                return fail_kind(r, &as_key, item);
            SP_TRY(each_rule(r, item->text, item->offset, mark_ignored, rules));
        }
        ignore->rules = rules;
    }
    r->config->ignores = ignores;
    return SP_OK;
}

typedef struct severity_mark {
    sp_check_config *config;
    sp_severity severity;
    bool is_pattern;
} severity_mark;

/* A pattern switches no optional rule on: a new one would make checks fail that passed before. */
static void mark_severity(void *context, sp_rule_key key)
{
    const severity_mark *mark = context;
    if (mark->is_pattern && sp_rule_is_optional(key))
        return;
    mark->config->severities[key] = mark->severity;
}

static sp_status take_severity(reader *r, const sp_yaml_node *node)
{
    static const struct {
        const char *name;
        sp_severity severity;
    } rows[] = {
        { "error", SP_SEVERITY_ERROR },
        { "warning", SP_SEVERITY_WARNING },
        { "note", SP_SEVERITY_NOTE },
        { "off", SP_SEVERITY_OFF },
    };
    for (size_t i = 0; i < SP_COUNT_OF(rows); i++)
        if (node->kind == SP_YAML_TEXT && sp_str_eq(node->text, sp_str_of(rows[i].name)))
            return each_rule(r, node->key, node->key_offset, mark_severity,
                             &(severity_mark){ r->config, rows[i].severity, is_pattern(node->key) });
    const key_row row = { .name = sp_str_dup(r->arena, node->key).ptr, .expected = "error, warning, note or off" };
    if (!row.name)
        return sp_err_memory(r->err);
    return node->kind == SP_YAML_TEXT ? fail_value(r, &row, node) : fail_kind(r, &row, node);
}

/* Patterns first, so that a rule's own line counts whatever the order is. */
static sp_status take_lint(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    (void)member;
    if (node->kind != SP_YAML_MAPPING)
        return fail_kind(r, row, node);
    for (int pass = 0; pass < 2; pass++)
        for (const sp_yaml_node *entry = node->first; entry; entry = entry->next) {
            bool is_ignore = sp_str_eq(entry->key, SP_STR("ignore"));
            if (!is_ignore && is_pattern(entry->key) == (pass == 0))
                SP_TRY(take_severity(r, entry));
            if (is_ignore && pass == 0)
                SP_TRY(take_ignores(r, entry));
        }
    return SP_OK;
}

/* ---- budgets ------------------------------------------------------------------------------------------- */

static const char tokens_expected[] = "a whole number of tokens such as 8000 or 8.5k";
static const char limit_expected[] =
    "a whole number of tokens such as 8000 or 8.5k, or a share of the model's window such as 5% or 0.25%";
static const char share_expected[] = "a whole number of tokens such as 8000 or 8.5k, or a share such as 5% or 0.25%";

#define MEMBER(type, name) offsetof(type, name)

static const key_row exception_keys[] = {
    { "for", take_globs, MEMBER(sp_exception, items), "agent names, files or directories" },
    { "max", take_limit, MEMBER(sp_exception, max), limit_expected },
    { "until", take_date, MEMBER(sp_exception, until), "a day such as 2026-12-31" },
    { "reason", take_text, MEMBER(sp_exception, reason), "a text" },
};

static sp_status take_exceptions(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    sp_budget *budget = member;
    sp_exception *exceptions = SP_ARENA_ARRAY(r->arena, sp_exception, node->count + 1);
    if (!exceptions)
        return sp_err_memory(r->err);
    if (node->kind != SP_YAML_LIST)
        return fail_kind(r, row, node);
    for (const sp_yaml_node *item = node->first; item; item = item->next) {
        sp_exception *exception = &exceptions[budget->exception_count++];
        if (item->kind != SP_YAML_MAPPING)
            return fail_kind(r, row, item);
        SP_TRY(take_section(r, exception_keys, SP_COUNT_OF(exception_keys), item, "an exception", exception));
        exception->offset = item->offset;
        if (exception->items.count == 0 || !exception->max.is_given)
            return fail(r, item->offset, "an exception needs for: and max:");
    }
    budget->exceptions = exceptions;
    return SP_OK;
}

static const key_row budget_keys[] = {
    { "agents", take_globs, MEMBER(sp_budget, agents), "names of agents, or patterns of them" },
    { "directories", take_globs, MEMBER(sp_budget, directories), "directories, or patterns of them" },
    { "files", take_globs, MEMBER(sp_budget, files), "files, or patterns of them" },
    { "heading", take_text, MEMBER(sp_budget, heading), "the text of a heading" },
    { "profiles", take_profiles, MEMBER(sp_budget, profiles), "names of profiles" },
    { "of", take_sum, MEMBER(sp_budget, of_request), "prompt or request" },
    { "max", take_limit, MEMBER(sp_budget, max), limit_expected },
    { "reserve", take_share, MEMBER(sp_budget, reserve), share_expected },
    { "warn-at", take_share, MEMBER(sp_budget, warn_at), share_expected },
    { "increase", take_increase, MEMBER(sp_budget, increase), share_expected },
    { "min-delta", take_tokens, MEMBER(sp_budget, min_delta), tokens_expected },
    { "ratchet", take_flag, MEMBER(sp_budget, ratchet), "true or false" },
    { "exceptions", take_exceptions, 0, "a list of mappings with for, max, until and reason" },
};

static sp_status check_budget(const reader *r, const sp_budget *budget)
{
    bool has_prompts = budget->agents.count || budget->directories.count;
    if (!has_prompts && !budget->files.count)
        return fail(r, budget->offset, "the budget %.*s measures nothing; give it agents:, directories: or files:",
                    SP_STR_ARG(budget->name));
    if (budget->files.count && (has_prompts || budget->profiles.count))
        return fail(r, budget->offset,
                    "the budget %.*s has files: beside agents:, directories: or profiles:; make two budgets of it",
                    SP_STR_ARG(budget->name));
    if (budget->heading.ptr && !budget->files.count)
        return fail(r, budget->offset, "heading: of the budget %.*s needs files: to look for it in",
                    SP_STR_ARG(budget->name));
    if (budget->of_request && budget->files.count)
        return fail(r, budget->offset, "of: request of the budget %.*s needs agents: or directories:, not files:",
                    SP_STR_ARG(budget->name));
    if (!budget->max.is_given && !budget->increase.is_given)
        return fail(r, budget->offset,
                    "the budget %.*s has no limit; give it max: or increase:", SP_STR_ARG(budget->name));
    if (!budget->max.is_given && (budget->ratchet || budget->reserve.is_given || budget->warn_at.is_given))
        return fail(r, budget->offset,
                    "ratchet:, reserve: and warn-at: of the budget %.*s need max:", SP_STR_ARG(budget->name));
    bool leaves_nothing = budget->reserve.is_share
                              ? budget->reserve.value >= SP_AMOUNT_ALL
                              : !budget->max.is_share && budget->reserve.value >= budget->max.value;
    if (budget->max.is_given && leaves_nothing)
        return fail(r, budget->offset, "reserve: of the budget %.*s leaves nothing of max:", SP_STR_ARG(budget->name));
    return SP_OK;
}

static sp_status take_budgets(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    (void)member;
    sp_budget *budgets = SP_ARENA_ARRAY(r->arena, sp_budget, node->count + 1);
    if (!budgets)
        return sp_err_memory(r->err);
    if (node->kind != SP_YAML_MAPPING)
        return fail_kind(r, row, node);
    for (const sp_yaml_node *entry = node->first; entry; entry = entry->next) {
        size_t most = (size_t)sp_own_limit(SP_RULE_BUDGET_MOST);
        if (r->config->budget_count == most)
            return fail_limit(r, SP_RULE_BUDGET_MOST, entry->key_offset,
                              "there are more than %s budgets; make one of those that allow the same, with a list of "
                              "patterns",
                              SP_NUMBER(most));
        sp_budget *budget = &budgets[r->config->budget_count++];
        if (entry->kind != SP_YAML_MAPPING)
            return fail_kind(r, row, entry);
        budget->name = entry->key;
        budget->offset = entry->key_offset;
        SP_TRY(take_section(r, budget_keys, SP_COUNT_OF(budget_keys), entry, "a budget", budget));
        SP_TRY(check_budget(r, budget));
    }
    r->config->budgets = budgets;
    return SP_OK;
}

/* ---- trim -------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    sp_segment_kind kind;
} kind_names[] = {
    { "body", SP_SEGMENT_BODY }, { "memory", SP_SEGMENT_MEMORY }, { "instructions", SP_SEGMENT_INSTRUCTIONS },
    { "rule", SP_SEGMENT_RULE }, { "import", SP_SEGMENT_IMPORT }, { "skill", SP_SEGMENT_SKILL },
};

static const struct {
    const char *name;
    bool pinned;
    uint8_t priority;
} priority_names[] = {
    { "keep", true, SP_PRIORITY_MAX },
    { "drop-first", false, SP_PRIORITY_DROP_FIRST },
    { "low", false, SP_PRIORITY_LOW },
    { "high", false, SP_PRIORITY_HIGH },
};

static sp_status take_kind(reader *r, const key_row *row, const sp_yaml_node *node, unsigned *kinds)
{
    if (node->kind != SP_YAML_TEXT)
        return fail_kind(r, row, node);
    for (size_t i = 0; i < SP_COUNT_OF(kind_names); i++)
        if (sp_str_eq(node->text, sp_str_of(kind_names[i].name))) {
            *kinds |= 1u << kind_names[i].kind;
            return SP_OK;
        }
    return fail_value(r, row, node);
}

static sp_status take_kinds(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    const sp_yaml_node *item = node->kind == SP_YAML_LIST ? node->first : node;
    for (; item; item = node->kind == SP_YAML_LIST ? item->next : NULL)
        SP_TRY(take_kind(r, row, item, member));
    return SP_OK;
}

static sp_status take_priority(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    sp_priority_rule *setting = member;
    sp_amount amount = { 0 };
    if (node->kind != SP_YAML_TEXT)
        return fail_kind(r, row, node);
    for (size_t i = 0; i < SP_COUNT_OF(priority_names); i++)
        if (sp_str_eq(node->text, sp_str_of(priority_names[i].name))) {
            setting->pinned = priority_names[i].pinned;
            setting->priority = priority_names[i].priority;
            return SP_OK;
        }
    if (!read_amount(node->text, false, &amount) || amount.value > SP_PRIORITY_MAX)
        return fail_value(r, row, node);
    setting->priority = (uint8_t)amount.value;
    return SP_OK;
}

static const key_row trim_keys[] = {
    { "kind", take_kinds, MEMBER(sp_priority_rule, kinds),
      "body, memory, instructions, rule, import or skill, or a list of them" },
    { "file", take_text, MEMBER(sp_priority_rule, file), "a pattern of paths" },
    { "heading", take_text, MEMBER(sp_priority_rule, heading), "the text of a heading" },
    { "priority", take_priority, 0, "keep, drop-first, low, high or a number up to 100" },
};

static sp_status take_trim(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    (void)member;
    sp_priority_rule *settings = SP_ARENA_ARRAY(r->arena, sp_priority_rule, node->count + 1);
    if (!settings)
        return sp_err_memory(r->err);
    if (node->kind != SP_YAML_LIST)
        return fail_kind(r, row, node);
    for (const sp_yaml_node *item = node->first; item; item = item->next) {
        size_t most = (size_t)sp_own_limit(SP_RULE_TRIM_MOST);
        if (r->config->trim_count == most)
            return fail_limit(
                r, SP_RULE_TRIM_MOST, item->offset,
                "trim has more than %s items; make one of those with the same priority, with a pattern for "
                "file:",
                SP_NUMBER(most));
        sp_priority_rule *setting = &settings[r->config->trim_count++];
        if (item->kind != SP_YAML_MAPPING)
            return fail_kind(r, row, item);
        SP_TRY(take_section(r, trim_keys, SP_COUNT_OF(trim_keys), item, "an item of trim", setting));
        if (!setting->kinds && !setting->file.ptr && !setting->heading.ptr)
            return fail(r, item->offset, "an item of trim needs kind:, file: or heading: to say what it is about");
        if (!sp_yaml_member(item, "priority"))
            return fail(r, item->offset, "an item of trim needs priority:");
    }
    r->config->trim = settings;
    return SP_OK;
}

/* ---- locks ------------------------------------------------------------------------------------------- */

static sp_status take_locks(reader *r, const key_row *row, const sp_yaml_node *node, void *member)
{
    (void)member;
    bool is_list = node->kind == SP_YAML_LIST;
    sp_str *locks = SP_ARENA_ARRAY(r->arena, sp_str, (is_list ? node->count : 1) + 1);
    if (!locks)
        return sp_err_memory(r->err);
    for (const sp_yaml_node *item = is_list ? node->first : node; item; item = is_list ? item->next : NULL)
        SP_TRY(take_text(r, row, item, &locks[r->config->lock_count++]));
    r->config->locks = locks;
    return SP_OK;
}

/* ---- the whole ------------------------------------------------------------------------------------------ */

static const key_row top_keys[] = {
    { "profile", take_profile, MEMBER(sp_check_config, profile), "the name of a profile" },
    { "encoding", take_placed_text, MEMBER(sp_check_config, encoding), "the name of an encoding" },
    { "model", take_placed_text, MEMBER(sp_check_config, model), "the name of a model" },
    { "tokenizer", take_placed_text, MEMBER(sp_check_config, tokenizer), "the path of a vocabulary" },
    { "pattern", take_placed_text, MEMBER(sp_check_config, pattern),
      "a regular expression, or the name of one that is known" },
    { "estimate", take_bound, MEMBER(sp_check_config, bound), "upper, middle or lower" },
    { "lint", take_lint, 0, "rules, each with error, warning, note or off" },
    { "budgets", take_budgets, 0, "a mapping of names to budgets, which are mappings themselves" },
    { "baseline", take_placed_text, MEMBER(sp_check_config, baseline), "the path of a file" },
    { "locks", take_locks, 0, "the path of a file, or a list of them" },
    { "trim", take_trim, 0, "a list of mappings with kind, file, heading and priority" },
};

sp_status sp_config_parse(sp_arena *arena, sp_str path, sp_str folder, sp_str text, sp_check_config *ret, sp_err *err)
{
    const sp_yaml_node *root;
    reader r = { arena, ret, sp_globs_budget(), err };
    *ret = (sp_check_config){ .path = path, .folder = folder, .text = text };
    SP_TRY(sp_yaml_read(arena, path, text, SP_RULE_CONFIG_VALUES, &root, err));
    SP_TRY(take_section(&r, top_keys, SP_COUNT_OF(top_keys), root, SP_CONFIG_FILE, ret));
    if (ret->encoding.text.ptr && ret->model.text.ptr)
        return fail(&r, sp_yaml_member(root, "model")->key_offset,
                    "encoding: and model: both name an encoding; keep one");
    if (ret->encoding.text.ptr && ret->tokenizer.text.ptr)
        return fail(&r, sp_yaml_member(root, "tokenizer")->key_offset,
                    "encoding: and tokenizer: both say how to count; keep one");
    if (ret->pattern.text.ptr && !ret->tokenizer.text.ptr)
        return fail(&r, sp_yaml_member(root, "pattern")->key_offset, "pattern: is for tokenizer:; give that too");
    return SP_OK;
}
