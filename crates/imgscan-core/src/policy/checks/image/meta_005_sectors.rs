//! META-005: the partition table counts sectors as the cloud's disks do.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::evidence::{Gap, Location};
use crate::policy::checks::findings::Findings;
use crate::policy::checks::registry::{BadParameter, Parameters};
use crate::policy::{Context, Item, Outcome, Status};
use crate::volume::Scheme;

/// The disks of the cloud.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy::checks) struct Disks {
    /// The size of their sectors in bytes.
    sector_size: u32,
}

impl Parameters for Disks {
    fn validate(&self) -> Result<(), BadParameter> {
        if self.sector_size.is_power_of_two() && (512..=4096).contains(&self.sector_size) {
            return Ok(());
        }
        let problem = say!(policy_not_sector, found = self.sector_size);
        Err(BadParameter::new("sector_size", problem))
    }
}

/// A GUID partition table stands in the second sector. A disk whose sectors are smaller or larger
/// finds none there, and takes what its first sector says: other partitions, or nothing.
pub(in crate::policy::checks) fn run(context: &Context<'_>, with: &Disks) -> Outcome {
    let Some(disk) = &context.evidence.guest.disk else {
        return Outcome::of(Status::NotApplicable, say!(meta_005_none));
    };
    let mut found = Findings::new();
    match crate::volume::open(disk) {
        Ok(table) => {
            let fits = table.scheme != Scheme::Gpt || table.sector_size == with.sector_size;
            let item = Item::at(
                Location::default(),
                say!(meta_005_sectors, size = table.sector_size),
            );
            if fits {
                found.pass(item);
            } else {
                let wanted = say!(meta_005_sectors, size = with.sector_size);
                let note = say!(meta_005_other);
                let shown = say!(meta_005_sectors, size = table.sector_size);
                found.unknown(Item::at(Location::default(), note).compare(wanted, shown));
            }
        }
        Err(e) => found.gap(Gap::new(Location::default(), &e)),
    }
    found.conclude(|status, _| match status {
        Status::Unknown => say!(meta_005_unknown),
        _ => say!(meta_005_pass),
    })
}
