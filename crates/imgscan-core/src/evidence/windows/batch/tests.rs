//! How `cmd.exe` reads batch files: the cases follow its documented parsing (`help cmd`, `help
//! for`, `help call`, `help goto`).

use super::{Call, Script, commands_of, inline, words};

fn script(text: &str) -> Script {
    let call = Call {
        arguments: Some(Vec::new()),
        ..Call::default()
    };
    commands_of(text, &call)
}

/// The commands; those that depend on a condition with a `?`.
fn run(text: &str) -> Vec<String> {
    let script = script(text);
    assert_eq!(script.doubts, [], "{text}");
    shown(&script)
}

fn shown(script: &Script) -> Vec<String> {
    let mark = |certain| if certain { "" } else { "?" };
    let lines = script.commands.iter();
    lines
        .map(|l| format!("{}{} {}", l.number, mark(l.certain), l.text))
        .collect()
}

#[test]
fn commands_stand_in_their_order_with_their_lines() {
    let text = "@echo off\r\nsc config a start= auto && net start a\r\nx & y || z | w\r\n";
    assert_eq!(
        run(text),
        [
            "1 echo off",
            "2 sc config a start= auto",
            "2? net start a",
            "3 x",
            "3 y",
            "3? z",
            "3? w"
        ]
    );
}

#[test]
fn comments_and_labels_run_nothing() {
    assert_eq!(run("rem a & b\n:: c\n:d e\n  REM\nx"), ["5 x"]);
    assert_eq!(run("rem & x"), ["1 x"]);
    assert_eq!(run("remark x"), ["1 remark x"]);
}

#[test]
fn signs_lose_their_meaning_in_quotation_marks_and_behind_a_caret() {
    assert_eq!(run("a \"b & c\" d^&e"), ["1 a \"b & c\" d&e"]);
    assert_eq!(run("s^c con^\nfig x"), ["1 sc config x"]);
    assert_eq!(run("a \"b^&c\" & d"), ["1 a \"b^&c\"", "1 d"]);
}

#[test]
fn jumps_are_followed() {
    assert_eq!(run("a\ngoto end\nb\n:end\nc"), ["1 a", "5 c"]);
    assert_eq!(run("a\nexit /b 0\nb"), ["1 a"]);
    assert_eq!(run("a\ngoto :eof\nb"), ["1 a"]);
    assert_eq!(run("a\nEXIT\nb"), ["1 a"]);
    assert_eq!(run("goto nowhere\nb"), Vec::<String>::new());
    assert_eq!(run("goto:x\nb\n:X\nc"), ["4 c"]);
    // A label is searched from the line of the jump on first.
    assert_eq!(run("goto x\n:x\na\nexit /b\n:x\nb"), ["3 a"]);
    assert_eq!(
        run(":top\na\nif exist f goto top\nb"),
        ["2 a", "4? b"],
        "a loop ends"
    );
}

#[test]
fn a_loop_that_no_condition_ends_is_a_doubt() {
    let doubts = |text: &str| script(text).doubts.len();
    assert_eq!(doubts(":a\nx\ngoto a\ny"), 1);
    assert_eq!(doubts("x\n:a\ncall :b\ngoto a\n:b\ny\nexit /b"), 1);
    assert_eq!(doubts(":a\nx && goto end\ny\ngoto a\n:end\nz"), 0);
    assert_eq!(doubts(":a\nif exist f exit /b\ny\ngoto a"), 0);
    assert_eq!(
        doubts("call :b\ncall :b\nexit /b\n:b\ny"),
        0,
        "a subroutine twice"
    );
}

#[test]
fn what_a_condition_decides_is_not_certain() {
    assert_eq!(run("if exist f a & b\nc"), ["1? a", "1? b", "2 c"]);
    assert_eq!(run("if not \"%~1\"==\"x\" exit /b\na"), ["2? a"]);
    assert_eq!(
        run("if /i a EQU b (\n  c\n) else (\n  d\n)\ne"),
        ["2? c", "4? d", "6 e"]
    );
    assert_eq!(
        run("if errorlevel 1 goto bad\na\nexit /b\n:bad\nb"),
        ["5? b", "2? a"]
    );
    assert_eq!(run("if defined x (a) else b\nc"), ["1? a", "1? b", "2 c"]);
    assert_eq!(run("a || exit /b\nb"), ["1 a", "2? b"]);
    assert_eq!(
        run("if exist f (goto a) else (goto b)\nc\n:a\nd\nexit /b\n:b\ne"),
        ["4? d", "7? e"]
    );
}

#[test]
fn subroutines_come_back_and_other_batch_files_do_not() {
    let text = "call :sub x \"y z\"\nb\nexit /b\n:sub\nc %1 %~2\nexit /b\n";
    assert_eq!(run(text), ["5 c x y z", "2 b"]);
    assert_eq!(run("other.cmd\nb"), ["1 other.cmd"]);
    let called = script("call other.cmd a\nb");
    assert_eq!(shown(&called), ["1 other.cmd a", "2 b"]);
    assert!(called.commands[0].called && !called.commands[1].called);
    assert_eq!(
        run("call :sub\nb\nexit /b\n:sub\nexit\n"),
        Vec::<String>::new()
    );
}

#[test]
fn variables_of_the_script_are_replaced_before_it_is_read() {
    assert_eq!(
        run("set a=s\nset \"b=c\"\n%a%%b% x\nset c=d ^& e\n%c%"),
        [
            "1 set a=s",
            "2 set \"b=c\"",
            "3 sc x",
            "4 set c=d & e",
            "5 d",
            "5 e"
        ]
    );
    assert_eq!(
        run("%SystemRoot%\\x.exe %~dp0y.ps1 %%a"),
        ["1 %SystemRoot%\\x.exe %~dp0y.ps1 %a"]
    );
    // In one pair of parentheses all variables are replaced before it runs.
    let block = script("set a=1\n(\nset a=2\nx %a%\n)\nx %a%");
    assert!(shown(&block).contains(&"4 x 1".to_owned()));
    assert!(shown(&block).contains(&"6 x 2".to_owned()));
}

#[test]
fn what_can_t_be_told_is_a_doubt() {
    let odd = |text: &str| {
        let doubts = script(text).doubts;
        assert!(!doubts.is_empty(), "{text}");
        doubts[0].0
    };
    assert_eq!(odd("a\n%b% c"), 2);
    assert_eq!(odd("set /p a=\n%a%"), 2);
    assert_eq!(odd("if exist x set a=1\nset b=%a%"), 2);
    assert_eq!(odd("set a=sc\nset b=%a:~0,1%x"), 2);
    assert_eq!(odd("set b=%windir:~0,1%"), 1);
    assert_eq!(odd("setlocal EnableDelayedExpansion\nset a=1\n!a!"), 3);
    assert_eq!(odd("(a\nb"), 1);
    assert_eq!(odd("a\0b"), 1);
    assert_eq!(odd("set /a n=1\n:l\ngoto x%n%\n:x1\na"), 3);
    assert_eq!(
        odd(&format!("set a=x\n{}", "set a=%a%%a%\n".repeat(20))),
        14
    );
    assert_eq!(odd(&format!("{}a", "if exist x ".repeat(100))), 1);
}

#[test]
fn repetitions_run_their_body_for_each_element() {
    assert_eq!(
        run("for %%s in (a \"b c\") do sc stop %%s\nx"),
        ["1 sc stop a", "1 sc stop \"b c\"", "2 x"]
    );
    assert_eq!(
        run("for /f \"tokens=1\" %%i in ('net user') do x %%i\ny"),
        ["1 net user", "1? x %i", "2 y"]
    );
    assert_eq!(
        run("for %%f in (*.msi) do (\n  x %%f\n)\ny"),
        ["2? x %f", "4 y"]
    );
    assert_eq!(
        run("for %%a in (1 2) do for %%b in (3) do x %%a%%b"),
        ["1 x 13", "1 x 23"]
    );
}

#[test]
fn redirections_name_files() {
    let script = script("echo x>>\"C:\\a b\\c.cmd\" 2>&1\ncmd <in.txt >nul 2>nul\n>y echo z");
    let of = |i: usize| {
        let line = &script.commands[i];
        (
            line.text.as_str(),
            line.writes.join(","),
            line.reads.join(","),
        )
    };
    assert_eq!(of(0), ("echo x", "C:\\a b\\c.cmd".into(), String::new()));
    assert_eq!(of(1), ("cmd", "nul,nul".into(), "in.txt".into()));
    assert_eq!(of(2), ("echo z", "y".into(), String::new()));
}

#[test]
fn names_of_commands_lose_their_path_and_ending() {
    let names = |text: &str| -> Vec<String> {
        script(text)
            .commands
            .iter()
            .map(super::Line::name)
            .collect()
    };
    assert_eq!(
        names("\"C:\\Windows\\System32\\SC.EXE\" stop a\necho.x\ncmd/c x\nnet1 user\necho(x"),
        ["sc", "echo", "cmd", "net1", "echo"]
    );
    assert_eq!(words("a \"b c\"d e"), ["a", "b cd", "e"]);
}

#[test]
fn a_command_line_keeps_variables_that_are_not_set() {
    assert_eq!(shown(&inline("a %x% & b")), ["1 a %x%", "1 b"]);
    assert_eq!(shown(&inline("for %i in (1) do a %i")), ["1 a 1"]);
}
