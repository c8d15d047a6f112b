//! Sites: places where deployments run.

use serde::{Deserialize, Serialize};

use super::fields;
use super::permission::Permission;
use super::visibility::Belonging;
use crate::field::{Column, Field, FormUse, Widget};
use crate::problem::Violation;
use crate::registry::{Family, Kind, KindInfo, Nav, NavGroup, Need};

const GROUP: &str = "Site";

pub const KIND: KindInfo = KindInfo {
    kind: Kind::Site,
    singular: "site",
    plural: "Sites",
    path: "sites",
    purpose: "A site says where on earth a deployment runs.",
    fields: &[
        Field::new("name", "Name", Widget::Mono)
            .help("Begins with a letter; letters, digits, -, ., _ and ~ follow.")
            .column(Column::Title)
            .sortable()
            .searchable()
            .filterable()
            .rule(fields::name)
            .form(FormUse::required(GROUP)),
        Field::new("location", "Location", Widget::Text)
            .help("Latitude and longitude in degrees, such as 52.52, 13.405.")
            .column(Column::Shown)
            .filterable()
            .form(FormUse::optional(GROUP)),
        Field::new("latitude", "Latitude", Widget::Mono).column(Column::Optional).sortable().filterable(),
        Field::new("longitude", "Longitude", Widget::Mono).column(Column::Optional).sortable().filterable(),
        fields::visibility(GROUP),
        fields::tenant_name(),
        fields::created_by(),
        fields::created_at(),
    ],
    default_sort: "created_at",
    family: Family::Conductor { path: "sites", key: "name" },
    view: Need::Conductor(Permission::SiteList.name()),
    manage: Need::Conductor(Permission::SiteCreate.name()),
    nav: Some(Nav { group: NavGroup::Orchestration, key: 'i', icon: "pin" }),
    storage: None,
};

/// A site, as the API gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Site {
    pub name: String,
    /// Latitude and longitude, as they were given.
    pub location: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    #[serde(flatten)]
    pub belonging: Belonging,
}

/// A point on earth, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Location {
    pub latitude: f64,
    pub longitude: f64,
}

impl Location {
    /// Reads `latitude, longitude`.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let form = || {
            Violation::new("format", "Must be latitude and longitude with a comma between them, such as 52.52, 13.405.")
        };
        let (latitude, longitude) = text.split_once(',').ok_or_else(form)?;
        let number = |text: &str| {
            let text = text.trim();
            let plain = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'));
            text.parse::<f64>().ok().filter(|number| plain && number.is_finite())
        };
        let latitude = number(latitude).ok_or_else(form)?;
        let longitude = number(longitude).ok_or_else(form)?;
        if !(-90.0..=90.0).contains(&latitude) {
            return Err(Violation::new("range", format!("The latitude must be from -90 to 90; it is {latitude}.")));
        }
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(Violation::new("range", format!("The longitude must be from -180 to 180; it is {longitude}.")));
        }
        Ok(Self { latitude, longitude })
    }
}

#[cfg(test)]
mod tests {
    use super::Location;

    #[test]
    fn a_location_is_on_earth() {
        let berlin = Location { latitude: 52.52, longitude: 13.405 };
        assert_eq!(Location::parse("52.52, 13.405"), Ok(berlin));
        assert_eq!(Location::parse(" 52.52,13.405 "), Ok(berlin));
        assert!(Location::parse("-90, 180").is_ok());
        for (text, code) in [
            ("", "format"),
            ("52.52", "format"),
            ("a, b", "format"),
            ("1, 2, 3", "format"),
            ("NaN, 1", "format"),
            ("inf, 1", "format"),
            ("90.1, 0", "range"),
            ("0, -180.5", "range"),
        ] {
            assert_eq!(Location::parse(text).unwrap_err().code, code, "{text}");
        }
    }
}
