/* document.c - what a command says and writes, kept or handed on. */
#include "commands/document.h"
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cli_document_init(cli_document *document)
{
    *document = (cli_document){ .lock = PTHREAD_MUTEX_INITIALIZER };
}

static void release_message(cli_message *message)
{
    free((char *)message->diagnostic.path.ptr);
    free((char *)message->diagnostic.message.ptr);
    free((char *)message->rule.ptr);
    free((char *)message->diagnostic.source_line.ptr);
}

static void release_output(cli_piece *output)
{
    free((char *)output->path);
    free((char *)output->bytes);
    if (output->guard)
        free((char *)output->guard->real_path.ptr);
    free((sp_file_place *)output->guard);
}

void cli_document_release(cli_document *document)
{
    for (size_t i = 0; i < document->message_count; i++)
        release_message(&document->messages[i]);
    for (size_t i = 0; i < document->output_count; i++)
        release_output(&document->outputs[i]);
    free(document->messages);
    free(document->outputs);
    free(document->result);
    pthread_mutex_destroy(&document->lock);
}

/* ---- messages ---------------------------------------------------------------------------------------- */

/* A copy that ends in NUL; false when memory is short. */
static bool copy(sp_str text, sp_str *ret)
{
    char *bytes = malloc(text.len + 1);
    if (!bytes)
        return false;
    if (text.len)
        memcpy(bytes, text.ptr, text.len);
    bytes[text.len] = '\0';
    ret->ptr = bytes;
    ret->len = text.len;
    return true;
}

static sp_status keep_message(cli_document *document, const cli_message *message)
{
    const sp_diagnostic *d = &message->diagnostic;
    cli_message kept = { .diagnostic = { .level = d->level, .line = d->line, .column = d->column },
                         .help_of = message->help_of };
    bool has_room = sp_heap_grow((void **)&document->messages, document->message_count, &document->message_capacity,
                                 sizeof *document->messages);
    if (!has_room || !copy(d->path, &kept.diagnostic.path) || !copy(d->message, &kept.diagnostic.message) ||
        !copy(message->rule, &kept.rule) || !copy(d->source_line, &kept.diagnostic.source_line)) {
        release_message(&kept);
        return SP_ERR_NO_MEMORY;
    }
    document->messages[document->message_count++] = kept;
    return SP_OK;
}

sp_status cli_document_tell(cli_document *document, const cli_message *message)
{
    pthread_mutex_lock(&document->lock);
    sp_status status = document->on_message ? document->on_message(document->message_context, message)
                                            : keep_message(document, message);
    pthread_mutex_unlock(&document->lock);
    return status;
}

void cli_document_fail(cli_document *document, const sp_err *err)
{
    pthread_mutex_lock(&document->lock);
    if (document->failure.status == SP_OK)
        document->failure = *err;
    pthread_mutex_unlock(&document->lock);
}

/* ---- output ------------------------------------------------------------------------------------------ */

/* A copy on the heap; false when memory is short. */
static bool keep_guard(const sp_file_place *guard, cli_piece *kept)
{
    sp_file_place *made = malloc(sizeof *made);
    char *real_path = strndup(guard->real_path.ptr, guard->real_path.len);
    if (!made || !real_path) {
        free(made);
        free(real_path);
        return false;
    }
    *made = *guard;
    made->real_path.ptr = real_path;
    kept->guard = made;
    return true;
}

static sp_status keep_open(cli_document *document, const cli_piece *piece, sp_err *err)
{
    cli_piece kept = {
        .place = piece->place, .bytes = calloc(1, 1), .index = piece->index, .is_verbatim = piece->is_verbatim
    };
    if (piece->path)
        kept.path = strdup(piece->path);
    bool has_room = sp_heap_grow((void **)&document->outputs, document->output_count, &document->output_capacity,
                                 sizeof *document->outputs);
    if (!has_room || !kept.bytes || (piece->path && !kept.path) || (piece->guard && !keep_guard(piece->guard, &kept))) {
        release_output(&kept);
        return sp_err_memory(err);
    }
    document->outputs[document->output_count++] = kept;
    return SP_OK;
}

static sp_status keep_bytes(cli_piece *output, const cli_piece *piece, sp_err *err)
{
    char *bytes = realloc((char *)output->bytes, output->len + piece->len + 1);
    if (!bytes)
        return sp_err_memory(err);
    if (piece->len)
        memcpy(bytes + output->len, piece->bytes, piece->len);
    output->bytes = bytes;
    output->len += piece->len;
    bytes[output->len] = '\0';
    return SP_OK;
}

/* The kept output of that index; it was opened, and not dropped. */
static cli_piece *kept_output(cli_document *document, size_t index)
{
    size_t i = document->output_count;
    while (i-- > 0)
        if (document->outputs[i].index == index)
            break;
    return &document->outputs[i];
}

static void drop(cli_document *document, cli_piece *output)
{
    size_t at = (size_t)(output - document->outputs);
    release_output(output);
    document->output_count--;
    memmove(output, output + 1, (document->output_count - at) * sizeof *output);
}

sp_status cli_document_write(cli_document *document, cli_step step, cli_piece *piece, sp_err *err)
{
    if (step == CLI_OPEN)
        piece->index = document->opened_count++;
    if (document->on_output)
        return document->on_output(document->output_context, step, piece, err);
    if (step == CLI_OPEN)
        return keep_open(document, piece, err);
    if (step == CLI_ADD)
        return keep_bytes(kept_output(document, piece->index), piece, err);
    if (step == CLI_DROP && piece->place != CLI_TO_STDOUT)
        drop(document, kept_output(document, piece->index));
    return SP_OK;
}

bool cli_document_keeps_result(const cli_document *document)
{
    return !document->on_output;
}
