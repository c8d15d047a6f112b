//! The way to a directory: TCP, and TLS that trusts one authority.

use std::io;
use std::sync::Arc;

use binnacle_shared::model::conductor::ldap::LdapConfig;
use binnacle_shared::model::conductor::ldap::server::Server;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, Error, RootCertStore};

use super::error::LdapError;

/// Bytes to and from a server.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

pub async fn connect(config: &LdapConfig) -> Result<Box<dyn Stream>, LdapError> {
    let server = Server::parse(&config.server).map_err(|fault| LdapError::Configuration(fault.message))?;
    let tls = if server.tls { Some(trusting(config.ca_cert.as_deref().unwrap_or_default())?) } else { None };
    let stream = TcpStream::connect((server.host.as_str(), server.port)).await.map_err(|error| {
        LdapError::Unreachable { server: format!("{}:{}", server.host, server.port), reason: error.to_string() }
    })?;
    let Some(tls) = tls else { return Ok(Box::new(stream)) };
    let name = ServerName::try_from(server.host)
        .map_err(|_| LdapError::Configuration("a certificate cannot name this host".to_owned()))?;
    match TlsConnector::from(tls).connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(handshake(&error)),
    }
}

/// Trusts what these authorities have signed and nothing else: not the system's authorities.
fn trusting(certificates: &str) -> Result<Arc<ClientConfig>, LdapError> {
    let unusable = |what: &str| LdapError::Configuration(format!("the certificate of the authority {what}"));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(certificates.as_bytes()) {
        let certificate = certificate.map_err(|_| unusable("is not well-formed PEM"))?;
        roots.add(certificate).map_err(|_| unusable("is not well-formed X.509"))?;
    }
    if roots.is_empty() {
        return Err(unusable("is missing"));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| LdapError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn handshake(error: &io::Error) -> LdapError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::InvalidCertificate(fault)) => LdapError::Untrusted(fault.to_string()),
        Some(other) => LdapError::Tls(other.to_string()),
        None => LdapError::Tls(error.to_string()),
    }
}
