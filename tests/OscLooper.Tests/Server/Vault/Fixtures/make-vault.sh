#!/bin/bash
# Writes vault.tar.gz: a vault as the program of 21 November 2026 (commit 82b0caf) left it, without checksums and without the name of the
# session that was open last: three sessions (many, beyond, jam), `jam` open at the end, modes 0755 and 0644.
#   make-vault.sh SERVER CTL OUTPUT     (the built OscLooper.Server and osclooper-ctl of that commit)
# Tests read what it made; it is run again only to know how that was.
set -eu
server=$1 ctl=$2 output=$(realpath -m "$3") port=$((20000 + RANDOM % 20000)) here=$(mktemp -d)
cd "$here"
umask 022
export XDG_STATE_HOME=$here/state
printf '0 /synth/note %s 100\n' 48 55 64 > chord.txt
"$server" render --score chord.txt --output in.wav --seconds 20 > render.log

"$server" --vault vault --osc-port $port --audio none --input in.wav --channels 4 --fifo pipe > server.log 2>&1 &
pid=$!
trap 'kill $pid 2>/dev/null || true' EXIT
until grep -q ready server.log; do sleep 0.1; done
say() { printf '%s\n' "$@" > pipe; }                         # at once
call() { "$ctl" --port $port --timeout 60000 "$@"; }         # waits for /done

loop() { say "/looper/channel/$1/sync none" "/looper/channel/$1/record"; sleep 0.0$2; say "/looper/channel/$1/play"; sleep 0.05; }
overdub() { say "/looper/channel/$1/overdub"; sleep 0.03; say "/looper/channel/$1/overdub"; sleep 0.05; }
add() { for ((n = 0; n < $1; n++)); do echo "/looper/add_channel audio 1"; done | call - > add.log; }

# What has no name: it stays below `unsaved ...`.
say "/looper/channel/1/volume 0.25"
loop 1 3
call /session/new many

# 1,024 channels, two of them with loops.
add 1020
say "/looper/channel/1024/name last" "/transport/tempo 97.3"
sleep 0.5
loop 1024 3
loop 700 4
call /session/save
call /session/new jam

# The one that is played: 16 layers of undo, redo, scenes, notes, names, presets, connections, an arrangement of values.
call /looper/channel/1/name "Gitarre übung"
call /looper/channel/1/output audio:out/2
loop 1 4
for n in {1..18}; do overdub 1; done
loop 2 3
for n in {1..6}; do overdub 2; done
say "/looper/channel/2/undo" "/looper/channel/2/undo"
call /looper/channel/3/add_scene
call /looper/channel/3/add_scene
loop 3 3
say "/looper/channel/3/scene 3"
loop 3 4
say "/looper/channel/4/rate 0.5"
loop 4 3
say "/looper/channel/4/clear"
call /looper/add_channel midi
say "/looper/channel/5/sync none" "/looper/channel/5/record"
for note in 60 64 67; do say "/bard/note $note 90"; sleep 0.02; say "/bard/note $note 0"; done
say "/looper/channel/5/play"
say "/transport/tempo 133.7" "/transport/signature 7 8" "/bard/transpose 5" "/bard/arp/pattern converge" "/bard/drum/step 1 3 77"
say "/synth/gain 0.5" "/audio/master/gain 0.75" "/looper/channel/2/volume 0.7" "/looper/channel/2/pan -0.4" "/looper/channel/3/mute 1"
call /enchanter/bind apc_key_25_mk2/knob/1 /looper/channel/1/volume
call /enchanter/preset/store warm /looper/channel/1/volume /bard/transpose
call /realm/load gain trim
call /realm/connect looper:out trim:in || true
sleep 0.2
call /session/save
call /session/new beyond

# More of a kind than a later program may want to make: 1,100 channels, 70 imps and more, a name of 3,000 bytes.
add 1096
for ((n = 1; n <= 63; n++)); do echo "/realm/load gain g$n"; done | call - > add.log
call /looper/channel/1/name "$(printf 'abc%.0s' {1..1000})"
say "/g63/level -7.5" "/looper/channel/1100/pan -0.5"
sleep 0.5
loop 1100 3
call /session/save
call /session/load jam
sleep 0.5
say "/looper/channel/2/volume 0.6" "/transport/tempo 134.5"
overdub 3
call /vault/save
call /server/quit
wait $pid
trap - EXIT
rm -f vault/lock
cat server.log
tar -czf "$output" --owner=0 --group=0 --sort=name vault
ls -l "$output"
rm -rf "$here"
