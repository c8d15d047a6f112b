//! The agent protocol, as both ends need it: the encoding, the payloads and the messages.
//!
//! Nothing here touches the network or a database, so the server's end (`api::agent`) and the
//! client's end (`agent`) share every rule about what a byte on the wire means.

pub mod bpickle;
pub mod digest;
pub mod message;
pub mod package;
pub mod payload;
pub mod registration;
pub mod script;
pub mod shutdown;

pub use bpickle::{Dict, Key, Value};
pub use message::Message;
pub use payload::{ClientPayload, ServerPayload};

/// The highest protocol level both ends of this program speak.
pub const SERVER_API: &str = "3.3";

/// The level a client starts with, before it has heard from the server.
pub const FIRST_API: &str = "3.2";

/// The level of the client's own behaviour, told to the server in each exchange.
pub const CLIENT_API: &str = "3.8";

/// At most so many messages travel in one exchange; the rest follow in the next.
pub const MAX_MESSAGES: usize = 100;

/// Names of the request headers of an exchange.
pub mod header {
    /// The secure id of the computer; absent until it is registered.
    pub const COMPUTER_ID: &str = "x-computer-id";
    /// The token of the previous answer, which tells a machine from its copy.
    pub const EXCHANGE_TOKEN: &str = "x-exchange-token";
    /// The protocol level the payload is written for.
    pub const MESSAGE_API: &str = "x-message-api";
}

/// Names of message types that the code of either end refers to.
pub mod kind {
    pub const ACCEPTED_TYPES: &str = "accepted-types";
    pub const ACTIVE_PROCESS_INFO: &str = "active-process-info";
    pub const ADD_PACKAGES: &str = "add-packages";
    pub const APT_PREFERENCES: &str = "apt-preferences";
    pub const CHANGE_PACKAGES_RESULT: &str = "change-packages-result";
    pub const CLOUD_INIT: &str = "cloud-init";
    pub const COMPUTER_INFO: &str = "computer-info";
    pub const COMPUTER_TAGS: &str = "computer-tags";
    pub const CPU_USAGE: &str = "cpu-usage";
    pub const DISTRIBUTION_INFO: &str = "distribution-info";
    pub const EXECUTE_SCRIPT: &str = "execute-script";
    pub const FREE_SPACE: &str = "free-space";
    pub const HARDWARE_INFO: &str = "hardware-info";
    pub const LIVEPATCH: &str = "livepatch";
    pub const LOAD_AVERAGE: &str = "load-average";
    pub const MEMORY_INFO: &str = "memory-info";
    pub const MOUNT_INFO: &str = "mount-info";
    pub const NETWORK_ACTIVITY: &str = "network-activity";
    pub const NETWORK_DEVICE: &str = "network-device";
    pub const OPERATION_OUTPUT: &str = "operation-output";
    pub const OPERATION_RESULT: &str = "operation-result";
    pub const PACKAGES: &str = "packages";
    pub const PACKAGE_IDS: &str = "package-ids";
    pub const PACKAGE_REPORTER_RESULT: &str = "package-reporter-result";
    pub const PROCESSOR_INFO: &str = "processor-info";
    pub const REBOOT_REQUIRED_INFO: &str = "reboot-required-info";
    pub const REGISTER: &str = "register";
    pub const REGISTRATION: &str = "registration";
    pub const RESYNCHRONIZE: &str = "resynchronize";
    pub const SET_ID: &str = "set-id";
    pub const SET_INTERVALS: &str = "set-intervals";
    pub const SHUTDOWN: &str = "shutdown";
    pub const TEMPERATURE: &str = "temperature";
    pub const UBUNTU_PRO_INFO: &str = "ubuntu-pro-info";
    pub const UBUNTU_PRO_REBOOT_REQUIRED: &str = "ubuntu-pro-reboot-required";
    pub const UNKNOWN_ID: &str = "unknown-id";
    pub const UNKNOWN_PACKAGE_HASHES: &str = "unknown-package-hashes";
    pub const UPDATE_MANAGER_INFO: &str = "update-manager-info";
    pub const USERS: &str = "users";
}

/// The number under which an operation is reported as failed.
pub const STATUS_FAILED: i64 = 5;
/// The number under which an operation is reported as succeeded.
pub const STATUS_SUCCEEDED: i64 = 6;

#[cfg(test)]
mod vectors;
