# Sourced by serve.sh: packages into a prefix, and certificates.
# shellcheck shell=bash

# Libraries that the given packages need and this machine lacks, with all that those need in turn.
libraries_of() {
  local direct
  direct=$(apt-cache depends "$@" | sed -n 's/^ *Depends: \(lib[^ ]*\)$/\1/p' | sort -u)
  # shellcheck disable=SC2086
  apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances $direct |
    sed -n 's/^\(lib[^ :]*\)$/\1/p' | sort -u |
    while read -r library; do
      case $(dpkg-query -W -f '${db:Status-Status}' "$library" 2>/dev/null || true) in
        installed) ;;
        *) echo "$library" ;;
      esac
    done
}

# fetch_packages DEBS PREFIX PACKAGE...: downloads what is not there yet and unpacks it; installs nothing.
fetch_packages() {
  local debs=$1 prefix=$2
  shift 2
  [ -e "$prefix/.complete" ] && return
  mkdir -p "$debs" "$prefix"
  local wanted package
  wanted="$* $(libraries_of "$@")"
  for package in $wanted; do
    compgen -G "$debs/${package}_*.deb" >/dev/null || (cd "$debs" && apt-get -qq -o APT::Sandbox::User=root download "$package") ||
      missing "the package $package cannot be had (has apt-get update been run?)"
    dpkg -x "$debs/${package}"_*.deb "$prefix"
  done
  touch "$prefix/.complete"
}

# make_certificates DIR: a private CA and one leaf for mail.port.test, with an ECDSA and an RSA key.
make_certificates() {
  local dir=$1 kind
  [ -e "$dir/rsa.pem" ] && [ -n "$(find "$dir/rsa.pem" -mtime -20)" ] && return
  rm -rf "$dir"
  mkdir -p "$dir"
  local names='subjectAltName=DNS:mail.port.test,DNS:localhost,IP:127.0.0.1'
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=Port of tests CA" \
    -keyout "$dir/ca.key" -out "$dir/ca.pem" 2>/dev/null
  for kind in ecdsa rsa; do
    case $kind in
      ecdsa) openssl ecparam -genkey -name prime256v1 -noout -out "$dir/$kind.key" ;;
      rsa) openssl genrsa -out "$dir/$kind.key" 2048 2>/dev/null ;;
    esac
    openssl req -new -key "$dir/$kind.key" -subj "/CN=mail.port.test" -out "$dir/$kind.csr"
    openssl x509 -req -in "$dir/$kind.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 30 \
      -extfile <(echo "$names") -out "$dir/$kind.crt" 2>/dev/null
    cat "$dir/$kind.crt" "$dir/ca.pem" >"$dir/$kind.pem"
  done
  chmod 600 "$dir"/*.key
  chmod 755 "$dir"
}
