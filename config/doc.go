// Package config reads, checks, prints and writes the configuration of evenstock.
//
// # Where a value comes from
//
// The file is YAML. A value is taken from the first of: a flag, the environment, the file, the default. One table
// (Reference) holds every key with its environment variable, flag, default, unit and help; Parse, Print and the table in
// the README are fed by it, so that they cannot differ. An empty environment variable counts as not set; an empty flag
// counts as an empty value. Relative paths that stand in the file, and the default of "data", begin at the folder of the
// file; paths from the environment or a flag begin at the working directory.
//
// What is peculiar to the channels of one platform (examples, the form of ids, what must be there) is a row of a table in
// platforms.go; no rule names a platform.
//
// # Guarantees
//
//   - A Config that Parse returns is complete and valid: no caller checks anything again.
//   - Every fault of a file is reported at once, each as an *Error with file, line, key, reason and remedy. A fault of the
//     syntax is reported alone, because nothing after it can be trusted.
//   - A key that nobody knows, or that stands twice, is a fault: a misspelt brake must not be a missing brake.
//   - Secrets never stand in the file, never come from flags, and are never part of an error, a warning or what Print
//     writes. They are read by Channel.Secrets from files that only their owner can read, or from the environment, and
//     are carried as Secret, which does not print itself. The last part of a webhook_url is kept out in the same way.
//   - Parse does no input or output, and does not panic on any input (FuzzParse).
//
// # Failure handling
//
// Load and Parse return either a Config or all errors joined; Problems takes them apart. What is allowed but unwise is a
// warning (Config.Warnings) and stops nothing.
//
// # What it does not do
//
// It asks no platform whether a token or a location is right ("evenstock doctor" does), does not watch the file
// (Config.Reread compares it when somebody asks, by what it means), and supports no YAML anchors, aliases or second
// documents: they would make the line of a value ambiguous. It imports nothing of the project; cmd copies the fields into each package's own options.
package config
