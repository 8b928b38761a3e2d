#include "core/model/relay.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/base/words.h"

static const struct field fields[] = {
	{ "helo", FIELD_NAME, field_host, false, NULL },
	{ "mta", FIELD_TEXT, field_choice, false, "postfix|exim" },
	{ "signer", FIELD_TEXT, field_choice, false, "opendkim|rspamd|exim|none" },
	{ "addresses", FIELD_LIST, field_ready, false, NULL },
	{ "fingerprint", FIELD_TEXT, NULL, false, NULL },
	{ "generation", FIELD_NUMBER, NULL, false, NULL },
	{ "running", FIELD_NUMBER, NULL, false, NULL },
	{ "uuid", FIELD_TEXT, NULL, false, NULL },
	FIELDS_END,
};

const struct noun relay_noun = {
	.word = "relay",
	.unknown = N_("there is no such relay"),
	.fields = fields,
	.name = { "name", FIELD_TEXT, field_short_name, false, NULL },
	.slashed = true,
	.list = STMT_RELAY_LIST,
	.add = STMT_RELAY_ADD,
	.change = STMT_RELAY_CHANGE,
	.retire = STMT_RELAY_RETIRE,
	.needed = STMT_RELAY_NEEDED,
	.referred = true,
	.withdrawn = STMT_RELAY_WITHDRAWN,
	.withdrawable = RELAY_ADDRESSES,
};

bool relay_addresses(struct arena *arena, const char *const items[], size_t count,
                     const char **said, struct err *err)
{
	const char **made = arena_take(arena, (count + 1) * sizeof *made);

	for (size_t i = 0; i < count; i++) {
		unsigned char bytes[sizeof(struct in6_addr)];
		char text[INET6_ADDRSTRLEN];
		int family = strchr(items[i], ':') != NULL ? AF_INET6 : AF_INET;
		if (inet_pton(family, items[i], bytes) != 1) {
			(void)err_set(err, ERR_INPUT, _("\"%.60s\" is not an IP address"),
			              items[i]);
			return err_hint(err, _("one host each, without a mask: 192.0.2.25 or "
			                       "2001:db8::25"));
		}
		made[i] = arena_copy(arena, inet_ntop(family, bytes, text, sizeof text));
	}
	*said = db_list(arena, made, count);
	return true;
}
