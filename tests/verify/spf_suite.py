"""The public RFC 7208 suite, case by case, through `senderctl spf eval` and real DNS.

Result and explanation must both be right; "203 of 203" is the last line.
"""
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

TOP = os.environ.get('top_srcdir', '.')
BUILD = os.environ.get('top_builddir', 'build')
sys.path.insert(0, os.path.join(TOP, 'tests', 'lib'))
import dnsd  # noqa: E402

try:
    import yaml
except ImportError:
    print('1..0 # SKIP python3-yaml is not installed')
    sys.exit(0)


def entries(zonedata):
    """Entries of one name; SPF records are copied to TXT unless a TXT is given."""
    kept, txt, generate = [], [], True
    for entry in zonedata:
        if isinstance(entry, str):
            kept.append('TIMEOUT')
            continue
        for kind, value in entry.items():
            if kind == 'TXT':
                generate = False
            elif kind == 'SPF':
                txt.append(('TXT', value))
            if value != 'NONE':
                kept.append((kind, value))
    return kept + (txt if generate else [])


def world_of(section):
    world = dnsd.World()
    zone = dnsd.Zone('', soa=True)
    world.server('127.0.0.9').zones.append(zone)
    for name, data in section['zonedata'].items():
        for entry in entries(data):
            if entry == 'TIMEOUT':
                zone.add(name, 'TIMEOUT')
            else:
                zone.add(name, entry[0], entry[1])
    del world.servers['127.0.0.9']
    resolver = world.servers[dnsd.RESOLVER]
    resolver.zones.append(zone)
    return world.start()


# A server that keeps silent on purpose is given up soon; any other may be slow on a busy machine.
def patience(section):
    return '1.5' if 'TIMEOUT' in json.dumps(section['zonedata']) else '20'


def evaluate(world, section, case):
    command = [os.path.join(BUILD, 'senderctl'), '--json', '--resolver', '127.0.0.1:%d' % world.port,
               '--dns-timeout', patience(section), 'spf', 'eval', '--ip', case['host'],
               '--mail-from', case['mailfrom'], '--helo', case['helo']]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120,
                          env=dict(os.environ, LC_ALL='C.UTF-8'))
    try:
        return json.loads(done.stdout), done.stderr
    except ValueError:
        return {'result': 'no JSON: %s' % done.stdout}, done.stderr


def judge(case, answer):
    wanted = case['result'] if isinstance(case['result'], list) else [case['result']]
    if answer['result'] not in wanted:
        return 'is %s, not %s (%s)' % (answer['result'], '/'.join(wanted), answer.get('problem'))
    explanation = answer['explanation'] or 'DEFAULT'
    if answer['result'] == 'fail' and 'explanation' in case and explanation != case['explanation']:
        return 'explains %r, not %r' % (explanation, case['explanation'])
    return None


def main():
    with open(os.path.join(TOP, 'tests', 'data', 'spf', 'rfc7208-tests.yml'), encoding='utf-8') as file:
        sections = list(yaml.safe_load_all(file))
    total = sum(len(s['tests']) for s in sections)
    number, passed = 0, 0
    print('1..%d' % (total + 1))
    with ThreadPoolExecutor(4) as pool:
        for section in sections:
            world = world_of(section)
            names = sorted(section['tests'])
            answers = pool.map(lambda n: evaluate(world, section, section['tests'][n]), names)
            for name, (answer, complaint) in zip(names, answers):
                number += 1
                fault = judge(section['tests'][name], answer)
                passed += fault is None
                print('%s %d - %s: %s' % ('not ok' if fault else 'ok', number, section['description'], name))
                if fault:
                    print('# %s\n# %s' % (fault, complaint.replace('\n', '\n# ')))
            world.stop()
    print('%s %d - %d of %d' % ('ok' if passed == total else 'not ok', total + 1, passed, total))
    return passed != total


if __name__ == '__main__':
    sys.exit(main())
