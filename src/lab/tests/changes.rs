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

fn set(host: &str, name: Setting, value: &str) -> Change {
    Change::Setting { host: host.into(), name, value: value.into() }
}

/// What RCPT gets, and the letter behind it if the recipient is taken.
async fn write(room: &Room, to: &str, text: &str) -> (String, String) {
    let mut talk = room.greeted(MX1).await;
    talk.line("MAIL FROM:<you@you.test>").await;
    let rcpt = talk.line(&format!("RCPT TO:<{to}>")).await;
    if !rcpt.starts_with('2') {
        return (rcpt, String::new());
    }
    talk.line("DATA").await;
    (rcpt, talk.line(&format!("Subject: hi\r\n\r\n{text}\r\n.")).await)
}

#[tokio::test]
async fn a_server_is_set_to_greylist_and_no_longer() {
    let room = Room::open().await;
    let change = set("mx1.harbor.test", Setting::Greylist, "60");
    room.lab.change(&change).unwrap();
    let said = write(&room, "pat@harbor.test", "hi").await.0;
    assert!(said.starts_with("451 4.7.1 Greylisted, try again in 60 seconds"), "{said}");
    room.lab.change(&set("mx1.harbor.test", Setting::Greylist, "120")).unwrap();
    assert_eq!(room.lab.changes().len(), 1, "a setting has one value");
    room.lab.undo(&set("mx1.harbor.test", Setting::Greylist, "120")).unwrap();
    assert!(write(&room, "pat@harbor.test", "hi").await.1.starts_with("250 "));
}

#[tokio::test]
async fn limits_strictness_and_quotas_are_settings_of_one_host_alone() {
    let room = Room::open().await;
    for (name, value) in [(Setting::Size, "500"), (Setting::Quota, "100"), (Setting::LineEnds, "strict")] {
        room.lab.change(&set("mx1.harbor.test", name, value)).unwrap();
    }
    assert!(write(&room, "sam@harbor.test", &"x".repeat(600)).await.1.starts_with("552 5.3.4"));
    assert!(write(&room, "sam@harbor.test", "a\nb").await.1.starts_with("550 5.6.11"));
    assert!(write(&room, "pat@harbor.test", "first").await.1.starts_with("250 "));
    assert!(write(&room, "pat@harbor.test", "second").await.0.starts_with("452 4.2.2 Mailbox full"));
    assert!(room.greeted("192.0.2.20:25").await.line("MAIL FROM:<you@you.test> SIZE=600").await.starts_with("250"));
    room.lab.reset().unwrap();
    assert!(write(&room, "pat@harbor.test", &"x".repeat(600)).await.1.starts_with("250 "));
}

#[tokio::test]
async fn a_session_that_has_begun_goes_on_with_what_it_began_with() {
    let room = Room::open().await;
    let mut talk = room.greeted(MX1).await;
    room.lab.change(&set("mx1.harbor.test", Setting::Tls, "required")).unwrap();
    assert!(talk.line("MAIL FROM:<you@you.test>").await.starts_with("250"));
    assert!(room.greeted(MX1).await.line("MAIL FROM:<you@you.test>").await.starts_with("530 5.7.0"));
}

#[tokio::test]
async fn replies_have_the_shape_that_is_chosen_and_a_letter_is_still_found_by_its_id() {
    let room = Room::open().await;
    for (style, rcpt, nobody, taken) in [
        ("postfix", "250 2.1.5 Ok", "550 5.1.1 <nobody@harbor.test>: Recipient", "250 2.0.0 Ok: queued as H-0001"),
        ("exim", "250 Accepted", "550 Unrouteable address", "250 OK id=H-0002"),
        ("exchange", "250 2.1.5 Recipient OK", "550 5.1.10 ADDRESS.RecipientNotFound;", "250 2.6.0 <H-0003@lab.test>"),
        ("gmail", "250 2.1.5 OK", "550-5.1.1 The account", "250 2.0.0 OK H-0004 "),
    ] {
        room.lab.change(&set("mx1.harbor.test", Setting::Style, style)).unwrap();
        let (said, end) = write(&room, "pat@harbor.test", "hi").await;
        assert!(said.starts_with(rcpt) && end.starts_with(taken), "{style}: {said}{end}");
        let (said, _) = write(&room, "nobody@harbor.test", "").await;
        assert!(said.starts_with(nobody), "{style}: {said}");
    }
}

#[tokio::test]
async fn a_value_that_a_setting_does_not_take_is_refused_with_what_it_takes() {
    let room = Room::open().await;
    let why = room.lab.change(&set("mx1.harbor.test", Setting::Greylist, "soon")).unwrap_err().to_string();
    assert_eq!(why, "greylist is set to off or a number of seconds from 1 to 432000");
    let why = room.lab.change(&set("mx1.harbor.test", Setting::LineEnds, "odd")).unwrap_err().to_string();
    assert_eq!(why, "line-ends is set to one of: keep, strict, normalise, pass, lenient");
    assert_eq!(room.lab.changes(), []);
}
