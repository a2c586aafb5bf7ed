/* main.c - from the command line to the exit code. */
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* A file of megabytes is held as bytes, as text and as output. What is freed of that goes back to the system at once;
 * the GNU C library would keep it, from the second time on. */
static void return_large_blocks(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_MMAP_THRESHOLD, 4 << 20);
#endif
}

/* As NULL is the program, so is "" where a message points to the help. */
static const char *help_of(const char *command)
{
    return command ? command : "";
}

static cli_exit run_command(sp_options *options, const char *command, sp_err *err)
{
    cli_saver saver = { .waits = false };
    sp_document *document = NULL;
    sp_options_on_message(options, cli_print_message, options);
    sp_options_on_output(options, cli_save, &saver);
    bool is_ready = cli_set_terminal(options, err) == SP_OK;
    /* a command that fails has told why; without a document it was not run, and *err tells */
    bool is_fine = is_ready && sp_run(options, command, &document, err) == SP_OK;
    cli_exit code =
        is_fine || document ? (cli_exit)sp_document_exit_code(document) : cli_print_error(options, err, NULL);
    sp_document_free(document);
    cli_end_saving(&saver);
    return code;
}

static cli_exit run(sp_options *options, const char *command)
{
    sp_err err = { .status = SP_ERR_USAGE };
    if (sp_options_get(options, "version"))
        return cli_version(options);
    if (sp_options_get(options, "help"))
        return cli_help(options, command);
    if (!command)
        return cli_greet();
    if (strcmp(command, "help") == 0)
        return cli_help_topic(options);
    if (strcmp(command, "manual") == 0)
        return cli_manual(options);
    if (strcmp(command, "completion") == 0)
        return cli_completion(options);
    return run_command(options, command, &err);
}

/* A mistake in the options ends their parsing: one that is told has the colour that comes after it, too. A value of
 * --color that is none leaves it to the terminal. */
static void take_color(sp_options *options, int argc, char **argv)
{
    static const char name[] = "--color=";
    sp_err ignored;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strncmp(argv[i], name, strlen(name)) == 0 &&
            sp_options_set(options, "color", argv[i] + strlen(name), &ignored) != SP_OK)
            return;
}

int main(int argc, char **argv)
{
    const char *command = NULL;
    sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    return_large_blocks();
    signal(SIGCHLD, SIG_DFL); /* a parent may have ignored it, and then nobody learns how git ended */
    signal(SIGPIPE, SIG_DFL); /* a closed pipe ends us as it ends cat, even if our parent ignored it */
    signal(SIGXFSZ, SIG_IGN); /* a file over the limit of its size is an error of writing, which is told */
    sp_options *options = sp_options_new();
    cli_exit code = CLI_SYSTEM;
    if (!options)
        code = cli_print_error(NULL, &err, NULL);
    else if (sp_options_parse(options, argc - 1, (const char *const *)argv + 1, &command, &err) == SP_OK)
        code = run(options, command);
    else {
        take_color(options, argc, argv);
        code = cli_print_error(options, &err, err.status == SP_ERR_USAGE ? help_of(command) : NULL);
    }
    sp_options_free(options);
    return (int)code;
}
