#include "cli/spf_answer.h"

#include "cli/print.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/base/words.h"

/* Longer records are shown in several lines, so that the marks stay under them. */
enum { LINE_COLUMNS = 78 };

/* Branches of a tree that was not counted to its end: these are enough to see why. */
enum { CUT_BRANCHES = SPF_LOOKUPS_MOST + 3 };

static void put_column(struct tree *map, const char *name, size_t column)
{
	tree_put(map, name, column > 0 ? tree_number((long long)column) : tree_text(NULL));
}

/* ---- the record and its marks ---------------------------------------------------- */

/* A character as it may reach a terminal: one column, and nothing it obeys. */
static size_t add_shown(struct text *out, const char *text, size_t length)
{
	uint32_t point = 0;
	size_t size = utf8_next(text, length, &point);

	if (size == 0 || utf8_control(point) || utf8_invisible(point))
		text_add_char(out, '?');
	else
		text_add_bytes(out, text, size);
	return size > 0 ? size : 1;
}

static const char *shown(struct session *session, const char *text)
{
	struct text out = { 0 };
	size_t length = strlen(text);
	const char *copy = NULL;

	for (size_t at = 0; at < length;)
		at += add_shown(&out, text + at, length - at);
	copy = arena_copy(&session->arena, text_string(&out));
	text_free(&out);
	return copy;
}

/* By column: true where a finding points; room for one behind the end. */
static const bool *marks_of(struct session *session, size_t length, const struct spf_lint *lint)
{
	bool *marks = arena_take(&session->arena, length + 2);

	for (size_t i = 0; i < lint->count; i++)
		if (lint->findings[i].column > 0 && lint->findings[i].column <= length + 1)
			marks[lint->findings[i].column] = true;
	return marks;
}

static bool is_marked(const bool *marks, size_t column, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (marks[column + i])
			return true;
	return false;
}

/* Where a line that begins at `start` ends: at a blank, when there is one. */
static size_t line_end(const char *text, size_t length, size_t start)
{
	size_t end = start + LINE_COLUMNS;
	size_t blank = 0;

	if (end >= length)
		return length;
	for (blank = end; blank > start && text[blank] != ' '; blank--)
		;
	return blank > start ? blank + 1 : end;
}

/* One line of the record from `at` on, and its marks; returns where it ends. */
static size_t print_part(struct session *session, const char *text, size_t length,
                         const bool *marks, size_t at)
{
	struct text line = { 0 };
	struct text below = { 0 };
	size_t end = line_end(text, length, at);

	while (at < end) {
		size_t size = add_shown(&line, text + at, length - at);

		text_add_char(&below, is_marked(marks, at + 1, size) ? '^' : ' ');
		at += size;
	}
	if (at == length)
		text_add_char(&below, marks[length + 1] ? '^' : ' ');
	while (below.length > 0 && below.data[below.length - 1] == ' ')
		below.data[--below.length] = '\0';
	print_line(session, "%s", text_string(&line));
	if (below.length > 0)
		print_line(session, "%s", text_string(&below));
	text_free(&line);
	text_free(&below);
	return at;
}

static void print_marked(struct session *session, const char *text, size_t length,
                         const struct spf_lint *lint)
{
	const bool *marks = marks_of(session, length, lint);
	size_t at = 0;

	do
		at = print_part(session, text, length, marks, at);
	while (at < length);
}

/* ---- findings --------------------------------------------------------------------- */

static const struct {
	const char *word;
	const char *title;
	const char *(*color)(const struct session *session);
} severities[SPF_SEVERITIES] = {
	[SPF_NOTE] = { "note", N_("note"), print_plain },
	[SPF_WARNING] = { "warning", N_("warning"), print_yellow },
	[SPF_ERROR] = { "error", N_("error"), print_red },
};

static struct tree *finding_tree(const struct spf_finding *finding)
{
	struct tree *map = tree_map();

	tree_put_text(map, "severity", severities[finding->severity].word);
	put_column(map, "column", finding->column);
	tree_put_text(map, "token", finding->token);
	tree_put_text(map, "text", finding->text);
	tree_put_text(map, "meant", finding->meant);
	return map;
}

/* How many findings from here are about one token: they share a line. */
static size_t group_size(const struct spf_lint *lint, size_t first)
{
	size_t count = 1;

	while (lint->findings[first].start > 0 && first + count < lint->count
	       && lint->findings[first + count].start == lint->findings[first].start)
		count++;
	return count;
}

/* "column 20: ip4:123.4.5.678/90: ...; /90 is longer than /32" */
static void add_sentences(struct session *session, struct text *line,
                          const struct spf_finding *group, size_t count)
{
	const char *meant = NULL;

	if (group->column > 0)
		text_addf(line, _("column %zu: "), group->column);
	if (group->token && *group->token)
		text_addf(line, "%s: ", shown(session, group->token));
	for (size_t i = 0; i < count; i++) {
		text_addf(line, "%s%s", i > 0 ? "; " : "", group[i].text);
		meant = group[i].meant ? group[i].meant : meant;
	}
	if (meant)
		text_addf(line, _("; did you mean \"%s\"?"), meant);
}

static void print_group(struct session *session, const struct spf_finding *group, size_t count)
{
	struct text line = { 0 };
	enum spf_severity worst = SPF_NOTE;

	for (size_t i = 0; i < count; i++)
		if (group[i].severity > worst)
			worst = group[i].severity;
	add_sentences(session, &line, group, count);
	print_line(session, "%s%s%s: %s", severities[worst].color(session),
	           _(severities[worst].title), print_plain(session), text_string(&line));
	text_free(&line);
}

struct tree *spf_answer_findings(struct session *session, const char *text, size_t length,
                                 const struct spf_lint *lint)
{
	struct tree *answer = tree_map();
	struct tree *list = tree_list();

	print_marked(session, text, length, lint);
	for (size_t i = 0; i < lint->count; i += group_size(lint, i))
		print_group(session, &lint->findings[i], group_size(lint, i));
	for (size_t i = 0; i < lint->count; i++)
		tree_push(list, finding_tree(&lint->findings[i]));
	if (lint->count == 0)
		print_line(session, _("%sok%s: the record itself has no faults"),
		           print_green(session), print_plain(session));
	print_line(session, _("terms that need a look-up in this record: %u of %d"), lint->lookups,
	           SPF_LOOKUPS_MOST);
	tree_put_text(answer, "record", text);
	tree_put_bool(answer, "valid", lint->errors == 0);
	tree_put_number(answer, "lookups", lint->lookups);
	tree_put(answer, "findings", list);
	return answer;
}

/* ---- the price --------------------------------------------------------------------- */

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
	print_line(session, "%4s  %*s%s%s%s", lookups, indent, "", shown(session, line->term),
	           voids, line->unknown ? _(", unknown") : "");
	if (line->problem)
		print_line(session, "      %*s  %s%s%s: %s", indent, "", print_red(session),
		           _("error"), print_plain(session), shown(session, line->problem));
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
                                     const struct spf_answer_scene *scene)
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
	print_line(session,
	           _("%s%s%s: %smore than %d look-ups without result; receivers may answer "
	             "permerror"),
	           severities[severity].color(session), _(severities[severity].title),
	           print_plain(session), who, SPF_VOIDS_MOST);
}

static void print_limits(struct session *session, const struct spf_price *price,
                         const struct spf_answer_scene *scene)
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

struct tree *spf_answer_price(struct session *session, const struct spf_price *price,
                              const struct spf_answer_scene *scene, bool *sound)
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

/* ---- one relay ----------------------------------------------------------------------- */

static void print_relay(struct session *session, const char *address,
                        const struct spf_check_verdict *verdict)
{
	const char *color = verdict->result == SPF_PASS ? print_green(session) : print_red(session);
	const char *why = "";

	if (verdict->mechanism && !verdict->record)
		why = arena_print(&session->arena, _("; decided by %s, column %zu"),
		                  shown(session, verdict->mechanism), verdict->column);
	else if (verdict->mechanism)
		why = arena_print(&session->arena,
		                  _("; decided by %s, column %zu of the record of %s"),
		                  shown(session, verdict->mechanism), verdict->column,
		                  verdict->record);
	else if (verdict->problem)
		why = arena_print(&session->arena, "; %s", shown(session, verdict->problem));
	print_line(session, _("%s: %s%s%s, look-ups: %u of %d, without result: %u of %d%s"),
	           address, color, spf_check_word(verdict->result), print_plain(session),
	           verdict->lookups, SPF_LOOKUPS_MOST, verdict->voids, SPF_VOIDS_MOST, why);
}

struct tree *spf_answer_relay(struct session *session, const char *address,
                              const struct spf_check_verdict *verdict)
{
	struct tree *map = tree_map();

	print_relay(session, address, verdict);
	tree_put_text(map, "address", address);
	tree_put_text(map, "result", spf_check_word(verdict->result));
	tree_put_number(map, "lookups", verdict->lookups);
	tree_put_number(map, "void_lookups", verdict->voids);
	tree_put_text(map, "mechanism", verdict->mechanism);
	put_column(map, "column", verdict->mechanism ? verdict->column : verdict->problem_column);
	tree_put_text(map, "record",
	              verdict->mechanism ? verdict->record : verdict->problem_record);
	tree_put_text(map, "problem", verdict->problem);
	return map;
}
