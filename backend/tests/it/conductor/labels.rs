//! Labels: which keys and values there are, as far as one sees the things that have them.

use axum::http::Method;
use binnacle_shared::model::conductor::role::Role;
use binnacle_shared::model::conductor::visibility::Visibility;
use sea_query::Query;
use serde_json::{Value, json};

use super::client::{User, code, user};
use crate::api::app::App;
use crate::app;
use crate::on_both_databases;
use binnacle::clock::Clock;
use binnacle::store::conductor::belonging::{self, Home};
use binnacle::store::micros;
use binnacle::store::tables::{Deployment, DeploymentLabel};

impl App {
    /// A deployment with labels, as a row: it cannot be made otherwise yet.
    async fn labelled(&self, tenant_id: i64, visibility: Visibility, name: &str, labels: &[(&str, &str)]) {
        let mut conn = self.services.db.write().await.unwrap();
        let now = self.clock.now();
        let home = Home { tenant_id, created_by_id: 1, created_at: now, visibility };
        let id = belonging::insert(&mut conn, home, vec![(Deployment::Name, name.into())]).await.unwrap();
        for (key, value) in labels {
            let insert = Query::insert()
                .into_table(DeploymentLabel::Table)
                .columns([
                    DeploymentLabel::DeploymentId,
                    DeploymentLabel::LabelKey,
                    DeploymentLabel::LabelValue,
                    DeploymentLabel::CreatedById,
                    DeploymentLabel::CreatedAt,
                ])
                .values_panic([id.into(), (*key).into(), (*value).into(), 1.into(), micros(now).into()])
                .take();
            conn.execute(&insert).await.unwrap();
        }
        conn.commit().await.unwrap();
    }

    async fn labels(&self, user: &User, path: &str) -> Value {
        self.conduct(user, Method::GET, &format!("labels/{path}"), Value::Null).await.expect(200)["items"].clone()
    }
}

on_both_databases! {
    async fn keys_and_values_are_those_of_what_one_sees(flavor) {
        let app = app!(flavor);
        let north = app.tenant("north").await;
        let south = app.tenant("south").await;
        let kim = app.member("kim", "north", Role::Viewer).await;
        app.labelled(north, Visibility::Tenant, "a", &[("env", "prod"), ("env", "test"), ("rack", "r1")]).await;
        app.labelled(north, Visibility::Tenant, "b", &[("env", "prod")]).await;
        app.labelled(north, Visibility::Private, "c", &[("hidden", "x"), ("env", "secret")]).await;
        app.labelled(south, Visibility::Tenant, "d", &[("south", "x"), ("env", "south")]).await;
        app.labelled(south, Visibility::Global, "e", &[("everywhere", "x")]).await;

        assert_eq!(app.labels(&kim, "deployments").await, json!(["env", "everywhere", "rack"]));
        assert_eq!(app.labels(&kim, "deployments/env").await, json!(["prod", "test"]));
        assert_eq!(app.labels(&kim, "deployments/ENV?_search=ES").await, json!(["test"]));
        assert_eq!(app.labels(&kim, "deployments?_search=v&_size=1&_offset=1").await, json!(["everywhere"]));
        assert_eq!(app.labels(&kim, "deployments/hidden").await, json!([]));
        assert_eq!(app.labels(&kim, "blueprints").await, json!([]));
        let all = app.labels(&user("admin", "north"), "deployments?_all_tenants=true").await;
        assert_eq!(all, json!(["env", "everywhere", "hidden", "rack", "south"]));
        let reserved = app.labels(&kim, "deployments?_reserved=true").await;
        assert!(reserved.as_array().unwrap().contains(&json!("csys-obj-parent")), "{reserved}");
        let page = app.conduct(&kim, Method::GET, "labels/deployments?_size=2", Value::Null).await.expect(200);
        assert_eq!(page["metadata"]["pagination"], json!({"total": 3, "size": 2, "offset": 0}));
        let refused = app.conduct(&kim, Method::GET, "labels/deployments?nope=1", Value::Null).await;
        assert_eq!(code(&refused, 400), "bad_parameters_error");
    }
}
