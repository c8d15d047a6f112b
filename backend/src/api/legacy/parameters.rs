//! The parameters of an action, by name and type.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use binnacle_shared::problem::Violation;
use binnacle_shared::time;
use jiff::Timestamp;

use crate::api::error::ApiError;

/// The two versions of the API that clients ask for.
pub const VERSIONS: &[&str] = &["2011-08-01", "2013-11-04"];

/// Text with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a request says. Of two values with one name the later counts: that of the body.
#[derive(Debug)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    pub fn new(pairs: Vec<(String, String)>) -> Result<Self, ApiError> {
        if let Some((name, _)) = pairs.iter().find(|(name, value)| name.contains('\0') || value.contains('\0')) {
            let name = name.replace('\0', "");
            return Err(ApiError::field(format!("/{name}"), "format", "Must not hold NUL characters."));
        }
        Ok(Self(pairs.into_iter().collect()))
    }

    /// All of them by name.
    pub fn all(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    pub fn action(&self) -> Result<&str, ApiError> {
        self.required("action")
    }

    /// The version has to be one of ours.
    pub fn check_version(&self) -> Result<(), ApiError> {
        let version = self.required("version")?;
        if VERSIONS.contains(&version) {
            return Ok(());
        }
        Err(ApiError::Refused {
            status: StatusCode::BAD_REQUEST,
            error: "InvalidVersion",
            message: format!("There is no version “{version}”; known are {}.", VERSIONS.join(", ")),
        })
    }

    /// The value, if it is there and not empty: clients leave out what equals the default.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.given(name).filter(|value| !value.is_empty())
    }

    /// The value, also an empty one.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name).ok_or_else(|| missing(name))
    }

    pub fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.text(name).map(|text| integer(name, text)).transpose()
    }

    pub fn required_integer(&self, name: &str) -> Result<i64, ApiError> {
        integer(name, self.required(name)?)
    }

    pub fn flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.text(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(ApiError::field(format!("/{name}"), "type", "Must be true or false.")),
        }
    }

    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        time::parse(text).map(Some).map_err(|violation| ApiError::Refused {
            status: StatusCode::BAD_REQUEST,
            error: "InvalidTime",
            message: format!("{name}: {}", violation.message),
        })
    }

    /// `name.1`, `name.2`, … in the order of their numbers.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let mut items: Vec<(u64, &str)> = self
            .0
            .iter()
            .filter_map(|(key, value)| {
                let number = key.strip_prefix(name)?.strip_prefix('.')?;
                Some((number.parse().ok()?, value.as_str()))
            })
            .collect();
        items.sort_unstable();
        items.into_iter().map(|(_, value)| value).collect()
    }

    pub fn required_list(&self, name: &str) -> Result<Vec<&str>, ApiError> {
        let items = self.list(name);
        if items.is_empty() { Err(missing(&format!("{name}.1"))) } else { Ok(items) }
    }

    pub fn required_integers(&self, name: &str) -> Result<Vec<i64>, ApiError> {
        self.required_list(name)?.into_iter().map(|text| integer(name, text)).collect()
    }

    /// `name.<key>=<value>`.
    pub fn map(&self, name: &str) -> BTreeMap<&str, &str> {
        self.0
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(name)?.strip_prefix('.')?, value.as_str())))
            .collect()
    }

    /// Text in base64, which may be empty; none when the parameter is absent.
    pub fn data(&self, name: &str) -> Result<Option<String>, ApiError> {
        let Some(encoded) = self.given(name) else { return Ok(None) };
        String::from_utf8(decode(name, encoded)?).map(Some).map_err(|_| ApiError::Refused {
            status: StatusCode::BAD_REQUEST,
            error: "ScriptEncoding",
            message: "The code is not UTF-8 text.".into(),
        })
    }

    /// A file: its name, two dollar signs, its bytes in base64.
    pub fn file(&self, name: &str) -> Result<(String, Vec<u8>), ApiError> {
        let text = self.required(name)?;
        let Some((filename, encoded)) = text.split_once("$$") else {
            let message = "Must be a file name, $$ and the file in base64.";
            return Err(ApiError::field(format!("/{name}"), "format", message));
        };
        Ok((filename.to_owned(), decode(name, encoded)?))
    }

    /// Passes a value through a rule of the model.
    pub fn check<T>(
        &self,
        name: &str,
        rule: impl FnOnce(String) -> Result<T, Violation>,
    ) -> Result<Option<T>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        rule(text.to_owned()).map(Some).map_err(|v| ApiError::field(format!("/{name}"), v.code, v.message))
    }
}

/// Line breaks are no part of base64, and `+` may have become a blank on the way.
fn decode(name: &str, encoded: &str) -> Result<Vec<u8>, ApiError> {
    let compact: String =
        encoded.chars().filter(|c| !matches!(c, '\n' | '\r')).map(|c| if c == ' ' { '+' } else { c }).collect();
    BASE64.decode(compact).map_err(|_| ApiError::field(format!("/{name}"), "format", "Must be base64."))
}

fn integer(name: &str, text: &str) -> Result<i64, ApiError> {
    text.trim().parse().map_err(|_| ApiError::field(format!("/{name}"), "type", "Must be a whole number."))
}

pub fn missing(name: &str) -> ApiError {
    ApiError::field(format!("/{name}"), "required", format!("The parameter {name} is required."))
}

#[cfg(test)]
mod tests {
    use super::Parameters;

    fn parameters(text: &str) -> Parameters {
        Parameters::new(crate::api::query::pairs(text.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn lists_are_ordered_by_number() {
        let p = parameters("tags.10=c&tags.2=b&tags.1=a&tagsx.1=no&tags.x=no&t.30=new");
        assert_eq!(p.list("tags"), ["a", "b", "c"]);
        assert_eq!(p.map("t").get("30"), Some(&"new"));
        assert!(p.required_list("none").is_err());
    }

    #[test]
    fn the_body_wins_and_data_needs_no_padding() {
        let p = parameters("a=1&a=2&code=IyEvYmluL3NoCmlk&bad=!");
        assert_eq!(p.integer("a").unwrap(), Some(2));
        assert_eq!(p.data("code").unwrap().as_deref(), Some("#!/bin/sh\nid"));
        assert!(p.data("bad").is_err());
        let p = parameters("code=aGk");
        assert_eq!(p.data("code").unwrap().as_deref(), Some("hi"));
    }

    #[test]
    fn nul_is_refused() {
        assert!(Parameters::new(vec![("a".into(), "x\0".into())]).is_err());
    }
}
