"""What dkimpy and pyspf make of letters and senders, asked with the lab's DNS.

Reads {"port", "letters": {name: base64}, "senders": [[address, reverse path, HELO name]]} and writes {"letters": {name:
[verdict of each signature]}, "senders": [result]}.
"""

import base64
import json
import sys

import dns.resolver

asked = json.load(sys.stdin)
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], asked["port"], 10
# pyspf asks whatever resolver is the usual one.
dns.resolver.default_resolver = resolver

import dkim  # noqa: E402
import spf  # noqa: E402


def key(name, timeout=5):
    try:
        answer = resolver.resolve(name.decode() if isinstance(name, bytes) else name, "TXT")
        return b"".join(answer[0].strings)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return None


def signatures(letter):
    message = dkim.DKIM(letter)
    verdicts = []
    for index in range(sum(1 for name, _ in message.headers if name.lower() == b"dkim-signature")):
        try:
            verdicts.append("pass" if message.verify(idx=index, dnsfunc=key) else "fail")
        except dkim.DKIMException as error:
            verdicts.append(f"error: {error}")
    return verdicts


json.dump(
    {
        "letters": {name: signatures(base64.b64decode(letter)) for name, letter in asked["letters"].items()},
        "senders": [spf.check2(*sender)[0] for sender in asked["senders"]],
    },
    sys.stdout,
)
