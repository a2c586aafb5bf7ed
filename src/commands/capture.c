/* capture.c - recorded requests, mapped to the files that they are made of. */
#include "report/capture.h"
#include "base/base.h"
#include "base/cache.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/types.h"
#include "capture/exchange.h"
#include "capture/requests.h"
#include "capture/result.h"
#include "capture/verify.h"
#include "commands/capture_run.h"
#include "commands/commands.h"
#include "model/prompt.h"
#include "workspace/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- what is recorded ------------------------------------------------------------------------------------ */

static cli_exit read_file(const cli_options *options, const char *name, sp_arena *arena, sp_exchanges *ret)
{
    sp_str bytes;
    sp_err err;
    cli_exit refused = cli_refuse_input(options, name);
    if (refused != CLI_OK)
        return refused;
    if (cli_read_named(options, arena, name, &bytes, &err) != SP_OK)
        return cli_fail(options, &err);
    sp_status status = sp_exchanges_read(arena, sp_str_of(name), bytes, ret, &err);
    return status == SP_OK ? CLI_OK : cli_fail(options, &err);
}

cli_exit cli_choose_request(const cli_options *options, size_t *ret)
{
    *ret = 0;
    if (options->request && (!cli_parse_number(options->request, ret) || *ret == 0))
        return cli_usage_error(options, "--request takes the number of a request, from 1 on, not \"%s\"",
                               options->request);
    return CLI_OK;
}

static cli_exit read_files(const cli_options *options, const cli_strings *files, sp_arena *arena, sp_exchanges *ret)
{
    cli_exit code = CLI_OK;
    for (size_t i = 0; i < files->count && code == CLI_OK; i++)
        code = read_file(options, files->items[i], arena, ret);
    return code;
}

/* The requests of files, which are gone then: all lives in the arena. */
static cli_exit decode_files(const cli_options *options, const cli_strings *files, sp_arena *arena, sp_recording *ret)
{
    sp_arena read = { 0 };
    sp_exchanges exchanges = { 0 };
    sp_err err;
    cli_exit code = read_files(options, files, &read, &exchanges);
    if (code == CLI_OK && (sp_requests_decode(arena, sp_str_of(files->items[0]), &exchanges, ret, &err) != SP_OK ||
                           sp_requests_keep(arena, &exchanges, ret, &err) != SP_OK))
        code = cli_fail(options, &err);
    sp_arena_release(&read);
    return code;
}

static cli_exit build(const cli_options *options, const sp_capture_request *wanted, sp_captured **ret)
{
    sp_err err;
    return sp_capture_build(wanted, ret, &err) == SP_OK ? CLI_OK : cli_fail(options, &err);
}

cli_exit cli_read_capture(const cli_options *options, const sp_request *request, const cli_strings *files,
                          sp_captured **ret)
{
    sp_arena arena = { 0 };
    sp_recording recording;
    sp_capture_request wanted = { .request = request,
                                  .path = sp_str_of(files->items[0]),
                                  .recording = &recording,
                                  .needs_agent = true,
                                  .with_client_text = options->client_text };
    cli_exit code = cli_choose_request(options, &wanted.number);
    if (code == CLI_OK)
        code = decode_files(options, files, &arena, &recording);
    if (code == CLI_OK)
        code = build(options, &wanted, ret);
    if (code == CLI_OK)
        sp_captured_keep(*ret, &arena);
    sp_arena_release(&arena);
    return code;
}

/* ---- --save and --full ----------------------------------------------------------------------------------- */

static bool saves(const cli_options *options)
{
    return options->save || options->full;
}

/* All requests of a recording, as lines. */
typedef struct saved {
    sp_buf lines;
    sp_buf full;
} saved;

/* Paths that are not to be shared: of the home directory that the client had and of the user's own, each as it is named
 * and without links. */
typedef struct homes {
    sp_str paths[4];
    size_t count;
    char *real[2];
} homes;

static homes find_homes(const sp_request *request)
{
    const char *const named[] = { request->home_dir, getenv("HOME") };
    homes found = { .count = 0 };
    for (size_t i = 0; i < SP_COUNT_OF(named); i++) {
        if (!named[i])
            continue;
        if (named[i][0] == '/')
            found.paths[found.count++] = sp_str_of(named[i]);
        found.real[i] = realpath(named[i], NULL);
        if (found.real[i])
            found.paths[found.count++] = sp_str_of(found.real[i]);
    }
    return found;
}

static void add_saved(const cli_options *options, const sp_captured *captured, const homes *private, saved *all)
{
    if (options->save)
        sp_captured_save(&all->lines, captured, (sp_str_list){ (sp_str *)private->paths, private->count });
    if (options->full && !captured->recorded->encoding)
        sp_captured_save_full(&all->full, captured);
}

/* chosen: the request that the report is on; the others may be anybody's. */
static cli_exit save_all(const cli_options *options, sp_capture_request wanted, sp_captured *chosen, saved *all)
{
    homes private = find_homes(wanted.request);
    cli_exit code = CLI_OK;
    for (wanted.number = 1; code == CLI_OK && wanted.number <= wanted.recording->count; wanted.number++) {
        sp_captured *captured = NULL;
        chosen->sender.is_chosen = true;
        if (wanted.number == chosen->request_number) {
            add_saved(options, chosen, &private, all);
            continue;
        }
        code = build(options, &wanted, &captured);
        if (code != CLI_OK)
            break;
        captured->sender.is_chosen = false;
        captured->sender.agent = (sp_str){ 0 };
        add_saved(options, captured, &private, all);
        sp_captured_free(captured);
    }
    for (size_t i = 0; i < SP_COUNT_OF(private.real); i++)
        free(private.real[i]);
    return code;
}

/* In the user's data directory, by its content: nobody else may read it. */
static cli_exit keep_full(const cli_options *options, sp_str lines)
{
    char hash[SP_SHA256_HEX];
    char name[32];
    bool failed;
    char *folder = cli_data_dir("captures", &failed);
    sp_err err = { .status = SP_ERR_OUTPUT,
                   .message = "cannot write whole requests to sysprompt's data directory; "
                              "set XDG_DATA_HOME to one that can be written" };
    if (failed)
        err = (sp_err){ .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    sp_sha256_of(lines, hash);
    snprintf(name, sizeof name, "%.12s.jsonl", hash);
    bool is_written = folder && sp_cache_write(folder, name, lines);
    cli_exit code =
        is_written ? cli_note(options, "whole requests are in %s/%s", folder, name) : cli_fail(options, &err);
    free(folder);
    return code;
}

/* What is saved of the client's text is its size, and whether lines end there; nothing else gets to see it. */
static cli_exit save(const cli_options *options, const sp_capture_request *wanted, sp_captured *chosen)
{
    saved all = { .lines = { 0 } };
    sp_err err;
    if (!saves(options))
        return CLI_OK;
    cli_exit code = save_all(options, *wanted, chosen, &all);
    if (code == CLI_OK && (all.lines.failed || all.full.failed)) {
        sp_err_memory(&err);
        code = cli_fail(options, &err);
    }
    if (code == CLI_OK && options->save)
        code = cli_write(options, options->save, all.lines.ptr, all.lines.len);
    if (code == CLI_OK && options->full && all.full.len == 0)
        code = cli_note(options, "%.*s was saved without the client's text; --full keeps nothing of it",
                        (int)wanted->path.len, wanted->path.ptr);
    if (code == CLI_OK && all.full.len > 0)
        code = keep_full(options, sp_buf_str(&all.full));
    sp_buf_release(&all.lines);
    sp_buf_release(&all.full);
    if (code == CLI_OK && !options->client_text && sp_captured_mask(chosen, &err) != SP_OK)
        code = cli_fail(options, &err);
    return code;
}

/* ---- the report ---------------------------------------------------------------------------------------- */

/* For the table of all clients. */
static cli_exit note_share(const cli_options *options, const sp_captured *captured)
{
    cli_shares *shares = options->shares;
    sp_capture_share *share = shares ? SP_LIST_PUSH(shares->arena, &shares->rows) : NULL;
    sp_err err;
    if (!shares)
        return CLI_OK;
    if (share)
        *share = (sp_capture_share){ .client = shares->client };
    return share && sp_captured_share(shares->arena, captured, share) ? CLI_OK
                                                                      : cli_fail(options, (sp_err_memory(&err), &err));
}

static cli_exit print(const cli_options *options, const sp_captured *captured)
{
    char *bytes = NULL;
    size_t len = 0;
    sp_err err;
    sp_style style = cli_style(options, STDOUT_FILENO);
    if (sp_captured_render(captured, options->verify, !options->shares, cli_format(options), &style, &bytes, &len,
                           &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_write(options, options->output, bytes, len);
    free(bytes);
    cli_options as_json;
    return code == CLI_OK && cli_wants_result(options, &as_json) ? print(&as_json, captured) : code;
}

/* Each difference is a message of its own, so that a log of CI has it. */
static cli_exit tell_drift(const cli_options *options, const sp_captured *captured)
{
    sp_arena arena = { 0 };
    sp_diags diags = { .arena = &arena };
    sp_err err;
    cli_exit code = sp_capture_tell_drift(captured, &diags, &err) == SP_OK
                        ? cli_print_diagnostics(options, diags.items, diags.count)
                        : cli_fail(options, &err);
    sp_arena_release(&arena);
    return code;
}

/* Of the texts of the request, one after the other, then its tools. */
static cli_exit write_map(const cli_options *options, const sp_captured *captured)
{
    char *bytes;
    size_t len;
    sp_err err;
    if (sp_prompt_render(captured->prompt, SP_FORMAT_MAP, NULL, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_write(options, options->map, bytes, len);
    free(bytes);
    return code;
}

static cli_exit report(const cli_options *options, const sp_capture_request *wanted, sp_captured *captured)
{
    cli_exit code = cli_refuse_source(options, captured->prompt, options->output);
    if (code == CLI_OK)
        code = cli_refuse_source(options, captured->prompt, options->save);
    if (code == CLI_OK)
        code = cli_refuse_source(options, captured->prompt, options->map);
    if (code == CLI_OK)
        code = save(options, wanted, captured);
    if (code == CLI_OK && options->map)
        code = write_map(options, captured);
    if (code == CLI_OK)
        code = note_share(options, captured);
    if (code == CLI_OK)
        code = print(options, captured);
    return code == CLI_OK && options->verify ? tell_drift(options, captured) : code;
}

cli_exit cli_report_exchanges(const cli_options *options, const sp_capture_request *recorded)
{
    sp_arena arena = { 0 };
    sp_recording recording;
    sp_captured *captured = NULL;
    sp_capture_request wanted = *recorded;
    cli_exit code = cli_choose_request(options, &wanted.number);
    sp_err err;
    wanted.with_client_text |= saves(options);
    if (code == CLI_OK && saves(options) && !wanted.recording) {
        if (sp_requests_decode(&arena, wanted.path, wanted.exchanges, &recording, &err) != SP_OK)
            code = cli_fail(options, &err);
        wanted.recording = &recording; /* for all requests that are saved */
    }
    if (code == CLI_OK)
        code = build(options, &wanted, &captured);
    if (code != CLI_OK) {
        sp_arena_release(&arena);
        return code;
    }
    code = cli_print_diagnostics(options, captured->prompt->diagnostics, captured->prompt->diagnostic_count);
    if (code != CLI_SYSTEM)
        code = report(options, &wanted, captured);
    sp_captured_free(captured);
    sp_arena_release(&arena);
    return code;
}

/* Whole requests take their bodies, too. */
static cli_exit report_files(const cli_options *options, const sp_request *request)
{
    sp_arena arena = { 0 };
    sp_exchanges exchanges = { 0 };
    sp_recording recording;
    cli_exit code = options->full ? read_files(options, &options->from, &arena, &exchanges)
                                  : decode_files(options, &options->from, &arena, &recording);
    const sp_capture_request wanted = { .request = request,
                                        .path = sp_str_of(options->from.items[0]),
                                        .exchanges = &exchanges,
                                        .recording = options->full ? NULL : &recording,
                                        .with_client_text = options->client_text };
    if (code == CLI_OK)
        code = cli_report_exchanges(options, &wanted);
    sp_arena_release(&arena);
    return code;
}

/* Two results must not land in one place; this is said before a client runs. */
static cli_exit check_targets(const cli_options *options)
{
    static const char *const names[] = { "the report", "the map", "the saved requests" };
    static const char *const given[] = { "-o", "--map", "--save" };
    const char *const paths[] = { options->output, options->map, options->save };
    for (size_t i = 0; i < SP_COUNT_OF(paths); i++)
        for (size_t k = i + 1; k < SP_COUNT_OF(paths); k++)
            if ((i == 0 || paths[i]) && paths[k] && cli_is_same_place(paths[i], paths[k]))
                return cli_usage_error(options, "%s and %s would go to the same place; give %s and %s different files",
                                       names[i], names[k], given[i], given[k]);
    return CLI_OK;
}

/* Before a client runs, which takes long. */
static cli_exit check_outputs(const cli_options *options)
{
    const char *const paths[] = { options->output, options->save, options->map };
    cli_exit code = CLI_OK;
    for (size_t i = 0; i < SP_COUNT_OF(paths) && code == CLI_OK; i++)
        code = cli_check_writable(options, paths[i]);
    return code;
}

cli_exit cli_capture(const cli_options *options)
{
    sp_request request = { 0 };
    cli_lenders lenders = { 0 };
    cli_exit code = check_targets(options);
    if (code == CLI_OK)
        code = check_outputs(options);
    if (code != CLI_OK)
        return code;
    if (options->learn)
        return cli_capture_learn(options);
    if (options->from.count == 0)
        return cli_capture_client(options);
    if (options->operand_count > 0)
        return cli_usage_error(options, "\"%s\" is one operand too many; each file of requests needs --from",
                               options->operands[0]);
    request.agent = options->agent;
    request.texts_dir = options->texts;
    request.is_directory_order = options->order != 0;
    request.touched_files = options->touched.items;
    request.touched_file_count = options->touched.count;
    request.allow_external_imports = options->external_imports != 0;
    code = cli_fill_request(options, &request, &lenders);
    if (code == CLI_OK)
        code = report_files(options, &request);
    cli_close_lenders(&lenders);
    return code;
}
