#include "CEngine.h"

/// Addresses that take a step together; each step asks for the memory that the next one needs.
enum { together = 32 };
static const uint32_t none = ENGINE_IS_NUMBER;

/// The cell of each address.
__attribute__((always_inline)) static inline void find(
    const engine_ranks *ranks, engine_stretch *stretch, const uint64_t *addresses, uint32_t *places, uint32_t count) {
    for (uint32_t index = 0; index < count; index++) {
        const uint64_t address = addresses[index], page = address >> ENGINE_PAGE_SHIFT;
        if (__builtin_expect(page - stretch->first_page >= stretch->page_count, 0)) {
            // Addresses next to each other nearly always lie in the same stretch.
            uint32_t low = 0, high = ranks->stretch_count;
            while (low < high) {
                const uint32_t middle = (low + high) / 2;
                if (ranks->stretches[middle].first_page <= page) low = middle + 1; else high = middle;
            }
            if (low > 0) *stretch = ranks->stretches[low - 1];
            if (low == 0 || page - stretch->first_page >= stretch->page_count) {
                // In a large hole: at most in the object that starts last below.
                places[index] = low == 0 || address - ranks->bounds.start >= ranks->bounds.size ? none : none | stretch->last_number;
                continue;
            }
        }
        const uint32_t entry = ranks->entries[stretch->entry + (page - stretch->first_page)];
        const uint32_t in_page = (uint32_t)address & ((1u << ENGINE_PAGE_SHIFT) - 1);
        const uint32_t place = entry + (in_page >> (6 + (entry >> ENGINE_GRANULE_SHIFT)));
        places[index] = place;
        __builtin_prefetch(ranks->cells + (place & ENGINE_CELL), 0, 3);
    }
}

/// The object that starts last at or below each address, and how far below.
__attribute__((always_inline)) static inline void count_objects(
    const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t *distances, uint32_t count) {
    for (uint32_t index = 0; index < count; index++) {
        const uint32_t place = places[index];
        if (__builtin_expect(place & ENGINE_IS_NUMBER, 0)) continue;
        const engine_cell cell = ranks->cells[place & ENGINE_CELL];
        const uint32_t granule_shift = place >> ENGINE_GRANULE_SHIFT;
        const uint32_t offset = (uint32_t)addresses[index] & ((64u << granule_shift) - 1);
        const uint64_t up_to = cell.bits & (~UINT64_C(0) >> (63 - (offset >> granule_shift)));
        const uint32_t number = cell.first + (uint32_t)__builtin_popcountll(up_to);
        // `| 1` only makes 0 harmless: that case takes the other value.
        const uint32_t last = (63u - (uint32_t)__builtin_clzll(up_to | 1)) << granule_shift;
        const uint32_t from_below = offset < cell.covered ? 0 : UINT32_MAX;
        distances[index] = up_to ? offset - last : from_below;
        places[index] = number;
        __builtin_prefetch(ranks->extents + number, 0, 3);
    }
}

/// Whether it reaches that far.
__attribute__((always_inline)) static inline uint32_t check(
    const engine_ranks *ranks, uint32_t *places, const uint32_t *distances, uint32_t count) {
    uint32_t any = 0, unchecked = 0;
    for (uint32_t index = 0; index < count; index++) {
        const uint32_t place = places[index];
        if (__builtin_expect(place & ENGINE_IS_NUMBER, 0)) {
            if (place == none) places[index] = 0; else unchecked = engine_unchecked;
            continue;
        }
        const uint32_t found = distances[index] < ranks->extents[place] ? place : 0;
        places[index] = found;
        any |= found;
    }
    return unchecked | (any != 0 ? engine_found : 0);
}

__attribute__((always_inline)) static inline uint32_t resolve(
    const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t count) {
    // Where there are two trees, what is picked out for one is mostly outside of the other.
    uint32_t outside = 0;
    while (outside < count && addresses[outside] - ranks->bounds.start >= ranks->bounds.size) places[outside++] = 0;
    if (outside == count) return 0;

    uint32_t distances[2 * together], result = 0;
    engine_stretch stretch = ranks->stretches[0];
    const uint32_t steps = (count + together - 1) / together;
    for (uint32_t step = 0; step < steps + 2; step++) {
        // The last one may have fewer.
        #define BATCH(of) (of) * together, ((of) + 1) * together < count ? together : count - (of) * together
        const struct { uint32_t first, count; } finding = {BATCH(step)}, counting = {BATCH(step - 1)}, checking = {BATCH(step - 2)};
        #undef BATCH
        if (step < steps) find(ranks, &stretch, addresses + finding.first, places + finding.first, finding.count);
        if (step >= 1 && step - 1 < steps) {
            count_objects(
                ranks, addresses + counting.first, places + counting.first, distances + (step & 1) * together, counting.count);
        }
        if (step >= 2) {
            result |= check(ranks, places + checking.first, distances + (~step & 1) * together, checking.count);
        }
    }
    return result;
}

#if defined(__x86_64__)
__attribute__((target("popcnt,lzcnt,bmi,bmi2"), noinline)) static uint32_t resolve_counting(
    const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t count) {
    return resolve(ranks, addresses, places, count);
}
#endif

uint32_t engine_resolve(const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t count) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt")) {
        return resolve_counting(ranks, addresses, places, count);
    }
#endif
    return resolve(ranks, addresses, places, count);
}
