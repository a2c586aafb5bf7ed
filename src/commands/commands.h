/*
 * commands.h - what the commands share: exit codes, options, output, messages.
 *
 * One file per command. A command gets its options parsed, tells messages and output to the document of its options,
 * and returns an exit code. It never prints, never writes a result to a file and never exits.
 */
#ifndef SP_COMMANDS_H
#define SP_COMMANDS_H

#include "attribute/tree.h"
#include "base/diagnostic.h"
#include "base/file.h"
#include "base/types.h"
#include "capture/exchange.h"
#include "capture/result.h"
#include "check/open_config.h"
#include "check/result.h"
#include "commands/document.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"
#include "remote/provider.h"
#include "report/lock_file.h"
#include "report/reports.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokens.h"
#include "workspace/capture.h"

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

typedef enum cli_color {
    CLI_COLOR_AUTO,
    CLI_COLOR_ALWAYS,
    CLI_COLOR_NEVER,
} cli_color;

typedef enum cli_provider {
    CLI_VIA_NONE,
    CLI_VIA_ANTHROPIC,
} cli_provider;

enum { CLI_MAX_STRINGS = 64 };

/* What an option that may be given more than once was given. */
typedef struct cli_strings {
    const char *items[CLI_MAX_STRINGS];
    size_t count;
} cli_strings;

/* What an option was given that may stand alone, or with =VALUE. */
typedef struct cli_optional {
    bool is_bare;
    const char *value;
} cli_optional;

/* An option as it was given. */
typedef struct cli_given {
    const struct cli_option *option;
    const char *value; /* NULL: none */
} cli_given;

/* What is known of where the output goes and the input comes from. All zeros is no terminal anywhere, and one thread.
 */
typedef struct cli_screen {
    sp_style output_style;
    sp_style error_style;
    bool output_is_pipe;
    bool output_is_terminal;
    bool error_is_terminal;
    bool input_is_terminal;
    bool uses_processors; /* without --jobs a thread for each processor */
} cli_screen;

/* Every option of every command; the table in options.c says which command knows which. */
typedef struct cli_options {
    const char **operands;
    size_t operand_count;
    cli_given *given; /* all options, in their order */
    size_t given_count;
    cli_document *document;            /* no option: what is told to whom; never NULL while a command runs */
    const struct cli_command *command; /* no option: whose help a mistake points to; NULL: the program's */
    cli_screen screen;                 /* no option */
    bool is_for_result;                /* no option: cli_write keeps its bytes as the document's result */
    struct cli_shares *shares;         /* no option: where captures of several clients note their sums; else NULL */
    sp_buf *collected;                 /* no option: cli_write adds its bytes there, for one output of several parts */
    sp_err *failure; /* no option: where cli_fail and cli_usage_error leave an error instead of printing it; NULL: they
                      * print */
    bool help;
    bool version;
    cli_optional untrusted;
    bool quiet;
    bool json;
    int color; /* cli_color */
    const char *output;
    /* what to load */
    const char *directory;
    const char *home;
    const char *root;
    const char *rev;
    /* what to compare */
    const char *agent;
    bool all_agents;
    bool all_rows;
    bool blame;
    const char *fail_over;
    const char *memory;
    cli_strings instructions;
    const char *agents;
    cli_strings added_dirs;
    cli_strings plugin_dirs;
    cli_strings touched;
    const char *setting_sources;
    const char *settings;
    const char *append; /* to a main session's system prompt */
    const char *append_file;
    const char *append_agent; /* to an agent's */
    const char *append_agent_file;
    bool bare;
    bool env;
    cli_strings env_values;
    bool skills; /* list them, not the agents */
    bool client_env;
    const char *texts;
    bool learn; /* the client's wording */
    bool strict;
    bool best_effort;
    int external_imports; /* 0 deny, 1 allow */
    int external_links;   /* 0 refuse, 1 allow */
    cli_strings without;
    int order;        /* of rules: 0 sorted, 1 directory */
    int invalid_utf8; /* 0 replace, 1 refuse */
    int layout;       /* sp_layout; -1 when not given */
    int format;       /* sp_format; -1 when not given */
    const char *map;
    /* how to report a check */
    cli_strings reports;
    bool init;
    bool update_baseline;
    int fail_on;   /* sp_level */
    int only_part; /* sp_check_part */
    int estimate;  /* sp_bound; -1 when not given */
    /* configured */
    const char *config_file;
    bool no_config;
    sp_config *config; /* NULL for a command that knows none */
    const char *lock;
    cli_strings locks;
    /* how large it may be */
    const char *budget;
    const char *reserve;
    bool trim;
    bool plan;
    /* by whose rules */
    const char *profile;
    const char *vs;
    bool finds_unread; /* no option: explain looks for more that does not load, */
    bool with_whole;   /* and it sums up the whole request, as JSON does */
    const char *why;
    /* as a tree */
    bool tree;
    const char *by;
    int matrix_by;       /* sp_matrix_by */
    const char *clients; /* of a matrix */
    const char *depth;
    const char *rows;
    const char *min;
    int sort; /* sp_tree_sort; -1 when not given */
    bool plain;
    bool csv;
    const char *page;
    bool standalone;
    bool marginal;
    bool straddling;
    bool duplicates;
    bool cache;
    const char *against;
    bool cache_breakpoints;
    bool profiles;
    /* how to count */
    const char *encoding;
    const char *model;
    cli_optional models;
    const char *tokenizer;
    const char *pattern;
    bool counts_model;         /* no option: --tokenizer names the tokenizer of --model */
    bool counts_as_configured; /* no option: with the tokenizer that the configuration names */
    sp_encoding *opened;       /* no option: what --tokenizer names, or the configuration */
    int via;                   /* cli_provider */
    const char *key_file;
    const char *api_url;
    bool allow_http;
    const char *timeout;
    bool cached_only;
    bool allow_special;
    bool encode;
    bool show;
    bool decode;
    const char *truncate;
    const char *calibrate;
    /* many files */
    const char *jobs;
    const char *files0_from;
    bool gitignore;
    cli_strings includes;
    cli_strings excludes;
    int total; /* sp_total */
    /* records */
    bool jsonl;
    const char *field;
    const char *tokens_field;
    bool keep_going;
    /* recorded requests */
    const char *capture; /* a prompt that was recorded, instead of one that is built */
    cli_strings from;
    const char *request; /* which request of a recording */
    bool verify;
    const char *save;
    bool full;
    bool client_text;
    /* running a client */
    int as_session; /* 0 a subagent, 1 a session started with it */
    bool interactive;
    bool own_config;
    bool project_hooks;
    bool yes;
    const char *port;
} cli_options;

typedef struct cli_command {
    const char *name;
    const char *operands; /* for the usage line */
    const char *summary;
    const char *text;                            /* paragraphs below the usage line; the printer wraps them */
    const char *examples;                        /* lines of a command, a tab and its explanation */
    const char *exit_codes;                      /* lines of a code, a tab and its meaning */
    const char *see_also;                        /* topics of the manual and commands, with a space between them */
    cli_exit (*run)(const cli_options *options); /* NULL: only the program has it */
} cli_command;

typedef enum cli_option_type {
    CLI_FLAG,
    CLI_STRING,
    CLI_STRINGS,  /* may be given more than once */
    CLI_OPTIONAL, /* alone, with =VALUE, or both */
    CLI_CHOICE,   /* one of choices; the field gets its value */
} cli_option_type;

typedef struct cli_choice {
    const char *name;
    int value;
} cli_choice;

/* A heading of the help, in the order in which it has them. */
typedef enum cli_group {
    CLI_GROUP_VIEW,
    CLI_GROUP_TREE,
    CLI_GROUP_COMPARE,
    CLI_GROUP_BUDGET,
    CLI_GROUP_CHECK,
    CLI_GROUP_INPUT,
    CLI_GROUP_RECORDS,
    CLI_GROUP_CAPTURE,
    CLI_GROUP_PLACES,
    CLI_GROUP_PARTS,
    CLI_GROUP_CLIENT,
    CLI_GROUP_COUNTING,
    CLI_GROUP_PROVIDER,
    CLI_GROUP_OUTPUT,
    CLI_GROUP_GENERAL,
    CLI_GROUP_HIDDEN, /* an older name of another option: in no help and no completion */
    CLI_GROUP_COUNT,
} cli_group;
extern const char *const cli_group_titles[CLI_GROUP_COUNT]; /* NULL for CLI_GROUP_HIDDEN */

/* The rows of one group follow each other. */
typedef struct cli_option {
    cli_group group;
    const char *name;     /* without the dashes, or NULL */
    char letter;          /* or 0 */
    const char *argument; /* for the help; NULL for a flag */
    const char *commands; /* the names of those that know it, with a space between them; "*" for all */
    cli_option_type type;
    size_t offset; /* of the field in cli_options */
    const cli_choice *choices;
    const char *help;       /* begins with a verb in the imperative */
    const char *by_default; /* for the help; NULL: nothing to say */
    const char *needs;      /* other options, or NAME=VALUE, of which one must be given too; NULL: none */
    const char *conflicts;  /* names of options that must not be given too, with a space between them; NULL: none */
} cli_option;

extern const cli_option cli_option_table[];
extern const size_t cli_option_count;
bool cli_knows(const cli_command *command, const cli_option *option);
/* The value, where it is, or may be, the path of a file or a directory; NULL: it is none. --agents and --settings also
 * take JSON in place of a file; a path of any other option may begin with a bracket. */
const char *cli_given_path(const cli_given *given);
/* Whether the option of that name stands on the command line: a value may be the configuration's. */
bool cli_is_given(const cli_options *options, const char *name);

enum { CLI_MAX_COMMANDS = 24 };
extern const cli_command cli_commands[];
extern const size_t cli_command_count;
/* Whether operands after -- are a command to run; the operands then hold the --, too. */
bool cli_takes_command(const cli_command *command);
/* NULL when there is none of that name. */
const cli_command *cli_find_command(const char *name);

cli_exit cli_build(const cli_options *options);
cli_exit cli_explain(const cli_options *options);
cli_exit cli_count(const cli_options *options);
cli_exit cli_list(const cli_options *options);
/* Whether the client finds an agent of that name, with these options. Tells nothing; false also after a failure. */
bool cli_has_agent(const cli_options *options, const char *name);
cli_exit cli_rules(const cli_options *options);
cli_exit cli_check(const cli_options *options);
cli_exit cli_diff(const cli_options *options);
cli_exit cli_capture(const cli_options *options);
cli_exit cli_matrix(const cli_options *options);

/* ---- options.c --------------------------------------------------------------------------------- */

/* Nothing given, and room for what argv may hold. False when memory is short; to be released all the same. */
bool cli_options_init(cli_options *options, int argc);
void cli_options_release(cli_options *options);
/* Parses argv into *options and finds the command (NULL when none was named). On a mistake says what it is and what
 * to do, and returns false; *ret_command is then the command that was most likely meant, or NULL. */
bool cli_parse(int argc, char **argv, cli_options *options, const cli_command **ret_command);
/* "--layout=split", "--trim", "-Cexamples/shop", for free(); NULL when memory is short. */
char *cli_format_given(const cli_given *given);
/* The i-th value that the option can have, where it has a fixed set of them; NULL past the last one. */
const char *cli_option_value(const cli_option *option, size_t index);
/* Decimal digits and nothing else; false also where the number is too large. */
bool cli_parse_number(const char *text, size_t *ret);
/* What --jobs says, or else the number of processors. */
cli_exit cli_choose_jobs(const cli_options *options, unsigned *ret);

/* ---- config.c ---------------------------------------------------------------------------------- */

/* $HOME, unless only what lies in --root is to be seen and it does not. *to_free is the caller's. */
const char *cli_home(const cli_options *options, char **to_free);
/* Reads the configuration, for a command that knows one, and takes what the command line leaves open from it. On CLI_OK
 * options->config is the caller's. */
cli_exit cli_configure(const cli_command *command, cli_options *options);
/* Writes a new one into the launch directory, never over anything that is there: somebody chose the numbers of a
 * configuration, and a link may lead anywhere. */
cli_exit cli_write_new_config(const cli_options *options, const char *bytes, size_t len);

/* ---- report.c ---------------------------------------------------------------------------------- */

/* Tells an error and returns the exit code that belongs to its status. */
cli_exit cli_fail(const cli_options *options, const sp_err *err);
/* A mistake in the options: the message points to the help. Returns CLI_USAGE. */
cli_exit cli_usage_error(const cli_options *options, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* CLI_FINDING when one of them is a finding, CLI_SYSTEM when memory was too short to tell one. */
cli_exit cli_print_diagnostics(const cli_options *options, const sp_diagnostic *diagnostics, size_t count);
/* Something worth knowing, unless -q. */
cli_exit cli_note(const cli_options *options, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* How to print on that stream. */
sp_style cli_style(const cli_options *options, int descriptor);
/* JSON if it is asked for, else text. */
sp_format cli_format(const cli_options *options);

/* ---- output.c ---------------------------------------------------------------------------------- */

/* Hands bytes to the document, as the file of that path, or as standard output when path is NULL or "-". Says what
 * went wrong and returns CLI_SYSTEM when that fails. */
cli_exit cli_write(const cli_options *options, const char *path, const char *bytes, size_t len);
/* The same for text of files as it is: where the output is a terminal, what could steer it is spelled out. */
cli_exit cli_write_verbatim(const cli_options *options, const char *path, const char *bytes, size_t len);

/* Whether cli_write could write there, before work that takes long; nothing is written. Fails as cli_write does. */
cli_exit cli_check_writable(const cli_options *options, const char *path);

/* Hands bytes to the document for a place that was looked at before: they replace what was found there, and nothing
 * else, through no link. path is for messages. */
cli_exit cli_write_place(const cli_options *options, const char *path, const sp_file_place *place, const char *bytes,
                         size_t len);

/* A usage error where path, which may be as for cli_write, is one of the files that the prompt is made of. */
cli_exit cli_refuse_source(const cli_options *options, const sp_prompt *prompt, const char *path);
/* A usage error where a result of the command would replace input, a file that it reads. NULL is fine. */
cli_exit cli_refuse_input(const cli_options *options, const char *input);

/* The same as cli_write for bytes to add to the end of a file, which may not be there yet; and for standard error. */
cli_exit cli_append(const cli_options *options, const char *path, const char *bytes, size_t len);
cli_exit cli_write_stderr(const cli_options *options, const char *bytes, size_t len);

/* Of NULL and "-". */
bool cli_is_stdout(const char *path);
/* Whether both paths, which may be as for cli_write, are one place: for a file, as far as it is there. */
bool cli_is_same_place(const char *a, const char *b);

/* The same as cli_write for a result that is written piece by piece. */
typedef struct cli_output {
    const cli_options *options;
    const char *path; /* as the user calls it, or NULL for standard output */
    cli_place place;
    size_t index;
    const sp_file_place *guard; /* as in cli_piece */
    bool is_verbatim;           /* as in cli_piece */
} cli_output;
cli_exit cli_output_open(const cli_options *options, const char *path, bool is_verbatim, cli_output *ret);
cli_exit cli_output_add(cli_output *output, const char *bytes, size_t len);
/* cli_output_open and cli_output_add of all there is; the file takes its place when it is closed. After a failure it is
 * closed already. */
cli_exit cli_output_begin(const cli_options *options, const char *path, const char *bytes, size_t len, cli_output *ret);
/* Says whether it is whole; a file that is not is dropped. */
cli_exit cli_output_close(cli_output *output, bool is_whole);

/* Whether the document keeps the command's result as JSON. Then *ret are the options to print it with once more: what
 * cli_write gets goes to the document's result. */
bool cli_wants_result(const cli_options *options, cli_options *ret);

/* Room that a stream is read into; what is added to piece by piece is an sp_buf. */
typedef struct cli_text {
    char *bytes;
    size_t len;
    size_t capacity;
} cli_text;
/* False when memory is short, and for no capacity; the text stays as it is. */
bool cli_set_capacity(cli_text *text, size_t capacity);
/* Reads until its capacity is full or the input is over. */
bool cli_fill(sp_stream *stream, cli_text *text, bool *ret_is_over, sp_err *err);

/* ---- run.c -------------------------------------------------------------------------------------- */

/* Configures, opens the tokenizer and runs the command. Returns the exit code, which is the document's, too. */
cli_exit cli_run(const cli_command *command, cli_options *options);
/* Copies for the caller to change and to free: they take kilobytes, and a stack of 64 KB has to do. NULL, after a
 * message, where memory is short: the command ends with CLI_SYSTEM. */
cli_options *cli_copy_options(const cli_options *options, size_t count);
/* The same in this thread, whether it is confined or not. */
cli_exit cli_run_here(const cli_command *command, cli_options *options);
/* Whether --untrusted holds: it is given, or CI says that the change comes from outside. CLI_USAGE where other options
 * do not go together with it. */
cli_exit cli_check_untrusted(const cli_options *options, bool *ret);
/* cli_run_here in a thread that can read the repository, the clients' files at home and what the command line names,
 * and write its outputs alone. */
cli_exit cli_run_untrusted(const cli_command *command, cli_options *options);

/* ---- prompt.c ---------------------------------------------------------------------------------- */

/* Builds the prompt that the options ask for and prints its diagnostics. On CLI_OK and CLI_FINDING *ret is the
 * caller's. */
cli_exit cli_make_prompt(const cli_options *options, sp_prompt **ret);
/* The profile of that name, NULL for the default one. On CLI_OK *ret is the caller's. */
cli_exit cli_open_profile(const cli_options *options, const char *name, sp_profile **ret);
/* The same with another profile than --profile names. */
cli_exit cli_make_prompt_with(const cli_options *options, const sp_profile *profile, sp_prompt **ret);
/* What a request borrows from, beside the options. */
typedef struct cli_lenders {
    sp_models *models;
    sp_profile *profile;
    char *home;
    char *learned; /* directory of templates that were learned */
} cli_lenders;

/* What the options say of where to look and how to count, with --models and --profile opened for it. *lenders, zeroed
 * before, is for cli_close_lenders when request is done with, whatever this returns. */
cli_exit cli_fill_request(const cli_options *options, sp_request *request, cli_lenders *lenders);
void cli_close_lenders(cli_lenders *lenders);

/* A directory of that name in sysprompt's data directory, for free(); NULL where there is no home, or where memory is
 * short, which *ret_failed tells. */
char *cli_data_dir(const char *name, bool *ret_failed);

/* Maps recorded requests, reports on the one that --request names, else on that of the exchange, and saves and
 * verifies as the options say (capture.c). */
cli_exit cli_report_exchanges(const cli_options *options, const sp_capture_request *recorded);

/* The number that --request names, from 1; 0: it is not given (capture.c). */
cli_exit cli_choose_request(const cli_options *options, size_t *ret);
/* Reads recorded requests from files, maps the one that --request names, and leaves it in *ret, which is the caller's
 * on CLI_OK (capture.c). */
cli_exit cli_read_capture(const cli_options *options, const sp_request *request, const cli_strings *files,
                          sp_captured **ret);
/* Sets the revision of --rev in the request, if there is one. *ret, NULL before, is the caller's, for
 * sp_revision_free. */
cli_exit cli_open_revision(const cli_options *options, sp_request *request, sp_revision **ret);
/* What --budget less --reserve leaves, for the model of --model or of the prompt's agent. */
cli_exit cli_choose_budget(const cli_options *options, const sp_prompt *prompt, size_t *ret_tokens);
/* What --budget and --reserve, --trim and --best-effort ask for: sets prompt->trim. */
cli_exit cli_trim(const cli_options *options, sp_prompt *prompt);
/* $XDG_CACHE_HOME/sysprompt, if that is an absolute path, else ~/.cache/sysprompt, for free(). NULL: there is none, or
 * memory was short, as *ret_failed says. */
char *cli_cache_dir(bool *ret_failed);
/* Opens what --tokenizer names, if it is given, for cli_choose_encoding. */
cli_exit cli_open_tokenizer(cli_options *options);
/* The encoding of --tokenizer, --encoding or --model, or NULL for none of them. */
cli_exit cli_choose_encoding(const cli_options *options, const sp_models *models, const sp_encoding **ret);
/* count --calibrate: how far the estimate is off on the user's pairs. */
cli_exit cli_calibrate(const cli_options *options, const sp_encoding *encoding);
/* Says so when the newest figure of the models in the program was looked up more than 90 days ago. */
cli_exit cli_note_old_models(const cli_options *options);
/* The same of one that a command uses: what is "prices" or "window", as_of the day of it, ptr NULL where none is given.
 */
cli_exit cli_note_old_figure(const cli_options *options, const sp_model *model, const char *what, sp_str as_of);
/* *ret: what --models=FILE adds, to be dropped with sp_models_free; NULL without it. */
cli_exit cli_open_models(const cli_options *options, sp_models **ret);

/* ---- lock.c -------------------------------------------------------------------------------------- */

/* CLI_USAGE where the prompt is made of something that cannot be read a second time. */
cli_exit cli_check_lockable(const cli_options *options);
/* Writes --lock, with what the prompt was built with. */
/* On CLI_OK *ret is the caller's, for cli_output_close. */
cli_exit cli_write_lock(const cli_options *options, const sp_prompt *prompt, cli_output *ret);

/* Locks, and their prompts as they are built now. */
typedef struct cli_locks {
    sp_lock_check *items;
    sp_lock **locks;
    sp_prompt **prompts;
    sp_encoding **encodings; /* those of the prompts that are read from files */
    sp_err *failures;
    size_t count;
    bool *lent; /* for each option that check was given: one of the locks has the same */
} cli_locks;

/* Whether check is about the locks that are named, and nothing else. */
bool cli_only_locks(const cli_options *options);
/* Those of --lock, or of the configuration where that is wanted. To be released also after a failure. */
cli_exit cli_locks_open(const cli_options *options, bool with_configured, cli_locks *ret);
void cli_locks_release(cli_locks *locks);

/* ---- tree.c ------------------------------------------------------------------------------------ */

/* What the options say of a tree. */
typedef struct cli_tree {
    sp_tree_level levels[SP_TREE_MAX_LEVELS];
    size_t level_count;
    sp_tree_view view;
    size_t min_share; /* hundredths of a percent of the prompt; 0: view.min_tokens it is */
    sp_tree_format format;
} cli_tree;

/* Whether one of the options on trees is given. */
bool cli_wants_tree(const cli_options *options);
cli_exit cli_read_tree(const cli_options *options, cli_tree *ret);
cli_exit cli_write_tree(const cli_options *options, const sp_prompt *prompt, const cli_tree *tree);

/* ---- cache.c ---------------------------------------------------------------------------------- */

/* explain --cache, with or without --against. */
cli_exit cli_explain_cache(const cli_options *options, const sp_prompt *prompt);
/* build --format=anthropic --cache-breakpoints. */
cli_exit cli_build_cached(const cli_options *options, const sp_prompt *prompt);

/* ---- capture_run.c ------------------------------------------------------------------------------ */

/* Runs the client, or the command, that the operands name, and shows its request. */
cli_exit cli_capture_learn(const cli_options *options);
cli_exit cli_capture_client(const cli_options *options);

/* ---- environment.c ------------------------------------------------------------------------------ */

/* The values of the environment section, with room for those of this machine. */
typedef struct cli_environment {
    char date[32];
    char platform[96];
    char os[192];
    char shell[256];
    const char *values[CLI_MAX_STRINGS + 4];
    size_t count;
} cli_environment;
/* What is found here, then what --env-value says. Zero-initialise ret; it borrows from itself and from options. */
void cli_fill_environment(const cli_options *options, cli_environment *ret);
/* Today, or the day that SOURCE_DATE_EPOCH says, as yyyymmdd in UTC. */
uint32_t cli_today(void);

/* ---- inputs.c ---------------------------------------------------------------------------------- */

/* A file to count, or why something that was named has none. */
typedef struct cli_input {
    char *path;
    sp_err *failure; /* NULL: none */
} cli_input;

typedef struct cli_inputs {
    cli_input *items;
    size_t count;
    size_t capacity;
    bool has_folder;                       /* one was named, */
    bool include_matched[CLI_MAX_STRINGS]; /* and in one of them these patterns matched */
    bool exclude_matched[CLI_MAX_STRINGS];
} cli_inputs;

/* The files that the operands or --files0-from name, folders taken apart, or standard input where nothing is named.
 * cli_inputs_release also after a failure. */
cli_exit cli_inputs_find(const cli_options *options, cli_inputs *ret);
void cli_inputs_release(cli_inputs *inputs);
/* As sp_file_load, of a file that an option names and that no link of a repository leads out to (sp_named_read). What
 * count counts is read without it: sysprompt help trust says so. */
SP_MUST_USE sp_status cli_load_named(const cli_options *options, const char *path, char **ret_bytes, size_t *ret_len,
                                     sp_err *err);
/* The same without a copy: *ret lives in arena. */
SP_MUST_USE sp_status cli_read_named(const cli_options *options, sp_arena *arena, const char *path, sp_str *ret,
                                     sp_err *err);
/* Fails where cli_load_named would for a link; for files that a layer below reads. */
SP_MUST_USE sp_status cli_judge_named(const cli_options *options, const char *path, sp_err *err);
/* A regular file whose text begins as JSON does, and an agent's does not: a recorded request. */
bool cli_is_json(const char *path);
/* One that capture --save wrote. */
bool cli_is_saved_capture(const char *path);
/* Whether the path stands for a descriptor that the caller opened: what one reader takes from it the next does not get.
 */
bool cli_is_descriptor(const char *path);

/* ---- count.c, count_files.c, count_jsonl.c -------------------------------------------------------- */

/* What counting needs to know. */
typedef struct cli_counting {
    const cli_options *options;
    const sp_encoding *encoding;
    const sp_models *models;
    sp_special special;
    unsigned jobs;
    sp_shared_cache *shared; /* NULL for one thread */
} cli_counting;
/* One for a thread. */
sp_status cli_counter_new(const cli_counting *counting, sp_counter **ret_counter, sp_err *err);
cli_exit cli_count_files(const cli_counting *counting, const cli_inputs *inputs);
/* The counts as --json and --total say; count is above 0. Part of both ways to count. */
cli_exit cli_print_counts(const cli_counting *counting, const sp_file_count *files, size_t count);
cli_exit cli_count_jsonl(const cli_counting *counting, const cli_inputs *inputs);

/* ---- via.c -------------------------------------------------------------------------------------- */

/* A way to the provider, with what it borrows. */
typedef struct cli_api {
    sp_api *api; /* NULL without --via */
    sp_models *models;
    char *key;
} cli_api;

/* Options that go with --via and are given without it, or exclude it. */
cli_exit cli_check_via(const cli_options *options);
/* Without --via *ret is empty. cli_api_close also after a failure. */
cli_exit cli_api_open(const cli_options *options, cli_api *ret);
void cli_api_close(cli_api *api);
/* With --via, lets the provider count the prompt (prompt->api_count). */
cli_exit cli_count_prompt_via(const cli_options *options, sp_prompt *prompt);
/* count --via: a request for each file. */
cli_exit cli_count_via(const cli_counting *counting, const cli_inputs *inputs);

#endif
