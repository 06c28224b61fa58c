//! Whole numbers of any length, for what aws-lc does not verify: big-endian, public values only.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};

pub(super) fn params(modulus: &[u8]) -> Option<BoxedMontyParams> {
    let precision = u32::try_from(bits(modulus).next_multiple_of(64)).ok()?;
    let n = Odd::new(number(modulus, precision)?).into_option()?;
    Some(BoxedMontyParams::new_vartime(n))
}

pub(super) fn number(bytes: &[u8], precision: u32) -> Option<BoxedUint> {
    BoxedUint::from_be_slice(bytes, precision).ok()
}

pub(super) fn form(bytes: &[u8], params: &BoxedMontyParams) -> Option<BoxedMontyForm> {
    Some(BoxedMontyForm::new(
        number(bytes, params.bits_precision())?,
        params,
    ))
}

pub(super) fn bits(n: &[u8]) -> usize {
    let zeros = n.first().map_or(0, |b| b.leading_zeros());
    n.len().saturating_mul(8).saturating_sub(zeros as usize)
}

pub(super) fn below(a: &[u8], b: &[u8]) -> bool {
    a.len() < b.len() || a.len() == b.len() && a < b
}
