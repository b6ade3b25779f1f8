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

__attribute__((always_inline)) static inline void write(
    engine_writer *writer, const engine_run *runs, const uint32_t *run_blocks, const uint32_t *ends, uint32_t run_count,
    const uint32_t *ordinals, const uint32_t *numbers, const uint32_t *percpu_numbers) {
    engine_writer own = *writer;
    uint32_t candidate = 0;
    for (uint32_t run = 0; run < run_count; run++) {
        if (run_blocks[run] != own.block) begin(&own, run_blocks[run]);
        own.word_count = runs[run].ordinal + runs[run].count;
        for (const uint32_t end = ends[run]; candidate < end; candidate++) {
            add(&own, numbers[candidate], ordinals[candidate]);
            // A word in the range of PERCPU objects may be in an ordinary one, too.
            if (percpu_numbers) add(&own, percpu_numbers[candidate], ordinals[candidate]);
        }
    }
    *writer = own;
}

void engine_write(
    engine_writer *writer, const engine_run *runs, const uint32_t *run_blocks, const uint32_t *ends, uint32_t run_count,
    const uint32_t *ordinals, const uint32_t *numbers, const uint32_t *percpu_numbers) {
    if (percpu_numbers) {
        write(writer, runs, run_blocks, ends, run_count, ordinals, numbers, percpu_numbers);
    } else {
        write(writer, runs, run_blocks, ends, run_count, ordinals, numbers, 0);
    }
}

void engine_end_block(engine_writer *writer) { end(writer); }
