#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/words.h"
#include "core/verify/resolver.h"

enum {
	DNS_PORT = 53,
	SERVERS_MOST = 8,
	CHANNELS_MOST = 512,
	AT_ONCE = 64, /* questions under way at one server: nobody is flooded */
	ATTEMPTS = 2,
	RECEIVE_BUFFER = 4 * 1024 * 1024,
	EVENTS = 64,
	FILES_WANTED = 8192,
	EDNS_SIZE = 1232,
	SILENT_AFTER = 2, /* unanswered questions in a row */
	TICK = 20         /* milliseconds between two looks at c-ares' timers */
};

/* One server that is being asked. */
struct channel {
	struct channel *next;
	struct resolver *resolver;
	char *server;
	ares_channel ares;
	size_t under_way;
	size_t unanswered; /* questions in a row */
	struct resolver_question *first_waiting;
	struct resolver_question *last_waiting;
};

struct resolver {
	struct arena arena;
	const char *servers[SERVERS_MOST + 1];
	int timeout; /* milliseconds for c-ares' first attempt */
	int authoritative_port;
	int epoll;
	struct channel *channels;
	size_t channel_count;
	struct channel **by_socket; /* whose socket is it? */
	size_t socket_room;
	int64_t next_tick;
	bool closing;
};

static bool parse_port(const char *text, int *port)
{
	char *end = NULL;
	long value = strtol(text, &end, 10);

	*port = (int)value;
	return *text >= '0' && *text <= '9' && *end == '\0' && value > 0 && value < 65536;
}

bool resolver_address(struct arena *arena, const char *text, int port, const char **address,
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
	*address = arena_print(arena, strchr(host, ':') ? "[%s]:%d" : "%s:%d", host, port);
	return true;
}

static void socket_state(void *data, ares_socket_t fd, int readable, int writable)
{
	struct channel *channel = data;
	struct resolver *resolver = channel->resolver;
	struct epoll_event event = { .data.fd = fd };
	size_t index = (size_t)fd;

	if (index >= resolver->socket_room) {
		size_t room = index * 2 + 64;
		struct channel **table = arena_take(&resolver->arena,
		                                    room * sizeof(struct channel *));

		if (resolver->socket_room > 0)
			memcpy(table, resolver->by_socket,
			       resolver->socket_room * sizeof(struct channel *));
		resolver->by_socket = table;
		resolver->socket_room = room;
	}
	if (readable || writable) {
		event.events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
		if (epoll_ctl(resolver->epoll, EPOLL_CTL_MOD, fd, &event) < 0 && errno == ENOENT)
			(void)epoll_ctl(resolver->epoll, EPOLL_CTL_ADD, fd, &event);
		resolver->by_socket[index] = channel;
	} else {
		(void)epoll_ctl(resolver->epoll, EPOLL_CTL_DEL, fd, &event);
		resolver->by_socket[index] = NULL;
	}
}

/* "ADDR:PORT" as we normalised it, for c-ares. */
static void set_server(ares_channel ares, const char *server)
{
	struct ares_addr_port_node node = { 0 };
	const char *colon = strrchr(server, ':');
	bool six = server[0] == '[';
	char host[INET6_ADDRSTRLEN] = "";

	(void)snprintf(host, sizeof(host), "%.*s", (int)(colon - server) - (six ? 2 : 0),
	               server + six);
	node.family = six ? AF_INET6 : AF_INET;
	(void)inet_pton(node.family, host, &node.addr);
	node.udp_port = node.tcp_port = (int)strtol(colon + 1, NULL, 10);
	(void)ares_set_servers_ports(ares, &node);
}

static bool init_ares(struct channel *channel)
{
	static char lookups[] = "b";
	static char nothing[] = "/dev/null";
	struct ares_options options = {
		.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH
		         | ARES_FLAG_NOALIASES,
		.timeout = channel->resolver->timeout,
		.tries = ATTEMPTS,
		.ednspsz = EDNS_SIZE,
		.socket_receive_buffer_size = RECEIVE_BUFFER,
		.sock_state_cb = socket_state,
		.sock_state_cb_data = channel,
		.lookups = lookups,
		.resolvconf_path = nothing,
	};

	return ares_init_options(&channel->ares, &options,
	                         ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES
	                                 | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_RCVBUF
	                                 | ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS
	                                 | ARES_OPT_RESOLVCONF)
	       == ARES_SUCCESS;
}

static void close_channel(struct channel *channel)
{
	if (channel->ares)
		ares_destroy(channel->ares);
	free(channel->server);
	free(channel);
}

/* Make room: servers that were asked and have nothing to do any more. */
static void close_idle(struct resolver *resolver)
{
	struct channel **place = &resolver->channels;

	while (*place) {
		struct channel *channel = *place;

		if (channel->under_way > 0) {
			place = &channel->next;
			continue;
		}
		*place = channel->next;
		resolver->channel_count--;
		close_channel(channel);
	}
}

static struct channel *find_channel(struct resolver *resolver, const char *server)
{
	struct channel *channel = resolver->channels;

	while (channel && strcmp(channel->server, server) != 0)
		channel = channel->next;
	if (channel)
		return channel;
	if (resolver->channel_count >= CHANNELS_MOST)
		close_idle(resolver);
	channel = calloc(1, sizeof(*channel));
	if (!channel)
		return NULL;
	channel->resolver = resolver;
	channel->server = strdup(server);
	if (!channel->server || !init_ares(channel)) {
		close_channel(channel);
		return NULL;
	}
	set_server(channel->ares, server);
	channel->next = resolver->channels;
	resolver->channels = channel;
	resolver->channel_count++;
	return channel;
}

static void finish(struct resolver_question *question)
{
	question->answer.server = question->server;
	question->answer.at = clock_now();
	question->done(question);
}

static void finish_without(struct resolver_question *question, enum dns_outcome outcome)
{
	question->answer = (struct dns_answer){ .outcome = outcome, .last_name = question->name };
	finish(question);
}

static void start(struct channel *channel, struct resolver_question *question);

static void start_waiting(struct channel *channel)
{
	while (channel->first_waiting && channel->under_way < AT_ONCE) {
		struct resolver_question *question = channel->first_waiting;

		channel->first_waiting = question->next;
		if (!channel->first_waiting)
			channel->last_waiting = NULL;
		start(channel, question);
	}
}

static void arrived(void *data, int status, int timeouts, unsigned char *bytes, int size)
{
	struct resolver_question *question = data;
	struct channel *channel = question->channel;

	UNUSED(timeouts);
	if (channel->resolver->closing)
		return;
	channel->under_way--;
	channel->unanswered = status == ARES_SUCCESS ? 0 : channel->unanswered + 1;
	if (status == ARES_SUCCESS) {
		dns_message_read(question->arena, bytes, (size_t)size, question->name,
		                 question->type, &question->answer);
		finish(question);
	} else if (status == ARES_ETIMEOUT) {
		finish_without(question, DNS_TIMEOUT);
	} else if (status == ARES_ECONNREFUSED) {
		finish_without(question, DNS_UNREACHABLE);
	} else {
		finish_without(question, DNS_GARBLED);
	}
	start_waiting(channel);
}

static void start(struct channel *channel, struct resolver_question *question)
{
	uint8_t message[512];
	size_t size = 0;
	uint16_t id = 0;

	if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id))
		id = (uint16_t)clock_ticks();
	question->channel = channel;
	if (!dns_message_build(question->name, question->type, id, question->recursion, message,
	                       &size)) {
		finish_without(question, DNS_IMPOSSIBLE);
		return;
	}
	channel->under_way++;
	ares_send(channel->ares, message, (int)size, arrived, question);
}

void resolver_send(struct resolver *resolver, struct resolver_question *question)
{
	struct channel *channel = find_channel(resolver, question->server);

	question->next = NULL;
	question->resolver = resolver;
	if (!channel) {
		finish_without(question, DNS_UNREACHABLE);
	} else if (channel->under_way < AT_ONCE) {
		start(channel, question);
	} else {
		if (channel->last_waiting)
			channel->last_waiting->next = question;
		else
			channel->first_waiting = question;
		channel->last_waiting = question;
	}
}

/* c-ares has timers and no way to wait for the next one; it is asked often. */
static void tick(struct resolver *resolver)
{
	int64_t now = clock_ticks();

	if (now < resolver->next_tick)
		return;
	resolver->next_tick = now + TICK;
	for (struct channel *channel = resolver->channels; channel; channel = channel->next)
		if (channel->under_way > 0)
			ares_process_fd(channel->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void resolver_turn(struct resolver *resolver, int milliseconds)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(resolver->epoll, events, EVENTS,
	                       milliseconds < TICK ? milliseconds : TICK);

	for (int i = 0; i < count; i++) {
		int fd = events[i].data.fd;
		struct channel *channel = resolver->by_socket[fd];
		bool out = (events[i].events & EPOLLOUT) != 0;
		bool in = (events[i].events & ~(uint32_t)EPOLLOUT) != 0;

		if (channel)
			ares_process_fd(channel->ares, in ? fd : ARES_SOCKET_BAD,
			                out ? fd : ARES_SOCKET_BAD);
	}
	tick(resolver);
}

/* The servers of /etc/resolv.conf, as c-ares reads them. */
static bool system_servers(struct resolver *resolver, struct err *err)
{
	ares_channel ares = NULL;
	struct ares_addr_port_node *nodes = NULL;
	size_t count = 0;

	if (ares_init(&ares) != ARES_SUCCESS
	    || ares_get_servers_ports(ares, &nodes) != ARES_SUCCESS) {
		if (ares)
			ares_destroy(ares);
		return err_set(err, ERR_DNS, _("the system has no DNS resolvers"));
	}
	for (const struct ares_addr_port_node *node = nodes; node && count < SERVERS_MOST;
	     node = node->next) {
		char host[INET6_ADDRSTRLEN];

		if (inet_ntop(node->family, &node->addr, host, sizeof(host)))
			resolver->servers[count++] =
				arena_print(&resolver->arena,
			                    node->family == AF_INET6 ? "[%s]:%d" : "%s:%d", host,
			                    node->udp_port ? node->udp_port : DNS_PORT);
	}
	ares_free_data(nodes);
	ares_destroy(ares);
	return true;
}

static bool take_settings(struct resolver *resolver, const struct resolver_settings *settings,
                          struct err *err)
{
	double seconds = settings->timeout > 0 ? settings->timeout : 5.0;

	/* c-ares doubles with each attempt: t, then 2 t. */
	resolver->timeout = (int)(seconds * 1000.0 / 3.0);
	if (resolver->timeout < 1)
		resolver->timeout = 1;
	resolver->authoritative_port = settings->authoritative_port ? settings->authoritative_port
	                                                            : DNS_PORT;
	if (settings->server_count > SERVERS_MOST)
		return err_set(err, ERR_USAGE, _("at most %d resolvers can be asked"),
		               SERVERS_MOST);
	for (size_t i = 0; i < settings->server_count; i++)
		if (!resolver_address(&resolver->arena, settings->servers[i], DNS_PORT,
		                      &resolver->servers[i], err))
			return false;
	return settings->server_count > 0 || system_servers(resolver, err);
}

/* Hundreds of servers are asked at once, and each wants a socket. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= FILES_WANTED)
		return;
	limit.rlim_cur = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

bool resolver_open(struct resolver **opened, const struct resolver_settings *settings,
                   struct err *err)
{
	struct resolver *resolver = NULL;

	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		return err_set(err, ERR_SYSTEM, _("the resolver library does not start"));
	raise_file_limit();
	resolver = calloc(1, sizeof(*resolver));
	if (!resolver)
		return err_errno(err, _("cannot open a resolver"));
	resolver->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (resolver->epoll < 0 || !take_settings(resolver, settings, err)) {
		if (resolver->epoll < 0)
			(void)err_errno(err, _("cannot open a resolver"));
		resolver_close(resolver);
		return false;
	}
	*opened = resolver;
	return true;
}

void resolver_close(struct resolver *resolver)
{
	if (!resolver)
		return;
	resolver->closing = true;
	while (resolver->channels) {
		struct channel *channel = resolver->channels;

		resolver->channels = channel->next;
		close_channel(channel);
	}
	if (resolver->epoll >= 0)
		(void)close(resolver->epoll);
	arena_reset(&resolver->arena);
	free(resolver);
	ares_library_cleanup();
}

const char *resolver_server(const struct resolver *resolver, size_t index)
{
	return index < SERVERS_MOST ? resolver->servers[index] : NULL;
}

bool resolver_is_silent(const struct resolver *resolver, const char *server)
{
	const struct channel *channel = resolver->channels;

	while (channel && strcmp(channel->server, server) != 0)
		channel = channel->next;
	return channel && channel->unanswered >= SILENT_AFTER;
}

const char *resolver_authority(const struct resolver *resolver, struct arena *arena,
                               const char *address)
{
	return arena_print(arena, strchr(address, ':') ? "[%s]:%d" : "%s:%d", address,
	                   resolver->authoritative_port);
}
