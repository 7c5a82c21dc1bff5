# Postfix: smtpd on one port, letters by virtual(8) into one maildir.
# shellcheck shell=bash disable=SC2034,SC2154
packages=(postfix)
accounts=(postfix:5101 postdrop:5102 letters:5103)
command=(/usr/lib/postfix/sbin/master -s)

configure() {
  local etc=$dir/postfix queue=$dir/queue shown=$dir/tls/ecdsa private public
  [ ! -e "$dir/own.pem" ] || shown=$dir/own # a certificate that a test brings along
  private=(active bounce corrupt defer deferred flush hold incoming private saved trace)
  public=(maildrop public pid)
  mkdir -p "$etc" "$dir/data"
  (mkdir -p "$queue" && cd "$queue" && mkdir -p "${private[@]}" "${public[@]}" && chown 5101 "${private[@]}" &&
    chown 5101:5102 maildrop public && chmod 730 maildrop && chmod 710 public && chmod 700 private)
  chown 5101 "$dir/data"
  chown 5103:5103 "$dir/mail"
  cat >"$etc/main.cf" <<X
compatibility_level = 3.6
queue_directory = $queue
data_directory = $dir/data
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = $dir/mail.log
maillog_file_prefixes = $dir
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.port.test
mydestination =
mynetworks =
alias_maps =
alias_database =
virtual_mailbox_domains = port.test
virtual_mailbox_base = $dir/mail
virtual_mailbox_maps = regexp:$etc/mailboxes
virtual_uid_maps = static:5103
virtual_gid_maps = static:5103
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_cert_file = $shown.pem
smtpd_tls_key_file = $shown.key
smtpd_tls_security_level = may
X
  echo '/^(ada|bob)@port\.test$/ box/' >"$etc/mailboxes"
  # Columns: service, type, private, unprivileged, chroot, wakeup, process limit, program.
  {
    echo "127.0.0.1:$port inet n - n - - smtpd"
    echo 'pickup unix n - n 60 1 pickup'
    echo 'cleanup unix n - n - 0 cleanup'
    echo 'qmgr unix n - n 300 1 qmgr'
    echo 'tlsmgr unix - - n 1000? 1 tlsmgr'
    echo 'rewrite unix - - n - - trivial-rewrite'
    echo 'virtual unix - n n - - virtual'
    echo 'anvil unix - - n - 1 anvil'
    echo 'postlog unix-dgram n - n - 1 postlogd'
    local service
    for service in bounce defer trace; do echo "$service unix - - n - 0 bounce"; done
    for service in proxymap smtp relay showq error retry discard; do
      case $service in
        relay) echo 'relay unix - - n - - smtp' ;;
        retry) echo 'retry unix - - n - - error' ;;
        showq) echo 'showq unix n - n - - showq' ;;
        *) echo "$service unix - - n - - $service" ;;
      esac
    done
  } >"$etc/master.cf"
  export MAIL_CONFIG=$etc
}
