/*
 * lock.c - sysprompt.lock/1: what a prompt was made of, so that another run can prove that it is the same.
 *
 * Files are named as the prompt names them, which is the same on every machine: relative to the launch directory, below
 * ~, or absolute.
 */
#include "check/lock.h"

#include "base/diag.h"
#include "base/json.h"
#include "base/map.h"
#include "base/parse_json.h"
#include "base/sha256.h"
#include "emit/names.h"
#include "emit/render.h"

static const char schema[] = "sysprompt.lock/1";

/* What stands in a lock beside the inputs. */
typedef struct facts {
    char hash[SP_SHA256_HEX];
    uint64_t bytes;
    uint64_t budget;
} facts;

static facts facts_of(const sp_prompt *prompt)
{
    facts found = { .budget = prompt->trim && prompt->trim->is_applied ? prompt->trim->budget_tokens : 0 };
    sp_sha256 hash;
    sp_sha256_init(&hash);
    for (size_t i = 0; i < prompt->message_count; i++) {
        sp_sha256_add(&hash, prompt->messages[i].text);
        found.bytes += prompt->messages[i].text.len;
    }
    sp_sha256_finish(&hash, found.hash);
    return found;
}

/* ---- writing --------------------------------------------------------------------------------------------- */

static void add_input(sp_json *json, const sp_source *source)
{
    char hash[SP_SHA256_HEX];
    sp_sha256_of(source->bytes, hash);
    sp_json_begin_line(json, NULL, '{');
    sp_json_str(json, "name", source->name);
    sp_json_str(json, "kind", sp_name_of_source_kind(source->kind));
    sp_json_str(json, "scope", sp_name_of_scope(source->scope));
    sp_json_uint(json, "bytes", source->bytes.len);
    sp_json_str(json, "sha256", sp_str_of(hash));
    sp_json_end(json);
}

sp_status sp_lock_render(const sp_prompt *prompt, char **ret_bytes, size_t *ret_len, sp_err *err)
{
    sp_buf out = { 0 };
    sp_json json = { .out = &out };
    facts found = facts_of(prompt);
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR(schema));
    sp_json_str(&json, "profile", sp_str_of(sp_profile_name(prompt->profile)));
    sp_json_str(&json, "encoding", sp_str_of(sp_encoding_name(prompt->encoding)));
    sp_json_uint(&json, "messages", prompt->message_count);
    sp_json_uint(&json, "budget", found.budget);
    sp_json_uint(&json, "tokens", prompt->tokens);
    sp_json_uint(&json, "bytes", found.bytes);
    sp_json_str(&json, "sha256", sp_str_of(found.hash));
    sp_json_begin(&json, "inputs", '[');
    for (uint32_t i = 0; i < prompt->source_count; i++)
        if (prompt->sources[i].is_loaded)
            add_input(&json, &prompt->sources[i]);
    sp_json_end(&json);
    sp_json_end(&json);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}

/* ---- comparing ------------------------------------------------------------------------------------------- */

typedef struct comparison {
    sp_diags diags;
    const sp_prompt *prompt;
    sp_str text; /* the lock */
    sp_str path;
    const sp_json_node *root;
} comparison;

static sp_status refuse(const comparison *c, size_t offset, const char *what, sp_err *err)
{
    return sp_err_at(err, SP_ERR_INPUT, c->path, c->text, offset, sp_rule_id(SP_RULE_LOCK_DIFFERS),
                     "this is no lock of sysprompt's: %s; make one with sysprompt build --lock", what);
}

static const sp_json_node *member(const sp_json_node *object, const char *key, sp_json_kind kind)
{
    const sp_json_node *found = sp_json_member(object, key);
    return found && found->kind == kind ? found : NULL;
}

static sp_status say_value(comparison *c, const char *name, const sp_json_node *was, sp_str is, sp_err *err)
{
    return sp_diag_add(&c->diags, err, SP_FINDING, c->path, c->text, was->offset, sp_rule_id(SP_RULE_LOCK_DIFFERS),
                       "%s is %.*s now, and was %.*s", name, SP_STR_ARG(is), SP_STR_ARG(was->text));
}

/* The values of the whole, as they are written in the lock. */
static sp_status compare_values(comparison *c, sp_err *err)
{
    sp_arena *arena = c->diags.arena;
    const sp_prompt *prompt = c->prompt;
    facts found = facts_of(prompt);
    struct {
        const char *key;
        const char *name;
        sp_json_kind kind;
        sp_str is;
    } values[] = {
        { "profile", "the profile", SP_JSON_TEXT, sp_str_of(sp_profile_name(prompt->profile)) },
        { "encoding", "the encoding", SP_JSON_TEXT, sp_str_of(sp_encoding_name(prompt->encoding)) },
        { "messages", "the number of messages", SP_JSON_NUMBER, sp_str_format(arena, "%zu", prompt->message_count) },
        { "budget", "the budget of the trimmed prompt", SP_JSON_NUMBER,
          sp_str_format(arena, "%llu", (unsigned long long)found.budget) },
        { "tokens", "the number of tokens", SP_JSON_NUMBER, sp_str_format(arena, "%zu", prompt->tokens) },
        { "bytes", "the size in bytes", SP_JSON_NUMBER, sp_str_format(arena, "%llu", (unsigned long long)found.bytes) },
        { "sha256", "the hash of the prompt", SP_JSON_TEXT, sp_str_dup(arena, sp_str_of(found.hash)) },
    };
    for (size_t i = 0; i < SP_COUNT_OF(values); i++) {
        const sp_json_node *was = member(c->root, values[i].key, values[i].kind);
        if (!values[i].is.ptr)
            return sp_err_memory(err);
        if (!was)
            return refuse(c, c->root->offset, "a value is missing that every lock has", err);
        if (!sp_str_eq(was->text, values[i].is))
            SP_TRY(say_value(c, values[i].name, was, values[i].is, err));
    }
    return SP_OK;
}

static sp_status say_input(comparison *c, sp_str path, const char *what, sp_err *err)
{
    return sp_diag_add(&c->diags, err, SP_FINDING, path, (sp_str){ NULL, 0 }, SP_WHOLE_FILE,
                       sp_rule_id(SP_RULE_LOCK_DIFFERS), "%s %.*s", what, SP_STR_ARG(c->path));
}

/* Inputs by name; one that was and is not, or is and was not, or has other bytes. */
static sp_status compare_input(comparison *c, sp_map *sources, bool *is_there, const sp_json_node *input,
                               uint32_t *last, bool *ret_is_moved, sp_err *err)
{
    const sp_json_node *name = member(input, "name", SP_JSON_TEXT);
    const sp_json_node *was = member(input, "sha256", SP_JSON_TEXT);
    char hash[SP_SHA256_HEX];
    if (!name || !was)
        return refuse(c, input->offset, "an input has no name or no sha256", err);
    uint32_t index = sp_map_find(sources, name->text);
    if (index == SP_NONE)
        return say_input(c, name->text, "is not in the prompt any more, as it was by", err);
    const sp_source *source = &c->prompt->sources[index];
    is_there[index] = true;
    *ret_is_moved = *ret_is_moved || (*last != SP_NONE && index < *last);
    *last = index;
    sp_sha256_of(source->bytes, hash);
    if (!sp_str_eq(was->text, sp_str_of(hash)))
        return say_input(c, source->path, "has another text than by", err);
    return SP_OK;
}

static sp_status compare_inputs(comparison *c, const sp_json_node *inputs, sp_err *err)
{
    sp_arena *arena = c->diags.arena;
    const sp_prompt *prompt = c->prompt;
    sp_map sources = { 0 };
    uint32_t last = SP_NONE;
    bool is_moved = false;
    bool *is_there = SP_ARENA_ARRAY(arena, bool, (size_t)prompt->source_count + 1);
    if (!is_there)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < prompt->source_count; i++) {
        if (!prompt->sources[i].is_loaded)
            continue;
        uint32_t *slot = sp_map_slot(arena, &sources, prompt->sources[i].name);
        if (!slot)
            return sp_err_memory(err);
        is_there[i] = *slot != SP_NONE; /* a second one of the same name: the hash of the prompt has to do */
        *slot = *slot == SP_NONE ? i : *slot;
    }
    for (const sp_json_node *input = inputs->first; input; input = input->next)
        SP_TRY(compare_input(c, &sources, is_there, input, &last, &is_moved, err));
    for (uint32_t i = 0; i < prompt->source_count; i++)
        if (prompt->sources[i].is_loaded && !is_there[i])
            SP_TRY(say_input(c, prompt->sources[i].path, "is in the prompt, and was not by", err));
    if (is_moved)
        SP_TRY(sp_diag_add(&c->diags, err, SP_FINDING, c->path, c->text, inputs->offset,
                           sp_rule_id(SP_RULE_LOCK_DIFFERS), "the files stand in another order now"));
    return SP_OK;
}

enum { MAX_DEPTH = 16 };

static sp_status compare(comparison *c, sp_err *err)
{
    sp_json_node *root;
    sp_json_problem problem;
    SP_TRY(sp_json_parse(c->diags.arena, c->text, MAX_DEPTH, &root, &problem, err));
    if (!root)
        return refuse(c, problem.offset, problem.what, err);
    const sp_json_node *name = member(root, "schema", SP_JSON_TEXT);
    const sp_json_node *inputs = member(root, "inputs", SP_JSON_ARRAY);
    if (!name || !inputs || !sp_str_eq(name->text, SP_STR(schema)))
        return refuse(c, root->offset, "it has no schema sysprompt.lock/1, or no inputs", err);
    c->root = root;
    SP_TRY(compare_inputs(c, inputs, err));
    return compare_values(c, err);
}

sp_status sp_lock_compare_in(sp_arena *arena, const sp_prompt *prompt, sp_str lock, sp_str path,
                             const sp_diagnostic **ret, size_t *ret_count, sp_err *err)
{
    comparison c = { .diags = { .arena = arena }, .prompt = prompt };
    c.text = sp_str_dup(arena, lock);
    c.path = sp_str_dup(arena, path);
    if (!c.text.ptr || !c.path.ptr)
        return sp_err_memory(err);
    SP_TRY(compare(&c, err));
    *ret = c.diags.items;
    *ret_count = c.diags.count;
    return SP_OK;
}
