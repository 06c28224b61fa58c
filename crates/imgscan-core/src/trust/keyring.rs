//! Pinned OpenPGP keys: what signs packages.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::openpgp::Key;
use super::pinned::KEYRINGS;
use crate::error::Result;

/// A pinned OpenPGP key.
#[derive(Debug, Clone)]
pub struct PinnedKey {
    /// The key.
    pub key: Key,
    /// Whose: a vendor of the bundle (`redhat`, `rocky`, …); `None` for one that the user gave.
    pub vendor: Option<&'static str>,
    /// True where it signs the distribution itself, and not tests or additions.
    pub base: bool,
    /// Where it came from.
    pub source: String,
    /// True where two or more independent sources agree on it; a report that rests on a single
    /// source says so.
    pub confirmed: bool,
}

/// Vendors whose keys sign the packages of an operating system (`ID` of os-release, vendors).
const SIGNERS: &[(&str, &[&str])] = &[
    ("almalinux", &["alma"]),
    ("amzn", &["amazon-linux"]),
    ("anolis", &["anolis"]),
    ("azurelinux", &["azure-linux"]),
    ("centos", &["centos"]),
    ("fedora", &["fedora"]),
    ("kylin", &["kylin"]),
    ("mariner", &["azure-linux"]),
    ("ol", &["oraclelinux"]),
    ("openEuler", &["openeuler"]),
    ("opensuse", &["opensuse", "suse"]),
    ("opensuse-leap", &["opensuse", "suse"]),
    ("opensuse-tumbleweed", &["opensuse", "suse"]),
    ("rhel", &["redhat"]),
    ("rocky", &["rocky"]),
    ("scientific", &["scientific-linux"]),
    ("sle_hpc", &["suse"]),
    ("sled", &["suse"]),
    ("sles", &["suse"]),
    ("sles_sap", &["suse"]),
];

/// The vendors that sign the packages of the operating system with this `ID`; `None` where the
/// bundle has no key for it.
#[must_use]
pub fn signers(os: &str) -> Option<&'static [&'static str]> {
    SIGNERS.iter().find(|(id, _)| *id == os).map(|(_, v)| *v)
}

/// Pinned keys by the IDs that signatures name.
#[derive(Debug, Clone, Default)]
pub(super) struct Keyring {
    keys: Vec<Arc<PinnedKey>>,
    by_id: HashMap<[u8; 8], Vec<usize>>,
}

impl Keyring {
    /// The keys that are compiled in; read once, when first asked for.
    pub(super) fn built_in() -> &'static Self {
        static RING: OnceLock<Keyring> = OnceLock::new();
        RING.get_or_init(|| {
            let mut ring = Self::default();
            for (bytes, name, vendor, listed) in KEYRINGS {
                // A key of a form that is not read can't verify anything.
                for key in Key::read_all(bytes).unwrap_or_default() {
                    let fingerprint = key.fingerprint();
                    if let Some((_, confirmed, base)) =
                        listed.iter().find(|(f, ..)| *f == fingerprint)
                    {
                        ring.add(PinnedKey {
                            key,
                            vendor: Some(vendor),
                            base: *base,
                            source: (*name).into(),
                            confirmed: *confirmed,
                        });
                    }
                }
            }
            ring
        })
    }

    fn add(&mut self, pinned: PinnedKey) {
        let parts = pinned.key.subkeys.iter().map(|s| &s.part);
        for part in parts.chain([&pinned.key.primary]) {
            self.by_id.entry(part.id).or_default().push(self.keys.len());
        }
        self.keys.push(Arc::new(pinned));
    }

    /// Adds the keys of a user's file.
    pub(super) fn add_file(&mut self, bytes: &[u8], source: &str) -> Result<()> {
        for key in Key::read_all(bytes)? {
            self.add(PinnedKey {
                key,
                vendor: None,
                base: true,
                source: source.into(),
                confirmed: true,
            });
        }
        Ok(())
    }

    pub(super) fn keys(&self) -> &[Arc<PinnedKey>] {
        &self.keys
    }

    pub(super) fn by_id(&self, id: [u8; 8]) -> impl Iterator<Item = &Arc<PinnedKey>> {
        let found = self.by_id.get(&id).into_iter().flatten();
        found.filter_map(|i| self.keys.get(*i))
    }
}
