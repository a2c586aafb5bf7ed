/* test_profile.c - names and versions of profiles, and what every table of rules has to hold to. */
#include "attribute/attribute.h"
#include "base/diagnostic.h"
#include "base/types.h"
#include "clients/clients.h"
#include "clients/profiles.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/request.h"
#include "model/source.h"
#include "report/format.h"
#include "report/reports.h"
#include "sources/client.h"
#include "workspace/products.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static sp_profile profile_of(const char *name)
{
    sp_profile profile;
    sp_err err;
    assert_int_equal(sp_profile_init(&profile, sp_str_of(name), &err), SP_OK);
    return profile;
}

/* ---- versions ------------------------------------------------------------------------------------------- */

struct example {
    const char *name;
    sp_rule_key key;
    int64_t value;
    const char *label;
};

static const struct example examples[] = {
    { NULL, SP_RULE_IMPORT_DEPTH, 4, "claude-code@2.1.330" },
    { "claude-code", SP_RULE_IMPORT_DEPTH, 4, "claude-code@2.1.330" },
    { "claude-code@2.1.330", SP_RULE_IMPORT_DEPTH, 4, "claude-code@2.1.330" },
    { "claude-code@2.0.64", SP_RULE_IMPORT_DEPTH, 5, "claude-code@2.0.64" },
    { "claude-code@2.1", SP_RULE_IMPORT_DEPTH, 4, "claude-code@2.1.330" },
    { "claude-code@2", SP_RULE_IMPORT_DEPTH, 4, "claude-code@2.1.330" },
    { "claude-code@2.0", SP_RULE_IMPORT_DEPTH, 5, "claude-code@2.0.64" },
    { "claude-code@2.1.0", SP_RULE_IMPORT_DEPTH, 5, "claude-code@2.1.0" },
    { "claude-code@2026-02-28", SP_RULE_IMPORT_DEPTH, 5, "claude-code@2026-02-28" },
    { "claude-code@2.1.168", SP_RULE_IMPORT_DEPTH, 5, "claude-code@2.1.168" }, /* the day of 2.1.83 */
    { "claude-code@2.1.169", SP_RULE_IMPORT_DEPTH, 4, "claude-code@2.1.169" },
    { "claude-code@2026-05-25", SP_RULE_IMPORT_DEPTH, 5, "claude-code@2026-05-25" },
    { "claude-code@2026-05-26", SP_RULE_IMPORT_DEPTH, 4, "claude-code@2026-05-26" },
    { "claude-code@2.1.82", SP_RULE_MEMORY_BYTES, INT64_MAX, "claude-code@2.1.82" },
    { "claude-code@2.1.83", SP_RULE_MEMORY_BYTES, 25000, "claude-code@2.1.83" },
    { "claude-code@2026-03-25", SP_RULE_MEMORY_BYTES, 25000, "claude-code@2026-03-25" },
    { "claude-code@2026-03-24", SP_RULE_MEMORY_BYTES, INT64_MAX, "claude-code@2026-03-24" },
    { "claude-code:documented@2.1.240", SP_RULE_MEMORY_BYTES, 25000, "claude-code:documented@2.1.240" },
    { "codex", SP_RULE_CHAIN_TOTAL_BYTES, 32768, "codex@0.169.0" },
    { "codex", SP_RULE_MEMORY_BYTES, INT64_MAX, "codex@0.169.0" },
    { "agents-md", SP_RULE_FM_MAX_DEPTH, 64, "agents-md" }, /* ours hold everywhere */
};

static void test_versions(void **state)
{
    (void)state;
    for (size_t i = 0; i < SP_COUNT_OF(examples); i++) {
        sp_profile profile = profile_of(examples[i].name);
        if (sp_rule_value(&profile, examples[i].key) != examples[i].value)
            print_error("%s\n", examples[i].name);
        assert_int_equal(sp_rule_value(&profile, examples[i].key), examples[i].value);
        assert_string_equal(sp_profile_name(&profile), examples[i].label);
    }
}

static void test_wrong_names(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "Claude",
        "@",
        "claude-code@",
        "claude-code@1",
        "claude-code@2.2",
        "claude-code@2.1.331",
        "claude-code@2.0.63",
        "claude-code@3",
        "claude-code@2.1.x",
        "claude-code@2.1.1.1",
        "claude-code@2.1.",
        "claude-code@.1",
        "claude-code@-1",
        "claude-code@2026-1-1",
        "claude-code@2026-02-29",
        "claude-code@2026-00-01",
        "claude-code@2026-04-31",
        "claude-code@2026-13-40",
        "claude-code@2025-12-09",
        "claude-code@2026-11-21",
        "claude-code@999999999.1.1",
        "codex@1",
    };
    for (size_t i = 0; i < SP_COUNT_OF(wrong); i++) {
        sp_profile *profile = NULL;
        sp_err err = { 0 };
        if (sp_profile_open(sp_str_of(wrong[i]), &profile, &err) != SP_ERR_USAGE)
            print_error("%s\n", wrong[i]);
        assert_int_equal(err.status, SP_ERR_USAGE);
        assert_true(err.message[0]);
        assert_null(profile);
    }
}

static void test_effects(void **state)
{
    (void)state;
    sp_profile measured = profile_of("claude-code");
    sp_profile documented = profile_of("claude-code:documented");
    assert_true(sp_rule_holds(&measured, SP_RULE_IMPORT_ORDER));
    assert_false(sp_rule_holds(&documented, SP_RULE_IMPORT_ORDER));
    assert_non_null(sp_rule_of(&documented, SP_RULE_IMPORT_ORDER)); /* it says so */
    assert_true(sp_rule_has_effect(&measured, SP_RULE_AGENT_AUTO_MEMORY, SP_EFFECT_ORDER));
    assert_true(sp_rule_has_effect(&documented, SP_RULE_AGENT_AUTO_MEMORY, SP_EFFECT_SKIP));
    assert_string_equal(profile_of("claude-code-observed").client->name, "claude-code"); /* as it was called */
    assert_string_equal(profile_of("codex:documented").client->name, "codex");
    assert_false(sp_rule_holds(&documented, SP_RULE_NONE));
}

/* ---- tables --------------------------------------------------------------------------------------------- */

static bool is_version_or_date(const char *column)
{
    unsigned numbers[3];
    int length = 0;
    if (column[0] == '\0')
        return true;
    sscanf(column, "%u.%u.%u%n", &numbers[0], &numbers[1], &numbers[2], &length);
    if (length == 0)
        sscanf(column, "%4u-%2u-%2u%n", &numbers[0], &numbers[1], &numbers[2], &length);
    return (size_t)length == strlen(column);
}

static void check_row(const sp_rule *row, const sp_rule *before, const sp_rule_table *table)
{
    assert_in_range(row->key, 1, SP_RULE_COUNT - 1);
    assert_true(row->value >= 0);
    assert_true((row->value > 0) == (row->unit[0] != '\0'));
    assert_true(is_version_or_date(row->since) && is_version_or_date(row->until));
    assert_true(strchr("MABCD", row->confidence) != NULL);
    bool is_measured = strncmp(sp_rule_source(row), "measured in ", 12) == 0;
    assert_true(is_measured || strncmp(sp_rule_source(row), "https://", 8) == 0 ||
                strcmp(sp_rule_source(row), "ours") == 0);
    assert_true(strcmp(sp_rule_source(row), "ours") != 0 || row->confidence == 'D');
    assert_true(is_measured == (row->confidence == 'M'));
    assert_true(strlen(sp_rule_text(row)) > 10 && sp_rule_text(row)[strlen(sp_rule_text(row)) - 1] != '.');
    if (before && before->key == row->key) /* one span ends where the next begins */
        assert_true(before->until[0] && strcmp(before->until, row->since) <= 0);
    for (const sp_rule *other = table->rows; before && other < before; other++)
        if (before->key != row->key)
            assert_int_not_equal(other->key, row->key); /* the rows of a rule stand side by side */
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t c = 0; c < sp_client_count; c++)
        for (size_t t = 0; t < SP_COUNT_OF(sp_clients[c]->tables) && sp_clients[c]->tables[t]; t++) {
            const sp_rule_table *table = sp_clients[c]->tables[t];
            for (size_t i = 0; i < table->count; i++)
                check_row(&table->rows[i], i ? &table->rows[i - 1] : NULL, table);
        }
}

static void test_ids(void **state)
{
    (void)state;
    for (size_t i = 1; i < SP_RULE_COUNT; i++) {
        const char *id = sp_rule_id((sp_rule_key)i);
        assert_true(strchr(id, '.') != NULL && strlen(id) < sizeof(((sp_err *)NULL)->rule));
        assert_int_equal(sp_rule_find(sp_str_of(id)), i); /* no id twice */
    }
    assert_int_equal(sp_rule_find(SP_STR("")), SP_RULE_NONE);
    assert_int_equal(sp_rule_find(SP_STR("no.such")), SP_RULE_NONE);
}

/* Every rule that a client's tables name is one that the client has, at whatever time. */
static void test_places(void **state)
{
    (void)state;
    for (size_t c = 0; c < sp_client_count; c++) {
        sp_profile profile = profile_of(sp_clients[c]->name);
        const sp_client *client = profile.client;
        assert_true(client->place_count > 0);
        for (size_t i = 0; i < client->place_count; i++) {
            const sp_location *place = &client->places[i];
            assert_true(place->rule == SP_RULE_NONE || sp_rule_of(&profile, place->rule));
            assert_true(place->limit == SP_RULE_NONE || sp_rule_of(&profile, place->limit)->value > 0);
        }
        assert_true(!client->rule_ending || sp_rule_of(&profile, SP_RULE_RULE_EXTENSION));
        for (size_t i = 0; i < client->mode_count; i++)
            assert_true(client->modes[i].rule == SP_RULE_NONE || sp_rule_of(&profile, client->modes[i].rule));
    }
}

/* ---- output --------------------------------------------------------------------------------------------- */

static void test_rendering(void **state)
{
    (void)state;
    sp_profile profile = profile_of("codex");
    char *bytes = NULL;
    size_t len = 0;
    sp_err err;
    assert_int_equal(
        sp_rules_render(&profile, SP_STR("instructions.total-bytes"), NULL, SP_FORMAT_TEXT, NULL, &bytes, &len, &err),
        SP_OK);
    assert_true(sp_str_find((sp_str){ bytes, len }, SP_STR("32,768 bytes"), 0) != SIZE_MAX);
    free(bytes);
    bytes = NULL;
    assert_int_equal(sp_rules_render(&profile, (sp_str){ 0 }, NULL, SP_FORMAT_MAP, NULL, &bytes, &len, &err),
                     SP_ERR_USAGE);
    assert_int_equal(sp_rules_render(&profile, SP_STR(""), NULL, SP_FORMAT_TEXT, NULL, &bytes, &len, &err),
                     SP_ERR_USAGE);
    assert_int_equal(sp_profiles_render(SP_FORMAT_EXPLAIN, NULL, &bytes, &len, &err), SP_ERR_USAGE);
    assert_null(bytes);
}

static void test_comparing(void **state)
{
    (void)state;
    sp_profile codex = profile_of("codex");
    sp_request request = { .agent_text = SP_STR("You help.\n"), .root_dir = "tests/unit" };
    sp_prompt *here = NULL;
    sp_prompt *there = NULL;
    char *bytes = NULL;
    size_t len = 0;
    sp_err err;
    request.launch_dir = request.root_dir;
    assert_int_equal(sp_prompt_build(&request, &here, &err), SP_OK);
    request.profile = &codex;
    assert_int_equal(sp_prompt_build(&request, &there, &err), SP_OK);
    memset(&codex, 0, sizeof codex); /* the prompt has a copy */
    assert_string_equal(sp_profile_name(there->profile), "codex@0.169.0");
    assert_int_equal(sp_prompts_compare(here, there, SP_FORMAT_MAP, NULL, &bytes, &len, &err), SP_ERR_USAGE);
    assert_int_equal(sp_prompts_compare(here, there, SP_FORMAT_JSON, NULL, &bytes, &len, &err), SP_OK);
    assert_true(sp_str_find((sp_str){ bytes, len }, SP_STR("\"vs\": \"codex@0.169.0\""), 0) != SIZE_MAX);
    free(bytes);
    sp_prompt_free(here);
    sp_prompt_free(there);
}

static void test_listing(void **state)
{
    (void)state;
    size_t count = 0;
    for (sp_profile *profile; sp_profile_at(count); count++) {
        sp_err err;
        assert_int_equal(sp_profile_open(sp_str_of(sp_profile_at(count)), &profile, &err), SP_OK);
        assert_true(sp_profile_title(profile)[0]);
        sp_profile_free(profile);
    }
    assert_int_equal(count, sp_client_count);
    assert_true(count < 64); /* the message on an unknown name lists them all */
    sp_profile_free(NULL);
}

/* ---- tokenizers ----------------------------------------------------------------------------------------- */

/* Every client has one, and what is not the client's own says so. */
static void test_tokenizers(void **state)
{
    (void)state;
    const sp_request request = { .model = NULL };
    for (size_t i = 0; i < sp_client_count; i++) {
        const sp_client *client = sp_clients[i];
        const sp_profile profile = profile_of(client->name);
        const sp_counted_with counted_with = sp_attribute_choose(&request, &profile, (sp_str){ NULL, 0 });
        bool is_own = client->default_model || strcmp(client->name, "codex") == 0;
        assert_non_null(counted_with.encoding);
        assert_true((client->default_model != NULL) != (client->default_encoding != NULL));
        assert_int_equal(counted_with.note.ptr == NULL, is_own);
    }
}

/* The encoding of the request, its model, the prompt's own, the client's. */
static void test_choice(void **state)
{
    (void)state;
    const sp_profile profile = profile_of("gemini");
    sp_request request = { .model = NULL };
    const sp_str own = SP_STR("gpt-4");
    const sp_encoding *of_client = sp_encoding_find(SP_STR("o200k_base"));
    const sp_encoding *of_own = sp_encoding_for_model(own);
    assert_ptr_equal(sp_attribute_choose(&request, &profile, SP_STR("no-such-model")).encoding, of_client);
    assert_non_null(sp_attribute_choose(&request, &profile, SP_STR("no-such-model")).note.ptr);
    assert_ptr_equal(sp_attribute_choose(&request, &profile, own).encoding, of_own);
    assert_null(sp_attribute_choose(&request, &profile, own).note.ptr);
    assert_ptr_equal(sp_attribute_other(&request, &profile, of_client, own), of_own);
    assert_null(sp_attribute_other(&request, &profile, of_own, own));
    request.model = "sonnet";
    assert_ptr_equal(sp_attribute_choose(&request, &profile, own).encoding, sp_encoding_for_model(SP_STR("sonnet")));
    request.encoding = sp_encoding_find(SP_STR("r50k_base"));
    assert_ptr_equal(sp_attribute_choose(&request, &profile, own).encoding, request.encoding);
    assert_null(sp_attribute_other(&request, &profile, request.encoding, own));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),   cmocka_unit_test(test_wrong_names), cmocka_unit_test(test_effects),
        cmocka_unit_test(test_rows),       cmocka_unit_test(test_ids),         cmocka_unit_test(test_places),
        cmocka_unit_test(test_rendering),  cmocka_unit_test(test_comparing),   cmocka_unit_test(test_listing),
        cmocka_unit_test(test_tokenizers), cmocka_unit_test(test_choice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
