/*
 * lock.c - sysprompt.lock/1: what a prompt was made of, so that another run can prove that it is the same.
 *
 * Files are named as the prompt names them, which is the same on every machine: relative to the launch directory, below
 * ~, or absolute.
 */
#include "report/lock.h"

#include "base/diag.h"
#include "base/diagnostic.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/json.h"
#include "base/map.h"
#include "base/numbers.h"
#include "base/parse_json.h"
#include "base/sha256.h"
#include "base/types.h"
#include "model/prompt.h"
#include "model/request.h"
#include "model/source.h"
#include "report/lock_file.h"
#include "report/render.h"
#include "rules/names.h"
#include "sources/client.h"
#include "sources/named.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

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

/* The lines of the sections about machine, day and git status; true until there is none left. */
static bool next_environment_line(const sp_prompt *prompt, size_t *segment, size_t *at, sp_str *ret)
{
    for (; *segment < prompt->segment_count; ++*segment, *at = 0) {
        sp_str text = prompt->segments[*segment].text;
        if (prompt->segments[*segment].kind != SP_SEGMENT_ENVIRONMENT || *at >= text.len)
            continue;
        size_t end = sp_line_end(text, *at);
        *ret = (sp_str){ text.ptr + *at, end - *at };
        *at = end + 1;
        return true;
    }
    return false;
}

/* Hashes, since a lock goes to other people and these lines name folders of this machine. */
static void add_environment(sp_json *json, const sp_prompt *prompt)
{
    size_t segment = 0, at = 0;
    sp_str line;
    if (!next_environment_line(prompt, &segment, &at, &line))
        return;
    sp_json_begin(json, "environment", '[');
    do {
        char hash[SP_SHA256_HEX];
        sp_sha256_of(line, hash);
        sp_json_str(json, NULL, sp_str_of(hash));
    } while (next_environment_line(prompt, &segment, &at, &line));
    sp_json_end(json);
}

static void add_origin(sp_json *json, const sp_lock_origin *origin)
{
    sp_json_str(json, "directory", origin ? origin->directory : (sp_str){ NULL, 0 });
    sp_json_begin_line(json, "arguments", '[');
    for (size_t i = 0; origin && i < origin->arguments.count; i++)
        sp_json_str(json, NULL, origin->arguments.items[i]);
    sp_json_end(json);
}

sp_status sp_lock_render(const sp_prompt *prompt, const sp_lock_origin *origin, char **ret_bytes, size_t *ret_len,
                         sp_err *err)
{
    sp_buf out = { 0 };
    sp_json json = { .out = &out, .is_inert = true };
    facts found = facts_of(prompt);
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR(schema));
    add_origin(&json, origin);
    sp_json_str(&json, "profile", sp_str_of(sp_profile_name(prompt->profile)));
    sp_json_str(&json, "encoding", sp_str_of(sp_encoding_name(prompt->encoding)));
    sp_json_uint(&json, "messages", prompt->message_count);
    sp_json_uint(&json, "budget", found.budget);
    sp_json_uint(&json, "tokens", prompt->tokens);
    sp_json_uint(&json, "bytes", found.bytes);
    sp_json_str(&json, "sha256", sp_str_of(found.hash));
    if (prompt->templates.ptr)
        sp_json_str(&json, "templates", prompt->templates);
    add_environment(&json, prompt);
    sp_json_begin(&json, "inputs", '[');
    for (uint32_t i = 0; i < prompt->source_count; i++)
        if (prompt->sources[i].is_loaded)
            add_input(&json, &prompt->sources[i]);
    sp_json_end(&json);
    sp_json_end(&json);
    return sp_render_finish(&out, ret_bytes, ret_len, err);
}

/* ---- reading --------------------------------------------------------------------------------------------- */

enum { MAX_DEPTH = 16 };

typedef struct reader {
    sp_arena *arena;
    sp_str text;
    sp_str path;
} reader;

static sp_status refuse(const reader *r, size_t offset, const char *what, sp_err *err)
{
    return sp_err_at(err, SP_ERR_INPUT, r->path, r->text, offset, sp_rule_id(SP_RULE_LOCK_DIFFERS),
                     "this is no lock of sysprompt's: %s; make one with sysprompt build --lock", what);
}

static const sp_json_node *member(const sp_json_node *object, const char *key, sp_json_kind kind)
{
    const sp_json_node *found = sp_json_member(object, key);
    return found && found->kind == kind ? found : NULL;
}

static sp_status read_root(const reader *r, const sp_json_node **ret, sp_err *err)
{
    sp_json_node *root;
    sp_json_problem problem;
    SP_TRY(sp_json_parse(r->arena, r->text, MAX_DEPTH, &root, &problem, err));
    if (!root)
        return refuse(r, problem.offset, problem.what, err);
    const sp_json_node *name = member(root, "schema", SP_JSON_TEXT);
    if (!name || !member(root, "inputs", SP_JSON_ARRAY) || !sp_str_eq(name->text, SP_STR(schema)))
        return refuse(r, root->offset, "it has no schema sysprompt.lock/1, or no inputs", err);
    *ret = root;
    return SP_OK;
}

/* A lock that the library made without an origin has none. */
static sp_status read_origin(const reader *r, const sp_json_node *root, sp_lock_origin *ret, sp_err *err)
{
    const sp_json_node *directory = member(root, "directory", SP_JSON_TEXT);
    const sp_json_node *arguments = member(root, "arguments", SP_JSON_ARRAY);
    size_t count = 0;
    *ret = (sp_lock_origin){ .directory = { NULL, 0 } };
    if (!directory || !arguments)
        return SP_OK;
    for (const sp_json_node *node = arguments->first; node; node = node->next)
        count++;
    sp_str *items = SP_ARENA_ARRAY(r->arena, sp_str, count + 1);
    if (!items)
        return sp_err_memory(err);
    for (const sp_json_node *node = arguments->first; node; node = node->next) {
        if (node->kind != SP_JSON_TEXT || memchr(node->text.ptr, '\0', node->text.len))
            return refuse(r, node->offset, "an argument is no text", err);
        items[ret->arguments.count] = sp_str_dup(r->arena, node->text); /* ends in a NUL */
        if (!items[ret->arguments.count++].ptr)
            return sp_err_memory(err);
    }
    ret->directory = sp_str_dup(r->arena, directory->text);
    ret->arguments.items = items;
    ret->offset = arguments->offset;
    return ret->directory.ptr ? SP_OK : sp_err_memory(err);
}

/* Who asks for which lock. */
typedef struct wanted {
    const char *path;
    const sp_namer *namer;
} wanted;

static sp_status read_descriptor(sp_arena *arena, const char *path, sp_lock *lock, sp_err *err)
{
    char *bytes = NULL;
    size_t len = 0;
    SP_TRY(sp_file_load(path, &bytes, &len, err));
    lock->text = sp_str_dup(arena, (sp_str){ bytes, len });
    free(bytes);
    return lock->text.ptr ? SP_OK : sp_err_memory(err);
}

static sp_status read_file(sp_arena *arena, const wanted *w, sp_lock *lock, sp_err *err)
{
    static const sp_request command_line = { 0 };
    uint64_t limit = (uint64_t)sp_own_limit(SP_RULE_FILE_MAX_BYTES);
    sp_file file;
    sp_str why = { NULL, 0 }, path = sp_str_of(w->path);
    if (!w->namer && sp_descriptor_of(path) >= 0)
        return read_descriptor(arena, w->path, lock, err);
    SP_TRY(w->namer ? sp_namer_read(arena, w->namer, path, limit, &file, &why, err)
                    : sp_named_read(arena, &command_line, path, limit, &file, err));
    if (why.ptr)
        return sp_err_at(err, SP_ERR_INPUT, path, (sp_str){ 0 }, 0, NULL, "%.*s; choose a file in it", SP_STR_ARG(why));
    if (file.state == SP_FILE_LARGE)
        return sp_err_at(err, SP_ERR_INPUT, path, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_FILE_MAX_BYTES),
                         "has %s bytes; at most %s are read", SP_NUMBER(file.size_bytes), SP_NUMBER(limit));
    if (file.state != SP_FILE_READ)
        return sp_err_unread(err, path, &file);
    lock->text = file.bytes;
    lock->real_path = file.real_path;
    return SP_OK;
}

static sp_status make(sp_arena *arena, void *made, const void *asked, sp_err *err)
{
    const wanted *w = asked;
    sp_lock *lock = made;
    lock->owner = arena;
    const sp_json_node *root = NULL;
    SP_TRY(read_file(arena, w, lock, err));
    lock->path = sp_str_dup(arena, sp_str_of(w->path));
    if (!lock->path.ptr)
        return sp_err_memory(err);
    const reader r = { arena, lock->text, lock->path };
    SP_TRY(read_root(&r, &root, err));
    return read_origin(&r, root, &lock->origin, err);
}

sp_status sp_lock_open(const char *path, const sp_namer *namer, sp_lock **ret_lock, sp_err *err)
{
    const wanted w = { path, namer };
    void *made;
    SP_TRY(sp_arena_build(sizeof **ret_lock, make, &w, &made, err));
    *ret_lock = made;
    return SP_OK;
}

void sp_lock_free(sp_lock *lock)
{
    if (lock)
        sp_arena_free(lock->owner);
}

/* ---- comparing ------------------------------------------------------------------------------------------- */

typedef struct comparison {
    sp_diags diags;
    const sp_prompt *prompt;
    reader lock;
    sp_str current;
    const sp_json_node *root;
} comparison;

/* About a value in the lock. */
static sp_status say(comparison *c, const sp_json_node *was, sp_str message, sp_err *err)
{
    if (!message.ptr)
        return sp_err_memory(err);
    return sp_diag_add(&c->diags, err, SP_FINDING, c->lock.path, c->lock.text, was->offset, SP_RULE_LOCK_DIFFERS,
                       "%.*s", SP_STR_ARG(message));
}

/* A number of the lock's as people read it; one that we would not write, as it stands there. */
static sp_str number_of(char buffer[32], const sp_json_node *was)
{
    uint64_t number = 0;
    for (size_t i = 0; i < was->text.len; i++) {
        if (was->text.ptr[i] < '0' || was->text.ptr[i] > '9' || i > 17)
            return was->text;
        number = number * 10 + (uint64_t)(was->text.ptr[i] - '0');
    }
    return sp_number_text(buffer, number);
}

/* The text, and with it bytes, tokens and hash: they all change together. */
static sp_status say_text(comparison *c, const sp_json_node *values[3], const facts *found, sp_err *err)
{
    char bytes[32], tokens[32], old_bytes[32], old_tokens[32];
    sp_str had_bytes = number_of(old_bytes, values[1]), had_tokens = number_of(old_tokens, values[2]);
    return say(c, values[0],
               sp_str_format(c->diags.arena,
                             "the prompt is another one: it has %s bytes and %s tokens now, and had %.*s and %s%.*s",
                             sp_number_text(bytes, found->bytes).ptr,
                             sp_estimate_text(tokens, c->prompt->exact, c->prompt->tokens).ptr, SP_STR_ARG(had_bytes),
                             c->prompt->exact ? "" : "~", SP_STR_ARG(had_tokens)),
               err);
}

/* The values of the whole, as they are written in the lock. */
static sp_status compare_values(comparison *c, sp_err *err)
{
    sp_arena *arena = c->diags.arena;
    const sp_prompt *prompt = c->prompt;
    facts found = facts_of(prompt);
    const struct {
        const char *key;
        const char *name; /* NULL: said with the text */
        sp_json_kind kind;
        sp_str is;
    } values[] = {
        { "sha256", NULL, SP_JSON_TEXT, sp_str_of(found.hash) },
        { "bytes", NULL, SP_JSON_NUMBER, sp_str_format(arena, "%llu", (unsigned long long)found.bytes) },
        { "tokens", NULL, SP_JSON_NUMBER, sp_str_format(arena, "%zu", prompt->tokens) },
        { "profile", "the profile", SP_JSON_TEXT, sp_str_of(sp_profile_name(prompt->profile)) },
        { "encoding", NULL, SP_JSON_TEXT, sp_str_of(sp_encoding_name(prompt->encoding)) },
        { "messages", "the number of messages", SP_JSON_NUMBER, sp_str_format(arena, "%zu", prompt->message_count) },
        { "budget", "the budget of the trimmed prompt", SP_JSON_NUMBER,
          sp_str_format(arena, "%llu", (unsigned long long)found.budget) },
    };
    const sp_json_node *was[SP_COUNT_OF(values)];
    bool differs[SP_COUNT_OF(values)];
    for (size_t i = 0; i < SP_COUNT_OF(values); i++) {
        was[i] = member(c->root, values[i].key, values[i].kind);
        if (!values[i].is.ptr)
            return sp_err_memory(err);
        if (!was[i])
            return refuse(&c->lock, c->root->offset, "a value is missing that every lock has", err);
        differs[i] = !sp_str_eq(was[i]->text, values[i].is);
    }
    for (size_t i = 0; i < SP_COUNT_OF(values); i++)
        if (differs[i] && values[i].name)
            SP_TRY(say(c, was[i],
                       sp_str_format(arena, "%s is %.*s now, and was %.*s", values[i].name, SP_STR_ARG(values[i].is),
                                     SP_STR_ARG(was[i]->text)),
                       err));
    return differs[0] || differs[1] || differs[2] ? say_text(c, was, &found, err) : SP_OK;
}

static bool has_line(const sp_json_node *lines, sp_str line)
{
    char hash[SP_SHA256_HEX];
    sp_sha256_of(line, hash);
    for (const sp_json_node *node = lines->first; node; node = node->next)
        if (node->kind == SP_JSON_TEXT && sp_str_eq(node->text, sp_str_of(hash)))
            return true;
    return false;
}

/* Locks of older versions do not have the lines. */
static sp_status compare_environment(comparison *c, sp_err *err)
{
    const sp_json_node *lines = member(c->root, "environment", SP_JSON_ARRAY);
    size_t segment = 0, at = 0;
    sp_str line;
    while (lines && next_environment_line(c->prompt, &segment, &at, &line))
        if (!has_line(lines, line))
            SP_TRY(say(c, lines,
                       sp_str_format(c->diags.arena, "the environment has another line: %.*s", SP_STR_ARG(line)), err));
    return SP_OK;
}

/* Locks without learned templates have no value for them. */
static sp_status compare_templates(comparison *c, sp_err *err)
{
    const sp_json_node *was = member(c->root, "templates", SP_JSON_TEXT);
    sp_str now = c->prompt->templates.ptr ? c->prompt->templates : SP_STR("none");
    sp_str then = was ? was->text : SP_STR("none");
    if (sp_str_eq(now, then))
        return SP_OK;
    return say(c, was ? was : c->root,
               sp_str_format(c->diags.arena, "the learned templates are %.*s now, and were %.*s", SP_STR_ARG(now),
                             SP_STR_ARG(then)),
               err);
}

/* As it is seen from the current directory. */
static sp_str shown_path(const comparison *c, const sp_source *source)
{
    bool is_file = source->real_path.ptr && sp_str_starts(source->real_path, SP_STR("/"));
    return c->current.ptr && is_file ? sp_path_below(source->real_path, c->current) : source->path;
}

static sp_status say_input(comparison *c, sp_str path, const char *what, sp_err *err)
{
    return sp_diag_add(&c->diags, err, SP_FINDING, path, (sp_str){ NULL, 0 }, SP_WHOLE_FILE, SP_RULE_LOCK_DIFFERS,
                       "%s %.*s", what, SP_STR_ARG(c->lock.path));
}

/* Inputs by name; one that was and is not, or is and was not, or has other bytes. */
static sp_status compare_input(comparison *c, sp_map *sources, bool *is_there, const sp_json_node *input,
                               uint32_t *last, bool *ret_is_moved, sp_err *err)
{
    const sp_json_node *name = member(input, "name", SP_JSON_TEXT);
    const sp_json_node *was = member(input, "sha256", SP_JSON_TEXT);
    char hash[SP_SHA256_HEX];
    if (!name || !was)
        return refuse(&c->lock, input->offset, "an input has no name or no sha256", err);
    uint32_t index = sp_map_find(sources, name->text);
    if (index == SP_NONE)
        return say_input(c, name->text, "is not in the prompt any more, as it was by the lock", err);
    const sp_source *source = &c->prompt->sources[index];
    is_there[index] = true;
    *ret_is_moved = *ret_is_moved || (*last != SP_NONE && index < *last);
    *last = index;
    sp_sha256_of(source->bytes, hash);
    if (!sp_str_eq(was->text, sp_str_of(hash)))
        return say_input(c, shown_path(c, source), "has another text than in the lock", err);
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
            SP_TRY(say_input(c, shown_path(c, &prompt->sources[i]), "is in the prompt, and was not by the lock", err));
    if (is_moved)
        SP_TRY(say(c, inputs, SP_STR("the files stand in another order now"), err));
    return SP_OK;
}

/* ---- how to write it anew ---------------------------------------------------------------------------------- */

static void add_argument(sp_buf *out, sp_str argument)
{
    sp_buf_add_char(out, ' ');
    sp_text_add_shell_word(out, argument);
}

/* The command that makes the lock what the prompt is now, and where to run it; ptr NULL: the lock does not say. */
static sp_status find_command(const comparison *c, sp_str *ret, sp_err *err)
{
    sp_arena *arena = c->diags.arena;
    sp_lock_origin origin;
    *ret = (sp_str){ NULL, 0 };
    SP_TRY(read_origin(&c->lock, c->root, &origin, err));
    if (!origin.directory.ptr)
        return SP_OK;
    sp_str current = c->current.ptr ? c->current : SP_STR("/");
    sp_str folder = sp_path_join(arena, current, sp_path_folder(c->lock.path));
    sp_str place = folder.ptr ? sp_path_join(arena, folder, origin.directory) : folder;
    sp_buf command = { 0 };
    if (!place.ptr)
        return sp_err_memory(err);
    sp_buf_add(&command, SP_STR("sysprompt build"));
    for (size_t i = 0; i < origin.arguments.count; i++)
        add_argument(&command, origin.arguments.items[i]);
    if (c->current.ptr && !sp_str_eq(place, current))
        sp_buf_format(&command, " (in %.*s)", SP_STR_ARG(sp_path_below(place, current)));
    *ret = sp_buf_move(&command, arena);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

/* The last message ends with it. */
static sp_status add_advice(comparison *c, sp_err *err)
{
    sp_str command;
    SP_TRY(find_command(c, &command, err));
    if (c->diags.count == 0 || !command.ptr)
        return SP_OK;
    sp_diagnostic *last = &c->diags.items[c->diags.count - 1];
    last->message = sp_str_format(c->diags.arena, "%.*s; if that is meant, write the lock anew: %.*s",
                                  SP_STR_ARG(last->message), SP_STR_ARG(command));
    return last->message.ptr ? SP_OK : sp_err_memory(err);
}

/* Numbers of two tokenizers cannot be compared. */
static sp_status compare_encoding(const comparison *c, sp_err *err)
{
    const char *now = sp_encoding_name(c->prompt->encoding);
    const sp_json_node *was = member(c->root, "encoding", SP_JSON_TEXT);
    sp_str command;
    if (!was || sp_str_eq(was->text, sp_str_of(now)))
        return SP_OK;
    SP_TRY(find_command(c, &command, err));
    return sp_err_at(err, SP_ERR_INPUT, c->lock.path, c->lock.text, was->offset, sp_rule_id(SP_RULE_LOCK_DIFFERS),
                     "the lock counts in %.*s, and its prompt is counted in %s now; write the lock anew: %.*s",
                     SP_STR_ARG(was->text), now, SP_STR_ARG(command.ptr ? command : SP_STR("sysprompt build --lock")));
}

static sp_status compare(comparison *c, sp_err *err)
{
    SP_TRY(read_root(&c->lock, &c->root, err));
    SP_TRY(compare_encoding(c, err));
    SP_TRY(compare_inputs(c, member(c->root, "inputs", SP_JSON_ARRAY), err));
    SP_TRY(compare_environment(c, err));
    SP_TRY(compare_templates(c, err));
    SP_TRY(compare_values(c, err));
    return add_advice(c, err);
}

sp_status sp_lock_compare_in(sp_arena *arena, const sp_prompt *prompt, sp_str lock, sp_str path, sp_str current,
                             const sp_diagnostic **ret, size_t *ret_count, sp_err *err)
{
    comparison c = { .diags = { .arena = arena }, .prompt = prompt, .current = current, .lock = { .arena = arena } };
    c.lock.text = sp_str_dup(arena, lock);
    c.lock.path = sp_str_dup(arena, path);
    if (!c.lock.text.ptr || !c.lock.path.ptr)
        return sp_err_memory(err);
    SP_TRY(compare(&c, err));
    *ret = c.diags.items;
    *ret_count = c.diags.count;
    return SP_OK;
}
