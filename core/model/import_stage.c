#include "core/model/import_stage.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/words.h"

enum {
	SEND_AT = 128 * 1024, /* COPY leaves in pieces of this size */
	RESET_EVERY = 64      /* rows that share one scratch arena */
};

/* ---- what the database finds ---------------------------------------------- */

static const struct {
	const char *rule;
	const char *sentence;
	const char *hint;
} rules[] = {
	{ "client_retired", N_("this client is retired"),
	  N_("\"senderctl client set\" with --reactivate brings it back") },
	{ "client_torn", N_("the file says something else about this client elsewhere"),
	  N_("say it once, or the same each time; an empty field says nothing") },
	{ "client_untitled", N_("a new client needs a title"),
	  N_("the title is what people read: Acme Ltd") },
	{ "domain_envelope_below",
	  N_("an envelope domain is the sender domain itself or lies below it"), NULL },
	{ "domain_hosted_is_site",
	  N_("a hosted sender's domain must be the host of one of its client's URLs"),
	  N_("put the URL into \"site\"; the address is then NAME@HOST-OF-THE-URL") },
	{ "domain_mode_torn", N_("two modes for one domain"),
	  N_("all senders of a domain have the same mode") },
	{ "domain_modeless", N_("a new sender domain needs a mode"),
	  N_("possible are: hosted, relayed, direct, on-premises") },
	{ "domain_of_other", N_("this domain belongs to another client"),
	  N_("\"senderctl domain share\" lets a second client of the provider use it") },
	{ "domain_of_two", N_("two clients of this file use this domain"),
	  N_("give it to one; \"senderctl domain share\" lets the second client use it") },
	{ "domain_public_mailbox",
	  N_("nobody can publish SPF for a public mailbox service, so its addresses cannot be "
	     "relayed"),
	  N_("use the provider's default sender and put the address into sender_reply_to") },
	{ "domain_retired", N_("this domain is retired"),
	  N_("\"senderctl domain set\" with --reactivate brings it back") },
	{ "domain_smarthost_mode", N_("only a domain in mode direct has a smarthost"), NULL },
	{ "domain_smarthost_torn", N_("two smarthosts for one domain"),
	  N_("all senders of a domain leave through the same smarthost") },
	{ "domain_torn", N_("the file says something else about this domain elsewhere"), NULL },
	{ "login_of_other", N_("this login belongs to another client"), NULL },
	{ "login_of_two", N_("two clients of this file have this login"), NULL },
	{ "login_retired", N_("this login is retired"),
	  N_("\"senderctl login set\" with --reactivate brings it back") },
	{ "sender_of_other", N_("this sender belongs to another client"), NULL },
	{ "sender_twice", N_("this sender stands in the file a second time"), NULL },
	{ "site_host_twice", N_("a client has one URL on a host"), NULL },
	{ "site_of_other", N_("this URL belongs to another client"), NULL },
	{ "site_of_two", N_("two clients of this file have this URL"), NULL },
	{ "site_retired", N_("this URL is retired"),
	  N_("\"senderctl site set\" with --reactivate brings it back") },
	{ "site_torn", N_("the file says something else about this URL elsewhere"), NULL },
	{ "smarthost_retired", N_("this smarthost is retired"),
	  N_("\"senderctl smarthost set\" with --reactivate brings it back") },
	{ "smarthost_torn", N_("the file says something else about this smarthost elsewhere"),
	  NULL },
	{ "smarthost_userless", N_("a new smarthost needs the user that logs in there"),
	  N_("a smarthost is written USER@HOST:PORT") },
};

struct taking {
	struct import_stage *stage;
	long long total; /* the server sends the first of so many */
};

static bool take_finding(const struct row *row, void *context, struct err *err)
{
	struct taking *taking = context;
	struct import_stage *stage = taking->stage;
	struct arena *arena = &stage->scratch;
	const char *rule = row_text(row, "rule");
	enum import_field field = import_field_find(row_text(row, "field"));
	const char *whose = row_text(row, "whose");
	struct err why = { 0 };
	size_t i = 0;

	UNUSED(err);
	while (i < LENGTH(rules) && strcmp(rules[i].rule, rule) != 0)
		i++;
	if (!row_is_null(row, "other"))
		whose = stage->place(stage->context, arena, row_number(row, "other"), field);
	(void)err_set(&why, ERR_INPUT, "%s: %s%s%s%s", row_text(row, "name"),
	              i < LENGTH(rules) ? _(rules[i].sentence) : rule, whose != NULL ? " (" : "",
	              whose != NULL ? whose : "", whose != NULL ? ")" : "");
	if (i < LENGTH(rules) && rules[i].hint != NULL)
		(void)err_hint(&why, "%s", _(rules[i].hint));
	import_finding_add(stage->findings,
	                   stage->place(stage->context, arena, row_number(row, "place"), field),
	                   &why);
	taking->total = row_number(row, "total");
	return true;
}

/* ---- rows ---------------------------------------------------------------------- */

bool import_stage_make(struct db *db, struct err *err)
{
	static const enum statement_id make[] = {
		STMT_IMPORT_MAKE_ROW,     STMT_IMPORT_MAKE_ITEM, STMT_IMPORT_MAKE_SENDER,
		STMT_IMPORT_MAKE_FINDING, STMT_IMPORT_ROOM,
	};

	for (size_t i = 0; i < LENGTH(make); i++)
		if (!db_run(db, make[i], DB_NO_PARAMS, NULL, err))
			return false;
	return true;
}

bool import_stage_begin(struct import_stage *stage, struct err *err)
{
	for (size_t i = 0; i < IMPORT_FIELDS; i++)
		text_clear(&stage->before[i]);
	text_clear(&stage->out);
	stage->rows = 0;
	return stage->db == NULL
	       || (db_run(stage->db, STMT_IMPORT_EMPTY, DB_NO_PARAMS, NULL, err)
	           && db_copy_begin(stage->db, STMT_IMPORT_ROW_COPY, err));
}

static void find(struct import_stage *stage, long long place, enum import_field field,
                 const struct err *why)
{
	import_finding_add(stage->findings,
	                   stage->place(stage->context, &stage->scratch, place, field), why);
}

/* A column of a line of COPY; what passed the checks holds no control characters. */
static void put(struct text *out, const char *value)
{
	if (out->length > 0 && out->data[out->length - 1] != '\n')
		text_add_char(out, '\t');
	if (value == NULL) {
		text_add(out, "\\N");
		return;
	}
	for (const char *from = value;;) {
		size_t plain = strcspn(from, "\\");
		text_add_bytes(out, from, plain);
		if (from[plain] == '\0')
			return;
		text_add(out, "\\\\");
		from += plain + 1;
	}
}

static bool row_check(struct import_stage *stage, const struct import_row *row,
                      const char *made[IMPORT_FIELDS])
{
	long long before = stage->findings->total;

	for (size_t i = 0; i < IMPORT_FIELDS; i++) {
		enum import_field field = (enum import_field)i;
		enum import_field needs = import_field_needs(field);
		struct err why = { 0 };
		made[i] = NULL;
		if (row->value[i] == NULL) {
			if (field == IMPORT_CLIENT) {
				(void)err_set(&why, ERR_INPUT, _("the client is missing"));
				find(stage, row->place, field, &why);
			}
			continue;
		}
		if (row->length[i] == 0 && !import_field_clearable(field)) {
			(void)err_set(&why, ERR_INPUT, _("this may not be empty"));
			find(stage, row->place, field, &why);
			continue;
		}
		bool needed = row->value[needs] != NULL
		              || (needs == IMPORT_DOMAIN && row->value[IMPORT_SENDER] != NULL);
		if (!needed && needs != IMPORT_CLIENT) {
			if (needs == IMPORT_DOMAIN)
				needs = IMPORT_SENDER;
			(void)err_set(&why, ERR_INPUT, _("\"%s\" without \"%s\""),
			              import_field_word(field), import_field_word(needs));
			find(stage, row->place, field, &why);
			continue;
		}
		if (row->length[i] == 0)
			made[i] = field == IMPORT_LOGINS ? "{}" : "";
		else if (!import_field_check(field, &stage->scratch, row->value[i], row->length[i],
		                             &made[i], &why))
			find(stage, row->place, field, &why);
	}
	return stage->findings->total == before;
}

/* Said of the same thing in the row before, in the same words: said already. */
static void leave_out_repeated(struct import_stage *stage, const char *made[IMPORT_FIELDS])
{
	static const struct {
		enum import_field field, of;
	} repeated[] = {
		{ IMPORT_TITLE, IMPORT_CLIENT },           { IMPORT_LANGUAGE, IMPORT_CLIENT },
		{ IMPORT_CONTACT, IMPORT_CLIENT },         { IMPORT_REPLY_TO, IMPORT_CLIENT },
		{ IMPORT_AUDIENCE, IMPORT_SITE },          { IMPORT_MODE, IMPORT_DOMAIN },
		{ IMPORT_ENVELOPE_DOMAIN, IMPORT_DOMAIN }, { IMPORT_DKIM_PUBLISH, IMPORT_DOMAIN },
	};
	bool same[IMPORT_FIELDS];

	for (size_t i = 0; i < IMPORT_FIELDS; i++) {
		same[i] = made[i] != NULL && stage->before[i].length > 0
		          && strcmp(made[i], stage->before[i].data) == 0;
		if (same[i])
			continue;
		text_clear(&stage->before[i]);
		if (made[i] != NULL)
			text_add(&stage->before[i], made[i]);
	}
	for (size_t i = 0; i < LENGTH(repeated); i++)
		if (same[IMPORT_CLIENT] && same[repeated[i].of] && same[repeated[i].field])
			made[repeated[i].field] = NULL;
}

bool import_stage_row(void *context, const struct import_row *row, struct err *err)
{
	struct import_stage *stage = context;
	const char *made[IMPORT_FIELDS];
	struct import_smarthost smarthost = { 0 };
	char place[24];

	if (stage->rows++ % RESET_EVERY == 0)
		arena_reset(&stage->scratch);
	if (!row_check(stage, row, made))
		return true;
	if (stage->findings->total > 0 || stage->db == NULL)
		return true; /* it will not be stored: look at the rest only */
	if (made[IMPORT_SENDER] != NULL)
		made[IMPORT_DOMAIN] = strchr(made[IMPORT_SENDER], '@') + 1;
	const char *host = made[IMPORT_SITE];
	if (host != NULL && host[0] != '\0')
		host = import_field_host(&stage->scratch, host);
	if (made[IMPORT_SMARTHOST] != NULL && made[IMPORT_SMARTHOST][0] != '\0')
		import_field_smarthost(&stage->scratch, made[IMPORT_SMARTHOST], &smarthost);
	leave_out_repeated(stage, made);

	(void)snprintf(place, sizeof place, "%lld", row->place);
	put(&stage->out, place);
	for (size_t i = 0; i < IMPORT_FIELDS; i++)
		put(&stage->out, made[i]);
	put(&stage->out, host);
	put(&stage->out, smarthost.user);
	put(&stage->out, smarthost.host);
	put(&stage->out, smarthost.port);
	text_add_char(&stage->out, '\n');
	if (stage->out.length < SEND_AT)
		return true;
	bool ok = db_copy_put(stage->db, stage->out.data, stage->out.length, err);
	text_clear(&stage->out);
	return ok;
}

bool import_stage_end(struct import_stage *stage, struct err *err)
{
	if (stage->db == NULL)
		return true;
	if (stage->out.length > 0
	    && !db_copy_put(stage->db, stage->out.data, stage->out.length, err))
		return false;
	return db_copy_end(stage->db, NULL, err)
	       && db_run(stage->db, STMT_IMPORT_ROW_ANALYZE, DB_NO_PARAMS, NULL, err);
}

/* ---- sets ------------------------------------------------------------------------- */

static bool run_each(struct import_stage *stage, const enum statement_id *ids, size_t count,
                     const char *provider_id, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (!db_run(stage->db, ids[i], DB_PARAMS(provider_id), NULL, err))
			return false;
	return true;
}

bool import_stage_check(struct import_stage *stage, const char *provider_id, struct err *err)
{
	static const enum statement_id checks[] = {
		STMT_IMPORT_CLIENT_ITEM,    STMT_IMPORT_SITE_ITEM,    STMT_IMPORT_LOGIN_ITEM,
		STMT_IMPORT_SMARTHOST_ITEM, STMT_IMPORT_DOMAIN_ITEM,  STMT_IMPORT_CLIENT_CHECK,
		STMT_IMPORT_SITE_CHECK,     STMT_IMPORT_LOGIN_CHECK,  STMT_IMPORT_SMARTHOST_CHECK,
		STMT_IMPORT_DOMAIN_CHECK,   STMT_IMPORT_SENDER_CHECK,
	};

	struct taking taking = { .stage = stage };
	long long before = stage->findings->total;

	if (!run_each(stage, checks, LENGTH(checks), provider_id, err)
	    || !db_each(stage->db, STMT_IMPORT_FINDINGS,
	                DB_PARAMS(db_number(&stage->scratch, IMPORT_FINDINGS)), take_finding,
	                &taking, err))
		return false;
	stage->findings->total = before + taking.total;
	return true;
}

bool import_stage_store(struct import_stage *stage, const char *provider_id, struct err *err)
{
	/* In the order in which one needs the other.  A mode may become hosted
	 * only once the URL is there; a sender needs its domain. */
	static const enum statement_id steps[] = {
		STMT_IMPORT_CLIENT_ADD,       STMT_IMPORT_CLIENT_CHANGE,
		STMT_IMPORT_SITE_ADD,         STMT_IMPORT_SITE_CHANGE,
		STMT_IMPORT_LOGIN_ADD,        STMT_IMPORT_SMARTHOST_ADD,
		STMT_IMPORT_SMARTHOST_CHANGE, STMT_IMPORT_DOMAIN_ADD,
		STMT_IMPORT_DOMAIN_OWN,       STMT_IMPORT_DOMAIN_CHANGE,
		STMT_IMPORT_SENDER_ITEM,      STMT_IMPORT_SENDER_ADD,
		STMT_IMPORT_SENDER_CHANGE,    STMT_IMPORT_SENDER_LOGIN_DROP,
		STMT_IMPORT_SENDER_LOGIN_ADD,
	};

	return run_each(stage, steps, LENGTH(steps), provider_id, err);
}

void import_stage_close(struct import_stage *stage)
{
	arena_reset(&stage->scratch);
	text_free(&stage->out);
	for (size_t i = 0; i < IMPORT_FIELDS; i++)
		text_free(&stage->before[i]);
}
