#!/bin/bash
# Builds root file systems with the packages that have a say in what an initramfs holds.
#
#   initramfs-roots.sh OUT SET...
#   initramfs-roots.sh --list
#
# Needs root (chroot, mounts), and: mmdebstrap e2fsprogs. Packages come from the archive that this
# machine's own apt is set to. OUT/base is Debian 12 with a kernel and initramfs-tools; of it every
# set is a copy in which Debian's own tools install packages and make the initramfs. OUT/SET.img is
# the root as a plain ext4, with a boot menu that loads it.
#
# Two sets are of an owner who means harm: `changed-hook` and `own-hook` put a program in by a hook
# of a package that was changed, and by one of their own.
set -euo pipefail

declare -A packages=(
  [plain]='' [busybox]='busybox' [crypt]='cryptsetup-initramfs busybox' [lvm]='lvm2 thin-provisioning-tools'
  [mdadm]='mdadm busybox' [mdadm-none]='mdadm busybox' [splash]='plymouth' [theme]='plymouth plymouth-themes plymouth-label'
  [nfs]='nfs-common' [nfs-root]='nfs-common' [dropbear]='dropbear-initramfs busybox' [dropbear-keys]='dropbear-initramfs busybox'
  [growroot]='cloud-initramfs-growroot cloud-initramfs-dyn-netconf overlayroot'
  [keymap]='console-setup keyboard-configuration kbd' [live]='live-boot live-boot-initramfs-tools'
  [storage]='btrfs-progs xfsprogs f2fs-tools ntfs-3g open-iscsi multipath-tools multipath-tools-boot bcache-tools'
  [dracut]='dracut' [dracut-host]='dracut binutils lvm2 cryptsetup mdadm busybox'
  [changed-hook]='busybox' [own-hook]='busybox'
)
if [[ ${1-} = --list ]]; then printf '%s\n' "${!packages[@]}" | sort; exit; fi
out=${1:?usage: initramfs-roots.sh OUT SET...}; shift
[[ $(id -u) = 0 ]] || { echo "initramfs-roots.sh: needs root (chroot into the new root)" >&2; exit 2; }
# What is mounted below is mounted for this program alone, and gone with it.
[[ ${ROOTS_PRIVATE-} = yes ]] || ROOTS_PRIVATE=yes exec unshare --mount --propagation private "$0" "$out" "$@"
mkdir -p "$out"; out=$(readlink -f "$out")
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1700000000}
export LC_ALL=C TZ=UTC DEBIAN_FRONTEND=noninteractive
suite=bookworm keyring=/usr/share/keyrings/debian-archive-keyring.gpg

if [[ ! -d $out/base ]]; then
  apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 'Origin: Debian' 'Component: main' |
    awk -v suite=$suite '$2 == suite || index($2, suite "-") == 1' | sort -u |
    sed "s|^|deb [signed-by=$keyring] |; s|\$| main|" > "$out/apt.list"
  [[ -s $out/apt.list ]] || { echo "initramfs-roots.sh: apt knows no archive of $suite here" >&2; exit 2; }
  trap 'rm -rf --one-file-system "$out/base.new"' EXIT
  mmdebstrap --mode=root --variant=minbase --skip=cleanup/apt/lists \
    --include=linux-image-cloud-amd64,initramfs-tools,systemd-sysv,udev,e2fsprogs,kmod,zstd \
    --aptopt='Acquire::Retries "3"' --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt=force-unsafe-io \
    "$suite" "$out/base.new" "$out/apt.list"
  # mmdebstrap copies these two from the machine that it runs on.
  echo initramfs > "$out/base.new/etc/hostname"; rm -f "$out/base.new/etc/resolv.conf"
  chmod 644 "$out/base.new/etc/hostname"
  version=$(basename "$out"/base.new/boot/vmlinuz-*); version=${version#vmlinuz-}
  mkdir -p "$out/base.new/boot/grub"
  cat > "$out/base.new/boot/grub/grub.cfg" <<X
menuentry 'Debian' {
  linux /boot/vmlinuz-$version root=/dev/vda2 ro
  initrd /boot/initrd.img-$version
}
X
  mv "$out/base.new" "$out/base"
  trap - EXIT
fi

# What an administrator does before the initramfs is made.
prepare() {
  case $1 in
    crypt)
      truncate -s 32M /root/disk; printf secret > /root/key; chmod 600 /root/key
      cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 /root/disk /root/key
      echo "vault UUID=$(cryptsetup luksUUID /root/disk) none luks,initramfs" > /etc/crypttab
      rm /root/disk /root/key ;;
    mdadm) echo 'ARRAY /dev/md0 metadata=1.2 UUID=01020304:05060708:090a0b0c:0d0e0f10 name=host:0' >> /etc/mdadm/mdadm.conf ;;
    splash) plymouth-set-default-theme text ;;
    theme) plymouth-set-default-theme spinner; echo FRAMEBUFFER=y > /etc/initramfs-tools/conf.d/splash ;;
    nfs-root) echo BOOT=nfs >> /etc/initramfs-tools/initramfs.conf ;;
    dropbear-keys)
      echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBqmrRzJvH6oB8yP5JYJ4VQ0d3tYp8oFvM9vQpJ6s7Kd admin' \
        > /etc/dropbear/initramfs/authorized_keys ;;
    keymap) sed -i 's/^KEYMAP=.*/KEYMAP=y/' /etc/initramfs-tools/initramfs.conf; setupcon --save-only ;;
    dracut-host) echo 'add_dracutmodules+=" lvm crypt mdraid busybox bash "' > /etc/dracut.conf.d/modules.conf ;;
    changed-hook)
      cp /bin/true /usr/local/bin/helper; printf x >> /usr/local/bin/helper
      echo 'copy_exec /usr/local/bin/helper /usr/bin/helper' >> /usr/share/initramfs-tools/hooks/zz-busybox ;;
    own-hook)
      cp /bin/true /usr/local/bin/helper; printf x >> /usr/local/bin/helper
      printf '#!/bin/sh\n[ "$1" = prereqs ] && exit\n. /usr/share/initramfs-tools/hook-functions\n%s\n' \
        'copy_exec /usr/local/bin/helper /usr/bin/helper' 'mkdir -p $DESTDIR/scripts/init-premount' 'cp /etc/initramfs-tools/more.sh $DESTDIR/scripts/init-premount/more' \
        > /usr/share/initramfs-tools/hooks/own
      printf '#!/bin/sh\n[ "$1" = prereqs ] && exit\n/usr/bin/helper\n' > /etc/initramfs-tools/more.sh
      chmod 755 /usr/share/initramfs-tools/hooks/own /etc/initramfs-tools/more.sh ;;
  esac
}

build() {
  local set=$1 root=$out/root m
  rm -rf --one-file-system "$root"
  cp -a --reflink=auto "$out/base" "$root"
  for m in proc sys dev; do mount --rbind "/$m" "$root/$m"; mount --make-rslave "$root/$m"; done
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  if [[ -n ${packages[$set]} ]]; then
    # shellcheck disable=SC2086
    chroot "$root" apt-get -qq -o DPkg::options::=--force-unsafe-io -o APT::Install-Recommends=false install -y ${packages[$set]}
  fi
  chroot "$root" bash -euc "$(declare -f prepare); prepare $set"
  version=$(basename "$root"/boot/vmlinuz-*); version=${version#vmlinuz-}
  case $set in
    dracut) chroot "$root" dracut --force "/boot/initrd.img-$version" "$version" ;;
    dracut-host) chroot "$root" dracut --force --strip --hostonly --hostonly-cmdline "/boot/initrd.img-$version" "$version" ;;
    *) chroot "$root" update-initramfs -u -k all ;;
  esac
  for m in proc sys dev; do umount -R "$root/$m" 2> /dev/null || umount -lR "$root/$m"; done
  rm -rf "$root/etc/resolv.conf" "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
  rm -f "$out/$set.img"; truncate -s 1G "$out/$set.img"
  mke2fs -q -t ext4 -d "$root" "$out/$set.img"
  rm -rf --one-file-system "$root"
}

for set; do
  [[ -v packages[$set] ]] || { echo "initramfs-roots.sh: no set is called $set" >&2; exit 2; }
  echo "== $set"
  build "$set"
done
