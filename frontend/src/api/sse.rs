//! The text form of server-sent events.

/// Puts events together from text that comes in pieces.
#[derive(Debug, Default)]
pub struct Parser {
    /// A line that is not at its end yet.
    rest: String,
    event: String,
    data: String,
    /// Stays until another comes: what one names to go on from.
    id: String,
}

impl Parser {
    /// Name, data and id of each event that is now complete.
    pub fn push(&mut self, text: &str) -> Vec<(String, String, String)> {
        self.rest.push_str(text);
        let mut events = Vec::new();
        while let Some((line, rest)) = self.rest.split_once('\n') {
            let (line, rest) = (line.trim_end_matches('\r').to_owned(), rest.to_owned());
            self.rest = rest;
            if line.is_empty() {
                let (event, mut data) = (std::mem::take(&mut self.event), std::mem::take(&mut self.data));
                if data.pop().is_some() {
                    events.push((event, data, self.id.clone()));
                }
                continue;
            }
            // The audit log's stream has an object in each line and no names of fields.
            if line.starts_with('{') {
                self.data.push_str(&line);
                self.data.push('\n');
                continue;
            }
            // A line that begins with a colon only keeps the connection.
            let (field, value) = line.split_once(':').unwrap_or((&line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => value.clone_into(&mut self.event),
                "id" => value.clone_into(&mut self.id),
                "data" => {
                    self.data.push_str(value);
                    self.data.push('\n');
                }
                _ => {}
            }
        }
        events
    }
}
