"""judge -- what an independent receiver makes of a mail: DKIM by two verifiers, SPF, DMARC alignment.

Nothing here is ours: python3-dkim and Mail::DKIM check signatures, python3-spf evaluates, dnspython asks
the authority.  (relays.md: dkimpy takes a slightly damaged RSA key that OpenSSL refuses, so two judges.)
"""

import email
import email.utils
import re

import dkim
import spf

from world import run

MAIL_DKIM = r"""
use strict; use warnings; use Mail::DKIM::Verifier;
my $v = Mail::DKIM::Verifier->new();
while (<STDIN>) { s/\r?\n$//; $v->PRINT("$_\r\n"); }
$v->CLOSE;
for my $s ($v->signatures) { print join(" ", $s->domain, $s->selector, $s->result), "\n"; }
"""


def signatures(mail):
    """[(d, s, a)] as the message claims."""
    found = []
    for value in email.message_from_bytes(mail["data"]).get_all("DKIM-Signature") or []:
        tags = dict(part.strip().split("=", 1) for part in value.split(";") if "=" in part)
        tags = {key.strip(): re.sub(r"\s", "", text) for key, text in tags.items()}
        found.append((tags["d"], tags["s"], tags["a"]))
    return found


def dkim_by_dkimpy(names, mail):
    """{(d, s): pass?} by python3-dkim, keys from the authority."""
    def dnsfunc(name, timeout=5):
        found = names.txt(name.decode() if isinstance(name, bytes) else name)
        return found[0] if found else None

    verdict = {}
    verifier = dkim.DKIM(mail["data"])
    for index, (domain, selector, _) in enumerate(signatures(mail)):
        try:
            verdict[domain, selector] = bool(verifier.verify(idx=index, dnsfunc=dnsfunc))
        except dkim.DKIMException:
            verdict[domain, selector] = False
    return verdict


def dkim_by_mail_dkim(mail):
    """{(d, s): pass?} by Mail::DKIM, which asks the resolver of this machine."""
    done = run("perl", "-e", MAIL_DKIM, text=mail["data"].decode("utf-8", "surrogateescape"), errors="surrogateescape")
    return {(d, s): result == "pass" for d, s, result in (line.split() for line in done.stdout.splitlines())}


def spf_result(mail):
    """The result word, for MAIL FROM or postmaster@HELO when it is null."""
    sender = mail["mail_from"] or "postmaster@" + mail["helo"]
    return spf.check2(i=mail["peer"], s=sender, h=mail["helo"])[0]


def author_domain(mail):
    return email.utils.parseaddr(email.message_from_bytes(mail["data"])["From"])[1].split("@")[-1].lower()


def organisation(names, domain):
    """RFC 9989 tree walk, as far as the zones of a test need it: the shortest name with a record."""
    labels, found = domain.split("."), domain
    for i in range(len(labels) - 1):
        name = ".".join(labels[i:])
        if any(text.startswith(b"v=DMARC1") for text in names.txt("_dmarc." + name)):
            found = name
    return found


def verdict(names, mail):
    """Everything at once."""
    author = author_domain(mail)
    first, second = dkim_by_dkimpy(names, mail), dkim_by_mail_dkim(mail)
    envelope = (mail["mail_from"] or "x@" + mail["helo"]).split("@")[-1].lower()
    result = spf_result(mail)
    home = organisation(names, author)
    # Mail::DKIM of Debian 12 knows no Ed25519: there dkimpy judges alone
    edwards = {(d, s) for d, s, a in signatures(mail) if a == "ed25519-sha256"}
    passed = [key for key in first if first[key] and (second.get(key) or key in edwards)]
    return {
        "author": author, "signatures": signatures(mail), "dkim": passed,
        "dkimpy": first, "mail_dkim": second, "spf": result,
        "dkim_aligned": any(organisation(names, d) == home for d, _ in passed),
        "spf_aligned": result == "pass" and organisation(names, envelope) == home,
        "dmarc": any(text.startswith(b"v=DMARC1") for text in names.txt("_dmarc." + home)),
    }
