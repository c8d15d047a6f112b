//! What can be asked of computers.

use std::fmt;

use super::{Term, quoted, refuse};
use crate::model::landscape::alert::AlertType;
use crate::problem::Violation;

/// One thing that a computer is or is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComputerTerm {
    /// Title or host name hold the word.
    Word(String),
    Tag(String),
    Hostname(String),
    Title(String),
    Id(i64),
    /// Code name or release number.
    Distribution(String),
    AccessGroup(String),
    /// Part of a hardware address.
    Mac(String),
    /// Part of a network address.
    Ip(String),
    /// A saved search, by name.
    Search(String),
    Alert(AlertType),
    NeedsReboot,
    NeedsLicense,
    /// A licence by its number; none: computers without one.
    LicenseId(Option<i64>),
    LicenseType(LicenseType),
    /// Within so many days.
    LicenseExpiresWithin(i64),
    Contract(String),
    /// Within so many days.
    ContractExpiresWithin(i64),
    HasProManagement(bool),
    /// An annotation by its key and, if asked for, a part of its value.
    Annotation {
        key: String,
        value: Option<String>,
    },
    Profile {
        kind: ProfileKind,
        id: i64,
        /// For kinds that have results: one of [`ProfileKind::states`].
        state: Option<&'static str>,
    },
    AvailabilityZone(String),
    ReleaseUpgrade,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// How it is typed.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            fn read(selector: &str, word: &str) -> Result<Self, Violation> {
                Self::ALL.iter().copied().find(|it| it.word() == word).ok_or_else(|| {
                    one_of(selector, word, &Self::ALL.iter().map(|it| it.word()).collect::<Vec<_>>())
                })
            }
        }
    };
}

words! {
    /// What kind of licence a computer has.
    LicenseType { Unlicensed = "unlicensed", Pro = "pro", FreePro = "free_pro", Legacy = "legacy" }
}

words! {
    /// A kind of profile that computers are associated with.
    ProfileKind {
        Security = "security",
        Usg = "usg",
        Script = "script",
        Repository = "repository",
        Package = "package",
        Upgrade = "upgrade",
        Reboot = "reboot",
        Removal = "removal",
        Wsl = "wsl",
    }
}

impl ProfileKind {
    /// The results that can be asked for.
    pub const fn states(self) -> &'static [&'static str] {
        match self {
            Self::Usg => &["pass", "fail", "in-progress"],
            Self::Wsl => &["compliant", "noncompliant"],
            _ => &[],
        }
    }
}

impl Term for ComputerTerm {
    const SELECTORS: &'static [&'static str] = &[
        "tag",
        "hostname",
        "title",
        "id",
        "distribution",
        "alert",
        "access-group",
        "mac",
        "ip",
        "search",
        "needs",
        "license-id",
        "license-type",
        "license-expires-within-days",
        "contract",
        "contract-expires-within-days",
        "has-pro-management",
        "annotation",
        "profile",
        "availability-zone",
        "release-upgrade",
    ];

    fn word(word: String) -> Self {
        Self::Word(word)
    }

    fn select(selector: &str, value: String, _: &str) -> Result<Self, Violation> {
        Ok(match selector {
            "tag" => Self::Tag(value),
            "hostname" => Self::Hostname(value),
            "title" => Self::Title(value),
            "id" => Self::Id(number(selector, &value)?),
            "distribution" => Self::Distribution(value),
            "alert" => Self::Alert(alert(&value)?),
            "access-group" => Self::AccessGroup(value),
            "mac" => Self::Mac(value),
            "ip" => Self::Ip(value),
            "search" => Self::Search(value),
            "needs" => match value.as_str() {
                "reboot" => Self::NeedsReboot,
                "license" => Self::NeedsLicense,
                other => return Err(one_of(selector, other, &["reboot", "license"])),
            },
            "license-id" if value == "none" => Self::LicenseId(None),
            "license-id" => Self::LicenseId(Some(number(selector, &value)?)),
            "license-type" => Self::LicenseType(LicenseType::read(selector, &value)?),
            "license-expires-within-days" => Self::LicenseExpiresWithin(number(selector, &value)?),
            "contract" => Self::Contract(value),
            "contract-expires-within-days" => Self::ContractExpiresWithin(number(selector, &value)?),
            "has-pro-management" => match value.to_ascii_lowercase().as_str() {
                "true" => Self::HasProManagement(true),
                "false" => Self::HasProManagement(false),
                other => return Err(one_of(selector, other, &["true", "false"])),
            },
            "annotation" => match value.split_once(':') {
                Some(("", _)) => return Err(refuse("The selector “annotation:” needs a key.")),
                Some((key, "")) => Self::Annotation { key: key.to_owned(), value: None },
                Some((key, part)) => Self::Annotation { key: key.to_owned(), value: Some(part.to_owned()) },
                None => Self::Annotation { key: value, value: None },
            },
            "profile" => profile(&value)?,
            "availability-zone" => Self::AvailabilityZone(value),
            "release-upgrade" if value == "available" => Self::ReleaseUpgrade,
            "release-upgrade" => return Err(one_of(selector, &value, &["available"])),
            other => return Err(refuse(format!("There is no selector “{other}:”."))),
        })
    }
}

fn alert(word: &str) -> Result<AlertType, Violation> {
    let known = || AlertType::ALL.iter().filter_map(|alert| Some((*alert, alert.word()?)));
    known().find(|(_, known)| *known == word).map(|(alert, _)| alert).ok_or_else(|| {
        let words: Vec<&str> = known().map(|(_, word)| word).collect();
        one_of("alert", word, &words)
    })
}

fn profile(value: &str) -> Result<ComputerTerm, Violation> {
    let mut parts = value.split(':');
    let kind = ProfileKind::read("profile", parts.next().unwrap_or_default())?;
    let Some(id) = parts.next() else {
        return Err(refuse(format!("Name the profile by its number, such as profile:{}:5.", kind.word())));
    };
    let id = number("profile", id)?;
    let state = match parts.next() {
        None => None,
        Some(state) => match kind.states().iter().find(|known| **known == state) {
            Some(known) => Some(*known),
            None if kind.states().is_empty() => {
                return Err(refuse(format!("Nothing follows the number in profile:{}:{id}.", kind.word())));
            }
            None => return Err(one_of("profile", state, kind.states())),
        },
    };
    match parts.next() {
        None => Ok(ComputerTerm::Profile { kind, id, state }),
        Some(rest) => Err(refuse(format!("“:{rest}” is too much in “profile:”."))),
    }
}

/// A number that is not negative.
pub(super) fn number(selector: &str, value: &str) -> Result<i64, Violation> {
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    let read = if digits { value.parse().ok() } else { None };
    read.ok_or_else(|| refuse(format!("The selector “{selector}:” takes a number, not “{value}”.")))
}

pub(super) fn one_of(selector: &str, value: &str, known: &[&str]) -> Violation {
    refuse(format!("The selector “{selector}:” does not take “{value}”; known are {}.", known.join(", ")))
}

impl fmt::Display for ComputerTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // What looks like a selector has to be quoted.
            Self::Word(word) if word.contains(':') => write!(f, "\"{word}\""),
            Self::Word(word) => f.write_str(&quoted(word)),
            Self::Tag(value) => write!(f, "tag:{}", quoted(value)),
            Self::Hostname(value) => write!(f, "hostname:{}", quoted(value)),
            Self::Title(value) => write!(f, "title:{}", quoted(value)),
            Self::Id(id) => write!(f, "id:{id}"),
            Self::Distribution(value) => write!(f, "distribution:{}", quoted(value)),
            Self::AccessGroup(value) => write!(f, "access-group:{}", quoted(value)),
            Self::Mac(value) => write!(f, "mac:{}", quoted(value)),
            Self::Ip(value) => write!(f, "ip:{}", quoted(value)),
            Self::Search(value) => write!(f, "search:{}", quoted(value)),
            Self::Alert(alert) => write!(f, "alert:{}", alert.word().unwrap_or_default()),
            Self::NeedsReboot => f.write_str("needs:reboot"),
            Self::NeedsLicense => f.write_str("needs:license"),
            Self::LicenseId(None) => f.write_str("license-id:none"),
            Self::LicenseId(Some(id)) => write!(f, "license-id:{id}"),
            Self::LicenseType(kind) => write!(f, "license-type:{}", kind.word()),
            Self::LicenseExpiresWithin(days) => write!(f, "license-expires-within-days:{days}"),
            Self::Contract(value) => write!(f, "contract:{}", quoted(value)),
            Self::ContractExpiresWithin(days) => write!(f, "contract-expires-within-days:{days}"),
            Self::HasProManagement(flag) => write!(f, "has-pro-management:{flag}"),
            Self::Annotation { key, value: None } => write!(f, "annotation:{}", quoted(key)),
            Self::Annotation { key, value: Some(part) } => {
                write!(f, "annotation:{}", quoted(&format!("{key}:{part}")))
            }
            Self::Profile { kind, id, state: None } => write!(f, "profile:{}:{id}", kind.word()),
            Self::Profile { kind, id, state: Some(state) } => write!(f, "profile:{}:{id}:{state}", kind.word()),
            Self::AvailabilityZone(value) => write!(f, "availability-zone:{}", quoted(value)),
            Self::ReleaseUpgrade => f.write_str("release-upgrade:available"),
        }
    }
}
