/*
 * markdown.h - the blocks, block comments and imports of a Markdown text, in one linear pass.
 *
 *   sp_markdown found;
 *   SP_TRY(sp_markdown_scan(arena, text, content_begin, &found, err));
 *   for (uint32_t i = 0; i < found.block_count; i++) ...
 *
 * The block structure is that of CommonMark 0.30. Any bytes are a text: NUL, invalid UTF-8, lines that end in \n,
 * \r\n or a lone \r, no final line end. Quotes and list items are followed 64 deep; a marker beyond that is text.
 *
 * A heading inside a quote or a list item is the heading of what follows it there, not of what comes after.
 */
#ifndef SP_MARKDOWN_H
#define SP_MARKDOWN_H

#include "base/base.h"
#include "base/types.h"
#include "model/source.h"

typedef struct sp_span {
    size_t begin;
    size_t end;
} sp_span;

/* An @path in the text, outside code and comments. Whether it names a file is for the loader to find out. Nothing but
 * white space, a backtick or a < ends a path: in "see @a.md, and" it is "a.md,", in "@a.md#b" it is "a.md#b".
 * markdown_text.c says what else counts. */
typedef struct sp_import_ref {
    size_t begin;     /* of the @ */
    size_t end;       /* past the last byte of the path, or its closing quotation mark in @"path" */
    sp_str path;      /* never empty; with the backslashes before spaces taken off */
    bool is_quoted;   /* @"path", "@path" or (@path): never imported by the client */
    bool is_in_code;  /* perhaps: found in the raw text of a list item only */
    bool stays;       /* for the loader: the client leaves it as it is written */
    bool is_reported; /* for the loader: it was said that nothing comes of it */
} sp_import_ref;

typedef struct sp_markdown {
    /* Without a gap from begin to the end of the text; none if that is empty. A line of markers alone, such as "-",
     * is a paragraph if it begins a quote or an item; else (">" between two paragraphs) it is like a blank line. */
    sp_block *blocks;
    uint32_t block_count;
    bool has_more_blocks; /* than are told apart: the last one is a paragraph with all the rest in it */
    /* Block-level HTML comments that Claude Code removes, in order: those that are closed and begin an HTML block of
     * CommonMark's kind 2 outside of lists and quotes, at the margin if text is right above. Where only comments are on
     * their lines, the spans take the whole lines, and the empty lines after them; text after --> stays. */
    sp_span *comments;
    size_t comment_count;
    /* Link definitions outside of lists and quotes, in order: whole lines, and the empty lines after them. Only
     * sp_markdown_scan_marked finds them. */
    sp_span *definitions;
    size_t definition_count;
    /* Offset of the first block-level <!-- that nothing closes before its block ends, or SIZE_MAX. It stays in the
     * text, with all the rest of the block, and no import counts in there. */
    size_t unclosed_comment;
    sp_import_ref *imports; /* in order; none from inside code, comments, <pre>, <script>, <style>, <textarea> */
    size_t import_count;
    /* Offset of the first one after the most that are taken of a file (rule import.most), or SIZE_MAX. */
    size_t more_imports;
} sp_markdown;

/* Scans text from offset begin on, which has to be the begin of a line (a byte order mark before it does no harm); all
 * offsets and line numbers are those of the whole text. Blocks, imports and paths live in the arena, or are borrowed
 * from text. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_markdown_scan(sp_arena *arena, sp_str text, size_t begin, sp_markdown *ret, sp_err *err);

/* The same with the imports that Claude Code finds (rule import.text): see markdown_marked.c. */
SP_MUST_USE sp_status sp_markdown_scan_marked(sp_arena *arena, sp_str text, size_t begin, sp_markdown *ret,
                                              sp_err *err);

/* Replaces the imports by those of a client that takes each word after an @ for one (rule import.word), unless it is in
 * code: that of Markdown, or what is between backticks. See markdown_words.c. */
SP_MUST_USE sp_status sp_markdown_find_words(sp_arena *arena, sp_str text, size_t begin, bool has_markdown_code,
                                             sp_markdown *markdown, sp_err *err);

/* The same with the imports of rule import.path: see markdown_paths.c. */
SP_MUST_USE sp_status sp_markdown_scan_paths(sp_arena *arena, sp_str text, size_t begin, sp_markdown *ret, sp_err *err);

/* The heading's text, without its #s or underline, blanks trimmed. Borrowed from text, so one that takes several lines
 * holds their line ends, and the quote markers between them. */
sp_str sp_markdown_heading_text(sp_str text, const sp_block *heading);

#endif
