/*
 * mutate.h - changes inputs of project.h as projects: files come, go and are renamed to what clients look for, texts
 * are taken from other files or from what such files hold, and libFuzzer changes one text at a time.
 */
#ifndef TESTS_FUZZ_MUTATE_H
#define TESTS_FUZZ_MUTATE_H

#include "project.h"

/* Of libFuzzer; not there where a corpus is replayed. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

static const char *const fuzz_names[] = {
    "p/CLAUDE.md",
    "p/CLAUDE.local.md",
    "p/.claude/CLAUDE.md",
    "CLAUDE.md",
    "home/.claude/CLAUDE.md",
    "p/AGENTS.md",
    "AGENTS.md",
    "p/AGENTS.override.md",
    "p/GEMINI.md",
    "home/.gemini/GEMINI.md",
    "p/QWEN.md",
    "p/.claude/rules/a.md",
    "p/.claude/rules/d/b.md",
    "home/.claude/rules/u.md",
    "p/.claude/agents/a.md",
    "p/.claude/agents/d/b.md",
    "home/.claude/agents/a.md",
    "p/.claude/skills/s/SKILL.md",
    "p/.claude/commands/c.md",
    "p/.claude/settings.json",
    "p/.claude/settings.local.json",
    "p/.claude/agent-memory/a/MEMORY.md",
    "home/.claude/agent-memory/a/MEMORY.md",
    "home/.claude/projects/-r-p/memory/MEMORY.md",
    "home/.claude.json",
    "p/s/CLAUDE.md",
    "p/s/d/AGENTS.md",
    "p/s/a.c",
    "p/x.md",
    "p/named.md",
    "p/a.md",
    "p/CLAUDE.md > AGENTS.md",
    "p/AGENTS.md > ../AGENTS.md",
    "p/a.md > a.md",
    "p/.git",
    "p/.git/HEAD",
    "p/.gitignore",
    "home/.codex/config.toml",
    "home/.codex/AGENTS.md",
    "p/.codex/config.toml",
    "p/.cursor/rules/a.mdc",
    "p/.windsurf/rules/a.md",
    "p/.github/copilot-instructions.md",
    "p/.github/instructions/a.instructions.md",
    "p/.github/agents/a.agent.md",
    "p/opencode.json",
    "p/.opencode/agent/a.md",
    "p/.clinerules/a.md",
    "p/.gemini/settings.json",
    "p/.kiro/steering/a.md",
    "p/.rules",
    "p/sysprompt.yaml",
};

static const char *const fuzz_texts[] = {
    "---\nname: a\ndescription: does\nmemory: project\nskills: [s]\n---\nBody.\n",
    "---\nname: a\ndescription: x: y\ntools: Read, Bash(git:*)\nmodel: opus\n---\n# A\n",
    "---\npaths: [\"**/*.c\", \"s/**\"]\n---\nScoped.\n",
    "---\nglobs: \"*.ts\"\nalwaysApply: false\n---\nRule.\n",
    "@a.md @x.md\n@~/u.md\n",
    "# One\n\n@AGENTS.md\n\n## Two\n\ntext `@a.md`\n\n```\n@a.md\n```\n",
    "<!-- hidden -->\n- item <!-- x -->\n\n<div>\n@a.md\n</div>\n",
    "Always run the tests before you commit, and read their output.\n\n",
    "# One\n\nAlways run the tests before you commit, and read their output.\n\n# Two\n\nOther.\n",
    "<!-- sysprompt: pin -->\n# Kept\n\n<!-- sysprompt: ignore import.missing -->\n@none.md\n",
    "{\"instructions\": [\"*.md\", \"~/u.md\"], \"agent\": {\"b\": {\"prompt\": \"{file:./a.md}\"}}}\n",
    "{\"outputStyle\": \"x\", \"env\": {\"A\": \"b\"}, \"claudeMdExcludes\": [\"**/s/**\"]}\n",
    "project_doc_fallback_filenames = [\"a.md\"]\nproject_doc_max_bytes = 20\n",
    "budgets:\n  all: { agents: \"*\", max: 20 }\n  d: { directories: \".\", max: 5 }\n",
    "gitdir: ../main/.git/worktrees/p\n",
    "\xEF\xBB\xBF\r\n\t\xFF\xC3\x80\xE2\x80\x8B\xF0\x9F\xA6\x8A\r\n",
};

enum { FUZZ_PARTS = FUZZ_FILES + 1, FUZZ_ROOM = 65536 }; /* bytes; a longer text is not changed in itself */

/* An input in parts: its head and its profile, then of each file the line and the text. */
typedef struct fuzz_parts {
    uint8_t head[FUZZ_HEAD];
    sp_str profile;
    sp_str names[FUZZ_PARTS];
    sp_str texts[FUZZ_PARTS];
    size_t count;
} fuzz_parts;

/* bytes has a head. */
static inline void fuzz_part(fuzz_parts *parts, sp_str bytes)
{
    size_t first_end = sp_str_find(bytes, SP_STR("\n"), FUZZ_HEAD);
    parts->profile = sp_str_slice(bytes, FUZZ_HEAD, first_end == SIZE_MAX ? bytes.len : first_end);
    memcpy(parts->head, bytes.ptr, FUZZ_HEAD);
    parts->count = 0;
    for (size_t at = fuzz_next_file(bytes, FUZZ_HEAD); at < bytes.len && parts->count < FUZZ_FILES;) {
        size_t line_end = sp_str_find(bytes, SP_STR("\n"), at);
        line_end = line_end == SIZE_MAX ? bytes.len : line_end;
        size_t text = line_end < bytes.len ? line_end + 1 : line_end;
        size_t next = fuzz_next_file(bytes, text);
        parts->names[parts->count] = sp_str_slice(bytes, at + 1, line_end);
        parts->texts[parts->count++] = sp_str_slice(bytes, text, next);
        at = next;
    }
}

static inline uint32_t fuzz_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    return *state ^= *state << 5;
}

static inline sp_str fuzz_pick(const char *const *items, size_t count, uint32_t *state)
{
    return sp_str_of(items[fuzz_random(state) % count]);
}

/* room has FUZZ_ROOM bytes, for a text that libFuzzer changes. It may grow by so many bytes: with more, the files after
 * it would not be in the input. */
static inline void fuzz_change(fuzz_parts *parts, uint8_t *room, size_t more, uint32_t *state)
{
    uint32_t choice = fuzz_random(state) % 10;
    size_t at = parts->count ? fuzz_random(state) % parts->count : 0;
    bool is_new = parts->count == 0 || (choice == 0 && parts->count < FUZZ_FILES);
    if (is_new)
        at = parts->count++;
    if (is_new || choice == 1)
        parts->names[at] = fuzz_pick(fuzz_names, SP_COUNT_OF(fuzz_names), state);
    if (is_new || choice == 2)
        parts->texts[at] = fuzz_pick(fuzz_texts, SP_COUNT_OF(fuzz_texts), state);
    if (choice == 3)
        parts->texts[at] = parts->texts[fuzz_random(state) % parts->count];
    if (choice == 4) {
        parts->count--;
        parts->names[at] = parts->names[parts->count];
        parts->texts[at] = parts->texts[parts->count];
    }
    if (choice == 5)
        parts->profile = sp_str_of(sp_clients[fuzz_random(state) % sp_client_count]->name);
    if (choice == 6)
        parts->head[fuzz_random(state) % FUZZ_HEAD] ^= (uint8_t)(1u << fuzz_random(state) % 8);
    sp_str text = parts->texts[at];
    size_t most = more < FUZZ_ROOM - text.len ? text.len + more : FUZZ_ROOM;
    if (choice > 6 && text.len <= FUZZ_ROOM && most > 0) {
        memcpy(room, text.ptr, text.len);
        size_t len = LLVMFuzzerMutate(room, text.len, most);
        parts->texts[at] = (sp_str){ (const char *)room, len };
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    static uint8_t room[FUZZ_ROOM];
    uint32_t state = seed | 1;
    fuzz_parts parts;
    sp_buf made = { 0 };
    if (size < FUZZ_HEAD || fuzz_random(&state) % 8 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    fuzz_part(&parts, (sp_str){ (const char *)data, size });
    fuzz_change(&parts, room, max_size > size ? max_size - size : 0, &state);
    sp_buf_add(&made, (sp_str){ (const char *)parts.head, FUZZ_HEAD });
    sp_buf_add(&made, parts.profile);
    sp_buf_add(&made, SP_STR("\n"));
    for (size_t i = 0; i < parts.count; i++) {
        bool ends = parts.texts[i].len == 0 || sp_str_ends(parts.texts[i], SP_STR("\n"));
        sp_buf_add(&made, SP_STR("\x01"));
        sp_buf_add(&made, parts.names[i]);
        sp_buf_add(&made, SP_STR("\n"));
        sp_buf_add(&made, parts.texts[i]);
        sp_buf_add(&made, ends ? SP_STR("") : SP_STR("\n"));
    }
    sp_str text = sp_buf_str(&made);
    size_t len = text.len < max_size ? text.len : max_size;
    memcpy(data, text.ptr, len);
    sp_buf_release(&made);
    return len;
}

#endif
