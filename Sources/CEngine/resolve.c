#include "CEngine.h"

__attribute__((always_inline)) static inline bool resolve(
    const engine_cell *cells, const uint16_t *extents, uint32_t granule_shift, const uint64_t *addresses, uint32_t *places,
    uint32_t *distances, uint32_t count) {
    const uint32_t granule = 1u << granule_shift, in_cell = (granule << 6) - 1;
    for (uint32_t index = 0; index < count; index++) {
        if (places[index] & ENGINE_IS_NUMBER) continue;
        const engine_cell cell = cells[places[index]];
        const uint32_t offset = (uint32_t)addresses[index] & in_cell;
        const uint64_t up_to = cell.bits & (~UINT64_C(0) >> (63 - (offset >> granule_shift)));
        const uint32_t number = cell.first + (uint32_t)__builtin_popcountll(up_to);
        // `| 1` only makes 0 harmless: that case takes the other value.
        const uint32_t last = (63u - (uint32_t)__builtin_clzll(up_to | 1)) << granule_shift;
        // An object that reaches into this cell from below fills the granule it starts in from some byte on to the end.
        const uint32_t from_below = offset < cell.covered ? granule - 1 : UINT32_MAX;
        distances[index] = up_to ? offset - last : from_below;
        places[index] = number;
        __builtin_prefetch(extents + number, 0, 3);
    }
    uint32_t unchecked = 0;
    for (uint32_t index = 0; index < count; index++) {
        const uint32_t place = places[index];
        if (place & ENGINE_IS_NUMBER) {
            unchecked = 1;
            continue;
        }
        const uint32_t extent = extents[place], offset = extent & 7, distance = distances[index];
        uint32_t found = distance - offset < extent >> 3 ? place : 0;
        // In the granule, but before the start: the object before it may end there.
        if (__builtin_expect(distance < offset, 0)) {
            found = ENGINE_IS_NUMBER | (place - 1);
            unchecked = 1;
        }
        places[index] = found;
    }
    return unchecked;
}

#if defined(__x86_64__)
__attribute__((target("popcnt,lzcnt,bmi,bmi2"), noinline)) static bool resolve_counting(
    const engine_cell *cells, const uint16_t *extents, uint32_t granule_shift, const uint64_t *addresses, uint32_t *places,
    uint32_t *distances, uint32_t count) {
    return resolve(cells, extents, granule_shift, addresses, places, distances, count);
}
#endif

bool engine_resolve(
    const engine_cell *cells, const uint16_t *extents, uint32_t granule_shift, const uint64_t *addresses, uint32_t *places,
    uint32_t *distances, uint32_t count) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt")) {
        return resolve_counting(cells, extents, granule_shift, addresses, places, distances, count);
    }
#endif
    return resolve(cells, extents, granule_shift, addresses, places, distances, count);
}
