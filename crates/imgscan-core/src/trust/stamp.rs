//! Time stamps: when, as a third party says, a signature was made. They are read and reported;
//! nothing is judged by them, and who made them is not verified.
//!
//! Sources: RFC 2985 (countersignature, signing time), RFC 3161 (TSTInfo), and Microsoft
//! "Windows Authenticode Portable Executable Signature Format" (szOID_RFC3161_counterSign).

use super::der::{Element, Reader, tag};
use super::key::DigestKind;
use crate::error::Result;
use crate::time::Timestamp;

const COUNTERSIGNATURE: &str = "1.2.840.113549.1.9.6";
const TOKEN: &str = "1.3.6.1.4.1.311.3.3.1";
const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";

/// True where the unsigned attribute `oid` is a time stamp.
pub(super) fn is_stamp(oid: &str) -> bool {
    matches!(oid, COUNTERSIGNATURE | TOKEN)
}

/// The time (`2023-11-14T22:13:20Z`) in the value of the attribute `oid`, where it was stamped on
/// this `signature`.
pub(super) fn read(oid: &str, values: Reader<'_>, signature: &[u8]) -> Option<String> {
    let found = match oid {
        COUNTERSIGNATURE => countersignature(values, signature),
        _ => token(values, signature),
    };
    found.ok().flatten()
}

/// A SignerInfo over the signature; its signed attributes hold the time.
fn countersignature(mut values: Reader<'_>, signature: &[u8]) -> Result<Option<String>> {
    let mut signer = values.sequence()?;
    signer.expect(tag::INTEGER)?;
    signer.any()?;
    let kind = DigestKind::from_oid(&signer.sequence()?.oid()?);
    let (Some(kind), Some(attributes)) = (kind, signer.optional(tag::context(0))?) else {
        return Ok(None);
    };
    let (mut when, mut same) = (None, false);
    let mut attributes = attributes.reader();
    while !attributes.is_empty() {
        let mut attribute = attributes.sequence()?;
        let oid = attribute.oid()?;
        let mut value = attribute.expect(tag::SET)?.reader();
        match oid.as_str() {
            SIGNING_TIME => when = time(&value.any()?),
            MESSAGE_DIGEST => same = value.any()?.body == kind.of(signature),
            _ => {}
        }
    }
    Ok(when.filter(|_| same))
}

/// A SignedData whose content is a TSTInfo.
fn token(mut values: Reader<'_>, signature: &[u8]) -> Result<Option<String>> {
    let mut info = values.sequence()?;
    info.oid()?;
    let mut data = info.expect(tag::context(0))?.reader().sequence()?;
    data.expect(tag::INTEGER)?;
    data.expect(tag::SET)?;
    let mut content = data.sequence()?;
    if content.oid()? != TST_INFO {
        return Ok(None);
    }
    let content = content.expect(tag::context(0))?.reader().any()?;
    let mut stamp = content.reader().sequence()?;
    stamp.expect(tag::INTEGER)?;
    stamp.oid()?;
    let mut imprint = stamp.sequence()?;
    let kind = DigestKind::from_oid(&imprint.sequence()?.oid()?);
    let digest = imprint.expect(tag::OCTET_STRING)?.body;
    stamp.expect(tag::INTEGER)?;
    let same = kind.is_some_and(|k| k.of(signature) == digest);
    Ok(time(&stamp.any()?).filter(|_| same))
}

/// A UTCTime (two digits of the year, from 1950 on) or GeneralizedTime in UTC.
fn time(element: &Element<'_>) -> Option<String> {
    let two_digits = match element.tag {
        tag::UTC_TIME => true,
        tag::GENERALIZED_TIME => false,
        _ => return None,
    };
    Timestamp::from_asn1(element.body, two_digits).map(|t| t.to_string())
}

#[cfg(test)]
#[path = "stamp_tests.rs"]
mod tests;
