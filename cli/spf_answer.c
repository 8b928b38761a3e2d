#include "cli/spf_answer.h"

#include "cli/print.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/base/words.h"

/* Longer records are shown in several lines, so that the marks stay under them. */
enum { LINE_COLUMNS = 78 };

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

const char *spf_answer_shown(struct session *session, const char *text)
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

void spf_answer_say(struct session *session, enum spf_severity severity, const char *sentence)
{
	print_line(session, "%s%s%s: %s", severities[severity].color(session),
	           _(severities[severity].title), print_plain(session), sentence);
}

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
		text_addf(line, "%s: ", spf_answer_shown(session, group->token));
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
	spf_answer_say(session, worst, text_string(&line));
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

/* ---- one relay ----------------------------------------------------------------------- */

static void print_relay(struct session *session, const char *address,
                        const struct spf_check_verdict *verdict)
{
	const char *color = verdict->result == SPF_PASS ? print_green(session) : print_red(session);
	const char *why = "";

	if (verdict->mechanism && !verdict->record)
		why = arena_print(&session->arena, _("; decided by %s, column %zu"),
		                  spf_answer_shown(session, verdict->mechanism), verdict->column);
	else if (verdict->mechanism)
		why = arena_print(&session->arena,
		                  _("; decided by %s, column %zu of the record of %s"),
		                  spf_answer_shown(session, verdict->mechanism), verdict->column,
		                  verdict->record);
	else if (verdict->problem)
		why = arena_print(&session->arena, "; %s",
		                  spf_answer_shown(session, verdict->problem));
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
