#pragma once

/*
 * key_world -- everything around a key that can go wrong, in a few thousand bytes.
 *
 * One domain of one provider: its keys as the database holds them; authoritative
 * servers, each behind the others; resolvers that remember, absences too;
 * relays that miss generations for days and go on signing; mail under way for
 * up to five days; a customer who mistypes, is late, and takes away the wrong
 * record; a clock that is not quite right.  Events are drawn from one seed, so
 * that a run can be told again.
 *
 * The world knows the truth, the database only what it was told.  After each
 * event the truth is compared with what must hold (world_check).
 *
 * Owner:   the caller; a value without pointers into itself.
 * Failure: the first fault stands in `fault`, as a sentence; nothing happens after it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/lifecycle/rotation.h"

enum {
	SERVERS = 3,
	CACHES = 4,
	RELAYS = 3,
	KEYS = 64,
	MAILS = 192,
	EVENTS = 1024,
	GENERATIONS = 512,
	ALGORITHMS = 2, /* RSA, Ed25519 */
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,
	MARGIN = HOUR, /* the defaults of sql/schema: publish_margin, publish_probes, linger */
	PROBES = 3,
	LINGER = 8 * DAY,
	QUEUE_LIFE = 5 * DAY, /* Postfix' maximal_queue_lifetime */
};

/* What keeps mail whole.  A mutant is a world without one of them. */
enum rule {
	RULE_WAIT,            /* the first sight is not enough */
	RULE_TTL,             /* the wait knows how long answers are remembered */
	RULE_TTL_BEFORE,      /* of what stood there before, too, not only of an absence */
	RULE_LOOK,            /* DNS is asked at all */
	RULE_ALL_SERVERS,     /* every authoritative server, not the first */
	RULE_AUTHORITY,       /* the servers themselves, not a resolver */
	RULE_CERTAIN,         /* no answer is no answer */
	RULE_MISS,            /* a miss begins the wait anew */
	RULE_SECOND_LOOK,     /* at the very moment of activation */
	RULE_FRESH_NAME,      /* a selector is used once */
	RULE_RELAY_CLOCK,     /* retiring counts from the relays' word, not from the switch */
	RULE_LAST_RELAY,      /* and from the last one's */
	RULE_SINCE_WORD,      /* what was made for a relay since its last word may run there */
	RULE_LINGER,          /* mail under way counts */
	RULE_LINGER_QUEUE,    /* for as long as a queue may hold it, not for a day */
	RULE_STAGING,         /* relays hold a key before it signs */
	RULE_ONE_ROTATION,    /* at a time */
	RULE_RSA_BESIDE,      /* Ed25519 never signs alone */
	RULE_ONE_TRANSACTION, /* the old key goes and the new one comes, or neither */
	RULE_SET_CLOCK,       /* nobody works while the database's clock is days behind */
	RULES,
};

/* Both stand before every step of a key; each alone must be enough. */
enum line {
	LINE_PROGRAM, /* rotation_decide() */
	LINE_GUARD,   /* the triggers and constraints of sql/schema */
	LINES,
};

/* At a name: nothing, something else, or the key of that number. */
enum { NOTHING = -1, WRONG = -2 };

/* dkim_key, as far as a life needs it.  Moments in seconds; 0: not yet. */
struct model_key {
	int name; /* of its selector; its number, unless names are used again */
	int algorithm;
	bool standby;
	int64_t generated, pending, seen_since, published, usable, active, retiring, last_signed;
	int64_t retired, destroyed, revoked, cancelled;
	int64_t ttl_seen;
	int probes;
};

/* What relays were given: bits are numbers of keys. */
struct generation {
	uint64_t staged;
	uint64_t active;
};

struct store {
	struct model_key keys[KEYS];
	int key_count;
	struct generation made[RELAYS][GENERATIONS]; /* number 1 is [1] */
	int made_count[RELAYS];
	int word[RELAYS]; /* the generation a relay said it runs; 0: never spoke */
	int64_t word_at[RELAYS];
};

struct cached {
	int content;
	int64_t until;
};

struct mail {
	uint64_t keys;
	int64_t signed_at;
};

/* Who acts is named first: we, the customer, a relay, chance. */
enum what {
	WE_CHECK,
	WE_ADVANCE,
	WE_EXPORT, /* subject: relay */
	WE_ROTATE,
	WE_HAND_OVER,
	WE_REVOKE,
	WE_TIDY,            /* destroy what is over, cancel what nobody needs */
	CUSTOMER_PUBLISHES, /* subject: name, object: content */
	CUSTOMER_ERRS,      /* subject: key */
	RELAY_INSTALLS,     /* subject: relay, object: generation */
	RELAY_SPEAKS,
	RELAY_SIGNS,
	RELAY_LEAVES,
	MAIL_ARRIVES, /* subject: mail */
	OUTSIDER_ASKS,
	SERVER_FOLLOWS, /* subject: server and name */
	SERVER_FAILS,
	CLOCK_MOVES,
	THE_END,
};

struct happening {
	int64_t at;
	uint64_t order;
	enum what what;
	int subject;
	int object;
};

struct world {
	uint64_t random;
	bool off[RULES];
	bool line_off[LINES];
	int64_t now;    /* the true time */
	int64_t skew;   /* what the database's clock adds to it */
	int64_t latest; /* that its clock ever showed */
	char fault[256];
	uint64_t steps;

	/* the database, and one transaction over it */
	struct store store;
	struct model_key saved[KEYS];
	int saved_count;
	bool in_transaction;
	bool nested;
	int kill_after; /* the process dies at that call of the database; 0: lives */

	/* DNS */
	int servers;
	int64_t ttl, negative_ttl;
	int64_t lag_at_most;
	int64_t fails_every;
	int content[SERVERS][KEYS];
	int64_t down_until[SERVERS];
	struct cached cached[CACHES][KEYS];

	/* the customer */
	bool removed[KEYS];  /* was told, and will */
	bool mistaken[KEYS]; /* took away what was needed */
	bool noticed[KEYS];  /* which we saw */
	bool told[KEYS];     /* and he has been told so */

	/* relays and mail */
	int relays;
	int runs[RELAYS]; /* the generation that is really installed */
	bool has_signed[RELAYS];
	int64_t away_until[RELAYS]; /* signs, and hears nothing */
	struct mail mails[MAILS];
	uint64_t under_way[KEYS];
	bool ed25519;
	int64_t rotate_every;

	struct happening events[EVENTS];
	int event_count;
	uint64_t order;

	/* what a run was worth */
	uint64_t verified, deferred, activations, retired, kills, clock_jumps, unsure, misses;
};

/* A world at its beginning, all of it drawn from the seed. */
void world_begin(struct world *world, uint64_t seed, const bool off[RULES],
                 const bool line_off[LINES]);

/* The next event, and what must hold after it.  False: there is a fault, or the story is over. */
bool world_step(struct world *world);

void world_fault(struct world *world, const char *format, ...) PRINTF_LIKE(2, 3);

/* ---- chance ---- */

uint64_t world_draw(struct world *world);
/* 0 ... below - 1 */
int64_t world_below(struct world *world, int64_t below);
bool world_chance(struct world *world, int percent);
/* Mostly short, sometimes as long as it may be. */
int64_t world_delay(struct world *world, int64_t usual, int64_t longest);

/* ---- what is to come ---- */

void world_plan(struct world *world, int64_t delay, enum what what, int subject, int object);
struct happening world_next(struct world *world);

/* ---- what happens ---- */

void we_check(struct world *world);
void we_advance(struct world *world);
void we_export(struct world *world, int relay);
/* cli/cmd_key_life.c: the standby key, or a new one, on its way to relieve. */
void we_rotate(struct world *world);
void we_hand_over(struct world *world);
void we_revoke(struct world *world);
/* Destroy what is over, cancel what nobody needs. */
void we_tidy(struct world *world);
void customer_publishes(struct world *world, int name, int content);
/* Takes away the record of a key that is needed. */
void customer_errs(struct world *world, int key);
/* Puts right what he got wrong, and removes what we tell him to. */
void customer_hears(struct world *world);
void relay_installs(struct world *world, int relay, int number);
void relay_speaks(struct world *world, int relay, int number);
void relay_signs(struct world *world, int relay);
void mail_arrives(struct world *world, int number);
/* Somebody asks for a selector before it is there, or after. */
void outsider_asks(struct world *world);
void server_follows(struct world *world, const struct happening *event);

/* ---- DNS, as those who ask it see it ---- */

void world_publish(struct world *world, int name, int content);
/* Through a resolver that remembers; false: nobody answers. */
bool world_resolve(struct world *world, int resolver, int name, int *content);
/* What senderctl sees when it looks at a key, with its rules. */
void world_look(struct world *world, int key, struct rotation_sight *sight);
bool world_shows_everywhere(const struct world *world, int key);

/* ---- the database ---- */

int64_t store_now(const struct world *world);
enum key_state store_state(const struct model_key *key, int64_t at);
uint64_t store_without(const struct world *world, int key); /* relays, as bits */
uint64_t store_signing(const struct world *world, int key);
/* The moment of the last relay's word; 0: none spoke. */
int64_t store_ended(const struct world *world);
int64_t store_linger(const struct world *world);
/* `but`: relieved in this very transaction. */
bool store_other_retiring(const struct world *world, int key, int64_t but);
/* The active key of an algorithm, or -1. */
int store_active(const struct store *store, int algorithm);
/* The key that a world without its standby flag would be waiting for, or -1. */
int store_coming(const struct store *store, int algorithm, bool standby);

int store_generate(struct world *world, int algorithm, bool standby);
void store_seen(struct world *world, int key, int64_t ttl);
void store_missed(struct world *world, int key, int64_t ttl);

/* The real rotation_advance() over this database.  False: it came to no end. */
bool store_advance(struct world *world);

/* ---- what must hold ---- */

void world_check(struct world *world);
