/*
 * cli.h - the program around the library: the command line, help, the terminal, and files that are written.
 *
 * cli/ uses only sysprompt.h, as any program could. What a command does is in commands/.
 */
#ifndef SP_CLI_H
#define SP_CLI_H

#include "sysprompt.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef enum cli_exit {
    CLI_OK = 0,
    CLI_FINDING =
        1, /* the rules refuse the agent (stdout stays empty unless --best-effort is given), or check found something */
    CLI_USAGE = 2,  /* usage, configuration, or input that cannot be read */
    CLI_SYSTEM = 3, /* out of memory, or the output could not be written */
} cli_exit;

/* ---- terminal.c -------------------------------------------------------------------------------- */

typedef struct cli_terminal {
    bool color;
    unsigned width_columns; /* 0: not known */
    bool has_bars;
} cli_terminal;

/* color is the value of --color, or NULL. */
cli_terminal cli_look_at(int descriptor, const char *color);
/* Tells the options of a command what is known of the terminal. */
sp_status cli_set_terminal(sp_options *options, sp_err *err);

/* ---- report.c ---------------------------------------------------------------------------------- */

/* An sp_on_message: prints it on stderr. context is the options. */
sp_status cli_print_message(void *context, const sp_document_message *message);
/* Prints an error and returns the exit code that belongs to it. help_of is as in sp_document_message. */
cli_exit cli_print_error(const sp_options *options, const sp_err *err, const char *help_of);

/* ---- output.c ---------------------------------------------------------------------------------- */

enum { CLI_MAX_WRITERS = 4 }; /* a command has no more outputs open at once */

/* An output that is being written. */
typedef struct cli_writer {
    bool is_open;
    size_t index; /* as in sp_document_output */
    int descriptor;
    mode_t mode;
    bool is_terminal;
    bool is_unread; /* a pipe that nobody reads any more */
    bool is_beside; /* written beside its final place (beside.c); else written directly */
    bool is_named;  /* and there is a file called beside */
    int directory;  /* of both names */
    char name[NAME_MAX + 1];
    char beside[32];
    size_t prefix_len; /* of beside: what all such files of name begin with */
} cli_writer;

/* All outputs of a command. Zero-initialised is none. */
typedef struct cli_saver {
    cli_writer writers[CLI_MAX_WRITERS];
    bool waits;           /* a file is written beside its place until the others are whole */
    bool has_closed_pipe; /* nobody reads one of them any more */
} cli_saver;

/* An sp_on_output: writes it where it belongs, a file whole or not at all. context is a cli_saver. */
sp_status cli_save(void *context, sp_output_step step, const sp_document_output *output, sp_err *err);
/* Ends the program as a closed pipe does, if there was one. */
void cli_end_saving(const cli_saver *saver);
/* The same for bytes of our own. path NULL or "-" is standard output. */
sp_status cli_save_whole(const char *path, const char *bytes, size_t len, sp_err *err);

/* ---- beside.c ---------------------------------------------------------------------------------- */

/* Begins a file that is to be at target, beside it. */
sp_status cli_open_beside(cli_writer *writer, const sp_document_output *output, const char *target, sp_err *err);
/* Puts it there, or drops it when it is not whole. */
sp_status cli_close_beside(cli_writer *writer, const sp_document_output *output, bool is_whole, sp_err *err);
/* An error at a path, of errno: "cannot DOING: ...". */
sp_status cli_fail_at(const char *path, const char *doing, sp_err *err);

/* ---- links.c ----------------------------------------------------------------------------------- */

/* Fails where a link that lies in a repository leads the output out of it, or into a .git directory. */
sp_status cli_check_links(const char *path, sp_err *err);

/* ---- text.c ------------------------------------------------------------------------------------ */

/* Text that grows. Adding never fails on the spot: what ran out of memory stays failed, and cli_finish says so.
 * (open_memstream would do, but when memory is short it may lose text and not say so.) */
typedef struct cli_page {
    char *bytes;
    size_t len;
    size_t capacity;
    bool failed;
} cli_page;
void cli_page_add(cli_page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Writes the page to path, which is as for cli_save_whole, and releases it. */
cli_exit cli_page_finish(const sp_options *options, const char *path, cli_page *page);

/* ---- markup.c ---------------------------------------------------------------------------------- */

/* Help and manual, as text for a terminal or as input of man. Each function adds a block; a backtick begins and ends
 * code. Zero-initialised but for page and width. */
typedef struct cli_markup {
    cli_page *page;
    bool is_roff;
    bool has_color;
    unsigned width; /* columns of a terminal */
    unsigned indent;
    bool has_gap; /* the next block needs an empty line before it */
    bool is_in_list;
    bool is_after_heading;
    bool is_code;
} cli_markup;

/* Text for standard output, as wide as the terminal but at most 80 columns; or input of man. */
cli_markup cli_markup_on(cli_page *page, bool is_roff);
/* level is 2 for a section, 3 for one below it. */
void cli_heading(cli_markup *out, unsigned level, const char *text, size_t len);
void cli_paragraph(cli_markup *out, const char *text, size_t len);
/* A term and its explanation, which begins at that column of a terminal. */
void cli_pair(cli_markup *out, const char *left, const char *right, size_t right_len, unsigned column);
/* Lines as they are, each with a line end. */
void cli_code(cli_markup *out, const char *text, size_t len);
/* The manual's Markdown, without its title. */
void cli_markdown(cli_markup *out, const char *text, size_t len);

/* ---- topics.c ---------------------------------------------------------------------------------- */

/* A topic of the manual. Its page is sysprompt-NAME(SECTION), unless it has a page name of its own. */
typedef struct cli_topic {
    const char *name;
    const char *page; /* without the section */
    char section;
    const char *summary;
    const char *text; /* Markdown, or NULL for one that add makes of tables */
    const uint32_t *length;
    void (*add)(cli_markup *out);
} cli_topic;

/* In the order of the list of topics; NULL past the last one. */
const cli_topic *cli_topic_at(size_t index);
/* By its name, its name and section ("rules.7") or its page ("sysprompt-rules"); NULL: there is none. */
const cli_topic *cli_topic_find(const char *name);
/* Adds all of the topic but its title. */
void cli_topic_add(cli_markup *out, const cli_topic *topic);

/* ---- help.c, manual.c, completion.c -------------------------------------------------------------- */

/* Of the program for NULL. */
cli_exit cli_help(const sp_options *options, const char *command);
/* sysprompt help [TOPIC] */
cli_exit cli_help_topic(const sp_options *options);
/* What a newcomer wants to do first, on standard error, where no command is named. */
cli_exit cli_greet(void);
cli_exit cli_version(const sp_options *options);
cli_exit cli_manual(const sp_options *options);
cli_exit cli_completion(const sp_options *options);

/* "-o, --output=FILE" in full, into buffer. */
void cli_spell_option(const sp_option_info *option, char *buffer, size_t size);
/* The help's blocks on a command, below its usage line; options with their groups as headings of that level. */
void cli_add_text(cli_markup *out, const sp_command_info *command);
void cli_add_options(cli_markup *out, const char *command);
void cli_add_examples(cli_markup *out, const sp_command_info *command);
void cli_add_exit_codes(cli_markup *out, const char *lines);
const sp_command_info *cli_find(const char *command);
extern const char cli_exit_codes[];

#endif
