/* test_api.c - the public interface, with nothing but its header: options, documents, callbacks, the JSON call. */
#include <sysprompt.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char shop[] = "examples/shop";

static sp_options *options_of(const char *const (*pairs)[2], size_t count)
{
    sp_err err;
    sp_options *options = sp_options_new();
    assert_non_null(options);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sp_options_set(options, pairs[i][0], pairs[i][1], &err), SP_OK);
    return options;
}

/* Runs a command in the shop, with one option of its own. */
static sp_document *run(const char *command, const char *operand, const char *name, const char *value, sp_status wanted)
{
    const char *const pairs[][2] = { { "C", shop }, { "encoding", "o200k_base" }, { name, value } };
    sp_document *document = NULL;
    sp_err err;
    sp_options *options = options_of(pairs, name ? 3 : 2);
    if (operand)
        assert_int_equal(sp_options_add_operand(options, operand, &err), SP_OK);
    assert_int_equal(sp_run(options, command, &document, &err), wanted);
    sp_options_free(options); /* the document borrows nothing from them */
    assert_non_null(document);
    return document;
}

/* ---- options --------------------------------------------------------------------------------------------- */

static void test_options_refuse_mistakes(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        const char *message;
    } mistakes[] = {
        { "trimm", NULL, "unknown option trimm; did you mean trim?" },
        { "zzzzzzzz", NULL, "unknown option zzzzzzzz" },
        { "trim", "yes", "option trim takes no value" },
        { "profile", NULL, "option profile needs a value: NAME[@VERSION]" },
        { "profile", "", "option profile needs a value: NAME[@VERSION]" },
        { "C", NULL, "option C needs a value: DIR" },
        { "stdout-columns", "wide", "stdout-columns needs a number of columns up to 65535" },
        { "stderr-bars", "round", "stderr-bars needs ascii or blocks" },
        { "all-processors", "2", "all-processors takes no value" },
    };
    sp_options *options = sp_options_new();
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        sp_err err;
        assert_int_equal(sp_options_set(options, mistakes[i].name, mistakes[i].value, &err), SP_ERR_USAGE);
        assert_string_equal(err.message, mistakes[i].message);
        assert_null(sp_options_get(options, mistakes[i].name));
    }
    sp_options_free(options);
    sp_options_free(NULL);
}

static void test_options_tell_what_was_set(void **state)
{
    const char *const pairs[][2] = {
        { "touch", "a" }, { "touch", "b" }, { "C", shop }, { "trim", NULL }, { "models", NULL }
    };
    sp_options *options = options_of(pairs, 5);
    (void)state;
    assert_string_equal(sp_options_get(options, "touch"), "b");
    assert_string_equal(sp_options_get(options, "C"), shop);
    assert_string_equal(sp_options_get(options, "trim"), "");
    assert_string_equal(sp_options_get(options, "models"), "");
    assert_null(sp_options_get(options, "model"));
    assert_null(sp_options_operand(options, 0));
    sp_options_free(options);
}

static void test_a_command_line_is_taken_apart(void **state)
{
    const char *const line[] = { "build", "-C", "a", "reviewer", "--budget=8k", "-q", "--", "-x" };
    const char *const wrong[] = { "build", "--budgett=8k" };
    const char *command = NULL;
    sp_err err;
    sp_options *options = sp_options_new();
    (void)state;
    assert_int_equal(sp_options_parse(options, 8, line, &command, &err), SP_OK);
    assert_string_equal(command, "build");
    assert_string_equal(sp_options_get(options, "C"), "a");
    assert_string_equal(sp_options_get(options, "budget"), "8k");
    assert_string_equal(sp_options_get(options, "quiet"), "");
    assert_string_equal(sp_options_operand(options, 0), "reviewer");
    assert_string_equal(sp_options_operand(options, 1), "-x");
    assert_int_equal(sp_options_parse(options, 2, wrong, &command, &err), SP_ERR_USAGE);
    assert_string_equal(command, "build");
    assert_non_null(strstr(err.message, "did you mean --budget?"));
    sp_options_free(options);
}

static void test_tables(void **state)
{
    size_t commands = 0, options = 0, values = 0;
    (void)state;
    for (; sp_command_at(commands); commands++)
        for (size_t i = 0; sp_option_at(sp_command_at(commands)->name, i); i++)
            assert_non_null(sp_option_at(sp_command_at(commands)->name, i)->help);
    while (sp_option_at(NULL, options))
        options++;
    assert_in_range(commands, 8, 16);
    assert_in_range(options, 80, 160);
    for (size_t i = 0; i < options; i++)
        if (sp_option_at(NULL, i)->type == SP_OPTION_CHOICE)
            assert_non_null(sp_option_value_at(sp_option_at(NULL, i), 0));
        else if (sp_option_at(NULL, i)->name && strcmp(sp_option_at(NULL, i)->name, "encoding") == 0)
            while (sp_option_value_at(sp_option_at(NULL, i), values))
                values++;
    assert_int_equal(values, 8);
    assert_null(sp_option_at("nonsense", 0));
}

/* ---- documents --------------------------------------------------------------------------------------------- */

static void test_a_document_has_output_and_result(void **state)
{
    sp_document *document = run("build", "reviewer", NULL, NULL, SP_OK);
    const sp_document_output *output = sp_document_output_at(document, 0);
    double tokens = 0;
    size_t counted = 0, len = 0, sources = 0;
    sp_str text = { NULL, 0 };
    char *json = NULL;
    sp_err err;
    (void)state;
    assert_int_equal(sp_document_exit_code(document), 0);
    assert_int_equal(sp_document_output_count(document), 1);
    assert_null(sp_document_output_at(document, 1));
    assert_int_equal(output->place, SP_OUTPUT_STDOUT);
    assert_string_equal(output->path, "-");
    assert_int_equal(sp_document_number(document, "tokens", &tokens, &err), SP_OK);
    assert_int_equal(sp_count(sp_encoding_find((sp_str){ "o200k_base", 10 }), (sp_str){ output->bytes, output->len },
                              SP_SPECIAL_AS_TEXT, &counted, &err),
                     SP_OK);
    assert_int_equal((size_t)tokens, counted);
    assert_int_equal(sp_document_string(document, "/messages/0/text", &text, &err), SP_OK);
    assert_int_equal(text.len, output->len);
    assert_memory_equal(text.ptr, output->bytes, text.len);
    assert_int_equal(sp_document_length(document, "/messages", &sources, &err), SP_OK);
    assert_int_equal(sources, 1);
    assert_int_equal(sp_document_number(document, "nothing", &tokens, &err), SP_ERR_INPUT);
    assert_int_equal(sp_document_number(document, "text", &tokens, &err), SP_ERR_INPUT);
    assert_int_equal(sp_document_number(document, "/messages/7/tokens", &tokens, &err), SP_ERR_INPUT);
    assert_int_equal(sp_document_render(document, "json", &json, &len, &err), SP_OK);
    assert_int_equal(strlen(json), len);
    assert_non_null(strstr(json, "\"schema\": \"sysprompt.build/1\""));
    sp_free(json);
    assert_int_equal(sp_document_render(document, "text", &json, &len, &err), SP_OK);
    assert_string_equal(json, output->bytes);
    sp_free(json);
    assert_int_equal(sp_document_render(document, "openai", &json, &len, &err), SP_ERR_USAGE);
    sp_document_free(document);
}

/* Every command that has --json has a result, whatever is asked for. */
static void test_every_command_has_a_result(void **state)
{
    static const struct {
        const char *command;
        const char *operand;
        const char *name;
        const char *value;
        const char *schema;
    } views[] = {
        { "build", "reviewer", "format", "openai", "sysprompt.build/1" },
        { "explain", "reviewer", NULL, NULL, "sysprompt.explain/1" },
        { "explain", "reviewer", "csv", NULL, "sysprompt.explain/1" },
        { "explain", "reviewer", "html", "page.html", "sysprompt.explain/1" },
        { "explain", "reviewer", "why", "examples/shop/CLAUDE.md", "sysprompt.why/1" },
        { "explain", "reviewer", "vs", "claude-code@2.1.86", "sysprompt.explain-vs/1" },
        { "explain", "reviewer", "duplicates", NULL, "sysprompt.duplicates/1" },
        { "explain", "reviewer", "cache", NULL, "sysprompt.cache/1" },
        { "list", NULL, NULL, NULL, "sysprompt.list/1" },
        { "list", NULL, "skills", NULL, "sysprompt.skills/1" },
        { "check", NULL, "format", "sarif", "sysprompt.check/1" },
        { "diff", shop, "format", "markdown", "sysprompt.diff/1" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        sp_document *document = run(views[i].command, views[i].operand, views[i].name, views[i].value, SP_OK);
        sp_str schema = { NULL, 0 };
        sp_err err;
        if (sp_document_string(document, "schema", &schema, &err) != SP_OK)
            fail_msg("%s %s: %s", views[i].command, views[i].name, err.message);
        assert_int_equal(schema.len, strlen(views[i].schema));
        assert_memory_equal(schema.ptr, views[i].schema, schema.len);
        sp_document_free(document);
    }
}

static void test_a_command_that_fails_has_messages(void **state)
{
    sp_document *document = run("build", "nobody", NULL, NULL, SP_ERR_INPUT);
    const sp_document_message *message = sp_document_message_at(document, 0);
    char *bytes;
    size_t len;
    sp_err err;
    (void)state;
    assert_int_equal(sp_document_exit_code(document), 2);
    assert_int_equal(sp_document_output_count(document), 0);
    assert_int_equal(sp_document_message_count(document), 1);
    assert_int_equal(message->level, SP_MESSAGE_ERROR);
    assert_null(message->help_of);
    assert_int_equal(sp_message_render(message, false, false, 0, &bytes, &len, &err), SP_OK);
    assert_non_null(strstr(bytes, "sysprompt: error: there is no agent named nobody"));
    sp_free(bytes);
    sp_document_free(document);
    document = run("build", NULL, "plan", NULL, SP_ERR_USAGE);
    assert_string_equal(sp_document_message_at(document, 0)->help_of, "build");
    sp_document_free(document);
}

static void test_commands_that_are_not_run(void **state)
{
    sp_document *document = NULL;
    sp_options *options = sp_options_new();
    sp_err err;
    (void)state;
    assert_int_equal(sp_run(options, "biuld", &document, &err), SP_ERR_USAGE);
    assert_string_equal(err.message, "unknown command biuld; did you mean build?");
    assert_int_equal(sp_run(options, "manual", &document, &err), SP_ERR_USAGE);
    assert_null(document);
    sp_document_free(NULL);
    sp_options_free(options);
}

/* ---- as it comes ----------------------------------------------------------------------------------------------- */

typedef struct heard {
    unsigned messages;
    unsigned steps[SP_OUTPUT_WAIT + 1];
    size_t bytes;
    bool refuses;
} heard;

static sp_status hear(void *context, const sp_document_message *message)
{
    heard *h = context;
    h->messages++;
    assert_non_null(message->message.ptr);
    return SP_OK;
}

static sp_status take(void *context, sp_output_step step, const sp_document_output *output, sp_err *err)
{
    heard *h = context;
    h->steps[step]++;
    h->bytes += step == SP_OUTPUT_ADD ? output->len : 0;
    if (!h->refuses)
        return SP_OK;
    *err = (sp_err){ .status = SP_ERR_OUTPUT, .message = "no room" };
    return SP_ERR_OUTPUT;
}

static void test_callbacks(void **state)
{
    const char *const pairs[][2] = { { "C", shop }, { "map", "map.json" }, { "format", "anthropic" } };
    sp_document *document = NULL;
    sp_options *options = options_of(pairs, 3);
    heard h = { .refuses = false };
    sp_err err;
    (void)state;
    sp_options_on_message(options, hear, &h);
    sp_options_on_output(options, take, &h);
    assert_int_equal(sp_run(options, "build", &document, &err), SP_OK);
    assert_int_equal(h.steps[SP_OUTPUT_OPEN], 2);
    assert_int_equal(h.steps[SP_OUTPUT_CLOSE], 2);
    assert_true(h.bytes > 500);
    assert_int_equal(sp_document_output_count(document), 0);
    sp_document_free(document);
    h = (heard){ .refuses = true };
    assert_int_equal(sp_run(options, "build", &document, &err), SP_ERR_OUTPUT);
    assert_string_equal(err.message, "no room");
    assert_int_equal(sp_document_exit_code(document), 3);
    assert_int_equal(h.messages, 1);
    sp_document_free(document);
    sp_options_free(options);
}

/* A person at a terminal is told which encoding count takes by itself. */
static void test_default_encoding(void **state)
{
    sp_document *document = NULL;
    sp_options *options = options_of((const char *const[][2]){ { "stdout-is-terminal", NULL } }, 1);
    heard h = { .refuses = false };
    sp_err err;
    (void)state;
    sp_options_on_message(options, hear, &h);
    assert_int_equal(sp_options_add_operand(options, "README.md", &err), SP_OK);
    assert_int_equal(sp_run(options, "count", &document, &err), SP_OK);
    assert_int_equal(h.messages, 1);
    sp_document_free(document);
    assert_int_equal(sp_options_set(options, "encoding", "cl100k_base", &err), SP_OK);
    assert_int_equal(sp_run(options, "count", &document, &err), SP_OK);
    assert_int_equal(h.messages, 1);
    sp_document_free(document);
    sp_options_free(options);
}

/* Text of files is told apart from what is rendered, and is harmless once it is escaped. */
static void test_text_for_a_terminal(void **state)
{
    const char text[] = "a\033[31m\n\tb\302\233\r\n\377";
    sp_document *document = NULL;
    sp_options *options = options_of((const char *const[][2]){ { "truncate", "8" }, { "encoding", "o200k_base" } }, 2);
    char *shown = NULL;
    size_t len = 0;
    sp_err err;
    (void)state;
    assert_int_equal(sp_output_escape(text, sizeof text - 1, &shown, &len, &err), SP_OK);
    assert_string_equal(shown, "a\\x1b[31m\n\tb<U+009B>\\x0d\n\\xff");
    assert_int_equal(len, strlen(shown));
    sp_free(shown);
    assert_int_equal(sp_options_add_operand(options, "README.md", &err), SP_OK);
    assert_int_equal(sp_run(options, "count", &document, &err), SP_OK);
    assert_true(sp_document_output_at(document, 0)->is_verbatim);
    sp_document_free(document);
    sp_options_free(options);
}

/* ---- JSON ----------------------------------------------------------------------------------------------------------
 */

static void check_answer(const char *request, const char *const wanted[], size_t count)
{
    char *answer = NULL;
    size_t len = 0;
    sp_err err;
    assert_int_equal(sp_run_json(request, &answer, &len, &err), SP_OK);
    assert_int_equal(strlen(answer), len);
    for (size_t i = 0; i < count; i++)
        if (!strstr(answer, wanted[i]))
            fail_msg("%s: no %s in %s", request, wanted[i], answer);
    sp_free(answer);
}

static void test_json_call(void **state)
{
    static const struct {
        const char *request;
        const char *wanted[3];
    } calls[] = {
        { "{\"command\": \"count\", \"operands\": [\"examples/shop/CLAUDE.md\"], \"options\": {\"jobs\": 2, \"json\": "
          "false}}",
          { "\"exit_code\": 0", "\"place\": \"stdout\"", "\"schema\": \"sysprompt.count/1\"" } },
        { "{\"command\": \"build\", \"options\": {\"C\": \"examples/shop\", \"touch\": [\"a\", \"b\"], \"strict\": "
          "true}}",
          { "\"exit_code\": 0", "\"outputs\"", "\"schema\": \"sysprompt.build/1\"" } },
        { "{\"command\": \"count\", \"options\": {\"decode\": true, \"files0-from\": null}, \"operands\": [\"no\"]}",
          { "\"exit_code\": 2", "\"path\": \"no\"", "\"result\": null" } },
        { "", { "\"exit_code\": 2", "not JSON", "\"line\": 1" } },
        { "[]", { "\"exit_code\": 2", "must be an object", "\"outputs\": []" } },
        { "{}", { "names no command", "\"exit_code\": 2", "\"level\": \"error\"" } },
        { "{\"command\": 1}", { "command must be a string, not a number", "\"column\": 13", "\"exit_code\": 2" } },
        { "{\"command\": \"build\", \"options\": {\"nope\": 1}}", { "unknown option nope", "null", "2" } },
        { "{\"command\": \"build\", \"options\": {\"root\": \"a\\u0000b\"}}", { "a string without NUL", "null", "2" } },
        { "{\"command\": \"build\", \"options\": {\"root\": {}}}", { "root must be a string", "null", "2" } },
        { "{\"comand\": \"build\"}", { "unknown member", "expected command, operands or options", "2" } },
    };
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        check_answer(calls[i].request, calls[i].wanted, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_refuse_mistakes),
        cmocka_unit_test(test_options_tell_what_was_set),
        cmocka_unit_test(test_a_command_line_is_taken_apart),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_a_document_has_output_and_result),
        cmocka_unit_test(test_every_command_has_a_result),
        cmocka_unit_test(test_a_command_that_fails_has_messages),
        cmocka_unit_test(test_commands_that_are_not_run),
        cmocka_unit_test(test_callbacks),
        cmocka_unit_test(test_default_encoding),
        cmocka_unit_test(test_text_for_a_terminal),
        cmocka_unit_test(test_json_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
