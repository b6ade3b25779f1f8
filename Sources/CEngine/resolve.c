#include "resolve.h"

ENGINE_INLINE void find(
    const engine_ranks *ranks, engine_stretch *stretch, const uint64_t *addresses, uint32_t *places, uint32_t count) {
    for (uint32_t index = 0; index < count; index++) places[index] = engine_find(ranks, stretch, addresses[index]);
}

ENGINE_INLINE uint32_t count_objects(
    const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t count) {
    uint32_t met = 0;
    for (uint32_t index = 0; index < count; index++) met |= engine_count(ranks, addresses[index], places + index);
    return met;
}

static const engine_steps one_by_one = {find, count_objects};

#if defined(__x86_64__)
__attribute__((target("popcnt,lzcnt,bmi,bmi2"), noinline)) static uint32_t resolve_counting(
    const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t count) {
    return engine_look_up(one_by_one, ranks, addresses, places, count);
}
#endif

uint32_t engine_resolve(
    engine_variant variant, const engine_ranks *ranks, const uint64_t *addresses, uint32_t *places, uint32_t count) {
    // Where there are two trees, what is picked out for one is mostly outside of the other.
    uint32_t outside = 0;
    while (outside < count && addresses[outside] - ranks->bounds.start >= ranks->bounds.size) places[outside++] = 0;
    if (outside == count) return 0;
#if defined(__x86_64__)
    if (variant == engine_avx512 && engine_can_resolve_avx512()) {
        return engine_resolve_avx512(ranks, addresses, places, count);
    }
    if (__builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt")) {
        return resolve_counting(ranks, addresses, places, count);
    }
#endif
    return engine_look_up(one_by_one, ranks, addresses, places, count);
}
