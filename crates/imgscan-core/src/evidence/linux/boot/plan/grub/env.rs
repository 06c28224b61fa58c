//! GRUB's variables and its environment block.

use std::collections::{BTreeMap, BTreeSet};

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    Known(String),
    /// Only the boot tells.
    Unknown,
}

/// Variables that are empty unless a script or the environment block sets them: those that scripts
/// made by `grub-mkconfig` of Debian, Ubuntu, Fedora, Red Hat, SUSE and Alpine ask for, and those
/// that GRUB itself only reads. Any other name without a value may be one that a build of GRUB sets.
const UNSET: &[&str] = &[
    "blsdir",
    "boot",
    "boot_counter",
    "boot_indeterminate",
    "boot_once",
    "boot_success",
    "btrfs_relative_path",
    "btrfs_subvol",
    "btrfs_subvolid",
    "chosen",
    "config_directory",
    "config_file",
    "custom_cfg",
    "default",
    "default_kernelopts",
    "devicetree",
    "early_initrd",
    "env_block",
    "extra_cmdline",
    "fallback",
    "font",
    "gfxmode",
    "gfxpayload",
    "gfxterm_font",
    "grub_users",
    "have_grubenv",
    "health_checker_flag",
    "initrdfail",
    "initrdless_boot_fallback_triggered",
    "kernelopts",
    "lang",
    "last_boot_ok",
    "linux_gfx_mode",
    "locale_dir",
    "menu_auto_hide",
    "menu_color_highlight",
    "menu_color_normal",
    "menu_hide_ok",
    "menu_show_once",
    "menu_show_once_timeout",
    "menuentry_id_option",
    "next_entry",
    "partition_cmdline",
    "prev_saved_entry",
    "recordfail",
    "save_default",
    "saved_entry",
    "secondary_locale_dir",
    "snapshot_found",
    "superusers",
    "theme",
    "timeout",
    "timeout_style",
    "timeout_style_old",
    "tuned_initrd",
    "tuned_params",
    "vt_handoff",
    "extra_initrd",
    "env_blkid",
];

/// Variables, and which of them a context inside this one gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Variables {
    values: BTreeMap<String, Value>,
    exported: BTreeSet<String>,
}

impl Variables {
    pub(super) fn get(&self, name: &str) -> Value {
        match self.values.get(name) {
            Some(value) => value.clone(),
            None if UNSET.contains(&name) => Value::Known(String::new()),
            None => Value::Unknown,
        }
    }

    /// The value where it is known; empty where it is not.
    pub(super) fn text(&self, name: &str) -> &str {
        match self.values.get(name) {
            Some(Value::Known(text)) => text,
            _ => "",
        }
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        let value = match value {
            // GRUB takes the parentheses off the name of the root device.
            Value::Known(text) if name == "root" => {
                let bare = text.strip_prefix('(').and_then(|t| t.strip_suffix(')'));
                Value::Known(bare.map_or(text.clone(), str::to_owned))
            }
            value => value,
        };
        self.values.insert(name.to_owned(), value);
    }

    pub(super) fn known(&mut self, name: &str, value: impl Into<String>) {
        self.set(name, Value::Known(value.into()));
    }

    /// Takes a variable away: it is empty from now on, whatever its name.
    pub(super) fn unset(&mut self, name: &str) {
        self.known(name, "");
    }

    pub(super) fn export(&mut self, name: &str) {
        self.exported.insert(name.to_owned());
    }

    /// What a context inside this one starts with (rule 3.3h). What is not exported is empty there.
    pub(super) fn inner(&self) -> Self {
        let values = self.values.iter().map(|(name, value)| {
            let kept = self.exported.contains(name);
            let value = if kept {
                value.clone()
            } else {
                Value::Known(String::new())
            };
            (name.clone(), value)
        });
        Self {
            values: values.collect(),
            exported: self.exported.clone(),
        }
    }
}

/// What begins an environment block.
const SIGNATURE: &str = "# GRUB Environment Block\n";

/// An environment block: its variables in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Block {
    pub(super) values: Vec<(String, String)>,
    /// A name in it holds what no name may: scripts and people read it differently.
    pub(super) odd: bool,
}

impl Block {
    /// Reads a block as `grub_envblk_iterate` does, byte by byte and not by lines: a record that
    /// begins with `#` goes to the end of its line; a name goes to the first `=`, whatever is in
    /// between, and its value to the first line end that no backslash precedes (rules 3.5a, 3.5b).
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix(SIGNATURE)?;
        let mut block = Self::default();
        while !rest.is_empty() {
            if rest.starts_with('#') {
                let Some((_, behind)) = rest.split_once('\n') else {
                    break;
                };
                rest = behind;
                continue;
            }
            let Some((name, behind)) = rest.split_once('=') else {
                break;
            };
            let mut value = String::new();
            let mut chars = behind.char_indices();
            let mut end = None;
            while let Some((at, c)) = chars.next() {
                match c {
                    '\n' => {
                        end = Some(at + 1);
                        break;
                    }
                    '\\' => value.extend(chars.next().map(|(_, c)| c)),
                    c => value.push(c),
                }
            }
            // A value without an end is none.
            let Some(end) = end else { break };
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            block.odd |= name.is_empty() || !name.chars().all(plain);
            block.set(name, value);
            rest = behind.get(end..).unwrap_or_default();
        }
        Some(block)
    }

    pub(super) fn set(&mut self, name: &str, value: String) {
        match self.values.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = value,
            None => self.values.push((name.to_owned(), value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(records: &str) -> Vec<(String, String)> {
        let text = format!("{SIGNATURE}{records}");
        Block::read(&text).unwrap().values
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.into(), value.into())
    }

    /// `lib/envblk.c` of GRUB 2.06.
    #[test]
    fn a_block_is_read_byte_by_byte() {
        assert_eq!(
            read("# WARNING: x=y\na=1\nb=x y\n######"),
            [pair("a", "1"), pair("b", "x y")]
        );
        // The name goes on over lines, so `default` is not set.
        assert_eq!(read("junk\ndefault=x\n"), [pair("junk\ndefault", "x")]);
        // An escaped line end belongs to the value.
        assert_eq!(read("a=1\\\ndefault=x\n"), [pair("a", "1\ndefault=x")]);
        assert_eq!(read("a=1"), []);
        assert_eq!(Block::read("a=1\n"), None);
        let odd = Block::read(&format!("{SIGNATURE}a b=1\n")).unwrap();
        assert!(odd.odd);
    }

    #[test]
    fn a_context_inside_gets_what_is_exported() {
        let mut outer = Variables::default();
        outer.known("a", "1");
        outer.known("b", "2");
        outer.export("a");
        let inner = outer.inner();
        assert_eq!(inner.get("a"), Value::Known("1".into()));
        assert_eq!(inner.get("b"), Value::Known(String::new()));
        assert_eq!(inner.get("never_set"), Value::Unknown);
        assert_eq!(inner.get("saved_entry"), Value::Known(String::new()));
    }

    #[test]
    fn the_root_device_loses_its_parentheses() {
        let mut all = Variables::default();
        all.known("root", "(hd0,1)");
        assert_eq!(all.text("root"), "hd0,1");
    }
}
