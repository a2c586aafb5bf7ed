/*
 * patterns.c - which of the published patterns split.c knows.
 *
 * A pattern is told by its text, letter for letter. The texts are those of tiktoken 0.14.0 and older, and of the
 * tokenizer.json files of Llama 3, Qwen and Mistral.
 */
#include "base/types.h"
#include "tokenizer/files/vocabulary.h"

static const struct pattern {
    const char *names[4];
    const char *text;
    sp_split_rules rules;
} patterns[] = {
    { { "r50k_base", "p50k_base", "p50k_edit", "gpt2" },
      "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s",
      { SP_PATTERN_R50K, 0, true, false } },
    { { NULL },
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
      { SP_PATTERN_R50K, 0, true, false } },
    { { "cl100k_base" },
      "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|"
      "\\s*[\\r\\n]|\\s+(?!\\S)|\\s",
      { SP_PATTERN_CL100K, 3, true, false } },
    { { "llama3" },
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|"
      "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      { SP_PATTERN_CL100K, 3, true, true } },
    { { "qwen2" },
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|"
      "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      { SP_PATTERN_CL100K, 1, true, true } },
    { { "o200k_base", "o200k_harmony" },
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
      "\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      { SP_PATTERN_O200K, 3, true, false } },
    { { "tekken" },
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|"
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|"
      "\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      { SP_PATTERN_O200K, 1, false, false } },
};

/* DeepSeek's, one behind the other. */
static const char *const other_patterns[] = {
    "\\p{N}{1,3}",
    "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+",
    ("[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+|"
     " ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"),
};

bool sp_pattern_cuts_at_blanks(sp_str text)
{
    for (size_t i = 0; i < SP_COUNT_OF(other_patterns); i++)
        if (sp_str_eq(text, sp_str_of(other_patterns[i])))
            return true;
    return false;
}

static bool has_name(const struct pattern *p, sp_str name)
{
    for (size_t i = 0; i < SP_COUNT_OF(p->names) && p->names[i]; i++)
        if (sp_str_eq(name, sp_str_of(p->names[i])))
            return true;
    return false;
}

static bool find(sp_str text, bool by_name, sp_split_rules *ret)
{
    for (size_t i = 0; i < SP_COUNT_OF(patterns); i++)
        if (sp_str_eq(text, sp_str_of(patterns[i].text)) || (by_name && has_name(&patterns[i], text))) {
            *ret = patterns[i].rules;
            return true;
        }
    return false;
}

bool sp_pattern_find(sp_str text, sp_split_rules *ret)
{
    return find(text, true, ret);
}

bool sp_pattern_is_word(sp_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return true;
}

sp_str sp_pattern_names(sp_arena *arena)
{
    sp_str names = SP_STR("");
    for (size_t i = 0; i < SP_COUNT_OF(patterns); i++)
        for (size_t j = 0; j < SP_COUNT_OF(patterns[i].names) && patterns[i].names[j] && names.ptr; j++)
            names = sp_str_format(arena, "%.*s%s%s", SP_STR_ARG(names), names.len ? ", " : "", patterns[i].names[j]);
    return names;
}

bool sp_pattern_find_text(sp_str text, sp_split_rules *ret)
{
    return find(text, false, ret);
}
