#include <ctype.h>

#include "core/base/words.h"
#include "core/record/spf_macro.h"

/*
 * macro-expand = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"
 * transformers = *DIGIT [ "r" ]
 * delimiter    = "." / "-" / "+" / "," / "/" / "_" / "="
 */

enum { NAME_OCTETS = 253, LABELS_MOST = 128 };

static const char letters_anywhere[] = "slodipvh";
static const char letters_explanation[] = "crt";
static const char delimiters_known[] = ".-+,/_=";

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static char lower(char c)
{
	return (char)tolower((unsigned char)c);
}

static bool refuse(const char **why, const char *sentence)
{
	*why = sentence;
	return false;
}

/* More labels than a name can have mean the same as the most it can have. */
static bool read_count(const char *spec, size_t length, size_t *at, unsigned *count)
{
	size_t start = *at;

	for (*count = 0; *at < length && isdigit((unsigned char)spec[*at]); ++*at) {
		*count = *count * 10 + (unsigned)(spec[*at] - '0');
		if (*count > LABELS_MOST)
			*count = LABELS_MOST;
	}
	return *at == start || *count > 0;
}

static void read_delimiters(const char *spec, size_t length, size_t *at, char delimiters[8])
{
	size_t used = 0;

	for (; *at < length && is_one_of(spec[*at], delimiters_known); ++*at)
		if (!memchr(delimiters, spec[*at], used))
			delimiters[used++] = spec[*at];
	if (used == 0)
		delimiters[used++] = '.';
	delimiters[used] = '\0';
}

static bool read_braces(const char *spec, size_t length, enum spf_macro_place place,
                        struct spf_macro *macro, const char **why)
{
	size_t at = 2;

	if (at == length)
		return refuse(why, N_("\"%{\" needs a letter and \"}\""));
	macro->letter = lower(spec[at]);
	macro->url = spec[at] != macro->letter;
	at++;
	if (is_one_of(macro->letter, letters_explanation)) {
		if (place != SPF_MACRO_EXPLANATION)
			return refuse(why, N_("the macros c, r and t are for explanation texts "
			                      "only"));
	} else if (!is_one_of(macro->letter, letters_anywhere)) {
		return refuse(why, N_("there is no such macro letter"));
	}
	if (!read_count(spec, length, &at, &macro->labels))
		return refuse(why, N_("a macro cannot keep 0 labels"));
	if (at < length && lower(spec[at]) == 'r') {
		macro->reverse = true;
		at++;
	}
	read_delimiters(spec, length, &at, macro->delimiters);
	if (at == length || spec[at] != '}')
		return refuse(why, N_("the macro is not closed by \"}\""));
	macro->length = at + 1;
	return true;
}

static const char *literal_percent(char c)
{
	switch (c) {
	case '%':
		return "%";
	case '_':
		return " ";
	case '-':
		return "%20";
	default:
		return NULL;
	}
}

bool spf_macro_read(const char *spec, size_t length, enum spf_macro_place place,
                    struct spf_macro *macro, const char **why)
{
	unsigned char c = (unsigned char)spec[0];

	*macro = (struct spf_macro){ .length = 1 };
	if (c > 0x7e)
		return refuse(why, N_("only plain ASCII may stand here"));
	if (c < 0x20 || (c == 0x20 && place != SPF_MACRO_EXPLANATION))
		return refuse(why, N_("control characters may not stand here"));
	if (c != '%') {
		macro->literal = spec;
		return true;
	}
	if (length > 1 && spec[1] == '{')
		return read_braces(spec, length, place, macro, why);
	macro->literal = length > 1 ? literal_percent(spec[1]) : NULL;
	macro->length = 2;
	if (!macro->literal)
		return refuse(why, N_("\"%\" must be followed by \"{\", \"%\", \"_\" or \"-\""));
	return true;
}

bool spf_macro_uses(const char *spec, size_t length, char letter)
{
	struct spf_macro macro;
	const char *why = NULL;

	for (size_t at = 0; at < length; at += macro.length) {
		if (!spf_macro_read(spec + at, length - at, SPF_MACRO_EXPLANATION, &macro, &why))
			return false;
		if (macro.letter == letter)
			return true;
	}
	return false;
}

static const char *value_of(const struct spf_macro_values *values, char letter)
{
	switch (letter) {
	case 's':
		return values->sender;
	case 'l':
		return values->local_part;
	case 'o':
		return values->sender_domain;
	case 'd':
		return values->domain;
	case 'i':
		return values->address_labels;
	case 'c':
		return values->address;
	case 'p':
		return values->validated;
	case 'v':
		return values->family;
	case 'h':
		return values->helo;
	case 'r':
		return values->receiver;
	default:
		return NULL;
	}
}

/* RFC 7208 7.3: an upper case letter asks for URL escaping, where everything
 * but the unreserved characters of RFC 3986 is written as %XX. */
static void add_part(struct text *out, const char *part, size_t length, bool url)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)part[i];

		if (!url || isalnum(c) || is_one_of(part[i], "-._~"))
			text_add_char(out, part[i]);
		else
			text_addf(out, "%%%02X", c);
	}
}

static size_t count_parts(const char *value, const char *delimiters)
{
	size_t parts = 1;

	for (; *value; value++)
		parts += is_one_of(*value, delimiters);
	return parts;
}

/* The part with this number, counted from the left. */
static const char *part_at(const char *value, const char *delimiters, size_t number, size_t *length)
{
	while (number-- > 0)
		value += strcspn(value, delimiters) + 1;
	*length = strcspn(value, delimiters);
	return value;
}

/* "The DIGIT indicates the number of right-hand parts to use, after optional
 * reversal"; the parts are joined by dots whatever they were split at. */
static void add_value(struct text *out, const struct spf_macro *macro, const char *value)
{
	size_t parts = count_parts(value, macro->delimiters);
	size_t first = macro->labels && macro->labels < parts ? parts - macro->labels : 0;

	for (size_t i = first; i < parts; i++) {
		size_t length = 0;
		const char *part = part_at(value, macro->delimiters,
		                           macro->reverse ? parts - 1 - i : i, &length);

		if (i > first)
			text_add_char(out, '.');
		add_part(out, part, length, macro->url);
	}
}

bool spf_macro_expand(const char *spec, size_t length, enum spf_macro_place place,
                      const struct spf_macro_values *values, struct text *out, struct err *err)
{
	struct spf_macro macro;
	const char *why = NULL;

	for (size_t at = 0; at < length; at += macro.length) {
		char now[24];
		const char *value = NULL;

		if (!spf_macro_read(spec + at, length - at, place, &macro, &why))
			return err_set(err, ERR_INPUT, _("octet %zu: %s"), at + 1, _(why));
		if (macro.literal) {
			if (macro.length == 1)
				text_add_char(out, *macro.literal);
			else
				text_add(out, macro.literal);
			continue;
		}
		(void)snprintf(now, sizeof(now), "%lld", values->now);
		value = macro.letter == 't' ? now : value_of(values, macro.letter);
		add_value(out, &macro, value ? value : "unknown");
	}
	return true;
}

const char *spf_macro_trim(const char *domain)
{
	size_t length = strlen(domain);

	if (length > 0 && domain[length - 1] == '.')
		length--;
	while (length > NAME_OCTETS) {
		const char *dot = strchr(domain, '.');

		if (!dot)
			return domain;
		length -= (size_t)(dot + 1 - domain);
		domain = dot + 1;
	}
	return domain;
}
