#pragma once

/*
 * server_address -- where a DNS server listens, as text: 192.0.2.53:53 or
 * [2001:db8::53]:53.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: ERR_USAGE says what is wrong.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"

/* From ADDR or ADDR:PORT, an IPv6 address with a port in brackets; `port` is taken
 * where none is said. */
bool server_address_parse(struct arena *arena, const char *text, int port, const char **address,
                          struct err *err) CHECKED;

const char *server_address_render(struct arena *arena, const char *host, int port);
