#include "core/verify/misstatement.h"

#include <string.h>
#include <strings.h>

#include "core/base/nearest.h"
#include "core/base/text.h"
#include "core/record/dmarc_record.h"
#include "core/record/spf_record.h"
#include "core/record/tag_list.h"

/* ---- several records ----------------------------------------------------------------- */

static bool is_one(const struct evidence *evidence, const char *text)
{
	if (evidence->subject == EVIDENCE_SPF)
		return spf_record_is(text, strlen(text));
	if (evidence->subject == EVIDENCE_DMARC)
		return dmarc_record_is(text, strlen(text));
	return true;
}

/* What goes is the last one that is not ours; of two policies the first stays. */
bool misstatement_several(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *text = NULL;
	const char *ours = NULL;
	const char *other = NULL;
	size_t count = 0;

	for (size_t i = 0; (text = evidence_text(evidence, i)); i++) {
		if (!is_one(evidence, text))
			continue;
		count++;
		if (!ours && evidence_is_ours(evidence, text))
			ours = text;
		else
			other = text;
	}
	if (count < 2 || !other || (evidence->subject == EVIDENCE_KEY && !ours))
		return true;
	*clue = (struct evidence_clue){ .certain = true,
		                        .thing = evidence_excerpt(evidence->arena, other, 0),
		                        .merge = evidence->subject == EVIDENCE_SPF };
	if (ours && evidence->subject == EVIDENCE_DMARC)
		clue->value = verdict_plain(evidence->arena, ours);
	return true;
}

/* ---- SPF ------------------------------------------------------------------------------ */

static bool is_ours(const struct evidence *evidence, const struct spf_term *term)
{
	return term->kind == SPF_TERM_INCLUDE
	       && strcasecmp(term->domain, evidence->facts->spf_host) == 0;
}

/* The place of the first term that is ours; false when there is none. */
static bool find_ours(const struct evidence *evidence, struct spf_record *record, size_t *place)
{
	const char *text = evidence_text(evidence, 0);
	struct err err = { 0 };

	if (!text || !spf_record_is(text, strlen(text))
	    || !spf_record_parse(evidence->arena, text, strlen(text), record, &err))
		return false;
	for (*place = 0; *place < record->term_count; (*place)++)
		if (is_ours(evidence, &record->terms[*place]))
			return true;
	return false;
}

static void say_term(const struct evidence *evidence, const char *term, struct evidence_clue *clue)
{
	*clue = (struct evidence_clue){ .certain = true,
		                        .thing = evidence_excerpt(evidence->arena, term, 0),
		                        .merge = true };
}

bool misstatement_after_all(const struct evidence *evidence, struct evidence_clue *clue)
{
	struct spf_record record = { 0 };
	const struct spf_term *all = NULL;
	size_t place = 0;

	if (!find_ours(evidence, &record, &place))
		return true;
	all = spf_record_find(&record, SPF_TERM_ALL);
	if (all && all < &record.terms[place])
		say_term(evidence, record.terms[place].text, clue);
	return true;
}

bool misstatement_disapproved(const struct evidence *evidence, struct evidence_clue *clue)
{
	struct spf_record record = { 0 };
	size_t place = 0;

	if (find_ours(evidence, &record, &place) && record.terms[place].qualifier != '+')
		say_term(evidence, record.terms[place].text, clue);
	return true;
}

/* "~include:_spf.vendor.example": rightly typed, whatever else is wrong. */
static bool is_include(const char *word, const char *host)
{
	static const char include[] = "include:";

	word += *word && strchr("+-~?", *word);
	return strncasecmp(word, include, strlen(include)) == 0
	       && strcasecmp(word + strlen(include), host) == 0;
}

/* "include=_spf.vendor.example", "include: _spf.vendor.example", "a:..." */
bool misstatement_mistyped(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *host = evidence->facts->spf_host;
	const char *text = evidence_text(evidence, 0);

	if (!text || !spf_record_is(text, strlen(text)) || evidence_is_ours(evidence, text))
		return true;
	while (*text && !clue->certain) {
		size_t length = strcspn(text, " ");
		const char *word = arena_copy_part(evidence->arena, text, length);

		for (const char *at = word; *at && !clue->certain && !is_include(word, host); at++)
			if (strncasecmp(at, host, strlen(host)) == 0)
				say_term(evidence, word, clue);
		text += length + (text[length] == ' ');
	}
	return true;
}

/* ---- DMARC ----------------------------------------------------------------------------- */

/* The record with another p=; the other tags as they were. */
static const char *with_policy(struct arena *arena, const struct tag_list *tags, const char *policy)
{
	struct text out = { 0 };
	const char *value = NULL;

	for (size_t i = 0; i < tags->count; i++)
		text_addf(&out, "%s%s=%s", i > 0 ? "; " : "", tags->tags[i].name,
		          strcmp(tags->tags[i].name, "p") == 0 ? policy : tags->tags[i].value);
	value = verdict_plain(arena, text_string(&out));
	text_free(&out);
	return value;
}

bool misstatement_policy(const struct evidence *evidence, struct evidence_clue *clue)
{
	static const char *const words[] = { "none", "quarantine", "reject" };
	const char *text = evidence_text(evidence, 0);
	struct tag_list tags;
	struct err err = { 0 };
	const char *policy = NULL;
	const char *meant = NULL;

	if (!text || !dmarc_record_is(text, strlen(text))
	    || !tag_list_parse(evidence->arena, text, strlen(text), &tags, &err))
		return true;
	policy = tag_list_find(&tags, "p");
	for (size_t i = 0; i < LENGTH(words); i++)
		if (!policy || strcasecmp(policy, words[i]) == 0)
			return true;
	/* Without a likely word: what changes nobody's mail. */
	meant = nearest(policy, words, LENGTH(words));
	*clue = (struct evidence_clue){
		.certain = true,
		.thing = evidence_excerpt(evidence->arena,
		                          arena_print(evidence->arena, "p=%s", policy), 0),
		.value = with_policy(evidence->arena, &tags, meant ? meant : words[0]),
	};
	return true;
}
