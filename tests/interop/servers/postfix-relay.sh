# Postfix as a relay: takes letters for harbor.test and sends them on to a served lab, on port EHLO_LAB_PORT of
# localhost, inside TLS that it verifies with EHLO_LAB_CA.
# shellcheck shell=bash disable=SC2034,SC2154
# shellcheck source=postfix.sh
. "$here/servers/postfix.sh"
eval "$(declare -f configure | sed '1s/configure/receive/')"

configure() {
  receive
  cat >>"$dir/postfix/main.cf" <<X
relay_domains = harbor.test
transport_maps = inline:{harbor.test=smtp:[localhost]:$EHLO_LAB_PORT}
smtp_host_lookup = native
smtp_tls_security_level = secure
smtp_tls_secure_cert_match = nexthop
smtp_tls_CAfile = $EHLO_LAB_CA
smtp_tls_loglevel = 1
X
}
