//! Invitations: how somebody becomes an administrator.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::body::Reader;
use crate::field::{Column, Field, FormUse, Widget};
use crate::permission::{Permission, Role};
use crate::problem::{Problems, Violation};
use crate::registry::{Family, Kind, KindInfo, Need};
use crate::rules;
use crate::time::Seconds;

/// An invitation that nobody has answered yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invitation {
    pub id: i64,
    /// Opens the invitation: the end of the link. Only in the answer to making it or sending it
    /// again, null later.
    pub secure_id: Option<String>,
    /// Name of the account.
    pub account: String,
    pub name: String,
    pub email: String,
    pub creation_time: Seconds,
    /// Ours: names of the roles that accepting it gives.
    pub roles: Vec<String>,
    /// Ours: the link is good until then.
    pub expiration_time: Seconds,
}

/// What the person who was invited is shown before they answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvitationSummary {
    pub account_title: String,
    pub secure_id: String,
    /// Ours: the name they were invited by.
    pub name: String,
    /// Ours: the address to log in with.
    pub email: String,
}

/// Somebody to be invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitation {
    pub name: String,
    pub email: String,
    /// Names of roles.
    pub roles: Vec<String>,
}

crate::body_schema!(NewInvitation, Kind::Invitation, Create);

impl NewInvitation {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let name = r.required("name");
        let name = r.check("name", name, rules::title);
        let address = r.required("email");
        let email = r.check("email", address, email);
        let roles = r.strings("roles", Ok).set().unwrap_or_else(default_roles);
        let problems = r.finish();
        match (name, email) {
            (Some(name), Some(email)) if problems.is_empty() => Ok(Self { name, email, roles }),
            _ => Err(problems),
        }
    }
}

/// The roles of an invitation that names none.
pub fn default_roles() -> Vec<String> {
    vec![Role::GlobalAdmin.name().to_owned()]
}

/// Body of `POST accept-invitation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Acceptance {
    /// The end of the link.
    pub invitation_id: String,
    /// What to be called, if it is not the name in the invitation.
    pub name: Option<String>,
    /// The password to log in with from now on.
    pub password: String,
}

impl Acceptance {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let invitation_id = r.required("invitation_id");
        let name = r.optional("name");
        let name = r.check("name", name, rules::title);
        let password = r.required("password");
        let problems = r.finish();
        match (invitation_id, password) {
            (Some(invitation_id), Some(password)) if problems.is_empty() => Ok(Self { invitation_id, name, password }),
            _ => Err(problems),
        }
    }
}

/// Body of `POST reject-invitation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rejection {
    /// The end of the link.
    pub invitation_id: String,
}

impl Rejection {
    pub fn parse(body: &Value) -> Result<Self, Problems> {
        let mut r = Reader::root(body)?;
        let invitation_id = r.required("invitation_id");
        let problems = r.finish();
        invitation_id.map(|invitation_id| Self { invitation_id }).ok_or(problems)
    }
}

/// An e-mail address, in lower case: people do not tell addresses apart by it.
#[expect(clippy::needless_pass_by_value, reason = "all rules have one shape, so that a reader can be handed any")]
pub fn email(text: String) -> Result<String, Violation> {
    let address = text.trim().to_lowercase();
    let well_formed = address.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !domain.starts_with('.')
    });
    let plain = address.chars().all(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, ',' | ';' | '<' | '>'));
    if !well_formed || !plain || address.len() > 254 {
        return Err(Violation::new("format", "Must be an e-mail address, such as kim@example.com."));
    }
    Ok(address)
}

pub const KIND: KindInfo = KindInfo {
    kind: Kind::Invitation,
    singular: "invitation",
    plural: "Invitations",
    path: "invitations",
    purpose: "An invitation is a link by which somebody becomes an administrator.",
    fields: &[
        Field::new("name", "Name", Widget::Text)
            .column(Column::Title)
            .sortable()
            .searchable()
            .form(FormUse::required("Administrator")),
        Field::new("email", "E-mail", Widget::Text)
            .help("They log in with it.")
            .rule(email)
            .column(Column::Shown)
            .sortable()
            .searchable()
            .filterable()
            .form(FormUse::required("Administrator")),
        Field::new("roles", "Roles", Widget::Tags)
            .help("Without any, they can sign in and do nothing. A request that leaves them out gives GlobalAdmin.")
            .column(Column::Shown)
            .form(FormUse::optional("Administrator")),
        Field::new("creation_time", "Made", Widget::Time).column(Column::Shown).sortable(),
        Field::new("expiration_time", "Good until", Widget::Time).column(Column::Shown).sortable(),
        Field::new("id", "ID", Widget::Mono).column(Column::Optional).sortable(),
    ],
    default_sort: "name",
    family: Family::Landscape,
    view: Need::Account(Permission::ManageAccount),
    manage: Need::Account(Permission::ManageAccount),
    nav: None,
    storage: None,
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Acceptance, NewInvitation, email};

    #[test]
    fn addresses_are_in_lower_case() {
        assert_eq!(email(" Kim@Example.COM ".into()).unwrap(), "kim@example.com");
        assert_eq!(email("admin@localhost".into()).unwrap(), "admin@localhost");
        for bad in ["", "kim", "@x", "kim@", "a b@x", "a@b@c", "a@b,c@d", "kim@.x", "a\0@b"] {
            assert!(email(bad.into()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn bodies_say_what_is_missing() {
        let problems = NewInvitation::parse(&json!({"email": "x", "roles": "GlobalAdmin"})).unwrap_err();
        let found: Vec<_> = problems.0.iter().map(|p| (p.pointer.as_str(), &*p.code)).collect();
        assert_eq!(found, [("/name", "required"), ("/email", "format"), ("/roles", "type")]);
        let new = NewInvitation::parse(&json!({"name": "Kim", "email": "k@x"})).unwrap();
        assert_eq!(new.roles, ["GlobalAdmin"]);
        assert_eq!(Acceptance::parse(&json!({})).unwrap_err().0.len(), 2);
    }
}
