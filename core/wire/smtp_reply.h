#pragma once

/*
 * smtp_reply -- what an SMTP server says, as values: a reply of several lines,
 * and the extensions of an EHLO reply.  Pure; a line comes without its end.
 *
 * Owner:   plain structs; nothing to give back.
 * Failure: a state.  The text is printable and bounded whatever was sent.
 */

#include <stdbool.h>
#include <stddef.h>

enum { SMTP_REPLY_TEXT = 300, SMTP_REPLY_LINES = 100, SMTP_OFFER_AUTH = 200 };

enum smtp_reply_state {
	SMTP_REPLY_MORE,
	SMTP_REPLY_DONE,
	SMTP_REPLY_GARBLED, /* no reply at all (RFC 5321 4.2) */
	SMTP_REPLY_ENDLESS
};

struct smtp_reply {
	int code;
	size_t lines;
	char text[SMTP_REPLY_TEXT + 1]; /* "550 5.7.1 not you": code and lines, joined */
};

/* One more line; {0} is a reply that has not begun. */
enum smtp_reply_state smtp_reply_add(struct smtp_reply *reply, const char *line);

struct smtp_offer {
	bool starttls;
	char auth[SMTP_OFFER_AUTH + 1]; /* "PLAIN LOGIN", upper case; "": none */
};

/* Note one line of an EHLO reply, "250-AUTH PLAIN LOGIN" and "250-AUTH=PLAIN"
 * of old servers among them. */
void smtp_offer_note(struct smtp_offer *offer, const char *line);

/* Is this one of the ways to log in? */
bool smtp_offer_has(const char *auth, const char *mechanism);

/* Octets of a stranger as one printable line of at most `room` - 1 octets. */
void smtp_reply_plain(char *out, size_t room, const char *octets);
