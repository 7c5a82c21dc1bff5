//! Other implementations' opinions: dkimpy on the signatures of letters, pyspf on who may send. They ask the lab's DNS, and
//! must find what the bank finds.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on must stop")]
#![cfg(unix)]

#[path = "scenarios/clients.rs"]
mod clients;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ehlo::lab::Lab;
use ehlo::lab::world::Client;
use ehlo::ports::lab::change::Change;
use ehlo::ports::lab::{Signal, Step};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use clients::{bring, relaying, submit};

/// Debian's packages that hold the other implementations.
const PACKAGES: [&str; 6] =
    ["python3-dkim", "python3-dnspython", "python3-nacl", "python3-cffi-backend", "python3-spf", "python3-authres"];

/// Policies that are asked for more than the lab's own ones: includes, redirects, macros, prefixes, names of addresses.
const POLICIES: [&str; 11] = [
    "net.test. TXT \"v=spf1 ip4:192.0.2.0/28 ip6:2001:db8::/32 ~all\"",
    "mx28.test. TXT \"v=spf1 mx:harbor.test/28 ?all\"",
    "in.test. TXT \"v=spf1 include:bank.test include:evil.test -all\"",
    "away.test. TXT \"v=spf1 redirect=harbor.test\"",
    "macro.test. TXT \"v=spf1 exists:%{ir}.%{l}._spf.macro.test -all\"",
    "9.113.0.203.pat._spf.macro.test. A 127.0.0.2",
    "named.test. TXT \"v=spf1 ptr:evil.test -all\"",
    "wrong.test. TXT \"v=spf1 ip4:203.0.113.999 -all\"",
    "twice.test. TXT \"v=spf1 -all\"",
    "twice.test. TXT \"v=spf1 +all\"",
    "round.test. TXT \"v=spf1 include:round.test -all\"",
];

/// Asks dkimpy and pyspf.
fn verdicts(asked: &Value) -> Value {
    let here = |file: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file);
    let fetched = Command::new("bash").arg(here("serving/fetch.sh")).arg("opinions").args(PACKAGES).output();
    let fetched = fetched.expect("bash");
    assert!(fetched.status.success(), "{}", String::from_utf8_lossy(&fetched.stderr));
    let prefix = PathBuf::from(String::from_utf8(fetched.stdout).expect("a path").trim());
    let mut python = Command::new("python3")
        .arg(here("opinions/verdicts.py"))
        .env("PYTHONPATH", prefix.join("usr/lib/python3/dist-packages"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    python.stdin.take().expect("a pipe").write_all(asked.to_string().as_bytes()).expect("it reads");
    let output = python.wait_with_output().expect("it ends");
    assert!(output.status.success(), "python3 failed");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn port(lab: &Lab) -> u16 {
    lab.nameserver.as_ref().expect("a name server").addr.port()
}

fn add(lab: &Lab, line: &str) {
    lab.change(&Change::Record { line: line.into() }).expect("a record");
}

/// What a check at the bank found about the letter that was brought last: one result for each signature or sender.
fn found(heard: &mut mpsc::Receiver<Signal>, wanted: &str) -> Vec<String> {
    let told = std::iter::from_fn(|| heard.try_recv().ok());
    told.filter_map(|signal| match signal {
        Signal::News(news) => match news.step {
            Step::Judged { check, result, .. } if check == wanted => Some(result),
            _ => None,
        },
        _ => None,
    })
    .collect()
}

/// A letter of Mina's as it came to the bank, signed on its way.
async fn signed(lab: &Lab, heard: &mut mpsc::Receiver<Signal>) -> String {
    let letter = "From: Mina <mina@you.test>\r\nTo: Pat <pat@bank.test>\r\nSubject: the  trip\r\n\r\nOff we go,  all of us.\r\n\r\n";
    assert!(submit(lab, "mina@you.test", "pat@bank.test", letter).await);
    loop {
        let signal = timeout(Duration::from_secs(20), heard.recv()).await.expect("it arrives").expect("the lab runs");
        if let Signal::Delivered(letter) = signal {
            let text = String::from_utf8(letter.letter[letter.added..].to_vec()).expect("ASCII");
            assert!(text.contains("DKIM-Signature:"), "{text}");
            // What the bank put on top is not part of what was signed.
            return text;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Debian's python3-dkim and a network to fetch it"]
async fn dkimpy_finds_what_the_bank_finds_in_signatures() {
    let (lab, mut heard) = relaying(7).await;
    add(
        &lab,
        "brisbane._domainkey.football.example.com. TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"",
    );
    add(
        &lab,
        "test._domainkey.football.example.com. TXT \"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\"",
    );
    let own = signed(&lab, &mut heard).await;
    let rfc = include_str!("check/rfc8463.eml").replace("\r\n", "\n").replace('\n', "\r\n");
    let (header, body) = own.split_once("\r\n\r\n").expect("a header");
    let letters = BTreeMap::from([
        ("as it came", own.clone()),
        (
            "blanks at the ends of lines",
            own.replace("Off we go,  all", "Off we go, all").replace("us.\r\n", "us. \t\r\n"),
        ),
        ("more empty lines", format!("{own}\r\n\r\n")),
        ("another word", own.replace("Off we go", "Off they go")),
        ("another subject", own.replace("Subject: the  trip", "Subject: the trips")),
        ("another way to fold", own.replace("Subject: the  trip", "SUBJECT:   the\r\n\ttrip  ")),
        ("a second author", format!("From: Ceo <ceo@bank.test>\r\n{own}")),
        ("a field that was not signed", format!("X-Mark: yes\r\n{own}")),
        ("another domain", own.replace("d=you.test", "d=bank.test")),
        ("a key that is nowhere", own.replace("s=lab;", "s=none;")),
        ("no body", format!("{header}\r\n\r\n")),
        ("the body twice", format!("{header}\r\n\r\n{body}{body}")),
        ("no signature", "From: Mina <mina@you.test>\r\nSubject: bare\r\n\r\nHello.\r\n".to_owned()),
        ("two of RFC 8463", rfc.clone()),
        ("two of RFC 8463, another word", rfc.replace("hungry", "thirsty")),
    ]);
    let asked: BTreeMap<_, _> = letters.iter().map(|(name, letter)| (name, BASE64_STANDARD.encode(letter))).collect();
    let said = verdicts(&json!({ "port": port(&lab), "letters": asked, "senders": [] }));
    for (name, (number, letter)) in letters.keys().zip((1..).zip(letters.values())) {
        found(&mut heard, "dkim");
        let client = Client { name: None, address: IpAddr::from([198, 51, 100, 100 + number]) };
        bring(&lab, &client, "laptop.you.test", "mina@you.test", letter).await;
        let ours: Vec<bool> =
            found(&mut heard, "dkim").iter().filter(|it| *it != "none").map(|it| it == "pass").collect();
        let theirs = said["letters"][name].as_array().expect("verdicts");
        let theirs_pass: Vec<bool> = theirs.iter().map(|it| it == "pass").collect();
        assert_eq!(ours, theirs_pass, "{name}: {theirs:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Debian's python3-spf and a network to fetch it"]
async fn pyspf_finds_what_the_bank_finds_about_senders() {
    let (lab, mut heard) = relaying(7).await;
    for line in POLICIES {
        add(&lab, line);
    }
    let addresses = ["192.0.2.10", "2001:db8::10", "198.51.100.25", "203.0.113.9", "203.0.113.66", "203.0.113.50"];
    let domains = [
        "harbor.test",
        "bank.test",
        "evil.test",
        "open.test",
        "you.test",
        "tiny.test",
        "crooked.test",
        "old.test",
        "net.test",
        "mx28.test",
        "in.test",
        "away.test",
        "macro.test",
        "named.test",
        "wrong.test",
        "twice.test",
        "round.test",
    ];
    let senders: Vec<_> = addresses
        .iter()
        .flat_map(|address| domains.iter().map(move |domain| (*address, format!("pat@{domain}"), "laptop.you.test")))
        .collect();
    let said = verdicts(&json!({ "port": port(&lab), "letters": {}, "senders": senders }));
    let theirs = said["senders"].as_array().expect("results");
    let mut wrong = Vec::new();
    for ((address, from, hello), theirs) in senders.iter().zip(theirs) {
        found(&mut heard, "spf");
        // A minute each: the bank takes no more than thirty letters within one.
        lab.clock().forward(Duration::from_mins(1));
        let client = Client { name: None, address: address.parse().expect("an address") };
        bring(&lab, &client, hello, from, &format!("From: {from}\r\nSubject: hello\r\n\r\nHello.\r\n")).await;
        let ours = found(&mut heard, "spf");
        if ours.len() != 1 || theirs.as_str() != Some(&ours[0]) {
            wrong.push(format!("{address} for {from}: we find {ours:?}, pyspf {theirs}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
