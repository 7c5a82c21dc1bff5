//! MAIL and RCPT: paths, parameters, how many recipients.

use super::*;
use crate::smtp::path::Mailbox;

/// A session in which MAIL may come.
fn ready() -> Talk {
    let mut session = Talk::with(strict());
    session.line("EHLO laptop.you.test");
    session
}

/// A session in which RCPT may come.
fn with_sender() -> Talk {
    let mut session = ready();
    session.line("MAIL FROM:<you@you.test>");
    session
}

#[test]
fn c019_the_case_of_a_local_part_is_kept() {
    let mut session = ready();
    session.line("MAIL FROM:<MiNa@you.test>");
    session.line("RCPT TO:<PaT@harbor.test>");
    session.line("DATA");
    session.line(".");
    let envelope = &session.letters()[0].envelope;
    assert_eq!(sender(&envelope.from), "MiNa@you.test");
    assert_eq!(envelope.recipients[0].path.encode(), b"<PaT@harbor.test>");
}

#[test]
fn c023_parts_of_a_path_have_a_longest_form_and_longer_ones_get_501() {
    let label = "a".repeat(63);
    let local = |octets: usize| format!("<{}@harbor.test>", "x".repeat(octets));
    // A path has 256 octets at most, so the longest domain leaves no room for a local part (§4.5.3.1.2, §4.5.3.1.3).
    let path = |octets: usize| format!("<x@{label}.{label}.{label}.{}>", "a".repeat(octets - 4 - 3 * 64));
    for (good, long) in [(local(64), local(65)), (path(256), path(257))] {
        let mut session = with_sender();
        assert!(session.line(&format!("RCPT TO:{long}")).starts_with("501 5.1.3"), "{long}");
        assert!(session.line(&format!("RCPT TO:{good}")).starts_with("250"), "{good}");
        let mut session = ready();
        assert!(session.line(&format!("MAIL FROM:{long}")).starts_with("501"), "{long}");
        assert!(session.line(&format!("MAIL FROM:{good}")).starts_with("250"), "{good}");
    }
}

#[test]
fn c024_quoted_local_parts_are_read_and_equal_what_they_spell() {
    let mut session = with_sender();
    for path in [r#"<"pat"@harbor.test>"#, r#"<"p\at"@harbor.test>"#, "<pat@harbor.test>"] {
        assert!(session.line(&format!("RCPT TO:{path}")).starts_with("250"), "{path}");
    }
    assert!(session.line(r#"RCPT TO:<"no body"@harbor.test>"#).starts_with("550 5.1.1"));
    let mut session = ready();
    assert!(session.line(r#"MAIL FROM:<"a b\"c"@you.test>"#).starts_with("250"));
}

#[test]
fn c025_a_source_route_is_taken_and_dropped() {
    let mut session = ready();
    assert!(session.line("MAIL FROM:<@a.test,@b.test:you@you.test>").starts_with("250"));
    assert!(session.line("RCPT TO:<@relay.test:pat@harbor.test>").starts_with("250"));
    session.line("DATA");
    session.line(".");
    let envelope = &session.letters()[0].envelope;
    assert_eq!(envelope.from.mailbox().map(Mailbox::encode), Some(b"you@you.test".to_vec()));
    assert_eq!(envelope.recipients[0].path.mailbox().map(Mailbox::encode), Some(b"pat@harbor.test".to_vec()));
}

#[test]
fn c026_address_literals_are_read_and_an_untagged_ipv6_one_is_refused() {
    for good in ["<pat@[192.0.2.1]>", "<pat@[IPv6:2001:db8::1]>", "<pat@[tag:anything]>"] {
        assert!(with_sender().line(&format!("RCPT TO:{good}")).starts_with("250"), "{good}");
    }
    for bad in ["<pat@[2001:db8::1]>", "<pat@[192.0.2.256]>", "<pat@[]>", "<pat@[192.0.2.1>"] {
        assert!(with_sender().line(&format!("RCPT TO:{bad}")).starts_with("501 5.1.3"), "{bad}");
    }
}

#[test]
fn c027_control_characters_in_a_path_get_501() {
    for control in ["\x01", "\x07", "\x1b", "\x7f", "\t"] {
        let said = with_sender().line(&format!("RCPT TO:<\"p{control}t\"@harbor.test>"));
        assert!(said.starts_with("501 5.1.3"), "{control:?}: {said}");
        let said = ready().line(&format!("MAIL FROM:<p{control}t@you.test>"));
        assert!(said.starts_with("501 5.1"), "{control:?}: {said}");
    }
}

#[test]
fn c053_the_bare_postmaster_is_taken_in_any_case() {
    let mut session = with_sender();
    for name in ["Postmaster", "postmaster", "POSTMASTER", "pOsTmAsTeR"] {
        assert_eq!(session.line(&format!("RCPT TO:<{name}>")), "250 2.1.5 Recipient OK\r\n");
    }
    assert!(session.line("RCPT TO:<pat>").starts_with("501 5.1.3"), "nobody else goes without a domain");
}

#[test]
fn paths_that_are_none_get_501_with_the_side_that_is_wrong() {
    for bad in ["MAIL", "MAIL FROM", "MAIL you@you.test", "MAIL TO:<you@you.test>"] {
        assert!(ready().line(bad).starts_with("501 5.5.4"), "{bad}");
    }
    for bad in ["MAIL FROM:<you@@you.test>", "MAIL FROM:<you@you.test", "MAIL FROM:<@you.test>"] {
        assert!(ready().line(bad).starts_with("501 5.1.7"), "{bad}: {}", ready().line(bad));
    }
    for bad in ["RCPT", "RCPT TO", "RCPT FROM:<pat@harbor.test>"] {
        assert!(with_sender().line(bad).starts_with("501 5.5.4"), "{bad}");
    }
    for bad in ["RCPT TO:<>", "RCPT TO:<pat@>", "RCPT TO:<pat @harbor.test>"] {
        assert!(with_sender().line(bad).starts_with("501 5.1.3"), "{bad}: {}", with_sender().line(bad));
    }
}

#[test]
fn c143_parameters_must_be_offered_sound_and_given_once() {
    let mut session = ready();
    for unknown in ["RET=FULL", "SMTPUTF8", "XYZZY=1"] {
        let said = session.line(&format!("MAIL FROM:<you@you.test> {unknown}"));
        assert!(said.starts_with("555 5.5.4"), "{unknown}: {said}");
    }
    for bad in ["SIZE=many", "SIZE", "BODY=9BIT", "SIZE=1 SIZE=2"] {
        let said = session.line(&format!("MAIL FROM:<you@you.test> {bad}"));
        assert!(said.starts_with("501 5.5.4"), "{bad}: {said}");
    }
    let said = session.line("MAIL FROM:<you@you.test> SIZE=10485761");
    assert_eq!(said, "552 5.3.4 Message size exceeds the limit of 10485760 octets\r\n");
    assert!(session.line("MAIL FROM:<you@you.test> SIZE=10485760 BODY=7BIT").starts_with("250 2.1.0"));
    session.line("RSET");
    assert!(session.line("MAIL FROM:<you@you.test> BODY=8BITMIME").starts_with("250 2.1.0"));
    assert!(session.line("RCPT TO:<pat@harbor.test> NOTIFY=NEVER").starts_with("555 5.5.4"));
}

#[test]
fn c076_a_hundred_recipients_are_taken() {
    let mut session = with_sender();
    for _ in 0..100 {
        assert!(session.line("RCPT TO:<pat@harbor.test>").starts_with("250"));
    }
    assert!(session.line("RCPT TO:<pat@harbor.test>").starts_with("452 4.5.3"));
}

#[test]
fn c077_too_many_recipients_leave_the_others_standing() {
    let limits = LabLimits { recipients: 2, ..LabLimits::default() };
    let mut session = Talk::in_transaction(Config { limits, ..strict() });
    session.line("RCPT TO:<x@harbor.test>");
    for _ in 0..50 {
        assert!(
            session.line("RCPT TO:<xx@harbor.test>").starts_with("452 4.5.3"),
            "and it is no error of the client's"
        );
    }
    session.line("DATA");
    assert!(session.line("hi\r\n.").starts_with("250"));
    let taken = &session.letters()[0].envelope.recipients;
    let recipients: Vec<_> = taken.iter().map(|recipient| recipient.path.encode()).collect();
    assert_eq!(recipients, [&b"<pat@harbor.test>"[..], b"<x@harbor.test>"]);
}

#[test]
fn a_sender_the_host_refuses_begins_nothing() {
    let mut session = ready();
    assert!(session.line("MAIL FROM:<unwelcome@you.test>").starts_with("550 5.7.1"));
    assert!(session.line("RCPT TO:<pat@harbor.test>").starts_with("503"));
}
