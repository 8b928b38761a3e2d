#include "core/model/observation.h"

enum { NEGATIVE_TTL_UNKNOWN = 300 };

/* The columns of the observations, each as one array. */
struct columns {
	const char **servers;
	const char **ttls;
	const char **rcodes;
	const char **ads;
	const char **answers;
};

static struct columns to_columns(struct arena *arena, const struct observation_verdict *verdict)
{
	size_t count = verdict->observation_count;
	size_t size = (count + 1) * sizeof(char *);
	struct columns columns = { arena_take(arena, size), arena_take(arena, size),
		                   arena_take(arena, size), arena_take(arena, size),
		                   arena_take(arena, size) };

	for (size_t i = 0; i < count; i++) {
		const struct observation *observation = &verdict->observations[i];

		columns.servers[i] = observation->server;
		columns.ttls[i] = db_number(arena, observation->ttl);
		columns.rcodes[i] = observation->rcode;
		columns.ads[i] = db_bool(observation->authentic);
		columns.answers[i] = observation->answer ? db_bytes(arena, observation->answer,
		                                                    observation->size)
		                                         : "";
	}
	return columns;
}

bool observation_put_verdict(struct db *db, struct arena *arena, long long provider_id,
                             long long domain_id, const struct observation_verdict *verdict,
                             bool *confirmed, bool *changed, struct err *err)
{
	const struct row *row = NULL;
	long long negative_ttl = verdict->negative_ttl > 0 ? verdict->negative_ttl
	                                                   : NEGATIVE_TTL_UNKNOWN;
	size_t count = verdict->observation_count;
	struct columns columns = to_columns(arena, verdict);

	if (!db_one(db, STMT_VERDICT_PUT,
	            DB_PARAMS(db_number(arena, provider_id), db_number(arena, domain_id),
	                      requirement_purpose(verdict->requirement->purpose),
	                      verdict->requirement->name, verdict->requirement->type,
	                      db_bool(verdict->required), verdict->state,
	                      db_number(arena, negative_ttl), verdict->expected, verdict->found,
	                      verdict->explanation, db_list(arena, columns.servers, count),
	                      db_list(arena, columns.ttls, count),
	                      db_list(arena, columns.rcodes, count),
	                      db_list(arena, columns.ads, count),
	                      db_list(arena, columns.answers, count), verdict->expires,
	                      arena_print(arena, "%.3f", (double)verdict->age / 1000.0),
	                      db_bool(verdict->told)),
	            &row, err))
		return false;
	*confirmed = row_bool(row, "confirmed");
	*changed = row_bool(row, "changed");
	return true;
}

bool observation_forget(struct db *db, struct arena *arena, long long provider_id,
                        long long domain_id, struct err *err)
{
	return db_run(db, STMT_VERDICT_FORGET,
	              DB_PARAMS(db_number(arena, provider_id), db_number(arena, domain_id)), NULL,
	              err);
}

static bool key_look(struct db *db, enum statement_id statement, struct arena *arena,
                     long long provider_id, long long domain_id, const char *selector, uint32_t ttl,
                     struct err *err)
{
	return db_run(db, statement,
	              DB_PARAMS(db_number(arena, provider_id), db_number(arena, domain_id),
	                        selector, db_number(arena, ttl)),
	              NULL, err);
}

bool observation_key_seen(struct db *db, struct arena *arena, long long provider_id,
                          long long domain_id, const char *selector, uint32_t ttl, struct err *err)
{
	return key_look(db, STMT_DKIM_KEY_SEEN, arena, provider_id, domain_id, selector, ttl, err);
}

bool observation_key_missed(struct db *db, struct arena *arena, long long provider_id,
                            long long domain_id, const char *selector, uint32_t ttl,
                            struct err *err)
{
	return key_look(db, STMT_DKIM_KEY_MISSED, arena, provider_id, domain_id, selector, ttl,
	                err);
}
