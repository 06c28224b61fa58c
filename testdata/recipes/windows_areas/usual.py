"""Honest systems: what Windows itself, a usual script, and products of trusted makers leave. No check may tell more than without it."""
import access_lists
import boot_configuration
from boot_configuration import LOADER, MANAGER, YES
from windows_disk import *

from . import accounts, boot, desktop, tasks

change = Changes()
PRODUCT = r'C:\Program Files\My App'
RUN, WINLOGON = rf'{CURRENT}\Run', rf'{NT}\Winlogon'
POWERSHELL = r'WindowsPowerShell\v1.0\powershell.exe'


def usual(name, why, make, warns=None):
    """`warns` is a check that may warn."""
    change.row(name, why, warns, None, make)


def values(d, hive, key, kind, **entries):
    with d.hive(hive) as h:
        for entry, data in entries.items():
            h.set(key, entry, kind, data)


# --- the first start ---
COMPLETE = r'Windows\Setup\Scripts\SetupComplete.cmd'
START = 'sc config cloudbase-init start= auto && net start cloudbase-init\r\n'
usual('usual-first-start', 'The script activates Windows, starts cloudbase-init, notes that it ran, and removes the answers.', lambda d: (d.windows('cscript.exe'), d.put(
    COMPLETE, '@echo off\r\nrem Nach der Einrichtung\r\ncscript //b %windir%\\system32\\slmgr.vbs /skms kms.tencentyun.com:1688\r\ncscript //b %windir%\\system32\\slmgr.vbs /ato\r\n'
    + START + 'reg add "HKLM\\SOFTWARE\\My Company\\App" /v Done /t REG_DWORD /d 1 /f >nul 2>&1\r\n'
    'powershell -NoProfile -ExecutionPolicy Bypass -File C:\\Windows\\Setup\\Scripts\\post.ps1\r\n'
    'if exist %windir%\\Panther\\unattend.xml del /q %windir%\\Panther\\unattend.xml\r\nexit /b 0\r\n'),
    d.put(r'Windows\Setup\Scripts\post.ps1', 'Write-Host "done"\r\nStart-Service cloudbase-init\r\n')))
usual('first-start-with-a-log', 'The script writes a log, waits, sets the clock, and removes itself.', lambda d: d.put(
    COMPLETE, 'echo %date% %time% start >> %windir%\\Temp\\setup.log\r\n' + START
    + 'timeout /t 10 /nobreak > nul\r\nnet start W32Time\r\nw32tm /resync\r\ndel /f /q "%~f0"\r\n'))
PASS = '<settings pass="{}"><component name="{}">{}</component></settings>'
COMMAND = (rf'cmd.exe /c ""{CBI}\Python\Scripts\cloudbase-init.exe" --config-file "{CBI}\conf\cloudbase-init-unattend.conf" &amp;&amp; exit 1 || exit 2"')
usual('answers-of-cloudbase-init', 'Its installer gives such answers to sysprep: cloudbase-init runs in the pass specialize.', lambda d: (
    d.put(rf'{CBI}\conf\Unattend.xml', '<?xml version="1.0"?><unattend xmlns="urn:schemas-microsoft-com:unattend"></unattend>'),
    d.put(r'Windows\Panther\unattend.xml', '<?xml version="1.0" encoding="utf-8"?><unattend xmlns="urn:schemas-microsoft-com:unattend">'
          + PASS.format('generalize', 'Microsoft-Windows-PnpSysprep', '<PersistAllDeviceInstalls>true</PersistAllDeviceInstalls>')
          + PASS.format('oobeSystem', 'Microsoft-Windows-Shell-Setup', '<OOBE><HideEULAPage>true</HideEULAPage></OOBE>')
          + PASS.format('specialize', 'Microsoft-Windows-Deployment', '<RunSynchronous><RunSynchronousCommand><Order>1</Order>'
                        f'<Path>{COMMAND}</Path></RunSynchronousCommand></RunSynchronous>') + '</unattend>')))



def first_start(name, why, text, encoding='utf-8'):
    usual(name, why, lambda d: d.put(COMPLETE, (text.strip().replace('\n', '\r\n') + '\r\n' + START).encode(encoding)))


first_start('first-start-sets-the-remote-management', 'WinRM with limits of its own, encrypted and by accounts of the machine.', """
call winrm quickconfig -q
winrm quickconfig -quiet -force
winrm set winrm/config @{MaxTimeoutms="1800000"}
winrm set winrm/config/winrs @{MaxMemoryPerShellMB="1024"}
winrm set winrm/config/service @{AllowUnencrypted="false"}
winrm set winrm/config/service/auth @{Basic="false";Kerberos="true"}
winrm create winrm/config/listener?Address=*+Transport=HTTPS @{Hostname="";CertificateThumbprint=""}
winrm enumerate winrm/config/listener
powershell -Command Enable-PSRemoting -Force
powershell -NoProfile -Command "Set-ExecutionPolicy RemoteSigned -Force"
""")
RULE = 'netsh advfirewall firewall add rule name="{}" dir=in action=allow protocol=TCP localport={}\n'
first_start('first-start-opens-usual-ports', 'Rules for the remote desktop and the web, in code page 936.',
            RULE.format('远程桌面', 3389) + RULE.format('网站', '80,443') + 'netsh advfirewall firewall add rule name="Ping" protocol=icmpv4:8,any dir=in action=allow\n'
            'powershell -Command "New-NetFirewallRule -DisplayName \'HTTP\' -Direction Inbound -Protocol TCP -LocalPort 80 -Action Allow"', 'gbk')
first_start('first-start-of-a-web-server', 'Features of Windows, IIS, addresses by DHCP, updates that a person confirms.', """
@echo off
:: 首次启动
dism /online /enable-feature /featurename:IIS-WebServer /all /norestart
powershell -Command "Install-WindowsFeature Web-Server,Web-Asp-Net45 -IncludeManagementTools"
iisreset /restart
netsh interface ip set address name="Ethernet" source=dhcp
netsh interface ip set dns name="Ethernet" source=dhcp
powershell -Command "Get-NetAdapter | Set-NetIPInterface -Dhcp Enabled"
reg add "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU" /v AUOptions /t REG_DWORD /d 3 /f
wmic useraccount where name="Administrator" set PasswordExpires=FALSE
""", 'gbk')
first_start('first-start-tunes-the-network', 'Settings of TCP, sizes of packets, tunnels that are off, ports for clients, the clock, marks and access of folders.', """
netsh int tcp set global autotuninglevel=normal rss=enabled
netsh interface ipv4 set subinterface "Ethernet" mtu=1400 store=persistent
netsh interface teredo set state disabled
netsh interface isatap set state disabled
netsh int ipv4 set dynamicport tcp start=10000 num=55000
w32tm /unregister
w32tm /register
w32tm /resync /nowait
attrib +h C:\\Recovery
icacls C:\\inetpub\\logs /inheritance:r /grant:r SYSTEM:(OI)(CI)F Administrators:(OI)(CI)F
reagentc /enable
""")
SETTING = '<settings pass="{}"><component name="{}">{}</component></settings>'
usual('account-of-cloudbase-init-hidden', 'An account of a service is of no use on the logon screen.', lambda d: d.software(
    r'Microsoft\Windows NT\CurrentVersion\Winlogon\SpecialAccounts\UserList', 'cloudbase-init', DWORD, 0))
usual('answers-that-change-nothing', 'Nobody is logged on by himself, and the rest is what Windows does without it.', lambda d: d.put(
    r'Windows\Panther\unattend.xml', '<?xml version="1.0" encoding="utf-8"?><unattend xmlns="urn:schemas-microsoft-com:unattend">'
    + SETTING.format('oobeSystem', 'Microsoft-Windows-Shell-Setup', '<AutoLogon><Enabled>false</Enabled><Username>Administrator</Username><LogonCount>1</LogonCount></AutoLogon>'
                     '<StartPanelOff>true</StartPanelOff><DesktopOptimization><GoToDesktopOnSignIn>true</GoToDesktopOnSignIn></DesktopOptimization>')
    + SETTING.format('specialize', 'Microsoft-Windows-TCPIP', '<Interfaces><Interface><Ipv6Settings><DhcpEnabled>true</DhcpEnabled></Ipv6Settings></Interface></Interfaces>')
    + SETTING.format('specialize', 'Security-Malware-Windows-Defender', '<DisableAntiSpyware>false</DisableAntiSpyware>')
    + SETTING.format('specialize', 'Microsoft-Windows-WinRE-RecoveryAgent', '<UninstallWindowsRE>false</UninstallWindowsRE>')
    + SETTING.format('specialize', 'Microsoft-Windows-IE-InternetExplorer', '<Home_Page>about:blank</Home_Page>') + '</unattend>'))
usual('first-start-of-a-product', 'The script changes to a folder, starts a signed program there, waits, sets the power, and restarts at its end.', lambda d: (
    d.honest(rf'{PRODUCT}\register.exe'), d.windows('ping.exe', 'powercfg.exe', 'timeout.exe'), d.put(
        COMPLETE, START + 'set LOG=%windir%\\Temp\\setup.log\r\nset "MODE=first start"\r\nset PYTHONIOENCODING=utf-8\r\ncd /d "C:\\Program Files\\My App"\r\nregister.exe -silent\r\n'
        'ping -n 30 127.0.0.1 > nul\r\ntimeout /t 60 /nobreak\r\necho %MODE% >> %LOG%\r\npowercfg -h off\r\npowercfg /setactive SCHEME_MIN\r\n'
        'powercfg /change standby-timeout-ac 0\r\nreg add "HKLM\\SOFTWARE\\My Company\\App" /v Home /d "C:\\Program Files\\My App" /f\r\n'
        'rd /s /q C:\\ProgramData\\MyInstaller\r\nbcdedit /timeout 10\r\nshutdown /r /t 5\r\ndel /f /q "%~f0"\r\nexit /b 0\r\n')))
usual('scripts-of-a-product', 'The script starts others by their names, one of them twice, asks PowerShell with several options, and keeps a key.', lambda d: (
    d.windows('ping.exe', 'reg.exe', r'WindowsPowerShell\v1.0\powershell.exe'), d.put(r'Windows\Setup\Scripts\tidy.cmd', 'echo %1\r\nping -n 5 127.0.0.1 > nul\r\n'),
    d.put(r'Windows\Setup\Scripts\zone.ps1', "Write-Host 'zone'\r\n"), d.put(
        COMPLETE, START + 'call tidy first\r\ncall tidy second\r\ncall %~dp0tidy.cmd third\r\ncall "C:\\Program Files\\My App\\none.cmd"\r\n'
        'powershell -NoLogo -NonInteractive -OutputFormat Text -InputFormat None -WindowStyle Hidden -ExecutionPolicy Bypass -Command "Get-Date; Write-Host done"\r\n'
        'powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0zone.ps1" a\r\nreg export "HKLM\\SOFTWARE\\My Company" %windir%\\Temp\\before.log /y\r\n'
        'taskkill /f /im explorer.exe\r\nexit /b 0\r\n')))
usual('waiting-for-a-service', 'The script asks again until the service runs.', lambda d: d.put(
    COMPLETE, START + ':again\r\nsc query cloudbase-init | find "RUNNING" && goto done\r\ntimeout /t 5 /nobreak\r\ngoto again\r\n:done\r\nexit /b 0\r\n'))
usual('recovery-of-a-default-installation', 'ReAgent.xml as reagentc writes it.', lambda d: d.put(r'Windows\System32\Recovery\ReAgent.xml', (
    "<?xml version='1.0' encoding='utf-8'?>\r\n<WindowsRE version=\"2.0\">\r\n  <WinreBCD id=\"{11111111-2222-3333-4444-555555555555}\"/>\r\n"
    '  <WinreLocation path="\\Recovery\\WindowsRE" id="0" offset="1048576" guid="{00000000-0000-0000-0000-000000000000}"/>\r\n'
    '  <ImageLocation path="" id="0" offset="0" guid="{00000000-0000-0000-0000-000000000000}"/>\r\n  <PBRImageLocation path="" id="0" offset="0" guid="" index="0"/>\r\n'
    '  <InstallState state="1"/>\r\n  <OsInstallAvailable state="0"/>\r\n  <CustomImageAvailable state="0"/>\r\n  <IsAutoRepairOn state="1"/>\r\n'
    '  <OperationParam path=""/>\r\n  <OsBuildVersion path="17763.1.amd64fre.rs5_release.180914-1434"/>\r\n  <OemTool state="0"/>\r\n'
    '  <ScheduledOperation state="4"/>\r\n</WindowsRE>\r\n')))
usual('transfers-of-windows', 'The queue of BITS with what Windows Update and a browser fetched.', lambda d: d.put(
    r'ProgramData\Microsoft\Network\Downloader\qmgr.db', bytes(99) + b'\0\0'.join(wide(t + '\0') for t in (
        'http://au.download.windowsupdate.com/c/msdownload/update/x.cab', r'C:\Windows\SoftwareDistribution\Download\0123\x.cab',
        'https://msedge.b.tlu.dl.delivery.mp.microsoft.com/filestreamingservice/files/0?P1=1', r'C:\Windows\SystemTemp\msedge_url_fetcher\MicrosoftEdge_X64.exe')) + bytes(99)))
usual('ports-of-printers', 'The ports that Windows has.', lambda d: [d.software(rf'{NT}\Ports', port, SZ, '') for port in (
    'COM1:', 'LPT1:', 'FILE:', 'nul:', 'PORTPROMPT:', 'Ne00:', 'XPSPort:', r'\\print.example.com\Office')])
usual('folders-of-the-machine', 'Where Windows says that its folders are.', lambda d: (
    values(d, 'SOFTWARE', CURRENT, SZ, **{'ProgramFilesDir': r'C:\Program Files', 'ProgramFilesDir (x86)': r'C:\Program Files (x86)', 'ProgramW6432Dir': r'C:\Program Files',
                                          'CommonFilesDir': r'C:\Program Files\Common Files', 'CommonFilesDir (x86)': r'C:\Program Files (x86)\Common Files'}),
    values(d, 'SOFTWARE', CURRENT, EXPAND, ProgramFilesPath='%ProgramFiles%', DevicePath=r'%SystemRoot%\inf'),
    values(d, 'SOFTWARE', CURRENT.replace('Microsoft', r'Wow6432Node\Microsoft', 1), SZ, ProgramFilesDir=r'C:\Program Files (x86)'),
    values(d, 'SOFTWARE', rf'{NT}\ProfileList', EXPAND, ProfilesDirectory=r'%SystemDrive%\Users', Default=r'%SystemDrive%\Users\Default',
           Public=r'%SystemDrive%\Users\Public', ProgramData=r'%SystemDrive%\ProgramData')))
usual('applications-of-windows', 'Packages of Windows and of the store.', lambda d: [
    d.software(rf'{CURRENT}\Appx\AppxAllUserStore\{part}\{name}', 'Path', SZ, path) for part, name, path in (
        ('InboxApplications', 'Microsoft.Windows.CloudExperienceHost_10.0_neutral_neutral_cw5n1h2txyewy',
         r'C:\Windows\SystemApps\Microsoft.Windows.CloudExperienceHost_cw5n1h2txyewy\AppxManifest.xml'),
        ('Applications', 'Microsoft.DesktopAppInstaller_1_neutral_~_8wekyb3d8bbwe',
         r'C:\Program Files\WindowsApps\Microsoft.DesktopAppInstaller_1_neutral_~_8wekyb3d8bbwe\AppxMetadata\AppxBundleManifest.xml'))])
POLICIES = r'Software\Policies\Microsoft\Windows'
usual('policies-of-a-baseline', 'LGPO writes the values of a security baseline to Registry.pol.', lambda d: d.put(
    r'Windows\System32\GroupPolicy\Machine\Registry.pol', registry_policy(*((key, name, DWORD, number.to_bytes(4, 'little')) for key, name, number in (
        (rf'{POLICIES}\Personalization', 'NoLockScreenCamera', 1), (rf'{POLICIES}\EventLog\Security', 'MaxSize', 196608),
        (rf'{POLICIES}\PowerShell\ScriptBlockLogging', 'EnableScriptBlockLogging', 1),
        (r'Software\Microsoft\Windows\CurrentVersion\Policies\Explorer', 'NoDriveTypeAutoRun', 255))))))
MICROSOFT = r'Software\Policies\Microsoft'
usual('policies-of-a-baseline-that-checks-read', 'Registry.pol with values at keys of Defender, the firewall, the clock, printers and the remote desktop.', lambda d: d.put(
    r'Windows\System32\GroupPolicy\Machine\Registry.pol', registry_policy(*((rf'{MICROSOFT}\{key}', name, DWORD, number.to_bytes(4, 'little')) for key, name, number in (
        ('Windows Defender', 'DisableAntiSpyware', 0), ('Windows Defender', 'PUAProtection', 1), (r'Windows Defender\Real-Time Protection', 'DisableRealtimeMonitoring', 0),
        (r'W32Time\TimeProviders\NtpClient', 'Enabled', 1), (r'W32Time\TimeProviders\NtpServer', 'Enabled', 0), (r'WindowsFirewall\PublicProfile', 'EnableFirewall', 1),
        (r'WindowsFirewall\PublicProfile', 'DefaultInboundAction', 1), (r'Windows NT\Terminal Services', 'SecurityLayer', 2),
        (r'Windows NT\Terminal Services', 'MinEncryptionLevel', 3), (r'Windows NT\Printers\PointAndPrint', 'RestrictDriverInstallationToAdministrators', 1),
        (r'Windows\Installer', 'AlwaysInstallElevated', 0), (r'Windows NT\DNSClient', 'EnableMulticast', 0), (r'Windows\WinRM\Service', 'AllowBasic', 0),
        (r'Windows\WindowsUpdate\AU', 'AUOptions', 4))))))

# --- services ---
usual('agent-that-depends-on-windows', 'Dependencies that are there and start.', lambda d: d.system(rf'{SERVICES}\WinAgent', 'DependOnService', MULTI, ['RpcSs', 'Tcpip']))
usual('agent-that-may-show-windows', 'SERVICE_INTERACTIVE_PROCESS is a flag of old services.', lambda d: d.system(rf'{SERVICES}\WinAgent', 'Type', DWORD, 0x110))
PTH = ("import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
       "enabled and __import__('_distutils_hack').add_shim(); \n")
usual('modules-of-python', 'pywin32 and setuptools bring .pth files.', lambda d: (
    d.put(rf'{CBI}\Python\Lib\site-packages\pywin32.pth', '# .pth file for the PyWin32 extensions\r\nwin32\r\nwin32\\lib\r\nPythonwin\r\n# And some hackery\r\nimport pywin32_bootstrap\r\n'),
    d.put(rf'{CBI}\Python\Lib\site-packages\distutils-precedence.pth', PTH)))
usual('released-modules', 'Files of iso8601 1.0.0 as pip puts them, with either newline, and a compiled one that is older than its source.', lambda d: (
    d.put(rf'{CBI}\Python\Lib\site-packages\iso8601\__init__.py', 'from .iso8601 import *\r\n'),
    d.put(rf'{CBI}\Python\Lib\site-packages\iso8601\__pycache__\__init__.cpython-311.pyc', struct.pack('<IIII', 0x0A0D0DA7, 0, 1600000000, 23) + bytes(40))))
usual('hosts-of-a-developer', 'Names of a product at home, and one of advertisements nowhere.', lambda d: d.put(
    r'Windows\System32\drivers\etc\hosts', '127.0.0.1 localhost shop.local\r\n0.0.0.0 ads.example.com\r\n'), warns='WIN-DEF-002')
usual('configuration-of-the-installer', 'cloudbase-init.conf with all that its installer writes.', lambda d: (d.put(rf'{CBI}\log\cloudbase-init.log', 'x'), d.edit(CONFIG, 'username=', (
    f'bsdtar_path={CBI}\\bin\\bsdtar.exe\nmtools_path={CBI}\\bin\\\nverbose=true\ndebug=true\nlogdir={CBI}\\log\\\nlocal_scripts_path={CBI}\\LocalScripts\\\n'
    'kms_host="kms.tencentyun.com"\nusername='))))
usual('options-of-the-log', 'Values of the types that oslo.log declares.', lambda d: (d.folder('logs'), d.edit(CONFIG, 'username=', (
    'log_dir=C:\\logs\nlog_file=cloudbase-init.log\nlog_rotation_type=Size\nmax_logfile_count=3\nmax_logfile_size_mb=10\nuse_syslog=false\n'
    'default_log_levels=comtypes=INFO,suds=INFO,iso8601=WARN,requests=WARN\nlogging_serial_port_settings=COM1,115200,N,8\nlog_date_format=%Y-%m-%d\nusername='))))
WINSW = ('<service><id>gate</id><name>Gate</name><description>x</description><env name="GATE_HOME" value="%BASE%"/><executable>%BASE%\\gate.exe</executable>'
         '<arguments>--config "%BASE%\\gate.conf"</arguments><stoparguments>stop</stoparguments><logmode>rotate</logmode><onfailure action="restart"/></service>')


@change()
def program_run_by_winsw(d):
    """WinSW runs as a service what its XML names: here a signed program."""
    for name in ('gate-service.exe', 'gate.exe'):
        d.honest(rf'C:\gate\{name}')
    d.put(r'gate\gate-service.xml', WINSW)
    d.put(r'gate\gate.conf', 'port=8080\n')
    d.service('gate', r'"C:\gate\gate-service.exe"')
    d.usual_access('gate')


usual('folder-of-the-setup-removed', 'The script removes a folder right below the drive that is not there any more.', lambda d: d.put(COMPLETE, START + 'rd /s /q %SystemDrive%\\Sysprep\r\n'))
usual('addresses-asked-for', 'ipconfig that takes no address away.', lambda d: d.put(COMPLETE, START + 'ipconfig /flushdns\r\nipconfig /renew\r\nipconfig /all\r\n'))
usual('answers-without-network-level-authentication', 'Advice, as the same value of the registry is.', lambda d: d.put(
    r'Windows\Panther\unattend.xml', '<?xml version="1.0" encoding="utf-8"?><unattend xmlns="urn:schemas-microsoft-com:unattend">'
    + PASS.format('specialize', 'Microsoft-Windows-TerminalServices-RDP-WinStationExtensions', '<UserAuthentication>0</UserAuthentication>') + '</unattend>'), 'WIN-PERSIST-001')


@change()
def types_of_files(d):
    """A product's type is opened by its own signed program; Windows' own commands, from a real SOFTWARE hive."""
    d.windows('cmd.exe', 'wscript.exe', 'mshta.exe', POWERSHELL)
    d.honest(rf'{PRODUCT}\app.exe')
    for of, verb, text in (('App.Document', 'open', rf'"{PRODUCT}\app.exe" "%1"'), ('Directory', 'cmd', 'cmd.exe /s /k pushd "%V"'),
                           ('Directory', 'Powershell', "powershell.exe -noexit -command Set-Location -literalPath '%V'"),
                           ('VBSFile', 'Open', r'"%SystemRoot%\System32\WScript.exe" "%1" %*'), ('htafile', 'Open', r'C:\Windows\System32\mshta.exe "%1" %*')):
        d.software(rf'Classes\{of}\shell\{verb}\command', '', EXPAND, text)


def service(name, why, program, image, more=None):
    usual(name, why, lambda d: (d.honest(program), d.service('MyApp', image), more(d) if more else None))


service('program-below-users', 'A folder called Users that is none of a user.', rf'{PRODUCT}\Users\svc.exe', rf'"{PRODUCT}\Users\svc.exe"')
MYSQL = r'C:\Program Files\MySQL\MySQL Server 8.0\bin\mysqld.exe'
service('database', 'A signed program with its settings.', MYSQL, rf'"{MYSQL}" --defaults-file="C:\ProgramData\MySQL\MySQL Server 8.0\my.ini" MySQL80',
        lambda d: d.put(r'ProgramData\MySQL\MySQL Server 8.0\my.ini', '[mysqld]\r\nport=3306\r\ndatadir=C:/ProgramData/MySQL/MySQL Server 8.0/Data\r\n'))
service('folder-called-python', 'A program of that folder that is no interpreter.', r'C:\Python39\svc.exe', r'C:\Python39\svc.exe --endpoint https://api.example.com/')
service('runner', 'A signed program that gets folders as arguments.', r'C:\gitlab\gitlab-runner.exe',
        r'C:\gitlab\gitlab-runner.exe run --working-directory C:\gitlab --config C:\gitlab\config.toml --service gitlab-runner --syslog')
service('library-of-the-same-maker', 'A signed library beside a signed program.', rf'{PRODUCT}\svc.exe', rf'"{PRODUCT}\svc.exe"', lambda d: d.honest(rf'{PRODUCT}\core.dll'))
service('service-of-svchost', 'A signed library in svchost.exe.', rf'{PRODUCT}\svc.dll', r'%SystemRoot%\System32\svchost.exe -k netsvcs',
        lambda d: (d.system(rf'{SERVICES}\MyApp', 'Type', DWORD, 0x20), d.system(rf'{SERVICES}\MyApp\Parameters', 'ServiceDll', EXPAND, rf'{PRODUCT}\svc.dll')))
service('settings-of-a-service', 'A .config that says nothing of assemblies.', rf'{PRODUCT}\svc.exe', rf'"{PRODUCT}\svc.exe"', lambda d: d.put(
    rf'{PRODUCT}\svc.exe.config', '<configuration><startup><supportedRuntime version="v4.0"/></startup><appSettings><add key="a" value="b"/></appSettings></configuration>'))

usual('switched-off-service', 'A disabled service whose program nobody signed: it starts nothing, and is told.', lambda d: d.service(
    'MyOld', d.foreign(rf'{PRODUCT}\old.exe'), 4), 'WIN-PERSIST-003')
usual('services-of-the-first-start', 'FirstBoot names services of Windows and how they start.', lambda d: (
    d.service('MyApp', d.honest(rf'{PRODUCT}\svc.exe'), 4), d.system(r'Setup\FirstBoot\Services\MyApp', 'Start', DWORD, 3)))

# --- autostarts ---


def autostart(name, why, command, *programs, key=RUN, entry='My', kind=SZ, hive='SOFTWARE'):
    usual(name, why, lambda d: ([d.honest(p) for p in programs], d.value(hive, key, entry, kind, command)))


autostart('program-with-data-of-a-user', 'A signed program; its argument is a file of a user.', rf'"{PRODUCT}\tray.exe" --profile "C:\Users\Public\Documents\my.cfg"',
          rf'{PRODUCT}\tray.exe')
autostart('security-health', 'Windows\' own autostart.', r'%windir%\system32\SecurityHealthSystray.exe', r'C:\Windows\System32\SecurityHealthSystray.exe',
          entry='SecurityHealth', kind=EXPAND)
autostart('signed-program-by-cmd', 'A batch of Windows that starts a signed program.', rf'cmd.exe /c start "" "{PRODUCT}\tray.exe"', r'C:\Windows\System32\cmd.exe',
          rf'{PRODUCT}\tray.exe')
autostart('signed-library-by-rundll32', 'rundll32.exe with a signed library.', rf'rundll32.exe "{PRODUCT}\core.dll",Start', r'C:\Windows\System32\rundll32.exe',
          rf'{PRODUCT}\core.dll')
autostart('signed-program-of-a-user', 'A signed program in the folder of the user, as OneDrive has it.',
          r'"C:\Users\Administrator\AppData\Local\Microsoft\OneDrive\OneDrive.exe" /background',
          r'C:\Users\Administrator\AppData\Local\Microsoft\OneDrive\OneDrive.exe', key=rf'Software\{RUN}', hive='ADMINISTRATOR')
autostart('signed-set-up-of-users', 'Active Setup with a signed program.', rf'"{PRODUCT}\setup.exe" --configure-user-settings', rf'{PRODUCT}\setup.exe',
          key=r'Microsoft\Active Setup\Installed Components\{8A69D345-D564-463C-AFF1-A69D9E530F96}', entry='StubPath')
autostart('program-by-app-paths-that-is-signed', 'A name that App Paths leads to a signed program.', 'tray.exe', rf'{PRODUCT}\tray.exe', key=RUN)
change['program-by-app-paths-that-is-signed'].make = lambda d: (d.honest(rf'{PRODUCT}\tray.exe'), d.software(rf'{CURRENT}\App Paths\tray.exe', '', SZ, rf'{PRODUCT}\tray.exe'),
                                                                d.software(RUN, 'My', SZ, 'tray.exe'))
usual('path-with-libraries-that-nobody-signed', 'A compiler adds its folder; its libraries are named like none of Windows.', lambda d: (
    [d.foreign(rf'C:\mingw64\bin\{name}') for name in ('libwinpthread-1.dll', 'zlib1.dll', 'gcc.exe')], d.system(
        rf'{SESSION}\Environment', 'Path', EXPAND, r'%SystemRoot%\system32;%SystemRoot%;%SystemRoot%\System32\Wbem;%SYSTEMROOT%\System32\WindowsPowerShell\v1.0\;C:\mingw64\bin;D:\tools;%GONE%\bin')))
usual('documents-of-users', 'Documents as Windows has them.', lambda d: (
    d.user(r'Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders', 'Personal', EXPAND, r'%USERPROFILE%\Documents'),
    d.user(r'Software\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders', 'Personal', SZ, r'D:\Users\builder\Documents'),
    [d.software(rf'{CURRENT}\Explorer\FolderDescriptions\{{FDD39AD0-238F-46AF-ADB4-6C85480369C7}}', entry, SZ, text) for entry, text in (
        ('RelativePath', 'Documents'), ('ParentFolder', '{5E6C858F-0E22-4760-9AFE-EA3317B67173}'))]))
usual('sessions-of-powershell', 'The sessions that Windows offers have no configuration of somebody\'s.', lambda d: (
    d.windows('pwrshplugin.dll'), [d.software(rf'{CURRENT}\WSMAN\Plugin\{name}', 'ConfigXML', SZ, (
        f'<PlugInConfiguration xmlns="http://schemas.microsoft.com/wbem/wsman/1/config/PluginConfiguration" Name="{name}" '
        'Filename="%windir%\\system32\\pwrshplugin.dll" SDKVersion="2" XmlRenderingType="text"><InitializationParameters><Param Name="PSVersion" Value="5.1"/>'
        '</InitializationParameters></PlugInConfiguration>')) for name in ('microsoft.powershell', 'microsoft.powershell32')]))
usual('application-of-a-user-of-the-store', 'It lies in the folder of the store.', lambda d: (
    d.put(r'Program Files\WindowsApps\X_1.0.0.0_x64__8wekyb3d8bbwe\AppxManifest.xml', '<Package/>'), d.user(
        r'Software\Classes\Local Settings\Software\Microsoft\Windows\CurrentVersion\AppModel\Repository\Packages\X_1.0.0.0_x64__8wekyb3d8bbwe', 'PackageRootFolder',
        SZ, r'C:\Program Files\WindowsApps\X_1.0.0.0_x64__8wekyb3d8bbwe')))
usual('bytes-that-are-no-text', 'Numbers and lists of items that the shell keeps.', lambda d: (
    d.software(r'Microsoft\Unknown', 'State', BINARY, bytes(range(64))), d.user(r'Software\Microsoft\Unknown', 'Items', BINARY, 'notes.ps1\0'.encode('utf-16-le') + bytes(40))))
usual('management-for-the-networks-of-a-site', 'Private networks are no strangers.', lambda d: d.system(
    rf'{FIREWALL}\FirewallRules', 'x', SZ, IN + 'Protocol=6|LPort=5985|RA4=10.0.0.0/255.0.0.0|RA4=172.16.0.0/255.240.0.0|RA4=192.168.0.0/255.255.0.0|RA6=fc00::/7|Name=x|'))
usual('path-of-a-product', 'A product adds its folder to Path, behind Windows\' own.', lambda d: (d.honest(rf'{PRODUCT}\tray.exe'), d.system(
    rf'{SESSION}\Environment', 'Path', EXPAND, rf'%SystemRoot%\system32;%SystemRoot%;%SystemRoot%\System32\Wbem;{PRODUCT}')))
usual('link-to-a-signed-program', 'A link of Startup with an argument.', lambda d: (d.honest(rf'{PRODUCT}\tray.exe'), d.put(
    r'ProgramData\Microsoft\Windows\Start Menu\Programs\Startup\My App.lnk', link(rf'{PRODUCT}\tray.exe', '--minimized'))))
usual('values-of-the-logon', 'Userinit, Shell and VmApplet as Windows has them.', lambda d: (d.windows('userinit.exe'), values(
    d, 'SOFTWARE', WINLOGON, SZ, Userinit=r'C:\WINDOWS\system32\userinit.exe,', Shell='Explorer.exe', VmApplet='SystemPropertiesPerformance.exe /pagefile')))
usual('shell-of-a-server-core', 'A server without a desktop has this shell.', lambda d: (d.windows('cmd.exe', 'runonce.exe'), d.software(
    WINLOGON, 'Shell', SZ, 'cmd.exe /c "cd /d "%USERPROFILE%" & start cmd.exe /k runonce.exe /AlternateShellStartup"')))
usual('programs-of-files', 'exefile and batfile as Windows has them.', lambda d: [d.software(rf'Classes\{kind}\shell\open\command', '', SZ,
                                                                                             '"%1" %*') for kind in ('exefile', 'batfile', 'cmdfile')])

# --- tasks ---


def task(name, why, *action, programs=(), more=None, **how):
    usual(name, why, lambda d: ([d.honest(p) for p in programs], more(d) if more else None, d.task(rf'\My App\{name}', *action, **how)))


CLASS = '{5B0F0000-0000-4000-8000-0000000000C1}'
task('signed-task', 'A signed program with arguments.', rf'{PRODUCT}\update.exe', '/ua /installsource scheduler', programs=[rf'{PRODUCT}\update.exe'])
task('signed-handler-of-a-task', 'A class whose library is signed.', handler=CLASS, programs=[rf'{PRODUCT}\core.dll'], more=lambda d: d.com(CLASS, rf'{PRODUCT}\core.dll'))
task('signed-library-of-a-task', 'rundll32.exe with a signed library.', r'%windir%\system32\rundll32.exe', rf'"{PRODUCT}\core.dll",Tidy',
     programs=[r'C:\Windows\System32\rundll32.exe', rf'{PRODUCT}\core.dll'])
task('service-control-of-a-task', 'sc.exe starts a service of Windows.', r'%systemroot%\system32\sc.exe', 'start w32time task_started', programs=[r'C:\Windows\System32\sc.exe'])

# --- scripts that somebody vouches for ---
MODULES = r'Program Files\WindowsPowerShell\Modules'
HOSTS = [rf'C:\Windows\System32\{name}' for name in ('cscript.exe', 'wscript.exe', 'cmd.exe', POWERSHELL)]
usual('module-that-windows-lists', 'Windows\' own catalogs list modules below Program Files: Pester is on every server.',
      lambda d: d.listed('listed.psm1', rf'{MODULES}\Pester\3.4.0\Pester.psm1'))
usual('module-that-its-maker-signed', 'Scripts, descriptions and formats of a module from the gallery, each with its signature.', lambda d: [
    d.put(rf'{MODULES}\Thing\1.0\{name}', script(name)) for name in ('module.psm1', 'module.psd1', 'format.ps1xml', 'wide.ps1', 'utf8.ps1')])
task('signed-script-of-a-task', 'A script with the signature of its maker, as AllSigned asks for.', HOSTS[3], rf'-NoProfile -ExecutionPolicy AllSigned -File "{PRODUCT}\tidy.ps1" -Days 30',
     programs=HOSTS, more=lambda d: d.put(rf'{PRODUCT}\tidy.ps1', script('ascii.ps1')))
task('signed-script-of-the-script-host', 'One slash before a switch will do.', HOSTS[0], rf'/nologo /T:60 "{PRODUCT}\tidy.vbs"',
     programs=HOSTS, more=lambda d: d.put(rf'{PRODUCT}\tidy.vbs', script('host.vbs')))
task('counters-of-the-server-manager', 'A task of every server: whoever runs it gives the arguments.', r'%systemroot%\system32\cscript.exe',
     r'/B /nologo %systemroot%\system32\calluxxprovider.vbs $(Arg0) $(Arg1) $(Arg2)', programs=HOSTS,
     more=lambda d: d.listed('listed.vbs', r'C:\Windows\System32\calluxxprovider.vbs'))
task('script-of-windows-with-plain-words', 'A switch and a word say what to do, and carry nothing.', HOSTS[0], r'//nologo C:\Windows\System32\gather.vbs /all quiet', programs=HOSTS,
     more=lambda d: d.listed('listed.vbs', r'C:\Windows\System32\gather.vbs'))
task('batch-file-that-windows-lists', 'The inventory of every server: a batch file carries out code of its own.', r'%systemroot%\system32\cmd.exe',
     r'/d /c %systemroot%\system32\silcollector.cmd publish', programs=HOSTS, more=lambda d: d.listed('listed.cmd', r'C:\Windows\System32\silcollector.cmd'))
first_start('first-start-activates-in-a-batch', 'The hosts of scripts take one slash before the script, too.', 'cscript.exe /b %windir%\\system32\\slmgr.vbs /ato')
first_start('first-start-without-its-script', 'Only administrators can put a script there.', 'call %SystemRoot%\\Setup\\Scripts\\more.cmd')

DEFENDER = r'C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.24090.11-0'


@change()
def tasks_of_defender(d):
    """Defender with a newer platform: its services and the tasks that Windows has for it."""
    for name in ('MsMpEng.exe', 'MpCmdRun.exe', 'NisSrv.exe', 'MpClient.dll'):
        d.honest(rf'{DEFENDER}\{name}')
    d.service('WinDefend', rf'"{DEFENDER}\MsMpEng.exe"')
    d.service('WdNisSvc', rf'"{DEFENDER}\NisSrv.exe"', start=3, account=r'NT AUTHORITY\LocalService')
    for name, arguments in (('Cache Maintenance', '-IdleTask -TaskName WdCacheMaintenance'), ('Cleanup', '-IdleTask -TaskName WdCleanup'),
                            ('Scheduled Scan', 'Scan -ScheduleJob -ScanTrigger 55 -IdleScheduledJob'), ('Verification', '-IdleTask -TaskName WdVerification')):
        d.task(rf'\Microsoft\Windows\Windows Defender\Windows Defender {name}', rf'{DEFENDER}\MpCmdRun.exe', arguments)


@change()
def debuggers_of_crashes(d):
    """The debuggers of Visual Studio and of the kits, as their installers set them."""
    d.windows('vsjitdebugger.exe')
    windbg = d.honest(r'C:\Program Files (x86)\Windows Kits\10\Debuggers\x64\windbg.exe')
    d.software(rf'{NT}\AeDebug', 'Debugger', SZ, r'"C:\Windows\system32\vsjitdebugger.exe" -p %ld -e %ld -j 0x%p')
    d.software(rf'Wow6432Node\{NT}\AeDebug', 'Debugger', SZ, rf'"{windbg}" -p %ld -e %ld -g')


usual('shell-that-is-powershell', 'A server without a desktop whose shell an administrator set as the manual says.', lambda d: (
    d.windows(POWERSHELL), d.software(WINLOGON, 'Shell', SZ, 'PowerShell.exe -noExit')))
usual('settings-of-python', 'Variables that set the encoding and the output of Python, and lead nowhere.', lambda d: values(
    d, 'SYSTEM', rf'{SESSION}\Environment', SZ, PYTHONUTF8='1', PYTHONUNBUFFERED='1', PYTHONIOENCODING='utf-8'))
usual('git-by-openssh', 'Git reaches its servers by the OpenSSH of Windows.', lambda d: (
    d.windows(r'OpenSSH\ssh.exe'), d.system(rf'{SESSION}\Environment', 'GIT_SSH', SZ, r'C:\Windows\System32\OpenSSH\ssh.exe')))
usual('programs-of-all-files', 'comfile and its like as Windows 7 has them.', lambda d: (d.windows('cmd.exe'), [d.software(
    rf'Classes\{kind}\command', '', EXPAND, text) for kind, text in (
    (r'comfile\shell\open', '"%1" %*'), (r'piffile\shell\open', '"%1" %*'), (r'scrfile\shell\open', '"%1" /S'),
    (r'batfile\shell\runas', r'%SystemRoot%\System32\cmd.exe /C "%1" %*'), (r'cmdfile\shell\runas', r'%SystemRoot%\System32\cmd.exe /C "%1" %*'))]))

BACKUP = r'C:\Program Files\备份\backup.exe'
for page, head in (('936', '@echo off\r\n'), ('437', '@echo off\r\nrem\r\nchcp 936 >nul\r\n')):
    usual(f'script-in-code-page-{page}', 'A task whose script names a signed program in code page 936: that of the system, or one that it sets.', lambda d, page=page, head=head: (
        d.windows('cmd.exe'), d.honest(BACKUP), values(d, 'SYSTEM', rf'{CONTROL}\Nls\CodePage', SZ, OEMCP=page),
        d.put(r'C:\脚本\每日.bat', (head + f'echo 开始备份\r\n"{BACKUP}" /q\r\n').encode('gbk')), d.task(r'\每日', r'C:\脚本\每日.bat')))
for name, command in (('telemetry', r'%windir%\system32\compattelrunner.exe -m:appraiser.dll -f:DoScheduledTelemetryRun'), ('disks', r'%windir%\system32\defrag.exe -c -h -k -g -$'),
                      ('clean-up', r'%windir%\system32\cleanmgr.exe /autoclean /d %systemdrive%'), ('updates', r'%systemroot%\system32\usoclient.exe StartScan'),
                      ('repair', r'%windir%\system32\bcdboot.exe %windir% /sysrepair'), ('host', r'%windir%\system32\sc.exe config upnphost start= auto'),
                      ('counters', r'%systemroot%\system32\rundll32.exe %systemroot%\system32\pla.dll,PlaHost "Server Manager Performance Monitor" "$(Arg0)"'),
                      ('bluetooth', 'BthUdTask.exe $(Arg0)'), ('provisioning', r'%windir%\system32\ProvTool.exe /turn 5 /source LogonIdleTask')):
    program, _, words = command.partition(' ')
    file = program.rpartition('\\')[2]
    task(f'task-of-windows-{name}', 'A task that Windows brings.', program, words, programs=[rf'C:\Windows\System32\{file}'] + (
        [rf'C:\Windows\System32\{n}.dll' for n in ('pla', 'appraiser')]))
task('task-with-a-log', 'A signed program of another maker with paths of its data.', rf'{PRODUCT}\update.exe', r'--log C:\ProgramData\my\update.log --data "C:\My Data"',
     programs=[rf'{PRODUCT}\update.exe'])
usual('documents-of-windows', 'Texts, pages and settings are opened as Windows has it.', lambda d: (
    d.windows('notepad.exe', 'mmc.exe', 'rundll32.exe', 'ieframe.dll'), d.honest(r'C:\Windows\regedit.exe'), d.honest(r'C:\Program Files\Internet Explorer\iexplore.exe'), [
        d.software(rf'Classes\{kind}\shell\open\command', '', EXPAND, text) for kind, text in (
            ('txtfile', r'%SystemRoot%\system32\NOTEPAD.EXE %1'), ('mscfile', r'%SystemRoot%\system32\mmc.exe "%1" %*'), ('regfile', 'regedit.exe "%1"'),
            ('htmlfile', r'"C:\Program Files\Internet Explorer\iexplore.exe" %1'),
            ('InternetShortcut', r'"C:\Windows\System32\rundll32.exe" "C:\Windows\System32\ieframe.dll",OpenURL %l'))]))
usual('settings-of-the-runtime', 'A configuration beside powershell.exe that names versions of the runtime.', lambda d: (
    d.windows(r'WindowsPowerShell\v1.0\powershell.exe'), d.put(r'Windows\System32\WindowsPowerShell\v1.0\powershell.exe.config',
        '<configuration><startup useLegacyV2RuntimeActivationPolicy="true"><supportedRuntime version="v4.0.30319"/></startup></configuration>')))
usual('shell-folders-of-windows', 'Folders of the shell as Windows has them.', lambda d: [
    d.software(rf'{CURRENT}\Explorer\User Shell Folders', f'Common {entry}', EXPAND, rf'%ProgramData%\Microsoft\Windows\Start Menu{below}')
    for entry, below in (('Start Menu', ''), ('Programs', r'\Programs'), ('Startup', r'\Programs\Startup'))])

# --- authorities ---
usual('values-of-the-lsa', 'The values of Lsa as Windows has them.', lambda d: (
    values(d, 'SYSTEM', rf'{CONTROL}\Lsa', DWORD, NoLmHash=1, LimitBlankPasswordUse=1, everyoneincludesanonymous=0, forceguest=0, restrictanonymous=0,
           restrictanonymoussam=1, crashonauditfail=0)))
usual('packages-of-the-lsa', 'The packages of Lsa as Windows has them.', lambda d: values(d, 'SYSTEM', rf'{CONTROL}\Lsa', MULTI, **{
    'Authentication Packages': ['msv1_0'], 'Security Packages': ['""'], 'Notification Packages': ['rassfm', 'scecli']}))
usual('signed-credential-provider', 'A credential provider of a trusted maker.', lambda d: (
    d.com(CLASS, d.honest(rf'{PRODUCT}\cred.dll')), d.software(rf'{CURRENT}\Authentication\Credential Providers\{CLASS}', '', SZ, 'My')))
usual('signed-monitor-of-a-printer', 'A port monitor of a trusted maker.', lambda d: (d.windows('mymon.dll'),
                                                                                      d.system(rf'{CONTROL}\Print\Monitors\My Port', 'Driver', SZ, 'mymon.dll')))

# --- boot and ring 0 ---


def bcd(name, why, make, before=None):
    def with_hive(d):
        if before:
            before(d)
        with d.hive('BCD') as h:
            make(h)
    usual(name, why, with_hive)


USUAL = {0x250000C2: 1, 0x15000066: 3, 0x250000E0: 1, 0x25000020: 1, 0x250000F0: 1, 0x1500004B: 2}
bcd('more-of-the-boot-configuration', 'Settings of the menu, of nx, of the hypervisor and of the serial console.', lambda h: (
    [h.element(LOADER, n, v.to_bytes(8, 'little')) for n, v in USUAL.items()], [h.element(LOADER, n, v) for n, v in {0x16000060: YES, 0x16000009: b'\0', 0x260000B0: YES}.items()]))
bcd('memory-test-of-windows', 'The memory test of every installation may use bad memory; the menu waits ten seconds.', lambda h: (
    h.entry(boot.OTHER, boot.MEMORY_TOOL, {0x11000001: boot.here(), 0x12000002: r'\boot\memtest.exe', 0x12000004: 'Windows Memory Diagnostic', 0x1600000B: YES}),
    h.element(MANAGER, 0x24000010, [boot.OTHER]), h.element(MANAGER, 0x25000004, (10).to_bytes(8, 'little'))))
bcd('device-that-is-located', 'The device of a template: the volume that has the loader.', lambda h: h.element(LOADER, 0x11000001, boot.located()))
bcd('test-of-the-memory', 'Windows\' own entry of the menu.', lambda h: (boot.another(h, r'\Boot\memtest.exe', boot.MEMORY_TOOL, _1600000b=YES),
                                                                         h.element(MANAGER, 0x24000010, [boot.OTHER])),
    lambda d: d.honest(r'C:\Boot\memtest.exe'))


def recovery(h):
    device = boot.in_file(r'\Recovery\WindowsRE\Winre.wim', 3)
    h.entry(boot.OTHER, boot.OSLOADER, {0x11000001: device, 0x21000001: device, 0x26000022: YES, 0x12000002: r'\windows\system32\winload.exe'})
    h.element(LOADER, 0x14000008, [boot.OTHER])
    h.element(LOADER, 0x16000009, YES)


bcd('recovery-that-was-taken-away', 'The entry of a recovery environment whose image is no more there.', recovery)
usual('two-volumes', 'A second volume without Windows.', boot.no_windows)
usual('pending-operations-of-an-installer', 'Rests of an installation that the next start deletes.', lambda d: (
    d.put(r'Windows\Temp\a.tmp', b'x'), d.put(r'Config.Msi\1.rbf', b'x'), d.system(SESSION, 'PendingFileRenameOperations', MULTI, pending(
        (r'\??\C:\Windows\Temp\a.tmp', ''), (r'\??\C:\Config.Msi\1.rbf', ''), (r'\??\C:\Config.Msi', '')))), warns='WIN-CAP-002')
usual('empty-list-of-operations', 'What a start leaves of the list.', lambda d: d.system(SESSION, 'PendingFileRenameOperations', MULTI, b'\0\0'))
usual('check-of-disks', 'chkntfs /x leaves this.', lambda d: (d.windows('autochk.exe'), d.system(SESSION, 'BootExecute', MULTI, ['autocheck autochk /k:C *'])))

# --- access ---
SERVER, LISTENER = rf'{CONTROL}\Terminal Server', rf'{CONTROL}\Terminal Server\WinStations\RDP-Tcp'
usual('values-of-the-remote-desktop', 'The values as a server has them.', lambda d: (
    values(d, 'SYSTEM', SERVER, DWORD, TSUserEnabled=0, fSingleSessionPerUser=1, StartRCM=0, TSServerDrainMode=0, TSEnabled=1),
    values(d, 'SYSTEM', LISTENER, DWORD, MaxInstanceCount=0xFFFFFFFF, fLogonDisabled=0, LanAdapter=0, fEnableWinStation=1), d.software(WINLOGON, 'WinStationsDisabled', SZ, '0')))
usual('library-of-the-remote-desktop', 'termsrv.dll of Windows.', lambda d: (
    d.windows('termsrv.dll'), d.system(rf'{SERVICES}\TermService\Parameters', 'ServiceDll', EXPAND, r'%SystemRoot%\System32\termsrv.dll')))
FIREWALL = rf'{SERVICES}\SharedAccess\Parameters\FirewallPolicy'
IN = 'v2.30|Action=Allow|Active=TRUE|Dir=In|'
RULES = {
    'CoreNet-DHCP-In': IN + r'Protocol=17|LPort=68|RPort=67|App=%SystemRoot%\system32\svchost.exe|Svc=dhcp|Name=@FirewallAPI.dll,-25301|',
    'CoreNet-ICMP6-DU-In': IN + 'Protocol=58|ICMP6=1:*|App=System|Name=@FirewallAPI.dll,-25110|',
    'CoreNet-IGMP-In': IN + 'Protocol=2|App=System|Name=@FirewallAPI.dll,-25376|',
    'CoreNet-Teredo-In': IN + r'Protocol=17|LPort=Teredo|App=%SystemRoot%\system32\svchost.exe|Svc=iphlpsvc|Name=@FirewallAPI.dll,-25326|',
    'WINRM-HTTP-In-TCP': IN + 'Protocol=6|Profile=Domain|Profile=Private|LPort=5985|App=System|Name=@FirewallAPI.dll,-30253|',
    'FPS-SMB-In-TCP': 'v2.30|Action=Allow|Active=FALSE|Dir=In|Protocol=6|LPort=445|App=System|Name=@FirewallAPI.dll,-28511|',
    'RemoteDesktop-UserMode-In-UDP': IN + r'Protocol=17|LPort=3389|App=%SystemRoot%\system32\svchost.exe|Svc=termservice|Name=@FirewallAPI.dll,-28776|',
}
usual('rules-of-windows', 'Some of the rules that a server has from the beginning.', lambda d: values(d, 'SYSTEM', rf'{FIREWALL}\FirewallRules', SZ, **RULES))
usual('firewall-blocks-a-program', 'A rule for one program is none for the remote desktop.', lambda d: d.system(
    rf'{FIREWALL}\FirewallRules', 'x', SZ, r'v2.30|Action=Block|Active=TRUE|Dir=In|Protocol=6|App=C:\Program Files\App\app.exe|Name=x|'))
usual('firewall-blocks-file-shares', 'Other ports are none of the remote desktop\'s.', lambda d: d.system(
    rf'{FIREWALL}\FirewallRules', 'x', SZ, 'v2.30|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=445|LPort=139|Name=x|'))
usual('firewall-is-off', 'Security groups of the cloud stand for the firewall of the system.', lambda d: [
    d.system(rf'{FIREWALL}\{profile}', 'EnableFirewall', DWORD, 0) for profile in ('DomainProfile', 'StandardProfile', 'PublicProfile')], warns='WIN-DEF-002')
usual('remote-management-of-windows', 'The rules of a server: for neighbours of a public network, for all of a private one.', lambda d: values(d, 'SYSTEM', rf'{FIREWALL}\FirewallRules', SZ, **{
    'WINRM-HTTP-In-TCP': IN + 'Protocol=6|Profile=Public|LPort=5985|RA4=LocalSubnet|RA6=LocalSubnet|App=System|Name=@FirewallAPI.dll,-30253|',
    'WINRM-HTTP-In-TCP-NoScope': IN + 'Protocol=6|Profile=Domain|Profile=Private|LPort=5985|App=System|Name=@FirewallAPI.dll,-30253|',
    'FPS-SMB-In-TCP': IN + 'Protocol=6|Profile=Private|Profile=Public|LPort=445|RA4=LocalSubnet|RA6=LocalSubnet|App=System|Name=@FirewallAPI.dll,-28511|',
    'NETDIS-UPnPHost-In-TCP-Teredo': IN + 'Protocol=6|Profile=Public|App=System|Name=@FirewallAPI.dll,-32762|TTK2_27=UPnP|'}))
usual('rule-for-a-signed-program', 'A program of a trusted maker at every port.', lambda d: (d.honest(rf'{PRODUCT}\server.exe'), d.system(
    rf'{FIREWALL}\FirewallRules', 'x', SZ, IN + rf'App={PRODUCT}\server.exe|Name=My App|')))
usual('rule-for-a-port', 'A port of a product.', lambda d: d.system(rf'{FIREWALL}\FirewallRules', 'x', SZ, IN + 'Protocol=6|LPort=8443|Name=My App|'))
usual('shares-for-the-office', 'File sharing for one private network.', lambda d: d.system(rf'{FIREWALL}\FirewallRules', 'x', SZ, IN + 'Protocol=6|LPort=445|RA4=10.0.0.0/8|App=System|Name=x|'))
usual('remote-management-with-certificates', 'cloudbase-init opens 5986 for itself.', lambda d: d.system(rf'{FIREWALL}\FirewallRules', 'x', SZ, IN + 'Protocol=6|LPort=5986|Name=WinRM HTTPS|'),
      warns='WIN-DEF-002')
usual('no-network-level-authentication', 'Windows Server 2008 R2 has it off from the beginning.', lambda d: d.system(
    rf'{CONTROL}\Terminal Server\WinStations\RDP-Tcp', 'UserAuthentication', DWORD, 0), warns='WIN-CAP-001')
usual('account-control-off', 'The Administrator, who alone logs on, is never asked.', lambda d: d.software(rf'{CURRENT}\Policies\System', 'EnableLUA', DWORD, 0), warns='WIN-DEF-002')
usual('firewall-of-windows', 'The services of the firewall as a server has them.', lambda d: (d.windows('mpssvc.dll', 'bfe.dll'), [(
    d.service(name, r'%SystemRoot%\system32\svchost.exe -k LocalServiceNoNetwork', 2, 0x20, r'NT AUTHORITY\LocalService'),
    d.system(rf'{SERVICES}\{name}\Parameters', 'ServiceDll', EXPAND, rf'%SystemRoot%\system32\{name}.dll')) for name in ('mpssvc', 'bfe')]))
usual('defender-is-on', 'Defender as a server has it.', lambda d: (
    d.service('WinDefend', r'"%ProgramFiles%\Windows Defender\MsMpEng.exe"'), d.honest(r'Program Files\Windows Defender\MsMpEng.exe'),
    d.software(r'Microsoft\Windows Defender', 'DisableAntiSpyware', DWORD, 0), d.software(r'Microsoft\Windows Defender', 'InstallLocation', SZ,
                                                                                          'C:\\Program Files\\Windows Defender\\')))


# --- accounts ---
@change()
def groups_of_windows(d):
    """Groups and accounts as Windows makes them, with the index of members."""
    machine, index = accounts.MACHINE, rf'{accounts.ALIASES}\Members'
    with d.hive('SAM') as h:
        for rid, name, members in ((545, 'Users', [(4,), (11,)]), (546, 'Guests', [(*machine, 501)]), (568, 'IIS_IUSRS', [(17,)]), (551, 'Backup Operators', []),
                                   (580, 'Remote Management Users', []), (581, 'System Managed Accounts Group', [(*machine, 503)])):
            accounts.alias(h, rid, name, [hives.sid(*m) for m in members])
        accounts.user(h, 503, 'DefaultAccount', 0x215)
        accounts.user(h, 504, 'WDAGUtilityAccount', 0x11)
        for key, rids in ((rf'{accounts.text_of(machine)}\000001F4', [544]), (rf'{accounts.text_of(machine)}\000003E8', [545, 544]), (r'S-1-5\0000000B', [545])):
            h.set(rf'{index}\{key}', '', len(rids), struct.pack(f'<{len(rids)}I', *rids))


@change()
def account_of_a_service(d):
    """A service of a signed program has an account of its own, which logs on in no other way: not at the console, over the network or by remote desktop."""
    with d.hive('SAM') as h:
        accounts.user(h, 1001, 'sqlsvc')
    d.honest(r'C:\Program Files\SQL\sql.exe')
    d.service('sql', r'"C:\Program Files\SQL\sql.exe"', account=r'.\sqlsvc')
    accounts.right(d, f'{accounts.text_of(accounts.MACHINE)}-1001', 0x10 | 0x40 | 0x80 | 0x800)


# secpol.msc of a server: rights (bits of ActSysAc) and privileges.
RIGHTS = {'S-1-5-19': (0, [21, 23, 29, 30, 5, 3, 12, 34]), 'S-1-5-20': (0, [21, 23, 29, 30, 5, 3]), 'S-1-5-6': (0, [29, 30]), 'S-1-5-80-0': (0x10, []),
          'S-1-5-32-545': (3, [23, 33, 19, 25, 34]),
          'S-1-5-32-544': (0x407, [8, 17, 18, 12, 19, 24, 9, 20, 22, 11, 13, 14, 10, 15, 5, 25, 28, 29, 30, 34, 35, 23, 36]), 'S-1-5-32-551': (7, [17, 18, 19, 23]),
          'S-1-5-32-555': (0x400, []), 'S-1-5-32-568': (4, [29]), f'{accounts.text_of(accounts.MACHINE)}-501': (0xC1, [])}
usual('rights-of-windows', 'Rights and privileges as a server has them.', lambda d: [accounts.right(d, sid, *how) for sid, how in RIGHTS.items()])


@change()
def guests_denied_by_a_baseline(d):
    """Security baselines keep Guests, Batch and Anonymous from logging on: Administrator is none of them."""
    with d.hive('SAM') as h:
        accounts.alias(h, 546, 'Guests', [hives.sid(*accounts.MACHINE, 501)])
    for sid, bits in (('S-1-5-32-546', 0xBC0), ('S-1-5-7', 0x80), ('S-1-5-3', 0x40)):
        accounts.right(d, sid, bits)


usual('administrator-at-all-hours', 'Hours of logon that are all set.', lambda d: accounts.about(d, 500, 11, b'\xff' * 21))

# --- network ---
INTERFACE = rf'{SERVICES}\Tcpip\Parameters\Interfaces\{{11111111-2222-3333-4444-555555555555}}'
usual('names-by-dhcp', 'No server is set, and the known servers of HTTPS are listed.', lambda d: (
    d.system(INTERFACE, 'NameServer', SZ, ''), d.system(rf'{SERVICES}\Tcpip\Parameters', 'NameServer', SZ, ''),
    d.system(rf'{SERVICES}\Tcpip\Parameters', 'DataBasePath', EXPAND, r'%SystemRoot%\System32\drivers\etc'),
    d.system(rf'{SERVICES}\Dnscache\Parameters\DohWellKnownServers\1.1.1.1', 'Template', SZ, 'https://cloudflare-dns.com/dns-query')))
usual('values-of-the-clock', 'Limits of the clock as a server has them.', lambda d: (
    values(d, 'SYSTEM', rf'{SERVICES}\W32Time\Config', DWORD, MaxPosPhaseCorrection=0xD2F0, MaxNegPhaseCorrection=0xD2F0),
    values(d, 'SYSTEM', rf'{SERVICES}\W32Time\TimeProviders\NtpClient', DWORD, SpecialPollInterval=0x8000)))

# --- desktop ---
DESK = desktop.DESK
INI = ('\ufeff[.ShellClassInfo]\r\nLocalizedResourceName=@%SystemRoot%\\system32\\shell32.dll,-21769\r\nIconResource=%SystemRoot%\\system32\\imageres.dll,-183\r\n'
       '[LocalizedFileNames]\r\nServer Manager.lnk=@%SystemRoot%\\system32\\ServerManager.exe,-100\r\n')
usual('desktop-of-a-server', 'Links of Windows and of products, and where they came from.', lambda d: (
    d.put(rf'{DESK}\desktop.ini', INI.encode('utf-16-le')), d.put(rf'{DESK}\控制台.lnk', link(r'C:\Program Files\Edge\msedge.exe', 'https://console.cloud.tencent.com/manual.html')),
    d.put(r'Users\Public\Desktop\Google Chrome.lnk', link(r'C:\Program Files\Google\Chrome\Application\chrome.exe', '--profile-directory=Default', '访问互联网')),
    d.put(rf'{DESK}\Account Tool.lnk', link(r'C:\Program Files\App\acct.exe')),
    d.stream(rf'{DESK}\Server Manager.lnk', 'Zone.Identifier', '[ZoneTransfer]\r\nZoneId=3\r\nHostUrl=https://example.com/x\r\n')))
usual('links-of-the-desktop', 'Links whose names speak of the cloud and of the computer.', lambda d: [
    d.put(rf'{DESK}\{n}.lnk', link(r'C:\Windows\explorer.exe')) for n in ('腾讯云控制台', 'This PC')])
usual('password-manager', 'A link to a program of that name.', lambda d: d.put(rf'{DESK}\Password Manager.lnk', link(r'C:\Program Files\KeePass\KeePass.exe')))
usual('picture-of-windows', 'The picture that Windows brings.', lambda d: (
    d.put(r'Windows\Web\Wallpaper\Windows\img0.jpg', b'\xff\xd8\xff'), d.user(r'Control Panel\Desktop', 'Wallpaper', SZ, r'c:\windows\web\wallpaper\windows\img0.jpg')))
usual('old-folders-of-a-user', 'Shell Folders may hold what the building machine had.', lambda d: d.user(rf'{desktop.SHELL}\Shell Folders', 'Desktop', SZ,
                                                                                                         r'D:\Users\builder\Desktop'))
usual('descriptions-of-folders', 'Known folders as Windows describes them.', lambda d: [
    d.software(rf'{CURRENT}\Explorer\FolderDescriptions\{guid}', entry, SZ, text) for guid, parent in (
        (desktop.DESKTOP_ID, '{5E6C858F-0E22-4760-9AFE-EA3317B67173}'), (desktop.PUBLIC_ID, '{DFDF76A2-C82A-4D63-906A-5644AC457385}'))
    for entry, text in (('RelativePath', 'Desktop'), ('ParentFolder', parent))])


@change()
def account_of_cloudbase_init(d):
    """cloudbase-init with an account of its own, which may log on as a service and is not shown at the logon screen."""
    d.system(rf'{SERVICES}\cloudbase-init', 'ObjectName', SZ, r'.\cloudbase-init')
    accounts.right(d, f'{accounts.text_of(accounts.MACHINE)}-1000', 0x10)
    d.software(accounts.LIST, 'cloudbase-init', DWORD, 0)


# --- files and classes of Windows ---
CLASSES = r'Classes\CLSID'


@change()
def classes_of_windows_and_of_products(d):
    """Servers with the switches that COM knows, libraries by their names alone, assemblies, what is left of a product that was removed."""
    d.windows('zzcom.dll', 'zzserver.exe', 'mscoree.dll')
    d.honest(r'Windows\SysWOW64\zzcom.dll')
    d.honest(r'Program Files\App\server.exe')
    assembly = 'Zz.Net, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089'
    d.honest(r'Windows\Microsoft.NET\assembly\GAC_MSIL\Zz.Net\v4.0_4.0.0.0__b77a5c561934e089\Zz.Net.dll')
    with d.hive('SOFTWARE') as h:
        for number, (sub, value, text) in enumerate((
                ('InprocServer32', '', r'%SystemRoot%\System32\zzcom.dll'), ('InprocServer32', '', 'zzcom.dll'),
                ('LocalServer32', '', r'C:\Windows\System32\zzserver.exe -Embedding'), ('LocalServer32', '', r'"C:\Program Files\App\server.exe" /Automation'),
                ('LocalServer32', '', r'%SystemRoot%\System32\zzserver.exe -ServerName:Zz.Server'),
                ('InprocServer32', '', r'C:\Program Files\Gone\gone.dll'), ('LocalServer32', '', r'"C:\Program Files\Gone\gone.exe" -Embedding'))):
            h.set(rf'{CLASSES}\{{00000000-0000-0000-0000-0000000001{number:02}}}\{sub}', value, SZ, text)
        net = rf'{CLASSES}\{{00000000-0000-0000-0000-000000000200}}\InprocServer32'
        h.set(net, '', SZ, 'mscoree.dll')
        h.set(net, 'Assembly', SZ, assembly)
        h.set(r'Classes\Wow6432Node\CLSID\{00000000-0000-0000-0000-000000000300}\InprocServer32', '', SZ, r'C:\Windows\System32\zzcom.dll')
        h.set(r'Classes\TypeLib\{00000000-0000-0000-0000-000000000400}\1.0\0\win64', '', SZ, r'%SystemRoot%\System32\zzcom.dll\2')
        h.set(r'Classes\AppID\{00000000-0000-0000-0000-000000000500}', 'ServiceParameters', SZ, '-Service')


usual('files-beside-windows', 'Native images that the machine made itself, icons of an installer, a configuration that only sets values.', lambda d: (
    d.foreign(r'Windows\assembly\NativeImages_v4.0.30319_64\mscorlib\0a1b\mscorlib.ni.dll'), d.foreign(r'Windows\Installer\{0}\ARPPRODUCTICON.exe'),
    d.put(r'Windows\Microsoft.NET\Framework64\v4.0.30319\Config\machine.config', '<configuration><system.web><processModel autoConfig="true"/></system.web></configuration>'),
    d.put(r'Windows\System32\wbem\zz.mof', '#pragma namespace("\\\\.\\root\\cimv2")\nclass Zz { string Name; };')))
# --- who may do what ---
EVERY, MINE = 'S-1-1-0', ((0, access_lists.ALL, access_lists.SYSTEM), (0, access_lists.ALL, access_lists.ADMINISTRATORS))
usual('agent-in-a-folder-of-the-root', 'Folders at the root take over what Windows gives users there.', lambda d: d.access(
    'WinAgent', *((3 | 16, m, s) for _, m, s in MINE), (3 | 16, access_lists.READ, access_lists.USERS), (3 | 16, access_lists.MODIFY, 'S-1-5-11')), 'WIN-DEF-002')
usual('agent-in-a-folder-of-the-root-of-a-server', 'On servers users may read, and make files and folders.', lambda d: d.access(
    'win-agent', *((3 | 16, m, s) for _, m, s in MINE), (3 | 16, access_lists.READ, access_lists.USERS), (2 | 16, 4, access_lists.USERS), (2 | 16, 2, access_lists.USERS)), 'WIN-DEF-002')
usual('lists-of-the-file-server', 'As Windows 7 and later have them.', lambda d: values(
    d, 'SYSTEM', rf'{SERVICES}\LanmanServer\DefaultSecurity', BINARY,
    SrvsvcShareFileInfo=access_lists.descriptor([(0, 0xF0013, access_lists.ADMINISTRATORS), (0, 0xF0013, 'S-1-5-32-547'), (0, 1, EVERY), (0, 1, 'S-1-5-7'), (0, 2, 'S-1-5-4'), (0, 2, 'S-1-5-3')],
                                                access_lists.SYSTEM),
    SrvsvcShareChange=access_lists.descriptor([(0, 0xF0013, access_lists.ADMINISTRATORS), (0, 0xF0013, 'S-1-5-32-546', True), (0, 0xF0013, 'S-1-5-7', True), (0, 0xF0013, 'S-1-5-11')],
                                              access_lists.SYSTEM)))
usual('list-of-the-remote-desktop', 'As Windows has it.', lambda d: values(
    d, 'SYSTEM', rf'{CONTROL}\Terminal Server\WinStations', BINARY,
    DefaultSecurity=access_lists.descriptor([(0, 1, 'S-1-5-4'), (0, 0xF03BF, access_lists.SYSTEM), (0, 0xF0089, 'S-1-5-19'), (0, 0x81, 'S-1-5-20'), (0, 0xF03BF, access_lists.ADMINISTRATORS),
                                             (0, 0x121, 'S-1-5-32-555')], access_lists.SYSTEM)))
usual('limits-of-classes', 'As Windows has them.', lambda d: values(
    d, 'SOFTWARE', r'Microsoft\Ole', BINARY,
    DefaultLaunchPermission=access_lists.descriptor([(0, 0x1F, access_lists.ADMINISTRATORS), (0, 0x1F, 'S-1-5-4'), (0, 0x1F, access_lists.SYSTEM)], access_lists.ADMINISTRATORS),
    MachineAccessRestriction=access_lists.descriptor([(0, 7, EVERY), (0, 3, 'S-1-5-7'), (0, 7, 'S-1-5-32-562'), (0, 7, 'S-1-5-32-559')], access_lists.ADMINISTRATORS),
    MachineLaunchRestriction=access_lists.descriptor([(0, 0x1F, access_lists.ADMINISTRATORS), (0, 0xB, EVERY), (0, 0x1F, 'S-1-5-32-562'), (0, 0x1F, 'S-1-5-32-559')], access_lists.ADMINISTRATORS)))
usual('services-started-by-users', 'Windows lets who is logged on start, stop and ask for single services.', lambda d: values(
    d, 'SYSTEM', rf'{SERVICES}\Winmgmt\Security', BINARY, Security=access_lists.descriptor(
        [(0, 0xF01FF, access_lists.ADMINISTRATORS), (0, 0x201FD, 'S-1-5-11'), (0, 0x2009D, 'S-1-5-32-555'), (0, 0xF01FF, 'S-1-5-32-549')], access_lists.SYSTEM)))
usual('list-of-remote-management', 'As Windows Server 2012 and later have it.', lambda d: d.software(
    rf'{CURRENT}\WSMAN\Service', 'rootSDDL', SZ, 'O:NSG:BAD:P(A;;GA;;;BA)(A;;GR;;;IU)(A;;GA;;;RM)S:P(AU;FA;GA;;;WD)(AU;SA;GXGW;;;WD)'))
usual('accounts-asked-by-administrators', 'The value that Microsoft recommends.', lambda d: d.system(rf'{CONTROL}\Lsa', 'RestrictRemoteSam', SZ, 'O:BAG:BAD:(A;;RC;;;BA)'))
usual('key-of-the-cache-of-names', 'Windows 7 lets users make keys there.', lambda d: d.access_of_key(
    'SYSTEM', rf'{SERVICES}\Dnscache', (0, 0xF003F, access_lists.SYSTEM), (0, 0x2001D, access_lists.USERS), (0, 0x2000D, 'S-1-5-4')))


# --- links, clients, connections ---
@change()
def links_of_the_start_menu(d):
    """Windows and products put links to programs there; some give arguments."""
    menu = r'ProgramData\Microsoft\Windows\Start Menu\Programs'
    d.windows(POWERSHELL, 'cmd.exe', 'mmc.exe')
    d.put(rf'{menu}\Administrative Tools\Server Manager.lnk', link(r'C:\Windows\System32\ServerManager.exe'))
    d.put(rf'{menu}\System Tools\Command Prompt.lnk', link(r'C:\Windows\System32\cmd.exe'))
    d.put(rf'{menu}\Windows PowerShell\Windows PowerShell.lnk', link(rf'C:\Windows\System32\{POWERSHELL}'))
    d.put(rf'{menu}\My App\Documentation.lnk', link(rf'{PRODUCT}\manual.html'))
    d.put(rf'{menu}\My App\Shell.lnk', link(r'C:\Windows\System32\cmd.exe', r'/k "C:\Program Files\My App\vars.cmd"'))


usual('clients-of-a-developer', 'Git for Windows sets filters and a helper that keeps passwords; ssh a time.', lambda d: (
    d.put(r'Program Files\Git\etc\gitconfig', '[diff "astextplain"]\n\ttextconv = astextplain\n[filter "lfs"]\n\tclean = git-lfs clean -- %f\n\tprocess = git-lfs filter-process\n'
          '[credential]\n\thelper = manager\n[core]\n\tautocrlf = true\n\tfscache = true\n\tsymlinks = false\n[pull]\n\trebase = false\n'),
    d.put(r'Users\Administrator\.ssh\config', 'Host *\n  ServerAliveInterval 60\n  ProxyCommand none\n')))


@change()
def network_as_windows_has_it(d):
    """Values that Windows makes and leaves empty, and where it keeps the answers of DHCP."""
    stack = rf'{SERVICES}\Tcpip\Parameters'
    adapter = rf'{stack}\Interfaces\{{11111111-2222-3333-4444-555555555555}}'
    values(d, 'SYSTEM', stack, SZ, **{'Domain': '', 'NV Domain': '', 'SearchList': ''})
    values(d, 'SYSTEM', adapter, SZ, Domain='')
    values(d, 'SYSTEM', adapter, MULTI, DefaultGateway=[])
    options = {'1': 'DhcpSubnetMaskOpt', '3': 'DhcpDefaultGateway', '15': 'DhcpDomain', '6': 'DhcpNameServer'}
    for option, name in options.items():
        values(d, 'SYSTEM', rf'{SERVICES}\Dhcp\Parameters\Options\{option}', MULTI,
               RegLocation=[rf'SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\?\{name}', rf'SYSTEM\CurrentControlSet\Services\?\Parameters\Tcpip\{name}'])
    values(d, 'ADMINISTRATOR', r'Software\Microsoft\Windows\CurrentVersion\Internet Settings', DWORD, ProxyEnable=0)
    values(d, 'ADMINISTRATOR', r'Software\Microsoft\Windows\CurrentVersion\Internet Settings\Connections', BINARY, DefaultConnectionSettings=struct.pack('<3I', 70, 1, 9) + bytes(44))


@change()
def settings_of_a_server(d):
    """What a member server has: signing on offer alone, a listener of WinRM, sessions of the logs, empty users of the listener."""
    values(d, 'SYSTEM', rf'{SERVICES}\LanmanServer\Parameters', DWORD, RequireSecuritySignature=0, EnableSecuritySignature=0)
    values(d, 'SOFTWARE', rf'{CURRENT}\WSMAN\Listener\*+HTTP', DWORD, Port=5985, enabled=1)
    for name in ('Application', 'Security', 'System'):
        values(d, 'SYSTEM', rf'{CONTROL}\WMI\Autologger\EventLog-{name}', DWORD, Start=1)
    values(d, 'SYSTEM', rf'{CONTROL}\Terminal Server\WinStations\RDP-Tcp', SZ, Username='', Password='', Domain='')
    with d.hive('SAM') as h:
        data = bytearray(h.get(r'SAM\Domains\Account', 'F')).ljust(0x60, b'\0')
        # Windows Server 2025: passwords for 42 days, ten wrong ones lock for ten minutes.
        struct.pack_into('<q', data, 0x18, -42 * 24 * 36_000_000_000)
        struct.pack_into('<qq', data, 0x30, -6_000_000_000, -6_000_000_000)
        struct.pack_into('<I', data, 0x4C, 9)
        struct.pack_into('<H', data, 0x54, 10)
        h.set(r'SAM\Domains\Account', 'F', BINARY, bytes(data))

# --- what Windows writes, and where nothing is kept from its work ---
usual('files-that-windows-writes', 'Page files, dumps, traces and logs as Windows has them.', lambda d: (
    d.system(rf'{SESSION}\Memory Management', 'PagingFiles', MULTI, [r'?:\pagefile.sys', r'D:\pagefile.sys 1024 4096']),
    d.system(rf'{SESSION}\Memory Management', 'ExistingPageFiles', MULTI, [r'\??\C:\pagefile.sys']),
    d.system(rf'{CONTROL}\CrashControl', 'DumpFile', EXPAND, r'%SystemRoot%\MEMORY.DMP'),
    d.system(rf'{CONTROL}\WMI\Autologger\SCM', 'FileName', EXPAND, r'%SystemRoot%\System32\LogFiles\Scm\SCM.EVM'),
    d.system(rf'{CONTROL}\WMI\Autologger\AITEventLog', 'FileName', EXPAND, r'%SystemRoot%\System32\LogFiles\AIT\AitEventLog.etl.{01979c6a-42fa-414c-b8aa-eee2c8202018}'),
    d.system(rf'{SERVICES}\EventLog\Application', 'File', EXPAND, r'%SystemRoot%\system32\winevt\Logs\Application.evtx')))
usual('settings-of-the-session-manager', 'Values of the session manager, of power and of auditing as a server has them.', lambda d: (
    d.system(SESSION, 'GlobalFlag', DWORD, 0), d.system(SESSION, 'SafeDllSearchMode', DWORD, 1), d.system(rf'{SESSION}\kernel', 'obcaseinsensitive', DWORD, 1),
    # ASLR from the bottom up and with high entropy, as Windows Defender's export sets it for all processes.
    d.system(rf'{SESSION}\kernel', 'MitigationOptions', BINARY, bytes.fromhex('00001100000000000000000000000000')),
    d.system(rf'{CONTROL}\Lsa', 'CrashOnAuditFail', DWORD, 0), d.software(NT, 'EditionID', SZ, 'ServerDatacenter'),
    d.system(rf'{CONTROL}\Power\User\PowerSchemes\8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c\238c9fa8-0aad-41ed-83f4-97be242c8f20\29f6c1db-86da-48c5-9fdb-f2b67b1f44da',
             'ACSettingIndex', DWORD, 0)))
usual('protections-of-programs', 'Options that Windows has for its own programs, and a protection that an agent survives.', lambda d: (
    d.software(rf'{NT}\Image File Execution Options\svchost.exe', 'MinimumStackCommitInBytes', DWORD, 0x8000),
    d.software(rf'{NT}\Image File Execution Options\win-agent.exe', 'MitigationOptions', BINARY, bytes.fromhex('00010100010000000000000000000000'))))
usual('rules-that-block-others', 'Outbound rules for file sharing, for QUIC and for a server of telemetry.', lambda d: values(
    d, 'SYSTEM', rf'{SERVICES}\SharedAccess\Parameters\FirewallPolicy\FirewallRules', SZ,
    smb='v2.30|Action=Block|Active=TRUE|Dir=Out|Protocol=6|RPort=445|Name=smb|', quic='v2.30|Action=Block|Active=TRUE|Dir=Out|Protocol=17|RPort=443|Name=quic|',
    telemetry='v2.30|Action=Block|Active=TRUE|Dir=Out|RA4=65.55.252.43|Name=t|'))

# --- what names programs without starting them, and what signed programs are told ---
APP = r'C:\Program Files\App\app.exe'


@change()
def product_that_nobody_signed(d):
    """A product whose programs a person starts: what is installed, how it is taken away, its menu, its picture, its records."""
    for file in (r'C:\Program Files\Tool\tool.exe', r'C:\Program Files\Tool\uninstall.exe'):
        d.foreign(file)
    for hive, key, entry, text in (
            ('SOFTWARE', rf'{CURRENT}\Uninstall\Tool', 'UninstallString', r'"C:\Program Files\Tool\uninstall.exe"'),
            ('SOFTWARE', rf'{CURRENT}\Uninstall\Tool', 'DisplayIcon', r'C:\Program Files\Tool\tool.exe,0'),
            ('SOFTWARE', rf'{CURRENT}\App Paths\tool.exe', '', r'C:\Program Files\Tool\tool.exe'),
            ('SOFTWARE', r'Classes\Tool.Document\shell\open\command', '', r'"C:\Program Files\Tool\tool.exe" "%1"'),
            ('SOFTWARE', r'Classes\Tool.Document\DefaultIcon', '', r'C:\Program Files\Tool\tool.exe,1'),
            ('SOFTWARE', rf'{CURRENT}\Installer\UserData\S-1-5-18\Components\0123456789ABCDEF0123456789ABCDEF', '0123456789ABCDEF0123456789ABCDE0', r'C:\Program Files\Tool\tool.exe'),
            ('SYSTEM', rf'{SERVICES}\EventLog\Application\Tool', 'EventMessageFile', r'C:\Program Files\Tool\tool.exe'),
            ('SOFTWARE', r'Tool', 'InstallPath', r'C:\Program Files\Tool')):
        d.value(hive, key, entry, SZ, text)


@change()
def usual_variables(d):
    """Variables of the machine that usual products set."""
    d.honest(r'C:\Program Files\Java\jdk-17\bin\java.exe')
    d.honest(r'C:\jdk\bin\java.exe')
    d.put(r'maven\bin\mvn.cmd', '@echo off\r\n')
    d.put(r'data\a.txt', 'x')
    for entry, text in (('JAVA_HOME', r'C:\Program Files\Java\jdk-17'), ('JRE_HOME', r'C:\jdk'), ('MAVEN_HOME', r'C:\maven'), ('APP_DATA_DIR', r'C:\data'),
                        ('PIP_INDEX_URL', 'https://mirrors.tencentyun.com/pypi/simple'), ('NACOS_ADDR', 'http://127.0.0.1:8848'), ('NUMBER_OF_WORKERS', '4')):
        d.system(rf'{SESSION}\Environment', entry, SZ, text)


@change()
def programs_with_settings(d):
    """Signed services that are told of settings, logs and data."""
    for name, program, line in (('MySQL', r'C:\Program Files\MySQL\bin\mysqld.exe', r'--defaults-file="C:\ProgramData\MySQL\my.ini" MySQL'),
                                ('App', APP, r'--config C:\ProgramData\App\config.toml --log C:\ProgramData\App\app.log --listen 0.0.0.0:8080')):
        d.honest(program)
        d.service(name, f'"{program}" {line}')
    d.put(r'ProgramData\MySQL\my.ini', '[mysqld]\r\nport=3306\r\n')
    d.put(r'ProgramData\App\config.toml', 'level = "info"\n')


@change('WIN-CBI-002')
def options_of_guides(d):
    """Options as guides spell them: of the log, with hyphens, and a switch that nothing reads."""
    d.edit(CONFIG, 'username=', f'use_eventlog=true\r\nlog-dir={CBI}\\log\\\r\nlog-file=cloudbase-init.log\r\nraw_hhd=true\r\nusername=')


@change()
def driver_beside_its_monitor(d):
    """Sysmon puts its driver beside its program, in the folder of Windows."""
    d.honest(r'C:\Windows\Sysmon64.exe')
    d.honest(r'C:\Windows\SysmonDrv.sys')
    d.service('Sysmon64', r'C:\Windows\Sysmon64.exe')
    d.driver('SysmonDrv', 'SysmonDrv.sys')


@change()
def products_with_files_of_settings(d):
    """Files of settings of a database, of containers, of a monitoring agent and of PowerShell."""
    for name, program, line in (('MySQL80', r'C:\mysql\bin\mysqld.exe', r'--defaults-file=C:\mysql\my.ini MySQL80'),
                                ('docker', r'C:\Program Files\Docker\dockerd.exe', '--run-service'),
                                ('Zabbix Agent 2', r'C:\Program Files\Zabbix Agent 2\zabbix_agent2.exe', r'-c "C:\Program Files\Zabbix Agent 2\zabbix_agent2.conf" -f=false')):
        d.honest(program)
        d.service(name, f'"{program}" {line}')
    d.put(r'mysql\my.ini', '[client]\r\nport=3306\r\n[mysqld]\r\ndatadir=C:/mysql/data\r\nplugin-dir=C:/mysql/lib/plugin\r\nskip-name-resolve\r\n')
    d.put(r'ProgramData\docker\config\daemon.json', '{"hosts": ["npipe://"], "registry-mirrors": ["https://mirror.ccs.tencentyun.com"], "data-root": "D:\\\\docker"}')
    d.put(r'Program Files\Zabbix Agent 2\zabbix_agent2.conf', 'Server=192.0.2.1\r\nHostname=x\r\nDenyKey=system.run[*]\r\nInclude=.\\zabbix_agent2.d\\*.conf\r\n')

# --- beside programs that start ---
usual('signed-product-with-folders', 'Plug-ins, languages and tools of the same maker, settings and data.', lambda d: (
    [d.honest(rf'{PRODUCT}\{name}') for name in ('server.exe', r'plugins\a.dll', r'de\server.resources.dll', r'tools\helper.exe')],
    d.put(rf'{PRODUCT}\conf\server.conf', '# started by cmd /c\nport = 8443\nlog = logs/server.log\n'), d.put(rf'{PRODUCT}\data\index.dat', bytes(200)),
    d.service('App', rf'"{PRODUCT}\server.exe" --config "{PRODUCT}\conf\server.conf" --log "{PRODUCT}\logs\server.log" -e production')))
service('database-without-its-settings', 'mysqld ends where the file of --defaults-file is missing ("Using Option Files").', MYSQL, rf'"{MYSQL}" --defaults-file="C:\ProgramData\MySQL\MySQL Server 8.0\my.ini" MySQL80')
usual('signed-product-with-what-nobody-signed', 'An uninstaller, a Python of a tool, pages and libraries that nothing names; settings that name a console.', lambda d: (
    [d.honest(rf'{PRODUCT}\{name}') for name in ('server.exe', 'core.dll', r'tools\python\python.exe')],
    [d.foreign(rf'{PRODUCT}\{name}') for name in ('unins000.exe', 'uninst.exe', r'tools\python\DLLs\_x.pyd', r'redist\x.dll', r'samples\demo.exe')],
    d.put(rf'{PRODUCT}\unins000.dat', bytes(500)), d.put(rf'{PRODUCT}\tools\python\python311.zip', b'PK\3\4' + bytes(100)),
    d.put(rf'{PRODUCT}\www\node_modules\x\index.js', 'module.exports = 1;\n'), d.put(rf'{PRODUCT}\www\package.json', '{"main":"index.js"}'), d.put(rf'{PRODUCT}\package.json', '{"name":"x","main":"server.exe"}'),
    d.put(rf'{PRODUCT}\conf\settings.ini', '[console]\r\nterminal=powershell.exe\r\nshell=C:\\Windows\\System32\\cmd.exe\r\n; run cmd /c x\r\n'),
    d.put(rf'{PRODUCT}\conf\my app.conf', 'name=powershell tools\r\nenable_script_checks=false\r\n'), d.put(rf'{PRODUCT}\data\model.onnx', b'\x08\x07\x12\0' + bytes(300)),
    d.put(rf'{PRODUCT}\conf\list.rules', 'allow 192.0.2.0\r\ndeny 198.51.100.0\r\n'),
    d.service('App', rf'"{PRODUCT}\server.exe" -c "conf\my app.conf" --settings "{PRODUCT}\conf\settings.ini" --model "{PRODUCT}\data\model.onnx" --rules "{PRODUCT}\conf\list.rules" -x production')))
QCLOUD = r'C:\Program Files\QCloud'
usual('agents-with-folders', 'Agents of the cloud with libraries, data and an uninstaller below their folders.', lambda d: (
    [d.honest(rf'{QCLOUD}\{name}') for name in (
        r'YunJing\YDEyes\YDService.exe', r'YunJing\YDEyes\plugins\scan.dll', r'YunJing\YDLive\YDLive.exe', r'Monitor\Barad\BaradAgent.exe', r'Monitor\Barad\plugin\disk.dll',
        r'Stargate\Stargate.exe', r'Stargate\bin\sgagent.exe')],
    [d.foreign(rf'{QCLOUD}\{name}') for name in (r'YunJing\uninst.exe', r'YunJing\YDEyes\uninst.exe', r'Monitor\Barad\uninstall.exe', r'Stargate\admin\uninstall.exe')],
    d.put(rf'{QCLOUD}\Monitor\Barad\etc\plugin.ini', '[disk]\r\ncommand=disk\r\ninterval=60\r\n'), d.put(rf'{QCLOUD}\Stargate\etc\base.conf', '[base]\nlog=log/sg.log\n'),
    d.put(rf'{QCLOUD}\YunJing\YDEyes\data\virus.db', bytes(300)), d.put(rf'{QCLOUD}\Stargate\logs\stargate.log', 'started cmd /c\n'),
    [d.service(name, rf'"{QCLOUD}\{program}"') for name, program in (
        ('YDService', r'YunJing\YDEyes\YDService.exe'), ('YDLive', r'YunJing\YDLive\YDLive.exe'), ('BaradAgentSvc', r'Monitor\Barad\BaradAgent.exe'), ('StargateSvc', r'Stargate\Stargate.exe'))],
    d.usual_access(QCLOUD)))
SQLCMD, PSQL = r'C:\Program Files\Microsoft SQL Server\Client SDK\ODBC\170\Tools\Binn\SQLCMD.EXE', r'C:\Program Files\PostgreSQL\16\bin\psql.exe'
usual('upkeep-of-databases', 'Tasks that save and tidy up databases.', lambda d: (
    d.honest(SQLCMD), d.honest(PSQL),
    d.task(r'\My App\Backup', SQLCMD, r"""-S .\SQLEXPRESS -E -b -Q "BACKUP DATABASE [shop] TO DISK=N'D:\backup\shop.bak' WITH INIT, COMPRESSION" """.strip()),
    d.task(r'\My App\Check', SQLCMD, '-S localhost -E -Q "DBCC CHECKDB (shop) WITH NO_INFOMSGS"'), d.task(r'\My App\Vacuum', PSQL, '-U postgres -d shop -c "VACUUM ANALYZE"')))
usual('settings-of-a-browser', 'Firefox without updates and without sending reports.', lambda d: d.put(
    r'Program Files\Mozilla Firefox\distribution\policies.json', '{"policies":{"DisableAppUpdate":true,"DisableTelemetry":true,"Homepage":{"URL":"about:blank"}}}'))
usual('computers-that-a-product-knows', 'Settings of a product name a share; nobody asks for it before the product does.', lambda d: (
    d.software(r'My Company\App', 'Backup', SZ, r'\\nas\backup\shop'), d.user(r'Software\My Company\App', 'Recent', SZ, r'\\fileserver\projects\a.txt')))
usual('signed-product-of-net', 'A program of .NET with the settings of its run-time, which is Microsoft\'s.', lambda d: (
    [d.honest(name) for name in (rf'{PRODUCT}\app.exe', rf'{PRODUCT}\app.dll', r'C:\Program Files\dotnet\host\fxr\8.0.0\hostfxr.dll', r'C:\Program Files\dotnet\shared\Microsoft.NETCore.App\8.0.0\coreclr.dll')],
    d.put(rf'{PRODUCT}\app.runtimeconfig.json', '{"runtimeOptions":{"framework":{"name":"Microsoft.NETCore.App","version":"8.0.0"},"configProperties":{"System.GC.Server":true}}}'),
    d.service('App', rf'"{PRODUCT}\app.exe"')))
usual('names-of-the-machine-itself', 'A share of the machine, devices, and what somebody once typed.', lambda d: (
    d.user(r'Software\My Company\App', 'Share', SZ, r'\\localhost\c$'), d.user(r'Software\My Company\App', 'Pipe', SZ, r'\\.\pipe\app'), d.user(
        r'Software\Microsoft\Windows\CurrentVersion\Explorer\RunMRU', 'a', SZ, r'\\fileserver\install\1')))
usual('servers-of-the-console', 'Server Manager lists the machine by the name from before sysprep.', lambda d: d.put(
    r'Users\Administrator\AppData\Roaming\Microsoft\Windows\ServerManager\ServerList.xml',
    '<?xml version="1.0" encoding="utf-8"?><ServerList localhostName="WIN-AB12" xmlns="urn:serverpool-schema"><ServerInfo name="WIN-AB12" status="1"/></ServerList>'))

# --- what keeps others out and lets the machine ask, as servers have it ---
HARDENING = rf'{FIREWALL}\RestrictedServices\Static\System'
usual('hardening-of-dhcp', 'Rules of Windows for the service of DHCP: its way is left open, all else is closed.', lambda d: values(d, 'SYSTEM', HARDENING, SZ, **{
    'DHCP-1': r'V2.0|Action=Allow|Dir=Out|LPORT=68|RPort=67|Protocol=17|App=%SystemRoot%\system32\svchost.exe|Svc=DHCP|',
    'DHCP-1-1': r'V2.0|Action=Allow|Dir=In|LPORT=68|RPort=67|Protocol=17|App=%SystemRoot%\system32\svchost.exe|Svc=DHCP|',
    'DHCP-4': r'V2.0|Action=Block|Dir=In|App=%SystemRoot%\system32\svchost.exe|Svc=DHCP|', 'DHCP-5': r'V2.0|Action=Block|Dir=Out|App=%SystemRoot%\system32\svchost.exe|Svc=DHCP|',
    'UmRdpService-1': r'V2.0|Action=Block|Dir=In|App=%SystemRoot%\system32\svchost.exe|Svc=UmRdpService|'}))
usual('limits-of-a-baseline', 'Sessions end after a quarter of an hour without input, and a minute after they are left; the desktop is locked.', lambda d: (
    values(d, 'SOFTWARE', r'Policies\Microsoft\Windows NT\Terminal Services', DWORD, MaxIdleTime=900000, MaxDisconnectionTime=60000),
    values(d, 'SYSTEM', LISTENER, DWORD, MaxConnectionTime=0, MaxIdleTime=0, MaxDisconnectionTime=0, fInheritMaxIdleTime=1, fInheritMaxSessionTime=1, fResetBroken=0),
    d.software(rf'{CURRENT}\Policies\System', 'InactivityTimeoutSecs', DWORD, 900)))
usual('tls-as-it-is-hardened', 'Old ciphers, exchanges and hashes are off; the suites are those of today.', lambda d: (
    [d.system(rf'{CONTROL}\SecurityProviders\SCHANNEL\{name}', 'Enabled', DWORD, 0) for name in (
        r'Ciphers\Triple DES 168', r'Ciphers\RC4 128/128', r'KeyExchangeAlgorithms\Diffie-Hellman', r'Hashes\MD5', r'Hashes\SHA')],
    d.software(r'Policies\Microsoft\Cryptography\Configuration\SSL\00010002', 'Functions', SZ, 'TLS_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384')))
usual('clock-of-windows', 'The values as Windows has them; a machine of no domain stops the service.', lambda d: (
    values(d, 'SYSTEM', rf'{SERVICES}\W32Time\Config', DWORD, MinPollInterval=10, MaxPollInterval=15, PhaseCorrectRate=1, UpdateInterval=30000, MaxAllowedPhaseOffset=300,
           FrequencyCorrectRate=4, SpikeWatchPeriod=900, HoldPeriod=5, MaxPosPhaseCorrection=0xFFFFFFFF, MaxNegPhaseCorrection=0xFFFFFFFF),
    values(d, 'SYSTEM', rf'{SERVICES}\W32Time\TriggerInfo\1', DWORD, Type=3, Action=2),
    d.system(rf'{SERVICES}\W32Time', 'RequiredPrivileges', MULTI, ['SeAuditPrivilege', 'SeChangeNotifyPrivilege', 'SeCreateGlobalPrivilege', 'SeSystemTimePrivilege'])))
usual('passwords-of-a-baseline', 'Fourteen letters; ten wrong ones lock an account for ten minutes, the Administrator too.', lambda d: (
    accounts.rules(d, '<H', 0x50, 14), accounts.rules(d, '<H', 0x54, 10), accounts.rules(d, '<q', 0x30, -6_000_000_000), accounts.rules(d, '<I', 0x4C, 9)))
usual('share-behind-the-firewall', 'A folder for data is shared, and no rule opens the port.', lambda d: d.system(
    rf'{SERVICES}\LanmanServer\Shares', 'data', MULTI, ['CSCFlags=0', 'MaxUses=4294967295', r'Path=C:\data', 'Permissions=0', 'ShareName=data', 'Type=0']), warns='WIN-DEF-002')
usual('names-that-lead-home', 'Names of a product on the machine itself.', lambda d: d.put(r'Windows\System32\drivers\etc\hosts', '127.0.0.1 db.local app.local\r\n::1 app.local\r\n'))
usual('site-without-code', 'A web server with pages that are only sent.', lambda d: (tasks.site(d), d.put(r'inetpub\wwwroot\iisstart.htm', '<html/>'), d.put(r'inetpub\wwwroot\css\a.css', 'a{}'), d.put(
    r'inetpub\wwwroot\web.config', '<configuration><system.webServer><staticContent/></system.webServer></configuration>')))
usual('settings-files-of-windows', 'win.ini and system.ini as Windows has them, and the keys that stand for them.', lambda d: (
    d.put(r'Windows\win.ini', '; for 16-bit app support\r\n[fonts]\r\n[extensions]\r\n[mci extensions]\r\n[files]\r\n[Mail]\r\nMAPI=1\r\n'),
    d.put(r'Windows\system.ini', '; for 16-bit app support\r\n[386Enh]\r\nwoafont=dosapp.fon\r\n[drivers]\r\nwave=mmdrv.dll\r\ntimer=timer.drv\r\n[mci]\r\n'),
    d.software(rf'{NT}\IniFileMapping\win.ini\Windows', '', SZ, r'USR:Software\Microsoft\Windows NT\CurrentVersion\Windows'),
    d.software(rf'{NT}\IniFileMapping\system.ini\boot', 'Shell', SZ, r'SYS:Microsoft\Windows NT\CurrentVersion\Winlogon')))
usual('tunnel-without-a-profile', 'OpenVPN is installed, and connects to nobody.', lambda d: (
    tasks.openvpn(d), d.user(rf'Software\{CURRENT}\Run', 'OPENVPN-GUI', SZ, rf'{tasks.OPENVPN}\bin\openvpn-gui.exe')))
usual('data-that-no-catalog-lists', 'A Windows whose catalogs list programs alone: tables, fonts of the boot manager and errata.inf are there like on any other.', lambda d: (
    [d.put(rf'Windows\System32\C_{page}.NLS', bytes(range(256)) * 16) for page in range(1250, 1262)], d.put(r'Windows\INF\errata.inf', '[Version]\r\n'),
    [d.put(rf'Windows\Boot\Fonts\{name}_boot.ttf', b'\0\1\0\0' + bytes(4096)) for name in 'abcdefghijkl']), warns='WIN-KERNEL-006')
