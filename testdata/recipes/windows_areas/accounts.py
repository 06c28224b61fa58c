"""Who can log on, and who is an administrator."""
import struct

from windows_disk import *

change = Changes()
OWNER, OTHERS, PASSWORDS, DESKTOP = 'WIN-ACCT-001', 'WIN-ACCT-002', 'WIN-ACCT-003', 'WIN-CAP-001'
USERS, ALIASES = r'SAM\Domains\Account\Users', r'SAM\Domains\Builtin\Aliases'
MACHINE = (21, 1111111111, 2222222222, 3333333333)
LIST = rf'{NT}\Winlogon\SpecialAccounts\UserList'
EVERYONE = struct.pack('<BB6sI', 1, 1, b'\0\0\0\0\0\1', 0)
ADMINISTRATORS = [hives.sid(*MACHINE, 500), hives.sid(*MACHINE, 1000)]


def text_of(machine):
    return 'S-1-5-' + '-'.join(map(str, machine))


def alias(h, rid, name, members):
    """A group as hives.py writes it."""
    for value in hives.alias(rid, name, members)['@values']:
        h.set(rf'{ALIASES}\{rid:08X}', *value)


def user(h, rid, name, bits=0x210):
    """An account like cloudbase-init's, with its password."""
    record = bytearray(h.get(rf'{USERS}\000003E8', 'F'))
    struct.pack_into('<I', record, 0x30, rid)
    struct.pack_into('<H', record, 0x38, bits)
    about, raw = bytearray(h.get(rf'{USERS}\000003E8', 'V')), name.encode('utf-16-le')
    struct.pack_into('<II', about, 12, len(about) - 0xCC, len(raw))
    h.set(rf'{USERS}\{rid:08X}', 'F', BINARY, bytes(record))
    h.set(rf'{USERS}\{rid:08X}', 'V', BINARY, bytes(about) + raw)
    h.set(rf'{USERS}\Names\{name}', '', rid, b'')


def record(d, rid, form, number, at=None):
    """A field of the record F of an account."""
    with d.hive('SAM') as h:
        data = bytearray(h.get(rf'{USERS}\{rid:08X}', 'F'))
        struct.pack_into(form, data, at, number)
        h.set(rf'{USERS}\{rid:08X}', 'F', BINARY, bytes(data))


def rules(d, form, at, number, bits=None):
    """A field of the record F of all accounts; `bits` are the control bits of Administrator, whose password ages without 0x200."""
    with d.hive('SAM') as h:
        data = bytearray(h.get(r'SAM\Domains\Account', 'F')).ljust(0x60, b'\0')
        struct.pack_into(form, data, at, number)
        h.set(r'SAM\Domains\Account', 'F', BINARY, bytes(data))
    if bits is not None:
        record(d, 500, '<H', bits & ~0x200, 0x38)


def about(d, rid, entry, raw):
    """An entry of the record V of an account."""
    with d.hive('SAM') as h:
        data = bytearray(h.get(rf'{USERS}\{rid:08X}', 'V'))
        struct.pack_into('<II', data, 12 * entry, len(data) - 0xCC, len(raw))
        h.set(rf'{USERS}\{rid:08X}', 'V', BINARY, bytes(data) + raw)


def right(d, sid, logon=None, privileges=()):
    """Rights and privileges of an account of the local policy."""
    with d.hive('SECURITY') as h:
        key = rf'Policy\Accounts\{sid}'
        if logon is not None:
            h.set(rf'{key}\ActSysAc', '', BINARY, struct.pack('<I', logon))
        if privileges:
            h.set(rf'{key}\Privilgs', '', BINARY, struct.pack('<II', len(privileges), 0) + b''.join(struct.pack('<QI', p, 0) for p in privileges))


def sam(name, why, place, make):
    def opened(d):
        with d.hive('SAM') as h:
            make(h)
    change.row(name, why, OTHERS, place, opened)


# --- groups ---
sam('everyone-is-an-administrator', 'Whoever logs on, or doesn\'t, is a member of S-1-1-0.', 'S-1-1-0', lambda h: alias(h, 544, 'Administrators', ADMINISTRATORS + [EVERYONE]))
sam('every-user-is-an-administrator', 'Each account has the group 513 (None).', '-513', lambda h: alias(h, 544, 'Administrators', ADMINISTRATORS + [hives.sid(*MACHINE, 513)]))
sam('administrator-in-the-index-alone', 'The index of members is what a logon reads.', '1001', lambda h: (
    user(h, 1001, 'ops'), h.set(rf'{ALIASES}\Members\{text_of(MACHINE)}\000003E9', '', 1, struct.pack('<I', 544))))
sam('administrator-of-a-domain', 'Whoever sets up that domain is an administrator of the copies.', 'S-1-5-21-9-8-7-512',
    lambda h: alias(h, 544, 'Administrators', ADMINISTRATORS + [hives.sid(21, 9, 8, 7, 512)]))
sam('user-of-remote-management', 'Members of 580 log on by WinRM.', 'ops', lambda h: (user(h, 1001, 'ops', 0x211),
                                                                                      alias(h, 580, 'Remote Management Users', [hives.sid(*MACHINE, 1001)])))
sam('every-user-may-use-the-remote-desktop', 'Members of 555 log on by the remote desktop.', '0000022B', lambda h: alias(h, 555, 'Remote Desktop Users', [hives.sid(11)]))
sam('backup-operators', 'Members of 551 read and write every file.', 'Backup Operators', lambda h: alias(h, 551, 'Backup Operators', [hives.sid(*MACHINE, 1000)]))

# --- accounts ---
sam('account-more', 'An enabled account whose password the vendor knows.', 'ops', lambda h: user(h, 1001, 'ops'))
sam('name-with-an-invisible-sign', 'A zero width space makes a second Administrator for the eye.', '000003E9', lambda h: user(h, 1001, 'Admin\u200bistrator'))
sam('name-in-another-script', 'A Cyrillic letter makes a second Administrator for the eye.', '000003E9', lambda h: user(h, 1001, '\u0410dministrator'))
sam('name-with-a-dollar', 'net user does not list a name that ends in $.', 'web$', lambda h: user(h, 1001, 'web$'))
sam('account-among-those-of-windows', 'Windows gives no account a RID below 1000 but its own.', 'svc', lambda h: user(h, 600, 'svc'))
sam('default-account-enabled', 'DefaultAccount is disabled in Windows.', 'DefaultAccount', lambda h: user(h, 503, 'DefaultAccount'))


def hidden(name, account):
    change.row(name, 'UserList with 0 keeps an account off the logon screen.', OTHERS, 'UserList', lambda d: d.software(LIST, account, DWORD, 0))


hidden('administrator-hidden', 'Administrator')
change.row('users-may-debug', 'SeDebugPrivilege (20) opens every process.', OTHERS, 'S-1-5-32-545', lambda d: right(d, 'S-1-5-32-545', 3, [20]))


@change(OTHERS, 'ops')
def account_of_a_service_that_is_not_there(d):
    """The service that would need the account has no program: the account is somebody's."""
    with d.hive('SAM') as h:
        user(h, 1001, 'ops')
    d.service('ops', r'C:\Program Files\ops\gone.exe', account=r'.\ops')


sam('account-named-like-that-of-a-product', 'Whoever knows the password logs on, whatever the account is called.', 'sshd', lambda h: user(h, 1001, 'sshd'))


@change(OTHERS, 'ops')
def account_of_a_service_that_nobody_starts(d):
    """A service that starts on demand, by nobody's, makes no use of the account."""
    with d.hive('SAM') as h:
        user(h, 1001, 'ops')
    d.service('ops', d.honest(r'C:\Program Files\ops\ops.exe'), start=3, account=r'.\ops')


@change(OTHERS, 'ops')
def account_of_a_service_that_is_signed(d):
    """Whoever set the service up knows the password that it logs on with."""
    with d.hive('SAM') as h:
        user(h, 1001, 'ops')
    d.service('ops', d.honest(r'C:\Program Files\ops\ops.exe'), account=r'.\ops')


change.row('nobody-is-part-of-the-system', 'SeTcbPrivilege (7) makes tokens of anybody; the account can be made later.', OTHERS, '-1009',
           lambda d: right(d, f'{text_of(MACHINE)}-1009', 0, [7]))

# --- the owner is locked out ---
change.row('administrator-at-no-hour', 'The hours of logon are 21 bytes of bits: none is set.', OWNER, 'Administrator', lambda d: about(d, 500, 11, bytes(21)))
change.row('password-for-a-minute', 'MaxPasswordAge (F+0x18, below zero, in 100 ns): network level authentication refuses a password that is over.', OWNER, 'Domains\\Account',
           lambda d: rules(d, '<q', 0x18, -600_000_000, 0x210))


@change(OWNER, 'Domains\\Account')
def one_mistake_locks_the_administrator(d):
    """LockoutThreshold (F+0x54) of 1, DOMAIN_LOCKOUT_ADMINS (8) among the properties at F+0x4C, for ever."""
    rules(d, '<q', 0x30, -2 ** 63)
    rules(d, '<I', 0x4C, 8)
    rules(d, '<H', 0x54, 1)


change.row('administrator-of-one-machine', 'The account logs on from the machine of that name alone.', OWNER, 'Administrator',
           lambda d: about(d, 500, 10, 'HQ-PC'.encode('utf-16-le')))
change.row('local-accounts-are-denied', 'SeDenyNetworkLogonRight (0x80) of S-1-5-113: no local account logs on over the network.', OWNER, 'S-1-5-113',
           lambda d: right(d, 'S-1-5-113', 0x80))
change.row('local-administrators-are-denied', 'SeDenyInteractiveLogonRight (0x40) of S-1-5-114.', OWNER, 'S-1-5-114', lambda d: right(d, 'S-1-5-114', 0x40))


@change(OWNER, 'S-1-5-32-546')
def administrator_among_guests_who_are_denied(d):
    """Administrator is a member of Guests, whom a usual policy keeps from every logon."""
    with d.hive('SAM') as h:
        alias(h, 546, 'Guests', [hives.sid(*MACHINE, 501), hives.sid(*MACHINE, 500)])
    right(d, 'S-1-5-32-546', 0x8C0)


change.row('administrator-expired', 'An account that expired does not log on.', OWNER, 'Administrator', lambda d: record(d, 500, '<Q', 131000000000000000, 0x20))
change.row('administrator-expires', 'After that day the owner is locked out.', OWNER, 'Administrator', lambda d: record(d, 500, '<Q', 134500000000000000, 0x20))
change.row('administrator-by-smart-card', 'The flag 0x1000 demands a smart card, and a copy has none.', OWNER, 'Administrator', lambda d: record(d, 500, '<H', 0x1010, 0x38))

# --- logged on by itself ---


change.row('empty-passwords-over-the-network', 'LimitBlankPasswordUse 0: an account without a password, as setup leaves one, is open to all.', PASSWORDS, 'LimitBlankPasswordUse',
           lambda d: d.system(rf'{CONTROL}\Lsa', 'LimitBlankPasswordUse', DWORD, 0))


@change(PASSWORDS, 'AutoAdminLogon')
def logon_by_itself(d):
    """winlogon.exe logs on DefaultUserName, here without a password that stands in the registry."""
    d.software(rf'{NT}\Winlogon', 'AutoAdminLogon', SZ, '1')
    d.software(rf'{NT}\Winlogon', 'DefaultUserName', SZ, 'cloudbase-init')


change.row('logon-by-itself-as-a-number', 'AutoAdminLogon is a text; how a number is read is not known.', PASSWORDS, 'AutoAdminLogon',
           lambda d: d.software(rf'{NT}\Winlogon', 'AutoAdminLogon', DWORD, 1))


# --- what a logon brings with it ---
change.row('logon-script-of-an-account', 'The record of an account names a script that its logon runs.', 'WIN-PERSIST-001', '000001F4', lambda d: (
    about(d, 500, 8, wide('a.bat')), d.put(r'Windows\System32\repl\import\scripts\a.bat', 'powershell -enc SQBFAFgA\r\n')))
change.row('profile-of-an-account', 'The record of an account names a profile that its logon loads.', 'WIN-PERSIST-001', '000001F4',
           lambda d: about(d, 500, 9, wide(r'C:\PD\roam')))


@change(OTHERS, 'cloudbase-init')
def account_without_its_service(d):
    """The service runs as the system; the administrator that its name explains stays, with a password that its maker knows."""
    d.system(rf'{SERVICES}\cloudbase-init', 'ObjectName', SZ, 'LocalSystem')
sam('strangers-start-objects', 'Members of 562 start objects of COM from afar; S-1-5-7 is who has no password.', 'S-1-5-7', lambda h: alias(h, 562, 'Distributed COM Users', [hives.sid(7)]))
change.row('passwords-of-127-letters', 'No generated password is as long as that.', OWNER, 'Account', lambda d: rules(d, '<H', 0x50, 127))
change.row('locked-by-one-mistake', 'One wrong password of a stranger locks an account.', OWNER, 'Account', lambda d: rules(d, '<H', 0x54, 1))
