package changelog

import (
	"bufio"
	"errors"
	"fmt"
	"os"

	"github.com/nightstar-elt/nightstar/pkg/local/durable"
)

// Compact replaces the file of a log by one with the records that keep selects,
// in their order. The log must be closed afterwards: it goes on reading the old
// file. A process that is killed meanwhile leaves the old file as it was.
func (l *Log) Compact(keep func(offset int64, r Record) bool) error {
	temporary := l.path + durable.Temporary
	err := l.copyTo(temporary, keep)
	if err == nil {
		err = durable.Rename(temporary, l.path)
	}
	if err != nil {
		if gone := os.Remove(temporary); !errors.Is(gone, os.ErrNotExist) {
			err = errors.Join(err, gone)
		}
		return fmt.Errorf("compact change log %s: %w", l.path, err)
	}
	return nil
}

func (l *Log) copyTo(name string, keep func(offset int64, r Record) bool) (err error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriterSize(file, 1<<20)
	end := Start
	if _, err := out.Write(head(end)); err != nil {
		return err
	}
	var buf []byte
	err = l.Scan(Start, l.Size(), func(offset int64, r Record) error {
		if !keep(offset, r) {
			return nil
		}
		buf = AppendRecord(buf[:0], r)
		end += int64(len(buf))
		_, err := out.Write(buf)
		return err
	})
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		_, err = file.WriteAt(head(end), 0)
	}
	if err == nil {
		err = file.Sync()
	}
	return err
}
