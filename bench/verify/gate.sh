#!/usr/bin/env bash
# The gate of ./test: instructions of a login through the public functions, every rule on, over those of the
# least that it could cost, with and without a trace. Fails over 1.6. Both are counted by callgrind on a committed input, so the
# answer does not depend on how busy the machine is.
set -euo pipefail
cd "$(dirname "$0")"
BENCH_INPUTS=inputs ./callgrind.sh response | awk '
  { print }
  /^ *sso-core/ && $(NF - 2) + 0 > ratio { ratio = $(NF - 2) }
  END {
    if (ratio == "") { print "gate: nothing was counted"; exit 1 }
    if (ratio > 1.6) { print "gate: " ratio " times the limit is more than 1.6"; exit 1 }
    print "gate: " ratio " times the limit, at most 1.6"
  }'
