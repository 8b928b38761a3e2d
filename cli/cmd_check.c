#include "cli/commands.h"

#include "cli/asking.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "core/base/clock.h"
#include "core/base/words.h"
#include "core/model/facts.h"
#include "core/plan/look_plan.h"
#include "core/plan/planner.h"
#include "core/record/address.h"
#include "core/record/name.h"
#include "core/verify/diagnosis.h"
#include "core/verify/domain_check.h"
#include "core/verify/verdict_store.h"

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

/* Domains of one provider, to be looked at. */
struct batch {
	struct batch *next;
	struct facts facts;
	struct domain_check *checks;
	struct inquiry_job *jobs;
	bool **confirmed;
};

/* A domain that shall be signed and has no key: that is missing, too. */
static void want_key(struct session *session, const struct facts_domain *domain,
                     struct requirement_list *list)
{
	struct requirement *key = requirement_add(&session->arena, list);

	key->domain = domain->name;
	key->purpose = PURPOSE_DKIM;
	key->owner = OWNER_PROVIDER;
	key->name = arena_print(&session->arena, "_domainkey.%s", domain->name);
	key->type = "TXT";
	key->waived = domain->waived[PURPOSE_DKIM];
	key->required = key->waived == NULL;
}

static bool plan_domain(struct session *session, struct batch *batch, size_t i, struct err *err)
{
	struct domain_check *check = &batch->checks[i];
	struct planner planner = { .arena = &session->arena, .facts = &batch->facts };

	check->facts = &batch->facts;
	check->domain = &batch->facts.domains[i];
	if (!planner_domain(&planner, check->domain, err))
		return false;
	if (planner.keyless > 0)
		want_key(session, check->domain, &planner.list);
	look_plan_add(&planner, check->domain);
	check->requirements = planner.list.items;
	check->requirement_count = planner.list.count;
	return true;
}

static bool load_batch(struct session *session, const struct scope *scope, struct batch **batches,
                       struct err *err)
{
	struct arena *arena = &session->arena;
	struct batch *batch = arena_take(arena, sizeof(*batch));
	size_t count = 0;

	if (!facts_load(session->db, arena, scope, &batch->facts, err))
		return false;
	count = batch->facts.domain_count;
	batch->checks = arena_take(arena, (count + 1) * sizeof(*batch->checks));
	batch->jobs = arena_take(arena, (count + 1) * sizeof(*batch->jobs));
	batch->confirmed = arena_take(arena, (count + 1) * sizeof(*batch->confirmed));
	for (size_t i = 0; i < count; i++)
		if (!plan_domain(session, batch, i, err))
			return false;
	batch->next = *batches;
	*batches = batch;
	return true;
}

struct all_providers {
	struct session *session;
	struct batch **batches;
};

static bool load_provider(const struct row *row, void *context, struct err *err)
{
	struct all_providers *all = context;
	struct session *session = all->session;
	struct scope scope;
	const char *name = arena_copy(&session->arena, row_text(row, "name"));

	return scope_find_provider(session->db, &session->arena, name, &scope, err)
	       && load_batch(session, &scope, all->batches, err);
}

static bool load_all(struct session *session, const struct check_args *args, struct batch **batches,
                     struct err *err)
{
	struct all_providers all = { session, batches };
	struct scope scope;

	if (args->all)
		return db_each(session->db, STMT_CHECK_PROVIDERS, DB_NO_PARAMS, load_provider, &all,
		               err);
	for (size_t i = 0; i < args->scopes.count; i++)
		if (!scope_find(session->db, &session->arena, args->scopes.items[i], &scope, err)
		    || !load_batch(session, &scope, batches, err))
			return false;
	return true;
}

static bool load(struct session *session, const struct check_args *args, struct batch **batches,
                 struct err *err)
{
	bool ok = false;

	if (args->all == (args->scopes.count > 0)) {
		(void)err_set(err, ERR_USAGE, _("name domains or clients, or say --all"));
		return err_hint(err, _("for instance: senderctl check lms/acme"));
	}
	if (!db_begin(session->db, DB_READ, err))
		return false;
	ok = load_all(session, args, batches, err);
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

	UNUSED(count);
	progress_step(span->progress, span->first + done, span->count);
}

/* What DNS cannot tell: customers' servers and URLs. */
static void probe(struct session *session, struct asking *asking, struct batch *batch, size_t first,
                  size_t end)
{
	struct progress progress = progress_begin(session, _("asking servers"));
	struct span span = { &progress, 0, 0 };
	struct domain_probe probe = { 0 };

	asking->probing.progress = span_step;
	asking->probing.context = &span;
	for (size_t i = first; i < end; i++)
		domain_probe_add(&probe, &batch->checks[i], inquiry_arena(batch->jobs[i].inquiry),
		                 &asking->probing);
	span.count = probe.count;
	domain_probe_run(&probe, &asking->probing);
	progress_end(&progress);
}

/* What is asked and said for some domains at a time, so that a hundred thousand
 * need no more memory than a few hundred. */
static void look(struct session *session, struct asking *asking, struct batch *batch, size_t first,
                 size_t end)
{
	struct progress progress = progress_begin(session, _("asking DNS"));
	struct span span = { &progress, first, batch->facts.domain_count };

	for (size_t i = first; i < end; i++) {
		batch->checks[i].worker = asking->worker;
		batch->jobs[i] = (struct inquiry_job){ .step = domain_check_step,
			                               .context = &batch->checks[i] };
	}
	inquiry_run(asking->resolver, batch->jobs + first, end - first, AT_ONCE, span_step, &span);
	progress_end(&progress);
	probe(session, asking, batch, first, end);
}

static bool store_some(struct session *session, struct batch *batch, size_t first, size_t end,
                       struct err *err)
{
	struct arena arena = { 0 };
	bool ok = db_begin(session->db, DB_WRITE, err);

	for (size_t i = first; ok && i < end; i++) {
		ok = verdict_store(session->db, &arena, &batch->checks[i], batch->confirmed[i],
		                   err);
		if (!ok && err->code != ERR_AGAIN)
			(void)err_within(err, "%s", batch->checks[i].domain->name);
		arena_reset(&arena);
	}
	ok = ok && db_commit(session->db, err);
	if (!ok)
		db_rollback(session->db);
	return ok;
}

/* Some domains per transaction: few enough to hold nobody up, many enough not
 * to wait for the disk after each. */
static bool store_all(struct session *session, struct batch *batch, size_t first, size_t end,
                      struct err *err)
{
	int attempt = 1;

	for (size_t i = first; i < end; i++)
		batch->confirmed[i] = arena_take(inquiry_arena(batch->jobs[i].inquiry),
		                                 batch->checks[i].verdict_count * sizeof(bool) + 1);
	while (first < end && !session->options->dry_run) {
		size_t next = first + STORED_AT_ONCE < end ? first + STORED_AT_ONCE : end;

		if (store_some(session, batch, first, next, err)) {
			first = next;
			attempt = 1;
			continue;
		}
		if (err->code != ERR_AGAIN || attempt == ATTEMPTS)
			return false;
		clock_wait(10 * attempt * attempt);
		attempt++;
		*err = (struct err){ 0 };
	}
	return true;
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

/* A mistake was recognised: the line as it should be. */
static const char *correction(struct session *session, const struct verdict *verdict)
{
	const struct diagnosis *diagnosis = verdict->diagnosis;
	const char *line = arena_print(&session->arena, "%s %s \"%s\"", diagnosis->name,
	                               diagnosis->type, diagnosis->value ? diagnosis->value : "");

	if (!diagnosis->value)
		return arena_print(&session->arena,
		                   _("senderctl record list %s --dns shows the record as it should "
		                     "be"),
		                   verdict->requirement->domain);
	if (verdict->state == VERDICT_MISPLACED)
		return arena_print(&session->arena, _("move it to %s"), line);
	if (verdict->state == VERDICT_MISSING)
		return arena_print(&session->arena, _("publish %s"), line);
	return arena_print(&session->arena, _("correct it to %s"), line);
}

/* What the reader can do about it. */
static const char *remedy(struct session *session, const struct verdict *verdict)
{
	const struct requirement *requirement = verdict->requirement;
	bool record = requirement_is_record(requirement);

	if (verdict->diagnosis)
		return correction(session, verdict);
	switch (verdict->state) {
	case VERDICT_MISSING:
		if (requirement->purpose == PURPOSE_RETURN)
			return _("publish an MX record there, or let replies go to another domain "
			         "with --reply-to");
		if (requirement->purpose == PURPOSE_SITE)
			return _("let the host name point to the product");
		if (!record)
			return _("ask the customer whether the server is up and reachable from "
			         "here");
		if (requirement->purpose == PURPOSE_DKIM && !requirement->value)
			return _("senderctl key generate");
		if (requirement->addition && *verdict->found)
			return arena_print(&session->arena,
			                   _("add %s to the SPF record of %s, before its \"all\""),
			                   requirement->addition, requirement->name);
		return arena_print(&session->arena, _("publish %s"),
		                   arena_print(&session->arena, "%s %s \"%s\"", requirement->name,
		                               requirement->type, requirement->value));
	case VERDICT_CONFLICT:
		if (requirement->purpose == PURPOSE_SITE)
			return _("put the URL right, here or on its web server");
		if (!record)
			return _("ask the customer to put the server right");
		return arena_print(&session->arena, _("correct %s %s"), requirement->name,
		                   requirement->type);
	case VERDICT_PROPAGATING:
		return _("wait, and check again");
	case VERDICT_UNKNOWN:
		return _("nothing was changed by this; check again later");
	case VERDICT_MATCH:
	case VERDICT_MISPLACED: /* always with a diagnosis */
	case VERDICT_WAIVED:
	case VERDICT_STATES:
		break;
	}
	return NULL;
}

static void say_verdict(struct session *session, const struct verdict *verdict, bool confirmed)
{
	const struct requirement *requirement = verdict->requirement;
	bool good = verdict->state == VERDICT_MATCH || verdict->state == VERDICT_WAIVED;
	bool missed = verdict->state == VERDICT_MISSING || verdict->state == VERDICT_CONFLICT
	              || verdict->state == VERDICT_MISPLACED;
	const char *advice = remedy(session, verdict);

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
	if (advice)
		print_line(session, _("              to do:    %s"), advice);
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

static void say_some(struct session *session, const struct batch *batch, size_t first, size_t end,
                     struct tree *domains)
{
	for (size_t i = first; i < end; i++) {
		say_domain(session, &batch->checks[i], batch->confirmed[i]);
		if (session->options->json)
			tree_push(domains,
			          domain_tree(session, &batch->checks[i], batch->confirmed[i]));
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
static void say_test(struct session *session, const struct batch *batch)
{
	const struct domain_check *check = &batch->checks[0];

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

static bool check_some(struct session *session, struct asking *asking, struct batch *batch,
                       size_t first, size_t end, struct tree *domains, struct err *err)
{
	bool ok = false;

	look(session, asking, batch, first, end);
	ok = store_all(session, batch, first, end, err);
	if (ok)
		say_some(session, batch, first, end, domains);
	if (ok && asking->probing.test_to && !session->options->dry_run)
		say_test(session, batch);
	for (size_t i = first; i < end; i++)
		inquiry_close(batch->jobs[i].inquiry);
	return ok;
}

static bool check_batch(struct session *session, struct asking *asking, struct batch *batch,
                        struct tree *domains, struct err *err)
{
	size_t count = batch->facts.domain_count;

	for (size_t first = 0; first < count; first += LOOKED_AT_ONCE) {
		size_t end = first + LOOKED_AT_ONCE < count ? first + LOOKED_AT_ONCE : count;

		if (!check_some(session, asking, batch, first, end, domains, err))
			return false;
	}
	return true;
}

/* A test mail goes through one server, from its first sender. */
static bool want_test(struct session *session, const struct check_args *args,
                      const struct batch *batches, struct asking *asking, struct err *err)
{
	struct address address;
	const struct facts_domain *domain = NULL;

	if (!args->send_test)
		return true;
	if (!address_parse(&session->arena, args->send_test, &address, err))
		return false;
	if (batches && !batches->next && batches->facts.domain_count == 1)
		domain = &batches->facts.domains[0];
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

static bool check_run(struct session *session, const void *given, struct err *err)
{
	const struct check_args *args = given;
	struct asking asking = { 0 };
	struct batch *batches = NULL;
	struct tree *domains = tree_list();
	long long checked = 0;
	bool ok = load(session, args, &batches, err) && asking_open(session, &asking, err)
	          && prepare_probes(session, &asking, err)
	          && want_test(session, args, batches, &asking, err);

	for (struct batch *batch = batches; ok && batch; batch = batch->next) {
		ok = check_batch(session, &asking, batch, domains, err);
		checked += (long long)batch->facts.domain_count;
	}
	if (ok)
		answer(session, checked, domains, spf_worker_deaths(asking.worker));
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
