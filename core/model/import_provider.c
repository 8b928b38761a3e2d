#include "core/model/import_provider.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/base/words.h"
#include "core/model/event.h"
#include "core/model/provider.h"
#include "core/model/relay.h"

/* The values of a map, each with its check, in the order of the statement. */
struct value {
	const char *name;
	const char *said;
	const struct field *field; /* NULL: as the reader made it, the schema has the last word */
};

/* False: there is a finding. */
static bool values_check(struct arena *arena, const char *place, const struct value *values,
                         size_t count, const char **made, struct import_findings *findings)
{
	bool ok = true;

	for (size_t i = 0; i < count; i++) {
		struct err why = { 0 };
		made[i] = values[i].said;
		bool gone = made[i] != NULL && made[i][0] == '\0';
		const struct field *field = values[i].field;
		if (made[i] == NULL || (gone && field != NULL && field->clears))
			continue;
		if (gone)
			(void)err_set(&why, ERR_INPUT, _("this may not be empty"));
		else if (field == NULL
		         || field->check(field, arena, values[i].said, &made[i], &why))
			continue;
		import_finding_add(findings, arena_print(arena, "%s.%s", place, values[i].name),
		                   &why);
		ok = false;
	}
	return ok;
}

/* What must be said of something new. */
static bool needed(struct arena *arena, const char *place, const struct value *values,
                   const char *const *made, size_t count, struct import_findings *findings)
{
	bool ok = true;

	for (size_t i = 0; i < count; i++) {
		if (made[i] != NULL && made[i][0] != '\0')
			continue;
		struct err why = { 0 };
		(void)err_set(&why, ERR_INPUT, _("this is missing"));
		import_finding_add(findings, arena_print(arena, "%s.%s", place, values[i].name),
		                   &why);
		ok = false;
	}
	return ok;
}

static void count(struct import_answer *answer, struct arena *arena, enum import_noun noun,
                  const char *verb, const char *place, const char *name)
{
	struct import_count *counts = &answer->counts[noun];

	*(strcmp(verb, "add") == 0      ? &counts->added
	  : strcmp(verb, "change") == 0 ? &counts->changed
	                                : &counts->unchanged) += 1;
	if (strcmp(verb, "same") != 0)
		import_answer_add(answer, arena,
		                  &(struct import_change){ .noun = import_noun_word(noun),
		                                           .verb = verb,
		                                           .place = place,
		                                           .name = name,
		                                           .detail = "" });
}

/* ---- relays --------------------------------------------------------------------------- */

static bool addresses_check(struct arena *arena, const struct import_json_relay *relay,
                            struct import_findings *findings)
{
	bool ok = true;

	for (size_t i = 0; i < relay->address_count; i++) {
		unsigned char bytes[16];
		struct err why = { 0 };
		if (inet_pton(AF_INET, relay->addresses[i], bytes) == 1
		    || inet_pton(AF_INET6, relay->addresses[i], bytes) == 1)
			continue;
		(void)err_set(&why, ERR_INPUT, _("\"%.60s\" is not an IP address"),
		              relay->addresses[i]);
		import_finding_add(findings,
		                   arena_print(arena, "%s.addresses[%zu]", relay->place, i), &why);
		ok = false;
	}
	return ok;
}

static bool relay_store(struct db *db, struct arena *arena, const char *id, const char *provider,
                        const struct import_json_relay *relay, struct import_findings *findings,
                        struct import_answer *answer, struct err *err)
{
	const struct field *fields = relay_noun.fields;
	const struct value values[] = {
		{ "name", relay->name, &relay_noun.name },
		{ "helo", relay->helo, &fields[RELAY_HELO] },
		{ "mta", relay->mta, &fields[RELAY_MTA] },
		{ "signer", relay->signer, &fields[RELAY_SIGNER] },
	};
	const char *made[LENGTH(values)];
	const struct row *row;
	const char *list = relay->addresses_said
	                           ? db_list(arena, relay->addresses, relay->address_count)
	                           : NULL;

	bool fine = values_check(arena, relay->place, values, LENGTH(values), made, findings);
	if (!addresses_check(arena, relay, findings) || !fine)
		return true;
	if (!db_find(db, STMT_IMPORT_RELAY, DB_PARAMS(id, made[0], made[1], made[2], made[3], list),
	             &row, err))
		return err_within(err, "%s: %s", findings->file, relay->place);
	bool is_new = row == NULL;
	if (is_new && !needed(arena, relay->place, values, made, 2, findings))
		return true;
	bool same = !is_new && row_bool(row, "same");
	count(answer, arena, IMPORT_NOUN_RELAY,
	      same     ? "same"
	      : is_new ? "add"
	               : "change",
	      relay->place, made[0]);
	if (same)
		return true;
	const char *subject = arena_print(arena, "relay %s/%s", provider, made[0]);
	if (!is_new
	    && !noun_withdraw(db, &relay_noun, subject, id, arena_copy(arena, row_text(row, "id")),
	                      list, err))
		return err_within(err, "%s: %s", findings->file, relay->place);
	if (!db_run(db, is_new ? STMT_IMPORT_RELAY_ADD : STMT_IMPORT_RELAY_CHANGE,
	            DB_PARAMS(id, made[0], made[1], made[2], made[3]), NULL, err)
	    || (list != NULL
	        && (!db_run(db, STMT_IMPORT_RELAY_ADDRESS_DROP, DB_PARAMS(id, made[0], list), NULL,
	                    err)
	            || !db_run(db, STMT_IMPORT_RELAY_ADDRESS_ADD, DB_PARAMS(id, made[0], list),
	                       NULL, err))))
		return err_within(err, "%s: %s", findings->file, relay->place);
	return event_add(db,
	                 &(struct event){ .provider_id = strtoll(id, NULL, 10),
	                                  .subject = subject,
	                                  .what = is_new ? "relay.add" : "relay.set" },
	                 err);
}

/* ---- providers ------------------------------------------------------------------------- */

enum { NEEDED_OF_PROVIDER = 5 };

bool import_provider_store(struct db *db, struct arena *arena, struct import_json *json,
                           size_t index, struct import_findings *findings,
                           struct import_answer *answer, const char **id, struct err *err)
{
	struct import_json_provider provider;

	import_json_provider(json, index, &provider);
	const struct field *fields = provider_noun.fields;
	const struct value values[] = {
		{ "name", provider.name, &provider_noun.name },
		{ "title", provider.title, &fields[PROVIDER_TITLE] },
		{ "hosting_domain", provider.hosting_domain, &fields[PROVIDER_HOSTING_DOMAIN] },
		{ "default_sender", provider.default_sender, &fields[PROVIDER_DEFAULT_SENDER] },
		{ "spf_host", provider.spf_host, &fields[PROVIDER_SPF_HOST] },
		{ "language", provider.language, &fields[PROVIDER_LANGUAGE] },
		{ "contact", provider.contact, &fields[PROVIDER_CONTACT] },
		{ "escrow_policy", provider.escrow_policy, &fields[PROVIDER_ESCROW_POLICY] },
		{ "dkim_publish", provider.dkim_publish, &fields[PROVIDER_DKIM_PUBLISH] },
		{ "ed25519", provider.ed25519, NULL },
		{ "publish_margin", provider.publish_margin, &fields[PROVIDER_PUBLISH_MARGIN] },
		{ "publish_probes", provider.publish_probes, NULL },
		{ "linger", provider.linger, &fields[PROVIDER_LINGER] },
		{ "rotate_every", provider.rotate_every, &fields[PROVIDER_ROTATE_EVERY] },
		{ "dmarc_report", provider.dmarc_report, &fields[PROVIDER_DMARC_REPORT] },
		{ "degrade_grace", provider.degrade_grace, &fields[PROVIDER_DEGRADE_GRACE] },
		{ "keep_observations", provider.keep_observations,
		  &fields[PROVIDER_KEEP_OBSERVATIONS] },
	};
	const char *made[1 + LENGTH(values)];
	const char **of = made + 1;
	const struct row *row;

	*id = "";
	if (!values_check(arena, provider.place, values, LENGTH(values), of, findings))
		return true;
	if (!db_find(db, STMT_IMPORT_PROVIDER, DB_PARAMS(of[0]), &row, err))
		return false;
	bool is_new = row == NULL;
	if (is_new && !needed(arena, provider.place, values, of, NEEDED_OF_PROVIDER, findings))
		return true;
	if (is_new
	    && !db_one(db, STMT_IMPORT_PROVIDER_ADD,
	               DB_PARAMS(of[0], of[1], of[2], of[3], of[4], of[5]), &row, err))
		return err_within(err, "%s: %s", findings->file, provider.place);
	*id = made[0] = arena_copy(arena, row_text(row, "provider_id"));
	if (!db_one(db, STMT_IMPORT_PROVIDER_SAME, made, &row, err))
		return err_within(err, "%s: %s", findings->file, provider.place);
	bool same = row_bool(row, "same");
	if (!same
	    && (!noun_withdraw(db, &provider_noun, of[0], *id, *id, of[4], err)
	        || !db_run(db, STMT_IMPORT_PROVIDER_CHANGE, made, NULL, err)))
		return err_within(err, "%s: %s", findings->file, provider.place);
	count(answer, arena, IMPORT_NOUN_PROVIDER,
	      is_new ? "add"
	      : same ? "same"
	             : "change",
	      provider.place, of[0]);
	if ((is_new || !same)
	    && !event_add(db,
	                  &(struct event){ .provider_id = strtoll(*id, NULL, 10),
	                                   .subject = of[0],
	                                   .what = is_new ? "provider.add" : "provider.set" },
	                  err))
		return false;
	for (size_t i = 0; i < provider.relays; i++) {
		struct import_json_relay relay;
		import_json_relay(json, index, i, &relay);
		if (!relay_store(db, arena, *id, of[0], &relay, findings, answer, err))
			return false;
	}
	return true;
}
