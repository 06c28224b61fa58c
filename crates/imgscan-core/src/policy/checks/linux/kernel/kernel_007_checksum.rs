//! LNX-KERNEL-007: the checksum that the build wrote into a bzImage is right.

use super::candidates::{candidates, no_kernel};
use crate::evidence::Gap;
use crate::evidence::linux::{Piece, SignState};
use crate::policy::checks::registry::NoParameters;
use crate::policy::{Context, Outcome, Status};
use crate::text::Text;

pub(in crate::policy::checks) fn run(context: &Context<'_>, _: &NoParameters) -> Outcome {
    let Some((kernels, mut found)) = candidates(context) else {
        return no_kernel(context);
    };
    for one in &kernels {
        let inside = &one.image.inside;
        // Linux 6.15 dropped the checksum.
        let release = one.kernel.fact.release.as_deref();
        let has_one = release.and_then(series).is_none_or(|s| s < (6, 15));
        if inside.piece != Piece::BzImage || !has_one {
            continue;
        }
        let Some(crc) = inside.crc else {
            if let Some(e) = &inside.problem {
                found.gap(Gap::new(one.kernel.at.clone(), e));
            }
            continue;
        };
        let crc32 = |value: u32| Text::verbatim(format!("crc32:{value:08x}"));
        let item = |note: Text| {
            one.item(note)
                .compare(crc32(crc.stored), crc32(crc.computed))
        };
        if crc.stored == crc.computed {
            found.pass(item(say!(lnx_kernel_007_right)));
        } else if one.image.signature.state == SignState::Trusted {
            found.warn(item(say!(lnx_kernel_007_signed)));
            found.fix(one.fix(context));
        } else {
            found.fail(item(say!(lnx_kernel_007_wrong)));
            found.fix(one.fix(context));
        }
    }
    if found.is_empty() && found.complete() {
        return Outcome::of(Status::NotApplicable, say!(lnx_kernel_007_none));
    }
    found.conclude(|status, count| match status {
        Status::Fail => say!(lnx_kernel_007_fail, count = count),
        Status::Warn => say!(lnx_kernel_007_warn, count = count),
        _ => say!(lnx_kernel_007_pass),
    })
}

/// Major and minor number of a release.
fn series(release: &str) -> Option<(u32, u32)> {
    let mut parts = release.split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::linux::testing::{Build, seal, sound_bzimage};
    use crate::policy::checks::linux::kernel::testing::{BUILDER, RELEASE, clean, with};
    use crate::policy::checks::linux::testing::{check, status};

    #[test]
    fn a_checksum_that_differs_fails_and_newer_kernels_have_none() {
        assert_eq!(status("LNX-KERNEL-007", clean()), Status::Pass);
        let mut image = sound_bzimage(RELEASE, BUILDER);
        image[0x40] ^= 1;
        let got = check("LNX-KERNEL-007", with(&image));
        assert_eq!(got.status, Status::Fail);
        assert!(
            got.evidence[0]
                .expected
                .as_ref()
                .unwrap()
                .en
                .starts_with("crc32:")
        );
        seal(&mut image);
        assert_eq!(status("LNX-KERNEL-007", with(&image)), Status::Pass);
        let new = Build::debian().kernel("6.16.3", &sound_bzimage("6.16.3", BUILDER));
        assert_eq!(status("LNX-KERNEL-007", new), Status::NotApplicable);
    }

    #[test]
    fn the_series_is_read_from_a_release() {
        assert_eq!(series("6.15.0-rc1"), Some((6, 15)));
        assert_eq!(series("x"), None);
    }
}
