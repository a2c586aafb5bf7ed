/*
 * record_command.c - runs a command against the recorder, as capture -- COMMAND does, and writes the bodies of its
 * requests as they came: DIRECTORY/1.json and so on.
 *
 *   record_command DIRECTORY COMMAND...
 *
 * Prints "METHOD TARGET" for each, and what the command wrote to standard error. Exit code 1 if the command failed.
 */
#include "base/types.h"
#include "capture/launch.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int save(const char *directory, const sp_exchanges *exchanges)
{
    for (size_t i = 0; i < exchanges->count; i++) {
        const sp_exchange *exchange = &exchanges->items[i];
        char path[4096];
        snprintf(path, sizeof path, "%s/%zu.json", directory, i + 1);
        FILE *file = fopen(path, "wb");
        if (!file || fwrite(exchange->body.ptr, 1, exchange->body.len, file) != exchange->body.len ||
            fclose(file) != 0) {
            perror(path);
            return 2;
        }
        printf("%.*s %.*s\n", SP_STR_ARG(exchange->method), SP_STR_ARG(exchange->target));
    }
    return 0;
}

int main(int argc, char **argv)
{
    sp_arena arena = { 0 };
    sp_launched launched;
    sp_err err;
    char directory[4096];
    if (argc < 3 || !getcwd(directory, sizeof directory))
        return 2;
    sp_launch launch = {
        .command = (const char *const *)argv + 2,
        .command_count = (size_t)argc - 2,
        .variables = (const char *const *)environ,
        .directory = sp_str_of(directory),
        .timeout_ms = 60000,
    };
    if (sp_launch_run(&arena, &launch, &launched, &err) != SP_OK) {
        fprintf(stderr, "record_command: %s\n", err.message);
        return 2;
    }
    int code = save(argv[1], &launched.record.exchanges);
    fprintf(stderr, "%.*s", SP_STR_ARG(launched.record.output));
    bool is_fine = launched.has_ended && WIFEXITED(launched.wait_status) && WEXITSTATUS(launched.wait_status) == 0;
    sp_arena_release(&arena);
    return code ? code : !is_fine;
}
