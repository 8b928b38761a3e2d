#include "core/model/serving.h"

#include <stdio.h>

/* Each stream is the same walk: a statement, a row made into a value, a call. */
struct walk {
	union {
		serving_sender_fn sender;
		serving_domain_fn domain;
		serving_hop_fn hop;
		serving_key_fn key;
		serving_login_fn login;
	} call;
	void *context;
};

enum { NUMBER_TEXT = 24 };

static const char *number_text(char text[static NUMBER_TEXT], long long number)
{
	(void)snprintf(text, NUMBER_TEXT, "%lld", number);
	return text;
}

/* All there is of a provider: never row by row, whatever the statistics say. */
static bool stream(struct db *db, enum statement_id id, const char *const params[], row_fn row,
                   struct walk *walk, struct err *err)
{
	return db_run(db, STMT_SERVING_ROOM, DB_NO_PARAMS, NULL, err)
	       && db_stream(db, id, params, row, walk, err);
}

static bool stream_scope(struct db *db, enum statement_id id, const struct serving_scope *scope,
                         row_fn row, struct walk *walk, struct err *err)
{
	char provider[NUMBER_TEXT];

	return stream(db, id,
	              DB_PARAMS(number_text(provider, scope->provider_id),
	                        db_bool(scope->include_unverified)),
	              row, walk, err);
}

/* By position: this runs a million times. */
static bool audience_row(const struct row *row, void *context, struct err *err)
{
	const struct serving_audience *audience = ((const struct walk *)context)->context;
	const char *reason = row_at(row, 3, NULL);

	if (reason == NULL) {
		const struct serving_sender sender = {
			.address = row_at(row, 0, NULL),
			.logins = row_at(row, 1, NULL),
			.login_count = row_at(row, 2, NULL),
		};
		return audience->served(&sender, audience->served_context, err);
	}
	const struct serving_withheld withheld = {
		.client = row_at(row, 5, NULL),
		.address = row_at(row, 0, NULL),
		.reason = reason,
		.lacking = row_at(row, 4, NULL),
	};
	return audience->withheld == NULL
	       || audience->withheld(&withheld, audience->withheld_context, err);
}

bool serving_senders(struct db *db, const struct serving_scope *scope,
                     const struct serving_audience *audience, struct err *err)
{
	/* the walk carries a context for callbacks; here that is the audience, unchanged */
	struct serving_audience copy = *audience;
	struct walk walk = { .context = &copy };

	return stream_scope(db, STMT_EXPORT_SENDERS, scope, audience_row, &walk, err);
}

static bool sender_row(const struct row *row, void *context, struct err *err)
{
	const struct walk *walk = context;
	const struct serving_sender sender = {
		.address = row_at(row, 0, NULL),
		.logins = row_at(row, 1, NULL),
		.login_count = row_at(row, 2, NULL),
	};

	return walk->call.sender(&sender, walk->context, err);
}

bool serving_envelopes(struct db *db, const struct serving_scope *scope, serving_sender_fn call,
                       void *context, struct err *err)
{
	struct walk walk = { .call.sender = call, .context = context };

	return stream_scope(db, STMT_EXPORT_ENVELOPES, scope, sender_row, &walk, err);
}

static bool domain_row(const struct row *row, void *context, struct err *err)
{
	const struct walk *walk = context;
	const struct serving_domain domain = {
		.id = row_number(row, "id"),
		.name = row_text(row, "name"),
		.mode = row_text(row, "mode"),
		.envelope_domain = row_text(row, "envelope_domain"),
		.host = row_text(row, "host"),
		.port = row_text(row, "port"),
		.tls = row_text(row, "tls"),
		.auth_user = row_text(row, "auth_user"),
		.ca = row_text(row, "ca"),
		.smarthost_uuid = row_text(row, "smarthost_uuid"),
		.rsa_key = row_number(row, "rsa_key"),
		.rsa_selector = row_text(row, "rsa_selector"),
		.ed_key = row_number(row, "ed_key"),
		.ed_selector = row_text(row, "ed_selector"),
	};

	return walk->call.domain(&domain, walk->context, err);
}

bool serving_domains(struct db *db, const struct serving_scope *scope, serving_domain_fn call,
                     void *context, struct err *err)
{
	struct walk walk = { .call.domain = call, .context = context };

	return stream_scope(db, STMT_EXPORT_DOMAINS, scope, domain_row, &walk, err);
}

static bool hop_row(const struct row *row, void *context, struct err *err)
{
	const struct walk *walk = context;
	const struct serving_hop hop = {
		.host = row_text(row, "host"),
		.port = row_text(row, "port"),
		.ca = row_text(row, "ca"),
	};

	return walk->call.hop(&hop, walk->context, err);
}

bool serving_hops(struct db *db, const struct serving_scope *scope, serving_hop_fn call,
                  void *context, struct err *err)
{
	struct walk walk = { .call.hop = call, .context = context };

	return stream_scope(db, STMT_EXPORT_HOPS, scope, hop_row, &walk, err);
}

static bool key_row(const struct row *row, void *context, struct err *err)
{
	const struct walk *walk = context;
	const struct serving_key key = {
		.id = row_number(row, "id"),
		.uuid = row_text(row, "uuid"),
		.domain = row_text(row, "domain"),
		.selector = row_text(row, "selector"),
		.algorithm = row_text(row, "algorithm"),
	};

	return walk->call.key(&key, walk->context, err);
}

bool serving_keys(struct db *db, const struct serving_scope *scope, serving_key_fn call,
                  void *context, struct err *err)
{
	struct walk walk = { .call.key = call, .context = context };
	char provider[NUMBER_TEXT];

	return stream(db, STMT_EXPORT_KEYS, DB_PARAMS(number_text(provider, scope->provider_id)),
	              key_row, &walk, err);
}

static bool login_row(const struct row *row, void *context, struct err *err)
{
	const struct walk *walk = context;
	const struct serving_login login = {
		.domain = row_text(row, "domain"),
		.login = row_text(row, "login"),
		.envelope_domain = row_text(row, "envelope_domain"),
	};

	return walk->call.login(&login, walk->context, err);
}

bool serving_logins(struct db *db, const struct serving_scope *scope, serving_login_fn call,
                    void *context, struct err *err)
{
	struct walk walk = { .call.login = call, .context = context };

	return stream_scope(db, STMT_EXPORT_LOGINS, scope, login_row, &walk, err);
}
