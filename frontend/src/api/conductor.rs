//! Requests to the Conductor API: its lists and errors have other forms than those of the v2 API.

use binnacle_shared::list::Envelope;
use gloo_net::http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::client::{self, CONDUCTOR, JSON, decode, exchange};
use super::load::Answer;
use super::{ApiError, get as get_v2};
use crate::{json, paths};

/// Reads one thing.
pub async fn get<T: DeserializeOwned>(path: &str) -> Result<T, ApiError> {
    decode(&request(Method::GET, path, None).await?)
}

/// Reads a part of a list; pairs with an empty value are left out.
pub async fn list(path: &str, query: &[(&str, &str)]) -> Result<Envelope<Value>, ApiError> {
    let answer: Value = get(&paths::with_query(path, query)).await?;
    Ok(envelope(answer))
}

/// Sends a JSON body and returns the answer as text. `&()` sends no body.
pub async fn send(method: Method, path: &str, body: &impl Serialize) -> Result<String, ApiError> {
    let body = match serde_json::to_value(body) {
        Ok(Value::Null) => None,
        Ok(value) => Some((JSON, json::text(&value))),
        Err(error) => return Err(ApiError::unreadable(0, &error.to_string())),
    };
    request(method, path, body).await
}

/// Sends a body and reads the thing that is answered.
pub async fn change(method: Method, path: &str, body: &Value) -> Result<Value, ApiError> {
    decode(&send(method, path, body).await?)
}

/// Sends a text as it is.
pub async fn upload(path: &str, text: String) -> Result<String, ApiError> {
    request(Method::PUT, path, Some(("application/octet-stream", text))).await
}

/// One request. Status 401 can mean that only administrators may do this: whether the session is
/// over is asked for.
async fn request(method: Method, path: &str, body: Option<(&'static str, String)>) -> Result<String, ApiError> {
    let answer = exchange(method, format!("{CONDUCTOR}{path}"), body).await;
    if answer.as_ref().is_err_and(|error| error.status == 401) {
        let me: Result<Value, _> = get_v2("me").await;
        if me.is_ok_and(|me| me.get("email").is_none()) {
            client::expired();
        }
    }
    answer
}

/// A page of a list as the v2 API has it.
fn envelope(mut answer: Value) -> Envelope<Value> {
    let total = answer.pointer("/metadata/pagination/total").and_then(Value::as_u64);
    let results = match answer.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    let count = total.unwrap_or(results.len() as u64);
    Envelope { count, results, next: None, previous: None }
}

/// Reads a part of a list that a list's shell asks for in the words of the v2 API.
pub fn part(path: String, query: String, limit: usize, offset: usize) -> Answer<Envelope<Value>> {
    Box::pin(async move {
        let address = format!("{path}?{}_size={limit}&_offset={offset}", translated(&query));
        get::<Value>(&address).await.map(envelope)
    })
}

/// Order, search and filters of the v2 API in the words of this one: several values with commas
/// between them are several parameters.
fn translated(query: &str) -> String {
    let mut text = String::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, several) = match name {
            "sort" => ("_sort", true),
            "search" => ("_search", false),
            _ => (name, !name.starts_with('_')),
        };
        // What was typed can hold commas; it was encoded, so those that separate are encoded too.
        for value in if several { value.split("%2C").collect() } else { vec![value] } {
            text.push_str(name);
            text.push('=');
            text.push_str(value);
            text.push('&');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{envelope, translated};

    #[test]
    fn questions_are_put_in_the_words_of_the_api() {
        assert_eq!(translated(""), "");
        assert_eq!(translated("sort=name%2C-created_at"), "_sort=name&_sort=-created_at&");
        assert_eq!(
            translated("search=a%2Cb&visibility=private%2Cglobal"),
            "_search=a%2Cb&visibility=private&visibility=global&"
        );
        assert_eq!(translated("_all_tenants=true"), "_all_tenants=true&");
    }

    #[test]
    fn a_page_is_read() {
        let page = envelope(
            json!({"items": [{"name": "a"}], "metadata": {"pagination": {"total": 7, "size": 1, "offset": 0}}}),
        );
        assert_eq!((page.count, page.results.len()), (7, 1));
        assert_eq!(envelope(json!({"items": [1, 2]})).count, 2);
        assert_eq!(envelope(json!({})).count, 0);
    }
}
