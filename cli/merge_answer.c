#include "cli/merge_answer.h"

#include <string.h>

#include "cli/print.h"
#include "core/base/words.h"
#include "core/plan/spf_policy.h"
#include "core/record/zone_text.h"

static bool is_refused(const struct merge_answer *answer)
{
	return answer->merge->outcome == SPF_MERGE_REFUSED;
}

static bool is_proven(const struct merge_answer *answer)
{
	return answer->tried && !answer->homeless && answer->proof->bad == 0
	       && answer->proof->unsure == 0;
}

/* The policy of the record that stands there or shall; false: there is none. */
static bool policy_find(struct session *session, const struct merge_answer *answer,
                        struct spf_policy *policy)
{
	const char *text = answer->merge->record;
	struct spf_record record;
	struct err ignored = { 0 };

	if (text == NULL
	    || !spf_record_parse(&session->arena, text, strlen(text), &record, &ignored))
		return false;
	*policy = spf_policy_of(&record);
	return true;
}

/* ---- for programs ------------------------------------------------------------------ */

static struct tree *texts_tree(const char *const texts[], size_t count)
{
	struct tree *list = tree_list();

	for (size_t i = 0; i < count; i++)
		tree_push_text(list, texts[i]);
	return list;
}

static struct tree *strings_tree(struct session *session, const struct merge_answer *answer)
{
	struct tree *list = tree_list();

	if (is_refused(answer))
		return list;
	for (const char **s = zone_text_split(&session->arena, answer->merge->record, NULL);
	     *s != NULL; s++)
		tree_push_text(list, *s);
	return list;
}

static struct tree *lookups_tree(const struct merge_answer *answer)
{
	struct tree *map = tree_map();

	tree_put_number(map, "worst", (long long)answer->limit->then.lookups);
	tree_put_number(map, "limit", SPF_LOOKUP_LIMIT);
	return map;
}

static void push_record(struct tree *list, const char *action, const char *value,
                        const char *present)
{
	struct tree *map = tree_map();

	tree_put_text(map, "action", action);
	tree_put_text(map, "value", value);
	tree_put_text(map, "present", present);
	tree_push(list, map);
}

/* The SPF records of the name, but the first one. */
static bool is_surplus(const struct merge_answer *answer, size_t i, size_t *seen)
{
	const struct spf_text *text = &answer->texts->texts[i];

	return spf_record_is(text->text, text->length) && (*seen)++ > 0;
}

static struct tree *records_tree(const struct merge_answer *answer)
{
	const struct spf_merge *merge = answer->merge;
	struct tree *list = tree_list();
	size_t seen = 0;

	if (is_refused(answer))
		return list;
	push_record(list,
	            merge->present == NULL                  ? "add"
	            : merge->outcome == SPF_MERGE_UNCHANGED ? "keep"
	                                                    : "replace",
	            merge->record, merge->present);
	for (size_t i = 0; i < answer->texts->count; i++)
		if (is_surplus(answer, i, &seen))
			push_record(list, "delete", answer->texts->texts[i].text,
			            answer->texts->texts[i].text);
	return list;
}

static struct tree *policy_tree(struct session *session, const struct merge_answer *answer)
{
	struct spf_policy policy;
	struct tree *map = NULL;

	if (!policy_find(session, answer, &policy))
		return tree_text(NULL);
	map = tree_map();
	tree_put_text(map, "all", policy.all);
	tree_put_text(map, "explanation", policy.explanation);
	return map;
}

static struct tree *advice_tree(const struct spf_alternatives *advice)
{
	struct tree *list = tree_list();

	for (size_t i = 0; i < advice->count; i++) {
		const struct spf_alternative *way = &advice->ways[i];
		struct tree *map = tree_map();

		tree_put_number(map, "rank", (long long)i + 1);
		tree_put_text(map, "way", spf_alternative_word(way->way));
		tree_put_number(map, "lookups", (long long)way->lookups);
		tree_put_text(map, "record", way->record);
		tree_put(map, "octets",
		         way->record != NULL ? tree_number((long long)strlen(way->record))
		                             : tree_text(NULL));
		tree_put_text(map, "explanation", way->explanation);
		tree_push(list, map);
	}
	return list;
}

static struct tree *proof_tree(const struct spf_proof *proof)
{
	struct tree *list = tree_list();

	for (size_t i = 0; i < proof->row_count; i++) {
		const struct spf_proof_row *row = &proof->rows[i];
		struct tree *map = tree_map();

		tree_put_text(map, "address", row->address);
		tree_put_bool(map, "relay", row->ours);
		tree_put_bool(map, "added", row->added);
		tree_put_text(map, "before", spf_check_word(row->before));
		tree_put_text(map, "after", spf_check_word(row->after));
		tree_put_bool(map, "good", row->good && !row->unsure);
		tree_push(list, map);
	}
	return list;
}

static struct tree *answer_tree(struct session *session, const struct merge_answer *answer)
{
	const struct spf_merge *merge = answer->merge;
	struct tree *map = tree_map();

	tree_put_text(map, "outcome", spf_merge_word(merge->outcome));
	tree_put_text(map, "record", is_refused(answer) ? NULL : merge->record);
	tree_put(map, "strings", strings_tree(session, answer));
	tree_put(map, "records", records_tree(answer));
	tree_put(map, "lookups", lookups_tree(answer));
	tree_put(map, "changes", texts_tree(merge->changes, merge->change_count));
	tree_put(map, "warnings", texts_tree(merge->warnings, merge->warning_count));
	tree_put(map, "policy", policy_tree(session, answer));
	tree_put(map, "alternatives", advice_tree(answer->advice));
	tree_put(map, "proof", proof_tree(answer->proof));
	tree_put(map, "proven", answer->tried ? tree_bool(is_proven(answer)) : tree_text(NULL));
	if (is_refused(answer))
		tree_put_text(map, "reason", merge->reason);
	return map;
}

/* ---- for people --------------------------------------------------------------------- */

static void say_records(struct session *session, const struct merge_answer *answer)
{
	const struct spf_merge *merge = answer->merge;
	size_t seen = 0;

	if (is_refused(answer)) {
		print_line(session, _("refused: %s"), merge->reason);
		if (merge->present != NULL)
			print_line(session, _("  published: %s"), merge->present);
		return;
	}
	print_line(session, "%s%s%s", print_bold(session), merge->record, print_plain(session));
	if (merge->outcome == SPF_MERGE_UNCHANGED) {
		print_line(session, _("nothing needs to change"));
		return;
	}
	if (merge->present != NULL)
		print_line(session, _("  replace: %s"), merge->present);
	for (size_t i = 0; i < answer->texts->count; i++)
		if (is_surplus(answer, i, &seen))
			print_line(session, _("  delete:  %s"), answer->texts->texts[i].text);
	for (size_t i = 0; i < merge->change_count; i++)
		print_line(session, "  %s", merge->changes[i]);
}

static const char *who(const struct spf_proof_row *row)
{
	return row->ours ? _("our relay") : row->added ? _("passes by what was added") : "";
}

static void say_rows(struct session *session, const struct spf_proof *proof)
{
	for (size_t i = 0; i < proof->row_count; i++) {
		const struct spf_proof_row *row = &proof->rows[i];

		print_line(session, "  %s%-39s%s %-9s -> %-9s %s",
		           row->unsure ? print_yellow(session)
		           : row->good ? print_green(session)
		                       : print_red(session),
		           row->address, print_plain(session), spf_check_word(row->before),
		           spf_check_word(row->after), who(row));
	}
}

/* The first of the others whose result changes, though nobody minds. */
static const struct spf_proof_row *changed_row(const struct spf_proof *proof)
{
	for (size_t i = 0; i < proof->row_count; i++) {
		const struct spf_proof_row *row = &proof->rows[i];

		if (!row->ours && !row->added && row->before != row->after)
			return row;
	}
	return NULL;
}

/* A first record changes "none" for everybody, and several were a permerror. */
static void say_proven(struct session *session, const struct spf_proof *proof)
{
	const struct spf_proof_row *row = changed_row(proof);

	if (row == NULL)
		print_line(session,
		           _("  %sproven for %zu addresses: ours pass, nobody else's result "
		             "changes%s"),
		           print_green(session), proof->row_count, print_plain(session));
	else if (row->before == SPF_PERMERROR)
		print_line(session,
		           _("  %sproven for %zu addresses: ours pass; before, receivers answered "
		             "permerror to everybody%s"),
		           print_green(session), proof->row_count, print_plain(session));
	else
		print_line(session,
		           _("  %sproven for %zu addresses: ours pass; for others the result "
		             "changes from %s to %s%s"),
		           print_green(session), proof->row_count, spf_check_word(row->before),
		           spf_check_word(row->after), print_plain(session));
}

/* "Proven" is said only of what was tried, and told. */
static void say_proof(struct session *session, const struct merge_answer *answer)
{
	const struct spf_proof *proof = answer->proof;

	if (answer->tried && answer->show_rows)
		say_rows(session, proof);
	if (!answer->tried && !is_refused(answer))
		print_line(session,
		           _("  not tried: --prove asks DNS, and tries the record for every "
		             "address where a change would show"));
	if (!answer->tried)
		return;
	if (is_proven(answer))
		say_proven(session, proof);
	if (proof->bad > 0)
		print_line(session,
		           _("  %stried for %zu addresses: %zu do not get what they should%s"),
		           print_red(session), proof->row_count, proof->bad, print_plain(session));
	if (proof->unsure > 0)
		print_line(
			session,
			_("  %stried for %zu addresses: %zu could not be told, DNS did not answer; "
		          "nothing is proven%s"),
			print_yellow(session), proof->row_count, proof->unsure,
			print_plain(session));
}

static void say_advice(struct session *session, const struct merge_answer *answer)
{
	const struct spf_alternatives *advice = answer->advice;

	if (advice->count > 0)
		print_line(session, is_refused(answer) ? _("what can be done, the best first:")
		                                       : _("what could be done instead:"));
	for (size_t i = 0; i < advice->count; i++) {
		const struct spf_alternative *way = &advice->ways[i];

		print_line(session, _("  %zu. %s (DNS lookups: %zu)"), i + 1, way->explanation,
		           way->lookups);
		if (way->record != NULL)
			print_line(session, _("     %s (%zu octets)"), way->record,
			           strlen(way->record));
	}
}

static void say(struct session *session, const struct merge_answer *answer)
{
	const struct spf_merge *merge = answer->merge;
	struct spf_policy policy;

	say_records(session, answer);
	for (size_t i = 0; i < merge->warning_count; i++)
		print_line(session, "  %s%s%s", print_yellow(session), merge->warnings[i],
		           print_plain(session));
	if (policy_find(session, answer, &policy))
		print_line(session, "  %s", policy.explanation);
	if (answer->limit->then.lookups > 0 || !is_refused(answer))
		print_line(session, _("  DNS lookups at worst: %zu of %d"),
		           answer->limit->then.lookups, SPF_LOOKUP_LIMIT);
	say_proof(session, answer);
	say_advice(session, answer);
}

void merge_answer_say(struct session *session, const struct merge_answer *answer)
{
	say(session, answer);
	print_json(session, answer_tree(session, answer));
	/* product.md: 4 refused, 3 could not tell */
	session->status = is_refused(answer) ? 4 : answer->proof->ours_unsure > 0 ? 3 : 0;
}
