// The steps of a look-up in rank cells, for one address; the loops over many are in resolve.c.

#ifndef CENGINE_RESOLVE_H
#define CENGINE_RESOLVE_H

#include "CEngine.h"

#define ENGINE_INLINE __attribute__((always_inline)) static inline

/// Addresses that take a step together; each step asks for the memory that the next one needs.
enum { engine_together = 32 };

/// In the place of a cell: no object.
#define ENGINE_NONE ENGINE_IS_NUMBER

/// The loops for one way of looking up.
typedef struct {
    void (*find)(
        const engine_ranks *ranks, engine_stretch *stretch, const uint64_t *addresses, uint32_t *places, uint32_t count);
    void (*count_objects)(
        const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t *distances, uint32_t count);
    uint32_t (*check)(const engine_ranks *ranks, uint32_t *places, const uint32_t *distances, uint32_t count);
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
        if (low == 0 || address - ranks->bounds.start >= ranks->bounds.size) return ENGINE_NONE;
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

/// The second step: the object that starts last at or below the address, and how far below.
ENGINE_INLINE void engine_count(const engine_ranks *ranks, uint64_t address, uint32_t *place, uint32_t *distance) {
    if (__builtin_expect(*place & ENGINE_IS_NUMBER, 0)) return;
    const engine_cell cell = ranks->cells[*place & ENGINE_CELL];
    const uint32_t granule_shift = *place >> ENGINE_GRANULE_SHIFT;
    const uint32_t offset = (uint32_t)address & ((64u << granule_shift) - 1);
    const uint64_t up_to = cell.bits & (~UINT64_C(0) >> (63 - (offset >> granule_shift)));
    // `| 1` only makes 0 harmless: that case takes the other value.
    const uint32_t last = (63u - (uint32_t)__builtin_clzll(up_to | 1)) << granule_shift;
    const uint32_t from_below = offset < cell.covered ? 0 : UINT32_MAX;
    *distance = up_to ? offset - last : from_below;
    *place = cell.first + (uint32_t)__builtin_popcountll(up_to);
    __builtin_prefetch(ranks->extents + *place, 0, 3);
}

/// The third step: whether the object reaches that far.
/// - Returns what was met of `engine_found` and `engine_unchecked`.
ENGINE_INLINE uint32_t engine_check(const engine_ranks *ranks, uint32_t *place, uint32_t distance) {
    if (__builtin_expect(*place & ENGINE_IS_NUMBER, 0)) {
        if (*place != ENGINE_NONE) return engine_unchecked;
        *place = 0;
        return 0;
    }
    *place = distance < ranks->extents[*place] ? *place : 0;
    return *place != 0 ? engine_found : 0;
}

/// All steps of all addresses.
ENGINE_INLINE uint32_t engine_look_up(
    engine_steps steps, const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t count) {
    uint32_t distances[2 * engine_together], met = 0;
    engine_stretch stretch = ranks->stretches[0];
    const uint32_t batches = (count + engine_together - 1) / engine_together;
    for (uint32_t round = 0; round < batches + 2; round++) {
        // The last batch may have fewer.
        #define FIRST(batch) ((batch) * engine_together)
        #define COUNT(batch) (FIRST(batch) + engine_together < count ? engine_together : count - FIRST(batch))
        if (round < batches) {
            steps.find(ranks, &stretch, addresses + FIRST(round), places + FIRST(round), COUNT(round));
        }
        if (round >= 1 && round - 1 < batches) {
            steps.count_objects(
                ranks, addresses + FIRST(round - 1), places + FIRST(round - 1), distances + FIRST(round & 1), COUNT(round - 1));
        }
        if (round >= 2) met |= steps.check(ranks, places + FIRST(round - 2), distances + FIRST(~round & 1), COUNT(round - 2));
        #undef FIRST
        #undef COUNT
    }
    return met;
}

#if defined(__x86_64__)
bool engine_can_resolve_avx512(void);
uint32_t engine_resolve_avx512(const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t count);
#endif

#endif
