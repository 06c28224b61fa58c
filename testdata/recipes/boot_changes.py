#!/usr/bin/python3
"""Changes a raw Debian disk (debian-disk.sh) in ways that concern what boots and what is mounted, without mounting it.

    boot_changes.py --list
    boot_changes.py DISK.raw CHANGE...       changes DISK.raw in place

Each change makes a boot differ in its arguments or its mounts, so that a real boot shows whether it took effect.
Most are for debian-disk.sh's disk or another with GRUB; those named `...-of-systemd-boot` are for that row of debian-systems.sh, and
those of GRUB's entry files need a GRUB that has them (2.14).
Needs: e2fsprogs gdisk mtools.
"""
import os
import re
import subprocess
import sys

from tamper_disk import ESP, Disk, run

CHANGES = {}


def change(f):
    CHANGES[f.__name__.replace('_', '-')] = f
    return f


def uuid(d):
    return re.search(r'root=UUID=(\S+)', d.read(d.cfg).decode())[1]


def entry(d, name, arguments='', before='', root='UUID={}'):
    """A menu entry that boots the disk's own kernel with an argument that names the entry."""
    line = f'root={root.format(uuid(d))} ro console=ttyS0,115200 quiet marked={name}'
    return (f"menuentry '{name}' --id {name} {{\n  {before}search --no-floppy --fs-uuid --set=root {uuid(d)}\n"
            f'  linux {d.kernel} {line}{arguments}\n  initrd {d.initrd}\n}}\n')


def custom(d, text):
    d.put('/boot/grub/custom.cfg', text)


def in_cfg(d, old, new):
    text = d.read(d.cfg).decode()
    assert old in text, old
    d.put(d.cfg, text.replace(old, new, 1), 0o600)


def default(d, value):
    in_cfg(d, '   set default="0"\n', f'   set default="{value}"\n')


def environment(d, *values):
    text = '# GRUB Environment Block\n' + ''.join(f'{v}\n' for v in values)
    d.put('/boot/grub/grubenv', text.ljust(1024, '#'))


def stub(d, text):
    d.esp('/EFI/debian/grub.cfg', lambda _: text.encode())


def esp(d, program, *arguments):
    env = {**os.environ, 'MTOOLS_SKIP_CHECK': '1'}
    return subprocess.run([program, '-i', f'{d.path}@@{ESP}', *arguments], check=True, env=env, capture_output=True).stdout


def fstab(d, *lines):
    d.append('/etc/fstab', ''.join(f'{line}\n' for line in lines))


def folder(d, *paths):
    """Makes folders with a file in each, which a mount hides or shows."""
    for path in paths:
        d.put(f'{path}/here', f'{path}\n')


def unit(d, name, text, wanted='local-fs.target', where='/etc/systemd/system'):
    d.put(f'{where}/{name}', text)
    if wanted:
        wants = f'/etc/systemd/system/{wanted}.wants'
        made = [] if d.there(wants) else [f'mkdir {wants}']
        d.write(*made, f'cd {wants}', f'symlink {name} {where}/{name}')


# --- which entry boots ----------------------------------------------------------------------------
@change
def default_in_a_submenu(d):
    default(d, f'gnulinux-advanced-{uuid(d)}>gnulinux-{d.version}-recovery-{uuid(d)}')


@change
def default_by_title(d):
    custom(d, entry(d, 'one') + entry(d, 'two'))
    default(d, 'two')


@change
def saved_entry(d):
    custom(d, entry(d, 'one') + entry(d, 'two'))
    default(d, '${saved_entry}')
    environment(d, 'saved_entry=two')


@change
def next_entry(d):
    custom(d, entry(d, 'one'))
    environment(d, 'next_entry=one')


@change
def custom_sets_the_default(d):
    custom(d, entry(d, 'one') + 'set default=one\n')


@change
def default_that_is_not_there(d):
    default(d, 'nothing')


@change
def fallback(d):
    custom(d, entry(d, 'one').replace(d.kernel, '/boot/none') + entry(d, 'two') + 'set default=one\nset fallback=3\n')


@change
def boot_before_the_menu(d):
    body = entry(d, 'script').split('{\n', 1)[1].rsplit('}', 1)[0]
    in_cfg(d, 'if [ -s $prefix/grubenv ]', body + 'boot\nif [ -s $prefix/grubenv ]')


@change
def scripts_with_branches_and_loops(d):
    d.put('/boot/grub/a.cfg', entry(d, 'a'))
    d.put('/boot/grub/b.cfg', entry(d, 'b') + 'if [ "$n" = 2 -a -f /etc/debian_version ]; then set default=b; else set default=a; fi\n')
    custom(d, 'n=0\nfor f in a b; do\n  if test $f = a; then n=1; else n=2; fi\n  source $prefix/$f.cfg\ndone\n')


@change
def menu_of_another_file(d):
    d.put('/boot/grub/other.cfg', 'set timeout=0\nset default=1\n' + entry(d, 'x') + entry(d, 'y'))
    custom(d, "menuentry 'leads on' --id on {\n  configfile $prefix/other.cfg\n}\nset default=on\n")


@change
def variable_of_the_environment_block(d):
    environment(d, 'extra=one two')
    custom(d, entry(d, 'one', ' $extra "$extra"') + 'set default=one\n')


@change
def arguments_with_quotes(d):
    custom(d, entry(d, 'one', r""" "a b" c\ d 'e"f' g\'h i\\j k='' l="$root" 'm$n' -- o""") + 'set default=one\n')


@change
def two_roots(d):
    custom(d, entry(d, 'one', f' root=UUID={uuid(d)}', root='/dev/vdz9') + 'set default=one\n')


@change
def root_by_partition(d):
    custom(d, entry(d, 'one', root='PARTUUID=0b2e4c57-8f4d-4d0c-a3e1-2d9b6c7f8e02') + 'set default=one\n')


@change
def function_with_the_name_of_a_command(d):
    custom(d, 'function search {\n  set root=hd0,gpt1\n}\n' + entry(d, 'one') + 'set default=one\n')


@change
def own_init(d):
    d.put('/opt/start', '#!/bin/sh\nmount -t tmpfs none /opt\nexec /lib/systemd/systemd "$@"\n', 0o755)
    custom(d, entry(d, 'one', ' init=/opt/start') + 'set default=one\n')


# --- which loader and configuration ---------------------------------------------------------------
@change
def stub_leads_elsewhere(d):
    d.put('/srv/grub/grub.cfg', 'set timeout=0\n' + entry(d, 'elsewhere'))
    stub(d, f"search.fs_uuid {uuid(d)} root\nset prefix=($root)'/srv/grub'\nconfigfile $prefix/grub.cfg\n")


@change
def stub_in_the_folder_of_the_platform(d):
    esp(d, 'mmd', '::/EFI/debian/x86_64-efi')
    d.esp('/EFI/debian/x86_64-efi/grub.cfg', lambda _: b'set timeout=0\n' + entry(d, 'platform').encode())


@change
def kernel_on_the_efi_partition(d):
    d.esp('/linux', lambda _: d.read(d.kernel))
    d.esp('/initrd', lambda _: d.read(d.initrd))
    own = entry(d, 'esp').replace(f'search --no-floppy --fs-uuid --set=root {uuid(d)}', 'search --file --set=root /initrd')
    custom(d, own.replace(d.kernel, '/linux').replace(d.initrd, '/initrd') + 'set default=esp\n')


@change
def removable_path_is_grub(d):
    program = esp(d, 'mtype', '::/EFI/debian/grubx64.efi')
    d.esp('/EFI/BOOT/BOOTX64.EFI', lambda _: program)
    stub(d, 'set timeout=0\n' + entry(d, 'stub', ' from=$cmdpath'))


@change
def list_in_another_folder(d):
    shim, grub = (esp(d, 'mtype', f'::/EFI/debian/{n}x64.efi') for n in ('shim', 'grub'))
    esp(d, 'mmd', '::/EFI/other')
    d.esp('/EFI/other/shimx64.efi', lambda _: shim)
    d.esp('/EFI/other/grubx64.efi', lambda _: grub)
    d.esp('/EFI/other/BOOTX64.CSV', lambda _: '\ufeffshimx64.efi,other,,x\n'.encode('utf-16-le'))
    esp(d, 'mdel', '::/EFI/debian/BOOTX64.CSV')
    stub(d, 'set timeout=0\n' + entry(d, 'stub', ' from=$cmdpath'))


@change
def stub_leads_to_another_volume(d):
    """A volume behind the others holds a menu and a kernel."""
    name, at = '7c3d1f50-2b6e-4a8f-9c41-5e0d6f7a8b9c', os.path.getsize(d.path)
    os.truncate(d.path, at + (66 << 20))
    run('sgdisk', '-e', '-n', f'3:{at >> 9}:+64M', d.path)
    files, image = f'{d.tmp}/files', f'{d.tmp}/volume'
    os.makedirs(f'{files}/grub')
    menu = entry(d, 'volume').replace(f'search --no-floppy --fs-uuid --set=root {uuid(d)}', '').replace(d.kernel, '/linux').replace(d.initrd, '/initrd')
    for path, data in (('linux', d.read(d.kernel)), ('initrd', d.read(d.initrd)), ('grub/grub.cfg', f'set timeout=0\n{menu}'.encode())):
        with open(f'{files}/{path}', 'wb') as f:
            f.write(data)
    run('mke2fs', '-q', '-t', 'ext4', '-U', name, '-d', files, image, '64M')
    with open(image, 'rb') as f, open(d.path, 'r+b') as disk:
        disk.seek(at)
        disk.write(f.read())
    stub(d, f"search.fs_uuid {name} root\nset prefix=($root)'/grub'\nconfigfile $prefix/grub.cfg\n")


# --- entry files ----------------------------------------------------------------------------------
def files_of_grub(d, *files):
    """A configuration that has no entries but those of these files: names and further lines."""
    start = f'linux {d.kernel}\ninitrd {d.initrd}\noptions root=UUID={uuid(d)} ro console=ttyS0,115200'
    for name, lines in files:
        d.put(f'/loader/entries/{name}.conf', f'title {name}\n{start} marked={name}{lines}')
    d.put(d.cfg, 'set timeout=0\nset x="y z"\nblscfg\n', 0o600)


@change
def order_of_files_of_grub(d):
    files_of_grub(d, ('a-2', '\n'), ('a-10', '\n'), ('a-10~1', '\n'))


@change
def keys_of_files_of_grub(d):
    files_of_grub(d, ('a', ' "a b" $x x$x\noptions more\nlinux /boot/none\n'))


def files_of_systemd_boot(d, loader, *files):
    """These entry files beside the disk's own, and `loader.conf`: names and further lines."""
    own = esp(d, 'mtype', f'::/loader/entries/debian-{d.version}.conf').decode()
    start = ''.join(re.findall(r'(?m)^(?:options|linux|initrd) .*\n', own))
    for name, lines in files:
        d.esp(f'/loader/entries/{name}.conf', lambda _: f'title {name}\n{start}options marked={name}\n{lines}'.encode())
    d.esp('/loader/loader.conf', lambda _: loader.encode())


@change
def default_of_systemd_boot(d):
    files_of_systemd_boot(d, 'default t?o*.conf\n', ('one', 'sort-key a\n'), ('two', 'sort-key b\n'))


@change
def order_of_systemd_boot(d):
    files_of_systemd_boot(d, '', ('a', 'sort-key a\nversion 9\n'), ('b', 'sort-key a\nversion 10~1\n'), ('c', 'sort-key a\nversion 10\n'), ('d', 'version 11\n'))


@change
def keys_of_systemd_boot(d):
    files_of_systemd_boot(d, 'default a.conf\ndefault one.conf\n', ('one', 'options "a  b"\tc\nsort-key x\nlinux /none\nlinux /debian/{0}/linux\n'.format(d.version)))


# --- what is mounted ------------------------------------------------------------------------------
@change
def tmpfs_by_fstab(d):
    folder(d, '/opt/tmpfs')
    fstab(d, 'tmpfs /opt/tmpfs tmpfs size=1m 0 0')


@change
def binds_by_fstab(d):
    folder(d, '/opt/bind', '/srv/bind')
    d.put('/srv/file', 'x\n')
    fstab(d, '/srv/bind /opt/bind none bind 0 0', '/srv/file /opt/bind/here none bind 0 0')


@change
def overlay_by_fstab(d):
    folder(d, '/srv/lower', '/srv/upper', '/srv/work', '/opt/overlay')
    d.write('rm /srv/work/here')
    fstab(d, 'overlay /opt/overlay overlay lowerdir=/srv/lower,upperdir=/srv/upper,workdir=/srv/work 0 0')


@change
def mount_unit(d):
    folder(d, '/opt/unit', '/srv/unit')
    unit(d, 'opt-unit.mount', '[Mount]\nWhat=/srv/unit\nWhere=/opt/unit\nType=none\nOptions=bind\n')


@change
def drop_in_over_a_line(d):
    folder(d, '/opt/line', '/srv/line', '/srv/other')
    fstab(d, '/srv/line /opt/line none bind 0 0')
    d.put('/etc/systemd/system/opt-line.mount.d/x.conf', '[Mount]\nWhat=/srv/other\n')


@change
def two_lines_for_one_place(d):
    folder(d, '/opt/two', '/srv/one', '/srv/two')
    fstab(d, '/srv/one /opt/two none bind 0 0', '/srv/two /opt/two none bind 0 0')


@change
def masked_line(d):
    folder(d, '/opt/masked', '/srv/masked')
    fstab(d, '/srv/masked /opt/masked none bind 0 0')
    d.write('cd /etc/systemd/system', 'symlink opt-masked.mount /dev/null')


@change
def noauto_line_that_a_unit_needs(d):
    folder(d, '/opt/needed', '/opt/noauto')
    fstab(d, 'tmpfs /opt/needed tmpfs noauto 0 0', 'tmpfs /opt/noauto tmpfs noauto 0 0')
    unit(d, 'needs.service', '[Unit]\nDefaultDependencies=no\nRequiresMountsFor=/opt/needed/x\nBefore=local-fs.target\n'
         '[Service]\nType=oneshot\nExecStart=/bin/true\n', 'sysinit.target')


@change
def escapes_and_links_in_fstab(d):
    folder(d, '/opt/target')
    d.write('cd /opt', 'mkdir "a b"', 'symlink link target')
    fstab(d, r'tmpfs /opt/a\040b tmpfs defaults 0 0', 'tmpfs /opt/link tmpfs defaults 0 0')


@change
def automount(d):
    folder(d, '/opt/auto', '/srv/auto')
    fstab(d, '/srv/auto /opt/auto none bind,x-systemd.automount 0 0')


@change
def image_file(d):
    image = f'{d.tmp}/image'
    with open(image, 'wb') as f:
        f.truncate(4 << 20)
    run('mke2fs', '-q', '-F', image)
    with open(image, 'rb') as f:
        d.put('/srv/image', f.read())
    folder(d, '/opt/image')
    fstab(d, '/srv/image /opt/image ext2 loop 0 0')


@change
def child_before_its_parent(d):
    folder(d, '/opt/parent', '/srv/parent/child')
    fstab(d, 'tmpfs /opt/parent/child tmpfs defaults 0 0', '/srv/parent /opt/parent none bind 0 0')


@change
def unit_of_the_vendor_and_a_line(d):
    folder(d, '/opt/both', '/srv/line', '/srv/vendor')
    fstab(d, '/srv/line /opt/both none bind 0 0')
    unit(d, 'opt-both.mount', '[Mount]\nWhat=/srv/vendor\nWhere=/opt/both\nType=none\nOptions=bind\n', where='/usr/lib/systemd/system')


@change
def device_that_is_missing(d):
    folder(d, '/opt/missing')
    fstab(d, '/dev/vdz /opt/missing ext4 nofail,x-systemd.device-timeout=1s 0 0')


@change
def mounts_by_arguments(d):
    folder(d, '/opt/argument')
    custom(d, entry(d, 'one', ' systemd.mount-extra=tmpfs:/opt/argument:tmpfs:size=1m') + 'set default=one\n')


@change
def usr_by_arguments(d):
    """initramfs-tools mounts /usr by fstab alone."""
    custom(d, entry(d, 'one', ' mount.usr=/dev/vda1 mount.usrfstype=vfat mount.usrflags=ro') + 'set default=one\n')


def main():
    if sys.argv[1:] == ['--list']:
        print('\n'.join(CHANGES))
        return
    disk = Disk(sys.argv[1])
    for name in sys.argv[2:]:
        CHANGES[name](disk)


if __name__ == '__main__':
    main()
