//! What is not a host and a port: Unix sockets, LMTP, and connections that are made for somebody else.

use ehlo::dialogue::Dialogue;
use ehlo::dialogue::row::What;
use ehlo::net::World;
use ehlo::ports::net::{Failure, Opening, Place, Route, Target};
use ehlo::tape::mark::Mark;
use ehlo::tape::peer::Peer as Other;
use tokio::io::DuplexStream;
use tokio_rustls::TlsAcceptor;

use crate::certificates::Authority;
use crate::stage::{Peer, Play, Stage, config, hear, target, tell, world};

const LINE: &str = "PROXY TCP4 198.51.100.7 192.0.2.10 56324 25\r\n";

/// The route of a connection that is made for 198.51.100.7.
fn announced() -> Route {
    Route { client: Some("198.51.100.7:56324".parse().unwrap()), ..Route::default() }
}

fn why_not(play: &Play) -> String {
    let why = play.marks().find_map(|mark| match mark {
        Mark::GaveUp(Failure::BadTarget { why }) => Some(why.clone()),
        _ => None,
    });
    why.unwrap_or_default()
}

fn socket(path: &std::path::Path) -> Target {
    let socket = Some(path.to_str().unwrap().to_owned());
    Target { socket, hello: "laptop.you.test".into(), ..Target::new("localhost", 0, Place::Live) }
}

#[cfg(unix)]
#[tokio::test]
async fn a_store_behind_a_socket_is_greeted_with_lhlo() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("lmtp socket");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let at = Target { lmtp: true, opening: Opening::Prefer, ..socket(&path) };
    let mut play = Play::open(config(World::live(None).unwrap()), at).await;
    let (mut peer, _) = listener.accept().await.unwrap();
    tell(&mut peer, "220 store ready\r\n").await;
    assert_eq!(hear(&mut peer).await, "LHLO laptop.you.test\r\n");
    tell(&mut peer, "250-store\r\n250 PIPELINING\r\n").await;
    play.until_heard("250 PIPELINING\r\n").await;
    let opened =
        play.marks().find_map(|mark| if let Mark::Opened(opened) = mark { Some(opened.clone()) } else { None });
    assert_eq!(opened.map(|opened| opened.peer), Some(Other::Unix(path.display().to_string())));
    assert!(Dialogue::of(&play.tape).is_lmtp());
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_socket_is_told_in_words() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    std::fs::write(&file, "").unwrap();
    let left = home.path().join("left behind");
    drop(std::os::unix::net::UnixListener::bind(&left).unwrap());
    for (path, why) in [
        (home.path().join("none"), "there is no such socket"),
        (file.join("below"), "a part of the path is no folder"),
        (file.clone(), "it is no socket"),
        (home.path().to_path_buf(), "it is no socket"),
    ] {
        let mut play = Play::open(config(World::live(None).unwrap()), socket(&path)).await;
        play.until_its_end().await;
        assert_eq!(why_not(&play), format!("{}: {why}", path.display()));
        assert_eq!(play.ids(), ["net/target"]);
    }
    let mut play = Play::open(config(World::live(None).unwrap()), socket(&left)).await;
    play.until_its_end().await;
    assert_eq!(play.ids(), ["net/refused", "net/all-failed"], "nobody listens any more");
}

/// A greeting that says LMTP is enough, whatever the target says.
#[tokio::test(start_paused = true)]
async fn tls_modes_say_lhlo_where_the_greeting_says_lmtp() {
    let part = |mut peer: DuplexStream| async move {
        tell(&mut peer, "220 store.harbor.test LMTP ready\r\n").await;
        assert_eq!(hear(&mut peer).await, "LHLO laptop.you.test\r\n");
        tell(&mut peer, "250 store.harbor.test\r\n").await;
        assert_eq!(hear(&mut peer).await, "QUIT\r\n");
        tell(&mut peer, "221 bye\r\n").await;
    };
    let at = Target { opening: Opening::Require, ..target(&["192.0.2.10"]) };
    let mut play = Play::open(config(world(Stage(move |_| Peer::plays(part)), &[])), at).await;
    play.until_its_end().await;
    assert_eq!(play.client(), "LHLO laptop.you.test\r\nQUIT\r\n");
}

#[tokio::test(start_paused = true)]
async fn the_proxy_line_goes_before_the_greeting_and_nothing_answers_it() {
    let part = |mut peer: DuplexStream| async move {
        assert_eq!(hear(&mut peer).await, LINE);
        tell(&mut peer, "220 hi\r\n").await;
        assert_eq!(hear(&mut peer).await, "EHLO laptop.you.test\r\n");
        tell(&mut peer, "250-mx1.harbor.test\r\n250 PIPELINING\r\n").await;
        assert_eq!(hear(&mut peer).await, "");
    };
    let at = Target { route: announced(), ..target(&["192.0.2.10"]) };
    let mut play = Play::open(config(world(Stage(move |_| Peer::plays(part)), &[])), at).await;
    play.until_heard("220 hi\r\n").await;
    play.say("EHLO laptop.you.test").await;
    play.until_heard("250 PIPELINING\r\n").await;
    let fold = Dialogue::of(&play.tape);
    assert_eq!(play.client(), format!("{LINE}EHLO laptop.you.test\r\n"));
    let kinds: Vec<_> = fold.rows().iter().filter(|row| row.span().is_some()).map(|row| row.what).collect();
    assert_eq!(kinds.first(), Some(&What::Preface));
    assert_eq!(fold.exchanges().len(), 2, "the greeting and EHLO");
    assert!(fold.exchanges().iter().all(|exchange| exchange.answer.is_some()));
    assert_eq!(play.ids(), Vec::<&str>::new());
}

#[tokio::test]
async fn the_proxy_line_goes_in_the_clear_before_tls() {
    let authority = Authority::named("a test");
    let acceptor: TlsAcceptor = authority.server("mx1.harbor.test", -1..30);
    let part = move |mut peer: DuplexStream| {
        let acceptor = acceptor.clone();
        async move {
            assert_eq!(hear(&mut peer).await, LINE);
            let mut inside = acceptor.accept(peer).await.unwrap();
            tell(&mut inside, "220 hi\r\n").await;
            assert_eq!(hear(&mut inside).await, "");
        }
    };
    let world = world(Stage(move |_| Peer::plays(part.clone())), &[authority.der()]);
    let at = Target { route: announced(), opening: Opening::ImplicitTls, ..target(&["192.0.2.10"]) };
    let mut play = Play::open(config(world), at).await;
    play.until_heard("220 hi\r\n").await;
    assert!(Dialogue::of(&play.tape).is_secured());
    assert_eq!(play.client(), LINE);
}
