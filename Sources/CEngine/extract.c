#include "variants.h"

/// - word_size: known when this is compiled.
__attribute__((always_inline)) static inline uint32_t extract(
    uint32_t word_size, const engine_run *runs, uint32_t run_count, engine_range first, engine_range second, uint64_t *values,
    uint32_t *positions) {
    uint32_t found = 0, position = 0;
    for (uint32_t run = 0; run < run_count; run++) {
        for (uint32_t index = 0; index < runs[run].count; index++) {
            const uint64_t value = engine_word(runs[run].words, index, word_size);
            values[found] = value;
            positions[found] = position++;
            found += engine_is_candidate(value, first, second);
        }
    }
    return found;
}

uint32_t engine_extract_scalar(
    const engine_run *runs, uint32_t run_count, engine_range first, engine_range second, uint64_t *values,
    uint32_t *positions) {
    return extract(8, runs, run_count, first, second, values, positions);
}

uint32_t engine_extract_scalar_4(
    const engine_run *runs, uint32_t run_count, engine_range first, engine_range second, uint64_t *values,
    uint32_t *positions) {
    return extract(4, runs, run_count, first, second, values, positions);
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
    engine_range second, uint64_t *values, uint32_t *positions) {
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
    const uint32_t found = extract(runs, run_count, first, second, values, positions);
    for (uint32_t place = 0; place < engine_slack; place++) positions[found + place] = ENGINE_NO_POSITION;
    return found;
}

static uint32_t select_scalar(const uint64_t *values, uint32_t count, engine_range range, uint32_t *places) {
    uint32_t found = 0;
    for (uint32_t place = 0; place < count; place++) {
        places[found] = place;
        found += (uint32_t)(values[place] - range.start < range.size);
    }
    return found;
}

uint32_t engine_select(
    engine_variant variant, const uint64_t *values, uint32_t count, engine_range range, uint32_t *places) {
#if defined(__x86_64__)
    if (variant == engine_avx512) return engine_select_avx512(values, count, range, places);
#endif
    return select_scalar(values, count, range, places);
}
