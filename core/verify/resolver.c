#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/rate.h"
#include "core/base/words.h"
#include "core/verify/answer_memory.h"
#include "core/verify/query_id.h"
#include "core/verify/resolver.h"
#include "core/verify/send_window.h"
#include "core/verify/server_address.h"

enum {
	DNS_PORT = 53,
	SERVERS_MOST = 8,
	CHANNELS_MOST = 512,
	ATTEMPTS = 2,
	RECEIVE_BUFFER = 4 * 1024 * 1024,
	EVENTS = 64,
	FILES_WANTED = 8192,
	EDNS_SIZE = 1232,
	BUCKETS = 512,
	SILENT_AFTER = 2, /* unanswered questions in a row */
	DEAD_AFTER = 6,   /* that many, and a responsible server is left alone */
	DEAD_FOR = 10000, /* milliseconds; then one more question is risked */
	TICK = 20         /* milliseconds between two looks at c-ares' timers */
};

/* One server that is being asked. */
struct channel {
	struct channel *next;
	struct resolver *resolver;
	char *server;
	ares_channel ares;
	size_t under_way;
	struct send_window window;
	size_t unanswered; /* questions in a row */
	int64_t dead_until;
	bool recursive;
	struct resolver_question *first_waiting;
	struct resolver_question *last_waiting;
};

struct resolver {
	struct arena arena;
	const char *servers[SERVERS_MOST + 1];
	int timeout; /* milliseconds for c-ares' first attempt */
	int authoritative_port;
	size_t per_server; /* 0: as its window allows */
	int epoll;
	struct channel *channels[BUCKETS];
	size_t channel_count;
	struct answer_memory *memory;
	size_t questions;
	bool quick;
	struct rate rate;                     /* of all questions together */
	struct resolver_question *first_held; /* by the rate */
	struct resolver_question *last_held;
	struct channel **by_socket; /* whose socket is it? */
	size_t socket_room;
	int64_t next_tick;
	struct query_ids ids;
	bool closing;
};

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
	for (size_t i = 0; i < BUCKETS; i++) {
		struct channel **place = &resolver->channels[i];

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
}

static size_t bucket_of(const char *server)
{
	size_t value = 0;

	for (; *server; server++)
		value = value * 31 + (unsigned char)*server;
	return value % BUCKETS;
}

static struct channel *known_channel(const struct resolver *resolver, const char *server)
{
	struct channel *channel = resolver->channels[bucket_of(server)];

	while (channel && strcmp(channel->server, server) != 0)
		channel = channel->next;
	return channel;
}

static struct channel *find_channel(struct resolver *resolver, const char *server)
{
	struct channel *channel = known_channel(resolver, server);

	if (channel)
		return channel;
	if (resolver->channel_count >= CHANNELS_MOST)
		close_idle(resolver);
	channel = calloc(1, sizeof(*channel));
	if (!channel)
		return NULL;
	channel->resolver = resolver;
	channel->window = send_window_begin();
	channel->server = strdup(server);
	if (!channel->server || !init_ares(channel)) {
		close_channel(channel);
		return NULL;
	}
	set_server(channel->ares, server);
	channel->next = resolver->channels[bucket_of(server)];
	resolver->channels[bucket_of(server)] = channel;
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

static bool is_dead(const struct channel *channel)
{
	return clock_ticks() < channel->dead_until;
}

/* A dead server costs its first questions a wait, not all of them. */
static void give_up_waiting(struct channel *channel)
{
	struct resolver_question *question = channel->first_waiting;

	channel->first_waiting = channel->last_waiting = NULL;
	while (question) {
		struct resolver_question *next = question->next;

		finish_without(question, DNS_TIMEOUT);
		question = next;
	}
}

/* As many as it has shown to bear, and never more than we were told. */
static size_t most_under_way(const struct channel *channel)
{
	size_t said = channel->resolver->per_server;

	return said > 0 && said < channel->window.size ? said : channel->window.size;
}

static void start_waiting(struct channel *channel)
{
	while (channel->first_waiting && channel->under_way < most_under_way(channel)) {
		struct resolver_question *question = channel->first_waiting;

		channel->first_waiting = question->next;
		if (!channel->first_waiting)
			channel->last_waiting = NULL;
		start(channel, question);
	}
}

static void read_answer(struct resolver_question *question, const uint8_t *bytes, size_t size)
{
	dns_message_read(question->arena, bytes, size, question->name, question->type,
	                 &question->answer);
	finish(question);
}

static void deliver_one(struct resolver_question *question, enum dns_outcome outcome,
                        const uint8_t *bytes, size_t size)
{
	if (bytes)
		read_answer(question, bytes, size);
	else
		finish_without(question, outcome);
}

/* To the one that was sent, and to those that wait for the same.  `outcome` is
 * why there are no bytes. */
static void deliver(struct resolver_question *question, enum dns_outcome outcome,
                    const uint8_t *bytes, size_t size)
{
	struct resolver_question *waiting = NULL;

	deliver_one(question, outcome, bytes, size);
	if (!question->recursion)
		return;
	waiting = answer_memory_take(question->resolver->memory, question,
	                             dns_message_definite(&question->answer) ? bytes : NULL, size,
	                             question->answer.ttl, clock_ticks());
	while (waiting) {
		struct resolver_question *next = waiting->next;

		deliver_one(waiting, outcome, bytes, size);
		waiting = next;
	}
}

static enum dns_outcome outcome_of(int status)
{
	return status == ARES_ETIMEOUT       ? DNS_TIMEOUT
	       : status == ARES_ECONNREFUSED ? DNS_UNREACHABLE
	                                     : DNS_GARBLED;
}

static void arrived(void *data, int status, int timeouts, unsigned char *bytes, int size)
{
	struct resolver_question *question = data;
	struct channel *channel = question->channel;

	if (channel->resolver->closing)
		return;
	channel->under_way--;
	if (status == ARES_SUCCESS && timeouts == 0)
		send_window_answered(&channel->window, clock_ticks() - question->sent_at,
		                     channel->first_waiting != NULL);
	else
		send_window_lost(&channel->window);
	channel->unanswered = status == ARES_SUCCESS ? 0 : channel->unanswered + 1;
	/* A resolver that is slow about one name is not dead. */
	if (channel->unanswered >= DEAD_AFTER && !channel->recursive)
		channel->dead_until = clock_ticks() + DEAD_FOR;
	deliver(question, outcome_of(status), status == ARES_SUCCESS ? bytes : NULL, (size_t)size);
	if (is_dead(channel))
		give_up_waiting(channel);
	start_waiting(channel);
}

static void start(struct channel *channel, struct resolver_question *question)
{
	uint8_t message[512];
	size_t size = 0;

	question->channel = channel;
	if (!dns_message_build(question->name, question->type,
	                       query_id_take(&channel->resolver->ids), question->recursion, message,
	                       &size)) {
		deliver(question, DNS_IMPOSSIBLE, NULL, 0);
		return;
	}
	channel->under_way++;
	channel->resolver->questions++;
	question->sent_at = clock_ticks();
	ares_send(channel->ares, message, (int)size, arrived, question);
}

static void send_now(struct resolver *resolver, struct resolver_question *question)
{
	struct channel *channel = find_channel(resolver, question->server);

	question->next = NULL;
	if (!channel) {
		deliver(question, DNS_UNREACHABLE, NULL, 0);
		return;
	}
	channel->recursive = channel->recursive || question->recursion;
	if (is_dead(channel)) {
		deliver(question, DNS_TIMEOUT, NULL, 0);
	} else if (channel->under_way < most_under_way(channel)) {
		start(channel, question);
	} else {
		if (channel->last_waiting)
			channel->last_waiting->next = question;
		else
			channel->first_waiting = question;
		channel->last_waiting = question;
	}
}

static void send_held(struct resolver *resolver)
{
	while (resolver->first_held && rate_take(&resolver->rate, clock_ticks())) {
		struct resolver_question *question = resolver->first_held;

		resolver->first_held = question->next;
		if (!resolver->first_held)
			resolver->last_held = NULL;
		send_now(resolver, question);
	}
}

void resolver_send(struct resolver *resolver, struct resolver_question *question)
{
	const uint8_t *bytes = NULL;
	size_t size = 0;

	question->resolver = resolver;
	question->next = NULL;
	if (question->recursion) {
		enum answer_memory_state state = answer_memory_ask(resolver->memory, question,
		                                                   clock_ticks(), &bytes, &size);

		if (state == ANSWER_KNOWN)
			read_answer(question, bytes, size);
		if (state != ANSWER_UNKNOWN)
			return;
	}
	if (!resolver->first_held && rate_take(&resolver->rate, clock_ticks())) {
		send_now(resolver, question);
		return;
	}
	if (resolver->last_held)
		resolver->last_held->next = question;
	else
		resolver->first_held = question;
	resolver->last_held = question;
}

/* c-ares has timers and no way to wait for the next one; it is asked often. */
static void tick(struct resolver *resolver)
{
	int64_t now = clock_ticks();

	if (now < resolver->next_tick)
		return;
	resolver->next_tick = now + TICK;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct channel *channel = resolver->channels[i]; channel;
		     channel = channel->next)
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
	/* Before all that has arrived is read, nobody is late: we may be the slow one. */
	if (count < EVENTS)
		tick(resolver);
	send_held(resolver);
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
				server_address_render(&resolver->arena, host,
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
	resolver->rate.per_second = settings->rate;
	resolver->per_server = settings->per_server;
	resolver->quick = settings->quick;
	resolver->authoritative_port = settings->authoritative_port ? settings->authoritative_port
	                                                            : DNS_PORT;
	if (settings->server_count > SERVERS_MOST)
		return err_set(err, ERR_USAGE, _("at most %d resolvers can be asked"),
		               SERVERS_MOST);
	for (size_t i = 0; i < settings->server_count; i++)
		if (!server_address_parse(&resolver->arena, settings->servers[i], DNS_PORT,
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
	resolver->memory = answer_memory_open();
	if (resolver->epoll < 0 || !resolver->memory || !take_settings(resolver, settings, err)) {
		if (resolver->epoll < 0 || !resolver->memory)
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
	for (size_t i = 0; i < BUCKETS; i++)
		while (resolver->channels[i]) {
			struct channel *channel = resolver->channels[i];

			resolver->channels[i] = channel->next;
			close_channel(channel);
		}
	answer_memory_close(resolver->memory);
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
	const struct channel *channel = known_channel(resolver, server);

	return channel && channel->unanswered >= SILENT_AFTER;
}

bool resolver_is_behind(const struct resolver *resolver)
{
	bool behind = resolver->first_held != NULL;

	for (size_t i = 0; !behind && resolver->servers[i]; i++) {
		const struct channel *channel = known_channel(resolver, resolver->servers[i]);

		behind = channel && channel->first_waiting;
	}
	return behind;
}

size_t resolver_questions(const struct resolver *resolver)
{
	return resolver->questions;
}

bool resolver_is_quick(const struct resolver *resolver)
{
	return resolver->quick;
}

const char *resolver_authority(const struct resolver *resolver, struct arena *arena,
                               const char *address)
{
	return server_address_render(arena, address, resolver->authoritative_port);
}
