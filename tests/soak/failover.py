"""failover -- a soak in which the database server dies, with one look at everything by hand under way.

    failover.py FOLDER      FOLDER/take-over kills the server and makes the other one lead
"""

import os
import subprocess
import sys
import time

import soak


class Failover(soak.Soak):
    deaths = False                      # of monitors: one trouble at a time

    def tell_stories(self):
        self.taken_over_at = None
        super().tell_stories()

    def step(self):
        """A third of the way the server dies; somebody is just checking everything."""
        if self.taken_over_at is None and time.monotonic() - self.stories_began > self.seconds / 3:
            check = subprocess.Popen(("senderctl", "check", "--all"), stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            time.sleep(0.5)
            self.before = self.looks()
            subprocess.run((self.house.path("take-over"),), check=True)
            self.taken_over_at = time.monotonic()
            self.said = check.communicate(timeout=60)[1]
            self.check_status = check.returncode
            while self.looks() <= self.before and time.monotonic() < self.taken_over_at + 60:
                time.sleep(0.1)
            self.say("the monitors look again %.1f s after the standby leads" % (time.monotonic() - self.taken_over_at))
        super().step()

    def extra(self, report):
        report.ok(self.taken_over_at is not None, "the server died, and its standby leads")
        report.ok(self.check_status in (0, 1, 3), "a check under way ends, and says that it could not tell",
                  self.check_status, self.said)
        report.ok(self.check_status != 3 or self.said.startswith("senderctl: "), "in one sentence", self.said)


if __name__ == "__main__":
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    soak.main(sys.argv[1], Failover)
