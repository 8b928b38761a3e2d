#pragma once

/*
 * words -- everything we say to people, in their language.
 *
 * _("text") is the translation of text; N_("text") marks one that stands in a
 * table and is translated where it is printed.  Language follows --lang, then
 * the configuration, then the environment; German and English are complete.
 */

#include <libintl.h>

#define _(text)  gettext(text)
#define N_(text) (text)

/* Choose the language ("de", "en"); NULL takes what the environment says.
 * Finds the catalogues beside an uninstalled program, else where they were
 * installed.  Call once, before the first sentence. */
void words_setup(const char *language);

/* The language in force: "de" or "en". */
const char *words_language(void);
