use super::hosts::Carried::*;
use super::hosts::*;

fn of(program: &str, rest: &str) -> Vec<Carried> {
    carried(program, rest).unwrap()
}

#[test]
fn the_command_processor_runs_what_stands_behind_its_switch() {
    // `cmd /?`: /C, /K, /R; /S and the quotation marks.
    for (rest, expected) in [
        (r"/c C:\x\a.bat", r"C:\x\a.bat"),
        (r#"/C""C:\a b\x.exe" /y""#, r#""C:\a b\x.exe" /y"#),
        (r#"/d /s /c "echo a & b.exe""#, "echo a & b.exe"),
        (r#"/c "C:\a b\x.exe""#, r#""C:\a b\x.exe""#),
        ("/q/v:on/k x.exe", "x.exe"),
        ("/ccalc", "calc"),
    ] {
        assert_eq!(of("cmd", rest), [Shell(expected.into())], "{rest}");
    }
    assert!(of("cmd", "").is_empty() && of("cmd", "/k").is_empty());
}

#[test]
fn powershell_knows_its_switches_by_their_beginnings() {
    let rest = r#"-ExecutionPolicy Bypass -File C:\x\a.ps1 -Name "a b""#;
    let told = Told {
        script: r"C:\x\a.ps1".into(),
        arguments: r#"-Name "a b""#.into(),
        line: format!("powershell {rest}"),
    };
    assert_eq!(of("powershell", rest), [told]);
    for rest in [
        r"-ExecutionPolicy Bypass -File C:\x\a.ps1",
        r"-nop -w hidden -f C:\x\a.ps1",
        r"-NoProfile -Command & 'C:\x\a.ps1'",
        r"/ep bypass . C:\x\a.ps1",
    ] {
        let expected = [Script(r"C:\x\a.ps1".into())];
        assert_eq!(of("powershell", rest), expected, "{rest}");
    }
    for rest in [
        "-w hidden \u{2013}enc SQBFAFgA",
        "-e SQBFAFgA",
        "/ec SQBFAFgA",
        "-NonInteractive -encodedc SQBFAFgA",
    ] {
        assert_eq!(of("powershell", rest), [PowerShell(rest.into())], "{rest}");
    }
    let line = "Set-Service x";
    assert_eq!(of("powershell", line), [PowerShell(line.into())]);
    assert_eq!(of("pwsh", "run.ps1"), [Script("run.ps1".into())]);
    assert!(matches!(&of("powershell", "-")[..], [Unclear(_)]));
    assert!(of("powershell", "-NoLogo -NoExit").is_empty());
}

#[test]
fn hosts_of_scripts_take_switches_before_the_script() {
    // `cscript //?`; one slash will do before the script.
    for rest in [
        r"C:\x\a.vbs",
        r"//B //nologo C:\x\a.vbs",
        r"/B /nologo /T:30 /U C:\x\a.vbs",
        r"/E:vbscript /H:CScript /Job:one /I /D /S /logo /X C:\x\a.vbs",
        r"C:\x\a.vbs //B",
    ] {
        let expected = [Script(r"C:\x\a.vbs".into())];
        assert_eq!(of("cscript", rest), expected, "{rest}");
    }
    for rest in [
        r"/E:MyEngine C:\x\a.vbs",
        r"/T: C:\x\a.vbs",
        r"/C:\x.exe C:\x\a.vbs",
        r"C:\x\a.vbs //E:{00000000-0000-0000-0000-000000000001}",
    ] {
        assert!(matches!(&of("wscript", rest)[..], [Unclear(_)]), "{rest}");
    }
    let rest = r#"/b C:\x\a.vbs /p "n;calc" //nologo"#;
    let told = Told {
        script: r"C:\x\a.vbs".into(),
        arguments: "/p n;calc".into(),
        line: format!("cscript {rest}"),
    };
    assert_eq!(of("cscript", rest), [told]);
    assert!(of("cscript", "//H:cscript //nologo").is_empty());
}

#[test]
fn libraries_and_second_stages_of_rundll32() {
    let library = |l: &str| Library(l.into());
    for (rest, expected) in [
        (r"C:\x\evil.dll,Run", vec![library(r"C:\x\evil.dll")]),
        (
            r#""C:\a b\x.dll",Run 1"#,
            vec![Function(
                r"C:\a b\x.dll".into(),
                r#""C:\a b\x.dll",Run 1"#.into(),
            )],
        ),
        (r"/d C:\x\evil.dll,Run", vec![library(r"C:\x\evil.dll")]),
        (r"C:\x\evil,Run", vec![library(r"C:\x\evil.dll")]),
        (
            r"shell32.dll,ShellExec_RunDLL C:\x.exe",
            vec![library("shell32.dll"), Command(r"C:\x.exe".into())],
        ),
        (
            r"shell32.dll,Control_RunDLL C:\x.cpl",
            vec![library("shell32.dll"), library(r"C:\x.cpl")],
        ),
        (
            "-sta {deadbeef-0000-0000-0000-000000000001}",
            vec![Class("{deadbeef-0000-0000-0000-000000000001}".into())],
        ),
    ] {
        assert_eq!(of("rundll32", rest), expected, "{rest}");
    }
    let script = r#"javascript:"\..\mshtml,RunHTMLApplication ";alert(1)"#;
    assert_eq!(of("rundll32", script), [Code(script.into())]);
}

#[test]
fn other_hosts_and_programs_that_are_none() {
    for (program, rest, expected) in [
        ("wscript", r"//B C:\x\a.vbs", Script(r"C:\x\a.vbs".into())),
        ("regsvr32", r"/s C:\x\a.dll", Library(r"C:\x\a.dll".into())),
        (
            "msbuild",
            r"/nologo C:\x\a.xml",
            Script(r"C:\x\a.xml".into()),
        ),
        (
            "forfiles",
            r"/p c:\windows /m notepad.exe /c C:\x\evil.exe",
            Command(r"C:\x\evil.exe".into()),
        ),
        (
            "conhost",
            r"--headless C:\x\e.exe",
            Command(r"C:\x\e.exe".into()),
        ),
        (
            "python",
            r"-u C:\x\a.py --listen",
            Script(r"C:\x\a.py".into()),
        ),
        ("python3.11", "-c import-os", Code("import-os".into())),
        (
            "java",
            r"-Xmx1g -jar C:\x\a.jar run",
            Library(r"C:\x\a.jar".into()),
        ),
        (
            "msiexec",
            r"/qn /i C:\x\a.msi",
            Script(r"C:\x\a.msi".into()),
        ),
        ("pcalua", r"-a C:\x.exe", Command(r"C:\x.exe".into())),
        ("dllhost", "/Processid:{A}", Class("{A}".into())),
    ] {
        assert_eq!(of(program, rest), [expected], "{program} {rest}");
    }
    for none in ["svchost", "postgres", "gitlab-runner", "pythonish"] {
        assert_eq!(carried(none, "x"), None, "{none}");
    }
    assert!(of("conhost", "0xffffffff -ForceV1").is_empty());
}

#[test]
fn programs_of_windows_are_silent_where_their_words_carry_nothing() {
    // Tasks and services of Windows Server 2016 to 2022.
    for (name, rest) in [
        ("svchost", "-k netsvcs -p -s Schedule"),
        ("usoclient", "StartScan"),
        ("provtool", "/turn 5 /source LogonIdleTask"),
        ("defrag", "-c -h -k -g -$"),
        ("cleanmgr", "/autoclean /d C:"),
        ("searchindexer", "/Embedding"),
        ("notepad", "%1"),
    ] {
        assert!(is_plain(name, rest), "{name} {rest}");
        assert_eq!(carried(name, rest), None, "{name}");
    }
    for (name, rest) in [
        ("lpremove", r"C:\x"),
        ("mstsc", "x.rdp"),
        ("anything", "http://203.0.113.7"),
        ("anything", "/p:x"),
        ("ssh-keygen", "-D x"),
        ("tscon", "1"),
    ] {
        assert!(!is_plain(name, rest), "{name} {rest}");
    }
    let telemetry = "-m:appraiser.dll -f:DoScheduledTelemetryRun";
    assert_eq!(
        of("compattelrunner", telemetry),
        [Library("appraiser.dll".into())]
    );
    assert!(!of("mpcmdrun", "-DownloadFile -url http://203.0.113.7").is_empty());
}

#[test]
fn code_in_one_word_with_its_option_is_not_passed_over() {
    for (program, rest) in [
        ("node", r"--require=C:/x/a.js"),
        ("node", "-pe 1"),
        ("python", "-Ic import-os"),
        ("java", "-XX:OnError=calc -jar C:\\x.jar"),
    ] {
        let carries = of(program, rest);
        assert!(matches!(&carries[0], Unclear(_)), "{program} {rest}");
    }
    assert!(of("java", "-Xmx1g -Dfile.encoding=UTF-8").is_empty());
}

#[test]
fn paths_of_programs_are_found_among_arguments() {
    let found = paths_to_programs(r#"-k "C:\a b\x.exe" --app=D:\y\z.dll /l C:\log.txt"#);
    assert_eq!(found, [r"C:\a b\x.exe", r"D:\y\z.dll"]);
    assert!(paths_to_programs("run --config C:\\x\\config.toml").is_empty());
}

#[test]
fn defender_that_scans_and_debuggers_that_take_over_carry_nothing() {
    // Arguments of the tasks of Windows Defender, and of AeDebug.
    for (program, rest) in [
        ("mpcmdrun", "-IdleTask -TaskName WdCacheMaintenance"),
        (
            "mpcmdrun",
            "Scan -ScheduleJob -ScanTrigger 55 -IdleScheduledJob",
        ),
        ("mpcmdrun", "Scan -ScheduleJob -RestrictPrivileges"),
        ("mpcmdrun", "-SignatureUpdate"),
        ("vsjitdebugger", "-p %ld -e %ld -j 0x%p"),
        ("windbg", "-p %ld -e %ld -g"),
        ("ntsd", "-p %ld -e %ld -g -z 0x%p"),
    ] {
        let loaded = [Library("MpClient.dll".into())];
        let expected = loaded.get(usize::from(program != "mpcmdrun")..);
        assert_eq!(Some(&of(program, rest)[..]), expected, "{program} {rest}");
    }
    for (program, rest) in [
        (
            "mpcmdrun",
            r"-DownloadFile -url http://203.0.113.7/a -path C:\x.exe",
        ),
        ("mpcmdrun", "-RemoveDefinitions -All"),
        ("mpcmdrun", r"-Scan -ScanType 3 -File C:\x"),
        ("windbg", r#"-p %ld -e %ld -c ".shell C:\x.exe""#),
        ("windbg", r"-p %ld -cf C:\x.txt"),
        ("windbg", r"-z C:\x.dmp"),
        ("cdb", r"C:\x.exe"),
        ("vsjitdebugger", r"C:\x.exe"),
    ] {
        assert!(!of(program, rest).is_empty(), "{program} {rest}");
    }
}

/// Microsoft Learn, the page of each command.
#[test]
fn words_of_programs_of_windows_that_act_are_known() {
    for (name, rest) in [
        ("ipconfig", "/flushdns"),
        ("ipconfig", "-all"),
        (
            "powercfg",
            "/setactive 8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c",
        ),
        ("powercfg", "-h off"),
        ("powercfg", "/change standby-timeout-ac 0"),
        ("gpupdate", "/target:computer"),
        ("nslookup", "example.com"),
    ] {
        assert!(is_plain(name, rest), "{name} {rest}");
    }
    for (name, rest) in [
        ("ipconfig", "/release"),
        ("ipconfig", "/RELEASE6 Ethernet"),
        ("powercfg", "/change standby-timeout-ac 1"),
        ("powercfg", "/hibernate on"),
        ("gpupdate", "/force /boot"),
        ("nslookup", "alive.example.com 203.0.113.9"),
        ("rasdial", "Corp user word"),
        ("reset", "session rdp-tcp"),
        ("tskill", "python /a"),
        ("iscsicli", "QLoginTarget iqn-x"),
    ] {
        assert!(!is_plain(name, rest), "{name} {rest}");
    }
}

#[test]
fn forfiles_is_read_where_it_starts_no_file() {
    let rest = r#"/p C:\logs /s /m *.log /d -30 /c "cmd /c del @path""#;
    assert_eq!(of("forfiles", rest), [Code("del @path".into())]);
    for command in [
        "cmd /c @path",
        "cmd /c start @path",
        "@path",
        "cmd /c del @path & x.exe",
    ] {
        let rest = format!(r#"/m *.log /c "{command}""#);
        assert!(
            matches!(of("forfiles", &rest)[..], [Unclear(_)]),
            "{command}"
        );
    }
}
