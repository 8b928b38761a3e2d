#include "core/base/words.h"

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char chosen[3] = "en";

/* A build folder carries its own catalogues, so that a program runs from there. */
static void catalogue_folder(char folder[static PATH_MAX])
{
	char program[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);

	(void)snprintf(folder, PATH_MAX, "%s", LOCALEDIR);
	if (length <= 0)
		return;
	program[length] = '\0';
	char *slash = strrchr(program, '/');
	if (slash == NULL)
		return;
	*slash = '\0';
	char probe[PATH_MAX + 64];
	(void)snprintf(probe, sizeof probe, "%s/locale/de/LC_MESSAGES/" PACKAGE ".mo", program);
	if (access(probe, R_OK) == 0 && strlen(program) + 8 < PATH_MAX)
		(void)snprintf(folder, PATH_MAX, "%.*s/locale", PATH_MAX - 8, program);
}

static const char *language_of_environment(void)
{
	static const char *const names[] = { "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = getenv(names[i]);
		if (value != NULL && value[0] != '\0')
			return value;
	}
	return "en";
}

void words_setup(const char *language)
{
	static char folder[PATH_MAX];

	if (language == NULL || language[0] == '\0')
		language = language_of_environment();
	(void)snprintf(chosen, sizeof chosen, "%s", strncmp(language, "de", 2) == 0 ? "de" : "en");

	/* gettext translates nothing in the "C" locale, and the locale of the
	 * language need not be installed: C.UTF-8 always is, and LANGUAGE decides. */
	if (setlocale(LC_ALL, "") == NULL || strcmp(setlocale(LC_MESSAGES, NULL), "C") == 0
	    || strcmp(setlocale(LC_MESSAGES, NULL), "POSIX") == 0)
		(void)setlocale(LC_ALL, "C.UTF-8");
	(void)setlocale(LC_NUMERIC, "C");
	(void)setenv("LANGUAGE", chosen, 1);
	catalogue_folder(folder);
	(void)bindtextdomain(PACKAGE, folder);
	(void)bind_textdomain_codeset(PACKAGE, "UTF-8");
	(void)textdomain(PACKAGE);
}

const char *words_language(void)
{
	return chosen;
}
