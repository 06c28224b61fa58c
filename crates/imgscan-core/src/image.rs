//! The front of the library: an image, what it holds, and what it is worth.

use std::path::Path;
use std::sync::Arc;

use crate::container::OpenOptions;
use crate::declaration::Declaration;
use crate::error::{Error, Layer, Result};
use crate::evidence::gaps::{image_gaps, image_notices};
use crate::evidence::windows::Datum;
use crate::evidence::{Evidence, Gap, References};
use crate::fs::OpenVolume;
use crate::guest::{Family, Guest, PathSpace};
use crate::inspect::{self, Inspection, Progress};
use crate::policy::Policy;
use crate::report::{AutorunsReport, Info, KernelReport, Report};
use crate::scan::{self, ScanOptions};
use crate::source::ReadAt;

/// The longest file that [`Image::read`] gives, in bytes.
const MAX_FILE: u64 = 256 * 1024 * 1024;

/// A disk image that is open: its volumes, its operating systems and their files.
///
/// ```
/// use imgscan_core::{Image, Policy, ScanOptions};
///
/// # fn main() -> imgscan_core::Result<()> {
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/demo/clean-linux.qcow2");
/// let image = Image::open(path)?;
/// for volume in image.volumes() {
///     println!("{} begins at byte {}", volume.volume.name, volume.volume.offset);
/// }
/// let os_release = image.read("/etc/os-release")?;
/// assert!(os_release.starts_with(b"PRETTY_NAME="));
/// let report = image.scan(&ScanOptions::new(Policy::built_in("tencent-marketplace")?))?;
/// println!("{}", imgscan_core::report::json(&report));
/// # Ok(())
/// # }
/// ```
pub struct Image(Inspection);

impl Image {
    /// Opens the image file at `path` and searches it for operating systems. Files that the image
    /// names (a backing file) are opened in its own folder only.
    ///
    /// # Errors
    /// If it can't be read, or nothing in it is recognised.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, &OpenOptions::default(), &|_| {})
    }

    /// As [`Image::open`], by `options`; `progress` is told what is being done.
    ///
    /// # Errors
    /// As [`Image::open`].
    pub fn open_with(
        path: impl AsRef<Path>,
        options: &OpenOptions,
        progress: Progress<'_>,
    ) -> Result<Self> {
        inspect::inspect(path.as_ref(), options, progress).map(Self)
    }

    /// Opens the image whose bytes are `source`: a file in an archive, a blob of a store, memory.
    /// `name` stands for it in reports. No file of the host is opened.
    ///
    /// # Errors
    /// As [`Image::open`]; also for an image that needs another file.
    pub fn from_source(name: &str, source: impl ReadAt + 'static) -> Result<Self> {
        let options = OpenOptions::default();
        let mut image = inspect::open_source(name, Arc::new(source), &options, &|_| {})?;
        image.search();
        Ok(Self(image))
    }

    /// Its volumes, with the file system in each or why there is none that is read.
    #[must_use]
    pub fn volumes(&self) -> &[OpenVolume] {
        &self.0.volumes
    }

    /// Its operating systems, in the order of the volumes.
    #[must_use]
    pub fn guests(&self) -> &[Guest] {
        &self.0.guests
    }

    /// What of the image as a whole could not be read.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        image_gaps(&self.0)
    }

    /// What is unusual with the image as a whole, but took nothing from the reading.
    #[must_use]
    pub fn notices(&self) -> Vec<Gap> {
        image_notices(&self.0)
    }

    /// Everything that was opened.
    #[must_use]
    pub fn inspection(&self) -> &Inspection {
        &self.0
    }

    /// The bytes of the file `path`, at most 256 MiB: `/path` in the first operating system with
    /// its mounts, `C:/path` on a drive of it, `p2:/path` on the volume p2.
    ///
    /// # Errors
    /// If there is no such file, if it is longer, or if it can't be read.
    pub fn read(&self, path: &str) -> Result<Vec<u8>> {
        let (paths, path) = self.place(path)?;
        Ok(paths.read(path.as_bytes(), MAX_FILE)?.bytes)
    }

    /// The value `name` (empty for the default value) of the registry key `key` of the first
    /// Windows; `None` where it is certain that there is none. The key is of `HKLM\\SOFTWARE`,
    /// `HKLM\\SYSTEM` (where `CurrentControlSet` is the one of the next boot), `HKLM\\SAM` or
    /// `HKLM\\SECURITY`, in any case; `HKEY_LOCAL_MACHINE` is `HKLM`.
    ///
    /// # Errors
    /// If there is no Windows, if the key is of another hive, or if a hive can't be read.
    pub fn registry_value(&self, key: &str, name: &str) -> Result<Option<Datum>> {
        let windows = |g: &&Guest| g.family == Family::Windows;
        let Some(guest) = self.0.guests.iter().find(windows) else {
            return Err(Error::not_found(Layer::Guest, say!(image_no_windows)));
        };
        let evidence = Evidence::new(guest);
        let unknown = || Error::not_found(Layer::Hive, say!(image_registry_key, key = key));
        let found = evidence.windows.value(key, name).ok_or_else(unknown)?;
        found.map_err(|gap| Error::new(gap.layer, gap.kind, gap.layer_offset, *gap.reason))
    }

    /// Describes the image.
    #[must_use]
    pub fn info(&self) -> Info {
        scan::info(&self.0)
    }

    /// Judges the image. [`ScanOptions::open`] does not matter any more.
    ///
    /// # Errors
    /// If the policy's parameters do not fit.
    pub fn scan(&self, options: &ScanOptions) -> Result<Report> {
        scan::judge(&self.0, options, &|_| {})
    }

    /// Lists what runs in ring 0 at the next boot, and how far each of it is proven by `references`
    /// and by what `policy` says of the kernel's arguments.
    ///
    /// # Errors
    /// If the policy says nothing of them.
    pub fn kernel(&self, policy: &Policy, references: References<'_>) -> Result<KernelReport> {
        scan::kernel(&self.0, policy, references)
    }

    /// Lists what runs by itself on its systems and what explains it, by `references`, by what
    /// `policy` says and by the vendor's `declaration`.
    ///
    /// # Errors
    /// If the policy's parameters do not fit.
    pub fn autoruns(
        &self,
        policy: &Policy,
        references: References<'_>,
        declaration: Option<&Declaration>,
    ) -> Result<AutorunsReport> {
        scan::autoruns(&self.0, policy, references, declaration)
    }

    /// The files that `path` is looked up in, and the path there.
    fn place<'p>(&self, path: &'p str) -> Result<(PathSpace, &'p str)> {
        let of_volume = |volume: &&OpenVolume| {
            let rest = path.strip_prefix(volume.volume.name.as_str());
            rest.is_some_and(|rest| rest.starts_with(":/"))
        };
        if let Some(volume) = self.0.volumes.iter().find(of_volume) {
            let (_, rest) = path.split_once(':').unwrap_or(("", path));
            return Ok((PathSpace::new(volume)?, rest));
        }
        match self.0.guests.first() {
            Some(guest) => Ok((guest.paths.clone(), path)),
            None => Err(Error::not_found(Layer::Guest, say!(image_no_system))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;

    const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/demo/");

    #[test]
    fn an_image_in_memory_is_judged_as_its_file_is() {
        let path = format!("{DEMO}clean-linux.qcow2");
        let options = ScanOptions::new(Policy::built_in("tencent-marketplace").unwrap());
        let file = Image::open(&path).unwrap().scan(&options).unwrap();
        let bytes = MemorySource(std::fs::read(&path).unwrap());
        let memory = Image::from_source("blob", bytes).unwrap();
        let memory = memory.scan(&options).unwrap();
        assert_eq!(memory.results, file.results);
        assert_eq!(memory.image.weak_key, file.image.weak_key);
        assert_eq!(memory.image.path, "blob");
        assert!(memory.files.is_empty());
    }

    /// A disk of which 512 bytes can't be read.
    struct BadSector {
        disk: Arc<dyn ReadAt>,
        at: u64,
    }

    impl ReadAt for BadSector {
        fn len(&self) -> u64 {
            self.disk.len()
        }

        fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
            if offset < self.at + 512 && self.at < offset + buf.len() as u64 {
                let why = std::io::Error::from_raw_os_error(5);
                return Err(Error::io(offset, "disk", &why));
            }
            self.disk.read_at(buf, offset)
        }
    }

    #[test]
    fn a_sector_that_cannot_be_read_is_a_gap_and_costs_no_report() {
        let opened = Image::open(format!("{DEMO}clean-linux.qcow2")).unwrap();
        let disk = &opened.inspection().container.disk;
        let options = ScanOptions::new(Policy::built_in("tencent-marketplace").unwrap());
        let scan = |at: u64| {
            let disk = Arc::clone(disk);
            let image = Image::from_source("disk", BadSector { disk, at }).unwrap();
            let info = image.info();
            let options = options.clone().image_sha256(true);
            (image.scan(&options).unwrap(), info)
        };
        let (whole, _) = scan(disk.len());
        assert!(whole.image.weak_key.is_some() && whole.image.sha256.is_some());
        // The last block that is sampled, of which no file system holds anything.
        let last = disk.len() - 40 * 1024;
        let (report, info) = scan(last);
        assert_eq!(report.results, whole.results);
        assert_eq!(
            (&report.image.weak_key, &report.image.sha256),
            (&None, &None)
        );
        assert_eq!(info.image.weak_key, None);
        let block = disk.len() - 64 * 1024;
        for gaps in [&report.gaps, &info.gaps] {
            assert!(
                gaps.iter().any(|g| g.layer_offset == Some(block)),
                "{gaps:?}"
            );
        }
        assert_ne!(report.verdict, crate::policy::Verdict::Accept);
        for part in 1..16 {
            let (report, _) = scan(disk.len() / 16 * part);
            assert!(!report.gaps.is_empty(), "{part}");
        }
    }

    #[test]
    fn files_and_registry_values_are_read_by_their_places() {
        let image = Image::open(format!("{DEMO}windows.qcow2")).unwrap();
        let key = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
        let product = image.registry_value(key, "ProductName").unwrap();
        assert!(matches!(product, Some(Datum::Text(_))), "{product:?}");
        assert_eq!(image.registry_value(key, "NoSuchValue").unwrap(), None);
        // Names of the registry have no case (the value is that of the first line).
        for same in [
            r"hklm\software\MICROSOFT\windows nt\currentversion",
            r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion",
        ] {
            assert_eq!(image.registry_value(same, "productname").unwrap(), product);
        }
        let control = r"HKLM\system\CURRENTCONTROLSET\Control\ComputerName\ComputerName";
        let name = image.registry_value(control, "ComputerName");
        assert!(name.unwrap().is_some());
        // What is not looked up is not said to be absent; `*` is a name like others.
        for other in [
            r"HKLM\NOPE\x",
            "HKLM/SOFTWARE/Microsoft",
            r"HKCU\Software\x",
        ] {
            assert!(image.registry_value(other, "x").is_err(), "{other}");
        }
        assert_eq!(image.registry_value(key, "*").unwrap(), None);
        let whole = image.read("/Windows/System32/config/SYSTEM").unwrap();
        assert!(whole.starts_with(b"regf"));
        let volume = image.guests()[0].root_volume.clone();
        let same = image.read(&format!("{volume}:/Windows/System32/config/SYSTEM"));
        assert_eq!(same.unwrap(), whole);
        assert!(image.read("/no such file").is_err());
        let linux = Image::open(format!("{DEMO}clean-linux.qcow2")).unwrap();
        assert!(linux.registry_value(key, "ProductName").is_err());
    }
}
