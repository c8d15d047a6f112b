//! What an agent is told when it is started.

use std::path::PathBuf;

use super::packages::PackageScope;

/// Settings of an agent. Each can also come from the environment.
#[derive(Debug, Clone, clap::Args)]
pub struct AgentConfig {
    /// The server's address, for example http://binnacle.example:8080
    #[arg(long, env = "BINNACLE_AGENT_SERVER", value_name = "URL")]
    pub server: String,

    /// The account this computer shall belong to
    #[arg(long, env = "BINNACLE_AGENT_ACCOUNT", value_name = "NAME", default_value = "standalone")]
    pub account: String,

    /// The account's registration key; without it the computer waits to be accepted
    #[arg(long, env = "BINNACLE_AGENT_REGISTRATION_KEY", value_name = "KEY", hide_env_values = true)]
    pub registration_key: Option<String>,

    /// Tags the computer asks for, separated by commas
    #[arg(long, env = "BINNACLE_AGENT_TAGS", value_name = "A,B", default_value = "")]
    pub tags: String,

    /// The computer's title; its host name if absent
    #[arg(long, env = "BINNACLE_AGENT_TITLE", value_name = "TEXT")]
    pub title: Option<String>,

    /// The access group the computer asks for
    #[arg(long, env = "BINNACLE_AGENT_ACCESS_GROUP", value_name = "NAME")]
    pub access_group: Option<String>,

    /// Where the agent keeps its state; by default below /var/lib or the home directory
    #[arg(long, env = "BINNACLE_AGENT_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// System users that scripts may run as, separated by commas, or ALL
    #[arg(long, env = "BINNACLE_AGENT_SCRIPT_USERS", value_name = "NAMES", default_value = "ALL")]
    pub script_users: String,

    /// Seconds between pings, if the server does not hold them
    #[arg(long, env = "BINNACLE_AGENT_PING_INTERVAL", value_name = "SECONDS", default_value_t = 30)]
    pub ping_interval: u64,

    /// Seconds between exchanges when nothing happens
    #[arg(long, env = "BINNACLE_AGENT_EXCHANGE_INTERVAL", value_name = "SECONDS", default_value_t = 900)]
    pub exchange_interval: u64,

    /// The most output a script may leave, in KiB; the rest is cut
    #[arg(long, env = "BINNACLE_AGENT_SCRIPT_OUTPUT_LIMIT", value_name = "KIB", default_value_t = 512)]
    pub script_output_limit: usize,

    /// Which packages are reported
    #[arg(long, env = "BINNACLE_AGENT_PACKAGES", value_enum, default_value_t)]
    pub packages: PackageScope,

    /// What to log, such as info or binnacle=debug
    #[arg(long, env = "BINNACLE_AGENT_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,

    /// End when standard input ends, which is when the server that started this agent is gone
    #[arg(long, hide = true)]
    pub exit_with_stdin: bool,

    /// The Binnacle binary that scripts are started with; this process's own if absent
    #[arg(skip)]
    pub launcher: Option<PathBuf>,
}

impl AgentConfig {
    /// The directory of the agent's state.
    pub fn data_directory(&self) -> PathBuf {
        if let Some(data) = &self.data {
            return data.clone();
        }
        match std::env::var_os("HOME") {
            Some(home) if !nix::unistd::geteuid().is_root() => PathBuf::from(home).join(".local/share/binnacle-agent"),
            _ => PathBuf::from("/var/lib/binnacle-agent"),
        }
    }

    /// The title the computer asks for.
    pub fn computer_title(&self) -> String {
        match self.title.as_deref().map(str::trim) {
            Some(title) if !title.is_empty() => title.to_owned(),
            _ => super::report::host_name(),
        }
    }
}
