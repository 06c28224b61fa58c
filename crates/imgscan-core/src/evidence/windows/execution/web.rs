//! Sites of the web server of Windows: pages that are code run for whoever asks for them.
//!
//! Microsoft, "applicationHost.config" (sites, applications and virtual directories with their
//! `physicalPath`), "Handlers" (`<handlers>`), "ASP.NET Core Module"; where nothing else is said, the site is
//! `inetpub\wwwroot`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::sources::Collector;
use super::system::attributes;
use super::{Account, Occasion, Subject};
use crate::evidence::Location;
use crate::fs::FileKind;
use crate::guest::windows::expand;

const KIND: &str = "Page of the web server";
/// The service that serves the sites, and the start type of one that nobody starts.
const SERVICE: &str = "W3SVC";
const DISABLED: u32 = 4;
/// Endings of what is compiled or carried out when it is asked for.
const PAGES: [&str; 26] = [
    "aspx", "ascx", "ashx", "asmx", "asax", "master", "svc", "axd", "cshtml", "vbhtml", "rem",
    "soap", "xamlx", "asp", "asa", "cer", "cdx", "php", "php3", "php5", "php7", "phtml", "phar",
    "cgi", "pl", "py",
];
/// Endings of sources that are compiled where they lie in this folder, and the folder of libraries.
const SOURCES: [&str; 2] = ["cs", "vb"];
const SOURCE_FOLDER: &str = "app_code";
const LIBRARY_FOLDER: &str = "bin";
/// Pages that are told, folders below folders, and files of all sites.
const MAX_PAGES: usize = 4096;
/// Endings of pages; where there are more, every file is one.
const MAX_ENDINGS: usize = 4096;
/// Stands for every ending.
const EVERY: &str = "*";
const MAX_DEPTH: usize = 24;
const MAX_FILES: usize = 1 << 18;

impl Collector<'_, '_> {
    /// Pages of sites that run for whoever asks, where the web server is on.
    pub(super) fn web_sites(&mut self) {
        let services = match self.windows.services() {
            Ok(services) => services,
            Err(gap) => return self.gap(gap),
        };
        let mut named = services.items.iter();
        let service = named.find(|s| s.name.eq_ignore_ascii_case(SERVICE));
        let start = service.and_then(|s| s.start.as_ref());
        if start.is_none_or(|start| start.fact >= DISABLED) {
            return;
        }
        let roots = self.windows.roots();
        let path = format!(
            r"{}\System32\inetsrv\config\applicationHost.config",
            roots.windows
        );
        let config = self.text_of(&path).unwrap_or_default();
        let mut folders = attributes(&config, "physicalpath");
        if folders.is_empty() {
            folders.push(format!(r"{}\inetpub\wwwroot", roots.drive));
        }
        let pages = PAGES.iter().map(|&page| page.to_owned()).collect();
        let endings = with_handled(&Arc::new(pages), &config);
        let folders = folders.into_iter().map(|folder| {
            let folder = expand(folder.trim(), &roots, &[]).replace('/', "\\");
            folder.to_lowercase().trim_end_matches('\\').to_owned()
        });
        let folders: BTreeSet<String> = folders.collect();
        let mut seen = Seen::default();
        for folder in &folders {
            // What lies inside of another site is found there.
            let mut above = folder.match_indices('\\').map(|(at, _)| at);
            if above.any(|at| {
                folder
                    .get(..at)
                    .is_some_and(|above| folders.contains(above))
            }) {
                continue;
            }
            if self.located(folder).is_none() {
                let at = Location::of_path(path.replace('\\', "/"));
                let runs = (Occasion::Demand, Account::System);
                self.add((Subject::Script, KIND, folder), runs, folder, at, |r| {
                    r.unclear_value(folder);
                });
                continue;
            }
            self.site(folder, &endings, &mut seen);
        }
        self.bounded(SERVICE, seen.pages, MAX_PAGES);
        self.bounded(SERVICE, seen.files, MAX_FILES);
    }

    fn site(&mut self, root: &str, endings: &Arc<BTreeSet<String>>, seen: &mut Seen) {
        let mut todo = vec![(root.to_owned(), Arc::clone(endings), 0_usize)];
        while let Some((folder, mut endings, depth)) = todo.pop() {
            let config = format!(r"{folder}\web.config");
            if let Some(text) = self.text_of(&config) {
                endings = with_handled(&endings, &text);
                self.starts(&config, &folder, &text);
            }
            let last = folder
                .rsplit('\\')
                .next()
                .unwrap_or_default()
                .to_lowercase();
            for name in self.names(&folder) {
                seen.files = seen.files.saturating_add(1);
                if seen.files > MAX_FILES {
                    return;
                }
                let path = format!(r"{folder}\{name}");
                let lower = name.to_lowercase();
                let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
                let library = last == LIBRARY_FOLDER && ending == "dll";
                let page = endings.contains(ending)
                    || endings.contains(EVERY)
                    || last == SOURCE_FOLDER && SOURCES.contains(&ending);
                let Some(found) = self.located(&path) else {
                    continue;
                };
                match found.metadata.kind {
                    FileKind::Directory if depth < MAX_DEPTH => {
                        todo.push((path, Arc::clone(&endings), depth + 1));
                    }
                    FileKind::Directory => self.bounded(&path, depth + 1, MAX_DEPTH),
                    FileKind::Regular if page || library => {
                        seen.pages = seen.pages.saturating_add(1);
                        if seen.pages > MAX_PAGES {
                            return;
                        }
                        let what = (Subject::Script, KIND, name.as_str());
                        let runs = (Occasion::Demand, Account::System);
                        self.add(what, runs, &path, Location::of(&found), |r| match library {
                            true => r.library(&path),
                            false => r.file(&path),
                        });
                    }
                    _ => {}
                }
            }
        }
    }

    /// The programs that the configuration of a site starts: interpreters, and applications of their own.
    fn starts(&mut self, config: &str, folder: &str, text: &str) {
        let at = || Location::of_path(config.replace('\\', "/"));
        let runs = || (Occasion::Demand, Account::System);
        for value in attributes(text, "scriptprocessor") {
            let file = value.split('|').next().unwrap_or_default().to_owned();
            let what = (Subject::Script, KIND, "scriptProcessor");
            self.add(what, runs(), &value, at(), |r| r.library(&file));
        }
        let arguments = attributes(text, "arguments");
        for program in attributes(text, "processpath") {
            let arguments = arguments.first().cloned().unwrap_or_default();
            let command = format!("{program} {arguments}");
            let what = (Subject::Script, KIND, "processPath");
            self.add(what, runs(), &command, at(), |r| {
                r.starts_in(folder);
                r.program(&program, &arguments);
            });
        }
    }
}

#[derive(Default)]
struct Seen {
    pages: usize,
    files: usize,
}

/// `endings` and those that a configuration gives to an interpreter.
fn with_handled(endings: &Arc<BTreeSet<String>>, config: &str) -> Arc<BTreeSet<String>> {
    let more = handled(config);
    if more.iter().all(|ending| endings.contains(ending)) {
        return Arc::clone(endings);
    }
    let all: BTreeSet<String> = endings.iter().cloned().chain(more).collect();
    match all.len() > MAX_ENDINGS {
        true => Arc::new([EVERY.to_owned()].into()),
        false => Arc::new(all),
    }
}

/// Endings that a configuration (in lower case) gives to an interpreter; `*` for every file.
fn handled(text: &str) -> Vec<String> {
    let elements = text
        .split('<')
        .filter(|element| element.starts_with("add ") && element.contains("scriptprocessor"));
    let paths = elements.flat_map(|element| attributes(element, "path"));
    let each = paths.flat_map(|path| {
        let parts: Vec<String> = path.split(',').map(|part| part.trim().to_owned()).collect();
        parts
    });
    each.map(|pattern| match pattern.rsplit_once('.') {
        Some((_, ending)) if !ending.contains(['*', '?']) => ending.to_owned(),
        _ => EVERY.to_owned(),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::handled;

    /// Elements as IIS writes them for ASP and FastCGI.
    #[test]
    fn endings_that_an_interpreter_gets_are_those_of_the_handlers() {
        let text = r#"<handlers><add name="asp" path="*.asp" verb="get" modules="isapimodule" scriptprocessor="%windir%\system32\inetsrv\asp.dll"/>
            <add name="pic" path="*.jpg, x.htm" scriptprocessor="c:\php\php-cgi.exe"/><add name="static" path="*" modules="staticfilemodule"/></handlers>"#;
        assert_eq!(handled(text), ["asp", "jpg", "htm"]);
        assert_eq!(
            handled(r#"<add path="*" scriptprocessor="c:\x.exe"/>"#),
            ["*"]
        );
    }
}
