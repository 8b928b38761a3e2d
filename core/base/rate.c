#include "core/base/rate.h"

bool rate_take(struct rate *rate, int64_t now)
{
	double most = rate->per_second / 10 > 1 ? rate->per_second / 10 : 1;

	if (rate->per_second <= 0)
		return true;
	if (rate->at == 0)
		rate->allowance = 1;
	else
		rate->allowance += (double)(now - rate->at) * rate->per_second / 1000.0;
	rate->at = now;
	if (rate->allowance > most)
		rate->allowance = most;
	if (rate->allowance < 1)
		return false;
	rate->allowance -= 1;
	return true;
}
