#include "core/base/clock.h"
#include "core/verify/inquiry.h"

enum {
	BUCKETS = 64,
	ROUNDS_MOST = 200 /* a check that asks for ever is a mistake of ours */
};

struct entry {
	struct entry *next;  /* in its bucket */
	struct entry *later; /* in order of asking */
	size_t hash;
	struct resolver_question question;
	bool sent;
	bool known;
};

struct inquiry {
	struct arena arena;
	struct resolver *resolver;
	struct entry *buckets[BUCKETS];
	struct entry *first;
	struct entry **last;
	size_t noted; /* asked for, not sent */
	size_t under_way;
	size_t rounds;
	struct inquiry_job *job;
	struct inquiry_flow *flow; /* that it belongs to */
	struct inquiry *next_ready;
	bool advancing;
};

static size_t hash(const char *server, const char *name, int type)
{
	size_t value = (size_t)type;

	for (; *server; server++)
		value = value * 31 + (unsigned char)*server;
	for (; *name; name++)
		value = value * 31 + (unsigned char)*name;
	return value;
}

static struct entry *find(struct inquiry *inquiry, const char *server, bool recursion,
                          const char *name, int type)
{
	size_t wanted = hash(server, name, type);
	struct entry *entry = inquiry->buckets[wanted % BUCKETS];

	while (entry
	       && (entry->hash != wanted || entry->question.type != type
	           || entry->question.recursion != recursion
	           || strcmp(entry->question.name, name) != 0
	           || strcmp(entry->question.server, server) != 0))
		entry = entry->next;
	return entry;
}

static struct entry *add(struct inquiry *inquiry, const char *server, bool recursion,
                         const char *name, int type)
{
	size_t value = hash(server, name, type);
	struct entry **bucket = &inquiry->buckets[value % BUCKETS];
	struct entry *entry = arena_take(&inquiry->arena, sizeof(*entry));

	entry->hash = value;
	entry->question = (struct resolver_question){ .server = arena_copy(&inquiry->arena, server),
		                                      .recursion = recursion,
		                                      .name = arena_copy(&inquiry->arena, name),
		                                      .type = type,
		                                      .arena = &inquiry->arena,
		                                      .owner = inquiry };
	entry->next = *bucket;
	*bucket = entry;
	*inquiry->last = entry;
	inquiry->last = &entry->later;
	return entry;
}

static const struct dns_answer *ask(struct inquiry *inquiry, const char *server, bool recursion,
                                    const char *raw_name, int type)
{
	const char *name = raw_name;
	struct entry *entry = NULL;

	if (!dns_message_is_canonical(raw_name)
	    && !dns_message_name(&inquiry->arena, raw_name, &name)) {
		entry = find(inquiry, server, recursion, raw_name, type);
		if (!entry)
			entry = add(inquiry, server, recursion, raw_name, type);
		entry->question.answer = (struct dns_answer){ .outcome = DNS_IMPOSSIBLE,
			                                      .last_name = entry->question.name,
			                                      .server = entry->question.server };
		entry->known = true;
		return &entry->question.answer;
	}
	entry = find(inquiry, server, recursion, name, type);
	if (!entry) {
		entry = add(inquiry, server, recursion, name, type);
		inquiry->noted++;
	}
	return entry->known ? &entry->question.answer : NULL;
}

const struct dns_answer *inquiry_ask_server(struct inquiry *inquiry, const char *server,
                                            const char *name, int type)
{
	return ask(inquiry, server, false, name, type);
}

static const char *resolver_name(const struct inquiry *inquiry, size_t number)
{
	if (!inquiry->resolver)
		return number == 0 ? "resolver" : NULL;
	return resolver_server(inquiry->resolver, number);
}

size_t inquiry_resolvers(const struct inquiry *inquiry)
{
	size_t count = 0;

	while (resolver_name(inquiry, count))
		count++;
	return count;
}

const struct dns_answer *inquiry_ask_resolver(struct inquiry *inquiry, size_t number,
                                              const char *name, int type)
{
	return ask(inquiry, resolver_name(inquiry, number), true, name, type);
}

static bool is_silent(const struct inquiry *inquiry, size_t number)
{
	return inquiry->resolver
	       && resolver_is_silent(inquiry->resolver, resolver_name(inquiry, number));
}

/* Resolvers that went silent come last: nobody waits for them with every question. */
const struct dns_answer *inquiry_ask(struct inquiry *inquiry, const char *name, int type)
{
	static const struct dns_answer nobody = { .outcome = DNS_UNREACHABLE, .last_name = "" };
	const struct dns_answer *answer = &nobody;

	for (int silent = 0; silent <= 1; silent++) {
		for (size_t i = 0; resolver_name(inquiry, i); i++) {
			if (is_silent(inquiry, i) != (silent == 1))
				continue;
			answer = inquiry_ask_resolver(inquiry, i, name, type);
			if (!answer || dns_message_definite(answer)
			    || answer->outcome == DNS_IMPOSSIBLE)
				return answer;
		}
	}
	return answer;
}

bool inquiry_is_quick(const struct inquiry *inquiry)
{
	return inquiry->resolver && resolver_is_quick(inquiry->resolver);
}

const char *inquiry_authority(struct inquiry *inquiry, const char *address)
{
	if (!inquiry->resolver)
		return arena_copy(&inquiry->arena, address);
	return resolver_authority(inquiry->resolver, &inquiry->arena, address);
}

struct arena *inquiry_arena(struct inquiry *inquiry)
{
	return &inquiry->arena;
}

struct inquiry *inquiry_open(struct resolver *resolver)
{
	struct arena arena = { 0 };
	struct inquiry *inquiry = arena_take(&arena, sizeof(*inquiry));

	inquiry->arena = arena;
	inquiry->resolver = resolver;
	inquiry->last = &inquiry->first;
	return inquiry;
}

void inquiry_know(struct inquiry *inquiry, const char *server, const struct dns_answer *answer,
                  const char *name, int type)
{
	bool recursion = server == NULL;
	struct entry *entry = NULL;

	if (recursion)
		server = resolver_name(inquiry, 0);
	entry = find(inquiry, server, recursion, name, type);
	if (!entry)
		entry = add(inquiry, server, recursion, name, type);
	entry->question.answer = *answer;
	entry->question.answer.server = entry->question.server;
	entry->known = true;
}

/* The inquiry itself lies in its arena. */
void inquiry_close(struct inquiry *inquiry)
{
	struct arena arena = { 0 };

	if (!inquiry)
		return;
	arena = inquiry->arena;
	arena_reset(&arena);
}

static void make_ready(struct inquiry *inquiry)
{
	struct inquiry_flow *flow = inquiry->flow;

	inquiry->next_ready = NULL;
	if (flow->last_ready)
		flow->last_ready->next_ready = inquiry;
	else
		flow->first_ready = inquiry;
	flow->last_ready = inquiry;
}

static void answered(struct resolver_question *question)
{
	struct inquiry *inquiry = question->owner;
	struct entry *entry = (struct entry *)((char *)question - offsetof(struct entry, question));

	entry->known = true;
	inquiry->under_way--;
	/* An answer that is at hand comes at once, while we are still asking. */
	if (inquiry->under_way == 0 && !inquiry->advancing)
		make_ready(inquiry);
}

static void send_noted(struct inquiry *inquiry)
{
	for (struct entry *entry = inquiry->first; entry && inquiry->noted > 0;
	     entry = entry->later) {
		if (entry->sent || entry->known)
			continue;
		entry->sent = true;
		entry->question.done = answered;
		inquiry->noted--;
		inquiry->under_way++;
		resolver_send(inquiry->resolver, &entry->question);
	}
}

/* Call the job as long as it has all it asks for; true when it has finished. */
static bool advance(struct inquiry *inquiry)
{
	struct inquiry_job *job = inquiry->job;
	bool finished = false;

	inquiry->advancing = true;
	while (inquiry->under_way == 0 && !finished) {
		finished = job->step(inquiry, job->context) || inquiry->rounds++ > ROUNDS_MOST
		           || inquiry->noted == 0;
		if (!finished)
			send_noted(inquiry);
	}
	inquiry->advancing = false;
	return finished;
}

static struct inquiry *take_ready(struct inquiry_flow *flow)
{
	struct inquiry *inquiry = flow->first_ready;

	if (inquiry) {
		flow->first_ready = inquiry->next_ready;
		if (!flow->first_ready)
			flow->last_ready = NULL;
	}
	return inquiry;
}

void inquiry_flow_begin(struct inquiry_flow *flow, struct inquiry_job *job)
{
	job->inquiry = inquiry_open(flow->resolver);
	job->inquiry->job = job;
	job->inquiry->flow = flow;
	flow->under_way++;
	make_ready(job->inquiry);
}

struct inquiry_job *inquiry_flow_turn(struct inquiry_flow *flow, int milliseconds)
{
	struct inquiry *inquiry = NULL;

	if (!flow->first_ready)
		resolver_turn(flow->resolver, milliseconds);
	while ((inquiry = take_ready(flow))) {
		if (advance(inquiry)) {
			flow->under_way--;
			return inquiry->job;
		}
	}
	return NULL;
}

void inquiry_run(struct resolver *resolver, struct inquiry_job jobs[], size_t count, size_t at_once)
{
	struct inquiry_flow flow = { .resolver = resolver };
	size_t started = 0;
	size_t finished = 0;

	while (finished < count) {
		while (started < count && flow.under_way < at_once)
			inquiry_flow_begin(&flow, &jobs[started++]);
		finished += inquiry_flow_turn(&flow, 100) != NULL;
	}
}
