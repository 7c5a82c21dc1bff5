//! Commands as clients send them, by program and by hand.

use proptest::prelude::*;

use super::super::params::Param;
use super::super::path::{Domain, ForwardPath, Mailbox, Path, ReversePath};
use super::*;

fn ids(line: &str) -> Vec<&'static str> {
    Command::parse(line.as_bytes()).flaws().iter().map(|flaw| flaw.kind.id()).collect()
}

fn parsed(line: &str) -> Arguments {
    Command::parse(line.as_bytes()).parsed()
}

fn mailbox(local: &str, domain: &str) -> Mailbox {
    Mailbox { local: local.into(), domain: Domain::Name(domain.into()) }
}

#[test]
fn a_command_is_taken_apart_at_the_verb() {
    let command = Command::parse(b"MAIL FROM:<mina@pine.test> SIZE=12\r\n");
    assert_eq!((command.verb, command.word()), (Verb::Mail, &b"MAIL"[..]));
    assert_eq!(command.argument, b"FROM:<mina@pine.test> SIZE=12");
    assert_eq!((command.verb_span.clone(), command.argument_span.clone()), (0..4, 5..34));
    assert_eq!(command.declared_size(), Some(12));
    let path = ReversePath::Path(Path::to(mailbox("mina", "pine.test")));
    assert_eq!(command.parsed(), Arguments::MailFrom { path, params: vec![Param::new("SIZE", Some("12"))] });
    assert!(command.flaws().is_empty());
}

#[test]
fn the_declared_size_is_that_of_the_parameters() {
    let declared = |line: &str| Command::parse(line.as_bytes()).declared_size();
    assert_eq!(declared("mail from : <\"a> SIZE=9\"@pine.test> BODY=7BIT  size=7 SIZE=8\r\n"), Some(7));
    assert_eq!(declared("MAIL FROM:mina@pine.test SIZE=5\r\n"), Some(5));
    for none in ["MAIL FROM:<> SIZE\r\n", "MAIL FROM:<> SIZE=x\r\n", "MAIL <> SIZE=1\r\n", "VRFY SIZE=1\r\n"] {
        assert_eq!(declared(none), None, "{none}");
    }
}

#[test]
fn c018_labels_are_read_in_any_case() {
    let path = ForwardPath::Path(Path::to(mailbox("Theo", "harbor.test")));
    assert_eq!(parsed("rcpt to:<Theo@harbor.test>\r\n"), Arguments::RcptTo { path, params: vec![] });
    assert!(matches!(parsed("mAiL fRoM:<>\r\n"), Arguments::MailFrom { path: ReversePath::Null, .. }));
}

#[test]
fn c020_white_space_at_the_end_is_tolerated() {
    for line in ["NOOP \r\n", "QUIT\t \r\n", "EHLO laptop.you.test  \r\n", "MAIL FROM:<>  \r\n", "RSET   \r\n"] {
        assert_eq!(ids(line), [""; 0], "{line:?}");
    }
    assert_eq!(Command::parse(b"EHLO laptop.you.test \t\r\n").argument, b"laptop.you.test");
}

#[test]
fn c021_a_line_of_512_octets_is_read_whole() {
    let line = format!("NOOP {}\r\n", "x".repeat(505));
    let command = Command::parse(line.as_bytes());
    assert_eq!((line.len(), command.verb, command.argument.len()), (512, Verb::Noop, 505));
}

#[test]
fn c022_a_line_of_any_length_is_read_and_the_next_one_too() {
    let long = format!("NOOP {}\r\nQUIT\r\n", "x".repeat(100_000));
    let verbs: Vec<_> = super::super::line::lines(long.as_bytes()).map(|line| Command::parse(line.text).verb).collect();
    assert_eq!(verbs, [Verb::Noop, Verb::Quit]);
}

#[test]
fn what_hands_type_is_read_and_flagged() {
    assert_eq!(ids("MAIL FROM: <mina@pine.test>\r\n"), ["cmd/syntax"]);
    assert_eq!(ids("MAIL FROM <mina@pine.test>\r\n"), ["cmd/syntax"]);
    assert_eq!(ids("MAIL <mina@pine.test>\r\n"), ["cmd/syntax"]);
    assert_eq!(ids("RCPT TO:theo@harbor.test\r\n"), ["addr/syntax"]);
    assert_eq!(ids("RCPT TO:<theo@harbor.test>NOTIFY=NEVER\r\n"), ["cmd/syntax"]);
    assert_eq!(ids("MAIL FROM:<a@b.test> SIZE=x BODY=9BIT\r\n"), ["param/invalid", "param/invalid"]);
    assert_eq!(ids("MAIL\r\n"), ["cmd/syntax"]);
    assert_eq!(ids("  NOOP\r\n"), ["cmd/syntax"]);
    assert_eq!(ids("DATA now\r\n"), ["cmd/syntax"]);
    assert_eq!(ids("STARTTLS please\r\n"), ["cmd/syntax"]);
    assert_eq!(ids("VRFY\r\n"), ["cmd/syntax"]);
    assert_eq!(ids("BDAT many\r\n"), ["cmd/syntax"]);
    assert_eq!(ids("EHLO laptop\r\n"), ["cmd/hello-name"]);
    assert_eq!(ids("FROBNICATE now\r\n"), [""; 0]);
}

#[test]
fn lines_that_end_otherwise_than_with_cr_lf_are_flagged() {
    assert_eq!(ids("NOOP\n"), ["cmd/line-end"]);
    assert_eq!(ids("NOOP\r\r\n"), ["cmd/line-end"]);
    assert_eq!(ids("NOOP a\rQUIT\r\n"), ["cmd/line-end"]);
    assert_eq!(ids("NOOP a\0b\r\n"), ["cmd/syntax"]);
    assert_eq!(ids("NOOP"), [""; 0]);
}

#[test]
fn an_address_beyond_ascii_needs_smtputf8() {
    assert_eq!(ids("MAIL FROM:<j\u{f6}rg@pine.test>\r\n"), ["addr/smtputf8"]);
    assert_eq!(ids("MAIL FROM:<j\u{f6}rg@pine.test> SMTPUTF8\r\n"), [""; 0]);
}

#[test]
fn flaws_point_into_the_line() {
    let line = b"MAIL FROM:<@a.test:mina@pine.test> SIZE=x\r\n";
    let places: Vec<_> = Command::parse(line).flaws().into_iter().map(|flaw| &line[flaw.span]).collect();
    assert_eq!(places, [&b"@a.test:"[..], b"SIZE=x"]);
}

#[test]
fn the_initial_response_of_auth_is_found() {
    let command = Command::parse(b"AUTH PLAIN AG1pbmEAcw==\r\n");
    assert_eq!(command.mechanism(), Some(&b"PLAIN"[..]));
    assert_eq!(command.initial_response(), Some(11..23));
    assert_eq!(Command::parse(b"AUTH LOGIN\r\n").initial_response(), None);
    assert_eq!(Command::parse(b"AUTH PLAIN  =\r\n").initial_response(), Some(12..13));
    assert_eq!(ids("AUTH PLAIN a b\r\n"), ["cmd/syntax"]);
    assert_eq!(Command::parse(b"NOOP PLAIN x\r\n").initial_response(), None);
}

#[test]
fn a_chunk_is_announced_by_bdat_only() {
    assert_eq!(Command::parse(b"BDAT 10 LAST\r\n").chunk(), Some(Chunk { size: 10, last: true }));
    assert_eq!(Command::parse(b"NOOP 10 LAST\r\n").chunk(), None);
}

/// Commands as forms build them.
fn typed() -> impl Strategy<Value = (Verb, Arguments)> {
    let mailbox = super::super::path::tests::well_formed_mailbox;
    let reverse =
        prop_oneof![Just(ReversePath::Null), mailbox().prop_map(|mailbox| ReversePath::Path(Path::to(mailbox))),];
    let forward = prop_oneof![
        Just(ForwardPath::Postmaster(b"Postmaster".to_vec())),
        mailbox().prop_map(|mailbox| ForwardPath::Path(Path::to(mailbox))),
    ];
    let mail_params = prop_oneof![
        Just(vec![]),
        any::<u64>().prop_map(|size| vec![Param::new("SIZE", Some(&size.to_string())), Param::new("SMTPUTF8", None)]),
        Just(vec![Param::new("BODY", Some("8BITMIME")), Param::new("RET", Some("HDRS"))]),
    ];
    let rcpt_params = prop_oneof![Just(vec![]), Just(vec![Param::new("NOTIFY", Some("SUCCESS,DELAY"))])];
    let hello = prop_oneof![Just(Verb::Ehlo), Just(Verb::Helo), Just(Verb::Lhlo)];
    let word = "[!-~]([ -~]{0,20}[!-~])?";
    prop_oneof![
        (hello, "[a-z]{1,9}\\.you\\.test")
            .prop_map(|(verb, name)| (verb, Arguments::Hello(Domain::Name(name.into_bytes())))),
        (reverse, mail_params).prop_map(|(path, params)| (Verb::Mail, Arguments::MailFrom { path, params })),
        (forward, rcpt_params).prop_map(|(path, params)| (Verb::Rcpt, Arguments::RcptTo { path, params })),
        ("[A-Z][A-Z0-9-]{2,18}", proptest::option::of("([A-Za-z0-9+/]{4}){1,5}|=")).prop_map(|(mechanism, initial)| {
            (
                Verb::Auth,
                Arguments::Auth { mechanism: mechanism.into_bytes(), initial: initial.map(String::into_bytes) },
            )
        }),
        (any::<u64>(), any::<bool>()).prop_map(|(size, last)| (Verb::Bdat, Arguments::Bdat(Chunk { size, last }))),
        (proptest::sample::select(&[Verb::Vrfy, Verb::Expn, Verb::Help, Verb::Noop, Verb::Etrn][..]), word)
            .prop_map(|(verb, text)| (verb, Arguments::Text(text.into_bytes()))),
        proptest::sample::select(&[Verb::Data, Verb::Rset, Verb::Quit, Verb::StartTls, Verb::Noop, Verb::Help][..])
            .prop_map(|verb| (verb, Arguments::None)),
    ]
}

proptest! {
    #[test]
    fn c247_a_typed_command_is_read_back_without_flaws((verb, arguments) in typed()) {
        let line = arguments.encode(verb);
        let command = Command::parse(&line);
        prop_assert_eq!(command.verb, verb);
        prop_assert_eq!(command.parsed(), arguments);
        prop_assert!(command.flaws().is_empty(), "{:?}", command.flaws());
    }

    #[test]
    fn any_line_is_read_and_flaws_lie_inside(line in "(MAIL FROM:|RCPT TO:|AUTH |EHLO |BDAT )?[ -~\r\n\t\u{0}é<>@:]{0,40}") {
        let command = Command::parse(line.as_bytes());
        for flaw in command.flaws() {
            prop_assert!(flaw.span.start <= flaw.span.end && flaw.span.end <= line.len(), "{:?}", flaw);
        }
        prop_assert!(command.initial_response().is_none_or(|span| span.end <= line.len()));
    }
}
