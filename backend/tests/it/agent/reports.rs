//! What the agent measures, and that it is told when it is asked for only.

use std::collections::BTreeMap;

use binnacle::protocol::{Message, Value, bpickle::Dict};

use super::stub::Stub;

/// The reports of an agent by their types, once those that are wanted are among them.
async fn told(types: &[&str], wanted: &[&str], stub: &mut Stub) -> BTreeMap<String, Message> {
    let mut all = BTreeMap::new();
    while !wanted.iter().all(|kind| all.contains_key(*kind)) {
        let exchange = stub.next().await;
        for message in &exchange.payload.messages {
            assert!(types.contains(&message.kind()), "{} was not asked for", message.kind());
            all.insert(message.kind().to_owned(), message.clone());
        }
        exchange.answer(vec![]);
    }
    all
}

fn entries<'a>(message: &'a Message, field: &str) -> Vec<&'a [Value]> {
    message.get(field).and_then(Value::as_items).unwrap().iter().map(|entry| entry.as_items().unwrap()).collect()
}

fn member<'a>(dict: &'a Dict, name: &str) -> &'a Value {
    dict.get(&name.into()).unwrap()
}

#[tokio::test]
async fn disks_memory_load_and_usage_are_told_and_again_when_asked() {
    let types =
        ["computer-info", "cpu-usage", "free-space", "load-average", "memory-info", "mount-info", "resynchronize"];
    let directory = tempfile::tempdir().unwrap();
    let mut stub = Stub::start().await;
    let _agent = stub.agent(directory.path(), &[]);
    let steady: Vec<&str> =
        types.iter().copied().filter(|kind| !["cpu-usage", "resynchronize"].contains(kind)).collect();
    let hello = stub.next().await;
    hello.answer_wanting(None, vec![super::stub::accepted_types(&["register"])]);
    stub.next().await.answer_wanting(None, vec![super::stub::set_id("secure-1")]);
    stub.next().await.answer(vec![super::stub::accepted_types(&types)]);
    let mut reports = told(&types, &steady, &mut stub).await;
    // How busy the processors were is told from the second look on.
    let all: Vec<&str> = [steady.as_slice(), &["cpu-usage", "resynchronize"]].concat();
    let resynchronize = Message::new("resynchronize").with("operation-id", 1);
    stub.pings.recv().await.unwrap().send(true).unwrap();
    stub.next().await.answer(vec![resynchronize]);
    reports.extend(told(&types, &all, &mut stub).await);

    let mounts = entries(&reports["mount-info"], "mount-info");
    let free = entries(&reports["free-space"], "free-space");
    assert_eq!(mounts.len(), free.len());
    for (mount, free) in mounts.iter().zip(free) {
        let [Value::Float(_), Value::Dict(facts)] = mount else { panic!("{mount:?}") };
        let [Value::Float(_), Value::Text(point), Value::Int(room)] = free else { panic!("{free:?}") };
        assert_eq!(member(facts, "mount-point"), &Value::Text(point.clone()));
        let Value::Int(total) = member(facts, "total-space") else { panic!("{facts:?}") };
        assert!((0..=*total).contains(room));
    }
    assert!(
        mounts
            .iter()
            .any(|mount| mount[1].as_dict().is_some_and(|facts| member(facts, "mount-point").as_text() == Some("/")))
    );
    for (kind, field) in
        [("memory-info", "memory-info"), ("load-average", "load-averages"), ("cpu-usage", "cpu-usages")]
    {
        assert_eq!(entries(&reports[kind], field).len(), 1, "{kind}");
    }
    let [_, Value::Float(usage)] = entries(&reports["cpu-usage"], "cpu-usages")[0] else { panic!("no share") };
    assert!((0.0..=1.0).contains(usage));
}
