#pragma once

/*
 * spf_head -- where an SPF record really begins and ends in a text that people
 * copied from somewhere, and what is wrong there.
 *
 * Receivers read no record in such a text (RFC 7208 section 4.5); people want
 * to know about the rest of it nevertheless.
 *
 * Owner:   texts live in the arena that was passed in.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/record/spf_record.h"

enum { SPF_HEAD_PROBLEMS = 2 };

struct spf_head {
	size_t terms; /* octets before the first term, or before its blank */
	size_t end;   /* octets up to where the last term ends */
	bool foreign; /* nothing in the text is meant for SPF */
	struct spf_problem problems[SPF_HEAD_PROBLEMS];
	size_t problem_count;
};

void spf_head_read(struct arena *arena, const char *text, size_t length, struct spf_head *head);

/* Could the word be a record, however broken, and not a domain name? */
bool spf_head_is_record(const char *word);
