#!/usr/bin/python3
"""The first day: from an empty machine to signed, aligned mail, on real parts, judged by strangers.

Two providers with clients in modes hosted, relayed and direct are provisioned by the commands a project
manager types.  What `record list` says is published; check turns green; keys become active when their wait
is over; each relay gets its generation; one mail per sender leaves.  python3-dkim, Mail::DKIM, python3-spf
and the connection itself say whether that was right.  Then a record is lost, and a key is rotated.
"""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import judge
import mta
import tap
from desk import Desk
from names import Names
from sink import Sink
from world import play, run, wait_for

BUILD = os.environ["top_builddir"]

# What the two vendors do, in their own words; the commands are made from it.
PROVIDERS = {
    "lms": {
        "title": "Vendor Learning", "hosting": "learning.vendor.example", "spf": "_spf.vendor.example",
        "relay": "mx1", "helo": "mx1.vendor.example", "address": "192.0.2.10", "milter": "127.0.0.1",
        "clients": {
            "acme": [("academy@acme.example", "relayed")],
            "birke": [("kurse@birke.learning.vendor.example", "hosted")],
            "bank": [("campus@bank.example", "direct")],
        },
    },
    "jobs": {
        "title": "Vendor Jobs", "hosting": "apply.jobs.example", "spf": "_spf.jobs.example",
        "relay": "out", "helo": "out.jobs.example", "address": "198.51.100.10", "milter": "127.0.0.2",
        "ed25519": True,
        "clients": {
            "acme": [("jobs@careers.acme.example", "relayed")],
            "town": [("stellen@town.apply.jobs.example", "hosted")],
            "trust": [("hr@trust.example", "direct")],
        },
    },
}
ZONES = ["vendor.example", "jobs.example", "acme.example", "bank.example", "trust.example", "receiver.example"]
SMARTHOSTS = {"bank": ("smtp.bank.example", "203.0.113.30"), "trust": ("smtp.trust.example", "203.0.113.40")}


def app_password(login):
    return "submit-" + login


def hop_password(client):
    return f"hop {client}: any#chars"


def zone_of(name):
    return max((zone for zone in ZONES if name == zone or name.endswith("." + zone)), key=len)


class FirstDay:
    def __init__(self, world):
        self.world, self.desk = world, Desk(world, BUILD)
        self.names = Names(world)
        self.relays, self.hops = {}, {}

    # ------------------------------------------------------------ the world before us

    def build_world(self):
        for address in ("192.0.2.10", "198.51.100.10", "198.51.100.25", "203.0.113.30", "203.0.113.40"):
            self.world.host(address)
        for zone in ZONES:
            self.names.zone(zone)
        # what the customers publish today
        self.names.add("acme.example", 'acme.example. IN TXT "v=spf1 ip4:203.0.113.99 -all"',
                       'acme.example. IN TXT "some-verification=abc"', "acme.example. IN MX 10 mail.acme.example.",
                       "mail.acme.example. IN A 203.0.113.99")
        for client, (host, address) in SMARTHOSTS.items():
            zone = zone_of(host)
            self.names.add(zone, f"{host}. IN A {address}", f'{zone}. IN TXT "v=spf1 ip4:{address} -all"',
                           f'_dmarc.{zone}. IN TXT "v=DMARC1; p=reject"')
        self.names.add("receiver.example", "receiver.example. IN MX 10 mx.receiver.example.",
                       "mx.receiver.example. IN A 198.51.100.25")
        for provider in PROVIDERS.values():
            self.names.add(zone_of(provider["helo"]), f"{provider['helo']}. IN A {provider['address']}")
        self.names.start()
        self.sink = Sink(self.world, "198.51.100.25")
        self.ca = mta.Authority(self.world, "customers")
        self.our_ca = mta.Authority(self.world, "vendors")
        for client, (host, address) in SMARTHOSTS.items():
            self.hops[client] = mta.Postfix(self.world, host, address, self.ca, {client + "-relay": hop_password(client)})
            self.hops[client].start()

    # ------------------------------------------------------------ the registry

    def provision(self):
        self.world.write("senderctl.conf", 'dns { resolvers = {"127.0.0.1:53"} timeout = 3.0 }\n'
                         f'probe {{ ca_file = "{self.ca.cert}" }}\n')
        self.desk.do("up")
        for name, data in PROVIDERS.items():
            self.desk.do("provider", "add", name, "--title", data["title"], "--hosting-domain", data["hosting"],
                         "--default-sender", "noreply@" + data["hosting"], "--spf-host", data["spf"],
                         "--ed25519", "yes" if "ed25519" in data else "no",
                         "--publish-margin", "1 second", "--publish-probes", "2", "--linger", "2 seconds")
            self.desk.do("relay", "add", f"{name}/{data['relay']}", "--helo", data["helo"], "--address", data["address"])
            for client, senders in data["clients"].items():
                self.provision_client(data, f"{name}/{client}", client, senders)

    def provision_client(self, data, full_name, client, senders):
        self.desk.do("client", "add", full_name, "--title", f"Client {client}", "--contact", f"it@{client}.example")
        self.desk.do("login", "add", full_name, client + "-app")
        if client in SMARTHOSTS:
            secret = self.world.write(f"secret-{client}", hop_password(client) + "\n", 0o600)
            self.desk.do("smarthost", "add", full_name, SMARTHOSTS[client][0], "--user", client + "-relay",
                         "--ca", "customers", "--password-file", secret)
        for address, mode in senders:
            url = f"https://{address.split('@')[1] if mode == 'hosted' else client + '.' + data['hosting']}/"
            self.desk.do("site", "add", full_name, url, "--audience", "everybody")
            self.desk.do("sender", "add", full_name, address, "--mode", mode, "--site", url)

    def enrol(self, provider):
        data = PROVIDERS[provider]
        relay = f"{provider}/{data['relay']}"
        root = self.world.folder("relay", provider)
        self.world.write(f"relay/{provider}/ca/customers.pem", open(self.ca.cert).read())
        conf = self.world.write(f"relay-{provider}.conf", open(self.desk.conf).read() + (
            f'relay {{ name = "{data["relay"]}" root = "{root}" identity = "{root}/identity/key"\n'
            f'  reload = "{self.reload_command(provider)}" }}\n'))
        made = json.loads(self.desk.run("--json", "relay", "keygen", conf=conf)[1])
        self.desk.do("relay", "enrol", relay, made["identity"], "--fingerprint", made["fingerprint"])
        return relay, root, conf

    def reload_command(self, provider):
        name = PROVIDERS[provider]["helo"]
        return (f"postfix -c {self.world.path('postfix-' + name, 'etc')} reload && "
                f"kill -USR1 $(cat {self.world.base}/run-opendkim-{provider}-*/pid)")

    # ------------------------------------------------------------ DNS, as the sheets say

    def publish(self, *scope):
        """Do what `record list` says, to the letter; how many records changed."""
        records = self.desk.ask("record", "list", *scope, "--dns", status=(0, 1))
        changed = 0
        for record in records:
            if record["action"] == "keep" or record["type"] not in ("TXT", "CNAME", "A", "MX"):
                continue
            zone, owner = zone_of(record["name"]), record["name"].rstrip(".") + "."
            if record["action"] in ("replace", "delete"):
                self.names.drop(zone, lambda line: line.startswith(owner + " ") and f"IN {record['type']} " in line
                                and (record["purpose"] != "spf" or "v=spf1" in line))
            if record["action"] in ("add", "replace"):
                value = (" ".join('"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in record["strings"])
                         if record["type"] == "TXT" else record["value"] + "." * (record["type"] != "A"))
                self.names.add(zone, f"{owner} IN {record['type']} {value}")
            changed += 1
        return changed

    # ------------------------------------------------------------ relays

    def start_relay(self, provider, root):
        data = PROVIDERS[provider]
        users = {f"{client}-app": app_password(f"{client}-app") for client in data["clients"]}
        relay = mta.Postfix(self.world, data["helo"], data["address"], self.our_ca, users)
        fragment = open(f"{root}/current/postfix/main.cf").read().replace("127.0.0.1:", data["milter"] + ":")
        relay.write(fragment, open(f"{root}/current/postfix/master.cf").read())
        for kind, port in (("rsa", 8891), ("ed25519", 8892)):
            conf = f"{root}/current/opendkim-{kind}/opendkim.conf"
            tap.same(os.path.exists(conf), kind == "rsa" or "ed25519" in data, f"{provider}: OpenDKIM for {kind}, if ordered")
            if os.path.exists(conf):
                mta.OpenDKIM(self.world, f"{provider}-{kind}", conf, f"inet:{port}@{data['milter']}").start()
        relay.start()
        self.relays[provider] = relay

    def submit(self, provider, client, token, sender=None, **more):
        login = client + "-app"
        sender = PROVIDERS[provider]["clients"][client][0][0] if sender is None else sender
        return self.relays[provider].submit(login, app_password(login), sender, token, **more)

    def advance(self):
        """key advance until nothing is waiting for time alone; what it said last."""
        return self.desk.run("key", "advance")

    def states(self):
        return {row["sender"]: row["state"] for row in self.desk.ask("status", status=(0, 1))}

    def selectors(self, state, algorithm="rsa-sha256"):
        return {row["domain"]: row["selector"] for row in self.desk.ask("key", "list", status=(0, 1))
                if row["state"] == state and row["algorithm"] == algorithm}


def told(world):
    day = FirstDay(world)
    desk, names, sink = day.desk, day.names, None
    tap.note("the world before us")
    day.build_world()
    sink = day.sink

    tap.note("morning: the project manager")
    day.provision()
    places = {provider: day.enrol(provider) for provider in PROVIDERS}
    desk.do("key", "generate", "--all")
    for provider, data in PROVIDERS.items():
        for client in data["clients"]:
            desk.do("handover", "issue", f"{provider}/{client}", "--dns")
    tap.ok(set(day.states().values()) <= {"draft", "handed-over"}, "nobody is verified yet", day.states())

    tap.note("the operator stages keys; nothing signs")
    for provider, (relay, root, conf) in places.items():
        desk.do("export", relay, "--install", "--no-reload", conf=conf, status=1)
        staged = [os.path.join(path, name) for path, _, found in os.walk(f"{root}/current/keys") for name in found]
        tap.ok(len(staged) == (4 if "ed25519" in PROVIDERS[provider] else 2) and all(os.stat(path).st_mode & 0o777 == 0o600 for path in staged),
               f"{len(staged)} keys lie on {relay}, 0600", staged)
        rows = [line for kind in ("rsa", "ed25519") for table in [f"{root}/current/opendkim-{kind}/KeyTable"]
                if os.path.exists(table) for line in open(table) if not line.startswith("#")]
        tap.same(rows, [], f"{relay} signs with none of them")
        day.start_relay(provider, root)
    refusal = day.submit("lms", "acme", "too-early")
    tap.ok(refusal and refusal[0] == 553, "a sender that is not verified is refused", refusal)

    tap.note("the customers publish what the sheets say")
    for provider, data in PROVIDERS.items():
        tap.ok(day.publish("--provider", provider) > 0, f"{provider} has records of its own")
        for client in data["clients"]:
            day.publish(f"{provider}/{client}")
            desk.run("report-done", f"{provider}/{client}", "--no-check")
    names.publish()
    merged = [text for text in names.txt("acme.example") if text.startswith(b"v=spf1")]
    tap.ok(len(merged) == 1 and b"ip4:203.0.113.99" in merged[0] and b"include:_spf.vendor.example" in merged[0],
           "the customer's own SPF is merged, not doubled", merged)

    # resolvers may remember for a second or two that nothing was there
    for look in range(15):
        status, out, complaint = desk.run("check", "--all")
        time.sleep(1.1)
        if status == 0 and look > 0:
            break
    tap.ok(status == 0, "check is green", out + complaint)
    tap.ok(set(day.states().values()) <= {"verified"}, "every sender is verified", day.states())

    tap.note("keys become active when their wait is over")
    for look in range(15):
        time.sleep(1.1)
        desk.run("check", "--all")
        day.advance()
        status, out, _ = day.advance()
        if status == 0:
            break
    tap.same(status, 0, "Ed25519 keys follow their RSA keys, which sign beside them")
    tap.same(sorted(day.selectors("active")), sorted(
        address.split("@")[1] for data in PROVIDERS.values() for senders in data["clients"].values()
        for address, mode in senders if mode != "direct"), "each signing domain has an active key")
    for provider, (relay, root, conf) in places.items():
        answer = desk.ask("export", relay, "--install", conf=conf)
        tap.same((answer["withheld"], answer["senders"]), ([], 3), f"{relay} serves all three senders")
        again = desk.ask("export", relay, "--install", conf=conf)
        tap.same((again["generation"], again["digest"], again["changed"]),
                 (answer["generation"], answer["digest"], False), "the same data is the same generation")
    tap.ok(set(day.states().values()) <= {"live"}, "every sender is live", day.states())

    tap.note("one mail per sender, judged by strangers")
    active, edwards = day.selectors("active"), day.selectors("active", "ed25519-sha256")
    for provider, data in PROVIDERS.items():
        for client, senders in data["clients"].items():
            address, mode = senders[0]
            token, domain = f"{provider}-{client}-{mode}", address.split("@")[1]
            refusal = wait_for(f"{token} to be taken", lambda: [day.submit(provider, client, token)], 5)[0]
            if not tap.same(refusal, None, f"{mode}: mail as {address} is taken"):
                continue
            mail = sink.wait(token)
            seen = judge.verdict(names, mail)
            if mode == "direct":
                received = mail["data"].decode()
                tap.same(mail["peer"], SMARTHOSTS[client][1], "direct: it leaves through the customer's server")
                tap.ok(f"(Authenticated sender: {client}-relay)" in received, "direct: with AUTH", received)
                tap.ok("using TLSv1.2" in received or "using TLSv1.3" in received, "direct: over TLS 1.2 or better")
                tap.same(seen["signatures"], [], "direct: not signed by us")
            else:
                wanted = [(domain, keys[domain]) for keys in (active, edwards) if domain in keys]
                tap.same(len(wanted), 2 if "ed25519" in data else 1, f"{mode}: as many keys as {provider} orders")
                tap.same(sorted(seen["dkim"]), sorted(wanted),
                         f"{mode}: verifiers pass d={domain} s={' and '.join(key[1] for key in wanted)}, and nothing else")
                tap.same(mail["peer"], data["address"], f"{mode}: it comes from the relay's address")
                tap.ok(seen["dkim_aligned"] and seen["dmarc"], f"{mode}: DMARC has a record and DKIM is aligned", seen)
            tap.ok(seen["spf"] == "pass" and seen["spf_aligned"], f"{mode}: SPF passes for {mail['peer']}, aligned", seen)

    tap.note("what must not leave")
    for what, refusal in {
        "an unknown sender": day.submit("lms", "acme", "x-unknown", sender="ceo@acme.example"),
        "another client's sender": day.submit("lms", "birke", "x-foreign", sender="academy@acme.example"),
        "another provider's sender": day.submit("jobs", "town", "x-other", sender="academy@acme.example"),
        "another client's From": day.submit("lms", "birke", "x-from", header_from="academy@acme.example"),
        "a second From": day.submit("lms", "birke", "x-two", extra="From: academy@acme.example\r\n"),
        "two addresses in From": day.submit(
            "lms", "birke", "x-pair", header_from="kurse@birke.learning.vendor.example, academy@acme.example"),
        "another client's From without an envelope sender": day.submit(
            "lms", "birke", "x-null", sender="", header_from="academy@acme.example"),
        "a customer's own From on the wrong login": day.submit("lms", "acme", "x-bank", sender="campus@bank.example"),
    }.items():
        tap.ok(refusal and 550 <= refusal[0] <= 554, f"{what} is refused", refusal)
    tap.same(day.submit("lms", "acme", "y-null", sender="", header_from="academy@acme.example"), None,
             "an own From without an envelope sender is taken")
    tap.same(judge.verdict(names, sink.wait("y-null"))["dkim"], [("acme.example", active["acme.example"])],
             "and signed")
    tap.same(sink.passwords, [], "no password went to a stranger")

    tap.note("what fails, fails closed, and for nobody else")
    relay, root, conf = places["lms"]
    key = f"{root}/current/keys/acme.example/{active['acme.example']}.pem"
    os.rename(key, key + ".away")
    refusal = day.submit("lms", "acme", "x-keyless")
    tap.ok(refusal and 400 <= refusal[0] < 500, "without its key a sender waits: 4xx, not unsigned", refusal)
    tap.same(day.submit("lms", "birke", "z-neighbour"), None, "its neighbour sends on")
    os.rename(key + ".away", key)
    ca = f"{root}/ca/customers.pem"
    good = open(ca).read()
    world.write(ca, open(day.our_ca.cert).read())
    tap.same(day.submit("lms", "bank", "z-untrusted"), None, "mail for a server with a strange certificate is taken")
    queued = wait_for("it in the queue", lambda: [line for line in day.relays["lms"].queue() if "certificate not" in line])
    tap.ok(queued and not sink.find("z-untrusted"), "and waits in the queue", queued)
    world.write(ca, good)
    run("postqueue", "-c", day.relays["lms"].conf, "-f")
    tap.same(sink.wait("z-untrusted")["peer"], SMARTHOSTS["bank"][1], "until the server is the right one again")
    judge_of = judge.verdict(names, sink.wait("z-neighbour"))
    tap.ok(judge_of["dkim"], "the neighbour's mail was signed", judge_of)

    tap.note("plain rotation")
    old = active["acme.example"]
    desk.do("key", "rotate", "acme.example")
    desk.do("handover", "issue", "lms/acme", "--dns")
    relay, root, conf = places["lms"]
    desk.run("export", relay, "--install", conf=conf)
    tap.ok(os.path.exists(f"{root}/current/keys/acme.example/{old}.pem")
           and len(os.listdir(f"{root}/current/keys/acme.example")) == 2, "the new key is staged beside the old one")
    day.publish("lms/acme")
    names.publish()
    for look in range(3):
        desk.run("check", "acme.example")
        time.sleep(1.1)
    tap.same(day.submit("lms", "acme", "before-switch"), None, "mail goes on")
    tap.same(judge.verdict(names, sink.wait("before-switch"))["dkim"], [("acme.example", old)], "with the old key")
    for look in range(15):
        day.advance()
        new = day.selectors("active")["acme.example"]
        if new != old:
            break
        time.sleep(1.1)
        desk.run("check", "acme.example")
    tap.ok(new != old and day.selectors("retiring").get("acme.example") == old, "the new key is active, the old one retires")
    desk.run("export", relay, "--install", conf=conf)
    time.sleep(0.5)
    tap.same(day.submit("lms", "acme", "after-switch"), None, "mail goes on")
    tap.same(judge.verdict(names, sink.wait("after-switch"))["dkim"], [("acme.example", new)], "with the new key")
    for look in range(15):
        day.advance()
        if day.selectors("retired").get("acme.example") == old:
            break
        time.sleep(1.1)
    tap.ok(day.selectors("retired").get("acme.example") == old, "after its linger the old key is retired",
           desk.run("key", "list")[1])

    tap.note("a record is lost")
    for provider in PROVIDERS:
        desk.run("provider", "set", provider, "--degrade-grace", "0 s")
    tap.ok(names.drop("acme.example", lambda line: "v=spf1" in line and line.startswith("acme.example.")) == 1,
           "somebody removes the customer's SPF")
    names.publish()
    status, out, _ = desk.run("check", "acme.example")
    tap.ok(status == 1 and "spf" in out.lower(), "check says so and exits with 1", out)
    status, out, _ = desk.run("status")
    tap.ok(status == 1, "status exits with 1: missing, not yet confirmed", out)
    for look in range(15):
        time.sleep(1.1)
        desk.run("check", "acme.example")
        if day.states()["academy@acme.example"] == "degraded":
            break
    tap.same(day.states()["academy@acme.example"], "degraded", "seen missing twice, the sender is degraded")

    tap.ok(not [mail for mail in sink.mails if b"Subject: x-" in mail["data"]], "nothing that was refused has arrived")
    secrets = [app_password(client + "-app") for data in PROVIDERS.values() for client in data["clients"]]
    secrets += [hop_password(client) for client in SMARTHOSTS]
    tap.ok(not [secret for secret in secrets if secret in world.logs()], "no password is in any log")
    tap.ok("PRIVATE KEY" not in world.logs(), "no private key is in any log")


if __name__ == "__main__":
    tap.run(lambda: play(told))
