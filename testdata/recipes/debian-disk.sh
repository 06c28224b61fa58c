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

# The archive as this machine's apt knows it: every Debian source of that suite, its updates and
# its security archive. Where apt is set to another suite, its host serves this one too.
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
archive() {
  apt-get indextargets --format '$(REPO_URI) $(RELEASE)' \
    'Created-By: Packages' 'Origin: Debian' 'Component: main' | sort -u
}
archive | while read -r uri release; do
  case $release in "$suite"|"$suite"-updates|"$suite"-security) ;; *) continue ;; esac
  echo "deb [signed-by=$keyring] $uri $release main"
done > "$out/apt.list"
if ! grep -q " $suite main" "$out/apt.list"; then
  uri=$(archive | awk '$2 !~ /-security/ {print $1; exit}')
  [[ -n $uri ]] || { echo "debian-disk.sh: apt knows no Debian archive here" >&2; exit 2; }
  echo "deb [signed-by=$keyring] $uri $suite main" > "$out/apt.list"
fi

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
# An image's own archive is the cloud's; which one says nothing about the image.
echo '# written by cloud-init at first boot' > "$root/etc/apt/sources.list"
rm -f "$root/etc/hostname"; echo "$hostname" > "$root/etc/hostname"
printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s\n' "$hostname" > "$root/etc/hosts"
cat > "$root/etc/fstab" <<X
# <file system> <mount point> <type> <options> <dump> <pass>
UUID=$root_uuid / ext4 errors=remount-ro 0 1
UUID=$esp_uuid /boot/efi vfat umask=0077 0 1
X
cat > "$root/etc/network/interfaces" <<'X'
source /etc/network/interfaces.d/*
auto lo
iface lo inet loopback
allow-hotplug eth0
iface eth0 inet dhcp
X
mkdir -p "$root/boot/efi"
chroot "$root" passwd -q -l root
rm -f "$root"/etc/ssh/ssh_host_*_key "$root"/etc/ssh/ssh_host_*_key.pub
: > "$root/etc/machine-id"; rm -f "$root/var/lib/dbus/machine-id"
rm -f "$root"/var/log/{dpkg.log,bootstrap.log,alternatives.log} "$root"/var/log/apt/*
rm -f "$root/var/cache/ldconfig/aux-cache" "$root"/etc/*- "$root/etc/resolv.conf"

if [[ $agents = yes ]]; then
  printf 'nameserver 183.60.83.19\nnameserver 183.60.82.98\n' > "$root/etc/resolv.conf"
  sed -i -e '/^pool /d' -e '/^server /d' "$root/etc/chrony/chrony.conf"
  for n in 1 2 3 4 5; do echo "server time$n.tencentyun.com iburst"; done >> "$root/etc/chrony/chrony.conf"

  standin() { install -D -m 755 "$root/bin/true" "$root$1"; }
  script() { install -D -m 755 /dev/stdin "$root$1"; }
  standin /usr/local/sa/agent/secu-tcs-agent
  script /usr/local/sa/agent/secu-tcs-agent-mon-safe.sh <<'X'
#!/bin/sh
pgrep -x secu-tcs-agent >/dev/null || /usr/local/sa/agent/secu-tcs-agent
X
  for f in agent agentPlugInD base tcvmstat sysddd; do standin /usr/local/agenttools/agent/$f; done
  touch "$root"/usr/local/agenttools/agent/{client,base}.conf
  script /usr/local/agenttools/agent/startagent.sh <<'X'
#!/bin/sh
cd /usr/local/agenttools/agent && ./agent -c client.conf
X
  standin /usr/local/qcloud/monitor/barad/barad_agent
  standin /usr/local/qcloud/stargate/bin/sgagent
  script /usr/local/qcloud/stargate/admin/start.sh <<'X'
#!/bin/sh
/usr/local/qcloud/stargate/bin/sgagent -d
X
  echo '* * * * * /usr/local/sa/agent/secu-tcs-agent-mon-safe.sh > /dev/null 2>&1' > "$root/var/spool/cron/crontabs/root"
  chroot "$root" sh -c 'cd /var/spool/cron/crontabs && chown root:crontab root && chmod 600 root'
  echo '* * * * * root flock -xn /tmp/stargate.lock -c /usr/local/qcloud/stargate/admin/start.sh > /dev/null 2>&1 &' \
    > "$root/etc/cron.d/sgagenttask"
  script /etc/rc.local <<'X'
#!/bin/sh -e
# ADDAGENTSTART
/usr/local/agenttools/agent/startagent.sh
exit 0
X
fi

# --- boot loader --------------------------------------------------------------------------------
# grub-mkconfig asks grub-probe about the devices below /. They do not exist yet, so for this one
# call a small program answers what they will be.
sed -i 's/^GRUB_TIMEOUT=.*/GRUB_TIMEOUT=1/; s/^GRUB_CMDLINE_LINUX=.*/GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"/' "$root/etc/default/grub" 2>/dev/null ||
  cat > "$root/etc/default/grub" <<'X'
GRUB_DEFAULT=0
GRUB_TIMEOUT=1
GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"
X
mv "$root/usr/sbin/grub-probe" "$root/usr/sbin/grub-probe.real"
cat > "$root/usr/sbin/grub-probe" <<X
#!/bin/sh
for a; do case \$a in --target=*) t=\${a#--target=};; -t) t=next;; *) [ "\$t" = next ] && t=\$a;; esac; done
case \$t in
  device) echo /dev/vda2 ;; fs_uuid) echo $root_uuid ;; fs) echo ext2 ;; partmap) echo gpt ;;
  partuuid) echo 0b2e4c57-8f4d-4d0c-a3e1-2d9b6c7f8e02 ;; drive) echo '(hd0,gpt2)' ;;
  compatibility_hint) echo hd0,gpt2 ;; hints_string) echo '--hint-bios=hd0,gpt2 --hint-efi=hd0,gpt2' ;;
esac
X
chmod 755 "$root/usr/sbin/grub-probe"
mkdir -p "$root/dev/disk/by-uuid" "$root/boot/grub/x86_64-efi" "$root/boot/grub/fonts"
touch "$root/dev/disk/by-uuid/$root_uuid"
chroot "$root" grub-mkconfig -o /boot/grub/grub.cfg 2> "$out/grub-mkconfig.log" || { cat "$out/grub-mkconfig.log" >&2; exit 1; }
rm -f "$out/grub-mkconfig.log"
rm -rf "$root/dev/disk"
mv -f "$root/usr/sbin/grub-probe.real" "$root/usr/sbin/grub-probe"
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
export MTOOLS_SKIP_CHECK=1
esp() { mcopy -m -i "$out/esp.img" "$@"; }
signed=$root/usr/lib/shim grub=$root/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed
mmd -i "$out/esp.img" ::/EFI ::/EFI/debian ::/EFI/BOOT
esp "$signed/shimx64.efi.signed" ::/EFI/debian/shimx64.efi
esp "$signed/shimx64.efi.signed" ::/EFI/BOOT/BOOTX64.EFI
esp "$signed/fbx64.efi.signed" ::/EFI/debian/fbx64.efi
esp "$signed/fbx64.efi.signed" ::/EFI/BOOT/fbx64.efi
esp "$signed/mmx64.efi.signed" ::/EFI/debian/mmx64.efi
esp "$signed/mmx64.efi.signed" ::/EFI/BOOT/mmx64.efi
esp "$signed/BOOTX64.CSV" ::/EFI/debian/BOOTX64.CSV
esp "$grub" ::/EFI/debian/grubx64.efi
esp - ::/EFI/debian/grub.cfg <<X
search.fs_uuid $root_uuid root 
set prefix=(\$root)'/boot/grub'
configfile \$prefix/grub.cfg
X

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
