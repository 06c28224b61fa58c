//! What a check is made of: a name, typed parameters, and the function that judges.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_yaml_ng::{Mapping, Value};

use super::ALL;
use crate::error::Result;
use crate::policy::{Context, Outcome, Params};

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
    /// What is wrong, in the words of the deserialiser.
    pub(crate) problem: String,
}

impl BadParameter {
    /// `problem` at `path`.
    pub(crate) fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            problem: problem.into(),
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
    #[allow(dead_code)] // Until policies are checked when they are loaded.
    fn shared(&self) -> &'static [&'static str];

    /// Reads its parameters.
    ///
    /// # Errors
    /// If they do not fit.
    fn ready(&self, with: &Mapping) -> std::result::Result<Ready<'_>, BadParameter>;

    /// The form of its parameters.
    #[allow(dead_code)] // Until the schema of policies is published.
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

    fn ready(&self, with: &Mapping) -> std::result::Result<Ready<'_>, BadParameter> {
        let with: P = read(with)?;
        with.validate()?;
        Ok(Box::new(move |context| Ok((self.run)(context, &with))))
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

/// Parameters from YAML, with the path of what does not fit.
pub(crate) fn read<P: DeserializeOwned>(with: &Mapping) -> std::result::Result<P, BadParameter> {
    serde_path_to_error::deserialize(Value::Mapping(with.clone())).map_err(|e| {
        let path = match e.path().to_string() {
            path if path == "." => String::new(),
            path => path,
        };
        BadParameter::new(path, e.inner().to_string())
    })
}

/// The shared parameters of a policy.
pub(crate) fn shared(params: &Mapping) -> std::result::Result<Params, BadParameter> {
    read(params)
}
