#pragma once

/*
 * query_id -- ids of questions that nobody can guess (RFC 5452 9.2).
 *
 * Owner: a value of the caller; {0} is fit for use.
 */

#include <stddef.h>
#include <stdint.h>

enum { QUERY_IDS = 128 }; /* 256 octets: what getrandom() gives without interruption */

struct query_ids {
	uint16_t fresh[QUERY_IDS]; /* not used yet: the first `count` of them */
	size_t count;
};

uint16_t query_id_take(struct query_ids *ids);
