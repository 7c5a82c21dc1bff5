# Postfix with Dovecot's logins: ada logs in with the password lovelace, inside TLS only. All else is as in postfix.sh.
# shellcheck shell=bash disable=SC2034,SC2154
# shellcheck source=postfix.sh
. "$here/servers/postfix.sh"
packages=(postfix dovecot-core)
accounts+=(dovecot:5501 dovenull:5502)
command=(bash "$here/both.sh" "/usr/sbin/dovecot -F -c ${dir:-}/dovecot.conf" "/usr/lib/postfix/sbin/master -s")

eval "plain_$(declare -f configure)"
configure() {
  plain_configure
  mkdir -p "$dir/dovecot-run" "$dir/dovecot-state"
  echo "ada:{PLAIN}lovelace:5103:5103::$dir/mail/ada" >"$dir/people"
  cat >"$dir/dovecot.conf" <<X
base_dir = $dir/dovecot-run
state_dir = $dir/dovecot-state
log_path = $dir/dovecot.log
protocols =
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 xoauth2 oauthbearer anonymous
auth_anonymous_username = nobody
auth_failure_delay = 0
auth_username_format = %Ln
passdb {
  driver = passwd-file
  args = $dir/people
}
userdb {
  driver = passwd-file
  args = $dir/people
}
service auth {
  unix_listener $dir/dovecot-auth {
    mode = 0666
  }
}
service anvil {
  chroot =
}
X
  cat >>"$MAIL_CONFIG/main.cf" <<X
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = $dir/dovecot-auth
smtpd_sasl_security_options =
smtpd_tls_auth_only = yes
X
}
