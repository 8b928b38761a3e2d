#include "cli/spf_price_answer.h"

#include "cli/print.h"
#include "cli/spf_answer.h"
#include "core/base/words.h"
#include "core/verify/spf_check.h"

/* Branches of a tree that was not counted to its end: these are enough to see why. */
enum { CUT_BRANCHES = SPF_LOOKUPS_MOST + 3 };

static struct tree *branch_tree(const struct spf_price_line *line)
{
	struct tree *map = tree_map();

	tree_put_text(map, "record", line->record);
	tree_put_number(map, "column", (long long)line->column);
	tree_put_text(map, "term", line->term);
	tree_put_number(map, "depth", line->depth);
	tree_put_number(map, "lookups", (long long)line->lookups);
	tree_put_number(map, "voids", (long long)line->voids);
	tree_put_bool(map, "unknown", line->unknown);
	tree_put_text(map, "problem", line->problem);
	return map;
}

static void print_branch(struct session *session, const struct spf_price_line *line, bool cut)
{
	int indent = (int)(2 * line->depth);
	const char *lookups = arena_print(&session->arena, "%zu", line->lookups);
	const char *voids = "";

	if (cut && line->lookups > SPF_LOOKUPS_MOST)
		lookups = arena_print(&session->arena, ">%d", SPF_LOOKUPS_MOST);
	if (line->voids > 0)
		voids = arena_print(&session->arena, _(", %zu without result"), line->voids);
	print_line(session, "%4s  %*s%s%s%s", lookups, indent, "",
	           spf_answer_shown(session, line->term), voids,
	           line->unknown ? _(", unknown") : "");
	if (line->problem)
		print_line(session, "      %*s  %s%s%s: %s", indent, "", print_red(session),
		           _("error"), print_plain(session),
		           spf_answer_shown(session, line->problem));
}

static void print_branches(struct session *session, const struct spf_price *price)
{
	size_t count = price->line_count;

	if (price->cut && count > CUT_BRANCHES)
		count = CUT_BRANCHES;
	for (size_t i = 0; i < count; i++)
		print_branch(session, &price->lines[i], price->cut);
	if (count < price->line_count)
		print_line(session, _("      ... and more"));
}

/* A missing AAAA is no fault of a domain that sends from IPv4 alone. */
static enum spf_severity judge_voids(const struct spf_price *price,
                                     const struct spf_price_scene *scene)
{
	if (price->voids <= SPF_VOIDS_MOST)
		return SPF_NOTE;
	return price->voids4 <= SPF_VOIDS_MOST && !scene->ipv6 ? SPF_WARNING : SPF_ERROR;
}

static void print_voids(struct session *session, const struct spf_price *price,
                        enum spf_severity severity)
{
	const char *who = "";

	if (severity == SPF_NOTE)
		return;
	if (price->voids4 <= SPF_VOIDS_MOST)
		who = _("for mail from IPv6 addresses, ");
	else if (price->voids6 <= SPF_VOIDS_MOST)
		who = _("for mail from IPv4 addresses, ");
	spf_answer_say(session, severity,
	               arena_print(&session->arena,
	                           _("%smore than %d look-ups without result; receivers may answer "
	                             "permerror"),
	                           who, SPF_VOIDS_MOST));
}

static void print_limits(struct session *session, const struct spf_price *price,
                         const struct spf_price_scene *scene)
{
	if (price->lookups > SPF_LOOKUPS_MOST)
		print_line(session,
		           _("%serror%s: receivers answer permerror to whom no earlier "
		             "term matches"),
		           print_red(session), print_plain(session));
	print_voids(session, price, judge_voids(price, scene));
	if (price->unknown > 0)
		print_line(session, _("includes that could not be followed: %zu"), price->unknown);
}

static void print_worst(struct session *session, const struct spf_price *price)
{
	const char *lookups = price->cut ? arena_print(&session->arena, _("more than %d"),
	                                               SPF_LOOKUPS_MOST)
	                                 : arena_print(&session->arena, _("%zu of %d"),
	                                               price->lookups, SPF_LOOKUPS_MOST);

	if (price->voids4 == price->voids6)
		print_line(session, _("with all includes, at worst: %s, without result %zu of %d"),
		           lookups, price->voids, SPF_VOIDS_MOST);
	else
		print_line(session,
		           _("with all includes, at worst: %s, without result %zu of %d for mail "
		             "from IPv4 addresses, %zu of %d from IPv6 addresses"),
		           lookups, price->voids4, SPF_VOIDS_MOST, price->voids6, SPF_VOIDS_MOST);
}

static void put_price(struct tree *map, const struct spf_price *price)
{
	struct tree *branches = tree_list();

	for (size_t i = 0; i < price->line_count; i++)
		tree_push(branches, branch_tree(&price->lines[i]));
	tree_put_number(map, "lookups", (long long)price->lookups);
	tree_put_number(map, "limit", SPF_LOOKUPS_MOST);
	tree_put_number(map, "voids", (long long)price->voids);
	tree_put_number(map, "voids_ipv4", (long long)price->voids4);
	tree_put_number(map, "voids_ipv6", (long long)price->voids6);
	tree_put_number(map, "void_limit", SPF_VOIDS_MOST);
	tree_put_number(map, "unknown", (long long)price->unknown);
	tree_put_text(map, "dead", price->dead);
	tree_put(map, "branches", branches);
}

struct tree *spf_price_answer(struct session *session, const struct spf_price *price,
                              const struct spf_price_scene *scene, bool *sound)
{
	struct tree *map = tree_map();

	if (!scene->broken) {
		print_worst(session, price);
		print_branches(session, price);
		print_limits(session, price, scene);
	}
	for (size_t i = 0; i < price->line_count; i++)
		*sound = *sound && !price->lines[i].problem;
	*sound = *sound && price->lookups <= SPF_LOOKUPS_MOST && price->voids <= SPF_VOIDS_MOST;
	put_price(map, price);
	return map;
}
