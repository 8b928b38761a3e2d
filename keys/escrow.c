#include "keys/escrow.h"

#include <string.h>

#include <sodium.h>

#include "core/base/words.h"
#include "keys/bytes.h"

enum {
	FORMAT = 1,
	AT_THRESHOLD = 1,
	AT_INDEX = 2,
	AT_QUORUM = 3,
	AT_NAME = 7,
	AT_KEK = 23,
	AT_VERSION = 39,
	AT_PART = 43,
	AT_COMMIT = 75,
	NAME = AT_PART - AT_NAME,
};

_Static_assert(AT_COMMIT + ESCROW_COMMIT == ESCROW_PLAIN, "the layout of a share");
_Static_assert(ESCROW_PLAIN + crypto_box_SEALBYTES == ESCROW_SHARE, "the size of a share");

static void put_name(const struct escrow_kek *name, uint8_t *at)
{
	memcpy(at, name->provider.bytes, UUID_BYTES);
	memcpy(at + UUID_BYTES, name->id.bytes, UUID_BYTES);
	bytes_put_u32(at + 2 * UUID_BYTES, name->version);
}

void escrow_commit(const struct escrow_kek *name, const struct secret *kek,
                   uint8_t commit[static ESCROW_COMMIT])
{
	static const char label[] = "senderctl/kek-commit/v1";
	crypto_generichash_state state;
	uint8_t bytes[NAME];

	put_name(name, bytes);
	(void)crypto_generichash_init(&state, kek->bytes, kek->size, ESCROW_COMMIT);
	(void)crypto_generichash_update(&state, (const unsigned char *)label, sizeof label);
	(void)crypto_generichash_update(&state, bytes, sizeof bytes);
	(void)crypto_generichash_final(&state, commit, ESCROW_COMMIT);
	sodium_memzero(&state, sizeof state);
}

/* ---- who with whom ---- */

size_t escrow_count(size_t officers, size_t quorum)
{
	size_t subsets = 1;

	if (quorum == 0 || quorum > officers || officers > ESCROW_SHARES)
		return 0;
	/* C(n,k) is C(n,n-k), and up to the middle it only grows */
	size_t fewer = quorum < officers - quorum ? quorum : officers - quorum;
	for (size_t i = 1; i <= fewer; i++) {
		subsets = subsets * (officers - i + 1) / i; /* divides evenly */
		if (subsets > ESCROW_SHARES)
			return 0;
	}
	return subsets * quorum <= ESCROW_SHARES ? subsets * quorum : 0;
}

uint64_t escrow_next_quorum(size_t officers, size_t quorum, uint64_t members)
{
	if (members == 0)
		return ((uint64_t)1 << quorum) - 1;
	/* the next larger number with as many bits */
	uint64_t lowest = members & (~members + 1);
	uint64_t ripple = members + lowest;
	uint64_t next = ripple | ((members ^ ripple) >> 2) / lowest;
	return next >> officers == 0 ? next : 0;
}

static int by_bytes(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, ESCROW_PUBLIC);
}

/* The companions' name: the same whatever the order in which they were listed. */
static uint32_t quorum_name(const struct escrow_officer officers[], uint64_t members)
{
	static const char label[] = "senderctl/quorum/v1";
	crypto_generichash_state state;
	const uint8_t *last = NULL;
	uint8_t sum[32];

	(void)crypto_generichash_init(&state, NULL, 0, sizeof sum);
	(void)crypto_generichash_update(&state, (const unsigned char *)label, sizeof label);
	for (size_t done = 0; done < (size_t)__builtin_popcountll(members); done++) {
		const uint8_t *next = NULL;
		for (size_t i = 0; i < 64 && members >> i != 0; i++)
			if ((members >> i & 1) != 0
			    && (last == NULL || by_bytes(officers[i].key, last) > 0)
			    && (next == NULL || by_bytes(officers[i].key, next) < 0))
				next = officers[i].key;
		if (next == NULL) /* one key twice: escrow_split() refuses that */
			break;
		(void)crypto_generichash_update(&state, next, ESCROW_PUBLIC);
		last = next;
	}
	(void)crypto_generichash_final(&state, sum, sizeof sum);
	return bytes_get_u32(sum);
}

/* ---- splitting ---- */

void escrow_render(const struct escrow_share *share, uint8_t plain[static ESCROW_PLAIN])
{
	plain[0] = FORMAT;
	plain[AT_THRESHOLD] = share->threshold;
	plain[AT_INDEX] = share->index;
	bytes_put_u32(plain + AT_QUORUM, share->quorum);
	put_name(&share->kek, plain + AT_NAME);
	memcpy(plain + AT_PART, share->part, ESCROW_PART);
	memcpy(plain + AT_COMMIT, share->commit, ESCROW_COMMIT);
}

bool escrow_parse(const uint8_t plain[static ESCROW_PLAIN], struct escrow_share *share,
                  struct err *err)
{
	if (plain[0] != FORMAT || plain[AT_THRESHOLD] == 0 || plain[AT_THRESHOLD] > ESCROW_SHARES
	    || plain[AT_INDEX] >= plain[AT_THRESHOLD])
		return err_set(err, ERR_CRYPTO, _("a share has an unknown format"));
	*share = (struct escrow_share){ .threshold = plain[AT_THRESHOLD],
		                        .index = plain[AT_INDEX],
		                        .quorum = bytes_get_u32(plain + AT_QUORUM),
		                        .part = plain + AT_PART };
	memcpy(share->kek.provider.bytes, plain + AT_NAME, UUID_BYTES);
	memcpy(share->kek.id.bytes, plain + AT_KEK, UUID_BYTES);
	share->kek.version = bytes_get_u32(plain + AT_VERSION);
	memcpy(share->commit, plain + AT_COMMIT, ESCROW_COMMIT);
	return true;
}

static bool all_differ(const struct escrow_officer officers[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (by_bytes(officers[i].key, officers[j].key) == 0)
				return false;
	return true;
}

static void xor_into(uint8_t *to, const uint8_t *from)
{
	for (size_t i = 0; i < ESCROW_PART; i++)
		to[i] ^= from[i];
}

/* One quorum: all parts but the last are random, the last makes it come out. */
static bool split_once(struct escrow_share *share, const struct secret *kek,
                       const struct escrow_officer officers[], uint64_t members,
                       struct escrow_sealed shares[], struct secret *work, struct err *err)
{
	uint8_t *plain = work->bytes;
	uint8_t *part = plain + ESCROW_PLAIN;
	uint8_t *rest = part + ESCROW_PART;
	size_t index = 0;

	memcpy(rest, kek->bytes, ESCROW_PART);
	share->quorum = quorum_name(officers, members);
	share->part = part;
	for (size_t i = 0; i < 64 && members >> i != 0; i++) {
		if ((members >> i & 1) == 0)
			continue;
		if (index + 1U < share->threshold)
			randombytes_buf(part, ESCROW_PART);
		else
			memcpy(part, rest, ESCROW_PART);
		xor_into(rest, part);
		share->index = (uint8_t)index;
		escrow_render(share, plain);
		shares[index].members = members;
		shares[index].officer = i;
		if (crypto_box_seal(shares[index].bytes, plain, ESCROW_PLAIN, officers[i].key) != 0)
			return err_set(err, ERR_CRYPTO,
			               _("nothing can be sealed to an officer's key"));
		index++;
	}
	return true;
}

bool escrow_split(const struct escrow_kek *name, const struct secret *kek,
                  const struct escrow_officer officers[], size_t count, size_t quorum,
                  struct escrow_sealed shares[], struct err *err)
{
	struct escrow_share share = { .kek = *name, .threshold = (uint8_t)quorum };
	struct secret work = { 0 };
	bool ok = true;

	if (kek->size != ESCROW_PART)
		return err_set(err, ERR_CRYPTO, _("the sealing key has %zu bytes"), kek->size);
	if (escrow_count(count, quorum) == 0)
		return err_set(err, ERR_INPUT, _("%zu of %zu officers: there is no such split"),
		               quorum, count);
	if (!all_differ(officers, count))
		return err_set(err, ERR_INPUT, _("two officers have the same key"));
	if (!secret_take(&work, ESCROW_PLAIN + 2 * ESCROW_PART, err))
		return false;
	escrow_commit(name, kek, share.commit);
	for (uint64_t m = escrow_next_quorum(count, quorum, 0); ok && m != 0;
	     m = escrow_next_quorum(count, quorum, m), shares += quorum)
		ok = split_once(&share, kek, officers, m, shares, &work, err);
	secret_drop(&work);
	return ok;
}

bool escrow_open(const uint8_t sealed[static ESCROW_SHARE],
                 const uint8_t public_key[static ESCROW_PUBLIC], const struct secret *secret_key,
                 uint8_t plain[static ESCROW_PLAIN], struct err *err)
{
	struct escrow_share share;

	if (secret_key->size != crypto_box_SECRETKEYBYTES
	    || crypto_box_seal_open(plain, sealed, ESCROW_SHARE, public_key, secret_key->bytes)
	               != 0)
		return err_set(err, ERR_CRYPTO,
		               _("a share is damaged, or sealed to another officer"));
	return escrow_parse(plain, &share, err);
}

/* ---- bringing back ---- */

static bool same_kek(const struct escrow_kek *a, const struct escrow_kek *b)
{
	return uuid_same(&a->provider, &b->provider) && uuid_same(&a->id, &b->id)
	       && a->version == b->version;
}

/* A share of another key, or with another commitment than ours: its officer
 * did not answer what was asked. */
static bool fits(const struct escrow_share *share, const struct escrow_kek *name,
                 const uint8_t *commit)
{
	return same_kek(&share->kek, name) && memcmp(share->commit, commit, ESCROW_COMMIT) == 0;
}

/* All parts of one quorum into *kek; false when one is missing or said twice. */
static bool gather(const struct escrow_voice voices[], size_t count,
                   const struct escrow_share *like, struct secret *kek, uint64_t *members)
{
	uint64_t indexes = 0;

	*members = 0;
	memset(kek->bytes, 0, kek->size);
	for (size_t i = 0; i < count; i++) {
		const struct escrow_share *share = &voices[i].share;
		if (share->quorum != like->quorum || share->threshold != like->threshold
		    || !fits(share, &like->kek, like->commit) || (indexes >> share->index & 1) != 0)
			continue;
		indexes |= (uint64_t)1 << share->index;
		*members |= (uint64_t)1 << (voices[i].officer & 63);
		xor_into(kek->bytes, share->part);
	}
	return indexes == ((uint64_t)1 << like->threshold) - 1;
}

bool escrow_recover(const struct escrow_kek *name, const uint8_t commit[static ESCROW_COMMIT],
                    const struct escrow_voice voices[], size_t count, struct secret *kek,
                    struct escrow_verdict *verdict, struct err *err)
{
	struct secret found = { 0 };
	struct secret tried = { 0 };
	uint64_t doubted = 0;

	*verdict = (struct escrow_verdict){ 0 };
	if (!secret_take(&tried, ESCROW_PART, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct escrow_share *share = &voices[i].share;
		uint8_t got[ESCROW_COMMIT];
		uint64_t members = 0;

		if (!fits(share, name, commit)) {
			doubted |= (uint64_t)1 << (voices[i].officer & 63);
			continue;
		}
		verdict->threshold = share->threshold;
		if (share->index != 0 || !gather(voices, count, share, &tried, &members))
			continue;
		escrow_commit(name, &tried, got);
		if (sodium_memcmp(got, commit, sizeof got) != 0) {
			doubted |= members;
			continue;
		}
		verdict->honest |= members;
		if (found.bytes == NULL && !secret_copy(&found, tried.bytes, tried.size, err))
			break;
	}
	secret_drop(&tried);
	/* who lied to one quorum only is one of that quorum */
	verdict->suspect = (doubted & ~verdict->honest) != 0 ? doubted & ~verdict->honest : doubted;
	if (found.bytes == NULL)
		return doubted != 0
		               ? err_set(err, ERR_CRYPTO,
		                         _("the officers' answers do not give the key back"))
		               : err_set(err, ERR_REFUSED, _("too few officers have answered"));
	secret_seal(&found);
	secret_move(kek, &found);
	return true;
}
