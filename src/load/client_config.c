/*
 * client_config.c - the two settings of a client's own configuration that change the chain: more file names, and
 * another limit on all files together.
 *
 * The file is TOML. Of that only the lines above the first table are looked at, for two keys; what stands in multi-line
 * texts is passed over. A value that is not what it has to be is said, and does not count.
 */
#include "load/loader.h"

#include <stdlib.h>

typedef struct toml {
    sp_loader *loader;
    sp_str path;
    sp_str text;
    size_t at;
} toml;

static sp_status warn(const toml *t, size_t at, const char *what, sp_err *err)
{
    return sp_diag_add(t->loader->diags, err, SP_WARNING, sp_loader_shown(t->loader, t->path), t->text, at,
                       sp_rule_id(SP_RULE_CHAIN_CONFIGURED), "%s; it does not count", what);
}

static bool is_at(const toml *t, const char *word)
{
    size_t length = strlen(word);
    return t->text.len - t->at >= length && memcmp(t->text.ptr + t->at, word, length) == 0;
}

static void skip_line(toml *t)
{
    while (t->at < t->text.len && t->text.ptr[t->at] != '\n')
        t->at++;
    t->at += t->at < t->text.len;
}

/* Blanks, and with lines also line ends and comments. */
static void skip_blanks(toml *t, bool lines)
{
    while (t->at < t->text.len) {
        char c = t->text.ptr[t->at];
        if (c == '#' && lines)
            skip_line(t);
        else if (c == ' ' || c == '\t' || (lines && (c == '\n' || c == '\r')))
            t->at++;
        else
            return;
    }
}

/* A text in single or double quotes, as it is written: file names need no escapes. False where there is none. */
static bool read_string(toml *t, sp_str *ret)
{
    if (!is_at(t, "\"") && !is_at(t, "'"))
        return false;
    char quote = t->text.ptr[t->at];
    size_t begin = t->at + 1;
    for (size_t at = begin; at < t->text.len && t->text.ptr[at] != '\n'; at++)
        if (t->text.ptr[at] == quote) {
            *ret = sp_str_slice(t->text, begin, at);
            t->at = at + 1;
            return true;
        }
    return false;
}

static bool is_plain_name(sp_str name)
{
    return name.len && name.ptr[0] != '/' && !memchr(name.ptr, '\\', name.len) && !memchr(name.ptr, '\0', name.len) &&
           sp_str_find(name, SP_STR(".."), 0) == SIZE_MAX;
}

static sp_status read_names(toml *t, sp_err *err)
{
    size_t begin = t->at;
    sp_str name = { NULL, 0 };
    if (!is_at(t, "["))
        return warn(t, begin, "this has to be a list of file names, such as [\"CONTEXT.md\"]", err);
    t->at++;
    for (;;) {
        skip_blanks(t, true);
        if (is_at(t, "]"))
            return SP_OK;
        size_t item = t->at;
        if (!read_string(t, &name))
            return warn(t, item, "this has to be a file name in quotes", err);
        if (is_plain_name(name)) {
            sp_str *slot = SP_LIST_PUSH(t->loader->arena, &t->loader->more_names);
            if (!slot)
                return sp_err_memory(err);
            *slot = sp_str_dup(t->loader->arena, name);
            if (!slot->ptr)
                return sp_err_memory(err);
        } else {
            SP_TRY(warn(t, item, "this has to be a name within the folder, without ..", err));
        }
        skip_blanks(t, true);
        if (is_at(t, ","))
            t->at++;
        else if (!is_at(t, "]"))
            return warn(t, t->at < t->text.len ? t->at : begin, "here a comma or the end of the list is missing", err);
    }
}

enum { MAX_DIGITS = 18 };

/* Digits, with underscores between them as TOML has it. */
static sp_status read_bytes(toml *t, sp_err *err)
{
    size_t begin = t->at;
    size_t digits = 0;
    int64_t value = 0;
    for (; t->at < t->text.len; t->at++) {
        char c = t->text.ptr[t->at];
        bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && c != '_')
            break;
        if (is_digit && ++digits <= MAX_DIGITS)
            value = value * 10 + (c - '0');
    }
    if (digits == 0 || digits > MAX_DIGITS)
        return warn(t, begin, "this has to be a number of bytes", err);
    t->loader->has_chain_bytes = true;
    t->loader->chain_bytes = value;
    return SP_OK;
}

static const struct {
    const char *key;
    sp_status (*read)(toml *t, sp_err *err);
} settings[] = {
    { "project_doc_fallback_filenames", read_names },
    { "project_doc_max_bytes", read_bytes },
};

/* Behind the value of a key that is not ours: texts in three quotes may go on for lines. */
static void skip_value(toml *t)
{
    static const char *const quotes[] = { "\"\"\"", "'''" };
    for (size_t i = 0; i < SP_COUNT_OF(quotes); i++) {
        if (!is_at(t, quotes[i]))
            continue;
        size_t end = sp_str_find(t->text, sp_str_of(quotes[i]), t->at + 3);
        t->at = end == SIZE_MAX ? t->text.len : end + 3;
    }
    skip_line(t);
}

static sp_status read_setting(toml *t, sp_err *err)
{
    size_t begin = t->at;
    while (t->at < t->text.len && !strchr("= \t\r\n", t->text.ptr[t->at]))
        t->at++;
    sp_str key = sp_str_slice(t->text, begin, t->at);
    skip_blanks(t, false);
    if (!is_at(t, "=")) {
        skip_line(t);
        return SP_OK;
    }
    t->at++;
    skip_blanks(t, false);
    for (size_t i = 0; i < SP_COUNT_OF(settings); i++)
        if (sp_str_eq(key, sp_str_of(settings[i].key)))
            SP_TRY(settings[i].read(t, err));
    skip_value(t);
    return SP_OK;
}

sp_status sp_load_client_config(sp_loader *loader, sp_err *err)
{
    const char *name = loader->profile->client->config;
    toml t = { .loader = loader };
    sp_wanted wanted = { .kind = SP_SOURCE_AGENT, .scope = SP_SCOPE_USER, .importer = SP_NONE };
    sp_file file;
    if (!name || !loader->home.ptr)
        return SP_OK;
    wanted.path = t.path = sp_path_join(loader->arena, loader->home, sp_str_of(name));
    if (!t.path.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_loader_read(loader, &wanted, &file, err));
    if (file.state == SP_FILE_DENIED)
        return sp_loader_refuse(loader, &wanted, &file, err);
    t.text = file.state == SP_FILE_READ ? file.bytes : (sp_str){ "", 0 };
    for (;;) {
        skip_blanks(&t, true);
        if (t.at >= t.text.len || is_at(&t, "["))
            return SP_OK;
        SP_TRY(read_setting(&t, err));
    }
}
