//! Libraries that parts of Windows look for by their bare names and that a Windows, or many editions of
//! it, does not have: whoever puts one into a folder that is searched is loaded by them.

/// The name of such a library, and who looks for it or which feature brings it.
type Phantom = (&'static str, &'static str);

/// Looked for in `System32`, `System32\wbem` and along the search path; no Windows has them there.
///
/// hijacklibs.net ("phantom"); Hexacorn, "Beyond good ol' Run key" and "Phantom DLLs"; itm4n, "Windows
/// DLL hijacking" (`CDPSvc`, `IKEEXT`, `SessionEnv`) and "NetMan"; Microsoft, MTxOCI (`oci.dll`).
pub(super) const PHANTOMS: &[Phantom] = &[
    ("wlbsctrl.dll", "IKEEXT"),
    ("TSMSISrv.dll", "SessionEnv"),
    ("TSVIPSrv.dll", "SessionEnv"),
    ("oci.dll", "MSDTC"),
    ("ualapi.dll", "Spooler"),
    ("fxsst.dll", "Explorer"),
    ("cdpsgshims.dll", "CDPSvc"),
    ("WptsExtensions.dll", "Schedule"),
    ("wow64log.dll", "each program of 32 bits"),
    ("Msfte.dll", "WSearch"),
    ("msTracer.dll", "WSearch"),
    ("phoneinfo.dll", "Windows Error Reporting"),
    ("edgegdi.dll", "each program with windows"),
    ("windowscoredeviceinfo.dll", "Update Orchestrator"),
    ("rover.dll", "the mixer of sound"),
    ("windowsperformancerecordercontrol.dll", "diagnostics"),
    ("spreview.dll", "setup"),
    ("diagtrack_wininternal.dll", "DiagTrack"),
    ("dismcore.dll", "clean-up of disks"),
    ("wbemcomn2.dll", "WMI"),
    ("logoncli2.dll", "the logon"),
];

/// Libraries of Windows that servers or small editions lack, and that are looked for all the same; they
/// are found along the search path alone.
///
/// itm4n, "Windows server: NetMan DLL hijacking" (`wlanapi.dll`, `wlanhlp.dll`); hijacklibs.net;
/// Microsoft, "Media Foundation is not installed on servers", "Wireless LAN service", "BitLocker on
/// Windows Server" (features that bring them).
pub(super) const OF_FEATURES: &[Phantom] = &[
    ("wlanapi.dll", "Wireless LAN; NetMan looks for it"),
    ("wlanhlp.dll", "Wireless LAN; NetMan looks for it"),
    ("wlanutil.dll", "Wireless LAN"),
    ("wwapi.dll", "mobile broadband"),
    ("wcmapi.dll", "the manager of connections"),
    ("bluetoothapis.dll", "Bluetooth"),
    ("bthprops.cpl", "Bluetooth"),
    ("winbio.dll", "biometrics"),
    ("sensorsapi.dll", "sensors"),
    ("portabledeviceapi.dll", "portable devices"),
    ("mf.dll", "Media Foundation"),
    ("mfplat.dll", "Media Foundation"),
    ("mfreadwrite.dll", "Media Foundation"),
    ("evr.dll", "Media Foundation"),
    ("wmvcore.dll", "Windows Media"),
    ("wmasf.dll", "Windows Media"),
    ("fveapi.dll", "BitLocker"),
    ("SprintCSP.dll", "StorSvc"),
    ("windows.storage.onecore.dll", "small editions"),
];

/// True for the name of one, in any case.
pub(super) fn is_phantom(name: &str) -> bool {
    let mut all = PHANTOMS.iter().chain(OF_FEATURES);
    all.any(|(phantom, _)| phantom.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_stands_once_with_a_reason() {
        let mut names: Vec<String> = PHANTOMS
            .iter()
            .chain(OF_FEATURES)
            .map(|(name, _)| name.to_lowercase())
            .collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
        let mut all = PHANTOMS.iter().chain(OF_FEATURES);
        assert!(all.all(|(_, why)| !why.is_empty()));
        assert!(is_phantom("WLBSCTRL.DLL") && !is_phantom("kernel32.dll"));
    }
}
