#include "variants.h"

enum { needed = 0x3f, passes_on = 0x80, unread = 0x40, many = 0x3f };
static const uint32_t last = 1u << 31;

/// Whether a reference to the object may still change something; if so it is taken as counted.
static inline bool engine_takes(uint8_t *state, bool counts) {
    const uint8_t needs = *state & needed;
    if (counts && needs != 0 && needs != many) *state -= 1;
    return (needs | (*state & passes_on)) != 0;
}

/// What is read next is known for a long time: its place in the graph, and later its references, can be asked for.
static inline void engine_ask_ahead(
    const engine_graph *graph, const uint32_t *order, uint32_t index, uint32_t available) {
    if (index + 24 < available) __builtin_prefetch(graph->blocks + order[index + 24], 0, 3);
    if (index + 10 < available) {
        const uint32_t first = graph->blocks[order[index + 10]].first;
        if (first != 0) {
            // Half of the blocks have references in a second cache line, and vectors are read whole.
            __builtin_prefetch(graph->targets + first, 0, 3);
            __builtin_prefetch(graph->targets + first + 15, 0, 3);
            __builtin_prefetch(graph->gaps + first, 0, 3);
        }
    }
}

/// The references of one block from `next` on, of which the first is the word `ordinal`, told apart one by one.
static inline uint32_t engine_survey_rest(
    const engine_graph *graph, uint8_t *states, bool counts, uint32_t next, uint32_t ordinal, uint32_t index,
    engine_hit *hits, uint32_t *references) {
    uint32_t found = 0, target;
    const uint32_t first = next;
    bool is_far = false;
    do {
        target = graph->targets[next];
        const uint8_t gap = graph->gaps[next];
        is_far |= gap == UINT8_MAX;
        ordinal += gap;
        uint8_t *state = states + (target & ~last);
        if (__builtin_expect((*state & (needed | passes_on)) != 0, 0) && engine_takes(state, counts)) {
            hits[found++] = (engine_hit){.number = target & ~last, .block = index, .reference = next,
                                         .ordinal = is_far ? ENGINE_FAR : ordinal};
        }
        next++;
    } while (!(target & last));
    *references += next - first;
    return found;
}

uint32_t engine_survey_scalar(
    const engine_graph *graph, const uint32_t *order, uint32_t count, uint32_t available, uint8_t *states, bool counts,
    engine_hit *hits, uint32_t *words, uint32_t *references) {
    uint32_t found = 0;
    for (uint32_t index = 0; index < count; index++) {
        engine_ask_ahead(graph, order, index, available);
        const engine_block block = graph->blocks[order[index]];
        const bool is_read = !(states[order[index]] & unread);
        words[index] = is_read ? block.word_count : 0;
        if (!is_read || block.first == 0) continue;
        found += engine_survey_rest(graph, states, counts, block.first, 0, index, hits + found, references);
    }
    return found;
}

#if defined(__x86_64__)

#include <immintrin.h>

/// Sixteen references at a time: nearly all blocks have fewer, and their states are fetched with one instruction.
__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,bmi,bmi2,popcnt"), noinline)) uint32_t engine_survey_avx512(
    const engine_graph *graph, const uint32_t *order, uint32_t count, uint32_t available, uint8_t *states, bool counts,
    engine_hit *hits, uint32_t *words, uint32_t *references) {
    const __m512i number_bits = _mm512_set1_epi32(0x7fffffff), interesting = _mm512_set1_epi32(needed | passes_on);
    uint32_t found = 0, seen = 0;
    for (uint32_t index = 0; index < count; index++) {
        engine_ask_ahead(graph, order, index, available);
        const engine_block block = graph->blocks[order[index]];
        const bool is_read = !(states[order[index]] & unread);
        words[index] = is_read ? block.word_count : 0;
        if (!is_read || block.first == 0) continue;
        uint32_t next = block.first, base = 0;
        for (;;) {
            const __m512i targets = _mm512_loadu_si512(graph->targets + next);
            const uint32_t ends = _mm512_movepi32_mask(targets);
            // The lanes up to the last one of the block.
            const __mmask16 lanes = (__mmask16)_blsmsk_u32(ends | 1u << 16);
            const __m512i numbers = _mm512_and_si512(targets, number_bits);
            const __m512i fetched = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), lanes, numbers, states, 1);
            uint32_t hit = _mm512_test_epi32_mask(fetched, interesting);
            const __m128i gaps = _mm_loadu_si128((const __m128i *)(graph->gaps + next));
            const uint32_t far = _mm_mask_cmpeq_epi8_mask(lanes, gaps, _mm_set1_epi8(-1));
            if (__builtin_expect(far != 0, 0)) {
                found += engine_survey_rest(graph, states, counts, next, base, index, hits + found, &seen);
                break;
            }
            while (hit != 0) {
                const uint32_t lane = (uint32_t)__builtin_ctz(hit);
                hit &= hit - 1;
                const uint32_t number = graph->targets[next + lane] & ~last;
                // A block may refer to an object twice.
                if (!engine_takes(states + number, counts)) continue;
                const __m128i before = _mm_maskz_mov_epi8((__mmask16)((2u << lane) - 1), gaps);
                const __m128i sums = _mm_sad_epu8(before, _mm_setzero_si128());
                const uint32_t sum = (uint32_t)(_mm_cvtsi128_si32(sums) + _mm_extract_epi32(sums, 2));
                hits[found++] = (engine_hit){.number = number, .block = index, .reference = next + lane, .ordinal = base + sum};
            }
            if (ends != 0) {
                seen += (uint32_t)__builtin_popcount(lanes);
                break;
            }
            const __m128i sums = _mm_sad_epu8(gaps, _mm_setzero_si128());
            base += (uint32_t)(_mm_cvtsi128_si32(sums) + _mm_extract_epi32(sums, 2));
            next += 16;
            seen += 16;
        }
    }
    *references += seen;
    return found;
}

#endif

uint32_t engine_survey(
    engine_variant variant, const engine_graph *graph, const uint32_t *order, uint32_t count, uint32_t available,
    uint8_t *states, bool counts, engine_hit *hits, uint32_t *words, uint32_t *references) {
#if defined(__x86_64__)
    if (variant == engine_avx512) {
        return engine_survey_avx512(graph, order, count, available, states, counts, hits, words, references);
    }
#endif
    return engine_survey_scalar(graph, order, count, available, states, counts, hits, words, references);
}
