#include "core/verify/probe_verdict.h"

#include <string.h>

#include "core/base/words.h"
#include "core/verify/smtp_probe.h"
#include "core/verify/url_probe.h"

enum { SENDERS_SHOWN = 5 };

static const enum verdict_state states[] = {
	[WIRE_FINE] = VERDICT_MATCH,
	[WIRE_WRONG] = VERDICT_CONFLICT,
	[WIRE_ABSENT] = VERDICT_MISSING,
	[WIRE_UNSURE] = VERDICT_UNKNOWN,
};

/* Sentences one after the other. */
static void add(struct text *out, const char *sentence)
{
	text_addf(out, "%s%s", out->length > 0 ? "; " : "", sentence);
}

static const char *taken(struct arena *arena, struct text *out)
{
	const char *copy = arena_copy(arena, text_string(out));

	text_free(out);
	return copy;
}

static void keep_details(struct arena *arena, const struct tree *answer, struct verdict *verdict)
{
	struct text json = { 0 };

	if (!answer)
		return;
	tree_render(answer, false, &json);
	verdict->probe = taken(arena, &json);
}

/* Who stands in the sentence about a certificate, and which day. */
static void fill_certificate(struct wire_detail *detail, enum wire_fault fault,
                             const struct tls_facts *facts)
{
	detail->name = fault == WIRE_CERT_UNKNOWN ? facts->issuer : facts->names;
	detail->date = fault == WIRE_CERT_EARLY ? facts->begins : facts->expires;
	detail->tls = facts->version;
}

static const char *private_of(const struct reach_try tried[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (wire_is_private(tried[i].address))
			return tried[i].address;
	return NULL;
}

/* Addresses that do not answer beside one that does. */
static void add_dead(struct arena *arena, struct text *out, const struct reach_try tried[],
                     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (tried[i].fault == WIRE_REFUSED)
			add(out, arena_print(arena, _("its address %s refuses connections"),
			                     tried[i].address));
		else if (tried[i].fault != WIRE_GOOD)
			add(out, arena_print(arena, _("its address %s is not reachable from here"),
			                     tried[i].address));
	}
}

static const char *show_tried(struct arena *arena, const struct reach_try tried[], size_t count)
{
	struct text out = { 0 };

	for (size_t i = 0; i < count; i++)
		text_addf(&out, "%s%s (%s)", i > 0 ? ", " : "", tried[i].address,
		          wire_fault_row(tried[i].fault)->word);
	return taken(arena, &out);
}

static void add_validity(struct arena *arena, struct text *out, const struct tls_facts *facts)
{
	if (!facts->expires)
		return;
	if (facts->days_left < PROBE_VERDICT_DAYS)
		add(out, arena_print(arena,
		                     ngettext("its certificate ends in %ld day, on %s",
		                              "its certificate ends in %ld days, on %s",
		                              (unsigned long)facts->days_left),
		                     facts->days_left, facts->expires));
	else
		add(out,
		    arena_print(arena, _("its certificate is valid until %s"), facts->expires));
}

/* Who watches warns before it ends. */
static void keep_expiry(struct arena *arena, const struct tls_facts *facts, struct verdict *verdict)
{
	verdict->expires = facts->expires ? arena_copy(arena, facts->expires) : NULL;
}

static void add_login(struct arena *arena, struct text *out, const struct smtp_probe_result *result)
{
	size_t count = result->talk.sender_count;

	switch (result->login) {
	case SMTP_PROBE_TRIED:
		add(out,
		    arena_print(arena,
		                ngettext("the login works, and %zu sender is accepted",
		                         "the login works, and %zu senders are accepted", count),
		                count));
		break;
	case SMTP_PROBE_NO_PASSWORD:
		add(out, _("no password is stored, so the login was not tried"));
		break;
	case SMTP_PROBE_NO_SERVICE:
		add(out, _("the key service does not answer, so the login was not tried"));
		break;
	case SMTP_PROBE_NOT_ALLOWED:
		add(out, _("you may not ask the key service for it, so the login was not tried"));
		break;
	case SMTP_PROBE_NOT_ASKED:
	case SMTP_PROBE_LOGINS:
		break;
	}
	if (result->talk.test_sent)
		add(out, _("the test mail was taken"));
}

/* Each sender that is not accepted has its sentence; of many, the first. */
static void add_senders(struct arena *arena, struct text *out, const struct smtp_result *talk,
                        struct wire_detail *detail)
{
	size_t shown = 0;
	size_t more = 0;

	for (size_t i = 0; i < talk->sender_count; i++) {
		const struct smtp_sender *sender = &talk->senders[i];

		if (sender->fault == WIRE_GOOD)
			continue;
		if (shown == SENDERS_SHOWN) {
			more++;
			continue;
		}
		detail->sender = sender->address;
		detail->said = sender->said;
		add(out, wire_fault_say(arena, sender->fault, detail));
		shown++;
	}
	if (more > 0)
		add(out, arena_print(arena,
		                     ngettext("and %zu more sender", "and %zu more senders", more),
		                     more));
}

static const char *explain(struct arena *arena, const struct facts_domain *domain,
                           const struct smtp_probe_result *result)
{
	const struct smtp_result *talk = &result->talk;
	struct text out = { 0 };
	struct wire_detail detail = {
		.host = domain->smarthost,
		.port = domain->smarthost_port,
		.address = private_of(result->tried, result->tried_count),
		.said = talk->said,
		.user = domain->smarthost_user,
	};

	fill_certificate(&detail, talk->fault, &talk->facts);
	if (talk->fault == WIRE_SENDER_REFUSED || talk->fault == WIRE_SENDER_LATER)
		add_senders(arena, &out, talk, &detail);
	else if (talk->fault != WIRE_GOOD)
		add(&out, wire_fault_say(arena, talk->fault, &detail));
	if (talk->fault == WIRE_GOOD) {
		add_validity(arena, &out, &talk->facts);
		add_login(arena, &out, result);
	}
	if (result->address)
		add_dead(arena, &out, result->tried, result->tried_count);
	return taken(arena, &out);
}

static const char *show_found(struct arena *arena, const struct smtp_probe_result *result)
{
	const struct smtp_result *talk = &result->talk;
	struct text out = { 0 };

	if (!result->address)
		return show_tried(arena, result->tried, result->tried_count);
	text_add(&out, result->address);
	if (talk->facts.version)
		text_addf(&out, ", %s", talk->facts.version);
	if (talk->auth && *talk->auth)
		text_addf(&out, ", AUTH %s", talk->auth);
	if (talk->logged_in)
		text_addf(&out, ", %s", _("logged in"));
	return taken(arena, &out);
}

void probe_verdict_smarthost(struct arena *arena, const struct facts_domain *domain,
                             const struct tree *answer, struct verdict *verdict)
{
	struct smtp_probe_result result;

	smtp_probe_read(arena, answer, &result);
	verdict->state = states[wire_fault_row(result.talk.fault)->kind];
	verdict->found = show_found(arena, &result);
	verdict->explanation = explain(arena, domain, &result);
	keep_expiry(arena, &result.talk.facts, verdict);
	keep_details(arena, answer, verdict);
}

static const char *explain_site(struct arena *arena, const struct url_parts *url,
                                const struct url_probe_result *result)
{
	struct text out = { 0 };
	struct wire_detail detail = {
		.host = url->host,
		.port = url->port,
		.address = private_of(result->tried, result->tried_count),
		.said = result->said,
	};

	fill_certificate(&detail, result->fault, &result->facts);
	if (result->location)
		detail.name = result->location;
	if (result->fault != WIRE_GOOD)
		add(&out, wire_fault_say(arena, result->fault, &detail));
	else if (!url->encrypted)
		add(&out, _("the URL works, without encryption (http)"));
	if (result->fault == WIRE_GOOD)
		add_validity(arena, &out, &result->facts);
	if (result->address)
		add_dead(arena, &out, result->tried, result->tried_count);
	return taken(arena, &out);
}

void probe_verdict_site(struct arena *arena, const struct tree *answer, struct verdict *verdict)
{
	struct url_probe_result result;
	struct url_parts url;
	struct text found = { 0 };

	if (!url_probe_parse(arena, verdict->requirement->value, &url))
		return;
	url_probe_read(arena, answer, &result);
	verdict->state = states[wire_fault_row(result.fault)->kind];
	verdict->explanation = explain_site(arena, &url, &result);
	keep_expiry(arena, &result.facts, verdict);
	if (result.address) {
		text_add(&found, result.address);
		if (result.facts.version)
			text_addf(&found, ", %s", result.facts.version);
		if (result.said && result.fault != WIRE_CERT_BAD)
			text_addf(&found, ", %s", result.said);
		verdict->found = taken(arena, &found);
	} else {
		verdict->found = show_tried(arena, result.tried, result.tried_count);
	}
	keep_details(arena, answer, verdict);
}
