//! Actions that only the legacy query API has.

use gloo_net::http::Method;
use serde::de::DeserializeOwned;

use super::ApiError;
use super::client::{FORM, decode, exchange};
use crate::paths;

const VERSION: &str = "2011-08-01";

/// Where an action is sent.
pub fn url(action: &str) -> String {
    paths::with_query("/api/", &[("action", action), ("version", VERSION)])
}

/// An action that only reads: parameters in the address.
pub async fn read<T: DeserializeOwned>(action: &str, parameters: &[(&str, &str)]) -> Result<T, ApiError> {
    let query = paths::encode(parameters);
    let url = if query.is_empty() { url(action) } else { format!("{}&{query}", url(action)) };
    decode(&exchange(Method::GET, url, None).await?)
}

/// An action that changes something: parameters as a form body. Lists are numbered:
/// `computer_ids.1=4&computer_ids.2=7`, see [`numbered`].
pub async fn act<T: DeserializeOwned>(action: &str, parameters: &[(&str, &str)]) -> Result<T, ApiError> {
    let body = paths::encode(parameters);
    decode(&exchange(Method::POST, url(action), Some((FORM, body))).await?)
}

/// A list as the legacy API writes it.
pub fn numbered<T: std::fmt::Display>(name: &str, items: &[T]) -> Vec<(String, String)> {
    items.iter().enumerate().map(|(index, item)| (format!("{name}.{}", index + 1), item.to_string())).collect()
}

/// Borrows owned pairs for [`act`].
pub fn borrow(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
