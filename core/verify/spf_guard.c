#include "core/verify/spf_guard.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "core/base/text.h"
#include "core/base/words.h"

bool spf_guard_read(struct spf_guard *guard, const struct dns_record *text,
                    struct spf_guard_record *loaded, struct err *err)
{
	struct spf_guard_shelf *shelf = guard->shelf;
	struct spf_guard_reading *reading = shelf->readings;

	while (reading && reading->text != text->text)
		reading = reading->next;
	if (!reading) {
		if (!spf_record_parse(shelf->arena, text->text, text->text_length, &loaded->record,
		                      err))
			return false;
		reading = arena_take(shelf->arena, sizeof(*reading));
		*reading = (struct spf_guard_reading){ .next = shelf->readings,
			                               .text = text->text,
			                               .record = loaded->record };
		shelf->readings = reading;
	}
	loaded->record = reading->record;
	loaded->reading = reading;
	return true;
}

void spf_guard_say(struct spf_guard *guard, const char *problem)
{
	if (!guard->verdict->problem)
		guard->verdict->problem = problem;
}

void spf_guard_exceed(struct spf_guard *guard, const char *problem)
{
	guard->over = true;
	spf_guard_say(guard, problem);
}

void spf_guard_note(struct spf_guard *guard, const char *text)
{
	if (guard->step_count > 0)
		guard->steps[guard->step_count - 1].note = text;
}

void spf_guard_note_addresses(struct spf_guard *guard, size_t count)
{
	if (!guard->shelf->quiet)
		spf_guard_note(guard,
		               arena_print(guard->arena,
		                           ngettext("%zu address", "%zu addresses", count), count));
}

const struct dns_answer *spf_guard_ask(struct spf_guard *guard, const char *name, int type)
{
	static const struct dns_answer nothing = { .outcome = DNS_NO_NAME };
	const struct dns_answer *answer = NULL;
	const char *canonical = NULL;

	if (guard->over || guard->incomplete)
		return NULL;
	/* "cannot be composed": RFC 7208 4.3 lets such a name not exist. */
	if (!dns_message_raw_name(guard->arena, name, &canonical))
		return &nothing;
	answer = guard->source->ask(guard->source->context, canonical, type);
	if (!answer)
		guard->incomplete = true;
	return answer;
}

bool spf_guard_is_void(const struct dns_answer *answer)
{
	return answer->outcome == DNS_NO_NAME || answer->outcome == DNS_NO_DATA
	       || answer->outcome == DNS_IMPOSSIBLE;
}

const struct dns_answer *spf_guard_ask_term(struct spf_guard *guard, const char *name, int type)
{
	const struct dns_answer *answer = spf_guard_ask(guard, name, type);

	if (!answer || !spf_guard_is_void(answer))
		return answer;
	if (++guard->verdict->voids > SPF_VOIDS_MOST) {
		spf_guard_exceed(
			guard, arena_print(guard->arena,
		                           _("more than %d look-ups found nothing (void lookups)"),
		                           SPF_VOIDS_MOST));
		return NULL;
	}
	return answer;
}

int spf_guard_address_type(const struct spf_guard *guard)
{
	return guard->family == AF_INET ? DNS_A : DNS_AAAA;
}

size_t spf_guard_address_size(const struct spf_guard *guard)
{
	return guard->family == AF_INET ? 4 : 16;
}

int spf_guard_prefix(const struct spf_guard *guard, const struct spf_term *term)
{
	return guard->family == AF_INET ? term->prefix4 : term->prefix6;
}

void spf_guard_address_text(int family, const uint8_t *address, char text[INET6_ADDRSTRLEN])
{
	if (!inet_ntop(family, address, text, INET6_ADDRSTRLEN))
		text[0] = '\0';
}

static const char *reverse_nibbles(struct arena *arena, const uint8_t address[16])
{
	char *text = arena_take(arena, 64);

	for (size_t i = 0; i < 32; i++) {
		unsigned octet = address[15 - i / 2];

		text[2 * i] = "0123456789abcdef"[i % 2 ? octet >> 4 : octet & 15U];
		text[2 * i + 1] = i < 31 ? '.' : '\0';
	}
	return text;
}

const char *spf_guard_reverse(struct spf_guard *guard)
{
	const uint8_t *a = guard->address;

	if (!guard->reverse && guard->family == AF_INET)
		guard->reverse = arena_print(guard->arena, "%u.%u.%u.%u.in-addr.arpa", a[3], a[2],
		                             a[1], a[0]);
	else if (!guard->reverse)
		guard->reverse = arena_print(guard->arena, "%s.ip6.arpa",
		                             reverse_nibbles(guard->arena, a));
	return guard->reverse;
}

static bool holds_client(const struct spf_guard *guard, const struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->record_count; i++)
		if (memcmp(answer->records[i].address, guard->address,
		           spf_guard_address_size(guard))
		    == 0)
			return true;
	return false;
}

bool spf_guard_is_below(const char *name, const char *domain)
{
	size_t length = strlen(name);
	size_t tail = strlen(domain);

	if (tail > 0 && domain[tail - 1] == '.')
		tail--;
	return length >= tail && strncasecmp(name + length - tail, domain, tail) == 0
	       && (length == tail || name[length - tail - 1] == '.');
}

/* %{p} (section 7.3): a validated name; the domain itself before one below it
 * before any other.  "unknown" when there is none, or when DNS fails. */
static const char *validated_name(struct spf_guard *guard, const char *domain)
{
	const struct dns_answer *names = spf_guard_ask_term(guard, spf_guard_reverse(guard),
	                                                    DNS_PTR);
	const char *best = NULL;
	int best_rank = 0;

	if (!names || names->outcome != DNS_FOUND)
		return NULL;
	for (size_t i = 0; i < names->record_count && i < SPF_NAMES_MOST; i++) {
		const char *name = names->records[i].text;
		const struct dns_answer *answer = spf_guard_ask_term(guard, name,
		                                                     spf_guard_address_type(guard));
		int rank = strcasecmp(name, domain) == 0      ? 3
		           : spf_guard_is_below(name, domain) ? 2
		                                              : 1;

		if (!answer)
			return NULL;
		if (answer->outcome == DNS_FOUND && holds_client(guard, answer)
		    && rank > best_rank) {
			best = name;
			best_rank = rank;
		}
	}
	return best;
}

const char *spf_guard_expand(struct spf_guard *guard, const char *domain, const char *spec,
                             enum spf_macro_place place)
{
	struct text out = { 0 };
	struct err err = { 0 };
	const char *result = NULL;

	/* Most names are plain. */
	if (place == SPF_MACRO_DOMAIN && !strchr(spec, '%'))
		return spf_macro_trim(spec);
	guard->values.domain = domain;
	if (spf_macro_uses(spec, strlen(spec), 'p'))
		guard->values.validated = validated_name(guard, domain);
	if (spf_macro_expand(spec, strlen(spec), place, &guard->values, &out, &err)) {
		const char *text = text_string(&out);

		result = arena_copy(guard->arena,
		                    place == SPF_MACRO_DOMAIN ? spf_macro_trim(text) : text);
	}
	text_free(&out);
	return result;
}

const char *spf_guard_target(struct spf_guard *guard, size_t record, size_t term)
{
	struct spf_guard_record *loaded = &guard->records[record];
	const struct spf_term *written = &loaded->record.terms[term];

	if (!loaded->targets[term]) {
		const char *target = written->domain
		                             ? spf_guard_expand(guard, loaded->domain,
		                                                written->domain, SPF_MACRO_DOMAIN)
		                             : loaded->domain;

		loaded->targets[term] = target ? target : "";
		if (guard->step_count > 0 && written->domain)
			guard->steps[guard->step_count - 1].target = loaded->targets[term];
	}
	return loaded->targets[term];
}
