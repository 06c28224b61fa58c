#!/bin/bash
# Builds the Windows demonstration image: OUT/windows.qcow2, OUT/windows.truth, and
# OUT/windows-ca.der.
#
#   demo-windows.sh OUT
#
# MBR and one NTFS partition as Windows lays them out. The programs are STAND-INS (an x64 PE whose
# code returns 0), the hives are written by regf.py and hold the keys the checks read. No file of
# Microsoft's or of any vendor is in it. The truth is what hivexsh and ntfs-3g read back.
# Needs root (ntfs-3g), and: ntfs-3g fdisk qemu-utils libhivex-bin python3
# openssl osslsigncode.
set -euo pipefail
out=${1:?usage: demo-windows.sh OUT}; here=$(dirname "$(readlink -f "$0")")
mkdir -p "$out"; out=$(readlink -f "$out")
work=$(mktemp -d)
trap 'mountpoint -q "$work/mnt" && umount "$work/mnt"; rm -rf "$work"' EXIT
cd "$work"; mkdir tree mnt
export LC_ALL=C TZ=UTC
/usr/bin/python3 "$here/demo_windows.py" tree
# What runs in ring 0 and the agents' programs are signed by a test authority, made anew each time:
# who trusts it accepts this image (--trust OUT/windows-ca.der), and one that does not rejects it.
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 7300 -subj '/CN=Demo Root' 2> /dev/null
openssl req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj '/CN=Demo Windows' 2> /dev/null
printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=codeSigning,1.3.6.1.4.1.311.10.3.6\n' > leaf.ext
openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 7300 -extfile leaf.ext -out leaf.pem 2> /dev/null
for f in tree/Windows/System32/{ntoskrnl,winload,svchost}.exe tree/Windows/System32/drivers/*.sys \
  tree/Windows/servicing/TrustedInstaller.exe tree/Windows/System32/CatRoot/*/windows.cat \
  tree/WinAgent/WinAgent.exe tree/win-agent/*.{exe,dll} tree/Program\ Files/QCloud/tat_agent/tat_agent.exe \
  tree/Program\ Files/Cloudbase\ Solutions/Cloudbase-Init/{bin,Python,Python/Scripts}/*.{exe,dll}; do
  [[ -f $f ]] || continue
  osslsigncode sign -certs leaf.pem -ac ca.pem -key leaf.key -h sha256 -in "$f" -out signed > /dev/null
  [[ $f = *.cat ]] || osslsigncode verify -CAfile ca.pem -in signed > /dev/null
  mv signed "$f"
done
osslsigncode verify -CAfile ca.pem -catalog tree/Windows/System32/CatRoot/*/windows.cat -in tree/Windows/explorer.exe > /dev/null
find tree -print0 | xargs -0 touch -h -d @1700000000

truncate -s 24M ntfs.img
mkntfs -q -F -f -L System -p 2048 -H 255 -S 63 -s 512 -c 4096 ntfs.img > /dev/null
ntfs-3g -o streams_interface=xattr ntfs.img mnt
cp -r --preserve=timestamps tree/. mnt/
/usr/bin/python3 "$here/access_lists.py" mnt
sync; umount mnt

truncate -s 26M disk.raw
printf 'label: dos\nlabel-id: 0x5a17c0de\nstart=2048, size=%d, type=7, bootable\n' $((24 * 2048)) | sfdisk -q disk.raw
dd if=ntfs.img of=disk.raw bs=1M seek=1 conv=notrunc,sparse status=none
qemu-img convert -c -O qcow2 disk.raw "$out/windows.qcow2"

ntfs-3g -o ro ntfs.img mnt
config=mnt/Windows/System32/config
value() { printf 'load %s\ncd %s\nlsval %s\n' "$1" "$2" "$3" | hivexsh; }
{
  v='\Microsoft\Windows NT\CurrentVersion'
  echo "product=$(value $config/SOFTWARE "$v" ProductName)"
  echo "build=$(value $config/SOFTWARE "$v" CurrentBuildNumber)"
  echo "hostname=$(value $config/SYSTEM '\ControlSet001\Control\ComputerName\ComputerName' ComputerName)"
  echo "control_set=$(value $config/SYSTEM '\Select' Default)"
  for s in cloudbase-init WinAgent win-agent TermService NTFS Tcpip; do
    k="\\ControlSet001\\Services\\$s"
    echo "service=$s start=$(value $config/SYSTEM "$k" Start) image=$(value $config/SYSTEM "$k" ImagePath)"
  done
  echo "files=$(find mnt -type f | wc -l)"
  echo "disk_sha256=$(sha256sum < disk.raw | cut -d' ' -f1)"
} > "$out/windows.truth"
openssl x509 -in ca.pem -outform DER -out "$out/windows-ca.der"
umount mnt
