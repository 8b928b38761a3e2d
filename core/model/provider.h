#pragma once

/*
 * provider -- the vendor, or one of its products: hosting domain, default
 * sender, SPF host, and the policies its keys live by.
 *
 * Failure: as noun; ERR_DENIED unless an operator asks.
 */

#include "core/model/noun.h"

enum provider_field {
	PROVIDER_TITLE,
	PROVIDER_HOSTING_DOMAIN,
	PROVIDER_DEFAULT_SENDER,
	PROVIDER_SPF_HOST,
	PROVIDER_LANGUAGE,
	PROVIDER_CONTACT,
	PROVIDER_ESCROW_POLICY,
	PROVIDER_DKIM_PUBLISH,
	PROVIDER_ED25519,
	PROVIDER_PUBLISH_MARGIN,
	PROVIDER_PUBLISH_PROBES,
	PROVIDER_LINGER,
	PROVIDER_ROTATE_EVERY,
	PROVIDER_DMARC_REPORT,
	PROVIDER_DEGRADE_GRACE,
	PROVIDER_KEEP_OBSERVATIONS,
	PROVIDER_WARN_AFTER,
	PROVIDER_ADVANCE,
	PROVIDER_NAME_SERVERS,
	PROVIDER_FIELDS,
};

extern const struct noun provider_noun;

/* Its roles in the database are made with it; who adds it works for it. */
bool provider_add(struct db *db, struct arena *arena, const char *name, const char *const said[],
                  const char *why, struct noun_one *one, struct err *err) CHECKED;
