/*
 * cut.c - places where a text may be cut in two so that the counts of both sides add up.
 *
 * A cut at c is sound when c is where a piece ends in every text that goes on like this one, and when the left side, on
 * its own, is split as before: to it the end of the text is where c is, and only \s++$ and \s+(?!\S) can tell. What
 * stands right of c is split from c on either way, because no pattern looks back. Three kinds of place are sound:
 *
 * Before a blank that follows an ASCII letter, in every pattern, or a digit where no estimate looks at the blank behind
 * it. The piece that holds the letter or the digit is a word, a contraction or a run of numbers, and none of them goes
 * on with a blank; its end is not white space, so neither \s++$ nor \s+(?!\S) has a part in it.
 *
 * After a line feed that is followed by no white space and no slash, in cl100k and o200k. Let w be the run of white
 * space that the line feed ends. If symbols stand before the line ends at its end, they take those along to the last
 * one ([\r\n]*, [\r\n/]*), which is at c: what follows is no line end and no slash. Otherwise no alternative but
 * \s*[\r\n] can hold the line feed (a leading [^\r\n\p{L}\p{N}] cannot), and it takes w to its last line end, which
 * again is c. On its own the left side's \s++$ takes the same w.
 *
 * Before such a line feed, in r50k. There a run of white space before a word is one piece up to its last character
 * (\s+(?!\S)), and the line feed is the next, by itself. On its own the left side's \s++$ takes what is before the line
 * feed, if there is any, as one piece too. (Behind the line feed would be wrong: "\n\n" is one token at the end of a
 * text, and two before a word.)
 *
 * An estimate is of a reading (reading.h), and no character is composed across a cut: a blank and a line feed are
 * neither composed with what follows nor a mark on what is before. (Only a run of more than 31 marks after one may be
 * ordered in other parts.)
 *
 * No special token holds a blank or a line feed, so none spans a cut, and the search for them finds the same ones on
 * both sides. They all begin with <, which therefore does not follow the line feed: for r50k the white space before a
 * special token is at the end of a text. Bytes that are not UTF-8: from the first of them on, what is left of the
 * segment is one piece, and so the text left of a cut has to be well-formed. If the first of them is right of it, what
 * is merged with it begins there as well: tokens are taken back only while they are blanks, and next to c on one side
 * or the other stands what is none.
 */
#include "base/types.h"
#include "tokenizer/engine.h"
#include "tokenizer/tokens.h"

static bool is_letter(uint8_t byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* Whether a character begins at offset at that is no white space, no slash and no begin of a special token. */
static bool is_dark(const sp_vocab *vocab, sp_str text, size_t at)
{
    uint32_t code;
    size_t bad;
    if (at >= text.len || text.ptr[at] == '/' || text.ptr[at] == '<' || sp_utf8_decode(text, at, &code, &bad) == 0)
        return false;
    return sp_class_at(vocab, (const uint8_t *)text.ptr + at) != SP_CLASS_SPACE;
}

/* Is there a sound cut at offset at, if all before it is UTF-8? */
static bool is_cut(const sp_vocab *vocab, sp_str text, size_t at)
{
    const uint8_t *bytes = (const uint8_t *)text.ptr;
    if (bytes[at] == ' ')
        return is_letter(bytes[at - 1]) || (is_digit(bytes[at - 1]) && !vocab->is_estimated);
    if (vocab->rules.pattern == SP_PATTERN_R50K)
        return bytes[at] == '\n' && is_dark(vocab, text, at + 1);
    return bytes[at - 1] == '\n' && is_dark(vocab, text, at);
}

size_t sp_cut_find(const sp_vocab *vocab, sp_str text, size_t from, size_t stop)
{
    size_t at = from > 0 ? from : 1;
    while (at < stop && !is_cut(vocab, text, at))
        at++;
    return at < stop ? at : SIZE_MAX;
}

size_t sp_cut_after(const sp_encoding *encoding, sp_str text, size_t from)
{
    if (sp_engine_of(encoding))
        return sp_engine_cut_after(encoding, text, from);
    sp_vocab vocab;
    sp_vocab_open(&vocab, encoding, SP_PATH_BEST);
    size_t at = sp_cut_find(&vocab, text, from, text.len);
    return at == SIZE_MAX || sp_utf8_find_invalid(sp_str_slice(text, 0, at), 0) != SIZE_MAX ? text.len : at;
}

size_t sp_cut_before(const sp_encoding *encoding, sp_str text, size_t until)
{
    const sp_engine *engine = sp_engine_of(encoding);
    sp_str head = sp_str_slice(text, 0, until);
    size_t at = until > 0 ? until - 1 : 0;
    sp_vocab vocab;
    if (!engine)
        sp_vocab_open(&vocab, encoding, SP_PATH_BEST);
    while (at > 0 && !(engine ? engine->is_cut(encoding, head, at) : is_cut(&vocab, head, at)))
        at--;
    return at;
}

/* Whether there is a cut between two texts, neither of them empty: what of them a cut is told by. */
static bool is_seam(const sp_encoding *encoding, const sp_vocab *vocab, sp_str left, sp_str right)
{
    enum { SEEN = 6 }; /* of right: the character after a line feed, at most */
    char seam[1 + SEEN];
    const sp_engine *engine = sp_engine_of(encoding);
    size_t len = right.len < SEEN ? right.len : (size_t)SEEN;
    seam[0] = left.ptr[left.len - 1];
    memcpy(seam + 1, right.ptr, len);
    sp_str text = { seam, 1 + len };
    return engine ? engine->is_cut(encoding, text, 1) : is_cut(vocab, text, 1);
}

bool sp_join_adds(const sp_encoding *encoding, sp_str left, sp_str right)
{
    sp_vocab vocab = { 0 };
    if (!sp_engine_of(encoding))
        sp_vocab_open(&vocab, encoding, SP_PATH_BEST);
    if (left.len == 0 || (right.len > 0 && !is_seam(encoding, &vocab, left, right)))
        return left.len == 0;
    return sp_engine_of(encoding) || sp_utf8_find_invalid(left, 0) == SIZE_MAX;
}
