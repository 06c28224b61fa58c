//! The parameters that several tests of a policy share.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// What several checks of a policy share (`params`). A check says which of it must be there.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Params {
    /// Only the agents that the guide itself names count.
    pub strict: bool,
    /// What a boot with all services looks like.
    pub full_boot: FullBoot,
    /// Name servers.
    pub dns: Dns,
    /// Time servers.
    pub ntp: Ntp,
    /// Whether Windows images must be generalized by sysprep.
    pub sysprep: Generalization,
    /// Names of pinned certificates that sign parts of Windows and certified drivers.
    pub windows_anchors: Vec<String>,
    /// Roots that Windows trusts.
    pub windows_roots: WindowsRoots,
    /// File names of drivers that open the kernel to anybody.
    pub vulnerable_drivers: Vec<String>,
    /// What Windows starts by itself, and what makes a command suspect.
    pub windows_programs: WindowsPrograms,
}

/// Roots that Windows trusts, beside those that are built in (`trust/windows-roots.tsv`).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowsRoots {
    /// SHA-1 thumbprints, 40 hexadecimal digits.
    #[serde(default)]
    pub add: Vec<String>,
}

/// What Windows starts by itself, and what makes a command suspect. `*` stands for any characters;
/// paths may begin with `%SystemRoot%`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowsPrograms {
    /// Parts of a command: folders that everybody can write to, or that are emptied.
    pub bad_places: Vec<String>,
    /// Parts of a command: folders of users. A signed program there is worth a look only.
    pub user_places: Vec<String>,
    /// Programs that run a text, by the beginning of their names.
    pub script_hosts: Vec<String>,
    /// Parts of a text for such a program that fetch or hide what runs.
    pub script_signs: Vec<String>,
    /// Names of Windows' own programs.
    pub system_names: Vec<String>,
    /// Patterns of the folders that those are in.
    pub system_places: Vec<String>,
    /// Patterns of commands that Windows itself sets up.
    pub own: Vec<String>,
}

/// The arguments of the kernel with which a Linux system starts all of its services.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FullBoot {
    /// Programs that may run first (`init=`).
    pub init: Vec<String>,
    /// Units of systemd that may be started (`systemd.unit=`).
    pub units: Vec<String>,
    /// Words with which fewer services start (`single`).
    pub reduced_by: Vec<String>,
}

/// Whether Windows images must be generalized by sysprep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Generalization {
    /// They must be, and must not have been started since.
    #[default]
    Required,
    /// They must not be.
    Forbidden,
    /// Either will do, as long as every place in the image says the same.
    Any,
}

/// Name servers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// Approved addresses by region.
    pub approved: BTreeMap<String, Vec<String>>,
    /// Addresses that the guide misprints.
    #[serde(default)]
    pub misprinted: Vec<String>,
    /// An image without name servers of its own gets a warning.
    #[serde(default)]
    pub require_static: bool,
}

/// Time servers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ntp {
    /// Names of approved servers, `*` for any characters.
    pub approved: Vec<String>,
}
