/* count.c - what is asked of a text: ids, their bytes, the beginning that fits; and the way to counts and records. */
#include "base/base.h"
#include "base/file.h"
#include "base/numbers.h"
#include "base/types.h"
#include "capture/result.h"
#include "commands/commands.h"
#include "commands/parallel.h"
#include "report/reports.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokens.h"
#include "trim/budget.h"
#include "workspace/capture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static cli_exit encode_one(const cli_options *options, const sp_encoding *encoding, const char *path, sp_buf *out)
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
        sp_buf_format(out, i ? " %" PRIu32 : "%" PRIu32, ids.ids[i]);
    sp_buf_add_char(out, '\n');
    sp_ids_release(&ids);
    free(in.bytes);
    return code;
}

static cli_exit encode_all(const cli_options *options, const sp_encoding *encoding, const cli_inputs *inputs)
{
    sp_buf out = { 0 };
    sp_err err;
    cli_exit code = CLI_OK;
    for (size_t i = 0; i < inputs->count && code == CLI_OK; i++)
        code = encode_one(options, encoding, inputs->items[i].path, &out);
    if (code == CLI_OK && out.failed) {
        (void)sp_err_memory(&err);
        code = cli_fail(options, &err);
    } else if (code == CLI_OK) {
        code = cli_write(options, options->output, out.ptr, out.len);
    }
    sp_buf_release(&out);
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
    cli_exit code = cli_write_verbatim(options, options->output, bytes ? bytes : "", len);
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

static cli_exit show_one(const cli_options *options, const sp_encoding *encoding, const char *path)
{
    input in;
    char *bytes = NULL;
    size_t len = 0;
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    sp_format format = cli_format(options);
    cli_exit code = load(options, path, &in);
    if (code != CLI_OK)
        return code;
    if (sp_tokens_render(encoding, text_of(&in), special_of(options), format, &style, &bytes, &len, &err) == SP_OK)
        code = cli_write(options, options->output, bytes, len);
    else
        code = cli_fail(options, &err);
    cli_options as_json;
    if (code == CLI_OK && cli_wants_result(options, &as_json))
        code = show_one(&as_json, encoding, path);
    free(bytes);
    free(in.bytes);
    return code;
}

/* ---- the beginning that fits ----------------------------------------------------------------------- */

enum { FIRST_READ_BYTES = 64 * 1024 };

/* Reads limit bytes, which is above 0, or all if there are fewer. */
static sp_status read_beginning(sp_stream *stream, size_t limit, cli_text *text, sp_err *err)
{
    bool is_over = false;
    while (!is_over && text->len < limit) {
        size_t room = text->capacity ? text->capacity : FIRST_READ_BYTES / 2;
        if (!cli_set_capacity(text, room > limit / 2 ? limit : room * 2)) {
            *err = (sp_err){ .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
            return SP_ERR_NO_MEMORY;
        }
        if (!cli_fill(stream, text, &is_over, err))
            return err->status;
    }
    return SP_OK;
}

/* How many bytes there are in all, of which in has the beginning; 0 where that is not known without reading them. */
static uint64_t whole_size(const sp_stream *stream, const input *in, size_t limit)
{
    struct stat info;
    off_t at = lseek(stream->descriptor, 0, SEEK_CUR);
    if (in->len < limit)
        return in->len;
    bool is_known = at >= 0 && fstat(stream->descriptor, &info) == 0 && S_ISREG(info.st_mode) && info.st_size >= at;
    return is_known ? in->len + (uint64_t)(info.st_size - at) : 0;
}

static cli_exit load_beginning(const cli_options *options, const char *path, size_t limit, input *ret,
                               uint64_t *ret_whole)
{
    sp_stream stream;
    sp_err err;
    *ret = (input){ .path = path };
    if (sp_stream_open(path, &stream, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_text text = { 0 };
    cli_exit code = read_beginning(&stream, limit, &text, &err) == SP_OK ? CLI_OK : cli_fail(options, &err);
    ret->bytes = text.bytes;
    ret->len = text.len;
    *ret_whole = whole_size(&stream, ret, limit);
    sp_stream_close(&stream);
    return code;
}

/* Of an estimate the upper bound is what the limit goes by. whole is 0 where it is not known. */
static cli_exit note_cut(const cli_options *options, const sp_encoding *encoding, const input *in, uint64_t whole,
                         size_t len, size_t tokens)
{
    char shown[SP_TOKENS_ROOM];
    sp_range range = { tokens, tokens };
    sp_counter *counter = NULL;
    sp_err err;
    bool is_exact = sp_encoding_is_exact(encoding);
    sp_status status = is_exact ? SP_OK : sp_counter_new(encoding, special_of(options), &counter, &err);
    if (status == SP_OK && !is_exact)
        status = sp_counter_count(counter, (sp_str){ in->bytes, len }, &tokens, &err);
    if (status == SP_OK && !is_exact)
        range = sp_counter_range(counter);
    sp_counter_free(counter);
    if (status != SP_OK)
        return cli_fail(options, &err);
    const char *plural = tokens == 1 ? "" : "s";
    sp_tokens_text(shown, is_exact, tokens, range);
    if (whole == 0)
        return cli_note(options, "cut to %s token%s: what follows the first %zu bytes is left out", shown, plural, len);
    return cli_note(options, "cut to %s token%s: %" PRIu64 " of %" PRIu64 " bytes are left out", shown, plural,
                    whole - len, whole);
}

/* The most tokens that --truncate asks for. */
static cli_exit choose_max_tokens(const cli_counting *c, size_t *ret)
{
    const char *name = c->options->model;
    sp_str model = { name, name ? strlen(name) : 0 };
    const sp_model *known = name ? sp_model_find(c->models, model) : NULL;
    size_t window = known ? (size_t)known->window_tokens : 0;
    sp_err err;
    if (sp_budget_parse((sp_str){ c->options->truncate, strlen(c->options->truncate) }, model, window, ret, &err) !=
        SP_OK)
        return cli_fail(c->options, &err);
    bool is_share = known && strchr(c->options->truncate, '%');
    return is_share ? cli_note_old_figure(c->options, known, "window", SP_MODEL_STR(known, limits_as_of)) : CLI_OK;
}

static cli_exit truncate_one(const cli_counting *c, const char *path)
{
    const cli_options *options = c->options;
    input in = { 0 };
    size_t max_tokens;
    size_t len;
    size_t tokens;
    uint64_t whole = 0;
    sp_err err;
    cli_exit code = choose_max_tokens(c, &max_tokens);
    if (code == CLI_OK)
        code = load_beginning(options, path, sp_truncate_reach(c->encoding, max_tokens), &in, &whole);
    if (code == CLI_OK && sp_truncate(c->encoding, text_of(&in), c->special, max_tokens, &len, &tokens, &err) != SP_OK)
        code = cli_fail(options, &err);
    else if (code == CLI_OK && len < in.len)
        code = note_cut(options, c->encoding, &in, whole, len, tokens);
    if (code == CLI_OK)
        code = cli_write_verbatim(options, options->output, in.bytes, len);
    free(in.bytes);
    return code;
}

/* ---- which of them ----------------------------------------------------------------------------------- */

/* These stop at the first input that cannot be had. */
static cli_exit check_inputs(const cli_options *options, const cli_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++)
        if (inputs->items[i].failure)
            return cli_fail(options, inputs->items[i].failure);
    const char *alone = options->decode ? "--decode" : options->truncate ? "--truncate" : "--show";
    bool takes_one = options->decode || options->truncate || options->show;
    bool is_folder =
        options->operand_count == 1 && (inputs->count != 1 || strcmp(inputs->items[0].path, options->operands[0]) != 0);
    if (takes_one && is_folder)
        return cli_usage_error(options, "%s is a folder; %s takes one file", options->operands[0], alone);
    if (inputs->count != 1 && takes_one)
        return cli_usage_error(options, "%s takes one file at a time", alone);
    return CLI_OK;
}

sp_status cli_counter_new(const cli_counting *c, sp_counter **ret_counter, sp_err *err)
{
    return c->shared ? sp_counter_new_sharing(c->shared, c->special, ret_counter, err)
                     : sp_counter_new(c->encoding, c->special, ret_counter, err);
}

static cli_exit count_as_asked(const cli_counting *c, const cli_inputs *inputs)
{
    const cli_options *options = c->options;
    if (options->jsonl)
        return cli_count_jsonl(c, inputs);
    if (options->via)
        return cli_count_via(c, inputs);
    if (!options->encode && !options->show && !options->decode && !options->truncate)
        return cli_count_files(c, inputs);
    cli_exit code = check_inputs(options, inputs);
    if (code != CLI_OK)
        return code;
    if (options->decode)
        return decode_one(options, c->encoding, inputs->items[0].path);
    if (options->show)
        return show_one(options, c->encoding, inputs->items[0].path);
    if (options->truncate)
        return truncate_one(c, inputs->items[0].path);
    return encode_all(options, c->encoding, inputs);
}

/* The models instead of counts. */
static cli_exit list_models(const cli_options *options, const sp_models *models)
{
    char *bytes;
    size_t len;
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    if (options->operand_count > 0)
        return cli_usage_error(options, "--models alone lists the models; leave out \"%s\", or write --models=FILE",
                               options->operands[0]);
    if (sp_models_render(models, cli_format(options), &style, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_write(options, options->output, bytes, len);
    free(bytes);
    cli_options as_json;
    if (code == CLI_OK)
        code = cli_note_old_models(options);
    return code == CLI_OK && cli_wants_result(options, &as_json) ? list_models(&as_json, models) : code;
}

static cli_exit share(cli_counting *c)
{
    sp_err err;
    return sp_shared_cache_new(c->encoding, &c->shared, &err) == SP_OK ? CLI_OK : cli_fail(c->options, &err);
}

/* The encoding when nobody names one. Scripts have read the help; a person at a terminal is told. */
static cli_exit choose_default(const cli_options *options, const sp_encoding **encoding)
{
    if (*encoding)
        return CLI_OK;
    *encoding = sp_encoding_find(SP_STR("o200k_base"));
    if (!options->screen.output_is_terminal || options->via)
        return CLI_OK;
    return cli_note(options, "counted with o200k_base; --model or --encoding chooses another tokenizer");
}

static cli_exit count_inputs(const cli_options *options, const sp_models *models)
{
    cli_inputs inputs = { 0 };
    cli_counting counting = { .options = options, .models = models, .special = special_of(options) };
    cli_exit code = cli_check_via(options);
    if (code == CLI_OK)
        code = cli_choose_encoding(options, models, &counting.encoding);
    if (code == CLI_OK && options->models.value && !options->model)
        code = cli_note(options,
                        "--models=%s adds models that --model may name, and without one it changes nothing; "
                        "count --models --models=%s lists them",
                        options->models.value, options->models.value);
    if (code == CLI_OK && options->calibrate)
        return cli_calibrate(options, counting.encoding);
    if (code == CLI_OK)
        code = cli_choose_jobs(options, &counting.jobs);
    if (code != CLI_OK)
        return code;
    code = choose_default(options, &counting.encoding);
    if (code == CLI_OK)
        code = cli_inputs_find(options, &inputs);
    if (code == CLI_OK && counting.jobs > 1)
        code = share(&counting);
    if (code == CLI_OK)
        code = count_as_asked(&counting, &inputs);
    sp_shared_cache_free(counting.shared);
    cli_inputs_release(&inputs);
    return code;
}

/* The tokens of a recorded request, its tools included. No file matters for that. */
static cli_exit count_capture(const cli_options *options, const sp_models *models)
{
    const cli_strings files = { { options->capture }, 1 };
    sp_request request = { .models = models, .model = options->model, .bare = true };
    sp_captured *captured = NULL;
    if (options->operand_count > 0)
        return cli_usage_error(options, "--capture counts a recorded request; leave out \"%s\"", options->operands[0]);
    cli_exit code = cli_choose_encoding(options, models, &request.encoding);
    if (code == CLI_OK)
        code = cli_read_capture(options, &request, &files, &captured);
    if (code != CLI_OK)
        return code;
    const sp_prompt *prompt = captured->prompt;
    const cli_counting counting = { .options = options, .encoding = prompt->encoding };
    const sp_file_count row = { .path = sp_str_of(options->capture),
                                .bytes = captured->sums.bytes,
                                .tokens = prompt->tokens,
                                .range = prompt->range };
    code = cli_print_counts(&counting, &row, 1);
    sp_captured_free(captured);
    return code;
}

cli_exit cli_count(const cli_options *options)
{
    sp_models *models;
    cli_exit code = cli_open_models(options, &models);
    if (code != CLI_OK)
        return code;
    if (options->capture)
        code = count_capture(options, models);
    else if (options->operand_count == 1 && cli_is_saved_capture(options->operands[0]))
        code = cli_note(options, "this counts the text of %s; --capture %s counts the request in it",
                        options->operands[0], options->operands[0]);
    if (code == CLI_OK && !options->capture)
        code = options->models.is_bare ? list_models(options, models) : count_inputs(options, models);
    sp_models_free(models);
    return code;
}
