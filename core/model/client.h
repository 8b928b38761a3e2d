#pragma once

/*
 * client -- a customer of a provider, called provider/client.
 *
 * Failure: as noun.
 */

#include "core/model/noun.h"

enum client_field { CLIENT_TITLE, CLIENT_LANGUAGE, CLIENT_CONTACT, CLIENT_REPLY_TO, CLIENT_FIELDS };

extern const struct noun client_noun;
