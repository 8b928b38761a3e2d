#pragma once

/*
 * digest -- what changed, in words for a mail: by client, then by domain.
 *
 * Nothing changed is one line.  Pure; in the language that is set.
 */

#include <stdbool.h>

#include "core/base/text.h"
#include "core/model/change.h"
#include "core/model/channel.h"

/* One sentence about one change: "lost: spf acme.example is missing". */
void digest_sentence(const struct change *change, struct text *out);

void digest_subject(const struct channel *channel, const struct change_list *changes,
                    struct text *out);
void digest_body(const struct channel *channel, const struct change_list *changes,
                 struct text *out);
