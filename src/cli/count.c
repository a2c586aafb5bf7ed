/* count.c - tokens of any text, like wc; and ids, their bytes, and the beginning that fits. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct input {
    const char *path;
    char *bytes;
    size_t len;
} input;

static sp_special special_of(const cli_options *options)
{
    return options->allow_special ? SP_SPECIAL_ALLOW : SP_SPECIAL_AS_TEXT;
}

static cli_exit load(const cli_options *options, const char *path, input *ret)
{
    sp_err err;
    *ret = (input){ .path = path };
    if (sp_file_load(path, &ret->bytes, &ret->len, &err) != SP_OK)
        return cli_fail(options, &err);
    return CLI_OK;
}

static sp_str text_of(const input *in)
{
    return (sp_str){ in->bytes, in->len };
}

/* ---- what is printed for one text ------------------------------------------------------------------ */

static cli_exit encode_one(const cli_options *options, const sp_encoding *encoding, const char *path, cli_text *out)
{
    input in;
    sp_ids ids = { 0 };
    sp_err err;
    cli_exit code = load(options, path, &in);
    if (code != CLI_OK)
        return code;
    if (sp_encode(encoding, text_of(&in), special_of(options), &ids, &err) != SP_OK)
        code = cli_fail(options, &err);
    for (size_t i = 0; i < ids.count; i++)
        cli_add(out, i ? " %" PRIu32 : "%" PRIu32, ids.ids[i]);
    cli_add(out, "\n");
    sp_ids_release(&ids);
    free(in.bytes);
    return code;
}

static cli_exit encode_all(const cli_options *options, const sp_encoding *encoding, const char **paths, size_t count)
{
    cli_text out = { 0 };
    cli_exit code = CLI_OK;
    for (size_t i = 0; i < count && code == CLI_OK; i++)
        code = encode_one(options, encoding, paths[i], &out);
    if (code == CLI_OK)
        return cli_write_text(options, &out);
    free(out.bytes);
    return code;
}

static cli_exit bad_id(const cli_options *options, const input *in, size_t at)
{
    sp_err err = { .status = SP_ERR_INPUT, .line = 1, .column = 1, .rule = "count.ids" };
    for (size_t i = 0; i < at; i++) {
        bool is_line_end = in->bytes[i] == '\n';
        err.line += is_line_end;
        err.column = is_line_end ? 1 : err.column + 1;
    }
    snprintf(err.path, sizeof err.path, "%.500s", strcmp(in->path, "-") == 0 ? "<stdin>" : in->path);
    snprintf(err.message, sizeof err.message,
             "expected a token id here: numbers from 0 to %" PRIu32 " with blanks, commas or line ends between them",
             UINT32_MAX);
    return cli_fail(options, &err);
}

static bool separates_ids(char c)
{
    return c == ' ' || c == ',' || c == '\n' || c == '\t' || c == '\r' || c == '[' || c == ']';
}

/* Digits only: strtoul would read "q" as 0. Returns the number of ids, or SIZE_MAX with *at on the mistake. */
static size_t read_ids(const input *in, uint32_t *ids, size_t *at)
{
    size_t count = 0;
    for (*at = 0; *at < in->len;) {
        uint64_t id = 0;
        size_t begin = *at;
        if (separates_ids(in->bytes[begin])) {
            ++*at;
            continue;
        }
        while (*at < in->len && in->bytes[*at] >= '0' && in->bytes[*at] <= '9' && id <= UINT32_MAX)
            id = id * 10 + (uint64_t)(in->bytes[(*at)++] - '0');
        bool is_whole = *at > begin && id <= UINT32_MAX && (*at == in->len || separates_ids(in->bytes[*at]));
        if (!is_whole) {
            *at = begin;
            return SIZE_MAX;
        }
        ids[count++] = (uint32_t)id;
    }
    return count;
}

static cli_exit decode_ids(const cli_options *options, const sp_encoding *encoding, const input *in, uint32_t *ids)
{
    size_t at;
    char *bytes;
    size_t len;
    sp_err err;
    size_t count = read_ids(in, ids, &at);
    if (count == SIZE_MAX)
        return bad_id(options, in, at);
    if (sp_decode(encoding, ids, count, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_write(options, options->output, bytes ? bytes : "", len);
    free(bytes);
    return code;
}

static cli_exit decode_one(const cli_options *options, const sp_encoding *encoding, const char *path)
{
    input in;
    cli_exit code = load(options, path, &in);
    if (code != CLI_OK)
        return code;
    uint32_t *ids = malloc((in.len / 2 + 1) * sizeof *ids);
    sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    code = ids ? decode_ids(options, encoding, &in, ids) : cli_fail(options, &err);
    free(ids);
    free(in.bytes);
    return code;
}

static bool parse_number(const char *text, size_t *ret)
{
    size_t number = 0;
    if (!*text)
        return false;
    for (; *text >= '0' && *text <= '9'; text++)
        if (__builtin_mul_overflow(number, (size_t)10, &number) ||
            __builtin_add_overflow(number, (size_t)(*text - '0'), &number))
            return false;
    *ret = number;
    return *text == '\0';
}

static cli_exit truncate_one(const cli_options *options, const sp_encoding *encoding, const char *path)
{
    input in;
    size_t max_tokens;
    size_t len;
    size_t tokens;
    sp_err err;
    if (!parse_number(options->truncate, &max_tokens))
        return cli_usage_error("--truncate takes a number of tokens, not \"%s\"", options->truncate);
    cli_exit code = load(options, path, &in);
    if (code != CLI_OK)
        return code;
    if (sp_truncate(encoding, text_of(&in), special_of(options), max_tokens, &len, &tokens, &err) != SP_OK)
        code = cli_fail(options, &err);
    else if (len < in.len)
        code = cli_note(options, "cut to %zu tokens: %zu of %zu bytes are left out", tokens, in.len - len, in.len);
    if (code == CLI_OK)
        code = cli_write(options, options->output, in.bytes, len);
    free(in.bytes);
    return code;
}

/* ---- counts --------------------------------------------------------------------------------------- */

static cli_exit count_one(const cli_options *options, const sp_encoding *encoding, const char *path, sp_file_count *ret)
{
    input in;
    sp_err err;
    cli_exit code = load(options, path, &in);
    if (code != CLI_OK)
        return code;
    *ret = (sp_file_count){ .path = { path, strlen(path) }, .bytes = in.len };
    if (sp_count(encoding, text_of(&in), special_of(options), &ret->tokens, &err) != SP_OK)
        code = cli_fail(options, &err);
    free(in.bytes);
    return code;
}

static cli_exit print_counts(const cli_options *options, const sp_encoding *encoding, const sp_file_count *files,
                             size_t count)
{
    char *bytes;
    size_t len;
    sp_err err;
    sp_format format = options->json ? SP_FORMAT_JSON : SP_FORMAT_TEXT;
    bool is_bare = count == 1 && strcmp(files[0].path.ptr, "-") == 0 && !options->json;
    if (is_bare) {
        char line[32];
        int length = snprintf(line, sizeof line, "%zu\n", files[0].tokens);
        return cli_write(options, options->output, line, (size_t)length);
    }
    if (sp_counts_render(encoding, files, count, format, SP_TOTAL_AUTO, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_write(options, options->output, bytes, len);
    free(bytes);
    return code;
}

/* Like wc: a file that cannot be read is reported, and the others are counted. */
static cli_exit count_all(const cli_options *options, const sp_encoding *encoding, const char **paths, size_t count)
{
    sp_file_count *files = calloc(count, sizeof *files);
    sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    if (!files)
        return cli_fail(options, &err);
    cli_exit code = CLI_OK;
    size_t read = 0;
    for (size_t i = 0; i < count && code != CLI_SYSTEM; i++) {
        cli_exit counted = count_one(options, encoding, paths[i], &files[i]);
        files[i].is_unread = counted != CLI_OK;
        read += counted == CLI_OK;
        if (counted != CLI_OK)
            code = counted;
    }
    cli_exit printed = CLI_OK;
    if (read > 0 && code != CLI_SYSTEM)
        printed = print_counts(options, encoding, files, count);
    free(files);
    return printed == CLI_OK ? code : printed;
}

cli_exit cli_count(const cli_options *options)
{
    static const char *standard_input[] = { "-" };
    const char **paths = options->operand_count ? options->operands : standard_input;
    size_t count = options->operand_count ? options->operand_count : 1;
    int modes = options->encode + options->decode + (options->truncate != NULL);
    const sp_encoding *encoding;
    cli_exit code = cli_choose_encoding(options, &encoding);
    if (code != CLI_OK)
        return code;
    if (!encoding)
        encoding = sp_encoding_find((sp_str){ "o200k_base", 10 });
    if (modes > 1 || (modes == 1 && options->json))
        return cli_usage_error("--encode, --decode, --truncate and --json exclude each other");
    if (count > 1 && (options->decode || options->truncate))
        return cli_usage_error("--decode and --truncate take one file at a time");
    if (options->operand_count == 0 && isatty(STDIN_FILENO))
        return cli_usage_error("name a file, or pipe a text into it: sysprompt count FILE");
    if (options->encode)
        return encode_all(options, encoding, paths, count);
    if (options->decode)
        return decode_one(options, encoding, paths[0]);
    if (options->truncate)
        return truncate_one(options, encoding, paths[0]);
    return count_all(options, encoding, paths, count);
}
