#include "core/verify/mispointing.h"

#include <string.h>
#include <strings.h>

#include "core/record/name.h"

static void say(struct evidence_clue *clue, const char *thing)
{
	*clue = (struct evidence_clue){ .certain = true, .thing = thing };
}

/* "value.zone"? */
static bool is_with_zone(const struct evidence *evidence, const char *name, const char *value)
{
	size_t length = strlen(value);

	return strncasecmp(name, value, length) == 0 && name[length] == '.'
	       && (strcmp(name + length + 1, evidence->zone) == 0
	           || strcmp(name + length + 1, evidence->requirement->domain) == 0);
}

bool mispointing_zone_appended(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *value = evidence->requirement->value;

	if (evidence->subject == EVIDENCE_POINTER && evidence->target
	    && is_with_zone(evidence, evidence->target, value))
		say(clue, evidence->target);
	for (size_t i = 0; evidence->subject == EVIDENCE_MX && i < evidence->answer->record_count;
	     i++) {
		const char *host = evidence->answer->records[i].text;
		const char *blank = strrchr(value, ' ');

		if (blank && is_with_zone(evidence, host, blank + 1))
			say(clue, host);
	}
	return true;
}

/* The first labels of the target, and not all. */
static bool is_beginning(const char *part, size_t length, const char *whole)
{
	return memchr(part, '.', length) && strncmp(whole, part, length) == 0
	       && whole[length] == '.';
}

bool mispointing_cut(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *target = evidence->target;
	const char *value = evidence->requirement->value;
	size_t length = target ? strlen(target) : 0;
	size_t zone = strlen(evidence->zone);

	if (!target)
		return true;
	if (is_beginning(target, length, value)
	    || (length > zone + 1 && name_within(target, evidence->zone)
	        && is_beginning(target, length - zone - 1, value)))
		say(clue, target);
	return true;
}

/* "SELECTOR.DOMAIN._domainkey.": what our targets begin with. */
static bool is_our_form(const struct evidence *evidence, const char *selector, const char *target)
{
	const char *form = dkim_record_target(evidence->arena, selector, evidence->domain->name,
	                                      "");

	return strncmp(target, form, strlen(form)) == 0;
}

bool mispointing_older(const struct evidence *evidence, struct evidence_clue *clue)
{
	const struct facts_domain *domain = evidence->domain;
	const char *target = evidence->target;

	if (!target || strcmp(target, evidence->requirement->value) == 0)
		return true;
	for (size_t i = 0; i < domain->key_count; i++)
		if (is_our_form(evidence, domain->keys[i].selector, target))
			say(clue, target);
	return true;
}

bool mispointing_elsewhere(const struct evidence *evidence, struct evidence_clue *clue)
{
	if (evidence->target && strcmp(evidence->target, evidence->requirement->value) != 0)
		say(clue, evidence->target);
	return true;
}

bool mispointing_instead_of_text(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *text = NULL;

	if (evidence->target && !evidence_holds(evidence, evidence->answer, &text))
		say(clue, evidence->target);
	return true;
}

static bool is_target_text(const struct evidence *evidence, const char *text)
{
	const char *target = evidence_trim(evidence->arena, text);
	size_t length = strlen(evidence->requirement->value);

	return strncasecmp(target, evidence->requirement->value, length) == 0
	       && (target[length] == '\0' || strcmp(target + length, ".") == 0);
}

bool mispointing_as_text(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *text = NULL;

	for (size_t i = 0; !evidence->target && (text = evidence_text(evidence, i)); i++)
		if (is_target_text(evidence, text))
			say(clue, evidence_excerpt(evidence->arena, text, 0));
	return true;
}

/* A TXT at the name itself; is there a CNAME as well?  False: not known yet. */
static bool ask_alias(const struct evidence *evidence, const char **alias)
{
	const struct dns_answer *answer = NULL;

	*alias = NULL;
	if (evidence->target || evidence->answer->record_count == 0)
		return true;
	if (!evidence_ask(evidence, evidence->requirement->name, DNS_CNAME, &answer))
		return false;
	if (answer && answer->record_count > 0)
		*alias = answer->records[0].text;
	return true;
}

bool mispointing_beside_text(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *alias = NULL;

	if (!ask_alias(evidence, &alias))
		return false;
	if (alias)
		say(clue, alias);
	return true;
}

/* K10: the content counts.  But the next key will stand where the CNAME leads. */
bool mispointing_flattened(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *alias = NULL;
	const char *text = NULL;

	if (!ask_alias(evidence, &alias))
		return false;
	if (!evidence->target && !alias && evidence_holds(evidence, evidence->answer, &text))
		say(clue, evidence->requirement->name);
	return true;
}

/* Does the name have addresses?  False: not known yet. */
static bool ask_addresses(const struct evidence *evidence, const char *name, const char **address)
{
	const struct dns_answer *four = NULL;
	const struct dns_answer *six = NULL;
	bool known = evidence_ask(evidence, name, DNS_A, &four);

	known = evidence_ask(evidence, name, DNS_AAAA, &six) && known;
	*address = NULL;
	if (known && six && six->record_count > 0)
		*address = six->records[0].text;
	if (known && four && four->record_count > 0)
		*address = four->records[0].text;
	return known;
}

/* A wildcard gives addresses to every name, and nobody made that mistake here. */
bool mispointing_proxied(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *here = NULL;
	const char *beside = NULL;
	bool known = true;

	if (evidence->target || evidence->answer->record_count > 0)
		return true;
	known = ask_addresses(evidence, evidence->requirement->name, &here);
	known = ask_addresses(evidence, evidence_stranger(evidence), &beside) && known;
	if (known && here && !beside)
		say(clue, here);
	return known;
}
