#include "keys/peer.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/words.h"

enum { FILE_LIMIT = 65536, FIELDS = 4 };

static bool parse_number(const char *text, unsigned *number)
{
	char *end = NULL;
	unsigned long value = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || value > 0xfffffffeUL)
		return false;
	*number = (unsigned)value;
	return true;
}

static bool add(struct peers *peers, const struct peer_rule *rule, struct err *err)
{
	if (peers->count == PEER_RULES)
		return err_set(err, ERR_INPUT, _("more than %d rules for the key service"),
		               PEER_RULES);
	peers->rules[peers->count++] = *rule;
	return true;
}

bool peers_allow_uid(struct peers *peers, const char *uid, struct err *err)
{
	struct peer_rule rule = { .operations = "*", .providers = "*" };

	if (!parse_number(uid, &rule.id))
		return err_set(err, ERR_USAGE, _("\"%s\" is not a user id"), uid);
	return add(peers, &rule, err);
}

static bool find_user(const char *name, unsigned *id)
{
	const struct passwd *user;

	if (parse_number(name, id))
		return true;
	user = getpwnam(name);
	if (user != NULL)
		*id = user->pw_uid;
	return user != NULL;
}

static bool find_group(const char *name, unsigned *id)
{
	const struct group *group;

	if (parse_number(name, id))
		return true;
	group = getgrnam(name);
	if (group != NULL)
		*id = group->gr_gid;
	return group != NULL;
}

static bool read_line(struct peers *peers, char *line, const char *path, int number,
                      struct err *err)
{
	struct peer_rule rule = { 0 };
	char *fields[FIELDS] = { 0 };
	size_t count = 0;

	line[strcspn(line, "#")] = '\0';
	for (char *p = line; *p != '\0';) {
		p += strspn(p, " \t\r");
		size_t length = strcspn(p, " \t\r");
		if (length == 0)
			break;
		if (count == FIELDS)
			return err_set(err, ERR_INPUT, _("%s:%d: too many words"), path, number);
		fields[count++] = arena_copy_part(&peers->arena, p, length);
		p += length;
	}
	if (count == 0)
		return true;
	rule.group = strcmp(fields[0], "group") == 0;
	if (count != FIELDS || (!rule.group && strcmp(fields[0], "user") != 0))
		return err_set(err, ERR_INPUT,
		               _("%s:%d: expected: user|group NAME OPERATIONS PROVIDERS"), path,
		               number);
	if (!(rule.group ? find_group(fields[1], &rule.id) : find_user(fields[1], &rule.id)))
		return err_set(err, ERR_INPUT, _("%s:%d: there is no \"%s\" on this machine"), path,
		               number, fields[1]);
	rule.operations = fields[2];
	rule.providers = fields[3];
	return add(peers, &rule, err);
}

bool peers_read(struct peers *peers, const char *path, struct err *err)
{
	struct stat is;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char *text = NULL;
	bool ok = false;

	if (fd < 0 || fstat(fd, &is) != 0) {
		(void)err_errno(err, _("cannot open %s"), path);
		goto out;
	}
	if (!S_ISREG(is.st_mode) || (is.st_uid != 0 && is.st_uid != geteuid())
	    || (is.st_mode & 022) != 0) {
		(void)err_set(err, ERR_REFUSED, _("%s can be changed by others"), path);
		goto out;
	}
	text = arena_take(&peers->arena, FILE_LIMIT + 1);
	ssize_t got = read(fd, text, FILE_LIMIT);
	if (got < 0) {
		(void)err_errno(err, _("cannot read %s"), path);
		goto out;
	}
	ok = true;
	for (int number = 1; ok && *text != '\0'; number++) {
		size_t length = strcspn(text, "\n");
		bool more = text[length] == '\n';
		text[length] = '\0';
		ok = read_line(peers, text, path, number, err);
		text += length + (more ? 1 : 0);
	}
out:
	if (fd >= 0)
		(void)close(fd);
	return ok;
}

void peers_drop(struct peers *peers)
{
	arena_reset(&peers->arena);
	peers->count = 0;
}

bool peer_look(int socket, struct peer *peer, struct err *err)
{
	struct ucred who;
	socklen_t size = sizeof who;

	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
		return err_errno(err, _("the kernel does not say who is asking"));
	*peer = (struct peer){ .uid = who.uid, .gid = who.gid };
	size = sizeof peer->groups;
	/* more groups than we hold: then only the first one counts */
	if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, peer->groups, &size) == 0)
		peer->group_count = size / sizeof peer->groups[0];
	const struct passwd *user = getpwuid(who.uid);
	if (user != NULL)
		(void)snprintf(peer->name, sizeof peer->name, "%s", user->pw_name);
	else
		(void)snprintf(peer->name, sizeof peer->name, "uid %u", (unsigned)who.uid);
	return true;
}

/* Is `word` in a comma-separated list?  "*" is everything. */
static bool listed(const char *list, const char *word)
{
	size_t size = strlen(word);

	if (strcmp(list, "*") == 0)
		return true;
	for (const char *p = list; p != NULL; p = strchr(p, ',')) {
		p += *p == ',' ? 1 : 0;
		if (strncmp(p, word, size) == 0 && (p[size] == ',' || p[size] == '\0'))
			return true;
	}
	return false;
}

bool peer_is_owner(const struct peer *peer)
{
	return peer->uid == 0 || peer->uid == geteuid();
}

static bool matches(const struct peer_rule *rule, const struct peer *peer)
{
	if (!rule->group)
		return rule->id == peer->uid;
	for (size_t i = 0; i < peer->group_count; i++)
		if (rule->id == peer->groups[i])
			return true;
	return rule->id == peer->gid;
}

bool peer_known(const struct peers *peers, const struct peer *peer)
{
	bool known = peer_is_owner(peer);

	for (size_t i = 0; !known && i < peers->count; i++)
		known = matches(&peers->rules[i], peer);
	return known;
}

bool peer_may(const struct peers *peers, const struct peer *peer, const char *operation,
              const char *provider)
{
	bool may = peer_is_owner(peer);

	for (size_t i = 0; !may && i < peers->count; i++) {
		const struct peer_rule *rule = &peers->rules[i];
		may = matches(rule, peer) && listed(rule->operations, operation)
		      && (provider == NULL || listed(rule->providers, provider));
	}
	return may;
}
