#pragma once

/*
 * mistaken_key -- a key's record stands at its name, and the key is damaged or
 * another one.
 *
 * Probes for the table of diagnosis.c: none of them asks anything.
 *
 * Owner: clues live in the inquiry.
 */

#include <stdbool.h>

#include "core/verify/evidence.h"

/* The panel kept 255 characters of the value; it kept another part of it. */
bool mistaken_key_cut_at_255(const struct evidence *evidence, struct evidence_clue *clue);
bool mistaken_key_cut(const struct evidence *evidence, struct evidence_clue *clue);

/* The strings of the value: in wrong order; each as a record of its own. */
bool mistaken_key_swapped(const struct evidence *evidence, struct evidence_clue *clue);
bool mistaken_key_split(const struct evidence *evidence, struct evidence_clue *clue);

bool mistaken_key_small_letters(const struct evidence *evidence, struct evidence_clue *clue);

/* Only base64 was pasted; the other tags are there, without p=; they are there and wrong. */
bool mistaken_key_alone(const struct evidence *evidence, struct evidence_clue *clue);
bool mistaken_key_without_p(const struct evidence *evidence, struct evidence_clue *clue);
bool mistaken_key_wrong_tags(const struct evidence *evidence, struct evidence_clue *clue);

/* Another key of this domain; nobody's of ours. */
bool mistaken_key_older(const struct evidence *evidence, struct evidence_clue *clue);
bool mistaken_key_foreign(const struct evidence *evidence, struct evidence_clue *clue);
