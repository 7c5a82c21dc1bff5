//! Addresses as they stand in envelopes, well and badly.

use proptest::prelude::*;

use super::super::flaw::{Flaw, FlawKind};
use super::*;

fn ids<T>(read: &Read<T>) -> Vec<&'static str> {
    read.flaws.iter().map(|flaw| flaw.kind.id()).collect()
}

fn mailbox(text: &str) -> Mailbox {
    forward(text.as_bytes()).path.mailbox().unwrap().clone()
}

fn name(text: &str) -> Domain {
    Domain::Name(text.into())
}

#[test]
fn an_address_is_local_part_and_domain() {
    let read = reverse(b"<mina@pine.test> SIZE=1");
    assert_eq!((read.len, ids(&read)), (16, vec![]));
    assert_eq!(read.path.mailbox(), Some(&Mailbox { local: b"mina".to_vec(), domain: name("pine.test") }));
    assert_eq!(read.path.encode(), b"<mina@pine.test>");
}

#[test]
fn the_null_path_and_the_bare_postmaster_are_paths() {
    assert_eq!(reverse(b"<>").path, ReversePath::Null);
    assert_eq!(forward(b"<PostMaster>").path, ForwardPath::Postmaster(b"PostMaster".to_vec()));
    assert!(forward(b"<PostMaster>").flaws.is_empty());
    assert_eq!(ids(&forward(b"<>")), ["addr/syntax"]);
    assert_eq!(ids(&reverse(b"<postmaster>")), ["addr/syntax"]);
}

#[test]
fn c019_the_case_of_the_local_part_is_kept() {
    assert_eq!(mailbox("<MiNa@Pine.Test>").encode(), b"MiNa@Pine.Test");
    assert!(!mailbox("<MiNa@pine.test>").is_same(&mailbox("<mina@pine.test>")));
    assert!(mailbox("<mina@PINE.test>").is_same(&mailbox("<mina@pine.TEST>")));
}

#[test]
fn c023_lengths_up_to_the_rfc_limits_are_taken_and_longer_ones_flagged() {
    let local = |octets: usize| format!("<{}@x.test>", "a".repeat(octets));
    assert_eq!(ids(&forward(local(64).as_bytes())), [""; 0]);
    assert_eq!(ids(&forward(local(65).as_bytes())), ["addr/too-long"]);
    let domain = |octets: usize| format!("<a@{}>", "d".repeat(octets));
    assert_eq!(forward(domain(252).as_bytes()).len, 256);
    assert_eq!(ids(&forward(domain(252).as_bytes())), [""; 0]);
    assert_eq!(ids(&forward(domain(253).as_bytes())), ["addr/too-long"]);
    assert_eq!(ids(&forward(domain(256).as_bytes())), ["addr/too-long", "addr/too-long"]);
}

#[test]
fn c024_quoted_local_parts_are_equal_to_what_they_quote() {
    let read = forward(br#"<"a\b"@x>"#);
    assert!(read.flaws.is_empty());
    assert!(mailbox(r#"<"a\b"@x>"#).is_same(&mailbox(r#"<"ab"@x>"#)));
    assert!(mailbox(r#"<"ab"@x>"#).is_same(&mailbox("<ab@x>")));
    assert!(!mailbox(r#"<"a\\b"@x>"#).is_same(&mailbox(r#"<"ab"@x>"#)));
    let odd = mailbox(r#"<"a@b > \"c"@x.test>"#);
    assert_eq!(odd.local_equivalent(), &br#"a@b > "c"#[..]);
    assert_eq!(odd.domain, name("x.test"));
}

#[test]
fn c025_a_source_route_is_read_kept_apart_and_flagged() {
    let read = forward(b"<@a.test,@b.test:c@d.test>");
    assert_eq!(ids(&read), ["addr/source-route"]);
    assert_eq!(read.flaws[0].span, 1..17);
    let ForwardPath::Path(path) = read.path else { panic!("no path") };
    assert_eq!(path.route, [name("a.test"), name("b.test")]);
    assert_eq!(path.mailbox, mailbox("<c@d.test>"));
    assert_eq!(path.encode(), b"<@a.test,@b.test:c@d.test>");
    let ForwardPath::Path(path) = forward(b"<@[IPv6:::1]:c@d.test>").path else { panic!("no path") };
    assert_eq!(path.route, [Domain::Literal(Literal::V6("::1".parse().unwrap()))]);
}

#[test]
fn c026_address_literals_are_read_and_an_untagged_one_is_flagged() {
    let literal = |text: &str| match mailbox(&format!("<a@{text}>")).domain {
        Domain::Literal(literal) => (literal, ids(&forward(format!("<a@{text}>").as_bytes()))),
        Domain::Name(_) => panic!("no literal"),
    };
    assert_eq!(literal("[192.0.2.1]"), (Literal::V4([192, 0, 2, 1].into()), vec![]));
    assert_eq!(literal("[192.000.002.001]"), (Literal::V4([192, 0, 2, 1].into()), vec![]));
    assert_eq!(literal("[IPv6:2001:db8::1]"), (Literal::V6("2001:db8::1".parse().unwrap()), vec![]));
    assert_eq!(literal("[2001:db8::1]"), (Literal::Untagged("2001:db8::1".parse().unwrap()), vec!["addr/literal"]));
    assert_eq!(literal("[X-tag:any]"), (Literal::General { tag: b"X-tag".to_vec(), content: b"any".to_vec() }, vec![]));
    for bad in ["[192.0.2.256]", "[192.0.2.1", "[IPv6:nope]", "[]", "[192.0.2]"] {
        assert_eq!(literal(bad).1, ["addr/literal"], "{bad}");
    }
}

#[test]
fn c027_control_characters_are_flagged_where_they_stand() {
    let read = forward(b"<mi\x01na@pine.test>");
    assert_eq!(read.flaws[0], Flaw::new(FlawKind::AddressControl, 3..4));
    assert!(ids(&forward(b"<mina@pine.test\x00>")).contains(&"addr/control"));
}

#[test]
fn what_is_no_path_is_kept_as_it_was_written() {
    let read = forward(b"mina@pine.test NOTIFY=NEVER");
    assert_eq!((read.len, ids(&read)), (14, vec!["addr/syntax"]));
    assert_eq!(read.path.mailbox(), Some(&mailbox("<mina@pine.test>")));
    assert_eq!(forward(b"<mina>").path, ForwardPath::Other(b"mina".to_vec()));
    assert_eq!(forward(b"<mina@pine.test").path.mailbox(), Some(&mailbox("<mina@pine.test>")));
    for odd in [
        "<a..b@x.test>",
        "<.a@x.test>",
        "<a b@x.test>",
        "<a@x..test>",
        "<a@-x.test>",
        "<a@x_y.test>",
        "<@x.test>",
        "<a@>",
    ] {
        assert_eq!(ids(&forward(odd.as_bytes())), ["addr/syntax"], "{odd}");
    }
    assert!(ids(&forward("<j\u{f6}rg@ex\u{e4}mple.test>".as_bytes())).is_empty());
}

#[test]
fn c028_a_client_names_itself_by_a_full_name_or_a_literal() {
    for good in ["laptop.you.test", "[192.0.2.7]", "[IPv6:2001:db8::7]"] {
        assert!(is_hello_name(good.as_bytes()), "{good}");
    }
    for bad in ["laptop", "192.0.2.7", "", "you.test.", "lap top.test", "[2001:db8::7]", "a_b.test"] {
        assert!(!is_hello_name(bad.as_bytes()), "{bad}");
    }
}

/// A mailbox that follows the grammar.
pub(in crate::smtp) fn well_formed_mailbox() -> impl Strategy<Value = Mailbox> {
    let dotted = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]{1,10}(\\.[a-z0-9]{1,8}){0,2}";
    let quoted = r#""([ !#-\[\]-~]|\\[ -~]){0,12}""#;
    let name = "[a-z]([a-z0-9-]{0,8}[a-z0-9])?(\\.[a-z]{2,6}){0,3}";
    let domain = prop_oneof![
        4 => name.prop_map(|name| Domain::Name(name.into_bytes())),
        1 => any::<[u8; 4]>().prop_map(|octets| Domain::Literal(Literal::V4(octets.into()))),
        1 => any::<[u16; 8]>().prop_map(|groups| Domain::Literal(Literal::V6(groups.into()))),
        1 => ("[a-z]{1,5}", "[!-Z^-~]{1,9}")
            // Without its tag an address of IPv6 is one that is written wrongly.
            .prop_filter("ipv6 is not general", |(tag, content)| {
                tag != "ipv" && format!("{tag}:{content}").parse::<std::net::Ipv6Addr>().is_err()
            })
            .prop_map(|(tag, content)| {
                Domain::Literal(Literal::General { tag: tag.into_bytes(), content: content.into_bytes() })
            }),
    ];
    (prop_oneof![dotted, quoted], domain).prop_map(|(local, domain)| Mailbox { local: local.into_bytes(), domain })
}

proptest! {
    #[test]
    fn a_printed_path_is_read_back(mailbox in well_formed_mailbox(), route in proptest::collection::vec("[a-z]{1,6}\\.test", 0..3)) {
        let path = Path { route: route.iter().map(|hop| name(hop)).collect(), mailbox };
        let read = forward(&path.encode());
        let kinds: Vec<_> = read.flaws.iter().map(|flaw| flaw.kind).filter(|kind| *kind != FlawKind::SourceRoute).collect();
        prop_assert!(kinds.is_empty(), "{:?}", kinds);
        prop_assert_eq!(read.path, ForwardPath::Path(path));
    }

    #[test]
    fn any_bytes_are_read(text in proptest::collection::vec(prop_oneof![any::<u8>(), proptest::sample::select(&b"<>@:,\"\\[]. a"[..])], 0..40)) {
        for flaw in forward(&text).flaws.iter().chain(&reverse(&text).flaws) {
            prop_assert!(flaw.span.start <= flaw.span.end && flaw.span.end <= text.len(), "{:?}", flaw);
        }
        prop_assert!(forward(&text).len <= text.len());
    }
}
