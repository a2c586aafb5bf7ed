#include "remote/kept.h"

#include "base/cache.h"
#include "base/json.h"
#include "base/types.h"
#include "model/prompt.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_FILE_BYTES = 4096 };

#define SCHEMA "sysprompt.api-count/1"

void sp_kept_hash(const char *url, sp_str body, char ret_hash[SP_SHA256_HEX])
{
    sp_sha256 hash;
    sp_sha256_init(&hash);
    sp_sha256_add(&hash, sp_str_of(url));
    sp_sha256_add(&hash, SP_STR("\n"));
    sp_sha256_add(&hash, body);
    sp_sha256_finish(&hash, ret_hash);
}

bool sp_kept_number(const sp_json_node *node, size_t *ret)
{
    enum { MAX_DIGITS = 15 };
    size_t number = 0;
    if (!node || node->kind != SP_JSON_NUMBER || node->text.len > MAX_DIGITS)
        return false;
    for (size_t i = 0; i < node->text.len; i++) {
        if (node->text.ptr[i] < '0' || node->text.ptr[i] > '9')
            return false;
        number = number * 10 + (size_t)(node->text.ptr[i] - '0');
    }
    *ret = number;
    return number > 0;
}

static bool is_text(const sp_json_node *root, const char *key, const char *value)
{
    const sp_json_node *node = sp_json_member(root, key);
    return node && node->kind == SP_JSON_TEXT && sp_str_eq(node->text, sp_str_of(value));
}

/* "2026-11-21" */
static bool is_day(sp_str text)
{
    static const char form[] = "0000-00-00";
    if (text.len != sizeof form - 1)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (form[i] == '0' ? text.ptr[i] < '0' || text.ptr[i] > '9' : text.ptr[i] != form[i])
            return false;
    return true;
}

static bool take(const sp_json_node *root, const char *hash, sp_api_count *count)
{
    const sp_json_node *day = sp_json_member(root, "counted_on");
    bool is_ours = is_text(root, "schema", SCHEMA) && is_text(root, "request_sha256", hash) &&
                   is_text(root, "model", count->model) && day && day->kind == SP_JSON_TEXT && is_day(day->text);
    if (!is_ours || !sp_kept_number(sp_json_member(root, "input_tokens"), &count->tokens))
        return false;
    snprintf(count->counted_on, sizeof count->counted_on, "%.*s", SP_STR_ARG(day->text));
    return true;
}

static sp_status read_file(sp_arena *arena, const char *folder, const char *name, const char *hash, sp_api_count *count,
                           sp_err *err)
{
    sp_str bytes;
    sp_json_node *root = NULL;
    sp_json_problem problem;
    SP_TRY(sp_cache_read(arena, folder, name, MAX_FILE_BYTES, &bytes, err));
    if (bytes.ptr)
        SP_TRY(sp_json_parse(arena, bytes, 4, &root, &problem, err));
    count->is_cached = root && take(root, hash, count);
    return SP_OK;
}

typedef struct place {
    char *folder;
    char name[SP_SHA256_HEX + 8];
} place;

static bool find_place(const char *cache_dir, const char *hash, place *ret)
{
    snprintf(ret->name, sizeof ret->name, "%s.json", hash);
    if (asprintf(&ret->folder, "%s/counts", cache_dir) >= 0)
        return true;
    ret->folder = NULL;
    return false;
}

sp_status sp_kept_read(const char *cache_dir, const char *hash, sp_api_count *count, sp_err *err)
{
    sp_arena arena = { 0 };
    place at = { .folder = NULL };
    if (!find_place(cache_dir, hash, &at))
        return sp_err_memory(err);
    sp_status status = read_file(&arena, at.folder, at.name, hash, count, err);
    free(at.folder);
    sp_arena_release(&arena);
    return status;
}

void sp_kept_write(const char *cache_dir, const char *url, const char *hash, const sp_api_count *count)
{
    sp_buf out = { 0 };
    sp_json json = { .out = &out };
    place at = { .folder = NULL };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR(SCHEMA));
    sp_json_str(&json, "url", sp_str_of(url));
    sp_json_str(&json, "model", sp_str_of(count->model));
    sp_json_str(&json, "request_sha256", sp_str_of(hash));
    sp_json_uint(&json, "input_tokens", count->tokens);
    sp_json_str(&json, "counted_on", sp_str_of(count->counted_on));
    sp_json_end(&json);
    bool has_place = !out.failed && find_place(cache_dir, hash, &at);
    if (has_place) {
        sp_cache_write(at.folder, at.name, sp_buf_str(&out));
        free(at.folder);
    }
    sp_buf_release(&out);
}
