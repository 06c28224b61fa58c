//! Scripts, and what GRUB makes of them: by its sources (2.06, and the branch of Fedora where named)
//! and by runs of `grub-emu` 2.06.

use super::super::{Plan, PlanFile, plan};
use crate::evidence::linux::testing::{Build, guest};
use crate::fs::memory::MemoryFs;

/// Three files to load.
fn disk() -> Build {
    let mut build = Build::bare();
    for name in ["a", "b", "c", "d"] {
        build = build.file(&format!("/{name}"), 0o644, name);
    }
    build
}

fn of(build: Build) -> Plan {
    let built = guest(build);
    plan(built.paths.volumes(), None)
}

fn run(script: &str) -> Plan {
    of(disk().file("/boot/grub/grub.cfg", 0o600, script))
}

fn shown(file: &PlanFile) -> String {
    match file {
        PlanFile::On(path) => format!("{}:{}", path.volume, path.path),
        PlanFile::Outside(text) => format!("outside {text}"),
    }
}

/// Kernel, arguments and initial file systems of the default, where that is certain.
fn starts(plan: &Plan) -> Option<String> {
    if !plan.doubts.is_empty() || !plan.gaps.is_empty() {
        return None;
    }
    let entry = &plan.entries.get(plan.default?)?.fact;
    let mut all = vec![entry.kernel.as_ref().map(shown).unwrap_or_default()];
    all.push(String::from_utf8_lossy(&entry.arguments).into_owned());
    all.extend(entry.initrds.iter().map(shown));
    all.retain(|part| !part.is_empty());
    Some(all.join(" "))
}

#[track_caller]
fn certain(script: &str, wanted: &str) {
    let plan = run(script);
    let doubts: Vec<&str> = plan.doubts.iter().map(|d| d.fact.en.as_str()).collect();
    assert_eq!(starts(&plan).as_deref(), Some(wanted), "{script}{doubts:?}");
}

/// The line of the first doubt.
#[track_caller]
fn doubtful(script: &str, line: u32) {
    let plan = run(script);
    let lines: Vec<_> = plan.doubts.iter().map(|d| d.at.line).collect();
    assert!(lines.contains(&Some(line)), "{script}{lines:?}");
}

const A_AND_B: &str = "menuentry A --id a { linux /a; }\nmenuentry B --id b { linux /b; }\n";

/// T4, rules 3.4f and 3.4g: commands/boot.c and normal/menu.c.
#[test]
fn what_is_loaded_stays_loaded_until_something_else_is() {
    certain("linux /c x\nboot\nmenuentry A { linux /a; }\n", "p1:/c x");
    certain("linux /c\nmenuentry A { true; }\n", "p1:/c");
    certain("linux /c\nmenuentry A { linux /a; }\n", "p1:/a");
    certain("menuentry A { linux /c; boot; linux /a; }\n", "p1:/c");
    certain("menuentry A { boot; linux /a; }\n", "p1:/a");
    certain("menuentry A { linux /c; initrd /d; linux /a; }\n", "p1:/a");
    certain(
        "menuentry A { linux /a; initrd /b; initrd /c /d; }\n",
        "p1:/a p1:/c p1:/d",
    );
    certain(
        "submenu S { linux /c; }\nmenuentry A { linux /a; }\n",
        "p1:/c",
    );
    // The default of a submenu that is entered by itself is its first entry (rule 3.4d).
    certain(
        "submenu S {\nmenuentry A { linux /a; }\nmenuentry B { linux /b; }\n}\n",
        "p1:/a",
    );
    // The file is not there, so what was loaded before stays.
    doubtful("linux /c\nmenuentry A {\nlinux /none\ntrue\n}\n", 3);
}

/// Rule 3.4a: the body is run when the entry is chosen, with the values of then.
#[test]
fn an_entry_runs_with_the_values_at_its_start() {
    certain(
        "set x=1\nmenuentry A { linux /a $x; }\nset x=2\n",
        "p1:/a 2",
    );
    certain(
        "menuentry 'A b' c { linux /a $1 $2 $#; }\n",
        "p1:/a A b c 2",
    );
    certain("menuentry A --source 'linux /b'\n", "p1:/b");
    certain(
        "set default='a>y'\nsubmenu S --id a {\nmenuentry X --id x { linux /a; }\nmenuentry Y --id y { linux /b $chosen; }\n}\n",
        "p1:/b a>y",
    );
}

/// Rule 3.3d; `if nosuch` holds in GRUB 2.06, and may do otherwise in other builds.
#[test]
fn commands_functions_and_what_is_neither() {
    certain(
        "function f { set default=$1; }\nf b\nmenuentry A --id a { linux /a; }\nmenuentry B --id b { linux /b; }\n",
        "p1:/b",
    );
    certain(
        "x=b y=1 echo\nset default=$x\nmenuentry A --id a { linux /a; }\nmenuentry B --id b { linux /b; }\n",
        "p1:/b",
    );
    doubtful("function linux { true; }\nmenuentry A {\nlinux /a\n}\n", 3);
    // grub-emu 2.06 has no `hwmatch` and runs the function; it cuts a line at its first NUL.
    doubtful(
        "function hwmatch { true; }\nmenuentry A {\nhwmatch\nlinux /a\n}\n",
        3,
    );
    doubtful(&format!("set default=b\0c\n{A_AND_B}"), 1);
    doubtful("insmod /c\nmenuentry A { linux /a; }\n", 1);
    doubtful(&format!("nosuch x\n{A_AND_B}"), 1);
    certain(
        &format!("function g {{ return 1; }}\nif g; then set default=1; fi\n{A_AND_B}"),
        "p1:/a",
    );
    certain(
        &format!("if ! false; then set default=1; fi\n{A_AND_B}"),
        "p1:/b",
    );
    certain(
        &format!("for i in x b; do set default=$i; done\n{A_AND_B}"),
        "p1:/b",
    );
    certain(
        &format!("for i in b x; do if [ $i = x ]; then break; fi; default=$i; done\n{A_AND_B}"),
        "p1:/b",
    );
    certain(
        &format!("while [ \"$default\" != b ]; do set default=b; done\n{A_AND_B}"),
        "p1:/b",
    );
    certain(&format!("eval 'set default=b'\n{A_AND_B}"), "p1:/b");
    doubtful(&format!("while true; do true; done\n{A_AND_B}"), 1);
}

/// Rules 3.3a to 3.3c, 3.3e.
#[test]
fn what_grub_can_not_read_is_a_doubt() {
    for bad in [
        "echo a && b",
        "[ a < b ]",
        "}",
        "menuentry X { }",
        "echo 'x",
    ] {
        assert!(
            starts(&run(&format!("{A_AND_B}{bad}\n"))).is_none(),
            "{bad}"
        );
    }
    certain("menuentry A {\n linux /a \"x\ny\"\n}\n", "p1:/a x\ny");
    certain(
        "menuentry A { li''nux /a \\$x 'q\"q'; }\n",
        "p1:/a $x q\\\"q",
    );
}

/// Rule 3.3i: both ways are taken, and only a difference is told.
#[test]
fn conditions_that_only_the_boot_knows() {
    for unknown in [
        "keystatus --shift",
        "cmostest 0:1",
        "regexp b a",
        "[ -f (hd1,gpt1)/x ]",
        "[ -n \"$package_version\" ]",
        "[ \"$shim_lock\" = y ]",
        "fwsetup --is-supported",
        "sleep --interruptible 0",
        "test 1 -nt 2",
    ] {
        doubtful(
            &format!("if {unknown}; then set default=1; fi\n{A_AND_B}"),
            1,
        );
        doubtful(
            &format!("if {unknown}; then true; else linux /c; boot; fi\n{A_AND_B}"),
            1,
        );
        certain(
            &format!("if {unknown}; then set timeout=0; set gfxmode=auto; fi\n{A_AND_B}"),
            "p1:/a",
        );
        // Both ways lead to the same.
        certain(
            &format!("if {unknown}; then x=1; else x=2; fi\n{A_AND_B}"),
            "p1:/a",
        );
    }
    doubtful(
        "menuentry A {\nif keystatus; then linux /a; else linux /b; fi\n}\n",
        2,
    );
    certain(
        &format!("if [ x$lang = x ]; then set default=1; fi\n{A_AND_B}"),
        "p1:/b",
    );
    let named = run(&format!(
        "smbios --type 1 --get-string 4 --set=v\nset default=$v\n{A_AND_B}"
    ));
    assert!(starts(&named).is_none());
}

/// A condition that decides nothing by itself can still be asked for later.
#[test]
fn what_a_harmless_branch_sets_is_not_known() {
    let ask = "if keystatus; then set timeout=0; else set timeout=1; fi\n";
    doubtful(
        &format!("{ask}if [ \"$timeout\" = 1 ]; then set default=1; fi\n{A_AND_B}"),
        2,
    );
    doubtful(
        &format!("if if keystatus; then true; else false; fi; then set default=1; fi\n{A_AND_B}"),
        1,
    );
    doubtful(
        &format!(
            "if keystatus; then true; else false; fi\nif [ $? = 1 ]; then set default=1; fi\n{A_AND_B}"
        ),
        2,
    );
}

/// What a script could use up is bounded.
#[test]
fn scripts_that_grow_or_never_end_are_doubts() {
    for script in [
        "set x=ab\nwhile true; do set x=$x$x; done\n",
        "set x='a b'\nwhile true; do set x=\"$x $x\"; echo $x; done\n",
        "function f { f; }\nf\n",
        "function f { f; f; }\nf\n",
        "while true; do while true; do true; done; done\n",
        "source /boot/grub/grub.cfg\n",
    ] {
        assert!(
            starts(&run(&format!("{script}{A_AND_B}"))).is_none(),
            "{script}"
        );
    }
}

/// Rules 3.3g, 3.3h: a nested menu takes the place of this one, an empty one does not.
#[test]
fn other_configurations() {
    let with = |script: &str, other: &str| {
        of(disk()
            .file("/boot/grub/grub.cfg", 0o600, script)
            .file("/boot/grub/x.cfg", 0o600, other))
    };
    let of = |script: &str, other: &str| starts(&with(script, other));
    let is = |path: &str| Some(path.to_owned());
    let b = "menuentry B { linux /b $x; }\n";
    let then = format!("set x=1\nconfigfile $prefix/x.cfg\n{A_AND_B}");
    let nested = with(&then, b);
    assert_eq!(
        starts(&nested),
        is("p1:/b"),
        "{:?}",
        (nested.doubts, nested.gaps)
    );
    assert_eq!(of(&format!("export x\n{then}"), b), is("p1:/b 1"));
    // Without entries this script goes on, and what the other set is gone.
    assert_eq!(of(&then, "set default=1\n"), is("p1:/a"));
    let source = format!("source $prefix/x.cfg\n{A_AND_B}");
    assert_eq!(of(&source, "set default=b\n"), is("p1:/b"));
    let entries = format!("extract_entries_source $prefix/x.cfg\n{A_AND_B}");
    assert_eq!(
        of(&entries, "set default=b\nmenuentry C { linux /c; }\n"),
        is("p1:/c")
    );
    assert_eq!(
        of(
            "menuentry A { configfile $prefix/x.cfg; }\n",
            "menuentry B { linux /b; }\n",
        ),
        is("p1:/b")
    );
    let legacy = with(&format!("legacy_configfile /x\n{A_AND_B}"), b);
    assert_eq!(legacy.doubts[0].at.line, Some(1));
}

/// Rules 3.2a, 3.2b, 3.2d: devices are the disk's, mounted or not.
#[test]
fn devices_are_volumes_of_the_disk() {
    let with = |script: &str| {
        let other = MemoryFs::default().uuid("other").file("/k", 0o644, "k");
        let more = MemoryFs::default().uuid("third").file("/twice", 0o644, "k");
        let twin = MemoryFs::default()
            .uuid("fourth")
            .file("/twice", 0o644, "k");
        let build = disk().volume(other).volume(more).volume(twin);
        of(build.file("/boot/grub/grub.cfg", 0o600, script))
    };
    let is = |path: &str| Some(path.to_owned());
    for (line, wanted) in [
        ("linux (hd0,gpt3)/k", is("p3:/k")),
        ("linux (hd0,3)/k", is("p3:/k")),
        ("set root=(hd0,gpt3); linux /k", is("p3:/k")),
        ("search --fs-uuid OTHER --set=root; linux /k", is("p3:/k")),
        ("search.fs_uuid other x hd0,gpt1; linux ($x)/k", is("p3:/k")),
        ("search --file /k --set=root; linux /k", is("p3:/k")),
        ("search --set=y -u other; linux ($y)/k", is("p3:/k")),
        (
            "search --hint hd0,gpt5 --file --set=root /twice; linux /twice",
            is("p5:/twice"),
        ),
        (
            "probe --set=u -u (hd0,gpt3); search -u $u --set=root; linux /k",
            is("p3:/k"),
        ),
        // Two volumes have it, and the machine's order decides.
        ("search --file --set=root /twice; linux /twice", None),
        ("search --fs-uuid none --set=root; linux /k", None),
        ("linux (hd1,gpt1)/k", None),
        ("linux (hd0,msdos3)/k", None),
        ("linux (hd0)2048+16", None),
        ("linux (lvm/a-b)/k", None),
        ("linux (http)/k", None),
        ("loopback l /k; linux (l)/k", None),
        ("linux $cmdpath$unheard/k", None),
        ("linux /a /x*", None),
    ] {
        let plan = with(&format!("menuentry A {{ {line}; }}\n"));
        assert_eq!(starts(&plan), wanted, "{line}");
    }
}

/// Rules 3.5a to 3.5d.
#[test]
fn the_environment_sets_any_variable_and_scripts_change_it() {
    let with = |block: &str, script: &str| {
        let block = format!("# GRUB Environment Block\n{block}");
        of(disk().file("/boot/grub/grubenv", 0o600, block).file(
            "/boot/grub/grub.cfg",
            0o600,
            script,
        ))
    };
    let load = format!("load_env\n{A_AND_B}");
    let is = |path: &str| Some(path.to_owned());
    assert_eq!(starts(&with("default=b\n##", &load)), is("p1:/b"));
    assert_eq!(
        starts(&with(
            "default=b\n##",
            &format!("load_env saved_entry\n{A_AND_B}")
        )),
        is("p1:/a")
    );
    // A name goes on over lines: no default is set, and tools show one.
    let odd = with("junk\ndefault=b\n", &load);
    assert!(!odd.doubts.is_empty());
    // The first boot is not like the second.
    let once = "load_env\nif [ \"$next_entry\" ]; then\nset default=$next_entry\nset next_entry=\nsave_env next_entry\nfi\n";
    let plan = with("x=1\nnext_entry=b\n", &format!("{once}{A_AND_B}"));
    let (entry, at) = plan.one_shot.clone().unwrap();
    assert_eq!(plan.entries[entry.unwrap()].fact.title, "B");
    assert_eq!(at.line, Some(3));
    assert_eq!(plan.entries[plan.default.unwrap()].fact.title, "A");
    // A counter that runs out.
    let counter = "load_env\nif [ \"$boot_counter\" = 0 ]; then set default=b; else decrement boot_counter; save_env boot_counter; fi\n";
    let plan = with("boot_counter=2\n", &format!("{counter}{A_AND_B}"));
    assert!(starts(&plan).is_none() || plan.one_shot.is_some());
    // What Debian writes: the entry that was chosen is saved, and is the same.
    let saved = "load_env\nset default=\"${saved_entry}\"\nfunction savedefault {\nif [ -z \"${boot_once}\" ]; then\nsaved_entry=\"${chosen}\"\nsave_env saved_entry\nfi\n}\nmenuentry A --id a { savedefault; linux /a; }\nmenuentry B --id b { savedefault; linux /b; }\n";
    let plan = with("saved_entry=b\n", saved);
    assert_eq!(starts(&plan), is("p1:/b"));
    assert!(plan.one_shot.is_none());
}

/// Rule 3.4h.
#[test]
fn a_fallback_counts_where_the_default_fails() {
    let script = |kernel: &str| {
        format!("set fallback=1\nmenuentry A {{ linux {kernel}; }}\nmenuentry B {{ linux /b; }}\n")
    };
    certain(&script("/a"), "p1:/a");
    assert!(starts(&run(&script("/none"))).is_none());
    // What stands behind the command that failed makes nothing good.
    assert!(starts(&run(&script("/none; initrd /b"))).is_none());
}

/// Rule 3.4l: lib/cmdline.c.
#[test]
fn arguments_are_quoted_for_the_kernel() {
    certain(
        "menuentry A { linux /a x='b c' 'd e' f\\'g 'h\\i'; }\n",
        "p1:/a \"x=b c\" \"d e\" f\\'g h\\\\i",
    );
}

/// Rules 3.6a to 3.6f: `blscfg` of Fedora's branch.
#[test]
fn entry_files_are_text_of_a_script() {
    let with = |entry: &str, head: &str| {
        of(disk()
            .file("/boot/grub2/grub.cfg", 0o600, format!("{head}blscfg\n"))
            .file("/loader/entries/m-1-1.conf", 0o600, entry))
    };
    let is = |path: &str| Some(path.to_owned());
    for (entry, head, wanted) in [
        (
            "title t\nlinux /a\ninitrd /b\noptions ro x\n",
            "",
            is("p1:/a ro x p1:/b"),
        ),
        // The first of two counts, but all of initrd.
        (
            "linux /a\nlinux /b\noptions xx\noptions yy\n",
            "",
            is("p1:/a xx"),
        ),
        // A single character is taken for none.
        ("linux /a\noptions x\n", "", is("p1:/a")),
        (
            "linux /a\ninitrd /b\ninitrd /c\noptions ro\n",
            "",
            is("p1:/a ro p1:/b p1:/c"),
        ),
        // A line without a value ends the file.
        ("linux /a\n\noptions x\n", "", is("p1:/a")),
        // Values are script: quotes go, variables are replaced, commands run.
        ("linux /a\noptions i\"ni\"t=x\n", "", is("p1:/a init=x")),
        (
            "linux /a\noptions ro $a..\n",
            "set a=init=/x\n",
            is("p1:/a ro init=/x .."),
        ),
        // A piece of one character is dropped: seen in a boot of GRUB 2.14, whose reader of variables is the same.
        (
            "linux /a\noptions \"a b\" $x x$x\n",
            "set x=\"y z\"\n",
            is("p1:/a \"a b\" y z"),
        ),
        // Behind a variable that is not set stands no blank.
        ("linux /a\noptions init=/x$tuned_params/y\n", "", None),
        ("linux /a\noptions ro ; linux /b\n", "", is("p1:/b")),
        (
            "linux /a\noptions ro ; initrd /c\n",
            "",
            is("p1:/a ro p1:/c"),
        ),
        ("linux /a\noptions ro && x\n", "", None),
        ("linux /a\noptions 'ro\n", "", None),
        (
            "linux /a\noptions ro $tuned_params\ninitrd /b $tuned_initrd\n",
            "",
            is("p1:/a ro p1:/b"),
        ),
        (
            "linux /a\noptions $kernelopts\n",
            "set default_kernelopts=x\n",
            is("p1:/a x"),
        ),
        ("linux /a\n", "set default_kernelopts=x\n", is("p1:/a x")),
        (
            "linux /a\ninitrd /b\noptions ro\n",
            "set early_initrd=c\n",
            is("p1:/a ro p1:/c p1:/b"),
        ),
        ("linux /a\noptions ro $unheard\n", "", None),
        ("linux\t/a\noptions\tro\n", "", is("p1:/a ro")),
    ] {
        assert_eq!(starts(&with(entry, head)), wanted, "{entry}");
    }
    // The newest name comes first, by the rules of rpm; equal ones are a doubt.
    let entry = |k: &str| format!("linux /{k}\noptions ro\n");
    let both = |one: &str, two: &str| {
        of(disk()
            .file("/boot/grub2/grub.cfg", 0o600, "blscfg\n")
            .file(&format!("/loader/entries/{one}.conf"), 0o600, entry("a"))
            .file(&format!("/loader/entries/{two}.conf"), 0o600, entry("b")))
    };
    assert_eq!(starts(&both("m-1-9", "m-1-10")), is("p1:/b ro"));
    assert_eq!(starts(&both("m-1-01", "m-1-1")), None);
}

/// Rules 3.4i and 3.4n: other loaders and other tables are followed no further.
#[test]
fn other_loaders_and_changes_of_the_machine_are_doubts() {
    doubtful("menuentry A {\nchainloader /a\n}\n", 1);
    doubtful(&format!("acpi /a\n{A_AND_B}"), 1);
    doubtful("menuentry A {\ndevicetree /a\nlinux /b\n}\n", 2);
    doubtful("menuentry A {\ntrue\n}\n", 1);
    // What only a person chooses is none.
    certain(
        "menuentry A { linux /a; }\nmenuentry W { parttool x hidden-; chainloader +1; }\n",
        "p1:/a",
    );
}

/// What leaves or ends GRUB.
#[test]
fn a_script_that_leaves_is_a_doubt() {
    doubtful(&format!("exit\n{A_AND_B}"), 1);
    certain(&format!("{A_AND_B}menuentry F {{ fwsetup; }}\n"), "p1:/a");
    assert!(starts(&run(&format!("set a={{\n{A_AND_B}"))).is_none());
}
