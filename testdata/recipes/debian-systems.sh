#!/bin/bash
# Builds clean Debian disks of many kinds from Debian's own packages, each ready for the marketplace.
#
#   debian-systems.sh OUT ROW...
#   debian-systems.sh --list
#
# Needs root (chroot, mounts, loop devices), and: mmdebstrap e2fsprogs dosfstools mtools fdisk openssl; for `arm64` also
# qemu-user-static. Packages come from the archive that this machine's own apt is set to; what was downloaded is
# kept in OUT/archives, and one root of each suite in OUT/base-SUITE, of which every row is a copy.
#
# OUT/ROW.raw is the disk, OUT/ROW.truth (key=value) what it holds. Beside it stands what a reference is made of:
# OUT/ROW.der, the certificate of who signed a part, or OUT/ROW.debs, the packages.
set -euo pipefail

rows=(cloud trixie sid bios bios-mbr full storage plymouth dropbear dropbear-host-keys dropbear-key dracut systemd-boot uki extlinux
  boot-apart usr-apart two-kernels backports dkms arm64)
if [[ ${1-} = --list ]]; then printf '%s\n' "${rows[@]}"; exit; fi
out=${1:?usage: debian-systems.sh OUT ROW...}; shift
[[ $(id -u) = 0 ]] || { echo "debian-systems.sh: needs root (chroot, mounts)" >&2; exit 2; }
# What is mounted below is mounted for this program alone, and gone with it.
[[ ${SYSTEMS_PRIVATE-} = yes ]] || SYSTEMS_PRIVATE=yes exec unshare --mount --propagation private "$0" "$out" "$@"
mkdir -p "$out"; out=$(readlink -f "$out")
here=$(dirname "$(readlink -f "$0")")
. "$here/debian-common.sh"
export LC_ALL=C TZ=UTC DEBIAN_FRONTEND=noninteractive MTOOLS_SKIP_CHECK=1
root=$out/root
declare -A uuids=([root]=6d1b1f2e-5c0a-4e7c-9a57-1f6e2d3c4b5a [boot]=6d1b1f2e-5c0a-4e7c-9a57-1f6e2d3c4b5b [usr]=6d1b1f2e-5c0a-4e7c-9a57-1f6e2d3c4b5c)
esp_id=5A17C0DE

# What a row is made of. `volumes`: file systems beside the EFI system partition, with their sizes in MiB.
describe() {
  suite=bookworm arch=amd64 table=gpt loader=grub-efi esp=64 volumes='root:2040' kernel=linux-image-cloud-amd64 initramfs=initramfs-tools extra='' arguments=''
  case $1 in
    trixie|sid) suite=$1 ;;
    bios) loader=grub-pc ;;
    bios-mbr) loader=grub-pc table=dos ;;
    full) kernel=linux-image-amd64 ;;
    storage) extra='busybox cryptsetup-initramfs lvm2 mdadm' ;;
    plymouth) extra='plymouth plymouth-themes' arguments=' splash' ;;
    dropbear*) extra='dropbear-initramfs busybox' ;;
    dracut) initramfs=dracut ;;
    systemd-boot) loader=systemd-boot esp=256 ;;
    uki) suite=trixie loader=uki esp=256 extra='systemd-ukify systemd-boot-efi sbsigntool' ;;
    extlinux) loader=extlinux table=dos extra='extlinux syslinux-common' ;;
    boot-apart) volumes='boot:256 root:1784' ;;
    usr-apart) volumes='root:824 usr:1216' ;;
    two-kernels) kernel='linux-image-cloud-amd64 linux-image-amd64' ;;
    backports) kernel=linux-image-cloud-amd64/bookworm-backports ;;
    dkms) extra='dkms acpi-call-dkms linux-headers-cloud-amd64' volumes='root:3000' ;;
    arm64) arch=arm64 kernel=linux-image-cloud-arm64 ;;
  esac
  case $loader-$arch in
    grub-efi-amd64) extra+=' shim-signed grub-efi-amd64-signed grub-efi-amd64-bin grub2-common' efi=x64 grub=x86_64-efi ;;
    grub-efi-arm64) extra+=' shim-signed grub-efi-arm64-signed grub-efi-arm64-bin grub2-common' efi=aa64 grub=arm64-efi ;;
    grub-pc-*) extra+=' grub-pc-bin grub2-common' esp=0 grub=i386-pc ;;
    systemd-boot-*) extra+=' systemd-boot' ;;
    extlinux-*) esp=0 ;;
  esac
}

# A root of the suite without kernel, initramfs and boot loader.
base() {
  local base=$out/base-$suite new=$out/base.new more=isc-dhcp-client
  [[ ! -d $base ]] || return 0
  [[ $suite = bookworm ]] || more=dhcpcd-base
  rm -rf --one-file-system "$new"
  archive_list "$suite" > "$out/apt.list"
  mmdebstrap --mode=root --variant=minbase --skip=cleanup/apt/lists \
    --include="openssh-server,cron,chrony,systemd-sysv,udev,dbus,ifupdown,$more,cloud-init,ca-certificates,iproute2,netbase,sudo,e2fsprogs,kmod,zstd" \
    --aptopt='Acquire::Retries "3"' --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt=force-unsafe-io "$suite" "$new" "$out/apt.list" < /dev/null
  mv "$new" "$base"
}

# Programs of the other architecture run by emulation.
foreign() {
  local entry=/proc/sys/fs/binfmt_misc qemu magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
  qemu=${QEMU_AARCH64:-/usr/bin/qemu-aarch64-static}
  [[ -e $entry/register ]] || mount -t binfmt_misc binfmt_misc $entry
  [[ -e $entry/qemu-aarch64 ]] ||
    echo ":qemu-aarch64:M::$magic:"'\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'":$qemu:FPC" > $entry/register
}

inside() { chroot "$root" "$@"; }
add() { inside apt-get -qq -o DPkg::options::=--force-unsafe-io -o APT::Install-Recommends=false -o Acquire::Retries=3 -o APT::Keep-Downloaded-Packages=true install -y "$@"; }

# A root of another architecture. Its packages are unpacked and their maintainer scripts don't run, for in emulation they take
# longer than all other rows together; what those make comes from a twin of this machine's architecture, in which packages of
# the same names are configured. Two things do run in emulation: what makes the loader's cache, and later the script of the
# kernel's package, which makes the list of modules and the initramfs.
foreign_root() {
  local names
  # shellcheck disable=SC2086
  twin $initramfs linux-base ${extra//$arch/amd64}
  archive_list "$suite" > "$out/apt.list"
  names=$(chroot "$out/base-$suite" dpkg-query -W -f '${Package} ')
  mkdir -p "$out/foreign/lists/partial" "$out/foreign/cache" "$out/archives/$arch/partial"; : > "$out/foreign/status"
  cat > "$out/foreign/apt.conf" <<E
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Install-Recommends "false";
Acquire::Retries "3";
Dir::State "$out/foreign";
Dir::State::status "$out/foreign/status";
Dir::Cache "$out/foreign/cache";
Dir::Cache::archives "$out/archives/$arch";
Dir::Etc::SourceList "$out/apt.list";
Dir::Etc::SourceParts "/dev/null";
E
  (
    export APT_CONFIG=$out/foreign/apt.conf
    apt-get -qq update
    apt-get -qq autoclean
    # shellcheck disable=SC2086
    apt-get -qq install -y --download-only $names $initramfs $kernel $extra
  )
  /usr/bin/python3 "$here/foreign_root.py" "$out/twin" "$out/archives/$arch" "$arch" "$root"
  umount "$out/twin"
  rm -rf --one-file-system "$out/twin" "$out/twin.upper" "$out/twin.work" "$out/foreign"
  inside ldconfig
}

# The base with these packages, as a layer over it.
twin() {
  local root=$out/twin
  mkdir -p "$root" "$out/twin.upper" "$out/twin.work" "$out/archives/amd64/partial"
  mount -t overlay -o "lowerdir=$out/base-$suite,upperdir=$out/twin.upper,workdir=$out/twin.work" twin "$root"
  devices
  mount --bind "$out/archives/amd64" "$root/var/cache/apt/archives"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  no_services
  add "$@"
  rm "$root/usr/sbin/policy-rc.d"
  umount -R "$root/dev"; umount "$root/proc" "$root/sys" "$root/var/cache/apt/archives"
}

no_services() { printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"; chmod 755 "$root/usr/sbin/policy-rc.d"; }

# Devices of the machine that the disk will be in, and none of this one's disks but what the volumes are mounted from.
devices() {
  local n
  mount -t proc proc "$root/proc"; mount -t sysfs -o ro sys "$root/sys"; mount -t tmpfs -o mode=755 dev "$root/dev"
  mknod -m 666 "$root/dev/null" c 1 3; mknod -m 666 "$root/dev/zero" c 1 5; mknod -m 666 "$root/dev/full" c 1 7
  mknod -m 666 "$root/dev/random" c 1 8; mknod -m 666 "$root/dev/urandom" c 1 9; mknod -m 666 "$root/dev/tty" c 5 0
  ln -s /proc/self/fd "$root/dev/fd"; mkdir -p "$root/dev/disk/by-uuid" "$root/dev/pts" "$root/dev/shm"
  for n in "${!uuids[@]}"; do touch "$root/dev/disk/by-uuid/${uuids[$n]}"; done
  for n in /dev/loop[0-9]*; do cp -a "$n" "$root/dev/"; done
  mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"; ln -s pts/ptmx "$root/dev/ptmx"
}

# Cuts the disk and mounts its volumes at $root. `number` and `start` (MiB) of each volume are left behind.
cut() {
  local at=1 n=0 name size
  declare -gA number=() start=()
  {
    echo "label: $table"; [[ $table = gpt ]] || echo 'label-id: 0x0b2e4c57'
    if [[ $esp != 0 ]]; then
      n=$((n + 1)) number[esp]=$n start[esp]=$at
      echo "start=${at}MiB, size=${esp}MiB, type=uefi, name=EFI"; at=$((at + esp))
    elif [[ $loader-$table = grub-pc-gpt ]]; then
      n=$((n + 1))
      echo "start=${at}MiB, size=1MiB, type=21686148-6449-6E6F-744E-656564454649"; at=$((at + 1))
    fi
    for v in $volumes; do
      name=${v%:*} size=${v#*:} n=$((n + 1)) number[$name]=$n start[$name]=$at
      echo "start=${at}MiB, size=${size}MiB, type=linux$([[ $table = gpt || $n != 1 ]] || echo ', bootable')"; at=$((at + size))
    done
  } > "$out/table"
  rm -f "$disk"; truncate -s $((at + 1))M "$disk"
  sfdisk -q "$disk" < "$out/table"; rm "$out/table"
  # All are made before one is mounted; `boot` and `usr` are below the root.
  mkdir -p "$root"
  for v in root boot usr; do
    [[ -v start[$v] ]] || continue
    size=$(tr ' ' '\n' <<< "$volumes" | sed -n "s/^$v://p")
    # extlinux can't load from a file system of 64 bits.
    mke2fs -q -F -t ext4 -O '^64bit' -U "${uuids[$v]}" -E offset=$((${start[$v]} << 20)),lazy_itable_init=0,lazy_journal_init=0,nodiscard "$disk" "${size}M"
  done
  for v in root boot usr; do
    [[ -v start[$v] ]] || continue
    size=$(tr ' ' '\n' <<< "$volumes" | sed -n "s/^$v://p")
    [[ $v = root ]] || mkdir -p "$root/$v"
    mount -o loop,offset=$((${start[$v]} << 20)),sizelimit=$((size << 20)),discard "$disk" "$root/$([[ $v = root ]] || echo "$v")"
  done
}

file_systems() {
  echo '# <file system> <mount point> <type> <options> <dump> <pass>'
  echo "UUID=${uuids[root]} / ext4 errors=remount-ro 0 1"
  [[ ! -v start[boot] ]] || echo "UUID=${uuids[boot]} /boot ext4 defaults 0 2"
  [[ ! -v start[usr] ]] || echo "UUID=${uuids[usr]} /usr ext4 defaults 0 2"
  [[ $esp = 0 ]] || echo "UUID=${esp_id:0:4}-${esp_id:4:4} /boot/efi vfat umask=0077 0 1"
}

# What an administrator does before the initramfs is made anew.
prepare() {
  case $1 in
    dropbear|dropbear-key)
      # As images lose the keys of sshd before they are published.
      rm -f "$root"/etc/dropbear/initramfs/dropbear_*_host_key "$root"/etc/dropbear/dropbear_*_host_key
      [[ $1 = dropbear ]] || echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBqmrRzJvH6oB8yP5JYJ4VQ0d3tYp8oFvM9vQpJ6s7Kd admin' \
        > "$root/etc/dropbear/initramfs/authorized_keys"
      inside update-initramfs -u -k all ;;
    plymouth) inside plymouth-set-default-theme spinner; inside update-initramfs -u -k all ;;
    dkms)
      inside dkms autoinstall -k "$version"; inside dkms status; inside update-initramfs -u -k all
      # Whoever had it could sign modules for every machine that trusts its certificate.
      rm "$root/var/lib/dkms/mok.key" ;;
  esac
}

new_esp() {
  truncate -s "${esp}M" "$out/esp.img"
  mkfs.fat -F 32 --invariant -n ESP -i $esp_id "$out/esp.img" > /dev/null
}
put_esp() { dd if="$out/esp.img" of="$disk" bs=1M seek="${start[esp]}" conv=notrunc,sparse status=none; rm "$out/esp.img"; }

grub_menu() { # FOLDER-OF-MODULES
  mkdir -p "$root/boot/grub/$1" "$root/boot/grub/fonts"
  grub_defaults "$root"
  [[ -z $arguments ]] || sed -i "s/^GRUB_CMDLINE_LINUX_DEFAULT=.*/GRUB_CMDLINE_LINUX_DEFAULT=\"quiet$arguments\"/" "$root/etc/default/grub"
  local boot=root
  [[ ! -v start[boot] ]] || boot=boot
  probe "$root" "$([[ $table = gpt ]] && echo gpt || echo msdos)" "${uuids[root]}" "${number[root]}" "${uuids[$boot]}" "${number[$boot]}"
  inside grub-mkconfig -o /boot/grub/grub.cfg
  probe_back "$root"
  inside grub-editenv /boot/grub/grubenv create
  cp "$root/usr/lib/grub/$1"/*.{mod,lst} "$root/boot/grub/$1/"
  cp "$root/usr/share/grub/unicode.pf2" "$root/boot/grub/fonts/"
}

boot_loader() {
  local boot=root prefix=/boot/grub
  if [[ -v start[boot] ]]; then boot=boot prefix=/grub; fi
  case $loader in
    grub-efi)
      grub_menu $grub
      new_esp; signed_chain "$root" "$out/esp.img" $efi "${uuids[$boot]}" $prefix; put_esp ;;
    grub-pc)
      # As grub-install does it, on a file system beside the disk: grub-bios-setup wants GRUB's folder on a device that
      # its map names.
      grub_menu $grub
      local part="gpt${number[root]}" modules=(ext2 part_gpt biosdisk) work=$root/tmp/grub device
      if [[ $table = dos ]]; then part="msdos${number[root]}" modules=(ext2 part_msdos biosdisk); fi
      inside grub-mkimage -O i386-pc -o /boot/grub/i386-pc/core.img -p "(,$part)$prefix" "${modules[@]}"
      cp "$root/usr/lib/grub/i386-pc/boot.img" "$root/boot/grub/i386-pc/"
      device=$(losetup -f --show "$disk")
      cp -a "$device" "$root$device"
      truncate -s 8M "$out/fs.img"; mkdir -p "$work" "$out/grub-files"
      cp "$root"/boot/grub/i386-pc/{boot,core}.img "$out/grub-files/"
      mke2fs -q -F -d "$out/grub-files" "$out/fs.img"
      mount -o loop "$out/fs.img" "$work"
      local fs; fs=$(losetup -nO NAME -j "$out/fs.img" | tr -d ' '); cp -a "$fs" "$root$fs"
      printf '(hd0) %s\n(hd1) %s\n' "$device" "$fs" > "$root/dev/map"
      inside /usr/lib/grub/i386-pc/grub-bios-setup -d /tmp/grub -m /dev/map --skip-fs-probe "$device"
      umount "$work"; rmdir "$work"; losetup -d "$device"; rm -r "$out/fs.img" "$out/grub-files" ;;
    systemd-boot)
      # Images have no machine-id, so entries are called after the system.
      mkdir -p "$root/etc/kernel"; echo debian > "$root/etc/kernel/entry-token"
      echo "root=UUID=${uuids[root]} ro console=tty0 console=ttyS0,115200" > "$root/etc/kernel/cmdline"
      echo layout=bls > "$root/etc/kernel/install.conf"
      inside env SYSTEMD_RELAX_ESP_CHECKS=1 bootctl --esp-path=/boot/efi --no-variables --entry-token=os-id --make-entry-directory=yes install
      rm -f "$root/boot/efi/loader/random-seed"   # one seed for all copies would be none
      inside env SYSTEMD_RELAX_ESP_CHECKS=1 BOOT_ROOT=/boot/efi kernel-install -v add "$version" "/boot/vmlinuz-$version" "/boot/initrd.img-$version"
      esp_of_folder
      mkdir -p "$out/$row.debs"
      inside bash -c 'cd /tmp && apt-get -qq download systemd-boot-efi'; mv "$root"/tmp/*.deb "$out/$row.debs/" ;;
    uki)
      authority
      cp "$out/keys/signer.key" "$out/keys/signer.pem" "$root/tmp/"
      mkdir -p "$root/boot/efi/EFI/BOOT" "$root/boot/efi/EFI/Linux" "$root/boot/efi/EFI/systemd" "$root/boot/efi/loader"
      inside ukify build --linux="/boot/vmlinuz-$version" --initrd="/boot/initrd.img-$version" --os-release=@/etc/os-release --uname="$version" \
        --cmdline="root=UUID=${uuids[root]} ro console=tty0 console=ttyS0,115200" \
        --secureboot-private-key=/tmp/signer.key --secureboot-certificate=/tmp/signer.pem --signtool=sbsign --output="/boot/efi/EFI/Linux/debian-$version.efi"
      inside sbsign --key /tmp/signer.key --cert /tmp/signer.pem --output /boot/efi/EFI/systemd/systemd-bootx64.efi /usr/lib/systemd/boot/efi/systemd-bootx64.efi
      cp "$root/boot/efi/EFI/systemd/systemd-bootx64.efi" "$root/boot/efi/EFI/BOOT/BOOTX64.EFI"
      echo 'timeout 1' > "$root/boot/efi/loader/loader.conf"
      rm "$root"/tmp/signer.*; rm -r "$out/keys"
      esp_of_folder ;;
    extlinux)
      # Debian's package has no program that writes the menu.
      mkdir -p "$root/boot/extlinux"
      printf 'DEFAULT linux\nPROMPT 0\nTIMEOUT 10\n\nLABEL linux\n  LINUX /vmlinuz\n  INITRD /initrd.img\n  APPEND root=UUID=%s ro console=tty0 console=ttyS0,115200\n' \
        "${uuids[root]}" > "$root/boot/extlinux/extlinux.conf"
      inside extlinux --install /boot/extlinux
      dd if="$root/usr/lib/EXTLINUX/mbr.bin" of="$disk" bs=440 count=1 conv=notrunc status=none 2> /dev/null ||
        dd if="$root/usr/lib/syslinux/mbr/mbr.bin" of="$disk" bs=440 count=1 conv=notrunc status=none ;;
  esac
}

# The folder that stood for the EFI system partition becomes one.
esp_of_folder() {
  new_esp
  mcopy -s -m -i "$out/esp.img" "$root"/boot/efi/* ::/
  umount "$root/boot/efi"
  put_esp
}

authority() {
  mkdir -p "$out/keys"
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$out/keys/ca.key" -out "$out/keys/ca.pem" -days 7300 -subj '/CN=Test Root' 2> /dev/null
  openssl req -newkey rsa:2048 -nodes -keyout "$out/keys/signer.key" -out "$out/keys/signer.csr" -subj '/CN=Test Signer' 2> /dev/null
  printf 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=codeSigning\n' > "$out/keys/ext"
  openssl x509 -req -in "$out/keys/signer.csr" -CA "$out/keys/ca.pem" -CAkey "$out/keys/ca.key" -CAcreateserial -days 7300 -extfile "$out/keys/ext" -out "$out/keys/signer.pem" 2> /dev/null
  openssl x509 -in "$out/keys/ca.pem" -outform DER -out "$out/$row.der"
}

build() {
  row=$1 disk=$out/$1.raw
  describe "$row"
  base
  cut
  if [[ $arch = amd64 ]]; then
    cp -a "$out/base-$suite/." "$root/"
  else
    foreign
    foreign_root
  fi
  devices
  mkdir -p "$out/archives/$arch" "$root/boot/efi"
  # bootctl wants a file system of its own; what is in it becomes the partition.
  [[ $loader != systemd-boot && $loader != uki ]] || mount -t tmpfs -o mode=700 efi "$root/boot/efi"
  mount --bind "$out/archives/$arch" "$root/var/cache/apt/archives"
  mkdir -p "$out/archives/$arch/partial"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  no_services
  file_systems > "$root/etc/fstab"
  if [[ $kernel = */* ]]; then
    archive_list "${kernel#*/}" > "$root/etc/apt/sources.list.d/more.list"
    inside apt-get -qq update
  fi
  # shellcheck disable=SC2086
  [[ $arch != amd64 ]] || add $initramfs $kernel $extra
  version=$(basename "$(ls -d "$root"/boot/vmlinuz-* | sort -V | tail -1)"); version=${version#vmlinuz-}
  [[ $arch = amd64 ]] || inside timeout 600 "/var/lib/dpkg/info/linux-image-$version.postinst" configure
  prepare "$row"
  rm "$root/usr/sbin/policy-rc.d"
  boot_loader
  umount "$root/var/cache/apt/archives"
  settings "$root" "debian-$row"
  plant_agents "$root"
  rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/tmp/*
  {
    echo "suite=$suite"; echo "loader=$loader"; echo "table=$table"; echo "kernel_version=$version"
    for v in "${!start[@]}"; do echo "${v}_offset=$((${start[$v]} << 20))"; done
    for v in root boot usr; do [[ ! -v start[$v] ]] || echo "${v}_uuid=${uuids[$v]}"; done
    echo "packages=$(inside dpkg-query -W -f '.\n' | wc -l)"
  } > "$out/$row.truth"
  [[ $row != dkms ]] || cp "$root/var/lib/dkms/mok.pub" "$out/$row.der"
  leave
}

leave() {
  local m
  while read -r m; do umount "$m" || umount -l "$m"; done < <(awk -v r="$root" '$2 == r || index($2, r "/") == 1 {print $2}' /proc/mounts | sort -r)
  rmdir "$root"
}
failed() {
  local code=$?
  [[ $code = 0 ]] || leave 2> /dev/null || true
  exit $code
}
trap failed EXIT

# Read whole before it runs, so that an edit meanwhile does no harm.
{
  for name; do
    printf '%s\n' "${rows[@]}" | grep -qxF -- "$name" || { echo "debian-systems.sh: no row is called $name" >&2; exit 2; }
    echo "== $name"
    build "$name"
  done
  exit
}
