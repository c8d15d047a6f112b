use sqlx::Sqlite;

use super::*;
use crate::agent::store;
use crate::protocol::kind;

/// A store that accepts `note` messages, with this many of them queued.
async fn store_with(notes: usize) -> (tempfile::TempDir, store::Store, sqlx::Transaction<'static, Sqlite>) {
    let directory = tempfile::tempdir().unwrap();
    let (store, _lock) = store::open(directory.path()).await.unwrap();
    let mut connection = store.begin().await.unwrap();
    set_accepted_types(&mut connection, &["note".to_owned()]).await.unwrap();
    for number in 0..notes {
        note(&mut connection, i64::try_from(number).unwrap()).await;
    }
    (directory, store, connection)
}

async fn note(connection: &mut SqliteConnection, number: i64) {
    queue(connection, Message::new("note").with("n", number), Timestamp::UNIX_EPOCH).await.unwrap();
}

/// The position and the numbers of the notes that would be sent.
async fn sends(connection: &mut SqliteConnection) -> (i64, Vec<i64>) {
    let state = state(connection).await.unwrap();
    let batch = batch(connection, &state).await.unwrap();
    (state.sequence, batch.messages.iter().map(|message| message.int("n").unwrap()).collect())
}

#[tokio::test]
async fn confirmed_messages_go_and_later_ones_follow() {
    let (_directory, _store, mut connection) = store_with(3).await;
    assert_eq!(sends(&mut connection).await, (0, vec![0, 1, 2]));
    assert_eq!(confirm(&mut connection, 3, Some(2)).await.unwrap(), Confirmation::Advanced);
    assert_eq!(sends(&mut connection).await, (2, vec![2]));
    note(&mut connection, 3).await;
    assert_eq!(confirm(&mut connection, 1, None).await.unwrap(), Confirmation::Advanced);
    assert_eq!(sends(&mut connection).await, (3, vec![3]));
    assert_eq!(confirm(&mut connection, 1, Some(3)).await.unwrap(), Confirmation::Unchanged);
    assert_eq!(sends(&mut connection).await, (3, vec![3]));
}

#[tokio::test]
async fn the_previous_batch_can_be_sent_again() {
    let (_directory, _store, mut connection) = store_with(2).await;
    confirm(&mut connection, 2, Some(2)).await.unwrap();
    note(&mut connection, 2).await;
    assert_eq!(confirm(&mut connection, 1, Some(0)).await.unwrap(), Confirmation::Unchanged);
    assert_eq!(sends(&mut connection).await, (0, vec![0, 1, 2]));
}

#[tokio::test]
async fn a_number_that_is_too_low_or_too_high_realigns() {
    let (_directory, _store, mut connection) = store_with(2).await;
    confirm(&mut connection, 2, Some(2)).await.unwrap();
    note(&mut connection, 2).await;
    confirm(&mut connection, 1, Some(3)).await.unwrap();
    note(&mut connection, 3).await;
    // Numbers 0 and 1 are forgotten by now, 2 is the previous batch.
    assert_eq!(confirm(&mut connection, 1, Some(1)).await.unwrap(), Confirmation::Realigned);
    assert_eq!(sends(&mut connection).await, (1, vec![2, 3]));
    assert_eq!(confirm(&mut connection, 2, Some(50)).await.unwrap(), Confirmation::Realigned);
    assert_eq!(sends(&mut connection).await, (50, vec![2, 3]));
}

#[tokio::test]
async fn messages_of_other_types_are_held_until_their_type_is_accepted() {
    let (_directory, _store, mut connection) = store_with(1).await;
    queue(&mut connection, Message::new("later").with("n", 10), Timestamp::UNIX_EPOCH).await.unwrap();
    note(&mut connection, 1).await;
    assert_eq!(sends(&mut connection).await, (0, vec![0, 1]));
    set_accepted_types(&mut connection, &["later".to_owned()]).await.unwrap();
    assert_eq!(sends(&mut connection).await, (0, vec![10]));
    set_accepted_types(&mut connection, &["later".to_owned(), "note".to_owned()]).await.unwrap();
    assert_eq!(sends(&mut connection).await, (0, vec![10, 0, 1]));
}

#[tokio::test]
async fn a_result_is_kept_beyond_its_confirmation() {
    let (_directory, _store, mut connection) = store_with(0).await;
    set_accepted_types(&mut connection, &[kind::OPERATION_RESULT.to_owned()]).await.unwrap();
    let result = Message::new(kind::OPERATION_RESULT).with("operation-id", 7);
    store::take_operation(&mut connection, 7, b"", b"one").await.unwrap();
    let body = result.clone().encode();
    store::finish_operation(&mut connection, 7, &body, Timestamp::UNIX_EPOCH).await.unwrap();
    queue(&mut connection, result, Timestamp::UNIX_EPOCH).await.unwrap();
    // On its way: neither repeated nor answered once more.
    assert_eq!(store::take_operation(&mut connection, 7, b"", b"one").await.unwrap(), store::Taken::Known);
    assert!(store::kept_results(&mut connection).await.unwrap().is_empty());
    confirm(&mut connection, 1, Some(1)).await.unwrap();
    let again = store::take_operation(&mut connection, 7, b"", b"one").await.unwrap();
    assert_eq!(again, store::Taken::Answered(body.clone()));
    assert_eq!(store::kept_results(&mut connection).await.unwrap(), [body]);
}

#[tokio::test]
async fn withdrawn_messages_leave_no_hole() {
    let (_directory, _store, mut connection) = store_with(1).await;
    set_accepted_types(&mut connection, &["other".to_owned(), "note".to_owned()]).await.unwrap();
    queue(&mut connection, Message::new("other"), Timestamp::UNIX_EPOCH).await.unwrap();
    note(&mut connection, 1).await;
    withdraw(&mut connection, "other").await.unwrap();
    assert_eq!(sends(&mut connection).await, (0, vec![0, 1]));
}

#[tokio::test]
async fn new_ids_drop_the_results_of_the_old_ones_and_leave_no_hole() {
    let (_directory, _store, mut connection) = store_with(1).await;
    set_accepted_types(&mut connection, &[kind::OPERATION_RESULT.to_owned(), "note".to_owned()]).await.unwrap();
    queue(&mut connection, Message::new(kind::OPERATION_RESULT).with("operation-id", 7), Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    note(&mut connection, 1).await;
    store::set_ids(&mut connection, "secure", "4").await.unwrap();
    assert_eq!(sends(&mut connection).await, (0, vec![0, 1]));
    note(&mut connection, 2).await;
    assert_eq!(sends(&mut connection).await, (0, vec![0, 1, 2]));
}

#[tokio::test]
async fn a_batch_is_bounded() {
    let (_directory, _store, mut connection) = store_with(MAX_MESSAGES + 5).await;
    let state = state(&mut connection).await.unwrap();
    let batch = batch(&mut connection, &state).await.unwrap();
    assert_eq!((batch.messages.len(), batch.total), (MAX_MESSAGES, 105));
    assert_eq!(batch.api, "3.2");
}
