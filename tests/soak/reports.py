"""reports -- what the monitors told, beside the truth: in the database, to the webhook, by mail."""

import base64
import collections
import email
import email.policy
import json
import os
import re
import statistics

import truth


def edges(soak):
    """{(domain, purpose): [change, ...]} as they stand in the database."""
    rows = soak.house.sql("""SELECT d.name, coalesce(c.purpose, ''), c.kind
          FROM change c JOIN domain d ON d.provider_id = c.provider_id AND d.id = c.domain_id ORDER BY c.id;""")
    told = collections.defaultdict(list)
    for name, purpose, kind in rows:
        told[name, purpose].append(kind)
    return told


def differences(soak):
    """(domain, story, what was told, what should have been): lost ones, doubled ones, invented ones."""
    told, wrong = edges(soak), []
    for one in soak.domains:
        story = one.story.act.__name__ if one.story else "none"
        for purpose, wanted in one.must_be_told().items():
            got = told.pop((one.name, purpose), [])
            degraded = got.count("degraded")
            got = [kind for kind in got if kind != "degraded"]
            least, most = one.degraded() if purpose == truth.WHOLE else (0, 0)
            if tuple(got) != tuple(wanted) or not least <= degraded <= most:
                wrong.append((one.name, story, purpose, got + ["degraded"] * degraded, list(wanted)))
    wrong += [(name, "none", purpose, kinds, []) for (name, purpose), kinds in told.items()]
    return wrong


def complete(soak):
    return not differences(soak)


def notices(folder):
    """The ids that the webhook was told, as often as it was told them."""
    ids = collections.Counter()
    for name in os.listdir(folder):
        if name.endswith(".json"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                ids[json.loads(base64.b64decode(json.load(file)["body"]))["id"]] += 1
    return ids


def letters(folder):
    """{Message-ID: [(change, what about), ...]}, and how many mails came."""
    found, count = {}, 0
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as file:
            letter = email.message_from_binary_file(file, policy=email.policy.default)
        count += 1
        lines = re.findall(r"^      (lost|withheld from now on)\b.*$", letter.get_content(), re.M)
        found[letter["Message-ID"]] = collections.Counter(lines)
    return found, count


class Report:
    def __init__(self, soak):
        self.soak, self.tests, self.failed = soak, 0, 0

    def ok(self, holds, name, *why):
        self.tests += 1
        self.failed += not holds
        print("%sok %d - %s" % ("" if holds else "not ", self.tests, name))
        for line in () if holds else why:
            print("#   " + str(line))

    def tell(self):
        self.database()
        self.webhook()
        self.mail()
        soak = self.soak
        self.ok(soak.statuses == [0, 0], "both monitors end well", soak.statuses)
        held = soak.house.sql("SELECT count(*) FROM watch WHERE claimed_by IS NOT NULL")[0][0]
        self.ok(held == "0", "nobody holds anything", held)
        soak.extra(self)
        self.figures()
        print("1..%d" % self.tests)
        return 1 if self.failed else 0

    def database(self):
        wrong = differences(self.soak)
        lost = [w for w in wrong if len(w[3]) < len(w[4])]
        removals = sum(sum(kinds.count(truth.GONE) for kinds in d.must_be_told().values()) for d in self.soak.domains)
        backs = sum(sum(kinds.count(truth.BACK) for kinds in d.must_be_told().values()) for d in self.soak.domains)
        self.removals, self.backs = removals, backs
        self.ok(not lost, "each of %d removals and %d returns is told" % (removals, backs), *lost[:20])
        more = [w for w in wrong if w not in lost]
        self.ok(not more, "once, and nothing else of %d domains" % self.soak.count, *more[:20])

    def webhook(self):
        soak = self.soak
        ids = {row[0] for row in soak.house.sql("SELECT uuid FROM change WHERE id > %d" % soak.first_change)}
        got = notices(soak.house.path("hook"))
        self.repeated = sum(got.values()) - len(got)
        self.notices = len(got)
        self.ok(set(got) == ids, "the webhook heard of each of %d changes" % len(ids),
                "missing %d, unknown %d" % (len(ids - set(got)), len(set(got) - ids)))
        self.ok(self.repeated <= soak.monitors.kills,
                "none under two ids; a killed monitor repeats one notice at most", self.repeated, soak.monitors.kills)

    def mail(self):
        soak = self.soak
        found, self.mails = letters(soak.house.path("mail"))
        said = sum(found.values(), collections.Counter())
        for kind, line in (("lost", "lost"), ("degraded", "withheld from now on")):
            wanted = int(soak.house.sql("SELECT count(*) FROM change WHERE kind = '%s'" % kind)[0][0])
            self.ok(said[line] == wanted, "%d mails name each %s once" % (len(found), kind), said[line], wanted)

    def figures(self):
        soak = self.soak
        questions, lost = soak.names.counts()
        delays = []
        for name, changes in soak.noticed.items():
            moments = [at for at, whose in soak.journal if whose == name]
            for kind, _, at in changes:
                before = [m for m in moments if m <= at]
                if before:
                    delays.append(at - before[-1])
        print("# %d looks at %s domains in %.0f s, %.0f a second; %d questions, %d packets lost (%.2f %%)"
              % (soak.looked, soak.met, soak.took, soak.looked / soak.took, questions, lost, 50.0 * lost / questions))
        print("# %d removals and %d returns, %d notices, %d repeated with the same id, %d mails, %d monitors killed"
              % (self.removals, self.backs, self.notices, self.repeated, self.mails, soak.monitors.kills))
        if delays:
            print("# from the change in DNS to its report: half within %.1f s, all within %.1f s (a day here is %.0f to %.0f s)"
                  % (statistics.median(delays), max(delays), soak.short, soak.round))
        print("# a monitor's memory: at most %d MB" % (soak.monitors.peak // 1024))
