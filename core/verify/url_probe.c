#include "core/verify/url_probe.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/wire/smtp_reply.h"
#include "core/wire/smtp_result.h"

enum { HEADERS_MOST = 100, SAID_ROOM = 200, URL_ROOM = 400 };

bool url_probe_parse(struct arena *arena, const char *url, struct url_parts *parts)
{
	bool encrypted = strncasecmp(url, "https://", 8) == 0;
	const char *host = url + (encrypted ? 8 : 7);
	size_t length = 0;
	const char *rest = NULL;
	char *lower = NULL;
	char *end = NULL;

	if (!encrypted && strncasecmp(url, "http://", 7) != 0)
		return false;
	length = strcspn(host, ":/?#");
	rest = host + length;
	*parts = (struct url_parts){ .encrypted = encrypted, .port = encrypted ? 443 : 80 };
	lower = arena_copy_part(arena, host, length);
	for (size_t i = 0; i < length; i++)
		lower[i] = (char)tolower((unsigned char)lower[i]);
	parts->host = lower;
	if (*rest == ':') {
		parts->port = (int)strtol(rest + 1, &end, 10);
		rest = end;
	}
	parts->path = arena_print(arena, "%s%.*s", *rest == '/' ? "" : "/", (int)strcspn(rest, "#"),
	                          rest);
	return length > 0 && !strpbrk(parts->host, "@[] ") && parts->port > 0
	       && parts->port <= 65535;
}

struct tree *url_probe_question(const struct url_probe_request *request)
{
	struct tree *map = tree_map();

	tree_put_text(map, "kind", "url");
	tree_put_text(map, "host", request->url->host);
	tree_put_number(map, "port", request->url->port);
	tree_put_bool(map, "encrypted", request->url->encrypted);
	tree_put_text(map, "path", request->url->path);
	tree_put(map, "addresses", reach_addresses(request->addresses, request->address_count));
	tree_put_text(map, "ca_file", request->ca_file);
	tree_put_number(map, "timeout", request->timeout);
	return map;
}

struct visit {
	struct arena arena;
	const struct tree *question;
	struct tls_trust *trust;
	struct reach reach;
	struct url_probe_result result;
};

static bool end(struct visit *visit, enum wire_fault fault, const char *said)
{
	visit->result.fault = fault;
	visit->result.said = arena_copy(&visit->arena, said);
	return false;
}

static bool encrypt(struct visit *visit)
{
	struct wire *wire = &visit->reach.wire;
	bool ok = wire_shake(wire, visit->trust, tree_find_text(visit->question, "host"), TLS_SAFE);
	const char *said = NULL;

	if (wire->tls)
		tls_look(wire->tls, &visit->arena, &visit->result.facts);
	if (ok)
		return true;
	if (wire->fault == WIRE_TLS_NONE)
		wire->fault = tls_fault(wire->tls, &visit->arena, &said);
	return end(visit, wire->fault, said);
}

static bool ask(struct visit *visit)
{
	const char *text = arena_print(&visit->arena,
	                               "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: senderctl\r\n"
	                               "Accept: */*\r\nConnection: close\r\n\r\n",
	                               tree_find_text(visit->question, "path"),
	                               tree_find_text(visit->question, "host"));

	return wire_write(&visit->reach.wire, text, strlen(text))
	       || end(visit, visit->reach.wire.fault, NULL);
}

/* "HTTP/1.1 302 Found" */
static bool read_status(struct visit *visit, int *status)
{
	char line[WIRE_LINE];
	char said[SAID_ROOM];
	const char *code = NULL;

	if (!wire_read_line(&visit->reach.wire, line))
		return end(visit,
		           visit->reach.wire.fault == WIRE_ENDLESS ? WIRE_NOT_HTTP
		                                                   : visit->reach.wire.fault,
		           NULL);
	code = strchr(line, ' ');
	*status = code ? (int)strtol(code, NULL, 10) : 0;
	if (strncmp(line, "HTTP/", 5) != 0 || *status < 100 || *status > 599)
		return end(visit, WIRE_NOT_HTTP, NULL);
	smtp_reply_plain(said, sizeof(said), code + 1);
	visit->result.said = arena_copy(&visit->arena, said);
	return true;
}

/* The headers are only read as far as the one we look for. */
static void read_location(struct visit *visit)
{
	char line[WIRE_LINE];
	char plain[URL_ROOM];

	for (size_t i = 0; i < HEADERS_MOST; i++) {
		const char *value = line + 9;

		if (!wire_read_line(&visit->reach.wire, line) || line[0] == '\0')
			return;
		if (strncasecmp(line, "Location:", 9) != 0)
			continue;
		value += strspn(value, " \t");
		smtp_reply_plain(plain, sizeof(plain), value);
		visit->result.location = arena_copy(&visit->arena, plain);
		return;
	}
}

/* A path stays where it is; so does "//host/" with the same host. */
static enum wire_fault judge_location(struct visit *visit)
{
	const char *location = visit->result.location;
	bool encrypted = tree_as_bool(tree_get(visit->question, "encrypted"), false);
	struct url_parts to;

	if (!location)
		return WIRE_GOOD;
	if (strncmp(location, "//", 2) == 0)
		location = arena_print(&visit->arena, "%s:%s", encrypted ? "https" : "http",
		                       location);
	if (!strstr(location, "://"))
		return WIRE_GOOD;
	if (!url_probe_parse(&visit->arena, location, &to)
	    || strcmp(to.host, tree_find_text(visit->question, "host")) != 0)
		return WIRE_MOVED_HOST;
	return encrypted && !to.encrypted ? WIRE_MOVED_CLEAR : WIRE_GOOD;
}

static void converse(struct visit *visit)
{
	bool encrypted = tree_as_bool(tree_get(visit->question, "encrypted"), false);
	int status = 0;

	wire_hurry(&visit->reach.wire,
	           (int)tree_as_number(tree_get(visit->question, "timeout"), 0));
	if ((encrypted && !encrypt(visit)) || !ask(visit) || !read_status(visit, &status))
		return;
	if (status >= 300 && status < 400) {
		read_location(visit);
		visit->result.fault = judge_location(visit);
	}
	if (status == 404 || status == 410)
		visit->result.fault = WIRE_PAGE_MISSING;
	if (status >= 500)
		visit->result.fault = WIRE_PAGE_FAILS;
}

static struct tree *render(const struct visit *visit)
{
	struct tree *answer = tree_map();

	tree_put_text(answer, "fault", wire_fault_row(visit->result.fault)->word);
	tree_put_text(answer, "said", visit->result.said);
	tree_put_text(answer, "location", visit->result.location);
	smtp_result_put_facts(answer, &visit->result.facts);
	reach_put(&visit->reach, answer);
	return answer;
}

struct tree *url_probe_answer(const struct tree *question)
{
	struct visit visit = { .question = question,
		               .reach = { .wire = { .socket = -1 } },
		               .result = { .fault = WIRE_TLS_HERE } };
	struct tree *answer = NULL;

	if (tls_trust_open(&visit.trust, tree_find_text(question, "ca_file"))) {
		visit.result.fault = reach_server(&visit.reach, &visit.arena, question);
		if (visit.result.fault == WIRE_GOOD)
			converse(&visit);
	}
	answer = render(&visit);
	wire_close(&visit.reach.wire);
	tls_trust_close(visit.trust);
	arena_reset(&visit.arena);
	return answer;
}

void url_probe_read(struct arena *arena, const struct tree *answer, struct url_probe_result *result)
{
	enum wire_fault fault = wire_fault_find(tree_find_text(answer, "fault"));

	*result = (struct url_probe_result){
		.fault = fault == WIRE_FAULTS ? WIRE_BROKEN : fault,
		.said = smtp_result_text(arena, answer, "said"),
		.location = smtp_result_text(arena, answer, "location"),
		.address = smtp_result_text(arena, answer, "address"),
	};
	smtp_result_read_facts(arena, answer, &result->facts);
	result->tried = reach_read(arena, answer, &result->tried_count);
}
