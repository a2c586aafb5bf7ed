/*
 * test_capture_map.c - files that an invented client sends are found again, byte by byte.
 *
 * Projects are made at random, and a client that wraps, trims, escapes and numbers their files. Of every byte of its
 * text it is known which line of which file it is. At least 97 of 100 bytes that are of files have to be attributed to
 * that line, none to another one, and at most 3 to one of several.
 *
 *   build/tests/test_capture_map --projects N --seed N    tries more
 */
#include "base/base.h"
#include "base/types.h"
#include "capture/automaton.h"
#include "capture/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static uint64_t state = 1;
static unsigned projects = 200;

static unsigned pick(unsigned below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % below;
}

/* ---- files ------------------------------------------------------------------------------------------------ */

enum { MAX_FILES = 12, CLIENT = 0xFFFF };

typedef struct project {
    sp_buf files[MAX_FILES];
    char paths[MAX_FILES][64];
    size_t count;
} project;

static const char *const words[] = { "tabs",  "release", "window", "branch", "cargo", "ledger", "schema",
                                     "never", "use",     "every",  "cache",  "the",   "build",  "harbor",
                                     "of",    "when",    "model",  "log",    "error", "index",  "socket",
                                     "queue", "amber",   "and",    "write",  "read" };
static const char *const repeated[] = {
    "---", "```", "- yes", "- no", "## Notes", "TODO", "}", "Keep it short.", "- Run the tests before each push."
};

static void add_words(sp_buf *out, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        sp_buf_format(out, "%s%s%u", i ? " " : "", words[pick(SP_COUNT_OF(words))], pick(3) ? 0 : pick(90));
}

static void add_line(sp_buf *out)
{
    static const char *const begins[] = { "", "", "- ", "# ", "  - ", "    ", "\t", "1. ", "> ", "<b>\"&\"</b> " };
    unsigned kind = pick(20);
    if (kind < 4) {
        sp_buf_add_char(out, '\n');
        return;
    }
    if (kind < 7) {
        sp_buf_format(out, "%s\n", repeated[pick(SP_COUNT_OF(repeated))]);
        return;
    }
    sp_buf_format(out, "%s", begins[pick(SP_COUNT_OF(begins))]);
    add_words(out, 1 + pick(12));
    sp_buf_format(out, "%s\n", pick(9) ? "" : "  ");
}

/* Some lines of another file, which this one quotes. */
static void add_quote(sp_buf *out, const sp_buf *other)
{
    size_t begin = other->len ? pick((unsigned)other->len) : 0;
    size_t lines = 3 + pick(8);
    while (begin > 0 && other->ptr[begin - 1] != '\n')
        begin--;
    for (size_t at = begin; at < other->len && lines > 0; at++) {
        sp_buf_add_char(out, other->ptr[at]);
        lines -= other->ptr[at] == '\n';
    }
}

static void make_project(project *p)
{
    p->count = 2 + pick(MAX_FILES - 2);
    for (size_t i = 0; i < p->count; i++) {
        unsigned lines = pick(8) ? 3 + pick(60) : 1;
        snprintf(p->paths[i], sizeof p->paths[i], "/home/u/proj/%s%zu/%s", i ? "part" : "top", i,
                 i % 3 ? "CLAUDE.md" : "MEMORY.md");
        for (unsigned line = 0; line < lines; line++) {
            add_line(&p->files[i]);
            if (i > 0 && pick(60) == 0)
                add_quote(&p->files[i], &p->files[pick((unsigned)i)]);
        }
        if (lines == 1) {
            add_words(&p->files[i], 6);
            sp_buf_add_char(&p->files[i], '\n');
        }
    }
}

/* ---- the client ---------------------------------------------------------------------------------------------- */

/* A text, and of each byte the file and the offset in it. */
typedef struct sent {
    sp_buf text;
    uint16_t *files;
    uint32_t *offsets;
    size_t room;
} sent;

static void put(sent *s, char c, unsigned file, size_t offset)
{
    if (s->text.len == s->room) {
        s->room = s->room ? s->room * 2 : 4096;
        s->files = realloc(s->files, s->room * sizeof *s->files);
        s->offsets = realloc(s->offsets, s->room * sizeof *s->offsets);
        assert_true(s->files && s->offsets);
    }
    s->files[s->text.len] = (uint16_t)file;
    s->offsets[s->text.len] = (uint32_t)offset;
    sp_buf_add_char(&s->text, c);
}

static void say(sent *s, const char *text)
{
    for (; *text; text++)
        put(s, *text, CLIENT, 0);
}

typedef enum manner {
    AS_IT_IS,
    AS_XML,
    AS_JSON,
    NUMBERED,
    MANNERS,
} manner;

static void send_byte(sent *s, manner how, char c, unsigned file, size_t offset)
{
    const char *escape = NULL;
    if (how == AS_XML)
        escape = c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : NULL;
    if (how == AS_JSON)
        escape = c == '\n' ? "\\n" : c == '"' ? "\\\"" : c == '\t' ? "\\t" : c == '\\' ? "\\\\" : NULL;
    if (!escape)
        put(s, c, file, offset);
    for (; escape && *escape; escape++)
        put(s, *escape, file, offset);
}

static void send_file(sent *s, const project *p, unsigned file, bool trims, manner how)
{
    sp_str text = sp_buf_str(&p->files[file]);
    size_t begin = 0;
    size_t end = text.len;
    unsigned line = 1;
    while (trims && begin < end && strchr(" \t\n", text.ptr[begin]))
        begin++;
    while (trims && end > begin && strchr(" \t\n", text.ptr[end - 1]))
        end--;
    for (size_t at = begin; at < end; at++) {
        char number[16];
        snprintf(number, sizeof number, "%6u\t", line);
        if (how == NUMBERED && (at == begin || text.ptr[at - 1] == '\n'))
            say(s, number);
        line += text.ptr[at] == '\n';
        send_byte(s, how, text.ptr[at], file, at);
    }
}

static void make_request(sent *s, const project *p)
{
    bool trims = pick(2);
    bool names = pick(4) > 0;
    bool wraps = pick(2);
    say(s, "Zibble wumpet frandle: invented preface of an invented client, with a word or two.\n\n");
    for (unsigned i = 0; i < p->count; i++) {
        manner how = pick(6) ? AS_IT_IS : (manner)pick(MANNERS);
        if (names) {
            say(s, "Grumbled out of ");
            say(s, p->paths[i]);
            say(s, " (zorp):\n\n");
        }
        say(s, wraps && how == AS_IT_IS ? "<wumpet>" : "");
        send_file(s, p, i, trims, how);
        say(s, wraps && how == AS_IT_IS ? "</wumpet>" : "");
        say(s, pick(2) ? "\n\n" : "\nGlimp snorvel past that.\n\n");
    }
    say(s, "Quindle farp at the end.\n---\n");
}

/* ---- what was found ------------------------------------------------------------------------------------------- */

typedef struct score {
    size_t of_files;
    size_t right;
    size_t wrong;
    size_t ambiguous;
} score;

static unsigned line_of(sp_str text, size_t offset)
{
    unsigned line = 1;
    for (size_t i = 0; i < offset && i < text.len; i++)
        line += text.ptr[i] == '\n';
    return line;
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Whether the byte is of a line that the span has. */
static bool is_right(const project *p, const sent *s, const sp_span_of *span, size_t at)
{
    if (s->files[at] != span->source)
        return false;
    sp_str text = sp_buf_str(&p->files[span->source]);
    unsigned line = line_of(text, s->offsets[at]);
    return line_of(text, span->source_begin) <= line && line <= line_of(text, span->source_end);
}

static void judge(const project *p, const sent *s, const sp_mapping *mapping, score *total)
{
    size_t next = 0;
    for (size_t at = 0; at < s->text.len; at++) {
        while (next < mapping->count && mapping->spans[next].end <= at)
            next++;
        const sp_span_of *span =
            next < mapping->count && mapping->spans[next].begin <= at ? &mapping->spans[next] : NULL;
        if (is_white(s->text.ptr[at]))
            continue;
        total->of_files += s->files[at] != CLIENT;
        if (!span)
            continue;
        if (span->is_ambiguous)
            total->ambiguous++;
        else if (is_right(p, s, span, at))
            total->right++;
        else
            total->wrong++;
        if (!span->is_ambiguous && !is_right(p, s, span, at) && getenv("SHOW"))
            fprintf(stderr, "CTX[[%.*s]]\nwrong at %zu: is file %u, found file %u %zu-%zu (%d): %.*s\n", 500,
                    s->text.ptr + (span->begin > 300 ? span->begin - 300 : 0), at, s->files[at], span->source,
                    span->source_begin, span->source_end, span->match, (int)(span->end - span->begin),
                    s->text.ptr + span->begin);
    }
}

static void try_project(score *total)
{
    project p = { .count = 0 };
    sent s = { 0 };
    sp_arena arena = { 0 };
    sp_mapped_source sources[MAX_FILES];
    sp_mapping mapping;
    sp_err err;
    make_project(&p);
    make_request(&s, &p);
    for (size_t i = 0; i < p.count; i++)
        sources[i] =
            (sp_mapped_source){ .bytes = sp_buf_str(&p.files[i]), .path = sp_str_of(p.paths[i]), .is_expected = true };
    sp_str text = sp_buf_str(&s.text);
    const sp_map_input input = { .texts = &text, .text_count = 1, .sources = sources, .source_count = p.count };
    assert_int_equal(sp_texts_map(&arena, &input, &mapping, &err), SP_OK);
    size_t end = 0;
    for (size_t i = 0; i < mapping.count; i++) {
        assert_true(mapping.spans[i].begin >= end && mapping.spans[i].begin < mapping.spans[i].end);
        assert_true(mapping.spans[i].source_end <= p.files[mapping.spans[i].source].len);
        end = mapping.spans[i].end;
    }
    assert_true(end <= text.len);
    judge(&p, &s, &mapping, total);
    sp_arena_release(&arena);
    for (size_t i = 0; i < p.count; i++)
        sp_buf_release(&p.files[i]);
    sp_buf_release(&s.text);
    free(s.files);
    free(s.offsets);
}

static void test_files_are_found(void **unused)
{
    score total = { 0 };
    (void)unused;
    for (unsigned i = 0; i < projects; i++)
        try_project(&total);
    printf("# of %zu bytes of files %zu right (%.2f%%), %zu wrong, %zu ambiguous (%.2f%%)\n", total.of_files,
           total.right, 100.0 * (double)total.right / (double)total.of_files, total.wrong, total.ambiguous,
           100.0 * (double)total.ambiguous / (double)total.of_files);
    assert_true(total.right * 100 >= total.of_files * 97);
    assert_true(total.wrong == 0);
    assert_true(total.ambiguous * 100 <= total.of_files * 3);
}

/* The name of a file does not tell which of its two equal lines it is that stands in a line of the client's. */
static void test_a_line_that_a_file_has_twice(void **unused)
{
    sp_arena arena = { 0 };
    sp_mapping mapping;
    sp_err err;
    (void)unused;
    sp_str text = SP_STR("Out of a/CLAUDE.md:\n\n<x>Keep it all short.\nKeep it all short.\n\tledger window</x>\n");
    sp_mapped_source source = { .bytes = SP_STR("Keep it all short.\nKeep it all short.\n\tledger window"),
                                .path = SP_STR("a/CLAUDE.md"),
                                .name = SP_STR("a/CLAUDE.md"),
                                .is_expected = true };
    const sp_map_input input = { .texts = &text, .text_count = 1, .sources = &source, .source_count = 1 };
    assert_int_equal(sp_texts_map(&arena, &input, &mapping, &err), SP_OK);
    bool is_certain = mapping.count > 0 && !mapping.spans[0].is_ambiguous && mapping.spans[0].begin < 30;
    assert_true(!is_certain || mapping.spans[0].source_begin == 0);
    sp_arena_release(&arena);
}

/* Two files without names, of which one is sent escaped, and the place in the text of a line that only one explains. */
static sp_span_of map_two(sp_arena *arena, const char *text, const char *first, const char *second, const char *line)
{
    sp_mapping mapping;
    sp_err err;
    sp_str all = sp_str_of(text);
    const sp_mapped_source sources[] = {
        { .bytes = sp_str_of(first), .path = SP_STR("/p/one.md"), .is_expected = true },
        { .bytes = sp_str_of(second), .path = SP_STR("/p/two.md"), .is_expected = true }
    };
    const sp_map_input input = { .texts = &all, .text_count = 1, .sources = sources, .source_count = 2 };
    assert_int_equal(sp_texts_map(arena, &input, &mapping, &err), SP_OK);
    size_t at = sp_str_find(all, sp_str_of(line), 0);
    for (size_t i = 0; i < mapping.count; i++)
        if (mapping.spans[i].begin <= at && at < mapping.spans[i].end)
            return mapping.spans[i];
    return (sp_span_of){ .source = SP_NONE };
}

/* Which of two files a line is of is told by the line after it, though that has words of the client as well. */
static void test_a_line_beside_a_glued_one(void **unused)
{
    sp_arena arena = { 0 };
    (void)unused;
    static const char first[] = "harbor window release\ncargo socket index and\n";
    static const char second[] = "harbor window release\ncargo socket index and\nsocket branch ledger\n";
    static const char text[] = "Zorp:\n\nharbor window release\\ncargo socket index and\n\n"
                               "<wumpet>harbor window release\ncargo socket index and\nsocket branch ledger</wumpet>\n";
    sp_span_of plain = map_two(&arena, text, first, second, "cargo socket index and\nsocket");
    sp_span_of escaped = map_two(&arena, text, first, second, "cargo socket index and\n\n");
    assert_true(plain.source == 1 && !plain.is_ambiguous);
    assert_true(escaped.source == 0 && !escaped.is_ambiguous);
    sp_arena_release(&arena);
}

/* That a line is all of a file does not say that it is not the same line of another; and if a text may have had either,
 * the next text may have the other one. */
static void test_a_line_that_is_all_of_a_file(void **unused)
{
    sp_arena arena = { 0 };
    (void)unused;
    static const char first[] = "cargo schema every when\n";
    static const char second[] = "<b> harbor \"amber\" release\ncargo schema every when\n<b> socket \"window\" never\n";
    static const char text[] =
        "<wumpet>cargo schema every when</wumpet>\n\n&lt;b&gt; harbor &quot;amber&quot; release\n"
        "cargo schema every when\n&lt;b&gt; socket &quot;window&quot; never\n";
    sp_span_of found = map_two(&arena, text, first, second, "cargo schema every when\n&lt;");
    assert_true(found.source == 1 || found.is_ambiguous);
    found = map_two(&arena, text, first, second, "cargo schema every when</");
    assert_true(found.source == 0 || found.is_ambiguous);
    sp_arena_release(&arena);
}

/* Nothing but one line, again and again, on both sides: every run is as long as another. */
static void test_repeated_lines_take_no_time(void **unused)
{
    enum { LINES = 100000 };
    sp_buf file = { 0 };
    sp_arena arena = { 0 };
    sp_mapping mapping;
    sp_err err;
    (void)unused;
    for (int i = 0; i < LINES; i++)
        sp_buf_add(&file, SP_STR("the very same line\n"));
    sp_str text = sp_buf_str(&file);
    sp_mapped_source source = { .bytes = text, .is_expected = true };
    const sp_map_input input = { .texts = &text, .text_count = 1, .sources = &source, .source_count = 1 };
    clock_t begin = clock();
    assert_int_equal(sp_texts_map(&arena, &input, &mapping, &err), SP_OK);
    assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 5);
    assert_int_equal(mapping.count, 1);
    assert_int_equal(mapping.spans[0].end, text.len);
    sp_arena_release(&arena);
    sp_buf_release(&file);
}

/* The index has at most two states and three steps for each line, whatever the lines are: the same one, a few in turn,
 * runs that nearly repeat, or none alike. Each line of a text then takes as many steps back as it took forward. */
static void test_the_index_is_linear(void **unused)
{
    (void)unused;
    for (uint32_t kind = 0; kind < 5; kind++)
        for (uint32_t count = 1000; count <= 64000; count *= 8) {
            sp_arena arena = { 0 };
            sp_automaton made;
            sp_err err;
            uint32_t *numbers = SP_ARENA_ARRAY(&arena, uint32_t, count);
            for (uint32_t i = 0; i < count; i++) {
                const uint32_t kinds[] = { 1, i % 7, i % 101 ? i % 101 : i, i, pick(3) };
                numbers[i] = kinds[kind];
            }
            assert_int_equal(sp_automaton_init(&arena, numbers, count, &made, &err), SP_OK);
            assert_true(made.state_count <= 2 * (count + 1));
            assert_true(made.step_count <= 3 * (count + 1));
            sp_arena_release(&arena);
        }
}

/* 8 MB with 500 files. */
static void test_large_request(void **unused)
{
    enum { FILES = 500, BYTES = 16384 };
    static sp_buf files[FILES];
    static sp_mapped_source sources[FILES];
    sp_buf request = { 0 };
    sp_arena arena = { 0 };
    sp_mapping mapping;
    sp_err err;
    (void)unused;
    for (int i = 0; i < FILES; i++) {
        while (files[i].len < BYTES)
            add_line(&files[i]);
        sources[i] = (sp_mapped_source){ .bytes = sp_buf_str(&files[i]), .is_expected = true };
        sp_buf_add(&request, SP_STR("Wumpet zorp:\n"));
        sp_buf_add(&request, sp_buf_str(&files[i]));
    }
    sp_str text = sp_buf_str(&request);
    const sp_map_input input = { .texts = &text, .text_count = 1, .sources = sources, .source_count = FILES };
    clock_t begin = clock();
    assert_int_equal(sp_texts_map(&arena, &input, &mapping, &err), SP_OK);
    printf("# %zu bytes of %d files in %.0f ms of processor time\n", text.len, FILES,
           1000.0 * (double)(clock() - begin) / CLOCKS_PER_SEC);
    size_t found = 0;
    for (size_t i = 0; i < mapping.count; i++)
        found += mapping.spans[i].end - mapping.spans[i].begin;
    assert_true(found * 100 > text.len * 97);
    sp_arena_release(&arena);
    for (int i = 0; i < FILES; i++)
        sp_buf_release(&files[i]);
    sp_buf_release(&request);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_are_found),
        cmocka_unit_test(test_a_line_that_a_file_has_twice),
        cmocka_unit_test(test_a_line_beside_a_glued_one),
        cmocka_unit_test(test_a_line_that_is_all_of_a_file),
        cmocka_unit_test(test_repeated_lines_take_no_time),
        cmocka_unit_test(test_the_index_is_linear),
        cmocka_unit_test(test_large_request),
    };
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--projects") == 0)
            projects = (unsigned)strtoul(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--seed") == 0)
            state = strtoull(argv[i + 1], NULL, 10);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
