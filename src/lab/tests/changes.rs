//! What is different in the lab: host by host, whole scenes, and all of it taken back.

use super::*;

fn way(host: &str, loss: Loss) -> Change {
    Change::Way { host: host.into(), loss }
}

#[tokio::test]
async fn a_host_is_off_the_network_until_it_is_back() {
    let room = Room::open().await;
    let change = way("mx1.harbor.test", Loss::Unreachable);
    room.lab.change(&change).unwrap();
    let said = |address| room.connect(address).map(drop).map_err(|error| error.kind());
    assert_eq!(said(MX1), Err(ErrorKind::HostUnreachable));
    assert_eq!(said("[2001:db8::10]:25"), Err(ErrorKind::HostUnreachable), "all its addresses");
    assert_eq!(said("192.0.2.20:25"), Ok(()));
    room.lab.change(&way("mx1.harbor.test", Loss::Refused)).unwrap();
    assert_eq!(said(MX1), Err(ErrorKind::ConnectionRefused));
    assert_eq!(room.lab.changes(), [way("mx1.harbor.test", Loss::Refused)], "one takes the place of the other");
    room.lab.undo(&change).unwrap();
    assert_eq!(said(MX1), Err(ErrorKind::ConnectionRefused), "what is not so is not undone");
    room.lab.undo(&way("mx1.harbor.test", Loss::Refused)).unwrap();
    assert_eq!((said(MX1), room.lab.changes()), (Ok(()), Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn a_slow_way_takes_its_time_on_both_clocks() {
    let room = Room::open().await;
    room.lab.change(&way("mx1.harbor.test", Loss::Slow)).unwrap();
    let (began, date, hosts) = (tokio::time::Instant::now(), room.lab.clock().now(), room.lab.hosts());
    hosts.connect_slowly(MX1.parse().unwrap(), hosts.laptop()).await.unwrap();
    assert_eq!((began.elapsed().as_secs(), room.lab.clock().now().duration_since(date).as_secs()), (2, 2));
    hosts.connect_slowly("192.0.2.20:25".parse().unwrap(), hosts.laptop()).await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 2, "no other way is meant");
}

#[tokio::test]
async fn every_scene_can_be_set_up_and_is_gone_with_the_next() {
    let room = Room::open().await;
    let scenes = room.lab.cast().scenes;
    for scene in &scenes {
        room.lab.set_scene(&scene.name).unwrap();
        assert_eq!(room.lab.changes(), scene.changes, "{}", scene.name);
    }
    room.lab.reset().unwrap();
    assert_eq!(room.lab.changes(), []);
    assert!(room.connect(MX1).is_ok());
    assert!(matches!(room.lab.set_scene("gremlins"), Err(NotChanged::Scene(_))));
}

#[tokio::test]
async fn what_cannot_be_changes_nothing() {
    let room = Room::open().await;
    let name = "x".repeat(64);
    let spot = Spot { at: name.clone(), below: true, fault: NameFault::Servfail };
    for wrong in [way("mx9.harbor.test", Loss::Silent), Change::Names(spot), Change::Record { line: "what".into() }] {
        assert!(room.lab.change(&wrong).is_err(), "{wrong:?}");
    }
    assert_eq!(room.lab.changes(), []);
}

#[tokio::test]
async fn a_server_that_is_reset_has_seen_nobody() {
    let room = Room::open().await;
    let grey = "203.0.113.51:25";
    let ask = async || {
        let mut talk = room.greeted(grey).await;
        talk.line("MAIL FROM:<you@you.test>").await;
        talk.line("RCPT TO:<pat@grey.test>").await
    };
    assert!(ask().await.starts_with("451 4.7.1"), "the first time is too early");
    room.lab.clock().forward(Duration::from_mins(6));
    assert!(ask().await.starts_with("250"));
    room.lab.reset().unwrap();
    assert!(ask().await.starts_with("451 4.7.1"));
}
