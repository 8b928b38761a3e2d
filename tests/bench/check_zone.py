"""The zone of bench-check, and the name server that has it."""
import os
import resource
import socket
import subprocess
import time

CONF = """server:
	ip-address: 127.0.0.1@{port}
	username: ""
	zonesdir: "{folder}"
	pidfile: ""
	database: ""
	zonelistfile: "{folder}/zones"
	xfrdfile: "{folder}/xfrd"
	xfrdir: "{folder}"
	logfile: "{folder}/log"
	server-count: 1
	rrl-ratelimit: 0
remote-control:
	control-enable: no
zone:
	name: "bench.example"
	zonefile: "zone"
"""
APEX = """$ORIGIN bench.example.
$TTL 300
@ SOA ns1 hostmaster 1 3600 600 86400 60
@ NS ns1
ns1 A 127.0.0.1
_spf TXT "v=spf1 ip4:192.0.2.0/24 -all"
"""
HOST = b"\5bench\7example\0"


def cpu_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def domain(n):
    return f"d{n:06d}.bench.example"


def make_key(folder):
    key = f"{folder}/key.pem"
    if not os.path.exists(key):
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key],
                       stderr=subprocess.DEVNULL, check=True)
        os.chmod(key, 0o600)
    lines = subprocess.run(["openssl", "pkey", "-in", key, "-pubout"], stdout=subprocess.PIPE, check=True,
                           text=True).stdout.split("\n")
    text = "v=DKIM1; k=rsa; p=" + "".join(line for line in lines if "---" not in line)
    with open(f"{folder}/key", "w", encoding="ascii") as file:
        file.write(text + "\n")
    return text


def write_zone(folder, count):
    """Every second domain has an SPF record that no other has."""
    key = make_key(folder)
    strings = " ".join(f'"{key[at:at + 255]}"' for at in range(0, len(key), 255))
    with open(f"{folder}/zone", "w", encoding="ascii") as zone, open(f"{folder}/queries", "w", encoding="ascii") as queries:
        zone.write(APEX)
        for n in range(count):
            own = f"ip4:198.51.{n // 2 // 250 % 250}.{n // 2 % 250} ip4:203.0.113.{n // 2 // 62500} " if n % 2 else ""
            label = f"d{n:06d}"
            zone.write(f'{label} TXT "v=spf1 {own}include:_spf.bench.example -all"\n'
                       f'_dmarc.{label} TXT "v=DMARC1; p=none"\n'
                       f"s1._domainkey.{label} TXT {strings}\ns2._domainkey.{label} TXT {strings}\n")
            for prefix in ("", "_dmarc.", "s1._domainkey.", "s2._domainkey."):
                queries.write(f"{prefix}{domain(n)} TXT\n")


def serve(folder, port):
    """Start the server and wait for its first answer."""
    with open(f"{folder}/nsd.conf", "w", encoding="ascii") as conf:
        conf.write(CONF.format(folder=folder, port=port))
    server = subprocess.Popen(["nsd", "-d", "-c", f"{folder}/nsd.conf"], stderr=subprocess.DEVNULL)
    for _ in range(600):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(0.1)
            udp.sendto(b"\0\1\1\0\0\1\0\0\0\0\0\0" + HOST + b"\0\6\0\1", ("127.0.0.1", port))
            try:
                udp.recv(512)
                return server
            except OSError:
                time.sleep(0.1)
    raise SystemExit("the name server does not answer")
