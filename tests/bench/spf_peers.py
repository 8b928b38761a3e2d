"""SPF evaluation per domain: ours against pyspf, in process, on the same local NSD.

spf_peers.py PROGRAM (spf_dns_bench); says what is missing and ends well when something is.
"""
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

PROGRAM = sys.argv[1]
DOMAINS = int(os.environ.get("BENCH_DOMAINS", "1000"))
ROUNDS = 3

try:
    import dns.resolver
    import spf
except ImportError as error:
    print(f"spf per domain: skipped, {error}")
    sys.exit(0)
NSD = shutil.which("nsd") or (os.path.exists("/usr/sbin/nsd") and "/usr/sbin/nsd")
if not NSD:
    print("spf per domain: skipped, NSD is not installed")
    sys.exit(0)

SHARED = """$ORIGIN example.
$TTL 300
@ SOA ns.example. hostmaster.example. 1 3600 900 86400 300
@ NS ns.example.
ns A 127.0.0.1
_spf.one TXT "v=spf1 ip4:203.0.113.0/25 ip4:203.0.113.128/26 ~all"
_spf.two TXT "v=spf1 a:relay.two.example ip6:2001:db8:2::/48 -all"
relay.two A 198.51.100.3
_spf.vendor TXT "v=spf1 ip4:192.0.2.0/24 -all"
"""
EACH = """d{n} TXT "v=spf1 a mx include:_spf.one.example include:_spf.two.example include:_spf.vendor.example -all"
d{n} A 198.51.100.1
d{n} MX 10 mail.d{n}
mail.d{n} A 198.51.100.2
"""


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        return udp.getsockname()[1]


def serve(folder, port):
    with open(f"{folder}/example.zone", "w", encoding="ascii") as zone:
        zone.write(SHARED)
        for n in range(DOMAINS):
            zone.write(EACH.format(n=n))
    with open(f"{folder}/nsd.conf", "w", encoding="ascii") as conf:
        conf.write(f"""server:
  ip-address: 127.0.0.1@{port}
  username: ""
  zonesdir: "{folder}"
  pidfile: ""
  xfrdfile: "{folder}/xfrd"
  xfrdir: "{folder}"
  zonelistfile: "{folder}/list"
  database: ""
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: example
  zonefile: example.zone
""")
    return subprocess.Popen([NSD, "-d", "-c", f"{folder}/nsd.conf"], stderr=subprocess.DEVNULL)


def cpu(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def run_pyspf():
    """Seconds of wall time, seconds of processor time."""
    begin, spent = time.monotonic(), cpu(resource.RUSAGE_SELF)
    for n in range(DOMAINS):
        result, _ = spf.check2(i="192.0.2.25", s=f"claim@d{n}.example", h="relay.vendor.example")
        if result != "pass":
            sys.exit(f"spf per domain: pyspf says {result}")
    return time.monotonic() - begin, cpu(resource.RUSAGE_SELF) - spent


def run_ours(port, at_once):
    """The same; the evaluator's processor time counts, NSD's does not."""
    spent = cpu(resource.RUSAGE_CHILDREN)
    done = subprocess.run([PROGRAM, f"127.0.0.1:{port}", str(DOMAINS), str(at_once)], stdout=subprocess.PIPE,
                          check=False)
    if done.returncode != 0:
        sys.exit("spf per domain: a result of ours is wrong")
    return float(done.stdout), cpu(resource.RUSAGE_CHILDREN) - spent


def await_server(resolver):
    for _ in range(100):
        try:
            resolver.resolve("ns.example", "A", lifetime=0.1)
            return
        except Exception:  # not up yet: whatever it says
            time.sleep(0.05)
    sys.exit("spf per domain: NSD does not answer")


def measure(port):
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], port
    dns.resolver.default_resolver = resolver
    await_server(resolver)
    theirs, one, many = [], [], []
    for _ in range(ROUNDS):
        theirs.append(run_pyspf())
        one.append(run_ours(port, 1))
        many.append(run_ours(port, 64))
    print(f"spf evaluation per domain through DNS, {DOMAINS} domains, NSD on this machine, load {os.getloadavg()[0]:.1f}:")
    wall, busy = (statistics.median(t[i] for t in theirs) for i in (0, 1))
    for what, times in (("pyspf in process", theirs), ("ours, one at a time", one), ("ours, 64 at once", many)):
        took, spent = (statistics.median(t[i] for t in times) for i in (0, 1))
        print(f"  {what:<20} {took / DOMAINS * 1e6:6.0f} us of wall time, speed {wall / took:5.2f}; "
              f"{spent / DOMAINS * 1e6:5.0f} us of processor time, ratio {spent / busy:.2f}")


with tempfile.TemporaryDirectory() as house:
    number = free_port()
    server = serve(house, number)
    try:
        measure(number)
    finally:
        server.terminate()
        server.wait()
