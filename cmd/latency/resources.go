package main

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is what /proc counts processor time in: USER_HZ, which Linux fixes at 100.
const ticksPerSecond = 100

// resources are what a process has used: processor time since its start, and memory now. Zero where /proc does not tell.
func resources(pid int) (cpu time.Duration, rss int64) {
	dir := "/proc/" + strconv.Itoa(pid) + "/"
	stat, err := os.ReadFile(dir + "stat")
	if err != nil {
		return 0, 0
	}
	cpu = processorTime(string(stat))
	statm, err := os.ReadFile(dir + "statm")
	if err != nil {
		return cpu, 0
	}
	if fields := strings.Fields(string(statm)); len(fields) > 1 {
		pages, _ := strconv.ParseInt(fields[1], 10, 64) // 0: it does not tell
		rss = pages * int64(os.Getpagesize())
	}
	return cpu, rss
}

// processorTime reads utime and stime, fields 14 and 15 of /proc/PID/stat (man 5 proc_pid_stat). The second field, the name, may hold
// anything but ends with the last bracket.
func processorTime(stat string) time.Duration {
	_, rest, _ := strings.Cut(stat[max(0, strings.LastIndex(stat, ")")):], " ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * time.Second / ticksPerSecond
}
