"""CPython's smtplib against a served lab: what it raises at each stage, and what it delivers.

Usage: stages.py MX1 SUBMIT SUBMIT_TLS CA_FILE (ports on this machine). Prints one word a step; anything else is an error.
"""
import smtplib
import ssl
import sys

mx1, submit, submit_tls = (int(port) for port in sys.argv[1:4])
trust = ssl.create_default_context(cafile=sys.argv[4])
LETTER = b"From: mina@you.test\r\nTo: pat@harbor.test\r\nSubject: %s\r\n\r\n.begins with a dot\r\n"


def refused(step, kind, code, act):
    """The act raises this kind of error with this code."""
    try:
        act()
    except kind as error:
        got = getattr(error, "smtp_code", None)
        if got is None:
            got = next(iter(error.recipients.values()))[0]
        assert got == code, f"{step}: {got}, not {code}"
        print(step)
        return
    raise AssertionError(f"{step}: nothing was raised")


def client(port=mx1):
    return smtplib.SMTP("localhost", port, local_hostname="laptop.you.test", timeout=20)


with client() as smtp:
    smtp.sendmail("mina@you.test", ["pat@harbor.test"], LETTER % b"plain")
    print("plain")

with client() as smtp:
    smtp.starttls(context=trust)
    smtp.sendmail("mina@you.test", ["pat@harbor.test"], LETTER % b"starttls")
    print("starttls")

with smtplib.SMTP_SSL("localhost", submit_tls, context=trust, timeout=20) as smtp:
    smtp.login("mina", "sunflower")
    smtp.sendmail("mina@you.test", ["pat@harbor.test"], LETTER % b"login")
    print("login")

# One recipient of two is refused: the letter goes, and the refusal is told.
with client() as smtp:
    told = smtp.sendmail("mina@you.test", ["pat@harbor.test", "nobody@harbor.test"], LETTER % b"half")
    assert told["nobody@harbor.test"][0] == 550, told
    print("half")

with client() as smtp:
    refused("rcpt", smtplib.SMTPRecipientsRefused, 550, lambda: smtp.sendmail("a@you.test", ["no@harbor.test"], b"x"))
with client() as smtp:
    refused("later", smtplib.SMTPRecipientsRefused, 452, lambda: smtp.sendmail("a@you.test", ["full@harbor.test"], b"x"))
with client() as smtp:
    refused("relay", smtplib.SMTPRecipientsRefused, 550, lambda: smtp.sendmail("a@you.test", ["x@example.com"], b"x"))
with client() as smtp:
    refused("size", smtplib.SMTPSenderRefused, 552, lambda: smtp.sendmail("a@you.test", ["pat@harbor.test"], b"x" * 11_000_000))
with client(submit) as smtp:
    refused("auth first", smtplib.SMTPSenderRefused, 530, lambda: smtp.sendmail("a@you.test", ["pat@harbor.test"], b"x"))
with smtplib.SMTP_SSL("localhost", submit_tls, context=trust, timeout=20) as smtp:
    refused("password", smtplib.SMTPAuthenticationError, 535, lambda: smtp.login("mina", "moonflower"))
with client() as smtp:
    code, _ = smtp.docmd("RCPT", "TO:<pat@harbor.test>")
    assert code == 503, code
    print("order")
with client() as smtp:
    looped = b"Received: from here\r\n" * 100 + b"\r\nround and round\r\n"
    refused("loop", smtplib.SMTPDataError, 554, lambda: smtp.sendmail("a@you.test", ["pat@harbor.test"], looped))
try:
    smtplib.SMTP("localhost", mx1, timeout=20).starttls(context=ssl.create_default_context())
    raise AssertionError("an unknown authority was trusted")
except ssl.SSLCertVerificationError:
    print("untrusted")
