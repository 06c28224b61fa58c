//! WIN-KERNEL-009: what is made to get around PatchGuard and the check of signatures, and what
//! starts before Windows does.

use schemars::JsonSchema;
use serde::Deserialize;

use super::kernel_009_sectors as sectors;
use super::proof::{replace, shown, unproven, vouched};
use crate::evidence::windows::{ElementData, KernelFile, Part, Proof, Standing};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::checks::valid;
use crate::policy::checks::windows::{commands, leaks, matches};
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::Text;
use crate::trust::known::BootCode;

/// The extended key usage of those who sign code.
const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
/// The element of a loader that names its kernel.
const KERNEL: u32 = 0x2200_0011;

/// What starts before Windows, and what gets around its protection.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks::windows) struct Bypasses {
    /// EFI programs that Windows has.
    efi: Vec<EfiProgram>,
    /// Patterns of other programs of an EFI partition that Windows has.
    efi_usual: Vec<String>,
    /// Patterns of names that boot programs have.
    boot_programs: Vec<String>,
    /// Patterns of names of tools that get around the kernel's own protection.
    bypasses: Vec<String>,
    /// Code of boot sectors that is allowed beside that of Windows.
    #[serde(default)]
    boot_code: Vec<BootCode>,
}

/// An EFI program that Windows has.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EfiProgram {
    /// A pattern of its path from the root of its volume.
    path: String,
    /// Names that its version resource may give it.
    names: Vec<String>,
}

impl Parameters for Bypasses {
    const SHARED: &'static [&'static str] =
        &["windows_anchors", "windows_roots", "vulnerable_drivers"];

    fn validate(&self) -> Result<(), BadParameter> {
        let paths: Vec<&str> = self.efi.iter().map(|e| e.path.as_str()).collect();
        valid::entries("efi", &paths)?;
        for (i, program) in self.efi.iter().enumerate() {
            valid::some(&format!("efi[{i}].names"), &program.names)?;
        }
        valid::entries("efi_usual", &self.efi_usual)?;
        valid::entries("boot_programs", &self.boot_programs)?;
        valid::entries("bypasses", &self.bypasses)?;
        let digests: Vec<&str> = self.boot_code.iter().map(|c| c.sha256.as_str()).collect();
        valid::entries("boot_code", &digests)?;
        for (i, code) in self.boot_code.iter().enumerate() {
            if code.sha256.len() != 64 || !code.sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
                let path = format!("boot_code[{i}].sha256");
                return Err(BadParameter::new(path, say!(policy_bad_digits, count = 64)));
            }
        }
        Ok(())
    }
}

fn any(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|p| matches(p, name))
}

/// The file's name and those that it gives itself.
fn all_names<'f>(path: &'f str, own: &'f [String]) -> impl Iterator<Item = &'f str> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    std::iter::once(name).chain(own.iter().map(String::as_str))
}

pub(in crate::policy::checks::windows) fn run(context: &Context<'_>, with: &Bypasses) -> Outcome {
    let all = context.evidence.windows.kernel_files();
    let mut found = Findings::with_gaps(&all.gaps);
    for file in all.of(Part::Loader).filter(|f| is_efi(context, f)) {
        efi(context, with, file, &mut found);
    }
    hidden(context, with, &mut found);
    for file in &all.spares {
        spare(context, file, &mut found);
    }
    drivers(context, with, &mut found);
    certificates(context, &mut found);
    sectors::run(context, &with.boot_code, &mut found);
    found.conclude(|status, count| match status {
        Status::Fail => say!(win_kernel_009_fail, count = count),
        Status::Unknown => say!(win_kernel_009_unjudged, count = count),
        Status::Warn => say!(win_kernel_009_warn, count = count),
        _ => say!(win_kernel_009_pass),
    })
}

fn is_efi(context: &Context<'_>, file: &KernelFile) -> bool {
    let mut volumes = context.evidence.guest.paths.volumes().iter();
    let of = volumes.find(|v| Some(&v.volume.name) == file.at.volume.as_ref());
    let fat = of.and_then(|v| v.file_system());
    fat.is_some_and(|fs| fs.info().kind.starts_with("fat"))
}

/// The signature counts only where it can be told.
fn judged(file: &KernelFile, found: &mut Findings) -> bool {
    let Standing::Unproven(why) = &file.proof.standing else {
        return true;
    };
    found.gap(unproven(file, why.clone()));
    false
}

/// What a program calls itself, and its proof.
fn named(names: &[String], proof: &Proof) -> Text {
    match names.first() {
        Some(name) => say!(win_kernel_009_named, name = name, proof = shown(proof)),
        None => shown(proof),
    }
}

/// A program of an EFI partition.
fn efi(context: &Context<'_>, with: &Bypasses, file: &KernelFile, found: &mut Findings) {
    let path = file.at.path.as_deref().unwrap_or(&file.path);
    let good = vouched(context, &file.proof);
    let usual = with.efi.iter().find(|e| matches(&e.path, path));
    let own = |e: &EfiProgram| file.names.is_empty() || file.names.iter().any(|n| any(&e.names, n));
    let boot = file.names.iter().any(|n| any(&with.boot_programs, n));
    let mut names = all_names(path, &file.names);
    let (status, note) = if names.any(|n| any(&with.bypasses, n)) {
        (Status::Fail, say!(win_kernel_009_bypass))
    } else if !judged(file, found) {
        return;
    } else {
        match usual {
            Some(e) if good && own(e) => (Status::Pass, say!(win_kernel_009_signed)),
            // What else Microsoft signed may start what it did not.
            Some(_) if good => (Status::Unknown, say!(win_kernel_009_other_program)),
            // A copy of the boot manager beside it is how a bootkit keeps the original.
            None if boot => (Status::Fail, say!(win_kernel_009_renamed)),
            // A loader of Linux, which the UEFI authority of Microsoft signs for others.
            _ if file.proof.standing == Standing::Trusted => {
                (Status::Unknown, say!(win_kernel_009_other_vendor))
            }
            Some(_) => (Status::Fail, say!(win_kernel_009_replaced)),
            None => (Status::Fail, say!(win_kernel_009_extra)),
        }
    };
    let item = Item::at(file.at.clone(), note);
    let wanted = say!(win_kernel_009_efi_wanted);
    found.add(
        status,
        item.compare(wanted, named(&file.names, &file.proof)),
    );
    if status == Status::Fail {
        found.fix(match usual {
            Some(_) => commands::write_boot_files(context),
            None => say!(win_kernel_009_fix_efi, path = commands::plain(path)),
        });
    }
}

/// Programs of an EFI partition under names that no EFI program has.
fn hidden(context: &Context<'_>, with: &Bypasses, found: &mut Findings) {
    for program in found.keep(context.evidence.windows.hidden_programs()) {
        let path = program.at.path.clone().unwrap_or_default();
        if any(&with.efi_usual, &path) {
            continue;
        }
        let is =
            |patterns: &[String]| all_names(&path, &program.fact.names).any(|n| any(patterns, n));
        let (status, note) = if is(&with.bypasses) {
            (Status::Fail, say!(win_kernel_009_bypass))
        } else if is(&with.boot_programs) {
            (Status::Fail, say!(win_kernel_009_renamed))
        } else {
            (Status::Warn, say!(win_kernel_009_hidden))
        };
        let shown = match program.fact.names.first() {
            Some(name) => Text::verbatim(name),
            None => say!(win_kernel_009_pe),
        };
        let item = Item::at(program.at, note);
        found.add(status, item.compare(say!(win_no_file), shown));
        found.fix(say!(win_kernel_009_fix_efi, path = commands::plain(&path)));
    }
}

/// A kernel or loader in `System32` under another name.
fn spare(context: &Context<'_>, file: &KernelFile, found: &mut Findings) {
    let boot = context.evidence.windows.boot();
    let objects = boot.stores.iter().flat_map(|s| &s.objects);
    let mut kernels = objects.filter_map(|o| match &o.elements.get(&KERNEL)?.fact {
        ElementData::Text(text) => Some((o.id.as_str(), text)),
        _ => None,
    });
    let loaded = kernels.find(|(_, n)| {
        let name = n.rsplit('\\').next().unwrap_or_default();
        name.eq_ignore_ascii_case(file.name())
    });
    let (status, note) = if loaded.is_some() {
        (Status::Fail, say!(win_kernel_009_loaded_copy))
    } else if !judged(file, found) {
        return;
    } else if vouched(context, &file.proof) {
        (Status::Warn, say!(win_kernel_009_copy))
    } else {
        (Status::Fail, say!(win_kernel_009_unsigned_copy))
    };
    let item = Item::at(file.at.clone(), note);
    let shown = named(&file.names, &file.proof);
    found.add(status, item.compare(say!(win_no_file), shown));
    if let Some((object, _)) = loaded {
        found.fix(say!(
            win_kernel_004_fix_delete,
            object = object,
            name = "kernel"
        ));
    }
    found.fix(say!(win_fix_file, path = commands::plain(&file.path)));
}

/// Drivers that are known to be abused, by their file's name or by their own.
fn drivers(context: &Context<'_>, with: &Bypasses, found: &mut Findings) {
    let vulnerable = &context.shared.vulnerable_drivers;
    for file in context.evidence.windows.kernel_files().of(Part::Driver) {
        let is = |n: &str| {
            let stem = |t: &str| t.to_lowercase().trim_end_matches(".sys").to_owned();
            vulnerable.iter().any(|v| stem(v) == stem(n)) || any(&with.bypasses, n)
        };
        let Some(name) = all_names(&file.path, &file.names).find(|n| is(n)) else {
            continue;
        };
        let item = Item::at(file.at.clone(), say!(win_kernel_vulnerable));
        let proof = shown(&file.proof);
        let shown = say!(win_kernel_009_named, name = name, proof = proof);
        found.fail(item.compare(say!(win_kernel_vulnerable_wanted), shown));
        found.fix_by(replace(context, file));
    }
}

/// Certificates that signed themselves and vouch for code.
fn certificates(context: &Context<'_>, found: &mut Findings) {
    for certificate in found.keep(context.evidence.windows.certificates()) {
        let it = &certificate.fact;
        let in_store = |name: &str| it.store.eq_ignore_ascii_case(name);
        let signs = it.usages.iter().any(|u| u == CODE_SIGNING);
        // In the store of publishers one without usages is good for code, too.
        let trusted = (in_store("ROOT") && signs)
            || (in_store("TrustedPublisher") && (signs || it.usages.is_empty()));
        if !trusted || leaks::known_root(context, &it.sha1) || !it.is_root() {
            continue;
        }
        let note = say!(win_kernel_009_certificate, store = &it.store);
        let item = Item::at(certificate.at.clone(), note);
        found.fail(item.compare(say!(win_absent), leaks::shown_certificate(it)));
        found.fix(leaks::remove_certificate(&certificate));
    }
}
