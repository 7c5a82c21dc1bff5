//! What the client does, rightly or wrongly.

use super::*;
use crate::dialogue::forecast::{Legal, forecast, legal};
use crate::dialogue::standing::Standing;
use crate::dialogue::suggest::{Persona, suggest};
use crate::smtp::command::{Command, Verb};

const HELLO: &str = "S: 220 mx1.harbor.test ESMTP
    C: EHLO laptop.you.test
    S: 250-mx1.harbor.test
    S: 250 SIZE 1000";

fn persona() -> Persona {
    Persona {
        hello: "laptop.you.test".into(),
        sender: "you@you.test".into(),
        recipients: vec!["pat@harbor.test".into()],
        secure_first: true,
    }
}

fn warned(dialogue: &Dialogue, line: &str) -> Vec<&'static str> {
    forecast(&Standing::of(dialogue), &Command::parse(line.as_bytes())).iter().map(|warning| warning.id).collect()
}

#[test]
fn c028_a_hello_name_that_is_no_name_is_warned_of() {
    let greeted = said("S: 220 mx");
    for bad in ["EHLO localhost", "EHLO", "EHLO my laptop", "HELO 192.0.2.7"] {
        assert!(warned(&greeted, bad).contains(&"cmd/hello-name"), "{bad}");
    }
    for good in ["EHLO laptop.you.test", "EHLO [192.0.2.7]", "EHLO [IPv6:2001:db8::7]"] {
        assert!(warned(&greeted, good).is_empty(), "{good}");
    }
}

#[test]
fn c029_a_command_before_the_greeting_is_early_talk() {
    let dialogue = said("S! 220-mx\\r\\n\nC: EHLO laptop.you.test");
    assert_eq!(ids(&dialogue), ["greet/early-talker"]);
}

#[test]
fn c030_after_a_refused_ehlo_helo_is_offered() {
    let refused = said("S: 220 mx\nC: EHLO laptop.you.test\nS: 502 what?");
    assert_eq!(suggest(&refused, &persona()).as_deref(), Some("HELO laptop.you.test"));
    let later = said("S: 220 mx\nC: EHLO laptop.you.test\nS: 451 not now");
    assert_eq!(suggest(&later, &persona()).as_deref(), Some("EHLO laptop.you.test"));
}

#[test]
fn c031_mail_before_hello_is_possible_and_flagged() {
    let dialogue = said("S: 220 mx\nC: MAIL FROM:<you@you.test>");
    assert_eq!(ids(&dialogue), ["fsm/order"]);
    assert_eq!(legal(&said("S: 220 mx"), Verb::Mail), Legal::Not { code: 503, why: "say EHLO first" });
}

#[test]
fn c032_a_second_mail_in_a_transaction_is_flagged() {
    let dialogue = said(&format!("{HELLO}\nC: MAIL FROM:<a@you.test>\nS: 250 ok\nC: MAIL FROM:<b@you.test>"));
    assert_eq!(ids(&dialogue), ["fsm/order"]);
}

#[test]
fn c037_suggestions_hold_no_source_route() {
    let mut walk = String::from(HELLO);
    for reply in ["250 ok", "250 ok", "354 go"] {
        let line = suggest(&said(&walk), &persona()).expect("a suggestion");
        assert!(!line.contains("<@"), "{line}");
        walk = format!("{walk}\nC: {line}\nS: {reply}");
    }
    assert_eq!(said(&walk).phase(), Phase::Content);
}

#[test]
fn c038_suggestions_use_only_what_is_offered_and_raw_lines_are_flagged() {
    let dialogue = said(HELLO);
    assert_eq!(suggest(&dialogue, &persona()).as_deref(), Some("MAIL FROM:<you@you.test>"));
    assert!(warned(&dialogue, "MAIL FROM:<you@you.test> BODY=8BITMIME").contains(&"param/invalid"));
    assert!(warned(&dialogue, "MAIL FROM:<you@you.test> SIZE=10").is_empty());
}

#[test]
fn c040_a_connection_lost_in_a_transaction_is_a_451() {
    let dialogue = said_and_closed(&format!("{HELLO}\nC: MAIL FROM:<a@you.test>\nS: 250 ok"));
    assert!(ids(&dialogue).contains(&"net/closed"));
    assert_eq!(dialogue.phase(), Phase::Closed);
}

#[test]
fn who_says_quit_in_a_transaction_has_given_it_up_and_lost_nothing() {
    let dialogue = said_and_closed(&format!(
        "{HELLO}\nC: MAIL FROM:<a@you.test>\nS: 250 ok\nC: RCPT TO:<b@harbor.test>\nS: 550 5.1.1 no\nC: QUIT\nS: 221 bye"
    ));
    assert!(!ids(&dialogue).contains(&"net/closed"));
}

#[test]
fn an_initial_response_that_says_that_it_is_empty_is_no_secret() {
    let secrets = |line: &str| said(&format!("{HELLO}\nC: {line}\nS: 235 2.7.0 yes")).secrets().spans().len();
    assert_eq!((secrets("AUTH EXTERNAL ="), secrets("AUTH EXTERNAL bWluYQ==")), (0, 1));
}

#[test]
fn c043_552_to_rcpt_means_too_many_recipients() {
    let dialogue = said(&format!(
        "{HELLO}\nC: MAIL FROM:<a@you.test>\nS: 250 ok\nC: RCPT TO:<pat@harbor.test>\nS: 552 too many recipients"
    ));
    assert!(dialogue.envelope().recipients[0].deferred());
}

#[test]
fn c044_recipients_that_were_put_off_come_in_the_next_transaction() {
    let first = format!(
        "{HELLO}
        C: MAIL FROM:<list@you.test>
        S: 250 ok
        C: RCPT TO:<pat@harbor.test>
        S: 250 ok
        C: RCPT TO:<sam@harbor.test>
        S: 452 4.5.3 too many recipients"
    );
    assert_eq!(suggest(&said(&first), &persona()).as_deref(), Some("DATA"));
    let sent = format!("{first}\nC: DATA\nS: 354 go\nC: hello\nC: .\nS: 250 taken");
    assert_eq!(suggest(&said(&sent), &persona()).as_deref(), Some("MAIL FROM:<list@you.test>"));
    let second = format!("{sent}\nC: MAIL FROM:<list@you.test>\nS: 250 ok");
    assert_eq!(suggest(&said(&second), &persona()).as_deref(), Some("RCPT TO:<sam@harbor.test>"));
    let done = format!("{second}\nC: RCPT TO:<sam@harbor.test>\nS: 250 ok");
    assert_eq!(suggest(&said(&done), &persona()).as_deref(), Some("DATA"));
}

#[test]
fn c046_a_letter_is_taken_for_all_accepted_recipients_or_for_none() {
    let sent = |verdict: &str| {
        said(&format!(
            "{HELLO}
            C: MAIL FROM:<you@you.test>
            S: 250 ok
            C: RCPT TO:<pat@harbor.test>
            S: 250 ok
            C: RCPT TO:<nobody@harbor.test>
            S: 550 no
            C: DATA
            S: 354 go
            C: hello
            C: .
            S: {verdict}"
        ))
    };
    assert_eq!(sent("250 taken").letters()[0].delivered_to().count(), 1);
    assert_eq!(sent("451 later").letters()[0].delivered_to().count(), 0);
}

#[test]
fn c047_only_the_latest_hello_of_the_tls_epoch_counts() {
    let mut tape = opened();
    say(&mut tape, "S: 220 mx\nC: EHLO a.test\nS: 250-mx\nS: 250-STARTTLS\nS: 250 SIZE 1\nC: STARTTLS\nS: 220 go");
    mark(&mut tape, tls());
    assert!(Dialogue::of(&tape).extensions().is_none());
    say(&mut tape, "C: EHLO a.test\nS: 250-mx\nS: 250 8BITMIME");
    let dialogue = Dialogue::of(&tape);
    let extensions = dialogue.extensions().expect("extensions");
    assert!(extensions.has("8BITMIME") && !extensions.has("SIZE"));
    assert_eq!(dialogue.capabilities().len(), 2, "the old list stays for comparison");
}

#[test]
fn c048_capabilities_are_not_remembered_across_sessions() {
    assert!(said(HELLO).extensions().is_some());
    assert!(said("S: 220 mx").extensions().is_none());
}

#[test]
fn lines_behind_data_are_undecided_until_the_answer_comes() {
    let pipelined = format!(
        "{HELLO}\nC: MAIL FROM:<a@you.test>\nS: 250 ok\nC: RCPT TO:<p@harbor.test>\nS: 250 ok\nC: DATA\nC: NOOP"
    );
    let kinds = |dialogue: &Dialogue| dialogue.rows().last().expect("a row").what;
    assert_eq!(kinds(&said(&pipelined)), What::Undecided);
    let taken = said(&format!("{pipelined}\nS: 354 go"));
    assert!(matches!(taken.rows()[taken.rows().len() - 2].what, What::Content { .. }));
    let refused = said(&format!("{pipelined}\nS: 451 no\nS: 250 ok"));
    assert_eq!(codes(&refused).last(), Some(&250));
    assert_eq!(refused.outstanding().len(), 0);
}

#[test]
fn a_login_is_secret_from_its_first_octet() {
    let dialogue =
        said("S: 220 mx\nC: EHLO a.test\nS: 250-mx\nS: 250 AUTH LOGIN\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC! bWlu");
    assert_eq!(dialogue.phase(), Phase::Sasl);
    assert_eq!(dialogue.secrets().spans().len(), 1);
}

#[test]
fn a_cancelled_login_hides_nothing() {
    let dialogue = said(
        "S: 220 mx\nC: EHLO a.test\nS: 250-mx\nS: 250 AUTH LOGIN\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: *\nS: 501 cancelled",
    );
    assert!(dialogue.secrets().spans().is_empty());
    assert_eq!((dialogue.phase(), dialogue.login()), (Phase::Ready, Login::Out));
}

#[test]
fn what_was_taken_for_an_answer_of_a_refused_login_is_not_looked_for() {
    let login = "S: 220 mx\nC: EHLO a.test\nS: 250-mx\nS: 250 AUTH PLAIN\nC: AUTH PLAIN\nC: NOOP sunshine";
    let undecided = said(login);
    assert!(undecided.secrets().repeats(b"250 NOOP sunshine"));
    let refused = said(&format!("{login}\nS: 535 5.7.8 no\nS: 250 NOOP sunshine"));
    assert!(refused.secrets().spans().is_empty() && !refused.secrets().repeats(b"250 NOOP sunshine"));
    assert!(!ids(&refused).iter().any(|id| id.starts_with("redact/")), "{:?}", ids(&refused));
}

#[test]
fn c120_no_second_auth_after_235() {
    let offer = "S: 220 mx\nC: EHLO a.test\nS: 250-mx\nS: 250 AUTH PLAIN\nC: AUTH PLAIN AGEAYg==";
    let expected = Legal::Not { code: 503, why: "already logged in" };
    let logged_in = said(&format!("{offer}\nS: 235 2.7.0 welcome"));
    assert_eq!(legal(&logged_in, Verb::Auth), expected);
    assert_eq!(warned(&logged_in, "AUTH PLAIN AGEAYg=="), ["fsm/order"]);
    let again = said(&format!("{offer}\nS: 235 2.7.0 welcome\nC: AUTH PLAIN AGEAYg=="));
    assert!(ids(&again).contains(&"fsm/order"), "sent all the same, and noted: {:?}", ids(&again));
    // The refusal of a second login leaves the first one as it is (RFC 4954 §4).
    let twice = said(&format!("{offer}\nS: 235 2.7.0 welcome\nC: AUTH PLAIN AGEAYg==\nS: 503 5.5.1 already"));
    assert_eq!(legal(&twice, Verb::Auth), expected);
    // A refusal lets the client try again.
    let refused = said(&format!("{offer}\nS: 535 5.7.8 no"));
    assert_ne!(legal(&refused, Verb::Auth), expected);
}

#[test]
fn c121_no_auth_inside_a_transaction() {
    let offer = "S: 220 mx\nC: EHLO a.test\nS: 250-mx\nS: 250 AUTH PLAIN\nC: MAIL FROM:<you@you.test>\nS: 250 ok";
    let expected = Legal::Not { code: 503, why: "not inside a transaction: RSET first" };
    assert_eq!(legal(&said(offer), Verb::Auth), expected);
    assert_eq!(warned(&said(offer), "AUTH PLAIN"), ["fsm/order"]);
    assert!(ids(&said(&format!("{offer}\nC: AUTH PLAIN"))).contains(&"fsm/order"));
    assert_ne!(legal(&said(&format!("{offer}\nC: RSET\nS: 250 ok")), Verb::Auth), expected);
}
