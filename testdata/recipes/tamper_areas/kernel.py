"""The kernel itself, by other ways than those of tamper_kernel.py."""
import re

from tamper_disk import Recipes

recipe = Recipes()


def unsigned(d):
    with open(d.unsigned_kernel(), 'rb') as f:
        return f.read()


# GRUB follows links (ext2.c), and so does every tool that compares.
@recipe
def kernel_behind_a_link(d):
    data = bytearray(d.read(d.kernel))
    data[len(data) // 2] ^= 1
    d.put('/srv/k', bytes(data))
    d.link(d.kernel, '/srv/k')
    return 'LNX-KERNEL-005', '/srv/k'


# The default entry loads a kernel from the EFI system partition (GRUB manual, device syntax).
@recipe
def kernel_on_the_efi_partition(d):
    d.esp_put('/k', unsigned(d))
    d.put(d.cfg, d.read(d.cfg).decode().replace(f'linux\t{d.kernel}', 'linux\t(hd0,gpt1)/k', 1), 0o600)
    return 'LNX-KERNEL-005', '/boot/efi/k'


# What stands behind the certificates is hashed as well (Authenticode; sbverify refuses it).
@recipe
def bytes_behind_the_signature(d):
    d.put(d.kernel, d.read(d.kernel) + b'\x90' * 16)
    return 'LNX-KERNEL-003', d.kernel


# dpkg believes a diverted file to lie elsewhere (dpkg-divert(1)): the sum of the package is not asked.
@recipe
def kernel_diverted(d):
    d.add('/var/lib/dpkg/diversions', f'{d.kernel}\n{d.kernel}.distrib\n:\n')
    d.put(f'{d.kernel}.distrib', d.read(d.kernel))
    d.put(d.kernel, unsigned(d))
    return 'LNX-KERNEL-005', d.kernel


# Packages need no sums (deb-md5sums(5)); the signature is missed all the same.
@recipe
def kernel_unsigned_and_without_sums(d):
    d.put(d.kernel, unsigned(d))
    d.remove(f'/var/lib/dpkg/info/linux-image-{d.version}.md5sums')
    return 'LNX-KERNEL-005', d.kernel


# A system that calls itself an older release still has a vendor who signs (os-release(5)).
@recipe
def kernel_unsigned_on_an_older_release(d):
    d.put(d.kernel, unsigned(d))
    text = d.read('/usr/lib/os-release').decode()
    d.put('/usr/lib/os-release', re.sub('(?m)^VERSION_ID=.*$', 'VERSION_ID="9"', text))
    return 'LNX-KERNEL-003', d.kernel


# Another name of the same inode: what is written through one is read through the other.
@recipe
def kernel_written_through_a_hard_link(d):
    data = bytearray(d.read(d.kernel))
    data[len(data) // 3] ^= 1
    d.put('/srv/k', bytes(data))
    d.remove(d.kernel)
    d.write(f'ln /srv/k {d.kernel}')
    d.field('/srv/k', links_count=2)
    return 'LNX-KERNEL-003', d.kernel


# A unit that a timer starts runs as well as a wanted one (systemd.timer(5)).
@recipe
def kexec_by_a_timer(d):
    d.put('/etc/systemd/system/x.service', '[Service]\nExecStart=/bin/sh -c "kexec -l /srv/k --reuse-cmdline; kexec -e"\n')
    d.unit('x.timer', '[Timer]\nOnBootSec=1min\n', 'timers.target')
    return 'LNX-KERNEL-022', '/etc/systemd/system/x.service', 2


# cron runs it at boot (crontab(5)).
recipe.file('kexec-by-cron', 'LNX-KERNEL-022', '/etc/cron.d/x', '@reboot root kexec -l /srv/k --append=init=/x && systemctl kexec\n', line=1)
# systemd runs all programs of this folder at shutdown, with `kexec` as argument (systemd-halt.service(8)).
recipe.file('kexec-at-shutdown', 'LNX-KERNEL-022', '/usr/lib/systemd/system-shutdown/x', '#!/bin/sh\nkexec -l /srv/k --reuse-cmdline\nkexec -e\n', 0o755)
# cloud-init runs bootcmd at every boot (cloud-init, modules).
recipe.file('kexec-by-cloud-init', 'LNX-KERNEL-022', '/etc/cloud/cloud.cfg.d/99-x.cfg', 'bootcmd:\n - kexec -l /srv/k --reuse-cmdline\n')
