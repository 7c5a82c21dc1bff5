# OpenSMTPD with logins: ada logs in with the password lovelace. All else is as in opensmtpd.sh, but for the fault of
# Debian's build, which is worked round. Its process that speaks TLS holds a stand-in for the private key, an RSA whose
# methods ask another process to sign. OpenSSL 3 takes the public key that the stand-in was made from for a key of its
# own and never comes to those methods. The few lines below hand it the stand-in alone.
# shellcheck shell=bash disable=SC2034,SC2154
# shellcheck source=opensmtpd.sh
. "$here/servers/opensmtpd.sh"
command=(env "LD_PRELOAD=${dir:-}/stand-in.so" /usr/sbin/smtpd -d -f "${dir:-}/smtpd.conf")

eval "plain_$(declare -f configure)"
configure() {
  plain_configure
  cc -shared -fPIC -x c -o "$dir/stand-in.so" - -ldl <<'X'
#define _GNU_SOURCE
#include <dlfcn.h>
void *EVP_PKEY_get1_RSA(void *), *EVP_PKEY_new(void);
int EVP_PKEY_set1_RSA(void *, void *);
int SSL_CTX_use_PrivateKey(void *context, void *key) {
    int (*use)(void *, void *) = dlsym(RTLD_NEXT, "SSL_CTX_use_PrivateKey");
    void *rsa = EVP_PKEY_get1_RSA(key), *alone = rsa ? EVP_PKEY_new() : 0;
    return use(context, alone && EVP_PKEY_set1_RSA(alone, rsa) ? alone : key);
}
X
  chmod 755 "$dir/stand-in.so"
  printf 'ada\t%s\n' "$(openssl passwd -6 lovelace)" >"$dir/logins"
  chown root:5401 "$dir/logins"
  chmod 640 "$dir/logins"
  sed -i -e "1i table logins file:$dir/logins" -e 's/^listen on 127.*tls pki mail.port.test/& auth-optional <logins>/' "$dir/smtpd.conf"
}
