#include "core/wire/smtp_reply.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/utf8.h"

void smtp_reply_plain(char *out, size_t room, const char *octets)
{
	size_t length = strlen(octets);
	size_t used = 0;

	for (size_t at = 0; at < length && used + 5 < room;) {
		uint32_t point = 0;
		size_t size = utf8_next(octets + at, length - at, &point);

		if (size == 0 || utf8_control(point) || utf8_invisible(point)) {
			out[used++] = '?';
			at += size > 0 ? size : 1;
			continue;
		}
		memcpy(out + used, octets + at, size);
		used += size;
		at += size;
	}
	out[used] = '\0';
}

static bool is_code(const char *line)
{
	return line[0] >= '2' && line[0] <= '5' && isdigit((unsigned char)line[1])
	       && isdigit((unsigned char)line[2])
	       && (line[3] == '\0' || line[3] == ' ' || line[3] == '-');
}

/* The code once, then what the lines say, one after the other. */
static void append(struct smtp_reply *reply, const char *line)
{
	size_t used = strlen(reply->text);
	const char *part = used == 0 || line[3] == '\0' ? line : line + 4;

	if (used > 0 && used + 1 < sizeof(reply->text))
		reply->text[used++] = ' ';
	smtp_reply_plain(reply->text + used, sizeof(reply->text) - used, part);
	if (used == 0 && reply->text[0] != '\0' && line[3] == '-')
		reply->text[3] = ' ';
}

enum smtp_reply_state smtp_reply_add(struct smtp_reply *reply, const char *line)
{
	if (!is_code(line))
		return SMTP_REPLY_GARBLED;
	if (++reply->lines > SMTP_REPLY_LINES)
		return SMTP_REPLY_ENDLESS;
	reply->code = (int)strtol(line, NULL, 10);
	append(reply, line);
	return line[3] == '-' ? SMTP_REPLY_MORE : SMTP_REPLY_DONE;
}

static bool fits(const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)word[i]) && word[i] != '-' && word[i] != '_')
			return false;
	return length > 0 && length <= 20; /* RFC 4422 3.1 */
}

static void add_mechanism(struct smtp_offer *offer, const char *word, size_t length)
{
	size_t used = strlen(offer->auth);
	char copy[24] = "";

	if (!fits(word, length))
		return;
	for (size_t i = 0; i < length; i++)
		copy[i] = (char)toupper((unsigned char)word[i]);
	if (smtp_offer_has(offer->auth, copy) || used + length + 2 > sizeof(offer->auth))
		return;
	if (used > 0)
		offer->auth[used++] = ' ';
	memcpy(offer->auth + used, copy, length + 1);
}

void smtp_offer_note(struct smtp_offer *offer, const char *line)
{
	const char *word = strlen(line) > 4 ? line + 4 : "";

	if (strcasecmp(word, "STARTTLS") == 0)
		offer->starttls = true;
	if (strncasecmp(word, "AUTH ", 5) != 0 && strncasecmp(word, "AUTH=", 5) != 0)
		return;
	for (word += 5; *word;) {
		size_t length = strcspn(word, " \t");

		add_mechanism(offer, word, length);
		word += length;
		word += strspn(word, " \t");
	}
}

bool smtp_offer_has(const char *auth, const char *mechanism)
{
	size_t length = strlen(mechanism);

	while (auth && *auth) {
		size_t word = strcspn(auth, " ");

		if (word == length && strncasecmp(auth, mechanism, length) == 0)
			return true;
		auth += word + (auth[word] == ' ');
	}
	return false;
}
