//! What `grub-script-check` of GRUB 2.06 takes and refuses.

use super::{Part, Statement, parse};

fn takes(text: &str) -> bool {
    parse(&format!("{text}echo x\n"), true).trouble.is_empty()
}

#[test]
fn scripts_that_grub_takes() {
    for text in [
        "echo a{b}\n",
        "! true\n",
        "if ! true; then echo; fi\n",
        "a=b c=d echo\n",
        "echo if then fi\n",
        "for i in a b\ndo echo; done\n",
        "while true\ndo echo; done\n",
        "echo \"a\n\n # b\"\n",
        "echo a#b\n",
        "echo case\n",
        "time echo\n",
        "menuentry x { echo }\n",
        "menuentry x { echo; }; echo b\n",
        "if true; then echo; elif false; then echo; else echo; fi\n",
        "echo $1 $12 ${1}\n",
        "echo a \\\n b\n",
        "function f\n{\n echo\n}\n",
        "function f { echo; } \n",
        "  # c\n",
        "echo a # c } \n",
        "if true;\nthen\n\necho;\n fi\n",
        "if true; echo; then echo; fi\n",
        "while true; do echo; done; \n",
        "for i in; do echo; done\n",
        "echo a  {\n echo b\n }\n",
        "\\if true\n",
        "function f {\n echo; } ; \n",
        "a=if\n",
        "x=`ls`\n",
    ] {
        assert!(takes(text), "{text}");
    }
}

#[test]
fn scripts_that_grub_refuses() {
    for text in [
        "menuentry x { }\n",
        "function f { }\n",
        "echo a}\n",
        "echo {\n",
        "{ echo a; }\n",
        "if true; then fi\n",
        "if true; then; echo; fi\n",
        "if true then echo; fi\n",
        "if true; then echo; else fi\n",
        "echo a & b\n",
        "echo a && b\n",
        "echo a | b\n",
        "echo a ;; b\n",
        "[ a < b ]\n",
        "[[ a = b ]]\n",
        "for i\ndo echo; done\n",
        "for 1 in a; do echo; done\n",
        "for a-b in a; do echo; done\n",
        "for in in a; do echo; done\n",
        "for i in a;b; do echo; done\n",
        "for \"i\" in a; do echo; done\n",
        "fi\n",
        "in\n",
        "}\n",
        ";\n",
        "\n;\n",
        "echo 'a\n",
        "echo $\n",
        "echo \"$\"\n",
        "echo $-\n",
        "echo ${}\n",
        "echo ${a b}\n",
        "case a in b) echo;; esac\n",
        "menuentry \"x\" \n{\n echo\n}\n",
        "menuentry x { echo; } echo b\n",
        "menuentry x { ; echo; }\n",
        "menuentry x { echo\n } { echo; }\n",
        "function 1f { echo; }\n",
        "function if { echo; }\n",
        "function \"f\" { echo; }\n",
        "function f { echo; } echo y\n",
        "\"if\" true; then echo; fi\n",
        "while true; do ; done\n",
        "echo a; fi\n",
    ] {
        assert!(!takes(text), "{text}");
    }
}

fn first_words(text: &str) -> Vec<Vec<Part>> {
    match parse(text, true).statements.first() {
        Some(Statement::Command { words, .. }) => words.iter().map(|w| w.parts.clone()).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn quotes_and_backslashes() {
    let text = |text: &str, quoted| Part::Text {
        text: text.into(),
        quoted,
    };
    // As echo of GRUB 2.06 prints them.
    assert_eq!(
        first_words("echo \"a\\qb\" a\\qb $\"intl\" \"A:a\\\nb\" c\\\nd\n"),
        [
            vec![text("echo", false)],
            vec![text("a\\qb", true)],
            vec![text("a", false), text("q", true), text("b", false)],
            vec![text("intl", true)],
            vec![text("A:ab", true)],
            vec![text("cd", false)],
        ]
    );
    // A line that begins with # is left out within quotes too.
    assert_eq!(first_words("'a\n#b\nc'\n"), [vec![text("a\nc", true)]]);
}
