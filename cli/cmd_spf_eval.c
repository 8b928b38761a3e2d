#include "cli/commands.h"

#include <arpa/inet.h>

#include "cli/asking.h"
#include "cli/print.h"
#include "core/base/clock.h"
#include "core/base/words.h"
#include "core/record/name.h"

enum { COULD_NOT_TELL = 3 };

struct eval_args {
	const char *ip;
	const char *mail_from;
	const char *helo;
	const char *receiver;
	bool trace;
};

static const struct option_row eval_options[] = {
	NEEDED(struct eval_args, ip, "--ip", "IP", N_("address of the sending server")),
	NEEDED(struct eval_args, mail_from, "--mail-from", "ADDRESS",
	       N_("envelope sender; \"\" for a bounce")),
	NEEDED(struct eval_args, helo, "--helo", "NAME", N_("name the server gives in EHLO")),
	ALLOWED(struct eval_args, receiver, "--receiver", "NAME",
	        N_("who checks, for the macro %{r}")),
	FLAG(struct eval_args, trace, "--trace", N_("show every term that was looked at")),
	OPTIONS_END,
};

/* ---- who was named ----------------------------------------------------------------- */

static bool is_address(const char *text)
{
	uint8_t bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* As SMTP writes it: "<a@one.example>", and "<>" for a bounce. */
static const char *without_angles(struct arena *arena, const char *address)
{
	size_t length = strlen(address);

	if (length < 2 || address[0] != '<' || address[length - 1] != '>')
		return address;
	return arena_copy_part(arena, address + 1, length - 2);
}

/* The envelope sender with its domain in A-labels.  What is no name stays, and
 * "@one.example" is postmaster's: RFC 7208 4.3 has a result for both. */
static bool read_sender(struct arena *arena, struct eval_args *args, struct err *err)
{
	const char *sender = without_angles(arena, args->mail_from);
	const char *at = strrchr(sender, '@');
	const char *domain = at ? at + 1 : sender;
	struct err ignored = { 0 };

	args->mail_from = sender;
	if (at && *domain == '\0')
		return err_set(err, ERR_USAGE,
		               _("--mail-from: no domain stands behind the @ of \"%s\""), sender);
	if (name_parse(arena, domain, NAME_RECORD, &domain, &ignored))
		args->mail_from = at ? arena_print(arena, "%.*s@%s", (int)(at - sender), sender,
		                                   domain)
		                     : domain;
	return true;
}

/* Servers say what they like: what is no name stays as it is. */
static void read_helo(struct arena *arena, struct eval_args *args)
{
	struct err ignored = { 0 };

	(void)!name_parse(arena, args->helo, NAME_RECORD, &args->helo, &ignored);
}

static bool read_args(struct arena *arena, struct eval_args *args, struct err *err)
{
	if (!is_address(args->ip))
		return err_set(err, ERR_USAGE, _("\"%s\" is not an IP address"), args->ip);
	read_helo(arena, args);
	return read_sender(arena, args, err);
}

/* ---- what a receiver makes of it ---------------------------------------------------- */

/* One evaluation, as a check of inquiry.h. */
struct evaluation {
	struct spf_worker *worker;
	struct spf_check_request request;
	struct spf_check_verdict verdict;
};

static bool evaluate_step(struct inquiry *inquiry, void *context)
{
	struct evaluation *evaluation = context;
	struct spf_check_source source = spf_worker_source(inquiry);

	spf_worker_check(evaluation->worker, inquiry_arena(inquiry), &evaluation->request, &source,
	                 &evaluation->verdict);
	return evaluation->verdict.result != SPF_INCOMPLETE;
}

/* "none" is no error; people ask why nevertheless. */
static void explain_none(struct arena *arena, struct spf_check_verdict *verdict)
{
	const char *name = NULL;
	struct err ignored = { 0 };

	if (verdict->result != SPF_NONE || verdict->problem || !verdict->domain)
		return;
	if (name_parse(arena, verdict->domain, NAME_RECORD, &name, &ignored))
		verdict->problem = arena_print(arena, _("no SPF record at %s"), name);
	else
		verdict->problem =
			arena_print(arena, _("\"%s\" is no domain name, so it has no SPF record"),
		                    verdict->domain);
}

static void put_column(struct tree *map, const char *name, size_t column)
{
	if (column > 0)
		tree_put_number(map, name, (long long)column);
	else
		tree_put(map, name, tree_text(NULL));
}

static struct tree *trace_tree(const struct spf_check_verdict *verdict)
{
	struct tree *list = tree_list();

	for (size_t i = 0; i < verdict->step_count; i++) {
		const struct spf_check_step *step = &verdict->steps[i];
		struct tree *map = tree_map();

		tree_put_text(map, "record", step->record);
		tree_put_number(map, "column", (long long)step->column);
		tree_put_text(map, "term", step->term);
		tree_put_text(map, "target", step->target);
		tree_put_text(map, "note", step->note);
		tree_put_number(map, "depth", step->depth);
		tree_put_bool(map, "matched", step->matched);
		tree_push(list, map);
	}
	return list;
}

static struct tree *verdict_tree(const struct spf_check_verdict *verdict)
{
	struct tree *map = tree_map();

	tree_put_text(map, "result", spf_check_word(verdict->result));
	tree_put_text(map, "mechanism", verdict->mechanism);
	tree_put_text(map, "record", verdict->record ? verdict->record : verdict->problem_record);
	put_column(map, "column", verdict->record ? verdict->column : verdict->problem_column);
	tree_put_text(map, "explanation", verdict->explanation);
	tree_put_number(map, "lookups", verdict->lookups);
	tree_put_number(map, "void_lookups", verdict->voids);
	tree_put_text(map, "problem", verdict->problem);
	tree_put(map, "trace", trace_tree(verdict));
	return map;
}

static void print_trace(struct session *session, const struct spf_check_verdict *verdict)
{
	for (size_t i = 0; i < verdict->step_count; i++) {
		const struct spf_check_step *step = &verdict->steps[i];

		print_line(session, "  %*s%s %s %zu: %s%s%s%s%s%s", (int)(2 * step->depth), "",
		           step->matched ? "*" : " ", step->record, step->column, step->term,
		           step->target ? " = " : "", step->target ? step->target : "",
		           *step->note ? " (" : "", step->note, *step->note ? ")" : "");
	}
}

static void print_verdict(struct session *session, const struct eval_args *args,
                          const struct spf_check_verdict *verdict)
{
	const char *color = verdict->result == SPF_PASS ? print_green(session) : print_red(session);

	print_line(session, "%s%s%s", color, spf_check_word(verdict->result), print_plain(session));
	if (verdict->mechanism)
		print_line(session, _("decided by %s, column %zu of the record of %s"),
		           verdict->mechanism, verdict->column, verdict->record);
	if (verdict->problem)
		print_line(session, _("because: %s"), verdict->problem);
	if (verdict->explanation)
		print_line(session, _("the domain explains: %s"), verdict->explanation);
	print_line(session, _("look-ups: %u of %d, without result: %u of %d"), verdict->lookups,
	           SPF_LOOKUPS_MOST, verdict->voids, SPF_VOIDS_MOST);
	if (args->trace)
		print_trace(session, verdict);
}

static bool eval_run(struct session *session, const void *given, struct err *err)
{
	struct eval_args args = *(const struct eval_args *)given;
	struct asking asking;
	struct evaluation evaluation = { 0 };
	struct inquiry_job job = { .step = evaluate_step, .context = &evaluation };

	if (!read_args(&session->arena, &args, err))
		return false;
	evaluation.request = (struct spf_check_request){ .address = args.ip,
		                                         .mail_from = args.mail_from,
		                                         .helo = args.helo,
		                                         .receiver = args.receiver,
		                                         .now = clock_now() };
	if (!asking_open(session, &asking, err))
		return false;
	evaluation.worker = asking.worker;
	inquiry_run(asking.resolver, &job, 1, 1);
	explain_none(&session->arena, &evaluation.verdict);
	print_verdict(session, &args, &evaluation.verdict);
	print_json(session, verdict_tree(&evaluation.verdict));
	if (evaluation.verdict.result == SPF_TEMPERROR || evaluation.verdict.result == SPF_UNKNOWN)
		session->status = COULD_NOT_TELL;
	inquiry_close(job.inquiry);
	asking_close(&asking);
	return true;
}

const struct command cmd_spf_eval[] = {
	{ "spf eval", N_("say what a receiver makes of a sender"), ACCESS_NOTHING, eval_options,
	  sizeof(struct eval_args), eval_run,
	  "senderctl spf eval --ip 192.0.2.25 --mail-from claim@acme.example --helo "
	  "relay.vendor.example --trace\n" },
	COMMANDS_END,
};
