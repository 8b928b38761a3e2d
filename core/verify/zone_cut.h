#pragma once

/*
 * zone_cut -- who is responsible for a name: the zone it lies in, and every
 * address of every server of that zone.
 *
 * Found by walking up with SOA questions, not by a list of public suffixes.
 * The walk never asks a recursive resolver for a name below an underscore
 * label: the answer that it does not exist yet would be remembered there.
 *
 * Owner:   texts live in the inquiry.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/verify/inquiry.h"

struct zone_server {
	const char *name;   /* ns1.acme.example */
	const char *server; /* 192.0.2.53:53 */
};

struct zone_cut {
	const char *apex;
	const struct zone_server *servers; /* one per address */
	size_t server_count;
	const char *homeless;  /* a name server without any address; NULL: none */
	uint32_t refresh;      /* how often its servers look for news, by its SOA */
	uint32_t negative_ttl; /* for how long its absences are kept */
	const char *problem;   /* why it could not be found; NULL: it was */
};

/* False: not known yet, call again. */
bool zone_cut_find(struct inquiry *inquiry, const char *name, struct zone_cut *cut);

/* The zone with this apex, which a referral named. */
bool zone_cut_at(struct inquiry *inquiry, const char *apex, struct zone_cut *cut);
