//! Scripts: written and run here, for every client.

use axum::http::StatusCode;
use binnacle_shared::list::ListParams;
use binnacle_shared::model::landscape::computer::delay_window;
use binnacle_shared::model::landscape::script::{Code, NewScript, Script, ScriptPatch, filename};
use binnacle_shared::problem::Violation;
use binnacle_shared::{Kind, rules};
use serde_json::{Map, Value, json};

use super::parameters::{Parameters, missing};
use crate::api::Api;
use crate::api::context::Context;
use crate::api::error::ApiError;
use crate::api::landscape::computers_matching;
use crate::api::landscape::scripts::narrow;
use crate::api::refusal;
use crate::operation::create_script::{self, ScriptType};
use crate::operation::execute_script::{self, Execution};
use crate::operation::{copy_script, edit_attachments, edit_script, remove_script};
use crate::store::activity::Delivery;
use crate::store::list as store;
use crate::store::person::{self, Person};
use crate::store::script::ScriptFilter;

/// A script as this API shows it, and what the newer one shows besides.
fn encode(script: &Script, people: &[Person]) -> Result<Value, ApiError> {
    let mut value = serde_json::to_value(script).map_err(ApiError::internal)?;
    if let Some(fields) = value.as_object_mut() {
        let creator = script.created_by.as_ref().map(|by| {
            let email = people.iter().find(|p| p.id == by.id).map(|p| p.email.as_str());
            json!({"id": by.id, "name": by.name, "email": email.unwrap_or_default()})
        });
        fields.insert("creator".into(), json!(creator));
        let names: Vec<&str> = script.attachments.iter().map(|a| a.filename.as_str()).collect();
        fields.insert("attachments".into(), json!(names));
    }
    Ok(value)
}

/// One script, with the address of who made it.
async fn answer(api: &Api, context: &Context, script: Script) -> Result<Value, ApiError> {
    let mut conn = api.db.read().await?;
    let mut script = [script];
    narrow(&mut conn, context, &mut script).await?;
    let people = person::list(&mut conn, context.person.account_id).await?;
    encode(&script[0], &people)
}

/// The parameters as the body that the model reads, the code decoded.
fn body(parameters: &Parameters) -> Result<Value, ApiError> {
    let mut fields = Map::new();
    for name in ["title", "access_group"] {
        if let Some(text) = parameters.text(name) {
            fields.insert(name.into(), text.into());
        }
    }
    // An empty user name clears it.
    if let Some(text) = parameters.given("username") {
        fields.insert("username".into(), text.into());
    }
    if let Some(number) = parameters.integer("time_limit")? {
        fields.insert("time_limit".into(), number.into());
    }
    if let Some(code) = parameters.data("code")? {
        fields.insert("code".into(), code.into());
    }
    Ok(Value::Object(fields))
}

/// `CreateScript`
pub async fn create(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let new = NewScript::parse(&body(parameters)?)?;
    let script_type = match parameters.text("script_type").map(str::to_ascii_uppercase).as_deref() {
        None | Some("V1") => ScriptType::V1,
        Some("V2") => ScriptType::V2,
        Some(_) => return Err(ApiError::field("/script_type", "unknown", "Must be V1 or V2.")),
    };
    let made = create_script::run(api, context.actor(), &new, script_type)
        .await
        .map_err(|error| refusal::create_script(error, &new.title))?;
    answer(api, context, made).await
}

/// `EditScript`
pub async fn edit(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let id = parameters.required_integer("script_id")?;
    let patch = ScriptPatch::parse(&body(parameters)?)?;
    let changed = edit_script::run(api, context.actor(), id, &patch).await?;
    answer(api, context, changed).await
}

/// `GetScripts`
pub async fn list(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let params = page(Kind::Script, parameters)?;
    let mut conn = api.db.read().await?;
    let condition = ScriptFilter::Active.condition();
    let mut page = store::page::<Script>(&mut conn, context.scope(), &params, condition).await?;
    narrow(&mut conn, context, &mut page.items).await?;
    let people = person::list(&mut conn, context.person.account_id).await?;
    page.items.iter().map(|script| encode(script, &people)).collect()
}

/// `limit` and `offset`, as every list here takes them.
pub fn page(kind: Kind, parameters: &Parameters) -> Result<ListParams, ApiError> {
    let pairs = ["limit", "offset"].into_iter().filter_map(|n| Some((n, parameters.text(n)?)));
    ListParams::parse(kind, pairs).map_err(ApiError::Invalid)
}

/// `GetScriptCode`
pub async fn code(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let id = parameters.required_integer("script_id")?;
    let mut conn = api.db.read().await?;
    let script: Option<Script> = store::read(&mut conn, context.scope(), id).await?;
    let script = script.ok_or(ApiError::unknown(Kind::Script))?;
    Ok(Code::join(&script.interpreter, &script.code).into())
}

/// `ExecuteScript`
pub async fn execute(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let mut conn = api.db.read().await?;
    let matching = computers_matching(api, context, &mut conn, Some(parameters.required("query")?)).await?;
    drop(conn);
    let time_limit = checked(parameters, "time_limit", rules::time_limit)?;
    let window = match parameters.integer("deliver_delay_window")? {
        None => 0,
        Some(minutes) => delay_window(minutes).map_err(|violation| ApiError::Refused {
            status: StatusCode::BAD_REQUEST,
            error: "InvalidDeliverDelayWindow",
            message: violation.message,
        })?,
    };
    let execution = Execution {
        script_id: parameters.required_integer("script_id")?,
        username: parameters.check("username", rules::username)?,
        time_limit,
        delivery: Delivery { after: parameters.time("deliver_after")?, window },
    };
    let group = execute_script::run(api, context.actor(), &execution, matching).await?;
    serde_json::to_value(group).map_err(ApiError::internal)
}

/// A number that a rule looks at, if it is there.
fn checked(
    parameters: &Parameters,
    name: &str,
    rule: fn(i64) -> Result<i64, Violation>,
) -> Result<Option<i64>, ApiError> {
    let Some(number) = parameters.integer(name)? else { return Ok(None) };
    rule(number).map(Some).map_err(|v| ApiError::field(format!("/{name}"), v.code, v.message))
}

/// `RemoveScript`
pub async fn remove(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    remove_script::run(api, context.actor(), parameters.required_integer("script_id")?).await?;
    Ok(Value::Null)
}

/// `CopyScript`
pub async fn copy(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let id = parameters.required_integer("script_id")?;
    let title = parameters.check("destination_title", rules::title)?.ok_or_else(|| missing("destination_title"))?;
    let made = copy_script::run(api, context.actor(), id, &title, parameters.text("access_group"))
        .await
        .map_err(|error| refusal::copy_script(error, &title))?;
    answer(api, context, made).await
}

/// `CreateScriptAttachment`: answers the name of the file.
pub async fn add_attachment(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let id = parameters.required_integer("script_id")?;
    let (name, content) = parameters.file("file")?;
    let name = filename(name).map_err(|v| ApiError::field("/file", v.code, v.message))?;
    edit_attachments::add(api, context.actor(), id, &name, &content).await?;
    Ok(name.into())
}

/// `RemoveScriptAttachment`
pub async fn remove_attachment(api: &Api, context: &Context, parameters: &Parameters) -> Result<Value, ApiError> {
    let id = parameters.required_integer("script_id")?;
    edit_attachments::remove(api, context.actor(), id, parameters.required("filename")?).await?;
    Ok(Value::Null)
}
