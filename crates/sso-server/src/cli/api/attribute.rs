//! `sso-server org attribute`: what an organization adds to the profile of its people (SPEC 11.4).

use super::ApiCommand;
use super::call::Call;
use super::settings::{Digits, SettingFlags};
use crate::cli::failed::Failed;
use crate::cli::show::Show;
use axum::http::Method;
use clap::Subcommand;
use serde_json::Value;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AttributeCommand {
    /// Show the attribute schema
    Show {
        /// The organization
        org: String,
    },
    /// Define an attribute, or change one: fields that are not given have their defaults
    Define {
        /// The organization
        org: String,
        /// The attribute
        name: String,
        #[command(flatten)]
        settings: SettingFlags,
    },
    /// Replace the whole schema. The values of an attribute that is gone go with it
    Replace {
        /// The organization
        org: String,
        #[command(flatten)]
        settings: SettingFlags,
    },
    /// Remove an attribute, with the values that accounts have of it
    Remove {
        /// The organization
        org: String,
        /// The attribute
        name: String,
    },
}

impl ApiCommand for AttributeCommand {
    fn call(self) -> Result<Call, Failed> {
        Ok(match self {
            Self::Show { org } => Call::get(&["orgs", &org, "attribute-schema"], Show::Fields),
            Self::Define { org, name, settings } => {
                let fields = Value::Object(settings.read(Digits::Number)?);
                let path = ["orgs", &org, "attribute-schema", &name];
                Call::new(Method::PUT, &path, Show::Fields).json(&fields)
            }
            Self::Replace { org, settings } => {
                let fields = Value::Object(settings.read(Digits::Number)?);
                let path = ["orgs", &org, "attribute-schema"];
                Call::new(Method::PUT, &path, Show::Fields).json(&fields)
            }
            Self::Remove { org, name } => Call::delete(
                &["orgs", &org, "attribute-schema", &name],
                &format!("the attribute {name} of {org}, with its values"),
            ),
        })
    }
}
