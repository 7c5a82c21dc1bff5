//! The rules for real hosts, one by one; the lab and this machine are free.

use super::*;
use crate::ports::net::Place;

const NOW: Moment = Moment::START;

fn target(host: &str) -> Target {
    Target::new(host, 25, Place::Live)
}

/// Sends lines to a real host, each in a write of its own, at one moment; the id of the rule that stopped them.
fn sent(policy: &mut Policy, lines: &[&str]) -> Option<&'static str> {
    let dialogue = Dialogue::new();
    lines.iter().find_map(|line| refusal(&policy.sends(World::Live, &dialogue, format!("{line}\r\n").as_bytes(), NOW)))
}

fn refusal(ruling: &Ruling) -> Option<&'static str> {
    match ruling {
        Ruling::No(id, _) => Some(id),
        Ruling::Go | Ruling::Later(_) => None,
    }
}

#[test]
fn a_run_speaks_with_ten_hosts_and_with_each_once_a_second() {
    let mut policy = Policy::new(false);
    let hosts: Vec<_> = (0..=HOSTS).map(|n| format!("mx{n}.example.org")).collect();
    for host in &hosts[..HOSTS] {
        assert_eq!(policy.connects(&target(host), NOW), Ruling::Go);
    }
    assert_eq!(refusal(&policy.connects(&target(&hosts[HOSTS]), NOW)), Some("policy/script"));
    let second = NOW.after(BETWEEN_CONNECTIONS);
    assert_eq!(policy.connects(&target("MX0.example.org"), NOW), Ruling::Later(second));
    assert_eq!(policy.connects(&target("mx0.example.org"), second), Ruling::Go);
    assert_eq!(policy.connects(&target("127.0.0.1"), NOW), Ruling::Go);
    assert_eq!(Policy::new(true).connects(&target("mx0.example.org"), NOW), Ruling::Go);
}

#[test]
fn o295_a_run_says_a_hundred_commands_to_real_servers() {
    let mut policy = Policy::new(false);
    assert_eq!(sent(&mut policy, &["NOOP"; COMMANDS]), None);
    let dialogue = Dialogue::new();
    let Ruling::No(id, why) = policy.sends(World::Live, &dialogue, b"NOOP\r\n", NOW) else { panic!("one more") };
    assert_eq!(id, "policy/script");
    assert!(why.starts_with("Script stopped: more than 100 commands to real servers"), "{why}");
    assert_eq!(sent(&mut Policy::new(false), &[&"NOOP\r\n".repeat(COMMANDS)]), Some("policy/script"), "in one write");
    for (world, owned) in [(World::Lab, false), (World::Loopback, false), (World::Live, true)] {
        let mut free = Policy::new(owned);
        for _ in 0..1000 {
            assert_eq!(free.sends(world, &dialogue, b"NOOP\r\n", NOW), Ruling::Go, "{world:?}");
        }
    }
}

#[test]
fn a_run_has_five_transactions_of_five_recipients() {
    let transaction = ["MAIL FROM:<a@b.test>", "DATA"];
    let mut policy = Policy::new(false);
    assert_eq!(sent(&mut policy, &[transaction; TRANSACTIONS].concat()), None);
    assert_eq!(sent(&mut policy, &["MAIL FROM:<a@b.test>"]), Some("policy/script"));
    let many: Vec<_> = (0..=BULK).map(|n| format!("RCPT TO:<u{n}@b.test>\r\n")).collect();
    let group = format!("MAIL FROM:<a@b.test>\r\n{}", many.concat());
    let mut policy = Policy::new(false);
    assert_eq!(refusal(&policy.sends(World::Live, &Dialogue::new(), group.as_bytes(), NOW)), Some("policy/bulk"));
}

#[test]
fn a_run_sends_to_one_domain_at_servers_of_others() {
    let to = |addresses: &[&str], owned| {
        let lines: Vec<_> = addresses.iter().map(|it| format!("RCPT TO:<{it}>\r\n")).collect();
        let group = format!("MAIL FROM:<>\r\n{}", lines.concat());
        let ruling = Policy::new(owned).sends(World::Live, &Dialogue::new(), group.as_bytes(), NOW);
        refusal(&ruling)
    };
    assert_eq!(to(&["a@b.test", "c@B.TEST", "postmaster"], false), None);
    assert_eq!(to(&["a@b.test", "c@d.test"], false), Some("policy/bulk"));
    assert_eq!(to(&["a@b.test", "c@d.test"], true), None);
    let letter = |domain: &str| [format!("MAIL FROM:<>\r\nRCPT TO:<a@{domain}>\r\n"), "DATA".to_owned()];
    let lines: Vec<String> = ["b.test", "d.test"].into_iter().flat_map(letter).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(sent(&mut Policy::new(false), &lines), Some("policy/bulk"), "a second letter of the run counts too");
}

#[test]
fn o296_lists_of_addresses_are_not_walked() {
    for verb in ["VRFY", "EXPN"] {
        let mut policy = Policy::new(false);
        let mut now = NOW;
        for user in ["ada", "bea", "ADA", "cid"] {
            let line = format!("{verb} {user}\r\n");
            assert_eq!(policy.sends(World::Live, &Dialogue::new(), line.as_bytes(), now), Ruling::Go, "{verb} {user}");
            let soon = policy.sends(World::Live, &Dialogue::new(), line.as_bytes(), now);
            now = now.after(BETWEEN_MAILBOXES);
            assert_eq!(soon, Ruling::Later(now), "two seconds lie between them");
        }
        let line = format!("{verb} dan\r\n");
        let Ruling::No(id, why) = policy.sends(World::Live, &Dialogue::new(), line.as_bytes(), now) else {
            panic!("a fourth mailbox")
        };
        assert_eq!(id, "policy/enumeration");
        assert_eq!(why, "Testing lists of addresses on servers that are not yours is not supported");
    }
    let probe = |user: &str| ["MAIL FROM:<>".to_owned(), format!("RCPT TO:<{user}@b.test>"), "RSET".to_owned()];
    let lines: Vec<String> = ["ada", "bea", "cid", "dan"].into_iter().flat_map(probe).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(sent(&mut Policy::new(false), &lines), Some("policy/enumeration"), "RCPT without a letter asks too");
    assert_eq!(sent(&mut Policy::new(false), &lines[..9]), None);
}

#[test]
fn bytes_that_break_the_protocol_go_nowhere_real_whoever_owns_it() {
    for (octets, wrong) in [
        (&b"NOOP\r\n"[..], false),
        (b"NO", false),
        (b"NOOP\n", true),
        (b"NOOP\rX\r\n", true),
        (b"NOOP\0\r\n", true),
        (b"STARTTLS\r\nEHLO a.test\r\n", true),
        (b"NOOP\r\nSTARTTLS\r\n", false),
        (b"BDAT 4 LAST\r\n\n\r\0a", false),
    ] {
        for owned in [false, true] {
            let ruling = Policy::new(owned).sends(World::Live, &Dialogue::new(), octets, NOW);
            assert_eq!(refusal(&ruling), wrong.then_some("policy/malformed"), "{octets:?} {owned}");
        }
        assert_eq!(Policy::new(false).sends(World::Lab, &Dialogue::new(), octets, NOW), Ruling::Go);
        assert_eq!(Policy::new(false).sends(World::Loopback, &Dialogue::new(), octets, NOW), Ruling::Go);
    }
    for (letter, wire, wrong) in [
        (&b"a\r\n.b\r\n"[..], Wire::Raw, false),
        (b"a\r\n.\r\nMAIL\r\n", Wire::Raw, true),
        (b".\r\nMAIL\r\n", Wire::Raw, true),
        (b"a\n.\nb\r\n", Wire::Raw, true),
        (b"a\n.\nb\r\n", Wire::Normalise, false),
        (b"a\0\r\n", Wire::Normalise, true),
    ] {
        let ruling = Policy::posts(World::Live, letter, wire);
        assert_eq!(refusal(&ruling), wrong.then_some("policy/malformed"), "{letter:?} {wire:?}");
        assert_eq!(Policy::posts(World::Lab, letter, wire), Ruling::Go);
    }
}

#[test]
fn secrets_go_by_auth_alone_once_and_never_in_clear() {
    for line in ["AUTH PLAIN AGEAYg==", "auth xoauth2 dXNlcg=="] {
        assert_eq!(sent(&mut Policy::new(true), &[line]), Some("policy/secret"), "{line}");
    }
    assert_eq!(sent(&mut Policy::new(false), &["AUTH LOGIN"]), None);
    let mut policy = Policy::new(false);
    assert_eq!(refusal(&policy.logs_in(World::Live, false)), Some("policy/secret"));
    assert_eq!(refusal(&Policy::new(true).logs_in(World::Live, false)), Some("policy/secret"));
    assert_eq!(policy.logs_in(World::Live, true), Ruling::Go);
    assert_eq!(refusal(&policy.logs_in(World::Live, true)), Some("policy/script"), "no lists of passwords");
    assert_eq!(policy.logs_in(World::Lab, false), Ruling::Go);
}
