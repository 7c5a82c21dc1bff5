#!/bin/bash
# both.sh FIRST SECOND: runs two programs until it is told to stop (SIGTERM), or until one of them ends.
set -u
$1 &
first=$!
$2 &
second=$!
trap 'kill "$first" "$second" 2>/dev/null' TERM INT EXIT
wait -n
