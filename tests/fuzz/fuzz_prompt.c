/*
 * fuzz_prompt.c - any bytes as a small tree of files in memory; what is built from it holds what every prompt holds.
 *
 * The first byte's bits choose the request. Then a line that begins with \x01 names a file (below /r) whose text
 * follows up to the next such line; "\x01a > b" makes a a link to b. Folders are what stands before a slash. The launch
 * directory is /r/p, home is /r/home, and the agent is /r/p/.claude/agents/a.md. The length chooses a second profile,
 * and whether files are touched.
 */
#include "attribute/attribute.h"
#include "base/types.h"
#include "clients/clients.h"
#include "compose/compose.h"
#include "explain/passes.h"
#include "invariants_cache.h"
#include "invariants_tree.h"
#include "invariants_waste.h"
#include "load/shared.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"
#include "report/format.h"
#include "report/reports.h"
#include "tokenizer/tokens.h"
#include "trim/budget.h"
#include "trim/trim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_FILES = 32, MAX_LINKS = 8 };

typedef struct node {
    sp_str path;   /* absolute */
    sp_str target; /* of a link; else ptr NULL */
    sp_str text;
} node;

static node nodes[MAX_FILES];
static size_t node_count;

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* ---- the tree as an sp_reader ---------------------------------------------------------------------------- */

static const node *find_node(sp_str path)
{
    for (size_t i = 0; i < node_count; i++)
        if (sp_str_eq(nodes[i].path, path))
            return &nodes[i];
    return NULL;
}

static bool is_folder(sp_str path)
{
    if (sp_str_eq(path, SP_STR("/r")) || sp_str_eq(path, SP_STR("/r/p")) || sp_str_eq(path, SP_STR("/")))
        return true;
    for (size_t i = 0; i < node_count; i++)
        if (nodes[i].path.len > path.len && sp_path_is_within(nodes[i].path, path))
            return true;
    return false;
}

/* Links are followed only in the last part of a path: folders are never links here. */
static sp_str follow_links(sp_arena *arena, sp_str path)
{
    for (int i = 0; i < MAX_LINKS; i++) {
        const node *found = find_node(path);
        if (!found || !found->target.ptr)
            return path;
        path = sp_path_join(arena, sp_path_folder(path), found->target);
    }
    return (sp_str){ "/nowhere", 8 };
}

static sp_status tree_read(void *context, sp_arena *arena, sp_str path, sp_read_limits limits, sp_file *ret,
                           sp_err *err)
{
    (void)context;
    (void)err;
    sp_str real = follow_links(arena, path);
    const node *found = find_node(real);
    *ret = (sp_file){ .state = SP_FILE_ABSENT, .real_path = real, .device = 1 };
    bool is_allowed = sp_places_hold(limits.within, real) && sp_places_hold(limits.root, real);
    if (!found && !is_folder(real)) {
        ret->state = find_node(path) ? SP_FILE_DANGLING : SP_FILE_ABSENT;
        return SP_OK;
    }
    ret->what = found ? "a file" : "a folder";
    ret->inode = found ? (uint64_t)(found - nodes) + 1 : 0;
    ret->size_bytes = found ? found->text.len : 0;
    if (!is_allowed) {
        ret->state = SP_FILE_OUTSIDE;
    } else if (!found) {
        ret->state = SP_FILE_FOLDER;
    } else if (limits.is_known && limits.is_known(limits.context, ret->device, ret->inode)) {
        ret->state = SP_FILE_KNOWN;
    } else if (found->text.len > limits.max_bytes) {
        ret->state = SP_FILE_LARGE;
    } else {
        ret->state = SP_FILE_READ;
        ret->bytes = found->text;
    }
    return SP_OK;
}

static int compare_entries(const void *a, const void *b)
{
    return sp_str_cmp(((const sp_entry *)a)->name, ((const sp_entry *)b)->name);
}

static sp_status tree_list(void *context, sp_arena *arena, sp_str name_of_folder, sp_read_limits limits,
                           sp_listing *ret, sp_err *err)
{
    (void)context;
    size_t count = 0;
    sp_str path = follow_links(arena, name_of_folder);
    bool is_allowed = sp_places_hold(limits.within, path) && sp_places_hold(limits.root, path);
    *ret = (sp_listing){ .state = is_allowed ? SP_FILE_ABSENT : SP_FILE_OUTSIDE, .real_path = path };
    if (!is_allowed || !is_folder(path))
        return SP_OK;
    sp_entry *entries = SP_ARENA_ARRAY(arena, sp_entry, MAX_FILES);
    if (!entries)
        return sp_err_memory(err);
    for (size_t i = 0; i < node_count; i++) {
        if (nodes[i].path.len <= path.len || !sp_path_is_within(nodes[i].path, path))
            continue;
        sp_str below = sp_path_below(nodes[i].path, path);
        size_t slash = sp_str_find(below, SP_STR("/"), 0);
        sp_str name = sp_str_slice(below, 0, slash == SIZE_MAX ? below.len : slash);
        bool is_new = true;
        for (size_t j = 0; j < count; j++)
            is_new = is_new && !sp_str_eq(entries[j].name, name);
        if (is_new)
            entries[count++] = (sp_entry){ .name = name, .is_folder = slash != SIZE_MAX, .is_file = slash == SIZE_MAX };
    }
    qsort(entries, count, sizeof *entries, compare_entries);
    *ret = (sp_listing){ SP_FILE_FOLDER, path, entries, count };
    return SP_OK;
}

static const sp_reader tree_reader = { .read = tree_read, .list = tree_list };

/* ---- bytes become a tree -------------------------------------------------------------------------------- */

static void add_node(sp_arena *arena, sp_str line, sp_str text)
{
    size_t arrow = sp_str_find(line, SP_STR(" > "), 0);
    sp_str name = sp_str_slice(line, 0, arrow == SIZE_MAX ? line.len : arrow);
    node made = { .path = sp_path_join(arena, SP_STR("/r"), name), .text = text };
    if (name.len == 0 || memchr(name.ptr, '\0', name.len) || !sp_path_is_within(made.path, SP_STR("/r")) ||
        is_folder(made.path) || find_node(made.path))
        return;
    for (sp_str above = sp_path_folder(made.path); above.len > 1; above = sp_path_folder(above))
        if (find_node(above))
            return; /* a file cannot hold files */
    if (arrow != SIZE_MAX) {
        made.target = sp_str_slice(line, arrow + 3, line.len);
        if (memchr(line.ptr, '\0', line.len))
            return;
    }
    nodes[node_count++] = made;
}

static void read_tree(sp_arena *arena, sp_str bytes)
{
    node_count = 0;
    for (size_t at = 0; at < bytes.len && bytes.ptr[at] == '\x01' && node_count < MAX_FILES;) {
        size_t line_end = sp_str_find(bytes, SP_STR("\n"), at);
        if (line_end == SIZE_MAX)
            line_end = bytes.len;
        size_t text = line_end < bytes.len ? line_end + 1 : line_end;
        size_t next = text;
        while (next < bytes.len && !(bytes.ptr[next] == '\x01' && bytes.ptr[next - 1] == '\n'))
            next++;
        add_node(arena, sp_str_slice(bytes, at + 1, line_end), sp_str_slice(bytes, text, next));
        at = next;
    }
}

/* ---- the property ----------------------------------------------------------------------------------------- */

static sp_status build(sp_arena *arena, const sp_request *request, sp_prompt *ret, sp_err *err)
{
    sp_diags diags = { .arena = arena };
    sp_place here;
    sp_shared shared;
    ret->profile = request->profile;
    SP_TRY(sp_place_init(arena, request->profile, request, &tree_reader, &diags, &here, err));
    SP_TRY(sp_load_shared(arena, &here, sp_explain_passes, &diags, &shared, err));
    SP_TRY(sp_compose(arena, request->profile, request->layout, &shared.docs, &diags, ret, err));
    SP_TRY(sp_prioritise(arena, &shared.docs, request, &diags, ret, err));
    SP_TRY(sp_attribute(sp_encoding_find(SP_STR("cl100k_base")), ret, err));
    ret->diagnostics = diags.items;
    ret->diagnostic_count = diags.count;
    return SP_OK;
}

static void check_formats(const sp_prompt *prompt)
{
    for (int format = SP_FORMAT_TEXT; format <= SP_FORMAT_PLAN_JSON; format++) {
        char *bytes;
        size_t len;
        sp_err err;
        bool is_why = format == SP_FORMAT_WHY || format == SP_FORMAT_WHY_JSON;
        bool is_plan = format == SP_FORMAT_PLAN || format == SP_FORMAT_PLAN_JSON;
        bool has_none = (format == SP_FORMAT_TEXT && prompt->message_count > 1) || (is_why && !prompt->why) ||
                        (is_plan && !prompt->trim);
        sp_status status = sp_prompt_render(prompt, (sp_format)format, NULL, &bytes, &len, &err);
        require(status == (has_none ? SP_ERR_USAGE : SP_OK));
        if (has_none)
            continue;
        require(sp_utf8_find_invalid((sp_str){ bytes, len }, 0) == SIZE_MAX);
        free(bytes);
    }
}

/* Any file of the tree, or a line of it, may be asked about. What is in the prompt has a source, and tokens of it are
 * not more than the file's. */
static void check_why(const sp_request *request, size_t choice)
{
    sp_arena arena = { 0 };
    sp_prompt prompt = { 0 };
    sp_err err = { 0 };
    sp_request one = *request;
    sp_str path = node_count ? nodes[choice % node_count].path : SP_STR("/r/p/CLAUDE.md");
    sp_str asked = choice & 1 ? path : sp_str_format(&arena, "%.*s:%zu", SP_STR_ARG(path), choice / 2 % 5 + 1);
    one.why = asked.ptr;
    if (build(&arena, &one, &prompt, &err) == SP_OK) {
        require(prompt.why && (prompt.why->source != SP_NONE || prompt.why->why.len));
        require(!prompt.why->is_in_prompt || prompt.sources[prompt.why->source].is_loaded);
        for (int format = SP_FORMAT_WHY; format <= SP_FORMAT_WHY_JSON; format++) {
            char *bytes;
            size_t len;
            require(sp_prompt_render(&prompt, (sp_format)format, NULL, &bytes, &len, &err) == SP_OK);
            require(sp_utf8_find_invalid((sp_str){ bytes, len }, 0) == SIZE_MAX);
            free(bytes);
        }
    } else {
        require(err.message[0]);
    }
    sp_arena_release(&arena);
}

/* Three budgets, each keeping what a smaller one keeps. */
static bool check_budgets(sp_arena *arena, const sp_prompt *whole, char *why)
{
    const size_t budgets[] = { whole->tokens, whole->tokens / 2, 0 };
    size_t units = 0;
    sp_err err;
    for (size_t i = 0; i < 3; i++) {
        sp_prompt left;
        require(sp_trim_prompt(arena, whole, sp_text_builtin(SP_TEXT_BUDGET_CUT), budgets[i], SP_TRIM_SMALLEST, &left,
                               &err) == SP_OK);
        INV(left.trim->unit_count >= units, "a budget of %zu keeps more than a larger one", budgets[i]);
        INV(i > 0 || left.trim->unit_count == 0, "something is cut where all fits");
        INV(left.tokens == left.trim->tokens && left.trim->fits == (left.tokens <= budgets[i]),
            "a budget of %zu leaves %zu tokens", budgets[i], left.tokens);
        units = left.trim->unit_count;
        if (!inv_prompt(&left, why))
            return false;
        check_formats(&left);
    }
    return true;
}

static void check(const sp_request *request)
{
    sp_arena arena = { 0 };
    sp_prompt prompts[2] = { 0 };
    char why[INV_ROOM] = "";
    bool hold = true;
    for (size_t i = 0; i < 2 && hold; i++) {
        sp_err err = { 0 };
        sp_request one = *request;
        one.layout = i == 0 ? SP_LAYOUT_FLAT : SP_LAYOUT_SPLIT;
        if (build(&arena, &one, &prompts[i], &err) != SP_OK) {
            require(err.status == SP_ERR_INPUT && err.message[0]);
            sp_arena_release(&arena);
            return;
        }
        hold = inv_prompt(&prompts[i], why) && inv_tree(&prompts[i], why) && inv_waste(&prompts[i], why) &&
               inv_caching(&prompts[i], why) && check_budgets(&arena, &prompts[i], why);
    }
    hold = hold && inv_layouts(&prompts[0], &prompts[1], why);
    if (!hold)
        fprintf(stderr, "%s\n", why);
    require(hold);
    check_formats(&prompts[0]);
    sp_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const named[] = { "/r/p/named.md" };
    static const char *const touched[] = { "/r/p/s/a.c", "/r/p/s/d/b.ts", "/r/p/x.md" };
    if (size == 0)
        return 0;
    sp_arena arena = { 0 };
    read_tree(&arena, sp_str_dup(&arena, (sp_str){ (const char *)data + 1, size - 1 }));
    sp_request request = {
        .launch_dir = "/r/p",
        .home_dir = data[0] & 1 ? "/r/home" : NULL,
        .root_dir = data[0] & 2 ? "/r" : NULL,
        .agent = data[0] & 4 ? (data[0] & 8 ? "/r/p/.claude/agents/a.md" : "a") : NULL,
        .refuse_invalid_utf8 = data[0] & 16,
        .allow_external_imports = data[0] & 32,
        .strict = data[0] & 64,
        .instruction_files = data[0] & 128 ? named : NULL,
        .instruction_file_count = data[0] & 128 ? 1 : 0,
        .touched_files = touched,
        .touched_file_count = data[0] & 128 ? 0 : size % (SP_COUNT_OF(touched) + 1),
        .finds_unread = size % 3,
    };
    const char *const profiles[] = { sp_clients[0]->name, sp_clients[size % sp_client_count]->name,
                                     "claude-code@2.0.64" };
    for (size_t i = 0; i < SP_COUNT_OF(profiles); i++) {
        sp_profile profile;
        sp_err err;
        require(sp_profile_init(&profile, sp_str_of(profiles[i]), &err) == SP_OK);
        request.profile = &profile;
        check(&request);
        check_why(&request, size + i);
    }
    sp_arena_release(&arena);
    return 0;
}
