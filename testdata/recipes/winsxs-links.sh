#!/bin/bash
# NTFS volumes in which system files share their MFT record with the component store, or do not.
#
#   winsxs-links.sh OUT      (OUT is testdata/ntfs in the checkout)
#
# Writes OUT/winsxs.img.zst, which is three volumes of 3 MiB one behind the other, and OUT/winsxs.truth:
#   linked     both files of System32 are hard links to those of their components
#   copied     hal.dll is a copy with the same bytes
#   replaced   ntoskrnl.exe was replaced by an unsigned file
# Hives and files are those of testdata/hives and testdata/signed. The truth is what ntfs-3g says of
# each: volume, MFT record, number of links, path. Needs root, ntfs-3g, zstd.
set -euo pipefail
export LC_ALL=C TZ=UTC
out=${1:?usage: winsxs-links.sh OUT}; from=$(dirname "$(readlink -f "$0")")/..
mkdir -p "$out"; out=$(readlink -f "$out")
work=$(mktemp -d)
trap 'mountpoint -q "$work/mnt" && umount "$work/mnt"; rm -rf "$work"' EXIT
mkdir "$work/mnt"; : > "$out/winsxs.truth"
for name in linked copied replaced; do
  image=$work/$name.img
  truncate -s 3M "$image"
  mkntfs -q -F -f -L System -s 512 -c 1024 "$image" > /dev/null 2>&1
  ntfs-3g "$image" "$work/mnt"
  windows=$work/mnt/Windows
  mkdir -p "$windows/System32/config"
  cp "$from/hives/system-drivers.hive" "$windows/System32/config/SYSTEM"
  cp "$from/hives/software.hive" "$windows/System32/config/SOFTWARE"
  while read -r file component; do
    store=$windows/WinSxS/amd64_microsoft-windows-${component}_31bf3856ad364e35_10.0.20348.169_none_0
    mkdir -p "$store"
    cp "$from/signed/kernel.exe" "$store/$file"
    ln "$store/$file" "$windows/System32/$file"
  done <<< $'ntoskrnl.exe os-kernel\nhal.dll hal'
  # A new file takes the name, as when somebody copies one over.
  case $name in
    copied) cp "$windows/System32/hal.dll" "$work/new"; rm "$windows/System32/hal.dll"; cp "$work/new" "$windows/System32/hal.dll" ;;
    replaced) rm "$windows/System32/ntoskrnl.exe"; cp "$from/signed/unsigned.sys" "$windows/System32/ntoskrnl.exe" ;;
  esac
  sync
  (cd "$work/mnt" && find . -name '*.exe' -o -name '*.dll' | sort | xargs stat -c "$name %i %h %n") >> "$out/winsxs.truth"
  umount "$work/mnt"
done
cat "$work"/{linked,copied,replaced}.img | zstd -q -f --ultra -22 --long=24 -o "$out/winsxs.img.zst"
