//! Every link of the console is built here, so that a moved page breaks in one place.

use binnacle_shared::Kind;

/// Where one lands after signing in.
pub const HOME: &str = "/computers";

/// Whether the console has pages for a kind. Navigation, palette and links ask this.
pub const fn has_page(kind: Kind) -> bool {
    match kind {
        Kind::Computer | Kind::Script | Kind::ScriptProfile | Kind::Activity => true,
        Kind::AccessGroup => false,
    }
}

/// Whether people make things of a kind in the console.
pub const fn can_create(kind: Kind) -> bool {
    match kind {
        Kind::Script | Kind::ScriptProfile => true,
        Kind::Computer | Kind::Activity | Kind::AccessGroup => false,
    }
}

/// The list of a kind.
pub fn list(kind: Kind) -> String {
    format!("/{}", kind.info().path)
}

/// One thing.
pub fn detail(kind: Kind, id: impl std::fmt::Display) -> String {
    format!("/{}/{id}", kind.info().path)
}

/// The form that makes a new one.
pub fn create(kind: Kind) -> String {
    format!("/{}/create", kind.info().path)
}

/// The form that changes one.
pub fn edit(kind: Kind, id: impl std::fmt::Display) -> String {
    format!("/{}/{id}/edit", kind.info().path)
}

/// A path with query parameters; empty values are left out.
pub fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let query = encode(pairs);
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Query or form encoding; pairs with an empty value are left out.
pub fn encode(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(&escape(name));
        text.push('=');
        text.push_str(&escape(value));
    }
    text
}

/// One part of a path or query.
pub fn escape(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}
