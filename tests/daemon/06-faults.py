#!/usr/bin/python3
"""Everything that can be wrong with a customer's server or URL, from real servers, and the sentence about it.

One row is one domain with a server of its own: what is wrong with it and what check must say.  Postfix plays
what a Postfix can be made to do; what none of them does is played by tests/lib/submission.py and website.py.
At the end each word of wire_fault.c was met, and each sentence was said in English and in German.
"""

import json
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import mta
import sentences
import tap
from desk import Desk
from names import Names
from sink import Sink
from world import play, run, wait_for

BUILD, SOURCE = os.environ.get("top_builddir", "."), os.environ.get("top_srcdir", ".")
ADDRESS, SIX, OTHER = "203.0.113.30", "2001:db8::30", "203.0.113.31"
PASSWORD = "hop: any#chars, 2 blanks"
HERE = ["A " + ADDRESS]
OLD = ("-o smtpd_tls_mandatory_protocols={0} -o smtpd_tls_protocols={0} "
       "-o tls_medium_cipherlist=ALL:@SECLEVEL=0 -o tls_high_cipherlist=ALL:@SECLEVEL=0")


class Row:
    """A domain NAME.example in mode direct behind smtp.NAME.example; or with `page`, a URL of its own."""

    def __init__(self, name, state, fault, sentence, *, postfix=None, certificate=None, played=None, page=None, at=None,
                 tls="starttls", senders=("news",), password=PASSWORD, port=None, url=None):
        self.name, self.domain, self.state, self.fault, self.sentence = name, name + ".example", state, fault, sentence
        self.postfix, self.certificate, self.played, self.page = postfix, certificate, played, page
        self.at, self.tls, self.senders, self.password, self.port = at or HERE, tls, senders, password, port
        self.url = url
        self.host = ("www." if page else "smtp.") + self.domain


REFUSED = "-o smtpd_delay_reject=no -o smtpd_client_restrictions="
MANY = [f"x{n}" for n in range(7)]
ROWS = [
    # ---------------------------------------------------------------- well
    Row("good", "match", "good", r"its certificate is valid until \d{4}-\d\d-\d\d; the login works, and 1 sender is accepted",
        postfix=""),
    Row("pair", "match", "good", "the login works, and 2 senders are accepted", postfix="", senders=("news", "press")),
    Row("implicit", "match", "good", "the login works", postfix="-o smtpd_tls_wrappermode=yes", tls="implicit"),
    Row("strict", "match", "good", "the login works", postfix="-o smtpd_tls_mandatory_protocols=TLSv1.2"),
    Row("six", "match", "good", "the login works", postfix="", at=["AAAA " + SIX]),
    Row("early-auth", "match", "good", "the login works",
        postfix="-o smtpd_tls_security_level=may -o smtpd_tls_auth_only=no"),
    Row("days", "match", "good", r"its certificate ends in 4 days, on \d{4}-\d\d-\d\d", postfix="", certificate="days"),
    Row("day", "match", "good", r"its certificate ends in 1 day, on \d{4}-\d\d-\d\d", postfix="", certificate="day"),
    Row("secretless", "match", "good", "no password is stored, so the login was not tried", postfix="", password=None),
    Row("half-dead", "match", "good", f"the login works, .*; its address {SIX} refuses connections", postfix="-4",
        at=HERE + ["AAAA " + SIX]),
    Row("half-away", "match", "good", "the login works, .*; its address 2001:db8:77::1 is not reachable from here", postfix="",
        at=HERE + ["AAAA 2001:db8:77::1"]),
    # ---------------------------------------------------------------- reaching it
    Row("closed", "missing", "refused", r"smtp.closed.example refuses connections to port \d+: nothing listens there", port=4587),
    Row("away", "unknown", "unreachable", "smtp.away.example is not reachable from here on port 587", at=["A 198.18.77.1"],
        port=587),
    Row("filtered", "unknown", "unreachable", "smtp.filtered.example is not reachable from here on port 587: there is a firewall, "
        "or the server is behind a VPN", at=["A " + OTHER], port=587),
    Row("vpn", "unknown", "private-address", "its address 10.9.8.7 is private: smtp.vpn.example can be reached only from inside",
        at=["A 10.9.8.7"], port=587),
    # ---------------------------------------------------------------- talking at all
    Row("mute", "unknown", "silent", "smtp.mute.example takes the connection and then gives no answer in time", played="silent",
        password=None),
    Row("rude", "unknown", "hung-up", "the server ended the conversation", played="hangup"),
    Row("endless", "conflict", "endless", "the server sends endless lines", played="endless"),
    Row("web", "conflict", "not-smtp", "this is not an SMTP server", played="http"),
    Row("injected", "conflict", "early", "the server sends before the encryption begins", played="early"),
    Row("busy", "unknown", "later", r"the server asks us to come back later: 4\d\d ", postfix=REFUSED + "defer"),
    Row("stern", "conflict", "rejected", "the server does not want to talk to us: 554 ", postfix=REFUSED + "reject"),
    # ---------------------------------------------------------------- encryption
    Row("clear", "conflict", "no-starttls", "the server does not offer STARTTLS",
        postfix="-o smtpd_tls_security_level=none -o smtpd_tls_auth_only=no"),
    Row("plain-25", "conflict", "no-starttls", "the password would travel for everybody to read", port=25,
        postfix="-o smtpd_tls_security_level=none -o smtpd_sasl_auth_enable=no -o smtpd_relay_restrictions=reject"),
    Row("keyless", "conflict", "starttls-refused", "the server offers STARTTLS and then refuses it: 501", played="nostart"),
    Row("tls-1.1", "conflict", "tls-old", "the server speaks nothing better than TLSv1.1", postfix=OLD.format("TLSv1.1")),
    Row("tls-1.0", "conflict", "tls-old", "the server speaks nothing better than TLSv1, ", postfix=OLD.format("TLSv1")),
    Row("alien", "conflict", "tls-none", "TLS 1.2 or better cannot be agreed on: ",
        postfix="-o smtpd_tls_mandatory_protocols=TLSv1.2 -o tls_medium_cipherlist=PSK -o tls_high_cipherlist=PSK"),
    Row("misnamed", "conflict", "certificate-name", "its certificate is for mail.other.example, not for smtp.misnamed.example",
        postfix="", certificate="misnamed"),
    Row("self", "conflict", "certificate-self-signed", "its certificate is signed by itself", postfix="", certificate="self"),
    Row("expired", "conflict", "certificate-expired", "its certificate, or one in its chain, expired on 2021-03-01", postfix="",
        certificate="expired"),
    Row("future", "conflict", "certificate-not-yet", "its certificate is not valid before 2098-01-01", postfix="",
        certificate="future"),
    Row("foreign", "conflict", "certificate-unknown", "its certificate comes from strangers test authority, which is not trusted",
        postfix="", certificate="foreign"),
    Row("client", "conflict", "certificate-bad", "its certificate is not good for smtp.client.example: ", postfix="",
        certificate="client"),
    # ---------------------------------------------------------------- logging in, and sending
    Row("no-auth", "conflict", "no-auth", "the server does not offer AUTH: nobody can log in there",
        postfix="-o smtpd_sasl_auth_enable=no -o smtpd_relay_restrictions=reject"),
    Row("odd-auth", "conflict", "no-mechanism", "the server offers AUTH only by CRAM-MD5; PLAIN or LOGIN is needed",
        postfix="-o smtpd_sasl_path=odd"),
    Row("wrong", "conflict", "login-wrong", "the server does not accept the user relay with the stored password: 535",
        postfix="", password="something else"),
    Row("denied", "conflict", "login-denied", "the server does not let relay log in this way: 530", played="denied"),
    Row("directory", "unknown", "login-later", "the server cannot check the password just now: 454", postfix="-o smtpd_sasl_path=away"),
    Row("stranger", "conflict", "sender-refused", "relay is not allowed to send as press@stranger.example: 553", postfix="",
        senders=("news", "press")),
    Row("grey", "unknown", "sender-later", "the server does not say yet whether relay may send as news@grey.example: 450",
        postfix="-o smtpd_delay_reject=no -o smtpd_sender_restrictions=defer"),
    Row("six-refused", "conflict", "sender-refused", "and 1 more sender", postfix="", senders=MANY[:6]),
    Row("many-refused", "conflict", "sender-refused", "and 2 more senders", postfix="", senders=MANY),
    # ---------------------------------------------------------------- the URL
    Row("page", "match", "good", r"its certificate is valid until \d{4}-\d\d-\d\d", page=["200"]),
    Row("open-page", "match", "good", r"the URL works, without encryption \(http\)", page=["200"], certificate="-"),
    Row("ssh", "conflict", "not-http", "this is not a web server", page=["ssh"], certificate="-"),
    Row("no-page", "conflict", "page-missing", "there is no such page on www.no-page.example: 404", page=["404"]),
    Row("sick", "unknown", "page-fails", "the web server fails just now: 503", page=["503"]),
    Row("parked", "conflict", "moved-host", "the URL leads away from www.parked.example, to https://parking.example/",
        page=["302", "https://parking.example/"]),
    Row("downgrade", "conflict", "moved-clear", "the URL leads to a page without encryption: http://www.downgrade.example/",
        page=["302", "http://www.downgrade.example/"]),
]
# Faults that no server can be made to show, and where they come from.
NEVER = {
    "all is well with {host}": "what there is to say of a good server is more than that",
    "the host {host} has no address": "check says before what DNS says: there is no such name, or no such record",
}
# Senders that the customer's Postfix lets "relay" be.
MINE = [f"news@{row.domain}" for row in ROWS] + ["press@pair.example"]


class Faults:
    def __init__(self, world):
        self.world, self.desk, self.names = world, Desk(world, BUILD), Names(world)
        self.made = 0

    # ------------------------------------------------------------ servers

    def certificates(self):
        """What a certificate can be, by word; each for one host."""
        self.ours, self.strangers = mta.Authority(self.world, "customers"), mta.Authority(self.world, "strangers")
        self.world.folder("ca/books")

    def certificate(self, row):
        host = row.host
        if row.certificate == "self":
            return mta.Authority(self.world, "self", host).files()
        if row.certificate == "foreign":
            return self.strangers.issue(host)
        more = {"misnamed": dict(host="mail.other.example"), "days": dict(days=5), "day": dict(days=2),
                "expired": dict(between=("20200101000000Z", "20210301000000Z")),
                "future": dict(between=("20980101000000Z", "20990101000000Z")),
                "client": dict(usage="clientAuth")}.get(row.certificate, {})
        return self.ours.issue(**dict({"host": host}, **more))

    def serve(self):
        self.certificates()
        users = {"relay": PASSWORD}
        self.postfix = mta.Postfix(self.world, "smtp.good.example", ADDRESS, self.ours, users)
        place = os.path.join(self.postfix.conf, "sasl")
        self.world.write(place + "/odd.conf", open(place + "/smtpd.conf").read().replace("PLAIN LOGIN", "CRAM-MD5"))
        self.world.write(place + "/away.conf", "pwcheck_method: saslauthd\nmech_list: PLAIN LOGIN\n"
                         f"saslauthd_path: {self.world.path('nobody')}\n")
        services, port = "", 2000
        for row in ROWS:
            port += 1
            row.port = row.port or port
            if row.postfix is not None:
                services += self.service(row)
            elif row.played:
                self.play(row)
            elif row.page:
                self.show(row)
        owners = " ".join(f"{{ {sender} = relay }}," for sender in MINE)
        self.postfix.write("inet_protocols = all\nsmtpd_error_sleep_time = 0\n"
                           f"smtpd_sender_login_maps = inline:{{ {owners.replace('{ ', '{').rstrip(',')} }}\n"
                           "smtpd_sender_restrictions = reject_sender_login_mismatch\n"
                           "smtpd_recipient_restrictions = check_recipient_access inline:{nobody@receiver.example=reject}\n"
                           "relayhost = [198.51.100.25]\nsmtp_tls_security_level = none\n", services)
        self.postfix.start()
        run("nft", "add table inet wall")
        run("nft", "add chain inet wall in { type filter hook input priority 0; }")
        run("nft", f"add rule inet wall in ip daddr {OTHER} drop")

    def service(self, row):
        key, cert = self.certificate(row)
        addresses = [ADDRESS] if row.postfix == "-4" or "AAAA" not in str(row.at) else [f"[{SIX}]", ADDRESS]
        options = row.postfix.replace("-4", "")
        return "".join(f"{address}:{row.port} inet n - n - - smtpd {options}\n"
                       f"  -o smtpd_tls_cert_file={cert} -o smtpd_tls_key_file={key}\n" for address in addresses)

    def play(self, row):
        key, cert = self.ours.issue(row.host)
        place = self.world.path("played-" + row.name)
        self.world.spawn("played-" + row.name, "/usr/bin/python3", "-B", SOURCE + "/tests/lib/submission.py", place, cert, key,
                         row.played, ADDRESS, env=dict(os.environ, SUBMISSION_PASSWORD=PASSWORD))
        row.port = int(wait_for(row.name, lambda: os.path.exists(place) and open(place).read()))

    def show(self, row):
        key, cert = self.ours.issue(row.host)
        place = self.world.path("page-" + row.name)
        if row.certificate == "-":
            cert = "-"
        self.world.spawn("page-" + row.name, "/usr/bin/python3", "-B", SOURCE + "/tests/lib/website.py", place, cert, key, *row.page)
        row.port = int(wait_for(row.name, lambda: os.path.exists(place) and open(place).read()))
        row.at = ["A 127.0.0.1"]
        row.url = f"{'http' if cert == '-' else 'https'}://{row.host}:{row.port}/start"

    # ------------------------------------------------------------ the registry

    def client(self, row):
        direct = {"smarthosts": [{"host": row.host, "port": row.port, "tls": row.tls, "auth_user": "relay"}]}
        senders = [{"address": f"{sender}@{row.domain}", "mode": "direct"} for sender in row.senders]
        if row.page:
            direct, senders = {}, [{"address": "news@" + row.domain, "mode": "relayed", "site": row.url}]
        return dict(direct, name=row.name.replace(".", "-"), title=row.name, language="en", contact="it@" + row.domain, logins=[],
                    sites=[{"url": row.url, "audience": "all"}] if row.page else [], senders=senders)

    def hosted(self):
        """Two that should be where the product is."""
        hosts = [f"{name}.learning.vendor.example" for name in ("lost", "renamed")]
        return {"name": "hosted", "title": "hosted", "language": "en", "contact": "it@acme.example", "logins": [],
                "sites": [{"url": f"https://{host}/", "audience": "all"} for host in hosts],
                "senders": [{"address": "news@" + host, "mode": "hosted", "site": f"https://{host}/"} for host in hosts]}

    def provision(self):
        file = {"providers": [
            {"name": "lms", "title": "Vendor", "hosting_domain": "learning.vendor.example",
             "default_sender": "no@learning.vendor.example", "spf_host": "_spf.vendor.example", "language": "en",
             "contact": "pm@vendor.example", "relays": [{"name": "mx1", "helo": "mx1.vendor.example", "mta": "postfix",
                                                         "signer": "opendkim", "addresses": ["192.0.2.10"]}],
             "clients": [self.client(row) for row in ROWS] + [self.hosted()]}]}
        self.world.write("senderctl.conf", 'dns { resolvers = {"127.0.0.1:53"} timeout = 2.0 }\n'
                         f'probe {{ ca_file = "{self.ours.cert}" }}\n')
        self.desk.do("up")
        self.desk.do("import", self.world.write("vendor.json", json.dumps(file)))
        for row in ROWS:
            if row.password and not row.page:
                secret = self.world.write("secret", row.password + "\n", 0o600)
                client = "lms/" + row.name.replace(".", "-")
                status, _, complaint = self.desk.run("smarthost", "secret", client, row.host, "--file", secret)
                if status != 0:
                    tap.ok(False, f"the password for {row.host} is taken", complaint)

    def publish(self):
        for row in ROWS:
            self.names.zone(row.domain)
            for each in row.at:
                self.names.add(row.domain, f"{row.host}. IN {each}")
        self.names.zone("vendor.example")
        self.names.add("vendor.example", "learning.vendor.example. IN A 192.0.2.80",
                       "lost.learning.vendor.example. IN A 192.0.2.81")

    # ------------------------------------------------------------ what check makes of it

    def look(self, *words, what=("--all",), conf=None):
        done = self.desk.ask(*words, "check", *what, status=(0, 1, 2, 3), conf=conf)["domains"]
        return {domain["domain"]: each for domain in done for each in domain["requirements"]
                if each["purpose"] in ("smarthost", "site")}

    def judge(self, row, seen):
        got = seen.get(row.domain)
        good = (got and got["probe"] and (got["state"], got["probe"]["fault"]) == (row.state, row.fault)
                and re.search(row.sentence, got["explanation"]))
        tap.ok(good, f"{row.name}: {row.state}, {row.fault}", f"{got and (got['state'], got['probe'], got['explanation'])}")


    def look_behind(self, statement):
        return run("psql", "-XAtq", "-h", self.world.path("state/run/db"), "-U", "senderctl_admin", "senderctl",
                   "-c", "SET search_path = senderctl", "-c", "SET session_replication_role = replica", "-c", statement)

    def test_mail(self, address, language):
        return self.look("--lang", language, what=("strict.example", "--send-test", address))["strict.example"]

    def let_nobody_in(self):
        self.desk.do("user", "add", "nobody", "--role", "manager", "--provider", "lms")
        with open(self.world.path("state/access/pg_ident.conf"), "a") as file:
            file.write('sc "nobody" "nobody"\n')
        self.look_behind("SELECT pg_reload_conf()")
        # The key service again, as it was, and with a list of those it knows.
        peers = self.world.write("peers", "user nobody status *\n")
        pid = int(open(self.world.path("state/run/senderkeyd.pid")).read().split()[0])
        words = open(f"/proc/{pid}/cmdline").read().split("\0")[:-1]
        socket = self.world.path("state/run/keys/socket")
        os.kill(pid, signal.SIGTERM)
        wait_for("the key service to end", lambda: not os.path.exists(f"/proc/{pid}/exe") or not os.path.exists(socket))
        self.world.spawn("senderkeyd", *words, "--peers", peers, executable=os.path.join(BUILD, "senderkeyd"),
                         user="senderkeyd", group="senderkeyd", extra_groups=[])
        wait_for("the key service", lambda: os.path.exists(socket))
        os.chmod(socket, 0o666)

    def as_nobody(self, language, name):
        """The same look by somebody whom the key service does not know."""
        done = run("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", self.desk.program, "--lang", language, "--json",
                   "check", name, check=False, env=self.desk.environment)
        try:
            domain = json.loads(done.stdout)["domains"][0]
            return next(each for each in domain["requirements"] if each["purpose"] == "smarthost")
        except (KeyError, ValueError):
            raise RuntimeError(done.stdout + done.stderr) from None

    def one(self, name, *words, conf=None, status=(0, 1, 3)):
        """The verdict about one domain, with its words."""
        return self.look(*words, what=(name,), conf=conf)[name]

    def killed(self, name, language):
        """A look whose worker is killed while it waits."""
        looking = subprocess.Popen([self.desk.program, "--lang", language, "--json", "--dry-run", "check", name], stdout=subprocess.PIPE, text=True,
                                   env=self.desk.environment)
        worker = wait_for("a worker", lambda: run("pgrep", "-f", "^senderctl-probe", check=False).stdout.split())
        for each in worker:
            os.kill(int(each), signal.SIGKILL)
        out = json.loads(looking.communicate()[0])
        return next(each for each in out["domains"][0]["requirements"] if each["purpose"] == "smarthost")

    def conf_with(self, name, old, new):
        text = open(self.desk.conf).read()
        return self.world.write(name, text.replace(old, new) if old else text + new)


def said_by(seen):
    return [f"{each['explanation']}\n{each['found']}" for each in seen.values()]


def look_aside(faults, sink, language):
    """What is wrong on our side, test mails, and hosted URLs: their explanations."""
    words = ("--lang", language, "--dry-run")
    blind = faults.conf_with("blind.conf", faults.ours.cert, "/nowhere/authorities.pem")
    deaf = faults.conf_with("deaf.conf", None, f'keys {{ socket = "{faults.world.path("nobody")}" }}\n')
    seen = {
        "tls-here": faults.one("strict.example", *words, conf=blind),
        "good": faults.one("strict.example", "--lang", language, conf=deaf),
        "test-refused": faults.test_mail("nobody@receiver.example", language),
        "elsewhere": faults.one("lost.learning.vendor.example", *words),
        "not-the-domain": faults.one("renamed.learning.vendor.example", *words),
    }
    if language == "en":
        for fault, got in seen.items():
            tap.ok(got["probe"] is None or got["probe"]["fault"] == fault, f"{fault}: {got['explanation']}", got)
        said = seen["good"]["explanation"]
        tap.same((seen["good"]["state"], "the key service does not answer, so the login was not tried" in said),
                 ("match", True), "without the key service everything else is seen")
        tap.same(seen["elsewhere"]["explanation"],
                 "lost.learning.vendor.example points to 192.0.2.81, not to where learning.vendor.example is", "so it is said")
    seen["not-allowed"] = faults.as_nobody(language, "strict.example")
    if language == "en":
        tap.ok("you may not ask the key service for it, so the login was not tried" in seen["not-allowed"]["explanation"],
               "who may not use passwords sees the rest", seen["not-allowed"]["explanation"])
    sent = faults.test_mail("you@receiver.example", language)
    seen["sent"] = sent
    if language == "en":
        tap.ok(sent["explanation"].endswith("the test mail was taken"), "a test mail is taken", sent["explanation"])
        mail = sink.wait("senderctl: test mail")
        tap.same(mail["peer"], ADDRESS, "and comes through the customer's server")
    return [each["explanation"] for each in seen.values()]


def told(world):
    faults = Faults(world)
    for address in (ADDRESS, OTHER, "192.0.2.10", "198.51.100.25"):
        world.host(address)
    run("ip", "addr", "add", SIX + "/128", "dev", "lo", "nodad")
    sink = Sink(world, "198.51.100.25")
    faults.serve()
    faults.provision()
    faults.publish()
    faults.names.start()

    tap.note("one look at all of them")
    seen = faults.look()
    for row in ROWS:
        faults.judge(row, seen)
    tap.ok(seen["early-auth.example"]["probe"]["auth_before_tls"], "AUTH before encryption is noted",
           seen["early-auth.example"]["probe"])
    tap.same((seen["strict.example"]["probe"]["tls"], seen["six.example"]["probe"]["address"]), ("TLSv1.2", SIX),
             "what was agreed on, and by which way")
    tap.same(seen["good.example"]["found"], f"{ADDRESS}, TLSv1.3, AUTH PLAIN LOGIN, logged in", "it is said to people")

    tap.note("what is wrong here, and what is rare")
    faults.let_nobody_in()
    faults.look_behind("UPDATE site SET url = 'https://other.learning.vendor.example/' WHERE url LIKE '%renamed%'")
    english = said_by(seen) + look_aside(faults, sink, "en")
    broken = faults.killed("filtered.example", "en")
    tap.same((broken["state"], broken["probe"] and broken["probe"].get("fault"), broken["explanation"]),
             ("unknown", None, "the probe did not come to an end"), "a worker that is killed takes nobody with it")
    english.append(broken["explanation"])

    tap.note("every word and every sentence")
    german = said_by(faults.look("--lang", "de")) + look_aside(faults, sink, "de")
    german.append(faults.killed("filtered.example", "de")["explanation"])
    with open(os.path.join(SOURCE, "core/wire/wire_fault.c"), encoding="utf-8") as file:
        words = set(re.findall(r'\[WIRE_\w+\] = \{ "([a-z-]+)"', file.read()))
    tap.same(len(words), 39, "there are 39 faults")
    wanted = sentences.of(*[os.path.join(SOURCE, path) for path in ("core/wire/wire_fault.c", "core/verify/probe_verdict.c")])
    translated = sentences.german(SOURCE, wanted)
    for language, texts, form in (("English", english, lambda each: each), ("German", german, translated.get)):
        unsaid = set(sentences.unsaid(map(form, wanted), texts))
        tap.same([each for each in wanted if form(each) in unsaid], sorted(NEVER),
                 f"{language}: all of {len(wanted)} sentences were said")

    tap.note("and no password went astray")
    tap.same(sink.passwords, [], "no password went to a stranger's MX")
    tap.ok(PASSWORD not in world.logs(), "none is in a log")


if __name__ == "__main__":
    tap.run(lambda: play(told))
