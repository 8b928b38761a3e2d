#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/text.h"
#include "core/model/import_csv.h"
#include "core/model/import_json.h"

static bool write_row(void *context, const struct import_row *row, struct err *err)
{
	struct text *out = context;

	UNUSED(err);
	text_addf(out, "%lld:", row->place);
	for (size_t i = 0; i < IMPORT_FIELDS; i++)
		if (row->value[i] != NULL)
			text_addf(out, " %s=[%s]", import_field_word((enum import_field)i),
			          row->value[i]);
	text_add(out, "\n");
	return true;
}

/* Rows, then findings, as text; the file arrives in two pieces, cut at `cut`. */
static void read_all(const char *bytes, size_t size, size_t cut, struct text *out)
{
	struct arena arena = { 0 };
	struct import_findings findings = { .arena = &arena, .file = "f" };
	struct err err = { 0 };
	struct import_csv *csv = import_csv_open(&findings, write_row, out);

	if (import_csv_feed(csv, bytes, cut, &err))
		(void)!import_csv_feed(csv, bytes + cut, size - cut, &err);
	assert_true(import_csv_end(csv, &err));
	for (size_t i = 0; i < findings.count; i++)
		text_addf(out, "%s\n", import_finding_line(&findings, i));
	import_csv_close(csv);
	arena_reset(&arena);
}

static const struct {
	const char *file;
	const char *rows;
} cases[] = {
	{ "client,title\na,A\nb,\n", "2: client=[a] title=[A]\n3: client=[b]\n" },
	{ "\xef\xbb\xbf"
	  "client,title\r\na,A\r\n\r\nb,B",
	  "2: client=[a] title=[A]\n4: client=[b] title=[B]\n" },
	{ "CLIENT;Reply-To\na;x@y.example\n", "2: client=[a] reply_to=[x@y.example]\n" },
	{ "client,title\na,\"A, \"\"B\"\"\nC\"\nb,B\n",
	  "2: client=[a] title=[A, \"B\"\nC]\n4: client=[b] title=[B]\n" },
	{ " client , title \n a , A \n", "2: client=[a] title=[A]\n" },
	{ "client,title\n,\n  ,  \nb,B\n", "4: client=[b] title=[B]\n" },
	{ "client,title\na\nb,B\n",
	  "3: client=[b] title=[B]\nf: line 2, column 2: 1 fields where the header has 2\n" },
	{ "client,title\na,\"A\nb,B\n",
	  "f: line 3, column 1: the quote that was opened in line 2 is never closed\n" },
	{ "client,title\na,\xff\n", "f: line 2, column 3: octet 0xFF is not UTF-8\n" },
	{ "client,title\nü,\"x\"y\n", "f: line 2, column 6: a quote where none may stand\n" },
	/* a word is cut at a whole character (found by the fuzzer) */
	{ "client,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaü\n",
	  "f: line 1, column 2: there is no column \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n" },
	{ "", "f: line 1, column 1: the file is empty; its first line names the columns\n" },
};

static void each_case_however_it_arrives(void **state)
{
	UNUSED(state);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		size_t size = strlen(cases[i].file);
		for (size_t cut = 0; cut <= size; cut++) {
			struct text out = { 0 };
			read_all(cases[i].file, size, cut, &out);
			assert_string_equal(text_string(&out), cases[i].rows);
			text_free(&out);
		}
	}
}

static void json_rows_and_places(void **state)
{
	static const char document[] = "{\"provider\": \"lms\", \"clients\": [{\"name\": \"a\", "
				       "\"title\": \"A\", \"logins\": [\"x\", \"y\"],"
				       " \"smarthosts\": [{\"host\": \"m.a.example\", \"port\": "
				       "25, \"auth_user\": \"u\"}],"
				       " \"senders\": [{\"address\": \"s@a.example\", \"dkim\": "
				       "false, \"site\": null}]}]}";
	struct arena arena = { 0 };
	struct import_findings findings = { .arena = &arena, .file = "f" };
	struct text out = { 0 };
	struct err err = { 0 };
	struct import_json *json = import_json_open(&findings, document, sizeof document - 1);

	UNUSED(state);
	assert_int_equal(findings.total, 0);
	assert_int_equal(import_json_providers(json), 1);
	assert_true(import_json_rows(json, 0, write_row, &out, &err));
	assert_string_equal(text_string(&out),
	                    "0: client=[a] title=[A] logins=[x y]\n"
	                    "1: client=[a] smarthost=[u@m.a.example:25]\n"
	                    "2: client=[a] site=[] sender=[s@a.example] dkim=[false]\n");
	assert_string_equal(import_json_place(json, &arena, 2, IMPORT_SENDER),
	                    "clients[0].senders[0].address");
	assert_string_equal(import_json_place(json, &arena, 2, IMPORT_DOMAIN),
	                    "clients[0].senders[0].address");
	assert_string_equal(import_json_place(json, &arena, 1, IMPORT_TITLE),
	                    "clients[0].smarthosts[0]");
	import_json_close(json);
	text_free(&out);
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case_however_it_arrives),
		cmocka_unit_test(json_rows_and_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
