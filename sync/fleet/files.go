package fleet

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// SearchFiles reads every file in a folder for texts that are known to be a merchant's own, and looks for what is in a folder of its own; none
// where that is empty.
func SearchFiles(folder, own string, texts []string) (Place, error) {
	place := Place{Where: "files"}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // it went meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		if own != "" && path == own {
			place.Found++
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		place.Looked++
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		for _, text := range texts {
			if bytes.Contains(content, []byte(text)) {
				place.Found++
				break
			}
		}
		return err
	})
	if err != nil {
		return place, fmt.Errorf("searching %s: %w", folder, err)
	}
	return place, nil
}
