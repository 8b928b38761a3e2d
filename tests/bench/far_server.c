/*
 * far_server -- makes a name server of this machine seem far away: each packet to
 * it and from it waits on the road.  For machines whose kernel has no netem.
 *
 *   far_server PORT SERVER_PORT MILLISECONDS
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROAD = 16384, PACKET_MOST = 1472, TRAVELLERS = 64, BUFFER = 8 * 1024 * 1024 };

/* Somebody who asks, and the socket that asks the server for it. */
struct traveller {
	struct sockaddr_in address;
	int socket;
};

struct packet {
	int64_t due; /* microseconds */
	size_t traveller;
	bool back; /* the server's answer */
	size_t size;
	uint8_t bytes[PACKET_MOST];
};

static int listener;
static struct sockaddr_in server;
static int64_t delay;
static struct traveller travellers[TRAVELLERS];
static size_t traveller_count;
static struct packet road[ROAD]; /* a ring: all take equally long */
static size_t first, last;

static int64_t now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static int open_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	int room = BUFFER;

	if (fd < 0)
		exit(1);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
	return fd;
}

/* Who asks from a new port takes the place of the oldest. */
static size_t find_traveller(const struct sockaddr_in *address)
{
	size_t i = 0;

	while (i < TRAVELLERS && travellers[i].address.sin_port != address->sin_port)
		i++;
	if (i < TRAVELLERS)
		return i;
	i = traveller_count++ % TRAVELLERS;
	if (travellers[i].address.sin_port != 0)
		(void)close(travellers[i].socket);
	travellers[i] = (struct traveller){ *address, open_socket() };
	(void)connect(travellers[i].socket, (struct sockaddr *)&server, sizeof server);
	return i;
}

/* Everything that has come to one socket sets out. */
static void set_out(int fd, bool back, size_t traveller)
{
	while (last - first < ROAD) {
		struct packet *packet = &road[last % ROAD];
		struct sockaddr_in from = { 0 };
		socklen_t length = sizeof from;
		ssize_t size = recvfrom(fd, packet->bytes, PACKET_MOST, 0, (struct sockaddr *)&from,
		                        &length);

		if (size < 0)
			return;
		packet->traveller = back ? traveller : find_traveller(&from);
		packet->back = back;
		packet->size = (size_t)size;
		packet->due = now() + delay;
		last++;
	}
}

static void arrive(const struct packet *packet)
{
	const struct traveller *traveller = &travellers[packet->traveller];

	if (packet->back)
		(void)sendto(listener, packet->bytes, packet->size, 0,
		             (const struct sockaddr *)&traveller->address,
		             sizeof traveller->address);
	else
		(void)send(traveller->socket, packet->bytes, packet->size, 0);
}

static void wait_for_traffic(void)
{
	struct pollfd fds[TRAVELLERS + 1] = { { .fd = listener, .events = POLLIN } };
	size_t count = traveller_count < TRAVELLERS ? traveller_count : TRAVELLERS;
	struct timespec until = { .tv_sec = 1 };

	for (size_t i = 0; i < count; i++)
		fds[i + 1] = (struct pollfd){ .fd = travellers[i].socket, .events = POLLIN };
	if (first != last) {
		int64_t left = road[first % ROAD].due - now();

		until = (struct timespec){ .tv_nsec = left > 0 ? left * 1000 : 0 };
	}
	(void)ppoll(fds, (nfds_t)count + 1, &until, NULL);
	if (fds[0].revents)
		set_out(listener, false, 0);
	for (size_t i = 0; i < count; i++)
		if (fds[i + 1].revents)
			set_out(travellers[i].socket, true, i);
}

static struct sockaddr_in local(const char *port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		                     .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
		                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	struct sockaddr_in here = local(argv[1]);

	server = local(argv[2]);
	delay = strtol(argv[3], NULL, 10) * 1000;
	listener = open_socket();
	if (bind(listener, (struct sockaddr *)&here, sizeof here) < 0)
		return 1;
	for (;;) {
		wait_for_traffic();
		for (int64_t time = now(); first != last && road[first % ROAD].due <= time; first++)
			arrive(&road[first % ROAD]);
	}
}
