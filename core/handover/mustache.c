#include "core/handover/mustache.h"

#include <string.h>

#include "core/base/words.h"

/*
 * A template becomes a flat list of pieces; a section knows where it ends.
 * Rendering walks the list with a stack of its own (sections, partials), so
 * that no template and no data can exhaust the stack of the process.
 *
 *   tag        = "{{" [ "#" / "^" / "/" / "&" / ">" / "!" ] name "}}"
 *              / "{{{" name "}}}" / "{{=" open " " close "=}}"
 *
 * A section, comment, partial or set-delimiter tag alone on its line takes the
 * whole line with it ("standalone").
 */

enum { FRAMES = 200, STACK = 200, DELIMITER = 16 };

enum piece_kind {
	PIECE_TEXT,
	PIECE_VALUE,
	PIECE_RAW,
	PIECE_SECTION,
	PIECE_INVERTED,
	PIECE_END,
	PIECE_PARTIAL,
	PIECE_COMMENT,
	PIECE_DELIMITERS,
};

struct piece {
	enum piece_kind kind;
	const char *text;   /* text, or the name */
	size_t length;      /* of the text */
	size_t end;         /* of a section: index of its end */
	const char *indent; /* of a standalone partial */
	size_t line;
};

struct program {
	struct piece *pieces;
	size_t count, room;
};

struct reader {
	struct arena *arena;
	const struct mustache *mustache;
	struct program *program;
	const char *source;
	size_t at, line;
	char open[DELIMITER], close[DELIMITER];
};

/* ---- compiling -------------------------------------------------------------- */

static struct piece *piece_add(struct reader *reader, enum piece_kind kind, const char *text,
                               size_t length)
{
	struct program *program = reader->program;

	if (program->count == program->room) {
		size_t room = program->room > 0 ? 2 * program->room : 32;
		struct piece *more = arena_take(reader->arena, room * sizeof *more);
		if (program->count > 0)
			memcpy(more, program->pieces, program->count * sizeof *more);
		program->pieces = more;
		program->room = room;
	}
	struct piece *piece = &program->pieces[program->count++];
	*piece = (struct piece){
		.kind = kind,
		.text = text,
		.length = length,
		.line = reader->line,
	};
	return piece;
}

static bool complain(const struct reader *reader, struct err *err, const char *sentence)
{
	return err_set(err, ERR_INPUT, _("template %s, line %zu: %s"), reader->mustache->name,
	               reader->line, sentence);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *trimmed(struct arena *arena, const char *text, size_t length)
{
	while (length > 0 && blank(text[0])) {
		text++;
		length--;
	}
	while (length > 0 && blank(text[length - 1]))
		length--;
	return arena_copy_part(arena, text, length);
}

/* Where the blanks before `at` begin when they begin the line; `at` + 1 when not. */
static size_t line_start(const char *source, size_t at)
{
	size_t start = at;

	while (start > 0 && (source[start - 1] == ' ' || source[start - 1] == '\t'))
		start--;
	return start == 0 || source[start - 1] == '\n' ? start : at + 1;
}

/* Behind the line end that follows `at` after blanks; 0 when something else follows. */
static size_t line_rest(const char *source, size_t at)
{
	while (source[at] == ' ' || source[at] == '\t')
		at++;
	if (source[at] == '\r' && source[at + 1] == '\n')
		at++;
	if (source[at] == '\n')
		return at + 1;
	return source[at] == '\0' ? at : 0;
}

static bool delimiters_take(struct reader *reader, const char *inside, size_t length,
                            struct err *err)
{
	const char *text = trimmed(reader->arena, inside, length);
	size_t first = strcspn(text, " \t\r\n");
	const char *second = text + first + strspn(text + first, " \t\r\n");

	if (first == 0 || *second == '\0' || first >= DELIMITER || strlen(second) >= DELIMITER
	    || strpbrk(second, " \t\r\n=") != NULL || memchr(text, '=', first) != NULL)
		return complain(reader, err, _("these are no delimiters"));
	memcpy(reader->open, text, first);
	reader->open[first] = '\0';
	memcpy(reader->close, second, strlen(second) + 1);
	return true;
}

struct tag {
	enum piece_kind kind;
	const char *inside;
	size_t length;
	size_t after; /* where the source goes on */
};

static bool tag_read(struct reader *reader, size_t from, struct tag *tag, struct err *err)
{
	static const struct {
		char sigil;
		enum piece_kind kind;
	} sigils[] = {
		{ '#', PIECE_SECTION }, { '^', PIECE_INVERTED }, { '/', PIECE_END },
		{ '&', PIECE_RAW },     { '>', PIECE_PARTIAL },  { '!', PIECE_COMMENT },
	};
	const char *begin = reader->source + from + strlen(reader->open);
	char close[DELIMITER + 2];
	bool triple = *begin == '{', set = *begin == '=';

	(void)snprintf(close, sizeof close, "%s%s", triple ? "}" : set ? "=" : "", reader->close);
	if (triple || set)
		begin++;
	const char *end = strstr(begin, close);
	if (end == NULL)
		return complain(reader, err, _("a tag is not closed"));
	*tag = (struct tag){ .kind = triple ? PIECE_RAW
		                     : set  ? PIECE_DELIMITERS
		                            : PIECE_VALUE,
		             .inside = begin };
	/* What begins the closing delimiter is no sigil: `<%>` closed by `>` is an empty tag. */
	for (size_t i = 0; !triple && !set && begin < end && i < LENGTH(sigils); i++)
		if (*begin == sigils[i].sigil) {
			tag->kind = sigils[i].kind;
			tag->inside++;
		}
	tag->length = (size_t)(end - tag->inside);
	tag->after = (size_t)(end - reader->source) + strlen(close);
	return true;
}

static void text_add_piece(struct reader *reader, size_t from, size_t to)
{
	if (to > from)
		(void)piece_add(reader, PIECE_TEXT, reader->source + from, to - from);
}

static void lines_count(struct reader *reader, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (reader->source[i] == '\n')
			reader->line++;
}

/* One tag and the text before it. */
static bool tag_take(struct reader *reader, size_t from, struct err *err)
{
	struct tag tag = { 0 };

	lines_count(reader, reader->at, from);
	if (!tag_read(reader, from, &tag, err))
		return false;
	size_t start = line_start(reader->source, from);
	size_t rest = line_rest(reader->source, tag.after);
	/* What stands before the blanks of this line must belong to this line's
	 * text and not to a tag that was read already. */
	bool alone = tag.kind != PIECE_VALUE && tag.kind != PIECE_RAW && start <= from
	             && start >= reader->at && (rest != 0 || reader->source[tag.after] == '\0');
	text_add_piece(reader, reader->at, alone ? start : from);

	if (tag.kind == PIECE_DELIMITERS) {
		if (!delimiters_take(reader, tag.inside, tag.length, err))
			return false;
	} else if (tag.kind != PIECE_COMMENT) {
		const char *name = trimmed(reader->arena, tag.inside, tag.length);
		if (*name == '\0')
			return complain(reader, err, _("a tag without a name"));
		struct piece *piece = piece_add(reader, tag.kind, name, 0);
		if (alone && tag.kind == PIECE_PARTIAL)
			piece->indent = arena_copy_part(reader->arena, reader->source + start,
			                                from - start);
	}
	size_t next = alone ? rest : tag.after;
	lines_count(reader, from, next);
	reader->at = next;
	return true;
}

/* Each section learns where it ends. */
static bool sections_close(struct reader *reader, struct err *err)
{
	struct program *program = reader->program;
	size_t open[STACK], depth = 0;

	for (size_t i = 0; i < program->count; i++) {
		struct piece *piece = &program->pieces[i];
		reader->line = piece->line;
		if (piece->kind == PIECE_SECTION || piece->kind == PIECE_INVERTED) {
			if (depth == STACK)
				return complain(reader, err, _("too many sections in each other"));
			open[depth++] = i;
		} else if (piece->kind == PIECE_END) {
			if (depth == 0
			    || strcmp(program->pieces[open[depth - 1]].text, piece->text) != 0)
				return complain(reader, err, _("this section was not opened here"));
			program->pieces[open[--depth]].end = i;
		}
	}
	if (depth == 0)
		return true;
	reader->line = program->pieces[open[depth - 1]].line;
	return complain(reader, err, _("this section is never closed"));
}

static bool compile(struct arena *arena, const struct mustache *mustache, const char *source,
                    struct program *program, struct err *err)
{
	struct reader reader = { .arena = arena,
		                 .mustache = mustache,
		                 .program = program,
		                 .source = source,
		                 .line = 1,
		                 .open = "{{",
		                 .close = "}}" };

	*program = (struct program){ 0 };
	for (;;) {
		const char *open = strstr(source + reader.at, reader.open);
		if (open == NULL)
			break;
		if (!tag_take(&reader, (size_t)(open - source), err))
			return false;
	}
	text_add_piece(&reader, reader.at, strlen(source));
	return sections_close(&reader, err);
}

/* ---- looking things up ---------------------------------------------------------- */

/* One running program: a template, a partial, or a section's body. */
struct frame {
	const struct program *program;
	size_t at;
	size_t section; /* index of the section piece; only when `items` or `once` */
	const struct tree *list;
	size_t item;
	bool in_section;
	bool pushed; /* the section's value stands on the context stack */
};

struct machine {
	struct arena *arena;
	const struct mustache *mustache;
	struct text *out;
	const struct tree *stack[STACK];
	size_t depth;
	struct frame frames[FRAMES];
	size_t frame_count;
};

static const struct tree *find(const struct machine *machine, const char *name)
{
	if (strcmp(name, ".") == 0)
		return machine->stack[machine->depth - 1];
	size_t first = strcspn(name, ".");
	const char *head = arena_copy_part(machine->arena, name, first);
	const struct tree *value = NULL;
	for (size_t i = machine->depth; i-- > 0 && value == NULL;)
		value = tree_get(machine->stack[i], head);
	/* Only the first word is looked for outwards: the rest must be inside it. */
	while (value != NULL && name[first] == '.') {
		name += first + 1;
		first = strcspn(name, ".");
		value = tree_get(value, arena_copy_part(machine->arena, name, first));
	}
	return value;
}

static bool truth(const struct tree *value)
{
	if (value == NULL || tree_is_null(value))
		return false;
	if (tree_is_list(value))
		return tree_count(value) > 0;
	const char *text = tree_as_text(value);
	return text != NULL ? *text != '\0' : tree_as_bool(value, true);
}

static void value_write(struct machine *machine, const struct tree *value, bool raw)
{
	struct text scalar = { 0 };

	if (value == NULL || tree_is_null(value) || tree_is_map(value) || tree_is_list(value))
		return;
	const char *text = tree_as_text(value);
	if (text == NULL) {
		tree_render(value, false, &scalar);
		text = text_string(&scalar);
	}
	if (raw)
		text_add(machine->out, text);
	else
		machine->mustache->escape(machine->out, text);
	text_free(&scalar);
}

/* ---- running ------------------------------------------------------------------------ */

static bool too_deep(const struct machine *machine, struct err *err)
{
	return err_set(err, ERR_INPUT, _("template %s: too deep"), machine->mustache->name);
}

static bool partial_enter(struct machine *machine, const struct piece *piece, struct err *err)
{
	const char *source = NULL;

	if (machine->mustache->partial != NULL)
		source = machine->mustache->partial(machine->mustache->context, piece->text);
	if (source == NULL)
		return true;
	if (machine->frame_count == FRAMES)
		return too_deep(machine, err);
	if (piece->indent != NULL && *piece->indent != '\0') {
		struct text indented = { 0 };
		for (const char *line = source; *line != '\0';) {
			size_t length = strcspn(line, "\n");
			length += line[length] == '\n';
			text_add(&indented, piece->indent);
			text_add_bytes(&indented, line, length);
			line += length;
		}
		source = arena_copy(machine->arena, text_string(&indented));
		text_free(&indented);
	}
	struct program *program = arena_take(machine->arena, sizeof *program);
	if (!compile(machine->arena, machine->mustache, source, program, err))
		return false;
	machine->frames[machine->frame_count++] = (struct frame){ .program = program };
	return true;
}

/* Begin the body of a section with this item on the stack. */
static bool section_push(struct machine *machine, const struct tree *item, struct err *err)
{
	if (machine->depth == STACK)
		return too_deep(machine, err);
	machine->stack[machine->depth++] = item;
	return true;
}

static bool section_enter(struct machine *machine, struct frame *frame, const struct piece *piece,
                          struct err *err)
{
	const struct tree *value = find(machine, piece->text);
	bool wanted = truth(value) == (piece->kind == PIECE_SECTION);
	struct frame inside = { .program = frame->program,
		                .at = frame->at,
		                .in_section = true,
		                .section = frame->at - 1 };

	frame->at = piece->end + 1;
	if (!wanted)
		return true;
	if (machine->frame_count == FRAMES)
		return too_deep(machine, err);
	if (piece->kind == PIECE_SECTION) {
		inside.pushed = true;
		if (tree_is_list(value)) {
			inside.list = value;
			value = tree_at(value, 0);
		}
		if (!section_push(machine, value, err))
			return false;
	}
	machine->frames[machine->frame_count++] = inside;
	return true;
}

/* The body was run once: again for the next item, or done. */
static void section_turn(struct machine *machine, struct frame *frame)
{
	if (frame->list != NULL && frame->item + 1 < tree_count(frame->list)) {
		machine->stack[machine->depth - 1] = tree_at(frame->list, ++frame->item);
		frame->at = frame->section + 1;
		return;
	}
	if (frame->pushed)
		machine->depth--;
	machine->frame_count--;
}

static bool step(struct machine *machine, struct err *err)
{
	struct frame *frame = &machine->frames[machine->frame_count - 1];

	if (frame->at == frame->program->count) {
		machine->frame_count--;
		return true;
	}
	const struct piece *piece = &frame->program->pieces[frame->at++];
	switch (piece->kind) {
	case PIECE_TEXT:
		text_add_bytes(machine->out, piece->text, piece->length);
		return true;
	case PIECE_VALUE:
	case PIECE_RAW:
		value_write(machine, find(machine, piece->text), piece->kind == PIECE_RAW);
		return true;
	case PIECE_SECTION:
	case PIECE_INVERTED:
		return section_enter(machine, frame, piece, err);
	case PIECE_END:
		section_turn(machine, frame);
		return true;
	case PIECE_PARTIAL:
		return partial_enter(machine, piece, err);
	case PIECE_COMMENT:
	case PIECE_DELIMITERS:
		break;
	}
	return true;
}

bool mustache_render(struct arena *arena, const struct mustache *mustache, const struct tree *data,
                     struct text *out, struct err *err)
{
	struct machine *machine = arena_take(arena, sizeof *machine);
	struct program program;

	if (!compile(arena, mustache, mustache->source, &program, err))
		return false;
	*machine = (struct machine){ .arena = arena, .mustache = mustache, .out = out };
	machine->stack[machine->depth++] = data;
	machine->frames[machine->frame_count++] = (struct frame){ .program = &program };
	while (machine->frame_count > 0)
		if (!step(machine, err))
			return false;
	return true;
}

/* ---- escapers -------------------------------------------------------------------------- */

void mustache_escape_html(struct text *out, const char *value)
{
	for (const char *p = value; *p != '\0'; p++) {
		switch (*p) {
		case '&':
			text_add(out, "&amp;");
			break;
		case '<':
			text_add(out, "&lt;");
			break;
		case '>':
			text_add(out, "&gt;");
			break;
		case '"':
			text_add(out, "&quot;");
			break;
		case '\'':
			text_add(out, "&#39;");
			break;
		default:
			if (((unsigned char)*p < 0x20 && *p != '\n' && *p != '\t') || *p == 0x7f)
				text_add(out, "\xef\xbf\xbd");
			else
				text_add_char(out, *p);
		}
	}
}

void mustache_escape_text(struct text *out, const char *value)
{
	for (const char *p = value; *p != '\0'; p++)
		text_add_char(out, (unsigned char)*p < 0x20 || *p == 0x7f ? '?' : *p);
}
