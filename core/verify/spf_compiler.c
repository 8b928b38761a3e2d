#include "core/verify/spf_compiler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_in_network(const struct spf_guard *guard, const struct spf_term *term)
{
	int bits = term->kind == SPF_TERM_IP4 ? term->prefix4 : term->prefix6;
	size_t size = spf_guard_address_size(guard);

	if ((term->kind == SPF_TERM_IP4) != (guard->family == AF_INET))
		return false;
	if (bits == SPF_NO_PREFIX)
		bits = (int)size * 8;
	for (size_t i = 0; i < size && bits > 0; i++, bits -= 8) {
		unsigned mask = bits >= 8 ? 0xffU : 0xffU << (8 - bits) & 0xffU;

		if ((term->address[i] & mask) != (guard->address[i] & mask))
			return false;
	}
	return true;
}

/* Append one compiled term to the record that libspf2 will walk. */
static bool append(struct spf_guard *guard, SPF_record_t *record, const char *canonical)
{
	SPF_record_t *one = NULL;
	char text[256];
	bool ok = false;

	(void)snprintf(text, sizeof(text), "v=spf1 %s", canonical);
	if (SPF_record_compile(guard->server, guard->scratch, &one, text) == SPF_E_SUCCESS && one
	    && record->num_mech + one->num_mech <= UINT8_MAX) {
		size_t length = record->mech_len + one->mech_len;
		void *room = realloc(record->mech_first, length);

		if (room) {
			memcpy((char *)room + record->mech_len, one->mech_first, one->mech_len);
			record->mech_first = room;
			record->mech_size = record->mech_len = length;
			record->num_mech = (unsigned char)(record->num_mech + one->num_mech);
			ok = true;
		}
	}
	if (one)
		SPF_record_free(one);
	return ok;
}

/* The term in our words, where libspf2 reads it.  A prefix of 0 it takes for
 * "none": such a term is written without, and the hook lets it match. */
static void write_term(const struct spf_guard *guard, const struct spf_term *term, size_t record,
                       size_t number, char out[160])
{
	char address[INET6_ADDRSTRLEN];
	char prefix[16] = "";
	int bits = term->kind == SPF_TERM_IP4   ? term->prefix4
	           : term->kind == SPF_TERM_IP6 ? term->prefix6
	                                        : spf_guard_prefix(guard, term);

	if (bits > 0)
		(void)snprintf(prefix, sizeof(prefix), "%s%d",
		               guard->family == AF_INET6 && term->kind != SPF_TERM_IP6 ? "//" : "/",
		               bits);
	if (term->kind == SPF_TERM_ALL) {
		(void)snprintf(out, 160, "%call", term->qualifier);
	} else if (term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6) {
		spf_guard_address_text(guard->family, bits == 0 ? guard->address : term->address,
		                       address);
		(void)snprintf(out, 160, "%c%s:%s%s", term->qualifier,
		               spf_record_kind_word(term->kind), address, prefix);
	} else if (term->kind == SPF_TERM_REDIRECT) {
		(void)snprintf(out, 160, "redirect=t.%zu.%zu.spf", record, number);
	} else {
		(void)snprintf(out, 160, "%c%s:t.%zu.%zu.spf%s", term->qualifier,
		               spf_record_kind_word(term->kind), record, number, prefix);
	}
}

static bool append_term(struct spf_guard *guard, SPF_record_t *compiled, size_t record,
                        size_t number)
{
	const struct spf_term *term = &guard->records[record].record.terms[number];
	char marker[96];
	char canonical[160];

	(void)snprintf(marker, sizeof(marker), "exists:m.%zu.%zu.spf", record, number);
	write_term(guard, term, record, number, canonical);
	return append(guard, compiled, marker) && append(guard, compiled, canonical);
}

bool spf_compiler_run(struct spf_guard *guard, size_t number, SPF_record_t *compiled)
{
	const struct spf_record *record = &guard->records[number].record;
	unsigned lookups = 0;

	for (size_t i = 0; i < record->term_count && lookups <= SPF_LOOKUPS_MOST; i++) {
		const struct spf_term *term = &record->terms[i];
		bool range = term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6;

		if (spf_record_is_modifier(term->kind) || (range && !is_in_network(guard, term)))
			continue;
		if (!append_term(guard, compiled, number, i))
			return false;
		if (range || term->kind == SPF_TERM_ALL)
			return true;
		lookups++;
	}
	/* "redirect" is used when nothing matched, wherever it stands (6.1). */
	for (size_t i = 0; i < record->term_count; i++)
		if (record->terms[i].kind == SPF_TERM_REDIRECT
		    && !spf_record_find(record, SPF_TERM_ALL))
			return append_term(guard, compiled, number, i);
	return true;
}
