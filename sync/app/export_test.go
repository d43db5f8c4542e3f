package app

// Respelled is respelled.
var Respelled = respelled
