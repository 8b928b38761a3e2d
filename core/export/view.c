#include "core/export/view.h"

static bool db_senders(void *rows, serving_sender_fn call, void *context, struct err *err)
{
	const struct view *view = rows;

	return serving_senders(view->db, &view->scope, call, context, err);
}

static bool db_envelopes(void *rows, serving_sender_fn call, void *context, struct err *err)
{
	const struct view *view = rows;

	return serving_envelopes(view->db, &view->scope, call, context, err);
}

static bool db_domains(void *rows, serving_domain_fn call, void *context, struct err *err)
{
	const struct view *view = rows;

	return serving_domains(view->db, &view->scope, call, context, err);
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
	.senders   = db_senders,
	.envelopes = db_envelopes,
	.domains   = db_domains,
	.hops      = db_hops,
	.keys      = db_keys,
	.logins    = db_logins,
};

void view_open(struct view *view, struct db *db, const struct generation_relay *relay,
               bool include_unverified)
{
	*view = (struct view){
		.relay  = relay,
		.source = &from_database,
		.db     = db,
		.scope  = { .provider_id = relay->provider_id, .include_unverified = include_unverified },
	};
	view->rows = view;
}

bool view_senders(const struct view *view, serving_sender_fn call, void *context, struct err *err)
{
	return view->source->senders(view->rows, call, context, err);
}

bool view_envelopes(const struct view *view, serving_sender_fn call, void *context,
                    struct err *err)
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
