package cli

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/sync/app"
)

// remedies is what a person types, by what can be done. An answer of evenstock names no command: other faces have other words.
var remedies = map[app.Remedy]string{
	app.RemedyListLinks:      "see evenstock link list",
	app.RemedyMeant:          "did you mean %?",
	app.RemedyNameByID:       "name one by its id: %",
	app.RemedyNameChannel:    "the configuration has %",
	app.RemedyNameLocation:   "it has %",
	app.RemedyListBrakes:     "see evenstock brakes",
	app.RemedyListPushes:     "see evenstock push list",
	app.RemedyListLetters:    "see evenstock dlq list --all",
	app.RemedyApplyBaseline:  "look with evenstock baseline plan, then open with evenstock baseline apply",
	app.RemedyReleaseBrake:   "it is wrong: undo it on the channel where it was done, and it ends by itself; it is meant so: evenstock brakes release %",
	app.RemedyReleaseProgram: "switch the other program off there, and count the shelf; it is right, with all that it wrote: evenstock brakes release %; it is wrong: evenstock brakes release % --correct",
	app.RemedyReleaseTwice:   "the same units, typed in twice: evenstock brakes release % --correct; other units at each counter: evenstock brakes release %",
	app.RemedyAnswer:         "answer it first, evenstock brakes shows it: evenstock brakes release % if the level is right, with --correct if not; or unlink all the same with --unanswered",
	app.RemedyWait:           "ends by itself with a second reading",
	app.RemedyAgain:          "try again",
	app.RemedyAcceptRenamed:  "take the SKU from the catalog or, if it is meant so, import with --accept-renamed",
	app.RemedyShared:         "if they are the same goods, write shared in the column shared of each of these rows",
	app.RemedyJoin:           "say what its count means: evenstock link waiting lists the commands",
	app.RemedyListWaiting:    "see evenstock link waiting",
	app.RemedyUntold:         "say which with --untold: %",
	app.RemedyPlace:          "put the location back into the configuration, or unlink what is linked there: evenstock doctor",
	app.RemedyExplain:        "evenstock explain SKU shows what has no cause",
	app.RemedySettleAs:       "--as is one of %",
	app.RemedyNameCounter:    "say which with --channel, --location or --item: %",
	app.RemedyPlan:           "look again: evenstock baseline plan",
	app.RemedyConfirm:        "look at evenstock baseline plan, then: evenstock baseline apply --yes",
	app.RemedyOpens:          "opens by itself",
	app.RemedyCount:          "count it there once, and be it zero: it opens by itself; or open it by another channel's count: evenstock baseline apply --authority CHANNEL",
	app.RemedyAuthority:      "link it there too, or open it by another channel's count: evenstock baseline apply --authority CHANNEL",
	app.RemedyFreshFile:      "take SKU and id from a fresh file: evenstock link suggest --format xlsx > links.xlsx (link export for what is linked)",
	app.RemedyStaysLinked:    "what is linked stays as it is; leave the row out, or write a fresh file: evenstock link export --format xlsx > links.xlsx",
	app.RemedyRelink:         "write the SKU that it is linked under; only if it has really become another article: evenstock link remove %, then import the row again",
	app.RemedyMovedOn:        "a new article: import with --accept-renamed; the same one: write the SKU that it has now",
	app.RemedyCompleteRow:    "write both, the SKU that the rows of one article have in common and the channel's id of the item",
	app.RemedyKeepOne:        "keep one of the rows",
	app.RemedyLeaveOut:       "leave the row out",
	app.RemedySoldAs:         "correct the item, or leave sold_as empty: then the catalog's is taken",
	app.RemedyNewSKU:         "give one of them another SKU in its shop, then: evenstock reconcile run",
	app.RemedyOwnSKU:         "take the SKU from the catalog, or write one of your own, no number, into the rows that are one article and import with --accept-renamed",
	app.RemedyToken:          "put a new token into %; evenstock doctor says whether it is taken",
	app.RemedyScopes:         "give the token the scopes that evenstock doctor lists, or put a new one into %",
	app.RemedyAddress:        "correct the api_url %",
	app.RemedyShop:           "look into the admin pages of the shop of %, then try again",
	app.RemedyReach:          "look whether this machine reaches %, then try again",
	app.RemedyLater:          "try again in a minute; evenstock doctor says whether % answers",
	app.RemedyNameMerchant:   "there are %",
	app.RemedyDeclare:        "declare it under merchants, or add it with a shop of its own: --file",
	app.RemedyUndeclare:      "take it out of the configuration first; serve need not be restarted",
	app.RemedyOwner:          "name the login that owns the tables: database_owner_url_file",
	app.RemedyBegin:          "it begins with evenstock link import or evenstock serve",
}

// Words says what is wrong and what to do about it. Where that is in the configuration of a channel, cfg says what it is; it may be nil.
func Words(err error, cfg *config.Config) string {
	var typed *app.Error
	if remedy := whatToMigrate(err); remedy != "" {
		return err.Error() + ": " + remedy
	}
	if !errors.As(err, &typed) || typed.Remedy == "" {
		return err.Error()
	}
	return err.Error() + ": " + whatToDo(typed.Remedy, configured(typed.Remedy, typed.Meant, cfg))
}

// configured names what a remedy means of a channel as the configuration does: the file that its token is in, its address.
func configured(remedy app.Remedy, meant []string, cfg *config.Config) []string {
	if cfg == nil || len(meant) != 1 {
		return meant
	}
	i := slices.IndexFunc(cfg.Channels, func(c config.Channel) bool { return c.Name == meant[0] })
	if i < 0 {
		return meant
	}
	switch channel := cfg.Channels[i]; remedy {
	case app.RemedyToken, app.RemedyScopes:
		return []string{cmp.Or(channel.TokenFile, "the environment variable that holds it") + " (channel " + channel.Name + ")"}
	case app.RemedyReach, app.RemedyAddress:
		return []string{channel.APIURL + " (channel " + channel.Name + ")"}
	}
	return meant
}

func whatToDo(remedy app.Remedy, meant []string) string {
	text := strings.Join(meant, ", ")
	if remedy == app.RemedyMeant {
		text = strings.Join(quoted(meant), " or ")
	}
	return printable(strings.ReplaceAll(remedies[remedy], "%", orDash(text)))
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
