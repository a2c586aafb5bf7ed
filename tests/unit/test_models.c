/* test_models.c - the models that are built in, and the names they are found by. */
#include "base/types.h"
#include "tokenizer/models/model.h"
#include "tokenizer/models/models.h"
#include "tokenizer/tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static sp_str text(const char *name)
{
    return (sp_str){ name, strlen(name) };
}

static void check_source(const sp_model *model, const char *what, bool is_known, sp_str as_of, sp_str source)
{
    if (is_known && (as_of.len != strlen("2026-01-01") || source.len == 0))
        fail_msg("%.*s: %s without a day or a source", (int)SP_MODEL_STR(model, id).len, SP_MODEL_STR(model, id).ptr,
                 what);
}

static void every_figure_has_a_source(void **state)
{
    (void)state;
    const sp_model *m;
    for (size_t i = 0; (m = sp_model_at(NULL, i)) != NULL; i++) {
        assert_true(SP_MODEL_STR(m, tokenizer).ptr ? sp_encoding_find(SP_MODEL_STR(m, tokenizer)) != NULL
                                                   : SP_MODEL_STR(m, tokenizer_file).ptr != NULL);
        check_source(m, "release", SP_MODEL_STR(m, released).ptr, SP_MODEL_STR(m, released_as_of),
                     SP_MODEL_STR(m, released_source));
        check_source(m, "tokenizer", true, SP_MODEL_STR(m, tokenizer_as_of), SP_MODEL_STR(m, tokenizer_source));
        check_source(m, "limits", m->window_tokens || m->output_tokens || m->cache_minimum_tokens,
                     SP_MODEL_STR(m, limits_as_of), SP_MODEL_STR(m, limits_source));
        check_source(m, "request",
                     m->frame_tokens || m->message_tokens || m->margin_tokens || m->exchange_tokens ||
                         m->tools_tokens || m->forced_tools_tokens || m->function_tokens,
                     SP_MODEL_STR(m, request_as_of), SP_MODEL_STR(m, request_source));
        check_source(m, "prices",
                     m->input_price || m->output_price || m->cache_write_5m_price || m->cache_write_1h_price ||
                         m->cache_read_price || m->step_tokens || m->step_input_price || m->step_output_price ||
                         m->step_cache_write_5m_price || m->step_cache_write_1h_price || m->step_cache_read_price,
                     SP_MODEL_STR(m, prices_as_of), SP_MODEL_STR(m, prices_source));
        check_source(m, "retirement", SP_MODEL_STR(m, retires).ptr || SP_MODEL_STR(m, not_before).ptr,
                     SP_MODEL_STR(m, retires_as_of), SP_MODEL_STR(m, retires_source));
    }
}

static void check_after(const sp_model *m, const char *what, sp_str as_of)
{
    if (as_of.ptr && SP_MODEL_STR(m, released).ptr && memcmp(as_of.ptr, SP_MODEL_STR(m, released).ptr, as_of.len) < 0)
        fail_msg("%.*s: %s was looked up before its release", (int)SP_MODEL_STR(m, id).len, SP_MODEL_STR(m, id).ptr,
                 what);
}

static void no_figure_is_older_than_its_model(void **state)
{
    (void)state;
    const sp_model *m;
    for (size_t i = 0; (m = sp_model_at(NULL, i)) != NULL; i++) {
        check_after(m, "the tokenizer", SP_MODEL_STR(m, tokenizer_as_of));
        check_after(m, "the release", SP_MODEL_STR(m, released_as_of));
        check_after(m, "a limit", SP_MODEL_STR(m, limits_as_of));
        check_after(m, "the request", SP_MODEL_STR(m, request_as_of));
        check_after(m, "a price", SP_MODEL_STR(m, prices_as_of));
        check_after(m, "the retirement", SP_MODEL_STR(m, retires_as_of));
    }
}

/* No name stands for two models, and each finds its own. */
static void every_name_is_found(void **state)
{
    (void)state;
    const sp_model *m;
    for (size_t i = 0; (m = sp_model_at(NULL, i)) != NULL; i++) {
        if (!m->is_prefix)
            assert_ptr_equal(sp_model_find(NULL, SP_MODEL_STR(m, id)), m);
        sp_str alias = { NULL, 0 };
        while ((alias = sp_model_next_alias(m, alias)).ptr)
            assert_ptr_equal(sp_model_find(NULL, alias), m);
    }
}

static void names(void **state)
{
    (void)state;
    static const char *const found[][2] = {
        { "sonnet", "claude-sonnet-5-5" },
        { "opus[1m]", "claude-opus-5-5" },
        { "claude-opus-5-20260801", "claude-opus-5" },
        { "us.anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4" },
        { "anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet-20241022" },
        { "claude-opus-4-5@20251101", "claude-opus-4-5" },
        { "gpt-4o-mini", "gpt-4o-" },
        { "gpt-4o", "gpt-4o" },
        { "gpt-6-sol", "gpt-6-sol" },
        { "gpt-6.2-sol", "gpt-6" },
        { "gpt-5.5-2026-04-23", "gpt-5.5" },
        { "gpt-5.5-pro", "gpt-5.5" },
        { "gpt-5.4-pro", "gpt-5.4" },
        { "gpt-5.4-mini", "gpt-5.4-mini" },
        { "gpt-5.5-chat-latest", "gpt-5.5-chat" },
        { "gpt-5.1-chat-latest", "gpt-5.1-chat" },
        { "gpt-5.1-codex", "gpt-5" },
        { "anthropic/claude-sonnet-4.5", "claude-sonnet-4-5" },
        { "openrouter/anthropic/claude-opus-5", "claude-opus-5" },
        { "anthropic/claude-3.5-haiku", "claude-3-5-haiku-20241022" },
        { "bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4" },
        { "vertex_ai/claude-opus-4-5@20251101", "claude-opus-4-5" },
        { "publishers/anthropic/models/claude-haiku-4-5", "claude-haiku-4-5" },
        { "openai/gpt-5.6-luna", "gpt-5.6-luna" },
        { "azure/gpt-4o-mini", "gpt-4o-" },
        { "google/gemini-2.5-pro:free", "gemini-" },
        { "deepseek/deepseek-chat", "deepseek-" },
        { "x-ai/grok-4", "grok-" },
        { "Qwen/Qwen3-8B", "qwen" },
        { "DeepSeek-V3", "deepseek-" },
        { "us.meta.llama3-1-70b-instruct-v1:0", "llama3" },
        { "mistral.mistral-large-2402-v1:0", "mistral-" },
        { "deepseek.r1-v1:0", "deepseek-" },
        { "deepseek.v3-v1:0", "deepseek-" },
        { "openai.gpt-oss-120b-1:0", "gpt-oss-" },
        { "xai.grok-4", "grok-" },
        { "eu.anthropic.claude-opus-4-6-v1", "claude-opus-4-6" },
        { "anthropic.claude-3-5-sonnet-20240620-v1:0:200k", "claude-3-5-sonnet-20240620" },
        { "meta-llama/Llama-3.3-70B-Instruct", "llama-3" },
        { "models/gemini-2.5-pro", "gemini-" },
        { "gemini", "gemini-" },
        { "grok", "grok-" },
        { "llama", "llama-3" },
        { "mistral", "mistral-" },
        { "qwen", "qwen" },
        { "deepseek", "deepseek-" },
    };
    static const char *const unknown[] = { "",        "claude",       "claude-opus-9", "anthropic.", "gpt", "@",
                                           "[1m]",    "-v",           "claude-4-opus", "GPT-4o",     ".r1", ":",
                                           "claude-", "Claude-opus-5" };
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        const sp_model *m = sp_model_find(NULL, text(found[i][0]));
        if (!m || SP_MODEL_STR(m, id).len != strlen(found[i][1]) ||
            memcmp(SP_MODEL_STR(m, id).ptr, found[i][1], SP_MODEL_STR(m, id).len) != 0)
            fail_msg("%s is not found as %s", found[i][0], found[i][1]);
    }
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_null(sp_model_find(NULL, text(unknown[i])));
}

/* What is proposed is of the same vendor and version: another one may have another tokenizer. NULL: nothing is. */
static void windows(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t tokens; /* 0: not known */
    } known[] = { { "gpt-5.4-pro", 1050000 }, { "gpt-5.5-codex", 1050000 },      { "gpt-5.6", 1050000 },
                  { "gpt-5.4-mini", 0 },      { "gpt-5.5-chat-latest", 128000 }, { "gpt-5-mini", 400000 } };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(sp_model_find(NULL, text(known[i].name))->window_tokens, known[i].tokens);
}

static void ages(void **state)
{
    (void)state;
    assert_int_equal(sp_models_age_days(text("2026-10-21"), 20270119), 90);
    assert_int_equal(sp_models_age_days(text("2026-10-21"), 20270120), 91);
    assert_int_equal(sp_models_age_days(text("2028-02-28"), 20280301), 2);
    assert_int_equal(sp_models_age_days(text("2026-10-21"), 20261020), 0);
}

static void suggestions(void **state)
{
    (void)state;
    static const char *const near[][2] = {
        { "claude-sonet-4-5", "claude-sonnet-4-5" },
        { "claude-sonet", "claude-sonnet-5" },
        { "cluade-opus-4-5-20251101", "claude-opus-4-5-20251101" },
        { "claude-3-opus", "claude-3-opus-20240229" },
        { "claude-4-opus", "claude-opus-4" },
        { "claude-4.5-haiku", "claude-haiku-4-5" },
        { "claude-3-sonnet", "claude-3-sonnet-20240229" },
        { "claude-opus-3", "claude-3-opus-20240229" },
        { "claude-opus-5.5", "claude-opus-5-5" },
        { "sonnet-4.5", "claude-sonnet-4-5" },
        { "gtp-4", "gpt-4" },
        { "gpt-40", "gpt-4o" },
        { "04-mini", "o4-mini" },
        { "gemni", "gemini" },
        { "sonet", "sonnet" },
        { "claude-opus-9", NULL },
        { "claude-sonnet-4-7", NULL },
        { "gpt-9", NULL },
        { "glm-5", NULL },
        { "phi-4", NULL },
        { "mixtral", NULL },
        { "claude-", NULL },
        { "", NULL },
    };
    for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
        sp_str found;
        sp_err err;
        assert_int_equal(sp_model_near(NULL, text(near[i][0]), &found, &err), SP_OK);
        if (!near[i][1] != !found.ptr || (found.ptr && !sp_str_eq(found, text(near[i][1]))))
            fail_msg("%s is taken for %.*s", near[i][0], (int)found.len, found.ptr ? found.ptr : "");
    }
}

static void a_retired_model_says_when(void **state)
{
    (void)state;
    const sp_model *m = sp_model_find(NULL, text("claude-opus-4-1-20250805"));
    assert_memory_equal(SP_MODEL_STR(m, retires).ptr, "2026-08-05", SP_MODEL_STR(m, retires).len);
    assert_int_equal(sp_model_find(NULL, text("sonnet"))->retires.len_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_figure_has_a_source),
        cmocka_unit_test(no_figure_is_older_than_its_model),
        cmocka_unit_test(every_name_is_found),
        cmocka_unit_test(names),
        cmocka_unit_test(suggestions),
        cmocka_unit_test(windows),
        cmocka_unit_test(ages),
        cmocka_unit_test(a_retired_model_says_when),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
