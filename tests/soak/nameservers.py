"""nameservers -- the DNS of thousands of domains in one process, with bad weather.

Every domain dNNNNNN.example has two name servers, on loopback addresses that many domains share; two
recursive resolvers know all.  One packet in so many is lost, on the way there and on the way back.
Records come and go while it runs, each at once and on all servers, unless only one is told.

    names = Nameservers(domains=300, loss=0.01, seed=1)
    names.start()                     # a process of its own; names.port, names.resolvers
    names.say("spf", 7, None)         # d000007.example has no SPF record any more
    names.say("blink", 7, ("spf", 1.5))   # nor for so many seconds, whoever is held up meanwhile
    names.say("trouble", 7, "dead")   # its servers keep silent; "failing": SERVFAIL; None: well

What is said is in force when say() returns.
"""

import multiprocessing
import random
import selectors
import socket
import struct
import time

RESOLVERS = ("127.0.0.1", "127.0.0.2")
SERVERS = 40                # addresses that domains share; d0 is on the first two, d1 on the next, ...
SPF, SOMEBODY_ELSE = "v=spf1 include:_spf.soak.example -all", "v=spf1 -all"
TXT, SOA, NS, A, MX = 16, 6, 2, 1, 15
TTL, NEGATIVE = 1, 2
BUFFER = 8 << 20


def texts(value):
    pieces = [value[i:i + 255] for i in range(0, len(value), 255)]
    return b"".join(bytes([len(piece)]) + piece.encode() for piece in pieces)


class Domain:
    __slots__ = ("spf", "dmarc", "dkim", "servers", "trouble", "split", "gone")

    def __init__(self, number):
        first = 2 * (number % (SERVERS // 2))
        self.spf, self.dmarc, self.dkim = [SPF], ["v=DMARC1; p=none"], []
        self.servers = ["127.1.0.%d" % (first + 1), "127.1.0.%d" % (first + 2)]
        self.trouble = None         # of all its servers: "dead", "failing"
        self.split = None           # a server that does not have the SPF record
        self.gone = {}              # what is not there until then

    def there(self, what):
        return [] if time.monotonic() < self.gone.get(what, 0) else getattr(self, what)


class Nameservers:
    def __init__(self, domains, loss, seed):
        self.domains = [Domain(i) for i in range(domains)]
        self.loss, self.random = loss, random.Random(seed)
        self.resolvers = RESOLVERS
        self.dead = {}              # addresses where somebody listens and nobody answers
        self.questions = self.lost = 0

    # ------------------------------------------------------------ before the start

    def kill(self, number, which):
        """From the start, one server (0, 1) of this domain is a dead address of its own."""
        address = "127.66.%d.%d" % (len(self.dead) // 250, len(self.dead) % 250 + 1)
        self.dead[address] = number
        self.domains[number].servers[which] = address

    def start(self):
        self.bind()
        self.pipe, other = multiprocessing.Pipe()
        self.child = multiprocessing.Process(target=self.serve, args=(other,), daemon=True)
        self.child.start()
        other.close()

    def bind(self):
        addresses = list(RESOLVERS) + ["127.1.0.%d" % (i + 1) for i in range(SERVERS)] + list(self.dead)
        while True:
            self.sockets, self.port = {}, 0
            try:
                for address in addresses:
                    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    self.sockets[address] = one
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
                    one.bind((address, self.port))
                    one.setblocking(False)
                    self.port = self.port or one.getsockname()[1]
                return
            except OSError:         # this port is taken at one of them
                for one in self.sockets.values():
                    one.close()

    # ------------------------------------------------------------ while it runs

    def say(self, what, number=0, value=None):
        self.pipe.send((what, number, value))
        return self.pipe.recv()

    def counts(self):
        """Questions that came, packets that were lost."""
        return self.say("count")

    def stop(self):
        self.pipe.close()
        self.child.join(5)
        self.child.kill()

    def obey(self, what, number, value):
        domain = self.domains[number]
        if what == "spf":
            domain.spf = value or []
        elif what == "dkim":
            domain.dkim = value or []
        elif what == "dmarc":
            domain.dmarc = value or []
        elif what == "blink":
            domain.gone[value[0]] = time.monotonic() + value[1]
        elif what == "trouble":
            domain.trouble = value
        elif what == "split":
            domain.split = domain.servers[1] if value else None
        return self.questions, self.lost

    # ------------------------------------------------------------ the servers' process

    def serve(self, pipe):
        watch = selectors.EpollSelector()
        watch.register(pipe, selectors.EVENT_READ, None)
        for address, one in self.sockets.items():
            if address not in self.dead:
                watch.register(one, selectors.EVENT_READ, address)
        while True:
            for key, _ in watch.select():
                if key.data is not None:
                    self.answer_some(key.fileobj, key.data)
                    continue
                try:
                    pipe.send(self.obey(*pipe.recv()))
                except (EOFError, OSError):
                    return

    def answer_some(self, server, address):
        for _ in range(50):
            try:
                query, client = server.recvfrom(2048)
            except BlockingIOError:
                return
            self.questions += 1
            answer = None if self.is_lost() else self.respond(address, query)
            if answer and not self.is_lost():
                server.sendto(answer, client)

    def is_lost(self):
        lost = self.loss > 0 and self.random.random() < self.loss
        self.lost += lost
        return lost

    def respond(self, address, query):
        """The answer of the server at this address, or None: it keeps silent."""
        if len(query) < 17 or query[2] & 0x80:
            return None
        at, labels, places = 12, [], []
        while query[at]:
            places.append(at)
            labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1").lower())
            at += 1 + query[at]
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        places.append(at)
        told = self.tell(address, labels, kind)
        if told is None:
            return None
        rcode, records, apex, ours = told
        body = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, TTL, len(data)) + data for data in records)
        if not records and rcode in (0, 3):
            place = places[len(labels) - apex]
            data = b"\0\0" + struct.pack(">IIIII", 1, 3600, 900, 86400, NEGATIVE)
            body = struct.pack(">H", 0xc000 | place) + struct.pack(">HHIH", SOA, 1, NEGATIVE, len(data)) + data
        bits = 0x8000 | (query[2] & 1) << 8 | rcode
        bits |= 0x80 if address in RESOLVERS else 0x400 if ours else 0
        extra = query[at + 5:at + 6] == b"\0" and query[at + 6:at + 8] == b"\0\x29"
        head = query[:2] + struct.pack(">HHHHH", bits, 1, len(records), 0 if records or rcode not in (0, 3) else 1, extra)
        return head + query[12:at + 5] + body + (b"\0" + struct.pack(">HHIH", 41, 1232, 0, 0) if extra else b"")

    def tell(self, address, labels, kind):
        """(rcode, rdata, labels of the apex, do we have authority); None: silence."""
        recursive = address in RESOLVERS
        if labels[-1:] != ["example"] or len(labels) == 1 or not labels[-2][1:].isdigit():
            return self.tell_above(labels, kind, recursive)
        number = int(labels[-2][1:])
        if number >= len(self.domains):
            return 3, [], 1, True
        domain = self.domains[number]
        if not recursive and address not in domain.servers:
            return 5, [], 0, False
        if domain.trouble or all(server in self.dead for server in domain.servers):
            # What a resolver does about servers that do not answer: give up soon, or late.
            if recursive:
                return None if number % 2 else (2, [], 0, False)
            return (2, [], 0, False) if domain.trouble == "failing" else None
        found = self.look_up(domain, labels[:-2], kind, address)
        return (3, [], 2, True) if found is None else (0, found, 2, True)

    @staticmethod
    def look_up(domain, labels, kind, address):
        """What stands there; None: there is no such name."""
        if not labels:
            if kind == TXT and domain.split != address:
                return [texts(value) for value in domain.there("spf")]
            if kind == NS:
                return [b"\x03ns1\xc0\x0c", b"\x03ns2\xc0\x0c"]
            if kind == SOA:
                return [b"\0\0" + struct.pack(">IIIII", 1, 3600, 900, 86400, NEGATIVE)]
            if kind == MX:
                return [b"\0\x0a\x03ns1\xc0\x0c"]
            return []
        if labels in (["ns1"], ["ns2"]):
            return [socket.inet_aton(domain.servers[labels == ["ns2"]])] if kind == A else []
        if labels == ["_dmarc"]:
            return [texts(value) for value in domain.there("dmarc")] if kind == TXT and domain.there("dmarc") else None
        if labels == ["s1", "_domainkey"]:
            return [texts(value) for value in domain.dkim] if kind == TXT and domain.dkim else None
        return [] if labels == ["_domainkey"] and domain.dkim else None

    @staticmethod
    def tell_above(labels, kind, recursive):
        """The root, "example", and the vendor's own names."""
        if not recursive:
            return 5, [], 0, False
        if labels == ["_spf", "soak", "example"] and kind == TXT:
            return 0, [texts("v=spf1 ip4:192.0.2.25 -all")], 1, True
        known = labels in ([], ["example"], ["soak", "example"], ["_spf", "soak", "example"])
        return 0 if known else 3, [], min(1, len(labels)), True
