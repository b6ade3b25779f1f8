// Reads a capture and scans it as the kernel does, with a red-black tree look-up for each word; prints the leaks.

#include <inttypes.h>
#include <stdio.h>

#include "yardsticks.h"

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: RedBlackScan CAPTURE\n");
        return 2;
    }
    yard_heap *heap = yard_open(arguments[1]);
    if (heap == NULL) return 2;
    yard_red_black *index = yard_red_black_build(heap);
    yard_result *result = yard_result_for(heap);
    yard_red_black_scan(index, result);
    printf("%" PRIu64 " words, %" PRIu64 " references, %" PRIu32 " leaks\n", result->words, result->references, result->leak_count);
    for (uint32_t leak = 0; leak < result->leak_count; leak++) {
        printf("0x%08" PRIx64 "\n", heap->objects[result->leaks[leak]].start);
    }
    return result->leak_count > 0;
}
