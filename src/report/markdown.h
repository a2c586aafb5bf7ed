/* markdown.h - text from outside in Markdown, where it must not become markup. */
#ifndef SP_EMIT_MARKDOWN_H
#define SP_EMIT_MARKDOWN_H

#include "base/base.h"
#include "base/types.h"

/* A cell of a table and the bar behind it. What Markdown or HTML would take for its own is escaped, and the line stays
 * one cell. */
void sp_markdown_cell(sp_buf *out, sp_str text);
/* The same for text outside of tables, without blanks and bar. */
void sp_markdown_text(sp_buf *out, sp_str text);

#endif
