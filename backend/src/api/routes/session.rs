//! Who one is, and what a client asks before anybody is logged in.

use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::person::{AuthState, Login};
use binnacle_shared::model::landscape::session::{
    AccessKey, Credentials, IssuedAccessKey, Myself, MyselfPatch, NewAccessKey, PasswordChange, Revoked,
    Session as SessionInfo,
};
use binnacle_shared::permission::Permission;

use super::{Route, delete, get, patch, post, put};
use crate::api::context::Access::{Needs, Public, Session};
use crate::api::landscape::about::{About, Feature, NoProviders};
use crate::api::landscape::login::AccessKeyLogin;
use crate::api::landscape::{about, account, credentials, login, person, sessions, tokens};
use crate::operation::edit_preferences::{Preferences, PreferencesPatch};

pub fn rows() -> Vec<Route> {
    vec![
        post("/login", Public, login::login)
            .about("Logs in with a name or e-mail address and a password.")
            .takes::<Login>()
            .answers::<AuthState>(200)
            .refuses(&[401, 429]),
        post("/login/access-key", Public, login::login_with_access_key)
            .about("Logs in with an access key and its secret.")
            .takes::<AccessKeyLogin>()
            .answers::<AuthState>(200)
            .refuses(&[401, 429]),
        get("/login/methods", Public, login::methods)
            .about("Says in which ways one can log in here.")
            .answers::<login::Methods>(200),
        get("/me", Public, login::me)
            .about("Says who is logged in; an empty object if nobody is.")
            .answers::<login::Me>(200),
        post("/logout", Session, login::logout)
            .about("Ends the session, and the token that was given with it.")
            .answers_nothing(204),
        get("/about", Public, about::about).about("Says which program this is.").answers::<About>(200),
        get("/features", Public, about::features)
            .about("Lists the parts of the product that are there.")
            .answers::<Envelope<Feature>>(200),
        get("/standalone-account", Public, about::standalone_account)
            .about("Says whether this server has its account.")
            .answers::<about::StandaloneAccount>(200),
        post("/standalone-account", Public, about::create_standalone_account)
            .about("Refused: the server makes its account when it first starts.")
            .answers::<about::StandaloneAccount>(201)
            .refuses(&[400]),
        get("/auth/supported-providers", Session, about::providers)
            .about("Lists the providers that can sign people in; there are none.")
            .answers::<NoProviders>(200),
        get("/auth/oidc-providers", Session, about::providers)
            .about("Lists the OpenID Connect providers; there are none.")
            .answers::<NoProviders>(200),
        get("/auth/oidc-issuers", Session, about::providers)
            .about("Lists the OpenID Connect issuers; there are none.")
            .answers::<NoProviders>(200),
        get("/classic_dashboard_url", Session, about::classic_dashboard_url)
            .about("Says where the older dashboard is; there is none here.")
            .answers::<about::DashboardUrl>(200),
        post("/switch-account", Session, person::switch_account)
            .about("Gives a token for another account that one is a member of.")
            .takes::<person::SwitchAccount>()
            .answers::<person::Token>(200)
            .refuses(&[404]),
        get("/sessions", Session, sessions::list)
            .about("Lists one's own sessions, the one used last first.")
            .answers::<Envelope<SessionInfo>>(200)
            .query("limit", "At most this many.")
            .query("offset", "Leaves out this many at the start."),
        delete("/sessions/{id}", Session, sessions::end)
            .about("Ends one of one's own sessions, and the token that was given with it.")
            .answers_nothing(204),
        post("/sessions:revoke-others", Session, sessions::end_others)
            .about("Ends all of one's own sessions but the present one.")
            .answers::<Revoked>(200),
        post("/tokens/invalidate-me", Session, tokens::mine)
            .about("Ends all of one's own sessions and tokens, the present one too.")
            .answers_nothing(204),
        post("/tokens/invalidate-account", Needs(Permission::ManageAccount), tokens::of_account)
            .about("Ends all sessions and tokens of everybody in the account.")
            .answers_nothing(204),
        post("/tokens/invalidate-system", Needs(Permission::ManageAccount), tokens::of_everybody)
            .about("Ends all sessions and tokens of the server; for the first account only.")
            .answers_nothing(204),
        post("/tokens/invalidate-system/account/{name}", Needs(Permission::ManageAccount), tokens::of_account_named)
            .about("Ends all sessions and tokens of another account; for the first account only.")
            .answers_nothing(204)
            .refuses(&[404]),
        get("/person", Session, person::read).about("Reads one's own settings.").answers::<Myself>(200),
        post("/person", Session, person::edit)
            .about("Changes the settings that are sent of one's own.")
            .takes::<MyselfPatch>()
            .answers::<Myself>(200)
            .refuses(&[404, 409]),
        put("/password", Session, person::change_password)
            .about("Changes one's own password and ends one's other sessions.")
            .takes::<PasswordChange>()
            .answers_nothing(204)
            .refuses(&[403, 429]),
        get("/credentials", Session, credentials::read_pair)
            .about("Reads one's pair of API keys, its secret too.")
            .answers::<Credentials>(200),
        post("/credentials", Session, credentials::replace_pair)
            .about("Makes one's pair of API keys anew; the former ends at once.")
            .takes::<credentials::NewCredentials>()
            .answers::<Credentials>(200)
            .refuses(&[404]),
        get("/access-keys", Session, credentials::list)
            .about("Lists one's own access keys, the newest first, without their secrets.")
            .answers::<Envelope<AccessKey>>(200)
            .query("limit", "At most this many.")
            .query("offset", "Leaves out this many at the start."),
        post("/access-keys", Session, credentials::create)
            .about("Makes an access key. Only this answer holds its secret.")
            .takes::<NewAccessKey>()
            .answers::<IssuedAccessKey>(201),
        delete("/access-keys/{id}", Session, credentials::revoke)
            .about("Revokes one of one's own access keys.")
            .answers_nothing(204),
        get("/preferences", Needs(Permission::ManageAccount), account::read)
            .about("Reads the settings of the account.")
            .answers::<Preferences>(200),
        patch("/preferences", Needs(Permission::ManageAccount), account::edit)
            .about("Changes the settings of the account that are sent.")
            .takes::<PreferencesPatch>()
            .answers::<Preferences>(200),
    ]
}
