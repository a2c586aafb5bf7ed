#include "capture/lines.h"

#include "base/base.h"
#include "base/types.h"

typedef struct sp_line_entry {
    uint64_t hash;
    sp_str content; /* of the first line that has it */
    uint32_t id;
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

/* The entry of that content, or the free one for it. */
static sp_line_entry *entry_of(const sp_line_ids *ids, uint64_t hash, sp_str content)
{
    size_t mask = ids->capacity - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        sp_line_entry *entry = &ids->entries[at];
        if (!entry->content.ptr || (entry->hash == hash && sp_str_eq(entry->content, content)))
            return entry;
    }
}

static bool has_room(sp_arena *arena, sp_line_ids *ids)
{
    if (ids->capacity && ids->count < ids->capacity / 2)
        return true;
    sp_line_ids grown = { .capacity = ids->capacity ? ids->capacity * 2 : 1024, .count = ids->count };
    grown.entries = SP_ARENA_ARRAY(arena, sp_line_entry, grown.capacity);
    if (!grown.entries)
        return false;
    for (size_t i = 0; i < ids->capacity; i++)
        if (ids->entries[i].content.ptr)
            *entry_of(&grown, ids->entries[i].hash, ids->entries[i].content) = ids->entries[i];
    *ids = grown;
    return true;
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static uint32_t count_letters(sp_str s)
{
    uint32_t count = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        count += c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    }
    return count;
}

static sp_line line_at(sp_str text, uint32_t index, size_t start)
{
    const char *feed = memchr(text.ptr + start, '\n', text.len - start);
    size_t end = feed ? (size_t)(feed - text.ptr) : text.len;
    sp_line line = { .id = SP_NONE, .text = index, .start = start, .begin = start, .end = end };
    line.next = feed ? end + 1 : end;
    if (start == 0 && sp_str_starts(text, SP_STR("\xEF\xBB\xBF")))
        line.begin += 3;
    while (line.begin < line.end && is_white(text.ptr[line.begin]))
        line.begin++;
    while (line.end > line.begin && is_white(text.ptr[line.end - 1]))
        line.end--;
    return line;
}

static bool number(sp_arena *arena, sp_line_ids *ids, sp_str content, bool grows, uint32_t *ret)
{
    if (content.len == 0) {
        *ret = 0;
        return true;
    }
    if (grows && !has_room(arena, ids))
        return false;
    if (!ids->capacity)
        return true;
    uint64_t hash = hash_of(content);
    sp_line_entry *entry = entry_of(ids, hash, content);
    if (!entry->content.ptr && grows)
        *entry = (sp_line_entry){ hash, content, ++ids->count };
    *ret = entry->content.ptr ? entry->id : SP_NONE;
    return true;
}

static size_t count_lines(sp_str text)
{
    size_t count = 1;
    for (size_t at = 0; at < text.len;) {
        const char *feed = memchr(text.ptr + at, '\n', text.len - at);
        if (!feed)
            break;
        at = (size_t)(feed - text.ptr) + 1;
        count++;
    }
    return count;
}

sp_status sp_lines_number(sp_arena *arena, const sp_str *texts, size_t count, bool grows, sp_line_ids *ids,
                          sp_lines *ret, sp_err *err)
{
    size_t room = 1;
    for (size_t i = 0; i < count; i++)
        room += count_lines(texts[i]);
    sp_lines lines = { .items = SP_ARENA_ARRAY(arena, sp_line, room) };
    if (!lines.items)
        return sp_err_memory(err);
    for (size_t i = 0; i < count; i++) {
        for (size_t at = 0; at < texts[i].len; at = lines.items[lines.count - 1].next) {
            sp_line line = line_at(texts[i], (uint32_t)i, at);
            sp_str content = sp_str_slice(texts[i], line.begin, line.end);
            line.letters = count_letters(content);
            if (!number(arena, ids, content, grows, &line.id))
                return sp_err_memory(err);
            lines.items[lines.count++] = line;
        }
    }
    *ret = lines;
    return SP_OK;
}
