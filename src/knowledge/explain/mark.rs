//! Explains a mark: what happened on the connection that is not bytes.

use crate::dns::policy::enforce::StsPolicy;
use crate::knowledge::explanation::Explanation;
use crate::knowledge::{marks, records};
use crate::tape::mark::Mark;
use crate::tape::policy::Fetched;
use crate::tape::tls::{Judgement, TlsFacts};

/// Explains a mark.
pub(super) fn explain(mark: &Mark) -> Explanation {
    let Some(entry) = marks::entry(mark) else { return Explanation::new("Something happened", "on the connection") };
    let it = Explanation::new(entry.title.as_str(), "on the connection").say(entry.meaning.as_str());
    let it = it.step(entry.next.as_str(), &entry.command_line).cite_all(&entry.refs);
    match mark {
        Mark::LookedUp(look_up) => outcome(it, &look_up.outcome),
        Mark::TlsReady(facts) if !facts.is_own() => judgements(it, facts),
        Mark::Fetched(fetched) => policy(it, fetched),
        Mark::Promised(promise) => it.also(promise.kept.by(), promise.why.clone()),
        _ => it,
    }
}

/// What the outcome of a look-up means for mail.
fn outcome(it: Explanation, name: &str) -> Explanation {
    match records::outcome(name) {
        Some(entry) => it.also(entry.for_mx.as_str(), entry.smtp_effect.as_str()).cite(&entry.cite),
        None => it,
    }
}

/// What a policy of MTA-STS says, or why there is none.
fn policy(it: Explanation, fetched: &Fetched) -> Explanation {
    let text = match &fetched.found {
        Ok(text) => text,
        Err(why) => return it.also("no policy", why.to_string()),
    };
    match StsPolicy::parse(text) {
        Ok(policy) => it
            .also("mode", policy.mode.word())
            .also("hosts", policy.mx.join(", "))
            .also("kept for", format!("{} seconds", policy.max_age)),
        Err(why) => it.also("no policy", why.to_string()),
    }
}

/// What chain, name and dates of a certificate are worth, each on its own.
fn judgements(it: Explanation, facts: &TlsFacts) -> Explanation {
    let word = |judgement: &Judgement, good: &'static str| match judgement {
        Judgement::Good => good.to_owned(),
        Judgement::Theirs => "for the other end to judge".to_owned(),
        Judgement::Bad { id, .. } => {
            crate::knowledge::flaws::flaw(id).map_or_else(|| id.clone().into_owned(), |flaw| flaw.title.clone())
        }
    };
    it.also("chain", word(&facts.trust, "leads to an authority that is trusted here"))
        .also("name", word(&facts.name, "the certificate names this host"))
        .also("dates", word(&facts.dates, "today lies between its dates"))
}
