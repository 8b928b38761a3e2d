#include "core/verify/return_check.h"

#include "core/base/words.h"

enum { HOSTS_MOST = 10 };

enum presence { NOT_KNOWN_YET, THERE, ABSENT, UNSURE };

static enum presence has_address(struct inquiry *inquiry, const char *host)
{
	const struct dns_answer *four = inquiry_ask(inquiry, host, DNS_A);
	const struct dns_answer *six = inquiry_ask(inquiry, host, DNS_AAAA);

	if (!four || !six)
		return NOT_KNOWN_YET;
	if (four->record_count > 0 || six->record_count > 0)
		return THERE;
	return dns_message_definite(four) && dns_message_definite(six) ? ABSENT : UNSURE;
}

static void conclude(struct verdict *verdict, enum presence presence, const char *there,
                     const char *absent)
{
	verdict->state = presence == THERE    ? VERDICT_MATCH
	                 : presence == ABSENT ? VERDICT_MISSING
	                                      : VERDICT_UNKNOWN;
	verdict->explanation = presence == THERE    ? there
	                       : presence == ABSENT ? absent
	                                            : _("the addresses could not be looked up");
}

/* RFC 5321 5.1: without MX the domain's own address is an implicit one. */
static bool check_implicit(struct inquiry *inquiry, struct verdict *verdict)
{
	enum presence presence = has_address(inquiry, verdict->requirement->name);

	if (presence == NOT_KNOWN_YET)
		return false;
	conclude(verdict, presence,
	         _("there is no MX record; replies go to the address of the domain itself"),
	         _("replies and bounces cannot be delivered: the domain has neither an MX record "
	           "nor an address"));
	return true;
}

/* One host that can be found is enough. */
static bool check_hosts(struct inquiry *inquiry, const struct dns_answer *answer,
                        struct verdict *verdict)
{
	enum presence best = ABSENT;
	bool waiting = false;

	for (size_t i = 0; i < answer->record_count && i < HOSTS_MOST; i++) {
		enum presence presence = has_address(inquiry, answer->records[i].text);

		waiting = waiting || presence == NOT_KNOWN_YET;
		if (presence == THERE || (presence == UNSURE && best == ABSENT))
			best = presence;
	}
	if (waiting)
		return false;
	conclude(verdict, best, _("the domain receives mail"),
	         _("replies and bounces cannot be delivered: no host of the MX records has an "
	           "address"));
	return true;
}

bool return_check(struct inquiry *inquiry, struct verdict *verdict)
{
	struct authority authority;
	const struct dns_answer *answer = NULL;

	if (!authority_ask(inquiry, verdict->requirement->name, DNS_MX, &authority))
		return false;
	verdict_observe(verdict, &authority);
	answer = authority.answer;
	if (authority.state == AUTHORITY_UNKNOWN || !answer) {
		verdict_could_not_tell(verdict, &authority);
		return true;
	}
	verdict->found = verdict_show_answer(inquiry_arena(inquiry), answer);
	if (answer->record_count == 0)
		return check_implicit(inquiry, verdict);
	/* RFC 7505 3 */
	if (answer->record_count == 1 && *answer->records[0].text == '\0') {
		verdict->state = VERDICT_MISSING;
		verdict->explanation = _("replies and bounces cannot be delivered: the domain says "
		                         "that it takes no mail (null MX)");
		return true;
	}
	return check_hosts(inquiry, answer, verdict);
}
