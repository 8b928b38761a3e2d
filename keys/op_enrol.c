#include <sodium.h>

#include "core/base/words.h"
#include "keys/identity.h"
#include "keys/operation.h"

struct enrolment {
	struct keyd *keyd;
	const struct asked *asked;
	long long relay_id;
	const uint8_t *public_key;
	const char *fingerprint;
	int version;
};

/* The very key that is asked for is in force, and nobody touched its row. */
static bool enrolled_already(const struct enrolment *new, const struct row *row,
                             struct vault_relay *relay, struct arena *arena)
{
	uint8_t mac[VAULT_MAC];
	size_t key_size = 0, mac_size = 0;
	const unsigned char *key = row_bytes(row, "public_key", arena, &key_size);
	const unsigned char *stored = row_bytes(row, "mac", arena, &mac_size);

	if (key_size != sizeof relay->public_key || mac_size != sizeof mac
	    || sodium_memcmp(key, new->public_key, key_size) != 0)
		return false;
	relay->version = (uint32_t)row_number(row, "version");
	memcpy(relay->public_key, new->public_key, sizeof relay->public_key);
	vault_mac_relay(&new->keyd->vault, relay, mac);
	return sodium_memcmp(mac, stored, sizeof mac) == 0;
}

static bool store_relay(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct enrolment *new = context;
	const struct key_request *request = &new->asked->request;
	const char *provider = db_number(arena, request->provider_id);
	const char *relay_id = db_number(arena, new->relay_id);
	struct vault_relay relay = { .version = 0 };
	uint8_t mac[VAULT_MAC];
	const struct row *row;
	long long subject = 0;
	bool known = false;

	if (!key_store_request_find(db, arena, request, &known, &subject, &new->version, err))
		return false;
	if (known)
		return true;
	if (!db_find(db, STMT_KEYD_RELAY, DB_PARAMS(provider, relay_id), &row, err))
		return false;
	if (row == NULL || row_bool(row, "retired"))
		return err_set(err, ERR_NOT_FOUND, _("the key service knows no such relay"));
	if (!key_store_uuid(row, "provider_uuid", &relay.provider, err)
	    || !key_store_uuid(row, "uuid", &relay.relay, err))
		return false;
	if (enrolled_already(new, row, &relay, arena)) {
		new->version = (int)relay.version;
		return true;
	}
	new->version = (int)row_number(row, "next_version");
	relay.version = (uint32_t) new->version;
	memcpy(relay.public_key, new->public_key, sizeof relay.public_key);
	vault_mac_relay(&new->keyd->vault, &relay, mac);
	const char *name = arena_print(arena, "relay %s", row_text(row, "name"));
	const char *detail = arena_print(arena, "{\"fingerprint\": \"%s\", \"version\": %d}",
	                                 new->fingerprint, new->version);
	return db_run(db, STMT_KEYD_RELAY_KEY_RETIRE, DB_PARAMS(provider, relay_id), NULL, err)
	       && db_run(db, STMT_KEYD_RELAY_KEY_ADD,
	                 DB_PARAMS(provider, relay_id, db_number(arena, new->version),
	                           db_bytes(arena, relay.public_key, sizeof relay.public_key),
	                           new->fingerprint, db_bytes(arena, mac, sizeof mac),
	                           request->actor,
	                           key_store_uuid_text(arena, &new->keyd->vault.master.id),
	                           db_number(arena, new->keyd->vault.master.version)),
	                 NULL, err)
	       && key_store_request_add(db, arena, request, new->relay_id, new->version, err)
	       && key_store_event(db, arena, request, 0, name, "relay.enrol",
	                          "its public identity was accepted", detail, err);
}

bool op_enrol(struct call *call, struct err *err)
{
	const char *expected = tree_find_text(call->question, "fingerprint");
	uint8_t public_key[IDENTITY_PUBLIC];
	char fingerprint[IDENTITY_FINGERPRINT];
	struct asked asked;
	char detail[128];

	struct enrolment new = {
		.keyd = call->keyd,
		.asked = &asked,
		.public_key = public_key,
		.fingerprint = fingerprint,
	};
	if (!keyd_number(call, "relay", &new.relay_id, err)
	    || !identity_parse(tree_find_text(call->question, "identity"), public_key, err))
		return false;
	identity_fingerprint(public_key, fingerprint);
	(void)snprintf(detail, sizeof detail, "%lld|%s", new.relay_id, fingerprint);
	if (!keyd_asked(call, detail, &asked, err))
		return false;
	if (expected != NULL && strcmp(expected, fingerprint) != 0) {
		(void)err_set(err, ERR_REFUSED,
		              _("the fingerprint is %s, not the one that was read out"),
		              fingerprint);
		return err_hint(err, _("this identity is not the relay's; fetch it again"));
	}
	if (!key_store_run(&call->keyd->store, DB_WRITE, store_relay, &new, err))
		return false;
	tree_put_text(call->answer, "fingerprint", fingerprint);
	tree_put_number(call->answer, "version", new.version);
	return true;
}
