#include "variants.h"

#if defined(__aarch64__)

#include <arm_neon.h>

/// Four words at a time are compared; most have no candidate among them and cost nothing more.
__attribute__((noinline)) uint32_t engine_extract_neon(
    const engine_run *runs, uint32_t run_count, engine_range first, engine_range second, uint64_t *values,
    uint32_t *positions) {
    const uint64x2_t first_start = vdupq_n_u64(first.start), first_size = vdupq_n_u64(first.size);
    const uint64x2_t second_start = vdupq_n_u64(second.start), second_size = vdupq_n_u64(second.size);
    uint32_t found = 0, position = 0;
    for (uint32_t run = 0; run < run_count; run++) {
        const unsigned char *words = runs[run].words;
        const uint32_t count = runs[run].count;
        uint32_t index = 0;
        for (; index + 4 <= count; index += 4) {
            const uint64x2_t low = vreinterpretq_u64_u8(vld1q_u8(words + (uint64_t)index * 8));
            const uint64x2_t high = vreinterpretq_u64_u8(vld1q_u8(words + (uint64_t)index * 8 + 16));
            const uint64x2_t low_hits = vorrq_u64(
                vcltq_u64(vsubq_u64(low, first_start), first_size), vcltq_u64(vsubq_u64(low, second_start), second_size));
            const uint64x2_t high_hits = vorrq_u64(
                vcltq_u64(vsubq_u64(high, first_start), first_size), vcltq_u64(vsubq_u64(high, second_start), second_size));
            if (vmaxvq_u32(vreinterpretq_u32_u64(vorrq_u64(low_hits, high_hits))) == 0) continue;
            values[found] = vgetq_lane_u64(low, 0);
            positions[found] = position + index;
            found += (uint32_t)(vgetq_lane_u64(low_hits, 0) & 1);
            values[found] = vgetq_lane_u64(low, 1);
            positions[found] = position + index + 1;
            found += (uint32_t)(vgetq_lane_u64(low_hits, 1) & 1);
            values[found] = vgetq_lane_u64(high, 0);
            positions[found] = position + index + 2;
            found += (uint32_t)(vgetq_lane_u64(high_hits, 0) & 1);
            values[found] = vgetq_lane_u64(high, 1);
            positions[found] = position + index + 3;
            found += (uint32_t)(vgetq_lane_u64(high_hits, 1) & 1);
        }
        for (; index < count; index++) {
            const uint64_t value = engine_word(words, index, 8);
            values[found] = value;
            positions[found] = position + index;
            found += engine_is_candidate(value, first, second);
        }
        position += count;
    }
    return found;
}

#endif
