#include "core/verify/server_address.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/words.h"

static bool parse_port(const char *text, int *port)
{
	char *end = NULL;
	long value = strtol(text, &end, 10);

	*port = (int)value;
	return *text >= '0' && *text <= '9' && *end == '\0' && value > 0 && value < 65536;
}

bool server_address_parse(struct arena *arena, const char *text, int port, const char **address,
                          struct err *err)
{
	bool bracket = text[0] == '[';
	size_t length = bracket ? strcspn(text + 1, "]") : strcspn(text, ":");
	const char *host = arena_copy_part(arena, text + bracket, length);
	const char *rest = text + bracket + length;
	uint8_t bytes[16];

	if (bracket && *rest == ']')
		rest++;
	if (!bracket && inet_pton(AF_INET6, text, bytes) == 1) {
		host = text;
		rest = "";
	}
	if (*rest == ':' && !parse_port(rest + 1, &port))
		return err_set(err, ERR_USAGE, _("\"%s\" is not a port"), rest + 1);
	if ((*rest != ':' && *rest != '\0')
	    || inet_pton(strchr(host, ':') ? AF_INET6 : AF_INET, host, bytes) != 1) {
		(void)err_set(err, ERR_USAGE, _("\"%s\" is not the address of a DNS server"), text);
		return err_hint(err, _("write 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353"));
	}
	*address = server_address_render(arena, host, port);
	return true;
}

const char *server_address_render(struct arena *arena, const char *host, int port)
{
	return arena_print(arena, strchr(host, ':') != NULL ? "[%s]:%d" : "%s:%d", host, port);
}
