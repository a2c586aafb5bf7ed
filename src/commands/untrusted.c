/*
 * untrusted.c - a command on a repository that nobody has to trust.
 *
 * The command runs in a thread of its own, which gives up all but reading the repository, the files that clients have
 * at home, and what the command line names (base/confine.h). It cannot write: the thread that started it writes its
 * output, and that only to standard output and to files that the command line names. So neither a slip in our own
 * checks nor a new feature can read a key, or put a file somewhere.
 *
 * A program of the user's that capture runs cannot live with that; it has a sandbox of its own (base/sandbox.h).
 */
#include "base/confine.h"
#include "base/file.h"
#include "base/parse_json.h"
#include "base/system.h"
#include "clients/clients.h"
#include "commands/commands.h"
#include "git/git_setup.h"
#include "rules/profile.h"
#include "sources/bounds.h"
#include "sources/client.h"
#include "sources/place.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* ---- whether that is asked for -------------------------------------------------------------------------------- */

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

static const sp_json_node *member(const sp_json_node *node, const char *name)
{
    return node ? sp_json_member(node, name) : NULL;
}

/* Where a change comes from, as CI tells. */
typedef enum side {
    SIDE_OWN,
    SIDE_OUTSIDE,
    SIDE_UNKNOWN, /* the event cannot be read, or names no repository */
} side;

static side compare(const sp_json_node *theirs, const sp_json_node *ours)
{
    const sp_json_node *a = member(theirs, "full_name"), *b = member(ours, "full_name");
    if (!a || !b || a->kind != SP_JSON_TEXT || b->kind != SP_JSON_TEXT)
        return SIDE_UNKNOWN;
    return sp_str_eq(a->text, b->text) ? SIDE_OWN : SIDE_OUTSIDE;
}

/* Of a pull request the repository of its branch, of a workflow_run that of the run before it. */
static side side_of_event(sp_str event)
{
    sp_arena arena = { 0 };
    sp_json_node *root = NULL;
    sp_json_problem problem;
    sp_err err;
    side found = SIDE_UNKNOWN;
    if (sp_json_parse(&arena, event, 64, &root, &problem, &err) == SP_OK && root) {
        const sp_json_node *request = member(root, "pull_request"), *run = member(root, "workflow_run");
        found = run ? compare(member(run, "head_repository"), member(root, "repository"))
                    : compare(member(member(request, "head"), "repo"), member(member(request, "base"), "repo"));
    }
    sp_arena_release(&arena);
    return found;
}

static side github_side(void)
{
    char *event;
    size_t len;
    sp_err err;
    const char *name = variable("GITHUB_EVENT_NAME");
    if (strncmp(name, "pull_request", strlen("pull_request")) != 0 && strcmp(name, "workflow_run") != 0)
        return SIDE_OWN;
    if (sp_file_load(variable("GITHUB_EVENT_PATH"), &event, &len, &err) != SP_OK)
        return SIDE_UNKNOWN;
    side found = side_of_event((sp_str){ event, len });
    free(event);
    return found;
}

static bool is_gitlab_from_outside(void)
{
    const char *source = variable("CI_MERGE_REQUEST_SOURCE_PROJECT_ID"), *here = variable("CI_PROJECT_ID");
    return *source && strcmp(source, here) != 0;
}

/* The sentence that CI gives a reason for, NULL for none. What cannot be read may come from anywhere. */
static const char *reason_of_ci(void)
{
    switch (github_side()) {
    case SIDE_OUTSIDE:
        return "GitHub says that this change comes from outside";
    case SIDE_UNKNOWN:
        return "the file in GITHUB_EVENT_PATH does not say where this change comes from";
    case SIDE_OWN:
        break;
    }
    return is_gitlab_from_outside() ? "GitLab says that this change comes from outside" : NULL;
}

/* ---- what does not go together with it ------------------------------------------------------------------------- */

static cli_exit refuse(const cli_options *options, const char *what, const char *reason)
{
    if (reason)
        return cli_usage_error(options,
                               "%s, so the run is --untrusted, and %s; leave that out, or give --untrusted=no if you "
                               "trust the change",
                               reason, what);
    return cli_usage_error(options, "--untrusted: %s; leave that out", what);
}

static cli_exit check_options(const cli_options *options, const char *reason)
{
    const struct {
        bool is_given;
        const char *what;
    } rows[] = {
        { options->via != CLI_VIA_NONE, "--via uses the network" },
        { options->own_config, "--own-config lets the client use your home directory" },
        { options->project_hooks, "--project-hooks runs programs of the repository" },
        { options->external_imports != 0, "--external-imports=allow reads files outside the repository" },
        { options->external_links != 0, "--external-links=allow reads files outside the repository" },
        { options->update_baseline && !options->output,
          "--update-baseline without -o writes where the repository says" },
        { options->init && !options->output, "--init without -o writes into the repository" },
    };
    for (size_t i = 0; i < SP_COUNT_OF(rows); i++)
        if (rows[i].is_given)
            return refuse(options, rows[i].what, reason);
    return CLI_OK;
}

static bool is_required(const cli_options *options)
{
    return options->untrusted.value && strcmp(options->untrusted.value, "required") == 0;
}

cli_exit cli_check_untrusted(const cli_options *options, bool *ret)
{
    const cli_optional *given = &options->untrusted;
    const char *reason = NULL;
    *ret = given->is_bare || is_required(options);
    if (given->value && strcmp(given->value, "no") != 0 && !is_required(options))
        return cli_usage_error(options, "--untrusted takes no, required, or no value, not \"%s\"", given->value);
    if (given->is_bare && given->value)
        return cli_usage_error(options, "--untrusted and --untrusted=%s cannot be combined; give one of them",
                               given->value);
    if (!*ret && !given->value)
        reason = reason_of_ci();
    *ret = *ret || reason;
    if (reason && cli_note(options, "%s, so the run is --untrusted", reason) != CLI_OK)
        return CLI_SYSTEM;
    return *ret ? check_options(options, reason) : CLI_OK;
}

/* ---- what may be read ------------------------------------------------------------------------------------------- */

typedef struct reach {
    sp_arena arena;
    sp_place here;
    sp_request request;
    sp_paths trees; /* that the launch directory belongs to */
    sp_list(const char *) readable;
    sp_str program;
    sp_err *err;
} reach;

/* ptr NULL is memory that was short. */
static sp_status add(reach *r, sp_str path)
{
    const char **slot = path.ptr ? SP_LIST_PUSH(&r->arena, &r->readable) : NULL;
    sp_str copy = slot ? sp_str_dup(&r->arena, path) : (sp_str){ NULL, 0 };
    if (!copy.ptr)
        return sp_err_memory(r->err);
    *slot = copy.ptr;
    return SP_OK;
}

static sp_status add_below(reach *r, sp_str folder, sp_str name)
{
    return folder.ptr ? add(r, sp_path_join(&r->arena, folder, name)) : SP_OK;
}

/* A file that lies right at home alone, else its directory with all that is in it. */
static sp_status add_home(reach *r, const char *path)
{
    sp_str name = sp_str_of(path), folder = sp_path_folder(name);
    return add_below(r, r->here.home, sp_str_eq(folder, SP_STR(".")) ? name : folder);
}

/* The same for a client, whose variables may name other directories. */
static sp_status add_client_home(reach *r, const sp_place *here, const char *path)
{
    sp_str place = here->home.ptr ? sp_place_path(&r->arena, here, SP_ANCHOR_HOME, here->home, path) : here->home;
    if (!here->home.ptr)
        return SP_OK;
    if (!place.ptr)
        return sp_err_memory(r->err);
    return add(r, strchr(path, '/') ? sp_path_folder(place) : place);
}

/* Clients look in the directories above, too, for files of the same names. */
static sp_status add_above(reach *r, const char *path)
{
    sp_str folder = r->trees.items[0];
    while (!sp_str_eq(folder, SP_STR("/")) && !sp_str_eq(folder, r->here.root)) {
        folder = sp_path_folder(folder);
        SP_TRY(add_below(r, folder, sp_str_of(path)));
    }
    return SP_OK;
}

static sp_status add_anchored(reach *r, const sp_place *here, sp_anchor anchor, const char *path)
{
    switch (anchor) {
    case SP_ANCHOR_ROOT:
        return add_below(r, r->here.root, sp_path_folder(sp_str_of(path)));
    case SP_ANCHOR_HOME:
        return add_client_home(r, here, path);
    case SP_ANCHOR_FROM_ROOT:
    case SP_ANCHOR_FROM_HOME:
        return add_above(r, path);
    default:
        return SP_OK;
    }
}

/* Its places, and those in the directories that its variables name. */
static sp_status add_client(reach *r, const sp_client *client)
{
    const sp_profile profile = { .client = client };
    sp_place here = r->here;
    here.profile = &profile;
    SP_TRY(sp_place_find_named(&r->arena, &here, r->err));
    if (client->needs_moved && here.moved.ptr)
        SP_TRY(add(r, here.moved));
    for (size_t i = 0; i < here.added.count; i++)
        SP_TRY(add(r, here.added.items[i]));
    for (size_t i = 0; i < client->place_count; i++)
        SP_TRY(add_anchored(r, &here, client->places[i].anchor, client->places[i].path));
    for (size_t i = 0; i < client->config_count; i++)
        SP_TRY(add_anchored(r, &here, client->configs[i].anchor, client->configs[i].path));
    for (size_t i = 0; i < client->agent_place_count; i++)
        SP_TRY(add_anchored(r, &here, client->agent_places[i].anchor, client->agent_places[i].path));
    for (size_t i = 0; client->described_agents && i < client->described_agents->place_count; i++)
        SP_TRY(add_anchored(r, &here, client->described_agents->places[i].anchor,
                            client->described_agents->places[i].path));
    for (size_t i = 0; i < client->skill_place_count; i++)
        SP_TRY(add_anchored(r, &here, client->skill_places[i].anchor, client->skill_places[i].path));
    return SP_OK;
}

/* The client's, git's and our own. */
static sp_status add_homes(reach *r)
{
    static const char *const others[] = { ".claude/x", ".gitconfig", ".config/git/x", ".cache/sysprompt/x",
                                          ".local/share/sysprompt/x" };
    for (size_t i = 0; i < sp_client_count; i++)
        SP_TRY(add_client(r, sp_clients[i]));
    for (size_t i = 0; i < SP_COUNT_OF(others); i++)
        SP_TRY(add_home(r, others[i]));
    SP_TRY(add_below(r, sp_str_of(variable("XDG_DATA_HOME")), SP_STR("sysprompt")));
    SP_TRY(add_below(r, sp_str_of(variable("XDG_CACHE_HOME")), SP_STR("sysprompt")));
    return r->request.config_dir ? add(r, sp_str_of(r->request.config_dir)) : SP_OK;
}

/* A tokenizer that is named lies among the user's Python packages. */
static sp_status add_packages(reach *r)
{
    static const char *const sites[] = { ".local/lib/x", ".local/pipx/venvs/ctok/x", ".local/share/pipx/venvs/ctok/x",
                                         ".local/share/uv/tools/ctok/x", ".pyenv/versions/x" };
    for (size_t i = 0; i < SP_COUNT_OF(sites); i++)
        SP_TRY(add_home(r, sites[i]));
    return SP_OK;
}

/* Of home and root alone the above is read. */
static bool is_whole(const cli_option *option)
{
    return option->name && (strcmp(option->name, "home") == 0 || strcmp(option->name, "root") == 0);
}

/* A path that the command line names. */
typedef struct named_path {
    reach *reach;
    sp_str path;
} named_path;

/* A link that the path goes through: one of a repository must not lead out of that. */
static sp_status judge_link(void *context, sp_str link, sp_err *err)
{
    const named_path *named = context;
    reach *r = named->reach;
    sp_file file;
    sp_link_trees in = { .is_repository = false };
    sp_paths trees = { 0 };
    SP_TRY(sp_link_trees_find(&r->arena, &r->here, sp_path_folder(link), &in, err));
    if (!in.top.ptr)
        return SP_OK;
    SP_TRY(sp_link_trees_list(&r->arena, &r->here, &in, &trees, err));
    SP_TRY(sp_reader_read(&sp_reader_disk, &r->arena, link, (sp_read_limits){ 0 }, &file, err));
    if (!file.real_path.ptr || sp_places_hold((sp_places){ trees.items, trees.count }, file.real_path))
        return SP_OK;
    return sp_err_at(err, SP_ERR_INPUT, named->path, (sp_str){ 0 }, 0, NULL,
                     "leads out of %s by its symbolic link %.*s, to %.*s; with --untrusted, name that "
                     "place itself if you mean it",
                     in.what, SP_STR_ARG(sp_path_below(link, in.top)), SP_STR_ARG(file.real_path));
}

/* What the command line names is the user's choice, and a link of the repository is not. */
static sp_status check_named(reach *r, sp_str path)
{
    named_path named = { r, path };
    sp_str real, absolute = sp_path_append(&r->arena, r->here.current, path);
    if (!absolute.ptr)
        return sp_err_memory(r->err);
    return sp_file_follow(&r->arena, absolute, judge_link, &named, &real, r->err);
}

/* These have rules of their own: check_place. */
static bool is_output(const cli_option *option)
{
    static const char *const others[] = { "html", "save" };
    bool is = option->group == CLI_GROUP_OUTPUT;
    for (size_t i = 0; option->name && i < SP_COUNT_OF(others); i++)
        is = is || strcmp(option->name, others[i]) == 0;
    return is;
}

static sp_status add_option(reach *r, const cli_given *given)
{
    const char *path = cli_given_path(given);
    if (!path)
        return SP_OK;
    if (!is_output(given->option))
        SP_TRY(check_named(r, sp_str_of(path)));
    return is_whole(given->option) ? SP_OK : add(r, sp_str_of(path));
}

static sp_status add_named(reach *r, const cli_options *options)
{
    for (size_t i = 0; i < options->given_count; i++)
        SP_TRY(add_option(r, &options->given[i]));
    for (size_t i = 0; i < options->operand_count; i++) {
        SP_TRY(check_named(r, sp_str_of(options->operands[i])));
        SP_TRY(add(r, sp_str_of(options->operands[i])));
    }
    return options->tokenizer ? add_packages(r) : SP_OK;
}

static sp_status find_trees(reach *r)
{
    sp_str repository;
    SP_TRY(sp_place_locate(&r->arena, &r->request, &sp_reader_disk, &r->here, r->err));
    SP_TRY(sp_place_find_home(&r->arena, &r->here, r->err));
    SP_TRY(sp_place_repository_of(&r->arena, &r->here, r->here.launch, &repository, r->err));
    if (repository.ptr)
        return sp_place_find_family(&r->arena, &r->here, repository, &r->trees, r->err);
    return sp_paths_add(&r->arena, &r->trees, r->here.launch, r->err);
}

static sp_status find_reach(reach *r, const cli_options *options)
{
    SP_TRY(find_trees(r));
    for (size_t i = 0; i < r->trees.count; i++)
        SP_TRY(add(r, r->trees.items[i]));
    SP_TRY(add_homes(r));
    SP_TRY(add_named(r, options));
    return sp_git_find(&r->arena, r->trees.items[0], &r->program, r->err);
}

/* ---- what may be written ---------------------------------------------------------------------------------------- */

/* The command's thread asks for each step of an output, and waits until it is done. */
typedef struct desk {
    const cli_options *options;
    const reach *reach;
    cli_on_output on_output;
    void *context;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_over;
    bool is_asked;
    cli_step step;
    const cli_piece *piece;
    sp_err *err;
    sp_status status;
} desk;

static bool is_named(const cli_options *options, const char *path)
{
    if (strcmp(path, variable("GITHUB_STEP_SUMMARY")) == 0)
        return true;
    for (size_t i = 0; i < options->given_count; i++) {
        const char *value = options->given[i].value;
        const char *equals = value ? strchr(value, '=') : NULL;
        if (value && (strcmp(value, path) == 0 || (equals && strcmp(equals + 1, path) == 0)))
            return true;
    }
    return false;
}

typedef struct written {
    sp_str path;
    sp_places trees;
} written;

static sp_status refuse_link(void *context, sp_str link, sp_err *err)
{
    const written *file = context;
    if (!sp_places_hold(file->trees, link))
        return SP_OK;
    return sp_err_at(err, SP_ERR_OUTPUT, file->path, (sp_str){ 0 }, 0, NULL,
                     "leads elsewhere by a symbolic link, and --untrusted writes through none; name another file");
}

/* A path in the repository must lead to the file that it says, and that must be a regular one. */
static sp_status check_place(sp_arena *arena, const desk *d, const char *path, sp_err *err)
{
    written file = { sp_str_of(path), { d->reach->trees.items, d->reach->trees.count } };
    sp_str real, absolute = sp_path_append(arena, d->reach->here.current, file.path);
    sp_file found;
    if (!absolute.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_file_follow(arena, absolute, refuse_link, &file, &real, err));
    if (!sp_places_hold(file.trees, real))
        return SP_OK;
    SP_TRY(sp_file_look(real, &found, err));
    if (found.state != SP_FILE_SPECIAL)
        return SP_OK;
    return sp_err_at(err, SP_ERR_OUTPUT, file.path, (sp_str){ 0 }, 0, NULL,
                     "is %s in the repository, and --untrusted writes to none; name another file",
                     found.what ? found.what : "not a regular file");
}

static sp_status check_output(const desk *d, cli_step step, const cli_piece *piece, sp_err *err)
{
    if (step != CLI_OPEN || !piece->path)
        return SP_OK;
    if (!is_named(d->options, piece->path))
        return sp_err_at(err, SP_ERR_OUTPUT, sp_str_of(piece->path), (sp_str){ 0 }, 0, NULL,
                         "the command line does not name it, and --untrusted writes no other file");
    sp_arena arena = { 0 };
    sp_status status = check_place(&arena, d, piece->path, err);
    sp_arena_release(&arena);
    return status;
}

static sp_status ask(void *context, cli_step step, const cli_piece *piece, sp_err *err)
{
    desk *d = context;
    pthread_mutex_lock(&d->lock);
    d->step = step;
    d->piece = piece;
    d->err = err;
    d->is_asked = true;
    pthread_cond_broadcast(&d->changed);
    while (d->is_asked)
        pthread_cond_wait(&d->changed, &d->lock);
    sp_status status = d->status;
    pthread_mutex_unlock(&d->lock);
    return status;
}

/* Until the command is over. */
static void serve(desk *d)
{
    pthread_mutex_lock(&d->lock);
    while (!d->is_over) {
        if (d->is_asked) {
            d->status = check_output(d, d->step, d->piece, d->err);
            if (d->status == SP_OK)
                d->status = d->on_output(d->context, d->step, d->piece, d->err);
            d->is_asked = false;
            pthread_cond_broadcast(&d->changed);
        } else {
            pthread_cond_wait(&d->changed, &d->lock);
        }
    }
    pthread_mutex_unlock(&d->lock);
}

/* ---- the command --------------------------------------------------------------------------------------------------
 */

typedef struct job {
    const cli_command *command;
    cli_options *options;
    reach *reach;
    desk desk;
    cli_exit code;
} job;

static cli_exit tell_kernel(const cli_options *options, sp_confined done)
{
    if (done.files && done.calls)
        return CLI_OK;
    const char *files = done.files ? "" : "reading and writing files (Landlock, Linux 5.13)";
    const char *calls = done.calls ? "" : "using the network (seccomp)";
    const char *between = done.files || done.calls ? "" : ", nor from ";
    if (!is_required(options))
        return cli_note(options,
                        "--untrusted: this system cannot keep the program from %s%s%s; its own checks still hold",
                        files, between, calls);
    sp_err err;
    (void)sp_err_set(
        &err, SP_ERR_OUTPUT,
        "--untrusted=required: this system cannot keep the program from %s%s%s; run it on one that can, or "
        "give --untrusted, with which its own checks hold",
        files, between, calls);
    return cli_fail(options, &err);
}

static void *work(void *context)
{
    job *j = context;
    const sp_confinement plan = { j->reach->readable.items, j->reach->readable.count, j->reach->program.ptr };
    sp_confined done;
    sp_confine(&plan, &done);
    j->code = tell_kernel(j->options, done);
    if (j->code == CLI_OK)
        j->code = cli_run_here(j->command, j->options);
    pthread_mutex_lock(&j->desk.lock);
    j->desk.is_over = true;
    pthread_cond_broadcast(&j->desk.changed);
    pthread_mutex_unlock(&j->desk.lock);
    return NULL;
}

enum { STACK_BYTES = 1 << 20 };

static cli_exit start(job *j)
{
    cli_document *document = j->options->document;
    desk *d = &j->desk;
    sp_places_to_run places = { 0 };
    pthread_t thread;
    *d = (desk){ .options = j->options, .reach = j->reach, .on_output = document->on_output };
    d->context = document->output_context;
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->changed, NULL);
    if (document->on_output) {
        document->on_output = ask;
        document->output_context = d;
    }
    bool is_started = sp_thread_start(&places, false, STACK_BYTES, work, j, &thread);
    if (is_started) {
        serve(d);
        pthread_join(thread, NULL);
    }
    document->on_output = d->on_output;
    document->output_context = d->context;
    pthread_cond_destroy(&d->changed);
    pthread_mutex_destroy(&d->lock);
    const sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory: no thread can be started" };
    return is_started ? j->code : cli_fail(j->options, &err);
}

cli_exit cli_run_untrusted(const cli_command *command, cli_options *options)
{
    sp_err err;
    char *home = NULL;
    reach r = { .err = &err };
    job j = { .command = command, .options = options, .reach = &r };
    const char *config_dir = options->client_env && !options->home ? variable("CLAUDE_CONFIG_DIR") : "";
    r.request = (sp_request){ .launch_dir = options->directory,
                              .root_dir = options->root,
                              .home_dir = cli_home(options, &home),
                              .config_dir = *config_dir ? config_dir : NULL,
                              .client_env = options->client_env ? (const char *const *)sp_environment() : NULL };
    cli_exit code = find_reach(&r, options) == SP_OK ? start(&j) : cli_fail(options, &err);
    free(home);
    sp_arena_release(&r.arena);
    return code;
}
