#include "core/model/observation.h"

enum { NEGATIVE_TTL_UNKNOWN = 300 };

bool observation_add(struct db *db, struct arena *arena, long long provider_id, long long domain_id,
		     const struct requirement *requirement, const struct observation *observation,
		     const char **id, struct err *err)
{
	const struct row *row = NULL;
	const char *ttl = observation->ttl < 0 ? NULL : db_number(arena, observation->ttl);
	const char *answer = observation->answer
				     ? db_bytes(arena, observation->answer, observation->size)
				     : NULL;

	if (!db_one(db, STMT_OBSERVATION_ADD,
		    DB_PARAMS(db_number(arena, provider_id), db_number(arena, domain_id),
			      requirement_purpose(requirement->purpose), requirement->name,
			      observation->server, ttl, observation->rcode,
			      db_bool(observation->authentic), answer),
		    &row, err))
		return false;
	*id = arena_copy(arena, row_text(row, "id"));
	return true;
}

bool observation_put_verdict(struct db *db, struct arena *arena, long long provider_id,
			     long long domain_id, const struct observation_verdict *verdict,
			     bool *confirmed, bool *changed, struct err *err)
{
	const struct row *row = NULL;
	long long negative_ttl = verdict->negative_ttl > 0 ? verdict->negative_ttl
							   : NEGATIVE_TTL_UNKNOWN;

	if (!db_one(db, STMT_VERDICT_PUT,
		    DB_PARAMS(db_number(arena, provider_id), db_number(arena, domain_id),
			      requirement_purpose(verdict->requirement->purpose),
			      verdict->requirement->name, verdict->requirement->type,
			      db_bool(verdict->required), verdict->state,
			      db_number(arena, negative_ttl), verdict->expected, verdict->found,
			      verdict->explanation,
			      db_list(arena, verdict->observations, verdict->observation_count)),
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
