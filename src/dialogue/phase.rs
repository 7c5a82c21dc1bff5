//! Where a session stands.

/// Where a session stands, as the replies so far decide it.
///
/// ```text
///            220          EHLO/HELO 250      MAIL 250          DATA 354        lone dot
///  Opening ───────▶ Ready ─────────▶ Ready ─────────▶ Envelope ───────▶ Content ───────▶ Verdict ──▶ Ready
///     │ 4yz 5yz      ▲ │ 334 ▲                          │ ▲ RCPT                           any reply
///     ▼              │ ▼     │ 235, 5yz                 │ │ 250, 5yz
///  Refused           │ Sasl ─┘                RSET, EHLO ▼ │
///     │ QUIT         └────────────────────────────────── ┘
///     ▼                  STARTTLS 220 ▶ Upgrading ──TLS ready──▶ Ready (nothing known)
///  Closing ──▶ Closed        221, 421 at any time ▶ Closing ──▶ Closed
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The connection is being made, or the greeting is not complete.
    Opening,
    /// The greeting was a refusal: only QUIT makes sense (RFC 5321 §3.1).
    Refused,
    /// The peer speaks another protocol.
    Foreign,
    /// Between transactions.
    Ready,
    /// MAIL was accepted: recipients, then DATA.
    Envelope,
    /// After 354: everything is letter until the lone dot.
    Content,
    /// The letter is sent; its verdict is due.
    Verdict,
    /// After 334: the next line answers a challenge.
    Sasl,
    /// After the 220 to STARTTLS: the handshake is due.
    Upgrading,
    /// The server has said goodbye.
    Closing,
    /// The connection is over.
    Closed,
}

impl Phase {
    /// The phase in one or two words, as the screen names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Refused => "refused",
            Self::Foreign => "not SMTP",
            Self::Ready => "command",
            Self::Envelope => "envelope",
            Self::Content => "letter",
            Self::Verdict => "verdict",
            Self::Sasl => "login",
            Self::Upgrading => "TLS",
            Self::Closing => "goodbye",
            Self::Closed => "closed",
        }
    }
}
