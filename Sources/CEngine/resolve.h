// The steps of a look-up in rank cells, for one address; the loops over many are in resolve.c.

#ifndef CENGINE_RESOLVE_H
#define CENGINE_RESOLVE_H

#include "CEngine.h"

#define ENGINE_INLINE __attribute__((always_inline)) static inline

/// Addresses that take a step together; the first step asks for the memory that the second one needs.
enum { engine_together = 128 };

/// The loops for one way of looking up.
typedef struct {
    void (*find)(
        const engine_ranks *ranks, engine_stretch *stretch, const uint64_t *addresses, uint32_t *places, uint32_t count);
    uint32_t (*count_objects)(const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t count);
} engine_steps;

/// The first step: the address's cell, which is asked for, with its granule shift.
///
/// - stretch: where the address before was: they nearly always lie in the same.
ENGINE_INLINE uint32_t engine_find(const engine_ranks *ranks, engine_stretch *stretch, uint64_t address) {
    const uint64_t page = address >> ENGINE_PAGE_SHIFT;
    if (__builtin_expect(page - stretch->first_page >= stretch->page_count, 0)) {
        uint32_t low = 0, high = ranks->stretch_count;
        while (low < high) {
            const uint32_t middle = (low + high) / 2;
            if (ranks->stretches[middle].first_page <= page) low = middle + 1; else high = middle;
        }
        if (low == 0 || address - ranks->bounds.start >= ranks->bounds.size) return ENGINE_NO_CELL;
        *stretch = ranks->stretches[low - 1];
        // In a large hole: at most in the object that starts last below.
        if (page - stretch->first_page >= stretch->page_count) return ENGINE_IS_NUMBER | stretch->last_number;
    }
    const uint32_t entry = ranks->entries[stretch->entry + (page - stretch->first_page)];
    const uint32_t in_page = (uint32_t)address & ((1u << ENGINE_PAGE_SHIFT) - 1);
    const uint32_t place = entry + (in_page >> (6 + (entry >> ENGINE_GRANULE_SHIFT)));
    __builtin_prefetch(ranks->cells + (place & ENGINE_CELL), 0, 3);
    return place;
}

/// The second step: the object that starts last at or below the address, if it reaches that far.
/// - Returns what was met of `engine_found` and `engine_unchecked`.
ENGINE_INLINE uint32_t engine_count(const engine_ranks *ranks, uint64_t address, uint32_t *place) {
    if (__builtin_expect(*place & ENGINE_IS_NUMBER, 0)) return engine_unchecked;
    const engine_cell cell = ranks->cells[*place & ENGINE_CELL];
    const uint32_t granule_shift = *place >> ENGINE_GRANULE_SHIFT;
    const uint32_t offset = (uint32_t)address & ((64u << granule_shift) - 1);
    const uint64_t up_to = cell.bits & (~UINT64_C(0) >> (63 - (offset >> granule_shift)));
    const uint32_t number = cell.first + (uint32_t)__builtin_popcountll(up_to);
    // `| 1` only makes 0 harmless: that case takes the other value.
    const uint32_t last = (63u - (uint32_t)__builtin_clzll(up_to | 1)) << granule_shift;
    const uint32_t extent = __builtin_expect(cell.extent == 0, 0) ? ranks->sizes[number] : cell.extent;
    const bool is_found = up_to ? offset - last < extent : offset < cell.covered;
    *place = is_found ? number : 0;
    return is_found ? engine_found : 0;
}

/// Both steps of all addresses.
ENGINE_INLINE uint32_t engine_look_up(
    engine_steps steps, const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t count) {
    uint32_t met = 0;
    engine_stretch stretch = ranks->stretches[0];
    for (uint32_t first = 0; first < count + engine_together; first += engine_together) {
        if (first < count) {
            const uint32_t length = count - first < engine_together ? count - first : engine_together;
            steps.find(ranks, &stretch, addresses + first, places + first, length);
        }
        if (first > 0) {
            const uint32_t before = first - engine_together, rest = count - before;
            met |= steps.count_objects(
                ranks, addresses + before, places + before, rest < engine_together ? rest : engine_together);
        }
    }
    return met;
}

#if defined(__x86_64__)
bool engine_can_resolve_avx512(void);
uint32_t engine_resolve_avx512(const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t count);
#endif

#endif
