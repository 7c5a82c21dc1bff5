# Sendmail: its configuration is built with m4 from Debian's sources; the local mailer is a script of three lines that
# writes each letter to a file of its own.
# shellcheck shell=bash disable=SC2034,SC2154
packages=(sendmail-bin sendmail-base sendmail-cf m4)
accounts=(smmta:5301 smmsp:5302)
command=(/usr/libexec/sendmail/sendmail -C "${dir:-}/sendmail.cf" -bD -q10s)

configure() {
  local macros=/usr/share/sendmail/cf
  mkdir -p "$dir/queue"
  chmod 700 "$dir/queue"
  cp "$dir/tls/ecdsa.key" "$dir/sendmail.key"
  chmod 600 "$dir/sendmail.key"
  chown 5301:5301 "$dir/mail"
  printf '#!/bin/sh\nletter=%s/mail/$(date +%%s%%N).$$\ncat >"$letter.part" && mv "$letter.part" "$letter"\n' "$dir" >"$dir/deliver"
  chmod 755 "$dir/deliver"
  cat >"$dir/sendmail.mc" <<X
include(\`$macros/m4/cf.m4')dnl
OSTYPE(\`linux')dnl
define(\`confDOMAIN_NAME', \`mail.port.test')dnl
define(\`confPID_FILE', \`$dir/sendmail.pid')dnl
define(\`QUEUE_DIR', \`$dir/queue')dnl
define(\`STATUS_FILE', \`$dir/status')dnl
define(\`HELP_FILE', \`$dir/helpfile')dnl
define(\`confCACERT', \`$dir/tls/ca.pem')dnl
define(\`confCACERT_PATH', \`$dir/tls')dnl
define(\`confSERVER_CERT', \`$dir/tls/ecdsa.crt')dnl
define(\`confSERVER_KEY', \`$dir/sendmail.key')dnl
define(\`confDONT_PROBE_INTERFACES', \`True')dnl
define(\`confDONT_BLAME_SENDMAIL', \`AssumeSafeChown,GroupReadableKeyFile,TrustStickyBit')dnl
define(\`confTO_IDENT', \`0s')dnl
define(\`confDEF_USER_ID', \`smmta:smmta')dnl
define(\`LOCAL_MAILER_PATH', \`$dir/deliver')dnl
define(\`LOCAL_MAILER_ARGS', \`deliver \$u')dnl
MODIFY_MAILER_FLAGS(\`LOCAL', \`-w')dnl
undefine(\`ALIAS_FILE')dnl
FEATURE(\`accept_unresolvable_domains')dnl
FEATURE(\`nocanonify')dnl
FEATURE(\`no_default_msa')dnl
DAEMON_OPTIONS(\`Family=inet, Name=MTA, Addr=127.0.0.1, Port=$port')dnl
MAILER(\`local')dnl
MAILER(\`smtp')dnl
LOCAL_CONFIG
Clocalhost port.test
LOCAL_RULE_0
R\$* <@ port.test .> \$*	\$#local \$: \$1
R\$* <@ port.test> \$*	\$#local \$: \$1
X
  m4 "-D_CF_DIR_=$macros/" "$dir/sendmail.mc" >"$dir/sendmail.cf"
}
