#include "variants.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX512 "avx512f,avx512vl,popcnt"

/// Eight words at a time; the last ones are masked, which reads nothing behind them.
///
/// - two: whether there is a second range: known when this is compiled.
__attribute__((target(AVX512), always_inline)) static inline uint32_t extract_avx512(
    const engine_run *runs, uint32_t run_count, engine_range first, engine_range second, uint64_t *values,
    uint32_t *positions, bool two) {
    const __m512i first_start = _mm512_set1_epi64((long long)first.start), first_size = _mm512_set1_epi64((long long)first.size);
    const __m512i second_start = _mm512_set1_epi64((long long)second.start);
    const __m512i second_size = _mm512_set1_epi64((long long)second.size);
    const __m256i steps = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    uint32_t found = 0, position = 0;
    for (uint32_t run = 0; run < run_count; run++) {
        const unsigned char *words = runs[run].words;
        const uint32_t count = runs[run].count;
        for (uint32_t index = 0; index < count; index += 8) {
            // Nobody else asks for it so far ahead: across the page's end for the second cache, then for the first.
            _mm_prefetch((const char *)words + (uint64_t)index * 8 + 4096, _MM_HINT_T1);
            _mm_prefetch((const char *)words + (uint64_t)index * 8 + 512, _MM_HINT_T0);
            const __mmask8 held = count - index < 8 ? (__mmask8)((1u << (count - index)) - 1) : 0xff;
            const __m512i word = _mm512_maskz_loadu_epi64(held, words + (uint64_t)index * 8);
            __mmask8 hit = _mm512_mask_cmplt_epu64_mask(held, _mm512_sub_epi64(word, first_start), first_size);
            if (two) hit |= _mm512_mask_cmplt_epu64_mask(held, _mm512_sub_epi64(word, second_start), second_size);
            const __m256i place = _mm256_add_epi32(_mm256_set1_epi32((int)(position + index)), steps);
            // Not the compressing store: that is slow on some machines.
            _mm512_storeu_si512(values + found, _mm512_maskz_compress_epi64(hit, word));
            _mm256_storeu_si256((__m256i *)(positions + found), _mm256_maskz_compress_epi32(hit, place));
            found += (uint32_t)__builtin_popcount(hit);
        }
        position += count;
    }
    return found;
}

__attribute__((target(AVX512), noinline)) uint32_t engine_extract_avx512(
    const engine_run *runs, uint32_t run_count, engine_range first, engine_range second, uint64_t *values,
    uint32_t *positions) {
    if (second.size == 0) return extract_avx512(runs, run_count, first, second, values, positions, false);
    return extract_avx512(runs, run_count, first, second, values, positions, true);
}

/// Nearly always none of eight is in the range.
__attribute__((target(AVX512), noinline)) uint32_t engine_select_avx512(
    const uint64_t *values, uint32_t count, engine_range range, uint32_t *places) {
    const __m512i start = _mm512_set1_epi64((long long)range.start), size = _mm512_set1_epi64((long long)range.size);
    const __m256i steps = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    uint32_t found = 0;
    for (uint32_t place = 0; place < count; place += 8) {
        const __mmask8 held = count - place < 8 ? (__mmask8)((1u << (count - place)) - 1) : 0xff;
        const __m512i value = _mm512_maskz_loadu_epi64(held, values + place);
        const __mmask8 hit = _mm512_mask_cmplt_epu64_mask(held, _mm512_sub_epi64(value, start), size);
        if (hit == 0) continue;
        const __m256i own = _mm256_add_epi32(_mm256_set1_epi32((int)place), steps);
        _mm256_storeu_si256((__m256i *)(places + found), _mm256_maskz_compress_epi32(hit, own));
        found += (uint32_t)__builtin_popcount(hit);
    }
    return found;
}

/// For each set of four lanes, those lanes moved to the front: as halves of 64-bit lanes.
static const uint32_t packed_lanes[16][8] = {
    {0}, {0, 1}, {2, 3}, {0, 1, 2, 3}, {4, 5}, {0, 1, 4, 5}, {2, 3, 4, 5}, {0, 1, 2, 3, 4, 5}, {6, 7}, {0, 1, 6, 7}, {2, 3, 6, 7},
    {0, 1, 2, 3, 6, 7}, {4, 5, 6, 7}, {0, 1, 4, 5, 6, 7}, {2, 3, 4, 5, 6, 7}, {0, 1, 2, 3, 4, 5, 6, 7},
};

/// Four words at a time. There is no packing instruction, so the lanes are moved by a table; nor an unsigned comparison, so
/// both sides are shifted down by half of the range.
__attribute__((target("avx2,popcnt"), noinline)) uint32_t engine_extract_avx2(
    const engine_run *runs, uint32_t run_count, engine_range first, engine_range second, uint64_t *values,
    uint32_t *positions) {
    const uint64_t half = UINT64_C(1) << 63;
    const __m256i first_start = _mm256_set1_epi64x((long long)(first.start + half));
    const __m256i first_size = _mm256_set1_epi64x((long long)(first.size + half));
    const __m256i second_start = _mm256_set1_epi64x((long long)(second.start + half));
    const __m256i second_size = _mm256_set1_epi64x((long long)(second.size + half));
    const __m256i steps = _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3);
    uint32_t found = 0, position = 0;
    for (uint32_t run = 0; run < run_count; run++) {
        const unsigned char *words = runs[run].words;
        const uint32_t count = runs[run].count;
        uint32_t index = 0;
        for (; index + 4 <= count; index += 4) {
            const __m256i word = _mm256_loadu_si256((const __m256i *)(words + (uint64_t)index * 8));
            const __m256i hits = _mm256_or_si256(
                _mm256_cmpgt_epi64(first_size, _mm256_sub_epi64(word, first_start)),
                _mm256_cmpgt_epi64(second_size, _mm256_sub_epi64(word, second_start)));
            const unsigned hit = (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(hits));
            const __m256i lanes = _mm256_loadu_si256((const __m256i *)packed_lanes[hit]);
            _mm256_storeu_si256((__m256i *)(values + found), _mm256_permutevar8x32_epi32(word, lanes));
            // The doubled places move as the words do; every other one is kept.
            const __m256i place = _mm256_add_epi32(_mm256_set1_epi32((int)(position + index)), steps);
            const __m256i moved = _mm256_permutevar8x32_epi32(place, lanes);
            const __m256i kept = _mm256_permutevar8x32_epi32(moved, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
            _mm_storeu_si128((__m128i *)(positions + found), _mm256_castsi256_si128(kept));
            found += (uint32_t)__builtin_popcount(hit);
        }
        for (; index < count; index++) {
            const uint64_t value = engine_word(words, index, 8);
            values[found] = value;
            positions[found] = position + index;
            found += engine_is_candidate(value, first, second);
        }
        position += count;
    }
    return found;
}

#endif
