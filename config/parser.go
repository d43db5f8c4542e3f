package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// parser collects the values of the file, then lays environment and flags over them, then checks the whole.
type parser struct {
	platforms []platform
	file      string
	env       func(string) string
	flags     map[string]string

	cfg *Config
	// shops read the listed merchants; prefix is the key of the merchant that this one reads, empty for a file of its own.
	shops  []*parser
	prefix string
	// at holds the origin of every value and section that was met.
	at origins
	// texts holds the single values of the file by key; faulty the keys that were reported already, so that one
	// mistake is reported once.
	texts    map[string]string
	faulty   map[string]bool
	problems []*Error
	warnings []*Error
}

// fail reports a fault of the key at the line it stands on.
func (p *parser) fail(key, reason, remedy string) {
	at := p.at.nearest(key)
	p.failAt(at, key, reason, remedy)
}

func (p *parser) failAt(at origin, key, reason, remedy string) {
	p.faulty[key] = true
	p.problems = append(p.problems, &Error{File: at.file, Line: at.line, Key: key, Reason: reason, Remedy: remedy})
}

func (p *parser) warn(key, reason, remedy string) {
	at := p.at.nearest(key)
	p.warnings = append(p.warnings, &Error{File: at.file, Line: at.line, Key: key, Reason: reason, Remedy: remedy})
}

func (p *parser) err() error {
	slices.SortStableFunc(p.warnings, byLine)
	return joined(p.problems)
}

// document returns the one mapping that the file holds. An empty file is an empty mapping: what is missing is said later.
func (p *parser) document(text []byte) (*yaml.Node, bool) {
	start := origin{p.file, 1}
	p.at[""] = start
	if len(text) > maxFileBytes {
		p.failAt(start, "", fmt.Sprintf("is larger than %d bytes", maxFileBytes), "a configuration is a page or two: is this the right file?")
		return nil, false
	}
	if line := badByteLine(text); line > 0 {
		p.failAt(origin{p.file, line}, "", "holds a control character, or bytes that are not UTF-8", "save the file as UTF-8 text")
		return nil, false
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var first, second yaml.Node
	switch err := decoder.Decode(&first); {
	case errors.Is(err, io.EOF):
		return &yaml.Node{Kind: yaml.MappingNode, Line: 1}, true
	case err != nil:
		p.syntaxError(text, err)
		return nil, false
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		p.failAt(origin{p.file, second.Line}, "", "a second YAML document begins here", "keep one document in the file")
		return nil, false
	case !errors.Is(err, io.EOF):
		p.syntaxError(text, err)
		return nil, false
	}
	root := first.Content[0]
	if isNull(root) {
		return &yaml.Node{Kind: yaml.MappingNode, Line: root.Line}, true
	}
	if root.Kind != yaml.MappingNode {
		p.failAt(origin{p.file, root.Line}, "", "holds "+describe(root)+" where keys are expected", `write lines such as "data: ./data"`)
		return nil, false
	}
	return root, true
}

// yamlLine finds the line in an error of the YAML library, which has no field for it.
var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(?s:(.*))$`)

// syntaxError reports what the YAML library says, at the line where the text stops being YAML.
func (p *parser) syntaxError(text []byte, err error) {
	at, reason := origin{p.file, 1}, err.Error()
	if found := yamlLine.FindStringSubmatch(reason); found != nil {
		reason = found[2]
		if line, err := strconv.Atoi(found[1]); err == nil {
			at.line = line
		}
	}
	if line := faultyLine(text); line > 0 {
		at.line = line
	}
	p.failAt(at, "", "is not YAML: "+reason, "look at this line and the one before it: indentation, quotes, a missing colon")
}

// maxFaultyLineBytes bounds the work of faultyLine, in bytes parsed: 500 lines of 4 KiB, half a second at worst.
const maxFaultyLineBytes = 2 << 20

// faultyLine returns the line after the longest beginning of the text that is YAML, or 0 when the text is too long to
// try. The library names the line where the surrounding list or mapping begins, which can be pages away.
func faultyLine(text []byte) int {
	lines := bytes.SplitAfter(text, []byte("\n"))
	if len(lines)*len(text) > maxFaultyLineBytes {
		return 0
	}
	end := len(text)
	for n := len(lines); n > 0; n-- {
		end -= len(lines[n-1])
		if isYAML(text[:end]) {
			return n
		}
	}
	return 1
}

func isYAML(text []byte) bool {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var node yaml.Node
		switch err := decoder.Decode(&node); {
		case errors.Is(err, io.EOF):
			return true
		case err != nil:
			return false
		}
	}
}

// badByteLine returns the line of the first byte that is not text, or 0. The YAML library would report it without a line.
func badByteLine(text []byte) int {
	line := 1
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			return line
		case r == '\n':
			line++
		case r < ' ' && r != '\t' && r != '\r', r >= 0x7f && r <= 0x9f && r != 0x85:
			return line
		}
		text = text[size:]
	}
	return 0
}

// overlay fills every single value from flag, environment, file or default, and checks what it took.
func (p *parser) overlay() {
	var flags []string
	for _, s := range settings {
		flags = append(flags, s.Flag)
		value, inFile := p.texts[s.Key]
		if !inFile {
			value = s.Default
			if !p.faulty[s.Key] {
				p.at[s.Key] = origin{file: defaultOrigin}
			}
		}
		if fromEnv := p.env(s.Env); fromEnv != "" {
			value, p.at[s.Key] = fromEnv, origin{file: "env " + s.Env}
		}
		if fromFlag, given := p.flags[s.Flag]; given {
			value, p.at[s.Key] = fromFlag, origin{file: "flag --" + s.Flag}
		}
		if reason, remedy := s.put(p.cfg, value); reason != "" {
			p.fail(s.Key, reason, remedy)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.flags)) {
		if !slices.Contains(flags, name) {
			p.failAt(origin{file: "flag --" + printable(name)}, "", "is not known", suggest(name, flags))
		}
	}
	p.overlayCluster()
	p.resolveData()
}

// resolveData makes a data folder of the file, or the default, relative to the file.
func (p *parser) resolveData() {
	at, folder := p.at["data"], filepath.Dir(p.file)
	ofFile := at.line > 0 || at.file == defaultOrigin
	if ofFile && folder != "." && !filepath.IsAbs(p.cfg.Data) {
		p.cfg.Data = filepath.Join(folder, p.cfg.Data)
	}
}
