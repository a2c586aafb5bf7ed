/*
 * invariants.c - builds every prompt that can be built from a folder of real files, and checks what holds for all.
 *
 *   invariants FOLDER
 *
 * FOLDER has seeds/ with agent files, corpus/agents/ with more, at any depth, and corpus/projects/ with a project in
 * each folder: built without an agent and with every one in it, and listed, by the rules of every profile. What is not
 * there is said. Every text in corpus/ also stands alone, as an instruction file and as memory. All are made to meet
 * budgets. Exits 1 when an invariant does not hold.
 */
#include "base/types.h"
#include "clients/clients.h"
#include "clients/profiles.h"
#include "invariants_cache.h"
#include "invariants_list.h"
#include "invariants_page.h"
#include "invariants_tree.h"
#include "invariants_trim.h"
#include "invariants_waste.h"
#include "model/agent_list.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"
#include "sources/client.h"
#include "workspace/products.h"

#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>

static size_t built;
static size_t refused;
static size_t failed;
static size_t listed;
static size_t on_demand;

static const sp_profile *profile;
static size_t budgets; /* that each prompt is made to meet */

enum { FEW_BUDGETS = 2 };

static void try_request(const sp_request *request, const char *name)
{
    char why[INV_ROOM] = "";
    sp_prompt *prompt;
    sp_err err;
    if (sp_prompt_build(request, &prompt, &err) != SP_OK) {
        bool is_expected = err.status == SP_ERR_INPUT && strncmp(err.rule, "text.", 5) == 0;
        refused += is_expected;
        failed += !is_expected;
        if (!is_expected)
            printf("%s %s: %s: %s\n", request->launch_dir, name, err.path, err.message);
        return;
    }
    built++;
    if (!inv_prompt(prompt, why) || !inv_tree(prompt, why) || !inv_waste(prompt, why) || !inv_caching(prompt, why) ||
        !inv_output(prompt, (sp_str){ 0 }, why) || !inv_page(prompt, why) || !inv_trim(prompt, budgets, why)) {
        failed++;
        printf("%s %s: %s\n", request->launch_dir, name, why);
    }
    sp_prompt_free(prompt);
}

/* A flat one may be cut in its body too, and has the tokenizer of its client; a split one is counted exactly. */
static void try_one(const char *root, const char *launch, const char *agent, sp_layout layout)
{
    static const sp_priority_rule body = { .kinds = 1u << SP_SEGMENT_BODY, .priority = 70 };
    sp_request request = {
        .profile = profile, .agent = agent, .launch_dir = launch, .root_dir = root, .layout = layout
    };
    request.refuse_invalid_utf8 = false;
    request.encoding = layout == SP_LAYOUT_SPLIT ? sp_encoding_find(SP_STR("o200k_base")) : NULL;
    request.priority_rules = &body;
    request.priority_rule_count = layout == SP_LAYOUT_FLAT ? 1 : 0;
    try_request(&request, agent ? agent : "");
}

static void try_both(const char *root, const char *launch, const char *agent)
{
    try_one(root, launch, agent, SP_LAYOUT_FLAT);
    try_one(root, launch, agent, SP_LAYOUT_SPLIT);
}

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text);
    return length >= strlen(ending) && strcmp(text + length - strlen(ending), ending) == 0;
}

static bool is_text(const char *name)
{
    return ends_with(name, ".md") || ends_with(name, ".txt");
}

/* Every agent below folder: with a project, what stands in folders called agents, else every text in its folder. */
static void try_agents(const char *project, const char *folder)
{
    DIR *dir = opendir(folder);
    bool counts = !project || ends_with(folder, "/agents");
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        char path[PATH_MAX];
        struct stat info;
        int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || length >= (int)sizeof path ||
            lstat(path, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode))
            try_agents(project, path);
        else if (counts && S_ISREG(info.st_mode) && is_text(entry->d_name))
            try_both(project ? project : folder, project ? project : folder, path);
    }
    if (dir)
        closedir(dir);
}

/* ---- what is on disk is told -------------------------------------------------------------------------- */

typedef bool (*told_fn)(const void *where, const char *path);

static bool is_listed(const void *list, const char *path)
{
    return inv_lists_path(list, path);
}

static bool is_source(const void *prompt, const char *path)
{
    return inv_has_source(prompt, path);
}

static bool is_any(const void *nothing, const char *path)
{
    (void)nothing;
    (void)path;
    return true;
}

/* Every file at path, or below it, but hidden ones. */
static void demand_told(const char *path, told_fn is_told, const void *where)
{
    struct stat info;
    if (lstat(path, &info) != 0 || (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode)))
        return;
    if (S_ISREG(info.st_mode)) {
        if (!is_told(where, path)) {
            failed++;
            printf("%s is not told\n", path);
        }
        return;
    }
    DIR *dir = opendir(path);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        char below[PATH_MAX];
        int length = snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && length < (int)sizeof below)
            demand_told(below, is_told, where);
    }
    if (dir)
        closedir(dir);
}

static void demand_told_below(const char *project, const char *name, told_fn is_told, const void *where)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", project, name) < (int)sizeof path)
        demand_told(path, is_told, where);
}

/* Whatever any client reads in a folder of a project. */
static void demand_instructions(const char *folder, const sp_prompt *prompt)
{
    for (size_t c = 0; c < sp_client_count; c++)
        for (size_t i = 0; i < sp_clients[c]->place_count; i++) {
            const sp_location *place = &sp_clients[c]->places[i];
            if (place->anchor >= SP_ANCHOR_REPOSITORY)
                demand_told_below(folder, place->path, is_source, prompt);
        }
    for (size_t i = 0; i < sp_stray_count; i++)
        if (sp_strays[i].title)
            demand_told_below(folder, sp_strays[i].path, is_source, prompt);
}

/* In every folder that is not hidden. */
static void demand_all_instructions(const char *folder, const sp_prompt *prompt)
{
    DIR *dir = opendir(folder);
    demand_instructions(folder, prompt);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        char below[PATH_MAX];
        struct stat info;
        int length = snprintf(below, sizeof below, "%s/%s", folder, entry->d_name);
        bool is_plain = entry->d_name[0] != '.' && strcmp(entry->d_name, "node_modules") != 0;
        if (is_plain && length < (int)sizeof below && lstat(below, &info) == 0 && S_ISDIR(info.st_mode))
            demand_all_instructions(below, prompt);
    }
    if (dir)
        closedir(dir);
}

static void try_sources(const char *project)
{
    sp_prompt *prompt;
    sp_err err;
    sp_request request = { .profile = profile,
                           .launch_dir = project,
                           .root_dir = project,
                           .refuse_invalid_utf8 = false,
                           .finds_unread = true };
    if (sp_prompt_build(&request, &prompt, &err) != SP_OK)
        return; /* try_both has said it */
    demand_all_instructions(project, prompt);
    demand_told_below(project, ".claude/agent-memory",
                      sp_rule_holds(profile, SP_RULE_MEMORY_TOPIC) ? is_source : is_any, prompt);
    demand_told_below(project, ".claude/agent-memory-local",
                      sp_rule_holds(profile, SP_RULE_MEMORY_TOPIC) ? is_source : is_any, prompt);
    sp_prompt_free(prompt);
}

/* ---- what a touched file loads ------------------------------------------------------------------------- */

enum { MAX_TOUCHED = 64 };

typedef struct touched_files {
    char *paths[MAX_TOUCHED];
    size_t count;
} touched_files;

static void find_files(const char *folder, touched_files *files)
{
    DIR *dir = opendir(folder);
    for (const struct dirent *entry; dir && files->count < MAX_TOUCHED && (entry = readdir(dir));) {
        char path[PATH_MAX];
        struct stat info;
        int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || length >= (int)sizeof path ||
            lstat(path, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode))
            find_files(path, files);
        else if (S_ISREG(info.st_mode) && (files->paths[files->count] = strdup(path)))
            files->count++;
    }
    if (dir)
        closedir(dir);
}

/* What loads at the start stays as it was, and what loads later stands behind it. */
static void check_touched(const char *project, const sp_prompt *start, const sp_prompt *more)
{
    char why[INV_ROOM] = "";
    sp_str before = start->message_count ? start->messages[0].text : SP_STR("");
    sp_str after = more->message_count ? more->messages[0].text : SP_STR("");
    if (!inv_prompt(more, why) || !inv_tree(more, why) || !inv_waste(more, why) || !inv_caching(more, why) ||
        !inv_output(more, (sp_str){ 0 }, why) || !inv_page(more, why)) {
        failed++;
        printf("%s, touched: %s\n", project, why);
    }
    if (!inv_prefix(start, more, why) || !inv_prefix(more, more, why)) {
        failed++;
        printf("%s, touched: %s\n", project, why);
    }
    if (!sp_str_starts(after, before)) {
        failed++;
        printf("%s: touched files change what loads at the start\n", project);
    }
    for (uint32_t i = 0; i < more->source_count; i++)
        on_demand += more->sources[i].is_loaded && more->sources[i].trigger.ptr;
}

static void try_touched(const char *project)
{
    touched_files files = { .count = 0 };
    sp_prompt *start = NULL;
    sp_prompt *more = NULL;
    sp_err err;
    sp_request request = {
        .profile = profile, .launch_dir = project, .root_dir = project, .refuse_invalid_utf8 = false
    };
    find_files(project, &files);
    bool is_built = sp_prompt_build(&request, &start, &err) == SP_OK;
    request.touched_files = (const char *const *)files.paths;
    request.touched_file_count = files.count;
    is_built = is_built && sp_prompt_build(&request, &more, &err) == SP_OK;
    failed += !is_built;
    if (is_built)
        check_touched(project, start, more);
    else
        printf("%s: %s: %s\n", project, err.path, err.message);
    sp_prompt_free(start);
    sp_prompt_free(more);
    for (size_t i = 0; i < files.count; i++)
        free(files.paths[i]);
}

static void try_list(const char *project)
{
    char why[INV_ROOM] = "";
    sp_agent_list *list;
    sp_err err;
    sp_request request = { .launch_dir = project, .root_dir = project };
    if (sp_agent_list_build(&request, &list, &err) != SP_OK) {
        failed++;
        printf("list in %s: %s: %s\n", project, err.path, err.message);
        return;
    }
    if (!inv_list(list, why)) {
        failed++;
        printf("list in %s: %s\n", project, why);
    }
    demand_told_below(project, ".claude/agents", is_listed, list);
    listed += list->agent_count;
    sp_agent_list_free(list);
}

static void try_projects(const char *folder)
{
    DIR *dir = opendir(folder);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        char project[PATH_MAX];
        int length = snprintf(project, sizeof project, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || length >= (int)sizeof project)
            continue;
        try_both(project, project, NULL);
        try_sources(project);
        try_touched(project);
        try_list(project);
        try_agents(project, project);
    }
    if (dir)
        closedir(dir);
}

/* ---- texts alone --------------------------------------------------------------------------------------- */

/* A text as an instruction file and as a memory file. */
static void try_text(const char *path)
{
    const char *files[] = { path };
    sp_request request = { .profile = profile, .launch_dir = ".", .root_dir = "/", .refuse_invalid_utf8 = false };
    request.instruction_files = files;
    request.instruction_file_count = 1;
    try_request(&request, path);
    request.memory_file = path;
    request.instruction_file_count = 0;
    try_request(&request, path);
}

static void try_texts(const char *folder)
{
    DIR *dir = opendir(folder);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        char path[PATH_MAX];
        struct stat info;
        int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || length >= (int)sizeof path || lstat(path, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode))
            try_texts(path);
        else if (S_ISREG(info.st_mode) && is_text(entry->d_name))
            try_text(path);
    }
    if (dir)
        closedir(dir);
}

static void report(const char *path, void (*try)(const char *path))
{
    struct stat info;
    if (stat(path, &info) != 0) {
        printf("%s is not there: nothing of it was checked\n", path);
        return;
    }
    built = refused = 0;
    try(path);
    printf("%s: %zu prompts hold what they promise, %zu refused for bytes that are not text\n", path, built, refused);
}

static void try_files(const char *folder)
{
    try_agents(NULL, folder);
}

static void try_profile(const char *folder, const char *name)
{
    char path[PATH_MAX];
    sp_profile *opened;
    sp_err err;
    if (sp_profile_open(sp_str_of(name), &opened, &err) != SP_OK) {
        printf("%s: %s\n", name, err.message);
        failed++;
        return;
    }
    profile = opened;
    budgets = sp_clients[0]->name == name ? 20 : FEW_BUDGETS; /* the order is the same for all */
    printf("%s\n", sp_profile_name(profile));
    snprintf(path, sizeof path, "%s/seeds", folder);
    report(path, try_files);
    snprintf(path, sizeof path, "%s/corpus/agents", folder);
    report(path, try_files);
    snprintf(path, sizeof path, "%s/corpus/projects", folder);
    report(path, try_projects);
    snprintf(path, sizeof path, "%s/corpus", folder);
    if (budgets > FEW_BUDGETS)
        report(path, try_texts);
    sp_profile_free(opened);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: invariants FOLDER\n");
        return 2;
    }
    /* What a prompt says of its files are absolute paths. */
    char folder[PATH_MAX];
    if (!realpath(argv[1], folder)) {
        perror(argv[1]);
        return 2;
    }
    for (size_t i = 0; i < sp_client_count; i++)
        try_profile(folder, sp_clients[i]->name);
    try_profile(folder, "claude-code@2.0.64");
    try_profile(folder, "claude-code@2.1.240");
    printf("%zu agents and files among them are listed as they should be\n", listed);
    printf("%zu files load for touched ones\n", on_demand);
    printf("%zu failures\n", failed);
    return failed ? 1 : 0;
}
