//! Records that are added while the zones are served, as a resolver hears them: signed, and gone again without a trace.

use ehlo::dns::{Kind, Outcome, Validation};

use super::{ask, lab, texts};

#[tokio::test]
async fn a_record_that_is_added_is_found_and_secure_and_taken_back_it_never_was() {
    let (server, resolver) = lab().await;
    let before = ask(&resolver, "new.harbor.test", Kind::TXT).await.answer;
    assert_eq!((before.outcome, before.validation), (Outcome::NxDomain, Validation::Secure));
    let line = "new.harbor.test. TXT \"v=spf1 -all\"";
    server.added.add(line).unwrap();
    let found = ask(&resolver, "new.harbor.test", Kind::TXT).await;
    assert_eq!(texts(&found), ["\"v=spf1 -all\""]);
    assert_eq!(found.answer.validation, Validation::Secure);
    let other = ask(&resolver, "new.harbor.test", Kind::A).await.answer;
    assert_eq!((other.outcome, other.validation), (Outcome::NoData, Validation::Secure), "the name exists now");
    server.added.remove(line).unwrap();
    let after = ask(&resolver, "new.harbor.test", Kind::TXT).await.answer;
    assert_eq!((after.outcome, after.validation), (Outcome::NxDomain, Validation::Secure));
    server.shutdown().await;
}

#[tokio::test]
async fn a_record_stands_beside_those_of_its_kind_and_other_zones_are_as_they_were() {
    let (server, resolver) = lab().await;
    server.added.add("harbor.test. MX 5 mx.bank.test.").unwrap();
    server.added.add("example.org. A 192.0.2.99").unwrap();
    let mut exchangers = texts(&ask(&resolver, "harbor.test", Kind::MX).await);
    exchangers.sort();
    assert_eq!(exchangers, ["10 mx1.harbor.test.", "20 mx2.harbor.test.", "5 mx.bank.test."]);
    let outside = ask(&resolver, "example.org", Kind::A).await;
    assert_eq!((texts(&outside), outside.answer.validation), (vec!["192.0.2.99".to_owned()], Validation::Secure));
    assert_eq!(ask(&resolver, "bank.test", Kind::MX).await.answer.validation, Validation::Secure);
    server.shutdown().await;
}
