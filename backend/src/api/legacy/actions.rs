//! The one table of actions.

use axum::http::StatusCode;
use binnacle_shared::permission::Permission;
use futures::future::BoxFuture;
use serde_json::Value;

use super::parameters::Parameters;
use super::{access_groups, activities, computers, scripts};
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;

type Handler = for<'a> fn(&'a Api, &'a Context, &'a Parameters) -> BoxFuture<'a, Result<Value, ApiError>>;

/// A row of the table.
pub struct Action {
    pub name: &'static str,
    pub permission: Permission,
    /// Whether it changes anything, so that a cookie alone is not enough.
    pub changes: bool,
    handler: Handler,
}

impl Action {
    pub async fn run(&self, api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
        (self.handler)(api, context, parameters).await
    }
}

macro_rules! actions {
    ($($name:literal $permission:ident $changes:literal $handler:path;)+) => {
        &[$(Action {
            name: $name,
            permission: Permission::$permission,
            changes: $changes,
            handler: |api, context, parameters| Box::pin($handler(api, context, parameters)),
        }),+]
    };
}

/// Name, permission, whether it changes anything, handler.
static ACTIONS: &[Action] = actions![
    "GetScripts" ViewScript false scripts::list;
    "GetScriptCode" ViewScript false scripts::code;
    "CreateScript" ManageScript true scripts::create;
    "EditScript" ManageScript true scripts::edit;
    "ExecuteScript" ExecuteScript true scripts::execute;
    "GetAccessGroups" ViewComputer false access_groups::list;
    "CreateAccessGroup" ManageAccount true access_groups::create;
    "RemoveAccessGroup" ManageAccount true access_groups::remove;
    "GetComputers" ViewComputer false computers::list;
    "AddTagsToComputers" ManageComputer true computers::add_tags;
    "RemoveTagsFromComputers" ManageComputer true computers::remove_tags;
    "ChangeComputersAccessGroup" ManageComputer true computers::change_access_group;
    "GetPendingComputers" ManagePendingComputer false computers::pending;
    "AcceptPendingComputers" ManagePendingComputer true computers::accept;
    "RejectPendingComputers" ManagePendingComputer true computers::reject;
    "GetActivities" ViewComputer false activities::list;
    "GetActivityTypes" ViewComputer false activities::types;
    "CancelActivities" ExecuteScript true activities::cancel;
];

/// The action of that name.
pub fn find(name: &str) -> Result<&'static Action, ApiError> {
    ACTIONS.iter().find(|action| action.name == name).ok_or_else(|| ApiError::Refused {
        status: StatusCode::NOT_FOUND,
        error: "UnknownAction",
        message: format!("There is no action “{name}”."),
    })
}

#[cfg(test)]
mod tests {
    use super::{ACTIONS, find};

    #[test]
    fn reading_actions_change_nothing_and_all_others_do() {
        for action in ACTIONS {
            assert_eq!(action.changes, !action.name.starts_with("Get"), "{}", action.name);
            assert!(std::ptr::eq(find(action.name).ok().unwrap(), action), "{} twice", action.name);
        }
    }
}
