/*
 * yaml_marks.c - marks mostly rise from event to event, and step back a little in messages: walk from where the last
 * one was.
 */
#include "syntax/yaml_marks.h"

static size_t width_at(const sp_yaml_marks *marks, size_t at)
{
    unsigned char lead = (unsigned char)marks->text.ptr[at];
    return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* Over eight characters at once, where there are as many to go and all of them are ASCII. */
static bool skip_ascii(sp_yaml_marks *marks, size_t index)
{
    uint64_t word;
    if (index - marks->cursor_chars < sizeof word || marks->end - marks->cursor < sizeof word)
        return false;
    memcpy(&word, marks->text.ptr + marks->cursor, sizeof word);
    if (word & 0x8080808080808080u)
        return false;
    marks->cursor += sizeof word;
    marks->cursor_chars += sizeof word;
    return true;
}

size_t sp_yaml_offset(sp_yaml_marks *marks, size_t index)
{
    while (marks->cursor_chars < index && marks->cursor < marks->end) {
        if (skip_ascii(marks, index))
            continue;
        size_t width = width_at(marks, marks->cursor);
        marks->cursor += width < marks->end - marks->cursor ? width : marks->end - marks->cursor;
        marks->cursor_chars++;
    }
    while (marks->cursor_chars > index && marks->cursor > marks->begin) {
        do
            marks->cursor--;
        while (marks->cursor > marks->begin && ((unsigned char)marks->text.ptr[marks->cursor] & 0xC0) == 0x80);
        marks->cursor_chars--;
    }
    return marks->cursor;
}
