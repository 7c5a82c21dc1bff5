//! `ehlo dns`: the DNS panel without a screen, as other programs run it.

#![expect(clippy::expect_used, reason = "a test that cannot go on must stop")]

use std::process::{Command, Output};

use serde_json::Value;

fn dns(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ehlo")).arg("dns").args(arguments).output().expect("the program runs")
}

fn text(octets: &[u8]) -> &str {
    std::str::from_utf8(octets).expect("UTF-8")
}

/// What it prints, and how it ends.
fn told(arguments: &[&str]) -> (String, Option<i32>) {
    let output = dns(arguments);
    assert_eq!(text(&output.stderr), "");
    (text(&output.stdout).to_owned(), output.status.code())
}

#[test]
fn the_panel_of_a_domain_is_printed_with_its_route_its_records_and_who_gave_them() {
    let (text, code) = told(&["harbor.test"]);
    assert_eq!(code, Some(0));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "Mail goes to mx1.harbor.test first, then down the list.");
    let at = |wanted: &str| {
        lines.iter().position(|line| line.contains(wanted)).unwrap_or_else(|| panic!("{wanted}: {text}"))
    };
    let (first, second) = (at("MX    10 mx1.harbor.test."), at("MX    20 mx2.harbor.test."));
    assert!(first < second && second < at("A     192.0.2.10"), "{text}");
    assert!(
        lines[first + 1].contains("TTL 300 s") && lines[first + 1].ends_with("from lab, DNSSEC: validated here"),
        "{text}"
    );
    assert!(lines[at("PTR   mx1.harbor.test.") + 1].ends_with("leads back to the address"));
    at("\"v=spf1 mx -all\"");
    at("TLSA  3 1 1 ");
    at("SPF costs 1 of 10 look-ups.");
    assert!(!text.contains('\u{1b}') && !text.contains("not in yet"));
}

#[test]
fn one_record_is_asked_for_alone() {
    let (text, code) = told(&["bank.test", "--type", "mx"]);
    assert_eq!((text.lines().count(), code), (2, Some(0)), "{text}");
    assert!(text.starts_with("bank.test.  MX    10 mx.bank.test.\n"), "{text}");
    let (text, code) = told(&["192.0.2.10", "--type", "PTR"]);
    assert!(text.starts_with("10.2.0.192.in-addr.arpa.  PTR   mx1.harbor.test.\n") && code == Some(0), "{text}");
    let (text, code) = told(&["you.test", "--type", "AAAA"]);
    assert!(text.contains("AAAA  none") && code == Some(0), "that there is none is an answer: {text}");
}

#[test]
fn an_address_alone_asks_for_its_name() {
    let (text, code) = told(&["192.0.2.10"]);
    assert!(text.starts_with("10.2.0.192.in-addr.arpa.  PTR   mx1.harbor.test.\n") && code == Some(0), "{text}");
    let (text, code) = told(&["2001:db8::10", "--server", "lab"]);
    assert!(text.contains("PTR   mx1.harbor.test.") && code == Some(0), "{text}");
}

#[test]
fn an_answer_is_waited_for_as_long_as_timeout_says_and_none_ends_with_6() {
    // It hears and says nothing.
    let deaf = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let server = deaf.local_addr().expect("its address").to_string();
    let begun = std::time::Instant::now();
    let (text, code) = told(&["a.test", "--type", "MX", "--server", &server, "--timeout", "1"]);
    assert_eq!(code, Some(6), "{text}");
    assert!(text.starts_with("a.test.  MX    timeout\n               1.0 s, from "), "{text}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[test]
fn what_leads_to_no_server_or_does_not_validate_ends_with_3() {
    for (domain, words, code) in [
        ("gone.test", "The domain does not exist: give up at once.", 3),
        ("ghost.test", "No MX host has an address: give up.", 3),
        ("quiet.test", "The domain states that it accepts no mail: give up at once.", 0),
        ("broken.test", "Mail goes to mx.broken.test.", 3),
    ] {
        let (text, ended) = told(&[domain]);
        assert!(text.starts_with(words), "{domain}: {text}");
        assert_eq!(ended, Some(code), "{domain}");
    }
    assert_eq!(told(&["gone.test", "--type", "A"]).1, Some(3));
}

#[test]
fn each_answer_is_an_event_and_the_route_is_the_last() {
    let (text, code) = told(&["bank.test", "--json"]);
    assert_eq!(code, Some(0));
    assert!(text.bytes().all(|octet| octet == b'\n' || (0x20..0x7f).contains(&octet)));
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((&events[0]["schema"], &events[1]["schema"]), (&Value::from(1), &Value::Null));
    let mx = events.iter().find(|event| event["type"] == "MX").expect("an answer");
    assert_eq!(
        (&mx["kind"], &mx["name"], &mx["secure"], &mx["source"]),
        (&"dns".into(), &"bank.test.".into(), &"secure".into(), &"lab".into())
    );
    assert_eq!(
        (&mx["answers"][0], &mx["ttl"], &mx["rcode"]),
        (&"10 mx.bank.test.".into(), &300.into(), &"NOERROR".into())
    );
    let route = events.last().expect("events");
    assert_eq!((&route["kind"], &route["hops"][0]["ip"]), (&"route".into(), &"203.0.113.9".into()));
    assert_eq!(route["why"], "Mail goes to mx.bank.test.");
    let (text, _) = told(&["bank.test", "--type", "TXT", "--json"]);
    assert_eq!(text.lines().count(), 1, "one question has no route: {text}");
}

#[test]
fn bad_input_is_refused_with_its_reason() {
    for (arguments, said) in [
        (&["bad name"][..], "[dns/bad-name]"),
        (&["harbor.test", "--type", "WHAT"], "--type cannot be 'WHAT'"),
        (&["harbor.test", "--server", "nobody"], "--server cannot be 'nobody'"),
        (&[], "ehlo dns needs a name"),
    ] {
        let output = dns(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            output.stdout.is_empty() && text(&output.stderr).contains(said),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
    }
}
