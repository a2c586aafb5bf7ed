/* prompt.c - from options to a prompt, for the commands that look at one. */
#include "model/prompt.h"
#include "base/file.h"
#include "base/system.h"
#include "base/types.h"
#include "capture/result.h"
#include "check/open_config.h"
#include "clients/profiles.h"
#include "commands/commands.h"
#include "model/profile.h"
#include "model/request.h"
#include "tokenizer/files/installed.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokens.h"
#include "trim/budget.h"
#include "workspace/products.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sp_str view(const char *text)
{
    return (sp_str){ text, text ? strlen(text) : 0 };
}

static sp_status open_models(const cli_options *options, sp_models **ret, sp_err *err)
{
    SP_TRY(cli_judge_named(options, options->models.value, err));
    return sp_models_open(options->models.value, ret, err);
}

cli_exit cli_open_models(const cli_options *options, sp_models **ret)
{
    sp_err err;
    *ret = NULL;
    return !options->models.value || open_models(options, ret, &err) == SP_OK ? CLI_OK : cli_fail(options, &err);
}

enum { OLD_DAYS = 90 }; /* after which a figure is said to be old */

cli_exit cli_note_old_models(const cli_options *options)
{
    sp_str as_of = sp_models_as_of();
    uint32_t days = sp_models_age_days(as_of, cli_today());
    if (days <= OLD_DAYS)
        return CLI_OK;
    return cli_note(options,
                    "the newest figure in this table is of %.*s, %u days ago: models, prices and limits may have "
                    "changed; update sysprompt, or give newer rows with --models=FILE",
                    (int)as_of.len, as_of.ptr, (unsigned)days);
}

cli_exit cli_note_old_figure(const cli_options *options, const sp_model *model, const char *what, sp_str as_of)
{
    uint32_t days = as_of.ptr ? sp_models_age_days(as_of, cli_today()) : 0;
    if (days <= OLD_DAYS)
        return CLI_OK;
    return cli_note(options,
                    "the %s of %.*s used here %s of %.*s, %u days ago, and may have changed; update sysprompt, or give "
                    "a newer row with --models=FILE",
                    what, SP_STR_ARG(SP_MODEL_STR(model, id)), strcmp(what, "prices") == 0 ? "are" : "is",
                    SP_STR_ARG(as_of), (unsigned)days);
}

/* A budget that is a share of the window depends on a figure of the table. */
static cli_exit note_old_window(const cli_options *options, const sp_prompt *prompt)
{
    sp_models *models = NULL;
    sp_str name = prompt->model.ptr ? prompt->model : prompt->own_model;
    bool is_share = strchr(options->budget, '%') || (options->reserve && strchr(options->reserve, '%'));
    cli_exit code = is_share && name.ptr ? cli_open_models(options, &models) : CLI_OK;
    const sp_model *model = code == CLI_OK && is_share && name.ptr ? sp_model_find(models, name) : NULL;
    if (model)
        code = cli_note_old_figure(options, model, "window", SP_MODEL_STR(model, limits_as_of));
    sp_models_free(models);
    return code;
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

char *cli_cache_dir(bool *ret_failed)
{
    char *dir = NULL;
    const char *cache = variable("XDG_CACHE_HOME");
    const char *home = variable("HOME");
    *ret_failed = false;
    if (cache && *cache == '/')
        *ret_failed = asprintf(&dir, "%s/sysprompt", cache) < 0;
    else if (home)
        *ret_failed = asprintf(&dir, "%s/.cache/sysprompt", home) < 0;
    return *ret_failed ? NULL : dir;
}

/* $XDG_DATA_HOME if that is an absolute path, else ~/.local/share; NULL where there is no home, or memory is short. */
static char *data_home(const char *home, bool *ret_failed)
{
    char *made = NULL;
    const char *data = variable("XDG_DATA_HOME");
    *ret_failed = false;
    if (data && *data == '/')
        *ret_failed = asprintf(&made, "%s", data) < 0;
    else if (home)
        *ret_failed = asprintf(&made, "%s/.local/share", home) < 0;
    return *ret_failed ? NULL : made;
}

char *cli_data_dir(const char *name, bool *ret_failed)
{
    char *made = NULL;
    char *data = data_home(variable("HOME"), ret_failed);
    if (data)
        *ret_failed = asprintf(&made, "%s/sysprompt/%s", data, name) < 0;
    free(data);
    return *ret_failed ? NULL : made;
}

static sp_status open_installed(cli_options *options, const sp_models *models, const char *cache, sp_err *err)
{
    bool failed;
    const char *home = variable("HOME");
    char *data = data_home(home, &failed);
    if (failed)
        return sp_err_memory(err);
    sp_installed_places places = { home, data };
    sp_status status = sp_installed_open(options->tokenizer, options->pattern, view(options->model), models, &places,
                                         cache, &options->opened, err);
    free(data);
    options->counts_model =
        status == SP_OK && options->model && sp_installed_is_of_model(models, options->tokenizer, view(options->model));
    return status;
}

static sp_status open_file(cli_options *options, const sp_models *models, const char *cache, sp_err *err)
{
    sp_file file;
    sp_err ignored;
    bool may_be_name = !strchr(options->tokenizer, '/');
    if (may_be_name && sp_file_look(sp_str_of(options->tokenizer), &file, &ignored) == SP_OK &&
        file.state == SP_FILE_ABSENT)
        SP_TRY(sp_installed_suggest(models, options->tokenizer, err));
    SP_TRY(cli_judge_named(options, options->tokenizer, err));
    return sp_encoding_open(options->tokenizer, options->pattern, cache, &options->opened, err);
}

static sp_status open_tokenizer(cli_options *options, const char *cache, sp_err *err)
{
    sp_models *models = NULL;
    if (!options->tokenizer)
        return sp_config_open_tokenizer(options->config, cache, &options->opened, err);
    sp_status status = options->models.value ? open_models(options, &models, err) : SP_OK;
    if (status == SP_OK && sp_installed_is_name(models, options->tokenizer))
        status = open_installed(options, models, cache, err);
    else if (status == SP_OK)
        status = open_file(options, models, cache, err);
    sp_models_free(models);
    return status;
}

cli_exit cli_open_tokenizer(cli_options *options)
{
    sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    bool failed;
    if (!options->tokenizer && options->pattern)
        return cli_usage_error(options, "--pattern is for --tokenizer; give that too");
    bool is_of_locks = options->tokenizer && cli_only_locks(options); /* check lends it to them */
    if (is_of_locks || (!options->tokenizer && !options->counts_as_configured))
        return CLI_OK;
    if (options->encoding)
        return cli_usage_error(options, "--tokenizer and --encoding both say how to count; give one of them");
    char *cache = cli_cache_dir(&failed);
    sp_status status = failed ? SP_ERR_NO_MEMORY : open_tokenizer(options, cache, &err);
    free(cache);
    return status == SP_OK ? CLI_OK : cli_fail(options, &err);
}

static bool is_of_model(const char *model, const sp_models *models, const sp_encoding *encoding)
{
    const sp_encoding *own;
    sp_err unknown;
    return sp_encoding_choose((sp_str){ 0 }, view(model), models, &own, &unknown) == SP_OK && own == encoding;
}

cli_exit cli_choose_encoding(const cli_options *options, const sp_models *models, const sp_encoding **ret)
{
    sp_err err;
    if (options->opened) {
        *ret = options->opened;
        return options->model && options->tokenizer && !options->counts_model && !options->via
                   ? cli_note(options, "--tokenizer=%s counts, not the tokenizer of --model=%s", options->tokenizer,
                              options->model)
                   : CLI_OK;
    }
    if (sp_encoding_choose(view(options->encoding), view(options->model), models, ret, &err) != SP_OK)
        return cli_fail(options, &err);
    if (!options->encoding || !options->model || options->via || is_of_model(options->model, models, *ret))
        return CLI_OK;
    return cli_note(options, "--encoding=%s counts, not the tokenizer of --model=%s", options->encoding,
                    options->model);
}

/* As realpath, which asks of each directory on the way whether it is a link. */
static char *real_path(const char *path)
{
    char real[PATH_MAX];
    sp_looked_up file;
    if (!sp_look_up(path, &file))
        return NULL;
    bool is_known = sp_looked_up_path(&file, path, real);
    sp_looked_up_close(&file);
    return is_known ? strdup(real) : realpath(path, NULL); /* it is not known on WebAssembly */
}

const char *cli_home(const cli_options *options, char **to_free)
{
    const char *home = options->home ? options->home : getenv("HOME");
    if (options->home || !options->root || !home)
        return home && *home ? home : NULL;
    char *root = real_path(options->root);
    char *real = real_path(home);
    size_t length = root ? strlen(root) : 0;
    bool is_inside = root && real && strncmp(real, root, length) == 0 &&
                     (real[length] == '/' || real[length] == '\0' || strcmp(root, "/") == 0);
    free(root);
    *to_free = real;
    return is_inside ? real : NULL;
}

/* A request that was recorded, instead of the prompt that is predicted. */
static cli_exit read_capture(const cli_options *options, const sp_request *request, sp_prompt **ret)
{
    const cli_strings files = { { options->capture }, 1 };
    sp_captured *captured = NULL;
    cli_exit code = cli_read_capture(options, request, &files, &captured);
    if (code == CLI_OK)
        *ret = captured->prompt;
    return code;
}

static cli_exit build(const cli_options *options, sp_request *request, sp_prompt **ret)
{
    sp_err err;
    cli_exit read = options->capture ? read_capture(options, request, ret) : CLI_OK;
    if (read != CLI_OK)
        return read;
    if (!options->capture && sp_prompt_build(request, ret, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_print_diagnostics(options, (*ret)->diagnostics, (*ret)->diagnostic_count);
    cli_exit noted = CLI_OK;
    if (code == CLI_OK && (*ret)->message_count == 0) /* with a finding, that is the reason */
        noted = cli_note(
            options, "the prompt is empty%s",
            (*ret)->agent ? "" : ": no instructions or memory load here; name an agent, or a directory with -C");
    if (code != CLI_SYSTEM && noted == CLI_OK)
        return code;
    sp_prompt_free(*ret);
    *ret = NULL;
    return CLI_SYSTEM;
}

static cli_exit build_from_stdin(const cli_options *options, sp_request *request, sp_prompt **ret)
{
    char *bytes;
    size_t len;
    sp_err err;
    if (sp_file_load("-", &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    request->agent = NULL;
    request->agent_text = (sp_str){ bytes, len };
    cli_exit code = build(options, request, ret);
    free(bytes);
    return code;
}

/* Standard input is read once, whoever asks for it. */
static cli_exit check_stdin(const cli_options *options)
{
    int uses = options->operand_count && strcmp(options->operands[0], "-") == 0;
    uses += options->memory && strcmp(options->memory, "-") == 0;
    uses += options->agents && strcmp(options->agents, "-") == 0;
    uses += options->settings && strcmp(options->settings, "-") == 0;
    uses += options->append_file && strcmp(options->append_file, "-") == 0;
    uses += options->append_agent_file && strcmp(options->append_agent_file, "-") == 0;
    for (size_t i = 0; i < options->instructions.count; i++)
        uses += strcmp(options->instructions.items[i], "-") == 0;
    if (uses > 1)
        return cli_usage_error(options, "- stands for standard input, which can be read only once");
    if (uses == 1 && options->screen.input_is_terminal)
        return cli_usage_error(options, "- reads standard input, which is a terminal; pipe a file into it");
    return CLI_OK;
}

static const char *named(const char *path)
{
    return path && strcmp(path, "-") == 0 ? "/dev/stdin" : path;
}

/* Where the templates of clients lie, for --templates=learned. */
static cli_exit find_learned(const cli_options *options, sp_request *request, cli_lenders *lenders)
{
    bool failed;
    if (!options->texts || strncmp(options->texts, "learned", strlen("learned")) != 0)
        return CLI_OK;
    lenders->learned = cli_data_dir("clients", &failed);
    request->learned_dir = lenders->learned;
    request->today = cli_today();
    const sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    return failed ? cli_fail(options, &err) : CLI_OK;
}

static cli_exit fill_request(const cli_options *options, sp_request *request, cli_lenders *lenders)
{
    if (check_stdin(options) != CLI_OK)
        return CLI_USAGE;
    if (find_learned(options, request, lenders) != CLI_OK)
        return CLI_SYSTEM;
    request->launch_dir = options->directory;
    request->home_dir = cli_home(options, &lenders->home);
    request->root_dir = options->root;
    const char *config_dir = options->client_env && !options->home ? getenv("CLAUDE_CONFIG_DIR") : NULL;
    request->config_dir = config_dir && *config_dir ? config_dir : NULL;
    request->agents_json = named(options->agents);
    request->added_dirs = options->added_dirs.items;
    request->added_dir_count = options->added_dirs.count;
    request->plugin_dirs = options->plugin_dirs.items;
    request->plugin_dir_count = options->plugin_dirs.count;
    request->setting_sources = options->setting_sources;
    request->settings_json = named(options->settings);
    request->client_env = options->client_env ? (const char *const *)sp_environment() : NULL;
    request->strict = options->strict;
    request->without = options->without.items;
    request->without_count = options->without.count;
    request->allow_external_links = options->external_links != 0;
    request->bare = options->bare;
    request->as_session = options->as_session != 0;
    if (options->models.is_bare)
        return cli_usage_error(options, "--models alone is for count, which lists them; here it needs =FILE");
    request->model = options->model;
    request->bound = options->estimate < 0 ? SP_BOUND_UPPER : (sp_bound)options->estimate;
    return cli_choose_encoding(options, request->models, &request->encoding);
}

cli_exit cli_fill_request(const cli_options *options, sp_request *request, cli_lenders *lenders)
{
    cli_exit code = cli_open_models(options, &lenders->models);
    request->models = lenders->models;
    if (code == CLI_OK)
        code = fill_request(options, request, lenders);
    if (code == CLI_OK)
        code = cli_open_profile(options, options->profile, &lenders->profile);
    request->profile = lenders->profile;
    request->has_default_profile = !cli_is_given(options, "profile");
    return code;
}

void cli_close_lenders(cli_lenders *lenders)
{
    sp_profile_free(lenders->profile);
    free(lenders->home);
    free(lenders->learned);
    sp_models_free(lenders->models);
    *lenders = (cli_lenders){ .models = NULL };
}

cli_exit cli_open_revision(const cli_options *options, sp_request *request, sp_revision **ret)
{
    sp_err err;
    if (options->rev && sp_revision_open(request, options->rev, ret, &err) != SP_OK)
        return cli_fail(options, &err);
    request->revision = *ret;
    return CLI_OK;
}

cli_exit cli_make_prompt(const cli_options *options, sp_prompt **ret)
{
    sp_profile *profile = NULL;
    cli_exit code = cli_open_profile(options, options->profile, &profile);
    if (code == CLI_OK)
        code = cli_make_prompt_with(options, profile, ret);
    sp_profile_free(profile);
    return code;
}

/* The client takes both pairs of options at once, and each counts for one kind of prompt. */
static cli_exit fill_appended(const cli_options *options, sp_request *request)
{
    bool is_agent = request->agent && !request->as_session;
    request->append_text = is_agent ? options->append_agent : options->append;
    request->append_file = named(is_agent ? options->append_agent_file : options->append_file);
    if (is_agent ? options->append || options->append_file : options->append_agent || options->append_agent_file)
        return cli_note(options, "%s has no effect on %s",
                        is_agent ? "--append-system-prompt" : "--append-subagent-system-prompt",
                        is_agent ? "an agent; there is --append-subagent-system-prompt"
                                 : "a main session; there is --append-system-prompt");
    return CLI_OK;
}

static cli_exit check_agent(const cli_options *options)
{
    if (options->operand_count > 1)
        return cli_usage_error(options, "one agent at a time; \"%s\" is one too many", options->operands[1]);
    if (options->operand_count == 1 && !*options->operands[0])
        return cli_usage_error(options, "the agent is an empty text; give a path, a name, or - for standard input");
    if (options->as_session && !options->operand_count)
        return cli_usage_error(options, "--as=session needs an agent, such as: build reviewer --as=session");
    return CLI_OK;
}

/* What is known without opening anything. Fills in instructions and environment, and borrows from both. */
static sp_request request_of(const cli_options *options, const sp_profile *profile,
                             const char *instructions[CLI_MAX_STRINGS], cli_environment *environment)
{
    for (size_t i = 0; i < options->instructions.count; i++)
        instructions[i] = named(options->instructions.items[i]);
    cli_fill_environment(options, environment);
    return (sp_request){
        .profile = profile,
        .has_default_profile = !cli_is_given(options, "profile"),
        .agent = options->operand_count ? options->operands[0] : NULL,
        .memory_file = named(options->memory),
        .instruction_files = options->instructions.count ? instructions : NULL,
        .instruction_file_count = options->instructions.count,
        .texts_dir = options->texts,
        .touched_files = options->touched.items,
        .touched_file_count = options->touched.count,
        .finds_unread = options->finds_unread,
        .with_whole = options->with_whole,
        .why = options->why,
        .layout = options->layout == SP_LAYOUT_SPLIT ? SP_LAYOUT_SPLIT : SP_LAYOUT_FLAT,
        .allow_external_imports = options->external_imports != 0,
        .is_directory_order = options->order != 0,
        .refuse_invalid_utf8 = options->invalid_utf8 != 0,
        .priority_rules = options->config ? options->config->priority_rules : NULL,
        .priority_rule_count = options->config ? options->config->priority_rule_count : 0,
        .with_environment = options->env || options->env_values.count,
        .environment_values = environment->values,
        .environment_value_count = environment->count,
    };
}

cli_exit cli_make_prompt_with(const cli_options *options, const sp_profile *profile, sp_prompt **ret)
{
    cli_lenders lenders = { .models = NULL };
    sp_revision *revision = NULL;
    const char *instructions[CLI_MAX_STRINGS];
    cli_environment environment = { .count = 0 };
    sp_request request = request_of(options, profile, instructions, &environment);
    cli_exit code = check_agent(options);
    if (code == CLI_OK)
        code = cli_open_models(options, &lenders.models);
    request.models = lenders.models;
    if (code == CLI_OK)
        code = fill_request(options, &request, &lenders);
    if (code == CLI_OK)
        code = fill_appended(options, &request);
    if (code == CLI_OK)
        code = cli_open_revision(options, &request, &revision);
    if (code == CLI_OK) {
        bool from_stdin = request.agent && strcmp(request.agent, "-") == 0;
        code = from_stdin ? build_from_stdin(options, &request, ret) : build(options, &request, ret);
    }
    sp_revision_free(revision);
    cli_close_lenders(&lenders);
    return code;
}

cli_exit cli_choose_budget(const cli_options *options, const sp_prompt *prompt, size_t *ret_tokens)
{
    sp_err err;
    size_t budget = 0;
    size_t reserve = 0;
    if (sp_budget_parse(view(options->budget), prompt->model, prompt->window_tokens, &budget, &err) != SP_OK)
        return cli_fail(options, &err);
    if (options->reserve &&
        sp_budget_parse(view(options->reserve), prompt->model, prompt->window_tokens, &reserve, &err) != SP_OK)
        return cli_fail(options, &err);
    if (reserve > budget)
        return cli_usage_error(options, "--reserve=%s is more than --budget=%s", options->reserve, options->budget);
    *ret_tokens = budget - reserve;
    return note_old_window(options, prompt);
}

cli_exit cli_trim(const cli_options *options, sp_prompt *prompt)
{
    sp_trim_mode mode = !options->trim ? SP_TRIM_PLAN : options->best_effort ? SP_TRIM_SMALLEST : SP_TRIM_APPLY;
    size_t budget = 0;
    sp_err err;
    cli_exit code = cli_choose_budget(options, prompt, &budget);
    if (code == CLI_OK && sp_prompt_trim(prompt, budget, mode, &err) != SP_OK)
        code = cli_fail(options, &err);
    return code;
}
