//! `ehlo send`: one letter, from options to the server.

use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;

use super::complaint::Complaint;
use super::options::Common;
use super::options::send::{Ret, Send};
use super::run::refuse_events_of_nothing;
use super::{configuration, handshake, password, reach, record, usage};
use crate::app::Settings;
use crate::files;
use crate::mail::draft::{File, addresses, is_address};
use crate::ports::dns::Source;
use crate::ports::net::{Body, Opening, Place, Target};
use crate::run::secret::{self, Answer};
use crate::run::send::{Content, NotSent, Order, Parts, run};
use crate::run::teller::Form;
use crate::screen::session::login::Handed;
use crate::send::{Dsn, Letter, Login, Wish};
use crate::session::outcome::Outcome;
use crate::session::target::{Wanted, place_of, source_of};
use crate::smtp::data::Survey;
use crate::smtp::limits::Limits;
use crate::smtp::sasl::client::Mechanism;
use crate::smtp::stage::Stage;

/// Sends it and tells what happened; what comes back is the exit code.
pub(super) fn tell(options: Send, common: &Common) -> Result<u8, Complaint> {
    refuse_events_of_nothing(options.dry_run, options.json)?;
    let configuration = configuration::read(common, Some(&options.reach))?;
    let envelope = Envelope::of(&options)?;
    let resolver = configuration.config.resolver.clone().unwrap_or(Source::System);
    let wanted = wanted(&options, &envelope, &resolver)?;
    let (place, host) = match &wanted {
        Wanted::Host(target) => (target.place, target.host.clone()),
        Wanted::Exchangers(domain, source) | Wanted::Submission(domain, source) => {
            (if *source == Source::Lab { Place::Lab } else { Place::Live }, domain.clone())
        }
    };
    let settings = configuration.settings();
    let persona = if place == Place::Lab { &settings.lab_persona } else { &settings.live_persona };
    let hello = options.reach.helo.clone().unwrap_or_else(|| persona.hello.clone());
    let from = from(&options, place)?;
    let login = login(&options, &host, place, &settings, common.quiet)?;
    let mut setup = super::setup(&options.reach, &configuration)?;
    setup.lab = place == Place::Lab;
    setup.explains = options.json || !common.quiet;
    setup.keys.log = options.reach.keylog.as_deref().map(handshake::key_log).transpose()?;
    let form = match (options.json, common.quiet) {
        (true, _) => Form::Json,
        (_, true) => Form::Quiet,
        _ => Form::Transcript,
    };
    let mut wish = Wish {
        hello,
        sender: envelope.sender.unwrap_or_else(|| addresses(&from).next().unwrap_or_default().to_owned()),
        recipients: envelope.recipients,
        dsn: Dsn {
            notify: options.notify.clone(),
            ret: options.ret.map(|ret| if ret == Ret::Full { "FULL" } else { "HDRS" }.to_owned()),
            envid: options.envid.clone(),
        },
        require_tls: options.requiretls,
        login,
        letter: Letter { body: Body::Octets(Arc::from([])), survey: Survey::default(), international: false },
        pipelining: options.pipelining,
        chunk: options.bdat.map(|octets| if octets == 0 { usize::MAX } else { octets }),
        until: options.until.unwrap_or(Stage::Final),
        own_server: options.i_run_this_server,
    };
    let content = content(&options, from)?;
    let (dry_run, record) = (options.dry_run, options.record.clone());
    let logs_in = wish.login.is_some();
    if let Some(login) = wish.login.as_mut().filter(|login| asks(&options, login)) {
        login.secret = asked(&login.user, &host)?;
    }
    let shape = Box::new(move |target: &mut Target| {
        reach::change(target, &options.reach)
            .map_err(|no| Outcome::stopped(no.exit, Stage::Connect, no.id, format!("{} {}", no.what, no.next)))?;
        if options.reach.tls.is_none() && target.opening == Opening::Plain && target.socket.is_none() && !target.lmtp {
            let submission = target.port == 587 || logs_in;
            target.opening = if submission { Opening::Require } else { Opening::Prefer };
        }
        Ok(())
    });
    setup.recorder = record.filter(|_| !dry_run).as_deref().map(record::recorder).transpose()?;
    run(Order { wanted, shape, wish, content, dry_run }, setup, form).map_err(complaint)
}

/// Who is named to the server.
struct Envelope {
    /// None if it is whoever writes.
    sender: Option<String>,
    recipients: Vec<String>,
}

impl Envelope {
    fn of(options: &Send) -> Result<Self, Complaint> {
        let named: &[&[String]] =
            if options.rcpt.is_empty() { &[&options.to, &options.cc, &options.bcc] } else { &[&options.rcpt] };
        let recipients: Vec<String> =
            named.iter().flat_map(|list| list.iter()).flat_map(|list| addresses(list)).map(str::to_owned).collect();
        if let Some(bad) = recipients.iter().find(|path| !is_address(path) && !path.eq_ignore_ascii_case("postmaster"))
        {
            return Err(Complaint::value("a recipient", bad, "an address, as pat@example.org"));
        }
        if recipients.is_empty() && options.until.is_none_or(|until| until >= Stage::Rcpt) {
            let what = "ehlo send needs to know to whom: no --to and no --rcpt was given.";
            return Err(Complaint::new("cli/recipient", 2, what, "As: ehlo send --to pat@harbor.test"));
        }
        let sender = options.sender.as_deref().map(|path| if path == "<>" { "" } else { path });
        if let Some(bad) = sender.filter(|path| !path.is_empty() && !is_address(path)) {
            return Err(Complaint::value("--sender", bad, "an address, or <> for the null sender"));
        }
        Ok(Self { sender: sender.map(str::to_owned), recipients })
    }
}

/// Where it goes: the server that was named, else the mail exchangers of the one domain that all recipients have.
fn wanted(options: &Send, envelope: &Envelope, resolver: &Source) -> Result<Wanted, Complaint> {
    if let Some(server) = &options.server {
        return crate::session::target::parse(server, resolver).map_err(|no| Complaint::new(no.id, 2, no.why, no.next));
    }
    let domains: Vec<&str> =
        envelope.recipients.iter().filter_map(|path| path.rsplit_once('@')).map(|(_, domain)| domain).collect();
    match domains.first() {
        Some(first) if domains.iter().all(|domain| domain.eq_ignore_ascii_case(first)) => {
            Ok(Wanted::Exchangers((*first).to_owned(), source_of(place_of(first), resolver)))
        }
        Some(_) => {
            let what = "The recipients are of more than one domain, and no server was named that takes them all.";
            Err(Complaint::new("cli/host", 2, what, "Give one with --server, or send to one domain at a time."))
        }
        None => {
            let what = "No server was named, and no recipient's domain leads to one.";
            Err(Complaint::new("cli/host", 2, what, "As: ehlo send --server mx1.harbor.test --to pat@harbor.test"))
        }
    }
}

/// Who writes. In the lab somebody does if nobody is named.
fn from(options: &Send, place: Place) -> Result<String, Complaint> {
    let given =
        options.from.clone().or_else(|| options.sender.clone().filter(|sender| !sender.is_empty() && sender != "<>"));
    let whole = options.file.is_some() && options.sender.is_some();
    let early = options.until.is_some_and(|until| until < Stage::Mail);
    match given {
        Some(from) => Ok(from),
        None if place == Place::Lab || early || whole => Ok("you@you.test".into()),
        None => {
            let what = "ehlo send needs to know who writes: no --from was given.";
            Err(Complaint::new("cli/sender", 2, what, "As: --from mina@example.org"))
        }
    }
}

/// Who logs in, with the secret of the options; a lab user's is public.
fn login(
    options: &Send,
    host: &str,
    place: Place,
    settings: &Settings,
    quiet: bool,
) -> Result<Option<Login>, Complaint> {
    let reads_input = |path: Option<&Path>| path == Some(Path::new("-"));
    let letter_from_input = reads_input(options.file.as_deref()) || options.body.as_deref() == Some("-");
    if options.reach.login.password_stdin && letter_from_input {
        let what = "The letter and the secret cannot both come from standard input.";
        return Err(Complaint::new(
            "cli/option",
            2,
            what,
            "Give the secret with --password-file or --password-command.",
        ));
    }
    let handed = password::handed(&options.reach, host, None)?;
    if handed.is_none() && options.auth.is_none() {
        return Ok(None);
    }
    let (Handed { user, secret, .. }, said) =
        handed.unwrap_or_else(|| (Handed { host: host.to_owned(), user: String::new(), secret: None }, None));
    if let Some(said) = said.filter(|_| !quiet) {
        usage::warn(&said);
    }
    let (lab_user, lab_secret) = &settings.lab_login;
    let public = || (place == Place::Lab && user == *lab_user).then(|| lab_secret.as_str().into());
    let secret = secret.or_else(public);
    Ok(Some(Login { mechanism: options.auth, user, secret }))
}

/// True if the login needs a secret that is missing, and somebody may be asked for it.
fn asks(options: &Send, login: &Login) -> bool {
    let goes = !options.dry_run && options.until.is_none_or(|until| until >= Stage::Auth);
    let needs = !matches!(login.mechanism, Some(Mechanism::External | Mechanism::Anonymous));
    goes && needs && !options.no_input && login.secret.is_none() && !login.user.is_empty()
}

/// The secret as somebody types it; nothing where nobody can be asked.
fn asked(user: &str, host: &str) -> Result<Option<SecretString>, Complaint> {
    let next = "Give it with --password-file, --password-command or --password-stdin.";
    let no = |exit, why: &str| Err(Complaint::new("cli/secret", exit, format!("Nothing is sent{why}."), next));
    match secret::ask(user, host) {
        Ok(Answer::Secret(secret)) => Ok(Some(secret)),
        Ok(Answer::None("")) => Ok(None),
        Ok(Answer::None(why)) => no(2, why),
        Ok(Answer::End(code)) => no(code, ": the question for the secret was broken off"),
        Err(why) => no(2, &format!(": no secret can be asked for: {why}")),
    }
}

/// The letter, or what it is made from.
fn content(options: &Send, from: String) -> Result<Content, Complaint> {
    if let Some(path) = &options.file {
        if path == Path::new("-") {
            return input().map(Content::Octets);
        }
        return Ok(Content::File(path.clone()));
    }
    let text = match options.body.as_deref() {
        Some("-") => String::from_utf8(input()?).map_err(|_| {
            let what = "The text that was piped in is not UTF-8.";
            Complaint::new("file/utf8", 2, what, "Give a whole letter with --file -: it goes octet for octet.")
        })?,
        Some(text) => text.to_owned(),
        None => "This is a letter by ehlo.\n".into(),
    };
    let attach = |path: &std::path::PathBuf| {
        let octets = files::read(path, Limits::default().letter).map_err(|why| unread(path, &why))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(File { name, octets: Arc::from(octets) })
    };
    Ok(Content::Parts(Parts {
        from,
        to: options.to.join(", "),
        cc: options.cc.join(", "),
        subject: options.subject.clone().unwrap_or_else(|| "A letter by ehlo".into()),
        fields: options.header.clone(),
        text,
        html: options.html,
        files: options.attach.iter().map(attach).collect::<Result<_, Complaint>>()?,
    }))
}

/// What is piped in.
fn input() -> Result<Vec<u8>, Complaint> {
    let limit = Limits::default().letter;
    let mut octets = Vec::new();
    io::stdin().lock().take(limit + 1).read_to_end(&mut octets).map_err(|why| {
        Complaint::new("file/open", 2, format!("Standard input cannot be read: {why}."), "Give a file with --file.")
    })?;
    if octets.len() as u64 > limit {
        let what = format!("What is piped in is larger than {limit} octets.");
        return Err(Complaint::new("file/too-large", 2, what, "Give it with --file FILE: any size goes from a file."));
    }
    Ok(octets)
}

fn unread(path: &Path, why: &io::Error) -> Complaint {
    let what = format!("Cannot read {}: {why}.", usage::shown(path));
    let id = if why.kind() == io::ErrorKind::InvalidInput { "file/type" } else { "file/open" };
    Complaint::new(id, 2, what, "Give a regular file that you may read.")
}

fn complaint(why: NotSent) -> Complaint {
    match why {
        NotSent::File(path, why) => unread(&path, &why),
        NotSent::Unfit(unfit) => Complaint::new("send/unfit", 2, unfit.to_string(), "Correct it and send again."),
        NotSent::System(why) => Complaint::new("send/failed", 2, format!("Nothing can be sent: {why}."), "Try again."),
    }
}
