#include "core/record/spf_guess_word.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/base/attr.h"
#include "core/base/nearest.h"
#include "core/base/words.h"
#include "core/record/spf_guess_value.h"

/* What begins a term, as it was probably meant. */
static const struct {
	const char *wrong;
	const char *right;
} aliases[] = {
	{ "ip", "ip4" },       { "ipv4", "ip4" },         { "ip4v", "ip4" },
	{ "ipv6", "ip6" },     { "ip6v", "ip6" },         { "ipaddress", "ip4" },
	{ "aaaa", "a" },       { "host", "a" },           { "hostname", "a" },
	{ "inc", "include" },  { "spf", "include" },      { "txt", "include" },
	{ "incl", "include" }, { "forward", "redirect" },
};

static const char *const words[] = {
	"include", "redirect", "exists", "all", "ip4", "ip6", "ptr", "exp", "mx", "a",
};
enum { LONG_WORDS = 3, SHORT_WORDS = 5, MISTYPED_WORDS = LONG_WORDS + SHORT_WORDS };

bool spf_guess_word_is(const char *name)
{
	for (size_t i = 0; i < LENGTH(words); i++)
		if (strcasecmp(name, words[i]) == 0)
			return true;
	return false;
}

const char *spf_guess_word_separator(const char *word)
{
	return strcasecmp(word, "redirect") == 0 || strcasecmp(word, "exp") == 0 ? "=" : ":";
}

static bool say(struct spf_guess *guess, size_t at, const char *text)
{
	guess->at = at;
	guess->text = text;
	return true;
}

/* ---- a name that is none ------------------------------------------------------ */

/* "192.0.2.1", "_spf.vendor.example": a value without its mechanism. */
static bool guess_bare_value(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	const char *value = shape->text + shape->signs;
	int family = spf_guess_value_family(value, strcspn(value, "/"));

	if (family != 0) {
		guess->meant = arena_print(shape->arena, "%.*sip%d:%s", (int)shape->signs,
		                           shape->text, family, value);
		return say(guess, shape->signs, _("an address alone is no term"));
	}
	if (shape->separator != '\0' || !spf_guess_value_is_host(value, strlen(value)))
		return false;
	return say(guess, shape->signs,
	           arena_print(shape->arena,
	                       _("a name alone is no term; \"include:%s\" or \"a:%s\"?"), value,
	                       value));
}

/* "redirect:", "ip4=", "-redirect=": the word is right, what is around it not. */
static bool guess_writing(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	const char *right = spf_guess_word_separator(shape->name);
	bool modifier = *right == '=';

	if (!spf_guess_word_is(shape->name) || shape->separator == '\0' || shape->separator == '/'
	    || strcasecmp(shape->name, "all") == 0)
		return false;
	if (shape->separator == *right && (!modifier || shape->signs == 0))
		return false;
	guess->meant = arena_print(shape->arena, "%.*s%s%s%s", modifier ? 0 : (int)shape->signs,
	                           shape->text, shape->name, right, shape->value);
	if (shape->separator == *right)
		return say(guess, 0, _("a modifier has no sign in front"));
	if (shape->kind == SPF_TERM_OTHER)
		return say(guess, 0,
		           arena_print(shape->arena,
		                       _("\"%s=\" does nothing; a mechanism is written with "
		                         "\":\""),
		                       shape->name));
	return say(guess, shape->signs,
	           arena_print(shape->arena, _("\"%s\" is written with \"%s\""), shape->name,
	                       right));
}

/* The word that was mistyped; NULL when that is not clear.  A modifier may
 * have any name, so only long ones are surely a slip. */
static const char *right_word(const char *name, bool modifier)
{
	size_t length = strlen(name);
	const char *right = NULL;

	for (size_t i = 0; i < LENGTH(aliases); i++)
		if (strcmp(name, aliases[i].wrong) == 0)
			return aliases[i].right;
	if (length < (modifier ? 5 : 2))
		return NULL;
	if (modifier)
		return nearest(name, words, LONG_WORDS);
	if (length > 3)
		right = nearest(name, words, MISTYPED_WORDS);
	else
		right = nearest(name, words + LONG_WORDS, SHORT_WORDS);
	return right && (length > 4 || *right == *name) ? right : NULL;
}

static bool guess_word(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	bool modifier = shape->separator == '=' && shape->signs == 0;
	char *name = arena_copy(shape->arena, shape->name);
	const char *right = NULL;
	const char *separator = "";

	for (char *letter = name; *letter; letter++)
		*letter = (char)tolower((unsigned char)*letter);
	right = spf_guess_word_is(name) ? NULL : right_word(name, modifier);
	if (!right)
		return false;
	if (strcmp(right, "ip4") == 0
	    && spf_guess_value_family(shape->value, strcspn(shape->value, "/")) == 6)
		right = "ip6";
	if (shape->separator)
		separator = shape->separator == '/' ? "/" : spf_guess_word_separator(right);
	/* Nobody is advised to write "+all". */
	if (strcmp(right, "all") != 0 || (shape->signs == 1 && *shape->text != '+'))
		guess->meant = arena_print(shape->arena, "%.*s%s%s%s",
		                           *separator == '=' ? 0 : (int)shape->signs, shape->text,
		                           right, separator, shape->value);
	if (modifier)
		return say(guess, 0,
		           arena_print(shape->arena,
		                       _("nobody knows a modifier \"%s\", so this does nothing"),
		                       shape->name));
	return say(guess, shape->signs,
	           arena_print(shape->arena, _("there is no mechanism \"%s\""), shape->name));
}

bool spf_guess_word_run(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	return guess_bare_value(shape, guess) || guess_writing(shape, guess)
	       || guess_word(shape, guess);
}
