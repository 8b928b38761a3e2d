#include "core/record/spf_guess_value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <strings.h>

#include "core/base/words.h"
#include "core/record/name.h"
#include "core/record/spf_strange.h"

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits[] = "0123456789";
static const char host_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";

int spf_guess_value_family(const char *text, size_t length)
{
	char address[INET6_ADDRSTRLEN] = "";
	uint8_t octets[16];

	if (length == 0 || length >= sizeof address)
		return 0;
	memcpy(address, text, length);
	if (inet_pton(AF_INET, address, octets) == 1)
		return 4;
	return inet_pton(AF_INET6, address, octets) == 1 ? 6 : 0;
}

bool spf_guess_value_is_host(const char *text, size_t length)
{
	size_t label = length;

	if (length == 0 || strspn(text, host_characters) < length)
		return false;
	while (label > 0 && text[label - 1] != '.')
		label--;
	return label > 1 && label < length && strcspn(text + label, letters) < length - label;
}

static bool say(const struct spf_guess_shape *shape, struct spf_guess *guess, const char *at,
                const char *text)
{
	guess->at = (size_t)(at - shape->text);
	guess->text = text;
	return true;
}

static bool is_name(const struct spf_guess_shape *shape, const char *const names[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(shape->name, names[i]) == 0)
			return true;
	return false;
}

/* The term up to its value, then another value. */
static const char *with_value(const struct spf_guess_shape *shape, const char *value, size_t length)
{
	return arena_print(shape->arena, "%.*s%.*s", (int)(shape->value - shape->text), shape->text,
	                   (int)length, value);
}

/* Another mechanism, with the same sign. */
static const char *with_name(const struct spf_guess_shape *shape, const char *name,
                             const char *value)
{
	return arena_print(shape->arena, "%.*s%s:%s", (int)shape->signs, shape->text, name, value);
}

/* ---- where a name is wanted --------------------------------------------------- */

/* "https://acme.example/spf", "postmaster@acme.example", "acme.example:25" */
static bool guess_around_host(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	const char *value = shape->value;
	const char *scheme = strstr(value, "://");
	const char *at = strrchr(value, '@');
	const char *colon = strrchr(value, ':');

	if (scheme) {
		guess->meant = with_value(shape, scheme + 3, strcspn(scheme + 3, "/:"));
		return say(shape, guess, value, _("a web address stands where a name is wanted"));
	}
	if (at) {
		guess->meant = with_value(shape, at + 1, strlen(at + 1));
		return say(shape, guess, value, _("a mail address stands where a name is wanted"));
	}
	if (!colon || colon[1] == '\0' || strspn(colon + 1, digits) != strlen(colon + 1))
		return false;
	guess->meant = with_value(shape, value, (size_t)(colon - value));
	return say(shape, guess, colon, _("SPF knows no ports"));
}

/* Only a and mx can have a prefix length. */
static bool guess_host_prefix(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	static const char *const prefixed[] = { "a", "mx" };
	const char *stroke = strchr(shape->text, '/');

	if (!stroke || (is_name(shape, prefixed, LENGTH(prefixed)) && stroke[1] != '\0'))
		return false;
	guess->meant = arena_print(shape->arena, "%.*s", (int)(stroke - shape->text), shape->text);
	if (is_name(shape, prefixed, LENGTH(prefixed)))
		return say(shape, guess, stroke, _("a number is missing after \"/\""));
	return say(shape, guess, stroke,
	           arena_print(shape->arena, _("\"%s\" takes no prefix length"), shape->name));
}

/* The grammar lets nearly every character pass; DNS has no such hosts. */
static bool guess_host_characters(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	const char *value = shape->value;
	size_t length = strcspn(value, "/");
	size_t good = strspn(value, host_characters);

	if (good < length)
		return say(shape, guess, value + good,
		           arena_print(shape->arena, _("\"%c\" cannot stand in a host's name"),
		                       value[good]));
	if (length > NAME_OCTETS + 1)
		return say(shape, guess, value,
		           _("a domain name has at most 253 octets, each part at most 63"));
	for (size_t at = 0; at < length; at++) {
		size_t label = strcspn(value + at, "./");

		if (label == 0)
			return say(shape, guess, value + at,
			           _("a part of the name between two dots is empty"));
		if (label > NAME_LABEL_OCTETS)
			return say(shape, guess, value + at,
			           _("a domain name has at most 253 octets, each part at most 63"));
		at += label;
	}
	return false;
}

static bool guess_host(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	const char *value = shape->value;
	int family = spf_guess_value_family(value, strcspn(value, "/"));

	if (strchr(value, '%'))
		return false;
	if (shape->separator == '/')
		return guess_host_prefix(shape, guess);
	if (*value == '\0')
		return false;
	if (family != 0) {
		if (shape->separator == ':')
			guess->meant = with_name(shape, family == 6 ? "ip6" : "ip4", value);
		return say(shape, guess, value, _("an address stands where a name is wanted"));
	}
	return guess_around_host(shape, guess) || guess_host_prefix(shape, guess)
	       || guess_host_characters(shape, guess);
}

/* ---- where an address is wanted ----------------------------------------------- */

/* "255.255.255.0" -> 24; -1 when it is no netmask. */
static int netmask_bits(const char *text)
{
	uint8_t octets[4];
	uint32_t mask = 0;
	int bits = 0;

	if (inet_pton(AF_INET, text, octets) != 1)
		return -1;
	for (size_t i = 0; i < 4; i++)
		mask = mask << 8 | octets[i];
	for (; mask & 0x80000000U; mask <<= 1)
		bits++;
	return mask == 0 ? bits : -1;
}

static bool guess_address_prefix(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	const char *stroke = strchr(shape->value, '/');
	size_t length = 0;

	if (!stroke)
		return false;
	length = (size_t)(stroke - shape->value);
	if (stroke[1] == '\0') {
		guess->meant = with_value(shape, shape->value, length);
		return say(shape, guess, stroke, _("a number is missing after \"/\""));
	}
	if (netmask_bits(stroke + 1) < 0)
		return false;
	guess->meant = arena_print(shape->arena, "%s/%d", with_value(shape, shape->value, length),
	                           netmask_bits(stroke + 1));
	return say(shape, guess, stroke,
	           _("a network is written with a number of bits, "
	             "not with a netmask"));
}

/* "192.0.2.*", "192.0.2.0-192.0.2.255" */
static bool guess_span(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	const char *value = shape->value;
	size_t length = strspn(value, "0123456789.");
	unsigned dots = 0;

	if (length == 0 || (value[length] != '*' && value[length] != '-'))
		return false;
	for (size_t i = 0; i < length; i++)
		dots += value[i] == '.';
	if (strcmp(value + length, "*") == 0 && value[length - 1] == '.' && dots < 4)
		guess->meant = arena_print(shape->arena, "%s%s/%u",
		                           with_value(shape, value, length - 1),
		                           &".0.0.0"[2 * (dots - 1)], 8 * dots);
	return say(shape, guess, value + length,
	           _("several addresses are written as a network: 192.0.2.0/24"));
}

static bool guess_around_address(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	const char *value = shape->value;
	const char *colon = strchr(value, ':');
	const char *close = strchr(value, ']');

	if (*value == '[' && close) {
		guess->meant = arena_print(shape->arena, "%s%s",
		                           with_value(shape, value + 1,
		                                      (size_t)(close - value - 1)),
		                           close + 1);
		return say(shape, guess, value, _("no brackets stand around an address"));
	}
	if (!colon || spf_guess_value_family(value, (size_t)(colon - value)) != 4
	    || strspn(colon + 1, digits) != strlen(colon + 1))
		return false;
	guess->meant = with_value(shape, value, (size_t)(colon - value));
	return say(shape, guess, colon, _("SPF knows no ports"));
}

static bool guess_address(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	const char *value = shape->value;
	size_t length = strcspn(value, "/");
	int wanted = shape->name[2] - '0';
	int family = spf_guess_value_family(value, length);

	if (shape->separator != ':' || *value == '\0')
		return false;
	if (family != 0 && family != wanted) {
		guess->meant = with_name(shape, family == 6 ? "ip6" : "ip4", value);
		return say(shape, guess, value,
		           family == 6 ? _("this is an IPv6 address; \"ip6\" takes those")
		                       : _("this is an IPv4 address; \"ip4\" takes those"));
	}
	if (guess_address_prefix(shape, guess) || guess_span(shape, guess)
	    || guess_around_address(shape, guess))
		return true;
	if (!spf_guess_value_is_host(value, length))
		return false;
	guess->meant = with_name(shape, "a", value);
	return say(shape, guess, value, _("a name stands where an address is wanted"));
}

static bool guess_all(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	if (shape->separator == '\0')
		return false;
	/* Nobody is advised to write "+all". */
	if (shape->signs == 1 && *shape->text != '+')
		guess->meant = arena_print(shape->arena, "%.*s", (int)(1 + strlen(shape->name)),
		                           shape->text);
	return say(shape, guess, shape->text + shape->signs + strlen(shape->name),
	           _("\"all\" takes no argument"));
}

bool spf_guess_value_run(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	static const char *const addresses[] = { "ip4", "ip6" };
	static const char *const hosts[] = {
		"include", "a", "mx", "ptr", "exists", "redirect", "exp",
	};

	if (is_name(shape, addresses, LENGTH(addresses)))
		return guess_address(shape, guess);
	if (is_name(shape, hosts, LENGTH(hosts)))
		return guess_host(shape, guess);
	return strcasecmp(shape->name, "all") == 0 && guess_all(shape, guess);
}

/* ---- characters beyond ASCII --------------------------------------------------- */

/* The term with plain characters for those of word processors; NULL when there
 * are others. */
static const char *plain_text(const struct spf_guess_shape *shape)
{
	size_t length = strlen(shape->text);
	char *plain = arena_take(shape->arena, length + 1);
	size_t size = 0;

	for (size_t at = 0; at < length; at++) {
		char instead = '\0';

		if (shape->text[at] >= 0x21 && shape->text[at] <= 0x7e) {
			plain[size++] = shape->text[at];
			continue;
		}
		if (!spf_strange_what(shape->text + at, length - at, &instead))
			return NULL;
		if (instead)
			plain[size++] = instead;
		while (((unsigned char)shape->text[at + 1] & 0xc0) == 0x80)
			at++;
	}
	return plain;
}

bool spf_guess_value_letters(struct spf_guess_shape *shape, struct spf_guess *guess)
{
	size_t length = strcspn(shape->value, "/");
	const char *name = NULL;
	struct err ignored = { 0 };
	const char *at = shape->text;

	guess->meant = plain_text(shape);
	if (guess->meant || shape->separator == '\0' || shape->separator == '/')
		return false;
	while (*at >= 0x21 && *at <= 0x7e)
		at++;
	if (at < shape->value
	    || !name_parse_part(shape->arena, shape->value, length, NAME_RECORD, 1, &name,
	                        &ignored))
		return false;
	guess->meant = arena_print(shape->arena, "%s%s", with_value(shape, name, strlen(name)),
	                           shape->value + length);
	return say(shape, guess, at,
	           _("SPF knows plain ASCII only; write such a name with \"xn--\""));
}
