//! Alerts: states of the fleet that somebody should look at.

use serde::{Deserialize, Serialize};

use crate::time::Seconds;

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AlertScope {
    Account,
    Computer,
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum AlertStatus {
    /// Nothing to look at.
    #[serde(rename = "OK")]
    Ok,
    /// Somebody should look.
    Alerted,
    /// Nothing can tell, or no computer is watched.
    Disabled,
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    Warning,
    Danger,
}

macro_rules! alerts {
    ($($name:ident $scope:ident $severity:ident $word:expr, $label:literal, $description:literal;)+) => {
        /// The kinds of alert.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum AlertType { $(#[doc = $description] $name),+ }

        impl AlertType {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// Its name in a query (`alert:…`); none: it is not about computers.
            pub const fn word(self) -> Option<&'static str> {
                match self { $(Self::$name => $word),+ }
            }

            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label),+ }
            }

            pub const fn description(self) -> &'static str {
                match self { $(Self::$name => $description),+ }
            }

            pub const fn scope(self) -> AlertScope {
                match self { $(Self::$name => AlertScope::$scope),+ }
            }

            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity),+ }
            }
        }
    };
}

alerts! {
    PendingComputersAlert Account Info None, "Pending computers", "Computers wait to be accepted.";
    LicenseExpiryAlert Account Warning None, "Licences", "Licences are about to expire.";
    UbuntuProContractExpirationAlert Account Warning None, "Contracts", "Contracts are about to expire.";
    PackageUpgradesAlert Computer Info Some("package-upgrades"), "Upgrades",
        "Newer versions of installed packages are available.";
    SecurityUpgradesAlert Computer Warning Some("security-upgrades"), "Security upgrades",
        "Newer versions of installed packages are available that close security holes.";
    PackageProfilesAlert Computer Warning Some("package-profiles"), "Package profiles",
        "The installed packages are not what the package profiles ask for.";
    PackageReporterAlert Computer Warning Some("package-reporter"), "Package reports",
        "The computer could not find out which packages are available.";
    EsmDisabledAlert Computer Warning Some("esm-disabled"), "Expanded maintenance",
        "Expanded security maintenance is switched off.";
    UnapprovedActivitiesAlert Computer Info Some("unapproved-activities"), "Activities to approve",
        "Activities wait until somebody approves them.";
    ComputerOfflineAlert Computer Danger Some("computer-offline"), "Offline",
        "The computer has not been in contact for five minutes.";
    ComputerRebootAlert Computer Warning Some("computer-reboot"), "Reboot needed",
        "The computer has to be restarted for its updates to take effect.";
    ComputerDuplicateAlert Computer Warning Some("computer-duplicates"), "Duplicates",
        "Several computers report the same identity, or one is a copy of another.";
    ChildInstanceProfileAlert Computer Warning Some("child-instance-profiles"), "Child instances",
        "Child instances are not what their profiles ask for.";
}

impl AlertType {
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|alert| alert.name() == name)
    }

    /// The number by which an address names it. It is the same in every account.
    pub fn id(self) -> i64 {
        Self::ALL.iter().position(|alert| *alert == self).and_then(|at| i64::try_from(at + 1).ok()).unwrap_or_default()
    }

    pub fn from_id(id: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|alert| alert.id() == id)
    }

    /// Says how many it is about.
    pub fn summary(self, count: u64) -> String {
        let (one, many) = match self {
            Self::PendingComputersAlert => ("computer waits to be accepted", "computers wait to be accepted"),
            Self::LicenseExpiryAlert => ("licence is about to expire", "licences are about to expire"),
            Self::UbuntuProContractExpirationAlert => ("contract is about to expire", "contracts are about to expire"),
            Self::PackageUpgradesAlert => ("computer has upgrades to install", "computers have upgrades to install"),
            Self::SecurityUpgradesAlert => {
                ("computer has security upgrades to install", "computers have security upgrades to install")
            }
            Self::PackageProfilesAlert => {
                ("computer does not follow its package profiles", "computers do not follow their package profiles")
            }
            Self::PackageReporterAlert => {
                ("computer cannot report its packages", "computers cannot report their packages")
            }
            Self::EsmDisabledAlert => {
                ("computer has no expanded maintenance", "computers have no expanded maintenance")
            }
            Self::UnapprovedActivitiesAlert => {
                ("computer has activities to approve", "computers have activities to approve")
            }
            Self::ComputerOfflineAlert => ("computer is offline", "computers are offline"),
            Self::ComputerRebootAlert => ("computer needs a reboot", "computers need a reboot"),
            Self::ComputerDuplicateAlert => ("computer is a duplicate", "computers are duplicates"),
            Self::ChildInstanceProfileAlert => {
                ("computer does not follow its child profiles", "computers do not follow their child profiles")
            }
        };
        if count == 1 { format!("1 {one}.") } else { format!("{count} {many}.") }
    }
}

/// An alert as `GET alerts` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Alert {
    pub id: i64,
    pub alert_type: AlertType,
    /// A heading.
    pub label: String,
    pub description: String,
    pub scope: AlertScope,
    pub status: AlertStatus,
    /// Whether the caller subscribed to it.
    pub subscribed: bool,
    /// Whether all computers are watched; else those with one of the tags.
    pub all_computers: bool,
    pub tags: Vec<String>,
}

/// A line of `GET alerts/summary`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlertSummary {
    pub id: i64,
    pub alert_type: AlertType,
    pub summary: String,
    /// Since when, in UTC, such as `2026-11-21 08:00:00.000000`; null when nothing is to be looked at.
    pub activation_time: Option<String>,
}

/// Answer of `GET alerts/summary`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlertsSummary {
    pub alerts_summary: Vec<AlertSummary>,
}

/// An alert on a computer, as the flag `with_alerts` adds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ComputerAlert {
    #[serde(rename = "type")]
    pub alert_type: AlertType,
    pub summary: String,
    pub severity: Severity,
}

impl From<AlertType> for ComputerAlert {
    fn from(alert_type: AlertType) -> Self {
        Self { alert_type, summary: alert_type.description().to_owned(), severity: alert_type.severity() }
    }
}

/// A time with a blank between date and time, and microseconds.
pub fn activation_time(at: jiff::Timestamp) -> String {
    crate::time::NaiveMicros(at).to_string().replace('T', " ")
}

/// Somebody who is told of an alert (legacy `GetAlertSubscribers`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Subscriber {
    pub id: i64,
    pub name: String,
    pub email: String,
    pub since: Seconds,
}

#[cfg(test)]
mod tests {
    use super::{AlertScope, AlertType};

    #[test]
    fn alerts_are_found_by_number_and_name() {
        for alert in AlertType::ALL.iter().copied() {
            assert_eq!(AlertType::from_id(alert.id()), Some(alert));
            assert_eq!(AlertType::from_name(alert.name()), Some(alert));
            assert_eq!(alert.word().is_some(), alert.scope() == AlertScope::Computer, "{}", alert.name());
            assert_eq!(serde_json::to_value(alert).unwrap(), alert.name());
        }
        assert_eq!(AlertType::from_id(0), None);
        assert_eq!(AlertType::ComputerOfflineAlert.summary(1), "1 computer is offline.");
    }
}
