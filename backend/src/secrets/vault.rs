//! Secrets in HashiCorp Vault, or what speaks as it does: the KV engine, versions 1 and 2.

use percent_encoding::utf8_percent_encode;
use reqwest::{Url, header::HeaderMap};
use serde_json::Value;

use super::provider::{Hidden, Options, Parameters, ProviderError, SEGMENT, header, text_of};
use crate::outbound::{Outbound, Trust, host_of};

const NO_PATH: &str = "names no path: give “path” in the provider, or in provider_options";

/// A Vault, and how to speak to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vault {
    url: String,
    token: Hidden,
    /// Where secrets are, unless a secret says otherwise: the mount and folders in it.
    path: Option<String>,
    namespace: Option<String>,
    trust: Trust,
}

/// The two forms of the KV engine's API.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Engine {
    One,
    /// Where the engine is mounted; `data` stands behind that in addresses.
    Two {
        mount: Vec<String>,
    },
}

impl Vault {
    pub(super) fn parse(parameters: &mut Parameters<'_>) -> Self {
        let url = parameters.required("url");
        let token = parameters.hidden("token");
        if token.is_none() {
            parameters.problem("token", "required", "must be given");
        }
        let path = parameters.text("path");
        if path.as_deref().is_some_and(|path| segments(path).is_none()) {
            parameters.problem("path", "format", "must not hold “.” or “..”");
        }
        if !url.is_empty() && Url::parse(&url).is_err() {
            parameters.problem("url", "format", "must be a URL, such as https://vault.example:8200");
        }
        let namespace = parameters.text("namespace");
        Self { url, token: token.unwrap_or_default(), path, namespace, trust: parameters.trust() }
    }

    /// Looks the token up with itself, which its default policy allows.
    pub(super) async fn test(&self, outbound: &Outbound) -> Result<(), ProviderError> {
        let call = self.call(outbound)?;
        match call.get(&["auth", "token", "lookup-self"]).await? {
            (200, _) => Ok(()),
            (status @ (401 | 403), _) => Err(ProviderError::Denied { host: call.host, status }),
            (status, _) => Err(ProviderError::Status { host: call.host, status }),
        }
    }

    /// Reads the secret `key` below the path; where there is none, the field `key` of the secret
    /// at the path itself.
    pub(super) async fn read(
        &self,
        outbound: &Outbound,
        key: &str,
        options: Options<'_>,
    ) -> Result<String, ProviderError> {
        let path = options.text("path")?.or(self.path.as_deref());
        let path = path.ok_or_else(|| ProviderError::Options(format!("the secret {NO_PATH}")))?;
        let bad = || ProviderError::Options("path and key must not hold “.” or “..” as a part".into());
        let folder = segments(path).ok_or_else(bad)?;
        if folder.is_empty() {
            return Err(ProviderError::Options(format!("the secret {NO_PATH}")));
        }
        let name = segments(key).filter(|name| !name.is_empty()).ok_or_else(bad)?;
        let field = options.text("field")?;

        let call = self.call(outbound)?;
        let engine = call.engine(&folder).await?;
        let whole: Vec<&str> = folder.iter().chain(&name).copied().collect();
        let denied = match call.secret(&engine, &whole).await {
            Ok(Some(fields)) => return call.pick(&fields, field, key, path),
            Ok(None) => None,
            // A token may be good for the secret at the path and for nothing below it.
            Err(denied @ ProviderError::Denied { .. }) => Some(denied),
            Err(error) => return Err(error),
        };
        let at_path = match call.secret(&engine, &folder).await {
            Err(ProviderError::Denied { .. }) => None,
            other => other?,
        };
        if let Some(value) = at_path.as_ref().and_then(|fields| fields.get(field.unwrap_or(key))) {
            return Ok(text_of(value));
        }
        Err(denied.unwrap_or(ProviderError::Missing { host: call.host, key: key.to_owned(), place: path.to_owned() }))
    }

    fn call(&self, outbound: &Outbound) -> Result<Call, ProviderError> {
        let mut base = outbound.url(&self.url)?;
        base.set_query(None);
        base.set_fragment(None);
        let mut headers = HeaderMap::new();
        headers.insert("x-vault-token", header(&self.token.0)?);
        // A Vault agent refuses requests that a browser could be tricked into.
        headers.insert("x-vault-request", header("true")?);
        if let Some(namespace) = &self.namespace {
            headers.insert("x-vault-namespace", header(namespace)?);
        }
        Ok(Call { outbound: outbound.trusting(&self.trust)?, host: host_of(&base), base, headers })
    }
}

/// The parts of a path; none if one of them would lead elsewhere.
fn segments(path: &str) -> Option<Vec<&str>> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    segments.iter().all(|segment| !matches!(*segment, "." | "..")).then_some(segments)
}

/// One conversation.
struct Call {
    outbound: Outbound,
    base: Url,
    host: String,
    headers: HeaderMap,
}

impl Call {
    async fn get(&self, path: &[&str]) -> Result<(u16, Vec<u8>), ProviderError> {
        let path: Vec<String> = path.iter().map(|segment| utf8_percent_encode(segment, SEGMENT).to_string()).collect();
        let mut url = self.base.clone();
        url.set_path(&format!("{}/v1/{}", self.base.path().trim_end_matches('/'), path.join("/")));
        let answer = self.outbound.get(&url, self.headers.clone()).await?;
        Ok((answer.status, answer.body))
    }

    fn json(&self, body: &[u8]) -> Result<Value, ProviderError> {
        serde_json::from_slice(body)
            .map_err(|_| ProviderError::Answer { host: self.host.clone(), expected: "Vault's JSON" })
    }

    /// Which form the engine below a path speaks. It is asked, as Vault's own command line does;
    /// who may not ask is guessed by the path: `data` behind the mount is how version 2 looks.
    async fn engine(&self, folder: &[&str]) -> Result<Engine, ProviderError> {
        let mut question = vec!["sys", "internal", "ui", "mounts"];
        question.extend(folder);
        match self.get(&question).await? {
            (200, body) => {
                let answer = self.json(&body)?;
                let mount = answer["data"]["path"].as_str().and_then(segments).unwrap_or_default();
                let version = &answer["data"]["options"]["version"];
                if (version.as_str() == Some("2") || version.as_u64() == Some(2)) && !mount.is_empty() {
                    return Ok(Engine::Two { mount: mount.iter().map(|&segment| segment.to_owned()).collect() });
                }
                Ok(Engine::One)
            }
            (400..=404, _) => Ok(match folder.iter().skip(1).position(|segment| *segment == "data") {
                Some(at) => Engine::Two { mount: folder[..=at].iter().map(|&segment| segment.to_owned()).collect() },
                None => Engine::One,
            }),
            (status, _) => Err(ProviderError::Status { host: self.host.clone(), status }),
        }
    }

    /// The fields of a secret; none if there is no such secret.
    async fn secret(
        &self,
        engine: &Engine,
        path: &[&str],
    ) -> Result<Option<serde_json::Map<String, Value>>, ProviderError> {
        let path: Vec<&str> = match engine {
            Engine::One => path.to_vec(),
            Engine::Two { mount } => {
                let (mount_part, rest) = path.split_at(mount.len().min(path.len()));
                // Users write the path with `data`, as in addresses, or without, as on the command line.
                let rest = if rest.first() == Some(&"data") { &rest[1..] } else { rest };
                if rest.is_empty() {
                    return Ok(None);
                }
                mount_part.iter().copied().chain(["data"]).chain(rest.iter().copied()).collect()
            }
        };
        let (status, body) = self.get(&path).await?;
        match status {
            200 => {}
            // Of a version that was deleted 404 comes with a body that tells of it.
            404 => return Ok(None),
            401 | 403 => return Err(ProviderError::Denied { host: self.host.clone(), status }),
            status => return Err(ProviderError::Status { host: self.host.clone(), status }),
        }
        let answer = self.json(&body)?;
        let fields = match engine {
            Engine::One => &answer["data"],
            Engine::Two { .. } => &answer["data"]["data"],
        };
        match fields {
            Value::Object(fields) => Ok(Some(fields.clone())),
            Value::Null => Ok(None),
            _ => Err(ProviderError::Answer { host: self.host.clone(), expected: "the fields of a secret" }),
        }
    }

    /// The field that is the value: the one that was named, else `value`, else the one that is
    /// named as the key, else the only one, else all of them as JSON.
    fn pick(
        &self,
        fields: &serde_json::Map<String, Value>,
        field: Option<&str>,
        key: &str,
        path: &str,
    ) -> Result<String, ProviderError> {
        let missing = || ProviderError::Missing {
            host: self.host.clone(),
            key: field.unwrap_or(key).to_owned(),
            place: path.to_owned(),
        };
        if let Some(field) = field {
            return fields.get(field).map(text_of).ok_or_else(missing);
        }
        let only = || fields.values().next().filter(|_| fields.len() == 1);
        let value = fields.get("value").or_else(|| fields.get(key)).or_else(only);
        if fields.is_empty() {
            return Err(missing());
        }
        Ok(value.map_or_else(|| Value::Object(fields.clone()).to_string(), text_of))
    }
}
