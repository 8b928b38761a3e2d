#include "core/model/observation.h"

enum { NEGATIVE_TTL_UNKNOWN = 300 };

/* The columns of the opinions, and of the observations of all of them. */
enum {
	PURPOSES_OF,
	NAMES,
	TYPES,
	REQUIRED,
	TOLD,
	STATES,
	NEGATIVE_TTLS,
	EXPECTED,
	FOUND,
	EXPLANATIONS,
	EXPIRES,
	COUNTS,
	VERDICT_COLUMNS,
	OF_VERDICT = VERDICT_COLUMNS,
	SERVERS,
	TTLS,
	RCODES,
	ADS,
	ANSWERS,
	COLUMNS,
};

struct columns {
	struct arena *arena;
	const char **values[COLUMNS];
	size_t verdicts;
	size_t observations;
};

static void add_observation(struct columns *columns, const struct observation *observation)
{
	struct arena *arena = columns->arena;
	size_t i = columns->observations++;

	/* arrays of SQL begin at 1: the opinion was counted already */
	columns->values[OF_VERDICT][i] = db_number(arena, (long long)columns->verdicts);
	columns->values[SERVERS][i] = observation->server;
	columns->values[TTLS][i] = db_number(arena, observation->ttl);
	columns->values[RCODES][i] = observation->rcode;
	columns->values[ADS][i] = db_bool(observation->authentic);
	columns->values[ANSWERS][i] = observation->answer ? db_bytes(arena, observation->answer,
	                                                             observation->size)
	                                                  : "";
}

static void add_verdict(struct columns *columns, const struct observation_verdict *verdict)
{
	struct arena *arena = columns->arena;
	long long negative_ttl = verdict->negative_ttl > 0 ? verdict->negative_ttl
	                                                   : NEGATIVE_TTL_UNKNOWN;
	size_t i = columns->verdicts++;

	columns->values[PURPOSES_OF][i] = requirement_purpose(verdict->requirement->purpose);
	columns->values[NAMES][i] = verdict->requirement->name;
	columns->values[TYPES][i] = verdict->requirement->type;
	columns->values[REQUIRED][i] = db_bool(verdict->required);
	columns->values[TOLD][i] = db_bool(verdict->told);
	columns->values[STATES][i] = verdict->state;
	columns->values[NEGATIVE_TTLS][i] = db_number(arena, negative_ttl);
	columns->values[EXPECTED][i] = verdict->expected;
	columns->values[FOUND][i] = verdict->found;
	columns->values[EXPLANATIONS][i] = verdict->explanation;
	columns->values[EXPIRES][i] = verdict->expires ? verdict->expires : "";
	columns->values[COUNTS][i] = db_number(arena, (long long)verdict->observation_count);
	for (size_t o = 0; o < verdict->observation_count; o++)
		add_observation(columns, &verdict->observations[o]);
}

static void make_room(struct columns *columns, const struct observation_verdict verdicts[],
                      size_t count)
{
	size_t observations = 0;

	for (size_t i = 0; i < count; i++)
		observations += verdicts[i].observation_count;
	for (size_t i = 0; i < COLUMNS; i++)
		columns->values[i] = arena_take(columns->arena,
		                                ((i < VERDICT_COLUMNS ? count : observations) + 1)
		                                        * sizeof(char *));
}

bool observation_put_look(struct db *db, struct arena *arena, long long provider_id,
                          long long domain_id, const struct observation_verdict verdicts[],
                          size_t count, int64_t age, bool confirmed[], struct err *err)
{
	enum { BEFORE = 3 };
	struct columns columns = { .arena = arena };
	const char *params[BEFORE + COLUMNS] = {
		db_number(arena, provider_id),
		db_number(arena, domain_id),
		arena_print(arena, "%.3f", (double)age / 1000.0),
	};
	const struct row *row = NULL;

	make_room(&columns, verdicts, count);
	for (size_t i = 0; i < count; i++)
		add_verdict(&columns, &verdicts[i]);
	for (size_t i = 0; i < COLUMNS; i++)
		params[BEFORE + i] = db_list(arena, columns.values[i],
		                             i < VERDICT_COLUMNS ? count : columns.observations);
	if (!db_one(db, STMT_LOOK_PUT, params, &row, err))
		return false;
	const char **said = row_list(row, "confirmed", arena);
	for (size_t i = 0; i < count; i++)
		confirmed[i] = said[i] != NULL && said[i][0] == 't';
	return true;
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
