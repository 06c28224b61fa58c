//! Every sentence that a person may read, as types that the build writes from `messages/en.ftl`
//! and `messages/zh.ftl`. Code makes one with [`say!`].

/// A message that nothing uses fails the build.
#[deny(dead_code)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}
pub(crate) use generated::*;

/// A sentence by its code (with `_` for `-`) and its arguments:
/// `say!(linux_accounts_locked, user = name)`.
macro_rules! say {
    ($code:ident $(,)?) => {
        $crate::messages::$code {}.text()
    };
    ($code:ident, $($arg:ident = $value:expr),+ $(,)?) => {
        $crate::messages::$code { $($arg: Into::<$crate::text::Arg>::into($value)),+ }.text()
    };
}

/// The message of `code` among those that are looked up by their code; it takes no arguments.
pub(crate) fn find(code: &str) -> Option<crate::text::Text> {
    let at = BY_CODE.binary_search_by(|known| known.code().cmp(code));
    at.ok().map(|at| BY_CODE[at].fill([]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{BY_CODE, find};
    use crate::policy::Policy;

    #[test]
    fn every_check_has_a_title_and_a_fix_and_none_is_left_over() {
        let policy = Policy::built_in("tencent-marketplace").unwrap();
        let mut wanted = BTreeSet::new();
        for check in &policy.checks {
            for what in ["title", "fix"] {
                let code = format!("{}-{what}", check.id.to_ascii_lowercase());
                assert!(find(&code).is_some(), "{code} is missing");
                wanted.insert(code);
            }
        }
        for message in BY_CODE {
            let code = message.code();
            assert!(wanted.contains(code), "{code} is of no check");
        }
    }
}
