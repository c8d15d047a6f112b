//! What is more than reading and writing rows: one file each, with its error, called by every
//! API dialect. Nothing here knows HTTP.

/// For operations in which only one thing can stand twice: the value that was asked for.
macro_rules! duplicate_is_a_refusal {
    ($error:ty) => {
        impl From<crate::store::StoreError> for $error {
            fn from(error: crate::store::StoreError) -> Self {
                match error {
                    crate::store::StoreError::Duplicate => Self::Duplicate,
                    other => Self::Store(other),
                }
            }
        }
    };
}
use duplicate_is_a_refusal;

pub mod accept_computers;
pub mod access_groups;
pub mod access_keys;
pub mod administrators;
pub mod alerts;
pub mod annotate_computers;
pub mod approve_activities;
pub mod archive_script;
pub mod archive_script_profile;
pub mod cancel_activities;
pub mod chosen_computers;
pub mod conductor;
pub mod copy_script;
pub mod create_script;
pub mod create_script_profile;
pub mod edit_attachments;
pub mod edit_computer;
pub mod edit_preferences;
pub mod edit_script;
pub mod edit_script_profile;
pub mod execute_script;
pub mod first_start;
pub mod invitations;
pub mod log_in;
pub mod move_computers;
pub mod myself;
pub mod preview_script_profile;
pub mod reapply_activities;
pub mod records;
pub mod redact_script;
pub mod remove_computers;
pub mod remove_script;
pub mod rename_computers;
pub mod restart_computers;
pub mod roles;
pub mod run_script_profile;
pub mod tag_computers;

use std::sync::Arc;

use binnacle_shared::model::landscape::event::Entity;
use binnacle_shared::permission::Permission;
use jiff::Timestamp;

use crate::auth::password::Passwords;
use crate::clock::{Clock, Random};
use crate::engine::Engine;
use crate::keys::Keys;
use crate::outbound::Outbound;
use crate::store::event::{self, NewEvent};
use crate::store::grant::Grants;
use crate::store::{Conn, Db, Scope, StoreError};
use conductor::read_log::ReadLog;

/// What operations work with.
#[derive(Clone, Debug)]
pub struct Services {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub keys: Keys,
    pub passwords: Passwords,
    pub engine: Engine,
    /// For addresses that users name.
    pub outbound: Outbound,
    /// Who looks at secrets.
    pub read_log: ReadLog,
}

/// On whose behalf an operation runs.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    pub person_id: i64,
    /// Where the permission holds that the operation was asked with.
    pub scope: &'a Scope,
    /// All that the person may do.
    pub grants: &'a Grants,
}

impl Actor<'_> {
    /// Where a second permission holds that the operation needs; nothing if it holds nowhere.
    pub fn scope_for(&self, permission: Permission) -> Scope {
        self.grants.scope_for(self.scope.account_id(), permission)
    }

    /// The part of the account in which the person may do anything at all.
    pub fn any_scope(&self) -> Scope {
        self.grants.any_scope(self.scope.account_id())
    }

    /// Notes in the events log what the actor does, in the transaction that does it.
    pub async fn record(
        &self,
        conn: &mut Conn,
        now: Timestamp,
        (entity, entity_id, entity_name): (Entity, i64, &str),
        message: impl Into<String>,
    ) -> Result<(), StoreError> {
        let event = NewEvent {
            account_id: self.scope.account_id(),
            person_id: Some(self.person_id),
            entity,
            entity_id: Some(entity_id),
            entity_name,
            message: message.into(),
        };
        event::record(conn, &event, now).await
    }
}
