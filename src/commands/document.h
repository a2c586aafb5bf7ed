/*
 * document.h - what a command says and writes.
 *
 * A command tells messages and output to a document, as they come. A document keeps them, or hands them on to the
 * functions of whoever runs the command, and keeps nothing then. Commands know it only by their options.
 *
 * Messages may come from several threads, one at a time. Output comes from one thread at a time.
 */
#ifndef SP_COMMANDS_DOCUMENT_H
#define SP_COMMANDS_DOCUMENT_H

#include "base/diagnostic.h"
#include "base/file.h"
#include "base/types.h"

#include <pthread.h>

typedef struct cli_message {
    sp_diagnostic diagnostic;
    sp_str rule;         /* its id. Errors have ids that are no rules, so this counts, and not diagnostic.rule */
    const char *help_of; /* of a mistake in the options: the command whose help tells more, or ""; else NULL */
} cli_message;

/* Where an output belongs. */
typedef enum cli_place {
    CLI_TO_STDOUT,
    CLI_TO_FILE,     /* replaces it, whole or not at all */
    CLI_TO_FILE_END, /* is added to it */
    CLI_TO_STDERR,
} cli_place;

/* The steps of an output: it is opened, gets bytes, and is closed, or dropped because it is not whole. */
typedef enum cli_step {
    CLI_OPEN,
    CLI_ADD,
    CLI_CLOSE,
    CLI_DROP,
    CLI_WAIT, /* all its bytes are there; closed or dropped when other outputs are */
} cli_step;

typedef struct cli_piece {
    cli_place place;
    const char *path; /* NULL for CLI_TO_STDOUT and CLI_TO_STDERR */
    const char *bytes;
    size_t len;
    size_t index;               /* which output of the command it is; cli_document_write sets it with CLI_OPEN */
    const sp_file_place *guard; /* what was found at a place that a repository chose; NULL: anything may be replaced. Of
                                 * an output that is kept it is the document's */
    bool is_verbatim;           /* text of files as it is, which a terminal must not get without escapes */
} cli_piece;

typedef sp_status (*cli_on_message)(void *context, const cli_message *message);
/* Fills in *err when it fails. */
typedef sp_status (*cli_on_output)(void *context, cli_step step, const cli_piece *piece, sp_err *err);

typedef struct cli_document {
    cli_on_message on_message; /* NULL: messages are kept */
    void *message_context;
    cli_on_output on_output; /* NULL: output is kept */
    void *output_context;
    pthread_mutex_t lock; /* of the messages */
    cli_message *messages;
    size_t message_count;
    size_t message_capacity;
    cli_piece *outputs;
    size_t output_count;
    size_t output_capacity;
    size_t opened_count; /* outputs so far, kept or handed on */
    char *result;        /* as JSON; NULL: the command has none */
    size_t result_len;
    int exit_code;
    sp_err failure; /* the first error; SP_OK: none */
} cli_document;

void cli_document_init(cli_document *document);
/* Drops what it holds. */
void cli_document_release(cli_document *document);

/* Both return SP_ERR_NO_MEMORY when there was no room to keep it, or what the caller's function returns. */
SP_MUST_USE sp_status cli_document_tell(cli_document *document, const cli_message *message);
SP_MUST_USE sp_status cli_document_write(cli_document *document, cli_step step, cli_piece *piece, sp_err *err);

/* Keeps the error if it is the first. */
void cli_document_fail(cli_document *document, const sp_err *err);

/* Whether a command renders its result as JSON beside the output, to be kept. */
bool cli_document_keeps_result(const cli_document *document);

#endif
