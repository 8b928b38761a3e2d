"""truth -- what is done to the domains of a soak, and what must be told of it: no more and no less.

A story is what happens to one domain.  Each is a generator: it tells the name servers what is so from now
on, and says what it waits for: seconds, after so many changes of the domain were noticed.  What must be
told of it stands beside it, per requirement.
"""

import collections

SPF, DKIM, DMARC, WHOLE = "spf", "dkim", "dmarc", ""
GONE, BACK = "lost", "recovered"


def waits(seconds, told=0):
    return seconds, told


# ---- what happens; `names` is a nameservers.Nameservers, `n` the domain's number, `r` a random.Random

def removal(names, n, r):
    names.say("spf", n, None)
    yield waits(0)


def change(names, n, r):
    names.say("spf", n, ["v=spf1 -all"])
    yield waits(0)


def doubling(names, n, r):
    names.say("spf", n, ["v=spf1 include:_spf.soak.example -all", "v=spf1 mx -all"])
    yield waits(0)


def return_(names, n, r):
    names.say("spf", n, None)
    yield waits(r.uniform(0, 8), told=1)
    names.say("spf", n, ["v=spf1 include:_spf.soak.example -all"])


def relapse(names, n, r):
    """There again only until the monitors have seen it: then it goes for good."""
    yield from return_(names, n, r)
    yield waits(r.uniform(0, 3), told=2)
    names.say("spf", n, None)


def blink(names, n, r):
    """Shorter than a negative TTL: no two looks that are one apart can both miss it.  Once only: two looks
    into two absences with nobody looking in between are two misses in a row."""
    names.say("blink", n, ("spf", r.uniform(0.1, 1.8)))
    yield waits(0)


def no_policy(names, n, r):
    """DMARC is recommended, not required: its loss is told, and degrades nobody."""
    names.say("dmarc", n, None)
    yield waits(0)


def broken_policy(names, n, r):
    """Two records are as good as none."""
    names.say("dmarc", n, ["v=DMARC1; p=none", "v=DMARC1; p=reject"])
    yield waits(0)


def policy_return(names, n, r):
    names.say("dmarc", n, None)
    yield waits(r.uniform(0, 8), told=1)
    names.say("dmarc", n, ["v=DMARC1; p=reject"])


def policy_blink(names, n, r):
    """Shorter than a negative TTL, and another policy is a policy, too."""
    names.say("blink", n, ("dmarc", r.uniform(0.1, 1.8)))
    yield waits(r.uniform(3, 6))
    names.say("dmarc", n, ["v=DMARC1; p=reject"])


def trouble(names, n, r):
    """Servers that fail or keep silent for a while, and are well again."""
    names.say("trouble", n, r.choice(("dead", "failing")))
    yield waits(r.uniform(1, 15))
    names.say("trouble", n, None)


def death(names, n, r):
    """Servers that keep silent for good; that the record goes, too, nobody can know."""
    names.say("trouble", n, "dead")
    yield waits(2)
    names.say("spf", n, None)


def disagreement(names, n, r):
    """One of two servers has not heard of the record: not everywhere is not nowhere."""
    names.say("split", n, True)
    yield waits(0)


def key_removal(names, n, r):
    names.say("dkim", n, None)
    yield waits(0)


def key_withdrawal(names, n, r):
    names.say("dkim", n, ["v=DKIM1; k=rsa; p="])
    yield waits(0)


Story = collections.namedtuple("Story", "act share told")

# Of a thousand domains so many; what is told of each requirement, in this order.
STORIES = (
    Story(removal, 20, {SPF: (GONE,)}),
    Story(change, 6, {SPF: (GONE,)}),
    Story(doubling, 4, {SPF: (GONE,)}),
    Story(return_, 12, {SPF: (GONE, BACK)}),
    Story(relapse, 6, {SPF: (GONE, BACK, GONE)}),
    Story(blink, 12, {}),
    Story(no_policy, 10, {DMARC: (GONE,)}),
    Story(broken_policy, 3, {DMARC: (GONE,)}),
    Story(policy_return, 6, {DMARC: (GONE, BACK)}),
    Story(policy_blink, 4, {}),
    Story(trouble, 10, {}),
    Story(death, 4, {}),
    Story(disagreement, 6, {}),
    Story(key_removal, 8, {DKIM: (GONE,)}),
    Story(key_withdrawal, 2, {DKIM: (GONE,)}),
)

DEAD_SHARE = 10         # of a thousand: all servers, or one of two, are dead addresses from the start
KEY_EVERY = 10          # each tenth domain has a key


class Domain:
    """One domain of the soak: what it is, and what must have been told of it in the end."""

    def __init__(self, number):
        self.number, self.name = number, "d%06d.example" % number
        self.has_key = number % KEY_EVERY == 0
        self.dead = 0               # servers of two
        self.story = None

    def can(self, story):
        return (story.act in (key_removal, key_withdrawal)) <= self.has_key

    def must_be_told(self):
        """{purpose: [change, ...]}; "" is the domain as a whole."""
        told = {SPF: (), DKIM: (), DMARC: (), WHOLE: ("verified",)}
        if self.dead:
            told[WHOLE] = ()        # never seen whole: not all of its servers say so
        elif self.story:
            told.update(self.story.told)
        return told

    def degraded(self):
        """How often it may be told that the grace is over: at least and at most.  Who is back in time is
        not degraded, unless the very look that would have seen it could not tell; for want of DMARC nobody is."""
        told = self.must_be_told()
        lost = (told[SPF] + told[DKIM]).count(GONE)
        return int(GONE in (told[SPF] + told[DKIM])[-1:]), lost


def cast(count, random):
    """`count` domains with their parts given out by chance."""
    domains = [Domain(i) for i in range(count)]
    free = random.sample(domains, count)

    def take(share, fits):
        wanted = max(1, count * share // 1000)
        chosen = [d for d in free if fits(d)][:wanted]
        for one in chosen:
            free.remove(one)
        return chosen

    for i, one in enumerate(take(DEAD_SHARE, lambda d: True)):
        one.dead = 1 + i % 2
    for story in STORIES:
        for one in take(story.share, lambda d, s=story: d.can(s)):
            one.story = story
    return domains
