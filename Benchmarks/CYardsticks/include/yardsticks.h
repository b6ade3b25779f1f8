// What kmemtop's engine is measured against: other ways to do the scan of `mm/kmemleak.c`, in C.

#ifndef YARDSTICKS_H
#define YARDSTICKS_H

#include <stdbool.h>
#include <stdint.h>

/// Consecutive words that a scan reads, at `address` in the kernel and at `bytes` here.
typedef struct {
    uint64_t address;
    const uint8_t *bytes;
    uint64_t count;
} yard_run;

/// Consecutive bytes of an object's contents; a copy is that of one CPU, and most objects have one.
typedef struct {
    const uint8_t *bytes;
    uint64_t count;
    bool begins_copy;
} yard_piece;

/// A range of `runs` or `pieces`.
typedef struct {
    uint32_t first, count;
} yard_range;

enum {
    YARD_ALLOCATED = 0x1, YARD_REPORTED = 0x2, YARD_NO_SCAN = 0x4, YARD_FULL_SCAN = 0x8, YARD_PHYS = 0x10, YARD_PERCPU = 0x20,
};

typedef struct {
    uint64_t start, size, excess_ref, jiffies;
    int32_t min_count;
    uint32_t flags, checksum;
    yard_range runs;
    /// None when some of its bytes are missing.
    yard_range pieces;
} yard_object;

/// A capture's heap, laid out for scans in C: what is read of each block is known before any clock runs.
typedef struct {
    /// In the order of creation. PHYS ones outside low memory are painted black.
    yard_object *objects;
    uint32_t object_count;
    /// In the order of a scan, without the stacks when they are not scanned.
    yard_range *roots;
    uint32_t root_count;
    yard_run *runs;
    yard_piece *pieces;
    uint64_t jiffies, hz;
} yard_heap;

/// Opens a capture (`capture-format.md`). The file is trusted: it is one that `kmemtop` reads without complaint.
/// Returns NULL, having said why on standard error.
yard_heap *yard_open(const char *path);

typedef struct {
    uint64_t words, references;
    /// The rows of what is reported and unreferenced, now or since an earlier scan, in the order of creation.
    uint32_t *leaks;
    uint32_t leak_count, new_leak_count;
    /// By row, whether the object was taken off the gray list and read.
    bool *was_read;
} yard_result;

yard_result *yard_result_for(const yard_heap *heap);
void yard_result_free(yard_result *result);

/// The kernel's way: a red-black tree of its records, looked up for each word.
typedef struct yard_red_black yard_red_black;
yard_red_black *yard_red_black_build(const yard_heap *heap);
void yard_red_black_free(yard_red_black *index);
/// Forgets the last scan, so that the next one finds the same.
void yard_red_black_reset(yard_red_black *index);
void yard_red_black_scan(yard_red_black *index, yard_result *result);

/// An array sorted by address, searched in halves for each word.
typedef struct yard_sorted yard_sorted;
yard_sorted *yard_sorted_build(const yard_heap *heap);
void yard_sorted_free(yard_sorted *index);
void yard_sorted_reset(yard_sorted *index);
void yard_sorted_scan(yard_sorted *index, yard_result *result);
/// The row of the ordinary object that contains the address, -1 for none.
int64_t yard_sorted_find(const yard_sorted *index, uint64_t address);

/// The bytes that a scan read, in the order of addresses, each once.
typedef struct yard_reading yard_reading;
yard_reading *yard_reading_of(const yard_heap *heap, const yard_result *result);
void yard_reading_free(yard_reading *reading);
uint64_t yard_reading_bytes(const yard_reading *reading);
/// Reads them all with one thread; returns the sum of the words, so that no compiler leaves it out.
uint64_t yard_read(const yard_reading *reading);

/// A child process.
typedef struct {
    int pid;
    /// Its terminal, or the pipe from its standard output.
    int output;
    /// The pipe to its standard input; the terminal again.
    int input;
} yard_child;

/// Starts a program with pipes; both are -1 when it could not be started.
yard_child yard_start(const char *const *arguments);
/// Starts a program in a pseudo-terminal of this size.
yard_child yard_start_in_terminal(const char *const *arguments, int columns, int rows);
/// Runs a program to its end, what it writes thrown away. Returns the exit status, -1 when there is none.
int yard_run_to_end(const char *const *arguments);
/// Ends a child and waits for it.
void yard_end(yard_child child);

#endif
