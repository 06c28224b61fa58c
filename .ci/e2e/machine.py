"""Boots a disk in emulation and reads back what the running system says of itself.

`plant` adds a unit and a script to the disk, before it is scanned and booted: once the file systems are mounted they
print the kernel's release, its command line and the mounts to the serial console. The disk itself is not written by
the boot (`-snapshot`), and firmware has no variables (a fresh copy for each boot).
"""
import base64
import os
import re
import selectors
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, 'testdata/recipes')
from tamper_disk import Disk

FIRMWARE = '/usr/share/OVMF'
# Processor time that is more than any boot takes without hardware virtualization, in seconds.
SECONDS = 240
SCRIPT = '''#!/bin/sh
# A mount that waits for its first use is used.
while read -r id parent device root where rest; do
  case $rest in *" - autofs "*) ls "$where" > /dev/null 2>&1 ;; esac
done < /proc/1/mountinfo
{
  dmesg | grep -m 1 -e 'Linux version '
  cat /proc/cmdline
  cat /proc/1/mountinfo
} > /run/imgscan-told 2> /dev/null
# For who looks into a boot that differs.
systemctl --failed --plain --no-legend 2>&1 | while read -r line; do echo "failed: $line"; done > /dev/ttyS0
base64 -w 64 /run/imgscan-told > /run/imgscan-lines
for n in 1 2 3; do
  i=0
  while read -r line; do
    i=$((i + 1))
    echo "@$i@$line@"
  done < /run/imgscan-lines > /dev/ttyS0
  echo "@$i lines@" > /dev/ttyS0
  sleep 3
done
'''
UNIT = '''[Unit]
Description=Tells the serial console what is mounted
DefaultDependencies=no
After=local-fs.target
[Service]
Type=simple
ExecStart=/bin/sh /etc/imgscan-told.sh
'''
# What ends a boot that never comes so far.
ENDS = (b'Kernel panic', b'ALERT!  ', b'emergency mode', b'Entering emergency', b'dracut:/#', b'No bootable device', b'BdsDxe: No bootable', b'grub>', b'grub rescue>')


def plant(disk):
    """Adds what tells to a disk of tamper_kernel.py's class."""
    disk.put('/etc/imgscan-told.sh', SCRIPT)
    unit = disk.put('/etc/systemd/system/imgscan-told.service', UNIT)
    wants = '/etc/systemd/system/sysinit.target.wants'
    folder = [] if disk.there(wants) else [f'mkdir {wants}']
    disk.write(*folder, f'cd {wants}', f'symlink imgscan-told.service {unit}')


class Root(Disk):
    """The root file system of a disk of any layout, at this byte."""

    def __init__(self, path, offset):
        self.path, self.device, self.tmp = path, f'{path}?offset={offset}', tempfile.mkdtemp()


class Told:
    """What a running system said."""

    def __init__(self, data):
        version, line, *mounts = data.split(b'\n')
        self.release = re.search(rb'Linux version (\S+)', version)[1].decode()
        self.line = line.decode('utf-8', 'surrogateescape')
        self.mounts = [Mounted(m) for m in mounts if m]


class Mounted:
    """A line of mountinfo (proc_pid_mountinfo(5))."""

    def __init__(self, line):
        def plain(text):
            return re.sub(r'\\([0-7]{3})', lambda m: chr(int(m[1], 8)), text)
        before, after = line.decode('utf-8', 'surrogateescape').split(' - ', 1)
        fields = before.split(' ')
        self.device, self.root, self.at = fields[2], plain(fields[3]), plain(fields[4])
        kind, source, _ = after.split(' ', 2)
        self.kind, self.source = kind, plain(source)

    def __repr__(self):
        return f'{self.at} {self.kind} {self.source}{self.root}'


def told(text):
    """What was told, once each of its numbered lines came through whole: others write to the console as well."""
    count = re.search(rb'@(\d+) lines@', text)
    lines = {int(n): line for n, line in re.findall(rb'@(\d+)@([A-Za-z0-9+/=]+)@', text)}
    if not count or len(lines) != int(count[1]):
        return None
    return Told(base64.b64decode(b''.join(line for _, line in sorted(lines.items()))))


def used(process):
    """Processor time of a process so far, in seconds."""
    with open(f'/proc/{process}/stat') as f:
        fields = f.read().rsplit(')', 1)[1].split()
    return sum(map(int, fields[11:13])) / os.sysconf('SC_CLK_TCK')


def boot(disk, firmware, log=None, seconds=SECONDS):
    """Starts `disk` by 'uefi' or 'bios'; what the system told, or None, and the end of what the console showed."""
    scratch = tempfile.mkdtemp()
    # The machine's clock goes by its instructions (-icount), 8 ns each: a slow host lets nothing time out, and loops
    # that wait for a clock cost little.
    words = ['qemu-system-x86_64', '-accel', 'tcg', '-icount', 'shift=3,sleep=off', '-machine', 'q35', '-m', '1024', '-smp', '1', '-nodefaults', '-nic', 'none',
             '-display', 'none', '-serial', 'stdio', '-snapshot', '-drive', f'if=virtio,format=raw,file={disk}']
    if firmware == 'bios':
        words += ['-vga', 'std']  # GRUB asks the BIOS for the screen
    if firmware == 'uefi':
        shutil.copy(f'{FIRMWARE}/OVMF_VARS_4M.fd', f'{scratch}/vars.fd')
        words += ['-drive', f'if=pflash,format=raw,unit=0,readonly=on,file={FIRMWARE}/OVMF_CODE_4M.fd',
                  '-drive', f'if=pflash,format=raw,unit=1,file={scratch}/vars.fd']
    machine = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text, found = b'', None
    try:
        with selectors.DefaultSelector() as ready:
            ready.register(machine.stdout, selectors.EVENT_READ)
            while used(machine.pid) < seconds:
                if not ready.select(timeout=1):
                    continue
                more = os.read(machine.stdout.fileno(), 65536)
                if not more:
                    break
                text += more
                if b' lines@' in text:
                    found = told(text)
                if found or any(end in text for end in ENDS):
                    break
    finally:
        machine.kill()
        machine.wait()
        shutil.rmtree(scratch)
    if log:
        with open(log, 'wb') as f:
            f.write(text)
    return found, text[-600:].decode(errors='replace')
