//! The one table of actions.

use axum::http::StatusCode;
use binnacle_shared::permission::Permission;
use futures::future::BoxFuture;
use serde_json::Value;

use super::parameters::Parameters;
use super::{access_groups, activities, administrators, alerts, computers, events, roles, saved_searches, scripts};
use crate::api::Api;
use crate::api::context::{Access, Context};
use crate::api::error::ApiError;

type Handler = for<'a> fn(&'a Api, &'a Context, &'a Parameters) -> BoxFuture<'a, Result<Value, ApiError>>;

/// A row of the table.
#[derive(Debug)]
pub struct Action {
    pub name: &'static str,
    /// A login at least: what the public may know is in the v2 API.
    pub access: Access,
    /// Whether it changes anything, so that a cookie alone is not enough.
    pub changes: bool,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// Its parameters, in the notation of [`Parameter::read`].
    parameters: &'static str,
    handler: Handler,
}

impl Action {
    /// What the API description says of the parameters.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter> {
        self.parameters.split_whitespace().map(Parameter::read)
    }

    pub async fn run(&self, api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
        (self.handler)(api, context, parameters).await
    }
}

/// A parameter of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: &'static str,
    pub form: Form,
    pub required: bool,
}

/// How a parameter's value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Text,
    Integer,
    Boolean,
    Time,
    /// Text or a file in base64.
    Data,
    /// Several values: `name.1`, `name.2`, …
    List,
    Integers,
    /// Values by key: `name.key`.
    Map,
}

impl Parameter {
    /// `name`, `name!` (has to be there), and after a colon what it holds unless text: `integer`,
    /// `boolean`, `time`, `data` (base64), `list`, `integers` or `map`.
    fn read(word: &'static str) -> Self {
        let (name, form) = word.split_once(':').unwrap_or((word, "text"));
        let form = match form {
            "integer" => Form::Integer,
            "boolean" => Form::Boolean,
            "time" => Form::Time,
            "data" => Form::Data,
            "list" => Form::List,
            "integers" => Form::Integers,
            "map" => Form::Map,
            _ => Form::Text,
        };
        Self { name: name.trim_end_matches('!'), form, required: name.ends_with('!') }
    }
}

macro_rules! access {
    (Session) => {
        Access::Session
    };
    ($permission:ident) => {
        Access::Needs(Permission::$permission)
    };
}

macro_rules! actions {
    ($($name:literal $permission:ident $changes:literal $handler:path $(, $about:literal $parameters:literal)?;)+) => {
        &[$(Action {
            name: $name,
            access: access!($permission),
            changes: $changes,
            about: concat!($($about)?),
            parameters: concat!($($parameters)?),
            handler: |api, context, parameters| Box::pin($handler(api, context, parameters)),
        }),+]
    };
}

/// Name, permission (or `Session`: any login), whether it changes anything, handler; what it does,
/// its parameters.
pub static ACTIONS: &[Action] = actions![
    "GetScripts" ViewScript false scripts::list,
        "Lists scripts." "limit:integer offset:integer";
    "GetScriptCode" ViewScript false scripts::code,
        "Reads a script's text, with the line that names its interpreter." "script_id!:integer";
    "CreateScript" ManageScript true scripts::create,
        "Makes a script." "title! code!:data time_limit:integer username access_group script_type";
    "EditScript" ManageScript true scripts::edit,
        "Changes what is given of a script." "script_id!:integer title code:data time_limit:integer username";
    "ExecuteScript" ExecuteScript true scripts::execute,
        "Runs a script on the computers that a query finds."
        "query! script_id!:integer username time_limit:integer deliver_after:time deliver_delay_window:integer";
    "RemoveScript" ManageScript true scripts::remove,
        "Removes a script; one that ran stays as a redacted one." "script_id!:integer";
    "CopyScript" ManageScript true scripts::copy,
        "Makes a script like another one." "script_id!:integer destination_title! access_group";
    "CreateScriptAttachment" ManageScript true scripts::add_attachment,
        "Adds a file to a script: its name, `$$` and its bytes in base64." "script_id!:integer file!";
    "RemoveScriptAttachment" ManageScript true scripts::remove_attachment,
        "Removes a file from a script." "script_id!:integer filename!";
    "GetAccessGroups" Session false access_groups::list,
        "Lists access groups." "names:list";
    "CreateAccessGroup" ManageAccount true access_groups::create,
        "Makes an access group. The title is called a name in version 2013-11-04, which takes a description too."
        "title name description parent";
    "RemoveAccessGroup" ManageAccount true access_groups::remove,
        "Removes an access group and answers its parent." "name!";
    "GetRoles" ViewRole false roles::list,
        "Lists roles." "names:list";
    "CreateRole" ManageRole true roles::create,
        "Makes a role without permissions." "name! description";
    "CopyRole" ManageRole true roles::copy,
        "Makes a role with the permissions and access groups of another." "name! destination_name! description";
    "RemoveRole" ManageRole true roles::remove,
        "Removes a role." "name!";
    "AddPermissionsToRole" ManageRole true roles::add_permissions,
        "Gives permissions to a role." "name! permissions!:list";
    "RemovePermissionsFromRole" ManageRole true roles::remove_permissions,
        "Takes permissions from a role." "name! permissions!:list";
    "AddAccessGroupsToRole" ManageRole true roles::add_access_groups,
        "Lets a role's permissions hold in access groups." "name! access_groups!:list";
    "RemoveAccessGroupsFromRole" ManageRole true roles::remove_access_groups,
        "Lets a role's permissions hold in access groups no more." "name! access_groups!:list";
    "AddPersonsToRole" ManageRole true roles::add_persons,
        "Gives a role to people, by their e-mail addresses." "name! persons!:list";
    "RemovePersonsFromRole" ManageRole true roles::remove_persons,
        "Takes a role from people, by their e-mail addresses." "name! persons!:list";
    "GetPermissions" ViewRole false roles::permissions,
        "Lists the permissions that there are." "";
    "GetAdministrators" ViewRole false administrators::list,
        "Lists the people who may log in." "";
    "InviteAdministrator" ManageAccount true administrators::invite,
        "Invites somebody; the answer alone holds the end of the link, `secure_id`." "name! email! roles:list";
    "DisableAdministrator" ManageAccount true administrators::disable,
        "Locks somebody out." "email!";
    "GetComputers" ViewComputer false computers::list,
        "Lists the computers that a query finds."
        "query limit:integer offset:integer with_network:boolean with_annotations:boolean with_hardware:boolean";
    "AddTagsToComputers" ManageComputer true computers::add_tags,
        "Gives tags to the computers that a query finds." "query! tags!:list";
    "RemoveTagsFromComputers" ManageComputer true computers::remove_tags,
        "Takes tags from the computers that a query finds." "query! tags!:list";
    "ChangeComputersAccessGroup" ManageComputer true computers::change_access_group,
        "Moves the computers that a query finds to an access group." "query! access_group!";
    "RenameComputers" ManageComputer true computers::rename,
        "Gives computers other titles." "computer_titles!:map";
    "RemoveComputers" ManageComputer true computers::remove,
        "Takes computers out of the account." "computer_ids!:integers";
    "RebootComputers" ManageComputer true computers::reboot,
        "Restarts computers." "computer_ids!:integers deliver_after:time";
    "ShutdownComputers" ManageComputer true computers::shut_down,
        "Shuts computers down." "computer_ids!:integers deliver_after:time";
    "AddAnnotationToComputers" ManageComputer true computers::add_annotation,
        "Sets an annotation of the computers that a query finds." "query! key! value";
    "RemoveAnnotationFromComputers" ManageComputer true computers::remove_annotation,
        "Removes an annotation from the computers that a query finds." "query! key!";
    "GetPendingComputers" ManagePendingComputer false computers::pending,
        "Lists the computers that wait to be accepted." "";
    "AcceptPendingComputers" ManagePendingComputer true computers::accept,
        "Accepts computers that wait." "computer_ids!:integers existing_ids:map access_group";
    "RejectPendingComputers" ManagePendingComputer true computers::reject,
        "Refuses computers that wait." "computer_ids!:integers";
    "GetSavedSearches" ViewComputer false saved_searches::list,
        "Lists saved searches." "limit:integer offset:integer";
    "CreateSavedSearch" ManageComputer true saved_searches::create,
        "Saves a search." "name title! search!";
    "EditSavedSearch" ManageComputer true saved_searches::edit,
        "Changes what is given of a saved search." "name! title search";
    "RemoveSavedSearch" ManageComputer true saved_searches::remove,
        "Removes a saved search." "name!";
    "GetActivities" ViewComputer false activities::list,
        "Lists the activities that a query finds." "query limit:integer offset:integer";
    "GetActivityTypes" ViewComputer false activities::types,
        "Lists the types of activities that there are." "";
    "GetEventLog" ViewEventLog false events::list,
        "Lists what people did, the newest first." "days:integer limit:integer offset:integer";
    "CancelActivities" ExecuteScript true activities::cancel,
        "Cancels the activities that a query finds." "query!";
    "ApproveActivities" ExecuteScript true activities::approve,
        "Approves the activities that a query finds." "query!";
    "GetAlerts" ViewComputer false alerts::list,
        "Lists alerts." "";
    "GetAlertSubscribers" ViewComputer false alerts::subscribers,
        "Lists who subscribed to an alert." "alert_type!";
    "SubscribeToAlert" ViewComputer true alerts::subscribe,
        "Subscribes the caller to an alert." "alert_type!";
    "UnsubscribeFromAlert" ViewComputer true alerts::unsubscribe,
        "Ends the caller's subscription to an alert." "alert_type!";
    "AssociateAlert" ManageAccount true alerts::associate,
        "Lets an alert watch more computers." "name! tags:list all_computers:boolean";
    "DisassociateAlert" ManageAccount true alerts::disassociate,
        "Lets an alert watch fewer computers." "name! tags:list all_computers:boolean";
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
    use super::{ACTIONS, Form, Parameter, find};

    #[test]
    fn parameters_are_read() {
        let read = |word| {
            let Parameter { name, form, required } = Parameter::read(word);
            (name, form, required)
        };
        assert_eq!(read("query!"), ("query", Form::Text, true));
        assert_eq!(read("ids!:integers"), ("ids", Form::Integers, true));
        assert_eq!(read("limit:integer"), ("limit", Form::Integer, false));
    }

    #[test]
    fn reading_actions_change_nothing_and_all_others_do() {
        for action in ACTIONS {
            assert_eq!(action.changes, !action.name.starts_with("Get"), "{}", action.name);
            assert!(action.about.ends_with('.'), "{} does not say what it does", action.name);
            assert!(std::ptr::eq(find(action.name).ok().unwrap(), action), "{} twice", action.name);
        }
    }
}
