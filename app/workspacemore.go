package app

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// unknown is what an object holds that a struct has no field for: what a later
// version has put there. The objects of the struct's fields have theirs, under
// their names; it goes with those that can go. What is in lists comes and goes
// as the program has it.
type unknown struct {
	own   map[string]json.RawMessage
	inner map[string]*unknown
	stays bool // it is there even if nothing known is in it
}

// unknownFields returns nil when there is nothing unknown.
func unknownFields(object []byte, of reflect.Type) *unknown {
	u := &unknown{inner: map[string]*unknown{}}
	if json.Unmarshal(object, &u.own) != nil {
		return nil
	}
	for i := range of.NumField() {
		f := of.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			continue
		}
		value := u.own[name]
		delete(u.own, name)
		t := f.Type
		pointer := t.Kind() == reflect.Pointer
		if pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || t.PkgPath() != of.PkgPath() {
			continue
		}
		if inner := unknownFields(value, t); inner != nil {
			inner.stays = !pointer
			u.inner[name] = inner
		}
	}
	if len(u.own)+len(u.inner) == 0 {
		return nil
	}
	return u
}

// with adds the unknown fields to an object.
func (u *unknown) with(object []byte) ([]byte, error) {
	joined, err := u.added(object)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = json.Indent(&b, joined, "", "\t")
	return b.Bytes(), err
}

func (u *unknown) added(object []byte) ([]byte, error) {
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(object, &all); err != nil {
		return nil, err
	}
	for name, value := range u.own {
		all[name] = value
	}
	for name, inner := range u.inner {
		if all[name] == nil {
			if !inner.stays {
				continue
			}
			all[name] = json.RawMessage("{}")
		}
		b, err := inner.added(all[name])
		if err != nil {
			return nil, err
		}
		all[name] = b
	}
	return json.Marshal(all)
}
