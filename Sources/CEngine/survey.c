#include "variants.h"

static const uint32_t number_of_block = ~ENGINE_UNREAD;

/// Closes the objects that one reference was enough for.
static inline void engine_take(const engine_states *states, const engine_hits *hits, uint32_t first, uint32_t end) {
    if (!states->single) return;
    for (uint32_t hit = first; hit < end; hit++) {
        const uint32_t number = hits->numbers[hit];
        states->open[number / 32] &= ~(states->single[number / 32] & 1u << number % 32);
    }
}

/// Blocks ahead for which memory is asked: for their places in the graph, and later for their references.
static const uint32_t places_ahead = 48, references_ahead = 32;
/// References up to which all of a block's are asked for before it is read.
static const uint32_t long_block = 512;

static inline void engine_ask_for_place(const engine_graph *graph, uint32_t ordered) {
    const uint32_t *block = graph->blocks + (ordered & number_of_block);
    __builtin_prefetch(block, 0, 3);
    // Where it ends, which stands in another cache line for one in sixteen.
    __builtin_prefetch(block + 1, 0, 3);
}

static inline void engine_ask_for_references(const engine_graph *graph, uint32_t ordered) {
    const uint32_t *block = graph->blocks + (ordered & number_of_block), *first = graph->stream + block[0];
    // Half of the blocks have references in a second cache line, and vectors are read whole.
    __builtin_prefetch(first, 0, 3);
    __builtin_prefetch(first + 15, 0, 3);
    __builtin_prefetch(first + 31, 0, 3);
    // Few blocks have more, but a third of all references stand in them. Nearly always the next number's block follows.
    const uint32_t length = block[1] - block[0];
    if (__builtin_expect(length > 32 && length <= long_block, 0)) {
        for (uint32_t next = 47; next < length + 15; next += 16) __builtin_prefetch(first + next, 0, 3);
    }
}

/// Before the first of `count` blocks: what `engine_ask_ahead` would have asked for before.
static inline void engine_ask_first(const engine_graph *graph, const uint32_t *order, uint32_t count) {
    for (uint32_t index = 0; index < places_ahead && index < count; index++) engine_ask_for_place(graph, order[index]);
    for (uint32_t index = 0; index < references_ahead && index < count; index++) engine_ask_for_references(graph, order[index]);
}

/// What is read next is known for a long time.
static inline void engine_ask_ahead(const engine_graph *graph, const uint32_t *order, uint32_t index, uint32_t count) {
    if (index + places_ahead < count) engine_ask_for_place(graph, order[index + places_ahead]);
    if (index + references_ahead < count) engine_ask_for_references(graph, order[index + references_ahead]);
}

/// The references of one block from `next` on, told apart one by one.
/// - ordinal: the number of the word before.
/// - found: hits that there are already.
/// - Returns how many hits there are then, or `ENGINE_NO_ROOM`.
static inline uint32_t engine_survey_rest(
    const engine_graph *graph, const engine_states *states, uint32_t next, uint32_t ordinal, uint32_t index,
    const engine_hits *hits, uint32_t found, uint32_t *references) {
    const uint32_t first = next, numbers = (1u << graph->number_bits) - 1, limit = INT32_MAX >> graph->number_bits;
    uint32_t reference;
    bool is_far = false;
    do {
        reference = graph->stream[next];
        const uint32_t number = reference & numbers, gap = (reference & ~ENGINE_LAST) >> graph->number_bits;
        is_far |= gap == limit;
        ordinal += gap;
        if (__builtin_expect(states->open[number / 32] >> number % 32 & 1, 0)) {
            if (found == hits->room) return ENGINE_NO_ROOM;
            hits->numbers[found] = number;
            hits->blocks[found] = index;
            hits->references[found] = next;
            hits->ordinals[found++] = is_far ? ENGINE_FAR : ordinal;
        }
        next++;
    } while (!(reference & ENGINE_LAST));
    *references += next - first;
    return found;
}

uint32_t engine_survey_scalar(
    const engine_graph *graph, const uint32_t *order, uint32_t count, const engine_states *states,
    const engine_hits *hits, uint32_t *words, uint32_t *references) {
    uint32_t found = 0;
    engine_ask_first(graph, order, count);
    for (uint32_t index = 0; index < count; index++) {
        engine_ask_ahead(graph, order, index, count);
        const uint32_t first = graph->blocks[order[index] & number_of_block], header = graph->stream[first];
        const bool is_read = !(order[index] & ENGINE_UNREAD);
        words[index] = is_read ? header & ~ENGINE_LAST : 0;
        if (!is_read || header & ENGINE_LAST) continue;
        const uint32_t before = found;
        found = engine_survey_rest(graph, states, first + 1, 0, index, hits, before, references);
        if (found == ENGINE_NO_ROOM) return found;
        engine_take(states, hits, before, found);
    }
    return found;
}

#if defined(__x86_64__)

#include <immintrin.h>

/// By lane, the sum of the lanes up to it.
__attribute__((target("avx512f"))) static inline __m512i engine_sums(__m512i lanes) {
    const __m512i zero = _mm512_setzero_si512();
    lanes = _mm512_add_epi32(lanes, _mm512_alignr_epi32(lanes, zero, 15));
    lanes = _mm512_add_epi32(lanes, _mm512_alignr_epi32(lanes, zero, 14));
    lanes = _mm512_add_epi32(lanes, _mm512_alignr_epi32(lanes, zero, 12));
    return _mm512_add_epi32(lanes, _mm512_alignr_epi32(lanes, zero, 8));
}

/// Blocks after which those are closed that one reference was enough for: the longer they wait the better this is foreseen,
/// and the more is found twice.
static const uint32_t blocks_until_taken = 16;

/// Sixteen references at a time: nearly all blocks have fewer, and all that matters of them is fetched with one instruction.
/// Whether one is a hit nothing foresees, so that no step may depend on it.
__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,bmi,bmi2,popcnt"), noinline)) uint32_t engine_survey_avx512(
    const engine_graph *graph, const uint32_t *order, uint32_t count, const engine_states *states,
    const engine_hits *hits, uint32_t *words, uint32_t *references) {
    const __m512i number_bits = _mm512_set1_epi32((int)((1u << graph->number_bits) - 1)), one = _mm512_set1_epi32(1);
    const __m512i limit = _mm512_set1_epi32(INT32_MAX >> graph->number_bits);
    const __m512i each = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m128i gap_shift = _mm_cvtsi32_si128((int)graph->number_bits);
    uint32_t found = 0, taken = 0, seen = 0;
    engine_ask_first(graph, order, count);
    for (uint32_t index = 0; index < count; index++) {
        engine_ask_ahead(graph, order, index, count);
        if (index % blocks_until_taken == 0) {
            engine_take(states, hits, taken, found);
            taken = found;
        }
        const uint32_t first = graph->blocks[order[index] & number_of_block], header = graph->stream[first];
        const bool is_read = !(order[index] & ENGINE_UNREAD);
        words[index] = is_read ? header & ~ENGINE_LAST : 0;
        if (!is_read || header & ENGINE_LAST) continue;
        uint32_t next = first;
        __m512i base = _mm512_setzero_si512();
        // Not the header, which is there for the vectors' sake: most blocks then lie in one.
        __mmask16 wanted = 0xfffe;
        for (;;) {
            const __m512i stream = _mm512_loadu_si512(graph->stream + next);
            const uint32_t ends = _mm512_movepi32_mask(stream) & wanted;
            // The lanes up to the last one of the block.
            const __mmask16 lanes = (__mmask16)_blsmsk_u32(ends | 1u << 16) & wanted;
            const __m512i numbers = _mm512_and_si512(stream, number_bits);
            const __m512i open = _mm512_mask_i32gather_epi32(
                _mm512_setzero_si512(), lanes, _mm512_srli_epi32(numbers, 5), states->open, 4);
            // Rotated by the number's low five bits.
            const __mmask16 hit = _mm512_test_epi32_mask(_mm512_rorv_epi32(open, numbers), one);
            const __m512i gaps = _mm512_srl_epi32(
                _mm512_maskz_and_epi32(lanes, stream, _mm512_set1_epi32(INT32_MAX)), gap_shift);
            if (__builtin_expect(_mm512_cmpeq_epi32_mask(gaps, limit) != 0, 0)) {
                next += wanted == 0xfffe;
                const uint32_t before = (uint32_t)_mm_cvtsi128_si32(_mm512_castsi512_si128(base));
                found = engine_survey_rest(graph, states, next, before, index, hits, found, &seen);
                if (found == ENGINE_NO_ROOM) return found;
                break;
            }
            const uint32_t more = (uint32_t)__builtin_popcount(hit);
            if (__builtin_expect(hits->room - found < more, 0)) return ENGINE_NO_ROOM;
            const __m512i ordinals = _mm512_add_epi32(base, engine_sums(gaps));
            const __m512i places = _mm512_add_epi32(_mm512_set1_epi32((int)next), each);
            _mm512_storeu_si512(hits->numbers + found, _mm512_maskz_compress_epi32(hit, numbers));
            _mm512_storeu_si512(hits->references + found, _mm512_maskz_compress_epi32(hit, places));
            _mm512_storeu_si512(hits->ordinals + found, _mm512_maskz_compress_epi32(hit, ordinals));
            _mm512_storeu_si512(hits->blocks + found, _mm512_set1_epi32((int)index));
            found += more;
            seen += (uint32_t)__builtin_popcount(lanes);
            if (ends != 0) break;
            // Of a very long block nobody has asked for what comes now.
            __builtin_prefetch(graph->stream + next + 64, 0, 3);
            base = _mm512_permutexvar_epi32(_mm512_set1_epi32(15), ordinals);
            next += 16;
            wanted = 0xffff;
        }
    }
    engine_take(states, hits, taken, found);
    *references += seen;
    return found;
}

#endif

uint32_t engine_survey(
    engine_variant variant, const engine_graph *graph, const uint32_t *order, uint32_t count,
    const engine_states *states, const engine_hits *hits, uint32_t *words, uint32_t *references) {
#if defined(__x86_64__)
    if (variant == engine_avx512) {
        return engine_survey_avx512(graph, order, count, states, hits, words, references);
    }
#endif
    return engine_survey_scalar(graph, order, count, states, hits, words, references);
}
