//! A whole Windows disk, from its qcow2 container to its services: what the registry says is
//! what hivex read of the same hives.

use std::collections::BTreeSet;

use imgscan_core::container::OpenOptions;
use imgscan_core::evidence::Evidence;
use imgscan_core::guest::Family;
use imgscan_core::inspect::inspect;
use imgscan_core::policy::{Policy, Status, run};
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

/// None of the marketplace's components is in this image, and nothing may pass for them.
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
        if result.check != "WIN-DESK-001" {
            equal(&result.check, result.status, Status::Fail)?;
        }
    }
    Ok(())
}

pub fn trials() -> Vec<Trial> {
    vec![Trial::test(
        "a_composed_windows_disk_says_what_its_hives_say",
        composed,
    )]
}
