//! Lines of a login as a reader sees them: decoded, with the secrets hidden outside the lab.

use super::*;
use crate::dialogue::row::RowId;

/// A session inside a login, `C:` and `S:` before each line.
fn session(place: Place, lines: &[&str]) -> Session {
    heard(live(), place, lines)
}

fn heard(mut session: Session, place: Place, lines: &[&str]) -> Session {
    session.target.place = place;
    opened(&mut session);
    let lines: Vec<_> = lines
        .iter()
        .map(|line| {
            let (who, text) = line.split_at(2);
            let side = if who == "C:" { Side::Client } else { Side::Server };
            (side, format!("{}\r\n", text.strip_prefix(' ').unwrap_or(text)).into_bytes())
        })
        .collect();
    say(&mut session, &lines);
    session
}

/// The notes on the last so many rows.
fn notes(session: &Session, last: usize) -> Vec<String> {
    let rows = session.dialogue().rows().len();
    let row = |index: usize| session.note(RowId(u32::try_from(index).unwrap())).text.into_owned();
    (rows - last..rows).map(row).collect()
}

const HELLO: [&str; 3] = ["S: 220 mx.example.org ESMTP", "C: EHLO laptop.example.org", "S: 250 mx.example.org"];

fn after_hello<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    [&HELLO[..], lines].concat()
}

/// The example of RFC 5802 §5.
const SCRAM: [&str; 6] = [
    "C: AUTH SCRAM-SHA-1 biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM",
    "S: 334 cj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0wzcmZjTkhZSlkxWlZ2V1ZzN2oscz1RU1hDUitRNnNlazhiZjkyLGk9NDA5Ng==",
    "C: Yz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMM3JmY05IWUpZMVpWdldWczdqLHA9djBYOHYzQnoyVDBDSkdiSlF5RjBYK0hJNFRzPQ==",
    "S: 334 dj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS1E9",
    "C:",
    "S: 235 2.7.0 welcome",
];

#[test]
fn each_step_of_scram_is_decoded_and_what_passwords_can_be_tried_on_is_hidden() {
    let seen = notes(&session(Place::Live, &after_hello(&SCRAM)), 6);
    let expected = [
        "user name and random text: n,,n=user,r=fyko+d2…",
        "salt and rounds: r=fyko+d2…,s=QSXCR+Q…,i=4096",
        "the proof: c=biws,r=fyko+d2…,p=••••••••",
        "the server's proof: v=••••••••",
        "an empty answer",
    ];
    assert_eq!(seen[..5], expected);
    let lab = notes(&session(Place::Lab, &after_hello(&SCRAM)), 6);
    assert_eq!(lab[2], "the proof: c=biws,r=fyko+d2…,p=v0X8v3B…", "lab secrets are public");
}

const LOGIN: [&str; 5] = ["C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: YWRh", "S: 334 UGFzc3dvcmQ6", "C: c3Vuc2hpbmU="];

#[test]
fn login_is_decoded_prompt_by_prompt() {
    let seen = notes(&session(Place::Live, &after_hello(&LOGIN)), 5);
    assert_eq!(seen[1..], ["asks: Username:", "the user name: ada", "asks: Password:", "the password: ••••••••"]);
    assert_eq!(notes(&session(Place::Lab, &after_hello(&LOGIN)), 1), ["the password: sunshine"]);
    let swapped = ["C: AUTH LOGIN", "S: 334 UGFzc3dvcmQ6", "C: c3Vuc2hpbmU="];
    let seen = notes(&session(Place::Live, &after_hello(&swapped)), 1);
    assert_eq!(seen, ["the password: ••••••••"], "the prompt decides, not the place");
}

#[test]
fn plain_is_decoded_where_no_warning_stands() {
    let lines = after_hello(&["C: AUTH PLAIN", "S: 334 ", "C: AGFkYQBzdW5zaGluZQ=="]);
    assert_eq!(notes(&session(Place::Live, &lines), 1), ["names and password: ␀ada␀••••••••"]);
    assert_eq!(notes(&session(Place::Lab, &lines), 1), ["names and password: ␀ada␀sunshine"]);
    let clear = session(Place::Live, &after_hello(&["C: AUTH PLAIN AGFkYQBzdW5zaGluZQ=="]));
    assert_eq!(notes(&clear, 1), ["PLAIN: the secret on this line is readable by all"]);
    let row = RowId(u32::try_from(clear.dialogue().rows().len() - 1).unwrap());
    let explained = clear.explain(row).expect("an explanation");
    let text: Vec<_> = explained.body.iter().map(|it| format!("{}: {}\n", it.label, it.text)).collect();
    let text = text.concat();
    assert!(text.contains("says: ␀ada␀••••••••\n"), "{text}");
    assert!(text.contains("server learns: who logs in, the password itself.\n"), "{text}");
    assert!(text.contains("on the way: everybody can read it: who logs in, the password itself.\n"), "{text}");
}

#[test]
fn what_cannot_be_read_keeps_its_own_note() {
    for line in ["C: *", "C: no base64!", "C:"] {
        let seen = notes(&session(Place::Live, &after_hello(&["C: AUTH PLAIN", "S: 334 ", line])), 1);
        assert!(!seen[0].contains("names and password"), "{line}: {seen:?}");
    }
    let unknown = after_hello(&["C: AUTH X-OWN", "S: 334 ", "C: AGFkYQBzdW5zaGluZQ=="]);
    assert_eq!(notes(&session(Place::Live, &unknown), 1), ["an answer in base64; masked here"]);
}

#[test]
fn who_logs_in_is_no_secret_and_the_password_is_one_everywhere() {
    let lines = after_hello(&["C: AUTH PLAIN AGFkYS5sYQBzdW5zaGluZQ==", "S: 535 5.7.8 ada.la said sunshine"]);
    let text = session(Place::Live, &lines).text();
    assert!(text.contains("535 5.7.8 ada.la said ••••••••"), "{text}");
}

#[test]
fn a_password_that_never_goes_over_the_line_is_hidden_where_a_server_says_it() {
    let cram = ["C: AUTH CRAM-MD5", "S: 334 PDE4OTZAbXg+", "C: YWRhIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"];
    let utf16: String = "sunshine!".chars().flat_map(|character| [character, '\0']).collect();
    let spellings =
        ["sunshine!", "c3Vuc2hpbmUh", "73756e7368696e6521", "73756E7368696E6521", "sunshine%21", utf16.as_str()];
    for spelled in spellings {
        let refusal = format!("S: 535 5.7.8 not {spelled}");
        let lines = after_hello(&[&cram[..], &[refusal.as_str()]].concat());
        let mut typed = live();
        typed.keep_secret(&"sunshine!".into());
        let session = heard(typed, Place::Live, &lines);
        assert!(session.text().contains("535 5.7.8 not ••••••••"), "{spelled:?}: {}", session.text());
    }
}
