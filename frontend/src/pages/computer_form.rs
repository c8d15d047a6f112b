//! Changing what people say of a computer: title, access group, tags, comment.

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::computer::{self, Computer, ComputerPatch};
use leptos::prelude::*;
use serde_json::json;

use crate::api::{self, use_load};
use crate::components::{Failed, SkeletonRows};
use crate::paths;
use crate::route::use_params_map;
use crate::shells::{FormPage, FormSpec, Sent, use_form};

/// The form for a computer.
#[component]
pub fn EditComputer() -> impl IntoView {
    let params = use_params_map();
    let computer = use_load(
        move || params.with(|params| params.get("id")),
        |id| async move { api::get::<Computer>(&format!("computers/{id}")).await },
    );
    move || {
        match (computer.data.get(), computer.error.get()) {
        (Some(computer), _) => view! { <Edit computer=computer/> }.into_any(),
        (None, Some(error)) => {
            view! { <Failed page=true title="The computer could not be loaded" error=error retry=move |()| computer.reload()/> }.into_any()
        }
        (None, None) => computer.slow.get().then(|| view! { <SkeletonRows rows=4/> }).into_any(),
    }
    }
}

#[component]
fn Edit(computer: Computer) -> impl IntoView {
    let id = computer.id;
    let title = format!("Edit {}", computer.title);
    let initial = json!({
        "title": computer.title,
        "access_group": computer.access_group,
        "tags": computer.tags,
        "comment": computer.comment,
    });
    let spec = FormSpec::new(
        Kind::Computer,
        computer::KIND.fields,
        Some(id),
        initial,
        |body| ComputerPatch::parse(body).err().unwrap_or_default(),
        move |body| async move {
            let computer: Computer = api::put(&format!("computers/{id}"), &body).await?;
            Ok(paths::detail(Kind::Computer, computer.id))
        },
    )
    .sent(Sent::json("PUT", format!("computers/{id}")))
    .verb("Save computer");
    view! {
        <FormPage form=use_form(spec) crumb=(Kind::Computer.outline().plural, paths::list(Kind::Computer)) title=title/>
    }
}
