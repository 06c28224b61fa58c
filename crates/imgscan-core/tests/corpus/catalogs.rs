//! Real catalogs of Microsoft's with the drivers that they list: each driver as its maker delivers
//! it, without its own signature, with one byte changed, and without its catalog. What lists what is
//! osslsigncode's word.

use std::sync::Arc;

use imgscan_core::evidence::Evidence;
use imgscan_core::evidence::windows::{KernelFile, Standing};
use imgscan_core::fs::memory::MemoryFs;
use imgscan_core::fs::{Content, OpenVolume};
use imgscan_core::source::MemorySource;
use imgscan_core::volume::Volume;
use libtest_mimic::{Failed, Trial};

use crate::files;

const STORE: &str = "/Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}";
/// Each driver with the one catalog that lists it.
const LISTED: [(&str, &str); 3] = [
    ("ftdibus.sys", "ftdibus.cat"),
    ("FTSER2K.sys", "ftdiport.cat"),
    ("tiusb.sys", "tidepoolvcp.cat"),
];
const CATALOGS: [&str; 4] = [
    "ftdibus.cat",
    "ftdiport.cat",
    "tidepoolvcp.cat",
    "ntexe.cat",
];
const PUBLISHER: &str = "Microsoft Windows Hardware Compatibility Publisher";
const ROOT: &str = "Microsoft Root Certificate Authority 2010";

fn read(name: &str) -> Result<Vec<u8>, Failed> {
    let dir = tempfile::tempdir()?;
    Ok(std::fs::read(files::unpack(name, dir.path()))?)
}

fn of(name: &str) -> Result<Vec<u8>, Failed> {
    read(&format!("windows-catalogs/{name}.zst"))
}

fn word(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

/// Where the directory entry of the certificate table is.
fn directory(pe: &[u8]) -> usize {
    let optional = word(pe, 60) + 24;
    let plus = pe[optional..optional + 2] == [0x0B, 0x02];
    optional + if plus { 144 } else { 128 }
}

/// `pe` without its certificate table.
fn stripped(pe: &[u8]) -> Vec<u8> {
    let entry = directory(pe);
    let mut out = pe[..word(pe, entry)].to_vec();
    out[entry..entry + 8].fill(0);
    out
}

/// What is said of `driver` with `bytes` on a system with `catalogs`.
fn judged(
    system: &[u8],
    driver: &str,
    bytes: &[u8],
    catalogs: &[(&str, Vec<u8>)],
) -> Result<(KernelFile, usize), Failed> {
    let path = format!("/Windows/System32/drivers/{driver}");
    let mut fs = MemoryFs::new(true)
        .file("/Windows/System32/config/SYSTEM", 0o644, system)
        .file(&path, 0o644, bytes)
        .dir(STORE);
    for (name, catalog) in catalogs {
        fs = fs.file(&format!("{STORE}/{name}"), 0o644, catalog.as_slice());
    }
    let volume = OpenVolume {
        volume: Volume {
            name: "p1".into(),
            number: 1,
            offset: 1 << 20,
            len: 1 << 30,
            kind: "07".into(),
            label: None,
            part_uuid: None,
            bootable: true,
            attributes: 0,
            data: Arc::new(MemorySource::default()),
        },
        content: Content::FileSystem(Arc::new(fs)),
        also: Vec::new(),
    };
    let guests = imgscan_core::guest::find(&[volume]);
    let guest = guests.first().ok_or("no guest")?;
    let evidence = Evidence::new(guest);
    let all = evidence.windows.kernel_files();
    let file = all.files.iter().find(|f| f.name() == driver);
    let gaps = all.catalogs.as_ref().map_or(0, |c| c.gaps.len());
    Ok((file.cloned().ok_or("the driver is not examined")?, gaps))
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, ours: T, truth: T) -> Result<(), Failed> {
    if ours == truth {
        Ok(())
    } else {
        Err(format!("{what}: {ours:?}, truth {truth:?}").into())
    }
}

fn drivers() -> Result<(), Failed> {
    let system = read("regipy/SYSTEM.xz")?;
    let mut catalogs = Vec::new();
    for name in CATALOGS {
        catalogs.push((name, of(name)?));
    }
    for (driver, catalog) in LISTED {
        let bytes = of(driver)?;
        let truth = files::truth(&format!("windows-catalogs/{driver}.zst")).ok_or("truth")?;
        let digest = truth
            .lines()
            .find_map(|l| l.strip_prefix("Authenticode SHA-256 digest (osslsigncode): "))
            .ok_or("digest")?
            .to_lowercase();
        let others: Vec<_> = catalogs
            .iter()
            .filter(|(name, _)| *name != catalog)
            .cloned()
            .collect();
        let listed = |file: &KernelFile| file.proof.catalog.clone();
        let path = Some(format!("C:{STORE}/{catalog}"));

        // As delivered, and without its own signature: the digest is the same, and listed.
        let (whole, _) = judged(&system, driver, &bytes, &catalogs)?;
        equal(driver, whole.proof.standing, Standing::Trusted)?;
        equal(driver, whole.proof.digests.contains(&digest), true)?;
        let bare = stripped(&bytes);
        let (file, gaps) = judged(&system, driver, &bare, &catalogs)?;
        equal("stripped", file.proof.standing.clone(), Standing::Trusted)?;
        equal("stripped", listed(&file), path.clone())?;
        equal("signer", file.proof.signer.as_deref(), Some(PUBLISHER))?;
        equal("anchor", file.proof.anchor.as_deref(), Some(ROOT))?;
        equal("digest", file.proof.digests.contains(&digest), true)?;
        equal("gaps", gaps, 0)?;

        // Without that catalog, with the others.
        let (file, gaps) = judged(&system, driver, &bare, &others)?;
        equal(
            "no catalog",
            file.proof.standing.clone(),
            Standing::Unsigned,
        )?;
        equal("no catalog", listed(&file), None)?;
        equal("gaps", gaps, 0)?;

        // One byte changed, behind the headers: no catalog lists it, and its own signature differs.
        let mut changed = bare.clone();
        let at = changed.len() / 2;
        changed[at] ^= 1;
        let (file, _) = judged(&system, driver, &changed, &catalogs)?;
        equal("changed", file.proof.standing.clone(), Standing::Unsigned)?;
        equal("changed", listed(&file), None)?;
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let (file, _) = judged(&system, driver, &changed, &catalogs)?;
        equal("changed", file.proof.standing.clone(), Standing::Modified)?;

        // The list of the catalog changed where it names the driver: the catalog says nothing.
        let raw: Vec<u8> = (0..digest.len() / 2)
            .map(|i| u8::from_str_radix(&digest[2 * i..2 * i + 2], 16))
            .collect::<Result<_, _>>()?;
        let mut own = catalogs
            .iter()
            .find(|(name, _)| *name == catalog)
            .ok_or("catalog")?
            .1
            .clone();
        let place = own.windows(raw.len()).position(|w| w == raw);
        let place = place.ok_or("the catalog does not hold the digest")?;
        // Behind the digest, in what the signature covers.
        own[place + raw.len() + 8] ^= 1;
        let (file, gaps) = judged(&system, driver, &bare, &[(catalog, own)])?;
        equal("changed list", listed(&file), None)?;
        let trusted = file.proof.standing == Standing::Trusted;
        equal("changed list", trusted, false)?;
        equal("changed list is a gap", gaps > 0, true)?;
        println!("{driver}: listed in {catalog}, and in nothing else");
    }
    Ok(())
}

pub fn trials() -> Vec<Trial> {
    vec![Trial::test(
        "drivers_are_proven_by_the_catalogs_that_list_them",
        drivers,
    )]
}
