//! The wire shapes of the seven endpoints of the source document, and of what stands around them.
//! Both databases are held against the same snapshot.

use insta::{Settings, assert_json_snapshot};
use serde_json::json;

use super::app::profile;
use crate::{app, on_both_databases};

fn settings() -> Settings {
    let mut settings = Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

on_both_databases! {
    async fn answers_keep_their_shape(flavor) {
        let app = app!(flavor);
        let admin = app.admin().await;
        app.computer("web-1", "server,laptop").await;
        let script = app.script("hello", &[]).await;
        let one_time = json!({
            "title": "One Time Script Profile",
            "trigger": {"trigger_type": "one_time", "timestamp": "2025-04-04T02:10:41Z"},
        });
        let recurring = json!({
            "title": "Recurring Script Profile", "time_limit": 150, "username": "landscape",
            "trigger": {"trigger_type": "recurring", "interval": "0 8 * * *", "start_after": "2025-04-23T02:10:41Z"},
        });
        let event = json!({
            "title": "Post Enrollment Script Profile", "all_computers": false, "tags": ["server", "laptop"],
        });
        let made = app.post(&admin, "script-profiles", profile(script, one_time)).await.expect(201);
        app.services.engine.run_due().await.unwrap();
        app.profile(profile(script, recurring)).await;
        app.profile(profile(script, event)).await;
        let list = app.get(&admin, "script-profiles?archived=all").await.expect(200);
        let one = app.get(&admin, "script-profiles/1").await.expect(200);
        let patch = json!({"title": "Macrodata Refinement", "tags": ["server"], "all_computers": false});
        let patched = app.patch(&admin, "script-profiles/2", patch).await.expect(200);
        let archived = app.post(&admin, "script-profiles/3:archive", json!({})).await.expect(204);
        let activities = app.get(&admin, "script-profiles/1/activities").await.expect(200);
        let limits = app.get(&admin, "script-profile-limits").await.expect(200);
        settings().bind(|| {
            assert_json_snapshot!("script_profiles_post", made);
            assert_json_snapshot!("script_profiles_list", list);
            assert_json_snapshot!("script_profiles_get", one);
            assert_json_snapshot!("script_profiles_patch", patched);
            assert_json_snapshot!("script_profiles_archive", archived);
            assert_json_snapshot!("script_profiles_activities", activities);
            assert_json_snapshot!("script_profile_limits", limits);
        });
        let computer = app.get(&admin, "computers/1").await.expect(200);
        let script = app.get(&admin, "scripts/1").await.expect(200);
        let version = app.get(&admin, "scripts/1/versions/1").await.expect(200);
        let child = app.get(&admin, "activities/2").await.expect(200);
        let refused = app.post(&admin, "script-profiles", json!({"title": 5})).await.expect(400);
        let me = app.get(&admin, "me").await.expect(200);
        let methods = app.get(&admin, "login/methods").await.expect(200);
        let features = app.get(&admin, "features").await.expect(200);
        settings().bind(|| {
            assert_json_snapshot!("computer", computer);
            assert_json_snapshot!("script", script);
            assert_json_snapshot!("script_version", version);
            assert_json_snapshot!("activity_child", child);
            assert_json_snapshot!("error", refused);
            assert_json_snapshot!("me", me);
            assert_json_snapshot!("login_methods", methods);
            assert_json_snapshot!("features", features);
        });
    }
}
