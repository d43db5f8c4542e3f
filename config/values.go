package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/robfig/cron/v3"
)

// The checks of single values: an empty reason means good.

var (
	logLevels  = []string{"debug", "info", "warn", "error"}
	logFormats = []string{"text", "json"}
)

var (
	ourName    = form{regexp.MustCompile(`^[a-z0-9-]*$`), 1, 32}
	hostName   = form{regexp.MustCompile(`^[A-Za-z0-9.-]*$`), 1, 253}
	locationID = form{regexp.MustCompile(`^[A-Za-z0-9_-]*$`), 1, 64}
	// hookToken is the unguessable end of a webhook path: 16 url-safe characters are 96 bits when chosen at random.
	hookToken = form{regexp.MustCompile(`^[A-Za-z0-9_-]*$`), 16, 128}
)

// form is what a text must look like: of which ASCII characters it is, and how many. A count inside the expression would be
// compiled into as many copies, a millisecond at every start of the program.
type form struct {
	characters  *regexp.Regexp
	least, most int
}

func (f form) matches(text string) bool {
	return f.least <= len(text) && len(text) <= f.most && f.characters.MatchString(text)
}

const nameRemedy = "use 1 to 32 of a-z, 0-9 and -"

func checkName(name string) (reason, remedy string) {
	if !ourName.matches(name) {
		return fmt.Sprintf("%.40q is not a name", name), nameRemedy
	}
	return "", ""
}

func checkOneOf(value string, known []string) (reason, remedy string) {
	if !slices.Contains(known, value) {
		return fmt.Sprintf("%.40q is not known", value), suggest(value, known)
	}
	return "", ""
}

func checkFolder(value string) (reason, remedy string) {
	switch {
	case value == "":
		return "is empty", `write a folder such as "./data"`
	case strings.ContainsRune(value, 0):
		return "holds a zero byte", "write the name of a folder"
	}
	return "", ""
}

// putNumber stores a whole number from 1 to limit.
func putNumber(to *int, value string, limit int) (reason, remedy string) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > limit {
		return fmt.Sprintf("%.40q is not a whole number from 1 to %d", value, limit), "write digits only"
	}
	*to = n
	return "", ""
}

func checkListen(value string) (reason, remedy string) {
	const example = `write host:port, such as 127.0.0.1:8080, or :8080 for every address of the machine`
	host, port, err := net.SplitHostPort(value)
	if err != nil {
		return fmt.Sprintf("%.60q is not host:port", value), example
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return fmt.Sprintf("port %.20q is not a number from 0 to 65535", port), example
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "" && !hostName.matches(host) {
		return fmt.Sprintf("host %.60q is neither a name nor an address", host), example
	}
	return "", ""
}

// isLoopback says whether only this machine can reach the host.
func isLoopback(host string) bool {
	host = strings.ToLower(host)
	if address, err := netip.ParseAddr(host); err == nil {
		return address.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// checkRecent accepts Adaptive too.
func checkRecent(value string) (reason, remedy string) {
	if value == Adaptive {
		return "", ""
	}
	if reason, remedy = checkSchedule(value); reason != "" {
		remedy = `write "` + Adaptive + `", or ` + strings.TrimPrefix(remedy, "write ")
	}
	return reason, remedy
}

// checkSchedule accepts what cron does: five fields or a descriptor, with an optional time zone in front. It refuses what
// cron would panic on, round silently, or never run.
func checkSchedule(value string) (reason, remedy string) {
	const example = `write five fields such as "0 4 * * *" (minute, hour, day, month, weekday), or "@every 1m"`
	hasZone := strings.HasPrefix(value, "TZ=") || strings.HasPrefix(value, "CRON_TZ=")
	if hasZone && !strings.Contains(value, " ") { // cron v3.0.1 panics: parser.go slices up to the missing space
		return fmt.Sprintf("%.60q is a time zone without a schedule", value), example
	}
	expression := value
	if hasZone {
		_, expression, _ = strings.Cut(value, " ")
		expression = strings.TrimSpace(expression)
	}
	if slices.ContainsFunc(strings.Fields(expression), func(f string) bool { return strings.Trim(f, ",") == "" }) {
		return fmt.Sprintf("%.60q has an empty field", value), example
	}
	schedule, err := cron.ParseStandard(value)
	if err != nil {
		return fmt.Sprintf("%.60q is not a schedule (%.120s)", value, cleanLine(err.Error())), example
	}
	if text, every := strings.CutPrefix(expression, "@every "); every {
		// cron rounds what is shorter up to a second without a word.
		if period, err := time.ParseDuration(text); err != nil || period < time.Second {
			return fmt.Sprintf("%.60q is more often than once a second", value), example
		}
	}
	if schedule.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() { // cron gives up after five years
		return fmt.Sprintf("%.60q never comes: there is no such day", value), example
	}
	return "", ""
}

// cleanLine replaces what could break a line, for text that is not ours: file names, messages of libraries.
func cleanLine(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

// checkURL accepts https, and http for loopback hosts. The URL is never part of the reason: it may hold a token.
func checkURL(value string) (u *url.URL, reason, remedy string) {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "" {
		return nil, "is not a URL", "write it with https:// and a host"
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, "has a port that is not a number from 1 to 65535", "correct or remove the port"
		}
	}
	switch {
	case u.User != nil:
		return nil, "holds a user name or password", "remove all before the @; tokens belong in token_file"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(value, "#"):
		return nil, "holds a query or fragment", "remove everything from the ? or # on"
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, "is http, which anybody on the way can read and change", "write https (http is for loopback addresses only)"
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, "is not an https URL", "write it with https://"
	}
	return u, "", ""
}

// sameAPI brings equal addresses to one form.
func sameAPI(u *url.URL) string {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(host, port) + strings.TrimRight(u.EscapedPath(), "/")
}
