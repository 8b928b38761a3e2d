#include "core/ops/delivery.h"

#include <limits.h>
#include <time.h>
#include <unistd.h>

#include "core/base/base64.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "core/model/change.h"
#include "core/model/channel.h"
#include "core/ops/child.h"
#include "core/ops/digest.h"
#include "core/ops/letter.h"
#include "core/ops/notice.h"
#include "keys/client.h"

enum {
	LETTER_MOST = 5000,  /* changes in one mail */
	POSTS_MOST = 200,    /* notices while a channel is ours */
	PATIENCE = 60000,    /* for one program */
	CHANNEL_MS = 200000, /* of the five minutes for which a channel is ours */
};

/* One channel of one provider, while it is ours. */
struct telling {
	struct delivery *delivery;
	struct db *db;
	struct arena arena;
	const struct channel *channel;
	struct change_list changes;
	struct err fault; /* of the way, not of the database */
};

/* The last moment at which the mail of the day was due. */
static int64_t day_begun(int minutes)
{
	time_t now = (time_t)clock_now();
	struct tm tm = { 0 };
	time_t due = 0;

	(void)localtime_r(&now, &tm);
	tm.tm_hour = minutes / 60;
	tm.tm_min = minutes % 60;
	tm.tm_sec = 0;
	tm.tm_isdst = -1;
	due = mktime(&tm);
	if (due <= now)
		return (int64_t)due;
	tm.tm_mday--;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

/* ---- mail ---- */

static bool send_letter(struct telling *telling, const struct letter *letter)
{
	const struct conf *conf = telling->delivery->conf;
	const char **argv = arena_take(&telling->arena, (letter->to_count + 6) * sizeof(*argv));
	size_t count = 0;
	struct text text = { 0 };

	argv[count++] = conf->monitor.sendmail;
	argv[count++] = "-i";
	argv[count++] = "-f";
	argv[count++] = letter->from;
	argv[count++] = "--";
	for (size_t i = 0; i < letter->to_count; i++)
		argv[count++] = letter->to[i];
	letter_render(letter, &text);
	bool ok = child_run(argv, text_string(&text), text.length, PATIENCE, &telling->fault);
	text_free(&text);
	return ok;
}

/* The same mail has the same id when it has to be sent again. */
static const char *letter_id(struct telling *telling)
{
	const struct change *last = NULL;

	for (size_t i = 0; i < telling->changes.count; i++)
		if (last == NULL || telling->changes.items[i].id > last->id)
			last = &telling->changes.items[i];
	if (last != NULL)
		return arena_print(&telling->arena, "%s.%zu.%s",
		                   telling->channel->digest ? "day" : "now", telling->changes.count,
		                   last->uuid);
	return arena_print(&telling->arena, "day.%s.%.10s", telling->channel->provider,
	                   clock_render(&telling->arena, clock_now()));
}

static bool write_letter(struct telling *telling)
{
	const struct conf *conf = telling->delivery->conf;
	struct text subject = { 0 };
	struct text body = { 0 };

	digest_subject(telling->channel, &telling->changes, &subject);
	digest_body(telling->channel, &telling->changes, &body);
	struct letter letter = {
		.from = conf->monitor.mail_from != NULL ? conf->monitor.mail_from
		                                        : conf->monitor.mail_to[0],
		.to = conf->monitor.mail_to,
		.to_count = conf->monitor.mail_to_count,
		.subject = text_string(&subject),
		.body = text_string(&body),
		.id = letter_id(telling),
		.at = clock_now(),
		.language = words_language(),
	};
	bool ok = send_letter(telling, &letter);
	text_free(&subject);
	text_free(&body);
	return ok;
}

/* The mail of the day holds what was told at once, too; what is neither urgent
 * nor due waits for it. */
static bool mail(struct telling *telling, size_t *told, struct err *err)
{
	const struct channel *channel = telling->channel;
	enum change_way way = channel->digest ? CHANGE_DIGEST : CHANGE_ALERT;

	if (!change_load(telling->db, &telling->arena, channel->provider_id, way, LETTER_MOST,
	                 &telling->changes, err))
		return false;
	if (telling->changes.count == 0 && !channel->digest)
		return true;
	if (!write_letter(telling))
		return true;
	*told = telling->changes.count;
	return change_told(telling->db, &telling->arena, channel->provider_id, way,
	                   telling->changes.items, telling->changes.count, err);
}

/* ---- webhook ---- */

/* Beside this program in a build folder, else where it was installed. */
static const char *find_post(struct arena *arena)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	const char *beside = NULL;

	if (length <= 0)
		return LIBEXECDIR "/senderctl-post";
	self[length] = '\0';
	*strrchr(self, '/') = '\0';
	beside = arena_print(arena, "%s/senderctl-post", self);
	return access(beside, X_OK) == 0 ? beside : LIBEXECDIR "/senderctl-post";
}

static bool post_one(struct telling *telling, struct keys_client *keys, const struct change *change)
{
	struct keys_signature signature;
	struct text body = { 0 };
	struct text input = { 0 };
	struct text base64 = { 0 };
	bool ok = false;

	notice_render(change, &body);
	if (!keys_sign_notice(keys, telling->channel->provider_id, text_string(&body), &signature,
	                      &telling->fault))
		goto out;
	base64_render(&base64, signature.bytes, sizeof signature.bytes);
	text_addf(&input,
	          "%s\nContent-Type: application/json\nSenderctl-Signature: ed25519=%s; key=%s\n\n",
	          telling->delivery->conf->monitor.webhook, text_string(&base64), signature.key);
	text_add(&input, text_string(&body));
	ok = child_run((const char *const[]){ find_post(&telling->arena), NULL },
	               text_string(&input), input.length, PATIENCE, &telling->fault);
out:
	text_free(&body);
	text_free(&input);
	text_free(&base64);
	return ok;
}

static bool post(struct telling *telling, size_t *told, struct err *err)
{
	long long provider = telling->channel->provider_id;
	int64_t end = clock_ticks() + CHANNEL_MS;
	struct keys_client *keys = NULL;
	bool ok = true;

	if (!change_load(telling->db, &telling->arena, provider, CHANGE_WEBHOOK, POSTS_MOST,
	                 &telling->changes, err))
		return false;
	if (telling->changes.count > 0
	    && !keys_open(&keys, telling->delivery->keys_socket, &telling->fault))
		return true;
	for (size_t i = 0; ok && i < telling->changes.count && clock_ticks() < end; i++) {
		if (!post_one(telling, keys, &telling->changes.items[i]))
			break;
		/* noted one by one: who dies here repeats one notice, not two hundred */
		ok = change_told(telling->db, &telling->arena, provider, CHANGE_WEBHOOK,
		                 &telling->changes.items[i], 1, err);
		(*told)++;
	}
	keys_close(keys);
	return ok;
}

/* ---- both ---- */

/* A way of telling is a row. */
static const struct {
	const char *name;
	bool (*tell)(struct telling *telling, size_t *told, struct err *err);
} ways[] = {
	{ "mail", mail },
	{ "webhook", post },
};

static bool configured(const struct conf *conf, const char *name)
{
	return name[0] == 'm' ? conf->monitor.mail_to_count > 0 : conf->monitor.webhook != NULL;
}

static bool tell(struct delivery *delivery, struct db *db, size_t way,
                 const struct channel *channel, struct err *err)
{
	struct telling telling = { .delivery = delivery, .db = db, .channel = channel };
	size_t told = 0;

	words_setup(channel->language);
	bool ok = ways[way].tell(&telling, &told, err);
	const char *problem = telling.fault.code != ERR_NONE ? telling.fault.text : NULL;

	ok = ok
	     && channel_done(db, &telling.arena, &delivery->claim, ways[way].name, channel, problem,
	                     err);
	if (problem != NULL)
		log_warn(channel->provider, "%s: %s", ways[way].name, problem);
	if (told > 0)
		log_info(channel->provider, "%s: %zu changes told", ways[way].name, told);
	delivery->failed += problem != NULL;
	delivery->told += told;
	change_drop(&telling.changes);
	arena_reset(&telling.arena);
	return ok;
}

bool delivery_run(struct delivery *delivery, struct db *db, struct err *err)
{
	struct arena arena = { 0 };
	struct channel_list list = { 0 };
	int64_t day = day_begun(delivery->conf->monitor.digest_at);
	bool ok = true;

	for (size_t way = 0; ok && way < LENGTH(ways); way++) {
		if (!configured(delivery->conf, ways[way].name))
			continue;
		ok = channel_claim(db, &arena, &delivery->claim, ways[way].name, day, &list, err);
		for (size_t i = 0; ok && i < list.count; i++)
			ok = tell(delivery, db, way, &list.items[i], err);
	}
	arena_reset(&arena);
	return ok;
}
