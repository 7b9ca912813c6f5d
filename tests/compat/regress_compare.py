#!/usr/bin/env python3
"""Compares what two runs of pg_regress wrote, test by test.

usage: regress_compare.py OUTPUT DIFFERENCES: OUTPUT holds direct/results and gateway/results; DIFFERENCES is the list of those that are meant.
All differences go to OUTPUT/differences.diff; the exit status says whether one of them is not explained.
"""

import difflib
import re
import sys
from pathlib import Path


def read_explained(path):
    explained = {}
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            test, kind, pattern = line.split(None, 2)
            explained.setdefault(test, []).append((kind, re.compile(pattern)))
    return explained


def hunks(diff):
    """The changed lines of each hunk."""
    changed = []
    for line in diff[2:]:
        if line.startswith("@@"):
            if changed:
                yield changed
            changed = []
        elif line[:1] in "+-":
            changed.append(line)
    if changed:
        yield changed


def is_explained(diff, rules):
    for changed in hunks(diff):
        if any(kind == "after" and pattern.search(line) for line in changed if line.startswith("+") for kind, pattern in rules):
            return True
        if not all(any(kind == "lines" and pattern.search(line) for kind, pattern in rules) for line in changed):
            return False
    return True


def main(output, differences):
    explained = read_explained(Path(differences))
    same, meant, different = 0, 0, 0
    with open(output / "differences.diff", "w") as report:
        for direct in sorted((output / "direct" / "results").glob("*.out")):
            through = output / "gateway" / "results" / direct.name
            texts = [(path.read_text(errors="surrogateescape") if path.exists() else "").replace(str(path.parent.parent), "OUTPUT").splitlines() for path in (direct, through)]
            diff = list(difflib.unified_diff(*texts, f"direct/{direct.name}", f"agent/{direct.name}", lineterm=""))
            if not diff:
                same += 1
                continue
            report.write("\n".join(diff).encode(errors="replace").decode() + "\n")
            if is_explained(diff, explained.get(direct.stem, [])):
                meant += 1
            else:
                different += 1
                print(f"FAIL {direct.stem}")
    print(f"{same} tests the same, {meant} with explained differences only, {different} different; {output}/differences.diff holds all differences")
    return 0 if different == 0 and same > 0 else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
