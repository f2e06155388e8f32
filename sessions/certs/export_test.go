package certs

// LoadSystem is what SystemStore does once.
var LoadSystem = loadSystem
