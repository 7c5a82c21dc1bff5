//! `ehlo lab` as other programs meet it: its ports, its events, its end.

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test without a lab must stop")]
#![cfg(unix)]

#[path = "serving/lab.rs"]
mod lab;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use lab::{Lab, Talk, first_port};
use rustix::process::Signal;
use serde_json::{Value, json};

fn ehlo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ehlo")).args(arguments).output().expect("the program runs")
}

fn text(octets: &[u8]) -> &str {
    std::str::from_utf8(octets).expect("UTF-8")
}

/// What a client says, and the code that each line gets.
fn write_a_letter(talk: &mut Talk) {
    assert!(talk.reply().starts_with("220 mx1.harbor.test"));
    for (line, code) in [
        ("EHLO laptop.you.test", "250"),
        ("MAIL FROM:<mina@you.test> SIZE=40", "250"),
        ("RCPT TO:<pat@harbor.test>", "250"),
        ("RCPT TO:<nobody@harbor.test>", "550"),
        ("DATA", "354"),
        ("Subject: harbour\r\n\r\n..a dot\r\nend\r\n.", "250"),
        ("QUIT", "221"),
    ] {
        let reply = talk.line(line);
        assert!(reply.starts_with(code), "{line}: {reply}");
    }
    assert!(talk.is_closed());
}

#[test]
fn a_letter_from_another_program_is_told_as_events() {
    let mut lab = Lab::serve();
    let mut talk = Talk::to(lab.mx1());
    write_a_letter(&mut talk);
    lab.until("close");
    let first = &lab.events[0];
    assert_eq!((&first["kind"], &first["schema"], &first["n"]), (&json!("lab"), &json!(1), &json!(1)));
    assert!(lab.events[1..].iter().all(|event| event.get("schema").is_none()), "the schema is on the first line only");
    let numbers: Vec<u64> = lab.events.iter().map(|event| event["n"].as_u64().expect("a number")).collect();
    assert!(numbers.iter().zip(1..).all(|(number, expected)| *number == expected), "{numbers:?}");
    let kinds: Vec<&str> = lab.events[1..].iter().map(|event| event["kind"].as_str().expect("a kind")).collect();
    let told = "open greet cmd reply caps cmd reply cmd reply cmd reply cmd reply cmd body deliver reply accept";
    let without_problems: Vec<&str> = kinds.iter().copied().filter(|kind| *kind != "problem").collect();
    assert_eq!(without_problems.join(" "), format!("{told} cmd reply close"));
    let verbs: Vec<&Value> = lab.all("cmd").iter().map(|event| &event["verb"]).collect();
    assert_eq!(verbs, ["EHLO", "MAIL", "RCPT", "RCPT", "DATA", "END", "QUIT"]);
    let mail = lab.all("cmd")[1];
    assert_eq!((&mail["arg"], &mail["params"]), (&json!("FROM:<mina@you.test> SIZE=40"), &json!({"SIZE": "40"})));
    assert_eq!((&mail["ending"], &mail["bytes"], &mail["stage"]), (&json!("CRLF"), &json!(35), &json!("mail")));
    let refused = lab.all("reply")[3];
    assert_eq!((&refused["code"], &refused["enh"], &refused["to"]), (&json!(550), &json!("5.1.1"), &json!("RCPT")));
    let body = lab.all("body")[0];
    assert_eq!((&body["lines"], &body["dots"], &body["eod"]), (&json!(4), &json!(1), &json!("CRLF.CRLF")));
    assert_eq!((&body["headers"], &body["8bit"]), (&json!({"subject": "harbour"}), &json!(false)));
    let accepted = lab.all("accept")[0];
    assert_eq!((&accepted["from"], &accepted["rcpts"]), (&json!("mina@you.test"), &json!(["pat@harbor.test"])));
    assert_eq!(accepted["id"], lab.all("deliver")[0]["id"]);
    assert_eq!(lab.all("close")[0]["clean"], true);
}

#[test]
fn two_programs_at_a_time_are_told_apart() {
    let mut lab = Lab::serve();
    let (mut one, mut other) = (Talk::to(lab.mx1()), Talk::to(lab.port("192.0.2.20:25")));
    assert!(one.reply().starts_with("220 mx1.") && other.reply().starts_with("220 mx2."));
    one.line("EHLO one.test");
    other.line("EHLO other.test");
    one.line("QUIT");
    other.line("QUIT");
    lab.until("close");
    lab.until("close");
    let names: BTreeSet<(u64, &str)> = lab
        .all("cmd")
        .iter()
        .filter(|event| event["verb"] == "EHLO")
        .map(|event| (event["s"].as_u64().expect("a session"), event["arg"].as_str().expect("a name")))
        .collect();
    assert_eq!(names.len(), 2);
    assert_eq!(names.iter().map(|(session, _)| session).collect::<BTreeSet<_>>().len(), 2);
}

/// Whatever a program sends, what is printed is ASCII without control characters; the harness looks at every line.
#[test]
fn odd_bytes_are_told_in_ascii() {
    let mut lab = Lab::serve();
    let mut talk = Talk::to(lab.mx1());
    talk.reply();
    talk.write("NOOP \u{1b}[31m\u{202e}\u{9b}é\u{7f}\r\n".as_bytes());
    talk.reply();
    talk.write(b"\xff\xfe\0\r\n");
    talk.reply();
    talk.line("QUIT");
    lab.until("close");
    let noop = lab.all("cmd")[0];
    assert_eq!(noop["verb"], "NOOP");
    let shown = noop["arg"].as_str().expect("a text");
    assert!(shown.chars().all(|shown| !shown.is_control() && shown != '\u{202e}'), "{shown}");
    assert_eq!(noop["raw"], "Tk9PUCAbWzMxbeKArsKbw6l/DQo=");
}

#[test]
fn l278_after_64_sessions_clients_get_421_and_places_come_back() {
    let mut lab = Lab::serve();
    let mut talks: Vec<Talk> = (0..64).map(|_| Talk::to(lab.mx1())).collect();
    for talk in &mut talks {
        assert!(talk.reply().starts_with("220 "));
    }
    let mut late = Talk::to(lab.mx1());
    assert!(late.reply().starts_with("421 4.3.2 "));
    assert!(late.is_closed());
    assert!(Talk::to(lab.port("198.51.100.25:465")).is_closed(), "where TLS comes first nothing can be said");
    drop(talks.pop());
    lab.until("close");
    lab.until("close");
    assert!(Talk::to(lab.mx1()).reply().starts_with("220 "));
}

#[test]
fn a_signal_ends_it_and_whoever_is_there_hears_421() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let mut lab = Lab::serve();
        let mut talk = Talk::to(lab.mx1());
        talk.reply();
        talk.line("EHLO laptop.you.test");
        let waiting = std::thread::spawn(move || (talk.reply(), talk.is_closed()));
        assert_eq!(lab.end(signal), Some(code));
        let (said, closed) = waiting.join().expect("the client");
        assert!(said.starts_with("421 4.3.2 ") && closed, "{said}");
        let last = lab.events.last().expect("events");
        assert_eq!((&last["kind"], &last["by"]), (&json!("close"), &json!("server")), "the end is told too");
    }
}

#[test]
fn l282_a_port_that_is_taken_is_told_with_a_free_place() {
    let lab = Lab::serve();
    let refused = ehlo(&["lab", "--json", "--port", &lab.mx1().to_string()]);
    let complaint = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(3), "{complaint}");
    assert!(complaint.contains("another program has it") && complaint.contains("[lab/port]"), "{complaint}");
    let (_, free) = complaint.rsplit_once("ehlo lab --port ").expect("a place");
    assert!(free.trim().parse::<u16>().is_ok_and(|port| port != lab.mx1()), "{complaint}");
    assert!(refused.stdout.is_empty());
}

#[test]
fn ports_that_do_not_fit_are_refused() {
    for port in ["40", "65535"] {
        let refused = ehlo(&["lab", "--port", port]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains("leaves no room for the whole lab"), "{}", text(&refused.stderr));
    }
}

#[test]
fn the_authority_is_written_to_a_new_file_that_everybody_may_read() {
    let lab = Lab::serve();
    let pem = fs::read_to_string(lab.authority()).expect("the file");
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----\n") && pem.ends_with("-----END CERTIFICATE-----\n"));
    assert_eq!(lab.events[0]["authority"], pem);
    assert_eq!(fs::metadata(lab.authority()).expect("meta").permissions().mode() & 0o777, 0o644);
    let again = ["lab", "--json", "--port", &(first_port() + 150).to_string(), "--ca-file"];
    let ca = lab.authority();
    let refused = ehlo(&[&again[..], &[ca.to_str().expect("a path")]].concat());
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    assert!(text(&refused.stderr).contains("[file/open]") && refused.stdout.is_empty());
    assert_eq!(fs::read_to_string(&ca).expect("the file"), pem);
}

/// What the system says, not what the program says: every socket that listens is on loopback.
#[test]
#[cfg(target_os = "linux")]
fn l281_only_loopback_is_listened_to() {
    let lab = Lab::serve();
    let sockets: BTreeSet<String> = fs::read_dir(format!("/proc/{}/fd", lab.id()))
        .expect("its files")
        .filter_map(|entry| fs::read_link(entry.expect("a file").path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let mut listening = 0;
    for (table, loopback) in [("tcp", "0100007F"), ("tcp6", "00000000000000000000000001000000"), ("udp", "0100007F")] {
        for line in fs::read_to_string(format!("/proc/net/{table}")).expect("a table").lines().skip(1) {
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            let (address, _) = fields[1].split_once(':').expect("a port");
            let listens = fields[3] == "0A" || table == "udp";
            if listens && sockets.contains(fields[9]) {
                assert_eq!(address, loopback, "{line}");
                listening += 1;
            }
        }
    }
    let services = lab.events[0]["services"].as_array().expect("services").len();
    assert!(listening > services, "each service and the name server: {listening}");
}

#[test]
fn a_scene_is_told_and_the_lab_is_as_it_says() {
    let mut lab = Lab::serve_with(&["--scene", "first-down"]);
    let event = lab.next().expect("an event").clone();
    assert_eq!((&event["kind"], &event["setting"], &event["on"]), (&json!("fault"), &json!("way"), &json!(true)));
    assert_eq!((&event["host"], &event["name"]), (&json!("mx1.harbor.test"), &json!("refused")));
    assert!(Talk::to(lab.mx1()).is_closed(), "all that a program from outside can see of it");
    assert!(Talk::to(lab.port("192.0.2.20:25")).reply().starts_with("220 mx2.harbor.test"));
}

#[test]
fn a_scene_that_is_none_is_answered_with_those_that_there_are() {
    let output = ehlo(&["lab", "--json", "--scene", "gremlins"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("--scene cannot be 'gremlins'") && said.contains("stripped, first-down"), "{said}");
    assert!(said.contains("[cli/value]"), "{said}");
}

#[test]
fn without_json_there_is_a_card_and_a_line_an_event() {
    let port = first_port() + 40;
    let mut child = Command::new(env!("CARGO_BIN_EXE_ehlo"))
        .args(["lab", "--port", &port.to_string()])
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the program runs");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(std::time::Instant::now() < end, "nothing listens");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    write_a_letter(&mut Talk::to(port));
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), Signal::TERM).expect("it runs");
    let mut told = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().expect("a pipe"), &mut told).expect("text");
    assert_eq!(child.wait().expect("its state").code(), Some(143));
    for wanted in [
        &format!("127.0.0.1:{port}"),
        "mina with sunflower",
        "transport_maps",
        "C EHLO laptop.you.test",
        "S 550 5.1.1 No such user here",
        "accepted as H-0001 for pat@harbor.test",
        "delivered H-0001 to pat@harbor.test",
        "connection closed by the server",
    ] {
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
    assert!(!told.contains('\u{1b}'), "no escape codes");
}
