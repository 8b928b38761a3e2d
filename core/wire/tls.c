#include "core/wire/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/wire/smtp_reply.h"

enum { NAMES_MOST = 4, NAME_ROOM = 128 };

struct tls_trust {
	SSL_CTX *safe;
	SSL_CTX *outdated;
};

struct tls {
	SSL *ssl;
	X509 *certificate; /* of the server, kept also when it is refused */
	X509 *refused;     /* the one in its chain that is not good */
	int reason;        /* X509_V_...: why it is not good */
	unsigned long failed;
};

static const char *const system_files[] = { "/etc/ssl/certs/ca-certificates.crt",
	                                    "/etc/pki/tls/cert.pem", "/etc/ssl/cert.pem" };

/* The system's authorities in one file, where it has one: a folder of them is
 * read during the handshake, which a locked process cannot do. */
static bool trust_system(SSL_CTX *context)
{
	for (size_t i = 0; i < LENGTH(system_files); i++)
		if (access(system_files[i], R_OK) == 0)
			return SSL_CTX_load_verify_file(context, system_files[i]) == 1;
	return SSL_CTX_set_default_verify_paths(context) == 1;
}

/* Called for every certificate of the chain that is not good; saying no ends
 * the handshake, so that nothing is ever said to a server that is another. */
static int refuse(int good, X509_STORE_CTX *chain)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls *tls = ssl ? SSL_get_app_data(ssl) : NULL;

	if (!good && tls && tls->reason == X509_V_OK) {
		tls->reason = X509_STORE_CTX_get_error(chain);
		tls->certificate = X509_STORE_CTX_get0_cert(chain);
		tls->refused = X509_STORE_CTX_get_current_cert(chain);
		if (tls->certificate)
			(void)X509_up_ref(tls->certificate);
		if (tls->refused)
			(void)X509_up_ref(tls->refused);
	}
	return good;
}

static SSL_CTX *outdated_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (context
	    && (SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0") != 1
	        || SSL_CTX_set_min_proto_version(context, TLS1_VERSION) != 1
	        || SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION) != 1)) {
		SSL_CTX_free(context);
		return NULL;
	}
	return context;
}

bool tls_trust_open(struct tls_trust **opened, const char *ca_file)
{
	struct tls_trust *trust = calloc(1, sizeof(*trust));

	if (!trust)
		return false;
	trust->safe = SSL_CTX_new(TLS_client_method());
	trust->outdated = outdated_context();
	if (!trust->safe || SSL_CTX_set_min_proto_version(trust->safe, TLS1_2_VERSION) != 1
	    || !(ca_file ? SSL_CTX_load_verify_file(trust->safe, ca_file) == 1
	                 : trust_system(trust->safe))) {
		tls_trust_close(trust);
		return false;
	}
	SSL_CTX_set_verify(trust->safe, SSL_VERIFY_PEER, refuse);
	*opened = trust;
	return true;
}

void tls_trust_close(struct tls_trust *trust)
{
	if (!trust)
		return;
	SSL_CTX_free(trust->safe);
	SSL_CTX_free(trust->outdated);
	free(trust);
}

/* RFC 6125: the name we looked for, not the one that DNS led to. */
static bool expect_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *rules = SSL_get0_param(ssl);
	uint8_t bytes[16];
	char named[256];

	if (inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(rules, host) == 1;
	(void)snprintf(named, sizeof(named), "%s", host); /* the macro casts const away */
	X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return X509_VERIFY_PARAM_set1_host(rules, host, 0) == 1
	       && SSL_set_tlsext_host_name(ssl, named) == 1;
}

struct tls *tls_open(const struct tls_trust *trust, int socket, const char *host,
                     enum tls_versions versions)
{
	struct tls *tls = calloc(1, sizeof(*tls));
	SSL_CTX *context = !trust ? NULL : versions == TLS_SAFE ? trust->safe : trust->outdated;

	if (!tls || !context)
		goto no;
	tls->ssl = SSL_new(context);
	if (!tls->ssl || SSL_set_fd(tls->ssl, socket) != 1 || !expect_host(tls->ssl, host))
		goto no;
	(void)SSL_set_app_data(tls->ssl, tls);
	return tls;
no:
	tls_close(tls);
	return NULL;
}

void tls_close(struct tls *tls)
{
	if (!tls)
		return;
	X509_free(tls->certificate);
	X509_free(tls->refused);
	SSL_free(tls->ssl);
	free(tls);
}

static enum tls_state state_of(struct tls *tls, int code)
{
	switch (SSL_get_error(tls->ssl, code)) {
	case SSL_ERROR_NONE:
		return TLS_DONE;
	case SSL_ERROR_WANT_READ:
		return TLS_WANTS_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANTS_WRITE;
	default:
		tls->failed = ERR_peek_last_error();
		return TLS_ENDED;
	}
}

enum tls_state tls_shake(struct tls *tls)
{
	ERR_clear_error();
	return state_of(tls, SSL_connect(tls->ssl));
}

enum tls_state tls_read(struct tls *tls, void *bytes, size_t room, size_t *got)
{
	*got = 0;
	ERR_clear_error();
	return state_of(tls, SSL_read_ex(tls->ssl, bytes, room, got));
}

enum tls_state tls_write(struct tls *tls, const void *bytes, size_t size, size_t *put)
{
	*put = 0;
	ERR_clear_error();
	return state_of(tls, SSL_write_ex(tls->ssl, bytes, size, put));
}

static const char *day(struct arena *arena, const ASN1_TIME *moment)
{
	struct tm when;

	if (ASN1_TIME_to_tm(moment, &when) != 1)
		return NULL;
	return arena_print(arena, "%04d-%02d-%02d", when.tm_year + 1900, when.tm_mon + 1,
	                   when.tm_mday);
}

static void add_name(struct text *out, size_t *count, const ASN1_STRING *name)
{
	char raw[NAME_ROOM] = "";
	char plain[NAME_ROOM];
	int length = name ? ASN1_STRING_length(name) : 0;

	if (length <= 0 || length >= NAME_ROOM)
		return;
	if ((*count)++ >= NAMES_MOST)
		return;
	memcpy(raw, ASN1_STRING_get0_data(name), (size_t)length);
	smtp_reply_plain(plain, sizeof(plain), raw);
	text_addf(out, "%s%s", out->length > 0 ? ", " : "", plain);
}

static const ASN1_STRING *common_name(const X509_NAME *name)
{
	int at = name ? X509_NAME_get_index_by_NID(name, NID_commonName, -1) : -1;

	if (name && at < 0)
		at = X509_NAME_get_index_by_NID(name, NID_organizationName, -1);
	return at < 0 ? NULL : X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
}

static const char *taken(struct arena *arena, struct text *out, size_t count)
{
	const char *copy = NULL;

	if (count > NAMES_MOST)
		text_add(out, ", ...");
	copy = out->length > 0 ? arena_copy(arena, text_string(out)) : NULL;
	text_free(out);
	return copy;
}

/* The names it is for; the subject's name counts only where there are none. */
static const char *names_of(struct arena *arena, X509 *certificate)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	struct text out = { 0 };
	size_t count = 0;

	for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_DNS)
			add_name(&out, &count, name->d.dNSName);
	}
	GENERAL_NAMES_free(names);
	if (count == 0)
		add_name(&out, &count, common_name(X509_get_subject_name(certificate)));
	return taken(arena, &out, count);
}

static const char *issuer_of(struct arena *arena, const X509 *certificate)
{
	struct text out = { 0 };
	size_t count = 0;

	add_name(&out, &count, common_name(X509_get_issuer_name(certificate)));
	return taken(arena, &out, count);
}

static void look_at(struct arena *arena, X509 *certificate, const X509 *dated,
                    struct tls_facts *facts)
{
	int days = 0;
	int seconds = 0;

	facts->names = names_of(arena, certificate);
	facts->issuer = issuer_of(arena, certificate);
	facts->begins = day(arena, X509_get0_notBefore(dated));
	facts->expires = day(arena, X509_get0_notAfter(dated));
	if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(dated)) == 1)
		facts->days_left = days;
}

void tls_look(struct tls *tls, struct arena *arena, struct tls_facts *facts)
{
	*facts = (struct tls_facts){ 0 };
	if (SSL_is_init_finished(tls->ssl)) {
		facts->version = arena_copy(arena, SSL_get_version(tls->ssl));
		facts->cipher = arena_copy(arena, SSL_get_cipher_name(tls->ssl));
		if (!tls->certificate)
			tls->certificate = SSL_get1_peer_certificate(tls->ssl);
	}
	if (tls->certificate)
		look_at(arena, tls->certificate, tls->refused ? tls->refused : tls->certificate,
		        facts);
}

static const struct {
	int reason;
	enum wire_fault fault;
} reasons[] = {
	{ X509_V_ERR_HOSTNAME_MISMATCH, WIRE_CERT_NAME },
	{ X509_V_ERR_IP_ADDRESS_MISMATCH, WIRE_CERT_NAME },
	{ X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, WIRE_CERT_SELF },
	{ X509_V_ERR_CERT_HAS_EXPIRED, WIRE_CERT_EXPIRED },
	{ X509_V_ERR_CERT_NOT_YET_VALID, WIRE_CERT_EARLY },
	{ X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, WIRE_CERT_UNKNOWN },
	{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, WIRE_CERT_UNKNOWN },
	{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, WIRE_CERT_UNKNOWN },
	{ X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, WIRE_CERT_UNKNOWN },
};

enum wire_fault tls_fault(const struct tls *tls, struct arena *arena, const char **said)
{
	const char *reason = tls->failed ? ERR_reason_error_string(tls->failed) : NULL;

	if (tls->reason == X509_V_OK) {
		*said = arena_copy(arena, reason ? reason : "the connection was closed");
		return WIRE_TLS_NONE;
	}
	*said = arena_copy(arena, X509_verify_cert_error_string(tls->reason));
	for (size_t i = 0; i < LENGTH(reasons); i++)
		if (reasons[i].reason == tls->reason)
			return reasons[i].fault;
	return WIRE_CERT_BAD;
}
