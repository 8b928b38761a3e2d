#include "core/model/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/sha256.h"
#include "core/base/tree.h"
#include "core/base/words.h"
#include "core/model/event.h"
#include "core/model/import_csv.h"
#include "core/model/import_json.h"
#include "core/model/import_provider.h"
#include "core/model/import_stage.h"

enum { READ_SIZE = 64 * 1024 };

static const char *const nouns[IMPORT_NOUNS] = {
	[IMPORT_NOUN_PROVIDER] = N_("provider"),   [IMPORT_NOUN_RELAY] = N_("relay"),
	[IMPORT_NOUN_CLIENT] = N_("client"),       [IMPORT_NOUN_SITE] = N_("site"),
	[IMPORT_NOUN_SMARTHOST] = N_("smarthost"), [IMPORT_NOUN_DOMAIN] = N_("domain"),
	[IMPORT_NOUN_LOGIN] = N_("login"),         [IMPORT_NOUN_SENDER] = N_("sender"),
};

/* What the steps of one import share. */
struct work {
	struct db *db;
	const struct import_request *request;
	struct import_findings *findings;
	struct import_answer *answer;
	struct arena *arena;
	struct import_stage stage;
	struct import_csv *csv;
	struct import_json *json;
};

const char *import_noun_word(enum import_noun noun)
{
	return nouns[noun];
}

void import_answer_add(struct import_answer *answer, struct arena *arena,
                       const struct import_change *change)
{
	answer->change_total++;
	answer->done++;
	if (answer->change_count == IMPORT_SHOWN)
		return;
	answer->changes[answer->change_count++] = (struct import_change){
		.noun = change->noun,
		.verb = arena_copy(arena, change->verb),
		.place = arena_copy(arena, change->place),
		.name = arena_copy(arena, change->name),
		.detail = arena_copy(arena, change->detail),
	};
}

static const char *place_of(void *context, struct arena *arena, long long place,
                            enum import_field field)
{
	struct work *work = context;

	if (work->csv != NULL)
		return import_csv_place(work->csv, arena, place, field);
	return import_json_place(work->json, arena, place, field);
}

static void tell(const struct work *work, const char *step, long long done, long long of)
{
	if (work->request->progress != NULL)
		work->request->progress(work->request->context, step, done, of);
}

/* ---- what was done ------------------------------------------------------------------ */

static bool take_count(const struct row *row, void *context, struct err *err)
{
	struct work *work = context;
	const char *verb = row_text(row, "verb");
	long long number = row_number(row, "count");

	UNUSED(err);
	for (size_t i = 0; i < IMPORT_NOUNS; i++) {
		struct import_count *count = &work->answer->counts[i];
		if (strcmp(nouns[i], row_text(row, "noun")) != 0)
			continue;
		if (strcmp(verb, "add") == 0)
			count->added += number;
		else if (strcmp(verb, "change") == 0)
			count->changed += number;
		else if (strcmp(verb, "same") == 0)
			count->unchanged += number;
		else
			count->missing += number;
		if (strcmp(verb, "same") != 0)
			work->answer->change_total += number;
		if (strcmp(verb, "same") != 0 && strcmp(verb, "missing") != 0)
			work->answer->done += number;
	}
	return true;
}

/* "title: Acme -> Acme Ltd" for each column that changes. */
static const char *detail_of(struct arena *arena, const char *changed, const char *said)
{
	struct tree *old = NULL, *new = NULL;
	struct text out = { 0 };
	struct err ignored = { 0 };
	const char *name;

	if (changed != NULL && said != NULL && tree_parse(changed, strlen(changed), &old, &ignored)
	    && tree_parse(said, strlen(said), &new, &ignored))
		for (size_t i = 0; (name = tree_name_at(old, i)) != NULL; i++) {
			const char *from = tree_find_text(old, name),
				   *to = tree_find_text(new, name);
			text_addf(&out, "%s%s", out.length > 0 ? "; " : "", name);
			if (from != NULL || to != NULL)
				text_addf(&out, ": %s -> %s", from != NULL ? from : "-",
				          to != NULL && to[0] != '\0' ? to : "-");
		}
	tree_drop(old);
	tree_drop(new);
	const char *made = arena_copy(arena, text_string(&out));
	text_free(&out);
	return made;
}

static bool take_change(const struct row *row, void *context, struct err *err)
{
	struct work *work = context;
	struct import_answer *answer = work->answer;

	UNUSED(err);
	if (answer->change_count == IMPORT_SHOWN)
		return true;
	answer->changes[answer->change_count++] = (struct import_change){
		.noun = arena_copy(work->arena, row_text(row, "noun")),
		.verb = arena_copy(work->arena, row_text(row, "verb")),
		/* what is missing has no place in the file */
		.place = row_is_null(row, "place")
		                 ? ""
		                 : place_of(work, work->arena, row_number(row, "place"),
		                            IMPORT_FIELDS),
		.name = arena_copy(work->arena, row_text(row, "name")),
		.detail = detail_of(work->arena, row_text(row, "changed"), row_text(row, "said")),
	};
	return true;
}

static struct tree *counts_tree(const struct import_answer *answer)
{
	struct tree *all = tree_map();

	for (size_t i = 0; i < IMPORT_NOUNS; i++) {
		const struct import_count *count = &answer->counts[i];
		if (count->added + count->changed + count->unchanged + count->missing == 0)
			continue;
		struct tree *map = tree_map();
		tree_put_number(map, "added", count->added);
		tree_put_number(map, "changed", count->changed);
		tree_put_number(map, "unchanged", count->unchanged);
		tree_put_number(map, "missing", count->missing);
		tree_put(all, nouns[i], map);
	}
	return all;
}

static bool event_of_file(struct work *work, const char *provider_id, const char *provider,
                          struct err *err)
{
	const char *slash = strrchr(work->request->path, '/');
	struct tree *detail = tree_map();

	tree_put_text(detail, "file", slash != NULL ? slash + 1 : work->request->path);
	tree_put_text(detail, "sha256", work->answer->sha256);
	tree_put(detail, "counts", counts_tree(work->answer));
	bool ok = event_add(work->db,
	                    &(struct event){ .provider_id = strtoll(provider_id, NULL, 10),
	                                     .subject = provider,
	                                     .what = "import",
	                                     .detail = detail },
	                    err);
	tree_drop(detail);
	return ok;
}

static bool retire_missing(struct work *work, const char *id, struct err *err)
{
	static const enum statement_id retire[] = {
		STMT_IMPORT_SENDER_RETIRE, STMT_IMPORT_LOGIN_RETIRE,     STMT_IMPORT_DOMAIN_RETIRE,
		STMT_IMPORT_SITE_RETIRE,   STMT_IMPORT_SMARTHOST_RETIRE, STMT_IMPORT_CLIENT_RETIRE,
	};

	if (!work->request->whole)
		return true;
	if (!db_run(work->db, STMT_IMPORT_MISSING,
	            DB_PARAMS(id, work->request->prune ? "retire" : "missing"), NULL, err))
		return false;
	for (size_t i = 0; i < LENGTH(retire) && work->request->prune; i++)
		if (!db_run(work->db, retire[i], DB_PARAMS(id), NULL, err))
			return false;
	return true;
}

/* The rows of one provider are staged: compare, check, store, count, write down. */
static bool settle(struct work *work, const char *id, const char *provider, struct err *err)
{
	long long before = work->answer->done;

	tell(work, _("comparing"), 1, 4);
	if (!import_stage_check(&work->stage, id, err))
		return false;
	if (work->findings->total > 0)
		return true;
	tell(work, _("storing"), 2, 4);
	if (!import_stage_store(&work->stage, id, err) || !retire_missing(work, id, err))
		return false;
	tell(work, _("writing it down"), 3, 4);
	if (!db_each(work->db, STMT_IMPORT_DIFFERENCE,
	             DB_PARAMS(db_number(work->arena, IMPORT_SHOWN)), take_change, work, err)
	    || !db_each(work->db, STMT_IMPORT_COUNTS, DB_NO_PARAMS, take_count, work, err))
		return false;
	if (work->answer->done == before)
		return true; /* nothing happened, so there is no event either */
	return db_run(work->db, STMT_IMPORT_CLIENT_EVENT, DB_PARAMS(id, NULL), NULL, err)
	       && event_of_file(work, id, provider, err);
}

/* ---- CSV -------------------------------------------------------------------------------- */

struct only {
	struct arena *arena;
	const char *name;
	size_t count;
};

static bool take_only(const struct row *row, void *context, struct err *err)
{
	struct only *only = context;

	UNUSED(err);
	only->name = arena_copy(only->arena, row_text(row, "name"));
	only->count++;
	return true;
}

static bool only_provider(struct work *work, const char **name, struct err *err)
{
	struct only only = { .arena = work->arena };

	if (!db_each(work->db, STMT_IMPORT_PROVIDER_ONLY, DB_NO_PARAMS, take_only, &only, err))
		return false;
	*name = only.name;
	if (only.count == 1)
		return true;
	if (only.count == 0) {
		(void)err_set(err, ERR_NOT_FOUND, _("there is no provider yet"));
		return err_hint(err, _("\"senderctl provider add\" registers one"));
	}
	(void)err_set(err, ERR_INPUT, _("whose clients are these? There are several providers"));
	return err_hint(err, _("--provider NAME; \"senderctl provider list\" shows them"));
}

/* Named, or the only one. */
static bool find_provider(struct work *work, const char *name, const char **id, const char **found,
                          struct err *err)
{
	const struct row *row;

	if (name == NULL && !only_provider(work, &name, err))
		return false;
	*found = name;
	if (!db_find(work->db, STMT_IMPORT_PROVIDER, DB_PARAMS(name), &row, err))
		return false;
	if (row == NULL) {
		(void)err_set(err, ERR_NOT_FOUND, _("there is no provider \"%s\""), name);
		return err_hint(err, _("\"senderctl provider list\" shows them all"));
	}
	*id = arena_copy(work->arena, row_text(row, "provider_id"));
	return true;
}

static bool read_csv(struct work *work, int fd, long long size, struct err *err)
{
	char bytes[READ_SIZE], hex[65];
	struct sha256 sum;
	long long done = 0;
	ssize_t got;
	bool more = true;

	sha256_begin(&sum);
	while ((got = read(fd, bytes, sizeof bytes)) > 0) {
		sha256_add(&sum, bytes, (size_t)got);
		done += got;
		tell(work, _("reading, kB"), done / 1024, size / 1024);
		more = more && import_csv_feed(work->csv, bytes, (size_t)got, err);
		if (!more)
			break;
	}
	if (got < 0)
		return err_errno(err, _("%s: cannot be read"), work->findings->file);
	sha256_end(&sum, hex);
	work->answer->sha256 = arena_copy(work->arena, hex);
	return import_csv_end(work->csv, err);
}

static bool run_csv(struct work *work, struct err *err)
{
	const char *id, *provider;
	struct stat st;
	bool ok = false;
	int fd = open(work->request->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		int why = errno;
		(void)err_errno(err, "%s", work->findings->file);
		if (why == ENOENT)
			err->code = ERR_NOT_FOUND;
		return false;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)err_set(err, ERR_INPUT, _("%s is not a file"), work->findings->file);
		goto out;
	}
	if (!find_provider(work, work->request->provider, &id, &provider, err)
	    || !import_stage_make(work->db, err) || !import_stage_begin(&work->stage, err))
		goto out;
	work->csv = import_csv_open(work->findings, import_stage_row, &work->stage);
	if (!read_csv(work, fd, st.st_size, err) || !import_stage_end(&work->stage, err))
		goto out;
	ok = work->findings->total > 0 || settle(work, id, provider, err);
out:
	(void)close(fd);
	return ok;
}

/* ---- JSON ------------------------------------------------------------------------------- */

static bool run_json_provider(struct work *work, size_t index, struct err *err)
{
	struct import_json_provider provider;
	const char *id, *name;

	import_json_provider(work->json, index, &provider);
	name = provider.name;
	if (provider.only_named) {
		if (name != NULL && work->request->provider != NULL
		    && strcmp(name, work->request->provider) != 0) {
			(void)err_set(err, ERR_INPUT, _("%s: the file is for provider %s, not %s"),
			              work->findings->file, name, work->request->provider);
			return false;
		}
		if (!find_provider(work, name != NULL ? name : work->request->provider, &id, &name,
		                   err))
			return false;
	} else if (!import_provider_store(work->db, work->arena, work->json, index, work->findings,
	                                  work->answer, &id, err)) {
		return false;
	}
	if (!import_stage_begin(&work->stage, err)
	    || !import_json_rows(work->json, index, import_stage_row, &work->stage, err)
	    || !import_stage_end(&work->stage, err))
		return false;
	return work->findings->total > 0 || settle(work, id, name, err);
}

static bool run_json(struct work *work, struct err *err)
{
	struct sha256 sum;
	char *bytes, hex[65];
	size_t size;

	if (!file_read(work->request->path, IMPORT_JSON_OCTETS, work->arena, &bytes, &size, err))
		return false;
	sha256_begin(&sum);
	sha256_add(&sum, bytes, size);
	sha256_end(&sum, hex);
	work->answer->sha256 = arena_copy(work->arena, hex);
	work->json = import_json_open(work->findings, bytes, size);
	if (work->findings->total > 0)
		return true;
	if (!import_stage_make(work->db, err))
		return false;
	for (size_t i = 0; i < import_json_providers(work->json); i++)
		if (!run_json_provider(work, i, err))
			return false;
	return true;
}

/* ---- both --------------------------------------------------------------------------------- */

static bool is_json(const struct import_request *request)
{
	const char *dot = strrchr(request->path, '.');

	if (request->format != IMPORT_BY_NAME)
		return request->format == IMPORT_JSON;
	return dot != NULL && strcasecmp(dot, ".json") == 0;
}

bool import_run(struct db *db, const struct import_request *request,
                struct import_findings *findings, struct import_answer *answer, struct err *err)
{
	struct work work = {
		.db = db,
		.request = request,
		.findings = findings,
		.answer = answer,
		.arena = findings->arena,
	};

	work.stage = (struct import_stage){
		.db = db,
		.findings = findings,
		.place = place_of,
		.context = &work,
	};
	bool ok = is_json(request) ? run_json(&work, err) : run_csv(&work, err);
	if (ok && findings->total > 0)
		ok = import_finding_err(findings, err);
	import_stage_close(&work.stage);
	import_csv_close(work.csv);
	import_json_close(work.json);
	return ok;
}
