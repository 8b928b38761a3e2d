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

/* Append a compiled term to the record that libspf2 will walk. */
static bool append(SPF_record_t *record, const struct spf_guard_compiled *term)
{
	size_t length = record->mech_len + term->length;
	void *room = NULL;

	if (record->num_mech + term->mechanisms > UINT8_MAX)
		return false;
	room = realloc(record->mech_first, length);
	if (!room)
		return false;
	memcpy((char *)room + record->mech_len, term->bytes, term->length);
	record->mech_first = room;
	record->mech_size = record->mech_len = length;
	record->num_mech = (unsigned char)(record->num_mech + term->mechanisms);
	return true;
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

/* The marker and the term. */
static bool compile(struct spf_guard *guard, size_t record, size_t number,
                    struct spf_guard_compiled *compiled)
{
	char text[288];
	char canonical[160];
	SPF_record_t *both = NULL;
	bool ok = false;

	write_term(guard, &guard->records[record].record.terms[number], record, number, canonical);
	(void)snprintf(text, sizeof(text), "v=spf1 exists:m.%zu.%zu.spf %s", record, number,
	               canonical);
	if (SPF_record_compile(guard->server, guard->scratch, &both, text) == SPF_E_SUCCESS
	    && both) {
		*compiled = (struct spf_guard_compiled){ arena_take(guard->shelf->arena,
			                                            both->mech_len),
			                                 both->mech_len, both->num_mech };
		memcpy(compiled->bytes, both->mech_first, both->mech_len);
		ok = true;
	}
	if (both)
		SPF_record_free(both);
	return ok;
}

/* Where the compiled term stands on the shelf. */
static struct spf_guard_compiled *place_of(struct spf_guard *guard, size_t record, size_t number)
{
	struct spf_guard_reading *reading = guard->records[record].reading;
	struct spf_guard_compiled **place = &reading->compiled[guard->family != AF_INET];

	/* Compiled terms name the record by its number. */
	if (reading->number != record)
		reading->compiled[0] = reading->compiled[1] = NULL;
	reading->number = record;
	if (!*place)
		*place = arena_take(guard->shelf->arena,
		                    reading->record.term_count * sizeof(**place));
	return &(*place)[number];
}

static bool append_term(struct spf_guard *guard, SPF_record_t *compiled, size_t record,
                        size_t number)
{
	const struct spf_term *term = &guard->records[record].record.terms[number];
	struct spf_guard_compiled *place = place_of(guard, record, number);
	struct spf_guard_compiled once = { 0 };

	/* A range of /0 is written with the client's own address. */
	if ((term->kind == SPF_TERM_IP4 && term->prefix4 == 0)
	    || (term->kind == SPF_TERM_IP6 && term->prefix6 == 0))
		place = &once;
	return (place->bytes || compile(guard, record, number, place)) && append(compiled, place);
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
