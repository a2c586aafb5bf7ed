/* test_run.c - running another program: what it prints, how it ends, and that it ends. */
#include "base/run.h"
#include "base/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

static const char *const no_variables[] = { "PATH=/usr/bin:/bin", NULL };

static sp_run run_shell(sp_arena *arena, const char *script, int timeout_ms, size_t max_bytes)
{
    const char *const arguments[] = { "/bin/sh", "-c", script, NULL };
    sp_run run = {
        .arguments = arguments, .environment = no_variables, .timeout_ms = timeout_ms, .max_bytes = max_bytes
    };
    sp_err err;
    assert_int_equal(sp_run_program(arena, &run, &err), SP_OK);
    return run;
}

static void test_output(void **state)
{
    (void)state;
    sp_arena arena = { 0 };
    sp_run run = run_shell(&arena, "printf 'a\\nb'; echo no >&2", 5000, 100);
    assert_int_equal(run.state, SP_RUN_FINE);
    assert_true(sp_str_eq(run.output, SP_STR("a\nb")));
    run = run_shell(&arena, "cat; echo \"$HOME$LANG\"", 5000, 100);
    assert_int_equal(run.state, SP_RUN_FINE); /* nothing to read, no variables of ours */
    assert_true(sp_str_eq(run.output, SP_STR("\n")));
    sp_arena_release(&arena);
}

static void test_failures(void **state)
{
    (void)state;
    sp_arena arena = { 0 };
    const char *const absent[] = { "no-such-program-anywhere", NULL };
    sp_run run = { .arguments = absent, .environment = no_variables, .timeout_ms = 5000, .max_bytes = 10 };
    sp_err err;
    assert_int_equal(run_shell(&arena, "exit 3", 5000, 10).state, SP_RUN_FAILED);
    assert_int_equal(run_shell(&arena, "kill -9 $$", 5000, 10).state, SP_RUN_FAILED);
    assert_int_equal(run_shell(&arena, "echo 0123456789", 5000, 10).state, SP_RUN_TOO_MUCH);
    assert_int_equal(sp_run_program(&arena, &run, &err), SP_OK);
    assert_int_equal(run.state, SP_RUN_ABSENT);
    sp_arena_release(&arena);
}

/* In KiB, and in seconds: a shell of ours may have less already. */
static void test_limits(void **state)
{
    (void)state;
    sp_arena arena = { 0 };
    sp_run run = run_shell(&arena, "test $(ulimit -d) -le 524288 && test $(ulimit -t) -le 10", 5000, 100);
    assert_int_equal(run.state, SP_RUN_FINE);
    sp_arena_release(&arena);
}

/* Also what has closed its output, and what has started others that hold it open. */
static void test_end(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "sleep 60", "while :; do :; done", "exec >&-; sleep 60", "sleep 60 & sleep 60", "trap '' TERM INT; sleep 60",
    };
    sp_arena arena = { 0 };
    time_t begin = time(NULL);
    for (size_t i = 0; i < SP_COUNT_OF(scripts); i++)
        assert_int_equal(run_shell(&arena, scripts[i], 100, 10).state, SP_RUN_SLOW);
    assert_true(time(NULL) - begin < 20);
    sp_arena_release(&arena);
}

static void test_talk(void **state)
{
    (void)state;
    /* echoes lines, then ends; sends no line end; never answers; reads nothing; is not there */
    static const char *const scripts[] = { "while read -r a; do echo \"<$a>\"; done", "read -r a; exit 1",
                                           "read -r a; printf 12345", "sleep 60" };
    sp_err err;
    sp_talk talk;
    char line[16];
    time_t begin = time(NULL);
    for (size_t i = 0; i < SP_COUNT_OF(scripts); i++) {
        const char *const arguments[] = { "/bin/sh", "-c", scripts[i], NULL };
        sp_run run = { .arguments = arguments, .environment = no_variables, .timeout_ms = i ? 200 : 5000 };
        assert_int_equal(sp_talk_start(&talk, &run, &err), SP_OK);
        assert_int_equal(run.state, SP_RUN_FINE);
        assert_true(sp_talk_send(&talk, SP_STR("one\ntwo\n12345678901234567890\n")));
        assert_int_equal(sp_talk_line(&talk, line, sizeof line), i == 0);
        if (i == 0) {
            assert_string_equal(line, "<one>");
            assert_true(sp_talk_read(&talk, line, 6));
            assert_memory_equal(line, "<two>\n", 6);
            assert_false(sp_talk_line(&talk, line, sizeof line)); /* no room */
        }
        sp_talk_end(&talk);
    }
    const char *const absent[] = { "no-such-program-anywhere", NULL };
    sp_run run = { .arguments = absent, .environment = no_variables, .timeout_ms = 5000 };
    assert_int_equal(sp_talk_start(&talk, &run, &err), SP_OK);
    assert_int_equal(run.state, SP_RUN_ABSENT);
    assert_true(time(NULL) - begin < 20);
}

/* Writing to what has ended must not end us. */
static void test_talk_to_nobody(void **state)
{
    (void)state;
    static char much[1 << 20];
    const char *const arguments[] = { "/bin/true", NULL };
    sp_run run = { .arguments = arguments, .environment = no_variables, .timeout_ms = 5000 };
    sp_talk talk;
    sp_err err;
    assert_int_equal(sp_talk_start(&talk, &run, &err), SP_OK);
    assert_false(sp_talk_read(&talk, much, 1));
    assert_false(sp_talk_send(&talk, (sp_str){ much, sizeof much }));
    sp_talk_end(&talk);
}

static void test_errors(void **state)
{
    (void)state;
    sp_arena arena = { 0 };
    const char *const arguments[] = { "/bin/sh", "-c", "echo a >&2; exit 1", NULL };
    sp_run run = {
        .arguments = arguments, .environment = no_variables, .timeout_ms = 5000, .max_bytes = 10, .with_errors = true
    };
    sp_err err;
    assert_int_equal(sp_run_program(&arena, &run, &err), SP_OK);
    assert_int_equal(run.state, SP_RUN_FAILED);
    assert_true(sp_str_eq(run.output, SP_STR("a\n")));
    sp_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output), cmocka_unit_test(test_failures), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_end),    cmocka_unit_test(test_talk),     cmocka_unit_test(test_talk_to_nobody),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
