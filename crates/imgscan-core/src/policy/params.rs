//! The parameters that several tests of a policy share.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// `params` of a policy. What a test needs of it must be there ([`super::checks::registry`]).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Params {
    /// Only the agents that the guide itself names count.
    pub strict: bool,
    /// Name servers.
    pub dns: Dns,
    /// Time servers.
    pub ntp: Ntp,
    /// Whether Windows images are generalised with sysprep.
    pub sysprep: Option<serde_json::Value>,
    /// Names of pinned certificates that sign parts of Windows and certified drivers.
    pub windows_anchors: Vec<String>,
    /// SHA-1 thumbprints of roots that Windows and others trust.
    pub windows_roots: Vec<String>,
    /// File names of drivers that open the kernel to anybody.
    pub vulnerable_drivers: Vec<String>,
    /// What Windows starts by itself, and what makes a command suspect.
    pub windows_programs: Option<serde_json::Value>,
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
