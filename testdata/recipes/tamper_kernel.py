#!/usr/bin/python3
"""Changes a raw Debian disk (debian-disk.sh) in one way that concerns its kernel, without mounting it.

    tamper_kernel.py --list
    tamper_kernel.py DISK.raw RECIPE       changes DISK.raw in place and prints what a scanner has to find

Each recipe prints a line `CHECK PATH [LINE]`: the check of the policy that has to name the file.
Needs: what tamper_disk.py needs.
"""
import re
import struct
import sys
import zlib

from tamper_disk import MARK, Disk, Recipes, cpio, new_file, run, unsigned


def signed(disk, elf):
    """The module signed by somebody else."""
    key, cert = disk.key()
    message = run('openssl', 'cms', '-sign', '-binary', '-noattr', '-nocerts', '-outform', 'DER', '-md', 'sha256',
                  '-signer', cert, '-inkey', key, stdin=elf)
    return elf + message + struct.pack('>BBBBB3xI', 0, 0, 2, 0, 0, len(message)) + MARK


def compiled(disk):
    """The kernel, unsigned, with the banner of somebody's own machine."""
    with open(disk.unsigned_kernel(), 'rb') as f:
        data = bytearray(f.read())
    base = (data[0x1f1] + 1) * 512 + struct.unpack_from('<I', data, 0x248)[0]
    size = struct.unpack_from('<I', data, 0x24c)[0]
    packed = bytes(data[base:base + size])
    how = {b'\x02\x21': ['lz4', '-dc'], b'\xfd7': ['xz', '-dc'], b'\x28\xb5': ['zstd', '-dcq'], b'\x1f\x8b': ['gzip', '-dc']}[packed[:2]]
    plain = run(*how, stdin=packed, codes=(0, 1, 2))
    old = b'(debian-kernel@lists.debian.org)'
    assert old in plain, 'no banner'
    plain = plain.replace(old, b'(root@build)'.ljust(len(old)))
    again = run('xz', '--check=crc32', '-6', '-c', stdin=plain) + struct.pack('<I', len(plain))
    assert len(again) <= size, 'the payload became longer'
    data[base:base + size] = again.ljust(size, b'\0')
    struct.pack_into('<I', data, 0x24c, len(again))
    return bytes(data)


def checksummed(data):
    """A bzImage with its build's CRC-32 made right: over all but its last four bytes, without what a signature changes."""
    data = bytearray(data)
    header = struct.unpack_from('<I', data, 0x3c)[0]
    data[header + 0x58:header + 0x5c] = bytes(4)
    data[header + 0xa8:header + 0xb0] = bytes(8)
    end = (data[0x1f1] + 1) * 512 + struct.unpack_from('<I', data, 0x1f4)[0] * 16
    struct.pack_into('<I', data, end - 4, zlib.crc32(data[:end - 4]) ^ 0xffffffff)
    return bytes(data)


recipe = RECIPES = Recipes()
simple, argument = RECIPES.file, RECIPES.argument


# --- the kernel -----------------------------------------------------------------------------------
@recipe
def kernel_byte(d):
    return 'LNX-KERNEL-003', d.flip(d.kernel)


@recipe
def kernel_byte_and_record(d):
    d.flip(d.kernel)
    d.md5sums(d.kernel)
    return 'LNX-KERNEL-005', d.kernel


@recipe
def kernel_signed_by_another(d):
    path = d.unsigned_kernel()
    key, cert = d.key()
    run('sbsign', '--key', key, '--cert', cert, '--output', f'{d.tmp}/signed', path)
    with open(f'{d.tmp}/signed', 'rb') as f:
        d.put(d.kernel, f.read())
    d.md5sums(d.kernel)
    return 'LNX-KERNEL-005', d.kernel


@recipe
def kernel_compiled_by_hand(d):
    d.put(d.kernel, compiled(d))
    d.md5sums(d.kernel)
    return 'LNX-KERNEL-008', d.kernel


@recipe
def kernel_without_signature(d):
    with open(d.unsigned_kernel(), 'rb') as f:
        d.put(d.kernel, f.read())
    return 'LNX-KERNEL-003', d.kernel


def stripped_and_rewritten(d):
    """The signature goes, the banner is overwritten, and whatever the package says of the kernel is made to fit."""
    data = bytearray(compiled(d))
    version = struct.unpack_from('<H', data, 0x20e)[0] + 0x200
    end = data.index(b'\0', version)
    data[version:end] = data[version:end].replace(b'debian-kernel@lists.debian.org', b'builder@build.example.invalid.'[:30].ljust(30))
    d.put(d.kernel, checksummed(data))
    d.md5sums(d.kernel)
    status = d.read('/var/lib/dpkg/status').decode()
    parts = status.split('\n\n')
    parts = [re.sub(r'(?m)^Maintainer: .*$', 'Maintainer: Build <build@example.invalid>', p) if p.startswith(f'Package: linux-image-{d.version}\n') else p
             for p in parts]
    d.put('/var/lib/dpkg/status', '\n\n'.join(parts))


@recipe
def kernel_stripped_and_records_rewritten(d):
    stripped_and_rewritten(d)
    return 'LNX-KERNEL-005', d.kernel


@recipe
def kernel_stripped_and_system_renamed(d):
    stripped_and_rewritten(d)
    text = d.read('/usr/lib/os-release').decode()
    d.put('/usr/lib/os-release', re.sub('(?m)^ID=debian$', 'ID=mylinux', text))
    return 'LNX-KERNEL-005', d.kernel


@recipe
def kernel_header_version(d):
    data = bytearray(d.read(d.kernel))
    at = struct.unpack_from('<H', data, 0x20e)[0] + 0x200
    data[at:at + 1] = b'9'
    d.put(d.kernel, bytes(data))
    return 'LNX-KERNEL-006', d.kernel


@recipe
def kernel_checksum(d):
    data = bytearray(d.read(d.kernel))
    end = (data[0x1f1] + 1) * 512 + struct.unpack_from('<I', data, 0x1f4)[0] * 16
    data[end - 1] ^= 1
    d.put(d.kernel, bytes(data))
    return 'LNX-KERNEL-007', d.kernel


@recipe
def package_record_deleted(d):
    package = f'linux-image-{d.version}'
    text = d.read('/var/lib/dpkg/status').decode()
    parts = [p for p in text.split('\n\n') if not p.startswith(f'Package: {package}\n')]
    d.put('/var/lib/dpkg/status', '\n\n'.join(parts))
    d.write(f'rm /var/lib/dpkg/info/{package}.list', f'rm /var/lib/dpkg/info/{package}.md5sums')
    return 'LNX-KERNEL-003', d.kernel


@recipe
def kernel_of_another_vendor(d):
    text = d.read('/usr/lib/os-release').decode()
    d.put('/usr/lib/os-release', text.replace('ID=debian', 'ID=ubuntu'))
    return 'LNX-KERNEL-019', d.kernel


@recipe
def build_configuration(d):
    path = f'/boot/config-{d.version}'
    text = d.read(path).decode()
    return 'LNX-KERNEL-016', d.put(path, text.replace('CONFIG_MODULE_SIG=y', '# CONFIG_MODULE_SIG is not set'))


simple('kernel-source', 'LNX-KERNEL-018', '/usr/src/linux-6.1.1/Makefile', 'VERSION = 6\n')
simple('kernel-package-in-root', 'LNX-KERNEL-018', '/root/linux-image-6.9.9_amd64.deb', '!<arch>\n')


# --- what boots -----------------------------------------------------------------------------------
@recipe
def default_entry_of_another_kernel(d):
    d.put('/boot/vmlinuz-9.9-evil', d.read(d.kernel) + b'\0')
    d.append('/boot/grub/custom.cfg', "set default=evil\nmenuentry 'x' --id evil {\nlinux /boot/vmlinuz-9.9-evil root=/dev/vda2\n}\n")
    return 'LNX-KERNEL-003', '/boot/vmlinuz-9.9-evil'


@recipe
def next_entry_in_grubenv(d):
    d.put('/boot/grub/grubenv', '# GRUB Environment Block\nnext_entry=1>1\n'.ljust(1024, '#'))
    return 'LNX-KERNEL-002', '/boot/grub/grubenv', 2


@recipe
def kernel_outside_boot_by_bls(d):
    # Debian's GRUB 2.14 reads the folder at the root of the volume, not the one in /boot.
    d.put('/srv/.k', d.read(d.kernel) + b'\0')
    d.put('/loader/entries/zz.conf', 'title x\nversion 9\nlinux /srv/.k\noptions root=/dev/vda2\n')
    d.append('/boot/grub/custom.cfg', 'blscfg\nset default=zz\n')
    return 'LNX-KERNEL-003', '/srv/.k'


@recipe
def kernel_started_before_the_menu(d):
    d.put('/srv/.k', d.read(d.kernel) + b'\0')
    d.append('/boot/grub/custom.cfg', 'linux /srv/.k root=/dev/vda2\nboot\n')
    return 'LNX-KERNEL-003', '/srv/.k'


@recipe
def chainloader(d):
    d.append('/boot/grub/custom.cfg', "menuentry 'x' {\nchainloader (hd1)+1\n}\n")
    return 'LNX-KERNEL-022', '/boot/grub/custom.cfg', 2


argument('module-signatures-off', 'module.sig_enforce=0')
argument('another-init', 'init=/root/.x')
argument('another-rdinit', 'rdinit=/x')
argument('lockdown-off', 'lockdown=none')
argument('mitigations-off', 'mitigations=off')
argument('debug-shell', 'systemd.debug-shell=1')
argument('initramfs-break', 'rd.break')
argument('security-modules-off', 'apparmor=0')
argument('no-kaslr', 'nokaslr')
RECIPES['another-init-in-a-spare-entry'] = lambda d: ('LNX-KERNEL-013', *d.argument('init=/root/.x', 1))


@recipe
def another_init_once_the_menu_is_made_anew(d):
    path, line = d.append('/etc/default/grub', 'GRUB_CMDLINE_LINUX="init=/root/.x"\n')
    return 'LNX-KERNEL-013', path, line


# --- boot loaders ---------------------------------------------------------------------------------
def middle(data):
    data = bytearray(data)
    data[len(data) // 2] ^= 1
    return bytes(data)


@recipe
def shim_byte(d):
    return 'LNX-KERNEL-017', d.esp('/EFI/debian/shimx64.efi', middle)


@recipe
def grub_byte(d):
    return 'LNX-KERNEL-017', d.esp('/EFI/debian/grubx64.efi', middle)


@recipe
def first_loader_replaced(d):
    data = d.read('/usr/lib/systemd/boot/efi/linuxx64.efi.stub') or d.read('/usr/lib/grub/x86_64-efi/monolithic/grubx64.efi')
    assert data[:2] == b'MZ', 'no unsigned program to put there'
    return 'LNX-KERNEL-017', d.esp('/EFI/BOOT/BOOTX64.EFI', lambda _: data)


@recipe
def grub_module(d):
    return 'LNX-KERNEL-017', d.flip('/boot/grub/x86_64-efi/ext2.mod')


# --- modules --------------------------------------------------------------------------------------
@recipe
def module_byte(d):
    path, elf = d.module()
    data = bytearray(elf)
    data[len(data) // 2] ^= 1
    return 'LNX-KERNEL-009', d.put_module(path, bytes(data))


@recipe
def module_byte_and_record(d):
    path, elf = d.module()
    data = bytearray(elf)
    data[len(data) // 2] ^= 1
    d.put_module(path, bytes(data))
    d.md5sums(path)
    return 'LNX-KERNEL-009', path


@recipe
def module_without_signature(d):
    path, elf = d.module()
    return 'LNX-KERNEL-009', d.put_module(path, unsigned(elf))


@recipe
def module_signed_by_another(d):
    path, elf = d.module()
    return 'LNX-KERNEL-009', d.put_module(path, signed(d, unsigned(elf)))


@recipe
def module_of_another_kernel(d):
    path, elf = d.module()
    other = unsigned(elf).replace(d.version.encode(), d.version.replace('6', '5', 1).encode())
    return 'LNX-KERNEL-011', d.put_module(path, signed(d, other))


@recipe
def module_added_in_updates(d):
    _, elf = d.module()
    return 'LNX-KERNEL-010', d.put(f'{d.modules}/updates/helper.ko', unsigned(elf))


@recipe
def module_outside(d):
    _, elf = d.module()
    return 'LNX-KERNEL-010', d.put('/root/.cache/helper.ko', unsigned(elf))


@recipe
def rootkit_by_name(d):
    _, elf = d.module()
    return 'LNX-KERNEL-023', d.put(f'{d.modules}/extra/diamorphine.ko', unsigned(elf))


@recipe
def live_patch(d):
    _, elf = d.module()
    d.put('/etc/systemd/system/kpatch.service', '[Service]\nExecStart=/usr/sbin/kpatch load --all\n[Install]\nWantedBy=multi-user.target\n')
    return 'LNX-KERNEL-015', d.put(f'/var/lib/kpatch/{d.version}/fix.ko', unsigned(elf))


simple('modprobe-hook', 'LNX-KERNEL-012', '/etc/modprobe.d/x.conf', '# x\ninstall fat /root/.x; /sbin/modprobe -i fat\n', line=2)
simple('module-loaded-at-boot', 'LNX-KERNEL-012', '/etc/modules-load.d/x.conf', '# x\nhelper\n', line=2)
simple('core-pattern', 'LNX-KERNEL-012', '/etc/sysctl.d/99-x.conf', 'kernel.core_pattern = |/root/.x %p\n', line=1)
simple('modprobe-program', 'LNX-KERNEL-012', '/etc/sysctl.d/99-x.conf', 'kernel.modprobe=/root/.x\n', line=1)
simple('initramfs-hook', 'LNX-KERNEL-012', '/etc/initramfs-tools/hooks/x', '#!/bin/sh\ncp /root/.x $DESTDIR/x\n', 0o755)


@recipe
def insmod_in_rc_local(d):
    text = d.read('/etc/rc.local').decode().replace('exit 0\n', 'insmod /root/.x.ko\nexit 0\n')
    d.put('/etc/rc.local', text, 0o755)
    return 'LNX-KERNEL-012', '/etc/rc.local', text.splitlines().index('insmod /root/.x.ko') + 1


# --- initramfs ------------------------------------------------------------------------------------
@recipe
def initramfs_init(d):
    def change(items):
        return [(f, n, b.replace(b'\n', b'\n/bin/sh /x\n', 1) if n.lstrip(b'./') == b'init' else b) for f, n, b in items]
    return 'LNX-KERNEL-014', d.initramfs(change)


@recipe
def initramfs_extra_file(d):
    return 'LNX-KERNEL-014', d.initramfs(lambda items: items + [new_file('scripts/init-bottom/x', b'#!/bin/sh\n/x\n')])


@recipe
def initramfs_program(d):
    def change(items):
        return [(f, n, b[:-1] + bytes([b[-1] ^ 1]) if n.endswith(b'bin/busybox') or n.endswith(b'bin/kmod') else b) for f, n, b in items]
    return 'LNX-KERNEL-014', d.initramfs(change)


@recipe
def initramfs_module(d):
    def change(items):
        first = next(i for i, (_, n, _) in enumerate(items) if b'.ko' in n)
        fields, name, data = items[first]
        data = bytearray(data)
        data[len(data) // 2] ^= 1
        items[first] = (fields, name, bytes(data))
        return items
    return 'LNX-KERNEL-014', d.initramfs(change)


@recipe
def initramfs_second_archive(d):
    extra = cpio([new_file('init', b'#!/bin/sh\nexec /x\n')])
    data = d.read(d.initrd)
    return 'LNX-KERNEL-014', d.put(d.initrd, data + b'\0' * (-len(data) % 4) + extra)


@recipe
def initramfs_cut(d):
    return 'LNX-KERNEL-014', d.put(d.initrd, d.read(d.initrd)[:-100000])


# --- other ways -----------------------------------------------------------------------------------
# systemd passes over a file in a .wants folder that is no link.
@recipe
def kexec_unit(d):
    unit = d.put('/etc/systemd/system/x.service', '[Unit]\nDescription=x\n[Service]\nExecStart=/sbin/kexec -l /srv/.k --reuse-cmdline\n')
    d.write('cd /etc/systemd/system/multi-user.target.wants', f'symlink x.service {unit}')
    return 'LNX-KERNEL-022', unit, 4


simple('kexec-default', 'LNX-KERNEL-022', '/etc/default/kexec', 'LOAD_KEXEC=true\n', line=1)


@recipe
def kexec_in_rc_local(d):
    text = d.read('/etc/rc.local').decode().replace('exit 0\n', 'kexec -l /srv/.k && kexec -e\nexit 0\n')
    d.put('/etc/rc.local', text, 0o755)
    return 'LNX-KERNEL-022', '/etc/rc.local', text.splitlines().index('kexec -l /srv/.k && kexec -e') + 1


def main():
    if sys.argv[1:] == ['--list']:
        print('\n'.join(RECIPES))
        return
    disk, name = Disk(sys.argv[1]), sys.argv[2]
    print(*(part for part in RECIPES[name](disk) if part is not None))


if __name__ == '__main__':
    main()
