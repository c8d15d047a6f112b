//! Who is signed in, and what they may do.

use binnacle_shared::model::landscape::person::{AuthState, Login};
use binnacle_shared::registry::Need;
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError, client, server};
use crate::storage;

/// Where this browser keeps the tenant that was chosen last, by whomever: what a session is first
/// asked with.
const LAST_TENANT: &str = "tenant";

/// What is known of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The server has not said yet.
    Unknown,
    /// It could not be asked.
    Lost(ApiError),
    Out,
    In(Box<AuthState>),
}

/// The session; get it with [`use_session`].
#[derive(Clone, Copy, Debug)]
pub struct Session {
    pub state: RwSignal<State>,
}

/// Asks the server who one is; called once by the application.
pub fn provide_session() -> Session {
    let session = Session { state: RwSignal::new(State::Unknown) };
    provide_context(session);
    client::on_expired(move || session.forget());
    client::set_tenant(storage::read(LAST_TENANT));
    session.ask();
    session
}

/// The session that the application provides.
pub fn use_session() -> Session {
    use_context().unwrap_or_else(|| Session { state: RwSignal::new(State::Out) })
}

impl Session {
    /// Asks the server who one is.
    pub fn ask(self) {
        spawn_local(async move {
            match api::get::<AuthState>("me").await {
                Ok(who) => self.enter(who),
                // Status 200: signed out, for which the answer is an empty object.
                Err(error) if matches!(error.status, 200 | 401) => self.forget(),
                Err(error) => self.state.set(State::Lost(error)),
            }
        });
    }

    /// Notes who one is, and where. A choice of tenant that this person made before counts more
    /// than that of whoever used this browser last.
    fn enter(self, who: AuthState) {
        if server::is_other() {
            // Only the answer to a sign-in has one.
            if let Some(token) = &who.token {
                server::set_token(Some(token));
            }
        } else {
            client::set_csrf(who.csrf_token.clone());
        }
        let chosen = storage::read(&tenant_key(&who)).filter(|name| Some(name) != who.tenancy.tenant.as_ref());
        if chosen.is_some() && chosen != client::tenant() {
            client::set_tenant(chosen);
            return self.ask();
        }
        client::set_tenant(who.tenancy.tenant.clone());
        self.state.set(State::In(Box::new(who)));
    }

    /// Works in another tenant from now on, in this browser.
    pub fn switch(self, tenant: &str) {
        if let Some(who) = untrack(|| self.who()) {
            storage::write(&tenant_key(&who), tenant);
        }
        storage::write(LAST_TENANT, tenant);
        client::set_tenant(Some(tenant.to_owned()));
        self.ask();
    }

    /// The tenant that one works in, reactive.
    pub fn tenant(self) -> Option<String> {
        self.state.with(|state| match state {
            State::In(who) => who.tenancy.tenant.clone(),
            State::Unknown | State::Lost(_) | State::Out => None,
        })
    }

    fn forget(self) {
        client::set_csrf(None);
        server::set_token(None);
        self.state.set(State::Out);
    }

    /// Signs in with a user name or an email.
    pub async fn sign_in(self, identity: String, password: String) -> Result<(), ApiError> {
        let who = api::post("login", &Login { identity, password }).await?;
        self.enter(who);
        Ok(())
    }

    /// Ends the session; here even if the server cannot be told.
    pub fn sign_out(self) {
        spawn_local(async move {
            let _ = client::send(Method::POST, "logout", &()).await;
            self.forget();
        });
    }

    /// The person, while signed in.
    pub fn who(self) -> Option<AuthState> {
        self.state.with(|state| match state {
            State::In(who) => Some((**who).clone()),
            State::Unknown | State::Lost(_) | State::Out => None,
        })
    }

    /// Whether the person may do this. The server judges again.
    pub fn may(self, need: impl Into<Need>) -> bool {
        self.meets(need.into())
    }

    fn meets(self, need: Need) -> bool {
        self.state.with(|state| match (state, need) {
            (State::In(who), Need::Account(wanted)) => who.permissions.iter().any(|name| name == wanted.name()),
            // A role's name stands for what only those with the role may do.
            (State::In(who), Need::Conductor(wanted)) => {
                who.tenancy.permissions.iter().chain(&who.tenancy.roles).any(|name| name == wanted)
            }
            (State::Unknown | State::Lost(_) | State::Out, _) => false,
        })
    }

    /// A key for what is kept in this browser per person.
    pub fn storage_key(self) -> String {
        self.state.with_untracked(|state| match state {
            State::In(who) => format!("{}.{}", who.current_account, who.user.id),
            State::Unknown | State::Lost(_) | State::Out => "nobody".to_owned(),
        })
    }
}

/// Where this browser keeps the tenant that a person chose.
fn tenant_key(who: &AuthState) -> String {
    format!("{LAST_TENANT}.{}.{}", who.current_account, who.user.id)
}
