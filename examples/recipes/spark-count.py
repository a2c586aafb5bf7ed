#!/usr/bin/env python3
"""JSON Lines through Spark: every partition goes through one sysprompt. The workers look for it on the PATH of the driver.

    spark-submit spark-count.py pages.jsonl counted body
"""
import os
import shlex
import sys


def main(source, target, field="text"):
    from pyspark.sql import SparkSession

    session = SparkSession.builder.appName("count tokens").getOrCreate()
    lines = session.read.text(source).rdd.map(lambda row: row.value)
    command = "sysprompt count --jsonl --jobs=1 --field=" + shlex.quote(field)  # pipe() splits it as a shell does
    environment = {"PATH": os.environ["PATH"]}  # it gets no other
    counted = lines.pipe(command, environment, checkCode=True)  # a record that is wrong fails the job
    counted.saveAsTextFile(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
