/*
 * lock.c - what a prompt was built with, and the same prompt once more.
 *
 * A lock holds the options and the agent as they were given, and the directory where that was, so that check can do
 * what build did, wherever it is run itself.
 */
#include "base/file.h"
#include "base/system.h"
#include "base/types.h"
#include "check/open_config.h"
#include "check/result.h"
#include "commands/commands.h"
#include "model/prompt.h"
#include "report/lock_file.h"
#include "sources/place.h"
#include "tokenizer/files/installed.h"
#include "workspace/products.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef O_PATH /* Linux alone can open a directory that may not be read */
#define O_PATH O_RDONLY
#endif

/* ---- what is recorded --------------------------------------------------------------------------------- */

/* The others do not change the prompt; where a key lies is nobody else's business, and whom the user trusts is not the
 * lock's. */
static bool is_recorded(const cli_option *option)
{
    static const char *const others[] = { "format",   "json",        "map",      "output",     "quiet",
                                          "color",    "via",         "api-url",  "allow-http", "timeout",
                                          "key-file", "cached-only", "untrusted" };
    for (size_t i = 0; option->name && i < sizeof others / sizeof others[0]; i++)
        if (strcmp(option->name, others[i]) == 0)
            return false;
    return true;
}

cli_exit cli_check_lockable(const cli_options *options)
{
    bool is_stdin = options->operand_count && cli_is_descriptor(options->operands[0]);
    for (size_t i = 0; i < options->given_count; i++) {
        const cli_given *given = &options->given[i];
        bool is_file = given->option->argument && strcmp(given->option->argument, "FILE") == 0;
        bool is_output = given->option->name && strcmp(given->option->name, "lock") == 0;
        bool is_input = is_file && !is_output && given->value;
        is_stdin = is_stdin || (is_recorded(given->option) && is_input && cli_is_descriptor(given->value));
    }
    if (is_stdin)
        return cli_usage_error(options,
                               "--lock is for a prompt that can be built again, and standard input cannot be read "
                               "again; give a file instead of it");
    return CLI_OK;
}

static sp_str view(const char *text)
{
    return (sp_str){ text, strlen(text) };
}

/* The path from one folder to another; both are absolute and without links. */
static bool format_way(const char *from, const char *to, char *way, size_t room)
{
    size_t common = 0, used = 0;
    for (size_t i = 0; from[i] && from[i] == to[i]; i++) {
        bool ends = (!from[i + 1] || from[i + 1] == '/') && (!to[i + 1] || to[i + 1] == '/');
        common = ends ? i + 1 : common;
    }
    if (strcmp(to, "/") == 0 || strcmp(from, "/") == 0)
        common = 0;
    for (const char *at = strcmp(from, "/") == 0 ? "" : from + common; *at; at++)
        if (*at == '/' && used + 3 < room) {
            memcpy(way + used, "../", 3);
            used += 3;
        }
    const char *rest = to + common + (to[common] == '/');
    int length = snprintf(way + used, room - used, "%s", *rest || used ? rest : ".");
    if (!*rest && used)
        way[used - 1] = '\0';
    return length >= 0 && (size_t)length < room - used;
}

/* The folder of a file that need not be there yet. */
static bool find_folder(const char *path, char folder[PATH_MAX])
{
    char copy[PATH_MAX];
    if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy)
        return false;
    return realpath(dirname(copy), folder) != NULL;
}

static cli_exit out_of_memory(const cli_options *options)
{
    const sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    return cli_fail(options, &err);
}

static cli_exit render(const cli_options *options, const sp_prompt *prompt, const sp_lock_origin *origin,
                       cli_output *ret)
{
    char *bytes;
    size_t len;
    sp_err err;
    if (sp_lock_render(prompt, origin, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_output_begin(options, options->lock, bytes, len, ret);
    free(bytes);
    return code;
}

/* Options and agent, as one would write them again. */
typedef struct recorded {
    sp_str *items;
    size_t count;
    char **texts; /* that the first of them are in */
    size_t text_count;
} recorded;

/* False when memory is short. */
static bool record(const cli_options *options, recorded *r)
{
    r->items = calloc(options->given_count + 3, sizeof *r->items);
    r->texts = calloc(options->given_count + 1, sizeof *r->texts);
    if (!r->items || !r->texts)
        return false;
    for (size_t i = 0; i < options->given_count; i++) {
        if (!is_recorded(options->given[i].option))
            continue;
        r->texts[r->text_count] = cli_format_given(&options->given[i]);
        if (!r->texts[r->text_count])
            return false;
        r->items[r->count++] = view(r->texts[r->text_count++]);
    }
    if (options->operand_count && options->operands[0][0] == '-')
        r->items[r->count++] = view("--");
    if (options->operand_count)
        r->items[r->count++] = view(options->operands[0]);
    return true;
}

static void release_recorded(recorded *r)
{
    for (size_t i = 0; i < r->text_count; i++)
        free(r->texts[i]);
    free(r->texts);
    free(r->items);
}

/* From the folder of the lock to the current directory. One on standard output lies nowhere yet: it is taken to be put
 * here. */
static bool find_way(const char *lock, char way[PATH_MAX])
{
    char folder[PATH_MAX], current[PATH_MAX];
    snprintf(way, PATH_MAX, ".");
    if (strcmp(lock, "-") == 0)
        return true;
    return find_folder(lock, folder) && getcwd(current, sizeof current) && format_way(folder, current, way, PATH_MAX);
}

enum { MISSING_BYTES = 64 }; /* of a list of names of values */

/* Whether --env-value gives a value of that name. */
static bool gives(const cli_options *options, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < options->env_values.count; i++)
        if (strncmp(options->env_values.items[i], name, len) == 0 && options->env_values.items[i][len] == '=')
            return true;
    return false;
}

/* Adds those of the names that --env-value gives no value for; names ends with NULL. */
static void add_missing(const cli_options *options, const char *const *names, char text[MISSING_BYTES])
{
    for (; *names; names++)
        if (!gives(options, *names)) {
            size_t len = strlen(text);
            snprintf(text + len, MISSING_BYTES - len, "%s%s", len ? ", " : "", *names);
        }
}

static bool asks_git(const cli_options *options)
{
    for (size_t i = 0; i < options->env_values.count; i++)
        if (strcmp(options->env_values.items[i], "is_git=yes") == 0)
            return true;
    return !gives(options, "is_git");
}

/* The lock itself may be a new file in what git says. */
static cli_exit note_environment(const cli_options *options)
{
    static const char *const date[] = { "date", NULL };
    static const char *const git[] = { "branch", "main_branch", "status", "commits", NULL };
    static const char *const machine[] = { "directory", "platform", "shell", "os", NULL };
    char soon[MISSING_BYTES] = "", elsewhere[MISSING_BYTES] = "";
    if (!options->env && !options->env_values.count)
        return CLI_OK;
    add_missing(options, date, soon);
    if (asks_git(options))
        add_missing(options, git, soon);
    add_missing(options, machine, elsewhere);
    if (!*soon)
        return CLI_OK;
    return cli_note(options,
                    "check --lock looks up again what differs soon (%s)%s%s%s; give each with "
                    "--env-value=NAME=VALUE%s",
                    soon, *elsewhere ? " or on another machine (" : "", elsewhere, *elsewhere ? ")" : "",
                    asks_git(options) ? ", or is_git=no for no git status" : "");
}

cli_exit cli_write_lock(const cli_options *options, const sp_prompt *prompt, cli_output *ret)
{
    char way[PATH_MAX];
    recorded r = { 0 };
    cli_exit code;
    errno = 0;
    if (!record(options, &r) || (!find_way(options->lock, way) && errno == ENOMEM)) {
        code = out_of_memory(options);
    } else {
        const sp_lock_origin origin = { .directory = view(way), .arguments = { r.items, r.count } };
        code = note_environment(options);
        if (code == CLI_OK)
            code = render(options, prompt, &origin, ret);
    }
    release_recorded(&r);
    return code;
}

/* ---- once more ------------------------------------------------------------------------------------------ */

/* A lock, and what binds it. */
typedef struct bound_lock {
    sp_arena *arena;
    const sp_lock *lock;
    sp_namer namer;
    bool *lent; /* as in cli_locks */
} bound_lock;

/* Whether both are one option with one value. */
static bool is_same_given(const cli_given *a, const cli_given *b)
{
    return a->option->offset == b->option->offset && a->value && b->value && strcmp(a->value, b->value) == 0;
}

/* The user, with the options of check, can allow a lock what it must not do by itself. */
static bool user_gives(const cli_options *outer, const cli_given *wanted)
{
    for (size_t i = 0; i < outer->given_count; i++)
        if (is_same_given(&outer->given[i], wanted))
            return true;
    return false;
}

static void note_lent(const cli_options *outer, const cli_options *inner, bool *lent)
{
    for (size_t i = 0; i < outer->given_count; i++)
        for (size_t k = 0; k < inner->given_count; k++)
            lent[i] = lent[i] || is_same_given(&outer->given[i], &inner->given[k]);
}

SP_PRINTF(2, 3)
static cli_exit refuse_lock(sp_err *failure, const char *format, ...)
{
    va_list args;
    *failure = (sp_err){ .status = SP_ERR_INPUT };
    va_start(args, format);
    vsnprintf(failure->message, sizeof failure->message, format, args);
    va_end(args);
    return CLI_USAGE;
}

static cli_exit lack_memory(sp_err *failure)
{
    *failure = (sp_err){ .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    return CLI_SYSTEM;
}

/* Why the lock must not name that path. */
static sp_status judge_path(const bound_lock *lock, sp_str path, sp_str *ret_why, sp_err *err)
{
    *ret_why = SP_STR("is an open descriptor");
    if (sp_descriptor_of(path) >= 0)
        return SP_OK;
    return sp_namer_look(lock->arena, &lock->namer, path, ret_why, err);
}

static cli_exit check_path(const bound_lock *lock, const char *path, const char *text, bool may_be_given,
                           sp_err *failure)
{
    sp_str why = { 0 };
    if (judge_path(lock, (sp_str){ path, strlen(path) }, &why, failure) != SP_OK)
        return failure->status == SP_ERR_NO_MEMORY ? CLI_SYSTEM : CLI_USAGE;
    if (!why.ptr)
        return CLI_OK;
    return refuse_lock(failure, "its argument %.300s %.*s; %s", text, SP_STR_ARG(why),
                       may_be_given ? "give check the same, or write the lock anew outside of the repository"
                                    : "write the lock anew outside of the repository if it is yours");
}

/* Where the lock was written. Nothing writes there now, but check advises to. */
static cli_exit check_itself(const bound_lock *lock, const char *path, sp_err *failure)
{
    if (cli_is_stdout(path) || !lock->lock->real_path.ptr || cli_is_same_place(path, lock->lock->real_path.ptr))
        return CLI_OK;
    return refuse_lock(failure, "its argument --lock=%.300s names another file than the lock itself; make it anew",
                       path);
}

static cli_exit check_path_of(const bound_lock *lock, const cli_given *given, const char *path, sp_err *failure)
{
    char *text = cli_format_given(given);
    if (!text)
        return lack_memory(failure);
    bool may_be_given = cli_knows(cli_find_command("check"), given->option);
    cli_exit code = check_path(lock, path, text, may_be_given, failure);
    free(text);
    return code;
}

/* Options that let files or values of the repository count as the user's, whose imports and settings name any file.
 * With --root they name none outside of that. */
static bool lends_trust(const cli_option *option)
{
    return option->name && (strcmp(option->name, "home") == 0 || strcmp(option->name, "settings") == 0);
}

/* Whether the value is a name for something that the user installed: a tokenizer, or templates. */
static bool is_installed(const cli_options *inner, const cli_given *given)
{
    const char *name = given->option->name ? given->option->name : "", *value = given->value ? given->value : "";
    if (strcmp(name, "tokenizer") == 0) /* a file of models gives names to more */
        return sp_installed_is_name(NULL, value) || (inner->models.value && !strpbrk(value, "/."));
    return given->option->offset == offsetof(cli_options, texts) &&
           (strcmp(value, "learned") == 0 || strncmp(value, "learned@", 8) == 0);
}

static cli_exit check_given(const bound_lock *lock, const cli_options *outer, const cli_options *inner,
                            const cli_given *given, sp_err *failure)
{
    const cli_option *option = given->option;
    char name[64];
    snprintf(name, sizeof name, "%s%s", option->name ? "--" : "-C", option->name ? option->name : "");
    if (!is_recorded(option))
        return refuse_lock(failure, "its argument %s is not one that a lock records; make it anew with --lock", name);
    const char *path = cli_given_path(given);
    if (option->name && strcmp(option->name, "lock") == 0)
        return check_itself(lock, given->value, failure);
    if (user_gives(outer, given))
        return CLI_OK;
    if (is_installed(inner, given))
        return refuse_lock(failure,
                           "its argument %s=%.300s would choose among what you installed, which the repository cannot; "
                           "give check the same, or write the lock anew outside of the repository",
                           name, given->value);
    cli_exit code = path ? check_path_of(lock, given, path, failure) : CLI_OK;
    if (code != CLI_OK || !lends_trust(option) || inner->root)
        return code;
    return refuse_lock(failure,
                       "with its argument %s, what the repository holds would count as yours, and could name any file; "
                       "give check the same, or build the lock with --root",
                       name);
}

/* A lock comes with its repository, so its arguments name nothing outside of that, and let nothing lead out: only the
 * user can. */
static cli_exit check_arguments(const bound_lock *lock, const cli_options *outer, const cli_options *inner,
                                sp_err *failure)
{
    if (inner->external_links && !outer->external_links)
        return refuse_lock(
            failure, "it was built with --external-links=allow, which check does only when it is given that, too");
    if (!lock->namer.within.ptr)
        return CLI_OK;
    if (inner->external_imports && !outer->external_imports)
        return refuse_lock(
            failure, "it was built with --external-imports=allow, which check does only when it is given that, too");
    for (size_t i = 0; i < inner->given_count; i++) {
        cli_exit code = check_given(lock, outer, inner, &inner->given[i], failure);
        if (code != CLI_OK)
            return code;
    }
    for (size_t i = 0; i < inner->operand_count; i++) {
        cli_exit code = check_path(lock, inner->operands[i], inner->operands[i], false, failure);
        if (code != CLI_OK)
            return code;
    }
    return CLI_OK;
}

/* As `sysprompt build` would, but what it has to say is left in *failure. *ret borrows from *ret_encoding. */
static cli_exit build_again(const bound_lock *lock, const cli_options *outer, char **argv, int argc, sp_prompt **ret,
                            sp_encoding **ret_encoding, sp_err *failure)
{
    cli_options options;
    const cli_command *command = NULL;
    cli_exit code = CLI_USAGE;
    if (!cli_options_init(&options, argc))
        *failure = (sp_err){ .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    options.document = outer->document;
    options.screen = outer->screen;
    options.failure = failure;
    if (options.operands && options.given && cli_parse(argc, argv, &options, &command))
        code = CLI_OK;
    options.quiet = true;
    if (code == CLI_OK)
        note_lent(outer, &options, lock->lent);
    if (code == CLI_OK)
        code = check_arguments(lock, outer, &options, failure);
    if (code == CLI_OK)
        code = cli_configure(command, &options);
    if (code == CLI_OK)
        code = cli_open_tokenizer(&options);
    if (code == CLI_OK)
        code = cli_make_prompt(&options, ret);
    cli_exit trimmed = *ret && options.budget ? cli_trim(&options, *ret) : CLI_OK;
    if (trimmed != CLI_OK) {
        sp_prompt_free(*ret);
        *ret = NULL;
        code = trimmed;
    }
    *ret_encoding = options.opened;
    options.opened = NULL;
    cli_options_release(&options);
    return code;
}

static cli_exit make_prompt(const cli_options *options, const bound_lock *bound, sp_prompt **ret,
                            sp_encoding **ret_encoding, sp_err *failure)
{
    const sp_str_list *arguments = &bound->lock->origin.arguments;
    char **argv = calloc(arguments->count + 3, sizeof *argv);
    if (!argv)
        return lack_memory(failure);
    argv[0] = (char[]){ "sysprompt" };
    argv[1] = (char[]){ "build" };
    for (size_t i = 0; i < arguments->count; i++)
        argv[i + 2] = (char *)arguments->items[i].ptr; /* they end in NUL, and nobody writes to them */
    cli_exit code = build_again(bound, options, argv, (int)arguments->count + 2, ret, ret_encoding, failure);
    free(argv);
    return code;
}

/* Whose the lock is. Its paths are seen from where it lies, until its directory is entered. */
static sp_status bind_lock(const cli_options *options, const sp_namer *namer, sp_str folder, bound_lock *bound,
                           sp_err *err)
{
    sp_place here;
    char *home = NULL;
    const sp_request request = { .root_dir = options->root, .home_dir = cli_home(options, &home) };
    sp_status status = sp_place_locate(bound->arena, &(sp_request){ 0 }, &sp_reader_disk, &here, err);
    here.request = &request;
    if (status == SP_OK)
        status = sp_place_find_home(bound->arena, &here, err);
    bound->namer = (sp_namer){ folder, namer ? namer->within : (sp_str){ NULL, 0 }, "the repository" };
    if (status == SP_OK && bound->lock->real_path.ptr && !bound->namer.within.ptr)
        status = sp_place_repository_of(bound->arena, &here, sp_path_folder(bound->lock->real_path),
                                        &bound->namer.within, err);
    free(home);
    return status;
}

/* Where the options of the lock mean what they meant. The program is there until the prompt is built. False, with
 * errno: it cannot be entered. */
static bool enter(const sp_lock *lock, const char *folder, int *ret_back)
{
    char directory[PATH_MAX];
    int length = snprintf(directory, sizeof directory, "%s/%s", folder, lock->origin.directory.ptr);
    if (length < 0 || (size_t)length >= sizeof directory) {
        errno = ENAMETOOLONG;
        return false;
    }
    *ret_back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return *ret_back >= 0 && chdir(directory) == 0;
}

/* The directory is judged before it is entered, so that nothing tells whether one outside is there, and once more where
 * it was entered. */
static cli_exit build_there(const cli_options *options, const sp_namer *namer, bound_lock *bound, int *ret_back,
                            sp_prompt **ret, sp_encoding **ret_encoding, sp_err *failure)
{
    const sp_lock *lock = bound->lock;
    char folder[PATH_MAX], current[PATH_MAX];
    sp_str why;
    if (!find_folder(lock->path.ptr, folder))
        return errno == ENOMEM ? lack_memory(failure)
                               : refuse_lock(failure, "the directory of the lock is not there any more");
    sp_str place = sp_str_dup(bound->arena, sp_str_of(folder));
    if (!place.ptr)
        return lack_memory(failure);
    if (bind_lock(options, namer, place, bound, failure) != SP_OK ||
        sp_namer_look(bound->arena, &bound->namer, lock->origin.directory, &why, failure) != SP_OK)
        return CLI_USAGE;
    if (!why.ptr && (!enter(lock, folder, ret_back) || !getcwd(current, sizeof current)))
        return errno == ENOMEM ? lack_memory(failure)
                               : refuse_lock(failure, "cannot enter %.300s, seen from where the lock lies: %s",
                                             lock->origin.directory.ptr, sp_error_text(errno));
    if (!why.ptr) {
        bound->namer.folder = sp_str_dup(bound->arena, sp_str_of(current));
        if (!bound->namer.folder.ptr)
            return lack_memory(failure);
        if (sp_namer_judge(bound->arena, &bound->namer, bound->namer.folder, true, &why, failure) != SP_OK)
            return CLI_USAGE;
    }
    if (why.ptr)
        return refuse_lock(failure, "the directory where it was built, %.300s, %s", lock->origin.directory.ptr,
                           "lies outside of the repository; write the lock anew outside of it if it is yours");
    return make_prompt(options, bound, ret, ret_encoding, failure);
}

/* What keeps the prompt from being built is in *failure, and no word is printed. */
static cli_exit build_now(const cli_options *options, const sp_lock *lock, const sp_namer *namer, bool *lent,
                          sp_prompt **ret, sp_encoding **ret_encoding, sp_err *failure)
{
    int back = -1;
    sp_arena arena = { 0 };
    bound_lock bound = { &arena, lock, { .what = "the repository" }, lent };
    cli_exit code = CLI_USAGE;
    errno = 0;
    *failure = (sp_err){ .status = SP_ERR_INPUT };
    if (!lock->origin.directory.ptr)
        snprintf(failure->message, sizeof failure->message,
                 "it does not say with which options it was built; make it anew with sysprompt build --lock");
    else
        code = build_there(options, namer, &bound, &back, ret, ret_encoding, failure);
    sp_arena_release(&arena);
    if (back >= 0 && fchdir(back) != 0)
        *failure = (sp_err){ .status = SP_ERR_NO_MEMORY, .message = "cannot go back to the current directory" };
    if (back >= 0)
        close(back);
    return failure->status == SP_ERR_NO_MEMORY ? CLI_SYSTEM : code;
}

/* A lock whose prompt cannot be built again is told by check, in every report; only one that is none ends it. */
static cli_exit take_lock(const cli_options *options, const char *path, const sp_namer *namer, cli_locks *all)
{
    size_t index = all->count;
    sp_err err, *failure = &all->failures[index];
    if (sp_lock_open(path, namer, &all->locks[index], &err) != SP_OK) {
        size_t len = strlen(err.message);
        if (namer)
            snprintf(err.message + len, sizeof err.message - len,
                     "; %s has it under locks:", options->config->path.ptr);
        return cli_fail(options, &err);
    }
    all->count++;
    cli_exit code =
        build_now(options, all->locks[index], namer, all->lent, &all->prompts[index], &all->encodings[index], failure);
    all->items[index] = (sp_lock_check){ all->locks[index], all->prompts[index], failure };
    if (code == CLI_SYSTEM)
        return cli_fail(options, failure);
    cli_options building = *options; /* the help of build tells which arguments there are */
    building.command = cli_find_command("build");
    if (!all->prompts[index] && !*failure->message)
        return cli_usage_error(&building, "%s: its arguments are none of sysprompt build; make it anew with --lock",
                               path);
    return CLI_OK;
}

bool cli_only_locks(const cli_options *options)
{
    return options->locks.count > 0 && options->operand_count == 0;
}

cli_exit cli_locks_open(const cli_options *options, bool with_configured, cli_locks *ret)
{
    const sp_config *config = with_configured ? options->config : NULL;
    size_t configured = config ? config->locks.count : 0;
    size_t count = options->locks.count + configured + 1;
    cli_exit code = CLI_OK;
    *ret = (cli_locks){ .items = calloc(count, sizeof *ret->items),
                        .locks = calloc(count, sizeof(sp_lock *)),
                        .prompts = calloc(count, sizeof(sp_prompt *)),
                        .encodings = calloc(count, sizeof(sp_encoding *)),
                        .failures = calloc(count, sizeof *ret->failures),
                        .lent = calloc(options->given_count + 1, sizeof *ret->lent) };
    if (!ret->items || !ret->locks || !ret->prompts || !ret->encodings || !ret->failures || !ret->lent)
        return out_of_memory(options);
    for (size_t i = 0; i < options->locks.count && code == CLI_OK; i++)
        code = take_lock(options, options->locks.items[i], NULL, ret);
    for (size_t i = 0; i < configured && code == CLI_OK; i++)
        code = take_lock(options, config->locks.items[i].ptr, &config->names, ret);
    return code;
}

void cli_locks_release(cli_locks *locks)
{
    for (size_t i = 0; i < locks->count; i++) {
        sp_prompt_free(locks->prompts[i]);
        sp_encoding_close(locks->encodings[i]);
        sp_lock_free(locks->locks[i]);
    }
    free(locks->items);
    free(locks->locks);
    free(locks->prompts);
    free(locks->encodings);
    free(locks->failures);
    free(locks->lent);
    *locks = (cli_locks){ 0 };
}
