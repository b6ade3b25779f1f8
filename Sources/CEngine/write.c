#include "CEngine.h"

// The writer is copied while it is used: it could otherwise be what an element of the stream is written over.

/// Without a branch on what was found.
__attribute__((always_inline)) static inline void add(engine_writer *writer, uint32_t number, uint32_t ordinal) {
    const uint32_t unit = 1u << writer->number_bits, limit = INT32_MAX >> writer->number_bits;
    // mm/kmemleak.c, scan_block(): a self reference does not count.
    const uint32_t is_reference = (uint32_t)(number != 0) & (uint32_t)(number != writer->block);
    const uint32_t gap = ordinal - writer->last_ordinal, held = gap < limit ? gap : limit;
    writer->stream[writer->next] = number | held * unit;
    if (__builtin_expect(gap >= limit, 0) && is_reference) {
        writer->far_gaps[writer->far_count++] = (engine_far_gap){.reference = writer->next, .words = gap};
    }
    writer->next += is_reference;
    writer->last_ordinal = is_reference ? ordinal : writer->last_ordinal;
}

__attribute__((always_inline)) static inline void end(engine_writer *writer) {
    if (writer->block == ENGINE_NO_BLOCK) return;
    writer->stream[writer->header] = writer->word_count;
    writer->stream[writer->next - 1] |= ENGINE_LAST;
    writer->reference_count += writer->next - writer->header - 1;
    writer->block = ENGINE_NO_BLOCK;
}

__attribute__((always_inline)) static inline void begin(engine_writer *writer, uint32_t block) {
    end(writer);
    writer->block = block;
    writer->header = writer->next++;
    writer->blocks[block] = writer->header + 1;
    writer->last_ordinal = 0;
}

__attribute__((always_inline)) static inline void write_one_by_one(
    engine_writer *writer, const engine_piece *pieces, uint32_t piece_count, const uint32_t *positions, const uint32_t *numbers,
    const uint32_t *percpu_numbers) {
    engine_writer own = *writer;
    uint32_t candidate = 0, start = 0;
    for (uint32_t piece = 0; piece < piece_count; piece++) {
        const uint32_t end = pieces[piece].end, before = pieces[piece].ordinal - start;
        if (pieces[piece].block != own.block) begin(&own, pieces[piece].block);
        own.word_count = end + before;
        for (; positions[candidate] < end; candidate++) {
            add(&own, numbers[candidate], positions[candidate] + before);
            // A word in the range of PERCPU objects may be in an ordinary one, too.
            if (percpu_numbers) add(&own, percpu_numbers[candidate], positions[candidate] + before);
        }
        start = end;
    }
    *writer = own;
}

#if defined(__x86_64__)

#include <immintrin.h>

/// Sixteen candidates at a time, which nearly all pieces have fewer of.
__attribute__((target("avx512f,bmi,popcnt"), noinline)) static void write_avx512(
    engine_writer *writer, const engine_piece *pieces, uint32_t piece_count, const uint32_t *positions,
    const uint32_t *numbers) {
    engine_writer own = *writer;
    const uint32_t limit = INT32_MAX >> own.number_bits;
    const __m128i gap_shift = _mm_cvtsi32_si128((int)own.number_bits);
    uint32_t candidate = 0, start = 0;
    for (uint32_t piece = 0; piece < piece_count; piece++) {
        const uint32_t end = pieces[piece].end, before = pieces[piece].ordinal - start, block = pieces[piece].block;
        if (block != own.block) begin(&own, block);
        own.word_count = end + before;
        // The place of the last reference, in all lanes.
        __m512i last = _mm512_set1_epi32((int)(own.last_ordinal - before));
        uint32_t inside;
        do {
            const __m512i position = _mm512_loadu_si512(positions + candidate), number = _mm512_loadu_si512(numbers + candidate);
            inside = _mm512_cmplt_epu32_mask(position, _mm512_set1_epi32((int)end));
            const __mmask16 is_reference = _mm512_mask_cmpneq_epu32_mask(
                _mm512_mask_test_epi32_mask((__mmask16)inside, number, number), number, _mm512_set1_epi32((int)block));
            const uint32_t found = (uint32_t)__builtin_popcount(is_reference);
            const __m512i place = _mm512_maskz_compress_epi32(is_reference, position);
            const __m512i gap = _mm512_sub_epi32(place, _mm512_alignr_epi32(place, last, 15));
            const __m512i held = _mm512_sll_epi32(_mm512_min_epu32(gap, _mm512_set1_epi32((int)limit)), gap_shift);
            _mm512_storeu_si512(
                own.stream + own.next, _mm512_or_si512(held, _mm512_maskz_compress_epi32(is_reference, number)));
            uint32_t far = _mm512_mask_cmpge_epu32_mask(
                (__mmask16)((1u << found) - 1), gap, _mm512_set1_epi32((int)limit));
            if (__builtin_expect(far != 0, 0)) {
                uint32_t gaps[16];
                _mm512_storeu_si512(gaps, gap);
                for (; far != 0; far &= far - 1) {
                    const uint32_t lane = (uint32_t)__builtin_ctz(far);
                    own.far_gaps[own.far_count++] = (engine_far_gap){.reference = own.next + lane, .words = gaps[lane]};
                }
            }
            own.next += found;
            // Its own last lane, where nothing was found.
            last = _mm512_permutex2var_epi32(last, _mm512_set1_epi32((int)(15 + found)), place);
            candidate += (uint32_t)__builtin_popcount(inside);
        } while (inside == 0xffff);
        own.last_ordinal = (uint32_t)_mm_cvtsi128_si32(_mm512_castsi512_si128(last)) + before;
        start = end;
    }
    *writer = own;
}

#endif

void engine_write(
    engine_variant variant, engine_writer *writer, const engine_piece *pieces, uint32_t piece_count, const uint32_t *positions,
    const uint32_t *numbers, const uint32_t *percpu_numbers) {
    if (percpu_numbers) return write_one_by_one(writer, pieces, piece_count, positions, numbers, percpu_numbers);
#if defined(__x86_64__)
    if (variant == engine_avx512) return write_avx512(writer, pieces, piece_count, positions, numbers);
#endif
    write_one_by_one(writer, pieces, piece_count, positions, numbers, 0);
}

void engine_end_block(engine_writer *writer) { end(writer); }
