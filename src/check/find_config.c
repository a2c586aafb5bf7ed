/* find_config.c - which sysprompt.yaml counts: the one that is named, or the nearest at or above the launch directory.
 */
#include "base/numbers.h"
#include "base/system.h"
#include "base/types.h"
#include "check/config.h"
#include "check/open_config.h"
#include "model/request.h"
#include "sources/named.h"
#include "sources/place.h"
#include "tokenizer/files/installed.h"
#include "tokenizer/files/vocabulary.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokens.h"

typedef struct config_owner {
    sp_config config;
    sp_check_config rules;
    sp_arena *arena;
} config_owner;

/* Where the configuration is looked for. */
typedef struct search {
    sp_arena *arena;
    sp_place here;
    const char *name;  /* that the command line gives; NULL: it does not */
    sp_str repository; /* ptr NULL: there is none */
    sp_err *err;
} search;

/* Nothing there is no error yet; all else but a file is. */
static sp_status check_file(const search *s, sp_str path, const sp_file *file)
{
    sp_str shown = sp_place_shown(&s->here, path);
    if (file->state == SP_FILE_LARGE)
        return sp_err_at(s->err, SP_ERR_INPUT, shown, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_FILE_MAX_BYTES),
                         "has %s bytes; at most %s are read", SP_NUMBER(file->size_bytes),
                         SP_NUMBER((uint64_t)sp_own_limit(SP_RULE_FILE_MAX_BYTES)));
    return file->state == SP_FILE_READ || file->state == SP_FILE_ABSENT ? SP_OK : sp_err_unread(s->err, shown, file);
}

/* A file that somebody else put there, above a shared directory for example, must not decide what our run does. */
static sp_status check_owner(const search *s, sp_str path, const sp_file *file)
{
    if (sp_is_own(file->owner))
        return SP_OK;
    sp_str shown = sp_place_shown(&s->here, path);
    return sp_err_at(
        s->err, SP_ERR_INPUT, shown, (sp_str){ 0 }, 0, NULL,
        "belongs to user %u, who is neither you (user %u) nor root; if you trust it, give --config %.*s, or run "
        "as its owner; else give --no-config",
        (unsigned)file->owner, sp_user(), SP_STR_ARG(shown));
}

static sp_status look_in(const search *s, sp_str folder, sp_str path, sp_file *ret)
{
    const sp_namer namer = { folder, s->repository.ptr ? s->repository : folder,
                             s->repository.ptr ? "the repository" : "its directory" };
    sp_str why;
    SP_TRY(sp_namer_read(s->arena, &namer, SP_STR(SP_CONFIG_FILE), (uint64_t)sp_own_limit(SP_RULE_FILE_MAX_BYTES), ret,
                         &why, s->err));
    if (why.ptr)
        return sp_err_at(s->err, SP_ERR_INPUT, sp_place_shown(&s->here, path), (sp_str){ 0 }, 0, NULL,
                         "%.*s; give --config with the file that it leads to if you trust that, or --no-config",
                         SP_STR_ARG(why));
    SP_TRY(check_file(s, path, ret));
    return ret->state == SP_FILE_ABSENT ? SP_OK : check_owner(s, path, ret);
}

/* The nearest one, up to the root of the repository. */
static sp_status look_up(const search *s, sp_str *ret_path, sp_file *ret)
{
    for (sp_str folder = s->here.launch;; folder = sp_path_folder(folder)) {
        *ret_path = sp_path_join(s->arena, folder, SP_STR(SP_CONFIG_FILE));
        if (!ret_path->ptr)
            return sp_err_memory(s->err);
        SP_TRY(look_in(s, folder, *ret_path, ret));
        bool is_last = s->repository.ptr && sp_str_eq(folder, s->repository);
        if (ret->state != SP_FILE_ABSENT || is_last || sp_str_eq(folder, s->here.root))
            return SP_OK;
    }
}

static sp_status find(const search *s, sp_str *ret_path, sp_file *ret)
{
    if (!s->name)
        return look_up(s, ret_path, ret);
    *ret_path = sp_path_append(s->arena, s->here.current, sp_str_of(s->name));
    if (!ret_path->ptr)
        return sp_err_memory(s->err);
    SP_TRY(sp_named_read(s->arena, s->here.request, sp_str_of(s->name), (uint64_t)sp_own_limit(SP_RULE_FILE_MAX_BYTES),
                         ret, s->err));
    SP_TRY(check_file(s, *ret_path, ret));
    return ret->state == SP_FILE_READ ? SP_OK : sp_err_unread(s->err, sp_str_of(s->name), ret);
}

/* Where the files lie that it names: in its repository, by whatever way it was found. Only one that lies in none and
 * that the user named is the user's own. */
static sp_status find_bound(const search *s, const sp_file *file, sp_namer *ret)
{
    sp_str folder = sp_path_folder(file->real_path);
    *ret = (sp_namer){ .folder = s->here.current, .what = "the repository" };
    SP_TRY(sp_place_repository_of(s->arena, &s->here, folder, &ret->within, s->err));
    if (!ret->within.ptr && !s->name)
        *ret = (sp_namer){ s->here.current, folder, "the directory of its configuration" };
    return SP_OK;
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
    search s = { .arena = owner->arena, .name = name, .err = err };
    sp_file file = { .state = SP_FILE_ABSENT };
    sp_str path = { NULL, 0 };
    SP_TRY(sp_place_locate(owner->arena, request, &sp_reader_disk, &s.here, err));
    SP_TRY(sp_place_find_home(owner->arena, &s.here, err));
    SP_TRY(sp_place_repository_of(owner->arena, &s.here, s.here.launch, &s.repository, err));
    SP_TRY(find(&s, &path, &file));
    sp_str shown = sp_place_shown(&s.here, path);
    if (file.state == SP_FILE_ABSENT)
        return SP_OK;
    SP_TRY(check_text(shown, file.bytes, err));
    SP_TRY(sp_config_parse(owner->arena, shown, sp_path_folder(file.real_path), file.bytes, &owner->rules, err));
    SP_TRY(find_bound(&s, &file, &owner->config.names));
    owner->config.path = shown;
    owner->config.profile = owner->rules.profile;
    owner->config.encoding = owner->rules.encoding.text;
    owner->config.model = owner->rules.model.text;
    SP_TRY(show_locks(&s.here, owner, err));
    if (owner->rules.tokenizer.text.ptr)
        SP_TRY(show_path(&s.here, owner, owner->rules.tokenizer.text, &owner->config.tokenizer, err));
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

sp_status sp_config_check_names(const sp_config *config, sp_err *err)
{
    const sp_encoding *encoding;
    const sp_check_config *rules = sp_config_rules(config);
    sp_status status = sp_encoding_choose(config->encoding, config->model, NULL, &encoding, err);
    if (status == SP_OK || status == SP_ERR_NO_MEMORY)
        return status;
    sp_err of_name = *err;
    return sp_err_at(err, SP_ERR_INPUT, rules->path, rules->text,
                     config->model.ptr ? rules->model.offset : rules->encoding.offset, NULL, "%s", of_name.message);
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

/* From the bytes that were judged, so that no other file can take their place meanwhile. */
static sp_status open_tokenizer(sp_arena *arena, const sp_config *config, const char *cache_dir, sp_encoding **ret,
                                sp_err *err)
{
    enum { MAX_BYTES = 512 << 20 };
    const sp_check_config *rules = sp_config_rules(config);
    const sp_placed_text *placed = &rules->tokenizer;
    sp_file file;
    sp_str why;
    SP_TRY(sp_namer_read(arena, &config->names, config->tokenizer, MAX_BYTES, &file, &why, err));
    if (why.ptr)
        return sp_err_at(err, SP_ERR_INPUT, rules->path, rules->text, placed->offset, NULL,
                         "the tokenizer %.*s %.*s; choose a file in it, or give --tokenizer", SP_STR_ARG(placed->text),
                         SP_STR_ARG(why));
    if (file.state == SP_FILE_LARGE)
        return sp_err_at(err, SP_ERR_INPUT, config->tokenizer, (sp_str){ 0 }, 0, "tokenizer.format",
                         "is larger than the 512 MiB that are read");
    if (file.state == SP_FILE_ABSENT && sp_installed_is_name(NULL, placed->text.ptr))
        return sp_err_at(
            err, SP_ERR_INPUT, rules->path, rules->text, placed->offset, NULL,
            "%.*s is not a file of the repository, which cannot choose among those that you installed; give "
            "--tokenizer=%.*s",
            SP_STR_ARG(placed->text), SP_STR_ARG(placed->text));
    if (file.state != SP_FILE_READ)
        return sp_err_unread(err, config->tokenizer, &file);
    return sp_encoding_read(config->tokenizer.ptr, file.bytes, config->pattern.ptr, cache_dir, ret, err);
}

sp_status sp_config_open_tokenizer(const sp_config *config, const char *cache_dir, sp_encoding **ret_encoding,
                                   sp_err *err)
{
    sp_arena arena = { 0 };
    sp_status status = open_tokenizer(&arena, config, cache_dir, ret_encoding, err);
    sp_arena_release(&arena);
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
