// Builds a heap of a capture's shape with Boehm's collector, and times its mark phase whenever a line is read.
//
// Every object becomes one of the same size, every word that a scan reads one at the same offset; a word that points into an
// object becomes a pointer to the same byte of its counterpart. Objects that are not read have no pointers for the collector
// either, gray ones are never collected, and the roots' words stand together in memory that is registered as a root.
// What the collector does not have: a second reference that a vmalloc block needs, excess_ref, self references, checksums.

#define GC_THREADS
#include <gc.h>
#include <gc/gc_mark.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "yardsticks.h"

static yard_heap *heap;
/// By row. The collector does not look here, nor anywhere that malloc gives.
static uint8_t **counterparts;

static uint64_t mark_start, mark_time;
static uint32_t unreached;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void on_event(GC_EventType event) {
    if (event == GC_EVENT_MARK_START) mark_start = now();
    if (event == GC_EVENT_MARK_END) mark_time = now() - mark_start;
    // Before anything is swept, so that what the first collection frees is counted.
    if (event != GC_EVENT_MARK_END || unreached != UINT32_MAX) return;
    unreached = 0;
    for (uint32_t row = 0; row < heap->object_count; row++) {
        if (counterparts[row] != NULL && !GC_is_marked(counterparts[row])) unreached += 1;
    }
}

static uint64_t translated(const yard_sorted *index, uint64_t word) {
    int64_t row = yard_sorted_find(index, word);
    if (row < 0 || counterparts[row] == NULL) return word;
    return (uint64_t)(counterparts[row] + (word - heap->objects[row].start));
}

static uint64_t *copy(const yard_sorted *index, yard_range runs, uint8_t *into, uint64_t start) {
    uint64_t *next = (uint64_t *)into;
    for (uint32_t place = runs.first; place < runs.first + runs.count; place++) {
        yard_run run = heap->runs[place];
        // An object's words keep their offsets; those of the roots follow one another.
        if (start != 0) next = (uint64_t *)(into + ((run.address - start) & ~7ull));
        for (uint64_t step = 0; step < run.count; step++) {
            uint64_t word;
            memcpy(&word, run.bytes + 8 * step, 8);
            *next++ = translated(index, word);
        }
    }
    return next;
}

static uint8_t *counterpart(const yard_object *object) {
    if (!(object->flags & YARD_ALLOCATED) || object->flags & (YARD_PHYS | YARD_PERCPU)) return NULL;
    bool is_read = !(object->flags & YARD_NO_SCAN) && object->min_count != -1;
    uint8_t *result = object->min_count <= 0
        ? (is_read ? GC_malloc_uncollectable(object->size) : GC_malloc_atomic_uncollectable(object->size))
        : (is_read ? GC_malloc(object->size) : GC_malloc_atomic(object->size));
    if (result == NULL) {
        fprintf(stderr, "no memory\n");
        exit(2);
    }
    return result;
}

static void build(void) {
    yard_sorted *index = yard_sorted_build(heap);
    counterparts = calloc(heap->object_count, sizeof *counterparts);
    for (uint32_t row = 0; row < heap->object_count; row++) counterparts[row] = counterpart(&heap->objects[row]);
    for (uint32_t row = 0; row < heap->object_count; row++) {
        const yard_object *object = &heap->objects[row];
        if (counterparts[row] == NULL || object->flags & YARD_NO_SCAN || object->min_count == -1) continue;
        copy(index, object->runs, counterparts[row], object->start);
    }
    uint64_t words = 0;
    for (uint32_t root = 0; root < heap->root_count; root++) {
        yard_range runs = heap->roots[root];
        for (uint32_t place = runs.first; place < runs.first + runs.count; place++) words += heap->runs[place].count;
    }
    uint8_t *roots = malloc(8 * words + 8), *next = roots;
    for (uint32_t root = 0; root < heap->root_count; root++) next = (uint8_t *)copy(index, heap->roots[root], next, 0);
    GC_add_roots(roots, next);
    yard_sorted_free(index);
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: BoehmMark CAPTURE MARKERS\n");
        return 2;
    }
    GC_set_all_interior_pointers(1);
    GC_set_no_dls(1);
    GC_set_markers_count(atoi(arguments[2]));
    GC_set_warn_proc(GC_ignore_warn_proc);
    GC_INIT();
    // Otherwise the other markers begin with the program's second thread, which it never has.
    GC_start_mark_threads();
    GC_disable();
    heap = yard_open(arguments[1]);
    if (heap == NULL) return 2;
    build();
    GC_enable();
    GC_set_on_collection_event(on_event);
    unreached = UINT32_MAX;
    GC_gcollect();
    printf("%" PRIu32 " objects not reached, %zu bytes\n", unreached, GC_get_heap_size());
    fflush(stdout);
    char line[16];
    while (fgets(line, sizeof line, stdin) != NULL) {
        GC_gcollect();
        printf("%" PRIu64 "\n", mark_time);
        fflush(stdout);
    }
}
