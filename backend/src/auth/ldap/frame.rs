//! Carries bytes between the network and the LDAP library, which takes what comes: here it is
//! made sure that messages are whole, of a bounded size and not nested without end.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::UnixStream;

use super::error::LdapError;

/// One message: an entry with the attributes that we ask for.
const MESSAGE_MAX: usize = 4 << 20;
/// Everything that a server may send in one session.
const TOTAL_MAX: usize = 16 << 20;
/// LDAP's own messages have less than ten levels.
const DEPTH_MAX: usize = 24;

/// Carries until something is wrong. When the server closes, the library is told and this goes
/// on for ever: what it still has to say counts more.
pub async fn carry<S: AsyncRead + AsyncWrite>(network: S, library: UnixStream) -> LdapError {
    let (mut from_network, mut to_network) = tokio::io::split(network);
    let (mut from_library, mut to_library) = library.into_split();
    let outwards = async {
        // A failure shows on the way back too.
        let _ = tokio::io::copy(&mut from_library, &mut to_network).await;
        let _ = to_network.shutdown().await;
        std::future::pending::<()>().await;
    };
    let inwards = async {
        let fault = relay(&mut from_network, &mut to_library).await.err();
        if fault.is_none() {
            let _ = to_library.shutdown().await;
        }
        fault
    };
    tokio::select! {
        Some(fault) = inwards => fault,
        () = outwards => LdapError::Closed,
        else => std::future::pending().await,
    }
}

/// Passes whole messages on until the other side closes.
async fn relay(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin)) -> Result<(), LdapError> {
    let mut waiting = Vec::new();
    let mut total = 0;
    loop {
        let read = from.read_buf(&mut waiting).await.unwrap_or(0);
        if read == 0 {
            return Ok(());
        }
        total += read;
        if total > TOTAL_MAX {
            return Err(LdapError::TooMuch);
        }
        let mut passed = 0;
        while let Some(length) = message(waiting.get(passed..).unwrap_or_default())? {
            let whole = waiting.get(passed..passed + length).unwrap_or_default();
            if !well_nested(whole) {
                return Err(LdapError::NotLdap);
            }
            if to.write_all(whole).await.is_err() {
                return Ok(());
            }
            passed += length;
        }
        // Once: what waits behind many small messages would be moved for each of them.
        waiting.drain(..passed);
    }
}

/// The length of the message at the start, once all of it is there.
fn message(bytes: &[u8]) -> Result<Option<usize>, LdapError> {
    const SEQUENCE: u8 = 0x30;
    if bytes.first().is_some_and(|tag| *tag != SEQUENCE) {
        return Err(LdapError::NotLdap);
    }
    match header(bytes) {
        Header::Partial => Ok(None),
        Header::Bad => Err(LdapError::NotLdap),
        Header::Read { length, content, .. } if length + content > MESSAGE_MAX => Err(LdapError::TooMuch),
        Header::Read { length, content, .. } => Ok(Some(length + content).filter(|whole| *whole <= bytes.len())),
    }
}

/// Whether all parts end where they should and are not too deep. Without calling itself, since
/// the depth is the other side's choice.
fn well_nested(whole: &[u8]) -> bool {
    let mut ends = Vec::new();
    let mut at = 0;
    loop {
        while ends.last() == Some(&at) {
            ends.pop();
        }
        if at == whole.len() {
            return ends.is_empty();
        }
        let Header::Read { length, content, constructed } = header(whole.get(at..).unwrap_or_default()) else {
            return false;
        };
        let end = at + length + content;
        if end > *ends.last().unwrap_or(&whole.len()) || (constructed && ends.len() >= DEPTH_MAX) {
            return false;
        }
        if constructed {
            ends.push(end);
            at += length;
        } else {
            at = end;
        }
    }
}

enum Header {
    /// Not all of it is there yet.
    Partial,
    /// LDAP has no such header.
    Bad,
    Read {
        length: usize,
        content: usize,
        constructed: bool,
    },
}

fn header(bytes: &[u8]) -> Header {
    let &[tag, first, ..] = bytes else { return Header::Partial };
    if tag & 0x1f == 0x1f {
        return Header::Bad;
    }
    let constructed = tag & 0x20 != 0;
    if first < 0x80 {
        return Header::Read { length: 2, content: first.into(), constructed };
    }
    let count = usize::from(first & 0x7f);
    if !(1..=4).contains(&count) {
        return Header::Bad;
    }
    let Some(digits) = bytes.get(2..2 + count) else { return Header::Partial };
    let content = digits.iter().fold(0_usize, |sum, digit| sum << 8 | usize::from(*digit));
    Header::Read { length: 2 + count, content, constructed }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MESSAGE_MAX, TOTAL_MAX, message, relay, well_nested};
    use crate::auth::ldap::LdapError;

    /// An answer to a bind, as it stands in the standard.
    const ANSWER: &[u8] = b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00";

    async fn relayed(bytes: &[u8]) -> (Result<(), LdapError>, Vec<u8>) {
        let mut out = Vec::new();
        let result = relay(&mut &*bytes, &mut out).await;
        (result, out)
    }

    #[tokio::test]
    async fn whole_messages_pass_as_they_are() {
        let two = [ANSWER, ANSWER].concat();
        assert_eq!(relayed(&two).await, (Ok(()), two.clone()));
        // The half of one is kept back: nobody can tell what it would have been.
        assert_eq!(relayed(&two[..20]).await, (Ok(()), ANSWER.to_vec()));
    }

    #[tokio::test]
    async fn what_is_no_ldap_is_refused() {
        for bytes in
            [&b"HTTP/1.1 400 Bad Request\r\n"[..], b"\x16\x03\x01\x00", b"\x30\x80\x00\x00", b"\x30\x85\x01\x01"]
        {
            assert_eq!(relayed(bytes).await, (Err(LdapError::NotLdap), Vec::new()), "{bytes:?}");
        }
        // A part that is longer than what holds it.
        assert_eq!(relayed(b"\x30\x02\x04\x05").await.0, Err(LdapError::NotLdap));
    }

    #[tokio::test]
    async fn sizes_are_bounded() {
        let length = u32::try_from(MESSAGE_MAX).unwrap().to_be_bytes();
        let announced = [&b"\x30\x84"[..], &length].concat();
        assert_eq!(relayed(&announced).await.0, Err(LdapError::TooMuch));
        let many = ANSWER.repeat(TOTAL_MAX / ANSWER.len() + 1);
        assert_eq!(relayed(&many).await.0, Err(LdapError::TooMuch));
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |levels: usize| {
            (0..levels).fold(vec![0x05, 0x00], |inner, _| {
                let length = u32::try_from(inner.len()).unwrap().to_be_bytes();
                [&b"\x30\x84"[..], &length, &inner].concat()
            })
        };
        assert!(well_nested(&nested(24)));
        assert!(!well_nested(&nested(25)));
        assert!(!well_nested(&nested(2_000)));
    }

    proptest! {
        #[test]
        fn no_bytes_upset_it(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = message(&bytes);
            let _ = well_nested(&bytes);
        }
    }
}
