//! The rows of the Conductor API.

mod catalogue;
mod filters;
mod identity;
mod ldap;
mod secrets;
mod system;

use super::Route;

/// Every endpoint.
pub fn table() -> Vec<Route> {
    let areas = [
        ("Sites", catalogue::sites()),
        ("Filters", filters::filters()),
        ("Labels", filters::labels()),
        ("Secrets", secrets::secrets()),
        ("Secrets providers", secrets::providers()),
        ("LDAP", ldap::rows()),
        ("Status", system::status()),
        ("Nodes", system::nodes()),
        ("Settings", system::settings()),
        ("License", system::license()),
        ("Audit log", system::audit()),
        ("Tenants", identity::tenants()),
        ("Users", identity::users()),
        ("User groups", identity::user_groups()),
        ("Tokens", identity::tokens()),
        ("Permissions", identity::permissions()),
    ];
    let of = |area, row| Route { area, is_conductor: true, ..row };
    areas.into_iter().flat_map(|(area, rows)| rows.into_iter().map(move |row| of(area, row))).collect()
}
