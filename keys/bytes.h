#pragma once

/*
 * bytes -- numbers in files and frames: big-endian, at any address.
 */

#include <stdint.h>

static inline void bytes_put_u16(unsigned char *to, uint16_t number)
{
	to[0] = (unsigned char)(number >> 8);
	to[1] = (unsigned char)number;
}

static inline void bytes_put_u32(unsigned char *to, uint32_t number)
{
	bytes_put_u16(to, (uint16_t)(number >> 16));
	bytes_put_u16(to + 2, (uint16_t)number);
}

static inline void bytes_put_u64(unsigned char *to, uint64_t number)
{
	bytes_put_u32(to, (uint32_t)(number >> 32));
	bytes_put_u32(to + 4, (uint32_t)number);
}

static inline uint16_t bytes_get_u16(const unsigned char *from)
{
	return (uint16_t)((unsigned)from[0] << 8 | from[1]);
}

static inline uint32_t bytes_get_u32(const unsigned char *from)
{
	return (uint32_t)bytes_get_u16(from) << 16 | bytes_get_u16(from + 2);
}

static inline uint64_t bytes_get_u64(const unsigned char *from)
{
	return (uint64_t)bytes_get_u32(from) << 32 | bytes_get_u32(from + 4);
}
