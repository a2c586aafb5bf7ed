/* config.c - what the command line leaves open, sysprompt.yaml may say. */
#include "base/types.h"
#include "check/open_config.h"
#include "commands/commands.h"
#include "model/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool knows_config(const cli_command *command)
{
    for (size_t i = 0; i < cli_option_count; i++)
        if (cli_option_table[i].name && strcmp(cli_option_table[i].name, "config") == 0)
            return cli_knows(command, &cli_option_table[i]);
    return false;
}

cli_exit cli_configure(const cli_command *command, cli_options *options)
{
    sp_err err;
    char *home = NULL;
    if (!knows_config(command) || options->no_config)
        return CLI_OK;
    const sp_request request = { .launch_dir = options->directory,
                                 .root_dir = options->root,
                                 .home_dir = cli_home(options, &home),
                                 .allow_external_links = options->external_links != 0 };
    sp_status status = sp_config_open(&request, options->config_file, &options->config, &err);
    free(home);
    if (status != SP_OK)
        return cli_fail(options, &err);
    if (!options->profile)
        options->profile = options->config->profile.ptr;
    if (options->estimate < 0)
        options->estimate = (int)options->config->bound;
    if (!options->encoding && !options->model && !options->tokenizer) {
        options->encoding = options->config->encoding.ptr;
        options->model = options->config->model.ptr;
        options->counts_as_configured = options->config->tokenizer.ptr && !options->via;
        if ((options->encoding || options->model) && !options->models.value &&
            sp_config_check_names(options->config, &err) != SP_OK)
            return cli_fail(options, &err);
    }
    return CLI_OK;
}

cli_exit cli_write_new_config(const cli_options *options, const char *bytes, size_t len)
{
    const char *folder = options->directory ? options->directory : ".";
    const char *prefix = strcmp(folder, ".") == 0 ? "" : folder;
    char path[PATH_MAX], real_folder[PATH_MAX], real_path[PATH_MAX + sizeof "/sysprompt.yaml"];
    struct stat info;
    int length = snprintf(path, sizeof path, "%s%ssysprompt.yaml", prefix, *prefix ? "/" : "");
    if (length < 0 || (size_t)length >= sizeof path || !realpath(folder, real_folder))
        return cli_usage_error(options, "-C is too long");
    if (lstat(path, &info) == 0)
        return cli_usage_error(options, "there is a configuration already, %s; -o FILE writes another", path);
    snprintf(real_path, sizeof real_path, "%s/sysprompt.yaml", strcmp(real_folder, "/") == 0 ? "" : real_folder);
    const sp_file_place place = { .real_path = { real_path, strlen(real_path) } };
    cli_exit code = cli_write_place(options, path, &place, bytes, len);
    return code == CLI_OK ? cli_note(options, "wrote %s", path) : code;
}
