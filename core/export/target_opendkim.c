/*
 * OpenDKIM: which key signs for which From domain, and who may use it.
 *
 * Tables, compiled to Berkeley DB:
 *
 *	KeyTable  slot|domain TAB domain:selector:file       slot 1: RSA, slot 2: Ed25519
 *	guard     domain|login TAB 1
 *	          domain|login|envelope domain TAB 1
 *
 * SignatureAlgorithm is global in OpenDKIM, and an RSA key under the wrong one
 * makes a broken signature without a word: so each algorithm has an instance
 * of its own.  refile: tables take a gigabyte at 100,000 domains and the other
 * kinds know one key per domain; the database with slots, looked up by a
 * script, is O(1) and is opened anew for each mail.
 *
 * OpenDKIM picks the key by the From header, Postfix binds only the envelope
 * sender to the login.  The script closes that gap; see setup_lua.
 */

#include <string.h>

#include "core/export/target.h"

static const char opendkim_conf[] = "Mode s\n"
				    "UserID opendkim\n"
				    "Syslog yes\n"
				    "SyslogSuccess yes\n"
				    "Canonicalization relaxed/simple\n"
				    "OversignHeaders From\n"
				    "MultipleSignatures yes\n";

/*
 * Found by running it: odkim.set_reply() crashes "opendkim -n" and fails on real
 * mail; db_check() on a database that did not open crashes the daemon; so does
 * opening one after closing another, hence no db_close(): what a script opens
 * ends with it.  A From with two addresses is signed by the first, so exactly
 * one may stand there.
 */
static const char setup_lua[] =
	"-- 1. Mail without a login is nobody's: not signed, not judged (bounces come in here too).\n"
	"local login = odkim.get_mtasymbol(ctx, \"{auth_authen}\")\n"
	"if login == nil or login == \"\" then return nil end\n"
	"\n"
	"-- 2. One From with one address.  Its domain is the envelope sender's, which the mail server\n"
	"--    has bound to this login; or it is registered for this login, together with that envelope\n"
	"--    domain or, for the null sender, with none.\n"
	"local from = odkim.get_fromdomain(ctx)\n"
	"local sender = odkim.get_envfrom(ctx)\n"
	"local envelope = sender and sender:match(\"@([^@<>]+)>?$\")\n"
	"local header = odkim.get_header(ctx, \"From\", 0)\n"
	"local good = from ~= nil and odkim.get_header(ctx, \"From\", 1) == nil\n"
	"if good and header ~= nil then\n"
	"  local bare = header:gsub('\\\\.', ''):gsub('\"[^\"]*\"', ''):gsub('%b()', '')\n"
	"  local _, ats = bare:gsub('@', '')\n"
	"  good = ats == 1\n"
	"end\n"
	"from = from and from:lower()\n"
	"envelope = envelope and envelope:lower()\n"
	"if good and envelope ~= from then\n"
	"  local guard = odkim.db_open(\"db:@GUARD@\")\n"
	"  if guard == nil then odkim.set_result(ctx, SMFIS_TEMPFAIL) return nil end\n"
	"  local key = from .. \"|\" .. login\n"
	"  if envelope ~= nil then key = key .. \"|\" .. envelope end\n"
	"  good = odkim.db_check(guard, key) == 1\n"
	"end\n"
	"if not good then\n"
	"  odkim.log(ctx, \"refused: login \" .. login .. \", From \" .. tostring(from)"
	" .. \", envelope \" .. tostring(sender))\n"
	"  odkim.set_result(ctx, SMFIS_REJECT)\n"
	"  return nil\n"
	"end\n"
	"\n"
	"-- 3. Every slot that has a key signs; one that has and can't is a reason to wait.\n"
	"local keys = odkim.db_open(\"db:@KEYS@\")\n"
	"if keys == nil then odkim.set_result(ctx, SMFIS_TEMPFAIL) return nil end\n"
	"for slot = 1, 2 do\n"
	"  local key = slot .. \"|\" .. from\n"
	"  if odkim.db_check(keys, key) == 1 and odkim.sign(ctx, key) ~= 1 then\n"
	"    odkim.set_result(ctx, SMFIS_TEMPFAIL)\n"
	"  end\n"
	"end\n"
	"return nil\n";

struct instance {
	const char *folder;
	const char *algorithm;
	int port;
};

static const struct instance rsa = { "opendkim-rsa", "rsa-sha256", 8891 };
static const struct instance ed25519 = { "opendkim-ed25519", "ed25519-sha256", 8892 };

static bool render_conf(const struct instance *instance, const struct view *view,
                        struct outlet *out, struct err *err)
{
	struct text *text = &out->text;

	text_addf(text, "# Start it as: opendkim -x %s/current/%s/opendkim.conf\n", view->root,
	          instance->folder);
	text_add(text, opendkim_conf);
	text_addf(text, "Socket inet:%d@127.0.0.1\n", instance->port);
	text_addf(text, "PidFile /run/opendkim/%s.pid\n", instance->folder);
	text_addf(text, "SignatureAlgorithm %s\n", instance->algorithm);
	text_add(text, "KeyTable db:");
	target_folder(view, text);
	text_addf(text, "/%s/KeyTable.db\nSigningTable file:", instance->folder);
	target_folder(view, text);
	text_addf(text, "/%s/SigningTable\nSetupPolicyScript ", instance->folder);
	target_folder(view, text);
	text_addf(text, "/%s/setup.lua\n", instance->folder);
	return outlet_row(out, err);
}

/* @GUARD@ and @KEYS@; the rest of the script is the same everywhere. */
static bool render_script(const struct instance *instance, const struct view *view,
                          struct outlet *out, struct err *err)
{
	struct text *text = &out->text;

	for (const char *p = setup_lua; *p != '\0';) {
		size_t length = strcspn(p, "@");
		text_add_bytes(text, p, length);
		p += length;
		if (strncmp(p, "@GUARD@", 7) == 0) {
			target_folder(view, text);
			text_addf(text, "/%s/guard.db", rsa.folder);
			p += 7;
		} else if (strncmp(p, "@KEYS@", 6) == 0) {
			target_folder(view, text);
			text_addf(text, "/%s/KeyTable.db", instance->folder);
			p += 6;
		} else if (*p != '\0') {
			text_add_char(text, *p++);
		}
	}
	return outlet_row(out, err);
}

/* The policy script chooses keys by itself, but the option must name a file. */
static bool render_signing_table(const struct view *view, struct outlet *out, struct err *err)
{
	UNUSED(view);
	return outlet_row(out, err);
}

struct rows {
	const struct view *view;
	struct outlet *out;
};

static bool key_row(struct rows *rows, int slot, const char *domain, const char *selector,
                    struct err *err)
{
	struct outlet *out = rows->out;

	text_addf(&out->text, "%d|", slot);
	if (!outlet_word(out, WORD_DOMAIN, domain, err))
		return false;
	text_addf(&out->text, "\t%s:", domain);
	if (!outlet_word(out, WORD_SELECTOR, selector, err))
		return err_within(err, "%s", domain);
	text_add(&out->text, ":");
	target_current(rows->view, &out->text);
	text_addf(&out->text, "/keys/%s/%s.pem\n", domain, selector);
	return outlet_row(out, err);
}

static bool rsa_row(const struct serving_domain *domain, void *context, struct err *err)
{
	return domain->rsa_selector == NULL
	       || key_row(context, 1, domain->name, domain->rsa_selector, err);
}

static bool ed25519_row(const struct serving_domain *domain, void *context, struct err *err)
{
	return domain->ed_selector == NULL
	       || key_row(context, 2, domain->name, domain->ed_selector, err);
}

static bool render_rsa_keys(const struct view *view, struct outlet *out, struct err *err)
{
	struct rows rows = { .view = view, .out = out };

	return view_domains(view, rsa_row, &rows, err);
}

static bool render_ed25519_keys(const struct view *view, struct outlet *out, struct err *err)
{
	struct rows rows = { .view = view, .out = out };

	return view_domains(view, ed25519_row, &rows, err);
}

static bool guard_row(const struct serving_login *login, void *context, struct err *err)
{
	struct outlet *out = context;

	for (int with_envelope = 0; with_envelope < (login->envelope_domain != NULL ? 2 : 1);
	     with_envelope++) {
		if (!outlet_word(out, WORD_DOMAIN, login->domain, err))
			return false;
		text_add(&out->text, "|");
		if (!outlet_word(out, WORD_LOGIN, login->login, err))
			return false;
		if (with_envelope) {
			text_add(&out->text, "|");
			if (!outlet_word(out, WORD_DOMAIN, login->envelope_domain, err))
				return false;
		}
		text_add(&out->text, "\t1\n");
		if (!outlet_row(out, err))
			return false;
	}
	return true;
}

static bool render_guard(const struct view *view, struct outlet *out, struct err *err)
{
	return view_logins(view, guard_row, out, err);
}

static bool render_rsa_conf(const struct view *view, struct outlet *out, struct err *err)
{
	return render_conf(&rsa, view, out, err);
}

static bool render_rsa_script(const struct view *view, struct outlet *out, struct err *err)
{
	return render_script(&rsa, view, out, err);
}

static bool render_ed25519_conf(const struct view *view, struct outlet *out, struct err *err)
{
	return render_conf(&ed25519, view, out, err);
}

static bool render_ed25519_script(const struct view *view, struct outlet *out, struct err *err)
{
	return render_script(&ed25519, view, out, err);
}

struct key_files {
	struct outlet *out;
	const char *algorithm;
};

static bool key_file(const struct serving_key *key, void *context, struct err *err)
{
	const struct key_files *files = context;

	return strcmp(key->algorithm, files->algorithm) != 0
	       || target_key_file(key, "pem", files->out, err);
}

static bool rsa_manifest(const struct view *view, struct outlet *out, struct err *err)
{
	struct key_files files = { .out = out, .algorithm = rsa.algorithm };

	return view_keys(view, key_file, &files, err);
}

static bool ed25519_manifest(const struct view *view, struct outlet *out, struct err *err)
{
	struct key_files files = { .out = out, .algorithm = ed25519.algorithm };

	return view_keys(view, key_file, &files, err);
}

static bool rsa_wanted(const struct view *view)
{
	return strcmp(view->relay->signer, "opendkim") == 0;
}

static bool ed25519_wanted(const struct view *view)
{
	return rsa_wanted(view) && view->relay->ed25519;
}

bool target_opendkim_signs(const struct view *view, const char *algorithm)
{
	return strcmp(algorithm, rsa.algorithm) == 0 ? rsa_wanted(view) : ed25519_wanted(view);
}

static const struct artifact rsa_artifacts[] = {
	{ "opendkim-rsa/KeyTable", 0644, TABLE_HASH, "# ", false, render_rsa_keys },
	{ "opendkim-rsa/guard", 0644, TABLE_HASH, "# ", false, render_guard },
	{ "opendkim-rsa/SigningTable", 0644, TABLE_NONE, "# ", false, render_signing_table },
	{ "opendkim-rsa/opendkim.conf", 0644, TABLE_NONE, "# ", true, render_rsa_conf },
	{ "opendkim-rsa/setup.lua", 0644, TABLE_NONE, "-- ", true, render_rsa_script },
};

static const struct artifact ed25519_artifacts[] = {
	{ "opendkim-ed25519/KeyTable", 0644, TABLE_HASH, "# ", false, render_ed25519_keys },
	{ "opendkim-ed25519/SigningTable", 0644, TABLE_NONE, "# ", false, render_signing_table },
	{ "opendkim-ed25519/opendkim.conf", 0644, TABLE_NONE, "# ", true, render_ed25519_conf },
	{ "opendkim-ed25519/setup.lua", 0644, TABLE_NONE, "-- ", true, render_ed25519_script },
};

extern const struct target target_opendkim_rsa;
const struct target target_opendkim_rsa = {
	.name = "opendkim-rsa",
	.summary = "OpenDKIM: RSA signatures, and the guard of From",
	.artifacts = rsa_artifacts,
	.artifact_count = LENGTH(rsa_artifacts),
	.wanted = rsa_wanted,
	.manifest = rsa_manifest,
};

extern const struct target target_opendkim_ed25519;
const struct target target_opendkim_ed25519 = {
	.name = "opendkim-ed25519",
	.summary = "OpenDKIM: Ed25519 signatures, by an instance of its own",
	.artifacts = ed25519_artifacts,
	.artifact_count = LENGTH(ed25519_artifacts),
	.wanted = ed25519_wanted,
	.manifest = ed25519_manifest,
};
