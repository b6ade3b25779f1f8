#include "CEngine.h"

#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void engine_release_memory(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}
