#!/usr/bin/env python3
"""What the Python drivers do on their own accord, once straight to the database and once through the gateway; both must give the same.

usage: clients.py DIRECT_DSN GATEWAY_DSN, libpq URLs of the sample database. Prints one line per case; the exit status says whether all passed.
"""

import sys
from datetime import date

import psycopg
import psycopg2
import psycopg2.extras


def psycopg2_cases(dsn):
    connection = psycopg2.connect(dsn)
    cursor = connection.cursor()
    cursor.execute("SELECT id, full_name, date_of_birth, created_at FROM customers WHERE id = %s", (7,))
    yield "psycopg2 parameters and types", cursor.fetchall()
    psycopg2.extras.execute_values(cursor, "INSERT INTO orders (customer_id, status, amount) VALUES %s RETURNING status", [(1, "new", 5), (2, "new", 6)])
    yield "psycopg2 many rows in one statement", cursor.fetchall()
    connection.rollback()
    named = connection.cursor("walk")
    named.itersize = 10
    named.execute("SELECT id FROM customers ORDER BY id LIMIT 35")
    yield "psycopg2 server-side cursor", [row[0] for row in named]
    connection.rollback()
    try:
        cursor.execute("SELECT * FROM no_such_table")
    except psycopg2.Error as error:
        yield "psycopg2 error", (error.pgcode, error.diag.message_primary)
    try:
        cursor.execute("SELECT 1")
    except psycopg2.Error as error:
        yield "psycopg2 aborted transaction", error.pgcode
    connection.close()


def psycopg_cases(dsn):
    with psycopg.connect(dsn) as connection:
        for binary in (False, True):
            with connection.cursor(binary=binary) as cursor:
                cursor.execute("SELECT id, amount, created_at, note FROM orders WHERE id BETWEEN %s AND %s ORDER BY id", (1, 20))
                yield f"psycopg extended protocol, binary={binary}", cursor.fetchall()
        for _ in range(8):  # prepared on the server from the fifth time on
            row = connection.execute("SELECT full_name FROM customers WHERE date_of_birth > %s AND id = %s", (date(1930, 1, 1), 3)).fetchone()
        yield "psycopg prepared by itself", row
        with connection.pipeline():
            cursors = [connection.execute("SELECT %s::int * 2", (n,)) for n in range(50)]
        yield "psycopg pipeline", [cursor.fetchone()[0] for cursor in cursors]
        with connection.transaction(force_rollback=True):
            with connection.cursor().copy("COPY orders (customer_id, status, amount) FROM STDIN") as copy:
                for n in range(1, 101):
                    copy.write_row((n, "copied", n))
            yield "psycopg copy in", connection.execute("SELECT count(*), sum(amount) FROM orders WHERE status = 'copied'").fetchone()
        with connection.cursor().copy("COPY (SELECT id, status FROM orders ORDER BY id LIMIT 30) TO STDOUT") as copy:
            yield "psycopg copy out", list(copy.rows())


def main(direct, gateway):
    failed = 0
    for cases in (psycopg2_cases, psycopg_cases):
        expected = dict(cases(direct))
        try:
            seen = dict(cases(gateway))
        except Exception as error:  # whatever the driver makes of it: the case fails, with its words
            print(f"FAIL {cases.__name__}: {type(error).__name__}: {error}")
            failed += 1
            continue
        for name, value in expected.items():
            if seen.get(name) == value:
                print(f"ok   {name}")
            else:
                print(f"FAIL {name}: {seen.get(name)!r} instead of {value!r}")
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
