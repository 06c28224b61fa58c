#!/bin/bash
# Makes the rpm databases of testdata/rpm: packages built with rpmbuild, signed with a key made on
# the spot, installed into a root of their own by rpm.
#
#   rpm-fixtures.sh OUT
#
#   key.asc            the public key
#   root.sqlite.zst    kernel-core and kmod (signed), local (not signed), as rpm wrote them
#   root.db.zst        the same headers in rpm's own form
#   root.bdb.zst       and as a Berkeley DB hash
#   kernel             what stands at /lib/modules/6.1.0-1.test/vmlinuz
#   edited.sqlite.zst  one digit of one file's digest changed, in the header of kernel-core
#   truth              what `rpm -q` and `rpmkeys` say: package, digests, signature
# Needs: rpm gnupg db-util zstd python3.
set -euo pipefail
export LC_ALL=C
out=$(readlink -f "${1:?usage: rpm-fixtures.sh OUT}")
here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d); trap 'gpgconf --homedir "$work/gpg" --kill all || true; rm -rf "$work"' EXIT
mkdir -p "$out" "$work/gpg" "$work/top" "$work/root" "$work/files"; chmod 700 "$work/gpg"
export GNUPGHOME=$work/gpg SOURCE_DATE_EPOCH=1700000000
gpg --batch --quiet --passphrase '' --quick-gen-key 'Test Vendor <vendor@example.com>' rsa3072 sign never
gpg --batch --quiet --armor --export > "$out/key.asc"

# The head of a bzImage with its banner (Linux x86 boot protocol), and no code.
python3 - "$work/files/vmlinuz" <<'PY'
import struct, sys
image = bytearray(0x400)
image[0x1fe:0x200] = b"\x55\xaa"
image[0x202:0x206] = b"HdrS"
struct.pack_into("<H", image, 0x20e, 0x100)
banner = b"6.1.0-1.test (build@example.com) #1 SMP"
image[0x300:0x300 + len(banner)] = banner
open(sys.argv[1], "wb").write(image + b"no code")
PY
spec() { # NAME FILES-SECTION
  cat <<SPEC
Name: $1
Version: 6.1.0
Release: 1.test
Summary: fixture
License: MIT
Vendor: Test Vendor
BuildArch: noarch
%description
fixture
%install
mkdir -p %{buildroot}/lib/modules/6.1.0-1.test/kernel %{buildroot}/boot %{buildroot}/etc %{buildroot}/usr/bin
cp $work/files/vmlinuz %{buildroot}/lib/modules/6.1.0-1.test/vmlinuz
cp $work/files/vmlinuz %{buildroot}/boot/vmlinuz-6.1.0-1.test
echo module > %{buildroot}/lib/modules/6.1.0-1.test/kernel/x.ko
echo kmod > %{buildroot}/usr/bin/kmod
echo setting > %{buildroot}/etc/kmod.conf
echo local > %{buildroot}/usr/bin/local
%files
$2
SPEC
}
spec kernel-core '/lib/modules/6.1.0-1.test/vmlinuz
/lib/modules/6.1.0-1.test/kernel/x.ko
%ghost /boot/vmlinuz-6.1.0-1.test' > "$work/kernel-core.spec"
spec kmod '/usr/bin/kmod
%config(noreplace) /etc/kmod.conf' > "$work/kmod.spec"
spec local '/usr/bin/local' > "$work/local.spec"
for name in kernel-core kmod local; do
  rpmbuild --quiet -bb --define "_topdir $work/top" --define '_build_id_links none' \
    --define '_unpackaged_files_terminate_build 0' --define '_buildhost build.example.com' \
    --define 'use_source_date_epoch_as_buildtime 1' "$work/$name.spec" > "$work/log" 2>&1 ||
    { cat "$work/log" >&2; exit 1; }
done
rpms=("$work"/top/RPMS/noarch/*.rpm)
rpmsign --define "__gpg $(command -v gpg)" --define "_gpg_name vendor@example.com" --define "_gpg_path $work/gpg" \
  --addsign "$work"/top/RPMS/noarch/k*.rpm > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
rpm --root "$work/root" --dbpath /var/lib/rpm --initdb
rpm --root "$work/root" --dbpath /var/lib/rpm --nodeps --nosignature --nodigest --noplugins -i "${rpms[@]}"
db=$work/root/var/lib/rpm/rpmdb.sqlite
sqlite3 "$db" 'pragma wal_checkpoint(truncate); vacuum;' > /dev/null
cp "$work/files/vmlinuz" "$out/kernel"
q() { rpm --root "$work/root" --dbpath /var/lib/rpm -qa --qf "$1" | sort; }
{
  q 'package %{NAME} %{EVR} %{ARCH} %{VENDOR}\n'
  q '[file %{=NAME} %{FILENAMES} %{FILEDIGESTS}\n]'
  q 'signature %{NAME} %|RSAHEADER?{%{RSAHEADER:pgpsig}}:{none}|\n'
  echo "key $(gpg --batch --with-colons --list-keys | awk -F: '$1 == "fpr" {print $10; exit}')"
} > "$out/truth"

python3 "$here/rpmdb_convert.py" "$db" "$work/root.db"
python3 "$here/rpmdb_convert.py" "$db" "$work/root.load"
db_load -f "$work/root.load" "$work/root.bdb"
# One digit of the digest of vmlinuz: the header then says another file, and its signature is bad.
cp "$db" "$work/edited.sqlite"
python3 - "$work/edited.sqlite" "$(sha256sum < "$out/kernel" | cut -d' ' -f1)" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
number, blob = db.execute("select hnum, blob from Packages where instr(blob, ?)", (sys.argv[2].encode(),)).fetchone()
digest = sys.argv[2].encode()
other = (b"0" if digest[:1] != b"0" else b"1") + digest[1:]
assert blob.count(digest) == 1
db.execute("update Packages set blob = ? where hnum = ?", (blob.replace(digest, other), number))
db.commit()
PY
for name in root.sqlite root.db root.bdb edited.sqlite; do
  [[ $name = root.sqlite ]] && file=$db || file=$work/$name
  zstd -q -f -19 "$file" -o "$out/$name.zst"
done
