#pragma once

/*
 * spf_packet -- what spf_worker and spf_evaluator say to each other.
 *
 * One message is one packet; its first octet says what it is:
 *
 *   evaluator -> worker   'H'                                    ready, shut in
 *   worker -> evaluator   'J' count *request known *( name type answer )
 *                                                                evaluate these
 *                         'T' domain mail-from helo now views *( count *text )   begin a trial
 *                         'E' count *( view address )                 evaluate these in it
 *                         'R' answer                             that was asked for
 *   evaluator -> worker   'A' name type                          what does DNS say?
 *                         'V' *verdict                           the verdicts of 'J'
 *                         'W' *result                            the results of 'E'
 *
 * Requests, answers and verdicts are those of spf_exchange.  Numbers are 4 octets
 * of this machine; a text is its length and its octets.  Both ends are the same
 * program file, so there are no versions.
 *
 * Owner:   a packet borrows its bytes; texts read from it live in the arena.
 * Failure: `bad` is set when it does not fit or ends too early, and stays set.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"

enum { SPF_PACKET_MOST = 160 * 1024 };

/* A packet being written or read. */
struct spf_packet {
	uint8_t *at;
	uint8_t *end;
	bool bad;
};

/* Begin to write a packet of this kind into SPF_PACKET_MOST bytes. */
struct spf_packet spf_packet_begin(uint8_t *bytes, char kind);
void spf_packet_put_bytes(struct spf_packet *packet, const void *bytes, size_t size);
void spf_packet_put_number(struct spf_packet *packet, uint32_t number);
void spf_packet_put_part(struct spf_packet *packet, const char *text, size_t length);
void spf_packet_put_text(struct spf_packet *packet, const char *text); /* NULL is a value */

bool spf_packet_send(int fd, const uint8_t *bytes, const struct spf_packet *packet) CHECKED;

/* The next packet, of which `kind` is the first octet. */
bool spf_packet_receive(int fd, uint8_t *bytes, struct spf_packet *packet, char *kind) CHECKED;
void spf_packet_get_bytes(struct spf_packet *packet, void *bytes, size_t size);
uint32_t spf_packet_get_number(struct spf_packet *packet);
const char *spf_packet_get_part(struct spf_packet *packet, struct arena *arena, size_t *length);
const char *spf_packet_get_text(struct spf_packet *packet, struct arena *arena);
