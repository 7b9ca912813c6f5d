#!/usr/bin/env python3
"""What the Python drivers do on their own accord, once straight to the database and once through the gateway; both must give the same.

usage: clients.py DIRECT_DSN GATEWAY_DSN, libpq URLs of the sample database. Prints one line per case; the exit status says whether all passed.
"""

import sys
import threading
from datetime import date

import psycopg
import psycopg2
import psycopg2.extras

STATUS = ("server_version", "server_encoding", "client_encoding", "is_superuser", "session_authorization", "DateStyle", "IntervalStyle", "TimeZone",
          "integer_datetimes", "standard_conforming_strings", "application_name", "default_transaction_read_only", "in_hot_standby")
DIAGNOSTICS = ("severity", "severity_nonlocalized", "sqlstate", "message_primary", "message_detail", "message_hint", "statement_position", "internal_position",
               "internal_query", "context", "schema_name", "table_name", "column_name", "datatype_name", "constraint_name", "source_file", "source_line",
               "source_function")

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
    connection.rollback()
    cursor.execute("DO $$ BEGIN RAISE NOTICE 'from the server'; RAISE WARNING 'more'; END $$")
    yield "psycopg2 notices", list(connection.notices)
    connection.rollback()
    connection.autocommit = True
    cursor.execute("LISTEN compat")
    cursor.execute("NOTIFY compat, 'hello'")
    connection.poll()
    yield "psycopg2 notification", [(notify.channel, notify.payload, notify.pid == connection.get_backend_pid()) for notify in connection.notifies]
    cursor.execute("SELECT pg_backend_pid()")
    yield "psycopg2 process id", cursor.fetchone()[0] == connection.get_backend_pid()
    yield "psycopg2 parameters of the server", [connection.get_parameter_status(name) for name in STATUS]
    timer = threading.Timer(0.3, connection.cancel)
    timer.start()
    try:
        cursor.execute("SELECT pg_sleep(20)")
    except psycopg2.Error as error:
        yield "psycopg2 cancel", (error.pgcode, error.diag.message_primary)
    timer.join()
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
        with connection.cursor().copy("COPY (SELECT id, amount, created_at FROM orders ORDER BY id LIMIT 30) TO STDOUT (FORMAT BINARY)") as copy:
            yield "psycopg binary copy out", b"".join(bytes(part) for part in copy)
        with connection.cursor(name="walk", scrollable=True) as cursor:
            cursor.execute("SELECT id FROM customers ORDER BY id LIMIT 35")
            seen = cursor.fetchmany(10)
            cursor.scroll(-5)
            yield "psycopg server-side cursor", seen + cursor.fetchall()
        connection.rollback()
        for text in ("SELECT 1 / %s", "SELEC %s", "SELECT %s + 'x'", "SELECT nothing(%s)", "SELECT %s::int FROM nowhere"):
            try:
                connection.execute(text, (0,))
                yield f"psycopg error of {text}", None
            except psycopg.Error as error:
                # A syntax error is the agent's own parser's: the same but for the place in the server's source.
                names = [name for name in DIAGNOSTICS if error.sqlstate != "42601" or not name.startswith("source_")]
                yield f"psycopg error of {text}", {name: getattr(error.diag, name) for name in names}
            yield f"psycopg state after {text}", connection.info.transaction_status
            connection.rollback()
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield from pipeline_cases(connection)
        try:
            with connection.cursor().copy("COPY orders (customer_id, status, amount) FROM STDIN") as copy:
                copy.write("1\tcopied\tnot a number\n")
        except psycopg.Error as error:
            yield "psycopg failing copy in", (error.sqlstate, error.diag.context)
        try:
            with connection.cursor().copy("COPY orders (customer_id, status, amount) FROM STDIN") as copy:
                copy.write("1\tcopied\t5\n")
                raise ValueError("given up")
        except psycopg.errors.QueryCanceled:
            yield "psycopg copy given up", connection.execute("SELECT count(*) FROM orders WHERE status = 'copied'").fetchone()
    with psycopg.connect(dsn, client_encoding="latin1", options="-c statement_timeout=7s -c DateStyle=German") as connection:
        yield "psycopg encoding and options", connection.execute("SELECT 'ä', current_setting('statement_timeout'), current_setting('DateStyle')").fetchone()


def pipeline_cases(connection):
    """Errors inside a pipeline: what was sent after one is skipped up to the next Sync, then it goes on."""
    # At libpq's own level: when psycopg notices an error depends on when it looks.
    libpq = connection.pgconn
    libpq.nonblocking = 0
    libpq.enter_pipeline_mode()
    for number in (b"1", b"2", b"0", b"4"):
        libpq.send_query_params(b"SELECT 8 / $1::int", [number])
    libpq.pipeline_sync()
    libpq.send_query_params(b"SELECT $1::text", [b"after"])
    libpq.pipeline_sync()
    seen = []
    while [status for status, _, _ in seen].count(psycopg.pq.ExecStatus.PIPELINE_SYNC) < 2:
        result = libpq.get_result()
        if result is not None:
            state = result.error_field(psycopg.pq.DiagnosticField.SQLSTATE)
            seen.append((result.status, state, result.get_value(0, 0) if result.ntuples else None))
    libpq.exit_pipeline_mode()
    libpq.nonblocking = 1
    yield "psycopg pipeline with an error", seen
    with connection.pipeline():
        connection.execute("CREATE TEMP TABLE piped (n int, t text)")
        connection.cursor().executemany("INSERT INTO piped VALUES (%s, %s)", [(n, f"row {n}") for n in range(200)])
        total = connection.execute("SELECT count(*), max(n) FROM piped")
    yield "psycopg pipeline that creates what it uses", total.fetchone()


def main(direct, gateway):
    failed = 0
    for cases in (psycopg2_cases, psycopg_cases):
        expected = dict(cases(direct))
        seen = {}
        try:
            for name, value in cases(gateway):
                seen[name] = value
        except Exception as error:  # whatever the driver makes of it: what did not run fails, with its words
            print(f"FAIL {cases.__name__}: {type(error).__name__}: {error}")
            failed += 1
        for name, value in expected.items():
            if seen.get(name) == value:
                print(f"ok   {name}")
            else:
                print(f"FAIL {name}: {seen.get(name)!r} instead of {value!r}")
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
