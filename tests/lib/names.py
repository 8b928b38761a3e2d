"""names -- real DNS: NSD answers with authority, unbound recurses from a root of our own."""

import os

import dns.message
import dns.query
import dns.rdatatype
import dns.resolver

from world import run, wait_for

NSD_CONF = """server:
	ip-address: {first}
	ip-address: {second}
	username: nsd
	chroot: ""
	zonesdir: "{dir}"
	zonelistfile: "{dir}/zone.list"
	database: ""
	pidfile: "{dir}/nsd.pid"
	xfrdfile: "{dir}/xfrd.state"
	xfrdir: "{dir}"
	server-count: 1
	round-robin: no
remote-control:
	control-enable: yes
	control-interface: "{dir}/control"
{zones}"""

UNBOUND_CONF = """server:
	interface: 127.0.0.1
	access-control: 0.0.0.0/0 allow
	chroot: ""
	username: "unbound"
	directory: "{dir}"
	pidfile: "{dir}/unbound.pid"
	use-syslog: no
	logfile: ""
	module-config: "iterator"
	root-hints: "{dir}/root.hints"
	local-zone: "example." nodefault
	local-zone: "test." nodefault
	do-not-query-localhost: no
	cache-max-ttl: 1
	cache-max-negative-ttl: 1
	infra-host-ttl: 1
	do-ip6: no
remote-control:
	control-enable: no
"""


class Names:
    """The zones of the test; each change is served when publish() returns."""

    def __init__(self, world, first="192.0.2.53", second="198.51.100.53", ttl=1):
        self.world, self.servers, self.ttl = world, [first, second], ttl
        self.serial = 1
        self.zones = {".": []}
        world.host(first, second)

    def zone(self, name):
        self.zones[name] = []
        self.zones["."].append(f"{name}. 60 IN NS ns1.nic.example.")
        self.zones["."].append(f"{name}. 60 IN NS ns2.nic.example.")

    def add(self, zone, *lines):
        """Lines as in a zone file, with fully qualified owners."""
        self.zones[zone] += list(lines)

    def drop(self, zone, holds):
        """Remove the lines for which holds(line) is true; how many."""
        before = len(self.zones[zone])
        self.zones[zone] = [line for line in self.zones[zone] if not holds(line)]
        return before - len(self.zones[zone])

    def zone_text(self, name):
        origin = "." if name == "." else name + "."
        lines = [f"$TTL {self.ttl}",
                 f"{origin} IN SOA ns1.nic.example. hostmaster.nic.example. {self.serial} 3600 600 86400 1",
                 f"{origin} IN NS ns1.nic.example.", f"{origin} IN NS ns2.nic.example."]
        if name == ".":
            lines += [f"ns{i + 1}.nic.example. IN A {address}" for i, address in enumerate(self.servers)]
        return "\n".join(lines + self.zones[name]) + "\n"

    def file(self, name):
        return "root.zone" if name == "." else name + ".zone"

    def write(self):
        for name in self.zones:
            self.world.write("nsd/" + self.file(name), self.zone_text(name))

    def start(self):
        place = self.world.folder("nsd", owner="nsd")
        self.write()
        zones = "".join(f'zone:\n\tname: "{name}"\n\tzonefile: "{self.file(name)}"\n' for name in self.zones)
        conf = self.world.write("nsd/nsd.conf", NSD_CONF.format(
            first=self.servers[0], second=self.servers[1], dir=place, zones=zones))
        run("nsd-checkconf", conf)
        self.world.spawn("nsd", "nsd", "-d", "-c", conf)
        place = self.world.folder("unbound", owner="unbound")
        self.world.write("unbound/root.hints", "".join(
            f". 3600 IN NS ns{i + 1}.nic.example.\nns{i + 1}.nic.example. 3600 IN A {address}\n"
            for i, address in enumerate(self.servers)))
        conf = self.world.write("unbound/unbound.conf", UNBOUND_CONF.format(dir=place))
        run("unbound-checkconf", conf)
        self.world.spawn("unbound", "unbound", "-d", "-c", conf)
        self.world.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:2 attempts:2\n")
        run("mount", "--bind", self.world.path("resolv.conf"), "/etc/resolv.conf")
        wait_for("both name servers", self.current)
        wait_for("the resolver", lambda: self.ask("ns1.nic.example", "A"))

    def current(self):
        """Does every server serve the serial we wrote, in every zone?"""
        for server in self.servers:
            for zone in self.zones:
                query = dns.message.make_query(zone if zone == "." else zone + ".", "SOA")
                try:
                    answer = dns.query.udp(query, server, timeout=1)
                except Exception:
                    return False
                if not answer.answer or answer.answer[0][0].serial != self.serial:
                    return False
        return True

    def publish(self):
        self.serial += 1
        self.write()
        run("nsd-control", "-c", self.world.path("nsd/nsd.conf"), "reload")
        wait_for("the new zones", self.current)

    def ask(self, name, kind):
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.lifetime = 5
        try:
            return list(resolver.resolve(name.rstrip(".") + ".", kind))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException:
            return None

    def txt(self, name):
        """The TXT records of a name, each joined; asked of the authority, past any cache."""
        query = dns.message.make_query(name.rstrip(".") + ".", "TXT")
        answer = dns.query.udp(query, self.servers[0], timeout=3)
        if answer.flags & dns.flags.TC:
            answer = dns.query.tcp(query, self.servers[0], timeout=3)
        found = []
        for rrset in answer.answer:
            if rrset.rdtype == dns.rdatatype.TXT:
                found += [b"".join(item.strings) for item in rrset]
            elif rrset.rdtype == dns.rdatatype.CNAME and len(answer.answer) == 1:
                return self.txt(rrset[0].target.to_text())
        return found
