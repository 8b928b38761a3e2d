#include "core/verify/spf_loader.h"

#include <string.h>

#include "core/base/words.h"
#include "core/verify/spf_compiler.h"

/* Exactly one TXT is the record (4.5). */
static SPF_errcode_t select_record(struct spf_guard *guard, const char *domain,
                                   const struct dns_record **selected)
{
	const struct dns_answer *answer = spf_guard_ask(guard, domain, DNS_TXT);

	*selected = NULL;
	if (!answer)
		return SPF_E_DNS_ERROR;
	if (spf_guard_is_void(answer))
		return SPF_E_NOT_SPF;
	if (answer->outcome != DNS_FOUND) {
		spf_guard_say(guard, arena_print(guard->arena, _("TXT of %s: %s"), domain,
		                                 dns_message_outcome_sentence(answer->outcome)));
		return SPF_E_DNS_ERROR;
	}
	for (size_t i = 0; i < answer->record_count; i++) {
		const struct dns_record *record = &answer->records[i];

		if (!spf_record_is(record->text, record->text_length))
			continue;
		if (*selected) {
			spf_guard_say(guard,
			              arena_print(guard->arena,
			                          _("%s has more than one SPF record"), domain));
			guard->verdict->problem_record = domain;
			return SPF_E_SYNTAX;
		}
		*selected = record;
	}
	return *selected ? SPF_E_SUCCESS : SPF_E_NOT_SPF;
}

SPF_errcode_t spf_loader_run(struct spf_guard *guard, const char *domain, size_t parent,
                             unsigned depth, bool base, SPF_record_t **compiled)
{
	const struct dns_record *text = NULL;
	struct spf_guard_record *loaded = &guard->records[guard->record_count];
	struct err err = { 0 };
	SPF_errcode_t code = select_record(guard, domain, &text);

	if (code != SPF_E_SUCCESS)
		return code;
	if (guard->record_count == SPF_RECORDS_MOST) {
		spf_guard_exceed(guard, _("too many records"));
		return SPF_E_RECURSIVE;
	}
	*loaded = (struct spf_guard_record){
		.domain = domain, .parent = parent, .depth = depth, .base = base
	};
	if (guard->record_count == 0)
		guard->verdict->text = arena_copy_part(guard->arena, text->text, text->text_length);
	if (!spf_guard_read(guard, text, loaded, &err)) {
		if (!guard->verdict->problem) {
			guard->verdict->problem_record = domain;
			guard->verdict->problem_column = loaded->record.problems[0].column;
		}
		spf_guard_say(guard, arena_print(guard->arena, _("the record of %s: %s"), domain,
		                                 err.text));
		return SPF_E_SYNTAX;
	}
	loaded->targets = arena_take(guard->arena,
	                             (loaded->record.term_count + 1) * sizeof(char *));
	*compiled = SPF_record_new(guard->server, NULL);
	if (!*compiled || !spf_compiler_run(guard, guard->record_count, *compiled)) {
		spf_guard_say(guard, _("the record cannot be compiled"));
		return SPF_E_INTERNAL_ERROR;
	}
	guard->record_count++;
	return SPF_E_SUCCESS;
}
