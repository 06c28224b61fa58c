//! Programs that run as a service what an XML beside them names.
//!
//! WinSW, "XML configuration file": it reads `<its own name>.xml`. What it is told to start, to stop with, and to
//! start before and behind that is carried out like a command line of the service.

use roxmltree::Node;

use super::{Link, MAX_SCRIPT, Resolver, Role, Target};
use crate::evidence::Gap;
use crate::evidence::windows::execution::hosts::Carried;
use crate::evidence::windows::execution::paths::absolute;
use crate::evidence::windows::xml;

/// Elements that say nothing of what runs, in lower case: how the service is called, logs, waits and is installed.
const PLAIN: [&str; 43] = [
    "autorefresh",
    "beeponshutdown",
    "delayedautostart",
    "depend",
    "description",
    "domain",
    "errfiledisabled",
    "errfilepattern",
    "executable",
    "extensions",
    "hidewindow",
    "id",
    "interactive",
    "log",
    "logmode",
    "logname",
    "logpath",
    "name",
    "outfiledisabled",
    "outfilepattern",
    "poststart",
    "poststop",
    "preshutdown",
    "preshutdowntimeout",
    "prestart",
    "prestop",
    "priority",
    "resetfailure",
    "securitydescriptor",
    "service",
    "serviceaccount",
    "sleeptime",
    "startmode",
    "stderrpath",
    "stdoutpath",
    "stopparentprocessfirst",
    "stoptimeout",
    "waithint",
    "workingdirectory",
    "arguments",
    "startarguments",
    "stoparguments",
    "stopexecutable",
];
/// The same, where several stand for the words of one line.
const WORDS: [&str; 3] = ["argument", "startargument", "stopargument"];
/// Elements of which all that is inside is data.
const DATA: [&str; 2] = ["log", "serviceaccount"];
/// The extension that ends what a service left behind (its documentation, "Runaway Process Killer").
const KILLER: &str = "winsw.plugins.runawayprocesskiller.";
/// What a service may do when it fails, besides nothing.
const ON_FAILURE: [&str; 2] = ["restart", "none"];

/// What an XML file names.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wrapped {
    /// Command lines: a program, and what follows it.
    lines: Vec<(String, String)>,
    /// The folder that they run in.
    folder: Option<String>,
    /// Variables that they see.
    variables: Vec<(String, String)>,
    /// What can't be told.
    unclear: Vec<String>,
}

fn name(node: Node<'_, '_>) -> String {
    node.tag_name().name().to_ascii_lowercase()
}

/// The text of the first element `wanted` right below `node`.
fn text(node: Node<'_, '_>, wanted: &str) -> Option<String> {
    let mut all = node.children().filter(Node::is_element);
    all.find(|n| name(*n) == wanted).map(xml::text)
}

/// The words behind a program: of one element, or of one for each.
fn arguments(node: Node<'_, '_>, whole: &str, word: &str) -> Option<String> {
    let single = node
        .children()
        .filter(|n| n.is_element() && name(*n) == word);
    let single: Vec<String> = single.map(xml::text).collect();
    match text(node, whole) {
        Some(text) => Some(text),
        None if single.is_empty() => None,
        None => Some(single.join(" ")),
    }
}

/// What the file `text` names; `None` where it names no program.
fn wrapped(text: &str) -> Option<Wrapped> {
    let document = xml::parse(text).ok()?;
    let mut out = Wrapped::default();
    let mut todo = vec![document.root_element()];
    let mut any = false;
    while let Some(node) = todo.pop() {
        let kind = name(node);
        let attribute = |wanted: &str| {
            let mut all = node.attributes();
            let found = all.find(|a| a.name().eq_ignore_ascii_case(wanted));
            found
                .map(|a| a.value().trim().to_owned())
                .unwrap_or_default()
        };
        match kind.as_str() {
            "env" => out.variables.push((attribute("name"), attribute("value"))),
            "download" => out.unclear.push(format!("download {}", attribute("from"))),
            "onfailure" if !ON_FAILURE.contains(&attribute("action").to_lowercase().as_str()) => {
                out.unclear
                    .push(format!("onfailure {}", attribute("action")));
            }
            "onfailure" => {}
            "extension" => {
                let class = attribute("className").to_lowercase();
                if !class.starts_with(KILLER) && attribute("enabled") != "false" {
                    out.unclear.push(format!("extension {class}"));
                }
                continue;
            }
            kind if DATA.contains(&kind) => continue,
            kind if PLAIN.contains(&kind) || WORDS.contains(&kind) => {}
            _ if node == document.root_element() => {}
            kind => out.unclear.push(kind.to_owned()),
        }
        let own = self::text(node, "executable");
        any |= own.is_some();
        if let Some(program) = &own {
            let own = [
                ("arguments", "argument"),
                ("startarguments", "startargument"),
            ];
            let mut said: Vec<String> = own
                .iter()
                .filter_map(|(whole, word)| arguments(node, whole, word))
                .collect();
            if said.is_empty() {
                said.push(String::new());
            }
            let lines = said.into_iter().map(|said| (program.clone(), said));
            out.lines.extend(lines);
        }
        let told = arguments(node, "stoparguments", "stopargument");
        if let Some(program) = self::text(node, "stopexecutable") {
            out.lines.push((program, told.unwrap_or_default()));
        } else if let (Some(program), Some(told)) = (own, told) {
            out.lines.push((program, told));
        }
        if let Some(folder) = self::text(node, "workingdirectory") {
            out.folder = Some(folder);
        }
        let children = node.children().filter(Node::is_element);
        let mut children: Vec<_> = children.collect();
        children.reverse();
        todo.extend(children);
    }
    any.then_some(out)
}

impl Resolver<'_, '_> {
    /// What the XML file `path` beside the program `by` makes it run.
    pub(super) fn wrapped(&mut self, path: &str, by: usize, link: Link) {
        let files = &self.windows.guest.paths;
        let text = match files.read_if_there(path.as_bytes(), MAX_SCRIPT) {
            Ok(Some(file)) => xml::decode(&file.bytes),
            Ok(None) => return,
            Err(e) => {
                let gap = Gap::at_path(path, &e);
                self.add(Role::Script, path, Target::Unknown(gap), link);
                return;
            }
        };
        if !text.to_lowercase().contains("<executable") {
            return;
        }
        let Some(wrapped) = wrapped(&text) else {
            return self.load(Role::Script, path, link);
        };
        let Some(link) = self.deeper(link, by, path) else {
            return;
        };
        let base = path.rsplit_once('\\').map_or("", |(folder, _)| folder);
        let before = (
            self.variables.clone(),
            self.current.clone(),
            self.folder.clone(),
        );
        self.variables
            .insert(0, ("BASE".to_owned(), base.to_owned()));
        for (name, value) in wrapped.variables {
            if self.sets_variable(&format!("{name}={value}")) {
                self.carried(Carried::Unclear(format!("{path}: {name}={value}")), link);
            }
            let value = self.expanded(&value);
            self.variables.insert(0, (name, value));
        }
        for what in wrapped.unclear {
            self.carried(Carried::Unclear(format!("{path}: {what}")), link);
        }
        let folder = wrapped.folder.map(|folder| self.expanded(&folder));
        let folder = folder.filter(|folder| !folder.is_empty());
        let current = absolute(self.windows, folder.as_deref().unwrap_or(base), Some(base));
        self.current = Some(current.unwrap_or_else(|_| r"?:\".to_owned()));
        for (program, said) in wrapped.lines {
            let program = self.expanded(&program);
            let program = program.trim().trim_matches('"').to_owned();
            let said = self.expanded(&said);
            self.first_of(&[(program, said)], link);
        }
        (self.variables, self.current, self.folder) = before;
    }
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    /// The example of WinSW's documentation, and its elements.
    #[test]
    fn the_program_its_words_and_what_runs_around_it_are_named() {
        let text = r#"<service><id>myapp</id><name>MyApp</name><description>x</description>
            <env name="HOME" value="%BASE%\h"/><executable>%BASE%\app.exe</executable>
            <arguments>--port=1 "a b"</arguments><stoparguments>-s stop</stoparguments>
            <prestart><executable>%BASE%\pre.exe</executable><arguments>x</arguments></prestart>
            <log mode="roll-by-size"><sizeThreshold>1</sizeThreshold></log><onfailure action="restart" delay="1 sec"/>
            <workingdirectory>%BASE%\w</workingdirectory><startmode>Automatic</startmode></service>"#;
        let got = wrapped(text).unwrap();
        let line = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            got.lines,
            [
                line(r"%BASE%\app.exe", r#"--port=1 "a b""#),
                line(r"%BASE%\app.exe", "-s stop"),
                line(r"%BASE%\pre.exe", "x"),
            ]
        );
        assert_eq!(got.folder.as_deref(), Some(r"%BASE%\w"));
        assert_eq!(got.variables, [line("HOME", r"%BASE%\h")]);
        assert!(got.unclear.is_empty(), "{:?}", got.unclear);
    }

    #[test]
    fn what_fetches_or_is_not_known_is_told() {
        let of = |more: &str| {
            let text = format!("<service><executable>a.exe</executable>{more}</service>");
            wrapped(&text).unwrap()
        };
        let unclear = |more: &str| of(more).unclear.len();
        assert_eq!(unclear(r#"<download from="http://x/a" to="b"/>"#), 1);
        assert_eq!(unclear("<other>1</other>"), 1);
        assert_eq!(unclear(r#"<onfailure action="reboot"/>"#), 1);
        let killer = r#"<extensions><extension enabled="true" id="k" className="winsw.Plugins.RunawayProcessKiller.RunawayProcessKillerExtension"><pidfile>x</pidfile></extension></extensions>"#;
        assert_eq!(unclear(killer), 0);
        assert_eq!(unclear(&killer.replace("RunawayProcessKiller", "X")), 1);
        let words = of("<argument>-jar</argument><argument>x.jar</argument>");
        assert_eq!(words.lines, [("a.exe".to_owned(), "-jar x.jar".to_owned())]);
        assert_eq!(wrapped("<service><id>x</id></service>"), None);
        assert_eq!(wrapped("<service>"), None);
    }
}
