/*
 * test_trim.c - budgets on texts made for them: which goes first, where large blocks are cut, what stands there then.
 *
 * test_prompt.c holds generated projects to what is promised for every budget; here is what the words of the promises
 * mean.
 */
#include "base/diagnostic.h"
#include "base/sha256.h"
#include "base/types.h"
#include "invariants_trim.h"
#include "model/prompt.h"
#include "model/request.h"
#include "report/lock_file.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokens.h"
#include "trim/budget.h"
#include "trim/trimmer.h"
#include "workspace/products.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- SHA-256: the examples of FIPS 180-2, and lengths around a block ------------------------------------- */

static void test_sha256(void **unused)
{
    (void)unused;
    static const char *const vectors[][2] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    };
    char hex[SP_SHA256_HEX];
    for (size_t i = 0; i < SP_COUNT_OF(vectors); i++) {
        sp_sha256_of(sp_str_of(vectors[i][0]), hex);
        assert_string_equal(hex, vectors[i][1]);
    }
    sp_sha256 hash;
    sp_sha256_init(&hash);
    for (size_t i = 0; i < 1000000; i++)
        sp_sha256_add(&hash, SP_STR("a"));
    sp_sha256_finish(&hash, hex);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* In pieces of any length it is the same. */
static void test_sha256_pieces(void **unused)
{
    (void)unused;
    char text[200], whole[SP_SHA256_HEX], pieces[SP_SHA256_HEX];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 7);
    for (size_t len = 0; len <= sizeof text; len++) {
        sp_sha256_of((sp_str){ text, len }, whole);
        for (size_t step = 1; step < 70; step += 9) {
            sp_sha256 hash;
            sp_sha256_init(&hash);
            for (size_t at = 0; at < len; at += step)
                sp_sha256_add(&hash, (sp_str){ text + at, len - at < step ? len - at : step });
            sp_sha256_finish(&hash, pieces);
            assert_string_equal(pieces, whole);
        }
    }
}

/* ---- numbers of tokens
 * ----------------------------------------------------------------------------------------------- */

static sp_status parse(const char *text, const char *model, size_t *ret, sp_err *err)
{
    const sp_model *known = model ? sp_model_find(NULL, sp_str_of(model)) : NULL;
    return sp_budget_parse(sp_str_of(text), sp_str_of(model), known ? (size_t)known->window_tokens : 0, ret, err);
}

static void test_budgets(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        const char *model;
        size_t tokens;
    } good[] = {
        { "0", NULL, 0 },
        { "8000", NULL, 8000 },
        { "8k", NULL, 8000 },
        { "8K", NULL, 8000 },
        { "1m", NULL, 1000000 },
        { "2.5k", NULL, 2500 },
        { "5%", "gpt-4", 409 },
        { "0.5%", "gpt-4o", 640 },
        { "100%", "gpt-4", 8192 },
        { "5%", "sonnet", 50000 },
        { "00012", NULL, 12 },
        { "1%", "claude-opus-4-5-20251101", 2000 },
        { "10%", "gpt-5-mini", 40000 },
        { "1e4", NULL, 10000 },
        { "1.5e1", NULL, 15 },
        /* zeros after the point count */
        { "0.05k", NULL, 50 },
        { "1.05k", NULL, 1050 },
        { "1.25k", NULL, 1250 },
        { "8.192k", NULL, 8192 },
        { "1.0500000k", NULL, 1050 },
        { "0.000001m", NULL, 1 },
        { "1.000001M", NULL, 1000001 },
        { "1,000.5k", NULL, 1000500 },
        { "1.0005e4", NULL, 10005 },
        { "0.01%", "sonnet", 100 },
        { "1.05%", "sonnet", 10500 },
        { "10.01%", "sonnet", 100100 },
        { "0.25%", "gpt-4", 20 },
        /* the largest */
        { "9223372036854775807", NULL, INT64_MAX },
        { "9223372036854m", NULL, 9223372036854000000 },
        { "9223372036e9", NULL, 9223372036000000000 },
        { "100.0%", "gpt-4", 8192 },
    };
    static const char *const bad[] = { "",
                                       "k",
                                       "-1",
                                       "1e30",
                                       "8 k",
                                       "8kk",
                                       "8000.5",
                                       "8000.0",
                                       "8.000",
                                       "0x10",
                                       "%",
                                       "1.k",
                                       "1.0005k",
                                       "0.0000001m",
                                       "1.25e1",
                                       "0.001%",
                                       "1.k5",
                                       "1..5k",
                                       "1.5,000k",
                                       ".5k",
                                       "1.5e0",
                                       ",500",
                                       "8,0000",
                                       "8,.05%",
                                       "101%",
                                       "+5",
                                       "9223372036854775808",
                                       "9223372036855m",
                                       "9223372037e9",
                                       "100.1%",
                                       "100.01%",
                                       "18446744073709551616",
                                       "18446744073709551615" };
    size_t tokens;
    sp_err err;
    for (size_t i = 0; i < SP_COUNT_OF(good); i++) {
        assert_int_equal(parse(good[i].text, good[i].model, &tokens, &err), SP_OK);
        assert_int_equal(tokens, good[i].tokens);
    }
    for (size_t i = 0; i < SP_COUNT_OF(bad); i++) {
        err.message[0] = '\0';
        tokens = 7;
        assert_int_equal(parse(bad[i], "gpt-4", &tokens, &err), SP_ERR_USAGE);
        assert_non_null(strstr(err.message, bad[i]));
        assert_int_equal(tokens, 7);
    }
    /* A text ends where its length says, whatever comes after it. */
    static const char *const longer[] = { "80009", "8000,000", "8000k", "8000.5k", "8000e4", "8000%" };
    for (size_t i = 0; i < SP_COUNT_OF(longer); i++) {
        assert_int_equal(sp_budget_parse((sp_str){ longer[i], 4 }, (sp_str){ NULL, 0 }, 0, &tokens, &err), SP_OK);
        assert_int_equal(tokens, 8000);
    }
    assert_int_equal(parse("5%", NULL, &tokens, &err), SP_ERR_USAGE);
    assert_int_equal(parse("5%", "llama-9", &tokens, &err), SP_ERR_USAGE);
    assert_non_null(strstr(err.message, "llama-9"));
}

/* Every model whose tokenizer is known and that takes a prompt has a window. */
static void test_windows(void **unused)
{
    (void)unused;
    static const char *const names[] = { "o1",           "o3",          "o4-mini",     "gpt-5",
                                         "gpt-4.1",      "gpt-4o",      "gpt-4",       "gpt-3.5-turbo",
                                         "gpt-oss-120b", "gpt-4o-mini", "gpt-5-codex", "chatgpt-4o-latest",
                                         "o1-mini" };
    for (size_t i = 0; i < SP_COUNT_OF(names); i++) {
        const sp_model *model = sp_model_find(NULL, sp_str_of(names[i]));
        assert_non_null(model);
        assert_true(model->window_tokens > 4000);
    }
}

/* ---- parts of a large block
 * ------------------------------------------------------------------------------------------ */

static void expect_part(const char *text, size_t begin, size_t max, size_t end)
{
    assert_int_equal(sp_trim_part_end(sp_str_of(text), begin, max), end);
}

static void test_parts(void **unused)
{
    (void)unused;
    expect_part("short", 0, 10, 5);
    expect_part("one\ntwo. three four", 0, 10, 4); /* a line before a sentence */
    expect_part("one two. three four", 0, 12, 9);  /* a sentence before a character */
    expect_part("one two. three four", 0, 8, 8);   /* its blank does not fit any more */
    expect_part("v1.2.3 is not two sentences", 0, 10, 10);
    expect_part("aaaaaaaaaaaaaaaaaaaa", 0, 7, 7);
    expect_part("aaaaaaaaaaaaaaaaaaaa", 7, 7, 14);
    expect_part("aaaaaaaaaaaaaaaaaaaa", 14, 7, 20);
    expect_part("ab\r\ncd", 0, 3, 2); /* not between \r and \n */
    expect_part("ae\xCC\x81"
                "b",
                0, 2, 1);                               /* e and its accent are one */
    expect_part("e\xCC\x81\xCC\x81\xCC\x81z", 0, 2, 7); /* and never split, however large */
    expect_part("\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB!", 0, 4, 11);
    expect_part("\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA", 0, 12, 8); /* flags */
    expect_part("\xE4\xBD\xA0\xE3\x80\x82\xE5\xA5\xBD\xE5\xA5\xBD", 0, 9, 6); /* an ideographic full stop */
    expect_part("a. \xCC\x81z. zzzz", 0, 4, 2); /* an accent on the blank behind a full stop */
}

/* Parts are a tiling, no larger than asked for but for single characters, and every end is one of a character. */
static void test_parts_of_anything(void **unused)
{
    (void)unused;
    static const char *const pieces[] = { "word ",
                                          "end. ",
                                          "line\n",
                                          "\r\n",
                                          "e\xCC\x81",
                                          "\xE4\xBD\xA0",
                                          "\xF0\x9F\x87\xA9",
                                          "\xE2\x80\x8D",
                                          "\xF0\x9F\x91\xA9",
                                          "\xE3\x80\x82" };
    uint64_t state = 1;
    for (size_t round = 0; round < 2000; round++) {
        sp_buf text = { 0 };
        for (size_t count = 1 + round % 40; count > 0; count--) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            sp_buf_add(&text, sp_str_of(pieces[(state >> 33) % SP_COUNT_OF(pieces)]));
        }
        sp_str whole = sp_buf_str(&text);
        size_t max = 1 + round % 23;
        for (size_t at = 0; at < whole.len;) {
            size_t end = sp_trim_part_end(whole, at, max);
            assert_true(end > at && end <= whole.len && inv_is_boundary(whole, at, end));
            for (size_t i = at + 1; end - at > max && i < end; i++)
                assert_false(inv_is_boundary(whole, at, i));
            at = end;
        }
        sp_buf_release(&text);
    }
}

/* ---- whole prompts
 * ----------------------------------------------------------------------------------------------------- */

typedef struct project {
    char folder[64];
    char path[96];
    const char *files[1];
    sp_request request;
} project;

static void open_project(project *p, sp_str text)
{
    snprintf(p->folder, sizeof p->folder, "/tmp/test-trim.XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/i.md", p->folder);
    FILE *file = fopen(p->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
    p->files[0] = p->path;
    p->request = (sp_request){ .launch_dir = p->folder, .root_dir = p->folder };
    p->request.encoding = sp_encoding_find(SP_STR("o200k_base"));
    p->request.instruction_files = p->files;
    p->request.instruction_file_count = 1;
}

static void close_project(const project *p)
{
    unlink(p->path);
    rmdir(p->folder);
}

static sp_prompt *build(const sp_request *request)
{
    sp_prompt *prompt;
    sp_err err;
    if (sp_prompt_build(request, &prompt, &err) != SP_OK)
        fail_msg("%s", err.message);
    return prompt;
}

/* The budgets of a text, in every encoding. */
static void try_text(sp_str text, size_t budgets)
{
    project p;
    char why[INV_ROOM] = "";
    open_project(&p, text);
    for (size_t i = 0; sp_encoding_at(i); i++) {
        p.request.encoding = sp_encoding_at(i);
        sp_prompt *prompt = build(&p.request);
        if (!inv_trim(prompt, budgets, why))
            fail_msg("%s: %s", sp_encoding_name(p.request.encoding), why);
        sp_prompt_free(prompt);
    }
    close_project(&p);
}

static void repeat(sp_buf *out, const char *text, size_t count)
{
    for (; count > 0; count--)
        sp_buf_add(out, sp_str_of(text));
}

/* Texts without a place where counts add up, and others that hang together. */
static void test_texts_that_hang_together(void **unused)
{
    (void)unused;
    static const char *const texts[] = {
        "\xE3\x80\x80\xE6\xB1\x89\xE5\xAD\x97\n\n", /* paragraphs that begin with an ideographic space */
        "\xC2\xA0x\n\n",
        "//\n\n",
        "<|endoftext|>\n\n",
        "    code\n\npar\n\n",
        "x",
        "\xC3\xA9",
        "- a\n\n\n\n\n",
        "```\n1\n```\n",
        "12345\n\n",
        "a\r\n\r\n",
        "'s\n\n",
    };
    for (size_t i = 0; i < SP_COUNT_OF(texts); i++) {
        sp_buf text = { 0 };
        repeat(&text, texts[i], 2000 / strlen(texts[i]));
        sp_buf_add_char(&text, '\n');
        try_text(sp_buf_str(&text), 3);
        sp_buf_release(&text);
    }
}

static bool has_text(const sp_prompt *prompt, const char *text)
{
    return sp_str_find(prompt->messages[0].text, sp_str_of(text), 0) != SIZE_MAX;
}

/* Every budget from the whole size to the smallest, so every unit by itself. */
static void test_every_budget(void **unused)
{
    (void)unused;
    project p;
    char why[INV_ROOM] = "";
    open_project(
        &p, SP_STR("# Title\n\nIntro.\n\n## One\n\nText of one.\n\n### Deep\n\nText.\n\n## Two\n\n- a\n- b\n- c\n\n"
                   "## Empty\n\n## Three\n\n```c\nint x;\n```\n"));
    sp_prompt *prompt = build(&p.request);
    if (!inv_trim(prompt, prompt->tokens, why))
        fail_msg("%s", why);
    sp_prompt_free(prompt);
    close_project(&p);
}

/* A heading stays as long as something below it, and goes right after. */
static void test_headings(void **unused)
{
    (void)unused;
    project p;
    sp_err err;
    open_project(&p, SP_STR("# Title\n\n## One\n\nText of the first section, which is there to be cut.\n\n"
                            "### Deep\n\nText of the deep section, which is there to be cut.\n"));
    sp_prompt *prompt = build(&p.request);
    size_t whole = prompt->tokens;
    bool had_title = true;
    for (size_t budget = whole; budget-- > 0;) {
        assert_int_equal(sp_prompt_trim(prompt, budget, SP_TRIM_SMALLEST, &err), SP_OK);
        assert_true(has_text(prompt, "Text of the deep") == has_text(prompt, "### Deep"));
        assert_true(has_text(prompt, "# Title") || !has_text(prompt, "## One"));
        assert_true(has_text(prompt, "## One") || !has_text(prompt, "Text of the first"));
        assert_true(had_title || !has_text(prompt, "# Title"));
        had_title = has_text(prompt, "# Title");
    }
    assert_false(had_title);
    sp_prompt_free(prompt);
    close_project(&p);
}

/* ---- rules
 * --------------------------------------------------------------------------------------------------------------- */

static const char sections[] =
    "# Title\n\nIntroduction that says what this is.\n\n"
    "## Style\n\nText about style in here, which goes on for a while, longer than any marker that stands for it.\n\n"
    "## Build\n\nText about building in here, which goes on as well, longer than any marker that stands for it.\n";

/* What is left of the sections with these rules and about half the tokens. */
static void expect_left(const sp_priority_rule *rules, size_t count, bool has_style, bool has_build)
{
    project p;
    sp_err err;
    open_project(&p, sp_str_of(sections));
    p.request.priority_rules = rules;
    p.request.priority_rule_count = count;
    sp_prompt *prompt = build(&p.request);
    size_t budget = prompt->tokens - 1;
    while (budget > 0 && has_text(prompt, "about style") && has_text(prompt, "about building"))
        assert_int_equal(sp_prompt_trim(prompt, budget--, SP_TRIM_SMALLEST, &err), SP_OK);
    assert_int_equal(has_text(prompt, "about style"), has_style);
    assert_int_equal(has_text(prompt, "about building"), has_build);
    sp_prompt_free(prompt);
    close_project(&p);
}

static void test_rules(void **unused)
{
    (void)unused;
    const sp_priority_rule keep_build = { .heading = SP_STR("build"), .pinned = true };
    const sp_priority_rule high_build = { .heading = SP_STR("Build"), .priority = 95 };
    const sp_priority_rule low_title = { .heading = SP_STR("Title"), .priority = 5 };
    const sp_priority_rule of_file = { .file = SP_STR("*.md"), .heading = SP_STR("Build"), .priority = 90 };
    const sp_priority_rule of_other = { .file = SP_STR("*.txt"), .heading = SP_STR("Build"), .priority = 90 };
    const sp_priority_rule of_memory = { .kinds = 1u << SP_SEGMENT_MEMORY, .priority = 90 };
    expect_left(NULL, 0, true, false);
    expect_left(&keep_build, 1, false, true);
    expect_left(&high_build, 1, false, true);
    expect_left(&of_file, 1, false, true);
    expect_left(&of_other, 1, true, false);
    expect_left(&of_memory, 1, true, false);
    expect_left((const sp_priority_rule[]){ high_build, low_title }, 2, true, false); /* the last one counts */
    expect_left((const sp_priority_rule[]){ low_title, high_build }, 2, false, true);
}

/* The body goes only where a rule names its kind, and managed text where one names a file. */
static void test_pinned_by_kind(void **unused)
{
    (void)unused;
    const sp_priority_rule rules[] = {
        { .heading = SP_STR("Title"), .priority = 5 },
        { .kinds = 1u << SP_SEGMENT_BODY, .heading = SP_STR("Title"), .priority = 5 },
    };
    for (size_t i = 0; i < SP_COUNT_OF(rules); i++) {
        sp_request request = { .agent_text = sp_str_of(sections), .root_dir = "/tmp", .launch_dir = "/tmp" };
        sp_err err;
        request.priority_rules = &rules[i];
        request.priority_rule_count = 1;
        sp_prompt *prompt = build(&request);
        assert_int_equal(sp_prompt_trim(prompt, 30, SP_TRIM_APPLY, &err), SP_OK);
        assert_true(prompt->trim->fits == (i == 1));
        sp_prompt_free(prompt);
    }
}

static void test_bad_rule(void **unused)
{
    (void)unused;
    const sp_priority_rule rule = { .priority = 101 };
    sp_request request = { .agent_text = SP_STR("text"), .root_dir = "/tmp", .launch_dir = "/tmp" };
    request.priority_rules = &rule;
    request.priority_rule_count = 1;
    sp_prompt *prompt;
    sp_err err;
    assert_int_equal(sp_prompt_build(&request, &prompt, &err), SP_ERR_USAGE);
    assert_non_null(strstr(err.message, "trim rule 1 has priority 101"));
}

/* ---- locks
 * --------------------------------------------------------------------------------------------------------------- */

static sp_str render_lock(const sp_prompt *prompt)
{
    char *bytes;
    size_t len;
    sp_err err;
    assert_int_equal(sp_lock_render(prompt, NULL, &bytes, &len, &err), SP_OK);
    return (sp_str){ bytes, len };
}

static size_t differences(const sp_prompt *prompt, sp_str lock, const char *first)
{
    const sp_diagnostic *found;
    size_t count = 0;
    sp_err err;
    assert_int_equal(sp_lock_compare(prompt, lock, SP_STR("x.lock"), &found, &count, &err), SP_OK);
    if (first) {
        assert_true(count > 0);
        assert_true(sp_str_find(found[0].message, sp_str_of(first), 0) != SIZE_MAX);
    }
    return count;
}

static void test_lock(void **unused)
{
    (void)unused;
    project p;
    sp_err err;
    open_project(&p, sp_str_of(sections));
    sp_prompt *prompt = build(&p.request);
    sp_str lock = render_lock(prompt);
    assert_int_equal(differences(prompt, lock, NULL), 0);
    assert_int_equal(sp_prompt_trim(prompt, prompt->tokens - 10, SP_TRIM_PLAN, &err), SP_OK);
    assert_int_equal(differences(prompt, lock, NULL), 0); /* a plan changes nothing */
    assert_int_equal(sp_prompt_trim(prompt, prompt->tokens - 10, SP_TRIM_APPLY, &err), SP_OK);
    assert_int_equal(differences(prompt, lock, "budget"), 2); /* and the text */
    sp_prompt_free(prompt);

    FILE *file = fopen(p.path, "ab");
    assert_non_null(file);
    assert_true(fputs("More.\n", file) >= 0 && fclose(file) == 0);
    prompt = build(&p.request);
    assert_int_equal(differences(prompt, lock, "has another text"), 2);
    sp_prompt_free(prompt);
    p.request.instruction_file_count = 0;
    p.request.agent_text = SP_STR("Body.\n");
    prompt = build(&p.request);
    assert_true(differences(prompt, lock, "is not in the prompt any more") > 2);
    sp_prompt_free(prompt);
    free((char *)lock.ptr);
    close_project(&p);
}

static void test_no_lock(void **unused)
{
    (void)unused;
    static const char *const texts[] = { "",
                                         "{",
                                         "[]",
                                         "{}",
                                         "{\"schema\": \"sysprompt.lock/1\"}",
                                         "{\"schema\": \"sysprompt.lock/2\", \"inputs\": []}",
                                         "{\"schema\": \"sysprompt.lock/1\", \"inputs\": []}",
                                         "{\"schema\": \"sysprompt.lock/1\", \"inputs\": [1]}",
                                         "{\"schema\": \"sysprompt.lock/1\", \"inputs\": [{\"name\": \"a\"}]}" };
    project p;
    open_project(&p, SP_STR("text\n"));
    sp_prompt *prompt = build(&p.request);
    for (size_t i = 0; i < SP_COUNT_OF(texts); i++) {
        const sp_diagnostic *found;
        size_t count;
        sp_err err = { 0 };
        assert_int_equal(sp_lock_compare(prompt, sp_str_of(texts[i]), SP_STR("x.lock"), &found, &count, &err),
                         SP_ERR_INPUT);
        assert_string_equal(err.path, "x.lock");
        assert_true(err.line > 0);
        assert_non_null(strstr(err.message, "no lock"));
    }
    sp_prompt_free(prompt);
    close_project(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_sha256_pieces),
        cmocka_unit_test(test_budgets),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_parts_of_anything),
        cmocka_unit_test(test_texts_that_hang_together),
        cmocka_unit_test(test_every_budget),
        cmocka_unit_test(test_headings),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_pinned_by_kind),
        cmocka_unit_test(test_bad_rule),
        cmocka_unit_test(test_lock),
        cmocka_unit_test(test_no_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
