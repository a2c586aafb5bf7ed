/*
 * capture_learn.c - capture --learn: runs a client in marked projects of ours and keeps its wording around their files.
 *
 * Each run has a project and a home of its own in a scratch directory. What is kept is the client's text: it goes to
 * the user's data directory and nowhere else.
 */
#include "base/base.h"
#include "base/cache.h"
#include "base/file.h"
#include "base/sandbox.h"
#include "base/types.h"
#include "capture/drivers.h"
#include "capture/launch.h"
#include "capture/learn.h"
#include "capture/marked.h"
#include "clients/profiles.h"
#include "commands/capture_run.h"
#include "commands/commands.h"
#include "rules/wording.h"
#include "workspace/capture.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct learning {
    const cli_options *options;
    sp_arena *arena;
    sp_launch launch;
    const sp_marked *marked;
    char scratch[PATH_MAX]; /* "": not made */
    sp_str cache;
    sp_str above;   /* the directory of all clients' templates */
    sp_str version; /* as the client told it; ptr NULL: it did not */
    sp_learner learner;
    bool omits_etc; /* files of the machine could not be shown to the client */
    sp_err err;
} learning;

/* ---- one run --------------------------------------------------------------------------------------------------- */

typedef struct run_places {
    sp_marked_places of; /* root is a directory of the run's own, which holds the others */
    sp_str launch;
    sp_str etc; /* ptr NULL: the machine's */
} run_places;

/* A directory below the scratch one, by its real path, as clients name it. */
static sp_status make_directory(learning *l, sp_str above, const char *name, sp_str *ret)
{
    char real[PATH_MAX];
    sp_str path = sp_path_append(l->arena, above, sp_str_of(name));
    if (!path.ptr)
        return sp_err_memory(&l->err);
    if (!sp_cache_make(path.ptr) || !realpath(path.ptr, real))
        return sp_err_set(&l->err, SP_ERR_OUTPUT, "cannot make the directory %s: %s", path.ptr, strerror(errno));
    *ret = sp_str_dup(l->arena, sp_str_of(real));
    return ret->ptr ? SP_OK : sp_err_memory(&l->err);
}

static sp_status make_places(learning *l, size_t number, run_places *ret)
{
    const sp_marked_run *run = &l->marked->runs[number];
    sp_marked_places *of = &ret->of;
    sp_str name = sp_str_format(l->arena, "learn-%zu", number);
    if (!name.ptr)
        return sp_err_memory(&l->err);
    SP_TRY(make_directory(l, sp_str_of(l->scratch), name.ptr, &of->root));
    SP_TRY(make_directory(l, of->root, number % 2 ? "sysprompt-learn" : "sysprompt-marked", &of->project));
    SP_TRY(make_directory(l, of->root, "home", &of->home));
    if (run->etc_name)
        SP_TRY(make_directory(l, of->root, "etc", &ret->etc));
    SP_TRY(sp_marked_write(l->arena, l->marked, run, of, (unsigned)number, &l->err));
    ret->launch = of->project;
    return run->launch ? make_directory(l, of->project, run->launch, &ret->launch) : SP_OK;
}

static sp_status take_version(learning *l, const sp_launched *launched)
{
    if (l->version.ptr || !launched->version.ptr)
        return SP_OK;
    if (!sp_wording_is_version(launched->version))
        return sp_err_set(&l->err, SP_ERR_INPUT,
                          "%s calls its version \"%.*s\", under which no templates are kept; expected a digit, then "
                          "digits, letters, hyphens and single dots",
                          l->launch.driver->title, SP_STR_ARG(launched->version));
    l->version = sp_str_dup(l->arena, launched->version);
    return l->version.ptr ? SP_OK : sp_err_memory(&l->err);
}

/* What the request shows, as it lies beside the files. */
static sp_status look(learning *l, const sp_marked_run *run, const run_places *places, const sp_launched *launched)
{
    sp_captured *captured = NULL;
    sp_profile *profile = NULL;
    const char *touched[] = { run->touch ? sp_path_append(l->arena, places->of.project, sp_str_of(run->touch)).ptr
                                         : "" };
    sp_request request = { .agent = run->agent,
                           .launch_dir = places->launch.ptr,
                           .home_dir = places->of.home.ptr,
                           .root_dir = run->etc_name ? places->of.root.ptr : NULL,
                           .touched_files = touched,
                           .touched_file_count = run->touch ? 1 : 0 };
    sp_capture_request wanted = { .request = &request,
                                  .path = sp_str_of(l->marked->client),
                                  .exchanges = &launched->record.exchanges,
                                  .exchange = launched->record.wanted + 1,
                                  .with_client_text = true };
    if (!touched[0])
        return sp_err_memory(&l->err);
    SP_TRY(cli_open_launched(l->arena, &l->launch, launched, &profile, &l->err));
    request.profile = profile;
    sp_status status = sp_capture_build(&wanted, &captured, &l->err);
    sp_profile_free(profile);
    if (status != SP_OK)
        return status;
    const sp_learn_run shown = { .captured = captured,
                                 .place = { .launch = places->launch,
                                            .repository = places->of.project,
                                            .home = places->of.home,
                                            .agent = sp_str_of(run->agent ? run->agent : ""),
                                            .memory = captured->predicted_memory,
                                            .today = cli_today() },
                                 .ending = run->ending ? sp_str_of(run->ending) : (sp_str){ 0 },
                                 .etc = places->etc,
                                 .is_chain_last = run->is_chain_last };
    status = sp_learn_add(&l->learner, &shown, &l->err);
    sp_captured_free(captured);
    return status;
}

static sp_status run_one(learning *l, size_t number)
{
    const sp_marked_run *run = &l->marked->runs[number];
    run_places places = { 0 };
    sp_launched launched = { 0 };
    SP_TRY(make_places(l, number, &places));
    l->launch.directory = places.launch;
    l->launch.home = places.of.home;
    l->launch.agent = run->agent;
    l->launch.etc = places.etc.ptr;
    l->launch.etc_name = run->etc_name;
    l->launch.files[0] = run->touch ? sp_path_append(l->arena, places.of.project, sp_str_of(run->touch)).ptr : NULL;
    sp_status status = sp_launch_run(l->arena, &l->launch, &launched, &l->err);
    if (number == 0 && cli_note_network(l->options, &launched) != CLI_OK)
        return SP_ERR_OUTPUT;
    if (status == SP_OK && run->etc_name && launched.exec_error == EPERM) {
        l->omits_etc = true;
        return SP_OK;
    }
    if (status == SP_OK && launched.record.wanted == SIZE_MAX) {
        cli_explain_launch(&l->launch, &launched, l->arena, &l->err);
        status = SP_ERR_INPUT;
    }
    if (status == SP_OK)
        status = take_version(l, &launched);
    return status == SP_OK ? look(l, run, &places, &launched) : status;
}

/* ---- what is kept ------------------------------------------------------------------------------------------------ */

static sp_status refuse_directory(learning *l, sp_str directory)
{
    return sp_err_set(&l->err, SP_ERR_OUTPUT,
                      "cannot write templates to %.*s; set XDG_DATA_HOME to a directory that can be written",
                      SP_STR_ARG(directory));
}

static sp_status name_files(learning *l, const sp_wording *wording, sp_str *ret)
{
    for (size_t i = 0; i < wording->count; i++) {
        char hash[SP_SHA256_HEX];
        sp_sha256_of(wording->texts[i].text, hash);
        ret[i] = sp_wording_file(l->arena, wording->texts[i].name, hash);
        if (!ret[i].ptr)
            return sp_err_memory(&l->err);
    }
    ret[wording->count] = SP_STR("manifest.json");
    return SP_OK;
}

/* What an earlier learning left there. */
static void remove_others(learning *l, sp_str folder, const sp_str *names, size_t count)
{
    sp_listing listing;
    sp_err unsaid;
    if (sp_reader_list(&sp_reader_disk, l->arena, folder, (sp_read_limits){ .origin = SP_ORIGIN_TRUSTED }, &listing,
                       &unsaid) != SP_OK)
        return;
    for (size_t i = 0; listing.state == SP_FILE_FOLDER && i < listing.count; i++) {
        size_t kept = 0;
        while (kept < count && !sp_str_eq(names[kept], listing.entries[i].name))
            kept++;
        sp_str path = kept == count ? sp_path_append(l->arena, folder, listing.entries[i].name) : (sp_str){ 0 };
        if (path.ptr)
            unlink(path.ptr);
    }
}

/* The manifest is what makes texts templates: until it is renamed, those that were learned before are used. */
static sp_status keep(learning *l, sp_wording *wording)
{
    bool is_written = true;
    sp_str manifest = sp_learn_manifest(l->arena, wording);
    sp_str *names = SP_ARENA_ARRAY(l->arena, sp_str, wording->count + 1);
    if (!manifest.ptr || !names)
        return sp_err_memory(&l->err);
    SP_TRY(name_files(l, wording, names));
    for (size_t i = 0; i < wording->count && is_written; i++)
        is_written = sp_cache_write(wording->folder.ptr, names[i].ptr, wording->texts[i].text);
    if (!is_written || !sp_cache_write(wording->folder.ptr, "manifest.json", manifest))
        return refuse_directory(l, wording->folder);
    remove_others(l, wording->folder, names, wording->count + 1);
    return SP_OK;
}

/* Before the client runs, which takes long. */
static sp_status find_above(learning *l)
{
    bool failed;
    char *above = cli_data_dir("clients", &failed);
    if (above)
        l->above = sp_str_dup(l->arena, sp_str_of(above));
    free(above);
    if (failed || (above && !l->above.ptr))
        return sp_err_memory(&l->err);
    if (!l->above.ptr)
        return sp_err_set(&l->err, SP_ERR_USAGE, "--learn needs a data directory; set HOME or XDG_DATA_HOME");
    bool is_fine = sp_cache_make(l->above.ptr) && access(l->above.ptr, W_OK) == 0;
    return is_fine ? SP_OK : refuse_directory(l, l->above);
}

static sp_status finish(learning *l, sp_wording *wording)
{
    wording->client = sp_str_of(l->marked->client);
    wording->version = l->version.ptr ? l->version : SP_STR("unknown");
    wording->folder = sp_str_format(l->arena, "%.*s/%.*s@%.*s", SP_STR_ARG(l->above), SP_STR_ARG(wording->client),
                                    SP_STR_ARG(wording->version));
    if (!wording->folder.ptr)
        return sp_err_memory(&l->err);
    SP_TRY(sp_learn_finish(&l->learner, wording, &l->err));
    if (wording->count == 0)
        return sp_err_set(&l->err, SP_ERR_INPUT, "%s sent no file of the marked projects: nothing is learned",
                          l->launch.driver->title);
    return keep(l, wording);
}

static cli_exit report(learning *l, const sp_wording *wording)
{
    sp_buf out = { 0 };
    size_t bytes = 0;
    for (size_t i = 0; i < wording->count; i++)
        bytes += wording->texts[i].text.len;
    sp_buf_format(&out, "%s %.*s: %zu templates (%zu bytes) from %zu texts of %zu runs\n", l->launch.driver->title,
                  SP_STR_ARG(wording->version), wording->count, bytes, l->learner.texts, l->marked->run_count);
    if (l->learner.differing > 0)
        sp_buf_format(&out,
                      "%zu texts differ between runs: only the wording that they share next to the files was kept, and "
                      "--templates=learned builds no more of them\n",
                      l->learner.differing);
    if (l->omits_etc)
        sp_buf_format(&out,
                      "The wording around managed files is not among them: this system permits no mount over /etc\n");
    sp_buf_format(&out, "They are in %.*s; --templates=learned builds with them.\n", SP_STR_ARG(wording->folder));
    cli_exit code = out.failed ? cli_fail(l->options, (sp_err_memory(&l->err), &l->err))
                               : cli_write(l->options, l->options->output, out.ptr, out.len);
    sp_buf_release(&out);
    return code;
}

/* ---- all runs ------------------------------------------------------------------------------------------------------
 */

static sp_status make_scratch(learning *l)
{
    const char *above = l->cache.ptr && sp_cache_make(l->cache.ptr) ? l->cache.ptr : "/tmp";
    char path[sizeof l->scratch];
    int len = snprintf(path, sizeof path, "%s/learn-XXXXXX", above);
    if (len < 0 || (size_t)len >= sizeof path || !mkdtemp(path))
        return sp_err_set(&l->err, SP_ERR_OUTPUT, "cannot make a directory in %s: %s", above, strerror(errno));
    memcpy(l->scratch, path, sizeof path);
    l->launch.also_remove = sp_str_of(l->scratch);
    return SP_OK;
}

/* One line, which the next one replaces: all runs take a minute and more. With the count as number it is erased. */
static sp_status show_progress(learning *l, size_t number)
{
    char line[128];
    size_t count = l->marked->run_count;
    if (!l->options->screen.error_is_terminal || l->options->quiet)
        return SP_OK;
    int len = snprintf(line, sizeof line, "\rlearning from %s: run %zu of %zu", l->launch.driver->title,
                       number < count ? number + 1 : count, count);
    if (number == count) {
        memset(line + 1, ' ', (size_t)len - 1);
        line[len++] = '\r';
    }
    return cli_write_stderr(l->options, line, (size_t)len) == CLI_OK
               ? SP_OK
               : sp_err_set(&l->err, SP_ERR_OUTPUT, "cannot write to standard error");
}

static cli_exit learn(learning *l)
{
    sp_wording wording = { 0 };
    sp_status status = make_scratch(l);
    for (size_t i = 0; i < l->marked->run_count && status == SP_OK; i++) {
        status = show_progress(l, i);
        if (status == SP_OK)
            status = run_one(l, i);
    }
    if (show_progress(l, l->marked->run_count) != SP_OK)
        status = SP_ERR_OUTPUT;
    if (l->scratch[0])
        sp_remove_tree(l->scratch);
    if (status == SP_OK)
        status = finish(l, &wording);
    return status == SP_OK ? report(l, &wording) : cli_fail(l->options, &l->err);
}

static cli_exit check(learning *l)
{
    sp_str program;
    if (!l->launch.driver)
        return cli_usage_error(l->options, "--learn needs one client: sysprompt capture CLIENT --learn");
    if (l->options->directory)
        return cli_usage_error(l->options, "--learn runs the client in projects of its own; leave out -C");
    l->marked = sp_marked_find(sp_str_of(l->launch.driver->client));
    if (!l->marked)
        return cli_usage_error(l->options, "there is no marked project for %s yet", l->launch.driver->title);
    if (sp_launch_find(l->arena, &l->launch, &program, &l->err) != SP_OK || find_above(l) != SP_OK)
        return cli_fail(l->options, &l->err);
    return CLI_OK;
}

cli_exit cli_capture_learn(const cli_options *options)
{
    sp_arena arena = { 0 };
    learning l = { .options = options, .arena = &arena, .learner = { .arena = &arena } };
    bool has_failed = false;
    cli_exit code = cli_read_launch(options, &l.launch);
    if (code == CLI_OK)
        code = check(&l);
    char *cache = cli_cache_dir(&has_failed);
    l.cache = sp_str_of(cache);
    l.launch.cache = cache;
    if (code == CLI_OK)
        code = has_failed ? cli_fail(options, (sp_err_memory(&l.err), &l.err)) : learn(&l);
    free(cache);
    sp_arena_release(&arena);
    return code;
}
