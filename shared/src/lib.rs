//! Binnacle's model: every resource and every rule, once, for server and browser alike.
//!
//! Nothing here knows HTTP, SQL, a clock or randomness: what varies is an argument.

pub mod body;
pub mod field;
pub mod filter;
pub mod label;
pub mod list;
pub mod model;
pub mod patch;
pub mod permission;
pub mod problem;
pub mod query;
pub mod record;
pub mod recurrence;
pub mod registry;
pub mod rules;
#[cfg(feature = "schema")]
pub mod schema;
pub mod time;
pub mod unicode;

pub use patch::Patch;
pub use problem::{FieldError, Problems};
pub use registry::Kind;

/// Gives a body's type the schema of its kind's form; nothing where schemas are left out.
#[macro_export]
macro_rules! body_schema {
    ($type:ident, $kind:expr, $purpose:ident) => {
        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::schema::body($kind, $crate::record::Purpose::$purpose)
            }
        }
    };
}
