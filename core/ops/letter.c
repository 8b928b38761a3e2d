#include "core/ops/letter.h"

#include <string.h>
#include <time.h>

#include "core/base/base64.h"

enum {
	LINE = 76,    /* RFC 2045 6.7 (5) */
	ENCODED = 39, /* octets of one encoded word: 52 letters, 73 with frame and field name */
	FOLDED = 70,  /* a plain subject longer than this is encoded, to be folded */
};

static bool plain(const char *text)
{
	if (strlen(text) > FOLDED)
		return false;
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x7f || (p[0] == '=' && p[1] == '?'))
			return false;
	return true;
}

/* Head fields hold no control characters, whatever was in the text. */
static void add_clean(struct text *out, const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		text_add_char(out, (unsigned char)*p < 0x20 || *p == 0x7f ? ' ' : *p);
}

/* RFC 2047: each word stands alone, so no character is cut in two. */
static void add_encoded(struct text *out, const char *text)
{
	size_t length = strlen(text);

	for (size_t at = 0; at < length;) {
		size_t end = at + ENCODED < length ? at + ENCODED : length;

		while (end < length && end > at + 1 && ((unsigned char)text[end] & 0xc0) == 0x80)
			end--;
		text_add(out, at > 0 ? "\n =?UTF-8?B?" : "=?UTF-8?B?");
		base64_render(out, text + at, end - at);
		text_add(out, "?=");
		at = end;
	}
}

static void add_subject(struct text *out, const char *subject)
{
	struct text clean = { 0 };

	add_clean(&clean, subject);
	text_add(out, "Subject: ");
	if (plain(text_string(&clean)))
		text_add(out, text_string(&clean));
	else
		add_encoded(out, text_string(&clean));
	text_add(out, "\n");
	text_free(&clean);
}

/* Each address on a line of its own: no line gets too long. */
static void add_to(struct text *out, const struct letter *letter)
{
	text_add(out, "To: ");
	for (size_t i = 0; i < letter->to_count; i++)
		text_addf(out, "%s%s", i > 0 ? ",\n\t" : "", letter->to[i]);
	text_add(out, "\n");
}

/* "Tue, 24 Nov 2026 07:00:00 +0000"; English whatever the language. */
static void add_date(struct text *out, int64_t at)
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t seconds = (time_t)at;
	struct tm tm = { 0 };

	(void)gmtime_r(&seconds, &tm);
	text_addf(out, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\n", days[tm.tm_wday], tm.tm_mday,
	          months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* RFC 2045 6.7; blanks at the end of a line are encoded, they could get lost. */
static void add_line(struct text *out, const char *line, size_t length)
{
	size_t column = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)line[i];
		bool last = i + 1 == length;
		bool encode = c >= 0x7f || c == '=' || (c == ' ' && last) || c < 0x20;

		if (column + (encode ? 3 : 1) > LINE - 1) {
			text_add(out, "=\n");
			column = 0;
		}
		if (c < 0x20 || c == 0x7f)
			c = ' ';
		/* a dot or "From " at the start of a line has hurt mail before */
		encode = encode || (column == 0 && (c == '.' || c == 'F'));
		if (encode)
			text_addf(out, "=%02X", c);
		else
			text_add_char(out, (char)c);
		column += encode ? 3 : 1;
	}
	text_add(out, "\n");
}

static void add_body(struct text *out, const char *body)
{
	while (*body != '\0') {
		size_t length = strcspn(body, "\n");

		add_line(out, body, length);
		body += length + (body[length] == '\n' ? 1 : 0);
	}
}

void letter_render(const struct letter *letter, struct text *out)
{
	const char *at = strrchr(letter->from, '@');

	text_addf(out, "From: %s\n", letter->from);
	add_to(out, letter);
	add_subject(out, letter->subject);
	add_date(out, letter->at);
	text_addf(out, "Message-ID: <%s%s>\n", letter->id, at != NULL ? at : "@localhost");
	/* RFC 3834 5: nobody's holiday note shall answer */
	text_add(out, "Auto-Submitted: auto-generated\n");
	text_addf(out, "Content-Language: %s\n", letter->language);
	text_add(out, "MIME-Version: 1.0\n"
	              "Content-Type: text/plain; charset=utf-8\n"
	              "Content-Transfer-Encoding: quoted-printable\n\n");
	add_body(out, letter->body);
}
