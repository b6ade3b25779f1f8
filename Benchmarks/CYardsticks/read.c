// How fast one thread can read the bytes of a scan: the limit that no scan passes.

#include <stdlib.h>
#include <string.h>

#include "yardsticks.h"

struct yard_reading {
    yard_run *runs;
    uint64_t count;
};

static int by_place(const void *left, const void *right) {
    const yard_run *first = left, *second = right;
    return first->bytes < second->bytes ? -1 : first->bytes > second->bytes;
}

static void add(yard_reading *reading, const yard_heap *heap, yard_range range) {
    for (uint32_t place = range.first; place < range.first + range.count; place++) {
        reading->runs[reading->count++] = heap->runs[place];
    }
}

yard_reading *yard_reading_of(const yard_heap *heap, const yard_result *result) {
    yard_reading *reading = calloc(1, sizeof *reading);
    uint64_t count = 0;
    for (uint32_t root = 0; root < heap->root_count; root++) count += heap->roots[root].count;
    for (uint32_t row = 0; row < heap->object_count; row++) count += result->was_read[row] ? heap->objects[row].runs.count : 0;
    reading->runs = calloc(count, sizeof *reading->runs);
    for (uint32_t root = 0; root < heap->root_count; root++) add(reading, heap, heap->roots[root]);
    for (uint32_t row = 0; row < heap->object_count; row++) {
        if (result->was_read[row]) add(reading, heap, heap->objects[row].runs);
    }
    qsort(reading->runs, reading->count, sizeof *reading->runs, by_place);
    // What touches or overlaps is read in one go.
    uint64_t last = 0;
    for (uint64_t place = 1; place < reading->count; place++) {
        const uint8_t *end = reading->runs[last].bytes + 8 * reading->runs[last].count;
        yard_run run = reading->runs[place];
        if (run.bytes > end || (end - run.bytes) % 8 != 0) {
            reading->runs[++last] = run;
        } else if (run.bytes + 8 * run.count > end) {
            reading->runs[last].count += (run.bytes + 8 * run.count - end) / 8;
        }
    }
    reading->count = reading->count == 0 ? 0 : last + 1;
    return reading;
}

void yard_reading_free(yard_reading *reading) {
    free(reading->runs);
    free(reading);
}

uint64_t yard_reading_bytes(const yard_reading *reading) {
    uint64_t bytes = 0;
    for (uint64_t place = 0; place < reading->count; place++) bytes += 8 * reading->runs[place].count;
    return bytes;
}

typedef uint64_t words8 __attribute__((vector_size(64)));

#if defined(__x86_64__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
uint64_t yard_read(const yard_reading *reading) {
    words8 sums[4] = {{0}};
    uint64_t sum = 0;
    for (uint64_t place = 0; place < reading->count; place++) {
        const uint8_t *bytes = reading->runs[place].bytes;
        uint64_t count = reading->runs[place].count;
        for (; count >= 32; count -= 32, bytes += 256) {
            for (int part = 0; part < 4; part++) {
                words8 words;
                memcpy(&words, bytes + 64 * part, sizeof words);
                sums[part] += words;
            }
        }
        for (; count > 0; count--, bytes += 8) {
            uint64_t word;
            memcpy(&word, bytes, 8);
            sum += word;
        }
    }
    for (int part = 0; part < 4; part++) {
        for (int lane = 0; lane < 8; lane++) sum += sums[part][lane];
    }
    return sum;
}
