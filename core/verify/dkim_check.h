#pragma once

/*
 * dkim_check -- is the record of a signing key published, everywhere, and ours?
 *
 * Keys are compared as octets and tags as meanings, never as text.  What every
 * authoritative server shows decides; recursive resolvers are asked only when
 * all of those agree, so that no absence is planted in their memory.
 */

#include "core/verify/inquiry.h"
#include "core/verify/verdict.h"

/* `record` is the requirement with the key's TXT value: the same as the
 * verdict's own requirement, or where its CNAME leads.  False: call again. */
bool dkim_check(struct inquiry *inquiry, const struct requirement *record, struct verdict *verdict);

/* A pointer into our zone behind which no key stands yet.  False: call again. */
bool dkim_check_pointer(struct inquiry *inquiry, struct verdict *verdict);
