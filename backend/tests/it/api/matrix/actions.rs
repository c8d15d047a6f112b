//! A row for each action of the legacy API.

use binnacle::api::context::Access::{self, Needs, Session};
use binnacle_shared::permission::Permission as P;

use super::Row;

const fn row(what: &'static str, access: Access, ask: &'static str, status: u16) -> Row {
    Row::new(what, access, ask, status)
}

pub const ROWS: &[Row] = &[
    row("GetScripts", Needs(P::ViewScript), "", 200),
    row("GetScriptCode", Needs(P::ViewScript), "script_id=<script>", 200),
    row("CreateScript", Needs(P::ManageScript), "title=new+<n>&code=<code>&access_group=<group>", 200),
    row("EditScript", Needs(P::ManageScript), "script_id=<script>&title=changed+<n>", 200),
    row("ExecuteScript", Needs(P::ExecuteScript), "script_id=<script>&query=id:<computer>&username=root", 200)
        .also(&[P::ViewScript, P::ViewComputer]),
    row("RemoveScript", Needs(P::ManageScript), "script_id=<script>", 200),
    row(
        "CopyScript",
        Needs(P::ManageScript),
        "script_id=<script>&destination_title=copy+<n>&access_group=<group>",
        200,
    )
    .also(&[P::ViewScript]),
    row("CreateScriptAttachment", Needs(P::ManageScript), "script_id=<script>&file=a.txt$$aGVsbG8=", 200),
    row("RemoveScriptAttachment", Needs(P::ManageScript), "script_id=<with-file>&filename=a.txt", 200),
    row("GetAccessGroups", Session, "", 200),
    row("CreateAccessGroup", Needs(P::ManageAccount), "title=new+<n>", 200),
    row("RemoveAccessGroup", Needs(P::ManageAccount), "name=<new-group>", 200),
    row("GetRoles", Needs(P::ViewRole), "", 200),
    row("CreateRole", Needs(P::ManageRole), "name=New<n>", 200),
    row("CopyRole", Needs(P::ManageRole), "name=<role-name>&destination_name=New<n>", 200),
    row("RemoveRole", Needs(P::ManageRole), "name=<role-name>", 200),
    row("AddPermissionsToRole", Needs(P::ManageRole), "name=<role-name>&permissions.1=ManageRole", 200),
    row("RemovePermissionsFromRole", Needs(P::ManageRole), "name=<role-name>&permissions.1=ViewScript", 200),
    row("AddAccessGroupsToRole", Needs(P::ManageRole), "name=<role-name>&access_groups.1=<new-group>", 200),
    row("RemoveAccessGroupsFromRole", Needs(P::ManageRole), "name=<role-name>&access_groups.1=<new-group>", 200),
    row("AddPersonsToRole", Needs(P::ManageRole), "name=<role-name>&persons.1=<email>", 200),
    row("RemovePersonsFromRole", Needs(P::ManageRole), "name=<role-name>&persons.1=<email>", 200),
    row("GetPermissions", Needs(P::ViewRole), "", 200),
    row("GetAdministrators", Needs(P::ViewRole), "", 200),
    row("InviteAdministrator", Needs(P::ManageAccount), "name=x&email=new-<n>@example.com&roles.1=<role-name>", 200),
    row("DisableAdministrator", Needs(P::ManageAccount), "email=<email>", 200),
    row("GetComputers", Needs(P::ViewComputer), "", 200),
    row("AddTagsToComputers", Needs(P::ManageComputer), "query=id:<computer>&tags.1=web", 200).elsewhere(200),
    row("RemoveTagsFromComputers", Needs(P::ManageComputer), "query=id:<computer>&tags.1=web", 200).elsewhere(200),
    row("ChangeComputersAccessGroup", Needs(P::ManageComputer), "query=id:<computer>&access_group=<group>", 200)
        .also(&[P::AddComputerToAccessGroup, P::RemoveComputerFromAccessGroup]),
    row("RenameComputers", Needs(P::ManageComputer), "computer_titles.<computer>=new+<n>", 200),
    row("RemoveComputers", Needs(P::ManageComputer), "computer_ids.1=<computer>", 200),
    row("RebootComputers", Needs(P::ManageComputer), "computer_ids.1=<computer>", 200),
    row("ShutdownComputers", Needs(P::ManageComputer), "computer_ids.1=<computer>", 200),
    row("AddAnnotationToComputers", Needs(P::ManageComputer), "query=id:<computer>&key=rack&value=7", 200)
        .elsewhere(200),
    row("RemoveAnnotationFromComputers", Needs(P::ManageComputer), "query=id:<computer>&key=rack", 200).elsewhere(200),
    row("GetPendingComputers", Needs(P::ManagePendingComputer), "", 200),
    row(
        "AcceptPendingComputers",
        Needs(P::ManagePendingComputer),
        "computer_ids.1=<pending>&access_group=<group>",
        200,
    ),
    row("RejectPendingComputers", Needs(P::ManagePendingComputer), "computer_ids.1=<pending>", 200),
    row("GetSavedSearches", Needs(P::ViewComputer), "", 200),
    row("CreateSavedSearch", Needs(P::ManageComputer), "title=new+<n>&search=tag:web", 200),
    row("EditSavedSearch", Needs(P::ManageComputer), "name=<search-name>&title=changed+<n>", 200),
    row("RemoveSavedSearch", Needs(P::ManageComputer), "name=<search-name>", 200),
    row("GetActivities", Needs(P::ViewComputer), "", 200),
    row("GetActivityTypes", Needs(P::ViewComputer), "", 200),
    row("CancelActivities", Needs(P::ExecuteScript), "query=id:<activity>", 200).elsewhere(200),
    row("ApproveActivities", Needs(P::ExecuteScript), "query=id:<activity>", 400).elsewhere(200),
    row("GetEventLog", Needs(P::ViewEventLog), "", 200),
    row("GetAlerts", Needs(P::ViewComputer), "", 200),
    row("GetAlertSubscribers", Needs(P::ViewComputer), "alert_type=ComputerOfflineAlert", 200),
    row("SubscribeToAlert", Needs(P::ViewComputer), "alert_type=ComputerOfflineAlert", 200),
    row("UnsubscribeFromAlert", Needs(P::ViewComputer), "alert_type=ComputerOfflineAlert", 200),
    row("AssociateAlert", Needs(P::ManageAccount), "name=ComputerOfflineAlert&all_computers=true", 200),
    row("DisassociateAlert", Needs(P::ManageAccount), "name=ComputerOfflineAlert&all_computers=true", 200),
];
