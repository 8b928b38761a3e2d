#include "core/record/address.h"

#include <stdint.h>
#include <string.h>

#include "core/base/utf8.h"
#include "core/base/words.h"
#include "core/record/name.h"

/* relays.md 1: none of  # % $ " ( ) , : ; < > @ [ \ ] ` blank  nor controls;
 * each of those has made a mail server read a table differently. */
static bool local_character(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
	       || (c != '\0' && strchr("!&'*+/=?^_{|}~.-", c) != NULL);
}

static bool say_character(const char *text, size_t length, size_t column, struct err *err)
{
	uint32_t point;
	size_t size = utf8_next(text, length, &point);

	if (size == 0)
		return err_set(err, ERR_INPUT, _("column %zu: octet 0x%02X is not UTF-8"), column,
		               (unsigned)(unsigned char)text[0]);
	if (utf8_control(point))
		return err_set(err, ERR_INPUT,
		               _("column %zu: control character U+%04X in an address"), column,
		               (unsigned)point);
	if (utf8_invisible(point))
		return err_set(err, ERR_INPUT,
		               _("column %zu: invisible character U+%04X in an address"), column,
		               (unsigned)point);
	if (point == ' ' || point == 0xA0)
		return err_set(err, ERR_INPUT, _("column %zu: a blank in an address"), column);
	if (size > 1) {
		(void)err_set(err, ERR_INPUT,
		              _("column %zu: \"%.*s\" before the @; only ASCII letters can be used "
		                "there"),
		              column, (int)size, text);
		return err_hint(err,
		                _("many mail servers refuse such addresses; "
		                  "the domain may have umlauts, the part before the @ may not"));
	}
	(void)err_set(err, ERR_INPUT, _("column %zu: \"%c\" may not stand before the @"), column,
	              text[0]);
	if (point == '<' || point == '"' || point == '(')
		return err_hint(err, _("give the address alone, without a display name"));
	return err_hint(err, _("allowed are letters, digits and ! & ' * + / = ? ^ _ { | } ~ . -"));
}

static bool local_check(const char *text, size_t length, struct err *err)
{
	size_t column = 1;

	if (length == 0)
		return err_set(err, ERR_INPUT, _("column 1: nothing stands before the @"));
	for (size_t at = 0; at < length; at++, column++)
		if (!local_character((unsigned char)text[at]))
			return say_character(text + at, length - at, column, err);
	if (length > ADDRESS_LOCAL_OCTETS)
		return err_set(err, ERR_INPUT,
		               _("column 65: %zu octets before the @; 64 are allowed"), length);
	if (text[0] == '.')
		return err_set(err, ERR_INPUT, _("column 1: an address may not begin with a dot"));
	if (text[length - 1] == '.')
		return err_set(err, ERR_INPUT, _("column %zu: no dot right before the @"), length);
	for (size_t at = 1; at < length; at++)
		if (text[at] == '.' && text[at - 1] == '.')
			return err_set(err, ERR_INPUT, _("column %zu: two dots in a row"), at + 1);
	return true;
}

static const char *lowered(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_copy_part(arena, text, length);

	for (char *p = copy; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return copy;
}

bool address_parse_part(struct arena *arena, const char *text, size_t length,
                        struct address *address, struct err *err)
{
	/* The first @ ends the local part: a quoted one cannot hold another. */
	const char *at = memchr(text, '@', length);

	if (length == 0)
		return err_set(err, ERR_INPUT, _("column 1: an address is missing"));
	if (length > 4 * ADDRESS_OCTETS)
		return err_set(err, ERR_INPUT, _("an address of %zu octets; 254 are allowed"),
		               length);
	if (at == NULL) {
		if (!local_check(text, length, err))
			return false;
		return err_set(err, ERR_INPUT, _("\"%.*s\" has no @"), (int)length, text);
	}
	size_t local = (size_t)(at - text);
	struct address found;
	if (!local_check(text, local, err)
	    || !name_parse_part(arena, at + 1, length - local - 1, NAME_HOST,
	                        utf8_count(text, local) + 2, &found.domain, err))
		return false;
	found.local = lowered(arena, text, local);
	if (local + 1 + strlen(found.domain) > ADDRESS_OCTETS)
		return err_set(err, ERR_INPUT, _("an address of %zu octets; 254 are allowed"),
		               local + 1 + strlen(found.domain));
	found.text = arena_print(arena, "%s@%s", found.local, found.domain);
	*address = found;
	return true;
}

bool address_parse(struct arena *arena, const char *text, struct address *address, struct err *err)
{
	return address_parse_part(arena, text, strlen(text), address, err);
}

const char *address_show(struct arena *arena, const char *address)
{
	const char *at = strrchr(address, '@');

	if (at == NULL)
		return address;
	return arena_print(arena, "%.*s@%s", (int)(at - address), address,
	                   name_show(arena, at + 1));
}
