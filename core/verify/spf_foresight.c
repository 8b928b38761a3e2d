#include "core/verify/spf_foresight.h"

#include <string.h>

#include "core/record/spf_record.h"

/* More than an evaluation may load. */
enum { RECORDS_MOST = 12 };

struct reading {
	struct inquiry *inquiry;
	const struct dns_answer *answers[RECORDS_MOST]; /* still to be read */
	size_t waiting;
	size_t read;
	bool complete;
};

static void ask(struct reading *reading, const char *name)
{
	const struct dns_answer *answer = NULL;

	if (strchr(name, '%') || reading->read + reading->waiting >= RECORDS_MOST)
		return;
	answer = inquiry_ask(reading->inquiry, name, DNS_TXT);
	if (answer)
		reading->answers[reading->waiting++] = answer;
	else
		reading->complete = false;
}

/* What stands behind "all" is never read. */
static void read_record(struct reading *reading, const struct dns_record *text)
{
	struct spf_record record = { 0 };
	struct err err = { 0 };
	const struct spf_term *all = NULL;

	if (!spf_record_parse(inquiry_arena(reading->inquiry), text->text, text->text_length,
	                      &record, &err))
		return;
	all = spf_record_find(&record, SPF_TERM_ALL);
	for (size_t i = 0; i < record.term_count; i++) {
		const struct spf_term *term = &record.terms[i];

		if (term->kind == SPF_TERM_INCLUDE && (!all || term < all))
			ask(reading, term->domain);
		if (term->kind == SPF_TERM_REDIRECT && !all)
			ask(reading, term->domain);
	}
}

bool spf_foresight(struct inquiry *inquiry, const char *domain, const struct dns_answer *answer)
{
	struct reading reading = { .inquiry = inquiry, .complete = true };

	if (answer)
		reading.answers[reading.waiting++] = answer;
	else
		ask(&reading, domain);
	while (reading.waiting > 0) {
		const struct dns_answer *next = reading.answers[--reading.waiting];

		reading.read++;
		for (size_t i = 0; i < next->record_count; i++)
			if (spf_record_is(next->records[i].text, next->records[i].text_length))
				read_record(&reading, &next->records[i]);
	}
	return reading.complete;
}
