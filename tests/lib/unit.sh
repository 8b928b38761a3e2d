#!/bin/bash
# Run a cmocka program: its TAP says "not ok 3 # SKIP name" of a test that was skipped.
set -o pipefail
"$@" | sed -u 's/^not ok \([0-9]*\) # SKIP \(.*\)$/ok \1 - \2 # SKIP not possible here/'
