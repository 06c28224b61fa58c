//! The unpacked kernel: an ELF file, or the plain `Image` of other processors.
//!
//! Sources: the ELF specification (64-bit and 32-bit, little-endian); Linux `init/version.c`
//! (banner), `kernel/configs.c` (`IKCFG_ST`, the gzip stream, `IKCFG_ED`), elf(5) (notes).

mod headers;
mod window;

use memchr::memmem::{self, Finder};

pub use headers::AtAddress;
use headers::Headers;
pub(super) use window::Window;
use window::Windows;

use super::Certificate;
use super::bzimage::Certificates;
use super::unpack::{self, Packing};
use crate::error::{Error, Layer, Result};
use crate::text::lossless;

/// Places of one kernel that are tried for a banner or a configuration.
const MAX_TRIED: usize = 256;
/// The longest embedded configuration, in bytes; today's have about 300 KiB.
const MAX_CONFIG: usize = 8 * 1024 * 1024;
const BANNER: &[u8] = b"Linux version ";
const CONFIG: &[u8] = b"IKCFG_ST";
const CONFIG_END: &[u8] = b"IKCFG_ED";

/// What stands in an unpacked kernel.
#[derive(Debug)]
pub struct Inside {
    /// As [`banner`].
    pub banner: Option<Banner>,
    /// As [`config`].
    pub config: Result<Option<String>>,
    /// As [`super::bzimage::certificates`].
    pub certificates: Result<Vec<(u64, Certificate)>>,
    /// The build id: the note of the owner `GNU` and type 3.
    pub build_id: Option<Vec<u8>>,
    /// Whether type information (`.BTF`) is there; `None` where the sections can't be read.
    pub btf: Option<bool>,
    /// What stands at the address that was asked for.
    pub at_address: AtAddress,
}

impl Inside {
    /// What stands in the kernel `bytes`, and whether the banner is at `address`.
    #[must_use]
    pub fn of(bytes: &[u8], address: Option<u64>) -> Self {
        let mut search = Search::new(address);
        search.look(Window::whole(bytes));
        search.finish(bytes.len())
    }
}

/// Looks at a kernel of which it gets one piece after the other, and which it does not keep.
#[derive(Debug)]
pub struct Passing {
    windows: Windows,
    search: Search,
}

impl Passing {
    /// `address`: where the banner should be, which [`Inside::at_address`] then tells.
    #[must_use]
    pub fn new(address: Option<u64>) -> Self {
        Self {
            windows: Windows::default(),
            search: Search::new(address),
        }
    }

    /// Takes the next bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        let search = &mut self.search;
        self.windows.take(bytes, |window| search.look(window));
    }

    /// What stood in it.
    #[must_use]
    pub fn finish(mut self) -> Inside {
        let last = self.windows.last();
        self.search.look(last);
        self.search.finish(last.end())
    }
}

/// All that is looked for.
#[derive(Debug)]
struct Search {
    address: Option<u64>,
    started: bool,
    headers: Option<Headers>,
    banner: Banners,
    config: Config,
    certificates: Certificates,
}

impl Search {
    fn new(address: Option<u64>) -> Self {
        Self {
            address,
            started: false,
            headers: None,
            banner: Banners::default(),
            config: Config::default(),
            certificates: Certificates::default(),
        }
    }

    fn look(&mut self, window: Window<'_>) {
        if !self.started {
            self.started = true;
            self.headers = Headers::new(window, self.address);
        }
        if let Some(headers) = &mut self.headers {
            headers.look(window);
        }
        self.banner.look(window);
        self.config.look(window);
        self.certificates.look(window);
    }

    fn finish(self, len: usize) -> Inside {
        let led = self.headers.map(|headers| headers.finish(len));
        let at_address = led.as_ref().map_or(AtAddress::Unknown, |led| led.banner);
        let btf = led.as_ref().and_then(|led| led.btf);
        Inside {
            banner: self.banner.finish(),
            config: self.config.finish(),
            certificates: self.certificates.finish(),
            build_id: led.and_then(|led| led.build_id),
            btf,
            at_address,
        }
    }
}

/// The version banner taken apart (`linux_banner` of `init/version.c`).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Banner {
    /// All of it, without the line break.
    pub text: String,
    /// The release (`6.1.0-50-amd64`).
    pub release: String,
    /// Who built it where (`user@host`).
    pub builder: Option<String>,
    /// The compiler's own words.
    pub compiler: Option<String>,
    /// What follows: `#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-10-02)`.
    pub build: String,
}

/// The banner of the unpacked kernel `bytes`, up to its line break. Since Linux 6.1 there is a
/// second one without the number of the build (`init/version.c`, weak); the whole one counts.
#[must_use]
pub fn banner(bytes: &[u8]) -> Option<Banner> {
    let mut banners = Banners::default();
    banners.look(Window::whole(bytes));
    banners.finish()
}

/// Looks for banners.
#[derive(Debug, Default)]
struct Banners {
    /// Where to look next.
    next: usize,
    tried: usize,
    whole: Option<Banner>,
    other: Option<Banner>,
}

impl Banners {
    fn look(&mut self, window: Window<'_>) {
        let finder = Finder::new(BANNER);
        while self.whole.is_none()
            && self.tried < MAX_TRIED
            && let Some(at) = window.find(&finder, self.next)
        {
            self.next = at.saturating_add(BANNER.len());
            self.tried = self.tried.saturating_add(1);
            self.take(window.from(at));
        }
        self.next = self.next.max(window.own_end());
    }

    /// Takes the banner that `rest` begins with.
    fn take(&mut self, rest: &[u8]) {
        let end = rest.iter().take(1024).position(|b| matches!(b, 0 | b'\n'));
        let Some(line) = end.and_then(|end| rest.get(..end)) else {
            return;
        };
        // `Linux version %s (%s)` is a format, and no banner.
        if !line.get(BANNER.len()).is_some_and(u8::is_ascii_digit) {
            return;
        }
        let Some(banner) = parse_banner(&lossless(line)) else {
            return;
        };
        let number = banner.build.strip_prefix('#');
        if number.is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit())) {
            self.whole = Some(banner);
        } else {
            self.other.get_or_insert(banner);
        }
    }

    fn finish(self) -> Option<Banner> {
        self.whole.or(self.other)
    }
}

/// Takes the banner `text` apart: `Linux version R (user@host) (compiler) #N …`.
#[must_use]
pub fn parse_banner(text: &str) -> Option<Banner> {
    let rest = text.strip_prefix("Linux version ")?;
    let (release, mut rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let mut groups = Vec::new();
    while groups.len() < 2 {
        rest = rest.trim_start();
        let parts = group_end(rest).and_then(|end| rest.split_at_checked(end));
        let Some((group, behind)) = parts else { break };
        groups.push(group.strip_prefix('(').unwrap_or(group).to_owned());
        rest = behind.strip_prefix(')').unwrap_or(behind);
    }
    let mut groups = groups.into_iter();
    Some(Banner {
        text: text.to_owned(),
        release: release.to_owned(),
        builder: groups.next(),
        compiler: groups.next(),
        build: rest.trim().to_owned(),
    })
}

/// Where the parenthesis that `text` begins with is closed.
fn group_end(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (i, c) in text.char_indices() {
        match c {
            '(' => depth = depth.checked_add(1)?,
            ')' if depth == 1 => return Some(i),
            ')' => depth = depth.checked_sub(1)?,
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The configuration that is embedded in the unpacked kernel `bytes`, where it was built with one.
///
/// # Errors
/// If its stream is damaged, or unpacks to more than 8 MiB.
pub fn config(bytes: &[u8]) -> Result<Option<String>> {
    let mut config = Config::default();
    config.look(Window::whole(bytes));
    config.finish()
}

/// Looks for the configuration.
#[derive(Debug, Default)]
struct Config {
    /// Where to look next.
    next: usize,
    tried: usize,
    /// Where the mark of the one that is being taken stands.
    at: Option<usize>,
    /// Its stream as far as it has passed.
    packed: Vec<u8>,
    found: Option<Result<String>>,
}

impl Config {
    fn look(&mut self, window: Window<'_>) {
        let finder = Finder::new(CONFIG);
        while self.at.is_none()
            && self.tried < MAX_TRIED
            && let Some(at) = window.find(&finder, self.next)
        {
            self.next = at.saturating_add(CONFIG.len());
            self.tried = self.tried.saturating_add(1);
            if window.from(self.next).starts_with(&[0x1F, 0x8B]) {
                self.at = Some(at);
            }
        }
        match self.at {
            Some(at) if self.found.is_none() => self.take(window, at),
            Some(_) => {}
            None => self.next = self.next.max(window.own_end()),
        }
    }

    /// Takes what `window` has of the stream behind the mark at `at`.
    fn take(&mut self, window: Window<'_>, at: usize) {
        let start = at.saturating_add(CONFIG.len());
        let rest = window.from(start.saturating_add(self.packed.len()));
        let rest = rest
            .get(..MAX_CONFIG.saturating_sub(self.packed.len()))
            .unwrap_or(rest);
        let end = memmem::find(rest, CONFIG_END);
        let rest = end
            .and_then(|end| rest.get(..end.saturating_add(CONFIG_END.len())))
            .unwrap_or(rest);
        // The mark of the end may be in two windows.
        let from = self.packed.len().saturating_sub(CONFIG_END.len());
        self.packed.extend_from_slice(rest);
        let end = memmem::find(self.packed.get(from..).unwrap_or_default(), CONFIG_END);
        if let Some(end) = end {
            self.packed.truncate(from.saturating_add(end));
            let text = unpack::unpack(Packing::Gzip, &self.packed, MAX_CONFIG, start as u64);
            self.found = Some(text.map(|text| lossless(&text)));
        } else if window.is_last() || self.packed.len() >= MAX_CONFIG {
            let what = say!(error_kernel_config);
            self.found = Some(Err(Error::corrupt(Layer::Kernel, at as u64, what)));
        } else {
            return;
        }
        self.packed = Vec::new();
    }

    fn finish(self) -> Result<Option<String>> {
        self.found.transpose()
    }
}

#[cfg(test)]
mod passing_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banners_are_taken_apart() {
        // Debian's, as `uname -a` and /proc/version show it, and an old one with gcc's own form.
        let debian = "Linux version 6.1.0-50-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-10-02)";
        let got = parse_banner(debian).unwrap();
        assert_eq!(got.release, "6.1.0-50-amd64");
        assert_eq!(
            got.builder.as_deref(),
            Some("debian-kernel@lists.debian.org")
        );
        assert_eq!(
            got.compiler.as_deref(),
            Some("gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40")
        );
        assert_eq!(
            got.build,
            "#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-10-02)"
        );
        let bare = parse_banner("Linux version 5.0").unwrap();
        assert_eq!((bare.release.as_str(), bare.builder), ("5.0", None));
        assert_eq!(parse_banner("Linux"), None);
        let open = parse_banner("Linux version 5 (a (b) #1").unwrap();
        assert_eq!((open.builder, open.build.as_str()), (None, "(a (b) #1"));
    }

    #[test]
    fn headers_that_point_nowhere_give_nothing() {
        let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
        elf.resize(64, 0);
        elf[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
        elf[40..48].copy_from_slice(&60_u64.to_le_bytes());
        for at in [54, 58] {
            elf[at..at + 2].copy_from_slice(&64_u16.to_le_bytes());
        }
        for at in [56, 60, 62] {
            elf[at..at + 2].copy_from_slice(&u16::MAX.to_le_bytes());
        }
        let got = Inside::of(&elf, Some(0));
        assert_eq!((got.build_id, got.btf), (None, Some(false)));
        assert_eq!(got.at_address, AtAddress::Other);
        let other = Inside::of(b"MZ", Some(0));
        assert_eq!((other.btf, other.at_address), (None, AtAddress::Unknown));
    }

    #[test]
    fn a_configuration_without_an_end_is_told() {
        assert_eq!(config(b"IKCFG_ST but no stream").unwrap(), None);
        assert!(config(b"xIKCFG_ST\x1f\x8b...").is_err());
        assert!(config(b"IKCFG_ST\x1f\x8b...IKCFG_ED").is_err());
    }
}
