# Postfix with Cyrus SASL: ada logs in with the password lovelace, inside TLS only. All else is as in postfix.sh.
# shellcheck shell=bash disable=SC2034,SC2154
# shellcheck source=postfix.sh
. "$here/servers/postfix.sh"
packages=(postfix sasl2-bin libsasl2-modules libsasl2-modules-db)

eval "plain_$(declare -f configure)"
configure() {
  plain_configure
  local sasl=$MAIL_CONFIG/sasl # where Debian's Postfix looks for it, whatever cyrus_sasl_config_path says
  mkdir -p "$sasl"
  cat >"$sasl/smtpd.conf" <<X
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: $sasl/sasldb2
mech_list: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256
X
  printf lovelace | saslpasswd2 -p -c -f "$sasl/sasldb2" -u mail.port.test ada
  chown 5101 "$sasl/sasldb2"
  cat >>"$MAIL_CONFIG/main.cf" <<X
smtpd_sasl_auth_enable = yes
smtpd_sasl_path = smtpd
smtpd_sasl_local_domain = mail.port.test
smtpd_tls_auth_only = yes
X
}
