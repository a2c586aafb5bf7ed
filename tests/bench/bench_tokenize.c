/*
 * bench_tokenize.c - how fast counting is, in MB/s (10^6 bytes), one thread.
 *
 *   bench_tokenize [FILE]
 *
 * Five generated texts, or FILE alone. "first" is the first time that the process counts the text in that
 * encoding, page faults included; "again" the best of the next three. "encode" makes the ids, too. Generated text
 * repeats its words more than real text does, so a real FILE is the better measure; the generated ones are here so
 * that anyone can repeat the numbers.
 */
#include "sysprompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    LEN = 4 << 20,
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static uint32_t random_below(uint32_t limit)
{
    static uint32_t state = 88172645;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % limit;
}

/* ---- texts ---------------------------------------------------------------------------------------- */

static const char *const prose[] = {
    "the ",   "of ",      "and ",    "a ",    "to ",   "in ",     "agent",       "ic ",     "prompt ", "should ",
    "never ", "context ", "window",  ", ",    ". ",    ".\n\n",   "instruction", "s ",      "be",      "fore ",
    "un",     "likely ",  "result ", "when ", "you ",  "don't ",  "it's ",       "review",  "ing ",    "— ",
    "(see ",  "above) ",  "2026",    " 14 ",  "extra", "ordinar", "ily ",        "memory ", "file ",
};
static const char *const code[] = {
    "    ",         "\n",      "\n    ", "if (",      ")",        " {\n",   "}\n",    "return ", ";\n",
    "const char *", "size_t ", "i = 0",  "ptr->",     "len",      "buffer", "[i]",    "++",      " == ",
    " + ",          "sp_",     "count",  "// note\n", "\"text\"", "0x1F",   "->next", "static ", "\t",
};
static const char *const cjk[] = {
    "我们",       "提示",     "系统",   "，", "。", "的",   "是",   "在",   "文件", "記憶", "する", "です",
    "プロンプト", "에이전트", "입니다", "、", "\n", "規則", "说明", "模型", "一",   "个",   "不",   "了",
};

static void fill(char *text, const char *const *words, size_t count)
{
    size_t len = 0;
    while (len < LEN) {
        const char *word = words[random_below((uint32_t)count)];
        size_t n = strlen(word) < LEN - len ? strlen(word) : LEN - len;
        memcpy(text + len, word, n);
        len += n;
    }
}

static void fill_mixed(char *text)
{
    const size_t part = 1000;
    char *all = malloc(3 * (size_t)LEN);
    if (!all)
        abort();
    fill(all, prose, sizeof prose / sizeof *prose);
    fill(all + LEN, code, sizeof code / sizeof *code);
    fill(all + 2 * (size_t)LEN, cjk, sizeof cjk / sizeof *cjk);
    for (size_t at = 0; at + part <= LEN; at += part) {
        uint32_t kind = random_below(10);
        memcpy(text + at, all + (size_t)(kind < 6 ? 0 : kind < 9 ? 1 : 2) * LEN + at, part);
    }
    memset(text + LEN / part * part, ' ', LEN % part);
    free(all);
}

/* ---- measuring --------------------------------------------------------------------------------------- */

static double megabytes_per_second(const sp_encoding *encoding, sp_str text, int keep_ids, size_t *tokens)
{
    sp_err err;
    sp_ids ids = { 0 };
    double begin = seconds();
    sp_status status = keep_ids ? sp_encode(encoding, text, SP_SPECIAL_AS_TEXT, &ids, &err)
                                : sp_count(encoding, text, SP_SPECIAL_AS_TEXT, tokens, &err);
    double taken = seconds() - begin;
    if (status != SP_OK)
        abort();
    sp_ids_release(&ids);
    return (double)text.len / taken / 1e6;
}

static void measure(const char *name, sp_str text)
{
    static const size_t shown[] = { 0, 3, 4 }; /* r50k, cl100k, o200k: the others share their tables */
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const sp_encoding *encoding = sp_encoding_at(shown[i]);
        size_t tokens = 0;
        double first = megabytes_per_second(encoding, text, 0, &tokens), again = 0, encode = 0;
        for (int round = 0; round < 3; round++) {
            double speed = megabytes_per_second(encoding, text, 0, &tokens);
            again = speed > again ? speed : again;
            speed = megabytes_per_second(encoding, text, 1, &tokens);
            encode = speed > encode ? speed : encode;
        }
        printf("%-12s %-12s %9zu tokens  first %7.1f  again %7.1f  encode %7.1f MB/s\n", name,
               sp_encoding_name(encoding), tokens, first, again, encode);
    }
}

static sp_str read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(256u << 20);
    if (!file || !bytes) {
        fprintf(stderr, "bench_tokenize: cannot read %s\n", path);
        exit(2);
    }
    sp_str text = { bytes, fread(bytes, 1, 256u << 20, file) };
    fclose(file);
    return text;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        sp_str text = read_file(argv[1]);
        measure("file", text);
        free((void *)(uintptr_t)(const void *)text.ptr);
        return 0;
    }
    char *bytes = malloc(LEN);
    if (!bytes)
        return 3;
    sp_str text = { bytes, LEN };
    fill(bytes, prose, sizeof prose / sizeof *prose);
    measure("prose", text);
    fill(bytes, code, sizeof code / sizeof *code);
    measure("code", text);
    fill(bytes, cjk, sizeof cjk / sizeof *cjk);
    measure("cjk", text);
    fill_mixed(bytes);
    measure("mixed", text);
    memset(bytes, 'a', LEN);
    measure("aaaa", text);
    memset(bytes, ' ', LEN);
    measure("blanks", text);
    fill(bytes, (const char *const[]){ "中" }, 1);
    measure("one-han", text);
    free(bytes);
    return 0;
}
