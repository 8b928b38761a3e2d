#include "core/verify/misplacement.h"

#include <string.h>

#include "core/base/text.h"
#include "core/record/name.h"
#include "core/record/spf_record.h"

enum { SELECTORS_MOST = 4 };

static const char *word_value(const struct evidence *evidence, const char *label, size_t length)
{
	const struct requirement *requirement = evidence->requirement;
	const struct {
		const char *word;
		const char *value;
	} words[] = {
		{ "NAME", requirement->name },
		{ "ZONE", evidence->zone },
		{ "DOMAIN", requirement->domain },
		{ "SELECTOR", requirement->selector ? requirement->selector : "" },
	};

	for (size_t i = 0; i < LENGTH(words); i++)
		if (strlen(words[i].word) == length && strncmp(words[i].word, label, length) == 0)
			return words[i].value;
	return arena_copy_part(evidence->arena, label, length);
}

/* "SELECTOR.DOMAIN" -> s1.acme.example */
static const char *fill(const struct evidence *evidence, const char *place, size_t length)
{
	struct text out = { 0 };
	const char *name = NULL;

	for (size_t at = 0; at < length;) {
		size_t label = strcspn(place + at, ". ");

		text_addf(&out, "%s%s", at > 0 ? "." : "", word_value(evidence, place + at, label));
		at += label + 1;
	}
	name = arena_copy(evidence->arena, text_string(&out));
	text_free(&out);
	return name;
}

/* Names that the domain's own record refers to are no mistakes: "include:_spf.DOMAIN". */
static bool is_referred_to(const struct evidence *evidence, const char *place)
{
	for (size_t i = 0; i < evidence->answer->record_count; i++)
		if (strstr(evidence->answer->records[i].text, place))
			return true;
	return false;
}

/* The text that shall move.  Of SPF there may be one already: then it is a merge. */
static void say_correction(const struct evidence *evidence, const char *text,
                           struct evidence_clue *clue)
{
	if (evidence->subject == EVIDENCE_DMARC || evidence->subject == EVIDENCE_SPF)
		clue->value = verdict_plain(evidence->arena, text);
	if (evidence->subject == EVIDENCE_SPF && evidence_text(evidence, 0))
		clue->remedy = EVIDENCE_MERGE;
}

static bool look_at(const struct evidence *evidence, const char *place, struct evidence_clue *clue)
{
	const struct dns_answer *answer = NULL;
	const char *text = NULL;

	if (strcmp(place, evidence->requirement->name) == 0 || *place == '.'
	    || !name_within(place, evidence->zone)
	    || (evidence->subject == EVIDENCE_SPF && is_referred_to(evidence, place)))
		return true;
	if (!evidence_ask(evidence, place, evidence->type, &answer))
		return false;
	if (clue->certain || !answer || !evidence_holds(evidence, answer, &text))
		return true;
	*clue = (struct evidence_clue){ .certain = true, .thing = place, .found_at = place };
	say_correction(evidence, text, clue);
	return true;
}

bool misplacement_look(const struct evidence *evidence, const char *places,
                       struct evidence_clue *clue)
{
	bool complete = true;

	while (*places) {
		size_t length = strcspn(places, " ");

		if (!look_at(evidence, fill(evidence, places, length), clue))
			complete = false;
		places += length + (places[length] == ' ');
	}
	return complete;
}

bool misplacement_other_selector(const struct evidence *evidence, struct evidence_clue *clue)
{
	const struct facts_domain *domain = evidence->domain;
	bool complete = true;
	size_t asked = 0;

	/* the youngest stand last */
	for (size_t i = domain->key_count; i-- > 0 && asked < SELECTORS_MOST;) {
		const char *selector = domain->keys[i].selector;

		if (!evidence->requirement->selector
		    || strcmp(selector, evidence->requirement->selector) == 0)
			continue;
		asked++;
		if (!look_at(evidence, dkim_record_name(evidence->arena, selector, domain->name),
		             clue))
			complete = false;
	}
	return complete;
}

static bool same_texts(const struct dns_answer *one, const struct dns_answer *other)
{
	if (one->record_count == 0 || one->record_count != other->record_count)
		return false;
	for (size_t i = 0; i < one->record_count; i++) {
		size_t at = 0;

		while (at < other->record_count
		       && strcmp(one->records[i].text, other->records[at].text) != 0)
			at++;
		if (at == other->record_count)
			return false;
	}
	return true;
}

/* RFC 4592: a wildcard answers for names that do not exist, and only for those. */
bool misplacement_wildcard(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *stranger = evidence_stranger(evidence);
	const struct dns_answer *answer = NULL;
	bool same = false;

	if (!evidence->target && evidence->answer->record_count == 0)
		return true;
	if (!evidence_ask(evidence, stranger, evidence->type, &answer))
		return false;
	if (!answer)
		return true;
	if (evidence->target)
		same = answer->chain_length > 0 && strcmp(answer->chain[0], evidence->target) == 0;
	else
		same = answer->chain_length == 0 && same_texts(evidence->answer, answer);
	if (same)
		*clue = (struct evidence_clue){ .certain = true, .thing = stranger };
	return true;
}
