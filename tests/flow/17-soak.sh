#!/bin/bash
# A small soak: hundreds of domains, lost packets, dead servers, two monitors that are killed; each change is told
# once and nothing else.  "make soak" is the long one.
SOAK_DOMAINS=${SOAK_DOMAINS:-300} SOAK_SECONDS=${SOAK_SECONDS:-15}
export SOAK_DOMAINS SOAK_SECONDS
. "$top_srcdir/tests/soak/soak.sh"
