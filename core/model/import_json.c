#include "core/model/import_json.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/nearest.h"
#include "core/base/text.h"
#include "core/base/tree.h"
#include "core/base/words.h"
#include "core/record/label.h"

enum kind {
	KIND_TEXT,
	KIND_BOOL,
	KIND_NUMBER,
	KIND_TEXTS, /* a list of texts */
	KIND_MAPS   /* a list of maps */
};

struct key {
	const char *name;
	enum kind kind;
	enum import_field field; /* IMPORT_FIELDS: not one of a row */
	bool needed;
};

#define KEYS_END \
	{ \
		NULL, KIND_TEXT, IMPORT_FIELDS, false \
	}

static const struct key document_keys[] = { { "provider", KIND_TEXT, IMPORT_FIELDS, false },
	                                    { "clients", KIND_MAPS, IMPORT_FIELDS, false },
	                                    { "providers", KIND_MAPS, IMPORT_FIELDS, false },
	                                    KEYS_END };

static const struct key provider_keys[] = { { "name", KIND_TEXT, IMPORT_FIELDS, true },
	                                    { "title", KIND_TEXT, IMPORT_FIELDS, false },
	                                    { "hosting_domain", KIND_TEXT, IMPORT_FIELDS, false },
	                                    { "default_sender", KIND_TEXT, IMPORT_FIELDS, false },
	                                    { "spf_host", KIND_TEXT, IMPORT_FIELDS, false },
	                                    { "language", KIND_TEXT, IMPORT_FIELDS, false },
	                                    { "contact", KIND_TEXT, IMPORT_FIELDS, false },
	                                    { "escrow_policy", KIND_TEXT, IMPORT_FIELDS, false },
	                                    { "dkim_publish", KIND_TEXT, IMPORT_FIELDS, false },
	                                    { "ed25519", KIND_BOOL, IMPORT_FIELDS, false },
	                                    { "publish_margin", KIND_TEXT, IMPORT_FIELDS, false },
	                                    { "publish_probes", KIND_NUMBER, IMPORT_FIELDS, false },
	                                    { "linger", KIND_TEXT, IMPORT_FIELDS, false },
	                                    { "rotate_every", KIND_TEXT, IMPORT_FIELDS, false },
	                                    { "dmarc_report", KIND_TEXT, IMPORT_FIELDS, false },
	                                    { "degrade_grace", KIND_TEXT, IMPORT_FIELDS, false },
	                                    { "keep_observations", KIND_TEXT, IMPORT_FIELDS,
	                                      false },
	                                    { "relays", KIND_MAPS, IMPORT_FIELDS, false },
	                                    { "clients", KIND_MAPS, IMPORT_FIELDS, false },
	                                    KEYS_END };

static const struct key relay_keys[] = { { "name", KIND_TEXT, IMPORT_FIELDS, true },
	                                 { "helo", KIND_TEXT, IMPORT_FIELDS, false },
	                                 { "mta", KIND_TEXT, IMPORT_FIELDS, false },
	                                 { "signer", KIND_TEXT, IMPORT_FIELDS, false },
	                                 { "addresses", KIND_TEXTS, IMPORT_FIELDS, false },
	                                 KEYS_END };

static const struct key client_keys[] = { { "name", KIND_TEXT, IMPORT_CLIENT, true },
	                                  { "title", KIND_TEXT, IMPORT_TITLE, false },
	                                  { "language", KIND_TEXT, IMPORT_LANGUAGE, false },
	                                  { "contact", KIND_TEXT, IMPORT_CONTACT, false },
	                                  { "reply_to", KIND_TEXT, IMPORT_REPLY_TO, false },
	                                  { "sites", KIND_MAPS, IMPORT_FIELDS, false },
	                                  { "smarthosts", KIND_MAPS, IMPORT_FIELDS, false },
	                                  { "domains", KIND_MAPS, IMPORT_FIELDS, false },
	                                  { "senders", KIND_MAPS, IMPORT_FIELDS, false },
	                                  { "logins", KIND_TEXTS, IMPORT_LOGINS, false },
	                                  KEYS_END };

static const struct key site_keys[] = { { "url", KIND_TEXT, IMPORT_SITE, true },
	                                { "audience", KIND_TEXT, IMPORT_AUDIENCE, false },
	                                KEYS_END };

static const struct key sender_keys[] = { { "address", KIND_TEXT, IMPORT_SENDER, true },
	                                  { "mode", KIND_TEXT, IMPORT_MODE, false },
	                                  { "site", KIND_TEXT, IMPORT_SITE, false },
	                                  { "display_name", KIND_TEXT, IMPORT_DISPLAY_NAME, false },
	                                  { "reply_to", KIND_TEXT, IMPORT_SENDER_REPLY_TO, false },
	                                  { "logins", KIND_TEXTS, IMPORT_LOGINS, false },
	                                  { "smarthost", KIND_TEXT, IMPORT_SMARTHOST, false },
	                                  { "envelope_domain", KIND_TEXT, IMPORT_ENVELOPE_DOMAIN,
	                                    false },
	                                  { "dkim", KIND_BOOL, IMPORT_DKIM, false },
	                                  { "dkim_publish", KIND_TEXT, IMPORT_DKIM_PUBLISH, false },
	                                  KEYS_END };

static const struct key domain_keys[] = { { "name", KIND_TEXT, IMPORT_DOMAIN, true },
	                                  { "mode", KIND_TEXT, IMPORT_MODE, false },
	                                  { "smarthost", KIND_TEXT, IMPORT_SMARTHOST, false },
	                                  { "envelope_domain", KIND_TEXT, IMPORT_ENVELOPE_DOMAIN,
	                                    false },
	                                  { "dkim", KIND_BOOL, IMPORT_DKIM, false },
	                                  { "dkim_publish", KIND_TEXT, IMPORT_DKIM_PUBLISH, false },
	                                  KEYS_END };

static const struct key smarthost_keys[] = { { "host", KIND_TEXT, IMPORT_SMARTHOST, true },
	                                     { "port", KIND_NUMBER, IMPORT_FIELDS, false },
	                                     { "auth_user", KIND_TEXT, IMPORT_FIELDS, false },
	                                     { "tls", KIND_TEXT, IMPORT_TLS, false },
	                                     { "ca", KIND_TEXT, IMPORT_CA, false },
	                                     KEYS_END };

/* The lists of a client, in an order in which nothing names what comes later. */
static const struct {
	const char *name;
	const struct key *keys;
} client_lists[] = {
	{ "sites", site_keys },
	{ "smarthosts", smarthost_keys },
	{ "domains", domain_keys },
	{ "senders", sender_keys },
};

/* Where a row came from; its number is the row's place. */
struct spot {
	const char *path;
	const struct key *keys;
};

struct import_json {
	struct import_findings *findings;
	struct arena arena;
	struct tree *tree;
	struct spot *spots;
	size_t spot_count, spot_room;
};

/* ---- saying where -------------------------------------------------------------- */

static void find(struct import_json *json, const char *place, const char *text, const char *hint)
{
	struct err why = { 0 };

	(void)err_set(&why, ERR_INPUT, "%s", text);
	if (hint != NULL)
		(void)err_hint(&why, "%s", hint);
	import_finding_add(json->findings, place, &why);
}

static const char *below(struct import_json *json, const char *path, const char *name)
{
	return arena_print(&json->arena, "%s%s%s", path, path[0] != '\0' ? "." : "", name);
}

static const char *item(struct import_json *json, const char *path, const char *list, size_t index)
{
	return arena_print(&json->arena, "%s%s%s[%zu]", path, path[0] != '\0' ? "." : "", list,
	                   index);
}

static long long spot_add(struct import_json *json, const char *path, const struct key *keys)
{
	if (json->spot_count == json->spot_room) {
		size_t room = json->spot_room > 0 ? 2 * json->spot_room : 256;
		struct spot *grown = realloc(json->spots, room * sizeof *grown);
		if (grown == NULL) {
			(void)fputs("senderctl: out of memory\n", stderr);
			exit(3);
		}
		json->spots = grown;
		json->spot_room = room;
	}
	json->spots[json->spot_count] = (struct spot){ path, keys };
	return (long long)json->spot_count++;
}

const char *import_json_place(const struct import_json *json, struct arena *arena, long long place,
                              enum import_field field)
{
	if (place < 0 || (size_t)place >= json->spot_count)
		return "";
	const struct spot *spot = &json->spots[place];
	/* what is said of a domain stands in the address */
	for (int again = 0; again < 2; again++, field = IMPORT_SENDER) {
		for (const struct key *key = spot->keys; field < IMPORT_FIELDS && key->name != NULL;
		     key++)
			if (key->field == field)
				return arena_print(arena, "%s.%s", spot->path, key->name);
		if (field != IMPORT_DOMAIN)
			break;
	}
	return arena_copy(arena, spot->path);
}

/* ---- the shape -------------------------------------------------------------------- */

static const struct key *key_find(const struct key *keys, const char *name)
{
	for (; keys->name != NULL; keys++)
		if (strcmp(keys->name, name) == 0)
			return keys;
	return NULL;
}

static void say_unknown(struct import_json *json, const char *path, const struct key *keys,
                        const char *name)
{
	const char *known[20];
	size_t count = 0;

	for (; count < LENGTH(known) && keys[count].name != NULL; count++)
		known[count] = keys[count].name;
	const char *meant = nearest(name, known, count);
	struct text all = { 0 };
	for (size_t i = 0; i < count; i++)
		text_addf(&all, "%s%s", i > 0 ? ", " : "", known[i]);
	find(json, below(json, path, name), _("there is no such name here"),
	     meant != NULL ? arena_print(&json->arena, _("did you mean \"%s\"?"), meant)
	                   : arena_print(&json->arena, _("possible are: %s"), text_string(&all)));
	text_free(&all);
}

static bool fits(const struct tree *value, enum kind kind)
{
	switch (kind) {
	case KIND_TEXT:
		return tree_as_text(value) != NULL;
	case KIND_BOOL:
		return tree_as_bool(value, false) || !tree_as_bool(value, true);
	case KIND_NUMBER:
		return tree_as_number(value, -1) == tree_as_number(value, -2);
	case KIND_TEXTS:
	case KIND_MAPS:
		return tree_is_list(value);
	}
	return false;
}

static const char *wanted(enum kind kind)
{
	switch (kind) {
	case KIND_TEXT:
		return _("a text in quotes is wanted");
	case KIND_BOOL:
		return _("true or false is wanted");
	case KIND_NUMBER:
		return _("a number without quotes is wanted");
	case KIND_TEXTS:
		return _("a list of texts is wanted: [\"...\", \"...\"]");
	case KIND_MAPS:
		return _("a list is wanted: [{...}, {...}]");
	}
	return "";
}

/* A map with these keys only, each of its kind, the needed ones there. */
static bool shape_check(struct import_json *json, const struct tree *map, const char *path,
                        const struct key *keys)
{
	long long before = json->findings->total;

	if (!tree_is_map(map)) {
		find(json, path, _("a map in braces is wanted: {...}"), NULL);
		return false;
	}
	const char *name;
	for (size_t i = 0; (name = tree_name_at(map, i)) != NULL; i++) {
		const struct key *key = key_find(keys, name);
		const struct tree *value = tree_get(map, name);
		if (key == NULL) {
			say_unknown(json, path, keys, name);
		} else if (key->needed && tree_is_null(value)) {
			find(json, below(json, path, name), _("this may not be empty"), NULL);
		} else if (!fits(value, key->kind) && !tree_is_null(value)) {
			find(json, below(json, path, name), wanted(key->kind), NULL);
		} else if (key->kind == KIND_TEXTS) {
			for (size_t j = 0; j < tree_count(value); j++)
				if (tree_as_text(tree_at(value, j)) == NULL)
					find(json, item(json, path, name, j), wanted(KIND_TEXT),
					     NULL);
		}
	}
	for (; keys->name != NULL; keys++)
		if (keys->needed && tree_get(map, keys->name) == NULL)
			find(json, below(json, path, keys->name), _("this is missing"), NULL);
	return json->findings->total == before;
}

static void clients_check(struct import_json *json, const struct tree *clients, const char *path)
{
	for (size_t i = 0; i < tree_count(clients); i++) {
		const struct tree *client = tree_at(clients, i);
		const char *at = item(json, path, "clients", i);
		if (!shape_check(json, client, at, client_keys))
			continue;
		for (size_t list = 0; list < LENGTH(client_lists); list++) {
			const struct tree *nouns = tree_get(client, client_lists[list].name);
			for (size_t j = 0; j < tree_count(nouns); j++)
				(void)shape_check(json, tree_at(nouns, j),
				                  item(json, at, client_lists[list].name, j),
				                  client_lists[list].keys);
		}
	}
}

static void document_check(struct import_json *json)
{
	const struct tree *providers = tree_get(json->tree, "providers");

	if (!shape_check(json, json->tree, "", document_keys))
		return;
	if (providers == NULL && tree_get(json->tree, "clients") == NULL) {
		find(json, "", _("neither \"clients\" nor \"providers\" in this file"),
		     _("{\"provider\": \"NAME\", \"clients\": [...]}, for instance"));
		return;
	}
	if (providers != NULL
	    && (tree_get(json->tree, "clients") != NULL
	        || tree_get(json->tree, "provider") != NULL)) {
		find(json, "providers", _("either \"providers\", or \"provider\" and \"clients\""),
		     NULL);
		return;
	}
	clients_check(json, tree_get(json->tree, "clients"), "");
	for (size_t i = 0; i < tree_count(providers); i++) {
		const struct tree *provider = tree_at(providers, i);
		const char *path = item(json, "", "providers", i);
		if (!shape_check(json, provider, path, provider_keys))
			continue;
		const struct tree *relays = tree_get(provider, "relays");
		for (size_t j = 0; j < tree_count(relays); j++) {
			const char *at = item(json, path, "relays", j);
			if (shape_check(json, tree_at(relays, j), at, relay_keys)
			    && tree_count(tree_get(tree_at(relays, j), "addresses"))
			               > IMPORT_JSON_ADDRESSES)
				find(json, below(json, at, "addresses"),
				     _("more than 64 addresses"), NULL);
		}
		clients_check(json, tree_get(provider, "clients"), path);
	}
}

struct import_json *import_json_open(struct import_findings *findings, const char *bytes,
                                     size_t size)
{
	struct import_json *json = calloc(1, sizeof *json);
	struct err why = { 0 };

	if (json == NULL) {
		(void)fputs("senderctl: out of memory\n", stderr);
		exit(3);
	}
	json->findings = findings;
	if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
		bytes += 3;
		size -= 3;
	}
	if (!tree_parse(bytes, size, &json->tree, &why))
		import_finding_add(findings, "", &why);
	else
		document_check(json);
	return json;
}

void import_json_close(struct import_json *json)
{
	if (json == NULL)
		return;
	tree_drop(json->tree);
	arena_reset(&json->arena);
	free(json->spots);
	free(json);
}

/* ---- providers -------------------------------------------------------------------- */

static const struct tree *provider_at(const struct import_json *json, size_t index)
{
	const struct tree *providers = tree_get(json->tree, "providers");

	return providers != NULL ? tree_at(providers, index) : json->tree;
}

static const char *provider_path(struct import_json *json, size_t index)
{
	return tree_get(json->tree, "providers") != NULL ? item(json, "", "providers", index) : "";
}

size_t import_json_providers(const struct import_json *json)
{
	const struct tree *providers = tree_get(json->tree, "providers");

	return providers != NULL ? tree_count(providers) : 1;
}

/* Absent gives NULL, null gives "". */
static const char *said(struct import_json *json, const struct tree *map, const char *name)
{
	const struct tree *value = tree_get(map, name);

	if (value == NULL)
		return NULL;
	if (tree_is_null(value))
		return "";
	if (tree_as_text(value) != NULL)
		return tree_as_text(value);
	if (fits(value, KIND_BOOL))
		return tree_as_bool(value, false) ? "true" : "false";
	return arena_print(&json->arena, "%lld", tree_as_number(value, 0));
}

void import_json_provider(struct import_json *json, size_t index,
                          struct import_json_provider *provider)
{
	const struct tree *map = provider_at(json, index);

	*provider = (struct import_json_provider){ .place = provider_path(json, index) };
	if (tree_get(json->tree, "providers") == NULL) {
		provider->place = "provider";
		provider->name = tree_find_text(map, "provider");
		provider->only_named = true;
		return;
	}
	provider->name = said(json, map, "name");
	provider->title = said(json, map, "title");
	provider->hosting_domain = said(json, map, "hosting_domain");
	provider->default_sender = said(json, map, "default_sender");
	provider->spf_host = said(json, map, "spf_host");
	provider->language = said(json, map, "language");
	provider->contact = said(json, map, "contact");
	provider->escrow_policy = said(json, map, "escrow_policy");
	provider->dkim_publish = said(json, map, "dkim_publish");
	provider->ed25519 = said(json, map, "ed25519");
	provider->publish_margin = said(json, map, "publish_margin");
	provider->publish_probes = said(json, map, "publish_probes");
	provider->linger = said(json, map, "linger");
	provider->rotate_every = said(json, map, "rotate_every");
	provider->dmarc_report = said(json, map, "dmarc_report");
	provider->degrade_grace = said(json, map, "degrade_grace");
	provider->keep_observations = said(json, map, "keep_observations");
	provider->relays = tree_count(tree_get(map, "relays"));
}

void import_json_relay(struct import_json *json, size_t provider, size_t index,
                       struct import_json_relay *relay)
{
	const struct tree *map = tree_at(tree_get(provider_at(json, provider), "relays"), index);
	const struct tree *addresses = tree_get(map, "addresses");

	*relay = (struct import_json_relay){
		.place = item(json, provider_path(json, provider), "relays", index),
		.name = said(json, map, "name"),
		.helo = said(json, map, "helo"),
		.mta = said(json, map, "mta"),
		.signer = said(json, map, "signer"),
		.addresses_said = addresses != NULL,
	};
	for (size_t i = 0; i < tree_count(addresses) && i < IMPORT_JSON_ADDRESSES; i++)
		relay->addresses[relay->address_count++] = tree_as_text(tree_at(addresses, i));
}

/* ---- rows -------------------------------------------------------------------------- */

/* A list of logins as one text.  Each is checked alone first: one with a blank
 * in it must not become two. */
static const char *logins_of(struct import_json *json, const struct tree *list, const char *path)
{
	struct text all = { 0 };

	for (size_t i = 0; i < tree_count(list); i++) {
		const char *login = tree_as_text(tree_at(list, i)), *made;
		struct err why = { 0 };
		if (!label_login(&json->arena, login, strlen(login), &made, &why))
			import_finding_add(json->findings, item(json, path, "logins", i), &why);
		else
			text_addf(&all, "%s%s", all.length > 0 ? " " : "", login);
	}
	const char *made = arena_copy(&json->arena, text_string(&all));
	text_free(&all);
	return made;
}

/* host, port and auth_user as USER@HOST:PORT. */
static const char *smarthost_of(struct import_json *json, const struct tree *map)
{
	const char *user = said(json, map, "auth_user"), *port = said(json, map, "port");

	return arena_print(&json->arena, "%s%s%s%s%s", user != NULL ? user : "",
	                   user != NULL ? "@" : "", said(json, map, "host"),
	                   port != NULL ? ":" : "", port != NULL ? port : "");
}

static bool give_row(struct import_json *json, const char *client, const struct tree *map,
                     const char *path, const struct key *keys, import_row_fn call, void *context,
                     struct err *err)
{
	struct import_row row = { .place = spot_add(json, path, keys) };

	row.value[IMPORT_CLIENT] = client;
	for (const struct key *key = keys; key->name != NULL; key++) {
		if (key->field == IMPORT_FIELDS || tree_get(map, key->name) == NULL)
			continue;
		row.value[key->field] = key->kind == KIND_TEXTS
		                                ? logins_of(json, tree_get(map, key->name), path)
		                        : keys == smarthost_keys && key->field == IMPORT_SMARTHOST
		                                ? smarthost_of(json, map)
		                                : said(json, map, key->name);
	}
	for (size_t i = 0; i < IMPORT_FIELDS; i++)
		if (row.value[i] != NULL)
			row.length[i] = strlen(row.value[i]);
	return call(context, &row, err);
}

bool import_json_rows(struct import_json *json, size_t provider, import_row_fn call, void *context,
                      struct err *err)
{
	const struct tree *clients = tree_get(provider_at(json, provider), "clients");
	const char *path = provider_path(json, provider);

	for (size_t i = 0; i < tree_count(clients); i++) {
		const struct tree *client = tree_at(clients, i);
		const char *name = tree_find_text(client, "name");
		const char *at = item(json, path, "clients", i);
		if (!give_row(json, name, client, at, client_keys, call, context, err))
			return false;
		for (size_t list = 0; list < LENGTH(client_lists); list++) {
			const struct tree *nouns = tree_get(client, client_lists[list].name);
			for (size_t j = 0; j < tree_count(nouns); j++)
				if (!give_row(json, name, tree_at(nouns, j),
				              item(json, at, client_lists[list].name, j),
				              client_lists[list].keys, call, context, err))
					return false;
		}
	}
	return true;
}
