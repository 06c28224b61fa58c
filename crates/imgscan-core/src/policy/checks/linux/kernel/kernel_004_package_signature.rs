//! LNX-KERNEL-004: the vendor's key signed the packages of the kernel and its boot path (rpm).

use schemars::JsonSchema;
use serde::Deserialize;

use super::candidates::package;
use crate::evidence::linux::{Difference, Package, PackageSystem, Seal, key_fits};
use crate::evidence::{Evidence, Found, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::linux::commands::Commands;
use crate::policy::checks::linux::fits;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::{Context, Date, Item, Outcome, Status};
use crate::text::{Text, terminal};
use crate::trust::signers;

/// Which packages are compared, and where.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct BootPackages {
    /// Names of packages whose every file is compared, `*` for any characters. The packages that
    /// own a kernel always are.
    packages: Vec<String>,
    /// Systems (`ID` of os-release) that have an rpm database, beside those with pinned keys.
    systems: Vec<String>,
}

impl Parameters for BootPackages {
    fn validate(&self) -> Result<(), BadParameter> {
        valid::some("packages", &self.packages)?;
        valid::entries("systems", &self.systems)
    }
}

pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &BootPackages) -> Outcome {
    let linux = &context.evidence.linux;
    let all = linux.packages();
    let os = context.evidence.guest.os.id.as_deref();
    let listed: Vec<&Found<Package>> = all
        .items
        .iter()
        .filter(|p| p.fact.system == PackageSystem::Rpm)
        .collect();
    let pinned = os.is_some_and(|os| signers(os).is_some());
    let expected = pinned || os.is_some_and(|os| with.systems.iter().any(|s| s == os));
    if listed.is_empty() && !expected {
        // An rpm database that could not be read is no sign that there is none.
        if all.foreign.is_empty() || all.has_dpkg || all.has_apk {
            return Outcome::of(Status::NotApplicable, say!(lnx_kernel_004_no_rpm));
        }
        let found = Findings::with_gaps(&all.gaps);
        return found.concluded(Status::Unknown, |_, _| say!(lnx_kernel_004_unread_database));
    }
    let kernels = linux.kernels().items.iter();
    let owners: Vec<&Package> = kernels.filter_map(|k| package(&k.fact)).collect();
    let chosen: Vec<&Found<Package>> = listed
        .into_iter()
        .filter(|p| {
            with.packages.iter().any(|name| fits(name, &p.fact.name)) || owners.contains(&&p.fact)
        })
        .collect();
    let mut judge = Judge {
        evidence: context.evidence,
        commands: Commands::of(context),
        os,
        pinned,
        found: Findings::with_gaps(&all.gaps),
        unread: 0,
        unproven: 0,
    };
    for package in &chosen {
        judge.package(package);
    }
    let Judge {
        found,
        unread,
        unproven,
        ..
    } = judge;
    let status = match found.worst() {
        Status::Fail => Status::Fail,
        _ if chosen.is_empty() => Status::Unknown,
        worst => worst,
    };
    found.concluded(status, |status, count| match status {
        Status::Fail => say!(lnx_kernel_004_fail, count = count),
        Status::Unknown if chosen.is_empty() => say!(lnx_kernel_004_none),
        Status::Unknown if unread > 0 => say!(lnx_kernel_004_unread, count = unread),
        Status::Unknown => say!(lnx_kernel_004_unproven, count = unproven),
        // No key of this vendor is public: every honest image of it would go to review.
        Status::Warn if unproven > 0 => say!(lnx_kernel_004_no_key),
        Status::Warn => say!(lnx_kernel_004_weak, count = count),
        _ => say!(lnx_kernel_004_pass, count = chosen.len()),
    })
}

struct Judge<'a> {
    evidence: &'a Evidence<'a>,
    commands: Commands<'a>,
    /// `ID` of os-release.
    os: Option<&'a str>,
    /// A key of the system's vendor is pinned, so its signature is to be expected.
    pinned: bool,
    found: Findings,
    /// Packages with a signature that can't be verified.
    unread: usize,
    /// Packages that the vendor's key did not sign.
    unproven: usize,
}

impl Judge<'_> {
    fn package(&mut self, package: &Found<Package>) {
        let fact = &package.fact;
        let full = format!("{}-{}.{}", fact.name, fact.version, fact.architecture);
        let full = terminal(&full);
        let item = |note: Text| {
            Item::at(
                package.at.clone(),
                say!(
                    lnx_kernel_004_package,
                    package = full.as_str(),
                    vendor = terminal(fact.maintainer.as_deref().unwrap_or("?")),
                    host = terminal(fact.build_host().unwrap_or("?")),
                    note = note
                ),
            )
        };
        let seal = fact.seal(self.evidence.references.bundle());
        let anchor = seal.anchor().map(|a| terminal(&a)).unwrap_or_default();
        match &seal {
            Seal::Forged(why) => {
                let note = say!(lnx_kernel_004_forged, why = why.clone());
                self.fail(fact, item(note));
            }
            Seal::Unsealed | Seal::Unsigned => {
                self.unproven(fact, item(say!(linux_signature_none)));
            }
            Seal::UnknownKey(id) => {
                let note = say!(lnx_kernel_004_unknown_key, key = terminal(id));
                self.unproven(fact, item(note));
            }
            Seal::Unread(why) => {
                let note = say!(lnx_kernel_004_not_verified, why = why.clone());
                self.unread += 1;
                self.found.unknown(item(note));
                self.found.fix(say!(lnx_kernel_004_fix_trust));
            }
            Seal::Good { key, created, weak } => {
                let mut note = match created {
                    Some(secs) => say!(
                        lnx_kernel_004_signed_on,
                        key = anchor,
                        day = Date::from_unix(u64::from(*secs)).to_string()
                    ),
                    None => say!(lnx_kernel_004_signed, key = anchor),
                };
                if !key.confirmed {
                    note = say!(lnx_kernel_004_one_source, signed = note);
                }
                match (key_fits(key, self.os), key.base, weak) {
                    (Some(false), ..) => {
                        let note = say!(lnx_kernel_004_other_vendor, signed = note);
                        self.fail(fact, item(note));
                    }
                    (None, ..) | (Some(true), false, _) => {
                        let note = say!(lnx_kernel_004_other_key, signed = note);
                        self.unproven(fact, item(note));
                    }
                    (Some(true), true, true) => self.found.warn(item(note)),
                    (Some(true), true, false) => self.found.pass(item(note)),
                }
            }
        }
        self.files(fact, &full);
    }

    fn fail(&mut self, package: &Package, item: Item) {
        self.found.fail(item);
        self.found.fix(say!(
            lnx_kernel_004_fix_replace,
            package = terminal(&package.name),
            command = self.commands.replace(&package.name)
        ));
    }

    fn unproven(&mut self, package: &Package, item: Item) {
        self.unproven += 1;
        if self.pinned {
            self.found.unknown(item);
            self.found.fix(say!(
                lnx_kernel_004_fix_replace,
                package = terminal(&package.name),
                command = self.commands.replace(&package.name)
            ));
        } else {
            self.found.warn(item);
            self.found.fix(say!(lnx_kernel_004_fix_trust));
        }
    }

    /// Compares the files, whoever signed the record of them.
    fn files(&mut self, package: &Package, full: &str) {
        let compared = self.evidence.linux.compare(package);
        self.found.gaps(compared.gaps);
        let item = |d: &Difference, note: Text| {
            let actual = match &d.found {
                Some(digest) => Text::verbatim(digest.to_string()),
                None => say!(lnx_kernel_004_no_file),
            };
            Item::at(d.at.clone(), note).compare(Text::verbatim(d.expected.to_string()), actual)
        };
        for d in &compared.differs {
            let note = say!(lnx_kernel_004_differs, package = full);
            self.found.fail(item(d, note));
            self.found.fix(say!(
                linux_reinstall,
                package = terminal(&package.name),
                command = self.commands.reinstall(&package.name)
            ));
        }
        for d in &compared.configured {
            let note = say!(lnx_kernel_004_configured, package = full);
            self.found.pass(item(d, note));
        }
        if let Some(first) = compared.missing.first() {
            let note = say!(
                lnx_kernel_004_missing,
                count = compared.missing.len(),
                package = full
            );
            let at = Location::of_path(first.clone());
            self.found.pass(Item::at(at, note));
        }
    }
}
