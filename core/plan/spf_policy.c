#include "core/plan/spf_policy.h"

#include "core/base/words.h"

/* RFC 7208 5.1 and 8.4 leave it to the receiver; RFC 9989 7.1: a "-all" may be
 * acted on before anything else of the message is looked at. */
static const struct spf_policy policies[] = {
	{ "-all",
	  N_("\"-all\" asks receivers to reject mail from servers that are not listed here; "
	     "some do so at once, before they look at DKIM, so that forwarded mail can be "
	     "lost although DMARC would have let it pass: the owner's choice, it stays") },
	{ "~all",
	  N_("\"~all\" calls mail from servers that are not listed here doubtful, but does not "
	     "ask to reject it for that alone; DKIM and DMARC can still decide: the owner's "
	     "choice, it stays") },
	{ "?all",
	  N_("\"?all\" says nothing about mail from servers that are not listed here: it harms "
	     "no mail and stops no forgery; the owner's choice, it stays") },
	{ "+all",
	  N_("\"+all\" allows every server in the world to send for this domain, forgers too: "
	     "hardly what was meant, but only its owner changes it") },
};

static const struct spf_policy by_redirect = {
	"redirect", N_("what becomes of servers that are not listed here, the record says that "
	               "\"redirect=\" points to; it stays")
};
static const struct spf_policy open_end = {
	"none", N_("without \"all\" the record says nothing about mail from servers that are not "
	           "listed here, as with \"?all\"; the owner's choice, it stays")
};

struct spf_policy spf_policy_of(const struct spf_record *record)
{
	const struct spf_term *all = spf_record_find(record, SPF_TERM_ALL);
	const struct spf_policy *found = &open_end;

	if (all == NULL && spf_record_find(record, SPF_TERM_REDIRECT) != NULL)
		found = &by_redirect;
	for (size_t i = 0; all != NULL && i < LENGTH(policies); i++)
		if (policies[i].all[0] == all->qualifier)
			found = &policies[i];
	return (struct spf_policy){ found->all, _(found->explanation) };
}
