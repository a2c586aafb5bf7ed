/*
 * lint_same.c - CLAUDE.md and AGENTS.md of one directory must say the same: optional, for projects that keep both.
 *
 * The pairs are those of the directories from the repository root down to the launch directory, and of all below it. A
 * link to the other file has its text. A file that imports the other one says all that it says, whatever it adds. White
 * space at the end of a line or file, and the kind of line end, make no difference.
 */
#include "base/diagnostic.h"
#include "base/types.h"
#include "check/lint.h"
#include "check/tree.h"
#include "syntax/markdown.h"

typedef struct text_file {
    sp_str path; /* absolute */
    sp_str bytes;
} text_file;

static sp_status read_file(const sp_lint *lint, sp_str folder, const char *name, text_file *ret, bool *ret_is_read,
                           sp_err *err)
{
    const sp_place *here = lint->site->shared->here;
    const sp_read_limits limits = { .max_bytes = (uint64_t)sp_own_limit(SP_RULE_FILE_MAX_BYTES),
                                    .root = here->allowed };
    sp_file file;
    ret->path = sp_path_join(lint->arena, folder, sp_str_of(name));
    if (!ret->path.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(here->reader, lint->arena, ret->path, limits, &file, err));
    ret->bytes = file.bytes;
    *ret_is_read = file.state == SP_FILE_READ;
    return SP_OK;
}

static sp_status find_import(const sp_lint *lint, const text_file *from, const text_file *of, bool *ret, sp_err *err)
{
    sp_markdown markdown;
    SP_TRY(sp_markdown_scan(lint->arena, from->bytes, 0, &markdown, err));
    for (size_t i = 0; i < markdown.import_count && !*ret; i++) {
        sp_str target = sp_path_join(lint->arena, sp_path_folder(from->path), markdown.imports[i].path);
        if (!target.ptr)
            return sp_err_memory(err);
        *ret = !markdown.imports[i].is_quoted && sp_str_eq(target, of->path);
    }
    return SP_OK;
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static sp_str trim_end(sp_str text)
{
    while (text.len && is_white(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

/* The line at *at, without white space at its end; *at moves to the next one. */
static sp_str next_line(sp_str text, size_t *at)
{
    const char *end = memchr(text.ptr + *at, '\n', text.len - *at);
    sp_str line = sp_str_slice(text, *at, end ? (size_t)(end - text.ptr) : text.len);
    *at = end ? (size_t)(end - text.ptr) + 1 : text.len;
    return trim_end(line);
}

/* Where two texts begin to differ. */
typedef struct difference {
    size_t offset; /* in the first one; SIZE_MAX: nowhere */
    uint32_t line; /* in both */
    bool has_ended;
    bool has_other_ended;
} difference;

static difference find_difference(sp_str one, sp_str other)
{
    size_t at = 0, other_at = 0;
    one = trim_end(one);
    other = trim_end(other);
    for (uint32_t line = 1; at < one.len || other_at < other.len; line++) {
        const difference here = { at, line, at == one.len, other_at == other.len };
        if (here.has_ended || here.has_other_ended || !sp_str_eq(next_line(one, &at), next_line(other, &other_at)))
            return here;
    }
    return (difference){ .offset = SIZE_MAX };
}

static sp_status compare(const sp_lint *lint, sp_str folder, sp_err *err)
{
    text_file agents, claude;
    bool has_agents = false, has_claude = false, is_imported = false;
    SP_TRY(read_file(lint, folder, "AGENTS.md", &agents, &has_agents, err));
    if (!has_agents)
        return SP_OK;
    SP_TRY(read_file(lint, folder, "CLAUDE.md", &claude, &has_claude, err));
    if (!has_claude)
        return SP_OK;
    const difference found = find_difference(claude.bytes, agents.bytes);
    if (found.offset == SIZE_MAX)
        return SP_OK;
    SP_TRY(find_import(lint, &claude, &agents, &is_imported, err));
    SP_TRY(find_import(lint, &agents, &claude, &is_imported, err));
    if (is_imported)
        return SP_OK;
    const sp_place *here = lint->site->shared->here;
    return sp_diag_add(lint->diags, err, SP_WARNING, sp_place_shown(here, claude.path), claude.bytes, found.offset,
                       SP_RULE_CHECK_SAME,
                       "%s %.*s:%u; write the same in both, import @AGENTS.md, or make one file a link to the other",
                       found.has_ended         ? "ends here, without the text from"
                       : found.has_other_ended ? "has text here that is missing at"
                                               : "differs here from",
                       SP_STR_ARG(sp_place_shown(here, agents.path)), found.line);
}

/* Below the launch directory: wherever git knows an AGENTS.md, or would add one. */
static sp_status compare_below(const sp_lint *lint, sp_err *err)
{
    const sp_place *here = lint->site->shared->here;
    sp_path_list files = { NULL, 0, 0 };
    SP_TRY(sp_tree_list(lint->arena, lint->site->reader, here->launch, true, &files, err));
    for (size_t i = 0; i < files.count; i++) {
        sp_str below = sp_path_folder(files.items[i]);
        if (!sp_str_eq(sp_path_base(files.items[i]), SP_STR("AGENTS.md")) || sp_str_eq(below, SP_STR(".")))
            continue;
        sp_str folder = sp_path_join(lint->arena, here->launch, below);
        if (!folder.ptr)
            return sp_err_memory(err);
        SP_TRY(compare(lint, folder, err));
    }
    return SP_OK;
}

sp_status sp_lint_same(sp_lint *lint, sp_err *err)
{
    sp_severity severity = lint->config->severities[SP_RULE_CHECK_SAME];
    sp_paths folders;
    if (severity == SP_SEVERITY_DEFAULT || severity == SP_SEVERITY_OFF)
        return SP_OK;
    SP_TRY(sp_place_folders(lint->arena, lint->site->shared->here, SP_ANCHOR_FROM_REPOSITORY, &folders, err));
    for (size_t i = 0; i < folders.count; i++)
        SP_TRY(compare(lint, folders.items[i], err));
    return compare_below(lint, err);
}
