#include "capture/learn.h"

#include "base/base.h"
#include "base/file.h"
#include "base/json.h"
#include "base/types.h"
#include "capture/result.h"
#include "model/prompt.h"
#include "model/source.h"
#include "rules/wording.h"

#include <stdlib.h>

/* A file in a text, without the white space at its ends. */
typedef struct place_of_file {
    uint32_t source;
    size_t begin;
    size_t end;
} place_of_file;

typedef sp_list(place_of_file) places;

typedef struct learning {
    sp_learner *to;
    sp_arena *arena;
    const sp_learn_run *run;
    const sp_captured *captured;
    sp_str text;
    sp_run_family family;
    sp_str model; /* of the request, as names of texts have it; ptr NULL: it names none */
    sp_str alias; /* and as the agent names it */
    bool is_last; /* text of the request with files that load on demand: clients trim it */
    places files;
} learning;

/* ---- where the files are ------------------------------------------------------------------------------------- */

/* A description in a list is one of a file, too, but of its front matter. */
static bool is_of_file(const learning *l, const sp_segment *segment)
{
    if (segment->kind == SP_SEGMENT_LISTING || segment->kind == SP_SEGMENT_CLIENT || segment->kind == SP_SEGMENT_TOOL)
        return false;
    if (segment->source >= l->captured->predicted->source_count)
        return false;
    const sp_source *source = &l->captured->predicted->sources[segment->source];
    bool is_lost = source->memory_cut && segment->begin >= source->memory_cut->end; /* the client quotes it */
    return source->is_loaded && segment->begin >= source->content_begin && !is_lost;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Further segments of the same file continue it: what is between them was removed. */
static sp_status find_files(learning *l, const sp_message *message, sp_err *err)
{
    size_t at = 0;
    l->files = (places){ 0 };
    for (size_t i = message->first_segment; i < message->first_segment + message->segment_count; i++) {
        const sp_segment *segment = &l->captured->prompt->segments[i];
        size_t begin = at, end = at + segment->text.len;
        at = end;
        while (begin < end && is_space(l->text.ptr[begin]))
            begin++;
        while (end > begin && is_space(l->text.ptr[end - 1]))
            end--;
        if (begin == end || !is_of_file(l, segment))
            continue;
        place_of_file *last = l->files.count ? &l->files.items[l->files.count - 1] : NULL;
        if (last && last->source == segment->source) {
            last->end = end;
            continue;
        }
        last = SP_LIST_PUSH(l->arena, &l->files);
        if (!last)
            return sp_err_memory(err);
        *last = (place_of_file){ segment->source, begin, end };
    }
    return SP_OK;
}

/* ---- white space at the ends of files -------------------------------------------------------------------------- */

enum { TELLING_LINES = 4 }; /* so many line ends are a file's own, not a client's */

static sp_str leading_space(const sp_source *source)
{
    size_t end = source->content_begin;
    while (end < source->bytes.len && is_space(source->bytes.ptr[end]))
        end++;
    return sp_str_slice(source->bytes, source->content_begin, end);
}

static sp_str trailing_space(const sp_source *source)
{
    size_t begin = source->bytes.len;
    while (begin > source->content_begin && is_space(source->bytes.ptr[begin - 1]))
        begin--;
    return sp_str_slice(source->bytes, begin, source->bytes.len);
}

static const sp_source *source_of(const learning *l, size_t file)
{
    return &l->captured->predicted->sources[l->files.items[file].source];
}

static sp_str class_of(const learning *l, const sp_source *source)
{
    return sp_wording_class(l->arena, l->captured->predicted->sources, source);
}

static void look_at_ends(learning *l)
{
    sp_seen_trims *seen = &l->to->trims[l->family];
    for (size_t i = 0; i < l->files.count; i++) {
        sp_str lead = leading_space(source_of(l, i));
        sp_str trail = trailing_space(source_of(l, i));
        sp_str before = sp_str_slice(l->text, 0, l->files.items[i].begin);
        sp_str after = sp_str_slice(l->text, l->files.items[i].end, l->text.len);
        if (lead.len >= TELLING_LINES) {
            seen->begin_known = true;
            seen->trims.begin = !sp_str_ends(before, lead);
        }
        if (trail.len >= TELLING_LINES) {
            seen->end_known = true;
            seen->trims.end = !sp_str_starts(after, trail);
        }
    }
}

/* ---- placeholders ------------------------------------------------------------------------------------------------ */

static int compare_values(const void *x, const void *y)
{
    const sp_text_value *a = x;
    const sp_text_value *b = y;
    return (a->value.len < b->value.len) - (a->value.len > b->value.len);
}

/* A file's name alone, or a word, may stand for something else in the client's text. */
static bool is_telling(const sp_text_value *value)
{
    bool is_name = strcmp(value->name, "file.name") == 0 || strcmp(value->name, "before.name") == 0;
    return value->value.len > 3 && (!is_name || sp_str_find(value->value, SP_STR("/"), 0) != SIZE_MAX);
}

/* Of equal values the one of the whole session counts, as it does in each run. */
static bool is_taken(const sp_text_value *values, size_t count, const sp_text_value *value)
{
    for (size_t i = 0; i < count; i++)
        if (&values[i] != value && sp_str_eq(values[i].value, value->value) && !strchr(values[i].name, '.') &&
            strchr(value->name, '.'))
            return true;
    return false;
}

/* The path of a file that the client had in /etc; ret->ptr NULL for another. False: memory is short. */
static bool path_in_etc(const learning *l, const sp_source *file, sp_str *ret)
{
    sp_str etc = l->run->etc;
    *ret = (sp_str){ 0 };
    if (!file || !etc.ptr || !sp_path_is_within(file->real_path, etc))
        return true;
    *ret = sp_str_format(l->arena, "/etc%.*s", (int)(file->real_path.len - etc.len), file->real_path.ptr + etc.len);
    return ret->ptr != NULL;
}

/* ptr NULL: memory is short. */
static sp_str generalise(learning *l, sp_str text, const sp_source *before, const sp_source *file)
{
    sp_text_value values[SP_WORDING_VALUES], telling[SP_WORDING_VALUES] = { 0 };
    sp_wording_place place = l->run->place;
    if (!path_in_etc(l, file, &place.found))
        return (sp_str){ 0 };
    size_t count = sp_wording_values(l->arena, &place, before, file, values), kept = 0;
    sp_buf out = { 0 };
    if (count == 0)
        return (sp_str){ 0 };
    for (size_t i = 0; i < count; i++)
        if (is_telling(&values[i]) && !is_taken(values, count, &values[i]))
            telling[kept++] = values[i];
    qsort(telling, kept, sizeof *telling, compare_values);
    sp_buf_add(&out, SP_STR(""));
    for (size_t at = 0; at < text.len;) {
        size_t v = 0;
        while (v < kept && !sp_str_starts(sp_str_slice(text, at, text.len), telling[v].value))
            v++;
        if (v == kept) {
            sp_buf_add_char(&out, text.ptr[at++]);
            continue;
        }
        sp_buf_format(&out, "{{%s}}", telling[v].name);
        at += telling[v].value.len;
    }
    return sp_buf_move(&out, l->arena);
}

/* ---- texts of the client
 * --------------------------------------------------------------------------------------------- */

/* The figures, which a request's files do not outlive. */
static const sp_memory_cut *keep_cut(sp_arena *arena, const sp_memory_cut *cut)
{
    sp_memory_cut *kept = SP_ARENA_NEW(arena, sp_memory_cut);
    if (!kept)
        return NULL;
    *kept = *cut;
    sp_str *const texts[] = { &kept->lines, &kept->lost, &kept->line, &kept->size, &kept->units, &kept->text };
    for (size_t i = 0; i < SP_COUNT_OF(texts); i++) {
        *texts[i] = sp_str_dup(arena, *texts[i]);
        if (!texts[i]->ptr)
            return NULL;
    }
    return kept;
}

static sp_status keep(sp_arena *arena, sp_seen_list *list, sp_seen seen, sp_err *err)
{
    sp_seen *slot = SP_LIST_PUSH(arena, list);
    if (!slot)
        return sp_err_memory(err);
    *slot = seen;
    return SP_OK;
}

/* What the client says after a file that it cut, and after that. Between two files this is not learned. */
static sp_status see_cut(learning *l, sp_seen_place where, size_t begin, size_t end, size_t before, sp_err *err)
{
    const sp_source *ended = source_of(l, before);
    if (where != SP_SEEN_END)
        return SP_OK;
    sp_seen seen = { .place = where,
                     .family = l->family,
                     .before = class_of(l, ended),
                     .text = generalise(l, sp_str_slice(l->text, begin, end), ended, NULL),
                     .cut = keep_cut(l->arena, ended->memory_cut) };
    return seen.before.ptr && seen.text.ptr && seen.cut ? keep(l->arena, &l->to->cuts, seen, err) : sp_err_memory(err);
}

/* For each model. What is learned for all is that of the first one. */
static sp_status see_agent_end(learning *l, sp_seen *seen, sp_err *err)
{
    seen->model = l->model;
    seen->alias = l->alias;
    if (!l->to->model.ptr)
        l->to->model = l->model;
    SP_TRY(keep(l->arena, &l->to->agent_ends, *seen, err));
    return sp_str_eq(l->model, l->to->model) ? keep(l->arena, &l->to->seen, *seen, err) : SP_OK;
}

/* The text from begin to end, without what of it is the files' own. */
static sp_status see(learning *l, sp_seen_place where, size_t begin, size_t end, size_t before, size_t file,
                     sp_err *err)
{
    const sp_source *ended = before == SIZE_MAX ? NULL : source_of(l, before);
    const sp_source *begun = file == SIZE_MAX ? NULL : source_of(l, file);
    sp_wording_trims trims = l->to->trims[l->family].trims;
    if (ended && ended->memory_cut)
        return see_cut(l, where, begin, end, before, err);
    sp_str own = ended && !trims.end ? trailing_space(ended) : SP_STR("");
    if (sp_str_starts(sp_str_slice(l->text, begin, end), own))
        begin += own.len;
    own = begun && !trims.begin ? leading_space(begun) : SP_STR("");
    if (sp_str_ends(sp_str_slice(l->text, begin, end), own))
        end -= own.len;
    sp_seen seen = { .place = where,
                     .family = l->family,
                     .text = generalise(l, sp_str_slice(l->text, begin, end), ended, begun) };
    if (ended)
        seen.before = class_of(l, ended);
    if (begun)
        seen.class = class_of(l, begun);
    if (where == SP_SEEN_END && ended->kind == SP_SOURCE_AGENT && l->run->ending.ptr)
        seen.before = sp_str_dup(l->arena, l->run->ending);
    if (where == SP_SEEN_END && (l->is_last || l->run->is_chain_last) && seen.before.ptr)
        seen.before = sp_str_format(l->arena, "last.%.*s", SP_STR_ARG(seen.before));
    if (!seen.text.ptr || (ended && !seen.before.ptr) || (begun && !seen.class.ptr))
        return sp_err_memory(err);
    if (where == SP_SEEN_END && l->family == SP_RUN_AGENT)
        return see_agent_end(l, &seen, err);
    return keep(l->arena, &l->to->seen, seen, err);
}

static sp_status see_end(learning *l, sp_err *err)
{
    size_t last = l->files.count - 1;
    return see(l, SP_SEEN_END, l->files.items[last].end, l->text.len, last, SIZE_MAX, err);
}

static sp_status see_message(learning *l, const sp_message *message, sp_err *err)
{
    l->text = message->text;
    SP_TRY(find_files(l, message, err));
    if (l->files.count == 0)
        return SP_OK;
    size_t last = l->files.count - 1;
    l->family = sp_run_of(source_of(l, 0), l->files.items[0].source >= l->captured->first_on_demand);
    if (l->run->is_chain_last)
        return l->family == SP_RUN_INSTRUCTIONS ? see_end(l, err) : SP_OK;
    l->to->texts++;
    if (l->family == SP_RUN_AGENT) /* rules agent.trim and memory.trim */
        l->to->trims[l->family].trims = (sp_wording_trims){ true, true };
    else
        look_at_ends(l);
    SP_TRY(see(l, SP_SEEN_BEGIN, 0, l->files.items[0].begin, SIZE_MAX, 0, err));
    for (size_t i = 0; i < last; i++)
        SP_TRY(see(l, SP_SEEN_BETWEEN, l->files.items[i].end, l->files.items[i + 1].begin, i, i + 1, err));
    return see_end(l, err);
}

/* Index of the last message with a file that loads on demand; SIZE_MAX: none has. */
static size_t last_on_demand(const learning *l)
{
    const sp_prompt *prompt = l->captured->prompt;
    size_t last = SIZE_MAX;
    for (size_t m = 0; m < prompt->message_count; m++)
        for (size_t i = 0; i < prompt->messages[m].segment_count; i++) {
            const sp_segment *segment = &prompt->segments[prompt->messages[m].first_segment + i];
            if (is_of_file(l, segment) && segment->source >= l->captured->first_on_demand &&
                prompt->messages[m].role == SP_ROLE_USER)
                last = m;
        }
    return last;
}

sp_status sp_learn_add(sp_learner *learner, const sp_learn_run *run, sp_err *err)
{
    const sp_captured *captured = run->captured;
    learning l = { .to = learner, .arena = learner->arena, .run = run, .captured = captured };
    size_t touched = 0;
    size_t last = last_on_demand(&l);
    SP_TRY(sp_wording_model(l.arena, captured->recorded->model, &l.model, err));
    SP_TRY(sp_wording_model(l.arena, captured->predicted->own_model, &l.alias, err));
    for (size_t i = 0; i < captured->prompt->message_count; i++) {
        const sp_message *message = &captured->prompt->messages[i];
        if (message->role != SP_ROLE_SYSTEM && message->role != SP_ROLE_USER)
            continue;
        l.is_last = i == last;
        SP_TRY(see_message(&l, message, err));
        touched += l.files.count > 0 && l.family == SP_RUN_TOUCHED;
    }
    learner->is_separate = learner->is_separate || touched > 1;
    return SP_OK;
}

/* ---- what they have in common ---------------------------------------------------------------------------------------
 */

static size_t common_prefix(sp_str a, sp_str b)
{
    size_t len = 0;
    while (len < a.len && len < b.len && a.ptr[len] == b.ptr[len])
        len++;
    return len;
}

static size_t common_suffix(sp_str a, sp_str b)
{
    size_t len = 0;
    while (len < a.len && len < b.len && a.ptr[a.len - 1 - len] == b.ptr[b.len - 1 - len])
        len++;
    return len;
}

/* Not within a placeholder or a character. */
static sp_str prefix_of(sp_str text, size_t len)
{
    size_t open = 0;
    for (size_t at = 0; (at = sp_str_find(text, SP_STR("{{"), at)) < len; at++)
        open = at + 1;
    size_t close = open ? sp_str_find(text, SP_STR("}}"), open - 1) : SIZE_MAX;
    if (open && close != SIZE_MAX && close + 2 > len)
        len = open - 1;
    while (len > 0 && len < text.len && !sp_utf8_begins(text.ptr[len]))
        len--;
    return sp_str_slice(text, 0, len);
}

static sp_str suffix_of(sp_str text, size_t len)
{
    size_t begin = text.len - len;
    size_t close = sp_str_find(text, SP_STR("}}"), begin);
    size_t open = sp_str_find(text, SP_STR("{{"), begin);
    if (begin > 0 && close != SIZE_MAX && (open == SIZE_MAX || open > close))
        begin = close + 2;
    while (begin < text.len && !sp_utf8_begins(text.ptr[begin]))
        begin++;
    return sp_str_slice(text, begin, text.len);
}

static bool is_same_place(const sp_seen *a, const sp_seen *b)
{
    return a->place == b->place && a->family == b->family && sp_str_eq(a->before, b->before) &&
           sp_str_eq(a->class, b->class);
}

/* Of texts that were seen in the same place, what is the same each time: next to the file, up to a line end. */
static void settle(sp_learner *learner, sp_seen *a, const sp_seen *b)
{
    if (sp_str_eq(a->text, b->text))
        return;
    learner->differing++;
    learner->is_partial[a->family] = true;
    if (a->place == SP_SEEN_BEGIN) {
        a->text = suffix_of(a->text, common_suffix(a->text, b->text));
        size_t line = sp_str_find(a->text, SP_STR("\n"), 0);
        a->text = line == SIZE_MAX ? a->text : sp_str_slice(a->text, line + 1, a->text.len);
    } else if (a->place == SP_SEEN_END) {
        a->text = prefix_of(a->text, common_prefix(a->text, b->text));
        size_t end = a->text.len;
        while (end > 0 && a->text.ptr[end - 1] != '\n')
            end--;
        a->text = end > 0 ? sp_str_slice(a->text, 0, end) : a->text;
    }
}

/* One for each place. */
static void settle_all(sp_learner *learner)
{
    size_t kept = 0;
    for (size_t i = 0; i < learner->seen.count; i++) {
        size_t same = 0;
        while (same < kept && !is_same_place(&learner->seen.items[same], &learner->seen.items[i]))
            same++;
        if (same < kept)
            settle(learner, &learner->seen.items[same], &learner->seen.items[i]);
        else
            learner->seen.items[kept++] = learner->seen.items[i];
    }
    learner->seen.count = kept;
}

/* ---- pieces
 * ------------------------------------------------------------------------------------------------------------ */

typedef sp_list(sp_wording_text) text_list;

static sp_status add_text(sp_arena *arena, text_list *texts, sp_run_family family, const char *what, sp_str class,
                          sp_str text, sp_err *err)
{
    sp_wording_text *slot = SP_LIST_PUSH(arena, texts);
    if (!slot)
        return sp_err_memory(err);
    slot->name = sp_str_format(arena, "%.*s.%s%s%.*s", SP_STR_ARG(sp_run_name(family)), what, class.len ? "." : "",
                               SP_STR_ARG(class));
    slot->text = text;
    return slot->name.ptr ? SP_OK : sp_err_memory(err);
}

/* What is next to an AGENTS.md is kept as it was: the client words it otherwise than all else. */
static bool has_pieces(const sp_seen *seen)
{
    static const sp_str agents_md = { "agents-", 7 };
    return !sp_str_starts(seen->before, agents_md) && !sp_str_starts(seen->class, agents_md);
}

static const sp_seen *next_seen(const sp_learner *learner, sp_run_family family, sp_seen_place place,
                                const sp_str *class, size_t *at)
{
    for (; *at < learner->seen.count; ++*at) {
        const sp_seen *seen = &learner->seen.items[*at];
        bool is_of_class = has_pieces(seen) && (!class || sp_str_eq(seen->class, *class));
        if (seen->family == family && seen->place == place && is_of_class)
            return &learner->seen.items[(*at)++];
    }
    return NULL;
}

/* What every file ends with: the same after each, whatever follows. */
static sp_str find_footer(const sp_learner *learner, sp_run_family family)
{
    sp_str footer = { 0 };
    for (size_t i = 0; i < learner->seen.count; i++) {
        const sp_seen *seen = &learner->seen.items[i];
        if (seen->family != family || seen->place == SP_SEEN_BEGIN || !has_pieces(seen))
            continue;
        footer = footer.ptr ? prefix_of(footer, common_prefix(footer, seen->text)) : seen->text;
    }
    return footer.ptr ? footer : SP_STR("");
}

/* Where no class was: what the first of one class and a later one of another have in common, if that is most of it. */
static sp_str shared_header(const sp_learner *learner, sp_run_family family, size_t footer, const sp_seen **ret_first,
                            const sp_seen **ret_later)
{
    size_t i = 0, j = 0;
    *ret_first = next_seen(learner, family, SP_SEEN_BEGIN, NULL, &i);
    *ret_later = next_seen(learner, family, SP_SEEN_BETWEEN, NULL, &j);
    if (!*ret_first || !*ret_later)
        return (sp_str){ 0 };
    size_t most = (*ret_later)->text.len - footer;
    size_t len = common_suffix((*ret_first)->text, (*ret_later)->text);
    sp_str header = suffix_of((*ret_first)->text, len < most ? len : most);
    if (sp_str_find(header, SP_STR("{{file."), 0) == SIZE_MAX)
        return (sp_str){ 0 };
    return header;
}

/* The header of the class that was seen both first and after another file; ptr NULL: none was. */
static sp_str find_header(const sp_learner *learner, sp_run_family family, size_t footer, const sp_seen **ret_first,
                          const sp_seen **ret_later)
{
    const sp_seen *first;
    for (size_t i = 0; (first = next_seen(learner, family, SP_SEEN_BEGIN, NULL, &i));) {
        sp_str header = first->text;
        const sp_seen *later;
        *ret_later = NULL;
        for (size_t j = 0; (later = next_seen(learner, family, SP_SEEN_BETWEEN, &first->class, &j));) {
            size_t most = later->text.len - footer;
            size_t len = common_suffix(header, later->text);
            header = suffix_of(header, len < most ? len : most);
            *ret_later = later;
        }
        *ret_first = first;
        if (*ret_later)
            return header;
    }
    return shared_header(learner, family, footer, ret_first, ret_later);
}

/* The header of a class by what was seen of it: after another file, or as the first. */
static sp_str header_of(const sp_learner *learner, sp_run_family family, sp_str class, sp_str footer, sp_str gap,
                        sp_str before)
{
    const sp_seen *seen;
    for (size_t i = 0; (seen = next_seen(learner, family, SP_SEEN_BETWEEN, &class, &i));) {
        sp_str rest = sp_str_slice(seen->text, footer.len, seen->text.len);
        if (sp_str_starts(rest, gap))
            return sp_str_slice(rest, gap.len, rest.len);
    }
    for (size_t i = 0; (seen = next_seen(learner, family, SP_SEEN_BEGIN, &class, &i));)
        if (sp_str_starts(seen->text, before))
            return sp_str_slice(seen->text, before.len, seen->text.len);
    return (sp_str){ 0 };
}

static bool has_name(const text_list *texts, sp_str start, sp_str class)
{
    for (size_t i = 0; i < texts->count; i++)
        if (sp_str_starts(texts->items[i].name, start) && sp_str_ends(texts->items[i].name, class) &&
            texts->items[i].name.len == start.len + class.len)
            return true;
    return false;
}

/* Footer, gap and header of each class, where they can be told apart. */
static sp_status add_pieces(sp_learner *learner, sp_run_family family, text_list *texts, sp_err *err)
{
    const sp_seen *first = NULL, *later = NULL, *end;
    sp_arena *arena = learner->arena;
    sp_str footer = find_footer(learner, family);
    sp_str header = find_header(learner, family, footer.len, &first, &later);
    size_t at = 0;
    if (!header.ptr)
        return SP_OK;
    sp_str gap = sp_str_slice(later->text, footer.len, later->text.len - header.len);
    sp_str before = sp_str_slice(first->text, 0, first->text.len - header.len);
    SP_TRY(add_text(arena, texts, family, "footer", SP_STR(""), footer, err));
    SP_TRY(add_text(arena, texts, family, "gap", SP_STR(""), gap, err));
    SP_TRY(add_text(arena, texts, family, "before", SP_STR(""), before, err));
    sp_str start = sp_str_format(arena, "%.*s.header.", SP_STR_ARG(sp_run_name(family)));
    if (!start.ptr)
        return sp_err_memory(err);
    for (size_t i = 0; i < learner->seen.count; i++) {
        const sp_seen *seen = &learner->seen.items[i];
        if (seen->family != family || !has_pieces(seen) || !seen->class.ptr || has_name(texts, start, seen->class))
            continue;
        sp_str own = header_of(learner, family, seen->class, footer, gap, before);
        if (own.ptr)
            SP_TRY(add_text(arena, texts, family, "header", seen->class, own, err));
    }
    end = next_seen(learner, family, SP_SEEN_END, NULL, &at);
    return end ? add_text(arena, texts, family, "after", SP_STR(""), sp_str_slice(end->text, footer.len, end->text.len),
                          err)
               : SP_OK;
}

/* Whether the pieces make the same text. */
static sp_status is_made_of_pieces(sp_arena *arena, const text_list *texts, const sp_seen *seen, bool *ret, sp_err *err)
{
    const sp_wording wording = { .texts = texts->items, .count = texts->count };
    sp_worded made;
    if (seen->place == SP_SEEN_BEGIN)
        made = sp_wording_begin(arena, &wording, seen->family, seen->class);
    else if (seen->place == SP_SEEN_BETWEEN)
        made = sp_wording_between(arena, &wording, seen->family, seen->before, seen->class);
    else
        made = sp_wording_end(arena, &wording, seen->family, seen->before);
    *ret = made.text.ptr && !made.is_borrowed && sp_str_eq(made.text, seen->text);
    return made.has_failed ? sp_err_memory(err) : SP_OK;
}

static sp_status add_seen(sp_learner *learner, const sp_seen *seen, text_list *texts, sp_err *err)
{
    static const char *const names[] = {
        [SP_SEEN_BEGIN] = "begin", [SP_SEEN_BETWEEN] = "between", [SP_SEEN_END] = "end"
    };
    sp_str class = seen->place == SP_SEEN_END ? seen->before : seen->class;
    bool is_made;
    SP_TRY(is_made_of_pieces(learner->arena, texts, seen, &is_made, err));
    if (is_made)
        return SP_OK;
    if (seen->place == SP_SEEN_BETWEEN)
        class = sp_str_format(learner->arena, "%.*s.%.*s", SP_STR_ARG(seen->before), SP_STR_ARG(seen->class));
    if (!class.ptr)
        return sp_err_memory(err);
    return add_text(learner->arena, texts, seen->family, names[seen->place], class, seen->text, err);
}

/* The last part of an agent's run for a model, if it is another one or there is more of it, and the part instead of
 * which it is there. */
static sp_status add_model(sp_learner *learner, const sp_seen *seen, sp_str model, text_list *texts, sp_err *err)
{
    const sp_wording wording = { .texts = texts->items, .count = texts->count };
    sp_worded end = sp_wording_end(learner->arena, &wording, seen->family, seen->before);
    if (end.has_failed)
        return sp_err_memory(err);
    if (!end.text.ptr || end.is_borrowed || !model.ptr || has_name(texts, SP_STR("agent.model."), model))
        return SP_OK;
    size_t same = prefix_of(end.text, common_prefix(end.text, seen->text)).len;
    sp_str last = sp_str_slice(seen->text, same, seen->text.len);
    sp_str instead_of = sp_str_slice(end.text, same, end.text.len);
    SP_TRY(add_text(learner->arena, texts, seen->family, "model", model, last, err));
    return instead_of.len == 0 ? SP_OK
                               : add_text(learner->arena, texts, seen->family, "model-instead", model, instead_of, err);
}

static sp_status add_trims(sp_learner *learner, sp_run_family family, text_list *texts, sp_err *err)
{
    sp_wording_trims trims = learner->trims[family].trims;
    const char *text = trims.begin && trims.end ? "begin end" : trims.begin ? "begin" : trims.end ? "end" : "";
    return *text ? add_text(learner->arena, texts, family, "trims", SP_STR(""), sp_str_of(text), err) : SP_OK;
}

/* ---- memory files that are cut -------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number is there as a whole, not as a part of another. */
static bool is_value_at(sp_str text, size_t at, sp_str value)
{
    size_t end = at + value.len;
    if (!sp_str_starts(sp_str_slice(text, at, text.len), value))
        return false;
    bool goes_on = at > 0 && (is_digit(text.ptr[at - 1]) || text.ptr[at - 1] == '.');
    bool ends = end == text.len || !is_digit(text.ptr[end]);
    bool is_fraction = end + 1 < text.len && text.ptr[end] == '.' && is_digit(text.ptr[end + 1]);
    return !is_digit(value.ptr[0]) || (!goes_on && ends && !is_fraction);
}

static sp_str with_figures(sp_arena *arena, sp_str text, const sp_memory_cut *cut)
{
    sp_text_value values[SP_WORDING_CUT_VALUES];
    size_t count = sp_wording_cut_values(cut, values);
    sp_buf out = { 0 };
    qsort(values, count, sizeof *values, compare_values);
    sp_buf_add(&out, SP_STR(""));
    for (size_t at = 0; at < text.len;) {
        size_t v = 0;
        while (v < count && !is_value_at(text, at, values[v].value))
            v++;
        if (v < count)
            sp_buf_format(&out, "{{%s}}", values[v].name);
        else
            sp_buf_add_char(&out, text.ptr[at]);
        at += v < count ? values[v].value.len : 1;
    }
    return sp_buf_move(&out, arena);
}

/* What stands before the end of the run; ret->ptr NULL: that end was not found. */
static sp_status notice_of(const sp_learner *learner, const text_list *texts, const sp_seen *seen, sp_str *ret,
                           sp_err *err)
{
    const sp_wording wording = { .texts = texts->items, .count = texts->count };
    sp_worded end = sp_wording_end(learner->arena, &wording, seen->family, seen->before);
    bool is_partial = learner->is_partial[seen->family];
    *ret = (sp_str){ 0 };
    if (end.has_failed)
        return sp_err_memory(err);
    if (!end.text.ptr || end.is_borrowed || (is_partial && end.text.len == 0))
        return SP_OK;
    size_t at = is_partial ? sp_str_find(seen->text, end.text, 0) : seen->text.len - end.text.len;
    if (is_partial ? at == SIZE_MAX : !sp_str_ends(seen->text, end.text))
        return SP_OK;
    *ret = with_figures(learner->arena, sp_str_slice(seen->text, 0, at), seen->cut);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

/* One text for each kind of cut, if it is the same after files of all sizes. */
static sp_status add_cut(sp_learner *learner, size_t first, text_list *texts, sp_err *err)
{
    const sp_seen *seen = &learner->cuts.items[first];
    sp_str text, again;
    SP_TRY(notice_of(learner, texts, seen, &text, err));
    for (size_t i = 0; i < learner->cuts.count; i++) {
        const sp_seen *other = &learner->cuts.items[i];
        if (i == first || strcmp(other->cut->kind, seen->cut->kind) != 0)
            continue;
        if (i < first)
            return SP_OK;
        SP_TRY(notice_of(learner, texts, other, &again, err));
        if (!text.ptr || !again.ptr || !sp_str_eq(text, again))
            text = (sp_str){ 0 };
    }
    if (!text.ptr) {
        learner->differing++;
        return SP_OK;
    }
    sp_wording_text *slot = SP_LIST_PUSH(learner->arena, texts);
    if (!slot)
        return sp_err_memory(err);
    *slot = (sp_wording_text){ sp_str_format(learner->arena, "memory.cut.%s", seen->cut->kind), text };
    return slot->name.ptr ? SP_OK : sp_err_memory(err);
}

sp_status sp_learn_finish(sp_learner *learner, sp_wording *ret, sp_err *err)
{
    text_list texts = { 0 };
    settle_all(learner);
    for (sp_run_family family = 0; family < SP_RUN_COUNT; family++) {
        SP_TRY(add_pieces(learner, family, &texts, err));
        for (size_t i = 0; i < learner->seen.count; i++)
            if (learner->seen.items[i].family == family)
                SP_TRY(add_seen(learner, &learner->seen.items[i], &texts, err));
        SP_TRY(add_trims(learner, family, &texts, err));
    }
    for (size_t i = 0; i < learner->agent_ends.count; i++) {
        const sp_seen *seen = &learner->agent_ends.items[i];
        SP_TRY(add_model(learner, seen, seen->model, &texts, err));
        SP_TRY(add_model(learner, seen, seen->alias, &texts, err));
    }
    for (sp_run_family family = 0; family < SP_RUN_COUNT; family++)
        if (learner->is_partial[family])
            SP_TRY(add_text(learner->arena, &texts, family, "partial", SP_STR(""), SP_STR("yes"), err));
    if (learner->is_separate)
        SP_TRY(add_text(learner->arena, &texts, SP_RUN_TOUCHED, "separate", SP_STR(""), SP_STR("yes"), err));
    for (size_t i = 0; i < learner->cuts.count; i++)
        SP_TRY(add_cut(learner, i, &texts, err));
    ret->texts = texts.items;
    ret->count = texts.count;
    sp_wording_hash(ret);
    return SP_OK;
}

sp_str sp_learn_manifest(sp_arena *arena, const sp_wording *wording)
{
    sp_buf out = { 0 };
    sp_json json = { .out = &out };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "schema", SP_STR("sysprompt.templates/1"));
    sp_json_str(&json, "client", wording->client);
    sp_json_str(&json, "version", wording->version);
    sp_json_str(&json, "sha256", sp_str_of(wording->sha256));
    sp_json_begin(&json, "texts", '[');
    for (size_t i = 0; i < wording->count; i++) {
        char hash[SP_SHA256_HEX];
        sp_sha256_of(wording->texts[i].text, hash);
        sp_json_begin_line(&json, NULL, '{');
        sp_json_str(&json, "name", wording->texts[i].name);
        sp_json_uint(&json, "bytes", wording->texts[i].text.len);
        sp_json_str(&json, "sha256", sp_str_of(hash));
        sp_json_end(&json);
    }
    sp_json_end(&json);
    sp_json_end(&json);
    sp_buf_add_char(&out, '\n');
    return sp_buf_move(&out, arena);
}
