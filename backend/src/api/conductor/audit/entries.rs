//! Entries of the audit log that come from elsewhere.

use binnacle_shared::body::Reader;
use binnacle_shared::problem::Violation;
use binnacle_shared::time::parse as parse_time;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::Fault;
use crate::operation::conductor::audit_log::Foreign;
use crate::store::conductor::audit::Operation;

/// Longest name of anything.
const NAME_MAX: usize = 256;
/// Most entries at a time.
const MOST: usize = 10_000;

/// An entry from elsewhere.
#[derive(Debug, JsonSchema)]
pub struct ForeignEntry {
    pub ref_table: String,
    pub ref_id: i64,
    pub ref_identifier: Option<Map<String, Value>>,
    /// `create`, `update`, `delete` or `read`.
    pub operation: String,
    pub creator_name: Option<String>,
    pub execution_id: Option<String>,
    /// Now, unless it is given.
    pub created_at: Option<String>,
    pub tenant_name: Option<String>,
    pub address: Option<String>,
    pub before: Option<Map<String, Value>>,
    pub after: Option<Map<String, Value>>,
}

fn fault(loc: Vec<Value>, msg: impl Into<String>) -> Vec<Fault> {
    vec![Fault { loc, msg: msg.into(), kind: "value_error" }]
}

/// Reads a list of entries, or tells all that is wrong with it.
pub fn read(body: &Value) -> Result<Vec<Foreign>, Vec<Fault>> {
    let Value::Array(items) = body else { return Err(fault(vec![json!("body")], "Must be a list of entries.")) };
    if items.len() > MOST {
        return Err(fault(vec![json!("body")], format!("Must have at most {MOST} entries.")));
    }
    let mut faults = Vec::new();
    let mut entries = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match entry(item) {
            Ok(entry) => entries.extend(entry),
            Err(problems) => faults.extend(problems.0.into_iter().map(|problem| {
                let within = problem.pointer.split('/').filter(|part| !part.is_empty()).map(|part| json!(part));
                let loc = [json!("body"), json!(index)].into_iter().chain(within).collect();
                Fault { loc, msg: problem.message, kind: "value_error" }
            })),
        }
    }
    if faults.is_empty() { Ok(entries) } else { Err(faults) }
}

/// None comes only with problems.
fn entry(item: &Value) -> Result<Option<Foreign>, binnacle_shared::Problems> {
    let mut r = Reader::root(item)?;
    let ref_table = r.required::<String>("ref_table");
    let ref_table = r.check("ref_table", ref_table, short);
    let ref_id = r.required::<i64>("ref_id");
    let ref_identifier = r.optional::<Map<String, Value>>("ref_identifier").unwrap_or_default();
    let operation = r.required::<String>("operation");
    let operation = r.check("operation", operation, |name| {
        Operation::from_name(&name).ok_or_else(|| Violation::new("choice", "Must be create, update, delete or read."))
    });
    let created_at = r.optional::<String>("created_at");
    let created_at = r.check("created_at", created_at, |text| parse_time(&text));
    let mut name = |field: &str| {
        let given = r.optional::<String>(field);
        r.check(field, given, short)
    };
    let creator_name = name("creator_name");
    let execution_id = name("execution_id");
    let tenant_name = name("tenant_name");
    let address = name("address");
    let mut object = |field: &str| r.optional::<Map<String, Value>>(field).map(Value::Object);
    let before = object("before");
    let after = object("after");
    r.finish().or(())?;
    let required = ref_table.zip(ref_id).zip(operation);
    Ok(required.map(|((ref_table, ref_id), operation)| Foreign {
        ref_table,
        ref_id,
        ref_identifier: Value::Object(ref_identifier),
        operation,
        creator_name,
        execution_id,
        created_at,
        tenant_name,
        address,
        before,
        after,
    }))
}

fn short(text: String) -> Result<String, Violation> {
    match text.chars().count() {
        0 => Err(Violation::new("blank", "Must not be empty.")),
        count if count > NAME_MAX => Err(Violation::new("length", format!("Must have at most {NAME_MAX} characters."))),
        _ => Ok(text),
    }
}
