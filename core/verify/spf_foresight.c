#include "core/verify/spf_foresight.h"

#include <string.h>

#include "core/record/spf_record.h"

struct reading {
	struct inquiry *inquiry;
	struct spf_foresight *foresight;
	bool complete;
};

static void foresee(struct reading *reading, const char *name, const struct dns_answer *answer)
{
	struct spf_foresight *foresight = reading->foresight;

	foresight->answers[foresight->count] = answer;
	foresight->names[foresight->count++] = name;
}

static bool is_foreseen(const struct spf_foresight *foresight, const char *name)
{
	for (size_t i = 0; i < foresight->count; i++)
		if (strcmp(foresight->names[i], name) == 0)
			return true;
	return false;
}

static void ask(struct reading *reading, const char *written)
{
	const char *name = NULL;
	const struct dns_answer *answer = NULL;

	if (strchr(written, '%') || reading->foresight->count == SPF_FORESIGHT_MOST
	    || !dns_message_raw_name(inquiry_arena(reading->inquiry), written, &name)
	    || is_foreseen(reading->foresight, name))
		return;
	answer = inquiry_ask(reading->inquiry, name, DNS_TXT);
	if (answer)
		foresee(reading, name, answer);
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

/* The list grows while it is read. */
bool spf_foresight(struct inquiry *inquiry, const char *domain, const struct dns_answer *answer,
                   struct spf_foresight *foresight)
{
	struct reading reading = { .inquiry = inquiry, .foresight = foresight, .complete = true };

	foresight->count = 0;
	foresee(&reading, domain, answer);
	for (size_t n = 0; n < foresight->count; n++) {
		const struct dns_answer *next = foresight->answers[n];

		for (size_t i = 0; i < next->record_count; i++)
			if (spf_record_is(next->records[i].text, next->records[i].text_length))
				read_record(&reading, &next->records[i]);
	}
	return reading.complete;
}
