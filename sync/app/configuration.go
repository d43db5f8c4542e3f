package app

import "github.com/evenstock/evenstock/sync/health"

// Configuration is what the running serve was started with, beside its file as it is now. What depends on the configuration goes by the
// former.
func (a *App) Configuration() health.Configuration {
	if c := a.configuration(); c != nil {
		return *c
	}
	return health.Configuration{Difference: health.NoDifference}
}

// configuration is nil where nothing runs: there every command reads the file anew.
func (a *App) configuration() *health.Configuration {
	if a.Settings == nil {
		return nil
	}
	c := health.CompareSettings(a.Settings)
	return &c
}
