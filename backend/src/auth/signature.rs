//! Signed requests of the query API, version 2: an HMAC over method, host, path and parameters.

use std::collections::BTreeMap;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use binnacle_shared::time;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

/// How far a request's time may be from ours, to either side.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(15);

/// Everything but letters, digits and these four is written as `%XX`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a request that claims to be signed is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("The parameter {0} is required in a signed request.")]
    Missing(&'static str),
    #[error("The signature method must be HmacSHA256 with signature version 2.")]
    Method,
    #[error("The timestamp must be a time such as 2026-11-21T08:00:00Z.")]
    Timestamp,
    #[error("The timestamp is more than 15 minutes from the server's time; set the clock and sign again.")]
    Stale,
    #[error("The signature does not fit the request and the secret key.")]
    Mismatch,
}

/// What a signed request says of its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub access_key: String,
    pub timestamp: Timestamp,
    mac: Vec<u8>,
}

/// Whether the parameters claim to be signed.
pub fn is_claimed(parameters: &BTreeMap<String, String>) -> bool {
    parameters.contains_key("signature") || parameters.contains_key("access_key_id")
}

/// Reads the signature's parameters. Nothing is proven by that.
pub fn read(parameters: &BTreeMap<String, String>, now: Timestamp) -> Result<Claim, Fault> {
    let get = |name: &'static str| {
        let value = parameters.get(name).map(String::as_str).unwrap_or_default();
        if value.is_empty() { Err(Fault::Missing(name)) } else { Ok(value) }
    };
    let access_key = get("access_key_id")?.to_owned();
    let signature = get("signature")?;
    let stamp = get("timestamp")?;
    if get("signature_method")? != "HmacSHA256" || get("signature_version")? != "2" {
        return Err(Fault::Method);
    }
    let timestamp = time::parse(stamp).map_err(|_| Fault::Timestamp)?;
    if timestamp.duration_since(now).abs() > TOLERANCE {
        return Err(Fault::Stale);
    }
    // A plus sign that was not encoded has become a blank on its way.
    let mac = BASE64.decode(signature.replace(' ', "+")).map_err(|_| Fault::Mismatch)?;
    Ok(Claim { access_key, timestamp, mac })
}

/// A request as both sides see it.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    pub method: &'a str,
    /// The hosts it may have been sent to: as it stands in the request, and what a proxy says.
    pub hosts: &'a [&'a str],
    /// As received, without query.
    pub path: &'a str,
    pub parameters: &'a BTreeMap<String, String>,
}

impl Signed<'_> {
    /// Whether the claim was made with this secret for this request. How long it takes does not
    /// tell how much of the signature was right.
    pub fn check(&self, claim: &Claim, secret: &str) -> Result<(), Fault> {
        let query = canonical_query(self.parameters);
        let fits = |host: &str| {
            let text = string_to_sign(self.method, host, self.path, &query);
            mac(secret, &text).is_some_and(|mac| mac.verify_slice(&claim.mac).is_ok())
        };
        let mut any = false;
        for host in self.hosts {
            // Clients differ in whether they write the host small before they sign it.
            any |= fits(host) | fits(&host.to_ascii_lowercase());
        }
        if any { Ok(()) } else { Err(Fault::Mismatch) }
    }
}

/// All parameters but the signature in byte order of their names, strictly encoded.
pub fn canonical_query(parameters: &BTreeMap<String, String>) -> String {
    let mut query = String::new();
    for (name, value) in parameters {
        if name == "signature" {
            continue;
        }
        if !query.is_empty() {
            query.push('&');
        }
        query.extend(utf8_percent_encode(name, ENCODED));
        query.push('=');
        query.extend(utf8_percent_encode(value, ENCODED));
    }
    query
}

/// What is signed.
pub fn string_to_sign(method: &str, host: &str, path: &str, canonical_query: &str) -> String {
    let path = if path.is_empty() { "/" } else { path };
    format!("{method}\n{host}\n{path}\n{canonical_query}")
}

/// The signature of a text, in base64.
pub fn sign(secret: &str, text: &str) -> Option<String> {
    Some(BASE64.encode(mac(secret, text)?.finalize().into_bytes()))
}

fn mac(secret: &str, text: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests;
