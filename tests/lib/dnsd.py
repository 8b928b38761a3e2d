"""A DNS server for tests: several servers in one process, on loopback only.

Every server has an address of its own (127.0.0.x) and they share a port, as in
life.  A server either answers for its zones (authoritative) or, like a
recursive resolver, for everything that any server knows.  It can be told to be
silent, to fail, to be lame, to have another version of a zone.

    world = World()
    zone = world.zone('acme.example', servers=['127.0.0.2', '127.0.0.3'])
    zone.add('acme.example', 'TXT', 'v=spf1 -all')
    world.start()            # world.port; the resolver is 127.0.0.1

Names are text split at '.', so that '%', ' ' and '[' are legal in labels.
An entry may be 'TIMEOUT' (no answer for types not answered before it).
"""
import collections
import copy
import json
import os
import socket
import socketserver
import struct
import sys
import threading
import time

TYPES = {'A': 1, 'NS': 2, 'CNAME': 5, 'SOA': 6, 'PTR': 12, 'MX': 15, 'TXT': 16, 'AAAA': 28, 'SPF': 99}
NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
RESOLVER = '127.0.0.1'


def encode_name(name):
    out = b''
    name = name.rstrip('.')
    for label in name.split('.') if name else []:
        octets = label.encode('latin-1')
        if not 0 < len(octets) < 64:
            raise ValueError('bad label in %r' % name)
        out += bytes([len(octets)]) + octets
    return out + b'\0'


def encode_data(kind, value):
    if kind == 'A':
        return socket.inet_aton(value)
    if kind == 'AAAA':
        return socket.inet_pton(socket.AF_INET6, value)
    if kind in ('TXT', 'SPF'):
        out = b''
        for piece in [value] if isinstance(value, (str, bytes)) else value:
            octets = piece if isinstance(piece, bytes) else piece.encode('utf-8')
            if not octets:
                out += b'\0'
            for at in range(0, len(octets), 255):
                part = octets[at:at + 255]
                out += bytes([len(part)]) + part
        return out or b'\0'
    if kind == 'MX':
        return struct.pack('>H', value[0]) + encode_name(value[1])
    if kind == 'SOA':       # (mname, minimum)
        return encode_name(value[0]) + encode_name('hostmaster.' + value[0]) + struct.pack(
            '>IIIII', 1, 3600, 900, 86400, value[1])
    return encode_name(value)


def parents(name):
    """The names above it: "a.b.c" has "b.c" and "c"."""
    labels = name.split('.')
    return ['.'.join(labels[i:]) for i in range(1, len(labels))]


class Silence(Exception):
    """No answer at all."""


class Zone:
    """What one or more servers say about a part of the tree."""

    def __init__(self, apex, ttl=1, negative=1, soa=True):
        self.apex = apex.lower().rstrip('.')
        self.ttl = ttl
        self.names = {}
        self.below = collections.Counter()      # how many names end in ".KEY": a look at all of them takes too long
        self.lock = threading.Lock()
        if soa:
            self.add(apex, 'SOA', ('ns.' + self.apex if self.apex else 'ns', negative))

    def add(self, name, kind, value=None, ttl=None):
        with self.lock:
            entry = kind if kind == 'TIMEOUT' else (kind, value, self.ttl if ttl is None else ttl)
            key = name.lower().rstrip('.')
            if key not in self.names:
                self.below.update(parents(key))
            self.names.setdefault(key, []).append(entry)

    def remove(self, name, kind=None):
        name = name.lower().rstrip('.')
        with self.lock:
            kept = [e for e in self.names.get(name, []) if kind and e[0] != kind]
            if kept:
                self.names[name] = kept
            elif self.names.pop(name, None):
                self.below.subtract(parents(name))

    def copy(self):
        other = Zone(self.apex, self.ttl, soa=False)
        other.names, other.below = copy.deepcopy(self.names), self.below.copy()
        return other

    def holds(self, name):
        return self.apex == '' or name == self.apex or name.endswith('.' + self.apex)

    def is_parent(self, name):
        """An empty non-terminal: nothing here, something below."""
        return self.below[name] > 0

    def wildcard(self, name):
        """What "*." above the name says of one that does not exist (RFC 4592 3.3.1)."""
        labels = name.split('.')
        for i in range(1, len(labels)):
            above = '.'.join(labels[i:])
            if above in self.names or self.is_parent(above):
                return list(self.names.get('*.' + above, []))
        return []


class Server:
    def __init__(self, address):
        self.address = address
        self.zones = []
        self.mode = 'well'      # silent, failing, refusing, slow, garbage, truncating
        self.under_way = 0      # questions not answered yet
        self.busiest = 0        # as many as that were under way at once


class World:
    def __init__(self):
        self.servers = {RESOLVER: Server(RESOLVER)}
        self.port = 0
        self.log = []           # (server, name, type, transport, recursion)
        self.failing = set()    # names the resolver answers with SERVFAIL
        self.sockets = []
        self.lock = threading.Lock()
        self.seconds = {}       # questions in each tenth of a second

    def server(self, address):
        return self.servers.setdefault(address, Server(address))

    def zone(self, apex, servers, names=None, **more):
        """A zone on these servers; NS and A records of "ns1.apex" ... come with it."""
        zone = Zone(apex, **more)
        names = names or ['ns%d.%s' % (i + 1, apex) for i in range(len(servers))]
        for name, address in zip(names, servers):
            self.server(address).zones.append(zone)
            zone.add(apex, 'NS', name)
            if zone.holds(name.lower()):
                zone.add(name, 'AAAA' if ':' in address else 'A', address)
        return zone

    # ------------------------------------------------------------------ answers

    def zones_of(self, server, recursive):
        if not recursive:
            return server.zones
        every = []
        for other in self.servers.values():
            every += [z for z in other.zones if z not in every]
        return every

    def find(self, zones, name):
        fitting = [z for z in zones if z.holds(name)]
        return max(fitting, key=lambda z: len(z.apex)) if fitting else None

    def delegation(self, zone, name):
        """NS records in the zone, below its apex, above the name."""
        labels = name.split('.')
        for i in range(len(labels)):
            above = '.'.join(labels[i:])
            if above == zone.apex or not zone.holds(above):
                break
            ns = [e for e in zone.names.get(above, []) if e[0] == 'NS']
            if ns:
                return above, ns
        return None

    def look_up(self, zones, name, kind, answer, authority, recursive, depth=0):
        """Append (owner, type, ttl, data); returns rcode and whether it is ours to say."""
        key = name.lower().rstrip('.')
        zone = self.find(zones, key)
        if zone is None:
            return (SERVFAIL if recursive and not depth else NOERROR if depth else REFUSED), False
        if not recursive:
            cut = self.delegation(zone, key)
            if cut:
                authority += [(cut[0], 'NS', e[2], e[1]) for e in cut[1]]
                return NOERROR, False
        if recursive and key in self.failing:
            return SERVFAIL, False
        rcode, found = NOERROR, False
        with zone.lock:
            entries = list(zone.names.get(key, []))
            empty = not entries and not zone.is_parent(key)
            if empty:
                entries = zone.wildcard(key)
                empty = not entries
        for entry in entries:
            if entry == 'TIMEOUT':
                if not found:
                    raise Silence
                break
            if entry[1] == 'TIMEOUT':
                if entry[0] == kind:
                    raise Silence
            elif entry[0] == kind:
                found = True
                answer.append((name, kind, entry[2], entry[1]))
            elif entry[0] == 'CNAME':
                found = True
                answer.append((name, 'CNAME', entry[2], entry[1]))
                if depth < 8:
                    rcode, _ = self.look_up(zones, entry[1], kind, answer, authority, recursive, depth + 1)
        if not found:
            soa = [e for e in zone.names.get(zone.apex, []) if e[0] == 'SOA']
            authority += [(zone.apex, 'SOA', e[1][1], e[1]) for e in soa]
            if empty:
                rcode = NXDOMAIN
        return rcode, True

    def respond(self, server, query, transport):
        with self.lock:
            server.under_way += 1
            server.busiest = max(server.busiest, server.under_way)
            tenth = int(time.monotonic() * 10)
            self.seconds[tenth] = self.seconds.get(tenth, 0) + 1
        try:
            return self.answer(server, query, transport)
        finally:
            with self.lock:
                server.under_way -= 1

    def seen(self):
        """How busy the servers were, and the most questions of all within one second."""
        with self.lock:
            tenths = dict(self.seconds)
        return {'busiest': {s.address: s.busiest for s in self.servers.values()},
                'asked': sum(tenths.values()),
                'second': max((sum(tenths.get(t + i, 0) for i in range(10)) for t in tenths), default=0)}

    def answer(self, server, query, transport):
        if len(query) < 17 or server.mode == 'silent':
            return None
        if server.mode == 'slow':
            time.sleep(1)
        ident, flags, _, _, _, extra = struct.unpack('>HHHHHH', query[:12])
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode('latin-1'))
            at += 1 + query[at]
        at += 1
        number, _ = struct.unpack('>HH', query[at:at + 4])
        at += 4
        size, opt = 512, b''
        if extra and query[at:at + 3] == b'\0\0\x29':
            size = max(512, struct.unpack('>H', query[at + 3:at + 5])[0])
            opt = b'\0' + struct.pack('>HHIH', 41, 1232, 0, 0)
        name = '.'.join(labels)
        kind = next((k for k, n in TYPES.items() if n == number), '?')
        recursive = server.address == RESOLVER
        self.log.append((server.address, name, kind, transport, bool(flags & 0x0100)))
        if server.mode == 'garbage':
            return struct.pack('>HHHHHH', ident, 0x8400, 1, 3, 0, 0) + query[12:at] + b'this is no record at all'
        answer, authority, ours = [], [], False
        if server.mode == 'failing':
            rcode = SERVFAIL
        elif server.mode == 'refusing':
            rcode = REFUSED
        else:
            try:
                rcode, ours = self.look_up(self.zones_of(server, recursive), name, kind, answer,
                                           authority, recursive)
            except Silence:
                return None
        body = b''
        for owner, what, ttl, value in answer + authority:
            data = encode_data(what, value)
            body += encode_name(owner) + struct.pack('>HHIH', TYPES[what], 1, ttl, len(data)) + data
        bits = 0x8000 | (flags & 0x0100) | rcode | (0x0080 if recursive else 0)
        bits |= 0x0400 if ours and not recursive else 0
        head = struct.pack('>HHHHHH', ident, bits, 1, len(answer), len(authority), 1 if opt else 0)
        message = head + query[12:at] + body + opt
        if transport == 'udp' and (len(message) > size or server.mode == 'truncating'):
            head = struct.pack('>HHHHHH', ident, bits | 0x0200, 1, 0, 0, 1 if opt else 0)
            message = head + query[12:at] + opt
        return message

    # ------------------------------------------------------------------ sockets

    def start(self, port=0):
        for _ in range(50):
            try:
                self.listen(port)
                return self
            except OSError:
                self.stop()
        raise OSError('no port is free on all addresses')

    def listen(self, port):
        self.port = port
        for server in list(self.servers.values()):
            family = socket.AF_INET6 if ':' in server.address else socket.AF_INET
            self.listen_on(server, family)

    def listen_on(self, server, family):
        world = self

        class Datagram(socketserver.BaseRequestHandler):
            def handle(self):
                message = world.respond(server, self.request[0], 'udp')
                if message:
                    self.request[1].sendto(message, self.client_address)

        class Stream(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    while True:
                        head = self.request.recv(2)
                        if len(head) < 2:
                            return
                        size, query = struct.unpack('>H', head)[0], b''
                        while len(query) < size:
                            more = self.request.recv(size - len(query))
                            if not more:
                                return
                            query += more
                        message = world.respond(server, query, 'tcp')
                        if not message:
                            return
                        self.request.sendall(struct.pack('>H', len(message)) + message)
                except OSError:
                    pass

        class Udp(socketserver.ThreadingUDPServer):
            address_family = family
            daemon_threads = True

        class Tcp(socketserver.ThreadingTCPServer):
            address_family = family
            daemon_threads = True
            request_queue_size = 128
            allow_reuse_address = True

        udp = Udp((server.address, self.port), Datagram)
        self.sockets.append(udp)
        self.port = udp.server_address[1]
        tcp = Tcp((server.address, self.port), Stream)
        self.sockets.append(tcp)
        for each in (udp, tcp):
            threading.Thread(target=each.serve_forever, kwargs={'poll_interval': 0.05},
                             daemon=True).start()

    def stop(self):
        for each in self.sockets:
            each.server_close()
        self.sockets = []


def load(path):
    """A world from a JSON file: {"zones": [{"apex", "servers", "ttl", "negative",
    "records": [[name, type, value], ...]}], "modes": {"127.0.0.3": "silent"}}"""
    with open(path, encoding='utf-8') as file:
        text = json.load(file)
    world = World()
    for row in text.get('zones', []):
        zone = world.zone(row['apex'], row['servers'], row.get('names'),
                          ttl=row.get('ttl', 1), negative=row.get('negative', 1))
        for record in row.get('records', []):
            zone.add(*record)
    for address, mode in text.get('modes', {}).items():
        world.server(address).mode = mode
    return world


def main(path, port_file):
    """Serve the world of a file; when the file changes, the new one.  What was asked since
    then stands in PORT_FILE.seen at the end of each second or so."""
    stamp, world, port, told = None, None, 0, 0
    while True:
        now = os.stat(path).st_mtime_ns
        if now != stamp:
            fresh = load(path)
            if world and set(world.servers) == set(fresh.servers):
                for address, server in fresh.servers.items():
                    world.servers[address].zones = server.zones
                    world.servers[address].mode = server.mode
                    world.servers[address].busiest = 0
                world.seconds = {}
            else:
                if world:
                    world.stop()
                world = fresh.start(port)
            stamp, port = now, world.port
            with open(port_file + '.new', 'w', encoding='utf-8') as file:
                file.write('%d %d\n' % (port, stamp))
            os.replace(port_file + '.new', port_file)
        if time.monotonic() >= told:
            with open(port_file + '.seen.new', 'w', encoding='utf-8') as file:
                json.dump(world.seen(), file)
            os.replace(port_file + '.seen.new', port_file + '.seen')
            told = time.monotonic() + 0.5
        time.sleep(0.05)


if __name__ == '__main__':
    main(*sys.argv[1:])
