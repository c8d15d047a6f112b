//! Who administers the account, and what they did.

use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::administrator::{Administrator, RolesOfPerson};
use binnacle_shared::model::landscape::event::Event;
use binnacle_shared::model::landscape::invitation::{
    Acceptance, Invitation, InvitationSummary, NewInvitation, Rejection,
};
use binnacle_shared::model::landscape::person::AuthState;
use binnacle_shared::model::landscape::role::{NewRole, PermissionInfo, Role, RolePatch};

use super::{Route, delete, get, manage, patch, post, put, view};
use crate::api::context::Access::Public;
use crate::api::landscape::{administrators, events, invitations, roles};

pub fn rows() -> Vec<Route> {
    let rows = [roles(), administrators(), invitations(), events()];
    rows.into_iter().flatten().collect()
}

fn roles() -> Vec<Route> {
    vec![
        get("/permissions", view(Kind::Role), roles::permissions)
            .about("Lists all permissions that a role can give.")
            .answers::<Envelope<PermissionInfo>>(200),
        get("/roles", view(Kind::Role), roles::list).about("Lists roles.").list_of::<Role>(Kind::Role),
        get("/roles/{id}", view(Kind::Role), roles::read).about("Reads a role.").answers::<Role>(200),
        post("/roles", manage(Kind::Role), roles::create)
            .about("Makes a role, with permissions that the caller holds.")
            .takes::<NewRole>()
            .answers::<Role>(201)
            .refuses(&[404, 409]),
        patch("/roles/{id}", manage(Kind::Role), roles::edit)
            .about("Changes the fields of a role that are sent.")
            .takes::<RolePatch>()
            .answers::<Role>(200),
        delete("/roles/{id}", manage(Kind::Role), roles::remove)
            .about("Removes a role, from its people too.")
            .answers_nothing(204)
            .refuses(&[400]),
    ]
}

fn administrators() -> Vec<Route> {
    vec![
        get("/administrators", view(Kind::Administrator), administrators::list)
            .about("Lists the people of the account.")
            .list_of::<Administrator>(Kind::Administrator)
            .query("state", "`active` (default): who may log in; `disabled`: who is locked out; `all`."),
        get("/administrators/{id}", view(Kind::Administrator), administrators::read)
            .about("Reads an administrator.")
            .answers::<Administrator>(200),
        put("/administrators/{id}", manage(Kind::Administrator), administrators::set_roles)
            .about("Gives somebody exactly the roles that are sent.")
            .takes::<RolesOfPerson>()
            .answers::<Administrator>(200),
    ]
}

fn invitations() -> Vec<Route> {
    vec![
        get("/invitations", view(Kind::Invitation), invitations::list)
            .about("Lists the invitations that can still be accepted.")
            .list_of::<Invitation>(Kind::Invitation),
        post("/invitations", manage(Kind::Invitation), invitations::create)
            .about("Invites somebody; the answer alone holds the end of the link.")
            .takes::<NewInvitation>()
            .answers::<Invitation>(201)
            .refuses(&[404]),
        get("/invitations/{id}", view(Kind::Invitation), invitations::read)
            .about("Reads an invitation.")
            .answers::<Invitation>(200),
        post("/invitations/{id}", manage(Kind::Invitation), invitations::renew)
            .about("Makes a new link of an invitation; the one before opens nothing any more.")
            .answers::<Invitation>(200),
        delete("/invitations/{id}", manage(Kind::Invitation), invitations::remove)
            .about("Takes an invitation back.")
            .answers_nothing(204),
        get("/invitations/{secure_id}/summary", Public, invitations::summary)
            .about("Says who is invited where, to whoever has the link.")
            .answers::<InvitationSummary>(200)
            .refuses(&[404]),
        post("/accept-invitation", Public, invitations::accept)
            .about("Makes an administrator of whoever has the link, and logs them in.")
            .takes::<Acceptance>()
            .answers::<AuthState>(200)
            .refuses(&[404, 409]),
        post("/reject-invitation", Public, invitations::reject)
            .about("Declines an invitation, which is gone then.")
            .takes::<Rejection>()
            .answers_nothing(204)
            .refuses(&[404]),
    ]
}

fn events() -> Vec<Route> {
    vec![
        get("/events", view(Kind::Event), events::list)
            .about("Lists what people did, the newest first.")
            .list_of::<Event>(Kind::Event)
            .query("days", "Only what is at most so many days old."),
    ]
}
