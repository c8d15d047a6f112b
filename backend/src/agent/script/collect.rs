//! The output of a script: bytes in, bounded text out.

/// Stands at the end of output that was cut.
const CUT_NOTE: &str = "\n**OUTPUT TRUNCATED**";

/// Gathers output as text. Bytes that are no UTF-8 become replacement characters.
#[derive(Debug)]
pub(super) struct Collector {
    text: String,
    /// The begin of a character whose rest has not arrived.
    tail: Vec<u8>,
    limit: usize,
    cut: bool,
    /// How much of the text was handed out as pieces.
    handed_out: usize,
}

impl Collector {
    /// A collector of which so many bytes of text were handed out before, from the same output.
    pub(super) fn new(limit: usize, handed_out: usize) -> Self {
        Self { text: String::new(), tail: Vec::new(), limit: limit.max(CUT_NOTE.len()), cut: false, handed_out }
    }

    /// Adds output. Beyond the limit it is read and forgotten, so that the script can go on.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.cut {
            return;
        }
        let mut rest = std::mem::take(&mut self.tail);
        rest.extend_from_slice(bytes);
        let mut chunks = rest.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.text.push_str(chunk.valid());
            let broken = chunk.invalid();
            if broken.is_empty() {
                continue;
            }
            if chunks.peek().is_none() && may_continue(broken) {
                self.tail = broken.to_vec();
            } else {
                self.text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        self.enforce_limit();
    }

    fn enforce_limit(&mut self) {
        if self.text.len() > self.limit {
            self.text.truncate(self.text.floor_char_boundary(self.limit - CUT_NOTE.len()));
            self.text.push_str(CUT_NOTE);
            self.cut = true;
        }
    }

    /// What has come since the last piece. Output close to the limit is kept back, because it may
    /// still make way for the note that there was more.
    pub(super) fn piece(&mut self) -> Option<String> {
        let end = self.text.floor_char_boundary(self.limit - CUT_NOTE.len());
        let piece = self.text.get(self.handed_out..end).filter(|piece| !piece.is_empty())?.to_owned();
        self.handed_out = end;
        Some(piece)
    }

    /// The whole text.
    pub(super) fn finish(mut self) -> String {
        if !self.tail.is_empty() && !self.cut {
            self.text.push(char::REPLACEMENT_CHARACTER);
            self.enforce_limit();
        }
        self.text
    }
}

/// Whether these bytes could be the begin of a character.
fn may_continue(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn characters_may_arrive_in_parts() {
        let mut collector = Collector::new(1000, 0);
        for byte in "Öl für 3 €\n".bytes() {
            collector.push(&[byte]);
        }
        assert_eq!(collector.finish(), "Öl für 3 €\n");
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let mut collector = Collector::new(1000, 0);
        collector.push(b"a\xffb\xc3");
        collector.push(b"(\xe2\x82");
        assert_eq!(collector.finish(), "a\u{fffd}b\u{fffd}(\u{fffd}");
    }

    #[test]
    fn output_is_cut_at_the_limit_with_a_note() {
        let mut collector = Collector::new(100, 0);
        collector.push(&b"x".repeat(100));
        assert_eq!(collector.piece().map(|piece| piece.len()), Some(100 - CUT_NOTE.len()));
        collector.push(b"y");
        assert_eq!(collector.piece(), None);
        collector.push(b"z");
        let text = collector.finish();
        assert_eq!(text.len(), 100);
        assert!(text.ends_with(CUT_NOTE));
    }

    #[test]
    fn what_was_handed_out_in_an_earlier_life_is_not_handed_out_again() {
        let mut collector = Collector::new(1000, 4);
        collector.push(b"ab");
        assert_eq!(collector.piece(), None);
        collector.push(b"cdef");
        assert_eq!(collector.piece().as_deref(), Some("ef"));
        assert_eq!(collector.finish(), "abcdef");
    }

    proptest! {
        #[test]
        fn pieces_are_the_begin_of_the_whole(chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..20)) {
            let mut collector = Collector::new(300, 0);
            let mut pieces = String::new();
            for chunk in &chunks {
                collector.push(chunk);
                pieces.extend(collector.piece());
            }
            let text = collector.finish();
            prop_assert!(text.starts_with(&pieces));
            prop_assert!(text.len() <= 300);
            let whole = String::from_utf8_lossy(&chunks.concat()).into_owned();
            if whole.len() <= 300 {
                prop_assert_eq!(text, whole);
            }
        }
    }
}
