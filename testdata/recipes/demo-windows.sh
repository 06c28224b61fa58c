#!/bin/bash
# Builds the Windows demonstration image: OUT/windows.qcow2, and OUT/windows.truth.
#
#   demo-windows.sh OUT
#
# MBR and one NTFS partition as Windows lays them out. The programs are STAND-INS (an x64 PE whose
# code returns 0), the hives are written by regf.py and hold the keys the checks read. No file of
# Microsoft's or of any vendor is in it. The truth is what hivexsh and ntfs-3g read back.
# Needs root (ntfs-3g), and: ntfs-3g fdisk qemu-utils libhivex-bin python3.
set -euo pipefail
out=${1:?usage: demo-windows.sh OUT}; here=$(dirname "$(readlink -f "$0")")
mkdir -p "$out"; out=$(readlink -f "$out")
work=$(mktemp -d)
trap 'mountpoint -q "$work/mnt" && umount "$work/mnt"; rm -rf "$work"' EXIT
cd "$work"; mkdir tree mnt
export LC_ALL=C TZ=UTC
/usr/bin/python3 "$here/demo_windows.py" tree
find tree -print0 | xargs -0 touch -h -d @1700000000

truncate -s 24M ntfs.img
mkntfs -q -F -f -L System -p 2048 -H 255 -S 63 -s 512 -c 4096 ntfs.img > /dev/null
ntfs-3g ntfs.img mnt
cp -r --preserve=timestamps tree/. mnt/
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
umount mnt
