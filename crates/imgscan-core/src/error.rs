//! One error shape for every layer: which layer, what kind, at which byte, expected and found.

use crate::text::{Arg, Lang, Text};

/// The result of everything that reads an image.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The layer that met the problem. Its [`Display`](std::fmt::Display) is the word that users see.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Layer {
    /// A file of the host.
    Source,
    /// The raw container.
    Raw,
    /// The qcow2 container.
    Qcow2,
    /// A container that is recognised by its magic, but not read.
    Container,
    /// A GUID partition table.
    Gpt,
    /// A master boot record or an extended boot record.
    Mbr,
    /// A volume whose content is not a supported file system.
    Volume,
    /// ext2, ext3 or ext4.
    Ext,
    /// NTFS.
    Ntfs,
    /// FAT12, FAT16 or FAT32.
    Fat,
    /// The path space of a guest.
    Guest,
    /// A registry hive.
    Hive,
    /// An event log of Windows.
    EventLog,
    /// A package database.
    Packages,
    /// A configuration file of the guest.
    Config,
    /// A boot loader's configuration.
    Boot,
    /// A PE image.
    Pe,
    /// A PKCS#7 signature or an X.509 certificate.
    Signature,
    /// A kernel image or a kernel module.
    Kernel,
    /// A cpio archive: an initramfs.
    Cpio,
    /// A policy file.
    Policy,
    /// What the reading of one image may cost ([`crate::budget`]).
    Budget,
}

impl Layer {
    /// The word for it.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Source => say!(layer_source),
            Self::Raw => say!(layer_raw),
            Self::Qcow2 => say!(layer_qcow2),
            Self::Container => say!(layer_container),
            Self::Gpt => say!(layer_gpt),
            Self::Mbr => say!(layer_mbr),
            Self::Volume => say!(layer_volume),
            Self::Ext => say!(layer_ext),
            Self::Ntfs => say!(layer_ntfs),
            Self::Fat => say!(layer_fat),
            Self::Guest => say!(layer_guest),
            Self::Hive => say!(layer_hive),
            Self::EventLog => say!(layer_event_log),
            Self::Packages => say!(layer_packages),
            Self::Config => say!(layer_config),
            Self::Boot => say!(layer_boot),
            Self::Pe => say!(layer_pe),
            Self::Signature => say!(layer_signature),
            Self::Kernel => say!(layer_kernel),
            Self::Cpio => say!(layer_cpio),
            Self::Policy => say!(layer_policy),
            Self::Budget => say!(layer_budget),
        }
    }
}

/// What sort of problem it is; callers decide by this, never by the text.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// The host could not read its own file.
    Io,
    /// Valid as far as seen, but this version does not read it (encryption included).
    Unsupported,
    /// The bytes contradict the format.
    Corrupt,
    /// Refused on purpose, for example a backing file outside the permitted folders.
    Denied,
    /// A stated bound was reached.
    Limit,
    /// The path or object does not exist.
    NotFound,
    /// Unusual and worth telling, but nothing was lost by it: a journal that was replayed, a
    /// flag that says "not cleanly unmounted", a backup table that is whole.
    Notice,
    /// What the system will do can't be told from the image: readers that disagree, a choice that
    /// the running machine makes, a word that is not followed.
    Doubt,
    /// A fault of this program, contained so that it can't pass for a result.
    Internal,
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Io => say!(kind_io),
            Self::Unsupported => say!(kind_unsupported),
            Self::Corrupt => say!(kind_corrupt),
            Self::Denied => say!(kind_denied),
            Self::Limit => say!(kind_limit),
            Self::NotFound => say!(kind_not_found),
            Self::Notice => say!(kind_notice),
            Self::Doubt => say!(kind_doubt),
            Self::Internal => say!(kind_internal),
        }
    }
}

/// An error of any layer. `offset` is in bytes from the start of what that layer reads: the file
/// for a source, the container file for a container, the disk for a partition table, the volume
/// for a file system, the file for a hive or database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub struct Error {
    /// Which layer met it.
    pub layer: Layer,
    /// What sort of problem it is.
    pub kind: Kind,
    /// Byte offset within what the layer reads, where one is known.
    pub offset: Option<u64>,
    /// What was expected and what was found. Bytes from the image are escaped.
    pub detail: Box<Text>,
}

impl Error {
    /// The error in `lang`.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        self.text().get(lang).to_owned()
    }

    /// What is wrong, and behind it the layer, the kind and the byte.
    #[must_use]
    pub fn text(&self) -> Text {
        let detail = &*self.detail;
        if self.kind == Kind::Io {
            return detail.clone();
        }
        let (layer, kind) = (self.layer.text(), self.kind.text());
        match self.offset {
            Some(at) => say!(
                error_at,
                detail = detail,
                layer = layer,
                kind = kind,
                at = at
            ),
            None => say!(error, detail = detail, layer = layer, kind = kind),
        }
    }

    /// The same error, met while `place` was read: a file, a record, a backing file.
    #[must_use]
    pub fn within(self, place: impl Into<Arg>) -> Self {
        let detail = say!(error_within, place = place, detail = &*self.detail);
        Self {
            detail: Box::new(detail),
            ..self
        }
    }

    /// An error of `kind` in `layer`.
    pub fn new(layer: Layer, kind: Kind, offset: impl Into<Option<u64>>, detail: Text) -> Self {
        Self {
            layer,
            kind,
            offset: offset.into(),
            detail: Box::new(detail),
        }
    }

    /// The bytes at `offset` contradict the format.
    pub fn corrupt(layer: Layer, offset: impl Into<Option<u64>>, detail: Text) -> Self {
        Self::new(layer, Kind::Corrupt, offset, detail)
    }

    /// A valid feature that this version does not read.
    pub fn unsupported(layer: Layer, offset: impl Into<Option<u64>>, detail: Text) -> Self {
        Self::new(layer, Kind::Unsupported, offset, detail)
    }

    /// A stated bound was reached.
    pub fn limit(layer: Layer, offset: impl Into<Option<u64>>, detail: Text) -> Self {
        Self::new(layer, Kind::Limit, offset, detail)
    }

    /// Unusual, but nothing was lost by it.
    pub fn notice(layer: Layer, offset: impl Into<Option<u64>>, detail: Text) -> Self {
        Self::new(layer, Kind::Notice, offset, detail)
    }

    /// What the system will do can't be told.
    pub fn doubt(layer: Layer, detail: Text) -> Self {
        Self::new(layer, Kind::Doubt, None, detail)
    }

    /// Nothing has that name.
    pub fn not_found(layer: Layer, detail: Text) -> Self {
        Self::new(layer, Kind::NotFound, None, detail)
    }

    /// The host failed to read `what`.
    pub fn io(offset: impl Into<Option<u64>>, what: &str, err: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let detail = match err.kind() {
            ErrorKind::NotFound => say!(error_io_not_found, what = what),
            ErrorKind::PermissionDenied => say!(error_io_denied, what = what),
            ErrorKind::IsADirectory => say!(error_io_folder, what = what),
            ErrorKind::StorageFull => say!(error_io_full, what = what),
            ErrorKind::UnexpectedEof => say!(error_io_short, what = what),
            _ => say!(error_io, what = what, why = err.to_string()),
        };
        Self::new(Layer::Source, Kind::Io, offset, detail)
    }

    /// Why a reader failed: the error of a layer that it passes on, or what a library says.
    #[must_use]
    pub fn of_reader(e: &std::io::Error) -> Text {
        match e.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            Some(own) => (*own.detail).clone(),
            None => say!(error_cpio_stream),
        }
    }

    /// A read of `len` bytes at `offset` crosses the end of something that is `size` bytes long.
    pub fn past_end(layer: Layer, offset: u64, len: u64, size: u64) -> Self {
        Self::corrupt(
            layer,
            offset,
            say!(error_past_end, bytes = len, size = size),
        )
    }
}

/// Runs `work` and turns a panic in it into an [`Kind::Internal`] error of `layer`; `what` says
/// what was being done.
///
/// Parsers are written not to panic. Should one do so all the same on some hostile image, that
/// must end as "not read" in the report, and neither as a pass nor as a lost report.
///
/// # Errors
/// What `work` returns, or the panic's message.
pub fn contained<T>(
    layer: Layer,
    what: impl FnOnce() -> Text,
    work: impl FnOnce() -> Result<T>,
) -> Result<T> {
    // The state that `work` shares with the outside is the image, which nothing writes, and caches
    // whose locks are poisoned by a panic, so that later users fail too.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let text = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Err(Error::new(
            layer,
            Kind::Internal,
            None,
            say!(error_internal, what = what(), text = text),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_internal_error_with_its_message() {
        let err = contained(
            Layer::Guest,
            || say!(doing_systems),
            || -> Result<()> {
                let empty: [u8; 0] = [];
                let at = std::hint::black_box(3);
                panic!("index {at} of {}", empty.len());
            },
        )
        .unwrap_err();
        assert_eq!((err.layer, err.kind), (Layer::Guest, Kind::Internal));
        assert!(err.detail.en.contains("index 3 of 0"), "{err}");
    }

    #[test]
    fn an_error_names_layer_kind_and_offset() {
        let err = Error::past_end(Layer::Qcow2, 4096, 512, 4100);
        assert_eq!(
            err.to_string(),
            "512 bytes are read across the end at byte 4100 (qcow2, corrupt, at byte 4096)"
        );
        assert_eq!(
            err.message(Lang::Zh),
            "读取 512 字节时越过了位于字节 4100 的末尾（qcow2，已损坏，字节 4096）"
        );
        let gone = std::io::Error::from(std::io::ErrorKind::NotFound);
        let err = Error::io(None, "a.img", &gone);
        assert_eq!(err.to_string(), "cannot open a.img: no such file");
    }
}
