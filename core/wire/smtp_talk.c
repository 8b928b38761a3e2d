#include "core/wire/smtp_talk.h"

#include <string.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/wire/smtp_reply.h"

struct talk {
	struct arena *arena;
	struct wire *wire;
	const struct smtp_talk_request *request;
	struct smtp_result *result;
	struct smtp_offer offer;
	struct smtp_reply reply;
	bool secret_sent;
	size_t line_used; /* what request->line holds of a password on its way */
};

static bool end(struct talk *talk, enum wire_fault fault, const char *said)
{
	talk->result->fault = fault;
	talk->result->said = arena_copy(talk->arena, said);
	return false;
}

static bool holds(const char *text, const void *needle, size_t size)
{
	size_t length = strlen(text);

	for (size_t i = 0; size > 0 && i + size <= length; i++)
		if (memcmp(text + i, needle, size) == 0)
			return true;
	return false;
}

/* A server may answer with what it was sent: then its words are not ours to
 * keep.  The reply was cut, so a part of the password at its end counts, too. */
static void clean(struct talk *talk, const char *line)
{
	const struct smtp_talk_request *request = talk->request;

	if (talk->secret_sent
	    && (holds(line, request->password, request->password_size)
	        || holds(line, request->line, talk->line_used)))
		(void)snprintf(talk->reply.text, sizeof(talk->reply.text),
		               "%d (the server repeats what it was sent)", talk->reply.code);
}

/* A whole reply into talk->reply. */
static bool hear(struct talk *talk)
{
	enum smtp_reply_state state = SMTP_REPLY_MORE;
	char line[WIRE_LINE];

	talk->reply = (struct smtp_reply){ 0 };
	while (state == SMTP_REPLY_MORE) {
		if (!wire_read_line(talk->wire, line))
			return end(talk, talk->wire->fault, NULL);
		state = smtp_reply_add(&talk->reply, line);
		smtp_offer_note(&talk->offer, line);
		clean(talk, line);
	}
	if (state == SMTP_REPLY_GARBLED)
		return end(talk, WIRE_NOT_SMTP, NULL);
	return state == SMTP_REPLY_DONE || end(talk, WIRE_ENDLESS, NULL);
}

static bool say(struct talk *talk, const char *line)
{
	return wire_write(talk->wire, line, strlen(line)) || end(talk, talk->wire->fault, NULL);
}

static bool later(const struct talk *talk)
{
	return talk->reply.code >= 400 && talk->reply.code < 500;
}

/* A reply with the code we hoped for; else the fault that it means. */
static bool expect(struct talk *talk, int code, enum wire_fault otherwise)
{
	if (!hear(talk))
		return false;
	if (talk->reply.code == code)
		return true;
	return end(talk, later(talk) ? WIRE_LATER : otherwise, talk->reply.text);
}

static bool greet(struct talk *talk)
{
	talk->offer = (struct smtp_offer){ 0 };
	return say(talk, arena_print(talk->arena, "EHLO %s\r\n", talk->request->helo))
	       && expect(talk, 250, WIRE_REJECTED);
}

static bool encrypt(struct talk *talk)
{
	const struct smtp_talk_request *request = talk->request;
	bool ok = wire_shake(talk->wire, request->trust, request->host, request->versions);
	const char *said = NULL;

	if (talk->wire->tls)
		tls_look(talk->wire->tls, talk->arena, &talk->result->facts);
	if (ok)
		return true;
	if (talk->wire->fault != WIRE_TLS_NONE)
		return end(talk, talk->wire->fault, NULL);
	talk->wire->fault = tls_fault(talk->wire->tls, talk->arena, &said);
	return end(talk, talk->wire->fault, said);
}

static bool start_tls(struct talk *talk)
{
	talk->result->auth_clear = arena_copy(talk->arena, talk->offer.auth);
	if (!talk->offer.starttls)
		return end(talk, WIRE_NO_STARTTLS, NULL);
	return say(talk, "STARTTLS\r\n") && expect(talk, 220, WIRE_STARTTLS_REFUSED)
	       && encrypt(talk);
}

/* From the greeting to an encrypted conversation. */
static bool arrive(struct talk *talk)
{
	bool implicit = talk->request->implicit_tls;

	if (implicit && !encrypt(talk))
		return false;
	if (talk->request->versions != TLS_SAFE && implicit)
		return true;
	if (!expect(talk, 220, WIRE_REJECTED) || !greet(talk))
		return false;
	return implicit || start_tls(talk);
}

static size_t put_base64(char *out, const unsigned char *octets, size_t size)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t used = 0;

	for (size_t i = 0; i < size; i += 3) {
		unsigned bits = (unsigned)octets[i] << 16
		                | (i + 1 < size ? (unsigned)octets[i + 1] << 8 : 0)
		                | (i + 2 < size ? octets[i + 2] : 0);

		out[used++] = letters[bits >> 18];
		out[used++] = letters[bits >> 12 & 63];
		out[used++] = i + 1 < size ? letters[bits >> 6 & 63] : '=';
		out[used++] = i + 2 < size ? letters[bits & 63] : '=';
	}
	return used;
}

/* One line of base64, which stays in the guarded line: to know it again. */
static bool say_secret(struct talk *talk, const char *before, const unsigned char *octets,
                       size_t size)
{
	char *line = talk->request->line;
	bool ok = say(talk, before);

	talk->line_used = put_base64(line, octets, size);
	talk->secret_sent = true;
	return ok
	       && (wire_write(talk->wire, line, talk->line_used)
	           || end(talk, talk->wire->fault, NULL))
	       && say(talk, "\r\n");
}

/* RFC 4616: nobody, NUL, user, NUL, password. */
static bool say_plain(struct talk *talk)
{
	const struct smtp_talk_request *request = talk->request;
	size_t user = strlen(request->user);
	char *message = request->line + SMTP_TALK_LINE - SMTP_TALK_PASSWORD - 260;

	message[0] = '\0';
	memcpy(message + 1, request->user, user + 1);
	memcpy(message + user + 2, request->password, request->password_size);
	return say_secret(talk, "AUTH PLAIN ", (const unsigned char *)message,
	                  user + 2 + request->password_size);
}

static bool say_login(struct talk *talk)
{
	const struct smtp_talk_request *request = talk->request;
	const unsigned char *user = (const unsigned char *)request->user;

	return say(talk, "AUTH LOGIN\r\n") && expect(talk, 334, WIRE_LOGIN_DENIED)
	       && say_secret(talk, "", user, strlen(request->user))
	       && expect(talk, 334, WIRE_LOGIN_DENIED)
	       && say_secret(talk, "", request->password, request->password_size);
}

/* RFC 4954 6: 535 is a wrong user or password, 454 a server that cannot look;
 * 530, 534, 538 and what others invented are about the way, not the words. */
static bool log_in(struct talk *talk)
{
	const struct smtp_talk_request *request = talk->request;
	bool plain = smtp_offer_has(talk->offer.auth, "PLAIN");

	if (request->password_size > SMTP_TALK_PASSWORD || strlen(request->user) > 255)
		return end(talk, WIRE_LOGIN_DENIED, "user or password too long");
	if (!(plain ? say_plain(talk) : say_login(talk)) || !hear(talk))
		return false;
	talk->result->logged_in = talk->reply.code == 235;
	if (talk->result->logged_in)
		return true;
	return end(talk,
	           later(talk)               ? WIRE_LOGIN_LATER
	           : talk->reply.code == 535 ? WIRE_LOGIN_WRONG
	                                     : WIRE_LOGIN_DENIED,
	           talk->reply.text);
}

/* Does a refusal of a recipient speak of the sender? */
static bool blames_sender(const struct smtp_reply *reply, const char *address)
{
	return reply->code >= 500
	       && (strcasestr(reply->text, "sender") || strcasestr(reply->text, "send as")
	           || strcasestr(reply->text, address));
}

/* Most Postfix servers say what they think of MAIL FROM only at the first RCPT
 * TO (smtpd_delay_reject).  Every domain has a postmaster (RFC 5321 4.5.1), and
 * without DATA nothing is sent; a bare <postmaster> would be exempt from their
 * rules.  Only a refusal of the sender counts. */
static bool hear_late(struct talk *talk, struct smtp_sender *sender)
{
	const char *at = strrchr(sender->address, '@');

	if (!say(talk, arena_print(talk->arena, "RCPT TO:<postmaster%s>\r\n", at ? at : ""))
	    || !hear(talk))
		return false;
	if (blames_sender(&talk->reply, sender->address)) {
		sender->fault = WIRE_SENDER_REFUSED;
		sender->said = arena_copy(talk->arena, talk->reply.text);
	}
	return say(talk, "RSET\r\n") && expect(talk, 250, WIRE_REJECTED);
}

/* One address; false: the conversation is over. */
static bool ask_sender(struct talk *talk, struct smtp_sender *sender)
{
	if (!say(talk, arena_print(talk->arena, "MAIL FROM:<%s>\r\n", sender->address))
	    || !hear(talk))
		return false;
	if (talk->reply.code == 250)
		return hear_late(talk, sender);
	sender->fault = later(talk) ? WIRE_SENDER_LATER : WIRE_SENDER_REFUSED;
	sender->said = arena_copy(talk->arena, talk->reply.text);
	return talk->reply.code != 421 || end(talk, WIRE_LATER, talk->reply.text);
}

static bool ask_senders(struct talk *talk)
{
	size_t count = talk->request->sender_count;
	struct smtp_sender *senders = NULL;
	const struct smtp_sender *worst = NULL;

	if (count > SMTP_SENDERS_MOST)
		count = SMTP_SENDERS_MOST;
	senders = arena_take(talk->arena, (count + 1) * sizeof(*senders));
	talk->result->senders = senders;
	for (size_t i = 0; i < count; i++) {
		senders[i].address = talk->request->senders[i];
		if (!ask_sender(talk, &senders[i]))
			return false;
		talk->result->sender_count++;
		if (senders[i].fault != WIRE_GOOD
		    && (!worst
		        || (worst->fault == WIRE_SENDER_LATER
		            && senders[i].fault == WIRE_SENDER_REFUSED)))
			worst = &senders[i];
	}
	return !worst || end(talk, worst->fault, worst->said);
}

static const char *test_mail(struct talk *talk, const char *from, const char *to)
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t now = (time_t)clock_now();
	struct tm at;

	(void)gmtime_r(&now, &at);
	return arena_print(
		talk->arena,
		"From: <%s>\r\nTo: <%s>\r\nSubject: senderctl: test mail / Testmail\r\n"
		"Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n"
		"Message-ID: <senderctl-test.%lld.%lld@%s>\r\n"
		"Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=us-ascii\r\n\r\n"
		"This is a test mail. It was sent through %s by \"senderctl check --send-test\".\r\n"
		"Nothing needs to be done.\r\n\r\n"
		"Dies ist eine Testmail. Sie ging durch %s, mit \"senderctl check --send-test\".\r\n"
		"Es ist nichts zu tun.\r\n.\r\n",
		from, to, days[at.tm_wday % 7], at.tm_mday, months[at.tm_mon % 12],
		at.tm_year + 1900, at.tm_hour, at.tm_min, at.tm_sec, (long long)now,
		(long long)clock_ticks(), talk->request->helo, talk->request->host,
		talk->request->host);
}

static bool send_test(struct talk *talk)
{
	const char *from = talk->request->senders[0];
	const char *to = talk->request->test_to;
	struct arena *arena = talk->arena;

	if (!say(talk, arena_print(arena, "MAIL FROM:<%s>\r\n", from))
	    || !expect(talk, 250, WIRE_TEST_REFUSED)
	    || !say(talk, arena_print(arena, "RCPT TO:<%s>\r\n", to)) || !hear(talk))
		return false;
	if (talk->reply.code != 250 && talk->reply.code != 251)
		return end(talk, WIRE_TEST_REFUSED, talk->reply.text);
	if (!say(talk, "DATA\r\n") || !expect(talk, 354, WIRE_TEST_REFUSED)
	    || !say(talk, test_mail(talk, from, to)) || !expect(talk, 250, WIRE_TEST_REFUSED))
		return false;
	talk->result->test_sent = true;
	return true;
}

static bool judge_offer(struct talk *talk)
{
	talk->result->auth = arena_copy(talk->arena, talk->offer.auth);
	if (talk->offer.auth[0] == '\0')
		return end(talk, WIRE_NO_AUTH, NULL);
	if (!smtp_offer_has(talk->offer.auth, "PLAIN")
	    && !smtp_offer_has(talk->offer.auth, "LOGIN"))
		return end(talk, WIRE_NO_MECHANISM, talk->offer.auth);
	return true;
}

static bool converse(struct talk *talk)
{
	const struct smtp_talk_request *request = talk->request;

	if (!arrive(talk) || request->versions != TLS_SAFE)
		return false;
	if ((!request->implicit_tls && !greet(talk)) || !judge_offer(talk))
		return false;
	if (!request->password)
		return true;
	return log_in(talk) && ask_senders(talk)
	       && (!request->test_to || request->sender_count == 0 || send_test(talk));
}

void smtp_talk_run(struct arena *arena, struct wire *wire, const struct smtp_talk_request *request,
                   struct smtp_result *result)
{
	struct talk talk = { .arena = arena, .wire = wire, .request = request, .result = result };

	*result = (struct smtp_result){ .fault = WIRE_GOOD };
	(void)converse(&talk);
	/* Good manners; nobody waits for the answer.  Not before the handshake is
	 * done, and never over an outdated encryption. */
	if (request->versions == TLS_SAFE
	    && (result->facts.version || (wire->tls == NULL && !request->implicit_tls))
	    && !wire_write(wire, "QUIT\r\n", 6))
		return;
}
