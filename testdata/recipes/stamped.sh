#!/bin/bash
# Makes signed PE images with time stamps: OUT/rfc3161.exe by a time-stamp token, OUT/countersigned.exe
# by a countersignature of the older form, and OUT/truth.txt: for each the time that osslsigncode
# reads out of it.
#
#   stamped.sh OUT
#
# The authority is made anew each time. Needs: openssl osslsigncode python3.
set -euo pipefail
out=${1:?usage: stamped.sh OUT}; here=$(dirname "$(readlink -f "$0")")
mkdir -p "$out"; out=$(readlink -f "$out"); rm -f "$out"/*.exe
work=$(mktemp -d); server=
trap '[[ -z $server ]] || kill "$server"; rm -rf "$work"' EXIT
cd "$work"; mkdir tree
python3 "$here/signed.py" tree
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 7300 -subj '/CN=Stamped Root' 2> /dev/null
leaf() { # leaf NAME USAGE
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=Stamped $1" 2> /dev/null
  printf 'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,%s\n' "$2" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 7300 -extfile "$1.ext" -out "$1.pem" 2> /dev/null
}
leaf signer codeSigning; leaf tsa timeStamping
# The older form is asked for over HTTP: the answer is a PKCS#7 over the signature, which ends the question.
cat > tsa.py <<'P'
import base64
import http.server
import subprocess


class Stamp(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = base64.b64decode(self.rfile.read(int(self.headers['Content-Length'])))
        with open('signature', 'wb') as f:
            f.write(asked[-256:])  # RSA of 2048 bits
        subprocess.run('openssl smime -sign -binary -nodetach -md sha1 -signer tsa.pem -inkey tsa.key -in signature -outform DER -out answer',
                       shell=True, check=True)
        with open('answer', 'rb') as f:
            answer = base64.b64encode(f.read())
        self.send_response(200)
        self.send_header('Content-Type', 'application/octet-stream')
        self.send_header('Content-Length', str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(('127.0.0.1', 0), Stamp)
with open('port', 'w') as f:
    f.write(str(server.server_port))
server.serve_forever()
P
python3 tsa.py & server=$!
until [[ -s port ]]; do sleep 0.1; done
sign() { osslsigncode sign -certs signer.pem -ac ca.pem -key signer.key -h sha256 "$@" > /dev/null; }
sign -TSA-certs tsa.pem -TSA-key tsa.key -TSA-time 1700000000 -in tree/kernel.exe -out "$out/rfc3161.exe"
sign -t "http://127.0.0.1:$(cat port)/" -in tree/kernel.exe -out "$out/countersigned.exe"
for f in rfc3161 countersigned; do
  said=$(osslsigncode verify -CAfile ca.pem -TSA-CAfile ca.pem -in "$out/$f.exe" 2>&1 || true)
  echo "$f $(date -u +%Y-%m-%dT%H:%M:%SZ -d "$(sed -n 's/^\s*Timestamp time: //p' <<< "$said" | head -1)")"
done > "$out/truth.txt"
