//! Rules of the firewall that commands add, by what they open.

use super::Command;

/// Ports that servers have open to everybody: of the web, of OpenSSH and of the remote desktop.
const USUAL_PORTS: [&str; 6] = ["22", "80", "443", "3389", "8080", "8443"];

/// Fields of a rule in lower case.
struct Rule<'r> {
    direction: &'r str,
    action: &'r str,
    protocol: &'r str,
    ports: &'r str,
}

impl Rule<'_> {
    /// True where it opens usual ports, or lets out what is let out anyway.
    fn is_usual(&self) -> bool {
        if self.action != "allow" {
            return false;
        }
        let ports = self.ports.split(',').map(str::trim);
        let usual = ports.into_iter().all(|port| USUAL_PORTS.contains(&port));
        let pings = self.protocol.starts_with("icmpv4") || self.protocol.starts_with("icmpv6");
        match self.direction {
            "out" | "outbound" => true,
            "in" | "inbound" if pings => self.ports.is_empty(),
            "in" | "inbound" => ["tcp", "udp", "6", "17"].contains(&self.protocol) && usual,
            _ => false,
        }
    }
}

/// True for `netsh advfirewall firewall add rule` where it opens what is usual (Microsoft Learn,
/// "netsh advfirewall").
pub(super) fn opens(it: &Command<'_>) -> bool {
    let words: Vec<&str> = it.rest(1).iter().map(String::as_str).collect();
    let ["advfirewall", "firewall", "add", "rule", fields @ ..] = words.as_slice() else {
        return false;
    };
    let mut rule = Rule {
        direction: "",
        action: "",
        protocol: "any",
        ports: "",
    };
    let mut seen = Vec::new();
    for field in fields {
        let Some((name, value)) = field.split_once('=') else {
            return false;
        };
        // Of two of a kind it can't be told which one holds.
        if seen.contains(&name) {
            return false;
        }
        seen.push(name);
        match name {
            "dir" => rule.direction = value,
            "action" => rule.action = value,
            "protocol" => rule.protocol = value,
            "localport" => rule.ports = value,
            "name" | "description" | "profile" | "enable" | "remoteip" | "localip"
            | "interfacetype" => {}
            "edge" if value == "no" => {}
            _ => return false,
        }
    }
    rule.is_usual()
}

/// True for `New-NetFirewallRule` with these parameters where it opens what is usual (Microsoft
/// Learn, "New-NetFirewallRule").
pub(super) fn makes(given: &[(&str, String)]) -> bool {
    let mut rule = Rule {
        direction: "inbound",
        action: "allow",
        protocol: "any",
        ports: "",
    };
    let mut seen = Vec::new();
    for (name, value) in given {
        if seen.contains(name) {
            return false;
        }
        seen.push(name);
        match *name {
            "-direction" => rule.direction = value,
            "-action" => rule.action = value,
            "-protocol" => rule.protocol = value,
            "-localport" => rule.ports = value,
            "-name" | "-displayname" | "-description" | "-profile" | "-enabled" | "-group"
            | "-remoteaddress" | "-icmptype" | "-erroraction" => {}
            _ => return false,
        }
    }
    rule.is_usual()
}
