#include "core/verify/misstatement.h"

#include <string.h>
#include <strings.h>

#include "core/base/nearest.h"
#include "core/base/text.h"
#include "core/record/dmarc_record.h"
#include "core/record/spf_mend.h"
#include "core/record/spf_record.h"
#include "core/record/tag_list.h"

enum { NAMED_MOST = 4 }; /* records in one sentence */

/* ---- several records ----------------------------------------------------------------- */

bool misstatement_several_keys(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *text = NULL;
	const char *ours = NULL;
	const char *other = NULL;

	for (size_t i = 0; (text = evidence_text(evidence, i)); i++)
		if (!ours && evidence_is_ours(evidence, text))
			ours = text;
		else
			other = text;
	if (ours && other)
		*clue = (struct evidence_clue){
			.certain = true, .thing = evidence_excerpt(evidence->arena, other, 0)
		};
	return true;
}

typedef bool (*is_one_fn)(const char *text, size_t length);

/* "v=spf1 a -all", "v=spf1 include:...": those that are one; how many of them. */
static size_t name_all(const struct evidence *evidence, is_one_fn is_one, const char **names)
{
	struct text out = { 0 };
	const char *text = NULL;
	size_t count = 0;

	for (size_t i = 0; (text = evidence_text(evidence, i)); i++) {
		if (!is_one(text, strlen(text)) || count++ > NAMED_MOST)
			continue;
		if (count > NAMED_MOST)
			text_add(&out, ", ...");
		else
			text_addf(&out, "%s\"%s\"", count > 1 ? ", " : "",
			          evidence_excerpt(evidence->arena, text, 0));
	}
	*names = arena_copy(evidence->arena, text_string(&out));
	text_free(&out);
	return count;
}

bool misstatement_several_spf(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *names = NULL;

	if (name_all(evidence, spf_record_is, &names) > 1)
		*clue = (struct evidence_clue){ .certain = true,
			                        .thing = names,
			                        .remedy = EVIDENCE_MERGE };
	return true;
}

/* Blanks, and a semicolon at the end, make no other policy. */
static const char *bare(struct arena *arena, const char *text)
{
	char *out = arena_copy(arena, evidence_squeeze(arena, text));
	size_t length = strlen(out);

	while (length > 0 && out[length - 1] == ';')
		out[--length] = '\0';
	return out;
}

/* The first of the policies when all say the same; else NULL. */
static const char *same_policy(const struct evidence *evidence)
{
	const char *first = NULL;
	const char *text = NULL;

	for (size_t i = 0; (text = evidence_text(evidence, i)); i++) {
		if (!dmarc_record_is(text, strlen(text)))
			continue;
		if (!first)
			first = text;
		if (strcmp(bare(evidence->arena, first), bare(evidence->arena, text)) != 0)
			return NULL;
	}
	return first && evidence_is_ours(evidence, first) ? first : NULL;
}

bool misstatement_several_policies(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *names = NULL;
	const char *same = NULL;

	if (name_all(evidence, dmarc_record_is, &names) < 2)
		return true;
	same = same_policy(evidence);
	*clue = (struct evidence_clue){ .certain = true,
		                        .thing = names,
		                        .value = same ? verdict_plain(evidence->arena, same) : NULL,
		                        .remedy = same ? EVIDENCE_LINE : EVIDENCE_OWNER };
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
		                        .remedy = EVIDENCE_MERGE };
}

/* The planner merges nothing into a record that is broken: mend it first. */
static void say_mended(const struct evidence *evidence, const char *fault, const char *mended,
                       struct evidence_clue *clue)
{
	*clue = (struct evidence_clue){
		.certain = true,
		.thing = evidence_excerpt(evidence->arena, fault, 0),
		.value = mended ? verdict_plain(evidence->arena, mended) : NULL,
		.remedy = !mended                              ? EVIDENCE_LINT
		          : evidence_is_ours(evidence, mended) ? EVIDENCE_LINE
		                                               : EVIDENCE_MEND,
	};
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

static bool is_broken(const struct evidence *evidence, const char *text)
{
	struct spf_record record = { 0 };
	struct err ignored = { 0 };

	return spf_record_is(text, strlen(text))
	       && !spf_record_parse(evidence->arena, text, strlen(text), &record, &ignored);
}

/* The first word of the record that holds our host, and is no include of it. */
static const char *mistyped_word(const struct evidence *evidence, const char *text)
{
	const char *host = evidence->facts->spf_host;

	while (*text) {
		size_t length = strcspn(text, " ");
		const char *word = arena_copy_part(evidence->arena, text, length);

		for (const char *at = word; *at && !is_include(word, host); at++)
			if (strncasecmp(at, host, strlen(host)) == 0)
				return word;
		text += length + (text[length] == ' ');
	}
	return NULL;
}

/* "include=_spf.vendor.example", "include: _spf.vendor.example", "a:..." */
bool misstatement_mistyped(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *text = evidence_text(evidence, 0);
	const char *word = NULL;

	if (!text || !spf_record_is(text, strlen(text)) || evidence_is_ours(evidence, text))
		return true;
	word = mistyped_word(evidence, text);
	if (word && is_broken(evidence, text))
		say_mended(evidence, word, spf_mend(evidence->arena, text, NULL), clue);
	else if (word)
		say_term(evidence, word, clue);
	return true;
}

bool misstatement_broken(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *text = evidence_text(evidence, 0);
	const char *fault = NULL;
	const char *mended = NULL;

	if (!text || !is_broken(evidence, text))
		return true;
	mended = spf_mend(evidence->arena, text, &fault);
	if (mended && fault)
		say_mended(evidence, fault, mended, clue);
	return true;
}

bool misstatement_wrapped(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *wrapped = NULL;
	const char *text = NULL;

	for (size_t i = 0; (text = evidence_text(evidence, i)); i++) {
		if (spf_record_is(text, strlen(text)))
			return true;
		if (!wrapped && spf_mend_is_wrapped(evidence->arena, text))
			wrapped = text;
	}
	if (wrapped)
		say_mended(evidence, wrapped, spf_mend(evidence->arena, wrapped, NULL), clue);
	return true;
}

/* ---- DMARC ----------------------------------------------------------------------------- */

/* The record with another value of one tag; the other tags as they were. */
static const char *with_tag(struct arena *arena, const struct tag_list *tags, const char *name,
                            const char *meant)
{
	struct text out = { 0 };
	const char *value = NULL;

	for (size_t i = 0; i < tags->count; i++)
		text_addf(&out, "%s%s=%s", i > 0 ? "; " : "", tags->tags[i].name,
		          strcmp(tags->tags[i].name, name) == 0 ? meant : tags->tags[i].value);
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
		.value = with_tag(evidence->arena, &tags, "p", meant ? meant : words[0]),
	};
	return true;
}

/* Each address in the list that has no scheme gets one. */
static const char *with_mailto(struct arena *arena, const char *list)
{
	struct text out = { 0 };
	const char *value = NULL;

	while (*list) {
		size_t blanks = strspn(list, " \t");
		size_t length = strcspn(list, ",");
		const char *item = arena_copy_part(arena, list + blanks, length - blanks);

		text_addf(&out, "%s%s", strchr(item, '@') && !strchr(item, ':') ? "mailto:" : "",
		          item);
		list += length;
		if (*list == ',')
			text_add_char(&out, *list++);
	}
	value = arena_copy(arena, text_string(&out));
	text_free(&out);
	return value;
}

/* RFC 9989 4.7: rua= is a list of URIs; without "mailto:" nobody gets a report. */
bool misstatement_reports(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *text = evidence_text(evidence, 0);
	const char *list = NULL;
	const char *meant = NULL;
	struct tag_list tags;
	struct err err = { 0 };

	if (!text || !dmarc_record_is(text, strlen(text))
	    || !tag_list_parse(evidence->arena, text, strlen(text), &tags, &err))
		return true;
	list = tag_list_find(&tags, "rua");
	meant = list ? with_mailto(evidence->arena, list) : NULL;
	/* Else blanks were all that changed. */
	if (!meant
	    || strcmp(evidence_squeeze(evidence->arena, meant),
	              evidence_squeeze(evidence->arena, list))
	               == 0)
		return true;
	*clue = (struct evidence_clue){
		.certain = true,
		.thing = evidence_excerpt(evidence->arena,
		                          arena_print(evidence->arena, "rua=%s", list), 0),
		.value = with_tag(evidence->arena, &tags, "rua", meant),
	};
	return true;
}
