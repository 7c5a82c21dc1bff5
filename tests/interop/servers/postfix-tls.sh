# Postfix with TLS from the first octet. All else is as in postfix.sh.
# shellcheck shell=bash disable=SC2034,SC2154
# shellcheck source=postfix.sh
. "$here/servers/postfix.sh"

eval "plain_$(declare -f configure)"
configure() {
  plain_configure
  echo 'smtpd_tls_wrappermode = yes' >>"$MAIL_CONFIG/main.cf"
}
