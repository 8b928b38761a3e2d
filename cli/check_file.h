#pragma once

/*
 * check_file -- a file that names domains and clients, one in each line.
 *
 *	file = { line ( "\n" | "\r\n" ) }
 *	line = [ DOMAIN | CLIENT ] [ "#" comment ]
 *
 * A "#" begins a comment at the start of a line and behind a blank.
 *
 * Failure: ERR_INPUT when any line is wrong or names what is not registered: a
 *          file counts whole or not at all, and every such line is a finding.
 */

#include "cli/session.h"
#include "core/base/attr.h"
#include "core/ops/survey.h"

/* Add what the file names ("-": standard input).  Inside a transaction. */
bool check_file_load(struct session *session, const char *path, struct survey *survey,
                     struct err *err) CHECKED;
