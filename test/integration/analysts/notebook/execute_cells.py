"""Executes the cells of a notebook, one line of JSON on standard input and output at a time.

Needs matplotlib, and neither Jupyter nor DuckDB's package: a query is a line of output, and its answer the next line of input.
"""

import base64
import contextlib
import io
import json
import sys
import types

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt

channel = sys.stdout


def say(message):
    channel.write(json.dumps(message) + "\n")
    channel.flush()


class Connection:
    """The part of DuckDB's connection that the notebook uses."""

    def execute(self, sql):
        say({"sql": sql})
        answer = json.loads(sys.stdin.readline())
        self.description = [(name,) for name in answer["names"]]
        self.rows = [tuple(row) for row in answer["rows"]]
        return self

    def fetchall(self):
        return self.rows


duckdb = types.ModuleType("duckdb")
duckdb.connect = Connection
sys.modules["duckdb"] = duckdb

charts = []


def show():
    for number in plt.get_fignums():
        image = io.BytesIO()
        plt.figure(number).savefig(image, format="png", metadata={"Software": None})
        charts.append(base64.b64encode(image.getvalue()).decode())
    plt.close("all")


plt.show = show
names = {}
for line in sys.stdin:
    printed = io.StringIO()
    charts.clear()
    with contextlib.redirect_stdout(printed):
        exec(compile(json.loads(line)["source"], "cell", "exec"), names)
    say({"printed": printed.getvalue(), "charts": charts})
