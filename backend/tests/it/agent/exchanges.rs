//! The rules of the exchange, as an agent meets them.

use axum::http::StatusCode;
use binnacle::clock::Clock;
use binnacle::protocol::{
    Message, Value,
    bpickle::{Dict, encode},
    digest::type_digest,
    script::{ExecuteScript, OperationOutput, OperationResult},
};
use binnacle::store::activity::{self, Delivery, NewGroup, Work};
use binnacle::store::{computer, computer_facts};
use binnacle_shared::model::landscape::activity::{Activity, ActivityStatus, RESTART, SHUTDOWN};

use super::server::{Client, KEY, Server, kinds};
use crate::on_both_databases;

fn succeeded(operation_id: i64, text: &str) -> Message {
    OperationResult { operation_id, succeeded: true, result_code: None, exit_code: None, result_text: text.into() }
        .to_message()
}

fn orders(messages: &[Message]) -> Vec<i64> {
    messages.iter().filter(|message| message.kind() == "execute-script").filter_map(Message::operation_id).collect()
}

/// Orders a computer to go down; gives its activity.
async fn go_down(server: &Server, activity_type: &'static str, id: i64) -> Activity {
    let f = &server.fixture;
    let group = NewGroup {
        account_id: f.scope.account_id(),
        access_group_id: f.root.id,
        summary: "Restart computer".into(),
        creator_id: None,
        work: Work::Other(activity_type),
        delivery: Delivery::default(),
    };
    let mut conn = f.db.write().await.unwrap();
    let group = activity::create_group(&mut conn, &group, computer::with_id(id), f.clock.now()).await.unwrap().unwrap();
    conn.commit().await.unwrap();
    f.children(group).await.remove(0)
}

on_both_databases! {
    async fn a_computer_with_the_key_is_taken_up_at_once(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let mut client = Client::new();
        let hello = client.send(&server, vec![]).await;
        assert_eq!(hello.next_expected_sequence, None);
        assert_eq!(hello.next_exchange_token, None);
        assert_eq!(hello.client_accepted_types_hash, None, "nothing is kept of a client without an id");
        assert_eq!(hello.server_uuid, "the-server");
        client.take(0, hello);
        assert_eq!(client.accepted, ["register"]);

        let answer = client.exchange(&server, vec![Client::wish(Some(KEY))]).await;
        assert_eq!(kinds(&answer), ["set-id"]);
        assert!(matches!(answer[0].get("id"), Some(Value::Bytes(id)) if id.len() == 64));
        assert_eq!((client.sequence, client.next_expected), (1, 2));
        let answer = client.send(&server, vec![]).await;
        assert_eq!(answer.next_expected_sequence, Some(1));
        assert_eq!(answer.client_accepted_types_hash, Some(type_digest(&client.types).to_vec()));
        client.take(0, answer);
        assert!(client.accepted.contains(&"operation-output".to_owned()), "{:?}", client.accepted);

        let computers = server.computers().await;
        assert_eq!((computers.len(), computers[0].title.as_str(), computers[0].tags.clone()), (1, "Box", vec!["web".to_owned()]));
        let report = Message::new("computer-info").with("hostname", "new.example").with("total-memory", 2048);
        let devices = Value::List(vec![Value::Dict(Dict::from([("interface".into(), Value::bytes("eth0"))]))]);
        client.exchange(&server, vec![report, Message::new("network-device").with("devices", devices)]).await;
        let computers = server.computers().await;
        assert_eq!(computers[0].hostname.as_deref(), Some("new.example"));
        assert_eq!(computers[0].total_memory, Some(2048));
        let mut conn = server.fixture.db.read().await.unwrap();
        let devices = computer_facts::network_devices(&mut conn, &[computers[0].id]).await.unwrap();
        assert_eq!(devices[&computers[0].id][0].interface, "eth0");
    }

    async fn without_the_key_a_computer_waits_to_be_accepted(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let mut client = Client::new();
        client.exchange(&server, vec![]).await;
        client.exchange(&server, vec![Client::wish(Some("guess"))]).await;
        assert_eq!(client.exchange(&server, vec![]).await, []);
        assert_eq!(client.accepted, ["register"]);
        let ping = format!("insecure_id={}", client.insecure_id);
        assert!(!server.ping(&ping).await);

        // Held pings end when somebody accepts the computer.
        let held = format!("{ping}&wait=25");
        let id = server.computers().await[0].id;
        let accept = async {
            assert!(server.fixture.enrol(id, server.fixture.root.id).await);
        };
        let (woken, ()) = tokio::join!(server.ping(&held), accept);
        assert!(woken);
        client.exchange(&server, vec![]).await;
        assert!(client.accepted.contains(&"operation-result".to_owned()));
        client.exchange(&server, vec![]).await;
        assert!(!server.ping(&ping).await);
    }

    async fn registrations_that_cannot_be_are_refused(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let mut elsewhere = Client::wish(None);
        elsewhere.set("account_name", "elsewhere");
        let answer = Client::new().exchange(&server, vec![elsewhere]).await;
        assert_eq!((kinds(&answer), answer[0].text("info")), (vec!["registration"], Some("unknown-account")));
        for machine in ["one\0", "two\0"] {
            let odd = Client::wish(None).with("computer_title", "zero\0byte").with("machine_id", machine).with("access_group", "a\0");
            assert_eq!(kinds(&Client::new().exchange(&server, vec![odd]).await), ["set-id"]);
        }
        assert!(!server.ping("insecure_id=%00").await);
        let answer = Client::new().exchange(&server, vec![Client::wish(None)]).await;
        assert_eq!(answer[0].text("info"), Some("max-pending-computers"));
        assert_eq!(kinds(&Client::new().exchange(&server, vec![Client::wish(Some(KEY))]).await), ["set-id"]);
    }

    async fn a_registration_whose_answer_got_lost_makes_no_second_computer(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let wish = || Client::wish(Some(KEY)).with("machine_id", "machine-1");
        let mut client = Client::new();
        client.send(&server, vec![wish()]).await;
        client.exchange(&server, vec![wish()]).await;
        client.exchange(&server, vec![]).await;
        assert_eq!(server.computers().await.len(), 1);
        // Once it was heard of, the same machine under the same title is another computer.
        Client::new().exchange(&server, vec![wish()]).await;
        assert_eq!(server.computers().await.len(), 2);
    }

    async fn a_script_goes_out_once_and_its_result_comes_back(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, id) = Client::enrolled(&server).await;
        let child = server.order(&[id]).await.remove(0);
        let ping = format!("insecure_id={}", client.insecure_id);
        assert!(server.ping(&ping).await);

        let answer = client.exchange(&server, vec![]).await;
        let order = ExecuteScript::from_message(&answer[0]).unwrap();
        assert_eq!((order.operation_id, order.interpreter.as_str(), order.code.as_str()), (child.id, "/bin/sh", "echo hello"));
        assert_eq!((order.username.as_str(), order.time_limit), ("root", Some(60)));
        assert_eq!(order.env.get("LANDSCAPE_ACTIVITY_ID"), Some(&child.id.to_string()));
        assert_eq!(order.env.get("LANDSCAPE_COMPUTER_TAGS").map(String::as_str), Some("web"));
        assert_eq!(server.activity(child.id).await.activity_status, ActivityStatus::Delivered);

        let piece = |offset, data: &str| OperationOutput { operation_id: child.id, offset, data: data.into() }.to_message();
        assert_eq!(client.exchange(&server, vec![piece(0, "hel")]).await, []);
        assert_eq!(server.output(child.id).await, "hel");
        client.exchange(&server, vec![piece(3, "lo"), succeeded(child.id, "hello\n")]).await;
        let done = server.activity(child.id).await;
        assert_eq!((done.activity_status, done.result_text.as_deref()), (ActivityStatus::Succeeded, Some("hello\n")));
        assert_eq!(server.output(child.id).await, "hello\n");
        let group = server.activity(child.parent_id.unwrap()).await;
        assert_eq!(group.activity_status, ActivityStatus::Succeeded);
        assert!(!server.ping(&ping).await);
    }

    async fn failures_carry_their_code(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, id) = Client::enrolled(&server).await;
        let child = server.order(&[id]).await.remove(0);
        client.exchange(&server, vec![]).await;
        let result = OperationResult { operation_id: child.id, succeeded: false, result_code: Some(102), exit_code: None, result_text: "a\0b".into() };
        client.exchange(&server, vec![result.to_message()]).await;
        let done = server.activity(child.id).await;
        assert_eq!((done.activity_status, done.result_code), (ActivityStatus::Failed, Some(102)));
        assert_eq!(done.result_text.as_deref(), Some("a\u{1a}b"));
    }

    async fn an_answer_that_got_lost_is_given_again(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, id) = Client::enrolled(&server).await;
        let child = server.order(&[id]).await.remove(0);
        // A failed exchange leaves the client without a token.
        client.send(&server, vec![]).await;
        client.token = None;
        let second = server.order(&[id]).await.remove(0);
        let answer = client.exchange(&server, vec![]).await;
        assert_eq!(orders(&answer), [child.id, second.id]);
        assert_eq!(client.exchange(&server, vec![]).await, []);
    }

    async fn messages_count_once_however_often_they_come(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, id) = Client::enrolled(&server).await;
        let child = server.order(&[id]).await.remove(0);
        client.exchange(&server, vec![]).await;
        let piece = |offset, data: &str| OperationOutput { operation_id: child.id, offset, data: data.into() }.to_message();
        let start = client.sequence;
        client.exchange(&server, vec![piece(0, "one")]).await;
        assert_eq!(client.sequence, start + 1);
        // The client lost the confirmation: it sends the first again, with another behind it.
        client.sequence = start;
        let tags = Message::new("computer-tags").with("tags", "extra");
        client.exchange(&server, vec![piece(0, "one"), tags]).await;
        assert_eq!(client.sequence, start + 2);
        assert_eq!(server.output(child.id).await, "one");
        assert_eq!(server.computers().await[0].tags, ["extra", "web"]);
        // A hole: nothing is taken, and the answer says from where.
        client.sequence = start + 5;
        let answer = client.send(&server, vec![piece(3, "lost")]).await;
        assert_eq!(answer.next_expected_sequence, Some(start + 2));
        assert_eq!(server.output(child.id).await, "one");
    }

    async fn a_number_of_ours_that_is_not_ours_heals(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, id) = Client::enrolled(&server).await;
        let child = server.order(&[id]).await.remove(0);
        client.next_expected += 40;
        let answer = client.exchange(&server, vec![]).await;
        assert_eq!(orders(&answer), [child.id]);
        assert_eq!(client.exchange(&server, vec![]).await, []);
        let second = server.order(&[id]).await.remove(0);
        client.next_expected -= 20;
        assert_eq!(orders(&client.exchange(&server, vec![]).await), [second.id]);
        assert_eq!(client.exchange(&server, vec![]).await, []);
    }

    async fn a_copy_is_told_that_it_is_one(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, id) = Client::enrolled(&server).await;
        let mut copy = client.clone();
        client.exchange(&server, vec![]).await;
        let original = copy.secure_id.clone().unwrap();
        let answer = copy.send(&server, vec![]).await;
        assert_eq!(answer.next_expected_sequence, None);
        let answer = copy.take(0, answer);
        assert_eq!(kinds(&answer), ["unknown-id", "accepted-types"]);
        assert_eq!(answer[0].text("clone-of"), Some("Box"));
        let wish = Client::wish(Some(KEY)).with("clone_secure_id", original);
        assert_eq!(kinds(&copy.exchange(&server, vec![wish]).await), ["set-id"]);
        let newest = server.computers().await.into_iter().max_by_key(|computer| computer.id).unwrap();
        assert_eq!(newest.clone_id, Some(id));
        // The original goes on undisturbed, and another computer's agent cannot answer for it.
        let child = server.order(&[id]).await.remove(0);
        assert_eq!(orders(&client.exchange(&server, vec![]).await), [child.id]);
        copy.exchange(&server, vec![]).await;
        copy.exchange(&server, vec![succeeded(child.id, "forged")]).await;
        assert_eq!(server.activity(child.id).await.activity_status, ActivityStatus::Delivered);
    }

    async fn unknown_ids_register_anew(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let mut client = Client { secure_id: Some("made up".into()), ..Client::new() };
        let answer = client.exchange(&server, vec![]).await;
        assert_eq!(kinds(&answer), ["unknown-id", "accepted-types"]);
        assert_eq!((answer[0].get("clone-of"), client.accepted.as_slice()), (None, ["register".to_owned()].as_slice()));
        assert!(!server.ping("insecure_id=made+up&wait=25").await);
        assert!(!server.ping("").await);
    }

    async fn a_client_without_scripts_fails_its_orders(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, id) = Client::enrolled(&server).await;
        client.types = vec!["set-id"];
        let child = server.order(&[id]).await.remove(0);
        assert_eq!(orders(&client.exchange(&server, vec![]).await), Vec::<i64>::new());
        assert_eq!(server.activity(child.id).await.activity_status, ActivityStatus::Failed);
    }

    async fn a_computer_is_told_to_go_down(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, id) = Client::enrolled(&server).await;
        client.types.push("shutdown");
        for (activity_type, reboot) in [(RESTART, true), (SHUTDOWN, false)] {
            let activity = go_down(&server, activity_type, id).await;
            let answer = client.exchange(&server, vec![]).await;
            assert_eq!(kinds(&answer), ["shutdown"]);
            assert_eq!(answer[0].operation_id(), Some(activity.id));
            assert_eq!(answer[0].get("reboot"), Some(&Value::Bool(reboot)));
            assert_eq!(server.activity(activity.id).await.activity_status, ActivityStatus::Delivered);
            assert_eq!(client.exchange(&server, vec![succeeded(activity.id, "Going down.")]).await, []);
            let over = server.activity(activity.id).await;
            assert_eq!((over.activity_status, over.result_text.as_deref()), (ActivityStatus::Succeeded, Some("Going down.")));
        }
    }

    async fn a_client_that_cannot_go_down_fails_the_order_and_says_so(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, id) = Client::enrolled(&server).await;
        let activity = go_down(&server, RESTART, id).await;
        assert_eq!(client.exchange(&server, vec![]).await, []);
        let over = server.activity(activity.id).await;
        assert_eq!(over.activity_status, ActivityStatus::Failed);
        let text = over.result_text.unwrap();
        assert!(text.contains("neither restarts it nor shuts it down"), "{text}");
    }

    async fn the_configuration_tool_can_register(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let register = Message::new("register")
            .with("account_name", "standalone")
            .with("computer_title", "By tool")
            .with("registration_password", KEY)
            .with("vm_info", Value::bytes("kvm"))
            .with("container_info", "");
        let body = encode(&Value::Dict(Dict::from([("messages".into(), Value::List(vec![register.into_value()]))])));
        let (status, body) = server.post("/message-system", &[("x-message-api", "3.3")], body).await;
        assert_eq!(status, StatusCode::OK);
        let answer = binnacle::protocol::ServerPayload::decode(&body).unwrap();
        assert_eq!(kinds(&answer.messages), ["set-id"]);
        assert_eq!(server.computers().await[0].vm_info.as_deref(), Some("kvm"));
        // The broker then starts at zero in both directions, believing that nothing is accepted.
        let mut client = Client::new();
        client.secure_id = answer.messages[0].text("id").map(str::to_owned);
        client.exchange(&server, vec![]).await;
        assert!(client.accepted.contains(&"operation-result".to_owned()));
        assert_eq!((client.sequence, client.next_expected), (0, 1));
    }

    async fn unreadable_bodies_are_refused(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        for body in [&b""[..], b"garbage", b"l;", b"du8:messagesi1;;", b"du8:sequencei-1;;", b"du8:messagesln;;;"] {
            let (status, _) = server.post("/message-system", &[], body.to_vec()).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{}", String::from_utf8_lossy(body));
        }
        let (status, _) = server.post("/message-system", &[], vec![b'x'; 65 * 1024 * 1024]).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let (status, _) = server.post("/ping", &headers, vec![b'x'; 5000]).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    }

    async fn a_held_ping_ends_with_new_work_and_not_before(flavor) {
        let Some(server) = Server::start(flavor).await else { return };
        let (mut client, id) = Client::enrolled(&server).await;
        let held = format!("insecure_id={}&wait=25", client.insecure_id);
        let work = async {
            // A wake-up without work, for the computer that waits, must not end the wait.
            let effects = binnacle::engine::Effects { computers: vec![id], ..Default::default() };
            server.fixture.engine.publish(effects).await.unwrap();
            server.order(&[id]).await.remove(0)
        };
        let (woken, child) = tokio::join!(server.ping(&held), work);
        assert!(woken);
        assert_eq!(orders(&client.exchange(&server, vec![]).await), [child.id]);
        client.exchange(&server, vec![]).await;
        // The end of the waiting time, and the end of the server, are answered with a no.
        let stop = async { server.stop.cancel() };
        let (woken, ()) = tokio::join!(server.ping(&held), stop);
        assert!(!woken);
    }
}
