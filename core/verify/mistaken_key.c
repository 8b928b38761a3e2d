#include "core/verify/mistaken_key.h"

#include <string.h>
#include <strings.h>

#include "core/base/words.h"

enum {
	PART_LEAST = 16, /* of a key, to be recognised */
	STRING_OCTETS = 255,
};

static const char *squeezed_text(const struct evidence *evidence, size_t nth)
{
	const char *text = evidence_text(evidence, nth);

	return text ? evidence_squeeze(evidence->arena, text) : NULL;
}

static void say(struct evidence_clue *clue, const char *thing)
{
	*clue = (struct evidence_clue){ .certain = true, .thing = thing };
}

/* How many characters of the key stand behind p=, and nothing else; 0: it is
 * all of it, or another. */
static size_t beginning_of_key(const struct evidence *evidence, const char *text)
{
	const char *value = strstr(text, "p=");
	size_t length = value ? strlen(value + 2) : 0;

	if (length < PART_LEAST || length >= strlen(evidence->key)
	    || strncmp(value + 2, evidence->key, length) != 0)
		return 0;
	return length;
}

static const char *show_part(const struct evidence *evidence, size_t part)
{
	return arena_print(evidence->arena, _("%zu of %zu characters of the key"), part,
	                   strlen(evidence->key));
}

bool mistaken_key_cut_at_255(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *text = NULL;

	for (size_t i = 0; !clue->certain && (text = evidence_text(evidence, i)); i++) {
		size_t part = beginning_of_key(evidence, evidence_squeeze(evidence->arena, text));

		if (part > 0 && strlen(text) == STRING_OCTETS)
			say(clue, show_part(evidence, part));
	}
	return true;
}

/* The end alone: the second of two strings. */
static size_t end_of_key(const struct evidence *evidence, const char *text)
{
	size_t length = strlen(text);
	size_t whole = strlen(evidence->key);

	if (length < PART_LEAST || length >= whole
	    || strcmp(evidence->key + whole - length, text) != 0)
		return 0;
	return length;
}

bool mistaken_key_cut(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *text = NULL;

	for (size_t i = 0; !clue->certain && (text = squeezed_text(evidence, i)); i++) {
		size_t part = beginning_of_key(evidence, text);

		if (part == 0)
			part = end_of_key(evidence, text);
		if (part > 0)
			say(clue, show_part(evidence, part));
	}
	return true;
}

/* The same characters, begun in the middle. */
static bool is_rotated(struct arena *arena, const char *text, const char *whole)
{
	return strlen(text) == strlen(whole) && strcmp(text, whole) != 0
	       && strstr(arena_print(arena, "%s%s", whole, whole), text);
}

bool mistaken_key_swapped(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *whole = evidence_squeeze(evidence->arena, evidence->wanted_text);
	const char *text = NULL;

	for (size_t i = 0; !clue->certain && (text = squeezed_text(evidence, i)); i++)
		if (is_rotated(evidence->arena, text, whole))
			say(clue, evidence_excerpt(evidence->arena, text, 0));
	return true;
}

bool mistaken_key_split(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *one = evidence_text(evidence, 0);
	const char *other = one ? evidence_text(evidence, 1) : NULL;

	if (!other)
		return true;
	for (int turn = 0; !clue->certain && turn < 2; turn++) {
		const char *first = turn == 0 ? one : other;
		const char *second = turn == 0 ? other : one;

		if (!evidence_is_ours(evidence, first) && !evidence_is_ours(evidence, second)
		    && evidence_is_ours(evidence,
		                        arena_print(evidence->arena, "%s%s", first, second)))
			say(clue, evidence_excerpt(evidence->arena, second, 0));
	}
	return true;
}

bool mistaken_key_small_letters(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *whole = evidence_squeeze(evidence->arena, evidence->wanted_text);
	const char *text = NULL;

	for (size_t i = 0; !clue->certain && (text = squeezed_text(evidence, i)); i++)
		if (strcasecmp(text, whole) == 0 && !strstr(text, evidence->key))
			say(clue, evidence_excerpt(evidence->arena, text, 0));
	return true;
}

bool mistaken_key_alone(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *text = squeezed_text(evidence, 0);

	if (text && strcmp(text, evidence->key) == 0)
		say(clue, evidence_excerpt(evidence->arena, text, 0));
	return true;
}

bool mistaken_key_without_p(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *text = NULL;

	for (size_t i = 0; !clue->certain && (text = squeezed_text(evidence, i)); i++) {
		const char *key = strstr(text, evidence->key);

		if (key && !strstr(text, "p="))
			say(clue, evidence_excerpt(evidence->arena, text, (size_t)(key - text)));
	}
	return true;
}

bool mistaken_key_wrong_tags(const struct evidence *evidence, struct evidence_clue *clue)
{
	const char *text = NULL;

	for (size_t i = 0; !clue->certain && (text = evidence_text(evidence, i)); i++)
		if (strstr(evidence_squeeze(evidence->arena, text), evidence->key)
		    && !evidence_is_ours(evidence, text))
			say(clue, evidence_excerpt(evidence->arena, text, 0));
	return true;
}

/* A whole, living key that is not the wanted one. */
static bool read_other(const struct evidence *evidence, size_t nth, struct dkim_record *found)
{
	const char *text = evidence_text(evidence, nth);
	struct err err = { 0 };

	return text && !evidence_is_ours(evidence, text)
	       && dkim_record_parse(evidence->arena, text, strlen(text), found, &err)
	       && !found->revoked && found->type != DKIM_OTHER;
}

static const struct facts_key *known_key(const struct evidence *evidence,
                                         const struct dkim_record *found)
{
	const struct facts_domain *domain = evidence->domain;

	for (size_t i = 0; i < domain->key_count; i++)
		if (dkim_record_same_key(found, domain->keys[i].algorithm,
		                         domain->keys[i].public_key,
		                         domain->keys[i].public_key_size))
			return &domain->keys[i];
	return NULL;
}

/* The selector of the requirement itself would be a wrong tag, not another key. */
static bool is_other(const struct evidence *evidence, const struct facts_key *key)
{
	return key
	       && (!evidence->requirement->selector
	           || strcmp(key->selector, evidence->requirement->selector) != 0);
}

bool mistaken_key_older(const struct evidence *evidence, struct evidence_clue *clue)
{
	struct dkim_record found = { 0 };

	for (size_t i = 0; !clue->certain && evidence_text(evidence, i); i++) {
		const struct facts_key *key = read_other(evidence, i, &found)
		                                      ? known_key(evidence, &found)
		                                      : NULL;

		if (is_other(evidence, key))
			say(clue, arena_print(evidence->arena, _("the key of the selector %s"),
			                      key->selector));
	}
	return true;
}

bool mistaken_key_foreign(const struct evidence *evidence, struct evidence_clue *clue)
{
	struct dkim_record found = { 0 };

	for (size_t i = 0; !clue->certain && evidence_text(evidence, i); i++)
		if (read_other(evidence, i, &found) && !known_key(evidence, &found))
			say(clue, arena_print(evidence->arena, "%s, %u bit", found.type_name,
			                      dkim_record_bits(&found)));
	return true;
}
