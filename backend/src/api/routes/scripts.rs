//! Scripts and their versions. They are written through the legacy API.

use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::script::{Script, ScriptVersion};
use binnacle_shared::model::landscape::script_profile::ScriptProfile;
use binnacle_shared::permission::Permission;

use super::{Route, get, manage, post, view};
use crate::api::context::Access;
use crate::api::landscape::scripts;

pub fn rows() -> Vec<Route> {
    vec![
        get("/scripts", view(Kind::Script), scripts::list)
            .about("Lists scripts.")
            .list_of::<Script>(Kind::Script)
            .query("script_type", "`active` (default), `archived`, `redacted`, `all`, `v1` or `v2`.")
            .query("parent_access_group", "Only scripts that can run on the computers of this access group."),
        get("/scripts/{id}", view(Kind::Script), scripts::read).about("Reads a script.").answers::<Script>(200),
        get("/scripts/{id}/versions", view(Kind::Script), scripts::versions)
            .about("Lists the versions of a script, newest first.")
            .answers::<Envelope<ScriptVersion>>(200)
            .query("limit", "At most this many.")
            .query("offset", "Leaves out this many at the start."),
        get("/scripts/{id}/versions/{version_number}", view(Kind::Script), scripts::version)
            .about("Reads one version of a script by its number.")
            .answers::<ScriptVersion>(200),
        get("/scripts/{id}/script-profiles", view(Kind::ScriptProfile), scripts::script_profiles)
            .about("Lists the script profiles that run a script.")
            .list_of::<ScriptProfile>(Kind::ScriptProfile),
        get("/scripts/{id}/attachments/{attachment_id}", view(Kind::Script), scripts::attachment)
            .about("Reads a file of a script.")
            .answers_with(200, "application/octet-stream"),
        post("/scripts/{id}:redact", Access::Needs(Permission::RedactScript), scripts::redact)
            .about("Redacts a script, for good: its code and files go, its profiles are archived.")
            .answers_nothing(204),
        post("/scripts/{id}:archive", manage(Kind::Script), scripts::archive)
            .about("Archives a script and its profiles, for good.")
            .answers_nothing(204)
            .refuses(&[400]),
    ]
}
