//! What is more than reading and writing rows: one file each, with its error, called by every
//! API dialect. Nothing here knows HTTP.

pub mod accept_computers;
pub mod access_groups;
pub mod archive_script;
pub mod archive_script_profile;
pub mod cancel_activities;
pub mod create_script;
pub mod create_script_profile;
pub mod edit_computer;
pub mod edit_preferences;
pub mod edit_script;
pub mod edit_script_profile;
pub mod execute_script;
pub mod first_start;
pub mod log_in;
pub mod move_computers;
pub mod preview_script_profile;
pub mod tag_computers;

use std::sync::Arc;

use crate::auth::password::Passwords;
use crate::clock::{Clock, Random};
use crate::engine::Engine;
use crate::keys::Keys;
use crate::store::{Db, Scope};

/// What operations work with.
#[derive(Clone, Debug)]
pub struct Services {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub keys: Keys,
    pub passwords: Passwords,
    pub engine: Engine,
}

/// On whose behalf an operation runs.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    pub person_id: i64,
    pub scope: &'a Scope,
}
