#include "core/model/domain.h"

#include "core/base/text.h"
#include "core/base/words.h"
#include "core/model/smarthost.h"

static const struct field fields[] = {
	{ "mode", FIELD_TEXT, field_choice, false, "hosted|relayed|direct|on-premises" },
	{ "smarthost", FIELD_TEXT, field_ready, true, NULL },
	{ "envelope_domain", FIELD_NAME, field_host, true, NULL },
	{ "dkim", FIELD_BOOL, field_bool, false, NULL },
	{ "dkim_publish", FIELD_TEXT, field_choice, true, "txt|cname|ns" },
	{ "rotate_every", FIELD_TEXT, field_span, true, NULL },
	{ "shared", FIELD_LIST, NULL, false, NULL },
	{ "waived", FIELD_LIST, NULL, false, NULL },
	{ "senders", FIELD_NUMBER, NULL, false, NULL },
	{ "uuid", FIELD_TEXT, NULL, false, NULL },
	FIELDS_END,
};

const struct noun domain_noun = {
	.word = "domain",
	.unknown = N_("there is no such sender domain"),
	.fields = fields,
	.name = { "name", FIELD_NAME, field_host, false, NULL },
	.list = STMT_DOMAIN_LIST,
	.add = STMT_DOMAIN_ADD,
	.change = STMT_DOMAIN_CHANGE,
	.retire = STMT_DOMAIN_RETIRE,
	.needed = STMT_DOMAIN_NEEDED,
};

bool domain_smarthost(struct db *db, struct arena *arena, const char *provider, const char *client,
                      const char *host, const char **said, struct err *err)
{
	const struct noun_query query = { .provider = provider, .client = client, .name = host };
	struct noun_one one;

	*said = host;
	if (host == NULL || host[0] == '\0')
		return true;
	if (!noun_find(db, arena, &smarthost_noun, &query, &one, NULL, err)
	    || !noun_in_use(&one, err))
		return false;
	*said = db_number(arena, one.id);
	return true;
}

/* ---- who may use it ----------------------------------------------------------------- */

static bool share_event(struct db *db, struct arena *arena, const struct noun_one *domain,
                        const struct noun_one *client, const char *verb, const char *why,
                        struct err *err)
{
	struct tree *detail = tree_map();

	tree_put_text(detail, "client", client->subject);
	bool ok = noun_event(db, arena, domain, verb, why, detail, err);
	tree_drop(detail);
	return ok;
}

static bool share_possible(const struct noun_one *domain, const struct noun_one *client,
                           struct err *err)
{
	if (domain->provider_id != client->provider_id)
		return err_set(err, ERR_REFUSED, _("%s is of provider %s, %s is not"), domain->name,
		               domain->provider, client->subject);
	if (domain->client_id == client->id)
		return err_set(err, ERR_CONFLICT, _("%s is %s's own"), domain->name,
		               client->subject);
	return noun_in_use(domain, err) && noun_in_use(client, err);
}

bool domain_share(struct db *db, struct arena *arena, const struct noun_one *domain,
                  const struct noun_one *client, const char *why, struct err *err)
{
	long long added;

	if (!share_possible(domain, client, err)
	    || !db_run(db, STMT_DOMAIN_SHARE,
	               DB_PARAMS(db_number(arena, domain->provider_id), domain->name,
	                         db_number(arena, client->id)),
	               &added, err))
		return false;
	if (added == 0)
		return err_set(err, ERR_CONFLICT, _("%s is shared with %s already"), domain->name,
		               client->subject);
	return share_event(db, arena, domain, client, "share", why, err);
}

static bool take_name(const struct row *row, void *context, struct err *err)
{
	struct text *names = context;

	UNUSED(err);
	text_addf(names, "%s%s", names->length > 0 ? ", " : "", row_text(row, "what"));
	return true;
}

/* A retired sender keeps pointing at its domain: the history stays true. */
static bool share_unused(struct db *db, const struct noun_one *domain,
                         const struct noun_one *client, const char *const params[], struct err *err)
{
	struct text names = { 0 };
	bool ok = db_each(db, STMT_DOMAIN_SHARE_USED, params, take_name, &names, err);

	if (ok && names.length > 0) {
		ok = err_set(err, ERR_REFUSED, _("%s has or had senders in %s: %s"),
		             client->subject, domain->name, text_string(&names));
		(void)err_hint(err, _("a domain in which a client ever sent stays shared with it"));
	}
	text_free(&names);
	return ok;
}

bool domain_unshare(struct db *db, struct arena *arena, const struct noun_one *domain,
                    const struct noun_one *client, const char *why, struct err *err)
{
	const char *const params[] = { db_number(arena, domain->provider_id), domain->name,
		                       db_number(arena, client->id) };
	long long gone;

	if (domain->client_id == client->id)
		return err_set(err, ERR_CONFLICT, _("%s is %s's own"), domain->name,
		               client->subject);
	if (!share_unused(db, domain, client, params, err)
	    || !db_run(db, STMT_DOMAIN_UNSHARE, params, &gone, err))
		return false;
	if (gone == 0)
		return err_set(err, ERR_NOT_FOUND, _("%s is not shared with %s"), domain->name,
		               client->subject);
	return share_event(db, arena, domain, client, "unshare", why, err);
}

/* ---- what is done without --------------------------------------------------------------- */

static bool waiver_event(struct db *db, struct arena *arena, const struct noun_one *domain,
                         const char *verb, const char *purpose, const char *why, struct err *err)
{
	struct tree *detail = tree_map();

	tree_put_text(detail, "purpose", purpose);
	bool ok = noun_event(db, arena, domain, verb, why, detail, err);
	tree_drop(detail);
	return ok;
}

bool domain_waive(struct db *db, struct arena *arena, const struct noun_one *domain,
                  const char *purpose, const char *reason, struct err *err)
{
	const struct field text = { "reason", FIELD_TEXT, field_label, false, NULL };

	return noun_in_use(domain, err) && field_label(&text, arena, reason, &reason, err)
	       && db_run(db, STMT_WAIVER_ADD,
	                 DB_PARAMS(db_number(arena, domain->provider_id),
	                           db_number(arena, domain->id), purpose, reason),
	                 NULL, err)
	       && waiver_event(db, arena, domain, "waive", purpose, reason, err);
}

bool domain_unwaive(struct db *db, struct arena *arena, const struct noun_one *domain,
                    const char *purpose, const char *why, struct err *err)
{
	long long ended;

	if (!db_run(db, STMT_WAIVER_END,
	            DB_PARAMS(db_number(arena, domain->provider_id), db_number(arena, domain->id),
	                      purpose),
	            &ended, err))
		return false;
	if (ended == 0)
		return err_set(err, ERR_NOT_FOUND, _("%s of %s is not waived"), purpose,
		               domain->name);
	return waiver_event(db, arena, domain, "unwaive", purpose, why, err);
}
