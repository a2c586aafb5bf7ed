/*
 * normalize.c - one function a step. Each walks over the text and says of what it puts out where it comes from.
 *
 * The normal forms are made of utf8proc's tables, but not with its functions for whole texts: those do not say what
 * became of which character, and they put many marks behind one letter in order by exchanging neighbours. Here a text
 * is taken a cluster at a time: a character with all that can be reordered or composed with it.
 */
#include "tokenizer/files/normalize.h"

#include "base/types.h"
#include "tokenizer/files/chars.h"

#include <stdlib.h>
#include <utf8proc.h>

/* ---- normal forms ------------------------------------------------------------------------------------------ */

typedef struct marked {
    int32_t code;
    uint64_t order; /* combining class, and behind it the place */
} marked;

typedef struct cluster {
    int32_t *codes;
    size_t count;
    size_t capacity;
    marked *marks; /* for sorting; as many */
    bool failed;
} cluster;

static void cluster_release(cluster *c)
{
    free(c->codes);
    free(c->marks);
}

/* False when memory is short: then it is as it was. */
static bool grow(void **memory, size_t bytes)
{
    void *grown = realloc(*memory, bytes);
    if (grown)
        *memory = grown;
    return grown;
}

static bool cluster_reserve(cluster *c, size_t more)
{
    if (more <= c->capacity - c->count)
        return true;
    size_t capacity = 2 * c->capacity + more + 64;
    c->failed = !grow((void **)&c->codes, capacity * sizeof *c->codes) ||
                !grow((void **)&c->marks, capacity * sizeof *c->marks);
    c->capacity = c->failed ? c->capacity : capacity;
    return !c->failed;
}

static void decompose(cluster *c, uint32_t code, int options)
{
    enum { LONGEST = 32 }; /* U+FDFA is 18 characters */
    int last = 0;
    if (!cluster_reserve(c, LONGEST))
        return;
    utf8proc_ssize_t count =
        utf8proc_decompose_char((int32_t)code, c->codes + c->count, LONGEST, (utf8proc_option_t)options, &last);
    c->count += count > 0 && count <= LONGEST ? (size_t)count : 0;
}

static uint32_t class_of(int32_t code)
{
    return (uint32_t)utf8proc_get_property(code)->combining_class;
}

static int by_order(const void *a, const void *b)
{
    const marked *left = a, *right = b;
    return (left->order > right->order) - (left->order < right->order);
}

/* Puts the marks from begin to end in the order of their classes; equal ones stay as they are. */
static void sort_marks(cluster *c, size_t begin, size_t end)
{
    size_t count = end - begin;
    for (size_t i = 0; i < count; i++)
        c->marks[i] = (marked){ c->codes[begin + i], (uint64_t)class_of(c->codes[begin + i]) << 56 | i };
    qsort(c->marks, count, sizeof *c->marks, by_order);
    for (size_t i = 0; i < count; i++)
        c->codes[begin + i] = c->marks[i].code;
}

static void order_marks(cluster *c)
{
    for (size_t at = 0; at < c->count; at++) {
        size_t end = at;
        while (end < c->count && class_of(c->codes[end]) != 0)
            end++;
        if (end > at + 1)
            sort_marks(c, at, end);
        at = end;
    }
}

static void put_cluster(cluster *c, bool composes, sp_view from, size_t begin, size_t end, sp_flow *out)
{
    char bytes[4];
    size_t kept = 0;
    order_marks(c);
    if (composes) {
        utf8proc_ssize_t count =
            utf8proc_normalize_utf32(c->codes, (utf8proc_ssize_t)c->count, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
        c->count = count > 0 ? (size_t)count : 0;
    }
    for (; kept < c->count; kept++) { /* what it begins with as before is told apart; of the rest, nothing is */
        sp_str code = { bytes, sp_utf8_encode((uint32_t)c->codes[kept], bytes) };
        bool is_last = kept + 1 == c->count;
        if (!sp_str_starts(sp_str_slice(from.text, begin, end), code) || (is_last && code.len < end - begin))
            break;
        sp_flow_copy(out, from, begin, begin + code.len);
        begin += code.len;
    }
    for (size_t i = kept; i < c->count; i++)
        sp_flow_put(out, (sp_str){ bytes, sp_utf8_encode((uint32_t)c->codes[i], bytes) }, from, begin,
                    i + 1 < c->count ? begin : end);
}

/* Whether nothing before a character is reordered or composed with it. */
static bool begins_cluster(uint32_t code)
{
    if (code < 0x300)
        return true;
    bool is_jamo = code >= 0x1160 && code <= 0x11FF;
    bool is_kana_mark = code == 0xFF9E || code == 0xFF9F;
    return !is_jamo && !is_kana_mark && !sp_char_is_mark(code) && class_of((int32_t)code) == 0;
}

/* Where a run of ASCII ends that stays as it is: but for its last character, if there is more. */
static size_t plain_end(sp_str text, size_t at)
{
    size_t end = at;
    while (end < text.len && (unsigned char)text.ptr[end] < 0x80)
        end++;
    return end < text.len && end > at ? end - 1 : end;
}

static void normal_form(sp_view from, int options, sp_flow *out)
{
    cluster c = { 0 };
    bool composes = options & UTF8PROC_COMPOSE;
    int decomposing = (options & ~UTF8PROC_COMPOSE) | UTF8PROC_DECOMPOSE;
    for (size_t at = 0; at < from.text.len && !c.failed;) {
        uint32_t code;
        size_t plain = plain_end(from.text, at), begin = plain;
        sp_flow_copy(out, from, at, plain);
        at = plain;
        c.count = 0;
        while (at < from.text.len) {
            size_t len = sp_char_at(from.text, at, &code);
            if (at > begin && begins_cluster(code))
                break;
            decompose(&c, code, decomposing);
            at += len;
        }
        if (at > begin)
            put_cluster(&c, composes, from, begin, at, out);
    }
    out->failed |= c.failed;
    cluster_release(&c);
}

/* ---- a character at a time ------------------------------------------------------------------------------------ */

static bool lower(uint32_t code, sp_str *ret, char buffer[8])
{
    if (code == 0x130) { /* the one character that two small ones stand for */
        *ret = SP_STR("i\xCC\x87");
        return true;
    }
    uint32_t small = code < 0x80 ? code | (code >= 'A' && code <= 'Z' ? 0x20u : 0)
                                 : (uint32_t)utf8proc_tolower((utf8proc_int32_t)code);
    *ret = (sp_str){ buffer, sp_utf8_encode(small, buffer) };
    return small != code;
}

static bool without_mark(uint32_t code, sp_str *ret, char buffer[8])
{
    (void)buffer;
    *ret = (sp_str){ NULL, 0 };
    return sp_char_is_mark(code);
}

static bool without_nonspacing(uint32_t code, sp_str *ret, char buffer[8])
{
    (void)buffer;
    *ret = (sp_str){ NULL, 0 };
    return sp_char_is_nonspacing_mark(code);
}

static bool clean(uint32_t code, sp_str *ret, char buffer[8])
{
    bool is_space = sp_char_is_space(code) && !sp_char_is_control(code);
    (void)buffer;
    *ret = is_space ? SP_STR(" ") : (sp_str){ NULL, 0 };
    return is_space ? code != ' ' : code == 0 || code == 0xFFFD || sp_char_is_control(code);
}

/* change tells whether a character becomes something else, and what. */
static void each_char(sp_view from, bool (*change)(uint32_t code, sp_str *ret, char buffer[8]), sp_flow *out)
{
    size_t kept = 0; /* what is not put out yet begins there */
    for (size_t at = 0, len; at < from.text.len; at += len) {
        uint32_t code;
        char buffer[8];
        sp_str changed;
        len = sp_char_at(from.text, at, &code);
        if (!change(code, &changed, buffer))
            continue;
        sp_flow_copy(out, from, kept, at);
        sp_flow_put(out, changed, from, at, at + len);
        kept = at + len;
    }
    sp_flow_copy(out, from, kept, from.text.len);
}

/* Blanks around Han characters, which themselves stay what they are. */
static void set_apart(sp_view from, sp_flow *out)
{
    size_t kept = 0;
    for (size_t at = 0, len; at < from.text.len; at += len) {
        uint32_t code;
        len = sp_char_at(from.text, at, &code);
        if (!sp_char_is_han(code))
            continue;
        sp_flow_copy(out, from, kept, at);
        sp_flow_put(out, SP_STR(" "), from, at, at);
        sp_flow_copy(out, from, at, at + len);
        sp_flow_put(out, SP_STR(" "), from, at + len, at + len);
        kept = at + len;
    }
    sp_flow_copy(out, from, kept, from.text.len);
}

/* ---- the whole text ---------------------------------------------------------------------------------------------- */

static void strip(const sp_normalizer *n, sp_view from, sp_flow *out)
{
    size_t begin = 0, end = from.text.len;
    uint32_t code;
    while (n->left && begin < end) {
        size_t len = sp_char_at(from.text, begin, &code);
        if (!sp_char_is_space(code))
            break;
        begin += len;
    }
    while (n->right && end > begin) {
        size_t last = sp_char_before(from.text, end);
        (void)sp_char_at(from.text, last, &code);
        if (!sp_char_is_space(code))
            break;
        end = last;
    }
    sp_flow_copy(out, from, begin, end);
}

static sp_regex_found find_text(sp_str text, sp_str what, size_t from, size_t *ret_begin, size_t *ret_end)
{
    *ret_begin = what.len > 0 ? sp_str_find(text, what, from) : SIZE_MAX;
    *ret_end = *ret_begin + what.len;
    return *ret_begin == SIZE_MAX ? SP_REGEX_NONE : SP_REGEX_FOUND;
}

static bool replace(const sp_normalizer *n, void *scratch, sp_view from, sp_flow *out)
{
    size_t kept = 0, begin = 0, end = 0;
    for (size_t at = 0; at <= from.text.len;) {
        sp_regex_found found = n->regex ? sp_regex_find(n->regex, scratch, from.text, at, &begin, &end)
                                        : find_text(from.text, n->what, at, &begin, &end);
        if (found == SP_REGEX_TOO_HARD)
            return false;
        if (found == SP_REGEX_NONE)
            break;
        sp_flow_copy(out, from, kept, begin);
        sp_flow_put(out, n->with, from, begin, end);
        kept = end;
        at = end > begin ? end : end + (end < from.text.len ? sp_char_at(from.text, end, &(uint32_t){ 0 }) : 1);
    }
    sp_flow_copy(out, from, kept, from.text.len);
    return true;
}

bool sp_normalize(const sp_normalizer *n, void *scratch, sp_view from, sp_flow *out)
{
    switch (n->kind) {
    case SP_NORMALIZE_NFC:
        normal_form(from, UTF8PROC_STABLE | UTF8PROC_COMPOSE, out);
        break;
    case SP_NORMALIZE_NFD:
        normal_form(from, UTF8PROC_STABLE, out);
        break;
    case SP_NORMALIZE_NFKC:
        normal_form(from, UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE, out);
        break;
    case SP_NORMALIZE_NFKD:
        normal_form(from, UTF8PROC_STABLE | UTF8PROC_COMPAT, out);
        break;
    case SP_NORMALIZE_LOWERCASE:
        each_char(from, lower, out);
        break;
    case SP_NORMALIZE_STRIP:
        strip(n, from, out);
        break;
    case SP_NORMALIZE_STRIP_ACCENTS:
        each_char(from, without_mark, out);
        break;
    case SP_NORMALIZE_STRIP_NONSPACING:
        each_char(from, without_nonspacing, out);
        break;
    case SP_NORMALIZE_PREPEND:
        if (from.text.len > 0)
            sp_flow_put(out, n->with, from, 0, 0);
        sp_flow_copy(out, from, 0, from.text.len);
        break;
    case SP_NORMALIZE_REPLACE:
        return replace(n, scratch, from, out);
    case SP_NORMALIZE_CLEAN:
        each_char(from, clean, out);
        break;
    case SP_NORMALIZE_HAN:
        set_apart(from, out);
        break;
    case SP_NORMALIZE_CHARSMAP:
        sp_charsmap_apply(n->charsmap, from, out);
        break;
    }
    return true;
}
