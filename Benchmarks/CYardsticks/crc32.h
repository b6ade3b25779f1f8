// The kernel's crc32_le(), eight bytes at a time as its own does it.

#ifndef CRC32_H
#define CRC32_H

#include <stdint.h>

uint32_t crc32(uint32_t value, const uint8_t *bytes, uint64_t count);

#endif
