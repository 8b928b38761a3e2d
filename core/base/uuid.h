#pragma once

/*
 * uuid -- the names of what leaves the database: sixteen bytes, or 36 letters.
 *
 * Failure: uuid_parse() says ERR_INPUT; uuid_make() ends the process when the
 *          kernel has no random bytes, because nothing sane can follow.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"

enum { UUID_BYTES = 16, UUID_TEXT = 37 };

struct uuid {
	uint8_t bytes[UUID_BYTES];
};

/* A fresh random one (RFC 9562 version 4). */
struct uuid uuid_make(void);

/* Exactly the form 8-4-4-4-12, either case. */
bool uuid_parse(const char *text, struct uuid *uuid, struct err *err) CHECKED;

/* Lower case, with its NUL. */
void uuid_render(const struct uuid *uuid, char text[static UUID_TEXT]);

bool uuid_same(const struct uuid *a, const struct uuid *b);
