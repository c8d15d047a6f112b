//! Tokens: what programs sign in with. The value is shown once, when it is made.

use std::cell::RefCell;

use binnacle_shared::Kind;
use binnacle_shared::field::{Field, FormUse, Widget};
use binnacle_shared::model::conductor::token;
use gloo_net::http::Method;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::common::{guarded, list, may, only, path, path_of, text};
use crate::api::conductor;
use crate::components::{Note, Sample, Tone};
use crate::paths;
use crate::shells::list::id_of;
use crate::shells::{Bulk, FormPage, FormSpec, ListPage, Sent, use_form};

const KIND: Kind = Kind::Token;

thread_local! {
    /// The token that was made last. Only the answer to its making has the value.
    static MADE: RefCell<Option<Value>> = const { RefCell::new(None) };
}

const FIELDS: &[Field] = &[
    Field::new("description", "What it is for", Widget::Text)
        .help("For example the name of a script or a machine.")
        .form(FormUse::optional("Token")),
    Field::new("expiration_date", "Expires", Widget::DateTime)
        .help("From then on it is refused; without a time it stays until it is revoked.")
        .form(FormUse::optional("Token")),
];

/// `/tokens`
#[component]
pub fn TokensPage() -> impl IntoView {
    let made = RwSignal::new(MADE.take());
    let revoke = Bulk::new(
        "Revoke",
        "Revoking",
        "revoked",
        "Programs that use them are refused from now on. This cannot be undone.",
        |id: String| async move { conductor::send(Method::DELETE, &path_of(KIND, &id), &()).await.map(drop) },
    );
    let listed = list(&token::KIND);
    let listed = if untrack(|| may("delete_token")) { listed.bulk(revoke.danger()) } else { listed };
    let spec = listed
        .link(|row| paths::with_query(&paths::list(KIND), &[("row", &id_of(row))]))
        .create("Create token", paths::create(KIND));
    let above = move || {
        let value = text(&made.get()?, "value");
        Some(view! {
            <div class="above">
                <Note tone=Tone::Ok>"Keep the token now: it is not shown again. Whoever has it may do what you may."</Note>
                <Sample title="Token" text=value/>
            </div>
        })
    };
    view! { <ListPage spec=spec above=above/> }
}

/// `/tokens/create`
#[component]
pub fn CreateToken() -> impl IntoView {
    guarded("create_token", || {
        let sent = |body: &Value| (path(KIND).to_owned(), only(body, &["description", "expiration_date"]));
        let spec = FormSpec::named(
            KIND,
            FIELDS,
            None,
            json!({}),
            |_| binnacle_shared::Problems::default(),
            move |body| async move {
                let (path, sent) = sent(&body);
                let made = conductor::change(Method::POST, &path, &sent).await?;
                MADE.set(Some(made));
                Ok(paths::list(KIND))
            },
        )
        .sent(Sent::conductor("POST", sent))
        .verb("Create token");
        view! { <FormPage form=use_form(spec) crumb=(KIND.outline().plural, paths::list(KIND)) title="Create token"/> }
    })
}
