//! Conversations of other programs: sessions like any other, of which some are kept.

use super::*;
use crate::ports::lab::{Call, Visit, VisitId};

/// A program came to mx1 and was let in.
fn come(model: &mut Model, number: u32) {
    let (host, to) = ("mx1.harbor.test".to_owned(), ([192, 0, 2, 10], 25).into());
    let visit = Visit { id: VisitId(number), host, to, tls: false, from: ([127, 0, 0, 1], 40_000).into() };
    let took = std::time::Duration::ZERO;
    let opened = Opened { host: visit.host.clone(), peer: to.into(), local: Some(visit.from), lmtp: false, took };
    model.apply(&Signal::Lab(lab::Signal::Came(visit)));
    hear(model, number, What::Mark(Mark::Opened(opened)));
}

fn hear(model: &mut Model, number: u32, what: What) {
    let at = Moment::from_millis(1);
    model.apply(&Signal::Lab(lab::Signal::Heard { visit: VisitId(number), at, what }));
}

fn kept(model: &Model) -> Vec<u32> {
    model.visits().guests().map(|session| session.id.0).collect()
}

fn model() -> Model {
    Model::new(LookUps::new(1))
}

#[test]
fn a_visit_is_a_session_that_is_only_watched() {
    let mut model = model();
    let own = model.begin(Target::new("mx1.harbor.test", 25, Place::Lab));
    come(&mut model, 1);
    hear(&mut model, 1, What::Bytes(Side::Server, Arc::from(&b"220 mx1.harbor.test ESMTP\r\n"[..])));
    let visit = model.visits().guests().next().expect("a visit");
    assert!(visit.id != own && visit.is_watched() && visit.is_open());
    assert!(visit.text().contains("S 220 mx1.harbor.test ESMTP"), "{}", visit.text());
    assert_eq!(model.session(visit.id).map(|found| found.id), Some(visit.id));
    assert!(!model.session(own).expect("the own one").is_watched());
    assert_eq!(model.sessions().len(), 1, "it is none of the own ones");
}

#[test]
fn of_too_many_visits_the_oldest_go_those_that_are_over_first() {
    let mut model = model();
    let most = u32::try_from(LabLimits::default().visits).expect("few");
    (1..=most).for_each(|number| come(&mut model, number));
    hear(&mut model, 2, What::Ended);
    come(&mut model, most + 1);
    assert_eq!(kept(&model).get(..3), Some(&[1, 3, 4][..]));
    come(&mut model, most + 2);
    assert_eq!((kept(&model).get(..2), kept(&model).len()), (Some(&[3, 4][..]), most as usize));
    hear(&mut model, 1, What::Ended);
    assert_eq!(kept(&model).len(), most as usize, "what was forgotten stays so");
}

#[test]
fn of_too_much_said_the_oldest_goes_but_never_all() {
    let mut model = model();
    let block: Arc<[u8]> = vec![b'x'; 1 << 20].into();
    let LabLimits { record, records, .. } = LabLimits::default();
    let each = record / (1 << 20);
    let fit = u32::try_from(records / record).expect("few");
    for number in 1..=fit + 1 {
        come(&mut model, number);
        (0..each).for_each(|_| hear(&mut model, number, What::Bytes(Side::Client, Arc::clone(&block))));
    }
    assert_eq!(kept(&model).first(), Some(&3), "rows are counted too");
}

#[test]
fn a_record_that_is_full_says_so_once_and_keeps_nothing_more() {
    let mut model = model();
    let block: Arc<[u8]> = vec![b'x'; 1 << 20].into();
    come(&mut model, 1);
    let all = LabLimits::default().record / (1 << 20);
    (0..all + 5).for_each(|_| hear(&mut model, 1, What::Bytes(Side::Client, Arc::clone(&block))));
    hear(&mut model, 1, What::Mark(Mark::HalfClosed { by: Side::Client }));
    let visit = model.visits().guests().next().expect("a visit");
    let marks: Vec<&Mark> = visit.tape().marks().iter().skip(1).map(|(_, mark)| mark).collect();
    let octets = all << 20;
    assert_eq!(marks, [&Mark::RecordFull { octets }, &Mark::HalfClosed { by: Side::Client }]);
    assert_eq!(visit.octets(Side::Client), octets);
}

#[test]
fn a_call_of_a_host_is_a_session_that_is_over_and_none_of_the_guests() {
    let mut model = model();
    let greeting = What::Bytes(Side::Server, Arc::from(&b"220 mx1.harbor.test ESMTP\r\n"[..]));
    let call = |number| Call {
        id: VisitId(number),
        from: "submit.you.test".into(),
        host: "mx1.harbor.test".into(),
        to: ([192, 0, 2, 10], 25).into(),
    };
    model.apply(&Signal::Lab(lab::Signal::Called(call(1))));
    for what in [greeting, What::Ended] {
        model.apply(&Signal::Lab(lab::Signal::Heard { visit: VisitId(1), at: Moment::START, what }));
    }
    let session = model.visits().get(VisitId(1)).expect("a call");
    assert_eq!(session.caller(), Some(&Caller::Relay("submit.you.test".into())));
    assert!(session.is_watched() && *session.state() == State::Over && session.text().contains("S 220 mx1"));
    assert_eq!(model.visits().guests().count(), 0);
    // They share the place with the guests: of too many the oldest go.
    let most = u32::try_from(LabLimits::default().visits).expect("few");
    (2..=most + 1).for_each(|number| model.apply(&Signal::Lab(lab::Signal::Called(call(number)))));
    assert!(model.visits().get(VisitId(1)).is_none() && model.visits().get(VisitId(2)).is_some());
}
