#!/usr/bin/python3
"""What the monitor tells, by real ways: a webhook over HTTPS, mail through Postfix; of certificates and keys, too.

A client's URL has a certificate with ten days left, and its key has signed for more than a year.  Each is told
once, by both ways.  The webhook's receiver first has a certificate of an authority that nobody here knows, then
one for another host: both are refused, with a sentence, and nothing is lost by it.
"""

import base64
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import email
import email.policy

import mta
import tap
from desk import Desk
from names import Names
from sink import Sink
from world import play, run, wait_for

BUILD, SOURCE = os.environ.get("top_builddir", "."), os.environ.get("top_srcdir", ".")
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


class Told:
    def __init__(self, world):
        self.world, self.desk, self.names = world, Desk(world, BUILD), Names(world)

    def build(self):
        for address in ("192.0.2.10", "192.0.2.25", "198.51.100.25"):
            self.world.host(address)
        for zone in ("vendor.example", "acme.example", "receiver.example"):
            self.names.zone(zone)
        self.names.add("acme.example", 'acme.example. IN TXT "v=spf1 include:_spf.vendor.example -all"',
                       "acme.example. IN MX 10 mail.acme.example.", "mail.acme.example. IN A 203.0.113.99",
                       '_dmarc.acme.example. IN TXT "v=DMARC1; p=none"', "learn.acme.example. IN A 127.0.0.1")
        self.names.add("vendor.example", '_spf.vendor.example. IN TXT "v=spf1 ip4:192.0.2.10 -all"',
                       "hook.vendor.example. IN A 127.0.0.1")
        self.names.add("receiver.example", "receiver.example. IN MX 10 mx.receiver.example.",
                       "mx.receiver.example. IN A 198.51.100.25")
        self.names.start()
        self.sink = Sink(self.world, "198.51.100.25")
        self.ca = mta.Authority(self.world, "customers")
        self.inside = mta.Authority(self.world, "vendors")
        self.postfix = mta.Postfix(self.world, "mail.vendor.example", "192.0.2.25", self.inside, {"pm": "unused"})
        self.postfix.start()
        key, cert = self.ca.issue("learn.acme.example", days=10)
        place = self.world.path("website")
        self.site = self.serve("website", place, "website.py", place, cert, key, "200")

    def serve(self, name, place, *words):
        """Start a server of the test that writes its port to this place."""
        program, *rest = words
        self.world.spawn(name, "/usr/bin/python3", "-B", os.path.join(SOURCE, "tests/lib", program), *rest)
        return int(wait_for(name, lambda: os.path.exists(place) and open(place).read()))

    def receive(self, authority, host):
        """The webhook's receiver, with a certificate of this authority for this host; its port."""
        self.world.stop("hook")
        folder = self.world.folder("hook")
        place = os.path.join(folder, "port")
        if os.path.exists(place):
            os.remove(place)
        key, cert = authority.issue(host)
        self.port = self.serve("hook", place, "hook.py", folder, cert, key)
        self.configure()

    def configure(self):
        sendmail = self.world.write("sendmail", f'#!/bin/sh\nexec /usr/sbin/sendmail -C {self.postfix.conf} "$@"\n', 0o755)
        self.world.write("senderctl.conf", f"""dns {{ resolvers = {{"127.0.0.1:53"}} timeout = 3.0 }}
probe {{ ca_file = "{self.ca.cert}" }}
monitor {{
	mail_to = {{"pm@receiver.example"}} mail_from = "senderctl@vendor.example" sendmail = "{sendmail}"
	webhook = "https://hook.vendor.example:{self.port}/secret-path"
}}
""")

    def provision(self):
        url = f"https://learn.acme.example:{self.site}/"
        file = {"providers": [
            {"name": "lms", "title": "Vendor", "hosting_domain": "learning.vendor.example",
             "default_sender": "no@learning.vendor.example", "spf_host": "_spf.vendor.example", "language": "en",
             "contact": "pm@vendor.example", "relays": [{"name": "mx1", "helo": "mx1.vendor.example", "mta": "postfix",
                                                         "signer": "opendkim", "addresses": ["192.0.2.10"]}],
             "clients": [{"name": "acme", "title": "Acme", "language": "en", "contact": "it@acme.example", "logins": ["acme-app"],
                          "sites": [{"url": url, "audience": "all"}],
                          "senders": [{"address": "news@acme.example", "mode": "relayed", "site": url}]}]}]}
        self.desk.do("up")
        self.desk.do("import", self.world.write("vendor.json", json.dumps(file)))
        self.desk.do("key", "generate", "acme.example")
        record = next(row for row in self.desk.ask("record", "list", "acme.example", status=(0, 1)) if row["purpose"] == "dkim")
        self.names.add("acme.example", record["name"].rstrip(".") + ". IN TXT " +
                       " ".join('"' + part + '"' for part in record["strings"]))
        self.names.publish()

    def look_behind(self, statement):
        return run("psql", "-XAtq", "-h", self.world.path("state/run/db"), "-U", "senderctl_admin", "senderctl",
                   "-c", "SET search_path = senderctl", "-c", statement).stdout.strip()

    def age_key(self):
        """The key has signed for 400 days: nobody but the master of the database can say so."""
        self.look_behind("""SET session_replication_role = replica; UPDATE dkim_key SET generated_at = now() - interval '401 days',
            publish_pending_at = now() - interval '401 days', seen_since = now() - interval '401 days',
            published_at = now() - interval '401 days', usable_at = now() - interval '400 days', probes = 3, ttl_seen = 1,
            active_at = now() - interval '400 days'""")

    def watch(self, again=False):
        """Everything is due: one round of the monitor."""
        self.look_behind("UPDATE watch SET due_at = now()")
        if again:
            self.look_behind("UPDATE channel SET next_at = now()")
        return self.desk.run("monitor", "--once")

    def changes(self):
        return sorted(self.look_behind("SELECT kind FROM change").split())

    def problem(self):
        return "\n".join(self.desk.run("monitor", "--status")[1:])

    def notices(self):
        folder = self.world.path("hook")
        return [json.loads(base64.b64decode(json.load(open(os.path.join(folder, name)))["body"]))
                for name in sorted(os.listdir(folder)) if name.endswith(".json")]


def judge_certificates(told):
    tap.note("a webhook with a certificate that nobody here knows")
    told.receive(told.inside, "hook.vendor.example")
    told.watch()
    tap.same(told.changes(), ["certificate", "key-age", "verified"], "all is there, a certificate ends soon, a key is old")
    said = told.problem()
    tap.ok("its certificate is not accepted: unable to get local issuer certificate" in said, "it is refused, and said why", said)
    tap.same(told.notices(), [], "nothing was posted")

    tap.note("its authority is taken into the system's list; the certificate is for another host")
    trusted = told.world.write("authorities.pem", open(told.inside.cert).read())
    run("mount", "--bind", trusted, AUTHORITIES)
    told.receive(told.inside, "other.vendor.example")
    told.watch(again=True)
    said = told.problem()
    tap.ok("its certificate is not accepted: it is for another host" in said, "it is refused, and said why", said)
    tap.ok("secret-path" not in said + told.world.logs(), "the URL is told to nobody")
    tap.same(told.notices(), [], "nothing was posted")


def judge_notices(told):
    tap.note("and then everything is right")
    told.receive(told.inside, "hook.vendor.example")
    told.watch(again=True)
    notices = {each["change"]: each for each in told.notices()}
    tap.same(sorted(notices), ["certificate", "key-age", "verified"], "each change is posted over HTTPS")
    tap.same(len(told.notices()), 3, "once")
    tap.ok("certificate" in notices and notices["certificate"]["detail"]["days"] == 9
           and "learn.acme.example" in notices["certificate"]["sentence"], "how many days are left, and whose it is",
           notices.get("certificate"))
    tap.ok("key-age" in notices and notices["key-age"]["detail"]["days"] == 400, "for how long the key has signed",
           notices.get("key-age"))
    tap.same(told.desk.run("monitor", "--status")[0], 0, "monitor --status is content")
    told.watch(again=True)
    tap.same((told.changes(), len(told.notices())), (["certificate", "key-age", "verified"], 3), "nothing is told twice")


def letter(mail):
    parsed = email.message_from_bytes(mail["data"], policy=email.policy.default)
    return parsed, parsed.get_content()


def judge_mail(told):
    tap.note("mail, through Postfix's own sendmail")
    mail = told.sink.wait("=?" if told.sink.find("=?") else "[lms]")
    parsed, body = letter(mail)
    tap.same((mail["mail_from"], mail["rcpt"], mail["peer"]), ("senderctl@vendor.example", ["pm@receiver.example"], "192.0.2.25"),
             "what is urgent left at once, through the vendor's Postfix")
    tap.ok("everything that was agreed on is there" in parsed["Subject"], "with what changed in its subject", parsed["Subject"])
    before = len(told.sink.mails)
    told.look_behind("UPDATE channel SET digested_at = now() - interval '1 day'")
    told.watch(again=True)
    wait_for("the mail of the day", lambda: len(told.sink.mails) > before)
    parsed, body = letter(told.sink.mails[-1])
    for part in ("learn.acme.example", "400 days", "9 days"):
        tap.ok(part in body, f"the mail of the day says: {part}", body)
    tap.ok(not parsed.defects and parsed["Auto-Submitted"] == "auto-generated", "it came through whole", parsed.defects)
    before = len(told.sink.mails)
    told.look_behind("UPDATE channel SET digested_at = now() - interval '1 day'")
    told.watch(again=True)
    wait_for("the next day's", lambda: len(told.sink.mails) > before)
    tap.same(letter(told.sink.mails[-1])[1].strip(), "lms: the one domain as yesterday", "the next day is one line")


def story(world):
    told = Told(world)
    told.build()
    told.port = 1
    told.configure()
    told.provision()
    told.desk.do("check", "acme.example")
    told.age_key()
    judge_certificates(told)
    judge_notices(told)
    judge_mail(told)


if __name__ == "__main__":
    tap.run(lambda: play(story))
