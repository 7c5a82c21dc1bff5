# Postfix behind haproxy's PROXY line, which it insists on, and with XCLIENT for whom that line names 198.51.100.7.
# shellcheck shell=bash disable=SC2034,SC2154
# shellcheck source=postfix.sh
. "$here/servers/postfix.sh"

eval "plain_$(declare -f configure)"
configure() {
  plain_configure
  cat >>"$MAIL_CONFIG/main.cf" <<X
smtpd_upstream_proxy_protocol = haproxy
smtpd_authorized_xclient_hosts = 198.51.100.7
X
}
