#include "core/record/spf_strange.h"

#include "core/base/attr.h"
#include "core/base/words.h"

/* A row is a range of characters, from the first to the last in UTF-8. */
static const struct {
	const char *first;
	const char *last;
	char plain; /* what it was before; NUL: nothing */
	const char *sentence;
} strange[] = {
	{ "\xe2\x80\x98", "\xe2\x80\x9f", '\0',
	  N_("a typographic quote; SPF knows plain ASCII only") },
	{ "\xc2\xab", "\xc2\xab", '\0', N_("a typographic quote; SPF knows plain ASCII only") },
	{ "\xc2\xbb", "\xc2\xbb", '\0', N_("a typographic quote; SPF knows plain ASCII only") },
	{ "\xe2\x80\x90", "\xe2\x80\x95", '-', N_("a typographic dash; write a plain \"-\"") },
	{ "\xe2\x88\x92", "\xe2\x88\x92", '-', N_("a typographic dash; write a plain \"-\"") },
	{ "\xc2\xa0", "\xc2\xa0", ' ', N_("a no-break space; write a plain space") },
	{ "\xe2\x80\xaf", "\xe2\x80\xaf", ' ', N_("a no-break space; write a plain space") },
	{ "\xe2\x80\x80", "\xe2\x80\x8a", ' ', N_("a typographic space; write a plain space") },
	{ "\xe2\x80\x8b", "\xe2\x80\x8f", '\0', N_("an invisible character; delete it") },
	{ "\xe2\x81\xa0", "\xe2\x81\xa0", '\0', N_("an invisible character; delete it") },
	{ "\xef\xbb\xbf", "\xef\xbb\xbf", '\0', N_("an invisible character; delete it") },
	{ "\t", "\t", ' ', N_("a tab; terms are separated by spaces") },
	{ "\n", "\n", ' ', N_("a line break; the whole record is one line") },
	{ "\r", "\r", '\0', N_("a line break; the whole record is one line") },
};

const char *spf_strange_what(const char *octets, size_t length, char *plain)
{
	for (size_t i = 0; i < LENGTH(strange); i++) {
		size_t width = strlen(strange[i].first);

		if (length < width || memcmp(octets, strange[i].first, width) < 0
		    || memcmp(octets, strange[i].last, width) > 0)
			continue;
		if (plain)
			*plain = strange[i].plain;
		return _(strange[i].sentence);
	}
	return NULL;
}
