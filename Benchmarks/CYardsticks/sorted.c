// The starts of all objects in one sorted array, searched in halves; records beside it in the same order.

#include <stdlib.h>

#include "scan_state.h"
#include "yardsticks.h"

/// No more than a scan needs, so that the array has its best case.
struct sorted_object {
    uint64_t pointer, size, excess_ref, jiffies;
    struct sorted_object *next_gray;
    int32_t min_count, count;
    uint32_t flags, checksum, row;
};

#define RECORD struct sorted_object
#define INDEX yard_sorted
#define NAME(verb) yard_sorted_##verb

struct tree {
    uint64_t *starts;
    uint32_t first, count;
};

struct yard_sorted {
    const yard_heap *heap;
    struct tree ordinary, percpu;
    /// Ordinary ones, PERCPU ones, then those that are found by no address; each by address.
    RECORD *records;
    uint64_t *starts;
    uint32_t *places;
    SCAN_STATE(RECORD)
};

static inline RECORD *record(const yard_sorted *index, uint32_t row) { return &index->records[index->places[row]]; }

static inline RECORD *find(const yard_sorted *index, uint64_t address, bool percpu) {
    const struct tree *tree = percpu ? &index->percpu : &index->ordinary;
    const uint64_t *below = tree->starts;
    if (tree->count == 0 || address < *below) return NULL;
    for (uint32_t length = tree->count; length > 1;) {
        uint32_t half = length / 2;
        below = below[half] <= address ? below + half : below;
        length -= half;
    }
    RECORD *object = &index->records[tree->first + (below - tree->starts)];
    return address - object->pointer < object->size ? object : NULL;
}

#include "kernel_scan.h"

static int kind(const RECORD *object) {
    if (!(object->flags & YARD_ALLOCATED) || object->flags & YARD_PHYS || object->size == 0) return 2;
    return object->flags & YARD_PERCPU ? 1 : 0;
}

static int by_kind_and_address(const void *left, const void *right) {
    const RECORD *first = left, *second = right;
    if (kind(first) != kind(second)) return kind(first) - kind(second);
    return first->pointer < second->pointer ? -1 : first->pointer > second->pointer;
}

yard_sorted *yard_sorted_build(const yard_heap *heap) {
    yard_sorted *index = calloc(1, sizeof *index);
    index->heap = heap;
    index->records = calloc(heap->object_count, sizeof *index->records);
    index->starts = calloc(heap->object_count, sizeof *index->starts);
    index->places = calloc(heap->object_count, sizeof *index->places);
    for (uint32_t row = 0; row < heap->object_count; row++) {
        const yard_object *object = &heap->objects[row];
        index->records[row] = (RECORD){
            .pointer = object->start, .size = object->size, .excess_ref = object->excess_ref, .jiffies = object->jiffies,
            .min_count = object->min_count, .flags = object->flags, .row = row,
        };
    }
    qsort(index->records, heap->object_count, sizeof *index->records, by_kind_and_address);
    uint32_t counts[3] = {0};
    for (uint32_t place = 0; place < heap->object_count; place++) {
        index->starts[place] = index->records[place].pointer;
        index->places[index->records[place].row] = place;
        counts[kind(&index->records[place])] += 1;
    }
    index->ordinary = (struct tree){index->starts, 0, counts[0]};
    index->percpu = (struct tree){index->starts + counts[0], counts[0], counts[1]};
    set_bounds(index);
    yard_sorted_reset(index);
    return index;
}

void yard_sorted_free(yard_sorted *index) {
    free(index->records);
    free(index->starts);
    free(index->places);
    free(index);
}

int64_t yard_sorted_find(const yard_sorted *index, uint64_t address) {
    const RECORD *object = find(index, address, false);
    return object == NULL ? -1 : (int64_t)object->row;
}
