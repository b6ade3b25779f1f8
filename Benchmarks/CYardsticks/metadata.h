// The META note of a capture.

#ifndef METADATA_H
#define METADATA_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    /// In the order of a scan: data, bss, percpu, struct_page, stack.
    int kind;
    uint64_t start, size;
} metadata_root;

enum { STRUCT_PAGE = 3, STACK = 4 };

typedef struct {
    uint64_t hz, jiffies, page_shift;
    bool scans_stacks, has_phys_to_virt, has_low_pfn;
    uint64_t phys_to_virt, low_pfn[2];
    uint64_t *per_cpu_offsets;
    uint32_t per_cpu_count;
    /// As listed.
    metadata_root *roots;
    uint32_t root_count;
} metadata;

/// Reads the JSON, which is trusted to be well formed.
metadata metadata_read(const char *json, uint64_t size);

#endif
