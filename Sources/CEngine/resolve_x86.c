#include "resolve.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET "avx512f,avx512vl,avx512bw,avx512dq,avx512cd,avx512vpopcntdq,bmi,bmi2,lzcnt,popcnt"
#define VECTORS __attribute__((target(TARGET), always_inline)) static inline

// Eight addresses at a time; those that go another way go alone.

VECTORS void find(
    const engine_ranks *ranks, engine_stretch *stretch, const uint64_t *addresses, uint32_t *places, uint32_t count) {
    engine_stretch other = *stretch;
    uint32_t index = 0;
    for (; index + 8 <= count; index += 8) {
        const __m512i address = _mm512_loadu_si512(addresses + index);
        const __m512i page = _mm512_sub_epi64(
            _mm512_srli_epi64(address, ENGINE_PAGE_SHIFT), _mm512_set1_epi64((long long)stretch->first_page));
        const __mmask8 held = _mm512_cmplt_epu64_mask(page, _mm512_set1_epi64((long long)stretch->page_count));
        const __m256i entry = _mm512_mask_i64gather_epi32(
            _mm256_set1_epi32((int)ENGINE_NO_CELL), held, page, ranks->entries + stretch->entry, 4);
        const __m256i in_page = _mm512_cvtepi64_epi32(
            _mm512_and_si512(address, _mm512_set1_epi64((1 << ENGINE_PAGE_SHIFT) - 1)));
        const __m256i cell_shift = _mm256_add_epi32(_mm256_srli_epi32(entry, ENGINE_GRANULE_SHIFT), _mm256_set1_epi32(6));
        _mm256_storeu_si256((__m256i *)(places + index), _mm256_add_epi32(entry, _mm256_srlv_epi32(in_page, cell_shift)));
        if (__builtin_expect(held != 0xff, 0)) {
            for (uint32_t rest = (uint8_t)~held; rest != 0; rest &= rest - 1) {
                const uint32_t each = index + (uint32_t)__builtin_ctz(rest);
                places[each] = engine_find(ranks, &other, addresses[each]);
            }
            if (held == 0) *stretch = other;
        }
        // Into the second-level cache, which can wait for more memory at a time than the first.
        for (uint32_t each = index; each < index + 8; each++) {
            __builtin_prefetch(ranks->cells + (places[each] & ENGINE_CELL), 0, 2);
        }
    }
    for (; index < count; index++) places[index] = engine_find(ranks, &other, addresses[index]);
}

VECTORS __m256i two_cells(const engine_cell *cells, uint32_t first, uint32_t second) {
    const __m128i low = _mm_loadu_si128((const __m128i *)(cells + first));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), _mm_loadu_si128((const __m128i *)(cells + second)), 1);
}

/// Every other of eight cells. Not gathered: to load them one by one is faster.
VECTORS __m512i four_cells(const engine_cell *cells, const uint32_t *places) {
    const __m256i low = two_cells(cells, places[0], places[2]), high = two_cells(cells, places[4], places[6]);
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

VECTORS uint32_t count_objects(
    const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t count) {
    const __m512i ones = _mm512_set1_epi64(-1), low = _mm512_set1_epi64(UINT16_MAX);
    uint32_t index = 0, met = 0;
    for (; index + 8 <= count; index += 8) {
        const __m256i told = _mm256_loadu_si256((const __m256i *)(places + index));
        // A number is not a place.
        const __mmask8 numbers = _mm256_movepi32_mask(told);
        const __m256i place = _mm256_mask_mov_epi32(told, numbers, _mm256_set1_epi32((int)ENGINE_NO_CELL));
        uint32_t cells[8];
        _mm256_storeu_si256((__m256i *)cells, _mm256_and_si256(place, _mm256_set1_epi32(ENGINE_CELL)));
        const __m512i even = four_cells(ranks->cells, cells), odd = four_cells(ranks->cells, cells + 1);
        const __m512i bits = _mm512_unpacklo_epi64(even, odd), rest = _mm512_unpackhi_epi64(even, odd);
        const __m512i granule_shift = _mm512_cvtepu32_epi64(_mm256_srli_epi32(place, ENGINE_GRANULE_SHIFT));
        const __m512i offset = _mm512_andnot_si512(
            _mm512_sllv_epi64(_mm512_slli_epi64(ones, 6), granule_shift), _mm512_loadu_si512(addresses + index));
        const __m512i granule = _mm512_srlv_epi64(offset, granule_shift);
        const __m512i up_to = _mm512_and_si512(
            bits, _mm512_srlv_epi64(ones, _mm512_sub_epi64(_mm512_set1_epi64(63), granule)));
        const __m512i number = _mm512_add_epi64(rest, _mm512_popcnt_epi64(up_to));
        const __m512i last = _mm512_sllv_epi64(
            _mm512_sub_epi64(_mm512_set1_epi64(63), _mm512_lzcnt_epi64(up_to)), granule_shift);
        const __m512i covered = _mm512_and_si512(_mm512_srli_epi64(rest, 32), low), extent = _mm512_srli_epi64(rest, 48);
        const __mmask8 starts = _mm512_test_epi64_mask(up_to, up_to);
        const __mmask8 found = _mm512_mask_cmplt_epu64_mask(starts, _mm512_sub_epi64(offset, last), extent)
            | _mm512_mask_cmplt_epu64_mask((__mmask8)~starts, offset, covered);
        const uint32_t alone = _mm512_mask_testn_epi64_mask(starts, extent, extent) | numbers;
        met |= found != 0 ? engine_found : 0;
        if (__builtin_expect(alone != 0, 0)) {
            uint32_t own[8];
            _mm256_storeu_si256((__m256i *)own, told);
            for (uint32_t each = alone; each != 0; each &= each - 1) {
                const uint32_t lane = (uint32_t)__builtin_ctz(each);
                met |= engine_count(ranks, addresses[index + lane], own + lane);
            }
            const __m256i others = _mm256_maskz_mov_epi32(found, _mm512_cvtepi64_epi32(number));
            _mm256_storeu_si256(
                (__m256i *)(places + index),
                _mm256_mask_mov_epi32(others, (__mmask8)alone, _mm256_loadu_si256((const __m256i *)own)));
            continue;
        }
        _mm256_storeu_si256((__m256i *)(places + index), _mm256_maskz_mov_epi32(found, _mm512_cvtepi64_epi32(number)));
    }
    for (; index < count; index++) met |= engine_count(ranks, addresses[index], places + index);
    return met;
}

bool engine_can_resolve_avx512(void) {
    return __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("bmi2")
        && __builtin_cpu_supports("lzcnt");
}

__attribute__((target(TARGET), noinline)) uint32_t engine_resolve_avx512(
    const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t count) {
    return engine_look_up((engine_steps){find, count_objects}, ranks, addresses, places, count);
}

#endif
