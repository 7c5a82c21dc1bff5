use super::*;

/// Title by title, and what was said by whom.
fn told(text: &str) -> Vec<String> {
    read(text.as_bytes()).into_iter().map(|given| given.it.title).collect()
}

fn more(text: &str) -> Vec<(String, String)> {
    let given = read(text.as_bytes());
    let recipient = given.into_iter().find(|given| given.what == "recipient").expect("a recipient");
    recipient.it.more.into_iter().map(|it| (it.label, it.text)).collect()
}

const POSTFIX: &str = "This is the mail system at host mx.you.test.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients. It's attached below.\n\n                   The mail system\n\n<nobody@harbor.test>: host mx1.harbor.test[192.0.2.10] said: 550 5.1.1 No such\n    user here (in reply to RCPT TO command)\n\n<gone@dead.test>: Host or domain name not found. Name service error for\n    name=dead.test type=A: Host not found\n";

const EXIM: &str = "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  nobody@harbor.test\n    host mx1.harbor.test [192.0.2.10]\n    SMTP error from remote mail server after RCPT TO:<nobody@harbor.test>:\n    550 5.1.1 No such user here\n";

const EXCHANGE: &str = "Delivery has failed to these recipients or groups:\n\nnobody@harbor.test (nobody@harbor.test)\nYour message couldn\u{2019}t be delivered.\n\nDiagnostic information for administrators:\n\nGenerating server: ex1.you.test\n\nnobody@harbor.test\nRemote Server returned '550 5.1.1 No such user here'\n\nOriginal message headers:\n";

const GMAIL: &str = "** Address not found **\n\nYour message wasn't delivered to nobody@harbor.test because the address couldn't be found, or is unable to receive mail.\n\nThe response from the remote server was:\n\n550-5.1.1 No such\n550 5.1.1 user here\n";

const QMAIL: &str = "Hi. This is the qmail-send program at you.test.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<nobody@harbor.test>:\n192.0.2.10 does not like recipient.\nRemote host said: 550 5.1.1 No such user here\nGiving up on 192.0.2.10.\n\n--- Below this line is a copy of the message.\n";

const SENDMAIL: &str = "The original message was received at Thu, 1 Jan 2026 10:00:00 GMT\nfrom desk.you.test [192.0.2.7]\n\n   ----- The following addresses had permanent fatal errors -----\n<nobody@harbor.test>\n    (reason: 550 5.1.1 No such user here (in this world))\n\n   ----- Transcript of session follows -----\n... while talking to mx1.harbor.test.:\n>>> RCPT To:<nobody@harbor.test>\n<<< 550 5.1.1 No such user here\n";

#[test]
fn each_program_is_told_with_recipient_host_and_reply() {
    for (text, by, host) in [
        (POSTFIX, "A bounce by Postfix at mx.you.test", "mx1.harbor.test"),
        (EXIM, "A bounce by Exim", "mx1.harbor.test"),
        (EXCHANGE, "A bounce by Exchange at ex1.you.test", ""),
        (GMAIL, "A bounce by Gmail", ""),
        (QMAIL, "A bounce by qmail at you.test", "192.0.2.10"),
        (SENDMAIL, "A bounce by Sendmail", "mx1.harbor.test"),
    ] {
        let titles = told(text);
        assert_eq!(&titles[..2], [by, "nobody@harbor.test · not reached"], "{titles:?}");
        assert!(titles[2].starts_with("550 5.1.1 "), "{titles:?}");
        let more = more(text);
        let told = more.iter().find(|(label, _)| label == "server that spoke").map_or("", |(_, host)| host);
        assert_eq!(told, host, "{by}");
        let said = &more.iter().find(|(label, _)| label == "it said").expect("a reply").1;
        assert!(said.starts_with("550") && said.contains("No such") && !said.contains("in reply to"), "{said}");
    }
}

/// Forms of more programs, each with what is told of its recipient.
#[test]
fn more_programs_are_told_by_their_own_words() {
    for (text, by, to, said) in [
        (
            "From: Mailer Daemon <MAILER-DAEMON@out.you.test>\n\n    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\nnobody@harbor.test: 550 5.1.1 No such user\n\n    Below is a copy of the original message:\n\nother@harbor.test: no\n",
            "A bounce by OpenSMTPD at out.you.test",
            "nobody@harbor.test \u{b7} not reached",
            "550 5.1.1 No such user",
        ),
        (
            "This is the DragonFly Mail Agent v0.13 at out.you.test.\n\nThere was an error delivering your mail to <nobody@harbor.test>.\n\nmx1.harbor.test [192.0.2.10] did not like our RCPT TO:\n550 5.1.1 No such user\n\nMessage headers follow.\n",
            "A bounce by the DragonFly Mail Agent at out.you.test",
            "nobody@harbor.test \u{b7} not reached",
            "550 5.1.1 No such user",
        ),
        (
            "Delivery to the following recipient failed permanently:\n\n     nobody@harbor.test\n\nTechnical details of permanent failure: \nGoogle tried to deliver your message, but it was rejected by the server for the recipient domain harbor.test by mx1.harbor.test. [192.0.2.10].\n\nThe error that the other server returned was:\n550 550 5.1.1 No such user (state 14).\n\n----- Original message -----\n",
            "A bounce by Gmail",
            "nobody@harbor.test \u{b7} not reached",
            "550 5.1.1 No such user",
        ),
        (
            "From: a <mailer-daemon@googlemail.com>\n\nTHIS IS A WARNING MESSAGE ONLY.\n\nDelivery to the following recipient has been delayed:\n\n     nobody@harbor.test\n\nMessage will be retried for 2 more day(s)\n",
            "A bounce by Gmail at googlemail.com",
            "nobody@harbor.test \u{b7} not reached yet",
            "",
        ),
        (
            "An email that you attempted to send to the following address could not be delivered:\n-- nobody@harbor.test\n\nAdditional information follows :\n-- 5.1.1 No such user here\n",
            "A bounce by Mimecast",
            "nobody@harbor.test \u{b7} not reached",
            "5.1.1 No such user here",
        ),
        (
            "Sorry, we were unable to deliver your message to the following address.\n\n<nobody@harbor.test>:\n550: 5.1.1 No such user\n",
            "A bounce by Yahoo",
            "nobody@harbor.test \u{b7} not reached",
            "550: 5.1.1 No such user",
        ),
        (
            "This message was created automatically by mail delivery software.\n\nThe following address failed:\n\nnobody@harbor.test:\nSMTP error from remote server for RCPT TO command, host: mx1.harbor.test (192.0.2.10) reason: 550 5.1.1 No such user\n",
            "A bounce by GMX, WEB.DE or IONOS",
            "nobody@harbor.test \u{b7} not reached",
            "550 5.1.1 No such user",
        ),
        (
            "did not reach the following recipient(s):\n\nnobody@harbor.test on Thu, 1 Jan 2026 10:00:00 +0000\n    The recipient name is not recognized\n",
            "A bounce by Exchange",
            "nobody@harbor.test \u{b7} not reached",
            "The recipient name is not recognized",
        ),
        (
            "Subject: Undeliverable: hello\nFrom: x <postmaster@odd.test>\n\nWe could not deliver to <nobody@harbor.test>, the server answered 550 5.1.1 No such user\n",
            "A bounce by a program that is not known here at odd.test",
            "nobody@harbor.test \u{b7} not reached",
            "550 5.1.1 No such user",
        ),
    ] {
        assert_eq!(told(text).get(..2).unwrap_or_default(), [by, to], "{text}");
        let more = more(text);
        assert_eq!(more.iter().find(|(label, _)| label == "it said").map_or("", |(_, said)| said), said, "{text}");
    }
}

#[test]
fn the_text_of_a_letter_is_decoded_before_it_is_read() {
    let head = "From: MAILER-DAEMON@mx.you.test\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Transfer-Encoding: ";
    let printable = POSTFIX.replace("No such", "No=20su=\nch").replace("mail system", "mail =\nsystem");
    for text in [
        format!("{head}base64\n\n{}\n--x--\n", crate::smtp::sasl::encode(POSTFIX.as_bytes())),
        format!("{head}quoted-printable\n\n{printable}\n--x--\n"),
        format!(
            "{head}7bit\nContent-Type: text/html\n\n<p>{}</p>",
            POSTFIX.replace('<', "&lt;").replace("\n\n", "<p>")
        ),
    ] {
        let titles = told(&text);
        assert_eq!(
            titles.get(..2).unwrap_or_default(),
            ["A bounce by Postfix at mx.you.test", "nobody@harbor.test \u{b7} not reached"]
        );
        assert!(titles[2].starts_with("550 5.1.1 "), "{titles:?}");
    }
}

#[test]
fn a_letter_of_a_person_and_a_notice_of_absence_are_no_bounces() {
    for text in [
        "From: Pat <pat@harbor.test>\nSubject: 550\n\nsam@harbor.test: 550 5.1.1 No such user\n",
        "From: Pat <pat@harbor.test>\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nI am away. Write to sam@harbor.test: he is there.\n",
    ] {
        assert_eq!(told(text), [""; 0], "{text}");
    }
}

#[test]
fn a_recipient_whose_server_said_nothing_is_told_without_one() {
    let titles = told(POSTFIX);
    assert!(titles.contains(&"gone@dead.test · not reached".to_owned()), "{titles:?}");
}

#[test]
fn what_is_no_bounce_is_none() {
    for text in ["", "550 5.1.1 no", "This is the mail system at host", "<a@b.test>: hello", "The response was: fine"] {
        assert!(read(text.as_bytes()).is_empty(), "{text}");
    }
    let odd = POSTFIX.replace("No such", "\u{1b}[2J");
    assert!(!read(odd.as_bytes()).iter().any(|given| given.it.more.iter().any(|it| it.text.contains('\u{1b}'))));
}

#[test]
fn every_expression_compiles_and_names_are_unique() {
    assert_eq!(FORMS.len(), table().bounce.len());
    for (index, entry) in table().bounce.iter().enumerate() {
        assert_eq!(table().bounce.iter().position(|other| other.id == entry.id), Some(index), "{}", entry.id);
    }
}
