"""Modules, and whatever loads them or runs in their place."""
from tamper_disk import Recipes, unsigned
from tamper_kernel import signed

recipe = Recipes()
HELPER = '/srv/lib/modules/{V}/helper.ko'


def planted(d, path):
    """A module that nobody signed."""
    return d.put(path, unsigned(d.module()[1]))


# libkmod reads modules.dep.bin alone (kmod, libkmod-index.c); the text beside it is not asked.
@recipe
def index_of_dependencies_changed(d):
    index = f'{d.modules}/modules.dep.bin'
    data = d.read(index)
    assert data.count(b'kernel/fs/fat/fat.ko') >= 1
    d.put(index, data.replace(b'kernel/fs/fat/fat.ko', b'kernel/fs/fat/fax.ko'))
    planted(d, f'{d.modules}/kernel/fs/fat/fax.ko')
    return 'LNX-KERNEL-010', f'{d.modules}/kernel/fs/fat/fax.ko'


# modules.softdep is configuration like that of modprobe.d (kmod, libkmod-config.c).
@recipe
def soft_dependency_of_the_kernels_folder(d):
    planted(d, f'{d.modules}/kernel/fs/helper.ko')
    return 'LNX-KERNEL-012', *d.add(f'{d.modules}/modules.softdep', 'softdep ext4 pre: helper\n')


# depmod prefers updates/ (depmod.d(5)): the module there stands for the kernel's own at the next depmod.
@recipe
def module_that_stands_for_another(d):
    return 'LNX-KERNEL-009', planted(d, f'{d.modules}/updates/fat.ko')


# A module is read through its link (finit_module(2)).
@recipe
def module_behind_a_link(d):
    path, elf = d.module()
    target = d.put('/srv/fat.ko', signed(d, unsigned(elf)))
    d.link(path, target)
    return 'LNX-KERNEL-009', target


# A name with another ending is a module where something loads it by its path (insmod(8)).
@recipe
def module_under_an_innocent_name(d):
    planted(d, '/usr/share/zoneinfo/x.tab')
    return 'LNX-KERNEL-012', *d.once('/sbin/insmod /usr/share/zoneinfo/x.tab')


# The folder may be another one than that of the kernel (modprobe(8), -d).
@recipe
def modules_below_another_root(d):
    planted(d, HELPER.replace('{V}', d.version))
    return 'LNX-KERNEL-012', *d.once('/sbin/modprobe -d /srv helper')


# The configuration may be another one (modprobe(8), -C).
@recipe
def configuration_of_modprobe_elsewhere(d):
    d.put('/srv/c.conf', 'install fat /srv/x\n')
    return 'LNX-KERNEL-012', *d.once('/sbin/modprobe -C /srv/c.conf fat')


# modprobe takes options of this variable (modprobe(8), ENVIRONMENT), and Debian's units call modprobe@.service.
recipe.file('options-of-modprobe-for-all-units', 'LNX-KERNEL-012', '/etc/systemd/system.conf.d/x.conf',
            '[Manager]\nDefaultEnvironment="MODPROBE_OPTIONS=-C /srv/c.conf"\n', line=2)
recipe.file('options-of-modprobe-for-one-unit', 'LNX-KERNEL-012', '/etc/systemd/system/modprobe@.service.d/x.conf',
            '[Service]\nEnvironment="MODPROBE_OPTIONS=-C /srv/c.conf"\n', line=2)
# A command behind a harmless one (modprobe.d(5): install runs a shell command).
recipe.file('install-line-with-a-second-command', 'LNX-KERNEL-012', '/etc/modprobe.d/x.conf', 'install ext4 modprobe -i ext4; . /srv/x\n', line=1)
# Lines go on behind a backslash (modprobe.d(5)).
recipe.file('install-line-in-two-pieces', 'LNX-KERNEL-012', '/etc/modprobe.d/x.conf', '# x\ninstall \\\nfat /srv/x\n', line=2)
# kmod reads this folder too (modprobe.d(5)).
recipe.file('install-line-of-usr-local', 'LNX-KERNEL-012', '/usr/local/lib/modprobe.d/x.conf', 'install fat /srv/x\n', line=1)
# remove lines run when a module is taken out (modprobe.d(5)).
recipe.file('remove-line', 'LNX-KERNEL-012', '/etc/modprobe.d/x.conf', 'remove fat /srv/x\n', line=1)
# RUN without a path is looked for in /usr/lib/udev (udev(7)).
recipe.file('rule-of-udev-with-a-bare-program', 'LNX-KERNEL-012', '/etc/udev/rules.d/99-x.rules', 'SUBSYSTEM=="net", RUN+="x start"\n', line=1)
# A command with commas and blanks inside its quotation marks (udev(7)).
recipe.file('rule-of-udev-with-commas', 'LNX-KERNEL-012', '/etc/udev/rules.d/99-x.rules',
            'ACTION=="add", SUBSYSTEM=="net", RUN{program}+="/bin/sh -c \'a,b; /srv/x\'"\n', line=1)
# IMPORT{program} and PROGRAM run as well (udev(7)).
recipe.file('rule-of-udev-that-imports', 'LNX-KERNEL-012', '/etc/udev/rules.d/99-x.rules', '# x\nKERNEL=="vda", IMPORT{program}="/srv/x"\n', line=2)
recipe.file('rule-of-udev-of-usr-local', 'LNX-KERNEL-012', '/usr/local/lib/udev/rules.d/99-x.rules', 'KERNEL=="vda", PROGRAM=="/srv/x"\n', line=1)


# udev's property starts a unit that nothing else wants (systemd.device(5)).
@recipe
def rule_of_udev_that_wants_a_unit(d):
    d.put('/etc/systemd/system/x.service', '[Service]\nExecStart=/sbin/insmod /srv/x.ko\n')
    return 'LNX-KERNEL-012', d.put('/etc/udev/rules.d/99-x.rules', 'SUBSYSTEM=="net", TAG+="systemd", ENV{SYSTEMD_WANTS}+="x.service"\n'), 1


# The last file by name counts, whatever its folder (sysctl.d(5)); slashes are separators too.
recipe.file('helper-of-the-kernel-with-slashes', 'LNX-KERNEL-012', '/usr/lib/sysctl.d/99-x.conf', 'kernel/core_pattern=|/srv/x %p\n', line=1)
# systemd-sysctl takes patterns (sysctl.d(5), since 244).
recipe.file('helper-of-the-kernel-by-a-pattern', 'LNX-KERNEL-012', '/etc/sysctl.d/99-x.conf', 'kernel/core_patter*=|/srv/x %p\n', line=1)
# tmpfiles writes into any file at boot (tmpfiles.d(5), w).
recipe.file('helper-of-the-kernel-by-tmpfiles', 'LNX-KERNEL-012', '/etc/tmpfiles.d/x.conf', 'w /proc/sys/kernel/core_pattern - - - - |/srv/x\n', line=1)
# systemd-sysctl.service has LoadCredential=sysctl.extra, which is looked for in /etc/credstore (systemd.exec(5)).
recipe.file('helper-of-the-kernel-by-a-credential', 'LNX-KERNEL-012', '/etc/credstore/sysctl.extra', 'kernel.core_pattern=|/srv/x\n', 0o600)


@recipe
def helper_of_the_kernel_by_a_script(d):  # proc(5), /proc/sys/kernel/modprobe
    return 'LNX-KERNEL-012', *d.edit('/etc/rc.local', 'exit 0\n', 'echo /srv/x > /proc/sys/kernel/modprobe\nexit 0\n')


# The kernel calls /sbin/modprobe (kernel/kmod.c); Debian's is a link to kmod.
@recipe
def modprobe_is_a_script(d):
    return 'LNX-KERNEL-012', d.put('/usr/sbin/modprobe', '#!/bin/sh\n/srv/x\nexec /bin/kmod "$@"\n', 0o755)


# The program behind modprobe, insmod and udev's loader.
@recipe
def kmod_changed(d):
    data = bytearray(d.read('/usr/bin/kmod'))
    data[len(data) // 2] ^= 1
    return 'LNX-KERNEL-012', d.put('/usr/bin/kmod', bytes(data), 0o755)


recipe.file('insmod-by-cron', 'LNX-KERNEL-012', '/etc/cron.d/x', '@reboot root insmod /srv/x.ko\n', line=1)
recipe.file('insmod-when-the-network-is-up', 'LNX-KERNEL-012', '/etc/network/if-up.d/x', '#!/bin/sh\nkmod insmod /srv/x.ko\n', 0o755, line=2)  # interfaces(5)
recipe.file('insmod-by-cloud-init', 'LNX-KERNEL-012', '/etc/cloud/cloud.cfg.d/99-x.cfg', '#cloud-config\nruncmd:\n - [insmod, /srv/x.ko]\n')
recipe.file('insmod-at-every-boot-of-cloud-init', 'LNX-KERNEL-012', '/var/lib/cloud/scripts/per-boot/x', '#!/bin/sh\ninsmod /srv/x.ko\n', 0o755, line=2)


# A program that an honest unit runs first (systemd.service(5), ExecStartPre).
recipe.file('insmod-before-ssh', 'LNX-KERNEL-012', '/etc/systemd/system/ssh.service.d/x.conf', '[Service]\nExecStartPre=-/bin/busybox insmod /srv/x.ko\n', line=2)


@recipe
def insmod_by_python(d):  # init_module(2) is system call 313
    d.put('/opt/x.py', 'import ctypes, os\nctypes.CDLL(None).syscall(313, os.open("/srv/x.ko", 0), b"", 0)\n')
    planted(d, '/srv/x.ko')
    d.once('/usr/bin/python3 /opt/x.py')
    return 'LNX-KERNEL-010', '/srv/x.ko'


@recipe
def commands_that_nobody_can_read(d):  # a shell that reads what another program gives it
    return 'LNX-NET-001', *d.edit('/etc/rc.local', 'exit 0\n', 'base64 -d < /srv/x | sh\nexit 0\n')


# Keys of a rule may stand between blanks alone (udev-rules.c, parse_line).
recipe.file('rule-of-udev-without-commas', 'LNX-KERNEL-012', '/etc/udev/rules.d/99-x.rules', 'KERNEL=="vda" RUN+="/srv/x"\n', line=1)


# A harmless command before it on the same line.
@recipe
def insmod_behind_a_modprobe(d):
    return 'LNX-KERNEL-012', *d.edit('/etc/rc.local', 'exit 0\n', 'modprobe fat; /opt/busybox insmod /srv/x.ko\nexit 0\n')


# sysctl(8), -p: settings of any file.
recipe.file('settings-of-another-file', 'LNX-KERNEL-012', '/etc/cron.d/x', '@reboot root sysctl -p /srv/x.conf\n', line=1)


# udev loads it (udev(7), RUN{builtin}); depmod.d(5): a module of extra counts in place of the kernel's own.
recipe.file('module-loaded-by-a-rule', 'LNX-KERNEL-012', '/etc/udev/rules.d/x.rules', 'KERNEL=="vda", RUN{builtin}+="kmod load x"\n', line=1)
recipe.file('order-in-which-depmod-looks', 'LNX-KERNEL-012', '/etc/depmod.d/x.conf', 'search extra updates built-in\n', line=1)


# systemd.device(5): the unit starts with the device.
@recipe
def module_loaded_by_a_unit_of_a_rule(d):
    d.put('/etc/udev/rules.d/x.rules', 'KERNEL=="vda", TAG+="systemd", ENV{SYSTEMD_WANTS}+="x.service"\n')
    return 'LNX-KERNEL-012', d.put('/etc/systemd/system/x.service', '[Service]\nType=oneshot\nExecStart=/sbin/insmod /srv/x.ko\n'), 3
