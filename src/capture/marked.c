#include "capture/marked.h"

#include "base/base.h"
#include "base/cache.h"
#include "base/file.h"
#include "base/types.h"

#include <stdio.h>

/* White space at both ends tells whether the client takes it off. */
#define ENDS(text) "\n\n\n\n\n" text "\n\n\n\n\n\n"
#define LINES                                                                                                          \
    "The marked file {mark} begins with this line of its own.\n\n- and {mark} has a list of one item\n\n"              \
    "Here ends what {mark} says."
#define LAST_LINE "\nThis last line of {mark} has words of its own."

enum {
    ALL = 1,     /* the user's files and the project's */
    PROJECT = 2, /* the project's alone */
    AGENT = 4,   /* an agent's, with memory */
    BARE = 8,    /* an agent's, without text in its memory */
    TOUCHED = 16,
    OTHER = 32,     /* of a launch directory that is called otherwise and has a file more */
    CUT_LINES = 64, /* memory files over a limit, for each kind of cut: by lines, */
    CUT_LINES_BLANK = 128,
    CUT_SIZE = 256, /* by size, */
    CUT_SIZE_BLANK = 512,
    CUT_SIZE_INSIDE = 1024,
    CUT_BOTH = 2048, /* by both */
    CUT_BOTH_BLANK = 4096,
    CUT_BOTH_INSIDE = 8192,
    CUT = CUT_LINES | CUT_LINES_BLANK | CUT_SIZE | CUT_SIZE_BLANK | CUT_SIZE_INSIDE | CUT_BOTH | CUT_BOTH_BLANK |
          CUT_BOTH_INSIDE,
    AGENTS_MD = 16384, /* AGENTS.md files, which load where no CLAUDE.md does */
    MANAGED = 32768,   /* those of the machine beside the user's and the project's */
    LAST = 65536,      /* an agent's, with no reminder after the instructions */
    EVERY = ALL | PROJECT | AGENT | BARE | TOUCHED | CUT | MANAGED | LAST,
};

#define GIT                                                                                                            \
    { ".git/HEAD", "ref: refs/heads/main\n", EVERY | AGENTS_MD },                                                      \
        { ".git/objects/info/packs", "\n", EVERY | AGENTS_MD },                                                        \
    {                                                                                                                  \
        ".git/refs/heads/.keep", "", EVERY | AGENTS_MD                                                                 \
    }

#define CLAUDE_AGENT(name, fields)                                                                                     \
    {                                                                                                                  \
        ".claude/agents/" name ".md",                                                                                  \
            "---\nname: " name "\ndescription: Agent of the marked project\n" fields "---\n" LINES "\n",               \
            AGENT | BARE | CUT                                                                                         \
    }

/* Some models get a text of their own. The aliases are what most agents name; the ids are the other models that can be
 * asked for: one without date is enough. */
#define CLAUDE_MODELS(each)                                                                                            \
    each("haiku"), each("sonnet"), each("opus"), each("fable"), each("claude-opus-5"), each("claude-opus-4-8"),        \
        each("claude-opus-4-7"), each("claude-opus-4-6"), each("claude-opus-4-5"), each("claude-sonnet-5"),            \
        each("claude-sonnet-4-6"), each("claude-sonnet-4-5"), each("claude-haiku-4-5")
#define MODEL_AGENT(model) CLAUDE_AGENT("sysprompt-" model, "model: " model "\n")
#define MODEL_RUN(model)                                                                                               \
    {                                                                                                                  \
        .files = BARE, .agent = "sysprompt-" model                                                                     \
    }

/* The session's memory file and an agent's for a kind of cut, of two sizes: what differs are figures of the file. No
 * figure is another one of the same file, or a limit. */
#define CUT_FILES(bit, session, agent)                                                                                 \
    { "~/.claude/projects/{slug}/memory/MEMORY.md", "{lines " session "}", bit },                                      \
    {                                                                                                                  \
        ".claude/agent-memory/sysprompt-project/MEMORY.md", "{lines " agent "}", bit                                   \
    }

static const sp_marked_file claude_files[] = {
    GIT,
    { "/etc/claude-code/CLAUDE.md", LINES "\n", MANAGED },
    { "/etc/claude-code/managed-settings.json", "{\"claudeMd\": \"The setting {mark} has words of its own.\"}\n",
      MANAGED },
    { "/etc/claude-code/.claude/rules/first.md", LINES "\n", MANAGED },
    { "/etc/claude-code/.claude/rules/scoped.md", "---\npaths: \"part/**\"\n---\n" LINES "\n", MANAGED },
    { "~/.claude/CLAUDE.md", LINES "\n\n@sysprompt-user.md\n" LAST_LINE "\n", ALL | AGENT | MANAGED },
    { "~/.claude/sysprompt-user.md", LINES "\n", ALL | AGENT | MANAGED },
    { "~/.claude/rules/sysprompt-marked.md", LINES LAST_LINE "\n", ALL },
    { "CLAUDE.md", ENDS(LINES "\n\n@docs/sysprompt-import.md\n" LAST_LINE), EVERY },
    { "docs/sysprompt-import.md", LINES "\n", EVERY },
    { ".claude/CLAUDE.md", LINES "\n", ALL | PROJECT },
    { ".claude/rules/first.md", LINES "\n", ALL | PROJECT },
    { "CLAUDE.local.md", LINES "\n\n@docs/sysprompt-local.md\n" LAST_LINE "\n", ALL | PROJECT },
    { "docs/sysprompt-local.md", LINES "\n", ALL | PROJECT },
    { "~/.claude/projects/{slug}/memory/MEMORY.md", LINES "\n", ALL },
    { "part/CLAUDE.md", ENDS(LINES "\n\n@sysprompt-nested.md\n" LAST_LINE), TOUCHED },
    { "part/sysprompt-nested.md", LINES "\n", TOUCHED },
    { "part/CLAUDE.local.md", LINES "\n", TOUCHED },
    { "AGENTS.md", LINES "\n", AGENTS_MD },
    { "part/AGENTS.md", LINES "\n\n@sysprompt-nested.md\n" LAST_LINE "\n", AGENTS_MD },
    { "part/sysprompt-nested.md", LINES "\n", AGENTS_MD },
    { "part/deep/AGENTS.md", LINES "\n", AGENTS_MD },
    { "part/.claude/rules/nested.md", LINES "\n", TOUCHED | AGENTS_MD },
    { ".claude/rules/scoped.md", "---\npaths: \"part/**\"\n---\n" LINES "\n", TOUCHED | AGENTS_MD },
    { "~/.claude/rules/scoped.md", "---\npaths: \"part/**\"\n---\n" LINES "\n", TOUCHED },
    { "part/deep/x.txt", "A file that is read.\n", TOUCHED | AGENTS_MD | MANAGED },
    { "part/deep/long.txt", LINES "\n" LINES "\n" LINES "\n", TOUCHED | AGENTS_MD },
    CLAUDE_AGENT("sysprompt-plain", ""),
    CLAUDE_AGENT("sysprompt-project", "memory: project\nskills: [sysprompt-skill]\n"),
    CLAUDE_AGENT("sysprompt-user", "memory: user\n"),
    CLAUDE_AGENT("sysprompt-local", "memory: local\nskills: [sysprompt-command]\n"),
    { ".claude/agent-memory/sysprompt-project/MEMORY.md", LINES "\n", AGENT },
    CLAUDE_MODELS(MODEL_AGENT),
    { "~/.claude/agent-memory/sysprompt-user/MEMORY.md", LINES "\n", AGENT },
    { ".claude/agent-memory-local/sysprompt-local/MEMORY.md", LINES "\n", AGENT },
    { ".claude/skills/sysprompt-skill/SKILL.md",
      "---\nname: sysprompt-skill\ndescription: Skill of the marked project\n---\n" ENDS(LINES), AGENT },
    { ".claude/commands/sysprompt-command.md", "---\ndescription: Command of the marked project\n---\n" ENDS(LINES),
      AGENT },
    { ".claude/settings.json", "{\"includeGitInstructions\": false}\n", LAST },
    { ".claude/agents/sysprompt-last.md",
      "---\nname: sysprompt-last\ndescription: Agent of the marked project\ntools: Read\n---\n" LINES "\n", LAST },
    CUT_FILES(CUT_LINES, "231 40 0 0", "247 50 0 0"),
    CUT_FILES(CUT_LINES_BLANK, "233 40 0 201", "249 50 0 201"),
    CUT_FILES(CUT_SIZE, "61 487 0 0", "73 611 0 0"),
    CUT_FILES(CUT_SIZE_BLANK, "61 487 0 52", "73 611 0 41"),
    CUT_FILES(CUT_SIZE_INSIDE, "7 50 26011 0", "9 50 31013 0"),
    CUT_FILES(CUT_BOTH, "271 397 0 0", "289 309 0 0"),
    CUT_FILES(CUT_BOTH_BLANK, "271 397 0 63", "289 309 0 81"),
    CUT_FILES(CUT_BOTH_INSIDE, "235 50 26011 0", "253 50 31013 0"),
    { NULL, NULL, 0 },
};

static const sp_marked_run claude_runs[] = {
    { .files = ALL },
    { .files = ALL },
    { .files = PROJECT },
    { .files = PROJECT },
    { .files = TOUCHED, .touch = "part/deep/x.txt" },
    { .files = TOUCHED, .touch = "part/deep/long.txt" },
    { .files = AGENTS_MD, .touch = "part/deep/x.txt" },
    { .files = AGENTS_MD, .touch = "part/deep/long.txt" },
    { .files = AGENT, .agent = "sysprompt-plain" },
    { .files = AGENT, .agent = "sysprompt-project" },
    { .files = AGENT, .agent = "sysprompt-user" },
    { .files = AGENT, .agent = "sysprompt-local" },
    { .files = BARE, .agent = "sysprompt-project", .ending = "agent.memory-missing-project" },
    { .files = BARE, .agent = "sysprompt-user", .ending = "agent.memory-missing-user" },
    { .files = BARE, .agent = "sysprompt-local", .ending = "agent.memory-missing-local" },
    { .files = CUT_LINES, .agent = "sysprompt-project" },
    { .files = CUT_LINES_BLANK, .agent = "sysprompt-project" },
    { .files = CUT_SIZE, .agent = "sysprompt-project" },
    { .files = CUT_SIZE_BLANK, .agent = "sysprompt-project" },
    { .files = CUT_SIZE_INSIDE, .agent = "sysprompt-project" },
    { .files = CUT_BOTH, .agent = "sysprompt-project" },
    { .files = CUT_BOTH_BLANK, .agent = "sysprompt-project" },
    { .files = CUT_BOTH_INSIDE, .agent = "sysprompt-project" },
    CLAUDE_MODELS(MODEL_RUN),
    { .files = LAST, .agent = "sysprompt-last", .is_chain_last = true },
    { .files = MANAGED, .etc_name = "claude-code" },
    { .files = MANAGED, .etc_name = "claude-code", .touch = "part/deep/x.txt" },
};

/* A chain of files by one name: the user's, the repository's, that of the launch directory. */
#define CHAIN(of_user, name)                                                                                           \
    GIT, { of_user, LINES "\n", ALL }, { name, ENDS(LINES), EVERY },                                                   \
    {                                                                                                                  \
        "part/" name, LINES "\n", EVERY                                                                                \
    }

/* White space at the end of the user's file is not sent, so it has none: the line ends after it are the client's. */
static const sp_marked_file codex_files[] = {
    GIT,
    { "~/.codex/AGENTS.md", LINES, ALL },
    { "AGENTS.md", ENDS(LINES), EVERY },
    { "part/AGENTS.md", LINES "\n", EVERY },
    { NULL, NULL, 0 },
};
static const sp_marked_file gemini_files[] = { CHAIN("~/.gemini/GEMINI.md", "GEMINI.md"), { NULL, NULL, 0 } };
static const sp_marked_file opencode_files[] = { CHAIN("~/.config/opencode/AGENTS.md", "AGENTS.md"),
                                                 { NULL, NULL, 0 } };
static const sp_marked_file copilot_files[] = { CHAIN("~/.copilot/copilot-instructions.md", "AGENTS.md"),
                                                { ".github/copilot-instructions.md", LINES "\n", EVERY },
                                                { NULL, NULL, 0 } };
static const sp_marked_file droid_files[] = { CHAIN("~/.factory/AGENTS.md", "AGENTS.md"), { NULL, NULL, 0 } };
static const sp_marked_file qwen_files[] = { CHAIN("~/.qwen/QWEN.md", "QWEN.md"), { NULL, NULL, 0 } };
/* Of the launch directory alone, and in the order of their titles. */
static const sp_marked_file cline_files[] = {
    GIT,
    { "~/.agents/AGENTS.md", LINES "\n", ALL },
    { "part/.clinerules/first.md", ENDS(LINES), EVERY },
    { "part/AGENTS.md", LINES "\n", EVERY },
    { "other/.clinerules/first.md", ENDS(LINES), OTHER },
    { "other/AGENTS.md", LINES "\n", OTHER },
    { NULL, NULL, 0 },
};

static const sp_marked_run chain_runs[] = {
    { .files = ALL, .launch = "part" },
    { .files = ALL | OTHER, .launch = "other" },
    { .files = PROJECT, .launch = "part" },
    { .files = PROJECT | OTHER, .launch = "other" },
};

static const sp_marked marked[] = {
    { "claude-code", claude_files, claude_runs, SP_COUNT_OF(claude_runs) },
    { "codex", codex_files, chain_runs, SP_COUNT_OF(chain_runs) },
    { "gemini", gemini_files, chain_runs, SP_COUNT_OF(chain_runs) },
    { "opencode", opencode_files, chain_runs, SP_COUNT_OF(chain_runs) },
    { "copilot", copilot_files, chain_runs, SP_COUNT_OF(chain_runs) },
    { "droid", droid_files, chain_runs, SP_COUNT_OF(chain_runs) },
    { "qwen", qwen_files, chain_runs, SP_COUNT_OF(chain_runs) },
    { "cline", cline_files, chain_runs, SP_COUNT_OF(chain_runs) },
};

const sp_marked *sp_marked_find(sp_str client)
{
    for (size_t i = 0; i < SP_COUNT_OF(marked); i++)
        if (sp_str_eq(client, sp_str_of(marked[i].client)))
            return &marked[i];
    return NULL;
}

/* ---- writing --------------------------------------------------------------------------------------------- */

static bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* The template with {mark} and {slug} filled in. */
static sp_str fill(sp_arena *arena, const char *pattern, sp_str mark, sp_str project)
{
    sp_buf out = { 0 };
    sp_str text = sp_str_of(pattern);
    sp_buf_add(&out, SP_STR(""));
    for (size_t at = 0; at < text.len;) {
        sp_str rest = sp_str_slice(text, at, text.len);
        if (sp_str_starts(rest, SP_STR("{mark}"))) {
            sp_buf_add(&out, mark);
            at += strlen("{mark}");
        } else if (sp_str_starts(rest, SP_STR("{slug}"))) {
            for (size_t i = 0; i < project.len; i++)
                sp_buf_add_char(&out, is_letter_or_digit(project.ptr[i]) ? project.ptr[i] : '-');
            at += strlen("{slug}");
        } else
            sp_buf_add_char(&out, text.ptr[at++]);
    }
    return sp_buf_move(&out, arena);
}

/* The lines that "{lines COUNT WIDTH FIRST BLANK}" asks for; another text as it is. */
static sp_str number_lines(sp_arena *arena, sp_str text, sp_str mark)
{
    unsigned lines, common, first, blank;
    if (!text.ptr || sscanf(text.ptr, "{lines %u %u %u %u}", &lines, &common, &first, &blank) != 4)
        return text;
    sp_buf out = { 0 };
    sp_buf_add(&out, SP_STR(""));
    for (unsigned i = 1; i <= lines && !out.failed; i++) {
        size_t end = out.len + (i == 1 && first ? first : common);
        if (i != blank)
            sp_buf_format(&out, "%.*s keeps line %u ", SP_STR_ARG(mark), i);
        while (out.len < end && !out.failed)
            sp_buf_add_char(&out, i == blank ? ' ' : 'x');
        sp_buf_add_char(&out, '\n');
    }
    return sp_buf_move(&out, arena);
}

/* The path of a file, given with its placeholders filled in. */
static sp_str place_of(sp_arena *arena, sp_str path, const sp_marked_places *places)
{
    if (sp_str_starts(path, SP_STR("~/")))
        return sp_path_append(arena, places->home, sp_str_slice(path, 2, path.len));
    if (sp_str_starts(path, SP_STR("/")))
        return sp_path_append(arena, places->root, sp_str_slice(path, 1, path.len));
    return sp_path_append(arena, places->project, path);
}

static sp_status write_file(sp_arena *arena, const sp_marked_file *file, const sp_marked_places *places, sp_str mark,
                            sp_err *err)
{
    sp_str path = fill(arena, file->path, mark, places->project);
    sp_str text = number_lines(arena, fill(arena, file->text, mark, places->project), mark);
    if (!path.ptr || !text.ptr)
        return sp_err_memory(err);
    path = place_of(arena, path, places);
    sp_str folder = path.ptr ? sp_str_dup(arena, sp_path_folder(path)) : path;
    if (!folder.ptr)
        return sp_err_memory(err);
    if (!sp_cache_write(folder.ptr, sp_path_base(path).ptr, text))
        return sp_err_set(err, SP_ERR_OUTPUT, "cannot write %.*s", SP_STR_ARG(path));
    return SP_OK;
}

sp_status sp_marked_write(sp_arena *arena, const sp_marked *of, const sp_marked_run *run,
                          const sp_marked_places *places, unsigned variant, sp_err *err)
{
    unsigned number = 0;
    for (const sp_marked_file *file = of->files; file->path; file++, number++) {
        sp_str mark = sp_str_format(arena, "q%uz%uk", variant, number);
        if (!mark.ptr)
            return sp_err_memory(err);
        if (file->runs & run->files)
            SP_TRY(write_file(arena, file, places, mark, err));
    }
    return SP_OK;
}
