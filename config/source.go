package config

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// source is where a configuration was read, and what is needed to read it again in the same way.
type source struct {
	file  string
	env   func(string) string
	flags map[string]string
	// read is when it was read, sum what was.
	read time.Time
	sum  [sha256.Size]byte

	mu sync.Mutex
	// looked is what was read of the file the last time and is another text, differs and fault what it means.
	looked  [sha256.Size]byte
	differs bool
	fault   error
}

// Source is the file that the configuration was loaded of, and when; nothing for one that was only parsed.
func (c *Config) Source() (file string, read time.Time) {
	if c.source == nil {
		return "", time.Time{}
	}
	return c.source.file, c.source.read
}

// Reread looks at the file again, as it was read the first time, and says whether it means another configuration now: comments, order
// and values that the environment or a flag replace do not count. since is when the file was changed, if that can be known. An error
// says that the file cannot be used now. It is safe for concurrent use, and parses each text once.
func (c *Config) Reread() (differs bool, since time.Time, err error) {
	s := c.source
	if s == nil {
		return false, since, nil
	}
	// Asked before opening: opening a named pipe would wait for a writer for ever.
	if info, err := os.Stat(s.file); err == nil && !info.Mode().IsRegular() {
		return false, since, &Error{File: c.file, Reason: "is not a regular file", Remedy: "put the configuration back"}
	}
	text, info, err := readFile(s.file)
	if err != nil {
		return false, since, err
	}
	if info.ModTime().After(s.read) { // not so when an older file was put in its place
		since = info.ModTime()
	}
	sum := sha256.Sum256(text)
	if sum == s.sum {
		return false, time.Time{}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sum != s.looked {
		now, fault := Parse(c.file, text, s.env, s.flags)
		s.looked, s.fault, s.differs = sum, fault, fault == nil && !bytes.Equal(now.meaning(), c.meaning())
	}
	if !s.differs && s.fault == nil {
		return false, time.Time{}, nil
	}
	return s.differs, since, s.fault
}

// meaning is all values of a configuration in one form. It holds what Print leaves out, and is not for people.
func (c *Config) meaning() []byte {
	sorted := *c
	sorted.Merchants = nil // who looks at merchants compares them one by one
	sorted.Locations = slices.Sorted(slices.Values(c.Locations))
	sorted.Channels = slices.SortedFunc(slices.Values(c.Channels), func(a, b Channel) int { return strings.Compare(a.Name, b.Name) })
	text, err := json.Marshal(sorted)
	if err != nil {
		panic(err) // it holds texts and numbers
	}
	return text
}

// DataFolder is the data folder of a configuration that may be faulty elsewhere: what it names as far as it can be read, or else the
// default. Empty where nothing can be read.
func DataFolder(path string, env func(string) string, flags map[string]string) string {
	text, _, err := readFile(path)
	if err != nil {
		return ""
	}
	p := newParser(path, env, flags, platforms)
	root, ok := p.document(text)
	if !ok {
		root, ok = p.document(beginning(text))
	}
	if ok {
		p.root(root)
	}
	p.overlay()
	if p.faulty["data"] {
		return ""
	}
	return p.cfg.Data
}

// beginning is what stands before the line where a text stops being YAML.
func beginning(text []byte) []byte {
	line := max(faultyLine(text), 1)
	return bytes.Join(bytes.SplitAfter(text, []byte("\n"))[:line-1], nil)
}

// absolute is a path wherever one looks from, if that can be said.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
