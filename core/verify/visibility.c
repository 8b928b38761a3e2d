#include "core/verify/visibility.h"

#include "core/base/words.h"

static void failed(struct inquiry *inquiry, const struct dns_answer *answer,
                   struct verdict *verdict)
{
	/* What is on its way says more. */
	if (verdict->state == VERDICT_PROPAGATING)
		return;
	verdict->state = VERDICT_UNKNOWN;
	verdict->explanation = arena_print(
		inquiry_arena(inquiry),
		_("published; but the resolver %s fails (SERVFAIL), as resolvers do when the "
	          "signatures of a zone (DNSSEC) are broken or have expired"),
		answer->server);
}

bool visibility_check(struct inquiry *inquiry, const char *name, visibility_fn same,
                      const void *context, struct verdict *verdict)
{
	bool complete = true;

	for (size_t i = 0; i < inquiry_resolvers(inquiry); i++) {
		const struct dns_answer *answer = inquiry_ask_resolver(inquiry, i, name, DNS_TXT);

		if (!answer) {
			complete = false;
			continue;
		}
		verdict_observe_one(verdict, answer);
		if (answer->outcome == DNS_FAILED)
			failed(inquiry, answer, verdict);
		else if (dns_message_definite(answer) && !same(context, answer))
			verdict_remembered(verdict, inquiry, answer);
	}
	return complete;
}
