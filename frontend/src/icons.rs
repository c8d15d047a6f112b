//! Icons, drawn here on a grid of 24.

use leptos::prelude::*;

macro_rules! glyphs {
    ($($name:ident: $drawing:literal),+ $(,)?) => {
        /// A drawing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Glyph { $(#[doc = stringify!($name)] $name),+ }

        impl Glyph {
            const fn drawing(self) -> &'static str {
                match self { $(Self::$name => $drawing),+ }
            }
        }
    };
}

glyphs! {
    Binnacle: r#"<circle cx="12" cy="12" r="9.2"/><path d="M12 2.8v2.6M12 18.6v2.6M2.8 12h2.6M18.6 12h2.6"/><path d="M15.6 8.4 13.4 13.4 8.4 15.6 10.6 10.6z" fill="currentColor"/>"#,
    Computer: r#"<rect x="3" y="4.5" width="18" height="11.5" rx="1.8"/><path d="M12 16v4M8.5 20h7"/>"#,
    Script: r#"<rect x="4.5" y="3.5" width="15" height="17" rx="1.8"/><path d="m8.5 9 2.8 2.8-2.8 2.8M13 15h3"/>"#,
    Profile: r#"<circle cx="12" cy="12" r="8.7"/><path d="M12 7v5.2l3.4 2"/>"#,
    Activity: r#"<path d="M2.8 12.2h4l2.9-7.4 4.6 14.4 2.7-7h4.2"/>"#,
    Group: r#"<path d="M12 4v5M6 20v-5.5h12V20M12 9v5.5"/><circle cx="12" cy="4.4" r="1.4"/>"#,
    Search: r#"<circle cx="10.8" cy="10.8" r="6.6"/><path d="m15.8 15.8 4.7 4.7"/>"#,
    Down: r#"<path d="m6 9.2 6 6 6-6"/>"#,
    Up: r#"<path d="m6 14.8 6-6 6 6"/>"#,
    Left: r#"<path d="m14.8 6-6 6 6 6"/>"#,
    Collapse: r#"<path d="m11.5 6-6 6 6 6M18.5 6l-6 6 6 6"/>"#,
    Menu: r#"<path d="M4 6.5h16M4 12h16M4 17.5h16"/>"#,
    Plus: r#"<path d="M12 5v14M5 12h14"/>"#,
    Check: r#"<path d="m5 12.6 4.6 4.6L19 7"/>"#,
    Cross: r#"<path d="M6 6l12 12M18 6 6 18"/>"#,
    Running: r#"<path d="M19.8 12.6a7.9 7.9 0 1 1-2.6-6.5M19.8 3.2v4.9h-4.9"/>"#,
    Waiting: r#"<circle cx="12" cy="12" r="8.4"/><path d="M12 7.6V12l2.7 2.2"/>"#,
    Dash: r#"<path d="M6 12h12"/>"#,
    Warning: r#"<path d="M12 4.2 2.9 19.8h18.2zM12 10v4.4M12 17.1v.1"/>"#,
    Info: r#"<circle cx="12" cy="12" r="8.7"/><path d="M12 11.2v5M12 7.9v.1"/>"#,
    Copy: r#"<rect x="8.5" y="8.5" width="11.5" height="11.5" rx="1.8"/><path d="M15.5 8.5v-3A1.5 1.5 0 0 0 14 4H5.5A1.5 1.5 0 0 0 4 5.5V14a1.5 1.5 0 0 0 1.5 1.5h3"/>"#,
    Edit: r#"<path d="M4.5 19.5l1-4.3L16.2 4.5l3.3 3.3L8.8 18.5zM13.7 7l3.3 3.3"/>"#,
    Archive: r#"<rect x="3.5" y="4.5" width="17" height="4.5" rx="1"/><path d="M5 9v9.5A1.5 1.5 0 0 0 6.5 20h11a1.5 1.5 0 0 0 1.5-1.5V9M10 13h4"/>"#,
    Moon: r#"<path d="M19.6 14.4A8.2 8.2 0 1 1 9.9 4.3a6.5 6.5 0 0 0 9.7 10.1z"/>"#,
    Sun: r#"<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4"/>"#,
    Contrast: r#"<circle cx="12" cy="12" r="8.7"/><path d="M12 3.3v17.4a8.7 8.7 0 0 0 0-17.4z" fill="currentColor"/>"#,
    Globe: r#"<circle cx="12" cy="12" r="8.7"/><path d="M3.3 12h17.4M12 3.3c5 5.3 5 12.1 0 17.4M12 3.3c-5 5.3-5 12.1 0 17.4"/>"#,
    Keyboard: r#"<rect x="2.5" y="6" width="19" height="12" rx="1.8"/><path d="M6 10h.1M10 10h.1M14 10h.1M18 10h.1M7.5 14h9"/>"#,
    SignOut: r#"<path d="M14 4.5H6.5A1.5 1.5 0 0 0 5 6v12a1.5 1.5 0 0 0 1.5 1.5H14M10 12h10.5M17 8.5l3.5 3.5-3.5 3.5"/>"#,
    Columns: r#"<rect x="3.5" y="4.5" width="17" height="15" rx="1.8"/><path d="M9.2 4.5v15M14.8 4.5v15"/>"#,
    Reload: r#"<path d="M4.2 11.4a7.9 7.9 0 0 1 14-4.3M19.8 12.6a7.9 7.9 0 0 1-14 4.3M18.6 3v4.5h-4.5M5.4 21v-4.5h4.5"/>"#,
    Inbox: r#"<path d="M3.5 13.5 6 5h12l2.5 8.5V19h-17zM3.5 13.5h5l1.2 2.5h4.6l1.2-2.5h5"/>"#,
    Wrap: r#"<path d="M4 6h16M4 18h7M4 12h12.5a3 3 0 0 1 0 6H14m2.2-2.3L13.9 18l2.3 2.3"/>"#,
    Download: r#"<path d="M12 4v11M7.5 11 12 15.5 16.5 11M4.5 19.5h15"/>"#,
    View: r#"<path d="M6.5 4h11v16L12 16l-5.5 4z"/>"#,
    Key: r#"<circle cx="8" cy="15.5" r="4"/><path d="M11 12.5 19.5 4M16 7.5l2.8 2.8"/>"#,
    People: r#"<circle cx="9" cy="8.5" r="3.2"/><path d="M3 19.5c.6-3.6 3-5.4 6-5.4s5.4 1.8 6 5.4M15.5 5.6a3.2 3.2 0 0 1 0 5.8M17.5 14.6c1.9.8 3.1 2.4 3.5 4.9"/>"#,
    Shield: r#"<path d="M12 3.5 19 6v5.5c0 4.4-2.9 7.4-7 9-4.1-1.6-7-4.6-7-9V6z"/>"#,
    List: r#"<path d="M8.5 6.5H20M8.5 12H20M8.5 17.5H20M4.5 6.5h.1M4.5 12h.1M4.5 17.5h.1"/>"#,
    Settings: r#"<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>"#,
    Bell: r#"<path d="M6 17.5V11a6 6 0 0 1 12 0v6.5M4 17.5h16M10.3 20.5h3.4"/>"#,
    Stop: r#"<circle cx="12" cy="12" r="8.7"/><path d="M9 9h6v6H9z"/>"#,
    Pin: r#"<path d="M12 21c4.2-4.6 6.3-8 6.3-10.9a6.3 6.3 0 0 0-12.6 0C5.7 13 7.8 16.4 12 21z"/><circle cx="12" cy="10" r="2.2"/>"#,
    Vault: r#"<rect x="3.5" y="4.5" width="17" height="14" rx="1.8"/><circle cx="12" cy="11.5" r="3.2"/><path d="M12 8.3v-1M15.2 11.5h1M6.5 18.5v2M17.5 18.5v2"/>"#,
    Filter: r#"<path d="M4 5.5h16l-6.2 7.2v6.8l-3.6-2v-4.8z"/>"#,
    Tenant: r#"<path d="M4 20V8.5L12 4l8 4.5V20M9.5 20v-6h5v6"/>"#,
    Token: r#"<rect x="3.5" y="7" width="17" height="10" rx="2"/><path d="M7.5 12h.1M11.5 12h.1M15.5 12h.1"/>"#,
    Audit: r#"<path d="M6 3.5h8.5L18.5 8v12.5H6zM9 11h6.5M9 14.5h6.5M9 18h4"/>"#,
    Compass: r#"<circle cx="12" cy="12" r="8.7"/><path d="M15.3 8.7 13.3 13.3 8.7 15.3 10.7 10.7z"/>"#,
}

/// The glyph of a name in the registry's navigation.
pub fn by_name(name: &str) -> Glyph {
    match name {
        "computer" => Glyph::Computer,
        "script" => Glyph::Script,
        "profile" | "clock" | "script-profile" => Glyph::Profile,
        "activity" => Glyph::Activity,
        "search" => Glyph::Search,
        "access-group" | "group" => Glyph::Group,
        "people" => Glyph::People,
        "shield" => Glyph::Shield,
        "list" => Glyph::List,
        "pin" => Glyph::Pin,
        "key" => Glyph::Key,
        "vault" => Glyph::Vault,
        "filter" => Glyph::Filter,
        "tenant" => Glyph::Tenant,
        "token" => Glyph::Token,
        "audit" => Glyph::Audit,
        _ => Glyph::Compass,
    }
}

/// An icon beside a word; hidden from screen readers, which have the word.
#[component]
pub fn Icon(glyph: Glyph) -> impl IntoView {
    view! { <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" inner_html=glyph.drawing()></svg> }
}
