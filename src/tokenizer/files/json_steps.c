/*
 * json_steps.c - what a tokenizer.json does with a text before the model, and with tokens after it: a table for each
 * of normalizers, pre-tokenizers and decoders, a row for each type there is. A type without a row is an error.
 */
#include "base/types.h"
#include "tokenizer/files/json.h"

/* One component on its way: where it stands in the file, and in the tree. */
typedef struct step {
    sp_json_reader *json;
    const sp_json_node *node;
    const char *where; /* JSON Pointer */
} step;

typedef sp_list(sp_normalizer) normalizers;
typedef sp_list(sp_cutter) cutters;
typedef sp_list(sp_decoder) decoders;

/* What the steps are put into. */
typedef struct lists {
    normalizers normalizers;
    cutters cutters;
    decoders decoders;
} lists;

typedef struct row {
    const char *type;
    sp_status (*read)(const step *s, lists *out, int argument);
    int argument;
} row;

static const char mark[] = "\xE2\x96\x81";

/* ---- values ------------------------------------------------------------------------------------------------------ */

static sp_status wrong(const step *s, const sp_json_node *node, const char *key, const char *expected)
{
    return sp_json_fail(s->json, node->offset, "%s/%s: expected %s, not %s", s->where, key, expected,
                        sp_json_kind_name(node->kind));
}

static sp_status take_bool(const step *s, const char *key, bool missing, bool *ret)
{
    const sp_json_node *node = sp_json_member(s->node, key);
    *ret = missing;
    if (!node || node->kind == SP_JSON_NULL)
        return SP_OK;
    *ret = node->is_true;
    return node->kind == SP_JSON_BOOL ? SP_OK : wrong(s, node, key, "true or false");
}

static sp_status take_text(const step *s, const char *key, const char *missing, sp_str *ret)
{
    const sp_json_node *node = sp_json_member(s->node, key);
    if (!node && !missing)
        return sp_json_fail(s->json, s->node->offset, "%s: needs a text \"%s\"", s->where, key);
    if (node && node->kind != SP_JSON_TEXT)
        return wrong(s, node, key, "a text");
    *ret = sp_json_keep(s->json, node ? node->text : sp_str_of(missing));
    return ret->ptr ? SP_OK : sp_err_memory(s->json->err);
}

static sp_status take_regex(const step *s, const sp_json_node *node, sp_regex **ret)
{
    sp_err why;
    sp_status status = sp_regex_new(node->text, SP_REGEX_ONIGURUMA, ret, &why);
    if (status == SP_ERR_NO_MEMORY)
        return sp_err_memory(s->json->err);
    return status == SP_OK ? SP_OK : sp_json_fail(s->json, node->offset, "%s/pattern/Regex: %s", s->where, why.message);
}

/* {"String": ...} or {"Regex": ...}; the text of either. */
static sp_status take_pattern(const step *s, sp_str *ret_text, const sp_json_node **ret_regex)
{
    const sp_json_node *pattern = sp_json_member(s->node, "pattern");
    const sp_json_node *text = sp_json_member(pattern, "String"), *regex = sp_json_member(pattern, "Regex");
    const sp_json_node *either = text ? text : regex;
    if (!either || either->kind != SP_JSON_TEXT)
        return sp_json_fail(s->json, pattern ? pattern->offset : s->node->offset,
                            "%s: needs a \"pattern\", which is {\"String\": text} or {\"Regex\": text}", s->where);
    *ret_text = sp_json_keep(s->json, either->text);
    *ret_regex = text ? NULL : regex;
    return ret_text->ptr ? SP_OK : sp_err_memory(s->json->err);
}

/* ---- normalizers ----------------------------------------------------------------------------------------------- */

static sp_status push_normalizer(const step *s, lists *out, sp_normalizer n)
{
    sp_normalizer *added = SP_LIST_PUSH(&s->json->tokenizer->arena, &out->normalizers);
    if (!added) {
        sp_regex_free(n.regex);
        return sp_err_memory(s->json->err);
    }
    *added = n;
    return SP_OK;
}

static sp_status read_plain(const step *s, lists *out, int kind)
{
    return push_normalizer(s, out, (sp_normalizer){ .kind = (sp_normalizer_kind)kind });
}

static sp_status read_strip(const step *s, lists *out, int kind)
{
    sp_normalizer n = { .kind = (sp_normalizer_kind)kind };
    SP_TRY(take_bool(s, "strip_left", true, &n.left));
    SP_TRY(take_bool(s, "strip_right", true, &n.right));
    return push_normalizer(s, out, n);
}

static sp_status read_prepend(const step *s, lists *out, int kind)
{
    sp_normalizer n = { .kind = (sp_normalizer_kind)kind };
    SP_TRY(take_text(s, "prepend", NULL, &n.with));
    return push_normalizer(s, out, n);
}

static sp_status read_replace(const step *s, lists *out, int kind)
{
    sp_normalizer n = { .kind = (sp_normalizer_kind)kind };
    const sp_json_node *regex = NULL;
    SP_TRY(take_text(s, "content", NULL, &n.with));
    SP_TRY(take_pattern(s, &n.what, &regex));
    if (regex)
        SP_TRY(take_regex(s, regex, &n.regex));
    return push_normalizer(s, out, n);
}

static sp_status read_charsmap(const step *s, lists *out, int kind)
{
    static const char key[] = "precompiled_charsmap";
    const sp_json_node *node = sp_json_member(s->node, key);
    sp_normalizer n = { .kind = (sp_normalizer_kind)kind };
    sp_err why;
    if (!node || node->kind != SP_JSON_TEXT)
        return sp_json_fail(s->json, node ? node->offset : s->node->offset, "%s: needs a text \"%s\"", s->where, key);
    sp_status status = sp_charsmap_read(&s->json->tokenizer->arena, node->text, &n.charsmap, &why);
    if (status == SP_ERR_NO_MEMORY)
        return sp_err_memory(s->json->err);
    return status == SP_OK
               ? push_normalizer(s, out, n)
               : sp_json_fail(s->json, sp_json_member(s->node, key)->offset, "%s/%s: %s", s->where, key, why.message);
}

static sp_status read_bert(const step *s, lists *out, int argument)
{
    bool cleans, parts, lowers, strips;
    (void)argument;
    SP_TRY(take_bool(s, "clean_text", true, &cleans));
    SP_TRY(take_bool(s, "handle_chinese_chars", true, &parts));
    SP_TRY(take_bool(s, "lowercase", true, &lowers));
    SP_TRY(take_bool(s, "strip_accents", lowers, &strips));
    if (cleans)
        SP_TRY(read_plain(s, out, SP_NORMALIZE_CLEAN));
    if (parts)
        SP_TRY(read_plain(s, out, SP_NORMALIZE_HAN));
    if (strips)
        SP_TRY(read_plain(s, out, SP_NORMALIZE_NFD));
    if (strips)
        SP_TRY(read_plain(s, out, SP_NORMALIZE_STRIP_NONSPACING));
    return lowers ? read_plain(s, out, SP_NORMALIZE_LOWERCASE) : SP_OK;
}

static const row normalizer_rows[] = {
    { "NFC", read_plain, SP_NORMALIZE_NFC },
    { "NFD", read_plain, SP_NORMALIZE_NFD },
    { "NFKC", read_plain, SP_NORMALIZE_NFKC },
    { "NFKD", read_plain, SP_NORMALIZE_NFKD },
    { "Lowercase", read_plain, SP_NORMALIZE_LOWERCASE },
    { "StripAccents", read_plain, SP_NORMALIZE_STRIP_ACCENTS },
    { "Strip", read_strip, SP_NORMALIZE_STRIP },
    { "Prepend", read_prepend, SP_NORMALIZE_PREPEND },
    { "Replace", read_replace, SP_NORMALIZE_REPLACE },
    { "BertNormalizer", read_bert, 0 },
    { "Precompiled", read_charsmap, SP_NORMALIZE_CHARSMAP },
};

/* ---- pre-tokenizers --------------------------------------------------------------------------------------------- */

static sp_status push_cutter(const step *s, lists *out, sp_cutter c)
{
    sp_cutter *added = SP_LIST_PUSH(&s->json->tokenizer->arena, &out->cutters);
    if (!added) {
        sp_regex_free(c.regex);
        return sp_err_memory(s->json->err);
    }
    *added = c;
    return SP_OK;
}

static sp_status take_behavior(const step *s, sp_cutter_behavior missing, sp_cutter_behavior *ret)
{
    static const char *const names[] = { [SP_CUT_ISOLATED] = "Isolated",
                                         [SP_CUT_REMOVED] = "Removed",
                                         [SP_CUT_WITH_PREVIOUS] = "MergedWithPrevious",
                                         [SP_CUT_WITH_NEXT] = "MergedWithNext",
                                         [SP_CUT_CONTIGUOUS] = "Contiguous" };
    const sp_json_node *node = sp_json_member(s->node, "behavior");
    *ret = missing;
    if (!node)
        return SP_OK;
    for (size_t i = 0; i < SP_COUNT_OF(names); i++)
        if (node->kind == SP_JSON_TEXT && sp_str_eq(node->text, sp_str_of(names[i]))) {
            *ret = (sp_cutter_behavior)i;
            return SP_OK;
        }
    return sp_json_fail(s->json, node->offset,
                        "%s/behavior: expected Isolated, Removed, MergedWithPrevious, MergedWithNext or Contiguous",
                        s->where);
}

static sp_status read_split(const step *s, lists *out, int argument)
{
    sp_cutter c = { .kind = SP_CUT_TEXT };
    const sp_json_node *regex = NULL;
    (void)argument;
    SP_TRY(take_behavior(s, SP_CUT_ISOLATED, &c.behavior));
    SP_TRY(take_bool(s, "invert", false, &c.inverts));
    SP_TRY(take_pattern(s, &c.text, &regex));
    if (!regex)
        return push_cutter(s, out, c);
    /* Such a pattern leaves nothing between its matches, so these are the pieces either way. */
    bool is_all = c.behavior == SP_CUT_ISOLATED || (c.behavior == SP_CUT_REMOVED && c.inverts);
    if (is_all && sp_pattern_find_text(c.text, &c.rules)) {
        c.kind = SP_CUT_RULES;
        c.behavior = SP_CUT_ISOLATED;
        c.inverts = false;
        return push_cutter(s, out, c);
    }
    c.kind = SP_CUT_REGEX;
    c.is_local = sp_pattern_cuts_at_blanks(c.text);
    SP_TRY(take_regex(s, regex, &c.regex));
    return push_cutter(s, out, c);
}

static sp_status read_byte_level(const step *s, lists *out, int argument)
{
    bool adds_blank, cuts;
    (void)argument;
    SP_TRY(take_bool(s, "add_prefix_space", true, &adds_blank));
    SP_TRY(take_bool(s, "use_regex", true, &cuts));
    s->json->is_byte_level = true;
    if (adds_blank)
        SP_TRY(push_cutter(s, out, (sp_cutter){ .kind = SP_CUT_BLANK_BEFORE }));
    return cuts ? push_cutter(s, out, (sp_cutter){ .kind = SP_CUT_RULES, .rules = { SP_PATTERN_R50K, 0, true, false } })
                : SP_OK;
}

static sp_status read_digits(const step *s, lists *out, int argument)
{
    bool each;
    (void)argument;
    SP_TRY(take_bool(s, "individual_digits", false, &each));
    return push_cutter(s, out, (sp_cutter){ .kind = each ? SP_CUT_CHARS : SP_CUT_RUNS, .is_in = sp_char_is_number });
}

static sp_status read_punctuation(const step *s, lists *out, int argument)
{
    sp_cutter c = { .kind = SP_CUT_CHARS, .is_in = sp_char_is_punctuation };
    (void)argument;
    SP_TRY(take_behavior(s, SP_CUT_ISOLATED, &c.behavior));
    return push_cutter(s, out, c);
}

static sp_status read_whitespace(const step *s, lists *out, int argument)
{
    (void)argument;
    return push_cutter(s, out,
                       (sp_cutter){ .kind = SP_CUT_RUNS,
                                    .behavior = SP_CUT_REMOVED,
                                    .inverts = true,
                                    .is_in = sp_char_is_word,
                                    .is_in2 = sp_char_is_not_word });
}

static sp_status read_spaces(const step *s, lists *out, int argument)
{
    (void)argument;
    return push_cutter(s, out,
                       (sp_cutter){ .kind = SP_CUT_CHARS, .behavior = SP_CUT_REMOVED, .is_in = sp_char_is_space });
}

static sp_status read_bert_cutter(const step *s, lists *out, int argument)
{
    SP_TRY(read_spaces(s, out, argument));
    return push_cutter(s, out, (sp_cutter){ .kind = SP_CUT_CHARS, .is_in = sp_char_is_punctuation });
}

static sp_status read_delimiter(const step *s, lists *out, int argument)
{
    sp_cutter c = { .kind = SP_CUT_TEXT, .behavior = SP_CUT_REMOVED };
    (void)argument;
    SP_TRY(take_text(s, "delimiter", NULL, &c.text));
    return push_cutter(s, out, c);
}

/* "prepend_scheme", or as older files have it "add_prefix_space". */
static sp_status take_prepend(const step *s, sp_prepend *ret)
{
    static const char *const names[] = {
        [SP_PREPEND_NEVER] = "never", [SP_PREPEND_FIRST] = "first", [SP_PREPEND_ALWAYS] = "always"
    };
    const sp_json_node *node = sp_json_member(s->node, "prepend_scheme");
    bool adds;
    SP_TRY(take_bool(s, "add_prefix_space", true, &adds));
    *ret = adds ? SP_PREPEND_ALWAYS : SP_PREPEND_NEVER;
    if (!node)
        return SP_OK;
    for (size_t i = 0; i < SP_COUNT_OF(names); i++)
        if (sp_str_eq(node->text, sp_str_of(names[i]))) {
            *ret = (sp_prepend)i;
            return SP_OK;
        }
    return sp_json_fail(s->json, node->offset, "%s/prepend_scheme: expected always, first or never", s->where);
}

static sp_status read_metaspace(const step *s, lists *out, int argument)
{
    sp_cutter c = { .kind = SP_CUT_METASPACE, .behavior = SP_CUT_WITH_NEXT };
    (void)argument;
    SP_TRY(take_text(s, "replacement", mark, &c.text));
    if (!sp_str_eq(c.text, sp_str_of(mark)))
        return sp_json_fail(s->json, s->node->offset, "%s/replacement: only U+2581 is supported", s->where);
    SP_TRY(take_prepend(s, &c.prepend));
    SP_TRY(take_bool(s, "split", true, &c.splits));
    return push_cutter(s, out, c);
}

static const row cutter_rows[] = {
    { "ByteLevel", read_byte_level, 0 },
    { "Split", read_split, 0 },
    { "Digits", read_digits, 0 },
    { "Punctuation", read_punctuation, 0 },
    { "Whitespace", read_whitespace, 0 },
    { "WhitespaceSplit", read_spaces, 0 },
    { "BertPreTokenizer", read_bert_cutter, 0 },
    { "CharDelimiterSplit", read_delimiter, 0 },
    { "Metaspace", read_metaspace, 0 },
};

/* ---- decoders ---------------------------------------------------------------------------------------------------- */

static sp_status push_decoder(const step *s, lists *out, sp_decoder d)
{
    sp_decoder *added = SP_LIST_PUSH(&s->json->tokenizer->arena, &out->decoders);
    if (!added)
        return sp_err_memory(s->json->err);
    *added = d;
    return SP_OK;
}

static sp_status read_nothing(const step *s, lists *out, int argument)
{
    (void)s;
    (void)out;
    (void)argument;
    return SP_OK;
}

static sp_status read_replace_decoder(const step *s, lists *out, int argument)
{
    sp_decoder d = { .kind = SP_DECODE_REPLACE };
    const sp_json_node *regex = NULL;
    (void)argument;
    SP_TRY(take_text(s, "content", NULL, &d.with));
    SP_TRY(take_pattern(s, &d.what, &regex));
    if (regex)
        return sp_json_fail(s->json, regex->offset, "%s/pattern/Regex: is not supported in a decoder", s->where);
    return push_decoder(s, out, d);
}

static sp_status read_byte_decoder(const step *s, lists *out, int argument)
{
    (void)argument;
    return push_decoder(s, out, (sp_decoder){ .kind = SP_DECODE_BYTES });
}

static sp_status read_strip_decoder(const step *s, lists *out, int argument)
{
    sp_decoder d = { .kind = SP_DECODE_STRIP };
    const sp_json_node *start = sp_json_member(s->node, "start"), *stop = sp_json_member(s->node, "stop");
    (void)argument;
    SP_TRY(take_text(s, "content", " ", &d.what));
    if (stop && !sp_str_eq(stop->text, SP_STR("0")))
        return sp_json_fail(s->json, stop->offset, "%s/stop: only 0 is supported", s->where);
    for (size_t i = 0; start && i < start->text.len && i < 6; i++)
        d.times = d.times * 10 + (size_t)(start->text.ptr[i] - '0');
    return push_decoder(s, out, d);
}

static sp_status read_metaspace_decoder(const step *s, lists *out, int argument)
{
    sp_prepend prepend;
    (void)argument;
    SP_TRY(take_prepend(s, &prepend));
    SP_TRY(push_decoder(s, out, (sp_decoder){ SP_DECODE_REPLACE, sp_str_of(mark), SP_STR(" "), 0 }));
    return prepend == SP_PREPEND_NEVER
               ? SP_OK
               : push_decoder(s, out, (sp_decoder){ .kind = SP_DECODE_STRIP, .what = SP_STR(" "), .times = 1 });
}

static sp_status read_wordpiece_decoder(const step *s, lists *out, int argument)
{
    sp_decoder d = { .kind = SP_DECODE_WORDPIECE };
    (void)argument;
    SP_TRY(take_text(s, "prefix", "##", &d.what));
    return push_decoder(s, out, d);
}

static sp_status read_suffix_decoder(const step *s, lists *out, int argument)
{
    sp_decoder d = { .kind = SP_DECODE_SUFFIX };
    (void)argument;
    SP_TRY(take_text(s, "suffix", "</w>", &d.what));
    return push_decoder(s, out, d);
}

static const row decoder_rows[] = {
    { "ByteLevel", read_nothing, 0 },           { "Fuse", read_nothing, 0 },
    { "Replace", read_replace_decoder, 0 },     { "ByteFallback", read_byte_decoder, 0 },
    { "Strip", read_strip_decoder, 0 },         { "Metaspace", read_metaspace_decoder, 0 },
    { "WordPiece", read_wordpiece_decoder, 0 }, { "BPEDecoder", read_suffix_decoder, 0 },
};

/* ---- components -------------------------------------------------------------------------------------------------- */

/* A kind of component: its table, and how a sequence of them calls its list. */
typedef struct component {
    const char *what; /* for messages */
    const char *list_key;
    const row *rows;
    size_t row_count;
} component;

static const component components[] = {
    { "normalizer", "normalizers", normalizer_rows, SP_COUNT_OF(normalizer_rows) },
    { "pre-tokenizer", "pretokenizers", cutter_rows, SP_COUNT_OF(cutter_rows) },
    { "decoder", "decoders", decoder_rows, SP_COUNT_OF(decoder_rows) },
};

static sp_status read_component(const component *kind, const step *s, lists *out);

static sp_status read_sequence(const component *kind, const step *s, lists *out)
{
    const sp_json_node *list = sp_json_member(s->node, kind->list_key);
    size_t index = 0;
    if (!list || list->kind != SP_JSON_ARRAY)
        return sp_json_fail(s->json, s->node->offset, "%s: needs a list \"%s\"", s->where, kind->list_key);
    for (const sp_json_node *node = list->first; node; node = node->next) {
        sp_str where = sp_str_format(s->json->arena, "%s/%s/%zu", s->where, kind->list_key, index++);
        if (!where.ptr)
            return sp_err_memory(s->json->err);
        const step inner = { s->json, node, where.ptr };
        SP_TRY(read_component(kind, &inner, out));
    }
    return SP_OK;
}

static sp_status unsupported(const component *kind, const step *s, const sp_json_node *type)
{
    sp_buf known = { 0 };
    for (size_t i = 0; i < kind->row_count; i++)
        sp_buf_format(&known, "%s, ", kind->rows[i].type);
    sp_buf_add(&known, SP_STR("Sequence"));
    sp_status status =
        known.failed ? sp_err_memory(s->json->err)
                     : sp_json_fail(s->json, type->offset, "%s: the %s \"%.*s\" is not supported; these are: %.*s",
                                    s->where, kind->what, SP_STR_ARG(type->text), SP_STR_ARG(sp_buf_str(&known)));
    sp_buf_release(&known);
    return status;
}

static sp_status read_component(const component *kind, const step *s, lists *out)
{
    const sp_json_node *type = sp_json_member(s->node, "type");
    if (!type || type->kind != SP_JSON_TEXT)
        return sp_json_fail(s->json, s->node->offset, "%s: needs a text \"type\"", s->where);
    if (sp_str_eq(type->text, SP_STR("Sequence")))
        return read_sequence(kind, s, out);
    if (kind->rows == cutter_rows && s->json->is_byte_level)
        return sp_json_fail(s->json, type->offset,
                            "%s: a pre-tokenizer behind ByteLevel, which is \"%.*s\" here, is not supported", s->where,
                            SP_STR_ARG(type->text));
    for (size_t i = 0; i < kind->row_count; i++)
        if (sp_str_eq(type->text, sp_str_of(kind->rows[i].type)))
            return kind->rows[i].read(s, out, kind->rows[i].argument);
    return unsupported(kind, s, type);
}

static sp_status read_all(sp_json_reader *r, const component *kind, const char *where, const sp_json_node *node,
                          lists *out)
{
    const sp_json_node *tree;
    if (!node->text.ptr || node->kind == SP_JSON_NULL)
        return SP_OK;
    SP_TRY(sp_json_expand(r, node, where, &tree, r->err));
    const step s = { r, tree, where };
    return read_component(kind, &s, out);
}

sp_status sp_json_read_normalizer(sp_json_reader *r, const sp_json_node *normalizer)
{
    lists out = { 0 };
    sp_status status = read_all(r, &components[0], "/normalizer", normalizer, &out);
    r->tokenizer->normalizers = out.normalizers.items; /* also of a failure: their regexes are dropped with it */
    r->tokenizer->normalizer_count = out.normalizers.count;
    return status;
}

sp_status sp_json_read_cutters(sp_json_reader *r, const sp_json_node *pre_tokenizer)
{
    lists out = { 0 };
    sp_status status = read_all(r, &components[1], "/pre_tokenizer", pre_tokenizer, &out);
    r->tokenizer->cutters = out.cutters.items;
    r->tokenizer->cutter_count = out.cutters.count;
    return status;
}

sp_status sp_json_read_decoder(sp_json_reader *r, const sp_json_node *decoder)
{
    lists out = { 0 };
    SP_TRY(read_all(r, &components[2], "/decoder", decoder, &out));
    r->tokenizer->decoders = out.decoders.items;
    r->tokenizer->decoder_count = out.decoders.count;
    return SP_OK;
}
