use crate::source::MemorySource;
use crate::trust::Version;

#[test]
fn the_version_is_the_one_that_the_recipe_wrote() {
    let bytes = include_bytes!("../../../../../../testdata/signed/old-kernel.exe");
    let version = Version::read(&MemorySource(bytes.to_vec())).unwrap();
    assert_eq!(version.unwrap().file.to_string(), "10.0.17763.1");
    assert!(Version::read(&MemorySource(bytes[..900].to_vec())).is_err());
}
