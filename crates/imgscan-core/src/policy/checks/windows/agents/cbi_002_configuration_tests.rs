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
    // The defaults set the password of another user.
    assert_eq!(conf("[DEFAULT]\n".into()).status, Status::Fail);
    for section in ["[other]", "[default]"] {
        let other = conf(CONF.replace("[DEFAULT]", section));
        assert_eq!(other.status, Status::Fail, "{section}");
    }
}

#[test]
fn code_scripts_and_hosts_of_others_are_told() {
    let path = format!("{CBI}/conf/cloudbase-init.conf");
    let with = |line: &str| {
        let text = format!("{CONF}{line}\r\n");
        result(ready().file(&path, 0o644, text), "WIN-CBI-002").status
    };
    for (line, wanted) in [
        ("user_data_plugins=vendor.x.Y", Status::Fail),
        (
            "plugins=cloudbaseinit.plugins.common.setuserpassword.SetUserPasswordPlugin,x.y.Z",
            Status::Fail,
        ),
        (
            "user_data_plugins=cloudbaseinit.plugins.common.other.Plugin",
            Status::Unknown,
        ),
        ("bsdtar_path=C:\\x.exe", Status::Unknown),
        ("config_source=x", Status::Unknown),
        ("log_config_append=C:\\x.conf", Status::Unknown),
        ("log_file=C:\\WinAgent\\WinAgent.exe", Status::Unknown),
        ("config_drive_types=vfat", Status::Unknown),
        ("config_drive_types=vfat,iso", Status::Pass),
        ("[config_drive]\r\nlocations=partition", Status::Unknown),
        (
            "[config_drive]\r\nlocations=cdrom,hdd,partition",
            Status::Pass,
        ),
        ("config_drive_cdrom=false", Status::Unknown),
        ("of_no_release=1", Status::Warn),
        ("of_no_release=C:\\x", Status::Unknown),
        ("of_no_release=1\r\nplugins=x.y.Z", Status::Fail),
        ("use_eventlog=true\r\nlog-file=a.log", Status::Pass),
        ("log-config-append=C:\\x.conf", Status::Unknown),
        ("inject-user-password=true", Status::Warn),
        ("[nocloud]\r\nuserdata_file=C:\\x", Status::Unknown),
        (
            "allow_reboot=false\r\nmtu_use_dhcp_config=true",
            Status::Pass,
        ),
        ("local_scripts_path=C:\\x", Status::Unknown),
        (
            "[openstack]\r\nmetadata_base_url=http://203.0.113.7/",
            Status::Unknown,
        ),
        (
            "[openstack]\r\nmetadata_base_url=http://169.254.169.254/",
            Status::Pass,
        ),
        ("not a line", Status::Unknown),
        (
            "debug=true\r\nkms_host=\"kms.tencentyun.com\"",
            Status::Pass,
        ),
        ("debug=maybe", Status::Unknown),
        ("max_logfile_count=many", Status::Unknown),
        ("log_rotation_type=never", Status::Unknown),
        ("log_rotation_type=Size", Status::Pass),
        ("default_log_levels=comtypes=INFO,suds=INFO", Status::Pass),
        ("default_log_levels=cloudbaseinit", Status::Unknown),
        ("use_syslog=true", Status::Unknown),
        ("use_journal=false", Status::Pass),
        ("log_date_format=$nosuchoption", Status::Unknown),
        ("log_date_format=%Y-%m-%d %H:%M:%S", Status::Pass),
        ("kms_host=203.0.113.9", Status::Unknown),
        ("kms_host=kms.tencentyun.com:1688", Status::Pass),
        ("volumes_to_extend=9", Status::Unknown),
        ("volumes_to_extend=1", Status::Pass),
        ("enable_automatic_updates=false", Status::Warn),
        ("log_dir=Z:\\nowhere", Status::Unknown),
        ("log_dir=C:\\Windows\\gone", Status::Unknown),
        ("log_dir=C:\\Windows", Status::Pass),
        ("log_dir=\\Windows", Status::Pass),
        ("log_dir=C:\\", Status::Pass),
        ("log_dir=C:\\bootmgr\\x", Status::Unknown),
        ("log_dir=\\\\203.0.113.9\\share", Status::Unknown),
        (
            "log_dir=C:\\Program Files\\Cloudbase Solutions\\Cloudbase-Init\\log\\",
            Status::Warn,
        ),
        ("log_file=aux.log", Status::Unknown),
        ("log_file=gone\\a.log", Status::Unknown),
        ("log_file=C:\\Windows\\a.log", Status::Pass),
        ("# \u{4e2d}", Status::Unknown),
    ] {
        assert_eq!(with(line), wanted, "{line}");
    }
    let marked = format!("\u{feff}{CONF}");
    let marked = ready().file(&path, 0o644, marked);
    assert_eq!(result(marked, "WIN-CBI-002").status, Status::Unknown);
    let script = |name: &str, text: &str| {
        let fs = ready().file(&format!("{CBI}/LocalScripts/{name}"), 0o644, text);
        result(fs, "WIN-CBI-002").status
    };
    for (name, text, wanted) in [
        ("a.ps1", "net user hax P@ss /add", Status::Fail),
        ("a.txt", "rem cmd\r\nnet user hax P@ss /add", Status::Fail),
        ("a.py", "import os", Status::Unknown),
        ("a.cmd", "@echo off\r\nexit /b 0", Status::Pass),
        ("TencentCloudRun.ps1", "$x.Invoke()", Status::Unknown),
        (
            "TencentCloudRun.ps1",
            "Write-Host 'x'\r\nthrow 'not needed'",
            Status::Unknown,
        ),
        ("TencentCloudRun.ps1", "exit", Status::Unknown),
    ] {
        assert_eq!(script(name, text), wanted, "{name} {text}");
    }
    // An answer file hands the other configuration beside it to the program.
    let other = format!("{CBI}/conf/cloudbase-init-unattend.conf");
    let fs = ready().file(&other, 0o644, "[DEFAULT]\nplugins=vendor.x.Y\n");
    assert_eq!(result(fs, "WIN-CBI-002").status, Status::Fail);
}
