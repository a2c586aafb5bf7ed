/*
 * toml.c - the settings of a client's configuration that is TOML.
 *
 * Of the file only the lines above the first table are looked at, for the keys in the client's table; what stands in
 * multi-line texts is passed over.
 */
#include "base/types.h"
#include "clients/plain/client_config.h"

typedef struct toml {
    const sp_client_config *config;
    sp_str text;
    size_t at;
} toml;

static sp_status warn(const toml *t, size_t at, const char *what, sp_err *err)
{
    return sp_config_warn(t->config, at, sp_str_format(t->config->arena, "%s; it does not count", what), err);
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
        SP_TRY(sp_config_add_name(t->config, SP_CONFIG_MORE_NAMES, item, name, err));
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
    t->config->to->has_chain_bytes = true;
    t->config->to->chain_bytes = value;
    return SP_OK;
}

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
    const sp_client *client = t->config->here->profile->client;
    for (size_t i = 0; i < client->setting_count; i++)
        if (sp_str_eq(key, sp_str_of(client->settings[i].keys[0])))
            SP_TRY(client->settings[i].effect == SP_CONFIG_TOTAL_BYTES ? read_bytes(t, err) : read_names(t, err));
    skip_value(t);
    return SP_OK;
}

sp_status sp_config_read_toml(const sp_client_config *config, sp_err *err)
{
    toml t = { .config = config, .text = config->text };
    for (;;) {
        skip_blanks(&t, true);
        if (t.at >= t.text.len || is_at(&t, "["))
            return SP_OK;
        SP_TRY(read_setting(&t, err));
    }
}
