/* test_run.c - running another program: what it prints, how it ends, and that it ends. */
#include "base/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

static const char *const no_variables[] = { "PATH=/usr/bin:/bin", NULL };

static sp_run run_shell(sp_arena *arena, const char *script, int timeout_ms, size_t max_bytes)
{
    const char *const arguments[] = { "sh", "-c", script, NULL };
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
