#!/usr/bin/env python3
"""JSON Lines through Spark: every partition goes through one sysprompt, which has to be on the PATH of the workers.

    spark-submit spark-count.py pages.jsonl counted body
"""
import shlex
import sys


def command(field):
    return "sysprompt count --jsonl --jobs=1 --field=" + shlex.quote(field)  # pipe() splits it as a shell does


def main(source, target, field="text"):
    from pyspark.sql import SparkSession

    session = SparkSession.builder.appName("count tokens").getOrCreate()
    lines = session.read.text(source).rdd.map(lambda row: row.value)
    lines.pipe(command(field), checkCode=True).saveAsTextFile(target)  # a record that is wrong fails the job


if __name__ == "__main__":
    main(*sys.argv[1:])
