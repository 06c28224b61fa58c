//! WIN-CBI-002.

use crate::policy::Status;
use crate::policy::checks::windows::testing::{
    CBI, CONF, assert_ready_and_wrong, assert_unknown_without, item, ready, result,
};

#[test]
fn the_ready_server_passes_and_the_wrong_one_does_not() {
    assert_ready_and_wrong("WIN-CBI-002", Status::Pass, Status::Fail);
}

#[test]
fn without_the_hive_that_it_needs_it_is_unknown() {
    assert_unknown_without("WIN-CBI-002", "SYSTEM");
}

#[test]
fn a_configuration_without_its_parts_is_named_by_line() {
    let conf = |text: String| {
        result(
            ready().file(&format!("{CBI}/conf/cloudbase-init.conf"), 0o644, text),
            "WIN-CBI-002",
        )
    };
    let path = "C:/Program Files/Cloudbase Solutions/Cloudbase-Init/conf/cloudbase-init.conf";
    let off = conf(CONF.replace("inject_user_password=true", "inject_user_password=false"));
    assert_eq!(off.status, Status::Fail);
    let line = item(&off, "false");
    assert_eq!(
        (line.at.path.as_deref(), line.at.line),
        (Some(path), Some(4))
    );
    let http = conf(CONF.replace("configdrive.ConfigDriveService", "httpservice.HttpService"));
    assert_eq!(http.status, Status::Fail);
    assert_eq!(
        item(
            &http,
            "cloudbaseinit.metadata.services.httpservice.HttpService"
        )
        .at
        .line,
        Some(5)
    );
    assert_eq!(
        conf(CONF.replace("SetUserPasswordPlugin", "X")).status,
        Status::Fail
    );
    assert_eq!(conf("[DEFAULT]\n".into()).status, Status::Warn);
    assert_eq!(
        conf(CONF.replace("[DEFAULT]", "[other]")).status,
        Status::Warn
    );
}
