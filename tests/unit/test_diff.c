/* test_diff.c - matching parts of two prompts: whatever they are, nothing is counted twice and nothing is lost. */
#include "base/types.h"
#include "diff/match.h"
#include "diff/result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum {
    ROUNDS = 2000,
    MAX_FILES = 5,
    MAX_PARTS = 24,
};

static uint64_t seed = 20261121;

static uint32_t random_below(uint32_t limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % limit;
}

static const sp_str words[] = { { "A", 1 }, { "B", 1 }, { "C", 1 }, { "Example", 7 } };
static const sp_str paths[] = {
    { NULL, 0 }, { "a.md", 4 }, { "b.md", 4 }, { "c.md", 4 }, { "d.md", 4 }, { "e.md", 4 }
};

/* A part under one of the file's earlier ones, or under none. The text is one of a few, so that many are the same. */
static void make_part(sp_arena *arena, sp_parts *parts, uint32_t file)
{
    uint32_t index = parts->count++;
    sp_part *part = &parts->parts[index];
    *part = (sp_part){ .file = file, .parent = SP_NONE, .tokens = random_below(40) };
    if (index > 0 && parts->parts[index - 1].file == file && parts->parts[index - 1].headings.count < 4)
        part->parent = random_below(2) ? index - 1 : parts->parts[index - 1].parent;
    size_t depth = part->parent == SP_NONE ? 0 : parts->parts[part->parent].headings.count;
    sp_str *headings = SP_ARENA_ARRAY(arena, sp_str, depth + 1);
    assert_non_null(headings);
    if (depth)
        memcpy(headings, parts->parts[part->parent].headings.items, depth * sizeof *headings);
    headings[depth] = words[random_below(SP_COUNT_OF(words))];
    part->headings = (sp_str_list){ headings, depth + 1 };
    if (parts->has_text) {
        snprintf(part->whole, sizeof part->whole, "w%u", random_below(12));
        snprintf(part->body, sizeof part->body, "%s%u", random_below(3) ? "b" : "", random_below(12));
    }
    parts->files[file].tokens += part->tokens;
    parts->tokens += part->tokens;
}

static sp_parts make_parts(sp_arena *arena, bool has_text)
{
    sp_parts parts = { .has_text = has_text };
    parts.files = SP_ARENA_ARRAY(arena, sp_part_file, MAX_FILES);
    parts.parts = SP_ARENA_ARRAY(arena, sp_part, MAX_PARTS);
    assert_non_null(parts.files);
    assert_non_null(parts.parts);
    uint32_t first = random_below(SP_COUNT_OF(paths) - MAX_FILES + 1);
    parts.file_count = random_below(MAX_FILES + 1);
    for (uint32_t i = 0; i < parts.file_count; i++)
        parts.files[i].path = paths[first + i];
    for (uint32_t i = 0; i < parts.file_count; i++)
        for (uint32_t left = random_below(MAX_PARTS / MAX_FILES + 1); left > 0; left--)
            make_part(arena, &parts, i);
    return parts;
}

static void check_pairs(const sp_match *match)
{
    for (uint32_t i = 0; i < match->new_parts->count; i++)
        if (match->old_of_new[i] != SP_NONE)
            assert_int_equal(match->new_of_old[match->old_of_new[i]], i);
    for (uint32_t i = 0; i < match->old_parts->count; i++)
        if (match->new_of_old[i] != SP_NONE)
            assert_int_equal(match->old_of_new[match->new_of_old[i]], i);
    for (uint32_t i = 0; i < match->new_parts->file_count; i++)
        if (match->old_file_of_new[i] != SP_NONE)
            assert_int_equal(match->new_file_of_old[match->old_file_of_new[i]], i);
}

static void check_sums(const sp_match *match, const sp_diff_prompt *prompt)
{
    size_t old_tokens = 0, new_tokens = 0, old_rows = 0, new_rows = 0;
    bool has_text = match->old_parts->has_text && match->new_parts->has_text;
    for (size_t i = 0; i < prompt->file_count; i++) {
        const sp_diff_file *file = &prompt->files[i];
        size_t was = 0, is = 0;
        for (size_t j = 0; j < file->row_count; j++) {
            const sp_diff_row *row = &file->rows[j];
            was += row->old_tokens;
            is += row->new_tokens;
            assert_true(row->change != SP_CHANGE_NEW || row->old_tokens == 0);
            assert_true((row->change != SP_CHANGE_GONE && row->change != SP_CHANGE_LEFT) || row->new_tokens == 0);
            assert_true(row->change != SP_CHANGE_NONE || row->old_tokens == row->new_tokens || has_text);
            new_rows += row->change != SP_CHANGE_GONE && row->change != SP_CHANGE_LEFT;
            old_rows += row->change != SP_CHANGE_NEW && row->change != SP_CHANGE_LEFT;
        }
        assert_int_equal(was, file->old_tokens);
        assert_int_equal(is, file->new_tokens);
        old_tokens += was;
        new_tokens += is;
    }
    assert_int_equal(old_tokens, match->old_parts->tokens);
    assert_int_equal(new_tokens, match->new_parts->tokens);
    assert_int_equal(old_rows, match->old_parts->count);
    assert_int_equal(new_rows, match->new_parts->count);
}

static void test_nothing_is_lost(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        sp_arena arena = { 0 };
        sp_parts old_parts = make_parts(&arena, round % 4 != 0);
        sp_parts new_parts = make_parts(&arena, round % 8 > 1);
        sp_match match;
        sp_diff_prompt prompt;
        sp_err err;
        assert_int_equal(sp_match_parts(&arena, &old_parts, &new_parts, &match, &err), SP_OK);
        check_pairs(&match);
        assert_int_equal(sp_match_rows(&arena, &match, NULL, &prompt, &err), SP_OK);
        check_sums(&match, &prompt);
        sp_arena_release(&arena);
    }
}

/* What is compared with itself has not changed. */
static void test_same(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        sp_arena arena = { 0 };
        sp_parts parts = make_parts(&arena, round % 2);
        sp_match match;
        sp_diff_prompt prompt;
        sp_err err;
        assert_int_equal(sp_match_parts(&arena, &parts, &parts, &match, &err), SP_OK);
        assert_int_equal(sp_match_rows(&arena, &match, NULL, &prompt, &err), SP_OK);
        assert_int_equal(prompt.change, SP_CHANGE_NONE);
        sp_arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_lost),
        cmocka_unit_test(test_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
