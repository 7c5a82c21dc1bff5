#!/bin/bash
# fetch.sh PREFIX PACKAGE...: unpacks Debian packages into a prefix below the cache; installs nothing. Prints the prefix.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${EHLO_INTEROP_CACHE:-/var/tmp/ehlo-interop-servers}
missing() { echo "cannot have $*" >&2; exit 77; }
# shellcheck source=../interop/fetch.sh
. "$here/../interop/fetch.sh"
prefix=$cache/$1
shift
mkdir -p "$cache"
{
  flock 9 # several tests may start at once
  fetch_packages "$cache/debs" "$prefix" "$@" >&2
} 9>"$cache/lock"
echo "$prefix"
