package cli

import (
	"errors"
	"strconv"
	"strings"

	"github.com/evenstock/evenstock/sync/app"
)

// remedies is what a person types, by what can be done. An answer of evenstock names no command: other faces have other words.
var remedies = map[app.Remedy]string{
	app.RemedyListLinks:     "see evenstock link list",
	app.RemedyMeant:         "did you mean %?",
	app.RemedyNameByID:      "name one by its id: %",
	app.RemedyNameChannel:   "the configuration has %",
	app.RemedyNameLocation:  "it has %",
	app.RemedyListBrakes:    "see evenstock brakes",
	app.RemedyListPushes:    "see evenstock push list",
	app.RemedyListLetters:   "see evenstock dlq list --all",
	app.RemedyApplyBaseline: "nothing is pushed before: evenstock baseline apply",
	app.RemedyReleaseBrake:  "wrong: put the counts back, and it ends; right: evenstock brakes release ID",
	app.RemedyReleaseTwice:  "both are right: brakes release ID; the same goods: brakes release ID --correct",
	app.RemedyWait:          "ends by itself with a second reading",
	app.RemedyAgain:         "try again",
	app.RemedyBegin:         "it begins with evenstock link import or evenstock serve",
}

// Words says what is wrong and what to do about it.
func Words(err error) string {
	var typed *app.Error
	if !errors.As(err, &typed) || typed.Remedy == "" {
		return err.Error()
	}
	meant := strings.Join(typed.Meant, ", ")
	if typed.Remedy == app.RemedyMeant {
		meant = strings.Join(quoted(typed.Meant), " or ")
	}
	return err.Error() + ": " + printable(strings.Replace(remedies[typed.Remedy], "%", orDash(meant), 1))
}

func quoted(texts []string) []string {
	list := make([]string, len(texts))
	for i, text := range texts {
		list[i] = strconv.Quote(text)
	}
	return list
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
