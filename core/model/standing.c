#include "core/model/standing.h"

#include <string.h>

#include "core/base/words.h"

/* One row per code that the view gives.  A requirement speaks for itself. */
static const struct {
	const char *code;
	const char *sentence;
} reasons[] = {
	{ "no-sheet", N_("no hand-over sheet has been issued yet") },
	{ "not-reported", N_("the customer has not said yet that it is done") },
	{ "not-checked", N_("DNS has not been asked yet") },
	{ "no-active-key", N_("no key signs for it yet") },
	{ "not-exported", N_("no relay has acknowledged a configuration with it yet") },
};

static void add_requirement(struct text *out, const struct tree *reason)
{
	const char *state = tree_find_text(reason, "state");
	const char *explanation = tree_find_text(reason, "explanation");
	bool missed = strcmp(state, "missing") == 0 || strcmp(state, "conflict") == 0
	              || strcmp(state, "misplaced") == 0;

	text_addf(out, "%s %s: %s", tree_find_text(reason, "purpose"), state,
	          tree_find_text(reason, "name"));
	if (missed && !tree_as_bool(tree_get(reason, "confirmed"), true))
		text_addf(out, " (%s)", _("not yet confirmed"));
	if (explanation != NULL && explanation[0] != '\0')
		text_addf(out, ": %s", explanation);
}

static void add_grace(struct text *out, const struct tree *reason)
{
	text_addf(out, _("lost since %s; withheld from %s on unless it comes back"),
	          tree_find_text(reason, "since"), tree_find_text(reason, "at"));
}

static void add_sentence(struct tree *sentences, const struct tree *reason)
{
	const char *code = tree_find_text(reason, "code");
	struct text out = { 0 };

	if (strcmp(code, "requirement") == 0)
		add_requirement(&out, reason);
	if (strcmp(code, "grace") == 0)
		add_grace(&out, reason);
	for (size_t i = 0; i < LENGTH(reasons); i++)
		if (strcmp(code, reasons[i].code) == 0)
			text_add(&out, _(reasons[i].sentence));
	tree_push_text(sentences, out.length > 0 ? out.data : code);
	text_free(&out);
}

static bool add_sender(const struct row *row, void *context, struct err *err)
{
	struct standing *standing = context;
	const char *json = row_text(row, "reasons");
	struct tree *codes;
	struct tree *sender = tree_map();
	struct tree *sentences = tree_list();

	if (!tree_parse(json, strlen(json), &codes, err)) {
		tree_drop(sender);
		tree_drop(sentences);
		return false;
	}
	for (size_t i = 0; i < tree_count(codes); i++)
		add_sentence(sentences, tree_at(codes, i));
	standing->incomplete += tree_count(codes) > 0;
	static const char *const columns[] = { "client", "sender", "mode", "state", "since" };
	for (size_t i = 0; i < LENGTH(columns); i++)
		tree_put_text(sender, columns[i], row_text(row, columns[i]));
	tree_put(sender, "reasons", sentences);
	tree_push(standing->senders, sender);
	tree_drop(codes);
	return true;
}

static const char *number_or_null(struct arena *arena, long long number)
{
	return number != 0 ? db_number(arena, number) : NULL;
}

bool standing_load(struct db *db, const struct scope *scope, const char *state,
                   struct standing *standing, struct err *err)
{
	static const struct scope everything;
	struct arena arena = { 0 };
	const struct scope *s = scope != NULL ? scope : &everything;

	*standing = (struct standing){ .senders = tree_list() };
	bool ok = db_each(db, STMT_SENDER_STATES,
	                  DB_PARAMS(number_or_null(&arena, s->provider_id),
	                            number_or_null(&arena, s->client_id),
	                            number_or_null(&arena, s->domain_id), state),
	                  add_sender, standing, err);
	if (!ok) {
		tree_drop(standing->senders);
		standing->senders = NULL;
	}
	arena_reset(&arena);
	return ok;
}
