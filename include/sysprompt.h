/*
 * sysprompt.h - build the prompt that a coding agent starts with, and count its tokens.
 *
 *   sp_err err;
 *   sp_document *document = NULL;
 *   sp_options *options = sp_options_new();
 *   if (!options || sp_options_set(options, "root", "/src/shop", &err) != SP_OK ||
 *       sp_options_add_operand(options, "reviewer", &err) != SP_OK ||
 *       sp_run(options, "build", &document, &err) != SP_OK)
 *       fprintf(stderr, "%s\n", err.message);
 *   else
 *       fwrite(sp_document_output_at(document, 0)->bytes, 1, sp_document_output_at(document, 0)->len, stdout);
 *   sp_document_free(document);
 *   sp_options_free(options);
 *
 * Link with `pkg-config --cflags --libs sysprompt` after `make install`, or with
 * build/libsysprompt.a -lyaml -lutf8proc (and -pthread -ldl -lm where the C library is older than glibc 2.34).
 *
 * The library has three parts: tokens of a string; the commands of the program sysprompt, with its options by their
 * names, each of which makes a document; and one call that takes and returns JSON, for bindings.
 *
 * Conventions. A function that can fail returns sp_status and fills *err when it does; results come out through ret_
 * parameters, which a failure leaves untouched unless the function says otherwise. Sizes and offsets are in bytes
 * unless the name says otherwise. Lines and columns count from 1, columns in code points. Nothing here prints or exits,
 * and nothing writes a result to a file: a document holds the bytes that belong in it. What is written is a cache, in
 * $XDG_CACHE_HOME/sysprompt, and nothing uses the network without the option via. Commands read files, $HOME, the
 * environment and, for an operand "-", standard input, as the program does. Two threads may call anything at once, as
 * long as they do not share the object that is written to. One exception: check with locks changes the current
 * directory of the process while it runs.
 *
 * Compatibility. The shared library is libsysprompt.so.1. Within version 1
 *   - functions, structs and enumerators stay as they are. New ones may be added;
 *   - members are added only at the end of structs that the library hands out by pointer (sp_document_message,
 *     sp_document_output, sp_command_info, sp_option_info), so a caller must not copy these by their size or make
 *     arrays of them. sp_str, sp_err, sp_range and sp_ids never change;
 *   - options and members of the JSON documents are added, and keep their meaning. Wording, tables for people, token
 *     estimates and what a client is known to do change with every release.
 * A change that breaks one of these makes it libsysprompt.so.2. Symbols have the version SYSPROMPT_1; those of a later
 * minor version get one of their own, so that a program which needs them does not start with an older library.
 */
#ifndef SYSPROMPT_H
#define SYSPROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SP_VERSION "0.1.0"

/* ---- strings and errors ----------------------------------------------------------------------- */

#ifndef SP_SHARED_TYPES
#define SP_SHARED_TYPES

#if defined(__GNUC__)
#define SP_API __attribute__((visibility("default")))
#define SP_MUST_USE __attribute__((warn_unused_result))
#else
#define SP_API
#define SP_MUST_USE
#endif

/* A borrowed run of bytes. It owns nothing, may hold any byte, and does not end in NUL. */
typedef struct sp_str {
    const char *ptr;
    size_t len;
} sp_str;

typedef enum sp_status {
    SP_OK = 0,
    SP_ERR_USAGE,     /* a request that makes no sense: an unknown encoding, two options that exclude each other */
    SP_ERR_INPUT,     /* a file, a name or a text that cannot be read or is not what it has to be */
    SP_ERR_NO_MEMORY, /* an allocation failed */
    SP_ERR_OUTPUT,    /* the result could not be written */
} sp_status;

/* Why a call failed. Text from outside is in here as it came: escape it before it reaches a terminal
 * (sp_message_render). path is empty, and line and column are 0, where the failure has no such place. */
typedef struct sp_err {
    sp_status status;
    uint32_t line;
    uint32_t column;
    char rule[48];      /* id of the rule that was broken, or "" */
    char path[512];     /* shortened from the left, with "...", when longer */
    char message[1024]; /* what happened, what was expected and what to do; without a final newline */
} sp_err;

/* Tokens of a text whose tokenizer is not public: it surely has so many and no more, as far as 95 in 100 texts go that
 * the estimate was not fitted to. An exact count is both. */
typedef struct sp_range {
    size_t low;
    size_t high;
} sp_range;

#endif

/* SP_VERSION of the library that runs. */
SP_API const char *sp_version(void);

/* Drops bytes that a function of this library handed out, where its comment says so. NULL is fine. */
SP_API void sp_free(void *bytes);

/* ---- tokens ----------------------------------------------------------------------------------- */

/* NOLINTBEGIN(readability-redundant-declaration): an internal header declares them, too */

#ifndef SP_SHARED_TOKENS
#define SP_SHARED_TOKENS

/* One of OpenAI's public encodings, of which counts are exact, or an estimate of a tokenizer that is not public: these
 * live in the program's read-only data, never freed, shared freely. Or one whose vocabulary was read from a file
 * (sp_encoding_open), which is shared as freely until it is closed. */
typedef struct sp_encoding sp_encoding;

/* How to read special tokens such as <|endoftext|> in a text. */
typedef enum sp_special {
    SP_SPECIAL_AS_TEXT = 0, /* as the plain characters they are: tiktoken's encode_ordinary */
    SP_SPECIAL_ALLOW,       /* as the special token: tiktoken's allowed_special="all" */
} sp_special;

/* Token ids of a text. Zero-initialised is empty; sp_ids_release drops what it holds. */
typedef struct sp_ids {
    uint32_t *ids;
    size_t count;
    size_t capacity;
} sp_ids;

#endif

/* The encoding of that exact name (r50k_base, p50k_base, p50k_edit, cl100k_base, o200k_base, o200k_harmony, and gpt2
 * for r50k_base), or the estimate (claude-v3, claude-4.7), or NULL. */
SP_API const sp_encoding *sp_encoding_find(sp_str name);

/* The exact encodings in a fixed order, for listings; NULL past the last one. */
SP_API const sp_encoding *sp_encoding_at(size_t index);

/* The encoding of a model that is built in, such as gpt-4o or claude-sonnet-4-5, or NULL for a name that is not known.
 */
SP_API const sp_encoding *sp_encoding_for_model(sp_str model);

/* Its name, a string that lives as long as the encoding: of one from a file, the file's base name and a hash of its
 * content. */
SP_API const char *sp_encoding_name(const sp_encoding *encoding);

/* Whether its tokens are counted. Otherwise every function below gives an estimate, and sp_counter_range its range;
 * there are no ids (sp_encode, sp_token_ends and sp_decode fail with SP_ERR_USAGE), and a string "has at most N tokens"
 * (sp_truncate) if the upper bound of its range is at most N. */
SP_API bool sp_encoding_is_exact(const sp_encoding *encoding);

/* Reads the vocabulary of a tokenizer from a file: a tokenizer.json, a .tiktoken file, or ctok's data. The option
 * tokenizer describes them. pattern is the regular expression that splits a text for a .tiktoken file, or the name of
 * an encoding that has the same; NULL for files that have their own. cache_dir is NULL, or a directory where the result
 * of slow reading is kept; it is created if needed.
 *
 * *ret_encoding is the caller's, for sp_encoding_close (NULL is fine) when nothing uses it any more. SP_ERR_INPUT with
 * line and column for a file that cannot be read, SP_ERR_USAGE for a pattern that is missing or does not belong. */
SP_API SP_MUST_USE sp_status sp_encoding_open(const char *path, const char *pattern, const char *cache_dir,
                                              sp_encoding **ret_encoding, sp_err *err);
SP_API void sp_encoding_close(sp_encoding *encoding);

/* Number of tokens in text. Equal to tiktoken 0.14.0 (Unicode 16.0) for every UTF-8 text, and for other bytes to its
 * _encode_bytes. The time is linear in the length. Fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_count(const sp_encoding *encoding, sp_str text, sp_special special, size_t *ret_tokens,
                                      sp_err *err);

/* A reusable counter with a piece cache: faster than sp_count where there are many texts, with the same counts. For one
 * thread at a time; up to 14 MiB. *ret_counter is the caller's, for sp_counter_free (NULL is fine). They fail only with
 * SP_ERR_NO_MEMORY, or with SP_ERR_INPUT where a tokenizer from a file cannot count a text. */
typedef struct sp_counter sp_counter;
SP_API SP_MUST_USE sp_status sp_counter_new(const sp_encoding *encoding, sp_special special, sp_counter **ret_counter,
                                            sp_err *err);
SP_API SP_MUST_USE sp_status sp_counter_count(sp_counter *counter, sp_str text, size_t *ret_tokens, sp_err *err);
/* The range of the text that was counted last. */
SP_API sp_range sp_counter_range(const sp_counter *counter);
SP_API void sp_counter_free(sp_counter *counter);

/* The ids, appended to *ids. Fails only with SP_ERR_NO_MEMORY, and then *ids keeps its old count. */
SP_API SP_MUST_USE sp_status sp_encode(const sp_encoding *encoding, sp_str text, sp_special special, sp_ids *ids,
                                       sp_err *err);
/* Drops what ids holds; they are empty then. */
SP_API void sp_ids_release(sp_ids *ids);

/* Where each token of text ends: ends[i] is the offset one past token i, so the last one is text.len. *ret_ends is for
 * sp_free; it is NULL for an empty text. Texts of 4 GiB and more are refused with SP_ERR_INPUT. */
SP_API SP_MUST_USE sp_status sp_token_ends(const sp_encoding *encoding, sp_str text, sp_special special,
                                           uint32_t **ret_ends, size_t *ret_count, sp_err *err);

/* Longest prefix of text that ends on a character boundary and holds at most max_tokens tokens when it is encoded on
 * its own. *ret_len_bytes is its length, *ret_tokens its exact count. Fails only with SP_ERR_NO_MEMORY.
 *
 * With an estimate, *ret_tokens is the estimate, and it is the upper bound that is at most max_tokens. What
 * NFC writes in another way, as a letter and its accent, is cut off as a whole. Of one word, or of signs or white space
 * in a row, of more than 4,096 bytes, the prefix may be shorter than the longest. */
SP_API SP_MUST_USE sp_status sp_truncate(const sp_encoding *encoding, sp_str text, sp_special special,
                                         size_t max_tokens, size_t *ret_len_bytes, size_t *ret_tokens, sp_err *err);

/* The bytes of the tokens, for sp_free (NULL when there are none). SP_ERR_INPUT for an id that the encoding does not
 * have; the message names it. */
SP_API SP_MUST_USE sp_status sp_decode(const sp_encoding *encoding, const uint32_t *ids, size_t count, char **ret_bytes,
                                       size_t *ret_len, sp_err *err);

/* NOLINTEND(readability-redundant-declaration) */

/* ---- options ---------------------------------------------------------------------------------- */

/* The options and operands of a command, as they are on the command line. Strings are copied. */
typedef struct sp_options sp_options;

/* NULL when memory is short. sp_options_free takes NULL, too. */
SP_API sp_options *sp_options_new(void);
SP_API void sp_options_free(sp_options *options);

/* Sets an option by its name without dashes, such as "profile", or by its letter where it has no name ("C"). value is
 * NULL for a flag. An option that may be repeated gets one more value each time; another one must be set only once.
 * SP_ERR_USAGE for a name that no command has, a missing value and a value for a flag. The rest is checked by sp_run,
 * which knows the command.
 *
 * Some names are not on the command line. They tell where the output goes, so that tables fit and have colour:
 * stdout-color, stdout-columns N, stdout-bars ascii|blocks, the same three with stderr-, stdout-is-pipe,
 * stdout-is-terminal, stderr-is-terminal, stdin-is-terminal, and all-processors for a thread per processor instead of
 * one. */
SP_API SP_MUST_USE sp_status sp_options_set(sp_options *options, const char *name, const char *value, sp_err *err);

/* Adds an operand: an agent, a file, a revision. */
SP_API SP_MUST_USE sp_status sp_options_add_operand(sp_options *options, const char *operand, sp_err *err);

/* The value of an option that was set, "" for a flag, NULL for one that was not. Of several values the last. Borrowed
 * from options until they change. */
SP_API const char *sp_options_get(const sp_options *options, const char *name);

/* NULL past the last one. Borrowed from options until they are freed. */
SP_API const char *sp_options_operand(const sp_options *options, size_t index);

/* Takes a command line apart, without the name of the program: sets its options, adds its operands, and finds the
 * command. *ret_command is NULL when none is named, as in --help; after a mistake it is the command that was most
 * likely meant. The strings of the command live as long as the library. */
SP_API SP_MUST_USE sp_status sp_options_parse(sp_options *options, int count, const char *const *arguments,
                                              const char **ret_command, sp_err *err);

/* ---- tables of commands and options ------------------------------------------------------------- */

/* A command: how its help describes it. */
typedef struct sp_command_info {
    const char *name;
    const char *operands; /* for the usage line */
    const char *summary;
    const char *text;       /* paragraphs, each a line */
    const char *examples;   /* lines of a command, a tab and its explanation */
    bool is_program_only;   /* sp_run does not have it: help, manual and completion */
    const char *exit_codes; /* lines of a code, a tab and its meaning */
    const char *see_also;   /* commands and topics of the manual, with a space between them */
} sp_command_info;

/* In the order of the help; NULL past the last one. */
SP_API const sp_command_info *sp_command_at(size_t index);

typedef enum sp_option_type {
    SP_OPTION_FLAG = 0,
    SP_OPTION_VALUE,    /* has a value */
    SP_OPTION_VALUES,   /* the same; may be repeated */
    SP_OPTION_OPTIONAL, /* with or without a value */
    SP_OPTION_CHOICE,   /* one of the values that sp_option_value_at lists */
} sp_option_type;

typedef struct sp_option_info {
    const char *name;     /* without dashes; NULL: it has only a letter */
    char letter;          /* or 0 */
    const char *argument; /* for the help, such as "FILE"; NULL for a flag */
    sp_option_type type;
    const char *help;
    const char *group;         /* its heading in the help; options of one group follow each other */
    const char *default_value; /* for the help; NULL: nothing to say */
} sp_option_info;

/* The options of a command, or of all commands for NULL, in the order of the help; NULL past the last one. */
SP_API const sp_option_info *sp_option_at(const char *command, size_t index);

/* The values that an option may have, where there is a fixed list; NULL past the last one. */
SP_API const char *sp_option_value_at(const sp_option_info *option, size_t index);

/* ---- documents ---------------------------------------------------------------------------------- */

typedef enum sp_message_level {
    SP_MESSAGE_NOTE = 0, /* worth knowing; nothing is wrong */
    SP_MESSAGE_WARNING,  /* probably not as the author meant it; the command does its work all the same */
    SP_MESSAGE_ERROR,    /* the client's rules refuse this, or the command cannot do its work */
} sp_message_level;

/* A message about one place. Each string ends in NUL, which len does not count, or has ptr NULL; strings from outside
 * are as they were read, so they must not reach a terminal without sp_message_render. */
typedef struct sp_document_message {
    sp_message_level level;
    uint32_t line; /* 0: about a whole file */
    uint32_t column;
    sp_str path; /* empty: about no file */
    sp_str message;
    sp_str rule;         /* id of the rule, such as "import.missing"; empty: none */
    sp_str source_line;  /* the line that it is about, without its line end */
    const char *help_of; /* of a mistake in the options: the command whose help tells more, or ""; else NULL */
} sp_document_message;

/* The message as compilers print it, with a line end: "CLAUDE.md:3:1: warning: ... [import.missing]", then,
 * with_source, the line with a caret below. What could steer a terminal is spelled out. width_columns is that of the
 * terminal, 0 if not known. message may be one of the caller's, without help_of. *ret_bytes is for sp_free and ends in
 * NUL. Fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_message_render(const sp_document_message *message, bool with_source, bool color,
                                               unsigned width_columns, char **ret_bytes, size_t *ret_len, sp_err *err);

typedef enum sp_output_place {
    SP_OUTPUT_STDOUT = 0,
    SP_OUTPUT_FILE,     /* the new content of a file, to be written whole or not at all */
    SP_OUTPUT_FILE_END, /* to be added to the end of a file, which may not exist yet */
    SP_OUTPUT_STDERR,   /* beside the messages */
} sp_output_place;

/* Bytes that a command has made, and the place where the program sysprompt writes them. */
typedef struct sp_document_output {
    sp_output_place place;
    const char *path;  /* "-" for standard output and standard error */
    const char *bytes; /* end in NUL, which len does not count */
    size_t len;
    size_t index;    /* which output of the command it is: several may be open at once */
    bool is_guarded; /* a repository chose the path, and what was there was looked at: real_path is absolute and without
                      * links, and nothing may be replaced there but the file of that device and inode, if it exists */
    const char *real_path; /* NULL unless is_guarded */
    bool exists;
    uint64_t device;
    uint64_t inode;
    bool is_verbatim; /* text of files as it is: on a terminal, print what sp_output_escape makes of it */
} sp_document_output;

/* The lines of bytes with everything spelled out that could steer a terminal or mislead a reader: an escape character
 * as \x1b, a bidirectional control as <U+202E>. Tabs stay. *ret_bytes is for sp_free and ends in NUL. Fails only with
 * SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_output_escape(const char *bytes, size_t len, char **ret_bytes, size_t *ret_len,
                                              sp_err *err);

/* Functions that get messages and output as they come; the document then has none. A command calls them one at a time,
 * though perhaps from different threads. What they get is borrowed for the call. A failure ends the command: status
 * SP_ERR_OUTPUT, or SP_ERR_NO_MEMORY, with *err filled in. */
typedef sp_status (*sp_on_message)(void *context, const sp_document_message *message);

/* An output is opened, gets bytes once or more often, and is closed, or dropped because it is not whole: what was
 * written of a file must then not take its place. */
typedef enum sp_output_step {
    SP_OUTPUT_OPEN = 0,
    SP_OUTPUT_ADD,
    SP_OUTPUT_CLOSE,
    SP_OUTPUT_DROP,
    SP_OUTPUT_WAIT, /* after the last bytes: it is closed, or dropped, when other outputs have been */
} sp_output_step;

typedef sp_status (*sp_on_output)(void *context, sp_output_step step, const sp_document_output *output, sp_err *err);

SP_API void sp_options_on_message(sp_options *options, sp_on_message function, void *context);
SP_API void sp_options_on_output(sp_options *options, sp_on_output function, void *context);

/* What a command said and made. Nothing in it is borrowed from the options. */
typedef struct sp_document sp_document;

/* Runs a command. SP_OK when it did its work, also when it found something (exit code 1). Otherwise *err is its first
 * error. *ret_document is NULL before; it is the caller's whatever this returns, for sp_document_free, and NULL only
 * when the command does not exist or memory is short: a command that failed has messages, and perhaps output. */
SP_API SP_MUST_USE sp_status sp_run(const sp_options *options, const char *command, sp_document **ret_document,
                                    sp_err *err);

SP_API void sp_document_free(sp_document *document);

/* The exit code of the program: 0 fine, 1 refused or over a limit, 2 usage or unreadable input, 3 out of memory or
 * unwritable output. */
SP_API int sp_document_exit_code(const sp_document *document);

/* NULL past the last one. */
SP_API size_t sp_document_message_count(const sp_document *document);
SP_API const sp_document_message *sp_document_message_at(const sp_document *document, size_t index);
SP_API size_t sp_document_output_count(const sp_document *document);
SP_API const sp_document_output *sp_document_output_at(const sp_document *document, size_t index);

/* The result in a format: "json" for every command that has the option json, whatever was asked for, and the format
 * that the options asked for. *ret_bytes is for sp_free and ends in NUL. SP_ERR_USAGE for a format that the document
 * does not have. */
SP_API SP_MUST_USE sp_status sp_document_render(const sp_document *document, const char *format, char **ret_bytes,
                                                size_t *ret_len, sp_err *err);

/* A value of the JSON result: name is that of a member, such as "tokens", or a JSON Pointer (RFC 6901), such as
 * "/sources/0/tokens". sp_document_length is the number of members or items of an object or array ("" is the whole
 * result). A string is borrowed from the document. SP_ERR_USAGE without a JSON result; SP_ERR_INPUT when there is no
 * such value, or it has another type. */
SP_API SP_MUST_USE sp_status sp_document_number(sp_document *document, const char *name, double *ret, sp_err *err);
SP_API SP_MUST_USE sp_status sp_document_string(sp_document *document, const char *name, sp_str *ret, sp_err *err);
SP_API SP_MUST_USE sp_status sp_document_length(sp_document *document, const char *name, size_t *ret, sp_err *err);

/* ---- JSON in, JSON out ---------------------------------------------------------------------------- */

/* Runs what a JSON object asks for:
 *
 *   {"command": "build", "operands": ["reviewer"], "options": {"root": "/src/shop", "strict": true, "touch": ["a",
 * "b"]}}
 *
 * The value of an option is a string or a number, true for a flag, or a list of those for an option that may be
 * repeated; false and null leave it out. *ret_json is for sp_free and ends in NUL:
 *
 *   {"exit_code": 0, "outputs": [{"path": "-", "place": "stdout", "text": "..."}],
 *    "messages": [{"level": "warning", "path": "...", "line": 1, "column": 1, "message": "...", "rule": "..."}],
 *    "result": {...}}
 *
 * result is the command's JSON document (sysprompt help json describes them), or null. An output that is not UTF-8 has
 * "base64" instead of "text". A request that makes no sense is answered with exit_code 2 and a message, as the command
 * line is. Fails only with SP_ERR_NO_MEMORY. ret_len and err may be NULL. */
SP_API SP_MUST_USE sp_status sp_run_json(const char *request, char **ret_json, size_t *ret_len, sp_err *err);

#ifdef __cplusplus
}
#endif

#endif
