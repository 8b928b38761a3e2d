#include "keys/escrow_hearing.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/words.h"

/* ---- answers ---- */

/* Those of the officers who were asked. */
static void keep_asked(struct stored_officers *officers, const char **ids)
{
	size_t kept = 0;

	for (size_t i = 0; i < officers->count; i++)
		for (size_t j = 0; ids[j] != NULL; j++)
			if (officers->items[i].id == strtoll(ids[j], NULL, 10)) {
				officers->items[kept++] = officers->items[i];
				break;
			}
	officers->count = kept;
}

static bool find_officer(const struct escrow_hearing *hearing, const uint8_t *key, size_t *who)
{
	for (*who = 0; *who < hearing->officers.count; (*who)++)
		if (memcmp(hearing->officers.items[*who].seal.public_key, key, ESCROW_PUBLIC) == 0)
			return true;
	return false;
}

static bool hear_one(struct escrow_hearing *hearing, const struct escrow_answer *answer,
                     const struct secret *key, struct err *err)
{
	size_t who = 0;

	if (!uuid_same(&answer->request, &hearing->request.request))
		return err_set(err, ERR_INPUT, _("the answers belong to different requests"));
	if (!find_officer(hearing, answer->officer, &who))
		return err_set(err, ERR_INPUT, _("one of the answers is of nobody who was asked"));
	if ((hearing->answered >> who & 1) != 0)
		return err_set(err, ERR_INPUT, _("officer %s answered twice"),
		               hearing->officers.items[who].seal.name);
	if (!escrow_letter_open(answer, key, &hearing->shares[who], err))
		return err_within(err, _("officer %s"), hearing->officers.items[who].seal.name);
	hearing->share_count[who] = answer->count;
	hearing->answered |= (uint64_t)1 << who;
	return true;
}

/* The request that the first answer names, its officers and its key. */
static bool find_request(struct escrow_hearing *hearing, struct db *db, struct arena *arena,
                         const struct keyd *keyd, long long provider_id, const struct uuid *request,
                         struct secret *key, struct err *err)
{
	const char **ids = NULL;
	bool recover;

	if (!escrow_store_find_request(db, arena, provider_id, request, &hearing->request, &ids,
	                               err))
		return false;
	recover = hearing->request.purpose == ESCROW_RECOVER;
	bool ok = recover ? escrow_store_officers(db, arena, provider_id, &hearing->officers, err)
	                  : escrow_store_confirmed(db, arena, &keyd->vault, &keyd->officers,
	                                           provider_id, &hearing->officers, err);
	if (ok)
		keep_asked(&hearing->officers, ids);
	return ok && vault_escrow_open_request(&keyd->vault, &hearing->request, key, err);
}

bool escrow_hearing_open(struct escrow_hearing *hearing, struct db *db, struct arena *arena,
                         const struct keyd *keyd, long long provider_id, const uint8_t *bytes,
                         size_t size, struct err *err)
{
	struct escrow_answer answer;
	struct secret key = { 0 };
	size_t used = 0;
	bool ok = escrow_letter_read(bytes, size, &answer, &used, err)
	          && find_request(hearing, db, arena, keyd, provider_id, &answer.request, &key, err)
	          && hear_one(hearing, &answer, &key, err);

	while (ok && used < size) {
		size_t more = 0;
		ok = escrow_letter_read(bytes + used, size - used, &answer, &more, err)
		     && hear_one(hearing, &answer, &key, err);
		used += more;
	}
	secret_drop(&key);
	return ok;
}

/* ---- shares ---- */

struct combining {
	struct escrow_hearing *hearing;
	size_t taken[ESCROW_OFFICERS]; /* how many of an officer's shares found their row */
	struct escrow_voice voices[ESCROW_SHARES];
	size_t count;
};

/* The officer's next share, for this row.  Place and companions are the row's
 * word: what he says of them himself could only confuse. */
static bool add_voice(struct combining *combining, const struct stored_share *row, uint32_t quorum,
                      struct err *err)
{
	struct escrow_hearing *hearing = combining->hearing;
	size_t who = 0;

	if (!find_officer(hearing, row->public_key, &who) || (hearing->answered >> who & 1) == 0)
		return true;
	if (combining->taken[who] >= hearing->share_count[who])
		return err_set(err, ERR_CRYPTO,
		               _("officer %s answered something else than he was asked"),
		               hearing->officers.items[who].seal.name);
	struct escrow_voice *voice = &combining->voices[combining->count++];
	const uint8_t *plain = hearing->shares[who].bytes + combining->taken[who]++ * ESCROW_PLAIN;
	voice->officer = who;
	if (!escrow_parse(plain, &voice->share, err))
		return err_within(err, _("officer %s"), hearing->officers.items[who].seal.name);
	voice->share.quorum = quorum;
	voice->share.index = (uint8_t)row->place;
	voice->share.threshold = (uint8_t)row->members;
	return true;
}

static bool same_quorum(const struct stored_share *a, const struct stored_share *b)
{
	bool same = a->members == b->members;

	for (size_t i = 0; same && i < a->members; i++)
		same = strcmp(a->officers[i], b->officers[i]) == 0;
	return same;
}

static bool add_voices(struct combining *combining, const struct stored_shares *rows,
                       struct err *err)
{
	uint32_t quorum = 0;

	combining->count = 0;
	for (size_t i = 0; i < rows->count; i++) {
		/* rows of one quorum stand together */
		if (i > 0 && !same_quorum(&rows->items[i - 1], &rows->items[i]))
			quorum++;
		if (!add_voice(combining, &rows->items[i], quorum, err))
			return false;
	}
	return true;
}

static bool recover_one(struct combining *combining, struct db *db, struct arena *arena,
                        const struct keyd *keyd, long long provider_id, size_t index,
                        struct err *err)
{
	struct escrow_hearing *hearing = combining->hearing;
	const struct stored_kek *kek = &hearing->keks.items[index];
	const struct escrow_kek name = vault_escrow_name(&kek->kek);
	struct stored_shares *rows = arena_take(arena, sizeof *rows);
	struct escrow_verdict verdict;

	if (kek->commitment_size != VAULT_ESCROW_COMMIT)
		return err_set(err, ERR_CRYPTO,
		               _("the commitment of this provider's key is damaged"));
	/* the MAC of a master key that is gone proves nothing */
	if (hearing->request.purpose != ESCROW_RECOVER
	    && !vault_escrow_check_commit(&keyd->vault, &name, kek->commitment,
	                                  kek->commitment_size, err))
		return false;
	if (!escrow_store_shares(db, arena, provider_id, kek->id, rows, err))
		return false;
	escrow_store_among(rows, &hearing->officers);
	if (!add_voices(combining, rows, err))
		return false;
	bool ok = escrow_recover(&name, kek->commitment, combining->voices, combining->count,
	                         &hearing->recovered[index], &verdict, err);
	hearing->honest |= verdict.honest;
	hearing->suspect |= verdict.suspect;
	if (!ok && verdict.suspect != 0)
		return err_hint(err,
		                _("one of them is wrong: %s; ask one more officer to find out who"),
		                escrow_hearing_names(hearing, arena, verdict.suspect));
	return ok;
}

bool escrow_hearing_combine(struct escrow_hearing *hearing, struct db *db, struct arena *arena,
                            const struct keyd *keyd, long long provider_id, struct err *err)
{
	struct combining *combining = arena_take(arena, sizeof *combining);

	combining->hearing = hearing;
	if (hearing->request.purpose == ESCROW_PROVE) {
		hearing->honest = hearing->answered;
		return true;
	}
	if (!escrow_store_keks(db, arena, provider_id, &hearing->keks, err))
		return false;
	escrow_store_wanted(&hearing->keks, &keyd->vault, hearing->request.purpose);
	for (size_t i = 0; i < hearing->keks.count; i++)
		if (!recover_one(combining, db, arena, keyd, provider_id, i, err))
			return false;
	return hearing->keks.count > 0
	       || err_set(err, ERR_REFUSED, _("this provider has no key yet"));
}

const char *escrow_hearing_names(const struct escrow_hearing *hearing, struct arena *arena,
                                 uint64_t members)
{
	const char *names = "";

	for (size_t i = 0; i < hearing->officers.count; i++)
		if ((members >> i & 1) != 0)
			names = arena_print(arena, "%s%s%s", names, *names != '\0' ? ", " : "",
			                    hearing->officers.items[i].seal.name);
	return names;
}

void escrow_hearing_drop(struct escrow_hearing *hearing)
{
	for (size_t i = 0; i < ESCROW_KEKS; i++)
		secret_drop(&hearing->recovered[i]);
	for (size_t i = 0; i < ESCROW_OFFICERS; i++)
		secret_drop(&hearing->shares[i]);
	*hearing = (struct escrow_hearing){ .answered = 0 };
}
