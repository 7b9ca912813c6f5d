"""A held statement as psycopg's programs meet it: without a time-out, which is psycopg's default, and with one of their own. holds.py DSN PATIENT TIMED

PATIENT and TIMED are the ids of the rows that are deleted. Prints a line for each step; reads one when there is something to wait for.
"""
import asyncio
import sys

import psycopg

dsn, patient, timed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
TIMEOUT = 5


async def delete(row, timeout):
    # A connection of its own: a statement that was given up leaves one that psycopg does not use again.
    connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True)
    try:
        done = await asyncio.wait_for(connection.execute(f"DELETE FROM things WHERE id = {row}"), timeout)
        return f"passed {done.rowcount}"
    except (asyncio.TimeoutError, psycopg.errors.QueryCanceled):
        return "timed out"
    finally:
        await connection.close()


async def main():
    waits = asyncio.create_task(delete(patient, None))
    print("first:", await delete(timed, TIMEOUT), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print("back:", await delete(timed, TIMEOUT), flush=True)
    print("again:", await delete(timed, TIMEOUT), flush=True)
    print("patient:", await waits, flush=True)


asyncio.run(main())
