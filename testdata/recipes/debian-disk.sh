#!/bin/bash
# Builds a Debian disk from Debian's own packages, in five containers, and the truth beside it.
#
#   debian-disk.sh [--no-agents] [--packages LIST] [--size MIB] [--raw-only] OUT [SUITE]
#
# Needs root (chroot), and: mmdebstrap e2fsprogs dosfstools mtools gdisk qemu-utils.
# Packages come from the archive that this machine's own apt is set to; nothing is mounted: the
# root file system is filled by `mke2fs -d`, the EFI system partition by mtools.
#
# The disk: GPT, EFI system partition (FAT32: signed shim, signed GRUB and its stub), ext4 root with
# a signed kernel, grub.cfg written by grub-mkconfig, fstab by UUID, openssh-server, cloud-init,
# cron, chrony. As published images do, it holds no SSH host key, no machine-id, no password and no
# package lists.
#
# The cloud's own components (security agent, monitoring agent, resolvers, time servers) are not in
# Debian. Their files are planted where the marketplace's guide names them. The agents' programs
# are STAND-INS: a copy of the image's own /bin/true, so a real ELF of the right machine and no more.
#
# OUT/debian.raw, debian.qcow2 (plain), debian-zlib.qcow2, debian-zstd.qcow2 and
# debian-overlay.qcow2 (on debian-base.raw, named relatively). The base is spoiled on purpose at
# the start of the root partition, so only a reader that honours the overlay finds an ext4 there.
# OUT/debian.truth (key=value) and OUT/debian.packages (dpkg-query's list) hold the truth.
set -euo pipefail

agents=yes extra='' size=1536 forms=all
while [[ ${1-} == --* ]]; do
  case $1 in
    --no-agents) agents=no ;;
    --packages) extra=$2; shift ;;
    --size) size=$2; shift ;;
    --raw-only) forms=raw ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift
done
out=${1:?usage: debian-disk.sh [options] OUT [SUITE]} suite=${2:-bookworm}
[[ $(id -u) = 0 ]] || { echo "debian-disk.sh: needs root (chroot into the new root)" >&2; exit 2; }
mkdir -p "$out"; out=$(readlink -f "$out")
root=$out/root
# No half-built tree stays behind. While packages install, mmdebstrap has /proc, /sys and /dev mounted
# in it; were it killed, they would still be: nothing is removed through a mount.
clean() {
  local m
  while read -r m; do umount "$m" 2>/dev/null || umount -l "$m"; done \
    < <(awk -v r="$root/" 'index($2, r) == 1 {print $2}' /proc/mounts | sort -r)
  rm -rf --one-file-system "$root"
  rm -f "$out"/esp.img "$out"/ext.img "$out"/apt.list
}
clean
trap clean EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1700000000}
export LC_ALL=C TZ=UTC DEBIAN_FRONTEND=noninteractive
root_uuid=6d1b1f2e-5c0a-4e7c-9a57-1f6e2d3c4b5a
esp_id=5A17C0DE
esp_uuid=${esp_id:0:4}-${esp_id:4:4}
hostname=imgscan-debian

. "$(dirname "$(readlink -f "$0")")/debian-common.sh"
archive_list "$suite" > "$out/apt.list"

include=linux-image-cloud-amd64,initramfs-tools,shim-signed,grub-efi-amd64-signed,grub-efi-amd64-bin
include+=,grub2-common,openssh-server,cloud-init,cron,chrony,ca-certificates,systemd-sysv,udev,dbus
include+=,ifupdown,isc-dhcp-client,iproute2,netbase,sudo,e2fsprogs
[[ -z $extra ]] || include+=,$extra

mmdebstrap --mode=root --variant=minbase --include="$include" \
  --aptopt='Acquire::Retries "3"' --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt=force-unsafe-io \
  "$suite" "$root" "$out/apt.list" < /dev/null

# --- what an image builder sets -----------------------------------------------------------------
cat > "$root/etc/fstab" <<X
# <file system> <mount point> <type> <options> <dump> <pass>
UUID=$root_uuid / ext4 errors=remount-ro 0 1
UUID=$esp_uuid /boot/efi vfat umask=0077 0 1
X
mkdir -p "$root/boot/efi"
settings "$root" "$hostname"
[[ $agents = no ]] || plant_agents "$root"

# --- boot loader --------------------------------------------------------------------------------
mkdir -p "$root/dev/disk/by-uuid" "$root/boot/grub/x86_64-efi" "$root/boot/grub/fonts"
touch "$root/dev/disk/by-uuid/$root_uuid"
grub_defaults "$root"
probe "$root" gpt "$root_uuid" 2
chroot "$root" grub-mkconfig -o /boot/grub/grub.cfg 2> "$out/grub-mkconfig.log" || { cat "$out/grub-mkconfig.log" >&2; exit 1; }
rm -f "$out/grub-mkconfig.log"
rm -rf "$root/dev/disk"
probe_back "$root"
chroot "$root" grub-editenv /boot/grub/grubenv create
cp "$root"/usr/lib/grub/x86_64-efi/*.{mod,lst} "$root/boot/grub/x86_64-efi/"
cp "$root/usr/share/grub/unicode.pf2" "$root/boot/grub/fonts/" 2>/dev/null || true

version=$(basename "$(ls "$root"/boot/vmlinuz-* | sort -V | tail -1)"); version=${version#vmlinuz-}
grep -q "/boot/vmlinuz-$version" "$root/boot/grub/grub.cfg" || { echo "grub.cfg names no kernel" >&2; exit 1; }

# --- truth --------------------------------------------------------------------------------------
chroot "$root" dpkg-query -W -f '${Package}\t${Architecture}\t${Version}\t${db:Status-Abbrev}\n' | LC_ALL=C sort > "$out/debian.packages"
{
  echo "suite=$suite"
  echo "agents=$agents"
  echo "pretty_name=$(. "$root/etc/os-release"; echo "$PRETTY_NAME")"
  echo "hostname=$hostname"
  echo "root_uuid=$root_uuid"
  echo "esp_uuid=$esp_uuid"
  echo "packages=$(wc -l < "$out/debian.packages")"
  echo "packages_installed=$(grep -c $'\tii *$' "$out/debian.packages")"
  echo "kernel_path=/boot/vmlinuz-$version"
  echo "kernel_version=$version"
  echo "kernel_sha256=$(sha256sum < "$root/boot/vmlinuz-$version" | cut -d' ' -f1)"
  echo "kernel_md5=$(md5sum < "$root/boot/vmlinuz-$version" | cut -d' ' -f1)"
  owner=$(chroot "$root" dpkg-query -S "/boot/vmlinuz-$version" | cut -d: -f1)
  echo "kernel_package=$owner"
  echo "kernel_package_version=$(chroot "$root" dpkg-query -W -f '${Version}' "$owner")"
  echo "accounts=$(wc -l < "$root/etc/passwd")"
  echo "files=$(find "$root" -type f | wc -l)"
} > "$out/debian.truth"

# Times of our own edits would differ from run to run: nothing is newer than the epoch.
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0r touch -h -d "@$SOURCE_DATE_EPOCH"

# --- disk ---------------------------------------------------------------------------------------
esp_mib=64
truncate -s ${esp_mib}M "$out/esp.img"
mkfs.fat -F 32 --invariant -n ESP -i $esp_id "$out/esp.img" > /dev/null
signed_chain "$root" "$out/esp.img" x64 "$root_uuid" /boot/grub

ext_mib=$((size - esp_mib - 2))
truncate -s ${ext_mib}M "$out/ext.img"
mke2fs -q -t ext4 -L rootfs -U $root_uuid -E hash_seed=$root_uuid,lazy_itable_init=0,lazy_journal_init=0 \
  -d "$root" "$out/ext.img"
e2fsck -fn "$out/ext.img" > /dev/null 2>&1 || { echo "e2fsck finds the new root unclean" >&2; exit 1; }

rm -f "$out/debian.raw"; truncate -s ${size}M "$out/debian.raw"
sgdisk -a 2048 -U 0b2e4c57-8f4d-4d0c-a3e1-2d9b6c7f8e00 \
  -n 1:2048:+${esp_mib}M -t 1:ef00 -c 1:EFI -u 1:0b2e4c57-8f4d-4d0c-a3e1-2d9b6c7f8e01 \
  -n 2:0:+${ext_mib}M -t 2:8304 -c 2:root -u 2:0b2e4c57-8f4d-4d0c-a3e1-2d9b6c7f8e02 \
  "$out/debian.raw" > /dev/null
# The last MiB is the backup table's; the root fills what lies between.
dd if="$out/esp.img" of="$out/debian.raw" bs=1M seek=1 conv=notrunc,sparse status=none
dd if="$out/ext.img" of="$out/debian.raw" bs=1M seek=$((1 + esp_mib)) conv=notrunc,sparse status=none
{
  echo "root_offset=$(((1 + esp_mib) << 20))"
  echo "disk_bytes=$((size << 20))"
} >> "$out/debian.truth"
[[ $forms = all ]] || exit 0

cd "$out"
qemu-img convert -O qcow2 debian.raw debian.qcow2
qemu-img convert -c -O qcow2 debian.raw debian-zlib.qcow2
qemu-img convert -c -O qcow2 -o compression_type=zstd debian.raw debian-zstd.qcow2
rm -f debian-base.raw debian-overlay.qcow2
cp --sparse=always debian.raw debian-base.raw
offset=$(((1 + esp_mib) << 20))
head -c 1M /dev/zero | tr '\0' '\377' | dd of=debian-base.raw bs=1M seek=$((1 + esp_mib)) conv=notrunc status=none
qemu-img create -q -f qcow2 -b debian-base.raw -F raw debian-overlay.qcow2
dd if=debian.raw of=patch bs=1M skip=$((1 + esp_mib)) count=1 status=none
qemu-io -c "write -q -s patch $offset 1M" debian-overlay.qcow2; rm patch
qemu-img compare -q debian.raw debian-overlay.qcow2 || { echo "the overlay differs from the disk" >&2; exit 1; }
echo "disk_sha256=$(sha256sum < debian.raw | cut -d' ' -f1)" >> debian.truth
