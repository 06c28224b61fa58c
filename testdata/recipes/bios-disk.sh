#!/bin/bash
# Makes a disk of debian-disk.sh start by BIOS as well, with GRUB's own tools and package.
#
#   bios-disk.sh SOURCE.raw OUT.raw FOLDER [ARGUMENT-OF-GRUB-MKIMAGE...]
#
# Needs root (loop devices, a mount), and: gdisk e2fsprogs grub-common grub-pc-bin util-linux.
# A BIOS boot partition is made in the free sectors before the first partition; grub-mkimage makes the core
# and grub-bios-setup writes both. The files of grub-pc-bin are put into the root file system as dpkg
# would, with their list and md5sums. FOLDER holds the files that the core is made of: the package's own,
# /usr/lib/grub/i386-pc, or a changed copy.
# OUT.truth: the modules that the core holds by GRUB's moddep.lst, one a line, and SHA-256 of the core.
set -euo pipefail
source=${1:?usage: bios-disk.sh SOURCE.raw OUT.raw FOLDER} out=${2:?} folder=${3:?}
shift 3
modules=(biosdisk part_gpt part_msdos ext2 search_fs_uuid)
files=/usr/lib/grub/i386-pc
offset=$(sed -n 's/^root_offset=//p' "$(dirname "$source")/debian.truth")
uuid=$(sed -n 's/^root_uuid=//p' "$(dirname "$source")/debian.truth")
work=$(mktemp -d "$(dirname "$out")/bios.XXXX") disk=
release() {
  mountpoint -q "$work/mnt" && umount "$work/mnt"
  [[ -z $disk ]] || losetup -d "$disk"
  rm -rf "$work"
}
trap release EXIT
mkdir "$work/mnt" "$work/grub"
printf 'search.fs_uuid %s root\nset prefix=($root)/boot/grub\n' "$uuid" > "$work/load.cfg"
grub-mkimage -d "$folder" -O i386-pc -o "$work/grub/core.img" -c "$work/load.cfg" -p /boot/grub "$@" "${modules[@]}"
cp "$files/boot.img" "$work/grub/"

cp --sparse=always "$source" "$out"
sgdisk -a1 -n 14:34:2047 -t 14:ef02 "$out" > /dev/null
mount -o loop,offset="$offset" "$out" "$work/mnt"
mkdir -p "$work/mnt/boot/grub/i386-pc" "$work/mnt$files"
cp "$files"/* "$work/mnt$files/"
cp "$folder"/*.mod "$files/boot.img" "$work/grub/core.img" "$work/mnt/boot/grub/i386-pc/"
info=$work/mnt/var/lib/dpkg/info/grub-pc-bin
cp /var/lib/dpkg/info/grub-pc-bin.list "$info.list"
cp /var/lib/dpkg/info/grub-pc-bin.md5sums "$info.md5sums"
{ echo; dpkg-query -s grub-pc-bin; } >> "$work/mnt/var/lib/dpkg/status"
umount "$work/mnt"

# grub-bios-setup wants GRUB's folder on a device that its map names: a file system of its own.
truncate -s 8M "$work/fs.img"
mke2fs -q -F -d "$work/grub" "$work/fs.img"
mount -o loop "$work/fs.img" "$work/mnt"
disk=$(losetup -f --show "$out")
printf '(hd0) %s\n(hd1) %s\n' "$disk" "$(losetup -nO NAME -j "$work/fs.img")" > "$work/map"
"$files/grub-bios-setup" -d "$work/mnt" -m "$work/map" --skip-fs-probe "$disk"
umount "$work/mnt"

# What moddep.lst says the modules need, in any order.
declare -A all=()
needs() { [[ ${all[$1]-} ]] || { all[$1]=1; for m in $(sed -n "s/^$1://p" "$files/moddep.lst"); do needs "$m"; done; }; }
for m in "${modules[@]}"; do needs "$m"; done
printf '%s.mod\n' "${!all[@]}" | sort > "$out.truth"
