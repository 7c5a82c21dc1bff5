//! Who stands behind a letter: the bank asks the DNS, whatever way a letter came.

use super::journeys::{World, text};
use super::*;
use crate::ports::lab::Step;

const BANK: &str = "203.0.113.9:25";

impl World {
    /// A lab host says all this to the bank, inside TLS; what the bank says to the letter.
    async fn tell_the_bank(&self, host: &str, from: &str, letter: &str) -> String {
        let world = crate::lab::world::World::load().expect("the world");
        let client = world.host.iter().find(|it| it.name == host).expect("a host").client();
        let address = BANK.parse().expect("an address");
        let stream = self.room.lab.hosts().connect(address, &client).expect("the bank");
        let mut talk = Talk { stream: Box::new(stream), unread: Vec::new() };
        assert!(talk.reply().await.starts_with("220 "));
        talk.line(&format!("EHLO {host}")).await;
        assert!(talk.line("STARTTLS").await.starts_with("220 "));
        let mut talk = talk.secure(self.room.tls(), "mx.bank.test").await.expect("a handshake");
        talk.line(&format!("EHLO {host}")).await;
        for line in [&format!("MAIL FROM:{from}"), "RCPT TO:<pat@bank.test>"] {
            let said = talk.line(line).await;
            assert!(said.starts_with("250"), "{line}: {said}");
        }
        assert!(talk.line("DATA").await.starts_with("354"));
        talk.line(&format!("{letter}\r\n.")).await
    }

    /// What a check at the bank found next.
    async fn found(&mut self, wanted: &str) -> (String, String) {
        let fits = |step: &Step| match step {
            Step::Judged { check, about, result, .. } if check == wanted => Some((about.clone(), result.clone())),
            _ => None,
        };
        self.step(wanted, fits).await
    }
}

#[tokio::test]
async fn a_forged_letter_passes_spf_and_fails_dmarc_and_an_honest_one_is_taken() {
    let mut world = World::open().await;
    let forged = "From: The head <ceo@bank.test>\r\nSubject: urgent\r\n\r\nPay at once.";
    let said = world.tell_the_bank("mx.evil.test", "<pat@evil.test>", forged).await;
    assert_eq!(
        said,
        "550 5.7.26 The DMARC policy of bank.test refuses what it does not vouch for: spf passed for evil.test, which is not bank.test\r\n"
    );
    assert_eq!(world.found("spf").await, ("evil.test".into(), "pass".into()));
    assert_eq!(world.found("dmarc").await, ("bank.test".into(), "fail".into()));
    let honest = "From: Pat <pat@evil.test>\r\nSubject: hello\r\n\r\nNothing to pay.";
    let said = world.tell_the_bank("mx.evil.test", "<pat@evil.test>", honest).await;
    assert!(said.starts_with("250 2.0.0"), "{said}");
}

#[tokio::test]
async fn a_sender_that_the_domain_does_not_name_is_refused_where_no_policy_says_otherwise() {
    let world = World::open().await;
    let letter = "From: Dot <dot@tiny.test>\r\n\r\nNot from the tiny server.";
    let said = world.tell_the_bank("mx.open.test", "<dot@tiny.test>", letter).await;
    assert_eq!(said, "550 5.7.23 203.0.113.50 may not send for tiny.test, says its SPF record\r\n");
}

#[tokio::test]
async fn a_users_letter_is_signed_on_its_way_out_and_passes_everything() {
    let mut world = World::open().await;
    world.submit_letter("<mina@you.test>", &["<pat@bank.test>"], "From: Mina <mina@you.test>").await;
    let letter = text(&world.letter("pat@bank.test").await);
    let results = letter.split("Authentication-Results: mx.bank.test").nth(1).expect("the results");
    for result in
        ["iprev=pass", "spf=pass smtp.mailfrom=you.test", "dkim=pass header.d=you.test header.s=lab", "dmarc=pass"]
    {
        assert!(results.contains(result), "{result}: {results}");
    }
}

#[tokio::test]
async fn a_forwarded_letter_breaks_spf_and_its_signature_still_holds() {
    let mut world = World::open().await;
    world.submit_letter("<mina@you.test>", &["<teller@alumni.test>"], "From: Mina <mina@you.test>").await;
    let letter = text(&world.letter("pat@bank.test").await);
    assert!(letter.contains("spf=fail smtp.mailfrom=you.test"), "{letter}");
    assert!(letter.contains("dkim=pass header.d=you.test") && letter.contains("dmarc=pass"), "{letter}");
}

#[tokio::test]
async fn a_list_changes_the_letter_so_the_signature_breaks_and_dmarc_fails() {
    let mut world = World::open().await;
    world.submit_letter("<mina@you.test>", &["<savings@list.test>"], "From: Mina <mina@you.test>").await;
    let letter = text(&world.letter("pat@bank.test").await);
    assert!(letter.contains("spf=pass smtp.mailfrom=list.test"), "{letter}");
    assert!(letter.contains("dkim=fail reason=\"the text was changed: its hash is not the signed one\""), "{letter}");
    assert!(letter.contains("dmarc=fail policy.dmarc=none header.from=you.test"), "{letter}");
}

#[tokio::test]
async fn a_list_seals_what_it_found_before_it_changed_the_letter_and_a_forwarder_seals_nothing() {
    let mut world = World::open().await;
    world.submit_letter("<mina@you.test>", &["<savings@list.test>"], "From: Mina <mina@you.test>").await;
    let letter = text(&world.letter("pat@bank.test").await);
    assert!(letter.contains("\r\n\tarc=pass\r\n"), "{letter}");
    assert!(letter.contains("ARC-Seal: i=1; a=ed25519-sha256; cv=none; d=list.test; s=lab;"), "{letter}");
    let sealed =
        letter.split("ARC-Authentication-Results: i=1; mx.list.test;").nth(1).expect("the results of the list");
    let sealed = sealed.split("\r\nReceived:").next().expect("the field");
    assert!(sealed.contains("dkim=pass header.d=you.test") && sealed.contains("dmarc=pass"), "{sealed}");
    world.rewind();
    assert_eq!(world.found("arc").await, ("list.test".into(), "pass".into()));
    let mut world = World::open().await;
    world.submit_letter("<mina@you.test>", &["<teller@alumni.test>"], "From: Mina <mina@you.test>").await;
    let letter = text(&world.letter("pat@bank.test").await);
    assert!(!letter.contains("ARC-") && !letter.contains("\tarc="), "{letter}");
}
