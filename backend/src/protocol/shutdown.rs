//! The message by which a computer is restarted or shut down.

use super::{kind, message::Message};

/// An order to go down, and to come up again or not. The agent answers with an
/// `operation-result` before it carries it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shutdown {
    /// The id of the activity.
    pub operation_id: i64,
    pub reboot: bool,
}

impl Shutdown {
    /// The message that gives the order.
    pub fn to_message(self) -> Message {
        Message::new(kind::SHUTDOWN).with("operation-id", self.operation_id).with("reboot", self.reboot)
    }
}
