"""Who gets in, and who becomes root."""
from tamper_disk import Recipes

recipe = Recipes()
KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGltZ3NjYW4gdGVzdCBrZXksIG5vdCBhIHJlYWwgb25lISE= vendor@build\n'
OPS = 'ops:x:1000:1000::/home/ops:/bin/bash\n'
# openssl passwd -6 -salt ab12 x
HASH = '$6$ab12$7X8148yKZbzXwTZYOrgOqpIwsc11eifMe7FcKoyTt3szmdmDRERmC68mUs1GZT5gFu7lQSWgfMZiuZdvlPSc1.'
KEYS, ROOT, EMPTY, SUDO = 'LNX-ACCT-004', 'LNX-ACCT-003', 'LNX-ACCT-001', 'LNX-ACCT-005'


def account(d, shadow='ops:*:19675:0:99999:7:::\n'):
    d.add('/etc/passwd', OPS)
    d.add('/etc/shadow', shadow)


# --- root ---
# strtoul(3) reads these as 0 (glibc, nss/nss_files).
recipe.append('user-id-00', ROOT, '/etc/passwd', 'ops:x:00:1000::/root:/bin/bash\n')
recipe.append('user-id-with-a-plus-sign', ROOT, '/etc/passwd', 'ops:x:+0:1000::/root:/bin/bash\n')


@recipe
def service_account_is_root(d):
    text = d.read('/etc/passwd').decode()
    at = text.index('games:x:')
    end = text.index('\n', at)
    d.put('/etc/passwd', text[:at] + 'games:x:0:60:games:/usr/games:/bin/bash' + text[end:])
    return ROOT, '/etc/passwd', text[:at].count('\n') + 1


# sysusers makes accounts at boot (sysusers.d(5)).
recipe.file('second-root-made-at-boot', ROOT, '/etc/sysusers.d/x.conf', 'u ops 0 "x" /root /bin/bash\n', line=1)
recipe.file('second-root-made-by-cloud-init', ROOT, '/etc/cloud/cloud.cfg.d/99-x.cfg', '#cloud-config\nusers:\n - default\n - {name: ops, uid: "0"}\n')
recipe.file('account-made-by-a-script-of-cloud-init', ROOT, '/var/lib/cloud/scripts/per-boot/x', '#!/bin/sh\nuseradd -o -u 0 ops\n', 0o755, line=2)
recipe.file('account-made-by-cron', ROOT, '/etc/cron.d/x', '@reboot root echo ops:x:0:0::/root:/bin/bash >> /etc/passwd\n', line=1)


# Members of sudo may do all (Debian's sudoers); a password lets this one in.
@recipe
def member_of_sudo_with_a_password(d):
    account(d, f'ops:{HASH}:19675:0:99999:7:::\n')
    text = d.read('/etc/group').decode()
    at = text.index('sudo:x:27:')
    d.put('/etc/group', text.replace('sudo:x:27:', 'sudo:x:27:ops', 1))
    return ROOT, '/etc/group', text[:at].count('\n') + 1


# The first group of an account is its group as well (passwd(5)); 0 is root's.
@recipe
def first_group_is_roots(d):
    d.add('/etc/shadow', f'ops:{HASH}:19675:0:99999:7:::\n')
    return ROOT, *d.add('/etc/passwd', OPS.replace('1000:1000', '1000:0'))


# A service that is no file answers first (nsswitch.conf(5)).
@recipe
def accounts_from_another_source(d):
    d.put('/usr/lib/x86_64-linux-gnu/libnss_x.so.2', d.read('/usr/bin/true'))
    return ROOT, *d.edit('/etc/nsswitch.conf', 'passwd:         files\n', 'passwd:         x files\n')


# compat takes what NIS names (nsswitch.conf(5), passwd(5)).
@recipe
def accounts_of_nis(d):
    d.edit('/etc/nsswitch.conf', 'passwd:         files\n', 'passwd:         compat\n')
    return ROOT, *d.add('/etc/passwd', '+::::::\n')


# --- without a password ---
@recipe
def empty_field_of_an_account(d):
    d.add('/etc/passwd', 'ops::1000:1000::/home/ops:/bin/bash\n')
    return EMPTY, '/etc/passwd'


# The shell that refuses is another program now.
@recipe
def account_whose_shell_refuses_nobody(d):
    d.add('/etc/passwd', 'ops:x:1000:1000::/home/ops:/usr/sbin/nologin\n')
    d.add('/etc/shadow', 'ops::19675:0:99999:7:::\n')
    return EMPTY, d.put('/usr/sbin/nologin', d.read('/bin/bash'), 0o755)


# openssl passwd -5 -salt ab12 ""
@recipe
def hash_of_the_empty_password(d):
    d.add('/etc/passwd', OPS)
    return EMPTY, *d.add('/etc/shadow', 'ops:$5$ab12$8snOBRnzPe7NcTdP7nlm.AF3N8eW1ukjmhPxeAK6UR3:19675:0:99999:7:::\n')


@recipe
def pam_of_ssh_lets_in(d):  # pam.d(5), sufficient
    return EMPTY, *d.edit('/etc/pam.d/sshd', '@include common-auth\n', 'auth sufficient pam_permit.so\n@include common-auth\n')


@recipe
def pam_of_all_lets_in(d):
    path, _ = d.edit('/etc/pam.d/common-auth', 'auth\trequisite\t\t\tpam_deny.so\n', 'auth\toptional\t\t\tpam_deny.so\n')
    lines = d.read(path).decode().splitlines()
    return EMPTY, path, next(i for i, l in enumerate(lines, 1) if l.startswith('auth') and 'pam_permit.so' in l)


@recipe
def pam_asks_a_program(d):  # pam_exec(8)
    return EMPTY, *d.edit('/etc/pam.d/sshd', '@include common-auth\n', 'auth sufficient pam_exec.so quiet expose_authtok /srv/x\n@include common-auth\n')


@recipe
def pam_asks_for_a_name_only(d):  # pam_succeed_if(8)
    return EMPTY, *d.edit('/etc/pam.d/sshd', '@include common-auth\n', 'auth [success=done default=ignore] pam_succeed_if.so user = root\n@include common-auth\n')


@recipe
def pam_includes_a_file_elsewhere(d):  # pam.d(5): @include of a path
    d.put('/srv/x', 'auth sufficient pam_permit.so\n')
    d.edit('/etc/pam.d/sshd', '@include common-auth\n', '@include /srv/x\n@include common-auth\n')
    return EMPTY, '/srv/x', 1


@recipe
def module_of_pam_changed(d):
    path = '/usr/lib/x86_64-linux-gnu/security/pam_unix.so'
    data = bytearray(d.read(path))
    data[len(data) // 2] ^= 1
    d.put(path, bytes(data))
    return EMPTY, '/etc/pam.d/common-account'


# Any name in pam.d of a service that nobody names applies `other`; su asks its own (pam.d(5)).
@recipe
def pam_of_su_lets_in(d):
    path, line = d.edit('/etc/pam.d/su', 'auth       sufficient pam_rootok.so\n', 'auth       sufficient pam_rootok.so\nauth sufficient pam_permit.so\n')
    return EMPTY, path, line + 1


# agetty logs in without asking (agetty(8), --autologin).
recipe.file('console-without-a-login', EMPTY, '/etc/systemd/system/serial-getty@ttyS0.service.d/x.conf',
            '[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin root --noclear %I\n', line=3)
# systemd starts a shell of root on tty9 (systemd-debug-generator(8); debug-shell.service).
recipe['shell-of-root-on-a-console'] = lambda d: (d.link('/etc/systemd/system/sysinit.target.wants/debug-shell.service', '/lib/systemd/system/debug-shell.service'),
                                                  (EMPTY, '/usr/lib/systemd/system/debug-shell.service'))[1]
# systemd-sysusers.service takes this credential for root's password (systemd-sysusers(8)).
recipe.file('password-by-a-credential', EMPTY, '/etc/credstore/passwd.plaintext-password.root', '', 0o600)
recipe.file('password-by-cloud-init', EMPTY, '/etc/cloud/cloud.cfg.d/99-x.cfg', '#cloud-config\nssh_pwauth: true\nchpasswd:\n  expire: false\n  list: |\n    root:x\n')
recipe.file('password-by-the-seed-of-cloud-init', EMPTY, '/var/lib/cloud/seed/nocloud-net/user-data', '#cloud-config\npassword: x\n')
# A file that tmpfiles copies at boot (tmpfiles.d(5), C+).
recipe.file('shadow-file-copied-at-boot', EMPTY, '/etc/tmpfiles.d/x.conf', 'C+ /etc/shadow 0640 root shadow - /srv/shadow\n', line=1)

# --- keys ---
# sshd reads both files (sshd_config(5), AuthorizedKeysFile).
recipe.file('second-file-of-keys', KEYS, '/root/.ssh/authorized_keys2', KEY, 0o600, line=1)
recipe.file('key-with-options', KEYS, '/root/.ssh/authorized_keys', '# x\ncert-authority,principals="root" ' + KEY, 0o600, line=2)
# cloud-init's useradd copies /etc/skel into the home of the first user (useradd(8)).
recipe.file('key-in-the-skeleton', KEYS, '/etc/skel/.ssh/authorized_keys', KEY, 0o600, line=1)
recipe.file('key-made-by-tmpfiles', KEYS, '/etc/tmpfiles.d/x.conf', 'f+ /root/.ssh/authorized_keys 0600 root root - ' + KEY, line=1)
recipe.file('key-of-cloud-init', KEYS, '/etc/cloud/cloud.cfg.d/99-x.cfg', '#cloud-config\nssh_authorized_keys:\n - ' + KEY)
recipe.file('key-in-a-multipart-seed', KEYS, '/var/lib/cloud/seed/nocloud/vendor-data', '#cloud-config\nusers:\n - {name: ops, ssh_authorized_keys: ["' + KEY.strip() + '"]}\n')


def sshd(name, text, files=(), place=None):
    """A recipe that sets something for sshd; where a file of keys is left, that is the place."""
    def f(d):
        for path, data in files:
            d.put(path, data)
        own = d.put('/etc/ssh/sshd_config.d/x.conf', text)
        return KEYS, place or own, 1
    recipe[name] = f


# sshd_config(5); Debian's file includes the folder first, and the first value of a key counts.
sshd('keys-elsewhere', 'AuthorizedKeysFile /etc/ssh/keys/%u .ssh/authorized_keys\n', [('/etc/ssh/keys/root', KEY)], place='/etc/ssh/keys/root')
sshd('keys-for-one-user', 'Match User root\n  AuthorizedKeysFile /srv/k\n', [('/srv/k', KEY)], place='/srv/k')
sshd('keys-by-a-command', 'AuthorizedKeysCommand /srv/x %u\nAuthorizedKeysCommandUser root\n', [('/srv/x', '#!/bin/sh\n')])
sshd('keys-of-an-authority', 'TrustedUserCAKeys /etc/ssh/ca.pub\n', [('/etc/ssh/ca.pub', KEY)], place='/etc/ssh/ca.pub')
sshd('hosts-that-are-trusted', 'HostbasedAuthentication yes\nIgnoreRhosts no\n', [('/etc/ssh/shosts.equiv', '+ +\n')])
sshd('names-by-a-command', 'AuthorizedPrincipalsCommand /srv/x\nAuthorizedPrincipalsCommandUser root\n', [('/srv/x', '#!/bin/sh\n')])
sshd('settings-included-from-elsewhere', 'Include /srv/*.cfg\n', [('/srv/a.cfg', 'AuthorizedKeysFile /srv/k\n'), ('/srv/k', KEY)], place='/srv/k')
# ssh.service gives SSHD_OPTS, and -o counts before the file (sshd(8)).
recipe['keys-by-an-option'] = lambda d: (d.edit('/etc/default/ssh', 'SSHD_OPTS=\n', 'SSHD_OPTS="-oAuthorizedKeysFile=/srv/k"\n'), (KEYS, d.put('/srv/k', KEY), 1))[1]
# Another configuration for the same program (systemd.service(5), sshd(8) -f).
recipe['another-server-of-ssh'] = lambda d: (d.put('/srv/c', 'Port 2222\nAuthorizedKeysFile /srv/k\n'), d.once('/usr/sbin/sshd -D -f /srv/c'),
                                              (KEYS, d.put('/srv/k', KEY), 1))[2]

# --- rights ---
recipe.file('nobody-is-asked', SUDO, '/etc/sudoers.d/x', 'Defaults !authenticate\n', 0o440, line=1)
recipe.file('rights-without-a-password', SUDO, '/etc/sudoers.d/x', '# x\nops ALL=(ALL:ALL) NOPASSWD: ALL\n', 0o440, line=2)
recipe.file('rights-by-number', SUDO, '/etc/sudoers.d/x', '#1000 ALL=(ALL) NOPASSWD:ALL\n', 0o440, line=1)  # sudoers(5): a user id, no comment
recipe.file('rights-by-alias', SUDO, '/etc/sudoers.d/x', 'User_Alias X = ops, %games\nX ALL=NOPASSWD: /bin/sh\n', 0o440, line=2)
recipe['rights-included-from-elsewhere'] = lambda d: (d.put('/srv/s.d/x', 'www-data ALL=(ALL) NOPASSWD: ALL\n', 0o440),
                                                      d.add('/etc/sudoers', '@includedir /srv/s.d\n'), (SUDO, '/srv/s.d/x', 1))[2]
# sudo asks the plugin that sudo.conf(5) names.
recipe.file('another-judge-of-sudo', SUDO, '/etc/sudo.conf', 'Plugin sudoers_policy /srv/x.so\n', line=1)
recipe['pam-of-sudo-lets-in'] = lambda d: (EMPTY, *d.edit('/etc/pam.d/sudo', '@include common-auth\n', 'auth sufficient pam_permit.so\n@include common-auth\n'))

# A shell of root with a terminal of its own (systemd.exec(5), StandardInput=).
recipe['shell-with-a-terminal'] = lambda d: (EMPTY, d.unit('x.service', '[Service]\nExecStart=/bin/bash -i\nStandardInput=tty\nTTYPath=/dev/tty8\n'), 2)


# useradd(8) takes the skeleton that this file names; cloud-init makes its first user by useradd.
@recipe
def key_in_another_skeleton(d):
    d.add('/etc/default/useradd', 'SKEL=/srv/skel\n')
    return KEYS, d.put('/srv/skel/.ssh/authorized_keys', KEY, 0o600), 1


# sudo reads its rules from the file that the argument of the plugin names (sudo.conf(5), sudoers(5)).
recipe.file('another-file-of-rules', SUDO, '/etc/sudo.conf', 'Plugin sudoers_policy sudoers.so sudoers_file=/srv/s\n', line=1)


# --- terminals that ask nobody: agetty(8), systemd-debug-generator(8) ---
AUTOLOGIN = '[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin root --noclear %I $TERM\n'
recipe.file('console-with-autologin', EMPTY, '/etc/systemd/system/getty@.service.d/x.conf', AUTOLOGIN, line=3)
recipe.file('serial-console-with-autologin', EMPTY, '/etc/systemd/system/serial-getty@ttyS0.service.d/x.conf', AUTOLOGIN, line=3)
recipe['shell-on-a-terminal'] = lambda d: (d.link(
    '/etc/systemd/system/sysinit.target.wants/debug-shell.service', '/lib/systemd/system/debug-shell.service'), (EMPTY, '/usr/lib/systemd/system/debug-shell.service'))[1]
