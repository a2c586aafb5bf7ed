/*
 * test_prompt.c - the one idea, on generated projects: every byte is in one segment or one cut, the segments are the
 * text, their tokens are its tokens, and the source map gives the text back from the files.
 *
 * A seed makes a tree of files in a temporary folder: a home, managed files, nested folders with a CLAUDE.md chain,
 * rules, imports in circles and over links, agents with and without memory around its limits. SP_SEED=N SP_TREES=N runs
 * others, or one again, and SP_BUDGETS=N makes every prompt meet more budgets.
 */
#include "base/types.h"
#include "invariants_cache.h"
#include "invariants_page.h"
#include "invariants_tree.h"
#include "invariants_trim.h"
#include "invariants_waste.h"
#include "model/prompt.h"
#include "model/request.h"
#include "report/format.h"
#include "report/reports.h"
#include "tokenizer/tokens.h"
#include "workspace/products.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- random numbers (splitmix64) ----------------------------------------------------------------------- */

static uint64_t state;

static uint64_t next_random(void)
{
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static size_t below(size_t limit)
{
    return (size_t)(next_random() % limit);
}

static bool one_in(size_t count)
{
    return below(count) == 0;
}

#define PICK(array) ((array)[below(SP_COUNT_OF(array))])

/* ---- texts ----------------------------------------------------------------------------------------------- */

static const char *const pieces[] = {
    "# Title\n",
    "## Section\n\n",
    "### Deep\n",
    "Setext\n======\n",
    "Two\nlines\n---\n",
    "#\n",
    "\n",
    "\n\n\n",
    "   \n",
    "A paragraph of plain words that goes on for a while.\n",
    "Word ",
    "\xC3\xA9t\xC3\xA9 \xE4\xBD\xA0\xE5\xA5\xBD\n",
    "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB \xF0\x9F\x87\xA9\xF0\x9F\x87\xAA\n",
    "- item\n- item\n  more\n",
    "1. one\n\n   inside\n2. two\n",
    "> quote\n> # in it\n",
    "> - @a.md\n",
    "```c\nint x; // @a.md <!-- no -->\n```\n",
    "~~~\nnever closed\n",
    "    indented code @b.md\n",
    "\ttab\n",
    "***\n",
    "[a]: /url \"t\"\n",
    "<div>\n@a.md\n</div>\n",
    "<!-- a comment -->\n",
    "<!-- a comment\n\nof lines @a.md -->\n",
    "  <!-- x --> tail\n",
    "text <!-- inline --> text\n",
    "- <!-- in a list -->\n",
    "<!-->\n",
    "<!-- open\n",
    "<!-- a --><!-- b -->\n",
    "-->\n",
    "`@a.md` @`b`\n",
    "@a.md\n",
    "See @b.md and @sub/c.md, or @../a.md.\n",
    "@~/.claude/d.md\n",
    "@nothing.md\n",
    "@/etc/a.md\n",
    "@scope/name\n",
    "@with\\ space.md\n",
    "@\"a.md\"\n",
    "@link.md\n",
    "@CLAUDE.md\n",
    "@circle.md\n",
    "@../../b.md @b.md\n",
    "---\n",
    "---\nname: x\n---\n",
    "paths: a\n",
    "\r\n",
    "line\r\n",
    "lone\rreturn\r",
    "\f\v\n",
    "@a.md\r\n",
    "|a|b|\n|-|-|\n|1|2|\n",
    "\\\n",
    "<script>\n@a.md\n\n</script>\n",
    "a  \nb\n",
    "<|endoftext|>\n",
    "aaaaaaaaaaaaaaaaaaaa",
};
static const char *const broken[] = { "\xFF", "\xE2\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF0\x9F\x91", "\x80\x80\x80" };

static void add_text(sp_buf *out, size_t count)
{
    for (; count > 0; count--)
        sp_buf_add(out, sp_str_of(PICK(pieces)));
}

static void add_broken(sp_buf *out)
{
    for (size_t count = 1 + below(4); count > 0; count--) {
        if (one_in(4))
            sp_buf_add_char(out, '\0');
        else
            sp_buf_add(out, sp_str_of(PICK(broken)));
        add_text(out, below(3));
    }
}

static void add_any_text(sp_buf *out)
{
    if (one_in(10))
        sp_buf_add(out, SP_STR("\xEF\xBB\xBF"));
    if (one_in(8))
        sp_buf_add(out, SP_STR("---\nname: any\n---\n"));
    add_text(out, one_in(12) ? 0 : 1 + below(16));
    if (one_in(8))
        add_broken(out);
    if (one_in(3))
        sp_buf_add_char(out, '\n');
}

static size_t utf16_units(sp_str text)
{
    size_t units = 0;
    for (size_t at = 0; at < text.len;) {
        uint32_t code = 0;
        size_t bad = 0;
        size_t length = sp_utf8_decode(text, at, &code, &bad);
        units += sp_utf16_units(code);
        at += length ? length : bad;
    }
    return units;
}

/* Memory with as many lines or UTF-16 units as the limits allow, give or take a few, after some white space. */
static void add_memory(sp_buf *out)
{
    static const char *const lines[] = { "- a note\n", "## Topic\n", "\n", "<!-- gone -->\n", "note\r\n" };
    static const char *const spaces[] = { "\n", " \r\n", "\t", "\xC2\xA0\n", "\xEF\xBB\xBF", "<!-- gone -->\n", "  " };
    size_t count = 195 + below(12);
    size_t units = 0;
    for (size_t i = one_in(2) ? 0 : below(5); i > 0; i--)
        sp_buf_add(out, sp_str_of(PICK(spaces)));
    switch (below(5)) {
    case 0:
        add_any_text(out);
        break;
    case 1:
        for (; count > 0; count--)
            sp_buf_add(out, sp_str_of(PICK(lines)));
        break;
    case 2:
        for (size_t target = 24900 + below(200); units < target;) {
            sp_str piece = sp_str_of(PICK(pieces));
            sp_buf_add(out, piece);
            units += utf16_units(piece);
        }
        break;
    case 3: /* one line over the limit */
        for (size_t target = 24990 + below(20); units < target;) {
            sp_str piece = one_in(2) ? SP_STR("\xF0\x9F\x91\xA9") : SP_STR("\xC3\xA9");
            sp_buf_add(out, piece);
            units += utf16_units(piece);
        }
        add_text(out, below(4));
        break;
    default:
        sp_buf_add(out, one_in(2) ? SP_STR(" \n\n") : SP_STR("<!-- nothing -->\n"));
    }
}

static void add_agent(sp_buf *out, const char *name)
{
    static const char *const memories[] = { "", "memory: user\n", "memory: project\n", "memory: local\n",
                                            "memory: odd\n" };
    static const char *const extras[] = {
        "",
        "model: opus\n",
        "model: gpt-4o\n",
        "tools: Read, Grep\n",
        "tools: [Read, \"B\"]\n",
        "omitClaudeMd: true\n",
        "description: again: and again\n",
        "\tbad yaml: [\n",
        "color: \"red\\n\"\n",
    };
    if (one_in(12))
        sp_buf_add(out, SP_STR("\xEF\xBB\xBF"));
    if (!one_in(12))
        sp_buf_format(out, "---\nname: %s\ndescription: It does %s\n%s%s---\n%s", name, name, PICK(memories),
                      PICK(extras), one_in(2) ? "\n" : "");
    if (one_in(6))
        sp_buf_add(out,
                   SP_STR("# Persistent Agent Memory\n\nIt is at `/x/.claude/agent-memory/one/`.\n\n## MEMORY.md\n\n"
                          "Your MEMORY.md is currently empty. Write to it.\n\n## After\n"));
    add_any_text(out);
}

/* ---- trees ------------------------------------------------------------------------------------------------ */

typedef struct tree {
    char root[PATH_MAX / 4];
    char home[PATH_MAX / 3];
    char launch[PATH_MAX / 3];
    char agent[PATH_MAX / 2];
    sp_buf text; /* of the last file that was written */
} tree;

static void make_folders(const char *path)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(copy, 0777) == 0 || errno == EEXIST);
        *slash = '/';
    }
}

static void write_file(const tree *t, const char *path)
{
    make_folders(path);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (descriptor < 0)
        return; /* a link in a circle stands there */
    if (t->text.len)
        assert_int_equal(write(descriptor, t->text.ptr, t->text.len), t->text.len);
    assert_int_equal(close(descriptor), 0);
}

SP_PRINTF(2, 3)
static void path_of(char path[PATH_MAX], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(path, PATH_MAX, format, args);
    va_end(args);
}

static const char *const names[] = {
    "CLAUDE.md",          ".claude/CLAUDE.md",    "CLAUDE.local.md",        "AGENTS.md", "a.md",          "b.md",
    "sub/c.md",           ".claude/rules/one.md", ".claude/rules/x/two.md", "sub/a.md",  "with space.md", "circle.md",
    ".claude/rules/3.md",
};
static const char *const targets[] = { "a.md",    "../a.md",   "CLAUDE.md", ".",          "..",
                                       "nowhere", "circle.md", "link.md",   "/etc/passwd" };

static void fill_folder(tree *t, const char *folder)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < SP_COUNT_OF(names); i++) {
        if (one_in(2))
            continue;
        path_of(path, "%s/%s", folder, names[i]);
        if (one_in(12)) {
            make_folders(path);
            assert_true(symlink(PICK(targets), path) == 0 || errno == EEXIST);
            continue;
        }
        t->text.len = 0;
        if (strstr(names[i], "rules/") && one_in(3))
            sp_buf_add(&t->text, one_in(2) ? SP_STR("---\npaths: src/**\n---\n") : SP_STR("---\npaths:\n---\n\n"));
        if (strcmp(names[i], "circle.md") == 0)
            sp_buf_add(&t->text, SP_STR("@a.md @circle.md\n"));
        add_any_text(&t->text);
        write_file(t, path);
    }
    path_of(path, "%s/link.md", folder);
    if (one_in(2))
        assert_true(symlink(PICK(targets), path) == 0 || errno == EEXIST);
}

static void write_agents(tree *t)
{
    static const char *const folders[] = { ".claude/agent-memory", ".claude/agent-memory-local" };
    char path[PATH_MAX];
    t->text.len = 0;
    add_agent(&t->text, "one");
    snprintf(t->agent, sizeof t->agent, "%s/.claude/agents/one.md", t->launch);
    write_file(t, t->agent);
    for (size_t i = 0; i < 3; i++) {
        if (one_in(3))
            continue;
        t->text.len = 0;
        add_memory(&t->text);
        path_of(path, "%s/%s/one/MEMORY.md", i == 2 ? t->home : t->launch, folders[i % 2]);
        write_file(t, path);
    }
}

static void make_tree(tree *t)
{
    static const char *const launches[] = { "p", "p/q", "p/q/r" };
    char path[PATH_MAX];
    snprintf(t->home, sizeof t->home, "%s/home", t->root);
    snprintf(t->launch, sizeof t->launch, "%s/%s", t->root, PICK(launches));
    path_of(path, "%s/x", t->launch);
    make_folders(path);
    fill_folder(t, t->home);
    path_of(path, "%s/p", t->root);
    fill_folder(t, path);
    if (strlen(t->launch) > strlen(path))
        fill_folder(t, t->launch);
    path_of(path, "%s/etc/claude-code/CLAUDE.md", t->root);
    t->text.len = 0;
    add_any_text(&t->text);
    write_file(t, path);
    path_of(path, "%s/p/.git/HEAD", t->root);
    write_file(t, path);
    path_of(path, "%s/home/.claude/projects/-p/memory/MEMORY.md", t->root);
    t->text.len = 0;
    add_memory(&t->text);
    write_file(t, path);
    write_agents(t);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

static size_t number_from(const char *variable, size_t otherwise)
{
    const char *value = getenv(variable);
    return value ? (size_t)strtoull(value, NULL, 10) : otherwise;
}

/* ---- the property ------------------------------------------------------------------------------------------- */

static bool same_output(const sp_prompt *a, const sp_prompt *b, sp_format format)
{
    char *bytes[2];
    size_t len[2];
    sp_err err;
    if (sp_prompt_render(a, format, NULL, &bytes[0], &len[0], &err) != SP_OK)
        return false;
    if (sp_prompt_render(b, format, NULL, &bytes[1], &len[1], &err) != SP_OK) {
        free(bytes[0]);
        return false;
    }
    bool same = len[0] == len[1] && memcmp(bytes[0], bytes[1], len[0]) == 0;
    free(bytes[0]);
    free(bytes[1]);
    return same;
}

/* sp_prompt_render's text is the messages'. */
static bool holds_as_text(const sp_prompt *prompt, char *why)
{
    char *bytes;
    size_t len;
    sp_err err;
    sp_str text = prompt->message_count ? prompt->messages[0].text : (sp_str){ "", 0 };
    INV(sp_prompt_render(prompt, SP_FORMAT_TEXT, NULL, &bytes, &len, &err) == SP_OK, "%s", err.message);
    bool same = sp_str_eq(text, (sp_str){ bytes, len });
    free(bytes);
    INV(same, "the rendered text is another");
    return true;
}

static bool holds_twice(const sp_request *request, const sp_prompt *flat, char *why)
{
    static const sp_format formats[] = { SP_FORMAT_TEXT, SP_FORMAT_JSON, SP_FORMAT_EXPLAIN, SP_FORMAT_EXPLAIN_JSON };
    sp_prompt *again;
    sp_err err;
    INV(sp_prompt_build(request, &again, &err) == SP_OK, "the second time: %s", err.message);
    bool same = true;
    for (size_t i = 0; i < SP_COUNT_OF(formats); i++)
        same = same && same_output(flat, again, formats[i]);
    sp_prompt_free(again);
    INV(same, "the same request gives two outputs");
    return true;
}

static bool holds_split(sp_request request, const sp_prompt *flat, char *why)
{
    sp_prompt *split;
    sp_err err;
    request.layout = SP_LAYOUT_SPLIT;
    INV(sp_prompt_build(&request, &split, &err) == SP_OK, "split: %s", err.message);
    bool hold = inv_prompt(split, why) && inv_output(split, request.agent_text, why) && inv_layouts(flat, split, why);
    hold = hold && inv_trim(split, number_from("SP_BUDGETS", 2), why) && inv_tree(split, why) &&
           inv_waste(split, why) && inv_caching(split, why) && inv_prefix(flat, split, why) &&
           inv_prefix(split, split, why) && inv_page(split, why) && inv_output(split, request.agent_text, why);
    sp_prompt_free(split);
    return hold;
}

static size_t built;
static size_t refused;

static bool holds(const sp_request *request, char *why)
{
    sp_prompt *flat;
    sp_err err = { 0 };
    if (sp_prompt_build(request, &flat, &err) != SP_OK) {
        refused++;
        INV(err.status == SP_ERR_INPUT && request->refuse_invalid_utf8 && err.path[0] && err.line,
            "refused with status %d, %s: %s", (int)err.status, err.path, err.message);
        return true;
    }
    built++;
    bool hold = inv_prompt(flat, why) && inv_tree(flat, why) && inv_waste(flat, why) && inv_caching(flat, why) &&
                inv_output(flat, request->agent_text, why) && inv_page(flat, why) && holds_as_text(flat, why) &&
                holds_twice(request, flat, why) && holds_split(*request, flat, why) &&
                inv_trim(flat, number_from("SP_BUDGETS", 2), why) && inv_output(flat, request->agent_text, why);
    sp_prompt_free(flat);
    return hold;
}

static bool run_requests(const tree *t, char *why)
{
    char memory[PATH_MAX];
    char named[PATH_MAX];
    const char *instructions[] = { named };
    path_of(memory, "%s/home/.claude/projects/-p/memory/MEMORY.md", t->root);
    path_of(named, "%s/etc/claude-code/CLAUDE.md", t->root);
    sp_request request = {
        .launch_dir = t->launch,
        .home_dir = one_in(6) ? NULL : t->home,
        .root_dir = t->root,
        .encoding = one_in(2)   ? NULL
                    : one_in(4) ? sp_estimate_at(below(2))
                                : sp_encoding_at(below(6)),
        .bound = one_in(2) ? SP_BOUND_UPPER : (sp_bound)below(3),
        .allow_external_imports = one_in(2),
        .refuse_invalid_utf8 = one_in(6),
        .strict = one_in(4),
    };
    if (!holds(&request, why))
        return false;
    request.agent = t->agent;
    if (!holds(&request, why))
        return false;
    request.memory_file = one_in(3) ? memory : NULL;
    request.instruction_files = one_in(3) ? instructions : NULL;
    request.instruction_file_count = request.instruction_files ? 1 : 0;
    if (one_in(2)) {
        request.agent = NULL;
        request.agent_text = t->text.len ? sp_buf_str(&t->text) : SP_STR("text");
    }
    return holds(&request, why);
}

static void check_tree(uint64_t seed)
{
    tree t = { .root = "/tmp/test-prompt.XXXXXX" };
    char why[INV_ROOM] = "";
    const char *folder = getenv("TMPDIR");
    state = seed;
    if (folder)
        snprintf(t.root, sizeof t.root, "%s/test-prompt.XXXXXX", folder);
    assert_non_null(mkdtemp(t.root));
    make_tree(&t);
    if (!run_requests(&t, why)) {
        sp_buf_release(&t.text);
        fail_msg("SP_SEED=%llu SP_TREES=1: %s (in %s)", (unsigned long long)seed, why, t.root);
    }
    sp_buf_release(&t.text);
    assert_int_equal(nftw(t.root, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void test_trees(void **unused)
{
    (void)unused;
    size_t seed = number_from("SP_SEED", 1);
    size_t count = number_from("SP_TREES", 60);
    for (size_t i = 0; i < count; i++)
        check_tree(seed + i);
    if (count > 1) /* or the generator makes nothing that is worth the name */
        assert_true(built > 2 * refused && refused > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_trees) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
