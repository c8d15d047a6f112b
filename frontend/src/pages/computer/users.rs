//! The users of a computer's system at the left, the chosen one with its groups at the right.

use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::computer::{SystemGroups, SystemUser};
use leptos::prelude::*;

use crate::api::{self, use_load};
use crate::components::{Empty, Failed, SkeletonRows, Status, TagList, Tone};
use crate::go::use_url;
use crate::icons::Glyph;
use crate::react::memo;
use crate::shells::{Fact, Facts, Split};

/// Systems have hundreds of users at most; the API gives that many at once.
const ALL: &str = "1000";

/// `?user=name` chooses one.
#[component]
pub fn Users(id: i64) -> impl IntoView {
    let url = use_url();
    let users = use_load(
        move || Some(id),
        |id| async move {
            let all: Envelope<SystemUser> = api::list(&format!("computers/{id}/users"), &[("limit", ALL)]).await?;
            Ok(all.results)
        },
    );
    let wanted = memo(move || url.get("user"));
    let shown = memo(move || {
        users.data.with(|all| {
            let all = all.as_ref()?;
            let wanted = wanted.get();
            all.iter().find(|user| Some(&user.username) == wanted.as_ref()).or_else(|| all.first()).cloned()
        })
    });
    let some = memo(move || users.data.with(|all| all.as_ref().map(|all| !all.is_empty())));
    let current = memo(move || shown.with(|user| user.as_ref().map(|user| user.username.clone())));
    let lines = move || users.data.get().unwrap_or_default().into_iter().map(|user| line(user, current)).collect_view();
    move || {
        match (some.get(), users.error.get()) {
        (_, Some(error)) => {
            view! { <Failed title="The users could not be loaded" error=error retry=move |()| users.reload()/> }.into_any()
        }
        (Some(false), None) => view! {
            <Empty glyph=Glyph::People title="No users known" text="The agent has not reported the users of this system yet. It does so with its next contact."/>
        }
        .into_any(),
        (None, None) => users.slow.get().then(|| view! { <SkeletonRows rows=6/> }).into_any(),
        (Some(true), None) => view! {
            <Split chosen=Signal::derive(move || wanted.get().is_some()) back=Signal::derive(move || url.with(&[("user", "")]))
                back_label="Users"
                left=Box::new(move || view! { <nav class="rows scroll" aria-label="Users">{lines}</nav> }.into_any())>
                {move || shown.get().map(|user| view! { <User id=id user=user/> })}
            </Split>
        }
        .into_any(),
    }
    }
}

fn line(user: SystemUser, current: Memo<Option<String>>) -> impl IntoView {
    let url = use_url();
    let name = StoredValue::new(user.username.clone());
    let href = move || name.with_value(|name| url.with(&[("user", name)]));
    let here = move || name.with_value(|name| current.get().as_ref() == Some(name)).then_some("true");
    let locked = (!user.enabled).then(|| view! { <Status tone=Tone::Off word="Locked"/> });
    view! {
        <a class="line" href=href aria-current=here>
            <span class="strong">{user.username}</span>
            <span class="muted cut">{user.name.unwrap_or_default()}</span>
            <span class="end row">{locked}<span class="muted">{user.uid}</span></span>
        </a>
    }
}

#[component]
fn User(id: i64, user: SystemUser) -> impl IntoView {
    let name = user.username.clone();
    let groups = use_load(
        move || Some(name.clone()),
        move |name| async move {
            let name = crate::paths::escape(&name);
            let found: SystemGroups = api::get(&format!("computers/{id}/users/{name}/groups")).await?;
            Ok(found.groups.into_iter().map(|group| group.name).collect::<Vec<_>>())
        },
    );
    let groups = move || match (groups.data.get(), groups.error.get()) {
        (Some(names), _) if names.is_empty() => view! { <span class="muted">"none"</span> }.into_any(),
        (Some(names), _) => view! { <TagList tags=names/> }.into_any(),
        (None, Some(error)) => error.message.into_any(),
        (None, None) => ().into_any(),
    };
    let login = if user.enabled {
        view! { <Status tone=Tone::Ok word="Can log in"/> }
    } else {
        view! { <Status tone=Tone::Off word="Locked"/> }
    };
    let primary = match (user.primary_groupname, user.primary_gid) {
        (Some(name), Some(number)) => format!("{name} ({number})"),
        (Some(name), None) => name,
        (None, Some(number)) => number.to_string(),
        (None, None) => "–".to_owned(),
    };
    let mut facts = vec![
        Fact::new("Log in", login),
        Fact::new("User ID", view! { <code>{user.uid}</code> }),
        Fact::new("Primary group", primary),
        Fact::new("Groups", groups),
    ];
    let texts = [
        ("Full name", user.name),
        ("Location", user.location),
        ("Home phone", user.home_phone),
        ("Work phone", user.work_phone),
    ];
    facts.extend(
        texts.into_iter().filter_map(|(label, text)| Some(Fact::new(label, text.filter(|text| !text.is_empty())?))),
    );
    view! { <div class="panel scroll"><h2>{user.username}</h2><Facts facts=facts/></div> }
}
