//! Each fault against the replies that it meets.

use super::super::authority::Doubt;
use super::*;

fn fault(stage: Stage, does: Deed) -> Fault {
    Fault { name: "test".into(), stage, nth: None, percent: 100, does, seconds: 5, code: 450, about: String::new() }
}

fn said(stage: Stage, text: &str) -> Said {
    Said { stage: Some(stage), octets: text.as_bytes().to_vec() }
}

/// What becomes of `250 2.1.0 Sender OK` and `250 2.1.5 Recipient OK` when the second is met.
fn met(does: Deed) -> Vec<Step> {
    let mut faults = Faults::new(vec![fault(Stage::Rcpt, does)], 7);
    faults.pass(vec![said(Stage::Mail, "250 2.1.0 Sender OK\r\n"), said(Stage::Rcpt, "250 2.1.5 Recipient OK\r\n")])
}

fn write(text: &str) -> Step {
    Step::Write(text.as_bytes().to_vec())
}

/// The octets that come of a reply of two lines.
fn octets(does: Deed, stage: Stage, text: &str) -> String {
    let mut faults = Faults::new(vec![fault(stage, does)], 7);
    let steps = faults.pass(vec![said(stage, text)]);
    let written = steps.into_iter().filter_map(|step| if let Step::Write(octets) = step { Some(octets) } else { None });
    written.flatten().map(char::from).collect()
}

#[test]
fn without_a_fault_a_group_goes_out_in_one_write() {
    assert_eq!(met(Deed::StripStartTls), [write("250 2.1.0 Sender OK\r\n250 2.1.5 Recipient OK\r\n")]);
    assert_eq!(Faults::new(Vec::new(), 0).pass(Vec::new()), []);
}

#[test]
fn a_fault_meets_its_own_stage_and_nothing_else() {
    let mail = "250 2.1.0 Sender OK\r\n";
    assert_eq!(met(Deed::DropReply), [write(mail)]);
    assert_eq!(met(Deed::Close), [write(mail), Step::Close]);
    assert_eq!(met(Deed::Reset), [write(mail), Step::Reset]);
    assert_eq!(met(Deed::Truncate), [write("250 2.1.0 Sender OK\r\n250 2.1.5 Re"), Step::Close]);
    let late = [write(mail), Step::Wait(Duration::from_secs(5)), write("250 2.1.5 Recipient OK\r\n")];
    assert_eq!(met(Deed::Delay), late);
    assert_eq!(met(Deed::WrongCode), [write("250 2.1.0 Sender OK\r\n450 Recipient OK\r\n")]);
    let steps = met(Deed::SplitBytes);
    assert_eq!(steps.iter().filter(|step| matches!(step, Step::Wait(_))).count(), "250 2.1.5 Recipient OK\r\n".len());
}

#[test]
fn what_is_held_back_comes_with_the_next_reply() {
    let mut faults = Faults::new(vec![fault(Stage::Mail, Deed::Coalesce)], 7);
    assert_eq!(faults.pass(vec![said(Stage::Mail, "250 one\r\n")]), []);
    assert_eq!(faults.pass(vec![said(Stage::Rcpt, "250 two\r\n")]), [write("250 one\r\n250 two\r\n")]);
}

#[test]
fn a_reply_is_bent_in_every_way_that_is_listed() {
    let two = "250-2.1.5 one\r\n250 2.1.5 two\r\n";
    for (does, bent) in [
        (Deed::BareLf, "250-2.1.5 one\n250 2.1.5 two\n"),
        (Deed::CrCrLf, "250-2.1.5 one\r\r\n250 2.1.5 two\r\r\n"),
        (Deed::NoText, "250\r\n250\r\n"),
        (Deed::WrongCode, "450-one\r\n450 two\r\n"),
        (Deed::Nul, "250-2.1.5 one\0\r\n250 2.1.5 two\0\r\n"),
        (Deed::EightBit, "250-2.1.5 one \u{e9}\u{80}\u{9b}\r\n250 2.1.5 two \u{e9}\u{80}\u{9b}\r\n"),
        (Deed::ExtraReply, "250-2.1.5 one\r\n250 2.1.5 two\r\n250 2.0.0 One reply too many\r\n"),
        (Deed::MixedCodes, "550-This line has another code\r\n250-2.1.5 one\r\n250 2.1.5 two\r\n"),
    ] {
        assert_eq!(octets(does, Stage::Rcpt, two), bent, "{does:?}");
    }
    assert!(octets(Deed::OverlongLine, Stage::Rcpt, two).lines().all(|line| line.len() > 2000));
    assert!(octets(Deed::InjectAfter220, Stage::StartTls, "220 go\r\n").starts_with("220 go\r\n250-mx.evil.test\r\n"));
    assert_eq!(
        octets(Deed::BdatShort, Stage::Data, "250 2.0.0 6 octets received\r\n"),
        "250 2.0.0 5 octets received\r\n"
    );
    let both = met(Deed::Unsolicited421);
    assert!(
        matches!(both.as_slice(), [Step::Write(octets), Step::Close] if octets.ends_with(b"421 4.3.2 Closing for no reason of yours\r\n"))
    );
}

#[test]
fn after_a_stall_nothing_more_is_said() {
    let mut faults = Faults::new(vec![fault(Stage::Data, Deed::StallAfter354)], 7);
    assert_eq!(faults.pass(vec![said(Stage::Data, "503 no\r\n")]), [write("503 no\r\n")]);
    assert_eq!(faults.pass(vec![said(Stage::Data, "354 go\r\n")]), [write("354 go\r\n")]);
    assert_eq!(faults.pass(vec![said(Stage::Final, "250 taken\r\n"), said(Stage::Quit, "221 bye\r\n")]), []);
}

#[test]
fn verdicts_are_miscounted() {
    let verdicts = || vec![said(Stage::Final, "250 one\r\n"), said(Stage::Final, "452 two\r\n")];
    let pass = |does| Faults::new(vec![fault(Stage::Final, does)], 7).pass(verdicts());
    assert_eq!(pass(Deed::LmtpTooFew), [write("250 one\r\n")]);
    assert_eq!(pass(Deed::LmtpTooMany), [write("250 one\r\n452 two\r\n452 two\r\n")]);
}

#[test]
fn only_the_nth_reply_is_met() {
    let nth = Fault { nth: Some(2), ..fault(Stage::Rcpt, Deed::WrongCode) };
    let mut faults = Faults::new(vec![nth], 7);
    let codes: Vec<_> = (0..3).map(|_| faults.pass(vec![said(Stage::Rcpt, "250 ok\r\n")])).collect();
    assert_eq!(codes, [[write("250 ok\r\n")], [write("450 ok\r\n")], [write("250 ok\r\n")]]);
}

#[test]
fn chance_repeats_with_the_seed() {
    let run = |seed| {
        let half = Fault { percent: 50, ..fault(Stage::Rcpt, Deed::WrongCode) };
        let mut faults = Faults::new(vec![half], seed);
        (0..200)
            .map(|_| faults.pass(vec![said(Stage::Rcpt, "250 ok\r\n")]) != [write("250 ok\r\n")])
            .collect::<Vec<_>>()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
    let met = run(7).into_iter().filter(|met| *met).count();
    assert!((60..140).contains(&met), "about half: {met}");
}

#[test]
fn starttls_can_be_stripped_and_certificates_spoiled() {
    let faults =
        Faults::new(vec![fault(Stage::Hello, Deed::StripStartTls), fault(Stage::StartTls, Deed::ExpiredCert)], 7);
    assert_eq!(faults.withdrawn(), Some(Extension::StartTls));
    assert_eq!(faults.spoilt(), Some(Spoilt::Certificate(Doubt::Expired)));
}
