#include "core/verify/misspelling.h"

#include <string.h>

#include "core/base/text.h"

/* A zone file needs them, a panel adds its own: then they stand in the value. */
const struct spelling misspelling_quotes[] = {
	{ "\\\"", "" },                      /* escaped once more */
	{ "\" \"", "" },                     /* two strings of one value */
	{ "\"\"", "" },                      /* the same, without the blank */
	{ "\"", "" },                        /* */
	{ "'", "" },                         /* */
	{ "\xE2\x80\x98", "" },              /* U+2018, a word processor's */
	{ "\xE2\x80\x99", "" },              /* U+2019 */
	{ "\xE2\x80\x9A", "" },              /* U+201A */
	{ "\xE2\x80\x9C \xE2\x80\x9D", "" }, /* U+201C and U+201D of two strings */
	{ "\xE2\x80\x9C", "" },              /* U+201C */
	{ "\xE2\x80\x9D", "" },              /* U+201D */
	{ "\xE2\x80\x9E", "" },              /* U+201E, the German one below */
	{ "\xC2\xAB", "" },                  /* U+00AB */
	{ "\xC2\xBB", "" },                  /* U+00BB */
	{ NULL, NULL },
};

/* In a zone file "\;" is a semicolon; in a panel it is both characters. */
const struct spelling misspelling_backslashes[] = {
	{ "\\", "" },
	{ NULL, NULL },
};

/* From a page's source, or from a panel that escaped it twice. */
const struct spelling misspelling_entities[] = {
	{ "&quot;", "" },  { "&#34;", "" },   { "&#39;", "" },  { "&apos;", "" },
	{ "&semi;", ";" }, { "&#59;", ";" },  { "&#61;", "=" }, { "&equals;", "=" },
	{ "&nbsp;", " " }, { "&#160;", " " }, { "&#43;", "+" }, { "&plus;", "+" },
	{ "&#47;", "/" },  { "&sol;", "/" },  { "&amp;", "&" }, { "<br>", " " },
	{ "<br/>", " " },  { "<br />", " " }, { "<p>", " " },   { "</p>", " " },
	{ "<code>", "" },  { "</code>", "" }, { NULL, NULL },
};

/* Ends of lines, as octets and as written out. */
const struct spelling misspelling_line_breaks[] = {
	{ "\\r\\n", " " }, { "\\n", " " }, { "\\t", " " }, { "\r\n", " " },
	{ "\n", " " },     { "\r", " " },  { "\t", " " },  { NULL, NULL },
};

/* What looks right and is not: blanks without width, dashes, full-width signs. */
const struct spelling misspelling_look_alikes[] = {
	{ "\xC2\xA0", " " },     /* U+00A0 no-break space */
	{ "\xE2\x80\xAF", " " }, /* U+202F */
	{ "\xC2\xAD", "" },      /* U+00AD soft hyphen */
	{ "\xE2\x80\x8B", "" },  /* U+200B zero width space */
	{ "\xE2\x80\x8C", "" },  /* U+200C */
	{ "\xE2\x80\x8D", "" },  /* U+200D */
	{ "\xE2\x81\xA0", "" },  /* U+2060 */
	{ "\xEF\xBB\xBF", "" },  /* U+FEFF byte order mark */
	{ "\xE2\x80\x90", "-" }, /* U+2010 hyphen */
	{ "\xE2\x80\x91", "-" }, /* U+2011 */
	{ "\xE2\x80\x93", "-" }, /* U+2013 en dash */
	{ "\xE2\x80\x94", "-" }, /* U+2014 em dash */
	{ "\xE2\x88\x92", "-" }, /* U+2212 minus */
	{ "\xCD\xBE", ";" },     /* U+037E Greek question mark */
	{ "\xEF\xBC\x9B", ";" }, /* U+FF1B */
	{ "\xEF\xBC\x9D", "=" }, /* U+FF1D */
	{ NULL, NULL },
};

static const struct spelling *spelling_at(const struct spelling *spellings, const char *text)
{
	for (; spellings->written; spellings++)
		if (strncmp(text, spellings->written, strlen(spellings->written)) == 0)
			return spellings;
	return NULL;
}

static void respell(const struct spelling *spellings, const char *text, struct text *out)
{
	while (*text) {
		const struct spelling *spelling = spelling_at(spellings, text);

		if (spelling)
			text_add(out, spelling->meant);
		else
			text_add_char(out, *text);
		text += spelling ? strlen(spelling->written) : 1;
	}
}

static size_t first_difference(const char *one, const char *other)
{
	size_t at = 0;

	while (one[at] && one[at] == other[at])
		at++;
	return at;
}

void misspelling_repaired(const struct evidence *evidence, const char *written, const char *meant,
                          struct evidence_clue *clue)
{
	*clue = (struct evidence_clue){
		.certain = true,
		.thing = evidence_excerpt(evidence->arena, written,
		                          first_difference(written, meant)),
		/* A key's record is ours to say; the rest of these is theirs. */
		.value = evidence->subject == EVIDENCE_KEY ? NULL
		                                           : verdict_plain(evidence->arena, meant),
	};
}

void misspelling_look(const struct evidence *evidence, const struct spelling *spellings,
                      struct evidence_clue *clue)
{
	const char *written = NULL;

	for (size_t i = 0; !clue->certain && (written = evidence_text(evidence, i)); i++) {
		struct text meant = { 0 };

		respell(spellings, written, &meant);
		if (strcmp(text_string(&meant), written) != 0
		    && !evidence_is_ours(evidence, written)
		    && evidence_is_ours(evidence,
		                        evidence_trim(evidence->arena, text_string(&meant))))
			misspelling_repaired(evidence, written,
			                     evidence_trim(evidence->arena, text_string(&meant)),
			                     clue);
		text_free(&meant);
	}
}
