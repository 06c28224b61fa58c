//! One error shape for every layer: which layer, what kind, at which byte, expected and found.

use std::fmt;

use crate::text::Lang;

/// The result of everything that reads an image.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The layer that met the problem. Its [`fmt::Display`] is the word that users see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
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
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
            Self::Container => "container",
            Self::Gpt => "gpt",
            Self::Mbr => "mbr",
            Self::Volume => "volume",
            Self::Ext => "ext",
            Self::Ntfs => "ntfs",
            Self::Fat => "fat",
            Self::Guest => "guest",
            Self::Hive => "hive",
            Self::EventLog => "event-log",
            Self::Packages => "packages",
            Self::Config => "config",
            Self::Boot => "boot",
            Self::Pe => "pe",
            Self::Signature => "signature",
            Self::Kernel => "kernel",
            Self::Cpio => "cpio",
            Self::Policy => "policy",
        })
    }
}

/// What sort of problem it is; callers decide by this, never by the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
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
    /// A fault of this program, contained so that it can't pass for a result.
    Internal,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Io => "input/output error",
            Self::Unsupported => "unsupported",
            Self::Corrupt => "corrupt",
            Self::Denied => "denied",
            Self::Limit => "limit reached",
            Self::NotFound => "not found",
            Self::Notice => "notice",
            Self::Internal => "internal error",
        })
    }
}

impl Kind {
    /// The words for it in `lang`; English is what [`fmt::Display`] gives.
    #[must_use]
    pub fn words(self, lang: Lang) -> String {
        let zh = match self {
            Self::Io => "输入输出错误",
            Self::Unsupported => "不支持",
            Self::Corrupt => "已损坏",
            Self::Denied => "已拒绝",
            Self::Limit => "达到上限",
            Self::NotFound => "未找到",
            Self::Notice => "提示",
            Self::Internal => "程序内部错误",
        };
        match lang {
            Lang::En => self.to_string(),
            Lang::Zh => zh.into(),
        }
    }
}

/// An error of any layer. `offset` is in bytes from the start of what that layer reads: the file
/// for a source, the container file for a container, the disk for a partition table, the volume
/// for a file system, the file for a hive or database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{layer}: {kind}{}: {detail}", Offset(*.offset))]
pub struct Error {
    /// Which layer met it.
    pub layer: Layer,
    /// What sort of problem it is.
    pub kind: Kind,
    /// Byte offset within what the layer reads, where one is known.
    pub offset: Option<u64>,
    /// What was expected and what was found, in English. Bytes from the image are escaped.
    pub detail: Box<str>,
}

struct Offset(Option<u64>);

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(at) => write!(f, " at byte {at}"),
            None => Ok(()),
        }
    }
}

impl Error {
    /// The error in `lang`; the detail stays English.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.to_string(),
            Lang::Zh => {
                let at = self.offset.map(|at| format!("（字节 {at}）"));
                let (kind, at) = (self.kind.words(lang), at.unwrap_or_default());
                format!("{}：{kind}{at}：{}", self.layer, self.detail)
            }
        }
    }

    /// An error of `kind` in `layer`.
    pub fn new(
        layer: Layer,
        kind: Kind,
        offset: impl Into<Option<u64>>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            layer,
            kind,
            offset: offset.into(),
            detail: detail.into().into_boxed_str(),
        }
    }

    /// The bytes at `offset` contradict the format.
    pub fn corrupt(
        layer: Layer,
        offset: impl Into<Option<u64>>,
        detail: impl Into<String>,
    ) -> Self {
        Self::new(layer, Kind::Corrupt, offset, detail)
    }

    /// A valid feature that this version does not read.
    pub fn unsupported(
        layer: Layer,
        offset: impl Into<Option<u64>>,
        detail: impl Into<String>,
    ) -> Self {
        Self::new(layer, Kind::Unsupported, offset, detail)
    }

    /// A stated bound was reached.
    pub fn limit(layer: Layer, offset: impl Into<Option<u64>>, detail: impl Into<String>) -> Self {
        Self::new(layer, Kind::Limit, offset, detail)
    }

    /// Unusual, but nothing was lost by it.
    pub fn notice(layer: Layer, offset: impl Into<Option<u64>>, detail: impl Into<String>) -> Self {
        Self::new(layer, Kind::Notice, offset, detail)
    }

    /// Nothing has that name.
    pub fn not_found(layer: Layer, detail: impl Into<String>) -> Self {
        Self::new(layer, Kind::NotFound, None, detail)
    }

    /// The host failed to read `what`.
    pub fn io(offset: impl Into<Option<u64>>, what: &str, err: &std::io::Error) -> Self {
        Self::new(Layer::Source, Kind::Io, offset, format!("{what}: {err}"))
    }

    /// A read of `len` bytes at `offset` crosses the end of something that is `size` bytes long.
    pub fn past_end(layer: Layer, offset: u64, len: u64, size: u64) -> Self {
        Self::corrupt(
            layer,
            offset,
            format!("read of {len} bytes crosses the end at {size}"),
        )
    }
}

/// Runs `work` and turns a panic in it into an [`Kind::Internal`] error of `layer`.
///
/// Parsers are written not to panic. Should one do so all the same on some hostile image, that
/// must end as "not read" in the report, and neither as a pass nor as a lost report.
///
/// # Errors
/// What `work` returns, or the panic's message.
pub fn contained<T>(layer: Layer, what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
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
            format!("{what} stopped with a fault of this program: {text}"),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_internal_error_with_its_message() {
        let err = contained(Layer::Guest, "the search", || -> Result<()> {
            let empty: [u8; 0] = [];
            let at = std::hint::black_box(3);
            panic!("index {at} of {}", empty.len());
        })
        .unwrap_err();
        assert_eq!((err.layer, err.kind), (Layer::Guest, Kind::Internal));
        assert!(err.detail.contains("index 3 of 0"), "{err}");
    }

    #[test]
    fn an_error_names_layer_kind_and_offset() {
        let err = Error::past_end(Layer::Qcow2, 4096, 512, 4100);
        assert_eq!(
            err.to_string(),
            "qcow2: corrupt at byte 4096: read of 512 bytes crosses the end at 4100"
        );
        assert_eq!(err.message(Lang::En), err.to_string());
        assert_eq!(
            err.message(Lang::Zh),
            "qcow2：已损坏（字节 4096）：read of 512 bytes crosses the end at 4100"
        );
    }
}
