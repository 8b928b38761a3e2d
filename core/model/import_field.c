#include "core/model/import_field.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/base/nearest.h"
#include "core/base/utf8.h"
#include "core/base/words.h"
#include "core/record/address.h"
#include "core/record/label.h"
#include "core/record/name.h"

typedef bool (*check_fn)(struct arena *arena, const char *text, size_t length, const char **made,
                         struct err *err);

/* One of a few words; the nearest one is proposed. */
static bool one_of(const char *const words[], size_t count, const char *text, size_t length,
                   const char **made, struct err *err)
{
	char word[32];

	for (size_t i = 0; i < count; i++)
		if (strlen(words[i]) == length && strncasecmp(words[i], text, length) == 0) {
			*made = words[i];
			return true;
		}
	(void)snprintf(word, sizeof word, "%.*s", (int)utf8_cut(text, length, 31), text);
	(void)err_set(err, ERR_INPUT, _("column 1: there is no \"%s\" here"), word);
	const char *meant = nearest(word, words, count);
	if (meant != NULL)
		return err_hint(err, _("did you mean \"%s\"?"), meant);
	char known[128] = "";
	for (size_t i = 0, used = 0; i < count && used < sizeof known; i++)
		used += (size_t)snprintf(known + used, sizeof known - used, "%s%s",
		                         i > 0 ? ", " : "", words[i]);
	return err_hint(err, _("possible are: %s"), known);
}

static bool check_language(struct arena *arena, const char *text, size_t length, const char **made,
                           struct err *err)
{
	static const char *const words[] = { "de", "en" };

	UNUSED(arena);
	return one_of(words, LENGTH(words), text, length, made, err);
}

static bool check_mode(struct arena *arena, const char *text, size_t length, const char **made,
                       struct err *err)
{
	static const char *const words[] = { "hosted", "relayed", "direct", "on-premises" };

	UNUSED(arena);
	return one_of(words, LENGTH(words), text, length, made, err);
}

static bool check_publish(struct arena *arena, const char *text, size_t length, const char **made,
                          struct err *err)
{
	static const char *const words[] = { "txt", "cname", "ns" };

	UNUSED(arena);
	return one_of(words, LENGTH(words), text, length, made, err);
}

static bool check_tls(struct arena *arena, const char *text, size_t length, const char **made,
                      struct err *err)
{
	static const char *const words[] = { "starttls", "implicit" };

	UNUSED(arena);
	return one_of(words, LENGTH(words), text, length, made, err);
}

static bool check_bool(struct arena *arena, const char *text, size_t length, const char **made,
                       struct err *err)
{
	static const char *const words[] = { "yes", "true", "no", "false" };

	UNUSED(arena);
	if (!one_of(words, LENGTH(words), text, length, made, err))
		return false;
	*made = *made[0] == 'y' || *made[0] == 't' ? "t" : "f";
	return true;
}

static bool check_address(struct arena *arena, const char *text, size_t length, const char **made,
                          struct err *err)
{
	struct address address;

	if (!address_parse_part(arena, text, length, &address, err))
		return false;
	*made = address.text;
	return true;
}

static bool check_host(struct arena *arena, const char *text, size_t length, const char **made,
                       struct err *err)
{
	return name_parse_part(arena, text, length, NAME_HOST, 1, made, err);
}

static bool check_url(struct arena *arena, const char *text, size_t length, const char **made,
                      struct err *err)
{
	const char *host;

	return label_url(arena, text, length, made, &host, err);
}

enum { MOST_LOGINS = 64 };

static bool separates(char c)
{
	return c == ' ' || c == ',' || c == ';';
}

/* A list of logins becomes an array of PostgreSQL, sorted, each once. */
static bool check_logins(struct arena *arena, const char *text, size_t length, const char **made,
                         struct err *err)
{
	const char *logins[MOST_LOGINS];
	size_t count = 0, room = 3;

	for (size_t at = 0, end; at < length; at = end) {
		while (at < length && separates(text[at]))
			at++;
		for (end = at; end < length && !separates(text[end]);)
			end++;
		if (end == at)
			break;
		const char *login;
		if (!label_login(arena, text + at, end - at, &login, err))
			return false;
		size_t place = 0;
		while (place < count && strcmp(logins[place], login) < 0)
			place++;
		if (place < count && strcmp(logins[place], login) == 0)
			continue;
		if (count == MOST_LOGINS)
			return err_set(err, ERR_INPUT, _("more than %d logins for one sender"),
			               MOST_LOGINS);
		memmove(logins + place + 1, logins + place, (count - place) * sizeof logins[0]);
		logins[place] = login;
		count++;
		room += strlen(login) + 1;
	}
	/* logins hold no character that an array or COPY would read differently */
	char *list = arena_take(arena, room);
	size_t used = 1;
	list[0] = '{';
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(list + used, room - used, "%s%s", i > 0 ? "," : "",
		                         logins[i]);
	list[used] = '}';
	*made = list;
	return true;
}

static bool check_port(const char *text, size_t length, size_t column, long *port, struct err *err)
{
	*port = 0;
	for (size_t i = 0; i < length && i < 6; i++) {
		if (text[i] < '0' || text[i] > '9') {
			*port = 0;
			break;
		}
		*port = *port * 10 + (text[i] - '0');
	}
	if (*port < 1 || *port > 65535)
		return err_set(err, ERR_INPUT, _("column %zu: a port is a number from 1 to 65535"),
		               column);
	return true;
}

/* [USER@]HOST[:PORT]; the user may hold an @ itself, a host cannot. */
static bool check_smarthost(struct arena *arena, const char *text, size_t length, const char **made,
                            struct err *err)
{
	const char *at = memrchr(text, '@', length);
	size_t user = at != NULL ? (size_t)(at - text) : 0;
	size_t begin = at != NULL ? user + 1 : 0;
	const char *colon = memchr(text + begin, ':', length - begin);
	size_t end = colon != NULL ? (size_t)(colon - text) : length;
	const char *name = "", *host;
	long port = 587;

	if (at != NULL && !label_login(arena, text, user, &name, err))
		return false;
	if (!name_parse_part(arena, text + begin, end - begin, NAME_HOST, begin + 1, &host, err)) {
		if (err->hint[0] == '\0')
			(void)err_hint(err, _("a smarthost is written USER@HOST:PORT"));
		return false;
	}
	if (colon != NULL && !check_port(text + end + 1, length - end - 1, end + 2, &port, err))
		return false;
	*made = arena_print(arena, "%s%s%s:%ld", name, at != NULL ? "@" : "", host, port);
	return true;
}

static const struct {
	const char *word;
	bool csv;
	bool clearable;
	enum import_field needs;
	check_fn check;
} fields[IMPORT_FIELDS] = {
	[IMPORT_CLIENT] = { "client", true, false, IMPORT_CLIENT, label_name },
	[IMPORT_TITLE] = { "title", true, false, IMPORT_CLIENT, label_parse },
	[IMPORT_LANGUAGE] = { "language", true, true, IMPORT_CLIENT, check_language },
	[IMPORT_CONTACT] = { "contact", true, true, IMPORT_CLIENT, label_parse },
	[IMPORT_REPLY_TO] = { "reply_to", true, true, IMPORT_CLIENT, check_address },
	[IMPORT_SITE] = { "site", true, true, IMPORT_CLIENT, check_url },
	[IMPORT_AUDIENCE] = { "audience", true, true, IMPORT_SITE, label_parse },
	[IMPORT_SENDER] = { "sender", true, false, IMPORT_CLIENT, check_address },
	[IMPORT_DISPLAY_NAME] = { "display_name", true, true, IMPORT_SENDER, label_parse },
	[IMPORT_SENDER_REPLY_TO] = { "sender_reply_to", true, true, IMPORT_SENDER, check_address },
	[IMPORT_LOGINS] = { "logins", true, true, IMPORT_CLIENT, check_logins },
	[IMPORT_DOMAIN] = { "domain", false, false, IMPORT_CLIENT, check_host },
	[IMPORT_MODE] = { "mode", true, false, IMPORT_DOMAIN, check_mode },
	[IMPORT_ENVELOPE_DOMAIN] = { "envelope_domain", true, true, IMPORT_DOMAIN, check_host },
	[IMPORT_DKIM] = { "dkim", true, false, IMPORT_DOMAIN, check_bool },
	[IMPORT_DKIM_PUBLISH] = { "dkim_publish", true, true, IMPORT_DOMAIN, check_publish },
	[IMPORT_SMARTHOST] = { "smarthost", true, true, IMPORT_CLIENT, check_smarthost },
	[IMPORT_TLS] = { "tls", false, false, IMPORT_SMARTHOST, check_tls },
	[IMPORT_CA] = { "ca", false, true, IMPORT_SMARTHOST, label_name },
};

const char *import_field_column(enum import_field field)
{
	return fields[field].csv ? fields[field].word : NULL;
}

const char *import_field_word(enum import_field field)
{
	return fields[field].word;
}

enum import_field import_field_find(const char *word)
{
	for (size_t i = 0; i < IMPORT_FIELDS; i++)
		if (strcmp(fields[i].word, word) == 0)
			return (enum import_field)i;
	return IMPORT_FIELDS;
}

enum import_field import_field_needs(enum import_field field)
{
	return fields[field].needs;
}

bool import_field_clearable(enum import_field field)
{
	return fields[field].clearable;
}

bool import_field_check(enum import_field field, struct arena *arena, const char *text,
                        size_t length, const char **made, struct err *err)
{
	return fields[field].check(arena, text, length, made, err);
}

void import_field_smarthost(struct arena *arena, const char *checked,
                            struct import_smarthost *smarthost)
{
	const char *at = strrchr(checked, '@');
	const char *host = at != NULL ? at + 1 : checked;
	const char *colon = strrchr(host, ':');

	*smarthost = (struct import_smarthost){
		.user = at != NULL ? arena_copy_part(arena, checked, (size_t)(at - checked)) : NULL,
		.host = arena_copy_part(arena, host, (size_t)(colon - host)),
		.port = colon + 1,
	};
}

const char *import_field_host(struct arena *arena, const char *url)
{
	const char *host = strstr(url, "://") + 3;

	return arena_copy_part(arena, host, strcspn(host, ":/?#"));
}
