#include "core/verify/spf_client.h"

#include <arpa/inet.h>
#include <string.h>

static const char *nibbles(struct arena *arena, const uint8_t address[16])
{
	char *text = arena_take(arena, 64);

	for (size_t i = 0; i < 32; i++) {
		unsigned nibble = i % 2 ? address[i / 2] & 15U : (unsigned)address[i / 2] >> 4;

		text[2 * i] = "0123456789ABCDEF"[nibble];
		text[2 * i + 1] = i < 31 ? '.' : '\0';
	}
	return text;
}

bool spf_client_read(struct spf_guard *guard, const char *text)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	uint8_t six[16];
	char *pretty = arena_take(guard->arena, INET6_ADDRSTRLEN);

	guard->family = AF_INET;
	if (inet_pton(AF_INET, text, guard->address) != 1) {
		if (inet_pton(AF_INET6, text, six) != 1)
			return false;
		guard->family = memcmp(six, mapped, sizeof(mapped)) == 0 ? AF_INET : AF_INET6;
		memcpy(guard->address, guard->family == AF_INET ? six + 12 : six,
		       spf_guard_address_size(guard));
	}
	spf_guard_address_text(guard->family, guard->address, pretty);
	guard->values.address = pretty;
	if (guard->family == AF_INET) {
		guard->values.address_labels = pretty;
		guard->values.family = "in-addr";
	} else {
		guard->values.address_labels = nibbles(guard->arena, guard->address);
		guard->values.family = "ip6";
	}
	return true;
}

void spf_client_read_sender(struct spf_guard *guard, const struct spf_check_request *request)
{
	const char *sender = request->mail_from && *request->mail_from ? request->mail_from
	                                                               : request->helo;
	const char *at = strrchr(sender, '@');

	guard->values.local_part = at && at > sender ? arena_copy_part(guard->arena, sender,
	                                                               (size_t)(at - sender))
	                                             : "postmaster";
	guard->values.sender_domain = at ? at + 1 : sender;
	guard->values.sender = arena_print(guard->arena, "%s@%s", guard->values.local_part,
	                                   guard->values.sender_domain);
	guard->values.helo = request->helo;
	guard->values.receiver = request->receiver;
	guard->values.now = request->now;
}
