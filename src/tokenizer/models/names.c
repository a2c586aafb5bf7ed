/*
 * names.c - what the name of a model tells by itself: whose it is, its version, and how others write it.
 *
 * Amazon, Google, OpenRouter and LiteLLM put a route, a region and a vendor in front of a name, and a version after
 * it.
 */
#include "tokenizer/models/names.h"

#include "base/near.h"
#include "base/types.h"

/* ---- characters ----------------------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool are_digits(sp_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_digit(text.ptr[i]))
            return false;
    return text.len > 0;
}

static bool starts_nocase(sp_str text, sp_str start)
{
    return text.len >= start.len && sp_str_eq_nocase(sp_str_slice(text, 0, start.len), start);
}

/* ---- vendors ---------------------------------------------------------------------------------------------------- */

/* Words that a name may have, and who has a model of such a name. Mixtral has another tokenizer than what Mistral makes
 * now, and so have the vendors of the last rows, none of which is known here. */
static const struct {
    const char *word;
    sp_vendor vendor;
} vendor_words[] = {
    { "claude", SP_VENDOR_ANTHROPIC },  { "anthropic", SP_VENDOR_ANTHROPIC },
    { "gpt", SP_VENDOR_OPENAI },        { "chatgpt", SP_VENDOR_OPENAI },
    { "openai", SP_VENDOR_OPENAI },     { "gemini", SP_VENDOR_GOOGLE },
    { "gemma", SP_VENDOR_GOOGLE },      { "llama", SP_VENDOR_META },
    { "qwen", SP_VENDOR_QWEN },         { "deepseek", SP_VENDOR_DEEPSEEK },
    { "grok", SP_VENDOR_XAI },          { "mistral", SP_VENDOR_MISTRAL },
    { "ministral", SP_VENDOR_MISTRAL }, { "codestral", SP_VENDOR_MISTRAL },
    { "devstral", SP_VENDOR_MISTRAL },  { "magistral", SP_VENDOR_MISTRAL },
    { "mixtral", SP_VENDOR_OTHER },     { "pixtral", SP_VENDOR_OTHER },
    { "codellama", SP_VENDOR_OTHER },   { "glm", SP_VENDOR_OTHER },
    { "kimi", SP_VENDOR_OTHER },        { "phi", SP_VENDOR_OTHER },
    { "nova", SP_VENDOR_OTHER },        { "command", SP_VENDOR_OTHER },
    { "minimax", SP_VENDOR_OTHER },     { "granite", SP_VENDOR_OTHER },
    { "nemotron", SP_VENDOR_OTHER },    { "yi", SP_VENDOR_OTHER },
};

sp_vendor sp_model_vendor(sp_str name)
{
    for (size_t at = 0; at < name.len; at++)
        for (size_t i = 0; i < SP_COUNT_OF(vendor_words) && (at == 0 || !is_letter(name.ptr[at - 1])); i++) {
            sp_str rest = sp_str_slice(name, at, name.len), word = sp_str_of(vendor_words[i].word);
            if (starts_nocase(rest, word) && (rest.len == word.len || !is_letter(rest.ptr[word.len])))
                return vendor_words[i].vendor;
        }
    return SP_VENDOR_NOT_TOLD;
}

/* ---- likeness --------------------------------------------------------------------------------------------------- */

/* -20251001 or -latest at its end. */
static sp_str without_edition(sp_str name)
{
    static const sp_str latest = { "-latest", 7 };
    if (sp_str_ends(name, latest))
        return sp_str_slice(name, 0, name.len - latest.len);
    return sp_model_without_date(name);
}

/* A digit, or an o that passes for one beside another: "gpt-40", "04-mini". */
static char digit_at(sp_str name, size_t i)
{
    bool is_beside = (i > 0 && is_digit(name.ptr[i - 1])) || (i + 1 < name.len && is_digit(name.ptr[i + 1]));
    if (is_digit(name.ptr[i]))
        return name.ptr[i];
    return (name.ptr[i] | 0x20) == 'o' && is_beside ? '0' : '\0';
}

static bool has_version(sp_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (digit_at(name, i))
            return true;
    return false;
}

static bool has_same_version(sp_str a, sp_str b)
{
    a = without_edition(a);
    b = without_edition(b);
    if (!has_version(a))
        return true;
    for (size_t i = 0, j = 0;; i++, j++) {
        while (i < a.len && !digit_at(a, i))
            i++;
        while (j < b.len && !digit_at(b, j))
            j++;
        if (i == a.len || j == b.len)
            return i == a.len && j == b.len;
        if (digit_at(a, i) != digit_at(b, j))
            return false;
    }
}

static sp_str first_word(sp_str name)
{
    size_t end = 0;
    while (end < name.len && is_letter(name.ptr[end]))
        end++;
    return sp_str_slice(name, 0, end);
}

bool sp_model_may_mean(sp_str name, sp_str known)
{
    sp_str word = first_word(name), its_word = first_word(known);
    bool is_like =
        word.len == 0 || its_word.len == 0 || sp_str_eq_nocase(word, its_word) || sp_near(word, &its_word, 1) == 0;
    return is_like && has_same_version(name, known);
}

/* ---- other spellings --------------------------------------------------------------------------------------------- */

sp_str sp_model_without_date(sp_str name)
{
    enum { DATE_LEN = 9 };
    bool has_date = name.len > DATE_LEN && name.ptr[name.len - DATE_LEN] == '-' &&
                    are_digits(sp_str_slice(name, name.len - DATE_LEN + 1, name.len));
    return has_date ? sp_str_slice(name, 0, name.len - DATE_LEN) : name;
}

/* openrouter/openai/gpt-5:free (LiteLLM, OpenRouter), as OpenAI has it. */
static sp_str without_route(sp_str name)
{
    size_t slash = name.len;
    while (slash > 0 && name.ptr[slash - 1] != '/')
        slash--;
    if (slash == 0)
        return name;
    name = sp_str_slice(name, slash, name.len);
    size_t variant = sp_str_find(name, SP_STR(":"), 0);
    return variant == SIZE_MAX ? name : sp_str_slice(name, 0, variant);
}

/* -v1:0 or :0 at the end of an id of Amazon's, which may be -v1 or -v1:0:200k. */
static sp_str without_amazon_version(sp_str name)
{
    for (size_t at = name.len; at-- > 0;) {
        sp_str rest = sp_str_slice(name, at, name.len);
        if (rest.ptr[0] == ':')
            name = sp_str_slice(name, 0, at);
        else if (sp_str_starts(rest, SP_STR("-v")))
            return are_digits(sp_str_slice(rest, 2, rest.len)) ? sp_str_slice(name, 0, at) : name;
    }
    return name;
}

/* us.anthropic.claude-haiku-4-5-20251001-v1:0: from which the vendor is taken off, with the rest of it before. */
static sp_str without_vendor(sp_str name, sp_str *ret_vendor)
{
    static const char *const vendors[] = {
        "anthropic", "meta", "mistral", "deepseek", "openai", "xai", "qwen", "google"
    };
    *ret_vendor = SP_STR("");
    for (size_t i = 0; i < SP_COUNT_OF(vendors); i++) {
        sp_str vendor = sp_str_of(vendors[i]);
        size_t at = sp_str_find(name, vendor, 0), end = at + vendor.len;
        if (at == SIZE_MAX || (at > 0 && name.ptr[at - 1] != '.') || end == name.len || name.ptr[end] != '.')
            continue;
        *ret_vendor = vendor;
        return without_amazon_version(sp_str_slice(name, end + 1, name.len));
    }
    return name;
}

sp_str sp_model_plain_name(sp_str name, sp_str *ret_vendor)
{
    name = without_vendor(without_route(name), ret_vendor);
    size_t date = sp_str_find(name, SP_STR("@"), 0); /* claude-opus-4-5@20251101 (Google) */
    return date == SIZE_MAX ? name : sp_str_slice(name, 0, date);
}

sp_str sp_model_without_dots(sp_str name, char buffer[SP_MODEL_NAME_ROOM])
{
    if (!sp_str_starts(name, SP_STR("claude-")) || name.len > SP_MODEL_NAME_ROOM ||
        sp_str_find(name, SP_STR("."), 0) == SIZE_MAX)
        return name;
    for (size_t i = 0; i < name.len; i++)
        buffer[i] = name.ptr[i] == '.' ? '-' : name.ptr[i];
    return (sp_str){ buffer, name.len };
}

sp_str sp_model_with_vendor(sp_str vendor, sp_str name, char buffer[SP_MODEL_NAME_ROOM])
{
    if (vendor.len == 0 || vendor.len + 1 + name.len > SP_MODEL_NAME_ROOM)
        return name;
    memcpy(buffer, vendor.ptr, vendor.len);
    buffer[vendor.len] = '-';
    memcpy(buffer + vendor.len + 1, name.ptr, name.len);
    return (sp_str){ buffer, vendor.len + 1 + name.len };
}

static size_t append(char buffer[SP_MODEL_NAME_ROOM], size_t at, sp_str part)
{
    memcpy(buffer + at, part.ptr, part.len);
    return at + part.len;
}

sp_str sp_model_turned(sp_str name, char buffer[SP_MODEL_NAME_ROOM])
{
    static const sp_str head = { "claude-", 7 };
    if (!sp_str_starts(name, head) || name.len >= SP_MODEL_NAME_ROOM)
        return name;
    sp_str rest = sp_str_slice(name, head.len, name.len);
    bool is_version_first = rest.len > 0 && is_digit(rest.ptr[0]);
    size_t hyphen = 0;
    for (size_t i = 0; i + 1 < rest.len && !hyphen; i++)
        hyphen = rest.ptr[i] == '-' && is_digit(rest.ptr[i + 1]) != is_version_first ? i : 0;
    if (!hyphen)
        return name;
    size_t end = hyphen + 1; /* a word, or numbers */
    while (end < rest.len &&
           (rest.ptr[end] != '-' || (!is_version_first && end + 1 < rest.len && is_digit(rest.ptr[end + 1]))))
        end++;
    size_t len = append(buffer, 0, head);
    len = append(buffer, len, sp_str_slice(rest, hyphen + 1, end));
    buffer[len++] = '-';
    len = append(buffer, len, sp_str_slice(rest, 0, hyphen));
    return (sp_str){ buffer, append(buffer, len, sp_str_slice(rest, end, rest.len)) };
}
