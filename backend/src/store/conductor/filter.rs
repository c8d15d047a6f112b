//! Filters of deployments and of blueprints: one table, two kinds.

use binnacle_shared::Kind;
use binnacle_shared::filter::{Rule, RuleType, Target};
use binnacle_shared::model::conductor::filter::Filter;
use binnacle_shared::time::Millis;
use sea_query::{Condition, Expr, ExprTrait, SelectStatement};
use serde::Serialize;
use serde_json::Value;

use super::belonging;
use super::scope::{TenantOwned, TenantScope};
use crate::store::list::{FieldSql, Listed};
use crate::store::tables::Filter as Table;
use crate::store::{Conn, Result, Row, StoreError};

/// What a kind of filter chooses.
pub trait Chooses: Listed<Scope = TenantScope> + Serialize + Send + Sync + From<Filter> {
    const TARGET: Target;

    fn filter(&self) -> &Filter;

    /// The rows of the table that are of this kind.
    fn only() -> Condition {
        Condition::all().add(Table::Target.column().eq(Self::TARGET.name()))
    }
}

macro_rules! filters {
    ($($(#[$doc:meta])* $name:ident: $target:ident, $kind:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub Filter);

        impl From<Filter> for $name {
            fn from(filter: Filter) -> Self {
                Self(filter)
            }
        }

        impl Chooses for $name {
            const TARGET: Target = Target::$target;

            fn filter(&self) -> &Filter {
                &self.0
            }
        }

        impl Listed for $name {
            type Scope = TenantScope;
            const KIND: Kind = Kind::$kind;
            const NULLABLE: &'static [&'static str] = &["updated_at"];

            fn source(scope: &TenantScope) -> SelectStatement {
                scope.select::<Table>().cond_where(<Self as Chooses>::only()).take()
            }

            fn join(rows: &mut SelectStatement) {
                belonging::join::<Table>(rows);
            }

            fn columns(select: &mut SelectStatement) {
                columns(select);
            }

            fn field(name: &str) -> Option<FieldSql> {
                field(name)
            }

            fn id() -> Expr {
                Table::Id.column()
            }

            fn decode(row: &Row) -> Result<Self> {
                decode(row).map(Self)
            }

            async fn complete(_: &mut Conn, _: &mut [Self]) -> Result<()> {
                Ok(())
            }
        }
    )+};
}

filters! {
    /// A filter that chooses deployments.
    DeploymentFilter: Deployments, DeploymentFilter;
    /// A filter that chooses blueprints.
    BlueprintFilter: Blueprints, BlueprintFilter;
}

fn columns(select: &mut SelectStatement) {
    belonging::columns::<Table>(select);
    let columns = [Table::UpdatedAt, Table::LabelRules, Table::AttrRules, Table::IsSystem];
    select.columns(columns.map(|column| (Table::Table, column)));
}

fn field(name: &str) -> Option<FieldSql> {
    Some(match name {
        "id" => FieldSql::Text(Table::Name.column()),
        "is_system_filter" => FieldSql::Boolean(Table::IsSystem.column()),
        "updated_at" => FieldSql::Time(Table::UpdatedAt.column()),
        other => return belonging::field::<Table>(other),
    })
}

fn decode(row: &Row) -> Result<Filter> {
    let rules = |column: &'static str| -> Result<Vec<Value>> {
        let text: String = row.get(column)?;
        serde_json::from_str(&text).map_err(|_| StoreError::Unreadable { what: column, value: text })
    };
    let (labels, attributes) = (rules("label_rules")?, rules("attr_rules")?);
    Ok(Filter {
        id: row.get("name")?,
        value: labels.iter().chain(&attributes).cloned().collect(),
        labels_filter_rules: labels.into(),
        attrs_filter_rules: attributes.into(),
        is_system_filter: row.get("is_system")?,
        updated_at: row.optional_time("updated_at")?.map(Millis),
        belonging: belonging::decode(row)?,
    })
}

/// The rules of one type, as the column keeps them.
pub fn stored(rules: &[Rule], kind: RuleType) -> String {
    let some: Vec<&Rule> = rules.iter().filter(|rule| rule.kind == kind).collect();
    serde_json::to_string(&some).unwrap_or_else(|_| "[]".to_owned())
}
