#include "core/record/label.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/base/utf8.h"
#include "core/base/words.h"
#include "core/record/name.h"

static bool lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* What is wrong with the character at `text`, for words that allow only some of ASCII. */
static bool say_character(const char *text, size_t length, size_t column, struct err *err)
{
	uint32_t point;
	size_t size = utf8_next(text, length, &point);

	if (size == 0)
		return err_set(err, ERR_INPUT, _("column %zu: octet 0x%02X is not UTF-8"), column,
		               (unsigned)(unsigned char)text[0]);
	if (utf8_control(point))
		return err_set(err, ERR_INPUT, _("column %zu: control character U+%04X"), column,
		               (unsigned)point);
	if (utf8_invisible(point))
		return err_set(err, ERR_INPUT, _("column %zu: invisible character U+%04X"), column,
		               (unsigned)point);
	return err_set(err, ERR_INPUT, _("column %zu: \"%.*s\" may not stand here"), column,
	               (int)size, text);
}

bool label_parse(struct arena *arena, const char *text, size_t length, const char **label,
                 struct err *err)
{
	size_t column = 1;

	if (length > LABEL_OCTETS)
		return err_set(err, ERR_INPUT, _("a text of %zu octets; 1000 are allowed"), length);
	for (size_t at = 0; at < length; column++) {
		unsigned char c = (unsigned char)text[at];
		if (c >= 0x20 && c < 0x7F) { /* nearly all of them */
			at++;
			continue;
		}
		uint32_t point;
		size_t size = utf8_next(text + at, length - at, &point);
		if (size == 0 || utf8_control(point) || utf8_invisible(point))
			return say_character(text + at, length - at, column, err);
		at += size;
	}
	*label = arena_copy_part(arena, text, length);
	return true;
}

bool label_name(struct arena *arena, const char *text, size_t length, const char **name,
                struct err *err)
{
	if (length == 0)
		return err_set(err, ERR_INPUT, _("a name is missing"));
	for (size_t at = 0; at < length; at++)
		if (!lower_or_digit(text[at]) && text[at] != '-') {
			(void)say_character(text + at, length - at, utf8_count(text, at) + 1, err);
			return err_hint(err,
			                _("a short name is made of a-z, 0-9 and dashes inside; "
			                  "the title may hold any letters"));
		}
	if (length > LABEL_NAME_OCTETS)
		return err_set(err, ERR_INPUT,
		               _("column 64: a short name of %zu octets; 63 are allowed"), length);
	if (text[0] == '-' || text[length - 1] == '-')
		return err_set(err, ERR_INPUT,
		               _("column %zu: a short name may not begin or end with a dash"),
		               text[0] == '-' ? (size_t)1 : length);
	*name = arena_copy_part(arena, text, length);
	return true;
}

bool label_login(struct arena *arena, const char *text, size_t length, const char **login,
                 struct err *err)
{
	if (length == 0)
		return err_set(err, ERR_INPUT, _("a login is missing"));
	for (size_t at = 0; at < length; at++)
		if (!lower_or_digit(text[at]) && !(text[at] >= 'A' && text[at] <= 'Z')
		    && (text[at] == '\0' || strchr("._@+=-", text[at]) == NULL)) {
			(void)say_character(text + at, length - at, utf8_count(text, at) + 1, err);
			return err_hint(err,
			                _("a login is made of letters, digits and . _ @ + = -"));
		}
	if (length > LABEL_LOGIN_OCTETS)
		return err_set(err, ERR_INPUT,
		               _("column 129: a login of %zu octets; 128 are allowed"), length);
	*login = arena_copy_part(arena, text, length);
	return true;
}

/* ":8443" or nothing, then the end, a path, a query or a fragment. */
static bool port_check(const char *rest, size_t length, size_t column, struct err *err)
{
	size_t digits = 0;
	long port = 0;

	if (length == 0 || rest[0] != ':')
		return true;
	while (1 + digits < length && digits < 6 && rest[1 + digits] >= '0'
	       && rest[1 + digits] <= '9')
		port = port * 10 + (rest[1 + digits++] - '0');
	bool ends = 1 + digits == length || strchr("/?#", rest[1 + digits]) != NULL;
	if (digits == 0 || !ends || port < 1 || port > 65535)
		return err_set(err, ERR_INPUT, _("column %zu: a port is a number from 1 to 65535"),
		               column + 1);
	return true;
}

bool label_url(struct arena *arena, const char *text, size_t length, const char **url,
               const char **host, struct err *err)
{
	size_t scheme = length >= 8 && strncasecmp(text, "https://", 8) == 0  ? 8
	                : length >= 7 && strncasecmp(text, "http://", 7) == 0 ? 7
	                                                                      : 0;

	if (scheme == 0) {
		(void)err_set(err, ERR_INPUT, _("column 1: a URL begins with http:// or https://"));
		if (memchr(text, ':', length) != NULL) /* another scheme */
			return false;
		return err_hint(err, _("https://%.*s, for instance"),
		                (int)utf8_cut(text, length, 60), text);
	}
	size_t end = scheme, authority = scheme;
	while (authority < length && strchr("/?#", text[authority]) == NULL) /* NUL ends it too */
		authority++;
	const char *at_sign = memchr(text + scheme, '@', authority - scheme);
	if (at_sign != NULL) /* and perhaps a password, so none of it is quoted */
		return err_set(err, ERR_INPUT, _("column %zu: no user name in a URL"),
		               utf8_count(text, (size_t)(at_sign - text)) + 1);
	while (end < authority && text[end] != ':')
		end++;
	if (!name_parse_part(arena, text + scheme, end - scheme, NAME_HOST, scheme + 1, host, err))
		return false;
	size_t column = utf8_count(text, end) + 1;
	if (!port_check(text + end, length - end, column, err))
		return false;
	for (size_t at = end; at < length; at++, column++)
		if (text[at] < '!' || text[at] > '~') {
			(void)say_character(text + at, length - at, column, err);
			return err_hint(err, _("write blanks and umlauts behind the host as %%20, "
			                       "%%C3%%A4 ..."));
		}
	*url = arena_print(arena, "%s%s%.*s", scheme == 8 ? "https://" : "http://", *host,
	                   (int)(length - end), text + end);
	if (strlen(*url) > LABEL_URL_OCTETS)
		return err_set(err, ERR_INPUT, _("a URL of %zu octets; 2000 are allowed"),
		               strlen(*url));
	return true;
}
