#!/bin/bash
# Makes the signed PE images and catalogs of the tests: OUT/*.{exe,sys,cat}, OUT/ca.der and what
# osslsigncode says of each, OUT/truth.txt.
#
#   signed.sh OUT
#
# The authorities are made anew each time, so two runs differ in every signature.
# Needs: openssl osslsigncode python3, and pefile (PyPI) for the names in version resources.
set -euo pipefail
out=${1:?usage: signed.sh OUT}; here=$(dirname "$(readlink -f "$0")")
mkdir -p "$out"; out=$(readlink -f "$out")
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"; mkdir tree
python3 "$here/signed.py" tree
authority() { openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.pem" -days 7300 -subj "/O=Test/CN=$2" 2> /dev/null; }
signer() { # signer NAME CN AUTHORITY USAGES
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/O=Test/CN=$2" 2> /dev/null
  printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=codeSigning%s\n' "$4" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" -CAcreateserial -days 7300 -extfile "$1.ext" -out "$1.pem" 2> /dev/null
}
authority ca 'Test Root'; authority other 'Other Root'; authority self 'Self Signed'
signer windows 'Test Windows' ca ,1.3.6.1.4.1.311.10.3.6
signer whql 'Test Hardware Publisher' ca ,1.3.6.1.4.1.311.10.3.5
signer vendor 'Test Vendor' other ''
sign() { # sign FILE SIGNER AUTHORITY OPTIONS...
  local file=$1 by=$2 ca=$3; shift 3
  osslsigncode sign -certs "$by.pem" -ac "$ca.pem" -key "$by.key" "$@" -in "tree/$file" -out signed > /dev/null
  mv signed "tree/$file"
}
for f in kernel.exe old-kernel.exe; do sign $f windows ca -h sha256; done
sign foreign.sys vendor other -h sha256
sign self.sys self self -h sha256
sign dual.sys windows ca -h sha1
sign dual.sys windows ca -h sha256 -nest
for f in driver.cat driver2.cat other.cat; do sign $f whql ca -h sha256; done
for f in tree/*.exe tree/*.sys; do
  echo "== ${f#tree/}"
  osslsigncode verify -CAfile ca.pem -in "$f" 2>&1 | grep -E 'message digest|Signature verification|^Signature Index|Subject: ' || true
done > "$out/truth.txt"
for c in driver.cat driver2.cat other.cat; do
  echo "== driver.sys by $c"
  osslsigncode verify -CAfile ca.pem -catalog "tree/$c" -in tree/driver.sys 2>&1 | grep -E 'message digest|Signature verification|Subject: |Failed|mismatch|not found' || true
done >> "$out/truth.txt"
for f in tree/bootmgr.efi tree/spare-kernel.exe tree/vulnerable.sys; do
  echo "== names in ${f#tree/}"
  python3 -c 'import pefile, sys
for i in pefile.PE(sys.argv[1]).FileInfo[0]:
    for t in getattr(i, "StringTable", []):
        for k, v in t.entries.items(): print(k.decode(), v.decode())' "$f"
done >> "$out/truth.txt"
cp tree/* "$out/"; openssl x509 -in ca.pem -outform DER -out "$out/ca.der"
