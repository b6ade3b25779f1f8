#include "CEngine.h"

/// Without a branch on what was found. A word in a PERCPU object's range may be in an ordinary one, too.
__attribute__((always_inline)) static inline void add(
    engine_writer *writer, uint32_t *next, uint32_t *last_ordinal, uint32_t number, uint32_t ordinal) {
    const uint32_t limit = INT32_MAX >> writer->number_bits;
    // mm/kmemleak.c, scan_block(): a self reference does not count.
    const uint32_t is_reference = (uint32_t)(number != 0) & (uint32_t)(number != writer->block);
    const uint32_t gap = ordinal - *last_ordinal, held = gap < limit ? gap : limit;
    writer->stream[*next] = number | held << writer->number_bits;
    if (__builtin_expect(gap >= limit, 0) && is_reference) {
        writer->far_gaps[writer->far_count++] = (engine_far_gap){.reference = *next, .words = gap};
    }
    *next += is_reference;
    *last_ordinal = is_reference ? ordinal : *last_ordinal;
}

void engine_end_block(engine_writer *writer) {
    if (writer->block == ENGINE_NO_BLOCK) return;
    writer->stream[writer->header] = writer->word_count;
    writer->stream[writer->next - 1] |= ENGINE_LAST;
    writer->reference_count += writer->next - writer->header - 1;
    writer->block = ENGINE_NO_BLOCK;
}

static void begin(engine_writer *writer, uint32_t block) {
    engine_end_block(writer);
    writer->block = block;
    writer->header = writer->next++;
    writer->blocks[block] = writer->header + 1;
    writer->last_ordinal = 0;
}

void engine_write(
    engine_writer *writer, const engine_run *runs, const uint32_t *run_blocks, const uint32_t *ends, uint32_t run_count,
    const uint32_t *ordinals, const uint32_t *numbers, const uint32_t *percpu_numbers) {
    uint32_t candidate = 0;
    for (uint32_t run = 0; run < run_count; run++) {
        if (run_blocks[run] != writer->block) begin(writer, run_blocks[run]);
        writer->word_count = runs[run].ordinal + runs[run].count;
        uint32_t next = writer->next, last_ordinal = writer->last_ordinal;
        for (const uint32_t end = ends[run]; candidate < end; candidate++) {
            add(writer, &next, &last_ordinal, numbers[candidate], ordinals[candidate]);
            if (percpu_numbers) add(writer, &next, &last_ordinal, percpu_numbers[candidate], ordinals[candidate]);
        }
        writer->next = next;
        writer->last_ordinal = last_ordinal;
    }
}
