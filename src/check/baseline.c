#include "check/baseline.h"

#include "base/file.h"
#include "base/yaml.h"
#include "load/yaml_tree.h"

typedef struct reader {
    sp_arena *arena;
    sp_baseline *baseline;
    sp_str text;
    sp_err *err;
} reader;

#define ANEW "; sysprompt check --update-baseline writes the file anew"

SP_PRINTF(3, 4)
static sp_status fail(const reader *r, size_t offset, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sp_err_vat(r->err, SP_ERR_INPUT, r->baseline->path, r->text, offset, NULL, format, args);
    va_end(args);
    return SP_ERR_INPUT;
}

/* The map holds 32 bits; nothing that is read here has more tokens. */
static bool read_number(sp_str text, uint32_t *ret)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || value > 400000000)
            return false;
        value = value * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *ret = (uint32_t)value;
    return text.len > 0;
}

static sp_str key_of(sp_arena *arena, sp_str budget, sp_str item)
{
    budget = sp_yaml_representable(arena, budget);
    item = sp_yaml_representable(arena, item);
    if (!budget.ptr || !item.ptr)
        return (sp_str){ NULL, 0 };
    return sp_str_format(arena, "%zu:%.*s:%.*s", budget.len, SP_STR_ARG(budget), SP_STR_ARG(item));
}

static sp_status take_item(const reader *r, sp_str budget, const sp_yaml_node *item)
{
    uint32_t tokens;
    if (item->kind != SP_YAML_TEXT || !read_number(item->text, &tokens))
        return fail(r, item->offset, "a number of tokens is expected here" ANEW);
    sp_str key = key_of(r->arena, budget, item->key);
    uint32_t *slot = key.ptr ? sp_map_slot(r->arena, &r->baseline->tokens, key) : NULL;
    if (!slot)
        return sp_err_memory(r->err);
    *slot = tokens;
    return SP_OK;
}

static sp_status take_budgets(const reader *r, const sp_yaml_node *budgets)
{
    if (budgets->kind != SP_YAML_MAPPING)
        return fail(r, budgets->offset, "budgets takes a mapping, and this is %s" ANEW,
                    sp_yaml_kind_name(budgets->kind));
    for (const sp_yaml_node *budget = budgets->first; budget; budget = budget->next) {
        if (budget->kind != SP_YAML_MAPPING)
            return fail(r, budget->offset, "the budget %.*s takes a mapping, and this is %s" ANEW,
                        SP_STR_ARG(budget->key), sp_yaml_kind_name(budget->kind));
        for (const sp_yaml_node *item = budget->first; item; item = item->next)
            SP_TRY(take_item(r, budget->key, item));
    }
    return SP_OK;
}

static bool is_text(const sp_yaml_node *node, const char *text)
{
    return node->kind == SP_YAML_TEXT && sp_str_eq(node->text, sp_str_of(text));
}

static sp_status parse(const reader *r, const sp_encoding *encoding, sp_bound bound)
{
    const sp_yaml_node *root;
    const char *wanted = sp_encoding_name(encoding);
    SP_TRY(sp_yaml_read(r->arena, r->baseline->path, r->text, &root, r->err));
    const sp_yaml_node *estimate = sp_yaml_member(root, "estimate");
    if (estimate ? !is_text(estimate, sp_bound_name(bound)) : bound != SP_BOUND_UPPER)
        return fail(r, estimate ? estimate->offset : root->offset,
                    "the baseline does not have the %s number of estimates" ANEW, sp_bound_name(bound));
    for (const sp_yaml_node *node = root->first; node; node = node->next) {
        if (sp_str_eq(node->key, SP_STR("budgets")))
            SP_TRY(take_budgets(r, node));
        else if (sp_str_eq(node->key, SP_STR("encoding")) && !is_text(node, wanted))
            return fail(r, node->offset, "the baseline does not count in %s" ANEW, wanted);
        else if (!sp_str_eq(node->key, SP_STR("encoding")) && node != estimate)
            return fail(r, node->key_offset, "a baseline has no key \"%.*s\", only encoding, estimate and budgets" ANEW,
                        SP_STR_ARG(node->key));
    }
    return SP_OK;
}

sp_status sp_baseline_locate(sp_arena *arena, const sp_check_config *config, sp_str current, sp_baseline *ret,
                             sp_err *err)
{
    sp_str name = config->baseline.ptr ? config->baseline : SP_STR(SP_BASELINE_FILE);
    *ret = (sp_baseline){ .absolute = sp_path_join(arena, config->folder.ptr ? config->folder : current, name) };
    ret->path = ret->absolute.ptr ? sp_path_below(ret->absolute, current) : ret->absolute;
    return ret->absolute.ptr ? SP_OK : sp_err_memory(err);
}

sp_status sp_baseline_read(sp_arena *arena, const sp_encoding *encoding, sp_bound bound, sp_baseline *ret, sp_err *err)
{
    const sp_read_limits limits = { .max_bytes = (uint64_t)sp_own_limit(SP_RULE_FILE_MAX_BYTES) };
    sp_file file;
    SP_TRY(sp_reader_read(&sp_reader_disk, arena, ret->absolute, limits, &file, err));
    if (file.state == SP_FILE_ABSENT)
        return SP_OK;
    if (file.state != SP_FILE_READ)
        return sp_err_unread(err, ret->path, &file);
    const reader r = { arena, ret, file.bytes, err };
    ret->exists = true;
    return parse(&r, encoding, bound);
}

sp_status sp_baseline_find(sp_arena *arena, const sp_baseline *baseline, sp_str budget, sp_str item, size_t *ret_tokens,
                           sp_err *err)
{
    sp_str key = key_of(arena, budget, item);
    if (!key.ptr)
        return sp_err_memory(err);
    uint32_t tokens = sp_map_find(&baseline->tokens, key);
    *ret_tokens = tokens == SP_NONE ? SP_NO_TOKENS : tokens;
    return SP_OK;
}
