//! What is not known, and what was probably meant.

use crate::text::Text;

/// What of `known` is nearest to `word`, where anything is near enough for a slip of the keyboard.
pub(super) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let lower = word.to_lowercase();
    let most = (word.chars().count() / 3).max(1);
    let near = known.into_iter().filter_map(|candidate| {
        let distance = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
        (distance <= most).then_some((distance, candidate))
    });
    // Of several that are as near, the one that is as long, and then the first.
    let long = word.len();
    near.min_by_key(|(distance, candidate)| (*distance, candidate.len().abs_diff(long)))
        .map(|(_, candidate)| candidate)
}

/// The key `key` is none of `known`.
pub(super) fn unknown_key(key: &str, known: &[&'static str]) -> Text {
    if let Some(meant) = nearest(key, known.iter().copied()) {
        return say!(policy_unknown_key_meant, key = key, meant = meant);
    }
    if known.is_empty() {
        return say!(policy_unknown_key, key = key);
    }
    let known = Text::list(known.iter().copied());
    say!(policy_unknown_key_known, key = key, known = known)
}

/// The word `word` is none of `known`.
pub(super) fn unknown_word(word: &str, known: &[&'static str]) -> Text {
    if let Some(meant) = nearest(word, known.iter().copied()) {
        return say!(policy_unknown_word_meant, word = word, meant = meant);
    }
    let known = Text::list(known.iter().copied());
    say!(policy_unknown_word, word = word, known = known)
}

/// `sentence`, and what was probably meant.
pub(super) fn meant<'k>(
    sentence: Text,
    word: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Text {
    match nearest(word, known) {
        Some(meant) => say!(policy_meant, problem = sentence, meant = meant),
        None => sentence,
    }
}
