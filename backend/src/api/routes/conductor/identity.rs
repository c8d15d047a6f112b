//! Who there is, and who may do what.

use binnacle_shared::Kind;
use binnacle_shared::model::conductor::permission::Permission as P;
use binnacle_shared::model::conductor::role_permission::RolePermission;
use binnacle_shared::model::conductor::tenant::Tenant;
use binnacle_shared::model::conductor::token::Token;
use binnacle_shared::model::conductor::user::User;
use binnacle_shared::model::conductor::user_group::UserGroup;

use crate::api::conductor::caller::{Entry, TenantFrom};
use crate::api::conductor::{memberships, permissions, tenants, tokens, user_groups, users};
use crate::api::context::Access;
use crate::api::routes::{Route, anywhere, delete, get, patch, post, put};

/// What is in the place of a number when everything is asked for.
const GET_DATA: (&str, &str) = ("_get_data", "`true` for names and roles instead of numbers.");
const INCLUDE_HASH: (&str, &str) =
    ("_include_hash", "`true` for the hash of the password as well; needs `get_password_hash`.");

/// A permission in the tenant that the path ends with.
const fn in_path(permission: P) -> Access {
    Access::Conductor(Entry { permission: Some(permission), tenant: TenantFrom::Path })
}

/// The handler looks at what the body names.
const BY_BODY: Access = Access::Conductor(Entry { permission: None, tenant: TenantFrom::Body });

/// Whoever is signed in; the handler asks for more.
const SIGNED_IN: Access = Access::Conductor(Entry { permission: None, tenant: TenantFrom::Optional });

fn with_data(route: Route) -> Route {
    route.query(GET_DATA.0, GET_DATA.1)
}

pub fn tenants() -> Vec<Route> {
    let rows = vec![
        get("/tenants", anywhere(P::TenantList), tenants::index)
            .about("Lists tenants: those one is a member of, for administrators all.")
            .items_of::<Tenant>(Kind::Tenant),
        put("/tenants/users", BY_BODY, memberships::add_user)
            .about("Makes a user a member of a tenant.")
            .takes::<memberships::TenantUserBody>()
            .answers::<Tenant>(200)
            .includes()
            .refuses(&[404, 409]),
        patch("/tenants/users", BY_BODY, memberships::update_user)
            .about("Gives a user another role in a tenant.")
            .takes::<memberships::TenantUserBody>()
            .answers::<Tenant>(200)
            .includes()
            .refuses(&[404]),
        delete("/tenants/users", BY_BODY, memberships::remove_user)
            .about("Takes a user out of a tenant.")
            .takes::<memberships::TenantUserBody>()
            .answers_nothing(204)
            .refuses(&[400, 404]),
        put("/tenants/user-groups", BY_BODY, memberships::add_group)
            .about("Puts a user group into a tenant.")
            .takes::<memberships::TenantGroupBody>()
            .answers::<Tenant>(200)
            .includes()
            .refuses(&[404, 409]),
        patch("/tenants/user-groups", BY_BODY, memberships::update_group)
            .about("Gives a user group another role in a tenant.")
            .takes::<memberships::TenantGroupBody>()
            .answers::<Tenant>(200)
            .includes()
            .refuses(&[404]),
        delete("/tenants/user-groups", BY_BODY, memberships::remove_group)
            .about("Takes a user group out of a tenant.")
            .takes::<memberships::TenantGroupBody>()
            .answers_nothing(204)
            .refuses(&[400, 404]),
        get("/tenants/{name}", in_path(P::TenantGet), tenants::read)
            .about("Gives a tenant.")
            .answers::<Tenant>(200)
            .includes()
            .refuses(&[404]),
        post("/tenants/{name}", anywhere(P::TenantCreate), tenants::create)
            .about("Makes a tenant, with nobody in it.")
            .takes::<tenants::NewTenantBody>()
            .answers::<Tenant>(201)
            .includes()
            .refuses(&[409]),
        delete("/tenants/{name}", in_path(P::TenantDelete), tenants::remove)
            .about("Removes a tenant in which there is nothing and nobody.")
            .answers_nothing(204)
            .refuses(&[400, 404, 409]),
    ];
    rows.into_iter().map(with_data).collect()
}

pub fn users() -> Vec<Route> {
    let rows = vec![
        get("/users", anywhere(P::UserList), users::index).about("Lists users.").items_of::<User>(Kind::User),
        put("/users", anywhere(P::UserCreate), users::create)
            .about("Makes a user, who can sign in and is in no tenant.")
            .takes::<users::NewUserBody>()
            .answers::<User>(201)
            .includes()
            .refuses(&[409]),
        get("/user", anywhere(P::UserGetSelf), users::myself)
            .about("Gives the user who asks.")
            .answers::<User>(200)
            .includes(),
        get("/users/{username}", anywhere(P::UserGet), users::read)
            .about("Gives a user.")
            .answers::<User>(200)
            .includes()
            .refuses(&[404]),
        post("/users/{username}", SIGNED_IN, users::update)
            .about("Changes a user's password, role or settings; everybody their own, but for the role.")
            .takes::<users::UserChangeBody>()
            .answers::<User>(200)
            .includes()
            .refuses(&[404]),
        post("/users/active/{username}", anywhere(P::UserSetActivated), users::set_active)
            .about("Locks a user out, at once, or lets them in again.")
            .takes::<users::ActivationBody>()
            .answers::<User>(200)
            .includes()
            .refuses(&[404, 409]),
        post("/users/unlock/{username}", anywhere(P::UserUnlock), users::unlock)
            .about("Forgets the wrong passwords that locked a user out.")
            .answers::<User>(200)
            .includes()
            .refuses(&[404]),
    ];
    let mut rows: Vec<Route> =
        rows.into_iter().map(|row| with_data(row).query(INCLUDE_HASH.0, INCLUDE_HASH.1)).collect();
    let removal = delete("/users/{username}", anywhere(P::UserDelete), users::remove)
        .about("Removes a user who is in no tenant and no group, and made nothing that is still there.")
        .answers_nothing(204)
        .refuses(&[400, 404, 409]);
    rows.push(removal);
    rows
}

pub fn user_groups() -> Vec<Route> {
    let rows = vec![
        get("/user-groups", anywhere(P::UserGroupList), user_groups::index)
            .about("Lists user groups.")
            .items_of::<UserGroup>(Kind::UserGroup),
        post("/user-groups", anywhere(P::UserGroupCreate), user_groups::create)
            .about("Makes a user group, with nobody in it.")
            .takes::<user_groups::NewGroupBody>()
            .answers::<UserGroup>(201)
            .includes()
            .refuses(&[409]),
        put("/user-groups/users", anywhere(P::UserGroupAddUser), user_groups::add_user)
            .about("Puts a user into a group.")
            .takes::<user_groups::GroupMemberBody>()
            .answers::<UserGroup>(200)
            .includes()
            .refuses(&[404, 409]),
        delete("/user-groups/users", anywhere(P::UserGroupRemoveUser), user_groups::remove_user)
            .about("Takes a user out of a group.")
            .takes::<user_groups::GroupMemberBody>()
            .answers_nothing(204)
            .refuses(&[400, 404]),
        get("/user-groups/{name}", anywhere(P::UserGroupGet), user_groups::read)
            .about("Gives a user group.")
            .answers::<UserGroup>(200)
            .includes()
            .refuses(&[404]),
        post("/user-groups/{name}", anywhere(P::UserGroupUpdate), user_groups::set_role)
            .about("Says what a group's users are everywhere.")
            .takes::<user_groups::GroupRoleBody>()
            .answers::<UserGroup>(200)
            .includes()
            .refuses(&[404]),
        delete("/user-groups/{name}", anywhere(P::UserGroupDelete), user_groups::remove)
            .about("Removes a user group that is in no tenant.")
            .answers_nothing(204)
            .refuses(&[404, 409]),
    ];
    rows.into_iter().map(with_data).collect()
}

pub fn tokens() -> Vec<Route> {
    vec![
        get("/tokens", anywhere(P::ListToken), tokens::index)
            .about("Lists tokens, without their secrets: one's own, with `manage_others_tokens` all.")
            .items_of::<Token>(Kind::Token),
        post("/tokens", anywhere(P::CreateToken), tokens::create)
            .about("Makes a token of one's own. Its value is in this answer and in no other.")
            .takes::<tokens::NewTokenBody>()
            .answers::<Token>(200)
            .includes(),
        get("/tokens/{id}", anywhere(P::ListToken), tokens::read)
            .about("Gives a token, without its secret.")
            .answers::<Token>(200)
            .includes()
            .refuses(&[404]),
        delete("/tokens/{id}", anywhere(P::DeleteToken), tokens::remove)
            .about("Removes a token: it opens nothing any more.")
            .answers_nothing(204)
            .refuses(&[404]),
    ]
}

pub fn permissions() -> Vec<Route> {
    vec![
        get("/permissions", SIGNED_IN, permissions::index)
            .about("Lists which role holds which permission; for administrators.")
            .items_of::<RolePermission>(Kind::RolePermission),
        get("/permissions/{role}", SIGNED_IN, permissions::of_role)
            .about("Lists what a role holds; for administrators.")
            .items_of::<RolePermission>(Kind::RolePermission)
            .refuses(&[404]),
        get("/permissions/{role}/{permission}", SIGNED_IN, permissions::read)
            .about("Says that a role holds a permission; for administrators.")
            .answers::<RolePermission>(200)
            .includes()
            .refuses(&[404]),
        put("/permissions/{role}/{permission}", SIGNED_IN, permissions::grant)
            .about("Gives a role a permission, from now on; for administrators.")
            .answers::<RolePermission>(200)
            .includes()
            .refuses(&[404, 409]),
        delete("/permissions/{role}/{permission}", SIGNED_IN, permissions::revoke)
            .about("Takes a permission from a role, from now on; for administrators.")
            .answers_nothing(204)
            .refuses(&[404]),
    ]
}
