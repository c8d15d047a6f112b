//! Which server the console speaks with. Its own, unless `config.json` named another: then it sends
//! a token in a header, since browsers keep our cookie from requests across origins.

use leptos::prelude::{document, window};

const TOKEN: &str = "binnacle.token";

/// The server of `config.json`, which `boot.js` has read and checked.
fn other() -> Option<String> {
    document().document_element()?.get_attribute("data-api")
}

/// Whether it is another server than the console came from.
pub fn is_other() -> bool {
    other().is_some()
}

/// Scheme, host and port of the server: for people, who send requests from elsewhere.
pub fn origin() -> String {
    other().unwrap_or_else(|| window().location().origin().unwrap_or_default())
}

/// The address of a path of the API.
pub fn address(path: &str) -> String {
    other().unwrap_or_default() + path
}

/// The token for the other server. It ends with the tab, and no request carries it by itself.
pub fn token() -> Option<String> {
    window().session_storage().ok()??.get_item(TOKEN).ok()?.filter(|_| is_other())
}

/// Keeps the token, or forgets it. Where storage is refused a reload asks for the password again.
pub fn set_token(token: Option<&str>) {
    if let Ok(Some(storage)) = window().session_storage()
        && is_other()
    {
        let _ = match token {
            Some(token) => storage.set_item(TOKEN, token),
            None => storage.remove_item(TOKEN),
        };
    }
}
