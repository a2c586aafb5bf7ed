#include "capture/lines.h"

#include "base/base.h"
#include "base/numbers.h"
#include "base/types.h"
#include "rules/profile.h"

typedef struct sp_line_entry {
    uint64_t hash;
    sp_str content; /* of the first line that has it */
    uint32_t letters;
} sp_line_entry;

static uint64_t mix(uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93u;
    return hash ^ (hash >> 32);
}

static uint64_t hash_of(sp_str s)
{
    uint64_t hash = 0x9e3779b97f4a7c15u ^ s.len;
    size_t at = 0;
    for (; at + 8 <= s.len; at += 8) {
        uint64_t word;
        memcpy(&word, s.ptr + at, 8);
        hash = mix(hash ^ word);
    }
    uint64_t rest = 0;
    if (at < s.len)
        memcpy(&rest, s.ptr + at, s.len - at);
    return mix(hash ^ rest);
}

/* The slot of the entry of that content, or the free one for it. Entries are in the order in which lines came, and
 * texts have them in much the same order: so only the slots are all over the memory. */
static uint32_t *slot_of(const sp_line_ids *ids, uint64_t hash, sp_str content)
{
    size_t mask = ids->capacity - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        uint32_t *slot = &ids->table[at];
        if (!*slot)
            return slot;
        const sp_line_entry *entry = &ids->entries[*slot];
        if (entry->hash == hash && sp_str_eq(entry->content, content))
            return slot;
    }
}

static bool has_room(sp_arena *arena, sp_line_ids *ids)
{
    if (ids->capacity && ids->count + 1 < ids->capacity / 2)
        return true;
    sp_line_ids grown = { .capacity = ids->capacity ? ids->capacity * 2 : 1024, .count = ids->count };
    grown.table = SP_ARENA_ARRAY(arena, uint32_t, grown.capacity);
    grown.entries = SP_ARENA_ARRAY(arena, sp_line_entry, grown.capacity / 2);
    if (!grown.table || !grown.entries)
        return false;
    for (uint32_t id = 1; id <= ids->count; id++) {
        grown.entries[id] = ids->entries[id];
        *slot_of(&grown, grown.entries[id].hash, grown.entries[id].content) = id;
    }
    *ids = grown;
    return true;
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* How many bytes of white space there are, 0 for none. A byte order mark is some: clients send it or not, and the text
 * that it begins has words of the client before it. */
static size_t leading_white(sp_str text, size_t at)
{
    bool is_mark = text.len - at >= 3 && memcmp(text.ptr + at, "\xEF\xBB\xBF", 3) == 0;
    return is_mark ? 3 : is_white(text.ptr[at]);
}

uint32_t sp_count_letters(sp_str text)
{
    uint32_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += sp_is_letter(text.ptr[i]);
    return count;
}

/* Past the line end at that offset: \n, \r\n or a lone \r. */
static size_t after_line_end(sp_str text, size_t end)
{
    bool is_pair = text.len - end >= 2 && text.ptr[end] == '\r' && text.ptr[end + 1] == '\n';
    return end == text.len ? end : end + 1 + is_pair;
}

static sp_line line_at(sp_str text, uint32_t index, uint32_t start)
{
    uint32_t end = (uint32_t)sp_line_end(text, start);
    sp_line line = { .id = SP_NONE, .text = index, .start = start, .begin = start, .end = end };
    size_t leading;
    line.next = (uint32_t)after_line_end(text, end);
    while (line.begin < line.end && (leading = leading_white(text, line.begin)) > 0)
        line.begin += (uint32_t)leading;
    while (line.end > line.begin && is_white(text.ptr[line.end - 1]))
        line.end--;
    return line;
}

/* Sets id and letters of the line. */
static bool number(sp_arena *arena, sp_line_ids *ids, sp_str content, bool grows, sp_line *ret)
{
    ret->id = content.len ? SP_NONE : 0;
    if (content.len == 0)
        return true;
    if (grows && !has_room(arena, ids))
        return false;
    if (!ids->capacity) {
        ret->letters = sp_count_letters(content);
        return true;
    }
    uint64_t hash = hash_of(content);
    uint32_t *slot = slot_of(ids, hash, content);
    bool is_known = *slot != 0;
    ret->letters = is_known ? ids->entries[*slot].letters : sp_count_letters(content);
    if (!is_known && grows) {
        *slot = ++ids->count;
        ids->entries[*slot] = (sp_line_entry){ hash, content, ret->letters };
    }
    if (is_known || grows)
        ret->id = *slot;
    return true;
}

static size_t count_lines(sp_str text)
{
    size_t count = 1;
    for (size_t at = 0; at < text.len; count++)
        at = after_line_end(text, sp_line_end(text, at));
    return count;
}

/* Each line takes memory, known or asked, and a file of line ends has more of them than any request of use. */
static sp_status check_room(size_t room, bool is_known, sp_err *err)
{
    const size_t most = (size_t)sp_own_limit(SP_RULE_CAPTURE_LINES);
    if (room <= most)
        return SP_OK;
    return sp_err_at(err, SP_ERR_INPUT, (sp_str){ NULL, 0 }, (sp_str){ NULL, 0 }, 0, sp_rule_id(SP_RULE_CAPTURE_LINES),
                     "%s more than %s lines, too many to compare",
                     is_known ? "the files that a request may hold have" : "the request has", SP_NUMBER(most));
}

sp_status sp_lines_number(sp_arena *arena, const sp_str *texts, size_t count, bool grows, sp_line_ids *ids,
                          sp_lines *ret, sp_err *err)
{
    size_t room = 1;
    for (size_t i = 0; i < count; i++)
        room += count_lines(texts[i]);
    SP_TRY(check_room(room, grows, err));
    sp_lines lines = { .items = SP_ARENA_ARRAY(arena, sp_line, room) };
    if (!lines.items)
        return sp_err_memory(err);
    for (size_t i = 0; i < count; i++) {
        for (uint32_t at = 0; at < texts[i].len; at = lines.items[lines.count - 1].next) {
            sp_line line = line_at(texts[i], (uint32_t)i, at);
            sp_str content = sp_str_slice(texts[i], line.begin, line.end);
            if (!number(arena, ids, content, grows, &line))
                return sp_err_memory(err);
            lines.items[lines.count++] = line;
        }
    }
    *ret = lines;
    return SP_OK;
}
