//! A directory of its own for each test: OpenLDAP's server on a free port, with its data in a
//! temporary folder, gone afterwards.

use std::io::{self, BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs, thread};

use ldap3::{Ldap, LdapConnAsync, LdapResult};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

const SCHEMAS: &str = "/etc/ldap/schema";
const MODULES: &str = "/usr/lib/ldap";
const TEXT: &str = "EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15";
const ROOT: &str = "cn=root,dc=example,dc=org";
const ROOT_PASSWORD: &str = "root-secret";
const PEOPLE: &str = include_str!("slapd.ldif");

/// A server with the people and groups of `slapd.ldif`.
pub struct Slapd {
    child: Child,
    pub url: String,
    _folder: TempDir,
}

/// How a server is set up.
#[derive(Default)]
pub struct Setup {
    /// Only the account for lookups may search; people can sign in and no more.
    pub closed: bool,
    /// TLS with this certificate and its key.
    pub tls: Option<Tls>,
    /// The most entries of an answer.
    pub limit: Option<u32>,
}

impl Slapd {
    pub fn start() -> Self {
        Self::with(&Setup::default())
    }

    pub fn with(setup: &Setup) -> Self {
        let folder = TempDir::new().unwrap();
        let program = folder.path().join("slapd");
        // A copy, since some systems confine the installed one to its own folders.
        fs::copy(installed(), &program).unwrap();
        configure(folder.path(), setup);
        let ldif = folder.path().join("people.ldif");
        fs::write(&ldif, PEOPLE).unwrap();
        let mut add = slapd(&program, folder.path(), &["-T", "add"]);
        let added = add.args(["-q", "-l"]).arg(&ldif).stderr(Stdio::piped()).output().unwrap();
        assert!(added.status.success(), "slapadd: {}", String::from_utf8_lossy(&added.stderr));

        let scheme = if setup.tls.is_some() { "ldaps" } else { "ldap" };
        // Somebody else may take the free port before slapd does.
        for _ in 0..5 {
            let port = free_port();
            let url = format!("{scheme}://127.0.0.1:{port}");
            // In the foreground, which any level of debugging does; with this one it says when it listens.
            let mut command = slapd(&program, folder.path(), &["-d", "conns"]);
            let mut child = command.args(["-h", &format!("{url}/")]).stderr(Stdio::piped()).spawn().unwrap();
            if listens(&mut child) {
                return Self { child, url, _folder: folder };
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        panic!("slapd does not start");
    }

    /// Changes the directory, as its owner does.
    pub async fn change(&self, change: impl AsyncFnOnce(&mut Ldap) -> ldap3::result::Result<LdapResult>) {
        let (connection, mut ldap) = LdapConnAsync::new(&self.url).await.unwrap();
        ldap3::drive!(connection);
        ldap.simple_bind(ROOT, ROOT_PASSWORD).await.unwrap().success().unwrap();
        change(&mut ldap).await.unwrap().success().unwrap();
        ldap.unbind().await.unwrap();
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What it shall be comes first.
fn slapd(program: &Path, folder: &Path, mode: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(mode).arg("-f").arg(folder.join("slapd.conf"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn installed() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    // Debian keeps it where only root's PATH leads.
    let folders = env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let found = folders.map(|folder| folder.join("slapd")).find(|program| program.is_file());
    found.unwrap_or_else(|| {
        panic!(
            "these tests need OpenLDAP's server: `apt-get install slapd`, or run `cargo xtask test --only native`, \
             which installs it where it may"
        )
    })
}

fn configure(folder: &Path, setup: &Setup) {
    let path = |name: &str| folder.join(name).display().to_string();
    fs::create_dir(folder.join("data")).unwrap();
    let mut lines: Vec<String> =
        ["core", "cosine", "inetorgperson", "nis"].map(|schema| format!("include {SCHEMAS}/{schema}.schema")).to_vec();
    // Active Directory's name for a user. The schema of it that comes along takes memberOf for its own.
    lines.push(format!("attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' {TEXT} SINGLE-VALUE )"));
    lines.push(format!("pidfile {}", path("pid")));
    if Path::new(MODULES).is_dir() {
        lines.push(format!("modulepath {MODULES}"));
        lines.extend(["moduleload back_mdb".to_owned(), "moduleload memberof".to_owned()]);
    }
    if let Some(tls) = &setup.tls {
        fs::write(folder.join("certificate.pem"), &tls.certificate).unwrap();
        fs::write(folder.join("key.pem"), &tls.key).unwrap();
        lines.push(format!("TLSCertificateFile {}", path("certificate.pem")));
        lines.push(format!("TLSCertificateKeyFile {}", path("key.pem")));
    }
    lines.extend(setup.limit.map(|limit| format!("sizelimit {limit}")));
    lines.push("allow bind_anon_dn bind_anon_cred".to_owned());
    lines.push("database mdb\nmaxsize 16777216\nsuffix dc=example,dc=org".to_owned());
    lines.push(format!("directory {}", path("data")));
    lines.push(format!("rootdn {ROOT}\nrootpw {ROOT_PASSWORD}"));
    lines.push("overlay memberof".to_owned());
    lines.push("access to attrs=userPassword by anonymous auth by * none".to_owned());
    lines.push(if setup.closed {
        "access to * by dn.exact=cn=lookup,dc=example,dc=org read by anonymous auth by * none".to_owned()
    } else {
        "access to * by users read by anonymous auth by * none".to_owned()
    });
    fs::write(folder.join("slapd.conf"), lines.join("\n") + "\n").unwrap();
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// Waits until the server takes connections, or has ended. It tells that it waits for somebody, on
/// a socket that is open by then.
fn listens(child: &mut Child) -> bool {
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let waits = told.by_ref().lines().map_while(Result::ok).any(|line| line.contains(" listen="));
    // What it has to say later must not fill the pipe.
    thread::spawn(move || io::copy(&mut told, &mut io::sink()));
    waits
}

/// A server's certificate and key as text.
pub struct Tls {
    pub certificate: String,
    pub key: String,
}

/// An authority, as text, and what it has signed for a server of this name or address.
pub fn authority(server: &str) -> (String, Tls) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![server.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    (authority.pem(), Tls { certificate: certificate.pem(), key: key.serialize_pem() })
}
