use std::sync::Arc;

use argon2::Params;
use binnacle::auth::password::Passwords;
use binnacle::clock::{Clock, Random};
use binnacle::keys::Keys;
use binnacle::operation::first_start::FirstStart;
use binnacle::store::{account, person};
use serde_json::json;

use crate::on_both_databases;
use crate::support::clock::{ManualClock, SeededRandom};
use crate::support::database::TestDatabase;

on_both_databases! {
    async fn two_starts_at_once_make_one_administrator(flavor) {
        let Some(database) = TestDatabase::create(flavor).await else { return };
        let db = database.open().await;
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(7));
        let clock = Arc::new(ManualClock::at("2026-11-21T08:00:00Z"));
        let keys = Keys::generate(random.as_ref());
        let params = Params::new(Params::MIN_M_COST, 1, 1, None).unwrap();
        let passwords = Passwords::with_params(Arc::clone(&clock) as Arc<dyn Clock>, params);
        let start = || FirstStart {
            db: &db, keys: &keys, passwords: &passwords, clock: clock.as_ref(), random: random.as_ref(),
        };
        let (one, two) = (start(), start());
        let (a, b) = tokio::join!(one.run(None), two.run(None));
        let (a, b) = (a.unwrap(), b.unwrap());
        assert!(a.is_some() != b.is_some(), "one of them tells the password");
        assert_eq!(start().run(None).await.unwrap(), None);
        let mut conn = db.read().await.unwrap();
        let account = account::by_name(&mut conn, "standalone").await.unwrap().unwrap();
        assert!(!account.registration_key.unwrap().is_empty());
        let people = person::list(&mut conn, account.id).await.unwrap();
        assert_eq!(people.len(), 1);
        assert_eq!(people[0].roles, ["GlobalAdmin"]);
        assert_eq!(account::setting(&mut conn, "server_uuid").await.unwrap().unwrap().len(), 36);
    }

    async fn the_registration_key_can_be_read_and_changed(flavor) {
        let app = crate::app!(flavor);
        let admin = app.admin().await;
        let before = app.get(&admin, "preferences").await.expect(200);
        assert_eq!(before["registration_password"].as_str().unwrap().len(), 24);
        let change = json!({"registration_password": "open sesame"});
        let after = app.patch(&admin, "preferences", change).await.expect(200);
        assert_eq!(after["registration_password"], "open sesame");
        let reply = app.patch(&admin, "preferences", json!({"registration_password": null})).await;
        assert_eq!(reply.faults(), [("/registration_password".into(), "required".into())]);
        let off = json!({"registration_password": null, "auto_register_new_computers": false});
        assert_eq!(app.patch(&admin, "preferences", off).await.expect(200)["registration_password"], json!(null));
        app.patch(&admin, "preferences", json!({"registration_password": "ab"})).await.expect(400);
        app.patch(&admin, "preferences", json!({"registration_password": "a\nb\nc"})).await.expect(400);
    }
}
