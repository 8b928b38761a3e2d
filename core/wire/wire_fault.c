#include "core/wire/wire_fault.h"

#include <string.h>

#include "core/base/text.h"
#include "core/base/words.h"

static const struct wire_fault_row rows[WIRE_FAULTS] = {
	[WIRE_GOOD] = { "good", WIRE_FINE, N_("all is well with {host}") },
	[WIRE_NO_ADDRESS] = { "no-address", WIRE_ABSENT, N_("the host {host} has no address") },
	[WIRE_PRIVATE] = { "private-address", WIRE_UNSURE,
	                   N_("its address {address} is private: {host} can be reached only from "
	                      "inside the customer's network or through a VPN") },
	[WIRE_REFUSED] = { "refused", WIRE_ABSENT,
	                   N_("{host} refuses connections to port {port}: nothing listens there, "
	                      "or a firewall turns us away") },
	[WIRE_UNREACHABLE] = { "unreachable", WIRE_UNSURE,
	                       N_("{host} is not reachable from here on port {port}: there is a "
	                          "firewall, or the server is behind a VPN") },
	[WIRE_SILENT] = { "silent", WIRE_UNSURE,
	                  N_("{host} takes the connection and then gives no answer in time") },
	[WIRE_HUNG_UP] = { "hung-up", WIRE_UNSURE, N_("the server ended the conversation") },
	[WIRE_ENDLESS] = { "endless", WIRE_WRONG, N_("the server sends endless lines") },
	[WIRE_NOT_SMTP] = { "not-smtp", WIRE_WRONG, N_("this is not an SMTP server") },
	[WIRE_EARLY] = { "early", WIRE_WRONG, N_("the server sends before the encryption begins") },
	[WIRE_LATER] = { "later", WIRE_UNSURE,
	                 N_("the server asks us to come back later: {said}") },
	[WIRE_REJECTED] = { "rejected", WIRE_WRONG,
	                    N_("the server does not want to talk to us: {said}") },
	[WIRE_NO_STARTTLS] = { "no-starttls", WIRE_WRONG,
	                       N_("the server does not offer STARTTLS: the password would travel "
	                          "for everybody to read") },
	[WIRE_STARTTLS_REFUSED] = { "starttls-refused", WIRE_WRONG,
	                            N_("the server offers STARTTLS and then refuses it: {said}") },
	[WIRE_TLS_OLD] = { "tls-old", WIRE_WRONG,
	                   N_("the server speaks nothing better than {tls}, which is not safe any "
	                      "more (RFC 8996): TLS 1.2 or better must be enabled there") },
	[WIRE_TLS_NONE] = { "tls-none", WIRE_WRONG,
	                    N_("TLS 1.2 or better cannot be agreed on: {said}") },
	[WIRE_TLS_HERE] = { "tls-here", WIRE_UNSURE,
	                    N_("the file of trusted authorities cannot be read") },
	[WIRE_CERT_NAME] = { "certificate-name", WIRE_WRONG,
	                     N_("its certificate is for {name}, not for {host}") },
	[WIRE_CERT_SELF] = { "certificate-self-signed", WIRE_WRONG,
	                     N_("its certificate is signed by itself: no authority vouches that "
	                        "this is {host}") },
	[WIRE_CERT_EXPIRED] = { "certificate-expired", WIRE_WRONG,
	                        N_("its certificate, or one in its chain, expired on {date}") },
	[WIRE_CERT_EARLY] = { "certificate-not-yet", WIRE_WRONG,
	                      N_("its certificate is not valid before {date}") },
	[WIRE_CERT_UNKNOWN] = { "certificate-unknown", WIRE_WRONG,
	                        N_("its certificate comes from {name}, which is not trusted here; "
	                           "or the server does not send the intermediate certificate") },
	[WIRE_CERT_BAD] = { "certificate-bad", WIRE_WRONG,
	                    N_("its certificate is not good for {host}: {said}") },
	[WIRE_NO_AUTH] = { "no-auth", WIRE_WRONG,
	                   N_("the server does not offer AUTH: nobody can log in there") },
	[WIRE_NO_MECHANISM] = { "no-mechanism", WIRE_WRONG,
	                        N_("the server offers AUTH only by {said}; PLAIN or LOGIN is "
	                           "needed") },
	[WIRE_LOGIN_WRONG] = { "login-wrong", WIRE_WRONG,
	                       N_("the server does not accept the user {user} with the stored "
	                          "password: {said}") },
	[WIRE_LOGIN_DENIED] = { "login-denied", WIRE_WRONG,
	                        N_("the server does not let {user} log in this way: {said}") },
	[WIRE_LOGIN_LATER] = { "login-later", WIRE_UNSURE,
	                       N_("the server cannot check the password just now: {said}") },
	[WIRE_SENDER_REFUSED] = { "sender-refused", WIRE_WRONG,
	                          N_("{user} is not allowed to send as {sender}: {said}") },
	[WIRE_SENDER_LATER] = { "sender-later", WIRE_UNSURE,
	                        N_("the server does not say yet whether {user} may send as "
	                           "{sender}: {said}") },
	[WIRE_TEST_REFUSED] = { "test-refused", WIRE_WRONG,
	                        N_("the server did not take the test mail: {said}") },
	[WIRE_BROKEN] = { "broken", WIRE_UNSURE, N_("the probe did not come to an end") },
	[WIRE_NOT_HTTP] = { "not-http", WIRE_WRONG, N_("this is not a web server") },
	[WIRE_PAGE_MISSING] = { "page-missing", WIRE_WRONG,
	                        N_("there is no such page on {host}: {said}") },
	[WIRE_PAGE_FAILS] = { "page-fails", WIRE_UNSURE,
	                      N_("the web server fails just now: {said}") },
	[WIRE_MOVED_HOST] = { "moved-host", WIRE_WRONG,
	                      N_("the URL leads away from {host}, to {name}") },
	[WIRE_MOVED_CLEAR] = { "moved-clear", WIRE_WRONG,
	                       N_("the URL leads to a page without encryption: {name}") },
	[WIRE_ELSEWHERE] = { "elsewhere", WIRE_WRONG,
	                     N_("{host} points to {address}, not to where {name} is") },
	[WIRE_NOT_THE_DOMAIN] = { "not-the-domain", WIRE_WRONG,
	                          N_("the addresses of {name} belong to a URL of {host}: hosted "
	                             "mail comes from the host of the URL") },
};

struct place {
	const char *name;
	const char *value;
};

const struct wire_fault_row *wire_fault_row(enum wire_fault fault)
{
	return &rows[fault < WIRE_FAULTS ? fault : WIRE_BROKEN];
}

enum wire_fault wire_fault_find(const char *word)
{
	for (size_t i = 0; word && i < WIRE_FAULTS; i++)
		if (strcmp(rows[i].word, word) == 0)
			return (enum wire_fault)i;
	return WIRE_FAULTS;
}

static void fill(struct text *out, const char *sentence, const struct place places[], size_t count)
{
	while (*sentence) {
		size_t plain = strcspn(sentence, "{");
		size_t i = 0;

		text_add_bytes(out, sentence, plain);
		sentence += plain;
		while (*sentence && i < count
		       && strncmp(sentence, places[i].name, strlen(places[i].name)) != 0)
			i++;
		if (!*sentence)
			break;
		if (i == count) {
			text_add_char(out, *sentence++);
			continue;
		}
		text_add(out, places[i].value ? places[i].value : "?");
		sentence += strlen(places[i].name);
	}
}

const char *wire_fault_say(struct arena *arena, enum wire_fault fault,
                           const struct wire_detail *detail)
{
	const struct place places[] = {
		{ "{host}", detail->host },
		{ "{port}", arena_print(arena, "%d", detail->port) },
		{ "{address}", detail->address },
		{ "{name}", detail->name },
		{ "{said}", detail->said },
		{ "{tls}", detail->tls },
		{ "{date}", detail->date },
		{ "{user}", detail->user },
		{ "{sender}", detail->sender },
	};
	struct text out = { 0 };
	const char *sentence = NULL;

	fill(&out, _(wire_fault_row(fault)->sentence), places, LENGTH(places));
	sentence = arena_copy(arena, text_string(&out));
	text_free(&out);
	return sentence;
}
