//! The directory that people sign in through.

use binnacle_shared::Kind;
use binnacle_shared::field::{Field, FormUse, Widget};
use binnacle_shared::model::conductor::ldap::{LdapConfig, NESTED_LEVELS_MAX};
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, Value, json};

use super::common::{first_fault, guarded, hands, text};
use crate::api::{ApiError, conductor, use_load};
use crate::components::{Ask, Failed, Note, SkeletonRows, Tone};
use crate::paths;
use crate::shells::{Form, FormPage, FormSpec, Sent, use_form};

const SERVER: &str = "Server";
const SEARCH: &str = "Where people and groups are";
const FORMATS: &str = "Formats and filters";
const ATTRIBUTES: &str = "Attributes";

const fn optional(name: &'static str, label: &'static str, group: &'static str) -> Field {
    Field::new(name, label, Widget::Mono).form(FormUse::optional(group))
}

const FIELDS: &[Field] = &[
    Field::new("ldap_server", "Address", Widget::Text)
        .help("ldap://host or ldaps://host, with a port if it is another than usual.")
        .form(FormUse::required(SERVER)),
    Field::new("ldap_ca_cert", "Certificate of the authority", Widget::TextArea)
        .help("In PEM; needed for ldaps.")
        .form(FormUse::optional(SERVER)),
    Field::new("ldap_is_active_directory", "It is an Active Directory", Widget::Switch)
        .help("Other defaults hold for formats, filters and attributes.")
        .form(FormUse::optional(SERVER)),
    optional("ldap_username", "Account for lookups", SERVER).help("Where people may not look themselves up."),
    Field::new("ldap_password", "Password of that account", Widget::Password)
        .help("It is stored encrypted and never shown again: enter it again with each change.")
        .form(FormUse::optional(SERVER)),
    optional("ldap_domain", "Domain", SEARCH).help("Such as example.org."),
    optional("ldap_base_dn", "Base DN", SEARCH).help("Below which people are searched; from the domain if empty."),
    optional("ldap_dn_extra", "Before the domain's DN", SEARCH).help("Such as ou=people."),
    optional("ldap_group_dn", "DN of groups", SEARCH),
    Field::new(
        "ldap_nested_levels",
        "Groups within groups",
        Widget::Number { unit: "levels", min: 1, max: NESTED_LEVELS_MAX },
    )
    .form(FormUse::optional(SEARCH)),
    optional("ldap_bind_format", "Who signs in", FORMATS)
        .help("With {username}, and {domain}, {domain_dn} or {base_dn}."),
    optional("ldap_user_filter", "Filter for a person", FORMATS),
    optional("ldap_group_member_filter", "Filter for the groups of a person", FORMATS),
    optional("ldap_attribute_uid", "User name", ATTRIBUTES),
    optional("ldap_attribute_email", "E-mail", ATTRIBUTES),
    optional("ldap_attribute_first_name", "First name", ATTRIBUTES),
    optional("ldap_attribute_last_name", "Last name", ATTRIBUTES),
    optional("ldap_attribute_group_membership", "Groups", ATTRIBUTES),
];

/// `/ldap`
#[component]
pub fn DirectoryPage() -> impl IntoView {
    guarded("ldap_set", || {
        let load = use_load(
            || Some(()),
            |()| async {
                let status: Value = conductor::get("ldap").await?;
                if status == "enabled" { conductor::get::<Value>("ldap/config").await.map(Some) } else { Ok(None) }
            },
        );
        let again = Callback::new(move |()| load.reload());
        move || match (load.data.get(), load.error.get()) {
            (Some(config), None) => form(config.as_ref(), again),
            (_, Some(error)) => {
                view! { <Failed page=true title="The directory could not be loaded" error=error retry=again/> }
                    .into_any()
            }
            (None, None) => load.slow.get().then(|| view! { <SkeletonRows rows=6/> }).into_any(),
        }
    })
}

/// Empty texts are left out.
fn sent(body: &Value, shown: bool) -> Value {
    let mut sent: Map<String, Value> = body.as_object().cloned().unwrap_or_default();
    sent.retain(|_, value| !value.is_null() && *value != "");
    if shown && sent.contains_key("ldap_password") {
        sent.insert("ldap_password".to_owned(), json!("…"));
    }
    Value::Object(sent)
}

fn form(config: Option<&Value>, again: Callback<()>) -> AnyView {
    let toasts = hands().toasts;
    let configured = config.is_some();
    let spec = FormSpec::named(
        Kind::User,
        FIELDS,
        None,
        config.cloned().unwrap_or_else(|| json!({})),
        |body| LdapConfig::parse(&sent(body, false)).err().unwrap_or_default(),
        move |body| async move {
            conductor::send(Method::POST, "ldap", &sent(&body, false)).await?;
            toasts.done("The directory answers; people sign in through it from now on");
            Ok(paths::list(Kind::User))
        },
    )
    .secret()
    .sent(Sent::conductor("POST", |body| ("ldap".to_owned(), sent(body, true))))
    .verb("Save directory");
    let form = use_form(spec);
    let side = move || view! { <State form=form configured=configured again=again/> };
    view! { <FormPage form=form crumb=(Kind::User.outline().plural, paths::list(Kind::User)) title="Directory" side=side/> }
        .into_any()
}

/// Whether it is in use, a test of what was entered, and the way back.
#[component]
fn State(form: Form, configured: bool, again: Callback<()>) -> impl IntoView {
    let hands = hands();
    let busy = RwSignal::new(false);
    let said = RwSignal::new(None::<Result<String, String>>);
    let test = move || {
        let fault = form.problems.with_untracked(|problems| first_fault(FIELDS, problems));
        if let Some(fault) = fault {
            return said.set(Some(Err(fault)));
        }
        let body = sent(&form.body.get_untracked(), false);
        busy.set(true);
        said.set(None);
        spawn_local(async move {
            let answer: Result<Value, ApiError> = conductor::change(Method::POST, "ldap/test", &body).await;
            busy.try_set(false);
            let answer = answer.map_err(|error| error.message).map(|answer| match text(&answer, "reached").as_str() {
                "account" => "It answers: the account for lookups signed in and sees the base DN.".to_owned(),
                _ => "It answers. Whether people can sign in is seen when somebody does.".to_owned(),
            });
            said.try_set(Some(answer));
        });
    };
    let remove = move || {
        let yes = move || {
            let work = async { conductor::send(Method::DELETE, "ldap", &()).await };
            hands.run(work, "People sign in with passwords of their own again", "The directory stays", again);
        };
        let ask = Ask::new(
            "Stop using the directory?",
            "People sign in with passwords of their own again; who has none cannot sign in. Sessions that were opened through it end.",
            "Remove directory",
            yes,
        );
        hands.confirm.ask(ask.danger());
    };
    view! {
        <section class="card panel stack">
            <h2>"Test"</h2>
            {if configured {
                view! { <Note tone=Tone::Ok>"People sign in through this directory."</Note> }
            } else {
                view! { <Note>"People sign in with passwords that are kept here."</Note> }
            }}
            <p class="help">"The test tries what was entered, and keeps nothing. Saving tests it too."</p>
            <div class="row">
                <button type="button" class="btn" disabled=move || busy.get() on:click=move |_| test()>"Test connection"</button>
                {configured.then(|| view! { <button type="button" class="btn danger" on:click=move |_| remove()>"Remove directory"</button> })}
            </div>
            <div aria-live="polite">{move || said.get().map(|said| match said {
                Ok(words) => view! { <Note tone=Tone::Ok>{words}</Note> },
                Err(words) => view! { <Note tone=Tone::Bad>{words}</Note> },
            })}</div>
        </section>
    }
}
