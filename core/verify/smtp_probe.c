#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/words.h"
#include "core/verify/smtp_probe.h"

enum {
	LINE_MOST = 2048, /* RFC 5321 says 512; some say more */
	LINES_MOST = 100,
	DAY = 86400,
};

struct talk {
	struct arena *arena;
	const struct smtp_probe_request *request;
	struct smtp_probe_result *result;
	int64_t deadline;
	int socket;
	SSL_CTX *context;
	SSL *tls; /* NULL while we speak in clear */
	char buffer[LINE_MOST];
	size_t filled;
	bool offers_starttls;
};

static bool end(struct talk *talk, enum smtp_probe_outcome outcome, const char *problem)
{
	talk->result->outcome = outcome;
	talk->result->problem = problem;
	return false;
}

static bool wait_for(struct talk *talk, short events)
{
	struct pollfd wait = { .fd = talk->socket, .events = events };
	int64_t left = talk->deadline - clock_ticks();
	int ready = 0;

	while (left > 0) {
		ready = poll(&wait, 1, (int)left);
		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			break;
		left = talk->deadline - clock_ticks();
	}
	return end(talk, SMTP_PROBE_SILENT, _("no answer in time"));
}

/* What OpenSSL wants before it can go on; false when it is an error. */
static bool tls_wants(struct talk *talk, int code, bool *again)
{
	int reason = SSL_get_error(talk->tls, code);

	*again = reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE;
	return *again && wait_for(talk, reason == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT);
}

static bool read_some(struct talk *talk)
{
	size_t room = sizeof(talk->buffer) - talk->filled;

	for (;;) {
		ssize_t got = talk->tls
		                      ? SSL_read(talk->tls, talk->buffer + talk->filled, (int)room)
		                      : recv(talk->socket, talk->buffer + talk->filled, room, 0);
		bool again = false;

		if (got > 0) {
			talk->filled += (size_t)got;
			return true;
		}
		if (talk->tls ? tls_wants(talk, (int)got, &again)
		              : got < 0 && errno == EAGAIN && wait_for(talk, POLLIN))
			continue;
		if (!talk->result->problem)
			return end(talk, SMTP_PROBE_SILENT, _("the server ended the conversation"));
		return false;
	}
}

static bool write_all(struct talk *talk, const char *text)
{
	size_t length = strlen(text);

	while (length > 0) {
		ssize_t put = talk->tls ? SSL_write(talk->tls, text, (int)length)
		                        : send(talk->socket, text, length, MSG_NOSIGNAL);
		bool again = false;

		if (put > 0) {
			text += put;
			length -= (size_t)put;
			continue;
		}
		if (talk->tls ? tls_wants(talk, (int)put, &again)
		              : put < 0 && errno == EAGAIN && wait_for(talk, POLLOUT))
			continue;
		if (!talk->result->problem)
			return end(talk, SMTP_PROBE_SILENT, _("the server ended the conversation"));
		return false;
	}
	return true;
}

/* One line without its end. */
static bool read_line(struct talk *talk, char line[LINE_MOST])
{
	for (;;) {
		char *newline = memchr(talk->buffer, '\n', talk->filled);
		size_t length = 0;

		if (newline) {
			length = (size_t)(newline - talk->buffer);
			memcpy(line, talk->buffer, length);
			line[length] = '\0';
			if (length > 0 && line[length - 1] == '\r')
				line[length - 1] = '\0';
			talk->filled -= length + 1;
			memmove(talk->buffer, newline + 1, talk->filled);
			return true;
		}
		if (talk->filled == sizeof(talk->buffer))
			return end(talk, SMTP_PROBE_BAD, _("the server sends endless lines"));
		if (!read_some(talk))
			return false;
	}
}

/* "250-AUTH PLAIN LOGIN", and "250-AUTH=PLAIN" of old servers. */
static void note_extension(struct talk *talk, const char *text)
{
	if (strcasecmp(text, "STARTTLS") == 0)
		talk->offers_starttls = true;
	if (strncasecmp(text, "AUTH ", 5) == 0)
		talk->result->auth = arena_copy(talk->arena, text + 5);
}

/* A whole reply; true when its code is the one we hoped for. */
static bool expect(struct talk *talk, int wanted, const char *doing)
{
	char line[LINE_MOST];
	int code = 0;

	for (size_t lines = 0; lines < LINES_MOST; lines++) {
		if (!read_line(talk, line))
			return false;
		if (strlen(line) < 3 || !isdigit((unsigned char)line[0]))
			return end(talk, SMTP_PROBE_BAD, _("this is not an SMTP server"));
		code = (int)strtol(line, NULL, 10);
		if (strlen(line) > 4)
			note_extension(talk, line + 4);
		if (line[3] != '-')
			break;
	}
	if (code == wanted)
		return true;
	return end(talk, code >= 400 && code < 500 ? SMTP_PROBE_SILENT : SMTP_PROBE_BAD,
	           arena_print(talk->arena, _("the answer to %s was: %s"), doing, line));
}

static bool greet(struct talk *talk)
{
	talk->result->auth = NULL;
	talk->offers_starttls = false;
	return write_all(talk, arena_print(talk->arena, "EHLO %s\r\n", talk->request->helo))
	       && expect(talk, 250, "EHLO");
}

static const char *tls_fault(struct talk *talk)
{
	long verify = SSL_get_verify_result(talk->tls);
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	if (verify != X509_V_OK)
		return arena_print(talk->arena, _("its certificate is not good for %s: %s"),
		                   talk->request->host, X509_verify_cert_error_string(verify));
	return arena_print(talk->arena, _("TLS 1.2 or better cannot be agreed on: %s"),
	                   reason ? reason : _("the server hung up"));
}

static bool prepare_tls(struct talk *talk)
{
	uint8_t bytes[16];
	const char *host = talk->request->host;
	char *named = arena_copy(talk->arena, host); /* the macro casts const away */
	bool literal = inet_pton(AF_INET, host, bytes) == 1
	               || inet_pton(AF_INET6, host, bytes) == 1;
	X509_VERIFY_PARAM *rules = NULL;

	talk->context = SSL_CTX_new(TLS_client_method());
	if (!talk->context || SSL_CTX_set_min_proto_version(talk->context, TLS1_2_VERSION) != 1)
		return end(talk, SMTP_PROBE_SILENT, _("TLS cannot be set up here"));
	SSL_CTX_set_verify(talk->context, SSL_VERIFY_PEER, NULL);
	if ((talk->request->ca_file
	             ? SSL_CTX_load_verify_file(talk->context, talk->request->ca_file)
	             : SSL_CTX_set_default_verify_paths(talk->context))
	    != 1)
		return end(talk, SMTP_PROBE_SILENT,
		           _("the file of trusted authorities cannot be read"));
	talk->tls = SSL_new(talk->context);
	if (!talk->tls || SSL_set_fd(talk->tls, talk->socket) != 1)
		return end(talk, SMTP_PROBE_SILENT, _("TLS cannot be set up here"));
	rules = SSL_get0_param(talk->tls);
	if (literal)
		(void)X509_VERIFY_PARAM_set1_ip_asc(rules, host);
	else
		(void)(X509_VERIFY_PARAM_set1_host(rules, host, 0) == 1
		       && SSL_set_tlsext_host_name(talk->tls, named) == 1);
	return true;
}

static void note_certificate(struct talk *talk)
{
	X509 *certificate = SSL_get1_peer_certificate(talk->tls);
	struct tm expires;
	char day[16];
	time_t now = (time_t)clock_now();

	talk->result->tls = arena_copy(talk->arena, SSL_get_version(talk->tls));
	if (!certificate)
		return;
	if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &expires) == 1
	    && strftime(day, sizeof(day), "%Y-%m-%d", &expires) > 0) {
		talk->result->expires = arena_copy(talk->arena, day);
		talk->result->days_left = (long)((timegm(&expires) - now) / DAY);
	}
	X509_free(certificate);
}

static bool begin_tls(struct talk *talk)
{
	bool again = false;
	int code = 0;

	/* What came before the handshake came from anybody. */
	if (talk->filled > 0)
		return end(talk, SMTP_PROBE_BAD,
		           _("the server sends before the encryption begins"));
	if (!prepare_tls(talk))
		return false;
	ERR_clear_error();
	while ((code = SSL_connect(talk->tls)) != 1) {
		if (tls_wants(talk, code, &again))
			continue;
		return again ? false : end(talk, SMTP_PROBE_BAD, tls_fault(talk));
	}
	note_certificate(talk);
	return true;
}

static bool converse(struct talk *talk)
{
	if (talk->request->implicit_tls && !begin_tls(talk))
		return false;
	if (!expect(talk, 220, _("connecting")) || !greet(talk))
		return false;
	if (!talk->request->implicit_tls) {
		if (!talk->offers_starttls)
			return end(talk, SMTP_PROBE_BAD, _("the server does not offer STARTTLS"));
		if (!write_all(talk, "STARTTLS\r\n") || !expect(talk, 220, "STARTTLS")
		    || !begin_tls(talk) || !greet(talk))
			return false;
	}
	if (!talk->result->auth)
		return end(talk, SMTP_PROBE_BAD, _("the server does not offer AUTH"));
	(void)write_all(talk, "QUIT\r\n");
	talk->result->problem = NULL;
	talk->result->outcome = SMTP_PROBE_GOOD;
	return true;
}

static bool connect_to(struct talk *talk, const char *address)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
		                    .sin6_port = htons((uint16_t)talk->request->port) };
	struct sockaddr_in four = { .sin_family = AF_INET,
		                    .sin_port = htons((uint16_t)talk->request->port) };
	bool is_six = inet_pton(AF_INET6, address, &six.sin6_addr) == 1;
	const struct sockaddr *to = is_six ? (const struct sockaddr *)&six
	                                   : (const struct sockaddr *)&four;
	int fault = 0;
	socklen_t size = sizeof(fault);

	if (!is_six && inet_pton(AF_INET, address, &four.sin_addr) != 1)
		return end(talk, SMTP_PROBE_ABSENT, _("this is not an address"));
	talk->result->address = address;
	talk->socket = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (talk->socket < 0)
		return end(talk, SMTP_PROBE_SILENT, arena_copy(talk->arena, strerror(errno)));
	if (connect(talk->socket, to, is_six ? sizeof(six) : sizeof(four)) == 0)
		return true;
	if (errno != EINPROGRESS)
		return end(talk, SMTP_PROBE_SILENT, arena_copy(talk->arena, strerror(errno)));
	if (!wait_for(talk, POLLOUT))
		return false;
	(void)getsockopt(talk->socket, SOL_SOCKET, SO_ERROR, &fault, &size);
	if (fault == 0)
		return true;
	return end(talk, fault == ECONNREFUSED ? SMTP_PROBE_ABSENT : SMTP_PROBE_SILENT,
	           arena_copy(talk->arena, strerror(fault)));
}

void smtp_probe_run(struct arena *arena, const struct smtp_probe_request *request,
                    struct smtp_probe_result *result)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction before;

	/* OpenSSL writes with write(): a server that hangs up must not end us. */
	(void)sigaction(SIGPIPE, &ignore, &before);
	*result = (struct smtp_probe_result){ .outcome = SMTP_PROBE_ABSENT,
		                              .problem = _("the host has no address") };
	/* Any address will do; the first that is reached decides. */
	for (size_t i = 0; i < request->address_count; i++) {
		struct talk talk = { .arena = arena,
			             .request = request,
			             .result = result,
			             .socket = -1,
			             .deadline = clock_ticks() + request->timeout };
		bool reached = false;

		result->problem = NULL;
		reached = connect_to(&talk, request->addresses[i]);
		if (reached)
			(void)converse(&talk);
		SSL_free(talk.tls);
		SSL_CTX_free(talk.context);
		if (talk.socket >= 0)
			(void)close(talk.socket);
		if (reached)
			break;
	}
	(void)sigaction(SIGPIPE, &before, NULL);
}
