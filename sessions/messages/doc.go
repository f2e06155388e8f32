// Package messages keeps messages in named collections, as plain files.
package messages
