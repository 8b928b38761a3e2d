#include "cli/check_answer.h"

#include "cli/print.h"
#include "cli/remedy.h"
#include "core/base/clock.h"
#include "core/base/words.h"
#include "core/record/name.h"
#include "core/verify/diagnosis.h"

enum { COULD_NOT_TELL = 3 };

static struct tree *observations_tree(struct arena *arena, const struct verdict *verdict)
{
	struct tree *list = tree_list();

	for (size_t i = 0; i < verdict->observation_count; i++) {
		const struct dns_answer *answer = verdict->observations[i];
		struct tree *map = tree_map();

		tree_put_text(map, "server", answer->server);
		tree_put_text(map, "at", clock_render(arena, answer->at));
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

struct tree *check_answer_probe(const struct verdict *verdict)
{
	struct tree *tree = NULL;
	struct err err = { 0 };

	if (!verdict->probe || !tree_parse(verdict->probe, strlen(verdict->probe), &tree, &err))
		return tree_text(NULL);
	return tree;
}

static struct tree *verdict_tree(struct arena *arena, const struct verdict *verdict, bool confirmed)
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
	              verdict->visible_by > 0 ? clock_render(arena, verdict->visible_by) : NULL);
	tree_put_text(map, "expected", verdict->expected);
	tree_put_text(map, "found", verdict->found);
	tree_put_text(map, "explanation", verdict->explanation);
	tree_put(map, "diagnosis", diagnosis_tree(verdict->diagnosis));
	tree_put(map, "probe", check_answer_probe(verdict));
	tree_put(map, "observations", observations_tree(arena, verdict));
	return map;
}

struct tree *check_answer_tree(struct arena *arena, const struct domain_check *check,
                               const bool confirmed[])
{
	struct tree *map = tree_map();
	struct tree *list = tree_list();

	tree_put_text(map, "domain", check->domain->name);
	tree_put_text(map, "verdict", verdict_overall(check->verdicts, check->verdict_count));
	for (size_t i = 0; i < check->verdict_count; i++)
		tree_push(list, verdict_tree(arena, &check->verdicts[i], confirmed[i]));
	tree_put(map, "requirements", list);
	return map;
}

static void say_verdict(struct session *session, struct arena *arena, const struct verdict *verdict,
                        bool confirmed)
{
	const struct requirement *requirement = verdict->requirement;
	bool good = verdict->state == VERDICT_MATCH || verdict->state == VERDICT_WAIVED;
	bool missed = verdict->state == VERDICT_MISSING || verdict->state == VERDICT_CONFLICT
	              || verdict->state == VERDICT_MISPLACED;
	struct remedy advice = remedy_find(arena, verdict);

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
		print_line(session, "              %s", verdict_plain(arena, verdict->explanation));
	if (*verdict->expected && !good)
		print_line(session, _("              expected: %s"), verdict->expected);
	if (*verdict->found && !good)
		print_line(session, _("              found:    %s"),
		           verdict_plain(arena, verdict->found));
	if (advice.sentence)
		print_line(session, _("              to do:    %s"), advice.sentence);
	if (advice.zone_line)
		print_line(session, _("              zone file: %s"), advice.zone_line);
	if (advice.then)
		print_line(session, _("              then:     %s"), advice.then);
}

void check_answer_say(struct session *session, struct arena *arena,
                      const struct domain_check *check, const bool confirmed[])
{
	const char *overall = verdict_overall(check->verdicts, check->verdict_count);
	bool good = strcmp(overall, "ok") == 0 || strcmp(overall, "waived") == 0;

	print_line(session, "%s%s%s  %s%s%s", print_bold(session),
	           name_show(arena, check->domain->name), print_plain(session),
	           good ? print_green(session) : print_red(session), overall, print_plain(session));
	for (size_t i = 0; i < check->verdict_count; i++)
		say_verdict(session, arena, &check->verdicts[i], confirmed[i]);
	if (strcmp(overall, "unknown") == 0 && session->status == 0)
		session->status = COULD_NOT_TELL;
	else if (!good && strcmp(overall, "unknown") != 0)
		session->status = 1;
}
