/* paths.h - the ways through the tokenizer (sp_path), by name: what tests force one after the other. */
#ifndef SP_TESTS_PATHS_H
#define SP_TESTS_PATHS_H

#include "tokenizer/tokenize.h"

typedef struct path_name {
    sp_path path;
    char name[12];
} path_name;

static const path_name path_names[] = {
    { SP_PATH_SCALAR, "scalar" }, { SP_PATH_PORTABLE, "portable" }, { SP_PATH_SSE2, "sse2" },
    { SP_PATH_AVX2, "avx2" },     { SP_PATH_AVX512, "avx512" },
};

#define PATH_COUNT (sizeof path_names / sizeof *path_names)

#endif
