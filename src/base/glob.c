/*
 * glob.c - braces first, then two levels of the same search.
 *
 * Alternatives are counted before any is written down, so that {a,b}{a,b}{a,b}... costs nothing. What is left holds
 * wildcards only, and for those it is enough to remember the last star: what stands between two stars matches at the
 * first place where it can, or nowhere. That holds for * within a part and for ** over the parts alike.
 */
#include "base/glob.h"
#include "base/types.h"

enum { MAX_BRACE_DEPTH = 32 };

/* ---- braces ------------------------------------------------------------------------------------- */

typedef struct braces {
    sp_arena *arena;
    sp_str text;
    uint32_t *closers; /* for each { that opens alternatives where its } stands, else 0 */
    bool has_any;
} braces;

typedef struct strings {
    sp_str *items;
    size_t count;
    size_t capacity;
} strings;

/* How many strings a piece stands for, and how long they are together; both end at UINT64_MAX. */
typedef struct extent {
    uint64_t count;
    uint64_t bytes;
} extent;

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    return b && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

/* {1..20} and {a..f}: the two ends, and whether that is what stands between the braces. */
static bool is_range(sp_str inner, long *ret_first, long *ret_last)
{
    long ends[2] = { 0, 0 };
    size_t at = 0;
    if (inner.len == 4 && sp_str_eq(sp_str_slice(inner, 1, 3), SP_STR(".."))) {
        ends[0] = (unsigned char)inner.ptr[0];
        ends[1] = (unsigned char)inner.ptr[3];
        *ret_first = ends[0];
        *ret_last = ends[1];
        bool is_lower = ends[0] >= 'a' && ends[0] <= 'z' && ends[1] >= 'a' && ends[1] <= 'z';
        bool is_upper = ends[0] >= 'A' && ends[0] <= 'Z' && ends[1] >= 'A' && ends[1] <= 'Z';
        if (is_lower || is_upper)
            return true;
        ends[0] = ends[1] = 0;
    }
    for (int i = 0; i < 2; i++) {
        size_t begin = at;
        for (; at < inner.len && inner.ptr[at] >= '0' && inner.ptr[at] <= '9' && at - begin < 9; at++)
            ends[i] = ends[i] * 10 + (inner.ptr[at] - '0');
        if (at == begin)
            return false;
        if (i == 0 && !sp_str_starts(sp_str_slice(inner, at, inner.len), SP_STR("..")))
            return false;
        at += i == 0 ? 2 : 0;
    }
    *ret_first = ends[0];
    *ret_last = ends[1];
    return at == inner.len;
}

static sp_str range_item(const braces *b, long number, bool is_letter)
{
    return is_letter ? sp_str_format(b->arena, "%c", (char)number) : sp_str_format(b->arena, "%ld", number);
}

typedef struct open_brace {
    uint32_t at;
    bool has_comma;
} open_brace;

/* A pair with a comma at its own level, or a range, is a group of alternatives. */
static bool is_group(sp_str text, const open_brace *open, size_t closer)
{
    long first;
    long last;
    return open->has_comma || is_range(sp_str_slice(text, open->at + 1, closer), &first, &last);
}

static bool find_groups(braces *b)
{
    open_brace stack[MAX_BRACE_DEPTH];
    size_t depth = 0;
    size_t too_deep = 0;
    b->closers = SP_ARENA_ARRAY(b->arena, uint32_t, b->text.len + 1);
    for (size_t at = 0; b->closers && at < b->text.len; at++) {
        char c = b->text.ptr[at];
        if (c == '\\') {
            at++;
        } else if (c == '{' && depth < MAX_BRACE_DEPTH) {
            stack[depth++] = (open_brace){ (uint32_t)at, false };
        } else if (c == '{') {
            too_deep++;
        } else if (c == ',' && depth && !too_deep) {
            stack[depth - 1].has_comma = true;
        } else if (c == '}' && too_deep) {
            too_deep--;
        } else if (c == '}' && depth && is_group(b->text, &stack[--depth], at)) {
            b->closers[stack[depth].at] = (uint32_t)at;
            b->has_any = true;
        }
    }
    return b->closers;
}

/* The end of the piece that begins at begin: a group, or plain text up to the next one. */
static size_t piece_end(const braces *b, size_t begin, size_t end)
{
    if (b->closers[begin])
        return b->closers[begin] + 1;
    while (begin < end && !b->closers[begin])
        begin += b->text.ptr[begin] == '\\' && begin + 1 < end ? 2 : 1;
    return begin;
}

/* The end of the alternative that begins at begin, in a group that ends at closer. */
static size_t alternative_end(const braces *b, size_t begin, size_t closer)
{
    while (begin < closer && b->text.ptr[begin] != ',')
        begin = b->closers[begin] ? b->closers[begin] + 1 : begin + (b->text.ptr[begin] == '\\' ? 2 : 1);
    return begin < closer ? begin : closer;
}

static extent measure(const braces *b, size_t begin, size_t end);

static extent measure_group(const braces *b, size_t open)
{
    size_t closer = b->closers[open];
    long first;
    long last;
    extent sum = { 0, 0 };
    if (is_range(sp_str_slice(b->text, open + 1, closer), &first, &last)) {
        uint64_t count = (uint64_t)(first < last ? last - first : first - last) + 1;
        return (extent){ count, times(count, closer - open - 1) };
    }
    for (size_t at = open + 1; at <= closer;) {
        size_t alternative = alternative_end(b, at, closer);
        extent one = measure(b, at, alternative);
        sum = (extent){ add(sum.count, one.count), add(sum.bytes, one.bytes) };
        at = alternative + 1;
    }
    return sum;
}

static extent measure(const braces *b, size_t begin, size_t end)
{
    extent whole = { 1, 0 };
    while (begin < end) {
        size_t piece = piece_end(b, begin, end);
        extent one = b->closers[begin] ? measure_group(b, begin) : (extent){ 1, piece - begin };
        whole = (extent){ times(whole.count, one.count),
                          add(times(whole.bytes, one.count), times(one.bytes, whole.count)) };
        begin = piece;
    }
    return whole;
}

static bool add_string(const braces *b, strings *list, sp_str s)
{
    sp_str *slot = s.ptr ? SP_LIST_PUSH(b->arena, list) : NULL;
    if (slot)
        *slot = s;
    return slot;
}

static bool expand(const braces *b, size_t begin, size_t end, strings *ret);

static bool expand_group(const braces *b, size_t open, strings *ret)
{
    size_t closer = b->closers[open];
    long first;
    long last;
    sp_str inner = sp_str_slice(b->text, open + 1, closer);
    if (is_range(inner, &first, &last)) {
        bool is_letter = inner.ptr[0] > '9';
        for (long number = first;; number += first < last ? 1 : -1) {
            if (!add_string(b, ret, range_item(b, number, is_letter)))
                return false;
            if (number == last)
                return true;
        }
    }
    for (size_t at = open + 1; at <= closer;) {
        size_t alternative = alternative_end(b, at, closer);
        if (!expand(b, at, alternative, ret))
            return false;
        at = alternative + 1;
    }
    return true;
}

/* Every string of one list followed by every string of the other. */
static bool multiply(const braces *b, const strings *left, const strings *right, strings *ret)
{
    for (size_t i = 0; i < left->count; i++)
        for (size_t j = 0; j < right->count; j++)
            if (!add_string(
                    b, ret,
                    sp_str_format(b->arena, "%.*s%.*s", SP_STR_ARG(left->items[i]), SP_STR_ARG(right->items[j]))))
                return false;
    return true;
}

/* Adds what the text from begin to end stands for. */
static bool expand(const braces *b, size_t begin, size_t end, strings *ret)
{
    strings whole = { 0 };
    if (!add_string(b, &whole, SP_STR("")))
        return false;
    while (begin < end) {
        size_t piece = piece_end(b, begin, end);
        strings one = { 0 };
        strings product = { 0 };
        if (b->closers[begin] ? !expand_group(b, begin, &one)
                              : !add_string(b, &one, sp_str_slice(b->text, begin, piece)))
            return false;
        if (!multiply(b, &whole, &one, &product))
            return false;
        whole = product;
        begin = piece;
    }
    for (size_t i = 0; i < whole.count; i++)
        if (!add_string(b, ret, whole.items[i]))
            return false;
    return true;
}

/* ---- one part of a path --------------------------------------------------------------------------- */

/* The end of the [...] that begins at open, one past its ], or 0 when nothing closes it in this part. */
static size_t class_end(sp_str pattern, size_t open)
{
    size_t at = open + 1;
    at += at < pattern.len && (pattern.ptr[at] == '!' || pattern.ptr[at] == '^');
    for (size_t first = at; at < pattern.len; at++) {
        if (pattern.ptr[at] == ']' && at > first)
            return at + 1;
        at += pattern.ptr[at] == '\\';
    }
    return 0;
}

static uint32_t take_character(sp_str s, size_t *at)
{
    uint32_t code;
    size_t bad = 1;
    size_t length = sp_utf8_decode(s, *at, &code, &bad);
    if (length == 0)
        code = 0x110000u + (unsigned char)s.ptr[*at]; /* a stray byte is a character of its own */
    *at += length ? length : 1;
    return code;
}

static uint32_t take_class_character(sp_str pattern, size_t *at)
{
    if (pattern.ptr[*at] == '\\' && *at + 1 < pattern.len)
        (*at)++;
    return take_character(pattern, at);
}

static bool is_in_class(sp_str pattern, size_t open, size_t end, uint32_t code)
{
    size_t at = open + 1;
    bool is_negated = pattern.ptr[at] == '!' || pattern.ptr[at] == '^';
    bool is_in = false;
    at += is_negated;
    while (at < end - 1) {
        uint32_t low = take_class_character(pattern, &at);
        uint32_t high = low;
        if (at + 1 < end - 1 && pattern.ptr[at] == '-') {
            at++;
            high = take_class_character(pattern, &at);
        }
        is_in = is_in || (code >= low && code <= high);
    }
    return is_in != is_negated;
}

/* One character against what stands at *at in the pattern, which is no star; both move on when it matches. */
static bool match_character(sp_str pattern, size_t *at, sp_str part, size_t *part_at)
{
    size_t next = *part_at;
    size_t end = *at;
    uint32_t code = take_character(part, &next);
    bool is_match;
    if (pattern.ptr[*at] == '?') {
        end++;
        is_match = true;
    } else if (pattern.ptr[*at] == '[') {
        end = class_end(pattern, *at);
        is_match = is_in_class(pattern, *at, end, code);
    } else {
        is_match = take_class_character(pattern, &end) == code;
    }
    if (is_match) {
        *at = end;
        *part_at = next;
    }
    return is_match;
}

static bool match_part(sp_str pattern, sp_str part, bool with_hidden)
{
    size_t at = 0;
    size_t part_at = 0;
    size_t behind_star = SIZE_MAX;
    size_t retry = 0;
    if (part.len == 0 || pattern.len == 0)
        return part.len == pattern.len; /* a star stands for something */
    bool begins_wild = pattern.ptr[0] == '*' || pattern.ptr[0] == '?' || pattern.ptr[0] == '[';
    if (part.ptr[0] == '.' && !with_hidden && begins_wild)
        return false;
    while (part_at < part.len) {
        if (at < pattern.len && pattern.ptr[at] == '*') {
            behind_star = ++at;
            retry = part_at;
        } else if (at < pattern.len && match_character(pattern, &at, part, &part_at)) {
            continue;
        } else if (behind_star == SIZE_MAX) {
            return false;
        } else {
            take_character(part, &retry);
            part_at = retry;
            at = behind_star;
        }
    }
    while (at < pattern.len && pattern.ptr[at] == '*')
        at++;
    return at == pattern.len;
}

/* ---- the path ------------------------------------------------------------------------------------- */

/* The part that begins at at. */
static sp_str part_of(sp_str path, size_t at)
{
    size_t end = at;
    while (end < path.len && path.ptr[end] != '/')
        end++;
    return sp_str_slice(path, at, end);
}

static bool is_globstar(sp_str part)
{
    return sp_str_eq(part, SP_STR("**"));
}

/* Where the parts end: one past the text, as if a slash stood there. */
static bool match_path(sp_str pattern, sp_str path, bool with_hidden)
{
    size_t at = 0;
    size_t path_at = 0;
    size_t behind_star = SIZE_MAX;
    size_t retry = 0;
    while (path_at <= path.len) {
        sp_str wanted = at <= pattern.len ? part_of(pattern, at) : (sp_str){ NULL, 0 };
        sp_str part = part_of(path, path_at);
        if (wanted.ptr && is_globstar(wanted)) {
            at += wanted.len + 1;
            behind_star = at;
            retry = path_at;
        } else if (wanted.ptr && match_part(wanted, part, with_hidden)) {
            at += wanted.len + 1;
            path_at += part.len + 1;
        } else {
            sp_str passed = behind_star == SIZE_MAX ? (sp_str){ ".", 1 } : part_of(path, retry);
            if (behind_star == SIZE_MAX || (!with_hidden && passed.len && passed.ptr[0] == '.'))
                return false;
            retry += passed.len + 1;
            path_at = retry;
            at = behind_star;
        }
    }
    while (at <= pattern.len && is_globstar(part_of(pattern, at)))
        at += 3;
    return at > pattern.len;
}

bool sp_glob_match(const sp_glob *glob, sp_str path, bool with_hidden)
{
    for (size_t i = 0; i < glob->count; i++)
        if (match_path(glob->patterns[i], path, with_hidden))
            return true;
    return false;
}

/* ---- preparing -------------------------------------------------------------------------------------- */

static bool has_open_class(sp_str part)
{
    for (size_t at = 0; at < part.len; at++) {
        if (part.ptr[at] == '\\') {
            at++;
        } else if (part.ptr[at] == '[') {
            size_t end = class_end(part, at);
            if (end == 0)
                return true;
            at = end - 1;
        }
    }
    return false;
}

static bool is_valid(sp_str pattern)
{
    for (size_t at = 0; at <= pattern.len; at += part_of(pattern, at).len + 1)
        if (has_open_class(part_of(pattern, at)))
            return false;
    return true;
}

static void keep_valid(strings *list, sp_glob *ret)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (is_valid(list->items[i]))
            list->items[kept++] = list->items[i];
        else
            ret->state = SP_GLOB_INVALID;
    }
    ret->patterns = list->items;
    ret->count = kept;
}

sp_status sp_glob_compile(sp_arena *arena, sp_str pattern, sp_glob_budget *budget, sp_glob *ret, sp_err *err)
{
    braces b = { .arena = arena, .text = pattern };
    strings list = { 0 };
    sp_glob glob = { .state = SP_GLOB_FINE };
    while (sp_str_starts(b.text, SP_STR("./")))
        b.text = sp_str_slice(b.text, 2, b.text.len);
    if (!find_groups(&b))
        return sp_err_memory(err);
    extent needed = measure(&b, 0, b.text.len);
    bool is_affordable = needed.count <= budget->patterns && needed.bytes <= budget->bytes;
    bool is_fine;
    if (b.has_any && is_affordable) {
        budget->patterns -= needed.count;
        budget->bytes -= needed.bytes;
        is_fine = expand(&b, 0, b.text.len, &list);
    } else {
        if (b.has_any)
            glob.state = needed.count > budget->patterns ? SP_GLOB_OVER_BUDGET : SP_GLOB_OVER_BYTES;
        is_fine = add_string(&b, &list, b.text);
    }
    if (!is_fine)
        return sp_err_memory(err);
    keep_valid(&list, &glob);
    *ret = glob;
    return SP_OK;
}
