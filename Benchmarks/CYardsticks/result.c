#include <stdlib.h>

#include "yardsticks.h"

yard_result *yard_result_for(const yard_heap *heap) {
    yard_result *result = calloc(1, sizeof *result);
    result->leaks = calloc(heap->object_count, sizeof *result->leaks);
    result->was_read = calloc(heap->object_count, sizeof *result->was_read);
    return result;
}

void yard_result_free(yard_result *result) {
    free(result->leaks);
    free(result->was_read);
    free(result);
}
