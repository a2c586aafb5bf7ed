/* paths.h - the ways through the tokenizer (sp_path), by name: what tests force one after the other. */
#ifndef SP_TESTS_PATHS_H
#define SP_TESTS_PATHS_H

#include "tokenizer/tokenize.h"

#include <stdlib.h>

typedef struct path_name {
    sp_path path;
    char name[12];
} path_name;

static const path_name path_names[] = {
    { SP_PATH_SCALAR, "scalar" }, { SP_PATH_PORTABLE, "portable" }, { SP_PATH_SSE2, "sse2" },
    { SP_PATH_AVX2, "avx2" },     { SP_PATH_AVX512, "avx512" },
};

#define PATH_COUNT (sizeof path_names / sizeof *path_names)

/* A counter of no ids that takes this path; to be dropped with sp_counter_free. */
static inline sp_counter *counter_by(const sp_encoding *encoding, sp_special special, sp_path path)
{
    sp_counter *counter = malloc(sizeof *counter);
    if (!counter)
        abort();
    sp_counter_init(counter, encoding, special, NULL, path);
    return counter;
}

#endif
