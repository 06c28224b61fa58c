"""The agents, and whatever starts them."""
import struct

from tamper_disk import Recipes

recipe = Recipes()
SA = '/usr/local/sa/agent/secu-tcs-agent'
SCRIPT = '/usr/local/sa/agent/secu-tcs-agent-mon-safe.sh'
TABLE = '/var/spool/cron/crontabs/root'
LINE = f'* * * * * {SCRIPT} > /dev/null 2>&1\n'
CHECK = 'LNX-AGENT-001'


def changed(name):
    """A recipe that changes the bytes of the agent's program."""
    def add(f):
        recipe[name] = lambda d: (CHECK, d.put(SA, f(bytearray(d.read(SA))), 0o755))
        return f
    return add


def table(name, text, mode=0o600, line=None):
    """A recipe that writes root's crontab."""
    recipe[name] = lambda d: (CHECK, d.put(TABLE, text, mode), line)


@changed('agent-is-a-script')
def _(data):
    return b'#!/bin/sh\nexec sleep infinity\n'


@changed('agent-of-another-processor')  # e_machine of AArch64 (elf(5))
def _(data):
    data[18:20] = struct.pack('<H', 183)
    return bytes(data)


@changed('agent-without-code')  # the header and nothing else that could run
def _(data):
    return bytes(data[:64]) + bytes(len(data) - 64)


@changed('agent-cut-off')  # segments beyond the end of the file (elf(5), execve(2): ENOEXEC or SIGBUS)
def _(data):
    return bytes(data[:4096])


@changed('agent-with-a-missing-interpreter')  # execve(2): ENOENT
def _(data):
    return bytes(data).replace(b'/lib64/ld-linux-x86-64.so.2', b'/lib64/ld-linux-x86-64.so.9')


@changed('agent-of-the-wrong-class')  # ELFCLASS32 with fields of 64 bits
def _(data):
    data[4] = 1
    return bytes(data)


@changed('agent-that-is-an-object')  # ET_REL can't be run
def _(data):
    data[16:18] = struct.pack('<H', 1)
    return bytes(data)


@changed('agent-whose-entry-is-zeros')  # all code is zero bytes, the rest is as it was
def _(data):
    phoff, count = struct.unpack_from('<Q', data, 32)[0], struct.unpack_from('<H', data, 56)[0]
    for i in range(count):
        kind, flags, offset, _, _, size = struct.unpack_from('<IIQQQQ', data, phoff + i * 56)
        if kind == 1 and flags & 1:
            data[offset:offset + size] = bytes(size)
    return bytes(data)


@recipe
def agent_is_a_link_out_of_its_folder(d):
    return CHECK, d.link(SA, '/usr/bin/true')


@recipe
def agent_may_not_be_run(d):
    return CHECK, d.field(SA, mode='0100644')


@recipe
def agent_of_another_owner(d):
    return CHECK, d.field(SA, uid=1000)


# cron(8) of Debian ignores a crontab that is not its owner's, has another mode than 0600, or a second name.
table('crontab-that-all-may-write', LINE, 0o666)


@recipe
def crontab_of_another_owner(d):
    return CHECK, d.field(TABLE, uid=1000)


@recipe
def crontab_with_a_second_name(d):
    d.write(f'ln {TABLE} /var/spool/cron/x')
    return CHECK, d.field(TABLE, links_count=2)


# Without a newline at its end cron ignores the whole file (crontab(5), DIAGNOSTICS).
table('crontab-without-last-newline', LINE.rstrip('\n'))
# One wrong line and cron drops the file (cron, load_user).
table('crontab-with-a-wrong-line', '99 * * * * /bin/true\n' + LINE)
# The shell of the lines below is another program (crontab(5)).
table('crontab-with-another-shell', 'SHELL=/bin/true\n' + LINE)
# February has no 30th day, and both fields must fit where one of them begins with a star (crontab(5)).
table('crontab-line-for-no-day', LINE.replace('* * * * *', '0 0 30 2 *'))
# % ends the command; what is behind it is its input (crontab(5)).
recipe['crontab-line-cut-by-a-percent-sign'] = lambda d: (d.put(TABLE, f'* * * * * /bin/true % {SCRIPT}\n', 0o600), (CHECK, SA))[1]
# A hash anywhere in the command is a comment of the shell.
table('crontab-line-commented-for-the-shell', f'* * * * * /bin/true # {SCRIPT}\n')
# Dates in the future do not come.
table('crontab-line-under-a-condition', f'* * * * * [ $(date +\\%Y) -gt 2999 ] && {SCRIPT}\n')


# cron ignores files of cron.d with a dot in their name (cron(8), Debian).
@recipe
def start_line_in_an_ignored_file(d):
    d.remove(TABLE)
    return CHECK, d.put('/etc/cron.d/sa.task', LINE.replace('* * * * *', '* * * * * root'))


@recipe
def start_script_that_ends_at_once(d):
    d.put(SCRIPT, '#!/bin/sh\nexit 0\npgrep -x secu-tcs-agent >/dev/null || /usr/local/sa/agent/secu-tcs-agent\n', 0o755)
    return CHECK, TABLE, 1


# The script asks pgrep(1) whether the agent runs; this one says yes.
@recipe
def program_that_says_the_agent_runs(d):
    return CHECK, d.put('/usr/bin/pgrep', '#!/bin/sh\nexit 0\n', 0o755)


# cron reads variables of the PAM environment and of its own; /usr/local comes first in no PATH of cron, but in a line's.
table('crontab-with-another-path', 'PATH=/srv/bin:/usr/bin:/bin\n* * * * * root-wrapper; exec true; /usr/local/sa/agent/secu-tcs-agent-mon-safe.sh\n')


@recipe
def cron_masked(d):  # systemd.unit(5)
    return CHECK, d.link('/etc/systemd/system/cron.service', '/dev/null')


@recipe
def cron_wanted_by_nobody(d):
    d.remove('/etc/systemd/system/multi-user.target.wants/cron.service')
    return CHECK, TABLE


recipe.file('cron-under-a-condition', CHECK, '/etc/systemd/system/cron.service.d/x.conf', '[Unit]\nConditionPathExists=/srv/no\n')
recipe.file('cron-of-another-user', CHECK, '/etc/systemd/system/cron.service.d/x.conf', '[Service]\nUser=nobody\n', line=2)
# An empty ExecStart takes the vendor's away (systemd.service(5)).
recipe.file('cron-that-is-another-program', CHECK, '/etc/systemd/system/cron.service.d/x.conf', '[Service]\nExecStart=\nExecStart=/bin/sleep infinity\n')
# One task is cron itself: it can't fork (systemd.resource-control(5), TasksMax).
recipe.file('cron-of-one-task', CHECK, '/etc/systemd/system/cron.service.d/x.conf', '[Service]\nTasksMax=1\n', line=2)
# The unit is stopped when the other one starts (systemd.unit(5), Conflicts).
recipe.file('cron-in-conflict', CHECK, '/etc/systemd/system/cron.service.d/x.conf', '[Unit]\nConflicts=ssh.service\nBefore=ssh.service\n', line=2)
# cron never says that it is ready and is killed when the time is over (systemd.service(5), Type=notify).
recipe.file('cron-that-must-report', CHECK, '/etc/systemd/system/cron.service.d/x.conf', '[Service]\nType=notify\nTimeoutStartSec=1s\n', line=2)
# No file may be open (systemd.exec(5), LimitNOFILE).
recipe.file('cron-without-open-files', CHECK, '/etc/systemd/system/cron.service.d/x.conf', '[Service]\nLimitNOFILE=2\n', line=2)
# A unit of /etc stands for the vendor's whole (systemd.unit(5)).
recipe.file('cron-that-ends-at-once', CHECK, '/etc/systemd/system/cron.service', '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n')
# -x test: cron runs no command (cron, DEBUGGING; cron.service gives EXTRA_OPTS).
recipe['cron-in-test-mode'] = lambda d: (d.add('/etc/default/cron', 'EXTRA_OPTS="-x test"\n'), (CHECK, '/usr/lib/systemd/system/cron.service'))[1]
# The library is loaded into cron and all that it starts (ld.so(8)).
recipe.append('cron-with-a-preloaded-library', CHECK, '/etc/default/cron', 'LD_PRELOAD=/srv/x.so\n')
# It is loaded into every program (ld.so(8)).
recipe.file('library-preloaded-everywhere', CHECK, '/etc/ld.so.preload', '/srv/x.so\n', line=1)


# The boot ends in another target (bootup(7)).
@recipe
def default_target_is_rescue(d):
    return CHECK, d.link('/etc/systemd/system/default.target', '/lib/systemd/system/rescue.target')


# What the kernel starts first is not systemd (init(1)).
@recipe
def first_program_is_a_script(d):
    return CHECK, d.put('/usr/sbin/init', '#!/bin/sh\nexec /bin/sh\n', 0o755)


# cron asks PAM for every job (pam.d/cron); who is refused runs none.
@recipe
def pam_refuses_cron(d):
    path, line = d.edit('/etc/pam.d/cron', '@include common-account\n', 'account required pam_deny.so\n@include common-account\n')
    return CHECK, path, line


# pam_access(8) reads access.conf: root from cron is refused.
@recipe
def access_table_refuses_cron(d):
    d.add('/etc/security/access.conf', '-:root:cron crond :0\n')
    return CHECK, *d.edit('/etc/pam.d/cron', '@include common-account\n', 'account required pam_access.so\n@include common-account\n')


# pam_unix refuses an expired account (shadow(5), field 8), root too.
@recipe
def root_has_expired(d):
    text = d.read('/etc/shadow').decode().splitlines(keepends=True)
    at = next(i for i, l in enumerate(text) if l.startswith('root:'))
    fields = text[at].rstrip('\n').split(':')
    fields[7] = '1'
    text[at] = ':'.join(fields) + '\n'
    d.put('/etc/shadow', ''.join(text), 0o640)
    return CHECK, '/etc/pam.d/common-account'


recipe.file('cron-stopped-by-cron', CHECK, '/etc/cron.d/x', '@reboot root sleep 60; systemctl stop cron\n', line=1)
recipe.file('agent-killed-by-cron', CHECK, '/etc/cron.d/x', '*/2 * * * * root pkill -f secu-tcs-agent\n', line=1)
# r and R remove at boot (tmpfiles.d(5)).
recipe.file('crontab-removed-at-boot', CHECK, '/etc/tmpfiles.d/x.conf', 'r! /var/spool/cron/crontabs/root\n', line=1)
recipe.file('agent-removed-at-boot', CHECK, '/etc/tmpfiles.d/x.conf', 'R! /usr/local/sa\n', line=1)
recipe.file('agent-made-unrunnable-at-boot', CHECK, '/etc/tmpfiles.d/x.conf', 'z /usr/local/sa/agent/secu-tcs-agent 0644 root root -\n', line=1)
recipe.file('agent-removed-before-ssh', CHECK, '/etc/systemd/system/ssh.service.d/x.conf', '[Service]\nExecStartPre=-/bin/rm -rf /usr/local/sa\n', line=2)
recipe.file('agent-removed-by-cloud-init', CHECK, '/etc/cloud/cloud.cfg.d/99-x.cfg', '#cloud-config\nbootcmd:\n - rm -rf /usr/local/sa\n')


# agenttools is started by rc.local, stargate by cron: without both the monitoring does not run.
@recipe
def monitoring_without_a_start(d):
    d.remove('/etc/cron.d/sgagenttask')
    return 'LNX-AGENT-002', d.field('/etc/rc.local', mode='0100644')


# systemd-rc-local-generator starts rc.local only where rc-local.service is not masked (rc-local.service(8)).
@recipe
def monitoring_with_rc_local_masked(d):
    d.remove('/etc/cron.d/sgagenttask')
    d.link('/etc/systemd/system/rc-local.service', '/dev/null')
    return 'LNX-AGENT-002', '/etc/rc.local'


# exit before the line
@recipe
def monitoring_behind_an_exit(d):
    d.remove('/etc/cron.d/sgagenttask')
    d.edit('/etc/rc.local', '# ADDAGENTSTART\n', 'exit 0\n# ADDAGENTSTART\n')
    return 'LNX-AGENT-002', '/etc/rc.local'


# The daemon itself is another one than its package brought.
@recipe
def cron_changed(d):
    data = bytearray(d.read('/usr/sbin/cron'))
    data[len(data) // 2] ^= 1
    return CHECK, d.put('/usr/sbin/cron', bytes(data), 0o755)


# The system goes over to another target, and cron is stopped with the old one (systemctl(1), isolate).
recipe.file('target-left-at-boot', CHECK, '/etc/cron.d/x', '@reboot root sleep 9; systemctl isolate rescue.target\n', line=1)


# rc.local sees an empty folder in the place of the agents (systemd.exec(5)).
@recipe
def monitoring_whose_rc_local_sees_nothing(d):
    d.remove('/etc/cron.d/sgagenttask')
    return 'LNX-AGENT-002', d.put('/etc/systemd/system/rc-local.service.d/x.conf', '[Service]\nTemporaryFileSystem=/usr/local\n'), 2


recipe.file('rc-local-under-a-condition', 'LNX-AGENT-002', '/etc/systemd/system/rc-local.service.d/x.conf', '[Unit]\nConditionPathExists=/srv/no\n')
alone = recipe['rc-local-under-a-condition']
recipe['rc-local-under-a-condition'] = lambda d: (d.remove('/etc/cron.d/sgagenttask'), alone(d), ('LNX-AGENT-002', '/etc/rc.local'))[2]

# --- what holds for all services: systemd-system.conf(5), systemd.slice(5) ---
recipe.file('manager-of-one-task', CHECK, '/etc/systemd/system.conf.d/x.conf', '[Manager]\nDefaultTasksMax=1\n', line=2)
recipe.append('manager-with-a-preloaded-library', CHECK, '/etc/systemd/system.conf', 'DefaultEnvironment=LD_PRELOAD=/srv/x.so\n')
recipe.file('slice-without-memory', CHECK, '/etc/systemd/system/system.slice.d/x.conf', '[Slice]\nMemoryMax=1M\n', line=2)
DROP_IN = '/etc/systemd/system/cron.service.d/x.conf'
recipe.file('cron-in-another-slice', CHECK, DROP_IN, '[Service]\nSlice=x.slice\n', line=2)
# systemd.unit(5): a unit that another one needs, and the time that its start may take.
recipe.file('cron-bound-to-a-device', CHECK, DROP_IN, '[Unit]\nBindsTo=dev-x.device\nAfter=dev-x.device\n', line=2)
recipe.file('cron-with-a-time-limit', CHECK, DROP_IN, '[Unit]\nJobTimeoutSec=1\n', line=2)


def beside(name, settings, kind, command, line, drop_in=None):
    """A recipe of a unit beside cron, and of a drop-in of cron that is the place."""
    def f(d):
        path = d.unit('x.service', f'[Unit]\n{settings}Description=x\n[Service]\nType={kind}\nExecStart={command}\n')
        return CHECK, d.put(DROP_IN, drop_in) if drop_in else path, line
    recipe[name] = f


beside('cron-that-needs-what-fails', '', 'oneshot', '/bin/false', 2, '[Unit]\nRequires=x.service\nAfter=x.service\n')
beside('cron-after-what-never-ends', '', 'oneshot', '/bin/sleep infinity', 2, '[Unit]\nAfter=x.service\n')
beside('cron-behind-what-never-ends', 'Before=cron.service\n', 'oneshot', '/bin/sleep infinity', 2)
beside('cron-in-conflict-with-another', 'Conflicts=cron.service\nAfter=cron.service\n', 'simple', '/bin/sleep infinity', 2)

# The kernel gives every ELF program to /srv/x (binfmt.d(5)).
recipe.file('programs-of-another-format', CHECK, '/etc/binfmt.d/x.conf', ':x:M::\\x7fELF::/srv/x:\n', line=1)
# pam_env(8) of cron and of logins reads it.
recipe.append('library-in-the-environment', CHECK, '/etc/environment', 'LD_PRELOAD=/srv/x.so\n')
recipe['pam-runs-a-program-for-cron'] = lambda d: (CHECK, *d.edit(
    '/etc/pam.d/cron', '@include common-auth\n', 'session optional pam_exec.so /usr/bin/touch /srv/x\n@include common-auth\n'))
# pam_exec fails, and with it the session (pam.conf(5)).
recipe['pam-refuses-cron-a-session'] = lambda d: (CHECK, *d.edit(
    '/etc/pam.d/cron', '@include common-auth\n', 'session required pam_exec.so /bin/false\n@include common-auth\n'))
table('crontab-line-once-a-year', LINE.replace('* * * * *', '0 0 1 1 *'))
recipe.file('cron-stopped-over-the-bus', CHECK, '/etc/cron.d/x', '@reboot root busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 '
            'org.freedesktop.systemd1.Manager StopUnit ss cron.service replace\n', line=1)
recipe.file('crontab-removed-by-cron', CHECK, '/etc/cron.d/x', '@reboot root crontab -r\n', line=1)
recipe.file('cron-made-unrunnable', CHECK, '/etc/cron.d/x', '@reboot root chmod 0 /usr/sbin/cron\n', line=1)
recipe.file('agents-moved-with-their-folder', CHECK, '/etc/cron.d/x', '@reboot root mv /usr/local /srv/x\n', line=1)
