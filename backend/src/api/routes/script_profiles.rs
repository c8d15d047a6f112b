//! Script profiles: which script runs where and when.

use binnacle_shared::Kind;
use binnacle_shared::list::Envelope;
use binnacle_shared::model::landscape::activity::Activity;
use binnacle_shared::model::landscape::computer::Computer;
use binnacle_shared::model::landscape::limits::ScriptProfileLimits;
use binnacle_shared::model::landscape::script_profile::{
    NewScriptProfile, Preview, PreviewRequest, ProfileRun, ScriptProfile, ScriptProfilePatch,
};

use binnacle_shared::permission::Permission;

use super::{Route, get, manage, patch, post, view};
use crate::api::context::Access::Needs;
use crate::api::landscape::script_profiles;

pub fn rows() -> Vec<Route> {
    vec![
        get("/script-profiles", view(Kind::ScriptProfile), script_profiles::list)
            .about("Lists script profiles, newest first.")
            .list_of::<ScriptProfile>(Kind::ScriptProfile)
            .query("archived", "`active` (default), `archived` or `all`.")
            .query("names", "Only profiles with these titles, joined by commas."),
        post("/script-profiles", manage(Kind::ScriptProfile), script_profiles::create)
            .about("Makes a script profile.")
            .takes::<NewScriptProfile>()
            .answers::<ScriptProfile>(201)
            .refuses(&[404, 409]),
        post("/script-profiles:preview", view(Kind::ScriptProfile), script_profiles::preview)
            .about("Says which computers a profile like this would reach now.")
            .takes::<PreviewRequest>()
            .answers::<Preview>(200)
            .refuses(&[404]),
        get("/script-profiles/{id}", view(Kind::ScriptProfile), script_profiles::read)
            .about("Reads a script profile.")
            .answers::<ScriptProfile>(200),
        patch("/script-profiles/{id}", manage(Kind::ScriptProfile), script_profiles::edit)
            .about("Changes the fields of a script profile that are sent.")
            .takes::<ScriptProfilePatch>()
            .answers::<ScriptProfile>(200)
            .refuses(&[409]),
        post("/script-profiles/{id}:archive", manage(Kind::ScriptProfile), script_profiles::archive)
            .about("Archives a script profile, for good: it runs no more.")
            .answers_nothing(204),
        post("/script-profiles/{id}:run", Needs(Permission::ExecuteScript), script_profiles::run)
            .about("Runs a script profile now; its schedule stays as it is.")
            .answers::<Activity>(200)
            .refuses(&[400]),
        get("/script-profiles/{id}/runs", view(Kind::ScriptProfile), script_profiles::runs)
            .about("Lists the planned times of a script profile and what became of them, newest first.")
            .answers::<Envelope<ProfileRun>>(200)
            .query("limit", "At most this many.")
            .query("offset", "Leaves out this many at the start."),
        get("/script-profiles/{id}/activities", view(Kind::ScriptProfile), script_profiles::activities)
            .about("Lists the runs of a script profile, newest first.")
            .list_of::<Activity>(Kind::Activity),
        get("/script-profiles/{id}/computers", view(Kind::Computer), script_profiles::computers)
            .about("Lists the computers that a script profile reaches now.")
            .list_of::<Computer>(Kind::Computer),
        get("/script-profile-limits", view(Kind::ScriptProfile), script_profiles::limits)
            .about("Reads the account's limits of script profiles.")
            .answers::<ScriptProfileLimits>(200),
        // The source document's examples ask for these two with POST, so that works as well.
        post("/script-profiles/{id}/activities", view(Kind::ScriptProfile), script_profiles::activities)
            .about("Lists the runs of a script profile, as with GET.")
            .list_of::<Activity>(Kind::Activity),
        post("/script-profile-limits", view(Kind::ScriptProfile), script_profiles::limits)
            .about("Reads the account's limits of script profiles, as with GET.")
            .answers::<ScriptProfileLimits>(200),
    ]
}
