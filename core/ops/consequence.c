#include "core/ops/consequence.h"

#include <string.h>

#include "core/base/words.h"

/* RFC 9989 5.1.4, 7.4: without a policy receivers neither refuse nor report. */
static const struct {
	const char *purpose;
	const char *sentence;
} rows[] = {
	{ "dmarc", N_("receivers find no DMARC policy: whether SPF and DKIM align no longer "
	              "matters to them, nobody sends reports, and forged mail is not refused") },
	{ "dkim", N_("the place of a later key is lost: that key cannot take over") },
	{ "mailfrom", N_("bounces find no server, and some receivers refuse mail whose bounces "
	                 "nobody takes") },
	{ "return", N_("replies and bounces find no server") },
	{ "site", N_("the URL that goes with the mail does not lead to the product") },
};

const char *consequence_of(const struct change *change)
{
	if (strcmp(change->kind, "lost") != 0 || change->purpose == NULL
	    || tree_get(change->detail, "recommended") == NULL)
		return NULL;
	for (size_t i = 0; i < LENGTH(rows); i++)
		if (strcmp(rows[i].purpose, change->purpose) == 0)
			return _(rows[i].sentence);
	return NULL;
}
