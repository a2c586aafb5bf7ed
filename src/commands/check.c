/* check.c - everything that speaks against what would be loaded, in the forms that people and CI systems read. */
#include "base/diagnostic.h"
#include "base/escape.h"
#include "base/near.h"
#include "base/types.h"
#include "capture/result.h"
#include "check/result.h"
#include "commands/commands.h"
#include "model/request.h"
#include "remote/provider.h"
#include "report/reports.h"
#include "workspace/capture.h"
#include "workspace/products.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- which reports, and where to ------------------------------------------------------------------- */

/* One --format. */
typedef struct wanted_report {
    sp_report report;
    const char *path; /* NULL: standard output, or -o */
} wanted_report;

static const struct {
    const char *name;
    sp_report report;
} report_names[] = {
    { "text", SP_REPORT_TEXT },   { "json", SP_REPORT_JSON },     { "github", SP_REPORT_GITHUB },
    { "sarif", SP_REPORT_SARIF }, { "gitlab", SP_REPORT_GITLAB }, { "junit", SP_REPORT_JUNIT },
};

enum { REPORT_COUNT = sizeof report_names / sizeof report_names[0] };

static cli_exit unknown_report(const cli_options *options, const char *text, size_t len)
{
    sp_str names[REPORT_COUNT];
    for (size_t i = 0; i < REPORT_COUNT; i++)
        names[i] = (sp_str){ report_names[i].name, strlen(report_names[i].name) };
    size_t nearest = sp_nearest_name((sp_str){ text, len }, names, REPORT_COUNT);
    if (nearest != SIZE_MAX)
        return cli_usage_error(options, "there is no format \"%.*s\"; did you mean %s?", (int)len, text,
                               names[nearest].ptr);
    return cli_usage_error(options,
                           "--format takes text, json, github, sarif, gitlab or junit, and may have =FILE behind it, "
                           "not \"%s\"",
                           text);
}

static cli_exit parse_report(const cli_options *options, const char *text, wanted_report *ret)
{
    size_t len = strcspn(text, "=");
    for (size_t i = 0; i < REPORT_COUNT; i++)
        if (strlen(report_names[i].name) == len && memcmp(report_names[i].name, text, len) == 0) {
            ret->report = report_names[i].report;
            ret->path = text[len] ? text + len + 1 : NULL;
            if (text[len] && !text[len + 1])
                return cli_usage_error(options, "--format %s needs a file behind =", text);
            return CLI_OK;
        }
    return unknown_report(options, text, len);
}

/* NULL when each has its own. */
static const char *find_shared_file(const wanted_report *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (wanted[i].path && wanted[k].path && cli_is_same_place(wanted[i].path, wanted[k].path))
                return wanted[i].path;
    return NULL;
}

/* At most one goes to standard output; -o is where that one goes. */
static cli_exit parse_reports(const cli_options *options, wanted_report *ret, size_t *ret_count)
{
    size_t on_stdout = 0;
    *ret_count = options->reports.count;
    for (size_t i = 0; i < options->reports.count; i++) {
        cli_exit code = parse_report(options, options->reports.items[i], &ret[i]);
        if (code != CLI_OK)
            return code;
        on_stdout += !ret[i].path || strcmp(ret[i].path, "-") == 0;
    }
    if (options->json && options->reports.count)
        return cli_usage_error(options, "--json is --format=json; give one of them");
    if (on_stdout > 1)
        return cli_usage_error(options,
                               "one report goes to standard output; give the others a file, as in --format=sarif=FILE");
    if (options->output && options->reports.count && on_stdout == 0)
        return cli_usage_error(options, "-o is for the report on standard output, and each --format here has a file");
    const char *shared = find_shared_file(ret, options->reports.count);
    if (shared)
        return cli_usage_error(options, "two reports would go to %s; give each --format a file of its own", shared);
    for (size_t i = 0; options->capture && i < options->reports.count; i++)
        if (ret[i].path && cli_is_same_place(ret[i].path, options->capture))
            return cli_usage_error(options, "a report would replace %s, which is read; write to another file",
                                   ret[i].path);
    if (options->reports.count == 0) {
        ret[0] = (wanted_report){ options->json ? SP_REPORT_JSON : SP_REPORT_TEXT, NULL };
        *ret_count = 1;
    }
    return CLI_OK;
}

/* ---- writing ------------------------------------------------------------------------------------------ */

static cli_exit render(const cli_options *options, const sp_check *check, sp_report report, char **ret, size_t *ret_len)
{
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    if (sp_check_render(check, report, &style, ret, ret_len, &err) != SP_OK)
        return cli_fail(options, &err);
    return CLI_OK;
}

static cli_exit write_report(const cli_options *options, const sp_check *check, const wanted_report *wanted)
{
    char *bytes = NULL;
    size_t len = 0;
    bool is_silent = options->quiet && wanted->report == SP_REPORT_TEXT && check->finding_count == 0;
    cli_exit code = is_silent ? CLI_OK : render(options, check, wanted->report, &bytes, &len);
    if (code == CLI_OK)
        code = cli_write(options, wanted->path ? wanted->path : options->output, bytes, len);
    free(bytes);
    return code;
}

/* What earlier commands of the step wrote to the job's summary stays, and counts: GitHub takes no more than 1 MiB. */
static cli_exit append_summary(const cli_options *options, const sp_check *check, const char *path)
{
    enum { MAX_BYTES = 1024 * 1024 };
    struct stat info;
    char *bytes = NULL;
    size_t len = 0;
    cli_exit code = render(options, check, SP_REPORT_SUMMARY, &bytes, &len);
    bool is_full = stat(path, &info) == 0 && (size_t)info.st_size + len > MAX_BYTES;
    if (code == CLI_OK && is_full)
        code = cli_note(options, "no summary: %s has %lld bytes, and with this one it would be over 1 MiB", path,
                        (long long)info.st_size);
    else if (code == CLI_OK)
        code = cli_append(options, path, bytes, len);
    free(bytes);
    return code;
}

static cli_exit write_reports(const cli_options *options, const sp_check *check, const wanted_report *wanted,
                              size_t count)
{
    cli_options *as_json = cli_copy_options(options, 1); /* a failed copy leaves standard output empty */
    cli_exit code = as_json ? CLI_OK : CLI_SYSTEM;
    if (code == CLI_OK && options->via && check->measure_count == 0)
        code = cli_note(options, "no budget measures anything here, so the provider was not asked; sysprompt check "
                                 "--init writes budgets");
    for (size_t i = 0; i < count && code == CLI_OK; i++) {
        const char *summary = getenv("GITHUB_STEP_SUMMARY");
        code = write_report(options, check, &wanted[i]);
        if (code == CLI_OK && wanted[i].report == SP_REPORT_GITHUB && summary && *summary)
            code = append_summary(options, check, summary);
    }
    if (code == CLI_OK && cli_wants_result(options, as_json))
        code = write_report(as_json, check, &(wanted_report){ SP_REPORT_JSON, NULL });
    free(as_json);
    return code;
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

static cli_exit judge(const cli_options *options, const sp_check *check)
{
    for (int level = options->fail_on; level <= SP_FINDING; level++)
        if (check->level_counts[level])
            return CLI_FINDING;
    return CLI_OK;
}

/* ---- files that check writes for itself --------------------------------------------------------------- */

static cli_exit write_new_baseline(const cli_options *options, const sp_check *check)
{
    const char *path = options->output ? options->output : check->baseline_path.ptr;
    char *bytes = NULL;
    size_t len = 0, count = 0;
    for (size_t i = 0; i < check->measure_count; i++)
        count += check->measures[i].is_compared;
    if (!check->baseline_path.ptr)
        return cli_usage_error(
            options, "no budget in the configuration has ratchet: or increase:, so there is nothing to compare");
    cli_exit code = render(options, check, SP_REPORT_BASELINE, &bytes, &len);
    if (code == CLI_OK && options->output)
        code = cli_write(options, path, bytes, len);
    else if (code == CLI_OK)
        code = cli_write_place(options, path, &check->baseline_place, bytes, len);
    if (code == CLI_OK && strcmp(path, "-") != 0)
        code = cli_note(options, "wrote the sizes of %zu thing%s to %s", count, count == 1 ? "" : "s", path);
    free(bytes);
    return code;
}

/* CI has nothing outside the repository, so its prompts are smaller than those that the limits come from. */
static cli_exit note_outside(const cli_options *options, const sp_check *check)
{
    enum { NAMED = 3 };
    sp_err err;
    sp_buf names = { 0 };
    sp_buf root = { 0 };
    size_t count = check->outside.count;
    bool is_one = count == 1;
    if (count == 0)
        return CLI_OK;
    for (size_t i = 0; i < count && i < NAMED; i++)
        sp_buf_format(&names, "%s%.*s", i ? ", " : "", SP_STR_ARG(check->outside.items[i]));
    if (count > NAMED)
        sp_buf_format(&names, " and %zu more", count - NAMED);
    sp_text_add_shell_word(&root, check->repository);
    cli_exit code = CLI_OK;
    if ((names.failed || root.failed) && sp_err_memory(&err) != SP_OK)
        code = cli_fail(options, &err);
    else
        code = cli_note(options,
                        "%zu file%s outside the repository %s measured, too, and CI does not have %s: %.*s; with "
                        "--root %.*s, check and check --init leave %s out",
                        count, is_one ? "" : "s", is_one ? "was" : "were", is_one ? "it" : "them",
                        SP_STR_ARG(sp_buf_str(&names)), SP_STR_ARG(sp_buf_str(&root)), is_one ? "it" : "them");
    sp_buf_release(&names);
    sp_buf_release(&root);
    return code;
}

static cli_exit write_new_config(const cli_options *options, const sp_check *check)
{
    char *bytes = NULL;
    size_t len = 0;
    size_t errors = check->level_counts[SP_FINDING];
    cli_exit code = render(options, check, SP_REPORT_CONFIG, &bytes, &len);
    if (code == CLI_OK && !options->output)
        code = cli_write_new_config(options, bytes, len);
    else if (code == CLI_OK)
        code = cli_write(options, options->output, bytes, len);
    if (code == CLI_OK && options->output && strcmp(options->output, "-") != 0)
        code = cli_note(options, "wrote %s", options->output);
    if (code == CLI_OK && check->files.count == 0)
        code = cli_note(options, "the configuration has no budgets: no instructions, agents or memory load here; name "
                                 "another directory with -C");
    if (code == CLI_OK)
        code = note_outside(options, check);
    if (code == CLI_OK && errors)
        code = cli_note(options,
                        "sysprompt check will fail: there %s %zu error%s already; mend %s, or check budgets alone "
                        "with --only=budgets",
                        errors == 1 ? "is" : "are", errors, errors == 1 ? "" : "s", errors == 1 ? "it" : "them");
    free(bytes);
    return code;
}

static cli_exit check_modes(const cli_options *options)
{
    const char *mode = options->init ? "--init" : "--update-baseline";
    if (!options->init && !options->update_baseline)
        return CLI_OK;
    if (options->operand_count)
        return cli_usage_error(options, "%s writes one file for the whole launch directory; leave out \"%s\"", mode,
                               options->operands[0]);
    if (options->init && !options->output && options->config && options->config->path.ptr)
        return cli_usage_error(options, "there is a configuration already, %s; -o FILE writes another",
                               options->config->path.ptr);
    if (options->update_baseline && !(options->config && options->config->path.ptr))
        return cli_usage_error(options, "there is no sysprompt.yaml with budgets; sysprompt check --init writes one");
    return CLI_OK;
}

/* A lock of the configuration is about the working tree. */
static cli_exit note_locks(const cli_options *options, bool with_locks)
{
    if (!with_locks || !options->rev || !options->config || options->config->locks.count == 0)
        return CLI_OK;
    return cli_note(options, "the locks of the configuration are about the working tree; with --rev they are not "
                             "checked");
}

/* A lock brings the options that say how its prompt is built and counted; beside it ours would do nothing. */
static cli_exit refuse_beside_lock(const cli_options *options, const char *name)
{
    return cli_usage_error(options,
                           "--lock builds with the options that the lock records; leave out --%s, or write the "
                           "lock anew with it: sysprompt build --lock",
                           name);
}

/* By where an option keeps its value, as a new name of one has the same place. */
static cli_exit check_lock_options(const cli_options *options)
{
    static const size_t in_lock[] = {
        offsetof(cli_options, encoding), offsetof(cli_options, model),    offsetof(cli_options, pattern),
        offsetof(cli_options, via),      offsetof(cli_options, estimate), offsetof(cli_options, profile),
        offsetof(cli_options, bare),     offsetof(cli_options, strict),   offsetof(cli_options, client_env),
        offsetof(cli_options, rev),
    };
    for (size_t i = 0; cli_only_locks(options) && i < SP_COUNT_OF(in_lock); i++)
        for (size_t k = 0; k < options->given_count; k++)
            if (options->given[k].option->offset == in_lock[i] && options->given[k].option->name)
                return refuse_beside_lock(options, options->given[k].option->name);
    return CLI_OK;
}

/* Options with which the user can allow a lock what it must not name by itself, if they are the same in the lock. */
static bool may_lend(const cli_given *given)
{
    static const char *const names[] = { "models", "tokenizer",        "settings", "add-dir", "plugin-dir",
                                         "agents", "external-imports", "touch",    "texts",   "templates" };
    for (size_t i = 0; given->option->name && i < SP_COUNT_OF(names); i++)
        if (strcmp(given->option->name, names[i]) == 0)
            return true;
    return false;
}

/* A lock whose prompt could not be built may want it. */
static cli_exit check_lent(const cli_options *options, const cli_locks *locks)
{
    if (!cli_only_locks(options))
        return CLI_OK;
    for (size_t i = 0; i < locks->count; i++)
        if (!locks->prompts[i])
            return CLI_OK;
    for (size_t i = 0; i < options->given_count; i++)
        if (may_lend(&options->given[i]) && !locks->lent[i])
            return refuse_beside_lock(options, options->given[i].option->name);
    return CLI_OK;
}

/* Without those: they are for the locks, and a path in them is as the lock has it, seen from where that was built. */
static void take_lent_away(cli_options *own)
{
    own->models = (cli_optional){ .value = NULL };
    own->tokenizer = own->settings = own->agents = own->texts = NULL;
    own->added_dirs.count = own->plugin_dirs.count = own->touched.count = 0;
    own->external_imports = 0;
}

static cli_exit run(const cli_options *options, const sp_request *request, const sp_captured *captured, sp_api *api,
                    const wanted_report *wanted, size_t count)
{
    bool has_config = options->config && options->config->path.ptr; /* with exceptions that end some day */
    sp_check_request asked = {
        .request = request,
        .config = options->config,
        .targets = options->operands,
        .target_count = options->operand_count,
        .today = has_config ? cli_today() : 0,
        .fail_level = (sp_level)options->fail_on,
        .part = (sp_check_part)options->only_part,
        .failures_only = options->quiet,
        .updates_baseline = options->update_baseline,
        .baseline_file = options->output,
        .proposes_budgets = options->init,
        .captured = captured,
        .api = api,
    };
    sp_check *check = NULL;
    sp_err err;
    cli_locks locks = { 0 };
    bool is_whole = options->operand_count == 0 && options->locks.count == 0 && !options->init && !captured;
    bool with_locks = is_whole && !options->update_baseline;
    cli_exit code = note_locks(options, with_locks);
    if (code == CLI_OK)
        code = cli_locks_open(options, with_locks && !options->rev, &locks);
    asked.locks = locks.items;
    asked.lock_count = locks.count;
    asked.only_locks = cli_only_locks(options);
    if (code == CLI_OK)
        code = check_lent(options, &locks);
    if (code == CLI_OK && sp_check_run(&asked, &check, &err) != SP_OK)
        code = cli_fail(options, &err);
    cli_locks_release(&locks);
    if (code != CLI_OK)
        return code;
    if (options->init)
        code = write_new_config(options, check);
    else if (options->update_baseline)
        code = write_new_baseline(options, check);
    else
        code = write_reports(options, check, wanted, count);
    if (code == CLI_OK && !options->init && !options->update_baseline)
        code = judge(options, check);
    sp_check_free(check);
    return code;
}

static cli_exit check_operands(const cli_options *options)
{
    if (options->capture && options->operand_count > 1)
        return cli_usage_error(options, "a recorded request is that of one agent; leave out \"%s\"",
                               options->operands[1]);
    for (size_t i = 0; i < options->operand_count; i++) {
        if (!*options->operands[i])
            return cli_usage_error(options, "an operand is an empty text; give an agent, a file or a directory");
        if (strcmp(options->operands[i], "-") == 0)
            return cli_usage_error(options, "check reads files by their names; - has none");
    }
    return CLI_OK;
}

/* With --capture the request in it, else nothing. */
static cli_exit read_capture(const cli_options *options, const sp_request *request, sp_captured **ret)
{
    const cli_strings files = { { options->capture }, 1 };
    sp_request of_capture = *request;
    of_capture.agent = options->operand_count ? options->operands[0] : NULL;
    return options->capture ? cli_read_capture(options, &of_capture, &files, ret) : CLI_OK;
}

static cli_exit check_with(const cli_options *options, const cli_options *own, wanted_report *wanted)
{
    size_t count = 0;
    cli_lenders lenders = { .models = NULL };
    sp_request request = {
        .allow_external_imports = own->external_imports != 0,
        .texts_dir = own->texts,
        .touched_files = own->touched.items,
        .touched_file_count = own->touched.count,
    };
    sp_revision *revision = NULL;
    sp_captured *captured = NULL;
    cli_api api = { 0 };
    cli_exit code = check_operands(options);
    if (code == CLI_OK)
        code = check_modes(options);
    if (code == CLI_OK)
        code = check_lock_options(options);
    if (code == CLI_OK)
        code = cli_check_via(options);
    if (code == CLI_OK)
        code = parse_reports(options, wanted, &count);
    if (code == CLI_OK)
        code = cli_fill_request(own, &request, &lenders);
    if (code == CLI_OK)
        code = cli_open_revision(options, &request, &revision);
    if (code == CLI_OK)
        code = cli_api_open(options, &api);
    if (code == CLI_OK)
        code = read_capture(options, &request, &captured);
    if (code == CLI_OK)
        code = run(options, &request, captured, api.api, wanted, count);
    sp_captured_free(captured);
    cli_api_close(&api);
    sp_revision_free(revision);
    cli_close_lenders(&lenders);
    return code;
}

cli_exit cli_check(const cli_options *options)
{
    cli_options *own = cli_copy_options(options, 1);
    wanted_report *wanted = own ? calloc(CLI_MAX_STRINGS, sizeof *wanted) : NULL;
    const sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    if (own && cli_only_locks(options))
        take_lent_away(own);
    cli_exit code = wanted ? check_with(options, own, wanted) : own ? cli_fail(options, &err) : CLI_SYSTEM;
    free(wanted);
    free(own);
    return code;
}
