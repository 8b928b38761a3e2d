#pragma once

/*
 * site -- a URL under which a client uses the product, and for whom.
 *
 * Found by its URL or, where that says enough, by its host.
 *
 * Failure: as noun.
 */

#include "core/model/noun.h"

enum site_field { SITE_URL, SITE_AUDIENCE, SITE_FIELDS };

extern const struct noun site_noun;
