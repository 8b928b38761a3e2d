#include "core/model/noun.h"

#include <string.h>

#include "core/base/text.h"
#include "core/base/words.h"
#include "core/model/event.h"
#include "core/record/address.h"
#include "core/record/name.h"

/* ---- what a person wrote -> parameters ------------------------------------------------ */

/* "lms/acme" is acme of lms; --provider says it otherwise. */
static bool query_parse(struct arena *arena, const struct noun *noun,
                        const struct noun_query *query, struct noun_query *made, struct err *err)
{
	const char *slash = query->name != NULL && noun->slashed ? strchr(query->name, '/') : NULL;

	*made = *query;
	if (slash != NULL) {
		made->provider = arena_copy_part(arena, query->name, (size_t)(slash - query->name));
		made->name = slash + 1;
		if (query->provider != NULL && strcmp(query->provider, made->provider) != 0)
			return err_set(err, ERR_USAGE, _("\"%s\" is not of provider \"%s\""),
			               query->name, query->provider);
	}
	if (made->name == NULL)
		return true;
	if (made->name[0] == '\0')
		return err_set(err, ERR_INPUT, _("a name cannot be empty"));
	if (!noun->name.check(&noun->name, arena, made->name, &made->name, err))
		return err_within(err, "\"%.80s\"", query->name);
	return true;
}

static bool query_run(struct db *db, struct arena *arena, const struct noun *noun,
                      const struct noun_query *query, row_fn call, void *context, struct err *err)
{
	const char *id = query->id != 0 ? db_number(arena, query->id) : NULL;

	return db_each(db, noun->list,
	               DB_PARAMS(query->provider, query->client, query->name,
	                         db_bool(query->retired), id),
	               call, context, err);
}

/* ---- rows -> facts ------------------------------------------------------------------------ */

static const char *shown_name(const struct noun *noun, struct arena *arena, const char *name)
{
	if (noun->name.shape == FIELD_NAME)
		return name_show(arena, name);
	return noun->name.shape == FIELD_ADDRESS ? address_show(arena, name) : name;
}

static struct tree *row_facts(const struct noun *noun, struct arena *arena, const struct row *row,
                              bool people)
{
	struct tree *map = tree_map();
	const char *name = row_text(row, "name"), *shown = shown_name(noun, arena, name);

	tree_put_text(map, "provider", row_text(row, "provider"));
	if (!row_is_null(row, "client"))
		tree_put_text(map, "client", row_text(row, "client"));
	tree_put_text(map, noun->word, people ? shown : name);
	if (noun->name.shape != FIELD_TEXT)
		tree_put_text(map, "unicode", shown);
	field_put(noun->fields, arena, row, people, map);
	tree_put_text(map, "created_at", row_text(row, "created_at"));
	tree_put_text(map, "retired_at", row_text(row, "retired_at"));
	return map;
}

struct listing {
	const struct noun *noun;
	struct arena *arena;
	bool people;
	struct tree *list;
};

static bool take_listed(const struct row *row, void *context, struct err *err)
{
	struct listing *listing = context;

	UNUSED(err);
	tree_push(listing->list, row_facts(listing->noun, listing->arena, row, listing->people));
	return true;
}

bool noun_list(struct db *db, struct arena *arena, const struct noun *noun,
               const struct noun_query *query, struct tree **list, struct err *err)
{
	struct listing listing = { .noun = noun, .arena = arena, .people = query->people };
	struct noun_query made;

	if (!query_parse(arena, noun, query, &made, err))
		return false;
	listing.list = tree_list();
	if (!query_run(db, arena, noun, &made, take_listed, &listing, err)) {
		tree_drop(listing.list);
		return false;
	}
	*list = listing.list;
	return true;
}

struct search {
	const struct noun *noun;
	struct arena *arena;
	bool people;
	struct noun_one *one;
	struct tree *facts;
	size_t found; /* as good as the one we have */
	struct text names;
};

static bool take_found(const struct row *row, void *context, struct err *err)
{
	struct search *search = context;
	bool retired = !row_is_null(row, "retired_at");

	UNUSED(err);
	if (search->found > 0 && retired && !search->one->retired)
		return true;
	if (search->found > 0 && !retired && search->one->retired)
		search->found = 0;
	text_addf(&search->names, "%s%s", search->names.length > 0 ? ", " : "",
	          row_text(row, "provider"));
	if (!row_is_null(row, "client"))
		text_addf(&search->names, "/%s", row_text(row, "client"));
	if (search->found++ > 0)
		return true;
	struct arena *arena = search->arena;
	*search->one = (struct noun_one){
		.noun = search->noun,
		.provider_id = row_number(row, "provider_id"),
		.client_id = row_number(row, "client_id"),
		.id = row_number(row, "id"),
		.provider = arena_copy(arena, row_text(row, "provider")),
		.client = arena_copy(arena, row_text(row, "client")),
		.name = arena_copy(arena, row_text(row, "name")),
		.subject = arena_copy(arena, row_text(row, "subject")),
		.above_retired = arena_copy(arena, row_text(row, "above_retired")),
		.retired = retired,
	};
	tree_drop(search->facts);
	search->facts = row_facts(search->noun, arena, row, search->people);
	return true;
}

/* Several providers, or several retired ones of one name: nothing to guess. */
static bool found_one(const struct search *search, const struct noun_query *query, struct err *err)
{
	if (search->found == 1)
		return true;
	if (search->found == 0) {
		(void)err_set(err, ERR_NOT_FOUND, "%s: %s", query->name != NULL ? query->name : "?",
		              _(search->noun->unknown));
		return err_hint(err, _("\"senderctl %s list\" shows them all"), search->noun->word);
	}
	(void)err_set(err, ERR_CONFLICT, _("\"%s\" is known more than once: %s"), query->name,
	              text_string(&search->names));
	return err_hint(err, search->noun->slashed ? _("write provider/name")
	                                           : _("--provider or --client says which one"));
}

bool noun_find(struct db *db, struct arena *arena, const struct noun *noun,
               const struct noun_query *query, struct noun_one *one, struct tree **facts,
               struct err *err)
{
	struct search search = {
		.noun = noun, .arena = arena, .people = query->people, .one = one
	};
	struct noun_query made;

	if (!query_parse(arena, noun, query, &made, err))
		return false;
	made.retired = true;
	bool ok = query_run(db, arena, noun, &made, take_found, &search, err)
	          && found_one(&search, query, err);
	text_free(&search.names);
	if (ok && facts != NULL) {
		*facts = search.facts;
		return true;
	}
	tree_drop(search.facts);
	return ok;
}

/* ---- changes ------------------------------------------------------------------------------ */

bool noun_in_use(const struct noun_one *one, struct err *err)
{
	const char *retired = one->retired ? one->subject : one->above_retired;

	if (retired == NULL)
		return true;
	(void)err_set(err, ERR_REFUSED, _("%s is retired"), retired);
	if (!one->retired)
		return err_hint(err, _("bring it back first, with \"set ... --reactivate\""));
	return err_hint(err, _("\"senderctl %s set %s --reactivate\" brings it back"),
	                one->noun->word, one->noun->slashed ? one->subject : one->name);
}

bool noun_event(struct db *db, struct arena *arena, const struct noun_one *one, const char *verb,
                const char *why, const struct tree *detail, struct err *err)
{
	return event_add(db,
	                 &(struct event){
				 .provider_id = one->provider_id,
				 .client_id = one->client_id,
				 .subject = one->subject,
				 .what = arena_print(arena, "%s.%s", one->noun->word, verb),
				 .why = why,
				 .detail = detail },
	                 err);
}

bool noun_facts(struct db *db, struct arena *arena, const struct noun_one *one, bool people,
                struct tree **facts, struct err *err)
{
	const struct noun_query query = { .provider = one->provider,
		                          .id = one->id,
		                          .people = people };
	struct noun_one now;

	return noun_find(db, arena, one->noun, &query, &now, facts, err);
}

/* What is so of something new, without what is not. */
static struct tree *first_facts(const struct field *fields, const struct tree *facts)
{
	struct tree *map = tree_map();

	for (size_t i = 0; i < field_count(fields); i++) {
		const struct tree *value = tree_get(facts, fields[i].key);
		if (!tree_is_null(value))
			tree_put(map, fields[i].key, tree_copy(value));
	}
	return map;
}

bool noun_add(struct db *db, struct arena *arena, const struct noun *noun,
              const struct noun_one *above, const char *name, const char *const said[],
              const char *why, struct noun_one *one, struct err *err)
{
	const char *params[3 + NOUN_MOST_FIELDS] = { db_number(arena, above->provider_id) };
	struct tree *facts, *detail;
	const struct row *row;

	if (above->client_id != 0)
		params[1] = db_number(arena, above->client_id);
	if (!noun_in_use(above, err))
		return false;
	if (name[0] == '\0')
		return err_set(err, ERR_INPUT, _("a name cannot be empty"));
	if (!noun->name.check(&noun->name, arena, name, &params[2], err))
		return err_within(err, "\"%.80s\"", name);
	if (!field_check(noun->fields, arena, said, params + 3, err)
	    || !db_one(db, noun->add, params, &row, err))
		return false;
	const struct noun_query query = { .provider = above->provider,
		                          .id = row_number(row, "id") };
	if (!noun_find(db, arena, noun, &query, one, &facts, err))
		return false;
	detail = first_facts(noun->fields, facts);
	bool ok = noun_event(db, arena, one, "add", why, detail, err);
	tree_drop(detail);
	tree_drop(facts);
	return ok;
}

struct needs {
	struct text names;
	size_t count;
};

static bool take_need(const struct row *row, void *context, struct err *err)
{
	enum { MOST_NAMED = 12 };
	struct needs *needs = context;

	UNUSED(err);
	if (needs->count++ < MOST_NAMED)
		text_addf(&needs->names, "%s%s", needs->count > 1 ? ", " : "",
		          row_text(row, "what"));
	else if (needs->count == MOST_NAMED + 1)
		text_add(&needs->names, ", ...");
	return true;
}

bool noun_withdraw(struct db *db, const struct noun *noun, const char *subject,
                   const char *provider_id, const char *id, const char *said, struct err *err)
{
	struct needs needs = { 0 };

	if (!noun->referred || said == NULL)
		return true;
	bool ok = db_each(db, noun->withdrawn, DB_PARAMS(provider_id, id, said), take_need, &needs,
	                  err);
	if (ok && needs.count > 0) {
		ok = err_set(err, ERR_REFUSED, _("customers refer to what %s would give up: %s"),
		             subject, text_string(&needs.names));
		(void)err_hint(err, _("their records must change first; what \"senderctl check\" "
		                      "saw last counts"));
	}
	text_free(&needs.names);
	return ok;
}

bool noun_change(struct db *db, struct arena *arena, const struct noun_one *one,
                 const char *const said[], const char *why, struct tree **difference,
                 struct err *err)
{
	const char *params[2 + NOUN_MOST_FIELDS] = { db_number(arena, one->provider_id),
		                                     db_number(arena, one->id) };
	struct tree *before = NULL, *after = NULL;
	bool ok = false;

	*difference = NULL;
	if (!noun_in_use(one, err) || !field_check(one->noun->fields, arena, said, params + 2, err))
		return false;
	if (!noun_withdraw(db, one->noun, one->subject, params[0], params[1],
	                   params[2 + one->noun->withdrawable], err))
		return false;
	if (!noun_facts(db, arena, one, false, &before, err)
	    || (field_count(one->noun->fields) > 0
	        && !db_run(db, one->noun->change, params, NULL, err))
	    || !noun_facts(db, arena, one, false, &after, err))
		goto out;
	*difference = field_difference(one->noun->fields, before, after);
	ok = tree_name_at(*difference, 0) == NULL
	     || noun_event(db, arena, one, "set", why, *difference, err);
out:
	tree_drop(before);
	tree_drop(after);
	return ok;
}

bool noun_retire(struct db *db, struct arena *arena, const struct noun_one *one, const char *why,
                 struct err *err)
{
	const char *provider_id = db_number(arena, one->provider_id);
	const char *id = db_number(arena, one->id);
	struct needs needs = { 0 };

	if (one->retired)
		return err_set(err, ERR_CONFLICT, _("%s is retired already"), one->subject);
	bool ok = one->noun->free
	          || db_each(db, one->noun->needed, DB_PARAMS(provider_id, id), take_need, &needs,
	                     err);
	if (ok && needs.count > 0) {
		ok = err_set(err, ERR_REFUSED, _("%s is still needed by %zu: %s"), one->subject,
		             needs.count, text_string(&needs.names));
		(void)err_hint(err, _("retire these first"));
	}
	text_free(&needs.names);
	return ok
	       && db_run(db, one->noun->retire, DB_PARAMS(provider_id, id, db_bool(true)), NULL,
	                 err)
	       && noun_event(db, arena, one, "retire", why, NULL, err);
}

bool noun_reactivate(struct db *db, struct arena *arena, struct noun_one *one, const char *why,
                     struct err *err)
{
	if (!one->retired)
		return true;
	if (one->above_retired != NULL) {
		(void)err_set(err, ERR_REFUSED, _("%s is retired"), one->above_retired);
		return err_hint(err, _("bring it back first, with \"set ... --reactivate\""));
	}
	one->retired = false;
	return db_run(db, one->noun->retire,
	              DB_PARAMS(db_number(arena, one->provider_id), db_number(arena, one->id),
	                        db_bool(false)),
	              NULL, err)
	       && noun_event(db, arena, one, "reactivate", why, NULL, err);
}
