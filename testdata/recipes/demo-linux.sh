#!/bin/bash
# Builds the Linux demonstration images: OUT/clean-linux.qcow2 and OUT/tampered-linux.qcow2, and
# OUT/linux-ca.der.
#
#   demo-linux.sh OUT
#
# The layout is a real one (GPT, FAT EFI system partition, ext4 root, GRUB configuration, dpkg
# database, cron, accounts), the programs in it are STAND-INS, so that the images are small and hold
# nobody's code: the kernel is a sound bzImage with the header of an EFI program, whose packed ELF holds a version
# banner and no code, the boot loader is an EFI program that returns at once, the agents are a static ELF of some 130 bytes that exits at once, the packages are named after
# Debian's and own only the files that stand here. The md5sums of the kernel's package are true for
# the stand-in kernel. The agents' paths and start lines are those of the marketplace's guide.
#
# tampered-linux is clean-linux after tamper.sh kernel-byte nameserver uid0 empty-password
# authorized-key; OUT/tampered-linux.truth says what was changed where.
# Kernel and boot loader are signed by a test authority, made anew each time: who trusts it accepts
# clean-linux (--trust OUT/linux-ca.der), and who does not rejects it, for Debian signs its kernels.
# Needs root (owners of the files), and: e2fsprogs dosfstools mtools gdisk qemu-utils python3 openssl
# osslsigncode.
set -euo pipefail
out=${1:?usage: demo-linux.sh OUT}; here=$(dirname "$(readlink -f "$0")")
[[ $(id -u) = 0 ]] || { echo "demo-linux.sh: needs root (owners of the files)" >&2; exit 2; }
mkdir -p "$out"; out=$(readlink -f "$out")
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
root=$work/root; mkdir "$root"; cd "$work"
umask 022
export SOURCE_DATE_EPOCH=1700000000 LC_ALL=C TZ=UTC
export E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH
uuid=8c7e2a90-41d3-4b6f-9e15-7a3f0c5d2b81 esp=DE305A17 kver=6.1.0-99-demo-amd64

file() { install -D -m "$1" /dev/stdin "$root$2"; }
mkdir -p "$root"/{boot/efi,dev,proc,sys,run,tmp,mnt,root,home,usr/bin,usr/sbin,usr/lib,usr/lib64}
mkdir -p "$root"/{var/log,var/lib/dpkg/info,var/spool/cron/crontabs}
mkdir -p "$root/usr/lib/modules/$kver"
chmod 700 "$root/root"; chmod 1777 "$root/tmp"; chmod 1730 "$root/var/spool/cron/crontabs"
for d in bin sbin lib lib64; do ln -s usr/$d "$root/$d"; done

python3 - "$root" "$kver" <<'PY'
import gzip, hashlib, os, struct, sys, zlib
root, kver = sys.argv[1:]

# What vmlinux is: an ELF file, here with the version banner for its one segment.
build = '#1 SMP PREEMPT_DYNAMIC Mon Nov 13 22:13:20 UTC 2023'
banner = f'Linux version {kver} (imgscan demonstration, no code) (no compiler) {build}\n\0'.encode()
vmlinux = struct.pack('<16sHHIQQQIHHHHHH', b'\x7fELF\x02\x01\x01' + bytes(9), 2, 62, 1, 0x1000000, 64, 0, 0, 64, 56, 1, 64, 0, 0)
vmlinux += struct.pack('<IIQQQQQQ', 1, 4, 0x1000, 0xffffffff82000000, 0x2000000, len(banner), len(banner), 0x1000)
vmlinux = vmlinux.ljust(0x1000, b'\0') + banner
seed = b'imgscan demonstration kernel'
while len(vmlinux) < 48 * 1024:
    seed = hashlib.sha256(seed).digest()
    vmlinux += seed
payload = gzip.compress(vmlinux, 9, mtime=0)

# The x86 boot protocol's setup header: setup_sects 0x1F1, syssize 0x1F4 (in 16 bytes), boot_flag
# 0x1FE, "HdrS" 0x202, version 0x206, kernel_version 0x20E (offset of the text less 0x200), loadflags
# 0x211, payload_offset 0x248, payload_length 0x24C.
setup = bytearray(5 * 512)
setup[0x1f1] = 4
struct.pack_into('<H', setup, 0x1fe, 0xaa55)
setup[0x202:0x206] = b'HdrS'
struct.pack_into('<H', setup, 0x206, 0x020f)
version = f'{kver} (imgscan demonstration, no code) {build}\0'.encode()
struct.pack_into('<H', setup, 0x20e, 0x600 - 0x200)
setup[0x211] = 1
setup[0x600:0x600 + len(version)] = version
struct.pack_into('<II', setup, 0x248, 0, len(payload))
payload += bytes(-(len(payload) + 4) % 16 + 4)
struct.pack_into('<I', setup, 0x1f4, len(payload) // 16)
image = setup + payload


def pe(sections, entry, head=b''):
    """The headers of an EFI program for x86-64 of (name, offset, bytes, characteristics), 512 bytes."""
    end = max(at + size for _, at, size, _ in sections)
    optional = struct.pack('<HBBIIIII', 0x20b, 2, 0x14, end - 0x200, 0, 0, entry, 0x200)
    optional += struct.pack('<QIIHHHHHHIIIIHHQQQQII', 0, 0x20, 0x20, 0, 0, 0, 0, 0, 0, 0, end, 0x200, 0, 10, 0, 0, 0, 0, 0, 0, 6)
    optional += bytes(6 * 8)
    coff = struct.pack('<HHIIIHH', 0x8664, len(sections), 0, 0, 0, len(optional), 0x206)
    out = bytearray(head.ljust(0x40, b'\0'))
    out[0:2] = b'MZ'
    struct.pack_into('<I', out, 0x3c, 0x40)
    out += b'PE\0\0' + coff + optional
    for name, at, size, flags in sections:
        out += struct.pack('<8sIIIIIIHHI', name, size, at, size, at, 0, 0, 0, 0, flags)
    return out


headers = pe([(b'.setup', 0x200, len(setup) - 0x200, 0x60000020), (b'.text', len(setup), len(payload), 0x60000020)], len(setup))
assert len(headers) < 0x1f1
image[:len(headers)] = headers
# The build's checksum, in the last four bytes.
struct.pack_into('<I', image, len(image) - 4, zlib.crc32(image[:-4]) ^ 0xffffffff)

# The boot loader: `xor eax, eax; ret`, the generations of a GRUB of Debian's, and as GRUB's modules
# section the prefix of its configuration alone (include/grub/kernel.h: "mimg", offset, size; then
# type 3, size).
code = bytes.fromhex('31c0c3').ljust(0x200, b'\0')
sbat = b'sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n'
sbat += b'grub,5,Free Software Foundation,grub,2.06,https://www.gnu.org/software/grub/\n'
sbat += b'grub.debian,5,Debian,grub2,2.06-13+deb12u1,https://tracker.debian.org/pkg/grub2\n'
prefix = b'/EFI/debian\0'
mods = struct.pack('<IIQQII', 0x676d696d, 0, 24, 24 + 8 + len(prefix), 3, 8 + len(prefix)) + prefix
parts = [code, sbat.ljust(0x200, b'\0'), mods.ljust(0x200, b'\0')]
names = [(b'.text', 0x60000020), (b'.sbat', 0x40000040), (b'mods', 0xc0000040)]
places = [(name, 0x200 * (i + 1), 0x200, flags) for i, (name, flags) in enumerate(names)]
with open('loader.efi', 'wb') as f:
    f.write(pe(places, 0x200).ljust(0x200, b'\0') + b''.join(parts))
with open(f'{root}/boot/vmlinuz-{kver}', 'wb') as f:
    f.write(image)

# A static ELF64 for x86-64 that calls exit(0).
code = bytes.fromhex('31ffb83c0000000f05')
head = struct.pack('<16sHHIQQQIHHHHHH', b'\x7fELF\x02\x01\x01' + bytes(9), 2, 62, 1, 0x400078, 64, 0, 0,
                   64, 56, 1, 64, 0, 0)
load = struct.pack('<IIQQQQQQ', 1, 5, 0, 0x400000, 0x400000, 120 + len(code), 120 + len(code), 0x1000)
elf = head + load + code
for p in ('/usr/local/sa/agent/secu-tcs-agent',
          *('/usr/local/agenttools/agent/' + n for n in ('agent', 'agentPlugInD', 'base', 'tcvmstat', 'sysddd')),
          '/usr/local/qcloud/monitor/barad/barad_agent', '/usr/local/qcloud/stargate/bin/sgagent',
          '/usr/lib/systemd/systemd', '/usr/sbin/cron', '/usr/sbin/chronyd', '/usr/sbin/sshd', '/usr/bin/bash', '/usr/bin/cloud-init'):
    os.makedirs(os.path.dirname(root + p), exist_ok=True)
    with open(root + p, 'wb') as f:
        f.write(elf)
    os.chmod(root + p, 0o755)

# The initramfs: a newc archive of a stand-in for init, which its package keeps in /usr/share.
def member(inode, name, mode, data):
    name = name.encode() + b'\0'
    fields = (inode, mode, 0, 0, 1, 1700000000, len(data), 0, 0, 0, 0, len(name), 0)
    head = b'070701' + b''.join(b'%08X' % f for f in fields) + name
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)

init = b'#!/bin/sh\nexec run-init /root /sbin/init\n'
os.makedirs(f'{root}/usr/share/initramfs-tools')
with open(f'{root}/usr/share/initramfs-tools/init', 'wb') as f:
    f.write(init)
os.chmod(f'{root}/usr/share/initramfs-tools/init', 0o755)
with open(f'{root}/boot/initrd.img-{kver}', 'wb') as f:
    f.write(member(1, '.', 0o40755, b'') + member(2, 'conf', 0o40755, b'')
            + member(3, 'conf/arch.conf', 0o100644, b'DPKG_ARCH=amd64\n') + member(4, 'init', 0o100755, init)
            + member(0, 'TRAILER!!!', 0, b''))
PY
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 7300 -subj '/CN=Demo Linux Root' 2> /dev/null
openssl req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj '/CN=Demo Linux Signer' 2> /dev/null
printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=codeSigning\n' > leaf.ext
openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 7300 -extfile leaf.ext -out leaf.pem 2> /dev/null
openssl x509 -in ca.pem -outform DER -out "$out/linux-ca.der"
for f in "$root/boot/vmlinuz-$kver" loader.efi; do
  osslsigncode sign -certs leaf.pem -ac ca.pem -key leaf.key -h sha256 -in "$f" -out signed > /dev/null
  osslsigncode verify -CAfile ca.pem -in signed > /dev/null
  cat signed > "$f"; rm signed
done
file 644 /usr/lib/os-release <<'X'
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
X
mkdir -p "$root/etc"; ln -s ../usr/lib/os-release "$root/etc/os-release"
echo 12.8 | file 644 /etc/debian_version
echo demo | file 644 /etc/hostname
printf '127.0.0.1\tlocalhost\n127.0.1.1\tdemo\n' | file 644 /etc/hosts
: | file 644 /etc/machine-id
file 644 /etc/fstab <<X
UUID=$uuid / ext4 errors=remount-ro 0 1
UUID=${esp:0:4}-${esp:4:4} /boot/efi vfat umask=0077 0 1
X
file 644 /etc/passwd <<'X'
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
sshd:x:100:65534::/run/sshd:/usr/sbin/nologin
X
file 640 /etc/shadow <<'X'
root:*:19675:0:99999:7:::
daemon:*:19675:0:99999:7:::
nobody:*:19675:0:99999:7:::
sshd:!:19675::::::
X
printf 'root:x:0:\ndaemon:x:1:\nsudo:x:27:\nshadow:x:42:\nnogroup:x:65534:\n' | file 644 /etc/group
printf 'nameserver 183.60.83.19\nnameserver 183.60.82.98\n' | file 644 /etc/resolv.conf
printf 'auto lo eth0\niface lo inet loopback\niface eth0 inet dhcp\n' | file 644 /etc/network/interfaces
printf 'PermitRootLogin prohibit-password\nPasswordAuthentication yes\nUsePAM yes\n' | file 644 /etc/ssh/sshd_config
printf 'disable_root: false\ndatasource_list: [ConfigDrive, TencentCloud, None]\n' | file 644 /etc/cloud/cloud.cfg
{ for n in 1 2 3 4 5; do echo "server time$n.tencentyun.com iburst"; done
  printf 'driftfile /var/lib/chrony/chrony.drift\nmakestep 1 3\nrtcsync\n'; } | file 644 /etc/chrony/chrony.conf
for s in cron chrony ssh; do
  printf '[Unit]\nDescription=%s\n[Service]\nExecStart=/usr/sbin/%s\n[Install]\nWantedBy=multi-user.target\n' \
    $s "$(case $s in cron) echo 'cron -f' ;; chrony) echo chronyd ;; ssh) echo 'sshd -D' ;; esac)" \
    | file 644 /usr/lib/systemd/system/$s.service
  mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
  ln -s /lib/systemd/system/$s.service "$root/etc/systemd/system/multi-user.target.wants/$s.service"
done
# What the boot runs: default.target leads to the units above.
for t in basic multi-user graphical; do
  case $t in basic) needs='' ;; multi-user) needs='Requires=basic.target' ;; graphical) needs='Requires=multi-user.target' ;; esac
  printf '[Unit]\nDescription=%s\n%s\nAllowIsolate=yes\n' $t "$needs" | file 644 /usr/lib/systemd/system/$t.target
done
ln -s ../lib/systemd/systemd "$root/usr/sbin/init"
ln -s graphical.target "$root/usr/lib/systemd/system/default.target"
printf 'SHELL=/bin/sh\n17 * * * * root cd / && run-parts --report /etc/cron.hourly\n' | file 644 /etc/crontab

# The cloud's components and what starts them.
printf '#!/bin/sh\npgrep -x secu-tcs-agent >/dev/null || /usr/local/sa/agent/secu-tcs-agent\n' \
  | file 755 /usr/local/sa/agent/secu-tcs-agent-mon-safe.sh
printf '#!/bin/sh\ncd /usr/local/agenttools/agent && ./agent -c client.conf\n' | file 755 /usr/local/agenttools/agent/startagent.sh
: | file 644 /usr/local/agenttools/agent/client.conf
: | file 644 /usr/local/agenttools/agent/base.conf
printf '#!/bin/sh\n/usr/local/qcloud/stargate/bin/sgagent -d\n' | file 755 /usr/local/qcloud/stargate/admin/start.sh
echo '* * * * * /usr/local/sa/agent/secu-tcs-agent-mon-safe.sh > /dev/null 2>&1' | file 600 /var/spool/cron/crontabs/root
echo '* * * * * root flock -xn /tmp/stargate.lock -c /usr/local/qcloud/stargate/admin/start.sh > /dev/null 2>&1 &' \
  | file 644 /etc/cron.d/sgagenttask
printf '#!/bin/sh -e\n# ADDAGENTSTART\n/usr/local/agenttools/agent/startagent.sh\nexit 0\n' | file 755 /etc/rc.local

file 644 /etc/default/grub <<'X'
GRUB_DEFAULT=0
GRUB_TIMEOUT=1
GRUB_CMDLINE_LINUX="console=ttyS0,115200"
X
file 600 /boot/grub/grub.cfg <<X
### BEGIN /etc/grub.d/00_header ###
if [ -s \$prefix/grubenv ]; then
  set have_grubenv=true
  load_env
fi
if [ "\${next_entry}" ] ; then
   set default="\${next_entry}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="0"
fi
set timeout=1
### END /etc/grub.d/00_header ###
### BEGIN /etc/grub.d/10_linux ###
menuentry 'Debian GNU/Linux' --class debian --class gnu-linux --class gnu --class os \$menuentry_id_option 'gnulinux-simple-$uuid' {
	insmod part_gpt
	insmod ext2
	search --no-floppy --fs-uuid --set=root $uuid
	linux	/boot/vmlinuz-$kver root=UUID=$uuid ro console=ttyS0,115200
	initrd	/boot/initrd.img-$kver
}
### END /etc/grub.d/10_linux ###
X
python3 -c "
head = b'# GRUB Environment Block\n# WARNING: Do not edit this file by tools other than grub-editenv!!!\n'
open('$root/boot/grub/grubenv', 'wb').write(head.ljust(1024, b'#'))"

# The dpkg database: status, and list and md5sums of each package for the files it owns here.
db=$root/var/lib/dpkg; : > "$db/status"; : > "$db/available"
package() { # NAME VERSION SECTION DESCRIPTION FILE...
  local name=$1 version=$2 section=$3 text=$4 f; shift 4
  printf 'Package: %s\nStatus: install ok installed\nPriority: optional\nSection: %s\nInstalled-Size: 1\nMaintainer: imgscan demonstration <demo@example.invalid>\nArchitecture: amd64\nVersion: %s\nDescription: %s\n\n' \
    "$name" "$section" "$version" "$text" >> "$db/status"
  { echo /.; printf '%s\n' "$@"; } > "$db/info/$name.list"
  for f; do (cd "$root"; md5sum "${f#/}"); done > "$db/info/$name.md5sums"
}
package base-files 12.4+deb12u8 admin 'base files (demonstration)' /usr/lib/os-release /etc/debian_version
package bash 5.2.15-2+b7 shells 'shell (stand-in)' /usr/bin/bash
package chrony 4.3-2+deb12u1 net 'time (stand-in)' /usr/sbin/chronyd /lib/systemd/system/chrony.service
package cloud-init 22.4.2-1+deb12u2 admin 'first boot (stand-in)' /usr/bin/cloud-init
package cron 3.0pl1-162 admin 'cron (stand-in)' /usr/sbin/cron /lib/systemd/system/cron.service
package initramfs-tools-core 0.142+deb12u1 utils 'initramfs (stand-in)' /usr/share/initramfs-tools/init
package "linux-image-$kver" 6.1.999-1 kernel 'kernel (stand-in)' "/boot/vmlinuz-$kver"
package openssh-server '1:9.2p1-2+deb12u3' net 'sshd (stand-in)' /usr/sbin/sshd /lib/systemd/system/ssh.service
package systemd 252.31-1~deb12u1 admin 'first program (stand-in)' /usr/lib/systemd/systemd /usr/lib/systemd/system/{basic,multi-user,graphical}.target
chown -R 0:0 "$root"; chgrp 42 "$root/etc/shadow"
find "$root" -print0 | xargs -0 touch -h -d @$SOURCE_DATE_EPOCH

export MTOOLS_SKIP_CHECK=1
truncate -s 4M esp.img; mkfs.fat -F 12 --invariant -n ESP -i $esp esp.img > /dev/null
mmd -i esp.img ::/EFI ::/EFI/debian ::/EFI/BOOT
printf "search.fs_uuid $uuid root \nset prefix=(\$root)'/boot/grub'\nconfigfile \$prefix/grub.cfg\n" > grub.cfg
touch -d @$SOURCE_DATE_EPOCH grub.cfg loader.efi
mcopy -m -i esp.img grub.cfg ::/EFI/debian/grub.cfg
mcopy -m -i esp.img loader.efi ::/EFI/BOOT/BOOTX64.EFI

truncate -s 24M ext.img
mke2fs -q -t ext4 -L rootfs -U $uuid -N 512 -J size=1 \
  -E hash_seed=$uuid,lazy_itable_init=0,lazy_journal_init=0 -O '^resize_inode' -d "$root" ext.img 2> mke2fs.log || { cat mke2fs.log >&2; exit 1; }
e2fsck -fn ext.img > /dev/null 2>&1

truncate -s 30M clean.raw
sgdisk -U 11d5ab60-9e2f-4c14-8f3b-5d7a60b1c200 \
  -n 1:2048:+4M -t 1:ef00 -c 1:EFI -u 1:11d5ab60-9e2f-4c14-8f3b-5d7a60b1c201 \
  -n 2:0:+24M -t 2:8304 -c 2:root -u 2:11d5ab60-9e2f-4c14-8f3b-5d7a60b1c202 clean.raw > /dev/null
dd if=esp.img of=clean.raw bs=1M seek=1 conv=notrunc,sparse status=none
dd if=ext.img of=clean.raw bs=1M seek=5 conv=notrunc,sparse status=none
"$here/tamper.sh" clean.raw tampered.raw kernel-byte nameserver uid0 empty-password authorized-key
for d in clean tampered; do
  qemu-img convert -c -O qcow2 -o cluster_size=64k $d.raw "$out/$d-linux.qcow2"
done
cp tampered.truth "$out/tampered-linux.truth"
{
  echo "hostname=demo"; echo "packages=$(grep -c ^Package: "$db/status")"; echo "accounts=$(wc -l < "$root/etc/passwd")"
  echo "kernel_path=/boot/vmlinuz-$kver"; echo "kernel_package=linux-image-$kver"
  echo "kernel_sha256=$(sha256sum < "$root/boot/vmlinuz-$kver" | cut -d' ' -f1)"
  echo "disk_sha256=$(sha256sum < clean.raw | cut -d' ' -f1)"
} > "$out/clean-linux.truth"
