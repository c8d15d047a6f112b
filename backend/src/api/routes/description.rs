//! The API's description of itself.

use super::{Route, get};
use crate::api::context::Access::Public;
use crate::api::openapi::{self, page};

pub fn rows() -> Vec<Route> {
    let unchanged = |route: Route| route.answers_nothing(304);
    vec![
        unchanged(get("/openapi.json", Public, openapi::description))
            .about("Describes the API in OpenAPI 3.1.")
            .answers_with(200, "application/json"),
        unchanged(get("/docs", Public, page::html))
            .about("Shows the description as a page.")
            .answers_with(200, "text/html"),
        unchanged(get("/docs.js", Public, page::script))
            .about("The program of the page that shows the description.")
            .answers_with(200, "text/javascript"),
        unchanged(get("/docs.css", Public, page::style))
            .about("The style of the page that shows the description.")
            .answers_with(200, "text/css"),
    ]
}
