package postgres

import "time"

// Impatient has a store wait for its database for less time.
func Impatient(s *Store, patience time.Duration) { s.patience = patience }
