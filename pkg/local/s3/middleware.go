package s3

import (
	"context"
	"io"
	"strings"

	"github.com/gofiber/fiber/v3"
)

// header is the type of the keys under which passHeaders keeps headers.
type header string

const (
	headerClass       header = "X-Amz-Storage-Class"
	headerIfNoneMatch header = "If-None-Match"
)

// passHeaders hands the backend the headers that versitygw reads for no call or
// not for all. The strings are cloned because the server reuses their memory.
func passHeaders(c fiber.Ctx) error {
	for _, name := range []header{headerClass, headerIfNoneMatch} {
		c.Locals(name, strings.Clone(c.Get(string(name))))
	}
	return c.Next()
}

// headerOf returns what passHeaders kept, or nothing.
func headerOf(ctx context.Context, name header) string {
	value, _ := ctx.Value(name).(string)
	return value
}

// readToEnd reads what a refusal left unread of a request's body. versitygw
// refuses an upload, for a bad signature or a missing bucket, before it reads
// the body, and closes the connection unless little of it is left; the client
// would then see a broken connection, retry, and never learn the reason.
func readToEnd(c fiber.Ctx) error {
	err := c.Next()
	if body := c.Request().BodyStream(); body != nil && c.Request().Header.ContentLength() > 0 {
		// A client that goes away ends the read; there is nobody left to tell.
		_, _ = io.Copy(io.Discard, body)
	}
	return err
}
