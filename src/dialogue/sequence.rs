//! Which replies a command may get (RFC 5321 §4.3.2 and the RFCs of the extensions).

use crate::smtp::code::Code;
use crate::smtp::command::Verb;

use super::exchange::Cause;

/// How a reply fits what asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fit {
    /// The list for this command has it.
    Listed,
    /// The list lacks it; the first digit decides all the same (RFC 5321 §4.2).
    Odd,
    /// A success where only 3yz leads on, or 3yz where none can come: the sides disagree on the state.
    WrongKind,
}

/// Codes that answer any command (RFC 5321 §4.3.2, §3.8).
const ANY: &[u16] = &[421, 500, 501];

/// The codes listed for a cause, besides [`ANY`].
fn listed(cause: Cause) -> &'static [u16] {
    match cause {
        Cause::Greeting => &[220, 554, 521],
        Cause::EndOfData => &[250, 552, 554, 451, 452, 450, 550],
        Cause::Sasl => &[235, 334, 432, 454, 534, 535, 538],
        Cause::Unasked => &[421],
        Cause::Command(verb) => match verb {
            Verb::Ehlo | Verb::Lhlo => &[250, 504, 550, 502, 503],
            Verb::Helo => &[250, 504, 550, 502],
            Verb::Mail => &[250, 552, 451, 452, 550, 553, 503, 455, 555, 530],
            Verb::Rcpt => &[250, 251, 550, 551, 552, 553, 450, 451, 452, 503, 455, 555, 530],
            Verb::Data => &[354, 503, 554, 450, 451, 530],
            Verb::Bdat => &[250, 503, 552, 554, 451, 452, 550, 530],
            Verb::Rset | Verb::Noop => &[250],
            Verb::Quit => &[221],
            Verb::Vrfy => &[250, 251, 252, 550, 551, 553, 502, 504, 530],
            Verb::Expn => &[250, 252, 550, 502, 504, 530],
            Verb::Help => &[211, 214, 502, 504],
            Verb::Auth => &[235, 334, 432, 454, 503, 504, 534, 535, 538, 530],
            Verb::StartTls => &[220, 454, 502, 503],
            Verb::Etrn => &[250, 251, 252, 253, 458, 459],
            _ => &[],
        },
    }
}

/// How a code fits its cause. A command without a list takes any code.
pub fn fit(cause: Cause, code: Code) -> Fit {
    let list = listed(cause);
    if is_wrong_kind(cause, code) {
        Fit::WrongKind
    } else if list.is_empty() || list.contains(&code.get()) || ANY.contains(&code.get()) {
        Fit::Listed
    } else {
        Fit::Odd
    }
}

/// True for a 2yz to DATA, and for a 3yz to anything but DATA, AUTH and its answers.
pub fn is_wrong_kind(cause: Cause, code: Code) -> bool {
    let leads_on = matches!(cause, Cause::Command(Verb::Data | Verb::Auth | Verb::Other) | Cause::Sasl);
    let needs_intermediate = matches!(cause, Cause::Command(Verb::Data));
    (code.is_success() && needs_intermediate) || (code.is_intermediate() && !leads_on && cause != Cause::Unasked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(cause: Cause, code: u16) -> Fit {
        fit(cause, Code::new(code).expect("three digits"))
    }

    #[test]
    fn c009_the_verdict_on_a_reply_follows_the_command_reply_table() {
        assert_eq!(fits(Cause::Command(Verb::Rcpt), 251), Fit::Listed);
        assert_eq!(fits(Cause::Command(Verb::Mail), 251), Fit::Odd);
        assert_eq!(fits(Cause::Command(Verb::Mail), 421), Fit::Listed);
        assert_eq!(fits(Cause::Command(Verb::Data), 250), Fit::WrongKind);
        assert_eq!(fits(Cause::Command(Verb::Noop), 354), Fit::WrongKind);
        assert_eq!(fits(Cause::Greeting, 554), Fit::Listed);
        assert_eq!(fits(Cause::EndOfData, 221), Fit::Odd);
    }
}
