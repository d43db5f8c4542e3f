package cli

// examples are shown in the help of each command, by its path. A test reads every line as the command line that it is.
var examples = map[string][]string{
	"evenstock demo": {
		"evenstock demo                                    # two minutes, with faults",
		"evenstock demo --for 30s --seed 7 --faults storm  # shorter, another day, worse weather",
		"evenstock demo --keep /tmp/demo                   # then: evenstock --config /tmp/demo/evenstock.yaml explain TEE-BLK-S",
	},
	"evenstock sandbox": {
		"evenstock sandbox --write-config shop             # then, elsewhere: evenstock --config shop/evenstock.yaml serve",
		"evenstock sandbox --write-config shop --life 10m  # the shops sell by themselves",
	},
	"evenstock init": {
		"evenstock init             # evenstock.yaml and secrets/ in this folder",
		"evenstock init /etc/stock --dry-run",
	},
	"evenstock doctor": {
		"evenstock doctor",
		"evenstock doctor --json    # for a monitor; the exit code says it too",
	},
	"evenstock serve": {
		"evenstock serve",
		"evenstock serve --config /etc/stock/evenstock.yaml --log-format json",
	},
	"evenstock link": {
		"evenstock link suggest > links.csv     # look it through",
		"evenstock link import links.csv",
	},
	"evenstock link suggest": {
		"evenstock link suggest > links.csv",
		"evenstock link suggest --format xlsx > links.xlsx    # to look at in a spreadsheet",
		"evenstock link suggest --hints --format xlsx > hints.xlsx    # what only looks equal: strike out what is wrong",
	},
	"evenstock link import": {
		"evenstock link import links.csv --dry-run",
		"evenstock link import links.xlsx",
		"evenstock link import new-shop.csv --join add    # its goods stand beside those that are counted already",
		"evenstock link import links.csv --accept-renamed    # the SKUs in the file are meant as they are",
	},
	"evenstock link extend": {"evenstock link extend --dry-run"},
	"evenstock link list":   {"evenstock link list"},
	"evenstock link export": {
		"evenstock link export > links.csv",
		"evenstock link export --format xlsx > links.xlsx",
	},
	"evenstock link waiting": {"evenstock link waiting"},
	"evenstock link join": {
		"evenstock link join web TEE-M level --dry-run    # what would be pushed",
		"evenstock link join web TEE-M level              # our level is right",
		"evenstock link join till FUXX6PQXBBRQ6LNVEWJNSKYQ add --location main",
		"evenstock link join web TEE-M counter --untold counted    # somebody has counted, and typed that in on the web",
	},
	"evenstock link remove": {
		"evenstock link remove web 45000000000053                     # channel and item as link list shows them",
		"evenstock link remove web 45000000000053 --location stall    # it is not sold there, and stays linked elsewhere",
		"evenstock link remove web 45000000000053 --unanswered --dry-run  # what is pushed if brakes still ask about its shelf",
	},
	"evenstock baseline": {
		"evenstock baseline plan --authority till     # look",
		"evenstock baseline apply --authority till    # do",
	},
	"evenstock baseline plan": {"evenstock baseline plan --authority till"},
	"evenstock baseline cancel": {
		"evenstock baseline cancel --dry-run    # look",
		"evenstock baseline cancel              # do",
	},
	"evenstock baseline apply": {
		"evenstock baseline apply --authority till",
		"evenstock baseline apply --authority till --plan 3d1f9a02-7be0c455   # exactly what baseline plan showed, or nothing",
		"evenstock baseline apply --authority till --yes                      # however much it changes",
	},
	"evenstock stock": {
		"evenstock stock                                   # every shelf",
		"evenstock stock --uneven                          # what a channel does not show yet",
		"evenstock stock TEE-M --as-of \"2026-11-23 14:30\"   # at that time",
	},
	"evenstock explain": {
		"evenstock explain TEE-M",
		"evenstock explain TEE-M --as-of 2026-11-23                    # what had happened by then",
		"evenstock explain TEE-M --known-at \"2026-11-23 14:30\" --json   # what the ledger knew then",
	},
	"evenstock settle": {
		"evenstock settle TEE-M --as shrinkage --note \"looked everywhere\"",
		"evenstock settle TEE-M --as sold --units 1 --channel till --dry-run",
		"evenstock settle TEE-M --reopen    # that was wrong",
	},
	"evenstock status": {"evenstock status"},
	"evenstock reconcile": {
		"evenstock reconcile run       # compare everything now",
		"evenstock reconcile report    # what sweeps found lately",
	},
	"evenstock reconcile run": {
		"evenstock reconcile run",
		"evenstock reconcile run --kind recent --channel web",
	},
	"evenstock reconcile report": {
		"evenstock reconcile report",
		"evenstock reconcile report --since 2026-11-20 --channel web --json",
	},
	"evenstock brakes": {"evenstock brakes"},
	"evenstock brakes release": {
		"evenstock brakes release ID              # ID as evenstock brakes shows it",
		"evenstock brakes release ID --correct    # the same goods, count or empty shelf was typed in on both channels, or the other program is wrong",
	},
	"evenstock dlq": {
		"evenstock dlq list",
		"evenstock dlq retry --all",
	},
	"evenstock dlq list":  {"evenstock dlq list"},
	"evenstock dlq show":  {"evenstock dlq show ID"},
	"evenstock dlq retry": {"evenstock dlq retry ID"},
	"evenstock events":    {"evenstock events tail --follow"},
	"evenstock events tail": {
		"evenstock events tail --last 5",
		"evenstock events tail --follow",
	},
	"evenstock push": {
		"evenstock push list",
		"evenstock push resolve CALL ITEM --applied yes",
	},
	"evenstock push list":      {"evenstock push list"},
	"evenstock push resolve":   {"evenstock push resolve CALL ITEM --applied yes   # CALL and ITEM as push list shows them"},
	"evenstock migrate":        {"evenstock migrate up    # before serve, after an upgrade that says so"},
	"evenstock migrate status": {"evenstock migrate status"},
	"evenstock migrate up":     {"evenstock migrate up"},
	"evenstock ledger":         {"evenstock ledger verify"},
	"evenstock ledger verify": {
		"evenstock ledger verify",
	},
	"evenstock ledger rebuild": {
		"evenstock ledger rebuild --check",
		"evenstock ledger rebuild",
	},
	"evenstock merchant":      {"evenstock merchant list", "evenstock --merchant bakery stock"},
	"evenstock merchant list": {"evenstock merchant list"},
	"evenstock merchant add": {
		"evenstock merchant add bakery                       # the configuration declares it by now",
		"evenstock merchant add bakery --file bakery.yaml    # locations and channels, as the configuration has them",
	},
	"evenstock merchant pause":  {"evenstock merchant pause bakery"},
	"evenstock merchant resume": {"evenstock merchant resume bakery"},
	"evenstock merchant erase": {
		"evenstock merchant erase bakery",
		"evenstock merchant erase bakery --yes bakery    # where nobody is there to be asked",
	},
	"evenstock config":       {"evenstock config check"},
	"evenstock config check": {"evenstock config check"},
	"evenstock config print": {"evenstock config print"},
	"evenstock openapi":      {"evenstock openapi > openapi.json"},
	"evenstock version": {
		"evenstock version --json",
		"evenstock version --changes",
	},
}
