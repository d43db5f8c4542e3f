package cli

import (
	"strings"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/health"
)

// checkNames say what a check looked at. Those of a channel stand behind its name.
var checkNames = map[health.Code]string{
	health.CodeConfig:      "configuration",
	health.CodeFolder:      "data folder",
	health.CodeDisk:        "disk",
	health.CodeServe:       "serve",
	health.CodeWorker:      "worker",
	health.CodeLedger:      "ledger",
	health.CodeSetAside:    "set aside",
	health.CodeWaiting:     "waiting",
	health.CodeBrakes:      "brakes",
	health.CodeNoLevel:     "levels",
	health.CodeUnexplained: "unexplained",
	health.CodeGone:        "gone",
	health.CodeBroker:      "broker",
	health.CodeBrokers:     "brokers",
	health.CodeRole:        "role",
	health.CodeStream:      "stream",
	health.CodeMerchant:    "merchant",
	health.CodeSecrets:     "secrets",
	health.CodeToken:       "token",
	health.CodeLocations:   "locations",
	health.CodeClock:       "clock",
	health.CodeWebhook:     "webhook",
	health.CodeDeliveries:  "deliveries",
	health.CodePlaces:      "links",
	health.CodeServeConfig: "serve configuration",
}

func checkName(check health.Check) string {
	return strings.TrimSpace(string(check.Channel) + " " + checkNames[check.Code])
}

// unexplainedRemedy is what a person can do about changes without a cause.
const unexplainedRemedy = "evenstock reconcile run names those of five minutes and more, and evenstock explain SKU shows each. Where a count is wrong, correct it on its channel; " +
	"else it counts as it stands, and evenstock settle SKU --as CAUSE books what you know of it"

// remedyWords say what a person can do here, at a terminal. {} is what the remedy speaks of, {token} where the channel's token is.
var remedyWords = map[health.Remedy]string{
	health.RemedyConfig:        "{}",
	health.RemedyConfigCheck:   "see evenstock config check",
	health.RemedyFolderCreate:  "let this user write there, or name another folder",
	health.RemedyFolderEnter:   "let this user enter it, or name another folder",
	health.RemedyFolderWrite:   "let this user write in it, or run as the user that runs serve",
	health.RemedyFolderOther:   "name another folder",
	health.RemedyFolderClose:   "chmod 700 {}",
	health.RemedyRoom:          "make room: below 1 GiB the stream stops taking webhooks in sooner or later",
	health.RemedyRestart:       "look at its log; restart it",
	health.RemedyLog:           "look at its log",
	health.RemedyChannel:       "see the channel below",
	health.RemedyBegin:         "evenstock link import or serve creates it",
	health.RemedyUpgrade:       newerWords,
	health.RemedyMigrate:       "evenstock migrate up",
	health.RemedyRestore:       "restore a backup",
	health.RemedyDatabase:      "look whether this machine reaches the database that database_url_file names, and at its log",
	health.RemedyBrokers:       "look whether this machine reaches {}, and at their logs",
	health.RemedyTopics:        "change the topic's settings with Kafka's own tools, such as kafka-configs.sh",
	health.RemedyVerify:        "evenstock ledger verify; restore a backup",
	health.RemedyPushes:        "evenstock push list",
	health.RemedyJoin:          "evenstock link waiting",
	health.RemedyBrakes:        "evenstock brakes says why, and what to do",
	health.RemedyNoLevel:       "{}",
	health.RemedyUnexplained:   unexplainedRemedy,
	health.RemedyGone:          "evenstock stock --uneven gives the command that unlinks each, and after the next sweep (at once: evenstock reconcile run) what came in its place",
	health.RemedyBrokerMove:    "move it away while serve is stopped: a full sweep brings back what it held",
	health.RemedyBrokerRead:    "let this user read it, or run as the user that runs serve",
	health.RemedyToken:         "make a new token with the scopes {}, and put it into {token}; serve reads it again by itself",
	health.RemedyReach:         "look whether this machine reaches {}; serve goes on trying by itself",
	health.RemedyAddress:       "correct the api_url {}",
	health.RemedyShop:          "look into the admin pages of the shop at {}",
	health.RemedyLocations:     "correct locations in the configuration; there are: {}",
	health.RemedyLocationsOpen: "open them, or take them out of the configuration",
	health.RemedyClock:         "let a time service set it (NTP): recorded times and schedules follow it",
	health.RemedyWebhook:       "register a webhook for {}, and write its address into the configuration",
	health.RemedyWebhookSecret: "name webhook_secret_files in the configuration",
	health.RemedyWebhookKey:    "put the platform's signing key into its file",
	health.RemedyDeliveries:    "{}",
	health.RemedyPlaces:        "{}",
	health.RemedyConfigRestart: "restart serve",
	health.RemedyConfigBroken:  "serve goes on, but could not start again: correct the file (see evenstock config check), then restart serve",
	health.RemedyReport:        "do not serve; report this as a fault of evenstock",
}

func remedyText(check health.Check, cfg *config.Config) string {
	token := configured(app.RemedyToken, []string{string(check.Channel)}, cfg)
	return strings.NewReplacer("{}", orDash(strings.Join(check.With, ", ")), "{token}", orDash(token[0])).Replace(remedyWords[check.Remedy])
}
