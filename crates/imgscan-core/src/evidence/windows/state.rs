//! What checks of the state of a Windows ask for, beside the collectors.

use super::passwords::{self, UserPassword};
use super::sysprep::{self, IniEntry, Sysprep};
use super::{
    Adapter, Events, HostsLine, KeyAt, Script, Setting, SetupFile, Windows, events, hosts, place,
    settings, setup,
};
use crate::evidence::{Collected, Gap, Location};
use crate::fs::Timestamp;

impl Windows<'_> {
    /// Settings that say in what state the system is.
    #[must_use]
    pub fn settings(&self) -> Collected<Setting> {
        settings::collect(self)
    }

    /// The network adapters that are set up.
    #[must_use]
    pub fn adapters(&self) -> Collected<Adapter> {
        settings::adapters(self)
    }

    /// The files that setup and sysprep leave, as far as they are there.
    #[must_use]
    pub fn setup_files(&self) -> Collected<SetupFile> {
        settings::setup_files(self)
    }

    /// The script that Windows runs at the end of its setup, `None` where there is none.
    ///
    /// # Errors
    /// A gap where that can't be told.
    pub fn setup_complete(&self) -> Result<Option<&Script>, Gap> {
        let found = self.setup_complete.get_or_init(|| setup::collect(self));
        match found {
            Ok(script) => Ok(script.as_ref()),
            Err(gap) => Err(gap.clone()),
        }
    }

    /// The events of the log `name` (`System.evtx`) that `wanted` takes by provider and
    /// identifier; `None` where there is no such log.
    ///
    /// # Errors
    /// A gap where that can't be told, or where the file is no log.
    pub fn events(
        &self,
        name: &str,
        wanted: &dyn Fn(&str, u32) -> bool,
    ) -> Result<Option<Events>, Gap> {
        events::read(self, name, wanted)
    }

    /// The lines of the file `hosts`.
    #[must_use]
    pub fn hosts(&self) -> Collected<HostsLine> {
        hosts::collect(self)
    }

    /// What sysprep left in files.
    #[must_use]
    pub fn sysprep(&self) -> Sysprep {
        sysprep::collect(self)
    }

    /// The passwords of the local users: whether each has none, one of `words`, or another.
    #[must_use]
    pub fn passwords(&self, words: &[String]) -> Collected<UserPassword> {
        passwords::collect(self, words)
    }

    /// The names of the secrets of the local security authority, each with the bytes that its
    /// current value has.
    ///
    /// # Errors
    /// A gap where the SECURITY hive can't be read.
    pub fn secrets(&self) -> Result<Collected<(String, u64)>, Gap> {
        let mut out = Collected::default();
        let hive = self.security()?;
        if let Some(root) = KeyAt::open(hive, r"Policy\Secrets")? {
            for key in root.subkeys(&mut out.gaps) {
                let path = format!(r"{}\CurrVal", key.path);
                let name = key.key.name().to_owned();
                let found = KeyAt::open(hive, &path).and_then(|current| {
                    let read = current.map(|c| c.value("", |v| Ok(Some(v.data_len()))));
                    Ok(read.transpose()?.flatten())
                });
                match found {
                    Ok(len) => {
                        let len = len.map_or(0, |l| u64::from(l.fact));
                        out.push((name, len), key.location());
                    }
                    Err(gap) => out.gaps.push(gap),
                }
            }
        }
        Ok(out)
    }

    /// The values of the configuration file at `path`; `None` where there is no such file.
    ///
    /// # Errors
    /// A gap where it can't be read.
    pub fn ini(&self, path: &str) -> Result<Option<Collected<IniEntry>>, Gap> {
        sysprep::ini(self, path)
    }

    /// The lines of the text file at `path` with the number of each, from 1; empty where there
    /// is no such file. At most 1 MiB.
    ///
    /// # Errors
    /// A gap where it can't be read.
    pub fn lines(&self, path: &str) -> Result<Collected<String>, Gap> {
        const MAX_TEXT: u64 = 1024 * 1024;
        let mut out = Collected::default();
        let read = self.guest.paths.read_if_there(path.as_bytes(), MAX_TEXT);
        if let Some(file) = read.map_err(|e| Gap::at_path(path, &e))? {
            let at = Location::of_file(&file);
            for (i, line) in sysprep::text(&file.bytes).lines().enumerate() {
                out.push(line.to_owned(), at.clone().line(i + 1));
            }
        }
        Ok(out)
    }

    /// The first bytes of the file at `path`, at most `len` of them; `None` where there is no
    /// such file.
    ///
    /// # Errors
    /// A gap where they can't be read.
    pub fn head(&self, path: &str, len: usize) -> Result<Option<(Location, Vec<u8>)>, Gap> {
        let gap = |e| Gap::at_path(path, &e);
        let Some(at) = self.guest.paths.find(path.as_bytes()).map_err(gap)? else {
            return Ok(None);
        };
        let data = at.open().map_err(gap)?;
        let len = usize::try_from(data.len()).unwrap_or(usize::MAX).min(len);
        let mut head = vec![0; len];
        data.read_at(&mut head, 0).map_err(gap)?;
        Ok(Some((Location::of(&at), head)))
    }

    /// The names of the streams of the file at `path` besides its contents; `None` where there is
    /// no such file.
    ///
    /// # Errors
    /// A gap where that can't be told.
    pub fn stream_names(&self, path: &str) -> Result<Option<(Location, Vec<String>)>, Gap> {
        let gap = |e| Gap::at_path(path, &e);
        let Some(at) = self.guest.paths.find(path.as_bytes()).map_err(gap)? else {
            return Ok(None);
        };
        let streams = at.fs.streams(at.id).map_err(gap)?;
        let names = streams.iter().map(|s| crate::text::lossless(&s.name));
        Ok(Some((Location::of(&at), names.collect())))
    }

    /// Where a value of SYSTEM or SOFTWARE would stand (`HKLM\SYSTEM\CurrentControlSet\…`), for
    /// saying that it is not there.
    #[must_use]
    pub fn place(&self, key: &str, value: Option<&str>) -> Location {
        let of = |hive, path: &str| place(hive, path, value, None);
        let found = match key.strip_prefix(r"HKLM\SYSTEM\") {
            Some(path) => self.system().map(|hive| {
                match (path.strip_prefix(r"CurrentControlSet\"), self.control_set()) {
                    (Some(rest), Ok(set)) => of(hive, &format!(r"{}\{rest}", set.name)),
                    _ => of(hive, path),
                }
            }),
            None => {
                let path = key.strip_prefix(r"HKLM\SOFTWARE\").unwrap_or(key);
                self.software().map(|hive| of(hive, path))
            }
        };
        found.unwrap_or_else(|gap| gap.at)
    }

    /// When the hive SOFTWARE was last written, in seconds since 1970: the latest moment that the
    /// image itself is sure to have seen.
    #[must_use]
    pub fn last_seen(&self) -> Option<crate::fs::Timestamp> {
        Timestamp::from_filetime(self.software().ok()?.hive.base().last_written)
    }
}
