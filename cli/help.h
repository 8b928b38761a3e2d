#pragma once

/*
 * help -- everything a person can read about commands, from their rows.
 *
 * The overview, one group, one command; the manual page's list of commands
 * and the shell completion are printed by the same walk.
 */

#include "cli/command.h"
#include "core/base/text.h"

/* All groups and commands, a line each. */
void help_overview(struct text *out);

/* The commands whose words begin with the given ones ("key", "key escrow");
 * false when there is none. */
bool help_group(const char *words, struct text *out);

/* One command: usage, options, examples. */
void help_command(const struct command *command, struct text *out);

/* The COMMANDS part of senderctl(1), in scdoc. */
void help_manual(struct text *out);

/* A bash completion script. */
void help_completion(struct text *out);
