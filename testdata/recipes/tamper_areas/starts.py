"""What starts by itself: each change runs something that no package brought, or makes a package's program run something else."""
from tamper_disk import Recipes

recipe = Recipes()
LOADER, CLOCK, START, HOOK, FILES = (f'LNX-{name}' for name in ('PERSIST-001', 'PERSIST-002', 'PERSIST-003', 'PERSIST-004', 'INTEG-001'))
TRUE = '/usr/bin/true'


def planted(d, path='/srv/x', mode=0o755):
    return d.put(path, d.read(TRUE), mode)


def unit(name, text, line, file='x.service', wanted_by='multi-user.target'):
    """A unit that the default target pulls in; the line of it that counts."""
    def f(d):
        planted(d)
        path = d.put(f'/etc/systemd/system/{file}', text)
        d.link(f'/etc/systemd/system/{wanted_by}.wants/{file}', f'../{file}')
        return START, path, line
    recipe[name] = f


def file(name, check, path, text, line=None, mode=0o644):
    def f(d):
        planted(d)
        return check, d.put(path, text, mode), line
    recipe[name] = f


# systemd.service(5): each of these runs its command.
unit('command-when-a-unit-stops', '[Service]\nRemainAfterExit=yes\nType=oneshot\nExecStart=/usr/bin/true\nExecStop=/srv/x\n', 5)
unit('command-behind-a-unit', '[Service]\nType=oneshot\nExecStart=/usr/bin/true\nExecStopPost=-/srv/x\n', 4)
unit('condition-of-a-unit', '[Service]\nExecCondition=/srv/x\nExecStart=/usr/bin/true\n', 2)
# systemd.socket(5)
unit('command-of-a-socket', '[Socket]\nListenStream=/run/x\nExecStartPre=/srv/x\nService=cron.service\n', 3, 'x.socket', 'sockets.target')
# systemd.unit(5): specifiers; systemd.syntax(7): escapes
unit('program-named-by-a-specifier', '[Service]\nExecStart=/srv/%p\n', 2)
unit('program-named-by-an-escape', '[Service]\nExecStart=/\\x73rv/x\n', 2)
# setpriv(1), find(1), env(1), ld.so(8), perl(1), awk(1), script(1), xargs(1): each runs what it is told.
unit('program-behind-setpriv', '[Service]\nExecStart=/usr/bin/setpriv --nnp /srv/x\n', 2)
unit('program-behind-find', '[Service]\nExecStart=/usr/bin/find /srv -name x -exec {} ;\n', 2)
unit('program-behind-env', "[Service]\nExecStart=/usr/bin/env -S '/srv/x a'\n", 2)
unit('program-behind-the-loader', '[Service]\nExecStart=/lib64/ld-linux-x86-64.so.2 /srv/x\n', 2)
unit('program-in-perl', "[Service]\nExecStart=/usr/bin/perl -e 'system q(/srv/x)'\n", 2)
unit('program-in-awk', "[Service]\nExecStart=/usr/bin/mawk 'BEGIN { system(\"/srv/x\") }'\n", 2)
unit('program-behind-script', "[Service]\nExecStart=/usr/bin/script -qc /srv/x /dev/null\n", 2)
unit('program-by-a-variable-of-a-shell', "[Service]\nExecStart=/bin/sh -c 'a=/srv; b=x; $a/$b'\n", 2)
unit('program-by-a-pattern-of-a-shell', "[Service]\nExecStart=/bin/sh -c '/sr?/x'\n", 2)
unit('library-loaded-by-a-unit', '[Service]\nEnvironment=LD_PRELOAD=/srv/x\nExecStart=/usr/sbin/cron -f\n', 2)
unit('folder-over-a-folder-of-a-unit', '[Service]\nBindPaths=/srv:/usr/local/sa\nExecStart=/usr/sbin/cron -f\n', 2)


@recipe
def unit_that_another_starts_when_it_ends(d):  # systemd.unit(5), OnSuccess
    planted(d)
    d.put('/etc/systemd/system/systemd-tmpfiles-setup.service.d/x.conf', '[Unit]\nOnSuccess=x.service\n')
    return START, d.put('/etc/systemd/system/x.service', '[Service]\nExecStart=/srv/x\n'), 2


@recipe
def unit_linked_from_elsewhere(d):  # systemctl(1), link
    planted(d)
    path = d.put('/srv/units/x.service', '[Service]\nExecStart=/srv/x\n')
    d.link('/etc/systemd/system/x.service', path)
    d.link('/etc/systemd/system/multi-user.target.wants/x.service', path)
    return START, path, 2


@recipe
def unit_wanted_by_a_device(d):  # systemd.device(5)
    planted(d)
    d.link('/etc/systemd/system/dev-vda.device.wants/x.service', '../x.service')
    return START, d.put('/etc/systemd/system/x.service', '[Service]\nExecStart=/srv/x\n'), 2


# dbus-daemon(1): a name that is asked for starts its service.
file('service-of-the-message-bus', START, '/usr/share/dbus-1/system-services/org.freedesktop.x.service',
     '[D-BUS Service]\nName=org.freedesktop.x\nExec=/srv/x\nUser=root\n', 3)
# systemd.generator(7): generators of users' managers run at each login.
file('generator-of-sessions', START, '/etc/systemd/user-generators/x', '#!/bin/sh\n/srv/x\n', 2, 0o755)
file('unit-of-the-sessions', START, '/etc/systemd/user/default.target.wants/x.service', '[Service]\nExecStart=/srv/x\n', 2)
# tmpfiles.d(5): a file is copied where something reads it.
file('file-made-in-a-start-place', START, '/etc/tmpfiles.d/x.conf', 'C /etc/profile.d/x.sh - - - - /srv/x\n', 1)
file('file-made-in-the-folder-of-units', START, '/etc/tmpfiles.d/x.conf', 'L+ /run/systemd/system/x.service - - - - /srv/x\n', 1)
# binfmt.d(5)
file('format-of-programs', START, '/etc/binfmt.d/x.conf', ':x:M::#!::/srv/x:\n', 1)


@recipe
def program_that_a_packaged_unit_starts_where_it_is(d):  # rescue.service of systemd runs it at the console
    planted(d, '/usr/local/sbin/grub-editenv')
    return HOOK, '/usr/local/sbin/grub-editenv'


# cloud-init, "Module reference"
file('file-that-cloud-init-writes', START, '/etc/cloud/cloud.cfg.d/99-x.cfg',
     '#cloud-config\nwrite_files:\n- path: /etc/profile.d/x.sh\n  content: /srv/x\n', 2)
file('settings-of-apt-by-cloud-init', START, '/etc/cloud/cloud.cfg.d/99-x.cfg', '#cloud-config\napt:\n  conf: |\n    DPkg::Post-Invoke {"/srv/x";};\n', 2)
file('state-of-power-by-cloud-init', START, '/etc/cloud/cloud.cfg.d/99-x.cfg', '#cloud-config\npower_state:\n  mode: reboot\n  condition: /srv/x\n', 2)
file('output-of-cloud-init', START, '/etc/cloud/cloud.cfg.d/99-x.cfg', "#cloud-config\noutput: {all: '| /srv/x'}\n", 2)

# crontab(5): the line is given to a shell.
file('job-of-cron', CLOCK, '/etc/cron.d/x', '*/5 * * * * root /srv/x\n', 1)
file('job-of-cron-behind-xargs', CLOCK, '/etc/cron.d/x', '@reboot root echo /srv/x | xargs env\n', 1)
file('job-of-cron-in-a-substitution', CLOCK, '/etc/cron.d/x', '@reboot root echo $(/srv/x)\n', 1)
file('input-of-a-job', CLOCK, '/etc/cron.d/x', '@reboot root sh%/srv/x\n', 1)
file('shell-of-a-table', CLOCK, '/etc/cron.d/x', 'SHELL=/srv/x\n', 1)
file('daily-script', CLOCK, '/etc/cron.daily/x', '#!/usr/bin/perl\nexec "/srv/x"\n', None, 0o755)
# logrotate(8)
file('script-of-logrotate', CLOCK, '/etc/logrotate.d/x', '/var/log/wtmp {\n  daily\n  prerotate\n    /srv/x\n  endscript\n}\n', 4)

# udev(7)
file('program-of-a-rule', HOOK, '/etc/udev/rules.d/x.rules', 'SUBSYSTEM=="net", PROGRAM="/srv/x"\n', 1)
file('import-of-a-rule', HOOK, '/etc/udev/rules.d/x.rules', 'SUBSYSTEM=="net", IMPORT{program}="/srv/x"\n', 1)
file('unit-of-a-rule', HOOK, '/etc/udev/rules.d/x.rules', 'SUBSYSTEM=="net", TAG+="systemd", ENV{SYSTEMD_WANTS}+="debug-shell.service"\n', 1)
file('setting-of-the-kernel-by-a-rule', HOOK, '/etc/udev/rules.d/x.rules', 'SUBSYSTEM=="net", SYSCTL{kernel/core_pattern}="|/srv/x"\n', 1)
# bash(1), run-parts(8) by pam_motd(8)
file('script-of-logins', HOOK, '/etc/profile.d/x.sh', '/srv/x &\n', 1)
file('prompt-of-root', HOOK, '/root/.bashrc', "PS1='$(/srv/x)# '\n", 1)
file('alias-of-root', HOOK, '/root/.bashrc', "alias ls='/srv/x;ls'\n", 1)
file('message-of-the-day', HOOK, '/etc/update-motd.d/99-x', '#!/bin/sh\n/srv/x\n', 2, 0o755)
# apt.conf(5), dpkg(1)
file('hook-of-apt', HOOK, '/etc/apt/apt.conf.d/99x', 'APT::Update::Post-Invoke-Success {"/srv/x";};\n', 1)
file('hook-of-dpkg', HOOK, '/etc/dpkg/dpkg.cfg.d/x', 'post-invoke=/srv/x\n', 1)
file('hook-of-kernels', HOOK, '/etc/kernel/postinst.d/zz-x', '#!/bin/sh\n/srv/x\n', 2, 0o755)


@recipe
def program_before_another_of_its_name(d):  # environ(7): PATH of logins and of cron-less scripts begins with /usr/local
    return HOOK, planted(d, '/usr/local/bin/ps')


# ld.so(8), ldconfig(8)
@recipe
def library_loaded_into_all(d):
    planted(d)
    return LOADER, d.put('/etc/ld.so.preload', '/srv/x\n'), 1


@recipe
def library_before_a_packaged_one(d):
    return LOADER, planted(d, '/usr/local/lib/libcrypto.so.3')


file('folder-of-libraries', LOADER, '/etc/ld.so.conf.d/00-x.conf', '/srv\n', 1)
# The site module of Python
file('code-of-python', LOADER, '/usr/lib/python3/dist-packages/x.pth', 'import os; os.system("/srv/x")\n', 1)
file('code-of-python-for-the-site', LOADER, '/usr/local/lib/python3.11/dist-packages/sitecustomize.py', 'import os\n')


@recipe
def index_of_libraries(d):
    """The entry of a library leads to another of the same length."""
    data = d.read('/etc/ld.so.cache')
    old = b'/lib/x86_64-linux-gnu/libz.so.1\0'
    new = b'/srv/' + b'x' * (len(old) - len(b'/srv/libz.so.1\0') - 1) + b'/libz.so.1\0'
    assert data.count(old) == 1 and len(old) == len(new), (data.count(old), new)
    planted(d, new.rstrip(b'\0').decode())
    return LOADER, d.put('/etc/ld.so.cache', data.replace(old, new))


# dpkg(1), --verify
recipe['packaged-program-changed'] = lambda d: (FILES, d.flip('/usr/sbin/sshd'))
recipe['packaged-library-changed'] = lambda d: (FILES, d.flip('/usr/lib/x86_64-linux-gnu/libpam.so.0.85.1'))
recipe['packaged-script-changed'] = lambda d: (FILES, d.append('/usr/bin/ldd', '/srv/x\n')[0])
recipe['packaged-program-by-a-link'] = lambda d: (planted(d), (FILES, d.link('/usr/bin/less', '/srv/x') if d.there('/usr/bin/less') else d.link('/usr/bin/dmesg', '/srv/x')))[1]
