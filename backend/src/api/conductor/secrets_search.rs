//! Secrets chosen by rules, or by what a blueprint's input asks of a secret's key.

use axum::extract::State;
use axum::response::Response;
use binnacle_shared::Kind;
use binnacle_shared::body::Reader;
use binnacle_shared::filter::parse::{VALUES_MAX, rules};
use binnacle_shared::filter::{Attribute, Operator, Rule, RuleType, Target};
use binnacle_shared::model::conductor::fields::NAME_MAX;
use binnacle_shared::model::conductor::permission::Permission;
use binnacle_shared::model::conductor::secret::Secret;
use binnacle_shared::problem::Violation;

use schemars::JsonSchema;
use sea_query::{Condition, Expr, ExprTrait, Query, SubQueryStatement};
use serde_json::{Map, Value};

use super::answer;
use super::body::MaybeBody;
use super::caller::Caller;
use super::error::Error;
use super::query::Query as Parameters;
use crate::api::Api;
use crate::operation::conductor::Error as Refusal;
use crate::store::conductor::TenantOwned;
use crate::store::conductor::filter_sql::{AttributeSql, FilterSource, condition};
use crate::store::list;
use crate::store::tables::{Secret as Table, SecretsProvider};

/// What chooses secrets: one of the two.
#[derive(Debug, JsonSchema)]
pub struct SearchBody {
    /// Rules about the attributes `key` and `provider_name`.
    pub filter_rules: Option<Vec<Map<String, Value>>>,
    /// `valid_values` and `name_pattern`.
    pub constraints: Option<Map<String, Value>>,
}

const SOURCE: FilterSource = FilterSource {
    attribute: |attribute| match attribute {
        Attribute::Key => Some(AttributeSql::Ascii(Table::Name.column())),
        Attribute::ProviderName => Some(AttributeSql::Ascii(provider_name())),
        _ => None,
    },
    labels: None,
};

/// A question of its own: rows are counted without what lists show beside them.
fn provider_name() -> Expr {
    let select = Query::select()
        .column((SecretsProvider::Table, SecretsProvider::Name))
        .from(SecretsProvider::Table)
        .and_where(Expr::col((SecretsProvider::Table, SecretsProvider::Id)).eq(Table::ProviderId.column()))
        .take();
    Expr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(select)))
}

/// How names are compared in constraints.
const PATTERNS: [(&str, Operator); 5] = [
    ("contains", Operator::Contains),
    ("not_contains", Operator::NotContains),
    ("starts_with", Operator::StartsWith),
    ("ends_with", Operator::EndsWith),
    ("equals_to", Operator::AnyOf),
];

fn about_key(operator: Operator, values: Vec<String>) -> Rule {
    Rule { key: Attribute::Key.name().to_owned(), values, operator, kind: RuleType::Attribute }
}

/// Longer texts are part of no key.
fn short(text: String) -> Result<String, Violation> {
    if text.is_empty() || text.len() > NAME_MAX {
        return Err(Violation::new("length", format!("Must have 1 to {NAME_MAX} bytes.")));
    }
    Ok(text)
}

/// Rules that mean the same as the constraints.
fn constrained(r: &mut Reader<'_>, constraints: &Map<String, Value>) -> Vec<Rule> {
    let mut rules = Vec::new();
    r.nested("constraints", constraints, |r| {
        for name in constraints.keys().filter(|name| !matches!(name.as_str(), "valid_values" | "name_pattern")) {
            r.fault(name, Violation::new("unknown", "Secrets are chosen by valid_values and name_pattern."));
        }
        if let Some(values) = r.strings("valid_values", short).set() {
            if values.len() > VALUES_MAX {
                r.fault("valid_values", Violation::new("length", format!("Must have at most {VALUES_MAX} values.")));
            }
            rules.push(about_key(Operator::AnyOf, values));
        }
        let Some(patterns) = r.optional::<Map<String, Value>>("name_pattern") else { return };
        r.nested("name_pattern", &patterns, |r| {
            for name in patterns.keys() {
                let Some((_, operator)) = PATTERNS.iter().find(|(known, _)| known == name) else {
                    let known = PATTERNS.map(|(known, _)| known).join(", ");
                    r.fault(name, Violation::new("unknown", format!("Must be one of {known}.")));
                    continue;
                };
                let text = r.required::<String>(name);
                if let Some(text) = r.check(name, text, short) {
                    rules.push(about_key(*operator, vec![text]));
                }
            }
        });
    });
    rules
}

/// The rules that a body holds; none: it holds nothing that chooses.
fn wanted(body: &Value) -> Result<Option<Vec<Rule>>, Error> {
    let present = |name: &str| body.get(name).filter(|value| !value.is_null());
    match (present("filter_rules"), present("constraints")) {
        (Some(_), Some(_)) => {
            let message = "Give filter_rules, or constraints, and not both.";
            Err(Refusal::field("/constraints", "conflict", message).into())
        }
        (Some(given), None) => {
            rules(Target::Secrets, given, "/filter_rules").map(Some).map_err(|invalid| match invalid.rule {
                Some(rule) => Error::FilterRule { rule, reason: invalid.reason, problems: invalid.problems },
                None => invalid.problems.into(),
            })
        }
        (None, Some(_)) => {
            let mut r = Reader::root(body)?;
            let constraints = r.required::<Map<String, Value>>("constraints").unwrap_or_default();
            let rules = constrained(&mut r, &constraints);
            r.finish().or(())?;
            Ok(Some(rules))
        }
        (None, None) => Ok(None),
    }
}

/// `POST searches/secrets`
pub async fn search(
    State(api): State<Api>,
    caller: Caller,
    query: Parameters,
    MaybeBody(body): MaybeBody,
) -> Result<Response, Error> {
    let rules = wanted(&body)?;
    let listing = query.listing(Kind::Secret)?;
    let scope = caller.scope_of(&api, &listing, Permission::SecretList).await?;
    let mut conn = api.db.read().await?;
    let also = rules.as_deref().map_or(Condition::all(), |rules| condition(rules, &SOURCE));
    let page = list::page::<Secret>(&mut conn, &scope, &listing.params, also).await?;
    let mut filtered = None;
    if rules.is_some() {
        let mut count = listing.params.clone();
        count.limit = 0;
        let all = list::page::<Secret>(&mut conn, &scope, &count, Condition::all()).await?.total;
        filtered = Some(all.saturating_sub(page.total));
    }
    answer::filtered_page(&query, &listing, page, filtered)
}
