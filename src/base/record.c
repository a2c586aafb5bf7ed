/*
 * record.c - reading one JSON record, strictly (RFC 8259), to find one text in it and the place for one more member.
 *
 * Nothing is built: a record goes back out as the bytes it came as, so all that is needed is where things are. No
 * recursion either, for a record may be nested as deep as it likes up to a limit; a bit for each level says whether it
 * is an object or an array.
 */
#include "base/record.h"
#include "base/base.h"
#include "base/types.h"

enum {
    MAX_DEPTH = 1024,
    MAX_PARTS = 32, /* of a pointer */
};

typedef struct place {
    size_t begin;
    size_t end;
} place;

/* Where the field is: parts[i] is the name, or the number, of what holds it on level i + 1. */
typedef struct field {
    sp_str parts[MAX_PARTS];
    size_t count;
    bool is_pointer; /* parts have ~0 for ~ and ~1 for / */
} field;

typedef struct scanner {
    sp_str text;
    size_t at;
    const field *field;
    const sp_str_list *members;
    char *scratch;
    sp_record *record;
    sp_err *err;
    size_t depth;
    size_t matched;          /* levels of the path to where we are that are those of the path to the field */
    size_t index[MAX_PARTS]; /* in the array on that level */
    place found;             /* the text, still escaped */
    uint64_t is_object[MAX_DEPTH / 64];
} scanner;

/* ---- mistakes ------------------------------------------------------------------------------------------- */

static sp_status mistake(scanner *s, size_t at, const char *what)
{
    return sp_err_at(s->err, SP_ERR_INPUT, SP_STR(""), s->text, at, "count.jsonl", "%s", what);
}

static sp_status expected(scanner *s, const char *what)
{
    return sp_err_at(s->err, SP_ERR_INPUT, SP_STR(""), s->text, s->at, "count.jsonl", "expected %s%s", what,
                     s->at < s->text.len ? " here" : ", and the record ends");
}

/* ---- bytes ------------------------------------------------------------------------------------------------ */

/* NUL at the end, which is not allowed anywhere. */
static char peek(const scanner *s)
{
    return s->at < s->text.len ? s->text.ptr[s->at] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_blanks(scanner *s)
{
    while (s->at < s->text.len && (s->text.ptr[s->at] == ' ' || s->text.ptr[s->at] == '\t' ||
                                   s->text.ptr[s->at] == '\n' || s->text.ptr[s->at] == '\r'))
        s->at++;
}

static unsigned hex_digit(char c)
{
    if (is_digit(c))
        return (unsigned)(c - '0');
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* ---- strings ------------------------------------------------------------------------------------------------ */

static bool is_unicode_escape(sp_str text, size_t at)
{
    if (text.len - at < 6 || text.ptr[at + 1] != 'u')
        return false;
    for (size_t i = 2; i < 6; i++)
        if (hex_digit(text.ptr[at + i]) > 15)
            return false;
    return true;
}

static sp_status skip_escape(scanner *s)
{
    char c = s->at + 1 < s->text.len ? s->text.ptr[s->at + 1] : '\0';
    bool is_unicode = is_unicode_escape(s->text, s->at);
    if (!is_unicode && (c == '\0' || !strchr("\"\\/bfnrt", c)))
        return mistake(s, s->at, "no escape begins like this; there are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX");
    s->at += is_unicode ? 6 : 2;
    return SP_OK;
}

/* At the opening quote. *ret is what stands between the quotes. */
static sp_status scan_string(scanner *s, place *ret)
{
    size_t begin = ++s->at;
    while (s->at < s->text.len && s->text.ptr[s->at] != '"') {
        if (s->text.ptr[s->at] == '\\')
            SP_TRY(skip_escape(s));
        else if ((unsigned char)s->text.ptr[s->at] < 0x20)
            return mistake(s, s->at, "a control character in a string has to be written as an escape");
        else
            s->at++;
    }
    if (s->at == s->text.len)
        return expected(s, "the quote that ends the string");
    *ret = (place){ begin, s->at++ };
    return SP_OK;
}

static uint32_t unit_at(sp_str text, size_t at)
{
    uint32_t unit = 0;
    for (size_t i = 2; i < 6; i++)
        unit = unit << 4 | hex_digit(text.ptr[at + i]);
    return unit;
}

/* The character of the \uXXXX at at, of both if it is the first of a pair. Half a pair alone is U+FFFD. */
static uint32_t unescape_unicode(sp_str text, size_t *at)
{
    uint32_t high = unit_at(text, *at);
    *at += 6;
    if (high < 0xD800 || high > 0xDFFF)
        return high;
    bool has_low = high < 0xDC00 && *at < text.len && text.ptr[*at] == '\\' && is_unicode_escape(text, *at);
    uint32_t low = has_low ? unit_at(text, *at) : 0;
    if (low < 0xDC00 || low > 0xDFFF)
        return 0xFFFD;
    *at += 6;
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

/* The bytes that an escaped text stands for: itself, or a copy in scratch. */
static sp_str unescape(sp_str raw, char *scratch)
{
    static const char names[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    size_t len = 0;
    if (raw.len == 0 || !memchr(raw.ptr, '\\', raw.len))
        return raw;
    for (size_t at = 0; at < raw.len;) {
        if (raw.ptr[at] != '\\') {
            scratch[len++] = raw.ptr[at++];
        } else if (raw.ptr[at + 1] == 'u') {
            uint32_t code = unescape_unicode(raw, &at);
            len += sp_utf8_encode(code, scratch + len);
        } else {
            const char *name = strchr(names, raw.ptr[at + 1]);
            scratch[len++] = name ? meanings[name - names] : raw.ptr[at + 1];
            at += 2;
        }
    }
    return (sp_str){ scratch, len };
}

/* ---- the field ------------------------------------------------------------------------------------------------ */

static sp_status read_field(sp_str name, field *ret, sp_err *err)
{
    ret->is_pointer = sp_str_starts(name, SP_STR("/"));
    ret->count = 0;
    if (!ret->is_pointer)
        ret->parts[ret->count++] = name;
    for (size_t at = 1; ret->is_pointer && at <= name.len;) {
        size_t slash = sp_str_find(name, SP_STR("/"), at);
        size_t end = slash == SIZE_MAX ? name.len : slash;
        if (ret->count == MAX_PARTS)
            return sp_err_set(err, SP_ERR_USAGE, "the field %.*s lies more than %d levels deep", SP_STR_ARG(name),
                              MAX_PARTS);
        ret->parts[ret->count++] = sp_str_slice(name, at, end);
        at = end + 1;
    }
    return SP_OK;
}

static bool is_part(const field *f, size_t level, sp_str name)
{
    sp_str part = f->parts[level];
    size_t used = 0;
    for (size_t at = 0; at < part.len; at++, used++) {
        char c = part.ptr[at];
        bool is_escape =
            f->is_pointer && c == '~' && at + 1 < part.len && (part.ptr[at + 1] == '0' || part.ptr[at + 1] == '1');
        if (is_escape)
            c = part.ptr[++at] == '0' ? '~' : '/';
        if (used == name.len || name.ptr[used] != c)
            return false;
    }
    return used == name.len;
}

static bool is_index(const field *f, size_t level, size_t index)
{
    char digits[24];
    size_t len = 0;
    size_t begin = sizeof digits;
    do
        digits[--begin] = (char)('0' + index % 10);
    while ((index /= 10) > 0);
    len = sizeof digits - begin;
    return f->is_pointer && sp_str_eq(f->parts[level], (sp_str){ digits + begin, len });
}

/* Whether what we are in is on the way to the field. */
static bool is_on_the_way(const scanner *s)
{
    return s->matched + 1 == s->depth && s->matched < s->field->count;
}

/* From here on what was found before does not count: of two members with one name the last does. */
static void enter_field(scanner *s)
{
    s->matched++;
    s->record->state = SP_RECORD_NO_FIELD;
}

static bool is_field(const scanner *s)
{
    return s->matched == s->field->count && s->matched == s->depth;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

static void note_member(scanner *s, sp_str name)
{
    for (size_t i = 0; i < s->members->count; i++)
        if (sp_str_eq(name, s->members->items[i]))
            s->record->members |= 1u << i;
}

static sp_status scan_key(scanner *s)
{
    place raw = { 0, 0 };
    if (peek(s) != '"')
        return expected(s, "the name of a member in quotes");
    SP_TRY(scan_string(s, &raw));
    sp_str name = unescape(sp_str_slice(s->text, raw.begin, raw.end), s->scratch);
    if (s->depth == 1)
        note_member(s, name);
    if (is_on_the_way(s) && is_part(s->field, s->matched, name))
        enter_field(s);
    skip_blanks(s);
    if (peek(s) != ':')
        return expected(s, "a colon");
    s->at++;
    return SP_OK;
}

static void begin_item(scanner *s)
{
    if (is_on_the_way(s) && is_index(s->field, s->matched, s->index[s->matched]++))
        enter_field(s);
}

static bool skip_digits(scanner *s)
{
    size_t begin = s->at;
    while (is_digit(peek(s)))
        s->at++;
    return s->at > begin;
}

static sp_status scan_number(scanner *s)
{
    s->at += peek(s) == '-';
    if (peek(s) == '0')
        s->at++;
    else if (!skip_digits(s))
        return expected(s, "a digit");
    if (peek(s) == '.') {
        s->at++;
        if (!skip_digits(s))
            return expected(s, "a digit");
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        s->at += peek(s) == '+' || peek(s) == '-';
        if (!skip_digits(s))
            return expected(s, "a digit");
    }
    return SP_OK;
}

static sp_status scan_word(scanner *s)
{
    static const sp_str words[] = { { "true", 4 }, { "false", 5 }, { "null", 4 } };
    for (size_t i = 0; i < SP_COUNT_OF(words); i++)
        if (sp_str_starts(sp_str_slice(s->text, s->at, s->text.len), words[i])) {
            s->at += words[i].len;
            return SP_OK;
        }
    return expected(s, "a value");
}

static sp_status open_container(scanner *s)
{
    if (s->depth == MAX_DEPTH)
        return mistake(s, s->at, "nested deeper than 1024 levels");
    uint64_t bit = (uint64_t)1 << (s->depth & 63);
    uint64_t *word = &s->is_object[s->depth >> 6];
    *word = peek(s) == '{' ? *word | bit : *word & ~bit;
    s->depth++;
    s->at++;
    if (is_on_the_way(s))
        s->index[s->matched] = 0;
    return SP_OK;
}

static bool in_object(const scanner *s)
{
    return s->is_object[(s->depth - 1) >> 6] >> ((s->depth - 1) & 63) & 1;
}

/* A value that is not a container, at s->at. */
static sp_status scan_scalar(scanner *s)
{
    place raw = { 0, 0 };
    bool is_string = peek(s) == '"';
    if (is_field(s)) {
        s->record->state = is_string ? SP_RECORD_TEXT : SP_RECORD_NO_TEXT;
        s->record->at = s->at;
    }
    if (!is_string)
        return peek(s) == '-' || is_digit(peek(s)) ? scan_number(s) : scan_word(s);
    SP_TRY(scan_string(s, &raw));
    if (is_field(s))
        s->found = raw;
    return SP_OK;
}

/* ---- the record ----------------------------------------------------------------------------------------------------
 */

/* The beginning of a member or an item, up to its value. */
static sp_status begin_element(scanner *s)
{
    if (in_object(s))
        return scan_key(s);
    begin_item(s);
    return SP_OK;
}

/* Behind a value: closes the containers that end here. *ret_more says whether another element follows. */
static sp_status end_value(scanner *s, bool *ret_more)
{
    *ret_more = false;
    while (s->depth > 0) {
        s->matched = s->matched < s->depth ? s->matched : s->depth - 1;
        skip_blanks(s);
        *ret_more = peek(s) == ',';
        if (!*ret_more && peek(s) != (in_object(s) ? '}' : ']'))
            return expected(s, in_object(s) ? "a comma or }" : "a comma or ]");
        s->at++;
        if (*ret_more)
            return SP_OK;
        s->depth--;
        if (s->depth == 0)
            s->record->end = s->at - 1;
    }
    return SP_OK;
}

/* A container from its bracket to its first element; an empty one to its end. */
static sp_status begin_container(scanner *s, bool *ret_more)
{
    bool is_top = s->depth == 0;
    if (is_field(s)) {
        s->record->state = SP_RECORD_NO_TEXT;
        s->record->at = s->at;
    }
    SP_TRY(open_container(s));
    skip_blanks(s);
    *ret_more = peek(s) != (in_object(s) ? '}' : ']');
    if (is_top)
        s->record->is_empty = !*ret_more;
    return *ret_more ? SP_OK : end_value(s, ret_more);
}

static sp_status scan_record(scanner *s)
{
    bool more;
    size_t invalid = sp_utf8_find_invalid(s->text, 0);
    if (invalid != SIZE_MAX)
        return mistake(s, invalid, "not UTF-8, which JSON has to be");
    skip_blanks(s);
    if (peek(s) != '{')
        return expected(s, "a JSON object, which begins with {");
    SP_TRY(begin_container(s, &more));
    while (more) {
        skip_blanks(s);
        SP_TRY(begin_element(s));
        skip_blanks(s);
        if (peek(s) == '{' || peek(s) == '[') {
            SP_TRY(begin_container(s, &more));
        } else {
            SP_TRY(scan_scalar(s));
            SP_TRY(end_value(s, &more));
        }
    }
    skip_blanks(s);
    return s->at == s->text.len ? SP_OK : mistake(s, s->at, "there is something behind the record; a line holds one");
}

sp_status sp_record_read(sp_str record, sp_str name, sp_str_list members, char *scratch, sp_record *ret, sp_err *err)
{
    field wanted;
    sp_record result = { .state = SP_RECORD_NO_FIELD };
    scanner s = {
        .text = record, .field = &wanted, .members = &members, .scratch = scratch, .record = &result, .err = err
    };
    SP_TRY(read_field(name, &wanted, err));
    SP_TRY(scan_record(&s));
    if (result.state == SP_RECORD_TEXT)
        result.text = unescape(sp_str_slice(record, s.found.begin, s.found.end), scratch);
    *ret = result;
    return SP_OK;
}
