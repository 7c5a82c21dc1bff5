//! Letters that test something: what a server does with a letter shows with the right one.

use super::File;

/// A letter that tests something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// Words.
    Plain,
    /// Letters beyond ASCII.
    International,
    /// Lines as long as lines may be.
    LongLines,
    /// Lines that begin with a dot.
    Dots,
    /// What every spam filter must call spam.
    Gtube,
    /// A file that every virus scanner must find; it does nothing.
    Eicar,
}

impl Sample {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Plain, Self::International, Self::LongLines, Self::Dots, Self::Gtube, Self::Eicar];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "a few words",
            Self::International => "letters beyond ASCII",
            Self::LongLines => "long lines",
            Self::Dots => "lines with dots",
            Self::Gtube => "GTUBE",
            Self::Eicar => "EICAR",
        }
    }

    /// What it tests.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Plain => "does a letter arrive at all?",
            Self::International => "are they there at the other end?",
            Self::LongLines => "76 octets, 77, and 998, the most a line may have",
            Self::Dots => "does each dot arrive once?",
            Self::Gtube => "every spam filter must stop it",
            Self::Eicar => "every virus scanner must stop it; it is harmless",
        }
    }

    /// True for what must not go to strangers: it sets off alarms.
    pub const fn alarms(self) -> bool {
        matches!(self, Self::Gtube | Self::Eicar)
    }

    /// What it is about.
    pub const fn subject(self) -> &'static str {
        match self {
            Self::Plain => "A test letter",
            Self::International => "Grüße, χαιρετισμοί, 挨拶",
            Self::LongLines => "Long lines",
            Self::Dots => "Lines that begin with dots",
            Self::Gtube => "A test of the spam filter",
            Self::Eicar => "A test of the virus scanner",
        }
    }

    /// Its text.
    pub fn text(self) -> String {
        match self {
            Self::Plain => "This letter was written by hand, line by line, to see a mail server at work.\n\n\
                            Whoever reads it may delete it.\n"
                .into(),
            Self::International => "Grüße aus dem Hafen.\nΧαιρετισμούς από το λιμάνι.\nПривет из гавани.\n\
                                    港からこんにちは。\nمرحبا من الميناء\n⚓\n"
                .into(),
            Self::LongLines => {
                let line = |octets: usize| ruler().take(octets).collect::<String>();
                format!("{}\n{}\n{}\nThe line above has 998 octets.\n", line(76), line(77), line(super::LINE))
            }
            Self::Dots => {
                ".\n..\n...\n.hidden\nno dot\n\n.\nThe lines above begin with 1, 2, 3, 1, 0, 0 and 1 dots.\n".into()
            }
            // In two pieces, here and below, so that no filter stops this source.
            Self::Gtube => [
                "The next line is known to every spam filter.\n\nXJS*C4JDBQADN1.NSBN3*2IDNEN*",
                "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n",
            ]
            .concat(),
            Self::Eicar => {
                "The file that goes with this letter is known to every virus scanner, and harmless.\n".into()
            }
        }
    }

    /// The files that go with it.
    pub fn files(self) -> Vec<File> {
        if self != Self::Eicar {
            return Vec::new();
        }
        let octets = [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*"].concat();
        vec![File { name: "eicar.com".into(), octets: octets.into_bytes().into() }]
    }
}

/// Digits that can be counted: 1234567890 and so on.
fn ruler() -> impl Iterator<Item = char> {
    "1234567890".chars().cycle()
}
