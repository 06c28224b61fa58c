//! Which entry starts by itself (rules 3.4b to 3.4d).

use super::Build;
use super::env::Value;
use super::machine::Node;

/// The part before the first `>` (`>>` stands for one) and the part behind it.
pub(super) fn split(text: &str) -> (String, Option<&str>) {
    let mut head = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        if c == '>' && chars.next_if(|(_, c)| *c == '>').is_none() {
            return (head, Some(&text[i + 1..]));
        }
        head.push(c);
    }
    (head, None)
}

/// The entries that `wanted` may name: one, unless the build of GRUB is not known and builds
/// differ. What names none is the first.
pub(super) fn choose(build: Build, menu: &[Node], wanted: &Value) -> Vec<usize> {
    if menu.is_empty() {
        return Vec::new();
    }
    let Value::Known(wanted) = wanted else {
        return (0..menu.len()).collect();
    };
    let first = |found: Option<usize>| found.filter(|i| *i < menu.len()).unwrap_or(0);
    let mut all = Vec::new();
    if build.counts_first() {
        all.push(first(numbers_first(menu, wanted)));
    }
    if build.names_first() {
        all.push(first(names_first(menu, wanted)));
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The entries that `wanted`, the value of `fallback`, may name (rule 3.4h): numbers up to what is none; and, as
/// branches and later versions have it, all that is left as the title or id of one.
pub(super) fn fallbacks(menu: &[Node], wanted: &Value) -> Vec<usize> {
    let Value::Known(wanted) = wanted else {
        return (0..menu.len()).collect();
    };
    let mut all = Vec::new();
    let mut rest = wanted.as_str();
    while let Some((at, more)) = number(rest) {
        all.extend(at);
        rest = more.trim_ascii_start();
    }
    let (name, _) = split(rest);
    all.extend(menu.iter().position(|n| n.is_called(&name)));
    all.retain(|at| *at < menu.len());
    all
}

/// GRUB as its authors publish it: a number, whatever follows it, else a title or an id.
fn numbers_first(menu: &[Node], wanted: &str) -> Option<usize> {
    if let Some((number, _)) = number(wanted) {
        return number;
    }
    let (name, _) = split(wanted);
    menu.iter().position(|n| n.is_called(&name))
}

/// The branch of Fedora and Red Hat: the first word is an id, or all of it is a title, or it is a
/// number and nothing else.
fn names_first(menu: &[Node], wanted: &str) -> Option<usize> {
    let word = wanted.split_ascii_whitespace().next().unwrap_or("");
    let (id, _) = split(word);
    let (title, _) = split(wanted);
    let by_id = menu.iter().position(|n| n.id == id);
    let found = by_id.or_else(|| menu.iter().position(|n| n.title == title));
    found.or_else(|| match number(wanted) {
        Some((number, rest)) if rest.trim_ascii().is_empty() => number,
        _ => None,
    })
}

/// `grub_strtoul` with base 0: the number (`None` where it is too large) and what follows.
fn number(text: &str) -> Option<(Option<usize>, &str)> {
    let text = text.trim_ascii_start();
    let (base, digits) = match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        Some(rest) => (16, rest),
        None if text.starts_with('0') => (8, text),
        None => (10, text),
    };
    let end = digits.find(|c: char| !c.is_digit(base));
    let (digits, rest) = digits.split_at(end.unwrap_or(digits.len()));
    if digits.is_empty() {
        return None;
    }
    Some((usize::from_str_radix(digits, base).ok(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// normal/menu.c of GRUB 2.06, and Fedora's patch "Allow fallback to include entries by title".
    #[test]
    fn a_fallback_is_numbers_or_the_name_of_one() {
        let all = menu(&[("A b", "a"), ("B", "b"), ("C", "c")]);
        let of = |text: &str| fallbacks(&all, &Value::Known(text.into()));
        assert!(of("").is_empty());
        assert_eq!(of("2 1"), [2, 1]);
        assert_eq!(of("0x1 9"), [1]);
        // What is no number ends the list.
        assert_eq!(of("1x 2"), [1]);
        assert_eq!(of("A b"), [0]);
        assert_eq!(of("2 b"), [2, 1]);
        assert!(of("b c").is_empty());
        assert_eq!(fallbacks(&all, &Value::Unknown), [0, 1, 2]);
    }

    fn menu(all: &[(&str, &str)]) -> Vec<Node> {
        let node = |(title, id): &(&str, &str)| Node::named(title, id);
        all.iter().map(node).collect()
    }

    #[test]
    fn builds_differ_in_what_a_default_names() {
        let all = menu(&[("A", "a"), ("B", "b"), ("C", "2abc"), ("D", "0")]);
        let known = |text: &str| Value::Known(text.into());
        let of = |build, text: &str| choose(build, &all, &known(text));
        // normal/menu.c of GRUB 2.06.
        for (wanted, at) in [
            ("", 0),
            ("1", 1),
            ("010", 0),
            ("0x1", 1),
            ("01", 1),
            ("2abc", 2),
            ("1>2", 1),
            ("b", 1),
            ("C", 2),
            ("b>x", 1),
            ("none", 0),
            ("99", 0),
            ("0", 0),
        ] {
            assert_eq!(of(Build::Upstream, wanted), [at], "{wanted}");
        }
        // normal/menu.c of the branch of Fedora.
        for (wanted, at) in [
            ("1", 1),
            ("0", 3),
            ("2abc", 2),
            ("1abc", 0),
            ("1>2", 0),
            ("b word", 1),
            ("C", 2),
        ] {
            assert_eq!(of(Build::Fedora, wanted), [at], "{wanted}");
        }
        assert_eq!(of(Build::Unknown, "1>2"), [0, 1]);
        assert_eq!(of(Build::Unknown, "b"), [1]);
        assert_eq!(choose(Build::Upstream, &all, &Value::Unknown), [0, 1, 2, 3]);
    }

    #[test]
    fn two_signs_stand_for_one() {
        assert_eq!(split("a>>b>c>d"), ("a>b".into(), Some("c>d")));
        assert_eq!(split("a"), ("a".into(), None));
    }
}
