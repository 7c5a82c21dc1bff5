//! P07, P08 and P09: TLS before the login, a login that is encoded wrongly, and one that is refused by policy.
//!
//! What a client answers is a secret: it is looked at here, and nothing of it goes into a finding.

use std::borrow::Cow;

use crate::dialogue::exchange::{Cause, Exchange};
use crate::smtp::command::{Command, Verb};
use crate::smtp::sasl::{NotBase64, Plain, PlainTrouble, decode, is_redacted};

use super::Finding;
use super::scene::{Scene, without_end};
use super::topic::Topic;

/// P07: the server wants TLS before it talks about that, or cannot do it now.
pub(super) fn tls_first(scene: &Scene<'_>) -> Option<Finding> {
    let found = match (scene.code, scene.verb()) {
        (454, Some(Verb::StartTls)) => Finding::of("P07", "broken"),
        _ if scene.exchange.tls => return None,
        (502..=504, Some(Verb::Auth)) if !scene.offers("AUTH") && scene.offers("STARTTLS") => {
            Finding::of("P07", "auth")
        }
        (530 | 538, Some(Verb::Auth)) if scene.code == 538 || scene.speaks_of(Topic::Tls) => Finding::of("P07", "auth"),
        (530 | 538, _) if scene.code == 538 || scene.speaks_of(Topic::Tls) => Finding::of("P07", "needed"),
        (400.., _) if scene.says(7, 10) || scene.says(7, 11) => Finding::of("P07", "needed"),
        _ => return None,
    };
    Some(found.shown_by([scene.exchange.row]))
}

/// P08: the login failed, and what was sent is not what the mechanism needs.
pub(super) fn wrong_base64(scene: &Scene<'_>) -> Option<Finding> {
    if !scene.answers_login() || !matches!(scene.code, 501 | 535) {
        return None;
    }
    let login = Login::of(scene)?;
    let case = login.trouble()?;
    let found = Finding::of("P08", case).with("mechanism", login.mechanism.clone());
    Some(found.count("nuls", login.nuls()).shown_by([login.row, scene.exchange.row]))
}

/// P09: the login is well formed and was refused by policy.
pub(super) fn closed_door(scene: &Scene<'_>) -> Option<Finding> {
    if !scene.answers_login() || !matches!(scene.code, 454 | 530 | 534 | 535 | 550 | 554) {
        return None;
    }
    let case = if scene.speaks_of(Topic::AppPassword) {
        "app-password"
    } else if scene.speaks_of(Topic::BasicOff) || scene.says(7, 139) {
        "basic-off"
    } else if scene.speaks_of(Topic::OAuth) {
        "token"
    } else if scene.speaks_of(Topic::Browser) || scene.says(7, 14) {
        "browser"
    } else if scene.says(7, 9) {
        "weak"
    } else {
        return None;
    };
    Some(Finding::of("P09", case).shown_by([scene.exchange.row]))
}

/// What a client has sent in one login.
struct Login<'a> {
    mechanism: String,
    row: crate::dialogue::row::RowId,
    answers: Vec<Cow<'a, [u8]>>,
}

impl<'a> Login<'a> {
    /// The login that the reply belongs to.
    fn of(scene: &Scene<'a>) -> Option<Self> {
        let auth = scene.last(&[Verb::Auth])?;
        let line = scene.line_of(auth);
        let command = Command::parse(&line);
        let mechanism = std::str::from_utf8(command.mechanism()?).ok()?.to_ascii_uppercase();
        let initial = command.initial_response().and_then(|range| line.get(range));
        // Behind AUTH a lone "=" stands for an empty answer (RFC 4954 §4).
        let initial = initial.map(|initial| if initial == b"=" { Vec::new() } else { initial.to_vec() });
        let from = scene.before().partition_point(|exchange| exchange.row < auth.row);
        let steps = scene.before().get(from..).unwrap_or_default().iter().chain([scene.exchange]);
        let typed = steps.filter(|exchange| exchange.cause == Cause::Sasl);
        let typed = typed.map(|exchange: &Exchange| without_end(scene.line_of(exchange)));
        let answers = initial.map(Cow::Owned).into_iter().chain(typed).collect();
        Some(Self { mechanism, row: auth.row, answers })
    }

    fn trouble(&self) -> Option<&'static str> {
        let plain = self.mechanism == "PLAIN";
        if self.mechanism == "LOGIN"
            && let [name, password, ..] = self.answers.as_slice()
            && name == password
            && !is_redacted(name.trim_ascii())
        {
            return Some("same");
        }
        // Whoever calls a login off has sent nothing wrong (RFC 4954 §4).
        let sent = |answer: &&Cow<'_, [u8]>| answer.as_ref() != b"*" && !is_redacted(answer.trim_ascii());
        let last = self.answers.last().filter(sent)?;
        let decoded = match decode(last) {
            Ok(decoded) => decoded,
            Err(NotBase64::UrlSafe) => return Some("alphabet"),
            Err(NotBase64::Padding | NotBase64::Tail) => return Some("padding"),
            Err(NotBase64::Octet(_)) => return Some("not-base64"),
        };
        if matches!(self.mechanism.as_str(), "PLAIN" | "LOGIN") && decoded.ends_with(b"\n") {
            return Some("newline");
        }
        match Plain::parse(&decoded).trouble.filter(|_| plain)? {
            PlainTrouble::LineBreak => Some("newline"),
            PlainTrouble::MissingNul | PlainTrouble::ExtraNul => Some("nul"),
            PlainTrouble::Twice => Some("double"),
            PlainTrouble::NoUser => Some("no-user"),
        }
    }

    /// NUL octets in the last answer, in words.
    fn nuls(&self) -> &'static str {
        let decoded = self.answers.last().and_then(|last| decode(last).ok()).unwrap_or_default();
        match memchr::memchr_iter(0, &decoded).count() {
            0 => "no",
            1 => "only one",
            _ => "more than two",
        }
    }
}
