//! What goes wrong with the lab's DNS on purpose, as a resolver hears it; switched off, all is as before.

use std::time::{Duration, Instant};

use ehlo::dns::{Kind, Outcome, Validation};
use ehlo::lab::nameserver::fault::{Fault, SLOW, Spot};

use super::{ask, lab, texts};

fn spot(at: &str, below: bool, fault: Fault) -> Spot {
    Spot { at: at.into(), below, fault }
}

#[tokio::test]
async fn a_server_that_cannot_answer_and_one_that_is_not_responsible_are_told_apart() {
    let (server, resolver) = lab().await;
    server.faults.switch_on(&spot("harbor.test", true, Fault::Servfail)).unwrap();
    server.faults.switch_on(&spot("bank.test", true, Fault::Lame)).unwrap();
    assert_eq!(ask(&resolver, "harbor.test", Kind::MX).await.answer.outcome, Outcome::ServFail);
    assert_eq!(ask(&resolver, "mx1.harbor.test", Kind::A).await.answer.outcome, Outcome::ServFail);
    let lame = ask(&resolver, "mx.bank.test", Kind::A).await.answer;
    assert_eq!((lame.outcome, lame.extended), (Outcome::Refused, Some((20, Vec::new()))));
    assert_eq!(ask(&resolver, "you.test", Kind::MX).await.answer.outcome, Outcome::Found);
    server.faults.clear();
    let again = ask(&resolver, "harbor.test", Kind::MX).await.answer;
    assert_eq!((again.outcome, again.validation), (Outcome::Found, Validation::Secure));
    server.shutdown().await;
}

#[tokio::test]
async fn a_name_alone_can_fail() {
    let (server, resolver) = lab().await;
    server.faults.switch_on(&spot("mx1.harbor.test", false, Fault::Servfail)).unwrap();
    assert_eq!(ask(&resolver, "mx1.harbor.test", Kind::A).await.answer.outcome, Outcome::ServFail);
    assert_eq!(ask(&resolver, "harbor.test", Kind::MX).await.answer.outcome, Outcome::Found);
    assert_eq!(ask(&resolver, "_25._tcp.mx1.harbor.test", Kind::TLSA).await.answer.outcome, Outcome::Found);
    server.shutdown().await;
}

#[tokio::test]
async fn what_is_cut_over_udp_comes_whole_over_tcp() {
    let (server, resolver) = lab().await;
    let before = ask(&resolver, "harbor.test", Kind::MX).await.answer;
    assert!(!before.tcp);
    server.faults.switch_on(&spot("harbor.test", true, Fault::Truncation)).unwrap();
    let cut = ask(&resolver, "harbor.test", Kind::MX).await.answer;
    assert!(cut.tcp);
    assert_eq!((cut.records, cut.validation), (before.records, Validation::Secure));
    server.shutdown().await;
}

#[tokio::test]
async fn silence_is_a_time_out_and_a_slow_answer_is_an_answer() {
    let (server, resolver) = lab().await;
    server.faults.switch_on(&spot("harbor.test", true, Fault::Silence)).unwrap();
    server.faults.switch_on(&spot("tiny.test", false, Fault::Slow)).unwrap();
    let began = Instant::now();
    let (silent, slow, other) = tokio::join!(
        ask(&resolver, "harbor.test", Kind::MX),
        ask(&resolver, "tiny.test", Kind::A),
        ask(&resolver, "you.test", Kind::MX)
    );
    assert_eq!(silent.answer.outcome, Outcome::TimedOut);
    assert_eq!(slow.answer.outcome, Outcome::Found);
    assert!(slow.took >= SLOW, "{:?}", slow.took);
    assert!(other.took < Duration::from_secs(1), "nobody else waits: {:?}", other.took);
    assert!(began.elapsed() < Duration::from_secs(15));
    server.shutdown().await;
}

#[tokio::test]
async fn records_with_a_wrong_signature_are_bogus_and_with_the_right_one_secure_again() {
    let (server, resolver) = lab().await;
    let judged = async |name: &str, kind| ask(&resolver, name, kind).await.answer.validation;
    assert_eq!(judged("harbor.test", Kind::MX).await, Validation::Secure);
    server.faults.switch_on(&spot("harbor.test", true, Fault::Tampered)).unwrap();
    let tampered = ask(&resolver, "harbor.test", Kind::MX).await;
    assert_eq!(texts(&tampered).len(), 2, "the records themselves are right");
    assert_eq!(tampered.answer.validation, Validation::Bogus);
    assert_eq!(judged("nobody.harbor.test", Kind::A).await, Validation::Bogus);
    assert_eq!(judged("you.test", Kind::MX).await, Validation::Secure);
    server.faults.clear();
    assert_eq!(judged("harbor.test", Kind::MX).await, Validation::Secure);
    server.shutdown().await;
}

#[tokio::test]
async fn spoofed_mx_records_lead_elsewhere_and_do_not_validate() {
    let (server, resolver) = lab().await;
    for domain in ["bank.test", "old.test"] {
        server.faults.switch_on(&spot(domain, false, Fault::Spoofed)).unwrap();
    }
    let bank = ask(&resolver, "bank.test", Kind::MX).await;
    assert_eq!(texts(&bank), ["10 mx.evil.test."]);
    assert_eq!(bank.answer.validation, Validation::Bogus);
    let old = ask(&resolver, "old.test", Kind::MX).await;
    assert_eq!((texts(&old), old.answer.validation), (vec!["10 mx.evil.test.".to_owned()], Validation::Insecure));
    server.shutdown().await;
}
