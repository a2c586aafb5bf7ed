/* list.c - the agents or the skills found, which file has a name, which are skipped and why. */
#include "base/types.h"
#include "commands/commands.h"
#include "commands/parallel.h"
#include "model/agent_list.h"
#include "model/request.h"
#include "model/skill_list.h"
#include "report/reports.h"
#include "workspace/products.h"

#include <stdlib.h>
#include <unistd.h>

static cli_exit finish(const cli_options *options, char *bytes, size_t len)
{
    cli_exit code = cli_write(options, options->output, bytes, len);
    free(bytes);
    return code;
}

static cli_exit print(const cli_options *options, const sp_agent_list *list)
{
    char *bytes;
    size_t len;
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    sp_format format = cli_format(options);
    if (sp_agent_list_render(list, format, &style, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = finish(options, bytes, len);
    cli_options as_json;
    return code == CLI_OK && cli_wants_result(options, &as_json) ? print(&as_json, list) : code;
}

static cli_exit print_skills(const cli_options *options, const sp_skill_list *list)
{
    char *bytes;
    size_t len;
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    sp_format format = cli_format(options);
    if (sp_skill_list_render(list, format, &style, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = finish(options, bytes, len);
    cli_options as_json;
    return code == CLI_OK && cli_wants_result(options, &as_json) ? print_skills(&as_json, list) : code;
}

static cli_exit build_and_print_skills(const cli_options *options, const sp_request *request)
{
    sp_skill_list *list = NULL;
    sp_err err;
    if (sp_skill_list_build(request, &list, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_print_diagnostics(options, list->diagnostics, list->diagnostic_count);
    cli_exit printed = code == CLI_SYSTEM ? CLI_SYSTEM : print_skills(options, list);
    sp_skill_list_free(list);
    return printed == CLI_OK ? code : printed;
}

/* A finding is a part of what was asked for, so the list is printed all the same. */
static cli_exit build_and_print(const cli_options *options, const sp_request *request)
{
    sp_agent_list *list = NULL;
    sp_err err;
    if (sp_agent_list_build(request, &list, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_print_diagnostics(options, list->diagnostics, list->diagnostic_count);
    cli_exit printed = code == CLI_SYSTEM ? CLI_SYSTEM : print(options, list);
    sp_agent_list_free(list);
    return printed == CLI_OK ? code : printed;
}

/* The nouns that people try first have a command each. */
static cli_exit refuse_operand(const cli_options *options, const char *operand)
{
    static const struct {
        const char *noun;
        const char *command;
    } lists[] = {
        { "agents", "list" },
        { "skills", "list --skills" },
        { "models", "count --models" },
        { "profiles", "rules --profiles" },
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strcmp(operand, lists[i].noun) == 0)
            return cli_usage_error(options, "list takes no operand; sysprompt %s lists %s", lists[i].command, operand);
    return cli_usage_error(options, "list takes no agent; sysprompt explain %s shows one", operand);
}

cli_exit cli_list(const cli_options *options)
{
    cli_lenders lenders = { .models = NULL };
    unsigned jobs = 1;
    const sp_threads threads = { .run = cli_team_lend, .self = &jobs };
    sp_request request = { .threads = &threads };
    sp_revision *revision = NULL;
    if (options->operand_count > 0)
        return refuse_operand(options, options->operands[0]);
    cli_exit code = cli_choose_jobs(options, &jobs);
    if (code == CLI_OK)
        code = cli_fill_request(options, &request, &lenders);
    if (code == CLI_OK)
        code = cli_open_revision(options, &request, &revision);
    if (code == CLI_OK)
        code = options->skills ? build_and_print_skills(options, &request) : build_and_print(options, &request);
    sp_revision_free(revision);
    cli_close_lenders(&lenders);
    return code;
}

bool cli_has_agent(const cli_options *options, const char *name)
{
    sp_err err;
    cli_options silent = *options;
    cli_lenders lenders = { .models = NULL };
    sp_request request = { 0 };
    sp_agent_list *list = NULL;
    bool is_found = false;
    silent.failure = &err;
    silent.quiet = true;
    if (cli_fill_request(&silent, &request, &lenders) == CLI_OK && sp_agent_list_build(&request, &list, &err) == SP_OK)
        for (size_t i = 0; i < list->agent_count && !is_found; i++)
            is_found = sp_str_eq(list->agents[i].name, (sp_str){ name, strlen(name) });
    sp_agent_list_free(list);
    cli_close_lenders(&lenders);
    return is_found;
}
