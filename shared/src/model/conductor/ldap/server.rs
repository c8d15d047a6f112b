//! Where a directory is: `ldap://host`, `ldaps://host:port`.

use crate::problem::Violation;

/// The address of a directory server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// TLS from the first byte (ldaps).
    pub tls: bool,
    /// A name or an IP address, without the brackets of an IPv6 address.
    pub host: String,
    pub port: u16,
}

impl Server {
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let fault = |message: &str| Err(Violation::new("format", message));
        let (scheme, rest) = text.split_once("://").unwrap_or_default();
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "ldap" => false,
            "ldaps" => true,
            _ => return fault("Must begin with ldap:// or ldaps://, such as ldaps://ldap.example.org."),
        };
        let place = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match place.strip_prefix('[') {
            Some(bracketed) => match bracketed.split_once(']') {
                Some((host, after)) if host.parse::<std::net::Ipv6Addr>().is_ok() => (host, after),
                _ => return fault("Must hold an IPv6 address in the brackets, such as ldap://[2001:db8::1]."),
            },
            None => place.split_at(place.find(':').unwrap_or(place.len())),
        };
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if host.is_empty() || (!place.starts_with('[') && !host.chars().all(named)) || host.len() > 253 {
            return fault(
                "Must name a host and at most a port after ldap:// or ldaps://, such as ldap://ldap.example.org:389.",
            );
        }
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => Ok(if tls { 636 } else { 389 }),
            None => Err(()),
            Some(digits) => digits.parse().map_err(drop),
        };
        match port {
            Ok(port @ 1..) => Ok(Self { tls, host: host.to_owned(), port }),
            _ => fault("The port after the host must be a number from 1 to 65535."),
        }
    }
}

/// One or more certificates as text. Whether they say something is found out by whoever uses them.
pub fn certificates(text: String) -> Result<String, Violation> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let fault = |message: &str| Err(Violation::new("format", message));
    let mut rest = text.trim();
    if !rest.starts_with(BEGIN) {
        return fault("Must be a certificate as text (PEM), beginning with -----BEGIN CERTIFICATE-----.");
    }
    while let Some(after) = rest.strip_prefix(BEGIN) {
        let Some((body, after)) = after.split_once(END) else {
            return fault("A certificate lacks its -----END CERTIFICATE-----.");
        };
        let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        if body.trim().is_empty() || !body.chars().all(|c| base64(c) || c.is_ascii_whitespace()) {
            return fault("There is no certificate between the lines BEGIN CERTIFICATE and END CERTIFICATE.");
        }
        rest = after.trim_start();
    }
    if !rest.is_empty() {
        return fault("Must hold certificates only, and nothing between or after them.");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{Server, certificates};

    #[test]
    fn addresses_have_a_scheme_a_host_and_perhaps_a_port() {
        let server = |tls, host: &str, port| Ok(Server { tls, host: host.to_owned(), port });
        assert_eq!(Server::parse("ldap://ldap.example.org"), server(false, "ldap.example.org", 389));
        assert_eq!(Server::parse("LDAPS://10.0.0.1/"), server(true, "10.0.0.1", 636));
        assert_eq!(Server::parse("ldaps://dc_1:3269"), server(true, "dc_1", 3269));
        assert_eq!(Server::parse("ldap://[::1]:1389"), server(false, "::1", 1389));
        for bad in [
            "",
            "ldap.example.org",
            "http://ldap.example.org",
            "ldapi:///socket",
            "ldap://",
            "ldap:///",
            "ldap://:389",
            "ldap://host:0",
            "ldap://host:",
            "ldap://host:65536",
            "ldap://host:ldap",
            "ldap://user@host",
            "ldap://host/dc=example",
            "ldap://host?x",
            "ldap://a b",
            "ldap://[::1",
            "ldap://[host]",
            "ldap://[::1]x",
            "ldap://ho\0st",
        ] {
            assert!(Server::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn certificates_are_pem() {
        let one = "-----BEGIN CERTIFICATE-----\nMIIB+/==\n-----END CERTIFICATE-----\n";
        assert!(certificates(one.to_owned()).is_ok());
        assert!(certificates(format!("{one}\n{one}")).is_ok());
        for bad in [
            "",
            "MIIB",
            "-----BEGIN CERTIFICATE-----\nMIIB",
            "-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\n<x>\n-----END CERTIFICATE-----\n",
            "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n",
        ] {
            assert!(certificates(bad.to_owned()).is_err(), "{bad}");
        }
        assert!(certificates(format!("{one}-----BEGIN PRIVATE KEY-----")).is_err());
    }
}
