#include <arpa/inet.h>
#include <ctype.h>
#include <strings.h>

#include "core/base/words.h"
#include "core/record/spf_macro.h"
#include "core/record/spf_record.h"
#include "core/record/spf_strange.h"

/*
 * record     = "v=spf1" *( 1*SP ( directive / modifier ) ) *SP
 * directive  = [ "+" / "-" / "?" / "~" ] mechanism
 * mechanism  = "all" / "include:" spec / "exists:" spec / "ptr" [ ":" spec ]
 *            / ( "a" / "mx" ) [ ":" spec ] [ "/" 0-32 ] [ "//" 0-128 ]
 *            / "ip4:" network [ "/" 0-32 ] / "ip6:" network [ "/" 0-128 ]
 * modifier   = "redirect=" spec / "exp=" spec / name "=" macro-string
 * name       = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
 * spec       = macro-string ( "." toplabel [ "." ] / macro-expand )
 * toplabel   = letters, digits and inner hyphens, not digits alone
 *
 * Names compare without case.  A number has no leading zero.
 */

static const char version[] = "v=spf1";
static const size_t version_length = sizeof(version) - 1;

/* What may follow a mechanism's name. */
enum wants { WANTS_NOTHING, WANTS_SPEC, MAY_SPEC, MAY_SPEC_PREFIX, WANTS_IP4, WANTS_IP6 };

static const struct {
	const char *word;
	enum wants wants;
	bool lookup;
	bool modifier;
} kinds[SPF_TERM_KINDS] = {
	[SPF_TERM_ALL] = { "all", WANTS_NOTHING, false, false },
	[SPF_TERM_INCLUDE] = { "include", WANTS_SPEC, true, false },
	[SPF_TERM_A] = { "a", MAY_SPEC_PREFIX, true, false },
	[SPF_TERM_MX] = { "mx", MAY_SPEC_PREFIX, true, false },
	[SPF_TERM_PTR] = { "ptr", MAY_SPEC, true, false },
	[SPF_TERM_IP4] = { "ip4", WANTS_IP4, false, false },
	[SPF_TERM_IP6] = { "ip6", WANTS_IP6, false, false },
	[SPF_TERM_EXISTS] = { "exists", WANTS_SPEC, true, false },
	[SPF_TERM_REDIRECT] = { "redirect", WANTS_SPEC, true, true },
	[SPF_TERM_EXP] = { "exp", WANTS_SPEC, false, true },
	[SPF_TERM_OTHER] = { "modifier", WANTS_NOTHING, false, true },
	[SPF_TERM_BROKEN] = { "broken", WANTS_NOTHING, false, false },
};

struct problem_node {
	struct problem_node *next;
	struct spf_problem problem;
};

/* A term being read: `token` ends in NUL and begins at `column` of the record. */
struct reader {
	struct arena *arena;
	const char *token;
	size_t length;
	size_t column;
	struct problem_node *problems;
	size_t problem_count;
};

static bool complain(struct reader *reader, size_t at, const char *sentence)
{
	struct problem_node *node = arena_take(reader->arena, sizeof(*node));
	struct problem_node **place = &reader->problems;

	node->problem = (struct spf_problem){ .column = reader->column + at,
		                              .token = reader->token,
		                              .text = sentence };
	/* The list runs from the last column to the first. */
	while (*place && (*place)->problem.column > node->problem.column)
		place = &(*place)->next;
	node->next = *place;
	*place = node;
	reader->problem_count++;
	return false;
}

/* Once per token and kind: two quotes are one mistake. */
static void complain_once(struct reader *reader, size_t at, const char *sentence)
{
	for (const struct problem_node *node = reader->problems; node; node = node->next)
		if (node->problem.token == reader->token
		    && strcmp(node->problem.text, sentence) == 0)
			return;
	(void)complain(reader, at, sentence);
}

static bool all_visible(struct reader *reader)
{
	bool visible = true;
	bool unknown = false;

	for (size_t i = 0; i < reader->length; i++) {
		unsigned char octet = (unsigned char)reader->token[i];
		const char *sentence = NULL;

		if (octet >= 0x21 && octet <= 0x7e)
			continue;
		visible = false;
		sentence = spf_strange_what(reader->token + i, reader->length - i, NULL);
		if (sentence)
			complain_once(reader, i, sentence);
		else if (!unknown)
			(void)complain(reader, i,
			               arena_print(reader->arena,
			                           _("octet 0x%02X; SPF knows plain ASCII only"),
			                           octet));
		unknown = unknown || !sentence;
		while (i + 1 < reader->length
		       && ((unsigned char)reader->token[i + 1] & 0xc0) == 0x80)
			i++;
	}
	return visible;
}

static bool is_toplabel(const char *label, size_t length)
{
	bool digits_only = true;

	if (length == 0 || label[0] == '-' || label[length - 1] == '-')
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)label[i]) && label[i] != '-')
			return false;
		if (!isdigit((unsigned char)label[i]))
			digits_only = false;
	}
	return !digits_only;
}

/* Where the last macro-expand of the text ends; length + 1 after a complaint. */
static size_t check_macros(struct reader *reader, size_t at, size_t length)
{
	size_t literal = at;
	struct spf_macro macro;
	const char *why = NULL;

	for (size_t end = at + length; at < end; at += macro.length) {
		if (!spf_macro_read(reader->token + at, end - at, SPF_MACRO_DOMAIN, &macro, &why)) {
			(void)complain(reader, at, _(why));
			return reader->length + 1;
		}
		if (reader->token[at] == '%')
			literal = at + macro.length;
	}
	return literal;
}

static bool check_spec(struct reader *reader, size_t at, size_t length)
{
	size_t end = at + length;
	size_t literal = check_macros(reader, at, length);
	size_t label = 0;

	if (literal > reader->length)
		return false;
	if (length == 0)
		return complain(reader, at, _("a domain name is missing here"));
	if (literal == end)
		return true;
	if (reader->token[end - 1] == '.')
		end--;
	for (label = end; label > literal && reader->token[label - 1] != '.'; label--)
		;
	if (label == literal)
		return complain(reader, literal,
		                _("a domain name needs a dot and a top-level "
		                  "name"));
	if (!is_toplabel(reader->token + label, end - label))
		return complain(reader, label, _("no domain name ends like this"));
	return true;
}

/* A decimal number without leading zero, at most `most`; -1 otherwise. */
static int read_number(const char *digits, size_t length, int most)
{
	int number = 0;

	if (length == 0 || length > 3 || (digits[0] == '0' && length > 1))
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (!isdigit((unsigned char)digits[i]))
			return -1;
		number = number * 10 + (digits[i] - '0');
	}
	return number <= most ? number : -1;
}

/* Cut "/digits" (with two strokes when asked) off the end of the text. */
static bool take_prefix(struct reader *reader, size_t at, size_t *length, const char *strokes,
                        int most, int *prefix)
{
	size_t width = strlen(strokes);
	size_t whole = *length;
	size_t digits = at + whole;

	while (digits > at && isdigit((unsigned char)reader->token[digits - 1]))
		digits--;
	if (digits == at + whole || digits - at < width
	    || strncmp(reader->token + digits - width, strokes, width) != 0)
		return true;
	*prefix = read_number(reader->token + digits, at + whole - digits, most);
	*length = digits - width - at;
	if (*prefix >= 0)
		return true;
	if (reader->token[digits] == '0')
		return complain(reader, digits, _("a prefix length has no leading zero"));
	return complain(reader, digits,
	                arena_print(reader->arena, _("%s%.*s is longer than %s%d"), strokes,
	                            (int)(at + whole - digits), reader->token + digits, strokes,
	                            most));
}

static bool complain_octet(struct reader *reader, size_t at, size_t length)
{
	const char *part = reader->token + at;
	bool zero = length > 1 && part[0] == '0' && strspn(part, "0123456789") >= length;
	const char *said = arena_copy_part(reader->arena, part, length);

	if (zero)
		said = arena_print(reader->arena,
		                   _("\"%s\": a number in an address has no leading zero"), said);
	else
		said = arena_print(reader->arena,
		                   _("\"%s\" is not an octet of an IPv4 address (0 to 255)"), said);
	return complain(reader, at, said);
}

/* All numbers that are wrong are named, not only the first. */
static bool read_ip4(struct reader *reader, size_t at, size_t length, struct spf_term *term)
{
	size_t end = at + length;
	bool good = true;

	for (size_t i = 0; i < 4; i++) {
		size_t part = strcspn(reader->token + at, "./");
		int number = -1;

		if (at + part > end)
			part = end - at;
		number = read_number(reader->token + at, part, 255);
		if (number < 0)
			good = complain_octet(reader, at, part);
		term->address[i] = (uint8_t)number;
		at += part;
		if (i < 3 && (at >= end || reader->token[at] != '.'))
			return good && complain(reader, at, _("an IPv4 address has four numbers"));
		at += i < 3;
	}
	if (at != end)
		return complain(reader, at, _("an IPv4 address ends after four numbers"));
	return good;
}

static bool read_ip6(struct reader *reader, size_t at, size_t length, struct spf_term *term)
{
	const char *address = arena_copy_part(reader->arena, reader->token + at, length);

	if (inet_pton(AF_INET6, address, term->address) != 1)
		return complain(reader, at, _("this is not an IPv6 address"));
	return true;
}

static void take_domain(struct reader *reader, struct spf_term *term, size_t at, size_t length)
{
	term->domain = arena_copy_part(reader->arena, reader->token + at, length);
	term->domain_column = reader->column + at;
}

static bool read_network(struct reader *reader, size_t at, struct spf_term *term)
{
	bool six = kinds[term->kind].wants == WANTS_IP6;
	bool colon = reader->token[at] == ':';
	size_t start = at + colon;
	size_t length = reader->length - start;
	bool good = true;

	if (!colon || length == 0)
		return complain(reader, at, _("an address must follow after \":\""));
	if (!take_prefix(reader, start, &length, "/", six ? 128 : 32,
	                 six ? &term->prefix6 : &term->prefix4))
		good = false;
	if (length == 0)
		return complain(reader, start, _("an address must follow after \":\""));
	return (six ? read_ip6(reader, start, length, term) : read_ip4(reader, start, length, term))
	       && good;
}

/* What follows the name of a mechanism; `at` stands on ":" or "/" or the end. */
static bool read_arguments(struct reader *reader, size_t at, struct spf_term *term)
{
	enum wants wants = kinds[term->kind].wants;
	bool colon = reader->token[at] == ':';
	size_t start = at + colon;
	size_t length = reader->length - start;
	bool good = true;

	if (wants == WANTS_NOTHING)
		return at == reader->length || complain(reader, at, _("\"all\" takes no argument"));
	if (wants == WANTS_IP4 || wants == WANTS_IP6)
		return read_network(reader, at, term);
	if (wants == MAY_SPEC_PREFIX) {
		good = take_prefix(reader, start, &length, "//", 128, &term->prefix6);
		good = take_prefix(reader, start, &length, "/", 32, &term->prefix4) && good;
	}
	if (!colon && wants == WANTS_SPEC)
		return complain(reader, at, _("a domain name must follow after \":\""));
	if (!colon && length > 0)
		return complain(reader, at, _("nothing like this can follow here"));
	if (!colon)
		return good;
	take_domain(reader, term, start, length);
	return check_spec(reader, start, length) && good;
}

static enum spf_kind find_kind(const char *name, size_t length, bool modifier)
{
	for (enum spf_kind kind = SPF_TERM_ALL; kind < SPF_TERM_OTHER; kind++)
		if (kinds[kind].modifier == modifier && strlen(kinds[kind].word) == length
		    && strncasecmp(kinds[kind].word, name, length) == 0)
			return kind;
	return modifier ? SPF_TERM_OTHER : SPF_TERM_BROKEN;
}

static bool read_modifier(struct reader *reader, size_t equals, struct spf_term *term)
{
	size_t length = reader->length - equals - 1;

	term->kind = find_kind(reader->token, equals, true);
	term->name = arena_copy_part(reader->arena, reader->token, equals);
	take_domain(reader, term, equals + 1, length);
	if (term->kind == SPF_TERM_OTHER)
		return check_macros(reader, equals + 1, length) <= reader->length;
	return check_spec(reader, equals + 1, length);
}

static const char *known_as_modifier(struct reader *reader, const char *name, size_t length)
{
	if (find_kind(name, length, true) == SPF_TERM_OTHER)
		return NULL;
	return arena_print(reader->arena, _("\"%.*s\" is written with \"=\""), (int)length, name);
}

static bool read_mechanism(struct reader *reader, struct spf_term *term)
{
	size_t start = strchr("+-?~", reader->token[0]) != NULL;
	size_t length = strcspn(reader->token + start, ":/=");
	const char *sentence = NULL;

	term->qualifier = start ? reader->token[0] : '+';
	term->qualifier_written = start;
	term->name = arena_copy_part(reader->arena, reader->token + start, length);
	term->kind = find_kind(term->name, length, false);
	if (term->kind != SPF_TERM_BROKEN && reader->token[start + length] != '=')
		return read_arguments(reader, start + length, term);
	if (term->kind != SPF_TERM_BROKEN)
		sentence = arena_print(reader->arena, _("\"%s\" is written with \":\""),
		                       term->name);
	else if (length == 0)
		sentence = _("the name of a mechanism is missing here");
	else
		sentence = known_as_modifier(reader, term->name, length);
	if (!sentence)
		sentence = arena_print(reader->arena, _("there is no mechanism \"%s\""),
		                       term->name);
	return complain(reader, start, sentence);
}

/* The length of a modifier's name when a "=" follows it, else 0. */
static size_t modifier_name(const char *token)
{
	size_t length = 0;

	if (!isalpha((unsigned char)token[0]))
		return 0;
	while (isalnum((unsigned char)token[length])
	       || (token[length] && strchr("-_.", token[length])))
		length++;
	return token[length] == '=' ? length : 0;
}

/* Some terms are written with "=" where a mechanism was meant: "ip4=192.0.2.1"
 * is, by grammar, an unknown modifier, and does nothing.  We keep it; the
 * linter warns. */
static bool read_term(struct reader *reader, struct spf_term *term)
{
	size_t equals = 0;
	bool good = false;

	*term = (struct spf_term){ .column = reader->column,
		                   .text = reader->token,
		                   .prefix4 = SPF_NO_PREFIX,
		                   .prefix6 = SPF_NO_PREFIX };
	if (all_visible(reader)) {
		equals = modifier_name(reader->token);
		good = equals > 0 ? read_modifier(reader, equals, term)
		                  : read_mechanism(reader, term);
	}
	if (!good) {
		term->kind = SPF_TERM_BROKEN;
		term->qualifier = '\0';
	}
	return good;
}

bool spf_record_is(const char *text, size_t length)
{
	return length >= version_length && strncasecmp(text, version, version_length) == 0
	       && (length == version_length || text[version_length] == ' ');
}

static size_t count_terms(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 1; i < length; i++)
		count += text[i] != ' ' && text[i - 1] == ' ';
	return count;
}

/* "These two modifiers MUST NOT appear in a record more than once each."
 * (RFC 7208 section 6) */
static void check_once(struct reader *reader, const struct spf_term *terms, size_t count,
                       enum spf_kind kind)
{
	size_t seen = 0;

	for (size_t i = 0; i < count; i++) {
		if (terms[i].kind != kind || seen++ == 0)
			continue;
		reader->token = terms[i].text;
		reader->column = terms[i].column;
		(void)complain(reader, 0,
		               arena_print(reader->arena, _("\"%s=\" stands here a second time"),
		                           kinds[kind].word));
	}
}

static void keep_problems(struct reader *reader, struct spf_record *record)
{
	size_t left = reader->problem_count;
	struct spf_problem *problems = arena_take(reader->arena, (left + 1) * sizeof(*problems));

	record->problems = problems;
	record->problem_count = left;
	for (const struct problem_node *node = reader->problems; node; node = node->next)
		problems[--left] = node->problem;
}

static bool first_problem(const struct spf_problem *problem, struct err *err)
{
	return err_set(err, ERR_INPUT, _("column %zu: %s: %s"), problem->column, problem->token,
	               problem->text);
}

/* A copy that can be handled as text.  A NUL would end it early, so it becomes
 * 0x01, which the grammar refuses just as well. */
static char *copy_record(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_take(arena, length + 1);

	for (size_t i = 0; i < length; i++)
		copy[i] = text[i] ? text[i] : '\1';
	return copy;
}

bool spf_record_parse(struct arena *arena, const char *text, size_t length,
                      struct spf_record *record, struct err *err)
{
	struct reader reader = { .arena = arena, .column = 1 };
	char *copy = copy_record(arena, text, length);
	struct spf_term *terms = arena_take(arena,
	                                    (count_terms(copy, length) + 1) * sizeof(*terms));

	*record = (struct spf_record){ .text = copy, .length = length, .terms = terms };
	if (!spf_record_is(copy, length)) {
		reader.token = arena_copy_part(arena, copy, strcspn(copy, " "));
		(void)complain(&reader, 0, _("an SPF record begins with \"v=spf1\" and a space"));
	}
	for (size_t at = strcspn(copy, " "); at < length; at += strcspn(copy + at, " ")) {
		at += strspn(copy + at, " ");
		reader.length = strcspn(copy + at, " ");
		if (reader.length == 0)
			break;
		reader.token = arena_copy_part(arena, copy + at, reader.length);
		reader.column = at + 1;
		(void)read_term(&reader, &terms[record->term_count++]);
	}
	check_once(&reader, terms, record->term_count, SPF_TERM_REDIRECT);
	check_once(&reader, terms, record->term_count, SPF_TERM_EXP);
	keep_problems(&reader, record);
	return record->problem_count == 0 || first_problem(&record->problems[0], err);
}

bool spf_record_parse_term(struct arena *arena, const char *text, struct spf_term *term,
                           struct err *err)
{
	struct reader reader = { .arena = arena,
		                 .token = arena_copy(arena, text),
		                 .length = strlen(text),
		                 .column = 1 };

	if (reader.length == 0)
		return err_set(err, ERR_INPUT, _("an SPF term cannot be empty"));
	return read_term(&reader, term) || first_problem(&reader.problems->problem, err);
}

const char *spf_record_kind_word(enum spf_kind kind)
{
	return kinds[kind].word;
}

bool spf_record_costs_lookup(enum spf_kind kind)
{
	return kinds[kind].lookup;
}

bool spf_record_is_modifier(enum spf_kind kind)
{
	return kinds[kind].modifier;
}

const struct spf_term *spf_record_find(const struct spf_record *record, enum spf_kind kind)
{
	for (size_t i = 0; i < record->term_count; i++)
		if (record->terms[i].kind == kind)
			return &record->terms[i];
	return NULL;
}

void spf_record_render(const struct spf_term *terms, size_t count, struct text *out)
{
	text_add(out, version);
	for (size_t i = 0; i < count; i++) {
		text_add_char(out, ' ');
		text_add(out, terms[i].text);
	}
}
