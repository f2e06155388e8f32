// Package fields makes messages of typed values.
package fields
