#pragma once

/*
 * spf_client -- who sends, in the forms that the evaluation needs.
 *
 * Owner:   texts live in the guard's arena; the request is borrowed.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/verify/spf_guard.h"

/* The address and its macro values; false when the text is none. */
bool spf_client_read(struct spf_guard *guard, const char *text) CHECKED;

/* Section 2.4: without a reverse-path the sender is postmaster@helo; section 4.3:
 * without a local part it is postmaster. */
void spf_client_read_sender(struct spf_guard *guard, const struct spf_check_request *request);
