package health

// Code names what a check looked at.
type Code string

// What is looked at.
const (
	// CodeConfig: the configuration, and what it warns of.
	CodeConfig Code = "config"
	// CodeFolder: whether the data folder can be written, and by nobody else.
	CodeFolder Code = "data.folder"
	// CodeDisk: whether the data folder's disk is low on room.
	CodeDisk Code = "disk.low"
	// CodeServe: whether the process that owns the data folder takes webhooks in.
	CodeServe Code = "serve.ready"
	// CodeWorker: whether that process works for a channel.
	CodeWorker Code = "serve.worker"
	// CodeLedger: whether the ledger can be read, by this version.
	CodeLedger Code = "ledger.readable"
	// CodeSetAside: whether counters wait for a person to say what became of a push.
	CodeSetAside Code = "ledger.set-aside"
	// CodeWaiting: whether counters wait for a person to say what their count means.
	CodeWaiting Code = "ledger.waiting"
	// CodeBrakes: whether brakes hold pushes back until a person has looked.
	CodeBrakes Code = "ledger.brakes"
	// CodeNoLevel: whether shelves wait for a person to open them.
	CodeNoLevel Code = "ledger.no-level"
	// CodeUnexplained: whether changes have had no cause for long.
	CodeUnexplained Code = "ledger.unexplained"
	// CodeGone: whether linked items are gone from their platforms.
	CodeGone Code = "ledger.gone"
	// CodeBroker: whether the broker's folder can be used.
	CodeBroker Code = "broker.folder"
	// CodeBrokers: whether the brokers of a cluster answer.
	CodeBrokers Code = "stream.brokers"
	// CodeStream: whether the broker keeps what it is given.
	CodeStream Code = "stream.storage"
	// CodeSecrets: whether a channel's secrets can be read.
	CodeSecrets Code = "channel.secrets"
	// CodeToken: whether a platform takes a channel's token, for all that is needed.
	CodeToken Code = "channel.token"
	// CodeLocations: whether the platform knows the channel's locations.
	CodeLocations Code = "channel.locations"
	// CodeClock: whether our clock agrees with the platform's.
	CodeClock Code = "channel.clock"
	// CodeWebhook: whether deliveries can be verified.
	CodeWebhook Code = "channel.webhook"
	// CodeDeliveries: what became of the webhooks that came.
	CodeDeliveries Code = "channel.deliveries"
	// CodePlaces: whether the links of a channel have the locations that the configuration has.
	CodePlaces Code = "channel.places"
	// CodeServeConfig: whether the process runs with the configuration as its file has it now.
	CodeServeConfig Code = "serve.config"
	// CodeRole: whether the process works on the ledger, or stands by for one that does.
	CodeRole Code = "serve.role"
	// CodeMerchant: whether one of several merchants takes webhooks in.
	CodeMerchant Code = "serve.merchant"
)

// Codes are all codes.
func Codes() []Code {
	return []Code{CodeConfig, CodeFolder, CodeDisk, CodeServe, CodeWorker, CodeLedger, CodeSetAside, CodeWaiting, CodeGone, CodeBroker, CodeStream,
		CodeSecrets, CodeToken, CodeLocations, CodeClock, CodeWebhook, CodeDeliveries, CodePlaces, CodeBrakes, CodeServeConfig, CodeNoLevel, CodeUnexplained, CodeBrokers, CodeRole, CodeMerchant}
}

// Remedy is the code of what a person can do. With says what Check.With holds for it.
type Remedy string

// What can be done.
const (
	// RemedyConfig: correct the configuration. With: how, in its own words.
	RemedyConfig Remedy = "config.correct"
	// RemedyConfigCheck: have the configuration checked.
	RemedyConfigCheck Remedy = "config.check"
	// RemedyFolderCreate, Enter, Write: give this user the right, or another user or folder.
	RemedyFolderCreate Remedy = "data.folder.create"
	RemedyFolderEnter  Remedy = "data.folder.enter"
	RemedyFolderWrite  Remedy = "data.folder.write"
	// RemedyFolderOther: name another folder.
	RemedyFolderOther Remedy = "data.folder.other"
	// RemedyFolderClose: close it to other users. With: the folder.
	RemedyFolderClose Remedy = "data.folder.close"
	// RemedyRoom: make room.
	RemedyRoom Remedy = "disk.room"
	// RemedyRestart: look at the log, restart.
	RemedyRestart Remedy = "serve.restart"
	// RemedyLog: look at the log.
	RemedyLog Remedy = "serve.log"
	// RemedyChannel: look at the checks of the channel.
	RemedyChannel Remedy = "serve.channel"
	// RemedyBegin: nothing is there yet; how to begin.
	RemedyBegin Remedy = "ledger.begin"
	// RemedyUpgrade: run the version that wrote it, or a later one.
	RemedyUpgrade Remedy = "ledger.upgrade"
	// RemedyRestore: restore it.
	RemedyRestore Remedy = "ledger.restore"
	// RemedyDatabase: look whether the database can be reached, and what it says.
	RemedyDatabase Remedy = "ledger.reach"
	// RemedyBrokers: look whether the brokers can be reached. With: their addresses.
	RemedyBrokers Remedy = "stream.brokers.reach"
	// RemedyTopics: change the topic's settings.
	RemedyTopics Remedy = "stream.topics.settings"
	// RemedyMigrate: have it migrated.
	RemedyMigrate Remedy = "ledger.migrate"
	// RemedyVerify: have the ledger verified; restore.
	RemedyVerify Remedy = "ledger.verify"
	// RemedyPushes: say what became of the pushes that are listed.
	RemedyPushes Remedy = "push.list"
	// RemedyJoin: say what the counts mean that are listed.
	RemedyJoin Remedy = "link.waiting"
	// RemedyBrakes: look at the brakes that are listed, and release or correct them.
	RemedyBrakes Remedy = "brakes.list"
	// RemedyNoLevel: open the shelves. With: how, in its own words.
	RemedyNoLevel Remedy = "baseline.open"
	// RemedyUnexplained: look at the changes, correct on its channel what is wrong, and settle what is known of the rest.
	RemedyUnexplained Remedy = "explain.look"
	// RemedyGone: link what came in the place of an item that is gone, or unlink it.
	RemedyGone Remedy = "link.gone"
	// RemedyBrokerMove: move the broker's folder away.
	RemedyBrokerMove Remedy = "broker.folder.move"
	// RemedyBrokerRead: give this user the right to read it.
	RemedyBrokerRead Remedy = "broker.folder.read"
	// RemedyToken: make a new token. With: the scopes it needs.
	RemedyToken Remedy = "channel.token.new"
	// RemedyReach: look whether the platform can be reached. With: its address.
	RemedyReach Remedy = "channel.reach"
	// RemedyAddress: correct the platform's address. With: what it is.
	RemedyAddress Remedy = "channel.address"
	// RemedyShop: open the shop there. With: its address.
	RemedyShop Remedy = "channel.shop"
	// RemedyLocations: correct the locations. With: those that there are.
	RemedyLocations Remedy = "channel.locations.correct"
	// RemedyLocationsOpen: open them there, or take them out.
	RemedyLocationsOpen Remedy = "channel.locations.open"
	// RemedyClock: let a time service set the clock.
	RemedyClock Remedy = "clock.set"
	// RemedyWebhook: register one. With: the topics it must be registered for.
	RemedyWebhook Remedy = "channel.webhook.register"
	// RemedyWebhookSecret: name the secrets that deliveries are signed with.
	RemedyWebhookSecret Remedy = "channel.webhook.secret"
	// RemedyWebhookKey: put the platform's signing key where the secret is.
	RemedyWebhookKey Remedy = "channel.webhook.key"
	// RemedyReport: do not serve; it is a fault of ours.
	RemedyReport Remedy = "report"
	// RemedyDeliveries: look at why deliveries are refused, or do not come. With: what to do about the likely cause, in its own words.
	RemedyDeliveries Remedy = "channel.deliveries.cause"
	// RemedyPlaces: have the links follow the configuration, or it them. With: how, in its own words.
	RemedyPlaces Remedy = "channel.places.link"
	// RemedyConfigRestart: restart it, which reads its configuration again.
	RemedyConfigRestart Remedy = "serve.config.restart"
	// RemedyConfigBroken: correct its configuration first; it goes on, and could not start again.
	RemedyConfigBroken Remedy = "serve.config.correct"
)

// Remedies are all remedies.
func Remedies() []Remedy {
	return []Remedy{RemedyConfig, RemedyConfigCheck, RemedyFolderCreate, RemedyFolderEnter, RemedyFolderWrite, RemedyFolderOther, RemedyFolderClose,
		RemedyRoom, RemedyRestart, RemedyLog, RemedyChannel, RemedyBegin, RemedyUpgrade, RemedyMigrate, RemedyVerify, RemedyPushes, RemedyJoin, RemedyGone, RemedyBrokerMove,
		RemedyBrokerRead, RemedyToken, RemedyReach, RemedyAddress, RemedyShop, RemedyLocations, RemedyLocationsOpen, RemedyClock, RemedyWebhook, RemedyWebhookSecret,
		RemedyWebhookKey, RemedyReport, RemedyDeliveries, RemedyPlaces, RemedyBrakes, RemedyConfigRestart, RemedyConfigBroken,
		RemedyNoLevel, RemedyUnexplained, RemedyRestore, RemedyDatabase, RemedyBrokers, RemedyTopics}
}
