/*
 * hidden.c - findings of characters that nobody sees, in a file and in its name.
 *
 * A message spells them out and never holds one. Of a file with more lines of them than text.hidden says, the rest is
 * counted, so that a hostile file costs no more than others.
 */
#include "check/hidden.h"
#include "base/escape.h"
#include "base/types.h"
#include "rules/profile.h"
#include "syntax/hidden.h"

#include <stdlib.h>

enum { MOST_DECODED = 200 }; /* bytes of a message */

/* Tags and the order of a line deceive by themselves; so does, below, whatever spells something. */
static const sp_level levels[SP_HIDDEN_KINDS] = {
    [SP_HIDDEN_TAG] = SP_FINDING,  [SP_HIDDEN_SELECTOR] = SP_WARNING, [SP_HIDDEN_INVISIBLE] = SP_WARNING,
    [SP_HIDDEN_BIDI] = SP_FINDING, [SP_HIDDEN_CONTROL] = SP_WARNING,  [SP_HIDDEN_PRIVATE] = SP_WARNING,
};

typedef struct looker {
    sp_arena *arena; /* scratch */
    sp_diags *diags;
    sp_str path;
    sp_str text; /* ptr NULL: the path itself is looked at */
    size_t count;
    size_t untold; /* finds */
    size_t untold_characters;
} looker;

/* Which characters they are. */
static void add_codes(sp_buf *out, const sp_hidden *found)
{
    for (unsigned i = 0; i < found->code_count; i++) {
        const char *name = sp_hidden_name(found->codes[i]);
        sp_buf_format(out, "%sU+%04X%s%s", i == 0 ? "" : ", ", found->codes[i], *name ? " " : "", name);
    }
    if (found->has_more_codes)
        sp_buf_add(out, SP_STR(", ..."));
}

/* What they spell, with nothing hidden in it. */
static sp_status add_decoded(sp_buf *out, sp_str decoded, sp_err *err)
{
    char *escaped;
    size_t length;
    bool is_long = decoded.len > MOST_DECODED;
    size_t end = is_long ? MOST_DECODED : decoded.len;
    while (is_long && end > 0 && !sp_utf8_begins(decoded.ptr[end]))
        end--;
    SP_TRY(sp_text_escape(sp_str_slice(decoded, 0, end), &escaped, &length, err));
    sp_buf_format(out, "; decoded: \"%s\"", escaped);
    if (is_long)
        sp_buf_format(out, " and %zu bytes more", decoded.len - end);
    free(escaped);
    return SP_OK;
}

static sp_status word(const sp_hidden *found, sp_str decoded, sp_str *ret, sp_arena *arena, sp_err *err)
{
    sp_buf out = { 0 };
    if (found->count > 1)
        sp_buf_format(&out, "%zu %s", found->count, sp_hidden_noun(found));
    else
        sp_buf_format(&out, "a%s %s", found->kind == SP_HIDDEN_INVISIBLE ? "n" : "", sp_hidden_noun(found));
    sp_buf_add(&out, SP_STR(" ("));
    add_codes(&out, found);
    sp_buf_add_char(&out, ')');
    sp_status status = decoded.len ? add_decoded(&out, decoded, err) : SP_OK;
    *ret = sp_buf_move(&out, arena);
    return status == SP_OK && !ret->ptr ? sp_err_memory(err) : status;
}

static sp_status tell(looker *l, const sp_hidden *found, sp_err *err)
{
    sp_buf out = { 0 };
    bool is_decoded = sp_hidden_decode(found, &out), is_name = !l->text.ptr;
    sp_str decoded = sp_buf_move(&out, l->arena), words;
    if (!decoded.ptr)
        return sp_err_memory(err);
    SP_TRY(word(found, decoded, &words, l->arena, err));
    return sp_diag_add(l->diags, err, is_decoded ? SP_FINDING : levels[found->kind], l->path, l->text,
                       is_name ? SP_WHOLE_FILE : found->begin, SP_RULE_TEXT_HIDDEN, "%s%.*s; %s",
                       is_name ? "its name has " : "", SP_STR_ARG(words),
                       is_name            ? "rename it"
                       : found->count > 1 ? "delete them, unless they are meant"
                                          : "delete it, unless it is meant");
}

static sp_status look(looker *l, sp_hidden_scan *scan, sp_str text, sp_err *err)
{
    const size_t most = (size_t)sp_own_limit(SP_RULE_TEXT_HIDDEN);
    sp_hidden_begin(scan, text);
    for (const sp_hidden *found; (found = sp_hidden_next(scan));) {
        if (l->count++ < most) {
            SP_TRY(tell(l, found, err));
        } else {
            l->untold++;
            l->untold_characters += found->count;
        }
    }
    return SP_OK;
}

static sp_status tell_rest(looker *l, sp_err *err)
{
    if (!l->untold)
        return SP_OK;
    return sp_diag_add(l->diags, err, SP_WARNING, l->path, l->text, SP_WHOLE_FILE, SP_RULE_TEXT_HIDDEN,
                       "has %zu more hidden characters, in %zu places after those that are listed",
                       l->untold_characters, l->untold);
}

static sp_status look_at_both(looker *l, sp_str text, sp_err *err)
{
    sp_hidden_scan *scan = SP_ARENA_NEW(l->arena, sp_hidden_scan);
    if (!scan)
        return sp_err_memory(err);
    SP_TRY(look(l, scan, l->path, err));
    l->text = text;
    SP_TRY(look(l, scan, text, err));
    return tell_rest(l, err);
}

sp_status sp_find_hidden(sp_diags *diags, sp_str path, sp_str text, sp_err *err)
{
    sp_arena arena = { NULL };
    looker l = { .arena = &arena, .diags = diags, .path = path };
    sp_status status = look_at_both(&l, text, err);
    sp_arena_release(&arena);
    return status;
}
