/* map.c - whole lines first, of the texts themselves and then of what is escaped or numbered in them; then what stands
 * within lines of either. */
#include "capture/map.h"

#include "base/base.h"
#include "base/types.h"
#include "capture/automaton.h"
#include "capture/lines.h"
#include "capture/mapper.h"

enum { MAX_BYTES = 1u << 30 }; /* of texts, and of sources: lines are numbered in 32 bits */

/* ---- the sources -------------------------------------------------------------------------------------- */

enum { BETWEEN = 0x40000000 }; /* the number of no line */

/* The first line of a source that ends after an offset. */
static uint32_t line_after(const sp_mapper *m, uint32_t source, size_t offset)
{
    uint32_t low = m->first_known[source];
    for (uint32_t high = m->first_known[source + 1]; low < high;) {
        uint32_t middle = low + (high - low) / 2;
        bool is_before = m->known.items[middle].next <= offset;
        low = is_before ? middle + 1 : low;
        high = is_before ? high : middle;
    }
    return low;
}

/* Chains the predicted lines of each number, in the order of the files. */
static void chain_lines(sp_mapper *m)
{
    memset(m->expected, 0xFF, ((size_t)m->ids.count + 1) * sizeof *m->expected);
    for (size_t line = m->known.count; line-- > 0;) {
        if (m->rank[line] == SP_NONE)
            continue;
        uint32_t *first = &m->expected[m->known.items[line].id];
        m->next[line] = *first;
        *first = (uint32_t)line;
    }
}

static sp_status rank_lines(sp_mapper *m, sp_err *err)
{
    uint32_t next = 0;
    m->rank = SP_ARENA_ARRAY(m->arena, uint32_t, m->known.count + 1);
    m->next = SP_ARENA_ARRAY(m->arena, uint32_t, m->known.count + 1);
    m->expected = SP_ARENA_ARRAY(m->arena, uint32_t, (size_t)m->ids.count + 1);
    if (!m->rank || !m->next || !m->expected)
        return sp_err_memory(err);
    memset(m->rank, 0xFF, m->known.count * sizeof *m->rank);
    for (size_t i = 0; i < m->input->expected_count; i++) {
        const sp_mapped_stretch *stretch = &m->input->expected[i];
        uint32_t end = m->first_known[stretch->source + 1];
        for (uint32_t line = line_after(m, stretch->source, stretch->begin);
             line < end && m->known.items[line].start < stretch->end; line++)
            m->rank[line] = m->rank[line] == SP_NONE ? next++ : m->rank[line];
    }
    chain_lines(m);
    return SP_OK;
}

/* How often each line is among the known ones, and which stand more than once in their own source. */
static sp_status count_lines(sp_mapper *m, sp_err *err)
{
    uint32_t *newest = SP_ARENA_ARRAY(m->arena, uint32_t, (size_t)m->ids.count + 1);
    m->times = SP_ARENA_ARRAY(m->arena, uint32_t, (size_t)m->ids.count + 1);
    m->is_repeated = SP_ARENA_ARRAY(m->arena, bool, m->known.count + 1);
    if (!newest || !m->times || !m->is_repeated)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < m->known.count; i++) {
        uint32_t id = m->known.items[i].id;
        if (m->times[id]++ > 0 && m->known.items[newest[id]].text == m->known.items[i].text)
            m->is_repeated[i] = m->is_repeated[newest[id]] = true;
        newest[id] = i;
    }
    return SP_OK;
}

static sp_status index_sources(sp_mapper *m, sp_err *err)
{
    size_t count = m->input->source_count;
    sp_str *bytes = SP_ARENA_ARRAY(m->arena, sp_str, count + 1);
    m->first_known = SP_ARENA_ARRAY(m->arena, uint32_t, count + 2);
    if (!bytes || !m->first_known)
        return sp_err_memory(err);
    for (size_t i = 0; i < count; i++)
        bytes[i] = m->input->sources[i].bytes;
    SP_TRY(sp_lines_number(m->arena, bytes, count, true, &m->ids, &m->known, err));
    size_t lines = m->known.count;
    uint32_t *numbers = SP_ARENA_ARRAY(m->arena, uint32_t, lines + count + 1);
    m->line_of = SP_ARENA_ARRAY(m->arena, uint32_t, lines + count + 1);
    m->is_used = SP_ARENA_ARRAY(m->arena, bool, lines + 1);
    m->is_unsure = SP_ARENA_ARRAY(m->arena, bool, lines + 1);
    if (!numbers || !m->line_of || !m->is_used || !m->is_unsure)
        return sp_err_memory(err);
    SP_TRY(count_lines(m, err));
    uint32_t length = 0;
    size_t line = 0;
    for (size_t i = 0; i < count; i++) {
        m->first_known[i] = (uint32_t)line;
        for (; line < lines && m->known.items[line].text == i; line++) {
            m->line_of[length] = (uint32_t)line;
            numbers[length++] = m->known.items[line].id;
        }
        m->line_of[length] = SP_NONE;
        numbers[length++] = BETWEEN + (uint32_t)i;
    }
    m->first_known[count] = (uint32_t)line;
    SP_TRY(rank_lines(m, err));
    return sp_automaton_init(m->arena, numbers, length, &m->automaton, err);
}

/* ---- the texts ------------------------------------------------------------------------------------------ */

/* Whole lines. */
static sp_status map_texts(sp_mapper *m, const sp_str *texts, size_t count, sp_spans *ret, sp_err *err)
{
    m->texts = texts;
    m->text_count = count;
    SP_TRY(sp_lines_number(m->arena, texts, count, false, &m->ids, &m->asked, err));
    m->owner = SP_ARENA_ARRAY(m->arena, uint32_t, m->asked.count + 1);
    m->is_ambiguous = SP_ARENA_ARRAY(m->arena, bool, m->asked.count + 1);
    if (!m->owner || !m->is_ambiguous)
        return sp_err_memory(err);
    memset(m->owner, 0xFF, m->asked.count * sizeof *m->owner);
    SP_TRY(sp_map_lines(m, err));
    return sp_map_collect(m, ret, err);
}

/* ---- other views of a stretch of text ------------------------------------------------------------------- */

/* Where a byte of a view begins and ends in the text. */
typedef struct origin {
    uint32_t begin;
    uint32_t end;
} origin;

/* A stretch with something decoded, and where each byte of it is from. */
typedef struct view {
    uint32_t text;
    sp_buf bytes;
    origin *origins;
} view;

static void add_bytes(view *v, sp_str bytes, size_t begin, size_t end)
{
    for (size_t i = 0; i < bytes.len && !v->bytes.failed; i++) {
        v->origins[v->bytes.len] = (origin){ (uint32_t)begin, (uint32_t)end };
        sp_buf_add_char(&v->bytes, bytes.ptr[i]);
    }
}

static unsigned digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? (unsigned)(lower - 'a') + 10 : 16;
}

/* How many bytes an escape of JSON has at text[at], and what it is. 0: none. */
static size_t decode_json(sp_str text, size_t at, char out[4], size_t *ret_len)
{
    static const char letters[] = "ntr\"\\/bf";
    static const char meanings[] = "\n\t\r\"\\/\b\f";
    if (text.ptr[at] != '\\' || at + 1 >= text.len)
        return 0;
    const char *letter = memchr(letters, text.ptr[at + 1], sizeof letters - 1);
    if (letter) {
        out[0] = meanings[letter - letters];
        *ret_len = 1;
        return 2;
    }
    uint32_t code = 0;
    if (text.ptr[at + 1] != 'u' || text.len - at < 6)
        return 0;
    for (size_t i = at + 2; i < at + 6; i++) {
        if (digit_of(text.ptr[i]) > 15)
            return 0;
        code = code * 16 + digit_of(text.ptr[i]);
    }
    if (code >= 0xD800 && code <= 0xDFFF)
        return 0;
    *ret_len = sp_utf8_encode(code, out);
    return 6;
}

static size_t decode_xml(sp_str text, size_t at, char out[4], size_t *ret_len)
{
    static const struct {
        sp_str entity;
        char meaning;
    } entities[] = { { { "&lt;", 4 }, '<' },   { { "&gt;", 4 }, '>' },    { { "&amp;", 5 }, '&' },
                     { { "&quot;", 6 }, '"' }, { { "&apos;", 6 }, '\'' }, { { "&#39;", 5 }, '\'' },
                     { { "&#34;", 5 }, '"' },  { { "&#x27;", 6 }, '\'' } };
    sp_str rest = sp_str_slice(text, at, text.len);
    for (size_t i = 0; text.ptr[at] == '&' && i < SP_COUNT_OF(entities); i++)
        if (sp_str_starts(rest, entities[i].entity)) {
            out[0] = entities[i].meaning;
            *ret_len = 1;
            return entities[i].entity.len;
        }
    return 0;
}

/* The number before a line, as tools print it: "   12" and a tab or an arrow. */
static size_t decode_number(sp_str text, size_t at, char out[4], size_t *ret_len)
{
    size_t end = at;
    (void)out;
    if (at > 0 && text.ptr[at - 1] != '\n')
        return 0;
    while (end < text.len && text.ptr[end] == ' ')
        end++;
    size_t digits = end;
    while (end < text.len && digit_of(text.ptr[end]) < 10)
        end++;
    sp_str rest = sp_str_slice(text, end, text.len);
    *ret_len = 0;
    if (end == digits || !(sp_str_starts(rest, SP_STR("\t")) || sp_str_starts(rest, SP_STR("\xE2\x86\x92"))))
        return 0;
    return end - at + (rest.ptr[0] == '\t' ? 1 : 3);
}

typedef size_t (*decoder)(sp_str text, size_t at, char out[4], size_t *ret_len);

static bool is_encoded(sp_str text, size_t begin, size_t end, decoder decode_at)
{
    char out[4];
    size_t len;
    for (size_t at = begin; at < end; at++)
        if (decode_at(sp_str_slice(text, 0, end), at, out, &len) > 0)
            return true;
    return false;
}

/* Nothing is longer when it is decoded. */
static sp_status decode(sp_arena *arena, sp_str text, size_t begin, size_t end, decoder decode_at, view *ret,
                        sp_err *err)
{
    sp_str stretch = sp_str_slice(text, 0, end);
    ret->origins = SP_ARENA_ARRAY(arena, origin, end - begin);
    if (!ret->origins)
        return sp_err_memory(err);
    for (size_t at = begin; at < end;) {
        char out[4];
        size_t len = 0;
        size_t taken = decode_at(stretch, at, out, &len);
        sp_str bytes = taken ? (sp_str){ out, len } : sp_str_slice(text, at, at + 1);
        size_t next = at + (taken ? taken : 1);
        add_bytes(ret, bytes, at, next);
        at = next;
    }
    return ret->bytes.failed ? sp_err_memory(err) : SP_OK;
}

enum { LEAST_VIEW = 24 };

typedef sp_list(view) views;

static bool has(sp_str text, size_t begin, size_t end, char c)
{
    return end > begin && memchr(text.ptr + begin, c, end - begin) != NULL;
}

/* A way in which files are sent, told by a byte that it needs. */
typedef struct kind {
    const char *marks;
    decoder decode;
} kind;

static bool has_mark(sp_str text, size_t begin, size_t end, const char *marks)
{
    for (; *marks; marks++)
        if (has(text, begin, end, *marks))
            return true;
    return false;
}

static sp_status view_gap(sp_mapper *m, const kind *how, const sp_str *texts, uint32_t text, size_t begin, size_t end,
                          views *ret, sp_err *err)
{
    view v = { .text = text };
    if (end < begin + LEAST_VIEW || !has_mark(texts[text], begin, end, how->marks) ||
        !is_encoded(texts[text], begin, end, how->decode))
        return SP_OK;
    sp_status status = decode(m->arena, texts[text], begin, end, how->decode, &v, err);
    view *slot = status == SP_OK ? SP_LIST_PUSH(m->arena, ret) : NULL;
    if (slot)
        *slot = v;
    else
        sp_buf_release(&v.bytes);
    return status == SP_OK && !slot ? sp_err_memory(err) : status;
}

/* Of every stretch that no span has. */
static sp_status view_gaps(sp_mapper *m, const kind *how, const sp_map_input *input, const sp_spans *spans, views *ret,
                           sp_err *err)
{
    size_t next = 0;
    for (uint32_t text = 0; text < input->text_count; text++) {
        size_t at = 0;
        for (; next < spans->count && spans->items[next].text == text; next++) {
            SP_TRY(view_gap(m, how, input->texts, text, at, spans->items[next].begin, ret, err));
            at = spans->items[next].end;
        }
        SP_TRY(view_gap(m, how, input->texts, text, at, input->texts[text].len, ret, err));
    }
    return SP_OK;
}

/* A span of a view as spans of the text that it is of: one for each line, because bytes that are decoded are not as
 * many as those of the file. An escape belongs to the span that has its first byte: bytes of a file that are not UTF-8
 * may be a part of its character. */
static bool add_of_view(sp_arena *arena, const view *v, const sp_span_of *found, sp_spans *ret)
{
    bool is_verbatim = found->match == SP_SPAN_VERBATIM;
    size_t at = found->begin;
    while (at > 0 && at < found->end && v->origins[at].begin == v->origins[at - 1].begin)
        at++;
    while (at < found->end) {
        const char *feed = memchr(v->bytes.ptr + at, '\n', found->end - at);
        size_t end = feed && is_verbatim ? (size_t)(feed - v->bytes.ptr) + 1 : found->end;
        sp_span_of *span = SP_LIST_PUSH(arena, ret);
        if (!span)
            return false;
        *span = *found;
        span->text = v->text;
        span->begin = v->origins[at].begin;
        span->end = v->origins[end - 1].end;
        span->match = SP_SPAN_ESCAPED;
        if (is_verbatim) {
            span->source_begin = found->source_begin + (at - found->begin);
            span->source_end = found->source_begin + (end - found->begin);
        }
        at = end;
    }
    return true;
}

static sp_status map_views(sp_mapper *m, const views *list, bool looks_inside, sp_spans *ret, sp_err *err)
{
    sp_spans found = { 0 };
    sp_str *texts = SP_ARENA_ARRAY(m->arena, sp_str, list->count + 1);
    if (!texts)
        return sp_err_memory(err);
    for (size_t i = 0; i < list->count; i++)
        texts[i] = sp_buf_str(&list->items[i].bytes);
    SP_TRY(map_texts(m, texts, list->count, &found, err));
    if (looks_inside)
        SP_TRY(sp_map_inside(m, &found, err));
    for (size_t i = 0; i < found.count; i++)
        if (!add_of_view(m->arena, &list->items[found.items[i].text], &found.items[i], ret))
            return sp_err_memory(err);
    if (found.count > 0)
        sp_spans_sort(ret);
    return SP_OK;
}

static sp_status map_kind(sp_mapper *m, const kind *how, const sp_map_input *input, bool looks_inside, sp_spans *spans,
                          sp_err *err)
{
    views list = { 0 };
    sp_status status = view_gaps(m, how, input, spans, &list, err);
    if (status == SP_OK && list.count > 0)
        status = map_views(m, &list, looks_inside, spans, err);
    for (size_t i = 0; i < list.count; i++)
        sp_buf_release(&list.items[i].bytes);
    return status;
}

static sp_status map_escaped(sp_mapper *m, const sp_map_input *input, bool looks_inside, sp_spans *spans, sp_err *err)
{
    static const kind kinds[] = { { "\t\x86", decode_number }, { "&", decode_xml }, { "\\", decode_json } };
    for (size_t i = 0; i < SP_COUNT_OF(kinds); i++)
        SP_TRY(map_kind(m, &kinds[i], input, looks_inside, spans, err));
    return SP_OK;
}

static sp_status check_size(const sp_map_input *input, sp_err *err)
{
    size_t bytes = 0;
    for (size_t i = 0; i < input->text_count; i++)
        bytes += input->texts[i].len;
    for (size_t i = 0; i < input->source_count; i++)
        bytes += input->sources[i].bytes.len;
    if (bytes >= MAX_BYTES)
        return sp_err_set(err, SP_ERR_INPUT, "the request and the files are %zu bytes together; at most %u are mapped",
                          bytes, (unsigned)MAX_BYTES);
    return SP_OK;
}

static sp_status map_all(sp_arena *arena, const sp_map_input *input, sp_spans *spans, sp_err *err)
{
    sp_mapper mapper = { .arena = arena, .input = input };
    SP_TRY(index_sources(&mapper, err));
    SP_TRY(map_texts(&mapper, input->texts, input->text_count, spans, err));
    SP_TRY(map_escaped(&mapper, input, false, spans, err));
    mapper.texts = input->texts;
    mapper.text_count = input->text_count;
    SP_TRY(sp_map_inside(&mapper, spans, err));
    SP_TRY(map_escaped(&mapper, input, true, spans, err));
    return sp_map_expected(arena, input, spans, err);
}

/* The index has many times the size of its result, so it goes at once. */
sp_status sp_texts_map(sp_arena *arena, const sp_map_input *input, sp_mapping *ret, sp_err *err)
{
    sp_arena index = { NULL };
    sp_spans spans = { 0 };
    SP_TRY(check_size(input, err));
    sp_status status = map_all(&index, input, &spans, err);
    sp_span_of *kept = status == SP_OK ? SP_ARENA_ARRAY(arena, sp_span_of, spans.count + 1) : NULL;
    if (status == SP_OK && !kept)
        status = sp_err_memory(err);
    if (status == SP_OK && spans.count > 0)
        memcpy(kept, spans.items, spans.count * sizeof *kept);
    if (status == SP_OK)
        *ret = (sp_mapping){ kept, spans.count };
    sp_arena_release(&index);
    return status;
}
