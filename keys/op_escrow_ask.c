#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <fcntl.h>

#include "core/base/words.h"
#include "keys/escrow_store.h"
#include "keys/operation.h"

/* `escrow-ask` writes the request that goes to the officers. */

enum { LIFETIME = 7 * 24 * 3600 };

struct asking_officers {
	struct call *call;
	struct asked asked;
	enum escrow_purpose purpose;
	struct vault_request request;
	uint64_t not_after;
	struct stored_officers officers; /* whom we ask */
	struct text lines;
	struct text letter;
	size_t keks;
};

/* Only those that the question names, if it names any. */
static bool choose(struct asking_officers *asking, struct stored_officers *all, struct err *err)
{
	const struct tree *names = tree_get(asking->call->question, "officers");

	asking->officers.count = 0;
	for (size_t i = 0; i < tree_count(names); i++) {
		const char *name = tree_as_text(tree_at(names, i));
		struct stored_officer *officer = name != NULL ? escrow_store_find(all, name) : NULL;
		if (officer == NULL)
			return err_set(err, ERR_NOT_FOUND, _("this provider has no officer %s"),
			               name != NULL ? name : "");
		if (asking->officers.count < ESCROW_OFFICERS)
			asking->officers.items[asking->officers.count++] = *officer;
	}
	if (tree_count(names) == 0)
		asking->officers = *all;
	return asking->officers.count > 0
	       || err_set(err, ERR_REFUSED, _("this provider has no officers"));
}

/* The shares of one key whose whole quorum is asked. */
static bool add_lines(struct db *db, struct arena *arena, struct asking_officers *asking,
                      const struct stored_kek *kek, struct err *err)
{
	struct stored_shares *shares = arena_take(arena, sizeof *shares);

	if (!escrow_store_shares(db, arena, asking->asked.request.provider_id, kek->id, shares,
	                         err))
		return false;
	size_t all = shares->count;
	escrow_store_among(shares, &asking->officers);
	for (size_t i = 0; i < shares->count; i++) {
		text_add_bytes(&asking->lines, shares->items[i].public_key, ESCROW_PUBLIC);
		text_add_bytes(&asking->lines, shares->items[i].bytes, ESCROW_SHARE);
	}
	asking->keks++;
	if (shares->count > 0)
		return true;
	if (all == 0) {
		(void)err_set(err, ERR_REFUSED, _("the key of this provider was never split"));
		return err_hint(err, _("senderctl key escrow make"));
	}
	return err_set(err, ERR_REFUSED, _("these officers are too few: %d must answer"),
	               kek->quorum);
}

static bool collect(struct db *db, struct arena *arena, struct asking_officers *asking,
                    struct err *err)
{
	struct stored_keks *keks = arena_take(arena, sizeof *keks);

	if (!escrow_store_keks(db, arena, asking->asked.request.provider_id, keks, err))
		return false;
	escrow_store_wanted(keks, &asking->call->keyd->vault, asking->purpose);
	for (size_t i = 0; i < keks->count; i++)
		if (!add_lines(db, arena, asking, &keks->items[i], err))
			return false;
	if (asking->keks > 0)
		return true;
	return err_set(err, ERR_REFUSED,
	               asking->purpose == ESCROW_RECOVER
	                       ? _("every key of this provider opens; there is nothing to recover")
	                       : _("this provider has no key yet"));
}

static bool ask(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct asking_officers *asking = context;
	struct keyd *keyd = asking->call->keyd;
	const struct key_request *request = &asking->asked.request;
	struct stored_officers *all = arena_take(arena, sizeof *all);
	const struct row *row;
	char detail[128];

	text_clear(&asking->lines);
	text_clear(&asking->letter);
	asking->keks = 0;
	/* without the old master key nobody can say who is an officer; shares that
	 * give the key back can */
	bool ok = asking->purpose == ESCROW_RECOVER
	                  ? escrow_store_officers(db, arena, request->provider_id, all, err)
	                  : escrow_store_confirmed(db, arena, &keyd->vault, &keyd->officers,
	                                           request->provider_id, all, err);
	if (!ok || !choose(asking, all, err)
	    || (asking->purpose != ESCROW_PROVE && !collect(db, arena, asking, err))
	    || !db_one(db, STMT_KEYD_PROVIDER, DB_PARAMS(db_number(arena, request->provider_id)),
	               &row, err)
	    || !key_store_uuid(row, "uuid", &asking->request.provider, err))
		return false;
	struct escrow_request letter = { .purpose = asking->purpose,
		                         .provider = asking->request.provider,
		                         .request = request->uuid,
		                         .made = asking->not_after - LIFETIME,
		                         .not_after = asking->not_after };
	(void)snprintf(letter.name, sizeof letter.name, "%s", row_text(row, "name"));
	asking->request.request = request->uuid;
	asking->request.purpose = asking->purpose;
	if (!vault_escrow_make_request(&keyd->vault, &asking->request, arena, err)
	    || !escrow_store_add_request(db, arena, request->provider_id, &asking->request,
	                                 &asking->officers, request->actor, asking->not_after, err))
		return false;
	memcpy(letter.key, asking->request.public_key, ESCROW_PUBLIC);
	letter.lines = (const uint8_t *)asking->lines.data;
	letter.count = asking->lines.length / ESCROW_LETTER_LINE;
	if (letter.count > ESCROW_LETTER_LINES)
		return err_set(err, ERR_INPUT, _("the request would be too long"));
	escrow_letter_render(&letter, &asking->letter);
	(void)snprintf(detail, sizeof detail, "{\"officers\": %zu, \"shares\": %zu}",
	               asking->officers.count, letter.count);
	return key_store_event(db, arena, request, 0, escrow_letter_word(asking->purpose),
	                       "escrow.ask", "officers were asked", detail, err);
}

/* Into an empty file of the caller's. */
static bool deliver(const struct asking_officers *asking, int fd, struct err *err)
{
	const struct text *letter = &asking->letter;
	struct stat is;
	int flags = fcntl(fd, F_GETFL);

	if (fstat(fd, &is) != 0 || !S_ISREG(is.st_mode) || flags < 0
	    || (flags & O_ACCMODE) == O_RDONLY)
		return err_set(err, ERR_INPUT, _("a request goes into a file that can be written"));
	if (ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0
	    && write(fd, letter->data, letter->length) == (ssize_t)letter->length && fsync(fd) == 0)
		return true;
	return err_errno(err, _("cannot write the request"));
}

bool op_escrow_ask(struct call *call, struct err *err)
{
	struct asking_officers *asking = calloc(1, sizeof *asking);
	char fingerprint[FINGERPRINT_TEXT];
	const char *word = tree_find_text(call->question, "purpose");
	bool ok = false;

	if (asking == NULL)
		return err_set(err, ERR_SYSTEM, _("out of memory"));
	asking->call = call;
	asking->purpose = escrow_letter_purpose(word);
	asking->not_after = (uint64_t)time(NULL) + LIFETIME;
	if (asking->purpose == 0 || call->fds->count != 1)
		(void)err_set(err, ERR_INPUT, _("a question to the key service lacks \"%s\""),
		              asking->purpose == 0 ? "purpose" : "file");
	else
		ok = (asking->purpose == ESCROW_RECOVER || keyd_ready(call->keyd, err))
		     && keyd_asked(call, word, &asking->asked, err)
		     && key_store_run(&call->keyd->store, DB_WRITE, ask, asking, err)
		     && deliver(asking, call->fds->fd[0], err);
	if (ok) {
		fingerprint_render(asking->request.public_key, ESCROW_PUBLIC, fingerprint);
		tree_put_text(call->answer, "fingerprint", fingerprint);
		tree_put_number(call->answer, "officers", (long long)asking->officers.count);
		tree_put_number(call->answer, "keys", (long long)asking->keks);
		tree_put_number(call->answer, "not_after", (long long)asking->not_after);
	}
	text_free(&asking->lines);
	text_free(&asking->letter);
	free(asking);
	return ok;
}
