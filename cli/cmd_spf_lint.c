#include "cli/commands.h"

#include <arpa/inet.h>
#include <strings.h>

#include "cli/dns_ask.h"
#include "cli/print.h"
#include "cli/spf_answer.h"
#include "cli/spf_price_answer.h"
#include "core/base/words.h"
#include "core/record/name.h"
#include "core/record/spf_head.h"
#include "core/record/spf_macro.h"
#include "core/record/spf_record.h"

enum { COULD_NOT_TELL = 3 };

struct lint_args {
	const char *word;
	const char *record;
	const char *domain;
	struct option_list relays;
};

static const struct option_row lint_options[] = {
	PLACE_MAYBE(struct lint_args, word, "RECORD|DOMAIN",
	            N_("the record itself, or the domain whose record it is")),
	ALLOWED(struct lint_args, record, "--record", "TEXT", N_("the record itself")),
	ALLOWED(struct lint_args, domain, "--domain", "NAME",
	        N_("the record of this domain; with a record: where it shall stand")),
	LIST(struct lint_args, relays, "--relay", "IP",
	     N_("tell what mail from this address gets and costs")),
	OPTIONS_END,
};

/* What is looked at. */
struct matter {
	const char *domain; /* canonical; NULL: nobody said where the record stands */
	const struct ask *ask;
	bool published; /* the texts are what DNS has */
	struct spf_text *texts;
	size_t count;
	size_t octets; /* all TXT records of the name in one answer */
	bool ipv6;     /* a relay with such an address was named */
	bool sound;    /* nothing found but notes */
	bool untold;   /* something was not, because DNS gave no answer */
};

/* Where a record is evaluated that was given as text alone. */
static const char nowhere[] = "record.invalid";

/* ---- what was named ---------------------------------------------------------------- */

static bool read_args(struct lint_args *args, struct err *err)
{
	uint8_t octets[16];

	if (args->word && spf_head_is_record(args->word) && !args->record) {
		args->record = args->word;
		args->word = NULL;
	} else if (args->word && !args->record && !args->domain) {
		args->domain = args->word;
		args->word = NULL;
	}
	if (args->word || (!args->record && !args->domain))
		return err_set(err, ERR_USAGE,
		               _("name one record or one domain: \"spf lint RECORD\" or \"spf lint "
		                 "DOMAIN\""));
	for (size_t i = 0; i < args->relays.count; i++)
		if (inet_pton(AF_INET, args->relays.items[i], octets) != 1
		    && inet_pton(AF_INET6, args->relays.items[i], octets) != 1)
			return err_set(err, ERR_USAGE, _("--relay: \"%s\" is no IP address"),
			               args->relays.items[i]);
	return true;
}

static bool open_dns(struct session *session, const struct lint_args *args, struct dns_ask **dns,
                     struct err *err)
{
	if (!dns_ask_open(session, args->domain != NULL, dns, err))
		return false;
	if (*dns || args->relays.count == 0)
		return true;
	(void)err_set(err, ERR_USAGE, _("--relay cannot be told from a text alone: it needs DNS"));
	return err_hint(err, _("name --domain (where the record stands or shall stand) or a "
	                       "--resolver"));
}

/* ---- what DNS has ------------------------------------------------------------------ */

/* Meant as SPF, and receivers take it for something else: quotes, a blank in front. */
static bool resembles_spf(const struct spf_text *text)
{
	static const char *const signs[] = { "v=spf1", "v=spf", "spf1 ", "spf2.0" };

	for (size_t i = 0; i < LENGTH(signs); i++)
		for (size_t at = 0; at + strlen(signs[i]) <= text->length; at++)
			if (strncasecmp(text->text + at, signs[i], strlen(signs[i])) == 0)
				return true;
	return false;
}

/* Keep those that are SPF records; when there is none, those that were meant as one. */
static void keep_spf(struct matter *matter, const struct ask_answer *answer)
{
	for (int resembling = 0; resembling <= 1 && matter->count == 0; resembling++)
		for (size_t i = 0; i < answer->count; i++) {
			const struct spf_text *text = &answer->texts[i];

			if (resembling ? resembles_spf(text)
			               : spf_record_is(text->text, text->length))
				matter->texts[matter->count++] = *text;
		}
	for (size_t i = 0; i < answer->count; i++)
		matter->octets += spf_lint_answer_octets(answer->texts[i].length);
}

static bool fetch_texts(struct session *session, struct matter *matter, struct err *err)
{
	struct ask_answer answer;

	if (!matter->ask->records(matter->ask->context, &session->arena, matter->domain, ASK_TXT,
	                          &answer, err))
		return false;
	if (answer.state == ASK_UNKNOWN)
		return err_set(err, ERR_DNS, _("the TXT records of %s: %s"), matter->domain,
		               answer.why);
	matter->published = true;
	matter->texts = arena_take(&session->arena, (answer.count + 1) * sizeof *matter->texts);
	keep_spf(matter, &answer);
	return true;
}

static bool find_texts(struct session *session, const struct lint_args *args, struct matter *matter,
                       struct err *err)
{
	if (args->domain
	    && !name_parse(&session->arena, args->domain, NAME_RECORD, &matter->domain, err))
		return false;
	if (!args->record)
		return fetch_texts(session, matter, err);
	matter->texts = arena_take(&session->arena, sizeof *matter->texts);
	matter->texts[0] = (struct spf_text){ args->record, strlen(args->record) };
	matter->count = 1;
	return true;
}

/* ---- what is said about it ----------------------------------------------------------- */

static bool lint_text(struct session *session, struct matter *matter, const struct spf_text *text,
                      struct tree **answer, struct err *err)
{
	struct spf_lint_place place = { .domain = matter->domain, .published = matter->published };
	struct spf_lint lint;
	struct spf_price price;
	struct spf_record record;
	struct spf_price_scene scene = { .ipv6 = matter->ipv6 };
	struct err ignored = { 0 };

	scene.broken = !spf_record_parse(&session->arena, text->text, text->length, &record,
	                                 &ignored);
	if (matter->published)
		place.other_octets = matter->octets - spf_lint_answer_octets(text->length);
	spf_lint_run(&session->arena, text->text, text->length, &place, &lint);
	*answer = spf_answer_findings(session, text->text, text->length, &lint);
	if (lint.errors + lint.warnings > 0)
		matter->sound = false;
	if (!matter->ask)
		return true;
	if (!spf_price(&session->arena, matter->ask, matter->domain, text->text, &price, err))
		return false;
	if (scene.broken && spf_record_is(text->text, text->length))
		print_line(session, _("receivers answer permerror before they look anything up"));
	tree_put(*answer, "tree", spf_price_answer(session, &price, &scene, &matter->sound));
	matter->untold = matter->untold || price.silent > 0;
	return true;
}

/* The texts are records, or none of them is. */
static bool has_record(const struct matter *matter)
{
	return matter->count > 0 && spf_record_is(matter->texts[0].text, matter->texts[0].length);
}

/* What is wrong with the domain, however good each record is. */
static const char *number_problem(struct session *session, const struct matter *matter)
{
	if (matter->count == 0)
		return arena_print(&session->arena, _("%s has no SPF record"), matter->domain);
	if (!has_record(matter) && matter->published)
		return arena_print(&session->arena, _("receivers find no SPF record at %s"),
		                   matter->domain);
	if (!has_record(matter))
		return _("receivers find no SPF record in this text");
	if (matter->count > 1)
		return arena_print(&session->arena,
		                   _("%s has %zu SPF records: receivers answer permerror"),
		                   matter->domain, matter->count);
	return NULL;
}

static void print_number_problem(struct session *session, const struct matter *matter,
                                 const char *problem)
{
	if (!problem)
		return;
	print_line(session, "%s%s%s: %s", print_red(session), _("error"), print_plain(session),
	           problem);
	if (matter->count > 1 && has_record(matter))
		print_line(session, _("\"senderctl spf merge\" makes one of them"));
}

/* The same keys as of a record, when there is none. */
static struct tree *no_record(void)
{
	struct tree *map = tree_map();

	tree_put_text(map, "record", NULL);
	tree_put_bool(map, "valid", false);
	tree_put_number(map, "lookups", 0);
	tree_put(map, "findings", tree_list());
	return map;
}

/* The first record stands at the top of the answer, all of them in "records". */
static bool lint_texts(struct session *session, struct matter *matter, struct tree **answer,
                       struct err *err)
{
	struct tree *records = tree_list();
	const char *problem = number_problem(session, matter);

	print_number_problem(session, matter, problem);
	for (size_t i = 0; i < matter->count; i++) {
		struct tree *one = NULL;
		bool ok = lint_text(session, matter, &matter->texts[i], &one, err);

		tree_push(records, one);
		if (!ok) {
			tree_drop(records);
			return false;
		}
	}
	matter->sound = matter->sound && !problem;
	*answer = matter->count > 0 ? tree_copy(tree_at(records, 0)) : no_record();
	tree_put(*answer, "records", records);
	tree_put_text(*answer, "domain", matter->domain);
	tree_put_text(*answer, "problem", problem);
	return true;
}

/* Terms that mean the name at which the record stands. */
static bool needs_domain(struct session *session, const struct spf_text *text)
{
	struct spf_record record;
	struct err ignored = { 0 };

	(void)!spf_record_parse(&session->arena, text->text, text->length, &record, &ignored);
	for (size_t i = 0; i < record.term_count; i++) {
		const struct spf_term *term = &record.terms[i];

		if ((term->kind == SPF_TERM_A || term->kind == SPF_TERM_MX) && !term->domain)
			return true;
		if (term->domain && spf_macro_uses(term->domain, strlen(term->domain), 'd'))
			return true;
	}
	return false;
}

/* What is published is asked as it stands: two records are what receivers see. */
static bool ask_relay(struct session *session, struct matter *matter, const char *address,
                      struct spf_check_verdict *verdict, struct err *err)
{
	const char *domain = matter->domain ? matter->domain : nowhere;
	struct ask_spf question = { .domain = domain,
		                    .record = matter->published ? NULL : matter->texts[0].text,
		                    .address = address,
		                    .helo = domain };

	if (!matter->ask->spf(matter->ask->context, &session->arena, &question, verdict, err))
		return false;
	if (!matter->domain && verdict->record && strcmp(verdict->record, nowhere) == 0)
		verdict->record = NULL;
	if (verdict->result == SPF_TEMPERROR || verdict->result == SPF_UNKNOWN)
		matter->untold = true;
	return true;
}

static bool price_relays(struct session *session, const struct lint_args *args,
                         struct matter *matter, struct tree *answer, struct err *err)
{
	struct tree *list = tree_list();

	tree_put(answer, "relays", list);
	if (args->relays.count > 0 && !matter->domain && needs_domain(session, &matter->texts[0]))
		print_line(session, _("what means the record's own domain matches nobody here; "
		                      "--domain names it"));
	for (size_t i = 0; i < args->relays.count; i++) {
		struct spf_check_verdict verdict;

		if (!ask_relay(session, matter, args->relays.items[i], &verdict, err))
			return false;
		tree_push(list, spf_answer_relay(session, args->relays.items[i], &verdict));
	}
	return true;
}

static bool any_ipv6(const struct option_list *relays)
{
	for (size_t i = 0; i < relays->count; i++)
		if (strchr(relays->items[i], ':'))
			return true;
	return false;
}

static bool lint_run(struct session *session, const void *given, struct err *err)
{
	struct lint_args args = *(const struct lint_args *)given;
	struct matter matter = { .sound = true };
	struct dns_ask *dns = NULL;
	struct tree *answer = NULL;
	bool ok = false;

	if (!read_args(&args, err) || !open_dns(session, &args, &dns, err))
		goto out;
	matter.ask = dns_ask_function(dns);
	matter.ipv6 = any_ipv6(&args.relays);
	if (!find_texts(session, &args, &matter, err) || !lint_texts(session, &matter, &answer, err)
	    || !price_relays(session, &args, &matter, answer, err))
		goto out;
	if (!matter.sound)
		session->status = 1;
	else if (matter.untold)
		session->status = COULD_NOT_TELL;
	print_json(session, answer);
	answer = NULL;
	ok = true;
out:
	tree_drop(answer);
	dns_ask_close(dns);
	return ok;
}

const struct command cmd_spf_lint[] = {
	{ "spf lint", N_("explain what is wrong with an SPF record, and what it costs"),
	  ACCESS_NOTHING, lint_options, sizeof(struct lint_args), lint_run,
	  "senderctl spf lint 'v=spf1 include:_spf.vendor.example -all'\n"
	  "senderctl spf lint acme.example --relay 192.0.2.25\n" },
	COMMANDS_END,
};
