#pragma once

/*
 * spf_view -- the world as an evaluation of SPF sees it: what the resolvers say,
 * except about one domain, of which we choose what stands there.
 *
 * So a record can be tried before anybody publishes it.
 *
 * Owner:   a value of the caller; texts and answers are borrowed.
 */

#include "core/verify/inquiry.h"
#include "core/verify/spf_check.h"

struct spf_view {
	struct inquiry *inquiry;
	const char *domain;              /* canonical */
	const struct dns_answer *answer; /* what stands there */
	struct dns_answer chosen;        /* of spf_view_text() */
	struct dns_record record;
};

/* At the domain stands this one text; NULL: nothing. */
void spf_view_text(struct spf_view *view, const char *text);

/* The view must outlive the source. */
struct spf_check_source spf_view_source(struct spf_view *view);
