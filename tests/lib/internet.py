"""internet -- DNS as it is: a signed root, a TLD, customers' zones on good and bad servers, two resolvers.

    net = Internet(world)
    zone = net.zone("acme.example", signed=True)     # on ns1 and ns2, delegated from "example"
    zone.put("@", "TXT", '"v=spf1 -all"')
    net.start()                                      # 127.0.0.1 validates, 127.0.0.2 believes everything
    net.publish()                                    # what was put since then

Every name server has a name below nic.example, an address of its own and port 53:

    ns1 ns2    NSD, with the zones as they should be
    other      another NSD: it has a zone if zone.other says so, else it refuses
    silent     takes every question and says nothing
    dead       nobody listens
    garbage    answers, but not in DNS
    tcp        an answer by UDP is always cut short: ask by TCP
    hearsay    a recursive resolver: answers from its memory, without authority
    upward     has but the TLD, and sends everybody back there
    nowhere    a name without an address
"""

import datetime
import os
import re

import dns.flags
import dns.message
import dns.query
import dns.rdatatype

import dnsd
from names import NSD_CONF
from world import run, wait_for

SERVERS = {"ns1": "192.0.2.53", "ns2": "198.51.100.53", "other": "203.0.113.53", "silent": "203.0.113.61",
           "dead": "203.0.113.62", "garbage": "203.0.113.63", "tcp": "203.0.113.64", "hearsay": "203.0.113.65",
           "upward": "203.0.113.66"}
VALIDATING, BELIEVING = "127.0.0.1", "127.0.0.2"
SOALESS = "127.0.0.3"   # a resolver that says of everything: nothing, and not who says so

MEMBERS = """pattern:
	name: "member"
	zonefile: "{dir}/%s.zone"
"""
UNBOUND_CONF = """server:
	interface: {address}
	{more}
	access-control: 0.0.0.0/0 allow
	access-control: {hearsay}/32 allow_snoop
	chroot: ""
	username: "unbound"
	directory: "{dir}"
	pidfile: "{dir}/unbound.pid"
	use-syslog: no
	logfile: ""
	module-config: "{modules}"
	root-hints: "{dir}/root.hints"
	local-zone: "example." nodefault
	do-not-query-localhost: no
	infra-host-ttl: 1
	do-ip6: no
remote-control:
	control-enable: yes
	control-interface: "{dir}/control"
	control-use-cert: no
"""


def moment(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%S")


def plain(zone, kind, value):
    """A value of a zone file as tests/lib/dnsd.py takes it."""
    if kind == "TXT":
        return ["".join(re.findall(r'"([^"]*)"', value))]
    if kind == "MX":
        preference, host = value.split(" ")
        return int(preference), host.rstrip(".") if host.endswith(".") else f"{host}.{zone.name}"
    return value.rstrip(".")


class Zone:
    """Records of one zone, owners relative to it ("@" is the zone itself)."""

    def __init__(self, name, ns=("ns1", "ns2"), ttl=300, negative=60, refresh=3600, signed=False):
        self.name, self.ns, self.ttl, self.negative, self.refresh = name, list(ns), ttl, negative, refresh
        self.signed = signed        # True; or days from now on which its signatures end
        self.forged = None          # (text, other text): changed after it was signed
        self.records = {}
        self.other = None           # what the server "other" has: None, a Zone, or "broken" (no file)
        self.parents_ns = None      # what the parent says, if it is not what the zone says
        self.mute = None            # a type of record that the server "tcp" does not talk about
        self.key = None

    def put(self, owner, kind, *values):
        """These, and no others, of this type at this name; no values: none."""
        self.records[owner, kind] = list(values)

    def text(self, serial):
        lines = [f"$ORIGIN {self.name}.".replace("..", "."), f"$TTL {self.ttl}",
                 f"@ {self.negative} IN SOA ns1.nic.example. hostmaster.nic.example. {serial} {self.refresh} 600 86400 "
                 f"{self.negative}"]
        lines += [f"@ IN NS {server}.nic.example." for server in self.ns]
        lines += [f"{owner} IN {kind} {value}" for (owner, kind), values in self.records.items() for value in values]
        return "\n".join(lines) + "\n"


class Internet:
    def __init__(self, world):
        self.world, self.serial, self.zones = world, 0, {}
        world.host(*SERVERS.values())
        world.folder("keys")
        self.root, self.tld = Zone("", signed=True), Zone("example", signed=True)
        for name, address in SERVERS.items():
            self.tld.put(name + ".nic", "A", address)

    def zone(self, name, **more):
        self.zones[name] = Zone(name, **more)
        return self.zones[name]

    # ------------------------------------------------------------ zone files

    def key_of(self, zone):
        """A key of the zone, and with it the DS that its parent shows."""
        if not zone.key:
            zone.key = run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", zone.name or ".",
                           cwd=self.world.path("keys")).stdout.strip()
        with open(self.world.path("keys", zone.key + ".ds")) as file:
            return file.read().split("DS")[1].strip()

    def file(self, zone, folder):
        return self.world.path(folder, (zone.name or "root") + ".zone")

    def write(self, zone, folder):
        path = self.file(zone, folder)
        self.world.write(path, zone.text(self.serial))
        if zone.signed:
            ends = 30 if zone.signed is True else zone.signed
            self.key_of(zone)
            run("ldns-signzone", "-i", moment(min(ends, 0) - 10), "-e", moment(ends), "-o", zone.name or ".",
                "-f", path, path, self.world.path("keys", zone.key))
        if zone.forged:
            with open(path) as file:
                text = file.read()
            assert zone.forged[0] in text
            self.world.write(path, text.replace(*zone.forged))

    def delegate(self, parent, zone):
        owner = zone.name.removesuffix(parent.name).rstrip(".")
        parent.put(owner, "NS", *[f"{server}.nic.example." for server in zone.parents_ns or zone.ns])
        parent.put(owner, "DS", *[self.key_of(zone)] if zone.signed else [])

    def write_all(self):
        self.serial += 1
        for zone in self.zones.values():
            above = [z for z in self.zones.values() if zone.name.endswith("." + z.name)]
            self.delegate(max(above, key=lambda z: len(z.name)) if above else self.tld, zone)
            self.write(zone, "nsd")
            if isinstance(zone.other, Zone):
                self.write(zone.other, "nsd-other")
        self.delegate(self.root, self.tld)
        self.root.put("ns1.nic.example", "A", SERVERS["ns1"])
        self.root.put("ns2.nic.example", "A", SERVERS["ns2"])
        self.write(self.tld, "nsd")
        self.write(self.root, "nsd")

    # ------------------------------------------------------------ servers

    def start_nsd(self, folder, first, second, zones):
        place = self.world.folder(folder, owner="nsd")
        rows = "".join(f'zone:\n\tname: "{zone.name or "."}"\n\tzonefile: "{self.file(zone, folder)}"\n' for zone in zones)
        conf = self.world.write(folder + "/nsd.conf", NSD_CONF.replace("\tip-address: {second}\n" * (not second), "").format(
            first=first, second=second, dir=place, zones=MEMBERS.format(dir=place) + rows))
        run("nsd-checkconf", conf)
        self.world.spawn(folder, "nsd", "-d", "-c", conf)

    def adopt(self, zone):
        """A zone that was elsewhere comes to ns1 and ns2."""
        self.write(zone, "nsd")
        run("nsd-control", "-c", self.world.path("nsd", "nsd.conf"), "addzone", zone.name, "member")

    def start_unbound(self, name, address, modules, more):
        place = self.world.folder(name, owner="unbound")
        self.world.write(name + "/root.hints", "".join(
            f". 3600 IN NS {ns}.nic.example.\n{ns}.nic.example. 3600 IN A {SERVERS[ns]}\n" for ns in ("ns1", "ns2")))
        conf = self.world.write(name + "/unbound.conf", UNBOUND_CONF.format(
            address=address, modules=modules, more=more, dir=place, hearsay=SERVERS["hearsay"]))
        run("unbound-checkconf", conf)
        self.world.spawn(name, "unbound", "-d", "-c", conf)

    def start_bad_ones(self):
        """Servers that no program of good manners can play; the one that insists on TCP has its zones."""
        bad = dnsd.World()
        bad.servers.clear()
        for name, mode in {"silent": "silent", "garbage": "garbage", "tcp": "truncating"}.items():
            bad.server(SERVERS[name]).mode = mode
        for zone in self.zones.values():
            if "tcp" in zone.ns:
                mine = dnsd.Zone(zone.name, ttl=zone.ttl, soa=False)
                mine.add(zone.name, "SOA", ("ns1.nic.example", zone.negative))
                for (owner, kind), values in zone.records.items():
                    for value in values:
                        value = plain(zone, kind, value)
                        mine.add(zone.name if owner == "@" else f"{owner}.{zone.name}", kind, value)
                for server in zone.ns:
                    mine.add(zone.name, "NS", "TIMEOUT" if zone.mute == "NS" else server + ".nic.example")
                bad.server(SERVERS["tcp"]).zones.append(mine)
        bad.server(SOALESS).zones.append(dnsd.Zone("", soa=False))
        bad.servers[SOALESS].zones[0].add("example", "TXT", "x")
        tld = dnsd.Zone("example")
        for zone in self.zones.values():
            tld.add(zone.name, "NS", "ns1.nic.example")
        bad.server(SERVERS["upward"]).zones.append(tld)
        self.bad = bad.start(53)

    def start(self):
        self.write_all()
        # Who is not on the parent's servers must not be known there, or nobody would follow the delegation.
        ours = [zone for zone in self.zones.values() if not {"ns1", "ns2"}.isdisjoint(zone.parents_ns or zone.ns)]
        self.start_nsd("nsd", SERVERS["ns1"], SERVERS["ns2"], [self.root, self.tld, *ours])
        others = [zone for zone in self.zones.values() if zone.other]
        self.start_nsd("nsd-other", SERVERS["other"], None, others)
        self.start_bad_ones()
        anchor = self.world.write("anchor.ds", ". IN DS " + self.key_of(self.root) + "\n")
        self.start_unbound("validating", VALIDATING, "validator iterator", f'trust-anchor-file: "{anchor}"')
        self.start_unbound("believing", BELIEVING, "iterator", f"interface: {SERVERS['hearsay']}")
        wait_for("the zones", lambda: self.serves("ns1", self.serial) and self.serves("ns2", self.serial))
        wait_for("the other name server", lambda: self.reply(SERVERS["other"], "example", "SOA"))
        for resolver in (VALIDATING, BELIEVING):
            wait_for("the resolver " + resolver, lambda resolver=resolver: self.ask(resolver, "ns1.nic.example", "A"))

    def serves(self, server, serial):
        reply = self.reply(SERVERS[server], "example", "SOA")
        return reply is not None and reply.answer and reply.answer[0][0].serial == serial

    def reply(self, server, name, kind, recurse=False):
        query = dns.message.make_query(name + ".", kind)
        query.flags = (dns.flags.RD if recurse else 0) | dns.flags.AD
        try:
            return dns.query.udp(query, server, timeout=2, ignore_trailing=True)
        except Exception:
            return None

    def ask(self, resolver, name, kind):
        """The answer of a resolver, when it has one."""
        reply = self.reply(resolver, name, kind, recurse=True)
        return reply if reply is not None and reply.answer else None

    def publish(self):
        """Everything that was put is served when this returns; resolvers remember what they remember."""
        self.write_all()
        for folder in ("nsd", "nsd-other"):
            run("nsd-control", "-c", self.world.path(folder, "nsd.conf"), "reload")
        wait_for("the new zones", lambda: self.serves("ns1", self.serial) and self.serves("ns2", self.serial))

    def forget(self, name="."):
        """Resolvers forget what they know at and below this name."""
        for resolver in ("validating", "believing"):
            conf = os.path.join(self.world.path(resolver), "unbound.conf")
            run("unbound-control", "-c", conf, "flush_zone", name)
            run("unbound-control", "-c", conf, "flush_infra", "all")
