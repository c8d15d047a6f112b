//! Ten thousand of each kind that the Conductor API has, and its lists.

use std::path::Path;

use anyhow::Result;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

use crate::List;

pub const TENANT: &str = "default_tenant";

/// One statement for each table: the rows differ by a number, all else is as the server would
/// have written it for the first administrator. Making them through the API would take minutes.
const ROWS: &[&str] = &[
    "INSERT INTO tenant (account_id, name, rabbitmq_password, created_at) \
     SELECT 1, 'tenant-' || n, 'x', 1 FROM numbers",
    "INSERT INTO user_group (account_id, name, role, created_at) SELECT 1, 'group-' || n, 'default', 1 FROM numbers",
    "INSERT INTO person (account_id, username, email, name, password_hash, disabled, token_epoch, created_at) \
     SELECT 1, 'user-' || n, 'user-' || n || '@localhost', 'user-' || n, 'x', FALSE, 0, 1 FROM numbers",
    "INSERT INTO tenant_member (tenant_id, person_id, role) SELECT tenant.id, person.id, 'user' \
     FROM numbers JOIN tenant ON tenant.name = 'tenant-' || (n % 100 + 1) JOIN person ON person.username = 'user-' || n",
    "INSERT INTO api_token (id, person_id, secret_hash, created_at) SELECT printf('t%09d', n), 1, 'x', n FROM numbers",
    "INSERT INTO site (tenant_id, visibility, created_by_id, created_at, name, location, latitude, longitude) \
     SELECT 1, 'tenant', 1, n * 1000, 'site-' || n, '1, 1', n % 90, n % 180 FROM numbers",
    "INSERT INTO secrets_provider (tenant_id, visibility, created_by_id, created_at, name, provider_type) \
     SELECT 1, 'tenant', 1, n * 1000, 'provider-' || n, 'local' FROM numbers",
    "INSERT INTO secret (tenant_id, visibility, created_by_id, created_at, name, value, is_hidden) \
     SELECT 1, 'tenant', 1, n * 1000, 'secret-' || n, 'x', FALSE FROM numbers",
    "INSERT INTO filter (tenant_id, visibility, created_by_id, created_at, target, name, label_rules, attr_rules, \
     is_system) SELECT 1, 'tenant', 1, n * 1000, 'deployments', 'filter-' || n, '[]', '[]', FALSE FROM numbers",
    "INSERT INTO deployment (tenant_id, visibility, created_by_id, created_at, name) \
     SELECT 1, 'tenant', 1, n * 1000, 'deployment-' || n FROM numbers",
    "INSERT INTO deployment_label (deployment_id, label_key, label_value, created_by_id, created_at) \
     SELECT deployment.id, 'env', 'env-' || (n % 7), 1, 1 FROM numbers JOIN deployment ON name = 'deployment-' || n",
    "INSERT INTO deployment_label (deployment_id, label_key, label_value, created_by_id, created_at) \
     SELECT deployment.id, 'rack', 'rack-' || (n % 400), 1, 1 FROM numbers JOIN deployment ON name = 'deployment-' || n",
    "INSERT INTO audit_entry (account_id, created_at, ref_table, ref_id, ref_identifier, operation, creator_name) \
     SELECT 1, n * 1000, 'sites', n, '{}', 'create', 'admin' FROM numbers",
];

/// Fills the database of a server that does not run.
pub async fn fill(folder: &Path, rows: usize) -> Result<()> {
    let mut connection = SqliteConnectOptions::new().filename(folder.join("binnacle.db")).connect().await?;
    connection.execute("BEGIN").await?;
    let numbers = format!(
        "CREATE TEMP TABLE numbers AS WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < {rows}) \
         SELECT n FROM up"
    );
    connection.execute(sqlx::query(AssertSqlSafe(numbers))).await?;
    for statement in ROWS {
        connection.execute(sqlx::query(*statement)).await?;
    }
    connection.execute("COMMIT").await?;
    Ok(())
}

pub const LISTS: &[List] = &[
    List {
        name: "Sites, 20 of 10,000",
        path: "/api/v3.1/sites?_size=20",
        raw: &["SELECT * FROM site WHERE tenant_id = 1 ORDER BY created_at, id LIMIT 20", "SELECT count(*) FROM site"],
    },
    List {
        name: "Sites by name, filtered, 20 of 10,000",
        path: "/api/v3.1/sites?_size=20&_sort=-name&created_by=admin",
        raw: &[
            "SELECT * FROM site WHERE tenant_id = 1 AND created_by_id = 1 ORDER BY lower(name) DESC, id DESC LIMIT 20",
            "SELECT count(*) FROM site WHERE tenant_id = 1 AND created_by_id = 1",
        ],
    },
    List {
        name: "Sites that a search finds, 20 of 1,111",
        path: "/api/v3.1/sites?_size=20&_search=te-1",
        raw: &[
            "SELECT * FROM site WHERE tenant_id = 1 AND name LIKE '%te-1%' ORDER BY created_at, id LIMIT 20",
            "SELECT count(*) FROM site WHERE tenant_id = 1 AND name LIKE '%te-1%'",
        ],
    },
    List {
        name: "Secrets, 20 of 10,000",
        path: "/api/v3.1/secrets?_size=20",
        raw: &[
            "SELECT * FROM secret WHERE tenant_id = 1 ORDER BY created_at, id LIMIT 20",
            "SELECT count(*) FROM secret",
        ],
    },
    List {
        name: "Secrets providers, 20 of 10,000",
        path: "/api/v3.1/secrets-providers?_size=20",
        raw: &[
            "SELECT * FROM secrets_provider WHERE tenant_id = 1 ORDER BY created_at, id LIMIT 20",
            "SELECT count(*) FROM secrets_provider",
        ],
    },
    List {
        name: "Filters, 20 of 10,000",
        path: "/api/v3.1/filters/deployments?_size=20",
        raw: &[
            "SELECT * FROM filter WHERE tenant_id = 1 AND target = 'deployments' ORDER BY created_at, id LIMIT 20",
            "SELECT count(*) FROM filter WHERE target = 'deployments'",
        ],
    },
    List {
        name: "Values of a label, 20 of 400",
        path: "/api/v3.1/labels/deployments/rack?_size=20",
        raw: &["SELECT DISTINCT label_value FROM deployment_label WHERE label_key = 'rack' ORDER BY 1"],
    },
    List {
        name: "Tenants, 20 of 10,000",
        path: "/api/v3.1/tenants?_size=20",
        raw: &["SELECT * FROM tenant ORDER BY lower(name), id LIMIT 20", "SELECT count(*) FROM tenant"],
    },
    List {
        name: "Users, 20 of 10,000",
        path: "/api/v3.1/users?_size=20",
        raw: &["SELECT * FROM person ORDER BY lower(username), id LIMIT 20", "SELECT count(*) FROM person"],
    },
    List {
        name: "User groups, 20 of 10,000",
        path: "/api/v3.1/user-groups?_size=20",
        raw: &["SELECT * FROM user_group ORDER BY lower(name), id LIMIT 20", "SELECT count(*) FROM user_group"],
    },
    List {
        name: "Tokens, 20 of 10,000",
        path: "/api/v3.1/tokens?_size=20",
        raw: &["SELECT * FROM api_token ORDER BY id LIMIT 20", "SELECT count(*) FROM api_token"],
    },
    List {
        name: "Audit log, 20 of 10,000",
        path: "/api/v3.1/audit?_size=20",
        raw: &["SELECT * FROM audit_entry ORDER BY id DESC LIMIT 20", "SELECT count(*) FROM audit_entry"],
    },
];
