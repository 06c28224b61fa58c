//! What was found of ring 0, in words.

use super::{Ring0Fact, Shortfall};
use crate::evidence::linux::Cause;
use crate::text::{Text, terminal};

impl Ring0Fact {
    /// The fact in words; `None` where the signer and the anchor of the object say it, another
    /// object does, or a policy is to say what it means.
    #[must_use]
    pub fn text(&self) -> Option<Text> {
        Some(match self {
            Self::ByGivenKey => say!(ring0_by_given_key),
            Self::ByKernelKey | Self::CarriesModule { .. } | Self::Argument { .. } => return None,
            Self::Members {
                files,
                same,
                modules,
                copied,
                derived,
                left,
            } => say!(
                ring0_members,
                files = *files,
                same = *same,
                modules = *modules,
                copied = *copied,
                derived = *derived,
                left = *left
            ),
            Self::Trusted => say!(ring0_trusted),
            Self::SignerEnds { day } => say!(ring0_signer_ends, day = day),
            Self::AnchorOneSource { source: None } => say!(ring0_anchor_one_source),
            Self::AnchorOneSource {
                source: Some(source),
            } => say!(ring0_anchor_source, source = terminal(source)),
            Self::SignedBytesDiffer => say!(ring0_signed_bytes_differ),
            Self::IssuerForged => say!(ring0_issuer_forged),
            Self::SignatureUnread { why } => say!(ring0_signature_unread, why = why),
            Self::NoPe => say!(ring0_no_pe),
            Self::Unsigned => say!(ring0_unsigned),
            Self::ModuleUnsigned => say!(ring0_unsigned),
            Self::Unanchored => say!(ring0_unanchored),
            Self::SelfSigned { .. } => say!(ring0_self_signed),
            Self::InNoCatalog { .. } => say!(ring0_in_no_catalog),
            Self::SignsForAnybody { anchor } => {
                say!(ring0_signs_for_anybody, anchor = terminal(anchor))
            }
            Self::DriverOf { services } => say!(
                ring0_driver_of,
                services = services.iter().map(|s| terminal(s)).collect::<Vec<_>>()
            ),
            Self::InCatalog { catalog } => say!(ring0_in_catalog, catalog = terminal(catalog)),
            Self::TimeStamp { at } => say!(ring0_time_stamp, at = at),
            Self::Unread { why } => say!(ring0_unread, why = why),
            Self::ShimCarries {
                shim: Some(shim),
                authority,
            } => say!(
                ring0_shim_carries,
                shim = terminal(shim),
                authority = terminal(authority)
            ),
            Self::ShimCarries {
                shim: None,
                authority,
            } => say!(ring0_a_shim_carries, authority = terminal(authority)),
            Self::NoShimCarries { authority } => {
                say!(ring0_no_shim_carries, authority = terminal(authority))
            }
            Self::ShimAccepts { authority } => {
                say!(ring0_shim_accepts, authority = terminal(authority))
            }
            Self::ShimUnread { why } => say!(ring0_shim_unread, why = why),
            Self::StartedByBios => say!(ring0_started_by_bios),
            Self::BootPiecesExplained { pieces } => {
                say!(ring0_boot_pieces_explained, pieces = *pieces)
            }
            Self::BootCodeUnread { why } => say!(ring0_boot_code_unread, why = why),
            Self::BootPieceChanged { piece } => {
                say!(ring0_boot_piece_changed, piece = terminal(piece))
            }
            Self::BootPieceUnowned { piece } => {
                say!(ring0_boot_piece_unowned, piece = terminal(piece))
            }
            Self::OtherVendor { authority } => {
                say!(ring0_other_vendor, authority = terminal(authority))
            }
            Self::VendorUnknown => say!(ring0_vendor_unknown),
            Self::ImageUnread => say!(ring0_image_unread),
            Self::NoRelease => say!(ring0_no_release),
            Self::InSignedHeader => say!(ring0_in_signed_header),
            Self::NotInSignedHeader => say!(ring0_not_in_signed_header),
            Self::RecordForged { why } => say!(ring0_record_forged, why = why),
            Self::RecordEqual => say!(ring0_record_equal),
            Self::RecordDiffers => say!(ring0_record_differs),
            Self::SignedButRecordDiffers => say!(ring0_record_differs),
            Self::UnsignedRecordDiffers => say!(ring0_unsigned_record_differs),
            Self::NothingSpeaks => say!(ring0_nothing_speaks),
            Self::KernelUnownedSigned => say!(ring0_kernel_unowned_signed),
            Self::CopyOf { path } => say!(ring0_copy_of, path = terminal(path)),
            Self::KernelUnowned => say!(ring0_unowned),
            Self::ModuleUnowned => say!(ring0_unowned),
            Self::OwnerUnknown { why } => say!(ring0_owner_unknown, why = why),
            Self::NoPackageDatabase => say!(ring0_no_package_database),
            Self::ByUnprovenKernel => say!(ring0_by_unproven_kernel),
            Self::KernelKeyBytesDiffer => say!(ring0_kernel_key_bytes_differ),
            Self::ForeignKey => say!(ring0_foreign_key),
            Self::KernelKeysUnread => say!(ring0_kernel_keys_unread),
            Self::NoModuleKeys => say!(ring0_no_module_keys),
            Self::ForNoBootingKernel => say!(ring0_for_no_booting_kernel),
            Self::StartsForeign { line, starts, by } => say!(
                ring0_starts_foreign,
                line = *line,
                starts = terminal(starts),
                by = terminal(by)
            ),
            Self::StartsEarly { line, starts } => {
                say!(ring0_starts_early, line = *line, starts = terminal(starts))
            }
            Self::Runs { line, what } => say!(ring0_runs, line = *line, what = terminal(what)),
            Self::ConfigExplained => say!(ring0_config_explained),
            Self::LeftOver { name, cause, .. } => {
                say!(ring0_left_over, name = terminal(name), why = cause.text())
            }
            Self::NobodyOwns => say!(ring0_nobody_owns),
            Self::OnlyRecorded { files } => say!(ring0_only_recorded, files = *files),
            Self::PartsUnread { why } => say!(ring0_parts_unread, why = why),
            Self::PartOfKernel => say!(ring0_part_of_kernel),
            Self::ReferenceEqual { from } => say!(ring0_reference_equal, from = terminal(from)),
            Self::ReferenceDiffers { from, sha256 } => say!(
                ring0_reference_differs,
                from = terminal(from),
                sha256 = sha256
            ),
        })
    }
}

impl Shortfall {
    /// What is missing, in words.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::NoKernel => say!(ring0_lacks_kernel),
            Self::NoWindowsKernel => say!(ring0_lacks_windows_kernel),
            Self::DefaultUnknown => say!(ring0_lacks_default),
            Self::Unread { parts } => say!(ring0_lacks_parts, parts = *parts),
            Self::NoPackageDatabase => say!(ring0_no_package_database),
            Self::NoLoader => say!(ring0_lacks_loader),
            Self::NoBootConfig => say!(ring0_lacks_config),
            Self::NoBootStore => say!(ring0_lacks_store),
            Self::NoModules => say!(ring0_lacks_modules),
            Self::StartsNoKernel { starts } => {
                say!(ring0_starts_no_kernel, starts = terminal(starts))
            }
            Self::InitramfsUnexamined { path, starts } => say!(
                ring0_initramfs_unexamined,
                path = terminal(path),
                starts = terminal(starts)
            ),
            Self::IntegrityOff { entry, element } => say!(
                ring0_integrity_off,
                entry = terminal(entry),
                element = format!("{element:08x}")
            ),
            Self::NotExamined => say!(ring0_lacks_all),
            Self::ImageIncomplete => say!(ring0_lacks_image),
        }
    }
}

impl Cause {
    /// Why a member of an initramfs is not explained, in words.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Unknown => say!(ring0_cause_unknown),
            Self::Differs { path } => say!(ring0_cause_differs, path = terminal(path)),
            Self::Recorded { path, package } => say!(
                ring0_cause_recorded,
                path = terminal(path),
                package = terminal(package)
            ),
            Self::Unowned { path } => say!(ring0_cause_unowned, path = terminal(path)),
            Self::Derived { how } => say!(ring0_cause_derived, how = how),
            Self::Changed { path, package } => say!(
                ring0_cause_changed,
                path = terminal(path),
                package = terminal(package)
            ),
            Self::NoApplet { path } => say!(ring0_cause_no_applet, path = terminal(path)),
            Self::Admits => say!(ring0_cause_admits),
            Self::Secret { path } => say!(ring0_cause_secret, path = terminal(path)),
            Self::Dracut => say!(ring0_cause_dracut),
            Self::Unproven => say!(ring0_cause_unproven),
        }
    }
}
