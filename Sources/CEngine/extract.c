#include "variants.h"

uint32_t engine_extract_scalar(
    const engine_run *runs, uint32_t run_count, engine_range first, engine_range second, uint64_t *values, uint32_t *ordinals,
    uint32_t *ends) {
    uint32_t found = 0;
    for (uint32_t run = 0; run < run_count; run++) {
        for (uint32_t index = 0; index < runs[run].count; index++) {
            uint64_t value = engine_word(runs[run].words, index);
            values[found] = value;
            ordinals[found] = runs[run].ordinal + index;
            found += engine_is_candidate(value, first, second);
        }
        ends[run] = found;
    }
    return found;
}

uint32_t engine_extract_scalar_4(
    const engine_run *runs, uint32_t run_count, engine_range first, engine_range second, uint64_t *values, uint32_t *ordinals,
    uint32_t *ends) {
    uint32_t found = 0;
    for (uint32_t run = 0; run < run_count; run++) {
        const unsigned char *words = runs[run].words;
        for (uint32_t index = 0; index < runs[run].count; index++) {
            uint32_t value;
            memcpy(&value, words + (uint64_t)index * sizeof value, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
            value = __builtin_bswap32(value);
#endif
            values[found] = value;
            ordinals[found] = runs[run].ordinal + index;
            found += engine_is_candidate(value, first, second);
        }
        ends[run] = found;
    }
    return found;
}

bool engine_supports(engine_variant variant) {
    switch (variant) {
    case engine_scalar: return true;
#if defined(__x86_64__)
    case engine_avx2: return __builtin_cpu_supports("avx2");
    case engine_avx512: return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
#elif defined(__aarch64__)
    case engine_neon: return true;
#endif
    default: return false;
    }
}

engine_variant engine_best_variant(void) {
    static const engine_variant fastest_first[] = {engine_avx512, engine_avx2, engine_neon};
    for (unsigned index = 0; index < sizeof fastest_first / sizeof *fastest_first; index++) {
        if (engine_supports(fastest_first[index])) return fastest_first[index];
    }
    return engine_scalar;
}

uint32_t engine_extract(
    engine_variant variant, uint32_t word_size, const engine_run *runs, uint32_t run_count, engine_range first,
    engine_range second, uint64_t *values, uint32_t *ordinals, uint32_t *ends) {
    engine_extract_function *extract = engine_extract_scalar;
    if (word_size == 4) {
        extract = engine_extract_scalar_4;
#if defined(__x86_64__)
    } else if (variant == engine_avx2) {
        extract = engine_extract_avx2;
    } else if (variant == engine_avx512) {
        extract = engine_extract_avx512;
#elif defined(__aarch64__)
    } else if (variant == engine_neon) {
        extract = engine_extract_neon;
#endif
    }
    return extract(runs, run_count, first, second, values, ordinals, ends);
}
