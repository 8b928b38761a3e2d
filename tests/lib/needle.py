#!/usr/bin/env python3
"""needle -- private bytes, looked for where they must not be.

    needle.py list FILE SECRET...         what to look for: private keys (PEM, or one line of base64), passwords, master keys
    needle.py memory LIST PID...          in the memory of processes, guarded pages and others apart
    needle.py files LIST PATH... [-- EXCLUDED...]   in files and whatever is below folders
    needle.py watch LIST COMMAND...       in all that a program reads and writes, and in its memory at its end

Each prints one JSON document.  A secret is cut into pieces of 16 bytes, as they are, backwards (that is how OpenSSL keeps
a number), in hex, and in base64 with each of three beginnings.  So every copy of 31 bytes in a row is found, and of 31
characters of its text.

A guarded page is one of sodium_malloc() or of OpenSSL's secure heap: left out of core dumps, locked, and between two
pages that nobody can touch.  (AddressSanitizer swallows mlock(): in such a build the lock is not asked for.)
"""
import base64, json, os, re, signal, subprocess, sys, tempfile, time

NEEDLE = os.path.join(os.environ['top_builddir'], 'tests/lib/needle')
PIECE = 16
SHADOW = 1 << 36  # a region this large is a sanitizer's bookkeeping, and holds no byte of the program


# ---- what to look for

def numbers(der):
    """The INTEGERs and OCTET STRINGs of a DER value, in order."""
    found = []

    def walk(data):
        at = 0
        while at + 2 <= len(data):
            tag, size, at = data[at], data[at + 1], at + 2
            if size & 0x80:
                count = size & 0x7f
                size, at = int.from_bytes(data[at:at + count], 'big'), at + count
            value, at = data[at:at + size], at + size
            if tag == 0x30:
                walk(value)
            elif tag in (2, 4):
                found.append((tag, value))
    walk(der)
    return found


def parts(path):
    """(name, secret bytes) of a file."""
    data = open(path, 'rb').read()
    name = os.path.basename(path)
    if data.startswith(b'SKM\x01'):
        return [(name, data[36:68])]
    if b'-----BEGIN' not in data:
        return [(name, data.rstrip(b'\n'))]
    der = base64.b64decode(b''.join(re.findall(rb'^[A-Za-z0-9+/=]+$', data, re.M)))
    inner = numbers(der)[-1][1] if b'BEGIN PRIVATE' in data else der
    if inner[:2] == b'\x04\x20':
        return [(name + ':seed', inner[2:])]
    rsa = [value.lstrip(b'\0') for _, value in numbers(inner)]
    return [(f'{name}:{what}', value) for what, value in zip(('d', 'p', 'q', 'dp', 'dq', 'qi'), rsa[3:9])]


def pieces(secret):
    for at in range(0, len(secret) - PIECE + 1, PIECE):
        piece = secret[at:at + PIECE]
        yield from (piece, piece[::-1], piece.hex().encode(), piece.hex().upper().encode())
    for start in range(3):
        cut = secret[start:]
        text = base64.b64encode(cut[:len(cut) // 3 * 3])
        for at in range(0, len(text) - PIECE + 1, PIECE):
            yield text[at:at + PIECE]


def write_list(path, *files):
    secrets = [part for file in files for part in parts(file)]
    with open(path, 'w') as out:
        for name, secret in secrets:
            assert len(secret) >= PIECE, name
            for piece in pieces(secret):
                out.write(f"{name.replace(' ', '_')} {piece.hex()}\n")
    return {'files': len(files), 'secrets': len(secrets), 'pieces': sum(1 for _ in open(path))}


# ---- where

class Search:
    """A stream through the searcher; hits are told by the name of the place that was written."""
    def __init__(self, needles):
        self.out = tempfile.TemporaryFile()
        self.process = subprocess.Popen([NEEDLE, needles], stdin=subprocess.PIPE, stdout=self.out)
        self.at, self.places = 0, []

    def feed(self, place, data):
        if not self.places or self.places[-1][1] != place:
            self.places.append((self.at, place))
        self.process.stdin.write(data)
        self.at += len(data)

    def hits(self):
        self.process.stdin.close()
        assert self.process.wait() == 0
        self.out.seek(0)
        found = set()
        for line in self.out.read().decode().splitlines():
            offset, label = line.split(' ', 1)
            place = [p for start, p in self.places if start <= int(offset)][-1]
            found.add(f'{label} in {place}')
        return sorted(found)


def regions(pid):
    """(start, end, rights, name, flags, resident kB) of each mapping."""
    found = []
    for line in open(f'/proc/{pid}/smaps'):
        head = re.match(r'([0-9a-f]+)-([0-9a-f]+) (....) \S+ \S+ \S+\s*(.*)', line)
        if head:
            found.append([int(head[1], 16), int(head[2], 16), head[3], head[4].strip(), [], 0])
        elif line.startswith('VmFlags:'):
            found[-1][4] = line.split()[1:]
        elif line.startswith('Rss:'):
            found[-1][5] = int(line.split()[1])
    return found


def guarded(all_regions, i):
    sanitized = any('libasan' in r[3] for r in all_regions)
    start, end, _, name, flags, _ = all_regions[i]
    if name or 'dd' not in flags or not ('lo' in flags or sanitized):
        return False
    before, after = all_regions[i - 1], all_regions[(i + 1) % len(all_regions)]
    return before[1] == start and before[2].startswith('---') and after[0] == end and after[2].startswith('---')


def read_memory(pid, inside, outside):
    """Every resident byte into one of two searches; how many went where."""
    count = [0, 0]
    listing = regions(pid)
    command = open(f'/proc/{pid}/comm').read().strip()
    with open(f'/proc/{pid}/mem', 'rb', 0) as memory:
        for i, (start, end, rights, name, _, resident) in enumerate(listing):
            if resident == 0 or end - start >= SHADOW or name.startswith('[v'):
                continue
            good = guarded(listing, i)
            for at in range(start, end, 1 << 22):
                try:
                    memory.seek(at)
                    data = memory.read(min(end - at, 1 << 22))
                except OSError:
                    continue  # an unreadable device page; plain pages are always readable for root
                (inside if good else outside).feed(f'{command} {pid} {name or hex(start)} {rights}', data)
                count[not good] += len(data)
    return count


def memory(needles, *pids):
    inside, outside = Search(needles), Search(needles)
    counts = [read_memory(int(pid), inside, outside) for pid in pids]
    return {'guarded': inside.hits(), 'elsewhere': outside.hits(),
            'guarded_bytes': sum(c[0] for c in counts), 'elsewhere_bytes': sum(c[1] for c in counts)}


def files(needles, *paths):
    excluded = [os.path.abspath(p) for p in paths[paths.index('--') + 1:]] if '--' in paths else []
    search, count = Search(needles), 0

    def one(path):
        nonlocal count
        if any(path == e or path.startswith(e + '/') for e in excluded) or os.path.islink(path) or not os.path.isfile(path):
            return
        try:
            with open(path, 'rb') as file:
                while data := file.read(1 << 22):
                    search.feed(path, data)
            search.feed(path, bytes(64))  # no needle lies across two files
            count += 1
        except OSError:
            pass  # gone meanwhile
    for path in paths[:paths.index('--')] if '--' in paths else paths:
        path = os.path.abspath(path)
        one(path)
        for folder, _, names in os.walk(path):
            for name in names:
                one(os.path.join(folder, name))
    return {'files': count, 'bytes': search.at, 'hits': search.hits()}


TRACED = 'read,readv,pread64,write,writev,pwrite64,recvfrom,recvmsg,recvmmsg,sendto,sendmsg,sendmmsg'


def watch(needles, *command):
    """Under strace, and held for a moment when it wants to end: then its memory is what its whole life left in it."""
    log = tempfile.mktemp(dir=os.environ['HOUSE'])
    env = dict(os.environ, ASAN_OPTIONS='detect_leaks=0')  # the leak sanitizer cannot work under strace
    process = subprocess.Popen(['strace', '-o', log, '-xx', '-s', '1048576', '-e', f'trace={TRACED},exit_group',
                                '-e', 'inject=exit_group:delay_enter=30000000', *command], env=env,
                               stdin=sys.stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    inside, outside, counts, status = Search(needles), Search(needles), None, None
    while process.poll() is None and counts is None:
        for pid in open(f'/proc/{process.pid}/task/{process.pid}/children').read().split():
            try:
                call = open(f'/proc/{pid}/syscall').read().split()
            except OSError:
                continue
            if call[0] == '231':
                counts, status = read_memory(int(pid), inside, outside), int(call[1], 16)
                os.kill(int(pid), signal.SIGKILL)  # both have nothing more to do, and strace would sleep on
                process.kill()
        time.sleep(0.01)
    process.wait()
    said = Search(needles)
    for line in open(log):
        for text in re.findall(r'"((?:\\x[0-9a-f]{2})*)"', line):
            said.feed(line.split('(')[0], bytes.fromhex(text.replace('\\x', '')) + bytes(64))
    os.unlink(log)
    return {'status': status, 'memory': outside.hits(), 'memory_bytes': sum(counts or [0]), 'guarded': inside.hits(),
            'said': said.hits(), 'said_bytes': said.at}


if __name__ == '__main__':
    verbs = {'list': write_list, 'memory': memory, 'files': files, 'watch': watch}
    print(json.dumps(verbs[sys.argv[1]](*sys.argv[2:])))
