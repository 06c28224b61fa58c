//! Entries as Windows and products for it write them.

use super::*;

fn roots() -> Roots {
    Roots::new('C', "Windows")
}

#[test]
fn the_program_of_an_entry_is_found_behind_its_flags() {
    let read = |text: &str| {
        let command = NativeCommand::read("BootExecute", text, &roots())?;
        Some((command.program?, command.arguments.join(" ")))
    };
    let of = |path: &str, arguments: &str| Some((path.to_owned(), arguments.to_owned()));
    let autochk = r"C:\Windows\System32\autochk.exe";
    assert_eq!(read("autocheck autochk *"), of(autochk, "*"));
    assert_eq!(read("autocheck autochk /k:C *"), of(autochk, "/k:C *"));
    assert_eq!(
        read("async stage2"),
        of(r"C:\Windows\System32\stage2.exe", "")
    );
    assert_eq!(read(r"\??\C:\x\evil.exe /q"), of(r"C:\x\evil.exe", "/q"));
    assert_eq!(
        read(r"\SystemRoot\System32\poqexec.exe"),
        of(r"C:\Windows\System32\poqexec.exe", "")
    );
    assert_eq!(read(" "), None);
    assert_eq!(read(r"\Device\HarddiskVolume1\x.exe"), None);
}

#[test]
fn libraries_of_the_subsystem_are_told_apart_from_its_parameters() {
    let text = r"%SystemRoot%\system32\csrss.exe ObjectDirectory=\Windows SharedSection=1024,20480,768 Windows=On SubSystemType=Windows ServerDll=basesrv,1 ServerDll=winsrv:UserServerDllInitialization,3 ServerDll=evil,4 ProfileControl=Off MaxRequestThreads=16";
    let read = Subsystem::read(text, &roots());
    assert_eq!(
        read.program.as_deref(),
        Some(r"C:\Windows\system32\csrss.exe")
    );
    assert_eq!(read.libraries, ["basesrv", "winsrv", "evil"]);
    let roots = roots();
    let files: Vec<String> = read.files(&roots).collect();
    assert_eq!(files[2], r"C:\Windows\System32\evil.dll");
    assert_eq!(read.parameters.len(), 6);
}
