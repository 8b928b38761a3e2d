#pragma once

/*
 * spf_library -- the one door to libspf2's headers, and to what they need first.
 *
 * For spf_check and the files it is made of.
 */

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>

/* What libspf2's headers want to know about the system. */
#define HAVE_NETDB_H           1
#define HAVE_NS_TYPE           1
#define HAVE_DECL_NS_T_SPF     1
#define HAVE_DECL_NS_T_INVALID 1
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <spf2/spf.h>
#include <spf2/spf_dns.h>
#include <spf2/spf_dns_rr.h>
#include <spf2/spf_record.h>
#pragma GCC diagnostic pop
