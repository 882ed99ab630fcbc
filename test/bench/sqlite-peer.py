"""The rival of `npm run bench -- history`: the same samples as rows of SQLite.

sqlite-peer.py ticks FILE POINTS TICKS   -> {"rate": samples/s}, a commit with synchronous=FULL for each tick
sqlite-peer.py year FILE POINTS MINUTES  -> {"bytes": bytes a sample, "queryMs": hourly aggregate of one point}
"""
import json
import math
import os
import sqlite3
import sys
import time

START = 1735689600000


def value_of(point, tick):
    wave = 21 + 3 * math.sin(tick / 240 + point) + 0.3 * math.sin(tick * 1.7 + point * 2)
    kind = point % 4
    if kind == 0:
        return round(wave, 1)
    if kind == 1:
        return round(wave, 2)
    if kind == 2:
        return math.floor(tick * 1.3) + point
    return wave


def open_db(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE samples (point INTEGER, t INTEGER, v REAL, q INTEGER, PRIMARY KEY (point, t)) WITHOUT ROWID")
    return db


def insert(db, rows):
    db.execute("BEGIN")
    db.executemany("INSERT INTO samples VALUES (?, ?, ?, ?)", rows)
    db.execute("COMMIT")


def ticks(path, points, count):
    db = open_db(path)
    batches = [[(p, START + t * 1000, value_of(p, t), 0) for p in range(points)] for t in range(count)]
    start = time.perf_counter()
    for rows in batches:
        insert(db, rows)
    return {"rate": points * count / (time.perf_counter() - start)}


def year(path, points, minutes):
    db = open_db(path)
    for p in range(points):
        insert(db, ((p, START + m * 60000, value_of(p, m), 0) for m in range(minutes)))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    times = []
    for _ in range(5):
        start = time.perf_counter()
        rows = db.execute("SELECT t / 3600000, min(v), max(v), avg(v), sum(v), count(*) FROM samples WHERE point = 3 GROUP BY 1").fetchall()
        times.append(time.perf_counter() - start)
        assert len(rows) == minutes // 60
    return {"bytes": os.path.getsize(path) / (points * minutes), "queryMs": sorted(times)[2] * 1000}


what, path, points, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
print(json.dumps(ticks(path, points, count) if what == "ticks" else year(path, points, count)))
