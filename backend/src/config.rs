//! What the server is told when it starts: defaults, then a file, then the environment, then
//! the command line. The later one wins.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::Dict;
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, de};

/// Every key that the file and the environment may set.
const KEYS: &[&str] = &[
    "listen",
    "data",
    "database",
    "local_agent",
    "log",
    "http.trusted_proxies",
    "http.cors_origins",
    "http.header_timeout",
    "outbound.allow",
];

/// Tables of the file; a variable names a key inside one with an underscore.
const TABLES: &[&str] = &["http", "outbound"];

/// Name of the file that is read from the data directory when none is named.
const FILE: &str = "binnacle.toml";

const HEADER_TIMEOUT: NonZeroU64 = NonZeroU64::MIN.saturating_add(74);
/// An hour; more would be no limit.
const LONGEST_TIMEOUT: u64 = 3600;

/// How the server shall run.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// Where keys, the embedded database and the local agent's state are kept.
    pub data: PathBuf,
    /// URL of the database; none: the embedded one in the data directory.
    pub database: Option<String>,
    /// Whether an agent for this machine runs beside the server.
    #[serde(deserialize_with = "lenient_bool")]
    pub local_agent: bool,
    /// What is logged, in the notation of `RUST_LOG`.
    pub log: String,
    #[serde(default)]
    pub http: Http,
    #[serde(default)]
    pub outbound: Outbound,
}

/// How the server takes requests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Proxies whose `X-Forwarded-…` headers are believed. Anybody can send such headers, so
    /// none is trusted that was not named.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may use the API: consoles that another server hands out.
    #[serde(deserialize_with = "origins")]
    pub cors_origins: Vec<String>,
    /// Seconds within which the head of a request must have come. Longer than proxies usually keep
    /// idle connections: who ends one should be the proxy, which then sends nothing more on it.
    #[serde(deserialize_with = "seconds")]
    pub header_timeout: NonZeroU64,
}

impl Default for Http {
    fn default() -> Self {
        Self { trusted_proxies: Vec::new(), cors_origins: Vec::new(), header_timeout: HEADER_TIMEOUT }
    }
}

/// Which addresses the server calls when a user names one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outbound {
    /// Networks that may be called although they are not of the public internet, such as the one
    /// of a secret store. None is, unless it is named: whoever may name an address could reach
    /// everything that this server reaches.
    #[serde(deserialize_with = "networks")]
    pub allow: Vec<IpNet>,
}

impl fmt::Debug for Config {
    /// The database's URL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("data", &self.data)
            .field("database", &self.database.as_ref().map(|_| "…"))
            .field("local_agent", &self.local_agent)
            .field("log", &self.log)
            .field("http", &self.http)
            .field("outbound", &self.outbound)
            .finish()
    }
}

/// Settings of the command line. What is not said there is left out.
#[derive(Clone, Debug, Default, Serialize, clap::Args)]
pub struct Flags {
    /// Address to listen on, such as 127.0.0.1:8080
    #[arg(long, value_name = "ADDR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,

    /// Directory for keys, embedded database and local agent
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,

    /// Database, such as postgres://user:password@host/binnacle; embedded in the data directory if absent
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,

    /// Run an agent for this machine beside the server
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub local_agent: bool,

    /// What to log, such as info or binnacle=debug
    #[arg(long, value_name = "FILTER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,

    /// Settings file; binnacle.toml in the data directory if absent
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

#[derive(Serialize)]
struct Defaults {
    listen: &'static str,
    data: &'static str,
    local_agent: bool,
    log: &'static str,
}

const DEFAULTS: Defaults = Defaults { listen: "127.0.0.1:8080", data: "data", local_agent: false, log: "info" };

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{file}: there is no such file")]
    Missing { file: String },
    #[error("{file}: unknown key “{key}”{hint}; known are {}", KEYS.join(", "))]
    UnknownKey { file: String, key: String, hint: String },
    #[error("{0}")]
    Invalid(Box<figment::Error>),
}

impl From<figment::Error> for ConfigError {
    fn from(error: figment::Error) -> Self {
        Self::Invalid(Box::new(error))
    }
}

impl Config {
    /// Reads all sources.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        let environment = Env::prefixed("BINNACLE_").map(|key| dotted(key.as_str()).into()).only(KEYS);
        let without_file =
            Figment::from(Serialized::defaults(DEFAULTS)).merge(environment.clone()).merge(Serialized::defaults(flags));
        let file = match &flags.config {
            Some(file) if !file.is_file() => {
                return Err(ConfigError::Missing { file: file.display().to_string() });
            }
            Some(file) => Some(file.clone()),
            // The data directory is what the other sources say: its own file cannot move it.
            None => Some(without_file.extract_inner::<PathBuf>("data")?.join(FILE)).filter(|file| file.is_file()),
        };
        let Some(file) = file else {
            return Ok(without_file.extract()?);
        };
        check_keys(&file)?;
        let config = Figment::from(Serialized::defaults(DEFAULTS))
            .merge(Toml::file_exact(&file))
            .merge(environment)
            .merge(Serialized::defaults(flags))
            .extract()?;
        Ok(config)
    }

    /// Where the embedded database is kept.
    pub fn embedded_database(&self) -> PathBuf {
        self.data.join("binnacle.db")
    }

    /// The database's URL, with the embedded one spelled out.
    pub fn database_url(&self) -> String {
        let embedded = || format!("sqlite:{}", self.embedded_database().display());
        self.database.clone().unwrap_or_else(embedded)
    }
}

/// The first administrator's password, if the environment sets it. It is no setting of the
/// file, so that it does not stay on the disk.
pub fn admin_password() -> Option<String> {
    std::env::var("BINNACLE_ADMIN_PASSWORD").ok().filter(|p| !p.is_empty())
}

fn check_keys(file: &Path) -> Result<(), ConfigError> {
    let table: Dict = Figment::from(Toml::file_exact(file)).extract()?;
    let names = table.iter().flat_map(|(name, value)| match value.as_dict() {
        Some(inner) if TABLES.contains(&name.as_str()) => inner.keys().map(|key| format!("{name}.{key}")).collect(),
        _ => vec![name.clone()],
    });
    let Some(key) = names.into_iter().find(|key| !KEYS.contains(&key.as_str())) else {
        return Ok(());
    };
    let hint = if key == "admin_password" {
        " (only BINNACLE_ADMIN_PASSWORD in the environment sets it)".to_owned()
    } else {
        nearest(&key).map_or_else(String::new, |known| format!(", did you mean “{known}”?"))
    };
    Err(ConfigError::UnknownKey { file: file.display().to_string(), key, hint })
}

/// The known key that is most alike, unless none is.
fn nearest(key: &str) -> Option<&'static str> {
    KEYS.iter()
        .map(|known| (strsim::jaro_winkler(key, known), *known))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

/// `http_cors_origins` of the environment is `http.cors_origins`.
fn dotted(key: &str) -> String {
    let key = key.to_ascii_lowercase();
    let table = TABLES.iter().find_map(|table| Some((table, key.strip_prefix(table)?.strip_prefix('_')?)));
    table.map_or_else(|| key.clone(), |(table, rest)| format!("{table}.{rest}"))
}

/// A list, or text with commas as in an environment.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Value {
        List(Vec<String>),
        Text(String),
    }
    let items = match Value::deserialize(deserializer)? {
        Value::List(items) => items,
        Value::Text(text) => text.split(',').map(str::to_owned).collect(),
    };
    Ok(items.iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect())
}

/// Addresses (`10.0.0.7`) and networks (`10.0.0.0/8`).
fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let network = |text: String| {
        let address = text.parse::<IpAddr>().map(IpNet::from);
        address
            .or_else(|_| text.parse::<IpNet>())
            .map_err(|_| de::Error::custom(format!("“{text}” is no address or network, such as 10.0.0.0/8")))
    };
    list(deserializer)?.into_iter().map(network).collect()
}

/// Origins as browsers send them: scheme, host, and port where it is not the usual one.
fn origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let origin = |text: String| {
        let text = text.to_ascii_lowercase();
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        if host.is_some_and(|host| !host.is_empty() && host.chars().all(plain)) {
            return Ok(text);
        }
        Err(de::Error::custom(format!("“{text}” is no origin, such as https://console.example")))
    };
    list(deserializer)?.into_iter().map(origin).collect()
}

/// A time of at least a second, and not without end.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NonZeroU64, D::Error> {
    NonZeroU64::deserialize(deserializer)
        .ok()
        .filter(|seconds| seconds.get() <= LONGEST_TIMEOUT)
        .ok_or_else(|| de::Error::custom(format!("must be a number of seconds from 1 to {LONGEST_TIMEOUT}")))
}

/// `1`, `yes` and `on` are usual in an environment.
fn lenient_bool<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Value {
        Bool(bool),
        Number(i64),
        Text(String),
    }
    match Value::deserialize(deserializer)? {
        Value::Bool(value) => Ok(value),
        Value::Number(0) => Ok(false),
        Value::Number(1) => Ok(true),
        Value::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Ok(true),
            "false" | "no" | "off" | "" => Ok(false),
            _ => Err(de::Error::custom("must be true or false")),
        },
        Value::Number(_) => Err(de::Error::custom("must be true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, ConfigError, Flags, nearest};

    #[test]
    fn the_command_line_wins_over_the_file() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("binnacle.toml"), "listen = \"[::1]:1\"\nlog = \"debug\"\n").unwrap();
        let flags = Flags { data: Some(dir.path().to_owned()), listen: Some("127.0.0.1:0".into()), ..Flags::default() };
        let config = Config::load(&flags).unwrap();
        assert_eq!((config.listen.as_str(), config.log.as_str()), ("127.0.0.1:0", "debug"));
        assert!(config.database_url().ends_with("/binnacle.db"));
    }

    #[test]
    fn an_unknown_key_is_named_with_the_nearest_known() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.toml");
        std::fs::write(&file, "databse = \"x\"\n").unwrap();
        let flags = Flags { config: Some(file), ..Flags::default() };
        let message = Config::load(&flags).unwrap_err().to_string();
        assert!(message.contains("“databse”, did you mean “database”?"), "{message}");
        assert_eq!(nearest("zzz"), None);
    }

    #[test]
    fn the_table_http_is_read_from_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.toml");
        let load = |text: &str| {
            std::fs::write(&file, text).unwrap();
            Config::load(&Flags { config: Some(file.clone()), ..Flags::default() })
        };
        let http = load("[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\ncors_origins = \"https://A.example, http://[::1]:81\"\n")
            .unwrap()
            .http;
        assert_eq!(http.trusted_proxies.len(), 2);
        assert!(http.trusted_proxies[0].contains(&"10.1.2.3".parse::<std::net::IpAddr>().unwrap()));
        assert_eq!(http.cors_origins, ["https://a.example", "http://[::1]:81"]);
        let error = |text| load(text).unwrap_err().to_string();
        assert!(error("[http]\ntrusted_proxies = [\"everybody\"]\n").contains("“everybody” is no address"));
        assert!(error("[http]\ncors_origins = [\"https://a/b\"]\n").contains("is no origin"));
        assert!(error("[http]\ncors_origins = [\"*\"]\n").contains("is no origin"));
        assert_eq!(http.header_timeout.get(), 75);
        assert_eq!(load("[http]\nheader_timeout = 5\n").unwrap().http.header_timeout.get(), 5);
        for wrong in ["0", "3601", "-1", "\"soon\"", "1.5"] {
            let message = load(&format!("[http]\nheader_timeout = {wrong}\n")).unwrap_err().to_string();
            assert!(message.contains("seconds from 1 to 3600"), "{wrong}: {message}");
        }
        assert!(error("[http]\ntrusted_proxy = []\n").contains("did you mean “http.trusted_proxies”?"));
        assert_eq!(super::dotted("HTTP_CORS_ORIGINS"), "http.cors_origins");
        assert_eq!(super::dotted("LOCAL_AGENT"), "local_agent");
    }

    #[test]
    fn networks_that_may_be_called_are_read_from_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.toml");
        let load = |text: &str| {
            std::fs::write(&file, text).unwrap();
            Config::load(&Flags { config: Some(file.clone()), ..Flags::default() })
        };
        let outbound = load("[outbound]\nallow = [\"10.0.0.0/8\", \"fd00::/8\"]\n").unwrap().outbound;
        assert_eq!(outbound.allow.len(), 2);
        assert!(load("listen = \"127.0.0.1:0\"\n").unwrap().outbound.allow.is_empty());
        let message = load("[outbound]\nallow = [\"vault.example\"]\n").unwrap_err().to_string();
        assert!(message.contains("“vault.example” is no address"), "{message}");
        assert_eq!(super::dotted("OUTBOUND_ALLOW"), "outbound.allow");
    }

    #[test]
    fn a_named_file_must_be_there() {
        let flags = Flags { config: Some("/nowhere/x.toml".into()), ..Flags::default() };
        assert!(matches!(Config::load(&flags), Err(ConfigError::Missing { .. })));
    }

    #[test]
    fn passwords_are_not_shown() {
        let flags = Flags { database: Some("postgres://u:secret@h/d".into()), ..Flags::default() };
        let config = Config::load(&flags).unwrap();
        assert!(!format!("{config:?}").contains("secret"));
    }
}
