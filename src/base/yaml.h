/*
 * yaml.h - strings in the YAML that this program writes.
 *
 * They come from file names and headings that anybody may have chosen. In quotes no reader takes them for more than
 * strings, and neither does a shell that is given the file by mistake.
 */
#ifndef SP_YAML_H
#define SP_YAML_H

#include "base/base.h"

/* Adds text in quotes: single ones, or double ones where it has control characters, other hidden ones or bytes that are
 * not UTF-8. On failure out->failed is set. */
void sp_yaml_quote(sp_buf *out, sp_str text);
/* The string that a reader gets back: text itself, but with \xNN spelled out for each byte that is not UTF-8, which
 * YAML cannot hold. Lives in the arena, or is text. ptr NULL when memory is short. */
sp_str sp_yaml_representable(sp_arena *arena, sp_str text);

#endif
