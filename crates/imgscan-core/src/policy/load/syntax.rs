//! What the YAML parser says, in words of this program.

use crate::text::Text;

/// What is wrong with a text that is no YAML, where the parser says `info`. What it says in words
/// that are not known here is quoted.
pub(super) fn problem(info: &str) -> Text {
    let says = |parts: &[&str]| parts.iter().any(|part| info.contains(part));
    let problem = if let Some(found) = unexpected(info) {
        say!(policy_yaml_begins, found = found)
    } else if says(&["quoted scalar, found unexpected"]) {
        say!(policy_yaml_quote)
    } else if says(&["flow sequence"]) {
        say!(policy_yaml_list)
    } else if says(&["flow mapping"]) {
        say!(policy_yaml_map)
    } else if says(&["misplaced bracket"]) {
        say!(policy_yaml_bracket)
    } else if says(&["a tab", "tabs", "tab cannot"]) {
        say!(policy_yaml_tab)
    } else if says(&["mapping values are not allowed"]) {
        say!(policy_yaml_colon)
    } else if says(&["trailing content"]) {
        say!(policy_yaml_behind_quote)
    } else if says(&["escape"]) || says(&["expected hexadecimal number"]) {
        say!(policy_yaml_escape)
    } else if says(&["simple key", "placement of ':'", "keys are not allowed"]) {
        say!(policy_yaml_key)
    } else if says(&[
        "indentation",
        "indented",
        "did not find expected key",
        "expected '-' indicator",
        "block sequence entries are not allowed",
    ]) {
        say!(policy_yaml_indentation)
    } else if says(&["expected node content", "unexpected eof"]) {
        say!(policy_yaml_value)
    } else if says(&["unknown anchor"]) {
        say!(policy_alias)
    } else if says(&["comment"]) {
        say!(policy_yaml_comment)
    } else if says(&["unprintable", "byte order mark"]) {
        say!(policy_yaml_character)
    } else {
        return say!(policy_yaml_other, problem = info);
    };
    say!(policy_yaml, problem = problem)
}

/// The character that no value begins with, where that is what the parser found.
fn unexpected(info: &str) -> Option<&str> {
    info.strip_prefix("unexpected character: `")?
        .strip_suffix('\'')
}

#[cfg(test)]
mod tests {
    use crate::policy::Policy;

    #[test]
    fn usual_mistakes_are_told_in_both_languages() {
        for (text, code) in [
            ("a: [", "policy-yaml-value"),
            ("a: [1, 2", "policy-yaml-list"),
            ("a: {b: c", "policy-yaml-map"),
            ("a: }", "policy-yaml-bracket"),
            ("key: [a]]", "policy-yaml-bracket"),
            ("a: b: c", "policy-yaml-colon"),
            ("a: b\n c: d", "policy-yaml-colon"),
            ("a:\n\t- b", "policy-yaml-tab"),
            ("a: >\n\tx", "policy-yaml-tab"),
            ("a: \"x", "policy-yaml-quote"),
            ("a: 'x", "policy-yaml-quote"),
            ("a: \"x\" y", "policy-yaml-behind-quote"),
            ("a: \"\\q\"", "policy-yaml-escape"),
            ("a: @x", "policy-yaml-begins"),
            ("a: `x`", "policy-yaml-begins"),
            ("a: b\nc", "policy-yaml-key"),
            ("a: [b\nc: d", "policy-yaml-key"),
            ("- a\nb: c", "policy-yaml-indentation"),
            ("a:\n  - b\n c: d", "policy-yaml-indentation"),
            ("a: *x", "policy-alias"),
        ] {
            let faults = Policy::parse(text).unwrap_err();
            let fault = faults.iter().last().unwrap();
            assert!(fault.line > 0 && fault.column > 0, "{text}: {fault:?}");
            assert_eq!(fault.problem.code, "policy-yaml", "{text}");
            let named = format!("{:?}", fault.problem.args);
            assert!(named.contains(&format!("{code:?}")), "{text}: {named}");
            // Words are Chinese; single letters and signs may be of the text.
            let zh = fault.problem.zh.replace("YAML", "");
            let mut words = zh.split(|c: char| !c.is_ascii_alphabetic());
            assert!(words.all(|word| word.len() < 2), "{text}: {zh}");
        }
    }

    #[test]
    fn what_the_parser_says_else_is_quoted() {
        let faults = Policy::parse("a: !<x").unwrap_err();
        let problem = &faults.iter().next().unwrap().problem;
        assert_eq!(problem.code, "policy-yaml-other");
        assert!(problem.zh.contains("“while scanning a verbatim tag"));
    }
}
