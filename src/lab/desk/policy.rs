//! Decisions by a host's own will: rules of its data, null MX, rates, greylisting, patience.

use std::time::Duration;

use crate::dns::{Answer, Data, Kind, Name, Question, Record};
use crate::engine::server::ask::Decision;
use crate::ports::lab::Step;

use super::super::world::{About, BlockList, Topic, When};
use super::memory::Triplet;
use super::{Desk, say};

/// Recipients that a tarpit lets pass at full speed.
const PATIENT: u32 = 3;

impl Desk<'_> {
    /// What the first rule that fits says.
    pub(super) fn ruled(&self, at: When, domain: &str) -> Option<Decision> {
        let rule = self.host.policy.rule.iter().find(|rule| {
            rule.at == at
                && rule.client.is_none_or(|client| client == self.client.address)
                && (!rule.nameless || self.client.name.is_none())
                && rule.domain.as_deref().is_none_or(|named| named.eq_ignore_ascii_case(domain))
        });
        rule.map(|rule| say(&rule.reply))
    }

    /// What a sender gets whose domain takes no mail itself, or who is here too often.
    pub(super) fn refused_sender(&self, domain: &str) -> Option<Decision> {
        if self.host.policy.refuses_null_mx && self.world.takes_no_mail(domain) {
            return Some(say(&format!("550 5.7.27 {domain} has a null MX: nobody there could be answered")));
        }
        let most = self.host.policy.mails_a_minute?;
        let too_often = self.memory.is_too_often(&self.host.name, self.client.address, most, self.clock.now());
        too_often.then(|| say(&format!("450 4.7.1 {most} messages a minute are the limit, try again later")))
    }

    /// What a recipient gets while client, sender and recipient are not known together (RFC 6647).
    pub(super) async fn greylisted(&self, to: &str) -> Option<Decision> {
        let delay = Duration::from_secs(self.host.policy.greylist?);
        let triplet = Triplet {
            host: self.host.name.clone(),
            client: self.client.address,
            from: self.from.to_ascii_lowercase(),
            to: to.to_ascii_lowercase(),
        };
        let left = self.memory.waits(triplet, delay, self.clock.now());
        if left.is_zero() {
            return None;
        }
        let left = left.as_secs().max(1);
        let step = Step::Judged {
            check: "grey".into(),
            about: format!("{} + <{}> + <{to}>", self.client.address, self.from),
            result: "later".into(),
            why: format!("the three are known together in {left} s"),
        };
        self.post.step(self.host, "", step).await;
        let (_, domain) = to.rsplit_once('@').unwrap_or_default();
        let about = About { to, domain, seconds: left, ..About::default() };
        let usual = format!("451 4.7.1 Greylisted, try again in {left} seconds");
        Some(self.styled(Topic::Greylisted, &about, &usual))
    }

    /// What a client gets that stands on a block list (RFC 5782 §2.1), with the reason that the list gives. A list that
    /// does not answer blocks nobody.
    pub(super) async fn blocked(&self, domain: &str) -> Option<Decision> {
        let names = self.names.filter(|_| self.user.is_none())?;
        let is_for = |list: &&BlockList| list.domain.as_deref().is_none_or(|named| named.eq_ignore_ascii_case(domain));
        for BlockList { zone, answers, .. } in self.host.policy.block_list.iter().filter(is_for) {
            let entry = Name::listed(self.client.address, &Name::ascii(zone));
            let found = names(Question::new(entry.clone(), Kind::A)).await;
            let counts = |record: &Record| answers.iter().any(|answer| record.address() == Some((*answer).into()));
            if found.records.iter().any(counts) {
                let reasons = names(Question::new(entry, Kind::TXT)).await;
                let client = self.client.address;
                let blocked = format!("554 5.7.1 Service unavailable; client host [{client}] blocked using {zone}");
                return Some(say(&reason(&reasons).map_or(blocked.clone(), |reason| format!("{blocked}; {reason}"))));
            }
        }
        None
    }

    /// A tarpit: whoever names many recipients waits.
    pub(super) async fn be_patient(&mut self) {
        self.recipients += 1;
        if self.recipients > PATIENT {
            self.pause(Duration::from_secs(self.host.policy.tarpit)).await;
        }
    }

    /// Nothing is said for so long, on the lab's clock too.
    pub(super) async fn pause(&self, time: Duration) {
        if !time.is_zero() {
            tokio::time::sleep(time).await;
            self.post.catch_up_by(time);
        }
    }
}

/// Why an address is listed, as its TXT record says.
fn reason(answer: &Answer) -> Option<String> {
    answer.records.iter().find_map(|record| match &record.data {
        Data::Txt(strings) => String::from_utf8(strings.concat()).ok(),
        _ => None,
    })
}
