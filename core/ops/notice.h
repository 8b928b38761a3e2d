#pragma once

/*
 * notice -- one change as JSON for a webhook.  Pure.
 *
 *	{"version":1,"id":UUID,"at":TIME,"provider","client","domain",
 *	 "change":"lost|recovered|degraded|verified|unmet|certificate|key-age",
 *	 "purpose","name","sentence","meaning","detail":{...}}
 *
 * "meaning" says what the loss of something recommended is to its senders; null
 * elsewhere.
 *
 * The same change has the same id however often it is sent.
 */

#include "core/base/text.h"
#include "core/model/change.h"

void notice_render(const struct change *change, struct text *out);
