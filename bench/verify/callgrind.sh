#!/usr/bin/env bash
# Instructions of one verification, by callgrind: the difference of two runs of different lengths, so that
# start-up falls out. A table on standard output.
#
#   bench/verify/callgrind.sh [INPUT…]         okta, entra, both, ecdsa and large where none is given
#   PEERS=1 bench/verify/callgrind.sh okta     with samael beside it (README.md says what that needs)
#   BENCH_INPUTS=FOLDER                 where the inputs are; ../shared/bench/inputs by default, beside the repository
set -euo pipefail
cd "$(dirname "$0")"
inputs=${BENCH_INPUTS:-../../../shared/bench/inputs}
command -v valgrind >/dev/null || { echo "callgrind.sh: valgrind is not installed" >&2; exit 2; }
[ -d "$inputs" ] || { echo "callgrind.sh: no folder $inputs" >&2; exit 2; }
cargo build --release --quiet ${PEERS:+--features peers}
operate=${CARGO_TARGET_DIR:-../target}/release/operate

# Its own file, never /dev/null: valgrind makes the file anew, and as root that replaces the device.
counts=$(mktemp)
trap 'rm -f "$counts"' EXIT

collected() { # INPUT SUBJECT TIMES
  valgrind --tool=callgrind --callgrind-out-file="$counts" "$operate" "$inputs" "$1" "$2" "$3" 2>&1 |
    awk '/Collected/ { print $4 }'
}

[ $# -gt 0 ] || set -- okta entra both ecdsa large
mapfile -t subjects < <("$operate" subjects)
for input in "$@"; do
  printf '%s\n' "$input"
  limit=
  for subject in "${subjects[@]}"; do
    few=$(collected "$input" "$subject" 10)
    many=$(collected "$input" "$subject" 40)
    each=$(((many - few) / 30))
    limit=${limit:-$each}
    awk -v name="$subject" -v each="$each" -v limit="$limit" \
      'BEGIN { printf "  %-26s %9.1f k  %6.2f x limit\n", name, each / 1000, each / limit }'
  done
done
