#!/usr/bin/python3
"""Every state and every sentence of check, from real servers: a signed root, NSD, two resolvers, and bad ones.

One row is one domain: what is wrong with it, and what check must make of it, in English.  All rows are looked
at in one run.  At the end every sentence that the sources of the checks hold must have been said by one of
them, in English and in German; what cannot be said by any world is named below, with the reason.
"""

import datetime
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import sentences
import tap
from desk import Desk
from internet import BELIEVING, SOALESS, VALIDATING, Internet, Zone
from world import play, run

BUILD = os.environ.get("top_builddir", ".")
SOURCE = os.environ.get("top_srcdir", ".")

SPF = '"v=spf1 include:_spf.vendor.example -all"'
GOOD = {"@ TXT": [SPF, '"site-verification=abc"'], "@ MX": ["10 mail"], "mail A": ["203.0.113.99"],
        "KEY TXT": ["{dkim}"], "_dmarc TXT": ['"v=DMARC1; p=none"']}
PURPOSES = ("spf", "dkim", "dmarc", "return")
MATCH = {purpose: ("match", "") for purpose in PURPOSES}


class Row:
    """A domain X.example: what its zone has (beside GOOD), how it is served, and what is to be said."""

    def __init__(self, name, wants=None, changes=None, *, other=None, other_lacks=(), other_has=None, before=None, domain=None,
                 prime=(), moves=False, sender=None, client="acme", **served):
        self.zone_name, self.domain = name + ".example", domain or name + ".example"
        self.wants, self.changes, self.before = dict(MATCH, **(wants or {})), changes or {}, before
        self.other, self.other_lacks, self.other_has = other, other_lacks, other_has or {}
        self.prime, self.served = prime, served
        self.moves, self.sender, self.client = moves, sender or {}, client


def spf(state, sentence, **more):
    return dict(more, spf=(state, sentence))


def all_unknown(sentence):
    return {purpose: ("unknown", sentence) for purpose in PURPOSES}


def one_is(server, what):
    """A name server that does not answer beside one that does: unknown, and it is named."""
    named = rf"the name server {server}.nic.example \([0-9.]+:53\): {what}"
    return {"spf": ("unknown", "the others show the record; " + named),
            "dkim": ("unknown", "the others show the key; " + named),
            "dmarc": ("unknown", "the others show the record; " + named)}


def written(text):
    """A text as a zone file has it: strings of at most 255 octets."""
    return " ".join('"' + text[at:at + 255] + '"' for at in range(0, len(text), 255))


def half(name, sentence, *values, cname=None):
    """One of two servers has another opinion of the key."""
    other = {"KEY TXT": [], "KEY CNAME": [cname], "www A": ["203.0.113.99"]} if cname else {"KEY TXT": values}
    return Row(name, {"dkim": ("propagating", rf"1 of 2 name server addresses show the key; other.nic.example: {sentence}; {BY}")},
               ns=["ns1", "other"], other="zone", other_has=other)


FAILS = r"the server failed \(SERVFAIL\)"
BOGUS = (r"published; but the resolver 127.0.0.1:53 fails \(SERVFAIL\), as resolvers do when the signatures of a zone "
         r"\(DNSSEC\) are broken or have expired")
BY = r"visible everywhere by (\d\d:\d\d|\d{4}-\d\d-\d\d \d\d:\d\d)"
ROWS = [
    # ---------------------------------------------------------------- served well
    Row("well", {"spf": ("match", "pass for every relay address; 1 of 10 look-ups"),
                 "dmarc": ("match", "the policy is none"), "return": ("match", "the domain receives mail")}, client="solid"),
    Row("signed", signed=True, client="solid"),
    Row("big", client="solid", changes={"@ TXT": [SPF] + [written("x" * 250)] * 8}),
    Row("stubborn", ns=["tcp"], client="slow"),
    Row("chain", changes={"KEY TXT": [], "KEY CNAME": ["a.third.example."], "THIRD b TXT": ["{dkim}"]}),
    Row("testing", {"dkim": ("match", r"the key is there, marked as a test \(t=y\)")},
        {"KEY TXT": ['"v=DKIM1; k={k}; t=y; " {pieces}']}),
    # ---------------------------------------------------------------- signatures
    Row("forged", {"spf": ("unknown", BOGUS)}, signed=True, forged=(SPF, SPF.replace("-all", "~all"))),
    Row("expired", {"spf": ("unknown", BOGUS), "dkim": ("unknown", BOGUS)}, signed=-5),
    # ---------------------------------------------------------------- served badly
    Row("lame", one_is("other", "the server refused to answer"), ns=["ns1", "other"]),
    Row("hearsay", one_is("hearsay", r"the server answers without being responsible \(lame\)"), ns=["ns1", "hearsay"],
        prime=["believing"]),
    # ... and resolvers, too, are led astray by it now and then
    Row("upward", dict(one_is("upward", "the server is not responsible for the name"), **{"return": None}), ns=["ns1", "upward"],
        client="slow"),
    Row("broken", one_is("other", FAILS), ns=["ns1", "other"], other="broken"),
    Row("silent", one_is("silent", "no answer in time"), ns=["ns1", "silent"], client="slow"),
    Row("dead", one_is("dead", "not reachable"), ns=["ns1", "dead"], client="slow"),
    Row("garbage", one_is("garbage", "the answer is not a DNS message"), ns=["ns1", "garbage"], client="slow"),
    Row("homeless", {"spf": ("unknown", "the others show the record; the name server nowhere.nic.example has no address"),
                     "dkim": ("unknown", "the others show the key; the name server nowhere.nic.example has no address"),
                     "dmarc": ("unknown", "the others show the record; the name server nowhere.nic.example has no address")},
        ns=["ns1", "nowhere"]),
    Row("gone", all_unknown(rf"the zone of \S+ cannot be found: ({FAILS}|no answer in time)"), ns=["silent"], client="slow"),
    Row("mute", all_unknown(rf"the name servers of mute.example cannot be found: ({FAILS}|no answer in time)"), ns=["tcp"],
        mute="NS", client="slow"),
    Row("nobody", all_unknown("no name server of nobody.example has an address"), ns=["nowhere"], parents_ns=["ns1"]),
    # ---------------------------------------------------------------- on its way
    Row("split", {"spf": ("propagating", "the name servers of the zone do not say the same yet: other.nic.example differs; " + BY),
                  "dkim": ("propagating", "1 of 2 name server addresses show the key; other.nic.example: nothing is published "
                                          "at this name; " + BY),
                  "dmarc": ("propagating", "the name servers of the zone do not say the same yet: other.nic.example differs; "
                                           + BY)},
        ns=["ns1", "other"], other="zone", other_lacks=["@ TXT", "KEY TXT", "_dmarc TXT"]),
    half("half-foreign", "another key is published here", "{foreign}"),
    half("half-pair", "2 TXT records stand here; only one may", "{dkim}", '"hello world"'),
    half("half-tlsrpt", "the tag s= says that the key is not for e-mail", '"v=DKIM1; k={k}; s=tlsrpt; " {pieces}'),
    half("half-sha1", "the tag h= forbids SHA-256", '"v=DKIM1; k={k}; h=sha1; " {pieces}'),
    half("half-void", r"the record says that the key is withdrawn \(empty p=\)", '"v=DKIM1; k={k}; p="'),
    half("half-chain", r"the CNAME leads to www.half-chain.example, which has no TXT record", cname="www"),
    Row("stale", {"spf": ("propagating", rf"published; the resolver 127.0.0.2:53 still remembers what was there before; {BY}"),
                  "dkim": ("propagating", rf"published; the resolver 127.0.0.2:53 still remembers what was there before; {BY}")},
        before={"@ TXT": ['"v=spf1 -all"'], "KEY TXT": []}, prime=["believing"], negative=240),
    Row("moved", {"spf": ("missing", "there is no SPF record"), "dkim": ("missing", "nothing is published at this name")},
        prime=["validating", "believing"], ns=["other"], moves=True, other="zone", other_lacks=["@ TXT", "KEY TXT"]),
    # ---------------------------------------------------------------- SPF
    Row("none", spf("missing", "there is no SPF record"), {"@ TXT": []}),
    Row("neutral", spf("missing", "192.0.2.10 of mx1 gets neutral: no term of the record matches"),
        {"@ TXT": ['"v=spf1 ip4:203.0.113.99"']}),
    Row("fail", spf("missing", "192.0.2.10 of mx1 gets fail: -all in column 25 of the record of fail.example decides"),
        {"@ TXT": ['"v=spf1 ip4:203.0.113.99 -all"']}),
    Row("softfail", spf("missing", "192.0.2.10 of mx1 gets softfail: ~all in column 8 of the record of softfail.example decides"),
        {"@ TXT": ['"v=spf1 ~all"']}),
    Row("shadowed", spf("conflict", "192.0.2.10 of mx1 gets fail: -ip4:192.0.2.0/24 in column 8 .*decides"),
        {"@ TXT": ['"v=spf1 -ip4:192.0.2.0/24 include:_spf.vendor.example -all"']}),
    Row("eleven", spf("conflict", "receivers answer permerror: more than 10 terms that need a look-up; .* is one too many"),
        {"@ TXT": [written("v=spf1 " + "a:mail.eleven.example " * 10 + "include:_spf.vendor.example -all")]}),
    Row("voids", spf("conflict", r"receivers answer permerror: more than 2 look-ups found nothing \(void lookups\)"),
        {"@ TXT": ['"v=spf1 a:x.voids.example a:y.voids.example a:z.voids.example include:_spf.vendor.example -all"']}),
    Row("hosts", spf("conflict", "receivers answer permerror: hosts.example has more than 10 MX hosts"),
        {"@ TXT": ['"v=spf1 mx include:_spf.vendor.example -all"'], "@ MX": [f"10 mail{n}" for n in range(11)],
         "mail0 A": ["203.0.113.99"]}),
    Row("without", spf("conflict", "receivers answer permerror: a.third.example has no SPF record"),
        {"@ TXT": ['"v=spf1 include:a.third.example include:_spf.vendor.example -all"']}),
    Row("twofold", spf("conflict", "receivers answer permerror: two.third.example has more than one SPF record"),
        {"@ TXT": ['"v=spf1 include:two.third.example include:_spf.vendor.example -all"']}),
    Row("inherited", spf("conflict", "receivers answer permerror: the record of bad.third.example: .*"),
        {"@ TXT": ['"v=spf1 include:bad.third.example include:_spf.vendor.example -all"']}),
    Row("temporary", spf("unknown", f"could not be evaluated: TXT of spf.fails.example: {FAILS}"),
        {"@ TXT": ['"v=spf1 include:spf.fails.example include:_spf.vendor.example -all"']}),
    Row("temporary-a", spf("unknown", f"could not be evaluated: a.fails.example: {FAILS}"),
        {"@ TXT": ['"v=spf1 a:a.fails.example include:_spf.vendor.example -all"']}),
    Row("temporary-mx", spf("unknown", f"could not be evaluated: MX of fails.example: {FAILS}"),
        {"@ TXT": ['"v=spf1 mx:fails.example include:_spf.vendor.example -all"']}),
    Row("bare", spf("unknown", "no relay with an address is registered", dkim=None), client="bare"),
    # ---------------------------------------------------------------- DKIM
    Row("absent", {"dkim": ("missing", "nothing is published at this name")}, {"KEY TXT": []}),
    Row("words", {"dkim": ("conflict", "this is not a DKIM record: .*")}, {"KEY TXT": ['"hello world"']}),
    Row("pair", {"dkim": ("conflict", ".*")}, {"KEY TXT": ["{dkim}", '"hello world"']}),
    Row("void", {"dkim": ("conflict", ".*")}, {"KEY TXT": ['"v=DKIM1; k={k}; p="']}),
    Row("foreign", {"dkim": ("conflict", ".*")}, {"KEY TXT": ["{foreign}"]}),
    Row("tlsrpt", {"dkim": ("conflict", ".*")}, {"KEY TXT": ['"v=DKIM1; k={k}; s=tlsrpt; " {pieces}']}),
    Row("sha1", {"dkim": ("conflict", ".*")}, {"KEY TXT": ['"v=DKIM1; k={k}; h=sha1; " {pieces}']}),
    Row("astray", {"dkim": ("conflict", ".*")}, {"KEY TXT": [], "KEY CNAME": ["nothing.third.example."]}),
    Row("circle", {"dkim": ("unknown", "the CNAMEs lead in circles")},
        {"KEY TXT": [], "KEY CNAME": ["{selector}.circle.third.example."],
         "THIRD {selector}.circle CNAME": ["{selector}._domainkey.circle.example."]}),
    Row("wildcard", {"dkim": ("missing|conflict", ".*")}, {"KEY TXT": [], "* TXT": [SPF]}),
    Row("doubled", {"dkim": ("misplaced", "the panel appended the zone to the name; the record stands at.*")},
        {"KEY TXT": [], "KEY.doubled.example TXT": ["{dkim}"]}),
    Row("keyless", {"dkim": ("missing", "no signing key has been made for this domain yet")}, {"KEY TXT": []}, client="later"),
    Row("pointed", sender={"dkim_publish": "cname"}, changes={"KEY TXT": [], "KEY CNAME": ["{target}"], "TARGET": ["{dkim}"]}),
    Row("unpointed", {"dkim": ("conflict", ".*")}, sender={"dkim_publish": "cname"},
        changes={"KEY TXT": [], "KEY CNAME": ["nothing.third.example."], "TARGET": ["{dkim}"]}),
    Row("ours-lacks", {"dkim": ("match", "the CNAME is right; where it leads: .*")}, sender={"dkim_publish": "cname"},
        changes={"KEY TXT": [], "KEY CNAME": ["{target}"], "TARGET": []}),
    Row("withdrawn", {"dkim": ("match", "the key is withdrawn, as it should be")}, {"KEY TXT": ['"v=DKIM1; k={k}; p="']},
        client="leaky", before={"KEY TXT": ["{dkim}"]}),
    Row("removed", {"dkim": ("match", "the key is no longer published")}, {"KEY TXT": []}, client="leaky",
        before={"KEY TXT": ["{dkim}"]}),
    Row("leaked", {"dkim": ("conflict", r"the key should be withdrawn \(empty p=\)")}, client="leaky",
        before={"KEY TXT": ["{dkim}"]}),
    # ---------------------------------------------------------------- DMARC
    Row("above", {"dmarc": ("match", "the policy is quarantine, from _dmarc.above.example")}, domain="sub.above.example",
        changes={"_dmarc.sub TXT": [], "_dmarc TXT": ['"v=DMARC1; p=quarantine"']}),
    Row("policyless", {"dmarc": ("missing", "no DMARC record here or above")}, {"_dmarc TXT": []}),
    Row("contradicted", {"dmarc": ("conflict", "2 DMARC records at _dmarc.contradicted.example; receivers ignore them all")},
        domain="sub.contradicted.example", changes={"_dmarc.sub TXT": [],
                                                    "_dmarc TXT": ['"v=DMARC1; p=none"', '"v=DMARC1; p=reject"']}),
    Row("quiet", {"dmarc": ("unknown", f"_dmarc.quiet.example: {FAILS}")}, domain="sub.quiet.example",
        changes={"_dmarc.sub TXT": [], "_dmarc TXT": [], "_dmarc CNAME": ["dmarc.fails.example."]}),
    Row("two-policies", {"dmarc": ("conflict", ".*")}, {"_dmarc TXT": ['"v=DMARC1; p=none"', '"v=DMARC1; p=reject"']}),
    Row("no-policy", {"dmarc": ("conflict", ".*")}, {"_dmarc TXT": ['"v=DMARC1; sp=none"']}),
    # ---------------------------------------------------------------- the way back
    Row("implicit", {"return": ("match", "there is no MX record; replies go to the address of the domain itself")},
        {"@ MX": [], "@ A": ["203.0.113.99"]}),
    Row("neither", {"return": ("missing", "replies and bounces cannot be delivered: the domain has neither an MX record nor an "
                                          "address")}, {"@ MX": []}),
    Row("null", {"return": ("missing", r"replies and bounces cannot be delivered: the domain says that it takes no mail "
                                       r"\(null MX\)")}, {"@ MX": ["0 ."]}),
    Row("lost", {"return": ("missing", "replies and bounces cannot be delivered: no host of the MX records has an address")},
        {"@ MX": ["10 nowhere"]}),
    Row("unsure", {"return": ("unknown", "the addresses could not be looked up")}, {"@ MX": ["10 mx.fails.example."]}),
    # ---------------------------------------------------------------- an envelope domain of its own
    Row("bounce", {"mailfrom MX": ("match", ""), "mailfrom TXT": ("match", ""), "spf": None},
        {"bounce MX": ["10 mx1.vendor.example."], "bounce TXT": [SPF]}, sender={"envelope_domain": "bounce.bounce.example"}),
    Row("unbounced", {"mailfrom MX": ("missing", "bounces cannot be delivered: there is no MX record"), "spf": None},
        {"bounce TXT": [SPF]}, sender={"envelope_domain": "bounce.unbounced.example"}),
    Row("elsewhere", {"mailfrom MX": ("conflict", "bounces go to another host"), "spf": None},
        {"bounce MX": ["10 mail"], "bounce TXT": [SPF]}, sender={"envelope_domain": "bounce.elsewhere.example"}),
    # ---------------------------------------------------------------- the URL's host
    Row("nosite", {"site": ("missing", "the host learn.nosite.example: there is no such name")}, sender={"site": True}),
    Row("textsite", {"site": ("missing", "the host learn.textsite.example: there is no such record")},
        {"learn TXT": ['"x"']}, sender={"site": True}),
    Row("failsite", {"site": ("unknown", f"the host learn.failsite.example: {FAILS}")},
        {"learn CNAME": ["www.fails.example."]}, sender={"site": True}),
    # ---------------------------------------------------------------- done without
    Row("waived", {"dkim": ("waived", "their gateway signs")}, {"KEY TXT": []}),
]

# The clients whose servers answer.
QUICK = ("lms/acme", "lms/solid", "lms/leaky", "bare/bare")

# Whose sentences must be said here.
SOURCES = ["core/verify/" + name for name in (
    "authorisation_check.c", "authority.c", "dkim_check.c", "dmarc_check.c", "dns_message.c", "domain_check.c",
    "return_check.c", "site_check.c", "spf_guard.c", "spf_hook.c", "spf_loader.c", "verdict.c", "visibility.c",
    "zone_cut.c")]
# What no world makes check say, and why it is there all the same.
NEVER = {
    "internal error: the check did not come to an end": "a mistake of ours, if there is one",
    "it answered": "for completeness of a table: asked for only where it did not",
    "the domain has no smarthost": "the database lets no domain be direct without one",
    "this is not a domain name": "the registry takes none, DNS brings none, and SPF's macros are looked at before",
    "the record cannot be compiled": "libspf2 runs out of memory",
    "too many records": "a bound behind the ten terms, which end the evaluation before it",
}

# Of keys behind slots and delegations: tests/flow/41-publish.sh has them.
ELSEWHERE = ("it leads to the place of a later key", "this name is not delegated to our name servers",
             "this name is delegated, but not to all of our servers")


class States:
    def __init__(self, world):
        self.world, self.desk, self.net = world, Desk(world, BUILD), Internet(world)
        self.keys = {}

    # ------------------------------------------------------------ the registry

    def client(self, name, rows):
        senders = []
        for row in rows:
            sender = dict({"address": "news@" + row.domain, "mode": "relayed"}, **row.sender)
            if "site" in sender:
                sender["site"] = f"https://learn.{row.domain}/"
            senders.append(sender)
        sites = [{"url": sender["site"], "audience": "all"} for sender in senders if "site" in sender]
        return {"name": name, "title": name, "language": "en", "contact": "it@acme.example", "logins": [name + "-app"],
                "sites": sites, "senders": senders}

    def provision(self):
        clients = {row.client for row in ROWS}
        relays = [{"name": "mx1", "helo": "mx1.vendor.example", "mta": "postfix", "signer": "opendkim",
                   "addresses": ["192.0.2.10"]}]
        file = {"providers": [
            {"name": name, "title": name, "hosting_domain": hosting, "default_sender": "no@" + hosting,
             "spf_host": "_spf.vendor.example", "language": "en", "contact": "pm@vendor.example", "relays": relay,
             "clients": [self.client(each, [row for row in ROWS if row.client == each]) for each in sorted(clients)
                         if (each == "bare") == (name == "bare")]}
            for name, hosting, relay in (("lms", "learning.vendor.example", relays), ("bare", "bare.vendor.example", []))]}
        path = self.world.write("vendor.json", json.dumps(file))
        self.world.write("senderctl.conf",
                         f'dns {{ resolvers = {{"{VALIDATING}:53", "{BELIEVING}:53"}} timeout = 3.0 }}\n')
        self.desk.do("up")
        self.desk.do("import", path)
        # RSA keys take their time: a few must do.
        for client, algorithm in (("acme", "ed25519"), ("slow", "ed25519"), ("leaky", "ed25519"), ("solid", "rsa")):
            self.desk.do("key", "generate", "lms/" + client, "--algorithm", algorithm)
            for row in self.desk.ask("record", "list", "lms/" + client, status=(0, 1)):
                if row["purpose"] == "dkim" and row["type"] in ("TXT", "CNAME"):
                    self.know_key(row)
        self.desk.do("handover", "issue", "lms/leaky")
        self.desk.do("sender", "waive", "news@waived.example", "--purpose", "dkim", "--reason", "their gateway signs")

    def know_key(self, row):
        """What is to be published for a domain: at the name itself, or where a CNAME leads."""
        name = row["name"].rstrip(".")
        if name.endswith("._domainkey.learning.vendor.example"):
            domain, selector = name.removesuffix("._domainkey.learning.vendor.example").split(".", 1)[::-1]
            self.keys.setdefault(domain, {})["selector"] = selector     # of the slots, the one that holds a key
        else:
            selector, domain = name.split("._domainkey.")
        key = self.keys.setdefault(domain, {})
        key.setdefault("selector", selector)
        if row["type"] == "CNAME":
            key.setdefault("targets", {})[selector] = row["value"].rstrip(".") + "."
        else:
            key["dkim"] = " ".join(map(written, row["strings"]))
            body = "".join(row["strings"]).split("; ")[-1]
            key["pieces"], key["k"] = written(body), "rsa" if "k=rsa" in key["dkim"] else "ed25519"

    # ------------------------------------------------------------ DNS

    def target(self, domain):
        """Where the CNAME of the slot leads that holds a key."""
        key = self.keys[domain]
        return key["targets"][key["selector"]]

    def fill(self, row, text):
        key = dict(self.keys.get(row.domain, {"selector": "none"}), foreign=self.keys["well.example"]["dkim"])
        if key.pop("targets", None):
            key["target"] = self.target(row.domain)
        for word, value in key.items():
            text = text.replace("{" + word + "}", value)
        return text

    def put(self, row, zone, changes, lacks=()):
        """Make the zone what the row says."""
        below = row.domain.removesuffix(row.zone_name).rstrip(".")
        selector = self.keys.get(row.domain, {"selector": "none"})["selector"]
        records = {}
        for place, values in GOOD.items():
            owner, kind = place.split(" ")
            owner = owner if not below else below if owner == "@" else f"{owner}.{below}"
            records[f"{owner} {kind}"] = [value if value != "10 mail" or not below else "10 mail." + below for value in values]
        records.update(changes)
        for place, values in records.items():
            if place in lacks:
                continue
            *where, owner, kind = self.fill(row, place.replace("TARGET", "THERE - TXT")).split(" ")
            owner = owner.replace("KEY", selector + "._domainkey")
            values = [self.fill(row, value) for value in values]
            if where == ["THIRD"]:
                self.third.put(owner, kind, *values)
            elif where == ["THERE"]:
                target = self.target(row.domain).removesuffix(".learning.vendor.example.")
                self.hosting.put(target, "TXT", *values)
            else:
                zone.put(owner, kind, *values)

    def build(self):
        vendor, self.third = self.net.zone("vendor.example"), self.net.zone("third.example")
        self.hosting = self.net.zone("learning.vendor.example")
        vendor.put("_spf", "TXT", '"v=spf1 ip4:192.0.2.10 -all"')
        vendor.put("mx1", "A", "192.0.2.10")
        self.third.put("a", "CNAME", "b")
        self.third.put("two", "TXT", '"v=spf1 -all"', '"v=spf1 ~all"')
        self.third.put("bad", "TXT", '"v=spf1 ip4:300.1.1.1 -all"')
        self.net.zone("fails.example", ns=["other"]).other = "broken"
        for row in ROWS:
            more = {word: row.served.pop(word) for word in ("forged", "parents_ns", "mute") if word in row.served}
            row.zone = self.net.zone(row.zone_name, **row.served)
            row.zone.__dict__.update(more)
            self.put(row, row.zone, dict(row.changes, **(row.before or {})))
            if row.other == "zone":
                row.zone.other = Zone(row.zone_name, **row.served)
                self.put(row, row.zone.other, dict(row.changes, **row.other_has), row.other_lacks)
            else:
                row.zone.other = row.other

    def prime(self):
        """Resolvers remember what is there before the change."""
        for row in ROWS:
            selector = self.keys.get(row.domain, {"selector": "none"})["selector"]
            for resolver in row.prime:
                address = {"validating": VALIDATING, "believing": BELIEVING}[resolver]
                for name, kind in ((row.domain, "TXT"), (row.domain, "NS"), (row.domain, "SOA"), (row.domain, "MX"),
                                   (f"{selector}._domainkey.{row.domain}", "TXT"), ("_dmarc." + row.domain, "TXT")):
                    self.net.reply(address, name, kind, recurse=True)

    def change(self):
        for row in ROWS:
            if row.before:
                self.put(row, row.zone, row.changes)
                for place in row.before:
                    self.put(row, row.zone, {place: row.changes.get(place, GOOD.get(place, []))})
            if row.moves:
                row.zone.ns = ["ns1", "ns2"]
                self.net.adopt(row.zone)
        self.net.publish()

    # ------------------------------------------------------------ what check makes of it

    def look(self, *words, what=("--all",)):
        return {each["domain"]: each for each in self.desk.ask(*words, "check", *what, status=(0, 1, 2, 3))["domains"]}

    def requirement(self, row, domains, purpose):
        word, _, kind = purpose.partition(" ")
        selector = self.keys.get(row.domain, {"selector": ""})["selector"]
        found = [each for each in domains[row.domain]["requirements"]
                 if each["purpose"] == word and kind in ("", each["type"])
                 and (word != "dkim" or each["name"].startswith(selector) and each["name"].endswith(row.domain))]
        return found[0] if found else {"state": "not asked", "explanation": "", "observations": []}

    def judge(self, domains):
        for row in ROWS:
            faults = []
            for purpose, want in row.wants.items():
                if want is None:
                    continue
                got = self.requirement(row, domains, purpose)
                if not re.fullmatch(want[0], got["state"]) or not re.fullmatch(want[1] or ".*", got["explanation"], re.S):
                    faults.append(f"{purpose}: {got['state']}: {got['explanation']}\n  not {want[0]}: {want[1]}")
            said = "; ".join(f"{purpose} {want[0]}" for purpose, want in row.wants.items()
                             if want and (want[0] != "match" or want[1]))
            tap.ok(not faults, f"{row.domain}: {said or 'everything matches'}", "\n".join(faults))


    def expose(self):
        """Keys that were published, and then got into wrong hands."""
        self.desk.do("check", "lms/leaky")
        for row in ROWS:
            if row.client == "leaky":
                self.desk.do("key", "revoke", row.domain, self.keys[row.domain]["selector"], "--compromised", "--yes",
                             "--confirm", row.domain)

    def aside(self, language):
        """What only a resolver says that no zone would send, and what stands beside the terms of an evaluation."""
        soaless = self.desk.run("--lang", language, "--json", "--dry-run", "--resolver", SOALESS, "check", "well.example")
        trace = [self.desk.run("--lang", language, "--json", "spf", "eval", "--trace", "--ip", "192.0.2.10", "--mail-from",
                               "news@" + domain, "--helo", "mx1.vendor.example")[1] for domain in ("without.example",)]
        return [each for _, out, _ in [soaless] for each in texts({"": json.loads(out)["domains"][0]})] + trace

    def row(self, name):
        return next(row for row in ROWS if row.zone_name == name)

    def look_behind(self, statement):
        return run("psql", "-XAtq", "-h", self.world.path("state/run/db"), "-U", "senderctl_admin", "senderctl",
                   "-c", "SET search_path = senderctl", "-c", statement).stdout.strip()


def texts(domains):
    return [each["explanation"] for domain in domains.values() for each in domain["requirements"]]


def states_of(domains):
    return {(domain, each["purpose"], each["type"], each["name"]): each["state"]
            for domain, all_of_it in domains.items() for each in all_of_it["requirements"]}


def moment_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def judge_bits(states, domains):
    """AD is what the validating resolver says of signed zones, and nobody else."""
    for name, wanted in (("signed.example", True), ("well.example", False)):
        for purpose in ("spf", "dkim"):
            seen = {each["server"]: each["ad"] for each in
                    states.requirement(states.row(name), domains, purpose)["observations"]}
            tap.same({server for server, ad in seen.items() if ad}, {VALIDATING + ":53"} if wanted else set(),
                     f"{name}: the AD bit of {purpose} is the validating resolver's, of a signed zone")
    kept = states.look_behind("""SELECT string_agg(DISTINCT d.name || ' ' || o.server, ', ') FROM observation o
                                   JOIN domain d ON d.id = o.domain_id WHERE o.ad AND o.purpose IN ('spf', 'dkim')""")
    tap.same(kept, ", ".join(f"{name} {VALIDATING}:53" for name in ("forged.example", "signed.example")),
             "so it is kept with the observations (of what is forged, the key is not)")
    tap.same(states.look_behind("""SELECT string_agg(DISTINCT o.server || ' ' || o.rcode, ', ') FROM observation o
                                   JOIN domain d ON d.id = o.domain_id WHERE d.name = 'forged.example'
                                   AND o.rcode <> 'NOERROR'"""), f"{VALIDATING}:53 SERVFAIL",
             "and who failed about forged signatures")


def judge_moments(states, domains, primed):
    """"Visible everywhere by": refresh of the zone and the longest memory; what a resolver has left to remember."""
    def seen_by(name, purpose):
        found = states.requirement(states.row(name), domains, purpose)
        at = min(moment_of(each["at"]) for each in found["observations"])
        shown = re.search(BY + "$", found["explanation"])
        tap.same(shown and shown[1], datetime.datetime.fromtimestamp(moment_of(found["visible_by"]),
                                                                     datetime.timezone.utc).strftime("%H:%M"),
                 f"{name}: {purpose} is said to be visible by the moment that is stored")
        return moment_of(found["visible_by"]), at
    for purpose in ("spf", "dkim", "dmarc"):
        by, at = seen_by("split.example", purpose)
        tap.ok(abs(by - at - 3600 - 300) < 30, f"split.example: {purpose} by refresh (1 h) and TTL (5 min) from now", by - at)
    for purpose, ttl in (("spf", 300), ("dkim", 240)):
        by, _ = seen_by("stale.example", purpose)
        tap.ok(0 <= primed + ttl + 2 - by < 20, f"stale.example: {purpose} when the {ttl} s are over that it was remembered",
               by - primed)


def judge_languages(states, english):
    german = states.look("--dry-run", "--lang", "de")
    # A busy machine can make those that hardly answer differ from one look to the next.
    slow = {row.domain for row in ROWS if row.client == "slow"}
    differing = [key for key, state in states_of(english).items() if states_of(german).get(key) != state and key[0] not in slow]
    tap.same(differing, [], "in German everything is in the same state")
    said = {"English": (texts(english) + states.aside("en"), lambda sentence: sentence)}
    sources = [os.path.join(SOURCE, path) for path in SOURCES]
    wanted = sentences.of(*sources)
    translated = sentences.german(SOURCE, wanted)
    said["German"] = (texts(german) + states.aside("de"), translated.get)
    tap.note(f"{len(wanted)} sentences in {len(sources)} sources")
    for language, (those, form) in said.items():
        unsaid = set(sentences.unsaid(map(form, wanted), those))
        missing = [each for each in wanted if form(each) in unsaid]
        tap.same(missing, sorted([*NEVER, *ELSEWHERE]), f"{language}: every sentence was said, but those that cannot be")
    return german


def judge_people(states, domains):
    """What people read has the same sentences."""
    for language in ("en", "de"):
        _, out, _ = states.desk.run("--lang", language, "--dry-run", "check", *QUICK)
        flat = " ".join(out.split())
        slow = {row.domain for row in ROWS if row.client == "slow"}
        told = [each for each in texts({name: of for name, of in domains[language].items() if name not in slow})
                if not re.search(r"\d\d:\d\d$", each)]
        lacking = [each for each in told if " ".join(each.split()) not in flat]
        tap.same(lacking, [], f"people read all of it, too ({language})")


def judge_states(states, domains):
    seen = set(states_of(domains).values())
    tap.same(seen, {"match", "conflict", "missing", "unknown", "misplaced", "propagating", "waived"},
             "every state there is was seen")
    for name, verdict, status in (("well.example", "ok", 0), ("fail.example", "missing", 1), ("foreign.example", "conflict", 1),
                                  ("lame.example", "unknown", 3), ("split.example", "unknown", 3), ("waived.example", "ok", 0),
                                  ("doubled.example", "missing", 1)):
        got, out, _ = states.desk.run("--json", "--dry-run", "check", name)
        tap.same((json.loads(out)["domains"][0]["verdict"], got), (verdict, status),
                 f"check {name} is {verdict}, and ends with {status}")


def told(world):
    states = States(world)
    states.provision()
    states.build()
    states.net.start()
    states.expose()
    states.prime()
    primed = time.time()
    states.change()

    tap.note("one look at all of them")
    english = states.look()
    states.judge(english)
    judge_bits(states, english)
    judge_moments(states, english, primed)

    tap.note("in two languages, for programs and for people")
    german = judge_languages(states, english)
    judge_people(states, {"en": english, "de": german})
    judge_states(states, english)

    tap.note("when resolvers have forgotten")
    states.net.forget()
    late = states.look("--dry-run", what=QUICK)
    for name in ("stale.example", "moved.example"):
        got = {purpose: states.requirement(states.row(name), late, purpose)["state"] for purpose in PURPOSES}
        tap.same(got, dict.fromkeys(PURPOSES, "match"), f"{name}: everything matches")


if __name__ == "__main__":
    tap.run(lambda: play(told))
