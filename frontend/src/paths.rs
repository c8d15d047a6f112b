//! Every link of the console is built here, so that a moved page breaks in one place.

use binnacle_shared::Kind;

/// Where one lands after signing in.
pub const HOME: &str = "/computers";

/// Whether the console has pages for a kind. Navigation, palette and links ask this.
pub const fn has_page(kind: Kind) -> bool {
    kind.outline().nav.is_some()
}

/// Whether people make things of a kind in the console.
pub const fn can_create(kind: Kind) -> bool {
    kind.outline().is_record
        || matches!(
            kind,
            Kind::Script
                | Kind::ScriptProfile
                | Kind::AccessGroup
                | Kind::Role
                | Kind::Site
                | Kind::DeploymentFilter
                | Kind::BlueprintFilter
                | Kind::Secret
                | Kind::SecretsProvider
                | Kind::Tenant
                | Kind::User
                | Kind::UserGroup
                | Kind::Token
        )
}

/// One's own sessions, access keys and password.
pub const ACCOUNT: &str = "/account";

/// The settings of the account.
pub const SETTINGS: &str = "/settings";

/// What runs, its configuration, its license.
pub const SYSTEM: &str = "/system";

/// The license.
pub const LICENSE: &str = "/system?tab=license";

/// What the roles of the Conductor API may do.
pub const PERMISSIONS: &str = "/permissions";

/// The directory that people sign in through.
pub const DIRECTORY: &str = "/ldap";

/// Where the address of an invitation begins; its end is secret.
pub const INVITATION: &str = "/accept-invitation/";

/// What somebody who is invited opens.
pub fn invitation(secure_id: &str) -> String {
    format!("{INVITATION}{}", escape(secure_id))
}

/// The list of a kind.
pub fn list(kind: Kind) -> String {
    format!("/{}", kind.outline().path)
}

/// One thing.
pub fn detail(kind: Kind, id: impl std::fmt::Display) -> String {
    format!("/{}/{id}", kind.outline().path)
}

/// The form that makes a new one.
pub fn create(kind: Kind) -> String {
    format!("/{}/create", kind.outline().path)
}

/// The form that changes one.
pub fn edit(kind: Kind, id: impl std::fmt::Display) -> String {
    format!("/{}/{id}/edit", kind.outline().path)
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
