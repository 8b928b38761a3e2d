#pragma once

/*
 * selfcheck -- known answers, before anything real is sealed.
 *
 * A library that was exchanged, miscompiled or misread must be noticed by a
 * service that does not start, not by keys that nobody can open later.
 *
 * Failure: ERR_CRYPTO.
 * Secrets: fixed test values only.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/base/err.h"

bool selfcheck_run(struct err *err) CHECKED;
