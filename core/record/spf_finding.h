#pragma once

/*
 * spf_finding -- one remark about an SPF record: where, how bad, what.
 */

#include <stddef.h>

enum spf_severity {
	SPF_NOTE,    /* harmless, and perhaps not what was meant */
	SPF_WARNING, /* works, and unwise */
	SPF_ERROR,   /* receivers see no record, or answer permerror */
	SPF_SEVERITIES,
};

struct spf_finding {
	enum spf_severity severity;
	size_t column; /* of the fault, in octets from 1; 0: about the record as a whole */
	size_t start;  /* of the token; findings of one token share it */
	const char *token;
	const char *text;  /* one sentence */
	const char *meant; /* what to write instead of the token; NULL when not certain */
	size_t replaces;   /* the octets from `start` on that `meant` stands for */
};
