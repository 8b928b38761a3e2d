#include "cli/noun_verbs.h"

#include <string.h>

#include "core/base/words.h"
#include "core/model/client.h"
#include "core/record/name.h"

bool noun_asked(struct session *session, const struct noun *noun, const struct noun_args *args,
                struct noun_query *query, struct err *err)
{
	const char *slash = args->client != NULL ? strchr(args->client, '/') : NULL;

	UNUSED(noun);
	*query = (struct noun_query){ .provider = args->provider,
		                      .client = args->client,
		                      .name = args->name,
		                      .retired = args->retired,
		                      .people = !session->options->json };
	if (slash == NULL)
		return true;
	query->client = slash + 1;
	query->provider = arena_copy_part(&session->arena, args->client,
	                                  (size_t)(slash - args->client));
	if (args->provider != NULL && strcmp(args->provider, query->provider) != 0)
		return err_set(err, ERR_USAGE, _("\"%s\" is not of provider \"%s\""), args->client,
		               args->provider);
	return true;
}

bool noun_above(struct session *session, const struct noun *noun, const char *name,
                struct noun_one *above, struct err *err)
{
	return noun_find(session->db, &session->arena, noun, &(struct noun_query){ .name = name },
	                 above, NULL, err);
}

static bool facts_of(struct session *session, const struct noun_one *one, struct tree **facts,
                     struct err *err)
{
	return noun_facts(session->db, &session->arena, one, !session->options->json, facts, err);
}

bool noun_list_run(struct session *session, const struct noun *noun, const struct noun_args *args,
                   const struct print_column *columns, struct err *err)
{
	struct noun_query query;
	struct tree *list;

	if (!noun_asked(session, noun, args, &query, err)
	    || !noun_list(session->db, &session->arena, noun, &query, &list, err))
		return false;
	print_list(session, list, columns);
	return true;
}

bool noun_show_run(struct session *session, const struct noun *noun, const struct noun_args *args,
                   const struct print_column *columns, struct err *err)
{
	struct noun_query query;
	struct noun_one one;
	struct tree *facts;

	if (!noun_asked(session, noun, args, &query, err)
	    || !noun_find(session->db, &session->arena, noun, &query, &one, &facts, err))
		return false;
	print_map(session, facts, columns);
	return true;
}

/* "title: Acme -> Acme Ltd", a line each. */
static void say_difference(struct session *session, const struct tree *difference)
{
	const char *key;

	for (size_t i = 0; (key = tree_name_at(difference, i)) != NULL; i++) {
		const struct tree *both = tree_get(difference, key);
		struct text from = { 0 }, to = { 0 };
		tree_render(tree_get(both, "from"), false, &from);
		tree_render(tree_get(both, "to"), false, &to);
		print_line(session, "  %s: %s -> %s", key, text_string(&from), text_string(&to));
		text_free(&from);
		text_free(&to);
	}
}

bool noun_set_run(struct session *session, const struct noun *noun, const struct noun_args *args,
                  struct err *err)
{
	struct noun_query query;
	struct noun_one one;
	struct tree *difference = NULL, *facts = NULL;

	if (!noun_asked(session, noun, args, &query, err)
	    || !noun_find(session->db, &session->arena, noun, &query, &one, NULL, err))
		return false;
	bool back = args->reactivate && one.retired;
	if ((back && !noun_reactivate(session->db, &session->arena, &one, args->why, err))
	    || !noun_change(session->db, &session->arena, &one, args->said, args->why, &difference,
	                    err))
		return false;
	bool ok = facts_of(session, &one, &facts, err);
	if (ok) {
		bool changed = tree_name_at(difference, 0) != NULL;
		if (back)
			print_line(session, _("%s is in use again"), one.subject);
		if (changed)
			print_line(session, _("%s was changed:"), one.subject);
		else if (!back)
			print_line(session, _("%s is like that already; nothing was changed"),
			           one.subject);
		say_difference(session, difference);
		tree_put_bool(facts, "changed", changed || back);
		tree_put(facts, "difference", tree_copy(difference));
		print_json(session, facts);
	}
	tree_drop(difference);
	return ok;
}

bool noun_retire_run(struct session *session, const struct noun *noun, const struct noun_args *args,
                     struct err *err)
{
	struct noun_query query;
	struct noun_one one;
	struct tree *facts;

	if (!noun_asked(session, noun, args, &query, err)
	    || !noun_find(session->db, &session->arena, noun, &query, &one, NULL, err)
	    || !noun_retire(session->db, &session->arena, &one, args->why, err)
	    || !facts_of(session, &one, &facts, err))
		return false;
	print_line(session, _("%s is retired"), one.subject);
	print_json(session, facts);
	return true;
}

/* Look-alikes and mixed scripts, in the domain of the name. */
static void warn(struct session *session, const char *name, struct tree *facts)
{
	const char *at = strrchr(name, '@'), *warnings[NAME_WARNINGS];
	size_t count = name_warn(&session->arena, at != NULL ? at + 1 : name, warnings);
	struct tree *list = tree_list();

	for (size_t i = 0; i < count; i++) {
		tree_push_text(list, warnings[i]);
		print_line(session, _("%swarning:%s %s"), print_yellow(session),
		           print_plain(session), warnings[i]);
	}
	tree_put(facts, "warnings", list);
}

bool noun_added(struct session *session, const struct noun_one *one, struct err *err)
{
	struct tree *facts;

	if (!facts_of(session, one, &facts, err))
		return false;
	print_line(session, _("%s was added"), one->subject);
	if (one->noun->name.shape != FIELD_TEXT)
		warn(session, one->name, facts);
	print_json(session, facts);
	return true;
}
