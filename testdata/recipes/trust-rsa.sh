#!/bin/bash
# Makes OUT/rsa.pem: certificates that sign themselves, with RSA keys of usual and unusual lengths.
#
#   trust-rsa.sh OUT
#
# The private keys are thrown away. Needs openssl.
set -euo pipefail
out=$(readlink -f "${1:?usage: trust-rsa.sh OUT}")
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
for form in 1031:3 2048:65537 3072:65537 4096:65537 5000:3 8192:65537; do
  bits=${form%:*}
  openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:$bits -pkeyopt rsa_keygen_pubexp:${form#*:} -out key.pem 2> /dev/null \
    || openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:$bits -pkeyopt rsa_keygen_pubexp:${form#*:} -out key.pem 2> /dev/null
  openssl req -new -x509 -key key.pem -days 1 -subj "/CN=imgscan test RSA-$bits" -sha256
done > "$out/rsa.pem"
