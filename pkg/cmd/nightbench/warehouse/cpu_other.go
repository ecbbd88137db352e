//go:build !unix

package main

import (
	"errors"
	"time"
)

func processTime() (time.Duration, error) { return 0, errors.ErrUnsupported }

func backendTime(string) (time.Duration, error) { return 0, errors.ErrUnsupported }
