#include "core/model/import_csv.h"

#include <csv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/nearest.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/base/words.h"

struct import_csv {
	struct csv_parser parser;
	bool parser_ready;
	struct import_findings *findings;
	import_row_fn call;
	void *context;

	struct text pending;   /* a physical line of which the end is still to come */
	long long line;        /* the physical line being parsed, from 1 */
	long long record_line; /* where the record began */
	size_t record_octets;
	bool stopped; /* the rest of the file cannot be trusted */
	bool failed;  /* the callback said no: err is set */
	struct err *err;

	bool has_header;
	size_t columns;
	enum import_field column[IMPORT_CSV_COLUMNS];
	size_t number[IMPORT_FIELDS]; /* column of a field, from 1; 0: not in this file */

	struct text bytes; /* the fields of the current record, one behind the other */
	size_t begin[IMPORT_CSV_COLUMNS + 1];
	size_t length[IMPORT_CSV_COLUMNS + 1];
	size_t fields; /* how many the record has, kept or not */
};

static void find(struct import_csv *csv, const char *place, const struct err *why)
{
	import_finding_add(csv->findings, place, why);
}

/* Something is wrong at an octet of the current line, and with all that follows. */
static void stop_at(struct import_csv *csv, size_t column, const struct err *why)
{
	find(csv, arena_print(csv->findings->arena, _("line %lld, column %zu"), csv->line, column),
	     why);
	csv->stopped = true;
}

const char *import_csv_place(const struct import_csv *csv, struct arena *arena, long long line,
                             enum import_field field)
{
	/* what is said of a domain stands in the address */
	if (field == IMPORT_DOMAIN)
		field = IMPORT_SENDER;
	if (field < IMPORT_FIELDS && csv->number[field] > 0)
		return arena_print(arena, _("line %lld, column %zu \"%s\""), line,
		                   csv->number[field], import_field_word(field));
	return arena_print(arena, _("line %lld"), line);
}

/* ---- the header ------------------------------------------------------------ */

/* "Reply-To" is reply_to. */
static void header_word(const char *text, size_t length, char word[static 40])
{
	length = utf8_cut(text, length, 39);
	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		word[i] = c == ' ' || c == '-' ? '_' : c;
	}
	word[length] = '\0';
}

static void say_unknown(struct import_csv *csv, size_t column, const char *word)
{
	const char *known[IMPORT_FIELDS];
	size_t count = 0;
	struct err why = { 0 };

	for (size_t i = 0; i < IMPORT_FIELDS; i++)
		if (import_field_column((enum import_field)i) != NULL)
			known[count++] = import_field_column((enum import_field)i);
	const char *meant = nearest(word, known, count);
	(void)err_set(&why, ERR_INPUT, _("there is no column \"%s\""), word);
	if (meant != NULL) {
		(void)err_hint(&why, _("did you mean \"%s\"?"), meant);
	} else {
		struct text all = { 0 };
		for (size_t i = 0; i < count; i++)
			text_addf(&all, "%s%s", i > 0 ? ", " : "", known[i]);
		(void)err_hint(&why, _("columns are: %s"), text_string(&all));
		text_free(&all);
	}
	find(csv,
	     arena_print(csv->findings->arena, _("line %lld, column %zu"), csv->record_line,
	                 column),
	     &why);
}

/* Everything needs its client, an audience its site, a mode its sender. */
static void header_needs(struct import_csv *csv)
{
	for (size_t i = 0; i < IMPORT_FIELDS; i++) {
		enum import_field field = (enum import_field)i;
		enum import_field needs = import_field_needs(field);
		if (needs == IMPORT_DOMAIN)
			needs = IMPORT_SENDER;
		if (csv->number[field] == 0 || csv->number[needs] > 0)
			continue;
		struct err why = { 0 };
		(void)err_set(&why, ERR_INPUT, _("the column \"%s\" is missing; \"%s\" needs it"),
		              import_field_word(needs), import_field_word(field));
		find(csv, import_csv_place(csv, csv->findings->arena, csv->record_line, field),
		     &why);
		if (needs == IMPORT_CLIENT)
			return;
	}
}

static void header_take(struct import_csv *csv)
{
	long long before = csv->findings->total;

	csv->has_header = true;
	csv->columns = csv->fields < IMPORT_CSV_COLUMNS ? csv->fields : IMPORT_CSV_COLUMNS;
	for (size_t i = 0; i < csv->columns; i++) {
		char word[40];
		header_word(csv->bytes.data + csv->begin[i], csv->length[i], word);
		enum import_field field = import_field_find(word);
		csv->column[i] = field;
		if (field == IMPORT_FIELDS || import_field_column(field) == NULL) {
			csv->column[i] = IMPORT_FIELDS;
			say_unknown(csv, i + 1, word);
		} else if (csv->number[field] > 0) {
			struct err why = { 0 };
			(void)err_set(&why, ERR_INPUT,
			              _("the column \"%s\" stands here a second time"), word);
			find(csv,
			     arena_print(csv->findings->arena, _("line %lld, column %zu"),
			                 csv->record_line, i + 1),
			     &why);
		} else {
			csv->number[field] = i + 1;
		}
	}
	if (csv->fields > IMPORT_CSV_COLUMNS) {
		struct err why = { 0 };
		(void)err_set(&why, ERR_INPUT, _("a header of %zu columns"), csv->fields);
		find(csv,
		     arena_print(csv->findings->arena, _("line %lld, column %d"), csv->record_line,
		                 IMPORT_CSV_COLUMNS + 1),
		     &why);
	}
	if (csv->findings->total == before)
		header_needs(csv);
	csv->stopped = csv->findings->total > before;
}

/* ---- records --------------------------------------------------------------- */

static void record_take(struct import_csv *csv)
{
	struct import_row row = { .place = csv->record_line };
	bool empty = true;

	for (size_t i = 0; i < csv->fields && i < IMPORT_CSV_COLUMNS; i++)
		empty = empty && csv->length[i] == 0;
	if (empty && csv->fields <= csv->columns)
		return; /* ",,,,": what spreadsheets leave at the end */
	if (csv->fields != csv->columns) {
		struct err why = { 0 };
		size_t column = csv->fields < csv->columns ? csv->fields + 1 : csv->columns + 1;
		(void)err_set(&why, ERR_INPUT, _("%zu fields where the header has %zu"),
		              csv->fields, csv->columns);
		(void)err_hint(&why, _("a value that holds the separator stands in \"quotes\""));
		find(csv,
		     arena_print(csv->findings->arena, _("line %lld, column %zu"), csv->record_line,
		                 column),
		     &why);
		return;
	}
	for (size_t i = 0; i < csv->columns; i++)
		if (csv->length[i] > 0) {
			row.value[csv->column[i]] = csv->bytes.data + csv->begin[i];
			row.length[csv->column[i]] = csv->length[i];
		}
	if (!csv->call(csv->context, &row, csv->err))
		csv->failed = csv->stopped = true;
}

static void on_field(void *bytes, size_t length, void *context)
{
	struct import_csv *csv = context;

	if (csv->fields < IMPORT_CSV_COLUMNS) {
		csv->begin[csv->fields] = csv->bytes.length;
		csv->length[csv->fields] = length;
		text_add_bytes(&csv->bytes, bytes, length);
		text_add_char(&csv->bytes, '\0');
	}
	csv->fields++;
}

static void on_record(int end, void *context)
{
	struct import_csv *csv = context;

	UNUSED(end);
	if (!csv->stopped && csv->has_header)
		record_take(csv);
	else if (!csv->stopped)
		header_take(csv);
	text_clear(&csv->bytes);
	csv->fields = 0;
	csv->record_line = csv->line + 1;
	csv->record_octets = 0;
}

/* ---- lines ------------------------------------------------------------------- */

/* The octet that makes the line unreadable, or its length. */
static size_t first_bad(const char *line, size_t length, struct err *why)
{
	bool ascii = true;

	for (size_t at = 0; at < length; at++) {
		unsigned char c = (unsigned char)line[at];
		ascii = ascii && c < 0x80;
		if (c == '\0') {
			(void)err_set(why, ERR_INPUT, _("a NUL octet; this is not a text file"));
			return at;
		}
		if (c == '\r' && at + 1 < length && line[at + 1] != '\n') {
			(void)err_set(why, ERR_INPUT, _("a bare carriage return"));
			(void)err_hint(why, _("end lines with LF or CRLF"));
			return at;
		}
	}
	for (size_t at = 0; !ascii && at < length;) {
		uint32_t point;
		size_t size = utf8_next(line + at, length - at, &point);
		if (size == 0) {
			(void)err_set(why, ERR_INPUT, _("octet 0x%02X is not UTF-8"),
			              (unsigned)(unsigned char)line[at]);
			(void)err_hint(why, _("save it as \"CSV UTF-8\", or convert it: "
			                      "iconv -f WINDOWS-1252 -t UTF-8"));
			return at;
		}
		at += size;
	}
	return length;
}

/* Excel in Germany writes semicolons. */
static char separator_of(const char *header, size_t length)
{
	if (memchr(header, ',', length) != NULL)
		return ',';
	if (memchr(header, ';', length) != NULL)
		return ';';
	return memchr(header, '\t', length) != NULL ? '\t' : ',';
}

static size_t without_mark(struct import_csv *csv, const char *line, size_t length)
{
	struct err why = { 0 };

	if (length >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0)
		return 3;
	if (length >= 2 && (memcmp(line, "\xFF\xFE", 2) == 0 || memcmp(line, "\xFE\xFF", 2) == 0)) {
		(void)err_set(&why, ERR_INPUT, _("this is UTF-16"));
		(void)err_hint(&why, _("save it as \"CSV UTF-8\", or convert it: "
		                       "iconv -f UTF-16 -t UTF-8"));
		stop_at(csv, 1, &why);
	}
	return 0;
}

static void say_too_long(struct import_csv *csv)
{
	struct err why = { 0 };

	(void)err_set(&why, ERR_INPUT,
	              _("the record that begins in line %lld is longer than %d octets"),
	              csv->record_line, IMPORT_CSV_RECORD);
	(void)err_hint(&why, _("is a closing quote missing?"));
	stop_at(csv, IMPORT_CSV_RECORD + 1, &why);
}

/* One physical line, its LF included; the last one may lack it. */
static void take_line(struct import_csv *csv, const char *line, size_t length)
{
	struct err why = { 0 };

	csv->line++;
	if (csv->line == 1) {
		size_t mark = without_mark(csv, line, length);
		line += mark;
		length -= mark;
	}
	if (csv->stopped)
		return;
	size_t bad = first_bad(line, length, &why);
	if (bad < length) {
		stop_at(csv, utf8_count(line, bad) + 1, &why);
		return;
	}
	csv->record_octets += length;
	if (csv->record_octets > IMPORT_CSV_RECORD) {
		say_too_long(csv);
		return;
	}
	if (!csv->has_header && csv->fields == 0)
		csv_set_delim(&csv->parser, (unsigned char)separator_of(line, length));
	size_t done = csv_parse(&csv->parser, line, length, on_field, on_record, csv);
	if (done == length || csv->stopped) {
		/* a blank line is no record, and libcsv does not mention it */
		if (csv->fields == 0 && csv->parser.entry_pos == 0 && csv->parser.pstate == 0) {
			csv->record_line = csv->line + 1;
			csv->record_octets = 0;
		}
		return;
	}
	(void)err_set(&why, ERR_INPUT, _("a quote where none may stand"));
	(void)err_hint(&why,
	               _("a value with quotes stands in quotes, and each quote in it is doubled: "
	                 "\"Acme \"\"North\"\" Ltd\""));
	stop_at(csv, utf8_count(line, done) + (done > 0), &why);
}

struct import_csv *import_csv_open(struct import_findings *findings, import_row_fn call,
                                   void *context)
{
	struct import_csv *csv = calloc(1, sizeof *csv);

	if (csv == NULL || csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
		(void)fputs("senderctl: out of memory\n", stderr);
		exit(3);
	}
	csv->parser_ready = true;
	csv->findings = findings;
	csv->call = call;
	csv->context = context;
	csv->record_line = 1;
	return csv;
}

bool import_csv_feed(struct import_csv *csv, const char *bytes, size_t size, struct err *err)
{
	csv->err = err;
	while (size > 0 && !csv->stopped) {
		const char *end = memchr(bytes, '\n', size);
		size_t piece = end != NULL ? (size_t)(end - bytes) + 1 : size;
		if (csv->pending.length == 0 && end != NULL) {
			take_line(csv, bytes, piece);
		} else {
			text_add_bytes(&csv->pending, bytes, piece);
			if (end != NULL) {
				take_line(csv, csv->pending.data, csv->pending.length);
				text_clear(&csv->pending);
			} else if (csv->pending.length > IMPORT_CSV_RECORD) {
				csv->line++;
				say_too_long(csv);
			}
		}
		bytes += piece;
		size -= piece;
	}
	return !csv->stopped;
}

bool import_csv_end(struct import_csv *csv, struct err *err)
{
	struct err why = { 0 };

	csv->err = err;
	if (!csv->stopped && csv->pending.length > 0)
		take_line(csv, csv->pending.data, csv->pending.length);
	if (!csv->stopped && csv_fini(&csv->parser, on_field, on_record, csv) != 0) {
		(void)err_set(&why, ERR_INPUT,
		              _("the quote that was opened in line %lld is never closed"),
		              csv->record_line);
		stop_at(csv, 1, &why);
	}
	if (!csv->stopped && !csv->has_header) {
		(void)err_set(&why, ERR_INPUT,
		              _("the file is empty; its first line names the columns"));
		(void)err_hint(&why, _("client,title,sender,mode,site, for instance"));
		csv->line = 1;
		stop_at(csv, 1, &why);
	}
	return !csv->failed;
}

void import_csv_close(struct import_csv *csv)
{
	if (csv == NULL)
		return;
	if (csv->parser_ready)
		csv_free(&csv->parser);
	text_free(&csv->pending);
	text_free(&csv->bytes);
	free(csv);
}
