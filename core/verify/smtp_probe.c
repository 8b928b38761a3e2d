#include <string.h>

#include "core/base/clock.h"
#include "core/base/uuid.h"
#include "core/verify/reach.h"
#include "core/verify/smtp_probe.h"
#include "core/wire/smtp_talk.h"
#include "keys/client.h"

enum {
	PAUSE = 250, /* milliseconds, when the key service has too much to do */
	PAUSES = 80,
};

static const char *const logins[SMTP_PROBE_LOGINS] = {
	[SMTP_PROBE_NOT_ASKED] = "not-asked",     [SMTP_PROBE_TRIED] = "tried",
	[SMTP_PROBE_NO_PASSWORD] = "no-password", [SMTP_PROBE_NO_SERVICE] = "no-service",
	[SMTP_PROBE_NOT_ALLOWED] = "not-allowed",
};

struct probe {
	struct arena arena;
	const struct tree *question;
	struct tls_trust *trust;
	struct reach reach;
	enum smtp_probe_login login;
};

struct tree *smtp_probe_question(const struct smtp_probe_request *request)
{
	struct tree *map = tree_map();

	tree_put_text(map, "kind", "smtp");
	tree_put_text(map, "host", request->host);
	tree_put_number(map, "port", request->port);
	tree_put_bool(map, "implicit", request->implicit_tls);
	tree_put(map, "addresses", reach_addresses(request->addresses, request->address_count));
	tree_put_text(map, "helo", request->helo);
	tree_put_text(map, "ca_file", request->ca_file);
	tree_put_number(map, "timeout", request->timeout);
	tree_put_text(map, "keys", request->keys_socket);
	tree_put_number(map, "provider", request->provider_id);
	tree_put_number(map, "smarthost", request->smarthost_id);
	tree_put_number(map, "domain", request->domain_id);
	tree_put_text(map, "test_to", request->test_to);
	return map;
}

static enum smtp_probe_login login_of(enum err_code code)
{
	switch ((int)code) {
	case ERR_NOT_FOUND:
		return SMTP_PROBE_NO_PASSWORD;
	case ERR_DENIED:
		return SMTP_PROBE_NOT_ALLOWED;
	case ERR_SYSTEM: /* something may have been said already */
	case ERR_KEYS:
		return SMTP_PROBE_TRIED;
	default:
		return SMTP_PROBE_NO_SERVICE;
	}
}

/* A conversation with the key service that it has admitted: it turns callers
 * away when they are many, and a login is worth waiting for. */
static struct keys_client *open_keys(const char *socket)
{
	struct keys_client *keys = NULL;
	struct keys_status status;
	struct err err = { 0 };

	for (int i = 0; i < PAUSES && keys_open(&keys, socket, &err); i++) {
		if (keys_status(keys, &status, &err))
			return keys;
		keys_close(keys);
		keys = NULL;
		clock_wait(PAUSE);
	}
	return NULL;
}

/* Let the key service have the conversation; NULL: it did not begin one, or
 * broke off (SMTP_PROBE_TRIED). */
static struct tree *let_log_in(struct probe *probe)
{
	const struct tree *question = probe->question;
	struct keys_login_wish wish = {
		.request = uuid_make(),
		.provider_id = tree_as_number(tree_get(question, "provider"), 0),
		.smarthost_id = tree_as_number(tree_get(question, "smarthost"), 0),
		.domain_id = tree_as_number(tree_get(question, "domain"), 0),
		.test_to = tree_find_text(question, "test_to"),
		.socket = probe->reach.wire.socket,
	};
	struct keys_client *keys = open_keys(tree_find_text(question, "keys"));
	struct tree *result = NULL;
	struct err err = { 0 };

	if (!keys) {
		probe->login = SMTP_PROBE_NO_SERVICE;
		return NULL;
	}
	for (int i = 0; !keys_probe_login(keys, &wish, &result, &err); i++) {
		if (err.code != ERR_AGAIN || i == PAUSES)
			break;
		err = (struct err){ 0 };
		clock_wait(PAUSE);
	}
	keys_close(keys);
	probe->login = result ? SMTP_PROBE_TRIED : login_of(err.code);
	return result;
}

static void talk(struct probe *probe, struct wire *wire, enum tls_versions versions,
                 struct smtp_result *result)
{
	const struct tree *question = probe->question;
	struct smtp_talk_request request = {
		.host = tree_find_text(question, "host"),
		.implicit_tls = tree_as_bool(tree_get(question, "implicit"), false),
		.helo = tree_find_text(question, "helo"),
		.trust = probe->trust,
		.versions = versions,
	};

	wire_hurry(wire, (int)tree_as_number(tree_get(question, "timeout"), 0));
	smtp_talk_run(&probe->arena, wire, &request, result);
}

/* What does a server speak that will not speak TLS 1.2?  A second connection,
 * only to give it its name: nothing is said over it. */
static void name_version(struct probe *probe, struct smtp_result *result)
{
	struct smtp_result second;
	struct wire wire;

	if (wire_connect(&wire, probe->reach.address,
	                 (int)tree_as_number(tree_get(probe->question, "port"), 0),
	                 REACH_PATIENCE)) {
		talk(probe, &wire, TLS_OUTDATED, &second);
		if (second.facts.version) {
			result->fault = WIRE_TLS_OLD;
			result->facts.version = second.facts.version;
		}
	}
	wire_close(&wire);
}

static void converse(struct probe *probe, struct smtp_result *result)
{
	struct tree *told = tree_find_text(probe->question, "keys") ? let_log_in(probe) : NULL;

	if (told || probe->login == SMTP_PROBE_TRIED)
		smtp_result_read(&probe->arena, told, result);
	else
		talk(probe, &probe->reach.wire, TLS_SAFE, result);
	tree_drop(told);
	if (result->fault == WIRE_TLS_NONE)
		name_version(probe, result);
}

struct tree *smtp_probe_answer(const struct tree *question)
{
	struct probe probe = { .question = question, .reach = { .wire = { .socket = -1 } } };
	struct smtp_result result = { .fault = WIRE_TLS_HERE };
	struct tree *answer = NULL;

	if (tls_trust_open(&probe.trust, tree_find_text(question, "ca_file"))) {
		result.fault = reach_server(&probe.reach, &probe.arena, question);
		if (result.fault == WIRE_GOOD)
			converse(&probe, &result);
	}
	answer = smtp_result_tree(&result);
	reach_put(&probe.reach, answer);
	tree_put_text(answer, "login", logins[probe.login]);
	wire_close(&probe.reach.wire);
	tls_trust_close(probe.trust);
	arena_reset(&probe.arena);
	return answer;
}

void smtp_probe_read(struct arena *arena, const struct tree *answer,
                     struct smtp_probe_result *result)
{
	const char *login = tree_find_text(answer, "login");

	*result = (struct smtp_probe_result){ .address = smtp_result_text(arena, answer,
		                                                          "address") };
	smtp_result_read(arena, answer, &result->talk);
	result->tried = reach_read(arena, answer, &result->tried_count);
	for (size_t i = 0; login && i < SMTP_PROBE_LOGINS; i++)
		if (strcmp(logins[i], login) == 0)
			result->login = (enum smtp_probe_login)i;
}
