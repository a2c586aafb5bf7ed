/*
 * test_front_matter.c - front matter in, a listing of everything that came out of it.
 *
 * Each case is a text and the listing: the state and where the body begins, the diagnostics as the program prints them,
 * then the fields with the places of key and value. Comparing the whole of it is what shows a message that got worse.
 */
#include "syntax/front_matter.h"
#include "syntax/yaml_marks.h"

#include "base/types.h"
#include "examples.h"
#include "model/profile.h"

#include <stdlib.h>
#include <time.h>

/* ---- the listing -------------------------------------------------------------------------------------------- */

static void add_place(sp_buf *out, sp_str text, size_t offset)
{
    sp_position place = sp_position_of(text, offset);
    sp_buf_format(out, "%u:%u", place.line, place.column);
}

static void add_items(sp_buf *out, sp_str text, const sp_field *field)
{
    for (size_t i = 0; i < field->items.count; i++) {
        sp_buf_format(out, " <%.*s> at ", SP_STR_ARG(field->items.items[i]));
        add_place(out, text, field->item_offsets[i]);
    }
}

static void add_field(sp_buf *out, sp_str text, const sp_field *field)
{
    static const char *const kinds[] = { "empty", "text", "list", "nested" };
    add_place(out, text, field->key_offset);
    sp_buf_format(out, " %.*s = %s%s", SP_STR_ARG(field->key), field->is_quoted ? "quoted " : "", kinds[field->kind]);
    if (field->kind == SP_VALUE_SCALAR)
        sp_buf_format(out, " <%.*s>", SP_STR_ARG(field->value));
    if (field->kind == SP_VALUE_LIST)
        add_items(out, text, field);
    sp_buf_format(out, " at ");
    add_place(out, text, field->value_offset);
    sp_buf_add_char(out, '\n');
}

static void list(sp_buf *out, sp_str text, sp_front_matter_mode mode)
{
    sp_arena arena = { 0 };
    sp_diags diags = { .arena = &arena };
    sp_profile profile;
    sp_front_matter front_matter;
    sp_err err;
    assert_int_equal(sp_profile_init(&profile, SP_STR("claude-code:documented"), &err), SP_OK);
    assert_int_equal(sp_front_matter_read(&arena, &profile, SP_STR("a.md"), text, mode, &diags, &front_matter, &err),
                     SP_OK);
    sp_buf_format(out, "%s, body at %zu\n", states[front_matter.state], front_matter.body_begin);
    add_diagnostics(out, &diags);
    for (size_t i = 0; i < front_matter.field_count; i++)
        add_field(out, text, &front_matter.fields[i]);
    sp_buf_add_char(out, '\0');
    assert_false(out->failed);
    sp_arena_release(&arena);
}

/* ---- where front matter begins and ends ---- */

static const struct example fences[] = {
    { "no front matter", TEXT("# Title\n\nText\n"), "none, body at 0\n" },
    { "empty text", TEXT(""), "none, body at 0\n" },
    { "only a mark",
      TEXT("\xEF\xBB\xBF"
           ""),
      "none, body at 3\n" },
    { "simple", TEXT("---\nname: a\n---\nbody\n"),
      "strict, body at 16\n"
      "2:1 name = text <a> at 2:7\n" },
    { "blanks behind the fences", TEXT("--- \t\nname: a\n---  \nbody\n"),
      "strict, body at 20\n"
      "2:1 name = text <a> at 2:7\n" },
    { "closing fence at the end of the text", TEXT("---\nname: a\n---"),
      "strict, body at 15\n"
      "2:1 name = text <a> at 2:7\n" },
    { "empty", TEXT("---\n---\nbody\n"), "strict, body at 8\n" },
    { "only a blank line", TEXT("---\n\n---\nbody\n"), "strict, body at 9\n" },
    { "only a comment", TEXT("---\n# nothing here\n---\nbody\n"), "strict, body at 23\n" },
    { "byte order mark",
      TEXT("\xEF\xBB\xBF"
           "---\nname: a\n---\nbody\n"),
      "strict, body at 19\n"
      "1:1: note: a byte order mark stands before the front matter; clients before 2.1.239 skip the file "
      "[front-matter.bom]\n"
      "2:1 name = text <a> at 2:7\n" },
    { "byte order mark without front matter",
      TEXT("\xEF\xBB\xBF"
           "text\n"),
      "none, body at 3\n" },
    { "not closed", TEXT("---\nname: a\n\nbody\n"),
      "none, body at 0\n"
      "1:1: warning: nothing closes the front matter that begins here, so the file counts as having none; add a line "
      "of three dashes (---) behind the last field [front-matter.unclosed]\n" },
    { "not closed, nothing follows", TEXT("---"),
      "none, body at 0\n"
      "1:1: warning: nothing closes the front matter that begins here, so the file counts as having none; add a line "
      "of three dashes (---) behind the last field [front-matter.unclosed]\n" },
    { "text behind the dashes is no fence", TEXT("---\nname: a\n--- x\nbody\n"),
      "none, body at 0\n"
      "1:1: warning: nothing closes the front matter that begins here, so the file counts as having none; add a line "
      "of three dashes (---) behind the last field [front-matter.unclosed]\n" },
    { "dashes behind blanks are no fence", TEXT("---\nname: a\n ---\nbody\n"),
      "none, body at 0\n"
      "1:1: warning: nothing closes the front matter that begins here, so the file counts as having none; add a line "
      "of three dashes (---) behind the last field [front-matter.unclosed]\n" },
    { "text behind the opening dashes", TEXT("--- x\nname: a\n---\nbody\n"), "none, body at 0\n" },
    { "two dashes", TEXT("--\nname: a\n--\nbody\n"), "none, body at 0\n" },
    { "opening fence too long", TEXT("----\nname: a\n---\nbody\n"), "none, body at 0\n" },
    { "closing fence too long", TEXT("---\nname: a\n----- \nbody\n"),
      "strict, body at 19\n"
      "3:1: warning: this line is taken for the end of the front matter, but has more than three dashes; write --- and "
      "nothing else [front-matter.long-fence]\n"
      "2:1 name = text <a> at 2:7\n" },
    { "closing fence too long, a rule in the body", TEXT("---\nname: a\n-------\n# Title\n\n---\nmore\n"),
      "strict, body at 20\n"
      "3:1: warning: this line is taken for the end of the front matter, but has more than three dashes; write --- and "
      "nothing else [front-matter.long-fence]\n"
      "2:1 name = text <a> at 2:7\n" },
    { "closing fence too long, not YAML", TEXT("---\nname: a\ndescription: b: c\n-------\n# Title\n\n---\nmore\n"),
      "recovered, body at 38\n"
      "4:1: warning: this line is taken for the end of the front matter, but has more than three dashes; write --- and "
      "nothing else [front-matter.long-fence]\n"
      "3:15: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <b: c> at 3:14\n" },
    { "a long line of dashes with a field below", TEXT("---\ndescription: a: b\n-------\nname: c\n---\nbody\n"),
      "recovered, body at 42\n"
      "2:15: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line, and the client skips the file, because a value goes on in lines that are "
      "neither indented nor `key: value`. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.unindented]\n"
      "2:1 description = text <a: b\n"
      "-------> at 2:14\n"
      "4:1 name = text <c> at 4:7\n" },
    { "blank line before the fence", TEXT("\n  \n---\nname: a\n---\nbody\n"),
      "none, body at 0\n"
      "3:1: warning: the --- that opens front matter has to be the first line and stand at its beginning: the client "
      "sees no front matter here; delete what stands before it [front-matter.not-first]\n" },
    { "blanks before the dashes", TEXT(" ---\n name: a\n ---\nbody\n"),
      "none, body at 0\n"
      "1:1: warning: the --- that opens front matter has to be the first line and stand at its beginning: the client "
      "sees no front matter here; delete what stands before it [front-matter.not-first]\n" },
    { "a rule below a blank line", TEXT("\n---\n\ntext\n"), "none, body at 0\n" },
    { "a rule and its own kind", TEXT("---\n\ntext\n\n---\nmore\n"),
      "none, body at 0\n"
      "3:1: warning: the front matter is not valid YAML: text that is no `key: value`. Read line by line it holds no "
      "known field, so it is kept as text. To fix it, write one `key: value` on each line "
      "[front-matter.invalid]\n" },
    { "three dots do not close", TEXT("---\nname: a\n...\nbody\n"),
      "none, body at 0\n"
      "1:1: warning: nothing closes the front matter that begins here, so the file counts as having none; add a line "
      "of three dashes (---) behind the last field [front-matter.unclosed]\n" },
    { "three dots end the YAML", TEXT("---\nname: a\n...\n---\nbody\n"),
      "strict, body at 20\n"
      "2:1 name = text <a> at 2:7\n" },
};

/* ---- YAML ---- */

static const struct example values[] = {
    { "every kind",
      TEXT("---\ntext: a b\nquoted: \"a \\\"b\\\" \\u00e9\"\nsingle: 'it''s'\nnothing:\ntilde: ~\nword: null\nempty: "
           "\"\"\nlist: [a, \"b\"]\nlines:\n  - c\n  - d\nnested: {a: b}\ndeep: [[a]]\n---\nbody\n"),
      "strict, body at 159\n"
      "2:1 text = text <a b> at 2:7\n"
      "3:1 quoted = quoted text <a \"b\" é> at 3:9\n"
      "4:1 single = quoted text <it's> at 4:9\n"
      "5:1 nothing = empty at 5:9\n"
      "6:1 tilde = empty at 6:8\n"
      "7:1 word = empty at 7:7\n"
      "8:1 empty = quoted text <> at 8:8\n"
      "9:1 list = list <a> at 9:8 <b> at 9:11 at 9:7\n"
      "10:1 lines = list <c> at 11:5 <d> at 12:5 at 11:3\n"
      "13:1 nested = nested at 13:9\n"
      "14:1 deep = nested at 14:7\n" },
    { "everything is text", TEXT("---\na: true\nb: 12\nc: 2024-01-01\nd: 0x1F\ne: no\n---\nbody\n"),
      "strict, body at 50\n"
      "2:1 a = text <true> at 2:4\n"
      "3:1 b = text <12> at 3:4\n"
      "4:1 c = text <2024-01-01> at 4:4\n"
      "5:1 d = text <0x1F> at 5:4\n"
      "6:1 e = text <no> at 6:4\n" },
    { "literal backslash n", TEXT("---\na: x\\ny\nb: \"x\\\\ny\"\nc: \"x\\ny\"\n---\nbody\n"),
      "strict, body at 37\n"
      "2:1 a = text <x\\ny> at 2:4\n"
      "3:1 b = quoted text <x\\ny> at 3:4\n"
      "4:1 c = quoted text <x\n"
      "y> at 4:4\n" },
    { "plain on several lines", TEXT("---\na: one\n  two\n\n  three\n---\nbody\n"),
      "strict, body at 30\n"
      "2:1 a = text <one two\n"
      "three> at 2:4\n" },
    { "folded and literal", TEXT("---\na: >\n  one\n  two\n\n  three\nb: |-\n  one\n    two\n---\nbody\n"),
      "strict, body at 54\n"
      "2:1 a = quoted text <one two\n"
      "three\n"
      "> at 2:4\n"
      "7:1 b = quoted text <one\n"
      "  two> at 7:4\n" },
    { "quoted keys", TEXT("---\n\"name\": a\n'model': b\n---\nbody\n"),
      "strict, body at 29\n"
      "2:1 name = text <a> at 2:9\n"
      "3:1 model = text <b> at 3:10\n" },
    { "places count characters", TEXT("---\ncafé: ñ\n日本: [語, 😀]\n---\nbody\n"),
      "strict, body at 38\n"
      "2:1 café = text <ñ> at 2:7\n"
      "3:1 日本 = list <語> at 3:6 <😀> at 3:9 at 3:5\n" },
    { "places behind a mark",
      TEXT("\xEF\xBB\xBF"
           "---\nname: é\nmodel: b\n---\nbody\n"),
      "strict, body at 29\n"
      "1:1: note: a byte order mark stands before the front matter; clients before 2.1.239 skip the file "
      "[front-matter.bom]\n"
      "2:1 name = text <é> at 2:7\n"
      "3:1 model = text <b> at 3:8\n" },
    { "CRLF", TEXT("---\r\nname: a\r\ntools:\r\n  - b\r\n  - c\r\ntext: |\r\n  x\r\n  y\r\n---\r\nbody\r\n"),
      "strict, body at 60\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 tools = list <b> at 4:5 <c> at 5:5 at 4:3\n"
      "6:1 text = quoted text <x\n"
      "y\n"
      "> at 6:7\n" },
    { "lone CR", TEXT("---\rname: a\rmodel: b\r---\rbody\r"),
      "strict, body at 25\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 model = text <b> at 3:8\n" },
    { "CRLF and LF mixed", TEXT("---\r\nname: a\nmodel: b\r\n---\nbody\n"),
      "strict, body at 27\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 model = text <b> at 3:8\n" },
    { "comments", TEXT("---\n# first\nname: a # second\n# third\nmodel: b#c\n---\nbody\n"),
      "strict, body at 52\n"
      "3:1 name = text <a> at 3:7\n"
      "5:1 model = text <b#c> at 5:8\n" },
    { "indented as a whole", TEXT("---\n  name: a\n  model: b\n---\nbody\n"),
      "strict, body at 29\n"
      "2:3 name = text <a> at 2:9\n"
      "3:3 model = text <b> at 3:10\n" },
    { "a mapping in braces", TEXT("---\n{name: a, model: b}\n---\nbody\n"),
      "strict, body at 28\n"
      "2:2 name = text <a> at 2:8\n"
      "2:11 model = text <b> at 2:18\n" },
    { "nested values are passed over",
      TEXT("---\nhooks:\n  Stop:\n    - hooks: [{type: command, command: x}]\nname: a\n---\nbody\n"),
      "strict, body at 74\n"
      "2:1 hooks = nested at 3:3\n"
      "5:1 name = text <a> at 5:7\n" },
    { "a list of mappings is nested", TEXT("---\nmcpServers:\n  - github\n  - own: {command: x}\nname: a\n---\nbody\n"),
      "strict, body at 61\n"
      "2:1 mcpServers = nested at 3:3\n"
      "5:1 name = text <a> at 5:7\n" },
    { "duplicate key", TEXT("---\nname: a\ntools: b\nname: c\n---\nbody\n"),
      "strict, body at 33\n"
      "2:1: warning: name is given more than once; only the last one, on line 4, counts [front-matter.duplicate-key]\n"
      "3:1 tools = text <b> at 3:8\n"
      "4:1 name = text <c> at 4:7\n" },
    { "three times", TEXT("---\na: 1\na: 2\na: 3\n---\nbody\n"),
      "strict, body at 23\n"
      "2:1: warning: a is given more than once; only the last one, on line 4, counts [front-matter.duplicate-key]\n"
      "3:1: warning: a is given more than once; only the last one, on line 4, counts [front-matter.duplicate-key]\n"
      "4:1 a = text <3> at 4:4\n" },
    { "duplicate key below another one", TEXT("---\na: {b: 1, b: 2}\n---\nbody\n"),
      "strict, body at 24\n"
      "2:1 a = nested at 2:4\n" },
};

/* ---- YAML that is not read ---- */

static const struct example refusals[] = {
    { "anchor", TEXT("---\nname: &x a\n---\nbody\n"),
      "none, body at 19\n"
      "2:7: finding: the front matter has an anchor (&name), so no field of it is read; write the value out, or put it "
      "in double quotes if it is text [front-matter.refused]\n" },
    { "anchor and alias", TEXT("---\nname: &x a\nmodel: *x\n---\nbody\n"),
      "none, body at 29\n"
      "2:7: finding: the front matter has an anchor (&name), so no field of it is read; write the value out, or put it "
      "in double quotes if it is text [front-matter.refused]\n" },
    { "billion laughs", TEXT("---\na: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\n---\nbody\n"),
      "none, body at 66\n"
      "2:4: finding: the front matter has an anchor (&name), so no field of it is read; write the value out, or put it "
      "in double quotes if it is text [front-matter.refused]\n" },
    { "anchor in a list", TEXT("---\nname: a\ntools:\n  - b\n  - &x c\n---\nbody\n"),
      "none, body at 38\n"
      "5:5: finding: the front matter has an anchor (&name), so no field of it is read; write the value out, or put it "
      "in double quotes if it is text [front-matter.refused]\n" },
    { "tag", TEXT("---\nname: !!str a\n---\nbody\n"),
      "none, body at 22\n"
      "2:7: finding: the front matter has a tag (!name), so no field of it is read; write the value out, or put it in "
      "double quotes if it is text [front-matter.refused]\n" },
    { "own tag", TEXT("---\nname: a\nmodel: !env b\n---\nbody\n"),
      "none, body at 30\n"
      "3:8: finding: the front matter has a tag (!name), so no field of it is read; write the value out, or put it in "
      "double quotes if it is text [front-matter.refused]\n" },
    { "tag of a list", TEXT("---\ntools: !!seq [a]\n---\nbody\n"),
      "none, body at 25\n"
      "2:8: finding: the front matter has a tag (!name), so no field of it is read; write the value out, or put it in "
      "double quotes if it is text [front-matter.refused]\n" },
    { "merge key", TEXT("---\nname: a\n<<: {b: c}\n---\nbody\n"),
      "none, body at 27\n"
      "3:1: finding: the front matter has a merge key (<<), so no field of it is read; write the value out, or put it "
      "in double quotes if it is text [front-matter.refused]\n" },
    { "merge key further down", TEXT("---\nhooks:\n  é: {<<: x}\n---\nbody\n"),
      "none, body at 29\n"
      "3:7: finding: the front matter has a merge key (<<), so no field of it is read; write the value out, or put it "
      "in double quotes if it is text [front-matter.refused]\n" },
    { "quoted merge key", TEXT("---\n\"<<\": a\n---\nbody\n"), "strict, body at 16\n" },
};

/* ---- not YAML, read line by line ---- */

static const struct example recoveries[] = {
    { "colon in a plain value", TEXT("---\nname: a\ndescription: Use when: always\nmodel: opus\n---\nbody\n"),
      "recovered, body at 58\n"
      "3:22: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <Use when: always> at 3:14\n"
      "4:1 model = text <opus> at 4:8\n" },
    { "colon behind characters of several bytes", TEXT("---\nname: a\ndescription: çé😀: x\n---\nbody\n"),
      "recovered, body at 41\n"
      "3:17: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <çé😀: x> at 3:14\n" },
    { "colon behind a mark",
      TEXT("\xEF\xBB\xBF"
           "---\nname: a: b\n---\nbody\n"),
      "recovered, body at 22\n"
      "1:1: note: a byte order mark stands before the front matter; clients before 2.1.239 skip the file "
      "[front-matter.bom]\n"
      "2:8: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes [front-matter.recovered]\n"
      "2:1 name = text <a: b> at 2:7\n" },
    { "colon, literal backslash n kept",
      TEXT("---\ndescription: Use it.\\n\\nuser: \"x\"\\nContext: y\nname: a\n---\nbody\n"),
      "recovered, body at 62\n"
      "2:29: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put all of the value in double quotes, with \\\" for each quote "
      "inside, or write `description: |` and indent the text below it [front-matter.recovered]\n"
      "2:1 description = text <Use it.\\n\\nuser: \"x\"\\nContext: y> at 2:14\n"
      "3:1 name = text <a> at 3:7\n" },
    { "colon and a number sign", TEXT("---\ndescription: Fix: issue #1 # now\nmodel: opus # fast\n---\nbody\n"),
      "recovered, body at 60\n"
      "2:17: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.recovered]\n"
      "2:1 description = text <Fix: issue #1 # now> at 2:14\n"
      "3:1 model = text <opus> at 3:8\n" },
    { "number sign in a field that was well", TEXT("---\nname: a: b\ndescription: Knows C # and F #\n---\nbody\n"),
      "recovered, body at 50\n"
      "2:8: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes [front-matter.recovered]\n"
      "2:1 name = text <a: b> at 2:7\n"
      "3:1 description = text <Knows C # and F #> at 3:14\n" },
    { "examples at column 0",
      TEXT("---\nname: a\ndescription: Use it. Examples:\n<example>\nContext: a\nuser: \"b\"\n</example>\nmodel: "
           "opus\ncolor: red\n---\nbody\n"),
      "recovered, body at 112\n"
      "3:30: warning: the front matter is not valid YAML: a colon at the end of a line in a value without quotes, "
      "which YAML takes for a new mapping. It was read line by line, and the client skips the file, because a value "
      "goes on in lines that are neither indented nor `key: value`. To fix it, put the value in double quotes, or "
      "write `description: |` and indent the text below it [front-matter.unindented]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <Use it. Examples:\n"
      "<example>\n"
      "Context: a\n"
      "user: \"b\"\n"
      "</example>> at 3:14\n"
      "8:1 model = text <opus> at 8:8\n"
      "9:1 color = text <red> at 9:8\n" },
    { "words with a colon only", TEXT("---\nname: a\ndescription: b: c\nuser: d\nContext: e\nmodel: opus\n---\nbody\n"),
      "recovered, body at 65\n"
      "3:15: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <b: c\n"
      "user: d\n"
      "Context: e> at 3:14\n"
      "6:1 model = text <opus> at 6:8\n" },
    { "unknown fields below a value",
      TEXT("---\nname: a: b\nmodel: opus\nversion: 1\nfoo: bar\ncolor: red\n---\nbody\n"),
      "recovered, body at 62\n"
      "2:8: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes [front-matter.recovered]\n"
      "2:1 name = text <a: b> at 2:7\n"
      "3:1 model = text <opus> at 3:8\n"
      "4:1 version = text <1> at 4:10\n"
      "5:1 foo = text <bar> at 5:6\n"
      "6:1 color = text <red> at 6:8\n" },
    { "unknown field below quoted text", TEXT("---\nname: a: b\ndescription: \"done\"\nfoo: bar\n---\nbody\n"),
      "recovered, body at 48\n"
      "2:8: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes [front-matter.recovered]\n"
      "2:1 name = text <a: b> at 2:7\n"
      "3:1 description = quoted text <done> at 3:14\n"
      "4:1 foo = text <bar> at 4:6\n" },
    { "unknown field below a block", TEXT("---\nname: a: b\ndescription: |\n  one\n  two\nfoo: bar\n---\nbody\n"),
      "recovered, body at 55\n"
      "2:8: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes [front-matter.recovered]\n"
      "2:1 name = text <a: b> at 2:7\n"
      "3:1 description = quoted text <one\n"
      "two\n"
      "> at 3:14\n"
      "6:1 foo = text <bar> at 6:6\n" },
    { "continuation with a colon",
      TEXT("---\nname: a\ndescription: one\n  two: three\n    four\nmodel: opus\n---\nbody\n"),
      "recovered, body at 67\n"
      "4:6: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <one\n"
      "two: three\n"
      "  four> at 3:14\n"
      "6:1 model = text <opus> at 6:8\n" },
    { "line without a colon", TEXT("---\nname: a\ndescription: one\ntwo three\nmodel: opus\n---\nbody\n"),
      "recovered, body at 55\n"
      "4:1: warning: the front matter is not valid YAML: a line that is neither indented nor a `key: value`. It was "
      "read line by line, and the client skips the file, because a value goes on in lines that are neither indented "
      "nor `key: value`. To fix it, indent the lines that belong to the value above by two blanks "
      "[front-matter.unindented]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <one\n"
      "two three> at 3:14\n"
      "5:1 model = text <opus> at 5:8\n" },
    { "star", TEXT("---\nname: a\ntools: *\n---\nbody\n"),
      "recovered, body at 25\n"
      "3:8: warning: the front matter is not valid YAML: a value that begins with * and has no quotes. It was read "
      "line by line. To fix it, put the value in double quotes [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 tools = text <*> at 3:8\n" },
    { "bold", TEXT("---\nname: a\ndescription: **Important** words\n---\nbody\n"),
      "recovered, body at 49\n"
      "3:14: warning: the front matter is not valid YAML: a value that begins with * and has no quotes. It was read "
      "line by line. To fix it, put the value in double quotes, or write `description: |` and indent the text below it "
      "[front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <**Important** words> at 3:14\n" },
    { "stars in a list", TEXT("---\ntools:\n  - *\n  - Read\n---\nbody\n"),
      "recovered, body at 30\n"
      "3:5: warning: the front matter is not valid YAML: a value that begins with * and has no quotes. It was read "
      "line by line. To fix it, put the value in double quotes [front-matter.recovered]\n"
      "2:1 tools = list <*> at 3:5 <Read> at 4:5 at 2:7\n" },
    { "at sign", TEXT("---\nname: a\ndescription: @b does\n---\nbody\n"),
      "recovered, body at 37\n"
      "3:14: warning: the front matter is not valid YAML: a value that begins with @, ` or % and has no quotes. It was "
      "read line by line. To fix it, put the value in double quotes, or write `description: |` and indent the text "
      "below it [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <@b does> at 3:14\n" },
    { "backtick", TEXT("---\ndescription: `code` first\nname: a\n---\nbody\n"),
      "recovered, body at 42\n"
      "2:14: warning: the front matter is not valid YAML: a value that begins with @, ` or % and has no quotes. It was "
      "read line by line. To fix it, put the value in double quotes, or write `description: |` and indent the text "
      "below it [front-matter.recovered]\n"
      "2:1 description = text <`code` first> at 2:14\n"
      "3:1 name = text <a> at 3:7\n" },
    { "per cent", TEXT("---\ndescription: %d\nname: a\n---\nbody\n"),
      "recovered, body at 32\n"
      "2:14: warning: the front matter is not valid YAML: a value that begins with @, ` or % and has no quotes. It was "
      "read line by line. To fix it, put the value in double quotes, or write `description: |` and indent the text "
      "below it [front-matter.recovered]\n"
      "2:1 description = text <%d> at 2:14\n"
      "3:1 name = text <a> at 3:7\n" },
    { "quote that nothing closes", TEXT("---\nname: a\ndescription: \"open\nmodel: opus\n---\nbody\n"),
      "recovered, body at 47\n"
      "3:14: warning: the front matter is not valid YAML: a quote that nothing closes. It was read line by line. To "
      "fix it, close the quote, or write '' for a single quote inside single quotes [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <\"open> at 3:14\n"
      "4:1 model = text <opus> at 4:8\n" },
    { "quotes in quotes", TEXT("---\nname: a\ndescription: \"say \"hi\" now\"\n---\nbody\n"),
      "recovered, body at 44\n"
      "3:20: warning: the front matter is not valid YAML: text behind a value that has already ended. It was read line "
      "by line. To fix it, put all of the value in double quotes, with \\\" for each quote inside, or write "
      "`description: |` and indent the text below it [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = quoted text <say \"hi\" now> at 3:14\n" },
    { "single quote in single quotes", TEXT("---\nname: a\ndescription: 'it's here'\n---\nbody\n"),
      "recovered, body at 41\n"
      "3:18: warning: the front matter is not valid YAML: text behind a value that has already ended. It was read line "
      "by line. To fix it, put the value in double quotes, or write `description: |` and indent the text below it "
      "[front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = quoted text <it's here> at 3:14\n" },
    { "text behind quotes", TEXT("---\nname: \"a\" b\nmodel: c\n---\nbody\n"),
      "recovered, body at 29\n"
      "2:11: warning: the front matter is not valid YAML: text behind a value that has already ended. It was read line "
      "by line. To fix it, put all of the value in double quotes, with \\\" for each quote inside "
      "[front-matter.recovered]\n"
      "2:1 name = text <\"a\" b> at 2:7\n"
      "3:1 model = text <c> at 3:8\n" },
    { "unknown escape", TEXT("---\nname: a\ndescription: \"C:\\dir and \\\"x\\\"\"\n---\nbody\n"),
      "recovered, body at 48\n"
      "3:17: warning: the front matter is not valid YAML: a backslash in double quotes that YAML has no meaning for. "
      "It was read line by line. To fix it, write \\\\ for a backslash, or put the value in single quotes "
      "[front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = quoted text <C:\\dir and \"x\"> at 3:14\n" },
    { "two lists on one line", TEXT("---\nname: a\nargument-hint: [x] [y]\n---\nbody\n"),
      "recovered, body at 39\n"
      "3:20: warning: the front matter is not valid YAML: text behind a value that has already ended. It was read line "
      "by line. To fix it, put the value in double quotes, or write `argument-hint: |` and indent the text below it "
      "[front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 argument-hint = text <[x] [y]> at 3:16\n" },
    { "bracket that nothing closes", TEXT("---\nname: a\ntools: [b, c\nmodel: d\n---\nbody\n"),
      "recovered, body at 38\n"
      "3:8: warning: the front matter is not valid YAML: a bracket that nothing closes. It was read line by line. To "
      "fix it, close the bracket, or put the value in double quotes [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 tools = text <[b, c> at 3:8\n"
      "4:1 model = text <d> at 4:8\n" },
    { "list in brackets that is not YAML",
      TEXT("---\nname: a\ntools: [Read, \"Bash(a, b)\", *, Edit(c, d)]\n---\nbody\n"),
      "recovered, body at 59\n"
      "3:29: warning: the front matter is not valid YAML: a value that begins with * and has no quotes. It was read "
      "line by line. To fix it, put all of the value in double quotes, with \\\" for each quote inside "
      "[front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 tools = list <Read> at 3:9 <Bash(a, b)> at 3:15 <*> at 3:29 <Edit(c, d)> at 3:32 at 3:8\n" },
    { "text on the line of a block", TEXT("---\nname: a\ndescription: | one\n  two\n---\nbody\n"),
      "recovered, body at 41\n"
      "3:16: warning: the front matter is not valid YAML: text on the line of | or >. It was read line by line. To fix "
      "it, begin the text on the next line and indent it [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <| one\n"
      "two> at 3:14\n" },
    { "block without indentation", TEXT("---\nname: a\ndescription: |\none: two\nthree four\nmodel: b\n---\nbody\n"),
      "recovered, body at 60\n"
      "5:1: warning: the front matter is not valid YAML: a line that is neither indented nor a `key: value`. It was "
      "read line by line, and the client skips the file, because a value goes on in lines that are neither indented "
      "nor `key: value`. To fix it, indent the lines that belong to the value above by two blanks "
      "[front-matter.unindented]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = quoted text <one: two\n"
      "three four> at 3:14\n"
      "6:1 model = text <b> at 6:8\n" },
    { "folded block without indentation", TEXT("---\nname: a\ndescription: >\none\ntwo\nmodel: b\n---\nbody\n"),
      "recovered, body at 48\n"
      "4:1: warning: the front matter is not valid YAML: a line that is neither indented nor a `key: value`. It was "
      "read line by line, and the client skips the file, because a value goes on in lines that are neither indented "
      "nor `key: value`. To fix it, indent the lines that belong to the value above by two blanks "
      "[front-matter.unindented]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = quoted text <one two> at 3:14\n"
      "6:1 model = text <b> at 6:8\n" },
    { "tab before a key", TEXT("---\nname: a\nhooks:\n\tx: y\n---\nbody\n"),
      "strict, body at 29\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 hooks = nested at 4:2\n" },
    { "tab before an item", TEXT("---\nname: a\ntools:\n\t- b\n\t- c\n---\nbody\n"),
      "strict, body at 33\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 tools = list <b> at 4:4 <c> at 5:4 at 4:2\n" },
    { "indented unlike the others", TEXT("---\ntools:\n    - a\n  - b\nname: c\n---\nbody\n"),
      "recovered, body at 37\n"
      "4:3: warning: the front matter is not valid YAML: a line indented unlike those around it. It was read line by "
      "line. To fix it, indent the lines that belong to the value above by two blanks [front-matter.recovered]\n"
      "2:1 tools = list <a> at 3:7 <b> at 4:5 at 2:7\n"
      "5:1 name = text <c> at 5:7\n" },
    { "dash as a value", TEXT("---\nname: a\ndescription: - b\n---\nbody\n"),
      "recovered, body at 33\n"
      "3:14: warning: the front matter is not valid YAML: a value that begins with a dash. It was read line by line. "
      "To fix it, put the value in double quotes, or write `description: |` and indent the text below it "
      "[front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <- b> at 3:14\n" },
    { "question mark as a value", TEXT("---\nname: a\ndescription: ? b\n---\nbody\n"),
      "recovered, body at 33\n"
      "3:14: warning: the front matter is not valid YAML: a value that begins with a question mark. It was read line "
      "by line. To fix it, put the value in double quotes, or write `description: |` and indent the text below it "
      "[front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <? b> at 3:14\n" },
    { "closing bracket as a value", TEXT("---\nname: a\ndescription: ] b\n---\nbody\n"),
      "recovered, body at 33\n"
      "3:14: warning: the front matter is not valid YAML: a value that begins with a character of YAML's own. It was "
      "read line by line. To fix it, put the value in double quotes, or write `description: |` and indent the text "
      "below it [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <] b> at 3:14\n" },
    { "nested fields are lost",
      TEXT("---\nname: a\ndescription: b: c\nhooks:\n  Stop:\n    - x\nmcpServers:\n  - github\n  - own: {a: "
           "b}\n---\nbody\n"),
      "recovered, body at 96\n"
      "3:15: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.recovered]\n"
      "4:1: warning: hooks is nested, and that is lost when front matter is read line by line; make the front matter "
      "valid YAML to keep it [front-matter.lost-field]\n"
      "7:1: warning: mcpServers is nested, and that is lost when front matter is read line by line; make the front "
      "matter valid YAML to keep it [front-matter.lost-field]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <b: c> at 3:14\n"
      "4:1 hooks = nested at 5:3\n"
      "7:1 mcpServers = nested at 8:3\n" },
    { "a list of servers is kept", TEXT("---\ndescription: b: c\nmcpServers:\n  - github\n---\nbody\n"),
      "recovered, body at 49\n"
      "2:15: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.recovered]\n"
      "2:1 description = text <b: c> at 2:14\n"
      "3:1 mcpServers = list <github> at 4:5 at 4:3\n" },
    { "the last of two counts", TEXT("---\nname: a\nname: b\ndescription: c: d\n---\nbody\n"),
      "recovered, body at 42\n"
      "4:15: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.recovered]\n"
      "2:1: warning: name is given more than once; only the last one, on line 3, counts [front-matter.duplicate-key]\n"
      "3:1 name = text <b> at 3:7\n"
      "4:1 description = text <c: d> at 4:14\n" },
    { "CRLF", TEXT("---\r\nname: a\r\ndescription: b: c\r\n  d\r\nmodel: e\r\n---\r\nbody\r\n"),
      "recovered, body at 53\n"
      "3:15: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.recovered]\n"
      "1:4: warning: the client skips a file whose front matter is not valid YAML and has CRLF line ends, as this one "
      "does; fix the YAML, or save the file with LF line ends [front-matter.crlf]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <b: c\n"
      "d> at 3:14\n"
      "5:1 model = text <e> at 5:8\n" },
    { "lone CR", TEXT("---\rname: a\rdescription: b: c\r  d\rmodel: e\r---\rbody\r"),
      "recovered, body at 47\n"
      "3:15: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <b: c\n"
      "d> at 3:14\n"
      "5:1 model = text <e> at 5:8\n" },
    { "control character", TEXT("---\nname: a\001b\nmodel: c\n---\nbody\n"),
      "recovered, body at 27\n"
      "2:8: warning: the front matter is not valid YAML: a control character. It was read line by line. To fix it, "
      "delete it or save the file as UTF-8 [front-matter.recovered]\n"
      "2:1 name = text <a\001b> at 2:7\n"
      "3:1 model = text <c> at 3:8\n" },
    { "NUL", TEXT("---\nname: a\000b\nmodel: c\n---\nbody\n"),
      "recovered, body at 27\n"
      "2:8: warning: the front matter is not valid YAML: a control character. It was read line by line. To fix it, "
      "delete it or save the file as UTF-8 [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 model = text <c> at 3:8\n" },
    { "second document", TEXT("---\nname: a\n...\nmodel: b\n---\nbody\n"),
      "recovered, body at 29\n"
      "4:1: warning: the front matter is not valid YAML: text behind the end of the YAML. It was read line by line, "
      "and the client skips the file, because a value goes on in lines that are neither indented nor `key: value`. To "
      "fix it, keep the front matter to one list of `key: value` lines [front-matter.unindented]\n"
      "2:1 name = text <a> at 2:7\n"
      "4:1 model = text <b> at 4:8\n" },
    { "document mark", TEXT("---\nname: a\n--- x\nmodel: b\n---\nbody\n"),
      "recovered, body at 31\n"
      "3:1: warning: the front matter is not valid YAML: a second YAML document. It was read line by line, and the "
      "client skips the file, because a value goes on in lines that are neither indented nor `key: value`. To fix it, "
      "keep the front matter to one list of `key: value` lines [front-matter.unindented]\n"
      "2:1 name = text <a\n"
      "--- x> at 2:7\n"
      "4:1 model = text <b> at 4:8\n" },
    { "directive", TEXT("---\n%YAML 1.1\nname: a\n---\nbody\n"),
      "recovered, body at 26\n"
      "3:1: warning: the front matter is not valid YAML: text behind the end of the YAML. It was read line by line. To "
      "fix it, keep the front matter to one list of `key: value` lines [front-matter.recovered]\n"
      "3:1 name = text <a> at 3:7\n" },
    { "key that is a list", TEXT("---\n? [a]\n: b\nname: c\n---\nbody\n"),
      "strict, body at 26\n"
      "4:1 name = text <c> at 4:7\n" },
    { "alias that is broken all the same", TEXT("---\nname: a\ndescription: *Important thing\n---\nbody\n"),
      "recovered, body at 46\n"
      "3:14: warning: the front matter is not valid YAML: a value that begins with * and has no quotes. It was read "
      "line by line. To fix it, put the value in double quotes [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 description = text <*Important thing> at 3:14\n" },
    { "alias of nothing", TEXT("---\nname: a\ntools: *all\n---\nbody\n"),
      "recovered, body at 28\n"
      "3:8: warning: the front matter is not valid YAML: a value that begins with * and has no quotes. It was read "
      "line "
      "by line. To fix it, put the value in double quotes [front-matter.recovered]\n"
      "2:1 name = text <a> at 2:7\n"
      "3:1 tools = text <*all> at 3:8\n" },
    { "comment in a field", TEXT("---\ndescription: a: b\n# note\n  c\nname: d\n---\nbody\n"),
      "recovered, body at 45\n"
      "2:15: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.recovered]\n"
      "2:1 description = text <a: b\n"
      "c> at 2:14\n"
      "5:1 name = text <d> at 5:7\n" },
    { "key without a blank", TEXT("---\nname: a: b\nmodel:c\ncolor: red\n---\nbody\n"),
      "recovered, body at 38\n"
      "2:8: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line, and the client skips the file, because a value goes on in lines that are "
      "neither indented nor `key: value`. To fix it, put the value in double quotes [front-matter.unindented]\n"
      "2:1 name = text <a: b\n"
      "model:c> at 2:7\n"
      "4:1 color = text <red> at 4:8\n" },
    { "no known field", TEXT("---\nfoo: a: b\n---\nbody\n"),
      "none, body at 0\n"
      "2:7: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. Read line by line it holds no known field, so it is kept as text. To fix it, put the value in "
      "double quotes, or write `key: |` and indent the text below it [front-matter.invalid]\n" },
    { "text", TEXT("---\njust text\n---\nbody\n"),
      "none, body at 0\n"
      "2:1: warning: the front matter is not valid YAML: text that is no `key: value`. Read line by line it holds no "
      "known field, so it is kept as text. To fix it, write one `key: value` on each line "
      "[front-matter.invalid]\n" },
    { "list", TEXT("---\n- a\n- b\n---\nbody\n"),
      "none, body at 0\n"
      "2:1: warning: the front matter is not valid YAML: text that is no `key: value`. Read line by line it holds no "
      "known field, so it is kept as text. To fix it, write one `key: value` on each line "
      "[front-matter.invalid]\n" },
};

/* ---- not YAML, with --strict ---- */

static const struct example rejections[] = {
    { "colon in a plain value", TEXT("---\nname: a\ndescription: Use when: always\nmodel: opus\n---\nbody\n"),
      "none, body at 58\n"
      "3:22: finding: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping; no field of it is read. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.invalid]\n" },
    { "line without a colon", TEXT("---\nname: a\ndescription: one\ntwo three\nmodel: opus\n---\nbody\n"),
      "none, body at 55\n"
      "4:1: finding: the front matter is not valid YAML: a line that is neither indented nor a `key: value`; no field "
      "of it is read. To fix it, indent the lines that belong to the value above by two blanks "
      "[front-matter.invalid]\n" },
    { "quote that nothing closes", TEXT("---\nname: a\ndescription: \"open\nmodel: opus\n---\nbody\n"),
      "none, body at 47\n"
      "3:14: finding: the front matter is not valid YAML: a quote that nothing closes; no field of it is read. To fix "
      "it, close the quote, or write '' for a single quote inside single quotes [front-matter.invalid]\n" },
    { "CRLF", TEXT("---\r\nname: a\r\ndescription: b: c\r\n  d\r\nmodel: e\r\n---\r\nbody\r\n"),
      "none, body at 53\n"
      "3:15: finding: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping; no field of it is read. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.invalid]\n" },
    { "second document", TEXT("---\nname: a\n...\nmodel: b\n---\nbody\n"),
      "none, body at 29\n"
      "4:1: finding: the front matter is not valid YAML: text behind the end of the YAML; no field of it is read. To "
      "fix it, keep the front matter to one list of `key: value` lines [front-matter.invalid]\n" },
    { "no known field", TEXT("---\nfoo: a: b\n---\nbody\n"),
      "none, body at 18\n"
      "2:7: finding: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping; no field of it is read. To fix it, put the value in double quotes, or write `key: |` and indent the "
      "text below it [front-matter.invalid]\n" },
    { "YAML is read as ever", TEXT("---\nname: a\n---\nbody\n"),
      "strict, body at 16\n"
      "2:1 name = text <a> at 2:7\n" },
    { "anchor", TEXT("---\nname: &x a\n---\nbody\n"),
      "none, body at 19\n"
      "2:7: finding: the front matter has an anchor (&name), so no field of it is read; write the value out, or put it "
      "in double quotes if it is text [front-matter.refused]\n" },
    { "long fence", TEXT("---\nname: a: b\n----\nbody\n\n---\n"),
      "none, body at 20\n"
      "3:1: warning: this line is taken for the end of the front matter, but has more than three dashes; write --- and "
      "nothing else [front-matter.long-fence]\n"
      "2:8: finding: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping; no field of it is read. To fix it, put the value in double quotes [front-matter.invalid]\n" },
};

/* ---- with quotes around values --------------------------------------------------------------------------------- */

#define READ_AGAIN                                                                                                     \
    ". The client reads it a second time, with quotes around the values, so its fields count; for other tools, "
#define IN_QUOTES "put the value in double quotes [rules.recovered]\n"
#define NO_FIELD "no field of it is read. To fix it, "

static const struct example quotes[] = {
    { "nothing to do", TEXT("---\npaths: a\n---\n"), "strict, body at 17\n2:1 paths = text <a> at 2:8\n" },
    { "a star", TEXT("---\npaths: *.md\n---\n"),
      "recovered, body at 20\n"
      "2:8: note: the front matter is not valid YAML: a value that begins with * and has no quotes" READ_AGAIN IN_QUOTES
      "2:1 paths = quoted text <*.md> at 2:8\n" },
    { "a line that quotes do not help", TEXT("---\nx: \\*\"\n\t*a: b\npaths:\n\t- a\n\t- \"b\"\n---\n"),
      "none, body at 41\n"
      "3:1: finding: the front matter is not valid YAML: a tab where YAML wants blanks; " NO_FIELD
      "indent with blanks [front-matter.invalid]\n" },
    { "a list below", TEXT("---\nx: [a\ny: say \"b: c\"\npaths:\n\t- a\n\t- \"b\"\n---\n"),
      "recovered, body at 47\n"
      "2:4: note: the front matter is not valid YAML: a bracket that nothing closes" READ_AGAIN
      "close the bracket, or " IN_QUOTES "2:1 x = quoted text <[a> at 2:4\n"
      "3:1 y = quoted text <say \"b: c\"> at 3:4\n"
      "4:1 paths = list <a> at 5:4 <b> at 6:4 at 5:2\n" },
    { "a list on its line", TEXT("---\nx: a: b\npaths: [a, \"b\"]\ny: [a]b\n---\n"),
      "recovered, body at 40\n"
      "2:5: note: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping" READ_AGAIN
      "put the value in double quotes, or write `key: |` and indent the text below it [rules.recovered]\n"
      "2:1 x = quoted text <a: b> at 2:4\n"
      "3:1 paths = list <a> at 3:9 <b> at 3:12 at 3:8\n"
      "4:1 y = quoted text <[a]b> at 4:4\n" },
    { "a tag", TEXT("---\npaths:\n  - a\n  - !b\n---\n"),
      "strict, body at 28\n"
      "4:5: warning: the front matter has a tag (!name), and the client reads the value without it; write the value "
      "out, or put it in double quotes if it is text [front-matter.refused]\n"
      "2:1 paths = list <a> at 3:5 <> at 4:5 at 3:3\n" },
    { "CRLF", TEXT("---\r\npaths: *.md\r\n---\r\n"),
      "none, body at 23\n"
      "2:8: finding: the front matter is not valid YAML: a value that begins with * and has no quotes; " NO_FIELD
      "put the value in double quotes [front-matter.invalid]\n" },
    { "an item", TEXT("---\npaths:\n  - *.md\n---\n"),
      "none, body at 24\n"
      "3:5: finding: the front matter is not valid YAML: a value that begins with * and has no quotes; " NO_FIELD
      "put the value in double quotes [front-matter.invalid]\n" },
};

/* ---- limits ---------------------------------------------------------------------------------------------------- */

/* A text of front matter that is made of the same piece over and over. */
static sp_str repeated(sp_buf *buf, const char *head, const char *piece, size_t count, const char *tail)
{
    sp_buf_format(buf, "---\n%s", head);
    for (size_t i = 0; i < count; i++)
        sp_buf_format(buf, "%s", piece);
    sp_buf_format(buf, "%s\n---\nbody\n", tail);
    return sp_buf_str(buf);
}

/* Compares how the listing begins, without the body's place, which is known; and takes the time. */
static void check_limit(const char *head, const char *piece, size_t count, const char *tail, const char *begin)
{
    sp_buf text = { 0 }, out = { 0 }, wanted = { 0 };
    clock_t started = clock();
    list(&out, repeated(&text, head, piece, count, tail), SP_FRONT_MATTER_RECOVER);
    double seconds = (double)(clock() - started) / CLOCKS_PER_SEC;
    const char *details = strchr(begin, '\n');
    sp_buf_format(&wanted, "%.*s, body at %zu%s", (int)(details - begin), begin, text.len - strlen("body\n"), details);
    sp_buf_add_char(&wanted, '\0');
    assert_true(out.len >= wanted.len);
    out.ptr[wanted.len - 1] = '\0';
    assert_string_equal(out.ptr, wanted.ptr);
    assert_true(seconds < 2.0); /* libyaml alone takes four for 64 KiB of "[", and more under a sanitizer */
    sp_buf_release(&text);
    sp_buf_release(&out);
    sp_buf_release(&wanted);
}

#define TOO_DEEP                                                                                                       \
    "finding: the front matter has lists or mappings nested too deeply, so no field of it is read; keep it to 64 "     \
    "levels [front-matter.max-depth]\n"

static void test_depth(void **state)
{
    (void)state;
    check_limit("a: ", "[", 63, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
                "strict\n2:1 a = nested at 2:4\n");
    check_limit("a: ", "[", 64, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
                "none\n2:67: " TOO_DEEP);
    check_limit("a: ", "[", 65532, "", "none\n2:67: " TOO_DEEP);
    check_limit("a: ", "{a: ", 16000, "", "none\n2:256: " TOO_DEEP);
    check_limit("a:\n", "- ", 32000, "", "none\n3:127: " TOO_DEEP);
    check_limit("a:\n  b:\n    ", "? ", 32000, "", "none\n4:129: " TOO_DEEP);
    check_limit(
        "name: x: y\nhooks: ", "[", 60000, "",
        "recovered\n"
        "2:8: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a "
        "new mapping. It was read line by line. To fix it, put the value in double quotes [front-matter.recovered]\n"
        "3:1: warning: hooks is nested");
}

static void test_size(void **state)
{
    (void)state;
    check_limit("a: ", "x", 65532, "", "strict\n2:1 a = text <xxx");
    check_limit(
        "a: ", "x", 65533, "",
        "none\n"
        "1:1: finding: the front matter has 65,537 bytes, more than the 65,536 that are read, so no field of it is "
        "read; move text into the body [front-matter.max-bytes]\n");
}

#define TOO_MANY                                                                                                       \
    "finding: the front matter has too many fields, so no field of it is read; keep it to 1000 "                       \
    "[front-matter.max-keys]\n"

static void test_many(void **state)
{
    (void)state;
    check_limit("", "a:\n", 1001, "", "none\n1002:1: " TOO_MANY);
    check_limit("", "name: a: b\n", 1001, "", "none\n1002:1: " TOO_MANY);
    check_limit(
        "", "name: a: b\n", 1000, "",
        "recovered\n"
        "2:8: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a "
        "new mapping. It was read line by line. To fix it, put the value in double quotes [front-matter.recovered]\n"
        "2:1: warning: name is given more than once; only the last one, on line 1001, counts");
    check_limit("name: a: b\n", "-----\n", 10000, "name: c", "recovered\n");
    check_limit("description: ", "\"", 60000, "", "recovered\n");
    check_limit("description: a: b\n", "x\n", 30000, "", "recovered\n");
}

/* ---- find ----------------------------------------------------------------------------------------------------------
 */

static void test_find(void **state)
{
    (void)state;
    sp_arena arena = { 0 };
    sp_diags diags = { .arena = &arena };
    sp_profile profile;
    sp_front_matter front_matter;
    sp_err err;
    assert_int_equal(sp_profile_init(&profile, SP_STR("claude-code:documented"), &err), SP_OK);
    assert_int_equal(sp_front_matter_read(&arena, &profile, SP_STR("a.md"), SP_STR("---\nname: a\nmodel: b\n---\n"),
                                          SP_FRONT_MATTER_RECOVER, &diags, &front_matter, &err),
                     SP_OK);
    assert_ptr_equal(sp_front_matter_find(&front_matter, "model"), &front_matter.fields[1]);
    assert_null(sp_front_matter_find(&front_matter, "Model"));
    assert_null(sp_front_matter_find(&front_matter, "tools"));
    assert_int_equal(diags.count, 0);
    sp_arena_release(&arena);
}

static void test_fences(void **state)
{
    (void)state;
    check(fences, SP_COUNT_OF(fences), SP_FRONT_MATTER_RECOVER);
}

static void test_values(void **state)
{
    (void)state;
    check(values, SP_COUNT_OF(values), SP_FRONT_MATTER_RECOVER);
    check(values, SP_COUNT_OF(values), SP_FRONT_MATTER_STRICT_ONLY);
}

static void test_refusals(void **state)
{
    (void)state;
    check(refusals, SP_COUNT_OF(refusals), SP_FRONT_MATTER_RECOVER);
    check(refusals, SP_COUNT_OF(refusals), SP_FRONT_MATTER_STRICT_ONLY);
}

static void test_recoveries(void **state)
{
    (void)state;
    check(recoveries, SP_COUNT_OF(recoveries), SP_FRONT_MATTER_RECOVER);
}

static void test_quotes(void **state)
{
    (void)state;
    check(quotes, SP_COUNT_OF(quotes), SP_FRONT_MATTER_QUOTE);
}

static void test_rejections(void **state)
{
    (void)state;
    check(rejections, SP_COUNT_OF(rejections), SP_FRONT_MATTER_STRICT_ONLY);
}

/* Every character of a text, forwards, backwards and in leaps, whatever its neighbours take. */
static void test_places_of_marks(void **state)
{
    (void)state;
    static const char *const characters[] = {
        "a", "b", "c", "d", "e", "\n", "\xC3\xA9", "\xE2\x80\x94", "\xF0\x9F\x9A\x80"
    };
    enum { CHARACTERS = 500 };
    size_t offsets[CHARACTERS + 1];
    uint32_t random = 1;
    sp_buf buf = { 0 };
    for (size_t i = 0; i < CHARACTERS; i++) {
        random = random * 1664525 + 1013904223;
        size_t among = i % 100 < 50 ? 6 : SP_COUNT_OF(characters);
        offsets[i] = buf.len;
        sp_buf_add(&buf, sp_str_of(characters[(random >> 16) % among]));
    }
    offsets[CHARACTERS] = buf.len;
    sp_yaml_marks marks = { .text = sp_buf_str(&buf), .end = buf.len };
    for (size_t step = 1; step < CHARACTERS; step++)
        for (size_t i = 0, index = 0; i < CHARACTERS; i++, index = (index + step) % (CHARACTERS + 1))
            assert_int_equal(sp_yaml_offset(&marks, index), offsets[index]);
    sp_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fences),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_recoveries),
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_rejections),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_places_of_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
