#pragma once

/*
 * smarthost -- a customer's own submission server: host, port, TLS, the user
 * we log in as.
 *
 * Called HOST:PORT, or HOST where the client has it on one port only.
 *
 * Failure: as noun.
 * Secrets: none; its password is the key service's.
 */

#include "core/model/noun.h"

enum smarthost_field {
	SMARTHOST_PORT,
	SMARTHOST_TLS,
	SMARTHOST_USER,
	SMARTHOST_CA,
	SMARTHOST_FIELDS
};

extern const struct noun smarthost_noun;
