package model

import "errors"

// Read reads a model file. The error lists everything that is wrong with it,
// each with file, line and column. The name is that of the file, for errors.
func Read(name string, source []byte) (Model, error) {
	return Model{}, errors.New("not yet")
}
