package app

// What is tested as it is.
var (
	Respelled        = respelled
	BaselineProgress = BaselineResult.progress
)
