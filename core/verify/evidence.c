#include "core/verify/evidence.h"

#include <string.h>
#include <strings.h>

#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/record/dmarc_record.h"
#include "core/record/name.h"
#include "core/record/spf_record.h"
#include "core/verify/authority.h"

enum {
	EXCERPT_BEFORE = 12,
	EXCERPT_MOST = 40,
	TEXT_MOST = 4096, /* nobody meant more than that as one record */
};

unsigned evidence_subject_of(const struct requirement *requirement)
{
	bool pointer = strcmp(requirement->type, "CNAME") == 0;

	switch (requirement->purpose) {
	case PURPOSE_DKIM:
		if (strcmp(requirement->type, "NS") == 0)
			return 0;
		return pointer ? EVIDENCE_POINTER : EVIDENCE_KEY;
	case PURPOSE_SPF:
	case PURPOSE_MAILFROM:
		return strcmp(requirement->type, "MX") == 0 ? EVIDENCE_MX : EVIDENCE_SPF;
	case PURPOSE_DMARC:
		return EVIDENCE_DMARC;
	case PURPOSE_SMARTHOST:
	case PURPOSE_SITE:
	case PURPOSE_RETURN:
	case PURPOSES:
		break;
	}
	return 0;
}

/* Which key it should be; false when there is none to look for. */
static bool know_key(const struct domain_check *check, struct evidence *evidence)
{
	const struct requirement *record = domain_check_record(check, evidence->requirement);
	struct err err = { 0 };
	const char *key = NULL;

	if (!record || !record->value
	    || !dkim_record_parse(evidence->arena, record->value, strlen(record->value),
	                          &evidence->wanted, &err)
	    || evidence->wanted.revoked)
		return false;
	evidence->wanted_text = record->value;
	key = strstr(record->value, "p=");
	evidence->key = key ? evidence_squeeze(evidence->arena, key + 2) : "";
	return *evidence->key != '\0';
}

/* The zone of the name itself, not of where a CNAME leads. */
static bool find_server(struct evidence *evidence)
{
	struct zone_cut cut;

	if (!zone_cut_find(evidence->inquiry, evidence->requirement->name, &cut))
		return false;
	evidence->zone = cut.apex;
	for (size_t i = 0; !cut.problem && i < cut.server_count && !evidence->server; i++) {
		const struct dns_answer *answer = inquiry_ask_server(evidence->inquiry,
		                                                     cut.servers[i].server,
		                                                     evidence->requirement->name,
		                                                     evidence->type);

		if (!answer)
			return false;
		if (dns_message_definite(answer) || answer->outcome == DNS_REFERRED)
			evidence->server = cut.servers[i].server;
	}
	return true;
}

bool evidence_gather(struct inquiry *inquiry, const struct domain_check *check,
                     const struct verdict *verdict, bool server, struct evidence *evidence)
{
	struct authority authority;

	*evidence = (struct evidence){ .inquiry = inquiry,
		                       .arena = inquiry_arena(inquiry),
		                       .facts = check->facts,
		                       .domain = check->domain,
		                       .requirement = verdict->requirement,
		                       .zone = "",
		                       .subject = evidence_subject_of(verdict->requirement) };
	evidence->type = evidence->subject == EVIDENCE_MX ? DNS_MX : DNS_TXT;
	if ((evidence->subject & (EVIDENCE_KEY | EVIDENCE_POINTER)) && !know_key(check, evidence))
		evidence->subject = 0;
	if (evidence->subject == 0)
		return true;
	if (!authority_ask(inquiry, verdict->requirement->name, evidence->type, &authority)
	    || (server && !find_server(evidence)))
		return false;
	evidence->answer = authority.answer;
	evidence->target = authority.chain_length > 0 ? authority.chain[0] : NULL;
	if (!evidence->answer || (server && !evidence->server))
		evidence->subject = 0;
	return true;
}

bool evidence_ask(const struct evidence *evidence, const char *name, int type,
                  const struct dns_answer **answer)
{
	*answer = inquiry_ask_server(evidence->inquiry, evidence->server, name, type);
	if (!*answer)
		return false;
	if (!dns_message_definite(*answer))
		*answer = NULL;
	return true;
}

static bool is_our_key(const struct evidence *evidence, const char *text)
{
	struct dkim_record found = { 0 };
	struct err err = { 0 };
	const char *algorithm = evidence->wanted.type == DKIM_ED25519 ? "ed25519-sha256"
	                                                              : "rsa-sha256";

	return dkim_record_parse(evidence->arena, text, strlen(text), &found, &err)
	       && found.for_email && found.sha256
	       && dkim_record_same_key(&found, algorithm, evidence->wanted.key,
	                               evidence->wanted.key_size);
}

static bool names_us(const struct evidence *evidence, const char *text)
{
	struct spf_record record = { 0 };
	struct err err = { 0 };

	if (!spf_record_is(text, strlen(text))
	    || !spf_record_parse(evidence->arena, text, strlen(text), &record, &err))
		return false;
	for (size_t i = 0; i < record.term_count; i++)
		if (record.terms[i].kind == SPF_TERM_INCLUDE
		    && strcasecmp(record.terms[i].domain, evidence->facts->spf_host) == 0)
			return true;
	return false;
}

static bool is_policy(const struct evidence *evidence, const char *text)
{
	struct dmarc_record record = { 0 };
	struct err err = { 0 };

	return dmarc_record_parse(evidence->arena, text, strlen(text), &record, &err)
	       && !record.policy_assumed;
}

bool evidence_is_ours(const struct evidence *evidence, const char *text)
{
	if (evidence->subject & (EVIDENCE_KEY | EVIDENCE_POINTER))
		return is_our_key(evidence, text);
	if (evidence->subject == EVIDENCE_SPF)
		return names_us(evidence, text);
	return evidence->subject == EVIDENCE_DMARC && is_policy(evidence, text);
}

static bool is_our_host(const struct evidence *evidence, const char *host)
{
	const char *blank = strrchr(evidence->requirement->value, ' ');

	return blank && strcasecmp(blank + 1, host) == 0;
}

bool evidence_holds(const struct evidence *evidence, const struct dns_answer *answer,
                    const char **text)
{
	*text = NULL;
	if (evidence->subject == EVIDENCE_POINTER && answer->chain_length > 0)
		return strcmp(answer->chain[0], evidence->requirement->value) == 0;
	for (size_t i = 0; i < answer->record_count; i++) {
		*text = answer->records[i].text;
		if (evidence->subject == EVIDENCE_MX ? is_our_host(evidence, *text)
		                                     : evidence_is_ours(evidence, *text))
			return true;
	}
	return false;
}

/* A name has many texts that are none of our business; a key's name has not. */
static bool may_be_meant(const struct evidence *evidence, const char *text)
{
	const char *word = evidence->subject == EVIDENCE_SPF ? "v=spf" : "dmarc";

	if (strlen(text) > TEXT_MOST)
		return false;
	if (evidence->subject & (EVIDENCE_KEY | EVIDENCE_POINTER))
		return true;
	for (; *text; text++)
		if (strncasecmp(text, word, strlen(word)) == 0)
			return true;
	return false;
}

const char *evidence_text(const struct evidence *evidence, size_t nth)
{
	const struct dns_answer *answer = evidence->answer;

	if (evidence->type != DNS_TXT)
		return NULL;
	for (size_t i = 0; i < answer->record_count; i++)
		if (may_be_meant(evidence, answer->records[i].text) && nth-- == 0)
			return answer->records[i].text;
	return NULL;
}

const char *evidence_stranger(const struct evidence *evidence)
{
	const char *name = evidence->requirement->name;
	const char *parent = name_parent(name);
	struct sha256 sum;
	char hex[65];

	/* beside the domain itself would be in somebody else's zone */
	if (!parent || strcmp(name, evidence->zone) == 0)
		parent = name;
	sha256_begin(&sum);
	sha256_add(&sum, name, strlen(name));
	sha256_end(&sum, hex);
	return arena_print(evidence->arena, "senderctl-probe-%.8s.%s", hex, parent);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

const char *evidence_trim(struct arena *arena, const char *text)
{
	size_t length = 0;

	while (blank(*text))
		text++;
	length = strlen(text);
	while (length > 0 && blank(text[length - 1]))
		length--;
	return arena_copy_part(arena, text, length);
}

const char *evidence_squeeze(struct arena *arena, const char *text)
{
	char *out = arena_copy(arena, text);
	size_t used = 0;

	for (; *text; text++)
		if (!blank(*text))
			out[used++] = *text;
	out[used] = '\0';
	return out;
}

const char *evidence_excerpt(struct arena *arena, const char *text, size_t at)
{
	size_t length = strlen(text);
	size_t from = at > EXCERPT_BEFORE ? at - EXCERPT_BEFORE : 0;
	size_t size = length - from < EXCERPT_MOST ? length - from : EXCERPT_MOST;

	/* not into the middle of a character */
	while (from > 0 && ((unsigned char)text[from] & 0xC0) == 0x80) {
		from--;
		size++;
	}
	while (from + size < length && ((unsigned char)text[from + size] & 0xC0) == 0x80)
		size++;
	return verdict_plain(arena, arena_print(arena, "%s%s%s", from > 0 ? "..." : "",
	                                        arena_copy_part(arena, text + from, size),
	                                        from + size < length ? "..." : ""));
}
