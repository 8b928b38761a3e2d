#include "core/export/release.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/words.h"
#include "core/model/event.h"
#include "keys/hex.h"

/* The words of export_domain, and two that belong to a single sender. */
static const struct reason {
	const char *word;
	const char *sentence;
} reasons[] = {
	{ "retired", N_("its domain is retired") },
	{ "client-retired", N_("its client is retired") },
	{ "no-smarthost", N_("its domain is direct and names no server of the customer") },
	{ "no-secret", N_("the password of the customer's server is not known") },
	{ "hop-conflict",
	  N_("another customer names the same server with another CA or TLS mode") },
	{ "no-active-key", N_("no signing key is active yet") },
	{ "not-checked", N_("not verified: DNS was not checked yet") },
	{ "not-verified", N_("not verified") },
	{ "no-login", N_("no login may use it") },
};

const char *release_reason(const char *word)
{
	for (size_t i = 0; i < LENGTH(reasons); i++)
		if (strcmp(reasons[i].word, word) == 0)
			return _(reasons[i].sentence);
	return word;
}

const char *release_reason_word(size_t index)
{
	return index < LENGTH(reasons) ? reasons[index].word : NULL;
}

static bool software_known(const struct generation_relay *relay, struct err *err)
{
	if (relay->retired)
		return err_set(err, ERR_REFUSED, _("relay %s is retired"), relay->full_name);
	if (strcmp(relay->mta, "postfix") == 0
	    && (strcmp(relay->signer, "opendkim") == 0 || strcmp(relay->signer, "none") == 0))
		return true;
	(void)err_set(err, ERR_REFUSED,
	              _("relay %s runs %s with %s, which we cannot write for yet"),
	              relay->full_name, relay->mta, relay->signer);
	return err_hint(
		err,
		_("\"senderctl relay set\" changes it; Postfix with OpenDKIM is what we know"));
}

static bool withheld_row(const struct serving_withheld *sender, void *context, struct err *err)
{
	struct release *release = context;
	struct tree *row = tree_map();
	struct text reason = { 0 };

	UNUSED(err);
	text_add(&reason, release_reason(sender->reason));
	if (sender->lacking != NULL && strcmp(sender->reason, "not-verified") == 0)
		text_addf(&reason, ": %s", sender->lacking);
	tree_put_text(row, "sender", sender->address);
	tree_put_text(row, "reason", text_string(&reason));
	tree_put_text(row, "code", sender->reason);
	tree_put_text(row, "client", sender->client);
	tree_push(release->withheld, row);
	text_free(&reason);
	return true;
}

static void describe(struct release *release, struct arena *arena)
{
	const struct apply *apply = &release->apply;
	char hex[DIGEST_TEXT];

	hex_render(apply->generation.digest, sizeof apply->generation.digest, hex);
	release->digest = arena_copy(arena, hex);
	release->number = apply->generation.number;
	release->changed = apply->changed;
	release->senders = apply->generation.senders;
	release->secrets = (long long)(apply->generation.staged.count);
	release->uuid = apply->changed ? NULL : release->relay.last_uuid;
	for (size_t i = 0; i < apply->count; i++)
		tree_push_text(release->files, apply->files[i].artifact->path);
	if (apply->secrets > 0)
		tree_push_text(release->files, "BUNDLE");
	tree_push_text(release->files, "GENERATION");
}

/* Everything that is read, in one snapshot. */
static bool render(struct db *db, struct arena *arena, const struct release_wish *wish,
                   struct release *release, struct view *view, struct err *err)
{
	if (!generation_relay_load(db, arena, wish->relay, &release->relay, err)
	    || !software_known(&release->relay, err))
		return false;
	view_open(view, db, &release->relay, wish->include_unverified);
	view->root = wish->root;
	view->withheld = withheld_row;
	view->withheld_context = release;
	if (!outlet_word_ok(WORD_PATH, wish->root))
		return err_set(err, ERR_INPUT, _("\"%s\" cannot be a relay's folder"), wish->root);
	return apply_open(&release->apply, view, arena, wish->folder, err);
}

static bool record(struct db *db, struct arena *arena, struct release *release, struct err *err)
{
	const struct generation_relay *relay = &release->relay;
	struct tree *detail = tree_map();
	const struct event event = {
		.provider_id = relay->provider_id,
		.subject = arena_print(arena, "relay %s", relay->full_name),
		.what = "generation.make",
		.detail = detail,
	};

	tree_put_number(detail, "generation", release->number);
	tree_put_text(detail, "digest", release->digest);
	tree_put_number(detail, "senders", release->senders);
	bool ok = db_begin(db, DB_WRITE, err)
	          && generation_add(db, arena, relay, &release->apply.generation, &release->uuid,
	                            err)
	          && event_add(db, &event, err) && db_commit(db, err);
	tree_drop(detail);
	if (!ok)
		db_rollback(db);
	return ok;
}

static bool seal(struct keys_client *keys, struct arena *arena, const struct release_wish *wish,
                 struct release *release, struct err *err)
{
	const struct generation_relay *relay = &release->relay;
	struct keys_bundle_wish ask = {
		.request = uuid_make(),
		.provider_id = relay->provider_id,
		.relay_id = relay->id,
		.manifest_fd = release->apply.manifest,
	};
	struct keys_bundle made;
	struct file_new file = { 0 };

	memcpy(ask.tree, release->apply.tree, sizeof ask.tree);
	bool ok = uuid_parse(release->uuid, &ask.generation, err)
	          && file_new_open(&file, arena_print(arena, "%s/BUNDLE", wish->folder), 0600, err);
	if (ok) {
		ask.bundle_fd = file.fd;
		ok = keys_make_bundle(keys, &ask, &made, err) && file_new_commit(&file, err);
	}
	file_new_drop(&file);
	release->sealed = ok;
	return ok;
}

/* What an older export into the same folder left and this one has not. */
static bool remove_strangers(struct arena *arena, const struct release_wish *wish,
                             const struct release *release, struct err *err)
{
	for (const struct target *const *target = targets; *target != NULL; target++) {
		for (size_t i = 0; i < (*target)->artifact_count; i++) {
			const char *path = (*target)->artifacts[i].path;
			bool ours = false;
			for (size_t f = 0; f < release->apply.count; f++)
				ours = ours
				       || release->apply.files[f].artifact
				                  == &(*target)->artifacts[i];
			const char *full = arena_print(arena, "%s/%s", wish->folder, path);
			if (!ours && unlink(full) != 0 && errno != ENOENT && errno != ENOTDIR)
				return err_errno(err, _("cannot remove %s"), full);
		}
	}
	return true;
}

bool release_make(struct db *db, struct keys_client *keys, struct arena *arena,
                  const struct release_wish *wish, struct release *release, struct err *err)
{
	struct view view = { 0 };

	*release = (struct release){ .files = tree_list(), .withheld = tree_list() };
	bool ok = db_begin(db, DB_READ, err) && render(db, arena, wish, release, &view, err)
	          && db_commit(db, err);
	view_close(&view);
	if (!ok) {
		db_rollback(db);
		return false;
	}
	describe(release, arena);
	if (wish->preview)
		return apply_commit(&release->apply, release->uuid != NULL ? release->uuid : "-",
		                    err);
	if (release->relay.fingerprint == NULL) {
		(void)err_set(err, ERR_REFUSED, _("relay %s has no identity to seal its keys to"),
		              release->relay.full_name);
		return err_hint(err,
		                _("\"senderctl relay keygen\" on the relay, then \"senderctl relay "
		                  "enrol\" here"));
	}
	if (release->changed && !record(db, arena, release, err))
		return false;
	return apply_commit(&release->apply, release->uuid, err)
	       && remove_strangers(arena, wish, release, err)
	       && seal(keys, arena, wish, release, err);
}

void release_drop(struct release *release)
{
	apply_close(&release->apply);
	tree_drop(release->files);
	tree_drop(release->withheld);
	*release = (struct release){ 0 };
}
