#!/bin/bash
# serve.sh NAME PORT DIR: runs one real mail server in the foreground until it is told to stop (SIGTERM to this pid).
#
# NAME is a file under servers/. The server listens on 127.0.0.1:PORT, offers STARTTLS with a certificate for
# mail.port.test, takes letters for ada@port.test and bob@port.test without asking who sends them, and puts them below
# DIR/mail. Everything it writes lies in DIR, its log in DIR/log.
#
# Nothing is installed and nothing on the machine is changed: Debian's packages are unpacked into a prefix of their own
# below EHLO_INTEROP_CACHE (the four conflict with one another) and laid over /usr and /etc in a private mount namespace.
# That needs root, unshare, overlayfs and a package list (apt-get update); what is missing is said and exits with 77.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
name=$1 port=$2 dir=$3
cache=${EHLO_INTEROP_CACHE:-/var/tmp/ehlo-interop-servers}
# shellcheck source=fetch.sh
. "$here/fetch.sh"
# shellcheck source=/dev/null
. "$here/servers/$name.sh"

missing() { echo "cannot run $name: $1" >&2; exit 77; }
[ "$(id -u)" = 0 ] || missing "a private mount namespace needs root"
for tool in unshare apt-get apt-cache dpkg flock openssl; do
  command -v "$tool" >/dev/null || missing "the program $tool is not installed"
done
unshare -m true 2>/dev/null || missing "this machine allows no mount namespace"

mkdir -p "$cache" "$dir/mail" "$dir/etc"
prefix=$cache/$name
{
  flock 9 # several tests may start at once
  fetch_packages "$cache/debs" "$prefix" "${packages[@]}"
  make_certificates "$cache/certificates"
} 9>"$cache/lock"
cp -r "$cache/certificates" "$dir/tls"

# The accounts and names that the server sees; the machine's own files stay as they are.
cp /etc/passwd /etc/group "$dir/etc/"
for account in "${accounts[@]}"; do # user:uid; a machine that has such an account has it with another number
  sed -i "/^${account%%:*}:/d" "$dir/etc/passwd" "$dir/etc/group"
  echo "${account%%:*}:x:${account##*:}:${account##*:}::/nonexistent:/usr/sbin/nologin" >>"$dir/etc/passwd"
  echo "${account%%:*}:x:${account##*:}:" >>"$dir/etc/group"
done
printf '127.0.0.1 localhost\n127.0.0.1 mail.port.test %s\n' "$(hostname)" >"$dir/etc/hosts"
# No name server answers there: a server that asks for names gets no answer at once, not after a long wait.
printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >"$dir/etc/resolv.conf"
chmod 755 "$dir" "$dir/mail"

export name port dir prefix here
exec unshare -m bash "$here/inside.sh" </dev/null >>"$dir/log" 2>&1
