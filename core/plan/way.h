#pragma once

/*
 * way -- the ways in which a client's mail can be sent and believed, as a table:
 * one row, one way.  The order is the order of preference where nothing speaks
 * against it.
 *
 * Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/model/facts.h"

struct way {
	const char *word; /* "mailfrom-dkim": in JSON and on the command line */
	const char *mode; /* of product.md */
	bool subdomain;   /* bounces go to a name of their own below the domain */
	bool spf;         /* an SPF record lets our relays send */
	bool dkim;
	bool aside; /* shown only where it is the registered one */
	const char *title;
	const char *sends; /* who sends */
	const char *customer;
	const char *provider;
	const char *why; /* what speaks for it, or against it */
	const char *
		commands[3]; /* to register it: %d domain, %e envelope domain, %c client, %h host */
};

extern const struct way ways[];
extern const size_t way_count;

/* The one a domain is registered with. */
const struct way *way_of(const struct facts_domain *domain);
