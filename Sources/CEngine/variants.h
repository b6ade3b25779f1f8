// The variants of what picks out words.

#ifndef CENGINE_VARIANTS_H
#define CENGINE_VARIANTS_H

#include "CEngine.h"
#include <string.h>

typedef uint32_t engine_extract_function(
    const engine_run *runs, uint32_t run_count, engine_range first, engine_range second, uint64_t *values,
    uint32_t *positions);

typedef uint32_t engine_select_function(const uint64_t *values, uint32_t count, engine_range range, uint32_t *places);

engine_extract_function engine_extract_scalar;
engine_extract_function engine_extract_scalar_4;
#if defined(__x86_64__)
engine_extract_function engine_extract_avx2;
engine_extract_function engine_extract_avx512;
engine_select_function engine_select_avx512;
#elif defined(__aarch64__)
engine_extract_function engine_extract_neon;
#endif

/// A word of 8 or 4 bytes.
__attribute__((always_inline)) static inline uint64_t engine_word(const unsigned char *words, uint32_t index, uint32_t size) {
    uint64_t word = 0;
    memcpy(&word, words + (uint64_t)index * size, size);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/// 0 or 1. A condition here would be compiled to a branch, which is mispredicted for every other candidate.
static inline uint32_t engine_is_candidate(uint64_t value, engine_range first, engine_range second) {
    return (uint32_t)(value - first.start < first.size) | (uint32_t)(value - second.start < second.size);
}

#endif
