/* baseline.c - where a baseline may lie, and what is in it. */
#include "check/baseline.h"

#include "base/file.h"
#include "base/types.h"
#include "base/yaml.h"
#include "check/result.h"
#include "sources/named.h"
#include "syntax/yaml_tree.h"
#include "tokenizer/tokens.h"

#include <stdio.h>

/* ---- what is in it ------------------------------------------------------------------------------------- */

typedef struct reader {
    sp_arena *arena;
    sp_baseline *baseline;
    sp_err *err;
} reader;

#define ANEW "; the same command with --update-baseline writes the file anew"
#define NOT_ONE                                                                                                        \
    "; this is not a baseline, and --update-baseline overwrites nothing else: choose another path, so that no file "   \
    "is lost"

SP_PRINTF(3, 4)
static sp_status fail(const reader *r, size_t offset, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sp_err_vat(r->err, SP_ERR_INPUT, r->baseline->path, r->baseline->text, offset, NULL, format, args);
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
        return fail(r, item->offset, "a number of tokens is expected here" NOT_ONE);
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
        return fail(r, budgets->offset, "budgets takes a mapping, and this is %s" NOT_ONE,
                    sp_yaml_kind_name(budgets->kind));
    for (const sp_yaml_node *budget = budgets->first; budget; budget = budget->next) {
        if (budget->kind != SP_YAML_MAPPING)
            return fail(r, budget->offset, "the budget %.*s takes a mapping, and this is %s" NOT_ONE,
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

/* The file as a tree, with the keys of a baseline and no others. */
static sp_status parse(const reader *r, const sp_yaml_node **ret_root)
{
    sp_status status =
        sp_yaml_read(r->arena, r->baseline->path, r->baseline->text, SP_RULE_BASELINE_VALUES, ret_root, r->err);
    if (status == SP_ERR_INPUT) {
        size_t len = strlen(r->err->message);
        snprintf(r->err->message + len, sizeof r->err->message - len, NOT_ONE);
    }
    SP_TRY(status);
    const sp_yaml_node *encoding = sp_yaml_member(*ret_root, "encoding");
    for (const sp_yaml_node *node = (*ret_root)->first; node; node = node->next) {
        if (sp_str_eq(node->key, SP_STR("budgets")))
            SP_TRY(take_budgets(r, node));
        else if (!sp_str_eq(node->key, SP_STR("encoding")) && !sp_str_eq(node->key, SP_STR("estimate")))
            return fail(r, node->key_offset,
                        "a baseline has no key \"%.*s\", only encoding, estimate and budgets" NOT_ONE,
                        SP_STR_ARG(node->key));
    }
    if (!encoding || encoding->kind != SP_YAML_TEXT || !sp_yaml_member(*ret_root, "budgets"))
        return fail(r, 0, "a baseline has encoding: and budgets:" NOT_ONE);
    return SP_OK;
}

sp_status sp_baseline_read(sp_arena *arena, const sp_encoding *encoding, sp_bound bound, sp_baseline *baseline,
                           sp_err *err)
{
    const reader r = { arena, baseline, err };
    const char *wanted = sp_encoding_name(encoding);
    const sp_yaml_node *root;
    if (!baseline->place.exists)
        return SP_OK;
    SP_TRY(parse(&r, &root));
    const sp_yaml_node *estimate = sp_yaml_member(root, "estimate");
    if (estimate ? !is_text(estimate, sp_bound_name(bound)) : bound != SP_BOUND_UPPER)
        return fail(&r, estimate ? estimate->offset : root->offset,
                    "the baseline does not have the %s number of estimates" ANEW, sp_bound_name(bound));
    const sp_yaml_node *counted = sp_yaml_member(root, "encoding");
    if (!is_text(counted, wanted))
        return fail(&r, counted->offset, "the baseline does not count in %s" ANEW, wanted);
    return SP_OK;
}

sp_status sp_baseline_check(sp_arena *arena, const sp_baseline *baseline, sp_err *err)
{
    sp_baseline copy = *baseline;
    const reader r = { arena, &copy, err };
    const sp_yaml_node *root;
    return baseline->place.exists ? parse(&r, &root) : SP_OK;
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

/* ---- where it lies ------------------------------------------------------------------------------------- */

typedef struct finder {
    sp_arena *arena;
    const sp_baseline_request *request;
    sp_str name;   /* as it was given */
    sp_str folder; /* that it must lie beneath; ptr NULL: the user chose the path */
    sp_baseline *baseline;
    sp_err *err;
} finder;

/* At the place where the configuration names it. */
SP_PRINTF(2, 3)
static sp_status refuse(const finder *f, const char *format, ...)
{
    const sp_check_config *config = f->request->config;
    bool is_configured = f->folder.ptr && config->baseline.text.ptr;
    va_list args;
    va_start(args, format);
    sp_str why = sp_str_vformat(f->arena, format, args);
    va_end(args);
    if (!why.ptr)
        return sp_err_memory(f->err);
    const char *joint = sp_str_ends(why, SP_STR(" or")) ? "" : ";";
    return sp_err_at(f->err, SP_ERR_INPUT, is_configured ? config->path : f->baseline->path,
                     is_configured ? config->text : (sp_str){ NULL, 0 }, config->baseline.offset, NULL,
                     "the baseline %.*s %.*s%s%s%.*s%s", SP_STR_ARG(f->name), SP_STR_ARG(why), joint,
                     f->folder.ptr ? " choose a path beneath the directory of " : " choose another path",
                     SP_STR_ARG(f->folder.ptr ? config->path : SP_STR("")),
                     f->folder.ptr && f->request->is_replaced ? ", or give -o FILE" : "");
}

static sp_namer namer_of(const finder *f)
{
    return (sp_namer){ f->folder, f->folder, "the directory of its configuration" };
}

/* By the text of the path, or by its real one. */
static sp_status check_path(const finder *f, sp_str path, bool is_real)
{
    const sp_namer namer = namer_of(f);
    sp_str why;
    if (sp_str_eq_nocase(sp_path_base(path), SP_STR(SP_CONFIG_FILE)))
        return refuse(f, "has the name of a configuration");
    SP_TRY(sp_namer_judge(f->arena, &namer, path, is_real, &why, f->err));
    return why.ptr ? refuse(f, "%.*s", SP_STR_ARG(why)) : SP_OK;
}

/* By its links: outside the directory that bounds it, not even whether something exists is told. */
static sp_status read_bounded(const finder *f, sp_str absolute, uint64_t max_bytes, sp_file *ret)
{
    static const sp_request command_line = { 0 };
    const sp_namer namer = namer_of(f);
    sp_str why;
    if (!f->folder.ptr)
        return sp_named_read(f->arena, &command_line, absolute, max_bytes, ret, f->err);
    SP_TRY(sp_namer_read(f->arena, &namer, absolute, max_bytes, ret, &why, f->err));
    return why.ptr ? refuse(f, "%.*s", SP_STR_ARG(why)) : SP_OK;
}

/* There is no file: where one would be created. */
static sp_status look_at_parent(const finder *f, sp_str absolute)
{
    sp_file parent;
    SP_TRY(read_bounded(f, sp_path_folder(absolute), 0, &parent));
    if (parent.state == SP_FILE_DENIED)
        return refuse(f, "lies in a directory that cannot be read: permission denied");
    if (parent.state != SP_FILE_FOLDER)
        return f->request->is_replaced ? refuse(f, "lies in a directory that does not exist; create it, or") : SP_OK;
    sp_str real_path = sp_path_join(f->arena, parent.real_path, sp_path_base(absolute));
    f->baseline->place.real_path = real_path;
    return real_path.ptr ? check_path(f, real_path, true) : sp_err_memory(f->err);
}

static sp_status take_file(const finder *f, const sp_file *file)
{
    f->baseline->place = (sp_file_place){ file->real_path, true, file->device, file->inode };
    f->baseline->text = file->bytes;
    return check_path(f, file->real_path, true);
}

static sp_status look(const finder *f, sp_str absolute)
{
    sp_file file;
    SP_TRY(read_bounded(f, absolute, (uint64_t)sp_own_limit(SP_RULE_FILE_MAX_BYTES), &file));
    switch (file.state) {
    case SP_FILE_READ:
        return take_file(f, &file);
    case SP_FILE_ABSENT:
        return look_at_parent(f, absolute);
    case SP_FILE_DANGLING:
        return refuse(f, "is a symbolic link whose target does not exist");
    case SP_FILE_LARGE:
        return refuse(f, "is too large to be a baseline");
    case SP_FILE_DENIED:
        return refuse(f, "cannot be read: permission denied");
    default:
        return refuse(f, "is %s, not a regular file", file.what ? file.what : "something else");
    }
}

/* The user's own choice may be a pipe or a device, which are written to as they are; and an empty file, such as mktemp
 * makes, has nothing to lose. */
static sp_status look_at_chosen(const finder *f, sp_str absolute)
{
    sp_file file;
    if (sp_descriptor_of(f->name) >= 0)
        return SP_OK;
    SP_TRY(sp_file_look(absolute, &file, f->err));
    if (file.state != SP_FILE_READ)
        return SP_OK;
    SP_TRY(look(f, absolute));
    f->baseline->place.exists = f->baseline->text.len > 0;
    return SP_OK;
}

sp_status sp_baseline_open(sp_arena *arena, const sp_baseline_request *request, sp_baseline *ret, sp_err *err)
{
    const sp_check_config *config = request->config;
    const char *chosen = request->is_replaced ? request->chosen : NULL;
    finder f = { arena, request, SP_STR(SP_BASELINE_FILE), config->folder, ret, err };
    if (chosen) {
        f.name = sp_str_of(chosen);
        f.folder = (sp_str){ NULL, 0 };
    } else if (config->baseline.text.ptr) {
        f.name = config->baseline.text;
    }
    sp_str absolute = chosen ? sp_path_append(arena, request->current, f.name) : sp_path_join(arena, f.folder, f.name);
    *ret = (sp_baseline){ .path = absolute.ptr ? sp_path_below(absolute, request->current) : absolute };
    if (!absolute.ptr)
        return sp_err_memory(err);
    if (chosen)
        return look_at_chosen(&f, absolute);
    SP_TRY(check_path(&f, absolute, false));
    return look(&f, absolute);
}
