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
	return valueSetting(s, never, WriteDuration, get, set, func(text string) (time.Duration, error) { return parseDuration(text, longest) })
}

// WriteDuration writes a time as [DurationSetting] does.
func WriteDuration(d time.Duration, never string) string { return wordOr(d, never, shortDuration) }

// SizeSetting is a number of bytes from least to most, written "4 GiB"; with none, 0 is written so.
func SizeSetting(s Setting, least, most int64, none string, get func() int64, set func(int64)) Setting {
	return valueSetting(s, none, WriteSize, get, set, func(text string) (int64, error) {
		n, err := parseSize(text, most)
		if err == nil && n < least {
			err = errors.New(words.Say("write at least %s", exactSize(least)))
		}
		return n, err
	})
}

// WriteSize writes a number of bytes as [SizeSetting] does.
func WriteSize(n int64, none string) string { return wordOr(n, none, exactSize) }

// CountSetting is a whole number from least to most; with none, 0 is written so.
func CountSetting(s Setting, least, most int64, none string, get func() int64, set func(int64)) Setting {
	return valueSetting(s, none, WriteCount, get, set, func(text string) (int64, error) { return parseCount(text, least, most) })
}

// WriteCount writes a number as [CountSetting] does.
func WriteCount(n int64, none string) string { return wordOr(n, none, FormatCount) }

// valueSetting is a setting whose value is written and read back so; none, unless it is "", stands for 0.
func valueSetting[T ~int64](s Setting, none string, write func(T, string) string, get func() T, set func(T), parse func(text string) (T, error)) Setting {
	s.Get = func() string { return write(get(), none) }
	s.Set = func(text string) error {
		if none != "" && isWord(text, none) {
			set(0)
			return nil
		}
		v, err := parse(text)
		if err != nil && none != "" {
			return errors.New(words.Say("%s, or %s // what to write, or a word like never", err, none))
		}
		if err == nil {
			set(v)
		}
		return err
	}
	return s
}

// wordOr writes a value, or the word for 0 where there is one.
func wordOr[T ~int64](v T, word string, write func(T) string) string {
	if v == 0 && word != "" {
		return word
	}
	return write(v)
}

// isWord tells whether text is the word, or nothing at all, which means it too.
func isWord(text, word string) bool {
	text = trimBlanks(text)
	return text == "" || strings.EqualFold(text, word)
}
