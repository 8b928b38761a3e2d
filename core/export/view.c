#include "core/export/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/words.h"

enum { FIELDS = 14, FIELD_LIMIT = 4096 };

/*
 * spool = row*
 * row   = (length + 1 as u32, or 0 for NULL; the octets; NUL) for each field
 */
struct view_spool {
	FILE *file;
	bool envelopes; /* some domain has an envelope domain of its own */
};

struct spooling {
	struct view_spool *spool;
	serving_domain_fn call;
	void *context;
};

static bool put_field(FILE *file, const char *text)
{
	unsigned size = text != NULL ? (unsigned)strlen(text) + 1 : 0;

	return fwrite(&size, sizeof size, 1, file) == 1
	       && (text == NULL || fwrite(text, 1, size, file) == size);
}

static bool put_domain(FILE *file, const struct serving_domain *domain)
{
	char id[24], rsa[24], ed[24];

	(void)snprintf(id, sizeof id, "%lld", domain->id);
	(void)snprintf(rsa, sizeof rsa, "%lld", domain->rsa_key);
	(void)snprintf(ed, sizeof ed, "%lld", domain->ed_key);
	const char *const fields[FIELDS] = {
		id,           domain->name,           domain->mode, domain->envelope_domain,
		domain->host, domain->port,           domain->tls,  domain->auth_user,
		domain->ca,   domain->smarthost_uuid, rsa,          domain->rsa_selector,
		ed,           domain->ed_selector,
	};
	for (size_t i = 0; i < FIELDS; i++)
		if (!put_field(file, fields[i]))
			return false;
	return true;
}

static bool spool_row(const struct serving_domain *domain, void *context, struct err *err)
{
	struct spooling *spooling = context;

	if (domain->envelope_domain != NULL)
		spooling->spool->envelopes = true;
	if (!put_domain(spooling->spool->file, domain))
		return err_errno(err, _("cannot write a temporary file"));
	return spooling->call == NULL || spooling->call(domain, spooling->context, err);
}

/* One field; *field is NULL for NULL.  False at the end of the file. */
static bool take_field(FILE *file, char room[static FIELD_LIMIT], const char **field)
{
	unsigned size;

	*field = NULL;
	if (fread(&size, sizeof size, 1, file) != 1 || size > FIELD_LIMIT)
		return false;
	if (size == 0)
		return true;
	*field = room;
	return fread(room, 1, size, file) == size;
}

static bool replay(struct view_spool *spool, serving_domain_fn call, void *context, struct err *err)
{
	char(*room)[FIELD_LIMIT] = malloc(FIELDS * sizeof *room);
	const char *field[FIELDS];
	bool ok = room != NULL || err_set(err, ERR_SYSTEM, _("out of memory"));

	rewind(spool->file);
	while (ok && take_field(spool->file, room[0], &field[0])) {
		for (size_t i = 1; ok && i < FIELDS; i++)
			ok = take_field(spool->file, room[i], &field[i])
			     || err_set(err, ERR_SYSTEM, _("a temporary file was cut"));
		if (!ok)
			break;
		const struct serving_domain domain = {
			.id = strtoll(field[0], NULL, 10),
			.name = field[1],
			.mode = field[2],
			.envelope_domain = field[3],
			.host = field[4],
			.port = field[5],
			.tls = field[6],
			.auth_user = field[7],
			.ca = field[8],
			.smarthost_uuid = field[9],
			.rsa_key = strtoll(field[10], NULL, 10),
			.rsa_selector = field[11],
			.ed_key = strtoll(field[12], NULL, 10),
			.ed_selector = field[13],
		};
		ok = call == NULL || call(&domain, context, err);
	}
	free(room);
	return ok;
}

static bool db_senders(void *rows, serving_sender_fn call, void *context, struct err *err)
{
	const struct view *view = rows;
	const struct serving_audience audience = {
		.served = call,
		.served_context = context,
		.withheld = view->withheld,
		.withheld_context = view->withheld_context,
	};

	return serving_senders(view->db, &view->scope, &audience, err);
}

static bool db_domains(void *rows, serving_domain_fn call, void *context, struct err *err)
{
	struct view *view = rows;
	struct spooling spooling = { .call = call, .context = context };

	if (view->spool != NULL)
		return replay(view->spool, call, context, err);
	view->spool = calloc(1, sizeof *view->spool);
	if (view->spool == NULL)
		return err_set(err, ERR_SYSTEM, _("out of memory"));
	spooling.spool = view->spool;
	view->spool->file = tmpfile();
	if (view->spool->file == NULL)
		return err_errno(err, _("cannot make a temporary file"));
	return serving_domains(view->db, &view->scope, spool_row, &spooling, err);
}

/* Hardly any provider has them, and finding none costs a second at a million senders. */
static bool db_envelopes(void *rows, serving_sender_fn call, void *context, struct err *err)
{
	const struct view *view = rows;

	if (view->spool == NULL && !db_domains(rows, NULL, NULL, err))
		return false;
	return !view->spool->envelopes
	       || serving_envelopes(view->db, &view->scope, call, context, err);
}

static bool db_hops(void *rows, serving_hop_fn call, void *context, struct err *err)
{
	const struct view *view = rows;

	return serving_hops(view->db, &view->scope, call, context, err);
}

static bool db_keys(void *rows, serving_key_fn call, void *context, struct err *err)
{
	const struct view *view = rows;

	return serving_keys(view->db, &view->scope, call, context, err);
}

static bool db_logins(void *rows, serving_login_fn call, void *context, struct err *err)
{
	const struct view *view = rows;

	return serving_logins(view->db, &view->scope, call, context, err);
}

static const struct view_source from_database = {
	.senders = db_senders,
	.envelopes = db_envelopes,
	.domains = db_domains,
	.hops = db_hops,
	.keys = db_keys,
	.logins = db_logins,
};

void view_open(struct view *view, struct db *db, const struct generation_relay *relay,
               bool include_unverified)
{
	*view = (struct view){
		.relay = relay,
		.source = &from_database,
		.db = db,
		.scope = { .provider_id = relay->provider_id,
		           .include_unverified = include_unverified },
	};
	view->rows = view;
}

void view_close(struct view *view)
{
	if (view->spool != NULL && view->spool->file != NULL)
		(void)fclose(view->spool->file);
	free(view->spool);
	view->spool = NULL;
}

bool view_senders(const struct view *view, serving_sender_fn call, void *context, struct err *err)
{
	return view->source->senders(view->rows, call, context, err);
}

bool view_envelopes(const struct view *view, serving_sender_fn call, void *context, struct err *err)
{
	return view->source->envelopes(view->rows, call, context, err);
}

bool view_domains(const struct view *view, serving_domain_fn call, void *context, struct err *err)
{
	return view->source->domains(view->rows, call, context, err);
}

bool view_hops(const struct view *view, serving_hop_fn call, void *context, struct err *err)
{
	return view->source->hops(view->rows, call, context, err);
}

bool view_keys(const struct view *view, serving_key_fn call, void *context, struct err *err)
{
	return view->source->keys(view->rows, call, context, err);
}

bool view_logins(const struct view *view, serving_login_fn call, void *context, struct err *err)
{
	return view->source->logins(view->rows, call, context, err);
}
