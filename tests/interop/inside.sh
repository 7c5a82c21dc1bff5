#!/bin/bash
# Runs inside the private mount namespace that serve.sh made: lays the server's files at the places its makers chose,
# writes its configuration, and becomes the server.
set -euo pipefail
mount -t overlay -o "lowerdir=$prefix/usr:/usr" overlay /usr
mount -t overlay -o "lowerdir=$dir/etc:/etc" overlay /etc
# The same two as bind mounts: where the machine's own are mounts themselves, an overlay does not reach them.
for file in hosts resolv.conf; do
  mount --bind "$dir/etc/$file" "/etc/$file"
done
mkdir -p "$dir/var-lib" "$dir/var-spool" "$dir/run"
mount --bind "$dir/var-lib" /var/lib
mount --bind "$dir/var-spool" /var/spool
mount --bind "$dir/run" /run
# shellcheck source=/dev/null
. "$here/servers/$name.sh"
configure
exec "${command[@]}"
