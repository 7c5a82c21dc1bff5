//! The pump: whole sessions, and connections that end in the wrong way.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ehlo::dialogue::phase::Phase;
use ehlo::net::{Calendar, World};
use ehlo::ports::net::Act;
use ehlo::tape::Side;
use ehlo::tape::mark::{Ending, Hold, Mark, Wait};
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use crate::stage::{NOON, Peer, Play, Stage, config, hear, target, tell, world};

#[tokio::test(start_paused = true)]
async fn a_session_from_the_greeting_until_its_end() {
    let mut play = Play::with(|mut peer| async move {
        sleep(Duration::from_millis(40)).await;
        tell(&mut peer, "220 mx1.harbor.test ESMTP\r\n").await;
        assert_eq!(hear(&mut peer).await, "EHLO laptop.you.test\r\n");
        tell(&mut peer, "250-mx1.harbor.test\r\n").await;
        sleep(Duration::from_millis(5)).await;
        tell(&mut peer, "250 SIZE 1000\r\n").await;
        assert_eq!(hear(&mut peer).await, "QUIT\r\n");
        tell(&mut peer, "221 bye\r\n").await;
    })
    .await;
    play.say("EHLO laptop.you.test").await;
    play.say("QUIT").await;
    play.until_its_end().await;
    assert_eq!(play.server(), "220 mx1.harbor.test ESMTP\r\n250-mx1.harbor.test\r\n250 SIZE 1000\r\n221 bye\r\n");
    assert_eq!(play.client(), "EHLO laptop.you.test\r\nQUIT\r\n");
    assert_eq!(play.closed(), Some((Side::Server, Ending::Clean)));
    assert!(play.marks().any(|mark| matches!(mark, Mark::Held { octets: 6, .. })));
    let times: Vec<_> = play.tape.log().iter().map(|entry| format!("{entry:?}")).collect();
    assert!(times.iter().any(|entry| entry.contains("Moment(40")), "times are taken at the socket: {times:?}");
}

#[tokio::test(start_paused = true)]
async fn a_line_typed_before_the_greeting_waits_and_says_so() {
    let mut play = Play::with(|mut peer| async move {
        sleep(Duration::from_secs(5)).await;
        tell(&mut peer, "220 hi\r\n").await;
        hear(&mut peer).await;
    })
    .await;
    play.until_marked(|mark| matches!(mark, Mark::Opened(_))).await;
    play.say("EHLO x.test").await;
    play.until_marked(|mark| matches!(mark, Mark::Held { why: Hold::Greeting, .. })).await;
    assert_eq!(play.client(), "");
    play.until_its_end().await;
    assert_eq!(play.client(), "EHLO x.test\r\n");
}

#[tokio::test(start_paused = true)]
async fn silence_is_marked_once_and_the_wait_goes_on_when_the_user_says_so() {
    let mut play = Play::with(|mut peer| async move {
        sleep(Duration::from_secs(150)).await;
        tell(&mut peer, "220 at last\r\n").await;
        sleep(Duration::from_secs(1000)).await;
    })
    .await;
    play.until_marked(|mark| *mark == Mark::TimedOut(Wait::Greeting)).await;
    assert_eq!(play.ids(), ["greet/timeout"]);
    assert_eq!(play.phase(), Phase::Opening);
    play.act(Act::KeepWaiting).await;
    play.until_heard("220 at last\r\n").await;
    assert_eq!(play.marks().filter(|mark| matches!(mark, Mark::TimedOut(_))).count(), 2);
    assert_eq!(play.phase(), Phase::Ready);
    play.act(Act::Close).await;
    play.until_its_end().await;
    assert_eq!(play.closed(), Some((Side::Client, Ending::Clean)));
}

#[tokio::test(start_paused = true)]
async fn who_stops_waiting_sends_the_next_line_at_once() {
    let mut play = Play::with(|mut peer| async move {
        tell(&mut peer, "220 hi\r\n").await;
        assert_eq!(hear(&mut peer).await, "NOOP\r\n");
        assert_eq!(hear(&mut peer).await, "RSET\r\n", "no reply has gone before it");
        tell(&mut peer, "250 noop\r\n250 rset\r\n").await;
        sleep(Duration::from_secs(1000)).await;
    })
    .await;
    play.until_heard("220 hi\r\n").await;
    play.say("NOOP").await;
    play.say("QUIT").await;
    play.until_marked(|mark| matches!(mark, Mark::Held { why: Hold::Reply, .. })).await;
    play.act(Act::StopWaiting).await;
    play.until_marked(|mark| *mark == Mark::StoppedWaiting).await;
    play.say("RSET").await;
    play.until_heard("250 noop\r\n250 rset\r\n").await;
    assert_eq!((play.client().as_str(), play.phase()), ("NOOP\r\nRSET\r\n", Phase::Ready));
}

#[tokio::test]
async fn n168_a_reset_in_the_middle_of_a_reply_keeps_what_came() {
    let peer = crate::peer::Peer::play("resets");
    let mut play = Play::open(config(World::live(None).unwrap()), at_loopback(peer.port())).await;
    play.say("EHLO x.test").await;
    play.until_its_end().await;
    assert_eq!(peer.ended().exit, 0);
    assert_eq!(play.server(), "220 hi\r\n250-mx1.harb");
    assert_eq!(play.closed(), Some((Side::Server, Ending::Reset)));
    assert!(play.ids().contains(&"net/reset"), "{:?}", play.ids());
    assert_eq!(play.phase(), Phase::Closed);
}

fn at_loopback(port: u16) -> ehlo::ports::net::Target {
    ehlo::ports::net::Target { port, ..target(&["127.0.0.1"]) }
}

#[tokio::test(start_paused = true)]
async fn n170_a_server_that_stops_talking_but_listens_leaves_closing() {
    let mut play = Play::with(|mut peer| async move {
        tell(&mut peer, "220 hi\r\n").await;
        peer.shutdown().await.unwrap();
        assert_eq!(hear(&mut peer).await, "");
    })
    .await;
    play.until_marked(|mark| *mark == Mark::HalfClosed { by: Side::Server }).await;
    assert_eq!(play.ids(), ["net/half-closed"]);
    play.act(Act::Close).await;
    play.until_its_end().await;
    assert_eq!(play.server(), "220 hi\r\n");
    assert_eq!(play.phase(), Phase::Closed);
}

#[tokio::test(start_paused = true)]
async fn n171_a_server_that_never_closes_after_221_is_closed_after_two_seconds() {
    let mut play = Play::with(|mut peer| async move {
        tell(&mut peer, "220 hi\r\n").await;
        assert_eq!(hear(&mut peer).await, "QUIT\r\n");
        tell(&mut peer, "221 bye\r\n").await;
        assert_eq!(hear(&mut peer).await, "", "then we close");
        sleep(Duration::from_hours(1)).await;
    })
    .await;
    play.until_heard("220 hi\r\n").await;
    play.say("QUIT").await;
    play.until_its_end().await;
    assert_eq!(play.closed(), Some((Side::Client, Ending::Lingered)));
    assert_eq!(play.ids(), ["net/linger"]);
    assert_eq!(play.tape.end().micros() / 1_000_000, 2);
    assert_eq!(play.server(), "220 hi\r\n221 bye\r\n");
}

#[tokio::test(start_paused = true)]
async fn n176_an_hour_of_sleep_is_noticed() {
    let slept = Arc::new(AtomicU64::new(0));
    let date = Arc::clone(&slept);
    let connector = Stage(|_| {
        Peer::plays(|mut peer| async move {
            tell(&mut peer, "220 hi\r\n").await;
            while !hear(&mut peer).await.is_empty() {
                tell(&mut peer, "250 ok\r\n").await;
            }
        })
    });
    let live = World { calendar: Calendar::new(move || NOON + date.load(Ordering::Relaxed)), ..world(connector, &[]) };
    let mut play = Play::open(config(live), target(&["192.0.2.10"])).await;
    play.until_heard("220 hi\r\n").await;
    // The clock of the runtime stands still while the computer sleeps; the calendar goes on.
    slept.store(3600, Ordering::Relaxed);
    play.say("NOOP").await;
    play.until_heard("250 ok\r\n").await;
    assert!(play.marks().any(|mark| *mark == Mark::Suspended(Duration::from_hours(1))));
    assert_eq!(play.ids(), ["net/stale"]);
    assert_eq!(play.phase(), Phase::Ready);
    assert!(!play.marks().any(|mark| matches!(mark, Mark::TimedOut(_))), "deadlines do not run while it sleeps");
}

#[tokio::test(start_paused = true)]
async fn a_flood_stops_at_the_limit_and_not_one_octet_later() {
    let mut play = Play::with(|mut peer| async move {
        let _ = peer.write_all(&b"220-spam\r\n".repeat(300_000)).await;
    })
    .await;
    play.until_its_end().await;
    assert_eq!(play.closed(), Some((Side::Client, Ending::Limit)));
    assert_eq!(play.server().len(), 20_000, "2,000 lines of one reply");
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_one_session_ends_that_session_only() {
    let connector = Stage(|addr: SocketAddr| {
        if addr.ip().is_loopback() {
            panic!("the connector fails")
        } else {
            Peer::plays(|mut peer| async move { tell(&mut peer, "554 no\r\n").await })
        }
    });
    let mut play = Play::open(config(world(connector, &[])), target(&["127.0.0.1"])).await;
    play.until_its_end().await;
    assert_eq!(play.closed(), Some((Side::Client, Ending::Failed)));
}

#[tokio::test(start_paused = true)]
async fn c088_replies_are_read_while_a_batch_is_still_being_written() {
    // Either direction holds 64 KiB: a client that read nothing before all was written would stand still for ever.
    const LINES: usize = 5000;
    let mut play = Play::with(|mut peer| async move {
        tell(&mut peer, "220 hi\r\n").await;
        let reply = format!("250 {}\r\n", "x".repeat(60));
        while !hear(&mut peer).await.is_empty() {
            tell(&mut peer, &reply).await;
        }
    })
    .await;
    play.until_heard("220 hi\r\n").await;
    let batch = "NOOP and so on\r\n".repeat(LINES);
    play.act(Act::Send(Arc::from(batch.as_bytes()))).await;
    let all = 8 + LINES as u64 * 66;
    play.until(|tape| tape.lane(Side::Server).len() == all).await;
    assert_eq!(play.client(), batch);
    assert_eq!(play.phase(), Phase::Ready);
    assert!(play.ids().is_empty(), "every reply has its command");
    assert!(!play.marks().any(|mark| matches!(mark, Mark::TimedOut(_))));
}
