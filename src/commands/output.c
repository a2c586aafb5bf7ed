/* output.c - a result on its way to the document, and room that a stream is read into. */
#include "base/file.h"
#include "base/types.h"
#include "commands/commands.h"
#include "model/prompt.h"
#include "report/format.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool cli_is_stdout(const char *path)
{
    return !path || strcmp(path, "-") == 0;
}

bool cli_is_same_place(const char *a, const char *b)
{
    struct stat of_a;
    struct stat of_b;
    if (cli_is_stdout(a) || cli_is_stdout(b))
        return cli_is_stdout(a) && cli_is_stdout(b);
    while (a[0] == '.' && a[1] == '/')
        a += 2;
    while (b[0] == '.' && b[1] == '/')
        b += 2;
    if (strcmp(a, b) == 0)
        return true;
    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

/* ---- pieces --------------------------------------------------------------------------------------------- */

/* The result of the document, which is JSON, has one piece. */
static cli_exit keep_result(const cli_options *options, const char *bytes, size_t len)
{
    cli_document *document = options->document;
    sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    char *result = malloc(len + 1);
    if (!result)
        return cli_fail(options, &err);
    memcpy(result, bytes, len);
    result[len] = '\0';
    free(document->result);
    document->result = result;
    document->result_len = len;
    return CLI_OK;
}

static cli_exit step(cli_output *output, cli_step what, const char *bytes, size_t len)
{
    cli_piece piece = { output->place, output->path, bytes, len, output->index, output->guard, output->is_verbatim };
    sp_err err;
    if (cli_document_write(output->options->document, what, &piece, &err) != SP_OK)
        return cli_fail(output->options, &err);
    output->index = piece.index;
    return CLI_OK;
}

static cli_exit open_output(const cli_options *options, const char *path, cli_place place, cli_output *ret)
{
    *ret = (cli_output){ .options = options, .path = path, .place = place };
    return step(ret, CLI_OPEN, NULL, 0);
}

cli_exit cli_output_open(const cli_options *options, const char *path, bool is_verbatim, cli_output *ret)
{
    bool is_stdout = cli_is_stdout(path);
    *ret = (cli_output){ .options = options,
                         .path = is_stdout ? NULL : path,
                         .place = is_stdout ? CLI_TO_STDOUT : CLI_TO_FILE,
                         .is_verbatim = is_verbatim };
    return step(ret, CLI_OPEN, NULL, 0);
}

cli_exit cli_output_add(cli_output *output, const char *bytes, size_t len)
{
    return step(output, CLI_ADD, bytes, len);
}

cli_exit cli_output_close(cli_output *output, bool is_whole)
{
    return step(output, is_whole ? CLI_CLOSE : CLI_DROP, NULL, 0);
}

static cli_exit write_whole(cli_output *output, const char *bytes, size_t len)
{
    cli_exit code = cli_output_add(output, bytes, len);
    cli_exit closed = cli_output_close(output, code == CLI_OK);
    return code == CLI_OK ? closed : code;
}

cli_exit cli_output_begin(const cli_options *options, const char *path, const char *bytes, size_t len, cli_output *ret)
{
    cli_exit code = cli_output_open(options, path, false, ret);
    if (code != CLI_OK)
        return code;
    code = cli_output_add(ret, bytes, len);
    if (code == CLI_OK)
        code = step(ret, CLI_WAIT, NULL, 0);
    if (code != CLI_OK)
        (void)cli_output_close(ret, false);
    return code;
}

static cli_exit write_result(const cli_options *options, const char *path, bool is_verbatim, const char *bytes,
                             size_t len)
{
    cli_output output;
    if (options->is_for_result)
        return keep_result(options, bytes, len);
    if (options->collected && path == options->output) {
        sp_buf_add(options->collected, (sp_str){ bytes, len });
        return CLI_OK;
    }
    cli_exit code = cli_output_open(options, path, is_verbatim, &output);
    return code == CLI_OK ? write_whole(&output, bytes, len) : code;
}

cli_exit cli_write(const cli_options *options, const char *path, const char *bytes, size_t len)
{
    return write_result(options, path, false, bytes, len);
}

cli_exit cli_write_verbatim(const cli_options *options, const char *path, const char *bytes, size_t len)
{
    return write_result(options, path, true, bytes, len);
}

/* A device or a pipe is not tried: its reader would see an end. */
cli_exit cli_check_writable(const cli_options *options, const char *path)
{
    struct stat info;
    cli_output output;
    if (cli_is_stdout(path) || (stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)))
        return CLI_OK;
    cli_exit code = cli_output_open(options, path, false, &output);
    return code == CLI_OK ? cli_output_close(&output, false) : code;
}

cli_exit cli_write_place(const cli_options *options, const char *path, const sp_file_place *place, const char *bytes,
                         size_t len)
{
    cli_output output = { .options = options, .path = path, .place = CLI_TO_FILE, .guard = place };
    cli_exit code = step(&output, CLI_OPEN, NULL, 0);
    return code == CLI_OK ? write_whole(&output, bytes, len) : code;
}

cli_exit cli_append(const cli_options *options, const char *path, const char *bytes, size_t len)
{
    cli_output output;
    cli_exit code = open_output(options, path, CLI_TO_FILE_END, &output);
    return code == CLI_OK ? write_whole(&output, bytes, len) : code;
}

cli_exit cli_write_stderr(const cli_options *options, const char *bytes, size_t len)
{
    cli_output output;
    cli_exit code = open_output(options, NULL, CLI_TO_STDERR, &output);
    return code == CLI_OK ? write_whole(&output, bytes, len) : code;
}

bool cli_wants_result(const cli_options *options, cli_options *ret)
{
    if (options->is_for_result || options->collected || !cli_document_keeps_result(options->document))
        return false;
    *ret = *options;
    ret->is_for_result = true;
    ret->quiet = true;
    ret->json = true;
    ret->format = SP_FORMAT_JSON;
    ret->page = NULL;
    ret->csv = ret->plain = false;
    return true;
}

/* ---- what a stream is read into --------------------------------------------------------------------- */

bool cli_set_capacity(cli_text *text, size_t capacity)
{
    char *grown = capacity > 0 ? realloc(text->bytes, capacity) : NULL;
    if (!grown)
        return false;
    text->bytes = grown;
    text->capacity = capacity;
    return true;
}

bool cli_fill(sp_stream *stream, cli_text *text, bool *ret_is_over, sp_err *err)
{
    *ret_is_over = false;
    while (text->len < text->capacity && !*ret_is_over) {
        size_t len;
        if (sp_stream_read(stream, text->bytes + text->len, text->capacity - text->len, &len, err) != SP_OK)
            return false;
        text->len += len;
        *ret_is_over = len == 0;
    }
    return true;
}

cli_exit cli_refuse_source(const cli_options *options, const sp_prompt *prompt, const char *path)
{
    char *real = path && strcmp(path, "-") != 0 ? realpath(path, NULL) : NULL;
    bool is_source = false;
    for (uint32_t i = 0; real && i < prompt->source_count; i++)
        is_source = is_source || (prompt->sources[i].real_path.len == strlen(real) &&
                                  memcmp(prompt->sources[i].real_path.ptr, real, strlen(real)) == 0);
    free(real);
    if (is_source)
        return cli_usage_error(options, "%s is one of the files the prompt is made of; write to another", path);
    return CLI_OK;
}

cli_exit cli_refuse_input(const cli_options *options, const char *input)
{
    const char *const outputs[] = { options->output, options->page, options->save, options->map };
    for (size_t i = 0; input && i < SP_COUNT_OF(outputs); i++)
        if (!cli_is_stdout(outputs[i]) && cli_is_same_place(input, outputs[i]))
            return cli_usage_error(options, "the result would replace %s, which is read; write to another file", input);
    return CLI_OK;
}
