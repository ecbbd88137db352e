package statemachine

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// State is what readers of the definition ask of a state. What executes states is
// for others to read.
type State struct {
	Type          string
	Comment       string
	Next          string
	Default       string
	ResultPath    string
	Error         string // of a Fail state
	Choices       []struct{ Next string }
	Catch         []struct{ Next string }
	ItemProcessor *States
	Iterator      *States
	Branches      []States
}

// States are the states of a machine or of a part of one.
type States struct {
	Names []string // in the order of the text
	All   map[string]State
}

// UnmarshalJSON reads the member States and keeps the order of its names.
func (s *States) UnmarshalJSON(data []byte) error {
	var object struct{ States json.RawMessage }
	if err := json.Unmarshal(data, &object); err != nil {
		return err //nolint:wrapcheck // the decoder that called says where
	}
	if err := json.Unmarshal(object.States, &s.All); err != nil {
		return err //nolint:wrapcheck // as above
	}
	decoder := json.NewDecoder(bytes.NewReader(object.States))
	if _, err := decoder.Token(); err != nil {
		return err //nolint:wrapcheck // as above
	}
	for decoder.More() {
		var skipped json.RawMessage
		name, err := decoder.Token()
		if err == nil {
			err = decoder.Decode(&skipped)
		}
		if err != nil {
			return err //nolint:wrapcheck // as above
		}
		s.Names = append(s.Names, fmt.Sprint(name))
	}
	return nil
}

// Read returns the states of the definition, the first one first.
func Read() (States, error) {
	var s States
	if err := json.Unmarshal([]byte(definition), &s); err != nil {
		return States{}, fmt.Errorf("decode the state machine: %w", err)
	}
	return s, nil
}
