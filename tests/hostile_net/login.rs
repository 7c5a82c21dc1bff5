//! Logins that the pump leads: what ties them to TLS, and servers that do not prove themselves.

use ehlo::ports::net::{Act, Authenticate};
use ehlo::smtp::sasl::client::{Login, Mechanism};
use ehlo::smtp::sasl::{decode, encode};
use ehlo::tape::mark::Mark;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::certificates::Authority;
use crate::stage::{Play, hear, tell};
use crate::tls::{encrypted, implicit};

fn wanted(mechanism: Mechanism, plus_listed: bool) -> Act {
    let login = Login { act_as: String::new(), user: "user".into(), secret: "pencil".into() };
    Act::Authenticate(Authenticate { mechanism, login, initial: true, plus_listed })
}

/// What a SCRAM message in the last word of a line says.
fn said(line: &str) -> String {
    let coded = line.trim_end().rsplit(' ').next().unwrap();
    String::from_utf8_lossy(&decode(coded.as_bytes()).unwrap()).into_owned()
}

/// What a peer says last, once it has found all as it should be.
const DONE: &str = "501 5.7.0 cancelled\r\n";

/// A server that reads both messages of a SCRAM login, and then cannot prove itself; the messages come back.
async fn scram<S: AsyncRead + AsyncWrite + Unpin>(peer: &mut S) -> [String; 2] {
    tell(peer, "220 hi\r\n").await;
    let first = said(&hear(peer).await);
    let nonce = first.rsplit("r=").next().unwrap();
    let challenge = format!("r={nonce}server,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
    tell(peer, &format!("334 {}\r\n", encode(challenge.as_bytes()))).await;
    let last = said(&hear(peer).await);
    tell(peer, &format!("334 {}\r\n", encode(b"v=AAAA"))).await;
    assert_eq!(hear(peer).await, "*\r\n");
    [first, last]
}

#[tokio::test(start_paused = true)]
async fn scram_plus_is_tied_to_the_tls_connection_that_the_server_sees() {
    let authority = Authority::named("ehlo test CA");
    let server = authority.server("mx1.harbor.test", -1..90);
    let mut play = implicit(encrypted(server, authority.der(), |mut peer| async move {
        let [first, last] = scram(&mut peer).await;
        assert!(first.starts_with("p=tls-exporter,,n=user,r="), "{first}");
        let exported =
            peer.get_ref().1.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b"")).unwrap();
        let bound = encode(&[&b"p=tls-exporter,,"[..], &exported].concat());
        assert!(last.starts_with(&format!("c={bound},r=")), "{last}");
        tell(&mut peer, DONE).await;
    }))
    .await;
    play.until_heard("220 hi\r\n").await;
    play.act(wanted(Mechanism::ScramSha256Plus, true)).await;
    play.until_heard(DONE).await;
    assert!(play.ids().contains(&"auth/server-not-proven"), "{:?}", play.ids());
    assert!(play.server().ends_with(DONE), "{}", play.server());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_lists_no_plus_is_told_that_we_could() {
    for (listed, flag) in [(false, "y,,"), (true, "n,,")] {
        let authority = Authority::named("ehlo test CA");
        let server = authority.server("mx1.harbor.test", -1..90);
        let mut play = implicit(encrypted(server, authority.der(), move |mut peer| async move {
            let [first, last] = scram(&mut peer).await;
            assert!(first.starts_with(flag), "{first}");
            assert!(last.starts_with(&format!("c={},r=", encode(flag.as_bytes()))), "{last}");
            tell(&mut peer, DONE).await;
        }))
        .await;
        play.until_heard("220 hi\r\n").await;
        play.act(wanted(Mechanism::ScramSha256, listed)).await;
        play.until_heard(DONE).await;
        assert!(play.server().ends_with(DONE), "{}", play.server());
    }
}

#[tokio::test(start_paused = true)]
async fn without_tls_there_is_nothing_to_tie_a_login_to() {
    let mut play = Play::with(|mut peer| async move {
        let [first, _] = scram(&mut peer).await;
        assert!(first.starts_with("n,,n=user,r="), "{first}");
        tell(&mut peer, DONE).await;
    })
    .await;
    play.until_heard("220 hi\r\n").await;
    play.act(wanted(Mechanism::ScramSha256Plus, true)).await;
    play.until_marked(|mark| matches!(mark, Mark::LoginStopped { id, .. } if id == "auth/channel-binding")).await;
    assert_eq!(play.client(), "", "nothing was sent");
    play.act(wanted(Mechanism::ScramSha256, true)).await;
    play.until_heard(DONE).await;
    assert!(play.server().ends_with(DONE), "{}", play.server());
}
