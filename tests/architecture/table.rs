//! The plan as data: four rings, what each module may use, and where each foreign crate may be named.

/// One module of the library.
pub(crate) struct Module {
    /// Its name in `src/lib.rs`.
    pub(crate) name: &'static str,
    /// Its ring: 1 protocol, 2 services, 3 application, 4 edge.
    pub(crate) ring: u8,
    /// The modules it may use besides itself.
    pub(crate) uses: &'static [&'static str],
}

const fn module(name: &'static str, ring: u8, uses: &'static [&'static str]) -> Module {
    Module { name, ring, uses }
}

/// Every module, inner rings first. No row may name a module of an outer ring.
pub(crate) const MODULES: &[Module] = &[
    module("safe", 1, &[]),
    module("written", 1, &[]),
    module("tape", 1, &["written"]),
    module("smtp", 1, &["safe"]),
    module("mail", 1, &["safe", "smtp"]),
    module("dns", 1, &["safe", "smtp", "written"]),
    module("check", 1, &["dns", "mail"]),
    module("dialogue", 1, &["mail", "safe", "smtp", "tape"]),
    module("engine", 1, &["dialogue", "mail", "safe", "smtp", "tape"]),
    module("knowledge", 1, &["dialogue", "dns", "mail", "safe", "smtp", "tape"]),
    module("ports", 2, &["dns", "safe", "smtp", "tape", "written"]),
    module("files", 2, &[]),
    module("net", 2, &["dns", "engine", "files", "ports", "safe", "smtp", "tape"]),
    module("lab", 2, &["check", "dns", "engine", "mail", "net", "ports", "safe", "smtp", "tape"]),
    module("session", 3, &["dialogue", "dns", "knowledge", "mail", "ports", "safe", "smtp", "tape"]),
    module("send", 3, &["dialogue", "dns", "knowledge", "ports", "safe", "session", "smtp", "tape"]),
    module("events", 3, &["dialogue", "dns", "knowledge", "ports", "safe", "session", "smtp", "tape"]),
    module("record", 3, &["dialogue", "dns", "events", "ports", "safe", "session", "smtp", "tape"]),
    module("script", 3, &["dialogue", "dns", "events", "knowledge", "ports", "safe", "session", "smtp", "tape"]),
    module(
        "export",
        3,
        &["dialogue", "dns", "events", "knowledge", "ports", "record", "safe", "session", "smtp", "tape"],
    ),
    module("input", 3, &[]),
    module("ui", 3, &["dialogue", "dns", "input", "knowledge", "mail", "ports", "safe", "session", "smtp", "tape"]),
    module("config", 3, &["command", "dns", "input", "ports", "smtp", "ui"]),
    module("command", 3, SHELL),
    module("layer", 3, SHELL),
    module("screen", 3, SHELL),
    module("app", 3, SHELL),
    module("term", 4, &["app", "command", "files", "input", "safe", "ui"]),
    module("run", 4, EVERYTHING_BUT_CLI),
    module("cli", 4, EVERYTHING_BUT_CLI),
];

/// A command acts on the whole application, a layer and a screen run commands: these four are one knot. What they stand
/// on (`session`, `input`, `ui`) knows none of them.
const SHELL: &[&str] = &[
    "app",
    "command",
    "dialogue",
    "dns",
    "export",
    "input",
    "knowledge",
    "layer",
    "mail",
    "ports",
    "record",
    "safe",
    "screen",
    "session",
    "smtp",
    "tape",
    "ui",
];

/// The edge ties the rings together.
const EVERYTHING_BUT_CLI: &[&str] = &[
    "app",
    "command",
    "config",
    "dialogue",
    "dns",
    "engine",
    "events",
    "export",
    "files",
    "input",
    "knowledge",
    "lab",
    "layer",
    "mail",
    "net",
    "ports",
    "record",
    "run",
    "safe",
    "screen",
    "script",
    "send",
    "session",
    "smtp",
    "tape",
    "term",
    "ui",
];

/// What the binary may use.
pub(crate) const MAIN_USES: &[&str] = &["cli"];

/// Where each dependency may be named, by module path; `*` is everywhere.
pub(crate) const CRATES: &[(&str, &[&str])] = &[
    // terminal
    ("ratatui", &["ui", "layer", "screen", "app", "term", "run"]),
    ("crossterm", &["term"]),
    ("ratatui_textarea", &["input", "ui", "layer", "screen"]),
    ("tui_input", &["input", "ui", "layer", "screen"]),
    ("nucleo_matcher", &["command", "ui", "layer"]),
    ("unicode_width", &["safe", "session", "record::foreign", "export", "ui", "layer", "screen", "knowledge"]),
    ("unicode_segmentation", &["safe", "ui", "layer", "screen", "input"]),
    // runtime
    ("tokio", &["net", "lab", "term", "run", "cli"]), // term waits for keys and signals
    ("tokio_util", &["net", "lab", "run"]),
    ("futures_util", &["net", "lab", "run", "term"]),
    ("async_trait", &["net", "lab"]),
    // TLS
    ("rustls", &["net", "lab"]),
    ("tokio_rustls", &["net", "lab"]),
    ("aws_lc_rs", &["net", "lab", "check", "smtp::sasl::hash"]), // inside: digests and signatures of octets, no clock, no socket
    ("rustls_native_certs", &["net"]),
    ("webpki_roots", &["net"]),
    ("x509_parser", &["net", "lab"]),
    ("rcgen", &["lab"]),
    ("time", &["net", "lab"]),
    // HTTP
    ("hyper", &["net", "lab"]),
    ("hyper_util", &["net", "lab"]),
    ("http_body_util", &["net", "lab"]),
    // DNS
    ("hickory_proto", &["net", "lab"]),
    ("hickory_net", &["net", "lab"]),
    ("hickory_resolver", &["net"]),
    ("hickory_server", &["lab"]),
    ("idna", &["dns", "smtp"]),
    // text, files, secrets
    ("memchr", &["*"]),
    ("regex", &["knowledge", "dialogue", "session", "script", "layer", "screen"]),
    ("base64", &["written", "record", "smtp", "mail", "check", "dialogue", "knowledge", "dns", "term", "ui", "screen"]),
    ("mail_builder", &["mail::draft"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    (
        "serde",
        &[
            "written",
            "tape",
            "dns",
            "knowledge",
            "lab",
            "ports",
            "session::look_ups",
            "session::visits",
            "events",
            "record",
            "export::cast",
            "command",
            "cli",
            "run",
            "ui",
        ],
    ),
    ("serde_json", &["events", "record"]),
    ("toml", &["config", "knowledge", "lab", "command", "cli", "run", "ui"]),
    ("etcetera", &["cli"]),
    ("jiff", &["lab", "net", "record", "export", "run", "cli", "ui", "screen"]),
    ("thiserror", &["*"]),
    ("stringprep", &["smtp::sasl::client::prepare"]),
    ("unicode_normalization", &["smtp::sasl::client::prepare"]),
    ("hmac", &["smtp::sasl::hash"]),
    ("md5", &["smtp::sasl::hash", "smtp::sasl::client::tests"]),
    (
        "secrecy",
        &[
            "smtp::sasl::client",
            "smtp::sasl::hash",
            "engine::server::tests::login",
            "engine::client::login",
            "net",
            "session",
            "script",
            "send",
            "ui",
            "layer",
            "screen",
            "app",
            "run",
            "cli",
            "term::secret",
        ],
    ),
    ("nix", &["term"]),
    ("rustix", &["files", "net", "term", "run"]),
];

/// A name that only some modules may write.
pub(crate) struct Room {
    /// Segments of a path, `::` between them; a macro ends in `!`.
    pub(crate) name: &'static str,
    /// Module paths that may name it.
    pub(crate) allowed: &'static [&'static str],
    /// True if tests may name it everywhere.
    pub(crate) tests: bool,
    /// What to do instead.
    pub(crate) instead: &'static str,
}

const CLOCK: &[&str] = &["net", "lab", "term", "run"];
const TIME_IS_AN_ARGUMENT: &str = "time is an argument here: take a Moment or an Instant from the caller";
const PRINT: &[&str] = &["cli", "main"];
const PRINT_IN_CLI: &str = "only cli and main print; hand the text to them";
const STREAMS: &[&str] = &["cli", "main", "term", "run"];
const SERVICE: &str = "only net opens sockets; speak to it through ports";

const fn room(name: &'static str, allowed: &'static [&'static str], tests: bool, instead: &'static str) -> Room {
    Room { name, allowed, tests, instead }
}

/// Names that belong to one room of the house.
pub(crate) const ROOMS: &[Room] = &[
    room("Instant::now", CLOCK, false, TIME_IS_AN_ARGUMENT),
    room("SystemTime::now", CLOCK, false, TIME_IS_AN_ARGUMENT),
    room("Timestamp::now", CLOCK, false, TIME_IS_AN_ARGUMENT),
    room("ZonedDateTime::now", CLOCK, false, TIME_IS_AN_ARGUMENT),
    room("OffsetDateTime::now_utc", CLOCK, false, TIME_IS_AN_ARGUMENT),
    room("print!", PRINT, true, PRINT_IN_CLI),
    room("println!", PRINT, true, PRINT_IN_CLI),
    room("eprint!", PRINT, true, PRINT_IN_CLI),
    room("eprintln!", PRINT, true, PRINT_IN_CLI),
    room("io::stdout", STREAMS, false, PRINT_IN_CLI),
    room("io::stderr", STREAMS, false, PRINT_IN_CLI),
    room("io::stdin", STREAMS, false, "keys come through term"),
    room("TcpStream", &["net"], false, SERVICE),
    room("TcpSocket", &["net"], false, SERVICE),
    room("UnixStream", &["net"], false, SERVICE),
    // The lab's name server binds loopback and never connects: see `DIALING`.
    room("TcpListener", &["lab::nameserver", "net"], false, SERVICE),
    room("UdpSocket", &["lab::nameserver", "net"], false, SERVICE),
    room("Exposed::on_purpose", &["cli"], true, "only a person who types --expose lets other machines in"),
    room("process::Command", &["run", "term"], false, "only the edge starts other programs"),
    room("thread::spawn", &["net", "lab", "term", "run"], false, "rings 1 and 3 are pure"),
    room("from_utf8_lossy", &["safe"], true, "go through crate::safe, which hides nothing"),
    room("from_utf8_lossy_owned", &["safe"], true, "go through crate::safe, which hides nothing"),
    room("CrosstermBackend", &["term"], false, "only term speaks to the terminal"),
    room("ratatui::init", &["term"], false, "term owns the terminal's state"),
    room("ratatui::restore", &["term"], false, "term owns the terminal's state"),
];

/// Subtrees that only some modules may enter, and why.
pub(crate) const CLOSED: &[(&str, &[&str], &str)] = &[
    ("ratatui::crossterm", &["term"], "crossterm by another name"),
    ("std::fs", &["files", "run", "cli", "term", "net"], "files are read and written at the edge"),
    ("tokio::fs", &["run", "cli", "net"], "files are read and written at the edge"),
    ("tokio::process", &["run", "term"], "only the edge starts other programs"),
    ("hickory_net::client", &["net"], "only net asks name servers"),
    ("hickory_net::udp", &["net"], "only net asks name servers"),
    ("hickory_net::tcp", &["net"], "only net asks name servers"),
];

/// The one module of the lab that binds sockets, on loopback.
pub(crate) const NAME_SERVER: &str = "lab::nameserver";

/// Paths of the library that the lab may not use: whatever dials out.
pub(crate) const LAB_MAY_USE_OF_NET: &[&str] = &["net::tls", "net::https"];

/// Calls that reach out, and that no code of the lab may make.
pub(crate) const DIALING: &[&str] = &["connect", "connect_timeout", "send_to"];
