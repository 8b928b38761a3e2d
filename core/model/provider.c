#include "core/model/provider.h"

#include <string.h>

#include "core/base/words.h"

/* "ns1.vendor.example, ns2.vendor.example": separated by commas or blanks. */
static bool check_servers(const struct field *field, struct arena *arena, const char *text,
                          const char **made, struct err *err)
{
	const char *all = "";

	for (const char *p = text + strspn(text, ", "); *p != '\0'; p += strspn(p, ", ")) {
		size_t length = strcspn(p, ", ");
		const char *one = arena_copy_part(arena, p, length);

		if (!field_host(field, arena, one, &one, err))
			return false;
		all = arena_print(arena, "%s%s%s", all, all[0] != '\0' ? " " : "", one);
		p += length;
	}
	if (all[0] == '\0') {
		(void)err_set(err, ERR_INPUT, _("no name server is named"));
		return err_hint(err,
		                _("write \"ns1.vendor.example, ns2.vendor.example\"; \"\" takes "
		                  "them away"));
	}
	*made = all;
	return true;
}

static const struct field fields[] = {
	{ "title", FIELD_TEXT, field_label, false, NULL },
	{ "hosting_domain", FIELD_NAME, field_host, false, NULL },
	{ "default_sender", FIELD_ADDRESS, field_address, false, NULL },
	{ "spf_host", FIELD_NAME, field_record, false, NULL },
	{ "language", FIELD_TEXT, field_choice, false, "de|en" },
	{ "contact", FIELD_TEXT, field_label, true, NULL },
	{ "escrow_policy", FIELD_TEXT, field_choice, false, "none|optional|required" },
	{ "dkim_publish", FIELD_TEXT, field_choice, false, "txt|cname|ns" },
	{ "ed25519", FIELD_BOOL, field_bool, false, NULL },
	{ "publish_margin", FIELD_TEXT, field_span, false, NULL },
	{ "publish_probes", FIELD_NUMBER, field_number, false, NULL },
	{ "linger", FIELD_TEXT, field_span, false, NULL },
	{ "rotate_every", FIELD_TEXT, field_span, false, NULL },
	{ "dmarc_report", FIELD_ADDRESS, field_address, true, NULL },
	{ "degrade_grace", FIELD_TEXT, field_span, false, NULL },
	{ "keep_observations", FIELD_TEXT, field_span, false, NULL },
	{ "warn_after", FIELD_TEXT, field_span, false, NULL },
	{ "advance", FIELD_TEXT, field_choice, false, "command|monitor" },
	{ "name_servers", FIELD_TEXT, check_servers, true, NULL },
	{ "clients", FIELD_NUMBER, NULL, false, NULL },
	{ "senders", FIELD_NUMBER, NULL, false, NULL },
	{ "relays", FIELD_NUMBER, NULL, false, NULL },
	{ "uuid", FIELD_TEXT, NULL, false, NULL },
	FIELDS_END,
};

const struct noun provider_noun = {
	.word = "provider",
	.unknown = N_("there is no such provider"),
	.fields = fields,
	.name = { "name", FIELD_TEXT, field_short_name, false, NULL },
	.list = STMT_PROVIDER_LIST,
	.add = STMT_PROVIDER_ADD,
	.change = STMT_PROVIDER_CHANGE,
	.retire = STMT_PROVIDER_RETIRE,
	.needed = STMT_PROVIDER_NEEDED,
	.referred = true,
	.withdrawn = STMT_PROVIDER_WITHDRAWN,
	.withdrawable = PROVIDER_SPF_HOST,
};

/* The roles of the new provider are the session's only from the next statement
 * on: so its row comes first, and the policies are a change of it. */
bool provider_add(struct db *db, struct arena *arena, const char *name, const char *const said[],
                  const char *why, struct noun_one *one, struct err *err)
{
	const char *made[2 + PROVIDER_FIELDS];
	const struct row *row;

	if (!provider_noun.name.check(&provider_noun.name, arena, name, &name, err))
		return err_within(err, "\"%.80s\"", name);
	if (!field_check(fields, arena, said, made + 2, err)
	    || !db_one(db, STMT_PROVIDER_ADD,
	               DB_PARAMS(name, made[2 + PROVIDER_TITLE], made[2 + PROVIDER_HOSTING_DOMAIN],
	                         made[2 + PROVIDER_DEFAULT_SENDER], made[2 + PROVIDER_SPF_HOST],
	                         made[2 + PROVIDER_LANGUAGE]),
	               &row, err))
		return false;
	made[0] = made[1] = db_number(arena, row_number(row, "id"));
	return db_run(db, STMT_PROVIDER_CHANGE, made, NULL, err)
	       && noun_find(db, arena, &provider_noun, &(struct noun_query){ .name = name }, one,
	                    NULL, err)
	       && noun_event(db, arena, one, "add", why, NULL, err);
}
