//! WIN-AGENT-001 and -002.

use crate::fs::memory::MemoryFs;
use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    SERVICES, SYSTEM, assert_at, assert_unknown_on_a_spoilt_system, good, hive, item, pe, ready,
    result, signed, status, system,
};

#[test]
fn the_good_server_passes() {
    for check in ["WIN-AGENT-001", "WIN-AGENT-002"] {
        assert_eq!(status(good(), check), Status::Pass, "{check}");
    }
}

#[test]
fn an_agent_disabled_gone_or_elsewhere_does_not_pass() {
    let disabled = result(system(hive!("system-bad")), "WIN-AGENT-001");
    assert_eq!(disabled.status, Status::Fail);
    assert_at(
        item(&disabled, "4 (disabled)"),
        SYSTEM,
        &format!(r"{SERVICES}\OnionX"),
        "Start",
    );
    let gone = result(system(hive!("system-bad")), "WIN-AGENT-002");
    assert_eq!(gone.status, Status::Fail);
    let program = item(&gone, "no such file");
    assert_at(
        program,
        SYSTEM,
        &format!(r"{SERVICES}\win-agent"),
        "ImagePath",
    );
    assert_eq!(
        program.expected.as_ref().map(|t| t.en.as_str()),
        Some(r"C:\win-agent\gone.exe")
    );
    for check in ["WIN-AGENT-001", "WIN-AGENT-002"] {
        assert_eq!(status(system(hive!("system-empty")), check), Status::Fail);
    }
    let elsewhere = system(hive!("system-deleted")).file("/Windows/notepad.exe", 0o644, pe());
    assert_eq!(status(elsewhere, "WIN-AGENT-001"), Status::Unknown);
}

#[test]
fn the_newer_agents_pass_and_of_half_of_them_it_can_t_be_told() {
    let cloud = "/Program Files/QCloud";
    let fs = system(hive!("system-modern"))
        .file(
            &format!("{cloud}/YunJing/YDEyes/YDService.exe"),
            0o644,
            signed!("kernel.exe"),
        )
        .file(
            &format!("{cloud}/YunJing/YDLive/YDLive.exe"),
            0o644,
            signed!("dual.sys"),
        )
        .file(
            &format!("{cloud}/Monitor/Barad/BaradAgent.exe"),
            0o644,
            pe(),
        );
    assert_eq!(status(fs.clone(), "WIN-AGENT-001"), Status::Pass);
    let half = result(fs, "WIN-AGENT-002");
    assert_eq!(half.status, Status::Unknown);
    assert_eq!(
        item(&half, "no such key")
            .expected
            .as_ref()
            .map(|t| t.en.as_str()),
        Some("StargateSvc")
    );
    let signature = item(&half, "no valid signature");
    assert_eq!(signature.status, Status::Unknown);
}

#[test]
fn a_hive_that_can_t_be_trusted_is_unknown() {
    assert_unknown_on_a_spoilt_system("WIN-AGENT-001");
    assert_unknown_on_a_spoilt_system("WIN-AGENT-002");
}

/// The ready server, and `program` as the file at `path`.
fn with(path: &str, program: &[u8]) -> MemoryFs {
    ready().file(path, 0o644, program)
}

#[test]
fn the_agent_s_program_has_to_be_signed() {
    let path = "/WinAgent/WinAgent.exe";
    let mut changed = signed!("kernel.exe").to_vec();
    changed[600] ^= 1;
    for (program, wanted, says) in [
        (signed!("kernel.exe"), Status::Pass, "Test Windows"),
        // Anything may run under the agent's name.
        (
            signed!("unsigned.sys"),
            Status::Unknown,
            "no valid signature",
        ),
        (signed!("foreign.sys"), Status::Unknown, "Test Vendor"),
        (signed!("self.sys"), Status::Unknown, "Self Signed"),
        (
            &changed,
            Status::Fail,
            "Test Windows: the signed digest is not that of the file",
        ),
        (b"MZ", Status::Fail, "no PE program"),
    ] {
        let found = result(with(path, program), "WIN-AGENT-001");
        assert_eq!(found.status, wanted, "{says}");
        assert_at(item(&found, says), "C:/WinAgent/WinAgent.exe", "", "");
    }
    // So has that of the other agent.
    let path = "/win-agent/win-agent.exe";
    let shown = with(path, signed!("unsigned.sys"));
    assert_eq!(status(shown, "WIN-AGENT-002"), Status::Unknown);
    assert_eq!(status(with(path, &changed), "WIN-AGENT-002"), Status::Fail);
    // And what runs with it.
    for path in ["/win-agent/adssensor.dll", "/win-agent/agentRepNum.exe"] {
        let found = result(with(path, signed!("unsigned.sys")), "WIN-AGENT-002");
        assert_eq!(found.status, Status::Unknown);
        let at = format!("C:{path}");
        assert_at(item(&found, "no valid signature"), &at, "", "");
    }
}
