#!/usr/bin/env python3
"""Makes UnicodeTables.txt: what SASLprep (RFC 4013) needs of Unicode. Run: python3 make-unicode-tables.py > UnicodeTables.txt

RFC 3454 is bound to Unicode 3.2: a string with a code point unassigned there is not prepared at all, so normalization data is
needed for those code points only (normalization of assigned code points never changes: Unicode Standard Annex 15).
"""
import stringprep
import unicodedata

LAST = 0x110000
UCD32 = unicodedata.ucd_3_2_0


def ranges(predicate):
    start = None
    for code in range(LAST + 1):
        inside = code < LAST and predicate(code)
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            yield f"{start:X}" if start == code - 1 else f"{start:X}-{code - 1:X}"
            start = None


def section(name, lines):
    print(f"[{name}]")
    for line in lines:
        print(line)


def is_hangul_syllable(code):
    return 0xAC00 <= code <= 0xD7A3


def is_surrogate(code):
    return 0xD800 <= code <= 0xDFFF


def prohibited(code):
    c = chr(code)
    return any(table(c) for table in (
        stringprep.in_table_c12, stringprep.in_table_c21, stringprep.in_table_c22, stringprep.in_table_c3, stringprep.in_table_c4,
        stringprep.in_table_c5, stringprep.in_table_c6, stringprep.in_table_c7, stringprep.in_table_c8, stringprep.in_table_c9))


def assigned():
    return (code for code in range(LAST) if UCD32.category(chr(code)) != "Cn" and not is_surrogate(code) and not is_hangul_syllable(code))


def decompositions():
    for code in assigned():
        full = unicodedata.normalize("NFKD", chr(code))
        if full != chr(code):
            yield f"{code:X} " + " ".join(f"{ord(c):X}" for c in full)


def compositions():
    for code in range(LAST):
        parts = unicodedata.decomposition(chr(code)).split()
        if is_hangul_syllable(code) or len(parts) != 2 or parts[0].startswith("<"):
            continue
        first, second = (chr(int(part, 16)) for part in parts)
        if UCD32.category(first) == "Cn" or UCD32.category(second) == "Cn":
            continue
        if unicodedata.normalize("NFC", first + second) == chr(code):
            yield f"{code:X} {ord(first):X} {ord(second):X}"


def classes():
    start, last = None, 0
    for code in range(LAST):
        value = unicodedata.combining(chr(code)) if UCD32.category(chr(code)) != "Cn" else 0
        if value != last:
            if last:
                yield f"{start:X}-{code - 1:X} {last:X}"
            start, last = code, value


section("space", ranges(lambda code: stringprep.in_table_c12(chr(code))))
section("nothing", ranges(lambda code: stringprep.in_table_b1(chr(code))))
section("prohibited", ranges(prohibited))
section("unassigned", ranges(lambda code: stringprep.in_table_a1(chr(code))))
section("rightToLeft", ranges(lambda code: stringprep.in_table_d1(chr(code))))
section("leftToRight", ranges(lambda code: stringprep.in_table_d2(chr(code))))
section("class", classes())
section("decompose", decompositions())
section("compose", compositions())
