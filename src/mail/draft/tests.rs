use super::sample::Sample;
use super::*;

const DRAFT: Draft<'_> = Draft {
    from: "you@you.test",
    to: "Pat <pat@harbor.test>, sam@harbor.test",
    cc: "",
    subject: "hello",
    date: 1_767_261_900,
    id: "1@laptop.you.test",
    text: "one\n.two\n",
    html: false,
    international: false,
    files: &[],
    fields: &[],
};

fn text(draft: &Draft<'_>) -> String {
    String::from_utf8(draft.octets().expect("a letter")).expect("text")
}

#[test]
fn a_letter_has_its_header_an_empty_line_and_its_text() {
    let letter = text(&DRAFT);
    let (header, body) = letter.split_once("\r\n\r\n").expect("an empty line");
    assert_eq!(body, "one\r\n.two\r\n");
    for line in [
        "Date: Thu, 1 Jan 2026 10:05:00 +0000",
        "From: <you@you.test>",
        "Message-ID: <1@laptop.you.test>",
        "Subject: hello",
        "MIME-Version: 1.0",
    ] {
        assert!(header.lines().any(|it| it == line), "{line}: {header}");
    }
    assert!(header.contains("To: \"Pat\" <pat@harbor.test>, <sam@harbor.test>"), "{header}");
    assert!(!header.contains("Cc:") && !letter.replace("\r\n", "").contains(['\r', '\n']), "{letter:?}");
}

#[test]
fn the_same_form_gives_the_same_octets() {
    let file = File { name: "a.txt".into(), octets: b"x"[..].into() };
    let draft = Draft { html: true, files: &[file], ..DRAFT };
    assert_eq!(text(&draft), text(&draft));
    let letter = text(&draft);
    for part in
        ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "<br>", "filename=\"a.txt\"", "eA=="]
    {
        assert!(letter.contains(part), "{part}: {letter}");
    }
    assert!(letter.contains("--alternative_1--") && letter.contains("--mixed_1--"), "{letter}");
}

#[test]
fn a_boundary_stands_nowhere_in_the_text() {
    let letter = text(&Draft { html: true, text: "--alternative_1--\nstill here\n", ..DRAFT });
    assert_eq!(letter.matches("--alternative_1_\r\n").count(), 2, "{letter}");
}

#[test]
fn what_is_no_address_is_refused_with_its_field_and_the_rule() {
    for (to, part) in [
        ("pat", "pat"),
        ("a@b.test, pat harbor", "pat harbor"),
        ("<a@b.test", "<a@b.test"),
        ("@x:a@b.test", "@x:a@b.test"),
    ] {
        let refused = Draft { to, ..DRAFT }.octets().expect_err(to);
        assert_eq!(refused, Unfit::NoAddress(Field::To, part.into()));
        assert!(refused.to_string().contains("RFC 5322 §3.4"), "{refused}");
    }
    assert_eq!(Draft { from: " , ", ..DRAFT }.octets(), Err(Unfit::Nobody));
}

#[test]
fn names_with_commas_and_quotes_are_names() {
    let list = r#""Doe, Pat \"P\"" <pat@harbor.test>, <sam@harbor.test>,, lee@harbor.test"#;
    assert_eq!(addresses(list).collect::<Vec<_>>(), ["pat@harbor.test", "sam@harbor.test", "lee@harbor.test"]);
    assert_eq!(mailbox(r#""Doe, Pat \"P\"" <p@x.test>"#).0.as_deref(), Some(r#"Doe, Pat "P""#));
    assert!(Draft { to: list, ..DRAFT }.octets().is_ok());
}

#[test]
fn addresses_beyond_ascii_need_an_offer_of_smtputf8() {
    let draft = Draft { to: "grün@bücher.test", ..DRAFT };
    assert_eq!(draft.octets(), Err(Unfit::International(Field::To, "grün@bücher.test".into())));
    assert!(text(&Draft { international: true, ..draft }).contains("<grün@bücher.test>"));
}

#[test]
fn every_line_of_every_letter_is_short_enough_and_ascii() {
    for sample in Sample::ALL {
        let (body, files) = (sample.text(), sample.files());
        let draft = Draft { subject: sample.subject(), text: &body, files: &files, html: true, ..DRAFT };
        let letter = text(&draft);
        assert!(letter.is_ascii(), "{sample:?}: {letter}");
        assert!(letter.lines().all(|line| line.len() <= LINE), "{sample:?}");
    }
    let wide = "x".repeat(5000);
    let letter = Draft { subject: &wide, ..DRAFT }.octets();
    assert!(
        letter.is_ok_and(|letter| letter.split(|octet| *octet == b'\n').all(|line| line.len() <= LINE + 1))
            || matches!(Draft { subject: &wide, ..DRAFT }.octets(), Err(Unfit::Line(_)))
    );
}

#[test]
fn a_file_arrives_octet_for_octet() {
    let octets: Vec<u8> = (0..=255).cycle().take(1000).collect();
    let file = File { name: "Bücher, 1.txt".into(), octets: octets.clone().into() };
    let letter = text(&Draft { files: &[file], ..DRAFT });
    let (_, part) = letter.split_once("Content-Disposition").expect("a file");
    let (header, encoded) = part.split_once("\r\n\r\n").expect("an empty line");
    assert!(header.is_ascii(), "{header}");
    let (encoded, _) = encoded.split_once("--mixed_1").expect("the end of the part");
    assert_eq!(STANDARD.decode(encoded.replace("\r\n", "")), Ok(octets));
}
