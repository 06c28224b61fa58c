"""What lies where once the system is up."""
from tamper_disk import Recipes

recipe = Recipes()
SA = '/usr/local/sa'


def empty(d, path):
    """A folder without files."""
    d.put(f'{path}/x', '')
    d.remove(f'{path}/x')
    return path


# A bind shows another folder in the place of the agent's (mount(8)).
@recipe
def folder_bound_over_an_agent(d):
    d.add('/etc/fstab', f'{empty(d, "/srv/sa")} {SA} none bind 0 0\n')
    return 'LNX-AGENT-001', SA


# A single file may be a mount point as well (mount(2)).
@recipe
def file_bound_over_an_agents_program(d):
    d.put('/srv/true', '#!/bin/sh\nexit 0\n', 0o755)
    d.add('/etc/fstab', f'/srv/true {SA}/agent/secu-tcs-agent none bind 0 0\n')
    return 'LNX-AGENT-001', f'{SA}/agent/secu-tcs-agent'


# Drop-ins apply to units that the fstab generator makes (systemd.unit(5)); what the file holds is another file system.
@recipe
def drop_in_changes_what_a_line_mounts(d):
    d.put('/srv/esp.img', d.fat({'/EFI/x': b'x'}))
    return 'LNX-BOOT-003', d.put('/etc/systemd/system/boot-efi.mount.d/x.conf', '[Mount]\nWhat=/srv/esp.img\nOptions=loop,offset=512\n')


# A .mount unit that a target wants is mounted (systemd.mount(5)).
@recipe
def mount_unit_over_an_agent(d):
    d.unit('usr-local-sa.mount', f'[Mount]\nWhat=tmpfs\nWhere={SA}\nType=tmpfs\n')
    return 'LNX-AGENT-001', SA


# The vendor's folder of units is read like /etc (systemd.unit(5)): cron finds an empty spool.
@recipe
def mount_unit_of_the_vendor_over_crontabs(d):
    name = 'var-spool-cron-crontabs.mount'
    unit = d.put(f'/usr/lib/systemd/system/{name}', '[Mount]\nWhat=tmpfs\nWhere=/var/spool/cron/crontabs\nType=tmpfs\n')
    d.link(f'/usr/lib/systemd/system/local-fs.target.wants/{name}', unit)
    return 'LNX-AGENT-001', f'{SA}/agent/secu-tcs-agent'


# noauto with an automount is mounted at the first look (systemd.mount(5), x-systemd.automount).
@recipe
def image_file_mounted_when_looked_at(d):
    d.put('/srv/x.img', d.file_system({'/x': b''}))
    d.add('/etc/fstab', '/srv/x.img /usr/local ext4 loop,noauto,x-systemd.automount 0 0\n')
    return 'LNX-AGENT-001', SA


# The upper of two layers decides what /etc/passwd holds (Linux, overlayfs.rst: the first of lowerdir is the topmost).
@recipe
def overlay_over_the_settings(d):
    d.put('/srv/o/passwd', d.read('/etc/passwd').decode() + 'ops:x:0:0::/root:/bin/bash\n')
    d.add('/etc/fstab', 'overlay /etc overlay ro,lowerdir=/srv/o:/etc 0 0\n')
    return 'LNX-ACCT-003', '/etc/passwd'


# What rc.local mounts hides what lies below (mount(8)).
@recipe
def script_binds_a_folder_over_an_agent(d):
    empty(d, '/srv/sa')
    return 'LNX-AGENT-001', *d.edit('/etc/rc.local', 'exit 0\n', f'mount --bind /srv/sa {SA}\nexit 0\n')


# cron and its children see an own tree (systemd.exec(5), BindPaths).
@recipe
def cron_sees_another_tree(d):
    empty(d, '/srv/sa')
    return 'LNX-AGENT-001', d.put('/etc/systemd/system/cron.service.d/x.conf', f'[Service]\nBindPaths=/srv/sa:{SA}\n')


# The same without a folder of one's own (systemd.exec(5), TemporaryFileSystem).
@recipe
def cron_sees_an_empty_folder(d):
    return 'LNX-AGENT-001', d.put('/etc/systemd/system/service.d/x.conf', f'[Service]\nTemporaryFileSystem={SA}\n')


# systemd-sysext lays its extensions over /usr (systemd-sysext(8)); the unit is there in Debian and need only be wanted.
@recipe
def extension_of_the_system(d):
    d.put('/var/lib/extensions/x/usr/lib/extension-release.d/extension-release.x', 'ID=_any\n')
    d.put('/var/lib/extensions/x/usr/local/sa/agent/secu-tcs-agent', '#!/bin/sh\n', 0o755)
    d.link('/etc/systemd/system/sysinit.target.wants/systemd-sysext.service', '/lib/systemd/system/systemd-sysext.service')
    return 'LNX-BOOT-003', '/var/lib/extensions'


# Programs of this folder make units before any other unit is read (systemd.generator(7)).
@recipe
def generator_of_units(d):
    text = '#!/bin/sh\nprintf "[Mount]\\nWhat=tmpfs\\nWhere=/usr/local/sa\\nType=tmpfs\\n" > $1/usr-local-sa.mount\n'
    return 'LNX-BOOT-003', d.put('/etc/systemd/system-generators/x', text, 0o755)


# mount(8) runs /sbin/mount.TYPE in the place of the kernel's own; systemd-remount-fs mounts / so.
@recipe
def helper_of_mount(d):
    d.put('/usr/sbin/mount.ext4', '#!/bin/sh\n/srv/x; exec mount -i -t ext4 "$@"\n', 0o755)
    return 'LNX-BOOT-003', '/etc/fstab'


# A bind takes noexec when it is mounted anew, which mount(8) does; nothing of the agents can be run then.
@recipe
def agents_on_a_mount_without_programs(d):
    d.add('/etc/fstab', '/usr/local /usr/local none bind,noexec 0 0\n')
    return 'LNX-AGENT-001', f'{SA}/agent/secu-tcs-agent'


# crypttab(5) opens a file as a device; what is in it nobody sees.
@recipe
def encrypted_file_over_the_agents(d):
    d.put('/srv/x.img', bytes(range(256)) * 4096)
    d.put('/etc/crypttab', 'x /srv/x.img /dev/urandom plain\n')
    return 'LNX-BOOT-003', *d.add('/etc/fstab', '/dev/mapper/x /usr/local ext4 defaults 0 0\n')


# A partition of the type for /home is mounted there by systemd-gpt-auto-generator(8) where /home is empty.
@recipe
def home_by_the_type_of_its_partition(d):
    d.add('/etc/passwd', 'ops:x:1000:1000::/home/ops:/bin/bash\n')
    d.partition('8302', 'home', d.file_system({'/ops/.ssh/authorized_keys': 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGltZ3NjYW4gdGVzdCBrZXksIG5vdCBhIHJlYWwgb25lISE= x\n'}))
    return 'LNX-ACCT-004', '/home/ops/.ssh/authorized_keys'


# The same volume by its label, twice in the table: systemd keeps the first line, mount(8) takes both (systemd.mount(5)).
@recipe
def two_lines_for_one_place(d):
    d.partition('8300', 'data', d.file_system({'/sa/agent/x': b''}))
    return 'LNX-BOOT-003', *d.add('/etc/fstab', f'{SA} {SA} none bind 0 0\nLABEL=data {SA} ext4 defaults 0 0\n')


# Octal 057 is a slash for libmount and for glibc four characters (mount(8), getmntent(3)).
@recipe
def escape_that_readers_read_differently(d):
    return 'LNX-BOOT-003', *d.add('/etc/fstab', r'tmpfs /usr/local\057sa tmpfs defaults 0 0' + '\n')


# udev(7): the name of the link is put together from a property.
recipe.file('disk-named-by-a-property', 'LNX-BOOT-003', '/etc/udev/rules.d/x.rules',
            'KERNEL=="vdb", ENV{X}="by-uuid/6d1b1f2e-5c0a-4e7c-9a57-1f6e2d3c4b5a"\nKERNEL=="vdb", SYMLINK+="disk/$env{X}"\n', line=2)
