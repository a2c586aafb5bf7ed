#include "tokenizer/files/added.h"

#include "base/types.h"
#include "tokenizer/files/chars.h"

#include <stdlib.h>

static int by_content(const void *a, const void *b)
{
    return sp_str_cmp(((const sp_added *)a)->content, ((const sp_added *)b)->content);
}

void sp_added_init(sp_added_set *set, sp_added *items, size_t count)
{
    *set = (sp_added_set){ .items = items, .count = count };
    if (count > 0)
        qsort(items, count, sizeof *items, by_content);
    for (size_t i = 0; i < count; i++)
        set->begins[(uint8_t)items[i].content.ptr[0]] = true;
}

/* In order of their contents, those that text[at..) goes on like are a run that becomes shorter with each byte. */
static const sp_added *longest_at(const sp_added_set *set, sp_str text, size_t at)
{
    size_t low = 0, high = set->count;
    const sp_added *found = NULL;
    for (size_t len = 0; low < high; len++) {
        if (set->items[low].content.len == len)
            found = &set->items[low++]; /* the shortest of them stands first */
        if (at + len == text.len)
            break;
        uint8_t byte = (uint8_t)text.ptr[at + len];
        size_t begin = low, end = high;
        while (begin < end) { /* the first that has no smaller byte there */
            size_t middle = begin + (end - begin) / 2;
            if ((uint8_t)set->items[middle].content.ptr[len] < byte)
                begin = middle + 1;
            else
                end = middle;
        }
        low = begin;
        end = high;
        while (begin < end) { /* and the first that has a larger one */
            size_t middle = begin + (end - begin) / 2;
            if ((uint8_t)set->items[middle].content.ptr[len] <= byte)
                begin = middle + 1;
            else
                end = middle;
        }
        high = begin;
    }
    return found;
}

static bool is_in_word(sp_str text, size_t begin, size_t end)
{
    uint32_t before = 0, behind = 0;
    if (begin > 0)
        (void)sp_char_at(text, sp_char_before(text, begin), &before);
    if (end < text.len)
        (void)sp_char_at(text, end, &behind);
    return (begin > 0 && sp_char_is_word(before)) || (end < text.len && sp_char_is_word(behind));
}

static size_t spaces_before(sp_str text, size_t from, size_t at)
{
    while (at > from) {
        uint32_t code;
        size_t before = sp_char_before(text, at);
        (void)sp_char_at(text, before, &code);
        if (!sp_char_is_space(code))
            break;
        at = before;
    }
    return at;
}

static size_t spaces_behind(sp_str text, size_t at)
{
    while (at < text.len) {
        uint32_t code;
        size_t len = sp_char_at(text, at, &code);
        if (!sp_char_is_space(code))
            break;
        at += len;
    }
    return at;
}

bool sp_added_find(const sp_added_set *set, sp_str text, size_t from, size_t taken, bool with_special,
                   sp_added_match *ret)
{
    if (set->count == 0)
        return false;
    for (size_t at = from; at < text.len;) {
        const sp_added *token = set->begins[(uint8_t)text.ptr[at]] ? longest_at(set, text, at) : NULL;
        if (!token) {
            at++;
            continue;
        }
        size_t end = at + token->content.len;
        if ((token->special && !with_special) || (token->single_word && is_in_word(text, at, end))) {
            at = end; /* the reference does not look for another one in there either */
            continue;
        }
        *ret = (sp_added_match){ token, token->takes_left ? spaces_before(text, taken, at) : at,
                                 token->takes_right ? spaces_behind(text, end) : end, end };
        return true;
    }
    return false;
}
