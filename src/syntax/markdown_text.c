/*
 * markdown_text.c - import references, @path, in the text of one leaf block.
 *
 * For all clients but Claude Code as it was measured (markdown_marked.c). Claude Code documents three things: an import
 * may stand anywhere in the text, not inside code, and its path ends at white space that has no backslash before it.
 * The rest is decided here, after what the client is seen to do (it looks for an @ at the start of a piece of text or
 * behind white space) and what people write:
 *
 *   See @README for        yes         behind white space, at the start of the text or of a line
 *   **@docs/a.md**         yes         as the first thing inside * _ ~ [ or a table cell; the closing mark
 *   [@docs/a.md](u)        yes           is not part of the path
 *   <p>@docs/a.md</p>      yes         behind a tag; a path ends at < and at a backtick
 *   "@a.md"  (@a.md)       is_quoted   the client passes these over; they are kept so that it can be said
 *   @"a.md"                is_quoted   the same
 *   me@example.com  \@a    no          inside a word, or escaped
 *   @a.md, and             yes         the path is "a.md,": the client takes punctuation along, and then finds
 *                                      no such file (anthropics/claude-code issue 86060)
 *   <!-- @a.md -->         no          commented out, although an inline comment is not stripped
 *
 * A path begins with a letter, a digit, one of . _ - ~ / \ or a byte that is not ASCII, so that @@, @{x} and
 * @(x) are nothing.
 *
 * The scan runs forward over the raw bytes and looks ahead for three things only. The searches for the end of a code
 * span and of a comment remember that they failed, and that for the end of a path stops where the scan goes on. That
 * keeps the whole linear.
 */
#include "base/types.h"
#include "rules/profile.h"
#include "syntax/markdown_private.h"

/* How many opening marks may stand between white space and an @, as in "**[@a.md](u)**". */
enum { MOST_OPENERS = 8 };

static char byte_at(const sp_text_scan *scan, size_t at)
{
    return scan->text.ptr[at];
}

/* ---- white space --------------------------------------------------------------------------------- */

static bool is_ascii_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_wide_space(uint32_t code)
{
    return code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 ||
           code == 0x202f || code == 0x205f || code == 0x3000 || code == 0xfeff;
}

/* Length of the white space character at `at`, or 0 where there is none: JavaScript's \s, which is what the client
 * goes by. */
size_t sp_md_space_length(sp_str text, size_t at)
{
    char c = text.ptr[at];
    if ((unsigned char)c < 0x80)
        return is_ascii_space(c);
    uint32_t code = 0;
    size_t bad = 0;
    size_t length = sp_utf8_decode(text, at, &code, &bad);
    return length && is_wide_space(code) ? length : 0;
}

bool sp_md_is_space_before(sp_str text, size_t begin, size_t at)
{
    sp_str before = { text.ptr, at };
    for (size_t length = 1; length <= 3 && length <= at - begin; length++)
        if (sp_md_space_length(before, at - length) == length)
            return true;
    return false;
}

/* ---- code spans and comments --------------------------------------------------------------------- */

/* Notes where the last run of each length begins. A block's runs are looked at once, at its first backtick. */
static void learn_backticks(sp_text_scan *scan, size_t at, size_t end)
{
    while (at < end) {
        const char *tick = memchr(scan->text.ptr + at, '`', end - at);
        if (!tick)
            break;
        size_t run = (size_t)(tick - scan->text.ptr);
        at = sp_md_skip_run(scan->text, run, end, '`');
        if (at - run <= SP_MD_LONGEST_BACKTICKS)
            scan->last_backticks[at - run] = run + 1;
    }
    scan->backticks_known_to = end;
}

/* Past the run of backticks at `at`, or past the whole code span if it opens one. */
size_t sp_md_skip_code_span(sp_text_scan *scan, size_t at, size_t end)
{
    size_t behind = sp_md_skip_run(scan->text, at, end, '`');
    size_t length = behind - at;
    if (scan->backticks_known_to < end)
        learn_backticks(scan, behind, end);
    if (length > SP_MD_LONGEST_BACKTICKS || scan->last_backticks[length] <= behind)
        return behind; /* no closer ahead: plain text */
    for (;;) {
        const char *tick = memchr(scan->text.ptr + behind, '`', end - behind);
        size_t run = (size_t)(tick - scan->text.ptr); /* there is one: last_backticks says so */
        behind = sp_md_skip_run(scan->text, run, end, '`');
        if (behind - run == length)
            return behind;
    }
}

/* End of the line that `at` is on. Kept, because many a < may stand on one long line. */
static size_t line_end(sp_text_scan *scan, size_t at, size_t end)
{
    if (scan->line_end <= at)
        for (scan->line_end = at; scan->line_end < end && !sp_md_is_line_end(byte_at(scan, scan->line_end));)
            scan->line_end++;
    return scan->line_end < end ? scan->line_end : end;
}

/* Past the comment or the tag that begins at `at`, or `at` where none does. A tag has to end on its line. */
size_t sp_md_skip_markup(sp_text_scan *scan, size_t at, size_t end)
{
    if (!sp_str_starts(sp_str_slice(scan->text, at, end), SP_STR("<!--"))) {
        size_t tag_end = sp_html_tag_end(scan->text, at, line_end(scan, at, end));
        return tag_end ? tag_end : at;
    }
    if (scan->no_comment_end_before >= end)
        return at;
    size_t close = sp_md_find(scan->text, SP_STR("-->"), at + 2, end);
    if (close == SIZE_MAX)
        scan->no_comment_end_before = end;
    return close == SIZE_MAX ? at : close + 3;
}

/* ---- one reference --------------------------------------------------------------------------------- */

/* What stands right before an @. */
typedef struct opening {
    bool is_start;  /* a reference may begin here */
    bool is_quoted; /* behind " ' or ( */
    char mark;      /* the innermost opening mark, or 0 */
    size_t count;   /* how many of it */
} opening;

/* The first content of a line inside quotes: only markers and blanks up to the line's begin. */
bool sp_md_is_behind_markers(const sp_text_scan *scan, size_t begin, size_t at)
{
    while (at > begin && (byte_at(scan, at - 1) == '>' || sp_md_is_blank(byte_at(scan, at - 1))))
        at--;
    return at == begin || sp_md_is_line_end(byte_at(scan, at - 1));
}

static opening opening_before(const sp_text_scan *scan, size_t begin, size_t at)
{
    opening found = { false, false, 0, 0 };
    size_t stop = at;
    while (stop > begin && at - stop < MOST_OPENERS && sp_md_is_one_of(byte_at(scan, stop - 1), "*_~[|\"'(")) {
        char mark = byte_at(scan, --stop);
        if (found.mark == 0)
            found.mark = mark;
        if (mark == found.mark && at - stop == found.count + 1)
            found.count++;
        found.is_quoted |= mark == '"' || mark == '\'' || mark == '(';
        if (mark == '|') /* a table cell begins here, whatever stood before */
            found.is_start = true;
    }
    found.is_start |=
        stop == begin || sp_md_is_space_before(scan->text, begin, stop) || sp_md_is_behind_markers(scan, begin, stop);
    return found;
}

static bool begins_path(char c)
{
    return sp_md_is_alnum(c) || (unsigned char)c >= 0x80 || sp_md_is_one_of(c, "._-~/\\");
}

static bool is_escaped_space(const sp_text_scan *scan, size_t at, size_t end)
{
    return byte_at(scan, at) == '\\' && end - at > 1 && byte_at(scan, at + 1) == ' ';
}

static char closing_mark(char open)
{
    switch (open) {
    case '[':
        return ']';
    case '(':
        return ')';
    default:
        return open;
    }
}

/* Whether the run of closing marks in [at, behind) ends a path. _ does so only at the end of a word. */
static bool closes(const sp_text_scan *scan, opening before, size_t at, size_t behind, size_t end)
{
    if (before.mark != '_')
        return true;
    return behind - at >= before.count && (behind == end || !sp_md_is_alnum(byte_at(scan, behind)));
}

/* The end of the path that begins at `at`: white space, a backtick, a <, or where the mark before the @ is closed. It
 * looks at nothing behind that end: in "|@a|@a|@a" the next reference begins right there. */
static size_t path_end(const sp_text_scan *scan, opening before, size_t at, size_t end)
{
    size_t begin = at;
    char close = closing_mark(before.mark);
    while (at < end && !sp_md_space_length(scan->text, at) && byte_at(scan, at) != '`' && byte_at(scan, at) != '<') {
        if (close == 0 || byte_at(scan, at) != close) {
            at += is_escaped_space(scan, at, end) ? 2 : 1;
            continue;
        }
        size_t behind = sp_md_skip_run(scan->text, at, end, close);
        if (closes(scan, before, at, behind, end))
            return at;
        at = behind;
    }
    bool is_hard_break =
        at > begin && byte_at(scan, at - 1) == '\\' && at < end && sp_md_is_line_end(byte_at(scan, at));
    return is_hard_break ? at - 1 : at;
}

/* The path without the backslashes before its spaces. */
static sp_str unescaped(sp_text_scan *scan, size_t begin, size_t end)
{
    sp_str raw = sp_str_slice(scan->text, begin, end);
    if (sp_str_find(raw, SP_STR("\\ "), 0) == SIZE_MAX)
        return raw;
    sp_str copy = sp_str_dup(scan->arena, raw);
    scan->failed |= copy.ptr == NULL;
    if (copy.ptr == NULL)
        return raw;
    char *out = (char *)copy.ptr; /* ours: it was duplicated just now */
    size_t length = 0;
    for (size_t at = begin; at < end; at++)
        if (!is_escaped_space(scan, at, end))
            out[length++] = byte_at(scan, at);
    out[length] = 0;
    return (sp_str){ out, length };
}

/* Whether there is no room for the reference at begin. */
static bool is_too_many(sp_text_scan *scan, size_t begin)
{
    if (scan->imports.count < (size_t)sp_own_limit(SP_RULE_IMPORT_MOST))
        return false;
    bool is_known = begin <= scan->imports.items[scan->imports.count - 1].begin; /* a list item is searched twice */
    if (!scan->more_imports && !is_known)
        scan->more_imports = begin + 1;
    return true;
}

void sp_md_add_import(sp_text_scan *scan, sp_import_ref ref)
{
    if (is_too_many(scan, ref.begin))
        return;
    sp_import_ref *slot = SP_LIST_PUSH(scan->arena, &scan->imports);
    scan->failed |= slot == NULL;
    if (slot)
        *slot = ref;
}

sp_status sp_md_take_imports(const sp_text_scan *scan, sp_markdown *markdown, sp_err *err)
{
    markdown->imports = scan->imports.items;
    markdown->import_count = scan->imports.count;
    markdown->more_imports = scan->more_imports ? scan->more_imports - 1 : SIZE_MAX;
    return scan->failed ? sp_err_memory(err) : SP_OK;
}

static void add_import(sp_text_scan *scan, size_t begin, size_t end, sp_str path, bool is_quoted)
{
    sp_md_add_import(scan, (sp_import_ref){ .begin = begin, .end = end, .path = path, .is_quoted = is_quoted });
}

void sp_text_add_import(sp_text_scan *scan, size_t begin, size_t end, size_t path_begin, size_t path_end, bool is_raw)
{
    if (is_too_many(scan, begin))
        return;
    sp_md_add_import(
        scan, (sp_import_ref){
                  .begin = begin, .end = end, .path = unescaped(scan, path_begin, path_end), .is_in_code = is_raw });
}

/* @"path" or @'path', closed on the same line: offset past it, or 0. */
static size_t skip_quoted(sp_text_scan *scan, size_t at, size_t end)
{
    char quote = byte_at(scan, at + 1);
    if (quote != '"' && quote != '\'')
        return 0;
    size_t close = at + 2;
    while (close < end && byte_at(scan, close) != quote && !sp_md_is_line_end(byte_at(scan, close)))
        close++;
    if (close == end || byte_at(scan, close) != quote || close == at + 2)
        return 0;
    add_import(scan, at, close + 1, sp_str_slice(scan->text, at + 2, close), true);
    return close + 1;
}

size_t sp_md_quoted_reference(sp_text_scan *scan, size_t begin, size_t at, size_t end)
{
    opening before = opening_before(scan, begin, at);
    if (!before.is_start || end - at < 2)
        return 0;
    size_t behind_quoted = skip_quoted(scan, at, end);
    if (behind_quoted || !before.is_quoted || !begins_path(byte_at(scan, at + 1)))
        return behind_quoted;
    size_t stop = path_end(scan, before, at + 1, end);
    if (stop > at + 1)
        add_import(scan, at, stop, unescaped(scan, at + 1, stop), true);
    return stop > at + 1 ? stop : 0;
}

/* Past the reference at the @, or past the @ alone where it is none. */
static size_t scan_reference(sp_text_scan *scan, size_t begin, size_t at, size_t end)
{
    opening before = opening_before(scan, begin, at);
    if (!before.is_start || end - at < 2)
        return at + 1;
    size_t behind_quoted = skip_quoted(scan, at, end);
    if (behind_quoted)
        return behind_quoted;
    if (!begins_path(byte_at(scan, at + 1)))
        return at + 1;
    size_t stop = path_end(scan, before, at + 1, end);
    if (stop > at + 1)
        add_import(scan, at, stop, unescaped(scan, at + 1, stop), before.is_quoted);
    return stop > at + 1 ? stop : at + 1;
}

/* ---- the run --------------------------------------------------------------------------------------- */

static size_t next_special(const sp_text_scan *scan, size_t at, size_t end)
{
    static const bool special[256] = { ['@'] = true, ['`'] = true, ['<'] = true, ['\\'] = true };
    while (at < end && !special[(unsigned char)byte_at(scan, at)])
        at++;
    return at;
}

void sp_text_scan_run(sp_text_scan *scan, size_t begin, size_t end, bool has_code_spans)
{
    for (size_t at = next_special(scan, begin, end); at < end; at = next_special(scan, at, end)) {
        char c = byte_at(scan, at);
        if (c == '@') {
            at = scan_reference(scan, begin, at, end);
        } else if (c == '`') {
            at = has_code_spans ? sp_md_skip_code_span(scan, at, end) : at + 1;
        } else if (c == '\\') {
            at = end - at > 2 ? at + 2 : end;
        } else {
            size_t behind = sp_md_skip_markup(scan, at, end);
            begin = behind > at ? behind : begin; /* text begins anew behind a tag */
            at = behind > at ? behind : at + 1;
        }
    }
}
