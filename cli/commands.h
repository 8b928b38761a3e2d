#pragma once

/*
 * commands -- the tables of all nouns; each cmd_NOUN.c defines one.
 */

#include "cli/command.h"

extern const struct command cmd_check[];
extern const struct command cmd_client[];
extern const struct command cmd_db[];
extern const struct command cmd_domain[];
extern const struct command cmd_export[];
extern const struct command cmd_key_revoke[];
extern const struct command cmd_zone[];
extern const struct command cmd_handover[];
extern const struct command cmd_help[];
extern const struct command cmd_import[];
extern const struct command cmd_key[];
extern const struct command cmd_key_import[];
extern const struct command cmd_key_escrow[];
extern const struct command cmd_key_life[];
extern const struct command cmd_key_master[];
extern const struct command cmd_key_officer[];
extern const struct command cmd_login[];
extern const struct command cmd_monitor[];
extern const struct command cmd_plan[];
extern const struct command cmd_provider[];
extern const struct command cmd_record[];
extern const struct command cmd_relay[];
extern const struct command cmd_relay_host[];
extern const struct command cmd_relay_key[];
extern const struct command cmd_report[];
extern const struct command cmd_secret[];
extern const struct command cmd_sender[];
extern const struct command cmd_site[];
extern const struct command cmd_smarthost[];
extern const struct command cmd_spf_eval[];
extern const struct command cmd_spf_lint[];
extern const struct command cmd_spf_merge[];
extern const struct command cmd_history[];
extern const struct command cmd_status[];
extern const struct command cmd_up[];
extern const struct command cmd_user[];
