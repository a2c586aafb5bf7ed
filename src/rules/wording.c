#include "rules/wording.h"
#include "base/file.h"
#include "base/types.h"
#include "rules/names.h"

#include <stdlib.h>
#include <string.h>

bool sp_wording_is_version(sp_str version)
{
    static const char letters[] = "0123456789.-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (size_t i = 0; i < version.len; i++)
        if (!memchr(letters, version.ptr[i], sizeof letters - 1))
            return false;
    return version.len > 0 && version.len < 100 && version.ptr[0] >= '0' && version.ptr[0] <= '9' &&
           sp_str_find(version, SP_STR(".."), 0) == SIZE_MAX;
}

sp_str sp_run_name(sp_run_family family)
{
    static const char *const names[SP_RUN_COUNT] = {
        [SP_RUN_INSTRUCTIONS] = "instructions",
        [SP_RUN_TOUCHED] = "touched",
        [SP_RUN_AGENT] = "agent",
        [SP_RUN_SKILL] = "skill",
    };
    return sp_str_of(names[family]);
}

sp_run_family sp_run_of(const sp_source *source, bool is_on_demand)
{
    if (source->kind == SP_SOURCE_AGENT)
        return SP_RUN_AGENT;
    if (source->kind == SP_SOURCE_SKILL)
        return SP_RUN_SKILL;
    return is_on_demand ? SP_RUN_TOUCHED : SP_RUN_INSTRUCTIONS;
}

bool sp_wording_is_agents_md(const sp_source *sources, const sp_source *source)
{
    while (source->importer != SP_NONE)
        source = &sources[source->importer];
    return source->kind == SP_SOURCE_INSTRUCTIONS && source->trigger.ptr &&
           sp_str_eq(sp_path_base(source->path), SP_STR("AGENTS.md"));
}

sp_str sp_wording_class(sp_arena *arena, const sp_source *sources, const sp_source *source)
{
    sp_str kind = sp_name_of_source_kind(source->kind);
    if (source->kind == SP_SOURCE_SKILL && !sp_str_eq(sp_path_base(source->path), SP_STR("SKILL.md")))
        return SP_STR("command");
    if (source->kind == SP_SOURCE_AGENT || source->kind == SP_SOURCE_SKILL)
        return kind;
    if (sp_wording_is_agents_md(sources, source))
        kind = SP_STR("agents");
    if (source->kind == SP_SOURCE_INSTRUCTIONS && sp_str_ends(source->path, SP_STR("#claudeMd")))
        kind = SP_STR("setting");
    return sp_str_format(arena, "%.*s-%.*s", SP_STR_ARG(kind), SP_STR_ARG(sp_name_of_scope(source->scope)));
}

sp_str sp_wording_find(const sp_wording *wording, sp_str name)
{
    for (size_t i = 0; i < wording->count; i++)
        if (sp_str_eq(wording->texts[i].name, name))
            return wording->texts[i].text;
    return (sp_str){ 0 };
}

/* Takes a part from the beginning of a name; false where it begins with another. */
static bool take(sp_str *name, sp_str part)
{
    if (!sp_str_starts(*name, part))
        return false;
    *name = sp_str_slice(*name, part.len, name->len);
    return true;
}

/* "FAMILY.SORT." or, at the end of the name, "FAMILY.SORT". Nothing is allocated: what is not found was not learned. */
static bool take_sort(sp_str *name, sp_run_family family, const char *sort)
{
    return take(name, sp_run_name(family)) && take(name, SP_STR(".")) && take(name, sp_str_of(sort)) &&
           (name->len == 0 || take(name, SP_STR(".")));
}

/* The text whose name is made of these parts. */
static sp_str find_named(const sp_wording *wording, const sp_str *parts, size_t count)
{
    for (size_t i = 0; i < wording->count; i++) {
        sp_str name = wording->texts[i].name;
        size_t taken = 0;
        while (taken < count && take(&name, parts[taken]))
            taken++;
        if (taken == count && name.len == 0)
            return wording->texts[i].text;
    }
    return (sp_str){ 0 };
}

/* "FAMILY.SORT.CLASS", or "FAMILY.SORT" where there is one class only. */
static sp_str find(const sp_wording *wording, sp_run_family family, const char *sort, sp_str class)
{
    const sp_str parts[] = { sp_run_name(family), SP_STR("."), sp_str_of(sort), SP_STR("."), class };
    return find_named(wording, parts, class.len > 0 ? 5 : 3);
}

static sp_str find_between(const sp_wording *wording, sp_run_family family, sp_str before, sp_str class)
{
    const sp_str parts[] = { sp_run_name(family), SP_STR(".between."), before, SP_STR("."), class };
    return find_named(wording, parts, SP_COUNT_OF(parts));
}

bool sp_wording_has(const sp_wording *wording, sp_run_family family)
{
    for (size_t i = 0; i < wording->count; i++) {
        sp_str name = wording->texts[i].name;
        sp_str of = sp_run_name(family);
        if (sp_str_starts(name, of) && name.len > of.len && name.ptr[of.len] == '.')
            return true;
    }
    return false;
}

/* The first text of that sort whose class has the same kind. */
static sp_str find_of_kind(const sp_wording *wording, sp_run_family family, const char *sort, sp_str class)
{
    size_t dash = sp_str_find(class, SP_STR("-"), 0);
    sp_str kind = sp_str_slice(class, 0, dash == SIZE_MAX ? class.len : dash + 1);
    for (size_t i = 0; i < wording->count; i++) {
        sp_str name = wording->texts[i].name;
        if (take_sort(&name, family, sort) && sp_str_starts(name, kind))
            return wording->texts[i].text;
    }
    return (sp_str){ 0 };
}

/* The first header of that scope, whatever the kind of file. Memory has one of its own. */
static sp_str header_of_scope(const sp_wording *wording, sp_run_family family, sp_str class)
{
    size_t dash = sp_str_find(class, SP_STR("-"), 0);
    sp_str scope = sp_str_slice(class, dash == SIZE_MAX ? 0 : dash, class.len);
    sp_str start = sp_run_name(family);
    for (size_t i = 0; i < wording->count && !sp_str_starts(class, SP_STR("memory-")); i++) {
        sp_str name = wording->texts[i].name;
        sp_str rest = sp_str_starts(name, start) ? sp_str_slice(name, start.len, name.len) : (sp_str){ 0 };
        bool is_header = sp_str_starts(rest, SP_STR(".header.")) && !sp_str_starts(rest, SP_STR(".header.memory-"));
        if (is_header && sp_str_ends(rest, scope))
            return wording->texts[i].text;
    }
    return (sp_str){ 0 };
}

static sp_worded header_of(const sp_wording *wording, sp_run_family family, sp_str class)
{
    sp_worded found = { .text = find(wording, family, "header", class) };
    if (!found.text.ptr)
        found = (sp_worded){ .text = header_of_scope(wording, family, class), .is_borrowed = true };
    if (!found.text.ptr)
        found.text = find_of_kind(wording, family, "header", class);
    if (!found.text.ptr)
        found.text = find_of_kind(wording, family, "header", SP_STR("instructions-"));
    return found;
}

static void join(sp_arena *arena, const sp_str *pieces, size_t count, sp_worded *found)
{
    sp_buf text = { 0 };
    sp_buf_add(&text, SP_STR(""));
    for (size_t i = 0; i < count; i++)
        sp_buf_add(&text, pieces[i]);
    found->text = sp_buf_move(&text, arena);
    found->has_failed = !found->text.ptr;
}

sp_worded sp_wording_begin(sp_arena *arena, const sp_wording *wording, sp_run_family family, sp_str class)
{
    sp_worded found = { .text = find(wording, family, "begin", class) };
    if (found.text.ptr)
        return found;
    sp_str before = find(wording, family, "before", SP_STR(""));
    found = header_of(wording, family, class);
    if (before.ptr && found.text.ptr)
        join(arena, (const sp_str[]){ before, found.text }, 2, &found);
    else
        found = (sp_worded){ .text = find_of_kind(wording, family, "begin", class), .is_borrowed = true };
    return found;
}

sp_str sp_wording_file(sp_arena *arena, sp_str name, const char *sha256)
{
    return sp_str_format(arena, "%.*s.%.12s.txt", SP_STR_ARG(name), sha256);
}

sp_worded sp_wording_between(sp_arena *arena, const sp_wording *wording, sp_run_family family, sp_str before,
                             sp_str class)
{
    sp_worded found = { .text = find_between(wording, family, before, class) };
    if (found.text.ptr)
        return found;
    sp_str footer = find(wording, family, "footer", SP_STR(""));
    sp_str gap = find(wording, family, "gap", SP_STR(""));
    found = header_of(wording, family, class);
    if (footer.ptr && gap.ptr && found.text.ptr)
        join(arena, (const sp_str[]){ footer, gap, found.text }, 3, &found);
    else
        found = (sp_worded){ .text = find_of_kind(wording, family, "between", before), .is_borrowed = true };
    return found;
}

sp_worded sp_wording_end(sp_arena *arena, const sp_wording *wording, sp_run_family family, sp_str before)
{
    static const sp_str last = { "last.", 5 };
    sp_worded found = { .text = find(wording, family, "end", before) };
    if (!found.text.ptr && sp_str_starts(before, last)) {
        found.text = find_of_kind(wording, family, "end", last);
        before = sp_str_slice(before, last.len, before.len);
        found.text = found.text.ptr ? found.text : find(wording, family, "end", before);
    }
    if (found.text.ptr)
        return found;
    sp_str footer = find(wording, family, "footer", SP_STR(""));
    sp_str after = find(wording, family, "after", SP_STR(""));
    if (footer.ptr && after.ptr)
        join(arena, (const sp_str[]){ footer, after }, 2, &found);
    else
        found = (sp_worded){ .text = find_of_kind(wording, family, "end", before), .is_borrowed = true };
    return found;
}

/* ---- models ------------------------------------------------------------------------------------------------ */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* claude-haiku-4-5-20251001 and claude-haiku-4-5 are one model, and sonnet[1m] is sonnet with another window. */
static sp_str without_ending(sp_str id)
{
    enum { DIGITS = 8 };
    const sp_str window = SP_STR("[1m]");
    size_t count = 0;
    if (sp_str_ends(id, window))
        id = sp_str_slice(id, 0, id.len - window.len);
    while (count < id.len && is_digit(id.ptr[id.len - 1 - count]))
        count++;
    bool is_dated = count == DIGITS && id.len > count + 1 && id.ptr[id.len - count - 1] == '-';
    return sp_str_slice(id, 0, is_dated ? id.len - count - 1 : id.len);
}

static bool is_of_name(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.';
}

sp_status sp_wording_model(sp_arena *arena, sp_str id, sp_str *ret, sp_err *err)
{
    sp_buf out = { 0 };
    bool is_name = true;
    id = without_ending(id);
    for (size_t i = 0; i < id.len && is_name; i++) {
        char c = id.ptr[i] >= 'A' && id.ptr[i] <= 'Z' ? (char)(id.ptr[i] | 32) : id.ptr[i];
        is_name = is_of_name(c);
        sp_buf_add_char(&out, c);
    }
    if (!is_name || id.len == 0) {
        sp_buf_release(&out);
        *ret = (sp_str){ 0 };
        return SP_OK;
    }
    *ret = sp_buf_move(&out, arena);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

sp_status sp_wording_end_for(sp_arena *arena, const sp_wording *wording, sp_str model, sp_str *end, bool *ret_is_known,
                             sp_err *err)
{
    sp_str id;
    SP_TRY(sp_wording_model(arena, model, &id, err));
    sp_str last = id.ptr ? find(wording, SP_RUN_AGENT, "model", id) : id;
    sp_str instead_of = id.ptr ? find(wording, SP_RUN_AGENT, "model-instead", id) : id;
    *ret_is_known = last.ptr && (!instead_of.ptr || sp_str_ends(*end, instead_of));
    if (!*ret_is_known)
        return SP_OK;
    sp_str made = sp_str_format(arena, "%.*s%.*s", (int)(end->len - instead_of.len), end->ptr, SP_STR_ARG(last));
    if (!made.ptr)
        return sp_err_memory(err);
    *end = made;
    return SP_OK;
}

sp_str sp_wording_cut(const sp_wording *wording, const char *kind)
{
    const sp_str parts[] = { SP_STR("memory.cut."), sp_str_of(kind) };
    return find_named(wording, parts, SP_COUNT_OF(parts));
}

bool sp_wording_is_partial(const sp_wording *wording, sp_run_family family)
{
    sp_str name = sp_run_name(family);
    for (size_t i = 0; i < wording->count; i++)
        if (sp_str_starts(wording->texts[i].name, name) &&
            sp_str_eq(sp_str_slice(wording->texts[i].name, name.len, wording->texts[i].name.len), SP_STR(".partial")))
            return true;
    return false;
}

sp_wording_trims sp_wording_trims_of(const sp_wording *wording, sp_run_family family)
{
    sp_wording_trims trims = { false, false };
    for (size_t i = 0; i < wording->count; i++) {
        sp_str name = wording->texts[i].name, of = sp_run_name(family);
        if (!sp_str_starts(name, of) || !sp_str_eq(sp_str_slice(name, of.len, name.len), SP_STR(".trims")))
            continue;
        trims.begin = sp_str_find(wording->texts[i].text, SP_STR("begin"), 0) != SIZE_MAX;
        trims.end = sp_str_find(wording->texts[i].text, SP_STR("end"), 0) != SIZE_MAX;
    }
    return trims;
}

/* ---- placeholders ------------------------------------------------------------------------------------------ */

/* The days as JavaScript's toDateString and toLocaleDateString of English have them. */
static void add_days(sp_arena *arena, uint32_t today, sp_text_value *values, size_t *count)
{
    static const char *const days[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };
    static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December" };
    unsigned day = today % 100, month = today / 100 % 100, year = today / 10000;
    if (today == 0 || month < 1 || month > 12)
        return;
    unsigned y = month < 3 ? year - 1 : year; /* Sakamoto's method for the day of the week */
    unsigned weekday = (y + y / 4 - y / 100 + y / 400 + (unsigned)"032503514624"[month - 1] - '0' + day) % 7;
    const char *name = days[weekday], *of = months[month - 1];
    values[(*count)++] = (sp_text_value){ "date.long", sp_str_format(arena, "%s, %s %u, %u", name, of, day, year) };
    values[(*count)++] =
        (sp_text_value){ "date.short", sp_str_format(arena, "%.3s %.3s %02u %u", name, of, day, year) };
    values[(*count)++] = (sp_text_value){ "date", sp_str_format(arena, "%04u-%02u-%02u", year, month, day) };
}

size_t sp_wording_values(sp_arena *arena, const sp_wording_place *place, const sp_source *before, const sp_source *file,
                         sp_text_value values[SP_WORDING_VALUES])
{
    size_t count = 0;
    const struct {
        const sp_source *source;
        const char *names[4];
    } files[] = { { file, { "file.path", "file.directory", "file.name", "file.parent" } },
                  { before, { "before.path", "before.directory", "before.name", "before.parent" } } };
    for (size_t i = 0; i < SP_COUNT_OF(files); i++) {
        const sp_source *source = files[i].source;
        if (!source)
            continue;
        sp_str path = source == file && place->found.ptr ? place->found : source->real_path;
        sp_str folder = sp_path_folder(path);
        values[count++] = (sp_text_value){ files[i].names[0], path };
        values[count++] = (sp_text_value){ files[i].names[1], folder };
        values[count++] = (sp_text_value){ files[i].names[2], sp_source_sent_name(source) };
        if (source->kind == SP_SOURCE_SKILL)
            values[count++] = (sp_text_value){ files[i].names[3], sp_path_base(folder) };
    }
    values[count++] = (sp_text_value){ "memory", place->memory };
    values[count++] = (sp_text_value){ "launch", place->launch };
    values[count++] = (sp_text_value){ "repository", place->repository };
    values[count++] = (sp_text_value){ "home", place->home };
    values[count++] = (sp_text_value){ "agent", place->agent };
    size_t days = count;
    add_days(arena, place->today, values, &count);
    size_t kept = 0;
    for (size_t i = days; i < count; i++)
        if (!values[i].value.ptr)
            return 0;
    for (size_t i = 0; i < count; i++)
        if (values[i].value.ptr && values[i].value.len > 0)
            values[kept++] = values[i];
    return kept;
}

size_t sp_wording_cut_values(const sp_memory_cut *cut, sp_text_value values[SP_WORDING_CUT_VALUES])
{
    const sp_text_value all[SP_WORDING_CUT_VALUES] = {
        { "cut.text", cut->text },   { "cut.size", cut->size }, { "cut.units", cut->units },
        { "cut.lines", cut->lines }, { "cut.lost", cut->lost }, { "cut.line", cut->line },
    };
    size_t count = 0;
    for (size_t i = 0; i < SP_COUNT_OF(all); i++)
        if (all[i].value.len > 0)
            values[count++] = all[i];
    return count;
}

void sp_wording_hash(sp_wording *wording)
{
    sp_sha256 hash;
    sp_sha256_init(&hash);
    for (size_t i = 0; i < wording->count; i++) {
        sp_sha256_add(&hash, wording->texts[i].name);
        sp_sha256_add(&hash, (sp_str){ "", 1 });
        sp_sha256_add(&hash, wording->texts[i].text);
        sp_sha256_add(&hash, (sp_str){ "", 1 });
    }
    sp_sha256_finish(&hash, wording->sha256);
}
