#!/bin/bash
# Makes the code integrity policies of the tests: OUT/*.cip (ci_policies.py), and of them signed
# ones: OUT/signed.cip by the authority OUT/ca.der, OUT/foreign.cip by another.
#
#   ci-policies.sh OUT
#
# The authorities are made anew each time, so two runs differ in every signature.
# Needs: openssl python3.
set -euo pipefail
out=${1:?usage: ci-policies.sh OUT}; here=$(dirname "$(readlink -f "$0")")
mkdir -p "$out"; out=$(readlink -f "$out")
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 "$here/ci_policies.py" "$out"
for name in ca other; do
  openssl req -x509 -newkey rsa:2048 -nodes -keyout $name.key -out $name.pem -days 7300 -subj "/O=Test/CN=Policy Root $name" 2> /dev/null
  openssl req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj "/O=Test/CN=Policy Signer $name" 2> /dev/null
  printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=codeSigning\n' > leaf.ext
  openssl x509 -req -in leaf.csr -CA $name.pem -CAkey $name.key -CAcreateserial -days 7300 -extfile leaf.ext -out leaf.pem 2> /dev/null
  # The content's type is that of a code integrity policy.
  openssl cms -sign -binary -nodetach -md sha256 -econtent_type 1.3.6.1.4.1.311.79.1 -signer leaf.pem -inkey leaf.key -certfile $name.pem \
    -in "$out/allow-all.cip" -outform DER -out $name.cip
  openssl cms -verify -binary -purpose any -CAfile $name.pem -inform DER -in $name.cip -out plain 2> /dev/null
  cmp plain "$out/allow-all.cip"
done
mv ca.cip "$out/signed.cip"; mv other.cip "$out/foreign.cip"
openssl x509 -in ca.pem -outform DER -out "$out/ca.der"
