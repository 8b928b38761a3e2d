#include "core/verify/query_id.h"

#include <sys/random.h>

#include "core/base/clock.h"

/* The system gives many at once. */
uint16_t query_id_take(struct query_ids *ids)
{
	if (ids->count == 0) {
		ssize_t size = getrandom(ids->fresh, sizeof(ids->fresh), 0);

		if (size < (ssize_t)sizeof(ids->fresh[0]))
			return (uint16_t)clock_ticks();
		ids->count = (size_t)size / sizeof(ids->fresh[0]);
	}
	return ids->fresh[--ids->count];
}
