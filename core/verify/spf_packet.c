#include "core/verify/spf_packet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static const uint32_t NO_TEXT = UINT32_MAX;

void spf_packet_put_bytes(struct spf_packet *packet, const void *bytes, size_t size)
{
	if ((size_t)(packet->end - packet->at) < size) {
		packet->bad = true;
		return;
	}
	if (size > 0)
		memcpy(packet->at, bytes, size);
	packet->at += size;
}

void spf_packet_put_number(struct spf_packet *packet, uint32_t number)
{
	spf_packet_put_bytes(packet, &number, sizeof(number));
}

void spf_packet_put_part(struct spf_packet *packet, const char *text, size_t length)
{
	spf_packet_put_number(packet, (uint32_t)length);
	spf_packet_put_bytes(packet, text, length);
}

void spf_packet_put_text(struct spf_packet *packet, const char *text)
{
	if (text)
		spf_packet_put_part(packet, text, strlen(text));
	else
		spf_packet_put_number(packet, NO_TEXT);
}

void spf_packet_get_bytes(struct spf_packet *packet, void *bytes, size_t size)
{
	if ((size_t)(packet->end - packet->at) < size) {
		packet->bad = true;
		memset(bytes, 0, size);
		return;
	}
	memcpy(bytes, packet->at, size);
	packet->at += size;
}

uint32_t spf_packet_get_number(struct spf_packet *packet)
{
	uint32_t number = 0;

	spf_packet_get_bytes(packet, &number, sizeof(number));
	return number;
}

const char *spf_packet_get_part(struct spf_packet *packet, struct arena *arena, size_t *length)
{
	uint32_t size = spf_packet_get_number(packet);
	char *text = NULL;

	*length = 0;
	if (size == NO_TEXT || packet->bad)
		return NULL;
	if ((size_t)(packet->end - packet->at) < size) {
		packet->bad = true;
		return NULL;
	}
	text = arena_copy_part(arena, (const char *)packet->at, size);
	packet->at += size;
	*length = size;
	return text;
}

const char *spf_packet_get_text(struct spf_packet *packet, struct arena *arena)
{
	size_t length = 0;

	return spf_packet_get_part(packet, arena, &length);
}

struct spf_packet spf_packet_begin(uint8_t *bytes, char kind)
{
	struct spf_packet packet = { bytes, bytes + SPF_PACKET_MOST, false };

	spf_packet_put_bytes(&packet, &kind, 1);
	return packet;
}

bool spf_packet_send(int fd, const uint8_t *bytes, const struct spf_packet *packet)
{
	size_t size = (size_t)(packet->at - bytes);

	return !packet->bad && send(fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* The next packet, of which `kind` is the first octet. */
bool spf_packet_receive(int fd, uint8_t *bytes, struct spf_packet *packet, char *kind)
{
	ssize_t size = 0;

	do
		size = recv(fd, bytes, SPF_PACKET_MOST, 0);
	while (size < 0 && errno == EINTR);
	if (size < 1)
		return false;
	*kind = (char)bytes[0];
	*packet = (struct spf_packet){ bytes + 1, bytes + size, false };
	return true;
}
