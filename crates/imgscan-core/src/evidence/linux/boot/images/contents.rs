//! What is inside a kernel image: the set-up header, the packed kernel, and what stands in that.

use std::collections::BTreeMap;

use super::part;
use crate::bytes::hex;
use crate::error::{Error, Kind, Layer};
use crate::evidence::linux::reader::Reader;
use crate::evidence::{Gap, Location};
use crate::source::MemorySource;
use crate::text::Text;
use crate::trust::Certificate;
use crate::trust::bzimage::{self, Crc, Setup};
use crate::trust::pe::Pe;
use crate::trust::unpack::Packing;
use crate::trust::vmlinux::{AtAddress, Banner, Inside};

/// The longest System.map that is read, in bytes; today's have about 8 MiB.
const MAX_MAP: u64 = 64 * 1024 * 1024;
/// Bytes of an `.cmdline` section that are kept.
const MAX_CMDLINE: usize = 16 * 1024;

/// What sort of image it is inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Piece {
    /// x86 bzImage.
    BzImage,
    /// A plain image of another processor, whose kernel is not packed.
    Plain,
    /// An EFI zboot image, whose kernel is packed.
    Zboot,
    /// Nothing that is known.
    Unknown,
}

/// A kernel image taken apart.
#[derive(Debug, Clone)]
pub struct KernelContents {
    /// What sort.
    pub piece: Piece,
    /// The set-up header of a bzImage.
    pub setup: Option<Setup>,
    /// How the kernel is packed.
    pub packing: Option<Packing>,
    /// The CRC-32 of the build, for a bzImage.
    pub crc: Option<Crc>,
    /// The banner of the kernel itself.
    pub banner: Option<Banner>,
    /// The embedded configuration.
    pub config: Option<String>,
    /// The build id, hexadecimal.
    pub build_id: Option<String>,
    /// Whether type information (`.BTF`) is there; `None` where the sections can't be read.
    pub btf: Option<bool>,
    /// The built-in certificates with their places; `None` where they could not be read.
    pub certificates: Option<Vec<(u64, Certificate)>>,
    /// How System.map fits.
    pub map: MapCheck,
    /// The command line that a unified image carries.
    pub cmdline: Option<String>,
    /// True where a unified image carries an initramfs.
    pub initrd: bool,
    /// Why a part could not be read.
    pub problem: Option<Error>,
}

/// How `/boot/System.map-<release>` fits the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MapCheck {
    /// There is none.
    Absent,
    /// It has no addresses (Debian's only says where the real one is).
    Stub(Location),
    /// The banner stands where the map says that `linux_banner` is.
    Agrees(Location),
    /// Something else stands there.
    Disagrees(Location, u64),
    /// It can't be compared, and why.
    Unread(Location, Text),
}

impl KernelContents {
    pub(super) fn unread(problem: Error) -> Self {
        Self {
            piece: Piece::Unknown,
            setup: None,
            packing: None,
            crc: None,
            banner: None,
            config: None,
            build_id: None,
            btf: None,
            certificates: None,
            map: MapCheck::Absent,
            cmdline: None,
            initrd: false,
            problem: Some(problem),
        }
    }
}

/// The address of `linux_banner` in a System.map.
pub(super) struct SystemMap(Option<(Location, Result<Option<u64>, Text>)>);

impl SystemMap {
    /// `/boot/System.map-<release>`, or the one beside the modules.
    pub(super) fn read(reader: &Reader<'_>, release: Option<&str>) -> Self {
        let Some(release) = release.filter(|r| !r.contains('/') && !r.starts_with('.')) else {
            return Self(None);
        };
        let mut gaps: Vec<Gap> = Vec::new();
        for path in [
            format!("/boot/System.map-{release}"),
            format!("/lib/modules/{release}/System.map"),
        ] {
            let Some(at) = reader.find(path.as_bytes(), &mut gaps) else {
                continue;
            };
            let place = Location::of(&at);
            let Some(bytes) = reader.bytes(path.as_bytes(), MAX_MAP, &mut gaps) else {
                break;
            };
            return Self(Some((place, Ok(symbol(&bytes)))));
        }
        Self(
            gaps.first()
                .map(|g| (g.at.clone(), Err(Text::clone(&g.reason)))),
        )
    }

    /// Where the banner should be.
    fn address(&self) -> Option<u64> {
        match &self.0 {
            Some((_, Ok(address))) => *address,
            _ => None,
        }
    }

    fn check(self, found: AtAddress) -> MapCheck {
        match self.0 {
            None => MapCheck::Absent,
            Some((at, Err(why))) => MapCheck::Unread(at, why),
            Some((at, Ok(None))) => MapCheck::Stub(at),
            Some((at, Ok(Some(address)))) => match found {
                AtAddress::Banner => MapCheck::Agrees(at),
                AtAddress::Other => MapCheck::Disagrees(at, address),
                AtAddress::Unknown => MapCheck::Unread(at, say!(kernel_no_elf_headers)),
            },
        }
    }
}

/// The address of the symbol `linux_banner` (`ffffffff82000200 R linux_banner`).
fn symbol(map: &[u8]) -> Option<u64> {
    let at = memchr::memmem::find(map, b" linux_banner\n")?;
    let start = map[..at]
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |i| i + 1);
    let line = std::str::from_utf8(&map[start..at]).ok()?;
    u64::from_str_radix(line.split(' ').next()?, 16).ok()
}

/// Takes the kernel image `file` apart; `pe` where it is a PE image.
pub(super) fn look(source: &MemorySource, pe: Option<&Pe>, map: SystemMap) -> KernelContents {
    let file = source.0.as_slice();
    let mut inside = KernelContents::unread(Error::unsupported(
        Layer::Kernel,
        0,
        say!(error_kernel_form),
    ));
    // A unified image: its kernel is a section.
    if let Some(pe) = pe.filter(|pe| pe.section(".linux").is_some()) {
        let take = |name: &str| part(pe, source, name).and_then(Result::ok);
        let cmdline = take(".cmdline");
        let initrd = pe.section(".initrd").is_some();
        inside = match part(pe, source, ".linux") {
            Some(Ok(kernel)) => {
                let kernel = MemorySource(kernel);
                plain(&kernel.0, Pe::parse(&kernel).ok().as_ref(), map)
            }
            Some(Err(e)) => KernelContents::unread(e),
            None => inside,
        };
        inside.cmdline = cmdline.map(|text| {
            let end = text.iter().position(|b| *b == 0).unwrap_or(text.len());
            let text = &text[..end.min(MAX_CMDLINE)];
            crate::text::lossless(text.trim_ascii())
        });
        inside.initrd = initrd;
        return inside;
    }
    plain(file, pe, map)
}

fn plain(file: &[u8], pe: Option<&Pe>, map: SystemMap) -> KernelContents {
    let mut inside = KernelContents::unread(Error::unsupported(
        Layer::Kernel,
        0,
        say!(error_kernel_form),
    ));
    inside.problem = None;
    if file.get(0x202..0x206) == Some(b"HdrS") {
        inside.piece = Piece::BzImage;
        match bzimage::setup(file) {
            Ok(setup) => {
                let fields = pe.map_or_else(Vec::new, Pe::signing_fields);
                inside.crc = bzimage::crc(file, &setup, &fields);
                inside.setup = Some(setup);
            }
            Err(e) => inside.problem = Some(e),
        }
        match bzimage::payload(file) {
            Ok(payload) => {
                inside.packing = Some(payload.packing);
                match payload.look(map.address()) {
                    Ok(found) => unpacked(&mut inside, found, map),
                    Err(e) => inside.problem = Some(e),
                }
            }
            Err(e) => inside.problem = Some(e),
        }
        return inside;
    }
    let packed = bzimage::zboot(file);
    match packed.and_then(|z| z.map(|z| z.look(map.address())).transpose()) {
        Ok(Some(found)) => {
            inside.piece = Piece::Zboot;
            unpacked(&mut inside, found, map);
        }
        Ok(None) => {
            inside.piece = Piece::Plain;
            let found = Inside::of(file, map.address());
            unpacked(&mut inside, found, map);
            if inside.banner.is_none() {
                inside.piece = Piece::Unknown;
                inside.certificates = None;
                inside.problem = Some(Error::new(
                    Layer::Kernel,
                    Kind::Unsupported,
                    0,
                    say!(error_kernel_form),
                ));
            }
        }
        Err(e) => inside.problem = Some(e),
    }
    inside
}

/// Takes what was found in the unpacked kernel.
fn unpacked(inside: &mut KernelContents, found: Inside, map: SystemMap) {
    inside.banner = found.banner;
    match found.config {
        Ok(config) => inside.config = config,
        Err(e) => inside.problem = Some(e),
    }
    inside.build_id = found.build_id.map(|id| hex(&id));
    inside.btf = found.btf;
    inside.map = map.check(found.at_address);
    match found.certificates {
        Ok(found) => inside.certificates = Some(found),
        Err(e) => inside.problem = Some(e),
    }
}

/// The settings of a kernel configuration: `CONFIG_X=value`, and `n` where it says `is not set`.
#[must_use]
pub fn settings(text: &str) -> BTreeMap<&str, &str> {
    let mut all = BTreeMap::new();
    for line in text.lines().map(str::trim) {
        if let Some((name, value)) = line.split_once('=') {
            if name.starts_with("CONFIG_") {
                all.insert(name, value);
            }
        } else if let Some(name) = line
            .strip_prefix("# ")
            .and_then(|l| l.strip_suffix(" is not set"))
        {
            all.insert(name, "n");
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_the_banner_is_read_from_the_map() {
        let map = b"0000000000000000 A fixed_percpu_data\nffffffff82000200 R linux_banner\nffffffff82000400 D x\n";
        assert_eq!(symbol(map), Some(0xffff_ffff_8200_0200));
        // Debian's stub.
        let stub = b"ffffffffffffffff B The real System.map is in the linux-image-6.1.0-50-amd64-dbg package\n";
        assert_eq!(symbol(stub), None);
    }

    #[test]
    fn settings_are_read_as_kconfig_writes_them() {
        let got = settings("CONFIG_A=y\n# CONFIG_B is not set\n# comment\nCONFIG_C=\"x=y\"\n");
        assert_eq!(got.get("CONFIG_A"), Some(&"y"));
        assert_eq!(got.get("CONFIG_B"), Some(&"n"));
        assert_eq!(got.get("CONFIG_C"), Some(&"\"x=y\""));
        assert_eq!(got.len(), 3);
    }
}
