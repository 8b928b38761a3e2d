#pragma once

/*
 * mispointing -- a CNAME that leads elsewhere, stands where none belongs, or is
 * not one where one belongs.
 *
 * Probes for the table of diagnosis.c.  False: call again.
 *
 * Owner: clues live in the inquiry.
 */

#include <stdbool.h>

#include "core/verify/evidence.h"

/* The panel appended the zone to the target (of a CNAME or an MX); it lost its end. */
bool mispointing_zone_appended(const struct evidence *evidence, struct evidence_clue *clue);
bool mispointing_cut(const struct evidence *evidence, struct evidence_clue *clue);

/* A target of ours, of another key or another hosting domain; anybody's. */
bool mispointing_older(const struct evidence *evidence, struct evidence_clue *clue);
bool mispointing_elsewhere(const struct evidence *evidence, struct evidence_clue *clue);

/* A CNAME where a TXT record was wanted. */
bool mispointing_instead_of_text(const struct evidence *evidence, struct evidence_clue *clue);

/* The target as the text of a TXT record. */
bool mispointing_as_text(const struct evidence *evidence, struct evidence_clue *clue);

/* CNAME and TXT at one name; TXT with our key, and no CNAME. */
bool mispointing_beside_text(const struct evidence *evidence, struct evidence_clue *clue);
bool mispointing_flattened(const struct evidence *evidence, struct evidence_clue *clue);

/* Addresses instead of the CNAME. */
bool mispointing_proxied(const struct evidence *evidence, struct evidence_clue *clue);
