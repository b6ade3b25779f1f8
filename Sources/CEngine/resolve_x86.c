#include "resolve.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET "avx512f,avx512vl,avx512bw,avx512dq,avx512cd,avx512vpopcntdq,bmi,bmi2,lzcnt,popcnt"
#define VECTORS __attribute__((target(TARGET), always_inline)) static inline

// Eight addresses at a time, unless one of them goes another way.

VECTORS void find(
    const engine_ranks *ranks, engine_stretch *stretch, const uint64_t *addresses, uint32_t *places, uint32_t count) {
    uint32_t index = 0;
    for (; index + 8 <= count; index += 8) {
        const __m512i address = _mm512_loadu_si512(addresses + index);
        const __m512i page = _mm512_sub_epi64(
            _mm512_srli_epi64(address, ENGINE_PAGE_SHIFT), _mm512_set1_epi64((long long)stretch->first_page));
        if (_mm512_cmplt_epu64_mask(page, _mm512_set1_epi64((long long)stretch->page_count)) != 0xff) {
            for (uint32_t each = index; each < index + 8; each++) places[each] = engine_find(ranks, stretch, addresses[each]);
            continue;
        }
        const __m256i entry = _mm512_i64gather_epi32(page, ranks->entries + stretch->entry, 4);
        const __m256i in_page = _mm512_cvtepi64_epi32(
            _mm512_and_si512(address, _mm512_set1_epi64((1 << ENGINE_PAGE_SHIFT) - 1)));
        const __m256i cell_shift = _mm256_add_epi32(_mm256_srli_epi32(entry, ENGINE_GRANULE_SHIFT), _mm256_set1_epi32(6));
        _mm256_storeu_si256((__m256i *)(places + index), _mm256_add_epi32(entry, _mm256_srlv_epi32(in_page, cell_shift)));
        for (uint32_t each = index; each < index + 8; each++) {
            __builtin_prefetch(ranks->cells + (places[each] & ENGINE_CELL), 0, 3);
        }
    }
    for (; index < count; index++) places[index] = engine_find(ranks, stretch, addresses[index]);
}

VECTORS void count_objects(
    const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t *distances, uint32_t count) {
    const __m512i ones = _mm512_set1_epi64(-1);
    uint32_t index = 0;
    for (; index + 8 <= count; index += 8) {
        const __m256i place = _mm256_loadu_si256((const __m256i *)(places + index));
        if (_mm256_movepi32_mask(place) != 0) {
            for (uint32_t each = index; each < index + 8; each++) {
                engine_count(ranks, addresses[each], places + each, distances + each);
            }
            continue;
        }
        // A cell is two elements of 8 bytes.
        const __m512i cell = _mm512_slli_epi64(
            _mm512_cvtepu32_epi64(_mm256_and_si256(place, _mm256_set1_epi32(ENGINE_CELL))), 1);
        const __m512i bits = _mm512_i64gather_epi64(cell, ranks->cells, 8);
        const __m512i first_and_covered = _mm512_i64gather_epi64(cell, &ranks->cells->first, 8);
        const __m512i granule_shift = _mm512_cvtepu32_epi64(_mm256_srli_epi32(place, ENGINE_GRANULE_SHIFT));
        const __m512i offset = _mm512_andnot_si512(
            _mm512_sllv_epi64(_mm512_slli_epi64(ones, 6), granule_shift), _mm512_loadu_si512(addresses + index));
        const __m512i granule = _mm512_srlv_epi64(offset, granule_shift);
        const __m512i up_to = _mm512_and_si512(
            bits, _mm512_srlv_epi64(ones, _mm512_sub_epi64(_mm512_set1_epi64(63), granule)));
        const __m512i number = _mm512_add_epi64(first_and_covered, _mm512_popcnt_epi64(up_to));
        const __m512i last = _mm512_sllv_epi64(
            _mm512_sub_epi64(_mm512_set1_epi64(63), _mm512_lzcnt_epi64(up_to)), granule_shift);
        const __mmask8 from_below = _mm512_testn_epi64_mask(up_to, up_to);
        const __mmask8 uncovered = _mm512_mask_cmpge_epu64_mask(from_below, offset, _mm512_srli_epi64(first_and_covered, 32));
        const __m512i distance = _mm512_mask_mov_epi64(
            _mm512_maskz_sub_epi64((__mmask8)~from_below, offset, last), uncovered, ones);
        _mm256_storeu_si256((__m256i *)(places + index), _mm512_cvtepi64_epi32(number));
        _mm256_storeu_si256((__m256i *)(distances + index), _mm512_cvtepi64_epi32(distance));
        for (uint32_t each = index; each < index + 8; each++) __builtin_prefetch(ranks->extents + places[each], 0, 3);
    }
    for (; index < count; index++) engine_count(ranks, addresses[index], places + index, distances + index);
}

VECTORS uint32_t check(const engine_ranks *ranks, uint32_t *places, const uint32_t *distances, uint32_t count) {
    uint32_t index = 0, met = 0;
    for (; index + 8 <= count; index += 8) {
        const __m256i place = _mm256_loadu_si256((const __m256i *)(places + index));
        if (_mm256_movepi32_mask(place) != 0) {
            for (uint32_t each = index; each < index + 8; each++) met |= engine_check(ranks, places + each, distances[each]);
            continue;
        }
        // Two extents are read, the other one of them for nothing.
        const __m256i extent = _mm256_and_si256(
            _mm256_i32gather_epi32((const int *)ranks->extents, place, 2), _mm256_set1_epi32(UINT16_MAX));
        const __m256i distance = _mm256_loadu_si256((const __m256i *)(distances + index));
        const __m256i found = _mm256_maskz_mov_epi32(_mm256_cmplt_epu32_mask(distance, extent), place);
        _mm256_storeu_si256((__m256i *)(places + index), found);
        met |= _mm256_testz_si256(found, found) ? 0 : engine_found;
    }
    for (; index < count; index++) met |= engine_check(ranks, places + index, distances[index]);
    return met;
}

bool engine_can_resolve_avx512(void) {
    return __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("bmi2")
        && __builtin_cpu_supports("lzcnt");
}

__attribute__((target(TARGET), noinline)) uint32_t engine_resolve_avx512(
    const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t count) {
    return engine_look_up((engine_steps){find, count_objects, check}, ranks, addresses, places, count);
}

#endif
