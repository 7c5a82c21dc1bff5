//! What a host finds out about a letter before it takes it, and what it vouches for itself.
//!
//! ```text
//! a user's letter ─▶ DKIM-Signature on top ─▶ taken
//! somebody's letter ─▶ name, SPF, DKIM, DMARC, ARC ─▶ refused, or Authentication-Results on top ─▶ taken
//! ```

use std::borrow::Cow;
use std::net::IpAddr;

use crate::check::arc::Chain;
use crate::check::dkim::Signer;
use crate::check::dmarc::{Asked, Verdict as Dmarc};
use crate::check::{Answers, Judged, judge, results};
use crate::dns::Name;
use crate::dns::policy::spf::check::{Sender, Verdict as Spf};
use crate::engine::server::ask::Letter;
use crate::engine::server::sender;
use crate::ports::lab::Step;

use super::Desk;
use crate::lab::relay::Names;
use crate::lab::zones::{SELECTOR, mail_key_of};

/// What came of judging a letter.
struct Opinion {
    /// The letter, with the results on top.
    content: Vec<u8>,
    /// Each result, to be told.
    steps: Vec<Step>,
    /// What the client gets if the letter is not taken.
    refusal: Option<String>,
}

impl Desk<'_> {
    /// The letter with what is known about it on top, or what its client gets instead of a yes. A user's letter is signed
    /// in the name of the domain; a host that judges says what it found out.
    pub(super) async fn judged<'l>(&self, letter: &'l Letter) -> Result<Cow<'l, Letter>, String> {
        let now = self.post.now();
        if let (Some(_), Some(domain)) = (self.user, self.host.domains.first()) {
            let content = signed(&letter.content, domain, self.keys, now);
            return Ok(Cow::Owned(Letter { content, ..letter.clone() }));
        }
        let (judges, seals) = (self.host.policy.judges, self.host.policy.seals);
        let Some(names) = self.names.filter(|_| judges || seals) else { return Ok(Cow::Borrowed(letter)) };
        let opinion = opinion(names, &self.host.name, self.client.address, letter, now).await;
        for step in opinion.steps {
            self.post.step(self.host, "", step).await;
        }
        match opinion.refusal.filter(|_| judges) {
            Some(refusal) => Err(refusal),
            None => Ok(Cow::Owned(Letter { content: opinion.content, ..letter.clone() })),
        }
    }
}

/// Judges a letter that came from `address`, for a host of this name; `now` is in seconds since 1970.
async fn opinion(names: &Names, host: &str, address: IpAddr, letter: &Letter, now: u64) -> Opinion {
    // The engine takes no name that is not ASCII.
    let hello = std::str::from_utf8(&letter.client).unwrap_or_default();
    let who = Sender::new(address, hello, &sender(&letter.envelope.from));
    let mut answers = Answers::default();
    // Each question is asked once, and a check asks for a bounded number of names.
    let judged = loop {
        match judge(&letter.content, &who, now, &answers) {
            Ok(judged) => break judged,
            Err(question) => {
                let answer = names(question.clone()).await;
                answers.keep(question, answer);
            }
        }
    };
    let kept = results::without_forged(host, &letter.content);
    let content = [results::field(host, &who, &judged).as_bytes(), &kept].concat();
    Opinion { content, steps: steps(&who, &judged), refusal: refusal(&who, &judged) }
}

/// What each check found, one after the other.
fn steps(who: &Sender, judged: &Judged) -> Vec<Step> {
    let step = |check: &str, about: String, result: &str, why: String| Step::Judged {
        check: check.to_owned(),
        about,
        result: result.to_owned(),
        why,
    };
    let last = judged.spf.steps.last().map(|step| format!("{} {}", step.term, step.said)).unwrap_or_default();
    let spf = step("spf", who.domain.relative(), judged.spf.verdict.word(), last.trim_start().to_owned());
    let dkim = judged.dkim.iter().map(|signed| {
        step("dkim", signed.domain.relative(), signed.verdict.word(), signed.why.clone().unwrap_or_default())
    });
    let dmarc = &judged.dmarc;
    let dmarc = step("dmarc", dmarc.from.relative(), dmarc.verdict.word(), dmarc.why.clone());
    let arc = &judged.arc;
    let sealer = arc.sealers.last().map(Name::relative).unwrap_or_default();
    let arc =
        (arc.chain != Chain::None).then(|| step("arc", sealer, arc.chain.word(), arc.why.clone().unwrap_or_default()));
    std::iter::once(spf).chain(dkim).chain([dmarc]).chain(arc).collect()
}

/// Why a letter is not taken: its author's domain asks for that, or has no policy and names other hosts than this client.
fn refusal(who: &Sender, judged: &Judged) -> Option<String> {
    let dmarc = &judged.dmarc;
    match dmarc.verdict {
        Dmarc::Fail if dmarc.asked == Asked::Reject => {
            // RFC 7372 §3.3.
            Some(format!(
                "550 5.7.26 The DMARC policy of {} refuses what it does not vouch for: {}",
                dmarc.from.relative(),
                dmarc.why
            ))
        }
        Dmarc::None if judged.spf.verdict == Spf::Fail => {
            // RFC 7372 §3.2.
            Some(format!("550 5.7.23 {} may not send for {}, says its SPF record", who.address, who.domain.relative()))
        }
        _ => None,
    }
}

/// The letter of a user of this domain, signed in its name; as it is if the domain has no key.
fn signed(content: &[u8], domain: &str, seed: u64, now: u64) -> Vec<u8> {
    let Some(key) = mail_key_of(domain, seed) else { return content.to_vec() };
    let signature = Signer { domain, selector: SELECTOR, key: &key }.sign(content, now);
    [signature.as_bytes(), content].concat()
}
