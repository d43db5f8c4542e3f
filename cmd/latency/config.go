package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// writeConfig writes a configuration that connects to the shops, with what it names, into a folder. extra, which may be empty, is
// YAML laid over it: maps are merged, and of channels those of the same name. Everything that is not said is as the binary has it.
func (t *stage) writeConfig(dir, listen string, extra []byte) error {
	config := map[string]any{"data": "./data", "listen": listen}
	var places, channels []any
	for i := range t.till.locations {
		places = append(places, placeName(i))
	}
	files := map[string]string{}
	for _, e := range []*end{&t.till, &t.web} {
		locations := map[string]any{}
		for i, id := range e.locations {
			locations[id] = placeName(i)
		}
		channels = append(channels, map[string]any{"name": e.channel, "platform": e.platform, "api_url": e.url, "token_file": e.channel + ".token",
			"webhook_url": e.hook, "webhook_secret_files": []any{e.channel + ".hook"}, "locations": locations})
		files[e.channel+".token"], files[e.channel+".hook"] = e.token, e.secret
	}
	config["locations"], config["channels"] = places, channels
	var over map[string]any
	if err := yaml.Unmarshal(extra, &over); err != nil {
		return fmt.Errorf("reading the extra configuration: %w", err)
	}
	overlay(config, over)
	text, err := yaml.Marshal(config)
	if err != nil {
		return fmt.Errorf("writing the configuration: %w", err)
	}
	files["evenstock.yaml"] = string(text)
	var errs []error
	for name, text := range files {
		errs = append(errs, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return errors.Join(errs...)
}

// overlay lays a map over another.
func overlay(onto, over map[string]any) {
	for key, value := range over {
		switch value := value.(type) {
		case map[string]any:
			below, _ := onto[key].(map[string]any)
			merged := maps.Clone(below)
			if merged == nil {
				merged = map[string]any{}
			}
			overlay(merged, value)
			onto[key] = merged
		case []any:
			onto[key] = overlayNamed(onto[key], value)
		default:
			onto[key] = value
		}
	}
}

// overlayNamed lays a list over another: entries that have the same name are merged, others are added; a list of anything else
// takes the place of the one below.
func overlayNamed(onto any, over []any) any {
	below, _ := onto.([]any)
	for _, entry := range over {
		named, is := entry.(map[string]any)
		if !is || named["name"] == nil {
			return over
		}
		found := false
		for _, other := range below {
			if other, is := other.(map[string]any); is && other["name"] == named["name"] {
				overlay(other, named)
				found = true
			}
		}
		if !found {
			below = append(below, entry)
		}
	}
	return below
}
