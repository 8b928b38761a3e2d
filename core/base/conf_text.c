#include "core/base/conf_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/words.h"

enum token {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_TEXT,
	TOKEN_EQUALS,
	TOKEN_ADD,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA,
	TOKEN_FAULT
};

enum { NAME_ROOM = 64, NAMES_OF_A_FILE = 64 };

struct scan {
	const char *file;
	const char *at;
	const char *end;
	int line; /* of `at` */
	int token_line;
	char word[NAME_ROOM]; /* the WORD just read, cut */
	char section[NAME_ROOM];
	/* What was set already, as "section.name": the library lets the last
	 * one win and says nothing. */
	char seen[NAMES_OF_A_FILE][2 * NAME_ROOM];
	int seen_line[NAMES_OF_A_FILE];
	size_t seen_count;
	struct err *err;
};

static bool complain(struct scan *scan, int line, const char *what)
{
	return err_set(scan->err, ERR_INPUT, "%s:%d: error: %s", scan->file, line, what);
}

/* Length of the well-formed UTF-8 character at p, 0 for none (RFC 3629). */
static size_t character(const unsigned char *p, size_t left)
{
	size_t length = p[0] < 0x80                   ? 1
	                : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
	                : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
	                : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
	                                              : 0;

	if (length == 0 || length > left)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f)
	    || (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return length;
}

static bool bytes_are_text(struct scan *scan)
{
	int line = 1;

	for (const char *p = scan->at; p < scan->end;) {
		unsigned char byte = (unsigned char)*p;
		size_t length = character((const unsigned char *)p, (size_t)(scan->end - p));
		if (byte == '\0')
			return complain(scan, line, _("a NUL byte; this is not a text file"));
		if (length == 0)
			return complain(scan, line, _("not UTF-8; save the file in that encoding"));
		if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f)
			return complain(scan, line, _("a control character"));
		line += byte == '\n';
		p += length;
	}
	return true;
}

static bool starts(const struct scan *scan, const char *with)
{
	size_t length = strlen(with);

	return (size_t)(scan->end - scan->at) >= length && memcmp(scan->at, with, length) == 0;
}

/* Blanks and comments; false for a comment that never ends. */
static bool skip(struct scan *scan)
{
	while (scan->at < scan->end) {
		if (*scan->at == '\n') {
			scan->line++;
			scan->at++;
		} else if (strchr(" \t\r", *scan->at) != NULL) {
			scan->at++;
		} else if (*scan->at == '#' || starts(scan, "//")) {
			while (scan->at < scan->end && *scan->at != '\n')
				scan->at++;
		} else if (starts(scan, "/*")) {
			int line = scan->line;
			while (scan->at < scan->end && !starts(scan, "*/"))
				scan->line += *scan->at++ == '\n';
			if (scan->at == scan->end)
				return complain(scan, line,
				                _("comment that begins here never ends"));
			scan->at += 2;
		} else {
			break;
		}
	}
	return true;
}

/* ${NAME} must be set or bring a default: the library takes "" in silence. */
static bool variable(struct scan *scan)
{
	const char *name = scan->at + 2;
	const char *p = name;

	while (p < scan->end && *p != '}' && *p != '\n' && *p != '"')
		p++;
	if (p == scan->end || *p != '}')
		return complain(scan, scan->line, _("${ without a closing brace"));
	char wanted[NAME_ROOM];
	size_t length = (size_t)(p - name);
	if (length == 0 || length >= sizeof wanted)
		return complain(scan, scan->line, _("not a name of a variable after ${"));
	memcpy(wanted, name, length);
	wanted[length] = '\0';
	scan->at = p + 1;
	char *otherwise = strstr(wanted, ":-");
	if (otherwise != NULL)
		return true;
	if (getenv(wanted) != NULL)
		return true;
	return err_set(scan->err, ERR_INPUT, _("%s:%d: error: the environment has no variable %s"),
	               scan->file, scan->line, wanted);
}

static enum token quoted(struct scan *scan)
{
	char quote = *scan->at++;

	while (scan->at < scan->end && *scan->at != quote) {
		if (*scan->at == '\n')
			break;
		if (*scan->at == '\\') {
			if (scan->end - scan->at < 2 || strchr("\\\"'", scan->at[1]) == NULL) {
				(void)complain(scan, scan->line,
				               _("a backslash stands only before \\ or a quote"));
				return TOKEN_FAULT;
			}
			scan->at += 2;
		} else if (quote == '"' && starts(scan, "${")) {
			if (!variable(scan))
				return TOKEN_FAULT;
		} else {
			scan->at++;
		}
	}
	if (scan->at == scan->end || *scan->at != quote) {
		(void)complain(scan, scan->line, _("quote opened here is not closed on this line"));
		return TOKEN_FAULT;
	}
	scan->at++;
	return TOKEN_TEXT;
}

static enum token bare(struct scan *scan)
{
	const char *start = scan->at;

	while (scan->at < scan->end) {
		if (starts(scan, "${")) {
			if (!variable(scan))
				return TOKEN_FAULT;
		} else if (isalnum((unsigned char)*scan->at)
		           || strchr("_.:/@%~*[]-", *scan->at) != NULL) {
			scan->at++;
		} else {
			break;
		}
	}
	bool ends = scan->at == scan->end || strchr(" \t\r\n={},+", *scan->at) != NULL;
	if (scan->at == start || !ends) {
		(void)err_set(scan->err, ERR_INPUT,
		              _("%s:%d: error: '%c' stands here; a value with "
		                "special characters needs quotes"),
		              scan->file, scan->line,
		              isgraph((unsigned char)*scan->at) ? *scan->at : '?');
		return TOKEN_FAULT;
	}
	size_t length = (size_t)(scan->at - start);
	if (length >= sizeof scan->word)
		length = sizeof scan->word - 1;
	memcpy(scan->word, start, length);
	scan->word[length] = '\0';
	return TOKEN_WORD;
}

static enum token next(struct scan *scan)
{
	if (!skip(scan))
		return TOKEN_FAULT;
	scan->token_line = scan->line;
	if (scan->at == scan->end)
		return TOKEN_END;
	if (starts(scan, "+=")) {
		scan->at += 2;
		return TOKEN_ADD;
	}
	switch (*scan->at) {
	case '=':
		scan->at++;
		return TOKEN_EQUALS;
	case '{':
		scan->at++;
		return TOKEN_OPEN;
	case '}':
		scan->at++;
		return TOKEN_CLOSE;
	case ',':
		scan->at++;
		return TOKEN_COMMA;
	case '"':
	case '\'':
		return quoted(scan);
	default:
		return bare(scan);
	}
}

static bool set_once(struct scan *scan, const char *name, int line)
{
	char full[2 * NAME_ROOM];

	(void)snprintf(full, sizeof full, "%s.%s", scan->section, name);
	for (size_t i = 0; i < scan->seen_count; i++)
		if (strcmp(scan->seen[i], full) == 0)
			return err_set(scan->err, ERR_INPUT,
			               _("%s:%d: error: '%s' was set in line %d already"),
			               scan->file, line, name, scan->seen_line[i]);
	if (scan->seen_count == NAMES_OF_A_FILE)
		return complain(scan, line, _("too many options"));
	memcpy(scan->seen[scan->seen_count], full, sizeof full);
	scan->seen_line[scan->seen_count++] = line;
	return true;
}

/* Behind "=": one value, or a list of them. */
static bool value(struct scan *scan)
{
	enum token token = next(scan);

	if (token == TOKEN_WORD || token == TOKEN_TEXT)
		return true;
	if (token == TOKEN_FAULT)
		return false;
	if (token != TOKEN_OPEN)
		return complain(scan, scan->token_line, _("no value behind ="));
	int line = scan->token_line;
	bool wants_value = true;
	while ((token = next(scan)) != TOKEN_CLOSE) {
		if (token == TOKEN_FAULT)
			return false;
		if (token == TOKEN_END || token == TOKEN_EQUALS || token == TOKEN_ADD)
			return complain(scan, line, _("list opened here is never closed"));
		if (token == TOKEN_OPEN || wants_value != (token != TOKEN_COMMA))
			return complain(scan, scan->token_line,
			                _("a list holds values with commas between them"));
		wants_value = !wants_value;
	}
	return true;
}

bool conf_text_check(const char *file, const char *bytes, size_t size, conf_name_fn allowed,
                     void *context, struct err *err)
{
	struct scan scan = {
		.file = file, .at = bytes, .end = bytes + size, .line = 1, .err = err
	};
	int opened = 0;

	if (!bytes_are_text(&scan))
		return false;
	for (;;) {
		enum token token = next(&scan);
		if (token == TOKEN_FAULT)
			return false;
		if (token == TOKEN_END)
			return opened == 0
			       || complain(&scan, opened, _("section opened here is never closed"));
		if (token == TOKEN_CLOSE) {
			if (opened == 0)
				return complain(&scan, scan.token_line, _("} without a section"));
			opened = 0;
			scan.section[0] = '\0';
			continue;
		}
		if (token != TOKEN_WORD)
			return complain(&scan, scan.token_line,
			                _("expected the name of an option"));

		char name[NAME_ROOM];
		memcpy(name, scan.word, sizeof name);
		struct conf_place at = { file, scan.token_line, opened != 0 ? scan.section : NULL,
			                 name };
		token = next(&scan);
		if (token == TOKEN_FAULT)
			return false;
		if (token != TOKEN_EQUALS && token != TOKEN_ADD && token != TOKEN_OPEN) {
			(void)err_set(err, ERR_INPUT, _("%s:%d: error: no = behind '%s'"), file,
			              at.line, name);
			return false;
		}
		if (!allowed(&at, token == TOKEN_OPEN, context, err))
			return false;
		if (token == TOKEN_OPEN) {
			opened = at.line;
			memcpy(scan.section, name, sizeof scan.section);
		} else if ((token == TOKEN_EQUALS && !set_once(&scan, name, at.line))
		           || !value(&scan)) {
			return false;
		}
	}
}
