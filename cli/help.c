#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "core/base/words.h"

static bool is_place(const struct option_row *row)
{
	return row->kind == OPTION_PLACE || row->kind == OPTION_PLACES;
}

static void usage_word(const struct option_row *row, struct text *out)
{
	const char *before = row->required ? "" : "[";
	const char *after = row->required ? "" : "]";
	const char *more = row->kind == OPTION_PLACES || row->kind == OPTION_LIST ? "..." : "";

	if (is_place(row))
		text_addf(out, " %s%s%s%s", before, row->name, more, after);
	else if (row->kind == OPTION_FLAG)
		text_addf(out, " [%s]", row->name);
	else
		text_addf(out, " %s%s %s%s%s", before, row->name, row->value, more, after);
}

static void usage(const struct command *command, struct text *out)
{
	text_addf(out, "senderctl %s", command->words);
	for (const struct option_row *row = command->options; row->kind != OPTION_END_OF_TABLE;
	     row++)
		if (is_place(row) || row->required)
			usage_word(row, out);
	for (const struct option_row *row = command->options; row->kind != OPTION_END_OF_TABLE;
	     row++)
		if (!is_place(row) && !row->required)
			usage_word(row, out);
}

static void option_lines(const struct option_row *rows, struct text *out)
{
	for (; rows->kind != OPTION_END_OF_TABLE; rows++) {
		struct text left = { 0 };
		text_add(&left, rows->name);
		if (!is_place(rows) && rows->kind != OPTION_FLAG)
			text_addf(&left, " %s", rows->value);
		if (left.length > 26)
			text_addf(out, "  %s\n  %-26s  %s\n", left.data, "", _(rows->help));
		else
			text_addf(out, "  %-26s  %s\n", left.data, _(rows->help));
		text_free(&left);
	}
}

static const struct command *nth(size_t table, size_t row)
{
	return command_tables[table][row].words != NULL ? &command_tables[table][row] : NULL;
}

void help_overview(struct text *out)
{
	text_add(out, _("usage: senderctl [OPTION...] GROUP VERB ...\n\n"));
	for (size_t t = 0; command_tables[t] != NULL; t++) {
		const struct command *command;
		for (size_t i = 0; (command = nth(t, i)) != NULL; i++)
			text_addf(out, "  %-22s  %s\n", command->words, _(command->summary));
	}
	text_add(out, _("\noptions of every command:\n"));
	option_lines(global_options, out);
	text_add(out,
	         _("\n\"senderctl GROUP VERB --help\" explains a command and shows examples.\n"
	           "exit status: 0 all well; 1 something is missing; 2 usage; 3 could not tell; "
	           "4 refused\n"));
}

bool help_group(const char *words, struct text *out)
{
	size_t length = strlen(words);
	bool found = false;

	for (size_t t = 0; command_tables[t] != NULL; t++) {
		const struct command *command;
		for (size_t i = 0; (command = nth(t, i)) != NULL; i++) {
			if (strncmp(command->words, words, length) != 0
			    || (command->words[length] != ' ' && command->words[length] != '\0'))
				continue;
			if (!found)
				text_add(out, _("commands:\n"));
			text_addf(out, "  %-22s  %s\n", command->words, _(command->summary));
			found = true;
		}
	}
	return found;
}

void help_command(const struct command *command, struct text *out)
{
	text_addf(out, "%s\n\n%s ", _(command->summary), _("usage:"));
	usage(command, out);
	text_add(out, "\n");
	if (command->options->kind != OPTION_END_OF_TABLE) {
		text_add(out, "\n");
		option_lines(command->options, out);
	}
	text_add(out, _("\noptions of every command:\n"));
	option_lines(global_options, out);
	text_addf(out, "\n%s\n", _("examples:"));
	for (const char *p = command->examples; *p != '\0';) {
		size_t line = strcspn(p, "\n");
		text_add(out, "  ");
		text_add_bytes(out, p, line);
		text_add(out, "\n");
		p += line + (p[line] == '\n');
	}
}

/* scdoc gives meaning to these. */
static void scdoc_text(const char *text, struct text *out)
{
	for (; *text != '\0'; text++) {
		if (strchr("*_\\#<>[]~", *text) != NULL)
			text_add_char(out, '\\');
		text_add_char(out, *text);
	}
}

static void scdoc_options(const struct option_row *rows, struct text *out)
{
	for (; rows->kind != OPTION_END_OF_TABLE; rows++) {
		text_add(out, "\t*");
		scdoc_text(rows->name, out);
		text_add(out, "*");
		if (!is_place(rows) && rows->kind != OPTION_FLAG) {
			text_add(out, " _");
			scdoc_text(rows->value, out);
			text_add(out, "_");
		}
		text_add(out, "\n\t\t");
		scdoc_text(rows->help, out);
		text_add(out, "\n\n");
	}
}

void help_manual(struct text *out)
{
	text_add(out, "# OPTIONS OF EVERY COMMAND\n\n");
	scdoc_options(global_options, out);
	text_add(out, "# COMMANDS\n\n");
	for (size_t t = 0; command_tables[t] != NULL; t++) {
		const struct command *command;
		for (size_t i = 0; (command = nth(t, i)) != NULL; i++) {
			struct text line = { 0 };
			usage(command, &line);
			text_add(out, "*");
			scdoc_text(text_string(&line), out);
			text_add(out, "*\n\t");
			scdoc_text(command->summary, out);
			text_add(out, "\n\n");
			scdoc_options(command->options, out);
			text_free(&line);
		}
	}
}

/* " --mode=hosted|relayed --output= --json": what takes a value has a "=", and its choices. */
static void completion_words(const struct option_row *rows, struct text *out)
{
	for (; rows->kind != OPTION_END_OF_TABLE; rows++) {
		if (is_place(rows))
			continue;
		text_addf(out, " %s", rows->name);
		if (rows->kind == OPTION_FLAG)
			continue;
		bool choice = strchr(rows->value, '|') != NULL
		              && strpbrk(rows->value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ[ '") == NULL;
		text_addf(out, "=%s", choice ? rows->value : "");
	}
}

/* The next words after each beginning of a command: "" -> groups, "key" -> verbs. */
static void completion_case(const char *beginning, size_t length, struct text *out)
{
	char last[64] = "";

	text_addf(out, "\t'%.*s') words='", (int)length, beginning);
	for (size_t t = 0; command_tables[t] != NULL; t++) {
		const struct command *command;
		for (size_t i = 0; (command = nth(t, i)) != NULL; i++) {
			const char *rest = command->words;
			if (length > 0) {
				if (strncmp(rest, beginning, length) != 0 || rest[length] != ' ')
					continue;
				rest += length + 1;
			}
			size_t word = strcspn(rest, " ");
			if (strlen(last) == word && strncmp(last, rest, word) == 0)
				continue;
			text_add_bytes(out, rest, word);
			text_add(out, " ");
			(void)snprintf(last, sizeof last, "%.*s", (int)word, rest);
		}
	}
	text_add(out, "' ;;\n");
}

void help_completion(struct text *out)
{
	text_add(out, "# bash completion for senderctl; written by the program from its tables\n"
	              "_senderctl() {\n"
	              "\tlocal cur=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]}\n"
	              "\tlocal path= w words= options= before= all='");
	completion_words(global_options, out);
	text_add(out,
	         "'\n"
	         "\tfor w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
	         "\t\t[[ $w == -* || $all == *\" $before=\"* ]] || path=\"${path:+$path }$w\"\n"
	         "\t\tbefore=${w/#[!-]*/none}\n"
	         "\tdone\n"
	         "\tcase $path in\n");
	completion_case("", 0, out);
	for (size_t t = 0; command_tables[t] != NULL; t++) {
		const struct command *command;
		char last[64] = "";
		for (size_t i = 0; (command = nth(t, i)) != NULL; i++)
			for (const char *space = strchr(command->words, ' '); space != NULL;
			     space = strchr(space + 1, ' ')) {
				size_t length = (size_t)(space - command->words);
				if (strlen(last) == length
				    && strncmp(last, command->words, length) == 0)
					continue;
				completion_case(command->words, length, out);
				(void)snprintf(last, sizeof last, "%.*s", (int)length,
				               command->words);
			}
	}
	text_add(out, "\tesac\n\tcase $path in\n");
	for (size_t t = 0; command_tables[t] != NULL; t++) {
		const struct command *command;
		for (size_t i = 0; (command = nth(t, i)) != NULL; i++) {
			text_addf(out, "\t'%s'*) options='", command->words);
			completion_words(command->options, out);
			text_add(out, "' ;;&\n"); /* "export diff" after "export" */
		}
	}
	text_add(
		out,
		"\tesac\n"
		"\toptions+=$all\n"
		"\tif [[ $cur == -* ]]; then\n"
		"\t\twords=\n"
		"\t\tfor w in $options; do words+=\" ${w%%=*}\"; done\n"
		"\tfi\n"
		"\tfor w in $options; do\n"
		"\t\tif [[ $w == \"$last=\"* ]]; then w=${w#*=} words=${w//|/ }; fi\n"
		"\tdone\n"
		"\t[[ $words ]] && mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
		"\t[[ ${#COMPREPLY[@]} -gt 0 ]] || mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
		"}\n"
		"complete -F _senderctl senderctl\n");
}
