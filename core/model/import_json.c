#include "core/model/import_json.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/base/tree.h"
#include "core/model/import_shape.h"
#include "core/record/label.h"

/* Where a row came from; its number is the row's place. */
struct spot {
	const char *path;
	const struct import_key *keys;
};

struct import_json {
	struct import_findings *findings;
	struct arena arena;
	struct tree *tree;
	struct spot *spots;
	size_t spot_count, spot_room;
};

/* ---- where a row stands ----------------------------------------------------------- */

static long long spot_add(struct import_json *json, const char *path, const struct import_key *keys)
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
		for (const struct import_key *key = spot->keys;
		     field < IMPORT_FIELDS && key->name != NULL; key++)
			if (key->field == field)
				return arena_print(arena, "%s.%s", spot->path, key->name);
		if (field != IMPORT_DOMAIN)
			break;
	}
	return arena_copy(arena, spot->path);
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
		import_shape_check(findings, &json->arena, json->tree);
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
	return tree_get(json->tree, "providers") != NULL
	               ? import_shape_item(&json->arena, "", "providers", index)
	               : "";
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
	if (import_shape_fits(value, IMPORT_BOOL))
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
		.place = import_shape_item(&json->arena, provider_path(json, provider), "relays",
		                           index),
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
			import_finding_add(json->findings,
			                   import_shape_item(&json->arena, path, "logins", i),
			                   &why);
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
                     const char *path, const struct import_key *keys, import_row_fn call,
                     void *context, struct err *err)
{
	struct import_row row = { .place = spot_add(json, path, keys) };

	row.value[IMPORT_CLIENT] = client;
	for (const struct import_key *key = keys; key->name != NULL; key++) {
		if (key->field == IMPORT_FIELDS || tree_get(map, key->name) == NULL)
			continue;
		row.value[key->field] = key->kind == IMPORT_TEXTS
		                                ? logins_of(json, tree_get(map, key->name), path)
		                        : keys == import_shape_smarthost
		                                        && key->field == IMPORT_SMARTHOST
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
		const char *at = import_shape_item(&json->arena, path, "clients", i);
		if (!give_row(json, name, client, at, import_shape_client, call, context, err))
			return false;
		for (size_t list = 0; list < IMPORT_LISTS; list++) {
			const struct tree *nouns = tree_get(client, import_shape_lists[list].name);
			for (size_t j = 0; j < tree_count(nouns); j++)
				if (!give_row(json, name, tree_at(nouns, j),
				              import_shape_item(&json->arena, at,
				                                import_shape_lists[list].name, j),
				              import_shape_lists[list].keys, call, context, err))
					return false;
		}
	}
	return true;
}
