#!/bin/bash
# Makes the signed scripts of the tests: OUT/*.{ps1,psm1,psd1,ps1xml,mof,vbs,js}, a catalog that lists scripts
# which carry no signature, OUT/ca.der, and what osslsigncode says of each, OUT/truth.txt.
#
#   scripts.sh OUT
#
# The authority is made anew each time. Needs: openssl osslsigncode (2.9) python3.
# osslsigncode knows no scripts of the Script Host: these are signed by openssl over a digest that scripts.py computes.
set -euo pipefail
out=${1:?usage: scripts.sh OUT}; here=$(dirname "$(readlink -f "$0")")
mkdir -p "$out"; out=$(readlink -f "$out"); rm -f "$out"/*
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"; mkdir plain tree
authority() { openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.pem" -days 7300 -subj "/O=Test/CN=$2" 2> /dev/null; }
authority ca 'Scripts Root'; authority other 'Other Root'
leaf() { # leaf NAME CN AUTHORITY
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/O=Test/CN=$2" 2> /dev/null
  printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=codeSigning\n' > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" -CAcreateserial -days 7300 -extfile "$1.ext" -out "$1.pem" 2> /dev/null
}
leaf maker 'Script Maker' ca; leaf stranger 'Stranger' other
python3 "$here/scripts.py" plain
sign() { osslsigncode sign -certs "$2.pem" -ac "$3.pem" -key "$2.key" -h sha256 -in "plain/$1" -out "tree/$1" > /dev/null; }
for f in plain/*.ps1 plain/*.psm1 plain/*.psd1 plain/*.ps1xml plain/*.mof plain/*.cat; do
  case $f in *stranger*) sign "${f#plain/}" stranger other ;; *) sign "${f#plain/}" maker ca ;; esac
done
for f in host.vbs host.js; do
  # What is signed is the content without its tag and length.
  python3 "$here/scripts.py" --content "plain/$f" content
  openssl cms -sign -binary -nodetach -noattr -md sha256 -signer maker.pem -inkey maker.key -certfile ca.pem \
    -econtent_type 1.3.6.1.4.1.311.2.1.4 -in content.body -outform DER -out signature 2> /dev/null
  python3 "$here/scripts.py" --append "plain/$f" content signature "tree/$f"
done
for f in tree/*.ps1 tree/*.psm1 tree/*.psd1 tree/*.ps1xml tree/*.mof; do
  echo "== ${f#tree/}"
  osslsigncode verify -CAfile ca.pem -in "$f" 2>&1 | grep -E 'message digest|Signature verification|Subject: ' || true
done > "$out/truth.txt"
cp tree/* "$out/"; cp plain/listed.* "$out/"; cp tree/listed.cat "$out/"; openssl x509 -in ca.pem -outform DER -out "$out/ca.der"
