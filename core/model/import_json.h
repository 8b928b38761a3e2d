#pragma once

/*
 * import_json -- rows out of a JSON document of providers and their clients.
 *
 *   document = { "provider": NAME, "clients": [client] }
 *            | { "providers": [provider] }
 *   provider = { "name", "title", "hosting_domain", "default_sender", "spf_host",
 *                "language", "contact", policies, "relays": [relay], "clients": [client] }
 *   relay    = { "name", "helo", "mta", "signer", "addresses": [IP] }
 *   client   = { "name", "title", "language", "contact", "reply_to", "sites": [site],
 *                "senders": [sender], "domains": [domain], "logins": [NAME],
 *                "smarthosts": [smarthost] }
 *   site     = { "url", "audience" }
 *   sender   = { "address", "mode", "site", "display_name", "reply_to", "logins", "smarthost",
 *                "envelope_domain", "dkim", "dkim_publish" }
 *   domain   = { "name", "mode", "smarthost", "envelope_domain", "dkim", "dkim_publish" }
 *   smarthost= { "host", "port", "tls", "auth_user", "ca" }
 *
 * Absent: not said.  null: said to be none.  An unknown name is a finding, with
 * the one that was meant.
 *
 * Owner:   the caller opens and closes; texts live as long as the document.
 * Failure: what is wrong with the document goes to the findings; false is for
 *          the callback's own faults.
 * Memory:  the whole document; CSV is for files beyond IMPORT_JSON_OCTETS.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/import_csv.h"
#include "core/model/import_field.h"
#include "core/model/import_finding.h"

enum { IMPORT_JSON_OCTETS = 64 * 1024 * 1024, IMPORT_JSON_ADDRESSES = 64 };

struct import_json;

/* What the document says of a provider; NULL: not said. */
struct import_json_provider {
	const char *place; /* providers[0] */
	const char *name;
	const char *title;
	const char *hosting_domain;
	const char *default_sender;
	const char *spf_host;
	const char *language;
	const char *contact;
	const char *escrow_policy;
	const char *dmarc_report;
	const char *degrade_grace;
	const char *keep_observations;
	const char *dkim_publish;
	const char *ed25519; /* t or f */
	const char *publish_margin;
	const char *publish_probes;
	const char *linger;
	const char *rotate_every;
	bool only_named; /* "provider": NAME: nothing but its name is said */
	size_t relays;
};

struct import_json_relay {
	const char *place; /* providers[0].relays[1] */
	const char *name;
	const char *helo;
	const char *mta;
	const char *signer;
	const char *addresses[IMPORT_JSON_ADDRESSES];
	size_t address_count;
	bool addresses_said;
};

/* Parse and check the shape.  Never NULL; what is wrong is in the findings. */
struct import_json *import_json_open(struct import_findings *findings, const char *bytes,
                                     size_t size);
void import_json_close(struct import_json *json);

/* How many providers the document speaks of. */
size_t import_json_providers(const struct import_json *json);
void import_json_provider(struct import_json *json, size_t index,
                          struct import_json_provider *provider);
void import_json_relay(struct import_json *json, size_t provider, size_t index,
                       struct import_json_relay *relay);

/* The rows of one provider, in the order of the document. */
bool import_json_rows(struct import_json *json, size_t provider, import_row_fn call, void *context,
                      struct err *err) CHECKED;

/* "clients[3].senders[1].address" */
const char *import_json_place(const struct import_json *json, struct arena *arena, long long place,
                              enum import_field field);
