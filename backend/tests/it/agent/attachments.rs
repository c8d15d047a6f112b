//! Attachments of scripts: from the database beside the script.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use binnacle::clock::Clock;
use binnacle::protocol::{
    Message,
    script::{Attachment, ExecuteScript, OperationResult},
};
use binnacle::store::{micros, tables::ScriptAttachment};
use sea_query::Query;

use super::server::{Client, Server};
use crate::on_both_databases;

/// Puts a file beside the fixture's script.
pub async fn attach(server: &Server, name: &str, content: &[u8]) -> i64 {
    use ScriptAttachment as A;
    let insert = Query::insert()
        .into_table(A::Table)
        .columns([A::ScriptId, A::Filename, A::Content, A::Size, A::CreatedAt])
        .values_panic([
            server.fixture.script_id.into(),
            name.into(),
            content.to_vec().into(),
            i64::try_from(content.len()).unwrap().into(),
            micros(server.fixture.clock.now()).into(),
        ])
        .returning_col(A::Id)
        .take();
    let mut conn = server.fixture.db.write().await.unwrap();
    let id = conn.fetch_one(&insert).await.unwrap().get("id").unwrap();
    conn.commit().await.unwrap();
    id
}

fn finished(id: i64) -> Message {
    OperationResult {
        operation_id: id,
        succeeded: true,
        result_code: None,
        exit_code: None,
        result_text: String::new(),
    }
    .to_message()
}

on_both_databases! {
    async fn only_who_was_ordered_to_run_the_script_gets_its_files(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let content = b"\x00\xff bytes\n".as_slice();
        let id = attach(&server, "motd.txt", content).await;
        let (mut client, computer) = Client::enrolled(&server).await;
        let tags = Message::new("computer-tags").with("tags", "web, db");
        client.exchange(&server, vec![tags]).await;
        let (stranger, _) = Client::enrolled(&server).await;
        let path = format!("/attachment/{id}");
        let secure_id = client.secure_id.clone().unwrap();
        let own = [("x-computer-id", secure_id.as_str())];
        assert_eq!(server.get(&path, &own).await.0, StatusCode::NOT_FOUND, "nothing was ordered yet");
        let person = 1;
        let child = server.order_by(Some(person), &[computer]).await.remove(0);
        assert_eq!(server.get(&path, &own).await.0, StatusCode::NOT_FOUND, "the order was not fetched");
        let order = ExecuteScript::from_message(&client.exchange(&server, vec![]).await[0]).unwrap();
        assert_eq!(order.attachments, BTreeMap::from([("motd.txt".into(), Attachment::Id(id))]));
        let address = format!("http://{}", server.address);
        let made = server.activity(child.id).await.creation_time.0;
        let expected = [
            ("LANDSCAPE_ACCOUNT", "standalone".to_owned()),
            ("LANDSCAPE_ACTIVITY_CREATION_TIME", format!("{made:.0}")),
            ("LANDSCAPE_ACTIVITY_CREATOR_ID", person.to_string()),
            ("LANDSCAPE_ACTIVITY_ID", child.id.to_string()),
            ("LANDSCAPE_COMPUTER_ID", computer.to_string()),
            ("LANDSCAPE_COMPUTER_TAGS", "db,web".to_owned()),
            ("LANDSCAPE_URL", address),
        ];
        assert_eq!(order.env, BTreeMap::from(expected.map(|(name, value)| (name.to_owned(), value))));

        assert_eq!(server.get(&path, &own).await, (StatusCode::OK, content.to_vec()));
        assert_eq!(server.get(&path, &[]).await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(server.get(&path, &[("x-computer-id", "made up")]).await.0, StatusCode::FORBIDDEN);
        let other = stranger.secure_id.as_deref().unwrap();
        assert_eq!(server.get(&path, &[("x-computer-id", other)]).await.0, StatusCode::NOT_FOUND);
        for wrong in ["/attachment/0", "/attachment/x", "/attachment/99999999999999999999", "/attachment/%00"] {
            assert_eq!(server.get(wrong, &own).await.0, StatusCode::NOT_FOUND, "{wrong}");
        }
        client.exchange(&server, vec![finished(child.id)]).await;
        assert_eq!(server.get(&path, &own).await.0, StatusCode::NOT_FOUND, "the script has ended");
    }
}
