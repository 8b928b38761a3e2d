#include "cli/commands.h"

#include <string.h>

#include "cli/dns_ask.h"
#include "cli/print.h"
#include "core/base/file.h"
#include "core/base/words.h"
#include "core/handover/handover.h"
#include "core/handover/sheet_delta.h"
#include "core/handover/sheet_render.h"

/* ---- a sheet as text, page, files ------------------------------------------------ */

static bool sheet_write(struct session *session, const struct sheet *sheet, enum sheet_form form,
                        struct text *out, struct err *err)
{
	struct tree *model = NULL;

	if (!tree_parse(sheet->model, strlen(sheet->model), &model, err))
		return false;
	struct sheet_face face = {
		.model = model,
		.language = sheet->language,
		.number = sheet->number,
		.replaces = sheet->replaces,
		.date = sheet->issued_at,
		.digest = sheet->digest,
	};
	bool ok = sheet_render(&session->arena, &face, form, out, err);
	tree_drop(model);
	return ok;
}

/* lms-acme-0003-de.html: provider and client hold letters, digits and dashes only. */
static bool file_make(struct session *session, const struct sheet *sheet, enum sheet_form form,
                      const char *folder, struct tree *files, struct err *err)
{
	struct text out = { 0 };
	const char *path = arena_print(&session->arena, "%s/%s-%s-%04d-%s.%s", folder,
	                               sheet->provider, sheet->client, sheet->number,
	                               sheet->language, sheet_form_word(form));
	bool ok = sheet_write(session, sheet, form, &out, err)
	          && file_write(path, 0644, text_string(&out), out.length, err);

	text_free(&out);
	if (ok)
		tree_push_text(files, path);
	return ok;
}

static bool files_make(struct session *session, const struct sheet *sheet, const char *folder,
                       struct tree *files, struct err *err)
{
	if (!file_folder(folder, 0755, err))
		return false;
	for (size_t form = 0; form < SHEET_FORMS; form++)
		if (!file_make(session, sheet, (enum sheet_form)form, folder, files, err))
			return false;
	return true;
}

static struct tree *sheet_tree(const struct sheet *sheet)
{
	struct tree *map = tree_map();

	tree_put_text(map, "client", sheet->client);
	tree_put_text(map, "provider", sheet->provider);
	tree_put_number(map, "number", sheet->number);
	tree_put_text(map, "language", sheet->language);
	tree_put_text(map, "issued_at", sheet->issued_at);
	tree_put_text(map, "issued_by", sheet->issued_by);
	tree_put_text(map, "digest", sheet->digest);
	tree_put_text(map, "uuid", sheet->uuid);
	return map;
}

/* ---- issue ------------------------------------------------------------------------------ */

struct issue_args {
	const char *client;
	const char *output;
	bool dns;
};

static const struct option_row issue_options[] = {
	PLACE(struct issue_args, client, "CLIENT", N_("for whom: lms/acme")),
	ALLOWED(struct issue_args, output, "--output", "DIR",
	        N_("write the sheet there as text and as HTML page")),
	FLAG(struct issue_args, dns, "--dns",
	     N_("ask DNS what is published today, and merge SPF into it (--resolver does so too)")),
	OPTIONS_END,
};

/* --lang is the language of the sheet too. */
static const char *language_of(const struct session *session, const struct scope *client)
{
	return session->options->lang != NULL ? session->options->lang : client->language;
}

struct issuing {
	struct session *session;
	const struct issue_args *args;
	const struct ask *ask;
	struct handover *handover;
};

static bool issue(struct db *db, void *context, struct err *err)
{
	const struct issuing *issuing = context;
	struct session *session = issuing->session;
	struct scope client;

	return scope_find_client(db, &session->arena, issuing->args->client, &client, err)
	       && handover_issue(db, &session->arena, &client, language_of(session, &client),
	                         issuing->ask, issuing->handover, err);
}

static void issue_say(struct session *session, const struct handover *handover)
{
	const struct sheet *sheet = &handover->sheet;

	if (handover->issued && session->options->dry_run)
		print_line(session, _("would issue sheet no. %d (%s) for %s/%s"), sheet->number,
		           sheet->language, sheet->provider, sheet->client);
	else if (handover->issued)
		print_line(session,
		           _("issued sheet no. %d (%s) for %s/%s; keys on it to be "
		             "published: %zu"),
		           sheet->number, sheet->language, sheet->provider, sheet->client,
		           handover->keys);
	else
		print_line(session,
		           _("sheet no. %d (%s) for %s/%s says the same already; nothing "
		             "was changed"),
		           sheet->number, sheet->language, sheet->provider, sheet->client);
	if (handover->keyless > 0)
		print_line(session,
		           _("%sdomains without a signing key: %zu%s (senderctl key "
		             "generate makes them)"),
		           print_yellow(session), handover->keyless, print_plain(session));
	if (handover->refused > 0)
		print_line(session, _("%sSPF records that must be mended first: %zu%s"),
		           print_yellow(session), handover->refused, print_plain(session));
	if (handover->unknown > 0)
		print_line(session, _("%squestions that DNS did not answer: %zu%s"),
		           print_yellow(session), handover->unknown, print_plain(session));
}

static bool issue_run(struct session *session, const void *given, struct err *err)
{
	const struct issue_args *args = given;
	struct dns_ask *dns = NULL;
	struct handover handover;
	struct issuing issuing = { .session = session, .args = args, .handover = &handover };
	struct tree *files = tree_list();
	bool ok = false;

	/* a folder that cannot be made shall be known before the sheet is there for good */
	if ((args->output != NULL && !session->options->dry_run
	     && !file_folder(args->output, 0755, err))
	    || !dns_ask_open(session, args->dns, &dns, err))
		goto out;
	issuing.ask = dns_ask_function(dns);
	if (!db_again(session->db, session_write(session), issue, &issuing, err))
		goto out;
	issue_say(session, &handover);
	if (args->output != NULL && !session->options->dry_run) {
		if (!files_make(session, &handover.sheet, args->output, files, err))
			goto out;
		for (size_t i = 0; i < tree_count(files); i++)
			print_line(session, "  %s", tree_as_text(tree_at(files, i)));
	} else if (!session->options->dry_run) {
		print_line(session,
		           _("senderctl handover show %s/%s prints it; --output DIR writes "
		             "it as files"),
		           handover.sheet.provider, handover.sheet.client);
	}
	struct tree *answer = sheet_tree(&handover.sheet);
	tree_put_bool(answer, "issued", handover.issued);
	tree_put_number(answer, "keys", (long long)handover.keys);
	tree_put_number(answer, "keyless", (long long)handover.keyless);
	tree_put(answer, "files", files);
	files = NULL;
	print_json(session, answer);
	session->status = handover.keyless > 0 || handover.refused > 0 || handover.unknown > 0;
	ok = true;
out:
	dns_ask_close(dns);
	tree_drop(files);
	return ok;
}

/* ---- list ---------------------------------------------------------------------------------- */

struct list_args {
	const char *client;
};

static const struct option_row list_options[] = { PLACE_MAYBE(struct list_args, client, "CLIENT",
	                                                      N_("whose sheets; all without")),
	                                          OPTIONS_END };

static const struct print_column list_columns[] = { { "provider", N_("provider"), PRINT_LEFT },
	                                            { "client", N_("client"), PRINT_LEFT },
	                                            { "number", N_("sheet"), PRINT_RIGHT },
	                                            { "language", N_("language"), PRINT_LEFT },
	                                            { "issued_at", N_("issued"), PRINT_LEFT },
	                                            { "issued_by", N_("by"), PRINT_LEFT },
	                                            PRINT_COLUMNS_END };

static bool list_run(struct session *session, const void *given, struct err *err)
{
	const struct list_args *args = given;
	struct scope client = { 0 };
	struct sheet_list sheets;

	if (args->client != NULL
	    && !scope_find_client(session->db, &session->arena, args->client, &client, err))
		return false;
	if (!sheet_list_load(session->db, &session->arena, client.provider_id, client.client_id,
	                     &sheets, err))
		return false;
	struct tree *list = tree_list();
	for (size_t i = 0; i < sheets.count; i++)
		tree_push(list, sheet_tree(&sheets.items[i]));
	print_list(session, list, list_columns);
	return true;
}

/* ---- show ------------------------------------------------------------------------------------- */

struct show_args {
	const char *client;
	long number;
	const char *form;
	const char *output;
};

static const struct option_row show_options[] = {
	PLACE(struct show_args, client, "CLIENT", N_("whose sheet")),
	NUMBER(struct show_args, number, "--number", "N", N_("which sheet; without, the newest")),
	ALLOWED(struct show_args, form, "--form", "txt|html", N_("how to print it")),
	ALLOWED(struct show_args, output, "--output", "DIR",
	        N_("write it there as text and as HTML page instead")),
	OPTIONS_END,
};

static bool show_json(struct session *session, const struct sheet *sheet, struct err *err)
{
	struct tree *answer = sheet_tree(sheet), *model = NULL;

	if (!tree_parse(sheet->model, strlen(sheet->model), &model, err)) {
		tree_drop(answer);
		return false;
	}
	tree_put(answer, "model", model);
	print_json(session, answer);
	return true;
}

static bool show_run(struct session *session, const void *given, struct err *err)
{
	const struct show_args *args = given;
	bool html = args->form != NULL && strcmp(args->form, "html") == 0;
	struct scope client;
	struct sheet sheet;
	struct text out = { 0 };
	struct tree *files = tree_list();
	bool ok = false;

	if (!scope_find_client(session->db, &session->arena, args->client, &client, err)
	    || !sheet_load(session->db, &session->arena, client.provider_id, client.client_id,
	                   (int)args->number, &sheet, err))
		goto out;
	if (args->output != NULL) {
		if (!files_make(session, &sheet, args->output, files, err))
			goto out;
		for (size_t i = 0; i < tree_count(files); i++)
			print_line(session, "%s", tree_as_text(tree_at(files, i)));
	} else {
		if (!sheet_write(session, &sheet, html ? SHEET_HTML : SHEET_TXT, &out, err))
			goto out;
		print_raw(session, text_string(&out));
	}
	ok = show_json(session, &sheet, err);
out:
	tree_drop(files);
	text_free(&out);
	return ok;
}

/* ---- diff -------------------------------------------------------------------------------------- */

struct diff_args {
	const char *client;
	long from;
	long to;
	bool dns;
};

static const struct option_row diff_options[] = {
	PLACE(struct diff_args, client, "CLIENT", N_("whose sheet")),
	NUMBER(struct diff_args, from, "--from", "N", N_("the older sheet; without, the newest")),
	NUMBER(struct diff_args, to, "--to", "N",
	       N_("the younger sheet; without, what would be issued now")),
	FLAG(struct diff_args, dns, "--dns", N_("ask DNS what is published today")),
	OPTIONS_END,
};

static const struct print_column diff_columns[] = { { "change", N_("change"), PRINT_LEFT },
	                                            { "action", N_("action"), PRINT_LEFT },
	                                            { "name", N_("name"), PRINT_LEFT },
	                                            { "type", N_("type"), PRINT_LEFT },
	                                            { "value", N_("value"), PRINT_WRAP },
	                                            { "before", N_("before"), PRINT_WRAP },
	                                            PRINT_COLUMNS_END };

static bool diff_run(struct session *session, const void *given, struct err *err)
{
	const struct diff_args *args = given;
	struct dns_ask *dns = NULL;
	struct scope client;
	struct sheet from, to;
	struct handover handover;
	struct text model = { 0 };
	struct tree *delta = NULL;
	bool ok = false;

	if (!dns_ask_open(session, args->dns, &dns, err)
	    || !scope_find_client(session->db, &session->arena, args->client, &client, err)
	    || !sheet_load(session->db, &session->arena, client.provider_id, client.client_id,
	                   (int)args->from, &from, err))
		goto out;
	if (args->to > 0) {
		if (!sheet_load(session->db, &session->arena, client.provider_id, client.client_id,
		                (int)args->to, &to, err))
			goto out;
		text_add(&model, to.model);
	} else if (!handover_preview(session->db, &session->arena, &client, from.language,
	                             dns_ask_function(dns), &model, &handover, err)) {
		goto out;
	}
	if (!sheet_delta(from.model, text_string(&model), &delta, err))
		goto out;
	session->status = tree_count(delta) > 0;
	if (tree_count(delta) == 0)
		print_line(session, _("no difference to sheet no. %d"), from.number);
	print_table(session, delta, diff_columns);
	print_json(session, delta);
	delta = NULL;
	ok = true;
out:
	dns_ask_close(dns);
	tree_drop(delta);
	text_free(&model);
	return ok;
}

const struct command cmd_handover[] = {
	{ "handover issue", N_("issue a hand-over sheet for a client's IT"), ACCESS_OPEN,
	  issue_options, sizeof(struct issue_args), issue_run,
	  "senderctl handover issue lms/acme --output sheets\n"
	  "senderctl --lang en handover issue lms/acme --resolver 192.0.2.53\n" },
	{ "handover list", N_("which sheets were issued, and when"), ACCESS_READ, list_options,
	  sizeof(struct list_args), list_run, "senderctl handover list lms/acme\n" },
	{ "handover show", N_("print a sheet that was issued"), ACCESS_READ, show_options,
	  sizeof(struct show_args), show_run,
	  "senderctl handover show lms/acme\n"
	  "senderctl handover show lms/acme --number 2 --form html > sheet.html\n" },
	{ "handover diff", N_("what changed since a sheet was issued"), ACCESS_READ, diff_options,
	  sizeof(struct diff_args), diff_run, "senderctl handover diff lms/acme\n" },
	COMMANDS_END,
};
