/* `relay enrol`: whose public identity bundles are sealed to. */

#include "cli/commands.h"

#include <string.h>

#include "cli/print.h"
#include "core/base/words.h"
#include "core/model/generation.h"
#include "keys/client.h"

struct enrol_args {
	const char *relay;
	const char *identity;
	const char *fingerprint;
};

static const struct option_row enrol_options[] = {
	PLACE(struct enrol_args, relay, "RELAY", N_("a relay: lms/mx1")),
	PLACE(struct enrol_args, identity, "IDENTITY",
	      N_("what \"relay keygen\" printed there: skr1:...")),
	ALLOWED(struct enrol_args, fingerprint, "--fingerprint", "TEXT",
	        N_("as its administrator read it out; another one is refused")),
	OPTIONS_END,
};

static bool enrol_run(struct session *session, const void *given, struct err *err)
{
	const struct enrol_args *args = given;
	struct generation_relay relay;
	struct keys_client *keys = NULL;
	char fingerprint[KEYS_FINGERPRINT];
	int version = 0;

	bool ok = db_begin(session->db, DB_READ, err)
	          && generation_relay_load(session->db, &session->arena, args->relay, &relay, err);
	db_rollback(session->db);
	if (!ok)
		return false;
	bool same = relay.fingerprint != NULL && args->fingerprint != NULL
	            && strcmp(relay.fingerprint, args->fingerprint) == 0;
	if (relay.fingerprint != NULL && !same
	    && !session_confirm(session, err, _("%s is enrolled with %s; replace that?"),
	                        relay.full_name, relay.fingerprint))
		return false;
	if (session->options->dry_run) {
		print_line(session, _("%s would be enrolled"), relay.full_name);
		return true;
	}
	const struct keys_enrol_wish wish = { .request = uuid_make(),
		                              .provider_id = relay.provider_id,
		                              .relay_id = relay.id,
		                              .identity = args->identity,
		                              .fingerprint = args->fingerprint };
	if (!session_keys(session, &keys, err)
	    || !keys_enrol_relay(keys, &wish, fingerprint, &version, err))
		return false;
	struct tree *answer = tree_map();
	tree_put_text(answer, "relay", relay.full_name);
	tree_put_text(answer, "fingerprint", fingerprint);
	tree_put_number(answer, "version", version);
	if (relay.fingerprint != NULL && strcmp(relay.fingerprint, fingerprint) == 0)
		print_line(session, _("%s is enrolled with it already; nothing was changed"),
		           relay.full_name);
	print_line(session, _("%s is enrolled; its fingerprint is %s"), relay.full_name,
	           fingerprint);
	if (args->fingerprint == NULL)
		print_line(session,
		           _("compare it with what \"senderctl relay keygen\" says on the relay"));
	print_json(session, answer);
	return true;
}

const struct command cmd_relay_key[] = {
	{ "relay enrol", N_("accept the identity of a relay; bundles are sealed to it"),
	  ACCESS_OPEN, enrol_options, sizeof(struct enrol_args), enrol_run,
	  "senderctl relay enrol lms/mx1 skr1:... --fingerprint abcd-efgh-ijkl-mnop-qrst-uvwx-yz\n" },
	COMMANDS_END,
};
