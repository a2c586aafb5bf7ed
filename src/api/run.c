/* run.c - a command is run, and its document is handed out. */
#include "api/api.h"
#include "base/base.h"
#include "base/escape.h"
#include "base/near.h"
#include "report/reports.h"

#include <stdlib.h>
#include <string.h>

/* ---- the types of callers ------------------------------------------------------------------------------ */

static sp_document_message public_message(const cli_message *message)
{
    const sp_diagnostic *d = &message->diagnostic;
    return (sp_document_message){ (sp_message_level)d->level,
                                  d->line,
                                  d->column,
                                  d->path,
                                  d->message,
                                  message->rule,
                                  d->source_line,
                                  message->help_of };
}

static sp_document_output public_output(const cli_piece *piece)
{
    sp_document_output output = {
        .place = (sp_output_place)piece->place,
        .path = piece->path ? piece->path : "-",
        .bytes = piece->bytes,
        .len = piece->len,
        .index = piece->index,
        .is_verbatim = piece->is_verbatim,
    };
    if (piece->guard) {
        output.is_guarded = true;
        output.real_path = piece->guard->real_path.ptr;
        output.exists = piece->guard->exists;
        output.device = piece->guard->device;
        output.inode = piece->guard->inode;
    }
    return output;
}

static sp_status tell(void *context, const cli_message *message)
{
    const sp_options *options = context;
    sp_document_message told = public_message(message);
    return options->on_message(options->message_context, &told);
}

static sp_status hand_out(void *context, cli_step step, const cli_piece *piece, sp_err *err)
{
    const sp_options *options = context;
    sp_document_output output = public_output(piece);
    return options->on_output(options->output_context, (sp_output_step)step, &output, err);
}

sp_status sp_output_escape(const char *bytes, size_t len, char **ret_bytes, size_t *ret_len, sp_err *err)
{
    return sp_text_escape_lines((sp_str){ bytes, len }, ret_bytes, ret_len, err);
}

sp_status sp_message_render(const sp_document_message *message, bool with_source, bool color, unsigned width_columns,
                            char **ret_bytes, size_t *ret_len, sp_err *err)
{
    const sp_diagnostic diagnostic = { (sp_level)message->level, message->line, message->column,     message->path,
                                       message->message,         SP_RULE_NONE,  message->source_line };
    const sp_style style = { .color = color, .width_columns = width_columns };
    return sp_diagnostic_render(&diagnostic, message->rule, with_source, &style, ret_bytes, ret_len, err);
}

/* ---- running -------------------------------------------------------------------------------------------- */

static sp_status find(const char *name, const cli_command **ret, sp_err *err)
{
    sp_str names[CLI_MAX_COMMANDS];
    size_t count = 0;
    *ret = cli_find_command(name);
    if (*ret && (*ret)->run)
        return SP_OK;
    if (*ret)
        return sp_err_set(err, SP_ERR_USAGE, "only the program sysprompt has the command %s", name);
    for (; count < cli_command_count && count < SP_COUNT_OF(names); count++)
        names[count] = sp_str_of(cli_commands[count].name);
    size_t nearest = sp_near(sp_str_of(name), names, count);
    return sp_err_set(err, SP_ERR_USAGE, "unknown command %.200s%s%s%s", name,
                      nearest == SIZE_MAX ? "" : "; did you mean ", nearest == SIZE_MAX ? "" : names[nearest].ptr,
                      nearest == SIZE_MAX ? "" : "?");
}

/* The command line that the options are. */
static char **command_line(const sp_options *options, const char *command, int *ret_count)
{
    char **argv = calloc(options->argument_count + options->operand_count + 4, sizeof *argv);
    int count = 0;
    if (!argv)
        return NULL;
    argv[count++] = (char *)"sysprompt"; /* nobody writes to it */
    argv[count++] = (char *)command;
    for (size_t i = 0; i < options->argument_count; i++)
        argv[count++] = options->arguments[i];
    if (!cli_takes_command(cli_find_command(command))) /* its operands have their own */
        argv[count++] = (char *)"--";
    for (size_t i = 0; i < options->operand_count; i++)
        argv[count++] = options->operands[i];
    *ret_count = count;
    return argv;
}

/* Its options take kilobytes, which a small stack must not hold while a command runs. */
__attribute__((noinline)) static cli_exit tell_no_memory(const sp_options *options, cli_document *document)
{
    cli_options none;
    sp_err err;
    (void)cli_options_init(&none, 0);
    none.document = document;
    none.screen = options->screen;
    sp_err_memory(&err);
    cli_exit code = cli_fail(&none, &err);
    cli_options_release(&none);
    return code;
}

static cli_exit run(const sp_options *options, const cli_command *command, cli_document *document)
{
    int argc = 0;
    const cli_command *found = NULL;
    char **argv = command_line(options, command->name, &argc);
    cli_options *parsed = malloc(sizeof *parsed);
    cli_exit code;
    bool has_room = parsed && cli_options_init(parsed, argc);
    if (argv && has_room) {
        parsed->document = document;
        parsed->screen = options->screen;
        code = cli_parse(argc, argv, parsed, &found) ? cli_run(command, parsed) : CLI_USAGE;
    } else {
        code = tell_no_memory(options, document);
    }
    if (parsed)
        cli_options_release(parsed);
    free(parsed);
    free(argv);
    return code;
}

/* What was kept, in the types of callers. */
static bool make_views(sp_document *document)
{
    const cli_document *inner = &document->inner;
    if (inner->message_count > 0)
        document->messages = calloc(inner->message_count, sizeof *document->messages);
    if (inner->output_count > 0)
        document->outputs = calloc(inner->output_count, sizeof *document->outputs);
    if ((inner->message_count > 0 && !document->messages) || (inner->output_count > 0 && !document->outputs))
        return false;
    for (size_t i = 0; i < inner->message_count; i++)
        document->messages[i] = public_message(&inner->messages[i]);
    for (size_t i = 0; i < inner->output_count; i++)
        document->outputs[i] = public_output(&inner->outputs[i]);
    return true;
}

static char *format_of(const sp_options *options)
{
    const char *format = sp_options_get(options, "format");
    return strdup(sp_options_get(options, "json") ? "json" : format ? format : "text");
}

static sp_document *document_new(const sp_options *options)
{
    sp_document *document = calloc(1, sizeof *document);
    if (!document)
        return NULL;
    cli_document_init(&document->inner);
    pthread_mutex_init(&document->lock, NULL);
    document->inner.on_message = options->on_message ? tell : NULL;
    document->inner.on_output = options->on_output ? hand_out : NULL;
    document->inner.message_context = document->inner.output_context = (void *)options;
    document->format = format_of(options);
    return document;
}

void sp_document_free(sp_document *document)
{
    if (!document)
        return;
    cli_document_release(&document->inner);
    pthread_mutex_destroy(&document->lock);
    sp_arena_release(&document->arena);
    free(document->format);
    free(document->messages);
    free(document->outputs);
    free(document);
}

sp_status sp_run(const sp_options *options, const char *command, sp_document **ret_document, sp_err *err)
{
    const cli_command *found;
    *ret_document = NULL;
    SP_TRY(find(command, &found, err));
    sp_document *document = document_new(options);
    if (document && document->format)
        document->inner.exit_code = (int)run(options, found, &document->inner);
    if (!document || !document->format || !make_views(document)) {
        sp_document_free(document);
        return sp_err_memory(err);
    }
    int code = document->inner.exit_code;
    *ret_document = document;
    if (code == CLI_OK || code == CLI_FINDING)
        return SP_OK;
    if (document->inner.failure.status == SP_OK)
        return sp_err_memory(err);
    *err = document->inner.failure;
    return err->status;
}
