//! What a check is made of: a name, typed parameters, and the function that judges.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::ALL;
use crate::error::Result;
use crate::policy::load::{Found, Mistake, Node, fit};
use crate::policy::{Context, Outcome, Params};
use crate::text::Text;

/// Parameters of a test as its policy gives them under `with`.
pub(crate) trait Parameters: DeserializeOwned + JsonSchema + 'static {
    /// The policy's shared parameters (`params`) that the test needs too.
    const SHARED: &'static [&'static str] = &[];

    /// What the types alone can't say: what is contradictory, empty or never met.
    ///
    /// # Errors
    /// What is wrong, and in which parameter.
    fn validate(&self) -> std::result::Result<(), BadParameter> {
        Ok(())
    }
}

/// A parameter that a test can't work with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadParameter {
    /// Where: the path below `with` (`families[1].roots`), empty for the whole.
    pub(crate) path: String,
    /// What is wrong.
    pub(crate) problem: Text,
}

impl BadParameter {
    /// `problem` at `path`.
    pub(crate) fn new(path: impl Into<String>, problem: Text) -> Self {
        Self {
            path: path.into(),
            problem,
        }
    }

    /// What is wrong, and where.
    fn text(&self) -> Text {
        match self.path.as_str() {
            "" => self.problem.clone(),
            path => say!(error_within, place = path, detail = &self.problem),
        }
    }
}

/// For a test that takes no parameters.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoParameters {}

impl Parameters for NoParameters {}

/// A test that is ready to run: its parameters are read.
pub(crate) type Ready<'p> = Box<dyn Fn(&Context<'_>) -> Result<Outcome> + 'p>;

/// An entry of the table of tests.
pub(crate) trait Test: Sync {
    /// The name that policies use.
    fn name(&self) -> &'static str;

    /// The shared parameters that it needs.
    fn shared(&self) -> &'static [&'static str];

    /// Reads its parameters.
    ///
    /// # Errors
    /// If they do not fit.
    fn ready(&self, with: &Node) -> std::result::Result<Ready<'_>, Text>;

    /// Adds to `found` everything by which its parameters do not fit.
    fn fit(&self, with: &Node, found: &mut Vec<Found>);

    /// The form of its parameters.
    fn schema(&self, generator: &mut SchemaGenerator) -> Schema;
}

/// A test with typed parameters.
pub(crate) struct Typed<P: Parameters> {
    /// The name that policies use.
    pub(crate) name: &'static str,
    /// Judges.
    pub(crate) run: fn(&Context<'_>, &P) -> Outcome,
}

impl<P: Parameters> Test for Typed<P> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn shared(&self) -> &'static [&'static str] {
        P::SHARED
    }

    fn ready(&self, with: &Node) -> std::result::Result<Ready<'_>, Text> {
        let with = P::deserialize(with).map_err(|e| e.text())?;
        with.validate().map_err(|bad| bad.text())?;
        Ok(Box::new(move |context| Ok((self.run)(context, &with))))
    }

    fn fit(&self, with: &Node, found: &mut Vec<Found>) {
        let before = found.len();
        let Some(parameters) = fit::<P>(with, found) else {
            return;
        };
        if found.len() > before {
            return;
        }
        if let Err(bad) = parameters.validate() {
            found.push((with.find(&bad.path).at, bad.problem));
        }
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<P>()
    }
}

/// The test that policies call `name`.
#[must_use]
pub(crate) fn find(name: &str) -> Option<&'static dyn Test> {
    all().find(|test| test.name() == name)
}

/// Every test.
pub(crate) fn all() -> impl Iterator<Item = &'static dyn Test> {
    ALL.into_iter().flatten().copied()
}

/// The shared parameters of a policy.
///
/// # Errors
/// What does not fit.
pub(crate) fn shared(params: &Map<String, Value>) -> std::result::Result<Params, Text> {
    serde::Deserialize::deserialize(&Node::from(params)).map_err(|e: Mistake| e.text())
}
