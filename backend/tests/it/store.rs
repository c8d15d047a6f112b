//! The store on its own, on both databases.

use binnacle::store::{Db, StoreError};
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::on_both_databases;
use crate::support::database::{Flavor, TestDatabase};

/// What a later version of Binnacle would leave in the table of migrations.
const FROM_THE_FUTURE: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                               SELECT 9999, 'from the future', success, checksum, 0 FROM _sqlx_migrations LIMIT 1";

async fn leave_a_later_migration(flavor: Flavor, url: &str) {
    match flavor {
        Flavor::Sqlite => {
            let mut connection = SqliteConnection::connect(url).await.unwrap();
            sqlx::query(FROM_THE_FUTURE).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
        Flavor::Postgres => {
            let mut connection = PgConnection::connect(url).await.unwrap();
            sqlx::query(FROM_THE_FUTURE).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
    }
}

on_both_databases! {
    async fn a_database_of_a_newer_version_is_refused(flavor) {
        let Some(database) = TestDatabase::create(flavor).await else { return };
        database.open().await.close().await;
        database.open().await.close().await;
        leave_a_later_migration(flavor, &database.url).await;
        let refused = Db::open(&database.url).await.unwrap_err();
        assert!(matches!(refused, StoreError::Newer(9999)), "{refused:?}");
        assert!(refused.to_string().contains("newer version"), "{refused}");
    }
}
