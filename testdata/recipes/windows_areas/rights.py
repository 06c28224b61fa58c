"""Who may do what: access lists of files and keys, and descriptors in values."""
from access_lists import ADMINISTRATORS, ALL, INHERIT, INHERITED, MODIFY, READ, SYSTEM, USERS, descriptor
from windows_disk import *

change = Changes()
CLOUDBASE, SECURITY_AGENT, MONITOR, SETTINGS = 'WIN-CBI-001', 'WIN-AGENT-001', 'WIN-AGENT-002', 'WIN-DEF-002'
EVERYONE, ANONYMOUS, AUTHENTICATED, INTERACTIVE, GUESTS = 'S-1-1-0', 'S-1-5-7', 'S-1-5-11', 'S-1-5-4', 'S-1-5-32-546'
KEY_ALL, KEY_READ = 0xF003F, 0x20019
MACHINE = ((0, ALL, SYSTEM), (0, ALL, ADMINISTRATORS))


def denied(name, why, check, path, *entries):
    change.row(name, why, check, path.rpartition('\\')[2], lambda d: d.access(path, *entries))


# --- what does not let SYSTEM in ---
denied('monitor-denied-to-system', 'What denies stands first: the program is not started.', MONITOR, r'win-agent\win-agent.exe', (0, ALL, SYSTEM, True), *MACHINE)
denied('agent-denied-to-administrators', 'SYSTEM is an administrator, too.', SECURITY_AGENT, r'WinAgent\WinAgent.exe', (0, 0x20, ADMINISTRATORS, True), *MACHINE)
denied('agent-for-users-alone', 'The list names SYSTEM nowhere; an empty one would do the same.', SECURITY_AGENT, r'WinAgent\WinAgent.exe', (0, READ, 'S-1-5-21-1-2-3-1001'))
denied('python-denied-to-administrators', 'cloudbase-init, an administrator, starts Python.', CLOUDBASE, rf'{CBI[3:]}\Python\python.exe', (0, ALL, ADMINISTRATORS, True), *MACHINE)
denied('library-denied-to-services', 'Each service is one of the group of services.', MONITOR, r'win-agent\adssensor.dll', (0, 1, 'S-1-5-6', True), *MACHINE)
denied('folder-of-cloudbase-denied', 'The folder can\'t be listed: Python finds no module.', CLOUDBASE, rf'{CBI[3:]}\Python', (0, ALL, EVERYONE, True))


@change(MONITOR, r'Services\win-agent')
def key_denied_to_system(d):
    """The service control manager can't read the key."""
    d.access_of_key('SYSTEM', rf'{SERVICES}\win-agent', (0, KEY_ALL, SYSTEM, True), (0, KEY_ALL, ADMINISTRATORS))


# --- what lets others in ---
def open_to(name, why, path, *entries):
    change.row(name, why, SETTINGS, path.rpartition('\\')[2], lambda d: d.access(path, *entries))


open_to('monitor-written-by-users', 'Who writes the program is SYSTEM at the next start.', r'win-agent\win-agent.exe', *MACHINE, (0, MODIFY, USERS))
open_to('agent-written-by-whom-linux-lets', 'The list that ntfs-3g gives: everybody may do everything.', r'WinAgent\WinAgent.exe', (INHERIT, ALL, EVERYONE))
open_to('agent-given-to-guests', 'Who changes the list may do everything.', r'WinAgent', *MACHINE, (INHERIT, 0x40000, GUESTS))
open_to('agent-folder-handed-on', 'Rights that look as if they came from the root, but for whom Windows gives none there.', r'WinAgent', *MACHINE, (INHERIT | INHERITED, MODIFY, INTERACTIVE))
open_to('agent-of-one-user', 'An account of the image that is no administrator.', r'win-agent', *MACHINE, (INHERIT, MODIFY, 'S-1-5-21-1111111111-2222222222-3333333333-1007'))
open_to('hives-read-by-users', 'The hashes of passwords are in it (CVE-2021-36934).', r'Windows\System32\config\SAM', *MACHINE, (INHERITED, READ, USERS))
open_to('hives-written-by-packages', 'Programs from the shop may write it.', r'Windows\System32\config\SYSTEM', *MACHINE, (0, 0x12019F, 'S-1-15-2-1'))
open_to('libraries-beside-those-of-windows', 'A library there is found before all others.', r'Windows\System32', *MACHINE, (0, READ | 2, AUTHENTICATED))
open_to('drivers-deleted-by-users', 'Who deletes what is in the folder puts something else there.', r'Windows\System32\drivers', *MACHINE, (0, READ | 0x40, USERS))
open_to('a-driver-taken-by-everybody', 'The owner of a file may change its list.', r'Windows\System32\drivers\viostor.sys', *MACHINE, (0, 0x80000, EVERYONE))


def open_key(name, why, hive, key, *entries):
    change.row(name, why, SETTINGS, key.rpartition('\\')[2], lambda d: d.access_of_key(hive, key, *entries))


open_key('key-of-an-agent-open', 'Its program is a value there.', 'SYSTEM', rf'{SERVICES}\WinAgent', (0, KEY_ALL, SYSTEM), (0, 2, AUTHENTICATED))
open_key('services-made-by-users', 'A key below Services is a service.', 'SYSTEM', SERVICES, (0, KEY_ALL, SYSTEM), (0, KEY_READ | 4, USERS))
open_key('debuggers-set-by-users', 'A debugger runs in place of its program.', 'SOFTWARE', rf'{NT}\Image File Execution Options', (0, KEY_ALL, SYSTEM), (0, 0x20006, INTERACTIVE))
open_key('accounts-read-by-users', 'The hashes of passwords stand there.', 'SAM', r'SAM\Domains\Account\Users', (0, KEY_ALL, SYSTEM), (0, KEY_READ, USERS))


# --- descriptors in values ---
def value(name, why, hive, key, entry, *entries):
    change.row(name, why, SETTINGS, entry, lambda d: d.value(hive, key, entry, BINARY, descriptor(entries, SYSTEM)))


def text(name, why, hive, key, entry, sddl):
    change.row(name, why, SETTINGS, entry, lambda d: d.value(hive, key, entry, SZ, sddl))


WINDOWS_SHARES = rf'{SERVICES}\LanmanServer\DefaultSecurity'
value('service-changed-by-remote-users', 'Who changes its program is SYSTEM.', 'SYSTEM', rf'{SERVICES}\Winmgmt\Security', 'Security', (0, 0xF01FF, SYSTEM), (0, 2, 'S-1-5-32-555'))
value('services-made-by-everybody', 'SC_MANAGER_CREATE_SERVICE.', 'SYSTEM', rf'{CONTROL}\ServiceGroupOrder\Security', 'Security', (0, 0xF003F, SYSTEM), (0, 3, AUTHENTICATED))
value('desktop-for-guests', 'Guests log on by the remote desktop.', 'SYSTEM', rf'{CONTROL}\Terminal Server\WinStations\RDP-Tcp', 'Security', (0, 0xF03BF, SYSTEM), (0, 0xF03BF, ADMINISTRATORS),
      (0, 0x121, GUESTS))
value('desktop-without-administrators', 'What denies stands first.', 'SYSTEM', rf'{CONTROL}\Terminal Server\WinStations\RDP-Tcp', 'Security', (0, 0x20, ADMINISTRATORS, True),
      (0, 0xF03BF, ADMINISTRATORS))
value('shares-made-by-everybody', 'Everybody sets what is shared.', 'SYSTEM', WINDOWS_SHARES, 'SrvsvcShareFileInfo', (0, 0xF0013, EVERYONE))
value('classes-started-by-everybody', 'From afar, without a name.', 'SOFTWARE', r'Microsoft\Ole', 'MachineLaunchRestriction', (0, 0x1F, ADMINISTRATORS), (0, 0x1F, EVERYONE))
value('wmi-started-from-afar', 'Every user starts the class from afar.', 'SOFTWARE', r'Classes\AppID\{DEADBEEF-1111-2222-3333-444455556666}', 'LaunchPermission', (0, 0x1F, USERS))
text('log-cleared-by-everybody', 'Everybody clears the log of logons.', 'SYSTEM', rf'{SERVICES}\EventLog\Security', 'CustomSD', 'O:BAG:SYD:(A;;0xf0005;;;SY)(A;;0x4;;;AU)')
text('remote-management-for-users', 'Users carry out everything by WinRM.', 'SOFTWARE', rf'{CURRENT}\WSMAN\Service', 'rootSDDL', 'O:NSG:BAD:P(A;;GA;;;BA)(A;;GXGW;;;BU)')
text('accounts-listed-from-afar', 'Everybody asks for the accounts from afar.', 'SYSTEM', rf'{CONTROL}\Lsa', 'RestrictRemoteSam', 'O:BAG:BAD:(A;;RC;;;BA)(A;;RC;;;AN)')
text('plug-in-for-everybody', 'Everybody opens a shell by WinRM.', 'SOFTWARE', rf'{CURRENT}\WSMAN\Plugin\x', 'ConfigXML',
     '<PlugInConfiguration Filename="%windir%\\system32\\pwrshplugin.dll"><Resources><Resource><Security Sddl="O:NSG:BAD:P(A;;GA;;;WD)"/></Resource></Resources></PlugInConfiguration>')
