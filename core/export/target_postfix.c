/*
 * Postfix: who may send as whom, and which way direct mail takes.
 *
 * Tables as postmap(1) reads them, compiled to cdb:
 *
 *	sender_login      address TAB login[,login]
 *	sender_transport  @domain TAB custsmtp:[host]:port              (direct only)
 *	tls_policy        [host]:port TAB secure match=host ...         (direct only)
 *	sasl_passwd       @domain TAB user:password   from the bundle   (direct only)
 *
 * A comma or blank in a login would make a second owner of an address, a
 * newline a second row; the allow-lists of outlet.c know neither.
 *
 * Customers' passwords belong to a transport of their own: with SASL enabled
 * globally, a missing route row would hand them to any MX that offers AUTH.
 * Its default level is "secure", so that a missing policy row fails closed.
 */

#include <stdlib.h>
#include <string.h>

#include "core/base/words.h"
#include "core/export/target.h"

static const char main_cf[] =
	"# Lines for main.cf of this relay.  They don't change between generations\n"
	"# unless this file says so in \"export diff\".\n"
	"# The submission service must offer SASL AUTH, and only under TLS.\n"
	"smtpd_sender_login_maps = cdb:@CURRENT@/postfix/sender_login\n"
	"sender_dependent_default_transport_maps = cdb:@CURRENT@/postfix/sender_transport\n"
	"smtpd_sender_restrictions = reject_sender_login_mismatch\n";

static const char main_cf_rest[] =
	"# Without the signer nothing leaves: 4xx, not unsigned.\n"
	"milter_default_action = tempfail\n"
	"milter_content_timeout = 30s\n"
	"smtp_tls_mandatory_protocols = >=TLSv1.2\n"
	"# One customer's wrong password must not hold up the others of the same server.\n"
	"custsmtp_destination_concurrency_failed_cohort_limit = 0\n"
	"custsmtps_destination_concurrency_failed_cohort_limit = 0\n";

static bool render_main_cf(const struct view *view, struct outlet *out, struct err *err)
{
	if (!target_template(view, main_cf, out, err))
		return false;
	if (strcmp(view->relay->signer, "opendkim") == 0)
		text_addf(&out->text, "smtpd_milters = inet:127.0.0.1:8891%s\n",
		          view->relay->ed25519 ? ", inet:127.0.0.1:8892" : "");
	return target_template(view, main_cf_rest, out, err);
}

static const char master_cf[] =
	"# Lines for master.cf of this relay: mail through customers' own servers,\n"
	"# with STARTTLS (587) and with TLS from the first octet (465).\n";

static const char transport[] = "  -o smtp_sasl_auth_enable=yes\n"
				"  -o smtp_sender_dependent_authentication=yes\n"
				"  -o smtp_sasl_password_maps=cdb:@CURRENT@/postfix/sasl_passwd\n"
				"  -o smtp_sasl_security_options=noanonymous\n"
				"  -o smtp_tls_security_level=secure\n"
				"  -o smtp_tls_CAfile=/etc/ssl/certs/ca-certificates.crt\n"
				"  -o smtp_tls_policy_maps=cdb:@CURRENT@/postfix/tls_policy\n"
				"  -o smtp_tls_mandatory_protocols=>=TLSv1.2\n";

/* chroot "n": a customer's CA file is opened inside the jail otherwise. */
static bool render_transport(const struct view *view, const char *name, struct outlet *out,
                             struct err *err)
{
	text_addf(&out->text, "%s  unix  -  -  n  -  -  smtp\n", name);
	return target_template(view, transport, out, err);
}

static bool render_master_cf(const struct view *view, struct outlet *out, struct err *err)
{
	text_add(&out->text, master_cf);
	if (!render_transport(view, "custsmtp", out, err)
	    || !render_transport(view, "custsmtps", out, err))
		return false;
	text_add(&out->text, "  -o smtp_tls_wrappermode=yes\n");
	return outlet_row(out, err);
}

/* As many logins as there are rows behind them: a comma inside one would be a
 * second owner of the address. */
static bool logins_whole(const struct serving_sender *sender, struct err *err)
{
	unsigned long count = 1;

	for (const char *p = sender->logins; *p != '\0'; p++)
		count += *p == ',';
	return (sender->login_count != NULL && count == strtoul(sender->login_count, NULL, 10))
	       || err_set(err, ERR_INPUT, _("\"%s\" cannot be written as %s"), sender->logins,
	                  _("a list of logins"));
}

static bool sender_login_row(const struct serving_sender *sender, void *context, struct err *err)
{
	struct outlet *out = context;

	if (!outlet_word(out, WORD_ADDRESS, sender->address, err))
		return false;
	text_add(&out->text, "\t");
	if (!outlet_word(out, WORD_LOGINS, sender->logins, err) || !logins_whole(sender, err))
		return err_within(err, "%s", sender->address);
	text_add(&out->text, "\n");
	return outlet_row(out, err);
}

/* Another name of a sender, not another sender. */
static bool envelope_row(const struct serving_sender *sender, void *context, struct err *err)
{
	struct outlet *out = context;

	if (!sender_login_row(sender, context, err))
		return false;
	out->rows--;
	return true;
}

static bool render_sender_login(const struct view *view, struct outlet *out, struct err *err)
{
	return view_senders(view, sender_login_row, out, err)
	       && view_envelopes(view, envelope_row, out, err);
}

static bool is_direct(const struct serving_domain *domain)
{
	return strcmp(domain->mode, "direct") == 0 && domain->host != NULL;
}

static bool transport_row(struct outlet *out, const struct serving_domain *domain, const char *name,
                          struct err *err)
{
	text_add(&out->text, "@");
	if (!outlet_word(out, WORD_DOMAIN, name, err))
		return false;
	text_addf(&out->text, "\t%s:[",
	          strcmp(domain->tls, "implicit") == 0 ? "custsmtps" : "custsmtp");
	if (!outlet_word(out, WORD_DOMAIN, domain->host, err))
		return false;
	text_add(&out->text, "]:");
	if (!outlet_word(out, WORD_PORT, domain->port, err))
		return false;
	text_add(&out->text, "\n");
	return outlet_row(out, err);
}

static bool sender_transport_rows(const struct serving_domain *domain, void *context,
                                  struct err *err)
{
	if (!is_direct(domain))
		return true;
	if (!transport_row(context, domain, domain->name, err))
		return false;
	return domain->envelope_domain == NULL
	       || transport_row(context, domain, domain->envelope_domain, err);
}

static bool render_sender_transport(const struct view *view, struct outlet *out, struct err *err)
{
	return view_domains(view, sender_transport_rows, out, err);
}

struct hops {
	const struct view *view;
	struct outlet *out;
};

/* The key must equal the next hop byte for byte, or the row is not found. */
static bool tls_policy_row(const struct serving_hop *hop, void *context, struct err *err)
{
	const struct hops *hops = context;
	struct outlet *out = hops->out;

	text_add(&out->text, "[");
	if (!outlet_word(out, WORD_DOMAIN, hop->host, err))
		return false;
	text_add(&out->text, "]:");
	if (!outlet_word(out, WORD_PORT, hop->port, err))
		return false;
	text_addf(&out->text, "\tsecure match=%s protocols=>=TLSv1.2 ciphers=high", hop->host);
	if (hop->ca != NULL) {
		text_addf(&out->text, " tafile=%s/ca/", hops->view->root);
		if (!outlet_word(out, WORD_NAME, hop->ca, err))
			return false;
		text_add(&out->text, ".pem");
	}
	text_add(&out->text, "\n");
	return outlet_row(out, err);
}

static bool render_tls_policy(const struct view *view, struct outlet *out, struct err *err)
{
	struct hops hops = { .view = view, .out = out };

	return view_hops(view, tls_policy_row, &hops, err);
}

/* "\t" is two characters here: the manifest's own way to write a TAB. */
static bool password_line(struct outlet *out, const struct serving_domain *domain, const char *name,
                          struct err *err)
{
	text_add(&out->text, "smarthost\t");
	if (!outlet_word(out, WORD_UUID, domain->smarthost_uuid, err))
		return false;
	text_add(&out->text, "\tpostfix/sasl_passwd\tline\troot\t0600\t@");
	if (!outlet_word(out, WORD_DOMAIN, name, err))
		return false;
	text_add(&out->text, "\\t");
	if (!outlet_word(out, WORD_LOGIN, domain->auth_user, err))
		return false;
	text_add(&out->text, ":\n");
	return outlet_row(out, err);
}

static bool password_lines(const struct serving_domain *domain, void *context, struct err *err)
{
	if (!is_direct(domain))
		return true;
	if (!password_line(context, domain, domain->name, err))
		return false;
	return domain->envelope_domain == NULL
	       || password_line(context, domain, domain->envelope_domain, err);
}

static bool render_manifest(const struct view *view, struct outlet *out, struct err *err)
{
	text_addf(&out->text,
	          "text\t-\tpostfix/sasl_passwd\tline\troot\t0600\t# written by senderctl: "
	          "relay %s, generation %08lld\n",
	          view->relay->full_name, view->number);
	return outlet_row(out, err) && view_domains(view, password_lines, out, err);
}

static bool wanted(const struct view *view)
{
	return strcmp(view->relay->mta, "postfix") == 0;
}

static const struct artifact artifacts[] = {
	{ "postfix/main.cf", 0644, TABLE_NONE, "# ", false, render_main_cf },
	{ "postfix/master.cf", 0644, TABLE_NONE, "# ", false, render_master_cf },
	{ "postfix/sender_login", 0644, TABLE_CDB, "# ", false, render_sender_login },
	{ "postfix/sender_transport", 0644, TABLE_CDB, "# ", false, render_sender_transport },
	{ "postfix/tls_policy", 0644, TABLE_CDB, "# ", false, render_tls_policy },
};

extern const struct target target_postfix;
const struct target target_postfix = {
	.name = "postfix",
	.summary = "Postfix: senders and logins, customers' servers",
	.artifacts = artifacts,
	.artifact_count = LENGTH(artifacts),
	.wanted = wanted,
	.manifest = render_manifest,
};
