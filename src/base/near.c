/*
 * near.c - edit distance between short names.
 *
 * Both names are first reduced to what people remember of them: letters and digits, in lower case. "disallowed-tools"
 * is then the same as "disallowedTools", and "claude-3.5" the same as "claude-3-5". What is left is compared by optimal
 * string alignment (Levenshtein plus the swap of two neighbours, the most common slip of the keyboard), in three rows
 * of a table on the stack; long names are turned away, so the work per candidate has a fixed bound.
 */
#include "base/near.h"
#include "base/types.h"

enum {
    MAX_BYTES = 64,
    FAR = MAX_BYTES + 1,
};

struct plain_name {
    char text[MAX_BYTES];
    size_t length;
};

static bool is_separator(char c)
{
    return c == '-' || c == '_' || c == '.' || c == ' ';
}

static char lower_case(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool make_plain(sp_str name, struct plain_name *plain)
{
    plain->length = 0;
    if (name.len > MAX_BYTES)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!is_separator(c))
            plain->text[plain->length++] = lower_case(c);
    }
    return plain->length > 0;
}

sp_str sp_near_plain(sp_arena *arena, sp_str name)
{
    char *plain = sp_arena_alloc(arena, name.len + 1, 1);
    size_t length = 0;
    for (size_t i = 0; plain && i < name.len; i++)
        if (!is_separator(name.ptr[i]))
            plain[length++] = lower_case(name.ptr[i]);
    return (sp_str){ plain, length };
}

bool sp_near_same(sp_str a, sp_str b)
{
    size_t i = 0;
    size_t j = 0;
    for (;; i++, j++) {
        while (i < a.len && is_separator(a.ptr[i]))
            i++;
        while (j < b.len && is_separator(b.ptr[j]))
            j++;
        if (i == a.len || j == b.len)
            return i == a.len && j == b.len;
        if (!sp_str_eq_nocase(sp_str_slice(a, i, i + 1), sp_str_slice(b, j, j + 1)))
            return false;
    }
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned distance(const struct plain_name *a, const struct plain_name *b)
{
    unsigned rows[3][MAX_BYTES + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    for (unsigned j = 0; j <= b->length; j++)
        above[j] = j;
    for (size_t i = 1; i <= a->length; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b->length; j++) {
            unsigned replaced = above[j - 1] + (a->text[i - 1] != b->text[j - 1]);
            row[j] = least(replaced, least(above[j], row[j - 1]) + 1);
            bool swapped = i > 1 && j > 1 && a->text[i - 1] == b->text[j - 2] && a->text[i - 2] == b->text[j - 1];
            if (swapped)
                row[j] = least(row[j], before[j - 2] + 1);
        }
        unsigned *free_row = before;
        before = above;
        above = row;
        row = free_row;
    }
    return above[b->length];
}

/* Short names are near to everything: "tags" is two edits from "tools" and three from "name". */
static unsigned allowed_edits(size_t shorter)
{
    return shorter < 3 ? 0 : shorter < 6 ? 1 : 2;
}

size_t sp_near(sp_str name, const sp_str *candidates, size_t count)
{
    struct plain_name wanted, known;
    if (!make_plain(name, &wanted))
        return SIZE_MAX;
    size_t nearest = SIZE_MAX;
    unsigned nearest_edits = FAR;
    for (size_t i = 0; i < count; i++) {
        if (!make_plain(candidates[i], &known))
            continue;
        size_t shorter = wanted.length < known.length ? wanted.length : known.length;
        size_t longer = wanted.length + known.length - shorter;
        if (longer - shorter > allowed_edits(shorter))
            continue;
        unsigned edits = distance(&wanted, &known);
        if (edits <= allowed_edits(shorter) && edits < nearest_edits) {
            nearest = i;
            nearest_edits = edits;
        }
    }
    return nearest;
}

size_t sp_near_or_longer(sp_str name, const sp_str *candidates, size_t count)
{
    for (size_t i = 0; i < count && name.len > 2; i++)
        if (sp_str_starts(candidates[i], name))
            return i;
    return sp_near(name, candidates, count);
}

size_t sp_nearest_name(sp_str name, const sp_str *candidates, size_t count)
{
    return sp_near(name, candidates, count);
}
