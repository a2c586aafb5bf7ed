/*
 * targets.h - what the functions of a path (see sp_path) may use of the processor.
 *
 * Each feature is asked for by sp_path_exists. lzcnt is not among them: where it is missing it is not an error but
 * another instruction, and clang 14 cannot ask.
 */
#ifndef SP_TOKENIZE_TARGETS_H
#define SP_TOKENIZE_TARGETS_H

#include "tokenizer/tokenize.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SP_TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define SP_TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi2,avx2,bmi,bmi2,popcnt")))
#endif

#endif
