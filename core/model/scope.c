#include "core/model/scope.h"

#include <string.h>

#include "core/base/text.h"
#include "core/base/words.h"
#include "core/record/name.h"

struct search {
	struct arena *arena;
	struct scope *scope;
	size_t found;
	struct text names; /* of all that were found, to choose from */
};

static bool take_client(const struct row *row, void *context, struct err *err)
{
	struct search *search = context;
	struct arena *arena = search->arena;

	UNUSED(err);
	struct scope scope = {
		.provider_id = row_number(row, "provider_id"),
		.provider = arena_copy(arena, row_text(row, "provider")),
		.client_id = row_number(row, "client_id"),
		.client = arena_copy(arena, row_text(row, "client")),
		.language = arena_copy(arena, row_text(row, "language")),
	};
	scope.words = arena_print(arena, "%s/%s", scope.provider, scope.client);
	text_addf(&search->names, "%s%s", search->found++ > 0 ? ", " : "", scope.words);
	*search->scope = scope;
	return true;
}

static bool take_domain(const struct row *row, void *context, struct err *err)
{
	struct search *search = context;
	struct arena *arena = search->arena;

	UNUSED(err);
	struct scope scope = {
		.provider_id = row_number(row, "provider_id"),
		.provider = arena_copy(arena, row_text(row, "provider")),
		.client_id = row_number(row, "client_id"),
		.client = arena_copy(arena, row_text(row, "client")),
		.language = arena_copy(arena, row_text(row, "language")),
		.domain_id = row_number(row, "domain_id"),
		.domain = arena_copy(arena, row_text(row, "domain")),
	};
	scope.words = scope.domain;
	text_addf(&search->names, "%s%s/%s", search->found++ > 0 ? ", " : "", scope.provider,
	          scope.domain);
	*search->scope = scope;
	return true;
}

static bool one(struct search *search, const char *word, bool domain, struct err *err)
{
	bool ok = search->found == 1;

	if (search->found == 0) {
		(void)err_set(err, ERR_NOT_FOUND,
		              domain ? _("there is no sender domain \"%s\"")
		                     : _("there is no client \"%s\""),
		              word);
		(void)err_hint(err, domain ? _("senderctl sender list shows what is registered")
		                           : _("senderctl client list shows them all"));
	} else if (!ok) {
		(void)err_set(err, ERR_CONFLICT, _("\"%s\" is known to several providers"), word);
		(void)err_hint(err, _("say which one: %s"), text_string(&search->names));
	}
	text_free(&search->names);
	return ok;
}

static bool find(struct db *db, struct arena *arena, const char *word, bool client_only,
                 struct scope *scope, struct err *err)
{
	const char *slash = strchr(word, '/');
	const char *provider = slash != NULL ? arena_copy_part(arena, word, (size_t)(slash - word))
	                                     : NULL;
	const char *name = slash != NULL ? slash + 1 : word;
	struct search search = { .arena = arena, .scope = scope };

	if (strchr(name, '.') == NULL) {
		if (!db_each(db, STMT_SCOPE_CLIENT, DB_PARAMS(provider, name), take_client, &search,
		             err)) {
			text_free(&search.names);
			return false;
		}
		return one(&search, word, false, err);
	}
	if (client_only) {
		(void)err_set(err, ERR_INPUT, _("\"%s\" is a domain; a client is wanted"), word);
		return err_hint(err,
		                _("a client is written provider/client, for instance lms/acme"));
	}
	if (!name_parse(arena, name, NAME_HOST, &name, err))
		return false;
	if (!db_each(db, STMT_SCOPE_DOMAIN, DB_PARAMS(provider, name), take_domain, &search, err)) {
		text_free(&search.names);
		return false;
	}
	return one(&search, word, true, err);
}

bool scope_find(struct db *db, struct arena *arena, const char *word, struct scope *scope,
                struct err *err)
{
	return find(db, arena, word, false, scope, err);
}

bool scope_find_client(struct db *db, struct arena *arena, const char *word, struct scope *scope,
                       struct err *err)
{
	return find(db, arena, word, true, scope, err);
}

bool scope_find_provider(struct db *db, struct arena *arena, const char *word, struct scope *scope,
                         struct err *err)
{
	const struct row *row;

	if (!db_find(db, STMT_SCOPE_PROVIDER, DB_PARAMS(word), &row, err))
		return false;
	if (row == NULL) {
		(void)err_set(err, ERR_NOT_FOUND, _("there is no provider \"%s\""), word);
		return err_hint(err, _("senderctl provider list shows them all"));
	}
	*scope = (struct scope){
		.provider_id = row_number(row, "provider_id"),
		.provider = arena_copy(arena, row_text(row, "provider")),
		.language = arena_copy(arena, row_text(row, "language")),
		.words = arena_copy(arena, row_text(row, "provider")),
	};
	return true;
}
