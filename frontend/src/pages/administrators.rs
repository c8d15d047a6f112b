//! Administrators: the people who may sign in, their roles, and inviting others.

use std::cell::RefCell;

use binnacle_shared::Kind;
use binnacle_shared::model::landscape::administrator::{self, Administrator, RolesOfPerson};
use binnacle_shared::model::landscape::invitation::{self, Invitation, NewInvitation};
use binnacle_shared::permission::Permission;
use gloo_net::http::Method;
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::api::{self, ApiError, legacy, use_load};
use crate::components::{Failed, Note, Sample, SkeletonRows, Tone};
use crate::paths;
use crate::route::use_params_map;
use crate::session::use_session;
use crate::shells::list::{Priority, Rows, id_of};
use crate::shells::{Bulk, FormPage, FormSpec, ListPage, ListSpec, Segment, Sent, use_form};

const KIND: Kind = Kind::Administrator;
const INVITATION: Kind = Kind::Invitation;

thread_local! {
    /// The end of the link that was made last. Only the answer to its making has it, so it is
    /// shown once, on the page that one comes to then.
    static MADE: RefCell<Option<Invitation>> = const { RefCell::new(None) };
}

/// `/administrators`
#[component]
pub fn AdministratorsPage() -> impl IntoView {
    let session = use_session();
    let disable = Bulk::new(
        "Disable",
        "Disabling",
        "disabled",
        "They are signed out at once and cannot sign in any more. What they made stays.",
        |id: String| async move {
            let person: Administrator = api::get(&format!("administrators/{id}")).await?;
            legacy::act::<Value>("DisableAdministrator", &[("email", &person.email)]).await.map(drop)
        },
    );
    let mut spec = ListSpec::new(&administrator::KIND)
        .segments(
            "state",
            vec![Segment::new("", "Active"), Segment::new("disabled", "Disabled"), Segment::new("all", "All")],
        )
        .priority("email", Priority::Middle)
        .link(|row| paths::edit(KIND, id_of(row)));
    if session.may(Permission::ManageAccount) {
        spec = spec.bulk(disable.danger()).create("Invite administrator", paths::create(INVITATION));
    }
    let invitations = move || {
        session
            .may(INVITATION.outline().view)
            .then(|| view! { <a class="btn" href=paths::list(INVITATION)>"Invitations"</a> })
    };
    view! { <ListPage spec=spec actions=invitations/> }
}

/// `/administrators/5/edit`
#[component]
pub fn EditAdministrator() -> impl IntoView {
    let params = use_params_map();
    let person = use_load(
        move || params.with(|params| params.get("id")),
        |id| async move { api::get::<Administrator>(&format!("administrators/{id}")).await },
    );
    move || {
        match (person.data.get(), person.error.get()) {
        (Some(person), _) => edit(&person),
        (None, Some(error)) => {
            view! { <Failed page=true title="The administrator could not be loaded" error=error retry=move |()| person.reload()/> }.into_any()
        }
        (None, None) => person.slow.get().then(|| view! { <SkeletonRows rows=4/> }).into_any(),
    }
    }
}

fn edit(person: &Administrator) -> AnyView {
    let id = person.id;
    let spec = FormSpec::new(
        KIND,
        administrator::KIND.fields,
        Some(id),
        json!({ "roles": person.roles }),
        |body| RolesOfPerson::parse(body).err().unwrap_or_default(),
        move |body| async move {
            let _: Administrator = api::put(&format!("administrators/{id}"), &body).await?;
            Ok(paths::list(KIND))
        },
    )
    .sent(Sent::json("PUT", format!("administrators/{id}")))
    .cancel(paths::list(KIND))
    .verb("Save roles");
    let title = format!("Roles of {}", person.name);
    view! { <FormPage form=use_form(spec) crumb=(KIND.outline().plural, paths::list(KIND)) title=title/> }.into_any()
}

/// `/invitations`
#[component]
pub fn InvitationsPage() -> impl IntoView {
    let rows = RwSignal::new(None::<Rows>);
    let made = RwSignal::new(MADE.take());
    let withdraw = Bulk::new(
        "Withdraw",
        "Withdrawing",
        "withdrawn",
        "Their links open nothing any more.",
        |id: String| async move { api::send(Method::DELETE, &format!("invitations/{id}"), &()).await.map(drop) },
    );
    let renew = Bulk::new(
        "Make a new link",
        "Making a link",
        "renewed",
        "The link from before opens nothing any more.",
        move |id: String| async move {
            let fresh: Invitation = api::post(&format!("invitations/{id}"), &()).await?;
            made.try_set(Some(fresh));
            Ok::<(), ApiError>(())
        },
    );
    let spec = ListSpec::new(&invitation::KIND)
        .bulk(renew)
        .bulk(withdraw.danger())
        .link(|row| paths::with_query(&paths::list(INVITATION), &[("row", &id_of(row))]))
        .create("Invite administrator", paths::create(INVITATION));
    let link = move || {
        let invitation = made.get()?;
        let secure_id = invitation.secure_id?;
        let origin = window().location().origin().unwrap_or_default();
        let text = format!("{origin}{}", paths::invitation(&secure_id));
        Some(view! {
            <div class="above">
                <Note tone=Tone::Ok>
                    "Send this link to "{invitation.email}". It is shown only now; whoever has it can accept the invitation."
                </Note>
                <Sample title="Link" text=text/>
            </div>
        })
    };
    let people = move || {
        use_session()
            .may(KIND.outline().view)
            .then(|| view! { <a class="btn" href=paths::list(KIND)>"Administrators"</a> })
    };
    view! { <ListPage spec=spec handle=rows above=link actions=people/> }
}

/// `/invitations/create`
#[component]
pub fn CreateInvitation() -> impl IntoView {
    let spec = FormSpec::new(
        INVITATION,
        invitation::KIND.fields,
        None,
        json!({ "roles": [] }),
        |body| NewInvitation::parse(body).err().unwrap_or_default(),
        |body| async move {
            let made: Invitation = api::post("invitations", &body).await?;
            MADE.set(Some(made));
            Ok(paths::list(INVITATION))
        },
    )
    .sent(Sent::json("POST", "invitations"))
    .verb("Invite administrator");
    view! {
        <FormPage form=use_form(spec) crumb=(INVITATION.outline().plural, paths::list(INVITATION)) title="Invite administrator"/>
    }
}
