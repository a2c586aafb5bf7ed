/* overheads.c - the measured rows of every client, and which of them hold for a request. */
#include "rules/overheads.h"

#include "base/types.h"

#include <stdio.h>

/* ---- the rows: one file for each client -------------------------------------------------------------------- */

#define SP_PARTS_NAME claude_code
#define SP_PARTS_FILE "rules/parts/claude-code.def"
#include "rules/overhead_rows.h"
#define SP_PARTS_NAME cline
#define SP_PARTS_FILE "rules/parts/cline.def"
#include "rules/overhead_rows.h"
#define SP_PARTS_NAME codex
#define SP_PARTS_FILE "rules/parts/codex.def"
#include "rules/overhead_rows.h"
#define SP_PARTS_NAME copilot
#define SP_PARTS_FILE "rules/parts/copilot.def"
#include "rules/overhead_rows.h"
#define SP_PARTS_NAME droid
#define SP_PARTS_FILE "rules/parts/droid.def"
#include "rules/overhead_rows.h"
#define SP_PARTS_NAME gemini
#define SP_PARTS_FILE "rules/parts/gemini.def"
#include "rules/overhead_rows.h"
#define SP_PARTS_NAME opencode
#define SP_PARTS_FILE "rules/parts/opencode.def"
#include "rules/overhead_rows.h"
#define SP_PARTS_NAME qwen
#define SP_PARTS_FILE "rules/parts/qwen.def"
#include "rules/overhead_rows.h"

/* clang-format off */
#define TABLE(name, prefix) \
    { name, prefix##_sets, SP_COUNT_OF(prefix##_sets), prefix##_rows, SP_COUNT_OF(prefix##_rows), \
      prefix##_tools, SP_COUNT_OF(prefix##_tools) }
static const sp_overhead_table tables[] = {
    TABLE("claude-code", claude_code),
    TABLE("cline", cline),
    TABLE("codex", codex),
    TABLE("copilot", copilot),
    TABLE("droid", droid),
    TABLE("gemini", gemini),
    TABLE("opencode", opencode),
    TABLE("qwen", qwen),
};
#undef TABLE
/* clang-format on */

/* The columns of the rows. o200k_harmony counts text as o200k_base does. */
static const struct {
    const char *name;
    size_t index;
} encodings[] = {
    { "cl100k_base", 0 }, { "o200k_base", 1 }, { "o200k_harmony", 1 }, { "claude-v3", 2 }, { "claude-4.7", 3 },
};

static const char *const kinds[] = {
    [SP_START_SESSION] = "session",
    [SP_START_AGENT] = "agent",
    [SP_START_AS_SESSION] = "as-session",
};

/* ---- finding them ---------------------------------------------------------------------------------------------------
 */

/* "claude-code" of "claude-code:documented@2.1.330". */
static const sp_overhead_table *table_of(const sp_profile *profile)
{
    size_t length = strcspn(profile->label, ":@");
    for (size_t i = 0; i < SP_COUNT_OF(tables); i++)
        if (strlen(tables[i].client) == length && memcmp(tables[i].client, profile->label, length) == 0)
            return &tables[i];
    return NULL;
}

/* Without versions in the profile: the newest that was measured, which is the last. */
static const char *version_of(const sp_overhead_table *table, const sp_profile *profile)
{
    char version[48];
    const uint32_t *at = profile->at.version;
    if (!strchr(profile->label, '@'))
        return table->sets[table->set_count - 1].version;
    snprintf(version, sizeof version, "%u.%u.%u", (unsigned)at[0], (unsigned)at[1], (unsigned)at[2]);
    for (size_t i = 0; i < table->set_count; i++)
        if (strcmp(table->sets[i].version, version) == 0)
            return table->sets[i].version;
    return NULL;
}

/* Whether that name is the model's id, with or without a date, or an alias such as "opus", a word of the id. */
static bool is_model(sp_str name, sp_str id)
{
    if (sp_str_starts(id, name) || sp_str_starts(name, id))
        return name.len > 0;
    return sp_str_find(name, SP_STR("-"), 0) == SIZE_MAX && name.len > 0 && sp_str_find(id, name, 0) != SIZE_MAX;
}

static const sp_overhead_set *set_of(const sp_overhead_table *table, const char *version, sp_str model)
{
    const sp_overhead_set *only = NULL;
    size_t count = 0;
    for (size_t i = 0; i < table->set_count; i++) {
        const sp_overhead_set *set = &table->sets[i];
        if (strcmp(set->version, version) != 0)
            continue;
        if (!model.ptr || is_model(model, sp_str_of(set->model)))
            return set;
        only = set;
        count++;
    }
    return count == 1 ? only : NULL; /* where one model was measured it speaks for the others */
}

static bool find_encoding(const sp_encoding *encoding, size_t *ret)
{
    for (size_t i = 0; i < SP_COUNT_OF(encodings); i++) {
        if (strcmp(encodings[i].name, sp_encoding_name(encoding)) == 0) {
            *ret = encodings[i].index;
            return true;
        }
    }
    return false;
}

static bool has_kind(const sp_overheads *measured)
{
    for (size_t i = 0; i < measured->table->row_count; i++)
        if (strcmp(measured->table->rows[i].version, measured->set->version) == 0 &&
            strcmp(measured->table->rows[i].kind, measured->kind) == 0)
            return true;
    return false;
}

sp_overheads_state sp_overheads_find(const sp_profile *profile, sp_start start, sp_str model,
                                     const sp_encoding *encoding, sp_overheads *ret)
{
    *ret = (sp_overheads){ .table = table_of(profile), .kind = kinds[start] };
    if (!ret->table)
        return SP_OVERHEADS_NO_CLIENT;
    const char *version = version_of(ret->table, profile);
    if (!version)
        return SP_OVERHEADS_NO_VERSION;
    ret->set = set_of(ret->table, version, model);
    if (!ret->set)
        return SP_OVERHEADS_NO_MODEL;
    if (!has_kind(ret))
        return SP_OVERHEADS_NO_KIND;
    return find_encoding(encoding, &ret->encoding) ? SP_OVERHEADS_KNOWN : SP_OVERHEADS_NO_ENCODING;
}

static bool is_one_of(const char *column, const char *value)
{
    return column[0] == '\0' || strcmp(column, value) == 0;
}

/* Whether a row of the model hides that one, which is of any model. */
static bool is_hidden(const sp_overheads *measured, const sp_overhead *row)
{
    const sp_overhead_table *table = measured->table;
    for (const sp_overhead *other = table->rows; !row->model[0] && other < table->rows + table->row_count; other++)
        if (other->model[0] && strcmp(other->part, row->part) == 0 && strcmp(other->of, row->of) == 0 &&
            strcmp(other->kind, row->kind) == 0 && strcmp(other->model, measured->set->model) == 0 &&
            strcmp(other->version, row->version) == 0)
            return true;
    return false;
}

static bool is_for(const sp_overheads *measured, const sp_overhead *row)
{
    return is_one_of(row->kind, measured->kind) && is_one_of(row->model, measured->set->model) &&
           strcmp(row->version, measured->set->version) == 0 && !is_hidden(measured, row);
}

const sp_overhead *sp_overhead_next(const sp_overheads *measured, const sp_overhead *row)
{
    const sp_overhead *end = measured->table->rows + measured->table->row_count;
    for (row = row ? row + 1 : measured->table->rows; row < end; row++)
        if (is_for(measured, row))
            return row;
    return NULL;
}

/* The columns that most rows differ in come first. */
const sp_overhead *sp_overhead_of(const sp_overheads *measured, const char *part, sp_str of)
{
    const sp_overhead *end = measured->table->rows + measured->table->row_count;
    for (const sp_overhead *row = measured->table->rows; row < end; row++)
        if (strcmp(row->part, part) == 0 && (!of.ptr || sp_str_eq(of, sp_str_of(row->of))) && is_for(measured, row))
            return row;
    return NULL;
}

/* Whether a row's kind is that one, or "agent-all" of "agent". */
static bool is_kind(const char *row, const char *kind, bool all)
{
    size_t length = strlen(kind);
    return strncmp(row, kind, length) == 0 && strcmp(row + length, all ? "-all" : "") == 0;
}

sp_str sp_overhead_tools_of(const sp_overheads *measured, bool all)
{
    const sp_overhead_table *table = measured->table;
    sp_str names = { NULL, 0 };
    for (size_t i = 0; i < table->tool_count; i++) {
        const sp_overhead_tools *tools = &table->tools[i];
        bool is_exact = strcmp(tools->model, measured->set->model) == 0;
        if (strcmp(tools->version, measured->set->version) == 0 && is_kind(tools->kind, measured->kind, all) &&
            (is_exact || (!names.ptr && !tools->model[0])))
            names = sp_str_of(tools->names);
    }
    return names;
}

sp_str sp_overhead_versions(const sp_profile *profile, char buffer[80])
{
    const sp_overhead_table *table = table_of(profile);
    const char *last = NULL;
    size_t length = 0;
    buffer[0] = '\0';
    for (size_t i = 0; table && i < table->set_count && length < 60; i++) {
        if (last && strcmp(last, table->sets[i].version) == 0)
            continue;
        length += (size_t)snprintf(buffer + length, 80 - length, "%s%s", last ? ", " : "", table->sets[i].version);
        last = table->sets[i].version;
    }
    return (sp_str){ buffer, length };
}
