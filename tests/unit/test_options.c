/* test_options.c - the table of options agrees with itself: what a row names exists, and help can print it. */
#include "commands/commands.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool is_option(const char *name, size_t len)
{
    for (size_t i = 0; i < cli_option_count; i++) {
        const char *known = cli_option_table[i].name;
        if (known && strlen(known) == len && memcmp(known, name, len) == 0)
            return true;
    }
    return false;
}

/* Fails for a word of the list, up to its "=", that is not an option. */
static void expect_options(const char *list)
{
    for (const char *at = list ? list : ""; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " =");
        if (!is_option(at, len))
            fail_msg("there is no option %.*s", (int)len, at);
        at += strcspn(at, " ");
    }
}

static void names_exist(void **state)
{
    (void)state;
    for (size_t i = 0; i < cli_option_count; i++) {
        expect_options(cli_option_table[i].needs);
        expect_options(cli_option_table[i].conflicts);
    }
}

static void commands_exist(void **state)
{
    (void)state;
    for (size_t i = 0; i < cli_option_count; i++) {
        char name[32];
        for (const char *at = cli_option_table[i].commands; *at && *at != '*'; at += strspn(at, " ")) {
            size_t len = strcspn(at, " ");
            assert_true(len < sizeof name);
            memcpy(name, at, len);
            name[len] = '\0';
            if (!cli_find_command(name))
                fail_msg("there is no command %s", name);
            at += len;
        }
    }
}

/* A command has an option once, and options of a group follow each other. */
static void rows_are_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < cli_option_count; i++) {
        const cli_option *a = &cli_option_table[i];
        for (size_t j = i + 1; j < cli_option_count; j++) {
            const cli_option *b = &cli_option_table[j];
            bool is_same = a->name && b->name && strcmp(a->name, b->name) == 0;
            for (size_t k = 0; is_same && k < cli_command_count; k++)
                if (cli_knows(&cli_commands[k], a) && cli_knows(&cli_commands[k], b))
                    fail_msg("%s has two rows of %s", cli_commands[k].name, a->name);
            if (a->group == b->group && a->group != CLI_GROUP_HIDDEN && cli_option_table[j - 1].group != a->group &&
                b[-1].group != CLI_GROUP_HIDDEN)
                fail_msg("--%s is apart from its group", b->name);
        }
    }
}

static void help_can_be_printed(void **state)
{
    (void)state;
    for (size_t i = 0; i < cli_option_count; i++) {
        const cli_option *o = &cli_option_table[i];
        assert_true(islower((unsigned char)o->help[0]));
        assert_int_not_equal(o->help[strlen(o->help) - 1], '.');
        assert_true((o->type == CLI_FLAG) == !o->argument);
        assert_true((o->type == CLI_CHOICE) == !!o->choices);
        assert_true(o->group == CLI_GROUP_HIDDEN || cli_group_titles[o->group]);
    }
    assert_true(cli_command_count <= CLI_MAX_COMMANDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_exist),
        cmocka_unit_test(commands_exist),
        cmocka_unit_test(rows_are_in_order),
        cmocka_unit_test(help_can_be_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
