"""What many, hasty, dying and hanging callers do to the key service; each prints one line of JSON.

    keyd_storm.py SOCKET flood COUNT               status questions over all the connections one user may have
    keyd_storm.py SOCKET generate FILE PROVIDER DOMAIN...   one key each; FILE keeps the requests between two runs;
                                                   STORM_KILLS names a process that dies after five answers
    keyd_storm.py SOCKET hang                      clients that do not read, do not write, do not end
    keyd_storm.py SOCKET meanwhile FILE LINES PROVIDER RELAY DOMAIN KEY...   what others wait for while a bundle
                                                   of so many lines goes into the file
    keyd_storm.py SOCKET bundles STOP PROVIDER RELAY KEY...   bundles until the file STOP is there
"""
import array, json, os, select, selectors, signal, socket, sys, tempfile, time, uuid

PATH = sys.argv[1]


def connect(patience=30):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(PATH)
    s.settimeout(patience)
    return s


def ask(s, fds=(), **question):
    s.sendmsg([json.dumps(question).encode()],
              [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', fds))] if fds else [])
    data = s.recv(65536)
    return json.loads(data) if data else None


def speaks(answer):
    """Answered, or refused in a sentence."""
    return answer is not None and (answer['ok'] or len(answer['error']['message']) > 10)


def flood(count):
    """All at once: every connection holds as many questions as the service takes."""
    idle = [connect() for _ in range(40)]
    ready = selectors.DefaultSelector()
    asked = answered = refused = silent = 0
    for s in idle:
        ready.register(s, selectors.EVENT_READ)
    under_way = dict.fromkeys(idle, 0)
    while answered + refused + silent < count:
        for s in idle:
            while under_way[s] < 16 and asked < count:
                s.send(json.dumps({'op': 'status', 'n': asked}).encode())
                under_way[s] += 1
                asked += 1
        for key, _ in ready.select(30):
            data = key.fileobj.recv(65536)
            under_way[key.fileobj] -= 1
            answer = json.loads(data) if data else None
            if answer and answer['ok']:
                answered += 1
            elif answer and speaks(answer):
                refused += 1
            else:
                silent += 1
    return dict(asked=asked, answered=answered, refused=refused, silent=silent)


def generate(file, provider, *domains):
    """What was answered once is answered so again, and nothing is made twice."""
    known = json.load(open(file)) if os.path.exists(file) else {}
    wishes = [dict(op='generate', n=i, provider=int(provider), domain=int(d), algorithm='ed25519-sha256',
                   request=known.get(d, {}).get('request') or str(uuid.uuid4())) for i, d in enumerate(domains)]
    json.dump({d: dict(known.get(d, {}), request=w['request']) for d, w in zip(domains, wishes)}, open(file, 'w'))
    known = json.load(open(file))
    lines = [connect() for _ in range(5)]
    for i, wish in enumerate(wishes):
        try:
            lines[i % 5].send(json.dumps(wish).encode())
        except OSError:
            pass
    made = refused = silent = other = 0
    for i, wish in enumerate(wishes):
        try:
            data = lines[i % 5].recv(65536)
        except OSError:
            data = b''
        answer = json.loads(data) if data else None
        if i == 4 and 'STORM_KILLS' in os.environ:
            os.kill(int(os.environ['STORM_KILLS']), signal.SIGKILL)
        if answer is None:
            silent += 1
        elif not answer['ok']:
            refused += 1 if speaks(answer) else 0
            silent += 0 if speaks(answer) else 1
        else:
            made += 1
            entry = known[domains[answer['n']]]
            other += entry.get('key', answer['key']) != answer['key']
            entry['key'] = answer['key']
    json.dump(known, open(file, 'w'))
    return dict(made=made, refused=refused, silent=silent, other=other)


def hang():
    """None of them keeps the service from answering somebody else."""
    deaf = connect()
    deaf.settimeout(2)
    sent = 0
    try:
        for sent in range(20000):
            deaf.send(b'{"op":"status","n":1}')
    except OSError:
        pass
    mute = [connect() for _ in range(10)]
    r, w = os.pipe()  # a password that never comes
    never = connect()
    never.sendmsg([json.dumps(dict(op='smarthost-secret', n=1, provider=1, smarthost=1, request=str(uuid.uuid4()))).encode()],
                  [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [r]))])
    big = connect()
    try:
        big.send(b'{"op":"status","x":"' + b'x' * 70000 + b'"}')
        big.recv(65536)
    except OSError:
        pass
    deep = connect()
    deep.send(b'[' * 60000)
    try:
        deep.recv(65536)
    except OSError:
        pass
    began = time.monotonic()
    answer = ask(connect(), op='status', n=7)
    return dict(deaf=sent < 20000, answered=answer['ok'] and len(mute) == 10,
                seconds=round(time.monotonic() - began, 2), pipe=w > 0)


def bundles(stop, provider, relay, *keys):
    """A service that is away is waited for; a key that does not open is what we look for."""
    good = away = 0
    unreadable = []
    manifest = tempfile.TemporaryFile()
    for i, key in enumerate(keys):
        manifest.write(f'key\t{key}\tkeys/{i}.pem\tpem\tsigner\t0600\n'.encode())
    manifest.flush()
    line = None
    while not os.path.exists(stop):
        try:
            line = line or connect()
            os.lseek(manifest.fileno(), 0, os.SEEK_SET)
            with tempfile.TemporaryFile() as bundle:
                answer = ask(line, fds=[manifest.fileno(), bundle.fileno()], op='bundle', n=1, provider=int(provider),
                             relay=int(relay), request=str(uuid.uuid4()), generation=str(uuid.uuid4()), tree='00' * 32)
        except OSError:
            answer = None
        if answer is None:
            line = None
            away += 1
            time.sleep(0.02)
        elif answer['ok'] and answer['entries'] == len(keys):
            good += 1
        elif answer['error']['code'] in ('again', 'database', 'keys'):
            away += 1
        else:
            unreadable.append(answer['error']['message'])
    return dict(good=good, away=away, unreadable=unreadable[:3], bad=len(unreadable))


def meanwhile(file, lines, provider, relay, domain, *keys):
    manifest = tempfile.TemporaryFile()
    for i in range(int(lines)):
        manifest.write(f'key\t{keys[i % len(keys)]}\tkeys/{i:05}.pem\tpem\tsigner\t0600\n'.encode())
    manifest.flush()
    bundle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    wishing, making, asking = connect(300), connect(300), connect(300)
    began, question = time.monotonic(), dict(op='bundle', n=1, provider=int(provider), relay=int(relay), lifetime=0,
                                             request=str(uuid.uuid4()), generation=str(uuid.uuid4()), tree='00' * 32)
    wishing.sendmsg([json.dumps(question).encode()],
                    [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [manifest.fileno(), bundle]))])
    making.send(json.dumps(dict(op='generate', n=2, provider=int(provider), domain=int(domain), algorithm='ed25519-sha256',
                                request=str(uuid.uuid4()))).encode())
    answered, longest, made = 0, 0, None
    while not select.select([wishing], [], [], 0)[0]:
        at = time.monotonic()
        assert ask(asking, op='status', n=3)['ok']
        longest = max(longest, time.monotonic() - at)
        answered += 1
        if made is None and select.select([making], [], [], 0)[0] and json.loads(making.recv(65536))['ok']:
            made = round(time.monotonic() - began, 3)
    answer = json.loads(wishing.recv(65536))
    return dict(ok=answer['ok'], entries=answer.get('entries'), error=answer.get('error'), answered=answered,
                seconds=round(time.monotonic() - began, 3), longest=round(longest, 3), made=made)


print(json.dumps({'flood': lambda: flood(int(sys.argv[3])), 'generate': lambda: generate(*sys.argv[3:]), 'hang': hang,
                  'meanwhile': lambda: meanwhile(*sys.argv[3:]),
                  'bundles': lambda: bundles(*sys.argv[3:])}[sys.argv[2]]()))
