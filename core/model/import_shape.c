#include "core/model/import_shape.h"

#include <string.h>

#include "core/base/nearest.h"
#include "core/base/text.h"
#include "core/base/words.h"
#include "core/model/import_json.h"

#define KEYS_END \
	{ \
		NULL, IMPORT_TEXT, IMPORT_FIELDS, false \
	}

static const struct import_key document_keys[] = {
	{ "provider", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "clients", IMPORT_MAPS, IMPORT_FIELDS, false },
	{ "providers", IMPORT_MAPS, IMPORT_FIELDS, false },
	KEYS_END
};

static const struct import_key provider_keys[] = {
	{ "name", IMPORT_TEXT, IMPORT_FIELDS, true },
	{ "title", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "hosting_domain", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "default_sender", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "spf_host", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "language", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "contact", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "escrow_policy", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "dkim_publish", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "ed25519", IMPORT_BOOL, IMPORT_FIELDS, false },
	{ "publish_margin", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "publish_probes", IMPORT_NUMBER, IMPORT_FIELDS, false },
	{ "linger", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "rotate_every", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "dmarc_report", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "degrade_grace", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "keep_observations", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "relays", IMPORT_MAPS, IMPORT_FIELDS, false },
	{ "clients", IMPORT_MAPS, IMPORT_FIELDS, false },
	KEYS_END
};

static const struct import_key relay_keys[] = { { "name", IMPORT_TEXT, IMPORT_FIELDS, true },
	                                        { "helo", IMPORT_TEXT, IMPORT_FIELDS, false },
	                                        { "mta", IMPORT_TEXT, IMPORT_FIELDS, false },
	                                        { "signer", IMPORT_TEXT, IMPORT_FIELDS, false },
	                                        { "addresses", IMPORT_TEXTS, IMPORT_FIELDS, false },
	                                        KEYS_END };

const struct import_key import_shape_client[] = {
	{ "name", IMPORT_TEXT, IMPORT_CLIENT, true },
	{ "title", IMPORT_TEXT, IMPORT_TITLE, false },
	{ "language", IMPORT_TEXT, IMPORT_LANGUAGE, false },
	{ "contact", IMPORT_TEXT, IMPORT_CONTACT, false },
	{ "reply_to", IMPORT_TEXT, IMPORT_REPLY_TO, false },
	{ "sites", IMPORT_MAPS, IMPORT_FIELDS, false },
	{ "smarthosts", IMPORT_MAPS, IMPORT_FIELDS, false },
	{ "domains", IMPORT_MAPS, IMPORT_FIELDS, false },
	{ "senders", IMPORT_MAPS, IMPORT_FIELDS, false },
	{ "logins", IMPORT_TEXTS, IMPORT_LOGINS, false },
	KEYS_END
};

static const struct import_key site_keys[] = { { "url", IMPORT_TEXT, IMPORT_SITE, true },
	                                       { "audience", IMPORT_TEXT, IMPORT_AUDIENCE, false },
	                                       KEYS_END };

static const struct import_key sender_keys[] = {
	{ "address", IMPORT_TEXT, IMPORT_SENDER, true },
	{ "mode", IMPORT_TEXT, IMPORT_MODE, false },
	{ "site", IMPORT_TEXT, IMPORT_SITE, false },
	{ "display_name", IMPORT_TEXT, IMPORT_DISPLAY_NAME, false },
	{ "reply_to", IMPORT_TEXT, IMPORT_SENDER_REPLY_TO, false },
	{ "logins", IMPORT_TEXTS, IMPORT_LOGINS, false },
	{ "smarthost", IMPORT_TEXT, IMPORT_SMARTHOST, false },
	{ "envelope_domain", IMPORT_TEXT, IMPORT_ENVELOPE_DOMAIN, false },
	{ "dkim", IMPORT_BOOL, IMPORT_DKIM, false },
	{ "dkim_publish", IMPORT_TEXT, IMPORT_DKIM_PUBLISH, false },
	KEYS_END
};

static const struct import_key domain_keys[] = {
	{ "name", IMPORT_TEXT, IMPORT_DOMAIN, true },
	{ "mode", IMPORT_TEXT, IMPORT_MODE, false },
	{ "smarthost", IMPORT_TEXT, IMPORT_SMARTHOST, false },
	{ "envelope_domain", IMPORT_TEXT, IMPORT_ENVELOPE_DOMAIN, false },
	{ "dkim", IMPORT_BOOL, IMPORT_DKIM, false },
	{ "dkim_publish", IMPORT_TEXT, IMPORT_DKIM_PUBLISH, false },
	KEYS_END
};

const struct import_key import_shape_smarthost[] = {
	{ "host", IMPORT_TEXT, IMPORT_SMARTHOST, true },
	{ "port", IMPORT_NUMBER, IMPORT_FIELDS, false },
	{ "auth_user", IMPORT_TEXT, IMPORT_FIELDS, false },
	{ "tls", IMPORT_TEXT, IMPORT_TLS, false },
	{ "ca", IMPORT_TEXT, IMPORT_CA, false },
	KEYS_END
};

const struct import_list import_shape_lists[IMPORT_LISTS] = {
	{ "sites", site_keys },
	{ "smarthosts", import_shape_smarthost },
	{ "domains", domain_keys },
	{ "senders", sender_keys },
};

struct checking {
	struct import_findings *findings;
	struct arena *arena;
};

static void find(const struct checking *checking, const char *place, const char *text,
                 const char *hint)
{
	struct err why = { 0 };

	(void)err_set(&why, ERR_INPUT, "%s", text);
	if (hint != NULL)
		(void)err_hint(&why, "%s", hint);
	import_finding_add(checking->findings, place, &why);
}

static const char *below(const struct checking *checking, const char *path, const char *name)
{
	return arena_print(checking->arena, "%s%s%s", path, path[0] != '\0' ? "." : "", name);
}

const char *import_shape_item(struct arena *arena, const char *path, const char *list, size_t index)
{
	return arena_print(arena, "%s%s%s[%zu]", path, path[0] != '\0' ? "." : "", list, index);
}

static const struct import_key *key_find(const struct import_key *keys, const char *name)
{
	for (; keys->name != NULL; keys++)
		if (strcmp(keys->name, name) == 0)
			return keys;
	return NULL;
}

static void say_unknown(const struct checking *checking, const char *path,
                        const struct import_key *keys, const char *name)
{
	const char *known[20];
	size_t count = 0;

	for (; count < LENGTH(known) && keys[count].name != NULL; count++)
		known[count] = keys[count].name;
	const char *meant = nearest(name, known, count);
	struct text all = { 0 };
	for (size_t i = 0; i < count; i++)
		text_addf(&all, "%s%s", i > 0 ? ", " : "", known[i]);
	find(checking, below(checking, path, name), _("there is no such name here"),
	     meant != NULL
	             ? arena_print(checking->arena, _("did you mean \"%s\"?"), meant)
	             : arena_print(checking->arena, _("possible are: %s"), text_string(&all)));
	text_free(&all);
}

bool import_shape_fits(const struct tree *value, enum import_kind kind)
{
	switch (kind) {
	case IMPORT_TEXT:
		return tree_as_text(value) != NULL;
	case IMPORT_BOOL:
		return tree_as_bool(value, false) || !tree_as_bool(value, true);
	case IMPORT_NUMBER:
		return tree_as_number(value, -1) == tree_as_number(value, -2);
	case IMPORT_TEXTS:
	case IMPORT_MAPS:
		return tree_is_list(value);
	}
	return false;
}

static const char *wanted(enum import_kind kind)
{
	switch (kind) {
	case IMPORT_TEXT:
		return _("a text in quotes is wanted");
	case IMPORT_BOOL:
		return _("true or false is wanted");
	case IMPORT_NUMBER:
		return _("a number without quotes is wanted");
	case IMPORT_TEXTS:
		return _("a list of texts is wanted: [\"...\", \"...\"]");
	case IMPORT_MAPS:
		return _("a list is wanted: [{...}, {...}]");
	}
	return "";
}

/* A map with these keys only, each of its kind, the needed ones there. */
static bool shape_check(const struct checking *checking, const struct tree *map, const char *path,
                        const struct import_key *keys)
{
	long long before = checking->findings->total;

	if (!tree_is_map(map)) {
		find(checking, path, _("a map in braces is wanted: {...}"), NULL);
		return false;
	}
	const char *name;
	for (size_t i = 0; (name = tree_name_at(map, i)) != NULL; i++) {
		const struct import_key *key = key_find(keys, name);
		const struct tree *value = tree_get(map, name);
		if (key == NULL) {
			say_unknown(checking, path, keys, name);
		} else if (key->needed && tree_is_null(value)) {
			find(checking, below(checking, path, name), _("this may not be empty"),
			     NULL);
		} else if (!import_shape_fits(value, key->kind) && !tree_is_null(value)) {
			find(checking, below(checking, path, name), wanted(key->kind), NULL);
		} else if (key->kind == IMPORT_TEXTS) {
			for (size_t j = 0; j < tree_count(value); j++)
				if (tree_as_text(tree_at(value, j)) == NULL)
					find(checking,
					     import_shape_item(checking->arena, path, name, j),
					     wanted(IMPORT_TEXT), NULL);
		}
	}
	for (; keys->name != NULL; keys++)
		if (keys->needed && tree_get(map, keys->name) == NULL)
			find(checking, below(checking, path, keys->name), _("this is missing"),
			     NULL);
	return checking->findings->total == before;
}

static void clients_check(const struct checking *checking, const struct tree *clients,
                          const char *path)
{
	for (size_t i = 0; i < tree_count(clients); i++) {
		const struct tree *client = tree_at(clients, i);
		const char *at = import_shape_item(checking->arena, path, "clients", i);
		if (!shape_check(checking, client, at, import_shape_client))
			continue;
		for (size_t list = 0; list < IMPORT_LISTS; list++) {
			const struct tree *nouns = tree_get(client, import_shape_lists[list].name);
			for (size_t j = 0; j < tree_count(nouns); j++)
				(void)shape_check(checking, tree_at(nouns, j),
				                  import_shape_item(checking->arena, at,
				                                    import_shape_lists[list].name,
				                                    j),
				                  import_shape_lists[list].keys);
		}
	}
}

static void document_check(const struct checking *checking, const struct tree *document)
{
	const struct tree *providers = tree_get(document, "providers");

	if (!shape_check(checking, document, "", document_keys))
		return;
	if (providers == NULL && tree_get(document, "clients") == NULL) {
		find(checking, "", _("neither \"clients\" nor \"providers\" in this file"),
		     _("{\"provider\": \"NAME\", \"clients\": [...]}, for instance"));
		return;
	}
	if (providers != NULL
	    && (tree_get(document, "clients") != NULL || tree_get(document, "provider") != NULL)) {
		find(checking, "providers",
		     _("either \"providers\", or \"provider\" and \"clients\""), NULL);
		return;
	}
	clients_check(checking, tree_get(document, "clients"), "");
	for (size_t i = 0; i < tree_count(providers); i++) {
		const struct tree *provider = tree_at(providers, i);
		const char *path = import_shape_item(checking->arena, "", "providers", i);
		if (!shape_check(checking, provider, path, provider_keys))
			continue;
		const struct tree *relays = tree_get(provider, "relays");
		for (size_t j = 0; j < tree_count(relays); j++) {
			const char *at = import_shape_item(checking->arena, path, "relays", j);
			if (shape_check(checking, tree_at(relays, j), at, relay_keys)
			    && tree_count(tree_get(tree_at(relays, j), "addresses"))
			               > IMPORT_JSON_ADDRESSES)
				find(checking, below(checking, at, "addresses"),
				     _("more than 64 addresses"), NULL);
		}
		clients_check(checking, tree_get(provider, "clients"), path);
	}
}

void import_shape_check(struct import_findings *findings, struct arena *arena,
                        const struct tree *document)
{
	const struct checking checking = { findings, arena };

	document_check(&checking, document);
}
