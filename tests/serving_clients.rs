//! Other people's programs against the real `ehlo lab`: swaks, curl, Python's smtplib, msmtp, dig and delv, and a Postfix
//! that sends. Each letter must be told as delivered.
//!
//! Debian's packages are unpacked into a prefix of their own, nothing is installed; what is missing fails the test and is
//! said.

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test without a lab must stop")]
#![cfg(unix)]

#[path = "serving/lab.rs"]
mod lab;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lab::{Lab, Talk};
use serde_json::Value;

const SUBMIT: &str = "198.51.100.25:587";
const SUBMIT_TLS: &str = "198.51.100.25:465";

fn here(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file)
}

/// Packages in a prefix of their own.
fn packages(name: &str, packages: &[&str]) -> PathBuf {
    let fetched = Command::new("bash").arg(here("serving/fetch.sh")).arg(name).args(packages).output().expect("bash");
    assert!(fetched.status.success(), "{}", text(&fetched.stderr));
    PathBuf::from(text(&fetched.stdout).trim())
}

fn text(octets: &[u8]) -> &str {
    std::str::from_utf8(octets).expect("UTF-8")
}

/// Runs to a good end; what it wrote comes back.
fn done(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {} {}", text(&output.stdout), text(&output.stderr));
    output
}

/// A program of a prefix, with the prefix's libraries.
fn program(prefix: &Path, path: &str) -> Command {
    let mut command = Command::new(prefix.join(path));
    command.env("LD_LIBRARY_PATH", prefix.join("usr/lib/x86_64-linux-gnu"));
    command
}

fn letter(lab: &Lab, subject: &str) -> PathBuf {
    let path = lab.authority().with_file_name(format!("{subject}.eml"));
    let text = format!("From: mina@you.test\r\nTo: pat@harbor.test\r\nSubject: {subject}\r\n\r\n.dot\r\nend\r\n");
    fs::write(&path, text).expect("a file");
    path
}

/// Waits for a letter in pat's mailbox and gives the subject it came with.
fn delivered(lab: &mut Lab) -> String {
    let told = lab.until("deliver");
    assert_eq!(told["mailbox"], "pat@harbor.test");
    let body = lab.all("body").last().expect("a body")["headers"]["subject"].clone();
    body.as_str().expect("a subject").to_owned()
}

/// Waits until so many letters lie in pat's mailbox, and gives the subjects that went over the wire, in order. A letter
/// without one may be among what came meanwhile.
fn all_delivered(lab: &mut Lab, count: usize) -> Vec<String> {
    for told in lab.until_all("deliver", count) {
        assert_eq!(told["mailbox"], "pat@harbor.test");
    }
    let subject = |body: &Value| body["headers"]["subject"].as_str().map(str::to_owned);
    lab.all("body").into_iter().filter_map(subject).collect()
}

#[test]
#[ignore = "runs curl, which may be missing; the gate runs it"]
fn curl_delivers_in_plain_text_inside_tls_and_logged_in() {
    let mut lab = Lab::serve();
    let ca = lab.authority();
    let curl = |subject: &str, url: String, more: &[&str]| {
        let file = letter(&lab, subject);
        done(
            Command::new("curl")
                .args(["-sS", "--max-time", "20", "--mail-from", "mina@you.test", "--mail-rcpt", "pat@harbor.test"])
                .arg("-T")
                .arg(file)
                .arg("--cacert")
                .arg(&ca)
                .args(more)
                .arg(url),
        );
    };
    let (mx1, submit, tls) = (lab.mx1(), lab.port(SUBMIT), lab.port(SUBMIT_TLS));
    curl("plain", format!("smtp://localhost:{mx1}/laptop.you.test"), &[]);
    curl("starttls", format!("smtp://localhost:{mx1}/laptop.you.test"), &["--ssl-reqd"]);
    let login = ["--ssl-reqd", "-u", "mina:sunflower"];
    curl("submission", format!("smtp://localhost:{submit}/laptop.you.test"), &login);
    curl("smtps", format!("smtps://localhost:{tls}/laptop.you.test"), &["-u", "mina:sunflower"]);
    assert_eq!(all_delivered(&mut lab, 4), ["plain", "starttls", "submission", "smtps"]);
    lab.until_all("close", 4);
    assert_eq!(lab.all("tls").len(), 3);
    assert!(lab.all("auth").iter().all(|auth| auth["ok"] == true), "{:?}", lab.all("auth"));
}

#[test]
#[ignore = "runs curl, which may be missing; the gate runs it"]
fn curl_fetches_the_policy_of_a_domain_by_https() {
    let lab = Lab::serve();
    let to = format!("::127.0.0.1:{}", lab.port("203.0.113.10:443"));
    let url = "https://mta-sts.bank.test/.well-known/mta-sts.txt";
    let output =
        done(Command::new("curl").args(["-sS", "--cacert"]).arg(lab.authority()).args(["--connect-to", &to, url]));
    assert!(text(&output.stdout).starts_with("version: STSv1\r\nmode: enforce\r\n"), "{}", text(&output.stdout));
}

#[test]
#[ignore = "unpacks swaks from Debian's package; the gate runs it"]
fn swaks_delivers_inside_tls_and_sees_refusals() {
    let mut lab = Lab::serve();
    let prefix = packages("swaks", &["swaks", "libnet-ssleay-perl"]);
    let libraries = ["usr/share/perl5", "usr/lib/x86_64-linux-gnu/perl5/5.36"];
    let include: Vec<_> = libraries.iter().map(|path| prefix.join(path).display().to_string()).collect();
    let swaks = |arguments: &[&str]| {
        let mut command = Command::new("perl");
        command.arg(prefix.join("usr/bin/swaks")).args(["--helo", "laptop.you.test", "--from", "mina@you.test"]);
        command.args(["--timeout", "20"]).args(arguments).env("PERL5LIB", include.join(":"));
        command.env("LD_LIBRARY_PATH", prefix.join("usr/lib/x86_64-linux-gnu"));
        command.output().expect("perl runs")
    };
    let server = format!("localhost:{}", lab.mx1());
    let ca = lab.authority();
    let ca = ca.to_str().expect("a path");
    let to = ["--server", &server, "--to", "pat@harbor.test"];
    let plain = swaks(&[&to[..], &["--header", "Subject: plain"]].concat());
    assert!(plain.status.success(), "{}{}", text(&plain.stdout), text(&plain.stderr));
    let tls = swaks(&[&to[..], &["--tls", "--tls-verify", "--tls-ca-path", ca, "--header", "Subject: tls"]].concat());
    assert!(tls.status.success(), "{}{}", text(&tls.stdout), text(&tls.stderr));
    assert_eq!((delivered(&mut lab), delivered(&mut lab)), ("plain".to_owned(), "tls".to_owned()));
    let nobody = swaks(&["--server", &server, "--to", "nobody@harbor.test"]);
    assert_eq!(nobody.status.code(), Some(24), "no recipient was taken: {}", text(&nobody.stdout));
    let submit = format!("localhost:{}", lab.port(SUBMIT));
    let login = ["--server", &submit, "--tls", "--auth", "PLAIN", "--auth-user", "mina", "--to", "pat@harbor.test"];
    let logged_in = swaks(&[&login[..], &["--auth-password", "sunflower", "--header", "Subject: in"]].concat());
    assert!(logged_in.status.success(), "{}", text(&logged_in.stdout));
    assert_eq!(delivered(&mut lab), "in");
    let wrong = swaks(&[&login[..], &["--auth-password", "moonflower"]].concat());
    assert_eq!(wrong.status.code(), Some(28), "the login failed: {}", text(&wrong.stdout));
}

#[test]
#[ignore = "runs CPython's smtplib, which may be missing; the gate runs it"]
fn smtplib_delivers_and_raises_the_right_error_at_each_stage() {
    let mut lab = Lab::serve();
    let ports = [lab.mx1(), lab.port(SUBMIT), lab.port(SUBMIT_TLS)].map(|port| port.to_string());
    let output = done(Command::new("python3").arg(here("serving/stages.py")).args(ports).arg(lab.authority()));
    let steps: Vec<&str> = text(&output.stdout).lines().collect();
    let expected = [
        "plain",
        "starttls",
        "login",
        "half",
        "rcpt",
        "later",
        "relay",
        "size",
        "auth first",
        "password",
        "order",
        "loop",
        "untrusted",
    ];
    assert_eq!(steps, expected);
    assert_eq!(all_delivered(&mut lab, 4), ["plain", "starttls", "login", "half"]);
    // The client that trusts nobody breaks off the handshake, and that is told with its alert.
    assert!(lab.until_all("tlsfail", 1)[0]["alert"].as_str().expect("words").contains("unknown_ca"));
}

#[test]
#[ignore = "unpacks msmtp from Debian's package; the gate runs it"]
fn msmtp_delivers_inside_tls_and_logged_in() {
    let mut lab = Lab::serve();
    let prefix = packages("msmtp", &["msmtp"]);
    let ca = lab.authority();
    for (subject, port, more) in [
        ("plain", lab.mx1(), vec!["--tls=off"]),
        ("starttls", lab.mx1(), vec!["--tls=on"]),
        ("login", lab.port(SUBMIT), vec!["--tls=on", "--auth=scram-sha-256", "--user=mina"]),
    ] {
        let file = letter(&lab, subject);
        let mut msmtp = program(&prefix, "usr/bin/msmtp");
        msmtp.args(["--host=localhost", &format!("--port={port}"), "--from=mina@you.test", "--timeout=20"]);
        msmtp.arg(format!("--tls-trust-file={}", ca.display())).args(["--passwordeval=echo sunflower"]).args(more);
        msmtp.arg("--domain=laptop.you.test").arg("pat@harbor.test").stdin(fs::File::open(file).expect("the letter"));
        done(&mut msmtp);
        assert_eq!(delivered(&mut lab), subject);
    }
    assert!(lab.until_all("close", 3).iter().all(|close| close["clean"] == true));
}

#[test]
#[ignore = "unpacks dig and delv from Debian's package; the gate runs it"]
fn dig_and_delv_ask_the_lab_for_its_names() {
    let lab = Lab::serve();
    let prefix = packages("dnsutils", &["bind9-dnsutils", "bind9-host", "bind9-libs"]);
    let port = lab.events[0]["dns"].as_u64().expect("a port").to_string();
    let dig = |arguments: &[&str]| {
        let mut dig = program(&prefix, "usr/bin/dig");
        let output = done(dig.args(["@127.0.0.1", "-p", &port, "+short", "+tries=1", "+time=10"]).args(arguments));
        text(&output.stdout).trim().to_owned()
    };
    assert_eq!(dig(&["harbor.test", "MX"]), "10 mx1.harbor.test.\n20 mx2.harbor.test.");
    assert_eq!(dig(&["mx1.harbor.test", "A", "+tcp"]), "192.0.2.10");
    assert_eq!(dig(&["example.com", "A"]), "", "nothing is ever forwarded");
    let delv = |name: &str, kind: &str| {
        let mut delv = program(&prefix, "usr/bin/delv");
        delv.args(["@127.0.0.1", "-p", &port, "+root", "-a"]).arg(lab.authority().with_file_name("anchor"));
        let output = delv.args([name, kind]).output().expect("delv runs");
        [text(&output.stdout), text(&output.stderr)].concat()
    };
    assert!(delv("mx1.harbor.test", "A").contains("; fully validated"), "{}", delv("mx1.harbor.test", "A"));
    assert!(delv("mx.old.test", "A").contains("; unsigned answer"), "{}", delv("mx.old.test", "A"));
}

/// A Postfix that runs for the time of a test.
struct Postfix {
    child: std::process::Child,
    dir: tempfile::TempDir,
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

impl Postfix {
    /// One that sends on to the lab what it takes for harbor.test.
    fn relays_to(lab: &Lab, port: u16) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        // The file is read by an account of its own.
        let ca = dir.path().join("lab.pem");
        fs::copy(lab.authority(), &ca).expect("a copy");
        let child = Command::new("bash")
            .arg(here("interop/serve.sh"))
            .args(["postfix-relay", &port.to_string()])
            .arg(dir.path())
            .env("EHLO_LAB_PORT", lab.mx1().to_string())
            .env("EHLO_LAB_CA", ca)
            .stderr(fs::File::create(dir.path().join("complaints")).expect("a file"))
            .spawn()
            .expect("bash runs");
        let mut postfix = Self { child, dir };
        let end = std::time::Instant::now() + std::time::Duration::from_secs(90);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = postfix.child.try_wait().expect("its state").is_some();
            assert!(!ended && std::time::Instant::now() < end, "it did not start: {}", postfix.said());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        postfix
    }

    fn said(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.dir.path().join(name)).unwrap_or_default();
        ["complaints", "log", "mail.log"].map(read).concat()
    }
}

#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn postfix_sends_on_to_the_lab_inside_tls_that_it_verifies() {
    let mut lab = Lab::serve();
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port").port();
    let postfix = Postfix::relays_to(&lab, free);
    let mut talk = Talk::to(free);
    assert!(talk.reply().starts_with("220 "));
    for (line, code) in [
        ("EHLO laptop.you.test", "250"),
        ("MAIL FROM:<mina@you.test>", "250"),
        ("RCPT TO:<pat@harbor.test>", "250"),
        ("DATA", "354"),
        ("From: mina@you.test\r\nSubject: relayed\r\n\r\n..dot\r\n.", "250"),
        ("QUIT", "221"),
    ] {
        let reply = talk.line(line);
        assert!(reply.starts_with(code), "{line}: {reply}");
    }
    assert_eq!(delivered(&mut lab), "relayed");
    lab.until("close");
    assert!(postfix.said().contains("Verified TLS connection established to localhost"), "{}", postfix.said());
    let hello = lab.all("cmd").iter().any(|cmd| cmd["verb"] == "EHLO" && cmd["arg"] == "mail.port.test");
    assert!(hello && lab.all("tls").len() == 1);
}
