//! The language of messages.

use imgscan_core::text::Lang;

/// The language that the environment asks for, by the rules of POSIX: the first of these that is
/// set and not empty decides.
pub(crate) fn from_environment() -> Lang {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
        .map_or(Lang::En, |value| from_locale(&value))
}

fn from_locale(locale: &str) -> Lang {
    if locale == "zh" || locale.starts_with("zh_") || locale.starts_with("zh.") {
        Lang::Zh
    } else {
        Lang::En
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_locales_get_chinese_and_all_others_english() {
        assert_eq!(from_locale("zh_CN.UTF-8"), Lang::Zh);
        assert_eq!(from_locale("C.UTF-8"), Lang::En);
        assert_eq!(from_locale("zha"), Lang::En);
    }
}
