#!/bin/bash
# Builds a Windows disk of 60,000 files: windows-disk.sh DISK
#
# The system is that of the demonstration image (testdata/recipes/demo_windows.py), the files are those of ntfs-disk.sh.
set -euo pipefail
disk=${1:?usage: windows-disk.sh DISK}; here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
trap 'mountpoint -q "$work/mnt" && umount "$work/mnt"; rm -rf "$work"' EXIT
mkdir "$work/tree" "$work/mnt"
/usr/bin/python3 "$here/../testdata/recipes/demo_windows.py" "$work/tree"
"$here/ntfs-disk.sh" "$work/ntfs.img"
ntfs-3g "$work/ntfs.img" "$work/mnt"
cp -r "$work/tree/." "$work/mnt/"
sync; umount "$work/mnt"
rm -f "$disk"; truncate -s 1026M "$disk"
printf 'label: dos\nlabel-id: 0x5a17c0de\nstart=2048, size=%d, type=7, bootable\n' $((1024 * 2048)) | sfdisk -q "$disk"
dd if="$work/ntfs.img" of="$disk" bs=1M seek=1 conv=notrunc,sparse status=none
