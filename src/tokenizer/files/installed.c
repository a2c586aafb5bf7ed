/*
 * installed.c - tokenizers that the user has on this machine, found by a name instead of a path.
 *
 * Two kinds: data of ctok, which is a Python package, and files that the user put into a directory of this program.
 * They are looked for in the user's own directories, never in a repository, so that a repository cannot choose how it
 * is counted.
 */
#include "tokenizer/files/installed.h"
#include "base/file.h"
#include "base/near.h"
#include "tokenizer/files/vocabulary.h"
#include "tokenizer/models/model.h"
#include "tokenizer/models/models.h"

#include <stdlib.h>

enum {
    NAMES_ROOM = 64, /* of tokenizers, when one is to be suggested */
};

typedef struct search {
    sp_arena *arena;
    const sp_installed_places *places;
    sp_str file; /* below what is found */
    sp_str path; /* the best so far; ptr NULL: nothing was found */
    sp_str version;
    sp_err *err;
} search;

/* ---- versions -------------------------------------------------------------------------------------------- */

static size_t take_number(sp_str text, size_t at, uint64_t *ret)
{
    for (*ret = 0; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9' && *ret < 1000000; at++)
        *ret = *ret * 10 + (uint64_t)(text.ptr[at] - '0');
    return at;
}

/* Whether version a, such as 1.10.0, is later than b. */
static bool is_later(sp_str a, sp_str b)
{
    size_t i = 0, j = 0;
    while (i < a.len || j < b.len) {
        uint64_t left, right;
        i = take_number(a, i, &left) + 1;
        j = take_number(b, j, &right) + 1;
        if (left != right)
            return left > right;
    }
    return false;
}

/* ---- directories ------------------------------------------------------------------------------------------ */

static sp_status list(search *s, sp_str directory, sp_listing *ret)
{
    *ret = (sp_listing){ .state = SP_FILE_ABSENT };
    sp_status status =
        sp_reader_list(&sp_reader_disk, s->arena, directory, (sp_read_limits){ .max_bytes = 0 }, ret, s->err);
    return status == SP_ERR_NO_MEMORY ? status : SP_OK;
}

static bool is_there(sp_str path)
{
    sp_file file;
    sp_err ignored;
    return sp_file_look(path, &file, &ignored) == SP_OK && sp_file_exists(&file);
}

/* The version that pip wrote beside a package, as in ctok-1.2.0.dist-info; empty where there is none. */
static sp_status find_version(search *s, sp_str site, sp_str *ret)
{
    static const sp_str begin = { "ctok-", 5 }, end = { ".dist-info", 10 };
    sp_listing found;
    *ret = SP_STR("");
    SP_TRY(list(s, site, &found));
    for (size_t i = 0; i < found.count; i++) {
        sp_str name = found.entries[i].name;
        if (sp_str_starts(name, begin) && sp_str_ends(name, end) && name.len > begin.len + end.len)
            *ret = sp_str_slice(name, begin.len, name.len - end.len);
    }
    return SP_OK;
}

static sp_status look_in_site(search *s, sp_str site)
{
    sp_str path = sp_str_format(s->arena, "%.*s/ctok/data/%.*s", SP_STR_ARG(site), SP_STR_ARG(s->file)), version;
    if (!path.ptr)
        return sp_err_memory(s->err);
    if (!is_there(path))
        return SP_OK;
    SP_TRY(find_version(s, site, &version));
    if (!s->path.ptr || is_later(version, s->version)) {
        s->path = path;
        s->version = version;
    }
    return SP_OK;
}

/* Every directory that pattern names below root: a * stands for the rest of one name. */
static sp_status look_below(search *s, sp_str root, sp_str pattern)
{
    size_t star = sp_str_find(pattern, SP_STR("*"), 0);
    if (star == SIZE_MAX) {
        sp_str site = sp_str_format(s->arena, "%.*s%.*s", SP_STR_ARG(root), SP_STR_ARG(pattern));
        return site.ptr ? look_in_site(s, site) : sp_err_memory(s->err);
    }
    sp_str before = sp_str_slice(pattern, 0, star), base = sp_path_base(before);
    sp_str directory = sp_str_format(s->arena, "%.*s%.*s", SP_STR_ARG(root), (int)(before.len - base.len), before.ptr);
    sp_listing found;
    if (!directory.ptr)
        return sp_err_memory(s->err);
    SP_TRY(list(s, directory, &found));
    for (size_t i = 0; i < found.count; i++) {
        if (!found.entries[i].is_folder || !sp_str_starts(found.entries[i].name, base))
            continue;
        sp_str next = sp_str_format(s->arena, "%.*s%.*s", SP_STR_ARG(directory), SP_STR_ARG(found.entries[i].name));
        if (!next.ptr)
            return sp_err_memory(s->err);
        SP_TRY(look_below(s, next, sp_str_slice(pattern, star + 1, pattern.len)));
    }
    return SP_OK;
}

/* ---- ctok -------------------------------------------------------------------------------------------------- */

/* Where Python packages of the user are: of pip, pipx and uv, also for a Python of pyenv, and as macOS has them. */
static const struct {
    bool is_data; /* below places->data_home, else below places->home */
    const char *pattern;
} sites[] = {
    { false, "/.local/lib/python3*/site-packages" },
    { true, "/pipx/venvs/ctok/lib/python3*/site-packages" },
    { false, "/.local/pipx/venvs/ctok/lib/python3*/site-packages" },
    { true, "/uv/tools/ctok/lib/python3*/site-packages" },
    { false, "/.pyenv/versions/*/lib/python3*/site-packages" },
    { false, "/Library/Python/3*/lib/python/site-packages" },
};

static sp_status find_ctok(search *s)
{
    const sp_installed_places *places = s->places;
    sp_str own =
        sp_str_format(s->arena, "%s/sysprompt/%.*s", places->data_home ? places->data_home : "", SP_STR_ARG(s->file));
    if (!own.ptr)
        return sp_err_memory(s->err);
    if (places->data_home && is_there(own)) {
        s->path = own;
        return SP_OK;
    }
    for (size_t i = 0; i < SP_COUNT_OF(sites); i++) {
        const char *root = sites[i].is_data ? places->data_home : places->home;
        if (root)
            SP_TRY(look_below(s, sp_str_of(root), sp_str_of(sites[i].pattern)));
    }
    if (s->path.ptr)
        return SP_OK;
    return sp_err_set(
        s->err, SP_ERR_USAGE,
        "--tokenizer=ctok: there is no %.*s in ${XDG_DATA_HOME:-~/.local/share}/sysprompt, nor where pip, pipx and uv "
        "install the package ctok; install it (pip install --user ctok), or give the file itself",
        SP_STR_ARG(s->file));
}

static sp_status not_claude(search *s, const sp_model *model, sp_str name)
{
    if (SP_MODEL_STR(model, tokenizer).ptr)
        return sp_err_set(s->err, SP_ERR_USAGE,
                          "--tokenizer=ctok counts for Claude models, and %.*s is another: leave --tokenizer out",
                          SP_STR_ARG(name));
    sp_str file = SP_MODEL_STR(model, tokenizer_file), where = sp_model_where(s->arena, model);
    if (!where.ptr)
        return sp_err_memory(s->err);
    if (!sp_model_is_published(model))
        return sp_err_set(s->err, SP_ERR_USAGE,
                          "--tokenizer=ctok counts for Claude models, and %.*s is another, whose tokenizer nobody "
                          "publishes: give a similar file with --tokenizer",
                          SP_STR_ARG(name));
    return sp_err_set(s->err, SP_ERR_USAGE,
                      "--tokenizer=ctok counts for Claude models, and %.*s is another: give --tokenizer=%.*s, with its "
                      "file as ${XDG_DATA_HOME:-~/.local/share}/sysprompt/%.*s.json%.*s",
                      SP_STR_ARG(name), SP_STR_ARG(file), SP_STR_ARG(file), SP_STR_ARG(where));
}

/* A pattern is one of the newest family, whose edges differ between models. */
static sp_status open_ctok(search *s, const char *pattern, sp_str name, const sp_models *models, const char *cache_dir,
                           sp_encoding **ret)
{
    const sp_model *model = name.ptr ? sp_model_find(models, name) : NULL;
    if (name.ptr && !model)
        return sp_model_unknown(models, name, s->err);
    bool is_v3 = model && sp_str_eq(SP_MODEL_STR(model, tokenizer), SP_STR("claude-v3"));
    if (model && !is_v3 && !sp_str_eq(SP_MODEL_STR(model, tokenizer), SP_STR("claude-4.7")))
        return not_claude(s, model, name);
    const char *edges = model && SP_MODEL_STR(model, edges).ptr ? SP_MODEL_STR(model, edges).ptr : "claude-4.8";
    s->file = is_v3 ? SP_STR("pieces_v3.json") : SP_STR("pieces_v4_7.json");
    SP_TRY(find_ctok(s));
    sp_str label = s->version.len ? sp_str_format(s->arena, "ctok-%.*s/", SP_STR_ARG(s->version)) : SP_STR("");
    if (!label.ptr)
        return sp_err_memory(s->err);
    return sp_encoding_open_labelled(s->path.ptr, label,
                                     pattern ? pattern
                                     : is_v3 ? NULL
                                             : edges,
                                     cache_dir, ret, s->err);
}

/* ---- other families ---------------------------------------------------------------------------------------- */

static sp_status open_family(search *s, sp_str name, const char *pattern, const sp_model *row, const char *cache_dir,
                             sp_encoding **ret)
{
    static const char *const ends[] = { ".json", "/tokenizer.json" };
    for (size_t i = 0; s->places->data_home && i < SP_COUNT_OF(ends); i++) {
        sp_str path = sp_str_format(s->arena, "%s/sysprompt/%.*s%s", s->places->data_home, SP_STR_ARG(name), ends[i]);
        if (!path.ptr)
            return sp_err_memory(s->err);
        if (is_there(path))
            return sp_encoding_open_labelled(path.ptr, SP_STR(""), pattern, cache_dir, ret, s->err);
    }
    sp_str where = sp_model_where(s->arena, row);
    if (!where.ptr)
        return sp_err_memory(s->err);
    if (!sp_model_is_published(row))
        return sp_err_set(s->err, SP_ERR_USAGE,
                          "--tokenizer=%.*s: there is no ${XDG_DATA_HOME:-~/.local/share}/sysprompt/%.*s.json, and "
                          "nobody publishes the "
                          "tokenizer of that family; give a similar file",
                          SP_STR_ARG(name), SP_STR_ARG(name));
    return sp_err_set(s->err, SP_ERR_USAGE,
                      "--tokenizer=%.*s: there is no ${XDG_DATA_HOME:-~/.local/share}/sysprompt/%.*s.json; save the "
                      "tokenizer.json of "
                      "that family there%.*s",
                      SP_STR_ARG(name), SP_STR_ARG(name), SP_STR_ARG(where));
}

bool sp_installed_is_name(const sp_models *models, const char *name)
{
    return strcmp(name, "ctok") == 0 || sp_model_of_file(models, sp_str_of(name)) != NULL;
}

bool sp_installed_is_of_model(const sp_models *models, const char *name, sp_str model)
{
    const sp_model *row = sp_model_find(models, model);
    sp_str file = row ? SP_MODEL_STR(row, tokenizer_file) : (sp_str){ NULL, 0 };
    bool is_file = file.ptr && sp_str_eq(file, sp_str_of(name));
    return is_file || (strcmp(name, "ctok") == 0 && !sp_model_of_file(models, SP_STR("ctok")));
}

static bool is_among(sp_str name, const sp_str *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sp_str_eq(names[i], name))
            return true;
    return false;
}

sp_status sp_installed_suggest(const sp_models *models, const char *name, sp_err *err)
{
    sp_str wanted = sp_str_of(name), names[NAMES_ROOM] = { SP_STR("ctok") };
    size_t count = 1;
    if (sp_encoding_find(wanted))
        return sp_err_set(err, SP_ERR_USAGE, "--tokenizer=%s: that is an encoding in the program; give --encoding=%s",
                          name, name);
    const sp_model *model = sp_model_find(models, wanted);
    if (model && SP_MODEL_STR(model, tokenizer).ptr)
        return sp_err_set(err, SP_ERR_USAGE, "--tokenizer=%s: that is a model; give --model=%s", name, name);
    for (size_t i = 0; count < NAMES_ROOM && (model = sp_model_at(models, i)) != NULL; i++) {
        sp_str file = SP_MODEL_STR(model, tokenizer_file);
        if (file.ptr && !is_among(file, names, count))
            names[count++] = file;
    }
    size_t nearest = sp_near_or_longer(wanted, names, count);
    if (nearest == SIZE_MAX && strchr(name, '.'))
        return SP_OK;
    if (nearest == SIZE_MAX)
        return sp_err_set(err, SP_ERR_USAGE,
                          "--tokenizer=%s: there is no such file, and no tokenizer that is found by that name "
                          "(ctok, or that of a model: count --models)",
                          name);
    return sp_err_set(err, SP_ERR_USAGE,
                      "--tokenizer=%s: there is no such file, and no tokenizer that is found by that name; did you "
                      "mean %.*s?",
                      name, SP_STR_ARG(names[nearest]));
}

sp_status sp_installed_open(const char *name, const char *pattern, sp_str model, const sp_models *models,
                            const sp_installed_places *places, const char *cache_dir, sp_encoding **ret_encoding,
                            sp_err *err)
{
    sp_arena arena = { 0 };
    search s = { .arena = &arena, .places = places, .version = SP_STR(""), .err = err };
    const sp_model *row = sp_model_of_file(models, sp_str_of(name));
    sp_status status = row ? open_family(&s, sp_str_of(name), pattern, row, cache_dir, ret_encoding)
                           : open_ctok(&s, pattern, model, models, cache_dir, ret_encoding);
    sp_arena_release(&arena);
    return status;
}
