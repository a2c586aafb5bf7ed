/*
 * front_matter_explain.c - what libyaml's complaints mean to the author of the file, and what to do about them.
 *
 * libyaml says "could not find expected ':'" about the line behind the one that is wrong. Here a complaint gets the
 * place, the words and the remedy that fit what people really write; the rows were collected from public agent files.
 */
#include "base/types.h"
#include "syntax/front_matter_parts.h"

#define TAB "a tab where YAML wants blanks"

/* The text a complaint is about. */
struct subject {
    sp_arena *arena;
    sp_str text;
    size_t begin;
    size_t end;
    const sp_yaml_complaint *complaint;
};

enum place {
    AT_PROBLEM, /* where libyaml noticed */
    AT_CONTEXT, /* where the thing began that it was reading */
    AT_BRACKET, /* at the last bracket that opens something */
};

/* How to set right what is wrong. The first one names the key, so it is made up on the spot. */
enum remedy {
    REMEDY_QUOTE,
    REMEDY_INDENT,
    REMEDY_CLOSE_QUOTE,
    REMEDY_CLOSE_BRACKET,
    REMEDY_BACKSLASH,
    REMEDY_BLANKS,
    REMEDY_BLOCK,
    REMEDY_LINES,
    REMEDY_BYTES,
    REMEDY_REWRITE,
};

struct meaning {
    const char *problem; /* how libyaml's words begin; "" fits all */
    const char *context;
    enum place place;
    enum remedy remedy;
    const char *what; /* ours; NULL keeps libyaml's */
};

/* libyaml's complaints about real files (first the common ones), and what they mean to the author. The first row that
 * fits is taken. */
static const struct meaning meanings[] = {
    { "could not find expected ':'", "", AT_CONTEXT, REMEDY_INDENT,
      "a line that is neither indented nor a `key: value`" },
    { "did not find expected alphabetic", "while scanning an alias", AT_CONTEXT, REMEDY_QUOTE,
      "a value that begins with * and has no quotes" },
    { "did not find expected alphabetic", "while scanning an anchor", AT_CONTEXT, REMEDY_QUOTE,
      "a value that begins with & and has no quotes" },
    { "", "while scanning a tag", AT_CONTEXT, REMEDY_QUOTE, "a value that begins with ! and has no quotes" },
    { "found undefined tag handle", "", AT_PROBLEM, REMEDY_QUOTE, "a value that begins with ! and has no quotes" },
    { "found unexpected", "while scanning a quoted scalar", AT_CONTEXT, REMEDY_CLOSE_QUOTE,
      "a quote that nothing closes" },
    { "found unknown escape character", "", AT_PROBLEM, REMEDY_BACKSLASH,
      "a backslash in double quotes that YAML has no meaning for" },
    { "", "while parsing a quoted scalar", AT_PROBLEM, REMEDY_BACKSLASH,
      "a backslash in double quotes that YAML has no meaning for" },
    { "did not find expected ',' or", "", AT_CONTEXT, REMEDY_CLOSE_BRACKET, "a bracket that nothing closes" },
    { "did not find expected comment or line break", "while scanning a block scalar", AT_PROBLEM, REMEDY_BLOCK,
      "text on the line of | or >" },
    { "found a tab character", "", AT_PROBLEM, REMEDY_BLANKS, TAB },
    { "block sequence entries are not allowed", "", AT_PROBLEM, REMEDY_QUOTE, "a value that begins with a dash" },
    { "mapping keys are not allowed", "", AT_PROBLEM, REMEDY_QUOTE, "a value that begins with a question mark" },
    { "did not find expected <document start>", "", AT_PROBLEM, REMEDY_LINES, "text behind the end of the YAML" },
    { "control characters are not allowed", "", AT_PROBLEM, REMEDY_BYTES, "a control character" },
    { "invalid", "", AT_PROBLEM, REMEDY_BYTES, "a byte that is not UTF-8" },
    { "incomplete UTF-8", "", AT_PROBLEM, REMEDY_BYTES, "a byte that is not UTF-8" },
    { "", "", AT_PROBLEM, REMEDY_REWRITE, NULL },
};

static const char *const remedies[] = {
    [REMEDY_INDENT] = "indent the lines that belong to the value above by two blanks",
    [REMEDY_CLOSE_QUOTE] = "close the quote, or write '' for a single quote inside single quotes",
    [REMEDY_CLOSE_BRACKET] = "close the bracket, or put the value in double quotes",
    [REMEDY_BACKSLASH] = "write \\\\ for a backslash, or put the value in single quotes",
    [REMEDY_BLANKS] = "indent with blanks",
    [REMEDY_BLOCK] = "begin the text on the next line and indent it",
    [REMEDY_LINES] = "keep the front matter to one list of `key: value` lines",
    [REMEDY_BYTES] = "delete it or save the file as UTF-8",
    [REMEDY_REWRITE] = "put the value in double quotes, or write `key: |` and indent the text below it",
};

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text ? text : "", prefix, strlen(prefix)) == 0;
}

static size_t line_begin(sp_str text, size_t begin, size_t at)
{
    while (at > begin && text.ptr[at - 1] != '\n' && text.ptr[at - 1] != '\r')
        at--;
    return at;
}

/* Text behind a value that is complete, or a line at an indentation that no other has: libyaml says "did not find
 * expected key" to both. */
static struct meaning refine_expected_key(const struct subject *subject, size_t offset)
{
    sp_str before = sp_str_slice(subject->text, line_begin(subject->text, subject->begin, offset), offset);
    if (sp_str_trim(before).len > 0)
        return (struct meaning){ "", "", AT_PROBLEM, REMEDY_QUOTE, "text behind a value that has already ended" };
    return (struct meaning){ "", "", AT_PROBLEM, REMEDY_INDENT, "a line indented unlike those around it" };
}

static struct meaning refine_no_token(const struct subject *subject, size_t offset)
{
    if (offset < subject->end && subject->text.ptr[offset] == '\t')
        return (struct meaning){ "", "", AT_PROBLEM, REMEDY_BLANKS, TAB };
    return (struct meaning){ "", "", AT_PROBLEM, REMEDY_QUOTE, "a value that begins with @, ` or % and has no quotes" };
}

/* The classic: "description: Use when: always". */
static struct meaning refine_colon(const struct subject *subject, size_t offset)
{
    bool at_line_end =
        offset + 1 >= subject->end || subject->text.ptr[offset + 1] == '\n' || subject->text.ptr[offset + 1] == '\r';
    return (struct meaning){
        "", "", AT_PROBLEM, REMEDY_QUOTE,
        at_line_end ? "a colon at the end of a line in a value without quotes, which YAML takes for a new mapping"
                    : "': ' in a value without quotes, which YAML takes for a new mapping"
    };
}

/* Where the quoted string begins that would end at that quote; the quote itself, if none does. */
static size_t quoted_begin(const struct subject *subject, size_t end)
{
    const char *text = subject->text.ptr;
    size_t after = end + 1;
    while (after < subject->end && text[after] == ' ')
        after++;
    if (after < subject->end && !strchr("]},:\r\n", text[after])) /* the apostrophe of a word */
        return end;
    for (size_t at = end; at-- > subject->begin && text[at] != '\n';) {
        size_t before = at;
        while (before > subject->begin && text[before - 1] == ' ')
            before--;
        if (text[at] == text[end] && before > subject->begin && strchr("[{,:", text[before - 1]))
            return at;
    }
    return end;
}

/* The innermost bracket before the offset that is not closed. */
static size_t last_bracket(const struct subject *subject, size_t offset)
{
    size_t closed = 0;
    for (size_t at = offset; at-- > subject->begin;) {
        char c = subject->text.ptr[at];
        if (c == '"' || c == '\'')
            at = quoted_begin(subject, at);
        else if (c == ']' || c == '}')
            closed++;
        else if ((c == '[' || c == '{') && closed-- == 0)
            return at;
    }
    return offset;
}

/* Where the text ends, the value that is missing is one of a list or mapping that has begun. */
static struct meaning refine_no_node(const struct subject *subject, size_t offset)
{
    if (sp_str_trim(sp_str_slice(subject->text, offset, subject->end)).len == 0)
        return (struct meaning){ "", "", AT_BRACKET, REMEDY_CLOSE_BRACKET, "a bracket that nothing closes" };
    return (struct meaning){ "", "", AT_PROBLEM, REMEDY_QUOTE, "a value that begins with a character of YAML's own" };
}

static struct meaning find_meaning(const struct subject *subject)
{
    size_t offset = subject->complaint->problem_offset;
    const sp_yaml_complaint *complaint = subject->complaint;
    if (begins(complaint->problem, "mapping values are not allowed"))
        return refine_colon(subject, offset);
    if (begins(complaint->problem, "did not find expected key"))
        return refine_expected_key(subject, offset);
    if (begins(complaint->problem, "did not find expected node content"))
        return refine_no_node(subject, offset);
    if (begins(complaint->problem, "found character that cannot start any token"))
        return refine_no_token(subject, offset);
    const struct meaning *row = meanings;
    while (!begins(complaint->problem, row->problem) || !begins(complaint->context, row->context))
        row++;
    return *row;
}

/* The field a problem is in: the nearest known key at or above its line. */
static sp_str key_above(const struct subject *subject, size_t offset)
{
    for (size_t at = offset; at >= subject->begin;) {
        size_t begin = line_begin(subject->text, subject->begin, at);
        size_t next;
        sp_str key = sp_known_key_of_line(sp_front_matter_line(subject->text, begin, subject->end, &next));
        if (key.len || begin == subject->begin)
            return key;
        at = begin - 1;
    }
    return (sp_str){ "", 0 };
}

static bool holds_quote(const struct subject *subject, size_t offset)
{
    size_t next, begin = line_begin(subject->text, subject->begin, offset);
    sp_str line = sp_front_matter_line(subject->text, begin, subject->end, &next);
    return sp_str_find(line, SP_STR("\""), 0) != SIZE_MAX;
}

static sp_str remedy_text(const struct subject *subject, enum remedy remedy, size_t offset)
{
    if (remedy != REMEDY_QUOTE)
        return sp_str_of(remedies[remedy]);
    sp_str key = key_above(subject, offset);
    const char *quotes = holds_quote(subject, offset)
                             ? "put all of the value in double quotes, with \\\" for each quote inside"
                             : "put the value in double quotes";
    if (key.len && !sp_is_text_key(key))
        return sp_str_of(quotes);
    return sp_str_format(subject->arena, "%s, or write `%.*s: |` and indent the text below it", quotes,
                         key.len ? (int)key.len : 3, key.len ? key.ptr : "key");
}

static bool is_same_line(const struct subject *subject, size_t a, size_t b)
{
    return line_begin(subject->text, subject->begin, a) == line_begin(subject->text, subject->begin, b);
}

/* "*Important* words" is an alias with text behind it to YAML. */
static bool is_about_sigil(const struct subject *subject)
{
    const sp_yaml_complaint *complaint = subject->complaint;
    return complaint->sigil_offset != SIZE_MAX &&
           is_same_line(subject, complaint->sigil_offset, complaint->problem_offset);
}

sp_status sp_yaml_explain(sp_arena *arena, sp_str text, size_t begin, size_t end, const sp_yaml_complaint *complaint,
                          sp_yaml_problem *ret, sp_err *err)
{
    const struct subject subject = { arena, text, begin, end, complaint };
    struct meaning meaning = find_meaning(&subject);
    size_t offset =
        meaning.place == AT_CONTEXT && complaint->context ? complaint->context_offset : complaint->problem_offset;
    if (meaning.place == AT_BRACKET)
        offset = last_bracket(&subject, offset);
    if (is_about_sigil(&subject)) {
        meaning = (struct meaning){ "", "", AT_PROBLEM, REMEDY_QUOTE,
                                    "a value that begins with *, & or ! and has no quotes" };
        offset = complaint->sigil_offset;
    }
    sp_str fix = remedy_text(&subject, meaning.remedy, offset);
    if (!fix.ptr)
        return sp_err_memory(err);
    const char *own_words = complaint->problem ? complaint->problem : "it cannot be read";
    *ret = (sp_yaml_problem){
        .offset = offset,
        .rule = SP_RULE_FM_INVALID,
        .what = sp_str_of(meaning.what ? meaning.what : own_words),
        .fix = fix,
    };
    return SP_OK;
}

sp_yaml_problem sp_tab_problem(size_t offset)
{
    return (sp_yaml_problem){ .offset = offset, .what = SP_STR(TAB), .fix = sp_str_of(remedies[REMEDY_BLANKS]) };
}
