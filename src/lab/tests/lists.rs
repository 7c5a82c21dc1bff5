//! The block list dnsbl.test, which mx.filter.test asks about its clients (RFC 5782).

use super::journeys::{World, told};
use super::*;
use crate::mail::report::Action;

const FILTER: &str = "203.0.113.54:25";
const OPEN: &str = "203.0.113.50:25";

impl World {
    /// What a lab host hears at mx.filter.test when it names this recipient.
    async fn names(&self, client: &Client, recipient: &str) -> String {
        let address = FILTER.parse().expect("an address");
        let stream = self.room.lab.hosts().connect(address, client).expect("the filter");
        let mut talk = Talk { stream: Box::new(stream), unread: Vec::new() };
        for line in ["EHLO client.test", "MAIL FROM:<>"] {
            talk.reply().await;
            talk.stream.write_all(format!("{line}\r\n").as_bytes()).await.expect("a stream in memory");
        }
        talk.reply().await;
        talk.line(&format!("RCPT TO:<{recipient}>")).await
    }
}

fn host(name: &str) -> Client {
    let world = crate::lab::world::World::load().expect("the world");
    world.host.iter().find(|host| host.name == name).expect("a host").client()
}

#[tokio::test]
async fn who_stands_on_the_list_is_refused_with_its_reason_and_others_are_not() {
    let world = World::open().await;
    assert_eq!(
        world.names(&host("mx.evil.test"), "pat@filter.test").await,
        "554 5.7.1 Service unavailable; client host [203.0.113.66] blocked using dnsbl.test; 203.0.113.66 sends forged letters\r\n"
    );
    for honest in ["mx.bank.test", "submit.you.test"] {
        assert!(world.names(&host(honest), "pat@filter.test").await.starts_with("250 "), "{honest}");
    }
    let laptop = world.room.lab.hosts().laptop().clone();
    assert!(world.names(&laptop, "pat@filter.test").await.starts_with("250 "), "households count at the gate only");
    let said = world.names(&laptop, "lee@gate.filter.test").await;
    assert!(
        said.starts_with("554 5.7.1 ") && said.contains("send through your provider's submission server"),
        "{said}"
    );
}

#[tokio::test]
async fn a_record_puts_a_client_on_the_list_and_a_list_that_does_not_answer_blocks_nobody() {
    let world = World::open().await;
    let bank = host("mx.bank.test");
    let record = Change::Record { line: "9.113.0.203.dnsbl.test. 300 IN A 127.0.0.2".into() };
    world.room.lab.change(&record).expect("a record");
    let said = world.names(&bank, "pat@filter.test").await;
    assert_eq!(said, "554 5.7.1 Service unavailable; client host [203.0.113.9] blocked using dnsbl.test\r\n");
    let spot = Spot { at: "dnsbl.test".into(), below: true, fault: NameFault::Servfail };
    world.room.lab.change(&Change::Names(spot)).expect("a zone");
    assert!(world.names(&bank, "pat@filter.test").await.starts_with("250 "));
}

#[tokio::test]
async fn what_the_open_relay_brings_comes_back_with_the_reason() {
    let mut world = World::open().await;
    world.bring(OPEN, "<mina@you.test>", &["<pat@filter.test>"]).await;
    let report = world.letter("mina@you.test").await;
    assert_eq!(told(&report), (Action::Failed, "5.7.1".into(), Some("mx.filter.test".into())));
    let text = String::from_utf8(report.letter.to_vec()).expect("UTF-8");
    assert!(text.contains("203.0.113.50 relays for anybody"), "{text}");
}
