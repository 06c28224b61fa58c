//! Boot menus in the forms that distributions write, and their defaults by the loaders' manuals.

use crate::evidence::Evidence;
use crate::evidence::linux::testing::{Build, bzimage, guest};
use crate::evidence::linux::{Boot, Loader, When};

fn kernels() -> Build {
    Build::debian()
        .file("/boot/vmlinuz-6.1", 0o644, bzimage("6.1 (x)", b"a"))
        .file("/boot/vmlinuz-5.9", 0o644, bzimage("5.9 (x)", b"b"))
        .file("/boot/vmlinuz-rescue", 0o644, bzimage("5.9 (x)", b"c"))
}

/// The parts of Debian's generated file that decide about the menu.
const DEBIAN: &str = r#"
if [ -s $prefix/grubenv ]; then
  set have_grubenv=true
  load_env
fi
if [ "${next_entry}" ] ; then
   set default="${next_entry}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="DEFAULT"
fi
if [ x"${feature_menuentry_id}" = xy ]; then
  menuentry_id_option="--id"
else
  menuentry_id_option=""
fi
export menuentry_id_option
function load_video {
  if [ x$feature_all_video_module = xy ]; then
    insmod all_video
  else
    insmod efi_gop
  fi
}
if loadfont unicode ; then
  set gfxmode=auto
fi
if [ "${recordfail}" = 1 ] ; then
  set timeout=30
else
  set timeout=5
fi
menuentry 'Debian GNU/Linux' --class debian --class gnu-linux $menuentry_id_option 'gnulinux-simple' {
	load_video
	insmod ext2
	search --no-floppy --fs-uuid --set=root root-uuid
	echo	'Loading Linux 6.1 ...'
	linux	/boot/vmlinuz-6.1 root=UUID=root-uuid ro quiet
	initrd	/boot/initrd.img-6.1
}
submenu 'Advanced options' $menuentry_id_option 'gnulinux-advanced' {
	menuentry 'Debian, with Linux 6.1' $menuentry_id_option 'adv-6.1' {
		search --no-floppy --fs-uuid --set=root root-uuid
		linux	/boot/vmlinuz-6.1 root=UUID=root-uuid ro
	}
	menuentry 'Debian, with Linux 5.9' $menuentry_id_option 'adv-5.9' {
		search --no-floppy --fs-uuid --set=root root-uuid
		linux	/boot/vmlinuz-5.9 root=UUID=root-uuid ro
	}
}
if [ -f  ${config_directory}/custom.cfg ]; then
  source ${config_directory}/custom.cfg
elif [ -z "${config_directory}" -a -f  $prefix/custom.cfg ]; then
  source $prefix/custom.cfg
fi
"#;

fn debian(default: &str) -> Build {
    // `menuentry_id_option=…` is a plain assignment, as grub-mkconfig writes it.
    kernels().file(
        "/boot/grub/grub.cfg",
        0o600,
        DEBIAN.replace("DEFAULT", default),
    )
}

fn environment(lines: &str) -> String {
    let mut text = format!("# GRUB Environment Block\n{lines}");
    while text.len() < 1024 {
        text.push('#');
    }
    text
}

fn boot(build: Build) -> Boot {
    let guest = guest(build);
    Evidence::new(&guest).linux.boot().clone()
}

fn default(build: Build) -> Option<String> {
    let boot = boot(build);
    assert!(boot.doubts.is_empty(), "{:?}", boot.doubts);
    boot.default_entry()?.fact.kernel.clone()
}

fn is(path: &str) -> Option<String> {
    Some(path.to_owned())
}

#[test]
fn debian_numbers_titles_ids_and_submenus() {
    assert_eq!(default(debian("0")), is("/boot/vmlinuz-6.1"));
    assert_eq!(default(debian("1>1")), is("/boot/vmlinuz-5.9"));
    assert_eq!(
        default(debian("gnulinux-advanced>adv-5.9")),
        is("/boot/vmlinuz-5.9")
    );
    assert_eq!(
        default(debian("Advanced options>Debian, with Linux 5.9")),
        is("/boot/vmlinuz-5.9")
    );
    // What names no entry means the first.
    assert_eq!(default(debian("nothing")), is("/boot/vmlinuz-6.1"));
    let all = boot(debian("0"));
    assert_eq!(all.loader, Some(Loader::Grub));
    let places: Vec<&str> = all.entries.iter().map(|e| e.fact.place.as_str()).collect();
    assert_eq!(places, ["0", "1>0", "1>1"]);
    assert_eq!(all.timeout.as_deref(), Some("5"));
    assert_eq!(all.entries[0].fact.id.as_deref(), Some("gnulinux-simple"));
}

#[test]
fn the_environment_gives_the_saved_entry_and_the_one_shot() {
    let saved = debian("${saved_entry}").file(
        "/boot/grub/grubenv",
        0o644,
        environment("saved_entry=1>1\n"),
    );
    assert_eq!(default(saved), is("/boot/vmlinuz-5.9"));
    let once = debian("0").file(
        "/boot/grub/grubenv",
        0o644,
        environment("next_entry=gnulinux-advanced>adv-5.9\n"),
    );
    let once = boot(once);
    assert_eq!(
        once.default_entry().and_then(|e| e.fact.kernel.clone()),
        is("/boot/vmlinuz-6.1")
    );
    let told: Vec<_> = once.ways[0]
        .starts
        .iter()
        .map(|(when, e)| (*when, e.fact.kernel.clone()))
        .collect();
    assert_eq!(
        told,
        [
            (When::Next, is("/boot/vmlinuz-5.9")),
            (When::Later, is("/boot/vmlinuz-6.1"))
        ]
    );
    let (next, at) = once.one_shot.clone().unwrap();
    assert_eq!(at.line, Some(2));
    assert_eq!(
        once.entries[next.unwrap()].fact.kernel,
        is("/boot/vmlinuz-5.9")
    );
    assert_eq!(once.boots_by_default("/boot/vmlinuz-5.9"), Some(true));
}

#[test]
fn a_custom_file_can_change_the_default() {
    let custom = "set default=evil\nmenuentry x --id evil {\nlinux /boot/vmlinuz-rescue\n}\n";
    assert_eq!(
        default(debian("0").file("/boot/grub/custom.cfg", 0o644, custom)),
        is("/boot/vmlinuz-rescue")
    );
}

#[test]
fn the_stub_of_the_efi_partition_leads_to_the_same_menu() {
    let stub = "search.fs_uuid root-uuid root hd0,gpt2\nset prefix=($root)'/boot/grub'\nconfigfile $prefix/grub.cfg\n";
    assert_eq!(
        default(debian("1>1").file("/boot/efi/EFI/debian/grub.cfg", 0o600, stub)),
        is("/boot/vmlinuz-5.9")
    );
    let other = "set default=0\nmenuentry a {\nlinux /boot/vmlinuz-rescue\n}\n";
    let both = boot(debian("0").file("/boot/efi/EFI/debian/grub.cfg", 0o600, other));
    assert_eq!(both.doubts.len(), 1);
}

#[test]
fn conditions_that_only_the_boot_knows_leave_a_doubt() {
    let script = "set default=0\nif somecommand; then\n set default=1\nfi\nmenuentry a {\nlinux /boot/vmlinuz-6.1\n}\n";
    let found = boot(kernels().file("/boot/grub/grub.cfg", 0o600, script));
    assert!(!found.doubts.is_empty());
    assert_eq!(found.doubts[0].at.line, Some(2));
    let endless = "function f {\nf\n}\nf\nmenuentry a {\nlinux /boot/vmlinuz-6.1\n}\n";
    assert!(
        !boot(kernels().file("/boot/grub/grub.cfg", 0o600, endless))
            .doubts
            .is_empty()
    );
}

#[test]
fn entries_of_the_boot_loader_specification() {
    let entry = |v: &str| {
        format!(
            "title Rocky ({v})\nversion {v}\nlinux /boot/vmlinuz-{v}\noptions root=x $kernelopts\n"
        )
    };
    let script = "load_env\nif [ \"${next_entry}\" ] ; then\n set default=\"${next_entry}\"\nelse\n set default=\"${saved_entry}\"\nfi\nblscfg\n";
    let build = || {
        kernels()
            .file("/boot/grub2/grub.cfg", 0o600, script)
            .file("/boot/loader/entries/m-5.9.conf", 0o644, entry("5.9"))
            .file("/boot/loader/entries/m-6.1.conf", 0o644, entry("6.1"))
    };
    assert_eq!(default(build()), is("/boot/vmlinuz-6.1"));
    let saved = build().file(
        "/boot/grub2/grubenv",
        0o644,
        environment("saved_entry=m-5.9\n"),
    );
    assert_eq!(default(saved), is("/boot/vmlinuz-5.9"));
}

#[test]
fn other_loaders() {
    let legacy = "default=1\ntimeout=0\ntitle A\n\troot (hd0,0)\n\tkernel /boot/vmlinuz-6.1 ro\ntitle B\n\tkernel /boot/vmlinuz-5.9 ro\n";
    assert_eq!(
        default(kernels().file("/boot/grub/grub.conf", 0o600, legacy)),
        is("/boot/vmlinuz-5.9")
    );
    let extlinux = "DEFAULT b\nLABEL a\n  KERNEL /boot/vmlinuz-6.1\nLABEL b\n  LINUX ../vmlinuz-5.9\n  APPEND ro\n";
    assert_eq!(
        default(kernels().file("/boot/extlinux/extlinux.conf", 0o644, extlinux)),
        is("/boot/vmlinuz-5.9")
    );
    let sd = kernels()
        .file(
            "/boot/efi/loader/loader.conf",
            0o644,
            "timeout 3\ndefault deb*-5.9.conf\n",
        )
        .file(
            "/boot/efi/loader/entries/deb-5.9.conf",
            0o644,
            "title a\nlinux /k/5.9\n",
        )
        .file(
            "/boot/efi/loader/entries/deb-6.1.conf",
            0o644,
            "title a\nlinux /k/6.1\n",
        )
        .file("/boot/efi/k/5.9", 0o644, bzimage("5.9 (x)", b""))
        .file("/boot/efi/k/6.1", 0o644, bzimage("6.1 (x)", b""));
    assert_eq!(default(sd), is("/boot/efi/k/5.9"));
}

#[test]
fn the_pattern_of_systemd_boot() {
    let build = |pattern: &str| {
        let entry = |v: &str| format!("title a\nlinux /k/{v}\n");
        kernels()
            .file(
                "/boot/efi/loader/loader.conf",
                0o644,
                format!("default {pattern}\n"),
            )
            .file("/boot/efi/loader/entries/deb-6.1.conf", 0o644, entry("6.1"))
            .file("/boot/efi/loader/entries/deb-5.9.conf", 0o644, entry("5.9"))
            .file(
                "/boot/efi/loader/entries/deb-5.9.confx.conf",
                0o644,
                entry("5.9x"),
            )
            .file("/boot/efi/k/5.9x", 0o644, bzimage("5.9 (x)", b""))
            .file("/boot/efi/k/5.9", 0o644, bzimage("5.9 (x)", b""))
            .file("/boot/efi/k/6.1", 0o644, bzimage("6.1 (x)", b""))
    };
    let with = |pattern: &str| default(build(pattern));
    let doubts = |pattern: &str| boot(build(pattern)).doubts;
    for pattern in [
        "deb-5.?.conf",
        "deb-[45].9.conf",
        "DEB-5.9.CONF",
        "**5.9.conf",
        "*-5*9.conf",
        "d*[!x]9.conf",
    ] {
        let want = if pattern.contains('!') {
            "/boot/efi/k/6.1"
        } else {
            "/boot/efi/k/5.9"
        };
        assert_eq!(with(pattern), is(want), "{pattern}");
    }
    // The name counts with its suffix (boot.c of systemd 255), and a pattern is held to the end.
    assert_eq!(with("deb-5.9"), is("/boot/efi/k/6.1"));
    assert_eq!(with("*deb*5"), is("/boot/efi/k/6.1"));
    // What can't be read leaves a doubt.
    for pattern in ["deb-[5", "deb-5\\", &"*".repeat(40)] {
        assert!(!doubts(pattern).is_empty(), "{pattern}");
    }
}
