#include "core/record/spf_guess_gap.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/base/attr.h"
#include "core/base/words.h"
#include "core/record/spf_guess_word.h"

static bool say(struct spf_guess *guess, size_t at, const char *text)
{
	guess->at = at;
	guess->text = text;
	return true;
}

/* ---- signs, quotes, separators: the term as a whole -------------------------- */

static const char quotes[] = "\"'\\";

/* NULL when quotes stand between two letters: then they parted something. */
static const char *without_quotes(const struct spf_guess_shape *shape)
{
	char *plain = arena_take(shape->arena, strlen(shape->text) + 1);
	size_t size = 0;

	for (const char *octet = shape->text; *octet;) {
		size_t quoted = strspn(octet, quotes);

		if (quoted > 0 && size > 0 && isalnum((unsigned char)plain[size - 1])
		    && isalnum((unsigned char)octet[quoted]))
			return NULL;
		octet += quoted;
		if (*octet)
			plain[size++] = *octet++;
	}
	while (size > 0 && strchr(",;", plain[size - 1]))
		plain[--size] = '\0';
	return plain;
}

static bool guess_quote(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	size_t at = strcspn(shape->text, quotes);

	if (shape->text[at] == '\0')
		return false;
	guess->meant = without_quotes(shape);
	if (shape->text[at] == '\\')
		return say(guess, at,
		           _("a backslash, which belongs in zone files only, not in the "
		             "record"));
	return say(guess, at,
	           _("a quotation mark, which belongs in zone files only, not in the record"));
}

/* "ip4:192.0.2.1,192.0.2.2": each part becomes a term of its own. */
static void split(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	size_t start = (size_t)(shape->value - shape->text);
	const char *meant = "";

	for (const char *part = shape->text; *part != '\0';) {
		size_t length = strcspn(part, ",;");
		const char *word = arena_copy_part(shape->arena, part, length);
		bool named = part == shape->text || strcspn(word, ":=") < length
		             || strchr("+-?~", *word) || spf_guess_word_is(word);

		if (length > 0)
			meant = arena_print(shape->arena, "%s%s%.*s%s", meant, *meant ? " " : "",
			                    named ? 0 : (int)start, shape->text, word);
		part += length;
		part += strspn(part, ",;");
	}
	guess->meant = meant;
}

static bool guess_separator(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	size_t at = strcspn(shape->text, ",;");

	if (shape->text[at] == '\0' || strchr(shape->text, '%'))
		return false;
	split(shape, guess);
	return say(guess, at,
	           arena_print(shape->arena, _("terms are separated by spaces, not by \"%c\""),
	                       shape->text[at]));
}

static bool guess_second_record(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	if (strcasecmp(shape->text, "v=spf1") != 0)
		return false;
	return say(guess, 0,
	           _("a second record begins here; two were joined, and one \"v=spf1\" in front is "
	             "enough"));
}

static bool guess_sign(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	size_t signs = shape->signs;

	if (signs == 0)
		return false;
	if (shape->text[signs] == '\0' && shape->next && signs == 1) {
		guess->meant = arena_print(shape->arena, "%s%s", shape->text, shape->next->text);
		guess->joins = true;
		return say(guess, 0, _("no space may stand between a sign and its mechanism"));
	}
	if (shape->text[signs] == '\0')
		return say(guess, 0, _("a sign without a mechanism behind it"));
	if (signs == 1)
		return false;
	if (strspn(shape->text, arena_copy_part(shape->arena, shape->text, 1)) == signs)
		guess->meant = shape->text + signs - 1;
	return say(guess, 1, _("one sign in front of a mechanism is enough"));
}

/* ---- a space too many, a colon too few --------------------------------------- */

static bool wants_value(const char *name)
{
	return spf_guess_word_is(name) && strcasecmp(name, "all") != 0 && strcasecmp(name, "a") != 0
	       && strcasecmp(name, "mx") != 0 && strcasecmp(name, "ptr") != 0;
}

static bool starts_like_term(const struct spf_term *term)
{
	size_t signs = strspn(term->text, "+-?~");
	size_t length = strcspn(term->text + signs, ":=/");
	char name[10] = "";

	if (term->kind != SPF_TERM_BROKEN && term->kind != SPF_TERM_OTHER)
		return true;
	(void)snprintf(name, sizeof name, "%.*s", (int)(length < 9 ? length : 9),
	               term->text + signs);
	return length < 9 && spf_guess_word_is(name);
}

/* "include:a.example-all", "ip4:192.0.2.1ip4:192.0.2.2": at which octet the next
 * term begins; 0: none does. */
static size_t glued_at(const struct spf_guess_shape *shape)
{
	static const char *const beginnings[] = { "include:", "ip4:", "ip6:", "redirect=" };
	size_t length = strlen(shape->text);
	size_t front = shape->signs + strlen(shape->name);

	for (size_t at = front > 0 ? front : 1; at < length; at++)
		for (size_t i = 0; i < LENGTH(beginnings); i++)
			if (strncasecmp(shape->text + at, beginnings[i], strlen(beginnings[i]))
			    == 0)
				return at;
	if (length > shape->signs + 4 && strcasecmp(shape->text + length - 3, "all") == 0
	    && strchr("+-?~", shape->text[length - 4]))
		return length - 4;
	return 0;
}

static bool guess_glued(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	size_t at = glued_at(shape);

	if (at == 0 || (shape->kind == SPF_TERM_OTHER && !spf_guess_word_is(shape->name)))
		return false;
	guess->meant = arena_print(shape->arena, "%.*s %s", (int)at, shape->text, shape->text + at);
	return say(guess, at,
	           arena_print(shape->arena, _("a space is missing before \"%s\""),
	                       shape->text + at));
}

/* "ip4:192.0.2.0 /24": the term is good, and would be another one. */
static bool guess_far_prefix(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	const struct spf_term *next = shape->next;

	if (!next || next->text[0] != '/' || !spf_guess_word_is(shape->name)
	    || strchr(shape->text, '/'))
		return false;
	guess->joins = true;
	guess->meant = arena_print(shape->arena, "%s%s", shape->text, next->text);
	return say(guess, strlen(shape->text),
	           arena_print(shape->arena, _("no space may stand before \"%c\""), '/'));
}

static bool guess_space(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	const struct spf_term *next = shape->next;
	bool colon = shape->separator != '\0' && *shape->value == '\0';
	const char *missing = "";

	if (!next || !spf_guess_word_is(shape->name) || starts_like_term(next))
		return false;
	guess->joins = true;
	if (colon) {
		guess->meant = arena_print(shape->arena, "%s%s", shape->text, next->text);
		return say(guess, strlen(shape->text),
		           arena_print(shape->arena, _("no space may stand after \"%c\""),
		                       shape->separator));
	}
	if (shape->separator == '\0' && strchr(":=", next->text[0]) && next->text[1] != '\0') {
		guess->meant = arena_print(shape->arena, "%s%s", shape->text, next->text);
		return say(guess, strlen(shape->text),
		           arena_print(shape->arena, _("no space may stand before \"%c\""),
		                       next->text[0]));
	}
	guess->joins = shape->separator == '\0' && wants_value(shape->name)
	               && strpbrk(next->text, ".:") != NULL;
	if (!guess->joins)
		return false;
	missing = spf_guess_word_separator(shape->name);
	guess->meant = arena_print(shape->arena, "%s%s%s", shape->text, missing, next->text);
	return say(guess, strlen(shape->text),
	           arena_print(shape->arena, _("\"%s\" is missing between \"%s\" and its value"),
	                       missing, shape->name));
}

/* The first that knows something speaks. */
bool spf_guess_gap_run(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	return guess_quote(shape, guess) || guess_second_record(shape, guess)
	       || guess_separator(shape, guess) || guess_sign(shape, guess)
	       || guess_glued(shape, guess) || guess_far_prefix(shape, guess)
	       || guess_space(shape, guess);
}
