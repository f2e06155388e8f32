package words

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// verbs returns the verb of each value that a format writes, by the value's number from 1.
func verbs(format string) (map[int]byte, error) {
	found := map[int]byte{}
	next := 1
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		start := i
		i++
		for i < len(format) && strings.IndexByte("+-# 0123456789.", format[i]) >= 0 {
			i++
		}
		if i < len(format) && format[i] == '[' {
			end := strings.IndexByte(format[i:], ']')
			n := 0
			if end > 0 {
				n, _ = strconv.Atoi(format[i+1 : i+end])
			}
			if n < 1 || n > 20 {
				return nil, fmt.Errorf("%q is no number of a value", short(format[start:]))
			}
			next = n
			i += end + 1
		}
		if i >= len(format) {
			return nil, fmt.Errorf("%q ends in the middle of a value; write %%%% for a per cent sign", short(format))
		}
		if format[i] == '%' {
			continue
		}
		if strings.IndexByte("dsqvxXc", format[i]) < 0 {
			return nil, fmt.Errorf("%q writes no value; write %%%% for a per cent sign", format[start:i+1])
		}
		found[next] = format[i]
		next++
	}
	return found, nil
}

// sameVerbs says what is wrong with the values that a translation writes. fewer allows it to leave the first out, as
// forms for one number do.
func sameVerbs(english, translated string, fewer bool) error {
	want, err := verbs(english)
	if err != nil {
		return err
	}
	if len(want) == 0 {
		return nil // no format: a per cent sign stands for itself
	}
	got, err := verbs(translated)
	if err != nil {
		return err
	}
	if _, ok := got[1]; fewer && !ok && want[1] != 0 {
		got[1] = want[1]
	}
	if !maps.Equal(want, got) {
		return fmt.Errorf("%q does not write the values that %q does", short(translated), short(english))
	}
	return nil
}
