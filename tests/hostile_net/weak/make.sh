#!/bin/sh
# Makes the certificates of this folder anew: kinds that rcgen does not make. All are for mx1.harbor.test, are valid from
# November 2026 to 2036 and share one key that guards nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > ca.conf <<'CONF'
[ca]
default_ca = plain
[plain]
new_certs_dir = .
database = index.txt
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[server]
subjectAltName = DNS:mx1.harbor.test
CONF
: > index.txt

# sign NAME SUBJECT KEY EXTENSIONS ARGUMENT...: without extensions the certificate is of version 1.
sign() {
    name=$1 subject=$2 key=$3 extensions=$4
    shift 4
    openssl req -new -key "$key" -subj "/CN=$subject" -out "$name.csr"
    openssl ca -batch -notext -config ca.conf ${extensions:+-extensions "$extensions"} \
        -startdate 20261101000000Z -enddate 20361101000000Z -in "$name.csr" -out "$name.pem" "$@" 2> ca.log || { cat ca.log; exit 1; }
    openssl x509 -in "$name.pem" -outform DER -out "$here/$name.der"
}

openssl ecparam -name prime256v1 -genkey -noout -out ec.key
openssl ecparam -name prime256v1 -genkey -noout -out authority.key
openssl genrsa -out rsa1024.key 1024 2> /dev/null
openssl pkcs8 -topk8 -nocrypt -in ec.key -outform DER -out "$here/key.der"

sign authority "Strong CA" authority.key authority -selfsign -keyfile authority.key
sign weak_authority "Weak CA" rsa1024.key authority -keyfile authority.key -cert authority.pem
sign weak_root "Weak Root" rsa1024.key authority -selfsign -keyfile rsa1024.key
sign v1 mx1.harbor.test ec.key "" -keyfile authority.key -cert authority.pem
sign v1_self mx1.harbor.test ec.key "" -selfsign -keyfile ec.key
sign of_weak_authority mx1.harbor.test ec.key server -keyfile rsa1024.key -cert weak_authority.pem
sign of_weak_root mx1.harbor.test ec.key server -keyfile rsa1024.key -cert weak_root.pem
