//! What a letter that somebody gives tells by itself: the recipients of a delivery report, its way, what was checked.

use crate::knowledge::about::About;
use crate::knowledge::explain;
use crate::knowledge::explanation::{Explanation, capital, sentence};
use crate::knowledge::fields;
use crate::knowledge::given::{Given, quoted};
use crate::mail::content;
use crate::mail::field::{split, value};
use crate::mail::report::{Action, Recipient, Report};
use crate::mail::results;

use super::trail::{Hop, hops};
use crate::ui::remote::{shown, text};

/// Header fields that are explained at most: a letter may be made to have no end of them.
const MOST: usize = 100;
/// Octets of text in which the fields of a report are looked for.
const LONGEST: usize = 256 << 10;

/// What a letter, or a header, tells; nothing if the text is none. A letter that tells nothing of its way has its fields
/// explained one by one.
pub fn told(letter: &[u8]) -> Vec<Given> {
    let letter = letter.trim_ascii_start();
    // What files of mailboxes begin each letter with.
    let letter = match letter.strip_prefix(b"From ") {
        Some(rest) => rest.iter().position(|octet| *octet == b'\n').and_then(|end| rest.get(end + 1..)).unwrap_or(rest),
        None => letter,
    };
    let (fields, _) = split(letter);
    let known = |field: &&&[u8]| fields::name_of(field).is_some_and(|name| fields::header(name).is_some());
    let begins_a_letter = fields.first().is_some_and(|first| fields::name_of(first).is_some());
    if !begins_a_letter || !fields.iter().any(|it| known(&it)) {
        // The fields of a report alone, as they are pasted.
        return Report::fields_of(letter.get(..LONGEST).unwrap_or(letter)).map(|it| report(&it)).unwrap_or_default();
    }
    let found = Report::read(letter).map(|found| found.report);
    let found = found.or_else(|| Report::fields_of(&content::text(letter, LONGEST)));
    let mut given = found.filter(|it| !it.recipients.is_empty()).map(|it| report(&it)).unwrap_or_default();
    let hops = hops(&fields, text);
    let count = hops.len();
    given.extend(hops.into_iter().take(MOST).enumerate().map(|(index, hop)| received(hop, index + 1, count)));
    let results =
        |name: &'static [u8]| fields.iter().filter_map(|field| value(field, name)).flat_map(checks).take(MOST);
    given.extend(results(b"Authentication-Results"));
    given.extend(results(b"ARC-Authentication-Results").map(|kept| Given {
        it: Explanation { subtitle: format!("{}, kept by a forwarder", kept.it.subtitle), ..kept.it },
        ..kept
    }));
    if given.is_empty() {
        let names = fields.iter().filter(known).filter_map(|field| Some((*field, fields::name_of(field)?)));
        given.extend(names.take(MOST).filter_map(|(field, name)| {
            let it = explain(&About::Header(std::str::from_utf8(name).ok()?));
            Some(Given { what: "header", about: unfolded(field), it })
        }));
    }
    given
}

/// A report: who reports, then each recipient, then what the server said of it.
fn report(report: &Report) -> Vec<Given> {
    let counts =
        [Action::Failed, Action::Delayed, Action::Delivered, Action::Relayed, Action::Expanded].map(|action| {
            let count = report.recipients.iter().filter(|recipient| recipient.action == action).count();
            (count > 0).then(|| format!("{count} {}", action.name()))
        });
    let counts: Vec<_> = counts.into_iter().flatten().collect();
    let field = |it: Explanation, label: &str, value: Option<&String>| match value {
        Some(value) => it.also(label, shown(value)),
        None => it,
    };
    let by = if report.reporting.is_empty() { String::new() } else { format!(" by {}", shown(&report.reporting)) };
    let it = Explanation::new(format!("A delivery report{by}"), "letter")
        .say(sentence(&format!("What became of a letter, by recipient: {}", counts.join(", "))))
        .cite("RFC 3464 2.1");
    let it = field(it, "the letter came", report.arrival.as_ref());
    let it = field(it, "the sender called it", report.envelope_id.as_ref());
    let mut given = vec![Given { what: "report", about: report.reporting.clone().into_bytes(), it }];
    for it in report.recipients.iter().take(MOST) {
        given.push(recipient(it));
        given.extend(it.diagnostic.as_deref().and_then(quoted).unwrap_or_default());
    }
    given
}

/// What became of a letter for one recipient.
fn recipient(recipient: &Recipient) -> Given {
    let Recipient { status, action, .. } = recipient;
    let code = explain(&About::Status(u16::from(status.class), status.subject, status.detail));
    let it = Explanation::new(
        format!("{} · {} {status}", shown(&recipient.address), action.name()),
        "recipient of the letter that is reported on",
    );
    let done = fields::table().dsn_action.iter().find(|entry| entry.value == action.name());
    let (done, cite) = done.map_or(("", ""), |entry| (entry.meaning.as_str(), entry.cite.as_str()));
    let it = it.say_as(capital(action.name()), done);
    let it = code.body.into_iter().fold(it, |it, paragraph| it.say_as(code.title.as_str(), paragraph.text));
    let it = code.next.iter().fold(it, |it, step| it.step(&step.text, step.command.as_deref().unwrap_or_default()));
    let fields = [
        ("why", &recipient.why),
        ("remote server", &recipient.remote),
        ("it said", &recipient.diagnostic),
        ("first sent to", &recipient.original),
        ("last tried", &recipient.last_attempt),
        ("tried until", &recipient.retry_until),
        ("id in the log", &recipient.log_id),
    ];
    let it = fields
        .into_iter()
        .fold(it, |it, (label, value)| it.also(label, value.as_deref().map(shown).unwrap_or_default()));
    let mut it = it.cite(cite);
    it.cites.extend(code.cites);
    Given { what: "recipient", about: recipient.address.clone().into_bytes(), it }
}

/// One step of the way.
fn received(hop: Hop, number: usize, count: usize) -> Given {
    let Hop { whom, how, received } = hop;
    let about = format!("from {} by {}", received.from, received.by).into_bytes();
    let it = Explanation::new(whom, format!("Received, {number} of {count}, oldest first"))
        .say(sentence(&how))
        .also("when", shown(&received.date))
        .also("TLS", shown(&received.tls))
        .also("recipient", shown(&received.to))
        .also("id there", shown(&received.id))
        .also(
            "note",
            if number == 1 {
                "Who sends can write Received lines too: only those of servers that you trust are proof."
            } else {
                ""
            },
        )
        .cite("RFC 5321 4.4");
    Given { what: "received", about, it }
}

/// What was checked, as one field tells it.
fn checks(value: &[u8]) -> Vec<Given> {
    let results = results::read(value);
    let by = if results.by.is_empty() { "a server that does not name itself".into() } else { shown(&results.by) };
    let check = |found: results::Found| {
        let known = fields::check(&found.method);
        let result = format!("{}={}", found.method, found.result);
        let it = Explanation::new(shown(&result), format!("checked by {by}"))
            .say(known.map_or("", |check| check.asks.as_str()))
            .say(fields::check_result(&found.result).map(sentence).unwrap_or_default())
            .also("about", shown(&found.about))
            .also("note", "Anyone can write such a field: only that of a server that you trust counts.")
            .cite("RFC 8601 2.2")
            .cite(known.map_or("", |check| check.cite.as_str()));
        Given { what: "check", about: format!("{result} {}", found.about).into_bytes(), it }
    };
    results.found.into_iter().map(check).collect()
}

fn unfolded(field: &[u8]) -> Vec<u8> {
    field
        .split(|octet| *octet == b'\n')
        .map(<[u8]>::trim_ascii)
        .collect::<Vec<_>>()
        .join(&b' ')
        .trim_ascii_end()
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &[u8] = b"From MAILER-DAEMON Thu Jan  1 10:05:00 2026\nReceived: from a.test (a.test [192.0.2.1]) by b.test with ESMTPS id 7; Thu, 01 Jan 2026 10:05:00 +0000\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nSorry.\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.you.test\n\nFinal-Recipient: rfc822; pat@harbor.test\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx1.harbor.test\nDiagnostic-Code: smtp; 550-5.1.1 No such user 550 5.1.1 here\n\nFinal-Recipient: rfc822; sam@harbor.test\nAction: delayed\nStatus: 4.2.2\n--x--\n";

    #[test]
    fn a_report_tells_of_each_recipient_and_what_its_server_said() {
        let given = told(REPORT);
        let seen: Vec<_> = given.iter().map(|given| (given.what, given.it.title.as_str())).collect();
        let wanted = [
            ("report", "A delivery report by mx.you.test"),
            ("recipient", "pat@harbor.test · failed 5.1.1"),
            ("reply", "550 5.1.1 · No such mailbox here (or closed)"),
            ("recipient", "sam@harbor.test · delayed 4.2.2"),
            ("received", "a.test (a.test [192.0.2.1]) → b.test"),
        ];
        assert_eq!(seen, wanted);
        assert_eq!(given[2].about, b"550-5.1.1 No such user\n550 5.1.1 here");
        assert!(given[0].it.body[0].text.ends_with("1 failed, 1 delayed."), "{:?}", given[0].it);
        assert!(given[1].it.more.iter().any(|it| it.text == "mx1.harbor.test"));
    }

    #[test]
    fn what_microsoft_and_forwarders_found_out_is_told() {
        let given = told(b"Authentication-Results: spf=pass (sender IP is 192.0.2.1)\n smtp.mailfrom=you.test; compauth=pass reason=109\nARC-Authentication-Results: i=1; mx.bank.test; dkim=pass header.d=you.test\n");
        let seen: Vec<_> = given.iter().map(|it| (it.it.title.as_str(), it.it.subtitle.as_str())).collect();
        let wanted = [
            ("spf=pass", "checked by a server that does not name itself"),
            ("compauth=pass", "checked by a server that does not name itself"),
            ("dkim=pass", "checked by mx.bank.test, kept by a forwarder"),
        ];
        assert_eq!(seen, wanted);
    }

    #[test]
    fn the_fields_of_a_report_alone_are_one() {
        let text = b"Reporting-MTA: dns; mx.you.test\n\nFinal-Recipient: rfc822; pat@harbor.test\nAction: failed\nStatus: 5.1.1\n";
        let titles: Vec<_> = told(text).into_iter().map(|it| it.it.title).collect();
        assert_eq!(titles, ["A delivery report by mx.you.test", "pat@harbor.test \u{b7} failed 5.1.1"]);
    }

    #[test]
    fn what_is_no_letter_tells_nothing_and_a_plain_one_has_its_fields_explained() {
        for text in
            [&b""[..], b"From ", b"550 5.1.1 x", b"MAIL FROM:<a@b.test>", b"Helo command rejected: x", b"X-Odd: 1\n"]
        {
            assert!(told(text).is_empty(), "{text:?}");
        }
        let given = told(b"Subject: hi\n there\nX-Odd: 1\n\nReceived: no");
        assert_eq!((given.len(), given[0].what, given[0].about.as_slice()), (1, "header", &b"Subject: hi there"[..]));
    }
}
