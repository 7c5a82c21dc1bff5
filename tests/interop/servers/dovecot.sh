# Dovecot as a mail store: LMTP on the port and on the Unix socket DIR/lmtp, a verdict for each recipient. Mail for eve
# does not fit into her quota, so her verdict differs from the others' at the end of the letter.
# shellcheck shell=bash disable=SC2034,SC2154
packages=(dovecot-core dovecot-lmtpd)
accounts=(dovecot:5501 dovenull:5502 letters:5503)
command=(/usr/sbin/dovecot -F -c "${dir:-}/dovecot.conf")

configure() {
  mkdir -p "$dir/dovecot-run" "$dir/dovecot-state"
  chown 5503:5503 "$dir/mail"
  local who
  for who in ada bob; do echo "$who:{PLAIN}lovelace:5503:5503::$dir/mail/$who"; done >"$dir/people"
  echo "eve:{PLAIN}x:5503:5503::$dir/mail/eve::userdb_quota_rule=*:bytes=1" >>"$dir/people"
  cat >"$dir/dovecot.conf" <<X
base_dir = $dir/dovecot-run
state_dir = $dir/dovecot-state
log_path = $dir/dovecot.log
protocols = lmtp
listen = 127.0.0.1
hostname = mail.port.test
ssl = yes
ssl_cert = <$dir/tls/ecdsa.pem
ssl_key = <$dir/tls/ecdsa.key
disable_plaintext_auth = no
auth_username_format = %Ln
first_valid_uid = 100
mail_location = maildir:~/Maildir
mail_plugins = quota
plugin {
  quota = maildir:all
}
passdb {
  driver = passwd-file
  args = $dir/people
}
userdb {
  driver = passwd-file
  args = $dir/people
}
service lmtp {
  inet_listener lmtp {
    port = $port
  }
  unix_listener $dir/lmtp {
    mode = 0666
  }
}
service anvil {
  chroot =
}
X
}
