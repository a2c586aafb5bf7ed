/* find_config.c - which sysprompt.yaml counts: the one that is named, or the nearest at or above the launch directory.
 */
#include "base/numbers.h"
#include "base/types.h"
#include "check/config.h"
#include "check/open_config.h"
#include "model/request.h"
#include "sources/place.h"
#include "tokenizer/tokens.h"

typedef struct config_owner {
    sp_config config;
    sp_check_config rules;
    sp_arena *arena;
} config_owner;

/* Nothing there is no error yet; all else but a file is. */
static sp_status read_file(sp_arena *arena, const sp_place *here, sp_str path, sp_file *ret, sp_err *err)
{
    sp_read_limits limits = { .max_bytes = (uint64_t)sp_own_limit(SP_RULE_FILE_MAX_BYTES) };
    *ret = (sp_file){ .state = SP_FILE_ABSENT };
    if (!path.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(here->reader, arena, path, limits, ret, err));
    sp_str shown = sp_place_shown(here, path);
    if (ret->state == SP_FILE_LARGE)
        return sp_err_at(err, SP_ERR_INPUT, shown, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_FILE_MAX_BYTES),
                         "has %s bytes; at most %s are read", SP_NUMBER(ret->size_bytes), SP_NUMBER(limits.max_bytes));
    return ret->state == SP_FILE_READ || ret->state == SP_FILE_ABSENT ? SP_OK : sp_err_unread(err, shown, ret);
}

static sp_status look_up(sp_arena *arena, const sp_place *here, sp_str *ret_path, sp_file *ret, sp_err *err)
{
    ret->state = SP_FILE_ABSENT;
    for (sp_str folder = here->launch;; folder = sp_path_folder(folder)) {
        *ret_path = sp_path_join(arena, folder, SP_STR(SP_CONFIG_FILE));
        SP_TRY(read_file(arena, here, *ret_path, ret, err));
        if (ret->state != SP_FILE_ABSENT || sp_str_eq(folder, here->root))
            return SP_OK;
    }
}

static sp_status find(sp_arena *arena, const sp_place *here, const char *name, sp_str *ret_path, sp_file *ret,
                      sp_err *err)
{
    if (!name)
        return look_up(arena, here, ret_path, ret, err);
    *ret_path = sp_path_append(arena, here->current, sp_str_of(name));
    SP_TRY(read_file(arena, here, *ret_path, ret, err));
    return ret->state == SP_FILE_READ ? SP_OK : sp_err_unread(err, sp_str_of(name), ret);
}

static sp_status check_text(sp_str path, sp_str text, sp_err *err)
{
    size_t invalid = sp_utf8_find_invalid(text, 0);
    if (invalid == SIZE_MAX)
        return SP_OK;
    return sp_err_at(err, SP_ERR_INPUT, path, text, invalid, NULL,
                     "not UTF-8 at byte offset %zu; save the file as UTF-8", invalid);
}

/* A path of the configuration, which is seen from its folder, as messages show it and files are opened. */
static sp_status show_path(const sp_place *here, config_owner *owner, sp_str path, sp_str *ret, sp_err *err)
{
    sp_str joined = sp_path_join(owner->arena, owner->rules.folder, path);
    *ret = joined.ptr ? sp_str_dup(owner->arena, sp_place_shown(here, joined)) : joined;
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

static sp_status show_locks(const sp_place *here, config_owner *owner, sp_err *err)
{
    const sp_check_config *rules = &owner->rules;
    sp_str *locks = SP_ARENA_ARRAY(owner->arena, sp_str, rules->lock_count + 1);
    if (!locks)
        return sp_err_memory(err);
    for (size_t i = 0; i < rules->lock_count; i++)
        SP_TRY(show_path(here, owner, rules->locks[i], &locks[i], err));
    owner->config.locks = (sp_str_list){ locks, rules->lock_count };
    return SP_OK;
}

static sp_status open_config(config_owner *owner, const sp_request *request, const char *name, sp_err *err)
{
    sp_place here;
    sp_file file = { .state = SP_FILE_ABSENT };
    sp_str path = { NULL, 0 };
    SP_TRY(sp_place_locate(owner->arena, request, &sp_reader_disk, &here, err));
    SP_TRY(find(owner->arena, &here, name, &path, &file, err));
    sp_str shown = sp_place_shown(&here, path);
    if (file.state == SP_FILE_ABSENT)
        return SP_OK;
    SP_TRY(check_text(shown, file.bytes, err));
    SP_TRY(sp_config_parse(owner->arena, shown, sp_path_folder(file.real_path), file.bytes, &owner->rules, err));
    owner->config.path = shown;
    owner->config.profile = owner->rules.profile;
    owner->config.encoding = owner->rules.encoding;
    owner->config.model = owner->rules.model;
    SP_TRY(show_locks(&here, owner, err));
    if (owner->rules.tokenizer.text.ptr)
        SP_TRY(show_path(&here, owner, owner->rules.tokenizer.text, &owner->config.tokenizer, err));
    owner->config.pattern = owner->rules.pattern.text;
    owner->config.bound = owner->rules.bound;
    owner->config.priority_rules = owner->rules.trim;
    owner->config.priority_rule_count = owner->rules.trim_count;
    return SP_OK;
}

/* What is asked for. */
typedef struct question {
    const sp_request *request;
    const char *file;
} question;

static sp_status make(sp_arena *arena, void *made, const void *asked, sp_err *err)
{
    const question *q = asked;
    config_owner *owner = made;
    owner->arena = arena;
    owner->config.owner = owner;
    return open_config(owner, q->request, q->file, err);
}

sp_status sp_config_open(const sp_request *request, const char *file, sp_config **ret_config, sp_err *err)
{
    const question q = { request, file };
    void *made;
    SP_TRY(sp_arena_build(sizeof(config_owner), make, &q, &made, err));
    *ret_config = &((config_owner *)made)->config;
    return SP_OK;
}

/* An error about the vocabulary as a whole, or about how it is used. */
static void place_in_config(const sp_check_config *rules, sp_err *err)
{
    sp_err of_file = *err;
    bool is_pattern = of_file.status == SP_ERR_USAGE && rules->pattern.text.ptr;
    (void)sp_err_at(err, SP_ERR_INPUT, rules->path, rules->text,
                    is_pattern ? rules->pattern.offset : rules->tokenizer.offset, of_file.rule, "%s%s%s%s",
                    of_file.path, *of_file.path ? ": " : "", of_file.message,
                    of_file.status == SP_ERR_USAGE ? "; in this file, pattern: is what --pattern is there" : "");
}

sp_status sp_config_open_tokenizer(const sp_config *config, const char *cache_dir, sp_encoding **ret_encoding,
                                   sp_err *err)
{
    sp_status status = sp_encoding_open(config->tokenizer.ptr, config->pattern.ptr, cache_dir, ret_encoding, err);
    if (status != SP_OK && status != SP_ERR_NO_MEMORY && err->line == 0)
        place_in_config(sp_config_rules(config), err);
    return status == SP_ERR_USAGE ? SP_ERR_INPUT : status;
}

void sp_config_free(sp_config *config)
{
    if (config)
        sp_arena_free(((config_owner *)config->owner)->arena);
}

const sp_check_config *sp_config_rules(const sp_config *config)
{
    const config_owner *made = config->owner;
    return &made->rules;
}
