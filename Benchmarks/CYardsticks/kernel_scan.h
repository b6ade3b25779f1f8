// The scan of mm/kmemleak.c, with the look-up left open. Whoever includes this defines before:
//
//   RECORD            the type of an object's record, with the fields used below
//   INDEX             the type of what finds records, with `heap` and the fields of SCAN_STATE
//   record(index, row)
//   find(index, address, percpu)  the record that contains the address, or NULL
//   NAME(scan), NAME(reset)
//
// Left out are the kernel's locks, its reference counts on records and its rescheduling points: they would only make it slower.

#include <string.h>

#include "crc32.h"
#include "yardsticks.h"

static inline bool is_white(const RECORD *object) { return object->count != -1 && object->count < object->min_count; }
static inline bool is_gray(const RECORD *object) { return object->min_count != -1 && object->count >= object->min_count; }

static inline void empty_gray_list(INDEX *index) {
    index->gray_head = NULL;
    index->gray_tail = &index->gray_head;
}

static inline void join_gray_list(INDEX *index, RECORD *object) {
    object->next_gray = NULL;
    *index->gray_tail = object;
    index->gray_tail = &object->next_gray;
}

// update_refs()
static inline void update_refs(INDEX *index, RECORD *object) {
    if (!is_white(object)) return;
    object->count += 1;
    if (is_gray(object)) join_gray_list(index, object);
}

static inline void found(INDEX *index, RECORD *object, const RECORD *scanned) {
    if (!is_gray(object)) return update_refs(index, object);
    if (object->excess_ref == 0) return;
    RECORD *other = find(index, object->excess_ref, false);
    if (other != NULL && other->pointer == object->excess_ref && other != scanned) update_refs(index, other);
}

// scan_block()
static inline void scan_runs(INDEX *index, yard_range range, const RECORD *scanned, yard_result *result) {
    for (uint32_t place = range.first; place < range.first + range.count; place++) {
        yard_run run = index->heap->runs[place];
        result->words += run.count;
        for (uint64_t step = 0; step < run.count; step++) {
            uint64_t word;
            memcpy(&word, run.bytes + 8 * step, 8);
            if (word >= index->low && word < index->high) {
                RECORD *object = find(index, word, false);
                if (object != NULL && object != scanned) {
                    result->references += 1;
                    found(index, object, scanned);
                }
            }
            if (word >= index->percpu_low && word < index->percpu_high) {
                RECORD *object = find(index, word, true);
                if (object != NULL && object != scanned) {
                    result->references += 1;
                    found(index, object, scanned);
                }
            }
        }
    }
}

// scan_gray_list()
static void scan_gray_list(INDEX *index, yard_result *result) {
    for (RECORD *object = index->gray_head; object != NULL; object = object->next_gray) {
        if ((object->flags & (YARD_ALLOCATED | YARD_NO_SCAN)) != YARD_ALLOCATED) continue;
        result->was_read[object->row] = true;
        scan_runs(index, index->heap->objects[object->row].runs, object, result);
    }
    empty_gray_list(index);
}

// update_checksum()
static bool is_modified(INDEX *index, RECORD *object) {
    yard_range range = index->heap->objects[object->row].pieces;
    if (range.count == 0) return false;
    uint32_t checksum = 0, copy = 0;
    for (uint32_t place = range.first; place < range.first + range.count; place++) {
        yard_piece piece = index->heap->pieces[place];
        if (piece.begins_copy) {
            checksum ^= copy;
            copy = 0;
        }
        copy = crc32(copy, piece.bytes, piece.count);
    }
    checksum ^= copy;
    if (checksum == object->checksum) return false;
    object->checksum = checksum;
    return true;
}

// kmemleak_scan()
void NAME(scan)(INDEX *index, yard_result *result) {
    const yard_heap *heap = index->heap;
    result->words = result->references = result->leak_count = result->new_leak_count = 0;
    empty_gray_list(index);
    for (uint32_t row = 0; row < heap->object_count; row++) {
        RECORD *object = record(index, row);
        object->count = 0;
        if (is_gray(object)) join_gray_list(index, object);
    }
    for (uint32_t root = 0; root < heap->root_count; root++) scan_runs(index, heap->roots[root], NULL, result);
    scan_gray_list(index, result);

    for (uint32_t row = 0; row < heap->object_count; row++) {
        RECORD *object = record(index, row);
        if (!is_white(object) || (object->flags & (YARD_ALLOCATED | YARD_PHYS)) != YARD_ALLOCATED) continue;
        if (!is_modified(index, object)) continue;
        object->count = object->min_count;
        join_gray_list(index, object);
    }
    scan_gray_list(index, result);

    for (uint32_t row = 0; row < heap->object_count; row++) {
        RECORD *object = record(index, row);
        if (!is_white(object) || !(object->flags & YARD_ALLOCATED)) continue;
        if ((int64_t)(heap->jiffies - (object->jiffies + 5 * heap->hz)) < 0) continue;
        result->new_leak_count += !(object->flags & YARD_REPORTED);
        object->flags |= YARD_REPORTED;
        result->leaks[result->leak_count++] = row;
    }
}

void NAME(reset)(INDEX *index) {
    for (uint32_t row = 0; row < index->heap->object_count; row++) {
        RECORD *object = record(index, row);
        object->flags = index->heap->objects[row].flags;
        object->checksum = index->heap->objects[row].checksum;
    }
}

/// The addresses between which there are objects: kmemleak's min_addr and max_addr.
static void set_bounds(INDEX *index) {
    index->low = index->percpu_low = UINT64_MAX;
    index->high = index->percpu_high = 0;
    for (uint32_t row = 0; row < index->heap->object_count; row++) {
        const yard_object *object = &index->heap->objects[row];
        if (!(object->flags & YARD_ALLOCATED) || object->flags & YARD_PHYS) continue;
        uint64_t *low = object->flags & YARD_PERCPU ? &index->percpu_low : &index->low;
        uint64_t *high = object->flags & YARD_PERCPU ? &index->percpu_high : &index->high;
        if (object->start < *low) *low = object->start;
        if (object->start + object->size > *high) *high = object->start + object->size;
    }
}
