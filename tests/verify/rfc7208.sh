#!/bin/bash
# The RFC 7208 suite through real DNS.  (Not named like its .py: automake would
# not know which of the two makes the log.)
exec /usr/bin/python3 -B "$top_srcdir/tests/verify/spf_suite.py"
