#!/usr/bin/env bash
# github.com/robfig/cron/v3 v3.0.1: where the clock changes by half an hour (Australia/Lord_Howe), a daily job is left out on the
# day of the change, at whatever hour it stands, if its minute is below 30. "0 12 * * *" does not run at noon, ten hours after
# the change, and "@daily" is left out on the day after.
#
# Expected: the manual warns only of "jobs scheduled during daylight-savings leap-ahead transitions", and noon is an ordinary noon.
# Why: hours are sought by adding one hour at a time to a time at minute 0. After a change of half an hour these times stand at
# minute 30, and from there the minute is sought forward into the next hour, which no longer matches.
# For us: a nightly sweep of a shop on Lord Howe Island does not run twice a year. The recent sweeps ("@every 1m") are not touched.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >main.go <<'GO'
package main

import (
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

func main() {
	for _, zone := range []string{"Australia/Lord_Howe", "Australia/Sydney"} {
		for _, spec := range []string{"0 12 * * *", "30 12 * * *", "@daily"} {
			location, err := time.LoadLocation(zone)
			if err != nil {
				panic(err)
			}
			schedule, err := cron.ParseStandard(spec)
			if err != nil {
				panic(err)
			}
			// Both zones change their clocks in the night to 5 April and in the night to 4 October 2026.
			ran := map[string]bool{}
			end := time.Date(2027, 1, 1, 0, 0, 0, 0, location)
			for at := schedule.Next(time.Date(2025, 12, 31, 23, 59, 59, 0, location)); at.Before(end); at = schedule.Next(at) {
				ran[at.Format(time.DateOnly)] = true
			}
			fmt.Printf("%s %q:", zone, spec)
			for day := time.Date(2026, 1, 1, 12, 0, 0, 0, location); day.Before(end); day = day.AddDate(0, 0, 1) {
				if !ran[day.Format(time.DateOnly)] {
					fmt.Print(" not on ", day.Format(time.DateOnly))
				}
			}
			fmt.Printf(" (%d days)\n", len(ran))
		}
	}
}
GO
export GOWORK=off
go mod init finding
go get github.com/robfig/cron/v3@v3.0.1

diff - <(go run .) <<'SEEN' && echo "as described"
Australia/Lord_Howe "0 12 * * *": not on 2026-04-05 not on 2026-10-04 (363 days)
Australia/Lord_Howe "30 12 * * *": (365 days)
Australia/Lord_Howe "@daily": not on 2026-04-06 not on 2026-10-05 (363 days)
Australia/Sydney "0 12 * * *": (365 days)
Australia/Sydney "30 12 * * *": (365 days)
Australia/Sydney "@daily": (365 days)
SEEN
