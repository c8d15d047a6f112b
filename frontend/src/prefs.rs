//! What a person chose for this browser: theme, time zone, width of the navigation.

use jiff::tz::TimeZone;
use leptos::prelude::*;

use crate::react::{effect, memo};
use crate::{clock, storage, zone};

/// Light, dark, or as the system has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    /// In the order in which the switch goes through them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::System => "as the system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The choices; get them with [`use_prefs`].
#[derive(Clone, Copy, Debug)]
pub struct Prefs {
    pub theme: RwSignal<Theme>,
    /// IANA name, such as `Europe/Berlin`.
    pub zone_name: RwSignal<String>,
    /// The zone itself.
    pub zone: Memo<TimeZone>,
    /// Navigation as icons only.
    pub icons_only: RwSignal<bool>,
}

/// Reads what was chosen and keeps what will be; called once by the application.
pub fn provide_prefs() -> Prefs {
    let theme = storage::read("theme")
        .and_then(|name| Theme::ALL.into_iter().find(|theme| theme.name() == name))
        .unwrap_or(Theme::System);
    let zone_name = storage::read("zone").unwrap_or_else(zone::of_browser);
    let zone_name = RwSignal::new(zone_name);
    let prefs = Prefs {
        theme: RwSignal::new(theme),
        zone_name,
        zone: memo(move || zone_name.with(|name| zone::named(name, clock::now()).unwrap_or(TimeZone::UTC))),
        icons_only: RwSignal::new(storage::read("nav").as_deref() == Some("icons")),
    };
    effect(move || {
        let theme = prefs.theme.get();
        storage::write("theme", theme.name());
        attribute("data-theme", (theme != Theme::System).then(|| theme.name()));
    });
    effect(move || {
        storage::write("zone", &zone_name.get());
    });
    effect(move || {
        let icons = prefs.icons_only.get();
        storage::write("nav", if icons { "icons" } else { "wide" });
        attribute("data-nav", icons.then_some("icons"));
    });
    provide_context(prefs);
    prefs
}

/// The choices that the application provides.
pub fn use_prefs() -> Prefs {
    use_context().unwrap_or_else(provide_prefs)
}

/// The root element carries the choices, so that styles (and `boot.js`, before us) can follow.
fn attribute(name: &str, value: Option<&str>) {
    if let Some(root) = document().document_element() {
        let _ = match value {
            Some(value) => root.set_attribute(name, value),
            None => root.remove_attribute(name),
        };
    }
}
