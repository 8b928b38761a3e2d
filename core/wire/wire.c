#include "core/wire/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"

static bool fail(struct wire *wire, enum wire_fault fault)
{
	wire->fault = fault;
	return false;
}

static bool wait_for(struct wire *wire, short events)
{
	struct pollfd wait = { .fd = wire->socket, .events = events };
	int64_t left = wire->deadline - clock_ticks();

	while (left > 0) {
		int ready = poll(&wait, 1, (int)left);

		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			break;
		left = wire->deadline - clock_ticks();
	}
	return fail(wire, WIRE_SILENT);
}

void wire_adopt(struct wire *wire, int socket)
{
	*wire = (struct wire){ .socket = socket };
}

void wire_hurry(struct wire *wire, int timeout)
{
	wire->deadline = clock_ticks() + timeout;
}

static bool begin(struct wire *wire, const struct sockaddr *to, socklen_t length)
{
	int fault = 0;
	socklen_t size = sizeof(fault);

	wire->socket = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (wire->socket < 0)
		return fail(wire, WIRE_UNREACHABLE);
	if (connect(wire->socket, to, length) == 0)
		return true;
	if (errno != EINPROGRESS)
		return fail(wire, errno == ECONNREFUSED ? WIRE_REFUSED : WIRE_UNREACHABLE);
	if (!wait_for(wire, POLLOUT))
		return fail(wire, WIRE_UNREACHABLE);
	(void)getsockopt(wire->socket, SOL_SOCKET, SO_ERROR, &fault, &size);
	if (fault == 0)
		return true;
	return fail(wire, fault == ECONNREFUSED ? WIRE_REFUSED : WIRE_UNREACHABLE);
}

bool wire_connect(struct wire *wire, const char *address, int port, int patience)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	wire_adopt(wire, -1);
	wire_hurry(wire, patience);
	if (inet_pton(AF_INET6, address, &six.sin6_addr) == 1)
		return begin(wire, (const struct sockaddr *)&six, sizeof(six));
	if (inet_pton(AF_INET, address, &four.sin_addr) == 1)
		return begin(wire, (const struct sockaddr *)&four, sizeof(four));
	return fail(wire, WIRE_NO_ADDRESS);
}

/* Wait for what a TLS call wants; false: it is over. */
static bool tls_again(struct wire *wire, enum tls_state state)
{
	if (state == TLS_ENDED)
		return fail(wire, WIRE_HUNG_UP);
	return wait_for(wire, state == TLS_WANTS_READ ? POLLIN : POLLOUT);
}

static bool read_some(struct wire *wire)
{
	char *to = wire->buffer + wire->filled;
	size_t room = sizeof(wire->buffer) - wire->filled;
	size_t got = 0;

	for (;;) {
		if (wire->tls) {
			enum tls_state state = tls_read(wire->tls, to, room, &got);

			if (state == TLS_DONE)
				break;
			if (!tls_again(wire, state))
				return false;
			continue;
		}
		ssize_t some = recv(wire->socket, to, room, 0);
		if (some > 0) {
			got = (size_t)some;
			break;
		}
		if (some == 0 || (errno != EAGAIN && errno != EINTR))
			return fail(wire, WIRE_HUNG_UP);
		if (!wait_for(wire, POLLIN))
			return false;
	}
	wire->filled += got;
	wire->heard += got;
	return wire->heard <= WIRE_OCTETS || fail(wire, WIRE_ENDLESS);
}

bool wire_read_line(struct wire *wire, char line[static WIRE_LINE])
{
	char *newline = memchr(wire->buffer, '\n', wire->filled);
	size_t length = 0;

	while (!newline) {
		if (wire->filled == sizeof(wire->buffer))
			return fail(wire, WIRE_ENDLESS);
		/* Who trickles octets does not get more time by it. */
		if (clock_ticks() >= wire->deadline)
			return fail(wire, WIRE_SILENT);
		if (!read_some(wire))
			return false;
		newline = memchr(wire->buffer, '\n', wire->filled);
	}
	length = (size_t)(newline - wire->buffer);
	memcpy(line, wire->buffer, length);
	wire->filled -= length + 1;
	memmove(wire->buffer, newline + 1, wire->filled);
	if (length > 0 && line[length - 1] == '\r')
		length--;
	line[length] = '\0';
	for (size_t i = 0; i < length; i++)
		if (line[i] == '\0')
			line[i] = '?';
	return true;
}

bool wire_write(struct wire *wire, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		size_t put = 0;

		if (wire->tls) {
			enum tls_state state = tls_write(wire->tls, at, size, &put);

			if (state != TLS_DONE && !tls_again(wire, state))
				return false;
		} else {
			ssize_t some = send(wire->socket, at, size, MSG_NOSIGNAL);

			if (some < 0 && errno != EAGAIN && errno != EINTR)
				return fail(wire, WIRE_HUNG_UP);
			if (some < 0 && !wait_for(wire, POLLOUT))
				return false;
			put = some > 0 ? (size_t)some : 0;
		}
		at += put;
		size -= put;
	}
	return true;
}

bool wire_shake(struct wire *wire, const struct tls_trust *trust, const char *host,
                enum tls_versions versions)
{
	enum tls_state state = TLS_ENDED;

	/* What came before the handshake came from anybody. */
	if (wire->filled > 0)
		return fail(wire, WIRE_EARLY);
	wire->tls = tls_open(trust, wire->socket, host, versions);
	if (!wire->tls)
		return fail(wire, WIRE_TLS_HERE);
	while ((state = tls_shake(wire->tls)) != TLS_DONE) {
		if (state == TLS_ENDED)
			return fail(wire, WIRE_TLS_NONE);
		if (!tls_again(wire, state))
			return false;
	}
	return true;
}

void wire_close(struct wire *wire)
{
	tls_close(wire->tls);
	if (wire->socket >= 0)
		(void)close(wire->socket);
	*wire = (struct wire){ .socket = -1 };
}

static bool is_private_four(const uint8_t a[4])
{
	return a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168)
	       || (a[0] == 100 && (a[1] & 0xc0) == 64) || (a[0] == 169 && a[1] == 254)
	       || a[0] == 127;
}

bool wire_is_private(const char *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t loopback[16] = { [15] = 1 };
	uint8_t bytes[16];

	if (inet_pton(AF_INET, address, bytes) == 1)
		return is_private_four(bytes);
	if (inet_pton(AF_INET6, address, bytes) != 1)
		return false;
	if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
		return is_private_four(bytes + 12);
	return (bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80)
	       || memcmp(bytes, loopback, sizeof(loopback)) == 0;
}
