//! Every sentence that a person may read, as types that the build writes from `messages/en.ftl`
//! and `messages/zh.ftl`. Code makes one with `say!`.

/// A message that nothing uses fails the build.
#[deny(dead_code)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}
pub(crate) use generated::*;

/// A sentence by its code (with `_` for `-`) and its arguments:
/// `say!(no_such_volume, name = name)`.
macro_rules! say {
    ($code:ident $(,)?) => {
        $crate::messages::$code {}.text()
    };
    ($code:ident, $($arg:ident = $value:expr),+ $(,)?) => {
        $crate::messages::$code { $($arg: Into::<imgscan_core::text::Arg>::into($value)),+ }.text()
    };
}

/// The message of `code` among those that are looked up by their code; it takes no arguments.
pub(crate) fn find(code: &str) -> Option<imgscan_core::text::Text> {
    let at = BY_CODE.binary_search_by(|known| known.code().cmp(code));
    at.ok().map(|at| BY_CODE[at].fill([]))
}
