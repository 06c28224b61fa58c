#!/bin/bash
# Makes OUT/signatures: signatures of RSA and ECDSA keys of many kinds, with what openssl says of each;
# and OUT/short.asc, OUT/short.sig, OUT/short: an RSA signature that gpg wrote without its leading zero.
#
#   trust-signatures.sh OUT
#
# Lines: "key NAME DER" (SubjectPublicKeyInfo) and "sig KEY DIGEST HOW SIGNATURE good|bad", all over the
# message "imgscan\n"; hexadecimal. HOW: plain; zero (a zero in front); short (the message has a number behind it,
# such that the signature begins with a zero, which is left out), full (the same with the zero).
# The private keys are thrown away. Needs openssl and gpg.
set -euo pipefail
out=$(readlink -f "${1:?usage: trust-signatures.sh OUT}")
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }
says() { # KEY DIGEST SIGNATURE MESSAGE
  if openssl dgst "-$2" -verify "$1.pub" -signature "$3" "$4" > /dev/null 2>&1; then echo good; else echo bad; fi
}
line() { echo "sig $1 $2 $3 $(hex s) $(says "$1" "$2" s "${4:-message}")"; }
echo imgscan > message
{
  for form in 768:65537 1024:65537 1024:41 2048:65537 2048:3 2048:4294967297 2048:8589934591 2048:2305843009213693951; do
    k=rsa-${form/:/-}
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:${form%:*} -pkeyopt rsa_keygen_pubexp:${form#*:} -out $k.key 2> /dev/null
    openssl pkey -in $k.key -pubout -out $k.pub; openssl pkey -in $k.key -pubout -outform DER -out der
    echo "key $k $(hex der)"
    for digest in md5 sha1 sha224 sha256 sha384 sha512; do
      openssl dgst -$digest -sign $k.key -out s message
      line $k $digest plain
    done
  done
  k=rsa-2048-65537
  openssl dgst -sha256 -sign $k.key -out plain message
  { printf '\0'; cat plain; } > s; line $k sha256 zero
  n=0
  until [[ $(head -c 1 s | od -An -tx1) = ' 00' && $n -gt 0 ]]; do
    n=$((n + 1)); { cat message; echo "$n"; } > numbered
    openssl dgst -sha256 -sign $k.key -out s numbered
  done
  line $k "sha256" full:$n numbered
  tail -c +2 s > t; mv t s; line $k "sha256" short:$n numbered
  for curve in prime256v1 secp384r1 secp521r1; do
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:$curve -pkeyopt ec_param_enc:named_curve -out $curve.key
    openssl pkey -in $curve.key -pubout -out $curve.pub
    openssl pkey -in $curve.key -pubout -outform DER -out der
    echo "key $curve $(hex der)"
    for digest in sha1 sha224 sha256 sha384 sha512; do
      openssl dgst -$digest -sign $curve.key -out s message
      line $curve $digest plain
    done
  done
} > "$out/signatures"

export GNUPGHOME=$work/gpg; mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-generate-key 'imgscan test <short@example.com>' rsa2048 sign never 2> /dev/null
n=0 size=99999
# A packet of 1 byte less than most: the number has lost one leading zero.
while n=$((n + 1)); echo "$n" > short; gpg --batch --quiet --yes --detach-sign -o short.sig short; size=$(gpg --list-packets --verbose short.sig | sed -n 's/^\tdata: \([0-9A-F]*\)$/\1/p' | tr -d '\n' | wc -c); [[ $size -gt 510 ]]; do :; done
gpg --batch --quiet --verify short.sig short 2> /dev/null
gpg --armor --export > "$out/short.asc"; cp short short.sig "$out"
gpgconf --kill all
