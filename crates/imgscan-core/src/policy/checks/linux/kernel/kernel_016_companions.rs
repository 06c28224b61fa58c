//! LNX-KERNEL-016: System.map and the configuration in `/boot` are those of the kernel.

use std::collections::{BTreeMap, BTreeSet};

use super::candidates::{Candidate, candidates, no_kernel};
use crate::bytes::hex;
use crate::evidence::linux::{ConfigFile, KernelContents, MapCheck, Owner, settings};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Item, Outcome, Status};
use crate::text::{Text, terminal};

/// Settings of the embedded configuration that are shown as different.
const MAX_SETTINGS: usize = 8;

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let Some((kernels, mut found)) = candidates(context) else {
        return no_kernel(context);
    };
    for one in &kernels {
        let mut agrees = map(one, &mut found);
        if let Some(config) = &one.image.config {
            agrees &= configuration(one, config, &mut found);
        }
        if !agrees {
            found.fix(one.fix(context));
        }
    }
    if found.is_empty() && found.complete() {
        return Outcome::of(Status::NotApplicable, say!(lnx_kernel_016_none));
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_016_fail, count = count),
        Status::Warn => say!(lnx_kernel_016_warn, count = count),
        _ => say!(lnx_kernel_016_pass),
    })
}

/// Adds how System.map fits; false where it does not.
fn map(one: &Candidate<'_>, found: &mut Findings) -> bool {
    match &one.image.inside.map {
        MapCheck::Absent => {}
        MapCheck::Stub(at) => found.pass(Item::at(at.clone(), say!(lnx_kernel_016_stub))),
        MapCheck::Agrees(at) => found.pass(Item::at(at.clone(), say!(lnx_kernel_016_map))),
        MapCheck::Disagrees(at, address) => {
            let kernel = terminal(&one.kernel.fact.path);
            let note = say!(lnx_kernel_016_other_map, kernel = kernel);
            let address = Text::verbatim(format!("{address:#x}"));
            let item = Item::at(at.clone(), note);
            found.fail(item.compare(address, say!(lnx_kernel_016_something_else)));
            return false;
        }
        MapCheck::Unread(at, why) => {
            let note = say!(lnx_kernel_016_unread, why = why.clone());
            found.warn(Item::at(at.clone(), note));
        }
    }
    true
}

/// What differs: its name, what the configuration says, and what the kernel says.
struct Difference {
    name: Text,
    config: Text,
    kernel: Text,
}

impl Difference {
    fn new(name: impl AsRef<str>, config: impl AsRef<str>, kernel: impl AsRef<str>) -> Self {
        let verbatim = |text: &str| Text::verbatim(terminal(text));
        Self {
            name: verbatim(name.as_ref()),
            config: verbatim(config.as_ref()),
            kernel: verbatim(kernel.as_ref()),
        }
    }
}

/// Adds how a configuration fits; false where it does not.
fn configuration(one: &Candidate<'_>, config: &ConfigFile, found: &mut Findings) -> bool {
    let inside = &one.image.inside;
    let mut differ = Vec::new();
    let outside = settings(&config.text);
    if let Some(own) = &inside.config {
        let own = settings(own);
        let names: BTreeSet<_> = own.keys().chain(outside.keys()).copied().collect();
        let pairs = names.into_iter().map(|name| {
            let of = |map: &BTreeMap<&str, &str>| (*map.get(name).unwrap_or(&"-")).to_owned();
            (name, of(&outside), of(&own))
        });
        let pairs = pairs.filter(|(_, outside, own)| outside != own);
        differ.extend(
            pairs
                .take(MAX_SETTINGS)
                .map(|(name, outside, own)| Difference::new(name, outside, own)),
        );
    }
    shown_by_image(inside, &outside, &mut differ);
    if let Owner::Package(record) = &config.owner
        && let Some(digest) = &record.digest
    {
        let own = hex(&digest.kind.of(config.text.as_bytes()));
        if own != digest.hex {
            let kind = digest.kind.name();
            differ.push(Difference {
                name: say!(lnx_kernel_016_record),
                ..Difference::new(
                    "",
                    format!("{kind}:{}", digest.hex),
                    format!("{kind}:{own}"),
                )
            });
        }
    }
    let agrees = differ.is_empty();
    if agrees {
        let id = inside.build_id.as_deref().unwrap_or("-");
        let note = say!(lnx_kernel_016_config, id = terminal(id));
        found.pass(Item::at(config.at.clone(), note));
    }
    for one in differ {
        let note = say!(lnx_kernel_016_differs, name = one.name);
        found.warn(Item::at(config.at.clone(), note).compare(one.config, one.kernel));
    }
    agrees
}

/// What the image itself shows of settings: its packing, compiler, type information, keys.
fn shown_by_image(
    inside: &KernelContents,
    config: &BTreeMap<&str, &str>,
    differ: &mut Vec<Difference>,
) {
    let packings = ["GZIP", "BZIP2", "LZMA", "XZ", "LZO", "LZ4", "ZSTD"];
    let set = |name: &str| config.get(name) == Some(&"y");
    let wanted = packings.iter().find(|p| set(&format!("CONFIG_KERNEL_{p}")));
    if let (Some(wanted), Some(packing)) = (wanted, inside.packing) {
        let is = format!("{packing:?}").to_uppercase();
        if is != **wanted {
            differ.push(Difference::new("CONFIG_KERNEL_*", wanted, is));
        }
    }
    let compiler = inside.banner.as_ref().and_then(|b| b.compiler.as_deref());
    let name = "CONFIG_CC_VERSION_TEXT";
    let written = config.get(name).map(|text| text.trim_matches('"'));
    if let (Some(is), Some(written)) = (compiler, written)
        && !is.starts_with(written)
    {
        differ.push(Difference::new(name, written, is));
    }
    let name = "CONFIG_DEBUG_INFO_BTF";
    if set(name) && inside.btf == Some(false) {
        differ.push(Difference {
            kernel: say!(lnx_kernel_016_no_btf),
            ..Difference::new(name, "y", "")
        });
    }
    let name = "CONFIG_MODULE_SIG";
    let keys = inside.certificates.as_ref();
    if set(name) && keys.is_some_and(Vec::is_empty) {
        differ.push(Difference {
            kernel: say!(lnx_kernel_016_no_key),
            ..Difference::new(name, "y", "")
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::Status;
    use crate::policy::checks::linux::kernel::testing::clean;
    use crate::policy::checks::linux::testing::{check, status};

    #[test]
    fn a_map_or_configuration_of_another_kernel_is_told() {
        assert_eq!(status("LNX-KERNEL-016", clean()), Status::NotApplicable);
        let map = |address: &str| {
            let line = format!("{address} R linux_banner\nffffffff81000000 T _text\n");
            clean().file("/boot/System.map-6.1.0-9-amd64", 0o644, line)
        };
        // Where `sound_bzimage` puts it.
        assert_eq!(
            status("LNX-KERNEL-016", map("ffffffff82000000")),
            Status::Pass
        );
        let got = check("LNX-KERNEL-016", map("ffffffff82000008"));
        assert_eq!(got.status, Status::Fail);
        let path = got.evidence[0].at.path.as_deref();
        assert_eq!(path, Some("/boot/System.map-6.1.0-9-amd64"));
        let config = |text: &str| {
            let path = "/boot/config-6.1.0-9-amd64";
            status("LNX-KERNEL-016", clean().file(path, 0o644, text))
        };
        assert_eq!(config("CONFIG_KERNEL_ZSTD=y\n"), Status::Pass);
        assert_eq!(config("CONFIG_KERNEL_XZ=y\n"), Status::Warn);
        assert_eq!(config("CONFIG_MODULE_SIG=y\n"), Status::Warn);
    }
}
