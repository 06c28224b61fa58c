//! A whole Windows disk, from its qcow2 container to its services: what the registry says is
//! what hivex read of the same hives.

use std::collections::BTreeSet;
use std::sync::Arc;

use imgscan_core::container::OpenOptions;
use imgscan_core::evidence::windows::Autostart;
use imgscan_core::evidence::{Evidence, Found};
use imgscan_core::fs::memory::MemoryFs;
use imgscan_core::fs::{Content, OpenVolume, Timestamp};
use imgscan_core::guest::Family;
use imgscan_core::inspect::inspect;
use imgscan_core::policy::{Policy, Status, run};
use imgscan_core::source::MemorySource;
use imgscan_core::volume::Volume;
use libtest_mimic::{Failed, Trial};

use crate::files;

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, ours: T, truth: T) -> Result<(), Failed> {
    if ours == truth {
        Ok(())
    } else {
        Err(format!("{what}: {ours:?}, truth {truth:?}").into())
    }
}

fn composed() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let image = files::unpack("composed-windows/win7-mbr.qcow2.zst", dir.path());
    let inspection = inspect(&image, &OpenOptions::default(), &|_| {})?;
    equal("guests", inspection.guests.len(), 1)?;
    let guest = &inspection.guests[0];
    let os = &guest.os;
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    // The SOFTWARE hive is plaso's, the SYSTEM hive is regipy's: facts of windows-state and of
    // their truth files.
    equal("family", guest.family, Family::Windows)?;
    equal("volume", guest.root_volume.as_str(), "p2")?;
    equal("product", text(&os.name).as_str(), "Windows 7 Ultimate")?;
    equal("edition", text(&os.edition).as_str(), "Ultimate")?;
    equal("version", text(&os.version).as_str(), "6.1")?;
    equal("build", text(&os.build).as_str(), "7601")?;
    equal("host name", text(&os.host_name).as_str(), "WKS-WIN732BITA")?;
    equal("architecture", text(&os.architecture).as_str(), "x86")?;
    equal("problems", guest.problems.len(), 0)?;
    let evidence = Evidence::new(guest);
    drivers(&evidence)?;
    users(&evidence)?;
    autostarts(&evidence)?;
    state(&evidence)?;
    programs(&evidence)?;
    checks(&inspection.guests)
}

/// Every driver service of the truth file, with its type, start type and path.
fn drivers(evidence: &Evidence<'_>) -> Result<(), Failed> {
    let truth = files::truth("regipy/SYSTEM.xz").ok_or("truth")?;
    let (_, lines) = truth
        .split_once("kernel/filesystem driver services in ControlSet001: ")
        .ok_or("driver lines")?;
    let count: usize = lines.lines().next().unwrap_or_default().trim().parse()?;
    let wanted: BTreeSet<String> = lines
        .lines()
        .skip(1)
        .take_while(|l| l.contains(" type="))
        .map(|l| l.trim().to_owned())
        .collect();
    let services = evidence.windows.services().map_err(|g| g.reason)?;
    equal("gaps", services.gaps.len(), 0)?;
    let drivers: Vec<_> = services
        .items
        .iter()
        .filter(|s| matches!(s.kind, Some(1 | 2)))
        .collect();
    equal("drivers", drivers.len(), count)?;
    let mut missing = Vec::new();
    for d in &drivers {
        let start = d.start.as_ref().map(|s| s.fact.to_string());
        let image = d.image_path.as_ref().map(|i| i.fact.clone());
        let line = format!(
            "{} type={} start={} image={}",
            d.name,
            d.kind.unwrap_or_default(),
            start.unwrap_or_default(),
            image.unwrap_or_default()
        );
        if !wanted.contains(line.trim()) {
            missing.push(line);
        }
    }
    println!(
        "win7-mbr: {} services, {} drivers, {} lines of the truth, not in it: {missing:?}",
        services.items.len(),
        drivers.len(),
        wanted.len()
    );
    let outside = drivers.iter().find(|d| d.name == "Mnemosyne");
    let outside = outside
        .and_then(|d| d.image_path.as_ref())
        .ok_or("Mnemosyne")?;
    equal(
        "path",
        outside.fact.as_str(),
        r"\??\C:\Windows\system32\Mnemosynei386.sys",
    )?;
    equal(
        "key",
        outside.at.key.as_deref(),
        Some(r"HKLM\SYSTEM\ControlSet001\Services\Mnemosyne"),
    )?;
    if wanted.len() == count {
        equal("unlike the truth", missing.len(), 0)?;
    }
    Ok(())
}

/// The users of regipy's SAM, as hivex reads the bytes of their records.
fn users(evidence: &Evidence<'_>) -> Result<(), Failed> {
    let accounts = evidence.windows.accounts().map_err(|g| g.reason)?;
    equal("gaps", accounts.gaps.len(), 0)?;
    equal(
        "machine",
        accounts.machine_sid.as_deref(),
        Some("S-1-5-21-1760460187-1592185332-161725925"),
    )?;
    let time = |t: Option<Timestamp>| t.map_or_else(|| "never".into(), |t| t.to_string());
    let lines = accounts.users.iter().map(|user| {
        let it = &user.fact;
        let account = it.account.as_ref().ok_or("account")?;
        let name = it.name.as_deref().unwrap_or_default();
        let (logon, set) = (time(account.last_logon), time(account.password_set));
        let (bits, logons) = (account.control_bits, account.logons);
        equal("own names", it.listed_names.as_slice(), &[name.to_owned()])?;
        equal("hidden", it.hidden, Some(false))?;
        equal("hijacked", it.hijacked, Some(false))?;
        Ok(format!(
            "{} {name} {bits:#x} {logon} {set} {logons}",
            it.rid
        ))
    });
    let lines = lines.collect::<Result<Vec<String>, Failed>>()?;
    equal(
        "users",
        lines.iter().map(String::as_str).collect(),
        vec![
            "500 Administrator 0x211 2010-11-20T21:48:12Z 2010-11-20T21:56:34Z 6",
            "501 Guest 0x215 never never 0",
            "1000 Preston 0x10 2014-09-30T02:59:34Z 2014-09-24T03:35:45Z 4",
        ],
    )?;
    // The hive's own index from members to groups, Aliases\Members, is the truth for the groups.
    let members = |rid: u32| -> Vec<String> {
        let group = accounts.groups.iter().find(|g| g.fact.rid == rid);
        let members = group.map(|g| g.fact.members.clone()).unwrap_or_default();
        members
            .iter()
            .map(|m| accounts.named(m).to_owned())
            .collect()
    };
    let mut with_users: Vec<String> = members(545);
    with_users.sort();
    equal(
        "Administrators",
        members(544),
        vec!["Administrator".into(), "Preston".into()],
    )?;
    let mut users = vec!["Preston".to_owned(), "S-1-5-11".into(), "S-1-5-4".into()];
    users.sort();
    equal("Users", with_users, users)?;
    equal("Guests", members(546), vec!["Guest".into()])?;
    equal("IIS_IUSRS", members(568), vec!["S-1-5-17".into()])?;
    equal("groups", accounts.groups.len(), 14)
}

/// What starts by itself, as windows-state and hivex have it.
fn autostarts(evidence: &Evidence<'_>) -> Result<(), Failed> {
    let found = evidence.windows.autostarts();
    let of = |kind: &str, hive: &str| -> Vec<&str> {
        let all = found.items.iter().filter(|a| a.fact.kind == kind);
        let key = |a: &&Found<Autostart>| a.at.key.as_ref().is_some_and(|k| k.starts_with(hive));
        all.filter(key).map(|a| a.fact.name.as_str()).collect()
    };
    equal(
        "Run",
        of("Run", r"HKLM\SOFTWARE"),
        vec![
            "VMware Tools",
            "VMware User Process",
            "Adobe ARM",
            "McAfeeUpdaterUI",
            "ShStatEXE",
            "McAfee Host Intrusion Prevention Tray",
            "svchost",
        ],
    )?;
    let disguised = found.items.iter().find(|a| a.fact.name == "svchost");
    let disguised = disguised.ok_or("svchost")?;
    equal(
        "command",
        disguised.fact.command.as_deref(),
        Some(r"c:\windows\system32\dllhost\svchost.exe"),
    )?;
    equal(
        "key",
        disguised.at.key.as_deref(),
        Some(r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run"),
    )?;
    equal(
        "Winlogon",
        of("Winlogon", r"HKLM\SOFTWARE"),
        vec!["Shell", "Userinit"],
    )?;
    equal(
        "Active Setup",
        of("Active Setup", r"HKLM\SOFTWARE").len(),
        9,
    )?;
    equal(
        "boot",
        of("Session Manager", r"HKLM\SYSTEM"),
        vec!["BootExecute"],
    )
}

/// Settings and adapters of regipy's SYSTEM and plaso's SOFTWARE, as hivex reads them.
fn state(evidence: &Evidence<'_>) -> Result<(), Failed> {
    let found = evidence.windows.settings();
    equal("gaps", found.gaps.len(), 0)?;
    let shown: Vec<String> = found
        .items
        .iter()
        .map(|s| format!("{}: {} = {}", s.fact.topic, s.fact.name, s.fact.data))
        .collect();
    for line in [
        "setup: GeneralizationState = 7",
        "setup: CleanupState = 2",
        "setup: SystemSetupInProgress = 0",
        "setup: ImageState = IMAGE_STATE_COMPLETE",
        // 0x4cdac847
        "installed: InstallDate = 1289406535",
        "time zone: TimeZoneKeyName = Eastern Standard Time",
        "time zone: Bias = 300",
        "time source: Type = NT5DS",
        "time source: NtpServer = time.windows.com,0x9",
        "remote desktop: fDenyTSConnections = 0",
        "remote desktop: PortNumber = 3389",
        "network: Domain = shieldbase.local",
        "firewall (domain): EnableFirewall = 1",
        "firewall (private): EnableFirewall = 1",
        "firewall (public): EnableFirewall = 1",
    ] {
        if !shown.iter().any(|s| s == line) {
            return Err(format!("not there: {line}; there: {shown:#?}").into());
        }
    }
    let adapters = evidence.windows.adapters();
    let with: Vec<String> = adapters
        .items
        .iter()
        .filter(|a| !a.fact.name_servers.is_empty())
        .map(|a| {
            format!(
                "{} {:?} {:?}",
                a.fact.name, a.fact.addresses, a.fact.name_servers
            )
        })
        .collect();
    equal("adapters", adapters.items.len(), ADAPTERS)?;
    equal(
        "name servers",
        with,
        vec![
            r#"{698E50A9-4F58-4D86-B61D-F42E58DCACF6} ["10.3.58.5"] ["10.3.58.4"]"#.into(),
            r#"{6AAFC9A9-0542-4DB2-8760-CCFFA953737C} ["192.168.1.123"] ["192.168.1.112"]"#.into(),
        ],
    )
}

/// Keys of adapters below Tcpip (3) and Tcpip6 (7), counted by hivex.
const ADAPTERS: usize = 10;

/// The programs and packages of plaso's SOFTWARE, counted by hivex.
fn programs(evidence: &Evidence<'_>) -> Result<(), Failed> {
    let found = evidence.windows.programs();
    let of_machine = found.items.iter().filter(|p| {
        let key = p.at.key.as_deref().unwrap_or_default();
        key.starts_with(r"HKLM\SOFTWARE\Microsoft")
    });
    let of_machine: Vec<_> = of_machine.collect();
    equal("programs", of_machine.len(), 67)?;
    let named = of_machine.iter().filter(|p| p.fact.name.is_some());
    equal("with a name", named.count(), 41)?;
    let skype = of_machine
        .iter()
        .find(|p| p.fact.name.as_deref() == Some("Skype™ 5.5"))
        .ok_or("Skype")?;
    equal("version", skype.fact.version.as_deref(), Some("5.5.114"))?;
    equal("date", skype.fact.install_date.as_deref(), Some("20110828"))?;
    let mut gaps = Vec::new();
    let updates = evidence.windows.updates(&mut gaps).map_err(|g| g.reason)?;
    equal("gaps", gaps.len(), 0)?;
    equal("packages", updates.packages, 1034)?;
    equal("installed", updates.installed, 524)?;
    equal("updates", updates.updates.len(), 83)?;
    equal("first", updates.updates[0].as_str(), "KB2305420")
}

/// None of the marketplace's components is in this image, and nothing may pass for them.
/// What follows from the facts that the truth files and hivex have: none of the provider's
/// components, a system in use that sysprep never ran on, Administrator disabled, a SAM that
/// belongs to another system than SYSTEM (impacket rejects their keys too), SECURITY dirty
/// without logs, fixed name servers, VMware Tools.
const JUDGED: &[(&str, Status)] = &[
    ("WIN-CBI-001", Status::Fail),
    ("WIN-CBI-002", Status::Fail),
    ("WIN-AGENT-001", Status::Fail),
    ("WIN-AGENT-002", Status::Fail),
    ("WIN-AGENT-003", Status::Warn),
    ("WIN-SYSPREP-001", Status::Fail),
    ("WIN-SYSPREP-002", Status::Unknown),
    ("WIN-SYSPREP-003", Status::NotApplicable),
    ("WIN-ACCT-001", Status::Fail),
    // An account that is enabled is a further administrator.
    ("WIN-ACCT-002", Status::Unknown),
    ("WIN-ACCT-003", Status::Unknown),
    ("WIN-ACCT-004", Status::NotApplicable),
    ("WIN-NET-001", Status::Fail),
    ("WIN-BOOT-002", Status::Fail),
    // No program of Windows is in this image, so no service starts.
    ("WIN-TIME-001", Status::Fail),
    ("WIN-CAP-001", Status::Fail),
    ("WIN-CAP-002", Status::Fail),
    ("WIN-CAP-003", Status::Warn),
    // A Run value with the name of a program of Windows, and one in a user's folder.
    ("WIN-PERSIST-001", Status::Fail),
    ("WIN-PERSIST-002", Status::Pass),
    // Its tasks and services are known; their files are not in this image.
    ("WIN-PERSIST-003", Status::Warn),
    // Defender is switched off, and no other product is there.
    ("WIN-DEF-001", Status::Unknown),
    // The descriptor of CryptSvc ends early.
    ("WIN-DEF-002", Status::Unknown),
    ("WIN-LEAK-001", Status::Pass),
    // The domain's own authority.
    ("WIN-CERT-001", Status::Unknown),
    // Zeros before the first partition, and mkntfs's boot code.
    ("WIN-KERNEL-009", Status::Pass),
    // It has no event logs.
    ("WIN-KERNEL-010", Status::Unknown),
];

fn checks(guests: &[imgscan_core::guest::Guest]) -> Result<(), Failed> {
    let policy = Policy::built_in("tencent-marketplace")?;
    let evidence: Vec<Evidence<'_>> = guests.iter().map(Evidence::new).collect();
    for result in run(&policy, &evidence, &[], &|_| {}) {
        if !result.check.starts_with("WIN-") {
            continue;
        }
        println!(
            "{} {:?}: {} gaps {:?}",
            result.check, result.status, result.reason.en, result.gaps
        );
        if result.check == "WIN-KERNEL-006" {
            named(&result.evidence)?;
        }
        if let Some((_, status)) = JUDGED.iter().find(|(id, _)| *id == result.check) {
            equal(&result.check, result.status, *status)?;
        }
        if result.check == "WIN-PERSIST-001" {
            let place = |at: &imgscan_core::evidence::Location| {
                let key = at.key.clone().or_else(|| at.path.clone());
                (key.unwrap_or_default(), at.value.clone())
            };
            let found = |text: &str| {
                let mut all = result.evidence.iter();
                let item = all.find(|i| i.found.as_ref().map(|t| t.en.as_str()) == Some(text));
                item.map(|i| place(&i.at))
                    .ok_or_else(|| format!("not found: {text}"))
            };
            let run = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run";
            equal(
                "the disguised program",
                found(r"c:\windows\system32\dllhost\svchost.exe")?,
                (run.to_owned(), Some("svchost".into())),
            )?;
            let stream = "C:/Windows/System32/drivers/amdi2c.sys:evil";
            equal("the stream", found(stream)?, (stream.to_owned(), None))?;
        }
    }
    Ok(())
}

/// Hives that were edited to the state of a generalized system, and real ones in use: what both
/// say together, with and without the files that sysprep leaves.
fn sysprep() -> Result<(), Failed> {
    const LOG: &str = "2023-11-20 10:00:00, Info                  SYSPRP ===          Beginning of a new sysprep run          ===\r\n\
        2023-11-20 10:00:00, Info       [0x0f005f] SYSPRP ParseCommands:Found supported command line option 'GENERALIZE'\r\n\
        2023-11-20 10:00:00, Info       [0x0f005f] SYSPRP ParseCommands:Found supported command line option 'OOBE'\r\n\
        2023-11-20 10:02:00, Info       [0x0f0052] SYSPRP FCreateTagFile:Successfully created tag file C:\\x.tag\r\n";
    let dir = tempfile::tempdir()?;
    let hive = |name: &str| std::fs::read(files::unpack(name, dir.path()));
    let generalized = (
        hive("derived-sysprep/win7-SYSTEM.generalized.zst")?,
        hive("derived-sysprep/win10-SOFTWARE.generalized.zst")?,
    );
    // Its GeneralizationState is 7, as in every system in use.
    let in_use = (hive("regipy/SYSTEM.xz")?, hive("plaso/SOFTWARE.zst")?);
    let image = |system: &[u8], software: &[u8]| {
        MemoryFs::new(true)
            .file("/Windows/System32/config/SYSTEM", 0o644, system)
            .file("/Windows/System32/config/SOFTWARE", 0o644, software)
    };
    let ran = |fs: MemoryFs| {
        fs.file("/Windows/System32/Sysprep/Sysprep_succeeded.tag", 0o644, "")
            .file("/Windows/System32/Sysprep/Panther/setupact.log", 0o644, LOG)
    };
    let both = || image(&generalized.0, &generalized.1);
    let used = || image(&in_use.0, &in_use.1);
    for (what, fs, wanted) in [
        ("generalized, with its files", ran(both()), Status::Pass),
        ("only the registry says so", both(), Status::Unknown),
        ("in use, GeneralizationState 7", used(), Status::Fail),
        ("started again", ran(used()), Status::Warn),
        (
            "only SOFTWARE says so",
            ran(image(&in_use.0, &generalized.1)),
            Status::Fail,
        ),
        (
            "only SYSTEM says so",
            ran(image(&generalized.0, &in_use.1)),
            Status::Fail,
        ),
    ] {
        equal(what, sysprep_status(fs)?, wanted)?;
    }
    Ok(())
}

fn sysprep_status(fs: MemoryFs) -> Result<Status, Failed> {
    let volume = OpenVolume {
        volume: Volume {
            name: "p1".into(),
            number: 1,
            offset: 0,
            len: 1 << 30,
            kind: "07".into(),
            label: None,
            part_uuid: None,
            bootable: false,
            attributes: 0,
            data: Arc::new(MemorySource::default()),
        },
        content: Content::FileSystem(Arc::new(fs)),
        also: Vec::new(),
    };
    let guests = imgscan_core::guest::find(&[volume]);
    let evidence: Vec<Evidence<'_>> = guests.iter().map(Evidence::new).collect();
    let mut policy = Policy::built_in("tencent-marketplace")?;
    policy.checks.retain(|c| c.id == "WIN-SYSPREP-001");
    let results = run(&policy, &evidence, &[], &|_| {});
    let result = results.first().ok_or("no result")?;
    println!("{:?}: {}", result.status, result.reason.en);
    Ok(result.status)
}

/// The driver outside of `drivers` and the one without a signature, found without being told.
fn named(evidence: &[imgscan_core::policy::Item]) -> Result<(), Failed> {
    let key = r"HKLM\SYSTEM\ControlSet001\Services\Mnemosyne";
    let outside = evidence.iter().find(|i| i.at.key.as_deref() == Some(key));
    let outside = outside.ok_or("Mnemosyne")?;
    equal("value", outside.at.value.as_deref(), Some("ImagePath"))?;
    let path = r"\??\C:\Windows\system32\Mnemosynei386.sys: no such file";
    equal(
        "path",
        outside.found.as_ref().map(|t| t.en.as_str()),
        Some(path),
    )?;
    let told = outside.note.en.contains("outside of the usual folders");
    equal("told", told, true)?;
    let file = |name: &str| {
        let path = format!("C:/Windows/System32/drivers/{name}");
        let is = |p: &String| p.eq_ignore_ascii_case(&path);
        let item = evidence.iter().find(|i| i.at.path.as_ref().is_some_and(is));
        let found = item.and_then(|i| i.found.clone());
        found.ok_or_else(|| Failed::from(format!("no {name}")))
    };
    // The digests are those that osslsigncode calculates.
    let unsigned = file("amdi2c.sys")?;
    equal("unsigned", unsigned.en.starts_with("not signed"), true)?;
    let acpi = file("acpi.sys")?;
    let anchor = "anchor Microsoft Windows Production PCA 2011";
    equal("acpi", acpi.en.contains(anchor), true)
}

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("a_composed_windows_disk_says_what_its_hives_say", composed),
        Trial::test(
            "hives_of_a_generalized_system_pass_only_as_a_whole",
            sysprep,
        ),
    ]
}
