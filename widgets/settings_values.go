package widgets

import (
	"errors"
	"strings"
	"time"

	"wirebench/widgets/words"
)

// These make the values of settings from the values of a program: how they are written, and read back.

// DurationSetting is a time from 1 ms to longest, written "20s"; with never, 0 is written so.
func DurationSetting(s Setting, longest time.Duration, never string, get func() time.Duration, set func(time.Duration)) Setting {
	s.Get = func() string { return WriteDuration(get(), never) }
	s.Set = func(text string) error {
		if never != "" && isWord(text, never) {
			set(0)
			return nil
		}
		d, err := parseDuration(text, longest)
		if err != nil && never != "" {
			return errors.New(words.Say("%s, or %s // what to write, or a word like never", err, never))
		}
		if err == nil {
			set(d)
		}
		return err
	}
	return s
}

// WriteDuration writes a time as [DurationSetting] does.
func WriteDuration(d time.Duration, never string) string {
	if d == 0 && never != "" {
		return never
	}
	return shortDuration(d)
}

// SizeSetting is a number of bytes from least to most, written "4 GiB"; with none, 0 is written so.
func SizeSetting(s Setting, least, most int64, none string, get func() int64, set func(int64)) Setting {
	s.Get = func() string { return WriteSize(get(), none) }
	s.Set = func(text string) error {
		if none != "" && isWord(text, none) {
			set(0)
			return nil
		}
		n, err := parseSize(text, most)
		if err == nil && n < least {
			err = errors.New(words.Say("write at least %s", exactSize(least)))
		}
		if err != nil && none != "" {
			return errors.New(words.Say("%s, or %s // what to write, or a word like never", err, none))
		}
		if err == nil {
			set(n)
		}
		return err
	}
	return s
}

// WriteSize writes a number of bytes as [SizeSetting] does.
func WriteSize(n int64, none string) string {
	if n == 0 && none != "" {
		return none
	}
	return exactSize(n)
}

// CountSetting is a whole number from least to most; with none, 0 is written so.
func CountSetting(s Setting, least, most int64, none string, get func() int64, set func(int64)) Setting {
	s.Get = func() string { return WriteCount(get(), none) }
	s.Set = func(text string) error {
		if none != "" && isWord(text, none) {
			set(0)
			return nil
		}
		n, err := parseCount(text, least, most)
		if err != nil && none != "" {
			return errors.New(words.Say("%s, or %s // what to write, or a word like never", err, none))
		}
		if err == nil {
			set(n)
		}
		return err
	}
	return s
}

// WriteCount writes a number as [CountSetting] does.
func WriteCount(n int64, none string) string {
	if n == 0 && none != "" {
		return none
	}
	return FormatCount(n)
}

// isWord tells whether text is the word, or nothing at all, which means it too.
func isWord(text, word string) bool {
	text = trimBlanks(text)
	return text == "" || strings.EqualFold(text, word)
}
