//! The messages by which a computer becomes known to a server.

use std::collections::BTreeSet;

use super::{
    bpickle::Value,
    kind,
    message::{Message, MessageError},
};

/// A computer's wish to belong to an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Register {
    pub account_name: String,
    pub computer_title: String,
    /// The registration key, if the client has one.
    pub registration_key: Option<String>,
    pub hostname: String,
    pub tags: BTreeSet<String>,
    /// The access group the client would like to be put into.
    pub access_group: Option<String>,
    pub container_info: String,
    pub vm_info: String,
    pub machine_id: Option<String>,
    /// The secure id of the machine this one was copied from.
    pub clone_secure_id: Option<String>,
}

impl Register {
    /// Reads either form: the broker's names have dashes where the configuration tool's have
    /// underscores.
    pub fn from_message(message: &Message) -> Result<Self, MessageError> {
        let either = |dashed: &str, underscored: &str| {
            message.text(dashed).or_else(|| message.text(underscored)).unwrap_or_default().to_owned()
        };
        let filled = |field: &str| message.text(field).filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Self {
            account_name: message.require_text("account_name")?.to_owned(),
            computer_title: message.require_text("computer_title")?.trim().to_owned(),
            registration_key: message.text("registration_password").map(str::to_owned),
            hostname: message.text("hostname").unwrap_or_default().to_owned(),
            tags: split_tags(message.text("tags").unwrap_or_default()),
            access_group: filled("access_group"),
            container_info: either("container-info", "container_info"),
            vm_info: either("vm-info", "vm_info"),
            machine_id: filled("machine_id"),
            clone_secure_id: filled("clone_secure_id"),
        })
    }

    /// The broker's form.
    pub fn to_message(&self) -> Message {
        let tags: Vec<&str> = self.tags.iter().map(String::as_str).collect();
        let mut message = Message::new(kind::REGISTER)
            .with("account_name", self.account_name.as_str())
            .with("computer_title", self.computer_title.as_str())
            .with("registration_password", self.registration_key.clone())
            .with("hostname", self.hostname.as_str())
            .with("tags", (!tags.is_empty()).then(|| tags.join(", ")))
            .with("container-info", self.container_info.as_str())
            .with("vm-info", Value::bytes(&self.vm_info))
            .with("ubuntu_pro_info", "{}");
        if let Some(group) = &self.access_group {
            message.set("access_group", group.as_str());
        }
        if let Some(machine_id) = &self.machine_id {
            message.set("machine_id", machine_id.as_str());
        }
        if let Some(original) = &self.clone_secure_id {
            message.set("clone_secure_id", original.as_str());
        }
        message
    }
}

/// The tags of a comma-separated list; malformed ones are left out.
pub fn split_tags(list: &str) -> BTreeSet<String> {
    list.split(',').map(str::trim).filter(|tag| is_tag(tag)).map(str::to_owned).collect()
}

/// Whether a client may send this as a tag: word characters, with dashes after the first.
pub fn is_tag(tag: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut chars = tag.chars();
    chars.next().is_some_and(word) && chars.all(|c| word(c) || c == '-')
}

/// Gives the client its ids. The secure id must be bytes, or its downloads of attachments fail.
pub fn set_id(secure_id: &str, insecure_id: &str) -> Message {
    Message::new(kind::SET_ID).with("id", Value::bytes(secure_id)).with("insecure-id", Value::bytes(insecure_id))
}

/// Why a registration is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such account, or the key is not the account's.
    UnknownAccount,
    /// Too many computers wait to be accepted.
    MaxPendingComputers,
}

impl Refusal {
    /// The word that travels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownAccount => "unknown-account",
            Self::MaxPendingComputers => "max-pending-computers",
        }
    }

    /// The message that tells it.
    pub fn to_message(self) -> Message {
        Message::new(kind::REGISTRATION).with("info", self.as_str())
    }
}

/// Tells a client that its id means nothing here, or belongs to the machine it was copied from.
pub fn unknown_id(clone_of: Option<&str>) -> Message {
    let message = Message::new(kind::UNKNOWN_ID);
    match clone_of {
        Some(title) => message.with("clone-of", title),
        None => message,
    }
}

/// Tells a client which message types it may send. The names must be text.
pub fn accepted_types<'a>(types: impl IntoIterator<Item = &'a str>) -> Message {
    Message::new(kind::ACCEPTED_TYPES).with("types", Value::texts(types))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_registration_are_read() {
        let wish = Register {
            account_name: "standalone".into(),
            computer_title: "Boiler room".into(),
            registration_key: Some("key".into()),
            hostname: "boiler.example".into(),
            tags: split_tags("cellar, heat"),
            access_group: Some("house".into()),
            container_info: "lxc".into(),
            vm_info: "kvm".into(),
            machine_id: None,
            clone_secure_id: Some("old".into()),
        };
        assert_eq!(Register::from_message(&wish.to_message()), Ok(wish));

        let tool = Message::new("register")
            .with("account_name", "standalone")
            .with("computer_title", "x")
            .with("vm_info", Value::bytes("xen"));
        assert_eq!(Register::from_message(&tool).unwrap().vm_info, "xen");
        assert_eq!(Register::from_message(&Message::new("register")), Err(MessageError::Field("account_name")));
    }

    #[test]
    fn tags_are_words() {
        assert_eq!(
            split_tags("web,  edge-1 ,,-x, a b, größe").into_iter().collect::<Vec<_>>(),
            ["edge-1", "größe", "web"]
        );
    }
}
