"""Checks a second, side by side with others; called by check.sh."""
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import check_peers
from check_zone import cpu_of_children, serve, write_zone

BUILD = os.environ["top_builddir"]
DOMAINS = int(os.environ.get("BENCH_DOMAINS") or 20000)
AT_ONCE = int(os.environ.get("BENCH_AT_ONCE") or 1000)
ROUNDS = int(os.environ.get("BENCH_ROUNDS") or 4)
DELAY = int(os.environ.get("BENCH_DELAY") or 20)
PEER_DOMAINS = int(os.environ.get("BENCH_PEER_DOMAINS") or 200)
MEMORY_DOMAINS = int(os.environ.get("BENCH_MEMORY_DOMAINS") or 100000)
INSIDE = os.environ.get("BENCH_INSIDE") == "yes"


def load():
    with open("/proc/loadavg", encoding="ascii") as file:
        return file.read().split()[0]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        return udp.getsockname()[1]


def check(folder, port, domains, phase):
    """One run of ours: what check_bench prints, by name."""
    text = subprocess.run(
        [f"{BUILD}/tests/bench/check_bench", f"127.0.0.1:{port}", str(domains), str(AT_ONCE), f"{folder}/key", phase],
        stdout=subprocess.PIPE, check=False, text=True).stdout
    count, good, seconds, questions, own, evaluator, memory = (float(word) for word in text.split())
    if good != count:
        print(f"  {phase}: only {good:.0f} of {count:.0f} are good")
    return {"rate": count / seconds, "questions": questions / count, "own": own / count * 1e6,
            "evaluator": evaluator / count * 1e6, "memory": memory / 1024}


def dnsperf(folder, port):
    """Queries a second, and microseconds of CPU for each."""
    before = cpu_of_children()
    text = subprocess.run(["dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", f"{folder}/queries", "-q", "100",
                           "-n", "1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True).stdout
    rate = float(next(line.split()[-1] for line in text.splitlines() if "Queries per second" in line))
    return {"rate": rate, "cpu": (cpu_of_children() - before) / (4 * DOMAINS) * 1e6}


def against_dnsperf(folder, port):
    """The three take turns, there and back."""
    arms = {"dnsperf": lambda: dnsperf(folder, port), "quick": lambda: check(folder, port, DOMAINS, "quick"),
            "full": lambda: check(folder, port, DOMAINS, "full")}
    seen = {name: [] for name in arms}
    print(f"{DOMAINS} domains, {AT_ONCE} at once; dnsperf queries/s (CPU); checks/s, CPU own + evaluator")
    for n in range(ROUNDS):
        for name in list(arms) if n % 2 == 0 else reversed(arms):
            seen[name].append(arms[name]())
        perf, quick, full = (seen[name][-1] for name in arms)
        print(f"  {perf['rate']:7.0f}/s ({perf['cpu']:.1f} us)  recursive only {quick['rate']:5.0f}/s, "
              f"{quick['own']:.0f} + {quick['evaluator']:.0f} us  two-phase {full['rate']:5.0f}/s, "
              f"{full['own']:.0f} + {full['evaluator']:.0f} us  load {load()}", flush=True)
    for name, title in (("quick", "recursive only"), ("full", "two-phase")):
        ratios = [own["rate"] * own["questions"] / perf["rate"] for own, perf in zip(seen[name], seen["dnsperf"])]
        cpus = [perf["cpu"] * own["questions"] / (own["own"] + own["evaluator"])
                for own, perf in zip(seen[name], seen["dnsperf"])]
        rate = statistics.median(own["rate"] for own in seen[name])
        print(f"{title}: {rate:.0f} checks/s, {seen[name][0]['questions']:.2f} questions each, "
              f"ratio to dnsperf {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}), "
              f"of CPU time {statistics.median(cpus):.2f} ({min(cpus):.2f} to {max(cpus):.2f}); aim 0.5")


def slow_down(server_port):
    """Return (set_delay, port): netem where the kernel has it, else a road of our own."""
    if INSIDE and subprocess.run(["tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "0ms", "limit", "100000"],
                                 stderr=subprocess.DEVNULL, check=False).returncode == 0:
        def netem(milliseconds):
            subprocess.run(["tc", "qdisc", "change", "dev", "lo", "root", "netem", "delay", f"{milliseconds}ms",
                            "limit", "100000"], check=True)
        print("  delay by netem on loopback")
        return netem, server_port
    port, running = free_port(), []

    def road(milliseconds):
        for process in running:
            process.kill()
            process.wait()
        running[:] = []
        if milliseconds is not None:
            running.append(subprocess.Popen([f"{BUILD}/tests/bench/far_server", str(port), str(server_port),
                                             str(milliseconds)]))
            time.sleep(0.3)
    print("  delay by far_server, as the kernel has no netem here; the undelayed runs pass through it too")
    return road, port


def far_away(folder, port):
    """The same server near and far, near, far, far, near."""
    set_delay, port = slow_down(port)
    for phase in ("quick", "full"):
        rates = {0: [], DELAY: []}
        for milliseconds in (0, DELAY, DELAY, 0):
            set_delay(milliseconds)
            rates[milliseconds].append(check(folder, port, DOMAINS, phase)["rate"])
        near, far = (statistics.mean(rates[milliseconds]) for milliseconds in (0, DELAY))
        print(f"  {phase}: {near:.0f} checks/s near, {far:.0f} with {DELAY} ms each way: "
              f"{100 * far / near:.0f} %; aim 70 %  load {load()}", flush=True)
    set_delay(0 if port == 53 else None)


def memory(folder, port):
    print(f"{MEMORY_DOMAINS} domains in one run, largest resident memory; aim below 300 MB")
    for phase in ("quick", "full"):
        run = check(folder, port, MEMORY_DOMAINS, phase)
        print(f"  {phase}: {run['memory']:.0f} MB, {run['rate']:.0f} checks/s  load {load()}", flush=True)


def main():
    folder = tempfile.mkdtemp()
    port = 53 if INSIDE else free_port()
    server = None
    try:
        write_zone(folder, DOMAINS)
        server = serve(folder, port)
        against_dnsperf(folder, port)
        print(f"peers, the same {PEER_DOMAINS} domains on the same server")
        ours = check(folder, port, PEER_DOMAINS, "quick")
        print(f"  a whole check of ours: {1e3 / ours['rate']:.2f} ms, "
              f"{(ours['own'] + ours['evaluator']) / 1e3:.2f} ms of CPU")
        check_peers.run(folder, port, PEER_DOMAINS)
        if DELAY > 0:
            print("a server that is far away")
            far_away(folder, port)
        if MEMORY_DOMAINS > 0:
            server.kill()
            server.wait()
            write_zone(folder, MEMORY_DOMAINS)
            server = serve(folder, port)
            memory(folder, port)
    finally:
        if server:
            server.kill()
            server.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
