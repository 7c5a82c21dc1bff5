//! A lab whose hosts send on, and clients that hand letters in.

use std::sync::Arc;

use ehlo::lab::world::Client;
use ehlo::lab::{self, Lab};
use ehlo::net::resolver::{LabServer, Resolver};
use ehlo::ports::dns::Source;
use ehlo::ports::lab::Signal;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;

const SUBMIT: &str = "198.51.100.25:465";
const BANK: &str = "203.0.113.9:25";

/// A lab that relays, and what it tells.
pub(crate) async fn relaying(seed: u64) -> (Lab, mpsc::Receiver<Signal>) {
    let (teller, heard) = mpsc::channel(4096);
    let mut lab = lab::start(seed, teller).await.expect("a lab");
    let server = lab.nameserver.as_ref().expect("a name server");
    let resolver = Resolver::new(Some(LabServer { addr: server.addr, trust_anchor: server.trust_anchor.clone() }));
    lab.relay(Arc::new(move |question| {
        let resolver = resolver.clone();
        Box::pin(async move { resolver.look_up(0, question, &Source::Lab).await.answer })
    }));
    (lab, heard)
}

/// Mina hands a letter in at her submission server; false if it is not taken.
pub(crate) async fn submit(lab: &Lab, from: &str, to: &str, letter: &str) -> bool {
    let hosts = lab.hosts();
    let plain = hosts.connect(SUBMIT.parse().expect("an address"), hosts.laptop()).expect("a server");
    let mut secure = trusting(lab).connect(name("submit.you.test"), plain).await.expect("TLS");
    hear(&mut secure).await;
    say(&mut secure, "EHLO laptop.you.test").await;
    assert!(say(&mut secure, "AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy").await.starts_with("235"));
    hand_over(&mut secure, from, to, letter).await
}

/// A client brings a letter to the bank, which judges it; false if it is not taken.
pub(crate) async fn bring(lab: &Lab, client: &Client, hello: &str, from: &str, letter: &str) -> bool {
    let mut plain = lab.hosts().connect(BANK.parse().expect("an address"), client).expect("the bank");
    hear(&mut plain).await;
    say(&mut plain, &format!("EHLO {hello}")).await;
    say(&mut plain, "STARTTLS").await;
    let mut secure = trusting(lab).connect(name("mx.bank.test"), plain).await.expect("TLS");
    say(&mut secure, &format!("EHLO {hello}")).await;
    hand_over(&mut secure, from, "pat@bank.test", letter).await
}

/// The letter in its envelope; it ends with a line end.
async fn hand_over(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), from: &str, to: &str, letter: &str) -> bool {
    for line in [format!("MAIL FROM:<{from}>"), format!("RCPT TO:<{to}>"), "DATA".to_owned()] {
        let said = say(stream, &line).await;
        assert!(said.starts_with(['2', '3']), "{line}: {said}");
    }
    let said = say(stream, &format!("{letter}.")).await;
    say(stream, "QUIT").await;
    said.starts_with("250")
}

fn name(name: &'static str) -> ServerName<'static> {
    ServerName::try_from(name).expect("a name")
}

fn trusting(lab: &Lab) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(lab.root.clone()).expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

async fn say(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), line: &str) -> String {
    stream.write_all(format!("{line}\r\n").as_bytes()).await.expect("a stream");
    hear(stream).await
}

/// One reply, which comes in one write and is smaller than the buffer.
async fn hear(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut reply = [0; 4096];
    let octets = stream.read(&mut reply).await.expect("a stream");
    String::from_utf8_lossy(reply.get(..octets).unwrap_or_default()).into_owned()
}
