#!/usr/bin/env python3
"""psqlodbc through pyodbc: prints what it sees, to be compared between two roads.

usage: odbc.py HOST:PORT DATABASE USER PASSWORD SSLMODE
"""

import glob
import sys

import pyodbc

TYPES = """SELECT 1::smallint, 2::int, 3::bigint, 4.5::numeric(10,2), 5.5::float8, 'text'::text, 'char'::char(6), 'varchar'::varchar(9), true,
 DATE '2024-02-29', TIME '12:34:56', TIMESTAMP '2024-02-29 12:34:56.789', '\\x00ff'::bytea, '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid, NULL::int"""


def connect(address, database, user, password, sslmode, **more):
    host, port = address.rsplit(":", 1)
    driver = glob.glob("/usr/lib/*/odbc/psqlodbcw.so")[0]
    settings = {"Driver": driver, "Server": host, "Port": port, "Database": database, "Uid": user, "Pwd": "{" + password + "}", "SSLmode": sslmode, **more}
    return pyodbc.connect(";".join(f"{key}={value}" for key, value in settings.items()), autocommit=False)


def show(name, value):
    print(f"{name}: {value!r}")


def failing(cursor, sql, *parameters):
    try:
        cursor.execute(sql, *parameters)
        show(f"no error of {sql}", None)
    except pyodbc.Error as error:
        show(f"error of {sql}", error.args)
    cursor.connection.rollback()


def main(*where):
    # With and without server-side prepares, and with cursors.
    for more in ({"UseServerSidePrepare": 0}, {"UseServerSidePrepare": 1}, {"UseDeclareFetch": 1, "Fetch": 7}, {"Protocol": "7.4-2"}):
        connection = connect(*where, **more)
        cursor = connection.cursor()
        show("settings", more)
        show("types", [tuple(row) for row in cursor.execute(TYPES)])
        show("description", [column[:2] for column in cursor.description])
        show("parameters", [tuple(row) for row in cursor.execute("SELECT id, full_name, date_of_birth FROM customers WHERE id BETWEEN ? AND ? ORDER BY id", 3, 9)])
        show("many rows", len(cursor.execute("SELECT id, status, amount, created_at FROM orders ORDER BY id").fetchall()))
        cursor.executemany("INSERT INTO orders (customer_id, status, amount) VALUES (?, ?, ?)", [(1, "odbc", 5), (2, "odbc", 6), (3, "odbc", None or 7)])
        show("inserted", cursor.execute("SELECT count(*), sum(amount) FROM orders WHERE status = 'odbc'").fetchone()[:])
        show("updated", cursor.execute("UPDATE orders SET note = ? WHERE status = ?", "x", "odbc").rowcount)
        connection.rollback()
        show("rolled back", cursor.execute("SELECT count(*) FROM orders WHERE status = 'odbc'").fetchone()[0])
        failing(cursor, "SELECT 1/0")
        failing(cursor, "SELECT * FROM no_such_table")
        failing(cursor, "SELECT ?::int", "x")
        failing(cursor, "INSERT INTO orders (id, customer_id, status, amount) SELECT id, customer_id, status, amount FROM orders LIMIT 1")
        # What tools ask at connect. (Names of the database are the client's own.)
        show("tables", [row[1:4] for row in cursor.tables(schema="public")])
        show("columns", [tuple(row)[2:8] for row in cursor.columns(table="customers", schema="public")])
        show("primary keys", [tuple(row)[2:5] for row in cursor.primaryKeys("orders", schema="public")])
        show("foreign keys", [tuple(row)[1:4] + tuple(row)[5:8] for row in cursor.foreignKeys(table="customers", schema="public")])
        show("statistics", [tuple(row)[2:9] for row in cursor.statistics("orders", schema="public")])
        show("server", [connection.getinfo(what) for what in (pyodbc.SQL_DBMS_NAME, pyodbc.SQL_DBMS_VER, pyodbc.SQL_IDENTIFIER_QUOTE_CHAR)])
        connection.rollback()
        connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:6])
