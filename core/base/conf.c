#include "core/base/conf.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <confuse.h>

#include "core/base/conf_text.h"
#include "core/base/file.h"
#include "core/base/nearest.h"
#include "core/base/words.h"

enum { FILE_LIMIT = 1 << 20, OPTIONS_OF_A_SECTION = 16 };

/* Numbers are read by us and not by libconfuse, to whom 010 is eight and a
 * decimal comma is a syntax error without a word about commas. */
enum kind {
	KIND_TEXT,
	KIND_PATH,
	KIND_CHOICE,
	KIND_SECONDS,
	KIND_RATE,  /* so many a second */
	KIND_COUNT, /* of things at once */
	KIND_PORT,
	KIND_POOL,  /* so many keys */
	KIND_TIME,  /* of the day: 07:00 */
	KIND_MAIL,  /* a mail address */
	KIND_URL,   /* https://... */
	KIND_MAILS, /* a list from here on */
	KIND_ADDRESSES,
};

/* One row is one option: where it stands, what it may be, where it goes. */
struct row {
	const char *section; /* NULL: on top */
	const char *name;
	enum kind kind;
	size_t member;
	const char *choices; /* KIND_CHOICE: "de en" */
};

#define ROW(section, name, kind, field, choices) \
	{ \
		section, name, kind, offsetof(struct conf, field), choices \
	}

static const struct row rows[] = {
	ROW(NULL, "language", KIND_CHOICE, language, "de en"),
	ROW(NULL, "color", KIND_CHOICE, color, "auto always never"),
	ROW("database", "connection", KIND_TEXT, connection, NULL),
	ROW("embedded", "state", KIND_PATH, state, NULL),
	ROW("keys", "socket", KIND_PATH, keys_socket, NULL),
	ROW("keys", "pool", KIND_POOL, keys_pool, NULL),
	ROW("keys", "keygen", KIND_CHOICE, keys_keygen, "evp bn"),
	ROW("dns", "resolvers", KIND_ADDRESSES, resolvers, NULL),
	ROW("dns", "timeout", KIND_SECONDS, dns_timeout, NULL),
	ROW("dns", "rate", KIND_RATE, dns_rate, NULL),
	ROW("dns", "per_server", KIND_COUNT, dns_per_server, NULL),
	ROW("dns", "authoritative_port", KIND_PORT, authoritative_port, NULL),
	ROW("probe", "ca_file", KIND_PATH, ca_file, NULL),
	ROW("monitor", "mail_to", KIND_MAILS, monitor.mail_to, NULL),
	ROW("monitor", "mail_from", KIND_MAIL, monitor.mail_from, NULL),
	ROW("monitor", "sendmail", KIND_PATH, monitor.sendmail, NULL),
	ROW("monitor", "digest_at", KIND_TIME, monitor.digest_at, NULL),
	ROW("monitor", "webhook", KIND_URL, monitor.webhook, NULL),
	ROW("monitor", "prometheus", KIND_PATH, monitor.prometheus, NULL),
	ROW("monitor", "lease", KIND_SECONDS, monitor.lease, NULL),
	ROW("relay", "name", KIND_TEXT, relay.name, NULL),
	ROW("relay", "root", KIND_PATH, relay.root, NULL),
	ROW("relay", "identity", KIND_PATH, relay.identity, NULL),
	ROW("relay", "signer", KIND_PATH, relay.signer, NULL),
	ROW("relay", "reload", KIND_TEXT, relay.reload, NULL),
};

static const char *const sections[] = { "database", "embedded", "keys", "dns",
	                                "probe",    "monitor",  "relay" };

/* libconfuse's callbacks carry no context of ours. */
static struct {
	struct conf *conf;
	struct err *err;
	const char *file;
} reading;

const char *conf_environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool same_section(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static const struct row *row_find(const char *section, const char *name)
{
	for (size_t i = 0; i < LENGTH(rows); i++)
		if (same_section(rows[i].section, section) && strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static bool section_known(const char *name)
{
	for (size_t i = 0; i < LENGTH(sections); i++)
		if (strcmp(sections[i], name) == 0)
			return true;
	return false;
}

/* The nearest word that may stand here, or NULL when none is near. */
static const char *meant_word(const char *section, const char *word)
{
	const char *candidates[LENGTH(rows) + LENGTH(sections)];
	size_t count = 0;

	for (size_t i = 0; i < LENGTH(rows); i++)
		if (same_section(rows[i].section, section))
			candidates[count++] = rows[i].name;
	for (size_t i = 0; section == NULL && i < LENGTH(sections); i++)
		candidates[count++] = sections[i];
	return nearest(word, candidates, count);
}

static bool no_such(const struct conf_place *at, struct err *err)
{
	const char *meant = meant_word(at->section, at->name);

	if (meant != NULL)
		(void)err_set(err, ERR_INPUT,
		              _("%s:%d: error: no such option '%s'; did you mean '%s'?"), at->file,
		              at->line, at->name, meant);
	else
		(void)err_set(err, ERR_INPUT, _("%s:%d: error: no such option '%s'"), at->file,
		              at->line, at->name);
	return err_hint(err, _("senderctl.conf(5) lists every option"));
}

/* What the check of the text asks us about each name it meets. */
static bool name_allowed(const struct conf_place *at, bool opens_section, void *context,
                         struct err *err)
{
	UNUSED(context);
	if (opens_section && at->section == NULL && section_known(at->name))
		return true;
	if (!opens_section && row_find(at->section, at->name) != NULL)
		return true;
	if (opens_section && row_find(at->section, at->name) != NULL)
		return err_set(err, ERR_INPUT, _("%s:%d: error: '%s' is an option, write %s = ..."),
		               at->file, at->line, at->name, at->name);
	if (!opens_section && at->section == NULL && section_known(at->name))
		return err_set(err, ERR_INPUT,
		               _("%s:%d: error: '%s' is a section, write %s { ... }"), at->file,
		               at->line, at->name, at->name);
	return no_such(at, err);
}

/* Our sentence for whatever the library still complains about: the text was
 * checked before, so this is the rare case, and its own words may come out of
 * a catalogue that is not ours. */
static void library_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	UNUSED(fmt);
	UNUSED(ap);
	if (reading.err->code == ERR_NONE)
		(void)err_set(reading.err, ERR_INPUT,
		              _("%s:%d: error: this line is not understood"), reading.file,
		              cfg->line);
}

static int wrong(cfg_t *cfg, const char *name, const char *value, const char *expected)
{
	(void)err_set(reading.err, ERR_INPUT, _("%s:%d: error: %s = \"%s\": expected %s"),
	              reading.file, cfg->line, name, value, expected);
	return -1;
}

static bool plain_number(const char *text, bool fraction, double *number)
{
	char *end;

	if (!isdigit((unsigned char)text[0])
	    || strspn(text, fraction ? "0123456789." : "0123456789") != strlen(text))
		return false;
	errno = 0;
	*number = strtod(text, &end);
	return errno == 0 && *end == '\0';
}

static bool among(const char *choices, const char *value)
{
	size_t length = strlen(value);

	for (const char *p = choices; *p != '\0'; p += strspn(p, " ")) {
		size_t word = strcspn(p, " ");
		if (word == length && strncmp(p, value, length) == 0)
			return true;
		p += word;
	}
	return false;
}

static int store_seconds(cfg_t *cfg, const struct row *row, const char *value, double *member)
{
	double number;

	if (!plain_number(value, true, &number) || number <= 0 || number > 3600)
		return wrong(cfg, row->name, value, _("seconds between 0 and 3600, such as 2.5"));
	*member = number;
	return 0;
}

static int store_rate(cfg_t *cfg, const struct row *row, const char *value, double *member)
{
	double number;

	if (!plain_number(value, true, &number) || number < 1 || number > 1000000)
		return wrong(cfg, row->name, value, _("so many a second, from 1 on"));
	*member = number;
	return 0;
}

/* A whole number within limits, which `expected` names. */
static int store_whole(cfg_t *cfg, const struct row *row, const char *value, int least, int most,
                       const char *expected)
{
	double number;

	if (!plain_number(value, false, &number) || number < least || number > most)
		return wrong(cfg, row->name, value, expected);
	*(int *)(void *)((char *)reading.conf + row->member) = (int)number;
	return 0;
}

/* "~" is the reader's home; a path must be absolute, because the programs that
 * read this file do not share a current folder. */
static int store_path(cfg_t *cfg, const struct row *row, const char *value, const char **member)
{
	const char *home = conf_environment("HOME");

	if (value[0] == '~' && value[1] == '/' && home != NULL)
		*member = arena_print(&reading.conf->arena, "%s%s", home, value + 1);
	else if (value[0] == '/')
		*member = arena_copy(&reading.conf->arena, value);
	else
		return wrong(cfg, row->name, value, _("an absolute path"));
	return 0;
}

static int store_addresses(cfg_t *cfg, cfg_opt_t *opt)
{
	struct conf *conf = reading.conf;
	unsigned int count = cfg_opt_size(opt);
	const char **list = arena_take(&conf->arena, (count + 1) * sizeof *list);

	for (unsigned int i = 0; i < count; i++) {
		const char *value = cfg_opt_getnstr(opt, i);
		if (value[0] == '\0'
		    || strspn(value, "0123456789abcdefABCDEF.:[]%") != strlen(value))
			return wrong(cfg, "resolvers", value,
			             _("an address such as 127.0.0.1, 127.0.0.1:53 or [::1]:53"));
		list[i] = arena_copy(&conf->arena, value);
	}
	conf->resolvers = list;
	conf->resolver_count = count;
	return 0;
}

/* Fit for the head of a mail and for an argument: no blank, no bracket, one @. */
static bool plain_mail(const char *value)
{
	const char *at = strchr(value, '@');
	size_t length = strlen(value);

	for (const char *p = value; *p != '\0'; p++)
		if ((unsigned char)*p <= 0x20 || (unsigned char)*p >= 0x7f
		    || strchr("<>()[],;:\\\"", *p) != NULL)
			return false;
	return at != NULL && at != value && at[1] != '\0' && strchr(at + 1, '@') == NULL
	       && length <= 254 && value[0] != '-';
}

static int store_mail(cfg_t *cfg, const struct row *row, const char *value, const char **member)
{
	if (!plain_mail(value))
		return wrong(cfg, row->name, value, _("an address such as mail@vendor.example"));
	*member = arena_copy(&reading.conf->arena, value);
	return 0;
}

static int store_mails(cfg_t *cfg, const struct row *row, cfg_opt_t *opt)
{
	struct conf *conf = reading.conf;
	unsigned int count = cfg_opt_size(opt);
	const char **list = arena_take(&conf->arena, (count + 1) * sizeof *list);

	for (unsigned int i = 0; i < count; i++)
		if (store_mail(cfg, row, cfg_opt_getnstr(opt, i), &list[i]) != 0)
			return -1;
	conf->monitor.mail_to = list;
	conf->monitor.mail_to_count = count;
	return 0;
}

static int store_time(cfg_t *cfg, const struct row *row, const char *value, int *member)
{
	static const char digits[] = "0123456789";

	if (strlen(value) != 5 || strspn(value, digits) != 2 || value[2] != ':'
	    || strspn(value + 3, digits) != 2 || strncmp(value, "24", 2) >= 0
	    || strcmp(value + 3, "60") >= 0)
		return wrong(cfg, row->name, value, _("a time of the day such as 07:00"));
	*member = ((value[0] - '0') * 10 + value[1] - '0') * 60 + (value[3] - '0') * 10 + value[4]
	          - '0';
	return 0;
}

static int store_url(cfg_t *cfg, const struct row *row, const char *value, const char **member)
{
	bool plain = strncmp(value, "https://", 8) == 0 || strncmp(value, "http://", 7) == 0;

	for (const char *p = value; *p != '\0'; p++)
		plain = plain && (unsigned char)*p > 0x20 && (unsigned char)*p < 0x7f;
	if (!plain)
		return wrong(cfg, row->name, value,
		             _("a URL such as https://hook.vendor.example/"));
	*member = arena_copy(&reading.conf->arena, value);
	return 0;
}

/* Called by libconfuse when an option's value is complete. */
static int store(cfg_t *cfg, cfg_opt_t *opt)
{
	bool top = strcmp(cfg_name(cfg), "root") == 0;
	const struct row *row = row_find(top ? NULL : cfg_name(cfg), cfg_opt_name(opt));
	char *member = (char *)reading.conf + row->member;

	if (row->kind == KIND_ADDRESSES)
		return store_addresses(cfg, opt);
	if (row->kind == KIND_MAILS)
		return store_mails(cfg, row, opt);
	const char *value = cfg_opt_getstr(opt);
	switch (row->kind) {
	case KIND_CHOICE:
		if (!among(row->choices, value))
			return wrong(cfg, row->name, value, row->choices);
		*(const char **)(void *)member = arena_copy(&reading.conf->arena, value);
		return 0;
	case KIND_SECONDS:
		return store_seconds(cfg, row, value, (double *)(void *)member);
	case KIND_RATE:
		return store_rate(cfg, row, value, (double *)(void *)member);
	case KIND_COUNT:
		return store_whole(cfg, row, value, 1, 10000, _("a number between 1 and 10000"));
	case KIND_PORT:
		return store_whole(cfg, row, value, 1, 65535, _("a port between 1 and 65535"));
	case KIND_POOL:
		return store_whole(cfg, row, value, 0, 10000, _("a number from 0 to 10000"));
	case KIND_PATH:
		return store_path(cfg, row, value, (const char **)(void *)member);
	case KIND_TIME:
		return store_time(cfg, row, value, (int *)(void *)member);
	case KIND_MAIL:
		return store_mail(cfg, row, value, (const char **)(void *)member);
	case KIND_URL:
		return store_url(cfg, row, value, (const char **)(void *)member);
	case KIND_TEXT:
	case KIND_MAILS:
	case KIND_ADDRESSES:
		break;
	}
	if (value[0] == '\0')
		return wrong(cfg, row->name, value, _("a value"));
	*(const char **)(void *)member = arena_copy(&reading.conf->arena, value);
	return 0;
}

/* The library's table of one section, made from our rows. */
static void list_options(const char *section, cfg_opt_t options[static OPTIONS_OF_A_SECTION])
{
	size_t count = 0;

	for (size_t i = 0; i < LENGTH(rows); i++) {
		if (!same_section(rows[i].section, section))
			continue;
		if (rows[i].kind >= KIND_MAILS)
			options[count++] = (cfg_opt_t)CFG_STR_LIST(rows[i].name, NULL,
			                                           CFGF_NODEFAULT);
		else
			options[count++] = (cfg_opt_t)CFG_STR(rows[i].name, NULL, CFGF_NODEFAULT);
	}
	options[count] = (cfg_opt_t)CFG_END();
}

static bool parse(const char *path, char *bytes, size_t size, struct conf *conf, struct err *err)
{
	static cfg_opt_t inner[LENGTH(sections)][OPTIONS_OF_A_SECTION];
	cfg_opt_t top[OPTIONS_OF_A_SECTION];
	size_t count = 0;

	list_options(NULL, top);
	while (top[count].name != NULL)
		count++;
	for (size_t i = 0; i < LENGTH(sections); i++) {
		list_options(sections[i], inner[i]);
		top[count++] = (cfg_opt_t)CFG_SEC(sections[i], inner[i], CFGF_NONE);
	}
	top[count] = (cfg_opt_t)CFG_END();

	cfg_t *cfg = cfg_init(top, CFGF_NONE);
	if (cfg == NULL)
		return err_set(err, ERR_SYSTEM, _("out of memory"));
	reading.conf = conf;
	reading.err = err;
	reading.file = path;
	(void)cfg_set_error_function(cfg, library_error);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char name[64];
		(void)snprintf(name, sizeof name, "%s%s%s", rows[i].section ? rows[i].section : "",
		               rows[i].section ? "|" : "", rows[i].name);
		(void)cfg_set_validate_func(cfg, name, store);
	}
	FILE *stream = size > 0 ? fmemopen(bytes, size, "r") : NULL;
	bool ok = size == 0 || (stream != NULL && cfg_parse_fp(cfg, stream) == CFG_SUCCESS);
	if (!ok && err->code == ERR_NONE)
		(void)err_set(err, ERR_INPUT, _("%s: error: not understood"), path);
	if (stream != NULL)
		(void)fclose(stream);
	(void)cfg_free(cfg);
	return ok;
}

/* The user's data folder; root keeps state where the system does. */
static const char *default_state(struct arena *arena)
{
	if (geteuid() == 0)
		return "/var/lib/senderctl";
	const char *data = conf_environment("XDG_DATA_HOME");
	if (data != NULL && data[0] == '/')
		return arena_print(arena, "%s/senderctl", data);
	const char *home = conf_environment("HOME");
	const struct passwd *person = home == NULL ? getpwuid(geteuid()) : NULL;
	if (person != NULL)
		home = person->pw_dir;
	return arena_print(arena, "%s/.local/share/senderctl", home != NULL ? home : "");
}

/* Which file to read when none was named; NULL when there is none. */
static const char *default_file(struct arena *arena)
{
	const char *home = conf_environment("XDG_CONFIG_HOME");
	const char *mine = NULL;

	if (home != NULL && home[0] == '/')
		mine = arena_print(arena, "%s/senderctl/senderctl.conf", home);
	else if ((home = conf_environment("HOME")) != NULL)
		mine = arena_print(arena, "%s/.config/senderctl/senderctl.conf", home);
	if (mine != NULL && file_exists(mine))
		return mine;
	return file_exists("/etc/senderctl/senderctl.conf") ? "/etc/senderctl/senderctl.conf"
	                                                    : NULL;
}

static bool load_file(const char *path, struct conf *conf, struct err *err)
{
	char *bytes;
	size_t size;

	conf->file = arena_copy(&conf->arena, path);
	if (!file_read(path, FILE_LIMIT, &conf->arena, &bytes, &size, err))
		return err_within(err, _("configuration"));
	/* An editor's byte order mark says nothing. */
	if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		size -= 3;
	}
	return conf_text_check(path, bytes, size, name_allowed, NULL, err)
	       && parse(path, bytes, size, conf, err);
}

bool conf_load(const char *path, struct conf *conf, struct err *err)
{
	*conf = (struct conf){ .color = "auto", .dns_timeout = 5.0, .authoritative_port = 53 };
	conf->monitor.sendmail = "/usr/sbin/sendmail";
	conf->monitor.digest_at = 7 * 60;
	conf->monitor.lease = 900.0;
	*err = (struct err){ 0 };

	if (path == NULL)
		path = conf_environment("SENDERCTL_CONFIG");
	if (path == NULL)
		path = default_file(&conf->arena);
	if (path != NULL && !load_file(path, conf, err)) {
		conf_drop(conf);
		return false;
	}
	const char *state = conf_environment("SENDERCTL_STATE");
	if (state != NULL && state[0] != '/') {
		conf_drop(conf);
		return err_set(err, ERR_INPUT, _("SENDERCTL_STATE must be an absolute path"));
	}
	if (state != NULL)
		conf->state = arena_copy(&conf->arena, state);
	conf->state_chosen = conf->state != NULL;
	if (conf->state == NULL)
		conf->state = default_state(&conf->arena);
	return true;
}

void conf_drop(struct conf *conf)
{
	arena_reset(&conf->arena);
	*conf = (struct conf){ 0 };
}
