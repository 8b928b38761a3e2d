#include "cli/cmd_check.h"

#include "cli/asking.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/remedy.h"
#include "core/base/clock.h"
#include "core/base/words.h"
#include "core/record/address.h"
#include "core/record/name.h"
#include "core/verify/diagnosis.h"

enum {
	AT_ONCE = 200,        /* domains under way */
	LOOKED_AT_ONCE = 600, /* domains whose answers are kept */
	STORED_AT_ONCE = 50,  /* domains in one transaction */
	ATTEMPTS = 6,         /* when another transaction was in the way */
	COULD_NOT_TELL = 3,
};

struct check_args {
	struct option_list scopes;
	bool all;
	const char *send_test;
};

static const struct option_row check_options[] = {
	PLACES(struct check_args, scopes, "DOMAIN|CLIENT",
	       N_("what to look at: acme.example, or lms/acme")),
	FLAG(struct check_args, all, "--all", N_("every domain of every client")),
	ALLOWED(struct check_args, send_test, "--send-test", "ADDRESS",
	        N_("one domain in mode direct: send a test mail through its server")),
	OPTIONS_END,
};

struct all_providers {
	struct session *session;
	struct checkup *checkup;
};

static bool load_provider(const struct row *row, void *context, struct err *err)
{
	struct all_providers *all = context;
	struct session *session = all->session;
	struct scope scope;
	const char *name = arena_copy(&session->arena, row_text(row, "name"));

	return scope_find_provider(session->db, &session->arena, name, &scope, err)
	       && checkup_add(all->checkup, session->db, &scope, err);
}

static bool load_all(struct session *session, const struct check_args *args,
                     struct checkup *checkup, struct err *err)
{
	struct all_providers all = { session, checkup };
	struct scope scope;

	if (args->all)
		return db_each(session->db, STMT_CHECK_PROVIDERS, DB_NO_PARAMS, load_provider, &all,
		               err);
	for (size_t i = 0; i < args->scopes.count; i++)
		if (!scope_find(session->db, &session->arena, args->scopes.items[i], &scope, err)
		    || !checkup_add(checkup, session->db, &scope, err))
			return false;
	return true;
}

static bool load(struct session *session, const struct check_args *args, struct checkup *checkup,
                 struct err *err)
{
	bool ok = false;

	if (args->all == (args->scopes.count > 0)) {
		(void)err_set(err, ERR_USAGE, _("name domains or clients, or say --all"));
		return err_hint(err, _("for instance: senderctl check lms/acme"));
	}
	if (!db_begin(session->db, DB_READ, err))
		return false;
	ok = load_all(session, args, checkup, err);
	db_rollback(session->db);
	return ok;
}

/* Progress of a part, shown as progress of the whole. */
struct span {
	struct progress *progress;
	size_t first;
	size_t count;
};

static void span_step(void *context, size_t done, size_t count)
{
	struct span *span = context;

	progress_step(span->progress, span->first + done, span->count > 0 ? span->count : count);
}

static void look(struct session *session, struct asking *asking, struct checkup *checkup,
                 size_t first, size_t end)
{
	struct progress progress = progress_begin(session, _("asking DNS"));
	struct progress probing = progress_begin(session, _("asking servers"));
	struct span span = { &progress, first, checkup->count };
	struct span probes = { &probing, 0, 0 };
	struct checkup_world world = { asking->resolver, asking->worker, asking->probing, span_step,
		                       &span };

	world.probing.progress = span_step;
	world.probing.context = &probes;
	checkup_look(checkup, first, end, &world);
	progress_end(&progress);
	progress_end(&probing);
}

static struct tree *observations_tree(struct session *session, const struct verdict *verdict)
{
	struct tree *list = tree_list();

	for (size_t i = 0; i < verdict->observation_count; i++) {
		const struct dns_answer *answer = verdict->observations[i];
		struct tree *map = tree_map();

		tree_put_text(map, "server", answer->server);
		tree_put_text(map, "at", clock_render(&session->arena, answer->at));
		tree_put(map, "ttl", answer->bytes ? tree_number(answer->ttl) : tree_text(NULL));
		tree_put_text(map, "rcode", dns_message_rcode_word(answer));
		tree_put_bool(map, "ad", answer->authentic);
		tree_push(list, map);
	}
	return list;
}

/* null, or which mistake was made and how the record should be. */
static struct tree *diagnosis_tree(const struct diagnosis *diagnosis)
{
	struct tree *map = NULL;
	struct tree *correct = NULL;

	if (!diagnosis)
		return tree_text(NULL);
	map = tree_map();
	correct = tree_map();
	tree_put_text(map, "mistake", diagnosis->mistake);
	tree_put_text(map, "explanation", diagnosis->sentence);
	tree_put_text(map, "found_at", diagnosis->found_at);
	tree_put_text(correct, "name", diagnosis->name);
	tree_put_text(correct, "type", diagnosis->type);
	tree_put_text(correct, "value", diagnosis->value);
	tree_put(map, "correct", correct);
	return map;
}

static struct tree *probe_tree(const struct verdict *verdict)
{
	struct tree *tree = NULL;
	struct err err = { 0 };

	if (!verdict->probe || !tree_parse(verdict->probe, strlen(verdict->probe), &tree, &err))
		return tree_text(NULL);
	return tree;
}

static struct tree *verdict_tree(struct session *session, const struct verdict *verdict,
                                 bool confirmed)
{
	const struct requirement *requirement = verdict->requirement;
	struct tree *map = tree_map();

	tree_put_text(map, "purpose", requirement_purpose(requirement->purpose));
	tree_put_text(map, "name", requirement->name);
	tree_put_text(map, "type", requirement->type);
	tree_put_text(map, "owner", requirement_owner(requirement->owner));
	tree_put_bool(map, "required", verdict->required);
	tree_put_text(map, "state", verdict_word(verdict->state));
	tree_put_bool(map, "confirmed", confirmed);
	tree_put_text(map, "visible_by",
	              verdict->visible_by > 0 ? clock_render(&session->arena, verdict->visible_by)
	                                      : NULL);
	tree_put_text(map, "expected", verdict->expected);
	tree_put_text(map, "found", verdict->found);
	tree_put_text(map, "explanation", verdict->explanation);
	tree_put(map, "diagnosis", diagnosis_tree(verdict->diagnosis));
	tree_put(map, "probe", probe_tree(verdict));
	tree_put(map, "observations", observations_tree(session, verdict));
	return map;
}

static struct tree *domain_tree(struct session *session, const struct domain_check *check,
                                const bool *confirmed)
{
	struct tree *map = tree_map();
	struct tree *list = tree_list();

	tree_put_text(map, "domain", check->domain->name);
	tree_put_text(map, "verdict", verdict_overall(check->verdicts, check->verdict_count));
	for (size_t i = 0; i < check->verdict_count; i++)
		tree_push(list, verdict_tree(session, &check->verdicts[i], confirmed[i]));
	tree_put(map, "requirements", list);
	return map;
}

static void say_verdict(struct session *session, const struct verdict *verdict, bool confirmed)
{
	const struct requirement *requirement = verdict->requirement;
	bool good = verdict->state == VERDICT_MATCH || verdict->state == VERDICT_WAIVED;
	bool missed = verdict->state == VERDICT_MISSING || verdict->state == VERDICT_CONFLICT
	              || verdict->state == VERDICT_MISPLACED;
	struct remedy advice = remedy_find(&session->arena, verdict);

	print_line(session, "  %s%-11s%s %-9s %-5s %s%s%s",
	           good     ? print_green(session)
	           : missed ? print_red(session)
	                    : print_yellow(session),
	           verdict_word(verdict->state), print_plain(session),
	           requirement_purpose(requirement->purpose), requirement->type, requirement->name,
	           verdict->required || good ? "" : _("  (recommended)"),
	           missed && !confirmed && !session->options->dry_run ? _("  (not yet confirmed)")
	                                                              : "");
	if (*verdict->explanation)
		print_line(session, "              %s",
		           verdict_plain(&session->arena, verdict->explanation));
	if (*verdict->expected && !good)
		print_line(session, _("              expected: %s"), verdict->expected);
	if (*verdict->found && !good)
		print_line(session, _("              found:    %s"),
		           verdict_plain(&session->arena, verdict->found));
	if (advice.sentence)
		print_line(session, _("              to do:    %s"), advice.sentence);
	if (advice.zone_line)
		print_line(session, _("              zone file: %s"), advice.zone_line);
	if (advice.then)
		print_line(session, _("              then:     %s"), advice.then);
}

static void say_domain(struct session *session, const struct domain_check *check,
                       const bool *confirmed)
{
	const char *overall = verdict_overall(check->verdicts, check->verdict_count);
	bool good = strcmp(overall, "ok") == 0 || strcmp(overall, "waived") == 0;

	print_line(session, "%s%s%s  %s%s%s", print_bold(session),
	           name_show(&session->arena, check->domain->name), print_plain(session),
	           good ? print_green(session) : print_red(session), overall, print_plain(session));
	for (size_t i = 0; i < check->verdict_count; i++)
		say_verdict(session, &check->verdicts[i], confirmed[i]);
	if (strcmp(overall, "unknown") == 0 && session->status == 0)
		session->status = COULD_NOT_TELL;
	else if (!good && strcmp(overall, "unknown") != 0)
		session->status = 1;
}

static void say_some(struct session *session, const struct checkup *checkup, size_t first,
                     size_t end, struct tree *domains)
{
	for (size_t i = first; i < end; i++) {
		const struct checkup_item *item = &checkup->items[i];

		say_domain(session, &item->check, item->confirmed);
		if (session->options->json)
			tree_push(domains, domain_tree(session, &item->check, item->confirmed));
	}
	if (!session->options->json)
		print_flush(session);
}

static void answer(struct session *session, long long checked, struct tree *domains, size_t deaths)
{
	struct tree *map = tree_map();

	print_line(session,
	           ngettext("%lld domain checked", "%lld domains checked", (unsigned long)checked),
	           checked);
	if (deaths > 0)
		print_line(session,
		           _("%zu evaluations of SPF records ended with an internal error"),
		           deaths);
	tree_put_number(map, "checked", checked);
	tree_put_number(map, "internal_errors", (long long)deaths);
	tree_put(map, "domains", domains);
	print_json(session, map);
}

/* Who asked for a test mail must not take silence for one. */
static void say_test(struct session *session, const struct checkup *checkup)
{
	const struct domain_check *check = &checkup->items[0].check;

	for (size_t i = 0; i < check->verdict_count; i++) {
		struct tree *probe = probe_tree(&check->verdicts[i]);
		bool sent = tree_as_bool(tree_get(probe, "test_sent"), false);

		tree_drop(probe);
		if (sent)
			return;
	}
	print_line(session, _("no test mail was sent"));
	if (session->status == 0)
		session->status = COULD_NOT_TELL;
}

/* A test mail goes through one server, from its first sender. */
static bool want_test(struct session *session, const struct check_args *args,
                      const struct checkup *checkup, struct asking *asking, struct err *err)
{
	struct address address;
	const struct facts_domain *domain = NULL;

	if (!args->send_test)
		return true;
	if (!address_parse(&session->arena, args->send_test, &address, err))
		return false;
	if (checkup->count == 1)
		domain = checkup->items[0].check.domain;
	if (!domain || !domain->smarthost || domain->sender_count == 0) {
		(void)err_set(err, ERR_USAGE,
		              _("--send-test needs one domain in mode direct that has a sender"));
		return err_hint(err, _("for instance: senderctl check acme.example --send-test "
		                       "you@vendor.example"));
	}
	if (session->options->dry_run)
		print_line(session, _("would send a test mail from %s to %s through %s"),
		           domain->senders[0].address, address.text, domain->smarthost);
	asking->probing.test_to = address.text;
	return true;
}

/* A dry run uses no password: that would be an event. */
static bool prepare_probes(struct session *session, struct asking *asking, struct err *err)
{
	asking->probing.ca_file = session->conf->ca_file;
	return session->options->dry_run
	       || session_keys_socket(session, &asking->probing.keys_socket, err);
}

static bool check_some(struct session *session, struct asking *asking, struct checkup *checkup,
                       size_t first, size_t end, struct tree *domains, struct err *err)
{
	bool ok = true;

	look(session, asking, checkup, first, end);
	if (session->options->dry_run)
		checkup_leave(checkup, first, end);
	else
		ok = checkup_store(checkup, session->db, first, end, NULL, NULL, err);
	if (ok)
		say_some(session, checkup, first, end, domains);
	if (ok && asking->probing.test_to && !session->options->dry_run)
		say_test(session, checkup);
	checkup_drop(checkup, first, end);
	return ok;
}

static bool check_all(struct session *session, struct asking *asking, struct checkup *checkup,
                      struct tree *domains, struct err *err)
{
	bool ok = true;

	for (size_t first = 0; ok && first < checkup->count; first += LOOKED_AT_ONCE) {
		size_t end = first + LOOKED_AT_ONCE < checkup->count ? first + LOOKED_AT_ONCE
		                                                     : checkup->count;

		ok = check_some(session, asking, checkup, first, end, domains, err);
	}
	return ok;
}

bool cmd_check_all(struct session *session, struct checkup *checkup, struct tree *domains,
                   struct err *err)
{
	struct asking asking = { 0 };
	bool ok = asking_open(session, &asking, err) && prepare_probes(session, &asking, err)
	          && check_all(session, &asking, checkup, domains, err);

	asking_close(&asking);
	return ok;
}

static bool check_run(struct session *session, const void *given, struct err *err)
{
	const struct check_args *args = given;
	struct asking asking = { 0 };
	struct checkup checkup = { .arena = &session->arena };
	struct tree *domains = tree_list();
	bool ok = load(session, args, &checkup, err) && asking_open(session, &asking, err)
	          && prepare_probes(session, &asking, err)
	          && want_test(session, args, &checkup, &asking, err)
	          && check_all(session, &asking, &checkup, domains, err);

	if (ok)
		answer(session, (long long)checkup.count, domains,
		       spf_worker_deaths(asking.worker));
	else
		tree_drop(domains);
	asking_close(&asking);
	return ok;
}

const struct command cmd_check[] = {
	{ "check", N_("look at DNS and servers: is everything there that was agreed on?"),
	  ACCESS_OPEN, check_options, sizeof(struct check_args), check_run,
	  "senderctl check acme.example\n"
	  "senderctl check lms/acme --resolver 192.0.2.53\n"
	  "senderctl check --all --json\n"
	  "senderctl check acme.example --send-test you@vendor.example\n" },
	COMMANDS_END,
};
