package stepfunctions

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestClock_shorten(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		clock Clock
		in    time.Duration
		want  time.Duration
	}{
		"real time":              {Clock{}, time.Minute, time.Minute},
		"faster":                 {Clock{Speed: 60}, time.Minute, time.Second},
		"never slower":           {Clock{Speed: 0.5}, time.Minute, time.Minute},
		"no longer than allowed": {Clock{Longest: time.Second}, time.Minute, time.Second},
		"both":                   {Clock{Speed: 60, Longest: time.Second}, time.Hour, time.Second},
		"below what is allowed":  {Clock{Speed: 60, Longest: time.Second}, time.Second, time.Second / 60},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			synctest.Test(t, func(t *testing.T) {
				start := tt.clock.Now()
				if err := tt.clock.Sleep(t.Context(), tt.in); err != nil {
					t.Fatal(err)
				}
				if got := tt.clock.Now().Sub(start).Round(time.Microsecond); got != tt.want.Round(time.Microsecond) {
					t.Errorf("Sleep(%v) took %v, want %v", tt.in, got, tt.want)
				}
			})
		})
	}
}

func TestClock_stops(t *testing.T) {
	t.Parallel()

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (Clock{}).Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("Sleep() error = %v, want %v", err, context.Canceled)
	}
}
