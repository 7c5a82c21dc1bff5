# OpenSMTPD: letters into one maildir a user. Debian's build offers STARTTLS and then ends every handshake with an
# alert: a real fault, kept as it is, for the explorer to explain.
# shellcheck shell=bash disable=SC2034,SC2154
packages=(opensmtpd)
accounts=(opensmtpd:5401 opensmtpq:5402 letters:5403)
command=(/usr/sbin/smtpd -d -f "${dir:-}/smtpd.conf")

configure() {
  mkdir -p /var/spool/smtpd /var/lib/opensmtpd/empty
  chmod 711 /var/spool/smtpd "$dir" "$dir/var-spool"
  cp "$dir/tls/rsa.key" "$dir/smtpd.key"
  chmod 600 "$dir/smtpd.key"
  chown 5403:5403 "$dir/mail"
  cat >"$dir/smtpd.conf" <<X
pki mail.port.test cert "$dir/tls/rsa.pem"
pki mail.port.test key "$dir/smtpd.key"
table people { ada = letters, bob = letters }
listen on 127.0.0.1 port $port tls pki mail.port.test hostname mail.port.test
listen on socket
action "box" maildir "$dir/mail/%{rcpt.user}" virtual <people>
match from any for domain "port.test" action "box"
X
}
